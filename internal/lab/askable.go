package lab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// mostHost is the longest name of a host that a browser can hand to a SOCKS proxy, which tells its length in a byte.
const mostHost = 255

// unplayable says why the lab cannot play the host of a URL; it is empty where it can.
func unplayable(u origin.URL) string {
	host, _ := u.Host()
	switch {
	case u.Scheme() == "https" && strings.HasSuffix(host, "."):
		// crypto/tls takes the browser's greeting for a malformed one.
		return "the lab's TLS refuses a host that ends in a dot"
	case u.IsHTTP() && len(host) > mostHost:
		return fmt.Sprintf("the host has %d characters, and the lab's proxy takes %d", len(host), mostHost)
	}
	return ""
}

// unplayableOnceUpgraded is unplayable for a URL that the page's policy may move to https:.
func unplayableOnceUpgraded(u origin.URL, upgrades bool) string {
	if upgrades && u.Scheme() == "http" {
		if secure, err := origin.ParseURL("https"+strings.TrimPrefix(u.String(), "http"), nil); err == nil {
			u = secure
		}
	}
	return unplayable(u)
}

// leadsAstray says why the lab cannot play the host to which a response of a URL leads.
func leadsAstray(u origin.URL, r *Response, upgrades bool) string {
	location, ok := field(r.Fields, "Location")
	if !ok || r.Status/100 != 3 {
		return ""
	}
	to, err := origin.ParseURL(location, &u)
	if err != nil {
		return ""
	}
	return unplayableOnceUpgraded(to, upgrades)
}

// refusedBy says which of the URLs that the browser is led to it loads nothing from, for their ports belong to other
// protocols; it is empty where it loads all.
func (p *plan) refusedBy(profile policy.Profile) string {
	for _, v := range p.visits {
		u, err := origin.ParseURL(v.url, nil)
		if err != nil || !refusesPort(u, profile) {
			continue
		}
		if v.next == "" {
			return "page.url: the browser loads nothing from that port, which belongs to another protocol"
		}
		return fmt.Sprintf("page.cookies: the browser loads nothing from the port of %s, which belongs to another protocol", v.url)
	}
	return ""
}

func refusesPort(u origin.URL, profile policy.Profile) bool {
	if _, ok := u.Port(); !ok {
		return false
	}
	noCORS := "no-cors"
	c := simulator.Case{Name: "port", Page: simulator.CasePage{URL: "http://lab.test/"},
		Requests: []simulator.CaseRequest{{URL: u.Origin().String() + "/", Mode: &noCORS}}}
	did, err := c.Eval(context.Background(), profile, time.Time{})
	return err == nil && did[0].Reason == policy.MainBadPort.Code()
}

// stopsScript says which of the page's header lines keeps the lab's script from running, or from telling what it sees, and
// why; it is empty where none is known to. The script stands in the document, and speaks to the page's own origin.
func stopsScript(lines []Field, page origin.URL, sandbox bool) string {
	for i, f := range lines {
		if why := stopsScriptAlone(f, page, sandbox); why != "" {
			return fmt.Sprintf("page.headers[%d]: %s", i, why)
		}
	}
	return ""
}

func stopsScriptAlone(f Field, page origin.URL, sandbox bool) string {
	value := strings.ToLower(f.Value)
	switch strings.ToLower(f.Name) {
	case "content-type":
		m, ok := fetch.ExtractMIMEType(fetch.Headers{{Name: f.Name, Value: f.Value}})
		if ok && (m.Essence() != "text/html" || strings.Contains(value, "utf-16")) {
			return fmt.Sprintf("the lab's page is text/html in UTF-8, and no script runs in it as %q", f.Value)
		}
	case "content-length", "transfer-encoding", "content-encoding":
		if value != "identity" {
			return "the lab's page has a length and a coding of its own, and cannot be read with another " + f.Name
		}
	case "content-disposition":
		if kind, _, _ := strings.Cut(value, ";"); strings.Trim(kind, " \t") == "attachment" {
			return "the browser saves the lab's page as a file, and runs no script"
		}
	case "refresh":
		return "it has the browser leave the lab's page"
	case "x-frame-options":
		if sandbox && value == "deny" {
			return "it forbids the frame of a sandboxed page"
		}
	case "content-security-policy":
		for text := range strings.SplitSeq(f.Value, ",") {
			if why := parseCSP(text).stopsScript(page, sandbox); why != "" {
				return why
			}
		}
	}
	return ""
}

// A csp is a content security policy: the values of its directives by their names in lower case.
type csp map[string][]string

func parseCSP(text string) csp {
	p := csp{}
	for directive := range strings.SplitSeq(text, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, again := p[name]; !again { // the first counts
			p[name] = words[1:]
		}
	}
	return p
}

// first returns the first of the directives that the policy has.
func (p csp) first(names ...string) (name string, values []string, ok bool) {
	for _, name := range names {
		if values, ok := p[name]; ok {
			return name, values, true
		}
	}
	return "", nil, false
}

func (p csp) stopsScript(page origin.URL, sandbox bool) string {
	if flags, ok := p["sandbox"]; ok && !containsFold(flags, "allow-scripts") {
		return "sandbox without allow-scripts forbids the script of the lab's page"
	}
	if name, sources, ok := p.first("script-src-elem", "script-src", "default-src"); ok && !allowsInline(sources) {
		return name + " forbids the script of the lab's page, which needs 'unsafe-inline'"
	}
	if name, sources, ok := p.first("connect-src", "default-src"); ok && !allowsOwn(sources, page) {
		return name + " forbids the connection of the lab's page to its own origin, which needs 'self'"
	}
	if !sandbox {
		return ""
	}
	if name, sources, ok := p.first("frame-src", "child-src", "default-src"); ok && !allowsOwn(sources, page) {
		return name + " forbids the frame of a sandboxed page, which needs 'self'"
	}
	if sources, ok := p["frame-ancestors"]; ok && !allowsOwn(sources, page) {
		return "frame-ancestors forbids the frame of a sandboxed page, which needs 'self'"
	}
	return ""
}

// allowsInline reports whether a source list allows all scripts in the document.
//
// https://w3c.github.io/webappsec-csp/#allow-all-inline
func allowsInline(sources []string) bool {
	named := func(s string) bool {
		s = strings.ToLower(s)
		return s == "'strict-dynamic'" || strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha256-") ||
			strings.HasPrefix(s, "'sha384-") || strings.HasPrefix(s, "'sha512-")
	}
	return containsFold(sources, "'unsafe-inline'") && !slices.ContainsFunc(sources, named)
}

// allowsOwn reports whether a source list may allow URLs of the page's own origin: paths and ports are not looked at.
func allowsOwn(sources []string, page origin.URL) bool {
	host, _ := page.Host()
	schemes := func(scheme string) bool { return scheme == page.Scheme() || scheme == "http" }
	return slices.ContainsFunc(sources, func(s string) bool {
		s = strings.ToLower(s)
		if s == "*" || s == "'self'" {
			return true
		}
		if scheme, ok := strings.CutSuffix(s, ":"); ok {
			return schemes(scheme)
		}
		if scheme, rest, ok := strings.Cut(s, "://"); ok {
			if s = rest; !schemes(scheme) {
				return false
			}
		}
		s, _, _ = strings.Cut(s, "/")
		if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
			s = s[:i]
		}
		if suffix, ok := strings.CutPrefix(s, "*"); ok {
			return strings.HasSuffix(host, suffix)
		}
		return s == host
	})
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
}
