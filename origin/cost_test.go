package origin

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestNoAllocs(t *testing.T) {
	page := MustParse("https://app.example.com")
	opaque := Opaque()
	u := MustParseURL("https://api.example.com:8443/v1/items/42?expand=owner#top")
	credentials := MustParseURL("https://user:pw@api.example.com/")
	blob := MustParseURL("blob:https://app.example.com/550e8400")
	local := MustParse("http://192.168.1.20:8080")
	base := &u
	for _, test := range []struct {
		name string
		f    func()
	}{
		{"ParseURL of an everyday URL", func() { ParseURL("https://shop.example.co.uk/a/b.html?c=d%20e&f=.#g", nil) }},
		{"ParseURL of an absolute URL with a base", func() { ParseURL("https://shop.example.co.uk/.well-known/x", base) }},
		{"ParseURL with an IPv4 address", func() { ParseURL("http://192.168.1.20:8080/status.json", nil) }},
		{"Of an everyday URL", func() { Of("https://shop.example.co.uk/a/b.html?c=d%20e&f=.#g") }},
		{"Of a URL without a path", func() { Of("https://shop.example.co.uk") }},
		{"Parse", func() { Parse("https://shop.example.co.uk:8443") }},
		{"Parse of an IPv6 address", func() { Parse("wss://[2001:db8::1]:8443") }},
		{"ParseHeader", func() { ParseHeader("https://shop.example.co.uk") }},
		{"ParseHeader of null", func() { ParseHeader("null") }},
		{"ParseHost", func() { ParseHost("shop.example.co.uk") }},
		{"URL.Origin", func() { u.Origin() }},
		{"URL.SameOrigin", func() { u.SameOrigin(page) }},
		{"URL.SameOrigin with credentials", func() { credentials.SameOrigin(page) }},
		{"URL.SameOrigin of a blob", func() { blob.SameOrigin(page) }},
		{"URL.String", func() { _ = u.String() }},
		{"URL.WithoutFragment", func() { _ = u.WithoutFragment() }},
		{"URL.WithFragment, none", func() { u.WithFragment("", false) }},
		{"URL.ForReferrer", func() { u.ForReferrer(false) }},
		{"URL.ForReferrer, origin only", func() { u.ForReferrer(true) }},
		{"URL.PotentiallyTrustworthy", func() { u.PotentiallyTrustworthy() }},
		{"Origin.SameOrigin", func() { page.SameOrigin(opaque) }},
		{"Origin.String", func() { _ = page.String() }},
		{"Origin.Host", func() { _ = page.Host() }},
		{"Origin.PotentiallyTrustworthy", func() { local.PotentiallyTrustworthy() }},
		{"Origin.AddressSpace", func() { local.AddressSpace() }},
	} {
		if n := testing.AllocsPerRun(100, test.f); n != 0 {
			t.Errorf("%s allocates %v times; it is on the way of every request", test.name, n)
		}
	}
}

