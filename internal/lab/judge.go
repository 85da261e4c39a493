package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// A visitFunc is the visit or the revisit of a driver.
type visitFunc = func(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error)

// A driver leads a running browser.
type driver interface {
	// visit sets the browser down at a URL, in a state that no other visit shares, with all that it asks of the
	// network going to the stand. leave drops that state.
	visit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error)
	// Exited is closed when the browser has ended.
	Exited() <-chan struct{}
	// LastWords returns the end of what the browser wrote to its standard streams.
	LastWords() string
	// Close ends the browser with all its processes and removes what it wrote.
	Close() error
}

// A thriftyDriver can empty the state of a visit and use it again. To make such a state takes a browser much longer than
// most cases do: processes start for it.
type thriftyDriver interface {
	driver
	// revisit is visit in a state that an earlier visit has left and that was emptied, where the browser gains by it one
	// whose page was of the same site.
	revisit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error)
	// forgets tells of what emptying leaves nothing.
	forgets() leavings
}

// A Judge is a running browser that cases can be put to.
type Judge struct {
	browser Browser
	auth    *authority
	driver  driver
}

// Judge starts the browser. It ends with ctx, or when the Judge is closed; either way Close has to be called.
func (b Browser) Judge(ctx context.Context) (*Judge, error) {
	if b.kind == nil || b.kind.drive == nil {
		return nil, fmt.Errorf("lab: browser %q was not made by Find", b.Name)
	}
	auth, err := newAuthority(time.Now)
	if err != nil {
		return nil, err
	}
	d, err := b.kind.drive(ctx, b, auth)
	if err != nil {
		return nil, fmt.Errorf("lab: starting %s: %w", b, err)
	}
	return &Judge{browser: b, auth: auth, driver: d}, nil
}

// Close ends the browser with all its processes and removes its folder. It may be called more than once.
func (j *Judge) Close() error { return j.driver.Close() }

// ended reports whether the browser has.
func (j *Judge) ended() bool {
	select {
	case <-j.driver.Exited():
		return true
	default:
		return false
	}
}

// What becomes of a case that a browser did not answer.
var (
	// ErrTimeout says that the case took longer than it may.
	ErrTimeout = errors.New("no answer in time")
	// ErrGone says that the browser ended in the midst of it.
	ErrGone = errGone
)

// Ask puts a case to the browser and returns what came out, an Outcome a request, as far as the script and the
// wire tell: reasons are empty, and so is what an XMLHttpRequest does not show. Cases may be asked side by side
// where the browser keeps them apart.
//
// The error is an [Unaskable] where no browser can be asked the case, wraps [ErrTimeout] when it takes longer than
// the patience and the waits of the case together, or wraps [ErrGone].
func (j *Judge) Ask(ctx context.Context, c *simulator.Case, patience time.Duration) ([]simulator.Outcome, error) {
	outcomes, _, err := j.ask(ctx, c, patience)
	return outcomes, err
}

// ask is Ask, and tells how much longer than its waits a case took up to the last of them.
func (j *Judge) ask(ctx context.Context, c *simulator.Case, patience time.Duration) (_ []simulator.Outcome, late time.Duration, _ error) {
	p, err := newPlan(c)
	if err != nil {
		return nil, 0, err
	}
	return j.play(ctx, c, p, j.driver.visit, patience)
}

// errNoGlance says that a case cannot be asked in a state that was used before.
var errNoGlance = errors.New("the browser would not forget the case")

// glance is ask in a state of the browser that was used before, which takes less time. The error is errNoGlance where the
// browser cannot do that, and where it might not forget the case.
func (j *Judge) glance(ctx context.Context, c *simulator.Case, patience time.Duration) ([]simulator.Outcome, error) {
	d, thrifty := j.driver.(thriftyDriver)
	if !thrifty {
		return nil, errNoGlance
	}
	p, err := newPlan(c)
	if err != nil {
		return nil, err
	}
	if p.leaves&^d.forgets() != 0 {
		return nil, errNoGlance
	}
	p.enterFromOutside()
	outcomes, _, err := j.play(ctx, c, p, d.revisit, patience)
	return outcomes, err
}

// play has the browser visit the stand of a case.
func (j *Judge) play(ctx context.Context, c *simulator.Case, p *plan,
	visit visitFunc, patience time.Duration,
) (_ []simulator.Outcome, late time.Duration, _ error) {
	if profile, ok := policy.ProfileByName(j.browser.Name); ok {
		if why := p.refusedBy(profile); why != "" {
			return nil, 0, &Unaskable{why}
		}
	}
	if j.browser.kind.shortLabels && hasLongLabel(p.page) {
		return nil, 0, &Unaskable{"page.url: the browser takes no certificate for a host with a label of more than 63 characters"}
	}
	p.streams = p.streams && j.browser.kind.streams
	if name, ok := p.notOverHTTP2(); p.streams && !ok {
		return nil, 0, &Unaskable{"HTTP/2, which streams need, cannot carry " + name + " with a control character"}
	}
	p.chunks = j.browser.kind.chunks
	s, err := newStand(p, j.auth)
	if err != nil {
		return nil, 0, err
	}
	defer s.close()
	limited, cancel := context.WithTimeoutCause(ctx, patience+p.waits, ErrTimeout)
	defer cancel()
	leave, err := visit(limited, s, s.entrance())
	if err == nil {
		select {
		case err = <-s.finished:
		case <-j.driver.Exited():
			err = ErrGone
		case <-limited.Done():
			err = context.Cause(limited)
		}
		if errors.Is(err, ErrTimeout) {
			err = fmt.Errorf("%w, %s", err, s.progress())
		}
		const parting = 10 * time.Second
		limited, cancel := context.WithTimeoutCause(ctx, parting, fmt.Errorf("%w: it does not let go of a page", ErrGone))
		defer cancel()
		if leaveErr := leave(limited); err == nil {
			err = leaveErr
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("lab: %s: %w", j.browser, err)
	}
	outcomes := s.outcomes()
	if k := j.browser.kind; k != nil {
		for _, name := range k.adds {
			dropAdded(c, name, outcomes)
		}
	}
	return outcomes, s.lateness(), nil
}

// dropAdded takes from the outcomes a header that the browser itself puts on responses, unless the case's server
// sends one of that name.
func dropAdded(c *simulator.Case, name string, outcomes []simulator.Outcome) {
	named := func(line string) bool { return strings.EqualFold(lineName(line), name) }
	for i := range c.Server {
		if slices.ContainsFunc(c.Server[i].Headers, named) {
			return
		}
	}
	for i := range outcomes {
		outcomes[i].Headers = slices.DeleteFunc(outcomes[i].Headers, named)
	}
}
