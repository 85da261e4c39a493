package fetch

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/policy"
)

// TestPrimitiveChecksAllocateNothing keeps the everyday cost of the checks at no allocation.
func TestPrimitiveChecksAllocateNothing(t *testing.T) {
	r, p, now := everydayRequest(), new(policy.Profile), time.Unix(1_800_000_000, 0)
	r.populateFromClient()
	cache := new(PreflightCache)
	cache.store(r, everydayPreflight.Headers, 600, now.UnixNano())
	chromium := policy.Chromium()
	bypassing := everydayRequest()
	bypassing.Cache, bypassing.profile = CacheReload, &chromium
	bypassing.populateFromClient()
	full, put, kept := &PreflightCache{MaxEntries: 3}, putRequest(), 0
	urls := manyURLs(7)
	keeps := func() bool {
		put.URL = urls[kept%len(urls)]
		kept++
		full.store(put, consentToPUT, 600, now.UnixNano())
		return full.Match(put, now).OK()
	}
	for range urls {
		keeps()
	}
	buf := make(Headers, 0, 16)
	var names [8]string
	var causes [8]Cause
	for name, f := range map[string]func() bool{
		"CORSCheck":      func() bool { return CORSCheck(everydayOrigin, Include, everydayResponse).OK() },
		"PreflightCheck": func() bool { return PreflightCheck(r, everydayPreflight, p).OK() },
		"Classify":       func() bool { return Classify(r) == Preflighted },
		"AppendCauses":   func() bool { return len(AppendCauses(causes[:0], r)) == 4 },
		"AppendCORSUnsafeRequestHeaderNames": func() bool {
			return len(AppendCORSUnsafeRequestHeaderNames(names[:0], r.Headers)) == 3
		},
		"PreflightCache.Match":    func() bool { return cache.Match(r, now).OK() },
		"a miss in the cache":     func() bool { return cache.Match(r, now.Add(time.Hour)) == policy.CacheMethodMiss },
		"a bypass of the cache":   func() bool { return cache.Match(bypassing, now) == policy.CacheMethodMiss },
		"a full cache that keeps": keeps,
		"AppendCORSHeaders":       func() bool { h, _ := AppendCORSHeaders(buf, everydayResponse, Include); return len(h) == 5 },
		"AppendBasicHeaders":      func() bool { return len(AppendBasicHeaders(buf, everydayResponse)) == 12 },
		"IsForbiddenHeader":       func() bool { return IsForbiddenRequestHeader("X-HTTP-Method-Override", "GET, TRACE") },
		"IsSafelistedHeader":      func() bool { return IsCORSSafelistedRequestHeader("Content-Type", "text/plain;charset=UTF-8") },
		"IsSafelistedRange":       func() bool { return IsCORSSafelistedRequestHeader("Range", "bytes=0-499") },
		"NormalizeMethod":         func() bool { return NormalizeMethod("delete") == "DELETE" },
		"TAOCheck":                func() bool { return TAOCheck(r, everydayResponse) == policy.TAOBasic },
		"DetermineNosniff":        func() bool { return !DetermineNosniff(everydayResponse) },
		"Headers.Get":             func() bool { _, ok := everydayResponse.Get("x-total-count"); return ok },
		"policy.Step.Code et al":  func() bool { return policy.CORSAllowOriginMismatch.Code() != "" },
	} {
		t.Run(name, func(t *testing.T) {
			if !f() {
				t.Fatal("the check did not come out as it should")
			}
			if n := testing.AllocsPerRun(100, func() { f() }); n != 0 {
				t.Errorf("%v allocations, want none: the check is run for every request and response", n)
			}
		})
	}
}

func hugeLists() (*Request, *HTTPResponse) {
	r := everydayRequest()
	r.Headers = nil
	for i := range 1000 {
		r.Headers = append(r.Headers, Header{"X-Name-" + strconv.Itoa(99_000+i), "1"})
	}
	var list strings.Builder
	for i := range 100_000 {
		if i > 0 {
			list.WriteString(", ")
		}
		list.WriteString("x-name-" + strconv.Itoa(i))
	}
	res := &HTTPResponse{Status: 204, Headers: Headers{
		{"Access-Control-Allow-Origin", everydayOrigin},
		{"Access-Control-Allow-Credentials", "true"},
		{"Access-Control-Allow-Methods", "PUT"},
		{"Access-Control-Allow-Headers", list.String()},
	}}
	return r, res
}
