package generate

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

// A chain is a row of redirects in the making: where it stands, and as whose request the next URL sees it.
type chain struct {
	url    string
	origin string // the Origin header that the server at url sees, where it sees one
}

// start begins a chain.
func (s *scene) start(url string) chain { return chain{url, s.origin()} }

// follow returns where a Location value leads. The standard reads its bytes as one character each, a browser may
// rather put them in the URL as they are: that is the second URL, empty if it is no other.
func (c chain) follow(location string) (next chain, second string, ok bool) {
	base := parse(c.url)
	u, err := origin.ParseURL(strings.Trim(location, " \t"), &base)
	if err != nil || !u.IsHTTP() {
		return chain{}, "", false
	}
	next = chain{u.String(), c.origin}
	raw := ""
	for _, r := range location {
		if r < 0x80 {
			raw += string(r)
		} else {
			raw += fmt.Sprintf("%%%02X", r)
		}
	}
	if v, err := origin.ParseURL(strings.Trim(raw, " \t"), &base); err == nil && v.String() != next.url {
		second = v.String()
	}
	// The origin is lost where a server of another origin than the page's sends the request on to a third.
	if o := base.Origin(); !o.SameOrigin(u.Origin()) && o.String() != c.origin {
		next.origin = "null"
	}
	return next, second, true
}

// redirectStatus returns a status of a redirect, seldom one that only looks like it.
func (s *scene) redirectStatus() int {
	if s.chance(4) {
		return pick(s.dice, 300, 304, 305, 306, 309, 399)
	}
	return pick(s.dice, 301, 302, 302, 303, 307, 307, 308)
}

// location returns a Location value that leads to the URL, in one of the ways to write it.
func (s *scene) location(from, to string) string {
	target, current := parse(to), parse(from)
	if target.SameOrigin(current.Origin()) && s.chance(60) {
		if i := strings.Index(to[len("https://"):], "/"); i >= 0 {
			to = to[len("https://")+i:]
		}
		return pick(s.dice, to, to, to+"#there", "."+to, to+"?")
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(to, "https:"), "http:")
	scheme := target.Scheme()
	if scheme == current.Scheme() && s.chance(20) {
		return pick(s.dice, rest, "\\\\"+rest[2:], scheme+":"+rest)
	}
	return pick(s.dice, to, to, to, to, to+"#there", strings.ToUpper(scheme)+":"+rest, scheme+":\\\\"+rest[2:], "  "+to, to+"/../b", to+"?a b")
}

// strangeLocation returns Location lines that are at the border of what a browser follows.
func (s *scene) strangeLocation(from, to string) []string {
	const l = "Location: "
	rest := strings.TrimPrefix(strings.TrimPrefix(to, "https://"), "http://")
	own, _ := strings.CutPrefix(s.page.Origin().String(), s.page.Scheme()+"://")
	if s.chance(8) {
		return []string{l + s.page.Scheme() + "://user:pw@" + own + "/hop/own"}
	}
	return pick(s.dice,
		nil, []string{l}, []string{l + "https://"}, []string{l + "http://["}, []string{l + "https://exa mple/"}, []string{l + "https://host.example:99999/"},
		[]string{l + "https://user:pw@" + rest}, []string{l + "https://user@" + rest}, []string{l + "https://:@" + rest}, []string{l + "https://@" + rest},
		[]string{l + "ftp://" + rest}, []string{l + "data:,x"}, []string{l + "about:blank"}, []string{l + "javascript:1"}, []string{l + "blob:" + to},
		[]string{l + "mailto:a@b.example"}, []string{l + "file:///x"}, []string{l + "https:///" + rest}, []string{l + "https:" + rest},
		[]string{l + to, l + to}, []string{l + to, l + from + "?second"}, []string{l, l + to}, []string{l + to + ", " + to},
		[]string{l + "/caf\u00e9"}, []string{l + "/caf\u00c3\u00a9"}, []string{l + "/\u00ff"}, []string{l + to + "?\u00c3\u00a9#\u00c3\u00a9"},
		[]string{l + "/a\tb"}, []string{l + "/a b"}, []string{l + "/%zz"}, []string{l + "/\x01"}, []string{l + "?again"}, []string{l + "#only"},
		[]string{l + "items"}, []string{l + "//"}, []string{l + "///"}, []string{l + "\\"}, []string{"location: " + to}, []string{l + "<" + to + ">"},
		[]string{l + `"` + to + `"`}, []string{"URI: " + to}, []string{"Content-Location: " + to}, []string{"Refresh: 0; url=" + to}, []string{l + "/\x7f"})
}

// next returns the URL that a redirect leads to, by direction.
func (s *scene) next(c chain, n int) string {
	path := "/hop/" + decimal(n) + pick(s.dice, "", "", "?q=1")
	current := parse(c.url)
	switch m := s.intn(100); {
	case m < 30:
		return current.Origin().String() + path
	case m < 50:
		return s.page.Origin().String() + path
	case m < 96 || s.page.Scheme() == "http":
		return s.other() + path
	}
	return "http://" + pick(s.dice, everyday[:6]...) + path
}

