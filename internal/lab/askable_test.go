package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

func mustURL(t *testing.T, s string) origin.URL {
	t.Helper()
	u, err := origin.ParseURL(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A header that stops the script is found before the browser is; one that does not is left alone.
func TestHeadersThatStopTheScript(t *testing.T) {
	const csp = "Content-Security-Policy: "
	for _, tt := range []struct {
		line    string
		sandbox bool
		want    string // a part of the reason; none where the script runs
	}{
		{"Content-Type: text/plain", false, `no script runs in it as "text/plain"`},
		{"Content-Type: application/xhtml+xml", false, "no script runs in it"},
		{"Content-Type: text/html; charset=UTF-16LE", false, "no script runs in it"},
		{"content-type: Text/HTML;charset=latin1", false, ""},
		{"Content-Length: 3", false, "another Content-Length"},
		{"Transfer-Encoding: chunked", false, "another Transfer-Encoding"},
		{"Content-Encoding: gzip", false, "another Content-Encoding"},
		{"Content-Encoding: identity", false, ""},
		{"Content-Disposition: Attachment; filename=x", false, "saves the lab's page as a file"},
		{"Content-Disposition: inline", false, ""},
		{"Refresh: 0", false, "leave the lab's page"},
		{"X-Frame-Options: DENY", false, ""},
		{"X-Frame-Options: DENY", true, "the frame of a sandboxed page"},
		{csp + "default-src 'none'", false, "default-src forbids the script"},
		{csp + "default-src 'self'", false, "default-src forbids the script"},
		{csp + "img-src x, script-src", false, "script-src forbids the script"},
		{csp + "script-src 'unsafe-inline' 'nonce-x'", false, "script-src forbids the script"},
		{csp + "script-src 'unsafe-inline' 'strict-dynamic'", false, "script-src forbids the script"},
		{csp + "script-src 'none'; script-src-elem 'Unsafe-Inline'", false, ""},
		{csp + "script-src 'unsafe-inline'; script-src 'none'", false, ""},
		{csp + "default-src 'unsafe-inline'", false, "default-src forbids the connection"},
		{csp + "default-src 'none'; script-src 'unsafe-inline'; connect-src 'self'", false, ""},
		{csp + "connect-src 'none'", false, "connect-src forbids the connection"},
		{csp + "connect-src b.test", false, "connect-src forbids the connection"},
		{csp + "connect-src wss: ftp://a.test", false, "connect-src forbids the connection"},
		{csp + "connect-src http:", false, ""},
		{csp + "connect-src *", false, ""},
		{csp + "connect-src b.test A.test", false, ""},
		{csp + "connect-src https://*.test:*/x", false, ""},
		{csp + "sandbox allow-forms", false, "sandbox without allow-scripts"},
		{csp + "sandbox allow-Scripts", false, ""},
		{csp + "frame-src 'none'", false, ""},
		{csp + "frame-src 'none'", true, "frame-src forbids the frame"},
		{csp + "frame-ancestors 'none'", true, "frame-ancestors forbids the frame"},
		{csp + "upgrade-insecure-requests", true, ""},
		{"Content-Security-Policy-Report-Only: default-src 'none'", false, ""},
		{"Referrer-Policy: no-referrer", true, ""},
	} {
		t.Run(fmt.Sprint(tt.line, " ", tt.sandbox), func(t *testing.T) {
			lines, err := parseCaseLines("", []string{"X-A: b", tt.line})
			if err != nil {
				t.Fatal(err)
			}
			got := stopsScript(lines, mustURL(t, "https://a.test/p"), tt.sandbox)
			if tt.want == "" && got != "" || tt.want != "" && (!strings.HasPrefix(got, "page.headers[1]: ") || !strings.Contains(got, tt.want)) {
				t.Errorf("%q, want %q of page.headers[1]", got, tt.want)
			}
		})
	}
}

// Which ports a browser speaks HTTP to is its own affair.
func TestPortsThatABrowserLoadsNothingFrom(t *testing.T) {
	for _, tt := range []struct {
		page, cookie string
		profile      policy.Profile
		want         string
	}{
		{"http://a.test/", "https://b.test/", policy.Chromium(), ""},
		{"http://a.test:8080/", "https://b.test:8443/", policy.Chromium(), ""},
		{"http://u:p@a.test:22/", "https://b.test/", policy.Chromium(), "page.url: "},
		{"http://a.test/", "https://b.test:6000/", policy.Firefox(), "page.cookies: the browser loads nothing from the port of https://b.test:6000/"},
		{"http://a.test:4190/", "https://b.test/", policy.Chromium(), ""},
		{"http://a.test:4190/", "https://b.test/", policy.Firefox(), "page.url: "},
	} {
		p, err := newPlan(mustCase(t, `{"name": "n", "page": {"url": "`+tt.page+`", "cookies": [{"url": "`+tt.cookie+`", "set": "a=b"}]}, "server": [], "requests": []}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.refusedBy(tt.profile); tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s and %s in %s: %q, want %q", tt.page, tt.cookie, tt.profile.Name, got, tt.want)
		}
	}
}

// A browser that says why it loads no page is not waited for.
func TestStandHearsWhatTheBrowserDoesNotLoad(t *testing.T) {
	auth, err := newAuthority(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	get := func(s *stand, address string) *Response {
		u := mustURL(t, address)
		host, _ := u.Host()
		return s.answer(&Request{Secure: u.Scheme() == "https", Method: "GET", Target: u.Path(), Fields: []Field{{"Host", host}}})
	}
	for _, tt := range []struct {
		name  string
		heard func(*stand)
		want  string // nothing where the case goes on
		aside bool
	}{
		{"what it has not asked for", func(s *stand) { s.notLoaded("no") }, "the browser does not load http://b.test/: no", true},
		{"the same by a request of its own", func(s *stand) { s.knocks++; get(s, s.notLoadedURL()+"so%20there") }, "the browser does not load http://b.test/: so there", true},
		{"what it has come for, and not asked", func(s *stand) { s.knocks++; s.notLoaded("no") }, "http://b.test/ is not loaded: no", false},
		{"the page behind another", func(s *stand) { s.knocks++; get(s, "http://b.test/"); s.notLoaded("no") }, "the browser does not load http://a.test/: no", true},
		{"what it got", func(s *stand) { get(s, "http://b.test/"); get(s, "http://a.test/"); s.notLoaded("no") }, "the browser makes no page of what it is sent with page.headers: no", true},
		{"what it asks for over HTTPS", func(s *stand) { get(s, "https://b.test/") }, "the browser loads https://b.test/ in the place of http://b.test/", true},
		{"something else", func(s *stand) { get(s, "https://c.test/") }, "", false},
		{"what happens once the script runs", func(s *stand) { s.spoke = true; s.notLoaded("no") }, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(mustCase(t, `{"name": "n", "page": {"url": "http://a.test/", "cookies": [{"url": "http://b.test/", "set": "a=b"}]}, "server": [], "requests": [{"url": "/"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			s, err := newStand(p, auth)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			tt.heard(s)
			select {
			case err = <-s.finished:
			default:
			}
			var unaskable *Unaskable
			if aside := errors.As(err, &unaskable); tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want) || aside != tt.aside) {
				t.Errorf("%v, set aside: %v; want %q, %v", err, aside, tt.want, tt.aside)
			}
		})
	}
}

// Where nothing came of the script its headers are named, not the request.
func TestStandTellsOfAScriptThatNeverSpoke(t *testing.T) {
	const of = `{"name": "n", "page": {"url": "http://a.test/"%s}, "server": [], "requests": [{"url": "http://b.test/"%s}]}`
	for _, tt := range []struct {
		name, headers, after string
		sends                bool
		want                 string
	}{
		{"with headers", `, "headers": ["X-A: b"]`, "", false, "nothing came of the script in it: page.headers may forbid that, or requests[0] hangs"},
		{"without", "", "", false, "nothing came of the script in it, or requests[0] hangs"},
		{"that made its request", `, "headers": ["X-A: b"]`, "", true, "in requests[0]"},
		{"that told that it began", `, "headers": ["X-A: b"]`, `, "after": 0.01`, false, "in requests[0]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			j := newJudge(t, func(p *player, _ int, _ simulator.CaseRequest) told {
				if tt.sends {
					p.ask("GET", "http://b.test/", http.Header{})
				}
				<-ctx.Done()
				return told{}
			})
			_, err := j.Ask(t.Context(), mustCase(t, fmt.Sprintf(of, tt.headers, tt.after)), 300*time.Millisecond)
			cancel()
			if !errors.Is(err, ErrTimeout) || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("error %v, want ErrTimeout, %q", err, tt.want)
			}
		})
	}
}

