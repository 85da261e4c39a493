package simulator

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// fourProfiles are the bare standards and the browsers.
func fourProfiles() []policy.Profile {
	return []policy.Profile{{Name: "spec"}, policy.Chromium(), policy.Firefox(), policy.WebKit()}
}

// cookieServer sets the cookies that the path /set/... names, and answers each origin that asks.
func cookieServer(sets map[string][]string) serverFunc {
	return func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		res := reply(200, "Access-Control-Allow-Credentials", "true", "Cache-Control", "no-store")
		if origin, ok := r.Headers.Get("Origin"); ok {
			res.Headers.Append("Access-Control-Allow-Origin", origin)
		}
		for _, c := range sets[r.URL.Path()] {
			res.Headers.Append("Set-Cookie", c)
		}
		return res
	}
}

// sentCookies are the names of the cookies that the last exchange carried, sorted.
func sentCookies(res *Result) string {
	x := res.Exchanges()
	line, _ := x[len(x)-1].Request.Headers.Get("Cookie")
	var names []string
	for pair := range strings.SplitSeq(line, "; ") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// A frame of another site is the common place of third-party cookies. What the bare standards say is RFC 6265bis 5.2
// and 5.8.3: only SameSite=None (and, by the draft's letter, no SameSite at all) goes where a site stands in another.
// The browsers' answers follow from their profiles: third-party cookies are blocked, or apart for each top-level site;
// Partitioned ones (CHIPS 2.5) are sent under the top-level site that they were set under, where a browser knows them.
func TestCookiesOfAFrameOfAnotherSite(t *testing.T) {
	const tail = "; Secure; Path=/"
	server := cookieServer(map[string][]string{
		"/visit": {"strict=1; SameSite=Strict" + tail, "lax=1; SameSite=Lax" + tail, "none=1; SameSite=None" + tail,
			"unset=1" + tail, "part=1; SameSite=None; Partitioned" + tail},
		"/frame": {"strict2=1; SameSite=Strict" + tail, "lax2=1; SameSite=Lax" + tail, "none2=1; SameSite=None" + tail,
			"unset2=1" + tail, "part2=1; SameSite=None; Partitioned" + tail},
	})
	all := "lax none part strict unset"
	for _, test := range []struct {
		profile policy.Profile
		// What goes along from the frame after a visit to its site, and after the frame has set cookies of its own; from
		// the page around it, which asks for credentials; from a frame in a page of a third site; and from a tab of the
		// frame's own site.
		visited, set, page, elsewhere, tab string
	}{
		{fourProfiles()[0], "none part unset", "none none2 part part2 unset", "none none2 part part2 unset",
			"none none2 part part2 unset", all + " none2 part2"},
		{fourProfiles()[1], "", "part2", "part2", "", all},
		{fourProfiles()[2], "", "none2 part2 unset2", "none2 part2 unset2", "", all},
		{fourProfiles()[3], "", "", "", "", all},
	} {
		t.Run(test.profile.Name, func(t *testing.T) {
			b := &Browser{Profile: test.profile, Network: server, Now: stateStart}
			widget := b.Open("https://widget.example/")
			widget.Fetch("/visit", Init{})
			app := b.Open("https://app.example/")
			frame := app.Frame("https://widget.example/embedded")
			got := []string{sentCookies(frame.Fetch("/me", Init{}))}
			frame.Fetch("/frame", Init{})
			for _, res := range []*Result{
				frame.Fetch("/me", Init{}),
				app.Fetch("https://widget.example/me", Init{Credentials: "include"}),
				b.Open("https://else.example/").Frame("https://widget.example/").Fetch("/me", Init{}),
				widget.Fetch("/me", Init{}),
			} {
				got = append(got, sentCookies(res))
			}
			words := strings.Fields(test.tab)
			slices.Sort(words)
			want := []string{test.visited, test.set, test.page, test.elsewhere, strings.Join(words, " ")}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("cookies after the visit, after the frame set some, from the page, under a third site, in a tab (-want +got):\n%s", d)
			}
		})
	}
}

