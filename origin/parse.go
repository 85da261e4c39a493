package origin

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// https://url.spec.whatwg.org/#concept-url-parser
//
// ParseURL parses ref, relative to base unless base is nil or the zero value. A URL of http or https that is spelled
// the way the URL serializer spells it costs no allocation, since it becomes the serialization itself.
//
// The error is an *Error. The URL standard sets no limit to the length of a URL; this parser refuses input and results
// beyond 2^30 bytes, and a domain that is not ASCII beyond the limits that appear at [ParseHost].
func ParseURL(ref string, base *URL) (u URL, err error) {
	if quickURL(ref, &u) {
		return u, nil
	}
	return parseURL(ref, base)
}

// parseURL is ParseURL without the quick way.
func parseURL(ref string, base *URL) (URL, error) {
	if len(ref) > maxURL {
		return URL{}, &Error{Input: shorten(ref), Offset: -1, Rule: tooLong}
	}
	if base != nil && base.IsZero() {
		base = nil
	}
	// Basic URL parser 1 to 3. Leading and trailing C0 controls and spaces go, then tabs and newlines anywhere.
	start, end := 0, len(ref)
	for end > start && ref[end-1] <= ' ' {
		end--
	}
	for start < end && ref[start] <= ' ' {
		start++
	}
	p := parser{in: withoutTabsAndNewlines(ref[start:end]), base: base}
	var href string
	var ok bool
	if n := p.bound(); n <= smallURL {
		var small [smallURL]byte
		var out []byte
		out, ok = p.parse(small[:0])
		href = string(out)
	} else {
		href, ok = p.parseLarge(n)
	}
	if ok && len(href) <= maxURL {
		p.u.href = href
		return p.u, nil
	}
	if ok {
		p.failure = failure{FaultUnnamed, -1, tooLong}
	}
	at := p.failure.at
	if at >= 0 {
		// The parser saw ref without some of its bytes.
		at = start
		for n := p.failure.at; at < end; at++ {
			if c := ref[at]; c == '\t' || c == '\n' || c == '\r' {
				continue
			}
			if n == 0 {
				break
			}
			n--
		}
	}
	return URL{}, &Error{Input: shorten(ref), Offset: at, Fault: p.failure.fault, Rule: p.failure.rule}
}

const tooLong = "the URL is longer than 2^30 bytes"

// smallURL is the size of the buffer for serializations that does not have to be allocated.
const smallURL = 256

// parseLarge is parse into a buffer of size n, which becomes the serialization.
func (p *parser) parseLarge(n int) (href string, ok bool) {
	out, ok := p.parse(make([]byte, 0, n))
	// Nobody writes to the buffer from here on, so that it can be a string as it is.
	return unsafe.String(unsafe.SliceData(out), len(out)), ok
}

// A parser runs the basic URL parser. Its methods append to the serialization as they go along, for the parts of a URL
// come in the order in which they are serialized. They pass it on instead of keeping it in the parser, so that it can
// stand in the caller's frame.
type parser struct {
	in      string // what is to be parsed
	at      int    // the pointer
	base    *URL   // nil where there is none
	u       URL    // the offsets into the serialization
	failure failure
}

// bound returns a size that the serialization will not exceed, unless UTS 46 maps a domain to a much longer one.
func (p *parser) bound() int {
	const slack = 16 // what a serialization holds besides: slashes, "/.", a scheme of the base
	n := len(p.in) + slack
	if p.base != nil {
		n += len(p.base.href)
	}
	if 3*n <= smallURL {
		return 3 * n
	}
	// Up to the last "@" it may be a username, in which more is encoded than elsewhere.
	at := strings.LastIndexByte(p.in, '@') + 1
	high := false
	for i := range at {
		if classes[p.in[i]]&setUserinfo != 0 {
			n += 2
		}
	}
	for i := at; i < len(p.in); i++ {
		if classes[p.in[i]]&(setPath|setSpecialQuery) != 0 {
			n += 2
			high = high || p.in[i] >= utf8.RuneSelf
		}
	}
	if (high || at > 0) && !utf8.ValidString(p.in) {
		// What is not UTF-8 becomes the nine bytes of an encoded U+FFFD.
		for s := p.in; s != ""; {
			r, size := utf8.DecodeRuneInString(s)
			if r == utf8.RuneError && size == 1 {
				size = illFormed(s)
				n += 9 - 3*size
			}
			s = s[size:]
		}
	}
	return n + n/64
}

