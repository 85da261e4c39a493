package policy

import (
	"math/rand/v2"
	"testing"

	"github.com/corsim/corsim/origin"
)

// https://html.spec.whatwg.org/#obtain-a-site
func TestSiteOf(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a host below its registrable domain", "https://www.example.com", "https://example.com"},
		{"the port does not count", "https://www.example.com:8443", "https://example.com"},
		{"the scheme does", "http://www.example.com", "http://example.com"},
		{"a suffix of two labels", "https://a.b.example.co.uk", "https://example.co.uk"},
		{"a private suffix", "https://someone.github.io", "https://someone.github.io"},
		{"a public suffix alone is its host", "https://github.io", "https://github.io"},
		{"a single label is its host", "http://localhost:3000", "http://localhost"},
		{"an IPv4 address is its host", "http://192.168.0.1:8080", "http://192.168.0.1"},
		{"an IPv6 address is its host", "http://[::1]:8080", "http://[::1]"},
		{"a trailing dot stays", "https://www.example.com.", "https://example.com."},
	} {
		o := origin.MustParse(test.in)
		if got := SiteOf(o).String(); got != test.want {
			t.Errorf("%s: the site of %s is %s, want %s", test.name, o, got, test.want)
		}
		if SiteOf(o) != SiteOf(origin.MustParse(test.in)) || SiteOf(o).IsZero() {
			t.Errorf("%s: the site of %s is not comparable by ==", test.name, o)
		}
	}
	o := origin.Opaque()
	same := o
	if SiteOf(o) != SiteOf(same) || SiteOf(o) == SiteOf(origin.Opaque()) || SiteOf(o).String() != "null" {
		t.Error("the site of an opaque origin is that origin, and of no other")
	}
	if !SiteOf(origin.Origin{}).IsZero() {
		t.Error("what is no origin has no site")
	}
}

// https://html.spec.whatwg.org/#same-site: its own examples and what follows from the Public Suffix List.
func TestSameSite(t *testing.T) {
	for _, test := range []struct {
		name, a, b         string
		schemeless, scheme bool
	}{
		{"the same origin", "https://example.com", "https://example.com", true, true},
		{"sibling hosts", "https://a.example.com", "https://b.example.com", true, true},
		{"a host and one below it", "https://example.com", "https://other.example.com", true, true},
		{"another port", "https://example.com", "https://example.com:8443", true, true},
		{"another scheme", "https://example.com", "http://example.com", true, false},
		{"another scheme and host", "https://a.example.com", "http://b.example.com", true, false},
		{"https and wss", "https://example.com", "wss://example.com", true, false},
		{"another domain", "https://example.com", "https://example.org", false, false},
		{"one name ends with the other, not at a dot", "https://example.com", "https://myexample.com", false, false},
		{"neighbours below a private suffix", "https://a.github.io", "https://b.github.io", false, false},
		{"a private suffix and a host below it", "https://github.io", "https://a.github.io", false, false},
		{"hosts below the same name below a private suffix", "https://x.a.github.io", "https://y.a.github.io", true, true},
		{"neighbours below a suffix of two labels", "https://a.co.uk", "https://b.co.uk", false, false},
		{"a wildcard suffix inside of a registrable domain", "https://example.amazonaws.com", "https://bucket.s3.amazonaws.com", false, false},
		{"the same public suffix", "https://co.uk", "https://co.uk", true, true},
		{"the same IPv4 address", "http://127.0.0.1:1", "http://127.0.0.1:2", true, true},
		{"IPv4 addresses that end alike", "http://1.2.3.4", "http://5.2.3.4", false, false},
		{"the same IPv6 address", "http://[::1]:1", "http://[::1]:2", true, true},
		{"localhost on two ports", "http://localhost:3000", "http://localhost:8080", true, true},
		{"localhost and its address", "http://localhost", "http://127.0.0.1", false, false},
		{"names below localhost", "http://a.localhost", "http://b.localhost", false, false},
		{"with and without a trailing dot", "https://example.com", "https://example.com.", false, false},
		{"siblings with a trailing dot", "https://a.example.com.", "https://b.example.com.", true, true},
	} {
		a, b := origin.MustParse(test.a), origin.MustParse(test.b)
		for _, pair := range [][2]origin.Origin{{a, b}, {b, a}} {
			if got := SchemelesslySameSite(pair[0], pair[1]); got != test.schemeless {
				t.Errorf("%s: SchemelesslySameSite(%v, %v) = %v", test.name, pair[0], pair[1], got)
			}
			if got := SameSite(pair[0], pair[1]); got != test.scheme {
				t.Errorf("%s: SameSite(%v, %v) = %v", test.name, pair[0], pair[1], got)
			}
		}
	}
}

