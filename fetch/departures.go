package fetch

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// What profiles have a fetch do otherwise than the standard, where that takes a function of its own. The HTTP cache has
// httpcachekinds.go, storedredirect.go and cacherange.go.

// departures is what a fetch remembers of its request where a profile departs from the standard.
type departures struct {
	sentContentType   string // goes on the wire in the place of the Content-Type, which is only judged by; empty for none
	method            string // Method and headers as at first, with which redirects begin
	headers           Headers
	asked             Headers      // what preflights go by in the place of the request's own headers; nil: by those
	stickyAsWritten   bool         // the request as written needs consent, and every redirect asks
	laterStep         policy.Step  // why a redirect fails, but only after the preflight at the next URL
	laterAt           int          // the exchange that brought that redirect
	goneContentType   string       // what a redirect took away that made the request a GET, where it returns
	redirectShown     bool         // scripts see a redirect, whatever the URLs say
	upgradedToOwn     bool         // an upgrade made the page's own host its own origin, which taints the response
	firstReferrerKind ReferrerKind // Referrer as at first
	firstReferrer     *policy.Referrer
	upgradeHidden     bool // scripts see the URL as it was before it was upgraded

	// referrer is the one as at first, or as a redirect's policy found it, where a policy that is tightened for one URL
	// takes nothing from the next.
	referrer          *policy.Referrer
	referrerTightened bool // the referrer policy that holds at the current URL is a tightened one

	kept           *KeptRequest  // the one that brought the stored redirect that is followed
	asKept         bool          // the request has the headers and the credentials mode of that one
	ownHeaders     Headers       // its own, then
	ownCredentials Credentials   // likewise
	keptAnew       bool          // it wanted nothing stored, or a confirmation
	redirectStored bool          // the redirect before the current URL came from the HTTP cache
	confirming     *HTTPResponse // what is stored where redirects led, and is to be confirmed from the first URL on
	confirmingAt   string        // its URL
	confirmingLed  []origin.URL  // the URLs on the way there

	preflights     *PreflightCache // what the preflights of a request left that a redirect gave the Origin null
	replacesStored bool            // what comes takes the place of another answer
	unsettled      bool            // what follows is to be stored, once it has passed its checks
	run            cacheRun        // the part of the HTTP cache in it
	answer         *HTTPResponse   // what is to be stored
	received       time.Time       // when the answer was
}

// departs returns the request's departures, made where there are none.
func (r *Request) departs() *departures {
	if r.departures == nil {
		r.departures = new(departures)
	}
	return r.departures
}

// SendContentType has a Content-Type go on the wire in the place of the one among Headers, which is only judged by.
func (r *Request) SendContentType(value string) { r.departs().sentContentType = value }

// keepWritten notes the request as the script wrote it (Profile.DroppedHeadersReturn, PreflightSticksAsWritten).
func (r *Request) keepWritten() {
	d := r.departs()
	d.method, d.headers = r.Method, r.Headers.Clone()
	d.firstReferrerKind, d.firstReferrer = r.ReferrerKind, r.Referrer
	if r.rules().PreflightSticksAsWritten && r.Mode == CORS {
		var buf [16]string
		d.stickyAsWritten = r.UploadListener || r.UnsafeRequest && len(r.unsafeNames(buf[:0])) > 0
	}
}

// dropDataURLBlanks takes the blanks out of a data: URL that is base64 (Profile.DataURLBlanksDropped).
func (r *Request) dropDataURLBlanks() {
	before := r.URL.WithoutFragment()
	typ, _, found := strings.Cut(strings.TrimPrefix(before, "data:"), ",")
	if _, base64 := cutBase64(strings.TrimSpace(typ)); !found || !base64 {
		return
	}
	after := strings.ReplaceAll(before, " ", "")
	if u, err := origin.ParseURL(after+r.URL.String()[len(before):], nil); err == nil {
		r.URL = u
	}
}

// returnContentType gives a request that a redirect made a GET its Content-Type back, where a later one does that
// (Profile.ContentTypeReturns).
func (r *Request) returnContentType(status int, location *origin.URL) {
	if status == 307 || status == 308 || r.Mode == CORS && (r.tainting == TaintCORS || !location.SameOrigin(r.Origin)) {
		r.Headers.Set("Content-Type", r.departures.goneContentType)
	}
}

// restoreWritten gives a request that is redirected the headers that it had at first; but a Content-Type that
// XMLHttpRequest added by itself stays away.
func (r *Request) restoreWritten() {
	r.departures.asked = nil
	had := r.Headers.Has("Content-Type")
	r.Headers = r.departures.headers.Clone()
	if own, ok := r.Headers.Get("Content-Type"); ok && !had && r.XMLHttpRequest && own == "text/plain;charset=UTF-8" {
		r.Headers.Delete("Content-Type")
	}
}

