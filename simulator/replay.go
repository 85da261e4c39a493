package simulator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/har"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// ErrNoPage says that a recording does not tell which page made a request.
var ErrNoPage = errors.New("the recording does not say which page made the request (no page URL, no Referer, no Origin)")

// ReplayOptions say how a Recording is replayed. The zero value follows the recording, by the bare standard.
type ReplayOptions struct {
	// Page is the URL or the origin of the page that is taken to have made every request, whatever the recording
	// says; empty stands for what the recording says.
	Page string
	// Profile holds what the browser does otherwise than the standards.
	Profile policy.Profile
	// Terse leaves out the steps that Result.Events holds.
	Terse bool
}

// A Replayed is one request of a script that a Recording holds, decided anew.
type Replayed struct {
	// Entries are the indexes, in log.entries and from 0, of what was recorded of the request: preflights and the
	// answers of redirects included. There is at least one.
	Entries []int
	// Method and URL are those of the request; the URL as it was before any redirect.
	Method, URL string
	// Result is the decision, nil if Err is set.
	Result *Result
	// Shown is what became of the request according to the recording, false if the recording does not show it. How it
	// shows is in Evidence, for people.
	Shown    Verdict
	HasShown bool
	Evidence string
	// Differences are what the decision (Got) and the recording (Want) disagree about, "verdict" first.
	Differences []Difference
	// Notes are what had to be assumed, a sentence each.
	Notes []string
	// Err says why nothing could be decided.
	Err error
}

// Replay decides anew each request that a script made, in the order of the recording, in one Browser: cookies and
// preflights carry over, at the times that the recording tells.
//
// Requests of scripts are told from those of elements and navigations by _resourceType, Sec-Fetch-Dest and the like;
// entries of other kinds take no part. A redirect is one request with where it leads, a preflight one with the request
// that it stands for; a preflight that no request followed stands for one that was not sent.
//
// What the recording does not say is taken so: the mode is "cors"; credentials go along with a cross-origin request if
// it had a Cookie, or if nothing else explains that the recording shows it blocked; headers that browsers add by
// themselves count as the script's if a preflight asks for them. If a preflight is needed and none was recorded, a
// response to the request proves that it passed; without one, the verdict is Unanswered.
func (n *Recording) Replay(ctx context.Context, options ReplayOptions) iter.Seq[*Replayed] {
	return func(yield func(*Replayed) bool) {
		p := newReplayer(n, options)
		for _, g := range n.requests() {
			if !yield(p.replay(ctx, g)) {
				return
			}
		}
	}
}

// A recordedRequest is what a recording holds of one request of a script.
type recordedRequest struct {
	entries []int            // in Recording.entries, ascending
	sent    []int            // those that are no preflights, in the order of the redirects; may be empty
	asked   []int            // the preflights
	outcome *recordedOutcome // what the recorder saw the script get, nil if it did not look
}

// head is the entry that tells most about the request as the script made it.
func (g *recordedRequest) head() int {
	if len(g.sent) > 0 {
		return g.sent[0]
	}
	return g.asked[0]
}

// A recordedOutcome is the _corsim member of an entry: the request as the script made it, and what the script got.
type recordedOutcome struct {
	Page       string      `json:"page"`
	Via        string      `json:"via"`
	URL        string      `json:"url"`
	Init       CaseRequest `json:"init"`
	Exchanges  int         `json:"exchanges"`
	Verdict    *string     `json:"verdict"`
	Type       *string     `json:"type"`
	Status     *int        `json:"status"`
	Response   *string     `json:"responseURL"`
	Redirected *bool       `json:"redirected"`
	Headers    *[]string   `json:"headers"`
}

