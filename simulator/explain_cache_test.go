package simulator

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/fetch"
)

// Each story is that of the last request.
func TestAStoryTellsWhichCacheAnswered(t *testing.T) {
	const (
		app     = "https://app.example"
		api     = "https://api.example/x"
		acted   = "did reach the server"
		between = "a cache between browser and server"
		browser = "The answer came from the browser's HTTP cache, not from the network"
		brought = "often an image or a script without the attribute crossorigin"
		confirm = "A 304 confirmed what the browser's HTTP cache held"
		vary    = "Let the server send Vary: Origin"
		nothing = "nothing was sent"
	)
	// asks is a server that allows who asks, and confirms what it sent before with these headers.
	asks := func(confirmed ...string) serverFunc {
		return func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
			if r.Headers.Has("If-None-Match") {
				return reply(304, confirmed...)
			}
			h := []string{"Cache-Control", "no-cache", "ETag", `"1"`}
			if origin, ok := r.Headers.Get("Origin"); ok {
				h = append(h, "Access-Control-Allow-Origin", origin)
			}
			return reply(200, h...)
		}
	}
	always := func(headers ...string) serverFunc {
		return func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
			if r.Method == "OPTIONS" {
				return reply(204, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Headers", "x-a")
			}
			return reply(200, headers...)
		}
	}
	image := Init{Mode: "no-cors"}
	for _, test := range []struct {
		name   string
		server fetch.Network
		inits  []Init
		reason string
		tells  []string
		silent []string
	}{
		{"an answer without Age is the server's", always(), []Init{{}}, "cors.allow-origin.missing",
			[]string{acted}, []string{between}},
		{"an answer with Age is that of a cache in between", always("Age", "0", "Cache-Control", "s-maxage=60"), []Init{{}}, "cors.allow-origin.missing",
			[]string{"< age: 0", between, vary}, []string{acted}},
		{"another origin's answer with Age is one as well", always("Age", "7", "Access-Control-Allow-Origin", "https://other.example"), []Init{{}}, "cors.allow-origin.mismatch",
			[]string{between, vary}, []string{acted}},
		{"an answer with Age and Vary: Origin points at the cache", always("Age", "7", "Vary", "Accept, origin"), []Init{{}}, "cors.allow-origin.missing",
			[]string{between, "see whether that cache heeds it"}, []string{acted, vary}},
		{"caches pass on a POST, whatever its answer says", always("Age", "7"), []Init{{Method: "POST"}}, "cors.allow-origin.missing",
			[]string{acted}, []string{between}},
		{"a resource policy in an answer with Age is no matter of Vary", always("Age", "7", "Cross-Origin-Resource-Policy", "same-origin"), []Init{image}, "corp.same-origin.mismatch",
			[]string{between}, []string{acted, vary}},

		{"an image's answer that a 304 confirms is in the browser's cache", asks(), []Init{image, {}}, "cors.allow-origin.missing",
			[]string{"< 304", confirm, brought, vary, "Access-Control-* headers in the 304"}, []string{acted}},
		{"a header in the 304 is the server's", asks("ETag", `"1"`, "Access-Control-Allow-Origin", "https://other.example"), []Init{image, {}}, "cors.allow-origin.mismatch",
			[]string{acted}, []string{confirm}},
		{"a 304 without its ETag replaces no header", asks("Access-Control-Allow-Origin", app), []Init{image, {}}, "cors.allow-origin.missing",
			[]string{confirm, "beside its ETag"}, []string{acted}},
		{"a 304 that a cache in between gave", asks("Age", "7"), []Init{image, {}}, "cors.allow-origin.missing",
			[]string{"< age: 7", confirm}, []string{acted}},

		{"an answer from the browser's cache sends nothing", always("Cache-Control", "max-age=60"), []Init{image, {}}, "cors.allow-origin.missing",
			[]string{nothing, browser, brought, vary}, []string{acted}},
		{"an answer from the browser's cache behind a preflight", always("Cache-Control", "max-age=60"), []Init{image, {Headers: fetch.H("X-A", "1")}}, "cors.allow-origin.missing",
			[]string{"the request itself is not sent", "1. OPTIONS", browser}, []string{acted, nothing, "nothing is sent"}},
		{"a stored answer that varies by Origin is what the server says", always("Cache-Control", "max-age=60", "Vary", "Origin"), []Init{{}, {}}, "cors.allow-origin.missing",
			[]string{browser, "so that is how the server answers"}, []string{vary, brought}},
	} {
		t.Run(test.name, func(t *testing.T) {
			page := (&Browser{Network: test.server, Now: stateStart}).Open(app)
			var res *Result
			for _, init := range test.inits {
				res = page.Fetch(api, init)
			}
			if got := res.Reason().Code(); got != test.reason {
				t.Fatalf("it ends at %s, want %s", got, test.reason)
			}
			flat := strings.ToLower(strings.Join(strings.Fields(res.String()), " "))
			for _, want := range test.tells {
				if !strings.Contains(flat, strings.ToLower(want)) {
					t.Errorf("the story does not tell %q:\n%s", want, res)
				}
			}
			for _, wrong := range test.silent {
				if strings.Contains(flat, strings.ToLower(wrong)) {
					t.Errorf("the story tells %q, which is wrong here:\n%s", wrong, res)
				}
			}
		})
	}
}

// Two users behind a CDN: the second gets what was stored for the first, who asked without CORS.
func TestAStoryBehindASharedCacheDoesNotBlameTheServer(t *testing.T) {
	asked := 0
	server := perOrigin(false)
	cdn := &SharedCache{Now: stateStart, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		asked++
		return server(r)
	})}
	(&Browser{Network: cdn, Now: stateStart}).Open("https://one.example").Fetch("https://api.example/x", Init{Mode: "no-cors"})
	story := (&Browser{Network: cdn, Now: stateStart}).Open("https://two.example").Fetch("https://api.example/x", Init{}).String()
	if asked != 1 {
		t.Fatalf("the server was asked %d times, want once", asked)
	}
	for want, is := range map[string]bool{"Age header": true, "such as a CDN": true, "Vary: Origin": true, "did reach the server": false} {
		if strings.Contains(strings.Join(strings.Fields(story), " "), want) != is {
			t.Errorf("the story tells %q: want %v; the server got nothing of this request:\n%s", want, is, story)
		}
	}
}
