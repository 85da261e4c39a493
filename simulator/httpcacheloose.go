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
	age, _ := looseSeconds(values[0], 2*maxDeltaSeconds)
	return max(age, 0)
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
