package fetch

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// The index is a map: whatever is put in and taken out, in whatever order and with hashes that collide, it holds what a
// map holds.
func TestAGroupTableIsAMap(t *testing.T) {
	for _, bits := range []uint{0, 1, 4, 32} {
		t.Run(strconv.Itoa(int(bits))+" bits of hash", func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(bits)))
			askers := [2]preflightAsker{}
			var x groupTable
			held := map[string]*preflightGroup{}
			key := func(a int, url string) string { return strconv.Itoa(a) + url }
			for range 20_000 {
				a, n := rng.IntN(2), rng.IntN(300)
				// Half of the URLs are too long to stand in their group.
				url := "https://example.com/" + strconv.Itoa(n) + strings.Repeat("/x", n%2*20)
				hash := uint32(n) * 0x9e3779b9 & ^(^uint32(0) >> bits)
				want := held[key(a, url)]
				if got := x.find(hash, &askers[a], url); got != want {
					t.Fatalf("find(%q of asker %d) = %p, want %p", url, a, got, want)
				}
				switch {
				case want == nil:
					g := x.take()
					g.asker, g.hash = &askers[a], hash
					g.setURL(url)
					if g.url() != url {
						t.Fatalf("a group for %q is about %q", url, g.url())
					}
					x.insert(g)
					held[key(a, url)] = g
				case rng.IntN(2) == 0:
					x.remove(want)
					delete(held, key(a, url))
				}
				if x.n != len(held) {
					t.Fatalf("%d groups, want %d", x.n, len(held))
				}
			}
		})
	}
}

// What a look-up touches of the memory are a bucket, which is a cache line, and two lines of a group.
func TestAPreflightGroupIsLaidOutForLookUps(t *testing.T) {
	if got := unsafe.Sizeof(preflightGroup{}); got != 128 {
		t.Errorf("a group has %d bytes, want 128", got)
	}
	if got := unsafe.Sizeof(groupBucket{}); got != 64 {
		t.Errorf("a bucket has %d bytes, want 64", got)
	}
}
