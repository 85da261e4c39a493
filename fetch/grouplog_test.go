package fetch

import (
	"fmt"
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
		bits  uint32 // those of the hash that differ
		first uint32
		keys  int
		steps int
	}{
		{"all hashes are alike", 0, 0, 300, 10_000},
		{"four hashes", 0x80000001, 0, 300, 10_000},
		{"sixty-four hashes", 0xf0000003, 0, 300, 20_000},
		{"hashes that differ", math.MaxUint32, 0, 300, 20_000},
		{"few groups", math.MaxUint32, 0, 3, 5_000},
		{"the numbers run out", math.MaxUint32, math.MaxUint32 - 100, 300, 20_000},
		{"the numbers run out, and the hashes are few", 0xf0000003, math.MaxUint32 - 100, 300, 20_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(test.bits)))
			pairs := [2]preflightPair{}
			x := groupLog{first: test.first, next: test.first}
			if test.first != 0 {
				x.ring, x.buckets = make([]preflightGroup, 1024), make([]groupBucket, 1024/ringToBucket+1)
			}
			type key struct {
				pair int
				path string
			}
			type queued struct {
				key
				used bool
			}
			var queue []queued // the oldest first
			hashes := map[string]uint32{}
			find := func(k key) *preflightGroup { return x.find(hashes[k.path], &pairs[k.pair], k.path) }
			largest, renumbered := 0, 0 // the most groups, and how many there were when the numbers had run out
			for step := range test.steps {
				n := rng.IntN(test.keys)
				// Half of the paths are too long to stand in their group.
				k := key{rng.IntN(2), strings.Repeat("/x", n%2*20) + "/" + strconv.Itoa(n)}
				hashes[k.path] = uint32(n) * 0x9e3779b9 & test.bits
				g, at := find(k), slices.IndexFunc(queue, func(q queued) bool { return q.key == k })
				if (g != nil) != (at >= 0) {
					t.Fatalf("step %d: %v is found: %v, want %v", step, k, g != nil, at >= 0)
				}
				next, held := x.next, x.n
				switch op := rng.IntN(7); {
				case g == nil:
					g := x.add(preflightGroup{pair: &pairs[k.pair], hash: hashes[k.path]})
					g.setPath(k.path)
					queue = append(queue, queued{k, false})
				case op < 2:
					x.remove(g)
					queue = slices.Delete(queue, at, at+1)
				case op == 2:
					x.remove(x.oldest())
					queue = queue[1:]
				case op == 3:
					x.requeue(x.oldest())
					queue = append(queue[1:], queued{queue[0].key, false})
				case op == 4:
					x.requeue(g)
					queue = append(slices.Delete(queue, at, at+1), queued{k, false})
				default:
					g.wasUsed, queue[at].used = true, true
				}
				if next == math.MaxUint32 && x.next < next/2 {
					renumbered = max(renumbered, held)
				}
				largest = max(largest, len(queue))
				if test.first == 0 && len(x.ring) > max(leastGroups, 4*largest) {
					t.Fatalf("step %d: room for %d groups, and never more than %d of them", step, len(x.ring), largest)
				}
				if step%64 != 0 && len(queue) > 16 {
					continue
				}
				checkGroupLog(t, &x)
				var got []queued
				for g := range x.newestFirst(len(x.ring)) {
					q := queued{key{0, g.path()}, g.wasUsed}
					if g.pair == &pairs[1] {
						q.pair = 1
					}
					got = append(got, q)
					if find(q.key) != g {
						t.Fatalf("step %d: %v is not found", step, q)
					}
				}
				slices.Reverse(got)
				if !slices.Equal(got, queue) {
					t.Fatalf("step %d: the groups are\n%v, want\n%v", step, got, queue)
				}
			}
			if test.first != 0 && renumbered < 50 {
				t.Errorf("the numbers ran out with %d groups, want more", renumbered)
			}
		})
	}
}

