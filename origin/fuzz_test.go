package origin

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// seeds adds the inputs of the public test data and of the benchmarks to a corpus.
func seeds(f *testing.F, add func(input, base string)) {
	for _, test := range readURLTestsIfThere(f) {
		base := ""
		if test.Base != nil {
			base = *test.Base
		}
		add(test.Input, base)
	}
	for _, file := range []string{"everyday.txt", "bare.txt", "hard.txt"} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			add(strings.TrimSuffix(line, "\n"), "")
		}
	}
}

// readURLTestsIfThere is readURLTests, but a fuzz target has other seeds and so goes on without the file.
func readURLTestsIfThere(f *testing.F) []urlTest {
	if _, err := os.Stat(sharedData); err != nil && os.Getenv("CI") != "true" {
		f.Logf("the seeds from the public test data are missing: %v", err)
		return nil
	}
	return readURLTests(f, "wpt-url/urltestdata.json")
}

// checkURL checks what has to hold for every URL.
func checkURL(t *testing.T, u URL) {
	t.Helper()
	same := cmp.AllowUnexported(URL{})
	href := u.String()
	if !isASCII(href) {
		t.Errorf("%q is not ASCII", href)
	}
	again, err := ParseURL(href, nil)
	if err != nil {
		t.Fatalf("the serialization does not parse: %v", err)
	}
	if diff := cmp.Diff(u, again, same); diff != "" {
		t.Errorf("the serialization parses to another URL (-first +second):\n%s", diff)
	}
	if slow, err := parseURL(href, nil); err != nil || slow != u {
		t.Errorf("the quick way and the parser differ (-first +second), %v:\n%s", err, cmp.Diff(u, slow, same))
	}
	if joined := join(u); joined != href {
		t.Errorf("the parts make %q, not %q", joined, href)
	}
	if relative, err := ParseURL("", &u); !u.OpaquePath() && (err != nil || relative.String() != u.WithoutFragment()) {
		t.Errorf("%q: nothing relative to it is %q, %v", href, relative, err)
	}
	for _, v := range []URL{u.WithFragment("", false), u.WithFragment("ä b", true), u.WithScheme("https"), u.WithScheme("ws")} {
		if again, err := ParseURL(v.String(), nil); err != nil || again != v {
			t.Errorf("%q was changed to %q, which does not come back (-first +second), %v:\n%s", href, v, err, cmp.Diff(v, again, same))
		}
	}
	for _, originOnly := range []bool{false, true} {
		v, ok := u.ForReferrer(originOnly)
		if !ok {
			continue
		}
		if again, err := ParseURL(v.String(), nil); err != nil || again != v {
			t.Errorf("%q was stripped to %q, which does not come back (-first +second), %v:\n%s", href, v, err, cmp.Diff(v, again, same))
		}
		if _, fragment := v.Fragment(); fragment || v.HasCredentials() {
			t.Errorf("%q was stripped to %q", href, v)
		}
	}

	o := u.Origin()
	of, err := Of(href)
	if err != nil || of.IsOpaque() != o.IsOpaque() || !o.IsOpaque() && of != o {
		t.Errorf("%q: the origins are %v and %v, %v", href, o, of, err)
	}
	if u.SameOrigin(o) != !o.IsOpaque() {
		t.Errorf("%q: SameOrigin(%v) is %v", href, o, u.SameOrigin(o))
	}
	if !o.IsOpaque() {
		if again, err := Parse(o.String()); err != nil || again != o {
			t.Errorf("the origin %v of %q does not parse to itself: %v", o, href, err)
		}
	}
}

// join puts the parts of u together as the URL serializer does.
func join(u URL) string {
	var b strings.Builder
	b.WriteString(u.Scheme() + ":")
	host, ok := u.Host()
	if ok {
		b.WriteString("//" + u.Username())
		if u.Password() != "" {
			b.WriteString(":" + u.Password())
		}
		if u.HasCredentials() {
			b.WriteByte('@')
		}
		b.WriteString(host)
		if port, ok := u.Port(); ok {
			b.Write(appendPort(nil, port))
		}
	} else if strings.HasPrefix(u.Path(), "//") {
		b.WriteString("/.")
	}
	b.WriteString(u.Path())
	if query, ok := u.Query(); ok {
		b.WriteString("?" + query)
	}
	if fragment, ok := u.Fragment(); ok {
		b.WriteString("#" + fragment)
	}
	return b.String()
}

