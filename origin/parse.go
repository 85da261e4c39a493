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
	if base != nil && base.IsZero() {
		base = nil
	}
	p := parser{base: base}
	// Basic URL parser 1 to 3. Leading and trailing C0 controls and spaces go, then tabs and newlines anywhere.
	trimmed := strings.TrimRightFunc(ref, isC0OrSpace)
	end := len(trimmed)
	trimmed = strings.TrimLeftFunc(trimmed, isC0OrSpace)
	p.in = withoutTabsAndNewlines(trimmed)
	var buf [256]byte
	p.out = p.buffer(buf[:0])

	if p.parse() && len(p.out) <= maxURL && len(ref) <= maxURL {
		if cap(p.out) == len(buf) {
			p.u.href = string(p.out)
		} else {
			// The buffer is never written to again, so it can be the text as it is.
			p.u.href = unsafe.String(unsafe.SliceData(p.out), len(p.out))
		}
		return p.u, nil
	}
	if !p.failure.bad() {
		p.failure = failure{FaultUnnamed, -1, "the URL is longer than 2^30 bytes"}
	}
	at := p.failure.at
	if at >= 0 {
		// Find the byte in ref: the parser saw it without tabs and newlines.
		i := end - len(trimmed)
		for n := at; i < end; i++ {
			if c := ref[i]; c == '\t' || c == '\n' || c == '\r' {
				continue
			}
			if n == 0 {
				break
			}
			n--
		}
		at = i
	}
	return URL{}, &Error{Input: shorten(ref), Offset: at, Fault: p.failure.fault, Rule: p.failure.rule}
}

func isC0OrSpace(r rune) bool { return r <= ' ' }

// A parser runs the basic URL parser. It writes the serialization as it goes along, for the parts of a URL come in the
// order in which they are serialized.
type parser struct {
	in      string // what is to be parsed
	at      int    // the pointer
	base    *URL   // nil where there is none
	out     []byte // the serialization so far
	u       URL    // the offsets into it
	failure failure
}

// buffer returns small where the serialization will fit in it, and otherwise a buffer in which it will.
func (p *parser) buffer(small []byte) []byte {
	n := len(p.in)
	if p.base != nil {
		n += len(p.base.href)
	}
	if 3*n <= cap(small)-16 {
		return small
	}
	high := 0
	for i := range len(p.in) {
		c := p.in[i]
		if classes[c]&(setPath|setSpecialQuery) != 0 || c == '@' {
			n += 2
		}
		if c >= utf8.RuneSelf {
			high++
		}
	}
	if high > 0 && !utf8.ValidString(p.in) {
		n += 6 * high // A byte that is not UTF-8 becomes the nine bytes of an encoded U+FFFD.
	}
	if n <= cap(small)-16 {
		return small
	}
	return make([]byte, 0, n+n/64+64)
}

