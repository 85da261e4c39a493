package generate

import (
	"strings"

	"github.com/corsim/corsim/simulator"
)

// allowOrigin: Access-Control-Allow-Origin in every shape, on the response or on the preflight's.
func allowOrigin(s *scene) {
	s.c.Page.Sandbox = s.chance(10)
	s.openAny()
	o, url := s.origin(), s.cross()
	r := simulator.CaseRequest{URL: url}
	include, member := s.included(15)
	r.Credentials = member
	lines := s.originLines(o)
	if include && s.chance(90) {
		lines = append(lines, acac)
	}
	if s.chance(30) {
		m, h := s.unsafe(&r)
		asked := s.consent(o, include, m, h)
		if s.chance(50) {
			asked = append(lines, asked[1:]...)
			lines = s.grant(o, include)
		}
		s.reply(url, "OPTIONS", 204, asked...)
	}
	s.reply(url, "", pick(s.dice, 200, 200, 200, 404, 500, 204), lines...)
	s.perhapsXHR(&r)
	s.request(r)
}

// allowCredentials: Access-Control-Allow-Credentials in every shape.
func allowCredentials(s *scene) {
	s.openAny()
	o, url := s.origin(), s.cross()
	r := simulator.CaseRequest{URL: url}
	include, member := s.included(88)
	r.Credentials = member
	lines := []string{acao + o}
	if s.chance(10) {
		lines[0] = acao + "*"
	}
	name, _, _ := strings.Cut(acac, ":")
	switch n := s.intn(100); {
	case n < 50:
		lines = append(lines, s.spelling(acac))
	case n < 56:
		lines = append(lines, name+": true", name+": "+pick(s.dice, "true", "false", ""))
	case n < 76:
		lines = append(lines, s.spelling(name+": "+s.bend("true")))
	case n < 95:
		lines = append(lines, name+": "+pick(s.dice, "", "True", "TRUE", "truE", "false", "1", "yes", "*", "true, true", "true,false",
			"true;", `"true"`, "?1", "true ", "\ttrue", "tru", "truee", "true\u00a0", "\x0btrue", "true,", ",true", o))
	}
	if s.chance(20) {
		lines[0], lines[len(lines)-1] = lines[len(lines)-1], lines[0]
	}
	if s.chance(30) {
		m, h := s.unsafe(&r)
		asked := s.consent(o, include, m, h)
		if s.chance(50) {
			asked = append(lines, s.consent(o, true, m, h)[2:]...)
			lines = s.grant(o, include)
		}
		s.reply(url, "OPTIONS", 204, asked...)
	}
	s.reply(url, "", pick(s.dice, 200, 200, 200, 401, 404), lines...)
	s.perhapsXHR(&r)
	s.request(r)
}

// spelledMethod returns a method as a script may write it.
func spelledMethod(s *scene) string {
	switch n := s.intn(100); {
	case n < 20:
		return pick(s.dice, "GET", "get", "HEAD", "Head", "POST", "post", "pOsT")
	case n < 60:
		return pick(s.dice, "PUT", "put", "Put", "DELETE", "delete", "Delete", "OPTIONS", "options")
	case n < 90:
		return pick(s.dice, "PATCH", "PATCH", "patch", "Patch", "QUERY", "query", "PROPFIND", "REPORT", "FOO", "foo", "x-y", "PUTT", "GE")
	case n < 93:
		return pick(s.dice, "!", "a.b", "PUT!", "M-SEARCH", "1", "~", "$x", "*")
	}
	return pick(s.dice, "CONNECT", "trace", "TRACK", "Track", "P UT", "PUT ", "", "PU:T", "PÜT", "PUT,GET", "(PUT)")
}

// normalized is the method as it will be sent.
func normalized(m string) string {
	switch u := strings.ToUpper(m); u {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS":
		return u
	}
	return m
}