func FuzzParseURL(f *testing.F) {
	seeds(f, func(input, base string) { f.Add(input, base) })
	f.Fuzz(func(t *testing.T, input, base string) {
		// Without a base, by either way.
		u, err := ParseURL(input, nil)
		slow, slowErr := parseURL(input, nil)
		if (err == nil) != (slowErr == nil) || u != slow {
			t.Fatalf("%q: the quick way and the parser differ (-quick +slow), %v, %v:\n%s", input, err, slowErr, cmp.Diff(u, slow, cmp.AllowUnexported(URL{})))
		}
		of, ofErr := Of(input)
		if (ofErr == nil) != (err == nil) {
			t.Fatalf("%q: Of: %v, ParseURL: %v", input, ofErr, err)
		}
		if err == nil {
			checkURL(t, u)
			if o := u.Origin(); of != o && !(o.IsOpaque() && of.IsOpaque()) {
				t.Errorf("%q: Of says %v, the URL's origin is %v", input, of, o)
			}
		} else {
			checkError(t, input, err)
		}
		// And relative to one.
		b, err := ParseURL(base, nil)
		if err != nil {
			return
		}
		if u, err := ParseURL(input, &b); err == nil {
			checkURL(t, u)
		} else {
			checkError(t, input, err)
		}
	})
}

func checkError(t *testing.T, input string, err error) {
	t.Helper()
	e, ok := err.(*Error)
	if !ok || e.Rule == "" || len(e.Input) > maxShown || e.Offset < -1 || e.Offset > len(input) {
		t.Errorf("%q: the error is %#v", input, err)
	}
	if utf8.ValidString(input) && !utf8.ValidString(e.Error()) {
		t.Errorf("%q: the error is not UTF-8: %q", input, e.Error())
	}
}

func FuzzParse(f *testing.F) {
	seeds(f, func(input, _ string) { f.Add(input) })
	for _, s := range []string{"null", "https://example.com:443", "https://[::1]:8443", "app://a", "http://1.2.3.4", "https://a.,b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := Parse(s)
		slow, slowErr := parseOrigin(s)
		if (err == nil) != (slowErr == nil) || o != slow {
			t.Fatalf("%q: the quick way and the parser differ: %v, %v (%v, %v)", s, o, slow, err, slowErr)
		}
		if err != nil {
			checkError(t, s, err)
			if want := err.(*Error).Want; want != "" {
				if _, err := Parse(want); err != nil {
					t.Errorf("%q: the remedy does not parse: %v", s, err)
				}
			}
			return
		}
		if o.String() != s || o.IsOpaque() || o.IsZero() {
			t.Errorf("%q comes back as %q", s, o)
		}
		u, err := ParseURL(s, nil)
		if err != nil {
			t.Fatalf("an origin has to be the beginning of a URL: %v", err)
		}
		if u.scheme.hasOrigin() && u.Origin() != o {
			t.Errorf("%q: as a URL it has the origin %v", s, u.Origin())
		}
	})
}

func FuzzParseHost(f *testing.F) {
	for _, s := range []string{"bücher.example", "例え。テスト", "xn--a.ß", "Ａ.é", "☕", "а1.б", "1.2.3.4", "0x7f.1", "[::1]", "[1::ffff:1.2.3.4]", "%C3%BC", "ß.xn--", "σ-.ς"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if quick, ok := appendQuickToASCII(nil, s); ok && !isASCII(s) {
			slow, fault := appendSlowToASCII(nil, s)
			if fault.bad() || string(quick) != string(slow) {
				t.Fatalf("%+q: the quick way makes %q, UTS 46 %q (%v)", s, quick, slow, fault.rule)
			}
		}
		host, kind, err := ParseHost(s)
		if err != nil {
			checkError(t, s, err)
			return
		}
		again, kind2, err := ParseHost(host)
		if err != nil || again != host || kind2 != kind {
			t.Errorf("%+q: %s (%v) parses to %s (%v), %v", s, host, kind, again, kind2, err)
		}
		if diff := cmp.Diff(kind, parsedKind(host), cmpopts.EquateComparable()); diff != "" {
			t.Errorf("%+q: %s is of another kind in a URL (-want +got):\n%s", s, host, diff)
		}
	})
}

// parsedKind returns the kind of host that a URL of the host has.
func parsedKind(host string) HostKind {
	u, err := ParseURL("https://"+host+"/", nil)
	if err != nil {
		return HostNone
	}
	return u.HostKind()
}