// redirects: every status, direction, length and Location form, with the answers that the standard asks for, and in
// about half of the cases one thing that is wrong.
func redirects(s *scene) {
	s.openAny()
	s.c.Page.Sandbox = s.chance(6)
	if s.chance(15) {
		s.c.Page.Headers = []string{"Referrer-Policy: " + pick(s.dice, "no-referrer", "unsafe-url", "origin", "strict-origin", "same-origin")}
	}
	include, member := s.included(25)
	url := s.cross()
	if s.chance(35) {
		url = s.same()
	}
	if s.chance(15) {
		url += "#start"
	}
	r := simulator.CaseRequest{URL: url, Credentials: member}
	var m, h string
	switch s.intn(6) {
	case 0, 1:
		r.Method, r.Body = ptr("POST"), ptr("a=b")
	case 2:
		m, h = s.unsafe(&r)
	case 3:
		r.Method = ptr(pick(s.dice, "HEAD", "PUT", "DELETE", "OPTIONS"))
		m = *r.Method
	}
	if s.chance(12) {
		r.Mode = ptr(pick(s.dice, "no-cors", "same-origin"))
	}
	if s.chance(15) {
		r.Redirect = ptr(pick(s.dice, "manual", "error", "follow"))
	}
	length := 1 + s.intn(3)
	if s.chance(5) {
		length = s.near(20)
	}
	damaged := -1 // the answer that is wrong
	if s.chance(40) {
		damaged = s.intn(length + 1)
	}
	c := s.start(url)
	for i := range length {
		to := s.next(c, i)
		if length > 10 {
			to = parse(c.url).Origin().String() + "/hop/" + decimal(i)
		}
		lines := []string{"Location: " + s.location(c.url, to)}
		if s.chance(12) {
			lines = s.strangeLocation(c.url, to)
		}
		if s.chance(8) {
			lines = append(lines, "Referrer-Policy: "+pick(s.dice, "no-referrer", "unsafe-url", "origin", "same-origin", "x", "origin, x"))
		}
		s.answer(c, i == damaged, include, m, h, s.redirectStatus(), lines)
		next, ok := chain{}, false
		for n, l := range slices.DeleteFunc(lines, func(l string) bool { return !hasName(l, "Location") }) {
			_, value, _ := strings.Cut(l, ":")
			to, second, leads := c.follow(value)
			if n == 0 {
				next, ok = to, leads
			} else if leads {
				s.answer(to, false, include, m, h, 200, nil)
			}
			if second != "" {
				s.answer(chain{second, to.origin}, false, include, m, h, 200, nil)
			}
		}
		if c = next; !ok {
			break
		}
	}
	if c.url != "" {
		s.answer(c, damaged == length, include, m, h, pick(s.dice, 200, 200, 200, 404), []string{"X-Total: 1"})
	}
	s.perhapsXHR(&r)
	s.request(r)
}

// answer adds the replies of one URL of a chain: what lets the page go on, or something that is nearly that.
func (s *scene) answer(c chain, damaged, include bool, m, h string, status int, lines []string) {
	allow := s.grant(c.origin, include)
	if damaged {
		allow = s.originLines(c.origin)
		if include {
			allow = append(allow, acac)
		}
	}
	asked := s.consent(c.origin, include, m, h)
	if damaged && s.chance(30) {
		asked = s.grant(c.origin, include)
	}
	if m == "OPTIONS" {
		s.reply(c.url, "", status, append(append(asked, allow...), lines...)...)
		return
	}
	s.reply(c.url, "OPTIONS", 204, asked...)
	s.reply(c.url, "", status, append(allow, lines...)...)
}

// modes: the members mode, credentials, cache and redirect of a RequestInit, together.
func modes(s *scene) {
	s.openAny()
	o := s.origin()
	url := s.cross()
	if s.chance(35) {
		url = s.same()
	}
	r := simulator.CaseRequest{URL: url}
	member := func(percent int, values ...string) *string {
		if !s.chance(percent) {
			return nil
		}
		v := pick(s.dice, values...)
		if s.chance(3) {
			v = pick(s.dice, strings.ToUpper(v), "", v+" ", "navigate", "websocket", "none")
		}
		return &v
	}
	r.Mode = member(70, "cors", "cors", "no-cors", "no-cors", "same-origin")
	r.Credentials = member(50, "omit", "same-origin", "include")
	r.Cache = member(40, "default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached")
	r.Redirect = member(40, "follow", "error", "manual")
	include := r.Credentials != nil && *r.Credentials == "include"
	m, h := "", ""
	switch s.intn(6) {
	case 0:
		r.Method, r.Body = ptr("POST"), ptr("a")
	case 1:
		m, h = s.unsafe(&r)
	case 2:
		r.Headers = []string{pick(s.dice, "Accept: text/html", "Content-Type: text/plain", "Content-Language: de", "Range: bytes=0-")}
	case 3:
		if s.chance(20) {
			r.Body = ptr("a")
		}
	}
	if s.chance(2) {
		r.URL = pick(s.dice, "https://user:pw@api.example.com/x", "https://", "http://[", "//", "https://a b/")
	}
	c := chain{url, o}
	damaged := s.chance(25)
	if s.chance(35) {
		to := s.next(c, 0)
		s.answer(c, damaged, include, m, h, s.redirectStatus(), []string{"Location: " + to})
		c, _, _ = c.follow(to)
		damaged = false
	}
	s.answer(c, damaged, include, m, h, pick(s.dice, 200, 200, 200, 204, 206, 304, 404, 416, 421, 500), nil)
	s.request(r)
}

