package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/internal/generate"
	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/internal/plain"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// A verification is one run of corsim verify.
type verification struct {
	*app
	browser string
	profile string
	record  string
	resume  string
	// recorded is a record to compare with in the place of a browser.
	recorded string
	jobs     int
	timeout  time.Duration
	seed     uint64
	count    int
	areas    []string

	shrink bool

	command *cobra.Command
	files   []string // the arguments
	seen    bool     // some case was read or made

	found    lab.Browser
	mu       sync.Mutex // held while something is told
	tally    verifyTally
	failed   []lab.Trial                // the first few
	places   map[*simulator.Case]string // of the cases that are not reported yet, as far as they were read
	progress *progressLine
}

// A verifyTally counts the cases.
type verifyTally struct {
	Passed int `json:"passed"`
	Failed int `json:"failed"`
	Flaky  int `json:"flaky"`
	Aside  int `json:"setAside"`
	// NotOnRecord are cases that the record of --recorded does not hold.
	NotOnRecord int `json:"notOnRecord,omitempty"`
	// Rules are those by which cases were set aside. A case may come under several.
	Rules []asideCount `json:"rules,omitempty"`
}

// An asideCount counts the cases that a rule had a part in setting aside.
type asideCount struct {
	Name   string `json:"name"`
	Count  int    `json:"count"`
	Reason string `json:"reason"`
}

// String is the closing line.
func (t *verifyTally) String() string {
	s := fmt.Sprintf("%d passed, %d failed, %d flaky, %d set aside", t.Passed, t.Failed, t.Flaky, t.Aside)
	if t.NotOnRecord > 0 {
		s += fmt.Sprintf(", %d not on record", t.NotOnRecord)
	}
	return s
}

// asked counts all cases of which something is known.
func (t *verifyTally) asked() int { return t.Passed + t.Failed + t.Flaky + t.Aside }

// setAside counts a case under each of the rules that set it aside.
func (t *verifyTally) setAside(browser string, names []string) {
	for _, r := range lab.AsideRules(browser) {
		if !slices.Contains(names, r.Name) {
			continue
		}
		n := slices.IndexFunc(t.Rules, func(c asideCount) bool { return c.Name == r.Name })
		if n < 0 {
			n, t.Rules = len(t.Rules), append(t.Rules, asideCount{Name: r.Name, Reason: r.Reason})
		}
		t.Rules[n].Count++
	}
}

// asideTable tells the rules that had a part in it, and why there are such rules.
func (t *verifyTally) asideTable() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range t.Rules {
		fmt.Fprintf(w, "set aside\t%d\t%s\t%s\n", r.Count, r.Name, r.Reason)
	}
	w.Flush()
	return b.String()
}

