package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"slices"
	"time"

	"golang.org/x/net/http2"
)

// serveHTTP2 answers the requests of an HTTP/2 connection until it ends, with the responses that answer returns; nil
// breaks off the exchange. Header lines of one name keep their order; HTTP/2 has no use for the case of names.
func serveHTTP2(ctx context.Context, c *tls.Conn, answer func(*Request) *Response) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	srv := &http2.Server{IdleTimeout: time.Minute}
	srv.ServeConn(c, &http2.ServeConnOpts{
		Context:    ctx,
		BaseConfig: &http.Server{ErrorLog: nil},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			r, err := requestOf(req)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			res := answer(r)
			if res == nil || res.check() != nil {
				panic(http.ErrAbortHandler) // which net/http defines as the way to reset a stream
			}
			writeResponse(w, res, bodiless(r.Method, res.Status))
		}),
	})
}

// requestOf turns a request of net/http back into its lines, in the order of their names.
func requestOf(req *http.Request) (*Request, error) {
	r := &Request{Secure: true, Method: req.Method, Target: req.RequestURI, Proto: "HTTP/1.1", Fields: []Field{{"Host", req.Host}}}
	for _, name := range sortedKeys(req.Header) {
		for _, v := range req.Header[name] {
			r.Fields = append(r.Fields, Field{name, v})
		}
	}
	var body bytes.Buffer
	if _, err := io.Copy(&body, io.LimitReader(req.Body, int64(defaultLimits.Body))); err != nil {
		return nil, err
	}
	r.Body = body.Bytes()
	return r, nil
}

// writeResponse writes a response without a line that it does not have.
func writeResponse(w http.ResponseWriter, res *Response, bodiless bool) {
	h := w.Header()
	h["Date"], h["Content-Type"] = nil, nil // nil is net/http's way to say: add none
	for _, f := range res.Fields {
		name := http.CanonicalHeaderKey(f.Name)
		if slices.Contains([]string{"Connection", "Transfer-Encoding", "Keep-Alive", "Upgrade", "Proxy-Connection"}, name) {
			continue // which HTTP/2 does not have
		}
		h[name] = append(h[name], f.Value)
	}
	w.WriteHeader(res.Status)
	if f, ok := w.(http.Flusher); ok {
		f.Flush() // before the end is known, so that no length is added
	}
	if !bodiless {
		_, _ = w.Write(res.Body)
	}
}
