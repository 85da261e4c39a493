package generate

import (
	"strconv"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

// What these areas are about outlives the request that brought it, so each of their cases is a sequence. The versions
// of an answer are told apart by their Content-Language, which every script may read.

// version adds one more answer for a URL, numbered, that has these headers besides. The HTTP cache may keep it unless
// they say otherwise.
func (s *scene) version(url, method string, n, status int, headers ...string) *simulator.CaseReply {
	u, ok := parse(url).ForReferrer(false)
	if ok {
		url = u.String()
	}
	r := simulator.CaseReply{URL: url, Method: method, Status: status}
	r.Headers = append(r.Headers, headers...)
	switch status {
	case 204, 205, 304:
	default:
		r.Headers = append(r.Headers, "Content-Type: text/css")
		r.Body = "a{}"
	}
	r.Headers = append(r.Headers, "Content-Language: v"+strconv.Itoa(n))
	s.c.Server = append(s.c.Server, r)
	return &s.c.Server[len(s.c.Server)-1]
}

// Dates that are long past and long to come.
const (
	longAgo  = "Mon, 01 Jan 1990 00:00:00 GMT"
	farAhead = "Fri, 01 Jan 2100 00:00:00 GMT"
)

// freshness returns headers that say for how long an answer holds: mostly as servers do.
func (s *scene) freshness() []string {
	const cc = "Cache-Control: "
	switch n := s.intn(100); {
	case n < 34:
		return []string{cc + pick(s.dice, "max-age=3600", "max-age=600", "private, max-age=600", "public, max-age=31536000, immutable", "max-age=600, must-revalidate")}
	case n < 44:
		return []string{cc + pick(s.dice, "max-age=0", "max-age=0, must-revalidate", "no-cache", "private, no-cache", "public, max-age=0")}
	case n < 50:
		return []string{cc + pick(s.dice, "no-store", "no-store, max-age=600", "no-cache, no-store, must-revalidate", "private, no-store")}
	case n < 58:
		return nil
	case n < 66:
		return []string{"Expires: " + pick(s.dice, farAhead, farAhead, longAgo, "0")}
	case n < 72:
		return []string{"Last-Modified: " + pick(s.dice, longAgo, longAgo, farAhead)}
	case n < 76:
		return []string{cc + "max-age=600", "Expires: " + pick(s.dice, longAgo, "0", farAhead)}
	case n < 79:
		return []string{cc + "max-age=" + pick(s.dice, "600", "0"), "Age: " + pick(s.dice, "100", "600", "9000", "0", "x", "-5", "9000000000")}
	case n < 81:
		return []string{"Pragma: no-cache", cc + pick(s.dice, "max-age=600", "public")}
	case n < 86:
		return []string{cc + pick(s.dice, "public", "private", "must-revalidate", "s-maxage=600", "s-maxage=0, max-age=600", "proxy-revalidate, max-age=600", "no-transform", "max-age=600, foo=bar", "")}
	}
	return pick(s.dice,
		[]string{cc + "MAX-AGE=600"}, []string{cc + `max-age="600"`}, []string{cc + "max-age=600, max-age=0"}, []string{cc + "max-age=0, max-age=600"},
		[]string{cc + "max-age=600,max-age=600"}, []string{cc + "max-age=-1"}, []string{cc + "max-age=1e3"}, []string{cc + "max-age=600.5"},
		[]string{cc + "max-age="}, []string{cc + "max-age"}, []string{cc + "max-age =600"}, []string{cc + "max-age= 600"}, []string{cc + ",, max-age=600,,"},
		[]string{cc + "max-age=600;no-cache"}, []string{cc + "no-cache=Set-Cookie, max-age=600"}, []string{cc + `no-cache="Set-Cookie", max-age=600`},
		[]string{cc + `foo="a, no-store", max-age=600`}, []string{cc + "max-age=99999999999999999999"}, []string{cc + "max-age=600", cc + "no-cache"},
		[]string{cc + "max-age=600", cc + "max-age=0"}, []string{cc + "private=x, max-age=600"}, []string{cc + "no-store=x, max-age=600"},
		[]string{"Expires: " + strings.Replace(farAhead, "GMT", "UTC", 1)}, []string{"Expires: Friday, 01-Jan-60 00:00:00 GMT"}, []string{"Expires: Fri Jan  1 00:00:00 2100"},
		[]string{"Expires: never", "Last-Modified: " + longAgo}, []string{"Expires: -1"}, []string{"Expires: " + farAhead, "Expires: " + longAgo},
		[]string{"Date: " + longAgo, cc + "max-age=600"}, []string{"Date: " + farAhead, "Expires: " + farAhead}, []string{"Date: x", cc + "max-age=600"},
		[]string{cc + "max-age=0, stale-if-error=600"}, []string{cc + "max-age=600, stale-while-revalidate=600"})
}

// validators returns headers by which a server may be asked whether an answer still holds.
func (s *scene) validators() []string {
	switch s.intn(7) {
	case 0, 1:
		return []string{"ETag: " + pick(s.dice, `"1"`, `"1"`, `W/"1"`)}
	case 2:
		return []string{"Last-Modified: " + longAgo}
	case 3:
		return []string{`ETag: "1"`, "Last-Modified: " + longAgo}
	}
	return nil
}

// httpCache: what the HTTP cache keeps of one URL's answers, for which requests it is used, and that its headers are
// checked anew each time.
func httpCache(s *scene) {
	s.c.Page.Sandbox = s.chance(3)
	s.open("https://"+pick(s.dice, "app.example.com", "www.example.com", "shop.example.co.uk")+"/page", s.perhapsPolicy(5)...)
	url := s.same()
	if s.chance(45) {
		url = s.cross()
	}
	o := s.origin()
	include, member := s.included(25)
	if s.chance(6) {
		s.c.Page.Cookies = append(s.c.Page.Cookies, simulator.CaseCookie{URL: url, Set: "a=1; Path=/"})
	}
	grant := s.grant(o, include)
	vary := []string(nil)
	switch n := s.intn(100); {
	case n < 70:
	case n < 80:
		vary = []string{"Vary: Origin"}
	case n < 88:
		vary = []string{"Vary: " + pick(s.dice, "X-A", "x-a", "Accept, X-A")}
	case n < 91:
		vary = []string{"Vary: Accept-Language"}
	case n < 93:
		vary = []string{"Vary: *"}
	default:
		vary = []string{"Vary: " + pick(s.dice, "Cookie", "Accept-Encoding", "Accept-Encoding, Origin", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Referer", "X-A,,X-B", "", "*, X-A", "Authorization", "User-Agent")}
	}
	// The answers, the last as often as is asked.
	status := 200
	if s.chance(22) {
		status = pick(s.dice, 203, 204, 404, 404, 410, 500, 503, 403, 206, 201, 300, 299, 416, 501, 400)
	}
	hop := ""
	if s.chance(14) {
		status = pick(s.dice, 301, 302, 302, 303, 307, 308)
		hop = parse(url).Origin().String() + "/target"
	}
	waits := s.chance(3)
	for n := range 4 {
		lines := append([]string(nil), grant...)
		if s.chance(8) {
			lines = pick(s.dice, nil, []string{acao + "*"}, []string{acao + "https://nobody.example"}, []string{acao + "null"})
		}
		code := status
		if n > 0 && s.chance(25) {
			code = pick(s.dice, 200, 200, 404, 500, 201)
		}
		switch {
		case n == 1 && s.chance(35):
			code = 304
			if s.chance(70) {
				lines = nil
			}
			if s.chance(30) {
				lines = append(lines, s.freshness()...)
			}
		case n == 0 && waits:
			lines = append(lines, "Cache-Control: max-age=1")
			lines = append(append(lines, s.validators()...), vary...)
		default:
			lines = append(append(append(lines, s.freshness()...), s.validators()...), vary...)
		}
		if code >= 300 && code < 304 || code == 307 || code == 308 {
			if hop == "" {
				hop = parse(url).Origin().String() + "/target"
			}
			lines = append(lines, "Location: "+hop)
		}
		if s.chance(5) {
			lines = append(lines, "Set-Cookie: a="+strconv.Itoa(n+2)+"; Path=/")
		}
		r := s.version(url, "", n+1, code, lines...)
		if n < 3 {
			r.Times = ptr(1)
		}
	}
	if hop != "" {
		lines := append([]string(nil), grant...)
		s.version(hop, "", 9, 200, append(lines, s.freshness()...)...)
	}
	// The consent that methods and headers may need comes before those, and is not what this is about.
	consent := append(s.consent(o, true, "PUT, DELETE, PATCH", "x-a, x-b, cache-control, pragma, range, if-none-match, if-modified-since, authorization"), "Access-Control-Max-Age: 600")
	s.c.Server = append([]simulator.CaseReply{{URL: s.c.Server[0].URL, Method: "OPTIONS", Status: 204, Headers: consent}}, s.c.Server...)
	if hop != "" {
		s.c.Server = append([]simulator.CaseReply{{URL: hop, Method: "OPTIONS", Status: 204, Headers: consent}}, s.c.Server...)
	}
	first := simulator.CaseRequest{URL: url, Credentials: member}
	if s.chance(25) {
		first.Headers = append(first.Headers, "X-A: 1")
	}
	if s.chance(12) {
		first.Mode = ptr("no-cors")
		first.Headers = nil
	}
	if s.chance(6) {
		first.Cache = ptr(pick(s.dice, "no-store", "reload", "no-cache", "force-cache"))
	}
	s.request(first)
	for n := 1 + s.intn(3); n > 0; n-- {
		r := simulator.CaseRequest{URL: url, Credentials: member, Headers: append([]string(nil), first.Headers...)}
		switch s.intn(16) {
		case 0, 1:
			r.Cache = ptr(pick(s.dice, "no-store", "reload", "no-cache", "force-cache", "force-cache", "only-if-cached"))
			if *r.Cache == "only-if-cached" {
				r.Mode = ptr("same-origin")
			}
		case 2:
			r.Headers = pick(s.dice, nil, []string{"X-A: 2"}, []string{"X-A:"}, []string{"x-a: 1"})
		case 3:
			r.Headers = append(r.Headers, pick(s.dice, "Accept-Language: de", "Accept-Language: de", "Accept: text/plain", "X-B: 1"))
		case 4:
			r.Headers = append(r.Headers, pick(s.dice, "Cache-Control: no-cache", "Cache-Control: max-age=0", "Pragma: no-cache", "Cache-Control: no-store", "Cache-Control: max-age=60", "Cache-Control: only-if-cached", "Cache-Control: min-fresh=100000000"))
		case 5:
			r.Method = ptr(pick(s.dice, "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "HEAD"))
		case 6:
			r.Mode, r.Headers = ptr("no-cors"), nil
		case 7:
			r.Credentials = pick(s.dice, nil, ptr("include"), ptr("omit"))
		case 8:
			if s.chance(30) {
				r.Headers = append(r.Headers, pick(s.dice, "If-None-Match: \"1\"", "If-Modified-Since: "+longAgo, "Authorization: Bearer 1"))
			}
		case 9:
			if s.chance(4) {
				r.Headers = append(r.Headers, pick(s.dice, "Range: bytes=0-0", "Range: bytes=1-", "Range: bytes=0-"))
			}
		case 10:
			r.URL = url + "#f"
		case 11:
			r.Redirect = ptr(pick(s.dice, "error", "manual", "follow"))
		}
		if waits {
			r.After, waits = 2.5, false
		}
		s.perhapsXHR(&r)
		s.request(r)
	}
}

// hsts: which answers make a host one that wants https alone, and what becomes of requests to it over http.
func hsts(s *scene) {
	s.c.Page.Sandbox = s.chance(4)
	scheme := "http"
	if s.chance(12) {
		scheme = "https"
	}
	// Hosts that no other case has: some browsers keep one list of them for all their contexts.
	site := "h" + strconv.Itoa(s.intn(1<<30)) + ".example"
	s.open(scheme + "://" + pick(s.dice, "app.", "www.", "", "app.x-") + site + pick(s.dice, "", "", "", "", ":8080") + "/page")
	own, _ := s.page.Host()
	host := pick(s.dice, "api."+site, "api."+site, site, "y-"+site, "far.z-"+site, own)
	asked := host
	switch s.intn(10) {
	case 0, 1:
		asked = "sub." + host
	case 2:
		asked = pick(s.dice, "a.sub."+host, "x"+host, strings.TrimPrefix(host, "api."))
	}
	o := s.origin()
	include, member := s.included(25)
	grant := s.grant(o, include)
	switch s.intn(5) {
	case 0:
		grant = []string{acao + "null", acac}
	case 1, 2:
		if !include {
			grant = []string{acao + "*"}
		}
	}
	const sts = "Strict-Transport-Security: "
	value := pick(s.dice, "max-age=600", "max-age=31536000", "max-age=31536000; includeSubDomains", "max-age=600; includeSubDomains; preload", "includeSubDomains; max-age=600")
	switch n := s.intn(100); {
	case n < 65:
	case n < 75:
		value = pick(s.dice, "max-age=0", "max-age=0; includeSubDomains")
	default:
		value = pick(s.dice, `max-age="600"`, "MAX-AGE=600; INCLUDESUBDOMAINS", "max-age = 600", " max-age=600 ;", ";; max-age=600 ;;", "max-age=600; foo", "max-age=600; foo=bar",
			`max-age=600; foo="b;ar"`, "max-age=600, includeSubDomains", "max-age=600; max-age=0", "max-age=600; includeSubDomains=1", "max-age=600; includeSubDomains; includeSubDomains", "includeSubDomains",
			"max-age", "max-age=", "max-age=x", "max-age=-1", "max-age=6e2", "max-age=600.5", "max-age=+600", "600", "", "max-age=99999999999999999999", `max-age="600`, "max-age=600 includeSubDomains",
			"max-age=600; =x", "max-age=600;\tincludeSubDomains")
	}
	path := s.path()
	port, target := "", ""
	if s.chance(12) {
		port = pick(s.dice, ":8080", ":8080", ":443")
	}
	target = "http://" + asked + port + path
	secure := "https://" + asked + port + path
	lesson := "https://" + host + "/lesson"
	teach := append(append([]string(nil), grant...), sts+value)
	if s.chance(5) {
		teach = append(teach, sts+pick(s.dice, "max-age=0", "max-age=600; includeSubDomains"))
	}
	if s.chance(6) {
		lesson = "http://" + host + "/lesson"
	}
	if s.chance(6) {
		lesson = "https://" + host + ":8443/lesson"
	}
	switch n := s.intn(100); {
	case n < 80:
		s.reply(lesson, "", pick(s.dice, 200, 200, 200, 404, 500), teach...)
	case n < 90:
		// A lesson that the script cannot read.
		s.reply(lesson, "", 200, sts+value)
	default:
		s.reply(lesson, "", 302, append(teach, "Location: /learnt")...)
		s.reply(strings.TrimSuffix(lesson, "lesson")+"learnt", "", 200, grant...)
	}
	s.request(simulator.CaseRequest{URL: lesson, Credentials: pick(s.dice, member, member, ptr("omit"))})
	if s.chance(8) {
		unlearn := "https://" + host + "/unlearn"
		s.reply(unlearn, "", 200, append(append([]string(nil), grant...), sts+pick(s.dice, "max-age=0", "x", "max-age=600"))...)
		s.request(simulator.CaseRequest{URL: unlearn, Credentials: member})
	}
	consent := s.consent(o, include, "PUT, DELETE, PATCH, QUERY", "x-a, x-b, x-api-key, content-type, authorization")
	for _, u := range []string{target, secure} {
		s.reply(u, "OPTIONS", 204, consent...)
		if u == target {
			s.reply(u, "", 200, append(s.grant(o, include), "Content-Language: v1")...)
		} else {
			s.reply(u, "", 200, append(append([]string(nil), grant...), "Content-Language: v2")...)
		}
	}
	for n := 1 + s.intn(2); n > 0; n-- {
		r := simulator.CaseRequest{URL: target, Credentials: member}
		switch s.intn(8) {
		case 0:
			r.Mode = ptr(pick(s.dice, "no-cors", "no-cors", "same-origin"))
		case 1:
			s.unsafe(&r)
		case 2:
			r.Method, r.Body = ptr("POST"), ptr("a=1")
		case 3:
			if s.chance(40) {
				r.Redirect = ptr(pick(s.dice, "error", "manual"))
			}
		case 4:
			if s.chance(50) {
				from := s.page.Origin().String() + "/from"
				s.reply(from, "", s.redirectStatus(), append(append([]string(nil), grant...), "Location: "+target)...)
				r.URL = from
			}
		}
		s.perhapsXHR(&r)
		s.request(r)
	}
	s.alsoSecure()
}

// alsoSecure gives every answer over http a twin over https, unless there is one.
func (s *scene) alsoSecure() {
	for _, r := range s.c.Server {
		if rest, ok := strings.CutPrefix(r.URL, "http:"); ok {
			r.URL = parse("https:" + rest).String()
			s.c.Server = append(s.c.Server, r)
		}
	}
}

// upgrades: what becomes of requests over http by a page that wants them upgraded.
func upgrades(s *scene) {
	const csp = "Content-Security-Policy: "
	lines := []string{csp + pick(s.dice, "upgrade-insecure-requests", "upgrade-insecure-requests", "upgrade-insecure-requests", "upgrade-insecure-requests;", "Upgrade-Insecure-Requests",
		"img-src *; upgrade-insecure-requests", "upgrade-insecure-requests; img-src *", "img-src *, upgrade-insecure-requests", "upgrade-insecure-requests x")}
	switch n := s.intn(100); {
	case n < 75:
	case n < 85:
		lines = append([]string{csp + "img-src *"}, lines...)
	default:
		lines = []string{pick(s.dice, csp+"upgrade-insecure-request", csp+"upgrade-insecure-requests=1", csp+"img-src upgrade-insecure-requests", csp+"block-all-mixed-content", csp, "Content-Security-Policy-Report-Only: upgrade-insecure-requests",
			csp+"x;\tupgrade-insecure-requests", csp+"'upgrade-insecure-requests'")}
	}
	scheme := "https"
	if s.chance(40) {
		scheme = "http"
	}
	// A frame in a page over http would itself be upgraded, and then is no frame of the page's own URL.
	s.c.Page.Sandbox = scheme == "https" && s.chance(10)
	s.open(scheme+"://"+pick(s.dice, "app.example.com", "www.example.com", "other.example", "shop.example.co.uk")+"/page", lines...)
	s.insecure(s.page)
}

// mixedContent: what a secure page may ask for over http.
func mixedContent(s *scene) {
	s.c.Page.Sandbox = s.chance(6)
	base := pick(s.dice, "https://app.example.com", "https://app.example.com", "https://www.example.com:8443", "https://shop.example.co.uk", "https://user1.github.io", "http://app.example.com")
	if s.chance(12) {
		base = pick(s.dice, "http://localhost", "http://127.0.0.1", "http://dev.localhost:8080", "https://192.0.2.7", "https://[2001:db8::1]", "https://localhost")
	}
	s.open(base+"/page", s.perhapsPolicy(8)...)
	s.insecure(s.page)
}

// insecure adds requests over http, straight or by a redirect, with answers over http and over https.
func (s *scene) insecure(page origin.URL) {
	o := s.origin()
	own, _ := page.Host()
	for n := 1 + s.intn(2); n > 0; n-- {
		host := pick(s.dice, "api.example.com", "api.example.com", "cdn.other.example", "example.co.uk", own)
		if !reachableOverHTTP(host) {
			host = "api.example.com"
		}
		if s.chance(20) {
			host = pick(s.dice, "localhost", "127.0.0.1", "[::1]", "api.localhost", "127.9.8.7", "192.0.2.1", "[2001:db8::2]", "localhost.example", "0.0.0.0")
		}
		port := ""
		if s.chance(12) {
			port = pick(s.dice, ":8080", ":443", ":81")
		}
		path := pick(s.dice, "/items", "/", "/a%20b/c") + "?n=" + strconv.Itoa(n)
		insecure, secure := "http://"+host+port+path, "https://"+host+port+path
		include, member := s.included(25)
		r := simulator.CaseRequest{URL: insecure, Credentials: member}
		if s.chance(15) {
			r.URL = secure
		}
		m, h := "", ""
		switch s.intn(7) {
		case 0:
			r.Mode = ptr(pick(s.dice, "no-cors", "no-cors", "same-origin"))
		case 1:
			m, h = s.unsafe(&r)
		case 2:
			r.Method, r.Body = ptr("POST"), ptr("a=1")
		}
		grant := s.grant(o, include)
		if s.chance(15) {
			grant = nil
		}
		consent := s.consent(o, include, m, h)
		for _, u := range []string{insecure, secure} {
			version := "Content-Language: v1"
			if u == secure {
				version = "Content-Language: v2"
			}
			s.reply(u, "OPTIONS", 204, consent...)
			s.reply(u, "", 200, append(append([]string(nil), grant...), version)...)
		}
		if s.chance(25) {
			// By a redirect: from the page's own origin, or another's.
			from := page.Origin().String()
			if s.chance(50) {
				from = s.other()
			}
			from += "/from?r=" + strconv.Itoa(n)
			lines := append(append([]string(nil), grant...), "Location: "+r.URL)
			s.reply(from, "OPTIONS", 204, consent...)
			s.reply(from, "", s.redirectStatus(), lines...)
			r.URL = from
			if s.chance(10) {
				r.Redirect = ptr(pick(s.dice, "error", "manual"))
			}
		}
		s.perhapsXHR(&r)
		s.request(r)
	}
	s.alsoSecure()
}