func newVerifyCommand(a *app) *cobra.Command {
	v := &verification{app: a}
	c := &cobra.Command{
		Use:   "verify [FILE ...]",
		Short: "Put cases to a real browser and compare what it does with what corsim says",
		Long: `Put cases of the case format to a browser that is installed on this machine, and compare what it does
with what corsim says under that browser's profile. The browser runs without a window, with a profile folder of its
own, which is gone afterwards; a server inside this process plays every host of the cases, and nothing leaves the
machine. On Linux the whole run is in namespaces of its own, where this process may make some.

A FILE holds cases as NDJSON, one case a line, or as one JSON array; - is standard input, and so is no FILE without
--count, unless that is a terminal.

Each difference is printed with both sides. A case that differs is put to the browser three times: if it does not always
do the same the case is flaky. A case that no browser can be asked is set aside, and so is one whose every difference is
something that the browser does outside of what corsim is a model of; the rule is named with the case, and told with
its reason at the end. A malformed case gives one line on standard error, and the others are still asked.
Exit status: 0; 1 if a case failed, or was flaky and neither time as corsim says; 2 if a case was malformed or the run
could not go on, as when it was interrupted or its output could not be written, whether others failed or not.

--recorded compares with what a browser is on record as having done, by --record or in fixtures/browsers. No browser is
needed for that.`,
		Example: `corsim verify fixtures/cases/redirect.ndjson
corsim verify --browser firefox fixtures/cases/*.ndjson
corsim verify --seed 1 --count 300 --shrink
corsim verify --browser /opt/chrome/chrome --record verdicts.ndjson cases.ndjson
corsim verify --resume verdicts.ndjson cases.ndjson
corsim verify --recorded fixtures/browsers/firefox.ndjson.gz fixtures/cases/*.ndjson`,
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
			defer stop()
			if err := v.check(c, args); err != nil {
				return err
			}
			ctx, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			// Output that nobody reads ends the run, but not the process: a browser is to be ended first.
			v.whenBroken = func() { cancel(errBroken) }
			broken := make(chan os.Signal, 1)
			signal.Notify(broken, syscall.SIGPIPE)
			defer signal.Stop(broken)
			return v.run(ctx, args)
		},
	}
	f := c.Flags()
	f.StringVar(&v.browser, "browser", lab.JudgeNames()[0], "the browser: "+strings.Join(lab.JudgeNames(), ", ")+" or the path of one")
	f.StringVar(&v.profile, "profile", "", "the profile to compare with (default the browser's own)")
	f.StringVar(&v.record, "record", "", "write what the browser does to this file, a line a case")
	f.StringVar(&v.resume, "resume", "", "go on with the record in this file: cases that it holds are not asked again")
	f.StringVar(&v.recorded, "recorded", "", "compare with the record in this file, and start no browser")
	f.IntVar(&v.jobs, "jobs", 0, "cases side by side (default what suits the browser)")
	f.IntVar(&v.count, "count", 0, "make that many cases out of --seed")
	f.Uint64Var(&v.seed, "seed", 1, "the seed of the first case of --count")
	f.StringSliceVar(&v.areas, "area", nil, "the areas of --count, separated by commas; all if there is none")
	f.BoolVar(&v.shrink, "shrink", false, fmt.Sprintf("cut the first %d cases that fail down to small ones", maxShrunk))
	f.DurationVar(&v.timeout, "timeout", 20*time.Second, "how long one case may take, apart from the waits in it")
	for _, name := range []string{"browser", "record", "resume", "shrink", "jobs", "timeout"} {
		c.MarkFlagsMutuallyExclusive("recorded", name)
	}
	return c
}

// errBroken ends a run whose output cannot be written.
var errBroken = errors.New("the output cannot be written")

func (v *verification) run(ctx context.Context, files []string) error {
	if v.recorded != "" {
		return v.compareRecorded(ctx, files)
	}
	if v.seclude != nil {
		lab.Sweep()
		code, done, err := v.seclude(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return v.stopped()
		case done:
			v.worsen(code)
			return err
		}
	}
	var err error
	if v.found, err = lab.Find(ctx, v.browser); err != nil {
		if ctx.Err() != nil {
			return v.stopped()
		}
		return errors.New(strings.TrimPrefix(err.Error(), "lab: "))
	}
	profile, err := v.profileOf(v.found.Name)
	if err != nil {
		return err
	}
	record, known, closeRecord, err := v.openRecord(files)
	if err != nil {
		return err
	}
	defer closeRecord()
	v.progress = newProgressLine(v.stderr)
	err = lab.Verify(ctx, lab.VerifyConfig{
		Browser: v.found, Profile: profile, Jobs: v.jobs, Patience: v.timeout, Known: known,
		Log: func(format string, args ...any) {
			if ctx.Err() != nil {
				return // what ends now has been told to
			}
			v.mu.Lock()
			defer v.mu.Unlock()
			v.progress.clear()
			v.complain(format, args...)
		},
	}, v.cases(ctx, files), func(t lab.Trial) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.progress.clear()
		v.report(&t)
		if record != nil {
			if err := record.Add(&t); err != nil {
				v.complain("%s", strings.TrimPrefix(err.Error(), "lab: "))
				v.worsen(exitUsage)
			}
		}
		v.progress.show(v.tally.String())
	})
	v.progress.clear()
	if err == nil && ctx.Err() == nil && !v.seen && v.code == exitFine {
		if v.record != "" {
			_ = os.Remove(v.record) // there is nothing in it
		}
		return v.noCases()
	}
	cutting := ""
	if v.shrink && err == nil {
		cutting = v.shrinkAll(ctx, profile)
	}
	v.conclude()
	switch {
	case ctx.Err() != nil && cutting != "":
		return fmt.Errorf("interrupted while %s was cut down; all %d cases had been asked", cutting, v.tally.asked())
	case ctx.Err() != nil:
		return v.stopped()
	case err != nil:
		return errors.New(strings.TrimPrefix(err.Error(), "lab: "))
	}
	return nil
}

