package har

import "strings"

const redacted = "redacted"

// Redact replaces what is secret in an entry's headers and cookie lists with the
// word "redacted": the values of cookies, and all of Authorization and
// Proxy-Authorization. The names of cookies, their attributes, and how many
// headers there are and in which order stay. URLs, bodies, websocket messages and
// _corsim are left as they are.
//
// The entry gets new slices; whoever shares the old ones sees no change.
func Redact(e *Entry) {
	e.Request.Headers = redactHeaders(e.Request.Headers)
	e.Response.Headers = redactHeaders(e.Response.Headers)
	e.Request.Cookies = redactCookies(e.Request.Cookies)
	e.Response.Cookies = redactCookies(e.Response.Cookies)
}

func redactHeaders(list []Header) []Header {
	if list == nil {
		return nil
	}
	out := make([]Header, len(list))
	for i, h := range list {
		switch strings.ToLower(strings.TrimSpace(h.Name)) {
		case "cookie":
			h.Value = redactCookie(h.Value)
		case "set-cookie":
			h.Value = redactSetCookie(h.Value)
		case "authorization", "proxy-authorization":
			h.Value = redacted
		}
		out[i] = h
	}
	return out
}

func redactCookies(list []Cookie) []Cookie {
	if list == nil {
		return nil
	}
	out := make([]Cookie, len(list))
	for i, c := range list {
		c.Value = redacted
		out[i] = c
	}
	return out
}

// redactCookie keeps the names in a Cookie header's value.
func redactCookie(value string) string {
	var b strings.Builder
	for i, pair := range strings.Split(value, ";") {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(redactPair(pair))
	}
	return b.String()
}

// redactPair keeps the name of name=value. What has no name is all value.
func redactPair(pair string) string {
	if name, _, ok := strings.Cut(pair, "="); ok {
		return name + "=" + redacted
	}
	return leadingSpace(pair) + redacted
}

func leadingSpace(s string) string { return s[:len(s)-len(strings.TrimLeft(s, " \t"))] }

// redactSetCookie keeps the name and the attributes in a Set-Cookie header's
// value. Some exporters join several such headers with commas, so that a cookie
// may begin inside an attribute: an attribute that is not plainly one is cut.
func redactSetCookie(value string) string {
	var b strings.Builder
	for i, part := range strings.Split(value, ";") {
		if i == 0 {
			b.WriteString(redactPair(part))
			continue
		}
		b.WriteByte(';')
		b.WriteString(redactAttribute(part))
	}
	return b.String()
}

func redactAttribute(part string) string {
	if isAttribute(part) {
		return part
	}
	// An attribute, a comma, and the name and value of the next cookie.
	if before, _, ok := strings.Cut(part, "="); ok {
		if isFlag(before) || attributeName(before) != "" {
			// The next cookie's name ends at the second "=".
			_, rest, _ := strings.Cut(part, "=")
			inner, _, _ := strings.Cut(rest, "=")
			before += "=" + inner
		}
		if at := strings.LastIndexByte(before, ','); at >= 0 && isAttribute(before[:at]) {
			if strings.Count(part, "=") > strings.Count(before, "=") {
				return before + "=" + redacted
			}
			return before[:at+1] + " " + redacted
		}
	}
	return leadingSpace(part) + redacted
}

// isAttribute reports whether part is an attribute of a cookie and nothing else.
func isAttribute(part string) bool {
	name, value, ok := strings.Cut(part, "=")
	if !ok || value == "" {
		return isFlag(name) || attributeName(name) != ""
	}
	switch attributeName(name) {
	case "":
		return false
	case "expires":
		// A date has one comma, after the day, and is short.
		return len(value) <= 40 && strings.Count(value, ",") <= 1 && !strings.ContainsAny(value, "=\"")
	}
	return !strings.ContainsAny(value, ",=\"")
}

// attributeName returns the lower-case name of an attribute that has a value,
// or "" when s is none.
func attributeName(s string) string {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "expires", "max-age", "domain", "path", "samesite", "priority":
		return s
	}
	return ""
}

func isFlag(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "secure", "httponly", "partitioned":
		return true
	}
	return false
}