func (p *parser) fail(fault Fault, at int, rule string) bool {
	p.failure = failure{fault, at, rule}
	return false
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
func (p *parser) setScheme(name string) {
	for i := range len(name) {
		p.out = append(p.out, lower(name[i]))
	}
	p.u.schemeEnd = uint32(len(p.out))
	p.out = append(p.out, ':')
}

// https://url.spec.whatwg.org/#concept-basic-url-parser
//
// parse is the basic URL parser from step 4 on. The scheme start state and the scheme state are here; every other
// state is a method that goes on to the next.
func (p *parser) parse() bool {
	// Scheme start state and scheme state: a letter, then letters, digits, "+", "-", ".", then a colon.
	i := 0
	if len(p.in) > 0 && isAlpha(p.in[0]) {
		for i < len(p.in) && (isAlpha(p.in[i]) || isDigit(p.in[i]) || p.in[i] == '+' || p.in[i] == '-' || p.in[i] == '.') {
			i++
		}
	}
	if i == 0 || i == len(p.in) || p.in[i] != ':' {
		return p.noScheme()
	}
	// Scheme state 2.2 to 2.9.
	p.setScheme(p.in[:i])
	p.u.scheme = schemeOf(string(p.out[:i]))
	p.u.port = p.u.scheme.defaultPort()
	p.at = i + 1
	switch {
	case p.u.scheme == schemeFile:
		return p.file()
	case p.u.scheme != schemeOther && p.base != nil && p.base.scheme == p.u.scheme:
		// Special relative or authority state.
		if strings.HasPrefix(p.in[p.at:], "//") {
			return p.authorityIgnoringSlashes()
		}
		return p.relative()
	case p.u.scheme != schemeOther:
		// Special authority slashes state: two slashes or none, it is an authority.
		return p.authorityIgnoringSlashes()
	case p.c() == '/':
		// Path or authority state.
		p.at++
		if p.c() == '/' {
			p.at++
			return p.authority()
		}
		p.noHost()
		return p.path()
	}
	p.noHost()
	return p.opaquePath()
}

// https://url.spec.whatwg.org/#no-scheme-state
func (p *parser) noScheme() bool {
	switch {
	case p.base == nil:
		// 1. Nothing to be relative to.
		return p.fail(MissingSchemeNonRelativeURL, 0, "a URL without a scheme needs a base URL")
	case p.base.OpaquePath() && p.c() != '#':
		// 1. A base with an opaque path lends it to a fragment only.
		return p.fail(MissingSchemeNonRelativeURL, 0, "the base URL has an opaque path, to which nothing but a fragment is relative")
	case p.base.OpaquePath():
		// 2. All of the base but its fragment.
		p.out = append(p.out, p.base.WithoutFragment()...)
		fragmentStart := p.base.fragmentStart
		p.u = *p.base
		p.u.fragmentStart = fragmentStart
		return p.fragment()
	}
	p.u.scheme = p.base.scheme
	p.u.port = p.u.scheme.defaultPort()
	p.setScheme(p.base.Scheme())
	if p.base.scheme != schemeFile {
		// 3.
		return p.relative()
	}
	// 4.
	return p.file()
}

// https://url.spec.whatwg.org/#relative-state
//
// relative begins after the scheme, which is the base's and is written. Relative slash state is inside.
func (p *parser) relative() bool {
	if c := p.c(); !p.eof() && p.slash(c) {
		// 3 and 4. Relative slash state.
		p.at++
		next := p.c()
		if !p.eof() && p.slash(next) {
			p.at++
			if p.u.scheme != schemeOther {
				return p.authorityIgnoringSlashes()
			}
			return p.authority()
		}
		p.copyAuthority()
		return p.path()
	}
	// 5. Username, password, host, port, path and query are the base's.
	p.copyAuthority()
	return p.relativeRest()
}

// https://url.spec.whatwg.org/#relative-state
//
// relativeRest is steps 5.2 to 5.4 of the relative state, the authority written.
func (p *parser) relativeRest() bool {
	p.out = append(p.out, p.base.Path()...)
	switch {
	case p.eof():
		p.endPath()
		p.copyQuery()
		return p.end()
	case p.c() == '?':
		// 5.2. The base's path, another query.
		p.endPath()
		return p.query()
	case p.c() == '#':
		// 5.3. The base's path and query, another fragment.
		p.endPath()
		p.copyQuery()
		return p.fragment()
	}
	// 5.4. Another path, beginning with the base's but its last segment.
	p.shorten()
	return p.path()
}

// copyAuthority writes username, password, host and port of the base.
func (p *parser) copyAuthority() {
	b := p.base
	if b.hostKind == HostNone {
		p.noHost()
		return
	}
	by := p.u.schemeEnd - b.schemeEnd // The schemes are the same, so that this is 0.
	p.out = append(p.out, b.href[b.schemeEnd+1:b.pathStart]...)
	p.u.userEnd = b.userEnd + by
	p.u.hostStart = b.hostStart + by
	p.u.hostEnd = b.hostEnd + by
	p.u.pathStart = b.pathStart + by
	p.u.port, p.u.hostKind = b.port, b.hostKind
}

// noHost sets the offsets for a URL whose host is null.
func (p *parser) noHost() {
	n := uint32(len(p.out))
	p.u.userEnd, p.u.hostStart, p.u.hostEnd, p.u.pathStart = n, n, n, n
}

// copyQuery writes the base's query.
func (p *parser) copyQuery() {
	p.u.queryStart = uint32(len(p.out))
	p.out = append(p.out, p.base.href[p.base.queryStart:p.base.fragmentStart]...)
}

// https://url.spec.whatwg.org/#special-authority-ignore-slashes-state
func (p *parser) authorityIgnoringSlashes() bool {
	for !p.eof() && (p.c() == '/' || p.c() == '\\') {
		p.at++
	}
	return p.authority()
}

// https://url.spec.whatwg.org/#authority-state
//
// authority writes username and password and goes on with the host state.
func (p *parser) authority() bool {
	p.out = append(p.out, "//"...)
	start := uint32(len(p.out))
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
		p.out = appendEncoded(p.out, user, setUserinfo)
		p.u.userEnd = uint32(len(p.out))
		if password != "" {
			p.out = append(p.out, ':')
			p.out = appendEncoded(p.out, password, setUserinfo)
		}
		if uint32(len(p.out)) > start {
			p.out = append(p.out, '@')
		}
		p.u.hostStart = uint32(len(p.out))
		p.at = at + 1
		// 2.1. No credentials without a host.
		if p.at == end {
			return p.fail(HostMissing, p.at, "credentials need a host after them")
		}
	}
	return p.host(end)
}

