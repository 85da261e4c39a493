package lab

import (
	"fmt"
	"testing"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

func siteOf(t *testing.T, url string) policy.Site {
	t.Helper()
	u, err := origin.ParseURL(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return policy.SiteOf(u.Origin())
}

func TestStatesAreTakenBySiteAndBounded(t *testing.T) {
	a, b := siteOf(t, "https://a.example/"), siteOf(t, "https://b.example/")
	var p states[int]
	if _, ok := p.take(a, nil); ok {
		t.Fatal("there is a state before the first was made")
	}
	p.keep(used[int]{state: 1, site: a})
	p.take(b, nil)
	p.keep(used[int]{state: 2, site: b})
	if u, ok := p.take(b, nil); !ok || u.state != 2 {
		t.Errorf("got state %d, %v; want the one whose page is of the site", u.state, ok)
	} else {
		p.keep(u)
	}
	if u, ok := p.take(a, func(n int) bool { return n != 1 }); ok {
		t.Errorf("got state %d, which does not fit or is of another site, while there may be more", u.state)
	}
	for i := p.there; i < mostStates; i++ {
		p.take(siteOf(t, fmt.Sprintf("https://%d.example/", i)), nil)
	}
	if u, ok := p.take(siteOf(t, "https://c.example/"), nil); !ok || u.state != 1 {
		t.Errorf("got state %d, %v; want the one that was left the longest ago once there are %d", u.state, ok, mostStates)
	} else if u.visits = mostVisits; p.keep(u) {
		t.Errorf("a state is kept after %d visits", mostVisits)
	}
	if left := p.close(); len(left) != 1 || left[0].state != 2 {
		t.Errorf("got %v at the end, want the one that waits", left)
	}
	if p.keep(used[int]{state: 3}) {
		t.Error("a state is kept after the end")
	}
}
