package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

func TestCacheControlIsReadDirectiveByDirective(t *testing.T) {
	n := func(s int64) deltaSeconds { return deltaSeconds{true, true, s} }
	bad := deltaSeconds{set: true}
	for _, test := range []struct {
		name  string
		lines []string
		want  cacheControl
	}{
		{"nothing", nil, cacheControl{}},
		{"every directive", []string{"public, private, no-store, no-cache, must-revalidate, proxy-revalidate, immutable, max-age=1, s-maxage=2, stale-while-revalidate=3, min-fresh=4"},
			cacheControl{true, true, true, true, true, true, true, n(1), n(2), n(3), n(4), 0, false}},
		{"in any case", []string{"NO-STORE,Max-Age=1"}, cacheControl{noStore: true, maxAge: n(1)}},
		{"in two headers", []string{"no-store", "max-age=1"}, cacheControl{noStore: true, maxAge: n(1)}},
		{"empty elements", []string{",, no-store ,,"}, cacheControl{noStore: true}},
		{"spaces around the equals sign", []string{"max-age = 1 , no-store"}, cacheControl{noStore: true, maxAge: n(1)}},
		{"a quoted number", []string{`max-age="1"`}, cacheControl{maxAge: n(1)}},
		{"a quoted list behind a directive", []string{`no-cache="set-cookie, no-store", private="x"`}, cacheControl{noCache: true, private: true}},
		{"an escaped quote", []string{`x="a\", no-store", public`}, cacheControl{public: true}},
		{"a string without an end takes all the rest", []string{`x="a, no-store`}, cacheControl{}},
		{"a name that only begins like a directive", []string{"no-storex, xno-store, max-agex=1"}, cacheControl{}},
		{"semicolons separate nothing", []string{"no-store; max-age=1"}, cacheControl{}},
		{"no number", []string{"max-age=x"}, cacheControl{maxAge: bad}},
		{"no argument", []string{"max-age"}, cacheControl{maxAge: bad}},
		{"a number and no number", []string{"max-age=1, max-age=x"}, cacheControl{maxAge: deltaSeconds{true, false, 1}}},
		{"two numbers", []string{"max-age=1", "max-age=2"}, cacheControl{maxAge: deltaSeconds{true, false, 1}}},
		{"the same number twice", []string{"max-age=1, max-age=01"}, cacheControl{maxAge: n(1)}},
		{"a number beyond all others", []string{"max-age=" + strings.Repeat("9", 400)}, cacheControl{maxAge: n(maxDeltaSeconds)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var h fetch.Headers
			for _, l := range test.lines {
				h = append(h, fetch.Header{Name: "Cache-Control", Value: l})
			}
			if d := cmp.Diff(test.want, parseCacheControl(h, &policy.CacheRules{}), cmp.AllowUnexported(cacheControl{}, deltaSeconds{})); d != "" {
				t.Errorf("%q (-want +got); a directive misread is an answer reused wrongly, or not at all:\n%s", test.lines, d)
			}
		})
	}
}

