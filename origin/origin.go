package origin

import (
	"strconv"
	"strings"
)

// https://html.spec.whatwg.org/#concept-origin
//
// An Origin is a tuple origin (scheme, host, port) or an opaque origin. It is comparable: two valid origins are ==
// exactly when they are same origin. The zero value is no origin: same origin with none, itself included.
type Origin struct {
	text      string    // the serialization of a tuple origin; empty otherwise
	opaque    *identity // who an opaque origin is; nil otherwise
	hostEnd   uint32    // end of the host in text
	port      uint16    // the effective port, 0 where there is none
	schemeEnd uint8     // the colon after the scheme in text
	hostKind  HostKind
}

// An identity is told from others by its address, so that it must not be empty.
type identity struct{ _ byte }

// https://html.spec.whatwg.org/#concept-origin-opaque
//
// Opaque returns a new opaque origin, same origin with no other.
func Opaque() Origin { return Origin{opaque: new(identity)} }

// https://fetch.spec.whatwg.org/#origin-header
//
// Parse parses a serialized tuple origin the way browsers write it in an Origin header: scheme, "://", host and port,
// all in lower case, without a default port, path or trailing slash. It accepts nothing else: not "null", for which
// see [ParseHeader]; not a URL, for which see [Of]. The error is an *Error that says what is wrong and, where one can
// tell what was meant, the right spelling.
func Parse(s string) (Origin, error) {
	if a := quickAuthority(s); a.kind != HostNone && a.stop == len(s) {
		return a.origin(s), nil
	}
	return parseOrigin(s)
}

// MustParse is Parse for origins that are known to parse. It panics on others.
func MustParse(s string) Origin {
	o, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return o
}

// https://fetch.spec.whatwg.org/#origin-header
//
// ParseHeader parses the value of an Origin header, origin-or-null. For "null" it returns the zero Origin and true.
func ParseHeader(v string) (o Origin, null bool, err error) {
	if v == "null" {
		return Origin{}, true, nil
	}
	o, err = Parse(v)
	return o, false, err
}

// https://url.spec.whatwg.org/#concept-url-origin
//
// Of returns the origin of the URL that ref, an absolute URL, stands for: the same as that of ParseURL(ref, nil), but
// it does not look at more of ref than it has to.
func Of(ref string) (Origin, error) {
	if a := quickAuthority(ref); a.kind != HostNone && (a.stop == len(ref) || quick[ref[a.stop]]&quickStop != 0) {
		return a.origin(ref), nil
	}
	u, err := ParseURL(ref, nil)
	if err != nil {
		return Origin{}, err
	}
	return u.Origin(), nil
}

// origin returns the origin of a URL that begins with a.
func (a authority) origin(s string) Origin {
	return Origin{
		text:      s[:a.stop],
		hostEnd:   uint32(a.end),
		port:      a.port,
		schemeEnd: uint8(a.colon),
		hostKind:  a.kind,
	}
}

// maxScheme is the length of the longest scheme that a serialized origin can have here.
const maxScheme = 255

// parseOrigin is Parse without the quick way.
func parseOrigin(s string) (Origin, error) {
	fail := func(at int, fault Fault, rule string) (Origin, error) {
		return Origin{}, &Error{Input: shorten(s), Offset: at, Fault: fault, Rule: rule, Want: spelling(s)}
	}
	switch {
	case s == "":
		return fail(0, FaultUnnamed, "an origin is a scheme, a host and perhaps a port, such as https://example.com")
	case s == "null":
		return fail(0, FaultUnnamed, `"null" is how opaque origins are written, none of which it identifies`)
	case len(s) > maxURL:
		return fail(-1, FaultUnnamed, "the origin is longer than 2^30 bytes")
	}
	// Nothing stands before, between or after: one value, without spaces.
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ' || c == 0x7F:
			return fail(i, FaultUnnamed, "an origin is one value without spaces or controls")
		case c >= 0x80:
			return fail(i, FaultUnnamed, "an origin is ASCII: a domain stands in its xn-- form")
		}
	}
	// The scheme.
	n := 0
	for n < len(s) && (isAlpha(s[n]) && !isUpper(s[n]) || n > 0 && (isDigit(s[n]) || s[n] == '+' || s[n] == '-' || s[n] == '.')) {
		n++
	}
	switch {
	case n < len(s) && isUpper(s[n]):
		return fail(n, FaultUnnamed, "a scheme is in lower case")
	case n == 0 || !strings.HasPrefix(s[n:], "://"):
		return fail(n, FaultUnnamed, `an origin begins with a scheme and "://"`)
	case n > maxScheme:
		return fail(maxScheme, FaultUnnamed, "the scheme is longer than 255 bytes")
	}
	sc := schemeOf(s[:n])
	if sc == schemeFile {
		return fail(0, FaultUnnamed, `file: URLs have opaque origins, written "null"`)
	}
	// The host.
	start := n + len("://")
	end := start
	for brackets := false; end < len(s); end++ {
		switch c := s[end]; {
		case c == '[':
			brackets = true
		case c == ']':
			brackets = false
		case c == ':' && !brackets:
		case c == '/' || c == '?' || c == '#' || c == '\\':
			return fail(end, FaultUnnamed, "an origin ends after its host and port: no slash, path, query or fragment")
		case c == ',' && strings.Contains(s[end:], "://"):
			return fail(end, FaultUnnamed, "an origin is one value, not a list")
		case c == '@':
			return fail(start, FaultUnnamed, "an origin holds no credentials")
		case isUpper(c):
			return fail(end, FaultUnnamed, "a host is in lower case")
		}
		if s[end] == ':' && !brackets {
			break
		}
	}
	host := s[start:end]
	if host == "" {
		return fail(start, FaultHostMissing, "an origin has a host")
	}
	var buf [64]byte
	out, kind, f := appendHost(buf[:0], host, sc == schemeOther)
	switch {
	case f.bad():
		f = f.moved(start)
		return fail(f.at, f.fault, f.rule)
	case string(out) != host:
		return fail(start, FaultUnnamed, "the "+kind.String()+" is not in its one right spelling, "+strconv.Quote(shorten(string(out))))
	}
	o := Origin{text: s, schemeEnd: uint8(n), hostEnd: uint32(end), hostKind: kind, port: sc.defaultPort()}
	if end == len(s) {
		return o, nil
	}
	// The port.
	port, digits := plainPort(s[end+1:])
	rest := strings.TrimLeft(s[end+1:], "0123456789")
	switch {
	case rest != "":
		at := len(s) - len(rest)
		if quick[rest[0]]&quickStop != 0 {
			return fail(at, FaultUnnamed, "an origin ends after its host and port: no slash, path, query or fragment")
		}
		return fail(at, FaultPortInvalid, "a port consists of digits")
	case end+1 == len(s):
		return fail(end, FaultUnnamed, "a port that is not there has no colon before it")
	case digits == 0 && s[end+1] == '0':
		return fail(end+1, FaultUnnamed, "a port has no leading zeros")
	case digits == 0:
		return fail(end+1, FaultPortOutOfRange, "a port is at most 65535")
	case sc != schemeOther && port == sc.defaultPort():
		return fail(end, FaultUnnamed, "the default port of "+s[:n]+" is not written out")
	}
	o.port = port
	return o, nil
}

