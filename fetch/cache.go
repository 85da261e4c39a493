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
	pairs   map[pairKey]*preflightPair
	last    *preflightPair // the one found last, which is the next one more often than not
	entries int
	uses    uint64 // how often groups were used

	newest, oldest *preflightGroup // queued last, queued longest ago
}

// A preflightKey is what the entries of a group have in common: key, byte-serialized origin and URL.
type preflightKey struct {
	origin     string
	partition  *policy.Site // never nil, and not to be written to
	host, path string       // the URL, cut in two before its path
}

func (k preflightKey) url() string { return k.host + k.path }

// pair is the key without the path.
func (k preflightKey) pair() pairKey { return pairKey{k.origin, k.host, *k.partition} }

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
func (p *preflightPair) is(key preflightKey) bool {
	return p.origin == key.origin && p.host == key.host && p.partition == *key.partition
}

// A preflightGroup holds the entries of one key, everyday ones in two cache lines.
type preflightGroup struct {
	pair     *preflightPair
	lastUse  uint64 // PreflightCache.uses at its last use
	number   uint32 // in the groupTable
	wasUsed  bool   // since it was queued
	apart    bool   // entries with credentials do not serve requests without (a profile's rule)
	stars    starKind
	shortLen uint8 // of a path that stands in short, and not in entries.more
	short    [maxShortPath]byte
	slot     uint8 // in its bucket
	entries  entrySet
	prev     *preflightGroup // queued before
	next     *preflightGroup // queued after
	bucket   uint32          // where it stands in the index of the groupTable
	hash     uint32          // of pair and path
}

// maxShortPath is the length of the longest path that stands in its group.
const maxShortPath = 39

// path is the path of the group's URL, with what follows it.
func (g *preflightGroup) path() string {
	if m := g.entries.more; g.shortLen == 0 && m != nil {
		return m.path
	}
	return string(g.short[:g.shortLen])
}

// isFor reports whether the path of the group's URL is the given one.
func (g *preflightGroup) isFor(path string) bool {
	if m := g.entries.more; g.shortLen == 0 && m != nil {
		return m.path == path
	}
	return string(g.short[:g.shortLen]) == path
}

// url is the URL that the group is about.
func (g *preflightGroup) url() string { return g.pair.host + g.path() }

// setPath gives a group without entries a path.
func (g *preflightGroup) setPath(path string) {
	if g.shortLen = 0; len(path) <= maxShortPath {
		g.shortLen = uint8(copy(g.short[:], path))
	} else {
		g.entries.more = &moreOfGroup{path: path}
	}
}

// A preflightEntry is one cache entry without what its group holds.
type preflightEntry struct {
	name        string // a method, a header name as the server wrote it, or *
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
	key := preflightKey{origin: r.serializedOrigin(), partition: &noPartition}
	if r.Client != nil {
		key.partition = &r.Client.TopLevelSite
	}
	if r.rules().PreflightOriginUntainted {
		key.origin = r.Origin.String()
	}
	url := r.currentURL().String()
	if r.rules().PreflightsIgnoreEmptyFragments && !r.XMLHttpRequest {
		if fragment, _ := r.currentURL().Fragment(); fragment == "" {
			url = r.currentURL().WithoutFragment()
		}
	}
	key.host, key.path = cutAtPath(url)
	return key
}

// cutAtPath cuts a URL before its path: where the first slash is after those of https://.
func cutAtPath(url string) (host, path string) {
	const past = len("https://")
	if len(url) > past {
		if i := strings.IndexByte(url[past:], '/'); i >= 0 {
			return url[:past+i], url[past+i:]
		}
	}
	return url, ""
}

// noPartition is what requests without a client are in.
var noPartition policy.Site

// An entrySet holds the entries of a group: a single one itself, more of them elsewhere. A few are compared one by one, many
// are looked up in a map.
type entrySet struct {
	more  *moreOfGroup
	first [1]preflightEntry // if there is one
}

