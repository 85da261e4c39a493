package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/har"
)

// RecorderOptions say what a Recorder writes. The zero value is a recording without secrets.
type RecorderOptions struct {
	// KeepSecrets writes the values of Cookie and Set-Cookie, and Authorization and Proxy-Authorization, as they
	// are. Otherwise they read "redacted"; URLs and bodies are written as they are in either case.
	KeepSecrets bool
	// Page is the URL of the page that makes the requests. Where it is empty, a reader has to go by Referer and
	// Origin.
	Page string
	// Comment is a remark about the whole recording.
	Comment string
	// MaxBody is how many bytes a body may have; of a larger one, only its size is written. 0 is no limit.
	MaxBody int
	// Now tells the time; nil stands for time.Now.
	Now func() time.Time
}

// A Recorder is a network that writes what passes through it to an HTTP archive (HAR 1.2), an entry when its response
// has come or failed to come. What it wrote can be read with [ReadHAR]: a failed exchange breaks the connection again.
// A request that a recorded network below has no answer to is no exchange and is left out.
//
// A Recorder never changes what the network below it says, and never fails a request: what is wrong with the writing,
// Close tells. It may be used from many goroutines.
type Recorder struct {
	network fetch.Network
	options RecorderOptions

	mu  sync.Mutex
	w   *har.Writer
	err error // the first
}

const recordedPage = "page_1"

// NewRecorder returns a network that asks network and writes to w. The archive is complete once Close has returned;
// w is not closed.
func NewRecorder(network fetch.Network, w io.Writer, options RecorderOptions) *Recorder {
	r := &Recorder{network: network, options: options, w: har.NewWriter(w, har.Creator{Name: "corsim", Version: "1"})}
	if options.Comment != "" {
		r.note(r.w.SetComment(options.Comment))
	}
	if options.Page != "" {
		r.note(r.w.WritePage(har.Page{ID: recordedPage, Title: options.Page, Started: r.now()}))
	}
	return r
}

// note keeps the first error.
func (r *Recorder) note(err error) {
	if r.err == nil && err != nil {
		r.err = err
	}
}

func (r *Recorder) now() time.Time {
	if r.options.Now != nil {
		return r.options.Now()
	}
	return time.Now()
}

// RoundTrip implements fetch.Network.
func (r *Recorder) RoundTrip(ctx context.Context, q *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	started := r.now()
	// The network below may change or keep the request.
	e := har.Entry{Started: started, Request: r.request(q)}
	e.ResourceType, e.Initiator = kindOf(q, e.Request.URL)
	res, err := r.network.RoundTrip(ctx, q)
	if errors.Is(err, fetch.ErrUnanswered) {
		return res, err
	}
	e.Time = float64(r.now().Sub(started)) / float64(time.Millisecond)
	switch {
	case err != nil:
		e.Error = strings.ToValidUTF8(err.Error(), "\uFFFD")
	case res == nil:
		e.Error = fetch.ErrFailed.Error()
	default:
		e.Response = r.response(res)
	}
	if r.options.Page != "" {
		e.Pageref = recordedPage
	}
	if !r.options.KeepSecrets {
		har.Redact(&e)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.w.WriteEntry(e); err != nil {
		r.note(fmt.Errorf("recording %s %s: %w", e.Request.Method, e.Request.URL, err))
	}
	return res, err
}

// request is the request as the archive has it.
func (r *Recorder) request(q *fetch.HTTPRequest) har.Request {
	out := har.Request{Method: q.Method, URL: wireURL(q.URL), HTTPVersion: "HTTP/1.1", Headers: harHeaders(q.Headers)}
	if q.Body != nil {
		contentType, _ := q.Headers.Get("Content-Type")
		out.Post = &har.PostData{MIMEType: strings.ToValidUTF8(contentType, "\uFFFD")}
		if r.options.MaxBody == 0 || len(q.Body) <= r.options.MaxBody {
			out.Post.Body = append([]byte{}, q.Body...)
		}
	}
	return out
}

// response is the response as the archive has it.
func (r *Recorder) response(s *fetch.HTTPResponse) har.Response {
	contentType, _ := s.Headers.Get("Content-Type")
	location, _ := s.Headers.Get("Location")
	out := har.Response{
		Status: s.Status, StatusText: s.StatusText, HTTPVersion: "HTTP/1.1", Headers: harHeaders(s.Headers),
		MIMEType: strings.ToValidUTF8(contentType, "\uFFFD"), RedirectURL: location, Size: int64(len(s.Body)),
	}
	if r.options.MaxBody == 0 || len(s.Body) <= r.options.MaxBody {
		out.Body = s.Body
	}
	return out
}

func harHeaders(h fetch.Headers) []har.Header {
	out := make([]har.Header, len(h))
	for i := range h {
		out[i] = har.Header(h[i])
	}
	return out
}

// kindOf says what a request is in the words of browsers' exports.
func kindOf(q *fetch.HTTPRequest, url string) (resourceType string, by har.Initiator) {
	if isPreflight(q.Method, q.Headers) {
		return "preflight", har.Initiator{Type: "preflight", URL: url}
	}
	switch dest, _ := q.Headers.Get("Sec-Fetch-Dest"); dest {
	case "", "empty":
		return "fetch", har.Initiator{Type: "script"}
	case "document", "iframe", "frame":
		return "document", har.Initiator{Type: "other"}
	case "style":
		return "stylesheet", har.Initiator{Type: "parser"}
	case "audio", "video", "track":
		return "media", har.Initiator{Type: "parser"}
	case "script", "font", "image", "manifest":
		return dest, har.Initiator{Type: "parser"}
	}
	return "other", har.Initiator{Type: "other"}
}

// isPreflight reports whether a request is one by which a browser asks for consent.
//
// https://fetch.spec.whatwg.org/#cors-preflight-request
func isPreflight(method string, h fetch.Headers) bool {
	return method == "OPTIONS" && h.Has("Access-Control-Request-Method") && h.Has("Origin")
}

// Close completes the archive and returns the first error of writing it. Requests made after it are not recorded.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(r.w.Close())
	return r.err
}
