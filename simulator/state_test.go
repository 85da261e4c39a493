package simulator

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// stateStart is when the clocks of these tests begin.
func stateStart() time.Time { return time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC) }

// A serverFunc answers requests by a function.
type serverFunc func(r *fetch.HTTPRequest) *fetch.HTTPResponse

func (f serverFunc) RoundTrip(_ context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	if res := f(r); res != nil {
		return res, nil
	}
	return nil, fetch.ErrFailed
}

func reply(status int, headers ...string) *fetch.HTTPResponse {
	return &fetch.HTTPResponse{Status: status, Headers: fetch.H(headers...), Body: []byte("body")}
}

// perOrigin is a server that allows each origin that asks, as many do, and forgets Vary or sends it.
func perOrigin(vary bool) serverFunc {
	return func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		h := []string{"Cache-Control", "max-age=600"}
		if vary {
			h = append(h, "Vary", "Origin")
		}
		if origin, ok := r.Headers.Get("Origin"); ok {
			h = append(h, "Access-Control-Allow-Origin", origin)
		}
		return reply(200, h...)
	}
}

func codes(events []policy.Event, prefix string) []string {
	var out []string
	for _, e := range events {
		if strings.HasPrefix(e.Step.Code(), prefix) {
			out = append(out, e.Step.Code()+" "+e.Got)
		}
	}
	return out
}

func TestAnImageFillsTheCacheAndBlocksTheScript(t *testing.T) {
	for _, test := range []struct {
		name   string
		vary   bool
		want   string
		cached int
	}{
		{"a server without Vary", false, "cors.allow-origin.missing", 1},
		{"Vary: Origin mends it", true, "response.cors", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Network: perOrigin(test.vary), Now: stateStart}
			page := b.Open("https://app.example/")
			page.Load("https://api.example/logo", Element{})
			res := page.Fetch("https://api.example/logo", Init{})
			if got := res.Reason().Code(); got != test.want {
				t.Errorf("the script after the image ends at %s, want %s", got, test.want)
			}
			if n := len(b.Cached()); n != test.cached {
				t.Errorf("%d answers are stored, want %d", n, test.cached)
			}
			if test.vary {
				return
			}
			if res.CacheState() != fetch.CacheStateLocal || len(res.Exchanges()) != 0 || res.Response().Deciding != -1 {
				t.Errorf("cache state %q, %d exchanges, deciding %d; the answer came from the cache and nothing was sent",
					res.CacheState(), len(res.Exchanges()), res.Response().Deciding)
			}
			if d := cmp.Diff([]string{"cache.hit age 0 s"}, codes(res.Events(), "cache.")); d != "" {
				t.Errorf("the events tell nothing of the cache (-want +got):\n%s", d)
			}
			for _, want := range []string{"HTTP cache", "Vary: Origin", "got   no Access-Control-Allow-Origin", "Nothing was sent"} {
				if !strings.Contains(strings.Join(strings.Fields(res.String()), " "), strings.Join(strings.Fields(want), " ")) {
					t.Errorf("the story does not tell %q, and people would look for the fault in the wrong place:\n%s", want, res)
				}
			}
		})
	}
}

func TestTabsOfTwoSitesHaveCachesOfTheirOwn(t *testing.T) {
	asked := 0
	b := &Browser{Now: stateStart, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse {
		asked++
		return reply(200, "Cache-Control", "max-age=600", "Access-Control-Allow-Origin", "*")
	})}
	for i, want := range []struct {
		page  string
		asked int
	}{{"https://app.example/", 1}, {"https://app.example/other", 1}, {"https://www.app.example/", 1}, {"https://else.example/", 2}, {"http://app.example/", 3}} {
		b.Open(want.page).Fetch("https://api.example/x", Init{})
		if asked != want.asked {
			t.Errorf("%d. %s: the server was asked %d times, want %d: the cache is one for each top-level site", i, want.page, asked, want.asked)
		}
	}
}

