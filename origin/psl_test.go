package origin

import (
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

// domainOf parses a host as the lists of public suffixes write it, in upper case or in Unicode. An origin whose host
// begins with a dot is fine for the parser; those lists have no registrable domain for it.
func domainOf(t *testing.T, host string) Origin {
	t.Helper()
	u, err := ParseURL("https://"+host+"/", nil)
	if err != nil {
		t.Fatalf("%s: %v", host, err)
	}
	return u.Origin()
}

func TestPublicSuffixListTests(t *testing.T) {
	text := string(readShared(t, "psl/tests.txt"))
	n := 0
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) != 2 || strings.HasPrefix(line, "//") || fields[0] == "null" {
			continue
		}
		n++
		want, has := "", fields[1] != "null"
		if has {
			want = domainOf(t, fields[1]).Host()
		}
		got, ok := domainOf(t, fields[0]).RegistrableDomain()
		if got != want || ok != has {
			t.Errorf("%s: the registrable domain is %q, %v; the list's own tests have %q\n(%s)", fields[0], got, ok, want, publicsuffix.List)
		}
	}
	t.Logf("%d domains, %s", n, publicsuffix.List)
	if n == 0 {
		t.Error("the file holds nothing that was tested")
	}
}

// The older format of the same tests, read on its own for what it has besides.
func TestPublicSuffixListTestsInTheOldFormat(t *testing.T) {
	n := 0
	for line := range strings.Lines(string(readShared(t, "psl/test_psl.txt"))) {
		call, ok := strings.CutPrefix(strings.TrimSpace(line), "checkPublicSuffix(")
		host, want, two := strings.Cut(strings.TrimSuffix(call, ");"), ", ")
		if !ok || !two || host == "null" {
			continue
		}
		n++
		host, want = strings.Trim(host, "'"), strings.Trim(want, "'")
		has := want != "null"
		if has {
			want = domainOf(t, want).Host()
		} else {
			want = ""
		}
		if got, ok := domainOf(t, host).RegistrableDomain(); got != want || ok != has {
			t.Errorf("%s: the registrable domain is %q, %v; the list's own tests have %q\n(%s)", host, got, ok, want, publicsuffix.List)
		}
	}
	if n == 0 {
		t.Error("the file holds nothing that was tested")
	}
}

// https://url.spec.whatwg.org/#host-registrable-domain: the standard's own examples, and where there is none.
func TestPublicSuffixAndRegistrableDomain(t *testing.T) {
	for _, test := range []struct{ host, suffix, domain string }{
		{"com", "com", ""},
		{"example.com", "com", "example.com"},
		{"www.example.com", "com", "example.com"},
		{"sub.www.example.com", "com", "example.com"},
		{"EXAMPLE.COM", "com", "example.com"},
		{"example.com.", "com.", "example.com."},
		{"github.io", "github.io", ""},
		{"whatwg.github.io", "github.io", "whatwg.github.io"},
		{"إختبار", "xn--kgbechtv", ""},
		{"example.إختبار", "xn--kgbechtv", "example.xn--kgbechtv"},
		{"sub.example.إختبار", "xn--kgbechtv", "example.xn--kgbechtv"},
		{"[2001:0db8:85a3:0000:0000:8a2e:0370:7334]", "", ""},
		{"192.0.2.1", "", ""},
		{"localhost", "localhost", ""},
		{"app.localhost", "localhost", "app.localhost"},
		{"example.co.uk", "co.uk", "example.co.uk"},
		{"co.uk.", "co.uk.", ""},
		{".com", "", ""},
		{"a..com", "", ""},
		{"example.com..", "", ""},
		{".", "", ""},
	} {
		o := domainOf(t, test.host)
		suffix, hasSuffix := o.PublicSuffix()
		domain, hasDomain := o.RegistrableDomain()
		if suffix != test.suffix || hasSuffix != (test.suffix != "") || domain != test.domain || hasDomain != (test.domain != "") {
			t.Errorf("%s: got %q, %v and %q, %v; want %q and %q", test.host, suffix, hasSuffix, domain, hasDomain, test.suffix, test.domain)
		}
	}
	for _, o := range []Origin{{}, Opaque(), MustParse("app://example.com")} {
		if s, ok := o.PublicSuffix(); ok {
			t.Errorf("%v has the public suffix %s, but its host is no domain", o, s)
		}
		if s, ok := o.RegistrableDomain(); ok {
			t.Errorf("%v has the registrable domain %s, but its host is no domain", o, s)
		}
	}
}
