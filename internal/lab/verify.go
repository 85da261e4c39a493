package lab

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// A Trial is one case put to a browser and to the engine.
type Trial struct {
	Index   int // of the case in the sequence
	Case    *simulator.Case
	Browser []simulator.Outcome // what the browser did, an Outcome a request; nil when it was not asked
	Known   bool                // Browser is what [VerifyConfig].Known told
	Engine  []simulator.Outcome // what the engine says
	// Differences are those of each request; all are empty where the two agree.
	Differences [][]simulator.Difference
	// Again is what the browser did when it was asked again, where that was not what it did the first time: a flaky case.
	Again []simulator.Outcome
	// Aside names the rules by which the case is set aside: [CannotBeAsked], or those that explain the differences
	// between them; empty otherwise.
	Aside []string
	// Why says why the case cannot be asked.
	Why string
	// Err says why there is nothing to compare: no answer in time, twice; the browser ended, twice; or, as a [Malformed],
	// that the case is none.
	Err error

	timedOut bool // it has got no answer in time, once
}

// A Malformed tells what keeps a case from being one of the case format, and where.
type Malformed struct{ Err error }

func (e *Malformed) Error() string { return e.Err.Error() }

// Unwrap returns what it tells of.
func (e *Malformed) Unwrap() error { return e.Err }

// Agrees reports whether the browser did the same, every time, as the engine says.
func (t *Trial) Agrees() bool {
	if len(t.Aside) > 0 || t.Err != nil || t.Again != nil {
		return false
	}
	for _, d := range t.Differences {
		if len(d) > 0 {
			return false
		}
	}
	return true
}

// EverAgreed reports whether a flaky case came out as the engine says when it was asked again, or as rules explain.
func (t *Trial) EverAgreed(rules []AsideRule) bool {
	again := Trial{Case: t.Case, Browser: t.Again, Engine: t.Engine}
	if len(again.Browser) != len(again.Engine) {
		return false
	}
	again.compare(rules)
	return again.Agrees() || len(again.Aside) > 0
}

// VerifyConfig is what [Verify] needs.
type VerifyConfig struct {
	Browser  Browser
	Profile  policy.Profile
	Jobs     int           // cases side by side; 0 leaves it to the browser's kind
	Patience time.Duration // for one case, apart from the waits in it; 0 stands for 20 s
	// Known, unless nil, returns what the browser is on record as having done with a case, which is then not put
	// to it again.
	Known func(*simulator.Case) ([]simulator.Outcome, bool)
	// Log, unless nil, is told what happens beside the cases: that the browser was started again, and why.
	Log func(format string, args ...any)
}

const (
	defaultPatience = 20 * time.Second
	attempts        = 2 // at a case that the browser does not answer
	// Cases come as near as that to the end of what they wait for.
	mostLate     = 100 * time.Millisecond
	lateAttempts = 3 // at a case whose waits took longer
	repeats      = 2 // of a case that differs
)