// requests sorts the entries into requests of scripts, in the order of their first entries.
func (n *Recording) requests() []*recordedRequest {
	taken := make([]bool, len(n.entries))
	kinds := make([]entryKind, len(n.entries))
	for i := range n.entries {
		kinds[i] = n.entries[i].kind()
	}
	var out []*recordedRequest
	// 1. Where a recorder looked at the script, it says what belongs together.
	for i := range n.entries {
		o := n.entries[i].outcome()
		if o == nil {
			continue
		}
		g := &recordedRequest{outcome: o}
		for j := max(i+1-min(max(o.Exchanges, 1), maxRecordedExchanges), 0); j <= i; j++ {
			if taken[j] {
				continue
			}
			taken[j] = true
			g.take(j, kinds[j])
		}
		out = append(out, g)
	}
	// 2. Other requests, each with the redirects that it followed.
	type key struct {
		exchangeKey
		page string
	}
	waiting := map[key][]int{}
	for i := range n.entries {
		if e := &n.entries[i]; kinds[i] == kindScript && !taken[i] {
			k := key{exchangeKey{e.Request.Method, e.url}, e.Pageref}
			waiting[k] = append(waiting[k], i)
		}
	}
	for i := range n.entries {
		if kinds[i] != kindScript || taken[i] {
			continue
		}
		g := &recordedRequest{}
		for at := i; ; {
			taken[at] = true
			g.take(at, kindScript)
			method, url, ok := n.entries[at].redirect()
			if !ok || len(g.sent) > maxRecordedRedirects {
				break
			}
			k := key{exchangeKey{method, url}, n.entries[at].Pageref}
			list := waiting[k]
			for len(list) > 0 && (taken[list[0]] || list[0] < at) {
				list = list[1:]
			}
			waiting[k] = list
			if len(list) == 0 {
				break
			}
			at = list[0]
		}
		out = append(out, g)
	}
	// 3. Preflights go to the requests that they ask for.
	n.assignPreflights(out, kinds, taken)
	// 4. A preflight that nothing followed.
	for i := range n.entries {
		if kinds[i] == kindPreflight && !taken[i] {
			g := &recordedRequest{}
			g.take(i, kindPreflight)
			out = append(out, g)
		}
	}
	for _, g := range out {
		slices.Sort(g.entries)
	}
	slices.SortStableFunc(out, func(a, b *recordedRequest) int { return cmp.Compare(a.entries[0], b.entries[0]) })
	return out
}

const (
	// maxRecordedRedirects is how many redirects of one request are looked for: those that a fetch follows.
	maxRecordedRedirects = 20
	// maxRecordedExchanges is how many entries one request can have: each URL with a preflight, and asked once more
	// after a 401 or a 421.
	maxRecordedExchanges = 3 * (1 + maxRecordedRedirects)
)

// take puts an entry among those of the request.
func (g *recordedRequest) take(i int, k entryKind) {
	g.entries = append(g.entries, i)
	if k == kindPreflight {
		g.asked = append(g.asked, i)
	} else {
		g.sent = append(g.sent, i)
	}
}

// assignPreflights gives each request the preflights that were made for it. Exporters put a preflight before its
// request or after it; a preflight that stands after the next request for the same thing is that one's.
func (n *Recording) assignPreflights(requests []*recordedRequest, kinds []entryKind, taken []bool) {
	type key struct{ url, method, page string }
	asked := map[key][]int{}
	for i := range n.entries {
		if e := &n.entries[i]; kinds[i] == kindPreflight && !taken[i] {
			k := key{e.url, e.header("Access-Control-Request-Method"), e.Pageref}
			asked[k] = append(asked[k], i)
		}
	}
	type exchange struct {
		g  *recordedRequest
		at int
	}
	sent := map[key][]exchange{}
	for _, g := range requests {
		if g.outcome != nil {
			continue
		}
		for _, at := range g.sent {
			e := &n.entries[at]
			k := key{e.url, e.Request.Method, e.Pageref}
			sent[k] = append(sent[k], exchange{g, at})
		}
	}
	for k, preflights := range asked {
		list := sent[k]
		slices.SortFunc(list, func(a, b exchange) int { return cmp.Compare(a.at, b.at) })
		names := requestedHeaders(&n.entries[preflights[0]])
		for i, x := range list {
			p := preflights[0]
			if p > x.at && i+1 < len(list) && p > list[i+1].at || !n.entries[x.at].fits(names) {
				continue
			}
			taken[p] = true
			x.g.take(p, kindPreflight)
			if preflights = preflights[1:]; len(preflights) == 0 {
				break
			}
			names = requestedHeaders(&n.entries[preflights[0]])
		}
	}
}

// fits reports whether the request has all headers that a preflight asked for.
func (r *recorded) fits(names map[string]bool) bool {
	own := make(map[string]bool, len(r.Request.Headers))
	for _, h := range r.Request.Headers {
		own[strings.ToLower(h.Name)] = true
	}
	for name := range names {
		if name != "authorization" && !own[name] { // exporters leave this one out
			return false
		}
	}
	return true
}

