package fetch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// departures is what a fetch remembers of its request where a profile departs from the standard.
type departures struct {
	sentContentType string  // goes on the wire in the place of the Content-Type, which is only judged by; empty for none
	method          string  // Method and headers as at first, where redirects begin with those
	headers         Headers // nil: they do not
	asked           Headers // headers as at first, where preflights go by those
	stickyAsWritten bool    // the request as written needs consent, and every redirect asks
	upgradeShown    bool    // scripts see an upgrade as a redirect
	upgradeHidden   bool    // scripts see the URL as it was before it was upgraded
}

// departs returns the request's departures, made where there are none.
func (r *Request) departs() *departures {
	if r.departures == nil {
		r.departures = new(departures)
	}
	return r.departures
}

// SendContentType has a Content-Type go on the wire in the place of the one among Headers, which is only judged by.
func (r *Request) SendContentType(value string) { r.departs().sentContentType = value }

// keepWritten notes the request as the script wrote it (Profile.DroppedHeadersReturn, PreflightSticksAsWritten).
func (r *Request) keepWritten() {
	d := r.departs()
	d.method, d.headers = r.Method, r.Headers.Clone()
	if r.rules().PreflightSticksAsWritten && r.Mode == CORS {
		var buf [16]string
		d.stickyAsWritten = r.UploadListener || r.UnsafeRequest && len(r.unsafeNames(buf[:0])) > 0
	}
}

// restoreWritten gives a request that is redirected the headers that it had at first; but a Content-Type that
// XMLHttpRequest added by itself stays away.
func (r *Request) restoreWritten() {
	had := r.Headers.Has("Content-Type")
	r.Headers = r.departures.headers.Clone()
	if own, ok := r.Headers.Get("Content-Type"); ok && !had && r.XMLHttpRequest && own == "text/plain;charset=UTF-8" {
		r.Headers.Delete("Content-Type")
	}
}

// What profiles have HTTP-network-or-cache fetch and what is below it do otherwise than the standard, where that takes a
// function of its own.

// overwritten returns the headers without those that a later one of the same name takes the place of: those that an
// empty value follows, and an empty one that another follows (Profile.EmptyRequestHeaderResets); and, of headers that
// are no lists, all but the last (Profile.SingletonsNotJoined), or but the first Content-Type where there is a body.
func overwritten(h Headers, singletons, body bool) Headers {
	if !slices.ContainsFunc(h, func(x Header) bool { return x.Value == "" || singletonKind(x.Name) != manyLines }) {
		return h
	}
	const joins, replaces = 1, 2 // what the later ones of the name do to those before
	later := make(map[string]int, len(h))
	out := make(Headers, 0, len(h))
	for i := len(h) - 1; i >= 0; i-- {
		key := lower(h[i].Name)
		seen := later[key]
		if singletons && body && key == "content-type" && seen != 0 {
			at := slices.IndexFunc(out, func(x Header) bool { return equalFold(x.Name, key) })
			out[at].Value = h[i].Value
			continue
		}
		if seen == 0 || seen == joins && h[i].Value != "" {
			out = append(out, h[i])
		}
		later[key] = max(seen, joins)
		if h[i].Value == "" || singletons && singletonKind(key) != manyLines {
			later[key] = replaces
		}
	}
	slices.Reverse(out)
	return out
}

// withFirstOfSingletons returns the response with one line of each header that is no list; ok is false where there
// are several different lines of a header that must not have them (Profile.SingletonsNotJoined). Several different lines
// of Location stay, for locationURL to find.
func withFirstOfSingletons(res *HTTPResponse) (_ *HTTPResponse, ok bool) {
	first := map[string]int{} // where a name stands in out
	var out Headers
	for i := range res.Headers {
		h := res.Headers[i]
		kind := singletonKind(h.Name)
		key := ""
		if kind != manyLines {
			key = lower(h.Name)
		}
		at, again := first[key]
		switch {
		case kind == manyLines:
			out = append(out, h)
		case !again:
			first[key] = len(out)
			out = append(out, h)
		case kind == joinedLines:
			if out[at].Value != "" {
				out[at].Value += ","
			}
			out[at].Value += h.Value
		case kind == sameLines && h.Value != out[at].Value:
			if key != "location" {
				return res, false
			}
			out = append(out, h)
		}
	}
	if len(out) == len(res.Headers) {
		return res, true
	}
	changed := *res
	changed.Headers = out
	return &changed, true
}

// What SingletonsNotJoined makes of several lines of one response header.
const (
	manyLines   = iota // a list
	firstLine          // the first counts
	sameLines          // all have to be the same
	joinedLines        // joined by a comma
)

func singletonKind(name string) int {
	switch len(name) {
	case len("from"):
		if equalFold(name, "from") || equalFold(name, "host") {
			return firstLine
		}
	case len("referer"):
		if equalFold(name, "referer") || equalFold(name, "sec-gpc") {
			return firstLine
		}
	case len("location"):
		if equalFold(name, "location") {
			return sameLines
		}
	case len("user-agent"):
		if equalFold(name, "user-agent") {
			return firstLine
		}
	case len("content-type"):
		if equalFold(name, "content-type") {
			return joinedLines
		}
		if equalFold(name, "max-forwards") {
			return firstLine
		}
	case len("authorization"):
		if equalFold(name, "authorization") {
			return firstLine
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			return sameLines
		}
	case len("if-modified-since"):
		if equalFold(name, "if-modified-since") {
			return firstLine
		}
	case len("content-disposition"): // and of proxy-authorization, if-unmodified-since
		switch {
		case equalFold(name, "content-disposition"):
			return sameLines
		case equalFold(name, "proxy-authorization"), equalFold(name, "if-unmodified-since"):
			return firstLine
		}
	case len("strict-transport-security"):
		if equalFold(name, "strict-transport-security") {
			return firstLine
		}
	}
	return manyLines
}