// policyValue returns the value of a Referrer-Policy header, with some that are not.
func (s *scene) policyValue() string {
	p := pick(s.dice, "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
		"origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url")
	switch n := s.intn(100); {
	case n < 80:
		return p
	case n < 90:
		return pick(s.dice, p+", x", "x, "+p, p+",", ","+p, p+", origin", strings.ToUpper(p), "never", "always", "default", "origin-when-crossorigin", "", p+" , ")
	}
	return s.bend(p)
}

// perhapsPolicy returns a Referrer-Policy line in that many of a hundred cases.
func (s *scene) perhapsPolicy(percent int) []string {
	if !s.chance(percent) {
		return nil
	}
	return []string{"Referrer-Policy: " + s.policyValue()}
}

// memberPolicy returns the member referrerPolicy.
func (s *scene) memberPolicy(percent int) *string {
	if !s.chance(percent) {
		return nil
	}
	return ptr(pick(s.dice, "", "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
		"origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url"))
}

// originHeader: when a request has an Origin header, and which.
func originHeader(s *scene) {
	s.c.Page.Sandbox = s.chance(12)
	s.openAny(s.perhapsPolicy(50)...)
	url := s.cross()
	if s.chance(40) {
		url = s.same()
	}
	include, member := s.included(20)
	r := simulator.CaseRequest{URL: url, Credentials: member, ReferrerPolicy: s.memberPolicy(40)}
	r.Mode = pick(s.dice, nil, nil, nil, ptr("cors"), ptr("no-cors"), ptr("no-cors"), ptr("same-origin"))
	if s.chance(75) {
		r.Method = ptr(pick(s.dice, "POST", "POST", "POST", "HEAD", "GET", "PUT", "DELETE", "post"))
		if r.Mode != nil && *r.Mode == "no-cors" && s.chance(90) {
			r.Method = ptr(pick(s.dice, "POST", "POST", "HEAD"))
		}
	}
	m := ""
	if r.Method != nil && len(*r.Method) != 4 {
		m = *r.Method
	}
	s.journey(r, s.intn(3), include, m)
}

// journey makes a request that is redirected so many times, mostly with everything in order.
func (s *scene) journey(r simulator.CaseRequest, length int, include bool, m string) {
	damaged := -1
	if s.chance(18) {
		damaged = s.intn(length + 1)
	}
	c := s.start(r.URL)
	for i := range length {
		to := s.next(c, i)
		lines := []string{"Location: " + to}
		if s.chance(25) {
			lines = append(lines, "Referrer-Policy: "+s.policyValue())
		}
		s.answer(c, i == damaged, include, m, "", pick(s.dice, 301, 302, 303, 307, 308), lines)
		c, _, _ = c.follow(to)
	}
	s.answer(c, damaged == length, include, m, "", 200, nil)
	s.perhapsXHR(&r)
	s.request(r)
}

// referrer: the Referer by the policies of the page, of the request and of redirects.
func referrer(s *scene) {
	s.c.Page.Sandbox = s.chance(6)
	s.openAny(s.perhapsPolicy(60)...)
	if s.chance(20) && len(s.c.Page.Headers) > 0 {
		s.c.Page.Headers = append(s.c.Page.Headers, "Referrer-Policy: "+s.policyValue())
	}
	if s.chance(8) {
		// A referrer is cut down past 4096 bytes.
		u := s.page.Origin().String() + "/page?"
		s.open(pad(u, s.near(4096))+pick(s.dice, "", "#a"), s.c.Page.Headers...)
	}
	url := s.cross()
	if s.chance(35) {
		url = s.same()
	}
	include, member := s.included(15)
	r := simulator.CaseRequest{URL: url, Credentials: member, ReferrerPolicy: s.memberPolicy(45)}
	if s.chance(40) {
		own := s.page.Origin().String()
		r.Referrer = ptr(pick(s.dice, "", "about:client", "/elsewhere?a=1#b", "sub/dir", own+"/x", "https://other.example/x", "https://user:pw@other.example/",
			"http://[", "https://", "data:,x", "about:blank", "about:client#a", "about:client?a", own, "?q", strings.ToUpper(own)+"/y", "blob:"+own+"/1"))
	}
	r.Mode = pick(s.dice, nil, nil, nil, ptr("no-cors"), ptr("same-origin"))
	if r.Mode == nil && s.chance(20) {
		r.Method = ptr("PUT")
	}
	m := ""
	if r.Method != nil {
		m = "PUT"
	}
	s.journey(r, pick(s.dice, 0, 0, 1, 2), include, m)
}

// fetchMetadata: Sec-Fetch-Site, -Mode and -Dest through redirects.
func fetchMetadata(s *scene) {
	s.c.Page.Sandbox = s.chance(10)
	s.openAny()
	url := s.cross()
	if s.chance(50) {
		url = s.same()
	}
	include, member := s.included(10)
	r := simulator.CaseRequest{URL: url, Credentials: member}
	r.Mode = pick(s.dice, nil, nil, ptr("no-cors"), ptr("same-origin"), nil)
	m := ""
	if r.Mode == nil && s.chance(25) {
		r.Method = ptr(pick(s.dice, "PUT", "DELETE"))
		m = *r.Method
	}
	s.journey(r, s.intn(4), include, m)
}