// stopped says that the run has ended before its time, and how it is gone on with.
func (v *verification) stopped() error {
	what := "interrupted"
	if v.broken {
		what = "stopped"
	}
	hint := "with --record FILE, and --resume FILE afterwards, a run can be gone on with"
	if v.record+v.resume != "" {
		hint = "to go on: " + v.goesOn()
	}
	if v.recorded != "" {
		return fmt.Errorf("%s after %d cases", what, v.tally.asked()+v.tally.NotOnRecord)
	}
	return fmt.Errorf("%s after %d cases; %s", what, v.tally.asked(), hint)
}

// profileOf returns the profile to compare with, unless another was asked for the one of the browser.
func (v *verification) profileOf(browser string) (policy.Profile, error) {
	if v.profile == "" {
		v.profile = browser
	}
	profile, ok := policy.ProfileByName(v.profile)
	if !ok {
		return profile, fmt.Errorf("--profile %q: the profiles are spec, chromium, firefox and webkit", v.profile)
	}
	return profile, nil
}

// conclude tells the counts.
func (v *verification) conclude() {
	if v.json {
		v.printJSON(struct {
			verifyTally
			Browser string `json:"browser"`
			Version string `json:"version"`
		}{v.tally, v.found.Name, v.found.Version})
	} else {
		v.printf("%s%s (%s)\n", v.tally.asideTable(), &v.tally, v.found)
	}
	if v.tally.Failed > 0 {
		v.worsen(exitDenied)
	}
	v.flush() // while a pipe that broke is still told
}

// compareRecorded compares the cases with what a browser is on record as having done.
func (v *verification) compareRecorded(ctx context.Context, files []string) error {
	folder, name := filepath.Split(v.recorded)
	head, lines, err := lab.ReadRecordFile(os.DirFS(filepath.Clean(folder)), name)
	if err != nil {
		return fmt.Errorf("--recorded: %s", strings.TrimPrefix(err.Error(), "lab: "))
	}
	v.found = lab.Browser{Name: head.Browser, Version: head.Version}
	profile, err := v.profileOf(head.Browser)
	if err != nil {
		return err
	}
	recorded := make(map[string]*lab.RecordLine, len(lines))
	for i := range lines {
		recorded[lines[i].Case] = &lines[i]
	}
	v.progress = newProgressLine(v.stderr)
	for c := range v.cases(ctx, files) {
		if ctx.Err() != nil {
			break
		}
		line := recorded[lab.CaseID(c)]
		t := lab.CompareRecorded(ctx, c, head, line, profile)
		v.progress.clear()
		switch {
		case line == nil && t.Err == nil && len(t.Aside) == 0:
			v.tally.NotOnRecord++
			delete(v.places, c)
		case line != nil && line.Flaky:
			v.tally.Flaky++ // what else it did is not on record
			delete(v.places, c)
		default:
			v.report(&t)
		}
		v.progress.show(v.tally.String())
	}
	v.progress.clear()
	if ctx.Err() == nil && !v.seen && v.code == exitFine {
		return v.noCases()
	}
	v.conclude()
	if ctx.Err() != nil {
		return v.stopped()
	}
	return nil
}

