package origin

import (
	"encoding"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	_ encoding.TextAppender    = Origin{}
	_ encoding.TextMarshaler   = Origin{}
	_ encoding.TextUnmarshaler = &Origin{}
	_ encoding.TextAppender    = URL{}
	_ encoding.TextMarshaler   = URL{}
	_ encoding.TextUnmarshaler = &URL{}
)

// https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
func TestParseTakesWhatBrowsersWrite(t *testing.T) {
	type parts struct {
		Scheme, Host string
		Kind         HostKind
		Port         uint16
	}
	for _, test := range []struct {
		name, in string
		want     parts
	}{
		{"a domain", "https://example.com", parts{"https", "example.com", HostDomain, 443}},
		{"a port", "http://localhost:8080", parts{"http", "localhost", HostDomain, 8080}},
		{"the default port of another scheme", "http://example.com:443", parts{"http", "example.com", HostDomain, 443}},
		{"port zero", "https://example.com:0", parts{"https", "example.com", HostDomain, 0}},
		{"the largest port", "https://example.com:65535", parts{"https", "example.com", HostDomain, 65535}},
		{"an IPv4 address", "http://192.0.2.1", parts{"http", "192.0.2.1", HostIPv4, 80}},
		{"an IPv6 address", "https://[2001:db8::1]:8443", parts{"https", "[2001:db8::1]", HostIPv6, 8443}},
		{"a domain in xn-- form", "https://xn--bcher-kva.example", parts{"https", "xn--bcher-kva.example", HostDomain, 443}},
		{"an invalid xn-- label", "https://xn--a.example", parts{"https", "xn--a.example", HostDomain, 443}},
		{"a trailing dot", "https://example.com.", parts{"https", "example.com.", HostDomain, 443}},
		{"an underscore", "https://a_b.example", parts{"https", "a_b.example", HostDomain, 443}},
		{"a rare character of a domain", "https://a~b!.example", parts{"https", "a~b!.example", HostDomain, 443}},
		{"hex letters at the end of a domain", "https://cafe", parts{"https", "cafe", HostDomain, 443}},
		{"a digit at the end of a label", "https://host1.example", parts{"https", "host1.example", HostDomain, 443}},
		{"ws", "ws://example.com", parts{"ws", "example.com", HostDomain, 80}},
		{"wss", "wss://example.com", parts{"wss", "example.com", HostDomain, 443}},
		{"ftp", "ftp://example.com", parts{"ftp", "example.com", HostDomain, 21}},
		{"the scheme of an extension", "chrome-extension://abcdefghijklmnop", parts{"chrome-extension", "abcdefghijklmnop", HostOpaque, 0}},
		{"a scheme without a default port, with one", "app+x://h:80", parts{"app+x", "h", HostOpaque, 80}},
	} {
		o, err := Parse(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		got := parts{o.Scheme(), o.Host(), o.HostKind(), o.Port()}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", test.name, test.in, diff)
		}
		if o.String() != test.in || o.IsZero() || o.IsOpaque() || !o.SameOrigin(o) {
			t.Errorf("%s: %q comes back as %q", test.name, test.in, o)
		}
	}
}

