package har

import (
	"encoding/json"
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A node is one well-formed JSON value and where in the file it began.
type node struct {
	raw []byte // without surrounding white space
	off int64
}

// kind returns what the value is: one of { [ " t f n 0.
func (n node) kind() byte {
	if len(n.raw) == 0 {
		return 'n'
	}
	switch c := n.raw[0]; c {
	case '{', '[', '"', 't', 'f', 'n':
		return c
	}
	return '0'
}

// describe says in words what the value is, for errors.
func (n node) describe() string {
	switch n.kind() {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return strconv.Quote(shorten(n.string()))
	case 'n':
		return "null"
	}
	return shorten(string(n.raw))
}

// shorten keeps the beginning of s, whole code points, for errors.
func shorten(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// members yields an object's keys, unquoted, and their values, in order; of
// any other value nothing.
func (n node) members() iter.Seq2[[]byte, node] {
	return func(yield func([]byte, node) bool) {
		if n.kind() != '{' {
			return
		}
		for i := 1; ; {
			i = skipSpace(n.raw, i)
			if i >= len(n.raw) || n.raw[i] != '"' {
				return
			}
			end := skipValue(n.raw, i)
			key := n.raw[i:end]
			i = skipSpace(n.raw, end)
			end = skipValue(n.raw, i)
			if !yield(unquoteKey(key), node{n.raw[i:end], n.off + int64(i)}) {
				return
			}
			i = end
		}
	}
}

// elements yields a list's values with their indices; of any other value
// nothing.
func (n node) elements() iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		if n.kind() != '[' {
			return
		}
		for i, at := 1, 0; ; at++ {
			i = skipSpace(n.raw, i)
			if i >= len(n.raw) || n.raw[i] == ']' {
				return
			}
			end := skipValue(n.raw, i)
			if !yield(at, node{n.raw[i:end], n.off + int64(i)}) {
				return
			}
			i = end
		}
	}
}

// skipSpace returns the index of the next byte at or after i that is neither
// white space nor a separator.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (isSpace(b[i]) || b[i] == ',' || b[i] == ':') {
		i++
	}
	return i
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			i++
			continue
		default:
			i++
			continue
		}
		if depth == 0 {
			return i
		}
	}
	return len(b)
}

// skipString returns the index after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func unquoteKey(quoted []byte) []byte {
	for _, c := range quoted {
		if c == '\\' || c >= 0x80 {
			return []byte(unquote(quoted))
		}
	}
	return quoted[1 : len(quoted)-1]
}

// string returns the text of a string value; of any other value nothing.
func (n node) string() string {
	if n.kind() != '"' {
		return ""
	}
	return unquote(n.raw)
}

// text returns the text of a string, number or boolean; null is empty text.
// It returns false for a list or an object.
func (n node) text() (string, bool) {
	switch n.kind() {
	case '{', '[':
		return "", false
	case '"':
		return unquote(n.raw), true
	case 'n':
		return "", true
	}
	return string(n.raw), true
}

// looseText is text, with a list or an object counting as empty.
func (n node) looseText() string {
	s, _ := n.text()
	return s
}

// number returns the value of a number, or of a string that holds one. It
// returns false for anything else and for what float64 cannot hold.
func (n node) number() (float64, bool) {
	s := string(n.raw)
	if n.kind() == '"' {
		s = strings.TrimSpace(n.string())
		if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') || !json.Valid([]byte(s)) {
			return 0, false // strconv knows more numbers than JSON
		}
	} else if n.kind() != '0' {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	return f, true
}

// size returns a number of bytes, and -1 for anything that is none.
func (n node) size() int64 {
	f, ok := n.number()
	if !ok || f < 0 || f > 1<<53 || f != math.Trunc(f) {
		return -1
	}
	return int64(f)
}

// unquote returns the text of a JSON string given with its quotes. Half a
// surrogate pair becomes U+FFFD; a byte that is no UTF-8, from an exporter that
// wrote Latin-1, becomes the code point of its number.
func unquote(quoted []byte) string {
	if len(quoted) < 2 {
		return ""
	}
	b := quoted[1 : len(quoted)-1]
	plain := true
	for _, c := range b {
		if c == '\\' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return string(b)
	}
	var s strings.Builder
	s.Grow(len(b))
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c == '\\' && i+1 < len(b):
			r, n := unescape(b[i:])
			s.WriteRune(r)
			i += n
		case c < 0x80:
			s.WriteByte(c)
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				r = rune(c)
			}
			s.WriteRune(r)
			i += n
		}
	}
	return s.String()
}

// unescape reads the escape sequence that b begins with, and returns its code
// point and how many bytes it took.
func unescape(b []byte) (rune, int) {
	switch b[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		high := hex4(b)
		if !utf16.IsSurrogate(high) {
			return high, min(6, len(b))
		}
		if low := hex4(b[min(6, len(b)):]); low >= 0 {
			if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
				return r, 12
			}
		}
		return utf8.RuneError, 6
	}
	return rune(b[1]), 2 // quote, backslash, slash
}

// hex4 returns the code unit of the \uXXXX that b begins with, or -1.
func hex4(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	v, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(v)
}
