package fetch

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// TestTheTraceTellsWhyAPreflightIsSentAgain plays one look into the preflight cache under each profile. What profiles
// tell otherwise than the standard follows from the fields of the profiles (docs/profiles.md).
func TestTheTraceTellsWhyAPreflightIsSentAgain(t *testing.T) {
	const url = "https://api.example/x"
	const putUntil, until = "PUT until 2026-07-02T12:10:00Z", " until 2026-07-02T12:10:00Z"
	start := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	consent := H("Access-Control-Allow-Methods", "PUT, DELETE", "Access-Control-Allow-Headers", "X-A")
	type told struct {
		Step      policy.Step
		Got, Want string
	}
	type change = func(*Request)
	// A kept is a preflight's answer that was stored: for which request, what it said, and for how many seconds.
	type kept struct {
		request change
		answer  Headers // consent if nil
		seconds int64   // 600 if 0
	}
	request := func(profile *policy.Profile, f change) *Request {
		page := origin.MustParse("https://app.example")
		r := &Request{Method: "PUT", URL: origin.MustParseURL(url), Headers: H("X-A", "1"), Mode: CORS, UnsafeRequest: true,
			Client: &Client{Origin: page, TopLevelSite: policy.SiteOf(page)}, profile: profile}
		if f != nil {
			f(r)
		}
		r.populateFromClient()
		return r
	}
	method := func(m string) change { return func(r *Request) { r.Method = m } }
	header := func(names ...string) change { return func(r *Request) { r.Headers = H(names...) } }
	cache := func(m CacheMode) change { return func(r *Request) { r.Cache = m } }
	at := func(u string) change { return func(r *Request) { r.URL = origin.MustParseURL(u) } }
	include := func(r *Request) { r.Credentials = Include }
	opaque := func(r *Request) { r.Client.Origin = origin.Opaque() }
	redirected := func(r *Request) { r.redirectTaint = TaintCrossSite }
	listener := func(r *Request) { r.Method, r.UploadListener, r.Body = "POST", true, Text("x") }

	one := []kept{{}}
	hit := []told{{policy.CacheHit, putUntil + ", X-A" + until, ""}}
	miss := told{policy.CacheMethodMiss, "PUT", ""}
	bypassed := func(by string) []told { return []told{miss, {policy.CacheBypassed, by, ""}} }
	bypasses := func(by string, profiles ...string) map[string][]told {
		m := make(map[string][]told)
		for _, p := range profiles {
			m[p] = bypassed(by)
		}
		return m
	}
	// Any conditional header makes the cache mode no-store, but it has to be consented to as well.
	conditional := func(name, value string) ([]kept, change, []told) {
		h := H("Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", name)
		return []kept{{answer: h}}, header(name, value), []told{{policy.CacheHit, putUntil + ", " + name + until, ""}}
	}

	type row struct {
		name   string
		kept   []kept
		asks   change
		after  time.Duration
		want   []told
		but    map[string][]told // what some profiles tell instead
		forgot []string          // the profiles that forget a fresh answer over this, and say so
	}
	forgetters := []string{"chromium", "webkit"}
	rows := []row{
		{name: "the entries that answer, and until when", kept: one, after: time.Second, want: hit},
		{name: "nothing was kept", want: []told{miss}},
		{name: "the answer is over", kept: one, after: 10 * time.Minute,
			want: []told{miss, {policy.CacheExpired, putUntil, ""}}},
		{name: "the answer for a header is over", kept: one, asks: method("POST"), after: 10 * time.Minute,
			want: []told{{policy.CacheHeaderMiss, "X-A", ""}, {policy.CacheExpired, "X-A" + until, ""}}},
		{name: "an answer for other methods is over", kept: one, asks: method("PATCH"), after: 10 * time.Minute,
			want: []told{{policy.CacheMethodMiss, "PATCH", ""}, {policy.CacheExpired, putUntil, ""}}},
		{name: "the answer for credentials is over, and the one without would not do", asks: include, after: 2 * time.Minute,
			kept: []kept{{}, {request: include, seconds: 60}},
			want: []told{miss, {policy.CacheExpired, "PUT until 2026-07-02T12:01:00Z", ""}},
			// Chromium keeps the later answer alone, which is over.
			forgot: []string{"webkit"}},
		{name: "another method", kept: one, asks: method("PATCH"),
			want:   []told{{policy.CacheMethodMiss, "PATCH", ""}, {policy.CacheOtherMethod, "PUT, DELETE", "PATCH"}},
			forgot: forgetters},
		{name: "another header", kept: one, asks: header("X-B", "1"),
			want:   []told{{policy.CacheHeaderMiss, "X-B", ""}, {policy.CacheOtherHeader, "X-A", "X-B"}},
			forgot: forgetters},
		{name: "a header where the answer named none", asks: header("X-B", "1"),
			kept:   []kept{{answer: H("Access-Control-Allow-Methods", "PUT")}},
			want:   []told{{policy.CacheHeaderMiss, "X-B", ""}, {policy.CacheOtherHeader, "", "X-B"}},
			forgot: forgetters},
		{name: "another method than two answers consent to", kept: []kept{{}, {request: include}}, asks: method("PATCH"),
			want:   []told{{policy.CacheMethodMiss, "PATCH", ""}, {policy.CacheOtherMethod, "PUT, DELETE", "PATCH"}},
			forgot: forgetters},
		{name: "another header than two answers consent to", kept: []kept{{}, {request: include}}, asks: header("X-B", "1"),
			want:   []told{{policy.CacheHeaderMiss, "X-B", ""}, {policy.CacheOtherHeader, "X-A", "X-B"}},
			forgot: forgetters},
		{name: "another header than two answers consent to, each in its spelling", asks: header("X-B", "1"),
			kept: []kept{{answer: H("Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "X-A")},
				{request: include, answer: H("Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "x-a")}},
			want: []told{{policy.CacheHeaderMiss, "X-B", ""}, {policy.CacheOtherHeader, "X-A", "X-B"}},
			// Chromium keeps the later answer alone.
			but:    map[string][]told{"chromium": {{policy.CacheHeaderMiss, "X-B", ""}, {policy.CacheOtherHeader, "x-a", "X-B"}}},
			forgot: forgetters},
		{name: "with credentials", kept: one, asks: include,
			want:   []told{miss, {policy.CacheOtherCredentials, putUntil, "include"}},
			forgot: forgetters},
		{name: "an answer for credentials serves without", kept: []kept{{request: include}}, want: hit,
			but: map[string][]told{"firefox": {miss, {policy.CacheOtherCredentials, putUntil, "same-origin"}}}},
		{name: "a star kept with credentials", asks: include,
			kept: []kept{{request: include, answer: H("Access-Control-Allow-Methods", "*", "Access-Control-Allow-Headers", "*")}},
			want: []told{miss, {policy.CacheOtherMethod, "*", "PUT"}},
			// In the standard a kept star covers whatever is asked for with what it was kept for.
			but:    map[string][]told{"spec": {{policy.CacheHit, "*" + until + ", *" + until, ""}}},
			forgot: forgetters},
		{name: "a star and Authorization", asks: func(r *Request) { r.Method, r.Headers = "POST", H("Authorization", "x") },
			kept:   []kept{{answer: H("Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "*")}},
			want:   []told{{policy.CacheHeaderMiss, "Authorization", ""}, {policy.CacheOtherHeader, "*", "Authorization"}},
			but:    map[string][]told{"webkit": {{policy.CacheHit, "*" + until, ""}}},
			forgot: []string{"chromium"}},
		{name: "an upload listener's POST", kept: one, asks: listener, want: hit,
			but: map[string][]told{"spec": {{policy.CacheMethodMiss, "POST", ""}, {policy.CacheOtherMethod, "PUT, DELETE", "POST"}}}},
		{name: "an upload listener's POST once the answer is over", kept: one, after: 10 * time.Minute,
			asks: func(r *Request) { listener(r); r.Headers = nil },
			want: []told{{policy.CacheMethodMiss, "POST", ""}, {policy.CacheExpired, putUntil, ""}},
			but:  map[string][]told{"firefox": {{policy.CacheHit, putUntil, ""}}}},
		{name: "an upload listener's POST after an empty answer",
			kept: []kept{{answer: H("Access-Control-Allow-Methods", "")}},
			asks: func(r *Request) { listener(r); r.Headers = nil },
			want: []told{{policy.CacheHit, "an answer without names" + until, ""}},
			but:  map[string][]told{"spec": {{policy.CacheMethodMiss, "POST", ""}}}},
		{name: "another method after an empty answer", kept: []kept{{answer: H("Access-Control-Allow-Methods", "")}},
			want:   []told{miss, {policy.CacheOtherMethod, "", "PUT"}},
			but:    map[string][]told{"spec": {miss}},
			forgot: forgetters},
		{name: "HEAD", kept: one, asks: method("HEAD"), want: []told{{policy.CacheHit, "X-A" + until, ""}},
			but: map[string][]told{"firefox": {{policy.CacheMethodMiss, "HEAD", ""}, {policy.CacheOtherMethod, "PUT, DELETE", "HEAD"}}}},
		{name: "another URL of the host", kept: one, asks: at(url + "?q"), want: []told{miss, {policy.CacheOtherURL, url, url + "?q"}}},
		{name: "another host", kept: one, asks: at("https://api.example.net/x"), want: []told{miss}},
		{name: "another URL whose answer is over", kept: one, after: time.Hour, asks: at(url + "?q"), want: []told{miss}},
		{name: "another origin", kept: one, asks: func(r *Request) { r.Client.Origin = origin.MustParse("https://www.app.example") },
			want: []told{miss, {policy.CacheOtherOrigin, "https://app.example", "https://www.app.example"}}},
		{name: "a tab of another site", kept: one,
			asks: func(r *Request) { r.Client.TopLevelSite = policy.SiteOf(origin.MustParse("https://top.example")) },
			want: []told{miss, {policy.CacheOtherOrigin, "https://app.example", "https://top.example"}}},
		{name: "the cache mode no-store", kept: one, asks: cache(CacheNoStore), want: hit, but: bypasses("no-store", "chromium", "firefox")},
		{name: "the cache mode reload", kept: one, asks: cache(CacheReload), want: hit, but: bypasses("reload", "chromium", "firefox")},
		{name: "the cache mode no-cache", kept: one, asks: cache(CacheNoCache), want: hit, but: bypasses("no-cache", "chromium")},
		{name: "the cache mode force-cache", kept: one, asks: cache(CacheForceCache), want: hit},
		{name: "the cache mode reload where the answer is over", kept: one, asks: cache(CacheReload), after: 10 * time.Minute,
			want: []told{miss, {policy.CacheExpired, putUntil, ""}}, but: bypasses("reload", "chromium", "firefox")},
		{name: "the cache mode reload where nothing was kept", asks: cache(CacheReload), want: []told{miss},
			but: bypasses("reload", "chromium", "firefox")},
		{name: "a conditional header under the cache mode force-cache", kept: one, after: 10 * time.Minute,
			asks: func(r *Request) { r.Headers, r.Cache = H("If-None-Match", `"1"`), CacheForceCache },
			want: []told{miss, {policy.CacheExpired, putUntil, ""}}},
		{name: "a request of an opaque origin", kept: []kept{{request: opaque}}, asks: opaque, want: hit,
			but: map[string][]told{"chromium": {miss, {policy.CacheNotKept, "null", ""}}}},
		{name: "a request that was redirected by another origin", kept: []kept{{request: redirected}}, asks: redirected, want: hit,
			but: map[string][]told{"chromium": {miss, {policy.CacheNotKept, "null", ""}}, "webkit": {miss, {policy.CacheNotKept, "null", ""}}}},
		{name: "a request that was redirected by another origin to what was asked for directly", kept: one, asks: redirected,
			want: []told{miss, {policy.CacheOtherOrigin, "https://app.example", "null"}},
			but: map[string][]told{"chromium": {miss, {policy.CacheNotKept, "null", ""}}, "webkit": {miss, {policy.CacheNotKept, "null", ""}},
				"firefox": hit}},
	}
	for _, h := range [][2]string{{"If-None-Match", `"1"`}, {"If-Modified-Since", "Thu, 02 Jul 2026 12:00:00 GMT"},
		{"If-Match", `"1"`}, {"If-Unmodified-Since", "Thu, 02 Jul 2026 12:00:00 GMT"}, {"If-Range", `"1"`}} {
		kept, asks, want := conditional(h[0], h[1])
		rows = append(rows,
			row{name: "a script's " + h[0], kept: kept, asks: asks, want: want, but: bypasses(h[0], "chromium", "firefox")},
			row{name: "a script's " + h[0] + " with XMLHttpRequest", kept: kept, want: want, but: bypasses(h[0], "chromium"),
				asks: func(r *Request) { asks(r); r.XMLHttpRequest = true }})
	}
	for _, test := range rows {
		for _, profile := range []policy.Profile{{Name: "spec"}, policy.Chromium(), policy.Firefox(), policy.WebKit()} {
			t.Run(test.name+"/"+profile.Name, func(t *testing.T) {
				want, ok := test.but[profile.Name]
				if !ok {
					want = test.want
				}
				if slices.Contains(test.forgot, profile.Name) {
					want = append(slices.Clone(want), told{policy.CacheForgotten, url, ""})
				}
				c := new(PreflightCache)
				for _, k := range test.kept {
					if k.answer == nil {
						k.answer = consent
					}
					if k.seconds == 0 {
						k.seconds = 600
					}
					c.store(request(&profile, k.request), k.answer, k.seconds, start.UnixNano())
				}
				var got []told
				r := request(&profile, test.asks)
				p := params{f: &Fetcher{Cache: c, Now: func() time.Time { return start.Add(test.after) }}, r: r,
					trace: func(e policy.Event) { got = append(got, told(e)) }}
				p.preflightIsCached(r.unsafeNames(nil))
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("what the trace tells (-want +got), which is all that people have to find out why the browser asks again:\n%s", d)
				}
			})
		}
	}
}
