package lab

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// An Exchange is one request that reached a Front, and its answer.
type Exchange struct {
	Seq     int           // place in the order in which requests arrived, from 0
	Step    int           // index of the script's step under way, or -1
	Started time.Time     // when the request had been read
	Wait    time.Duration // until the response was there
	Request *Request
	// Response is nil when the connection was broken instead; Err then says why.
	Response *Response
	Err      error
}

// FrontConfig is what a Front needs. The zero value answers 404 to everything.
type FrontConfig struct {
	Server Server
	// Record, unless nil, is told every exchange when it has ended. Calls do not overlap.
	Record func(Exchange)
	Now    func() time.Time // the wall clock when nil
	Limits Limits           // 256 KiB of head and 64 MiB of body where zero
}

var defaultLimits = Limits{Head: 256 << 10, Body: 64 << 20}

// A Front is a loopback port at which every host of the web can be had. The first byte of a connection tells
// whether it is TLS (with a certificate made for the host asked for) or plain HTTP. Header lines are taken off the
// wire as they are.
type Front struct {
	cfg  FrontConfig
	auth *authority
	acceptor

	state sync.Mutex // of what follows
	seq   int
	stage *stage // the page of the Run under way

	recording sync.Mutex
	running   sync.Mutex // held by Run
}

// NewFront opens a Front on a free port of 127.0.0.1.
func NewFront(cfg FrontConfig) (*Front, error) {
	if cfg.Server == nil {
		cfg.Server = Hosts(nil)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Limits.Head <= 0 {
		cfg.Limits.Head = defaultLimits.Head
	}
	if cfg.Limits.Body <= 0 {
		cfg.Limits.Body = defaultLimits.Body
	}
	auth, err := newAuthority(cfg.Now)
	if err != nil {
		return nil, err
	}
	f := &Front{cfg: cfg, auth: auth}
	if err := f.listen(); err != nil {
		return nil, fmt.Errorf("lab: opening the front: %w", err)
	}
	f.start(f.serve)
	return f, nil
}

// Addr returns the address at which the Front listens.
func (f *Front) Addr() netip.AddrPort { return f.addr() }

// CertificatePEM returns the certificate that signs those of the Front's hosts.
func (f *Front) CertificatePEM() []byte { return f.auth.pem() }

// Close breaks all connections and returns when nothing of the Front is left running.
func (f *Front) Close() error { return f.close() }

// peeked is a connection of which some bytes have been read ahead.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// serve reads requests off one connection until it ends.
func (f *Front) serve(c net.Conn) {
	br := bufio.NewReader(c)
	first, err := br.Peek(1)
	if err != nil {
		return
	}
	const handshake = 0x16 // the content type of a TLS record that begins a connection
	secure := first[0] == handshake
	if secure {
		t := tls.Server(peeked{c, br}, f.auth.config())
		if t.HandshakeContext(f.ctx) != nil {
			return // a client that does not trust the certificate; it tells its own side
		}
		c, br = t, bufio.NewReader(t)
	}
	for {
		r, err := ReadRequest(br, f.cfg.Limits)
		if err != nil {
			if w := (*WireError)(nil); errors.As(err, &w) {
				res := plain(400, "Bad Request", w.Error()+"\n")
				c.Write(res.AppendTo(nil, "GET"))
			}
			return
		}
		r.Secure = secure
		if !f.exchange(c, r) {
			return
		}
	}
}

// exchange answers one request and reports whether the connection goes on.
func (f *Front) exchange(w io.Writer, r *Request) bool {
	f.state.Lock()
	st := f.stage
	f.state.Unlock()
	if st != nil {
		if res := st.answer(r); res != nil { // the lab's own traffic is on no record
			_, err := w.Write(res.AppendTo(nil, r.Method))
			return err == nil && !res.closes(r.Method)
		}
	}

	f.state.Lock()
	x := Exchange{Seq: f.seq, Step: -1, Started: f.cfg.Now(), Request: r}
	f.seq++
	f.state.Unlock()
	if st != nil {
		x.Step = st.current()
	}

	x.Response, x.Err = f.cfg.Server.Answer(f.ctx, r)
	if x.Err == nil && x.Response == nil {
		x.Err = errors.New("lab: the server gave no response")
	}
	if x.Err == nil {
		x.Err = x.Response.check()
	}
	x.Wait = f.cfg.Now().Sub(x.Started)
	if x.Err != nil {
		x.Response = nil
		f.record(st, x)
		return false
	}
	f.record(st, x) // first, so that it is there when the browser has seen the response
	_, err := w.Write(x.Response.AppendTo(nil, r.Method))
	return err == nil && !x.Response.closes(r.Method) && !hasToken(r.Fields, "Connection", "close") && r.Proto == "HTTP/1.1"
}

func (f *Front) record(st *stage, x Exchange) {
	f.recording.Lock()
	defer f.recording.Unlock()
	if st != nil {
		st.record(x)
	}
	if f.cfg.Record != nil {
		f.cfg.Record(x)
	}
}
