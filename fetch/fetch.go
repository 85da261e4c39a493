package fetch

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// A Fetcher runs fetches. Network is all it needs; a Fetcher may be used from many goroutines if its parts may.
type Fetcher struct {
	// Network answers the requests.
	Network Network
	// Profile holds what the browser does otherwise than the standard; nil is the standard.
	Profile *policy.Profile
	// Cache is the CORS-preflight cache; nil for a browser that has none.
	Cache *PreflightCache
	// Cookies is the cookie store; nil for a browser that has none.
	Cookies Cookies
	// HTTPCache is the HTTP cache; nil for a browser that has none.
	HTTPCache HTTPCache
	// HSTS is the store of hosts that want HTTPS alone; nil for a browser that has none.
	HSTS HSTS
	// Now tells the time; nil stands for time.Now.
	Now func() time.Time
	// UserAgent is the value of the User-Agent header; empty for none.
	UserAgent string
	// Trace receives the steps of every fetch; nil is off.
	Trace policy.Trace
}

// maxRedirects is how many redirects a fetch follows (HTTP-redirect fetch 7).
const maxRedirects = 20

// maxKeepaliveBody is how many bytes the bodies of keepalive requests may hold together
// (HTTP-network-or-cache fetch 8.10.5).
const maxKeepaliveBody = 64 << 10

// Fetch fetches a request and returns what the page sees. Blocked is a response of the type error with the step that
// blocked it, never a Go error.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func (f *Fetcher) Fetch(ctx context.Context, r *Request) *Response {
	res := new(Response)
	f.FetchInto(ctx, r, res)
	return res
}

// FetchInto is Fetch into a zero Response of the caller's, which saves an allocation. The response must not be copied
// afterwards.
func (f *Fetcher) FetchInto(ctx context.Context, r *Request, res *Response) {
	run := params{ctx: ctx, f: f, r: r, res: res, trace: r.Trace}
	if run.trace == nil {
		run.trace = f.Trace
	}
	res.Deciding = -1
	r.profile = f.Profile
	if r.rules().RequestHeadersCombined && len(r.Headers) > 1 {
		r.Headers = appendCombined(make(Headers, 0, len(r.Headers)+1), r.Headers)
	}
	if r.Body.isStream() && r.Mode == SameOrigin && r.rules().StreamsMakeCORS {
		r.Mode = CORS
	}
	// 4.
	r.populateFromClient()
	if r.ReferrerKind == ReferrerNone && r.rules().NoReferrerHidesOrigin {
		r.ReferrerPolicy = policy.NoReferrer
	}
	if r.rules().DataURLBlanksDropped && r.URL.Scheme() == "data" {
		r.dropDataURLBlanks()
	}
	if r.rules().StreamsNotSent && r.Body.isStream() {
		run.fail(policy.NetworkStreamRefused, "", "")
		run.handover()
		return
	}
	// 1.-3., 5.-11. Not modelled: tasks, timing, preloads.
	// 12.
	if !r.Headers.Has("Accept") {
		value := "*/*"
		switch r.Destination {
		case DestinationDocument, DestinationFrame, DestinationIframe:
			value = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
		case DestinationImage:
			value = "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
		case DestinationJSON:
			value = "application/json,*/*;q=0.5"
		case DestinationStyle:
			value = "text/css,*/*;q=0.1"
		case DestinationText:
			value = "text/plain,*/*;q=0.5"
		}
		r.Headers = append(r.Headers, Header{"Accept", value})
	}
	if r.rules().DroppedHeadersReturn || r.rules().PreflightSticksAsWritten {
		r.keepWritten()
	}
	// 13.-14. Not modelled: an Accept-Language of the browser's own, which no rule of CORS looks at.
	// 15.-16. Not modelled: priorities and fetch groups.
	// 17.
	run.mainFetch(false)
	run.handover()
	if run.background != nil {
		run.revalidate(ctx)
	}
}

// params is what the standard calls fetch params, with the response that the fetch ends in. Its methods are the
// algorithms that pass fetch params along; those that return a response return instead whether it is no network
// error, and keep the response in p: internal is the network's, filter how it is shown.
type params struct {
	ctx   context.Context
	f     *Fetcher
	r     *Request
	res   *Response
	trace policy.Trace

	internal           *HTTPResponse // the internal response
	filter             ResponseType  // TypeDefault: not filtered yet
	includeCredentials bool          // the response's request-includes-credentials
	rangeRequested     bool
	secondTry          bool // the request is made once more after a 421
	cacheState         CacheState
	background         []*Request // revalidations to be made afterwards
	trustworthy        bool       // the current URL is a potentially trustworthy URL
	referer            string     // the request's referrer as it stands, serialized; empty for none
	firstReferer       string     // referer at the first URL
	origin             string     // the Origin sent last, while redirects stay on one origin
	spare              Headers    // room for headers on the wire
}

// fail ends the fetch in a network error.
func (p *params) fail(s policy.Step, got, want string) bool {
	p.trace.Add(s, got, want)
	p.res.Step = s
	p.internal, p.filter = nil, TypeError
	return false
}

// failAtExchange is fail because of the exchange made last.
func (p *params) failAtExchange(s policy.Step, got, want string) bool {
	p.res.Deciding = p.exchange()
	return p.fail(s, got, want)
}

// exchange is the index of the exchange that the response at hand came by, -1 if it came from the HTTP cache.
func (p *params) exchange() int {
	if p.cacheState == CacheStateLocal {
		return -1
	}
	return len(p.res.Exchanges) - 1
}

// checked notes how the check of the response at hand ended.
func (p *params) checked(s policy.Step) {
	p.res.Check = s
	if i := p.exchange(); i >= 0 {
		p.res.Exchanges[i].Step = s
	}
}

func (p *params) now() int64 {
	if p.f.Now != nil {
		return p.f.Now().UnixNano()
	}
	return time.Now().UnixNano()
}

