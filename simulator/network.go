package simulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
)

// MaxBody is how many bytes of a response's body Transport reads; the rest is left unread.
const MaxBody = 16 << 20

// Handler returns a network on which h answers every request, whatever its host. The handler sees each request as a
// server's handler does: an origin-form target, Host set, canonical header names, TLS set for https. What it writes is
// completed as a server completes it: Content-Type from the first bytes of the body and Content-Length, where the
// handler sets none; there is no Date.
//
// A handler that panics with http.ErrAbortHandler breaks the connection; any other panic goes through to the caller.
func Handler(h http.Handler) fetch.Network { return handlerNetwork{h} }

type handlerNetwork struct{ handler http.Handler }

// RoundTrip implements fetch.Network.
func (n handlerNetwork) RoundTrip(ctx context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	req, err := serverRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	w := &responseWriter{header: http.Header{}, method: r.Method}
	if !w.serve(n.handler, req) {
		return nil, fmt.Errorf("the handler aborted the response: %w", fetch.ErrFailed)
	}
	return w.response(), nil
}

// serverRequest builds the request as net/http's server would hand it to a handler.
func serverRequest(ctx context.Context, r *fetch.HTTPRequest) (*http.Request, error) {
	target := requestTarget(r.URL)
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, fmt.Errorf("net/http cannot take the request target %q: %w", target, err)
	}
	req := &http.Request{
		Method: r.Method, URL: u, RequestURI: target, Host: hostHeader(r.URL),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: httpHeader(r.Headers), Body: http.NoBody, RemoteAddr: "192.0.2.1:1234",
	}
	if r.Body != nil {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(r.Body)), int64(len(r.Body))
		if r.Stream {
			req.ContentLength, req.TransferEncoding = -1, []string{"chunked"}
		}
	}
	if r.URL.Scheme() == "https" {
		host, _ := r.URL.Host()
		req.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: host}
	}
	return req.WithContext(ctx), nil
}

// requestTarget is the origin-form of a URL (RFC 9112, section 3.2.1).
func requestTarget(u origin.URL) string {
	target := u.Path()
	if target == "" {
		target = "/"
	}
	if q, ok := u.Query(); ok {
		target += "?" + q
	}
	return target
}

// hostHeader is the value of the Host header for a URL.
func hostHeader(u origin.URL) string {
	host, _ := u.Host()
	if port, ok := u.Port(); ok {
		host += ":" + strconv.Itoa(int(port))
	}
	return host
}

func httpHeader(h fetch.Headers) http.Header {
	out := make(http.Header, len(h))
	for i := range h {
		out.Add(h[i].Name, h[i].Value)
	}
	return out
}

// fetchHeaders puts an http.Header in a list, sorted by name as net/http's server sends it.
func fetchHeaders(h http.Header) fetch.Headers {
	out := make(fetch.Headers, 0, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			out = append(out, fetch.Header{Name: name, Value: strings.Trim(v, " \t")})
		}
	}
	return out
}

// A responseWriter collects what a handler writes.
type responseWriter struct {
	header  http.Header
	method  string
	status  int
	sent    http.Header // as it was when the status was written
	body    bytes.Buffer
	flushed bool
}

// serve runs the handler and reports whether it did not abort.
func (w *responseWriter) serve(h http.Handler, r *http.Request) (ok bool) {
	defer func() {
		if e := recover(); e != nil {
			if e != http.ErrAbortHandler {
				panic(e)
			}
			ok = false
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

// Header implements http.ResponseWriter.
func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter. Interim statuses are not the response.
func (w *responseWriter) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if w.sent != nil || 100 <= status && status <= 199 && status != http.StatusSwitchingProtocols {
		return
	}
	w.status, w.sent = status, w.header.Clone()
	if w.sent == nil {
		w.sent = http.Header{}
	}
}

// Write implements http.ResponseWriter.
func (w *responseWriter) Write(b []byte) (int, error) {
	if w.sent == nil {
		w.WriteHeader(http.StatusOK)
	}
	if !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(b)
}

// WriteString implements io.StringWriter.
func (w *responseWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Flush implements http.Flusher.
func (w *responseWriter) Flush() {
	if w.sent == nil {
		w.WriteHeader(http.StatusOK)
	}
	w.flushed = true
}

func (w *responseWriter) response() *fetch.HTTPResponse {
	if w.sent == nil {
		w.WriteHeader(http.StatusOK)
	}
	h := w.sent
	for name := range h {
		// A nil value keeps net/http from adding the header.
		if strings.HasPrefix(name, http.TrailerPrefix) {
			delete(h, name)
		}
	}
	if bodyAllowed(w.status) {
		if _, set := h["Content-Type"]; !set && w.body.Len() > 0 && h.Get("Content-Encoding") == "" {
			h.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
		}
		if _, set := h["Content-Length"]; !set && !w.flushed && h.Get("Transfer-Encoding") == "" &&
			(w.method != http.MethodHead || w.body.Len() > 0) {
			h.Set("Content-Length", strconv.Itoa(w.body.Len()))
		}
	}
	res := &fetch.HTTPResponse{Status: w.status, StatusText: http.StatusText(w.status), Headers: fetchHeaders(h)}
	if bodyAllowed(w.status) {
		res.Body = w.body.Bytes()
		if res.Body == nil {
			res.Body = []byte{}
		}
	}
	for i := range res.Headers {
		res.Headers[i].Value = lineBreaks.Replace(res.Headers[i].Value)
	}
	return res
}

// lineBreaks does to header values what net/http does.
var lineBreaks = strings.NewReplacer("\n", " ", "\r", " ")

func bodyAllowed(status int) bool { return status >= 200 && status != 204 && status != 304 }

// Transport returns a network of real connections. Redirects are not followed by rt but by the algorithms; responses
// are asked for without compression, and their bodies are cut at MaxBody.
//
// net/http keeps the order of a header's values but not that of different headers: they come sorted by name.
func Transport(rt http.RoundTripper) fetch.Network { return transportNetwork{rt} }

type transportNetwork struct{ transport http.RoundTripper }

// RoundTrip implements fetch.Network.
func (n transportNetwork) RoundTrip(ctx context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	host, _ := r.URL.Host()
	target := r.URL.Scheme() + "://" + hostHeader(r.URL) + requestTarget(r.URL)
	u, err := url.Parse(target)
	if err != nil {
		// net/url refuses some URLs that browsers take: its opaque form sends the target as it is.
		u = &url.URL{Scheme: r.URL.Scheme(), Host: hostHeader(r.URL), Opaque: requestTarget(r.URL)}
	}
	req := (&http.Request{
		Method: r.Method, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: httpHeader(r.Headers),
	}).WithContext(ctx)
	if _, set := req.Header["Accept-Encoding"]; !set {
		req.Header.Set("Accept-Encoding", "identity")
	}
	if r.Body != nil {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(r.Body)), int64(len(r.Body))
		if r.Stream {
			req.ContentLength = -1
		}
	}
	req.Header.Del("Content-Length") // ContentLength stands for it
	res, err := n.transport.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s: %w: %w", host, fetch.ErrFailed, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s: the response broke off: %w: %w", host, fetch.ErrFailed, err)
	}
	h := fetchHeaders(res.Header)
	_, text, _ := strings.Cut(res.Status, " ")
	return &fetch.HTTPResponse{Status: res.StatusCode, StatusText: text, Headers: h, Body: body}, nil
}
