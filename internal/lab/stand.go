package lab

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/tls"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

//go:embed stand.js
var standScript string

// A stand plays the network of one case for one browser: every host, over a port of its own that is a SOCKS proxy,
// so that nothing of another case can get there. It serves the page, whose script makes the case's requests, and
// writes down what reaches it and what the script is told.
//
// The visits that set cookies come first, and the page. From then on, or from the script's beginning where it waits,
// every request but the script's own word to the lab is the case's.
type stand struct {
	plan     *plan
	auth     *authority
	control  string     // "/.corsim-lab/<token>/"
	acceptor            // where the browser finds the proxy
	finished chan error // holds one

	state   sync.Mutex // of what follows
	visits  int        // served so far
	knocks  int        // connections since the last of them
	spoke   bool       // the script has told something
	used    []int
	step    int // the request under way, or -1
	results []told
	began   time.Time     // when the script did
	waited  time.Duration // that the requests up to this one ask for
	late    time.Duration // how much longer it took up to the last of them, or on the whole if that was too long
	broken  string        // the last request of this step whose connection was broken on purpose
}

// told is what a script and the wire tell of one request.
type told struct {
	Verdict    string   `json:"verdict"`
	Type       string   `json:"type"`
	Status     int      `json:"status"`
	URL        string   `json:"url"`
	Redirected bool     `json:"redirected"`
	Headers    []string `json:"headers"`
	Error      string   `json:"error"` // in the browser's own words

	sent       []simulator.Sent
	unanswered bool
}

// A plan is a case in the terms of the wire.
type plan struct {
	page     origin.URL
	visits   []visit // those that set cookies, then the page, and the frame
	replies  []planReply
	requests []simulator.CaseRequest
	sandbox  bool
	headers  bool          // the page has some
	streams  bool          // some body is a stream: such cases are played over HTTP/2, where it can be had
	chunks   bool          // answers tell their own end
	waits    time.Duration // that the script will pass waiting
	lasts    time.Duration // for how long at least the browser remembers what it is told
	rest     time.Duration // that it waits after each request for what the browser does by itself
	leaves   leavings      // what the browser may come to know, apart from cookies and what preflights said
}

// leavings are kinds of what a browser may know after a case.
type leavings uint8

const (
	leavesResponses leavings = 1 << iota // of use to its HTTP cache: they say for how long they are good, can be confirmed, or are for good
	leavesPasswords                      // that were asked for, or stood in a URL
	leavesUpgrades                       // what the policy of a document upgrades, which WebKit hands on to the next document in its place
	leavesHosts                          // that want HTTPS alone
)

type visit struct {
	url   string
	next  string  // where the browser goes from there, or nothing
	lines []Field // the page's header lines, or a cookie
}

type planReply struct {
	url, method string
	times       int // -1 for any number
	response    *Response
}

// leadsOn reports whether the reply is one that a browser may follow elsewhere.
func (r planReply) leadsOn() bool {
	if r.response == nil {
		return false
	}
	_, ok := field(r.response.Fields, "Location")
	return ok
}

// An Unaskable says why no browser can be asked a case.
type Unaskable struct{ Why string }

func (e *Unaskable) Error() string { return e.Why }

// revalidation is how long browsers may take before they revalidate by themselves what they used although it was stale.
const revalidation = 500 * time.Millisecond

// lasts returns the least time that a response gives for what browsers remember of it; it is no more than the five
// seconds for which they remember what preflights said that gave none.
func lasts(r *Response) time.Duration {
	least := 5
	for _, f := range r.Fields {
		value := ""
		switch strings.ToLower(f.Name) {
		case "access-control-max-age":
			value = f.Value
		case "cache-control":
			_, value, _ = strings.Cut(strings.ToLower(f.Value), "max-age=")
		}
		digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
		if n, err := strconv.Atoi(digits); err == nil && n > 0 {
			least = min(least, n)
		}
	}
	return time.Duration(least) * time.Second
}

// longestWait is how long a script may wait before a request: nobody wants to sit through more.
const longestWait = 10 * time.Second

