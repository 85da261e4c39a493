package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// TestFreshnessIsReadAsABrowserWasSeenTo holds the rules of one browser's cache against what that browser did on
// 2026-11-22 and 2026-11-27, in versions 153.7.0esr and 153.8.0esr, with answers that had these headers and this status: a
// second request for the same URL was answered from the cache, or sent.
func TestFreshnessIsReadAsABrowserWasSeenTo(t *testing.T) {
	const epoch, end = "Mon, 01 Jan 1990 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
	rules := policy.Firefox().HTTPCache
	for _, test := range []struct {
		name    string
		status  int
		headers string // lines, separated by |
		fresh   bool
	}{
		{"an empty element ends the directives", 200, "Cache-Control: , max-age=600", false},
		{"so it does in the middle", 200, "Cache-Control: public,, max-age=600", false},
		{"but not at the end", 200, "Cache-Control: max-age=600,", true},
		{"nor does one that is unknown", 200, "Cache-Control: foo=bar, max-age=600", true},
		{"nor one with a comma in quotes", 200, `Cache-Control: foo="a, b", max-age=600`, true},
		{"what follows a number ends them", 200, "Cache-Control: max-age=600 x, no-cache", true},
		{"a semicolon does, too", 200, "Cache-Control: max-age=600;no-cache", true},
		{"a number ends at its last digit", 200, "Cache-Control: max-age=600.5", true},
		{"one that is too large is none", 200, "Cache-Control: max-age=4294967296", false},
		{"one that is just small enough counts", 200, "Cache-Control: max-age=4294967295", true},
		{"one in quotes is none", 200, `Cache-Control: max-age="600", public`, false},
		{"one with a sign is none", 200, "Cache-Control: max-age=+600", false},
		{"spaces around the equals sign do no harm", 200, "Cache-Control: max-age = 600", true},
		{"an argument that nobody wants ends them", 200, "Cache-Control: private=x, max-age=600", false},
		{"of several max-age the last counts", 200, "Cache-Control: max-age=0, max-age=600", true},
		{"also if it is no number", 200, "Cache-Control: max-age=600, max-age=x", false},
		{"lines are one list", 200, "Cache-Control: max-age=0|Cache-Control: max-age=600", true},
		{"a name that only begins like a directive", 200, "Cache-Control: no-cache-x, max-age=600", true},
		{"no-cache with names", 200, `Cache-Control: no-cache="a", max-age=600`, false},
		{"case does not matter", 200, "Cache-Control: NO-CACHE, max-age=600", false},
		{"Pragma counts beside Cache-Control", 200, "Pragma: no-cache|Cache-Control: max-age=600", false},

		{"an Expires in another zone's name", 200, "Expires: Fri, 01 Jan 2100 00:00:00 UTC", true},
		{"an Expires that is no date is over", 200, "Expires: never|Last-Modified: " + epoch, false},
		{"of several Expires the first counts", 200, "Expires: " + end + "|Expires: " + epoch, true},
		{"also if it is over", 200, "Expires: " + epoch + "|Expires: " + end, false},
		{"an Expires that is the Date", 200, "Expires: " + end + "|Date: " + end, false},
		{"a Date long ago", 200, "Cache-Control: max-age=600|Date: " + epoch, false},
		{"a Date that is none", 200, "Cache-Control: max-age=600|Date: x", true},
		{"a negative Age is a high one", 200, "Cache-Control: max-age=600|Age: -5", false},
		{"whatever digits it begins with", 200, "Cache-Control: max-age=600|Age: -05", false},
		{"and whatever follows them", 200, "Cache-Control: max-age=600|Age: -5x", false},
		{"of which 32 bits count", 200, "Cache-Control: max-age=600|Age: -4294967295", true},
		{"of the least number of 64 bits, if it is below", 200, "Cache-Control: max-age=600|Age: -99999999999999999999", true},
		{"-0 is none", 200, "Cache-Control: max-age=600|Age: -0", true},
		{"of several Ages the first counts", 200, "Cache-Control: max-age=600|Age: 5, 7000", true},

		{"a guess from Last-Modified", 200, "Last-Modified: " + epoch, true},
		{"one that must-revalidate does not stop", 200, "Last-Modified: " + epoch + "|Cache-Control: must-revalidate", true},
		{"one where max-age is no number", 200, "Last-Modified: " + epoch + "|Cache-Control: max-age=x", true},
		{"none from what lies ahead", 200, "Last-Modified: " + end, false},
		{"one for a 206", 206, "Last-Modified: " + epoch, true},
		{"none for a 302", 302, "Location: /t|Last-Modified: " + epoch, false},
		{"one for a private 307", 307, "Location: /t|Cache-Control: private|Last-Modified: " + epoch, true},
		{"one for a 301", 301, "Location: /t|Last-Modified: " + epoch, true},
		{"none for a 301 without Last-Modified", 301, "Location: /t", false},
		{"a 410 holds for ever", 410, "X-A: 1", true},
		{"a 404 does not hold at all", 404, "Cache-Control: max-age=600", false},
		{"nor does a 299", 299, "Cache-Control: max-age=600", false},
		{"a 303 that says so does", 303, "Location: /t|Cache-Control: max-age=600", true},
		{"a 303 that does not say so does not", 303, "Location: /t", false},
		{"a 301 that leads nowhere does not", 301, "Cache-Control: max-age=600", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := HTTPCache{rules: rules}
			now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
			q := fetch.CacheQuery{Method: "GET", URL: "https://app.example/x", Now: func() time.Time { return now }}
			var h fetch.Headers
			for line := range strings.SplitSeq(test.headers, "|") {
				name, value, _ := strings.Cut(line, ":")
				h = append(h, fetch.Header{Name: name, Value: strings.TrimSpace(value)})
			}
			c.Store(q, &fetch.HTTPResponse{Status: test.status, Headers: h}, now, now)
			if s := c.Select(q); (s.Use == fetch.CacheUseFresh) != test.fresh {
				t.Errorf("a %d with %q: fresh is %v (%v), want %v: so the browser did", test.status, test.headers, !test.fresh, s.Step, test.fresh)
			}
		})
	}
}