// https://url.spec.whatwg.org/#host-state
//
// host parses the host, and the port in front of the path that begins at byte end.
func (p *parser) host(end int) bool {
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
		return p.fail(HostMissing, p.at, "a host cannot be empty here")
	}
	// 2.3 to 2.5 and 3.3 to 3.5.
	if !p.parseHost(p.in[p.at:stop]) {
		return false
	}
	p.at = stop
	// https://url.spec.whatwg.org/#port-state
	if p.at < end {
		p.at++
		if !p.portState(end) {
			return false
		}
	}
	return p.pathStart()
}

// parseHost runs the host parser on s and writes what it returns.
func (p *parser) parseHost(s string) bool {
	out, kind, f := appendHost(p.out, s, p.u.scheme == schemeOther)
	if f.bad() {
		p.failure = f.moved(p.at)
		return false
	}
	p.out, p.u.hostKind = out, kind
	p.u.hostEnd = uint32(len(out))
	return true
}

// https://url.spec.whatwg.org/#port-state
func (p *parser) portState(end int) bool {
	// 1. Digits.
	port := 0
	start := p.at
	for ; p.at < end; p.at++ {
		if !isDigit(p.in[p.at]) {
			// 3. And nothing else.
			return p.fail(PortInvalid, p.at, "a port consists of digits")
		}
		port = min(port*10+int(p.in[p.at]-'0'), 0xFFFF+1)
	}
	// 2.1. A port without digits is none.
	if p.at == start {
		return true
	}
	// 2.1.2. 16 bits.
	if port > 0xFFFF {
		return p.fail(PortOutOfRange, start, "a port is at most 65535")
	}
	// 2.1.3. The default port goes without saying.
	if p.u.scheme != schemeOther && int(p.u.port) == port {
		return true
	}
	p.u.port = uint16(port)
	p.out = appendPort(p.out, uint16(port))
	return true
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
func (p *parser) file() bool {
	fromBase := p.base != nil && p.base.scheme == schemeFile
	if !p.eof() && p.slash(p.c()) {
		// 3. File slash state.
		p.at++
		if !p.eof() && p.slash(p.c()) {
			// 1.
			p.at++
			return p.fileHost()
		}
		// 2. The base's host, and its drive where the path does not begin with one.
		p.fileAuthority(fromBase)
		if fromBase && !startsWithDriveLetter(p.in[p.at:]) {
			if path := p.base.Path(); len(path) >= 3 && isDriveLetter(path[1:3], true) && (len(path) == 3 || path[3] == '/') {
				p.out = append(p.out, path[:3]...)
			}
		}
		return p.path()
	}
	// 4.1. The base's host, path and query.
	p.fileAuthority(fromBase)
	if !fromBase {
		// 5.
		return p.path()
	}
	if !p.eof() && p.c() != '?' && p.c() != '#' && startsWithDriveLetter(p.in[p.at:]) {
		// 4.4.3. A drive makes a path of its own.
		return p.path()
	}
	// 4.2 to 4.4 are those of the relative state.
	return p.relativeRest()
}

// fileAuthority writes the host of the base, or the empty host.
func (p *parser) fileAuthority(fromBase bool) {
	if fromBase {
		p.copyAuthority()
		return
	}
	p.out = append(p.out, "//"...)
	p.noHost()
	p.u.hostKind = HostEmpty
}

// https://url.spec.whatwg.org/#file-host-state
func (p *parser) fileHost() bool {
	end := p.at
	for end < len(p.in) && quick[p.in[end]]&quickStop == 0 {
		end++
	}
	p.out = append(p.out, "//"...)
	p.noHost()
	p.u.hostKind = HostEmpty
	host := p.in[p.at:end]
	switch {
	case isDriveLetter(host, false):
		// 1.1. A drive, not a host: the path begins with it.
		return p.path()
	case host == "":
		// 1.2. The empty host.
	default:
		// 1.3. A host; localhost is written as the empty one.
		if !p.parseHost(host) {
			return false
		}
		if string(p.out[p.u.hostStart:]) == "localhost" {
			p.out = p.out[:p.u.hostStart]
			p.noHost()
			p.u.hostKind = HostEmpty
		}
	}
	p.at = end
	return p.pathStart()
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
func (p *parser) pathStart() bool {
	p.u.pathStart = uint32(len(p.out))
	if p.u.scheme != schemeOther {
		// 1. Special URLs have a path.
		if !p.eof() && p.slash(p.c()) {
			p.at++
		}
		return p.path()
	}
	// 2, 3 and the end: no path at all.
	if p.eof() || p.c() == '?' || p.c() == '#' {
		p.endPath()
		return p.query()
	}
	// 4. It is a slash, for only those end an authority.
	p.at++
	return p.path()
}

// https://url.spec.whatwg.org/#path-state
//
// path adds the segments from the pointer on to the path that is in out.
func (p *parser) path() bool {
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
			p.shorten()
			if !slash {
				p.out = append(p.out, '/')
			}
		case 1:
			// 1.3. One dot is nothing, but at the end an empty segment.
			if !slash {
				p.out = append(p.out, '/')
			}
		default:
			// 1.4. Any other is appended, 2.3 percent-encoded.
			drive := p.u.scheme == schemeFile && len(p.out) == int(p.u.pathStart) && isDriveLetter(segment, false)
			p.out = append(p.out, '/')
			if drive {
				p.out = append(p.out, segment[0], ':')
				break
			}
			p.out = appendEncoded(p.out, segment, setPath)
		}
		if !slash {
			break
		}
		p.at++
	}
	// 1.6 and 1.7.
	p.endPath()
	return p.query()
}

