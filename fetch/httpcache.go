package fetch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// A CacheState tells what part the HTTP cache had in a response.
//
// https://fetch.spec.whatwg.org/#concept-response-cache-state
type CacheState uint8

// The cache states.
const (
	CacheStateNone      CacheState = iota // the network answered, and nobody else
	CacheStateLocal                       // a stored response answered, and nothing was sent
	CacheStateValidated                   // the server confirmed a stored response with a 304
)

// String returns the cache state as the standard spells it; the first is the empty string.
func (c CacheState) String() string { return spell(c, cacheStates[:], "CacheState") }

var cacheStates = [...]string{"", "local", "validated"}

// An HTTPCache is the store of an HTTP cache, with the rules of RFC 9111 by which it keeps, selects and drops
// responses. It is called by many goroutines if its Fetcher is. What it is given it may keep: responses and header
// values do not change.
type HTTPCache interface {
	// Select returns the stored response that a GET or HEAD request may use, and how.
	//
	// https://www.rfc-editor.org/rfc/rfc9111.html#section-4
	Select(q CacheQuery) CacheSelection
	// Store keeps the response to a request that was sent and answered at the given times, or leaves it.
	//
	// https://www.rfc-editor.org/rfc/rfc9111.html#section-3
	Store(q CacheQuery, res *HTTPResponse, sent, received time.Time) CacheDecision
	// Freshen brings a stored response, as Select returned it, up to date with a 304, and returns what it is now.
	//
	// https://www.rfc-editor.org/rfc/rfc9111.html#section-4.3.4
	Freshen(q CacheQuery, stored, confirmation *HTTPResponse, sent, received time.Time) *HTTPResponse
	// Invalidate drops what is stored for the query's partition and URL and reports whether there was anything.
	//
	// https://www.rfc-editor.org/rfc/rfc9111.html#section-4.4
	Invalidate(q CacheQuery) bool
}

// A CacheQuery is what an HTTP cache needs to know about a request.
type CacheQuery struct {
	Partition policy.Site      // the network partition key: each has a cache of its own
	Method    string           // as sent
	URL       string           // without fragment
	Headers   Headers          // as they go on the wire, each name once
	Mode      CacheMode        // the request's cache mode
	Kind      uint8            // answers to requests of different kinds are kept apart, where a profile has such kinds
	Now       func() time.Time // nil stands for time.Now
	Tell      bool             // somebody reads Got and Want of what is returned
	By        *Request         // the request itself, where a profile's cache has an eye on it
	Led       bool             // a redirect led it on
}

// A CacheUse says how a stored response may be used.
type CacheUse uint8

// The uses of a stored response.
const (
	CacheUseNone       CacheUse = iota // there is no stored response, or none for such a request
	CacheUseFresh                      // as it is
	CacheUseRevalidate                 // as it is, while it is revalidated
	CacheUseStale                      // after the server has confirmed it
	CacheUseOther                      // after the server has confirmed by its entity tag that it fits
)

// A CacheSelection is what Select returns. Step tells why, and is the zero Step if there is nothing to tell; Got and
// Want are the values that decided.
type CacheSelection struct {
	Use       CacheUse
	Response  *HTTPResponse // nil for CacheUseNone
	Step      policy.Step
	Got, Want string

	// Length is that of the body of what is stored, whatever Use says; 0 for a redirect.
	Length int

	Remembered bool // for requests of this kind alone, and not stored

	Replaces bool // what comes takes the place of something, whatever Use says, where a profile minds

	Kept *KeptRequest // the request that brought a redirect, where a profile keeps that
}

// A KeptRequest is what an HTTP cache keeps of the request that brought a redirect.
type KeptRequest struct {
	Headers     Headers // as the script gave them
	Mode        CacheMode
	Credentials Credentials
	Origin      string // the Origin header as it was sent; empty for none
}

// A CacheDecision is what Store returns: whether the response was stored, or why not. Step is the zero Step for
// requests that caches have nothing to do with.
type CacheDecision struct {
	Step policy.Step
	Got  string
}

