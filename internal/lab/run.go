package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Run starts the browser on pageURL, has that page run the script, and ends the browser. The URL has to be spelled
// as the browser will spell it (a host in lower case, no default port, no fragment). The page is the lab's;
// whatever else is asked of the page's host goes to the Front's Server like any other request. Runs on one Front
// happen one at a time.
//
// A fetch that the browser blocks is a [Result]; an error means that there is no report: the script or the URL is
// malformed, the browser did not start, it ended early, or ctx ended first.
func Run(ctx context.Context, b Browser, f *Front, pageURL string, s Script) (Report, error) {
	st, err := newStage(pageURL, s)
	if err != nil {
		return Report{}, err
	}
	f.running.Lock()
	defer f.running.Unlock()
	f.setStage(st)
	defer f.setStage(nil)

	session, err := b.Launch(ctx, f, pageURL, st.ports...)
	if err != nil {
		return Report{}, err
	}
	rep, err := await(ctx, st, session)
	if closeErr := session.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return Report{}, fmt.Errorf("lab: %s on %s: %w", b, pageURL, err)
	}
	exchanges, err := st.seen()
	if err != nil {
		return Report{}, err
	}
	return Report{UserAgent: rep.UserAgent, Results: rep.Results, Exchanges: exchanges}, nil
}

func await(ctx context.Context, st *stage, session *Session) (pageReport, error) {
	select {
	case rep := <-st.reported:
		return rep, rep.err
	case <-session.Exited():
		return pageReport{}, fmt.Errorf("it ended before the page reported; its last words:\n%s", session.LastWords())
	case <-ctx.Done():
		err := context.Cause(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return pageReport{}, fmt.Errorf("no report from step %d of %d in time: %w; its last words:\n%s",
				st.current(), st.steps, err, session.LastWords())
		}
		return pageReport{}, err
	}
}

func (f *Front) setStage(st *stage) {
	f.state.Lock()
	f.stage = st
	f.state.Unlock()
}

func sortedBySeq(xs []Exchange) []Exchange {
	return slices.SortedFunc(slices.Values(xs), func(a, b Exchange) int { return cmp.Compare(a.Seq, b.Seq) })
}