// requestedHeaders are the names in a preflight's Access-Control-Request-Headers, in lower case. A nil preflight has
// none.
func requestedHeaders(preflight *recorded) map[string]bool {
	names := map[string]bool{}
	if preflight == nil {
		return names
	}
	for name := range strings.SplitSeq(preflight.header("Access-Control-Request-Headers"), ",") {
		if name = strings.ToLower(strings.Trim(name, " \t")); name != "" {
			names[name] = true
		}
	}
	return names
}

// header is the value of a request header, empty if there is none; of several, the first.
func (r *recorded) header(name string) string {
	for i := range r.Request.Headers {
		if h := &r.Request.Headers[i]; strings.EqualFold(h.Name, name) {
			return strings.Trim(h.Value, " \t")
		}
	}
	return ""
}

// has reports whether the request has a header of that name.
func (r *recorded) has(name string) bool {
	return slices.ContainsFunc(r.Request.Headers, func(h har.Header) bool { return strings.EqualFold(h.Name, name) })
}

// outcome reads the _corsim member, nil if there is none that can be read.
func (r *recorded) outcome() *recordedOutcome {
	if r.Corsim == nil {
		return nil
	}
	o := new(recordedOutcome)
	if err := json.Unmarshal(r.Corsim, o); err != nil || o.URL == "" {
		return nil
	}
	return o
}

// redirect returns the request that a redirect calls for.
//
// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
func (r *recorded) redirect() (method, url string, ok bool) {
	method = r.Request.Method
	switch r.Response.Status {
	case 301, 302:
		if method == "POST" {
			method = "GET"
		}
	case 303:
		if method != "HEAD" {
			method = "GET"
		}
	case 307, 308:
	default:
		return "", "", false
	}
	location := r.Response.RedirectURL
	for _, h := range r.Response.Headers {
		if strings.EqualFold(h.Name, "Location") {
			location = strings.Trim(h.Value, " \t")
			break
		}
	}
	if location == "" {
		return "", "", false
	}
	u, err := origin.ParseURL(isomorphicDecode(location), &r.target)
	if err != nil {
		return "", "", false
	}
	return method, wireURL(u), true
}

// An entryKind says who made a request.
type entryKind uint8

const (
	kindOther entryKind = iota
	kindScript
	kindPreflight
)

// kind tells who made the request, from what exporters say and what browsers send.
func (r *recorded) kind() entryKind {
	switch {
	case r.ResourceType == "preflight", r.Initiator.Type == "preflight",
		r.Request.Method == "OPTIONS" && r.has("Access-Control-Request-Method") && r.has("Origin"):
		return kindPreflight
	case r.Corsim != nil:
		return kindScript
	case !r.target.IsHTTP() && r.target.Scheme() != "data":
		// blob: URLs and extensions' have contents that no recording holds.
		return kindOther
	}
	switch strings.ToLower(r.ResourceType) {
	case "fetch", "xhr", "xmlhttprequest", "eventsource":
		return kindScript
	case "", "other":
	default:
		return kindOther
	}
	mode, dest := strings.ToLower(r.header("Sec-Fetch-Mode")), strings.ToLower(r.header("Sec-Fetch-Dest"))
	accept, contentType := strings.ToLower(r.header("Accept")), strings.ToLower(r.Response.MIMEType)
	plain := accept == "" || accept == "*/*" || strings.HasPrefix(accept, "application/json")
	switch {
	case mode == "navigate" || mode == "websocket" || r.has("Upgrade"):
		return kindOther
	case dest != "":
		if dest == "empty" {
			return kindScript
		}
		return kindOther
	case r.has("X-Requested-With"):
		return kindScript
	case strings.HasPrefix(accept, "text/html") || strings.HasPrefix(accept, "image/") || strings.HasPrefix(accept, "text/css"):
		return kindOther
	case r.has("Origin"):
		return kindScript
	case r.Request.Method != "GET" && r.Request.Method != "HEAD" && r.Request.Method != "POST":
		return kindScript
	case plain && (strings.Contains(contentType, "json") || strings.HasPrefix(contentType, "text/event-stream")):
		return kindScript
	}
	return kindOther
}

