package simulator

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// Rules of profiles about HTTP caching that take functions of their own.

// parseCutShort is parse under the rule DirectivesCutShort, for the values of all headers. A directive that is none of
// its own is passed over up to the next comma.
func (c *cacheControl) parseCutShort(v string) {
	for {
		v = strings.TrimLeft(v, " \t")
		end := 0
		for end < len(v) && isDirectiveByte(v[end]) {
			end++
		}
		name := v[:end]
		if v = v[end:]; name == "" {
			return
		}
		switch {
		case equalFoldASCII(name, "no-cache"):
			c.noCache = true
			v = upToComma(v)
		case equalFoldASCII(name, "no-store"):
			c.noStore = true
		case equalFoldASCII(name, "public"):
			c.public = true
		case equalFoldASCII(name, "private"):
			c.private = true
		case equalFoldASCII(name, "immutable"):
			c.immutable = true
		case equalFoldASCII(name, "max-age"):
			c.maxAge, v = leadingSeconds(v, false)
		case equalFoldASCII(name, "min-fresh"):
			c.minFresh, v = leadingSeconds(v, false)
		case equalFoldASCII(name, "stale-while-revalidate"):
			c.staleWhileRevalidate, v = leadingSeconds(v, false)
		case equalFoldASCII(name, "max-stale"):
			var d deltaSeconds
			d, v = leadingSeconds(v, true)
			c.maxStaleSet, c.maxStale = d.set, seconds(d.seconds)
		default:
			c.mustRevalidate = c.mustRevalidate || equalFoldASCII(name, "must-revalidate")
			v = upToComma(v)
		}
		if v = strings.TrimLeft(v, " \t"); !strings.HasPrefix(v, ",") {
			return
		}
		v = v[1:]
	}
}

func isDirectiveByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_'
}

// upToComma returns what is left from the next comma on that is not within quotes.
func upToComma(v string) string {
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case ',':
			return v[i:]
		case '"':
			end := strings.IndexByte(v[i+1:], '"')
			if end < 0 {
				return ""
			}
			i += 1 + end
		}
	}
	return ""
}

// leadingSeconds reads an equals sign and the digits behind it, and returns what follows them; any number of seconds if
// there are none and that is allowed.
func leadingSeconds(v string, any bool) (d deltaSeconds, rest string) {
	if any {
		d = deltaSeconds{true, true, maxDeltaSeconds}
	}
	digits, ok := strings.CutPrefix(strings.TrimLeft(v, " \t"), "=")
	if !ok {
		return d, upToComma(v)
	}
	digits = strings.TrimLeft(digits, " \t")
	n, i := int64(0), 0
	for ; i < len(digits) && '0' <= digits[i] && digits[i] <= '9'; i++ {
		if n = n*10 + int64(digits[i]-'0'); n > math.MaxUint32 {
			return d, upToComma(digits)
		}
	}
	if i == 0 {
		return d, upToComma(digits)
	}
	return deltaSeconds{true, true, n}, digits[i:]
}

// isFreshStatus reports whether answers of a status are used without confirmation under the rule FewStatusesFresh.
func isFreshStatus(status int) bool {
	switch status {
	case 200, 203, 204, 206, 300, 301, 302, 303, 304, 307, 308, 410:
		return true
	}
	return false
}

// isDeadEnd reports whether a stored answer is neither used nor replaced under the rule MostStored.
func isDeadEnd(res *fetch.HTTPResponse) bool {
	return 300 <= res.Status && res.Status <= 399 && !res.LeadsOn()
}

// replacesAlone reports whether an answer is stored only in the place of another under the rule MostStored: a redirect
// that has no Location.
func replacesAlone(res *fetch.HTTPResponse, c *cacheControl) bool {
	switch res.Status {
	case 301, 302, 303, 307, 308:
		return isDeadEnd(res) && !c.noStore
	}
	return false
}

// isNotStored reports whether an answer is one of those few that are not stored under the rule MostStored.
func isNotStored(res *fetch.HTTPResponse, c *cacheControl, f *freshness) bool {
	switch res.Status {
	case 408, 425, 429:
		return true
	case 303:
		return c.noStore || f.noCache || f.lifetime == 0 && !res.Headers.Has("Expires")
	}
	return false
}