// mainFetch is main fetch.
//
// https://fetch.spec.whatwg.org/#concept-main-fetch
func (p *params) mainFetch(recursive bool) bool {
	r := p.r
	u := r.currentURL()
	p.trustworthy = u.Scheme() == "https" || u.PotentiallyTrustworthy()
	// 3.
	if r.LocalURLsOnly && !u.IsLocal() {
		return p.fail(policy.MainLocalURLsOnly, u.String(), "")
	}
	// 4. Not modelled: Content Security Policy.
	// 5.-6.
	u = p.upgrade(u)
	// 7. The port, then mixed content. Not modelled: Content Security Policy, Integrity Policy.
	if u.IsHTTP() && blocksPort(u.EffectivePort(), p.r.rules()) {
		return p.fail(policy.MainBadPort, u.String(), "")
	}
	if r.rules().ZeroAddressBlocked && isZeroAddress(u) && (!recursive || u.Scheme() == "https" && r.cameFromOwn()) {
		return p.fail(policy.MainZeroAddress, u.String(), "")
	}
	if recursive && r.departures != nil && r.departures.laterStep != 0 {
		return p.failLater(u)
	}
	if (!p.trustworthy || r.rules().LoopbackMixed) && p.mixedContent(u).BlocksRequest() {
		if recursive && r.rules().RedirectedPreflightFirst && !p.preflightsFirst(u) {
			return false
		}
		return p.fail(policy.MainMixedContent, u.String(), "https:")
	}
	// 8.
	if r.ReferrerPolicy == policy.ReferrerPolicyEmpty {
		r.ReferrerPolicy = r.policies().ReferrerPolicy
		if r.ReferrerPolicy == policy.ReferrerPolicyEmpty {
			r.ReferrerPolicy = policy.DefaultReferrerPolicy
		}
	}
	// 9.
	if r.rules().UpgradesBeforeReferrer {
		u = p.upgradeByHSTS(u)
	}
	p.determineReferrer(u)
	// 10. 11. is about running in parallel.
	u = p.upgradeByHSTS(u)
	if !recursive {
		p.firstReferer = p.referer
	}
	// 12.
	ok := p.choose(u)
	// 13.
	if recursive || !ok {
		return ok
	}
	// 14.-15.
	if p.filter == TypeDefault {
		p.filterResponse()
	}
	// 16.-19. are in handover.
	if r.rules().ZeroAddressBlocked && isZeroAddress(r.currentURL()) && (len(r.urls) < 2 || r.cameFromOwn()) {
		return p.failAtExchange(policy.MainZeroAddress, r.currentURL().String(), "")
	}
	// 20. The response's URL is the request's current one. Not modelled: Content Security Policy for responses.
	if !p.trustworthy && p.mixedContent(r.currentURL()).BlocksResponse() {
		return p.failAtExchange(policy.MainMixedContentResponse, r.currentURL().String(), "https:")
	}
	// Scripts and style sheets alone are asked about their types.
	if r.Destination != DestinationEmpty {
		if s := MIMETypeCheck(r.Destination, p.internal.Headers); !s.OK() {
			return p.failAtExchange(s, "", "")
		}
		if s := NosniffCheck(r.Destination, p.internal.Headers); !s.OK() {
			return p.failAtExchange(s, "", "")
		}
	}
	// 21.
	if p.filter == TypeOpaque && isRangeStatus(p.internal.Status) && p.rangeRequested && !r.Headers.Has("Range") {
		return p.failAtExchange(policy.MainRangeNotRequested, "", "")
	}
	// 22.-24. are in handover. Not modelled: integrity metadata.
	return true
}

// determineReferrer is main fetch 9: it sets what the request's referrer is at its current URL.
func (p *params) determineReferrer(u *origin.URL) {
	r := p.r
	source := r.Referrer
	switch {
	case r.ReferrerKind == ReferrerNone:
		p.referer = ""
		return
	case r.ReferrerKind == ReferrerClient && r.Client != nil:
		source = &r.Client.Referrer
	case source == nil:
		return
	}
	trustworthy := p.trustworthy
	if p.r.rules().DowngradeByScheme {
		from := r.Origin.Scheme()
		if r.Origin.IsOpaque() && r.Client != nil {
			from = r.Client.BaseURL.Scheme()
		}
		trustworthy = u.Scheme() != "http" || from == "http"
	}
	if r.rules().CrossSiteReferrersTightened {
		source = p.tightenReferrer(u, source)
	}
	value, s := source.Determine(r.referrerPolicy(), u, trustworthy)
	p.trace.Add(s, value, "")
	p.referer = value
	switch {
	case value == "":
		r.ReferrerKind = ReferrerNone
	case !source.IsFull(value):
		r.ReferrerKind, r.Referrer = ReferrerURL, source.Narrow()
	}
}

// referrerPolicy is the request's referrer policy, as the profile's browser takes it.
func (r *Request) referrerPolicy() policy.ReferrerPolicy {
	if d := r.departures; d != nil && d.referrerTightened {
		return policy.StrictOriginWhenCrossOrigin
	}
	return r.ReferrerPolicy
}