// askForDropped has the preflight at the next URL ask for headers that a redirect drops once more, behind one that made
// the request a GET; but not for an Authorization that this one drops.
func (r *Request) askForDropped(from, to *origin.URL) {
	r.departures.asked = r.Headers.Clone()
	if !to.SameOrigin(from.Origin()) {
		r.departures.asked.Delete("Authorization")
	}
}

// overwritten returns the headers without those that a later one of the same name takes the place of: those that an
// empty value follows, and an empty one that another follows (Profile.EmptyRequestHeaderResets); and, of headers that
// are no lists, all but the last (Profile.SingletonsNotJoined), or but the first Content-Type where there is a body.
func overwritten(h Headers, singletons, body bool) Headers {
	if !slices.ContainsFunc(h, func(x Header) bool { return x.Value == "" || singletonKind(x.Name) != manyLines }) {
		return h
	}
	const joins, replaces = 1, 2 // what the later ones of the name do to those before
	later := make(map[string]int, len(h))
	out := make(Headers, 0, len(h))
	for i := len(h) - 1; i >= 0; i-- {
		key := lower(h[i].Name)
		seen := later[key]
		if singletons && body && key == "content-type" && seen != 0 {
			at := slices.IndexFunc(out, func(x Header) bool { return equalFold(x.Name, key) })
			out[at].Value = h[i].Value
			continue
		}
		if seen == 0 || seen == joins && h[i].Value != "" {
			out = append(out, h[i])
		}
		later[key] = max(seen, joins)
		if h[i].Value == "" || singletons && singletonKind(key) != manyLines {
			later[key] = replaces
		}
	}
	slices.Reverse(out)
	return out
}

// withFirstOfSingletons returns the response with one line of each header that is no list; ok is false where there are
// several different lines of a header that must not have them (Profile.SingletonsNotJoined). Several different lines of
// Location stay, for locationURL to find.
func withFirstOfSingletons(res *HTTPResponse) (_ *HTTPResponse, ok bool) {
	first := map[string]int{} // where a name stands in out
	var out Headers
	for i := range res.Headers {
		h := res.Headers[i]
		kind := singletonKind(h.Name)
		key := ""
		if kind != manyLines {
			key = lower(h.Name)
		}
		at, again := first[key]
		switch {
		case kind == manyLines:
			out = append(out, h)
		case !again:
			first[key] = len(out)
			out = append(out, h)
		case kind == joinedLines:
			if out[at].Value != "" {
				out[at].Value += ","
			}
			out[at].Value += h.Value
		case kind == sameLines && h.Value != out[at].Value:
			if key != "location" {
				return res, false
			}
			out = append(out, h)
		}
	}
	if len(out) == len(res.Headers) {
		return res, true
	}
	changed := *res
	changed.Headers = out
	return &changed, true
}

// What SingletonsNotJoined makes of several lines of one response header.
const (
	manyLines   = iota // a list
	firstLine          // the first counts
	sameLines          // all have to be the same
	joinedLines        // joined by a comma
)

func singletonKind(name string) int {
	switch len(name) {
	case len("from"):
		if equalFold(name, "from") || equalFold(name, "host") {
			return firstLine
		}
	case len("referer"):
		if equalFold(name, "referer") || equalFold(name, "sec-gpc") {
			return firstLine
		}
	case len("location"):
		if equalFold(name, "location") {
			return sameLines
		}
	case len("user-agent"):
		if equalFold(name, "user-agent") {
			return firstLine
		}
	case len("content-type"):
		if equalFold(name, "content-type") {
			return joinedLines
		}
		if equalFold(name, "max-forwards") {
			return firstLine
		}
	case len("authorization"):
		if equalFold(name, "authorization") {
			return firstLine
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			return sameLines
		}
	case len("if-modified-since"):
		if equalFold(name, "if-modified-since") {
			return firstLine
		}
	case len("content-disposition"): // and of proxy-authorization, if-unmodified-since
		switch {
		case equalFold(name, "content-disposition"):
			return sameLines
		case equalFold(name, "proxy-authorization"), equalFold(name, "if-unmodified-since"):
			return firstLine
		}
	case len("strict-transport-security"):
		if equalFold(name, "strict-transport-security") {
			return firstLine
		}
	}
	return manyLines
}

