package fetch

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/policy"
)

// maxCachedName is the length of the longest method or header name that is kept; the standard lets entries be
// removed early, and one name of a hostile server shall not fill the memory.
const maxCachedName = 256

// A preflightGroup holds the entries of one key. With a short path and a single entry it is all in two cache lines. A group
// without a pair is none.
type preflightGroup struct {
	pair     *preflightPair
	lastUse  uint64 // PreflightCache.uses at its last use
	hash     uint32 // of pair and path
	wasUsed  bool   // since it was queued
	apart    bool   // entries with credentials do not serve requests without (a profile's rule)
	stars    starKind
	shortLen uint8 // of a path that stands in short, and not in more
	short    [maxShortPath]byte
	more     *moreOfGroup
	first    [1]preflightEntry // the only entry, if there is one
}

// maxShortPath is the length of the longest path that stands in its group.
const maxShortPath = 32

// path is the path of the group's URL, with what follows it.
func (g *preflightGroup) path() string {
	if m := g.more; g.shortLen == 0 && m != nil {
		return m.path
	}
	return string(g.short[:g.shortLen])
}

// isFor reports whether the path of the group's URL is the given one.
func (g *preflightGroup) isFor(path string) bool {
	if m := g.more; g.shortLen == 0 && m != nil {
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
		g.more = &moreOfGroup{path: path}
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

// secondsOf is a max-age as entries have it: 136 years are for ever.
func secondsOf(maxAge int64) uint32 { return uint32(min(max(maxAge, 0), math.MaxUint32)) }

func (e *preflightEntry) fresh(now int64) bool {
	return now-e.stored < int64(time.Second)*int64(e.maxAge)
}

// moreOfGroup is what does not stand in a group: a long path, and the entries if there are several.
type moreOfGroup struct {
	path    string
	list    []preflightEntry
	index   map[entryKey]int // nil while there are few
	pruneAt int              // the length at which stale entries are looked for, if there is an index
}

// roomForMore has room for a few entries beside what tells of them.
type roomForMore struct {
	moreOfGroup
	few [8]preflightEntry
}

// entries returns the entries, to be changed in place.
func (g *preflightGroup) entries() []preflightEntry {
	switch {
	case g.more != nil && len(g.more.list) > 0:
		return g.more.list
	case g.first[0].about == 0:
		return nil
	}
	return g.first[:]
}

// empty drops the entries.
func (g *preflightGroup) empty() {
	g.first[0] = preflightEntry{}
	if g.more != nil {
		g.more.index = nil
		if clear(g.more.list); cap(g.more.list) > maxComparedNames {
			g.more.list = nil
		}
		g.more.list = g.more.list[:0]
	}
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

// named returns the entries of that name, the one for requests with credentials and the one for those without, fresh or
// not; nil where there is none.
func (g *preflightGroup) named(about entrySubject, name string) (with, without *preflightEntry) {
	list := g.entries()
	if g.more != nil && g.more.index != nil {
		var buf [64]byte
		key := entryKey{name: name, about: about}
		if about == aboutHeader {
			key.name = string(appendLower(buf[:0], name))
		}
		if i, ok := g.more.index[key]; ok {
			without = &list[i]
		}
		key.credentials = true
		if i, ok := g.more.index[key]; ok {
			with = &list[i]
		}
		return with, without
	}
	for i := range list {
		e := &list[i]
		if len(e.name) != len(name) || e.about != about || e.name != name && (about != aboutHeader || !equalFold(e.name, name)) {
			continue
		}
		if e.credentials {
			with = e
		} else {
			without = e
		}
	}
	return with, without
}

// matching returns the entries, at most two, that a request with or without credentials may use under that name: an
// answer for credentials serves requests without as well.
//
// https://fetch.spec.whatwg.org/#concept-cache-match
func (g *preflightGroup) matching(about entrySubject, name string, include bool, now int64) (with, without *preflightEntry) {
	with, without = g.named(about, name)
	return g.usable(with, include, now), g.usable(without, include, now)
}

// usable returns e if a request with or without credentials may use it, and nil otherwise.
func (g *preflightGroup) usable(e *preflightEntry, include bool, now int64) *preflightEntry {
	if e != nil && g.serves(e, include) && e.fresh(now) {
		return e
	}
	return nil
}

// has reports whether a request may use an entry of that name.
func (g *preflightGroup) has(about entrySubject, name string, include bool, now int64) bool {
	with, without := g.matching(about, name, include, now)
	return with != nil || without != nil
}

// put gives the entries that cover a name the max-age of e, also a * that stands for it, or makes e an entry of that name if
// it is to last at all and there are fewer than limit. It returns how many entries have come, less those that were over and
// went.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, steps 7.13 and 7.15
func (g *preflightGroup) put(about entrySubject, name string, star bool, e preflightEntry, limit int) int {
	var same *preflightEntry // has the key of e, and is stale if it is not covered
	if len(g.entries()) > 0 {
		with, without := g.named(about, name)
		covered := g.renew(e, with, without)
		if star {
			with, without := g.named(about, "*")
			covered = g.renew(e, with, without) || covered
		}
		if covered {
			return 0
		}
		if same = without; e.credentials {
			same = with
		}
	}
	if e.maxAge == 0 || len(name) > maxCachedName {
		return 0
	}
	e.about = about
	if about == aboutHeader {
		e.name = strings.Clone(name)
	} else {
		e.name = kept(name)
	}
	if same != nil {
		*same = e
		return 0
	}
	if len(g.entries()) >= limit {
		return 0
	}
	return g.add(e)
}

// renew gives those of two entries, which may be nil, that cover what e is about the max-age of e, and reports whether there
// are any.
func (g *preflightGroup) renew(e preflightEntry, with, without *preflightEntry) bool {
	with, without = g.usable(with, e.credentials, e.stored), g.usable(without, e.credentials, e.stored)
	if with != nil {
		with.maxAge = e.maxAge
	}
	if without != nil {
		without.maxAge = e.maxAge
	}
	return with != nil || without != nil
}

// add puts an entry in whose name is new, and returns how many have come, less those that were over and went.
func (g *preflightGroup) add(e preflightEntry) int {
	if len(g.entries()) == 0 {
		g.first[0] = e
		return 1
	}
	if g.more == nil {
		room := new(roomForMore)
		g.more, room.list = &room.moreOfGroup, room.few[:0]
	}
	m := g.more
	if g.first[0].about != 0 {
		m.list = append(m.list, g.first[0])
		g.first[0] = preflightEntry{}
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
	if len(m.list) < cap(m.list)/4 {
		m.list = slices.Clone(m.list) // not to keep the room of what a hostile server sent once
	}
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
	return g.has(aboutMethod, method, include, now) || g.stars != starsAreNames && g.has(aboutMethod, "*", include, now)
}

// hasName reports whether there is a header-name cache entry match.
//
// https://fetch.spec.whatwg.org/#concept-cache-match-header
func (g *preflightGroup) hasName(name string, include bool, now int64) bool {
	return g.has(aboutHeader, name, include, now) || g.starServes(name) && g.has(aboutHeader, "*", include, now)
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
	list := g.entries()
	for _, about := range [...]entrySubject{aboutMethod, aboutHeader} {
		for i := range list {
			if e := &list[i]; e.about == about && g.serves(e, include) && e.fresh(now) {
				return e
			}
		}
	}
	return nil
}

// serves reports whether a request with or without credentials may use an entry while that is fresh.
func (g *preflightGroup) serves(e *preflightEntry, include bool) bool {
	return e.credentials == include || e.credentials && !g.apart
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