// moreOfGroup is what does not stand in a group: a long path, and the entries if there are several.
type moreOfGroup struct {
	path    string
	list    []preflightEntry
	index   map[entryKey]int // nil while there are few
	pruneAt int              // the length at which stale entries are looked for, if there is an index
}

// list returns the entries, to be changed in place.
func (s *entrySet) list() []preflightEntry {
	switch {
	case s.more != nil && len(s.more.list) > 0:
		return s.more.list
	case s.first[0].about == 0:
		return nil
	}
	return s.first[:]
}

// empty drops the entries.
func (s *entrySet) empty() {
	s.first[0] = preflightEntry{}
	if s.more != nil {
		s.more.list, s.more.index = nil, nil
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

// key is what an index finds the entry by: header names match in any case.
func (e *preflightEntry) key() entryKey {
	if e.about == aboutHeader {
		return entryKey{lower(e.name), e.about, e.credentials}
	}
	return entryKey{e.name, e.about, e.credentials}
}

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
	if len(s.list()) == 0 {
		s.first[0] = e
		return 1
	}
	if s.more == nil {
		s.more = new(moreOfGroup)
	}
	m := s.more
	if s.first[0].about != 0 {
		m.list = append(make([]preflightEntry, 0, 4), s.first[0])
		s.first[0] = preflightEntry{}
	}
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
	pair := c.known(key)
	if lasts && limit > DefaultMaxPreflightEntries {
		// A large cache makes room before it searches, so that the memory is waited for in one go; a group more or less does
		// not matter to it.
		c.shrink(limit-1, pair, key.path)
	}
	var g *preflightGroup
	var hash uint32
	if pair != nil {
		hash = pair.hashOf(c.seed, key.path)
		g = c.groups.find(hash, pair, key.path)
	}
	if g == nil {
		if !lasts {
			return
		}
		c.shrink(limit-1, nil, "") // room for one entry at least
		if pair == nil || pair.groups == 0 {
			// There was none, or it went with its last group.
			pair = c.newPair(key.pair())
			hash = pair.hashOf(c.seed, key.path)
		}
		pair.groups++
		g = c.groups.take()
		g.pair, g.hash = pair, hash
		g.setPath(key.path)
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
	c.groups, c.pairs, c.last, c.entries, c.newest, c.oldest = groupTable{}, nil, nil, 0, nil, nil
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

// shrink keeps the bound, but stops before the group of a given pair and path, if any. A group that was used since it was
// queued is queued anew; each use pays for one such move at most.
func (c *PreflightCache) shrink(limit int, pair *preflightPair, path string) {
	for c.entries > limit && c.oldest != nil {
		switch old := c.oldest; {
		case old.pair == pair && old.isFor(path):
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
	p := c.known(key)
	if p == nil {
		return nil
	}
	return c.groups.find(p.hashOf(c.seed, key.path), p, key.path)
}

// known returns the pair of that key, or nil if there are no groups for it.
func (c *PreflightCache) known(key preflightKey) *preflightPair {
	if p := c.last; p != nil && p.is(key) {
		return p
	}
	p := c.pairs[key.pair()]
	if p != nil {
		c.last = p
	}
	return p
}

// newPair makes a pair that was not known.
func (c *PreflightCache) newPair(key pairKey) *preflightPair {
	if c.pairs == nil {
		c.seed, c.pairs = maphash.MakeSeed(), make(map[pairKey]*preflightPair)
	}
	key.host = strings.Clone(key.host) // not to keep the whole URL
	p := &preflightPair{pairKey: key, hash: maphash.Comparable(c.seed, key)}
	c.pairs[key], c.last = p, p
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
	p := g.pair
	if p.groups--; p.groups == 0 {
		delete(c.pairs, p.pairKey)
		if c.last == p {
			c.last = nil
		}
	}
	c.groups.remove(g)
}