// An HSTS is a store of the hosts that want HTTPS alone.
type HSTS interface {
	// Match returns the known HSTS host by which a domain is one: itself, or a parent with includeSubDomains.
	//
	// https://www.rfc-editor.org/rfc/rfc6797.html#section-8.2
	Match(domain string) (known string, ok bool)
	// Note processes the value of the first Strict-Transport-Security header of a response that came from a host over
	// HTTPS. The step tells what became of it, got until when it holds or what was wrong, if tell is set.
	//
	// https://www.rfc-editor.org/rfc/rfc6797.html#section-8.1
	Note(host string, kind origin.HostKind, value string, tell bool) (s policy.Step, got string)
}

// A CookieWitness is a cookie store that wants to be told as well about the requests that go without it. It is told
// only while the Fetcher traces.
type CookieWitness interface {
	Cookies
	// Withheld tells that a request goes without cookies whatever the store holds, and why.
	Withheld(r *Request, why policy.Step)
	// Ignored tells a Set-Cookie value that counts for nothing, and why: as the request went without credentials
	// (policy.NetworkCredentialsExcluded), or as its answer is not taken in (policy.NetworkMisdirected).
	Ignored(r *Request, value string, why policy.Step)
}

// A cacheRun is the part of the HTTP cache in one HTTP-network-or-cache fetch.
type cacheRun struct {
	query       CacheQuery
	cache       HTTPCache
	get         bool // the request is one that caches answer: GET or HEAD
	store       bool // and its response may be kept
	selected    *HTTPResponse
	validating  bool      // the revalidatingFlag
	foreign     bool      // the script asks for a confirmation itself
	sent        time.Time // when the request went out
	later       bool      // what becomes of the response waits for its checks
	part        *cacheRange
	credentials bool // the request includes credentials
	asked       bool // the script asks for a confirmation, of which the cache takes no notice
	startOver   bool // the request is to be made from its first URL (CacheRules.ConfirmedAtTheStart)
}

func (c *cacheRun) now() time.Time {
	if c.query.Now != nil {
		return c.query.Now()
	}
	return time.Now()
}

