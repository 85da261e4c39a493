package fetch

import "strconv"

// A Mode is a request's mode. The zero value is no-cors, as in the standard; scripts get cors from fetch() and from
// XMLHttpRequest.
//
// https://fetch.spec.whatwg.org/#concept-request-mode
type Mode uint8

// The modes.
const (
	NoCORS Mode = iota
	CORS
	SameOrigin
	Navigate
	WebSocket
	WebTransport
)

// String returns the mode as the standard spells it.
func (m Mode) String() string { return spell(m, modes[:], "Mode") }

var modes = [...]string{"no-cors", "cors", "same-origin", "navigate", "websocket", "webtransport"}

// Credentials is a request's credentials mode. The zero value is same-origin, as in the standard.
//
// https://fetch.spec.whatwg.org/#concept-request-credentials-mode
type Credentials uint8

// The credentials modes.
const (
	SameOriginCredentials Credentials = iota
	Include
	Omit
)

// String returns the credentials mode as the standard spells it.
func (c Credentials) String() string { return spell(c, credentialsModes[:], "Credentials") }

var credentialsModes = [...]string{"same-origin", "include", "omit"}

// A CacheMode is a request's cache mode.
//
// https://fetch.spec.whatwg.org/#concept-request-cache-mode
type CacheMode uint8

// The cache modes.
const (
	CacheDefault CacheMode = iota
	CacheNoStore
	CacheReload
	CacheNoCache
	CacheForceCache
	CacheOnlyIfCached
)

// String returns the cache mode as the standard spells it.
func (c CacheMode) String() string { return spell(c, cacheModes[:], "CacheMode") }

var cacheModes = [...]string{"default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"}

// A RedirectMode is a request's redirect mode.
//
// https://fetch.spec.whatwg.org/#concept-request-redirect-mode
type RedirectMode uint8

// The redirect modes.
const (
	RedirectFollow RedirectMode = iota
	RedirectError
	RedirectManual
)

// String returns the redirect mode as the standard spells it.
func (r RedirectMode) String() string { return spell(r, redirectModes[:], "RedirectMode") }

var redirectModes = [...]string{"follow", "error", "manual"}

// A Destination is what a request's response will be used as. The zero value is the empty string, which fetch() and
// XMLHttpRequest have.
//
// https://fetch.spec.whatwg.org/#concept-request-destination
type Destination uint8

// The destinations.
const (
	DestinationEmpty Destination = iota
	DestinationAudio
	DestinationAudioWorklet
	DestinationDocument
	DestinationEmbed
	DestinationFont
	DestinationFrame
	DestinationIframe
	DestinationImage
	DestinationJSON
	DestinationManifest
	DestinationObject
	DestinationPaintWorklet
	DestinationReport
	DestinationScript
	DestinationServiceWorker
	DestinationSharedWorker
	DestinationStyle
	DestinationText
	DestinationTrack
	DestinationVideo
	DestinationWebIdentity
	DestinationWorker
	DestinationXSLT
)

// String returns the destination as the standard spells it.
func (d Destination) String() string { return spell(d, destinations[:], "Destination") }

var destinations = [...]string{"", "audio", "audioworklet", "document", "embed", "font", "frame", "iframe", "image",
	"json", "manifest", "object", "paintworklet", "report", "script", "serviceworker", "sharedworker", "style", "text",
	"track", "video", "webidentity", "worker", "xslt"}

// An Initiator is what began a request, where a standard asks about it. The zero value is the empty string.
//
// https://fetch.spec.whatwg.org/#concept-request-initiator
type Initiator uint8

// The initiators.
const (
	InitiatorEmpty Initiator = iota
	InitiatorDownload
	InitiatorImageSet
	InitiatorManifest
	InitiatorPrefetch
	InitiatorPrerender
	InitiatorXSLT
)

// String returns the initiator as the standard spells it.
func (i Initiator) String() string { return spell(i, initiators[:], "Initiator") }

var initiators = [...]string{"", "download", "imageset", "manifest", "prefetch", "prerender", "xslt"}

// IsScriptLike reports whether the response will be run as a script.
//
// https://fetch.spec.whatwg.org/#request-destination-script-like
func (d Destination) IsScriptLike() bool {
	switch d {
	case DestinationAudioWorklet, DestinationPaintWorklet, DestinationScript, DestinationServiceWorker,
		DestinationSharedWorker, DestinationWorker:
		return true
	}
	return false
}

// Tainting says how a response may be shown.
//
// https://fetch.spec.whatwg.org/#concept-request-response-tainting
type Tainting uint8

// The response taintings.
const (
	TaintBasic Tainting = iota
	TaintCORS
	TaintOpaque
)

// String returns the tainting as the standard spells it.
func (t Tainting) String() string { return spell(t, taintings[:], "Tainting") }

var taintings = [...]string{"basic", "cors", "opaque"}

// RedirectTaint says how far a chain of redirects has strayed.
//
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
type RedirectTaint uint8

// The redirect taints.
const (
	TaintSameOrigin RedirectTaint = iota
	TaintSameSite
	TaintCrossSite
)

// String returns the taint as the standard spells it.
func (t RedirectTaint) String() string { return spell(t, redirectTaints[:], "RedirectTaint") }

var redirectTaints = [...]string{"same-origin", "same-site", "cross-site"}

// A ResponseType is a response's type.
//
// https://fetch.spec.whatwg.org/#concept-response-type
type ResponseType uint8

// The response types.
const (
	TypeDefault ResponseType = iota
	TypeBasic
	TypeCORS
	TypeError
	TypeOpaque
	TypeOpaqueRedirect
)

// String returns the type as the standard spells it.
func (t ResponseType) String() string { return spell(t, responseTypes[:], "ResponseType") }

var responseTypes = [...]string{"default", "basic", "cors", "error", "opaque", "opaqueredirect"}

// A SameSiteMode says which cookies may go with a request, by their SameSite attribute.
//
// https://fetch.spec.whatwg.org/#determine-the-same-site-mode
type SameSiteMode uint8

// The same-site modes.
const (
	StrictOrLess SameSiteMode = iota // the request is same-site: every cookie
	LaxOrLess                        // a navigation of the top level from another site: all but SameSite=Strict
	UnsetOrLess                      // any other request across sites: SameSite=None, and cookies without SameSite
)

// String returns the mode as the standard spells it.
func (m SameSiteMode) String() string { return spell(m, sameSiteModes[:], "SameSiteMode") }

var sameSiteModes = [...]string{"strict-or-less", "lax-or-less", "unset-or-less"}

// spell returns the spelling of an enumeration's value.
func spell[T ~uint8](v T, names []string, typ string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return typ + "(" + strconv.Itoa(int(v)) + ")"
}

// parseEnum returns the value of an enumeration that is spelled s, to the letter.
func parseEnum[T ~uint8](s string, names []string) (T, bool) {
	for i, n := range names {
		if n == s {
			return T(i), true
		}
	}
	return 0, false
}
