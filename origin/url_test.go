package origin

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestURLPartsTellNullFromEmpty(t *testing.T) {
	type parts struct {
		Scheme, User, Password, Host string
		Kind                         HostKind
		HasHost                      bool
		Port, Effective              uint16
		HasPort                      bool
		Path                         string
		Opaque                       bool
		Query                        string
		HasQuery                     bool
		Fragment                     string
		HasFragment                  bool
	}
	for _, test := range []struct {
		in   string
		want parts
	}{
		{"https://u:p@example.com:8443/a/b?c#d", parts{"https", "u", "p", "example.com", HostDomain, true, 8443, 8443, true, "/a/b", false, "c", true, "d", true}},
		{"https://u@example.com/?#", parts{"https", "u", "", "example.com", HostDomain, true, 0, 443, false, "/", false, "", true, "", true}},
		{"https://:p@example.com/", parts{"https", "", "p", "example.com", HostDomain, true, 0, 443, false, "/", false, "", false, "", false}},
		{"http://[::1]:80/", parts{"http", "", "", "[::1]", HostIPv6, true, 0, 80, false, "/", false, "", false, "", false}},
		{"http://0x7f.1/", parts{"http", "", "", "127.0.0.1", HostIPv4, true, 0, 80, false, "/", false, "", false, "", false}},
		{"file:///x", parts{"file", "", "", "", HostEmpty, true, 0, 0, false, "/x", false, "", false, "", false}},
		{"mailto:a@b?c", parts{"mailto", "", "", "", HostNone, false, 0, 0, false, "a@b", true, "c", true, "", false}},
		{"foo:", parts{"foo", "", "", "", HostNone, false, 0, 0, false, "", true, "", false, "", false}},
		{"foo:/a", parts{"foo", "", "", "", HostNone, false, 0, 0, false, "/a", false, "", false, "", false}},
		{"foo://", parts{"foo", "", "", "", HostEmpty, true, 0, 0, false, "", false, "", false, "", false}},
		{"foo://Host:80", parts{"foo", "", "", "Host", HostOpaque, true, 80, 80, true, "", false, "", false, "", false}},
		{"foo:/.//a", parts{"foo", "", "", "", HostNone, false, 0, 0, false, "//a", false, "", false, "", false}},
	} {
		u, err := ParseURL(test.in, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		got := parts{Scheme: u.Scheme(), User: u.Username(), Password: u.Password(), Kind: u.HostKind(), Effective: u.EffectivePort(), Path: u.Path(), Opaque: u.OpaquePath()}
		got.Host, got.HasHost = u.Host()
		got.Port, got.HasPort = u.Port()
		got.Query, got.HasQuery = u.Query()
		got.Fragment, got.HasFragment = u.Fragment()
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.in, diff)
		}
		if u.HasCredentials() != (test.want.User+test.want.Password != "") {
			t.Errorf("%s: HasCredentials is %v", test.in, u.HasCredentials())
		}
	}
}

func TestTheZeroURLIsNone(t *testing.T) {
	var u URL
	if !u.IsZero() || u.String() != "" || u.WithoutFragment() != "" || u.Scheme() != "" || u.HasCredentials() || u.IsSpecial() ||
		u.IsHTTP() || u.IsLocal() || u.OpaquePath() || !u.Origin().IsOpaque() || u.SameOrigin(Origin{}) || u.WithFragment("a", true) != u {
		t.Errorf("the zero value acts as a URL: %+v", u)
	}
	if _, ok := u.ForReferrer(false); ok {
		t.Error("the zero value makes a referrer")
	}
	if got, err := ParseURL("/x", &u); err == nil {
		t.Errorf("the zero value serves as a base: %v", got)
	}
}

