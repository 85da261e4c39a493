package fetch

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// httpRedirectFetch is HTTP-redirect fetch.
//
// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
func (p *params) httpRedirectFetch() bool {
	r, res := p.r, p.internal
	current := r.currentURL()
	if r.rules().HTTPCache.RedirectsGoAround {
		r.departs().redirectStored = p.cacheState == CacheStateLocal
	}
	// 3.
	location, found, step := locationURL(res, current, p.r.rules())
	// 4.
	if !found && step == 0 {
		p.trace.Add(policy.RedirectLocationMissing, "", "")
		return true
	}
	// 5.
	if step != 0 {
		v, _ := res.Headers.Get("Location")
		return p.failAtExchange(step, v, "")
	}
	// 6.
	if !location.IsHTTP() {
		return p.failAtExchange(policy.RedirectLocationScheme, location.String(), "http: or https:")
	}
	// 7.-8.
	if r.redirectCount == maxRedirects {
		return p.failAtExchange(policy.RedirectTooMany, location.String(), "")
	}
	r.redirectCount++
	// 9.
	if location.HasCredentials() && (r.Mode == CORS && !r.judgedLocation(&location).SameOrigin(r.Origin) ||
		r.rules().RedirectCredentialsBlocked && !r.XMLHttpRequest) {
		if !p.credentialsFailLater(&location) {
			return p.failAtExchange(policy.RedirectCredentialsCrossOrigin, location.String(), "")
		}
	} else if location.HasCredentials() && r.tainting == TaintCORS {
		// 10.
		return p.failAtExchange(policy.RedirectCredentialsTainted, location.String(), "")
	}
	// 11.
	if res.Status != 303 && r.Body.isStream() {
		return p.failAtExchange(policy.RedirectStreamBody, "", "")
	}
	if r.rules().PreflightAsksAsAtFirst && r.departs().asked == nil {
		r.departures.asked = r.Headers.Clone()
	}
	method := r.Method
	if r.rules().DroppedHeadersReturn {
		r.restoreWritten()
		method = r.departures.method
	}
	if d := r.departures; d != nil && d.goneContentType != "" {
		r.returnContentType(res.Status, &location)
	}
	// 12.
	if (res.Status == 301 || res.Status == 302) && method == "POST" ||
		res.Status == 303 && method != "GET" && method != "HEAD" ||
		method == "DELETE" && r.rules().CrossOriginDeleteBecomesGet && !location.SameOrigin(current.Origin()) {
		r.hadBody = r.hadBody || r.Body.isStream() || r.Body != nil && r.UploadListener
		if r.methodChanged && r.rules().DroppedHeadersReturn {
			r.askForDropped(current, &location)
		}
		r.Method, r.Body, r.methodChanged = "GET", nil, true
		if r.rules().ContentTypeReturns {
			r.departs().goneContentType, _ = r.Headers.Get("Content-Type")
		}
		r.Headers = slices.DeleteFunc(r.Headers, func(h Header) bool { return isRequestBodyHeaderName(h.Name) })
		p.trace.Add(policy.RedirectMethodChanged, "", "")
	}
	// 13.
	if !r.upgradedRedirect(&location, r.rules().RedirectAuthorizationUpgraded).SameOrigin(current.Origin()) && r.Headers.Has("Authorization") {
		r.Headers.Delete("Authorization")
		p.trace.Add(policy.RedirectAuthorizationDropped, location.String(), "")
	}
	if p.origin != "" && !location.SameOrigin(current.Origin()) {
		p.origin = ""
	}
	// 14.-17. A body that is no stream can be sent again as it is. Not modelled: timing.
	// 18.
	if r.leavesCredentials(&location, current) {
		location = location.WithoutCredentials()
	}
	r.appendURL(location)
	r.preflightSticks = r.preflighted && r.rules().PreflightSticksEverywhere ||
		r.departures != nil && r.departures.stickyAsWritten && (r.tainting == TaintCORS || !location.SameOrigin(r.Origin))
	if d := r.departures; d != nil && d.redirectStored && d.kept != nil {
		p.sendKept(&location, current)
	}
	p.trace.Add(policy.RedirectFollowed, location.String(), "")
	// 19.
	if rp := r.rules().ResponseReferrerPolicy(res.Headers.Values("Referrer-Policy")...); rp != policy.ReferrerPolicyEmpty {
		r.ReferrerPolicy = rp
		if r.departures != nil {
			r.departures.referrer, r.departures.referrerTightened = nil, false
		}
		p.trace.Add(policy.RedirectReferrerPolicy, rp.String(), "")
	}
	// 20.-22. Not modelled: navigations with the redirect mode "manual".
	return p.mainFetch(true)
}