// methods: how a script spells a method, and what Access-Control-Allow-Methods makes of it.
func methods(s *scene) {
	s.openAny()
	o, url := s.origin(), s.cross()
	m := spelledMethod(s)
	r := simulator.CaseRequest{URL: url, Method: &m}
	include, member := s.included(25)
	r.Credentials = member
	if s.chance(15) {
		r.Headers = []string{"X-A: 1"}
	}
	need := normalized(m)
	if s.chance(12) {
		need = m
	}
	lines := s.grant(o, include)
	if len(r.Headers) > 0 {
		lines = append(lines, acah+": x-a")
	}
	if need != "" {
		lines = append(lines, s.listLines(s.spelling(acam + ":")[:len(acam)], []string{need}, "GET", "POST", "PUT", "patch", "X")...)
	}
	s.reply(url, "OPTIONS", pick(s.dice, 200, 204), lines...)
	if n := normalized(m); n == "OPTIONS" {
		// The preflight and the request itself have the same answer.
		s.c.Server[0].Headers = append(s.c.Server[0].Headers, "Cache-Control: no-store")
	}
	s.reply(url, "", 200, s.grant(o, include)...)
	s.perhapsXHR(&r)
	s.request(r)
}

// safelistedHeader returns a header line that may go out without a preflight, or nearly.
func safelistedHeader(s *scene) string {
	const unsafe = "\"():<>?@[\\]{}\x7f\x01\x08\x0b\x1f"
	language := pick(s.dice, "Accept-Language", "Content-Language")
	switch s.intn(15) {
	case 0:
		return "Accept: " + pad("", s.near(128))
	case 1:
		return language + ": " + pad("en-", s.near(128))
	case 2:
		return "Content-Type: " + pad("text/plain;a=", s.near(128))
	case 3:
		return "Range: " + pick(s.dice, "bytes=0-"+strings.Repeat("9", s.near(128)-8), "bytes=0-"+strings.Repeat("0", s.near(128)-8))
	case 4:
		i := s.intn(len(unsafe))
		return "Accept: text/" + unsafe[i:i+1] + "html"
	case 5:
		return "Accept: " + pick(s.dice, "application/json", "text/html;q=0.9, */*", "a|b", "a'b", "a\u00e9b", "a\tb", "a~b", "a=b;c,d", "a/b#c", "!", "", "%22", "`", "^", "&", "+$")
	case 6:
		return language + ": " + pick(s.dice, "en-US,en;q=0.9", "*", "de", "en_US", "en/US", "en\tUS", "en:US", "en\u00e9", "a;b=c", "a.b", "(x)", "a!", "en US", "", "en+us", `"en"`, "en%", "'en'")
	case 7, 8:
		return "Content-Type: " + pick(s.dice, "text/plain", "TEXT/Plain", "text/plain;charset=utf-8", "text/plain; charset=iso-8859-1",
			"text/plain ;a=b", "text/plain;", "text/plain;;", " text/plain ", "text/plain, text/plain", "text/plain,application/json",
			"text/plain;a=b, application/json", "text /plain", "text/ plain", "text/plain a", "text/plain=a", "text", "text/", "/plain", "",
			"multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=\"x\"", "multipart/mixed",
			"application/x-www-form-urlencoded", "APPLICATION/X-WWW-FORM-URLENCODED;charset=UTF-8", "application/x-www-form-urlencodedx",
			"application/json", "application/json; text/plain", "text/html", "text/plainx", "text/plain\u00a0", "text/plain\x0b",
			"*/*", "text/*", "image/png", "text/plain;a=\u00e9", "text/plain;=", "text/plain;a", "text/plain\t;a=b", "application/xml")
	case 9, 10:
		return "Range: " + pick(s.dice, "bytes=0-", "bytes=0-0", "bytes=1-2", "bytes=2-1", "bytes=-1", "bytes=0-1,3-4", "bytes=", "bytes=-", "bytes = 0-",
			"bytes= 0-", "bytes=0 -", "bytes=0-1 ", "bytes=00-01", "Bytes=0-", "BYTES=0-1", "bytes=a-b", "bytes=0-9x", "bits=0-1", "bytes=+0-1",
			"bytes=99999999999999999999-", "bytes=18446744073709551616-1", "bytes=5-5", "bytes:0-1", "bytes=0--1", "bytes 0-1", "")
	case 11:
		return s.bend(pick(s.dice, "Accept", "Accept-Language", "Content-Language", "Content-Type")) + ": text/plain"
	case 12:
		return pick(s.dice, "DPR: 1", "Downlink: 1", "Save-Data: on", "Viewport-Width: 100", "Width: 100", "Accept-Ch: 1", "Content-Length: 3",
			"Last-Event-ID: 1", "If-None-Match: x", "Cache-Control: no-cache", "Pragma: no-cache", "User-Agent: x", "X-Requested-With: XMLHttpRequest",
			"RTT: 1", "ECT: 4g", "Device-Memory: 1", "Purpose: prefetch", "Priority: u=1", "Accept-Charset: utf-8")
	case 13:
		return s.bend(pick(s.dice, "Accept: text/html", "Accept-Language: en-US", "Content-Language: de-DE", "Content-Type: text/plain",
			"Content-Type: multipart/form-data", "Range: bytes=10-20"))
	}
	return pick(s.dice, "accept", "ACCEPT-LANGUAGE", "content-language", "content-TYPE") + ": text/plain"
}

