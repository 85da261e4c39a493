package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// A Story is all there is to tell about a Result, for people (see [Result.String]) and as JSON. Header lines are
// "name: value" with bytes as code points, as in the case format. Nothing is left out or hidden: it holds cookies and
// Authorization as they were sent.
type Story struct {
	// Verdict and Reason are those of the case format: there is no reason where the script may read the response.
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
	// Summary is the verdict in one sentence.
	Summary string `json:"summary"`
	// Error says why there is no verdict; see Result.Err. It is empty where there is one.
	Error string `json:"error,omitempty"`
	// The step that decided. Got is what was found there and Want what would have been needed.
	StoryStep
	Got  string `json:"got"`
	Want string `json:"want"`
	// Deciding is the index in Exchanges of the exchange that decided, -1 if none did, and InPreflight whether that
	// exchange is a preflight.
	Deciding    int  `json:"deciding"`
	InPreflight bool `json:"inPreflight"`
	// Hints tell more about what went wrong and what to do, beside Fix.
	Hints []string `json:"hints"`

	// The response as the script sees it. Hidden are the names of the headers that came and that it may not read.
	Type       string   `json:"type"`
	Status     int      `json:"status"`
	URL        string   `json:"url"`
	Redirected bool     `json:"redirected"`
	Headers    []string `json:"headers"`
	Hidden     []string `json:"hidden"`
	// Cache is what part the HTTP cache had in the response: none (empty), local (nothing was sent) or validated.
	Cache string `json:"cache"`

	// Who asked for what.
	Page    string       `json:"page"`
	Origin  string       `json:"origin"`
	Request StoryRequest `json:"request"`
	// Classification is same-origin, no-cors, simple or preflighted; empty if the fetch did not get that far. Causes
	// are all that calls for a preflight.
	Classification string       `json:"classification"`
	Causes         []StoryCause `json:"causes"`

	// Exchanges are the requests that reached the network, and Events all steps in order; none for a Terse browser.
	Exchanges []StoryExchange `json:"exchanges"`
	Events    []StoryEvent    `json:"events"`
	// Cookies tell what became of the cookies at each request; none for a Terse browser.
	Cookies []StoryCookies `json:"cookies"`

	notes  []string // what happened on the way that people wonder about
	header string   // the response header that Got is the value of
	absent bool     // there is no such header
}

// A StoryStep is a step of a standard.
type StoryStep struct {
	Code      string `json:"code"`
	Algorithm string `json:"algorithm"`
	Number    string `json:"number"`
	Section   string `json:"section"` // URL with fragment
	Says      string `json:"says"`
	Fix       string `json:"fix"`
}

// A StoryRequest is a request as the script made it.
type StoryRequest struct {
	Via         string `json:"via"` // fetch, xhr, or the ElementKind
	Method      string `json:"method"`
	URL         string `json:"url"`
	Mode        string `json:"mode"`
	Credentials string `json:"credentials"`
}

// A StoryCause is one cause of a preflight.
type StoryCause struct {
	Code string `json:"code"`
	Says string `json:"says"` // with the method or the header that it is about
}

// A StoryExchange is one request on the network and what came back. Status is 0 and ResponseHeaders is nil if nothing
// did; Step is nil where nothing had to be checked.
type StoryExchange struct {
	Preflight       bool       `json:"preflight"`
	Background      bool       `json:"background"` // made for the HTTP cache's sake, after the script had its answer
	Method          string     `json:"method"`
	URL             string     `json:"url"`
	Headers         []string   `json:"headers"`
	Status          int        `json:"status"`
	ResponseHeaders []string   `json:"responseHeaders"`
	Step            *StoryStep `json:"step"`
}

// A StoryEvent is one step that was taken.
type StoryEvent struct {
	Code      string `json:"code"`
	Algorithm string `json:"algorithm"`
	Number    string `json:"number"`
	Says      string `json:"says"`
	Got       string `json:"got"`
	Want      string `json:"want"`
}

func storyStep(s policy.Step) StoryStep {
	return StoryStep{s.Code(), s.Algorithm().String(), s.Number(), s.URL(), s.Says(), s.Fix()}
}

// WriteJSON writes the Story as one line of JSON. The error is the writer's.
func (r *Result) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(r.Story())
}