// A replayer replays requests one after the other.
type replayer struct {
	recording *Recording
	options   ReplayOptions
	browser   *Browser
	now       time.Time
	exporter  exporter
	asked     map[string]int        // the first preflight of its kind, in Recording.entries
	granted   map[string]int        // the first of its kind with a status that preflights need
	pages     map[string]replayPage // by ID

	// Of the request that is being replayed.
	request *recordedRequest
	used    map[int]bool
	notes   []string
}

func newReplayer(n *Recording, options ReplayOptions) *replayer {
	p := &replayer{recording: n, options: options, now: time.Unix(0, 0).UTC(),
		asked: map[string]int{}, granted: map[string]int{}, pages: map[string]replayPage{}}
	p.browser = &Browser{Network: p, Profile: options.Profile, Now: func() time.Time { return p.now }, Terse: options.Terse,
		NoHTTPCache: true} // what a recording holds is what came of the cache of its browser
	switch n.log.Creator.Name {
	case "WebInspector":
		p.exporter = tellsErrors
	case "WebKit Web Inspector":
		p.exporter = tellsBodies
	}
	for i := range n.entries {
		e := &n.entries[i]
		if e.kind() != kindPreflight {
			continue
		}
		k := preflightKey(e.url, e.header("Access-Control-Request-Method"), e.header("Access-Control-Request-Headers"), e.header("Origin"))
		if _, ok := p.asked[k]; !ok {
			p.asked[k] = i
		}
		if _, ok := p.granted[k]; !ok && 200 <= e.Response.Status && e.Response.Status <= 299 {
			p.granted[k] = i
		}
	}
	for _, page := range n.log.Pages {
		if _, ok := p.pages[page.ID]; ok {
			continue
		}
		if url, ok := page.PageURL(); ok {
			p.pages[page.ID] = replayPage{url, p.pageHeaders(url)}
		}
	}
	return p
}

// preflightKey is what preflights are told apart by.
func preflightKey(url, method, headers, origin string) string {
	return strings.Join([]string{url, method, strings.ToLower(strings.ReplaceAll(headers, " ", "")), origin}, "\n")
}

// An exporter is what a recording shows of the responses that a script could read.
type exporter uint8

const (
	tellsNothing exporter = iota // proxies do not know; the developer tools of Firefox 153 have bodies of blocked responses too
	tellsErrors                  // each response that was blocked has an error: Chromium
	tellsBodies                  // each response that has a body could be read: WebKit
)

// A replayPage is a page of the archive whose URL is known.
type replayPage struct {
	url     string
	headers fetch.Headers // nil if its document was not recorded
}

// note keeps a sentence for people, once.
func (p *replayer) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if !slices.Contains(p.notes, s) {
		p.notes = append(p.notes, s)
	}
}

// RoundTrip implements fetch.Network. The entries of the request come first; the rest of the recording stands in.
func (p *replayer) RoundTrip(_ context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	n := p.recording
	k := exchangeKey{r.Method, wireURL(r.URL)}
	// 1. What was recorded of this request.
	for _, i := range p.request.entries {
		if e := &n.entries[i]; !p.used[i] && e.Request.Method == k.method && e.url == k.url {
			p.used[i] = true
			return e.answer()
		}
	}
	if isPreflight(r.Method, r.Headers) {
		return p.answerPreflight(r, k.url)
	}
	// 2. What was recorded of another.
	list := n.index[k]
	if len(list) == 0 {
		if len(p.used) > 0 {
			p.note("%s %s was not recorded.", k.method, k.url)
		}
		return nil, fmt.Errorf("%s %s: %w", k.method, k.url, fetch.ErrUnanswered)
	}
	first := p.request.entries[0]
	at, _ := slices.BinarySearch(list, first)
	i := list[min(at, len(list)-1)]
	if !slices.Contains(p.request.entries, i) {
		p.note("%s %s was answered as in entry %d, another request.", k.method, k.url, n.entries[i].number)
	}
	return n.entries[i].answer()
}