func TestWhichFramesHaveACrossSiteAncestor(t *testing.T) {
	server := cookieServer(map[string][]string{"/set": {"a=1; SameSite=Strict; Secure"}})
	for _, test := range []struct {
		name   string
		chain  []string // the documents, the outermost first
		strict bool     // a SameSite=Strict cookie goes from the innermost to its own host
	}{
		{"a page without a frame has none", []string{"https://a.example/"}, true},
		{"a frame of the page's own site has none", []string{"https://www.a.example/", "https://a.example/"}, true},
		{"a frame of another site has one", []string{"https://b.example/", "https://a.example/"}, false},
		{"a frame over another scheme has one", []string{"http://a.example/", "https://a.example/"}, false},
		{"A in B in A has one", []string{"https://a.example/", "https://b.example/", "https://a.example/"}, false},
		{"the bit sticks for frames of the same site beneath", []string{"https://a.example/", "https://b.example/", "https://a.example/", "https://a.example/"}, false},
		{"about:srcdoc is of the page's own site", []string{"https://a.example/", "about:srcdoc"}, true},
		{"a data: URL is of no site", []string{"https://a.example/", "data:text/html,", "https://a.example/"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Network: server, Now: stateStart}
			b.Open("https://a.example/").Fetch("/set", Init{})
			p := b.Open(test.chain[0])
			for _, url := range test.chain[1:] {
				p = p.Frame(url)
			}
			if got := sentCookies(p.Fetch("https://a.example/me", Init{})) == "a"; got != test.strict {
				t.Errorf("%q: the strict cookie was sent: %v, want %v", test.chain, got, test.strict)
			}
		})
	}
}

// CHIPS keeps what A sets within a frame of B apart from what A sets by itself, though the top-level site is the same.
func TestPartitionedCookiesOfASiteBeneathAnotherAreNotThoseOfItsPage(t *testing.T) {
	const tail = "=1; SameSite=None; Secure; Partitioned; Path=/"
	server := cookieServer(map[string][]string{"/page": {"page" + tail}, "/inner": {"inner" + tail}, "/b": {"b" + tail}})
	for _, profile := range fourProfiles() {
		if !profile.Cookies.Partitioned {
			continue
		}
		t.Run(profile.Name, func(t *testing.T) {
			b := &Browser{Profile: profile, Network: server, Now: stateStart}
			a := b.Open("https://a.example/")
			inB := a.Frame("https://b.example/")
			inner := inB.Frame("https://a.example/")
			a.Fetch("/page", Init{})
			inner.Fetch("/inner", Init{})
			inB.Fetch("/b", Init{})
			got := []string{sentCookies(a.Fetch("/", Init{})), sentCookies(inner.Fetch("/", Init{})), sentCookies(inB.Fetch("/", Init{})),
				sentCookies(a.Sandbox().Fetch("https://b.example/", Init{Credentials: "include"}))}
			if d := cmp.Diff([]string{"page", "inner", "b", "b"}, got); d != "" {
				t.Errorf("cookies of A, of A in B in A, of B in A, of B asked by a sandbox in A (-want +got):\n%s", d)
			}
		})
	}
}

// In WebKit the URL and the top-level site alone make a third party (CookieRules.AncestorsIgnored).
func TestAFrameThatAsksTheTopLevelSite(t *testing.T) {
	server := cookieServer(map[string][]string{"/set": {"strict=1; SameSite=Strict; Secure", "none=1; SameSite=None; Secure"}})
	for i, want := range []string{"none", "", "", "none"} {
		profile := fourProfiles()[i]
		b := &Browser{Profile: profile, Network: server, Now: stateStart}
		a := b.Open("https://a.example/")
		a.Fetch("/set", Init{})
		if got := sentCookies(a.Frame("https://b.example/").Fetch("https://a.example/me", Init{Credentials: "include"})); got != want {
			t.Errorf("%s: a frame of B in A asks A with %q, want %q", profile.Name, got, want)
		}
	}
}

func TestFramesShareTheCachesOfTheirTab(t *testing.T) {
	asked := map[string]int{}
	b := &Browser{Now: stateStart, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		asked[r.Method]++
		return reply(200, "Cache-Control", "max-age=600", "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "PUT",
			"Access-Control-Max-Age", "600")
	})}
	widget := func(tab string) *Page { return b.Open(tab).Frame("https://widget.example/") }
	for i, step := range []struct {
		name         string
		by           *Page
		gets, checks int // GETs and preflights that the server has seen by then
	}{
		{"the first frame asks", widget("https://app.example/"), 1, 1},
		{"a second in the same tab has both", widget("https://www.app.example/other"), 1, 1},
		{"one under another top-level site asks anew", widget("https://else.example/"), 2, 2},
		{"one of the site in a tab of its own asks anew", b.Open("https://widget.example/"), 3, 3},
		{"one below a third site has what the tab has", b.Open("https://app.example/").Frame("https://third.example/").Frame("https://widget.example/"), 3, 3},
		{"the page has the answer, and asks for the consent that it needs itself", b.Open("https://app.example/"), 3, 4},
	} {
		step.by.Fetch("https://api.test/x", Init{})
		step.by.Fetch("https://api.test/y", Init{Method: "PUT"})
		if asked["GET"] != step.gets || asked["OPTIONS"] != step.checks {
			t.Errorf("%d. %s: %d GETs and %d preflights, want %d and %d", i, step.name, asked["GET"], asked["OPTIONS"], step.gets, step.checks)
		}
	}
}