// total returns safelisted headers whose values have n bytes together, none of them more than 128.
func total(s *scene, n int) []string {
	var h []string
	kinds := shuffle(s.dice, []string{"Accept: ", "Accept-Language: ", "Content-Language: ", "Accept: ", "Accept-Language: ", "Accept: ",
		"Content-Language: ", "Accept-Language: ", "Accept: ", "Content-Language: "})
	size := 128
	if s.chance(30) {
		size = 127
	}
	for i := 0; n > 0; i++ {
		v := pad("", min(n, size))
		h = append(h, kinds[i%len(kinds)]+v)
		n -= len(v)
	}
	return h
}

// safelist: values of headers at and past each limit of what goes out without a preflight. The preflight mostly
// refuses, so that the verdict tells whether there was one.
func safelist(s *scene) {
	s.openAny()
	o, url := s.origin(), s.cross()
	r := simulator.CaseRequest{URL: url}
	include, member := s.included(10)
	r.Credentials = member
	if s.chance(12) {
		r.Headers = total(s, s.near(1024))
	} else {
		r.Headers = []string{safelistedHeader(s)}
		for s.chance(15) {
			r.Headers = append(r.Headers, safelistedHeader(s))
		}
	}
	// A bent line may have lost its colon.
	for i, h := range r.Headers {
		if !strings.Contains(h, ":") {
			r.Headers[i] = h + ":"
		}
	}
	if s.chance(40) {
		r.Method, r.Body = ptr("POST"), ptr("a=b")
	}
	if s.chance(70) {
		s.reply(url, "OPTIONS", 403)
	} else {
		var asked []string
		for _, h := range r.Headers {
			n, _, _ := strings.Cut(h, ":")
			asked = append(asked, n)
		}
		lines := s.consent(o, include, "", strings.Join(asked, ", "))
		if s.chance(30) {
			lines = append(s.grant(o, include), s.listLines(acah, asked, "accept", "range")...)
		}
		s.reply(url, "OPTIONS", 204, validLines(lines)...)
	}
	s.reply(url, "", 200, s.grant(o, include)...)
	s.perhapsXHR(&r)
	s.request(r)
}

// validLines leaves out header lines whose value HTTP cannot carry.
func validLines(lines []string) []string {
	var out []string
	for _, l := range lines {
		if !strings.ContainsAny(l, "\x00\r\n") {
			out = append(out, l)
		}
	}
	return out
}