// sites: names beside one another at a public suffix, addresses and ports, told apart by Sec-Fetch-Site and by
// Cross-Origin-Resource-Policy: same-site.
func sites(s *scene) {
	hosts := pick(s.dice,
		[]string{"user1.github.io", "user2.github.io", "a.user1.github.io", "b.user1.github.io"},
		[]string{"example.co.uk", "shop.example.co.uk", "other.co.uk", "a.shop.example.co.uk", "example.uk"},
		[]string{"192.0.2.1", "192.0.2.2", "192.0.2.10"},
		[]string{"[2001:db8::1]", "[2001:db8::2]", "192.0.2.1"},
		[]string{"example.com", "www.example.com", "api.example.com", "example.com.example", "notexample.com", "com.example"},
		[]string{"city.kawasaki.jp", "a.city.kawasaki.jp", "x.kawasaki.jp", "y.x.kawasaki.jp", "z.x.kawasaki.jp", "w.y.x.kawasaki.jp"},
		[]string{"www.ck", "a.www.ck", "a.b.ck", "c.b.ck", "d.a.b.ck"},
		[]string{"a.example", "b.a.example", "example.test", "a.example.test", "a.unlisted", "b.a.unlisted", "xn--bcher-kva.example", "a.xn--bcher-kva.example"},
		[]string{"s3.amazonaws.com", "a.s3.amazonaws.com", "b.s3.amazonaws.com", "x.a.s3.amazonaws.com"})
	scheme := "https"
	if s.chance(10) {
		scheme = "http"
	}
	s.c.Page.Sandbox = s.chance(4)
	s.open(s.base(scheme, hosts...) + "/page")
	if s.page.Scheme() == "https" {
		scheme = "https"
	}
	url := s.base(scheme, hosts...) + s.path()
	r := simulator.CaseRequest{URL: url}
	lines := []string{acao + s.origin()}
	if s.chance(60) {
		r.Mode = ptr("no-cors")
		lines = []string{"Cross-Origin-Resource-Policy: " + pick(s.dice, "same-site", "same-site", "same-site", "same-origin", "cross-origin")}
	} else if s.chance(25) {
		lines = nil
	}
	if s.chance(25) {
		to := s.base(scheme, hosts...) + "/hop"
		s.reply(url, "", pick(s.dice, 302, 307), append(lines, "Location: "+to)...)
		c, _, _ := s.start(url).follow(to)
		url = to
		if r.Mode == nil && lines != nil {
			lines = []string{acao + pick(s.dice, c.origin, "*")}
		}
	}
	s.reply(url, "", 200, lines...)
	s.request(r)
}

// ports: those that browsers refuse to talk to, and their neighbours.
func ports(s *scene) {
	s.openAny()
	port := pick(s.dice, "1", "7", "9", "11", "13", "15", "17", "19", "20", "21", "22", "23", "25", "37", "42", "43", "53", "69", "77", "79", "87", "95",
		"101", "102", "103", "104", "109", "110", "111", "113", "115", "117", "119", "123", "135", "137", "139", "143", "161", "179", "389", "427", "465",
		"512", "513", "514", "515", "526", "530", "531", "532", "540", "548", "554", "556", "563", "587", "601", "636", "989", "990", "993", "995", "1719",
		"1720", "1723", "2049", "3659", "4045", "4190", "5060", "5061", "6000", "6566", "6665", "6666", "6667", "6668", "6669", "6679", "6697", "10080")
	if s.chance(52) {
		port = pick(s.dice, "2", "8", "10", "18", "24", "26", "80", "81", "88", "100", "105", "112", "114", "144", "162", "445", "444", "442", "591", "600", "602",
			"988", "992", "994", "996", "1718", "1721", "1722", "2048", "3658", "4044", "4189", "4191", "5059", "5062", "5999", "6001", "6565", "6664", "6670",
			"6678", "6680", "6696", "6698", "8000", "8080", "10079", "10081", "65535", "3306", "5432", "6379", "9200", "27017")
	}
	scheme := "https"
	if s.page.Scheme() == "http" && s.chance(50) {
		scheme = "http"
	}
	if scheme == "https" && port == "80" || scheme == "http" && port == "443" {
		port = "8081"
	}
	url := scheme + "://" + pick(s.dice, everyday[:6]...) + ":" + port + s.path()
	r := simulator.CaseRequest{URL: url}
	c := s.start(url)
	r.Mode = pick(s.dice, nil, nil, nil, ptr("no-cors"))
	if s.chance(30) {
		// A redirect leads there.
		r.URL = s.cross()
		c, _, _ = s.start(r.URL).follow(url)
		s.answer(s.start(r.URL), false, false, "", "", pick(s.dice, 301, 302, 307), []string{"Location: " + url})
	}
	s.answer(c, false, false, "", "", 200, nil)
	s.request(r)
}