// answerPreflight answers a preflight that was not recorded with the request.
func (p *replayer) answerPreflight(r *fetch.HTTPRequest, url string) (*fetch.HTTPResponse, error) {
	n := p.recording
	method, _ := r.Headers.Get("Access-Control-Request-Method")
	headers, hasHeaders := r.Headers.Get("Access-Control-Request-Headers")
	from, _ := r.Headers.Get("Origin")
	// The request's own answer proves that a preflight passed, from this origin.
	passed := slices.ContainsFunc(p.request.sent, func(i int) bool {
		e := &n.entries[i]
		return e.response != nil && e.url == url && e.Request.Method == method && (e.header("Origin") == from || !e.has("Origin") && p.options.Page == "")
	})
	// 1. The same question, asked by another request.
	same := p.asked
	if passed {
		same = p.granted
	}
	if i, ok := same[preflightKey(url, method, headers, from)]; ok {
		p.note("The preflight was answered as in entry %d.", n.entries[i].number)
		return n.entries[i].answer()
	}
	// 2. A preflight that was not recorded.
	if passed {
		p.note("The preflight was not recorded; the request was sent after it, so it is taken to have passed.")
		h := fetch.H("Access-Control-Allow-Origin", from, "Access-Control-Allow-Credentials", "true",
			"Access-Control-Allow-Methods", method, "Access-Control-Max-Age", "0")
		if hasHeaders {
			h = append(h, fetch.Header{Name: "Access-Control-Allow-Headers", Value: headers})
		}
		return &fetch.HTTPResponse{Status: 204, Headers: h}, nil
	}
	p.note("The preflight was not recorded, and no answer to the request tells whether it passed: record it with preflights, as Chromium's developer tools and proxies do, or ask the server with corsim check.")
	return nil, fmt.Errorf("OPTIONS %s: the preflight was not recorded: %w", url, fetch.ErrUnanswered)
}

// replay decides one request.
func (p *replayer) replay(ctx context.Context, g *recordedRequest) *Replayed {
	n := p.recording
	head := &n.entries[g.head()]
	out := &Replayed{Method: head.Request.Method, URL: head.url}
	for _, i := range g.entries {
		out.Entries = append(out.Entries, n.entries[i].number)
	}
	p.request, p.used, p.notes = g, map[int]bool{}, nil
	if t := n.entries[g.entries[0]].Started; !t.IsZero() {
		p.now = t
	}
	if len(g.asked) > 0 {
		// The browser asked, so it had no answer in its cache.
		p.browser.preflights.Reset()
	}
	page, err := p.page(g)
	if err != nil {
		out.Err = err
		return out
	}
	q := p.requestOf(g, page)
	if q.err != nil {
		out.Err = q.err
		return out
	}
	out.Method, out.URL = q.method, q.url
	out.Shown, out.HasShown, out.Evidence = p.shown(g)
	before := slices.Clone(p.notes)
	out.Result = q.run(ctx, page)
	switch {
	case g.outcome == nil && p.askedWithoutCause(g, out.Result) && q.askFirst(head.ResourceType):
		p.used, p.notes = map[int]bool{}, before
		p.note("The browser asked first although method and headers do not call for it: somebody is taken to listen to the upload, or the body to be a stream.")
		out.Result = q.run(ctx, page)
	case q.guessedCredentials && out.HasShown && out.Shown == Blocked && canBeStricter(out.Result):
		// Exporters leave cookies out: credentials may be what the recording does not say.
		notes := p.notes
		p.used, p.notes = map[int]bool{}, before
		q.include()
		if again := q.run(ctx, page); again.Verdict() == Blocked {
			out.Result = again
			p.note("The recording has no cookies, but only a request with credentials explains what it shows: credentials are taken to be included.")
		} else {
			p.notes = notes
		}
	}
	out.Differences = p.differences(g, out)
	out.Notes = p.notes
	if errors.Is(out.Result.Err(), context.Canceled) || errors.Is(out.Result.Err(), context.DeadlineExceeded) {
		out.Err = out.Result.Err()
	}
	return out
}

// askedWithoutCause reports whether a preflight was recorded for a request that is decided to need none.
func (p *replayer) askedWithoutCause(g *recordedRequest, r *Result) bool {
	if r.Preflighted() || r.Request().Mode != fetch.CORS || r.Response().Tainting != fetch.TaintCORS {
		return false
	}
	return slices.ContainsFunc(g.asked, func(i int) bool {
		e := &p.recording.entries[i]
		// Some browsers ask before they let a page into a private network, whatever the request.
		return e.url == p.recording.entries[g.head()].url && !e.has("Access-Control-Request-Private-Network") && !e.has("Access-Control-Request-Local-Network")
	})
}

