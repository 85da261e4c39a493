package origin

import (
	"strings"
)

// maxURL is the length in bytes of the longest input that ParseURL takes, and of the longest URL.
const maxURL = 1 << 30

// https://url.spec.whatwg.org/#special-scheme
//
// A scheme tells the schemes apart that the URL parser treats differently.
type scheme uint8

const (
	schemeOther scheme = iota // not special
	schemeHTTP
	schemeHTTPS
	schemeWS
	schemeWSS
	schemeFTP
	schemeFile
)

func schemeOf(s string) scheme {
	switch s {
	case "http":
		return schemeHTTP
	case "https":
		return schemeHTTPS
	case "ws":
		return schemeWS
	case "wss":
		return schemeWSS
	case "ftp":
		return schemeFTP
	case "file":
		return schemeFile
	}
	return schemeOther
}

// defaultPort returns the default port of a special scheme, 0 where there is none.
func (s scheme) defaultPort() uint16 {
	switch s {
	case schemeHTTP, schemeWS:
		return 80
	case schemeHTTPS, schemeWSS:
		return 443
	case schemeFTP:
		return 21
	}
	return 0
}

// hasOrigin reports whether URLs of the scheme have a tuple origin of their own scheme, host and port.
func (s scheme) hasOrigin() bool { return schemeOther < s && s < schemeFile }

// https://url.spec.whatwg.org/#concept-url
//
// A URL is a URL record. It is comparable: two URLs are == exactly when their serializations, fragments included, are
// the same. The zero value is no URL; its String is empty and its origin opaque.
type URL struct {
	href string // the serialization: scheme ":" "//" username ":" password "@" host ":" port path "?" query "#" fragment

	schemeEnd     uint32 // the colon after the scheme
	userEnd       uint32 // end of the username; hostStart where there are no credentials
	hostStart     uint32 // after the "@", where there is one
	hostEnd       uint32
	pathStart     uint32 // after the port, and after the "/." that keeps a path without a host apart from one
	queryStart    uint32 // the "?", or fragmentStart
	fragmentStart uint32 // the "#", or len(href)
	port          uint16 // the effective port: the default one where none is written, 0 where there is none
	hostKind      HostKind
	scheme        scheme
}

// MustParseURL is ParseURL without a base for URLs that are known to parse. It panics on others.
func MustParseURL(ref string) URL {
	u, err := ParseURL(ref, nil)
	if err != nil {
		panic(err)
	}
	return u
}

// IsZero reports whether u is the zero value, which is no URL.
func (u URL) IsZero() bool { return u.href == "" }

// https://url.spec.whatwg.org/#concept-url-serializer
//
// String returns the serialization of u, what scripts see as href.
func (u URL) String() string { return u.href }

// https://url.spec.whatwg.org/#concept-url-serializer
//
// WithoutFragment returns the serialization of u with exclude fragment set.
func (u URL) WithoutFragment() string { return u.href[:u.fragmentStart] }

// AppendText appends the serialization of u to b. It implements encoding.TextAppender.
func (u URL) AppendText(b []byte) ([]byte, error) { return append(b, u.href...), nil }

// MarshalText returns the serialization of u, empty for the zero value. It implements encoding.TextMarshaler.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.href), nil }

// UnmarshalText sets u to what ParseURL makes of text without a base, and to the zero value for an empty text. It
// implements encoding.TextUnmarshaler.
func (u *URL) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*u = URL{}
		return nil
	}
	v, err := ParseURL(string(text), nil)
	if err != nil {
		return err
	}
	*u = v
	return nil
}

// Scheme returns the scheme in lower case, without its colon.
func (u URL) Scheme() string { return u.href[:u.schemeEnd] }

// Username returns the percent-encoded username, empty where there is none.
func (u URL) Username() string {
	if u.userEnd == u.hostStart {
		return ""
	}
	return u.href[u.schemeEnd+3 : u.userEnd]
}

// Password returns the percent-encoded password, empty where there is none.
func (u URL) Password() string {
	if u.hostStart <= u.userEnd+1 {
		return ""
	}
	return u.href[u.userEnd+1 : u.hostStart-1]
}

// https://url.spec.whatwg.org/#include-credentials
//
// HasCredentials reports whether u includes credentials: a username or a password.
func (u URL) HasCredentials() bool { return u.userEnd != u.hostStart }

// Host returns the serialized host, an IPv6 address in its brackets, and false where the host is null. The empty host
// is "" and true.
func (u URL) Host() (string, bool) {
	return u.href[u.hostStart:u.hostEnd], u.hostKind != HostNone
}

