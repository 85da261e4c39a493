package fetch

import (
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/policy"
)

// What a trace tells about the preflight cache beyond what the algorithms return.

// maxStoryGroups is how many groups are looked through for one that nearly fits, and maxStoryNames how many names of
// one are told.
const (
	maxStoryGroups = 64
	maxStoryNames  = 16
)

// tracePreflightCache tells how the look into the preflight cache ended: which entries answered and until when they
// hold, or what is there instead of what was missing.
func (p *params) tracePreflightCache(s policy.Step, unsafe []string, missing string, now int64) {
	c := p.f.Cache
	if c == nil {
		p.trace.Add(s, missing, "")
		return
	}
	if s.OK() {
		p.trace.Add(s, c.answered(p.r, unsafe, now), "")
		return
	}
	p.trace.Add(s, missing, "")
	if why, got, want := c.instead(p.r, s, missing, now); why != 0 {
		p.trace.Add(why, got, want)
	}
}

// storedText tells for how long a preflight's answer is kept.
func storedText(maxAge, now int64) string {
	e := preflightEntry{stored: now, maxAge: secondsOf(maxAge)}
	return strconv.FormatInt(maxAge, 10) + " s, until " + e.until()
}

// until is when an entry's time is over, in words.
func (e *preflightEntry) until() string {
	return e.expires().UTC().Format(time.RFC3339)
}

func (e *preflightEntry) expires() time.Time {
	return time.Unix(0, e.stored).Add(time.Duration(e.maxAge) * time.Second)
}

// answered tells which entries cover a request that the cache covers, and until when each does.
func (c *PreflightCache) answered(r *Request, unsafe []string, now int64) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, _ := c.find(keyOf(r))
	if g == nil {
		return ""
	}
	var b strings.Builder
	include := r.Credentials == Include
	tell := func(set *entrySet, how entryLookup, name string, star bool) {
		e, without := set.match(how, name, include, now)
		if e == nil {
			e = without
		}
		if e == nil && star && g.stars != starsAreNames {
			if e, without = set.match(how, "*", include, now); e == nil {
				e = without
			}
		}
		if e == nil {
			return
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.name + " until " + e.until())
	}
	if !IsCORSSafelistedMethod(r.Method) || r.usesCORSPreflight() || r.Method == "HEAD" && r.rules().KeptHeadNeedsEntry {
		tell(&g.methods, g.methodLookup(), r.Method, true)
	}
	for i, name := range unsafe {
		if i == maxStoryNames {
			b.WriteString(", ...")
			break
		}
		tell(&g.names, g.nameLookup(), name, !isCORSNonWildcardRequestHeaderName(name))
	}
	return b.String()
}

// instead tells why the cache does not cover a request although it holds something that might: s is where the look
// ended, missing the method or the header name that no entry covers.
func (c *PreflightCache) instead(r *Request, s policy.Step, missing string, now int64) (why policy.Step, got, want string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := keyOf(r)
	g, _ := c.find(key)
	if g == nil {
		return c.nearby(r, key, now)
	}
	set, how, other := &g.methods, g.methodLookup(), policy.CacheOtherMethod
	if s == policy.CacheHeaderMiss {
		set, how, other = &g.names, g.nameLookup(), policy.CacheOtherHeader
	}
	// The entries that would do if they were fresh, or for credentials.
	var expired *preflightEntry
	for _, name := range [...]string{missing, "*"} {
		if name == "*" && how.fold && isCORSNonWildcardRequestHeaderName(missing) {
			continue
		}
		for _, credentials := range [...]bool{true, false} {
			e := set.find(how, name, credentials)
			switch {
			case e == nil:
			case e.fresh(now):
				// Had it served the request, the cache would have.
				return policy.CacheOtherCredentials, e.name + " until " + e.until(), r.Credentials.String()
			case expired == nil:
				expired = e
			}
		}
	}
	if expired != nil {
		return policy.CacheExpired, expired.name + " until " + expired.until(), ""
	}
	var names []string
	for i := range set.list {
		if e := &set.list[i]; e.fresh(now) {
			if len(names) == maxStoryNames {
				names = append(names, "...")
				break
			}
			names = append(names, e.name)
		}
	}
	if names == nil && len(g.methods.list)+len(g.names.list) > 0 {
		// Nothing of the kind was ever consented to, or all of it is over.
		for _, set := range [...]*entrySet{&g.methods, &g.names} {
			for i := range set.list {
				if e := &set.list[i]; !e.fresh(now) {
					return policy.CacheExpired, e.name + " until " + e.until(), ""
				}
			}
		}
	}
	return other, strings.Join(names, ", "), missing
}

// nearby looks for a fresh answer that was kept for the same URL and somebody else, or for another URL of the same
// host, among those used last.
func (c *PreflightCache) nearby(r *Request, key preflightKey, now int64) (why policy.Step, got, want string) {
	host := r.currentURL().Origin().String() + "/"
	g := c.head
	for n := 0; g != nil && n < maxStoryGroups; g, n = g.next, n+1 {
		if !g.methods.anyFresh(now) && !g.names.anyFresh(now) {
			continue
		}
		if g.isFor(key.url) {
			who, wanted := g.asker.origin, key.origin
			if who == wanted {
				who, wanted = g.asker.partition.String(), key.partition.String()
			}
			return policy.CacheOtherOrigin, who, wanted
		}
		if why == 0 && g.asker.is(key) && strings.HasPrefix(g.url(), host) {
			why, got, want = policy.CacheOtherURL, g.url(), key.url
		}
	}
	return why, got, want
}

func (s *entrySet) anyFresh(now int64) bool {
	for i := range s.list[:min(len(s.list), maxStoryNames)] {
		if s.list[i].fresh(now) {
			return true
		}
	}
	return false
}
