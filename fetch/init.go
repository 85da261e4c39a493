package fetch

import (
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// A Member is a member of a dictionary that a script passes: absent, or a string. The zero value is absent.
type Member struct {
	value   string
	present bool
}

// Given returns the member that is present with the value s.
func Given(s string) Member { return Member{s, true} }

// Value returns the member's string, empty if it is absent.
func (m Member) Value() string { return m.value }

// RequestInit is what a script passes to fetch() beside the URL, as it wrote it.
//
// https://fetch.spec.whatwg.org/#requestinit
type RequestInit struct {
	Method         Member
	Headers        Headers // as the script set them, forbidden ones included
	Body           *Body   // nil: none
	Mode           Member
	Credentials    Member
	Cache          Member
	Redirect       Member
	Referrer       Member
	ReferrerPolicy Member
	Keepalive      bool
}

// isEmpty reports whether no member is present.
func (i *RequestInit) isEmpty() bool {
	return !i.Method.present && i.Headers == nil && i.Body == nil && !i.Mode.present && !i.Credentials.present &&
		!i.Cache.present && !i.Redirect.present && !i.Referrer.present && !i.ReferrerPolicy.present && !i.Keepalive
}

// NewRequest makes the request that fetch(url, init) makes, into the zero Request r. The step is the zero Step, or
// where the call throws. Which headers the script may set, rules knows; nil is the standard.
//
// https://fetch.spec.whatwg.org/#dom-request
func NewRequest(r *Request, c *Client, url string, init *RequestInit, rules *policy.Profile, trace policy.Trace) policy.Step {
	if rules == nil {
		rules = &theStandard
	}
	fail := func(s policy.Step, got string) policy.Step { return trace.Add(s, got, "") }

	// Before the first step, Web IDL converts the members, in the order of their names.
	mode, cache, credentials, redirect := CORS, CacheDefault, SameOriginCredentials, RedirectFollow
	referrerPolicy := policy.ReferrerPolicyEmpty
	if !init.isEmpty() {
		ok := true
		if init.Cache.present {
			if cache, ok = parseEnum[CacheMode](init.Cache.value, cacheModes[:]); !ok {
				return fail(policy.RequestMemberInvalid, init.Cache.value)
			}
		}
		if init.Credentials.present {
			if credentials, ok = parseEnum[Credentials](init.Credentials.value, credentialsModes[:]); !ok {
				return fail(policy.RequestMemberInvalid, init.Credentials.value)
			}
		}
		if init.Mode.present {
			// RequestMode has these four values alone.
			if mode, ok = parseEnum[Mode](init.Mode.value, modes[:Navigate+1]); !ok {
				return fail(policy.RequestMemberInvalid, init.Mode.value)
			}
		}
		if init.Redirect.present {
			if redirect, ok = parseEnum[RedirectMode](init.Redirect.value, redirectModes[:]); !ok {
				return fail(policy.RequestMemberInvalid, init.Redirect.value)
			}
		}
		if init.ReferrerPolicy.present {
			if referrerPolicy, ok = policy.ParseReferrerPolicy(init.ReferrerPolicy.value); !ok {
				return fail(policy.RequestMemberInvalid, init.ReferrerPolicy.value)
			}
		}
	}
	// 5.1-5.2
	u, err := origin.ParseURL(url, &c.BaseURL)
	if err != nil {
		if trace != nil {
			trace(policy.Event{Step: policy.RequestURLInvalid, Got: url, Want: err.Error()})
		}
		return policy.RequestURLInvalid
	}
	// 5.3
	if u.HasCredentials() {
		return fail(policy.RequestURLCredentials, url)
	}
	// 5.4-5.5, 6.-12. Not modelled: requests made from requests.
	r.URL, r.Client, r.UnsafeRequest = u, c, true
	// 14.
	if init.Referrer.present {
		if s := r.setReferrer(init.Referrer.value); s != 0 {
			return fail(s, init.Referrer.value)
		}
	}
	// 15.
	r.ReferrerPolicy = referrerPolicy
	// 16.-17.
	if mode == Navigate {
		return fail(policy.RequestModeNavigate, init.Mode.value)
	}
	// 18.-20.
	r.Mode, r.Credentials, r.Cache = mode, credentials, cache
	// 21.
	if cache == CacheOnlyIfCached && mode != SameOrigin {
		return fail(policy.RequestOnlyIfCached, mode.String())
	}
	// 22.-24.
	r.Redirect, r.Keepalive = redirect, init.Keepalive
	// 25.
	r.Method = "GET"
	if init.Method.present {
		method := init.Method.value
		// 25.2
		if !IsMethod(method) {
			return fail(policy.RequestMethodInvalid, method)
		}
		if IsForbiddenMethod(method) {
			return fail(policy.RequestMethodForbidden, method)
		}
		// 25.3-25.4
		if r.Method = NormalizeMethod(method); r.Method != method {
			trace.Add(policy.RequestMethodNormalized, method, r.Method)
		}
	}
	// 26.-31. Not modelled: signals, priorities.
	// 32.
	guard := guardRequest
	if mode == NoCORS {
		if !IsCORSSafelistedMethod(r.Method) {
			return fail(policy.RequestNoCORSMethod, r.Method)
		}
		guard = guardRequestNoCORS
	}
	// 33. Room for these headers and Accept, and for the body's Content-Type.
	r.Headers = r.headerBuf[:0]
	n := len(init.Headers) + 1
	if init.Body != nil && init.Body.Type != "" && !init.Headers.Has("Content-Type") {
		n++
	}
	if n > cap(r.Headers) {
		r.Headers = make(Headers, 0, n)
	}
	var spelling map[string]string // how each name was first spelled, once there are many
	if len(init.Headers) > maxComparedNames {
		spelling = make(map[string]string, len(init.Headers))
	}
	for _, h := range init.Headers {
		if s := r.Headers.appendGuarded(guard, h.Name, h.Value, rules, spelling, trace); s != 0 {
			return fail(s, h.Name)
		}
	}
	// 34.-35.
	if init.Body != nil && (r.Method == "GET" || r.Method == "HEAD") {
		return fail(policy.RequestBodyWithMethod, r.Method)
	}
	// 36.-37.
	if b := init.Body; b != nil {
		if b.Stream && init.Keepalive {
			return fail(policy.RequestStreamKeepalive, "")
		}
		// 37.4
		if b.Type != "" && !r.Headers.Has("Content-Type") {
			r.Headers.appendGuarded(guard, "Content-Type", b.Type, rules, nil, nil)
			trace.Add(policy.RequestContentTypeFromBody, b.Type, "")
		}
		// 39.1 cannot happen: a stream always comes with duplex: "half".
		// 39.2; 39.3 is Request.usesCORSPreflight.
		if b.Stream && mode != SameOrigin && mode != CORS && !rules.StreamsNotSent {
			return fail(policy.RequestStreamMode, mode.String())
		}
	}
	// 38., 40.-42.
	r.Body = init.Body
	return 0
}

// setReferrer is step 14 of the Request constructor, for a referrer that is given.
func (r *Request) setReferrer(referrer string) policy.Step {
	// 14.2
	if referrer == "" {
		r.ReferrerKind = ReferrerNone
		return 0
	}
	// 14.3.1-14.3.2
	u, err := origin.ParseURL(referrer, &r.Client.BaseURL)
	if err != nil {
		return policy.RequestReferrerInvalid
	}
	// 14.3.3
	if u.Scheme() == "about" && u.Path() == "client" || !u.SameOrigin(r.Client.Origin) {
		r.ReferrerKind = ReferrerClient
		return 0
	}
	// 14.3.4
	stripped := policy.NewReferrer(u)
	r.ReferrerKind, r.Referrer = ReferrerURL, &stripped
	return 0
}

// A headersGuard says what a Headers object lets in.
//
// https://fetch.spec.whatwg.org/#headers-guard
type headersGuard uint8

const (
	guardRequest headersGuard = iota
	guardRequestNoCORS
)

// appendGuarded is Headers append for the headers of a Request object. The step is the zero Step, or where the call
// throws; a header that is left out in silence is traced. spelling, if not nil, knows how each name in the list was
// first spelled, which spares the search for it.
//
// https://fetch.spec.whatwg.org/#concept-headers-append
func (h *Headers) appendGuarded(guard headersGuard, name, value string, rules *policy.Profile, spelling map[string]string, trace policy.Trace) policy.Step {
	// 1.
	value = NormalizeValue(value)
	// 2. Headers validate 1, then 3 (which holds for both guards' objects as no-cors drops even more).
	if !IsHeaderName(name) {
		return policy.HeadersNameInvalid
	}
	if !IsHeaderValue(value) {
		return policy.HeadersValueInvalid
	}
	if guard == guardRequest && ForbidsRequestHeader(name, value, rules) {
		trace.Add(policy.HeadersForbiddenDropped, name, value)
		return 0
	}
	// 3.
	if guard == guardRequestNoCORS {
		combined := value
		if before, ok := h.Get(name); ok {
			combined = before + ", " + value
		}
		if !isNoCORSSafelistedRequestHeader(name, combined, rules) {
			trace.Add(policy.HeadersNoCORSDropped, name, combined)
			return 0
		}
	}
	// 4.
	if spelling == nil {
		h.Append(name, value)
		return 0
	}
	key := lower(name)
	if first, ok := spelling[key]; ok {
		name = first
	} else {
		spelling[key] = name
	}
	*h = append(*h, Header{name, value})
	// 5. Nothing to remove: no privileged header gets in.
	return 0
}
