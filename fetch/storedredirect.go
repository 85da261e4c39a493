package fetch

import "github.com/corsim/corsim/origin"

// What profiles have stored redirects, and answers that are to pass their checks, do in the HTTP cache.

// settleLater has what becomes of the response wait for its checks, if it is one to the request itself and the cache
// has something to do with it (CacheRules.StoredWhenChecked).
func (p *params) settleLater(c *cacheRun, r *Request, mode CacheMode) {
	c.later = r == p.r && mode != CacheNoStore
	if r.departures != nil {
		r.departures.unsettled = false
	}
}

// keepStored notes the request that brought a stored redirect (CacheRules.RedirectsKeepRequest).
func (p *params) keepStored(s *CacheSelection) {
	d := p.r.departs()
	d.kept, d.keptAnew = s.Kept, false
}

// sendKept has a request go on from a stored redirect as the one that brought it did.
func (p *params) sendKept(location, current *origin.URL) {
	r, kept := p.r, p.r.departures.kept
	if location.SameOrigin(current.Origin()) && r.Mode == NoCORS {
		p.origin = kept.Origin
	}
	if r.tainting != TaintBasic || !location.SameOrigin(r.Origin) {
		return
	}
	r.departures.keptAnew = kept.Mode == CacheReload || kept.Mode == CacheNoCache
	authorization, ok := r.Headers.Get("Authorization")
	r.Headers, r.Credentials = kept.Headers.Clone(), kept.Credentials
	r.Headers.Delete("Authorization")
	if ok {
		r.Headers = append(r.Headers, Header{"Authorization", authorization})
	}
}

// isRemembered reports whether the answer to the request is remembered, so that nothing is sent, not even a preflight
// (CacheRules.XHRRemembered).
func (p *params) isRemembered() bool {
	r := p.r
	if p.f.HTTPCache == nil || r.Client == nil || r.Method != "GET" || len(r.urls) > 1 || hasConditional(r.Headers) ||
		r.Cache != CacheDefault && r.Cache != CacheForceCache && r.Cache != CacheOnlyIfCached {
		return false
	}
	s := p.f.HTTPCache.Select(CacheQuery{Partition: r.partition(), Method: "GET", URL: r.currentURL().WithoutFragment(),
		Headers: r.Headers, Mode: r.Cache, By: r, Now: p.f.Now})
	return s.Remembered && s.Use == CacheUseFresh
}