// headersAsUTF8 writes the bytes above 0x7F of each value, in place, as UTF-8 has code points of those numbers
// (Profile.HeaderBytesAsUTF8). Cookies are the network library's own.
func headersAsUTF8(h Headers) {
	for i := range h {
		if !equalFold(h[i].Name, "cookie") {
			h[i].Value = isomorphicDecode(h[i].Value)
		}
	}
}

// withValidUTF8 returns the response with U+FFFD in the place of each byte of a header that is no UTF-8
// (Profile.HeaderBytesAsUTF8).
func withValidUTF8(res *HTTPResponse) *HTTPResponse {
	if !slices.ContainsFunc(res.Headers, func(h Header) bool { return !utf8.ValidString(h.Value) }) {
		return res
	}
	valid := *res
	valid.Headers = res.Headers.Clone()
	for i := range valid.Headers {
		h := &valid.Headers[i]
		if !equalFold(h.Name, "set-cookie") && !utf8.ValidString(h.Value) {
			h.Value = string([]rune(h.Value)) // a byte that is no UTF-8 becomes U+FFFD
		}
	}
	return &valid
}

// rewriteRanges writes each Range of one range with numbers smaller than 2^63 anew, in place (Profile.RangesRewritten).
func rewriteRanges(h Headers) {
	for i := range h {
		if equalFold(h[i].Name, "range") {
			if from, to, ok := parseByteRange(h[i].Value); ok {
				h[i].Value = byteRange(from, to)
			}
		}
	}
}

// withoutEmptyRepeats returns the response without the empty lines of headers that have other lines as well; of several
// empty lines alone one stays. Those of Location stay, and those of Access-Control-Allow-Origin for the CORS check, if
// several lines are spelled in this way (Profile.EmptyLinesSkipped).
func withoutEmptyRepeats(res *HTTPResponse, cors bool) *HTTPResponse {
	named := map[string]bool{} // whether a name has a line that is not empty
	empty, counted := false, 0
	for _, h := range res.Headers {
		if h.Name == "Access-Control-Allow-Origin" {
			counted++
		}
		empty = empty || h.Value == ""
		named[lower(h.Name)] = named[lower(h.Name)] || h.Value != ""
	}
	if !empty {
		return res
	}
	several := cors && counted > 1
	out := *res
	out.Headers = slices.DeleteFunc(res.Headers.Clone(), func(h Header) bool {
		if h.Value != "" || equalFold(h.Name, "location") || several && equalFold(h.Name, "access-control-allow-origin") {
			return false
		}
		key := lower(h.Name)
		if named[key] {
			return true
		}
		named[key] = true // one empty line stays
		return false
	})
	return &out
}

// joinedToMisdirected is the answer to the second try with the Content-Type of the first before its own
// (Profile.MisdirectedTypeJoined).
func (p *params) joinedToMisdirected(second, first *HTTPResponse) *HTTPResponse {
	before, _ := first.Headers.Get("Content-Type")
	own, ok := second.Headers.Get("Content-Type")
	if before == "" || !ok {
		return second
	}
	joined := *second
	joined.Headers = second.Headers.Clone()
	joined.Headers.Set("Content-Type", before+","+own)
	if i := p.exchange(); i >= 0 {
		p.res.Exchanges[i].Response = &joined
	}
	return &joined
}

// departingReferer returns the Referer of a request or its preflight under CrossSiteReferrersCut and
// PreflightRefererAsAtFirst.
func (p *params) departingReferer(u *origin.URL, preflight bool) string {
	referer := p.referer
	if preflight && len(p.r.urls) > 1 && p.r.rules().PreflightRefererAsAtFirst {
		referer = p.firstReferer
	}
	if !p.r.rules().CrossSiteReferrersCut || policy.SiteOf(u.Origin()).SchemelesslySame(p.r.partition()) {
		return referer
	}
	return referer[:originEnd(referer)]
}

// sparesUpgrade reports whether upgrade-insecure-requests leaves a URL alone: a potentially trustworthy one
// (Profile.UpgradesSpareTrustworthyAlways), and one of another origin in the mode same-origin, which forbids it then
// (Profile.UpgradesToOwnOriginTainted). It notes where the upgrade leads to the page's own origin.
func (p *params) sparesUpgrade(u *origin.URL) bool {
	r := p.r
	if r.rules().UpgradesSpareTrustworthyAlways && p.trustworthy {
		return true
	}
	if !r.rules().UpgradesToOwnOriginTainted || u.SameOrigin(r.Origin) {
		return false
	}
	if r.Mode == SameOrigin {
		return true
	}
	if r.tainting == TaintBasic && u.WithScheme("https").SameOrigin(r.Origin) {
		r.departs().upgradedToOwn = true
	}
	return false
}

