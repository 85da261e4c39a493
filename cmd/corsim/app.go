package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/internal/plain"
	"github.com/corsim/corsim/policy"
)

// The exit statuses. A worse one stays: see app.worsen.
const (
	exitFine   = 0 // allowed, or all that was asked for went well
	exitDenied = 1 // blocked, opaque, invalid or unanswered; a case that failed
	exitUsage  = 2 // a mistake in the command line or in the input, or a network that could not be asked
)

// An app is one run of the command: what its subcommands share.
type app struct {
	stdin  io.Reader
	stdout *bufio.Writer // data; flushed at the end
	stderr io.Writer     // everything else, by complain
	json   bool          // --json
	code   int           // the exit status so far, by worsen
	broken bool          // the output cannot be written
	// whenBroken, unless nil, is called once the output is broken.
	whenBroken func()
	// seclude, unless nil, runs the command of this process in namespaces of its own; see [seclude.Run].
	seclude func(context.Context) (code int, done bool, err error)
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{stdin: stdin, stdout: bufio.NewWriterSize(stdout, 64<<10), stderr: stderr}
}

// worsen sets the exit status to code if that is worse than what it was.
func (a *app) worsen(code int) { a.code = max(a.code, code) }

// printf writes data.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.stdout, format, args...) }

// printJSON writes a value as one line of JSON.
func (a *app) printJSON(v any) {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		a.outputBroke(err)
	}
}

// flush writes out the data that is held back.
func (a *app) flush() {
	if err := a.stdout.Flush(); err != nil {
		a.outputBroke(err)
	}
}

// outputBroke tells, once, that the output cannot be written.
func (a *app) outputBroke(err error) {
	if a.broken {
		return
	}
	a.broken = true
	a.stdout.Reset(io.Discard)
	a.complain("the output cannot be written: %v", err)
	a.worsen(exitUsage)
	if a.whenBroken != nil {
		a.whenBroken()
	}
}

// maxComplaint is how many bytes of a message are shown.
const maxComplaint = 1000

// complain writes one line, and no more than one, to standard error: "corsim: what, where". The data written before
// comes first.
func (a *app) complain(format string, args ...any) {
	a.flush()
	s := fmt.Sprintf(format, args...)
	if len(s) > maxComplaint {
		n := maxComplaint
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "..."
	}
	fmt.Fprintf(a.stderr, "corsim: %s\n", plain.Text(s))
}

// profileFlag is --profile.
type profileFlag struct{ policy.Profile }

// String implements pflag.Value.
func (p *profileFlag) String() string {
	if p.Name == "" {
		return "spec"
	}
	return p.Name
}

// Type implements pflag.Value.
func (p *profileFlag) Type() string { return "name" }

// Set implements pflag.Value.
func (p *profileFlag) Set(name string) error {
	profile, ok := policy.ProfileByName(name)
	if !ok {
		return fmt.Errorf("the profiles are spec, chromium, firefox and webkit")
	}
	p.Profile = profile
	return nil
}

// addProfileFlag gives a command the flag --profile; the profile is to be read when the command runs.
func addProfileFlag(c *cobra.Command) *profileFlag {
	p := new(profileFlag)
	c.Flags().Var(p, "profile", "the browser whose departures from the standards count: spec, chromium, firefox or webkit")
	// The error is one of a flag that does not exist.
	_ = c.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(
		[]cobra.Completion{"spec", "chromium", "firefox", "webkit"}, cobra.ShellCompDirectiveNoFileComp))
	return p
}
