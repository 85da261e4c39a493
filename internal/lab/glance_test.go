package lab

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/corsim/corsim/policy"
)

// A state that was emptied knows nothing of the visit before: the same case comes out alike, twice, where each thing that a
// browser might remember would make it come out otherwise.
func TestBrowsersForgetOneCaseBeforeTheNext(t *testing.T) {
	const preflighted = `{"url": "https://api.example/u", "method": "OPTIONS", "status": 204, "headers": ["Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT", "Access-Control-Max-Age: 600"]},
		{"url": "https://api.example/u", "status": 200, "headers": ["Access-Control-Allow-Origin: *", "Cache-Control: no-store"]}`
	cases := []struct{ name, text string }{
		{"what a preflight said", `{"name": "n", "page": {"url": "https://app.example/p"}, "server": [` + preflighted + `], "requests": [{"url": "https://api.example/u", "method": "PUT"}]}`},
		{"a cookie", `{"name": "n", "page": {"url": "https://app.example/p"}, "server": [
			{"url": "https://app.example/u", "status": 200, "headers": ["Set-Cookie: a=1", "Cache-Control: no-store"]}], "requests": [{"url": "/u"}]}`},
		{"a cookie of another site", `{"name": "n", "page": {"url": "https://app.example/p"}, "server": [
			{"url": "https://api.example/c", "status": 200, "headers": ["Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true", "Set-Cookie: a=1; SameSite=None; Secure", "Cache-Control: no-store"]}],
			"requests": [{"url": "https://api.example/c", "credentials": "include"}]}`},
		{"a password", `{"name": "n", "page": {"url": "https://app.example/p"}, "server": [
			{"url": "https://app.example/w", "status": 200, "headers": ["Cache-Control: no-store"]}], "requests": [{"via": "xhr", "url": "https://u:p@app.example/w"}, {"url": "/w"}]}`},
		{"a host that wants HTTPS alone", `{"name": "n", "page": {"url": "http://app.example/p"}, "server": [
			{"url": "https://app.example/s", "status": 200, "headers": ["Access-Control-Allow-Origin: *", "Strict-Transport-Security: max-age=600", "Cache-Control: no-store"]}],
			"requests": [{"url": "https://app.example/s"}]}`},
		{"an answer", `{"name": "n", "page": {"url": "https://app.example/p"}, "server": [
			{"url": "https://app.example/u", "status": 200, "headers": ["Cache-Control: max-age=600"]}], "requests": [{"url": "/u"}]}`},
		{"a redirect for good", `{"name": "n", "page": {"url": "https://app.example/p"}, "server": [
			{"url": "https://app.example/u", "status": 301, "headers": ["Location: /v"]}, {"url": "https://app.example/v", "status": 200, "headers": ["Cache-Control: no-store"]}], "requests": [{"url": "/u"}]}`},
		{"what the policy of the page upgrades", `{"name": "n", "page": {"url": "http://app.example/p", "headers": ["Content-Security-Policy: upgrade-insecure-requests"]}, "server": [
			{"url": "https://api.example/u", "status": 200, "headers": ["Access-Control-Allow-Origin: *", "Cache-Control: no-store"]}], "requests": [{"url": "http://api.example/u"}]}`},
		{"a page with a fragment", `{"name": "n", "page": {"url": "http://app.example/p#f"}, "server": [
			{"url": "http://api.example/u", "status": 200, "headers": ["Access-Control-Allow-Origin: *", "Cache-Control: no-store"]}], "requests": [{"url": "http://api.example/u"}]}`},
	}
	eachBrowser(t, JudgeNames(), func(t *testing.T, ctx context.Context, b Browser) {
		j, err := b.Judge(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		d, thrifty := j.driver.(thriftyDriver)
		if !thrifty {
			t.Skipf("NOT TESTED: %s makes a state anew for each case", b)
		}
		profile, _ := policy.ProfileByName(b.Name)
		for _, tt := range cases {
			c := mustCase(t, tt.text)
			if p, err := newPlan(c); err != nil || p.leaves&^d.forgets() != 0 {
				if _, err := j.glance(ctx, c, time.Minute); !errors.Is(err, errNoGlance) {
					t.Errorf("%s: got error %v, want %v", tt.name, err, errNoGlance)
				}
				continue
			}
			want, err := c.Eval(ctx, profile, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			for visit := range 3 {
				got, err := j.glance(ctx, c, time.Minute)
				if err != nil {
					t.Fatalf("%s, visit %d: %v", tt.name, visit, err)
				}
				trial, err := Compare(c, b.Name, got, want)
				if err != nil || !trial.Agrees() {
					t.Errorf("%s, visit %d: %v %v", tt.name, visit, err, trial.Differences)
				}
			}
		}
	})
}