// makes is how to make the record again.
func (v *verification) makes(files []string) string {
	words := []string{"corsim verify --browser", v.found.Name, "--record FILE"}
	if v.count > 0 {
		words = append(words, fmt.Sprintf("--seed %d --count %d", v.seed, v.count))
	}
	if len(v.areas) > 0 {
		words = append(words, "--area", strings.Join(v.areas, ","))
	}
	return strings.Join(append(words, files...), " ")
}

// openRecord opens the record that is asked for, and reads what is in it.
func (v *verification) openRecord(files []string) (*lab.Record, func(*simulator.Case) ([]simulator.Outcome, bool), func(), error) {
	nothing := func() {}
	head := &lab.RecordHead{Browser: v.found.Name, Version: v.found.Version, Command: v.makes(files),
		Time: time.Now().UTC().Truncate(time.Second)}
	fail := func(err error) (*lab.Record, func(*simulator.Case) ([]simulator.Outcome, bool), func(), error) {
		return nil, nil, nothing, err
	}
	switch {
	case v.record != "":
		f, err := os.OpenFile(v.record, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return fail(fmt.Errorf("--record: %s is there already; --resume goes on with it", v.record))
		}
		if err != nil {
			return fail(fmt.Errorf("--record: %w", err))
		}
		r, err := lab.NewRecord(f, head)
		return r, nil, func() { f.Close() }, err
	case v.resume != "":
		f, err := os.OpenFile(v.resume, os.O_RDWR, 0o644)
		if err != nil {
			return fail(fmt.Errorf("--resume: %w", err))
		}
		old, lines, whole, err := lab.ReadRecord(f)
		if err == nil && (old.Browser != head.Browser || old.Version != head.Version) {
			err = fmt.Errorf("it is a record of %s %s, and the browser here is %s", old.Browser, old.Version, v.found)
		}
		if err == nil {
			err = f.Truncate(whole) // a line that broke off
		}
		if err == nil {
			_, err = f.Seek(whole, io.SeekStart)
		}
		if err != nil {
			f.Close()
			return fail(fmt.Errorf("--resume %s: %s", v.resume, strings.TrimPrefix(err.Error(), "lab: ")))
		}
		results := make(map[string][]simulator.Outcome)
		for _, l := range lines {
			if l.Aside == "" && !l.Flaky {
				results[l.Case] = l.Outcomes()
			}
		}
		r, err := lab.NewRecord(f, nil)
		return r, func(c *simulator.Case) ([]simulator.Outcome, bool) {
			o, ok := results[lab.CaseID(c)]
			return o, ok
		}, func() { f.Close() }, err
	}
	return nil, nil, nothing, nil
}

// cases reads the cases of all files, or makes those of --count, or reads standard input, for which it does not wait longer
// than ctx lasts; what is malformed is told with its place.
func (v *verification) cases(ctx context.Context, files []string) iter.Seq[*simulator.Case] {
	return func(yield func(*simulator.Case) bool) {
		for c := range generate.Cases(v.seed, v.count, v.areas...) {
			v.sawCase(&c, "")
			if !yield(&c) {
				return
			}
		}
		if len(files) == 0 && v.count == 0 {
			v.stdinCases(ctx, yield)
		}
		for _, name := range files {
			if name == "-" {
				if !v.stdinCases(ctx, yield) {
					return
				}
				continue
			}
			f, err := os.Open(name)
			if err != nil {
				v.malformed("%v", err)
				continue
			}
			ok := v.casesOf(ctx, name, f, yield)
			f.Close()
			if !ok {
				return
			}
		}
	}
}