// guessUpToAWeek is section 4.2.2 under the rule GuessedUpToAWeek.
func guessUpToAWeek(status int, h fetch.Headers, c *cacheControl, rules *policy.CacheRules, date, received time.Time) time.Duration {
	const week = 7 * 24 * time.Hour
	switch {
	case status == 410:
		return seconds(foreverSeconds)
	case status >= 400, (status == 302 || status == 303 || status == 304 || status == 307) && !c.public && !c.private:
		return 0
	}
	if t, ok := firstDate(h, "Last-Modified", rules, received); ok {
		return min(clampDuration(date.Sub(t))/heuristicFraction, week)
	}
	return 0
}

// leadingAge is an Age under the rule FirstDatesCount: the number that it begins with, or what is left of that in 32 bits,
// which is very high for most below 0.
func leadingAge(v string) int64 {
	n, _, _ := leadingInteger(v)
	return min(int64(uint32(n)), maxDeltaSeconds)
}

// otherLastModified reports whether a 304 has another Last-Modified than what it confirms, if that has one at all.
func otherLastModified(stored, confirmation *fetch.HTTPResponse) bool {
	was, ok := stored.Headers.Get("Last-Modified")
	is, has := confirmation.Headers.Get("Last-Modified")
	return ok && has && was != "" && was != is
}

func isKeptWithType(name string) bool {
	return equalFoldASCII(name, "etag") || equalFoldASCII(name, "content-type") ||
		equalFoldASCII(name, "content-location") || equalFoldASCII(name, "content-md5")
}

// A requestTurn is what the directives of a request decide under the rule RequestDirectivesInTurn.
type requestTurn uint8

const (
	turnPassed requestTurn = iota // nothing
	turnUse
	turnConfirm
)

// requestsInTurn reads the directives of a request under the rule RequestDirectivesInTurn.
func (c *HTTPCache) requestsInTurn(q *fetch.CacheQuery, e *cacheEntry, now time.Time) requestTurn {
	confirm := func(yes bool) requestTurn {
		if yes {
			return turnConfirm
		}
		return turnUse
	}
	if q.Mode == fetch.CacheNoCache {
		if c.rules.ImmutableSpared && e.freshness.immutable && !e.response.LeadsOn() && strings.HasPrefix(q.URL, "https:") {
			return confirm(e.freshness.currentAge(now) >= e.freshness.lifetime)
		}
		return turnConfirm
	}
	if !q.Headers.Has("Cache-Control") {
		return turnPassed
	}
	d := parseCacheControl(q.Headers, &policy.CacheRules{DirectivesCutShort: true})
	h := e.response.Headers
	age := max(clampDuration(now.Sub(dateOf(h, &c.rules, now))), seconds(ageOf(h, &c.rules)))
	lifetime := e.freshness.lifetime
	switch {
	case d.noCache:
		return turnConfirm
	case d.maxStaleSet:
		return confirm(age-lifetime > d.maxStale)
	case d.maxAge.set:
		return confirm(age >= seconds(d.maxAge.seconds))
	case d.minFresh.set:
		return confirm(max(lifetime-age, 0) < seconds(d.minFresh.seconds))
	}
	return turnPassed
}

// variesFromNone is varies under the rule EmptyFitsNone.
func variesFromNone(fields []varyField, request fetch.Headers) *varyField {
	for i := range fields {
		v, ok := request.Get(fields[i].name)
		if v != fields[i].value || ok && v == "" {
			return &fields[i]
		}
	}
	return nil
}

// withoutTransients returns a response without the headers that are not stored under the rule TransientsNotStored.
func withoutTransients(res *fetch.HTTPResponse) *fetch.HTTPResponse {
	transient := func(h fetch.Header) bool {
		switch asciiLower(h.Name) {
		case "connection", "proxy-connection", "keep-alive", "www-authenticate", "proxy-authenticate", "trailer",
			"transfer-encoding", "upgrade":
			return true
		}
		return h.Value == ""
	}
	if !slices.ContainsFunc(res.Headers, transient) {
		return res
	}
	out := *res
	out.Headers = slices.DeleteFunc(res.Headers.Clone(), transient)
	return &out
}
