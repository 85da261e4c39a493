package policy

import "time"

// A Profile holds the departures of one browser from the standards, each as data. The zero value is the bare
// standard. What a field is worth in each browser, since when, and where that was seen, stands with the functions
// that return the browsers' profiles.
type Profile struct {
	// Name is what the profile is called: spec (or nothing), chromium, firefox, webkit.
	Name string

	// Which requests need consent.

	// RequestHeadersCombined joins the values of a request's repeated headers before they are looked at, so that the
	// limits on CORS-safelisted request-headers hold for the joined value. In the standard each header stands alone.
	RequestHeadersCombined bool
	// ClientHintsSafelisted lets client hints go without asking: device-memory, dpr and downlink with a decimal
	// number, width, viewport-width and rtt with an integer, ect with its four values, save-data with "on", and
	// intervention with any value.
	ClientHintsSafelisted bool
	// UserAgentSafelisted lets a script's User-Agent go without asking, whatever its value.
	UserAgentSafelisted bool
	// FormTypesByText safelists a Content-Type only if it is ASCII, holds no comma and does not end in a semicolon
	// behind a parameter; what stands between the type and the first semicolon does not matter to it. The standard
	// parses a MIME type. Accept has to be ASCII too.
	FormTypesByText bool
	// SafelistedSumUnlimited puts no limit on the length of all safelisted values together.
	SafelistedSumUnlimited bool
	// ContentTypeJudgedAsWritten asks for consent because of an XMLHttpRequest's Content-Type as the script wrote it;
	// by the standard its charset has become UTF-8 before.
	ContentTypeJudgedAsWritten bool
	// RangesFitInt64 safelists ranges only if their numbers are smaller than 2^63-1.
	RangesFitInt64 bool
	// RangesFitUint64 safelists ranges only if their numbers are smaller than 2^64.
	RangesFitUint64 bool
	// RangesReadLoosely safelists ranges whose unit is spelled in other case than bytes, or whose numbers have a plus
	// sign.
	RangesReadLoosely bool
	// RangesRewritten writes a Range of one range anew where a GET may be answered from the HTTP cache: bytes=00-01
	// leaves as bytes=0-1.
	RangesRewritten bool
	// UploadListenerNeedsBody lets a listener on the upload call for a preflight only if there is a body.
	UploadListenerNeedsBody bool

	// Preflights: when they are made, and with which headers.

	// PreflightSticksEverywhere sends a preflight at every redirect of a request that once was preflighted, needed or
	// not, to the page's own origin too.
	PreflightSticksEverywhere bool
	// PreflightSticksAsWritten sends a preflight behind every redirect of a request that would need one at another
	// origin as the script wrote it, needed there or not, as soon as the request has left the page's origin.
	PreflightSticksAsWritten bool
	// PreflightAsksAsAtFirst lets a redirect take no header out of what preflights are needed for and ask for: neither
	// an Authorization nor what belonged to a body that is gone.
	PreflightAsksAsAtFirst bool
	// RedirectedPreflightFirst makes the preflight of a request that was redirected before it blocks the URL as mixed
	// content, or the redirect out for a user name or a password in the URL or for the credentials that
	// RedirectCheckKeepsCredentials keeps; in the standard nothing is sent to such a URL (main fetch 7, HTTP-redirect
	// fetch 9 and 10).
	RedirectedPreflightFirst bool
	// KeepaliveLimitFirst refuses too large a body of a keepalive request before its preflight, not after it.
	KeepaliveLimitFirst bool
	// PreflightOriginUntainted names the page's origin in a preflight even where a redirect made that of the request
	// itself null, wants it in the answer, and keeps the answer under it; at the page's own origin the answer need not
	// name any.
	PreflightOriginUntainted bool
	// PreflightRefererAsAtFirst sends a preflight after redirects with the Referer that the request had before them; in
	// the standard it is computed at each URL (main fetch 9).
	PreflightRefererAsAtFirst bool
	// RequestedNamesRepeat names a header in Access-Control-Request-Headers as often as the script set it.
	RequestedNamesRepeat bool

	// What the answer to a preflight says.

	// NegativeMaxAgeIsZero takes a negative Access-Control-Max-Age for 0; in the standard it is no number, and the
	// answer holds for five seconds.
	NegativeMaxAgeIsZero bool
	// PlusInMaxAge reads a plus sign before the digits of an Access-Control-Max-Age; in the standard such a one is no
	// number.
	PlusInMaxAge bool
	// MalformedMaxAgeIsZero takes an Access-Control-Max-Age that is no number for 0.
	MalformedMaxAgeIsZero bool
	// MissingMethodsAllowNone takes a preflight's answer without Access-Control-Allow-Methods to allow GET, HEAD and
	// POST alone; by the standard it allows any method where an upload listener or a stream called for the preflight.
	MissingMethodsAllowNone bool
	// WildcardCoversAuthorization lets a * in the Access-Control-Allow-Headers of a preflight's answer stand for
	// Authorization too, as long as it is not the preflight cache that holds the answer.
	WildcardCoversAuthorization bool

	// The preflight cache: what it keeps.

	// PreflightMaxAgeLimit is the longest time a preflight's answer is kept, whatever Access-Control-Max-Age says;
	// 0 is no limit. The standard leaves it to the browser (CORS-preflight fetch 7.10).
	PreflightMaxAgeLimit time.Duration
	// NoStoreKeepsNoPreflight keeps no answer to the preflight of a request with the cache mode no-store; in the
	// standard the preflight cache takes no notice of cache modes (CORS-preflight fetch 7.11).
	NoStoreKeepsNoPreflight bool
	// PreflightAnswerReplaces makes the answer to a preflight take the place of all that an earlier answer for the
	// same origin and URL said.
	PreflightAnswerReplaces bool
	// ZeroMaxAgeKeepsEarlier makes a preflight's answer with a max-age of 0 change nothing about what earlier answers
	// said; in the standard it ends what it names.
	ZeroMaxAgeKeepsEarlier bool
	// RefusedPreflightsKept keeps the answer to a preflight also where it does not allow the method or a header that it
	// was sent for; CORS-preflight fetch 7.5 and 7.7 end before it is kept.
	RefusedPreflightsKept bool
	// TaintedPreflightsForgotten keeps no answer to a preflight whose Origin is null, by a redirect or because the
	// document's origin is opaque.
	TaintedPreflightsForgotten bool
	// RedirectedPreflightsForgotten keeps the answer to a preflight whose Origin a redirect made null for that request
	// alone and its further redirects; other opaque origins have theirs kept.
	RedirectedPreflightsForgotten bool
	// PreflightMissForgets drops what an earlier answer for the same origin and URL said as soon as a request is not
	// covered by it.
	PreflightMissForgets bool
	// FailureKeepsPreflights keeps what the preflight cache holds when a request fails afterwards.
	FailureKeepsPreflights bool
	// FailuresForgetPreflights drops what the preflight cache holds for a URL whenever a request in the mode cors to it
	// fails, also one that called for no preflight.
	FailuresForgetPreflights bool
	// RedirectModeKeepsPreflights keeps what the preflight cache holds for a URL when a request fails because it
	// forbids the redirect that came; CORS-preflight fetch's entries are cleared by every network error (main fetch
	// 12).
	RedirectModeKeepsPreflights bool

	// The preflight cache: whom it serves.

	// CacheModesBypassPreflights has requests with the cache modes no-store, reload and no-cache ask whatever the
	// preflight cache holds; in the standard it takes no notice of cache modes (HTTP fetch 4.1).
	CacheModesBypassPreflights bool
	// NoCacheUsesPreflights lets the preflight cache serve requests with the cache mode no-cache all the same, where
	// CacheModesBypassPreflights keeps it from the others.
	NoCacheUsesPreflights bool
	// PreflightCredentialsApart keeps answers to preflights of requests with and without credentials apart; in the
	// standard an answer for credentials serves the others too.
	PreflightCredentialsApart bool
	// PreflightsIgnoreEmptyFragments has the preflight cache take a URL that ends in # and the one without that for the
	// same, for fetch() alone; in the standard entries are for URLs with their fragments.
	PreflightsIgnoreEmptyFragments bool
	// SafelistedMethodsNeedNoEntry lets the preflight cache serve GET, HEAD and POST without an entry for them, also
	// where an upload listener or a stream called for the preflight.
	SafelistedMethodsNeedNoEntry bool
	// SafelistedMethodsNeedNoTime lets the preflight cache serve GET, HEAD and POST without an entry for them, as
	// SafelistedMethodsNeedNoEntry does, also once all that it holds for the URL has run out.
	SafelistedMethodsNeedNoTime bool
	// KeptHeadNeedsEntry makes the preflight cache want an entry for HEAD, as it wants one for methods that are not
	// CORS-safelisted.
	KeptHeadNeedsEntry bool
	// KeptStarsAreNames gives a * that the preflight cache holds no meaning: there it is a method, or a header name,
	// like any other.
	KeptStarsAreNames bool
	// KeptCredentialedStarsAreNames gives no meaning to a * that the preflight cache holds from the answer to the
	// preflight of a request with credentials: there it is a method, or a header name, like any other; in the standard
	// it stands for all, once it is kept.
	KeptCredentialedStarsAreNames bool
	// KeptStarCoversAuthorization lets a * that the preflight cache holds stand for Authorization too.
	KeptStarCoversAuthorization bool

	// Which URLs are fetched, and upgrades to HTTPS.

	// OpenPorts are bad ports that this browser speaks HTTP to; 0 is none.
	OpenPorts [2]uint16
	// AboutBlocked makes fetches of about:blank fail.
	AboutBlocked bool
	// AboutBlankInAnyCase takes about:BLANK for about:blank; in the standard paths are compared with regard to case.
	AboutBlankInAnyCase bool
	// ZeroAddressBlocked blocks requests to 0.0.0.0, which the standard takes for a host like others. Nothing is sent
	// to it, but where a redirect of the page's own origin led there over plain HTTP: that answer is blocked. Redirects
	// of other origins may lead there, as long as no preflight is needed.
	ZeroAddressBlocked bool
	// NoCORSNeedsFollow blocks data: URLs in the mode no-cors with another redirect mode than follow, as it does URLs
	// of other origins; in the standard a data: URL comes before that check (main fetch 12).
	NoCORSNeedsFollow bool
	// LocalNetworkNotMixed lets secure pages fetch from IP addresses of private networks, and from 0.0.0.0 and [::],
	// over plain HTTP.
	LocalNetworkNotMixed bool
	// MixedContentByScheme takes https pages alone for secure ones when it comes to mixed content, and not those from
	// http://localhost.
	MixedContentByScheme bool
	// LoopbackMixed takes http: URLs of this machine, such as http://localhost, for mixed content.
	LoopbackMixed bool
	// UpgradesSpareTrustworthy lets upgrade-insecure-requests leave URLs alone that are potentially trustworthy, such
	// as http://localhost, unless a redirect led there.
	UpgradesSpareTrustworthy bool
	// UpgradesSpareTrustworthyAlways lets upgrade-insecure-requests leave potentially trustworthy URLs alone, also
	// where a redirect led there.
	UpgradesSpareTrustworthyAlways bool
	// UpgradesHidden shows a script as the URL of a fetch()'s response the one that it asked for, where
	// upgrade-insecure-requests had another asked instead and no redirect followed; the mode same-origin is about the
	// one that it asked for too, and so is that the mode no-cors follows redirects to other origins.
	UpgradesHidden bool
	// UpgradesShowRedirect tells scripts that a redirect was followed where a request was upgraded, for
	// upgrade-insecure-requests or for a host that wants HTTPS alone.
	UpgradesShowRedirect bool
	// UpgradesToOwnOriginTainted takes a request to the page's own host, which upgrade-insecure-requests had changed to
	// one to its own origin, for one to another origin all the same: it has an Origin, no credentials but for the mode
	// include, and a response of the type cors, though nothing is checked; the mode same-origin forbids it, the mode
	// no-cors makes it opaque.
	UpgradesToOwnOriginTainted bool
	// UpgradesTaintAsAsked computes the redirect-taint from URLs as redirects gave them, before they were upgraded.
	UpgradesTaintAsAsked bool
	// UpgradesBeforeReferrer upgrades a request to a host that wants HTTPS alone before its referrer is determined;
	// main fetch 10 does so after 9. One that is upgraded behind a redirect has the referrer that it had at first to
	// begin with.
	UpgradesBeforeReferrer bool
	// HSTSRedirects makes the upgrade to a host that wants HTTPS alone a redirect like a server's, which the redirect
	// mode is about, which counts as one, which may make the origin null and which no preflight follows; main fetch 10
	// changes the URL in place.
	HSTSRedirects bool
	// HSTSFirstPartyAlone heeds Strict-Transport-Security, and asks a host over HTTPS that wants it, only where the URL
	// is of the site of the tab's own document, whatever the schemes; RFC 6797, sections 8.1 and 8.3, ask nothing about
	// the page.
	HSTSFirstPartyAlone bool
	// HSTSReadLoosely lets a directive of Strict-Transport-Security have no name before its =, or no value behind it, and
	// one that has no meaning come twice; by RFC 6797, section 6.1, such a header has no meaning. One with a max-age from
	// 2^64 on has none here, and holds for ever there.
	HSTSReadLoosely bool
	// HSTSForNavigationsAlone has the requests of pages go to where they were meant to, also to hosts that want HTTPS
	// alone; main fetch 10 knows no such exception.
	HSTSForNavigationsAlone bool

	// Redirects.

	// LocationsBreak makes a response with several different Location lines a network error, whatever its status,
	// and takes several equal ones for one.
	LocationsBreak bool
	// LocationsJoined joins several Location lines by a comma and a space, and takes the whole for a URL; in the
	// standard they are a network error (location URL 2).
	LocationsJoined bool
	// InvalidLocationBreaks makes a redirect whose Location is no URL a network error in every redirect mode.
	InvalidLocationBreaks bool
	// FTPRedirectsBlocked makes a redirect to an ftp: URL a network error in the redirect mode manual too; there the
	// standard does not look where a redirect leads (HTTP fetch 6.3).
	FTPRedirectsBlocked bool
	// EmptyLocationBreaks makes a redirect that is to be followed a network error where its Location is empty; in the
	// standard that leads to the same URL (location URL 3).
	EmptyLocationBreaks bool
	// RedirectNeedsLocation takes a response with a redirect status for a redirect only if its Location is there and
	// not empty, or if the redirect mode is manual.
	RedirectNeedsLocation bool
	// UnknownRedirectsFollowed takes the statuses 309 to 399 for redirect statuses, where there is a Location.
	UnknownRedirectsFollowed bool
	// RedirectCredentialsBlocked makes every redirect of a fetch() to a URL that holds a user name or a password a network
	// error; by the standard those in the modes no-cors and same-origin, and those of a page to its own origin, are
	// followed.
	RedirectCredentialsBlocked bool
	// RedirectAuthorizationUpgraded keeps an Authorization where a redirect leads to another origin only until
	// upgrade-insecure-requests has upgraded its URL (HTTP-redirect fetch 13).
	RedirectAuthorizationUpgraded bool
	// RedirectCredentialsUpgraded looks for user names and passwords of other origins in the URL of a redirect as
	// upgrade-insecure-requests makes it, and not as it was sent (HTTP-redirect fetch 9 and 10).
	RedirectCredentialsUpgraded bool
	// LocationBytesKept percent-encodes the bytes of a Location that are not ASCII as they are; by the standard each
	// byte is a code point, which the URL parser encodes as UTF-8.
	LocationBytesKept bool
	// LocationControlsKept percent-encodes the control characters in a Location; by the standard the URL parser takes tabs
	// out, and the others where they stand first or last.
	LocationControlsKept bool
	// RedirectCheckKeepsCredentials has redirects of other origins pass the CORS check for credentials if the request
	// went to the page's own origin first, with the credentials mode same-origin, though none are sent any more.
	RedirectCheckKeepsCredentials bool
	// CrossOriginDeleteBecomesGet makes a DELETE a GET at every redirect to another origin; in the standard statuses
	// other than 303 leave it alone (HTTP-redirect fetch 12).
	CrossOriginDeleteBecomesGet bool
	// DroppedHeadersReturn has each redirect begin with the headers that the script gave: one drops Authorization if it
	// leads to another origin, and the headers of the body if it would make a GET of the method that the script gave,
	// and the next brings them back. What XMLHttpRequest adds by itself does not return. Preflights ask for the headers
	// of the body all the same, but that of the redirect that made a GET of the request.
	DroppedHeadersReturn bool
	// ContentTypeReturns gives a request that a redirect made a GET its Content-Type back at a later one with the
	// status 307 or 308, or at any later one of a request in the mode cors that has left the page's origin; in the
	// standard it is gone with the body (HTTP-redirect fetch 12.2).
	ContentTypeReturns bool

	// Origin, and the origin of pages.

	// FileOriginShown shows the origin of file: URLs to scripts as file://; it is opaque, and null, in the standard.
	FileOriginShown bool
	// OriginIgnoresReferrerPolicy sends the origin with requests that are neither GET nor HEAD whatever the referrer
	// policy.
	OriginIgnoresReferrerPolicy bool
	// NoReferrerHidesOrigin makes Origin null in a request without CORS that the script gave no referrer, as the
	// referrer policy no-referrer does.
	NoReferrerHidesOrigin bool
	// OpaqueOriginWithCredentials sends Origin: null with every request by a document with an opaque origin that
	// includes credentials and goes to the site of the tab's own document, also with a GET in the mode no-cors, and
	// keeps it wherever redirects lead such a request, unless they made it a GET.
	OpaqueOriginWithCredentials bool
	// OpaqueOriginUntilRedirect has OpaqueOriginWithCredentials end where a redirect leads to another origin, be about
	// requests alone with which Fetch metadata are sent, and take no account of the schemes of the two sites.
	OpaqueOriginUntilRedirect bool
	// OriginNullAcrossRedirects makes Origin null once a redirect led a request without CORS to another origin.
	OriginNullAcrossRedirects bool
	// OriginOutlivesMethod lets a request without CORS keep its Origin for as long as redirects stay on one origin,
	// although one made it a GET or brought a referrer policy that hides it; in the standard it is computed at each URL
	// (append a request Origin header 4).
	OriginOutlivesMethod bool
	// RedirectedOriginShown takes no account of the referrer policy in the Origin of a request that a redirect led from
	// one origin to another.
	RedirectedOriginShown bool

	// Referrers.

	// DowngradeByScheme takes a request from an https page to any URL that is not https for a downgrade, loopback
	// addresses included, when it comes to referrers.
	DowngradeByScheme bool
	// ReferrerPolicyWordsChecked ignores all that a page's Referrer-Policy says where it holds a word with anything but
	// letters and hyphens in it; by the standard unknown words are skipped, whatever they are.
	ReferrerPolicyWordsChecked bool
	// ReferrerPolicyBlanks takes vertical tabs and form feeds around a word of Referrer-Policy for blanks.
	ReferrerPolicyBlanks bool
	// CrossSiteReferrersTightened treats the referrer policies unsafe-url, no-referrer-when-downgrade and
	// origin-when-cross-origin as strict-origin-when-cross-origin where a request goes to another site, whatever the
	// schemes, and at that URL alone: what it cuts off there is back at the next, unless a redirect sets a policy anew.
	CrossSiteReferrersTightened bool
	// CrossSiteReferrersCut cuts the Referer of a request to another site than the page's down to its origin, whatever
	// the policy; scheme and port make no site another.
	CrossSiteReferrersCut bool
	// OpaqueDocumentsHaveReferrers gives the requests of a sandboxed document the Referer of one that is not.
	OpaqueDocumentsHaveReferrers bool

	// Fetch metadata.

	// PreflightFetchModeAlways sends Sec-Fetch-Mode with preflights to URLs that are not potentially trustworthy.
	PreflightFetchModeAlways bool
	// PreflightFetchSiteAlone computes a preflight's Sec-Fetch-Site from its own URL, not from those of the redirects
	// before.
	PreflightFetchSiteAlone bool
	// PreflightFetchSiteTainted takes a preflight whose Origin a redirect made null for a cross-site one.
	PreflightFetchSiteTainted bool
	// PreflightMetadataAsAtFirst leaves Sec-Fetch-Dest, -Mode and -Site out of a preflight where the first URL of its
	// request, before all redirects, is not potentially trustworthy.
	PreflightMetadataAsAtFirst bool
	// RedirectedMetadataDropped leaves Sec-Fetch-Dest, -Mode and -Site out of a request in the mode cors that a
	// redirect has just led to another origin; a preflight before it has them.
	RedirectedMetadataDropped bool
	// LoopbackSitesIgnoreSchemes has Sec-Fetch-Site say same-site between http and https of one host of this machine,
	// and cross-site once redirects came past plain HTTP there; in the standard the schemes are part of the sites.
	LoopbackSitesIgnoreSchemes bool

	// Resource and embedder policies.

	// ResourcePolicyAddressesApart takes an IP address for no site of its own where Cross-Origin-Resource-Policy is
	// same-site, so that another port of it is another site.
	ResourcePolicyAddressesApart bool
	// ResourcePolicySuffixesAreSites takes a public suffix that is a page's own host for the site of the hosts below it
	// where Cross-Origin-Resource-Policy is same-site; in the standard it is a site of its own.
	ResourcePolicySuffixesAreSites bool
	// MalformedResourcePolicyOptsIn takes a Cross-Origin-Resource-Policy that is none of its three values for consent
	// where the page's embedder policy is require-corp; in the standard it says nothing.
	MalformedResourcePolicyOptsIn bool
	// CredentiallessUnknown takes the embedder policy credentialless for none.
	CredentiallessUnknown bool
	// EmbedderPolicyNumbersUnknown takes a Cross-Origin-Embedder-Policy for none where a parameter is a number or a
	// byte sequence.
	EmbedderPolicyNumbersUnknown bool

	// Requests on the wire: credentials, headers, bodies.

	// MethodOverridesCutAtCommas looks for forbidden methods between any two commas of X-HTTP-Method,
	// X-HTTP-Method-Override and X-Method-Override; in the standard commas in quotation marks are none.
	MethodOverridesCutAtCommas bool
	// NoCORSCredentialsAsAtFirst has the first URL decide whether a request in the mode no-cors with the credentials
	// mode same-origin includes credentials; in the standard that ends where a redirect leads to another origin.
	NoCORSCredentialsAsAtFirst bool
	// EmptyRequestHeaderResets makes an empty value that a script gives to fetch() for a header take the place of those
	// before it, and the next one its own; in the standard all are joined.
	EmptyRequestHeaderResets bool
	// SingletonsNotJoined keeps the first line alone of a response header that is no list: Authorization, From, Host,
	// If-Modified-Since, If-Unmodified-Since, Max-Forwards, Proxy-Authorization, Referer, Sec-GPC,
	// Strict-Transport-Security, User-Agent, and Content-Disposition, Content-Length and Location, of which several
	// different lines are a network error. It joins lines of Content-Type by a comma alone. Of such a header that a
	// script gives to fetch() several times it sends the last, but the first Content-Type of a request with a body. In
	// the standard all are joined by a comma and a space.
	SingletonsNotJoined bool
	// HeaderBytesAsUTF8 sends each byte above 0x7F of a header, cookies aside, as the two bytes of UTF-8 that its code
	// point has, and shows each byte of a response's header that is no UTF-8 as the three bytes of U+FFFD; in the
	// standard header values are bytes.
	HeaderBytesAsUTF8 bool
	// CharsetReplacedInText lets XMLHttpRequest replace the charset in a script's Content-Type where it stands in the
	// text, each one; in the standard the value is parsed and serialized anew.
	CharsetReplacedInText bool
	// EmptyCharsetKept lets XMLHttpRequest leave an empty charset in a script's Content-Type alone; in the standard any
	// that is not UTF-8 becomes UTF-8 (send() 4.4.1).
	EmptyCharsetKept bool
	// StreamsMakeCORS makes a request whose body is a stream in the mode cors where the script said same-origin.
	StreamsMakeCORS bool
	// StreamsAsText sends the text "[object ReadableStream]" in the place of a stream: the body is a string to such a
	// fetch().
	StreamsAsText bool
	// StreamsNotSent makes every fetch() whose body is a stream a network error before anything is sent, also in the
	// modes with which the standard has the call throw.
	StreamsNotSent bool

	// Responses, and what scripts see of them.

	// EmptyLinesSkipped leaves empty lines out where a response's repeated headers are joined, save those of Location;
	// and those of Access-Control-Allow-Origin where two lines or more are spelled in this way, letter by letter.
	EmptyLinesSkipped bool
	// StarOutlivesMalformedExpose lets a * in Access-Control-Expose-Headers expose all headers to fetch() although a
	// malformed element follows it; in the standard such an element undoes the whole.
	StarOutlivesMalformedExpose bool
	// ProxyStatusShown hands a 407 of the server itself over like other answers; in the standard it is a network error
	// where nobody can be asked for a password.
	ProxyStatusShown bool
	// MisdirectedUnheard takes nothing in of a 421 that a second try follows: no cookies, no Strict-Transport-Security.
	MisdirectedUnheard bool
	// MisdirectedTypeJoined puts the Content-Type of a 421 before that of the answer to the second try, with a comma
	// between them; in the standard nothing of the first answer is left (HTTP-network-or-cache fetch 17).
	MisdirectedTypeJoined bool
	// URLCredentialsHidden shows scripts the URL of a response without user name and password if it is of another
	// origin, or once a 401 asked for them.
	URLCredentialsHidden bool
	// BasicChallengeNeeded answers a 401 with the user name and the password of a URL only if a WWW-Authenticate asks
	// for them by the scheme Basic; the standard does so whatever it says (HTTP-network-or-cache fetch 15.1).
	BasicChallengeNeeded bool
	// ChallengesByLine reads one challenge in each WWW-Authenticate line, and no list of them (RFC 9110, section 11.6.1).
	ChallengesByLine bool
	// SchemesEndAtTabs has a tab end the scheme of a challenge, as a space does (RFC 9110, section 11.4).
	SchemesEndAtTabs bool
	// RedirectCredentialsAnswer answers a 401 with the user name and the password of the URL that redirects led to, in
	// any credentials mode; in the standard those of an XMLHttpRequest's own URL alone let it go on without asking the
	// user (HTTP-network-or-cache fetch 15.3).
	RedirectCredentialsAnswer bool
	// URLCredentialsAnswerAll answers a 401 with the user name and the password of the URL that was asked, also to a
	// request of another origin (HTTP-network-or-cache fetch 15).
	URLCredentialsAnswerAll bool
	// RedirectedOutCredentialsDropped takes the user name and the password out of the URL to which a redirect leads a
	// request of the credentials mode same-origin from the page's own origin to another (HTTP-redirect fetch 18).
	RedirectedOutCredentialsDropped bool
	// ChallengesJoinedByNewlines shows XMLHttpRequest the values of repeated WWW-Authenticate and Proxy-Authenticate lines
	// with line breaks between them, and not commas (Fetch, get a header), and fetch() none of them.
	ChallengesJoinedByNewlines bool
	// OwnAuthorizationFinal leaves it at a 401 if the script set an Authorization; in the standard the request is made
	// again, with that one (HTTP-network-or-cache fetch 15.4).
	OwnAuthorizationFinal bool
	// URLCredentialsReplace answers a 401 with the user name and the password of the URL also in the place of an
	// Authorization that the script set (HTTP-network-or-cache fetch 8.21.2).
	URLCredentialsReplace bool
	// DataURLBlanksDropped takes the blanks out of a data: URL that is base64 before it is fetched, so that the
	// response's URL has none; in the standard they stay in the URL.
	DataURLBlanksDropped bool
	// DataURLHasLength gives the response of a data: URL a Content-Length, for fetch() alone.
	DataURLHasLength bool
	// DataURLTypeAsWritten keeps the parameters of a data: URL's media type as they are written, quotes, repeats and
	// empty values included, and puts the charset last; in the standard the type is parsed and serialized (data: URL
	// processor 13).
	DataURLTypeAsWritten bool

	// Cookies holds the departures about cookies.
	Cookies CookieRules
	// HTTPCache holds the departures about the HTTP cache.
	HTTPCache CacheRules
}