// Story tells the result.
func (r *Result) Story() *Story {
	s := &Story{
		Verdict: r.verdict.String(), Type: r.Type().String(), Status: r.Status(), URL: r.URL(), Redirected: r.Redirected(),
		Headers: []string{}, Hidden: []string{}, Hints: []string{}, Causes: []StoryCause{},
		Exchanges: []StoryExchange{}, Events: []StoryEvent{}, Cookies: []StoryCookies{}, Deciding: r.response.Deciding, Cache: r.response.FromCache.String(),
	}
	if r.verdict != Allowed {
		s.Reason = r.reason.Code()
	}
	if err := r.Err(); err != nil {
		s.Error = err.Error()
	}
	if r.page != nil {
		s.Page, s.Origin = r.page.url.String(), r.page.client.Origin.String()
	}
	s.Headers = append(s.Headers, headerLines(r.Headers())...)
	s.tellRequest(r)
	s.tellCauses(r)
	for i := range r.response.Exchanges {
		s.Exchanges = append(s.Exchanges, storyExchange(&r.response.Exchanges[i]))
	}
	for _, e := range r.Events() {
		s.Events = append(s.Events, StoryEvent{e.Step.Code(), e.Step.Algorithm().String(), e.Step.Number(), e.Step.Says(),
			printableUTF8(e.Got), printableUTF8(e.Want)})
		s.note(e)
	}
	for i := range r.Cookies() {
		s.Cookies = append(s.Cookies, storyCookies(&r.story.cookies[i]))
	}
	s.tellHidden(r)
	step := s.tellStep(r)
	s.hint(r, step)
	s.Summary = s.summary(r)
	return s
}

// printableUTF8 decodes bytes that are no UTF-8 to the code points of the same numbers.
func printableUTF8(s string) string {
	for _, c := range s {
		if c == '\uFFFD' {
			return isomorphicDecode(s)
		}
	}
	return s
}

func headerLines(h fetch.Headers) []string {
	lines := make([]string, 0, len(h))
	for _, f := range h {
		lines = append(lines, isomorphicDecode(asciiLower(f.Name)+": "+f.Value))
	}
	return lines
}

// asciiLower puts ASCII letters in lower case and leaves other bytes, which may be no UTF-8, alone.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func storyExchange(e *fetch.Exchange) StoryExchange {
	x := StoryExchange{Preflight: e.Preflight, Background: e.Background, Method: e.Request.Method, URL: wireURL(e.Request.URL),
		Headers: headerLines(e.Request.Headers)}
	if e.Response != nil {
		x.Status, x.ResponseHeaders = e.Response.Status, headerLines(e.Response.Headers)
	}
	if e.Step != 0 {
		step := storyStep(e.Step)
		x.Step = &step
	}
	return x
}

// wireURL is a URL as a server gets to see it: without fragment, user name and password.
func wireURL(u origin.URL) string {
	return u.WithoutCredentials().WithoutFragment()
}

// tellRequest tells the request as the script made it.
func (s *Story) tellRequest(r *Result) {
	s.Request = StoryRequest{Via: r.via.String(), Method: r.request.Method, URL: wireURL(r.request.URL),
		Mode: r.request.Mode.String(), Credentials: r.request.Credentials.String()}
	// A redirect may have changed the method.
	for i := range r.response.Exchanges {
		if e := &r.response.Exchanges[i]; !e.Preflight {
			s.Request.Method = e.Request.Method
			break
		} else if method, ok := e.Request.Headers.Get("Access-Control-Request-Method"); ok {
			s.Request.Method = method
			break
		}
	}
	s.Request.Method = printableUTF8(s.Request.Method)
}

// tellCauses tells whether a preflight was called for, and by what.
func (s *Story) tellCauses(r *Result) {
	if r.verdict == Invalid || r.page == nil || r.request.URL.IsZero() {
		return
	}
	switch {
	case r.response.Tainting == fetch.TaintOpaque:
		s.Classification = "no-cors"
		return
	case r.response.Tainting == fetch.TaintCORS:
		s.Classification = "simple"
	case r.request.URL.SameOrigin(r.page.client.Origin):
		s.Classification = "same-origin"
		return
	default:
		return
	}
	var causes []fetch.Cause
	for _, e := range r.Events() {
		if isCause(e.Step) {
			causes = append(causes, fetch.Cause{Step: e.Step, Header: fetch.Header{Name: e.Got, Value: e.Want}})
		}
	}
	if r.story == nil {
		causes = fetch.AppendCauses(nil, &r.request)
		for i := range causes {
			if causes[i].Step == policy.ClassifyMethod {
				causes[i].Header.Name = s.Request.Method
			}
		}
	}
	seen := make(map[string]bool, len(causes))
	for _, c := range causes {
		if says := causeInWords(c); !seen[says] {
			seen[says] = true
			s.Causes = append(s.Causes, StoryCause{c.Step.Code(), says})
		}
	}
	if len(s.Causes) > 0 || r.Preflighted() {
		s.Classification = "preflighted"
	}
}