// choose is main fetch 12: who answers, and how the answer may be shown.
func (p *params) choose(u *origin.URL) bool {
	r := p.r
	switch {
	case r.departures != nil && r.ownByUpgrade():
		p.trace.Add(policy.MainSameOrigin, u.String(), "")
		if r.tainting = TaintCORS; r.Mode == NoCORS {
			r.tainting = TaintOpaque
		}
		return p.schemeFetch(u)
	case r.departures != nil && r.departures.upgradeHidden && r.Mode == NoCORS && r.Redirect != RedirectFollow && !r.URL.SameOrigin(r.Origin):
		return p.fail(policy.MainNoCORSRedirectMode, r.Redirect.String(), "follow")
	// The page's own origin, data: URLs, navigations.
	case r.tainting == TaintBasic && r.distance() == distanceSameOrigin:
		p.trace.Add(policy.MainSameOrigin, u.String(), "")
		return p.schemeFetch(u)
	case u.Scheme() == "data" && !(r.Mode == NoCORS && r.Redirect != RedirectFollow && r.rules().NoCORSNeedsFollow):
		p.trace.Add(policy.MainDataURL, "", "")
		r.tainting = TaintBasic
		return p.schemeFetch(u)
	case r.Mode == Navigate || r.Mode == WebSocket || r.Mode == WebTransport:
		p.trace.Add(policy.MainNavigate, "", "")
		r.tainting = TaintBasic
		return p.schemeFetch(u)
	case r.Mode == SameOrigin:
		return p.fail(policy.MainSameOriginMode, u.String(), r.Origin.String())
	case r.Mode == NoCORS:
		if r.Redirect != RedirectFollow && !(r.departures != nil && r.departures.upgradeHidden) {
			return p.fail(policy.MainNoCORSRedirectMode, r.Redirect.String(), "follow")
		}
		p.trace.Add(policy.MainNoCORS, u.String(), "")
		r.tainting = TaintOpaque
		return p.schemeFetch(u)
	case !u.IsHTTP():
		return p.fail(policy.MainScheme, u.String(), "")
	case Classify(r) == Preflighted:
		p.trace.Add(policy.MainCORSWithPreflight, u.String(), r.Origin.String())
		p.traceCauses()
		r.tainting = TaintCORS
		r.preflighted = true
		ok := p.httpFetch(true)
		if !ok && !r.rules().FailureKeepsPreflights {
			p.clearPreflights()
		}
		return ok
	default:
		p.trace.Add(policy.MainCORS, u.String(), r.Origin.String())
		p.trace.Add(policy.ClassifySimple, "", "")
		r.tainting = TaintCORS
		ok := p.httpFetch(false)
		if !ok && r.rules().FailuresForgetPreflights {
			p.clearPreflights()
		}
		return ok
	}
}

// clearPreflights drops what the preflight cache holds for the request because it failed: main fetch 12 at its end.
func (p *params) clearPreflights() {
	if p.res.Step == policy.RedirectModeError && p.r.rules().RedirectModeKeepsPreflights {
		return
	}
	if p.f.Cache.clear(p.r) {
		p.trace.Add(policy.CacheCleared, p.r.currentURL().String(), "")
	}
}

// exposeStar reports whether a * exposes all headers although a malformed element follows it.
func (r *Request) exposeStar() bool {
	return r.rules().StarOutlivesMalformedExpose && !r.XMLHttpRequest
}

func (p *params) traceCauses() {
	if p.trace == nil {
		return
	}
	var buf [8]Cause
	for _, c := range AppendCauses(buf[:0], p.r) {
		switch {
		case c.Step == policy.ClassifyMethod:
			p.trace.Add(c.Step, p.r.Method, "")
		case c.Header != Header{}:
			p.trace.Add(c.Step, c.Header.Name, c.Header.Value)
		default:
			p.trace.Add(c.Step, "", "")
		}
	}
}

// filterResponse is main fetch 14: the view of the response that the request's tainting allows. Which headers it
// shows is worked out when somebody asks for them (Response.Headers).
func (p *params) filterResponse() {
	switch p.r.tainting {
	case TaintBasic:
		p.filter, p.res.Step = TypeBasic, policy.FilterBasic
	case TaintCORS:
		p.filter, p.res.Step = TypeCORS, policy.FilterCORS
		if p.trace != nil {
			if expose := exposeStep(p.internal.Headers, p.r.Credentials, p.r.exposeStar()); expose != 0 {
				v, _ := p.internal.Headers.Get("Access-Control-Expose-Headers")
				p.trace.Add(expose, v, "")
			}
		}
	case TaintOpaque:
		p.filter, p.res.Step = TypeOpaque, policy.FilterOpaque
	}
}

// handover fills in the response as the page sees it: main fetch 16 to 24 and fetch response handover.
func (p *params) handover() {
	r, res := p.r, p.res
	res.Type, res.Internal, res.Tainting, res.FromCache = p.filter, p.internal, r.tainting, p.cacheState
	// 17., 19.
	res.request, res.TimingAllowed = r, !r.timingAllowFailed && p.filter != TypeError
	switch p.filter {
	case TypeBasic, TypeCORS:
		// 16. is in Response.URLs.
		res.Status, res.Body = p.internal.Status, p.internal.Body
		// 22.
		if r.Method == "HEAD" || r.Method == "CONNECT" || isNullBodyStatus(res.Status) {
			res.Body = nil
		}
		p.trace.Add(res.Step, "", "")
	case TypeOpaqueRedirect, TypeOpaque:
		p.trace.Add(res.Step, "", "")
	}
}

// schemeFetch is scheme fetch.
//
// https://fetch.spec.whatwg.org/#concept-scheme-fetch
func (p *params) schemeFetch(u *origin.URL) bool {
	// 3.
	switch u.Scheme() {
	case "http", "https":
		return p.httpFetch(false)
	case "about":
		if u.Path() != "blank" && !(p.r.rules().AboutBlankInAnyCase && strings.EqualFold(u.Path(), "blank")) || p.r.rules().AboutBlocked {
			return p.fail(policy.SchemeAbout, u.String(), "about:blank")
		}
		p.internal = &HTTPResponse{200, "OK", Headers{{"Content-Type", "text/html;charset=utf-8"}}, []byte{}}
		p.trace.Add(policy.SchemeAboutBlank, "", "")
	case "blob":
		// There is no script that could have made an entry in the blob URL store.
		return p.fail(policy.SchemeBlob, u.String(), "")
	case "data":
		mimeType, body, step := ProcessDataURL(*u)
		if step == policy.SchemeData && p.r.rules().DataURLTypeAsWritten {
			mimeType = dataURLType(u.WithoutFragment())
		}
		if !step.OK() {
			return p.fail(step, u.String(), "")
		}
		p.internal = &HTTPResponse{200, "OK", Headers{{"Content-Type", mimeType}}, body}
		if p.r.rules().DataURLHasLength && !p.r.XMLHttpRequest {
			p.internal.Headers = append(p.internal.Headers, Header{"Content-Length", strconv.Itoa(len(body))})
		}
		p.trace.Add(step, mimeType, "")
	case "file":
		return p.fail(policy.SchemeFile, u.String(), "")
	default:
		// 4.
		return p.fail(policy.SchemeUnknown, u.Scheme(), "")
	}
	return true
}