// https://fetch.spec.whatwg.org/#origin-header
func TestParseSaysWhatIsWrongAndWhatIsRight(t *testing.T) {
	for _, test := range []struct {
		name, in string
		at       int
		fault    Fault
		want     string
	}{
		{"nothing", "", 0, FaultUnnamed, ""},
		{"null", "null", 0, FaultUnnamed, ""},
		{"a trailing slash", "https://example.com/", 19, FaultUnnamed, "https://example.com"},
		{"a path", "https://example.com/a", 19, FaultUnnamed, "https://example.com"},
		{"a slash after the port", "https://example.com:8443/", 24, FaultUnnamed, "https://example.com:8443"},
		{"a query", "https://example.com?a", 19, FaultUnnamed, "https://example.com"},
		{"a fragment", "https://example.com#a", 19, FaultUnnamed, "https://example.com"},
		{"the default port of https", "https://example.com:443", 19, FaultUnnamed, "https://example.com"},
		{"the default port of http", "http://example.com:80", 18, FaultUnnamed, "http://example.com"},
		{"the default port of wss", "wss://example.com:443", 17, FaultUnnamed, "wss://example.com"},
		{"a capital in the host", "https://Example.com", 8, FaultUnnamed, "https://example.com"},
		{"a capital in the scheme", "Https://example.com", 0, FaultUnnamed, "https://example.com"},
		{"capitals in the scheme later on", "hTTPS://example.com", 1, FaultUnnamed, "https://example.com"},
		{"a space before", " https://example.com", 0, FaultUnnamed, "https://example.com"},
		{"a space after", "https://example.com ", 19, FaultUnnamed, "https://example.com"},
		{"two values", "https://a.example https://b.example", 17, FaultUnnamed, ""},
		{"a list", "https://a.example,https://b.example", 17, FaultUnnamed, ""},
		{"credentials", "https://user@example.com", 8, FaultUnnamed, "https://example.com"},
		{"no scheme", "example.com", 11, FaultUnnamed, ""},
		{"no slashes", "https:example.com", 5, FaultUnnamed, "https://example.com"},
		{"a wildcard", "*", 0, FaultUnnamed, ""},
		{"no host", "https://", 8, FaultHostMissing, ""},
		{"a colon without a port", "https://example.com:", 19, FaultUnnamed, "https://example.com"},
		{"a leading zero in the port", "https://example.com:08443", 20, FaultUnnamed, "https://example.com:8443"},
		{"port zero with a leading zero", "https://example.com:00", 20, FaultUnnamed, "https://example.com:0"},
		{"a port beyond 65535", "https://example.com:65536", 20, FaultPortOutOfRange, ""},
		{"a port of letters", "https://example.com:8a", 21, FaultPortInvalid, ""},
		{"a domain that is not ASCII", "https://bücher.example", 9, FaultUnnamed, "https://xn--bcher-kva.example"},
		{"a short IPv4 address", "http://127.1", 7, FaultUnnamed, "http://127.0.0.1"},
		{"an IPv4 address with a trailing dot", "http://127.0.0.1.", 7, FaultUnnamed, "http://127.0.0.1"},
		{"an IPv4 part beyond 255", "http://256.0.0.1", 7, FaultIPv4OutOfRangePart, ""},
		{"an IPv6 address that is not compressed", "http://[0:0:0:0:0:0:0:1]", 7, FaultUnnamed, "http://[::1]"},
		{"an IPv6 address without a bracket", "http://[::1", 11, FaultIPv6Unclosed, ""},
		{"an IPv6 address with capitals", "http://[2001:DB8::1]", 13, FaultUnnamed, "http://[2001:db8::1]"},
		{"an escape in the host", "https://ex%61mple.com", 8, FaultUnnamed, "https://example.com"},
		{"a forbidden code point", "https://a|b", 9, FaultDomainToASCII, ""},
		{"a forbidden code point in an opaque host", "app://a|b", 7, FaultHostInvalidCodePoint, ""},
		{"file", "file:///", 0, FaultUnnamed, ""},
		{"data", "data:text/plain,x", 4, FaultUnnamed, ""},
		{"blob", "blob:https://example.com", 4, FaultUnnamed, ""},
	} {
		o, err := Parse(test.in)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %q parsed as %q", test.name, test.in, o)
			continue
		}
		if diff := cmp.Diff(Error{Input: test.in, Offset: test.at, Fault: test.fault, Rule: e.Rule, Want: test.want}, *e); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", test.name, err, diff)
		}
		if e.Rule == "" {
			t.Errorf("%s: the error names no rule", test.name)
		}
		if test.want != "" {
			if _, err := Parse(test.want); err != nil {
				t.Errorf("%s: the remedy does not parse either: %v", test.name, err)
			}
		}
	}
}

func TestParseHeader(t *testing.T) {
	if o, null, err := ParseHeader("null"); !null || err != nil || !o.IsZero() {
		t.Errorf("null: got %v, %v, %v", o, null, err)
	}
	if o, null, err := ParseHeader("https://example.com"); null || err != nil || o != MustParse("https://example.com") {
		t.Errorf("an origin: got %v, %v, %v", o, null, err)
	}
	for _, v := range []string{"", "NULL", " null", "null ", "https://example.com/", "null, null", "*"} {
		if o, null, err := ParseHeader(v); null || err == nil {
			t.Errorf("%q: got %v, %v; a server that takes it takes what no browser sends", v, o, null)
		}
	}
}

