package simulator

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// The bounds of an HTTPCache that is not told otherwise.
const (
	DefaultMaxCachedResponses = 10_000
	DefaultMaxCachedBytes     = 64 << 20
)

const (
	// maxVariants is how many responses are kept for one URL, which Vary and partitions keep apart.
	maxVariants = 64
	// cacheEntryOverhead is what an entry counts beside the bytes of its response.
	cacheEntryOverhead = 512
)

// An HTTPCache is the store of an HTTP cache by RFC 9111: of a browser's own, which is private. The zero value is
// empty and ready. The bounds are set before the first use; after that it may be used from many goroutines, and must
// not be copied. It reads no clock: those who ask bring the time.
//
// Responses to GET are stored, whole ones alone, and used for GET and HEAD. A full cache forgets what was not used for
// longest.
//
// https://www.rfc-editor.org/rfc/rfc9111.html
type HTTPCache struct {
	MaxResponses int   // 0 stands for DefaultMaxCachedResponses
	MaxBytes     int64 // of headers and bodies; 0 stands for DefaultMaxCachedBytes. No response may take more than an eighth

	shared bool              // the rules are those of shared caches
	rules  policy.CacheRules // what the profile's browser does otherwise

	count      atomic.Int64 // of entries: a look into an empty cache takes no lock
	mu         sync.Mutex
	byURL      map[string]*cacheEntry // the one stored last; its siblings follow
	empty      int                    // how many entries are
	bytes      int64
	head, tail *cacheEntry // used last, used longest ago
}

// A cacheEntry is a stored response.
type cacheEntry struct {
	url        string
	partition  policy.Site
	kind       uint8 // fetch.CacheQuery.Kind
	kept       *fetch.KeptRequest
	remembered *rememberedFor // nil: it is stored
	vary       []varyField
	never      bool // its Vary fits no request
	empty      bool // it holds the place of an answer that said no-store, under the rule MostStored
	authorized bool // it was asked for with Authorization; noted under the rule AuthorizationConfirmed alone
	response   *fetch.HTTPResponse
	stripped   bool // the response has no headers of the connection
	freshness  freshness
	size       int64

	sibling    *cacheEntry // of the same URL, stored before
	prev, next *cacheEntry // by use
}

// A CachedResponse shows one entry of an HTTPCache.
type CachedResponse struct {
	Partition policy.Site
	URL       string
	// Vary are the request headers that a request has to have alike, as the one had them that brought the response;
	// Absent are those that it must not have.
	Vary   fetch.Headers
	Absent []string
	// Response is what is stored. It must not be changed.
	Response *fetch.HTTPResponse
	// Received is when the response was received, or confirmed last.
	Received time.Time
	// FreshUntil is until when it is used without asking. It may lie before Received.
	FreshUntil time.Time
	// Heuristic tells that the cache guessed for how long it is fresh.
	Heuristic bool
	// Validated tells that it is used only after the server has confirmed it, however fresh it is.
	Validated bool
	// Bytes is what it counts against the cache's bound.
	Bytes int64
}

func (c *HTTPCache) maxResponses() int64 {
	if c.MaxResponses > 0 {
		return int64(c.MaxResponses)
	}
	return DefaultMaxCachedResponses
}

func (c *HTTPCache) maxBytes() int64 {
	if c.MaxBytes > 0 {
		return c.MaxBytes
	}
	return DefaultMaxCachedBytes
}

