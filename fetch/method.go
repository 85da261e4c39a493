package fetch

// IsMethod reports whether method is an HTTP token.
//
// https://fetch.spec.whatwg.org/#concept-method
func IsMethod(method string) bool { return isToken(method) }

// IsCORSSafelistedMethod reports whether method goes to other origins without asking first.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-method
func IsCORSSafelistedMethod(method string) bool {
	return method == "GET" || method == "HEAD" || method == "POST"
}

// IsForbiddenMethod reports whether scripts may not use method.
//
// https://fetch.spec.whatwg.org/#forbidden-method
func IsForbiddenMethod(method string) bool {
	return equalFold(method, "CONNECT") || equalFold(method, "TRACE") || equalFold(method, "TRACK")
}

// NormalizeMethod upper-cases the six methods that scripts may write in any case, and leaves all others alone:
// patch is not PATCH.
//
// https://fetch.spec.whatwg.org/#concept-method-normalize
func NormalizeMethod(method string) string {
	for _, m := range [...]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if equalFold(method, m) {
			return m
		}
	}
	return method
}
