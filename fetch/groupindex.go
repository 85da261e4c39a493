package fetch

// A groupIndex finds the groups of a PreflightCache by the hash of their key: an open table that is searched in steps
// of one, at most half full. A look-up touches one place of the memory most of the time, where a map touches two.
type groupIndex struct {
	slots []groupSlot // a power of two; none at first
	n     int         // how many are taken
}

type groupSlot struct {
	hash  uint64
	group *preflightGroup // nil: free
}

// minGroupSlots is how many slots there are at first.
const minGroupSlots = 16

// home is where the search for a hash begins.
func (x *groupIndex) home(hash uint64) uint64 { return hash & uint64(len(x.slots)-1) }

// after is the next place after i.
func (x *groupIndex) after(i uint64) uint64 { return (i + 1) & uint64(len(x.slots)-1) }

// find returns the group of that asker and URL, whose hash is given, or nil.
func (x *groupIndex) find(hash uint64, a *preflightAsker, url string) *preflightGroup {
	if x.n == 0 {
		return nil
	}
	for i := x.home(hash); ; i = x.after(i) {
		s := &x.slots[i]
		if s.group == nil {
			return nil
		}
		if s.hash == hash && s.group.asker == a && s.group.isFor(url) {
			return s.group
		}
	}
}

// insert puts in a group that is not there.
func (x *groupIndex) insert(g *preflightGroup) {
	if 2*(x.n+1) > len(x.slots) {
		old := x.slots
		x.slots = make([]groupSlot, max(minGroupSlots, 2*len(old)))
		for _, s := range old {
			if s.group != nil {
				x.place(s)
			}
		}
	}
	x.n++
	x.place(groupSlot{g.hash, g})
}

func (x *groupIndex) place(s groupSlot) {
	i := x.home(s.hash)
	for x.slots[i].group != nil {
		i = x.after(i)
	}
	x.slots[i] = s
}

// remove takes out a group that is there.
func (x *groupIndex) remove(g *preflightGroup) {
	free := x.home(g.hash)
	for x.slots[free].group != g {
		free = x.after(free)
	}
	// What was pushed past the place by what stood in it moves up, so that searches need not go on past a gap.
	for i := x.after(free); x.slots[i].group != nil; i = x.after(i) {
		mask := uint64(len(x.slots) - 1)
		if (i-x.home(x.slots[i].hash))&mask >= (i-free)&mask {
			x.slots[free] = x.slots[i]
			free = i
		}
	}
	x.slots[free] = groupSlot{}
	x.n--
}
