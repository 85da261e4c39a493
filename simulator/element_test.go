package simulator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// Rows: HTML, "create a potential-CORS request" and where each element calls it; "fetch a single module script"; CSS
// Fonts, "font fetching requirements"; the destinations of Fetch and what it says of Accept; the CORS check.
func TestWhatElementsAskOtherOriginsFor(t *testing.T) {
	const (
		all   = "*/*"
		image = "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
		style = "text/css,*/*;q=0.1"

		opaque  = "response.opaque"
		ok      = "response.cors"
		missing = "cors.allow-origin.missing"
		star    = "cors.allow-origin.wildcard-with-credentials"
	)
	servers := [...]fetch.Headers{nil, fetch.H("Access-Control-Allow-Origin", "*"),
		fetch.H("Access-Control-Allow-Origin", "https://app.example", "Access-Control-Allow-Credentials", "true")}
	for _, test := range []struct {
		element     Element
		destination string
		mode        string
		accept      string
		cookie      bool
		// How it ends if the server says nothing, allows all, and allows the page's origin with credentials.
		ends [3]string
	}{
		{Element{Image, NoCORS}, "image", "no-cors", image, true, [3]string{opaque, opaque, opaque}},
		{Element{Image, Anonymous}, "image", "cors", image, false, [3]string{missing, ok, ok}},
		{Element{Image, UseCredentials}, "image", "cors", image, true, [3]string{missing, star, ok}},
		{Element{ImageSet, NoCORS}, "image", "no-cors", image, true, [3]string{opaque, opaque, opaque}},
		{Element{ImageSet, Anonymous}, "image", "cors", image, false, [3]string{missing, ok, ok}},
		{Element{Audio, NoCORS}, "audio", "no-cors", all, true, [3]string{opaque, opaque, opaque}},
		{Element{Audio, Anonymous}, "audio", "cors", all, false, [3]string{missing, ok, ok}},
		{Element{Video, NoCORS}, "video", "no-cors", all, true, [3]string{opaque, opaque, opaque}},
		{Element{Video, UseCredentials}, "video", "cors", all, true, [3]string{missing, star, ok}},
		{Element{Track, Anonymous}, "track", "cors", all, false, [3]string{missing, ok, ok}},
		{Element{Track, UseCredentials}, "track", "cors", all, true, [3]string{missing, star, ok}},
		{Element{Script, NoCORS}, "script", "no-cors", all, true, [3]string{opaque, opaque, opaque}},
		{Element{Script, Anonymous}, "script", "cors", all, false, [3]string{missing, ok, ok}},
		{Element{Script, UseCredentials}, "script", "cors", all, true, [3]string{missing, star, ok}},
		{Element{Module, NoCORS}, "script", "cors", all, false, [3]string{missing, ok, ok}},
		{Element{Module, Anonymous}, "script", "cors", all, false, [3]string{missing, ok, ok}},
		{Element{Module, UseCredentials}, "script", "cors", all, true, [3]string{missing, star, ok}},
		{Element{StyleSheet, NoCORS}, "style", "no-cors", style, true, [3]string{opaque, opaque, opaque}},
		{Element{StyleSheet, Anonymous}, "style", "cors", style, false, [3]string{missing, ok, ok}},
		{Element{Font, NoCORS}, "font", "cors", all, false, [3]string{missing, ok, ok}},
		{Element{Font, UseCredentials}, "font", "cors", all, false, [3]string{missing, ok, ok}},
	} {
		t.Run(fmt.Sprintf("%v, %v", test.element.Kind, test.element.CrossOrigin), func(t *testing.T) {
			for i, headers := range servers {
				b := &Browser{NoHTTPCache: true, Now: stateStart, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
					res := reply(200, "Set-Cookie", "a=1; SameSite=None; Secure")
					res.Headers = append(res.Headers, headers...)
					return res
				})}
				b.Open("https://cdn.example/").Fetch("/", Init{})
				res := b.Open("https://app.example/").Load("https://cdn.example/x", test.element)
				if got := res.Reason().Code(); got != test.ends[i] {
					t.Errorf("where the server says %q it ends at %s, want %s", headers, got, test.ends[i])
				}
				if want := strings.HasPrefix(test.ends[i], "response.") && test.mode == "cors"; res.Allowed() != want {
					t.Errorf("where the server says %q, allowed: %v, want %v", headers, res.Allowed(), want)
				}
				if n := len(res.Exchanges()); n != 1 {
					t.Fatalf("%d exchanges, want 1: elements never ask first", n)
				}
				sent := res.Exchanges()[0].Request.Headers
				origin := ""
				if test.mode == "cors" {
					origin = "https://app.example"
				}
				for name, want := range map[string]string{"Sec-Fetch-Dest": test.destination, "Sec-Fetch-Mode": test.mode,
					"Sec-Fetch-Site": "cross-site", "Accept": test.accept, "Origin": origin} {
					if got, _ := sent.Get(name); got != want {
						t.Errorf("%s: %q, want %q", name, got, want)
					}
				}
				if sent.Has("Cookie") != test.cookie {
					t.Errorf("a cookie is sent: %v, want %v", !test.cookie, test.cookie)
				}
			}
		})
	}
}