// Select implements fetch.HTTPCache.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-4
func (c *HTTPCache) Select(q fetch.CacheQuery) (s fetch.CacheSelection) {
	if c.count.Load() == 0 {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, other := c.find(&q)
	if e != nil && e.remembered != nil && !e.remembered.fits(&q) {
		c.remove(e)
		return s
	}
	s.Replaces = e != nil
	if e != nil && (e.empty || c.rules.MostStored && isDeadEnd(e.response)) {
		return s
	}
	if other != nil || e != nil && e.never {
		s.Step = policy.HTTPCacheVaryMiss
		if e != nil && !e.response.Headers.Has("Location") {
			s.Length = len(e.response.Body)
		}
		if q.Tell && other != nil {
			s.Got = other.name + ": " + headerText(other.value, other.present)
			s.Want = other.name + ": " + headerText(q.Headers.Get(other.name))
		}
		if e != nil && !c.rules.MisfitAskedAnew && (e.response.Headers.Has("ETag") || c.rules.ConfirmedBelow400) &&
			(!c.rules.Only200Confirmed || e.response.Status == 200) {
			c.used(e)
			s.Use, s.Response = fetch.CacheUseOther, e.response
		}
		return s
	}
	if e == nil {
		return s
	}
	c.used(e)
	now := time.Now
	if q.Now != nil {
		now = q.Now
	}
	age := e.freshness.currentAge(now())
	var turn requestTurn
	if c.rules.RequestDirectivesInTurn {
		turn = c.requestsInTurn(&q, e, now())
	}
	// The conditions under which it has to be validated, those of the request last.
	switch {
	case e.freshness.noCache:
		s.Use, s.Step = fetch.CacheUseStale, policy.HTTPCacheNoCache
	case turn == turnConfirm:
		s.Use, s.Step = fetch.CacheUseStale, policy.HTTPCacheRequestValidates
	case turn == turnUse:
		s.Use, s.Step = fetch.CacheUseFresh, policy.HTTPCacheHit
	case age >= e.freshness.lifetime && !c.mayBeStale(&q, age-e.freshness.lifetime):
		s.Use, s.Step = fetch.CacheUseStale, policy.HTTPCacheStale
		if q.Mode == fetch.CacheDefault && age < e.freshness.lifetime+e.freshness.stale && !c.requestValidates(&q, age, 0) {
			s.Use, s.Step = fetch.CacheUseRevalidate, policy.HTTPCacheStaleWhileRevalidate
		}
	case c.requestValidates(&q, age, e.freshness.lifetime):
		s.Use, s.Step = fetch.CacheUseStale, policy.HTTPCacheRequestValidates
	default:
		s.Use, s.Step = fetch.CacheUseFresh, policy.HTTPCacheHit
	}
	if c.rules.AuthorizationConfirmed && !e.authorized && q.Headers.Has("Authorization") {
		s.Use, s.Step = fetch.CacheUseOther, policy.HTTPCacheRequestValidates
	}
	// What is used is stored without the headers of the connection. They are left out now, which most entries never
	// live to see.
	forced := q.Mode == fetch.CacheForceCache || q.Mode == fetch.CacheOnlyIfCached
	if !e.stripped && (s.Use != fetch.CacheUseStale || forced) {
		e.response, e.stripped = c.stripped(e.response), true
	}
	s.Response, s.Kept, s.Remembered = e.response, e.kept, e.remembered != nil
	if q.Tell {
		s.Got, s.Want = "age "+secondsText(age), "fresh for "+secondsText(e.freshness.lifetime)
	}
	return s
}

// stripped returns a response without the headers that are not stored.
func (c *HTTPCache) stripped(res *fetch.HTTPResponse) *fetch.HTTPResponse {
	if c.rules.TransientsNotStored {
		return withoutTransients(res)
	}
	if c.rules.ChallengesNotStored {
		return storedFields(res)
	}
	return withoutHopHeaders(res)
}

// requestValidates reports whether a request asks for more than that a response is fresh. A lifetime of 0 leaves out
// what depends on it.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-5.2.1
func (c *HTTPCache) requestValidates(q *fetch.CacheQuery, age, lifetime time.Duration) bool {
	// The cache mode "no-cache", whatever the clock says: its max-age of 0 would let a response be used within the
	// moment in which it came.
	if q.Mode == fetch.CacheNoCache {
		return true
	}
	if c.rules.RequestDirectivesInTurn {
		return false // they had their turn
	}
	if !q.Headers.Has("Cache-Control") && !(c.rules.RequestDirectivesLoose && q.Headers.Has("Pragma")) {
		return false
	}
	if c.rules.RequestDirectivesLoose {
		d := parseCacheControl(q.Headers, &c.rules)
		return d.noCache || d.maxAge.set && d.maxAge.seconds == 0 || loosePragma(q.Headers)
	}
	d := parseCacheControl(q.Headers, &policy.CacheRules{})
	if c.rules.RequestDirectivesFew {
		return d.noCache || d.maxAge.valid && d.maxAge.seconds == 0
	}
	return d.noCache || d.maxAge.set && (age > seconds(d.maxAge.or(0)) || d.maxAge.or(0) == 0) ||
		lifetime > 0 && lifetime-age < seconds(d.minFresh.or(0))
}

// mayBeStale reports whether a request takes an answer that is over for so long, under the rule RequestDirectivesLoose.
func (c *HTTPCache) mayBeStale(q *fetch.CacheQuery, over time.Duration) bool {
	if !c.rules.RequestDirectivesLoose || !q.Headers.Has("Cache-Control") {
		return false
	}
	d := parseCacheControl(q.Headers, &c.rules)
	return over < d.maxStale
}

// find returns the entry that fits a query, the one stored last if there are several; else the header in which the
// first of those differs that are stored for its URL, if any is. Under the rule OneAnswer it returns both.
func (c *HTTPCache) find(q *fetch.CacheQuery) (e *cacheEntry, other *varyField) {
	for e = c.byURL[q.URL]; e != nil; e = e.sibling {
		if e.partition != q.Partition || e.kind != q.Kind {
			continue
		}
		var differs *varyField
		if c.rules.EmptyFitsNone {
			differs = variesFromNone(e.vary, q.Headers)
		} else {
			differs = varies(e.vary, q.Headers, c.rules.AbsentIsEmpty)
		}
		if differs == nil || c.rules.OneAnswer {
			return e, differs
		}
		if other == nil {
			other = differs
		}
	}
	return nil, other
}

// Store implements fetch.HTTPCache.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-3
func (c *HTTPCache) Store(q fetch.CacheQuery, res *fetch.HTTPResponse, sent, received time.Time) (d fetch.CacheDecision) {
	control := parseCacheControl(res.Headers, &c.rules)
	d.Step = storable(&q, res, &control, c.shared, &c.rules)
	size := cacheEntryOverhead + 2*int64(len(q.URL)) + int64(len(res.Body))
	for i := range res.Headers {
		size += int64(len(res.Headers[i].Name) + len(res.Headers[i].Value) + 32)
	}
	if d.Step == policy.HTTPCacheStored && size > c.maxBytes()/8 {
		d.Step = policy.HTTPCacheTooLarge
	}
	var fresh freshness
	if d.Step == policy.HTTPCacheStored || c.rules.XHRRemembered || c.rules.MostStored {
		fresh = freshnessOf(res.Status, res.Headers, &control, c.shared, &c.rules, dateOf(res.Headers, &c.rules, received), ageOf(res.Headers, &c.rules), sent, received)
	}
	if c.rules.ReusableAlone && d.Step == policy.HTTPCacheStored && !reusable(res, &fresh) {
		d.Step = policy.HTTPCacheStatus
	}
	var remembered *rememberedFor
	if c.rules.XHRRemembered && (d.Step == policy.HTTPCacheStatus || res.Status == 304) && remembers(&q, res, &control, &fresh) {
		d.Step, remembered = policy.HTTPCacheStored, &rememberedFor{q.By.Mode, q.By.Credentials, q.By.Headers.Clone()}
	}
	if c.rules.MostStored && (d.Step == policy.HTTPCacheStored || res.Status == 303) && isNotStored(res, &control, &fresh) {
		d.Step = policy.HTTPCacheStatus
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// What is stored for such requests is superseded by a full response, whether that one is stored or not (section
	// 4.3.3): the newest answer is that there is another. An error of the server's says nothing about it.
	old, _ := c.find(&q)
	if c.rules.MostStored && (old != nil && isDeadEnd(old.response) || old == nil && replacesAlone(res, &control)) {
		d.Step = policy.HTTPCacheStatus
		return d
	}
	empty := c.rules.MostStored && d.Step == policy.HTTPCacheNoStore && !isNotStored(res, &control, &fresh)
	if d.Step != policy.HTTPCacheStored && !empty {
		if c.rules.AnyAnswerReplaces && (res.LeadsOn() || res.Status == 304) {
			return d
		}
		if old != nil && !(c.rules.MostStored && d.Step == policy.HTTPCacheStatus) &&
			(c.rules.AnyAnswerReplaces || c.rules.MostStored || res.Status < 500 && d.Step != policy.HTTPCachePartial || c.rules.AnyStatusStored) {
			c.remove(old)
		}
		return d
	}
	e := old
	if e == nil {
		e = &cacheEntry{url: q.URL, partition: q.Partition, kind: q.Kind}
	}
	if empty {
		res, fresh, size = new(fetch.HTTPResponse), freshness{}, cacheEntryOverhead+2*int64(len(q.URL))
	}
	if old != nil && old.empty {
		c.empty--
	}
	if e.empty = empty; empty {
		c.empty++
	}
	fields, ok := appendVary(e.vary[:0], q.Headers, res.Headers)
	for i := range fields {
		size += int64(len(fields[i].name) + len(fields[i].value) + 40)
	}
	e.vary, e.never = fields, !ok
	if !ok && !c.rules.OneAnswer || size > c.maxBytes()/8 {
		if old != nil {
			c.remove(old)
		}
		d.Step = policy.HTTPCacheVaryStar
		if ok {
			d.Step = policy.HTTPCacheTooLarge
		}
		return d
	}
	e.response, e.stripped = res, c.rules.HopHeadersStored
	e.authorized = c.rules.AuthorizationConfirmed && q.Headers.Has("Authorization")
	e.kept, e.remembered = nil, remembered
	if c.rules.RedirectsKeepRequest && res.LeadsOn() && q.By != nil {
		origin, _ := q.Headers.Get("Origin")
		e.kept = &fetch.KeptRequest{Headers: q.By.Headers.Clone(), Mode: q.Mode, Credentials: q.By.Credentials, Origin: origin}
	}
	e.freshness = fresh
	if old == nil {
		c.insert(e)
	} else {
		c.bytes -= e.size
		c.used(e)
		c.unchain(e)
		e.sibling, c.byURL[e.url] = c.byURL[e.url], e
	}
	e.size = size
	c.bytes += size
	c.shrink()
	if q.Tell && !empty {
		d.Got = e.freshness.text()
	}
	return d
}

// text tells for how long a response may be used.
func (f *freshness) text() string {
	switch {
	case f.noCache:
		return "to be confirmed before each use"
	case f.lifetime <= f.age:
		return "too old at once"
	case !f.explicit:
		return "fresh for " + secondsText(f.lifetime-f.age) + ", by a guess"
	}
	return "fresh for " + secondsText(f.lifetime-f.age)
}

// Freshen implements fetch.HTTPCache.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-4.3.4
func (c *HTTPCache) Freshen(q fetch.CacheQuery, stored, confirmation *fetch.HTTPResponse, sent, received time.Time) *fetch.HTTPResponse {
	if !c.rules.AnyConfirmationUpdates && !identifiedForUpdate(stored, confirmation) {
		return stored
	}
	base := stored
	if !c.rules.HopHeadersStored {
		base = c.stripped(stored)
	}
	out := updateHeaders(base, confirmation, &c.rules)
	c.mu.Lock()
	defer c.mu.Unlock()
	e, _ := c.find(&q)
	if e == nil || e.response != stored {
		// Somebody else was faster.
		return out
	}
	control := parseCacheControl(out.Headers, &c.rules)
	if control.noStore && !c.rules.ConfirmationChangesLess || c.rules.ConfirmationKeepsType && otherLastModified(stored, confirmation) {
		c.remove(e)
		return out
	}
	fields, ok := appendVary(e.vary[:0], q.Headers, out.Headers)
	if e.vary, e.never = fields, !ok; !ok && !c.rules.OneAnswer {
		c.remove(e)
		return out
	}
	e.response, e.stripped = out, true
	told := confirmation.Headers // how old the answer is
	if c.rules.AgeOutlivesConfirmation {
		told = out.Headers
	}
	e.freshness = freshnessOf(out.Status, out.Headers, &control, c.shared, &c.rules, dateOf(told, &c.rules, received), ageOf(told, &c.rules), sent, received)
	size := cacheEntryOverhead + 2*int64(len(e.url)) + int64(len(out.Body))
	for i := range out.Headers {
		size += int64(len(out.Headers[i].Name) + len(out.Headers[i].Value) + 32)
	}
	for i := range fields {
		size += int64(len(fields[i].name) + len(fields[i].value) + 40)
	}
	c.bytes += size - e.size
	e.size = size
	c.shrink()
	return out
}

// identifiedForUpdate reports whether a 304 is about the stored response: it has the same strong entity tag; or it has
// none, and its weak one or its Last-Modified is the same; or neither has any of these.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-4.3.4
func identifiedForUpdate(stored, confirmation *fetch.HTTPResponse) bool {
	tag, tagged := confirmation.Headers.Get("ETag")
	modified, dated := confirmation.Headers.Get("Last-Modified")
	storedTag, storedTagged := stored.Headers.Get("ETag")
	storedModified, storedDated := stored.Headers.Get("Last-Modified")
	switch {
	case tagged && !strings.HasPrefix(tag, "W/"):
		return storedTag == tag
	case tagged || dated:
		sameTag := tagged && storedTagged && strings.TrimPrefix(storedTag, "W/") == strings.TrimPrefix(tag, "W/")
		return sameTag || dated && storedDated && storedModified == modified
	default:
		return !storedTagged && !storedDated
	}
}

// Invalidate implements fetch.HTTPCache. Of the URLs that a request may have changed the target alone is dropped; that
// the URLs in Location and Content-Location are, too, is left to the cache.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-4.4
func (c *HTTPCache) Invalidate(q fetch.CacheQuery) (any bool) {
	if c.count.Load() == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.byURL[q.URL]; e != nil; {
		next := e.sibling
		if e.partition == q.Partition && e.kind == q.Kind {
			c.remove(e)
			any = true
		}
		e = next
	}
	return any
}

// Reset empties the cache.
func (c *HTTPCache) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byURL, c.bytes, c.empty, c.head, c.tail = nil, 0, 0, nil, nil
	c.count.Store(0)
}

// Len returns how many responses are stored, and how many bytes all that is kept counts.
func (c *HTTPCache) Len() (responses int, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int(c.count.Load()) - c.empty, c.bytes
}

// Cached returns what is stored, the response used last first.
func (c *HTTPCache) Cached() []CachedResponse {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]CachedResponse, 0, c.count.Load())
	for e := c.head; e != nil; e = e.next {
		if e.empty {
			continue
		}
		f := &e.freshness
		r := CachedResponse{
			Partition: e.partition, URL: e.url, Response: e.response, Received: f.received,
			FreshUntil: f.received.Add(f.lifetime - f.age), Heuristic: !f.explicit && f.lifetime > 0,
			Validated: f.noCache, Bytes: e.size,
		}
		for _, v := range e.vary {
			if v.present {
				r.Vary = append(r.Vary, fetch.Header{Name: v.name, Value: v.value})
			} else {
				r.Absent = append(r.Absent, v.name)
			}
		}
		out = append(out, r)
	}
	return out
}

