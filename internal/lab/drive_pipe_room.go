package lab

import (
	"context"

	"github.com/corsim/corsim/policy"
)

// A room is a browser context whose page goes from visit to visit. A page that stays on a site stays in its process.
type room struct {
	gate *gate
	ownedPage
}

// revisit implements thriftyDriver.
func (d *pipeDriver) revisit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	site := policy.SiteOf(s.plan.page.Origin())
	u, ok := d.rooms.take(site, nil)
	if !ok {
		if u.state, err = d.newRoom(ctx); err != nil {
			d.rooms.lost()
			return nil, err
		}
	}
	r := u.state
	r.gate.lead(s)
	if err := d.navigate(ctx, r.session, s, url); err != nil {
		d.rooms.lost()
		_ = d.closeRoom(ctx, r)
		return nil, err
	}
	return func(ctx context.Context) error {
		r.gate.lead(nil)
		u.site = site
		u.visits++
		if !s.whole() || d.empty(ctx, r) != nil {
			d.rooms.lost()
		} else if d.rooms.keep(u) {
			return nil
		}
		return d.closeRoom(ctx, r)
	}, nil
}

// forgets implements thriftyDriver.
func (d *pipeDriver) forgets() leavings { return leavesResponses | leavesUpgrades }

func (d *pipeDriver) newRoom(ctx context.Context) (_ *room, err error) {
	g, err := newGate()
	if err != nil {
		return nil, err
	}
	r := &room{gate: g}
	r.ownedPage, err = d.newOwnedPage(ctx, g.addr())
	if err != nil {
		_ = d.closeRoom(ctx, r)
		return nil, err
	}
	return r, nil
}

// empty drops all that the context of a room knows and that can be dropped. The HTTP cache goes with what preflights said.
func (d *pipeDriver) empty(ctx context.Context, r *room) error {
	if err := d.call(ctx, "Storage.clearCookies", map[string]any{"browserContextId": r.context}, nil); err != nil {
		return err
	}
	return d.callIn(ctx, r.session, "Network.clearBrowserCache", nil, nil)
}

func (d *pipeDriver) closeRoom(ctx context.Context, r *room) error {
	defer r.gate.close()
	return d.dropContext(ctx, r.context, r.target)
}
