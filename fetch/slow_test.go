package fetch

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// The slow twins: each algorithm as the standard writes it, with lists and strings, and no thought of speed.

func slowCORSCheck(requestOrigin string, c Credentials, h Headers) bool {
	allowOrigin, ok := slowGet(h, "Access-Control-Allow-Origin")
	if !ok {
		return false
	}
	if c != Include && allowOrigin == "*" {
		return true
	}
	if requestOrigin != allowOrigin {
		return false
	}
	if c != Include {
		return true
	}
	credentials, _ := slowGet(h, "Access-Control-Allow-Credentials")
	return credentials == "true"
}

func slowGet(h Headers, name string) (string, bool) {
	var values []string
	for _, x := range h {
		if slowLower(x.Name) == slowLower(name) {
			values = append(values, x.Value)
		}
	}
	return strings.Join(values, ", "), values != nil
}

func slowLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// slowExtract extracts header list values for a name whose ABNF is a list of tokens.
func slowExtract(h Headers, name string) (values []string, null, failure bool) {
	null = true
	for _, x := range h {
		if slowLower(x.Name) != slowLower(name) {
			continue
		}
		null = false
		for element := range strings.SplitSeq(x.Value, ",") {
			element = strings.Trim(element, " \t")
			if element == "" {
				continue
			}
			for _, c := range []byte(element) {
				if !strings.ContainsRune("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", rune(c)) {
					return nil, false, true
				}
			}
			values = append(values, element)
		}
	}
	return values, null, false
}

func slowUnsafeNames(h Headers) []string {
	var unsafe, potentially []string
	size := 0
	for _, x := range h {
		if !slowSafelisted(x.Name, x.Value) {
			unsafe = append(unsafe, slowLower(x.Name))
		} else {
			potentially = append(potentially, slowLower(x.Name))
			size += len(x.Value)
		}
	}
	if size > 1024 {
		unsafe = append(unsafe, potentially...)
	}
	slices.Sort(unsafe)
	return slices.Compact(unsafe)
}

func slowSafelisted(name, value string) bool {
	if len(value) > 128 {
		return false
	}
	unsafeByte := func() bool {
		for _, c := range []byte(value) {
			if c < 0x20 && c != 0x09 || strings.ContainsRune("\"():<>?@[\\]{}\x7f", rune(c)) && c < 0x80 {
				return true
			}
		}
		return false
	}
	switch slowLower(name) {
	case "accept":
		return !unsafeByte()
	case "accept-language", "content-language":
		for _, c := range []byte(value) {
			if c >= 0x80 || !strings.ContainsRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz *,-.;=", rune(c)) {
				return false
			}
		}
		return true
	case "content-type":
		if unsafeByte() {
			return false
		}
		m, ok := ParseMIMEType(value)
		return ok && slices.Contains([]string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}, m.Essence())
	case "range":
		rest, ok := strings.CutPrefix(value, "bytes=")
		first, last, dash := strings.Cut(rest, "-")
		digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
		if !ok || !dash || first == "" || !digits(first) || !digits(last) {
			return false
		}
		first, last = strings.TrimLeft(first, "0"), strings.TrimLeft(last, "0")
		if _, given, _ := strings.Cut(rest, "-"); given == "" {
			return true
		}
		return len(first) < len(last) || len(first) == len(last) && first <= last
	}
	return false
}

// slowPreflightCheck is CORS-preflight fetch 7.
func slowPreflightCheck(r *Request, res *HTTPResponse) bool {
	if !slowCORSCheck(r.serializedOrigin(), r.Credentials, res.Headers) || res.Status < 200 || res.Status > 299 {
		return false
	}
	methods, null, failure := slowExtract(res.Headers, "Access-Control-Allow-Methods")
	names, _, failure2 := slowExtract(res.Headers, "Access-Control-Allow-Headers")
	if failure || failure2 {
		return false
	}
	if null && r.usesCORSPreflight() {
		methods = []string{r.Method}
	}
	include := r.Credentials == Include
	if !slices.Contains(methods, r.Method) && !slices.Contains([]string{"GET", "HEAD", "POST"}, r.Method) &&
		(include || !slices.Contains(methods, "*")) {
		return false
	}
	listed := func(name string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slowLower(n) == slowLower(name) })
	}
	for _, h := range r.Headers {
		if slowLower(h.Name) == "authorization" && !listed(h.Name) {
			return false
		}
	}
	for _, name := range slowUnsafeNames(r.Headers) {
		if !listed(name) && (include || !slices.Contains(names, "*")) {
			return false
		}
	}
	return true
}

// slowExposed is main fetch 14.1 with the CORS filtered response.
func slowExposed(h Headers, c Credentials) Headers {
	names, _, failure := slowExtract(h, "Access-Control-Expose-Headers")
	exposed := map[string]bool{}
	if !failure {
		for _, n := range names {
			exposed[slowLower(n)] = true
		}
		if c != Include && slices.Contains(names, "*") {
			for _, x := range h {
				exposed[slowLower(x.Name)] = true
			}
		}
	}
	for _, n := range []string{"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"} {
		exposed[n] = true
	}
	delete(exposed, "set-cookie")
	delete(exposed, "set-cookie2")
	out := Headers{}
	for _, x := range h {
		if exposed[slowLower(x.Name)] {
			out = append(out, x)
		}
	}
	return out
}

