package simulator

import (
	"errors"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// A Verdict is what became of a request, as the script that made it sees it, or the page whose element did.
type Verdict uint8

// The verdicts.
const (
	// Blocked: the script sees a network error.
	Blocked Verdict = iota
	// Allowed: the script may read the response.
	Allowed
	// Opaque: the request was sent and the response may be used, but the script sees nothing of it.
	Opaque
	// Invalid: the API threw before anything was sent.
	Invalid
	// Unanswered: the recorded network has no answer to a request.
	Unanswered
)

// String returns the verdict in lower case.
func (v Verdict) String() string {
	switch v {
	case Allowed:
		return "allowed"
	case Opaque:
		return "opaque"
	case Invalid:
		return "invalid"
	case Unanswered:
		return "unanswered"
	}
	return "blocked"
}

var errNoNetwork = errors.New("the Browser has no Network: set Browser.Network")

// A Result is what became of one request of a page.
type Result struct {
	page     *Page
	via      via
	verdict  Verdict
	reason   policy.Step
	story    *story // nil if the Browser is Terse
	request  fetch.Request
	response fetch.Response
}

// A via is the API that a script makes a request with, or the kind of element that does without one.
type via uint8

const (
	viaFetch via = iota
	viaXHR
	viaElement // and one more for each ElementKind
)

// String returns the name of the API or of the element, as in the case format.
func (v via) String() string {
	switch v {
	case viaFetch:
		return "fetch"
	case viaXHR:
		return "xhr"
	}
	return ElementKind(v - viaElement).String()
}

// A story is what a Result tells beside the outcome.
type story struct {
	events  []policy.Event
	cookies []CookieReport
}

// newStory returns an empty story with room for the steps of an everyday request.
func newStory(simple bool) *story {
	if simple {
		both := new(struct {
			story
			buf [11]policy.Event
		})
		both.events = both.buf[:0]
		return &both.story
	}
	both := new(struct {
		story
		buf [24]policy.Event
	})
	both.events = both.buf[:0]
	return &both.story
}

// fail ends the request because the caller made a mistake.
func (r *Result) fail(err error) *Result {
	r.response.Err, r.response.Deciding = err, -1
	r.response.Type = fetch.TypeError
	return r
}

// throw ends the request because the API throws.
func (r *Result) throw(s policy.Step) *Result {
	r.verdict, r.reason = Invalid, s
	r.response.Type, r.response.Step, r.response.Deciding = fetch.TypeError, s, -1
	return r
}

// settle reads the verdict off the response.
func (r *Result) settle() *Result {
	r.reason = r.response.Step
	switch r.response.Type {
	case fetch.TypeOpaque, fetch.TypeOpaqueRedirect:
		r.verdict = Opaque
	case fetch.TypeError:
		if r.reason == policy.NetworkUnanswered {
			r.verdict = Unanswered
		}
	default:
		r.verdict = Allowed
	}
	return r
}

// Allowed reports whether the script may read the response.
func (r *Result) Allowed() bool { return r.verdict == Allowed }

// Verdict returns what became of the request.
func (r *Result) Verdict() Verdict { return r.verdict }

// Reason returns the step that decided: where a blocked request was blocked, or how the response was filtered.
func (r *Result) Reason() policy.Step { return r.reason }

// Err returns a mistake of the caller (a page URL that does not parse, a Browser without Network) or why the network
// could not be asked. Blocked is no error.
func (r *Result) Err() error { return r.response.Err }

// Type returns the response's type as the script sees it.
func (r *Result) Type() fetch.ResponseType { return r.response.Type }

// Status returns the status as the script sees it: 0 if the request was blocked or the response is opaque.
func (r *Result) Status() int { return r.response.Status }

// URL returns the response's URL as the script sees it, without its fragment.
func (r *Result) URL() string {
	if r.via == viaXHR && r.verdict == Allowed {
		return r.response.AskedURL()
	}
	return r.response.URL()
}

// Redirected reports whether a redirect was followed, as the script sees it.
func (r *Result) Redirected() bool { return r.response.Redirected() }

// Headers returns the headers that the script can read: names in lower case and sorted, repeats combined.
func (r *Result) Headers() fetch.Headers { return r.response.Headers().SortAndCombine() }

// Header returns the value of a header, as response.headers.get(name) does, and whether the script can read it.
func (r *Result) Header(name string) (value string, ok bool) { return r.response.Headers().Get(name) }

// Body returns the body that the script can read, nil if there is none.
func (r *Result) Body() []byte { return r.response.Body }

// Exchanges returns the requests that reached the network, in order, preflights included, and what came back.
func (r *Result) Exchanges() []fetch.Exchange { return r.response.Exchanges }

// Response returns all that the fetch ended with.
func (r *Result) Response() *fetch.Response { return &r.response }

// Request returns the request as the script made it, as the fetch left it after redirects.
func (r *Result) Request() *fetch.Request { return &r.request }

// Page returns the page that made the request.
func (r *Result) Page() *Page { return r.page }

// Preflighted reports whether the browser asked for consent over the network before it sent the request.
func (r *Result) Preflighted() bool {
	for i := range r.response.Exchanges {
		if r.response.Exchanges[i].Preflight {
			return true
		}
	}
	return false
}

// Events returns the steps that were taken, in order; nil if the Browser is Terse.
func (r *Result) Events() []policy.Event {
	if r.story == nil {
		return nil
	}
	return r.story.events
}