// newPlan turns a case into what the wire needs. The error is an [Unaskable], or tells what is malformed, and where.
func newPlan(c *simulator.Case) (*plan, error) {
	no := func(format string, args ...any) (*plan, error) {
		return nil, &Unaskable{fmt.Sprintf(format, args...)}
	}
	page, err := origin.ParseURL(c.Page.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("page.url: %w", err)
	}
	if !page.IsHTTP() {
		return no("page.url is no http: or https: URL")
	}
	if why := unplayable(page); why != "" {
		return no("page.url: %s", why)
	}
	p := &plan{page: page, sandbox: c.Page.Sandbox, headers: len(c.Page.Headers) > 0, requests: c.Requests, lasts: lasts(&Response{})}
	for i, k := range c.Page.Cookies {
		u, err := origin.ParseURL(k.URL, nil)
		if err != nil {
			return nil, fmt.Errorf("page.cookies[%d].url: %w", i, err)
		}
		if !u.IsHTTP() {
			return no("page.cookies[%d].url is no http: or https: URL", i)
		}
		if why := unplayable(u); why != "" {
			return no("page.cookies[%d].url: %s", i, why)
		}
		value, err := bytesOf(k.Set)
		if err != nil {
			return nil, fmt.Errorf("page.cookies[%d].set: %w", i, err)
		}
		if strings.ContainsAny(value, "\x00\r\n") {
			return no("page.cookies[%d].set cannot travel over HTTP", i)
		}
		if n := len(p.visits); n > 0 && p.visits[n-1].url == bareURL(u) {
			p.visits[n-1].lines = append(p.visits[n-1].lines, Field{"Set-Cookie", value})
			continue
		}
		p.visits = append(p.visits, visit{url: bareURL(u), lines: []Field{{"Set-Cookie", value}}})
	}
	lines, err := parseCaseLines("page.headers", c.Page.Headers)
	if err != nil {
		return nil, err
	}
	if why := stopsScript(lines, page, p.sandbox); why != "" {
		return no("%s", why)
	}
	p.visits = append(p.visits, visit{url: bareURL(page), lines: lines})
	upgrades := slices.ContainsFunc(lines, func(f Field) bool { return strings.Contains(strings.ToLower(f.Value), "upgrade-insecure-requests") })
	if upgrades {
		p.leaves |= leavesUpgrades
	}
	p.leaves |= leavingsOf(&Response{Status: 200, Fields: lines}) & leavesHosts
	if page.HasCredentials() {
		p.leaves |= leavesPasswords
	}
	for i := range p.visits[:len(p.visits)-1] {
		p.visits[i].next = p.visits[i+1].url
		if i == len(p.visits)-2 {
			p.visits[i].next = page.String()
		}
	}
	if p.sandbox {
		p.visits = append(p.visits, visit{url: bareURL(page), lines: lines})
	}
	for i := range c.Server {
		s := &c.Server[i]
		u, err := origin.ParseURL(s.URL, nil)
		if err != nil {
			return nil, fmt.Errorf("server[%d].url: %w", i, err)
		}
		if why := unplayable(u); why != "" {
			return no("server[%d].url: %s", i, why)
		}
		r := planReply{url: bareURL(u), method: s.Method, times: -1}
		if s.Times != nil {
			if r.times = *s.Times; r.times == 0 {
				continue
			}
		}
		if !s.Fail {
			if s.Status < 100 || s.Status > 999 {
				return nil, fmt.Errorf("server[%d].status is %d; a reply needs a status of three digits, or fail", i, s.Status)
			}
			if s.Status < 200 {
				return no("server[%d].status %d is none that ends an exchange over HTTP/1.1", i, s.Status)
			}
			fields, err := parseCaseLines(fmt.Sprintf("server[%d].headers", i), s.Headers)
			if err != nil {
				return nil, err
			}
			body, err := bytesOf(s.Body)
			if err != nil {
				return nil, fmt.Errorf("server[%d].body: %w", i, err)
			}
			r.response = &Response{Status: s.Status, Fields: fields, Body: []byte(body)}
			if why := leadsAstray(u, r.response, upgrades); why != "" {
				return no("server[%d].headers: Location: %s", i, why)
			}
			p.leaves |= leavingsOf(r.response)
			p.lasts = min(p.lasts, lasts(r.response))
			if usedStale(r.response) {
				p.rest = revalidation
			}
		}
		p.replies = append(p.replies, r)
	}
	p.waits = time.Duration(len(c.Requests)) * p.rest
	for i := range c.Requests {
		r := &c.Requests[i]
		switch r.Via {
		case "", "fetch", "xhr":
		case "beacon", "eventsource", "img", "script", "module", "style", "font", "video", "audio", "iframe", "worker":
			return no("requests[%d].via %s is not asked: the page of the lab makes requests by fetch and xhr", i, r.Via)
		default:
			return nil, fmt.Errorf("requests[%d].via %q is none of the case format", i, r.Via)
		}
		if u, err := origin.ParseURL(r.URL, &page); err == nil {
			if why := unplayableOnceUpgraded(u, upgrades); why != "" {
				return no("requests[%d].url: %s", i, why)
			}
		}
		wait := time.Duration(r.After * float64(time.Second))
		if wait > longestWait {
			return no("requests[%d].after is more than %v", i, longestWait)
		}
		p.waits += wait
		if strings.Contains(r.URL, "@") {
			p.leaves |= leavesPasswords
		}
		p.streams = p.streams || r.Stream && r.Via != "xhr"
		for j, line := range r.Headers {
			if !strings.Contains(line, ":") {
				return nil, fmt.Errorf("requests[%d].headers[%d]: %q has no colon", i, j, line)
			}
		}
	}
	return p, nil
}