// fromCache is HTTP-network-or-cache fetch 8.24 to 8.26: it looks for a stored response. It returns the response if
// the network need not be asked, and the headers with which it is asked otherwise.
//
// Deviation: a request that is made again, with a password or over a new connection, is not answered from the cache.
// By the letter it could get the very answer that made it necessary.
func (p *params) fromCache(c *cacheRun, r *Request, u *origin.URL, h Headers, mode CacheMode, again bool) (*HTTPResponse, Headers) {
	c.cache = p.f.HTTPCache
	rules := &r.rules().HTTPCache
	c.query = CacheQuery{Partition: r.partition(), Method: r.Method, URL: u.WithoutFragment(), Headers: h, Mode: mode,
		Now: p.f.Now, Tell: p.trace != nil}
	if rules.StoredWhenChecked {
		p.settleLater(c, r, mode)
	}
	if rules.RangesKeptApart && h.Has("Range") {
		of, _ := h.Get("Range")
		c.query.URL += " " + of
	}
	if (rules.RedirectsKeepRequest || rules.XHRRemembered) && r == p.r {
		c.query.By, c.query.Led = p.r, len(r.urls) > 1
		if r.departures != nil && r.departures.keptAnew && mode == CacheDefault {
			c.query.Mode = CacheNoCache
		}
	}
	if r == p.r && r.isConfirming() {
		return nil, p.askToConfirm(c, h)
	}
	if rules.RedirectsForgotten && r.departures != nil {
		r.departures.replacesStored = false
	}
	if rules.AnswersApart {
		c.query.Kind = p.cacheKind(r.Method, u, c.credentials)
	}
	if rules.RequestDirectivesInTurn && hasDirective(h, "Cache-Control", "no-store") {
		return nil, h
	}
	if r.Method != "GET" && (r.Method != "HEAD" || rules.AnyAnswerReplaces) || mode == CacheNoStore ||
		rules.ConditionalsUpdate && hasConditional(r.Headers) {
		if rules.ConditionalsUpdate && r.Cache != CacheNoStore && (r.Method == "GET" || r.Method == "HEAD") {
			c.selectForeign(h)
		}
		if rules.UnsafeForced && mode == CacheForceCache && p.invalidates(c) && r.Method != "POST" {
			if s := c.cache.Select(c.query); s.Response != nil && s.Use != CacheUseOther {
				p.trace.Add(policy.HTTPCacheForced, mode.String(), "")
				return s.Response, h
			}
		}
		return nil, h
	}
	if h.Has("Range") && !rules.RangesKeptApart && !(rules.WholeRangesStored && isWholeRange(h)) {
		if rules.RangesServed {
			return p.rangeFromCache(c, r, h, mode, again)
		}
		p.trace.Add(policy.HTTPCacheRange, "", "")
		return nil, h
	}
	c.get, c.store = true, r.Method == "GET" || rules.AnswersApart
	// 8.26
	if rules.MostStored && mode == CacheReload {
		c.cache.Invalidate(c.query)
	}
	if rules.ReloadForgets && c.store && !again && (mode == CacheReload || asksAnew(h)) {
		c.cache.Invalidate(c.query)
	}
	if mode == CacheReload && !(rules.ConditionalsConfirm && hasConditional(r.Headers)) || again ||
		rules.RequestDirectivesFew && asksAnew(h) || rules.RedirectsGoAround && p.goesAround() ||
		rules.RedirectedOutAsks && p.r.Credentials == SameOriginCredentials && !p.r.XMLHttpRequest && p.leftOwn() {
		return nil, h
	}
	if r.conditionalReplaces() && hasConditional(r.Headers) {
		return p.ownConditional(c, r), h
	}
	// 8.26.1
	s := c.cache.Select(c.query)
	if rules.ConditionalsConfirm && hasConditional(r.Headers) {
		if s.Response != nil && !s.Response.LeadsOn() {
			c.foreign, c.selected = true, s.Response
		}
		return nil, h
	}
	if rules.RedirectsKeepRequest && s.Response.LeadsOn() {
		p.keepStored(&s)
	}
	if rules.RedirectsForgotten && s.Replaces {
		r.departs().replacesStored = true
	}
	if s.Step != 0 {
		p.trace.Add(s.Step, s.Got, s.Want)
	}
	forced := mode == CacheForceCache || mode == CacheOnlyIfCached
	switch {
	case s.Use == CacheUseNone || rules.RedirectsGoAround && !forced && hasFragment(u) && s.Response.LeadsOn():
		return nil, h
	case s.Use == CacheUseOther:
	// 8.26.2.1 The revalidation is made after the fetch itself: its only effect is on the cache.
	case s.Use == CacheUseRevalidate && mode == CacheDefault && !(rules.StaleForGETAlone && r.Method != "GET"):
		p.background = append(p.background, r.revalidation())
		return s.Response, h
	// 8.26.2.2
	case s.Use == CacheUseFresh:
		return s.Response, h
	case forced:
		p.trace.Add(policy.HTTPCacheForced, mode.String(), "")
		return s.Response, h
	}
	if rules.Only200Confirmed && (s.Response.Status != 200 || !hasFirstValidator(s.Response.Headers)) ||
		rules.ValidatorNeeded && (!hasValidator(s.Response.Headers) || s.Response.LeadsOn()) ||
		rules.ConfirmedBelow400 && (s.Response.Status >= 400 || s.Response.LeadsOn()) {
		return nil, h
	}
	if rules.ConfirmedAtTheStart && r == p.r && len(r.urls) > 1 && !(r.XMLHttpRequest && p.leftOwn()) {
		p.startOver(c, s.Response)
		return nil, h
	}
	c.selected, c.validating = s.Response, true
	h = p.addValidators(h, s.Response, s.Use != CacheUseOther)
	c.query.Headers = h
	return nil, h
}

// addValidators asks for a confirmation of a stored response by its entity tag, and by its date if dated. Each value is
// what the response has; a second such header makes the first no validator.
func (p *params) addValidators(h Headers, stored *HTTPResponse, dated bool) Headers {
	if etag, ok := stored.Headers.Get("ETag"); ok {
		h.Combine("If-None-Match", etag)
		p.traceValidator("If-None-Match: ", etag)
	}
	if modified, ok := stored.Headers.Get("Last-Modified"); ok && dated {
		h.Combine("If-Modified-Since", modified)
		p.traceValidator("If-Modified-Since: ", modified)
	}
	return h
}