// checkGroupLog holds the index and what is counted against what there is.
func checkGroupLog(t *testing.T, x *groupLog) {
	t.Helper()
	listed := map[uint32]int{}
	for i := range x.buckets {
		b := &x.buckets[i]
		for j, number := range b.numbers {
			if x.isOut(number) {
				continue
			}
			listed[number]++
			g := x.at(number)
			if g.pair == nil {
				t.Fatalf("the index has %d, which is the number of no group", number)
			}
			home, tag := x.home(g.hash)
			if tag != b.tags[j] {
				t.Fatalf("group %d has the tag %d, want %d", number, b.tags[j], tag)
			}
			for ; home != uint64(i); home = x.after(home) {
				if x.buckets[home].passed < number {
					t.Fatalf("group %d stands in bucket %d, and bucket %d does not tell that it went on", number, i, home)
				}
			}
		}
	}
	groups, inUse := 0, 0
	for number := x.first; number != x.next; number++ {
		if x.at(number).pair != nil {
			groups++
			if listed[number] != 1 {
				t.Fatalf("group %d stands in the index %d times, want once", number, listed[number])
			}
		}
	}
	for i := range x.ring {
		if x.ring[i] != (preflightGroup{}) {
			inUse++
		}
	}
	if groups != x.n || inUse != x.n || len(listed) != x.n {
		t.Fatalf("%d groups, %d of them in the index, and %d places in use are counted as %d", groups, len(listed), inUse, x.n)
	}
}

// A ring that is full is paid for by the groups that came, whatever goes.
func TestAGroupLogSeldomMoves(t *testing.T) {
	pair := &preflightPair{}
	for _, n := range []int{1, 4, 511, 512, 513, 767, 1023, 1024, 1025} {
		for _, test := range []struct {
			name   string
			holes  bool
			remove func(x *groupLog, oldest, newest *preflightGroup)
		}{
			{"the oldest goes", false, func(x *groupLog, oldest, newest *preflightGroup) { x.remove(oldest) }},
			{"the newest goes", false, func(x *groupLog, oldest, newest *preflightGroup) { x.remove(newest) }},
			{"the newest is queued anew before the oldest goes", false, func(x *groupLog, oldest, newest *preflightGroup) {
				x.requeue(newest)
				x.remove(x.oldest())
			}},
			{"the one after the oldest goes", true, func(x *groupLog, oldest, newest *preflightGroup) {
				for g := x.first + 1; g != x.next; g++ {
					if x.at(g).pair != nil {
						x.remove(x.at(g))
						return
					}
				}
				x.remove(oldest)
			}},
		} {
			t.Run(fmt.Sprintf("%s of %d", test.name, n), func(t *testing.T) {
				x, adds, places := groupLog{}, 0, 0
				var ring *preflightGroup
				for i := range 5_000 {
					g := x.add(preflightGroup{pair: pair, hash: uint32(i) * 0x9e3779b9})
					adds++
					if &x.ring[0] != ring {
						ring, places = &x.ring[0], places+len(x.ring)
					}
					if x.n > n {
						test.remove(&x, x.oldest(), g)
					}
				}
				if places > 4*adds {
					t.Errorf("%d places were made for %d groups that came", places, adds)
				}
				most := 2 * (n + 1)
				if test.holes {
					most *= 2
				}
				if len(x.ring) > max(leastGroups, most) {
					t.Errorf("a ring of %d places for %d groups", len(x.ring), n)
				}
			})
		}
	}
}

// To forget the oldest group does not wait for the index.
func TestTheOldestGroupGoesWithoutTheIndex(t *testing.T) {
	pair := &preflightPair{}
	x := groupLog{}
	for i := range 1000 {
		x.add(preflightGroup{pair: pair, hash: uint32(i) * 0x9e3779b9})
	}
	before := slices.Clone(x.buckets)
	for range 500 {
		x.remove(x.oldest())
	}
	if !slices.Equal(before, x.buckets) {
		t.Error("the index was written to")
	}
	checkGroupLog(t, &x)
}

// What a look-up touches of the memory are a bucket, which is a cache line, and two lines of a group with one entry.
func TestAPreflightGroupIsLaidOutForLookUps(t *testing.T) {
	if got := unsafe.Sizeof(preflightGroup{}); got != 96 && strconv.IntSize == 64 {
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
