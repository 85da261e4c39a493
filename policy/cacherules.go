package policy

// CacheRules holds, as data, what the HTTP caches of real browsers do otherwise than Fetch and RFC 9111 say. The zero
// value is the bare standards.
type CacheRules struct {
	// OneAnswer keeps one answer for each URL, whose Vary no other stands beside. A request that it does not fit asks
	// with its entity tag, and a 304 makes it fit; a new answer takes its place (RFC 9111, section 4.1).
	OneAnswer bool

	// AbsentIsEmpty takes a request header that is not there for an empty one when Vary names it (RFC 9111,
	// section 4.1).
	AbsentIsEmpty bool

	// AnyStatusStored stores answers of every status but 206 and 416, also those that do not say for how long they
	// hold, to be confirmed before each use, and a 304 that answers an unconditional request (RFC 9111, section 3).
	AnyStatusStored bool

	// GuessedFor200 guesses from Last-Modified for how long an answer holds only where the status is 200 or 203 and
	// must-revalidate is not there, and takes 300, 301, 308 and 410 without a word about it for answers that hold for
	// ever (RFC 9111, section 4.2.2).
	GuessedFor200 bool

	// MalformedExpiresSkipped gives no meaning to an Expires that is no date, unless that is 0; of several the first counts.
	// By RFC 9111, section 4.2.1, such answers are over at once.
	MalformedExpiresSkipped bool

	// DirectivesAsWritten knows no directives with an argument that they need not have, such as no-cache="Set-Cookie", and no
	// max-age that does not have digits, and nothing else but spaces, right behind its equals sign; the first good one counts.
	// By RFC 9111, sections 4.2.1 and 5.2.2, the former count, and answers with the latter are over at once.
	DirectivesAsWritten bool

	// PragmaInResponses takes Pragma: no-cache in an answer for Cache-Control: no-cache; RFC 9111, section 5.4, gives
	// it no meaning.
	PragmaInResponses bool

	// RequestDirectivesFew heeds two directives of a request alone: max-age=0 and no-cache. The latter, like Pragma:
	// no-cache, makes the request go around what is stored instead of having it confirmed (RFC 9111, section 5.2.1).
	RequestDirectivesFew bool

	// Only200Confirmed asks the server whether a stored answer still holds only if its status is 200 and its first ETag or
	// Last-Modified is not empty, and takes a 304 for the confirmation only if it was asked so (HTTP-network-or-cache fetch
	// 8.26.2.2 and 11.4).
	Only200Confirmed bool

	// BlockedForgotten forgets an answer that the network gave and that a check then blocked, unless it is a redirect,
	// or one to XMLHttpRequest whose media type is guessed from its body, which then is short enough to have been read
	// as a whole.
	BlockedForgotten bool

	// OpaqueOriginUncached makes documents with an opaque origin do without the cache.
	OpaqueOriginUncached bool

	// FewMethodsInvalidate lets POST, DELETE and PATCH alone drop what is stored for their URL, and PUT if it has a
	// body, and none of them in the cache mode no-store, or for a range or under a condition (RFC 9111, section 4.4);
	// but POST with an If-None-Match or an If-Modified-Since does.
	FewMethodsInvalidate bool

	// ConditionalsUpdate lets the answer to a request that the script made conditional, with If-None-Match or
	// If-Modified-Since, update what is stored, unless that has another validator, in every cache mode but no-store;
	// HTTP-network-or-cache fetch 8.16 makes such a request one of the cache mode no-store if its mode is default.
	ConditionalsUpdate bool

	// MisfitAskedAnew has a request that Vary keeps from the one answer for its URL go out as if there were none.
	MisfitAskedAnew bool

	// StoredWhenChecked stores an answer once the checks of CORS and of resource policies have let it pass; one that
	// they stop changes nothing. A redirect is stored as it comes.
	StoredWhenChecked bool

	// AnyAnswerReplaces lets the answer to a request of whatever method and status drop what is stored for its URL,
	// unless it is stored itself or is a 304, and serves GET alone; in RFC 9111, sections 4.3.5 and 4.4, HEAD is
	// served, and unsafe methods that went well drop something.
	AnyAnswerReplaces bool

	// FewStatusesStored stores answers of the statuses 200, 203, 204, 206, 300, 301, 404, 405, 410, 414 and 501, and of
	// 201, 202, 205, 302, 303, 307, 403, 406 and 415 if they have a max-age or an Expires (RFC 9111, section 3).
	FewStatusesStored bool

	// ReusableAlone stores answers only if they can be confirmed or hold for some time.
	ReusableAlone bool

	// DirectivesReadLoosely leaves blanks out of Cache-Control before it is read, ends a name or an argument at any
	// separator, takes numbers with a sign or a point, also in Age, of several max-age the first that is a number,
	// looks for no-cache anywhere in Pragma, and gives no meaning to a max-age and an Expires that are none, to
	// private, to must-revalidate and to no-cache with an argument (RFC 9111, sections 4.2.1 and 5.2.2).
	DirectivesReadLoosely bool

	// GuessedForAll guesses from Last-Modified for how long an answer holds whatever its status, and takes 301 and 410
	// for answers that hold for a year (RFC 9111, section 4.2.2).
	GuessedForAll bool

	// ValidatorNeeded asks the server about a stored answer without an ETag and a Last-Modified, and about a stored
	// redirect, as if there were none (HTTP-network-or-cache fetch 8.26.2.2).
	ValidatorNeeded bool

	// RequestDirectivesLoose heeds no-cache, Pragma: no-cache, a max-age of 0 and max-stale in a request, and no more
	// (RFC 9111, section 5.2.1).
	RequestDirectivesLoose bool

	// RedirectsGoAround has a request that a redirect from the network led on ask the network, stores and uses no
	// redirect for a URL with a fragment, and stores none behind five others; RFC 9111 knows no such bounds.
	RedirectsGoAround bool

	// RedirectedOutAsks asks the network where a stored redirect leads a fetch() of the credentials mode same-origin
	// from the page's own origin to another, whatever is stored there (RFC 9111, section 4).
	RedirectedOutAsks bool

	// RedirectsKeepRequest sends a stored redirect on with the headers of the request that brought it, in the mode
	// no-cors, or if it leads to the page's own origin and was there all the time; only an Authorization is the new
	// request's. If that request had the cache mode reload or no-cache, what is stored for the URL behind it is
	// confirmed.
	RedirectsKeepRequest bool

	// ConfirmedAtTheStart asks for the confirmation of an answer that stored redirects led to at the URL that the
	// request was for at first, and wherever that leads, unless an XMLHttpRequest was led from the page's own origin to
	// another; RFC 9111, section 4.3.1, asks at the URL of what is stored.
	ConfirmedAtTheStart bool

	// XHRRemembered remembers the answer to an XMLHttpRequest whose status is not stored, as long as it holds, for GET
	// requests with the same mode, credentials mode and headers, until there is another request for the URL.
	XHRRemembered bool

	// AgeOutlivesConfirmation counts the Age and the Date of a stored answer that a 304 without them confirmed from then
	// on; otherwise a confirmed answer is as old as the 304 (RFC 9111, section 4.3.4).
	AgeOutlivesConfirmation bool

	// RangesKeptApart stores answers to requests for a range, for requests for that range.
	RangesKeptApart bool

	// ConditionalsConfirm has a request that the script made conditional, in another cache mode than default and
	// no-store, ask the network; a 304 goes to the script and updates what is stored.
	ConditionalsConfirm bool

	// HopHeadersStored stores the headers of the connection and of proxies like others (RFC 9111, section 3.1).
	HopHeadersStored bool

	// ConfirmationChangesLess has a 304 leave ETag, Last-Modified, Allow, Trailer, WWW-Authenticate, X-Frame-Options,
	// X-XSS-Protection and all that begins with Content-, X-Content- or X-WebKit- as they are stored (RFC 9111, section
	// 3.2).
	ConfirmationChangesLess bool

	// OnlyIfCachedAsks asks the network in the cache mode only-if-cached where nothing is stored; that is a network
	// error (HTTP-network-or-cache fetch 11.1).
	OnlyIfCachedAsks bool

	// ReloadForgets drops what is stored as soon as a request goes around it, for the cache mode reload or because it
	// says so, and not only when another answer comes (RFC 9111, section 4.3.3).
	ReloadForgets bool

	// PasswordsAskedNotStored stores no answer of status 401 or 407, whatever it says; what is stored stays if the
	// server was asked to confirm it. RFC 9111, section 3, makes no difference between them and others.
	PasswordsAskedNotStored bool

	// HEADForgets drops what is stored where it does not do for a HEAD, and the server does not confirm it; by RFC
	// 9111, section 4.3.5, the answer may bring it up to date.
	HEADForgets bool

	// PartsIgnored leaves what is stored as it is where the server answers with a 416, or a request to confirm it with
	// a 206, though nobody asked for a part (RFC 9111, section 4.3.3).
	PartsIgnored bool

	// StaleForGETAlone answers no HEAD with what is stale, to be revalidated in the background (HTTP-network-or-cache
	// fetch 8.26.2.1).
	StaleForGETAlone bool

	// BlockedNotRevalidated revalidates in the background only what a script got; by HTTP-network-or-cache fetch
	// 8.26.2.1 a check that blocks it afterwards changes nothing about that.
	BlockedNotRevalidated bool

	// ChallengesNotStored stores no Trailer, WWW-Authenticate and Strict-Transport-Security, and none of the headers
	// that no-cache tells in quotation marks, but does store what Connection names, TE, Proxy-Authorization and
	// Proxy-Authentication-Info (RFC 9111, section 3.1). A 304 leaves ETag, Content-Type, Content-Location,
	// Content-MD5, X-Frame-Options, X-XSS-Protection and all that begins with X-Content- or X-WebKit- as they are, and
	// adds none (section 3.2).
	ChallengesNotStored bool

	// UnsafeForced answers a PUT with a body, a DELETE and a PATCH in the cache mode force-cache with what is stored
	// for their URL, and sends nothing (RFC 9111, section 4.4).
	UnsafeForced bool

	// MisdirectedServed takes a stored answer of status 421 for one like any other, and stores none that a second try
	// follows; by HTTP-network-or-cache fetch 17 the request is made again.
	MisdirectedServed bool

	// RangesServed answers a GET for one range of bytes out of what is stored, if its status is 200, with a 206 that it
	// makes, and asks the server for a confirmation with that range; an answer that is no part is stored. A part that
	// the server sent gets a Content-Length and a Content-Range of the cache's own writing. RFC 9111, section 3.3 and
	// 3.4, leave all this to caches; the standard's profile goes around the cache with a range.
	RangesServed bool

	// AnswersApart keeps apart what was asked with and without credentials, what a GET and what a HEAD brought, which
	// is stored too, and what fetch() and XMLHttpRequest got from another site than their document's and what anything
	// else did. The partition alone keeps answers apart in HTTP-network-or-cache fetch 8.25, and a HEAD is served by a
	// GET's.
	AnswersApart bool

	// DirectivesCutShort reads Cache-Control up to the first directive that is followed by anything but a comma, or
	// that is empty: a number ends at its last digit, the last max-age counts, and one that is no number below 2^32 is
	// none (RFC 9111, sections 4.2.1 and 5.2).
	DirectivesCutShort bool

	// MostStored stores answers of every status but 408, 425, 429, and 303 without a word about how long it holds. Of
	// those from 300 to 399 only redirects with a Location are used; another one stays until a reload, also if it says
	// no-store, and keeps later answers from being stored. A redirect without a Location does so if it says no-store, and
	// is no 303, or if it takes the place of another answer, if only of one that said no-store. The cache mode reload
	// drops what is stored before it asks (RFC 9111, section 3).
	MostStored bool

	// FewStatusesFresh has answers of other statuses than 200, 203, 204, 206, 300, 301, 302, 303, 307, 308 and 410
	// confirmed before each use, however long they say that they hold (RFC 9111, section 4.2).
	FewStatusesFresh bool

	// GuessedUpToAWeek guesses from Last-Modified for no longer than a week, for 302, 303 and 307 only where Cache-Control
	// says public or private, for the statuses from 400 not at all, and takes a 410 without a word about it for an
	// answer that holds for ever (RFC 9111, section 4.2.2).
	GuessedUpToAWeek bool

	// FirstDatesCount takes the first of several Expires or Last-Modified, and for Age the number that it begins with, or
	// what 32 bits have of that, a very high one for most below 0 (RFC 9111, sections 4.2.3 and 5.3).
	FirstDatesCount bool

	// Dates is how the dates in Date, Expires and Last-Modified are read (RFC 9110, section 5.6.7).
	Dates DateReading

	// DatesIn32Bits has the seconds since 1970 of such a date in 32 bits: dates after 2106 come out as earlier ones, and those
	// before 1970, but for an Expires, as later ones (RFC 9110, section 5.6.7).
	DatesIn32Bits bool

	// ConfirmedBelow400 asks the server about a stored answer whatever Vary says and whether it has a validator or not,
	// but only if its status is below 400 and it is no redirect, and takes a 304 for the confirmation only if it was
	// asked so (RFC 9111, sections 4.1 and 4.3.1).
	ConfirmedBelow400 bool

	// RequestDirectivesInTurn heeds the first that there is of no-cache, max-stale, max-age and min-fresh in a request,
	// and then nothing else: an answer that is over is used if it is young enough for the request's max-age. With
	// no-store the cache is left out (RFC 9111, section 5.2.1).
	RequestDirectivesInTurn bool

	// AuthorizationConfirmed has the server confirm what was asked for without Authorization to a request that has it.
	AuthorizationConfirmed bool

	// ImmutableSpared uses a fresh answer over HTTPS that says immutable, and is no redirect, in the cache mode no-cache
	// too (RFC 8246, section 2; HTTP-network-or-cache fetch 8.17).
	ImmutableSpared bool

	// AnswersInvalidate lets the answer to an unsafe method drop what is stored for its URL, and for that of its
	// Location and Content-Location on the same host, whatever its status, but for 206, 304, 401 and 407 (RFC 9111,
	// section 4.4).
	AnswersInvalidate bool

	// EmptyTakesAway lets an empty header of a 304 take away what is stored under its name, and be none itself; by RFC 9111,
	// section 3.2, it is stored.
	EmptyTakesAway bool

	// ConfirmationKeepsType has a 304 leave ETag, Content-Type, Content-Location and Content-MD5 as they are stored,
	// and drops what is stored after this use of it if its Last-Modified is another (RFC 9111, section 3.2).
	ConfirmationKeepsType bool

	// WholeRangesStored treats a request for the range bytes=0- like one without a range, and what answers it.
	WholeRangesStored bool

	// RedirectsForgotten forgets a redirect that the network gave and that is blocked; one that is not followed, unless it
	// took the place of another answer, if only of one that said no-store; and one, stored before or not, that is followed
	// to where no request can be made.
	RedirectsForgotten bool

	// EmptyFitsNone takes a request header that Vary names and that was empty for one that was not there, and one that
	// is there and empty for another than either (RFC 9111, section 4.1).
	EmptyFitsNone bool

	// ConditionalsReplace lets the answer to an XMLHttpRequest that the script made conditional take the place of what
	// is stored, unless it is a 304, which changes nothing. With If-Match, if that is what is stored, and with
	// If-Unmodified-Since, such a request is answered by what is fresh. HTTP-network-or-cache fetch 8.16 makes it one
	// of the cache mode no-store.
	ConditionalsReplace bool

	// TransientsNotStored leaves empty headers, WWW-Authenticate and Trailer out of what is stored as well, and stores
	// TE, Proxy-Authentication-Info, Proxy-Authorization and what Connection names (RFC 9111, section 3.1).
	TransientsNotStored bool

	// AnyConfirmationUpdates has every 304 update what is stored; by RFC 9111, section 4.3.4, one whose entity tag or
	// Last-Modified is not that of the stored answer, or that has neither where that has one, leaves it as it is.
	AnyConfirmationUpdates bool
}
