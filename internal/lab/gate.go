package lab

import (
	"fmt"
	"net"
	"sync"
)

// A gate is a port whose connections go to one stand after the other: Chromium keeps a
// context's proxy for life, and Firefox keeps note of each host behind each proxy.
type gate struct {
	acceptor

	state sync.Mutex
	stand *stand
}

func newGate() (*gate, error) {
	g := new(gate)
	if err := g.listen(); err != nil {
		return nil, fmt.Errorf("lab: opening a gate: %w", err)
	}
	g.start(func(c net.Conn) {
		g.state.Lock()
		s := g.stand
		g.state.Unlock()
		if s != nil {
			s.lend(c)
		}
	})
	return g, nil
}

// lead has connections go to the stand from now on; nil is nowhere.
func (g *gate) lead(s *stand) {
	g.state.Lock()
	defer g.state.Unlock()
	g.stand = s
}