func (p *parser) fail(fault Fault, at int, rule string) ([]byte, bool) {
	p.failure = failure{fault, at, rule}
	return nil, false
}

// eof reports whether the pointer is at the end; c is the code point, or a byte of it, that the pointer is at, and 0
// at the end, which no state treats differently.
func (p *parser) eof() bool { return p.at >= len(p.in) }
func (p *parser) c() byte {
	if p.at < len(p.in) {
		return p.in[p.at]
	}
	return 0
}

// slash reports whether c is a solidus or, in a special URL, a reverse solidus.
func (p *parser) slash(c byte) bool { return c == '/' || c == '\\' && p.u.scheme != schemeOther }

// setScheme writes the scheme.
func (p *parser) setScheme(out []byte, name string) []byte {
	for i := range len(name) {
		out = append(out, lower(name[i]))
	}
	p.u.schemeEnd = uint32(len(out))
	return append(out, ':')
}

// https://url.spec.whatwg.org/#concept-basic-url-parser
//
// parse is the basic URL parser from step 4 on. The scheme start state and the scheme state are here; every other
// state is a method that goes on to the next.
func (p *parser) parse(out []byte) ([]byte, bool) {
	// Scheme start state and scheme state: a letter, then letters, digits, "+", "-", ".", then a colon.
	i := 0
	if len(p.in) > 0 && isAlpha(p.in[0]) {
		for i < len(p.in) && (isAlpha(p.in[i]) || isDigit(p.in[i]) || p.in[i] == '+' || p.in[i] == '-' || p.in[i] == '.') {
			i++
		}
	}
	if i == 0 || i == len(p.in) || p.in[i] != ':' {
		return p.noScheme(out)
	}
	// Scheme state 2.2 to 2.9.
	out = p.setScheme(out, p.in[:i])
	p.u.scheme = schemeOf(string(out[:i]))
	p.u.port = p.u.scheme.defaultPort()
	p.at = i + 1
	switch {
	case p.u.scheme == schemeFile:
		return p.file(out)
	case p.u.scheme != schemeOther && p.base != nil && p.base.scheme == p.u.scheme:
		// Special relative or authority state.
		if strings.HasPrefix(p.in[p.at:], "//") {
			return p.authorityIgnoringSlashes(out)
		}
		return p.relative(out)
	case p.u.scheme != schemeOther:
		// Special authority slashes state: two slashes or none, it is an authority.
		return p.authorityIgnoringSlashes(out)
	case p.c() == '/':
		// Path or authority state.
		p.at++
		if p.c() == '/' {
			p.at++
			return p.authority(out)
		}
		p.noHost(out)
		return p.path(out)
	}
	p.noHost(out)
	return p.opaquePath(out)
}

// https://url.spec.whatwg.org/#no-scheme-state
func (p *parser) noScheme(out []byte) ([]byte, bool) {
	switch {
	case p.base == nil:
		// 1. Nothing to be relative to.
		return p.fail(FaultMissingSchemeNonRelativeURL, 0, "a URL without a scheme needs a base URL")
	case p.base.OpaquePath() && p.c() != '#':
		// 1. A base with an opaque path lends it to a fragment only.
		return p.fail(FaultMissingSchemeNonRelativeURL, 0, "the base URL has an opaque path, to which nothing but a fragment is relative")
	case p.base.OpaquePath():
		// 2. All of the base but its fragment.
		out = append(out, p.base.WithoutFragment()...)
		fragmentStart := p.base.fragmentStart
		p.u = *p.base
		p.u.fragmentStart = fragmentStart
		return p.fragment(out)
	}
	p.u.scheme = p.base.scheme
	p.u.port = p.u.scheme.defaultPort()
	out = p.setScheme(out, p.base.Scheme())
	if p.base.scheme != schemeFile {
		// 3.
		return p.relative(out)
	}
	// 4.
	return p.file(out)
}

