package policy

// The steps, in the order in which a fetch meets them.
const (
	_ Step = iota

	// The request a script can make.
	RequestURLInvalid
	RequestURLCredentials
	RequestReferrerInvalid
	RequestModeNavigate
	RequestOnlyIfCached
	RequestMethodInvalid
	RequestMethodForbidden
	RequestNoCORSMethod
	RequestBodyWithMethod
	RequestStreamKeepalive
	RequestStreamMode
	RequestMemberInvalid
	RequestMethodNormalized
	HeadersNameInvalid
	HeadersValueInvalid
	HeadersForbiddenDropped
	HeadersNoCORSDropped
	RequestContentTypeFromBody
	XHRMethodInvalid
	XHRMethodForbidden
	XHRURLInvalid
	XHRHeaderNameInvalid
	XHRHeaderValueInvalid
	XHRHeaderForbiddenDropped

	// Classification.
	ClassifySimple
	ClassifyMethod
	ClassifyHeaderName
	ClassifyHeaderLength
	ClassifyHeaderByte
	ClassifyHeaderContentType
	ClassifyHeaderRange
	ClassifyHeadersTotal
	ClassifyUploadListener
	ClassifyStream

	// Main fetch.
	MainLocalURLsOnly
	MainUpgradeInsecure
	MainUpgradeMixedContent
	MainBadPort
	MainZeroAddress
	MainMixedContent
	MainUpgradeHSTS
	MainSameOrigin
	MainDataURL
	MainNavigate
	MainSameOriginMode
	MainNoCORSRedirectMode
	MainNoCORS
	MainScheme
	MainCORSWithPreflight
	MainCORS
	MainExposeHeaders
	MainExposeAllHeaders
	MainExposeMalformed
	FilterBasic
	FilterCORS
	FilterOpaque
	FilterOpaqueRedirect
	MainMixedContentResponse
	MainRangeNotRequested

	// Scheme fetch.
	SchemeAboutBlank
	SchemeAbout
	SchemeBlob
	SchemeData
	DataURLNoComma
	DataURLBase64
	SchemeFile
	SchemeUnknown

	// HTTP fetch.
	RedirectModeError
	RedirectModeManual

	// HTTP-redirect fetch.
	RedirectLocationMissing
	RedirectLocationInvalid
	RedirectLocationMultiple
	RedirectLocationScheme
	RedirectTooMany
	RedirectCredentialsCrossOrigin
	RedirectCredentialsTainted
	RedirectStreamBody
	RedirectMethodChanged
	RedirectAuthorizationDropped
	RedirectFollowed
	RedirectReferrerPolicy

	// HTTP-network-or-cache fetch and HTTP-network fetch.
	NetworkCredentialsIncluded
	NetworkCredentialsExcluded
	NetworkCredentialsCOEP
	NetworkKeepaliveLimit
	NetworkOnlyIfCached
	NetworkUnauthorized
	NetworkProxyAuthentication
	NetworkMisdirected
	NetworkFailed
	NetworkInterimOnly
	NetworkStreamHTTP1
	NetworkStreamRefused
	NetworkUnanswered
	NetworkStatus

	// Strict-Transport-Security.
	HSTSStored
	HSTSRemoved
	HSTSInsecure
	HSTSAddress
	HSTSMalformed
	HSTSThirdParty

	// HTTP cache.
	HTTPCacheHit
	HTTPCacheStaleWhileRevalidate
	HTTPCacheForced
	HTTPCacheStale
	HTTPCacheNoCache
	HTTPCacheRequestValidates
	HTTPCacheValidating
	HTTPCacheVaryMiss
	HTTPCacheRange
	HTTPCacheValidated
	HTTPCacheStored
	HTTPCacheNoStore
	HTTPCacheRequestNoStore
	HTTPCacheStatus
	HTTPCachePartial
	HTTPCacheVaryStar
	HTTPCachePrivate
	HTTPCacheAuthorization
	HTTPCacheTooLarge
	HTTPCacheInvalidated

	// Headers on the wire.
	OriginCORS
	OriginMethod
	OriginNullByPolicy
	OriginNullByRedirect
	ReferrerNone
	ReferrerOrigin
	ReferrerURL
	ReferrerDowngrade
	ReferrerOpaque
	FetchMetadataSkipped
	CookieSent

	// CORS-preflight fetch.
	PreflightSent
	PreflightRedirect
	PreflightStatus
	PreflightAllowMethodsMalformed
	PreflightAllowHeadersMalformed
	PreflightMethodMissing
	PreflightMethodNotAllowed
	PreflightMethodWildcardCredentials
	PreflightAuthorizationNotListed
	PreflightHeaderMissing
	PreflightHeaderNotAllowed
	PreflightHeaderWildcardCredentials
	PreflightMaxAgeDefault
	PreflightMaxAgeCapped
	PreflightOK

	// CORS-preflight cache.
	CacheHit
	CacheMethodMiss
	CacheHeaderMiss
	CacheExpired
	CacheOtherCredentials
	CacheOtherMethod
	CacheOtherHeader
	CacheOtherURL
	CacheOtherOrigin
	CacheBypassed
	CacheNotKept
	CacheForgotten
	CacheStored
	CacheCleared

	// CORS check.
	CORSAllowOriginMissing
	CORSAllowOriginWildcard
	CORSAllowOriginMismatch
	CORSAllowOriginMultiple
	CORSAllowOriginNull
	CORSAllowOriginWildcardCredentials
	CORSAllowOriginMatch
	CORSAllowCredentialsTrue
	CORSAllowCredentialsMissing
	CORSAllowCredentialsInvalid

	// TAO check.
	TAOFailedBefore
	TAOWildcard
	TAOMatch
	TAONavigate
	TAOBasic
	TAOMismatch

	// Cross-origin resource policy.
	CORPNavigation
	CORPNone
	CORPCrossOrigin
	CORPSameOrigin
	CORPSameSite
	CORPSameOriginMismatch
	CORPSameSiteMismatch
	CORPSameSiteDowngrade
	CORPRequireCORP
	CORPCredentialless

	// What a response may be used as.
	NosniffOff
	NosniffOK
	NosniffScript
	NosniffStyle
	MIMETypeOK
	MIMETypeScript

	stepCount
)