func TestErrorsShowTheInputThePlaceTheFaultAndTheRemedy(t *testing.T) {
	_, err := Parse("https://Example.com/" + strings.Repeat("ä", 100))
	got := err.Error()
	for _, part := range []string{`"https://Example.com/`, "…", "byte 20", `write "https://example.com"`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s\nlacks %s", got, part)
		}
	}
	var e *Error
	if errors.As(err, &e); len(e.Input) > maxShown {
		t.Errorf("the error holds %d bytes of input, more than %d", len(e.Input), maxShown)
	}
	_, err = ParseURL("http://1.2.3.4.5/", nil)
	if got, want := err.Error(), `origin: parse "http://1.2.3.4.5/": byte 15: IPv4-too-many-parts: an IPv4 address has at most four parts`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// https://url.spec.whatwg.org/#concept-url-origin
func TestOriginOfURL(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"http", "http://example.com/a?b#c", "http://example.com"},
		{"https with a port", "https://example.com:8443/", "https://example.com:8443"},
		{"https with the default port", "https://example.com:443/", "https://example.com"},
		{"ws", "ws://example.com/", "ws://example.com"},
		{"wss", "wss://example.com/", "wss://example.com"},
		{"ftp", "ftp://example.com/", "ftp://example.com"},
		{"credentials do not count", "https://user:pw@example.com:8443/", "https://example.com:8443"},
		{"no path", "https://example.com", "https://example.com"},
		{"no path but a query", "https://example.com?a", "https://example.com"},
		{"backslashes", `https:\\example.com\a`, "https://example.com"},
		{"a blob of https", "blob:https://example.com/550e8400", "https://example.com"},
		{"a blob of http with a port", "blob:http://example.com:8080/550e8400", "http://example.com:8080"},
		{"a blob with credentials inside", "blob:https://user@example.com/550e8400", "https://example.com"},
		{"a blob of file", "blob:file:///550e8400", "null"},
		{"a blob of ftp", "blob:ftp://example.com/550e8400", "null"},
		{"a blob of wss", "blob:wss://example.com/550e8400", "null"},
		{"a blob of a blob", "blob:blob:https://example.com/550e8400", "null"},
		{"a blob of nothing", "blob:550e8400", "null"},
		{"file", "file:///etc/hosts", "null"},
		{"file with a host", "file://server/share", "null"},
		{"data", "data:text/plain,x", "null"},
		{"about", "about:blank", "null"},
		{"javascript", "javascript:void 0", "null"},
		{"another scheme", "git://github.com/whatwg/url.git", "null"},
	} {
		u, err := ParseURL(test.in, nil)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		o := u.Origin()
		of, err := Of(test.in)
		if err != nil || o.String() != test.want || of.String() != test.want {
			t.Errorf("%s: %s has the origins %s and %s (%v), want %s", test.name, test.in, o, of, err, test.want)
		}
		if opaque := test.want == "null"; o.IsOpaque() != opaque || of.IsOpaque() != opaque {
			t.Errorf("%s: %s: opaque is %v and %v, want %v", test.name, test.in, o.IsOpaque(), of.IsOpaque(), opaque)
			continue
		} else if opaque {
			if o == u.Origin() || u.SameOrigin(o) || o.SameOrigin(of) {
				t.Errorf("%s: %s has the same opaque origin twice; each is new", test.name, test.in)
			}
			continue
		}
		if o != of || o != MustParse(test.want) || !u.SameOrigin(o) {
			t.Errorf("%s: the origin of %s is not == to the parsed %s", test.name, test.in, test.want)
		}
	}
}

// someOrigins returns origins among which every way to differ occurs, opaque ones and the zero value included.
func someOrigins() []Origin {
	all := []Origin{{}, Opaque(), Opaque()}
	for _, scheme := range []string{"http", "https", "wss", "app"} {
		for _, host := range []string{"example.com", "example.com.", "a.example.com", "192.0.2.1", "[::1]"} {
			for _, port := range []string{"", ":8443", ":1"} {
				all = append(all, MustParse(scheme+"://"+host+port))
			}
		}
	}
	return all
}