// https://url.spec.whatwg.org/#relative-state
//
// relative begins after the scheme, which is the base's and is written. Relative slash state is inside.
func (p *parser) relative(out []byte) ([]byte, bool) {
	if c := p.c(); !p.eof() && p.slash(c) {
		// 3 and 4. Relative slash state.
		p.at++
		next := p.c()
		if !p.eof() && p.slash(next) {
			p.at++
			if p.u.scheme != schemeOther {
				return p.authorityIgnoringSlashes(out)
			}
			return p.authority(out)
		}
		out = p.copyAuthority(out)
		return p.path(out)
	}
	// 5. Username, password, host, port, path and query are the base's.
	out = p.copyAuthority(out)
	return p.relativeRest(out)
}

// https://url.spec.whatwg.org/#relative-state
//
// relativeRest is steps 5.2 to 5.4 of the relative state, the authority written.
func (p *parser) relativeRest(out []byte) ([]byte, bool) {
	out = append(out, p.base.Path()...)
	switch {
	case p.eof():
		out = p.endPath(out)
		out = p.copyQuery(out)
		return p.end(out)
	case p.c() == '?':
		// 5.2. The base's path, another query.
		out = p.endPath(out)
		return p.query(out)
	case p.c() == '#':
		// 5.3. The base's path and query, another fragment.
		out = p.endPath(out)
		out = p.copyQuery(out)
		return p.fragment(out)
	}
	// 5.4. Another path, beginning with the base's but its last segment.
	out = p.shorten(out)
	return p.path(out)
}

// copyAuthority writes username, password, host and port of the base.
func (p *parser) copyAuthority(out []byte) []byte {
	b := p.base
	if b.hostKind == HostNone {
		p.noHost(out)
		return out
	}
	by := p.u.schemeEnd - b.schemeEnd // The schemes are the same, so that this is 0.
	out = append(out, b.href[b.schemeEnd+1:b.pathStart]...)
	p.u.userEnd = b.userEnd + by
	p.u.hostStart = b.hostStart + by
	p.u.hostEnd = b.hostEnd + by
	p.u.pathStart = b.pathStart + by
	p.u.port, p.u.hostKind = b.port, b.hostKind
	return out
}

// noHost sets the offsets for a URL whose host is null.
func (p *parser) noHost(out []byte) {
	n := uint32(len(out))
	p.u.userEnd, p.u.hostStart, p.u.hostEnd, p.u.pathStart = n, n, n, n
}

// copyQuery writes the base's query.
func (p *parser) copyQuery(out []byte) []byte {
	p.u.queryStart = uint32(len(out))
	return append(out, p.base.href[p.base.queryStart:p.base.fragmentStart]...)
}

// https://url.spec.whatwg.org/#special-authority-ignore-slashes-state
func (p *parser) authorityIgnoringSlashes(out []byte) ([]byte, bool) {
	for !p.eof() && (p.c() == '/' || p.c() == '\\') {
		p.at++
	}
	return p.authority(out)
}

