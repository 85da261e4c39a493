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
func TestAGroupIndexIsAMap(t *testing.T) {
	for _, bits := range []uint{0, 1, 4, 64} {
		t.Run(strconv.Itoa(int(bits))+" bits of hash", func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(bits)))
			askers := [2]preflightAsker{}
			var x groupIndex
			held := map[string]*preflightGroup{}
			key := func(a int, url string) string { return strconv.Itoa(a) + url }
			for range 20_000 {
				a, n := rng.IntN(2), rng.IntN(300)
				// Half of the URLs are too long to stand in their group.
				url := "https://example.com/" + strconv.Itoa(n) + strings.Repeat("/x", n%2*20)
				hash := uint64(n) * 0x9e3779b97f4a7c15 >> (64 - max(bits, 1)) & (1<<bits - 1)
				want := held[key(a, url)]
				if got := x.find(hash, &askers[a], url); got != want {
					t.Fatalf("find(%q of asker %d) = %p, want %p", url, a, got, want)
				}
				switch {
				case want == nil:
					g := &preflightGroup{asker: &askers[a], hash: hash}
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

// A group that outgrows its size class takes an eighth more memory, a million times.
func TestAPreflightGroupFillsItsSizeClass(t *testing.T) {
	if got := unsafe.Sizeof(preflightGroup{}); got != 256 {
		t.Errorf("a group has %d bytes, want 256", got)
	}
}