// Rows: Mixed Content, "does settings prohibit mixed security contexts" and its examples; Upgrade Insecure Requests,
// "policy inheritance".
func TestWhatFramesTakeFromThePageAboveAboutHTTP(t *testing.T) {
	upgrades := fetch.H("Content-Security-Policy", "upgrade-insecure-requests")
	for _, test := range []struct {
		name    string
		headers fetch.Headers // the outermost document's
		chain   []string
		want    string // the URL that is asked for, or why none is
	}{
		{"an insecure page and frame may ask", nil, []string{"http://a.example/", "http://b.example/"}, "http://evil.example/"},
		{"a secure page's frame may not", nil, []string{"https://a.example/", "http://b.example/"}, "main-fetch.mixed-content"},
		{"a secure frame may not", nil, []string{"http://a.example/", "https://b.example/"}, "main-fetch.mixed-content"},
		{"a secure page's data: URL may not", nil, []string{"https://a.example/", "data:text/html,"}, "main-fetch.mixed-content"},
		{"an insecure page's data: URL may", nil, []string{"http://a.example/", "data:text/html,"}, "http://evil.example/"},
		{"a frame upgrades as its page does", upgrades, []string{"http://a.example/", "http://b.example/"}, "https://evil.example/"},
		{"and so do those beneath", upgrades, []string{"http://a.example/", "http://b.example/", "about:srcdoc", "http://c.example/"}, "https://evil.example/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Network: perOrigin(false), Now: stateStart}
			p := b.Open(test.chain[0], test.headers...)
			for _, url := range test.chain[1:] {
				p = p.Frame(url)
			}
			res := p.Fetch("http://evil.example/", Init{})
			got := res.Reason().Code()
			if x := res.Exchanges(); len(x) > 0 {
				got = x[0].Request.URL.String()
			}
			if got != test.want {
				t.Errorf("%q: %s, want %s", test.chain, got, test.want)
			}
		})
	}
}

// MixedContentByScheme does not take pages of http://localhost for secure ones, but frames of theirs that are.
func TestAnAncestorOverHTTPSCountsWhereSchemesMakePagesSecure(t *testing.T) {
	b := &Browser{Profile: policy.Profile{MixedContentByScheme: true}, Network: perOrigin(true), Now: stateStart}
	local, secure := b.Open("http://localhost/"), b.Open("https://a.example/")
	for _, test := range []struct {
		name string
		page *Page
		want string
	}{
		{"a page of localhost", local, "response.cors"},
		{"its frame over HTTPS", local.Frame("https://a.example/"), "main-fetch.mixed-content"},
		{"localhost in a page over HTTPS", secure.Frame("http://localhost/"), "main-fetch.mixed-content"},
		{"a sandbox in a page of localhost", local.Sandbox(), "response.cors"},
	} {
		if got := test.page.Fetch("http://evil.example/", Init{}).Reason().Code(); got != test.want {
			t.Errorf("%s asks over HTTP: %s, want %s", test.name, got, test.want)
		}
	}
}

