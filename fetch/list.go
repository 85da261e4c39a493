package fetch

import "math"

// A tokenList walks the elements of one header value whose ABNF is a list of tokens, #field-name or #method: elements
// may be empty and count for nothing, spaces and tabs around commas do too (RFC 9110, section 5.6.1).
type tokenList struct{ rest string }

// next returns the next element that is not empty. more is false at the end; ok is false if what comes next is no
// token, so that the whole value is malformed.
func (l *tokenList) next() (token string, more, ok bool) {
	s := l.rest
	// The commas, spaces and tabs before an element.
	i := 0
	for i < len(s) && (s[i] == ',' || s[i] == ' ' || s[i] == '\t') {
		i++
	}
	s = s[i:]
	if s == "" {
		l.rest = ""
		return "", false, true
	}
	// The element.
	n := 0
	for n < len(s) && tokenByte[s[n]] {
		n++
	}
	// What follows it, up to a comma or the end.
	end := n
	for end < len(s) && (s[end] == ' ' || s[end] == '\t') {
		end++
	}
	if n == 0 || end < len(s) && s[end] != ',' {
		l.rest = ""
		return "", false, false
	}
	l.rest = s[end:]
	return s[:n], true, true
}

// eachListValue calls f for each element of all headers called name, and tells whether there was such a header and
// whether all of them parse; the first that does not ends the walk.
//
// https://fetch.spec.whatwg.org/#extract-header-list-values
func eachListValue(h Headers, name string, f func(token string)) (present, parses bool) {
	for i := range h {
		if !equalFold(h[i].Name, name) {
			continue
		}
		present = true
		l := tokenList{h[i].Value}
		for {
			token, more, ok := l.next()
			if !ok {
				return true, false
			}
			if !more {
				break
			}
			f(token)
		}
	}
	return present, true
}

// parseDeltaSeconds parses 1*DIGIT (RFC 9111, section 1.2.2); what is too large is as large as can be.
func parseDeltaSeconds(s string) (seconds int64, ok bool) {
	if s == "" {
		return 0, false
	}
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		if d := int64(c - '0'); seconds > (math.MaxInt64-d)/10 {
			seconds = math.MaxInt64
		} else {
			seconds = seconds*10 + d
		}
	}
	return seconds, true
}
