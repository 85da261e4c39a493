package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A replayLine is what the tests look at of a Replayed.
type replayLine struct {
	Entries     []int
	Request     string // method and URL
	Verdict     string // with the reason, or the error
	Shown       string // empty if the recording shows nothing
	Differences []Difference
	Notes       int
}

func replayLines(rec *Recording, options ReplayOptions) []replayLine {
	var out []replayLine
	for r := range rec.Replay(context.Background(), options) {
		l := replayLine{Entries: r.Entries, Request: r.Method + " " + r.URL, Differences: r.Differences, Notes: len(r.Notes)}
		switch {
		case r.Err != nil:
			l.Verdict = r.Err.Error()
		case r.Result.Allowed():
			l.Verdict = "allowed"
		default:
			l.Verdict = r.Result.Verdict().String() + " " + r.Result.Reason().Code()
		}
		if r.HasShown {
			l.Shown = r.Shown.String()
		}
		out = append(out, l)
	}
	return out
}

const (
	asFetch     = `"_resourceType":"fetch","pageref":"p"`
	asXHR       = `"_resourceType":"xhr","pageref":"p"`
	asPreflight = `"_resourceType":"preflight","pageref":"p"`
	failed      = `"_error":"net::ERR_FAILED"`
)

func TestReplayDecidesWhatARecordingHolds(t *testing.T) {
	const api = "https://api.example/items"
	var (
		from    = []string{"Origin: https://app.example"}
		star    = []string{"Access-Control-Allow-Origin: *"}
		grant   = []string{"Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-trace"}
		put     = []string{"Origin: https://app.example", "X-Trace: 1"}
		askPut  = []string{"Origin: https://app.example", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-trace"}
		verdict = func(got, want string) []Difference {
			return []Difference{{"verdict", marshal(got), marshal(want)}}
		}
	)
	for _, tt := range []struct {
		name    string
		entries []string
		options ReplayOptions
		want    []replayLine
	}{
		{"a request with its answer is decided from the page that the archive names", []string{
			harEntry("GET", api, from, 200, star, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed"}}},

		{"an error shows that the request was blocked", []string{
			harEntry("GET", api, from, 200, nil, asFetch, failed),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "blocked cors.allow-origin.missing", Shown: "blocked"}}},

		{"a verdict that is not the recording's is a difference", []string{
			harEntry("GET", api, from, 200, nil, asFetch),
			harEntry("GET", api+"?2", from, 200, []string{"Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true"}, asFetch, failed),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0}, Request: "GET " + api, Verdict: "blocked cors.allow-origin.missing", Shown: "allowed", Differences: verdict("blocked", "allowed")},
			{Entries: []int{1}, Request: "GET " + api + "?2", Verdict: "allowed", Shown: "blocked", Differences: verdict("allowed", "blocked")},
		}},

		{"a request that was given up shows nothing", []string{
			harEntry("GET", api, from, 0, nil, asFetch, `"_error":"net::ERR_ABORTED"`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "blocked network.failed"}}},

		{"what a service worker answered shows nothing", []string{
			harEntry("GET", api, from, 200, nil, asFetch, `"_fetchedViaServiceWorker":true`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "blocked cors.allow-origin.missing"}}},

		{"the request is the one that the recorder saw the script make", []string{
			harEntry("GET", api, from, 200, []string{"Access-Control-Allow-Origin: *", "Connection: close", "Content-Type: text/plain", "X-A: 1"}, "\"pageref\":\"p\"",
				`"_corsim":{"url":"/items","init":{},"exchanges":1,"verdict":"allowed","type":"cors","status":201,"headers":["connection: close","content-type: text/plain","x-a: 1"]}`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET /items", Verdict: "unanswered network.unanswered", Shown: "allowed"}}},

		{"a preflight and its request are one, the preflight first", []string{
			harEntry("OPTIONS", api, askPut, 204, grant, asPreflight),
			harEntry("PUT", api, put, 200, star, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0, 1}, Request: "PUT " + api, Verdict: "allowed", Shown: "allowed"}}},

		{"a preflight and its request are one, the request first", []string{
			harEntry("PUT", api, put, 0, nil, asFetch, failed),
			harEntry("OPTIONS", api, askPut, 403, grant, asPreflight),
			harEntry("PUT", api, put, 200, star, asFetch),
			harEntry("OPTIONS", api, askPut, 204, grant, asPreflight),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0, 1}, Request: "PUT " + api, Verdict: "blocked preflight.status", Shown: "blocked"},
			{Entries: []int{2, 3}, Request: "PUT " + api, Verdict: "allowed", Shown: "allowed"},
		}},

		{"a preflight goes to the request that has its headers", []string{
			harEntry("OPTIONS", api, []string{"Origin: https://app.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: x-trace"}, 204, star, asPreflight),
			harEntry("GET", api, from, 200, star, asFetch),
			harEntry("GET", api, put, 0, nil, asFetch, failed),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0, 2}, Request: "GET " + api, Verdict: "blocked preflight.header.missing", Shown: "blocked"},
			{Entries: []int{1}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed"},
		}},

		{"a preflight that was not recorded passed if the request was answered", []string{
			harEntry("PUT", api, put, 200, star, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "PUT " + api, Verdict: "allowed", Shown: "allowed", Notes: 1}}},

		{"but the request's own answer is checked", []string{
			harEntry("PUT", api, put, 200, nil, asFetch, failed),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "PUT " + api, Verdict: "blocked cors.allow-origin.missing", Shown: "blocked", Notes: 1}}},

		{"without an answer nobody knows", []string{
			harEntry("PUT", api, put, 0, nil, asFetch, failed),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "PUT " + api, Verdict: "unanswered network.unanswered", Shown: "blocked", Notes: 1}}},

		{"nor for another origin than the one that was answered", []string{
			harEntry("PUT", api, put, 200, star, asFetch),
		}, ReplayOptions{Page: "https://other.example"}, []replayLine{{Entries: []int{0}, Request: "PUT " + api, Verdict: "unanswered network.unanswered", Shown: "allowed", Notes: 1}}},

		{"an answer that the browser still had is taken from the preflight before", []string{
			harEntry("OPTIONS", api, askPut, 204, append([]string{"Access-Control-Max-Age: 600"}, grant...), asPreflight, `"startedDateTime":"2026-07-02T12:00:00Z"`),
			harEntry("PUT", api, put, 200, star, asFetch, `"startedDateTime":"2026-07-02T12:00:01Z"`),
			harEntry("PUT", api, put, 200, star, asFetch, `"startedDateTime":"2026-07-02T12:05:00Z"`),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0, 1}, Request: "PUT " + api, Verdict: "allowed", Shown: "allowed"},
			{Entries: []int{2}, Request: "PUT " + api, Verdict: "allowed", Shown: "allowed"},
		}},

		{"a preflight that nothing followed is a request that was not sent", []string{
			harEntry("OPTIONS", api, askPut, 405, nil, asPreflight),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "PUT " + api, Verdict: "blocked cors.allow-origin.missing", Shown: "blocked", Notes: 1}}},

		{"a chain of redirects is one request", []string{
			harEntry("POST", api, append([]string{"Content-Type: text/plain"}, from...), 302, []string{"Location: /moved", "Access-Control-Allow-Origin: *"}, asFetch),
			harEntry("GET", "https://api.example/else", from, 200, star, asFetch),
			harEntry("GET", "https://api.example/moved", from, 307, []string{"Location: https://cdn.example/end#x", "Access-Control-Allow-Origin: *"}, asFetch),
			harEntry("GET", "https://cdn.example/end", []string{"Origin: null"}, 200, []string{"Access-Control-Allow-Origin: https://app.example"}, asFetch, failed),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0, 2, 3}, Request: "POST " + api, Verdict: "blocked cors.allow-origin.null", Shown: "blocked"},
			{Entries: []int{1}, Request: "GET https://api.example/else", Verdict: "allowed", Shown: "allowed"},
		}},

		{"a redirect whose target was not recorded is unanswered", []string{
			harEntry("GET", api, from, 302, []string{"Location: /gone", "Access-Control-Allow-Origin: *"}, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "unanswered network.unanswered", Shown: "allowed", Notes: 1}}},

		{"cookies that were sent mean credentials", []string{
			harEntry("GET", api, append([]string{"Cookie: sid=1"}, from...), 200, star, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "blocked cors.allow-origin.wildcard-with-credentials",
			Shown: "allowed", Differences: verdict("blocked", "allowed")}}},

		{"credentials are taken to be included where nothing else explains the recording", []string{
			harEntry("GET", api, from, 200, star, asXHR, failed),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "blocked cors.allow-origin.wildcard-with-credentials", Shown: "blocked", Notes: 1}}},

		{"an upload that is listened to asks first", []string{
			harEntry("OPTIONS", api, []string{"Origin: https://app.example", "Access-Control-Request-Method: POST"}, 404, nil, asPreflight),
			harEntry("POST", api, append([]string{"Content-Type: text/plain"}, from...), 0, nil, asXHR, failed,
				`"request":{"method":"POST","url":"`+api+`","headers":[{"name":"Content-Type","value":"text/plain"}],"postData":{"mimeType":"text/plain","text":"x"}}`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0, 1}, Request: "POST " + api, Verdict: "blocked cors.allow-origin.missing", Shown: "blocked", Notes: 1}}},

		{"headers that the browser adds need no consent", []string{
			harEntry("GET", api, append([]string{"User-Agent: x", "Accept: */*", "Accept-Language: en,de;q=0.9", "Cache-Control: no-cache", "Pragma: no-cache",
				"Sec-Fetch-Mode: cors", "sec-ch-ua: x", "priority: u=1, i", "DNT: 1", "If-None-Match: x", "Accept-Encoding: br", "Host: api.example"}, from...), 200, star, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed"}}},

		{"unless the preflight asked for it", []string{
			harEntry("OPTIONS", api, []string{"Origin: https://app.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: cache-control"}, 200, star, asPreflight),
			harEntry("GET", api, append([]string{"Cache-Control: no-cache"}, from...), 0, nil, asFetch, failed),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0, 1}, Request: "GET " + api, Verdict: "blocked preflight.header.missing", Shown: "blocked"}}},

		{"headers that the preflight did not ask for are not the script's", []string{
			harEntry("OPTIONS", api, askPut, 204, grant, asPreflight),
			harEntry("PUT", api, append([]string{"X-Extension: 1"}, put...), 200, star, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0, 1}, Request: "PUT " + api, Verdict: "allowed", Shown: "allowed"}}},

		{"no-cors is told by Sec-Fetch-Mode", []string{
			harEntry("GET", api, []string{"Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: empty"}, 200, nil, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "opaque response.opaque", Shown: "opaque"}}},

		{"navigations, elements, sockets and other schemes are no requests of scripts", []string{
			harEntry("GET", "https://app.example/cart", []string{"Sec-Fetch-Dest: document"}, 200, nil, `"_resourceType":"document"`),
			harEntry("GET", "https://api.example/a.png", []string{"Sec-Fetch-Dest: image", "Origin: https://app.example"}, 200, nil),
			harEntry("GET", "https://api.example/b.png", []string{"Accept: image/webp,*/*", "Origin: https://app.example"}, 200, nil),
			harEntry("POST", "https://api.example/form", []string{"Accept: text/html,*/*", "Origin: https://app.example"}, 200, nil),
			harEntry("GET", "wss://api.example/live", []string{"Origin: https://app.example"}, 101, nil),
			harEntry("GET", "https://api.example/c.js", []string{"Accept: */*"}, 200, nil),
			harEntry("GET", "blob:https://app.example/1-2", nil, 200, nil, asFetch),
			harEntry("POST", "https://api.example/beacon", from, 200, nil, `"_resourceType":"ping"`),
		}, ReplayOptions{}, nil},

		{"without a type, headers tell a script's request", []string{
			harEntry("GET", api+"?1", []string{"Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "Origin: https://app.example"}, 200, star),
			harEntry("GET", api+"?2", []string{"X-Requested-With: XMLHttpRequest", "Referer: https://api.example/"}, 200, nil),
			harEntry("DELETE", "https://app.example/3", []string{"Referer: https://app.example/x"}, 200, nil),
			harEntry("GET", api+"?4", from, 200, star),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0}, Request: "GET " + api + "?1", Verdict: "allowed", Shown: "allowed"},
			{Entries: []int{1}, Request: "GET " + api + "?2", Verdict: "allowed", Shown: "allowed"},
			{Entries: []int{2}, Request: "DELETE https://app.example/3", Verdict: "allowed", Shown: "allowed"},
			{Entries: []int{3}, Request: "GET " + api + "?4", Verdict: "allowed", Shown: "allowed"},
		}},

		{"a request from a frame is decided for the frame", []string{
			harEntry("GET", api, []string{"Origin: https://widget.example", "Referer: https://widget.example/w?1"}, 200, []string{"Access-Control-Allow-Origin: https://widget.example"}, asFetch),
			harEntry("GET", api, []string{"Origin: null"}, 200, []string{"Access-Control-Allow-Origin: null"}, asFetch),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed", Notes: 1},
			{Entries: []int{1}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed", Notes: 1},
		}},

		{"without a page, Referer and Origin tell, and else nothing does", []string{
			harEntry("GET", api+"?1", []string{"Referer: https://app.example/x"}, 200, []string{"Access-Control-Allow-Origin: https://app.example"}, `"_resourceType":"fetch"`),
			harEntry("GET", api+"?2", []string{"Origin: https://app.example"}, 200, []string{"Access-Control-Allow-Origin: https://app.example"}, `"_resourceType":"fetch"`),
			harEntry("GET", api+"?3", nil, 200, star, `"_resourceType":"fetch"`),
			harEntry("GET", api+"?4", []string{"Origin: null"}, 200, star, `"_resourceType":"fetch"`),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0}, Request: "GET " + api + "?1", Verdict: "allowed", Shown: "allowed"},
			{Entries: []int{1}, Request: "GET " + api + "?2", Verdict: "allowed", Shown: "allowed"},
			{Entries: []int{2}, Request: "GET " + api + "?3", Verdict: ErrNoPage.Error()},
			{Entries: []int{3}, Request: "GET " + api + "?4", Verdict: "allowed", Shown: "allowed", Notes: 1},
		}},

		{"a redirect to what only another page asked for is answered as that was", []string{
			harEntry("GET", api, from, 308, []string{"Location: /moved", "Access-Control-Allow-Origin: *"}, asFetch),
			harEntry("GET", "https://api.example/moved", []string{"Origin: https://other.example"}, 200, star, `"_resourceType":"fetch","pageref":"q"`),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed", Notes: 1},
			{Entries: []int{1}, Request: "GET https://api.example/moved", Verdict: "allowed", Shown: "allowed"},
		}},

		{"after a 303, whatever it was is a GET", []string{
			harEntry("POST", api, append([]string{"Content-Type: text/plain"}, from...), 303, []string{"Access-Control-Allow-Origin: *"}, asFetch,
				`"response":{"status":303,"redirectURL":"/seen","headers":[{"name":"location","value":"/seen"},{"name":"access-control-allow-origin","value":"*"}]}`),
			harEntry("POST", "https://api.example/seen", append([]string{"Content-Type: text/plain"}, from...), 200, nil, asFetch),
			harEntry("GET", "https://api.example/seen", from, 200, star, asFetch),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0, 2}, Request: "POST " + api, Verdict: "allowed", Shown: "allowed"},
			{Entries: []int{1}, Request: "POST https://api.example/seen", Verdict: "blocked cors.allow-origin.missing", Shown: "allowed", Differences: verdict("blocked", "allowed")},
		}},

		{"a body tells its type where the headers do not", []string{
			harEntry("POST", api, from, 0, nil, asFetch, failed,
				`"request":{"method":"POST","url":"`+api+`","headers":[{"name":"Origin","value":"https://app.example"}],"postData":{"mimeType":"application/json","text":"{}"}}`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "POST " + api, Verdict: "unanswered network.unanswered", Shown: "blocked", Notes: 1}}},

		{"a 304 is checked by its own headers", []string{
			harEntry("GET", api, append([]string{"If-None-Match: 1"}, from...), 304, star, asFetch),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed", Notes: 1}}},

		{"an XMLHttpRequest that the recorder saw is one again", []string{
			harEntry("POST", api, from, 200, star, asXHR,
				`"_corsim":{"via":"xhr","url":"`+api+`","init":{"method":"POST","body":"x","withCredentials":true},"exchanges":1,"verdict":"blocked","type":"cors"}`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "POST " + api, Verdict: "blocked cors.allow-origin.wildcard-with-credentials", Shown: "blocked"}}},

		{"a recorder can say which page it was", []string{
			harEntry("GET", api, nil, 200, []string{"Access-Control-Allow-Origin: https://third.example"}, asFetch,
				`"_corsim":{"page":"https://third.example/x","url":"`+api+`","init":{},"verdict":"allowed","type":"cors","status":200}`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed"}}},

		{"a stream asks first", []string{
			harEntry("POST", api, from, 200, star, asFetch, `"_corsim":{"url":"`+api+`","init":{"method":"POST","body":"x","stream":true}}`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "POST " + api, Verdict: "allowed", Shown: "allowed", Notes: 1}}},

		{"what no script can have made is an error of its own", []string{
			harEntry("GET", api, from, 200, star, asFetch, `"_corsim":{"via":"img","url":"`+api+`"}`),
			harEntry("GET", api, from, 200, star, asFetch, `"_corsim":{"url":"`+api+`","init":{"headers":["no colon"]}}`),
		}, ReplayOptions{}, []replayLine{
			{Entries: []int{0}, Request: "GET " + api, Verdict: `_corsim.via is "img", want fetch or xhr`},
			{Entries: []int{1}, Request: "GET " + api, Verdict: `_corsim.init.headers[0]: "no colon" has no colon; a header line is "Name: value"`},
		}},

		{"a _corsim of another kind counts as none", []string{
			harEntry("GET", api, from, 200, star, asFetch, `"_corsim":["something else"]`),
		}, ReplayOptions{}, []replayLine{{Entries: []int{0}, Request: "GET " + api, Verdict: "allowed", Shown: "allowed"}}},

		{"another page can be put in place of the recorded one", []string{
			harEntry("GET", api, from, 200, []string{"Access-Control-Allow-Origin: https://app.example"}, asFetch),
		}, ReplayOptions{Page: "https://app.example:8443"}, []replayLine{{Entries: []int{0}, Request: "GET " + api,
			Verdict: "blocked cors.allow-origin.mismatch", Shown: "allowed", Differences: verdict("blocked", "allowed")}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := replayLines(mustRead(t, harText(tt.entries...)), tt.options)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestReplayComparesWhatTheRecorderSaw(t *testing.T) {
	rec := mustRead(t, harText(harEntry("GET", "https://app.example/items", nil, 200,
		[]string{"Connection: close", "Content-Type: text/plain", "X-A: 1", "Set-Cookie: a=b"}, `"pageref":"p"`,
		`"_corsim":{"url":"/items","init":{"method":"get"},"exchanges":1,"verdict":"allowed","type":"basic","status":201,"redirected":false,
			"responseURL":"https://app.example/items","headers":["connection: close","content-type: text/plain","x-a: 2"]}`)))
	want := []Difference{{"status", "200", "201"}, {"headers", `["content-type: text/plain","x-a: 1"]`, `["content-type: text/plain","x-a: 2"]`}}
	for r := range rec.Replay(context.Background(), ReplayOptions{}) {
		if d := cmp.Diff(want, r.Differences); d != "" {
			t.Errorf("each key of _corsim is compared, but for the connection's headers (-want +got):\n%s", d)
		}
	}
}

func TestReplayReadsThePagesPolicies(t *testing.T) {
	rec := mustRead(t, harText(
		harEntry("GET", "https://app.example/cart", nil, 200, []string{"Referrer-Policy: no-referrer"}, `"_resourceType":"document"`),
		harEntry("GET", "https://api.example/", []string{"Origin: https://app.example"}, 200, []string{"Access-Control-Allow-Origin: *"}, asFetch)))
	for r := range rec.Replay(context.Background(), ReplayOptions{}) {
		if v, ok := r.Result.Exchanges()[0].Request.Headers.Get("Referer"); ok {
			t.Errorf("the request had the Referer %q; the page's document, which was recorded, has Referrer-Policy: no-referrer", v)
		}
	}
}

func TestReplayStopsWhenItsContextDoes(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rec := mustRead(t, harText(harEntry("GET", "https://api.example/", []string{"Origin: https://app.example"}, 200, nil, asFetch)))
	for r := range rec.Replay(ctx, ReplayOptions{}) {
		if !errors.Is(r.Err, context.Canceled) {
			t.Errorf("got %v, want that the context ended", r.Err)
		}
	}
}

func TestReplayCanBeLeftEarly(t *testing.T) {
	e := harEntry("GET", "https://api.example/", []string{"Origin: https://app.example"}, 200, nil, asFetch)
	n := 0
	for range mustRead(t, harText(e, e, e)).Replay(context.Background(), ReplayOptions{}) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d requests were replayed, want to stop at 2", n)
	}
}

// The cost of a file that means ill grows with its size, not with its square.
func TestReplayIsLinear(t *testing.T) {
	const n = 4000
	origin := []string{"Origin: https://app.example"}
	asked := append([]string{"Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-trace"}, origin...)
	for name, entry := range map[string]func(i int) string{
		"requests of one kind": func(int) string { return harEntry("GET", "https://api.example/", origin, 200, nil, asFetch) },
		"preflights that nothing follows": func(int) string {
			return harEntry("OPTIONS", "https://api.example/", asked, 403, nil, asPreflight)
		},
		"a circle of redirects": func(int) string {
			return harEntry("GET", "https://api.example/", origin, 302, []string{"Location: /"}, asFetch)
		},
		"preflights that no request fits": func(i int) string {
			if i%2 == 0 {
				return harEntry("OPTIONS", "https://api.example/", asked, 403, nil, asPreflight)
			}
			return harEntry("PUT", "https://api.example/", origin, 0, nil, asFetch)
		},
		"fetches that claim all": func(i int) string {
			return harEntry("GET", "https://api.example/", origin, 200, nil, fmt.Sprintf(`"_corsim":{"url":"https://api.example/","exchanges":%d}`, n), `"pageref":"p"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var entries []string
			for i := range n {
				entries = append(entries, entry(i))
			}
			rec := mustRead(t, harText(entries...))
			total := 0
			for r := range rec.Replay(context.Background(), ReplayOptions{Terse: true}) {
				total += len(r.Entries)
			}
			if total != n {
				t.Errorf("%d entries take part, want each of %d once", total, n)
			}
		})
	}
}

// FuzzReplay reads and replays anything: no panic, each entry in one request at most, and one line for each error.
func FuzzReplay(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "internal", "har", "testdata", "*.har"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no archives to begin with: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "")
	}
	put := []string{"Origin: https://app.example", "X-Trace: 1"}
	f.Add([]byte(harText(
		harEntry("OPTIONS", "https://api.example/", []string{"Origin: https://app.example", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-trace"}, 204, []string{"Access-Control-Allow-Origin: *"}, asPreflight),
		harEntry("PUT", "https://api.example/", put, 302, []string{"Location: //cdn.example/"}, asFetch),
		harEntry("PUT", "https://cdn.example/", put, 0, nil, asXHR, failed),
		harEntry("GET", "https://api.example/", put, 200, nil, `"_corsim":{"url":"/","init":{"headers":["a: b"],"mode":"no-cors"},"exchanges":2,"verdict":"opaque"}`),
	)), "https://other.example")
	f.Fuzz(func(t *testing.T, data []byte, page string) {
		rec, errs := ReadHAR(bytes.NewReader(data))
		for _, err := range errs {
			if strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("an error of more than one line: %q", err)
			}
		}
		seen := map[int]bool{}
		for r := range rec.Replay(context.Background(), ReplayOptions{Page: page}) {
			if len(r.Entries) == 0 || (r.Err == nil) != (r.Result != nil) {
				t.Fatalf("entries %v, result %v, error %v: want one of the two, about some entries", r.Entries, r.Result, r.Err)
			}
			for _, i := range r.Entries {
				if seen[i] {
					t.Errorf("entry %d is in two requests", i)
				}
				seen[i] = true
			}
			if r.Err == nil {
				_ = r.Result.String()
			}
		}
		if len(seen) > rec.Len() {
			t.Errorf("%d entries take part, of %d", len(seen), rec.Len())
		}
	})
}