func isCause(s policy.Step) bool {
	switch s {
	case policy.ClassifyMethod, policy.ClassifyUploadListener, policy.ClassifyStream:
		return true
	}
	return s.Algorithm() == policy.Classification && s.Kind() == policy.Failure
}

func causeInWords(c fetch.Cause) string {
	name := printableUTF8(c.Header.Name)
	switch c.Step {
	case policy.ClassifyMethod:
		return "the method " + name + " is none of GET, HEAD and POST"
	case policy.ClassifyHeaderName:
		return "the header " + name + " is not one that goes without asking"
	case policy.ClassifyHeaderLength:
		return "the value of the header " + name + " is longer than 128 bytes"
	case policy.ClassifyHeaderByte:
		return "the value of the header " + name + " holds a byte that does not go without asking"
	case policy.ClassifyHeaderContentType:
		return "the type " + printableUTF8(c.Header.Value) + " is none of the three that an HTML form can send"
	case policy.ClassifyHeaderRange:
		return "the range " + printableUTF8(c.Header.Value) + " is not a single one that starts at a number"
	}
	return lowerFirst(strings.TrimSuffix(c.Step.Says(), "."))
}

// note keeps an event if it is one of those that people wonder about.
func (s *Story) note(e policy.Event) {
	says := strings.TrimSuffix(e.Step.Says(), ".")
	got := printableUTF8(e.Got)
	switch e.Step {
	case policy.HeadersForbiddenDropped, policy.XHRHeaderForbiddenDropped, policy.HeadersNoCORSDropped,
		policy.RequestContentTypeFromBody, policy.RedirectFollowed, policy.RedirectReferrerPolicy,
		policy.RedirectAuthorizationDropped, policy.RequestMethodNormalized:
		s.notes = append(s.notes, says+": "+got+".")
	case policy.CacheHit, policy.CacheExpired, policy.CacheBypassed, policy.CacheOtherMethod, policy.CacheOtherHeader:
		s.notes = append(s.notes, says+when(got != "", ": "+got)+".")
	case policy.RedirectMethodChanged, policy.RedirectLocationMissing, policy.RedirectModeManual,
		policy.OriginNullByPolicy, policy.OriginNullByRedirect, policy.NetworkCredentialsCOEP, policy.NetworkUnauthorized,
		policy.NetworkMisdirected, policy.PreflightMaxAgeCapped, policy.MainExposeMalformed, policy.CacheCleared,
		policy.HTTPCacheHit, policy.HTTPCacheForced, policy.HTTPCacheStaleWhileRevalidate, policy.HTTPCacheValidated,
		policy.HTTPCacheVaryMiss, policy.CacheOtherCredentials, policy.CacheNotKept, policy.CacheOtherURL,
		policy.CacheOtherOrigin, policy.MainUpgradeInsecure, policy.MainUpgradeMixedContent, policy.MainUpgradeHSTS:
		s.notes = append(s.notes, says+".")
	}
}

// tellHidden tells which headers came that the script may not read.
func (s *Story) tellHidden(r *Result) {
	if r.response.Internal == nil || r.verdict != Allowed {
		return
	}
	readable := make(map[string]bool)
	for _, h := range r.response.Headers() {
		readable[asciiLower(h.Name)] = true
	}
	for _, h := range r.response.Internal.Headers {
		if name := asciiLower(h.Name); !readable[name] {
			readable[name] = true
			s.Hidden = append(s.Hidden, isomorphicDecode(name))
		}
	}
	slices.Sort(s.Hidden)
}