func TestABrowserShowsAndForgetsWhatItRemembers(t *testing.T) {
	now := stateStart()
	b := &Browser{Now: func() time.Time { return now }, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		if r.Method == "OPTIONS" {
			return reply(204, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Headers", "X-A", "Access-Control-Max-Age", "60")
		}
		return reply(200, "Access-Control-Allow-Origin", "*", "Cache-Control", "max-age=60", "Vary", "X-A, Cookie",
			"Strict-Transport-Security", "max-age=60; includeSubDomains", "Set-Cookie", "a=1")
	})}
	page := b.Open("https://app.example/")
	page.Fetch("https://api.example/x", Init{Headers: fetch.H("X-A", "1")})
	page.Fetch("/own", Init{})

	cached := b.Cached()
	for i := range cached {
		if cached[i].Response == nil || cached[i].Bytes <= 0 {
			t.Errorf("%s: response %v of %d bytes", cached[i].URL, cached[i].Response, cached[i].Bytes)
		}
		cached[i].Response, cached[i].Bytes = nil, 0
	}
	site := policy.SiteOf(page.Origin())
	until := now.Add(time.Minute)
	want := []CachedResponse{
		{Partition: site, URL: "https://app.example/own", Absent: []string{"X-A", "Cookie"}, Received: now, FreshUntil: until},
		{Partition: site, URL: "https://api.example/x", Vary: fetch.H("X-A", "1"), Absent: []string{"Cookie"}, Received: now, FreshUntil: until},
	}
	if d := cmp.Diff(want, cached, cmp.Comparer(func(a, b policy.Site) bool { return a == b })); d != "" {
		t.Errorf("Cached (-want +got):\n%s", d)
	}
	hosts := []HSTSHost{{"api.example", true, until}, {"app.example", true, until}}
	if d := cmp.Diff(hosts, b.HSTS()); d != "" {
		t.Errorf("HSTS (-want +got):\n%s", d)
	}
	if p := b.Preflights(); len(p) != 1 || p[0].HeaderName != "X-A" || !p[0].Expires.Equal(until) {
		t.Errorf("Preflights = %+v, want X-A until %v", p, until)
	}
	if n := b.Cookies.Len(); n != 1 {
		t.Errorf("%d cookies, want that of the page's own host alone", n)
	}

	now = until
	if h, p := b.HSTS(), b.Preflights(); len(h) != 0 || len(p) != 0 {
		t.Errorf("a minute later HSTS() = %v and Preflights() = %v, want nothing: their time is over", h, p)
	}
	now = stateStart()
	b.Reset()
	if n, bytes := b.cache.Len(); n != 0 || bytes != 0 || len(b.Cached()) != 0 || len(b.HSTS()) != 0 || len(b.Preflights()) != 0 || b.Cookies.Len() != 0 {
		t.Errorf("after Reset the browser remembers %d answers (%d bytes), %v, %v, %v", n, bytes, b.HSTS(), b.Preflights(), b.Cookies.Cookies())
	}
	if res := page.Fetch("/own", Init{}); len(res.Exchanges()) != 1 {
		t.Error("after Reset the answer still comes from the cache")
	}
}

func TestABrowserWithoutHTTPCacheAsksEachTime(t *testing.T) {
	b := &Browser{Network: perOrigin(false), Now: stateStart, NoHTTPCache: true}
	page := b.Open("https://app.example/")
	for range 2 {
		if n := len(page.Fetch("https://api.example/x", Init{}).Exchanges()); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	}
	if len(b.Cached()) != 0 {
		t.Error("something is stored")
	}
}

