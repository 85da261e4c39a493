package lab

import (
	"slices"
	"sync"
)

const (
	mostVisits = 100 // that a state of a browser is used for
	mostIdle   = 24  // states that are kept for further visits
)

// A used state of a browser is one that visits take in turn.
type used[S any] struct {
	state  S
	home   string // what the page of the last visit has in common with those that its process can show
	visits int
}

// states are those that wait for a visit, emptied, in the order in which they were left.
type states[S any] struct {
	mu   sync.Mutex
	idle []used[S]
}

// take returns a state whose page is at home there, else the one that was left the longest ago if there are as many as
// are kept.
func (p *states[S]) take(home string) (u used[S], ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.idle, func(u used[S]) bool { return u.home == home })
	if i < 0 {
		if len(p.idle) < mostIdle {
			return u, false
		}
		i = 0
	}
	u = p.idle[i]
	p.idle = slices.Delete(p.idle, i, i+1)
	return u, true
}

// keep reports whether the state stays for further visits.
func (p *states[S]) keep(u used[S]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.visits >= mostVisits || len(p.idle) >= mostIdle {
		return false
	}
	p.idle = append(p.idle, u)
	return true
}

// all takes all states.
func (p *states[S]) all() []used[S] {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := p.idle
	p.idle = nil
	return idle
}
