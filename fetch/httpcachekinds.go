package fetch

import (
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// What profiles have the HTTP cache do otherwise, where that takes a function of its own.

// The kinds of requests whose answers are kept apart, as bits (CacheRules.AnswersApart).
const (
	kindAnonymous = 1 << iota // without credentials
	kindHEAD
	kindForeign // by fetch() or XMLHttpRequest, to another site than its document's
)

// cacheKind returns the kind of a request.
func (p *params) cacheKind(method string, u *origin.URL, credentials bool) (kind uint8) {
	if !credentials {
		kind |= kindAnonymous
	}
	if method == "HEAD" {
		kind |= kindHEAD
	}
	if p.r.Destination == DestinationEmpty && !policy.SchemelesslySameSite(p.r.Origin, u.Origin()) {
		kind |= kindForeign
	}
	return kind
}

// isWholeRange reports whether the range that is asked for is all there is.
func isWholeRange(h Headers) bool {
	v, _ := h.Get("Range")
	return v == "bytes=0-"
}

// dropChanged drops what an unsafe request may have changed (CacheRules.AnswersInvalidate). Of the kinds it is the one
// that everything else shares.
func (p *params) dropChanged(c *cacheRun, res *HTTPResponse) {
	switch res.Status {
	case 206, 304, 401, 407:
		return
	}
	q := c.query
	q.Kind &= kindAnonymous
	if c.cache.Invalidate(q) {
		p.trace.Add(policy.HTTPCacheInvalidated, q.URL, "")
	}
	current := p.r.currentURL()
	for _, name := range [...]string{"Location", "Content-Location"} {
		value, ok := res.Headers.Get(name)
		if !ok || value == "" {
			continue
		}
		u, err := origin.ParseURL(value, current)
		host, _ := current.Host()
		if other, has := u.Host(); err != nil || !has || other != host {
			continue
		}
		q.URL = u.WithoutFragment()
		if c.cache.Invalidate(q) {
			p.trace.Add(policy.HTTPCacheInvalidated, q.URL, "")
		}
	}
}

// followRedirect is HTTP-redirect fetch under the rule RedirectsForgotten: a redirect after which no request is made is
// forgotten.
func (p *params) followRedirect() bool {
	n, hops := len(p.res.Exchanges), len(p.r.URLs())
	q := p.ownQuery()
	p.cacheState = CacheStateNone
	ok := p.httpRedirectFetch()
	if !ok && len(p.res.Exchanges) == n && p.cacheState != CacheStateLocal && len(p.r.URLs()) <= hops+1 && p.f.HTTPCache != nil {
		p.f.HTTPCache.Invalidate(q)
	}
	return ok
}

// forgetRedirect is forget under the rule RedirectsForgotten; exchange is -1 if the cache answered.
func (p *params) forgetRedirect(exchange int, blocked bool) {
	if d := p.r.departures; d != nil && d.replacesStored && !blocked {
		return
	}
	if exchange >= 0 && p.res.Exchanges[exchange].Response.LeadsOn() && p.f.HTTPCache != nil && p.r.Client != nil {
		p.f.HTTPCache.Invalidate(p.ownQuery())
	}
}

// ownQuery is what the HTTP cache is asked about the request at its current URL.
func (p *params) ownQuery() CacheQuery {
	u := p.r.currentURL()
	return CacheQuery{Partition: p.r.partition(), Method: p.r.Method, URL: u.WithoutFragment(), Now: p.f.Now,
		Kind: p.cacheKind(p.r.Method, u, p.includeCredentials)}
}

// conditionalReplaces reports whether the rule ConditionalsReplace is about a request.
func (r *Request) conditionalReplaces() bool {
	return r.XMLHttpRequest && r.rules().HTTPCache.ConditionalsReplace
}

// ownConditional is fromCache for a request that the script made conditional, under the rule ConditionalsReplace.
func (p *params) ownConditional(c *cacheRun, r *Request) *HTTPResponse {
	c.asked = true
	match, matches := r.Headers.Get("If-Match")
	if !matches && !r.Headers.Has("If-Unmodified-Since") {
		return nil
	}
	s := c.cache.Select(c.query)
	if s.Use != CacheUseFresh {
		return nil
	}
	etag, _ := s.Response.Headers.Get("ETag")
	if matches && etag != "" && (etag != match || strings.HasPrefix(etag, "W/")) {
		return nil
	}
	if s.Step != 0 {
		p.trace.Add(s.Step, s.Got, s.Want)
	}
	return s.Response
}