// resourcePolicy: Cross-Origin-Resource-Policy on responses and Cross-Origin-Embedder-Policy on the page.
func resourcePolicy(s *scene) {
	var page []string
	if s.chance(45) {
		page = []string{"Cross-Origin-Embedder-Policy: " + pick(s.dice, "require-corp", "require-corp", "require-corp", "credentialless", "credentialless", "unsafe-none",
			"Require-Corp", "require-corp; report-to=\"x\"", "require-corp, require-corp", "\"require-corp\"", "require-corp;", "credentialless;a=1", s.bend("require-corp"), "")}
		if s.chance(8) {
			page = append(page, page[0])
		}
	}
	s.openAny(page...)
	url := s.cross()
	if s.chance(15) {
		url = s.same()
	}
	r := simulator.CaseRequest{URL: url, Mode: ptr("no-cors")}
	if s.chance(25) {
		r.Mode = nil
	}
	r.Credentials = pick(s.dice, nil, nil, ptr("omit"), ptr("include"), ptr("same-origin"))
	include := r.Credentials != nil && *r.Credentials == "include"
	var lines []string
	if r.Mode == nil && !s.chance(20) {
		lines = []string{acao + s.origin(), acac}
	}
	policy := func() []string {
		const name = "Cross-Origin-Resource-Policy: "
		v := pick(s.dice, "same-origin", "same-site", "cross-origin", "same-site", "cross-origin")
		switch n := s.intn(100); {
		case n < 55:
			return []string{name + v}
		case n < 75:
			return nil
		case n < 87:
			return []string{name + s.bend(v)}
		case n < 92:
			return []string{name + v, name + pick(s.dice, v, "cross-origin", "")}
		}
		return []string{name + pick(s.dice, strings.ToUpper(v), v+", "+v, v+";a", "", "*", "none", `"`+v+`"`, "same-origin, cross-origin")}
	}
	c := s.start(url)
	if s.chance(20) {
		to := s.next(c, 0)
		s.reply(url, "", pick(s.dice, 302, 307), append(append(policy(), lines...), "Location: "+to)...)
		c, _, _ = c.follow(to)
		if lines != nil {
			lines = s.grant(c.origin, include)
		}
	}
	s.reply(c.url, "", 200, append(policy(), lines...)...)
	s.request(r)
}

// keepalive: requests that may outlive the page, with bodies at their limit.
func keepalive(s *scene) {
	s.openAny()
	url := s.cross()
	if s.chance(30) {
		url = s.same()
	}
	include, member := s.included(25)
	r := simulator.CaseRequest{URL: url, Keepalive: true, Credentials: member}
	m, h := "", ""
	switch s.intn(5) {
	case 0:
	case 1:
		m, h = s.unsafe(&r)
	case 2:
		r.Method, r.Body = ptr(pick(s.dice, "POST", "POST", "PUT")), ptr(pad("", s.near(64<<10)))
		m = *r.Method
	default:
		r.Method, r.Body = ptr("POST"), ptr("a")
	}
	if s.chance(20) && m == "" && h == "" {
		r.Mode = ptr("no-cors")
	}
	c := s.start(url)
	damaged := s.chance(25)
	if s.chance(30) {
		to := s.next(c, 0)
		s.answer(c, false, include, m, h, pick(s.dice, 302, 303, 307), []string{"Location: " + to})
		c, _, _ = c.follow(to)
	}
	s.answer(c, damaged, include, m, h, 200, nil)
	s.request(r)
}

// streams: bodies whose length nobody knows.
func streams(s *scene) {
	s.openAny()
	url := s.cross()
	if s.chance(30) {
		url = s.same()
	}
	include, member := s.included(25)
	r := simulator.CaseRequest{URL: url, Method: ptr("POST"), Body: ptr("a=b"), Stream: true, Credentials: member}
	m, h := "", ""
	switch s.intn(6) {
	case 0:
		r.Method = ptr("PUT")
		m = "PUT"
	case 1:
		r.Headers, h = []string{"X-A: 1"}, "x-a"
	case 2:
		r.Headers = []string{"Content-Type: text/plain"}
	case 3:
		if s.chance(30) {
			r.Method = ptr("GET")
		}
	}
	r.Keepalive = s.chance(6)
	if s.chance(12) {
		r.Mode = ptr(pick(s.dice, "no-cors", "same-origin", "cors"))
	}
	c := s.start(url)
	damaged := s.chance(30)
	if s.chance(35) {
		to := s.next(c, 0)
		s.answer(c, false, include, m, h, pick(s.dice, 301, 302, 303, 303, 307, 308), []string{"Location: " + to})
		c, _, _ = c.follow(to)
	} else if s.chance(20) {
		s.reply(url, "OPTIONS", 403)
	}
	s.answer(c, damaged, include, m, h, pick(s.dice, 200, 200, 421), nil)
	s.request(r)
}

