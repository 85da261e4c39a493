package fetch

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/policy"
)

// DefaultMaxPreflightEntries is how many entries a PreflightCache keeps if it is not told otherwise.
const DefaultMaxPreflightEntries = 10_000

// defaultMaxAge is how long a preflight's answer holds that does not say (CORS-preflight fetch 7.9).
const defaultMaxAge = 5

// A PreflightCache is a CORS-preflight cache. The zero value is empty and ready. It may be used from many goroutines.
//
// Entries that share partition, origin and URL stand in one group, so that a look-up touches one group, however many
// there are. A full cache forgets the groups that stand in it for longest and were not used since they were last looked at
// for that, and never the group that an answer is for. A look-up and an answer take constant time, the latter on the
// average: now and then one takes as long as to move all groups.
//
// https://fetch.spec.whatwg.org/#concept-cache
type PreflightCache struct {
	// MaxEntries bounds the number of entries, each a method or a header name for one origin and URL; 0 stands for
	// DefaultMaxPreflightEntries, a negative number for none at all.
	MaxEntries int

	mu      sync.Mutex
	seed    maphash.Seed
	groups  groupLog
	pairs   map[pairKey]*preflightPair
	recent  [2]*preflightPair // those found last, which are the next ones more often than not
	entries int
	uses    uint64 // how often groups were used
}

// A preflightKey is what the entries of a group have in common: key, byte-serialized origin and URL.
type preflightKey struct {
	url, origin string
	partition   *policy.Site // never nil, and not to be written to
}

// pair is the key without the path of its URL.
func (k *preflightKey) pair() pairKey { return pairKey{k.origin, k.url[:hostEnd(k.url)], *k.partition} }

type pairKey struct {
	origin, host string
	partition    policy.Site
}

// A preflightPair is an origin in a partition and the host that it asks. Groups point at it, so that they are small.
type preflightPair struct {
	pairKey
	hash   uint64
	groups int
}

// is reports whether p is the one of the key.
func (p *preflightPair) is(key *preflightKey) bool {
	return p.origin == key.origin && isAt(key.url, p.host) && p.partition == *key.partition
}

// path is the path of the URL of a key with the pair, and what follows it.
func (p *preflightPair) path(key *preflightKey) string { return key.url[len(p.host):] }

// hostEnd is where the path of a URL begins: at the first slash after those of https://.
func hostEnd(url string) int {
	if len(url) > leastHost {
		if i := strings.IndexByte(url[leastHost:], '/'); i >= 0 {
			return leastHost + i
		}
	}
	return len(url)
}

const leastHost = len("https://")

// isAt reports whether host, which was cut off at a hostEnd, is all of a URL before its own.
func isAt(url, host string) bool {
	n := len(host)
	if len(url) == n {
		return url == host && hostEnd(url) == n
	}
	return leastHost <= n && n < len(url) && url[n] == '/' && url[:n] == host
}

// A PreflightCacheEntry shows one entry of a PreflightCache.
type PreflightCacheEntry struct {
	Partition   policy.Site
	Origin      string
	URL         string
	Credentials bool
	Method      string // empty for an entry about a header name
	HeaderName  string // empty for an entry about a method
	Expires     time.Time
}

func keyOf(r *Request) preflightKey {
	key := preflightKey{url: r.currentURL().String(), origin: r.serializedOrigin(), partition: &noPartition}
	if r.Client != nil {
		key.partition = &r.Client.TopLevelSite
	}
	if r.rules().PreflightOriginUntainted {
		key.origin = r.Origin.String()
	}
	if r.rules().PreflightsIgnoreEmptyFragments && !r.XMLHttpRequest {
		if fragment, _ := r.currentURL().Fragment(); fragment == "" {
			key.url = r.currentURL().WithoutFragment()
		}
	}
	return key
}

// noPartition is what requests without a client are in.
var noPartition policy.Site

// Match says whether the cache spares r its preflight: whether it covers the method, if that needs consent, and every
// CORS-unsafe header name.
//
// https://fetch.spec.whatwg.org/#concept-http-fetch, step 4.1
func (c *PreflightCache) Match(r *Request, now time.Time) policy.Step {
	var buf [16]string
	step, _ := c.match(r, r.unsafeNames(buf[:0]), now.UnixNano(), nil)
	return step
}