// https://url.spec.whatwg.org/#authority-state
//
// authority writes username and password and goes on with the host state.
func (p *parser) authority(out []byte) ([]byte, bool) {
	out = append(out, "//"...)
	start := uint32(len(out))
	p.u.userEnd, p.u.hostStart = start, start
	// 2. The authority reaches as far as the next slash, question mark or "#".
	end := p.at
	at := -1
	for end < len(p.in) {
		c := p.in[end]
		if c == '@' {
			at = end
		}
		if c == '?' || c == '#' || p.slash(c) {
			break
		}
		end++
	}
	// 1. What stands before its last "@" is username and password, the first colon between them.
	if at >= 0 {
		user, password, _ := strings.Cut(p.in[p.at:at], ":")
		out = appendEncoded(out, user, setUserinfo)
		p.u.userEnd = uint32(len(out))
		if password != "" {
			out = append(out, ':')
			out = appendEncoded(out, password, setUserinfo)
		}
		if uint32(len(out)) > start {
			out = append(out, '@')
		}
		p.u.hostStart = uint32(len(out))
		p.at = at + 1
		// 2.1. No credentials without a host.
		if p.at == end {
			return p.fail(FaultHostMissing, p.at, "credentials need a host after them")
		}
	}
	return p.host(out, end)
}

// https://url.spec.whatwg.org/#host-state
//
// host parses the host, and the port in front of the path that begins at byte end.
func (p *parser) host(out []byte, end int) ([]byte, bool) {
	// 3. A colon outside of brackets ends the host.
	stop, brackets := p.at, false
	for stop < end && (p.in[stop] != ':' || brackets) {
		switch p.in[stop] {
		case '[':
			brackets = true
		case ']':
			brackets = false
		}
		stop++
	}
	// 2.1 and 3.1. Special URLs, and URLs with a port, have a host.
	if stop == p.at && (p.u.scheme != schemeOther || stop < end) {
		return p.fail(FaultHostMissing, p.at, "a host cannot be empty here")
	}
	// 2.3 to 2.5 and 3.3 to 3.5.
	out, ok := p.parseHost(out, p.in[p.at:stop])
	if !ok {
		return nil, false
	}
	p.at = stop
	// https://url.spec.whatwg.org/#port-state
	if p.at < end {
		p.at++
		if out, ok = p.portState(out, end); !ok {
			return nil, false
		}
	}
	return p.pathStart(out)
}

// parseHost runs the host parser on s and writes what it returns.
func (p *parser) parseHost(out []byte, s string) ([]byte, bool) {
	out, kind, f := appendHost(out, s, p.u.scheme == schemeOther)
	if f.bad() {
		p.failure = f.moved(p.at)
		return nil, false
	}
	p.u.hostKind = kind
	p.u.hostEnd = uint32(len(out))
	return out, true
}

// https://url.spec.whatwg.org/#port-state
func (p *parser) portState(out []byte, end int) ([]byte, bool) {
	// 1. Digits.
	port := 0
	start := p.at
	for ; p.at < end; p.at++ {
		if !isDigit(p.in[p.at]) {
			// 3. And nothing else.
			return p.fail(FaultPortInvalid, p.at, "a port consists of digits")
		}
		port = min(port*10+int(p.in[p.at]-'0'), 0xFFFF+1)
	}
	// 2.1. A port without digits is none.
	if p.at == start {
		return out, true
	}
	// 2.1.2. 16 bits.
	if port > 0xFFFF {
		return p.fail(FaultPortOutOfRange, start, "a port is at most 65535")
	}
	// 2.1.3. The default port goes without saying.
	if p.u.scheme != schemeOther && int(p.u.port) == port {
		return out, true
	}
	p.u.port = uint16(port)
	return appendPort(out, uint16(port)), true
}

// appendPort appends a colon and the port.
func appendPort(dst []byte, port uint16) []byte {
	dst = append(dst, ':')
	divisor := uint16(1)
	for port/divisor >= 10 {
		divisor *= 10
	}
	for ; divisor > 0; divisor /= 10 {
		dst = append(dst, '0'+byte(port/divisor%10))
	}
	return dst
}

