package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// serveHTTP2 answers the requests of an HTTP/2 connection until it ends, with the responses that answer returns; nil
// breaks off the exchange. Header lines of one name keep their order; HTTP/2 has no use for the case of names.
func serveHTTP2(ctx context.Context, c *tls.Conn, answer func(*Request) *Response) {
	only := &onlyConn{conn: c, closed: make(chan struct{})}
	srv := &http.Server{
		Protocols:   new(http.Protocols),
		ErrorLog:    log.New(io.Discard, "", 0), // a browser that breaks off tells its own side
		IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				only.Close()
			}
		},
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
	}
	srv.Protocols.SetHTTP2(true)
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	_ = srv.Serve(only) // it ends because the connection has
	srv.Close()
}

// notOverHTTP2 returns the name of a header that net/http would leave out of a response; ok is true if there is none.
func (p *plan) notOverHTTP2() (name string, ok bool) {
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }
	for i := range p.replies {
		if p.replies[i].response == nil {
			continue
		}
		for _, f := range p.replies[i].response.Fields {
			if strings.ContainsFunc(f.Value, control) {
				return f.Name, false
			}
		}
	}
	return "", true
}

// An onlyConn is a listener to which one connection comes.
type onlyConn struct {
	conn   net.Conn
	took   sync.Once
	close  sync.Once
	closed chan struct{}
}

// Accept returns the connection, and after that waits for its end.
func (o *onlyConn) Accept() (c net.Conn, err error) {
	o.took.Do(func() { c = o.conn })
	if c != nil {
		return c, nil
	}
	<-o.closed
	return nil, net.ErrClosed
}

// Close ends the waiting.
func (o *onlyConn) Close() error {
	o.close.Do(func() { close(o.closed) })
	return nil
}

// Addr returns where the connection came to.
func (o *onlyConn) Addr() net.Addr { return o.conn.LocalAddr() }

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