// ProfileByName returns the profile of that name: spec, chromium, firefox or webkit.
func ProfileByName(name string) (Profile, bool) {
	switch name {
	case "spec":
		return Profile{}, true
	case "chromium":
		return Chromium(), true
	case "firefox":
		return Firefox(), true
	case "webkit":
		return WebKit(), true
	}
	return Profile{}, false
}

// Chromium returns what Chromium does otherwise than the standards. Each departure was seen in Chromium 156.0.8078.108
// (Debian 12) on 2026-11-27, with `corsim verify --browser chromium` over the suite and generated cases; that it keeps
// preflights for two hours is from its source (services/network/cors/preflight_result.cc). LaxAllowUnsafeFor and
// NavigationStores are about navigations, which no case makes.
func Chromium() Profile {
	return Profile{
		Name:                 "chromium",
		PreflightMaxAgeLimit: 2 * time.Hour,

		NegativeMaxAgeIsZero: true, PlusInMaxAge: true, CacheModesBypassPreflights: true, NoStoreKeepsNoPreflight: true,
		RequestHeadersCombined: true, ClientHintsSafelisted: true, UserAgentSafelisted: true, RangesFitInt64: true,
		RangesRewritten: true, UploadListenerNeedsBody: true, SafelistedMethodsNeedNoEntry: true,
		KeptCredentialedStarsAreNames: true, MissingMethodsAllowNone: true, StreamsMakeCORS: true,
		WildcardCoversAuthorization: true, FailureKeepsPreflights: true, PreflightAnswerReplaces: true,
		PreflightMissForgets: true, TaintedPreflightsForgotten: true, KeepaliveLimitFirst: true, FileOriginShown: true,
		OpenPorts: [2]uint16{4190, 6679}, AboutBlocked: true, LocalNetworkNotMixed: true, MixedContentByScheme: true,
		UpgradesSpareTrustworthy: true, UpgradesHidden: true, HSTSRedirects: true, LocationsBreak: true,
		InvalidLocationBreaks: true, RedirectNeedsLocation: true, RedirectCredentialsBlocked: true,
		RedirectCredentialsUpgraded: true, RedirectAuthorizationUpgraded: true, BasicChallengeNeeded: true,
		ChallengesByLine: true, SchemesEndAtTabs: true,
		RedirectCredentialsAnswer: true,
		LocationBytesKept:         true, ResourcePolicyAddressesApart: true, DowngradeByScheme: true,
		ReferrerPolicyWordsChecked: true, ReferrerPolicyBlanks: true, OriginIgnoresReferrerPolicy: true,
		OpaqueOriginWithCredentials: true, OriginNullAcrossRedirects: true, PreflightFetchModeAlways: true,
		PreflightFetchSiteAlone: true, CharsetReplacedInText: true, MisdirectedUnheard: true,
		DataURLTypeAsWritten: true,
		Cookies: CookieRules{
			DefaultLax: true, LaxAllowUnsafeFor: 2 * time.Minute, NavigationStores: true, EmptyDomainIgnored: true,
			LastAttributeCounts: true, PlusInMaxAge: true, TabsRefused: true, NamelessEqualsRefused: true,
			NewValueIsNewCookie: true, RedirectChainIgnored: true, LoopbackIsSecure: true, HostPrefixBarsDomain: true,
			DomainAsWritten: true, AddressDomainIsNone: true, Dates: DateOfWholeNumbers, ServerClock: DateByWordOrISO,
			Partitioned: true, ThirdParty: ThirdPartyBlocked,
		},
		HTTPCache: CacheRules{
			OneAnswer: true, AnyConfirmationUpdates: true, AgeOutlivesConfirmation: true, AbsentIsEmpty: true,
			AnyStatusStored: true,
			GuessedFor200:   true, MalformedExpiresSkipped: true, Dates: DateByWordOrISO, DirectivesAsWritten: true, PragmaInResponses: true,
			RequestDirectivesFew: true, Only200Confirmed: true, BlockedForgotten: true, OpaqueOriginUncached: true,
			FewMethodsInvalidate: true, ConditionalsUpdate: true, RangesServed: true, ReloadForgets: true,
			PasswordsAskedNotStored: true, HEADForgets: true, PartsIgnored: true, ChallengesNotStored: true,
			UnsafeForced: true, MisdirectedServed: true, StaleForGETAlone: true, BlockedNotRevalidated: true,
		},
	}
}

