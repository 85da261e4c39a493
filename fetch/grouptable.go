package fetch

import (
	"encoding/binary"
	"math/bits"
)

// A groupTable holds the groups of a PreflightCache and finds them by the hash of their key. Groups lie in slabs and
// have numbers; the index is made of buckets of one cache line, each with a byte of the hash and the number of twelve
// groups. So the index of a million groups takes seven megabytes, and what a look-up waits for is the group, and its
// entries where there are several.
type groupTable struct {
	buckets []groupBucket // at most three quarters full
	n       int           // how many groups there are
	slabs   [][]preflightGroup
	made    uint32          // how many groups the slabs hold
	spare   *preflightGroup // out of use, linked by next
}

const bucketSize = 12

type groupBucket struct {
	tags   [bucketSize]uint8 // a byte of the hash; 0: free
	over   uint32            // how many groups would stand here and stand further on, as there was no room
	groups [bucketSize]uint32
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
	y := uint64(binary.LittleEndian.Uint32(b.tags[8:]))&^high ^ each*uint64(tag) | high
	return slotSet(zeros(x) | zeros(y)<<1)
}

// maxGroupsPerBucket is how many groups there are for each bucket at most, on the average.
const maxGroupsPerBucket = 9

// Slabs hold 4, 8, 16, ... and at last 1024 groups, so that a small cache is small.
const (
	firstSlabBits = 2
	lastSlabBits  = 10
	growingGroups = 1<<lastSlabBits - 1<<firstSlabBits // stand in slabs smaller than the last ones
)

// group returns the group of that number.
func (x *groupTable) group(n uint32) *preflightGroup {
	if n >= growingGroups {
		n -= growingGroups
		return &x.slabs[lastSlabBits-firstSlabBits+n>>lastSlabBits][n&(1<<lastSlabBits-1)]
	}
	n += 1 << firstSlabBits
	size := bits.Len32(n) - 1
	return &x.slabs[size-firstSlabBits][n-1<<size]
}

// home is where the search for a hash begins, and tag what stands there for it.
func (x *groupTable) home(hash uint32) (bucket uint64, tag uint8) {
	hi, _ := bits.Mul32(hash, uint32(len(x.buckets)))
	return uint64(hi), max(1, uint8(hash))
}

// after is the next bucket after i.
func (x *groupTable) after(i uint64) uint64 {
	if i++; i < uint64(len(x.buckets)) {
		return i
	}
	return 0
}

// find returns the group of that pair and path, whose hash is given, or nil.
func (x *groupTable) find(hash uint32, p *preflightPair, path string) *preflightGroup {
	if x.n == 0 {
		return nil
	}
	i, tag := x.home(hash)
	for range x.buckets {
		b := &x.buckets[i]
		for s := b.having(tag); s != 0; s &= s - 1 {
			if g := x.group(b.groups[s.first()]); g.pair == p && g.isFor(path) {
				return g
			}
		}
		if b.over == 0 {
			return nil
		}
		i = x.after(i)
	}
	return nil
}

// take returns an empty group, which is not in the index.
func (x *groupTable) take() *preflightGroup {
	if g := x.spare; g != nil {
		x.spare, g.next = g.next, nil
		return g
	}
	n := x.made
	if room := 1 << min(firstSlabBits+len(x.slabs), lastSlabBits); x.full() {
		x.slabs = append(x.slabs, make([]preflightGroup, room))
	}
	x.made++
	g := x.group(n)
	g.number = n
	return g
}

// full reports whether all groups of the slabs were taken.
func (x *groupTable) full() bool {
	large := len(x.slabs) - (lastSlabBits - firstSlabBits)
	if large >= 0 {
		return int(x.made) == growingGroups+large<<lastSlabBits
	}
	return int(x.made) == 1<<(firstSlabBits+len(x.slabs))-1<<firstSlabBits
}

// insert puts a group that was taken into the index.
func (x *groupTable) insert(g *preflightGroup) {
	if x.n >= maxGroupsPerBucket*len(x.buckets) {
		old := x.buckets
		x.buckets = make([]groupBucket, len(old)+len(old)/2+1)
		for i := range old {
			for j, t := range old[i].tags {
				if t != 0 {
					x.place(x.group(old[i].groups[j]))
				}
			}
		}
	}
	x.n++
	x.place(g)
}

func (x *groupTable) place(g *preflightGroup) {
	i, tag := x.home(g.hash)
	for {
		b := &x.buckets[i]
		if free := b.having(0); free != 0 {
			j := free.first()
			b.tags[j], b.groups[j] = tag, g.number
			g.bucket, g.slot = uint32(i), uint8(j)
			return
		}
		b.over++
		i = x.after(i)
	}
}

// remove takes a group out of the index, and keeps it, empty, for the next to come.
func (x *groupTable) remove(g *preflightGroup) {
	for i, _ := x.home(g.hash); i != uint64(g.bucket); i = x.after(i) {
		x.buckets[i].over--
	}
	x.buckets[g.bucket].tags[g.slot] = 0
	x.n--
	g.pair, g.more, g.first[0] = nil, nil, preflightEntry{}
	x.spare, g.next = g, x.spare
}