// TestAnswersOfOneKindServeThatKind holds apart what the rule AnswersApart holds apart, and drops of it what is asked
// to be dropped alone.
func TestAnswersOfOneKindServeThatKind(t *testing.T) {
	c := HTTPCache{rules: policy.Firefox().HTTPCache}
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	q := func(kind uint8) fetch.CacheQuery {
		return fetch.CacheQuery{Method: "GET", URL: "https://app.example/x", Kind: kind, Now: func() time.Time { return now }}
	}
	for kind := range uint8(3) {
		c.Store(q(kind), &fetch.HTTPResponse{Status: 200, Headers: fetch.Headers{{Name: "Cache-Control", Value: "max-age=600"}},
			Body: []byte{'0' + kind}}, now, now)
	}
	c.Invalidate(q(1))
	for kind, want := range map[uint8]string{0: "0", 1: "", 2: "2", 3: ""} {
		got := ""
		if s := c.Select(q(kind)); s.Response != nil {
			got = string(s.Response.Body)
		}
		if got != want {
			t.Errorf("kind %d is answered with %q, want %q: kinds share nothing", kind, got, want)
		}
	}
}

// TestAnswersThatLeadNowhereStay keeps an answer of 300 to 399 that is no redirect in the way of others until a reload.
func TestAnswersThatLeadNowhereStay(t *testing.T) {
	c := HTTPCache{rules: policy.Firefox().HTTPCache}
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	q := fetch.CacheQuery{Method: "GET", URL: "https://app.example/x", Now: func() time.Time { return now }}
	fresh := fetch.Headers{{Name: "Cache-Control", Value: "max-age=600"}}
	c.Store(q, &fetch.HTTPResponse{Status: 304, Headers: fresh}, now, now)
	c.Store(q, &fetch.HTTPResponse{Status: 200, Headers: fresh}, now, now)
	if s := c.Select(q); s.Response != nil {
		t.Errorf("a %d is served, want nothing: what came first is of no use, and stays", s.Response.Status)
	}
	c.Invalidate(q)
	c.Store(q, &fetch.HTTPResponse{Status: 200, Headers: fresh}, now, now)
	if s := c.Select(q); s.Use != fetch.CacheUseFresh {
		t.Errorf("after it was dropped an answer is stored and served as %v, want fresh", s.Use)
	}
}

// What an answer that says no-store leaves in Firefox is no stored response, and stays within the bounds.
func TestWhatSaysNoStoreLeavesNothingToSee(t *testing.T) {
	c := HTTPCache{rules: policy.Firefox().HTTPCache, MaxResponses: 10}
	store := func(url, control string) {
		c.Store(cacheQuery(url), reply(200, "Cache-Control", control), stateStart(), stateStart())
	}
	check := func(what string, stored, kept int) {
		t.Helper()
		entries := 0
		for e := c.head; e != nil; e = e.next {
			entries++
		}
		if n, _ := c.Len(); n != stored || len(c.Cached()) != stored || entries != kept {
			t.Fatalf("%s: Len says %d, Cached has %d, and %d are kept; want %d stored and %d kept", what, n, len(c.Cached()), entries, stored, kept)
		}
	}
	const url = "https://a.example/0"
	store(url, "no-store")
	check("after no-store", 0, 1)
	if s := c.Select(cacheQuery(url)); !s.Replaces || s.Use != fetch.CacheUseNone || s.Response != nil {
		t.Fatalf("Select = %+v, want nothing to use, and that an answer takes the place of something", s)
	}
	store(url, "no-store")
	check("after no-store again", 0, 1)
	store(url, "max-age=600")
	check("after a stored answer", 1, 1)
	store(url, "no-store")
	check("after no-store in its place", 0, 1)
	for i := range 100 {
		store(fmt.Sprintf("https://a.example/%d", i), "no-store")
	}
	check("after many", 0, 10)
	store(url, "max-age=600")
	check("after a stored one among them", 1, 10)
	c.Invalidate(cacheQuery(url))
	check("after its end", 0, 9)
	store(url, "no-store")
	c.Invalidate(cacheQuery(url))
	check("after the end of an empty one", 0, 9)
	c.Reset()
	check("after a reset", 0, 0)
	store(url, "max-age=600")
	check("after all", 1, 1)
}