// httpFetch is HTTP fetch.
//
// https://fetch.spec.whatwg.org/#concept-http-fetch
func (p *params) httpFetch(makeCORSPreflight bool) bool {
	r := p.r
	// 3. Not modelled: service workers.
	// 4.1
	if makeCORSPreflight && p.r.rules().KeepaliveLimitFirst && !p.keepaliveFits() {
		return false
	}
	if makeCORSPreflight && !p.corsPreflight() {
		return false
	}
	// 4.2 Not modelled: service workers.
	// 4.3
	res, ok := p.httpNetworkOrCacheFetch(r, false, false, false)
	if !ok {
		return false
	}
	// 4.4 A response from the HTTP cache is checked like any other, by its own headers.
	if r.tainting == TaintCORS && !(r.departures != nil && r.ownByUpgrade()) {
		credentials := r.Credentials
		if p.r.rules().RedirectCheckKeepsCredentials && p.checksRedirectAsAtFirst(res) {
			credentials = Include
		}
		s := CORSCheck(r.serializedOrigin(), credentials, res.Headers)
		p.checked(s)
		switch {
		case !s.OK() && credentials != r.Credentials && p.failsLater(s, res):
		case !s.OK():
			p.forget(true)
			return p.failCORSCheck(s, res.Headers)
		case p.trace != nil:
			p.traceCORSCheck(s, res.Headers)
		}
	}
	// 4.5
	tao := TAOCheck(r, res.Headers)
	p.trace.Add(tao, "", "")
	r.timingAllowFailed = !tao.OK()
	// 5.
	if r.tainting == TaintOpaque {
		header, present := res.Headers.Get("Cross-Origin-Resource-Policy")
		s := policy.CrossOriginResourcePolicyCheck(r.Origin, r.policies().EmbedderPolicy, *r.currentURL(),
			header, present, p.includeCredentials, false)
		if s == policy.CORPSameSite && p.r.rules().ResourcePolicyAddressesApart {
			if k := r.Origin.HostKind(); k == origin.HostIPv4 || k == origin.HostIPv6 {
				s = policy.CORPSameSiteMismatch
			}
		}
		if s == policy.CORPSameSiteMismatch && p.r.rules().ResourcePolicySuffixesAreSites {
			s = withSuffixAsSite(s, r)
		}
		if s == policy.CORPRequireCORP && present && header != "" && p.r.rules().MalformedResourcePolicyOptsIn {
			s = policy.CORPCrossOrigin
		}
		p.checked(s)
		if !s.OK() {
			p.forget(true)
			return p.failAtExchange(s, header, "")
		}
		p.trace.Add(s, header, "")
	}
	if r.departures != nil && r.departures.unsettled {
		p.settle()
	}
	// 6.
	p.internal = res
	if p.isRedirect(res) {
		// 6.1-6.2 Not modelled: navigation timing, RST_STREAM.
		// 6.3
		if r.Redirect != RedirectFollow {
			p.forget(false)
		}
		switch r.Redirect {
		case RedirectError:
			return p.failAtExchange(policy.RedirectModeError, "", "")
		case RedirectManual:
			location, _, s := locationURL(res, r.currentURL(), p.r.rules())
			switch {
			case s != 0 && p.r.rules().InvalidLocationBreaks:
				return p.failAtExchange(s, "", "")
			case p.r.rules().FTPRedirectsBlocked && location.Scheme() == "ftp":
				return p.failAtExchange(policy.RedirectLocationScheme, location.String(), "http: or https:")
			}
			p.trace.Add(policy.RedirectModeManual, "", "")
			p.filter, p.res.Step = TypeOpaqueRedirect, policy.FilterOpaqueRedirect
		case RedirectFollow:
			if r.rules().HTTPCache.RedirectsForgotten && r.Client != nil {
				return p.followRedirect()
			}
			return p.httpRedirectFetch()
		}
	} else if p.r.rules().EmptyLocationBreaks && isRedirectStatus(res.Status) && r.Redirect == RedirectFollow && res.Headers.Has("Location") {
		return p.failAtExchange(policy.RedirectLocationInvalid, "", "")
	}
	// 7.
	return true
}

// checksRedirectAsAtFirst reports whether RedirectCheckKeepsCredentials has the response checked for credentials.
func (p *params) checksRedirectAsAtFirst(res *HTTPResponse) bool {
	r := p.r
	return r.Credentials == SameOriginCredentials && r.Redirect == RedirectFollow && r.URLs()[0].SameOrigin(r.Origin) &&
		p.isRedirect(res)
}

// isRedirect reports whether a response is a redirect: by the standard always if it has a redirect status.
func (p *params) isRedirect(res *HTTPResponse) bool {
	if !isRedirectStatus(res.Status) && !(res.Status > 308 && p.r.rules().UnknownRedirectsFollowed && isUnknownRedirect(res)) {
		return false
	}
	if !p.r.rules().RedirectNeedsLocation || p.r.Redirect == RedirectManual {
		return true
	}
	location, _ := res.Headers.Get("Location")
	return location != ""
}