// judgedLocation is the URL whose origin counts where a redirect's URL holds a user name or a password
// (Profile.RedirectCredentialsUpgraded).
func (r *Request) judgedLocation(location *origin.URL) *origin.URL {
	return r.upgradedRedirect(location, r.rules().RedirectCredentialsUpgraded)
}

// upgradedRedirect is the URL of a redirect, as upgrade-insecure-requests makes it if a profile asks for that.
func (r *Request) upgradedRedirect(location *origin.URL, asked bool) *origin.URL {
	if !asked || r.Client == nil || !r.Client.UpgradesInsecureRequests || location.Scheme() != "http" ||
		r.rules().UpgradesSpareTrustworthyAlways && location.PotentiallyTrustworthy() {
		return location
	}
	upgraded := location.WithScheme("https")
	return &upgraded
}

// locationURL returns where a redirect leads; step is the failure, if it is one.
//
// https://fetch.spec.whatwg.org/#concept-response-location-url
func locationURL(res *HTTPResponse, current *origin.URL, rules *policy.Profile) (u origin.URL, found bool, step policy.Step) {
	// 2.
	value := ""
	for i := range res.Headers {
		if len(res.Headers[i].Name) == len("location") && equalFold(res.Headers[i].Name, "location") {
			if found && rules.LocationsJoined {
				value += ", " + res.Headers[i].Value
				continue
			}
			if found && !(rules.LocationsBreak && value == res.Headers[i].Value) {
				return u, true, policy.RedirectLocationMultiple
			}
			value, found = res.Headers[i].Value, true
		}
	}
	if !found {
		return u, false, 0
	}
	// 3. Equivalent: the value is given to the URL parser as it is; whatever its ABNF refuses besides is what
	// browsers, and the URL parser, take all the same.
	decode := isomorphicDecode
	if rules.LocationBytesKept {
		decode = escapeNonASCII
	}
	if rules.LocationControlsKept {
		value = escape(value, func(c byte) bool { return c < 0x20 })
	}
	u, err := origin.ParseURL(decode(value), current)
	if err != nil {
		return u, true, policy.RedirectLocationInvalid
	}
	// 4.
	if _, has := u.Fragment(); !has {
		if fragment, has := current.Fragment(); has {
			u = u.WithFragment(fragment, true)
		}
	}
	// 5.
	return u, true, 0
}

// isomorphicDecode turns bytes into code points of the same number.
//
// https://infra.spec.whatwg.org/#isomorphic-decode
func isomorphicDecode(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			var b strings.Builder
			for j := range len(s) {
				b.WriteRune(rune(s[j]))
			}
			return b.String()
		}
	}
	return s
}

// escapeNonASCII percent-encodes the bytes that are not ASCII.
func escapeNonASCII(s string) string { return escape(s, func(c byte) bool { return c >= 0x80 }) }

// escape percent-encodes the bytes of which that holds.
func escape(s string, these func(byte) bool) string {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if these(s[i]) {
			b := []byte(s[:i])
			for ; i < len(s); i++ {
				if these(s[i]) {
					b = append(b, '%', hex[s[i]>>4], hex[s[i]&15])
				} else {
					b = append(b, s[i])
				}
			}
			return string(b)
		}
	}
	return s
}