// headerText is the value of a header, or tells that there is none.
func headerText(value string, present bool) string {
	if !present {
		return "none"
	}
	return value
}

// insert puts an entry in as the newest of its URL.
func (c *HTTPCache) insert(e *cacheEntry) {
	if c.byURL == nil {
		c.byURL = make(map[string]*cacheEntry)
	}
	n := 1
	var oldest *cacheEntry
	for s := c.byURL[e.url]; s != nil; s = s.sibling {
		oldest = s
		n++
	}
	if n > maxVariants {
		c.remove(oldest)
	}
	e.sibling = c.byURL[e.url]
	c.byURL[e.url] = e
	c.pushFront(e)
	c.count.Add(1)
}

// shrink drops what was not used for longest until the bounds hold.
func (c *HTTPCache) shrink() {
	for c.tail != nil && (c.count.Load() > c.maxResponses() || c.bytes > c.maxBytes()) {
		c.remove(c.tail)
	}
}

func (c *HTTPCache) remove(e *cacheEntry) {
	c.unchain(e)
	if c.byURL[e.url] == nil {
		delete(c.byURL, e.url)
	}
	c.unlink(e)
	c.bytes -= e.size
	c.count.Add(-1)
	if e.empty {
		c.empty--
	}
}

// unchain takes an entry from among those of its URL, and leaves an empty chain if it was the only one.
func (c *HTTPCache) unchain(e *cacheEntry) {
	first := c.byURL[e.url]
	if first == e {
		c.byURL[e.url] = e.sibling
		return
	}
	for first.sibling != e {
		first = first.sibling
	}
	first.sibling = e.sibling
}

func (c *HTTPCache) pushFront(e *cacheEntry) {
	e.prev, e.next = nil, c.head
	if c.head != nil {
		c.head.prev = e
	} else {
		c.tail = e
	}
	c.head = e
}

func (c *HTTPCache) unlink(e *cacheEntry) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		c.head = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		c.tail = e.prev
	}
}

func (c *HTTPCache) used(e *cacheEntry) {
	if c.head != e {
		c.unlink(e)
		c.pushFront(e)
	}
}