// match is Match, given the unsafe names; it returns as well which name was not covered. A story, if there is one, is
// told what there was.
func (c *PreflightCache) match(r *Request, unsafe []string, now int64, story *cacheStory) (policy.Step, string) {
	needMethod, plainHead := !IsCORSSafelistedMethod(r.Method) || r.usesCORSPreflight(), false
	if r.Method == "HEAD" && r.rules().KeptHeadNeedsEntry {
		needMethod, plainHead = true, true
	}
	if !needMethod && len(unsafe) == 0 {
		return policy.CacheHit, ""
	}
	miss, missing := policy.CacheMethodMiss, r.Method
	if !needMethod {
		miss, missing = policy.CacheHeaderMiss, unsafe[0]
	}
	if c == nil {
		return miss, missing
	}
	if r.bypassesPreflights() {
		if story != nil {
			story.add(policy.CacheBypassed, r.bypassing(), "")
		}
		return miss, missing
	}
	if r.leavesNoPreflight() {
		if story != nil {
			story.add(policy.CacheNotKept, r.serializedOrigin(), "")
		}
		return miss, missing
	}
	key := keyOf(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.groups.n == 0 {
		return miss, missing
	}
	g := c.find(&key)
	if g == nil {
		if story != nil {
			story.nearby(c, r, &key, now)
		}
		return miss, missing
	}
	c.used(g)
	include := r.Credentials == Include
	var spares *preflightEntry
	if needMethod && !plainHead && r.rules().SafelistedMethodsNeedNoEntry && IsCORSSafelistedMethod(r.Method) {
		// That something is kept for the URL is enough.
		since := now
		if r.rules().SafelistedMethodsNeedNoTime {
			since = 0 // before anything was stored
		}
		spares = g.anything(include, since)
		needMethod = spares == nil
	}
	miss, missing = g.match(r, needMethod, unsafe, now)
	forgets := !miss.OK() && r.rules().PreflightMissForgets
	if story != nil {
		if miss.OK() {
			story.answered(g, r, spares, needMethod, unsafe, now)
		} else {
			story.missed(g, r, miss, missing, forgets, now)
		}
	}
	if forgets {
		c.remove(g)
	}
	return miss, missing
}

// store keeps what a successful preflight said (CORS-preflight fetch 7.12 to 7.15).
func (c *PreflightCache) store(r *Request, h Headers, maxAge int64, now int64) {
	limit := c.MaxEntries
	if limit == 0 {
		limit = DefaultMaxPreflightEntries
	}
	key := keyOf(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	// A max-age of 0 ends what is kept, and makes entries that are gone as soon as they are stored.
	lasts := maxAge > 0 && limit > 0
	if maxAge <= 0 && r.rules().ZeroMaxAgeKeepsEarlier {
		return
	}
	if !lasts && c.groups.n == 0 {
		return
	}
	pair, path := c.known(&key)
	var g *preflightGroup
	var hash uint32
	if pair != nil {
		hash = pair.hashOf(c.seed, path)
		g = c.groups.find(hash, pair, path)
	}
	if g == nil {
		if !lasts {
			return
		}
		c.shrink(limit - 1) // room for one entry at least
		if pair == nil || pair.groups == 0 {
			// There was none, or it went with its last group.
			pair = c.newPair(key.pair())
			path = pair.path(&key)
			hash = pair.hashOf(c.seed, path)
		}
		pair.groups++
		c.uses++
		g = c.groups.add(preflightGroup{
			pair: pair, hash: hash, lastUse: c.uses,
			apart: r.rules().PreflightCredentialsApart, stars: starKindOf(r.rules(), false),
		})
		g.setPath(path)
	} else {
		c.used(g)
		if r.rules().PreflightAnswerReplaces {
			c.entries -= len(g.entries())
			g.empty()
		}
	}
	e := preflightEntry{stored: now, maxAge: secondsOf(maxAge), credentials: r.Credentials == Include}
	if r.rules().KeptCredentialedStarsAreNames {
		g.stars = starKindOf(r.rules(), e.credentials)
	}
	// 7.12-7.13
	addMethod := func(method string) {
		c.entries += g.put(aboutMethod, method, g.stars != starsAreNames, e, limit)
	}
	present, _ := eachListValue(h, "Access-Control-Allow-Methods", addMethod)
	if !present && r.usesCORSPreflight() && !(r.Method == "HEAD" && r.rules().KeptHeadNeedsEntry) {
		// 7.4
		addMethod(r.Method)
	}
	// 7.14-7.15
	eachListValue(h, "Access-Control-Allow-Headers", func(name string) {
		c.entries += g.put(aboutHeader, name, g.starServes(name), e, limit)
	})
	if lasts && r.rules().SafelistedMethodsNeedNoEntry && len(g.entries()) == 0 {
		// That there was an answer counts by itself.
		e.about = aboutMethod
		c.entries += g.add(e)
	}
	if len(g.entries()) == 0 {
		c.remove(g) // a group without entries would not count
	}
	c.shrink(limit)
}

// clear forgets what is known for the request's partition, origin and URL, and reports whether there was anything.
//
// https://fetch.spec.whatwg.org/#concept-cache-clear
func (c *PreflightCache) clear(r *Request) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := keyOf(r)
	g := c.find(&key)
	if g == nil {
		return false
	}
	c.remove(g)
	return true
}

// Reset empties the cache.
func (c *PreflightCache) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.groups, c.pairs, c.recent, c.entries = groupLog{}, nil, [2]*preflightPair{}, 0
}