// spelling returns the serialized origin that someone who wrote s may have meant, "" where one cannot tell.
func spelling(s string) string {
	first := strings.TrimSpace(s)
	if i := strings.IndexAny(first, ", "); i >= 0 || len(first) > 4*maxShown {
		return ""
	}
	u, err := ParseURL(first, nil)
	if err != nil || !u.scheme.hasOrigin() {
		return ""
	}
	if text := u.Origin().String(); len(text) <= 4*maxShown {
		return text
	}
	return ""
}

// IsZero reports whether o is the zero value, which is no origin.
func (o Origin) IsZero() bool { return o.text == "" && o.opaque == nil }

// IsOpaque reports whether o is an opaque origin. The zero value is not.
func (o Origin) IsOpaque() bool { return o.opaque != nil }

// Scheme returns the scheme of a tuple origin, and "" of others.
func (o Origin) Scheme() string { return o.text[:o.schemeEnd] }

// Host returns the serialized host of a tuple origin, an IPv6 address in its brackets, and "" of others.
func (o Origin) Host() string {
	if o.text == "" {
		return ""
	}
	return o.text[int(o.schemeEnd)+len("://") : o.hostEnd]
}

// HostKind returns what kind of host o has: HostNone where o is not a tuple origin.
func (o Origin) HostKind() HostKind { return o.hostKind }

// Port returns the port that the origin stands for: the one that is written, or else the scheme's default port, or
// else 0.
func (o Origin) Port() uint16 { return o.port }

// https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
//
// String returns the serialization of o: that of an Origin header. It is "null" for opaque origins and the zero value.
func (o Origin) String() string {
	if o.text == "" {
		return "null"
	}
	return o.text
}

// AppendText appends the serialization of o to b, nothing for the zero value. It implements encoding.TextAppender.
func (o Origin) AppendText(b []byte) ([]byte, error) {
	if o.IsZero() {
		return b, nil
	}
	return append(b, o.String()...), nil
}

// MarshalText returns the serialization of o, empty for the zero value. It implements encoding.TextMarshaler.
func (o Origin) MarshalText() ([]byte, error) { return o.AppendText(nil) }

// UnmarshalText sets o to what Parse makes of text, to a new opaque origin for "null", and to the zero value for an
// empty text. It implements encoding.TextUnmarshaler.
func (o *Origin) UnmarshalText(text []byte) error {
	switch string(text) {
	case "":
		*o = Origin{}
		return nil
	case "null":
		*o = Opaque()
		return nil
	}
	v, err := Parse(string(text))
	if err != nil {
		return err
	}
	*o = v
	return nil
}

// https://html.spec.whatwg.org/#same-origin
//
// SameOrigin reports whether a and b are same origin: the same opaque origin, or tuples of the same scheme, host and
// port. The zero value is same origin with none.
func (a Origin) SameOrigin(b Origin) bool {
	// 1. Opaque: the same one. 2. Tuples: the serializations are the same exactly when scheme, host and port are.
	// 3. Otherwise not.
	return a.text == b.text && a.opaque == b.opaque && !a.IsZero()
}
