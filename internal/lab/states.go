package lab

import (
	"slices"
	"sync"

	"github.com/corsim/corsim/policy"
)

const (
	mostVisits = 200 // that a state of a browser is used for
	mostStates = 32  // that are kept for further visits
)

// A used state of a browser is one that visits take in turn.
type used[S any] struct {
	state  S
	site   policy.Site // of the page of the last visit: another of the same site is shown by the same process
	visits int
}

// states are those that visits take in turn.
type states[S any] struct {
	mu     sync.Mutex
	closed bool
	there  int       // all that there are, those in use included
	idle   []used[S] // those that wait for a visit, emptied, in the order in which they were left
}

// take returns a state that fits (any does, if that is nil) and whose page is of the site, else the one that was left the
// longest ago if there are as many as are kept. It is not ok where there has to be a new one.
func (p *states[S]) take(site policy.Site, fits func(S) bool) (u used[S], ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.idle, func(u used[S]) bool { return u.site == site && (fits == nil || fits(u.state)) })
	if i < 0 && p.there >= mostStates {
		i = slices.IndexFunc(p.idle, func(u used[S]) bool { return fits == nil || fits(u.state) })
	}
	if i < 0 {
		p.there++
		return u, false
	}
	u = p.idle[i]
	p.idle = slices.Delete(p.idle, i, i+1)
	return u, true
}

// keep has a state that was left wait for the next visit, and reports whether it does; else it is gone.
func (p *states[S]) keep(u used[S]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || u.visits >= mostVisits || p.there > mostStates {
		p.there--
		return false
	}
	p.idle = append(p.idle, u)
	return true
}

// lost says that a state is gone.
func (p *states[S]) lost() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.there--
}

// each calls change with each state that waits.
func (p *states[S]) each(change func(*S)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.idle {
		change(&p.idle[i].state)
	}
}

// close returns all that wait, and keeps none from now on.
func (p *states[S]) close() []used[S] {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := p.idle
	p.idle, p.closed = nil, true
	return idle
}
