package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/internal/generate"
	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/internal/plain"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// maxShrunk is how many cases --shrink cuts down: each takes as long as hundreds of others.
const maxShrunk = 5

// An askFunc puts a case to the browser.
type askFunc func(context.Context, *simulator.Case) ([]simulator.Outcome, error)

// shrinkAll cuts the first cases that failed down, and returns the name of the one at which ctx ended, if it did.
func (v *verification) shrinkAll(ctx context.Context, profile policy.Profile) (cutting string) {
	a := asker{v: v}
	defer a.close()
	for i := range v.failed {
		v.shrunk(ctx, a.ask, profile, &v.failed[i])
		if ctx.Err() != nil {
			return plain.Text(v.failed[i].Case.Name)
		}
	}
	return ""
}

// An asker keeps a browser to be asked, and starts it again when it has ended.
type asker struct {
	v     *verification
	judge *lab.Judge
}

func (a *asker) ask(ctx context.Context, c *simulator.Case) (did []simulator.Outcome, err error) {
	const attempts = 2
	for range attempts {
		if a.judge == nil {
			if a.judge, err = a.v.found.Judge(ctx); err != nil {
				return nil, fmt.Errorf("%w: %w", lab.ErrGone, err)
			}
		}
		did, err = a.judge.Ask(ctx, c, a.v.timeout)
		if !errors.Is(err, lab.ErrGone) {
			break
		}
		a.close()
	}
	return did, err
}

func (a *asker) close() {
	if a.judge == nil {
		return
	}
	if err := a.judge.Close(); err != nil {
		a.v.complain("%v", err)
	}
	a.judge = nil
}

// shrunk cuts a case in which the two differ down to one that is as small as it gets and differs in the same, and
// prints it with its differences. When the browser cannot be asked any more, or ctx ends, that is the smallest so far.
func (v *verification) shrunk(ctx context.Context, ask askFunc, profile policy.Profile, failed *lab.Trial) {
	wanted := differenceKinds(failed)
	try := func(c *simulator.Case) (t lab.Trial, same bool, err error) {
		engine, err := c.Eval(ctx, profile, time.Now())
		if err != nil {
			return t, false, nil // Shrink lets no case be one of those
		}
		browser, err := ask(ctx, c)
		if err != nil {
			return t, false, err
		}
		if t, err = lab.Compare(c, v.found.Name, browser, engine); err != nil {
			return t, false, err
		}
		same = slices.ContainsFunc(differenceKinds(&t), func(k string) bool { return slices.Contains(wanted, k) })
		return t, len(t.Aside) == 0 && same, nil
	}
	tries, differed := 0, false
	best := *failed
	var last, stop error // of the last try; and why there can be no further one
	least := generate.Shrink(*failed.Case, func(c simulator.Case) bool {
		if stop != nil {
			return false
		}
		tries++
		v.progress.show(fmt.Sprintf("cutting down %s: %d tries", plain.Text(c.Name), tries))
		t, same, err := try(&c)
		if last = err; cannotGoOn(ctx, err) {
			stop = err
		}
		if same {
			best, differed = t, true
		}
		return same
	})
	if stop == nil && differed {
		var t lab.Trial
		if t, differed, last = try(&least); differed {
			best = t
		}
		if cannotGoOn(ctx, last) {
			stop = last
		}
	}
	v.progress.clear()
	title := "cut down from " + plain.Text(failed.Case.Name)
	if stop != nil {
		reason := "interrupted"
		if ctx.Err() == nil {
			reason = strings.TrimPrefix(stop.Error(), "lab: ")
			v.worsen(exitUsage)
		}
		title += ", not to the end (" + plain.Text(reason) + ")"
		if v.json {
			v.complain("%s", title)
		}
	}
	defer v.flush()
	if v.json {
		v.printJSON(verifyCut{Name: failed.Case.Name, Result: "cut down", Case: least, Still: stop == nil && differed, Differences: differencesOf(&best)})
		return
	}
	v.printf("%s:\n", title)
	v.printJSON(least)
	switch {
	case stop != nil || differed:
	case last != nil:
		v.printf("  it could not be asked once more: %s\n", plain.Text(strings.TrimPrefix(last.Error(), "lab: ")))
	default:
		v.printf("  it does not differ each time\n")
	}
	v.printDifferences(differencesOf(&best))
}

// cannotGoOn reports whether nothing more can be asked after that: not after the end of ctx, and not of a browser that ends
// or does not start. A case that gets no answer in time is another matter.
func cannotGoOn(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, lab.ErrGone)
}