func TestDatesAreReadInTheThreeFormatsOfHTTP(t *testing.T) {
	now := stateStart()
	want := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for _, test := range []struct {
		name, value string
		want        time.Time
		ok          bool
	}{
		{"IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", want, true},
		{"RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", want, true},
		{"asctime", "Sun Nov  6 08:49:37 1994", want, true},
		{"two digits at most 50 years ahead", "Monday, 01-Jan-76 00:00:00 GMT", time.Date(2076, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{"two digits more than 50 years ahead", "Saturday, 01-Jan-77 00:00:00 GMT", time.Date(1977, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{"a number", "0", time.Time{}, false},
		{"another zone", "Sun, 06 Nov 1994 08:49:37 EST", time.Time{}, false},
		{"a day that is none", "Sun, 32 Nov 1994 08:49:37 GMT", time.Time{}, false},
		{"nothing", "", time.Time{}, false},
	} {
		if got, ok := parseHTTPDate(test.value, now); ok != test.ok || !got.Equal(test.want) {
			t.Errorf("%s: parseHTTPDate(%q) = %v, %v; want %v, %v", test.name, test.value, got, ok, test.want, test.ok)
		}
	}
}

// The rows follow RFC 9111, sections 4.2.1 to 4.2.3, by hand.
func TestFreshnessFollowsDateAndAge(t *testing.T) {
	date := func(d time.Duration) string { return stateStart().Add(d).Format("Mon, 02 Jan 2006 15:04:05 GMT") }
	for _, test := range []struct {
		name          string
		headers       []string
		delay         time.Duration // between request and answer
		lifetime, age time.Duration
	}{
		{"max-age from now", []string{"Cache-Control", "max-age=60"}, 0, time.Minute, 0},
		{"Date in the past is age", []string{"Cache-Control", "max-age=60", "Date", date(-10 * time.Second)}, 0, time.Minute, 10 * time.Second},
		{"Date in the future is no age", []string{"Cache-Control", "max-age=60", "Date", date(time.Hour)}, 0, time.Minute, 0},
		{"a Date that is none is now", []string{"Cache-Control", "max-age=60", "Date", "yesterday"}, 0, time.Minute, 0},
		{"Age counts", []string{"Cache-Control", "max-age=60", "Age", "7"}, 0, time.Minute, 7 * time.Second},
		{"the time that the answer took counts with Age", []string{"Cache-Control", "max-age=60", "Age", "7"}, 3 * time.Second, time.Minute, 10 * time.Second},
		{"the greater of Date and Age counts", []string{"Age", "7", "Date", date(-10 * time.Second)}, 0, 0, 10 * time.Second},
		{"of several Ages the first counts", []string{"Age", "7, 9"}, 0, 0, 7 * time.Second},
		{"Expires counts from Date", []string{"Expires", date(time.Minute), "Date", date(-time.Minute)}, 0, 2 * time.Minute, time.Minute},
		{"Expires counts from now without Date", []string{"Expires", date(time.Minute)}, 0, time.Minute, 0},
		{"two Expires count as over", []string{"Expires", date(time.Minute), "Expires", date(time.Minute)}, 0, 0, 0},
		{"a tenth of the time since the last change", []string{"Last-Modified", date(-100 * time.Second)}, 0, 10 * time.Second, 0},
		{"a tenth of the time between the last change and Date", []string{"Last-Modified", date(-110 * time.Second), "Date", date(-10 * time.Second)}, 0, 10 * time.Second, 10 * time.Second},
		{"a change in the future is no guess", []string{"Last-Modified", date(time.Hour)}, 0, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, now := fetch.H(test.headers...), stateStart()
			c := parseCacheControl(h, &policy.CacheRules{})
			f := freshnessOf(200, h, &c, false, &policy.CacheRules{}, dateOf(h, &policy.CacheRules{}, now), ageOf(h, &policy.CacheRules{}), now.Add(-test.delay), now)
			if f.lifetime != test.lifetime || f.currentAge(now) != test.age {
				t.Errorf("lifetime %v, age %v; want %v, %v", f.lifetime, f.currentAge(now), test.lifetime, test.age)
			}
			if got := f.currentAge(now.Add(time.Minute)); got != test.age+time.Minute {
				t.Errorf("a minute later the age is %v, want %v", got, test.age+time.Minute)
			}
		})
	}
}

func cacheQuery(url string, headers ...string) fetch.CacheQuery {
	return fetch.CacheQuery{Method: "GET", URL: url, Headers: fetch.H(headers...), Now: stateStart}
}

// A hostile server may send any number of answers of any size for any number of URLs and values of Vary.
func TestTheHTTPCacheStaysWithinItsBounds(t *testing.T) {
	for _, test := range []struct {
		name string
		ask  func(i int) (fetch.CacheQuery, *fetch.HTTPResponse)
		most int // entries
	}{
		{"small answers to many URLs", func(i int) (fetch.CacheQuery, *fetch.HTTPResponse) {
			return cacheQuery(fmt.Sprintf("https://a.example/%d", i)), reply(200, "Cache-Control", "max-age=60")
		}, 100},
		{"large answers to many URLs", func(i int) (fetch.CacheQuery, *fetch.HTTPResponse) {
			res := reply(200, "Cache-Control", "max-age=60")
			res.Body = make([]byte, 100_000)
			return cacheQuery(fmt.Sprintf("https://a.example/%d", i)), res
		}, 10},
		{"answers that are larger than an eighth", func(i int) (fetch.CacheQuery, *fetch.HTTPResponse) {
			res := reply(200, "Cache-Control", "max-age=60")
			res.Body = make([]byte, 1<<20/8)
			return cacheQuery(fmt.Sprintf("https://a.example/%d", i)), res
		}, 0},
		{"answers to one URL that vary", func(i int) (fetch.CacheQuery, *fetch.HTTPResponse) {
			return cacheQuery("https://a.example/", "X-A", fmt.Sprint(i)), reply(200, "Cache-Control", "max-age=60", "Vary", "X-A")
		}, maxVariants},
		{"long values that Vary makes the cache remember", func(i int) (fetch.CacheQuery, *fetch.HTTPResponse) {
			return cacheQuery(fmt.Sprintf("https://a.example/%d", i), "X-A", strings.Repeat("a", 100_000)), reply(200, "Cache-Control", "max-age=60", "Vary", "X-A")
		}, 10},
		{"a Vary of many names", func(i int) (fetch.CacheQuery, *fetch.HTTPResponse) {
			return cacheQuery(fmt.Sprintf("https://a.example/%d", i)), reply(200, "Cache-Control", "max-age=60", "Vary", strings.Repeat("X-A, ", 10_000))
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &HTTPCache{MaxResponses: 100, MaxBytes: 1 << 20}
			for i := range 500 {
				q, res := test.ask(i)
				c.Store(q, res, stateStart(), stateStart())
				if n, bytes := c.Len(); n > test.most || bytes > 1<<20 || bytes < 0 {
					t.Fatalf("%d answers of %d bytes after %d requests, want at most %d and 1 MiB", n, bytes, i+1, test.most)
				}
			}
			n, bytes := c.Len()
			if test.most > 0 && n == 0 {
				t.Error("nothing is stored")
			}
			// What Len says is what there is, in every list.
			inURLs, size := 0, int64(0)
			for url, e := range c.byURL {
				for ; e != nil; e = e.sibling {
					inURLs++
					if e.url != url {
						t.Errorf("%s stands under %s", e.url, url)
					}
				}
			}
			byUse := 0
			for e := c.head; e != nil; e = e.next {
				byUse, size = byUse+1, size+e.size
			}
			if inURLs != n || byUse != n || size != bytes {
				t.Errorf("Len says %d answers of %d bytes; %d stand by URL, %d by use, of %d bytes", n, bytes, inURLs, byUse, size)
			}
			for range 2 {
				for _, r := range c.Cached() {
					q := cacheQuery(r.URL)
					c.Invalidate(q)
				}
			}
			if n, bytes := c.Len(); n != 0 || bytes != 0 {
				t.Errorf("after all was invalidated there are %d answers of %d bytes", n, bytes)
			}
		})
	}
}

func TestTheAnswerUsedLongestAgoGoesFirst(t *testing.T) {
	c := &HTTPCache{MaxResponses: 2}
	store := func(url string) {
		c.Store(cacheQuery(url), reply(200, "Cache-Control", "max-age=60"), stateStart(), stateStart())
	}
	store("https://a.example/1")
	store("https://a.example/2")
	if s := c.Select(cacheQuery("https://a.example/1")); s.Use != fetch.CacheUseFresh {
		t.Fatal(s.Step)
	}
	store("https://a.example/3")
	var got []string
	for _, r := range c.Cached() {
		got = append(got, r.URL)
	}
	if d := cmp.Diff([]string{"https://a.example/3", "https://a.example/1"}, got); d != "" {
		t.Errorf("what is left (-want +got):\n%s", d)
	}
}

// What is stored is used without the headers of the connection, and the server's own answer is left as it was.
func TestHeadersOfTheConnectionAreNotStored(t *testing.T) {
	c := new(HTTPCache)
	res := reply(200, "Cache-Control", "max-age=60", "Connection", "keep-alive, X-Hop", "Keep-Alive", "timeout=5", "X-Hop", "1",
		"Transfer-Encoding", "chunked", "Proxy-Authenticate", "Basic", "Set-Cookie", "a=1", "X-Kept", "1")
	before := append(fetch.Headers(nil), res.Headers...)
	c.Store(cacheQuery("https://a.example/"), res, stateStart(), stateStart())
	got := c.Select(cacheQuery("https://a.example/"))
	if d := cmp.Diff(fetch.H("Cache-Control", "max-age=60", "Set-Cookie", "a=1", "X-Kept", "1"), got.Response.Headers); d != "" {
		t.Errorf("the stored answer's headers (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before, res.Headers); d != "" {
		t.Errorf("the answer of the network was changed, which others may hold:\n%s", d)
	}
}

func TestTheHTTPCacheAllocatesNothingWhereNothingIsStored(t *testing.T) {
	c := new(HTTPCache)
	q := cacheQuery("https://a.example/1", "Accept", "*/*")
	for _, filled := range []bool{false, true} {
		if filled {
			c.Store(cacheQuery("https://a.example/2"), reply(200, "Cache-Control", "max-age=60"), stateStart(), stateStart())
		}
		if n := testing.AllocsPerRun(100, func() {
			if c.Select(q).Use != fetch.CacheUseNone {
				t.Fatal("something is found")
			}
		}); n != 0 {
			t.Errorf("%v allocations with filled = %v, want none: every request looks here first", n, filled)
		}
	}
	hit := cacheQuery("https://a.example/2", "Accept", "*/*")
	if n := testing.AllocsPerRun(100, func() {
		if c.Select(hit).Use != fetch.CacheUseFresh {
			t.Fatal("nothing is found")
		}
	}); n != 0 {
		t.Errorf("%v allocations for what is found, want none", n)
	}
}

func BenchmarkHTTPCacheSelect(b *testing.B) {
	for _, bench := range []struct {
		name   string
		stored int
		url    string
		use    fetch.CacheUse
	}{
		{"an empty cache", 0, "https://api.example.com/items/1", fetch.CacheUseNone},
		{"nothing for the URL", 10_000, "https://api.example.com/items/1", fetch.CacheUseNone},
		{"a fresh answer", 10_000, "https://api.example.com/stored/77", fetch.CacheUseFresh},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c := new(HTTPCache)
			for i := range bench.stored {
				c.Store(cacheQuery(fmt.Sprintf("https://api.example.com/stored/%d", i)), reply(200, "Cache-Control", "max-age=60"), stateStart(), stateStart())
			}
			q := cacheQuery(bench.url, "Accept", "*/*", "Origin", "https://app.example.com")
			b.ReportAllocs()
			for b.Loop() {
				if s := c.Select(q); s.Use != bench.use {
					b.Fatal(s)
				}
			}
		})
	}
}

func BenchmarkHTTPCacheStore(b *testing.B) {
	c := new(HTTPCache)
	q := cacheQuery("https://api.example.com/items/1", "Accept", "*/*", "Origin", "https://app.example.com")
	res := reply(200, "Date", "Thu, 02 Jul 2026 12:00:00 GMT", "Content-Type", "application/json", "Vary", "Origin", "Cache-Control", "private, max-age=0")
	b.ReportAllocs()
	for b.Loop() {
		if d := c.Store(q, res, stateStart(), stateStart()); d.Step != policy.HTTPCacheStored {
			b.Fatal(d)
		}
	}
}

// slowCacheControl reads Cache-Control by cutting it up: the twin of cacheControl.parse, which walks.
func slowCacheControl(v string) map[string][]string {
	var elements []string
	var cur strings.Builder
	quoted, afterEquals := false, false
	for i := 0; i < len(v); i++ {
		ch := v[i]
		switch {
		case quoted:
			cur.WriteByte(ch)
			if ch == '\\' && i+1 < len(v) {
				i++
				cur.WriteByte(v[i])
			} else if ch == '"' {
				quoted = false
			}
			continue
		case ch == ',':
			elements = append(elements, cur.String())
			cur.Reset()
			afterEquals = false
			continue
		case ch == '=' && !strings.Contains(cur.String(), "="):
			afterEquals = true
			cur.WriteByte(ch)
			continue
		case ch == '"' && afterEquals:
			quoted = true
		}
		if ch != ' ' && ch != '\t' {
			afterEquals = false
		}
		cur.WriteByte(ch)
	}
	elements = append(elements, cur.String())
	out := map[string][]string{}
	for _, e := range elements {
		name, argument, _ := strings.Cut(e, "=")
		argument = strings.Trim(argument, " \t")
		if strings.HasPrefix(argument, `"`) {
			for i := 1; i < len(argument); i++ {
				if argument[i] == '\\' {
					i++
				} else if argument[i] == '"' {
					argument = argument[1:i]
					break
				}
			}
		}
		name = strings.ToLower(strings.Trim(name, " \t"))
		out[name] = append(out[name], argument)
	}
	return out
}

func FuzzCacheControl(f *testing.F) {
	for _, s := range []string{"max-age=60, no-store", `private="a, no-cache", max-age="1"`, `x="\",`, "max-age = 1,,max-age=2", `max-age="60", max-age=60`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		var got cacheControl
		got.parse(v)
		want := slowCacheControl(v)
		has := func(name string) bool { _, ok := want[name]; return ok }
		for name, is := range map[string]bool{"no-store": got.noStore, "no-cache": got.noCache, "must-revalidate": got.mustRevalidate,
			"proxy-revalidate": got.proxyRevalidate, "private": got.private, "public": got.public, "immutable": got.immutable} {
			if is != has(name) {
				t.Fatalf("%q: %s is %v, its slow twin says %v", v, name, is, has(name))
			}
		}
		for name, d := range map[string]deltaSeconds{"max-age": got.maxAge, "s-maxage": got.sMaxAge,
			"stale-while-revalidate": got.staleWhileRevalidate, "min-fresh": got.minFresh} {
			valid, first := len(want[name]) > 0, int64(0)
			for i, a := range want[name] {
				n, ok := parseCacheSeconds(a)
				if i == 0 {
					first = n
				}
				valid = valid && ok && n == first
			}
			if d.set != has(name) || d.valid != valid || d.valid && d.seconds != first {
				t.Fatalf("%q: %s is %+v, its slow twin says %v, %v", v, name, d, want[name], valid)
			}
		}
	})
}

// FuzzFixdate holds the fast reader of dates against the library's, which takes names in any case besides.
func FuzzFixdate(f *testing.F) {
	for _, s := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", "Sat, 29 Feb 2025 00:00:00 GMT", "Sat, 29 Feb 2024 23:59:59 GMT", "Sun, 31 Apr 0000 24:60:60 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseFixdate(s)
		want, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", s)
		if ok && (err != nil || !got.Equal(want)) {
			t.Fatalf("parseFixdate(%q) = %v, the library says %v, %v", s, got, want, err)
		}
		if !ok && err == nil && want.Format("Mon, 02 Jan 2006 15:04:05 GMT")[3:] == s[3:] && len(s) == 29 && strings.Contains("SunMonTueWedThuFriSat", s[:3]) {
			t.Fatalf("parseFixdate(%q) refuses what the library reads as %v", s, want)
		}
	})
}