// https://url.spec.whatwg.org/#file-state
//
// file begins after the scheme, which is written. File slash state is inside.
func (p *parser) file(out []byte) ([]byte, bool) {
	fromBase := p.base != nil && p.base.scheme == schemeFile
	if !p.eof() && p.slash(p.c()) {
		// 3. File slash state.
		p.at++
		if !p.eof() && p.slash(p.c()) {
			// 1.
			p.at++
			return p.fileHost(out)
		}
		// 2. The base's host, and its drive where the path does not begin with one.
		out = p.fileAuthority(out, fromBase)
		if fromBase && !startsWithDriveLetter(p.in[p.at:]) {
			if path := p.base.Path(); len(path) >= 3 && isDriveLetter(path[1:3], true) && (len(path) == 3 || path[3] == '/') {
				out = append(out, path[:3]...)
			}
		}
		return p.path(out)
	}
	// 4.1. The base's host, path and query.
	out = p.fileAuthority(out, fromBase)
	if !fromBase {
		// 5.
		return p.path(out)
	}
	if !p.eof() && p.c() != '?' && p.c() != '#' && startsWithDriveLetter(p.in[p.at:]) {
		// 4.4.3. A drive makes a path of its own.
		return p.path(out)
	}
	// 4.2 to 4.4 are those of the relative state.
	return p.relativeRest(out)
}

// fileAuthority writes the host of the base, or the empty host.
func (p *parser) fileAuthority(out []byte, fromBase bool) []byte {
	if fromBase {
		return p.copyAuthority(out)
	}
	out = append(out, "//"...)
	p.noHost(out)
	p.u.hostKind = HostEmpty
	return out
}

// https://url.spec.whatwg.org/#file-host-state
func (p *parser) fileHost(out []byte) ([]byte, bool) {
	end := p.at
	for end < len(p.in) && quick[p.in[end]]&quickStop == 0 {
		end++
	}
	out = append(out, "//"...)
	p.noHost(out)
	p.u.hostKind = HostEmpty
	host := p.in[p.at:end]
	switch {
	case isDriveLetter(host, false):
		// 1.1. A drive, not a host: the path begins with it.
		return p.path(out)
	case host == "":
		// 1.2. The empty host.
	default:
		// 1.3. A host; localhost is written as the empty one.
		var ok bool
		if out, ok = p.parseHost(out, host); !ok {
			return nil, false
		}
		if string(out[p.u.hostStart:]) == "localhost" {
			out = out[:p.u.hostStart]
			p.noHost(out)
			p.u.hostKind = HostEmpty
		}
	}
	p.at = end
	return p.pathStart(out)
}

// https://url.spec.whatwg.org/#windows-drive-letter
//
// isDriveLetter reports whether s is a Windows drive letter, with a colon where normalized is set.
func isDriveLetter(s string, normalized bool) bool {
	return len(s) == 2 && isAlpha(s[0]) && (s[1] == ':' || !normalized && s[1] == '|')
}

// https://url.spec.whatwg.org/#start-with-a-windows-drive-letter
func startsWithDriveLetter(s string) bool {
	return len(s) >= 2 && isDriveLetter(s[:2], false) && (len(s) == 2 || quick[s[2]]&quickStop != 0)
}

// https://url.spec.whatwg.org/#path-start-state
func (p *parser) pathStart(out []byte) ([]byte, bool) {
	p.u.pathStart = uint32(len(out))
	if p.u.scheme != schemeOther {
		// 1. Special URLs have a path.
		if !p.eof() && p.slash(p.c()) {
			p.at++
		}
		return p.path(out)
	}
	// 2, 3 and the end: no path at all.
	if p.eof() || p.c() == '?' || p.c() == '#' {
		out = p.endPath(out)
		return p.query(out)
	}
	// 4. It is a slash, for only those end an authority.
	p.at++
	return p.path(out)
}