// failCORSCheck ends the fetch because the CORS check failed, and tells with what values.
func (p *params) failCORSCheck(s policy.Step, h Headers) bool {
	p.res.Deciding = p.exchange()
	p.traceCORSCheck(s, h)
	p.res.Step = s
	p.internal, p.filter = nil, TypeError
	return false
}

func (p *params) traceCORSCheck(s policy.Step, h Headers) {
	if p.trace == nil {
		return
	}
	switch s {
	case policy.CORSAllowCredentialsMissing, policy.CORSAllowCredentialsInvalid, policy.CORSAllowCredentialsTrue:
		got, _ := h.Get("Access-Control-Allow-Credentials")
		p.trace.Add(s, got, "true")
	default:
		got, _ := h.Get("Access-Control-Allow-Origin")
		p.trace.Add(s, got, p.r.serializedOrigin())
	}
}

// httpNetworkOrCacheFetch is HTTP-network-or-cache fetch for r, which is the request of p or its preflight. What it
// returns is the response and whether it is no network error.
//
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
func (p *params) httpNetworkOrCacheFetch(r *Request, preflight, isAuthenticationFetch, isNewConnectionFetch bool) (*HTTPResponse, bool) {
	u := r.currentURL()
	if p.f.HSTS != nil && u.Scheme() == "http" && p.r.rules().HSTSRedirects {
		if known, ok := p.knownHSTS(u); ok {
			return p.redirectByHSTS(r, u, known, preflight)
		}
	}
	// 8.1-8.2 The headers of a clone of the request. A preflight's own are nobody else's the first time, and have room
	// behind them.
	h := r.Headers
	if !preflight || isNewConnectionFetch {
		n := len(r.Headers) + wireHeaders
		if r.Body != nil || r.Method == "POST" || r.Method == "PUT" {
			n++ // Content-Length
		}
		written := r.Headers
		if r.rules().EmptyRequestHeaderResets && len(written) > 1 {
			written = overwritten(written, r.rules().SingletonsNotJoined, r.Body != nil)
		}
		h = appendCombined(p.room(n, false), written)
		if d := r.departures; d != nil && d.sentContentType != "" && h.Has("Content-Type") {
			h.Set("Content-Type", d.sentContentType)
		}
	}
	// 8.3
	includeCredentials := r.Credentials == Include || r.Credentials == SameOriginCredentials &&
		(r.tainting == TaintBasic || r.tainting == TaintOpaque && r.rules().NoCORSCredentialsAsAtFirst && r.URL.SameOrigin(r.Origin))
	// 8.4
	withheld := policy.NetworkCredentialsExcluded
	if includeCredentials && !r.coepAllowsCredentials() {
		includeCredentials, withheld = false, policy.NetworkCredentialsCOEP
		p.trace.Add(policy.NetworkCredentialsCOEP, "", "")
	} else if p.trace != nil && !preflight {
		s := policy.NetworkCredentialsExcluded
		if includeCredentials {
			s = policy.NetworkCredentialsIncluded
		}
		p.trace.Add(s, r.Credentials.String(), "")
	}
	// 8.5-8.9
	switch {
	case r.Body == nil && (r.Method == "POST" || r.Method == "PUT"):
		h = append(h, Header{"Content-Length", "0"})
	case r.Body != nil && !r.Body.Stream:
		h = append(h, Header{"Content-Length", strconv.Itoa(len(r.Body.Bytes))})
		// 8.10
		if !preflight && !p.keepaliveFits() {
			return nil, false
		}
	}
	// 8.11
	referer := p.referer
	if r.rules().CrossSiteReferrersCut || r.rules().PreflightRefererAsAtFirst {
		referer = p.departingReferer(u, preflight)
	}
	if referer != "" {
		h = append(h, Header{"Referer", referer})
	}
	// 8.12
	h = p.appendOrigin(h, r, u, preflight)
	// 8.13
	h = p.appendFetchMetadata(h, r, u, preflight)
	// 8.14 Not modelled: prefetches.
	// 8.15
	if p.f.UserAgent != "" && !r.Headers.Has("User-Agent") {
		h = append(h, Header{"User-Agent", p.f.UserAgent})
	}
	// 8.16-8.18
	cache := r.Cache
	if cache == CacheDefault && hasConditional(r.Headers) && !r.conditionalReplaces() {
		cache = CacheNoStore
	}
	switch cache {
	case CacheNoCache:
		if !r.preventNoCacheHeader && !h.Has("Cache-Control") {
			h = append(h, Header{"Cache-Control", "max-age=0"})
		}
	case CacheNoStore, CacheReload:
		if !h.Has("Pragma") {
			h = append(h, Header{"Pragma", "no-cache"})
		}
		if !h.Has("Cache-Control") {
			h = append(h, Header{"Cache-Control", "no-cache"})
		}
	}
	// 8.19 and 8.20: Accept-Encoding, Host and Connection belong to the network; a range asks for identity.
	ranged := r.Headers.Has("Range")
	if ranged {
		h = append(h, Header{"Accept-Encoding", "identity"})
		if r.Method == "GET" && cache != CacheNoStore && p.r.rules().RangesRewritten && !hasConditional(r.Headers) {
			rewriteRanges(h)
		}
	}
	// 8.21
	if includeCredentials {
		if p.f.Cookies != nil {
			// r is p.r: a preflight never includes credentials.
			if c := p.f.Cookies.Cookie(p.r); c != "" {
				h = append(h, Header{"Cookie", c})
				p.trace.Add(policy.CookieSent, c, "")
			}
		}
	} else if p.trace != nil && !preflight {
		if w, ok := p.f.Cookies.(CookieWitness); ok {
			w.Withheld(p.r, withheld)
		}
	}
	if isAuthenticationFetch {
		h = r.appendAuthorization(h, u)
	}
	// 8.22-8.23 Not modelled: proxies, WebDriver.
	// 8.24-8.26
	var stored *cacheRun // nil: there is no cache, or none without a network partition key
	var res *HTTPResponse
	if p.f.HTTPCache != nil && r.Client != nil && !(r.rules().HTTPCache.OpaqueOriginUncached && r.Origin.IsOpaque()) {
		var run cacheRun
		stored, run.credentials = &run, includeCredentials
		res, h = p.fromCache(stored, r, u, h, cache, isAuthenticationFetch || isNewConnectionFetch)
		if stored.startOver {
			return p.httpNetworkOrCacheFetch(r, preflight, isAuthenticationFetch, isNewConnectionFetch)
		}
	}
	p.cacheState, p.res.Stored = CacheStateLocal, res
	// 11.
	if res == nil {
		p.cacheState = CacheStateNone
		// 11.1
		if cache == CacheOnlyIfCached && !r.rules().HTTPCache.OnlyIfCachedAsks {
			p.fail(policy.NetworkOnlyIfCached, "", "")
			return nil, false
		}
		// 11.2
		if stored != nil && (stored.store || stored.validating || stored.foreign || stored.part != nil) {
			stored.sent = stored.now()
		}
		var ok bool
		if res, ok = p.httpNetworkFetch(r, h, preflight, includeCredentials); !ok {
			return nil, false
		}
		// 11.3-11.5
		if stored != nil && !(res.Status == 421 && !isNewConnectionFetch && r.rules().HTTPCache.MisdirectedServed && !r.Body.isStream()) {
			res = p.toCache(stored, res)
		}
	}
	// 13.-14.
	p.rangeRequested, p.includeCredentials = ranged, includeCredentials
	switch {
	// 15. A URL that XMLHttpRequest was given may hold a password.
	case res.Status == 401 && (r.tainting != TaintCORS && (includeCredentials || r.answersForRedirect()) ||
		r.rules().URLCredentialsAnswerAll):
		if !isAuthenticationFetch && u.HasCredentials() && r.answersByURL(res) {
			if r.Body.isStream() {
				break
			}
			return p.httpNetworkOrCacheFetch(r, preflight, true, isNewConnectionFetch)
		}
		p.trace.Add(policy.NetworkUnauthorized, "", "")
	// 16.
	case res.Status == 407 && !r.rules().ProxyStatusShown:
		p.failAtExchange(policy.NetworkProxyAuthentication, "407", "")
		return nil, false
	// 17.
	case res.Status == 421 && !isNewConnectionFetch && !r.Body.isStream() &&
		!(p.cacheState == CacheStateLocal && r.rules().HTTPCache.MisdirectedServed):
		p.trace.Add(policy.NetworkMisdirected, "", "")
		p.secondTry = true
		second, ok := p.httpNetworkOrCacheFetch(r, preflight, isAuthenticationFetch, true)
		p.secondTry = false
		if ok && r.rules().MisdirectedTypeJoined {
			second = p.joinedToMisdirected(second, res)
		}
		return second, ok
	}
	// 18.-19.
	return res, true
}

