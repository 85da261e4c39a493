package origin

import "unicode/utf8"

// Classes of bytes. The first six are the percent-encode sets that the URL parser uses; every byte above U+007E is
// in each of them.
const (
	setC0 = 1 << iota
	setFragment
	setQuery
	setSpecialQuery
	setPath
	setUserinfo
	forbiddenHost
	forbiddenDomain
)

// https://url.spec.whatwg.org/#percent-encoded-bytes
//
// classes tells for each byte to which of the classes it belongs.
var classes = func() (t [256]uint8) {
	add := func(set uint8, bytes string) {
		for i := range len(bytes) {
			t[bytes[i]] |= set
		}
	}
	const (
		fragment = " \"<>`"
		query    = " \"#<>"
		path     = query + "?^`{}"
		userinfo = path + "/:;=@[\\]|"
		host     = "\x00\t\n\r #/:<>?@[\\]^|"
	)
	for c := range 256 {
		if c < 0x20 || c > 0x7E {
			t[c] |= setC0 | setFragment | setQuery | setSpecialQuery | setPath | setUserinfo
		}
		if c < 0x20 || c == 0x7F {
			t[c] |= forbiddenDomain
		}
	}
	add(setFragment, fragment)
	add(setQuery, query)
	add(setSpecialQuery, query+"'")
	add(setPath, path)
	add(setUserinfo, userinfo)
	add(forbiddenHost|forbiddenDomain, host)
	add(forbiddenDomain, "%")
	return t
}()

const upperHex = "0123456789ABCDEF"

// https://url.spec.whatwg.org/#string-utf-8-percent-encode
//
// appendEncoded appends s, UTF-8 percent-encoded using set, to dst. A stretch of s that is not UTF-8 counts as U+FFFD.
func appendEncoded(dst []byte, s string, set uint8) []byte {
	done := 0 // s[:done] is in dst
	for i := 0; i < len(s); {
		c := s[i]
		if classes[c]&set == 0 {
			i++
			continue
		}
		dst = append(dst, s[done:i]...)
		switch {
		case c < utf8.RuneSelf:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, "%EF%BF%BD"...)
				i += illFormed(s[i:])
				break
			}
			for range n {
				dst = append(dst, '%', upperHex[s[i]>>4], upperHex[s[i]&15])
				i++
			}
		}
		done = i
	}
	return append(dst, s[done:]...)
}

// https://encoding.spec.whatwg.org/#utf-8-decoder
//
// illFormed returns how many bytes at the start of s, which is not UTF-8 there, UTF-8 decode replaces by one U+FFFD:
// the longest beginning of a well-formed sequence, or else one byte.
func illFormed(s string) int {
	lo, hi, need := byte(0x80), byte(0xBF), 0
	switch c := s[0]; {
	case 0xC2 <= c && c <= 0xDF:
		need = 1
	case c == 0xE0:
		lo, need = 0xA0, 2
	case c == 0xED:
		hi, need = 0x9F, 2
	case 0xE1 <= c && c <= 0xEF:
		need = 2
	case c == 0xF0:
		lo, need = 0x90, 3
	case c == 0xF4:
		hi, need = 0x8F, 3
	case 0xF1 <= c && c <= 0xF3:
		need = 3
	}
	n := 1
	for ; n <= need && n < len(s) && lo <= s[n] && s[n] <= hi; n++ {
		lo, hi = 0x80, 0xBF
	}
	return n
}

// https://url.spec.whatwg.org/#string-percent-decode
//
// appendDecoded appends s, percent-decoded, to dst. A "%" that two hex digits do not follow stays.
func appendDecoded(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			dst = append(dst, hexValue(s[i+1])<<4|hexValue(s[i+2]))
			i += 2
			continue
		}
		dst = append(dst, s[i])
	}
	return dst
}

func isDigit(c byte) bool { return c-'0' <= 9 }
func isAlpha(c byte) bool { return c|0x20-'a' < 26 }
func isUpper(c byte) bool { return c-'A' < 26 }
func isHex(c byte) bool   { return isDigit(c) || c|0x20-'a' < 6 }

// hexValue returns the value of the hex digit c.
func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}

// lower returns c in lower case where it is an ASCII letter.
func lower(c byte) byte {
	if isUpper(c) {
		return c + 0x20
	}
	return c
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
