package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/har"
	"github.com/corsim/corsim/origin"
)

// MaxRecording is how many bytes of URLs, headers and bodies ReadHAR keeps; the entries after that are left out.
const MaxRecording = 1 << 30

// maxRecordingErrors is how many errors ReadHAR tells one by one.
const maxRecordingErrors = 1000

// A Recording is a network that answers from an HTTP archive (HAR 1.2), as browsers' developer tools, proxies and
// [Recorder] write it.
//
// A request is answered by the entries of its method and its URL without fragment, in the order of the file, each
// once; when they run out, the last answers again. An entry without a usable response (no status, or an interim one)
// breaks the connection: the error wraps fetch.ErrFailed. A request that no entry has gets fetch.ErrUnanswered. The
// entries of a redirect are requests of their own.
//
// A Recording may be used from many goroutines.
type Recording struct {
	log     har.Log
	entries []recorded
	index   map[exchangeKey][]int // in entries

	mu   sync.Mutex
	used map[exchangeKey]int // how often it was asked for
}

// An exchangeKey is what an entry is found by.
type exchangeKey struct{ method, url string }

// recorded is an entry and what the network needs of it.
type recorded struct {
	har.Entry
	number   int                 // in log.entries, from 0
	target   origin.URL          // what was requested
	url      string              // target without fragment, user and password
	response *fetch.HTTPResponse // nil: no usable one
}

// ReadHAR reads an HTTP archive. What cannot be read gives an error that names the entry, counted from 0, the field,
// the cause and the place in the file; everything else is in the Recording, which is never nil.
//
// A Recording is held in memory; see [MaxRecording].
func ReadHAR(r io.Reader) (*Recording, []error) { return readHAR(r, MaxRecording) }

func readHAR(r io.Reader, limit int) (*Recording, []error) {
	rec := &Recording{index: map[exchangeKey][]int{}, used: map[exchangeKey]int{}}
	var errs []error
	silenced := 0
	fail := func(err error) {
		if len(errs) < maxRecordingErrors {
			errs = append(errs, err)
		} else {
			silenced++
		}
	}
	d := har.NewDecoder(r)
	number, size := 0, 0
	for e, err := range d.Entries() {
		var bad *har.Error
		if errors.As(err, &bad) && bad.Entry >= 0 {
			number = bad.Entry + 1
		}
		if err != nil {
			fail(err)
			continue
		}
		size += sizeOf(&e)
		if size > limit {
			fail(fmt.Errorf("har: log.entries[%d]: the entries hold more than %d bytes; this one and those after it are left out", number, limit))
			break
		}
		if err := rec.add(e, number); err != nil {
			fail(err)
		}
		number++
	}
	if silenced > 0 {
		errs = append(errs, fmt.Errorf("har: %d more errors", silenced))
	}
	rec.log = d.Log()
	return rec, errs
}

// sizeOf is about how many bytes an entry takes.
func sizeOf(e *har.Entry) int {
	n := 1024 + len(e.Request.URL) + len(e.Response.Body) + len(e.Corsim) + len(e.WebSocketMessages)
	if e.Request.Post != nil {
		n += len(e.Request.Post.Body)
	}
	for _, list := range [][]har.Header{e.Request.Headers, e.Response.Headers} {
		for _, h := range list {
			n += 64 + len(h.Name) + len(h.Value)
		}
	}
	return n
}

// add puts an entry at the end of the recording.
func (n *Recording) add(e har.Entry, number int) error {
	u, err := origin.ParseURL(e.Request.URL, nil)
	if err != nil {
		return fmt.Errorf("har: log.entries[%d].request.url: %w", number, err)
	}
	// Nothing of these is asked for again.
	e.WebSocketMessages, e.Request.Cookies, e.Response.Cookies = nil, cookieNames(e.Request.Cookies), nil
	r := recorded{Entry: e, number: number, target: u, url: wireURL(u), response: responseOf(&e)}
	k := exchangeKey{e.Request.Method, r.url}
	n.index[k] = append(n.index[k], len(n.entries))
	n.entries = append(n.entries, r)
	return nil
}

// cookieNames keeps of a cookie list that there was one.
func cookieNames(list []har.Cookie) []har.Cookie {
	if len(list) == 0 {
		return nil
	}
	return []har.Cookie{{Name: list[0].Name}}
}

// responseOf is the response that an entry holds, nil if it holds none that ends a request.
func responseOf(e *har.Entry) *fetch.HTTPResponse {
	s := &e.Response
	if s.Status < 200 {
		return nil
	}
	h := make(fetch.Headers, 0, len(s.Headers))
	for _, x := range s.Headers {
		if !isHopByHop(x.Name) {
			h = append(h, fetch.Header{Name: x.Name, Value: strings.Trim(x.Value, " \t")})
		}
	}
	return &fetch.HTTPResponse{Status: s.Status, StatusText: s.StatusText, Headers: h, Body: s.Body}
}

// isHopByHop reports whether a header belongs to one connection and not to the response.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
func isHopByHop(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
		return true
	}
	return false
}

// Len returns how many entries the recording has.
func (n *Recording) Len() int { return len(n.entries) }

// RoundTrip implements fetch.Network.
func (n *Recording) RoundTrip(_ context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	k := exchangeKey{r.Method, wireURL(r.URL)}
	list := n.index[k]
	if len(list) == 0 {
		return nil, fmt.Errorf("%s %s: %w", k.method, k.url, fetch.ErrUnanswered)
	}
	n.mu.Lock()
	at := min(n.used[k], len(list)-1)
	n.used[k] = at + 1
	n.mu.Unlock()
	return n.entries[list[at]].answer()
}

// answer is what the network says when an entry answers.
func (r *recorded) answer() (*fetch.HTTPResponse, error) {
	if r.response != nil {
		return r.response, nil
	}
	why := r.Error
	if why == "" {
		why = "the recording has no response"
	}
	return nil, fmt.Errorf("%s: %w", why, fetch.ErrFailed)
}