// HTML, "create a potential-CORS request" 2: a track falls back to the mode same-origin.
func TestATrackWithoutCrossoriginIsOfThePagesOwnOrigin(t *testing.T) {
	b := &Browser{Network: perOrigin(false), Now: stateStart}
	page := b.Open("https://app.example/")
	for url, want := range map[string]string{"/x.vtt": "response.basic", "https://cdn.example/x.vtt": "main-fetch.same-origin-mode"} {
		if got := page.Load(url, Element{Kind: Track}).Reason().Code(); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// What an element loads from the page's own origin may be read, whatever crossorigin says.
func TestWhatElementsLoadFromTheirOwnOriginIsReadable(t *testing.T) {
	b := &Browser{Network: perOrigin(false), Now: stateStart}
	page := b.Open("https://app.example/dir/")
	for k := range elementKindCount {
		for c := range UseCredentials + 1 {
			res := page.Load("x", Element{k, c})
			if res.Reason() != policy.FilterBasic || res.URL() != "https://app.example/dir/x" {
				t.Errorf("%v, %v: %s for %q, want response.basic for what the relative URL is about", k, c, res.Reason().Code(), res.URL())
			}
		}
	}
}

// Rows: Mixed Content, "upgrade a mixed content request" and "should fetching request be blocked as mixed content".
func TestMediaOnASecurePageIsUpgraded(t *testing.T) {
	for _, test := range []struct {
		name string
		kind ElementKind
		url  string
		page string
		want string // the URL that is asked for, or why it is blocked
	}{
		{"an image", Image, "http://img.example/a.png", "https://app.example", "https://img.example/a.png"},
		{"a sound", Audio, "http://img.example/a.mp3", "https://app.example", "https://img.example/a.mp3"},
		{"a video with a port", Video, "http://img.example:8080/a.mp4", "https://app.example", "https://img.example:8080/a.mp4"},
		{"an image of srcset", ImageSet, "http://img.example/a.png", "https://app.example", "main-fetch.mixed-content"},
		{"a script", Script, "http://img.example/a.js", "https://app.example", "main-fetch.mixed-content"},
		{"a module", Module, "http://img.example/a.js", "https://app.example", "main-fetch.mixed-content"},
		{"a style sheet", StyleSheet, "http://img.example/a.css", "https://app.example", "main-fetch.mixed-content"},
		{"a font", Font, "http://img.example/a.woff", "https://app.example", "main-fetch.mixed-content"},
		{"a track", Track, "http://app.example/a.vtt", "https://app.example", "main-fetch.mixed-content"},
		{"an image from an address", Image, "http://192.0.2.1/a.png", "https://app.example", "main-fetch.mixed-content"},
		{"an image from an IPv6 address", Image, "http://[2001:db8::1]/a.png", "https://app.example", "main-fetch.mixed-content"},
		{"an image from this machine", Image, "http://localhost/a.png", "https://app.example", "http://localhost/a.png"},
		{"an image on an insecure page", Image, "http://img.example/a.png", "http://app.example", "http://img.example/a.png"},
		{"a script on an insecure page", Script, "http://img.example/a.js", "http://app.example", "http://img.example/a.js"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Network: perOrigin(false), Now: stateStart}
			res := b.Open(test.page).Load(test.url, Element{Kind: test.kind})
			got := res.Reason().Code()
			if x := res.Exchanges(); len(x) > 0 {
				got = x[0].Request.URL.String()
			}
			if got != test.want {
				t.Errorf("%s from %s: %s, want %s", test.url, test.page, got, test.want)
			}
		})
	}
	t.Run("an image on an insecure frame's secure page", func(t *testing.T) {
		b := &Browser{Network: perOrigin(false), Now: stateStart}
		res := b.Open("https://app.example").Frame("http://widget.example").Load("http://img.example/a.png", Element{})
		if got := res.Exchanges()[0].Request.URL.String(); got != "https://img.example/a.png" {
			t.Errorf("asked for %s: the frame's ancestor is secure", got)
		}
	})
}

