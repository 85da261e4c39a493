package fetch

import (
	"strings"

	"github.com/corsim/corsim/policy"
)

// IsForbiddenRequestHeader reports whether scripts may not set the header: it belongs to the browser, or it would
// smuggle a forbidden method past it.
//
// https://fetch.spec.whatwg.org/#forbidden-request-header
func IsForbiddenRequestHeader(name, value string) bool {
	return ForbidsRequestHeader(name, value, &theStandard)
}

// ForbidsRequestHeader is IsForbiddenRequestHeader under a profile.
func ForbidsRequestHeader(name, value string, rules *policy.Profile) bool {
	// 1. By name. Names of other lengths are none of these.
	switch len(name) {
	case 2, 3, 4, 6, 7, 10, 13, 14, 15, 17, 22, 29, 30:
		var buf [32]byte
		switch string(appendLower(buf[:0], name)) {
		case "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
			"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive",
			"origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via":
			return true
		// 3. By value.
		case "x-http-method", "x-http-method-override", "x-method-override":
			if rules.MethodOverridesCutAtCommas {
				return forbidsMethodByCommas(value)
			}
			for method := range decodeAndSplit(value) {
				if IsForbiddenMethod(method) {
					return true
				}
			}
			return false
		}
	}
	// 2. By prefix.
	if len(name) >= 4 && name[3] == '-' && equalFold(name[:4], "sec-") ||
		len(name) >= 6 && name[5] == '-' && equalFold(name[:6], "proxy-") {
		return true
	}
	// 4.
	return false
}

// forbidsMethodByCommas reports whether a forbidden method stands between two commas of value, quoted or not.
func forbidsMethodByCommas(value string) bool {
	for method := range strings.SplitSeq(value, ",") {
		if IsForbiddenMethod(strings.Trim(method, " \t")) {
			return true
		}
	}
	return false
}

// IsForbiddenResponseHeaderName reports whether scripts may not see the header.
//
// https://fetch.spec.whatwg.org/#forbidden-response-header-name
func IsForbiddenResponseHeaderName(name string) bool {
	return equalFold(name, "set-cookie") || equalFold(name, "set-cookie2")
}

// isRequestBodyHeaderName reports whether the header describes a body and goes when the body goes.
//
// https://fetch.spec.whatwg.org/#request-body-header-name
func isRequestBodyHeaderName(name string) bool {
	return equalFold(name, "content-encoding") || equalFold(name, "content-language") ||
		equalFold(name, "content-location") || equalFold(name, "content-type")
}

// isCORSNonWildcardRequestHeaderName reports whether a * in Access-Control-Allow-Headers does not cover the header.
//
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
func isCORSNonWildcardRequestHeaderName(name string) bool { return equalFold(name, "authorization") }

// isNoCORSSafelistedRequestHeader reports whether a script may set the header on a no-cors request.
//
// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header
func isNoCORSSafelistedRequestHeader(name, value string, rules *policy.Profile) bool {
	// 1. By name.
	if !equalFold(name, "accept") && !equalFold(name, "accept-language") &&
		!equalFold(name, "content-language") && !equalFold(name, "content-type") {
		return false
	}
	// 2. By value.
	return safelisted(name, value, rules) == policy.ClassifySimple
}
