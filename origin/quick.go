package origin

// Classes of bytes that need no second look where they stand.
const (
	quickHost     = 1 << iota // in the domain of a serialized URL
	quickPath                 // in the path of a special URL, dots and percent signs excepted
	quickQuery                // in the query of a special URL
	quickFragment             // in a fragment
	quickStop                 // ends the authority of a special URL
)

// quick tells for each byte to which of the quick classes it belongs.
var quick = func() (t [256]uint8) {
	for c := range 256 {
		b := byte(c)
		if isDigit(b) || isAlpha(b) && !isUpper(b) || b == '-' || b == '.' || b == '_' {
			t[c] |= quickHost
		}
		if classes[c]&setPath == 0 && b != '\\' && b != '.' && b != '%' {
			t[c] |= quickPath
		}
		if classes[c]&setSpecialQuery == 0 {
			t[c] |= quickQuery
		}
		if classes[c]&setFragment == 0 {
			t[c] |= quickFragment
		}
		if b == '/' || b == '\\' || b == '?' || b == '#' {
			t[c] |= quickStop
		}
	}
	return t
}()

// quickAuthority reads the scheme, host and port of an http or https URL from s where they are spelled as the URL
// serializer spells them, without credentials; u.hostEnd and u.pathStart are where host and port end. It leaves
// everything else, IPv6 included, to the parser.
func quickAuthority(s string) (u URL, ok bool) {
	if len(s) < len("http://a") || s[:4] != "http" || len(s) > maxURL {
		return u, false
	}
	colon := 4
	u.scheme = schemeHTTP
	if s[4] == 's' {
		colon, u.scheme = 5, schemeHTTPS
	}
	if s[colon:colon+3] != "://" {
		return u, false
	}
	start := colon + 3
	end := start
	for end < len(s) && quick[s[end]]&quickHost != 0 {
		end++
	}
	u.hostKind = plainHostEnd(s[start:end])
	if u.hostKind == HostNone {
		return u, false
	}
	stop := end
	if end < len(s) && s[end] == ':' {
		port, n := plainPort(s[end+1:])
		if n == 0 || port == u.scheme.defaultPort() {
			return u, false
		}
		stop = end + 1 + n
		u.port, u.hasPort = port, true
	}
	u.schemeEnd = uint32(colon)
	u.userEnd = uint32(start)
	u.hostStart = uint32(start)
	u.hostEnd = uint32(end)
	u.pathStart = uint32(stop)
	return u, true
}

// plainPort reads a port as the URL serializer writes it, without leading zeros, from the start of s. It returns the
// number of its digits, 0 where there is no such port.
func plainPort(s string) (port uint16, n int) {
	value := 0
	for n < len(s) && n < 6 && isDigit(s[n]) {
		value = value*10 + int(s[n]-'0')
		n++
	}
	if n == 0 || value > 0xFFFF || s[0] == '0' && n > 1 {
		return 0, 0
	}
	return uint16(value), n
}

// quickURL parses an http or https URL that is already spelled as the URL serializer spells it.
func quickURL(s string) (u URL, ok bool) {
	u, ok = quickAuthority(s)
	if !ok {
		return URL{}, false
	}
	i := int(u.pathStart)
	if i == len(s) || s[i] != '/' {
		return URL{}, false
	}
	for ; i < len(s); i++ {
		if quick[s[i]]&quickPath != 0 {
			continue
		}
		if s[i] == '.' || s[i] == '%' {
			// Only at the start of a segment can it be one of dots.
			if s[i-1] == '/' && dots(s[i:segmentEnd(s, i)]) > 0 {
				return URL{}, false
			}
			continue
		}
		break
	}
	u.queryStart = uint32(i)
	if i < len(s) && s[i] == '?' {
		i++
		for i < len(s) && quick[s[i]]&quickQuery != 0 {
			i++
		}
	}
	u.fragmentStart = uint32(i)
	if i < len(s) && s[i] == '#' {
		i++
		for i < len(s) && quick[s[i]]&quickFragment != 0 {
			i++
		}
	}
	if i < len(s) {
		return URL{}, false
	}
	u.href = s
	return u, true
}

// segmentEnd returns where the segment of a special URL's path that begins at byte i of s ends, or a byte after which
// it is too long to be a segment of dots.
func segmentEnd(s string, i int) int {
	end := i
	for end < len(s) && end <= i+len("%2e%2e") && quick[s[end]]&quickStop == 0 {
		end++
	}
	return end
}

// dots returns 1 for a single-dot URL path segment, 2 for a double-dot one, and 0 for any other.
func dots(segment string) int {
	n := 0
	for i := 0; i < len(segment); n++ {
		switch {
		case n == 2:
			return 0
		case segment[i] == '.':
			i++
		case len(segment) >= i+3 && segment[i] == '%' && segment[i+1] == '2' && segment[i+2]|0x20 == 'e':
			i += 3
		default:
			return 0
		}
	}
	return n
}