// unsafeHeaders returns headers that need the server's consent, and their names.
func unsafeHeaders(s *scene) (lines, asked []string) {
	for n := 1 + s.intn(3); n > 0; n-- {
		line := pick(s.dice, "X-Api-Key: 1", "x-api-key: 2", "X-A: 1", "X-B: 2", "Authorization: Basic eDp5", "authorization: Bearer 1",
			"Content-Type: application/json", "If-None-Match: x", "X-Requested-With: XMLHttpRequest", "Cache-Control: no-cache",
			"Range: bytes=-1", "X_Y: 1", "X.Z: 1", "Traceparent: 00-1-1-00", "Accept: (", "*: 1", "X-A: 3", "a: 1")
		lines = append(lines, line)
		name, _, _ := strings.Cut(line, ":")
		asked = append(asked, name)
	}
	if s.chance(4) {
		for _, name := range s.crowd() {
			lines = append(lines, name+": 1")
			asked = append(asked, name)
		}
	}
	return lines, asked
}

// allowHeaders: Access-Control-Allow-Headers in every shape.
func allowHeaders(s *scene) {
	s.openAny()
	o, url := s.origin(), s.cross()
	r := simulator.CaseRequest{URL: url}
	include, member := s.included(25)
	r.Credentials = member
	lines, asked := unsafeHeaders(s)
	r.Headers = lines
	answer := s.grant(o, include)
	if s.chance(15) {
		r.Method = ptr("PUT")
		answer = append(answer, acam+": PUT")
	}
	name := s.spelling(acah + ":")
	need := asked
	if s.chance(30) {
		need = nil
		for _, a := range asked {
			need = append(need, strings.ToLower(a))
		}
	}
	answer = append(answer, s.listLines(name[:len(name)-1], need, "x-other", "Accept", "content-type", "X-A")...)
	s.reply(url, "OPTIONS", pick(s.dice, 200, 204), answer...)
	s.reply(url, "", 200, s.grant(o, include)...)
	s.perhapsXHR(&r)
	s.request(r)
}

// exposeHeaders: which headers of a response a script can read.
func exposeHeaders(s *scene) {
	s.openAny()
	o, url := s.origin(), s.cross()
	if s.chance(10) {
		url = s.same()
	}
	include, member := s.included(30)
	r := simulator.CaseRequest{URL: url, Credentials: member}
	lines := s.grant(o, include)
	if s.chance(20) {
		lines = s.originLines(o)
	}
	present := shuffle(s.dice, []string{"X-Total: 12", "x-request-id: 7", "ETag: \"a\"", "Location: /x", "Content-Range: bytes 0-1/2", "Link: </a>; rel=next",
		"Last-Modified: Thu, 02 Jul 2026 12:00:00 GMT", "Expires: 0", "Pragma: no-cache", "Content-Language: de", "Content-Type: text/plain",
		"Server: x", "X-Total: 13", "X-Empty:", "X-Bytes: caf\u00e9", "Vary: Origin", "X-Total:", "Timing-Allow-Origin: *",
		"X-Frame-Options: DENY", "Accept-Ranges: bytes", "Age: 1", "Authorization: x", "*: star", "Date: Thu, 02 Jul 2026 12:00:00 GMT"})
	present = present[:1+s.intn(5)]
	lines = append(lines, present...)
	var wanted []string
	for _, p := range present {
		n, _, _ := strings.Cut(p, ":")
		wanted = append(wanted, n)
	}
	if s.chance(90) {
		lines = append(lines, s.listLines("Access-Control-Expose-Headers", wanted, "X-Absent", "authorization", "Set-Cookie", "etag")...)
	}
	s.reply(url, "", pick(s.dice, 200, 200, 200, 404), lines...)
	s.perhapsXHR(&r)
	s.request(r)
}