// ownByUpgrade reports whether a request at its page's own origin is one that was sent there by an upgrade.
func (r *Request) ownByUpgrade() bool {
	return r.departures != nil && r.departures.upgradedToOwn && r.distance() == distanceSameOrigin
}

// leavesNoPreflight reports whether the answer to the request's preflight is kept for nobody
// (Profile.TaintedPreflightsForgotten).
func (r *Request) leavesNoPreflight() bool {
	return r.rules().TaintedPreflightsForgotten && (r.redirectTaint != TaintSameOrigin || r.Origin.IsOpaque())
}

// preflightCache is the cache that the request's preflights go by, which may be one of its own
// (Profile.RedirectedPreflightsForgotten); nil if there is none.
func (p *params) preflightCache() *PreflightCache {
	if p.f.Cache == nil || !p.r.rules().RedirectedPreflightsForgotten || p.r.redirectTaint == TaintSameOrigin {
		return p.f.Cache
	}
	d := p.r.departs()
	if d.preflights == nil {
		d.preflights = new(PreflightCache)
	}
	return d.preflights
}

// bypassesPreflights reports whether the request asks whatever the preflight cache holds
// (Profile.CacheModesBypassPreflights).
func (r *Request) bypassesPreflights() bool {
	if !r.rules().CacheModesBypassPreflights {
		return false
	}
	switch r.Cache {
	case CacheNoStore, CacheReload:
		return true
	case CacheNoCache:
		return !r.rules().NoCacheUsesPreflights
	case CacheDefault:
		// What HTTP-network-or-cache fetch 8.16 makes the mode later on.
		return hasConditional(r.Headers) && !r.conditionalReplaces()
	}
	return false
}

// bypassing is what makes a request bypass the preflight cache: its cache mode, or the name of a header.
func (r *Request) bypassing() string {
	if r.Cache == CacheDefault {
		for i := range r.Headers {
			if hasConditional(r.Headers[i : i+1]) {
				return r.Headers[i].Name
			}
		}
	}
	return r.Cache.String()
}

// leavesHSTS reports whether HSTS has nothing to do with a URL, because another site's page asks for it
// (Profile.HSTSFirstPartyAlone).
func (p *params) leavesHSTS(u *origin.URL) bool {
	return p.r.rules().HSTSFirstPartyAlone && !policy.SiteOf(u.Origin()).SchemelesslySame(p.r.partition())
}

// cameFromOwn reports whether the redirect that led to the current URL was one of the page's own origin.
func (r *Request) cameFromOwn() bool {
	return len(r.urls) > 1 && r.urls[len(r.urls)-2].SameOrigin(r.Origin)
}

// isZeroAddress reports whether a URL's host is 0.0.0.0 (Profile.ZeroAddressBlocked).
func isZeroAddress(u *origin.URL) bool {
	host, _ := u.Host()
	return host == "0.0.0.0"
}

// preflightsFirst makes the preflight of a request that was redirected to a URL where it will be blocked
// (Profile.RedirectedPreflightFirst). It reports whether there was none, or none that failed.
func (p *params) preflightsFirst(u *origin.URL) bool {
	r := p.r
	if r.Mode != CORS || r.tainting == TaintBasic && u.SameOrigin(r.Origin) {
		return true
	}
	if Classify(r) != Preflighted {
		return true
	}
	p.trace.Add(policy.MainCORSWithPreflight, u.String(), r.Origin.String())
	r.tainting = TaintCORS
	return p.corsPreflight()
}

// failsLater notes that a redirect fails the check for the credentials that RedirectCheckKeepsCredentials keeps. It
// reports whether the request fails only after the preflight at the next URL: that is so where nothing but those fail,
// and preflights come first (Profile.RedirectedPreflightFirst).
func (p *params) failsLater(s policy.Step, res *HTTPResponse) bool {
	r := p.r
	if !r.rules().RedirectedPreflightFirst || !CORSCheck(r.serializedOrigin(), r.Credentials, res.Headers).OK() {
		return false
	}
	d := r.departs()
	d.laterStep, d.laterAt = s, p.exchange()
	p.traceCORSCheck(s, res.Headers)
	return true
}

// credentialsFailLater is failsLater for the redirect that leads a request from the page's own origin to the URL of
// another with a user name or a password.
func (p *params) credentialsFailLater(location *origin.URL) bool {
	if p.r.tainting != TaintBasic || p.r.Mode != CORS || !p.r.rules().RedirectedPreflightFirst {
		return false
	}
	const s = policy.RedirectCredentialsCrossOrigin
	d := p.r.departs()
	d.laterStep, d.laterAt = s, p.exchange()
	p.trace.Add(s, location.String(), "")
	return true
}

