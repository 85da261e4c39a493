package simulator

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// Two users with pages of two origins ask the same server, each with a browser of their own.
func TestASharedCacheGivesOneUsersAnswerToAnother(t *testing.T) {
	for _, test := range []struct {
		name  string
		vary  bool
		want  string
		asked int
	}{
		{"a server without Vary", false, "cors.allow-origin.mismatch", 1},
		{"Vary: Origin mends it", true, "response.cors", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := 0
			server := perOrigin(test.vary)
			cdn := &SharedCache{Now: stateStart, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
				asked++
				return server(r)
			})}
			one := (&Browser{Network: cdn, Now: stateStart}).Open("https://one.example/")
			two := (&Browser{Network: cdn, Now: stateStart}).Open("https://two.example/")
			if res := one.Fetch("https://api.example/x", Init{}); !res.Allowed() {
				t.Fatal(res)
			}
			res := two.Fetch("https://api.example/x", Init{})
			if got := res.Reason().Code(); got != test.want {
				t.Errorf("the second user's request ends at %s, want %s:\n%s", got, test.want, res)
			}
			if asked != test.asked {
				t.Errorf("the server was asked %d times, want %d", asked, test.asked)
			}
			if len(res.Exchanges()) != 1 || res.CacheState() != fetch.CacheStateNone {
				t.Errorf("%d exchanges, cache state %q: to the browser a shared cache is the network", len(res.Exchanges()), res.CacheState())
			}
		})
	}
}

func TestASharedCacheFollowsTheRulesOfSharedCaches(t *testing.T) {
	get := func(headers ...string) fetch.HTTPRequest {
		return fetch.HTTPRequest{Method: "GET", URL: origin.MustParseURL("https://api.example/x#f"), Headers: fetch.H(headers...)}
	}
	with := func(r fetch.HTTPRequest, method string) fetch.HTTPRequest { r.Method = method; return r }
	auth := []string{"Authorization", "Bearer a"}
	for _, test := range []struct {
		name   string
		answer []string
		first  fetch.HTTPRequest
		second fetch.HTTPRequest
		after  time.Duration
		reused bool
		step   policy.Step // of the second look, or of the first store
	}{
		{"a fresh answer is used again", []string{"Cache-Control", "max-age=60"}, get(), get(), 59 * time.Second, true, policy.HTTPCacheHit},
		{"an old one is not", []string{"Cache-Control", "max-age=60"}, get(), get(), time.Minute, false, policy.HTTPCacheStale},
		{"s-maxage wins over max-age", []string{"Cache-Control", "max-age=0, s-maxage=60"}, get(), get(), time.Second, true, policy.HTTPCacheHit},
		{"s-maxage=0 wins over max-age", []string{"Cache-Control", "max-age=60, s-maxage=0"}, get(), get(), time.Second, false, policy.HTTPCacheStale},
		{"s-maxage lets a status be stored that is not otherwise", []string{"Cache-Control", "s-maxage=60"}, get(), get(), time.Second, true, policy.HTTPCacheHit},
		{"private is not for a shared cache", []string{"Cache-Control", "private, max-age=60"}, get(), get(), time.Second, false, policy.HTTPCachePrivate},
		{"private with a list of headers counts in full", []string{"Cache-Control", `private="set-cookie", max-age=60`}, get(), get(), time.Second, false, policy.HTTPCachePrivate},
		{"an answer to Authorization is not stored", []string{"Cache-Control", "max-age=60"}, get(auth...), get(), time.Second, false, policy.HTTPCacheAuthorization},
		{"an answer to Authorization is stored if it is public", []string{"Cache-Control", "public, max-age=60"}, get(auth...), get(), time.Second, true, policy.HTTPCacheHit},
		{"an answer to Authorization is stored with must-revalidate", []string{"Cache-Control", "must-revalidate, max-age=60"}, get(auth...), get(), time.Second, true, policy.HTTPCacheHit},
		{"an answer to Authorization is stored with s-maxage", []string{"Cache-Control", "s-maxage=60"}, get(auth...), get(), time.Second, true, policy.HTTPCacheHit},
		{"an answer without Authorization serves one with it", []string{"Cache-Control", "max-age=60"}, get(), get(auth...), time.Second, true, policy.HTTPCacheHit},
		{"proxy-revalidate forbids what is stale", []string{"Cache-Control", "max-age=1, stale-while-revalidate=60, proxy-revalidate"}, get(), get(), 5 * time.Second, false, policy.HTTPCacheStale},
		{"stale-while-revalidate uses what is stale", []string{"Cache-Control", "max-age=1, stale-while-revalidate=60"}, get(), get(), 5 * time.Second, true, policy.HTTPCacheStaleWhileRevalidate},
		{"Vary tells requests apart", []string{"Cache-Control", "max-age=60", "Vary", "Accept"}, get("Accept", "a"), get("Accept", "b"), time.Second, false, policy.HTTPCacheVaryMiss},
		{"a POST drops what is stored", []string{"Cache-Control", "max-age=60"}, get(), with(get(), "POST"), time.Second, false, policy.HTTPCacheInvalidated},
		{"a HEAD is answered by what a GET brought", []string{"Cache-Control", "max-age=60"}, get(), with(get(), "HEAD"), time.Second, true, policy.HTTPCacheHit},
		{"a range goes around the cache", []string{"Cache-Control", "max-age=60"}, get(), get("Range", "bytes=0-1"), time.Second, false, policy.HTTPCacheStored},
		{"a preflight is never stored", []string{"Cache-Control", "max-age=60"}, with(get(), "OPTIONS"), with(get(), "OPTIONS"), time.Second, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := stateStart()
			var steps []policy.Step
			asked := 0
			s := &SharedCache{Now: func() time.Time { return now }, Trace: func(e policy.Event) { steps = append(steps, e.Step) },
				Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse {
					asked++
					res := reply(200, test.answer...)
					if strings.Contains(test.name, "a status") {
						res.Status = 403
					}
					return res
				})}
			roundTrip := func(r fetch.HTTPRequest) *fetch.HTTPResponse {
				res, err := s.RoundTrip(context.Background(), &r)
				if err != nil {
					t.Fatal(err)
				}
				return res
			}
			roundTrip(test.first)
			now = now.Add(test.after)
			res := roundTrip(test.second)
			age, aged := res.Headers.Get("Age")
			if aged != test.reused {
				t.Errorf("Age is %q, %v; a reused answer has one (RFC 9111, section 4), want reused = %v", age, aged, test.reused)
			}
			if aged && age != secondsText(test.after)[:len(age)] {
				t.Errorf("Age is %s after %v", age, test.after)
			}
			if want := map[bool]int{true: 1, false: 2}[test.reused]; asked != want && test.step != policy.HTTPCacheStaleWhileRevalidate {
				t.Errorf("the network was asked %d times, want %d", asked, want)
			}
			found := test.step == 0 && len(steps) == 0
			for _, s := range steps {
				found = found || s == test.step
			}
			if !found {
				t.Errorf("the steps are %v, want %v among them", steps, test.step)
			}
			if test.second.Method == "HEAD" && res.Body != nil {
				t.Error("the answer to HEAD has a body")
			}
		})
	}
}