// preflightStatus: what a preflight's status does.
func preflightStatus(s *scene) {
	s.openAny()
	o, url := s.origin(), s.cross()
	r := simulator.CaseRequest{URL: url}
	include, member := s.included(25)
	r.Credentials = member
	m, h := s.unsafe(&r)
	status := 200 + s.intn(100)
	switch n := s.intn(100); {
	case n < 35:
		status = pick(s.dice, 200, 201, 202, 203, 204, 205, 206, 207, 226)
	case n < 48:
		status = pick(s.dice, 299, 300, 299, 300, 200)
	case n < 60:
		status = pick(s.dice, 301, 302, 303, 307, 308, 304, 305, 306)
	case n < 75:
		status = pick(s.dice, 400, 401, 403, 404, 405, 410, 421, 429, 499, 500, 501, 502, 503, 504, 599)
	}
	lines := s.consent(o, include, m, h)
	if status >= 300 && status < 400 && s.chance(80) {
		lines = append(lines, "Location: "+url)
	}
	if s.chance(7) {
		lines = lines[:len(lines)-1]
	}
	p := s.reply(url, "OPTIONS", status, lines...)
	if s.chance(30) && status != 204 && status != 205 && status != 304 {
		p.Body = "refused"
	}
	if s.chance(4) {
		p.Fail, p.Status, p.Headers, p.Body = true, 0, nil, ""
	}
	s.reply(url, "", pick(s.dice, 200, 200, 404, 500, 204), s.grant(o, include)...)
	s.perhapsXHR(&r)
	s.request(r)
}

// sandbox: documents with an opaque origin.
func sandbox(s *scene) {
	s.c.Page.Sandbox = true
	if s.chance(30) {
		s.openAny("Referrer-Policy: " + pick(s.dice, "unsafe-url", "origin", "same-origin", "no-referrer"))
	} else {
		s.openAny()
	}
	url := s.cross()
	if s.chance(50) {
		url = s.same()
	}
	include, member := s.included(35)
	r := simulator.CaseRequest{URL: url, Credentials: member}
	if s.chance(15) {
		r.Mode = ptr(pick(s.dice, "same-origin", "no-cors", "cors"))
	}
	var asked []string
	simple := r.Mode == nil || *r.Mode == "cors"
	if simple && s.chance(30) {
		m, h := s.unsafe(&r)
		asked = s.consent("null", include, m, h)
	} else if s.chance(25) {
		r.Method, r.Body = ptr("POST"), ptr("a")
	}
	lines := s.grant("null", include)
	if s.chance(50) {
		lines = []string{acao + pick(s.dice, "NULL", "Null", "\"null\"", "null ", " null", "null, null", "nul", s.page.Origin().String(), "*", "")}
		if include {
			lines = append(lines, acac)
		}
	}
	if asked != nil {
		if s.chance(30) {
			asked, lines = append(lines, asked[1:]...), s.grant("null", include)
		}
		s.reply(url, "OPTIONS", 204, asked...)
	}
	s.reply(url, "", 200, lines...)
	s.perhapsXHR(&r)
	s.request(r)
}

// sequence is one URL's answers in a case about the preflight cache: so many preflights are granted, the others are
// refused, so that a verdict tells where an answer came from.
func (s *scene) sequence(url string, granted int, answer []string, lines ...string) {
	p := s.reply(url, "OPTIONS", pick(s.dice, 200, 204), answer...)
	p.Times = &granted
	if s.chance(75) {
		s.reply(url, "OPTIONS", 403)
	} else {
		s.reply(url, "OPTIONS", 204, s.consent(s.origin(), true, "PUT", "x-b")...)
	}
	s.reply(url, "", 200, lines...)
}