// What each browser refuses to load is set aside, or told, long before its time is up.
func TestBrowsersTellWhatTheyDoNotLoad(t *testing.T) {
	page := func(name, page string) *simulator.Case {
		return mustCase(t, `{"name": "`+name+`", "page": {`+page+`}, "server": [], "requests": [{"url": "http://b.test/"}]}`)
	}
	cases := []*simulator.Case{
		page("port", `"url": "http://a.test:22/"`),
		page("preloaded", `"url": "http://a.dev/"`),
		page("label", `"url": "https://`+strings.Repeat("a", 64)+`.test/"`),
		page("disposition", `"url": "http://a.test/", "headers": ["Content-Disposition: other"]`),
		page("fine", `"url": "http://a.test/", "headers": ["X-A: b"]`),
		mustCase(t, `{"name": "requests", "page": {"url": "http://a.test/"}, "server": [], "requests": [
			{"url": "http://a.dev/", "method": "PUT"}, {"url": "http://a.dev/"}, {"url": "http://github.com/"}]}`),
		mustCase(t, `{"name": "long", "page": {"url": "http://a.test/"}, "server": [], "requests": [{"url": "https://`+strings.Repeat("a", 64)+`.test/"}]}`),
	}
	// The rest of them load, or (Firefox and the file) say nothing.
	want := map[string][]string{
		"chromium": {"cannot-be-asked disposition", "cannot-be-asked port", "cannot-be-asked preloaded", "preloaded-host requests"},
		"firefox":  {"cannot-be-asked label", "cannot-be-asked port", "cannot-be-asked preloaded", "label-too-long long", "preloaded-host requests"},
		"webkit":   {"cannot-be-asked port"},
	}
	eachBrowser(t, JudgeNames(), func(t *testing.T, ctx context.Context, b Browser) {
		asked := cases
		if b.Name == "firefox" {
			asked = slices.DeleteFunc(slices.Clone(cases), func(c *simulator.Case) bool { return c.Name == "disposition" })
		}
		var aside []string
		err := Verify(ctx, VerifyConfig{Browser: b, Patience: time.Minute}, slices.Values(asked), func(x Trial) {
			if len(x.Aside) > 0 {
				aside = append(aside, strings.Join(x.Aside, " ")+" "+x.Case.Name)
			} else if !x.Agrees() {
				t.Errorf("case %s: %v %s; differences %v", x.Case.Name, x.Err, x.Why, x.Differences)
			}
		})
		slices.Sort(aside)
		if err != nil || !slices.Equal(aside, want[b.Name]) {
			t.Errorf("%v; set aside %q, want %q", err, aside, want[b.Name])
		}
	})
}
