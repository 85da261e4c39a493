package fetch

import (
	"slices"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// An Exchange is one request that reached the network and what came back.
type Exchange struct {
	Request HTTPRequest
	// Response is nil if none came.
	Response *HTTPResponse
	// Preflight tells that the browser sent the request by itself to ask for consent.
	Preflight bool
	// Background tells that the request only brought the HTTP cache up to date: no script waited for it.
	Background bool
	// Step is the step at which the check of this exchange ended: the CORS check or the preflight's check, or where
	// the network failed. It is the zero Step where nothing had to be checked.
	Step policy.Step
	// Completed is the stored response as it was brought up to date, where the server confirmed it with a 304; nil
	// otherwise. The script gets it in place of Response.
	Completed *HTTPResponse
}

// A Response is the result of a fetch: what the page gets to see, and why.
//
// https://fetch.spec.whatwg.org/#concept-response
type Response struct {
	Type ResponseType
	// FromCache tells what part the HTTP cache had in the response that the fetch ended with.
	FromCache CacheState
	// Step is where the fetch ended: the deciding step of a network error, or how the response was filtered.
	Step policy.Step
	// Check is the step at which the last check of a response ended, wherever that response came from: the CORS check
	// or the check of its resource policy. It is the zero Step where nothing had to be checked.
	Check policy.Step
	// Tainting is the response tainting that the request ended with.
	Tainting Tainting
	// TimingAllowed tells whether the page may see the response's timing.
	TimingAllowed bool
	// Status is the status that the page sees; 0 for errors and for opaque responses.
	Status int
	// Body is the body that the page may read; nil if there is none.
	Body []byte
	// Deciding is the index in Exchanges of the exchange that the deciding step is about, -1 if there is none.
	Deciding int
	// Internal is the response as the network gave it; nil for errors and for responses that no network gave.
	Internal *HTTPResponse
	// Stored is the stored response that the HTTP cache answered with last, also where a check refused it; nil if the
	// network answered.
	Stored *HTTPResponse
	// Exchanges are the requests that reached the network, in order, preflights included. A response from the HTTP
	// cache has none. Requests that bring the cache up to date in the background come last.
	Exchanges []Exchange
	// Err is set if the network could not be asked, or the context ended: the response is a network error then.
	Err error

	request *Request
}

// showsURLs reports whether the page may see the URL list.
func (r *Response) showsURLs() bool {
	switch r.Type {
	case TypeBasic, TypeCORS, TypeOpaqueRedirect:
		return r.request != nil
	}
	return false
}

// URLs returns the URL list as the page may see it: empty for errors and for opaque responses.
func (r *Response) URLs() []origin.URL {
	if !r.showsURLs() {
		return nil
	}
	return r.request.URLs()
}

// RedirectTaint tells how far redirects strayed.
func (r *Response) RedirectTaint() RedirectTaint {
	if r.request == nil {
		return TaintSameOrigin
	}
	return r.request.redirectTaint
}

// StatusText returns the status text that the page sees; empty for errors and for opaque responses.
func (r *Response) StatusText() string {
	if r.Status == 0 || r.Internal == nil {
		return ""
	}
	return r.Internal.StatusText
}

// Headers returns the headers that the page may see, in the order and the spelling of the network. They are picked out
// anew at each call.
func (r *Response) Headers() (h Headers) {
	switch r.Type {
	case TypeBasic:
		h = AppendBasicHeaders(nil, r.Internal.Headers)
	case TypeCORS:
		h, _ = appendCORSHeaders(nil, r.Internal.Headers, r.request.Credentials, r.request.exposeStar())
	}
	if len(h) > 0 && r.request.rules().ChallengesJoinedByNewlines {
		h = r.request.joinChallenges(h)
	}
	return h
}

// IsNetworkError reports whether the fetch failed.
func (r *Response) IsNetworkError() bool { return r.Type == TypeError }

// URL returns the response's URL as a script reads it, without its fragment; empty if it has none.
func (r *Response) URL() string {
	if !r.showsURLs() {
		return ""
	}
	if r.request.departures != nil && r.request.departures.upgradeHidden && len(r.request.urls) == 1 {
		return r.request.URL.WithoutFragment()
	}
	return r.AskedURL()
}

// wasAsked reports whether a server asked for a user name and a password.
func (r *Response) wasAsked() bool {
	return slices.ContainsFunc(r.Exchanges, func(e Exchange) bool {
		return e.Response != nil && e.Response.Status == 401 && e.Response.Headers.askForBasic(r.request.rules())
	})
}

// AskedURL returns the URL that was asked last, without its fragment: XMLHttpRequest shows it also where a profile has
// fetch() show another.
func (r *Response) AskedURL() string {
	u := r.request.currentURL()
	if r.request.rules().URLCredentialsHidden && u.HasCredentials() && (r.request.tainting == TaintCORS || r.wasAsked()) {
		return u.WithoutCredentials().WithoutFragment()
	}
	return u.WithoutFragment()
}

// Redirected reports whether a redirect was followed, as a script reads it.
func (r *Response) Redirected() bool {
	return r.showsURLs() && (len(r.request.urls) > 1 || r.request.departures != nil && r.request.departures.redirectShown)
}

// AppendBasicHeaders appends the headers of h that a basic filtered response shows: all but Set-Cookie.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response-basic
func AppendBasicHeaders(dst, h Headers) Headers {
	for i := range h {
		if !IsForbiddenResponseHeaderName(h[i].Name) {
			dst = append(dst, h[i])
		}
	}
	return dst
}

// AppendCORSHeaders appends the headers of h that a CORS filtered response shows: the safelisted ones and those that
// Access-Control-Expose-Headers names. The step tells how the exposed ones came about; it is the zero Step where the
// header is absent.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response-cors, and main fetch 14.1
func AppendCORSHeaders(dst, h Headers, c Credentials) (Headers, policy.Step) {
	return appendCORSHeaders(dst, h, c, false)
}

// appendCORSHeaders is AppendCORSHeaders; with starOutlives a * holds although a malformed element follows it.
func appendCORSHeaders(dst, h Headers, c Credentials, starOutlives bool) (Headers, policy.Step) {
	// main fetch 14.1.1: which headers are named. Few response headers are compared with each name, many are found
	// by a map, so that the cost stays linear.
	var buf [32]bool
	exposed := buf[:]
	var index map[string][]int
	if len(h) > len(buf) {
		exposed = make([]bool, len(h))
		index = make(map[string][]int, len(h))
		for i := range h {
			n := lower(h[i].Name)
			index[n] = append(index[n], i)
		}
	}
	star := false
	present, parses := eachListValue(h, "access-control-expose-headers", func(name string) {
		star = star || name == "*"
		if index != nil {
			n := lower(name)
			for _, i := range index[n] {
				exposed[i] = true
			}
			delete(index, n) // a name that comes again is not walked again
			return
		}
		for i := range h {
			if len(h[i].Name) == len(name) && equalFold(h[i].Name, name) {
				exposed[i] = true
			}
		}
	})
	step := exposure(present, parses, star, c, starOutlives)
	all := step == policy.MainExposeAllHeaders
	if step == policy.MainExposeMalformed {
		clear(exposed)
	}
	for i := range h {
		if isCORSSafelistedResponseHeaderName(h[i].Name) ||
			(all || exposed[i]) && !IsForbiddenResponseHeaderName(h[i].Name) {
			dst = append(dst, h[i])
		}
	}
	return dst, step
}

// exposure is what main fetch 14.1 makes of Access-Control-Expose-Headers.
func exposure(present, parses, star bool, c Credentials, starOutlives bool) policy.Step {
	switch {
	case !present:
		return 0
	case !parses && !(starOutlives && star && c != Include):
		return policy.MainExposeMalformed
	// 14.1.2
	case c != Include && star:
		return policy.MainExposeAllHeaders
	}
	// 14.1.3
	return policy.MainExposeHeaders
}

// exposeStep is the step of appendCORSHeaders alone.
func exposeStep(h Headers, c Credentials, starOutlives bool) policy.Step {
	star := false
	present, parses := eachListValue(h, "access-control-expose-headers", func(name string) {
		star = star || name == "*"
	})
	return exposure(present, parses, star, c, starOutlives)
}

// isCORSSafelistedResponseHeaderName reports whether every page may see the header, whatever is exposed beside it.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
func isCORSSafelistedResponseHeaderName(name string) bool {
	if name == "" {
		return false
	}
	// Most headers are told apart by their first letter.
	switch name[0] | 0x20 {
	case 'c', 'e', 'l', 'p':
	default:
		return false
	}
	switch name {
	// As HTTP/1 servers and as HTTP/2 spell them.
	case "Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma",
		"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma":
		return true
	}
	switch len(name) {
	case len("pragma"):
		return equalFold(name, "pragma")
	case len("expires"):
		return equalFold(name, "expires")
	case len("content-type"):
		return equalFold(name, "content-type")
	case len("cache-control"): // and of last-modified
		return equalFold(name, "cache-control") || equalFold(name, "last-modified")
	case len("content-length"):
		return equalFold(name, "content-length")
	case len("content-language"):
		return equalFold(name, "content-language")
	}
	return false
}