// preflightCache: what the browser remembers of a preflight's answer, and for which requests.
func preflightCache(s *scene) {
	s.openAny()
	o, base := s.origin(), s.other()
	url := base + "/items"
	include, member := s.included(35)
	first := simulator.CaseRequest{URL: url, Credentials: member}
	switch s.intn(4) {
	case 0:
		first.Method = ptr(pick(s.dice, "PUT", "DELETE", "PATCH"))
	case 1:
		first.Headers = []string{"X-A: 1"}
	default:
		first.Method = ptr(pick(s.dice, "PUT", "DELETE", "GET"))
		first.Headers = []string{"X-A: 1", "X-B: 1"}[:1+s.intn(2)]
	}
	names := pick(s.dice, "x-a", "X-A, X-B", "x-a,x-b,authorization")
	crowded := s.chance(8)
	if crowded {
		names += ", " + strings.Join(s.crowd(), ", ")
		first.Headers = append(first.Headers, pick(s.dice, "x-field-2: 1", "X-Field-5: 1"))
	}
	answer := s.consent(o, true, pick(s.dice, "PUT, DELETE", "PUT,PATCH", "PUT, DELETE, PATCH"), names)
	if !include && s.chance(25) {
		answer = []string{acao + pick(s.dice, "*", o), acam + ": *", acah + ": *"}
	}
	// A wait never ends near the end of max-age.
	maxAge, wait := "", 0.0
	switch n := s.intn(100); {
	case n < 15:
	case n < 45:
		maxAge = pick(s.dice, "600", "86400", "7200", "100000", "10", "0600", "99999999999999999999")
	case n < 57:
		maxAge, wait = "1", pick(s.dice, 0, 2.5, 2.5)
	case n < 69:
		maxAge, wait = "2", pick(s.dice, 0.5, 0, 3)
	case n < 79:
		maxAge = pick(s.dice, "0", "-1", "0", "00", "-0")
	case n < 90:
		maxAge = pick(s.dice, "600s", "600.5", "1e3", "+600", "\"600\"", "", "600, 600", "6 00", "0x10", "600;", "a", "1,5")
	default:
		answer = append(answer, "Access-Control-Max-Age: 600")
		maxAge = pick(s.dice, "600", "0", "600")
	}
	if maxAge != "" || s.chance(20) {
		answer = append(answer, "Access-Control-Max-Age: "+maxAge)
	}
	urls := []string{url, base + "/items?page=2", base + "/items/", base + "/other"}
	lines := []string{acao + o, acac}
	if s.chance(15) {
		// An answer that fails once, which makes the browser forget.
		p := s.reply(url, pick(s.dice, "PUT", "GET"), 200, pick(s.dice, acao+"https://nobody.example", acac))
		p.Times = ptr(1)
	}
	granted := pick(s.dice, 1, 1, 1, 1, 2)
	for _, u := range urls {
		s.sequence(u, granted, answer, lines...)
	}
	s.request(first)
	waited := false
	for n := 1 + s.intn(3); n > 0; n-- {
		r := first
		r.Headers = append([]string(nil), first.Headers...)
		switch s.intn(12) {
		case 0:
			r.Method = ptr(pick(s.dice, "PUT", "DELETE", "PATCH", "put", "patch", "POST", "QUERY"))
		case 1:
			r.Headers = append(r.Headers, pick(s.dice, "X-B: 2", "x-a: 3", "X-C: 1", "Authorization: x", "Accept: (", "Content-Type: application/json"))
		case 2:
			r.Headers = pick(s.dice, []string{"x-a: 5"}, []string{"X-B: 1"}, nil)
		case 3:
			r.Credentials = pick(s.dice, nil, ptr("include"), ptr("omit"), ptr("same-origin"))
		case 4:
			r.URL = url + pick(s.dice, "#a", "#", "?page=2", "/")
		case 5:
			r.URL = pick(s.dice, urls...)
		case 6:
			r.Cache = ptr(pick(s.dice, "no-store", "reload", "no-cache"))
		case 7:
			r.Method, r.Headers = nil, []string{"X-A: 1"}
		}
		if crowded && s.chance(50) {
			r.Headers = append(r.Headers, pick(s.dice, "x-field-1: 1", "X-FIELD-9: 1", "X-Field-16: 1", "X-Field-99: 1"))
		}
		if wait > 0 && !waited {
			r.After, waited = wait, true
		}
		s.perhapsXHR(&r)
		s.request(r)
	}
}