// tellStep tells the deciding step, with what was found there, and returns it.
func (s *Story) tellStep(r *Result) policy.Step {
	step := r.reason
	if r.verdict == Allowed || r.verdict == Opaque {
		// How a response is filtered decides nothing: the check before it does.
		if r.response.FromCache == fetch.CacheStateLocal && r.response.Check != 0 {
			step = r.response.Check
		}
		for i := len(r.response.Exchanges) - 1; i >= 0 && r.response.FromCache != fetch.CacheStateLocal; i-- {
			if e := &r.response.Exchanges[i]; !e.Preflight && !e.Background {
				if e.Step != 0 && r.response.Type != fetch.TypeOpaqueRedirect {
					step, s.Deciding = e.Step, i
				}
				break
			}
		}
	}
	s.StoryStep = storyStep(step)
	var exchange *fetch.Exchange
	if s.Deciding >= 0 && s.Deciding < len(r.response.Exchanges) {
		exchange = &r.response.Exchanges[s.Deciding]
		s.InPreflight = exchange.Preflight
	} else if r.response.Stored != nil {
		exchange = &fetch.Exchange{Response: r.response.Stored}
	}
	s.Got, s.Want = s.detail(step, exchange)
	for _, e := range slices.Backward(r.Events()) {
		if e.Step == step {
			s.Got, s.Want = e.Got, e.Want
			break
		}
	}
	s.Got, s.Want = printableUTF8(s.Got), printableUTF8(s.Want)
	return step
}

// detail reads off an exchange what was found and wanted at a step of a check, and the response header that it is
// about.
func (s *Story) detail(step policy.Step, e *fetch.Exchange) (got, want string) {
	if e == nil || e.Response == nil {
		return "", ""
	}
	asked := ""
	switch step {
	case policy.CORSAllowCredentialsMissing, policy.CORSAllowCredentialsInvalid, policy.CORSAllowCredentialsTrue:
		s.header, want = "Access-Control-Allow-Credentials", "true"
	case policy.PreflightStatus, policy.PreflightRedirect:
		return strconv.Itoa(e.Response.Status), "200 to 299"
	case policy.PreflightAllowMethodsMalformed:
		s.header = "Access-Control-Allow-Methods"
	case policy.PreflightAllowHeadersMalformed:
		s.header = "Access-Control-Allow-Headers"
	case policy.PreflightMethodMissing, policy.PreflightMethodNotAllowed, policy.PreflightMethodWildcardCredentials:
		s.header, asked = "Access-Control-Allow-Methods", "Access-Control-Request-Method"
	case policy.PreflightHeaderMissing, policy.PreflightHeaderNotAllowed, policy.PreflightHeaderWildcardCredentials,
		policy.PreflightAuthorizationNotListed:
		s.header, asked = "Access-Control-Allow-Headers", "Access-Control-Request-Headers"
	default:
		switch step.Algorithm() {
		case policy.CORSCheck:
			s.header, asked = "Access-Control-Allow-Origin", "Origin"
		case policy.CrossOriginResourcePolicy:
			s.header = "Cross-Origin-Resource-Policy"
		default:
			return "", ""
		}
	}
	headers := e.Response.Headers
	if e.Completed != nil {
		headers = e.Completed.Headers
	}
	got, present := headers.Get(s.header)
	s.absent = !present
	if asked != "" {
		want, _ = e.Request.Headers.Get(asked)
	}
	return got, want
}

// hint adds what the deciding step itself does not know.
func (s *Story) hint(r *Result, step policy.Step) {
	add := func(format string, args ...any) { s.Hints = append(s.Hints, fmt.Sprintf(format, args...)) }
	status := 0
	if s.Deciding >= 0 && s.Deciding < len(s.Exchanges) {
		status = s.Exchanges[s.Deciding].Status
	}
	switch r.verdict {
	case Allowed:
		s.hintRefusal(r, add)
		return
	case Blocked:
	default:
		return
	}
	check := step.Algorithm() == policy.CORSCheck
	answered := s.hintCache(r, step, add)
	switch {
	case s.InPreflight && (status == 401 || status == 403):
		add("The server refused the preflight itself (%s). Browsers send it without cookies and Authorization, so it cannot pass a check of who is asking: OPTIONS has to be answered before that check.", statusInWords(status))
	case s.InPreflight && (status == 404 || status == 405 || status == 501):
		add("The server seems to have no answer to OPTIONS at this URL (%s).", statusInWords(status))
	case s.InPreflight && status >= 300 && status < 400:
		add("Often it is http: that redirects to https:, or a path without its trailing slash: use the URL to which the redirect leads.")
	case check && !s.InPreflight && (status == 401 || status == 403):
		add("The server answered %s; the script cannot see even that. Two things are wrong: the server refuses the request, and its refusal lacks the CORS headers, which many servers send with successes alone. With the headers on errors too, the script would see the %d.", statusInWords(status), status)
		s.hintWithoutCookies(r, add)
	case check && !s.InPreflight && status >= 400:
		add("The server answered %s; the script cannot see even that. It looks like an error page without the CORS headers, which many servers send with successes alone: see to the error first, the CORS setup may be right.", statusInWords(status))
	}
	switch step {
	case policy.CORSAllowOriginMismatch:
		if d := originDifference(s.Got, s.Want); d != "" {
			add("%s", d)
		}
	case policy.PreflightMethodNotAllowed:
		if upper := strings.ToUpper(s.Want); upper != s.Want && strings.Contains(s.Got, upper) {
			add("The server allows %s and the script asks for %s: browsers put DELETE, GET, HEAD, OPTIONS, POST and PUT alone in upper case. Write %s in the script.", upper, s.Want, upper)
		}
	}
	if s.Deciding < 0 || s.Deciding >= len(s.Exchanges) {
		return
	}
	if decided := s.Exchanges[s.Deciding]; decided.URL != s.Request.URL {
		add("A redirect led to %s, and it is that answer which decided: every answer on the way needs the headers.", decided.URL)
	}
	switch {
	case s.InPreflight:
		add("The %s request itself was not sent.", s.Request.Method)
	case status != 0 && !answered:
		add("The request did reach the server, which may have acted on it: only the answer is kept from the script.")
	}
}