// Firefox returns what Firefox does otherwise than the standards. Each departure was seen in Firefox 153.8.0esr
// (Debian 12) on 2026-11-27, with `corsim verify --browser firefox` over the suite and generated cases; that it keeps
// preflights for a day is from its source (netwerk/protocol/http/nsCORSListenerProxy.cpp).
func Firefox() Profile {
	return Profile{
		Name:                 "firefox",
		PreflightMaxAgeLimit: 24 * time.Hour,

		CacheModesBypassPreflights: true, PreflightSticksEverywhere: true, PreflightCredentialsApart: true,
		MalformedMaxAgeIsZero: true, CrossSiteReferrersTightened: true, OpaqueOriginWithCredentials: true,
		OpaqueOriginUntilRedirect: true, PreflightOriginUntainted: true, PreflightFetchSiteAlone: true,
		RequestedNamesRepeat: true, EmptyLinesSkipped: true, DataURLHasLength: true, DataURLBlanksDropped: true,
		StreamsAsText: true, UpgradesShowRedirect: true, HSTSFirstPartyAlone: true, HSTSReadLoosely: true,
		UpgradesSpareTrustworthyAlways: true, UpgradesToOwnOriginTainted: true, UpgradesTaintAsAsked: true,
		UpgradesBeforeReferrer: true, PreflightsIgnoreEmptyFragments: true, SafelistedMethodsNeedNoTime: true,
		NoCacheUsesPreflights: true, RedirectModeKeepsPreflights: true, MisdirectedUnheard: true,
		SafelistedMethodsNeedNoEntry: true, MissingMethodsAllowNone: true, KeptStarsAreNames: true,
		WildcardCoversAuthorization: true, FormTypesByText: true, SafelistedSumUnlimited: true,
		PreflightSticksAsWritten: true, DroppedHeadersReturn: true, RangesFitUint64: true,
		ContentTypeJudgedAsWritten: true, MisdirectedTypeJoined: true, KeptHeadNeedsEntry: true,
		FailuresForgetPreflights: true, ZeroMaxAgeKeepsEarlier: true, DowngradeByScheme: true,
		KeepaliveLimitFirst: true, NoReferrerHidesOrigin: true, MixedContentByScheme: true,
		MalformedResourcePolicyOptsIn: true, ProxyStatusShown: true, LocationBytesKept: true, LocationControlsKept: true,
		RedirectCredentialsUpgraded: true, BasicChallengeNeeded: true, RedirectCredentialsAnswer: true,
		OwnAuthorizationFinal: true, URLCredentialsAnswerAll: true, ChallengesJoinedByNewlines: true,
		AboutBlankInAnyCase: true, LoopbackSitesIgnoreSchemes: true, MethodOverridesCutAtCommas: true,
		EmptyRequestHeaderResets: true, StarOutlivesMalformedExpose: true, LocationsBreak: true,
		SingletonsNotJoined: true,
		Cookies: CookieRules{
			DefaultFromCrossSite: true, NavigationStores: true, EmptyDomainIgnored: true, LastAttributeCounts: true,
			ValuelessIsName: true, NamelessRefused: true, HostPrefixTakesDefaultPath: true, LoopbackIsSecure: true,
			RedirectChainSets:  true,
			SitesIgnoreSchemes: true, DomainAsWritten: true, AddressDomainIsNone: true,
			Dates: DateByWord, ServerClock: DateByWord, MinusEndsCookie: true, ValuesAreUTF8: true,
			Partitioned: true, ThirdParty: ThirdPartyPartitioned,
		},
		HTTPCache: CacheRules{
			OneAnswer: true, AnyConfirmationUpdates: true, AgeOutlivesConfirmation: true, PragmaInResponses: true,
			AnswersApart:       true,
			DirectivesCutShort: true, MostStored: true, FewStatusesFresh: true, GuessedUpToAWeek: true,
			FirstDatesCount: true, Dates: DateByWord, DatesIn32Bits: true, ConfirmedBelow400: true, RequestDirectivesInTurn: true,
			AuthorizationConfirmed: true, ImmutableSpared: true, AnswersInvalidate: true, ConfirmationKeepsType: true, EmptyTakesAway: true,
			WholeRangesStored: true, RedirectsForgotten: true, EmptyFitsNone: true, ConditionalsReplace: true,
			TransientsNotStored: true,
		},
	}
}

