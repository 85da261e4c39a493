package fetch

import (
	"slices"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// A Client is what the standard calls an environment settings object: the document or worker that makes requests.
//
// https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
type Client struct {
	// Origin is the client's origin; opaque for a sandboxed document.
	Origin origin.Origin
	// BaseURL is what relative URLs are parsed against.
	BaseURL origin.URL
	// Referrer is the client's URL, made ready to be sent as a Referer.
	Referrer policy.Referrer
	// TopLevelSite is the site of the tab's own document: the network partition key.
	TopLevelSite policy.Site
	// Sites remembers which origins are same site; nil looks each pair up anew.
	Sites *policy.SiteCache
	// Policies are those that requests inherit.
	Policies policy.Container
	// CrossSiteAncestor tells that the document stands in a frame of another site, or in one that does.
	CrossSiteAncestor bool
	// ProhibitsMixedContent tells that the document, or one that it stands in, has a potentially trustworthy origin; see
	// policy.Profile.ProhibitsMixedSecurityContexts.
	ProhibitsMixedContent bool
	// UpgradesInsecureRequests tells that the client's insecure requests policy is "Upgrade".
	UpgradesInsecureRequests bool
}

// A Body is the body of a request.
//
// https://fetch.spec.whatwg.org/#concept-body
type Body struct {
	// Bytes is what is sent.
	Bytes []byte
	// Type is the Content-Type that the body brings along, empty for none.
	Type string
	// Stream tells that the body is a ReadableStream: its length is unknown and it can be sent once.
	Stream bool
}

// Text returns the body that a string makes: UTF-8, sent as text/plain unless the script says otherwise.
func Text(s string) *Body { return &Body{Bytes: []byte(s), Type: "text/plain;charset=UTF-8"} }

// Bytes returns the body that an ArrayBuffer makes, which brings no Content-Type.
func Bytes(b []byte) *Body { return &Body{Bytes: b} }

// Form returns the body that URLSearchParams make, given their serialization.
func Form(encoded string) *Body {
	return &Body{Bytes: []byte(encoded), Type: "application/x-www-form-urlencoded;charset=UTF-8"}
}

// Stream returns the body that a ReadableStream makes.
func Stream(b []byte) *Body { return &Body{Bytes: b, Stream: true} }

// isStream reports whether the body's source is null. A nil body is no stream.
func (b *Body) isStream() bool { return b != nil && b.Stream }

// A ReferrerKind says what a request's Referrer field means.
type ReferrerKind uint8

// The kinds of referrer a request can have.
const (
	ReferrerClient ReferrerKind = iota // the client's URL
	ReferrerNone                       // none at all
	ReferrerURL                        // the one in the Referrer field
)

// A Request is what a fetch is made of. Method, URL, Origin or Client, and Headers are enough; the zero values of the
// other fields are the standard's defaults. A Fetcher changes a request as it follows redirects, so a request is
// fetched once.
//
// https://fetch.spec.whatwg.org/#concept-request
type Request struct {
	Method  string
	URL     origin.URL
	Headers Headers
	Body    *Body // nil: no body
	Client  *Client
	// Origin is the origin that the request is made by; the zero Origin stands for the client's.
	Origin         origin.Origin
	Referrer       *policy.Referrer // for ReferrerURL
	Mode           Mode
	Credentials    Credentials
	Cache          CacheMode
	Redirect       RedirectMode
	Destination    Destination
	Initiator      Initiator
	ReferrerKind   ReferrerKind
	ReferrerPolicy policy.ReferrerPolicy
	// UnsafeRequest tells that the method and the headers come from a script, so that they are looked at.
	UnsafeRequest bool
	// UploadListener tells that the upload's progress is listened to, which sets the use-CORS-preflight flag, as a
	// stream for a body does.
	UploadListener    bool
	Keepalive         bool
	LocalURLsOnly     bool
	UseURLCredentials bool
	// XMLHttpRequest tells that the request is an XMLHttpRequest's, to which some browsers show response headers by
	// rules of their own.
	XMLHttpRequest bool

	// Bookkeeping of the fetch, first what is small.
	redirectCount     uint8
	tainting          Tainting
	redirectTaint     RedirectTaint
	away              distance // of the current URL; unknown until somebody asks
	timingAllowFailed bool
	// preventNoCacheHeader is the prevent no-cache cache-control header modification flag.
	preventNoCacheHeader bool
	methodChanged        bool         // a redirect turned the request into a GET
	preflighted          bool         // the request was asked for consent, or would have been but for the cache
	preflightSticks      bool         // the profile asks for consent at the current URL, needed or not
	hadBody              bool         // a redirect took away a body that called for a preflight
	departures           *departures  // what profiles have the fetch remember; nil if there is nothing
	urls                 []origin.URL // the URL list, once it is more than URL
	profile              *policy.Profile
	headerBuf            [3]Header

	// Trace receives the steps of this fetch; nil stands for the Fetcher's.
	Trace policy.Trace
	// Owner is the caller's own: what made the request, for a store of cookies that wants to know.
	Owner any
	// Room is where the fetch keeps its first exchanges; nil has it allocated.
	Room Room
}

// judged returns the headers that decide about preflights.
func (r *Request) judged() Headers {
	if d := r.departures; d != nil && d.asked != nil {
		return d.asked
	}
	return r.Headers
}

// usesCORSPreflight is the use-CORS-preflight flag.
func (r *Request) usesCORSPreflight() bool {
	listener := r.UploadListener && (r.Body != nil || !r.rules().UploadListenerNeedsBody)
	return listener || r.hadBody || r.preflightSticks || r.Body.isStream()
}

// rules is the profile that the request is fetched under.
func (r *Request) rules() *policy.Profile {
	if r.profile != nil {
		return r.profile
	}
	return &theStandard
}

// sites is the memory of which origins are same site; nil for a request that has none.
func (r *Request) sites() *policy.SiteCache {
	if r.Client == nil {
		return nil
	}
	return r.Client.Sites
}

// theStandard is the profile of the bare standard. Nothing changes it.
var theStandard policy.Profile

// URLs returns the request's URL list: the URL and those of the redirects that were followed.
func (r *Request) URLs() []origin.URL {
	if r.urls == nil {
		return []origin.URL{r.URL}
	}
	return r.urls
}

// currentURL is the last URL of the list.
func (r *Request) currentURL() *origin.URL {
	if len(r.urls) == 0 {
		return &r.URL
	}
	return &r.urls[len(r.urls)-1]
}

// CurrentURL returns the URL that the request is at: the last of its list.
func (r *Request) CurrentURL() origin.URL { return *r.currentURL() }

// appendURL puts a URL on the list and keeps the redirect-taint up to date: the fold over the list that the standard
// makes anew each time, one URL further.
//
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
func (r *Request) appendURL(u origin.URL) {
	if r.urls == nil {
		r.urls = append(make([]origin.URL, 0, 2), r.URL)
	}
	r.redirectTaint = r.taintedBy(r.redirectTaint, r.currentURL(), &u)
	// 4.4
	r.urls = append(r.urls, u)
	r.away = distanceUnknown
}

// taintedBy is one round of the fold: what a redirect from one URL to another makes of the redirect-taint.
func (r *Request) taintedBy(taint RedirectTaint, from, to *origin.URL) RedirectTaint {
	if taint == TaintCrossSite {
		return taint
	}
	last, o := from.Origin(), to.Origin()
	switch {
	// 4.2
	case !r.sites().SameSite(&o, &last) && !r.sites().SameSite(&r.Origin, &last):
		return TaintCrossSite
	// 4.3
	case !o.SameOrigin(last) && !r.Origin.SameOrigin(last):
		return TaintSameSite
	}
	return taint
}

// replaceCurrentURL puts another URL in the place of the last one of the list.
func (r *Request) replaceCurrentURL(u origin.URL) {
	r.urls = r.URLs()
	r.urls[len(r.urls)-1] = u
	r.away = distanceUnknown
	// The redirect-taint is that of the list as it is now.
	r.redirectTaint = TaintSameOrigin
	for i := 1; i < len(r.urls); i++ {
		r.redirectTaint = r.taintedBy(r.redirectTaint, &r.urls[i-1], &r.urls[i])
	}
}

// A distance says how far a URL is from the origin of a request.
type distance uint8

const (
	distanceUnknown distance = iota
	distanceSameOrigin
	distanceSameSite
	distanceCrossSite
)

// String returns the distance as Sec-Fetch-Site names it.
func (d distance) String() string {
	switch d {
	case distanceSameOrigin:
		return "same-origin"
	case distanceSameSite:
		return "same-site"
	}
	return "cross-site"
}

// distance returns how far the current URL is from the request's origin. It is worked out once a URL.
func (r *Request) distance() distance {
	if r.away == distanceUnknown {
		r.away = r.distanceOf(r.currentURL())
	}
	return r.away
}

func (r *Request) distanceOf(u *origin.URL) distance {
	o := u.Origin()
	switch {
	case o == r.Origin:
		return distanceSameOrigin
	case r.sites().SameSite(&r.Origin, &o):
		return distanceSameSite
	}
	return distanceCrossSite
}

// serializedOrigin serializes the request's origin: "null" after a redirect that another origin sent elsewhere.
//
// https://fetch.spec.whatwg.org/#serializing-a-request-origin
func (r *Request) serializedOrigin() string {
	// 2.
	if r.redirectTaint != TaintSameOrigin {
		return "null"
	}
	// 3.
	if r.Origin.IsZero() && r.Client != nil {
		return r.Client.Origin.String()
	}
	return r.Origin.String()
}

// populateFromClient fills in what the request leaves to its client.
//
// https://fetch.spec.whatwg.org/#populate-request-from-client
func (r *Request) populateFromClient() {
	// 1. Not modelled: there is nobody to prompt.
	// 2. 3. is where the policies are read: r.policies.
	if r.Origin.IsZero() && r.Client != nil {
		r.Origin = r.Client.Origin
	}
	if r.Method == "" {
		r.Method = "GET"
	}
	r.away = distanceUnknown
}

// policies is the request's policy container.
func (r *Request) policies() policy.Container {
	if r.Client == nil {
		return policy.Container{}
	}
	return r.Client.Policies
}

// SameSiteMode returns which cookies may go with the request, by their SameSite attribute.
//
// https://fetch.spec.whatwg.org/#determine-the-same-site-mode
func (r *Request) SameSiteMode() SameSiteMode {
	return r.sameSiteMode(r.rules().Cookies.RedirectChainIgnored)
}

// ResponseSameSiteMode is SameSiteMode for the cookies that the response to the request may set, which is another matter
// to some profiles.
func (r *Request) ResponseSameSiteMode() SameSiteMode {
	rules := &r.rules().Cookies
	return r.sameSiteMode(rules.RedirectChainIgnored || rules.RedirectChainSets)
}

// sameSiteMode is SameSiteMode, with or without regard to the redirects before the current URL.
func (r *Request) sameSiteMode(chainIgnored bool) SameSiteMode {
	ignoresSchemes := func() bool {
		return r.rules().Cookies.SitesIgnoreSchemes && policy.SchemelesslySameSite(r.Origin, r.currentURL().Origin())
	}
	switch {
	// 1.-2. Not modelled: top-level navigations that a page of another site began.
	// 3.
	case r.Method == "GET" && r.Destination == DestinationDocument:
		return LaxOrLess
	case r.rules().Cookies.SandboxKeepsSite && r.Origin.IsOpaque() && r.Client != nil && r.Client.CrossSiteAncestor:
		// All of it happens at the site of the tab.
		top := r.Client.TopLevelSite
		if !policy.SiteOf(r.Client.BaseURL.Origin()).SchemelesslySame(top) || slices.ContainsFunc(r.URLs(), func(u origin.URL) bool {
			return !policy.SiteOf(u.Origin()).SchemelesslySame(top)
		}) {
			return UnsetOrLess
		}
		return StrictOrLess
	// 4.
	case r.Client != nil && r.Client.CrossSiteAncestor:
		return UnsetOrLess
	case chainIgnored:
		if r.distanceOf(r.currentURL()) == distanceCrossSite && !ignoresSchemes() {
			return UnsetOrLess
		}
		return StrictOrLess
	// 5.
	case r.redirectTaint == TaintCrossSite:
		return UnsetOrLess
	// Deviation: 6. says "strict-or-less" for every other request, the very first one to another site included;
	// RFC 6265bis, 5.2, calls that a cross-site request, and so do all browsers.
	case r.distance() == distanceCrossSite && !ignoresSchemes():
		return UnsetOrLess
	}
	// 6.
	return StrictOrLess
}

// partition is the network partition key.
//
// https://fetch.spec.whatwg.org/#request-determine-the-network-partition-key
func (r *Request) partition() policy.Site {
	if r.Client == nil {
		return policy.Site{}
	}
	return r.Client.TopLevelSite
}

// Partition returns the network partition key of the request: the site of the tab that it is made in.
func (r *Request) Partition() policy.Site { return r.partition() }

// coepAllowsCredentials reports whether the client's embedder policy leaves the request its credentials.
//
// https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials
func (r *Request) coepAllowsCredentials() bool {
	// 2.-4.
	if r.Mode != NoCORS || r.Client == nil || r.Client.Policies.EmbedderPolicy != policy.Credentialless {
		return true
	}
	// Deviation: 5. asks for a redirect-taint that is not "same-origin", by which a page's requests to its own origin
	// would lose their cookies; the sense is the opposite, and browsers act on it.
	if r.distance() == distanceSameOrigin && r.redirectTaint == TaintSameOrigin {
		return true
	}
	// 6.
	return false
}