func TestAResultTellsWhatBecameOfCookies(t *testing.T) {
	type set struct{ Name, Code string }
	type report struct {
		Exchange    int
		URL         string
		Credentials string
		Sent, Set   []set
	}
	cors := []string{"Access-Control-Allow-Origin", "https://app.example", "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Methods", "PUT"}
	server := serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		switch {
		case r.Method == "OPTIONS":
			return reply(204, append(cors, "Set-Cookie", "p=1; Secure; SameSite=None")...)
		case r.URL.Path() == "/blocked":
			return reply(200, "Set-Cookie", "new=1; Secure; SameSite=None", "Set-Cookie", "lax=1; SameSite=Lax", "Set-Cookie", "bad=1; Domain=com")
		case r.URL.Path() == "/moved":
			return reply(302, append(cors, "Location", "/blocked", "Set-Cookie", "hop=1; Secure; SameSite=None")...)
		case r.URL.Path() == "/cached":
			return reply(200, append(cors, "Cache-Control", "max-age=600")...)
		}
		return reply(200, append(cors, "Set-Cookie", "new=1; Secure; SameSite=None")...)
	})
	sent := []set{{"third", "cookie.sent"}, {"strict", "cookie.same-site.strict"}, {"sub", "cookie.host-only"}, {"deep", "cookie.path-mismatch"}}
	const api = "https://api.example"
	for _, test := range []struct {
		name  string
		url   string
		init  Init
		again bool // asked twice: the second one counts
		want  []report
	}{
		{name: "sent, withheld and set, though the read is blocked", url: "/blocked", init: Init{Credentials: "include"},
			want: []report{{0, api + "/blocked", "network.credentials.included", sent,
				[]set{{"new", "cookie.stored"}, {"lax", "cookie.refused.same-site"}, {"bad", "cookie.refused.public-suffix"}}}}},
		{name: "a request without credentials", url: "/x",
			want: []report{{0, api + "/x", "network.credentials.excluded",
				append([]set{{"third", "cookie.credentials"}}, sent[1:]...), []set{{"new", "cookie.refused.credentials"}}}}},
		{name: "a preflight sets none", url: "/x", init: Init{Method: "PUT", Credentials: "include"},
			want: []report{
				{0, api + "/x", "network.credentials.excluded", nil, []set{{"p", "cookie.refused.credentials"}}},
				{1, api + "/x", "network.credentials.included", sent, []set{{"new", "cookie.stored"}}}}},
		{name: "each hop of a redirect", url: "/moved", init: Init{Credentials: "include"},
			want: []report{
				{0, api + "/moved", "network.credentials.included", sent, []set{{"hop", "cookie.stored"}}},
				{1, api + "/blocked", "network.credentials.included", append(append([]set(nil), sent...), set{"hop", "cookie.sent"}),
					[]set{{"new", "cookie.stored"}, {"lax", "cookie.refused.same-site"}, {"bad", "cookie.refused.public-suffix"}}}}},
		{name: "an answer from the cache takes and brings none", url: "/cached", init: Init{Credentials: "include"}, again: true,
			want: []report{{-1, api + "/cached", "network.credentials.included", sent, nil}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Network: server, Now: stateStart}
			store := func(host, value string) {
				d := b.Cookies.Store(stateStart(), CookieRequest{Host: host, Path: "/", Secure: true, Method: "GET", TopLevel: true}, value)
				if !d.OK() {
					t.Fatal(d)
				}
			}
			store("api.example", "third=1; Secure; SameSite=None; Path=/")
			store("api.example", "strict=1; SameSite=Strict; Path=/")
			store("www.api.example", "sub=1; Path=/")
			store("api.example", "deep=1; Secure; SameSite=None; Path=/")
			store("other.example", "other=1; Path=/")
			b.Cookies.Store(stateStart(), CookieRequest{Host: "api.example", Path: "/", Secure: true, Method: "GET"}, "deep=1; Max-Age=0; Path=/")
			store("api.example", "deep=1; Secure; SameSite=None; Path=/deep")
			page := b.Open("https://app.example/")
			if test.again {
				page.Fetch(api+test.url, test.init)
			}
			res := page.Fetch(api+test.url, test.init)
			var got []report
			for _, r := range res.Cookies() {
				g := report{Exchange: r.Exchange, URL: r.URL, Credentials: r.Credentials.Code()}
				for _, d := range r.Sent {
					g.Sent = append(g.Sent, set{d.Cookie.Name, d.Reason.Code()})
				}
				for _, d := range r.Set {
					g.Set = append(g.Set, set{d.Cookie.Name, d.Reason.Code()})
				}
				got = append(got, g)
			}

			if d := cmp.Diff(test.want, got, cmp.Transformer("sorted", func(in []set) map[string]string {
				m := map[string]string{}
				for _, s := range in {
					m[s.Name] = s.Code
				}

				return m
			})); d != "" {
				t.Errorf("what became of the cookies (-want +got):\n%s", d)
			}
		})
	}
}