// selectForeign finds the stored response that the answer to a request will update which a script made conditional,
// under the rule ConditionalsUpdate.
func (c *cacheRun) selectForeign(h Headers) {
	for _, name := range [...]string{"If-Match", "If-Range", "If-Unmodified-Since", "Range"} {
		if h.Has(name) {
			return
		}
	}
	s := c.cache.Select(c.query)
	if s.Response == nil || s.Use == CacheUseOther || s.Response.Status != 200 {
		return
	}
	for _, pair := range [...][2]string{{"If-None-Match", "ETag"}, {"If-Modified-Since", "Last-Modified"}} {
		asked, ok := h.Get(pair[0])
		if has, stored := s.Response.Headers.Get(pair[1]); ok && stored && has != asked {
			return
		}
	}
	c.get, c.store, c.foreign, c.selected = true, c.query.Method == "GET", true, s.Response
}

// invalidates reports whether a request with an unsafe method drops what is stored, under the rule
// FewMethodsInvalidate.
func (p *params) invalidates(c *cacheRun) bool {
	h := p.r.Headers
	if p.r.Cache == CacheNoStore || len(h) > 0 && (h.Has("Range") || h.Has("If-Match") || h.Has("If-Range") || h.Has("If-Unmodified-Since")) {
		return false
	}
	switch c.query.Method {
	case "POST":
		return true
	case "DELETE", "PATCH":
		return !hasConditional(h)
	case "PUT":
		return p.r.Body != nil && !hasConditional(h)
	}
	return false
}

// hasValidator reports whether a server can be asked about a response with these headers.
func hasValidator(h Headers) bool { return h.Has("ETag") || h.Has("Last-Modified") }

// hasFirstValidator is hasValidator under the rule Only200Confirmed: the first such header has a value.
func hasFirstValidator(h Headers) bool {
	for _, name := range [...]string{"ETag", "Last-Modified"} {
		if values := h.Values(name); len(values) > 0 && strings.Trim(values[0], ", \t") != "" {
			return true
		}
	}
	return false
}

// asksAnew reports whether a request with these headers wants no stored response, not even one that is confirmed.
func asksAnew(h Headers) bool {
	return hasDirective(h, "Cache-Control", "no-cache") || hasDirective(h, "Pragma", "no-cache")
}

// hasDirective reports whether the list in a request header holds a directive, without an argument.
func hasDirective(h Headers, name, directive string) bool {
	value, _ := h.Get(name)
	for v := range strings.SplitSeq(value, ",") {
		if equalFold(strings.Trim(v, " \t"), directive) {
			return true
		}
	}
	return false
}

// forget drops what the exchange made last has left in the HTTP cache, because the response is blocked or, if it is not, is
// a redirect that nobody follows. It is no part of the standard.
func (p *params) forget(blocked bool) {
	i := p.exchange()
	if p.r.rules().HTTPCache.RedirectsForgotten {
		p.forgetRedirect(i, blocked)
		return
	}
	if !p.r.rules().HTTPCache.BlockedForgotten || i < 0 || p.f.HTTPCache == nil || p.r.Client == nil {
		return
	}
	e := &p.res.Exchanges[i]
	if e.Preflight || e.Request.Method != "GET" || e.Completed != nil || p.r.Cache == CacheNoStore || hasConditional(p.r.Headers) ||
		e.Response.LeadsOn() || p.r.XMLHttpRequest && e.Response != nil && isReadToGuess(e.Response) {
		return
	}
	p.f.HTTPCache.Invalidate(CacheQuery{Partition: p.r.partition(), Method: "GET", URL: e.Request.URL.WithoutFragment(),
		Headers: e.Request.Headers, Now: p.f.Now})
}

func (p *params) traceValidator(header, value string) {
	if p.trace != nil {
		p.trace.Add(policy.HTTPCacheValidating, header+value, "")
	}
}

