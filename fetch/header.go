package fetch

import (
	"slices"
	"strings"
)

// A Header is one line of a header list. Name and Value are bytes as they travel; a value has no spaces or tabs at
// its ends.
type Header struct{ Name, Value string }

// Headers is a header list: order and repeats are kept, names keep their case, look-ups do not mind it.
//
// https://fetch.spec.whatwg.org/#concept-header-list
type Headers []Header

// H makes a header list of names and values in turn: H("Accept", "text/html", "X-Trace", "1"). A last name without a
// value has the empty value.
func H(namesAndValues ...string) Headers {
	h := make(Headers, 0, (len(namesAndValues)+1)/2)
	for i := 0; i < len(namesAndValues); i += 2 {
		value := ""
		if i+1 < len(namesAndValues) {
			value = namesAndValues[i+1]
		}
		h = append(h, Header{namesAndValues[i], value})
	}
	return h
}

// Has reports whether the list contains name.
func (h Headers) Has(name string) bool {
	for i := range h {
		if len(h[i].Name) == len(name) && equalFold(h[i].Name, name) {
			return true
		}
	}
	return false
}

// Get returns the values of all headers called name, joined by a comma and a space, and whether there is one. It
// allocates only when there are several.
//
// https://fetch.spec.whatwg.org/#concept-header-list-get
func (h Headers) Get(name string) (value string, ok bool) {
	for i := range h {
		if len(h[i].Name) != len(name) || !equalFold(h[i].Name, name) {
			continue
		}
		if ok {
			return h.getRepeated(name), true
		}
		value, ok = h[i].Value, true
	}
	return value, ok
}

func (h Headers) getRepeated(name string) string {
	var b strings.Builder
	first := true
	for i := range h {
		if equalFold(h[i].Name, name) {
			if !first {
				b.WriteString(", ")
			}
			first = false
			b.WriteString(h[i].Value)
		}
	}
	return b.String()
}

// Values returns the values of all headers called name, in order.
func (h Headers) Values(name string) []string {
	var v []string
	for i := range h {
		if equalFold(h[i].Name, name) {
			v = append(v, h[i].Value)
		}
	}
	return v
}

// Append adds a header at the end of the list, under the name that the list already uses for it.
//
// https://fetch.spec.whatwg.org/#concept-header-list-append
func (h *Headers) Append(name, value string) {
	for i := range *h {
		if equalFold((*h)[i].Name, name) {
			name = (*h)[i].Name
			break
		}
	}
	*h = append(*h, Header{name, value})
}

// Delete removes all headers called name.
//
// https://fetch.spec.whatwg.org/#concept-header-list-delete
func (h *Headers) Delete(name string) {
	*h = slices.DeleteFunc(*h, func(x Header) bool { return equalFold(x.Name, name) })
}

// Set gives the first header called name the value and removes the others, or appends it.
//
// https://fetch.spec.whatwg.org/#concept-header-list-set
func (h *Headers) Set(name, value string) {
	for i := range *h {
		if equalFold((*h)[i].Name, name) {
			(*h)[i].Value = value
			rest := (*h)[i+1:]
			rest.Delete(name)
			*h = (*h)[:i+1+len(rest)]
			return
		}
	}
	*h = append(*h, Header{name, value})
}

// Combine adds value to that of the first header called name, after a comma and a space, or appends it.
//
// https://fetch.spec.whatwg.org/#concept-header-list-combine
func (h *Headers) Combine(name, value string) {
	for i := range *h {
		if equalFold((*h)[i].Name, name) {
			(*h)[i].Value += ", " + value
			return
		}
	}
	*h = append(*h, Header{name, value})
}

// SortAndCombine returns the list as a script iterates over it: names in lower case and sorted, the values of a
// repeated name joined by a comma and a space, but for Set-Cookie, each of whose values stands alone.
//
// https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine
func (h Headers) SortAndCombine() Headers {
	// 1.-2. All names in lower case, sorted; equal names keep their order.
	sorted := make(Headers, len(h))
	for i := range h {
		sorted[i] = Header{lower(h[i].Name), h[i].Value}
	}
	slices.SortStableFunc(sorted, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	// 3. Set-Cookie stays as it is, the others are combined.
	out := sorted[:0]
	for i := 0; i < len(sorted); {
		name, j := sorted[i].Name, i+1
		for j < len(sorted) && sorted[j].Name == name {
			j++
		}
		switch {
		case name == "set-cookie":
			out = append(out, sorted[i:j]...)
		case j == i+1:
			out = append(out, sorted[i])
		default:
			out = append(out, Header{name, joinValues(sorted[i:j])})
		}
		i = j
	}
	// 4.
	return out
}

func joinValues(h Headers) string {
	values := make([]string, len(h))
	for i := range h {
		values[i] = h[i].Value
	}
	return strings.Join(values, ", ")
}

// Clone returns a copy that shares nothing with h.
func (h Headers) Clone() Headers { return slices.Clone(h) }

// GetDecodeAndSplit returns the comma-separated values of all headers called name; commas within quotes do not
// count. ok is false if there is no such header.
//
// https://fetch.spec.whatwg.org/#concept-header-list-get-decode-split
func (h Headers) GetDecodeAndSplit(name string) (values []string, ok bool) {
	v, ok := h.Get(name)
	if !ok {
		return nil, false
	}
	for s := range decodeAndSplit(v) {
		values = append(values, s)
	}
	return values, true
}

// decodeAndSplit yields the comma-separated values of one header value.
//
// https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
func decodeAndSplit(value string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		// 2.-4. The value being collected is value[start:i].
		start, i := 0, 0
		// 5.
		for {
			// 5.1 Up to a quote or a comma.
			for i < len(value) && value[i] != '"' && value[i] != ',' {
				i++
			}
			// 5.2 A quoted string belongs to the value whole.
			if i < len(value) && value[i] == '"' {
				i = skipQuotedString(value, i)
				if i < len(value) {
					continue
				}
			}
			// 5.3-5.5
			if !yield(trimTabOrSpace(value[start:i])) {
				return
			}
			// 5.6
			if i >= len(value) {
				return
			}
			// 5.7-5.8
			i++
			start = i
		}
	}
}

