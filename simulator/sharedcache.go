package simulator

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// A SharedCache is a network behind an HTTP cache that many users share: a CDN or a proxy. It keeps and uses responses
// by the rules of RFC 9111 for shared caches, which know nothing of origins: what it stored for one user's origin it
// gives to the next user of another, unless the response varies by Origin. Its fields are set before the first use;
// after that it may be used from many goroutines, and must not be copied.
//
// https://www.rfc-editor.org/rfc/rfc9111.html
type SharedCache struct {
	// Network answers what the cache does not.
	Network fetch.Network
	// Now tells the time; nil stands for time.Now.
	Now func() time.Time
	// MaxResponses and MaxBytes bound the cache; see HTTPCache.
	MaxResponses int
	MaxBytes     int64
	// Trace receives the steps of the cache; nil is off. It is called by the goroutines that use the cache.
	Trace policy.Trace

	start sync.Once
	cache HTTPCache
}

// RoundTrip implements fetch.Network.
func (s *SharedCache) RoundTrip(ctx context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	s.start.Do(s.setRules)
	q := fetch.CacheQuery{Method: r.Method, URL: wireURL(r.URL), Headers: r.Headers, Now: s.Now, Tell: s.Trace != nil}
	if r.Method != "GET" && r.Method != "HEAD" || r.Headers.Has("Range") {
		return s.forward(ctx, r, q)
	}
	// What is kept outlives the call.
	q.Headers = slices.Clone(r.Headers)
	// Section 4.
	found := s.cache.Select(q)
	if found.Step != 0 {
		s.Trace.Add(found.Step, found.Got, found.Want)
	}
	if found.Use == fetch.CacheUseFresh || found.Use == fetch.CacheUseRevalidate {
		age := s.cache.ageOf(q)
		if found.Use == fetch.CacheUseRevalidate {
			// Nobody waits for it, and its failure is nobody's.
			_, _ = s.ask(ctx, r, q, found.Response)
		}
		return reused(r, found.Response, s.now(), age), nil
	}
	return s.ask(ctx, r, q, found.Response)
}

// setRules makes the store one of a shared cache.
func (s *SharedCache) setRules() {
	s.cache.shared, s.cache.MaxResponses, s.cache.MaxBytes = true, s.MaxResponses, s.MaxBytes
}

// Cached returns what is stored, the response used last first.
func (s *SharedCache) Cached() []CachedResponse { return s.cache.Cached() }

// Reset empties the cache.
func (s *SharedCache) Reset() { s.cache.Reset() }

func (s *SharedCache) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// forward passes on a request that caches do not answer.
func (s *SharedCache) forward(ctx context.Context, r *fetch.HTTPRequest, q fetch.CacheQuery) (*fetch.HTTPResponse, error) {
	res, err := s.Network.RoundTrip(ctx, r)
	// Section 4.4.
	if err == nil && res != nil && !isSafeMethod(r.Method) && 200 <= res.Status && res.Status <= 399 && s.cache.Invalidate(q) {
		s.Trace.Add(policy.HTTPCacheInvalidated, q.URL, "")
	}
	return res, err
}

// ask asks the network, for whether a stored response holds if there is one, and keeps what comes back.
func (s *SharedCache) ask(ctx context.Context, r *fetch.HTTPRequest, q fetch.CacheQuery, stored *fetch.HTTPResponse) (*fetch.HTTPResponse, error) {
	out := *r
	// The condition of a client that holds a response itself is answered by the cache, if it can: section 4.3.2. What
	// the cache asks of the network is its own affair.
	validating := false
	if stored != nil {
		etag, hasETag := stored.Headers.Get("ETag")
		modified, hasModified := stored.Headers.Get("Last-Modified")
		if validating = hasETag || hasModified; validating {
			out.Headers = slices.Clone(r.Headers)
			out.Headers.Delete("If-None-Match")
			out.Headers.Delete("If-Modified-Since")
			if hasETag {
				out.Headers = append(out.Headers, fetch.Header{Name: "If-None-Match", Value: etag})
			}
			if hasModified {
				out.Headers = append(out.Headers, fetch.Header{Name: "If-Modified-Since", Value: modified})
			}
			s.Trace.Add(policy.HTTPCacheValidating, etag+modified, "")
		}
	}
	sent := s.now()
	res, err := s.Network.RoundTrip(ctx, &out)
	if err != nil || res == nil {
		return res, err
	}
	received := s.now()
	switch {
	case validating && res.Status == 304:
		// Section 4.3.4.
		fresh := s.cache.Freshen(q, stored, res, sent, received)
		s.Trace.Add(policy.HTTPCacheValidated, q.URL, "")
		return reused(r, fresh, received, s.cache.ageOf(q)), nil
	case r.Method == "GET":
		if d := s.cache.Store(q, res, sent, received); d.Step != 0 {
			s.Trace.Add(d.Step, d.Got, "")
		}
	}
	return res, nil
}

// reused is a stored response as it answers a request: with its age, and as a 304 if the client holds it already
// (sections 4 and 4.3.2). It has no body for HEAD.
func reused(r *fetch.HTTPRequest, stored *fetch.HTTPResponse, now time.Time, age time.Duration) *fetch.HTTPResponse {
	out := *stored
	out.Headers = make(fetch.Headers, 0, len(stored.Headers)+1)
	for _, h := range stored.Headers {
		if !equalFoldASCII(h.Name, "age") {
			out.Headers = append(out.Headers, h)
		}
	}
	out.Headers = append(out.Headers, fetch.Header{Name: "Age", Value: strconv.FormatInt(int64(age/time.Second), 10)})
	if stored.Status == 200 && clientHolds(r.Headers, stored.Headers, now) {
		out.Status, out.StatusText, out.Body = 304, "Not Modified", nil
		out.Headers = slices.DeleteFunc(out.Headers, func(h fetch.Header) bool {
			return equalFoldASCII(h.Name, "content-length") || equalFoldASCII(h.Name, "content-type") || equalFoldASCII(h.Name, "content-encoding")
		})
	}
	if r.Method == "HEAD" {
		out.Body = nil
	}
	return &out
}

// clientHolds reports whether a conditional request is about the very response that is stored.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-4.3.2
func clientHolds(request, stored fetch.Headers, now time.Time) bool {
	if tags, ok := request.Get("If-None-Match"); ok {
		etag, has := stored.Get("ETag")
		if !has {
			return false
		}
		for tag := range strings.SplitSeq(tags, ",") {
			if tag = trimWSP(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
		return false
	}
	since, ok := request.Get("If-Modified-Since")
	if !ok {
		return false
	}
	limit, ok := parseHTTPDate(since, now)
	modified, has := stored.Get("Last-Modified")
	if !ok || !has {
		return false
	}
	t, ok := parseHTTPDate(modified, now)
	return ok && !t.After(limit)
}

// ageOf returns the current age of the response that fits a query, and nothing if there is none.
func (c *HTTPCache) ageOf(q fetch.CacheQuery) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, _ := c.find(&q)
	if e == nil {
		return 0
	}
	now := time.Now
	if q.Now != nil {
		now = q.Now
	}
	return e.freshness.currentAge(now())
}
