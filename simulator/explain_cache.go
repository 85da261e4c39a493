package simulator

import (
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// What a story tells of the caches that gave an answer in the server's place.

const (
	broughtByAnother = "an earlier request, often an image or a script without the attribute crossorigin, or a page of another origin, had brought it."
	broughtByAlike   = "an earlier request with the same Origin had brought it (it says Vary: Origin), so that is how the server answers."
	sendVary         = " Let the server send Vary: Origin with every answer that depends on the Origin header, also with those to requests without one."
)

// hintCache tells which cache gave the answer that decided, if one did, and reports whether the server was not asked for
// it: nothing may be said then about what the server did.
func (s *Story) hintCache(r *Result, step policy.Step, add func(string, ...any)) bool {
	check := step.Algorithm() == policy.CORSCheck
	if s.Deciding < 0 || s.Deciding >= len(r.response.Exchanges) {
		if check && r.response.Stored != nil {
			add("The answer came from the browser's HTTP cache, not from the network: %s The cache mode reload gets past what is stored already.",
				broughtBy(r.response.Stored))
		}
		return true
	}
	e := &r.response.Exchanges[s.Deciding]
	switch {
	case e.Response == nil:
		return true
	case check && e.Completed != nil && !takenFrom304(e, s.header):
		add("A 304 confirmed what the browser's HTTP cache held, and so the answer is that one: %s Access-Control-* headers in the 304, beside its ETag or Last-Modified, mend it too: they replace the stored ones.",
			broughtBy(e.Completed))
		return true
	// RFC 9111, 5.1: an answer with Age was not made or confirmed for this request by the origin server. Section 4:
	// caches pass on all requests with unsafe methods.
	case !e.Response.Headers.Has("Age") || !isSafeMethod(e.Request.Method):
		return false
	}
	const aged = "The answer has an Age header, so a cache between browser and server, such as a CDN, gave it"
	switch {
	case !check:
		add(aged + ".")
	case variesByOrigin(e.Response):
		add(aged + ". It says Vary: Origin: see whether that cache heeds it, and remove from it what it holds.")
	default:
		add(aged + ": another request, often one without Origin or of a page of another origin, had brought it." + sendVary +
			" Then remove from that cache what it holds.")
	}
	return true
}

// takenFrom304 reports whether a header of a stored response that a 304 confirmed is that of the 304: what the 304 does
// not have is as it was stored, and so is all of it if the 304 lacks the validator (RFC 9111, 4.3.4 and 3.2).
func takenFrom304(e *fetch.Exchange, header string) bool {
	sent, ok := e.Response.Headers.Get(header)
	used, _ := e.Completed.Headers.Get(header)
	return ok && sent == used
}

// broughtBy tells how a response that a check refused came into the browser's cache, and what to do about it.
func broughtBy(stored *fetch.HTTPResponse) string {
	if variesByOrigin(stored) {
		return broughtByAlike
	}
	return broughtByAnother + sendVary
}

// variesByOrigin reports whether Vary names Origin.
func variesByOrigin(r *fetch.HTTPResponse) bool {
	vary, _ := r.Headers.Get("Vary")
	for name := range strings.SplitSeq(vary, ",") {
		if equalFoldASCII(trimWSP(name), "origin") {
			return true
		}
	}
	return false
}
