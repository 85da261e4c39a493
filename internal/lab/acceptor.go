package lab

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// An acceptor has the connections that come to a free port of 127.0.0.1 served, and breaks them when it is closed.
type acceptor struct {
	listener net.Listener
	ctx      context.Context // ends with the acceptor
	cancel   context.CancelFunc
	done     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// listen opens the port. Nothing is accepted before start.
func (a *acceptor) listen() (err error) {
	if a.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	a.conns = make(map[net.Conn]struct{})
	a.ctx, a.cancel = context.WithCancel(context.Background())
	return nil
}

// start accepts connections, and has each served in a goroutine of its own.
func (a *acceptor) start(serve func(net.Conn)) {
	a.done.Go(func() {
		for {
			c, err := a.listener.Accept()
			if err != nil {
				if a.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
					return
				}
				time.Sleep(time.Millisecond) // out of descriptors: others must end first
				continue
			}
			a.done.Go(func() { a.take(c, serve) })
		}
	})
}

// take has a connection served, and closes it. It ends at once if the acceptor is closed before or in the midst of it.
func (a *acceptor) take(c net.Conn, serve func(net.Conn)) {
	a.mu.Lock()
	a.conns[c] = struct{}{}
	closing := a.ctx.Err() != nil
	a.mu.Unlock()
	if !closing {
		serve(c)
	}
	c.Close()
	a.mu.Lock()
	delete(a.conns, c)
	a.mu.Unlock()
}

// addr returns where it listens.
func (a *acceptor) addr() netip.AddrPort {
	tcp, _ := a.listener.Addr().(*net.TCPAddr)
	return tcp.AddrPort()
}

// close breaks all connections and returns when nothing of them is left running.
func (a *acceptor) close() error {
	a.cancel()
	err := a.listener.Close()
	a.mu.Lock()
	for c := range a.conns {
		c.Close()
	}
	a.mu.Unlock()
	a.done.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
