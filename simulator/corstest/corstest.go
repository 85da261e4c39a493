// Package corstest helps to test servers the way browsers will treat them. A test opens a page in front of an
// http.Handler and says of each request whether the page's script may read the answer; a failure prints the whole
// story of the request.
//
//	page := corstest.Open(t, mux, "https://app.example")
//	page.Fetch("https://api.example/items/1", simulator.Init{Method: "PUT"}).MustAllow()
//	page.Fetch("https://api.example/admin", simulator.Init{}).MustBlock("cors.allow-origin.missing")
package corstest

import (
	"net/http"
	"testing"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// A Page is an open page whose requests a test looks at.
type Page struct {
	tb   testing.TB
	page *simulator.Page
}

// Open opens a page in a browser of its own, whose every request h answers, whatever the host. headers are those that
// the page was served with. A URL that does not parse ends the test.
func Open(tb testing.TB, h http.Handler, url string, headers ...fetch.Header) *Page {
	tb.Helper()
	return OpenIn(tb, &simulator.Browser{Network: simulator.Handler(h)}, url, headers...)
}

// OpenIn opens a page in a browser of the caller's, which may hold cookies and a profile and serve other pages.
func OpenIn(tb testing.TB, b *simulator.Browser, url string, headers ...fetch.Header) *Page {
	tb.Helper()
	p := b.Open(url, headers...)
	if err := p.Err(); err != nil {
		tb.Fatalf("corstest: the page's URL: %v", err)
	}
	return &Page{tb, p}
}

// Frame returns the document of an <iframe> in the page; see simulator.Page.Frame. A URL that does not parse ends the
// test.
func (p *Page) Frame(url string, headers ...fetch.Header) *Page {
	p.tb.Helper()
	f := p.page.Frame(url, headers...)
	if err := f.Err(); err != nil {
		p.tb.Fatalf("corstest: the frame's URL: %v", err)
	}
	return &Page{p.tb, f}
}

// Sandbox returns the document of an <iframe sandbox="allow-scripts"> in the page, whose origin is opaque.
func (p *Page) Sandbox() *Page { return &Page{p.tb, p.page.Sandbox()} }

// Fetch does what fetch(url, init) does in the page's script.
func (p *Page) Fetch(url string, init simulator.Init) *Result {
	return &Result{p.page.Fetch(url, init), p.tb}
}

// XHR does what an XMLHttpRequest does in the page's script.
func (p *Page) XHR(url string, init simulator.XHRInit) *Result {
	return &Result{p.page.XHR(url, init), p.tb}
}

// Load does what an element in the page does with its URL; see simulator.Page.Load. What an element may use without the
// page being able to look into it is neither allowed nor blocked: its Verdict is simulator.Opaque.
func (p *Page) Load(url string, e simulator.Element) *Result {
	return &Result{p.page.Load(url, e), p.tb}
}

// A Result is what became of a request. The methods that begin with Must end the test where it is something else.
type Result struct {
	*simulator.Result
	tb testing.TB
}

// MustAllow ends the test unless the script may read the response. It returns r, whose Status, Header and Body can be
// looked at then.
func (r *Result) MustAllow() *Result {
	r.tb.Helper()
	Allowed(r.tb, r.Result)
	return r
}

// MustBlock ends the test unless the browser blocks the request for the given reason, a code such as
// cors.allow-origin.missing; an empty code stands for any reason.
func (r *Result) MustBlock(code string) *Result {
	r.tb.Helper()
	Blocked(r.tb, r.Result, code)
	return r
}

// Allowed ends the test unless the script may read the response.
func Allowed(tb testing.TB, r *simulator.Result) {
	tb.Helper()
	if r.Err() != nil || !r.Allowed() {
		tb.Fatalf("corstest: want allowed, got:\n%s", r)
	}
}

// Blocked ends the test unless the browser blocks the request for the given reason, a code such as
// cors.allow-origin.missing; an empty code stands for any reason. A request that is opaque, invalid or unanswered is
// not blocked.
func Blocked(tb testing.TB, r *simulator.Result, code string) {
	tb.Helper()
	if _, known := policy.StepByCode(code); code != "" && !known {
		tb.Fatalf("corstest: no step has the code %q; this request got %q", code, r.Reason().Code())
	}
	switch {
	case r.Err() != nil || r.Verdict() != simulator.Blocked:
		tb.Fatalf("corstest: want blocked%s, got:\n%s", because(code), r)
	case code != "" && r.Reason().Code() != code:
		tb.Fatalf("corstest: want blocked%s, got blocked%s:\n%s", because(code), because(r.Reason().Code()), r)
	}
}

func because(code string) string {
	if code == "" {
		return ""
	}
	return " (" + code + ")"
}