// Verify puts cases to the browser and to the engine and hands each Trial to report, in the order in which they
// end; calls do not overlap. It returns when all have ended or ctx has; the error says what kept it from going on.
//
// A case in which the two differ is put to the browser twice more, to tell what it always does from what it does now and
// then. A browser that ends is started anew, and the cases under way are asked once more.
func Verify(ctx context.Context, cfg VerifyConfig, cases iter.Seq[*simulator.Case], report func(Trial)) error {
	if cfg.Patience <= 0 {
		cfg.Patience = defaultPatience
	}
	if cfg.Jobs <= 0 {
		cfg.Jobs = max(1, cfg.Browser.kind.jobs)
	}
	if cfg.Log == nil {
		cfg.Log = func(string, ...any) {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	v := &verifier{cfg: cfg, rules: AsideRules(cfg.Browser.Name)}
	defer v.close()

	// Cases that wait have workers of their own: they take time, but little of the machine's.
	work, waiting := make(chan Trial), make(chan Trial, 1024)
	var reporting sync.Mutex
	var workers sync.WaitGroup
	worker := func(work <-chan Trial) func() {
		return func() {
			for t := range work {
				if err := v.try(ctx, &t); err != nil {
					cancel(err)
					continue // until the work is no longer handed out
				}
				reporting.Lock()
				report(t)
				reporting.Unlock()
			}
		}
	}
	for range cfg.Jobs {
		workers.Go(worker(work))
	}
	for range cfg.Jobs * cfg.Browser.kind.waiters {
		workers.Go(worker(waiting))
	}
	n := 0
	for c := range cases {
		to := work
		if p, err := newPlan(c); err == nil && p.waits > 0 && cfg.Browser.kind.waiters > 0 {
			to = waiting
		}
		select {
		case to <- Trial{Index: n, Case: c}:
		case <-ctx.Done():
		}
		n++
		if ctx.Err() != nil {
			break
		}
	}
	close(work)
	close(waiting)
	workers.Wait()
	return context.Cause(ctx)
}

// A verifier shares browsers among the cases.
type verifier struct {
	cfg   VerifyConfig
	rules []AsideRule

	mu    sync.Mutex
	judge *Judge // nil before the first case, and after the browser's end
}

// try fills in the trial. The error is one that ends the whole.
func (v *verifier) try(ctx context.Context, t *Trial) error {
	if t.prepare(ctx, v.cfg.Profile, time.Now()); t.Err != nil || len(t.Aside) > 0 {
		return context.Cause(ctx)
	}
	if v.cfg.Known != nil {
		if known, ok := v.cfg.Known(t.Case); ok && len(known) == len(t.Engine) {
			t.Browser, t.Known = known, true
			t.compare(v.rules)
			return nil
		}
	}
	if v.glance(ctx, t) {
		return nil
	}
	first, late, err := v.askInTime(ctx, t)
	if err != nil || t.Err != nil || len(t.Aside) > 0 && t.Browser == nil {
		return err
	}
	if t.Agrees() {
		return nil
	}
	if late > mostLate {
		if len(t.Aside) == 0 {
			t.Browser, t.Differences = nil, nil
			t.Aside, t.Why = []string{MachineTooBusy}, fmt.Sprintf("%v late", late.Round(time.Millisecond))
		}
		return nil
	}
	for range repeats {
		did, late, err := v.ask(ctx, t)
		if err != nil || t.Err != nil {
			return err
		}
		if late <= mostLate && !sameOutcomes(first, did) {
			t.Again = did
			break
		}
	}
	return nil
}

// prepare fills in what the engine says, or why nobody is asked.
func (t *Trial) prepare(ctx context.Context, p policy.Profile, start time.Time) {
	var unaskable *Unaskable
	if _, err := newPlan(t.Case); errors.As(err, &unaskable) {
		t.Aside, t.Why = []string{CannotBeAsked}, unaskable.Why
		return
	}
	if t.Engine, t.Err = t.Case.Eval(ctx, p, start); t.Err != nil {
		t.Err = &Malformed{t.Err}
	}
}

// glance reports whether a browser in a state that was used before, and emptied, does what the engine says. Anything else,
// no answer included, is left to a state that is new.
func (v *verifier) glance(ctx context.Context, t *Trial) bool {
	j, err := v.borrow(ctx)
	if err != nil {
		return false
	}
	did, err := j.glance(ctx, t.Case, v.cfg.Patience)
	if v.giveBack(j, err); err != nil {
		t.timedOut = errors.Is(err, ErrTimeout)
		return false
	}
	seen := Trial{Case: t.Case, Engine: t.Engine, Browser: did}
	if seen.compare(v.rules); !seen.Agrees() {
		return false
	}
	t.Browser, t.Differences = seen.Browser, seen.Differences
	return true
}

// askInTime puts the case to a browser and compares, and does it again while they differ and the case was late.
func (v *verifier) askInTime(ctx context.Context, t *Trial) (did []simulator.Outcome, late time.Duration, err error) {
	for range lateAttempts {
		did, late, err = v.ask(ctx, t)
		if err != nil || t.Err != nil || len(t.Aside) > 0 {
			return did, late, err
		}
		t.Browser = did
		if t.compare(v.rules); t.Agrees() || len(t.Aside) > 0 || late <= mostLate {
			break
		}
	}
	return did, late, nil
}

// ask puts the case to a browser, another if the first ends. The error is one that ends the whole.
func (v *verifier) ask(ctx context.Context, t *Trial) (_ []simulator.Outcome, late time.Duration, err error) {
	for range attempts {
		j, startErr := v.borrow(ctx)
		if startErr != nil {
			return nil, 0, startErr
		}
		var outcomes []simulator.Outcome
		outcomes, late, err = j.ask(ctx, t.Case, v.cfg.Patience)
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		v.giveBack(j, err)
		var unaskable *Unaskable
		switch {
		case err == nil:
			return outcomes, late, nil
		case errors.As(err, &unaskable):
			t.Aside, t.Why = []string{CannotBeAsked}, unaskable.Why
			return nil, 0, nil
		case errors.Is(err, ErrTimeout) && t.timedOut:
			t.Err = err
			return nil, 0, nil
		}
		t.timedOut = t.timedOut || errors.Is(err, ErrTimeout)
	}
	t.Err = err
	return nil, 0, nil
}

// borrow returns the running browser, which it starts where there is none.
func (v *verifier) borrow(ctx context.Context) (*Judge, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if v.judge == nil {
		j, err := v.cfg.Browser.Judge(ctx)
		if err != nil {
			return nil, err
		}
		v.judge = j
	}
	return v.judge, nil
}

// giveBack closes a browser that has ended, or that does not answer.
func (v *verifier) giveBack(j *Judge, err error) {
	if !errors.Is(err, ErrGone) && !j.ended() {
		return
	}
	v.mu.Lock()
	mine := v.judge == j
	if mine {
		v.judge = nil
	}
	v.mu.Unlock()
	if mine {
		v.cfg.Log("%s ended; it is started again", j.browser)
		_ = j.Close() // the next one has a folder of its own
	}
}

func (v *verifier) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.judge != nil {
		if err := v.judge.Close(); err != nil {
			v.cfg.Log("%v", err)
		}
	}
}

// Compare compares what a browser of that name is on record as having done with what the engine says, both an Outcome a
// request, and applies the rules for setting aside.
func Compare(c *simulator.Case, browser string, did, engine []simulator.Outcome) (Trial, error) {
	t := Trial{Case: c, Browser: did, Engine: engine}
	if len(did) != len(c.Requests) || len(engine) != len(c.Requests) {
		return t, fmt.Errorf("lab: case %q: %d outcomes of the browser and %d of the engine for %d requests",
			c.Name, len(did), len(engine), len(c.Requests))
	}
	t.compare(AsideRules(browser))
	return t, nil
}

// CompareRecorded compares what a browser is on record as having done with what the engine says under the profile, at the
// time of the record. The line is nil for a case that is not on record, of which the trial says no more than whether it
// is malformed or cannot be asked.
func CompareRecorded(ctx context.Context, c *simulator.Case, head RecordHead, line *RecordLine, p policy.Profile) Trial {
	t := Trial{Case: c}
	if line == nil {
		t.prepare(ctx, p, head.Time)
		return t
	}
	if line.Aside != "" {
		t.Aside, t.Why = []string{CannotBeAsked}, line.Aside
		return t
	}
	engine, err := c.Eval(ctx, p, head.Time)
	if err != nil {
		t.Err = &Malformed{err}
		return t
	}
	if t, err = Compare(c, head.Browser, line.Outcomes(), engine); err != nil {
		t.Err = err
	}
	return t
}

// compare fills in the differences, and Aside where rules explain them all.
func (t *Trial) compare(rules []AsideRule) {
	t.Differences = make([][]simulator.Difference, len(t.Engine))
	for i := range t.Engine {
		t.Differences[i] = Differences(&t.Case.Requests[i], &t.Engine[i], &t.Browser[i])
	}
	t.setAside(rules)
}

// Differences returns where the engine's outcome (Got) is not what a browser did (Want). What scripts cannot see is
// not compared: reasons, and the type of an XMLHttpRequest's response and whether it was redirected.
func Differences(r *simulator.CaseRequest, engine, browser *simulator.Outcome) []simulator.Difference {
	x := simulator.Expectation{
		Verdict: &browser.Verdict, Status: &browser.Status, URL: &browser.URL, Headers: &browser.Headers,
	}
	if r.Via != "xhr" {
		x.Type, x.Redirected = &browser.Type, &browser.Redirected
	}
	sent := make([]simulator.ExpectedSent, 0, len(browser.Sent))
	for i := range browser.Sent {
		s := &browser.Sent[i]
		sent = append(sent, simulator.ExpectedSent{Method: &s.Method, URL: &s.URL, Headers: &s.Headers})
	}
	x.Sent = &sent
	return x.Compare(engine)
}

func sameOutcomes(a, b []simulator.Outcome) bool {
	return slices.EqualFunc(a, b, func(a, b simulator.Outcome) bool {
		return a.Verdict == b.Verdict && a.Type == b.Type && a.Status == b.Status && a.URL == b.URL &&
			a.Redirected == b.Redirected && slices.Equal(a.Headers, b.Headers) &&
			slices.EqualFunc(a.Sent, b.Sent, func(a, b simulator.Sent) bool {
				return a.Method == b.Method && a.URL == b.URL && slices.Equal(a.Headers, b.Headers)
			})
	})
}
