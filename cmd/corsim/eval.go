package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/internal/plain"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// clockStart is when the clock of every case begins: an outcome is the same today and tomorrow.
var clockStart = time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)

const aboutCaseFiles = `A FILE holds cases as NDJSON, one case a line, or as one JSON array; - is standard input.
Files are streamed: memory does not grow with the number of cases, of which each may hold
64 MiB; for that reason names are not checked to be unique. The clock of every case begins
at 2026-07-02T12:00:00Z.`

func newEvalCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "eval [FILE ...]",
		Short: "Decide the requests of cases, one line of JSON a case",
		Long: `Decide the requests of each case, in order, and write one line of JSON for it:
{"name": ..., "results": [outcome, ...]}.

` + aboutCaseFiles + `

A malformed case gives one line on standard error and the others are still evaluated.
Exit status: 0, or 2 if a case was malformed or could not be evaluated.`,
		Example: `corsim eval cases.ndjson
corsim eval --profile firefox cases.json
generate-cases | corsim eval`,
	}
	profile := addProfileFlag(c)
	c.RunE = func(_ *cobra.Command, files []string) error {
		type line struct {
			Name    string              `json:"name"`
			Results []simulator.Outcome `json:"results"`
		}
		out := json.NewEncoder(a.stdout)
		out.SetEscapeHTML(false)
		a.evalFiles(files, profile.Profile, func(_ string, j job, results []simulator.Outcome) {
			if err := out.Encode(line{j.c.Name, results}); err != nil {
				a.outputBroke(err)
			}
		})
		return nil
	}
	return c
}

func newTestCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "test [FILE ...]",
		Short: "Compare what comes out of cases with what they expect",
		Long: `Decide the requests of each case and compare the outcomes with what the case expects.
Each difference is printed with both sides; the last line counts the cases:
"N passed, N failed". With --json, each case that failed is an object with its
differences, and the last one is {"passed": N, "failed": N}.

` + aboutCaseFiles + `

A malformed case gives one line on standard error, counts neither as passed nor as failed,
and the others are still tested. Exit status: 0; 1 if a case failed; 2 if a case was
malformed or could not be evaluated, whether others failed or not.`,
		Example: `corsim test cases.ndjson
corsim test --profile chromium cases/*.ndjson
corsim test --json cases.ndjson`,
	}
	profile := addProfileFlag(c)
	c.RunE = func(_ *cobra.Command, files []string) error {
		passed, failed := 0, 0
		a.evalFiles(files, profile.Profile, func(file string, j job, results []simulator.Outcome) {
			if d := differences(j.c, profile.String(), results); len(d) > 0 {
				failed++
				a.printFailure(file, j, d)
			} else {
				passed++
			}
		})
		if failed > 0 {
			a.worsen(exitDenied)
		}
		if a.json {
			a.printJSON(struct {
				Passed int `json:"passed"`
				Failed int `json:"failed"`
			}{passed, failed})
		} else {
			a.printf("%d passed, %d failed\n", passed, failed)
		}
		return nil
	}
	return c
}

// A difference is one key of one request that is not as expected. The sides are JSON.
type difference struct {
	Key  string          `json:"key"`
	Got  json.RawMessage `json:"got"`
	Want json.RawMessage `json:"want"`
}

// differences compares the outcomes of a case with what it expects under a profile.
func differences(c *simulator.Case, profile string, results []simulator.Outcome) []difference {
	var all []difference
	for i := range results {
		key := "requests[" + strconv.Itoa(i) + "]."
		for _, d := range c.Requests[i].Expect.For(profile).Compare(&results[i]) {
			all = append(all, difference{key + d.Key, json.RawMessage(d.Got), json.RawMessage(d.Want)})
		}
	}
	return all
}

// printFailure prints what is not as expected in a case.
func (a *app) printFailure(file string, j job, d []difference) {
	if a.json {
		a.printJSON(struct {
			File        string       `json:"file"`
			Line        int          `json:"line"`
			Name        string       `json:"name"`
			Note        string       `json:"note"`
			Spec        string       `json:"spec"`
			Differences []difference `json:"differences"`
		}{file, j.line, j.c.Name, j.c.Note, j.c.Spec, d})
		return
	}
	a.printf("%s:%d: %s\n", plain.Text(file), j.line, plain.Text(j.c.Name))
	for _, x := range d {
		a.printf("  %s\n    got   %s\n    want  %s\n", x.Key, plain.Text(string(x.Got)), plain.Text(string(x.Want)))
	}
	if j.c.Note != "" {
		a.printf("  note: %s\n", plain.Text(j.c.Note))
	}
	if j.c.Spec != "" {
		a.printf("  see %s\n", plain.Text(j.c.Spec))
	}
}

// A job is a case that has been read, or what is wrong with it.
type job struct {
	line int
	c    *simulator.Case
	err  error
}

// The bounds of a batch of jobs, which is read while another is evaluated.
const (
	maxBatch      = 64
	maxBatchBytes = 256 << 10
)

// evalFiles evaluates the cases of the files, of standard input if there are none, and gives the results to each in
// order. What cannot be evaluated is told on standard error.
func (a *app) evalFiles(files []string, profile policy.Profile, each func(file string, j job, results []simulator.Outcome)) {
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, file := range files {
		in, name := a.stdin, "stdin"
		if file != "-" {
			f, err := os.Open(file)
			if err != nil {
				a.complain("%s: %s", file, fileCause(err))
				a.worsen(exitUsage)
				continue
			}
			a.evalFile(f, file, profile, each)
			_ = f.Close() // it was only read
			continue
		}
		a.evalFile(in, name, profile, each)
	}
}

// fileCause is what is wrong with a file, without its name.
func fileCause(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// evalFile evaluates the cases of one file: one goroutine reads them, and this one decides.
func (a *app) evalFile(in io.Reader, file string, profile policy.Profile, each func(file string, j job, results []simulator.Outcome)) {
	batches, enough := make(chan []job), make(chan struct{})
	defer close(enough)
	go readJobs(newCaseReader(in), batches, enough)
	for !a.broken {
		batch, ok := a.receive(batches)
		if !ok {
			return
		}
		for _, j := range batch {
			results, err := []simulator.Outcome(nil), j.err
			if err == nil {
				results, err = j.c.Eval(context.Background(), profile, clockStart)
			}
			if err != nil {
				a.complain("%s:%d: %s", file, j.line, fileCause(err))
				a.worsen(exitUsage)
				continue
			}
			if each(file, j, results); a.broken {
				return
			}
		}
	}
}

// receive returns the next batch. Before it waits for one, it writes out what there is: somebody may be waiting for
// that before giving more.
func (a *app) receive(batches <-chan []job) (batch []job, ok bool) {
	select {
	case batch, ok = <-batches:
	default:
		a.flush()
		batch, ok = <-batches
	}
	return batch, ok
}

// readJobs reads cases and sends them in batches until the end, or until enough is closed.
func readJobs(r *caseReader, batches chan<- []job, enough <-chan struct{}) {
	defer close(batches)
	for more := true; more; {
		batch := make([]job, 0, maxBatch)
		for size := 0; len(batch) < maxBatch && size < maxBatchBytes; {
			raw, ok := r.next()
			if !ok {
				more = false
				break
			}
			c, line, err := parseCase(raw)
			batch = append(batch, job{line, c, err})
			size += len(raw.data)
			if r.waits() {
				break
			}
		}
		select {
		case batches <- batch:
		case <-enough:
			return
		}
	}
}
