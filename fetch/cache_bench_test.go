package fetch

import (
	"container/list"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// manyURLs returns n URLs of one host.
func manyURLs(n int) []origin.URL {
	base := origin.MustParseURL("https://api.example.com/")
	urls := make([]origin.URL, n)
	for i := range urls {
		u, err := origin.ParseURL(fmt.Sprintf("/items/%d", i), &base)
		if err != nil {
			panic(err)
		}
		urls[i] = u
	}
	return urls
}

var consentToPUT = Headers{{"Access-Control-Allow-Methods", "PUT"}}

// putRequest is a PUT whose URL can be changed.
func putRequest() *Request {
	r := &Request{Method: "PUT", URL: origin.MustParseURL("https://api.example.com/"), Origin: origin.MustParse(everydayOrigin), Mode: CORS, UnsafeRequest: true}
	r.populateFromClient()
	return r
}

// BenchmarkPreflightCacheMillion holds a cache of a million entries to what it promises: look-ups and inserts in
// constant time, with as many URLs as entries, and with everyday answers of eight entries each. They are taken 256 at a time,
// whose URLs are made beforehand; what counts is median-ns, the median of a single one, which no pause of the machine or the
// collector moves. The peer is a map with a list, which has one entry a URL and reads no headers. What the machine allows is
// told by a single read of as much memory as the entries of the cache take, at a place that is not known before the last read
// is done: an insert waits for memory once, a look-up once or, where it finds something, twice.
func BenchmarkPreflightCacheMillion(b *testing.B) {
	now := time.Unix(1_800_000_000, 0)
	for _, entries := range []int{1_000, 1_000_000} {
		base := origin.MustParseURL("https://api.example.com/")
		// Neighbours in time are none in the cache.
		url := func(i int) origin.URL {
			u, err := origin.ParseURL("/items/"+strconv.Itoa(i*7919%(2*entries)), &base)
			if err != nil {
				b.Fatal(err)
			}
			return u
		}
		for _, test := range []struct {
			whose string
			each  int // entries of an answer
			make  func() benchedCache
		}{
			{"", 1, func() benchedCache { return &benchedPreflights{PreflightCache{MaxEntries: entries}, consentToPUT, now} }},
			{" by the peer", 1, func() benchedCache {
				return &mapAndList{max: entries, now: now, byKey: make(map[mapAndListKey]*list.Element)}
			}},
			{" of 8", 8, func() benchedCache {
				return &benchedPreflights{PreflightCache{MaxEntries: entries}, everydayPreflight.Headers, now}
			}},
		} {
			n := entries / test.each
			run := func(what string, asks func(i int) origin.URL, op func(c benchedCache, r *Request) bool) {
				b.Run(fmt.Sprintf("%s%s, %d entries", what, test.whose, entries), func(b *testing.B) {
					const batch = 256
					c, r := test.make(), putRequest()
					for i := range n {
						r.URL = url(i)
						c.insert(r)
					}
					if c.Len() != entries {
						b.Fatalf("%d entries, want %d", c.Len(), entries)
					}
					var asked [batch]origin.URL
					at, went := 0, 0
					reportMedian(b, batch, func() {
						// The URLs of a batch are made beforehand, as a page has just made the URL of its request.
						for i := range batch {
							asked[i] = asks(at + i)
						}
						at += batch
					}, func(i int) {
						r.URL = asked[i]
						if op(c, r) {
							went++
						}
					})
					if went == 0 {
						b.Fatal("nothing was found")
					}
					if c.Len() > entries {
						b.Fatalf("%d entries, want at most %d", c.Len(), entries)
					}
				})
			}
			// Every other URL is there.
			run("look-up", func(i int) origin.URL { return url(i * 104_729 % (2 * n)) }, benchedCache.lookUp)
			// When a URL comes again, it has long gone.
			run("insert", func(i int) origin.URL { return url(n + i) }, benchedCache.insert)
		}
		b.Run(fmt.Sprintf("one read of memory, %d entries", entries), func(b *testing.B) {
			memory := make([]byte, entries*int(unsafe.Sizeof(preflightGroup{})))
			for i := range memory {
				memory[i] = byte(i >> 12)
			}
			const batch = 256
			var at [batch]int
			rng, last := rand.New(rand.NewPCG(1, 2)), 0
			reportMedian(b, batch, func() {
				for i := range at {
					at[i] = rng.IntN(len(memory) - math.MaxUint8)
				}
			}, func(i int) { last = int(memory[at[i]+last]) })
		})
	}
}

// reportMedian measures how long f takes, a batch of calls at a time; before is called before each batch, outside of what is
// measured.
func reportMedian(b *testing.B, batch int, before func(), f func(i int)) {
	var samples []float64
	for b.Loop() {
		before()
		began := time.Now()
		for i := range batch {
			f(i)
		}
		samples = append(samples, float64(time.Since(began).Nanoseconds())/float64(batch))
	}
	if len(samples) > 0 {
		slices.Sort(samples)
		b.ReportMetric(samples[len(samples)/2], "median-ns")
	}
}

// A benchedCache is a cache that answers and is answered by requests.
type benchedCache interface {
	Len() int
	insert(r *Request) bool // true
	lookUp(r *Request) bool // whether an entry covers it
}

type benchedPreflights struct {
	PreflightCache
	answer Headers
	now    time.Time
}

func (c *benchedPreflights) insert(r *Request) bool {
	c.store(r, c.answer, 600, c.now.UnixNano())
	return true
}

func (c *benchedPreflights) lookUp(r *Request) bool { return c.Match(r, c.now).OK() }

// A mapAndList is a cache as anybody would write it: a map, and a list by last use.
type mapAndList struct {
	mu    sync.Mutex
	max   int
	now   time.Time
	byKey map[mapAndListKey]*list.Element
	byUse list.List // of *mapAndListEntry
}

type mapAndListKey struct {
	origin, url string
	partition   policy.Site
}

type mapAndListEntry struct {
	key mapAndListKey
	preflightEntry
}

func (c *mapAndList) Len() int { return c.byUse.Len() }

// find returns the entry for the request's URL, or nil.
func (c *mapAndList) find(r *Request) (mapAndListKey, *mapAndListEntry) {
	key := mapAndListKey{origin: r.serializedOrigin(), url: r.currentURL().String(), partition: *keyOf(r).partition}
	at := c.byKey[key]
	if at == nil {
		return key, nil
	}
	c.byUse.MoveToFront(at)
	return key, at.Value.(*mapAndListEntry)
}

func (c *mapAndList) lookUp(r *Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, e := c.find(r)
	return e != nil && e.name == r.Method && e.fresh(c.now.UnixNano())
}

func (c *mapAndList) insert(r *Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, e := c.find(r)
	if e != nil {
		e.maxAge = 600
		return true
	}
	if c.byUse.Len() == c.max {
		delete(c.byKey, c.byUse.Remove(c.byUse.Back()).(*mapAndListEntry).key)
	}
	c.byKey[key] = c.byUse.PushFront(&mapAndListEntry{key, preflightEntry{name: r.Method, stored: c.now.UnixNano(), maxAge: 600}})
	return true
}

// An answer for a URL that is kept goes to the entries that there are, also where the cache is full and these are the next
// to go, and nothing is forgotten because of it.
func TestAFullPreflightCacheKeepsWhatAnAnswerIsFor(t *testing.T) {
	for _, limit := range []int{1, 2, DefaultMaxPreflightEntries} {
		t.Run(fmt.Sprintf("%d entries", limit), func(t *testing.T) {
			const second = int64(time.Second)
			urls := manyURLs(limit)
			for _, which := range []int{0, limit / 2, limit - 1} {
				c, r := &PreflightCache{MaxEntries: limit}, putRequest()
				for i := range urls {
					r.URL = urls[i]
					c.store(r, consentToPUT, 600, 0)
				}
				r.URL = urls[which]
				c.store(r, consentToPUT, 60, 10*second)
				if n := c.Len(); n != limit {
					t.Errorf("%d entries after another answer for URL %d, want %d", n, which, limit)
				}
				// CORS-preflight fetch 7.13 changes the max-age, and not when the entry was made.
				for _, at := range []int64{59, 60} {
					if got, want := c.Match(r, time.Unix(at, 0)).OK(), at < 60; got != want {
						t.Errorf("after %d s the entry of URL %d serves: %v, want %v", at, which, got, want)
					}
				}
			}
		})
	}
}

// A hostile server sends as many names, URLs and lengths as it likes: the bound holds after every answer.
func TestThePreflightCacheStaysWithinItsBound(t *testing.T) {
	const limit = 1000
	names := func(n, from int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "x-%d, ", from+i)
		}
		return b.String()
	}
	urls := manyURLs(5000)
	now := time.Unix(1_800_000_000, 0).UnixNano()
	for _, test := range []struct {
		name   string
		answer func(i int) (Headers, int64)
	}{
		{"one method for each of many URLs", func(int) (Headers, int64) { return consentToPUT, 600 }},
		{"more names in one answer than the cache holds", func(int) (Headers, int64) {
			return Headers{{"Access-Control-Allow-Headers", names(3*limit, 0)}}, 600
		}},
		{"other names in every answer", func(i int) (Headers, int64) {
			return Headers{{"Access-Control-Allow-Headers", names(10, 10*i)}, {"Access-Control-Allow-Methods", names(10, 10*i)}}, 1 << 62
		}},
		{"names of a megabyte", func(int) (Headers, int64) {
			return Headers{{"Access-Control-Allow-Headers", strings.Repeat("x", 1<<20)}}, 600
		}},
		{"answers that are over at once", func(int) (Headers, int64) { return consentToPUT, 0 }},
		{"names that are too long to keep, for each of many URLs", func(int) (Headers, int64) {
			return Headers{{"Access-Control-Allow-Headers", strings.Repeat("x", maxCachedName+1)}}, 600
		}},
		{"methods that are too long to keep, for each of many URLs", func(int) (Headers, int64) {
			return Headers{{"Access-Control-Allow-Methods", strings.Repeat("x", maxCachedName+1)}}, 600
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, r := &PreflightCache{MaxEntries: limit}, putRequest()
			rounds := len(urls)
			if strings.Contains(test.name, "more names") || strings.Contains(test.name, "megabyte") {
				rounds = 50
			}
			for i := range rounds {
				r.URL = urls[i]
				h, maxAge := test.answer(i)
				c.store(r, h, maxAge, now+int64(i))
				if n := c.Len(); n > limit {
					t.Fatalf("%d entries after %d answers, want at most %d: a server could fill the browser's memory", n, i+1, limit)
				}
			}
			// What Len says is what there is.
			n := 0
			for g := range c.groups.newestFirst(len(c.groups.ring)) {
				n += len(g.entries())
			}
			if n != c.Len() || c.groups.n > limit+1 {
				t.Errorf("%d entries are kept in %d groups, and Len says %d", n, c.groups.n, c.Len())
			}
		})
	}
}