// https://html.spec.whatwg.org/#same-origin
func TestSameOriginIsAnEquivalenceOfValidOrigins(t *testing.T) {
	all := someOrigins()
	for i, a := range all {
		for j, b := range all {
			// The origins above differ in scheme, host or port, so that each is same origin with itself alone.
			if got, want := a.SameOrigin(b), i == j && !a.IsZero(); got != want {
				t.Errorf("SameOrigin(%v, %v) = %v, want %v", a, b, got, want)
			}
			if a.SameOrigin(b) != b.SameOrigin(a) {
				t.Errorf("SameOrigin(%v, %v) is not symmetric", a, b)
			}
			if !a.IsZero() && (a == b) != a.SameOrigin(b) {
				t.Errorf("%v and %v: == and SameOrigin disagree", a, b)
			}
			tuple := !a.IsOpaque() && !b.IsOpaque() && !a.IsZero() && !b.IsZero()
			if same := a.Scheme() == b.Scheme() && a.Host() == b.Host() && a.Port() == b.Port(); tuple && same != a.SameOrigin(b) {
				t.Errorf("%v and %v: scheme, host and port say %v", a, b, same)
			}
			for _, c := range all {
				if a.SameOrigin(b) && b.SameOrigin(c) && !a.SameOrigin(c) {
					t.Errorf("%v, %v, %v: not transitive", a, b, c)
				}
			}
		}
		if u, err := ParseURL(a.String()+"/x", nil); err == nil && u.scheme.hasOrigin() {
			for _, b := range all {
				if u.SameOrigin(b) != a.SameOrigin(b) {
					t.Errorf("%v.SameOrigin(%v) = %v, but its origin says %v", u, b, u.SameOrigin(b), a.SameOrigin(b))
				}
				if c := MustParseURL(strings.Replace(u.String(), "://", "://user:pw@", 1)); c.SameOrigin(b) != a.SameOrigin(b) {
					t.Errorf("%v.SameOrigin(%v) = %v: credentials must not count", c, b, c.SameOrigin(b))
				}
			}
		}
	}
}

func TestTextOfAnOriginComesBack(t *testing.T) {
	type message struct{ From, To, None Origin }
	in := message{From: MustParse("https://example.com"), To: Opaque()}
	text, err := json.Marshal(in)
	if want := `{"From":"https://example.com","To":"null","None":""}`; err != nil || string(text) != want {
		t.Fatalf("got %s, %v; want %s", text, err, want)
	}
	var out message
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if out.From != in.From || !out.To.IsOpaque() || out.To == in.To || !out.None.IsZero() {
		t.Errorf("got %+v: an opaque origin comes back as a new one, the others as they were", out)
	}
	if err := json.Unmarshal([]byte(`"https://example.com/"`), &out.From); err == nil {
		t.Error("a near miss was taken for an origin")
	}
	var u URL
	if err := json.Unmarshal([]byte(`"HTTPS://example.com"`), &u); err != nil || u.String() != "https://example.com/" {
		t.Errorf("got %v, %v", u, err)
	}
	if text, err := json.Marshal(u); err != nil || string(text) != `"https://example.com/"` {
		t.Errorf("got %s, %v", text, err)
	}
}

// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func TestPotentiallyTrustworthy(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     bool
	}{
		{"https", "https://example.com/", true},
		{"wss", "wss://example.com/", true},
		{"http", "http://example.com/", false},
		{"ws", "ws://example.com/", false},
		{"http on localhost", "http://localhost:3000/", true},
		{"http on localhost with a dot", "http://localhost./", true},
		{"http below localhost", "http://app.localhost/", true},
		{"http below localhost with a dot", "http://app.localhost./", true},
		{"a name that only ends like it", "http://notlocalhost/", false},
		{"a name that begins with it", "http://localhost.example/", false},
		{"IPv4 loopback", "http://127.0.0.1/", true},
		{"all of 127.0.0.0/8", "http://127.255.0.9/", true},
		{"a domain that begins with 127", "http://127.example/", false},
		{"IPv6 loopback", "http://[::1]/", true},
		{"IPv4 loopback inside IPv6", "http://[::ffff:127.0.0.1]/", false},
		{"a private address", "http://192.168.0.1/", false},
		{"file", "file:///x", true},
		{"data", "data:,x", true},
		{"about:blank", "about:blank", true},
		{"about:blank with query and fragment", "about:blank?a#b", true},
		{"about:srcdoc", "about:srcdoc#a", true},
		{"about:srcdoc with a query", "about:srcdoc?a", false},
		{"another about", "about:config", false},
		{"a blob of https", "blob:https://example.com/x", true},
		{"a blob of http", "blob:http://example.com/x", false},
		{"javascript", "javascript:0", false},
		{"another scheme on localhost", "app://localhost/", false},
	} {
		u := MustParseURL(test.in)
		if got := u.PotentiallyTrustworthy(); got != test.want {
			t.Errorf("%s: %s: got %v, want %v", test.name, test.in, got, test.want)
		}
		if u.scheme.hasOrigin() && u.Origin().PotentiallyTrustworthy() != test.want {
			t.Errorf("%s: the origin of %s and the URL disagree", test.name, test.in)
		}
	}
	if (Origin{}).PotentiallyTrustworthy() || Opaque().PotentiallyTrustworthy() || (URL{}).PotentiallyTrustworthy() {
		t.Error("an opaque origin and what is none are not trustworthy")
	}
}

