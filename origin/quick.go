package origin

import (
	"encoding/binary"
	"math/bits"
)

// Classes of bytes that need no second look where they stand.
const (
	quickHost     = 1 << iota // in the domain of a serialized URL
	quickPath                 // in the path of a special URL, dots and percent signs after a slash excepted
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
		if classes[c]&setPath == 0 && b != '\\' {
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

// The scanners below look at eight bytes at a time. They answer with the topmost bit of each byte; the other bits are
// noise. Their y has no byte above 0x7F, so that nothing carries from one byte into the next.
const (
	ones = 0x0101010101010101
	tops = 0x80 * ones
)

// window returns the eight bytes of s from byte i on, the first lowest, with zeros after the end of s, which is at
// least eight bytes long.
func window(s []byte, i int) uint64 {
	j := min(i, len(s)-8)
	return binary.LittleEndian.Uint64(s[j:]) >> (8 * uint(i-j))
}

// atLeast tells the bytes of y from lo on, between those from lo to hi, equal those that are c.
func atLeast(y uint64, lo uint64) uint64     { return y + (0x80-lo)*ones }
func between(y uint64, lo, hi uint64) uint64 { return (y + (0x80-lo)*ones) &^ (y + (0x7F-hi)*ones) }
func equal(y uint64, c uint64) uint64        { return tops - (y ^ c*ones) }

// An authority is where the parts of a serialized http or https URL end that come before its path.
type authority struct {
	colon  int // after the scheme
	end    int // of the host
	stop   int // of the port
	port   uint16
	scheme scheme
	kind   HostKind // HostNone where it is not one that quickAuthority reads
}

// quickAuthority reads the scheme, host and port of an http or https URL from s where they are spelled as the URL
// serializer spells them, without credentials. It leaves everything else, IPv6 included, to the parser.
func quickAuthority(s string) (a authority) {
	if len(s) < len("http://a") || len(s) > maxURL || s[:4] != "http" {
		return a
	}
	a.colon, a.scheme, a.port = 4, schemeHTTP, 80
	if s[4] == 's' {
		a.colon, a.scheme, a.port = 5, schemeHTTPS, 443
	}
	start := a.colon + 3
	if s[a.colon:start] != "://" {
		return a
	}
	// The host: letters, digits, "-", "." and "_".
	b := []byte(s) // costs nothing, since nobody keeps or changes it
	i := start
	digits := uint64(0)
	for {
		x := window(b, i)
		y := x &^ tops
		digit := between(y, '0', '9')
		bad := (x | ^(digit | between(y, 'a', 'z') | between(y, '-', '.') | equal(y, '_'))) & tops
		if bad != 0 {
			digits |= digit & tops & (bad&-bad - 1)
			i += bits.TrailingZeros64(bad) >> 3
			break
		}
		digits |= digit & tops
		i += 8
	}
	if i == start {
		return a
	}
	a.end, a.stop = i, i
	kind := HostDomain
	if digits != 0 {
		// It may end in a number.
		kind = plainHostEnd(s[start:i])
	}
	if i < len(s) && s[i] == ':' {
		port, n := plainPort(s[i+1:])
		if n == 0 || port == a.port {
			return a
		}
		a.port = port
		a.stop = i + 1 + n
	}
	a.kind = kind
	return a
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

// quickURL parses an http or https URL that is already spelled as the URL serializer spells it into u. Where it
// returns false u is no good.
func quickURL(s string, u *URL) bool {
	a := quickAuthority(s)
	if a.kind == HostNone || a.stop == len(s) || s[a.stop] != '/' {
		return false
	}
	// The path. A dot or percent sign after a slash may begin a segment of dots.
	b := []byte(s)
	i := a.stop
	slash := uint64(0) // in its lowest byte, whether the byte before the window is a slash
	for {
		x := window(b, i)
		y := x &^ tops
		slashes := equal(y, '/')
		bad := x | ^atLeast(y, 0x21) | between(y, 0x22, 0x23) | between(y, 0x3C, 0x3F) | between(y, 0x5B, 0x5E) |
			equal(y, 0x60) | atLeast(y, 0x7B)
		bad |= (slashes<<8 | slash) & (equal(y, '.') | equal(y, '%'))
		bad &= tops
		if bad == 0 {
			slash = slashes >> 56
			i += 8
			continue
		}
		i += bits.TrailingZeros64(bad) >> 3
		if i >= len(s) {
			i = len(s)
			break
		}
		if quick[s[i]]&quickPath == 0 {
			break
		}
		if (s[i] == '.' || s[i] == '%') && dots(s[i:segmentEnd(s, i)]) > 0 {
			return false
		}
		slash = 0
		i++
	}
	u.queryStart = uint32(i)
	if i < len(s) && s[i] == '?' {
		for i++; ; i += 8 {
			x := window(b, i)
			y := x &^ tops
			bad := (x | ^atLeast(y, 0x21) | between(y, 0x22, 0x23) | equal(y, '\'') | equal(y, '<') | equal(y, '>') |
				equal(y, 0x7F)) & tops
			if bad != 0 {
				i += bits.TrailingZeros64(bad) >> 3
				break
			}
		}
		i = min(i, len(s))
	}
	u.fragmentStart = uint32(i)
	if i < len(s) && s[i] == '#' {
		i++
		for i < len(s) && quick[s[i]]&quickFragment != 0 {
			i++
		}
	}
	if i < len(s) {
		return false
	}
	u.href = s
	u.schemeEnd = uint32(a.colon)
	u.userEnd = uint32(a.colon + 3)
	u.hostStart = uint32(a.colon + 3)
	u.hostEnd = uint32(a.end)
	u.pathStart = uint32(a.stop)
	u.port = a.port
	u.scheme = a.scheme
	u.hostKind = a.kind
	return true
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
