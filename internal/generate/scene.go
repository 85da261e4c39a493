package generate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

// A scene is a case in the making, with the dice that make it.
type scene struct {
	dice
	c    simulator.Case
	page origin.URL
}

// The names of the response headers of CORS, with the colon.
const (
	acao = "Access-Control-Allow-Origin: "
	acac = "Access-Control-Allow-Credentials: true"
	acam = "Access-Control-Allow-Methods"
	acah = "Access-Control-Allow-Headers"
)

// everyday are the hosts of most cases: some of one site, some beneath the same public suffix.
var everyday = [...]string{
	"app.example.com", "www.example.com", "api.example.com", "example.com", "other.example", "cdn.other.example",
	"user1.github.io", "user2.github.io", "shop.example.co.uk", "example.co.uk", "other.co.uk",
}

// ptr returns a member that is present.
func ptr[T any](v T) *T { return &v }

// parse parses a URL that this package has written. The zero URL stands for one that does not parse.
func parse(u string) origin.URL {
	p, err := origin.ParseURL(u, nil)
	if err != nil {
		return origin.URL{}
	}
	return p
}

// base returns a URL without a path, from a scheme and one of the hosts. Some hosts are known to browsers as reachable
// over https alone, or may become so: they are never asked for over http.
func (s *scene) base(scheme string, hosts ...string) string {
	host := pick(s.dice, hosts...)
	if !reachableOverHTTP(host) {
		scheme = "https"
	}
	port := ""
	if s.chance(8) {
		port = ":8443"
		if scheme == "http" {
			port = ":8080"
		}
	}
	return scheme + "://" + host + port
}

// reachableOverHTTP reports whether no browser knows better than to ask the host over http.
func reachableOverHTTP(host string) bool {
	return strings.HasSuffix(host, "example") || strings.HasSuffix(host, "example.com") || strings.HasSuffix(host, ".co.uk") ||
		strings.HasPrefix(host, "192.0.2.") || strings.HasPrefix(host, "[2001:db8:")
}

// open gives the case its page.
func (s *scene) open(url string, headers ...string) {
	s.page = parse(url)
	s.c.Page.URL, s.c.Page.Headers = url, headers
}

// openAny gives the case an everyday page. The paths of pages are never those of requests.
func (s *scene) openAny(headers ...string) {
	scheme := "https"
	if s.chance(15) {
		scheme = "http"
	}
	s.open(s.base(scheme, everyday[:]...)+pick(s.dice, "/page", "/page", "/page/cart?step=2", "/page#top"), headers...)
}

// origin is the Origin that the page's requests begin with.
func (s *scene) origin() string {
	if s.c.Page.Sandbox {
		return "null"
	}
	return s.page.Origin().String()
}

// path returns the path of a request.
func (s *scene) path() string {
	return pick(s.dice, "/items", "/items/1", "/v1/users?id=7", "/a%20b/c", "/data.json", "/", "/items/1?q=a%2Cb")
}

// same returns a URL of the page's own origin.
func (s *scene) same() string { return s.page.Origin().String() + s.path() }

// other returns the base of a URL of another origin than the page's that is no mixed content.
func (s *scene) other() string {
	own := s.page.Origin()
	host, _ := s.page.Host()
	for range 8 {
		scheme := "https"
		if s.page.Scheme() == "http" && s.chance(50) {
			scheme = "http"
		}
		hosts := everyday[:]
		if s.chance(15) {
			hosts = []string{host}
		}
		b := s.base(scheme, hosts...)
		if s.chance(5) && strings.Contains(b, host) {
			b = scheme + "://" + host + ":8444"
		}
		if !parse(b).SameOrigin(own) {
			return b
		}
	}
	return "https://far.example:8443"
}

// cross returns a URL of another origin than the page's.
func (s *scene) cross() string { return s.other() + s.path() }

// reply adds an answer: to that method alone unless it is empty.
func (s *scene) reply(url, method string, status int, headers ...string) *simulator.CaseReply {
	u, ok := parse(url).ForReferrer(false)
	if ok {
		url = u.String()
	}
	r := simulator.CaseReply{URL: url, Method: method, Status: status, Headers: slices.Clone(headers)}
	if method != "OPTIONS" {
		if !slices.ContainsFunc(r.Headers, func(h string) bool { return hasName(h, "Content-Type") }) {
			// A type that opaque responses may have in every browser.
			r.Headers = append(r.Headers, "Content-Type: text/css")
		}
		r.Headers = append(r.Headers, "Cache-Control: no-store")
		switch status {
		case 204, 205, 304:
		default:
			r.Body = "a{}"
		}
	}
	s.c.Server = append(s.c.Server, r)
	return &s.c.Server[len(s.c.Server)-1]
}

