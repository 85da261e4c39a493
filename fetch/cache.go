package fetch

import (
	"cmp"
	"hash/maphash"
	"math"
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

// maxCachedName is the length of the longest method or header name that is kept; the standard lets entries be
// removed early, and one name of a hostile server shall not fill the memory.
const maxCachedName = 256

// A PreflightCache is a CORS-preflight cache. The zero value is empty and ready. It may be used from many goroutines.
//
// Entries that share partition, origin and URL stand in one group, so that a look-up costs one hash and touches one
// group, however many there are. A full cache forgets the groups that stand in it for longest and were not used since
// they were last looked at for that.
//
// https://fetch.spec.whatwg.org/#concept-cache
type PreflightCache struct {
	// MaxEntries bounds the number of entries, each a method or a header name for one origin and URL; 0 stands for
	// DefaultMaxPreflightEntries, a negative number for none at all.
	MaxEntries int

	mu      sync.Mutex
	seed    maphash.Seed
	groups  groupTable
	askers  map[askerKey]*preflightAsker
	last    *preflightAsker // the one found last, which is the next one more often than not
	entries int
	uses    uint64 // how often groups were used

	newest, oldest *preflightGroup // queued last, queued longest ago
}

// A preflightKey is what the entries of a group have in common: key, byte-serialized origin and URL.
type preflightKey struct {
	url, origin string
	partition   *policy.Site // never nil, and not to be written to
}

// asker is the key without the URL.
func (k preflightKey) asker() askerKey { return askerKey{k.origin, *k.partition} }

type askerKey struct {
	origin    string
	partition policy.Site
}

// A preflightAsker is an origin in a partition that groups are kept for. Groups point at it, so that they are small.
type preflightAsker struct {
	askerKey
	hash   uint64
	groups int
}

// is reports whether a is the one of the key.
func (a *preflightAsker) is(key preflightKey) bool {
	return a.origin == key.origin && a.partition == *key.partition
}

// A preflightGroup holds the entries of one key, everyday ones in two cache lines.
type preflightGroup struct {
	asker    *preflightAsker
	lastUse  uint64 // PreflightCache.uses at its last use
	number   uint32 // in the groupTable
	wasUsed  bool   // since it was queued
	apart    bool   // entries with credentials do not serve requests without (a profile's rule)
	stars    starKind
	shortLen uint8 // 0: the URL is in entries.more
	short    [maxShortURL]byte
	slot     uint8 // in its bucket
	entries  entrySet
	prev     *preflightGroup // queued before
	next     *preflightGroup // queued after
	bucket   uint32          // where it stands in the index of the groupTable
	hash     uint32          // of asker and URL
}

// maxShortURL is the length of the longest URL that stands in its group.
const maxShortURL = 39

// shortLen is preflightGroup.shortLen of a URL.
func shortLen(url string) uint8 {
	if len(url) > maxShortURL {
		return 0
	}
	return uint8(len(url))
}

// isFor reports whether the group is about the URL.
func (g *preflightGroup) isFor(url string) bool {
	if g.shortLen > 0 {
		return string(g.short[:g.shortLen]) == url
	}
	return g.entries.more != nil && g.entries.more.url == url
}

// url is the URL that the group is about.
func (g *preflightGroup) url() string {
	if g.shortLen > 0 {
		return string(g.short[:g.shortLen])
	}
	return g.entries.more.url
}

// setURL makes a group without entries one about the URL.
func (g *preflightGroup) setURL(url string) {
	if g.shortLen = shortLen(url); g.shortLen > 0 {
		copy(g.short[:], url)
	} else {
		g.entries.more = &moreOfGroup{url: url}
	}
}

// A preflightEntry is one cache entry without what its group holds.
type preflightEntry struct {
	name        string // a method, a header name in lower case, or *
	stored      int64  // nanoseconds since 1970
	maxAge      uint32 // seconds
	credentials bool
	about       entrySubject
}

// An entrySubject is what the name of an entry is. The zero value is that of no entry.
type entrySubject uint8

const (
	aboutMethod entrySubject = 1 + iota
	aboutHeader
)

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

// secondsOf is a max-age as entries have it: 136 years are for ever.
func secondsOf(maxAge int64) uint32 { return uint32(min(max(maxAge, 0), math.MaxUint32)) }

func (e *preflightEntry) fresh(now int64) bool {
	return now-e.stored < int64(time.Second)*int64(e.maxAge)
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

// An entrySet holds the entries of a group: one itself, more of them elsewhere. A few are compared one by one, many
// are looked up in a map.
type entrySet struct {
	more  *moreOfGroup
	first [1]preflightEntry // if there is nothing more
}

// moreOfGroup is what does not stand in a group: entries if there are several, and a long URL with all of its entries.
type moreOfGroup struct {
	url     string
	list    []preflightEntry
	index   map[entryKey]int // nil while there are few
	pruneAt int              // the length at which stale entries are looked for, if there is an index
}

// list returns the entries, to be changed in place.
func (s *entrySet) list() []preflightEntry {
	switch {
	case s.more != nil:
		return s.more.list
	case s.first[0].about == 0:
		return nil
	}
	return s.first[:]
}

// empty drops the entries.
func (s *entrySet) empty() {
	s.first[0] = preflightEntry{}
	if m := s.more; m != nil {
		s.more = &moreOfGroup{url: m.url}
	}
}

// An entryLookup says how entries are looked up.
type entryLookup struct {
	about entrySubject // header names match in any case
	apart bool         // preflightGroup.apart
}

func (g *preflightGroup) methodLookup() entryLookup {
	return entryLookup{about: aboutMethod, apart: g.apart}
}

func (g *preflightGroup) headerLookup() entryLookup {
	return entryLookup{about: aboutHeader, apart: g.apart}
}

type entryKey struct {
	name        string
	about       entrySubject
	credentials bool
}

func (e *preflightEntry) key() entryKey { return entryKey{e.name, e.about, e.credentials} }

// find returns the entry of that name, fresh or not, or nil.
func (s *entrySet) find(how entryLookup, name string, credentials bool) *preflightEntry {
	list := s.list()
	if s.more != nil && s.more.index != nil {
		var buf [64]byte
		key := entryKey{name, how.about, credentials}
		if how.about == aboutHeader {
			key.name = string(appendLower(buf[:0], name))
		}
		if i, ok := s.more.index[key]; ok {
			return &list[i]
		}
		return nil
	}
	for i := range list {
		if e := &list[i]; e.about == how.about && e.credentials == credentials &&
			(e.name == name || e.about == aboutHeader && equalFold(e.name, name)) {
			return e
		}
	}
	return nil
}

// match returns the entries, at most two, that a request with or without credentials may use under that name: an
// answer for credentials serves requests without as well.
//
// https://fetch.spec.whatwg.org/#concept-cache-match
func (s *entrySet) match(how entryLookup, name string, include bool, now int64) (with, without *preflightEntry) {
	if how.apart && !include {
		if e := s.find(how, name, false); e != nil && e.fresh(now) {
			without = e
		}
		return nil, without
	}
	if e := s.find(how, name, true); e != nil && e.fresh(now) {
		with = e
	}
	if !include {
		if e := s.find(how, name, false); e != nil && e.fresh(now) {
			without = e
		}
	}
	return with, without
}

// has reports whether a request may use an entry of that name.
func (s *entrySet) has(how entryLookup, name string, include bool, now int64) bool {
	with, without := s.match(how, name, include, now)
	return with != nil || without != nil
}

// setMaxAge gives the matching entries of that name the max-age, and reports whether there are any.
func (s *entrySet) setMaxAge(how entryLookup, name string, include bool, maxAge uint32, now int64) bool {
	with, without := s.match(how, name, include, now)
	if with != nil {
		with.maxAge = maxAge
	}
	if without != nil {
		without.maxAge = maxAge
	}
	return with != nil || without != nil
}

// put gives the entries that cover a name the max-age of e, also a * that stands for it, or makes e an entry of that name if
// it is to last at all. It returns by how much the set has grown.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, steps 7.13 and 7.15
func (s *entrySet) put(how entryLookup, name string, star bool, e preflightEntry) int {
	if len(s.list()) > 0 {
		named := s.setMaxAge(how, name, e.credentials, e.maxAge, e.stored)
		if star && s.setMaxAge(how, "*", e.credentials, e.maxAge, e.stored) || named {
			return 0
		}
	}
	if e.maxAge == 0 || len(name) > maxCachedName {
		return 0
	}
	if how.about == aboutHeader {
		e.name = strings.Clone(name)
	} else {
		e.name = kept(name)
	}
	return s.add(how, e)
}

// add puts an entry in, in place of a stale one of the same name if there is one, and returns by how much the set
// has grown.
func (s *entrySet) add(how entryLookup, e preflightEntry) int {
	e.about = how.about
	if old := s.find(how, e.name, e.credentials); old != nil {
		*old = e
		return 0
	}
	if s.more == nil {
		if s.first[0].about == 0 {
			s.first[0] = e
			return 1
		}
		s.more = &moreOfGroup{list: append(make([]preflightEntry, 0, 4), s.first[0])}
		s.first[0] = preflightEntry{}
	}
	m := s.more
	before := len(m.list)
	if m.index != nil && before >= m.pruneAt || m.index == nil && before >= maxComparedNames {
		m.prune(e.stored)
	}
	if m.index != nil {
		m.index[e.key()] = len(m.list)
	}
	m.list = append(m.list, e)
	return len(m.list) - before
}

// prune drops stale entries and makes the index that a long list needs.
func (m *moreOfGroup) prune(now int64) {
	m.list = slices.DeleteFunc(m.list, func(e preflightEntry) bool { return !e.fresh(now) })
	m.index = nil
	if len(m.list) >= maxComparedNames {
		m.index, m.pruneAt = make(map[entryKey]int, 2*len(m.list)), 2*len(m.list)
		for i := range m.list {
			m.index[m.list[i].key()] = i
		}
	}
}

// hasMethod reports whether there is a method cache entry match.
//
// https://fetch.spec.whatwg.org/#concept-cache-match-method
func (g *preflightGroup) hasMethod(method string, include bool, now int64) bool {
	how := g.methodLookup()
	return g.entries.has(how, method, include, now) || g.stars != starsAreNames && g.entries.has(how, "*", include, now)
}

// hasName reports whether there is a header-name cache entry match.
//
// https://fetch.spec.whatwg.org/#concept-cache-match-header
func (g *preflightGroup) hasName(name string, include bool, now int64) bool {
	how := g.headerLookup()
	return g.entries.has(how, name, include, now) || g.starServes(name) && g.entries.has(how, "*", include, now)
}

// A starKind is what a * among the entries of a group means.
type starKind uint8

const (
	starsStand    starKind = iota // for all but what is no CORS wildcard
	starsAreNames                 // for itself (a profile's rule)
	starsStandAll                 // for all (a profile's rule)
)

// starKindOf returns what a * means to a profile in an answer for credentials, or without.
func starKindOf(p *policy.Profile, include bool) starKind {
	switch {
	case p.KeptStarsAreNames, p.KeptCredentialedStarsAreNames && include:
		return starsAreNames
	case p.KeptStarCoversAuthorization:
		return starsStandAll
	}
	return starsStand
}

// starServes reports whether a * stands for a header's name.
func (g *preflightGroup) starServes(name string) bool {
	return g.stars == starsStandAll || g.stars == starsStand && !isCORSNonWildcardRequestHeaderName(name)
}

// anything returns an entry of the group that the request may use, whatever it is about, or nil.
func (g *preflightGroup) anything(include bool, now int64) *preflightEntry {
	list := g.entries.list()
	for i := range list {
		if g.serves(&list[i], include) && list[i].fresh(now) {
			return &list[i]
		}
	}
	return nil
}

// serves reports whether a request with or without credentials may use an entry while that is fresh.
func (g *preflightGroup) serves(e *preflightEntry, include bool) bool {
	return e.credentials == include || e.credentials && !g.apart
}

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
	g := c.find(key)
	if g == nil {
		if story != nil {
			story.nearby(c, r, key, now)
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

// match says whether the group covers the request's method, if that needs consent, and the unsafe names.
func (g *preflightGroup) match(r *Request, needMethod bool, unsafe []string, now int64) (policy.Step, string) {
	include := r.Credentials == Include
	if needMethod && !g.hasMethod(r.Method, include, now) {
		return policy.CacheMethodMiss, r.Method
	}
	for _, name := range unsafe {
		if !g.hasName(name, include, now) {
			return policy.CacheHeaderMiss, name
		}
	}
	return policy.CacheHit, ""
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
	a := c.known(key)
	if lasts && limit > DefaultMaxPreflightEntries {
		// A large cache makes room before it searches, so that the memory is waited for in one go; a group more or less does
		// not matter to it.
		c.shrink(limit-1, a, key.url)
	}
	var g *preflightGroup
	var hash uint32
	if a != nil {
		hash = a.hashOf(c.seed, key.url)
		g = c.groups.find(hash, a, key.url)
	}
	if g == nil {
		if !lasts {
			return
		}
		c.shrink(limit-1, nil, "") // room for one entry at least
		if a == nil || a.groups == 0 {
			// There was none, or it went with its last group.
			a = c.newAsker(key.asker())
			hash = a.hashOf(c.seed, key.url)
		}
		a.groups++
		g = c.groups.take()
		g.asker, g.hash = a, hash
		g.setURL(key.url)
		g.apart, g.stars = r.rules().PreflightCredentialsApart, starKindOf(r.rules(), false)
		c.groups.insert(g)
		c.uses++
		g.lastUse = c.uses
		c.enqueue(g)
	} else {
		c.used(g)
		if r.rules().PreflightAnswerReplaces {
			c.entries -= len(g.entries.list())
			g.entries.empty()
		}
	}
	e := preflightEntry{stored: now, maxAge: secondsOf(maxAge), credentials: r.Credentials == Include}
	if r.rules().KeptCredentialedStarsAreNames {
		g.stars = starKindOf(r.rules(), e.credentials)
	}
	// 7.12-7.13
	addMethod := func(method string) bool {
		c.entries += g.entries.put(g.methodLookup(), method, g.stars != starsAreNames, e)
		return len(g.entries.list()) < limit
	}
	present, _ := eachListValue(h, "Access-Control-Allow-Methods", addMethod)
	if !present && r.usesCORSPreflight() && !(r.Method == "HEAD" && r.rules().KeptHeadNeedsEntry) {
		// 7.4
		addMethod(r.Method)
	}
	// 7.14-7.15
	eachListValue(h, "Access-Control-Allow-Headers", func(name string) bool {
		c.entries += g.entries.put(g.headerLookup(), name, g.starServes(name), e)
		return len(g.entries.list()) < limit
	})
	if lasts && r.rules().SafelistedMethodsNeedNoEntry && len(g.entries.list()) == 0 {
		// That there was an answer counts by itself.
		c.entries += g.entries.add(g.methodLookup(), e)
	}
	if len(g.entries.list()) == 0 {
		c.remove(g) // a group without entries would not count
	}
	c.shrink(limit, nil, "")
}

// kept is a method as an entry keeps it: the usual ones take no memory of their own.
func kept(method string) string {
	switch method {
	case "GET":
		return "GET"
	case "POST":
		return "POST"
	case "PUT":
		return "PUT"
	case "PATCH":
		return "PATCH"
	case "DELETE":
		return "DELETE"
	case "HEAD":
		return "HEAD"
	case "OPTIONS":
		return "OPTIONS"
	case "*":
		return "*"
	}
	return strings.Clone(method)
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
	g := c.find(keyOf(r))
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
	c.groups, c.askers, c.last, c.entries, c.newest, c.oldest = groupTable{}, nil, nil, 0, nil, nil
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
			Partition: g.asker.partition, Origin: g.asker.origin, URL: g.url(), Credentials: e.credentials,
			Expires: e.expires(),
		})
		return &out[len(out)-1]
	}
	groups := make([]*preflightGroup, 0, c.groups.n)
	for g := c.newest; g != nil; g = g.prev {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *preflightGroup) int { return cmp.Compare(b.lastUse, a.lastUse) })
	for _, g := range groups {
		list := g.entries.list()
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

// shrink keeps the bound, but stops before the group of a given key, if any. A group that was used since it was queued
// is queued anew; each use pays for one such move at most.
func (c *PreflightCache) shrink(limit int, a *preflightAsker, url string) {
	for c.entries > limit && c.oldest != nil {
		switch old := c.oldest; {
		case old.asker == a && old.isFor(url):
			return
		case old.wasUsed:
			c.leave(old)
			c.enqueue(old)
		default:
			c.remove(old)
		}
	}
}

// find returns the group of that key, or nil.
func (c *PreflightCache) find(key preflightKey) *preflightGroup {
	a := c.known(key)
	if a == nil {
		return nil
	}
	return c.groups.find(a.hashOf(c.seed, key.url), a, key.url)
}

// known returns the asker of that key, or nil if there are no groups for it.
func (c *PreflightCache) known(key preflightKey) *preflightAsker {
	if a := c.last; a != nil && a.is(key) {
		return a
	}
	a := c.askers[key.asker()]
	if a != nil {
		c.last = a
	}
	return a
}

// newAsker makes an asker that was not known.
func (c *PreflightCache) newAsker(key askerKey) *preflightAsker {
	if c.askers == nil {
		c.seed, c.askers = maphash.MakeSeed(), make(map[askerKey]*preflightAsker)
	}
	a := &preflightAsker{askerKey: key, hash: maphash.Comparable(c.seed, key)}
	c.askers[key], c.last = a, a
	return a
}

// hashOf is the hash of the asker with a URL.
func (a *preflightAsker) hashOf(seed maphash.Seed, url string) uint32 {
	return uint32(maphash.String(seed, url) ^ a.hash)
}

// used notes that a group was.
func (c *PreflightCache) used(g *preflightGroup) {
	c.uses++
	g.lastUse, g.wasUsed = c.uses, true
}

// enqueue makes a group the newest one of the queue.
func (c *PreflightCache) enqueue(g *preflightGroup) {
	g.wasUsed = false
	g.prev, g.next = c.newest, nil
	if c.newest != nil {
		c.newest.next = g
	} else {
		c.oldest = g
	}
	c.newest = g
}

// leave takes a group out of the queue.
func (c *PreflightCache) leave(g *preflightGroup) {
	if g.prev != nil {
		g.prev.next = g.next
	} else {
		c.oldest = g.next
	}
	if g.next != nil {
		g.next.prev = g.prev
	} else {
		c.newest = g.prev
	}
}

// remove forgets a group.
func (c *PreflightCache) remove(g *preflightGroup) {
	c.leave(g)
	c.entries -= len(g.entries.list())
	a := g.asker
	if a.groups--; a.groups == 0 {
		delete(c.askers, a.askerKey)
		if c.last == a {
			c.last = nil
		}
	}
	c.groups.remove(g)
}