// parseFuzzHeaders makes a header list of lines; a line without a colon is a name without a value.
func parseFuzzHeaders(text string) Headers {
	var h Headers
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, ":")
		h = append(h, Header{name, strings.Trim(value, " \t")})
	}
	return h
}

func fuzzCredentials(b byte) Credentials { return Credentials(b % 3) }

func FuzzCORSCheckAgainstItsSlowTwin(f *testing.F) {
	f.Add("https://app.example", "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true", byte(1))
	f.Add("null", "access-control-allow-origin: null", byte(0))
	f.Add("https://app.example", "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Origin: *", byte(0))
	f.Fuzz(func(t *testing.T, requestOrigin, headers string, credentials byte) {
		h, c := parseFuzzHeaders(headers), fuzzCredentials(credentials)
		if strings.Contains(requestOrigin, ", ") {
			return // no origin holds a space
		}
		if got, want := CORSCheck(requestOrigin, c, h), slowCORSCheck(requestOrigin, c, h); got.OK() != want {
			t.Fatalf("CORSCheck(%q, %v, %q) = %v, want %v", requestOrigin, c, h, got, want)
		}
	})
}

func FuzzPreflightCheckAgainstItsSlowTwin(f *testing.F) {
	f.Add("PUT", "Content-Type: application/json\nX-A: 1", "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: content-type, x-a", 204, byte(0), false)
	f.Add("PUT", "Authorization: a", "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: *", 200, byte(0), true)
	f.Add("put", strings.Repeat("X-A: 1\nX-B: 2\n", 12), "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: put,\nAccess-Control-Allow-Headers: ,x-a,, x-b ,x-a", 299, byte(1), false)
	f.Fuzz(func(t *testing.T, method, requestHeaders, responseHeaders string, status int, credentials byte, listener bool) {
		r := &Request{Method: method, Headers: parseFuzzHeaders(requestHeaders), Credentials: fuzzCredentials(credentials),
			Origin: origin.MustParse("https://app.example"), UploadListener: listener, UnsafeRequest: true}
		res := &HTTPResponse{Status: status, Headers: parseFuzzHeaders(responseHeaders)}
		if got, want := PreflightCheck(r, res, new(policy.Profile)), slowPreflightCheck(r, res); got.OK() != want {
			t.Fatalf("PreflightCheck(%+v, %+v) = %v, want %v", r, res, got, want)
		}
	})
}

func FuzzUnsafeNamesAgainstTheirSlowTwin(f *testing.F) {
	f.Add("Content-Type: text/plain\nX-B: 1\nx-a: 2\nX-A: 3")
	f.Add("Range: bytes=5-3\nRange: bytes=0-\nAccept-Language: en;q=0.5\nAccept: \"")
	f.Add(strings.Repeat("Accept: "+strings.Repeat("a", 128)+"\n", 9))
	f.Fuzz(func(t *testing.T, headers string) {
		h := parseFuzzHeaders(headers)
		var got []string
		for _, n := range AppendCORSUnsafeRequestHeaderNames(nil, h) {
			got = append(got, lower(n))
		}
		want := slowUnsafeNames(h)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("CORS-unsafe request-header names of %q (-want +got):\n%s", h, diff)
		}
		r := &Request{Method: "GET", Headers: h, UnsafeRequest: true}
		if got := Classify(r) == Preflighted; got != (len(want) > 0) {
			t.Fatalf("Classify(%q) = %v, but the unsafe names are %q", h, Classify(r), want)
		}
		if causes := AppendCauses(nil, r); (len(causes) > 0) != (len(want) > 0) {
			t.Fatalf("the causes for %q are %v, but the unsafe names are %q", h, causes, want)
		}
	})
}

func FuzzExposedHeadersAgainstTheirSlowTwin(f *testing.F) {
	f.Add("Access-Control-Expose-Headers: *\nX-A: 1\nSet-Cookie: a=b", byte(0))
	f.Add("Access-Control-Expose-Headers: x-a, x-b\nX-A: 1\nX-B: 2\nPragma: no-cache", byte(1))
	f.Add(strings.Repeat("X-A: 1\nAccess-Control-Expose-Headers: x-a,,\n", 20), byte(1))
	f.Fuzz(func(t *testing.T, headers string, credentials byte) {
		h, c := parseFuzzHeaders(headers), fuzzCredentials(credentials)
		got, _ := AppendCORSHeaders(Headers{}, h, c)
		if diff := cmp.Diff(slowExposed(h, c), got); diff != "" {
			t.Fatalf("headers that a CORS filtered response shows of %q (-want +got):\n%s", h, diff)
		}
	})
}

// slowCache is a CORS-preflight cache as the standard writes it: a list of entries.
type slowCache []slowEntry

type slowKey struct {
	url, origin string
	partition   policy.Site
}

func slowKeyOf(r *Request) slowKey {
	key := keyOf(r)
	return slowKey{key.url, key.origin, *key.partition}
}