// enterFromOutside has the browser come to a page with a fragment by a redirect. Where it is on that page already, it would
// go no further than the fragment.
func (p *plan) enterFromOutside() {
	page := p.page.String()
	if p.visits[0].next == "" && strings.Contains(page, "#") {
		p.visits = slices.Insert(p.visits, 0, visit{url: p.page.Origin().String() + "/.corsim-lab/entrance", next: page})
	}
}

// leavingsOf tells what a browser may know after a response.
func leavingsOf(r *Response) (l leavings) {
	switch r.Status {
	case 401, 407:
		l = leavesPasswords | leavesResponses
	case 300, 301, 308, 404, 405, 410, 414, 501:
		l = leavesResponses
	}
	for _, f := range r.Fields {
		switch strings.ToLower(f.Name) {
		case "cache-control":
			if !strings.EqualFold(f.Value, "no-store") {
				l |= leavesResponses
			}
		case "expires", "etag", "last-modified":
			l |= leavesResponses
		case "strict-transport-security":
			l |= leavesHosts
		case "location":
			if strings.Contains(f.Value, "@") {
				l |= leavesPasswords
			}
		}
	}
	return l
}

// usedStale reports whether browsers may use the response although it is stale, and revalidate it afterwards.
func usedStale(r *Response) bool {
	return slices.ContainsFunc(r.Fields, func(f Field) bool {
		return strings.EqualFold(f.Name, "cache-control") && strings.Contains(strings.ToLower(f.Value), "stale-while-revalidate")
	})
}

// bareURL is a URL as a server learns it: without credentials and fragment.
func bareURL(u origin.URL) string {
	return u.WithoutCredentials().WithoutFragment()
}

// parseCaseLines splits header lines at their first colon. An error names the line by the key and its index; it is an
// [Unaskable] where the line is one that HTTP does not carry.
func parseCaseLines(key string, lines []string) ([]Field, error) {
	var fields []Field
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%s[%d]: %q has no colon", key, i, line)
		}
		value, err := bytesOf(strings.Trim(value, " \t"))
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", key, i, err)
		}
		if !isToken(name) {
			return nil, &Unaskable{fmt.Sprintf("%s[%d]: %q cannot travel over HTTP: its name is no token", key, i, line)}
		}
		if strings.ContainsAny(value, "\x00\r\n") {
			return nil, &Unaskable{fmt.Sprintf("%s[%d]: %q cannot travel over HTTP: its value holds NUL, CR or LF", key, i, line)}
		}
		fields = append(fields, Field{name, value})
	}
	return fields, nil
}

// bytesOf turns code points up to U+00FF into bytes of the same number.
func bytesOf(s string) (string, error) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return "", fmt.Errorf("%q holds %U, which is no byte", s, r)
		}
		b = append(b, byte(r))
	}
	return string(b), nil
}