// keepaliveFits is HTTP-network-or-cache fetch 8.10. Not modelled: other keepalive requests in flight.
func (p *params) keepaliveFits() bool {
	r := p.r
	if !r.Keepalive || r.Body == nil || r.Body.Stream || len(r.Body.Bytes) <= maxKeepaliveBody {
		return true
	}
	return p.fail(policy.NetworkKeepaliveLimit, strconv.Itoa(len(r.Body.Bytes)), strconv.Itoa(maxKeepaliveBody))
}

const (
	// wireHeaders is how many headers the browser adds to a request of a page, cookies and Content-Length aside:
	// Referer, Origin, three of Fetch metadata and User-Agent.
	wireHeaders = 6
	// preflightHeaders is how many headers a preflight is made with: Accept and two of CORS.
	preflightHeaders = 3
)

// A Room holds what an everyday request takes on the wire. A caller that allocates it together with its Request saves
// an allocation; a Room serves one request.
type Room interface {
	// take returns the room, nil if it is too small for a request with a preflight.
	take(preflight bool) ([]Exchange, Headers)
}

// A SimpleRoom is the Room of a request without a preflight.
type SimpleRoom struct {
	exchanges [1]Exchange
	headers   [1 + wireHeaders + 1]Header // Accept, and one to spare
}

func (r *SimpleRoom) take(preflight bool) ([]Exchange, Headers) {
	if preflight {
		return nil, nil
	}
	return r.exchanges[:0], r.headers[:0]
}

// A PreflightedRoom is the Room of a request with a preflight.
type PreflightedRoom struct {
	exchanges [2]Exchange
	headers   [preflightHeaders + wireHeaders + 4 + wireHeaders]Header // Accept, Content-Length, two of the script
}

func (r *PreflightedRoom) take(bool) ([]Exchange, Headers) { return r.exchanges[:0], r.headers[:0] }

// room returns an empty header list with room for n. A preflight's has the room of the request after it behind it.
func (p *params) room(n int, preflight bool) Headers {
	if p.res.Exchanges == nil {
		if p.r.Room != nil {
			p.res.Exchanges, p.spare = p.r.Room.take(preflight)
		}
		switch {
		case p.res.Exchanges != nil:
		case preflight:
			p.res.Exchanges, p.spare = new(PreflightedRoom).take(true)
		default:
			p.res.Exchanges, p.spare = new(SimpleRoom).take(false)
		}
	}
	if cap(p.spare) < n {
		p.spare = make(Headers, 0, n)
	}
	h := p.spare[0:0:n]
	p.spare = p.spare[n:n:cap(p.spare)]
	return h
}

// newExchange returns an empty exchange at the end of the list.
func (p *params) newExchange() *Exchange {
	n := len(p.res.Exchanges)
	if n == cap(p.res.Exchanges) {
		p.res.Exchanges = append(make([]Exchange, 0, max(2*n, 2)), p.res.Exchanges...)
	}
	p.res.Exchanges = p.res.Exchanges[:n+1] // what lies beyond was never written to
	return &p.res.Exchanges[n]
}