// hasName reports whether a header line has the name.
func hasName(line, name string) bool {
	n, _, _ := strings.Cut(line, ":")
	return strings.EqualFold(n, name)
}

// request adds a request.
func (s *scene) request(r simulator.CaseRequest) *simulator.CaseRequest {
	s.c.Requests = append(s.c.Requests, r)
	return &s.c.Requests[len(s.c.Requests)-1]
}

// perhapsXHR makes one of five requests with XMLHttpRequest, if it has no member that this does not know.
func (s *scene) perhapsXHR(r *simulator.CaseRequest) {
	if r.Stream || r.Mode != nil || r.Redirect != nil || r.Cache != nil || r.Referrer != nil || r.ReferrerPolicy != nil ||
		r.Keepalive || r.Credentials != nil && *r.Credentials == "omit" || r.Method != nil && *r.Method == "" || !s.chance(20) {
		return
	}
	r.Via = "xhr"
	r.WithCredentials = r.Credentials != nil && *r.Credentials == "include"
	r.Credentials = nil
}

// finish completes the case: a reply that was added twice is of no use.
func (s *scene) finish() {
	seen := map[string]bool{}
	s.c.Server = slices.DeleteFunc(s.c.Server, func(r simulator.CaseReply) bool {
		if r.Times != nil {
			return false
		}
		key := r.Method + " " + r.URL
		if seen[key] || seen[" "+r.URL] {
			return true
		}
		seen[key] = true
		return false
	})
}

// grant returns what lets a page of that origin read a response.
func (s *scene) grant(origin string, include bool) []string {
	switch {
	case include:
		return []string{acao + origin, acac}
	case s.chance(35):
		return []string{acao + "*"}
	}
	return []string{acao + origin}
}

// consent returns what lets a page of that origin send a request after a preflight.
func (s *scene) consent(origin string, include bool, methods, headers string) []string {
	h := s.grant(origin, include)
	if methods != "" {
		h = append(h, acam+": "+methods)
	}
	if headers != "" {
		h = append(h, acah+": "+headers)
	}
	return h
}

// included says whether the requests of a scene carry credentials, and what the member is then.
func (s *scene) included(percent int) (bool, *string) {
	if s.chance(percent) {
		return true, ptr("include")
	}
	return false, pick(s.dice, nil, nil, ptr("same-origin"), ptr("omit"))
}

// unsafe makes a request one that is preflighted, and returns what the preflight has to allow.
func (s *scene) unsafe(r *simulator.CaseRequest) (methods, headers string) {
	switch s.intn(5) {
	case 0:
		r.Method = ptr(pick(s.dice, "PUT", "DELETE", "PATCH", "QUERY"))
		return *r.Method, ""
	case 1:
		r.Headers = append(r.Headers, "X-Api-Key: 1")
		return "", "X-Api-Key"
	case 2:
		r.Method, r.Body = ptr("POST"), ptr(`{"a":1}`)
		r.Headers = append(r.Headers, "Content-Type: application/json")
		return "", "Content-Type"
	case 3:
		r.Headers = append(r.Headers, "Authorization: Bearer 1")
		return "", "authorization"
	}
	r.Method = ptr(pick(s.dice, "PUT", "DELETE"))
	r.Headers = append(r.Headers, "X-A: 1", "X-B: 2")
	return "PUT, DELETE", "x-a,x-b"
}

// spelling returns the name of a response header, mostly as people write it.
func (s *scene) spelling(line string) string {
	if !s.chance(8) {
		return line
	}
	name, value, _ := strings.Cut(line, ":")
	return pick(s.dice, strings.ToLower(name), strings.ToUpper(name)) + ":" + value
}