// The page's own site asks its own site, and yet cookies stay at home: what is told has to hold here too.
func TestTheReasonOfAWithheldCookieHoldsWhereNoOtherSiteBeganTheRequest(t *testing.T) {
	const app = "https://app.example"
	away := serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		cors := []string{"Access-Control-Allow-Origin", "null", "Access-Control-Allow-Credentials", "true"}
		switch r.URL.WithoutFragment() {
		case app + "/away":
			return reply(302, append(cors, "Location", "https://other.example/back")...)
		case "https://other.example/back":
			if origin, _ := r.Headers.Get("Origin"); origin != "null" {
				cors[1] = origin
			}
			return reply(302, append(cors, "Location", app+"/end")...)
		}
		return reply(200, append(cors, "Set-Cookie", "new=1; Secure; SameSite=Lax")...)
	})
	blocked, partitioned := policy.Profile{}, policy.Profile{}
	blocked.Cookies = policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked, ThirdPartyRedirects: true, RedirectChainIgnored: true}
	partitioned.Cookies = policy.CookieRules{ThirdParty: policy.ThirdPartyPartitioned, ThirdPartyRedirects: true, RedirectChainIgnored: true}
	lax := policy.Profile{}
	lax.Cookies.DefaultLax = true
	for _, test := range []struct {
		name    string
		profile policy.Profile
		cookie  string
		sandbox bool
		want    string // the code
		cause   string // what the sentence has to hold
	}{
		{"SameSite=Strict behind a redirect", policy.Profile{}, "a=1; Secure; SameSite=Strict", false, "cookie.same-site.strict", "a redirect is of another site"},
		{"SameSite=Lax behind a redirect", policy.Profile{}, "a=1; Secure; SameSite=Lax", false, "cookie.same-site.lax", "a redirect is of another site"},
		{"no SameSite behind a redirect", lax, "a=1; Secure", false, "cookie.same-site.default", "a redirect is of another site"},
		{"SameSite=Strict in a sandbox", policy.Profile{}, "a=1; Secure; SameSite=Strict", true, "cookie.same-site.strict", "a document around that"},
		{"the first party's cookie behind a redirect", blocked, "a=1; Secure; SameSite=None", false, "cookie.third-party", "a redirect is of another site than the tab"},
		{"the first party's cookie behind a redirect, with partitions", partitioned, "a=1; Secure; SameSite=None", false, "cookie.partition", "the others by themselves"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Network: away, Now: stateStart, Profile: test.profile}
			page := b.Open(app)
			d := b.Cookies.Store(stateStart(), CookieRequest{Host: "app.example", Path: "/", Secure: true, Method: "GET", TopLevel: true}, test.cookie)
			if !d.OK() {
				t.Fatal(d)
			}
			url := "/away"
			if test.sandbox {
				page, url = page.Sandbox(), "/end"
			}
			res := page.Fetch(url, Init{Credentials: "include"})
			reports := res.Cookies()
			if len(reports) == 0 || len(reports[len(reports)-1].Sent) != 1 {
				t.Fatalf("%+v, want an account of the one cookie:\n%s", reports, res)
			}
			last := reports[len(reports)-1].Sent[0].Reason
			if last.Code() != test.want || !strings.Contains(last.String(), test.cause) {
				t.Errorf("%s: %q; want %s and a sentence that holds where %q is so", last.Code(), last, test.want, test.cause)
			}
		})
	}
	for r := CookieSent; int(r) < len(cookieReasons); r++ {
		if strings.Contains(strings.ToLower(r.String()), "another site began") {
			t.Errorf("%s: %q; a redirect or a frame may be the cause as well", r.Code(), r)
		}
	}
}