// headers: what a script may set, and what is dropped or refused.
func headers(s *scene) {
	s.openAny()
	url := s.cross()
	if s.chance(20) {
		url = s.same()
	}
	r := simulator.CaseRequest{URL: url}
	if s.chance(25) {
		r.Mode = ptr("no-cors")
	}
	forbidden := []string{"Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Connection", "Content-Length",
		"Cookie", "Cookie2", "Date", "DNT", "Expect", "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
		"Via", "Sec-", "Sec-Fetch-Site", "Proxy-", "Proxy-Authorization", "sec-ch-ua", "pRoXy-a"}
	for n := 1 + s.intn(2); n > 0; n-- {
		line := ""
		switch s.intn(8) {
		case 0, 1:
			line = pick(s.dice, forbidden...) + ": x"
		case 2:
			line = s.bend(pick(s.dice, forbidden...)) + ": x"
		case 3:
			line = pick(s.dice, "X-HTTP-Method-Override", "X-HTTP-Method", "x-method-override") + ": " +
				pick(s.dice, "TRACE", "track", "GET", "GET, CONNECT", "\"TRACE\"", "TRACE;", "traced", ",TRACK,", "PUT", "GET,\tTRACE ")
		case 4:
			line = pick(s.dice, "X A", "X-\u00e9", "X(", "X/", "X=", "", "X\"", "X@", "X\x01", "X[", "{X}", "X,", "X;", "X?", "X\\", "X<") + ": 1"
		case 5:
			line = "X-A: " + pick(s.dice, "a\nb", "a\rb", "a\x00b", "\n", "a\r\n b", "caf\u00e9", "\x01", "\x7f", "a\tb", " a ", "\ta\t", "a\n", "\ra", "\u00ff", "")
		default:
			line = pick(s.dice, "X-A: 1", "Accept: text/html", "Accept-Language: de", "User-Agent: x", "Cache-Control: no-cache", "Content-Type: text/plain", "Purpose: x",
				"Sec: x", "Proxy: x", "Cookie3: x", "Accept-Encodings: x", "X-Sec-A: x", "DNT2: 1", "Content-Type: application/json", "Authorization: x", "X-Proxy-: x")
		}
		if !strings.Contains(line, ":") {
			line += ": x"
		}
		r.Headers = append(r.Headers, line)
	}
	if s.chance(55) {
		s.reply(url, "OPTIONS", 403)
	}
	s.answer(s.start(url), s.chance(15), false, "", "*, authorization", 200, nil)
	s.perhapsXHR(&r)
	s.request(r)
}

// schemes: URLs that are not http(s), and mixed content.
func schemes(s *scene) {
	s.openAny()
	r := simulator.CaseRequest{}
	own := s.page.Origin().String()
	switch s.intn(6) {
	case 0, 1:
		r.URL = pick(s.dice, "data:,x", "data:text/plain,hi", "data:text/html;base64,aGk=", "data:text/html;base64,aGk", "data:;base64,=", "data:;base64,a", "data:text/plain",
			"data:", "data:;charset=x,a", "data:text/plain;charset=utf-8;a=b,%41%zz#f", "DATA:TEXT/PLAIN,a", "data:x,a", "data:/,a", "data:text/plain ;base64,YQ==",
			"data:text/plain; base64 ,YQ==", "data:text/plain;base64;a=b,YQ==", "data:text/plain;BASE64,YQ==", "data:,a b\tc", "data:application/json,{}", "data:;base64,Y%51==",
			"data:text/\u00e9,a", "data:;a=\"b\";base64,YWI", "data:;base64,YW I=")
	case 2:
		r.URL = pick(s.dice, "about:blank", "about:srcdoc", "about:blank?a", "about:blank#a", "file:///etc/hosts", "ftp://other.example/x", "mailto:a@b.example", "javascript:1",
			"blob:"+own+"/3b1c2f44-7a35-4f6e-9f2a-3d6c6b6f0a11", "blob:null/3b1c2f44-7a35-4f6e-9f2a-3d6c6b6f0a11", "ws://other.example/x", "unknown:x", "view-source:"+own,
			"httpss://other.example/", "http+unix://x/")
	case 3:
		// An insecure target, mixed content from a secure page.
		r.URL = "http://" + pick(s.dice, everyday[:6]...) + s.path()
		s.answer(s.start(r.URL), s.chance(10), false, "", "", 200, nil)
	case 4:
		// A redirect there, or to what is not http(s).
		r.URL = s.cross()
		to := pick(s.dice, "http://", "https://", "http://") + pick(s.dice, everyday[:6]...) + "/hop"
		if s.chance(25) {
			to = pick(s.dice, "data:,x", "about:blank", "ftp://other.example/", "blob:"+own+"/1")
		}
		c := s.start(r.URL)
		s.answer(c, false, false, "", "", pick(s.dice, 301, 302, 307), []string{"Location: " + to})
		if next, _, ok := c.follow(to); ok {
			s.answer(next, false, false, "", "", 200, nil)
		}
	default:
		// Another scheme, the same host.
		host, _ := s.page.Host()
		r.URL = s.base("https", host) + s.path()
		s.answer(s.start(r.URL), s.chance(40), false, "", "", 200, nil)
	}
	r.Mode = pick(s.dice, nil, nil, nil, nil, ptr("no-cors"), ptr("same-origin"))
	if s.chance(10) {
		r.Redirect = ptr(pick(s.dice, "error", "manual"))
	}
	s.request(r)
}

