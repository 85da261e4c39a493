package fetch

import (
	"strings"

	"github.com/corsim/corsim/policy"
)

// CORSCheck decides whether a response with the headers h may be shown to the page that asked for it. requestOrigin
// is the value of the request's Origin header, "null" for an opaque origin.
//
// https://fetch.spec.whatwg.org/#concept-cors-check
func CORSCheck(requestOrigin string, c Credentials, h Headers) policy.Step {
	// 1. and 6. Both headers in one walk. Repeats make a list, and no list is an origin or true.
	var allowOrigin, allowCredentials string
	origins, credentials := 0, 0
	for i := range h {
		switch len(h[i].Name) {
		case len("access-control-allow-origin"):
			if h[i].Name == "Access-Control-Allow-Origin" || equalFold(h[i].Name, "access-control-allow-origin") {
				allowOrigin = h[i].Value
				origins++
			}
		case len("access-control-allow-credentials"):
			if h[i].Name == "Access-Control-Allow-Credentials" || equalFold(h[i].Name, "access-control-allow-credentials") {
				allowCredentials = h[i].Value
				credentials++
			}
		}
	}
	switch {
	// 2.
	case origins == 0:
		return policy.CORSAllowOriginMissing
	case origins > 1:
		// 4. A combined value holds a comma and a space, which no origin does.
		return policy.CORSAllowOriginMultiple
	// 3.
	case c != Include && allowOrigin == "*":
		return policy.CORSAllowOriginWildcard
	// 4.
	case allowOrigin != requestOrigin:
		return originMismatch(requestOrigin, allowOrigin)
	// 5.
	case c != Include:
		return policy.CORSAllowOriginMatch
	// 7.
	case credentials == 1 && allowCredentials == "true":
		return policy.CORSAllowCredentialsTrue
	// 8.
	case credentials == 0:
		return policy.CORSAllowCredentialsMissing
	}
	return policy.CORSAllowCredentialsInvalid
}

// originMismatch tells apart the ways to fail at CORS check 4.
func originMismatch(requestOrigin, allowOrigin string) policy.Step {
	switch {
	case allowOrigin == "*":
		return policy.CORSAllowOriginWildcardCredentials
	case strings.IndexByte(allowOrigin, ',') >= 0:
		return policy.CORSAllowOriginMultiple
	case requestOrigin == "null":
		return policy.CORSAllowOriginNull
	}
	return policy.CORSAllowOriginMismatch
}

// preflightAnswer is what a response to a preflight says about one request.
type preflightAnswer struct {
	hasMethods, methodsParse, method, methodStar bool
	hasNames, namesParse, nameStar               bool
}

// PreflightCheck decides whether the answer to a preflight lets the request r be sent: the CORS check, the status,
// and the lists of methods and header names. The step that it returns tells which of them decided.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, step 7
func PreflightCheck(r *Request, res *HTTPResponse, p *policy.Profile) policy.Step {
	var namesBuf [16]string
	unsafe := appendUnsafeNames(namesBuf[:0], r.Headers, p)
	if len(unsafe) > maxComparedNames {
		unsafe = sortAndCompact(unsafe)
	}
	step, _ := preflightCheck(r, unsafe, res, p)
	return step
}