func (v *verification) casesOf(ctx context.Context, name string, r io.Reader, yield func(*simulator.Case) bool) bool {
	in := newCaseReader(r)
	for {
		raw, ok := in.next()
		if ctx.Err() != nil {
			return false
		}
		if !ok {
			return true
		}
		c, line, err := parseCase(raw)
		if err != nil {
			v.malformed("%s:%d: %v", name, line, err)
			continue
		}
		v.sawCase(c, fmt.Sprintf("%s:%d: ", name, line))
		if !yield(c) {
			return false
		}
	}
}

// stdinCases reads the cases of standard input, for which it does not wait longer than ctx lasts.
func (v *verification) stdinCases(ctx context.Context, yield func(*simulator.Case) bool) bool {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, v.stdin)
		w.CloseWithError(err)
	}()
	defer context.AfterFunc(ctx, func() { r.Close() })()
	defer r.Close()
	return v.casesOf(ctx, "standard input", r, yield)
}

// malformed tells of input that is none, beside the cases that are reported.
func (v *verification) malformed(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.progress.clear()
	v.complain(format, args...)
	v.worsen(exitUsage)
}

// differenceKinds names what differs in a trial: the keys without their numbers, for headers with the lines' names.
func differenceKinds(t *lab.Trial) []string {
	var kinds []string
	for _, list := range t.Differences {
		for _, d := range list {
			key := d.Key
			if from, to := strings.IndexByte(key, '['), strings.IndexByte(key, ']'); 0 <= from && from < to {
				key = key[:from] + key[to+1:]
			}
			var browser, engine []string
			if json.Unmarshal([]byte(d.Want), &browser) != nil || json.Unmarshal([]byte(d.Got), &engine) != nil {
				kinds = append(kinds, key)
				continue
			}
			for _, line := range slices.Concat(browser, engine) {
				if slices.Contains(browser, line) != slices.Contains(engine, line) {
					name, _, _ := strings.Cut(line, ":")
					kinds = append(kinds, key+" "+name)
				}
			}
		}
	}
	return kinds
}

// differencesOf are the differences of a trial as they are printed.
func differencesOf(t *lab.Trial) []verifyDifference {
	list := []verifyDifference{}
	for i := range t.Differences {
		for _, d := range t.Differences[i] {
			list = append(list, verifyDifference{
				Key: fmt.Sprintf("requests[%d].%s", i, d.Key), Browser: json.RawMessage(d.Want), Corsim: json.RawMessage(d.Got)})
		}
	}
	return list
}

// printDifferences prints both sides of each.
func (v *verification) printDifferences(list []verifyDifference) {
	width := max(len("corsim"), len(v.found.Name))
	for _, d := range list {
		v.printf("  %s\n    %-*s  %s\n    %-*s  %s\n", d.Key, width, v.found.Name, plain.Text(string(d.Browser)), width, "corsim", plain.Text(string(d.Corsim)))
	}
}

// A verifyLine is a case as --json tells it.
type verifyLine struct {
	Name        string              `json:"name"`
	Result      string              `json:"result"` // passed, failed, flaky or set aside
	Why         string              `json:"why,omitempty"`
	Rules       []string            `json:"rules,omitempty"` // by which it was set aside
	Differences []verifyDifference  `json:"differences"`
	Browser     []simulator.Outcome `json:"browser"`
	Again       []simulator.Outcome `json:"again,omitempty"`
	Corsim      []simulator.Outcome `json:"corsim"`
}

// A verifyDifference is one thing that the two do not agree about.
type verifyDifference struct {
	Key     string          `json:"key"` // requests[0].verdict, ...
	Browser json.RawMessage `json:"browser"`
	Corsim  json.RawMessage `json:"corsim"`
}

// A verifyCut is a case that failed and was cut down, as --json tells it.
type verifyCut struct {
	Name        string             `json:"name"`   // of the case that failed
	Result      string             `json:"result"` // cut down
	Case        simulator.Case     `json:"case"`
	Still       bool               `json:"still"` // it differed the last time as well
	Differences []verifyDifference `json:"differences"`
}

