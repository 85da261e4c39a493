package fetch

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/policy"
)

// corsPreflight is HTTP fetch 4.1: it looks into the preflight cache and makes a CORS-preflight fetch if that does
// not cover the request.
func (p *params) corsPreflight() bool {
	if p.r.rules().HTTPCache.XHRRemembered && p.isRemembered() {
		return true
	}
	var buf [16]string
	unsafe := p.r.unsafeNames(buf[:0])
	if p.preflightIsCached(unsafe) {
		return true
	}
	return p.corsPreflightFetch(unsafe)
}

// preflightIsCached reports whether the preflight cache covers the request, given the CORS-unsafe request-header names.
func (p *params) preflightIsCached(unsafe []string) bool {
	var now int64
	if p.f.Cache != nil {
		now = p.now()
	}
	var story *cacheStory
	if p.trace != nil {
		story = new(cacheStory)
	}
	cache := p.preflightCache()
	s, missing := cache.match(p.r, unsafe, now, story)
	if story != nil {
		if cache != p.f.Cache && len(story.events) == 0 {
			story.add(policy.CacheNotKept, p.r.serializedOrigin(), "")
		}
		p.tracePreflightCache(s, missing, story)
	}
	return s.OK()
}

// corsPreflightFetch is CORS-preflight fetch, given the CORS-unsafe request-header names.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (p *params) corsPreflightFetch(unsafe []string) bool {
	r := p.r
	if r.rules().ZeroAddressBlocked && isZeroAddress(r.currentURL()) {
		return p.fail(policy.MainZeroAddress, r.currentURL().String(), "")
	}
	p.trace.Add(policy.PreflightSent, r.currentURL().String(), "")
	// 1.
	preflight := Request{
		Method: "OPTIONS", URL: r.URL, Client: r.Client, Origin: r.Origin, Mode: CORS, Destination: r.Destination,
		ReferrerKind: r.ReferrerKind, Referrer: r.Referrer, ReferrerPolicy: r.ReferrerPolicy,
		profile: r.profile, urls: r.urls, redirectTaint: r.redirectTaint, away: r.away, tainting: TaintCORS,
	}
	// 2.-3.
	preflight.Headers = append(p.room(preflightHeaders+wireHeaders, true), Header{"Accept", "*/*"},
		Header{"Access-Control-Request-Method", r.Method})
	// 4.-5.
	if len(unsafe) > 0 {
		named := unsafe
		if p.r.rules().RequestedNamesRepeat {
			named = appendUnsafeNames(nil, r.judged(), p.r.rules())
			slices.SortFunc(named, compareFold)
		}
		preflight.Headers = append(preflight.Headers, Header{"Access-Control-Request-Headers", joinLower(named)})
	}
	// 6.
	res, ok := p.httpNetworkOrCacheFetch(&preflight, true, false, false)
	if !ok {
		return false
	}
	// 7.1-7.7, 8.
	s, name := preflightCheck(r, unsafe, res, p.r.rules())
	p.res.Exchanges[len(p.res.Exchanges)-1].Step = s
	if !s.OK() {
		if s.Algorithm() == policy.CORSCheck {
			return p.failCORSCheck(s, res.Headers)
		}
		if r.rules().RefusedPreflightsKept && isRefusal(s) {
			p.keepPreflight(res, 0)
		}
		got, want := p.preflightDetail(s, res, name)
		return p.failAtExchange(s, got, want)
	}
	if p.trace != nil {
		p.traceCORSCheck(CORSCheck(r.serializedOrigin(), r.Credentials, res.Headers), res.Headers)
	}
	p.keepPreflight(res, s)
	// 7.16
	return true
}

// isRefusal reports whether the answer to a preflight was understood, and does not allow what it was sent for.
func isRefusal(s policy.Step) bool {
	switch s {
	case policy.PreflightMethodMissing, policy.PreflightMethodNotAllowed, policy.PreflightMethodWildcardCredentials,
		policy.PreflightHeaderMissing, policy.PreflightHeaderNotAllowed, policy.PreflightHeaderWildcardCredentials,
		policy.PreflightAuthorizationNotListed:
		return true
	}
	return false
}

// keepPreflight is CORS-preflight fetch 7.8 to 7.15 for an answer that passed its checks by the step s, if by any.
func (p *params) keepPreflight(res *HTTPResponse, s policy.Step) {
	r := p.r
	// 7.8-7.9
	maxAge, ok := maxAgeOf(res.Headers, p.r.rules())
	if !ok {
		maxAge = defaultMaxAge
		p.trace.Add(policy.PreflightMaxAgeDefault, "", "")
	}
	// 7.10
	if limit := int64(p.r.rules().PreflightMaxAgeLimit / time.Second); limit > 0 && maxAge > limit {
		maxAge = limit
		p.trace.Add(policy.PreflightMaxAgeCapped, "", "")
	}
	if s != 0 {
		p.trace.Add(s, "", "")
	}
	// 7.11
	cache := p.preflightCache()
	if cache != nil && !(r.Cache == CacheNoStore && r.rules().NoStoreKeepsNoPreflight) && !r.leavesNoPreflight() {
		// 7.12-7.15
		cache.store(r, res.Headers, maxAge, p.now())
		if p.trace != nil && cache == p.f.Cache {
			p.trace.Add(policy.CacheStored, storedText(maxAge, p.now()), "")
		}
	}
}

// preflightDetail returns what was found and what was wanted at a failed preflight.
func (p *params) preflightDetail(s policy.Step, res *HTTPResponse, name string) (got, want string) {
	if p.trace == nil {
		return "", ""
	}
	switch s {
	case policy.PreflightStatus, policy.PreflightRedirect:
		return strconv.Itoa(res.Status), "200 to 299"
	case policy.PreflightMethodMissing, policy.PreflightMethodNotAllowed, policy.PreflightMethodWildcardCredentials:
		got, _ = res.Headers.Get("Access-Control-Allow-Methods")
		return got, p.r.Method
	case policy.PreflightAllowMethodsMalformed:
		got, _ = res.Headers.Get("Access-Control-Allow-Methods")
		return got, ""
	}
	got, _ = res.Headers.Get("Access-Control-Allow-Headers")
	return got, lower(name)
}

// maxAgeOf extracts Access-Control-Max-Age; ok is false if it is absent, repeated or no number.
func maxAgeOf(h Headers, p *policy.Profile) (seconds int64, ok bool) {
	n := 0
	for i := range h {
		if h[i].Name == "Access-Control-Max-Age" || equalFold(h[i].Name, "access-control-max-age") {
			seconds, ok = parseDeltaSeconds(h[i].Value)
			if digits, negative := strings.CutPrefix(h[i].Value, "-"); negative && p.NegativeMaxAgeIsZero && isDigits(digits) {
				seconds, ok = 0, true
			}
			if digits, plus := strings.CutPrefix(h[i].Value, "+"); plus && p.PlusInMaxAge {
				seconds, ok = parseDeltaSeconds(digits)
			}
			if !ok && p.MalformedMaxAgeIsZero && h[i].Value != "" {
				return 0, true
			}
			n++
		}
	}
	if n > 1 && p.MalformedMaxAgeIsZero {
		return 0, true
	}
	return seconds, ok && n == 1
}

// joinLower joins names in lower case by a comma.
func joinLower(names []string) string {
	if len(names) == 1 {
		return lower(names[0])
	}
	var buf [256]byte
	b := buf[:0]
	for i, s := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendLower(b, s)
	}
	return string(b)
}
