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
	stays := r.tainting == TaintBasic && location.SameOrigin(r.Origin)
	if !stays && r.Mode != NoCORS {
		return
	}
	if d := r.departures; !d.asKept {
		d.asKept, d.ownHeaders, d.ownCredentials = true, r.Headers, r.Credentials
	}
	r.departures.keptAnew = kept.Mode == CacheReload || kept.Mode == CacheNoCache
	authorization, ok := r.Headers.Get("Authorization")
	r.Headers = kept.Headers.Clone()
	r.Headers.Delete("Authorization")
	if stays {
		r.Credentials = kept.Credentials
	}
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

// startOver has the request be made from its first URL, to confirm what is stored for the one that it has come to.
func (p *params) startOver(c *cacheRun, stored *HTTPResponse) {
	r, d := p.r, p.r.departs()
	d.confirming, d.confirmingAt, d.confirmingLed = stored, c.query.URL, r.urls
	d.redirectShown = true // that there was a redirect is not forgotten
	r.urls, r.redirectCount = r.urls[:1:1], 0
	r.replaceCurrentURL(r.urls[0])
	p.referer, p.origin = p.firstReferer, ""
	if d.asKept {
		d.asKept, r.Headers, r.Credentials = false, d.ownHeaders, d.ownCredentials
	}
	c.startOver = true
}

// isConfirming reports whether the request is made to confirm what stored redirects led to.
func (r *Request) isConfirming() bool { return r.departures != nil && r.departures.confirming != nil }

// confirmsAtOwn reports whether it does so at its first URL, which is of the page's own origin.
func (r *Request) confirmsAtOwn() bool {
	return r.isConfirming() && len(r.urls) == 1 && r.urls[0].SameOrigin(r.Origin)
}

// askToConfirm asks for the confirmation at the URL at hand.
func (p *params) askToConfirm(c *cacheRun, h Headers) Headers {
	c.get, c.store, c.validating, c.selected = true, true, true, p.r.departures.confirming
	h = p.addValidators(h, c.selected, true)
	c.query.Headers = h
	return h
}

// confirmed has the answer be a confirmation of what is stored elsewhere, or one of its own.
func (p *params) confirmed(c *cacheRun, res *HTTPResponse) {
	d := p.r.departures
	if res.Status == 304 {
		c.query.URL, p.r.urls = d.confirmingAt, d.confirmingLed
		p.r.replaceCurrentURL(*p.r.currentURL())
	}
	if !res.LeadsOn() {
		d.confirming = nil
	}
}
