package fetch

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// A log is a queue and a map: whatever is put in, taken out and queued anew, in whatever order, with hashes that collide and
// with numbers that run out, it holds what a list holds, in its order.
func TestAGroupLogIsAQueueAndAMap(t *testing.T) {
	for _, test := range []struct {
		name  string
		bits  uint // of the hash
		first uint32
		keys  int
		steps int
	}{
		{"all hashes are alike", 0, 0, 300, 10_000},
		{"two hashes", 1, 0, 300, 10_000},
		{"sixteen hashes", 4, 0, 300, 20_000},
		{"hashes that differ", 32, 0, 300, 50_000},
		{"few groups", 32, 0, 3, 5_000},
		{"the numbers run out", 32, math.MaxUint32 - 1000, 300, 20_000},
		{"the numbers run out at once", 4, math.MaxUint32, 30, 1_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(test.bits)))
			pairs := [2]preflightPair{}
			x := groupLog{first: test.first, next: test.first}
			if test.first != 0 {
				x.ring, x.buckets = make([]preflightGroup, 512), make([]groupBucket, 64)
			}
			type key struct {
				pair int
				path string
			}
			var queue []key // the oldest first
			hashOf := func(n int) uint32 { return uint32(n) * 0x9e3779b9 & (^(^uint32(0) >> test.bits) | (1<<test.bits-1)&3) }
			hashes := map[string]uint32{}
			find := func(k key) *preflightGroup { return x.find(hashes[k.path], &pairs[k.pair], k.path) }
			largest := 0
			for step := range test.steps {
				n := rng.IntN(test.keys)
				// Half of the paths are too long to stand in their group.
				k := key{rng.IntN(2), strings.Repeat("/x", n%2*20) + "/" + strconv.Itoa(n)}
				hashes[k.path] = hashOf(n)
				g, at := find(k), slices.Index(queue, k)
				if (g != nil) != (at >= 0) {
					t.Fatalf("step %d: %v is found: %v, want %v", step, k, g != nil, at >= 0)
				}
				switch op := rng.IntN(6); {
				case g == nil:
					g := x.add(preflightGroup{pair: &pairs[k.pair], hash: hashes[k.path]})
					g.setPath(k.path)
					queue = append(queue, k)
				case op < 2:
					x.remove(g)
					queue = slices.Delete(queue, at, at+1)
				case op == 2:
					x.remove(x.oldest())
					queue = queue[1:]
				case op == 3:
					x.requeue(x.oldest())
					queue = append(queue[1:], queue[0])
				}
				largest = max(largest, len(queue))
				if x.n != len(queue) {
					t.Fatalf("step %d: %d groups, want %d", step, x.n, len(queue))
				}
				if test.first == 0 && len(x.ring) > max(leastGroups, 4*largest) {
					t.Fatalf("step %d: room for %d groups, and never more than %d of them", step, len(x.ring), largest)
				}
				if step%16 != 0 && len(queue) > 16 {
					continue
				}
				var got []key
				for g := range x.newestFirst() {
					k := key{0, g.path()}
					if g.pair == &pairs[1] {
						k.pair = 1
					}
					got = append(got, k)
					if find(k) != g {
						t.Fatalf("step %d: %v is not found", step, k)
					}
				}
				slices.Reverse(got)
				if !slices.Equal(got, queue) {
					t.Fatalf("step %d: the groups are\n%v, want\n%v", step, got, queue)
				}
			}
			if x.next >= test.first && test.first != 0 {
				t.Errorf("the numbers did not begin anew: %d", x.next)
			}
		})
	}
}

// What a look-up touches of the memory are a bucket, which is a cache line, and two lines of a group with one entry.
func TestAPreflightGroupIsLaidOutForLookUps(t *testing.T) {
	if got := unsafe.Sizeof(preflightGroup{}); got != 96 {
		t.Errorf("a group has %d bytes, want 96", got)
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