// https://url.spec.whatwg.org/#path-state
//
// path adds the segments from the pointer on to the path that is in out.
func (p *parser) path(out []byte) ([]byte, bool) {
	for {
		// 1. A segment ends at a slash, question mark or "#", or the end.
		start := p.at
		for p.at < len(p.in) {
			c := p.in[p.at]
			if quick[c]&quickStop != 0 && (c != '\\' || p.u.scheme != schemeOther) {
				break
			}
			p.at++
		}
		segment := p.in[start:p.at]
		slash := !p.eof() && p.slash(p.c())
		switch dots(segment) {
		case 2:
			// 1.2. Two dots take the segment before away.
			out = p.shorten(out)
			if !slash {
				out = append(out, '/')
			}
		case 1:
			// 1.3. One dot is nothing, but at the end an empty segment.
			if !slash {
				out = append(out, '/')
			}
		default:
			// 1.4. Any other is appended, 2.3 percent-encoded.
			drive := p.u.scheme == schemeFile && len(out) == int(p.u.pathStart) && isDriveLetter(segment, false)
			out = append(out, '/')
			if drive {
				out = append(out, segment[0], ':')
				break
			}
			out = appendEncoded(out, segment, setPath)
		}
		if !slash {
			break
		}
		p.at++
	}
	// 1.6 and 1.7.
	out = p.endPath(out)
	return p.query(out)
}

// https://url.spec.whatwg.org/#shorten-a-urls-path
func (p *parser) shorten(out []byte) []byte {
	path := out[p.u.pathStart:]
	// 3. The drive of a file URL stays.
	if p.u.scheme == schemeFile && len(path) == 3 && isDriveLetter(string(path[1:]), true) {
		return out
	}
	// 4. The last segment goes, where there is one.
	i := len(path)
	for i > 0 && path[i-1] != '/' {
		i--
	}
	return out[:int(p.u.pathStart)+max(i-1, 0)]
}

// https://url.spec.whatwg.org/#concept-url-serializer
//
// endPath is step 3 of the URL serializer: without a host, "/." keeps a path that begins with two slashes from being
// taken for one.
func (p *parser) endPath(out []byte) []byte {
	path := out[p.u.pathStart:]
	if p.u.hostKind == HostNone && len(path) >= 2 && path[0] == '/' && path[1] == '/' {
		out = append(out, "/."...)
		path = out[p.u.pathStart:]
		copy(path[2:], path)
		copy(path, "/.")
		p.u.pathStart += 2
	}
	return out
}

// https://url.spec.whatwg.org/#cannot-be-a-base-url-path-state
func (p *parser) opaquePath(out []byte) ([]byte, bool) {
	start := p.at
	for p.at < len(p.in) && p.in[p.at] != '?' && p.in[p.at] != '#' {
		p.at++
	}
	// 3. Of the spaces only one before a query or fragment is encoded.
	path := p.in[start:p.at]
	if !p.eof() && strings.HasSuffix(path, " ") {
		out = appendEncoded(out, path[:len(path)-1], setC0)
		out = append(out, "%20"...)
	} else {
		// 4.
		out = appendEncoded(out, path, setC0)
	}
	return p.query(out)
}

// https://url.spec.whatwg.org/#query-state
//
// query begins at the "?", and goes on to the fragment where there is none.
func (p *parser) query(out []byte) ([]byte, bool) {
	p.u.queryStart = uint32(len(out))
	if p.c() == '?' {
		p.at++
		start := p.at
		if i := strings.IndexByte(p.in[start:], '#'); i >= 0 {
			p.at += i
		} else {
			p.at = len(p.in)
		}
		// 2. The encoding is UTF-8.
		set := uint8(setQuery)
		if p.u.scheme != schemeOther {
			set = setSpecialQuery
		}
		out = append(out, '?')
		out = appendEncoded(out, p.in[start:p.at], set)
	}
	return p.fragment(out)
}

// https://url.spec.whatwg.org/#fragment-state
//
// fragment begins at the "#", or at the end.
func (p *parser) fragment(out []byte) ([]byte, bool) {
	p.u.fragmentStart = uint32(len(out))
	if !p.eof() {
		out = append(out, '#')
		out = appendEncoded(out, p.in[p.at+1:], setFragment)
	}
	return out, true
}

// end ends a URL that has no fragment.
func (p *parser) end(out []byte) ([]byte, bool) {
	p.u.fragmentStart = uint32(len(out))
	return out, true
}
