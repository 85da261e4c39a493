package fetch

import (
	"context"
	"errors"

	"github.com/corsim/corsim/origin"
)

// A Network answers HTTP requests. It is the seam between the algorithms and the world: a handler in the same
// process, a real connection, or a record.
//
// RoundTrip returns an error that wraps ErrFailed if no response came, as when a server refuses the connection: that
// is a result, and the page sees a network error. It returns ErrUnanswered if the network is a record that does not
// hold the request. Any other error means that the network could not be asked.
//
// The request is valid during the call only; what is kept has to be copied. The response belongs to the caller, who
// does not change it.
type Network interface {
	RoundTrip(ctx context.Context, r *HTTPRequest) (*HTTPResponse, error)
}

// ErrFailed says that a request was made and no response came.
var ErrFailed = errors.New("no response")

// ErrUnanswered says that a recorded network has no answer to a request.
var ErrUnanswered = errors.New("nothing recorded answers the request")

// An HTTPRequest is a request as it goes on the wire, but for the headers that belong to the connection (Host,
// Connection, Accept-Encoding and their like).
type HTTPRequest struct {
	Method  string
	URL     origin.URL // with fragment and credentials, which do not go on the wire
	Headers Headers
	Body    []byte // nil: no body
	Stream  bool   // the body's length is not known beforehand
}

// An HTTPResponse is a response as it came over the wire. Header values have no spaces or tabs at their ends.
type HTTPResponse struct {
	Status     int
	StatusText string
	Headers    Headers
	Body       []byte // nil: no body
}

// LeadsOn reports whether the response is a redirect with somewhere to go; nil is none.
func (r *HTTPResponse) LeadsOn() bool {
	return r != nil && isRedirectStatus(r.Status) && r.Headers.Has("Location")
}

// Cookies is a cookie store.
type Cookies interface {
	// Cookie returns the value of the Cookie header for the request at its current URL, empty for none.
	Cookie(r *Request) string
	// SetCookie stores or refuses one Set-Cookie value of a response to the request; date is what the response's first
	// Date header says, empty for none.
	SetCookie(r *Request, value, date string)
}