// canBeStricter reports whether credentials can change a decision from one that does not block to one that does.
func canBeStricter(r *Result) bool {
	return r.Allowed() && r.Type() == fetch.TypeCORS || r.Verdict() == Unanswered && r.Request().Mode == fetch.CORS
}

// page opens the page that made the request.
func (p *replayer) page(g *recordedRequest) (*Page, error) {
	open := func(url string, headers ...fetch.Header) (*Page, error) {
		page := p.browser.Open(url, headers...)
		return page, page.Err()
	}
	if p.options.Page != "" {
		return open(p.options.Page)
	}
	if g.outcome != nil && g.outcome.Page != "" {
		return open(g.outcome.Page)
	}
	head := &p.recording.entries[g.head()]
	// 1. What the request itself says about where it comes from.
	sent, referer := head.header("Origin"), head.header("Referer")
	from, err := origin.Parse(sent)
	known := err == nil && !from.IsOpaque()
	opaque := sent == "null"
	if r, err := origin.ParseURL(referer, nil); err != nil || known && !r.Origin().SameOrigin(from) {
		referer = ""
	}
	// 2. The page that the exporter names.
	named, titled := p.pages[head.Pageref]
	if titled {
		u, err := origin.ParseURL(named.url, nil)
		switch {
		case err != nil:
			titled = false
		case known && !u.SameOrigin(from):
			p.note("The request came from a frame or a worker of another origin than the page %s.", named.url)
			titled = false
		}
	}
	var page *Page
	switch {
	case titled:
		page, err = open(named.url, named.headers...)
	case referer != "":
		page, err = open(referer)
	case known:
		page, err = open(sent)
	case opaque:
		p.note("The page's origin is opaque (it sent Origin: null); its URL was not recorded.")
		return open("data:text/html,")
	default:
		return nil, ErrNoPage
	}
	if err == nil && opaque && g.outcome == nil && isCORSMode(head) {
		p.note("The request came from a document with an opaque origin: a sandboxed frame, or the like.")
		page = page.Sandbox()
	}
	return page, err
}

// isCORSMode reports whether the request's Origin is that of its client, and not one that a policy hides.
func isCORSMode(e *recorded) bool {
	mode := e.header("Sec-Fetch-Mode")
	return mode == "" || strings.EqualFold(mode, "cors")
}

// pageHeaders are those that a page was served with, if its document was recorded.
func (p *replayer) pageHeaders(url string) fetch.Headers {
	u, err := origin.ParseURL(url, nil)
	if err != nil {
		return nil
	}
	list := p.recording.index[exchangeKey{"GET", wireURL(u)}]
	for _, i := range list[:min(len(list), maxRecordedExchanges)] {
		e := &p.recording.entries[i]
		if e.response != nil && (e.ResourceType == "document" || strings.EqualFold(e.header("Sec-Fetch-Dest"), "document")) {
			return e.response.Headers
		}
	}
	return nil
}

// A replayedRequest is a request as the script is taken to have made it.
type replayedRequest struct {
	err                error
	method, url        string
	xhr                bool
	init               fetch.RequestInit
	xhrInit            XHRInit
	guessedCredentials bool
}

// run makes the request.
func (q *replayedRequest) run(ctx context.Context, page *Page) *Result {
	if q.xhr {
		return page.xhr(ctx, q.url, q.method, &q.xhrInit)
	}
	return page.fetch(ctx, q.url, &q.init)
}

// include makes the request one with credentials.
func (q *replayedRequest) include() {
	q.xhrInit.WithCredentials = true
	q.init.Credentials = fetch.Given("include")
}

// askFirst gives the request what makes browsers ask first, whatever its method and its headers are: a listener to the
// upload of an XMLHttpRequest, a stream as the body of a fetch(). It returns false if nothing can.
func (q *replayedRequest) askFirst(resourceType string) bool {
	switch {
	case q.xhr:
	case resourceType == "" && q.init.Mode == (fetch.Member{}):
		q.xhr = true
		q.xhrInit = XHRInit{Headers: q.init.Headers, Body: q.init.Body, WithCredentials: q.init.Credentials.Value() == "include"}
	case q.init.Body != nil:
		q.init.Body.Stream = true
		return true
	default:
		return false
	}
	q.xhrInit.UploadListener = true
	return true
}