func TestASharedCacheValidatesForItsClients(t *testing.T) {
	now := stateStart()
	var conditions []string
	s := &SharedCache{Now: func() time.Time { return now }, Network: serverFunc(func(r *fetch.HTTPRequest) *fetch.HTTPResponse {
		v, _ := r.Headers.Get("If-None-Match")
		conditions = append(conditions, v)
		if v == `"a"` {
			return reply(304, "ETag", `"a"`, "X-Checked", "yes")
		}
		return reply(200, "ETag", `"a"`, "Cache-Control", "max-age=60", "Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
	})}
	type got struct {
		Status   int
		Body     string
		Checked  bool
		Upstream []string
	}
	ask := func(headers ...string) got {
		conditions = nil
		r := fetch.HTTPRequest{Method: "GET", URL: origin.MustParseURL("https://api.example/x"), Headers: fetch.H(headers...)}
		res, err := s.RoundTrip(context.Background(), &r)
		if err != nil {
			t.Fatal(err)
		}
		return got{res.Status, string(res.Body), res.Headers.Has("X-Checked"), conditions}
	}
	for _, test := range []struct {
		name    string
		after   time.Duration
		headers []string
		want    got
	}{
		{"the first client fills the cache", 0, nil, got{200, "body", false, []string{""}}},
		{"a client that holds the answer is told so by the cache", 0, []string{"If-None-Match", `W/"a", "b"`}, got{304, "", false, nil}},
		{"a client that holds another gets the answer", 0, []string{"If-None-Match", `"b"`}, got{200, "body", false, nil}},
		{"a client that holds it by date is told so", 0, []string{"If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"}, got{304, "", false, nil}},
		{"a client that holds an older one gets the answer", 0, []string{"If-Modified-Since", "Wed, 31 Dec 2025 00:00:00 GMT"}, got{200, "body", false, nil}},
		{"an old answer is confirmed with the tag of the cache, not of the client", time.Minute, []string{"If-None-Match", `"b"`}, got{200, "body", true, []string{`"a"`}}},
		{"what was confirmed is fresh", time.Second, nil, got{200, "body", true, nil}},
	} {
		now = now.Add(test.after)
		if d := cmp.Diff(test.want, ask(test.headers...)); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
}

func TestASharedCachePassesFailuresOn(t *testing.T) {
	s := &SharedCache{Now: stateStart, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse { return nil })}
	b := &Browser{Network: s, Now: stateStart}
	if got := b.Open("https://app.example/").Fetch("/x", Init{}).Reason(); got != policy.NetworkFailed {
		t.Errorf("ends at %v, want %v", got, policy.NetworkFailed)
	}
	if len(s.Cached()) != 0 {
		t.Error("a failure is stored")
	}
}
