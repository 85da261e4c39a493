package fetch

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

func TestTheTraceTellsWhyAPreflightIsSentAgain(t *testing.T) {
	const url = "https://api.example/x"
	start := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	consent := Headers{{"Access-Control-Allow-Methods", "PUT, DELETE"}, {"Access-Control-Allow-Headers", "X-A"}}
	type told struct {
		Step      policy.Step
		Got, Want string
	}
	request := func(f func(*Request)) *Request {
		r := &Request{Method: "PUT", URL: origin.MustParseURL(url), Headers: H("X-A", "1"), Mode: CORS, UnsafeRequest: true,
			Client: &Client{Origin: origin.MustParse("https://app.example"), TopLevelSite: policy.SiteOf(origin.MustParse("https://app.example"))}}
		if f != nil {
			f(r)
		}
		r.populateFromClient()
		return r
	}
	for _, test := range []struct {
		name   string
		stored func(*Request) // how the request was that the answer was kept for
		asks   func(*Request)
		after  time.Duration
		want   []told
	}{
		{name: "the entries that answer, and until when", after: time.Second,
			want: []told{{policy.CacheHit, "PUT until 2026-07-02T12:10:00Z, X-A until 2026-07-02T12:10:00Z", ""}}},
		{name: "the answer is over", after: 10 * time.Minute,
			want: []told{{policy.CacheMethodMiss, "PUT", ""}, {policy.CacheExpired, "PUT until 2026-07-02T12:10:00Z", ""}}},
		{name: "another method", asks: func(r *Request) { r.Method = "PATCH" },
			want: []told{{policy.CacheMethodMiss, "PATCH", ""}, {policy.CacheOtherMethod, "PUT, DELETE", "PATCH"}}},
		{name: "another header", asks: func(r *Request) { r.Headers = H("X-B", "1") },
			want: []told{{policy.CacheHeaderMiss, "X-B", ""}, {policy.CacheOtherHeader, "X-A", "X-B"}}},
		{name: "with credentials", asks: func(r *Request) { r.Credentials = Include },
			want: []told{{policy.CacheMethodMiss, "PUT", ""}, {policy.CacheOtherCredentials, "PUT until 2026-07-02T12:10:00Z", "include"}}},
		{name: "an answer for credentials serves without", stored: func(r *Request) { r.Credentials = Include },
			want: []told{{policy.CacheHit, "PUT until 2026-07-02T12:10:00Z, X-A until 2026-07-02T12:10:00Z", ""}}},
		{name: "another URL of the host", asks: func(r *Request) { r.URL = origin.MustParseURL(url + "?q") },
			want: []told{{policy.CacheMethodMiss, "PUT", ""}, {policy.CacheOtherURL, url, url + "?q"}}},
		{name: "another host", asks: func(r *Request) { r.URL = origin.MustParseURL("https://api.example.net/x") },
			want: []told{{policy.CacheMethodMiss, "PUT", ""}}},
		{name: "another origin", asks: func(r *Request) { r.Client.Origin = origin.MustParse("https://www.app.example") },
			want: []told{{policy.CacheMethodMiss, "PUT", ""}, {policy.CacheOtherOrigin, "https://app.example", "https://www.app.example"}}},
		{name: "a tab of another site", asks: func(r *Request) { r.Client.TopLevelSite = policy.SiteOf(origin.MustParse("https://top.example")) },
			want: []told{{policy.CacheMethodMiss, "PUT", ""}, {policy.CacheOtherOrigin, "https://app.example", "https://top.example"}}},
		{name: "another URL whose answer is over", after: time.Hour, asks: func(r *Request) { r.URL = origin.MustParseURL(url + "?q") },
			want: []told{{policy.CacheMethodMiss, "PUT", ""}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := new(PreflightCache)
			c.store(request(test.stored), consent, 600, start.UnixNano())
			var got []told
			f := &Fetcher{Cache: c, Trace: func(e policy.Event) { got = append(got, told(e)) }}
			r := request(test.asks)
			p := params{f: f, r: r, trace: f.Trace}
			unsafe := AppendCORSUnsafeRequestHeaderNames(nil, r.Headers)
			now := start.Add(test.after).UnixNano()
			s, missing := c.match(r, unsafe, now)
			p.tracePreflightCache(s, unsafe, missing, now)
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("what the trace tells (-want +got), which is all that people have to find out why the browser asks again:\n%s", d)
			}
		})
	}
}