// report counts a case and prints it, unless it passed. One that is malformed is told with its place, as what cannot be
// read is, and counts as nothing.
func (v *verification) report(t *lab.Trial) {
	place := v.places[t.Case]
	delete(v.places, t.Case)
	var malformed *lab.Malformed
	if errors.As(t.Err, &malformed) {
		v.complain("%s%v", place, malformed)
		v.worsen(exitUsage)
		return
	}
	line := verifyLine{Name: t.Case.Name, Browser: t.Browser, Again: t.Again, Corsim: t.Engine}
	switch {
	case t.Again != nil:
		line.Result, line.Why = "flaky", "the browser did something else when it was asked again"
		v.tally.Flaky++
		if len(t.Aside) == 0 && !t.EverAgreed(lab.AsideRules(v.found.Name)) {
			line.Why += ", and neither is what corsim says"
			v.worsen(exitDenied)
		}
	case t.Err != nil:
		line.Result, line.Why = "failed", strings.TrimPrefix(t.Err.Error(), "lab: ")
		v.tally.Failed++
	case len(t.Aside) > 0:
		line.Result, line.Why, line.Rules = "set aside", t.Why, t.Aside
		v.tally.Aside++
		v.tally.setAside(v.found.Name, t.Aside)
	case t.Agrees():
		line.Result = "passed"
		v.tally.Passed++
	default:
		line.Result = "failed"
		v.tally.Failed++
		if len(v.failed) < maxShrunk {
			v.failed = append(v.failed, *t)
		}
	}
	line.Differences = differencesOf(t)
	defer v.flush() // whoever waits for the rest has something to look at
	if v.json {
		v.printJSON(line)
		return
	}
	if line.Result == "passed" {
		return
	}
	v.printf("%s: %s", line.Result, plain.Text(t.Case.Name))
	if len(line.Rules) > 0 {
		v.printf(": %s", strings.Join(line.Rules, ", "))
	}
	if line.Why != "" {
		v.printf(": %s", plain.Text(line.Why))
	}
	v.printf("\n")
	if line.Rules != nil {
		return // --json has both sides
	}
	width := max(len("corsim"), len(v.found.Name))
	v.printDifferences(line.Differences)
	for i := range t.Again {
		if i < len(t.Browser) {
			for _, d := range lab.Differences(&t.Case.Requests[i], &t.Again[i], &t.Browser[i]) {
				v.printf("  requests[%d].%s\n    first   %s\n    second  %s\n", i, d.Key, plain.Text(d.Want), plain.Text(d.Got))
			}
		}
	}
	if reasons := blockedReasons(t.Engine); len(line.Differences) > 0 && reasons != "" {
		v.printf("    %-*s  says %s\n", width, "corsim", reasons)
	}
}

// blockedReasons are the reasons of the outcomes that have one.
func blockedReasons(outcomes []simulator.Outcome) string {
	var list []string
	for i := range outcomes {
		if r := outcomes[i].Reason; r != "" && !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return strings.Join(list, ", ")
}

// A progressLine shows how far a run is: on a terminal a line that is written over, elsewhere a line now and then.
type progressLine struct {
	w        io.Writer
	terminal bool
	every    time.Duration
	start    time.Time
	last     time.Time
	shown    bool
}

func newProgressLine(w io.Writer) *progressLine {
	p := &progressLine{w: w, every: 10 * time.Second, start: time.Now(), last: time.Now()}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.terminal, p.every = true, 200*time.Millisecond
		}
	}
	return p
}

func (p *progressLine) show(text string) {
	now := time.Now()
	if now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	took := now.Sub(p.start).Round(time.Second)
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s, %v", text, took)
		p.shown = true
		return
	}
	fmt.Fprintf(p.w, "corsim: %s, %v so far\n", text, took)
}

// clear makes room for other words.
func (p *progressLine) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