// toCache is HTTP-network-or-cache fetch 11.3 to 11.5: what a response from the network means for the cache. It
// returns the response to go on with.
func (p *params) toCache(c *cacheRun, res *HTTPResponse) *HTTPResponse {
	if c.validating && p.r.isConfirming() {
		p.confirmed(c, res)
	}
	if c.later {
		return p.settleWhenChecked(c, res)
	}
	// 11.3
	if p.r.rules().HTTPCache.AnswersInvalidate && !isSafeMethod(c.query.Method) {
		p.dropChanged(c, res)
		return res
	}
	if !isSafeMethod(c.query.Method) && !p.r.rules().HTTPCache.AnyAnswerReplaces && 200 <= res.Status && res.Status <= 399 {
		if p.r.rules().HTTPCache.FewMethodsInvalidate && !p.invalidates(c) {
			return res
		}
		if c.cache.Invalidate(c.query) {
			p.trace.Add(policy.HTTPCacheInvalidated, c.query.URL, "")
		}
		return res
	}
	if c.part != nil {
		return p.rangeToCache(c, res)
	}
	if !c.get {
		return res
	}
	if c.asked && res.Status == 304 {
		return res
	}
	if c.foreign && res.Status == 304 {
		c.cache.Freshen(c.query, c.selected, res, c.sent, c.now())
		return res
	}
	// 11.4
	if c.validating && res.Status == 304 {
		e := &p.res.Exchanges[len(p.res.Exchanges)-1]
		e.Completed = c.cache.Freshen(c.query, c.selected, res, c.sent, c.now())
		p.trace.Add(policy.HTTPCacheValidated, c.query.URL, "")
		p.cacheState = CacheStateValidated
		return e.Completed
	}
	if rules := &p.r.rules().HTTPCache; (rules.HEADForgets || rules.PasswordsAskedNotStored || rules.PartsIgnored) &&
		(res.Status != 200 || !c.store) && p.keepsAside(c, res.Status, rules) {
		return res
	}
	// 11.5
	if c.store {
		d := c.cache.Store(c.query, res, c.sent, c.now())
		if d.Step != 0 {
			p.trace.Add(d.Step, d.Got, "")
		}
	}
	return res
}

// keepsAside ends toCache for answers of some statuses, and those to HEAD, that a profile does not store
// (CacheRules.PasswordsAskedNotStored, PartsIgnored, HEADForgets), and reports whether it did.
func (p *params) keepsAside(c *cacheRun, status int, rules *policy.CacheRules) bool {
	asked := rules.PasswordsAskedNotStored && (status == 401 || status == 407)
	switch {
	case asked && c.validating, rules.PartsIgnored && (status == 206 && (c.validating || c.foreign) || status == 416 && c.store):
		return true
	case !asked && (c.store || !rules.HEADForgets):
		return false
	case c.store || c.foreign || c.query.Mode != CacheReload && !asksAnew(c.query.Headers):
		c.cache.Invalidate(c.query)
	}
	return true
}

// settleWhenChecked is toCache for a response whose checks are to come.
func (p *params) settleWhenChecked(c *cacheRun, res *HTTPResponse) *HTTPResponse {
	switch {
	case c.validating && res.Status == 304 || c.foreign && res.Status == 304:
		c.later = false
		return p.toCache(c, res)
	case res.LeadsOn():
		around := p.r.rules().HTTPCache.RedirectsGoAround && (hasFragment(p.r.currentURL()) || len(p.r.urls) > mostStoredRedirects)
		if c.store && !around {
			if s := c.cache.Store(c.query, res, c.sent, c.now()); s.Step != 0 {
				p.trace.Add(s.Step, s.Got, "")
			}
		}
	case res.Status != 304 || p.r.XMLHttpRequest && p.r.rules().HTTPCache.XHRRemembered:
		d := p.r.departs()
		d.unsettled, d.run, d.received, d.answer = true, *c, c.now(), res
	}
	return res
}

// settle stores the response that has passed its checks, or drops what it takes the place of.
func (p *params) settle() {
	d := p.r.departures
	d.unsettled = false
	if d.run.store && !(p.r.rules().HTTPCache.RedirectsGoAround && len(p.r.urls) > 1 && hasFragment(p.r.currentURL())) {
		if s := d.run.cache.Store(d.run.query, d.answer, d.run.sent, d.received); s.Step != 0 {
			p.trace.Add(s.Step, s.Got, "")
		}
	} else if d.answer.Status != 304 && d.run.cache.Invalidate(d.run.query) {
		p.trace.Add(policy.HTTPCacheInvalidated, d.run.query.URL, "")
	}
}

// goesAround reports whether the request is one that a redirect led on which the network gave, or after which too many
// came (CacheRules.RedirectsGoAround).
func (p *params) goesAround() bool {
	redirects := len(p.r.urls) - 1
	return redirects > 0 && (!p.r.departs().redirectStored || redirects > mostStoredRedirects)
}

