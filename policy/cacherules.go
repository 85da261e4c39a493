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

	// AnyStatusStored stores answers of every status but 206 and 416, also those that do not say for how long they hold, to be
	// confirmed before each use, and a 304 that answers an unconditional request (RFC 9111, section 3).
	AnyStatusStored bool

	// GuessedFor200 guesses from Last-Modified for how long an answer holds only where the status is 200 or 203 and
	// must-revalidate is not there, and takes 300, 301, 308 and 410 without a word about it for answers that hold for
	// ever (RFC 9111, section 4.2.2).
	GuessedFor200 bool

	// MalformedFreshnessSkipped gives no meaning to a max-age that is not made of digits, to one in quotes, and to an
	// Expires that is no date, unless that is 0; of several max-age the first good one counts, of several Expires the
	// first. By RFC 9111, section 4.2.1, such answers are over at once.
	MalformedFreshnessSkipped bool

	// ArgumentsUnknown takes directives with an argument that they need not have, such as no-cache="Set-Cookie", for
	// unknown ones (RFC 9111, section 5.2.2).
	ArgumentsUnknown bool

	// PragmaInResponses takes Pragma: no-cache in an answer for Cache-Control: no-cache; RFC 9111, section 5.4, gives
	// it no meaning.
	PragmaInResponses bool

	// RequestDirectivesFew heeds two directives of a request alone: max-age=0 and no-cache. The latter, like Pragma:
	// no-cache, makes the request go around what is stored instead of having it confirmed (RFC 9111, section 5.2.1).
	RequestDirectivesFew bool

	// Only200Confirmed asks the server whether a stored answer still holds only if its status is 200, and takes a 304
	// for the confirmation only if it was asked so (HTTP-network-or-cache fetch 8.26.2.2 and 11.4).
	Only200Confirmed bool

	// BlockedForgotten forgets an answer that the network gave and that a check then blocked, or that is a redirect
	// which was not followed.
	BlockedForgotten bool

	// OpaqueOriginUncached makes documents with an opaque origin do without the cache.
	OpaqueOriginUncached bool

	// FewMethodsInvalidate lets POST, DELETE and PATCH alone drop what is stored for their URL, and PUT if it has a
	// body, and none of them in the cache mode no-store (RFC 9111, section 4.4).
	FewMethodsInvalidate bool

	// ConditionalsUpdate lets the answer to a request that the script made conditional, with If-None-Match or
	// If-Modified-Since, update what is stored, unless that has another validator; HTTP-network-or-cache fetch 8.16
	// makes such a request one of the cache mode no-store.
	ConditionalsUpdate bool
}
