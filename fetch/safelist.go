package fetch

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/policy"
)

// Limits on the values of CORS-safelisted request-headers, in bytes: of one, and of all together.
const (
	maxSafelistedValue  = 128
	maxSafelistedValues = 1024
)

// IsCORSSafelistedRequestHeader reports whether the header goes to other origins without asking first.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func IsCORSSafelistedRequestHeader(name, value string) bool {
	return safelisted(name, value, &theStandard) == policy.ClassifySimple
}

// safelisted is the algorithm itself; it returns why a header is not safelisted, or ClassifySimple if it is.
func safelisted(name, value string, p *policy.Profile) policy.Step {
	s := safelistedByStandard(name, value, p)
	if p.FormTypesByText {
		return safelistedByText(s, name, value)
	}
	if s == policy.ClassifyHeaderName && (p.ClientHintsSafelisted || p.UserAgentSafelisted) && safelistedBesides(name, value, p) {
		return policy.ClassifySimple
	}
	return s
}

// safelistedByText is safelisted under FormTypesByText, given what the standard says.
func safelistedByText(s policy.Step, name, value string) policy.Step {
	accept := len(name) == len("accept") && equalFold(name, "accept")
	if !accept && !equalFold(name, "content-type") || s != policy.ClassifySimple && s != policy.ClassifyHeaderContentType {
		return s
	}
	for i := range len(value) {
		if value[i] >= 0x80 {
			return policy.ClassifyHeaderByte
		}
	}
	if !accept && !isFormContentTypeByText(value) {
		return policy.ClassifyHeaderContentType
	}
	return policy.ClassifySimple
}

// isFormContentTypeByText reports whether value begins with one of the three MIME types an HTML form can send, and
// goes on as FormTypesByText lets it.
func isFormContentTypeByText(value string) bool {
	if strings.IndexByte(value, ',') >= 0 {
		return false
	}
	essence, parameters, has := strings.Cut(value, ";")
	essence, junk := cutAtBlank(essence)
	switch {
	case !equalFold(essence, "text/plain") && !equalFold(essence, "multipart/form-data") &&
		!equalFold(essence, "application/x-www-form-urlencoded"):
		return false
	case !has:
		return junk == ""
	}
	return parameters == "" || parameters[len(parameters)-1] != ';'
}

