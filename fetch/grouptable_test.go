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
			pairs := [2]preflightPair{}
			var x groupTable
			held := map[string]*preflightGroup{}
			key := func(a int, path string) string { return strconv.Itoa(a) + path }
			for range 20_000 {
				a, n := rng.IntN(2), rng.IntN(300)
				// Half of the paths are too long to stand in their group.
				path := strings.Repeat("/x", n%2*20) + "/" + strconv.Itoa(n)
				hash := uint32(n) * 0x9e3779b9 & (^(^uint32(0) >> bits) | (1<<bits-1)&3)
				want := held[key(a, path)]
				if got := x.find(hash, &pairs[a], path); got != want {
					t.Fatalf("find(%q of pair %d) = %p, want %p", path, a, got, want)
				}
				switch {
				case want == nil:
					g := x.take()
					g.pair, g.hash = &pairs[a], hash
					g.setPath(path)
					if g.path() != path {
						t.Fatalf("a group for %q is about %q", path, g.path())
					}
					x.insert(g)
					held[key(a, path)] = g
				case rng.IntN(2) == 0:
					x.remove(want)
					delete(held, key(a, path))
				}
				if x.n != len(held) {
					t.Fatalf("%d groups, want %d", x.n, len(held))
				}
			}
		})
	}
}

// What a look-up touches of the memory are a bucket, which is a cache line, and two lines of a group with one entry.
func TestAPreflightGroupIsLaidOutForLookUps(t *testing.T) {
	if got := unsafe.Sizeof(preflightGroup{}); got != 128 {
		t.Errorf("a group has %d bytes, want 128", got)
	}
	if got := unsafe.Sizeof(groupBucket{}); got != 64 {
		t.Errorf("a bucket has %d bytes, want 64", got)
	}
}

func TestAURLIsCutBeforeItsPath(t *testing.T) {
	for _, test := range []struct{ host, path string }{
		{"https://api.example", "/items/1?q=/#/"},
		{"http://api.example:8080", "/"},
		{"http://a", "/b"},
		{"https://user:secret@[::1]:1", "/a"},
		{"data:,/", ""}, // is cut somewhere else than HTTP's, but always there
		{"data:,ab", "/"},
		{"", ""},
	} {
		url := test.host + test.path
		if n := hostEnd(url); n != len(test.host) {
			t.Errorf("hostEnd(%q) = %d, want %d", url, n, len(test.host))
		}
		for n := range len(url) + 1 {
			if hostEnd(url[:n]) != n {
				continue // is no host
			}
			if got, want := isAt(url, url[:n]), n == len(test.host); got != want {
				t.Errorf("isAt(%q, %q) = %v, want %v", url, url[:n], got, want)
			}
		}
	}
}