// skipQuotedString returns the position after the quoted string that begins at value[i].
//
// https://fetch.spec.whatwg.org/#collect-an-http-quoted-string
func skipQuotedString(value string, i int) int {
	for i++; i < len(value); i++ {
		switch value[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(value)
}

// NormalizeValue removes tabs, spaces, line feeds and carriage returns from the ends of a value.
//
// https://fetch.spec.whatwg.org/#concept-header-value-normalize
func NormalizeValue(value string) string {
	for value != "" && isHTTPWhitespace(value[0]) {
		value = value[1:]
	}
	for value != "" && isHTTPWhitespace(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	return value
}

func isHTTPWhitespace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// IsHeaderName reports whether name is a header name: an HTTP token.
//
// https://fetch.spec.whatwg.org/#header-name
func IsHeaderName(name string) bool { return isToken(name) }

// IsHeaderValue reports whether value is a header value: no spaces or tabs at its ends, no NUL, no line feed, no
// carriage return.
//
// https://fetch.spec.whatwg.org/#header-value
func IsHeaderValue(value string) bool {
	for i := range len(value) {
		if c := value[i]; c <= '\r' && (c == 0 || c == '\n' || c == '\r') {
			return false
		}
	}
	return value == "" || !isTabOrSpace(value[0]) && !isTabOrSpace(value[len(value)-1])
}

func isTabOrSpace(c byte) bool { return c == ' ' || c == '\t' }

func trimTabOrSpace(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// tokenByte has a true for each byte that a token of RFC 9110, section 5.6.2, may hold.
var tokenByte = [256]bool{
	'!': true, '#': true, '$': true, '%': true, '&': true, '\'': true, '*': true, '+': true, '-': true, '.': true,
	'^': true, '_': true, '`': true, '|': true, '~': true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true, 'J': true,
	'K': true, 'L': true, 'M': true, 'N': true, 'O': true, 'P': true, 'Q': true, 'R': true, 'S': true, 'T': true,
	'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true, 'j': true,
	'k': true, 'l': true, 'm': true, 'n': true, 'o': true, 'p': true, 'q': true, 'r': true, 's': true, 't': true,
	'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true,
}

func isToken(s string) bool {
	for i := range len(s) {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

// lowerByte lower-cases one ASCII byte.
func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// lower byte-lowercases s; it allocates only when there is something to lower.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return string(appendLower(nil, s))
		}
	}
	return s
}

func appendLower(b []byte, s string) []byte {
	n := len(b)
	b = append(b, s...)
	for i, c := range b[n:] {
		if 'A' <= c && c <= 'Z' {
			b[n+i] = c | 0x20
		}
	}
	return b
}

// equalFold reports whether a and b are a byte-case-insensitive match.
func equalFold(a, b string) bool { return len(a) == len(b) && equalFoldLong(a, b) }

// equalFoldLong is equalFold for strings of the same length.
func equalFoldLong(a, b string) bool {
	if a == b {
		return true
	}
	last := len(a) - 8
	if last < 0 {
		return equalFoldBytes(a, b)
	}
	// Headers that begin alike end otherwise.
	if !equalFold8(load64(a, last), load64(b, last)) {
		return false
	}
	for i := 0; i < last; i += 8 {
		if !equalFold8(load64(a, i), load64(b, i)) {
			return false
		}
	}
	return true
}

// equalFold8 is equalFold for eight bytes at a time.
func equalFold8(x, y uint64) bool {
	const (
		each = 0x0101010101010101
		high = 0x80 * each
		bit  = 0x20 * each // what tells a small letter from a capital
	)
	differ := x ^ y
	if differ&^bit != 0 {
		return false
	}
	// Bytes that differ have to be letters. In heptets, adding makes the high bit tell whether a byte is at least
	// an a, or past the z.
	heptets := (x | bit) &^ high
	letters := (heptets + (0x80-'a')*each) &^ (heptets + (0x7f-'z')*each) &^ x & high
	return differ&^(letters>>2) == 0
}

func equalFoldBytes(a, b string) bool {
	for i := range len(a) {
		if x, y := a[i], b[i]; x != y && lowerByte(x) != lowerByte(y) {
			return false
		}
	}
	return true
}

func load64(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// compareFold orders a and b by their byte-lowercased bytes.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := lowerByte(a[i]), lowerByte(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}