// textOf is the inverse of bytesOf.
func textOf(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// newStand opens the stand on a free port of 127.0.0.1.
func newStand(p *plan, auth *authority) (*stand, error) {
	s := &stand{
		plan: p, auth: auth, control: "/.corsim-lab/" + rand.Text() + "/",
		finished: make(chan error, 1), used: make([]int, len(p.replies)),
		step: -1, results: make([]told, len(p.requests)),
	}
	if err := s.listen(); err != nil {
		return nil, fmt.Errorf("lab: opening a stand: %w", err)
	}
	s.start(s.serve)
	return s, nil
}

// lend has a connection served that came in elsewhere, and returns when that has ended.
func (s *stand) lend(c net.Conn) { s.take(c, s.serve) }

// whole reports whether the case came to its end.
func (s *stand) whole() bool {
	s.state.Lock()
	defer s.state.Unlock()
	return s.step == len(s.results)
}

// entrance returns the URL at which the browser has to be set down.
func (s *stand) entrance() string {
	if first := s.plan.visits[0]; first.next != "" {
		return first.url
	}
	return s.plan.page.String()
}

// serve answers one request on a connection and closes it. No connection is used twice: where it breaks on purpose,
// the browser cannot take it for one that had grown old, and a body needs no line that tells its length.
func (s *stand) serve(c net.Conn) {
	br := bufio.NewReader(c)
	host, _, err := acceptSocks(br, c)
	if err != nil {
		return
	}
	s.state.Lock()
	s.knocks++
	s.state.Unlock()
	first, err := br.Peek(1)
	if err != nil {
		return
	}
	const handshake = 0x16 // the content type of a TLS record that begins a connection
	secure := first[0] == handshake
	if secure {
		config := s.auth.configFor(host)
		if s.plan.streams {
			config.NextProtos = []string{"h2", "http/1.1"}
		}
		t := tls.Server(peeked{c, br}, config)
		if t.HandshakeContext(s.ctx) != nil {
			return // a client that does not trust the certificate; it tells its own side
		}
		defer t.Close() // says that this was the end, not a connection cut short
		if t.ConnectionState().NegotiatedProtocol == "h2" {
			serveHTTP2(s.ctx, t, s.answer)
			return
		}
		c, br = t, bufio.NewReader(t)
	}
	r, err := ReadRequest(br, defaultLimits)
	if err != nil {
		return
	}
	r.Secure = secure
	if res := s.answer(r); res != nil && res.check() == nil {
		if s.plan.chunks {
			res = res.ended(r.Method)
		}
		_, _ = c.Write(res.AppendTo(nil, r.Method)) // a browser that does not listen tells its own side
		linger(c)
	}
}

// linger ends the sending side and waits a little for the other to end as well, so that what was sent is not lost
// in a reset.
func linger(c io.Reader) {
	if w, ok := c.(interface{ CloseWrite() error }); ok && w.CloseWrite() == nil {
		if d, ok := c.(interface{ SetReadDeadline(time.Time) error }); ok {
			_ = d.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			_, _ = io.Copy(io.Discard, c)
		}
	}
}

// answer returns the response to a request, nil to break the connection.
func (s *stand) answer(r *Request) *Response {
	if why, ok := strings.CutPrefix(r.Target, s.control+notLoadedWord); ok {
		if text, err := url.PathUnescape(why); err == nil {
			why = text
		}
		s.state.Lock()
		s.knocks-- // this one
		s.state.Unlock()
		s.notLoaded(why)
		return plain(200, "OK", "")
	}
	s.state.Lock()
	defer s.state.Unlock()
	u := r.URL()
	if what, ok := strings.CutPrefix(r.Target, s.control); ok {
		res := s.hear(what, r.Body)
		// A browser may have moved the script's word to https: by a policy of the page or of its host.
		res.Fields = append(res.Fields, Field{"Access-Control-Allow-Origin", "*"})
		return res
	}
	if s.step < 0 {
		return s.receive(u)
	}
	if s.step >= len(s.results) {
		return nil // after the last request nothing is the case's
	}
	// A browser may try again, by itself, what came to nothing: the same answer, and no new entry.
	key := r.Method + " " + u + "\n" + fmt.Sprint(r.Fields)
	if key == s.broken {
		return nil
	}
	now := &s.results[s.step]
	now.sent = append(now.sent, sentOf(r))
	for i := range s.plan.replies {
		p := &s.plan.replies[i]
		if p.url != u || p.method != "" && p.method != r.Method || p.times >= 0 && s.used[i] >= p.times {
			continue
		}
		s.used[i]++
		if p.response == nil {
			s.broken = key
		}
		return p.response
	}
	now.unanswered = true
	s.broken = key
	return nil
}

// receive serves what comes before the script begins: the visits, in their order.
func (s *stand) receive(u string) *Response {
	if s.visits >= len(s.plan.visits) || s.plan.visits[s.visits].url != u {
		if s.visits < len(s.plan.visits) && u == inHTTPS(s.plan.visits[s.visits].url) {
			s.end(&Unaskable{fmt.Sprintf("the browser loads %s in the place of %s: it has the host on a list of those that want HTTPS alone",
				textOf(u), s.plan.visits[s.visits].url)})
		}
		return plain(404, "Not Found", "")
	}
	v := s.plan.visits[s.visits]
	s.visits++
	s.knocks = 0
	if v.next != "" {
		fields := append(slices.Clone(v.lines), Field{"Location", v.next}, Field{"Cache-Control", "no-store"}, Field{"Content-Length", "0"})
		return &Response{Status: 302, Reason: "Found", Fields: fields}
	}
	document, err := s.document()
	if err != nil {
		s.end(err)
		return nil
	}
	if s.visits == len(s.plan.visits) && s.plan.waits == 0 {
		s.begin() // where nothing is timed, the script need not say so
	}
	fields := slices.Clone(v.lines)
	for _, f := range []Field{{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}} {
		if _, ok := field(fields, f.Name); !ok {
			fields = append(fields, f)
		}
	}
	return &Response{Status: 200, Reason: "OK", Fields: fields, Body: document}
}

// inHTTPS is an http: URL moved to https:, nothing where it is none.
func inHTTPS(u string) string {
	if rest, ok := strings.CutPrefix(u, "http:"); ok {
		return "https:" + rest
	}
	return ""
}

// notLoaded takes the browser's word for why it does not load what it was led to. If it has not even asked for that, or makes
// no page of what it got, it cannot be asked the case.
func (s *stand) notLoaded(why string) {
	s.state.Lock()
	defer s.state.Unlock()
	switch {
	case s.spoke:
		// The page was there; what it does to itself is its own affair.
	case s.visits == len(s.plan.visits):
		s.end(&Unaskable{"the browser makes no page of what it is sent with page.headers: " + why})
	case s.knocks == 0:
		s.end(&Unaskable{fmt.Sprintf("the browser does not load %s: %s", s.plan.visits[s.visits].url, why)})
	default:
		s.end(fmt.Errorf("%s is not loaded: %s", s.plan.visits[s.visits].url, why))
	}
}

// notLoadedURL is where a browser can be sent, on any way that leads to the stand, to tell why it does not load a page: the
// reason, with percent signs where it needs some, has to follow.
func (s *stand) notLoadedURL() string { return "http://lab.test" + s.control + notLoadedWord }

const notLoadedWord = "not-loaded/"

// begin says that from now on what is asked is the case's.
func (s *stand) begin() {
	if s.step, s.began = 0, time.Now(); len(s.results) == 0 {
		s.end(nil)
	}
}

// document is the page.
func (s *stand) document() ([]byte, error) {
	requests := slices.Clone(s.plan.requests)
	for i := range requests {
		requests[i].Expect = simulator.Expect{} // not the page's affair
	}
	// Marshal escapes "<", so nothing in the case can end the element it stands in.
	data, err := json.Marshal(map[string]any{
		"control": s.control, "sandbox": s.plan.sandbox, "waits": s.plan.waits > 0, "rest": s.plan.rest.Milliseconds(),
		"requests": requests,
	})
	if err != nil {
		return nil, fmt.Errorf("lab: the page: %w", err)
	}
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>corsim lab</title>\n<link rel=\"icon\" href=\"data:,\">\n<body>\n")
	b.WriteString("<script id=\"case\" type=\"application/json\">")
	b.Write(data)
	b.WriteString("</script>\n<script>\n" + standScript + "</script>\n")
	return b.Bytes(), nil
}