// What Fetch itself blocks of what elements load (main fetch 20, HTTP fetch 5).
func TestWhatElementsMayNotUse(t *testing.T) {
	for _, test := range []struct {
		name    string
		kind    ElementKind
		page    fetch.Headers
		headers fetch.Headers
		want    string
	}{
		{"an image as a script", Script, nil, fetch.H("Content-Type", "image/png"), "mime-type.script"},
		{"a script of another type", Script, nil, fetch.H("Content-Type", "text/plain"), "response.opaque"},
		{"the same with nosniff", Script, nil, fetch.H("Content-Type", "text/plain", "X-Content-Type-Options", "nosniff"), "nosniff.script"},
		{"a style sheet of another type with nosniff", StyleSheet, nil, fetch.H("Content-Type", "text/plain", "X-Content-Type-Options", "nosniff"), "nosniff.style"},
		{"an image of another type with nosniff", Image, nil, fetch.H("Content-Type", "text/plain", "X-Content-Type-Options", "nosniff"), "response.opaque"},
		{"an image for its own site", Image, nil, fetch.H("Cross-Origin-Resource-Policy", "same-site"), "corp.same-site.mismatch"},
		{"an image in a page that wants consent", Image, fetch.H("Cross-Origin-Embedder-Policy", "require-corp"), nil, "corp.require-corp"},
		{"an image that consents", Image, fetch.H("Cross-Origin-Embedder-Policy", "require-corp"), fetch.H("Cross-Origin-Resource-Policy", "cross-origin"), "response.opaque"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Now: stateStart, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse {
				return &fetch.HTTPResponse{Status: 200, Headers: test.headers}
			})}
			res := b.Open("https://app.example/", test.page...).Load("https://cdn.example/x", Element{Kind: test.kind})
			if got := res.Reason().Code(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// The image fills the cache before the script, as the profile's cache keeps answers: Firefox's keeps apart what was
// asked with credentials, as an <img> without crossorigin does, and without; and what fetch() got from another site.
func TestTheImageAndTheScriptInEachBrowser(t *testing.T) {
	const blocked, read = "cors.allow-origin.missing", "response.cors"
	server := serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		res := perOrigin(false)(r)
		res.Headers.Append("Access-Control-Allow-Credentials", "true")
		return res
	})
	for i, want := range [][4]string{
		{blocked, blocked, blocked, blocked},
		{blocked, blocked, blocked, blocked},
		{read, read, read, blocked},
		{blocked, blocked, blocked, blocked},
	} {
		profile := fourProfiles()[i]
		var got [4]string
		for j, url := range []string{"https://api.example/logo", "https://api.example/logo", "https://api.app.example/logo", "https://api.app.example/logo"} {
			b := &Browser{Profile: profile, Network: server, Now: stateStart}
			page := b.Open("https://app.example/")
			page.Load(url, Element{})
			got[j] = page.Fetch(url, Init{Credentials: []string{"", "include"}[j%2]}).Reason().Code()
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: from another site without and with credentials, from the same site without and with (-want +got):\n%s", profile.Name, d)
		}
	}
}

func TestAnElementIsPartOfTheStory(t *testing.T) {
	b := &Browser{Network: perOrigin(false), Now: stateStart}
	res := b.Open("https://app.example/").Load("https://cdn.example/x", Element{Kind: Script, CrossOrigin: UseCredentials})
	const want = "GET https://cdn.example/x (script, mode cors, credentials include)"
	if s := res.String(); !strings.Contains(s, want) {
		t.Errorf("the story does not tell %q:\n%s", want, s)
	}
}

func TestMistakesAboutElementsAreErrors(t *testing.T) {
	b := &Browser{Network: perOrigin(false), Now: stateStart}
	page := b.Open("https://app.example/")
	for name, res := range map[string]*Result{
		"a URL that does not parse":     page.Load("http://:::", Element{}),
		"a page without a URL":          b.Open("http://:::").Load("/", Element{}),
		"no such element":               page.Load("/", Element{Kind: 200}),
		"no such state":                 page.Load("/", Element{CrossOrigin: 200}),
		"a Browser without a Network":   (&Browser{}).Open("https://app.example/").Load("/", Element{}),
		"an element of no page's frame": page.Frame("http://:::").Load("/", Element{}),
	} {
		if res.Err() == nil || res.Verdict() != Blocked || res.String() == "" {
			t.Errorf("%s: %v, %v; want an error", name, res.Verdict(), res.Err())
		}
	}
	if got := fmt.Sprint(elementKindCount, ElementKind(200), UseCredentials, Anonymous, NoCORS, CrossOrigin(200)); got !=
		"ElementKind(9) ElementKind(200) Use Credentials Anonymous No CORS CrossOrigin(200)" {
		t.Errorf("spelled %q", got)
	}
}