// appendCombined appends the headers of h as they go on the wire: a name that comes again is sent once, with its
// values joined. To HTTP the two are the same (RFC 9110, section 5.3).
func appendCombined(dst, h Headers) Headers {
	if len(h) > maxComparedNames {
		return append(dst, combineMany(h)...)
	}
next:
	for i := range h {
		for j := range dst {
			if equalFold(dst[j].Name, h[i].Name) {
				dst[j].Value += ", " + h[i].Value
				continue next
			}
		}
		dst = append(dst, h[i])
	}
	return dst
}

// combineMany is appendCombined at linear cost.
func combineMany(h Headers) Headers {
	var out Headers
	values := make([][]string, 0, len(h))
	index := make(map[string]int, len(h))
	for i := range h {
		key := lower(h[i].Name)
		j, ok := index[key]
		if !ok {
			j = len(out)
			index[key] = j
			out, values = append(out, h[i]), append(values, nil)
		}
		values[j] = append(values[j], h[i].Value)
	}
	for j := range out {
		out[j].Value = strings.Join(values[j], ", ")
	}
	return out
}

// hasConditional reports whether the script made the request conditional itself.
func hasConditional(h Headers) bool {
	for i := range h {
		switch n := h[i].Name; len(n) {
		case len("if-match"): // and of if-range
			if equalFold(n, "if-match") || equalFold(n, "if-range") {
				return true
			}
		case len("if-none-match"):
			if equalFold(n, "if-none-match") {
				return true
			}
		case len("if-modified-since"):
			if equalFold(n, "if-modified-since") {
				return true
			}
		case len("if-unmodified-since"):
			if equalFold(n, "if-unmodified-since") {
				return true
			}
		}
	}
	return false
}

// basicAuthorization turns the credentials of a URL into an Authorization value.
func basicAuthorization(u *origin.URL) string {
	pair := append(percentDecode(u.Username()), ':')
	pair = append(pair, percentDecode(u.Password())...)
	return "Basic " + base64.StdEncoding.EncodeToString(pair)
}

// appendOrigin is append a request Origin header.
//
// https://fetch.spec.whatwg.org/#append-a-request-origin-header
func (p *params) appendOrigin(h Headers, r *Request, u *origin.URL, preflight bool) Headers {
	// 2.
	serialized := r.serializedOrigin()
	if preflight && p.r.rules().PreflightOriginUntainted {
		serialized = r.Origin.String()
	}
	// 3.
	if r.tainting == TaintCORS && !r.confirmsAtOwn() || r.Mode == WebSocket || r.Mode == WebTransport {
		s := policy.OriginCORS
		if r.redirectTaint != TaintSameOrigin {
			s = policy.OriginNullByRedirect
		}
		p.trace.Add(s, serialized, "")
		return append(h, Header{"Origin", serialized})
	}
	// 4.
	if p.origin != "" && p.r.rules().OriginOutlivesMethod {
		return append(h, Header{"Origin", p.origin})
	}
	if r.Method == "GET" || r.Method == "HEAD" {
		if p.r.rules().OpaqueOriginWithCredentials && p.tellsOpaqueOrigin(r) {
			return append(h, Header{"Origin", serialized})
		}
		return h
	}
	s := policy.OriginMethod
	if p.r.rules().OriginNullAcrossRedirects && r.tainting == TaintOpaque && r.leftOrigin() {
		serialized, s = "null", policy.OriginNullByRedirect
	}
	// 4.1
	if r.Mode != CORS && !p.r.rules().OriginIgnoresReferrerPolicy {
		hide := false
		switch r.referrerPolicy() {
		case policy.NoReferrer:
			hide = true
		case policy.NoReferrerWhenDowngrade, policy.StrictOrigin, policy.StrictOriginWhenCrossOrigin:
			hide = !r.Origin.IsOpaque() && r.Origin.Scheme() == "https" && u.Scheme() != "https"
		case policy.SameOriginReferrer:
			hide = !u.SameOrigin(r.Origin)
		}
		if hide && !(p.r.rules().RedirectedOriginShown && r.leftOrigin()) {
			serialized, s = "null", policy.OriginNullByPolicy
		}
	}
	// 4.2
	p.origin = serialized
	p.trace.Add(s, serialized, "")
	return append(h, Header{"Origin", serialized})
}

// appendFetchMetadata is append the Fetch metadata headers for a request.
//
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-append-the-fetch-metadata-headers-for-a-request
func (p *params) appendFetchMetadata(h Headers, r *Request, u *origin.URL, preflight bool) Headers {
	// Deviation: 1. speaks of the request's URL, its first; browsers act on the one at hand.
	if !p.trustworthy {
		p.trace.Add(policy.FetchMetadataSkipped, u.String(), "")
		if preflight && p.r.rules().PreflightFetchModeAlways {
			return append(h, Header{"Sec-Fetch-Mode", r.Mode.String()})
		}
		return h
	}
	if r.rules().RedirectedMetadataDropped && !preflight && r.Mode == CORS && r.justLeftOrigin() && !r.isConfirming() {
		return h
	}
	if preflight && r.rules().PreflightMetadataAsAtFirst && len(r.urls) > 1 && !r.urls[0].PotentiallyTrustworthy() {
		return h
	}
	// 2.
	destination := "empty"
	if r.Destination != DestinationEmpty {
		destination = r.Destination.String()
	}
	site := r.distance()
	if !preflight || !r.rules().PreflightFetchSiteAlone {
		site = fetchSite(r)
	}
	if r.rules().LoopbackSitesIgnoreSchemes && site != distanceSameOrigin {
		site = loopbackSite(r, preflight && r.rules().PreflightFetchSiteAlone)
	}
	if preflight && r.redirectTaint != TaintSameOrigin && r.rules().PreflightFetchSiteTainted {
		site = distanceCrossSite
	}
	// 3.-4. Not modelled: 5., Sec-Fetch-User, which navigations alone have.
	return append(h, Header{"Sec-Fetch-Dest", destination}, Header{"Sec-Fetch-Mode", r.Mode.String()},
		Header{"Sec-Fetch-Site", site.String()})
}