type slowEntry struct {
	key          slowKey
	credentials  bool
	method, name string
	stored       int64
	maxAge       int64
}

func (c slowCache) matching(r *Request, now int64, f func(*slowEntry) bool) (found []*slowEntry) {
	for i := range c {
		e := &c[i]
		if e.key == slowKeyOf(r) && now < e.stored+e.maxAge*int64(time.Second) && (e.credentials || r.Credentials != Include) && f(e) {
			found = append(found, e)
		}
	}
	return found
}

func (c slowCache) method(r *Request, method string, now int64) []*slowEntry {
	return c.matching(r, now, func(e *slowEntry) bool { return e.method == method || e.method == "*" })
}

func (c slowCache) header(r *Request, name string, now int64) []*slowEntry {
	return c.matching(r, now, func(e *slowEntry) bool {
		return e.method == "" && (slowLower(e.name) == slowLower(name) || e.name == "*" && slowLower(name) != "authorization")
	})
}

func (c *slowCache) store(r *Request, h Headers, maxAge, now int64) {
	methods, null, _ := slowExtract(h, "Access-Control-Allow-Methods")
	if null && r.usesCORSPreflight() {
		methods = []string{r.Method}
	}
	names, _, _ := slowExtract(h, "Access-Control-Allow-Headers")
	add := func(found []*slowEntry, method, name string) {
		for _, e := range found {
			e.maxAge = maxAge
		}
		if found == nil {
			*c = append(*c, slowEntry{slowKeyOf(r), r.Credentials == Include, method, name, now, maxAge})
		}
	}
	for _, m := range methods {
		add(c.method(r, m, now), m, "")
	}
	for _, n := range names {
		add(c.header(r, n, now), "", n)
	}
}

func (c slowCache) match(r *Request, now int64) bool {
	if (!IsCORSSafelistedMethod(r.Method) || r.usesCORSPreflight()) && c.method(r, r.Method, now) == nil {
		return false
	}
	for _, n := range slowUnsafeNames(r.Headers) {
		if c.header(r, n, now) == nil {
			return false
		}
	}
	return true
}

// FuzzPreflightCacheAgainstItsSlowTwin plays a script of stores, look-ups, clears and waits on both caches.
func FuzzPreflightCacheAgainstItsSlowTwin(f *testing.F) {
	f.Add([]byte("s0PUT;x-a,x-b;5\nm0PUT;X-A\nw6\nm0PUT;X-A"))
	f.Add([]byte("s1*;*;9\nm0PUT;authorization\nm1DELETE;x-a\ns0PUT;x-q;0\nc0\nm0PUT;"))
	var many strings.Builder
	for i := range 40 {
		many.WriteString("s0PUT;x-")
		many.WriteString(strings.Repeat("a", i))
		many.WriteString(";7\nm0PUT;X-AA\nw1\n")
	}
	f.Add([]byte(many.String()))
	f.Add([]byte(strings.ReplaceAll(many.String(), ";x-a", ";X-A")))
	urls := []origin.URL{origin.MustParseURL("https://api.example/a"), origin.MustParseURL("https://api.example/b")}
	f.Fuzz(func(t *testing.T, script []byte) {
		fast, slow, now := &PreflightCache{MaxEntries: 1 << 20}, slowCache{}, int64(0)
		for line := range strings.SplitSeq(string(script), "\n") {
			if len(line) < 2 || len(slow) > 500 {
				continue
			}
			args := strings.SplitN(line[2:]+";;", ";", 4)
			if args[0] == "" {
				continue // no method is empty
			}
			r := &Request{Method: args[0], URL: urls[line[1]>>1&1], Origin: origin.MustParse("https://app.example"),
				Credentials: Credentials(line[1] & 1), UnsafeRequest: true}
			r.appendURL(r.URL)
			for name := range strings.SplitSeq(args[1], ",") {
				if name != "" {
					r.Headers = append(r.Headers, Header{name, "1"})
				}
			}
			switch line[0] {
			case 's':
				h := Headers{{"Access-Control-Allow-Methods", args[0]}, {"Access-Control-Allow-Headers", args[1]}}
				if _, _, failure := slowExtract(h[:1], h[0].Name); failure || len(args[0]) > maxCachedName {
					continue
				}
				if _, _, failure := slowExtract(h[1:], h[1].Name); failure || len(args[1]) > maxCachedName {
					continue
				}
				maxAge, _ := parseDeltaSeconds(args[2])
				maxAge = min(maxAge, 1000)
				fast.store(r, h, maxAge, now)
				slow.store(r, h, maxAge, now)
			case 'c':
				fast.clear(r)
				slow = slices.DeleteFunc(slow, func(e slowEntry) bool { return e.key == slowKeyOf(r) })
			case 'w':
				now += int64(line[1]%16) * int64(time.Second)
			default:
				got, name := fast.match(r, AppendCORSUnsafeRequestHeaderNames(nil, r.Headers), now, nil)
				if want := slow.match(r, now); got.OK() != want {
					t.Fatalf("after %q: match(%v %q) = %v %q, want %v", script, r.Method, r.Headers, got, name, want)
				}
			}
		}
	})
}