// failLater ends a fetch of which failsLater or credentialsFailLater said that it would fail.
func (p *params) failLater(u *origin.URL) bool {
	if !p.preflightsFirst(u) {
		return false
	}
	p.res.Step, p.res.Deciding = p.r.departures.laterStep, p.r.departures.laterAt
	p.internal, p.filter = nil, TypeError
	return false
}

// withSuffixAsSite is s, or what comes of the check where the page's host is a public suffix and the URL's host is
// below it (Profile.ResourcePolicySuffixesAreSites).
func withSuffixAsSite(s policy.Step, r *Request) policy.Step {
	u := r.currentURL()
	page := r.Origin.Host()
	host, _ := u.Host()
	switch {
	case page == "" || !strings.HasSuffix(host, "."+page):
		return s
	case r.Origin.Scheme() != "https" && u.Scheme() == "https":
		return policy.CORPSameSiteDowngrade
	}
	return policy.CORPSameSite
}

// isUnknownRedirect reports whether UnknownRedirectsFollowed takes a response for a redirect.
func isUnknownRedirect(res *HTTPResponse) bool {
	location, _ := res.Headers.Get("Location")
	return 309 <= res.Status && res.Status <= 399 && location != ""
}

// originEnd returns where in a serialized HTTP(S) URL the slash after the origin ends; of the empty string, 0.
func originEnd(url string) int {
	_, rest, _ := strings.Cut(url, "://")
	i := strings.IndexByte(rest, '/')
	return len(url) - len(rest) + i + 1
}

// tellsOpaqueOrigin reports whether a GET or HEAD without CORS has Origin: null (Profile.OpaqueOriginWithCredentials,
// OpaqueOriginUntilRedirect).
func (p *params) tellsOpaqueOrigin(r *Request) bool {
	if !r.Origin.IsOpaque() || r.Credentials != Include {
		return false
	}
	first := &r.URL
	if len(r.urls) > 0 {
		first = &r.urls[0] // as it was upgraded
	}
	site := policy.SiteOf(first.Origin())
	if p.r.rules().OpaqueOriginUntilRedirect {
		return p.trustworthy && site.SchemelesslySame(r.partition()) && !r.leftOrigin()
	}
	return site == r.partition() && !r.methodChanged
}

// tightenReferrer is the referrer to begin with at the current URL where the profile tightens policies for one URL
// alone; it notes whether it does so here. A policy that a redirect brings along leaves what was left out before left
// out (Profile.CrossSiteReferrersTightened).
func (p *params) tightenReferrer(u *origin.URL, source *policy.Referrer) *policy.Referrer {
	d := p.r.departs()
	if d.referrer == nil {
		d.referrer = source
	}
	switch p.r.ReferrerPolicy {
	case policy.UnsafeURL, policy.NoReferrerWhenDowngrade, policy.OriginWhenCrossOrigin:
		if !policy.SchemelesslySameSite(p.r.Origin, u.Origin()) {
			d.referrerTightened = true
			return source
		}
	}
	if d.referrerTightened {
		d.referrerTightened = false
		p.r.ReferrerKind, p.r.Referrer = ReferrerURL, d.referrer
		return d.referrer
	}
	return source
}

// loopbackSite is the Sec-Fetch-Site, not same-origin, under LoopbackSitesIgnoreSchemes: of the current URL alone, or
// of all of them.
func loopbackSite(r *Request, alone bool) distance {
	urls := r.URLs()
	if alone {
		urls = urls[len(urls)-1:]
	}
	if !r.Origin.PotentiallyTrustworthy() {
		return distanceCrossSite
	}
	for i := range urls {
		if !policy.SchemelesslySameSite(r.Origin, urls[i].Origin()) || i < len(urls)-1 && urls[i].Scheme() != "https" {
			return distanceCrossSite
		}
	}
	return distanceSameSite
}

// justLeftOrigin reports whether the last redirect led the request from one origin to another.
func (r *Request) justLeftOrigin() bool {
	n := len(r.urls)
	return n > 1 && !r.urls[n-1].SameOrigin(r.urls[n-2].Origin())
}

// leftOrigin reports whether a redirect led the request from one origin to another.
func (r *Request) leftOrigin() bool {
	for i := 1; i < len(r.urls); i++ {
		if !r.urls[i].SameOrigin(r.urls[i-1].Origin()) {
			return true
		}
	}
	return false
}