// preflightCheck is PreflightCheck, given the CORS-unsafe request-header names, and returns as well which header name
// it ended at. The names may come in any order, and with repeats if they are few.
func preflightCheck(r *Request, unsafe []string, res *HTTPResponse, p *policy.Profile) (policy.Step, string) {
	// 7. The CORS check is that of the request, with its credentials mode, not of the preflight.
	requestOrigin := r.serializedOrigin()
	if p.PreflightOriginUntainted {
		requestOrigin = r.Origin.String()
	}
	if s := CORSCheck(requestOrigin, r.Credentials, res.Headers); !s.OK() && !(p.PreflightOriginUntainted && r.currentURL().SameOrigin(r.Origin)) {
		return s, ""
	}
	if !isOKStatus(res.Status) {
		if isRedirectStatus(res.Status) {
			return policy.PreflightRedirect, ""
		}
		return policy.PreflightStatus, ""
	}

	needAuthorization := !p.WildcardCoversAuthorization && r.Headers.Has("authorization")
	var foundBuf [16]bool
	found := newNameSet(unsafe, foundBuf[:0])

	// 7.1-7.2 Both lists in one walk over the headers.
	a := preflightAnswer{methodsParse: true, namesParse: true}
	authorization := false
	for i := range res.Headers {
		name, value := res.Headers[i].Name, res.Headers[i].Value
		if len(name) != len("access-control-allow-methods") {
			continue
		}
		switch {
		case name == "Access-Control-Allow-Methods" || equalFold(name, "access-control-allow-methods"):
			a.hasMethods = true
			for l := (tokenList{value}); ; {
				token, more, ok := l.next()
				if !more {
					a.methodsParse = a.methodsParse && ok
					break
				}
				a.method = a.method || token == r.Method
				a.methodStar = a.methodStar || token == "*"
			}
		case name == "Access-Control-Allow-Headers" || equalFold(name, "access-control-allow-headers"):
			a.hasNames = true
			for l := (tokenList{value}); ; {
				token, more, ok := l.next()
				if !more {
					a.namesParse = a.namesParse && ok
					break
				}
				a.nameStar = a.nameStar || token == "*"
				authorization = authorization || needAuthorization && isCORSNonWildcardRequestHeaderName(token)
				found.mark(token)
			}
		}
	}
	// 7.3
	if !a.methodsParse {
		return policy.PreflightAllowMethodsMalformed, ""
	}
	if !a.namesParse {
		return policy.PreflightAllowHeadersMalformed, ""
	}
	// 7.4
	if !a.hasMethods && r.usesCORSPreflight() && !p.MissingMethodsAllowNone {
		a.hasMethods, a.method = true, true
	}
	// 7.5
	include := r.Credentials == Include
	if !a.method && !IsCORSSafelistedMethod(r.Method) && (include || !a.methodStar) {
		switch {
		case !a.hasMethods:
			return policy.PreflightMethodMissing, ""
		case a.methodStar:
			return policy.PreflightMethodWildcardCredentials, ""
		}
		return policy.PreflightMethodNotAllowed, ""
	}
	// 7.6
	if needAuthorization && !authorization {
		return policy.PreflightAuthorizationNotListed, "authorization"
	}
	// 7.7
	if found.left > 0 && (include || !a.nameStar) {
		name := found.first()
		switch {
		case !a.hasNames:
			return policy.PreflightHeaderMissing, name
		case a.nameStar:
			return policy.PreflightHeaderWildcardCredentials, name
		}
		return policy.PreflightHeaderNotAllowed, name
	}
	return policy.PreflightOK, ""
}

// A nameSet says which of some header names were met. A few names are compared one by one; many are looked up in a
// map, so that the cost stays linear.
type nameSet struct {
	names  []string
	marked []bool
	left   int
	index  map[string]int
}

// maxComparedNames is the number of names up to which comparing beats hashing.
const maxComparedNames = 16

func newNameSet(names []string, marked []bool) nameSet {
	s := nameSet{names: names, left: len(names)}
	if len(names) <= maxComparedNames {
		s.marked = marked[:len(names)]
		return s
	}
	s.marked = make([]bool, len(names))
	s.index = make(map[string]int, len(names))
	for i, n := range names {
		s.index[lower(n)] = i
	}
	return s
}

// mark notes that name was met.
func (s *nameSet) mark(name string) {
	if s.left == 0 {
		return
	}
	if s.index == nil {
		for i := range s.names {
			if !s.marked[i] && equalFold(s.names[i], name) {
				s.marked[i] = true
				s.left--
			}
		}
		return
	}
	var buf [64]byte
	if i, ok := s.index[string(appendLower(buf[:0], name))]; ok && !s.marked[i] {
		s.marked[i] = true
		s.left--
	}
}