// FuzzHTTPCache sends hostile headers through store, select and freshen: no panic, and never a use before its time.
func FuzzHTTPCache(f *testing.F) {
	f.Add("max-age=60", "Origin", "Thu, 02 Jul 2026 12:00:00 GMT", "7", `"a"`, uint16(200), uint32(30))
	f.Add("stale-while-revalidate=9", "*", "0", "-1", "", uint16(404), uint32(1<<31))
	f.Fuzz(func(t *testing.T, control, vary, date, age, etag string, status uint16, after uint32) {
		now := stateStart()
		q := fetch.CacheQuery{Method: "GET", URL: "https://a.example/", Headers: fetch.H("Origin", "https://b.example"),
			Now: func() time.Time { return now }, Tell: true}
		res := reply(int(status), "Cache-Control", control, "Vary", vary, "Date", date, "Expires", date, "Last-Modified", date, "Age", age, "ETag", etag)
		c := new(HTTPCache)
		d := c.Store(q, res, now, now)
		n, _ := c.Len()
		if (n == 1) != (d.Step == policy.HTTPCacheStored) {
			t.Fatalf("%d answers are stored, and the step is %v", n, d.Step)
		}
		now = now.Add(time.Duration(after) * time.Second)
		s := c.Select(q)
		if s.Use != fetch.CacheUseNone && n == 0 {
			t.Fatal("what is not stored is used")
		}
		if e := c.head; s.Use == fetch.CacheUseFresh && (e.freshness.noCache || time.Duration(after)*time.Second >= e.freshness.lifetime) {
			t.Fatalf("an answer with %q is used after %d s", control, after)
		}
		if s.Response != nil {
			out := c.Freshen(q, s.Response, reply(304, "Cache-Control", control, "Vary", vary, "Age", age), now, now)
			if out.Status != int(status) {
				t.Fatalf("a confirmed answer has the status %d, want its own, %d", out.Status, status)
			}
		}
		if n, bytes := c.Len(); n > 1 || bytes < 0 {
			t.Fatalf("%d answers of %d bytes", n, bytes)
		}
	})
}

// A rule of a profile holds alone too: without the cache there is nothing that an unsafe method could drop.
func TestADocumentWithoutACacheSendsWhatItLikes(t *testing.T) {
	b := &Browser{
		Profile: policy.Profile{HTTPCache: policy.CacheRules{OpaqueOriginUncached: true}},
		Network: NewReplies(Reply{URL: "https://a.example/x", Response: &fetch.HTTPResponse{Status: 200,
			Headers: fetch.H("Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "*", "Cache-Control", "max-age=60")}}),
	}
	frame := b.Open("https://a.example/").Sandbox()
	for _, method := range []string{"GET", "PUT", "POST", "GET"} {
		if res := frame.Fetch("https://a.example/x", Init{Method: method}); !res.Allowed() || len(res.Exchanges()) == 0 {
			t.Errorf("%s from an opaque origin that has no cache: %v, with %d exchanges; want it sent and allowed", method, res.Verdict(), len(res.Exchanges()))
		}
	}
	if got := b.Cached(); len(got) > 0 {
		t.Errorf("the cache holds %d responses, want none", len(got))
	}
}
