package policy

import (
	"sync/atomic"

	"github.com/corsim/corsim/origin"
)

// A SiteCache remembers which pairs of hosts are schemelessly same site, so that the public suffix list is not walked
// anew for every request. It is bounded: a pair takes the place of another whose hash is the same. The zero value is
// empty and ready, nil remembers nothing; it may be used from many goroutines.
type SiteCache struct {
	slots [64]atomic.Pointer[hostPair]
}

type hostPair struct {
	a, b string
	same bool
}

// SameSite is the function of that name, with memory.
func (c *SiteCache) SameSite(a, b origin.Origin) bool {
	if c == nil || a.IsZero() || b.IsZero() || a.IsOpaque() || b.IsOpaque() {
		return SameSite(a, b)
	}
	if a.Scheme() != b.Scheme() {
		return false
	}
	hostA, hostB := a.Host(), b.Host()
	if hostA == hostB {
		return true
	}
	slot := &c.slots[(hashHost(hostA)*31+hashHost(hostB))%uint32(len(c.slots))]
	if p := slot.Load(); p != nil && p.a == hostA && p.b == hostB {
		return p.same
	}
	p := &hostPair{hostA, hostB, SchemelesslySameSite(a, b)}
	slot.Store(p)
	return p.same
}

// hashHost mixes a host's length with the bytes at its ends, in which hosts of one page's requests differ most.
func hashHost(h string) uint32 {
	x := uint32(len(h))
	for i := 0; i < len(h) && i < 4; i++ {
		x = x*31 + uint32(h[i]) + 7*uint32(h[len(h)-1-i])
	}
	return x
}