// HostKind returns what kind of host u has.
func (u URL) HostKind() HostKind { return u.hostKind }

// Port returns the port, and false where it is null: absent, or the default port of the scheme.
func (u URL) Port() (uint16, bool) {
	if u.hostKind == HostNone || u.hostEnd == u.pathStart {
		return 0, false
	}
	return u.port, true
}

// EffectivePort returns the port, or else the default port of the scheme, or else 0.
func (u URL) EffectivePort() uint16 { return u.port }

// https://url.spec.whatwg.org/#url-path-serializer
//
// Path returns the serialized path.
func (u URL) Path() string { return u.href[u.pathStart:u.queryStart] }

// https://url.spec.whatwg.org/#url-opaque-path
//
// OpaquePath reports whether the path is opaque, as in mailto:user@example.com, and not a list of segments.
func (u URL) OpaquePath() bool {
	// A path that is a list begins with a slash, or is empty after a host.
	return u.hostKind == HostNone && u.schemeEnd > 0 && (u.pathStart == u.queryStart || u.href[u.pathStart] != '/')
}

// Query returns the query without its question mark, and false where it is null.
func (u URL) Query() (string, bool) {
	if u.queryStart == u.fragmentStart {
		return "", false
	}
	return u.href[u.queryStart+1 : u.fragmentStart], true
}

// Fragment returns the fragment without its "#", and false where it is null.
func (u URL) Fragment() (string, bool) {
	if int(u.fragmentStart) == len(u.href) {
		return "", false
	}
	return u.href[u.fragmentStart+1:], true
}

// https://url.spec.whatwg.org/#is-special
//
// IsSpecial reports whether the scheme is special: http, https, ws, wss, ftp or file.
func (u URL) IsSpecial() bool { return u.scheme != schemeOther }

// https://fetch.spec.whatwg.org/#http-scheme
//
// IsHTTP reports whether the scheme is an HTTP(S) scheme.
func (u URL) IsHTTP() bool { return u.scheme == schemeHTTP || u.scheme == schemeHTTPS }

// https://fetch.spec.whatwg.org/#is-local
//
// IsLocal reports whether the scheme is a local one: about, blob or data.
func (u URL) IsLocal() bool {
	switch u.Scheme() {
	case "about", "blob", "data":
		return true
	}
	return false
}

// https://url.spec.whatwg.org/#concept-url-origin
//
// Origin returns the origin of u: for http, https, ws, wss and ftp the tuple of scheme, host and port; for blob that
// of the http, https or file URL in its path; for anything else, file included, a new opaque origin, a different one
// each time. It allocates nothing for an http or https URL without credentials.
//
// A blob URL is looked at without a blob URL store, as if nothing were registered for it.
func (u URL) Origin() Origin {
	if u.scheme.hasOrigin() && u.userEnd == u.hostStart {
		return Origin{text: u.href[:u.pathStart], hostEnd: u.hostEnd, port: u.port, schemeEnd: uint8(u.schemeEnd), hostKind: u.hostKind}
	}
	return u.slowOrigin()
}

// slowOrigin is Origin without the quick way.
func (u URL) slowOrigin() Origin {
	switch {
	case u.scheme.hasOrigin():
		return u.WithoutCredentials().Origin()
	case u.Scheme() == "blob":
		// 1. No blob URL entry. 2 and 3. The URL in the path.
		// 4. Of three schemes only; that of file is opaque anyway. 5. Or a new one.
		if inner, ok := u.blobInner(); ok {
			return inner.Origin()
		}
	}
	return Opaque()
}

// blobInner returns the http or https URL in the path of u, a blob URL, as far as its origin goes.
func (u URL) blobInner() (URL, bool) {
	path := u.Path()
	var inner URL
	if quickURL(path, &inner) {
		return inner, true
	}
	// What comes after the authority of such a URL neither changes its origin nor can make it fail.
	i := strings.IndexByte(path, ':') + 1
	for i < len(path) && (path[i] == '/' || path[i] == '\\') {
		i++
	}
	for i < len(path) && quick[path[i]]&quickStop == 0 {
		i++
	}
	inner, err := parseURL(path[:i], nil)
	return inner, err == nil && inner.IsHTTP()
}

// https://html.spec.whatwg.org/#same-origin
//
// SameOrigin reports whether the origin of u is same origin with o. An opaque origin of u is new, and so same origin
// with none.
func (u URL) SameOrigin(o Origin) bool {
	if !u.scheme.hasOrigin() {
		if u.Scheme() != "blob" {
			return false
		}
		inner, ok := u.blobInner()
		if !ok {
			return false
		}
		u = inner
	}
	if o.text == "" {
		return false
	}
	if !u.HasCredentials() {
		return u.href[:u.pathStart] == o.text
	}
	colon := u.schemeEnd + 3
	return len(o.text) > int(colon) && u.href[:colon] == o.text[:colon] && u.href[u.hostStart:u.pathStart] == o.text[colon:]
}