// originLines returns Access-Control-Allow-Origin lines for a page of that origin: right in about four of ten cases.
func (s *scene) originLines(o string) []string {
	one := func(v string) []string { return []string{s.spelling(acao + v)} }
	switch n := s.intn(100); {
	case n < 36:
		return one(o)
	case n < 46:
		return one("*")
	case n < 64:
		return one(s.bend(o))
	case n < 68:
		return nil
	case n < 75:
		return pick(s.dice, []string{acao + o, acao + o}, []string{acao + o, acao + "https://other.example"},
			[]string{acao + "*", acao + "*"}, []string{acao + "*", acao + o}, []string{acao, acao + o},
			[]string{acao + o, strings.ToLower(acao)})
	}
	scheme, host, _ := strings.Cut(o, "://")
	port := ":443"
	if scheme == "http" {
		port = ":80"
	}
	return one(pick(s.dice, "", "null", "NULL", "**", "* *", "*, *", "*.example.com", "https://*", "true", "'*'", `"*"`,
		o+"/", o+":", o+port, o+".", o+"/page", o+"?", o+"#", o+", "+o, o+","+o, o+" "+o, o+", https://other.example",
		"https://other.example, "+o, o+", *", o+",", ","+o, o+";", `"`+o+`"`, "<"+o+">", host, "//"+host, scheme+":"+host,
		scheme+"//"+host, strings.ToUpper(scheme)+"://"+host, scheme+"://"+strings.ToUpper(host), "https://www."+host,
		scheme+"://x@"+host, "http://"+host, "https://"+host, strings.Replace(o, ".", "%2e", 1), "\u00a0"+o, o+"\x0b",
		o+"\t", "  "+o))
}

// lines writes a list header that holds all the elements, well-formed.
func (s *scene) lines(name string, elements []string) []string {
	e := shuffle(s.dice, elements)
	if len(e) > 1 && s.chance(20) {
		n := 1 + s.intn(len(e)-1)
		return []string{name + ": " + strings.Join(e[:n], ", "), name + ": " + strings.Join(e[n:], ",")}
	}
	list := strings.Join(e, pick(s.dice, ", ", ", ", ",", " ,", ",\t", ",,", ", ,"))
	return []string{name + ": " + pick(s.dice, "", "", "", ",", ", ") + list + pick(s.dice, "", "", "", ",", " ,")}
}

// crowd returns more names than anybody compares one by one, in the spellings that people use.
func (s *scene) crowd() []string {
	names := make([]string, 17+s.intn(24))
	for i := range names {
		names[i] = pick(s.dice, "X-Field-", "x-field-", "X-FIELD-") + strconv.Itoa(i)
	}
	return names
}

// listLines writes a list header of which a request needs some elements: right in about half of the cases.
func (s *scene) listLines(name string, need []string, extra ...string) []string {
	all := slices.Clone(need)
	for _, e := range extra {
		if s.chance(40) {
			all = append(all, e)
		}
	}
	if s.chance(4) {
		all = append(all, s.crowd()...)
	}
	swap := func(f func(string) string) []string {
		out := slices.Clone(all)
		if len(need) > 0 {
			i := s.intn(len(need))
			out[i] = f(out[i])
		}
		return out
	}
	switch n := s.intn(100); {
	case n < 42:
		return s.lines(name, all)
	case n < 56:
		list := strings.Join(all, ", ")
		return []string{name + ": " + pick(s.dice, "*", "*", "*", "*", "*, "+list, list+", *", "* , x", "**", `"*"`, "*;", "x*", "*/*")}
	case n < 66:
		if len(need) > 0 {
			i := s.intn(len(need))
			all = slices.Delete(all, i, i+1)
		}
		return s.lines(name, all)
	case n < 72:
		return s.lines(name, swap(func(e string) string {
			return pick(s.dice, strings.ToLower(e), strings.ToUpper(e))
		}))
	case n < 86:
		return s.lines(name, swap(s.bend))
	case n < 95:
		list := strings.Join(all, ", ")
		return []string{name + ": " + pick(s.dice, list+";", strings.ReplaceAll(list, ",", ";"), strings.ReplaceAll(list, ",", ""),
			`"`+list+`"`, "("+list+")", list+", a b", "a/b, "+list, list+", \u00e9", list+", x=1", list+"\u00a0", "@, "+list, list+", ()")}
	case n < 97:
		return append(s.lines(name, all), name+": "+pick(s.dice, "", "*", "a b", ";", ","))
	}
	return nil
}

// pad returns a value of n bytes that begins with start.
func pad(start string, n int) string {
	if len(start) >= n {
		return start[:max(n, 0)]
	}
	return start + strings.Repeat("a", n-len(start))
}

// near returns a number at a limit or one beside it.
func (s *scene) near(limit int) int { return limit - 1 + s.intn(3) }

// decimal writes a number.
func decimal(n int) string { return strconv.Itoa(n) }