// randomOrigins returns origins that are close enough to each other to be same site now and then.
func randomOrigins(n int) []origin.Origin {
	r := rand.New(rand.NewPCG(3, 4))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	all := []origin.Origin{{}, origin.Opaque(), origin.Opaque()}
	for range n {
		host := pick("com", "co.uk", "github.io", "s3.amazonaws.com", "localhost", "xn--p1ai", "ck", "kawasaki.jp")
		for range r.IntN(4) {
			host = pick("a", "b", "www", "city") + "." + host
		}
		if r.IntN(8) == 0 {
			host = pick("192.0.2.1", "192.0.2.2", "[::1]")
		}
		if r.IntN(8) == 0 && host[0] != '[' && host[0] != '1' {
			host += "."
		}
		all = append(all, origin.MustParse(pick("http", "https", "wss")+"://"+host+pick("", ":8443", ":9")))
	}
	return all
}

func TestLawsOfSites(t *testing.T) {
	all := randomOrigins(120)
	same := 0
	for _, a := range all {
		if SameSite(a, a) == a.IsZero() {
			t.Errorf("SameSite(%v, itself) = %v", a, SameSite(a, a))
		}
		for _, b := range all {
			ab := SameSite(a, b)
			if ab && a != b {
				same++
			}
			if ab != SameSite(b, a) || SchemelesslySameSite(a, b) != SchemelesslySameSite(b, a) {
				t.Errorf("%v and %v: not symmetric", a, b)
			}
			if ab && !SchemelesslySameSite(a, b) {
				t.Errorf("%v and %v: same site, but not schemelessly", a, b)
			}
			if a.SameOrigin(b) && !ab {
				t.Errorf("%v and %v: same origin, but not same site", a, b)
			}
			// The reference: sites compared whole, without any short cut.
			if want := !a.IsZero() && !b.IsZero() && SiteOf(a) == SiteOf(b); ab != want {
				t.Errorf("SameSite(%v, %v) = %v, but their sites are %v and %v", a, b, ab, SiteOf(a), SiteOf(b))
			}
			if !ab {
				continue
			}
			for _, c := range all {
				if SameSite(b, c) && !SameSite(a, c) {
					t.Errorf("%v, %v, %v: not transitive", a, b, c)
				}
			}
		}
	}
	if same < 50 {
		t.Errorf("only %d pairs of different origins are same site: they are too far apart to show anything", same)
	}
}

