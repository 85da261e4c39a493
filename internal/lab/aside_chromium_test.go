package lab

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/simulator"
)

// What Chromium's URL parser, its reader of data: URLs and its network library do is set aside; whatever else differs in
// the same case counts.
func TestChromiumsRules(t *testing.T) {
	const spaced = `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "https://a b/", "mode": "no-cors", "redirect": "error"}]}`
	const data = `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "data:text/plain;charset=x;a=\tb,x"}]}`
	outcome := func(url, typ string) simulator.Outcome {
		return simulator.Outcome{Verdict: "allowed", Type: "basic", Status: 200, URL: url, Headers: []string{"content-type: " + typ}}
	}
	to := func(verdict string, urls ...string) simulator.Outcome {
		o := simulator.Outcome{Verdict: verdict}
		for _, u := range urls {
			o.Sent = append(o.Sent, simulator.Sent{Method: "GET", URL: u})
		}
		return o
	}
	sent := func(headers ...[]string) (o simulator.Outcome) {
		for _, h := range headers {
			o.Sent = append(o.Sent, simulator.Sent{Method: "GET", URL: "https://a.example/u", Headers: h})
		}
		return o
	}
	parts := func(etag, part, second string) string {
		return `{"name": "n", "page": {"url": "https://a.example/"}, "server": [{"url": "https://a.example/u", "status": 206, "headers": ["ETag: ` +
			strings.ReplaceAll(etag, `"1"`, `\"1\"`) + `", "Content-Range: ` + part + `"]}], "requests": [{"url": "/u", "headers": ["Range: bytes=0-1"]}, {"url": "` + second + `"}]}`
	}
	insecure := func(url, header string) string {
		return `{"name": "n", "page": {"url": "http://a.example/", "headers": ["` + header + `:"]}, "server": [], "requests": [{"url": "` + url + `"}]}`
	}
	for _, tt := range []struct {
		name, c     string
		did, engine simulator.Outcome
		want        []string
	}{
		{"the order of parameters", data, outcome("data:u", "text/plain;a=b;charset=x"), outcome("data:u", "text/plain;charset=x;a=b"), nil},
		{"a tab that stays", data, outcome("data:%09", "text/plain"), outcome("data:", "text/plain"), []string{"data-url-blanks"}},
		{"another status besides", data, simulator.Outcome{Status: 404}, outcome("data:u", "text/plain"), nil},
		{"the type of what is no data: URL", simple, outcome("u", "text/plain;a=b;charset=x"), outcome("u", "text/plain;charset=x;a=b"), nil},
		{"a URL that is no data: URL", simple, outcome("u%09", "text/plain"), outcome("u", "text/plain"), nil},
		{"a path with a bar", simple, to("unanswered", "https://a.example/a%7Cb"), to("allowed", "https://a.example/a|b"), []string{"bar-in-path"}},
		{"a path with a bar that was answered otherwise", simple, to("blocked", "https://a.example/a%7Cb"), to("allowed", "https://a.example/a|b"), nil},
		{"a query with a bar", simple, to("unanswered", "https://a.example/?a%7Cb"), to("allowed", "https://a.example/?a|b"), nil},
		{"a host with a space", simple, to("unanswered", "https://a.example/", "https://exa%20mple/"), to("blocked", "https://a.example/"), []string{"space-in-host"}},
		{"a host with a space that is blocked at once", spaced, to("blocked"), to("invalid"), []string{"space-in-host"}},
		{"a path with a space", simple, to("unanswered", "https://a.example/", "https://example/a%20b"), to("blocked", "https://a.example/"), nil},
		{"a host on the list of those that want HTTPS", insecure("http://foo.dev/u", ""), to("unanswered", "https://foo.dev/u"), to("allowed", "http://foo.dev/u"), []string{"preloaded-host"}},
		{"one whose preflight is not sent", insecure("http://foo.dev/u", ""), to("blocked"), to("allowed", "http://foo.dev/u"), []string{"preloaded-host"}},
		{"one that only the browser knows", insecure("http://foo.test/u", ""), to("unanswered", "https://foo.test/u"), to("allowed", "http://foo.test/u"), []string{"preloaded-host"}},
		{"one that is not on the list", insecure("http://foo.test/u", ""), to("blocked"), to("allowed", "http://foo.test/u"), nil},
		{"one that is asked over HTTPS anyway", insecure("https://foo.dev/u", ""), to("blocked"), to("allowed", "https://foo.dev/u"), nil},
		{"one that the page upgrades", insecure("http://foo.dev/u", "Content-Security-Policy: upgrade-insecure-requests"), to("unanswered", "https://foo.dev/u"), to("allowed", "http://foo.dev/u"), nil},
		{"one on a page over HTTPS", strings.Replace(insecure("http://foo.dev/u", ""), `"http://a`, `"https://a`, 1), to("unanswered", "https://foo.dev/u"), to("allowed", "http://foo.dev/u"), nil},
		{"the rest of a part that was kept", parts(`"1"`, "bytes 0-1/4", "/u"), sent(nil, []string{"range: bytes=2-3"}), sent(nil), []string{"parts-kept"}},
		{"the rest of a part with a weak validator", parts(`W/"1"`, "bytes 0-1/4", "/u"), sent(nil, []string{"range: bytes=2-3"}), sent(nil), nil},
		{"the rest of another URL's part", parts(`"1"`, "bytes 0-1/4", "/v"), sent(nil, []string{"range: bytes=2-3"}), sent(nil), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCase(t, tt.c)
			trial := Trial{Case: c, Browser: make([]simulator.Outcome, len(c.Requests)), Engine: make([]simulator.Outcome, len(c.Requests))}
			trial.Browser[len(c.Requests)-1], trial.Engine[len(c.Requests)-1] = tt.did, tt.engine
			if trial.compare(AsideRules("chromium")); !slices.Equal(trial.Aside, tt.want) {
				t.Errorf("set aside by %q, want %q; differences %v", trial.Aside, tt.want, trial.Differences)
			}
		})
	}
}