// first returns the first name, in the order of the sorted list, that was not met.
func (s *nameSet) first() string {
	first := ""
	for i, name := range s.names {
		if !s.marked[i] && (first == "" || compareFold(name, first) < 0) {
			first = name
		}
	}
	return first
}

// TAOCheck decides whether the timing of a response may be shown to the page.
//
// https://fetch.spec.whatwg.org/#concept-tao-check
func TAOCheck(r *Request, h Headers) policy.Step {
	// 2.
	if r.timingAllowFailed {
		return policy.TAOFailedBefore
	}
	// 3.-5.
	if value, ok := h.Get("Timing-Allow-Origin"); ok {
		self, star, match := r.serializedOrigin(), false, false
		for v := range decodeAndSplit(value) {
			star = star || v == "*"
			match = match || v == self
		}
		if star {
			return policy.TAOWildcard
		}
		if match {
			return policy.TAOMatch
		}
	}
	// 6.
	if r.Mode == Navigate && !r.currentURL().SameOrigin(r.Origin) {
		return policy.TAONavigate
	}
	// 7.
	if r.tainting == TaintBasic {
		return policy.TAOBasic
	}
	// 8.
	return policy.TAOMismatch
}

// DetermineNosniff reports whether a response wants its type to be checked.
//
// https://fetch.spec.whatwg.org/#determine-nosniff
func DetermineNosniff(h Headers) bool {
	value, ok := h.Get("X-Content-Type-Options")
	if !ok {
		return false
	}
	for v := range decodeAndSplit(value) {
		return equalFold(v, "nosniff")
	}
	return false
}

// NosniffCheck decides whether a response whose type has to be checked fits what it was asked for as.
//
// https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-nosniff?
func NosniffCheck(d Destination, h Headers) policy.Step {
	// 1.
	if !DetermineNosniff(h) {
		return policy.NosniffOff
	}
	// 2.-3.
	m, ok := ExtractMIMEType(h)
	switch {
	// 4.
	case d.IsScriptLike() && (!ok || !m.IsJavaScriptMIMEType()):
		return policy.NosniffScript
	// 5.
	case d == DestinationStyle && (!ok || m.Essence() != "text/css"):
		return policy.NosniffStyle
	}
	// 6.
	return policy.NosniffOK
}

// MIMETypeCheck decides whether a response is of a type that no script has.
//
// https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-mime-type?
func MIMETypeCheck(d Destination, h Headers) policy.Step {
	// 3. first: it decides whether the type matters at all.
	if !d.IsScriptLike() {
		return policy.MIMETypeOK
	}
	// 1.-2.
	m, ok := ExtractMIMEType(h)
	if !ok {
		return policy.MIMETypeOK
	}
	// 4.
	if m.Type == "audio" || m.Type == "image" || m.Type == "video" || m.Essence() == "text/csv" {
		return policy.MIMETypeScript
	}
	// 5.
	return policy.MIMETypeOK
}

// blocksPort reports whether the profile's browser refuses to speak HTTP to port.
func blocksPort(port uint16, p *policy.Profile) bool {
	return isBadPort(port) && (port == 0 || port != p.OpenPorts[0] && port != p.OpenPorts[1])
}

// isBadPort reports whether browsers refuse to speak HTTP to port.
//
// https://fetch.spec.whatwg.org/#bad-port
func isBadPort(port uint16) bool {
	switch port {
	case 0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
		109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526,
		530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
		4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080:
		return true
	}
	return false
}

func isOKStatus(status int) bool { return 200 <= status && status <= 299 }

// isRedirectStatus reports whether a status is a redirect status.
//
// https://fetch.spec.whatwg.org/#redirect-status
func isRedirectStatus(status int) bool {
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308
}

// isNullBodyStatus reports whether responses with the status have no body.
//
// https://fetch.spec.whatwg.org/#null-body-status
func isNullBodyStatus(status int) bool {
	return status == 101 || status == 103 || status == 204 || status == 205 || status == 304
}

// isRangeStatus reports whether a status belongs to an answer to a range request.
//
// https://fetch.spec.whatwg.org/#range-status
func isRangeStatus(status int) bool { return status == 206 || status == 416 }