// rewriteRanges writes each Range of one range with numbers smaller than 2^63 anew.
func rewriteRanges(h Headers) {
	for i := range h {
		if !equalFold(h[i].Name, "range") {
			continue
		}
		unit, set, _ := strings.Cut(h[i].Value, "=")
		first, last, ok := strings.Cut(strings.Trim(set, " \t,"), "-")
		from, fromErr := strconv.ParseInt(strings.Trim(first, " \t"), 10, 64)
		to, toErr := strconv.ParseInt(strings.Trim(last, " \t"), 10, 64)
		noFrom, noTo := strings.Trim(first, " \t") == "", strings.Trim(last, " \t") == ""
		switch {
		case !ok || !equalFold(strings.Trim(unit, " \t"), "bytes"):
		case noFrom && toErr == nil && to > 0:
			h[i].Value = "bytes=-" + strconv.FormatInt(to, 10)
		case (noTo || toErr == nil && to == -1) && fromErr == nil && from >= 0:
			h[i].Value = "bytes=" + strconv.FormatInt(from, 10) + "-"
		case fromErr == nil && toErr == nil && 0 <= from && from <= to:
			h[i].Value = "bytes=" + strconv.FormatInt(from, 10) + "-" + strconv.FormatInt(to, 10)
		}
	}
}

// withoutEmptyRepeats returns the response without the empty lines of headers that have other lines as well. Those of
// Access-Control-Allow-Origin stay for the CORS check, which counts the lines.
func withoutEmptyRepeats(res *HTTPResponse, cors bool) *HTTPResponse {
	named := map[string]bool{} // whether a name has a line that is not empty
	empty := false
	for _, h := range res.Headers {
		empty = empty || h.Value == ""
		named[lower(h.Name)] = named[lower(h.Name)] || h.Value != ""
	}
	if !empty {
		return res
	}
	out := *res
	out.Headers = slices.DeleteFunc(res.Headers.Clone(), func(h Header) bool {
		return h.Value == "" && named[lower(h.Name)] && !(cors && equalFold(h.Name, "access-control-allow-origin"))
	})
	return &out
}

// joinedToMisdirected is the answer to the second try with the Content-Type of the first before its own
// (Profile.MisdirectedTypeJoined).
func (p *params) joinedToMisdirected(second, first *HTTPResponse) *HTTPResponse {
	before, _ := first.Headers.Get("Content-Type")
	own, ok := second.Headers.Get("Content-Type")
	if before == "" || !ok {
		return second
	}
	joined := *second
	joined.Headers = second.Headers.Clone()
	joined.Headers.Set("Content-Type", before+","+own)
	if i := p.exchange(); i >= 0 {
		p.res.Exchanges[i].Response = &joined
	}
	return &joined
}

// cutReferer returns the Referer of a request or its preflight under CrossSiteReferrersCut and PreflightRefererBehind.
func (p *params) cutReferer(u *origin.URL, preflight bool) string {
	referer := p.referer
	if preflight && len(p.r.urls) > 1 && p.r.rules().PreflightRefererBehind {
		referer = p.before
	}
	if end := originEnd(referer); end < len(referer) && !policy.SiteOf(u.Origin()).SchemelesslySame(p.r.partition()) {
		return referer[:end]
	}
	return referer
}

// leavesHSTS reports whether HSTS has nothing to do with a URL, because another site's page asks for it
// (Profile.HSTSFirstPartyAlone).
func (p *params) leavesHSTS(u *origin.URL) bool {
	return p.r.rules().HSTSFirstPartyAlone && !policy.SiteOf(u.Origin()).SchemelesslySame(p.r.partition())
}

// originEnd returns where in a serialized HTTP(S) URL the slash after the origin ends.
func originEnd(url string) int {
	_, rest, _ := strings.Cut(url, "://")
	i := strings.IndexByte(rest, '/')
	return len(url) - len(rest) + i + 1
}

// tellsOpaqueOrigin reports whether a profile sends an opaque origin with a GET or HEAD that does not need it.
func (p *params) tellsOpaqueOrigin(r *Request) bool {
	if !r.Origin.IsOpaque() || r.Credentials != Include || policy.SiteOf(r.URL.Origin()) != r.partition() {
		return false
	}
	if p.r.rules().OpaqueOriginUntilRedirect {
		return !p.leftOrigin(r)
	}
	return !r.methodChanged
}

// justLeftOrigin reports whether the last redirect led the request from one origin to another.
func (r *Request) justLeftOrigin() bool {
	n := len(r.urls)
	return n > 1 && !r.urls[n-1].SameOrigin(r.urls[n-2].Origin())
}

// leftOrigin reports whether a redirect led the request from one origin to another.
func (p *params) leftOrigin(r *Request) bool {
	for i := 1; i < len(r.urls); i++ {
		if !r.urls[i].SameOrigin(r.urls[i-1].Origin()) {
			return true
		}
	}
	return false
}