// cutAtBlank splits s before its first space or tab, and takes those at the end of s away.
func cutAtBlank(s string) (before, after string) {
	s = strings.TrimRight(s, " \t")
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// safelistedBesides reports whether the profile safelists a header that the standard does not.
func safelistedBesides(name, value string, p *policy.Profile) bool {
	if equalFold(name, "user-agent") {
		return p.UserAgentSafelisted
	}
	if !p.ClientHintsSafelisted || len(value) > maxSafelistedValue {
		return false
	}
	var buf [16]byte
	if len(name) > len(buf) {
		return false
	}
	switch string(appendLower(buf[:0], name)) {
	case "device-memory", "dpr", "downlink":
		whole, fraction, point := strings.Cut(value, ".")
		return isDigits(whole) && (!point || isDigits(fraction))
	case "width", "viewport-width", "rtt":
		return isDigits(value)
	case "ect":
		return value == "slow-2g" || value == "2g" || value == "3g" || value == "4g"
	case "save-data":
		return equalFold(value, "on")
	case "intervention":
		return true
	}
	return false
}

// isDigits reports whether s is one digit or more.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// tightRange writes a range that RangesReadLoosely lets pass as the standard has it.
func tightRange(value string) string {
	unit, numbers, ok := strings.Cut(value, "=")
	if !ok || !equalFold(unit, "bytes") {
		return value
	}
	start, end, ok := strings.Cut(numbers, "-")
	if !ok {
		return value
	}
	return "bytes=" + strings.TrimPrefix(start, "+") + "-" + strings.TrimPrefix(end, "+")
}

// safelistedByStandard is safelisted without what a profile adds.
func safelistedByStandard(name, value string, p *policy.Profile) policy.Step {
	// 2. The name is looked at first, so that the reason names it when both it and the length are wrong.
	switch len(name) {
	case len("range"):
		if !equalFold(name, "range") {
			return policy.ClassifyHeaderName
		}
		if len(value) > maxSafelistedValue {
			return policy.ClassifyHeaderLength
		}
		if p.RangesReadLoosely {
			value = tightRange(value)
		}
		start, hasStart, end, hasEnd, ok := parseSingleRange(value, false)
		if !ok || !hasStart {
			return policy.ClassifyHeaderRange
		}
		const pastUint64 = "18446744073709551616"
		if p.RangesFitUint64 && (compareDecimal(start, pastUint64) >= 0 || hasEnd && compareDecimal(end, pastUint64) >= 0) {
			return policy.ClassifyHeaderRange
		}
		const limit = "9223372036854775807"
		if p.RangesFitInt64 && (compareDecimal(start, limit) >= 0 || hasEnd && compareDecimal(end, limit) >= 0) {
			return policy.ClassifyHeaderRange
		}
	case len("accept"):
		if name != "Accept" && !equalFold(name, "accept") {
			return policy.ClassifyHeaderName
		}
		if len(value) > maxSafelistedValue {
			return policy.ClassifyHeaderLength
		}
		if hasUnsafeByte(value) {
			return policy.ClassifyHeaderByte
		}
	case len("content-type"):
		if name != "Content-Type" && !equalFold(name, "content-type") {
			return policy.ClassifyHeaderName
		}
		if len(value) > maxSafelistedValue {
			return policy.ClassifyHeaderLength
		}
		if hasUnsafeByte(value) {
			return policy.ClassifyHeaderByte
		}
		if !isFormContentType(value) {
			return policy.ClassifyHeaderContentType
		}
	case len("accept-language"), len("content-language"):
		if !equalFold(name, "accept-language") && !equalFold(name, "content-language") {
			return policy.ClassifyHeaderName
		}
		if len(value) > maxSafelistedValue {
			return policy.ClassifyHeaderLength
		}
		for i := range len(value) {
			if !languageByte[value[i]] {
				return policy.ClassifyHeaderByte
			}
		}
	default:
		return policy.ClassifyHeaderName
	}
	// 3.
	return policy.ClassifySimple
}

// isFormContentType reports whether value parses as one of the three MIME types an HTML form can send.
func isFormContentType(value string) bool {
	typ, subtype, _, ok := splitMIMEType(value)
	if !ok {
		return false
	}
	switch {
	case equalFold(typ, "application"):
		return equalFold(subtype, "x-www-form-urlencoded")
	case equalFold(typ, "multipart"):
		return equalFold(subtype, "form-data")
	case equalFold(typ, "text"):
		return equalFold(subtype, "plain")
	}
	return false
}

// unsafeByte has a true for each CORS-unsafe request-header byte.
//
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
var unsafeByte = [256]bool{
	0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 10: true, 11: true, 12: true,
	13: true, 14: true, 15: true, 16: true, 17: true, 18: true, 19: true, 20: true, 21: true, 22: true, 23: true,
	24: true, 25: true, 26: true, 27: true, 28: true, 29: true, 30: true, 31: true,
	'"': true, '(': true, ')': true, ':': true, '<': true, '>': true, '?': true, '@': true, '[': true, '\\': true,
	']': true, '{': true, '}': true, 0x7f: true,
}

func hasUnsafeByte(value string) bool {
	for i := range len(value) {
		if unsafeByte[value[i]] {
			return true
		}
	}
	return false
}

// languageByte has a true for each byte that Accept-Language and Content-Language may hold without asking.
var languageByte = [256]bool{
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true, 'J': true,
	'K': true, 'L': true, 'M': true, 'N': true, 'O': true, 'P': true, 'Q': true, 'R': true, 'S': true, 'T': true,
	'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true, 'j': true,
	'k': true, 'l': true, 'm': true, 'n': true, 'o': true, 'p': true, 'q': true, 'r': true, 's': true, 't': true,
	'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true,
	' ': true, '*': true, ',': true, '-': true, '.': true, ';': true, '=': true,
}

// parseSingleRange parses a Range value that asks for one range of bytes. Digits stay text: numbers of any length
// are compared without being cut off.
//
// https://fetch.spec.whatwg.org/#simple-range-header-value
func parseSingleRange(value string, allowWhitespace bool) (start string, hasStart bool, end string, hasEnd, ok bool) {
	space := func() {
		for allowWhitespace && value != "" && (value[0] == ' ' || value[0] == '\t') {
			value = value[1:]
		}
	}
	expect := func(c byte) bool {
		if value == "" || value[0] != c {
			return false
		}
		value = value[1:]
		return true
	}
	digits := func() string {
		n := 0
		for n < len(value) && '0' <= value[n] && value[n] <= '9' {
			n++
		}
		d := value[:n]
		value = value[n:]
		return d
	}
	// 2.-3.
	if len(value) < 5 || value[:5] != "bytes" {
		return
	}
	value = value[5:]
	// 4.-7.
	space()
	if !expect('=') {
		return
	}
	space()
	// 8.-9.
	start = digits()
	hasStart = start != ""
	// 10.-13.
	space()
	if !expect('-') {
		return
	}
	space()
	// 14.-15.
	end = digits()
	hasEnd = end != ""
	// 16.-18.
	if value != "" || !hasStart && !hasEnd || hasStart && hasEnd && compareDecimal(start, end) > 0 {
		return
	}
	// 19.
	return start, hasStart, end, hasEnd, true
}

// compareDecimal compares two strings of digits as numbers.
func compareDecimal(a, b string) int {
	for a != "" && a[0] == '0' {
		a = a[1:]
	}
	for b != "" && b[0] == '0' {
		b = b[1:]
	}
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// AppendCORSUnsafeRequestHeaderNames appends the names of the headers in h that need the server's consent, sorted and
// without repeats by their lower-case spelling. The names keep the case they have in h: lower-case them where they
// are shown (the standard's list is in lower case). It allocates only if dst has no room.
//
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func AppendCORSUnsafeRequestHeaderNames(dst []string, h Headers) []string {
	first := len(dst)
	// 1.-5.
	dst = appendUnsafeNames(dst, h, &theStandard)
	// 6.
	return dst[:first+len(sortAndCompact(dst[first:]))]
}

// unsafeNames is AppendCORSUnsafeRequestHeaderNames for a request, under its profile.
func (r *Request) unsafeNames(dst []string) []string {
	first := len(dst)
	dst = appendUnsafeNames(dst, r.judged(), r.rules())
	return dst[:first+len(sortAndCompact(dst[first:]))]
}

// sortAndCompact sorts names and drops repeats, by their lower-case spelling.
func sortAndCompact(names []string) []string {
	if len(names) < 2 {
		return names
	}
	slices.SortFunc(names, compareFold)
	return slices.CompactFunc(names, equalFold)
}

// appendUnsafeNames is AppendCORSUnsafeRequestHeaderNames up to its last step: in the order of h, with repeats.
func appendUnsafeNames(dst []string, h Headers, p *policy.Profile) []string {
	// 1.-4. The unsafe names, and the size of the safe values.
	size := 0
	for i := range h {
		if safelisted(h[i].Name, h[i].Value, p) != policy.ClassifySimple {
			dst = append(dst, h[i].Name)
		} else {
			size += len(h[i].Value)
		}
	}
	// 5. Too much of the safe is unsafe.
	if size > maxSafelistedValues && !p.SafelistedSumUnlimited {
		for i := range h {
			if safelisted(h[i].Name, h[i].Value, p) == policy.ClassifySimple {
				dst = append(dst, h[i].Name)
			}
		}
	}
	return dst
}

// A Cause is one reason for a request to be preflighted: a step, and the header it is about, if any.
type Cause struct {
	Step   policy.Step
	Header Header
}

// Classification says whether a cross-origin request is simple or preflighted.
type Classification uint8

// The two kinds of cross-origin request.
const (
	Simple Classification = iota
	Preflighted
)

// String returns simple or preflighted.
func (c Classification) String() string {
	if c == Preflighted {
		return "preflighted"
	}
	return "simple"
}

// Classify says whether r, were it to go to another origin, would be preceded by a preflight.
//
// https://fetch.spec.whatwg.org/#main-fetch, step 12
func Classify(r *Request) Classification {
	if r.usesCORSPreflight() {
		return Preflighted
	}
	if !r.UnsafeRequest {
		return Simple
	}
	if !IsCORSSafelistedMethod(r.Method) {
		return Preflighted
	}
	size, headers := 0, r.judged()
	for i := range headers {
		if safelisted(headers[i].Name, headers[i].Value, r.rules()) != policy.ClassifySimple {
			return Preflighted
		}
		size += len(headers[i].Value)
	}
	if size > maxSafelistedValues && !r.rules().SafelistedSumUnlimited {
		return Preflighted
	}
	return Simple
}

// AppendCauses appends every cause for which r is preflighted, not only the first; none for a simple request.
func AppendCauses(dst []Cause, r *Request) []Cause {
	if r.UploadListener && (r.Body != nil || !r.rules().UploadListenerNeedsBody) {
		dst = append(dst, Cause{Step: policy.ClassifyUploadListener})
	}
	if r.Body.isStream() {
		dst = append(dst, Cause{Step: policy.ClassifyStream})
	}
	if !r.UnsafeRequest {
		return dst
	}
	if !IsCORSSafelistedMethod(r.Method) {
		dst = append(dst, Cause{Step: policy.ClassifyMethod})
	}
	size := 0
	for _, h := range r.judged() {
		if s := safelisted(h.Name, h.Value, r.rules()); s != policy.ClassifySimple {
			dst = append(dst, Cause{s, h})
		} else {
			size += len(h.Value)
		}
	}
	if size > maxSafelistedValues && !r.rules().SafelistedSumUnlimited {
		for _, h := range r.judged() {
			if safelisted(h.Name, h.Value, r.rules()) == policy.ClassifySimple {
				dst = append(dst, Cause{policy.ClassifyHeadersTotal, h})
			}
		}
	}
	return dst
}