// https://html.spec.whatwg.org/#same-origin-domain: its own examples first.
func TestSameOriginDomain(t *testing.T) {
	for _, test := range []struct {
		name, a, domainA, b, domainB string
		want                         bool
	}{
		{"neither has a domain, same origin", "https://example.org", "", "https://example.org", "", true},
		{"neither has a domain, another port", "https://example.org:314", "", "https://example.org:420", "", false},
		{"both have the same domain, another port", "https://example.org:314", "example.org", "https://example.org:420", "example.org", true},
		{"one has a domain, same origin", "https://example.org", "", "https://example.org", "example.org", false},
		{"the same domain, another scheme", "https://example.org", "example.org", "http://example.org", "example.org", false},
		{"the same domain, other hosts", "https://a.example.org", "example.org", "https://b.example.org", "example.org", true},
		{"other domains, same origin", "https://a.example.org", "a.example.org", "https://a.example.org", "example.org", false},
	} {
		a, b := origin.MustParse(test.a), origin.MustParse(test.b)
		if got := SameOriginDomain(a, test.domainA, b, test.domainB); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
		if got := SameOriginDomain(b, test.domainB, a, test.domainA); got != test.want {
			t.Errorf("%s, the other way round: got %v", test.name, got)
		}
	}
	o, p := origin.Opaque(), origin.MustParse("https://example.org")
	if !SameOriginDomain(o, "", o, "") || SameOriginDomain(o, "", origin.Opaque(), "") || SameOriginDomain(o, "example.org", p, "example.org") {
		t.Error("an opaque origin is same origin-domain with itself alone")
	}
	if SameOriginDomain(origin.Origin{}, "", origin.Origin{}, "") || SameOriginDomain(origin.Origin{}, "a", origin.Origin{}, "a") {
		t.Error("what is no origin is same origin-domain with nothing")
	}
}

// https://html.spec.whatwg.org/#is-a-registrable-domain-suffix-of-or-is-equal-to: the cases that its table has, and more.
func TestIsRegistrableDomainSuffixOfOrIsEqualTo(t *testing.T) {
	for _, test := range []struct {
		suffix, host string
		want         bool
	}{
		{"0.0.0.0", "0.0.0.0", true},
		{"0x10203", "0.1.2.3", true},
		{"[0::1]", "[::1]", true},
		{"example.com", "example.com", true},
		{"example.com", "example.com.", false},
		{"example.com.", "example.com", false},
		{"example.com", "www.example.com", true},
		{"com", "example.com", false},
		{"example", "example", true},
		{"compute.amazonaws.com", "example.compute.amazonaws.com", false},
		{"example.compute.amazonaws.com", "www.example.compute.amazonaws.com", false},
		{"amazonaws.com", "www.example.compute.amazonaws.com", false},
		{"amazonaws.com", "test.amazonaws.com", true},
		{"EXAMPLE.com", "www.example.com", true},
		{"xample.com", "www.example.com", false},
		{"2.3", "1.1.2.3", false},
		{"1]", "[::1]", false},
		{"", "example.com", false},
		{".com", "example.com", false},
		{"a b", "example.com", false},
		{"example.com/", "example.com", false},
		{"github.io", "someone.github.io", false},
		{"someone.github.io", "a.someone.github.io", true},
	} {
		o := origin.MustParseURL("https://" + test.host + "/").Origin()
		if got := IsRegistrableDomainSuffixOfOrIsEqualTo(test.suffix, o); got != test.want {
			t.Errorf("document.domain = %q on %s: got %v, want %v", test.suffix, test.host, got, test.want)
		}
	}
	if IsRegistrableDomainSuffixOfOrIsEqualTo("example.com", origin.Opaque()) {
		t.Error("an opaque origin has no host")
	}
}

func TestComparisonsOfSitesDoNotAllocate(t *testing.T) {
	a, b := origin.MustParse("https://app.example.com"), origin.MustParse("https://app.example.com:8443")
	c, d := origin.MustParse("https://api.example.org"), origin.Opaque()
	local := origin.MustParse("http://192.168.0.1:8080")
	for _, test := range []struct {
		name string
		f    func()
	}{
		{"SameSite of the same host", func() { SameSite(a, b) }},
		{"SameSite of domains apart", func() { SameSite(a, c) }},
		{"SameSite of an opaque origin", func() { SameSite(a, d) }},
		{"SchemelesslySameSite of the same host", func() { SchemelesslySameSite(a, b) }},
		{"SiteOf an address", func() { SiteOf(local) }},
		{"SiteOf an opaque origin", func() { SiteOf(d) }},
		{"SameOriginDomain", func() { SameOriginDomain(a, "example.com", b, "example.com") }},
	} {
		if n := testing.AllocsPerRun(100, test.f); n != 0 {
			t.Errorf("%s allocates %v times; it is on the way of every request", test.name, n)
		}
	}
}