func TestATerseBrowserKeepsNoAccountOfCookies(t *testing.T) {
	b := &Browser{Network: perOrigin(true), Now: stateStart, Terse: true}
	if c := b.Open("https://app.example/").Fetch("https://api.example/x", Init{Credentials: "include"}).Cookies(); c != nil {
		t.Errorf("Cookies() = %v, want nil", c)
	}
}

// What goes to the server behind the script's back is told, and told apart.
func TestARevalidationInTheBackgroundIsTold(t *testing.T) {
	now, n := stateStart(), 0
	b := &Browser{Now: func() time.Time { return now }, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse {
		n++
		return reply(200+n, "Cache-Control", "max-age=1, stale-while-revalidate=60")
	})}
	page := b.Open("https://app.example/")
	page.Fetch("/x", Init{})
	now = now.Add(5 * time.Second)
	res := page.Fetch("/x", Init{})
	if res.Status() != 201 || res.CacheState() != fetch.CacheStateLocal {
		t.Errorf("status %d, cache state %q; want the stored answer, 201", res.Status(), res.CacheState())
	}
	if e := res.Exchanges(); len(e) != 1 || !e[0].Background || e[0].Response.Status != 202 {
		t.Errorf("exchanges %+v, want one in the background that brought 202", e)
	}
	if res := page.Fetch("/x", Init{}); res.Status() != 202 || len(res.Exchanges()) != 0 {
		t.Errorf("afterwards status %d and %d exchanges, want what the background brought", res.Status(), len(res.Exchanges()))
	}
}

// Two browsers with the same clock and the same server remember and decide the same.
func TestTheStateIsDeterministic(t *testing.T) {
	run := func() string {
		now := stateStart()
		b := &Browser{Now: func() time.Time { return now }, Network: perOrigin(true), MaxCachedResponses: 7}
		page := b.Open("https://app.example/")
		var out strings.Builder
		for i := range 200 {
			now = now.Add(time.Duration(i%7) * 50 * time.Second)
			res := page.Fetch(fmt.Sprintf("https://api.example/%d", i*i%11), Init{Mode: []string{"cors", "no-cors"}[i%2]})
			fmt.Fprintln(&out, res.Verdict(), res.CacheState(), len(res.Exchanges()))
		}
		for _, c := range b.Cached() {
			fmt.Fprintln(&out, c.URL, c.FreshUntil, c.Vary)
		}
		return out.String()
	}
	if d := cmp.Diff(run(), run()); d != "" {
		t.Errorf("two runs differ:\n%s", d)
	}
}

// Run with -race.
func TestABrowserIsUsedFromManyGoroutines(t *testing.T) {
	shared := &SharedCache{Now: stateStart, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		return reply(200, "Cache-Control", "max-age=1, stale-while-revalidate=600", "Vary", "Origin, X-A", "ETag", `"a"`, "Connection", "x",
			"Access-Control-Allow-Origin", "*", "Strict-Transport-Security", "max-age=1", "Set-Cookie", "a=1")
	})}
	b := &Browser{Network: shared, Now: stateStart, MaxCachedResponses: 5}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			page := b.Open(fmt.Sprintf("https://app%d.example/", g%2))
			for i := range 100 {
				init := Init{Cache: []string{"default", "reload", "no-cache", "force-cache"}[i%4], Mode: []string{"cors", "no-cors"}[i/4%2]}
				if i%10 == 9 {
					init = Init{Method: "POST"}
				}
				res := page.Fetch(fmt.Sprintf("https://api.example/%d", i%6), init)
				_ = res.Cookies()
				if i%25 == 0 {
					b.Cached()
					b.HSTS()
					shared.Cached()
				}
			}
			if g == 0 {
				b.Reset()
				shared.Reset()
			}
		})
	}
	wg.Wait()
	if n, bytes := b.cache.Len(); n > 5 || bytes < 0 {
		t.Errorf("%d answers of %d bytes, want at most 5", n, bytes)
	}
}
