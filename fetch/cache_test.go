package fetch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/origin"
)

// Whatever is stored, cleared and asked, in whatever order, a cache that is large enough says what the standard's list of
// entries says (https://fetch.spec.whatwg.org/#concept-cache); what is counted and indexed is what there is, in a small one
// as well.
func TestAPreflightCacheIsTheListOfTheStandard(t *testing.T) {
	var urls []origin.URL
	for _, host := range []string{"https://api.example", "http://api.example:8080", "https://b.example"} {
		// Paths as long as stand in a group, a byte longer and shorter, which differ in the last byte.
		for _, n := range []int{1, maxShortPath - 1, maxShortPath, maxShortPath + 1, 3 * maxShortPath} {
			for _, last := range "ab" {
				urls = append(urls, origin.MustParseURL(host+"/"+strings.Repeat("p", n-1)+string(last)))
			}
		}
	}
	origins := []origin.Origin{origin.MustParse("https://app.example"), origin.MustParse("https://other.example")}
	const large = 1 << 20
	for _, limit := range []int{1, 3, 10, 50, large} {
		t.Run(fmt.Sprintf("%d entries", limit), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(limit)))
			letters, methods := 0, 0 // how many of them a round has
			name := func() string {
				return [...]string{"X-Field-", "x-field-", "X-FIELD-"}[rng.IntN(3)] + string(rune('a'+rng.IntN(letters)))
			}
			method := func() string { return [...]string{"PUT", "DELETE", "PATCH", "put"}[rng.IntN(methods)] }
			hits := 0
			for round := range 80 {
				letters, methods = 26, 4
				urls := urls
				if round%2 == 0 {
					letters, methods, urls = 1+rng.IntN(26), 1+rng.IntN(4), urls[:1+rng.IntN(len(urls))]
				}
				fast, slow, now := &PreflightCache{MaxEntries: limit}, slowCache{}, int64(0)
				for step := range 150 {
					r := &Request{Method: method(), URL: urls[rng.IntN(1+rng.IntN(len(urls)))], Origin: origins[rng.IntN(2)],
						Credentials: Credentials(rng.IntN(2)), UnsafeRequest: true, Mode: CORS}
					r.appendURL(r.URL)
					for range rng.IntN(3) {
						r.Headers = append(r.Headers, Header{name(), "1"})
					}
					switch op := rng.IntN(10); {
					case op < 4:
						var names, methods []string
						for range rng.IntN([...]int{2, 4, 60}[rng.IntN(3)]) {
							names = append(names, name())
						}
						for range rng.IntN(3) {
							methods = append(methods, method())
						}
						if rng.IntN(8) == 0 {
							names = append(names, "*")
						}
						h := Headers{{"Access-Control-Allow-Methods", strings.Join(methods, ", ")}, {"Access-Control-Allow-Headers", strings.Join(names, ",")}}
						maxAge := [...]int64{0, 1, 2, 5, 600}[rng.IntN(5)]
						fast.store(r, h, maxAge, now)
						if limit == large {
							slow.store(r, h, maxAge, now)
						}
					case op == 4 && rng.IntN(4) == 0:
						fast.clear(r)
						slow = slices.DeleteFunc(slow, func(e slowEntry) bool { return e.key == slowKeyOf(r) })
					case op == 5:
						now += int64(rng.IntN(3)) * int64(time.Second)
					default:
						s, missing := fast.match(r, AppendCORSUnsafeRequestHeaderNames(nil, r.Headers), now, nil)
						if limit == large && s.OK() != slow.match(r, now) {
							t.Fatalf("step %d: match(%s %s from %s, %v) = %v %q, which is not what the list says", step, r.Method, r.URL, r.Origin, r.Headers, s, missing)
						}
						if s.OK() {
							hits++
						}
					}
					if limit < large || step%8 == 0 {
						checkPreflightCache(t, fast)
					}
					if n := fast.Len(); n > limit {
						t.Fatalf("step %d: %d entries, want at most %d", step, n, limit)
					}
				}
			}
			if hits == 0 && limit > 1 {
				t.Error("nothing was ever found")
			}
		})
	}
}

// checkPreflightCache holds what is counted, queued and indexed against what there is.
func checkPreflightCache(t *testing.T, c *PreflightCache) {
	t.Helper()
	checkGroupLog(t, &c.groups)
	entries, groups, of := 0, 0, map[*preflightPair]int{}
	for g := range c.groups.newestFirst(len(c.groups.ring)) {
		groups++
		list := g.entries()
		entries += len(list)
		of[g.pair]++
		switch {
		case len(list) == 0:
			t.Fatalf("the group for %s has no entries", g.url())
		case c.groups.find(g.pair.hashOf(c.seed, g.path()), g.pair, g.path()) != g:
			t.Fatalf("the group for %s is not found", g.url())
		case c.pairs[g.pair.pairKey] != g.pair:
			t.Fatalf("the pair of the group for %s is not known", g.url())
		}
		if g.more == nil || g.more.index == nil {
			continue
		}
		if len(g.more.index) != len(list) {
			t.Fatalf("an index of %d for %d entries", len(g.more.index), len(list))
		}
		for i := range list {
			if at, ok := g.more.index[list[i].key()]; !ok || at != i {
				t.Fatalf("entry %d, %s, is %d in the index", i, list[i].name, at)
			}
		}
	}
	if entries != c.entries || groups != c.groups.n || len(of) != len(c.pairs) {
		t.Fatalf("%d entries in %d groups of %d pairs are counted as %d, %d and %d", entries, groups, len(of), c.entries, c.groups.n, len(c.pairs))
	}
	for p, n := range of {
		if p.groups != n {
			t.Fatalf("%s has %d groups, and counts %d", p.host, n, p.groups)
		}
	}
	for _, p := range c.recent {
		if p != nil && of[p] == 0 {
			t.Fatalf("%s was found lately, and has no groups", p.host)
		}
	}
}

