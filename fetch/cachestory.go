package fetch

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/policy"
)

// What a trace tells about the preflight cache beyond what the algorithms return.

// maxStoryGroups is among how many groups, also forgotten ones, one is looked for that nearly fits, and maxStoryNames how
// many names of one are told.
const (
	maxStoryGroups = 64
	maxStoryNames  = 16
)

// A cacheStory is what a look into the preflight cache tells beyond its step.
type cacheStory struct {
	got    string         // which entries answered, and until when they hold
	events []policy.Event // what there was instead of what was missing
}

func (s *cacheStory) add(step policy.Step, got, want string) {
	s.events = append(s.events, policy.Event{Step: step, Got: got, Want: want})
}

// tracePreflightCache tells how the look into the preflight cache ended.
func (p *params) tracePreflightCache(s policy.Step, missing string, story *cacheStory) {
	if s.OK() {
		p.trace.Add(s, story.got, "")
		return
	}
	p.trace.Add(s, missing, "")
	for _, e := range story.events {
		p.trace(e)
	}
}

// storedText tells for how long a preflight's answer is kept.
func storedText(maxAge, now int64) string {
	e := preflightEntry{stored: now, maxAge: secondsOf(maxAge)}
	return strconv.FormatInt(maxAge, 10) + " s, until " + e.until()
}

// inWords is an entry and until when it holds.
func (e *preflightEntry) inWords() string {
	if e.name == "" {
		return "an answer without names until " + e.until()
	}
	return e.name + " until " + e.until()
}

// until is when an entry's time is over, in words.
func (e *preflightEntry) until() string {
	return e.expires().UTC().Format(time.RFC3339)
}

func (e *preflightEntry) expires() time.Time {
	return time.Unix(0, e.stored).Add(time.Duration(e.maxAge) * time.Second)
}

// answered tells which entries cover a request that a group covers, and until when each does: spares, if not nil, is
// the one that makes an entry for the method needless.
func (s *cacheStory) answered(g *preflightGroup, r *Request, spares *preflightEntry, needMethod bool, unsafe []string, now int64) {
	var b strings.Builder
	include := r.Credentials == Include
	tell := func(e *preflightEntry) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.inWords())
	}
	find := func(about entrySubject, name string, star bool) {
		e, without := g.matching(about, name, include, now)
		if e == nil {
			e = without
		}
		if e == nil && star {
			if e, without = g.matching(about, "*", include, now); e == nil {
				e = without
			}
		}
		if e != nil {
			tell(e)
		}
	}
	if spares != nil {
		tell(spares)
	}
	if needMethod {
		find(aboutMethod, r.Method, g.stars != starsAreNames)
	}
	for i, name := range unsafe {
		if i == maxStoryNames {
			b.WriteString(", ...")
			break
		}
		find(aboutHeader, name, g.starServes(name))
	}
	s.got = b.String()
}

// missed tells why a group does not cover a request, and whether it is forgotten because of that.
func (s *cacheStory) missed(g *preflightGroup, r *Request, miss policy.Step, missing string, forgets bool, now int64) {
	s.events = append(s.events, g.instead(r, miss, missing, now))
	if forgets && g.anyFresh(now) {
		s.add(policy.CacheForgotten, g.url(), "")
	}
}

// instead is what a group has that does not cover a request: miss is where the look ended, missing the method or the
// header name that no entry covers.
func (g *preflightGroup) instead(r *Request, miss policy.Step, missing string, now int64) policy.Event {
	about, other, star := aboutMethod, policy.CacheOtherMethod, g.stars != starsAreNames
	if miss == policy.CacheHeaderMiss {
		about, other, star = aboutHeader, policy.CacheOtherHeader, g.starServes(missing)
	}
	// The entries that would do if they were fresh, or for other credentials.
	var expired, apart *preflightEntry
	for _, name := range [...]string{missing, "*"} {
		if name == "*" && !star {
			continue
		}
		with, without := g.named(about, name)
		for _, e := range [...]*preflightEntry{with, without} {
			switch {
			case e == nil:
			case g.serves(e, r.Credentials == Include):
				// Were it fresh, it would have served.
				expired = cmp.Or(expired, e)
			case e.fresh(now):
				apart = cmp.Or(apart, e)
			}
		}
	}
	if expired != nil {
		return policy.Event{Step: policy.CacheExpired, Got: expired.inWords()}
	}
	if apart != nil {
		return policy.Event{Step: policy.CacheOtherCredentials, Got: apart.inWords(), Want: r.Credentials.String()}
	}
	names := g.freshNames(about, now)
	if len(names) == 0 {
		// Nothing of the kind was ever consented to, or all of it is over.
		for _, which := range [...]entrySubject{about, aboutMethod, aboutHeader} {
			first, fresh := g.firstAbout(which, now)
			if fresh {
				break
			}
			if first != nil {
				return policy.Event{Step: policy.CacheExpired, Got: first.inWords()}
			}
		}
	}
	return policy.Event{Step: other, Got: strings.Join(names, ", "), Want: missing}
}

// firstAbout returns the first entry about methods or about header names, or nil, and whether any such is fresh.
func (g *preflightGroup) firstAbout(about entrySubject, now int64) (first *preflightEntry, fresh bool) {
	list := g.entries()
	for i := range list {
		if e := &list[i]; e.about == about {
			first = cmp.Or(first, e)
			fresh = fresh || e.fresh(now)
		}
	}
	return first, fresh
}

// freshNames returns the names of the fresh entries, each once, for people.
func (g *preflightGroup) freshNames(about entrySubject, now int64) []string {
	var names []string
	list := g.entries()
	for i := range list {
		e := &list[i]
		told := func(name string) bool { return name == e.name || about == aboutHeader && equalFold(name, e.name) }
		if e.about != about || e.name == "" || !e.fresh(now) || slices.ContainsFunc(names, told) {
			continue
		}
		if len(names) == maxStoryNames {
			return append(names, "...")
		}
		names = append(names, e.name)
	}
	return names
}

// nearby looks for a fresh answer that was kept for the same URL and somebody else, or for another URL of the same
// host, among those queued last.
func (s *cacheStory) nearby(c *PreflightCache, r *Request, key *preflightKey, now int64) {
	host := r.currentURL().Origin().String() + "/"
	other := ""
	for g := range c.groups.newestFirst(maxStoryGroups) {
		if !g.anyFresh(now) {
			continue
		}
		sameOrigin, samePartition := g.pair.origin == key.origin, g.pair.partition == *key.partition
		if isAt(key.url, g.pair.host) && g.isFor(g.pair.path(key)) {
			who, wanted := g.pair.origin, key.origin
			if sameOrigin {
				who, wanted = g.pair.partition.String(), key.partition.String()
			}
			s.add(policy.CacheOtherOrigin, who, wanted)
			return
		}
		if other == "" && sameOrigin && samePartition && strings.HasPrefix(g.url(), host) {
			other = g.url()
		}
	}
	if other != "" {
		s.add(policy.CacheOtherURL, other, key.url)
	}
}

func (g *preflightGroup) anyFresh(now int64) bool {
	list := g.entries()
	for i := range list[:min(len(list), 2*maxStoryNames)] {
		if list[i].fresh(now) {
			return true
		}
	}
	return false
}
