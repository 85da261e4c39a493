package simulator

import (
	"fmt"
	"testing"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

func TestStrictTransportSecurityIsReadByItsGrammar(t *testing.T) {
	for _, test := range []struct {
		name, value string
		maxAge      int64
		subdomains  bool
		ok          bool
	}{
		{"max-age alone", "max-age=31536000", 31536000, false, true},
		{"both directives", "max-age=1; includeSubDomains", 1, true, true},
		{"in the other order", "includeSubDomains;max-age=1", 1, true, true},
		{"in any case", "INCLUDESUBDOMAINS; Max-Age=1", 1, true, true},
		{"quoted", `max-age="1"; includeSubDomains`, 1, true, true},
		{"quoted with an escape", `max-age="\1"`, 1, false, true},
		{"spaces around everything", " \tmax-age\t= 1 ;  includeSubDomains ", 1, true, true},
		{"empty directives", ";;max-age=1;;", 1, false, true},
		{"an unknown directive with a quoted semicolon", `x="a;max-age=2"; max-age=1`, 1, false, true},
		{"more than any number", "max-age=99999999999999999999999", maxDeltaSeconds, false, true},
		{"zero", "max-age=0", 0, false, true},
		{"nothing", "", 0, false, false},
		{"no max-age", "includeSubDomains", 0, false, false},
		{"max-age without a value", "max-age", 0, false, false},
		{"max-age with an empty value", "max-age=", 0, false, false},
		{"max-age with an empty string", `max-age=""`, 0, false, false},
		{"a fraction", "max-age=1.5", 0, false, false},
		{"a sign", "max-age=+1", 0, false, false},
		{"a directive twice", "max-age=1; MAX-AGE=1", 0, false, false},
		{"an unknown directive twice", "x; max-age=1; x", 0, false, false},
		{"includeSubDomains with a value", "max-age=1; includeSubDomains=true", 0, false, false},
		{"no name", "=1; max-age=1", 0, false, false},
		{"a name that is no token", "max age=1", 0, false, false},
		{"commas", "max-age=1, includeSubDomains", 0, false, false},
		{"a string without an end", `max-age="1`, 0, false, false},
		{"a string that ends in a backslash", `max-age=1; x="\`, 0, false, false},
		{"something behind a string", `max-age="1"x`, 0, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			maxAge, subdomains, ok := parseStrictTransportSecurity(test.value, false)
			if ok != test.ok || ok && (maxAge != test.maxAge || subdomains != test.subdomains) {
				t.Errorf("parseStrictTransportSecurity(%q) = %d, %v, %v; want %d, %v, %v",
					test.value, maxAge, subdomains, ok, test.maxAge, test.subdomains, test.ok)
			}
		})
	}
}

// How the profile of HSTSReadLoosely reads the header was seen in its browser.
func TestAStrictTransportSecurityThatIsReadLoosely(t *testing.T) {
	for _, test := range []struct {
		name, value string
		ok          bool
	}{
		{"no name", "max-age=600; =x", true},
		{"no name before max-age", "=1; max-age=600", true},
		{"no value", "max-age=600; foo=", true},
		{"neither", "max-age=600;=", true},
		{"an unknown directive twice", "max-age=600; x; x", true},
		{"max-age twice", "max-age=600; max-age=600", false},
		{"more than 64 bits", "max-age=18446744073709551616", false},
		{"max-age without a value", "max-age=", false},
		{"a string for a name", `max-age=600; "q"`, false},
		{"a string without an end", `max-age=600; x="\`, false},
		{"a name that is no token", "max-age=600; a b", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if maxAge, _, ok := parseStrictTransportSecurity(test.value, true); ok != test.ok || ok && maxAge != 600 {
				t.Errorf("parseStrictTransportSecurity(%q, true) = %d, %v; want 600, %v", test.value, maxAge, ok, test.ok)
			}
		})
	}
}

// A hostile server that owns a domain has as many hosts as it likes.
func TestTheHostsThatWantHTTPSAreBounded(t *testing.T) {
	var s hstsStore
	for i := range maxHSTSHosts + 100 {
		s.note(stateStart(), fmt.Sprintf("h%d.example", i), origin.HostDomain, "max-age=600", false)
	}
	if n := len(s.hosts(stateStart())); n != maxHSTSHosts {
		t.Errorf("%d hosts, want %d", n, maxHSTSHosts)
	}
	if _, ok := s.match(stateStart(), "h99.example"); ok {
		t.Error("the host noted longest ago is still there")
	}
	if _, ok := s.match(stateStart(), "h100.example"); !ok {
		t.Error("a host is gone that there was room for")
	}
}

func FuzzStrictTransportSecurity(f *testing.F) {
	for _, s := range []string{"max-age=1; includeSubDomains", `max-age="1"; x="a;\"b"`, ";;=", `max-age="`, "max-age=1,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		maxAge, subdomains, ok := parseStrictTransportSecurity(value, false)
		if !ok {
			return
		}
		if maxAge < 0 || maxAge > maxDeltaSeconds {
			t.Fatalf("max-age %d of %q", maxAge, value)
		}
		// What was understood can be said again, and an unknown directive beside it changes nothing.
		again := fmt.Sprintf("max-age=%d", maxAge)
		if subdomains {
			again += "; includeSubDomains"
		}
		if a, s, ok := parseStrictTransportSecurity(again+"; corsim-fuzz", false); !ok || a != maxAge || s != subdomains {
			t.Fatalf("%q comes back as %d, %v, %v", again, a, s, ok)
		}
		var store hstsStore
		store.note(stateStart(), "a.example", origin.HostDomain, value, false)
		_, known := store.match(stateStart().Add(time.Nanosecond), "a.example")
		_, child := store.match(stateStart().Add(time.Nanosecond), "b.a.example")
		if known != (maxAge > 0) || child != (known && subdomains) {
			t.Fatalf("%q: known %v, its child %v", value, known, child)
		}
	})
}

// TestOnlyItsOwnPagesAskAHostOverHTTPS has two pages ask a host that wants HTTPS, as a profile with HSTSFirstPartyAlone
// and as the standard do: one of the host's own site and one of another. What a page of another site does not do no
// case can show, since a case has one page.
func TestOnlyItsOwnPagesAskAHostOverHTTPS(t *testing.T) {
	for _, test := range []struct {
		name         string
		profile      policy.Profile
		own, foreign string
	}{
		{"the standard", policy.Profile{}, "https", "https"},
		{"with the rule", policy.Profile{HSTSFirstPartyAlone: true}, "https", "http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := Browser{Profile: test.profile, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse {
				return reply(200, "Access-Control-Allow-Origin", "*", "Strict-Transport-Security", "max-age=60")
			})}
			own, foreign := b.Open("http://app.example/"), b.Open("http://other.example/")
			own.Fetch("https://app.example/s", Init{})
			for _, asked := range []struct {
				by   *Page
				want string
			}{{own, test.own}, {foreign, test.foreign}} {
				res := asked.by.Fetch("http://app.example/x", Init{})
				if got := res.Exchanges()[0].Request.URL.Scheme(); got != asked.want {
					t.Errorf("a page at %v asks over %s, want %s: the host said to its own page that it wants HTTPS", asked.by.Origin(), got, asked.want)
				}
			}
		})
	}
}