// date is a date as a server may write it, or nearly: one that is past or to come whoever reads it.
func (s *scene) date() string {
	day := pick(s.dice, "1", "01", "31", "30", "32", "0", "1st", "x1", "001")
	month := pick(s.dice, "Jan", "Feb", "jan", "JUN", "Sept", "January", "Janx", "Ja", "1")
	year := pick(s.dice, "2000", "2100", "2000", "00", "69", "70", "100", "1600", "1", "12000", "2000x")
	clock := pick(s.dice, "00:00:00", "0:0:0", "23:59:59", "24:00:00", "12:00", "1:2:3pm", "00:00:00x", "00:00:000", "12.00.00", "00:00:60")
	weekday := pick(s.dice, "", "Sat, ", "Saturday, ", "Sat ", "x, ", "Sat,")
	zone := pick(s.dice, "", " GMT", " GMT", " EST", " JST", " +0100", " -0800", "Z", " UTC", " (GMT)", " x")
	if s.chance(60) {
		// Most of it as it should be.
		day, month, clock = pick(s.dice, "01", day), pick(s.dice, "Jan", month), pick(s.dice, "00:00:00", clock)
		year = pick(s.dice, "2000", "2100", year)
	}
	gap := pick(s.dice, " ", " ", " ", "-", "-", "  ", "/", ".", ",", "--", "_", " -")
	if s.chance(30) {
		return weekday + strings.Join(shuffle(s.dice, []string{day, month, year, clock}), gap) + zone
	}
	if s.chance(15) {
		return weekday + month + gap + day + gap + clock + gap + year + zone
	}
	if s.chance(10) {
		return pick(s.dice, "12/31/1999", "31/12/1999", "1999-12-31", "99/12/31", "12-31-99", "1/2/100", "0/1/2000", "31/31/2000") + pick(s.dice, "", " ", "T") + clock + zone
	}
	return weekday + day + gap + month + gap + year + " " + clock + zone
}

// scrambled is a text with characters in it, or gone, that may matter to whoever reads it.
func (s *scene) scrambled(text string) string {
	for n := 1 + s.intn(3); n > 0; n-- {
		runes := []rune(text)
		i := s.intn(len(runes))
		text = string(runes[:i]) + pick(s.dice, "\t", "\t", ",", ",", "=", ";", " ", "\"", "\x01", "\x7f", "\u00e9", "\u00a0", "\u00c3\u00a9", "\x0c", "\\", "") + string(runes[i+s.intn(2):])
	}
	return text
}

// respelt is a host as a URL may spell it too, or nearly.
func (s *scene) respelt(host string) string {
	switch host {
	case "127.0.0.1":
		return pick(s.dice, "127.1", "0x7f.0.0.1", "127.0.0.01", "2130706433", "127.0.0.1.", "%3127.0.0.1", "0.0.1", ".0.1", "1")
	case "[::1]":
		return pick(s.dice, "[0::1]", "[::0:1]", "[0:0:0:0:0:0:0:1]", "::1", "[::0.0.0.1]", "[::1].")
	}
	first, rest := host[:1], host[1:]
	return pick(s.dice, strings.ToUpper(host), strings.ToUpper(first)+rest, "%"+hex.EncodeToString([]byte(first))+rest, host+".", "."+strings.ToUpper(host), ".."+host,
		host+":443", rest, "x"+host)
}

