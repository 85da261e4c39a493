package simulator

import (
	"strings"
	"time"

	"github.com/corsim/corsim/fetch"
)

// What the rule CacheRules.DirectivesReadLoosely reads besides Cache-Control.

// loosePragma reports whether a Pragma holds no-cache, anywhere.
func loosePragma(h fetch.Headers) bool {
	for _, v := range h.Values("Pragma") {
		if strings.Contains(asciiLower(v), "no-cache") {
			return true
		}
	}
	return false
}

// looseAge is what Age says if there is one, and it is a number.
func looseAge(h fetch.Headers) time.Duration {
	values := h.Values("Age")
	if len(values) != 1 {
		return 0
	}
	age, _ := looseSeconds(values[0])
	return max(age, 0)
}

// dateAlone returns a date with a time of day, if it has none, and nothing if something stands behind it that is none
// of the zones.
func dateAlone(v string) string {
	if !strings.Contains(v, ":") {
		return v + " 00:00:00"
	}
	last := v[strings.LastIndexByte(v, ' ')+1:]
	switch {
	case strings.Trim(last, "0123456789:+-") == "", equalFoldASCII(last, "gmt"), equalFoldASCII(last, "utc"), equalFoldASCII(last, "z"):
		return v
	}
	return ""
}

// A rememberedFor is the request that an answer is remembered for (CacheRules.XHRRemembered).
type rememberedFor struct {
	mode        fetch.Mode
	credentials fetch.Credentials
	headers     fetch.Headers
}

// remembers reports whether an answer that is not stored is remembered: one to an XMLHttpRequest that holds for some
// time.
func remembers(q *fetch.CacheQuery, res *fetch.HTTPResponse, c *cacheControl, f *freshness) bool {
	return q.By != nil && !q.Led && q.By.XMLHttpRequest && q.Method == "GET" && !c.noStore && !f.noCache && f.lifetime > f.age && !res.LeadsOn()
}

// fits reports whether an answer is remembered for such a request.
func (m *rememberedFor) fits(q *fetch.CacheQuery) bool {
	return q.By != nil && !q.Led && q.Mode != fetch.CacheNoCache && q.By.Mode == m.mode && q.By.Credentials == m.credentials &&
		hasThese(q.By.Headers, m.headers) && hasThese(m.headers, q.By.Headers)
}

// hasThese reports whether there are all the headers of want, save those that make no difference to what is remembered.
func hasThese(h, want fetch.Headers) bool {
	for i := range want {
		switch asciiLower(want[i].Name) {
		case "accept", "cache-control", "pragma", "purpose", "referer", "user-agent":
			continue
		}
		if v, ok := h.Get(want[i].Name); !ok || v != want[i].Value {
			return false
		}
	}
	return true
}

// withCentury gives a date whose year has two digits the century of the nearest year to 2000.
func withCentury(t time.Time, value string) time.Time {
	if strings.Count(value, "-") != 2 {
		return t
	}
	year := t.Year() % 100
	if year < 50 {
		year += 100
	}
	return t.AddDate(1900+year-t.Year(), 0, 0)
}
