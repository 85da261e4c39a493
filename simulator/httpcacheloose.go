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

// dateAlone returns a date with a time of day, if it has none, and nothing if something stands behind it that is none of
// the zones.
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

// A keptRequest is the request that brought a stored redirect (CacheRules.RedirectsKeepRequest).
type keptRequest struct {
	headers fetch.Headers
	mode    fetch.CacheMode
}