// https://url.spec.whatwg.org/#shorten-a-urls-path
func (p *parser) shorten() {
	path := p.out[p.u.pathStart:]
	// 3. The drive of a file URL stays.
	if p.u.scheme == schemeFile && len(path) == 3 && isDriveLetter(string(path[1:]), true) {
		return
	}
	// 4. The last segment goes, where there is one.
	i := len(path)
	for i > 0 && path[i-1] != '/' {
		i--
	}
	p.out = p.out[:int(p.u.pathStart)+max(i-1, 0)]
}

// https://url.spec.whatwg.org/#concept-url-serializer
//
// endPath is step 3 of the URL serializer: without a host, "/." keeps a path that begins with two slashes from being
// taken for one.
func (p *parser) endPath() {
	path := p.out[p.u.pathStart:]
	if p.u.hostKind == HostNone && len(path) >= 2 && path[0] == '/' && path[1] == '/' {
		p.out = append(p.out, "/."...)
		path = p.out[p.u.pathStart:]
		copy(path[2:], path)
		copy(path, "/.")
		p.u.pathStart += 2
	}
}

// https://url.spec.whatwg.org/#cannot-be-a-base-url-path-state
func (p *parser) opaquePath() bool {
	start := p.at
	for p.at < len(p.in) && p.in[p.at] != '?' && p.in[p.at] != '#' {
		p.at++
	}
	// 3. Of the spaces only one before a query or fragment is encoded.
	path := p.in[start:p.at]
	if !p.eof() && strings.HasSuffix(path, " ") {
		p.out = appendEncoded(p.out, path[:len(path)-1], setC0)
		p.out = append(p.out, "%20"...)
	} else {
		// 4.
		p.out = appendEncoded(p.out, path, setC0)
	}
	return p.query()
}

// https://url.spec.whatwg.org/#query-state
//
// query begins at the "?", and goes on to the fragment where there is none.
func (p *parser) query() bool {
	p.u.queryStart = uint32(len(p.out))
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
		p.out = append(p.out, '?')
		p.out = appendEncoded(p.out, p.in[start:p.at], set)
	}
	return p.fragment()
}

// https://url.spec.whatwg.org/#fragment-state
//
// fragment begins at the "#", or at the end.
func (p *parser) fragment() bool {
	p.u.fragmentStart = uint32(len(p.out))
	if !p.eof() {
		p.out = append(p.out, '#')
		p.out = appendEncoded(p.out, p.in[p.at+1:], setFragment)
	}
	return true
}

// end ends a URL that has no fragment.
func (p *parser) end() bool {
	p.u.fragmentStart = uint32(len(p.out))
	return true
}
