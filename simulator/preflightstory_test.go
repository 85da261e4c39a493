package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// TestABrowserTellsWhyItAsksAgain makes two requests under each profile, and reads what the second one's events and
// text tell about the preflight cache.
func TestABrowserTellsWhyItAsksAgain(t *testing.T) {
	const api, until = "https://api.example/items/1", "2026-07-02T12:05:00Z"
	put := Init{Method: "PUT"}
	hit, hitText := []string{"hit PUT until " + until}, "covers the method and every header: PUT until "+until+"."
	for _, test := range []struct {
		name          string
		first, second Init
		url           string
		after         time.Duration
		under         []string // the profiles
		want          []string // the events, without "preflight-cache."
		text          string
	}{
		{"what answers, and until when", put, put, api, time.Second, []string{"spec", "chromium", "firefox", "webkit"}, hit, hitText},
		{"what is over", put, put, api, 5 * time.Minute, []string{"spec", "chromium", "firefox", "webkit"},
			[]string{"method-miss PUT", "expired PUT until " + until, "stored 300 s, until 2026-07-02T12:10:00Z"},
			"its time is over: PUT until " + until + "."},
		{"a cache mode that goes around", put, Init{Method: "PUT", Cache: "reload"}, api, time.Second, []string{"chromium", "firefox"},
			[]string{"method-miss PUT", "bypassed reload", "stored 300 s, until 2026-07-02T12:05:01Z"}, "because of the cache mode or a conditional header: reload."},
		{"a cache mode that does not", put, Init{Method: "PUT", Cache: "reload"}, api, time.Second, []string{"spec", "webkit"}, hit, hitText},
		{"a cache mode whose answers are not kept", Init{Method: "PUT", Cache: "no-store"}, Init{Method: "PUT", Cache: "no-store"}, api, time.Second,
			[]string{"chromium"}, []string{"method-miss PUT", "bypassed no-store"}, "because of the cache mode or a conditional header: no-store."},
		{"another method", put, Init{Method: "DELETE"}, api, time.Second, []string{"spec", "firefox"},
			[]string{"method-miss DELETE", "other-method PUT", "cleared " + api}, "it consents to other methods: PUT."},
		{"another method, over which the answer is forgotten", put, Init{Method: "DELETE"}, api, time.Second, []string{"chromium"},
			[]string{"method-miss DELETE", "other-method PUT", "forgotten " + api}, "it consents to other methods: PUT."},
		{"another method, whose refusal is kept", put, Init{Method: "DELETE"}, api, time.Second, []string{"webkit"},
			[]string{"method-miss DELETE", "other-method PUT", "forgotten " + api, "stored 300 s, until 2026-07-02T12:05:01Z"},
			"it consents to other methods: PUT."},
		{"an answer behind a redirect that is not kept", put, put, "https://b.example/r", time.Second, []string{"chromium", "webkit"},
			[]string{"hit PUT until " + until, "method-miss PUT", "not-kept null"}, "keeps no answer to the preflight of such a request, whose Origin is null."},
		{"an answer behind a redirect that is kept", put, put, "https://b.example/r", time.Second, []string{"spec", "firefox"},
			[]string{"hit PUT until " + until, "hit PUT until " + until}, hitText},
	} {
		for _, profile := range []policy.Profile{{Name: "spec"}, policy.Chromium(), policy.Firefox(), policy.WebKit()} {
			if !slices.Contains(test.under, profile.Name) {
				continue
			}
			t.Run(test.name+"/"+profile.Name, func(t *testing.T) {
				now := stateStart()
				b := &Browser{Profile: profile, Now: func() time.Time { return now }, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
					h := []string{"Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "PUT", "Access-Control-Max-Age", "300"}
					if r.Method != "OPTIONS" && strings.Contains(r.URL.String(), "b.example") {
						return reply(307, append(h, "Location", api)...)
					}
					return reply(200, h...)
				})}
				page := b.Open("https://app.example/")
				page.Fetch(test.url, test.first)
				now = now.Add(test.after)
				res := page.Fetch(test.url, test.second)
				var got []string
				for _, c := range codes(res.Events(), "preflight-cache.") {
					got = append(got, strings.TrimPrefix(c, "preflight-cache."))
				}
				if d := cmp.Diff(test.want, got); d != "" {
					t.Errorf("the events tell why the browser asks, or does not (-want +got):\n%s", d)
				}
				if text := strings.Join(strings.Fields(res.String()), " "); !strings.Contains(text, test.text) {
					t.Errorf("the text does not tell %q:\n%s", test.text, res)
				}
			})
		}
	}
}