// A full cache forgets what came first, but looks a second time at what was used since.
func TestAFullPreflightCacheGivesWhatWasUsedASecondChance(t *testing.T) {
	urls := manyURLs(6)
	c, r := &PreflightCache{MaxEntries: 3}, putRequest()
	now := time.Unix(1_800_000_000, 0)
	for _, step := range []struct {
		store, match int // indices of urls, or -1
		want         string
	}{
		{0, -1, "0"},
		{1, -1, "10"},
		{2, -1, "210"},
		{-1, 0, "021"},
		{-1, 2, "201"},
		{3, -1, "320"}, // 1 goes, as 0 was used
		{4, -1, "432"}, // 0 goes, which was not used again, as 2 was used
		{-1, 3, "342"},
		{5, -1, "534"}, // 2 goes
		{4, -1, "453"}, // an answer is a use
		{-1, 5, "543"},
		{0, -1, "054"},
	} {
		if step.store >= 0 {
			r.URL = urls[step.store]
			c.store(r, consentToPUT, 600, now.UnixNano())
		} else {
			r.URL = urls[step.match]
			c.Match(r, now)
		}
		got := "" // used last first
		for _, e := range c.Entries(now) {
			got += e.URL[len(e.URL)-1:]
		}
		if got != step.want {
			t.Fatalf("after %+v the cache has %s, want %s", step, got, step.want)
		}
	}
}

// What an answer says is there after it, as far as there is room for it alone.
func TestAFullPreflightCacheForgetsNothingOfTheLastAnswer(t *testing.T) {
	answer := func(methods, names string) Headers {
		return Headers{{"Access-Control-Allow-Methods", methods}, {"Access-Control-Allow-Headers", names}}
	}
	now := time.Unix(1_800_000_000, 0)
	for _, test := range []struct {
		name    string
		limit   int
		before  int // URLs with one entry each, all of which were used
		answers []Headers
		url     int
		want    int // entries of the URL
	}{
		{"a new URL with three entries", 10, 9, []Headers{answer("PUT, PATCH, DELETE", "")}, 9, 3},
		{"the oldest URL with one entry more", 3, 3, []Headers{answer("PUT, PATCH", "")}, 0, 2},
		{"as many methods as there is room for, and a header", 2, 0, []Headers{answer("PUT, PATCH", "x-a")}, 0, 2},
		{"another method where there is no room", 2, 0, []Headers{answer("PUT, PATCH", ""), answer("DELETE", "")}, 0, 2},
		{"two answers", 4, 4, []Headers{answer("PUT, PATCH", ""), answer("DELETE", "x-a, x-b")}, 1, 4},
		{"no room at all", -1, 0, []Headers{answer("PUT, PATCH", "")}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			urls := manyURLs(10)
			c, r := &PreflightCache{MaxEntries: test.limit}, putRequest()
			for i := range test.before {
				r.URL = urls[i]
				c.store(r, consentToPUT, 600, now.UnixNano())
				c.Match(r, now)
			}
			r.URL = urls[test.url]
			for _, h := range test.answers {
				c.store(r, h, 600, now.UnixNano())
			}
			got := 0
			for _, e := range c.Entries(now) {
				if e.URL == r.URL.String() {
					got++
				}
			}
			if got != test.want || c.Len() > max(0, test.limit) {
				t.Errorf("%d entries for the URL of %d, want %d and at most %d", got, c.Len(), test.want, test.limit)
			}
			if step := c.Match(r, now); step.OK() != (test.want > 0) {
				t.Errorf("a PUT is covered: %v, want %v", step, test.want > 0)
			}
			checkPreflightCache(t, c)
		})
	}
}

// An answer without much room renews what is there.
func TestAFullGroupOfThePreflightCacheIsRenewed(t *testing.T) {
	const second = int64(time.Second)
	c, r := &PreflightCache{MaxEntries: 2}, putRequest()
	c.store(r, Headers{{"Access-Control-Allow-Methods", "PATCH, PUT"}}, 5, 0)
	c.store(r, Headers{{"Access-Control-Allow-Methods", "DELETE, QUERY, PUT"}}, 60, 1*second)
	if got := c.Match(r, time.Unix(50, 0)); !got.OK() {
		t.Errorf("after 50 s PUT is not covered (%v), want the max-age of the last answer (CORS-preflight fetch 7.13)", got)
	}
}

// A trace tells of another URL that is kept if that is among the last ones, and does not look at more.
func TestATraceLooksAtFewOfManyKeptURLs(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, between := range []int{0, 1, maxStoryGroups - 1, maxStoryGroups, maxStoryGroups + 1} {
		for _, forgotten := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d after it, forgotten: %v", between, forgotten), func(t *testing.T) {
				c, r := new(PreflightCache), putRequest()
				store := func(url string) *Request {
					r := putRequest()
					r.URL = origin.MustParseURL(url)
					c.store(r, consentToPUT, 600, now.UnixNano())
					return r
				}
				store("https://api.example.com/kept")
				var others []*Request
				for i := range between {
					others = append(others, store(fmt.Sprintf("https://other.example/%d", i)))
				}
				store("https://last.example/")
				for _, other := range others {
					if forgotten {
						c.clear(other)
					}
				}
				r.URL = origin.MustParseURL("https://api.example.com/asked")
				var story cacheStory
				c.match(r, nil, now.UnixNano(), &story)
				if got, want := len(story.events) > 0, between+2 <= maxStoryGroups; got != want {
					t.Errorf("the other URL is told of: %v, want %v", got, want)
				}
			})
		}
	}
}