// https://wicg.github.io/local-network-access/#non-public-ip-address-blocks: the first and last address of each block
// and what stands beside them.
func TestAddressSpace(t *testing.T) {
	for _, test := range []struct {
		name, hosts string
		want        AddressSpace
	}{
		{"loopback", "127.0.0.0 127.255.255.255 [::1] 0.0.0.0 [::]", Loopback},
		{"benchmarking", "198.18.0.0 198.19.255.255", Loopback},
		{"localhost names", "localhost localhost. app.localhost app.localhost.", Loopback},
		{"private use", "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255", Local},
		{"carrier-grade NAT", "100.64.0.0 100.127.255.255", Local},
		{"link-local and site-local", "169.254.0.0 169.254.255.255 [fe80::] [febf::1] [fec0::] [feff::1]", Local},
		{"unique local", "[fc00::] [fdff:ffff::1]", Local},
		{"the null block but its first address", "0.0.0.1 0.255.255.255", Local},
		{"documentation", "[2001:db8::] [2001:db8:ffff::1] [3fff::] [3fff:fff::1]", Local},
		{"an IPv4 address inside an IPv6 one", "[::ffff:192.168.0.1] [::ffff:10.0.0.1]", Local},
		{"a loopback address inside an IPv6 one", "[::ffff:127.0.0.1]", Loopback},
		{"beside the blocks", "126.255.255.255 128.0.0.0 9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 192.167.255.255 " +
			"192.169.0.0 100.63.255.255 100.128.0.0 169.253.255.255 169.255.0.0 198.17.255.255 198.20.0.0 1.0.0.0", Public},
		{"beside the IPv6 blocks", "[::2] [fbff::1] [fe00::1] [fe7f::1] [ff02::1] [2001:db7::1] [2001:db9::1] [3ffe::1] [3fff:1000::1]", Public},
		{"a public address inside an IPv6 one", "[::ffff:8.8.8.8]", Public},
		{"names", "example.com localhost.example notlocalhost", Unknown},
	} {
		for host := range strings.FieldsSeq(test.hosts) {
			if got := MustParseURL("http://" + host + "/").Origin().AddressSpace(); got != test.want {
				t.Errorf("%s: %s is %v, want %v", test.name, host, got, test.want)
			}
		}
	}
	if got := Opaque().AddressSpace(); got != Unknown {
		t.Errorf("an opaque origin is %v", got)
	}
}

func TestNamesOfTheClosedSets(t *testing.T) {
	var got []string
	for a := Unknown; a <= Public+1; a++ {
		got = append(got, a.String())
	}
	for k := HostNone; k <= HostEmpty+1; k++ {
		got = append(got, k.String())
	}
	want := []string{"unknown", "loopback", "local", "public", "unknown",
		"null", "domain", "IPv4 address", "IPv6 address", "opaque host", "empty host", "null"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	seen := map[string]bool{}
	for f := FaultUnnamed; f <= FaultPortInvalid; f++ {
		if name := f.String(); seen[name] || (name == "") != (f == FaultUnnamed) {
			t.Errorf("fault %d is named %q", f, name)
		} else {
			seen[name] = true
		}
	}
	if (FaultPortInvalid + 1).String() != "" {
		t.Error("a fault that is none has a name")
	}
}

func TestMustPanicsWithTheError(t *testing.T) {
	for name, f := range map[string]func(){
		"MustParse":    func() { MustParse("https://example.com/") },
		"MustParseURL": func() { MustParseURL("example.com") },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*Error); !ok {
					t.Errorf("%s does not panic with an *Error", name)
				}
			}()
			f()
		}()
	}
}