// xhr: what XMLHttpRequest does otherwise than fetch().
func xhr(s *scene) {
	s.openAny()
	o, url := s.origin(), s.cross()
	if s.chance(15) {
		url = s.same()
	}
	r := simulator.CaseRequest{Via: "xhr", URL: url}
	if s.chance(2) {
		r.URL = pick(s.dice, "https://", "http://[", "//", "https://a b/", "https://api.example.com:99999/")
	}
	r.WithCredentials = s.chance(35)
	var lines []string
	if s.chance(75) {
		lines = s.grant(o, r.WithCredentials)
	} else {
		lines = s.originLines(o)
	}
	asked := s.consent(o, r.WithCredentials, "PUT, PATCH", "Content-Type, X-A")
	switch s.intn(5) {
	case 0:
		// A simple request, but for a listener.
		r.Method, r.Body, r.UploadListener = ptr("POST"), ptr("a"), s.chance(75)
		if s.chance(25) {
			r.Body = nil
		}
		if s.chance(40) {
			asked = nil
		}
	case 1, 2:
		r.Method, r.Body = ptr(pick(s.dice, "POST", "PUT")), ptr("a\u00e9")
		r.Headers = []string{"Content-Type: " + pick(s.dice, "text/plain", "text/plain;charset=utf-8", "text/plain;charset=UTF-8", "text/plain;charset=iso-8859-1",
			"text/plain; charset=\"iso-8859-1\"", "text/plain;charset=ISO-8859-1;a=b", "text/plain;a=b;charset=x", "TEXT/PLAIN;CHARSET=x", "application/json",
			"application/json;charset=latin1", "application/json;charset=\"\"", "charset=x", "text/plain;charset=", "text/plain;charset", "text/html;charset=utf8",
			"text/plain; charset=Utf-8", "", "x", "multipart/form-data; boundary=x; charset=y", "text/plain;charset=x;charset=y", "text/plain;charset='x'",
			"application/x-www-form-urlencoded;charset=windows-1252", "text/plain;a=\"\\\"\";charset=q", "text/plain;charset=iso-8859-1, text/html")}
		r.UploadListener = s.chance(10)
		if s.chance(20) {
			r.Headers = append(r.Headers, "content-type: "+pick(s.dice, "text/plain", "charset=z", "application/json"))
		}
	case 3:
		r.Method = ptr(spelledMethod(s))
		if s.chance(30) {
			r.Body = ptr("a")
		}
	default:
		r.Headers = pick(s.dice, []string{"X-A: 1", "x-a: 2", "X-A: "}, []string{"X-A:  a\t"}, []string{"X-A: 1", "Cookie: x"}, []string{"Accept: a", "accept: b"},
			[]string{"Accept: " + pad("", 64), "Accept: " + pad("", s.near(62))}, []string{"X A: 1"}, []string{"X-A: caf\u00e9"}, []string{"Sec-X: 1"}, []string{"Origin: x"},
			[]string{"X-A: a\x00b"}, []string{"X-A: a\nb"}, []string{"X-HTTP-Method-Override: TRACE"}, []string{"X-A: 1", "Proxy-X: 1"})
	}
	if asked == nil {
		s.reply(url, "OPTIONS", 403)
	} else if !s.chance(15) {
		s.reply(url, "OPTIONS", 204, asked...)
	} else {
		s.reply(url, "OPTIONS", 204, s.listLines(acah, []string{"x-a", "content-type"})...)
	}
	s.reply(url, "", pick(s.dice, 200, 200, 404, 204), lines...)
	s.request(r)
}
