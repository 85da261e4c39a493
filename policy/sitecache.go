package policy

import (
	"sync/atomic"

	"github.com/corsim/corsim/origin"
)

// A SiteCache remembers which pairs of origins are same site, so that the public suffix list is not walked anew for
// every request. It is bounded: a pair takes the place of another whose hash is the same. The zero value is empty and
// ready, nil remembers nothing; it may be used from many goroutines.
type SiteCache struct {
	slots [64]atomic.Pointer[originPair]
}

type originPair struct {
	a, b string // serialized
	same bool
}

// SameSite is the function of that name, with memory.
func (c *SiteCache) SameSite(a, b *origin.Origin) bool {
	// An opaque origin is told from others by more than its text.
	if c == nil || a.IsZero() || b.IsZero() || a.IsOpaque() || b.IsOpaque() {
		return SameSite(*a, *b)
	}
	textA, textB := a.String(), b.String()
	slot := &c.slots[(hashOrigin(textA)*31+hashOrigin(textB))>>26]
	if p := slot.Load(); p != nil && p.a == textA && p.b == textB {
		return p.same
	}
	p := &originPair{textA, textB, SameSite(*a, *b)}
	slot.Store(p)
	return p.same
}

// hashOrigin mixes the length of a serialized origin with the first bytes of the host, in which hosts of one page's
// requests differ most, and with some before its end.
func hashOrigin(s string) uint32 {
	const host = len("https://")
	x := uint32(len(s))
	if len(s) >= host+4 {
		x = x*0x9e3779b1 + (uint32(s[host]) | uint32(s[host+1])<<8 | uint32(s[host+2])<<16 | uint32(s[host+3])<<24)
		s = s[len(s)-4:]
		x = x*0x9e3779b1 + (uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
	}
	return x * 0x9e3779b1
}
