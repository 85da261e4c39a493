package fetch

import (
	"encoding/binary"
	"iter"
	"math"
	"math/bits"
)

// A groupLog holds the groups of a PreflightCache in the order in which they were queued, and finds them by the hash of
// their key. Groups have numbers, one after the other, and stand in a ring, where those that were removed out of order leave
// holes. The index is made of buckets of one cache line, each with a byte of the hash and the number of twelve groups.
//
// Numbers from first up to next are in use, and one of them that stands in the index is that of a group. Others in the index
// stand for free places: to forget the oldest group touches nothing but that, which lies beside the one forgotten before. So
// what waits for memory is to find a group, once for its bucket and once for itself.
//
// Everything takes constant time on the average: when the ring is full, all groups move to another one, which is after as
// many calls as there are groups at least. A pointer to a group holds until the next add or requeue.
type groupLog struct {
	ring    []preflightGroup // its length is 0 or a power of two; the group of number n stands at n modulo that
	buckets []groupBucket
	first   uint32 // the number of the oldest group, or of a hole
	next    uint32 // the number of the next group to come
	n       int    // how many groups there are
}

const (
	bucketSize   = 12
	leastGroups  = 4 // places in the smallest ring
	ringToBucket = 9 // places in the ring for each bucket: so few that one bucket in eight is full at worst, and the index is small
)

type groupBucket struct {
	tags    [bucketSize]uint8 // a byte of the hash
	passed  uint32            // the largest number that found no room here and went on; if it is below first, no search does
	numbers [bucketSize]uint32
}

// A slotSet is a set of places in a bucket: bit 8k is the place k, bit 8k+1 the place 8+k.
type slotSet uint64

// first returns the first place of a set that is not empty.
func (s slotSet) first() int {
	n := bits.TrailingZeros64(uint64(s))
	return n>>3 | n&1<<3
}

// having returns the places whose tag is the given one.
func (b *groupBucket) having(tag uint8) slotSet {
	const (
		each = 0x0101010101010101
		low  = 0x7f * each
		high = 0xffffffff << 32 // are no places
	)
	// zeros has bit 8k for each byte k that is 0.
	zeros := func(x uint64) uint64 { return ^(x&low + low | x | low) >> 7 }
	x := binary.LittleEndian.Uint64(b.tags[:8]) ^ each*uint64(tag)
	y := uint64(binary.LittleEndian.Uint32(b.tags[8:])) ^ each*uint64(tag) | high
	return slotSet(zeros(x) | zeros(y)<<1)
}

// at is where the group of that number stands.
func (x *groupLog) at(number uint32) *preflightGroup { return &x.ring[int(number)&(len(x.ring)-1)] }

// isOut reports whether a number is out of use.
func (x *groupLog) isOut(number uint32) bool { return number-x.first >= x.next-x.first }

// home is where the search for a hash begins, and tag what stands there for it.
func (x *groupLog) home(hash uint32) (bucket uint64, tag uint8) {
	hi, _ := bits.Mul32(hash, uint32(len(x.buckets)))
	return uint64(hi), uint8(hash)
}

// after is the next bucket after i.
func (x *groupLog) after(i uint64) uint64 {
	if i++; i < uint64(len(x.buckets)) {
		return i
	}
	return 0
}

// find returns the group of that pair and path, whose hash is given, or nil.
func (x *groupLog) find(hash uint32, p *preflightPair, path string) *preflightGroup {
	i, tag := x.home(hash)
	for range x.buckets {
		b := &x.buckets[i]
		for s := b.having(tag); s != 0; s &= s - 1 {
			number := b.numbers[s.first()]
			if x.isOut(number) {
				continue // not to wait for what stands there
			}
			if g := x.at(number); g.pair == p && g.isFor(path) {
				return g
			}
		}
		if b.passed < x.first {
			return nil
		}
		i = x.after(i)
	}
	return nil
}

// oldest returns the group queued longest ago, or nil if there is none.
func (x *groupLog) oldest() *preflightGroup {
	for x.first != x.next {
		if g := x.at(x.first); g.pair != nil {
			return g
		}
		x.first++
	}
	return nil
}

// newestFirst are the groups, the one queued last first, among those that stand in so many places of the ring.
func (x *groupLog) newestFirst(places int) iter.Seq[*preflightGroup] {
	return func(yield func(*preflightGroup) bool) {
		for i := range min(uint32(places), x.next-x.first) {
			if g := x.at(x.next - 1 - i); g.pair != nil && !yield(g) {
				return
			}
		}
	}
}

// add queues a group that is not there, and returns where it stands.
func (x *groupLog) add(g preflightGroup) *preflightGroup {
	if int(x.next-x.first) == len(x.ring) || x.next == math.MaxUint32 {
		x.rebuild()
	}
	number := x.next
	x.next++
	x.n++
	i, tag := x.home(g.hash)
	for {
		b := &x.buckets[i]
		for j := range b.numbers {
			if x.isOut(b.numbers[j]) {
				b.tags[j], b.numbers[j] = tag, number
				at := x.at(number)
				*at = g
				return at
			}
		}
		b.passed = number
		i = x.after(i)
	}
}

// rebuild makes a ring without holes that has room for as many groups again, and numbers the groups from 1: there is no
// group 0, which stands in places of the index that were not used yet.
func (x *groupLog) rebuild() {
	old, size := *x, leastGroups
	for size < 2*x.n {
		size *= 2
	}
	*x = groupLog{ring: make([]preflightGroup, size), buckets: make([]groupBucket, size/ringToBucket+1), first: 1, next: 1}
	for number := old.first; number != old.next; number++ {
		if g := old.at(number); g.pair != nil {
			x.add(*g)
		}
	}
}

// remove takes a group out.
func (x *groupLog) remove(g *preflightGroup) {
	if g == x.at(x.first) {
		x.first++ // and its number is out of use
	} else {
		x.unlist(g)
	}
	*g = preflightGroup{}
	x.n--
	for x.next != x.first && x.at(x.next-1).pair == nil {
		x.next-- // which no bucket has
	}
}

// unlist takes a group out of the index whose number stays in use, so that one that is kept and forgotten again and again
// does not fill bucket after bucket.
func (x *groupLog) unlist(g *preflightGroup) {
	i, tag := x.home(g.hash)
	for range x.buckets {
		b := &x.buckets[i]
		for s := b.having(tag); s != 0; s &= s - 1 {
			if number := &b.numbers[s.first()]; !x.isOut(*number) && x.at(*number) == g {
				*number = 0
				return
			}
		}
		i = x.after(i)
	}
}

// requeue queues a group anew, as one that was not used since.
func (x *groupLog) requeue(g *preflightGroup) {
	copied := *g
	copied.wasUsed = false
	x.remove(g)
	x.add(copied)
}