// leftOwn reports whether the last redirect led from the page's own origin to another.
func (p *params) leftOwn() bool {
	return p.r.cameFromOwn() && !p.r.currentURL().SameOrigin(p.r.Origin)
}

// mostStoredRedirects is how many redirects of a request may be stored.
const mostStoredRedirects = 5

func hasFragment(u *origin.URL) bool {
	_, has := u.Fragment()
	return has
}

// revalidation is HTTP-network-or-cache fetch 8.26.2.1: the request that brings a stored response up to date while it
// is used.
func (r *Request) revalidation() *Request {
	c := *r
	// A clone stands on its own legs.
	c.urls = slices.Clone(r.urls)
	c.Headers = slices.Clone(r.Headers)
	c.Cache = CacheNoCache
	c.preventNoCacheHeader = true
	c.Room = nil
	return &c
}

// revalidate runs the revalidations that the fetch has left to be made. Their exchanges are noted, and nothing else
// of them.
func (p *params) revalidate(ctx context.Context) {
	if p.filter == TypeError && p.r.rules().HTTPCache.BlockedNotRevalidated {
		return
	}
	for _, r := range p.background {
		f := *p.f
		f.Trace = nil
		res := new(Response)
		run := params{ctx: ctx, f: &f, r: r, res: res}
		res.Deciding = -1
		run.mainFetch(false)
		for i := range res.Exchanges {
			res.Exchanges[i].Background = true
		}
		p.res.Exchanges = append(p.res.Exchanges, res.Exchanges...)
	}
}

// isSafeMethod reports whether HTTP calls the method safe (RFC 9110, section 9.2.1).
func isSafeMethod(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return false
}

// upgrade is main fetch 5 and 6: it has the current URL asked for over https where the page says so, and where the
// page is secure and the request is for something that is upgraded sooner than blocked.
func (p *params) upgrade(u *origin.URL) *origin.URL {
	r := p.r
	if u.Scheme() != "http" || r.Client == nil {
		return u
	}
	// 5. Upgrade request to a potentially trustworthy URL 1.-2. Navigations are left alone: not modelled are those of
	// forms, of frames and to hosts of the page's own.
	if r.Client.UpgradesInsecureRequests && r.Mode != Navigate {
		rules := r.rules()
		if len(r.urls) < 2 {
			if rules.UpgradesSpareTrustworthy && p.trustworthy ||
				rules.UpgradesHidden && r.Mode == SameOrigin && !u.SameOrigin(r.Origin) {
				return u
			}
			if rules.UpgradesHidden {
				r.departs().upgradeHidden = true
			}
		}
		if (rules.UpgradesSpareTrustworthyAlways || rules.UpgradesToOwnOriginTainted) && p.sparesUpgrade(u) {
			return u
		}
		// 3.-5. Equivalent: where the algorithm says the request's URL it means the current one, or it could not
		// upgrade after a redirect, as its note says it does.
		return p.upgraded(u, policy.MainUpgradeInsecure)
	}
	// 6. As in 5., the URL is the current one.
	if p.mixedContent(u).Upgrades() {
		return p.upgraded(u, policy.MainUpgradeMixedContent)
	}
	return u
}

// upgradeByHSTS is main fetch 10.
func (p *params) upgradeByHSTS(u *origin.URL) *origin.URL {
	if p.f.HSTS == nil || u.Scheme() != "http" || p.r.rules().HSTSRedirects {
		return u
	}
	known, ok := p.knownHSTS(u)
	if !ok {
		return u
	}
	p.trace.Add(policy.MainUpgradeHSTS, u.String(), known)
	if p.r.rules().UpgradesShowRedirect {
		p.r.departs().redirectShown = true
	}
	p.replaceByHTTPS(u)
	return p.r.currentURL()
}