// requestOf returns the request as the script made it, as far as the recording tells.
func (p *replayer) requestOf(g *recordedRequest, page *Page) *replayedRequest {
	if g.outcome != nil {
		return g.outcome.request()
	}
	n := p.recording
	head := &n.entries[g.head()]
	var preflight *recorded
	for _, i := range g.asked {
		if n.entries[i].url == head.url {
			preflight = &n.entries[i]
			break
		}
	}
	q := &replayedRequest{url: head.url, method: head.Request.Method}
	if f, ok := head.target.Fragment(); ok {
		q.url += "#" + f
	}
	var headers fetch.Headers
	var body *fetch.Body
	if len(g.sent) == 0 {
		q.method = head.header("Access-Control-Request-Method")
		for _, name := range sortedNames(requestedHeaders(head)) {
			headers = append(headers, fetch.Header{Name: name, Value: unknownValue})
		}
		p.note("Only the preflight was recorded: the values of the request's headers are not known.")
	} else {
		headers = scriptHeaders(head, preflight)
		if post := head.Request.Post; post != nil && q.method != "GET" && q.method != "HEAD" {
			body = fetch.Bytes(append([]byte{}, post.Body...))
			if post.MIMEType != "" && !headers.Has("Content-Type") && !head.has("Content-Type") {
				headers = append(headers, fetch.Header{Name: "Content-Type", Value: post.MIMEType})
			}
		}
	}
	if head.Response.Status == 304 {
		p.note("The answer is 304, which freshens one in the browser's HTTP cache that was not recorded: the headers of the 304 are those that are checked.")
	}
	cookies := head.has("Cookie") || len(head.Request.Cookies) > 0
	mode := strings.ToLower(head.header("Sec-Fetch-Mode"))
	sameOrigin := head.target.SameOrigin(page.Origin())
	q.guessedCredentials = !cookies
	q.xhr = strings.EqualFold(head.ResourceType, "xhr") || strings.EqualFold(head.ResourceType, "xmlhttprequest")
	if q.xhr {
		q.xhrInit = XHRInit{Headers: headers, Body: body, WithCredentials: cookies && !sameOrigin}
		return q
	}
	q.init = fetch.RequestInit{Method: fetch.Given(q.method), Headers: headers, Body: body}
	switch mode {
	case "no-cors", "same-origin":
		q.init.Mode = fetch.Given(mode)
	}
	if cookies && !sameOrigin {
		q.init.Credentials = fetch.Given("include")
	}
	return q
}

// unknownValue is the value of a header of which only the name is known, from a preflight that asks for it: no list of
// safe values has it.
const unknownValue = `"not recorded"`