// hear takes the script's word: what became of the request before number n, which is the next; with 0 it has begun.
func (s *stand) hear(what string, body []byte) *Response {
	n, err := strconv.Atoi(what)
	if err != nil || n != s.step+1 || n > len(s.results) {
		return plain(400, "Bad Request", "the number of the next request is wanted\n")
	}
	s.spoke = true
	if n > 0 {
		now := &s.results[n-1]
		t := told{sent: now.sent, unanswered: now.unanswered}
		if err := json.Unmarshal(body, &t); err != nil {
			s.end(fmt.Errorf("lab: the page's report on request %d: %w", n-1, err))
			return plain(400, "Bad Request", "JSON is wanted\n")
		}
		*now = t
	}
	if n > 0 {
		s.waited += s.plan.rest
	}
	if n == 0 {
		s.begin()
	} else if wait := s.plan.requests[n-1].After; wait > 0 {
		s.waited += time.Duration(wait * float64(time.Second))
		s.late = time.Since(s.began) - s.waited
	}
	s.step, s.broken = n, ""
	if n == len(s.results) {
		// A quarter is to spare: what took longer may have met a browser that had forgotten.
		if over := time.Since(s.began) - s.waited; over > s.plan.lasts-s.plan.lasts/4 {
			s.late = max(s.late, over)
		}
		s.end(nil)
	}
	return plain(200, "OK", "")
}

