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
			name := func() string {
				return [...]string{"X-Field-", "x-field-", "X-FIELD-"}[rng.IntN(3)] + string(rune('a'+rng.IntN(26)))
			}
			method := func() string { return [...]string{"PUT", "DELETE", "PATCH", "put"}[rng.IntN(4)] }
			hits := 0
			for range 60 {
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
						slow.store(r, h, maxAge, now)
					case op == 4 && rng.IntN(4) == 0:
						fast.clear(r)
						slow = slices.DeleteFunc(slow, func(e slowEntry) bool { return e.key == slowKeyOf(r) })
					case op == 5:
						now += int64(rng.IntN(3)) * int64(time.Second)
					default:
						s, missing := fast.match(r, AppendCORSUnsafeRequestHeaderNames(nil, r.Headers), now, nil)
						want := slow.match(r, now)
						if s.OK() != want && limit == large {
							t.Fatalf("step %d: match(%s %s from %s, %v) = %v %q, want %v", step, r.Method, r.URL, r.Origin, r.Headers, s, missing, want)
						}
						if s.OK() && want {
							hits++
						}
					}
					checkPreflightCache(t, fast)
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
	entries, groups, of := 0, 0, map[*preflightPair]int{}
	for g := range c.groups.newestFirst() {
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