func TestWithoutFragment(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com/a?b#c": "https://example.com/a?b",
		"https://example.com/#":     "https://example.com/",
		"https://example.com/":      "https://example.com/",
		"mailto:a#b":                "mailto:a",
	} {
		if got := MustParseURL(in).WithoutFragment(); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// https://fetch.spec.whatwg.org/#concept-response-location-url: a redirect without a fragment takes over the request's.
func TestWithFragment(t *testing.T) {
	for _, test := range []struct {
		name, in, fragment string
		present            bool
		want               string
	}{
		{"one is added", "https://example.com/a", "top", true, "https://example.com/a#top"},
		{"one is replaced", "https://example.com/a#b", "c", true, "https://example.com/a#c"},
		{"an empty one", "https://example.com/a#b", "", true, "https://example.com/a#"},
		{"none", "https://example.com/a#b", "ignored", false, "https://example.com/a"},
		{"spaces, quotes and backticks are encoded, the rest is not", "https://example.com/", "a b\"<>`#{|}é", true, "https://example.com/#a%20b%22%3C%3E%60#{|}%C3%A9"},
		{"tabs and newlines go", "https://example.com/", "a\t\r\nb", true, "https://example.com/#ab"},
	} {
		got := MustParseURL(test.in).WithFragment(test.fragment, test.present)
		if got.String() != test.want || got != MustParseURL(test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// https://url.spec.whatwg.org/#include-credentials
func TestWithoutCredentials(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a user name and a password", "https://user:pw@example.com:8443/a?b#c", "https://example.com:8443/a?b#c"},
		{"a user name alone", "http://user@[::1]/#", "http://[::1]/#"},
		{"neither", "https://example.com/@#c", "https://example.com/@#c"},
		{"a URL that can have none", "data:user:pw@x#c", "data:user:pw@x#c"},
	} {
		got := MustParseURL(test.in).WithoutCredentials()
		if got.String() != test.want || got != MustParseURL(test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	if got := (URL{}).WithoutCredentials(); !got.IsZero() {
		t.Errorf("the zero URL: got %q, want it as it is", got)
	}
}

// https://w3c.github.io/webappsec-referrer-policy/#strip-url
func TestForReferrer(t *testing.T) {
	for _, test := range []struct {
		name, in, full, origin string
	}{
		{"an everyday URL", "https://example.com/a?b", "https://example.com/a?b", "https://example.com/"},
		{"the fragment goes", "https://example.com/a?b#c", "https://example.com/a?b", "https://example.com/"},
		{"credentials go", "https://u:p@example.com:8443/a#c", "https://example.com:8443/a", "https://example.com:8443/"},
		{"file", "file:///a/b", "file:///a/b", "file:///"},
		{"a host without a path", "foo://h?a", "foo://h?a", "foo://h/"},
		{"an opaque path", "mailto:a@b?c#d", "mailto:a@b?c", "mailto:/"},
		{"a path of two slashes", "foo:/.//a?b", "foo:/.//a?b", "foo:/"},
		{"data", "data:,x", "", ""},
		{"about", "about:blank", "", ""},
		{"blob", "blob:https://example.com/x", "", ""},
	} {
		u := MustParseURL(test.in)
		for _, c := range []struct {
			originOnly bool
			want       string
		}{{false, test.full}, {true, test.origin}} {
			got, ok := u.ForReferrer(c.originOnly)
			if ok != (c.want != "") || got.String() != c.want || ok && got != MustParseURL(c.want) {
				t.Errorf("%s: %s, origin only %v: got %q, %v; want %q", test.name, test.in, c.originOnly, got, ok, c.want)
			}
		}
	}
}

// https://url.spec.whatwg.org/#dom-url-protocol
func TestWithScheme(t *testing.T) {
	for _, test := range []struct{ name, in, scheme, want string }{
		{"http to https", "http://example.com/a?b#c", "https", "https://example.com/a?b#c"},
		{"https to http", "https://example.com/", "http", "http://example.com/"},
		{"ws to wss", "ws://example.com/", "wss", "wss://example.com/"},
		{"the new default port goes", "http://u:p@example.com:443/a", "https", "https://u:p@example.com/a"},
		{"another port stays", "http://example.com:8080/a", "https", "https://example.com:8080/a"},
		{"the same scheme", "https://example.com:8080/", "https", "https://example.com:8080/"},
		{"not between families", "http://example.com/", "wss", "http://example.com/"},
		{"not to what is not special", "http://example.com/", "foo", "http://example.com/"},
		{"not to ftp", "http://example.com/", "ftp", "http://example.com/"},
		{"not from what is not special", "foo://example.com/", "http", "foo://example.com/"},
	} {
		got := MustParseURL(test.in).WithScheme(test.scheme)
		if got.String() != test.want || got != MustParseURL(test.want) {
			t.Errorf("%s: got %q (%+v), want %q", test.name, got, got, test.want)
		}
	}
}

func TestSchemesFallIntoClasses(t *testing.T) {
	for _, test := range []struct {
		in                   string
		special, http, local bool
	}{
		{"http://h/", true, true, false},
		{"https://h/", true, true, false},
		{"ws://h/", true, false, false},
		{"wss://h/", true, false, false},
		{"ftp://h/", true, false, false},
		{"file:///", true, false, false},
		{"about:blank", false, false, true},
		{"blob:x", false, false, true},
		{"data:,", false, false, true},
		{"javascript:0", false, false, false},
	} {
		u := MustParseURL(test.in)
		if u.IsSpecial() != test.special || u.IsHTTP() != test.http || u.IsLocal() != test.local {
			t.Errorf("%s: special %v, HTTP %v, local %v", test.in, u.IsSpecial(), u.IsHTTP(), u.IsLocal())
		}
	}
}

// https://url.spec.whatwg.org/#validation-error: the examples of each fault that ends the parser, and others.
func TestURLErrorsHaveTheNameOfTheStandardAndThePlace(t *testing.T) {
	base := MustParseURL("mailto:user@example.org")
	for _, test := range []struct {
		in    string
		base  *URL
		fault string
		at    int
	}{
		{"https://exa%23mple.org", nil, "domain-to-ASCII", -1},
		{"https://exa mple.org", nil, "domain-to-ASCII", 11},
		{"https://a\uFFFD.org", nil, "domain-to-ASCII", -1},
		{"foo://exa[mple.org", nil, "host-invalid-code-point", 9},
		{"https://1.2.3.4.5/", nil, "IPv4-too-many-parts", 16},
		{"https://test.42", nil, "IPv4-non-numeric-part", 8},
		{"https://1.2.3.08", nil, "IPv4-non-numeric-part", 14},
		{"https://255.255.4000.1", nil, "IPv4-out-of-range-part", 16},
		{"https://1.2.3.256", nil, "IPv4-out-of-range-part", 14},
		{"https://4294967296", nil, "IPv4-out-of-range-part", 8},
		{"https://[::1", nil, "IPv6-unclosed", 12},
		{"https://[:1]", nil, "IPv6-invalid-compression", 9},
		{"https://[1:2:3:4:5:6:7:8:9]", nil, "IPv6-too-many-pieces", 25},
		{"https://[1::1::1]", nil, "IPv6-multiple-compression", 14},
		{"https://[1:2:3!:4]", nil, "IPv6-invalid-code-point", 14},
		{"https://[1:2:3:]", nil, "IPv6-invalid-code-point", 15},
		{"https://[1:2:3]", nil, "IPv6-too-few-pieces", 14},
		{"https://[1:1:1:1:1:1:1:127.0.0.1]", nil, "IPv4-in-IPv6-too-many-pieces", 23},
		{"https://[ffff::.0.0.1]", nil, "IPv4-in-IPv6-invalid-code-point", 15},
		{"https://[ffff::127.0.xyz.1]", nil, "IPv4-in-IPv6-invalid-code-point", 21},
		{"https://[ffff::127.0xyz]", nil, "IPv4-in-IPv6-invalid-code-point", 20},
		{"https://[ffff::127.00.0.1]", nil, "IPv4-in-IPv6-invalid-code-point", 20},
		{"https://[ffff::127.0.0.1.2]", nil, "IPv4-in-IPv6-invalid-code-point", 24},
		{"https://[ffff::127.0.0.4000]", nil, "IPv4-in-IPv6-out-of-range-part", 23},
		{"https://[ffff::127.0.0]", nil, "IPv4-in-IPv6-too-few-parts", 22},
		{"💩", nil, "missing-scheme-non-relative-URL", 0},
		{"💩", &base, "missing-scheme-non-relative-URL", 0},
		{"", nil, "missing-scheme-non-relative-URL", 0},
		{"https://#fragment", nil, "host-missing", 8},
		{"https://:443", nil, "host-missing", 8},
		{"https://user:pass@", nil, "host-missing", 18},
		{"https://example.org:70000", nil, "port-out-of-range", 20},
		{"https://example.org:7z", nil, "port-invalid", 21},
		{" \t https://exa\tmp le.org", nil, "domain-to-ASCII", 17},
	} {
		u, err := ParseURL(test.in, test.base)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q parsed as %q", test.in, u)
			continue
		}
		if e.Fault.String() != test.fault || e.Offset != test.at || e.Input != test.in || e.Rule == "" {
			t.Errorf("%q: got %v\nwant %s at byte %d", test.in, err, test.fault, test.at)
		}
	}
}

// https://url.spec.whatwg.org/#ipv6-serializing and #concept-ipv6-parser, RFC 5952 section 4.
func TestIPv6(t *testing.T) {
	for in, want := range map[string]string{
		"[0:0:0:0:0:0:0:0]":       "[::]",
		"[0:0:0:0:0:0:0:1]":       "[::1]",
		"[1:0:0:0:0:0:0:0]":       "[1::]",
		"[0:f:0:0:f:f:0:0]":       "[0:f::f:f:0:0]",
		"[1:0:0:2:0:0:0:3]":       "[1:0:0:2::3]",
		"[1:0:2:3:4:5:6:7]":       "[1:0:2:3:4:5:6:7]",
		"[::1:2:3:4:5:6:7]":       "[0:1:2:3:4:5:6:7]",
		"[1:2:3:4:5:6:7::]":       "[1:2:3:4:5:6:7:0]",
		"[::FFFF:192.0.2.33]":     "[::ffff:c000:221]",
		"[1:2:3:4:5:6:0.0.0.255]": "[1:2:3:4:5:6:0:ff]",
		"[00ab::000c]":            "[ab::c]",
		"[1::8]":                  "[1::8]",
		"[1:2::7:8]":              "[1:2::7:8]",
	} {
		if got, kind, err := ParseHost(in); got != want || kind != HostIPv6 {
			t.Errorf("%s: got %s (%v), %v; want %s", in, got, kind, err, want)
		}
	}
	for _, in := range []string{"[]", "[:]", "[:::]", "[1]", "[12345::]", "[::1%25eth0]", "[1:2:3:4:5:6:7:8:]", "[::1.2.3]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::g]", "[::1]x"} {
		if got, _, err := ParseHost(in); err == nil {
			t.Errorf("%s: got %s", in, got)
		}
	}
}

// https://encoding.spec.whatwg.org/#utf-8-decoder: one U+FFFD for each longest beginning of a sequence.
func TestWhatIsNotUTF8BecomesReplacementCharacters(t *testing.T) {
	const r = "%EF%BF%BD"
	for in, want := range map[string]string{
		"\xFF":             r,
		"\xC3":             r,
		"\xC3a":            r + "a",
		"\xE2\x82":         r,
		"\xE2\x82a":        r + "a",
		"\xE2\x28\xA1":     r + "(" + r,
		"\xF0\x9F\x92":     r,
		"\xF0\x9F\x92\xF0": r + r,
		"\xED\xA0\x80":     r + r + r,
		"\xF4\x90\x80\x80": r + r + r + r,
		"\xC0\xAF":         r + r,
		"\xE0\x80\xAF":     r + r + r,
		"\x80\x80":         r + r,
		"\uFFFD":           r,
	} {
		if got := MustParseURL("https://example.com/" + in).Path(); got != "/"+want {
			t.Errorf("%q: got %s, want /%s", in, got, want)
		}
	}
}