// preflighted returns the URLs that were asked with a preflight.
func (s *stand) preflighted() (urls []string) {
	s.state.Lock()
	defer s.state.Unlock()
	for i := range s.results {
		for _, sent := range s.results[i].sent {
			if sent.Method == "OPTIONS" {
				urls = append(urls, sent.URL)
			}
		}
	}
	return urls
}

// end says that the case is over; only the first word counts.
func (s *stand) end(err error) {
	select {
	case s.finished <- err:
	default:
	}
}

// progress tells how far the script is, for people.
func (s *stand) progress() string {
	s.state.Lock()
	defer s.state.Unlock()
	switch {
	case s.visits < len(s.plan.visits):
		return fmt.Sprintf("before its page, after %d of %d visits", s.visits, len(s.plan.visits))
	case s.spoke || s.step >= 0 && len(s.results[s.step].sent) > 0:
		return fmt.Sprintf("in requests[%d]", s.step)
	case s.plan.headers:
		return "its page was sent, but nothing came of the script in it: page.headers may forbid that, or requests[0] hangs"
	}
	return "its page was sent, but nothing came of the script in it, or requests[0] hangs"
}

// lateness is how much longer than its waits the case took up to the last of them.
func (s *stand) lateness() time.Duration {
	s.state.Lock()
	defer s.state.Unlock()
	return s.late
}

// outcomes tells the whole in the words of the case format.
func (s *stand) outcomes() []simulator.Outcome {
	s.state.Lock()
	defer s.state.Unlock()
	list := make([]simulator.Outcome, 0, len(s.results))
	for i := range s.results {
		list = append(list, s.results[i].outcome())
	}
	return list
}

func (t *told) outcome() simulator.Outcome {
	o := simulator.Outcome{Verdict: t.Verdict, Type: t.Type, Status: t.Status, URL: t.URL, Redirected: t.Redirected,
		Headers: make([]string, 0, len(t.Headers)), Sent: make([]simulator.Sent, 0, len(t.sent))}
	if t.Verdict == "blocked" || t.Verdict == "invalid" {
		o.Type = "error"
		if t.Verdict == "blocked" && t.unanswered {
			o.Verdict = "unanswered"
		}
	}
	for _, line := range t.Headers {
		name, value, _ := strings.Cut(line, ":")
		o.Headers = append(o.Headers, strings.ToLower(name)+": "+strings.Trim(value, " \t"))
	}
	slices.SortStableFunc(o.Headers, func(a, b string) int { return cmp.Compare(lineName(a), lineName(b)) })
	o.Sent = append(o.Sent, t.sent...)
	return o
}

func lineName(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return name
}

// sentOf tells a request as the case format does.
func sentOf(r *Request) simulator.Sent {
	s := simulator.Sent{Method: r.Method, URL: textOf(r.URL()), Headers: []string{}}
	_, asks := field(r.Fields, "Access-Control-Request-Method")
	preflight := asks && r.Method == "OPTIONS"
	values := map[string]string{}
	for _, f := range r.Fields {
		name := strings.ToLower(f.Name)
		switch name {
		case "accept":
			if !preflight {
				continue
			}
		case "access-control-request-headers", "access-control-request-method", "authorization", "content-type",
			"cookie", "origin", "range", "referer", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site":
		default:
			if !strings.HasPrefix(name, "x-") {
				continue
			}
		}
		value := textOf(f.Value)
		if before, again := values[name]; again {
			separator := ", "
			if name == "cookie" {
				separator = "; " // HTTP/2 lets a browser send its cookies in crumbs
			}
			value = before + separator + value
		}
		values[name] = value
	}
	for _, name := range sortedKeys(values) {
		s.Headers = append(s.Headers, name+": "+values[name])
	}
	return s
}