// adversarial returns inputs of about n bytes that cost most, by what makes them so.
func adversarial(n int) map[string]string {
	rep := func(unit string) string { return strings.Repeat(unit, n/len(unit)) }
	return map[string]string{
		"a path":                           "https://h/" + rep("a"),
		"slashes":                          "https://h/" + rep("/"),
		"segments of a dot":                "https://h" + rep("/."),
		"segments of dots, encoded":        "https://h" + rep("/%2e%2E"),
		"up and down":                      "https://h" + rep("/a/.."),
		"down, then up":                    "https://h" + strings.Repeat("/a", n/5) + strings.Repeat("/..", n/5),
		"one long segment, taken away":     "https://h/" + rep("a") + "/..",
		"a path to be encoded":             "https://h/" + rep("\""),
		"a path that is not ASCII":         "https://h/" + rep("é"),
		"a query to be encoded":            "https://h/?" + rep("'"),
		"a fragment to be encoded":         "https://h/#" + rep("`"),
		"percent signs":                    "https://h/" + rep("%"),
		"backslashes":                      "https:" + rep(`\`) + "h",
		"tabs":                             "https://h/" + rep("\ta"),
		"tabs alone":                       "https://h/" + rep("\t"),
		"spaces around":                    strings.Repeat(" ", n/2) + "https://h/" + strings.Repeat(" ", n/2),
		"at signs":                         "https://" + rep("@") + "h/",
		"colons and at signs":              "https://" + rep(":@") + "h/",
		"credentials":                      "https://" + rep("a") + "@h/",
		"a username to be encoded":         "https://" + rep("=") + "@h/",
		"a host":                           "https://" + rep("a") + "/",
		"a host in capitals":               "https://" + rep("A") + "/",
		"a host of dots":                   "https://" + rep(".") + "/",
		"a host of labels":                 "https://" + rep("a.") + "/",
		"a host of numbers":                "https://" + rep("1.") + "/",
		"a host of a number":               "https://" + rep("1") + "/",
		"a host of a hexadecimal number":   "https://0x" + rep("f") + "/",
		"a host of zeros":                  "https://" + rep("0") + "/",
		"a host of escapes":                "https://" + rep("%61") + "/",
		"a host that is not ASCII":         "https://" + rep("é") + "/",
		"a host of labels, not ASCII":      "https://" + rep("é.") + "/",
		"a host of xn-- labels, not ASCII": "https://é." + rep("xn--a.") + "/",
		"a host of escaped é":              "https://" + rep("%C3%A9") + "/",
		"an IPv6 address":                  "https://[" + rep("0:") + "]/",
		"an IPv6 address of colons":        "https://[" + rep(":") + "]/",
		"a port":                           "https://h:" + rep("1") + "/",
		"a port of zeros":                  "https://h:" + rep("0") + "/",
		"a scheme":                         rep("a") + ":",
		"no scheme":                        rep("a"),
		"an opaque path":                   "a:" + rep("a"),
		"an opaque path of spaces":         "a:" + rep(" ") + "#",
		"an opaque path to be encoded":     "a:" + rep("\x7f"),
		"an opaque host":                   "a://" + rep("a"),
		"an opaque host to be encoded":     "a://" + rep("é"),
		"blobs in blobs":                   rep("blob:"),
		"a blob of a long URL":             "blob:https://h/" + rep("\""),
		"file, up and down":                "file://" + rep("/a/.."),
		"file, drive letters":              "file:///c:" + rep("/.."),
		"what is not UTF-8":                "https://h/" + rep("\xFF"),
		"what begins to be UTF-8":          "https://h/" + rep("\xF0\x9F\x92"),
	}
}

// TestMemoryIsLinear bounds what a parse allocates; the time that it takes is BenchmarkAdversarial's.
func TestMemoryIsLinear(t *testing.T) {
	size := 2 << 20
	if raceDetector || testing.Short() {
		size /= 4
	}
	for name, input := range adversarial(size) {
		used := allocated(input)
		// Four times the input; where the result alone is larger, since each byte that is not UTF-8 becomes nine, that
		// and as much as the input again.
		limit := uint64(4 * len(input))
		if u, err := ParseURL(input, nil); err == nil {
			limit = max(limit, uint64(len(u.String())+len(input)))
		}
		if used > limit+limit/16 {
			t.Errorf("%s: %d bytes allocated for %d of input, more than %d", name, used, len(input), limit)
		}
	}
}

// allocated returns the least number of bytes, of three runs, that ParseURL and Origin allocate for input.
func allocated(input string) (used uint64) {
	var before, after runtime.MemStats
	for i := range 3 {
		runtime.ReadMemStats(&before)
		if u, err := ParseURL(input, nil); err == nil {
			u.Origin()
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; i == 0 || n < used {
			used = n
		}
	}
	return used
}

// BenchmarkAdversarial parses 1 MB and 10 MB of each adversarial shape: linear cost shows as the same MB/s, and the
// promise is 200 ms for 10 MB.
func BenchmarkAdversarial(b *testing.B) {
	small, large := adversarial(1<<20), adversarial(10<<20)
	for _, name := range slices.Sorted(maps.Keys(large)) {
		for size, input := range map[string]string{"1 MB": small[name], "10 MB": large[name]} {
			b.Run(name+"/"+size, func(b *testing.B) {
				b.SetBytes(int64(len(input)))
				b.ReportAllocs()
				for b.Loop() {
					if u, err := ParseURL(input, nil); err == nil {
						u.Origin()
					}
				}
			})
		}
	}
}