// https://url.spec.whatwg.org/#dom-url-hash
//
// WithFragment returns u with the given fragment, percent-encoded as the fragment state does, or without one where
// present is false. The fragment comes without its "#".
func (u URL) WithFragment(fragment string, present bool) URL {
	if u.IsZero() {
		return u
	}
	if !present {
		u.href = u.href[:u.fragmentStart]
		return u
	}
	fragment = withoutTabsAndNewlines(fragment)
	b := make([]byte, 0, int(u.fragmentStart)+1+len(fragment))
	b = append(b, u.href[:u.fragmentStart]...)
	b = append(b, '#')
	u.href = string(appendEncoded(b, fragment, setFragment))
	return u
}

// https://w3c.github.io/webappsec-referrer-policy/#strip-url
//
// ForReferrer returns u stripped for use as a referrer: without credentials and fragment and, where originOnly is
// set, without path and query. It returns false for a URL of a local scheme (about, blob, data), which yields no
// referrer, and for the zero value.
func (u URL) ForReferrer(originOnly bool) (URL, bool) {
	// 1 and 2. No referrer.
	if u.IsZero() || u.IsLocal() {
		return URL{}, false
	}
	// 3 and 4. No credentials.
	u = u.WithoutCredentials()
	// 5. No fragment.
	u.href = u.href[:u.fragmentStart]
	// 6. Origin only: one empty path segment and no query.
	if originOnly {
		if u.pathStart == u.queryStart || u.href[u.pathStart] != '/' {
			u.href = u.href[:u.pathStart] + "/"
		}
		if u.hostKind == HostNone {
			// A path of one segment needs no "/." before it.
			u.href = u.href[:u.schemeEnd+1] + "/"
			u.pathStart = u.schemeEnd + 1
		}
		u.href = u.href[:u.pathStart+1]
		u.queryStart, u.fragmentStart = u.pathStart+1, u.pathStart+1
	}
	// 7.
	return u, true
}

// https://url.spec.whatwg.org/#include-credentials
//
// WithoutCredentials returns u with username and password empty, and all else as it is.
func (u URL) WithoutCredentials() URL {
	if !u.HasCredentials() {
		return u
	}
	start := u.schemeEnd + 3
	by := u.hostStart - start
	u.href = u.href[:start] + u.href[u.hostStart:]
	u.userEnd, u.hostStart = start, start
	u.hostEnd -= by
	u.pathStart -= by
	u.queryStart -= by
	u.fragmentStart -= by
	return u
}

// https://url.spec.whatwg.org/#scheme-state
//
// WithScheme returns u with another scheme, between http and https and between ws and wss, the way the scheme setter
// changes it: a port that is the new scheme's default goes away. For any other scheme u comes back as it is.
func (u URL) WithScheme(name string) URL {
	to := schemeOf(name)
	switch {
	case u.IsHTTP() && (to == schemeHTTP || to == schemeHTTPS):
	case (u.scheme == schemeWS || u.scheme == schemeWSS) && (to == schemeWS || to == schemeWSS):
	default:
		return u
	}
	if to == u.scheme {
		return u
	}
	by := uint32(len(name)) - u.schemeEnd // modulo 2^32
	rest := u.href[u.schemeEnd:u.pathStart]
	cut := uint32(0)
	switch _, ok := u.Port(); {
	case !ok:
		u.port = to.defaultPort()
	case u.port == to.defaultPort():
		rest = u.href[u.schemeEnd:u.hostEnd]
		cut = u.pathStart - u.hostEnd
	}
	u.href = name + rest + u.href[u.pathStart:]
	u.scheme = to
	u.schemeEnd += by
	u.userEnd += by
	u.hostStart += by
	u.hostEnd += by
	u.pathStart += by - cut
	u.queryStart += by - cut
	u.fragmentStart += by - cut
	return u
}

// withoutTabsAndNewlines returns s without ASCII tab or newline.
func withoutTabsAndNewlines(s string) string {
	if strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	start := 0
	for i := range len(s) {
		if c := s[i]; c == '\t' || c == '\n' || c == '\r' {
			b.WriteString(s[start:i])
			start = i + 1
		}
	}
	b.WriteString(s[start:])
	return b.String()
}