// fetchSite is set the Sec-Fetch-Site header: how far the farthest of the URLs is from the request's origin.
//
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-site
func fetchSite(r *Request) distance {
	// 3., 5. The last URL is the current one.
	site := r.distance()
	for i := range max(len(r.urls)-1, 0) {
		// 5.1-5.4
		site = max(site, r.distanceOf(&r.urls[i]))
	}
	return site
}

// httpNetworkFetch is HTTP-network fetch: it asks the network, notes the exchange and stores cookies.
//
// https://fetch.spec.whatwg.org/#concept-http-network-fetch
func (p *params) httpNetworkFetch(r *Request, h Headers, preflight, includeCredentials bool) (*HTTPResponse, bool) {
	u := r.currentURL()
	// 8.3 The network is taken to speak HTTP/2 wherever browsers do, which is over https: alone.
	if r.Body.isStream() && u.Scheme() != "https" {
		p.fail(policy.NetworkStreamHTTP1, u.String(), "https:")
		return nil, false
	}
	if p.r.rules().HeaderBytesAsUTF8 {
		headersAsUTF8(h)
	}
	e := p.newExchange()
	e.Preflight, e.Request.Method, e.Request.URL, e.Request.Headers = preflight, r.Method, *u, h
	if r.Body != nil {
		e.Request.Body, e.Request.Stream = r.Body.Bytes, r.Body.Stream
		if e.Request.Body == nil {
			e.Request.Body = []byte{}
		}
	}
	if err := p.ctx.Err(); err != nil {
		p.res.Err = err
		e.Step = policy.NetworkFailed
		p.failAtExchange(policy.NetworkFailed, err.Error(), "")
		return nil, false
	}
	// 8.5
	res, err := p.f.Network.RoundTrip(p.ctx, &e.Request)
	if err == nil && res == nil {
		err = ErrFailed
	}
	if err != nil {
		// 8.1
		s := policy.NetworkFailed
		switch {
		case errors.Is(err, ErrUnanswered):
			s = policy.NetworkUnanswered
		case !errors.Is(err, ErrFailed):
			p.res.Err = err
		}
		e.Step = s
		p.failAtExchange(s, err.Error(), "")
		return nil, false
	}
	if p.r.rules().HeaderBytesAsUTF8 {
		res = withValidUTF8(res)
	}
	e.Response = res
	if p.r.rules().SingletonsNotJoined {
		var ok bool
		if res, ok = withFirstOfSingletons(res); !ok {
			e.Step = policy.NetworkFailed
			p.failAtExchange(policy.NetworkFailed, "several different lines of a header that is no list", "")
			return nil, false
		}
		e.Response = res
	}
	if p.r.rules().EmptyLinesSkipped {
		res = withoutEmptyRepeats(res, p.r.tainting == TaintCORS)
		e.Response = res
	}
	if p.r.rules().LocationsBreak {
		if _, _, step := locationURL(res, &e.Request.URL, p.r.rules()); step == policy.RedirectLocationMultiple {
			e.Step = step
			p.failAtExchange(step, "", "")
			return nil, false
		}
	}
	// 8.5 An interim status that nothing follows never becomes a response.
	if 100 <= res.Status && res.Status <= 199 {
		e.Step = policy.NetworkInterimOnly
		p.failAtExchange(policy.NetworkInterimOnly, strconv.Itoa(res.Status), "")
		return nil, false
	}
	if p.trace != nil {
		p.trace.Add(policy.NetworkStatus, statusText(res.Status), "")
	}
	// What a browser remembers of a response has headers of these lengths; most responses have none.
	cookies, hsts := false, false
	for i := range res.Headers {
		switch len(res.Headers[i].Name) {
		case len("set-cookie"):
			cookies = true
		case len("strict-transport-security"):
			hsts = true
		}
	}
	unheard := res.Status == 421 && p.r.rules().MisdirectedUnheard && !p.secondTry && !r.Body.isStream()
	if hsts && !unheard {
		p.noteHSTS(&e.Request.URL, res.Headers)
	}
	// 17.
	if cookies {
		switch {
		case !includeCredentials:
			p.ignoreCookies(res.Headers, policy.NetworkCredentialsExcluded)
		case unheard:
			p.ignoreCookies(res.Headers, policy.NetworkMisdirected)
		default:
			p.setCookies(res.Headers)
		}
	}
	return res, true
}

// statusText is a status in decimal; the everyday ones take no memory.
func statusText(status int) string {
	switch status {
	case 200:
		return "200"
	case 204:
		return "204"
	case 404:
		return "404"
	}
	return strconv.Itoa(status)
}

// setCookies is HTTP-network fetch 17.
func (p *params) setCookies(h Headers) {
	if p.f.Cookies == nil {
		return
	}
	date := ""
	if i := slices.IndexFunc(h, func(h Header) bool { return equalFold(h.Name, "date") }); i >= 0 {
		date = h[i].Value
	}
	for i := range h {
		if equalFold(h[i].Name, "set-cookie") {
			p.f.Cookies.SetCookie(p.r, h[i].Value, date)
		}
	}
}

// ignoreCookies tells of the cookies that a response does not set, and why.
func (p *params) ignoreCookies(h Headers, why policy.Step) {
	witness, ok := p.f.Cookies.(CookieWitness)
	if !ok || p.trace == nil {
		return
	}
	for i := range h {
		if equalFold(h[i].Name, "set-cookie") {
			witness.Ignored(p.r, h[i].Value, why)
		}
	}
}
