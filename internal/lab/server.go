package lab

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"time"
)

// A Server answers requests. An error breaks the connection before any byte of a response, which a browser takes
// for a network error; the error is kept in the [Exchange].
type Server interface {
	Answer(ctx context.Context, r *Request) (*Response, error)
}

// ServerFunc is a function that is a [Server].
type ServerFunc func(ctx context.Context, r *Request) (*Response, error)

// Answer calls the function.
func (f ServerFunc) Answer(ctx context.Context, r *Request) (*Response, error) { return f(ctx, r) }

// Hosts gives each host its server. Keys are as a Host line spells them, with the port unless it is the scheme's
// default. A host that is not among them is answered with 404 and no body.
type Hosts map[string]Server

// Answer asks the server of the request's host.
func (h Hosts) Answer(ctx context.Context, r *Request) (*Response, error) {
	if s := h[r.Host()]; s != nil {
		return s.Answer(ctx, r)
	}
	return plain(404, "Not Found", ""), nil
}

// Backend is the host:port of a server that speaks HTTP/1.1 without TLS. Requests are passed on as the browser
// wrote them, no line added and none changed, each over a connection of its own.
type Backend string

const backendTimeout = 30 * time.Second

// Answer passes the request on and returns what came back.
func (b Backend) Answer(ctx context.Context, r *Request) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, backendTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", string(b))
	if err != nil {
		return nil, fmt.Errorf("lab: backend %s: %w", string(b), err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := conn.Write(r.AppendTo(nil)); err != nil {
		return nil, fmt.Errorf("lab: backend %s: sending %s %s: %w", string(b), r.Method, r.Target, err)
	}
	res, err := ReadResponse(bufio.NewReader(conn), r.Method, defaultLimits)
	if err != nil {
		return nil, fmt.Errorf("lab: backend %s: answer to %s %s: %w", string(b), r.Method, r.Target, err)
	}
	return res, nil
}

// plain makes a response of plain text that says how long it is.
func plain(status int, reason, text string) *Response {
	return &Response{
		Status: status,
		Reason: reason,
		Fields: []Field{
			{"Content-Type", "text/plain; charset=utf-8"},
			{"Content-Length", fmt.Sprint(len(text))},
			{"Cache-Control", "no-store"},
		},
		Body: []byte(text),
	}
}