// The origin, base URL, referrer and policies of a frame: HTML, "determine the origin", "fallback base URL" and
// "determine navigation params policy container"; Referrer Policy, "determine request's referrer".
func TestWhatAFrameIs(t *testing.T) {
	const url = "https://a.example/dir/page"
	for _, test := range []struct {
		name     string
		frame    func(p *Page) *Page
		origin   string // that Origin names
		asked    string // what the relative URL x comes to
		referrer string // the Referer of a request to another origin
	}{
		{"a document of another origin", func(p *Page) *Page { return p.Frame("https://b.example/in/frame") }, "https://b.example", "https://b.example/in/x", "https://b.example/"},
		{"a relative URL", func(p *Page) *Page { return p.Frame("sub/frame") }, "https://a.example", "https://a.example/dir/sub/x", "https://a.example/"},
		{"one with a referrer policy of its own", func(p *Page) *Page {
			return p.Frame("frame", fetch.H("Referrer-Policy", "unsafe-url")...)
		}, "https://a.example", "https://a.example/dir/x", "https://a.example/dir/frame"},
		{"about:srcdoc is as the page", func(p *Page) *Page { return p.Frame("about:srcdoc") }, "https://a.example", "https://a.example/dir/x", url},
		{"about:blank has no referrer", func(p *Page) *Page { return p.Frame("about:blank") }, "https://a.example", "https://a.example/dir/x", ""},
		{"a javascript: URL has no referrer", func(p *Page) *Page { return p.Frame("javascript:''") }, "https://a.example", "https://a.example/dir/x", ""},
		{"a data: URL has an opaque origin and no base", func(p *Page) *Page { return p.Frame("data:text/html,") }, "null", "", ""},
		{"a frame in a sandbox is sandboxed", func(p *Page) *Page { return p.Sandbox().Frame("https://b.example/in/frame") }, "null", "https://b.example/in/x", ""},
		{"about:srcdoc in a sandbox is sandboxed", func(p *Page) *Page { return p.Sandbox().Frame("about:srcdoc") }, "null", "https://a.example/dir/x", ""},
		{"a sandbox in a frame", func(p *Page) *Page { return p.Frame("https://b.example/in/frame").Sandbox() }, "null", "https://b.example/in/x", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Network: perOrigin(false), Now: stateStart}
			frame := test.frame(b.Open(url, fetch.H("Referrer-Policy", "unsafe-url")...))
			if err := frame.Err(); err != nil {
				t.Fatal(err)
			}
			if test.name == "a document of another origin" || test.name == "a relative URL" {
				// Their policy is the default one.
				if got := frame.client.Policies.ReferrerPolicy; got != policy.ReferrerPolicyEmpty {
					t.Errorf("the referrer policy is %q: it is not the page's", got)
				}
			}
			x := frame.Fetch("https://other.example/", Init{}).Exchanges()[0]
			origin, _ := x.Request.Headers.Get("Origin")
			referrer, _ := x.Request.Headers.Get("Referer")
			if origin != test.origin || referrer != test.referrer {
				t.Errorf("Origin %q and Referer %q, want %q and %q", origin, referrer, test.origin, test.referrer)
			}
			res := frame.Fetch("x", Init{})
			asked := res.Request().URL.String()
			if asked != test.asked {
				t.Errorf("x is %q, want %q", asked, test.asked)
			}
		})
	}
}

// HTML, "obtain an embedder policy" 2: none of a document that is no secure context.
func TestEmbedderPolicyOfAFrame(t *testing.T) {
	require := fetch.H("Cross-Origin-Embedder-Policy", "require-corp")
	b := &Browser{Network: perOrigin(false), Now: stateStart}
	for _, test := range []struct {
		name  string
		frame *Page
		want  policy.EmbedderPolicy
	}{
		{"a frame has its own", b.Open("https://a.example/").Frame("https://b.example/", require...), policy.RequireCORP},
		{"and not that of the page", b.Open("https://a.example/", require...).Frame("https://b.example/"), policy.UnsafeNone},
		{"about:srcdoc has that of the page", b.Open("https://a.example/", require...).Frame("about:srcdoc"), policy.RequireCORP},
		{"in an insecure page there is none", b.Open("http://a.example/").Frame("https://b.example/", require...), policy.UnsafeNone},
		{"nor beneath an insecure frame", b.Open("https://a.example/").Frame("http://b.example/").Frame("https://c.example/", require...), policy.UnsafeNone},
	} {
		if got := test.frame.client.Policies.EmbedderPolicy; got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestAFrameWhoseURLDoesNotParseSaysSo(t *testing.T) {
	b := &Browser{Network: perOrigin(false)}
	for _, p := range []*Page{b.Open("https://a.example/").Frame("http://:::"), b.Open("http://:::").Frame("https://b.example/"),
		b.Open("https://a.example/").Frame("http://:::").Frame("/").Sandbox()} {
		if p.Err() == nil || p.Fetch("/", Init{}).Err() == nil {
			t.Error("no error")
		}
	}
}