// hintRefusal tells a refusal by the server from one by the browser.
func (s *Story) hintRefusal(r *Result, add func(string, ...any)) {
	if s.Status != 401 && s.Status != 403 {
		return
	}
	add("This is no CORS error: the server refuses the request with %s, and the script can read that answer.", statusInWords(s.Status))
	s.hintWithoutCookies(r, add)
}

// originDifference says in what an Access-Control-Allow-Origin fails to be the wanted origin.
func originDifference(got, want string) string {
	g, null, err := origin.ParseHeader(got)
	if null {
		return "The server allows the origin null, which sandboxed and local documents have: not this page's."
	}
	if err != nil {
		if u, uerr := origin.ParseURL(got, nil); uerr == nil && u.Origin().String() == want {
			return "The value names the right origin but spells it otherwise: it has to be " + want + ", without path and trailing slash, in lower case."
		}
		return "The value is not an origin at all, as browsers write it."
	}
	w, err := origin.Parse(want)
	if err != nil {
		return ""
	}
	var parts []string
	if g.Scheme() != w.Scheme() {
		parts = append(parts, fmt.Sprintf("the scheme (%s, not %s)", g.Scheme(), w.Scheme()))
	}
	if g.Host() != w.Host() {
		parts = append(parts, fmt.Sprintf("the host (%s, not %s)", g.Host(), w.Host()))
	}
	if g.Port() != w.Port() {
		parts = append(parts, fmt.Sprintf("the port (%d, not %d)", g.Port(), w.Port()))
	}
	return "The two origins differ in " + joinAnd(parts) + "."
}

// joinAnd joins words as a sentence does.
func joinAnd(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func statusInWords(status int) string {
	if text := http.StatusText(status); text != "" {
		return strconv.Itoa(status) + " " + text
	}
	return strconv.Itoa(status)
}

// summary is the verdict in one sentence.
func (s *Story) summary(r *Result) string {
	says := lowerFirst(strings.TrimSuffix(s.Says, "."))
	switch {
	case s.Error != "":
		return "no verdict: " + printableUTF8(s.Error)
	case r.verdict == Allowed && (s.Status == 401 || s.Status == 403):
		return "allowed: the script may read the answer, and the answer is a refusal: " + statusInWords(s.Status)
	case r.verdict == Allowed && s.Status >= 400:
		return "allowed: the script may read the answer, and the answer is an error: " + statusInWords(s.Status)
	case r.verdict == Allowed:
		return "allowed: the script may read the answer, " + statusInWords(s.Status)
	case r.verdict == Opaque:
		return "opaque: " + lowerFirst(strings.TrimSuffix(r.reason.Says(), "."))
	case r.verdict == Unanswered:
		if n := len(s.Exchanges); n > 0 {
			return "unanswered: nothing recorded answers " + s.Exchanges[n-1].Method + " " + s.Exchanges[n-1].URL
		}
		return "unanswered: " + says
	case r.verdict == Invalid:
		return "invalid: " + says + "; nothing was sent"
	case s.InPreflight && !strings.Contains(strings.ToLower(says), "preflight"):
		return "blocked in the answer to the preflight: " + says
	}
	return "blocked: " + says
}

// lowerFirst puts a sentence's first letter in lower case unless its first word is a name, such as that of a header.
func lowerFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if word == "" || strings.ContainsAny(word, "-:") || strings.ToLower(word[1:]) != word[1:] {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