// replaceByHTTPS gives the current URL the scheme https. Where an upgrade is a redirect to a profile, the headers
// return as after one (DroppedHeadersReturn).
func (p *params) replaceByHTTPS(u *origin.URL) {
	r := p.r
	taint := r.redirectTaint
	r.replaceCurrentURL(u.WithScheme("https"))
	if r.rules().UpgradesTaintAsAsked {
		r.redirectTaint = taint
	}
	if r.rules().DroppedHeadersReturn && len(r.urls) > 1 {
		r.restoreWritten()
		if r.rules().UpgradesBeforeReferrer {
			r.ReferrerKind, r.Referrer = r.departures.firstReferrerKind, r.departures.firstReferrer
		}
	}
	p.trustworthy = true
}

// knownHSTS returns the known HSTS host by which the host of an http URL is one.
func (p *params) knownHSTS(u *origin.URL) (known string, ok bool) {
	// The conditions, the cheapest first. Not modelled: DNS.
	if u.HostKind() != origin.HostDomain {
		return "", false
	}
	host, _ := u.Host()
	if known, ok = p.f.HSTS.Match(host); !ok || p.leavesHSTS(u) || p.r.Client != nil && p.r.rules().HSTSForNavigationsAlone {
		return "", false
	}
	if suffix, _ := origin.PublicSuffix(host); suffix == "localhost" || suffix == "localhost." {
		return "", false
	}
	return known, true
}

// redirectByHSTS answers the request in the place of a host that wants HTTPS alone, under the rule HSTSRedirects.
func (p *params) redirectByHSTS(r *Request, u *origin.URL, known string, preflight bool) (*HTTPResponse, bool) {
	p.trace.Add(policy.MainUpgradeHSTS, u.String(), known)
	if preflight {
		return nil, p.fail(policy.PreflightRedirect, "307", "")
	}
	p.cacheState, p.res.Stored = CacheStateLocal, nil
	secure := u.WithScheme("https")
	return &HTTPResponse{Status: 307, Headers: Headers{{"Location", secure.String()},
		{"Access-Control-Allow-Origin", r.serializedOrigin()}, {"Access-Control-Allow-Credentials", "true"},
		{"Cross-Origin-Resource-Policy", "cross-origin"}}}, true
}

// upgraded gives the current URL the scheme https.
func (p *params) upgraded(u *origin.URL, s policy.Step) *origin.URL {
	p.trace.Add(s, u.String(), "")
	if p.r.rules().UpgradesShowRedirect {
		p.r.departs().redirectShown = true
	}
	p.replaceByHTTPS(u)
	return p.r.currentURL()
}

// mixedContent is what the algorithms of mixed content ask about the request at its current URL.
func (p *params) mixedContent(u *origin.URL) policy.MixedContentContext {
	r := p.r
	c := policy.MixedContentContext{
		Prohibits: r.Client != nil && r.Client.ProhibitsMixedContent, Trustworthy: p.trustworthy,
		TopLevel: r.Destination == DestinationDocument, ImageSet: r.Initiator == InitiatorImageSet,
	}
	if rules := r.rules(); c.Prohibits && rules.LoopbackMixed && u.Scheme() == "http" {
		c.Trustworthy = false
	}
	if c.Prohibits && !c.Trustworthy && r.rules().LocalNetworkNotMixed {
		// Of this machine's addresses those alone get here that are not potentially trustworthy.
		if space := u.Origin().AddressSpace(); space == origin.Local || space == origin.Loopback {
			c.Prohibits = false
		}
	}
	switch r.Destination {
	case DestinationImage, DestinationAudio, DestinationVideo:
		c.Media = true
		c.Address = u.HostKind() == origin.HostIPv4 || u.HostKind() == origin.HostIPv6
	}
	return c
}

// noteHSTS processes the Strict-Transport-Security header of a response from the URL.
//
// https://www.rfc-editor.org/rfc/rfc6797.html#section-8.1
func (p *params) noteHSTS(u *origin.URL, h Headers) {
	if p.f.HSTS == nil {
		return
	}
	for i := range h {
		if len(h[i].Name) != len("strict-transport-security") || !equalFold(h[i].Name, "strict-transport-security") {
			continue
		}
		// The first header counts, and no other.
		s, got := policy.HSTSInsecure, h[i].Value
		if p.leavesHSTS(u) {
			s = policy.HSTSThirdParty
		} else if u.Scheme() == "https" {
			host, _ := u.Host()
			s, got = p.f.HSTS.Note(host, u.HostKind(), h[i].Value, p.trace != nil)
		}
		p.trace.Add(s, got, "")
		return
	}
}