// cookies: which of one site's cookies go with a request, and what a response may set.
func cookies(s *scene) {
	hosts := pick(s.dice, []string{"app.example.com", "www.example.com", "example.com"}, []string{"shop.example.co.uk", "example.co.uk"}, []string{"a.user1.github.io", "user1.github.io"})
	scheme := "https://"
	if s.chance(10) {
		// Hosts of this machine, which need no https.
		hosts, scheme = pick(s.dice, []string{"localhost"}, []string{"dev.localhost", "api.localhost"}, []string{"127.0.0.1"}, []string{"[::1]"}), "http://"
	}
	own := pick(s.dice, hosts...)
	target := pick(s.dice, hosts...)
	if s.chance(20) {
		target = pick(s.dice, "other.example", "cdn.other.example", "other.co.uk", "user2.github.io")
		if scheme == "http://" {
			target = "localhost:8080"
		}
	}
	s.c.Page.Sandbox = s.chance(5)
	s.open(scheme + own + "/page")
	domain := hosts[len(hosts)-1]
	attributes := func() string {
		out := ""
		if s.chance(6) {
			out += "; Domain=" + s.respelt(domain)
		}
		if s.chance(12) {
			out += "; Expires=" + s.date()
		}
		for s.chance(60) {
			out += pick(s.dice, "; ", ";", " ; ") + pick(s.dice, "Path=/", "Path=/items", "Path=/item", "Path=/items/", "Path=x", "Domain="+domain, "Domain=."+domain, "Domain="+target,
				"Domain=other.example", "Domain=com", "Domain=co.uk", "Domain=github.io", "Domain=", "Secure", "HttpOnly", "SameSite=Strict", "SameSite=Lax", "SameSite=None; Secure",
				"SameSite=None", "SameSite=x", "samesite=STRICT", "Max-Age=0", "Max-Age=600", "Max-Age=-1", "Max-Age=x", "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
				"Expires=Fri, 01 Jan 2100 00:00:00 GMT", "x=y", "Partitioned", "Secure; Partitioned", "SameSite=None; Secure; Partitioned", "Expires=x", "Max-Age=", "Domain=.",
				"Path=", "SameSite=", "Secure=x", "HttpOnly=0", "Expires=Thu, 01-Jan-70 00:00:00 GMT", "Expires=1 jan 2100 00:00:00", "Max-Age=99999999999", "max-age =0", "DOMAIN="+domain)
		}
		return out
	}
	pair := func() string {
		return pick(s.dice, "a=1", "b=2", "a=3", "__Host-a=1; Secure; Path=/", "__Secure-b=2; Secure", "__Secure-b=2", "__Host-a=1", "c=", "=d", "e", "f=g h", "i=\"j\"", "A=4")
	}
	line := func() string {
		if s.chance(8) {
			return s.scrambled(pair() + attributes())
		}
		return pair() + attributes()
	}
	for n := 1 + s.intn(3); n > 0; n-- {
		s.c.Page.Cookies = append(s.c.Page.Cookies, simulator.CaseCookie{URL: pick(s.dice, scheme, scheme, "https://") + pick(s.dice, own, target, target) + pick(s.dice, "/", "/items", "/items/1"), Set: line()})
	}
	url := scheme + target + pick(s.dice, "/items", "/items/1", "/", "/itemsx", "/items/")
	include, member := s.included(70)
	lines := s.grant(s.origin(), include)
	if s.chance(20) {
		lines = s.originLines(s.origin())
	}
	if s.chance(50) {
		lines = append(lines, "Set-Cookie: "+line())
		if s.chance(10) {
			// From a server whose clock is wrong, perhaps.
			lines = append(lines, "Date: "+pick(s.dice, "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "Fri, 31 Dec 1999 12:00:00 GMT", s.date()),
				"Set-Cookie: w=1; Expires="+pick(s.dice, "Sat, 01 Jan 2000 06:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", s.date()))
		}
	}
	s.reply(url, "", 200, lines...)
	// A cookie whose time is over when the next request is made, or one that stays.
	wait := s.chance(6)
	if wait {
		s.c.Page.Cookies = append(s.c.Page.Cookies, simulator.CaseCookie{URL: scheme + target + "/", Set: "k=1; Max-Age=" + pick(s.dice, "1", "600") + pick(s.dice, "", "; SameSite=None; Secure")})
	}
	for n := 1 + s.intn(2); n > 0; n-- {
		r := simulator.CaseRequest{URL: url, Credentials: member}
		if wait {
			r.After, wait = 2.5, false
		}
		if s.chance(10) {
			r.Mode = ptr("no-cors")
		}
		if s.chance(20) {
			// By a redirect that may set a cookie itself, and may cross sites.
			from := scheme + pick(s.dice, own, target, "other.example", "www.other.example") + "/from"
			hop := append(s.grant(s.origin(), include), "Location: "+url)
			if s.chance(60) {
				hop = append(hop, "Set-Cookie: "+pair()+attributes())
			}
			s.reply(from, "", pick(s.dice, 302, 307), hop...)
			r.URL = from
		}
		s.perhapsXHR(&r)
		s.request(r)
	}
}

// mixture: some of everything at once, mostly as it should be.
func mixture(s *scene) {
	s.c.Page.Sandbox = s.chance(10)
	s.openAny(s.perhapsPolicy(30)...)
	for n := 1 + s.intn(2); n > 0; n-- {
		include, member := s.included(30)
		url := s.cross()
		if s.chance(20) {
			url = s.same()
		}
		url += pick(s.dice, "", "", "", "", "#f")
		r := simulator.CaseRequest{URL: url, Credentials: member, ReferrerPolicy: s.memberPolicy(15)}
		m, h := "", ""
		switch s.intn(5) {
		case 0, 1:
			m, h = s.unsafe(&r)
		case 2:
			r.Headers = []string{safelistedHeader(s)}
			if !strings.Contains(r.Headers[0], ":") {
				r.Headers[0] += ":"
			}
			h, _, _ = strings.Cut(r.Headers[0], ":")
		case 3:
			r.Method = ptr(spelledMethod(s))
			m = normalized(*r.Method)
		}
		if s.chance(12) {
			r.Mode = ptr(pick(s.dice, "cors", "no-cors", "same-origin"))
		}
		if s.chance(12) {
			r.Cache = ptr(pick(s.dice, "no-store", "reload", "no-cache"))
		}
		if s.chance(12) {
			r.Redirect = ptr(pick(s.dice, "follow", "manual", "error"))
		}
		length := pick(s.dice, 0, 0, 1, 2)
		damaged := -1
		if s.chance(35) {
			damaged = s.intn(length + 1)
		}
		c := s.start(url)
		for i := range length {
			to := s.next(c, i+10*n)
			lines := []string{"Location: " + s.location(c.url, to)}
			s.answer(c, i == damaged, include, m, h, s.redirectStatus(), lines)
			_, value, _ := strings.Cut(lines[0], ":")
			next, _, ok := c.follow(value)
			if !ok {
				break
			}
			c = next
		}
		lines := []string{"X-Total: 3"}
		if s.chance(40) {
			lines = append(lines, s.listLines("Access-Control-Expose-Headers", []string{"X-Total"}, "ETag")...)
		}
		s.answer(c, damaged == length, include, m, h, pick(s.dice, 200, 200, 201, 404, 500), lines)
		s.perhapsXHR(&r)
		s.request(r)
	}
}
