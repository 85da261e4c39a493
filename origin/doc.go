// Package origin has URLs and origins exactly as browsers have them: it parses, serializes and compares them.
//
// [ParseURL] is the URL standard's parser and [URL] its record: one text, the serialization, plus offsets into it, so
// that String is free and two URLs are == when their serializations are the same. [Origin] is HTML's origin, a tuple of
// scheme, host and port or an opaque identity; two valid origins are == when they are same origin. [Of] goes from the
// text of a URL straight to its origin. [Parse] and [ParseHeader] read what an Origin header may hold, strictly, and
// say for a near miss what the right spelling is.
//
// Inputs are Go strings. Where a standard asks for a scalar value string, bytes that are not UTF-8 count as U+FFFD,
// replaced the way UTF-8 decode replaces them. Every function takes any bytes, at a cost linear in their number.
//
// The state of the standards that the code follows: URL, July 2026; HTML, Secure Contexts and Local Network Access,
// mid 2026. The data behind UTS 46 and the Public Suffix List is that of golang.org/x/net.
package origin