// Len returns how many entries are kept, those included whose time has passed but that nobody has asked for since.
func (c *PreflightCache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries
}

// Entries returns what the cache holds at the time now, the group used last first.
func (c *PreflightCache) Entries(now time.Time) []PreflightCacheEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []PreflightCacheEntry
	add := func(g *preflightGroup, e *preflightEntry) *PreflightCacheEntry {
		if !e.fresh(now.UnixNano()) || e.name == "" {
			return new(PreflightCacheEntry)
		}
		out = append(out, PreflightCacheEntry{
			Partition: g.pair.partition, Origin: g.pair.origin, URL: g.url(), Credentials: e.credentials,
			Expires: e.expires(),
		})
		return &out[len(out)-1]
	}
	byUse := func(a, b *preflightGroup) int { return cmp.Compare(b.lastUse, a.lastUse) }
	for _, g := range slices.SortedFunc(c.groups.newestFirst(len(c.groups.ring)), byUse) {
		list := g.entries()
		for i := range list {
			if list[i].about == aboutMethod {
				add(g, &list[i]).Method = list[i].name
			}
		}
		for i := range list {
			if list[i].about == aboutHeader {
				add(g, &list[i]).HeaderName = list[i].name
			}
		}
	}
	return out
}

// shrink keeps the bound, and leaves the group used last alone, if there are others. A group that was used since it was
// queued is queued anew; each use pays for one such move at most.
func (c *PreflightCache) shrink(limit int) {
	for c.entries > limit {
		switch old := c.groups.oldest(); {
		case old == nil:
			return
		case old.wasUsed, old.lastUse == c.uses && c.groups.n > 1:
			c.groups.requeue(old)
		default:
			c.remove(old)
		}
	}
}

// find returns the group of that key, or nil.
func (c *PreflightCache) find(key *preflightKey) *preflightGroup {
	p, path := c.known(key)
	if p == nil {
		return nil
	}
	return c.groups.find(p.hashOf(c.seed, path), p, path)
}

// known returns the pair of that key and the path, or nil if there are no groups for it.
func (c *PreflightCache) known(key *preflightKey) (*preflightPair, string) {
	for _, p := range c.recent {
		if p != nil && p.is(key) {
			return p, p.path(key)
		}
	}
	p := c.pairs[key.pair()]
	if p == nil {
		return nil, ""
	}
	c.recent = [...]*preflightPair{p, c.recent[0]}
	return p, p.path(key)
}

// newPair makes a pair that was not known.
func (c *PreflightCache) newPair(key pairKey) *preflightPair {
	if c.pairs == nil {
		c.seed, c.pairs = maphash.MakeSeed(), make(map[pairKey]*preflightPair)
	}
	key.host = strings.Clone(key.host) // not to keep the whole URL
	p := &preflightPair{pairKey: key, hash: maphash.Comparable(c.seed, key)}
	c.pairs[key] = p
	c.recent = [...]*preflightPair{p, c.recent[0]}
	return p
}

// hashOf is the hash of the pair with a path.
func (p *preflightPair) hashOf(seed maphash.Seed, path string) uint32 {
	return uint32(maphash.String(seed, path) ^ p.hash)
}

// used notes that a group was.
func (c *PreflightCache) used(g *preflightGroup) {
	c.uses++
	g.lastUse, g.wasUsed = c.uses, true
}

// remove forgets a group.
func (c *PreflightCache) remove(g *preflightGroup) {
	c.entries -= len(g.entries())
	p := g.pair
	if p.groups--; p.groups == 0 {
		delete(c.pairs, p.pairKey)
		for i := range c.recent {
			if c.recent[i] == p {
				c.recent[i] = nil
			}
		}
	}
	c.groups.remove(g)
}