// WebKit returns what WebKit does otherwise than the standards. Each departure was seen in WebKitGTK 2.50.6 (Debian 12)
// on 2026-11-27, with `corsim verify --browser webkit` over the suite and generated cases; that it keeps preflights for
// ten minutes is from its source (Source/WebCore/loader/CrossOriginPreflightResultCache.cpp). It prevents tracking, as
// it does in Safari and GNOME Web: that is where CrossSiteReferrersCut and what becomes of third-party cookies come
// from.
func WebKit() Profile {
	return Profile{
		Name:                 "webkit",
		PreflightMaxAgeLimit: 10 * time.Minute,

		NegativeMaxAgeIsZero: true, RequestHeadersCombined: true, WildcardCoversAuthorization: true,
		FailureKeepsPreflights: true, PreflightMissForgets: true, SafelistedMethodsNeedNoEntry: true,
		MissingMethodsAllowNone: true, RefusedPreflightsKept: true, RedirectedPreflightsForgotten: true,
		NoCORSCredentialsAsAtFirst: true, KeptStarCoversAuthorization: true, KeptCredentialedStarsAreNames: true,
		PreflightSticksEverywhere: true, PreflightAsksAsAtFirst: true, PreflightRefererAsAtFirst: true,
		PreflightFetchSiteTainted: true, RedirectedMetadataDropped: true, RedirectCheckKeepsCredentials: true,
		RedirectNeedsLocation: true, OriginOutlivesMethod: true, RedirectedOriginShown: true,
		CrossSiteReferrersCut: true, OpaqueDocumentsHaveReferrers: true, AboutBlocked: true, MixedContentByScheme: true,
		LoopbackMixed: true, HSTSForNavigationsAlone: true, StreamsNotSent: true, KeepaliveLimitFirst: true,
		NoReferrerHidesOrigin: true, MethodOverridesCutAtCommas: true, RangesReadLoosely: true, RangesFitUint64: true,
		CredentiallessUnknown: true, CrossOriginDeleteBecomesGet: true, LocationsJoined: true,
		UnknownRedirectsFollowed: true, FTPRedirectsBlocked: true, EmptyLocationBreaks: true, NoCORSNeedsFollow: true,
		ResourcePolicySuffixesAreSites: true, ZeroAddressBlocked: true, RedirectedPreflightFirst: true,
		PreflightMetadataAsAtFirst: true, ContentTypeReturns: true, EmptyCharsetKept: true, URLCredentialsHidden: true,
		RedirectCredentialsUpgraded: true, BasicChallengeNeeded: true, SchemesEndAtTabs: true,
		RedirectCredentialsAnswer: true, RedirectedOutCredentialsDropped: true, URLCredentialsReplace: true,
		ProxyStatusShown: true, EmbedderPolicyNumbersUnknown: true, HeaderBytesAsUTF8: true, DowngradeByScheme: true,
		Cookies: CookieRules{
			NavigationStores: true, EmptyDomainIgnored: true, LastAttributeCounts: true, NoneWithoutSecure: true,
			SitesIgnoreSchemes: true, DomainsInTurn: true, PrefixesIgnored: true,
			ControlsEndCookie: true, SizesUnlimited: true, ExpiryByLast: true, MaxAgeReadLoosely: true,
			ValuesNeeded: true, NamesHaveNoComma: true, EmptyStored: true, Dates: DateInOrder, DomainAsWritten: true,
			DomainTakenLiterally: true, AddressDomainIsNone: true,
			PublicSuffixesHaveNone: true, ThirdParty: ThirdPartyBlocked,
			AncestorsIgnored: true, ThirdPartyRedirects: true, SandboxKeepsSite: true,
		},
		HTTPCache: CacheRules{
			OneAnswer: true, AnyConfirmationUpdates: true, AgeOutlivesConfirmation: true, MisfitAskedAnew: true, StoredWhenChecked: true,
			AnyAnswerReplaces: true, FewStatusesStored: true, ReusableAlone: true, DirectivesReadLoosely: true,
			GuessedForAll: true, Dates: DateOfScripts, PragmaInResponses: true, ValidatorNeeded: true, RequestDirectivesLoose: true,
			RedirectsGoAround: true, RedirectedOutAsks: true, RedirectsKeepRequest: true, ConfirmedAtTheStart: true,
			XHRRemembered: true, RangesKeptApart: true, ConditionalsConfirm: true, HopHeadersStored: true,
			ConfirmationChangesLess: true, OnlyIfCachedAsks: true,
		},
	}
}