func sortedNames(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// scriptHeaders are the headers of a request that its script can have set. The preflight, if one was recorded, tells
// which of the headers that need consent are the script's; nil stands for none.
func scriptHeaders(e *recorded, preflight *recorded) fetch.Headers {
	asked := requestedHeaders(preflight)
	var out fetch.Headers
	for _, h := range e.Request.Headers {
		name, value := strings.ToLower(h.Name), strings.Trim(h.Value, " \t")
		if !fetch.IsHeaderName(h.Name) || !fetch.IsHeaderValue(value) || fetch.IsForbiddenRequestHeader(h.Name, value) {
			continue
		}
		if !asked[name] && (isBrowsersOwn(name, value) || preflight != nil && !fetch.IsCORSSafelistedRequestHeader(h.Name, value)) {
			continue
		}
		out = append(out, fetch.Header{Name: h.Name, Value: value})
	}
	return out
}

// isBrowsersOwn reports whether a header that scripts may set looks as browsers set it by themselves.
func isBrowsersOwn(name, value string) bool {
	switch name {
	case "accept":
		return value == "*/*"
	case "pragma":
		return value == "no-cache"
	case "cache-control":
		return value == "no-cache" || value == "max-age=0"
	case "accept-language", "user-agent", "priority", "purpose", "upgrade-insecure-requests", "save-data", "alt-used",
		"if-none-match", "if-modified-since", "x-client-data", "device-memory", "dpr", "viewport-width", "width",
		"rtt", "downlink", "ect", "x-devtools-emulate-network-conditions-client-id", "http2-settings":
		return true
	}
	return false
}

// request is the request that a recorder saw the script make.
func (o *recordedOutcome) request() *replayedRequest {
	q := &replayedRequest{url: o.URL, method: "GET"}
	if o.Init.Method != nil {
		q.method = *o.Init.Method
	}
	headers, err := parseLines(o.Init.Headers)
	if err != nil {
		q.err = fmt.Errorf("_corsim.init.headers%w", err)
		return q
	}
	var body *fetch.Body
	switch {
	case o.Init.Stream:
		body = fetch.Stream(nil)
		if o.Init.Body != nil {
			body.Bytes = []byte(*o.Init.Body)
		}
	case o.Init.Body != nil:
		body = fetch.Text(*o.Init.Body)
	}
	switch o.Via {
	case "", "fetch":
	case "xhr":
		q.xhr = true
		q.xhrInit = XHRInit{Headers: headers, Body: body, WithCredentials: o.Init.WithCredentials, UploadListener: o.Init.UploadListener}
		return q
	default:
		q.err = fmt.Errorf("_corsim.via is %q, want fetch or xhr", o.Via)
		return q
	}
	given := func(s *string) fetch.Member {
		if s == nil {
			return fetch.Member{}
		}
		return fetch.Given(*s)
	}
	i := &o.Init
	q.init = fetch.RequestInit{
		Method: given(i.Method), Headers: headers, Body: body, Mode: given(i.Mode), Credentials: given(i.Credentials),
		Cache: given(i.Cache), Redirect: given(i.Redirect), Referrer: given(i.Referrer),
		ReferrerPolicy: given(i.ReferrerPolicy), Keepalive: i.Keepalive,
	}
	return q
}

// shown tells what the recording shows of the request, and how.
func (p *replayer) shown(g *recordedRequest) (v Verdict, ok bool, evidence string) {
	if g.outcome != nil && g.outcome.Verdict != nil {
		for _, v := range [...]Verdict{Allowed, Blocked, Opaque, Invalid, Unanswered} {
			if v.String() == *g.outcome.Verdict {
				return v, true, "the recorder saw what the script got"
			}
		}
	}
	if len(g.sent) == 0 {
		return Blocked, true, "no request followed the preflight"
	}
	e := &p.recording.entries[g.sent[len(g.sent)-1]]
	read := Allowed
	if strings.EqualFold(e.header("Sec-Fetch-Mode"), "no-cors") {
		read = Opaque
	}
	failure := strings.ToLower(e.Error)
	switch {
	case e.ViaServiceWorker:
		return 0, false, "a service worker answered"
	case strings.Contains(failure, "abort") && (e.Response.Status == 204 || e.Response.Status == 205):
		// So the export of Chromium 156 shows a 204.
		return read, true, "a status that comes without a body was recorded"
	case strings.Contains(failure, "abort") || strings.Contains(failure, "cancel"):
		return 0, false, "the request was given up: " + e.Error
	case e.Error != "":
		return Blocked, true, e.Error
	case e.Response.Status == 0:
		return Blocked, true, "there is no status"
	case p.exporter == tellsErrors:
		return read, true, "a status and no error were recorded"
	case p.exporter == tellsBodies && len(e.Response.Body) > 0:
		return read, true, "the body was recorded"
	}
	return 0, false, "what the script got was not recorded"
}

// differences compares the decision with what the recording shows.
func (p *replayer) differences(g *recordedRequest, out *Replayed) []Difference {
	if !out.HasShown || out.Result.Verdict() == Unanswered {
		return nil
	}
	if o := g.outcome; o != nil && o.Verdict != nil {
		x := Expectation{Verdict: o.Verdict, Type: o.Type, Status: o.Status, URL: o.Response, Redirected: o.Redirected}
		if o.Headers != nil {
			// The network does not give these.
			h := slices.DeleteFunc(slices.Clone(*o.Headers), func(line string) bool {
				name, _, _ := strings.Cut(line, ":")
				return isHopByHop(name)
			})
			if h == nil {
				h = []string{}
			}
			x.Headers = &h
		}
		if o.Via == "xhr" {
			x.Type = nil // scripts do not see it
		}
		got := out.Result.Outcome()
		return x.Compare(&got)
	}
	blocked := out.Result.Verdict() == Blocked || out.Result.Verdict() == Invalid
	if blocked == (out.Shown == Blocked) {
		return nil
	}
	return []Difference{{"verdict", marshal(out.Result.Verdict().String()), marshal(out.Shown.String())}}
}
