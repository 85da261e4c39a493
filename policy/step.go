package policy

import "strconv"

// A Step is one step of one algorithm of a standard: the place where a decision was taken or something worth
// telling happened. The zero Step is no step.
//
// A step that the standard writes as one but that people meet as several (an Access-Control-Allow-Origin that is
// another origin, a list of origins, or a wildcard beside credentials) has a Step for each; they share their number.
type Step uint16

// A Kind says what a step does to the algorithm it belongs to.
type Kind uint8

const (
	Note    Kind = iota // the algorithm goes on
	Success             // the algorithm ends well
	Failure             // the algorithm ends in failure: a network error, "blocked", a failed check
	Throws              // the API throws before any fetch begins
)

// String returns the kind's name in lower case.
func (k Kind) String() string {
	switch k {
	case Note:
		return "note"
	case Success:
		return "success"
	case Failure:
		return "failure"
	case Throws:
		return "throws"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

type stepInfo struct {
	code   string
	alg    Algorithm
	number string
	kind   Kind
	says   string
	fix    string
}

func (s Step) info() *stepInfo {
	if int(s) >= len(steps) {
		return &steps[0]
	}
	return &steps[s]
}

// OK reports whether the algorithm ended in success at s.
func (s Step) OK() bool { return s.info().kind == Success }

// Kind says what s does to its algorithm.
func (s Step) Kind() Kind { return s.info().kind }

// Ends reports whether the algorithm ends at s, well or badly.
func (s Step) Ends() bool { return s.info().kind != Note }

// Code returns the stable dotted code of s, such as cors.allow-origin.mismatch. The code of the zero Step is empty.
func (s Step) Code() string { return s.info().code }

// Algorithm returns the algorithm that s is a step of.
func (s Step) Algorithm() Algorithm { return s.info().alg }

// Number returns the step's number in its algorithm, a dotted path such as 7.3.
func (s Step) Number() string { return s.info().number }

// URL returns the address of the section of the standard that holds the step's algorithm.
func (s Step) URL() string { return s.info().alg.URL() }

// Says returns one sentence in plain English about what happened at s.
func (s Step) Says() string { return s.info().says }

// Fix returns what a person can do about a failure at s, or nothing.
func (s Step) Fix() string { return s.info().fix }

// String returns the step as algorithm and number, such as "CORS check 4", with its code.
func (s Step) String() string {
	i := s.info()
	if i.code == "" {
		return "no step"
	}
	return i.alg.String() + " " + i.number + " (" + i.code + ")"
}

// AppendText appends the code of s.
func (s Step) AppendText(b []byte) ([]byte, error) { return append(b, s.Code()...), nil }

// MarshalText returns the code of s.
func (s Step) MarshalText() ([]byte, error) { return []byte(s.Code()), nil }

// StepByCode returns the step that has the given code.
func StepByCode(code string) (Step, bool) {
	for i := 1; i < len(steps); i++ {
		if steps[i].code == code {
			return Step(i), true
		}
	}
	return 0, false
}

// Steps yields every step in the order of the table.
func Steps(yield func(Step) bool) {
	for i := 1; i < len(steps); i++ {
		if !yield(Step(i)) {
			return
		}
	}
}

// An Event is a step that was taken, with the values that decided it. Got is what was found (a header's value, a
// URL), Want what would have been needed; either may be empty. Events hold no copies: tracing allocates nothing
// by itself.
type Event struct {
	Step Step
	Got  string
	Want string
}

// A Trace receives events as they happen. A nil Trace is off and costs nothing.
type Trace func(Event)

// Add sends an event to t, if t is on, and returns its step.
func (t Trace) Add(s Step, got, want string) Step {
	if t != nil {
		t(Event{s, got, want})
	}
	return s
}

// An Algorithm is a named algorithm of a standard.
type Algorithm uint8

type algorithmInfo struct{ name, url string }

// String returns the algorithm's name in its standard.
func (a Algorithm) String() string {
	if int(a) >= len(algorithms) {
		return ""
	}
	return algorithms[a].name
}

// URL returns the address of the algorithm's section, with fragment.
func (a Algorithm) URL() string {
	if int(a) >= len(algorithms) {
		return ""
	}
	return algorithms[a].url
}

// The algorithms. FetchVersion pins the edition of the Fetch standard that their step numbers are of.
const (
	_ Algorithm = iota
	RequestConstructor
	HeadersAppend
	HeadersValidate
	BodyExtract
	XHROpen
	XHRSetRequestHeader
	WebIDLConversion
	Classification
	MainFetch
	PortBlocking
	MixedContentRequest
	MixedContentResponse
	MixedContentUpgrade
	InsecureRequestsUpgrade
	StrictTransportSecurity
	SchemeFetch
	DataURLProcessor
	HTTPFetch
	HTTPRedirectFetch
	LocationURL
	HTTPNetworkOrCacheFetch
	CacheConstruct
	CacheStore
	CacheFreshen
	CacheInvalidate
	HTTPNetworkFetch
	CORSPreflightFetch
	CORSPreflightCache
	CORSCheck
	TAOCheck
	Nosniff
	MIMETypeBlock
	CrossOriginResourcePolicy
	OriginHeader
	DetermineReferrer
	ReferrerPolicyOnRedirect
	FetchMetadata
	CookieHeader
	FilteredResponse
)

// FetchVersion is the date of the edition of the Fetch standard that the step numbers are of.
const FetchVersion = "2026-07-02"

var algorithms = [...]algorithmInfo{
	RequestConstructor:        {"new Request(input, init)", "https://fetch.spec.whatwg.org/#dom-request"},
	HeadersAppend:             {"Headers append", "https://fetch.spec.whatwg.org/#concept-headers-append"},
	HeadersValidate:           {"Headers validate", "https://fetch.spec.whatwg.org/#headers-validate"},
	BodyExtract:               {"extract a body", "https://fetch.spec.whatwg.org/#concept-bodyinit-extract"},
	XHROpen:                   {"XMLHttpRequest open()", "https://xhr.spec.whatwg.org/#the-open()-method"},
	XHRSetRequestHeader:       {"XMLHttpRequest setRequestHeader()", "https://xhr.spec.whatwg.org/#the-setrequestheader()-method"},
	WebIDLConversion:          {"Web IDL enumeration conversion", "https://webidl.spec.whatwg.org/#js-enumeration"},
	Classification:            {"CORS-unsafe request-header names", "https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names"},
	MainFetch:                 {"main fetch", "https://fetch.spec.whatwg.org/#concept-main-fetch"},
	PortBlocking:              {"port blocking", "https://fetch.spec.whatwg.org/#port-blocking"},
	MixedContentRequest:       {"should fetching request be blocked as mixed content?", "https://www.w3.org/TR/mixed-content/#should-block-fetch"},
	MixedContentResponse:      {"should response to request be blocked as mixed content?", "https://www.w3.org/TR/mixed-content/#should-block-response"},
	MixedContentUpgrade:       {"upgrade a mixed content request to a potentially trustworthy URL", "https://www.w3.org/TR/mixed-content/#upgrade-algorithm"},
	InsecureRequestsUpgrade:   {"upgrade request to a potentially trustworthy URL", "https://w3c.github.io/webappsec-upgrade-insecure-requests/#upgrade-request"},
	StrictTransportSecurity:   {"Strict-Transport-Security header field processing", "https://www.rfc-editor.org/rfc/rfc6797.html#section-8.1"},
	SchemeFetch:               {"scheme fetch", "https://fetch.spec.whatwg.org/#concept-scheme-fetch"},
	DataURLProcessor:          {"data: URL processor", "https://fetch.spec.whatwg.org/#data-url-processor"},
	HTTPFetch:                 {"HTTP fetch", "https://fetch.spec.whatwg.org/#concept-http-fetch"},
	HTTPRedirectFetch:         {"HTTP-redirect fetch", "https://fetch.spec.whatwg.org/#concept-http-redirect-fetch"},
	LocationURL:               {"location URL", "https://fetch.spec.whatwg.org/#concept-response-location-url"},
	HTTPNetworkOrCacheFetch:   {"HTTP-network-or-cache fetch", "https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch"},
	CacheConstruct:            {"HTTP caching: constructing responses from caches", "https://www.rfc-editor.org/rfc/rfc9111.html#section-4"},
	CacheStore:                {"HTTP caching: storing responses in caches", "https://www.rfc-editor.org/rfc/rfc9111.html#section-3"},
	CacheFreshen:              {"HTTP caching: freshening stored responses upon validation", "https://www.rfc-editor.org/rfc/rfc9111.html#section-4.3.4"},
	CacheInvalidate:           {"HTTP caching: invalidating stored responses", "https://www.rfc-editor.org/rfc/rfc9111.html#section-4.4"},
	HTTPNetworkFetch:          {"HTTP-network fetch", "https://fetch.spec.whatwg.org/#concept-http-network-fetch"},
	CORSPreflightFetch:        {"CORS-preflight fetch", "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0"},
	CORSPreflightCache:        {"CORS-preflight cache", "https://fetch.spec.whatwg.org/#concept-cache"},
	CORSCheck:                 {"CORS check", "https://fetch.spec.whatwg.org/#concept-cors-check"},
	TAOCheck:                  {"TAO check", "https://fetch.spec.whatwg.org/#concept-tao-check"},
	Nosniff:                   {"should response to request be blocked due to nosniff?", "https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-nosniff?"},
	MIMETypeBlock:             {"should response to request be blocked due to its MIME type?", "https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-mime-type?"},
	CrossOriginResourcePolicy: {"cross-origin resource policy internal check", "https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check"},
	OriginHeader:              {"append a request Origin header", "https://fetch.spec.whatwg.org/#append-a-request-origin-header"},
	DetermineReferrer:         {"determine request's referrer", "https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer"},
	ReferrerPolicyOnRedirect:  {"set request's referrer policy on redirect", "https://w3c.github.io/webappsec-referrer-policy/#set-requests-referrer-policy-on-redirect"},
	FetchMetadata:             {"append the Fetch metadata headers", "https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-append-the-fetch-metadata-headers-for-a-request"},
	CookieHeader:              {"append a request Cookie header", "https://fetch.spec.whatwg.org/#append-a-request-cookie-header"},
	FilteredResponse:          {"main fetch", "https://fetch.spec.whatwg.org/#concept-filtered-response"},
}