const (
	sameRule      = "The server has to send the header itself: nothing in the page can lift this."
	fixPreflight  = "Let the server answer the preflight (an OPTIONS request, sent without cookies) before any authentication, routing or redirect, with a 200 or 204 and the Access-Control-Allow-* headers."
	fixRequestAPI = "Mend the call in the page's script: no request was sent."
)

var steps = [stepCount]stepInfo{
	RequestURLInvalid:          {"request.url.invalid", RequestConstructor, "5.2", Throws, "The URL does not parse against the page's URL.", fixRequestAPI},
	RequestURLCredentials:      {"request.url.credentials", RequestConstructor, "5.3", Throws, "The URL holds a user name or a password, which fetch() refuses.", "Leave user:password@ out of the URL; send an Authorization header instead."},
	RequestReferrerInvalid:     {"request.referrer.invalid", RequestConstructor, "14.3.2", Throws, "The referrer does not parse as a URL.", fixRequestAPI},
	RequestModeNavigate:        {"request.mode.navigate", RequestConstructor, "17", Throws, "Scripts may not use the mode \"navigate\".", fixRequestAPI},
	RequestOnlyIfCached:        {"request.cache.only-if-cached", RequestConstructor, "21", Throws, "The cache mode \"only-if-cached\" goes with the mode \"same-origin\" alone.", fixRequestAPI},
	RequestMethodInvalid:       {"request.method.invalid", RequestConstructor, "25.2", Throws, "The method is not an HTTP token.", fixRequestAPI},
	RequestMethodForbidden:     {"request.method.forbidden", RequestConstructor, "25.2", Throws, "Scripts may not use the methods CONNECT, TRACE and TRACK.", fixRequestAPI},
	RequestNoCORSMethod:        {"request.method.no-cors", RequestConstructor, "32.1", Throws, "The mode \"no-cors\" allows the methods GET, HEAD and POST alone.", "Use the mode \"cors\" and let the server answer a preflight."},
	RequestBodyWithMethod:      {"request.body.get-or-head", RequestConstructor, "35", Throws, "A GET or HEAD request cannot have a body.", "Use POST, or put the data in the URL's query."},
	RequestStreamKeepalive:     {"request.stream.keepalive", BodyExtract, "10", Throws, "A stream cannot be the body of a request with keepalive.", fixRequestAPI},
	RequestStreamMode:          {"request.stream.mode", RequestConstructor, "39.2", Throws, "A stream as body needs the mode \"cors\" or \"same-origin\".", fixRequestAPI},
	RequestMemberInvalid:       {"request.member.invalid", WebIDLConversion, "3", Throws, "A member of the request's options has a value that its enumeration does not know.", fixRequestAPI},
	RequestMethodNormalized:    {"request.method.normalized", RequestConstructor, "25.3", Note, "The method was put in upper case.", ""},
	HeadersNameInvalid:         {"request.header.name-invalid", HeadersValidate, "1", Throws, "A header's name is not an HTTP token.", fixRequestAPI},
	HeadersValueInvalid:        {"request.header.value-invalid", HeadersValidate, "1", Throws, "A header's value holds a NUL, a line feed or a carriage return.", fixRequestAPI},
	HeadersForbiddenDropped:    {"request.header.forbidden", HeadersValidate, "3", Note, "A header that scripts may not set was left out.", ""},
	HeadersNoCORSDropped:       {"request.header.no-cors-dropped", HeadersAppend, "3.4", Note, "A header that the mode \"no-cors\" does not allow was left out.", ""},
	RequestContentTypeFromBody: {"request.content-type.from-body", RequestConstructor, "37.4", Note, "The body brought its own Content-Type.", ""},
	XHRMethodInvalid:           {"xhr.method.invalid", XHROpen, "2", Throws, "The method is not an HTTP token.", fixRequestAPI},
	XHRMethodForbidden:         {"xhr.method.forbidden", XHROpen, "3", Throws, "Scripts may not use the methods CONNECT, TRACE and TRACK.", fixRequestAPI},
	XHRURLInvalid:              {"xhr.url.invalid", XHROpen, "6", Throws, "The URL does not parse against the page's URL.", fixRequestAPI},
	XHRHeaderNameInvalid:       {"xhr.header.name-invalid", XHRSetRequestHeader, "4", Throws, "A header's name is not an HTTP token.", fixRequestAPI},
	XHRHeaderValueInvalid:      {"xhr.header.value-invalid", XHRSetRequestHeader, "4", Throws, "A header's value holds a NUL, a line feed or a carriage return.", fixRequestAPI},
	XHRHeaderForbiddenDropped:  {"xhr.header.forbidden", XHRSetRequestHeader, "5", Note, "A header that scripts may not set was left out.", ""},

	ClassifySimple:            {"classify.simple", Classification, "6", Success, "Nothing about the request calls for a preflight.", ""},
	ClassifyMethod:            {"classify.method", MainFetch, "12", Failure, "The method is none of GET, HEAD and POST, so the browser asks first.", ""},
	ClassifyHeaderName:        {"classify.header.name", Classification, "4.1", Failure, "A header is not on the list of those that go without asking.", ""},
	ClassifyHeaderLength:      {"classify.header.length", Classification, "4.1", Failure, "A listed header's value is longer than 128 bytes.", ""},
	ClassifyHeaderByte:        {"classify.header.byte", Classification, "4.1", Failure, "A listed header's value holds a byte that it may not hold without asking.", ""},
	ClassifyHeaderContentType: {"classify.header.content-type", Classification, "4.1", Failure, "The Content-Type is none of the three that an HTML form can send.", ""},
	ClassifyHeaderRange:       {"classify.header.range", Classification, "4.1", Failure, "The Range is not a single range that starts at a number.", ""},
	ClassifyHeadersTotal:      {"classify.headers.total", Classification, "5", Failure, "The values of the listed headers add up to more than 1024 bytes.", ""},
	ClassifyUploadListener:    {"classify.upload-listener", MainFetch, "12", Failure, "Somebody listens to the upload's progress, so the browser asks first.", ""},
	ClassifyStream:            {"classify.stream", MainFetch, "12", Failure, "The body is a stream, so the browser asks first.", ""},

	MainLocalURLsOnly:        {"main-fetch.local-urls-only", MainFetch, "3", Failure, "Only about:, blob: and data: URLs are allowed here.", ""},
	MainUpgradeInsecure:      {"main-fetch.upgraded.insecure-requests", InsecureRequestsUpgrade, "5", Note, "The page's Content-Security-Policy says upgrade-insecure-requests: the URL is asked for over HTTPS.", ""},
	MainUpgradeMixedContent:  {"main-fetch.upgraded.mixed-content", MixedContentUpgrade, "2", Note, "A page loaded over HTTPS asks for an image, a sound or a video over plain HTTP: it is asked for over HTTPS.", ""},
	MainZeroAddress:          {"main-fetch.zero-address", PortBlocking, "2", Failure, "The URL's host is 0.0.0.0, and this browser connects to no such address.", "Use 127.0.0.1, or the machine's own address."},
	MainBadPort:              {"main-fetch.bad-port", PortBlocking, "2", Failure, "The URL's port belongs to another protocol, and browsers refuse to speak HTTP to it.", "Let the server listen on another port."},
	MainMixedContent:         {"main-fetch.mixed-content", MixedContentRequest, "2", Failure, "A page loaded over HTTPS asks for a resource over plain HTTP.", "Serve the resource over HTTPS and use its https: URL."},
	MainUpgradeHSTS:          {"main-fetch.upgraded.hsts", MainFetch, "10", Note, "The host has said by Strict-Transport-Security that it wants HTTPS alone: the URL is asked for over HTTPS.", ""},
	MainSameOrigin:           {"main-fetch.same-origin", MainFetch, "12", Note, "The URL has the page's own origin: no CORS is needed.", ""},
	MainDataURL:              {"main-fetch.data-url", MainFetch, "12", Note, "A data: URL counts as the page's own.", ""},
	MainNavigate:             {"main-fetch.navigate", MainFetch, "12", Note, "Navigations may go to any origin.", ""},
	MainSameOriginMode:       {"main-fetch.same-origin-mode", MainFetch, "12", Failure, "The URL has another origin, and the request's mode is \"same-origin\".", "Use the mode \"cors\", or a URL of the page's own origin."},
	MainNoCORSRedirectMode:   {"main-fetch.no-cors-redirect-mode", MainFetch, "12", Failure, "A \"no-cors\" request to another origin has to follow redirects.", "Use the redirect mode \"follow\", or the mode \"cors\"."},
	MainNoCORS:               {"main-fetch.no-cors", MainFetch, "12", Note, "The mode is \"no-cors\": the answer will be used but not shown to the script.", ""},
	MainScheme:               {"main-fetch.scheme", MainFetch, "12", Failure, "CORS works with http: and https: URLs alone.", "Serve the resource over http: or https:."},
	MainCORSWithPreflight:    {"main-fetch.cors-with-preflight", MainFetch, "12", Note, "The URL has another origin, and the request is one that needs the server's consent before it is sent.", ""},
	MainCORS:                 {"main-fetch.cors", MainFetch, "12", Note, "The URL has another origin: the request goes out with the page's origin, and the server decides who may read the answer.", ""},
	MainExposeHeaders:        {"main-fetch.expose-headers", MainFetch, "14.1.3", Note, "The server lists headers that the script may read.", ""},
	MainExposeAllHeaders:     {"main-fetch.expose-all-headers", MainFetch, "14.1.2", Note, "The server lets the script read every header.", ""},
	MainExposeMalformed:      {"main-fetch.expose-headers-malformed", MainFetch, "14.1.1", Note, "The list in Access-Control-Expose-Headers does not parse, so it exposes nothing.", ""},
	FilterBasic:              {"response.basic", FilteredResponse, "14.2", Success, "The script may read the answer: all of it but Set-Cookie.", ""},
	FilterCORS:               {"response.cors", FilteredResponse, "14.2", Success, "The script may read the answer: its body, its status and the exposed headers.", ""},
	FilterOpaque:             {"response.opaque", FilteredResponse, "14.2", Success, "The answer may be used but the script sees nothing of it.", ""},
	FilterOpaqueRedirect:     {"response.opaqueredirect", HTTPFetch, "6.3", Success, "The redirect is handed over unopened: the script sees nothing of it.", ""},
	MainMixedContentResponse: {"main-fetch.mixed-content-response", MixedContentResponse, "2", Failure, "A page loaded over HTTPS was answered over plain HTTP.", "Serve the resource over HTTPS and use its https: URL."},
	MainRangeNotRequested:    {"main-fetch.range-not-requested", MainFetch, "21", Failure, "A partial answer came for a request that did not ask for a range.", ""},

	SchemeAboutBlank: {"scheme-fetch.about-blank", SchemeFetch, "3", Success, "about:blank is an empty HTML document.", ""},
	SchemeAbout:      {"scheme-fetch.about", SchemeFetch, "3", Failure, "No about: URL but about:blank can be fetched.", ""},
	SchemeBlob:       {"scheme-fetch.blob", SchemeFetch, "3", Failure, "The blob: URL has no entry in this page's blob URL store.", ""},
	SchemeData:       {"scheme-fetch.data", SchemeFetch, "3", Success, "The data: URL holds its own answer.", ""},
	DataURLNoComma:   {"scheme-fetch.data.no-comma", DataURLProcessor, "7", Failure, "The data: URL has no comma between its type and its data.", "Write data:type,data."},
	DataURLBase64:    {"scheme-fetch.data.base64", DataURLProcessor, "11.3", Failure, "The data: URL's base64 does not decode.", ""},
	SchemeFile:       {"scheme-fetch.file", SchemeFetch, "3", Failure, "Pages cannot fetch file: URLs.", "Serve the file over http: or https:."},
	SchemeUnknown:    {"scheme-fetch.unknown", SchemeFetch, "4", Failure, "The URL's scheme is not one that can be fetched.", ""},

	RedirectModeError:  {"redirect.mode.error", HTTPFetch, "6.3", Failure, "The answer is a redirect, and the request's redirect mode is \"error\".", "Use the final URL, or the redirect mode \"follow\"."},
	RedirectModeManual: {"redirect.mode.manual", HTTPFetch, "6.3", Note, "The answer is a redirect, and the request's redirect mode is \"manual\".", ""},

	RedirectLocationMissing:        {"redirect.location.missing", HTTPRedirectFetch, "4", Note, "The redirect has no Location, so it is an answer like any other.", ""},
	RedirectLocationInvalid:        {"redirect.location.invalid", HTTPRedirectFetch, "5", Failure, "The redirect's Location does not parse as a URL.", "Let the server send a valid Location."},
	RedirectLocationMultiple:       {"redirect.location.multiple", LocationURL, "2", Failure, "The redirect has more than one Location.", "Let the server send one Location."},
	RedirectLocationScheme:         {"redirect.location.scheme", HTTPRedirectFetch, "6", Failure, "The redirect leads to a URL that is neither http: nor https:.", "Redirect to an http: or https: URL."},
	RedirectTooMany:                {"redirect.too-many", HTTPRedirectFetch, "7", Failure, "The 21st redirect in a row is not followed.", "Look for a redirect loop: often the server redirects between http and https, or to and from a login."},
	RedirectCredentialsCrossOrigin: {"redirect.credentials.cross-origin", HTTPRedirectFetch, "9", Failure, "The redirect's Location holds a user name or a password and leads to another origin than the page's.", "Leave user:password@ out of the Location."},
	RedirectCredentialsTainted:     {"redirect.credentials.cors", HTTPRedirectFetch, "10", Failure, "A cross-origin answer redirects to a URL that holds a user name or a password.", "Leave user:password@ out of the Location."},
	RedirectStreamBody:             {"redirect.stream-body", HTTPRedirectFetch, "11", Failure, "The body was a stream and cannot be sent again after the redirect.", "Use the final URL, answer 303, or send a body that is not a stream."},
	RedirectMethodChanged:          {"redirect.method-changed", HTTPRedirectFetch, "12.1", Note, "The redirect turns the request into a GET without body.", ""},
	RedirectAuthorizationDropped:   {"redirect.authorization-dropped", HTTPRedirectFetch, "13", Note, "The redirect leads to another origin: the Authorization header is left behind.", ""},
	RedirectFollowed:               {"redirect.followed", HTTPRedirectFetch, "18", Note, "The redirect is followed.", ""},
	RedirectReferrerPolicy:         {"redirect.referrer-policy", ReferrerPolicyOnRedirect, "2", Note, "The redirect brings a referrer policy of its own.", ""},

	NetworkCredentialsIncluded: {"network.credentials.included", HTTPNetworkOrCacheFetch, "8.3", Note, "Cookies and the like go with the request.", ""},
	NetworkCredentialsExcluded: {"network.credentials.excluded", HTTPNetworkOrCacheFetch, "8.3", Note, "The request goes without cookies and the like.", ""},
	NetworkCredentialsCOEP:     {"network.credentials.credentialless", HTTPNetworkOrCacheFetch, "8.4", Note, "The page's embedder policy \"credentialless\" takes cookies away from this request.", ""},
	NetworkKeepaliveLimit:      {"network.keepalive-limit", HTTPNetworkOrCacheFetch, "8.10.5", Failure, "A keepalive request's body is larger than 64 KiB.", "Send less, or leave keepalive out."},
	NetworkOnlyIfCached:        {"network.only-if-cached", HTTPNetworkOrCacheFetch, "11.1", Failure, "The answer is not in the cache, and the cache mode is \"only-if-cached\".", ""},
	NetworkUnauthorized:        {"network.unauthorized", HTTPNetworkOrCacheFetch, "15", Note, "The server asks for a user name and a password, and nobody is there to type them.", ""},
	NetworkProxyAuthentication: {"network.proxy-authentication", HTTPNetworkOrCacheFetch, "16.1", Failure, "The answer asks for proxy authentication, and nobody is there to answer.", ""},
	NetworkMisdirected:         {"network.misdirected", HTTPNetworkOrCacheFetch, "17.2", Note, "The server says the request was misdirected: it is sent once more on a new connection.", ""},
	NetworkFailed:              {"network.failed", HTTPNetworkFetch, "8.1", Failure, "No response came: the connection failed or broke.", "See whether the server runs and whether the address and the port are right."},
	NetworkInterimOnly:         {"network.interim-only", HTTPNetworkFetch, "8.5", Failure, "The server sent an interim status (1xx) and no final one.", "Let the server send a final status."},
	NetworkStreamRefused:       {"network.stream-refused", HTTPNetworkFetch, "8.3", Failure, "The body is a stream, and the browser sends none.", "Send a body that is not a stream."},
	NetworkStreamHTTP1:         {"network.stream-http1", HTTPNetworkFetch, "8.3", Failure, "The body is a stream, which needs HTTP/2 at least, and a connection over plain http: is HTTP/1.", "Send to an https: URL, or send a body that is not a stream."},
	NetworkUnanswered:          {"network.unanswered", HTTPNetworkFetch, "8.5", Failure, "Nothing recorded answers this request.", "Record the request as well, or add a reply for its URL and method."},
	NetworkStatus:              {"network.status", HTTPNetworkFetch, "8.5", Note, "The server answered.", ""},

	HSTSStored:     {"hsts.stored", StrictTransportSecurity, "8.1", Success, "The host wants HTTPS alone from now on, and the browser remembers that.", ""},
	HSTSRemoved:    {"hsts.removed", StrictTransportSecurity, "8.1", Success, "Strict-Transport-Security has a max-age of 0: the browser forgets that the host wants HTTPS alone.", ""},
	HSTSInsecure:   {"hsts.insecure", StrictTransportSecurity, "8.1", Failure, "Strict-Transport-Security came over plain HTTP, where it means nothing.", "Send Strict-Transport-Security over HTTPS."},
	HSTSAddress:    {"hsts.address", StrictTransportSecurity, "8.1", Failure, "Strict-Transport-Security came from a host that is an IP address, for which it means nothing.", "Give the server a name."},
	HSTSMalformed:  {"hsts.malformed", StrictTransportSecurity, "8.1", Failure, "Strict-Transport-Security has no valid max-age, a directive twice, or something that is no directive: it means nothing.", "Send Strict-Transport-Security: max-age=SECONDS, with includeSubDomains where it is to hold for subdomains."},
	HSTSThirdParty: {"hsts.third-party", StrictTransportSecurity, "8.1", Failure, "Strict-Transport-Security came from another site than the page's, and this browser heeds it from the page's own site alone.", "Have people visit the host itself, which says so there."},

	HTTPCacheHit:                  {"cache.hit", CacheConstruct, "4.2", Success, "A stored answer is fresh enough: the request itself is not sent.", ""},
	HTTPCacheStaleWhileRevalidate: {"cache.stale-while-revalidate", HTTPNetworkOrCacheFetch, "8.26.2.1", Success, "A stored answer is a little too old, and the server said that it may still be used while the browser asks again.", ""},
	HTTPCacheForced:               {"cache.forced", HTTPNetworkOrCacheFetch, "8.26.2.2", Success, "The cache mode takes a stored answer, however old it is.", ""},
	HTTPCacheStale:                {"cache.stale", CacheConstruct, "4.2", Note, "A stored answer is too old to be used without asking the server.", ""},
	HTTPCacheNoCache:              {"cache.no-cache", CacheConstruct, "4", Note, "A stored answer says no-cache: it is used only after the server has confirmed it.", ""},
	HTTPCacheRequestValidates:     {"cache.request-validates", CacheConstruct, "4.2", Note, "The request wants a stored answer confirmed by the server, or fresher than it is.", ""},
	HTTPCacheValidating:           {"cache.validating", HTTPNetworkOrCacheFetch, "8.26.2.2", Note, "The server is asked whether the stored answer still holds.", ""},
	HTTPCacheVaryMiss:             {"cache.miss.vary", CacheConstruct, "4.1", Failure, "An answer is stored, but for a request with another value of a header that its Vary names.", ""},
	HTTPCacheRange:                {"cache.range", CacheConstruct, "4", Note, "A request for a range goes around the cache, as in most browsers.", ""},
	HTTPCacheValidated:            {"cache.validated", CacheFreshen, "4.3.4", Success, "The server confirms the stored answer with a 304: its headers are brought up to date, and it is used.", ""},
	HTTPCacheStored:               {"cache.stored", CacheStore, "3", Success, "The answer is stored in the HTTP cache.", ""},
	HTTPCacheNoStore:              {"cache.not-stored.no-store", CacheStore, "3", Failure, "The answer says no-store: it is not stored.", ""},
	HTTPCacheRequestNoStore:       {"cache.not-stored.request", CacheStore, "3", Failure, "The request says no-store: its answer is not stored.", ""},
	HTTPCacheStatus:               {"cache.not-stored.status", CacheStore, "3", Failure, "An answer of this status is stored only if it says for how long it holds, and it does not.", ""},
	HTTPCachePartial:              {"cache.not-stored.partial", CacheStore, "3", Failure, "Partial answers and confirmations are not stored.", ""},
	HTTPCacheVaryStar:             {"cache.not-stored.vary", CacheStore, "4.1", Failure, "The answer says Vary: *, so it fits no other request: it is not stored.", ""},
	HTTPCachePrivate:              {"cache.not-stored.private", CacheStore, "3", Failure, "The answer is private: a shared cache does not store it.", ""},
	HTTPCacheAuthorization:        {"cache.not-stored.authorization", CacheStore, "3.5", Failure, "The request has Authorization, and the answer does not say that a shared cache may store it all the same.", ""},
	HTTPCacheTooLarge:             {"cache.not-stored.too-large", CacheStore, "3", Note, "The answer is too large for the cache.", ""},
	HTTPCacheInvalidated:          {"cache.invalidated", CacheInvalidate, "4.4", Note, "The request may have changed what its URL stands for: the stored answers are dropped.", ""},

	OriginCORS:           {"origin-header.cors", OriginHeader, "3", Note, "A CORS request names its origin.", ""},
	OriginMethod:         {"origin-header.method", OriginHeader, "4.2", Note, "A request that is neither GET nor HEAD names its origin.", ""},
	OriginNullByPolicy:   {"origin-header.null-by-referrer-policy", OriginHeader, "4.1", Note, "The referrer policy hides the origin: Origin is null.", ""},
	OriginNullByRedirect: {"origin-header.null-by-redirect", OriginHeader, "2", Note, "A redirect between other origins came before: Origin is null.", ""},
	ReferrerNone:         {"referrer.none", DetermineReferrer, "8", Note, "The referrer policy sends no referrer.", ""},
	ReferrerOrigin:       {"referrer.origin", DetermineReferrer, "8", Note, "The referrer policy sends the page's origin alone.", ""},
	ReferrerURL:          {"referrer.url", DetermineReferrer, "8", Note, "The referrer policy sends the page's URL.", ""},
	ReferrerDowngrade:    {"referrer.downgrade", DetermineReferrer, "8", Note, "The request goes from a secure page to an insecure URL: no referrer is sent.", ""},
	ReferrerOpaque:       {"referrer.opaque", DetermineReferrer, "3", Note, "The document has an opaque origin or a local URL: no referrer is sent.", ""},
	FetchMetadataSkipped: {"fetch-metadata.skipped", FetchMetadata, "1", Note, "The URL is not potentially trustworthy: no Sec-Fetch-* headers are sent.", ""},
	CookieSent:           {"cookie.sent", CookieHeader, "8", Note, "Cookies were added.", ""},

	PreflightSent:                      {"preflight.sent", HTTPFetch, "4.1.1", Note, "The browser asks the server first, with OPTIONS and without cookies.", ""},
	PreflightRedirect:                  {"preflight.redirect", CORSPreflightFetch, "8", Failure, "The preflight was answered with a redirect, and preflights do not follow redirects.", fixPreflight},
	PreflightStatus:                    {"preflight.status", CORSPreflightFetch, "8", Failure, "The preflight was answered with a status outside 200 to 299.", fixPreflight},
	PreflightAllowMethodsMalformed:     {"preflight.allow-methods.malformed", CORSPreflightFetch, "7.3", Failure, "Access-Control-Allow-Methods is not a comma-separated list of methods.", "Send Access-Control-Allow-Methods as method names separated by commas, without quotes."},
	PreflightAllowHeadersMalformed:     {"preflight.allow-headers.malformed", CORSPreflightFetch, "7.3", Failure, "Access-Control-Allow-Headers is not a comma-separated list of header names.", "Send Access-Control-Allow-Headers as header names separated by commas, without quotes."},
	PreflightMethodMissing:             {"preflight.method.missing", CORSPreflightFetch, "7.5", Failure, "The preflight's answer has no Access-Control-Allow-Methods, and the method needs it.", "Send Access-Control-Allow-Methods with the method in the answer to the preflight."},
	PreflightMethodNotAllowed:          {"preflight.method.not-allowed", CORSPreflightFetch, "7.5", Failure, "The method is not in Access-Control-Allow-Methods.", "Add the method to Access-Control-Allow-Methods, spelled exactly as it is sent: methods are case-sensitive."},
	PreflightMethodWildcardCredentials: {"preflight.method.wildcard-with-credentials", CORSPreflightFetch, "7.5", Failure, "Access-Control-Allow-Methods is *, which means nothing in a request with credentials.", "Name the methods one by one."},
	PreflightAuthorizationNotListed:    {"preflight.authorization.not-listed", CORSPreflightFetch, "7.6", Failure, "Access-Control-Allow-Headers does not name Authorization, which a * does not cover.", "Add Authorization to Access-Control-Allow-Headers by name."},
	PreflightHeaderMissing:             {"preflight.header.missing", CORSPreflightFetch, "7.7", Failure, "The preflight's answer has no Access-Control-Allow-Headers, and a header needs it.", "Send Access-Control-Allow-Headers with the header's name in the answer to the preflight."},
	PreflightHeaderNotAllowed:          {"preflight.header.not-allowed", CORSPreflightFetch, "7.7", Failure, "A header is not in Access-Control-Allow-Headers.", "Add the header's name to Access-Control-Allow-Headers."},
	PreflightHeaderWildcardCredentials: {"preflight.header.wildcard-with-credentials", CORSPreflightFetch, "7.7", Failure, "Access-Control-Allow-Headers is *, which means nothing in a request with credentials.", "Name the headers one by one."},
	PreflightMaxAgeDefault:             {"preflight.max-age.default", CORSPreflightFetch, "7.9", Note, "Without a valid Access-Control-Max-Age the answer holds for five seconds.", ""},
	PreflightMaxAgeCapped:              {"preflight.max-age.capped", CORSPreflightFetch, "7.10", Note, "Access-Control-Max-Age is more than this browser keeps.", ""},
	PreflightOK:                        {"preflight.ok", CORSPreflightFetch, "7.16", Success, "The server consents: the request may be sent.", ""},

	CacheHit:              {"preflight-cache.hit", CORSPreflightCache, "match", Success, "The preflight cache covers the method and every header.", ""},
	CacheMethodMiss:       {"preflight-cache.method-miss", CORSPreflightCache, "match", Failure, "The preflight cache has no entry for the method.", ""},
	CacheHeaderMiss:       {"preflight-cache.header-miss", CORSPreflightCache, "match", Failure, "The preflight cache has no entry for a header.", ""},
	CacheExpired:          {"preflight-cache.expired", CORSPreflightCache, "match", Note, "The preflight's answer was kept, but its time is over.", ""},
	CacheOtherCredentials: {"preflight-cache.other-credentials", CORSPreflightCache, "match", Note, "The preflight's answer was kept for requests without credentials and this one has them, or the other way round.", ""},
	CacheOtherMethod:      {"preflight-cache.other-method", CORSPreflightCache, "match", Note, "The preflight's answer was kept, but it consents to other methods.", ""},
	CacheOtherHeader:      {"preflight-cache.other-header", CORSPreflightCache, "match", Note, "The preflight's answer was kept, but it consents to other headers.", ""},
	CacheOtherURL:         {"preflight-cache.other-url", CORSPreflightCache, "match", Note, "A preflight's answer was kept for another URL of the host: consent holds for one URL, its query included.", ""},
	CacheOtherOrigin:      {"preflight-cache.other-origin", CORSPreflightCache, "match", Note, "A preflight's answer was kept for this URL, but for requests of another origin or in a tab of another site.", ""},
	CacheBypassed:         {"preflight-cache.bypassed", CORSPreflightCache, "match", Note, "This browser asks whatever the preflight cache holds, because of the cache mode or a conditional header.", ""},
	CacheNotKept:          {"preflight-cache.not-kept", CORSPreflightCache, "match", Note, "This browser keeps no answer to the preflight of such a request, whose Origin is null.", ""},
	CacheForgotten:        {"preflight-cache.forgotten", CORSPreflightCache, "match", Note, "This browser forgets an answer that was kept as soon as it does not cover a request.", ""},
	CacheStored:           {"preflight-cache.stored", CORSPreflightFetch, "7.13", Note, "The preflight's answer is kept.", ""},
	CacheCleared:          {"preflight-cache.cleared", CORSPreflightCache, "clear", Note, "The request failed: what was kept about its URL is forgotten.", ""},

	CORSAllowOriginMissing:             {"cors.allow-origin.missing", CORSCheck, "2", Failure, "The response has no Access-Control-Allow-Origin.", "Send Access-Control-Allow-Origin with the page's origin (or * where no credentials are involved) on every response, errors included. " + sameRule},
	CORSAllowOriginWildcard:            {"cors.allow-origin.wildcard", CORSCheck, "3", Success, "Access-Control-Allow-Origin is *, and the request has no credentials.", ""},
	CORSAllowOriginMismatch:            {"cors.allow-origin.mismatch", CORSCheck, "4", Failure, "Access-Control-Allow-Origin is not the page's origin, to the letter.", "Send the value of the request's Origin header back: scheme, host and port, no path and no trailing slash; and Vary: Origin where it varies."},
	CORSAllowOriginMultiple:            {"cors.allow-origin.multiple", CORSCheck, "4", Failure, "Access-Control-Allow-Origin holds more than one value; only one is allowed.", "Send one Access-Control-Allow-Origin with one origin. Often both the application and a proxy in front of it add the header: let one of them do it."},
	CORSAllowOriginNull:                {"cors.allow-origin.null", CORSCheck, "4", Failure, "The request's origin is opaque (null), and Access-Control-Allow-Origin names another.", "The page is sandboxed, a data: or file: document, or came through a redirect between other origins: give it a real origin, or redirect within one."},
	CORSAllowOriginWildcardCredentials: {"cors.allow-origin.wildcard-with-credentials", CORSCheck, "4", Failure, "Access-Control-Allow-Origin is *, which is not enough for a request with credentials.", "Send the page's origin instead of *, with Access-Control-Allow-Credentials: true and Vary: Origin; or leave the credentials out of the request."},
	CORSAllowOriginMatch:               {"cors.allow-origin.match", CORSCheck, "5", Success, "Access-Control-Allow-Origin names the page's origin.", ""},
	CORSAllowCredentialsTrue:           {"cors.allow-credentials.true", CORSCheck, "7", Success, "Access-Control-Allow-Origin names the page's origin, and Access-Control-Allow-Credentials is true.", ""},
	CORSAllowCredentialsMissing:        {"cors.allow-credentials.missing", CORSCheck, "8", Failure, "The request has credentials, and the response has no Access-Control-Allow-Credentials.", "Send Access-Control-Allow-Credentials: true, or leave the credentials out of the request."},
	CORSAllowCredentialsInvalid:        {"cors.allow-credentials.invalid", CORSCheck, "8", Failure, "The request has credentials, and Access-Control-Allow-Credentials is not true, to the letter.", "Send Access-Control-Allow-Credentials: true, once, in lower case."},

	TAOFailedBefore: {"tao.failed-before", TAOCheck, "2", Failure, "An earlier response of this request kept its timing to itself.", ""},
	TAOWildcard:     {"tao.wildcard", TAOCheck, "4", Success, "Timing-Allow-Origin lets everyone see the timing.", ""},
	TAOMatch:        {"tao.match", TAOCheck, "5", Success, "Timing-Allow-Origin names the page's origin.", ""},
	TAONavigate:     {"tao.navigate", TAOCheck, "6", Failure, "A navigation to another origin keeps its timing to itself.", ""},
	TAOBasic:        {"tao.basic", TAOCheck, "7", Success, "The response has the page's own origin.", ""},
	TAOMismatch:     {"tao.mismatch", TAOCheck, "8", Failure, "Timing-Allow-Origin does not name the page's origin.", ""},

	CORPNavigation:         {"corp.navigation", CrossOriginResourcePolicy, "1", Success, "Navigations are not held to a resource policy here.", ""},
	CORPNone:               {"corp.none", CrossOriginResourcePolicy, "5", Success, "The response has no Cross-Origin-Resource-Policy that counts.", ""},
	CORPCrossOrigin:        {"corp.cross-origin", CrossOriginResourcePolicy, "5", Success, "Cross-Origin-Resource-Policy lets every page use the response.", ""},
	CORPSameOrigin:         {"corp.same-origin", CrossOriginResourcePolicy, "5", Success, "The response has the page's own origin.", ""},
	CORPSameSite:           {"corp.same-site", CrossOriginResourcePolicy, "5", Success, "The response is of the page's own site.", ""},
	CORPSameOriginMismatch: {"corp.same-origin.mismatch", CrossOriginResourcePolicy, "5", Failure, "Cross-Origin-Resource-Policy is same-origin, and the page has another origin.", "Send Cross-Origin-Resource-Policy: cross-origin (or same-site), or use CORS."},
	CORPSameSiteMismatch:   {"corp.same-site.mismatch", CrossOriginResourcePolicy, "5", Failure, "Cross-Origin-Resource-Policy is same-site, and the page is of another site.", "Send Cross-Origin-Resource-Policy: cross-origin, or use CORS."},
	CORPSameSiteDowngrade:  {"corp.same-site.insecure", CrossOriginResourcePolicy, "5", Failure, "Cross-Origin-Resource-Policy is same-site, and an insecure page does not count as the same site as a secure response.", "Serve the page over HTTPS."},
	CORPRequireCORP:        {"corp.require-corp", CrossOriginResourcePolicy, "4", Failure, "The page's Cross-Origin-Embedder-Policy is require-corp, and the response does not opt in.", "Send Cross-Origin-Resource-Policy: cross-origin with the response, or use CORS."},
	CORPCredentialless:     {"corp.credentialless", CrossOriginResourcePolicy, "4", Failure, "The page's Cross-Origin-Embedder-Policy is credentialless, and this response was asked for with credentials.", "Send Cross-Origin-Resource-Policy: cross-origin with the response, or use CORS."},

	NosniffOff:     {"nosniff.off", Nosniff, "1", Success, "The response does not ask for its type to be checked.", ""},
	NosniffOK:      {"nosniff.ok", Nosniff, "6", Success, "The response's type fits its use.", ""},
	NosniffScript:  {"nosniff.script", Nosniff, "4", Failure, "X-Content-Type-Options is nosniff, and the script's Content-Type is not JavaScript.", "Serve scripts as text/javascript."},
	NosniffStyle:   {"nosniff.style", Nosniff, "5", Failure, "X-Content-Type-Options is nosniff, and the style sheet's Content-Type is not text/css.", "Serve style sheets as text/css."},
	MIMETypeOK:     {"mime-type.ok", MIMETypeBlock, "5", Success, "The response's type does not forbid its use.", ""},
	MIMETypeScript: {"mime-type.script", MIMETypeBlock, "4", Failure, "A script's Content-Type is that of an image, a sound, a video or a CSV file.", "Serve scripts as text/javascript."},
}
