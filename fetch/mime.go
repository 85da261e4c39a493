package fetch

import "strings"

// A MIMEType is a MIME type record. Its strings are bytes (isomorphic decoding).
//
// https://mimesniff.spec.whatwg.org/#mime-type
type MIMEType struct {
	Type, Subtype string // in lower case
	Parameters    []MIMEParameter
}

// A MIMEParameter is one parameter; names are unique within their MIME type and in lower case.
type MIMEParameter struct{ Name, Value string }

// Essence returns type and subtype with a slash between them.
func (m *MIMEType) Essence() string { return m.Type + "/" + m.Subtype }

// Parameter returns the value of the parameter called name (in lower case).
func (m *MIMEType) Parameter(name string) (value string, ok bool) {
	for i := range m.Parameters {
		if m.Parameters[i].Name == name {
			return m.Parameters[i].Value, true
		}
	}
	return "", false
}

// SetParameter gives the parameter called name a value, adding it at the end if need be.
func (m *MIMEType) SetParameter(name, value string) {
	for i := range m.Parameters {
		if m.Parameters[i].Name == name {
			m.Parameters[i].Value = value
			return
		}
	}
	m.Parameters = append(m.Parameters, MIMEParameter{name, value})
}

// ParseMIMEType parses a MIME type.
//
// https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func ParseMIMEType(input string) (m MIMEType, ok bool) {
	// 1.-9. Type and subtype.
	typ, subtype, rest, ok := splitMIMEType(input)
	if !ok {
		return MIMEType{}, false
	}
	// 10.
	m = MIMEType{Type: lower(typ), Subtype: lower(subtype)}
	// 11. The parameters: rest is empty or begins with a semicolon.
	seen := map[string]bool(nil)
	for rest != "" {
		// 11.1-11.2
		rest = trimHTTPSpaceLeft(rest[1:])
		// 11.3-11.4
		n := strings.IndexAny(rest, ";=")
		if n < 0 {
			// 11.6 A name without a value ends the list.
			break
		}
		name := lower(rest[:n])
		rest = rest[n:]
		// 11.5
		if rest[0] == ';' {
			continue
		}
		if rest = rest[1:]; rest == "" {
			// 11.6
			break
		}
		// 11.7-11.9
		var value string
		if rest[0] == '"' {
			end := skipQuotedString(rest, 0)
			value = unquote(rest[:end])
			rest = rest[end:]
			rest = rest[indexOrEnd(rest, ';'):]
		} else {
			n := indexOrEnd(rest, ';')
			value, rest = trimHTTPSpaceRight(rest[:n]), rest[n:]
			if value == "" {
				continue
			}
		}
		// 11.10
		if isToken(name) && isQuotedStringText(value) && !seen[name] {
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[name] = true
			m.Parameters = append(m.Parameters, MIMEParameter{name, value})
		}
	}
	// 12.
	return m, true
}

// splitMIMEType is parse a MIME type 1 to 9: it finds type and subtype, in their own case, and what follows them,
// which is empty or begins with a semicolon. It allocates nothing.
func splitMIMEType(input string) (typ, subtype, rest string, ok bool) {
	// 1.
	input = trimHTTPSpaceLeft(trimHTTPSpaceRight(input))
	// 2.-6.
	slash := strings.IndexByte(input, '/')
	if slash < 0 || !isToken(input[:slash]) {
		return "", "", "", false
	}
	typ, input = input[:slash], input[slash+1:]
	// 7.-9.
	n := indexOrEnd(input, ';')
	subtype = trimHTTPSpaceRight(input[:n])
	if !isToken(subtype) {
		return "", "", "", false
	}
	return typ, subtype, input[n:], true
}

// String serializes the MIME type.
//
// https://mimesniff.spec.whatwg.org/#serialize-a-mime-type
func (m *MIMEType) String() string {
	var b strings.Builder
	b.WriteString(m.Type)
	b.WriteByte('/')
	b.WriteString(m.Subtype)
	for _, p := range m.Parameters {
		b.WriteByte(';')
		b.WriteString(p.Name)
		b.WriteByte('=')
		if isToken(p.Value) {
			b.WriteString(p.Value)
			continue
		}
		b.WriteByte('"')
		for i := range len(p.Value) {
			if c := p.Value[i]; c == '"' || c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(p.Value[i])
		}
		b.WriteByte('"')
	}
	return b.String()
}

// ExtractMIMEType extracts a MIME type from the Content-Type headers of a list.
//
// https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
func ExtractMIMEType(h Headers) (m MIMEType, ok bool) {
	// 1.-3.
	charset, hasCharset, essence := "", false, ""
	// 4.-5.
	value, present := h.Get("Content-Type")
	if !present {
		return MIMEType{}, false
	}
	// 6.
	for v := range decodeAndSplit(value) {
		// 6.1-6.2
		t, parsed := ParseMIMEType(v)
		if !parsed || t.Essence() == "*/*" {
			continue
		}
		// 6.3
		m, ok = t, true
		// 6.4
		if e := m.Essence(); e != essence {
			charset, hasCharset = m.Parameter("charset")
			essence = e
		} else if _, has := m.Parameter("charset"); !has && hasCharset {
			// 6.5
			m.SetParameter("charset", charset)
		}
	}
	// 7.-8.
	return m, ok
}

// IsJavaScriptMIMEType reports whether m is one of the types that scripts are served as.
//
// https://mimesniff.spec.whatwg.org/#javascript-mime-type
func (m *MIMEType) IsJavaScriptMIMEType() bool {
	switch m.Type {
	case "application":
		switch m.Subtype {
		case "ecmascript", "javascript", "x-ecmascript", "x-javascript":
			return true
		}
	case "text":
		switch m.Subtype {
		case "ecmascript", "javascript", "javascript1.0", "javascript1.1", "javascript1.2", "javascript1.3",
			"javascript1.4", "javascript1.5", "jscript", "livescript", "x-ecmascript", "x-javascript":
			return true
		}
	}
	return false
}

// unquote returns the value of an HTTP quoted string, whose closing quote may be missing.
//
// https://fetch.spec.whatwg.org/#collect-an-http-quoted-string
func unquote(s string) string {
	s = s[1:]
	if i := strings.IndexAny(s, `"\`); i < 0 || i == len(s)-1 && s[i] == '"' {
		return strings.TrimSuffix(s, `"`)
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return string(b)
		case '\\':
			if i+1 < len(s) {
				i++
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// isQuotedStringText reports whether s solely contains HTTP quoted-string token code points.
func isQuotedStringText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func indexOrEnd(s string, c byte) int {
	if i := strings.IndexByte(s, c); i >= 0 {
		return i
	}
	return len(s)
}

func isHTTPSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func trimHTTPSpaceLeft(s string) string {
	for s != "" && isHTTPSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func trimHTTPSpaceRight(s string) string {
	for s != "" && isHTTPSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
