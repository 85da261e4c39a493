package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/internal/seclude"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// asCorsim is the environment variable that makes this test binary corsim.
const asCorsim = "CORSIM_TEST_AS_CORSIM"

func TestMain(m *testing.M) {
	seclude.Main()
	if os.Getenv(asCorsim) != "" {
		main()
	}
	os.Exit(m.Run())
}

// corsim is the command as a process, not yet started.
func corsim(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asCorsim+"=1")
	var diag bytes.Buffer
	c.Stderr = &diag
	return c, &diag
}

// aRecord is a record that says of a case that it came out otherwise than it does.
func aRecord(t *testing.T, text string) string {
	t.Helper()
	c, err := simulator.ParseCase([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := c.Eval(t.Context(), policy.Chromium(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	outcomes[0].Status = 201
	var b bytes.Buffer
	record, err := lab.NewRecord(&b, &lab.RecordHead{Browser: "chromium", Version: "1.0", Command: "none", Time: time.Now()})
	if err == nil {
		err = record.Add(&lab.Trial{Case: c, Browser: outcomes})
	}
	if err != nil {
		t.Fatal(err)
	}
	return file(t, "record.ndjson", b.String())
}

func TestVerifyEndsWhenNobodyReads(t *testing.T) {
	text := strings.Split(verifyCases, "\n")[0]
	c, diag := corsim(t, "verify", "--recorded", aRecord(t, text))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	c.Stdout = w
	cases, err := c.StdinPipe() // that never ends
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := io.WriteString(cases, text+"\n"); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	cases.Close()
	const want = "stopped after 1 cases\n"
	if got := c.ProcessState.ExitCode(); got != exitUsage || !strings.Contains(diag.String(), "the output cannot be written: ") || !strings.HasSuffix(diag.String(), want) {
		t.Errorf("exit status %d, stderr %q; want %d and %q", got, diag, exitUsage, want)
	}
}

func TestVerifyIsInterruptedWhileItWaitsForCases(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be sent an interrupt there")
	}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			text := strings.Split(verifyCases, "\n")[0]
			c, diag := corsim(t, "verify", "--recorded", aRecord(t, text))
			cases, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(cases, text+"\n"); err != nil {
				t.Fatal(err)
			}
			_, err = out.Read(make([]byte, 1)) // that it waits for another case now is likely
			if err == nil {
				err = c.Process.Signal(s)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, out)
			_ = c.Wait()
			cases.Close()
			if got, want := c.ProcessState.ExitCode(), "corsim: interrupted after 1 cases\n"; got != exitUsage || diag.String() != want {
				t.Errorf("exit status %d, stderr %q; want %d and %q", got, diag, exitUsage, want)
			}
		})
	}
}

// However a run in a real browser ends, no folder is left; in namespaces at once, without them after the next start.
func TestVerifyLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starting a browser takes seconds, and -short is set")
	}
	if _, err := lab.Find(t.Context(), "chromium"); err != nil {
		if errors.Is(err, lab.ErrNoBrowser) {
			t.Skipf("NOT TESTED: %v", err)
		}
		t.Fatal(err)
	}
	const inside = "CORSIM_SECLUDED=inside" // has it think that it need not make namespaces
	for _, tt := range []struct {
		name, env string
		end       func(*exec.Cmd, io.Closer) error
		swept     bool
	}{
		{"when nobody reads", "", func(_ *exec.Cmd, out io.Closer) error { return out.Close() }, false},
		{"when nobody reads, without namespaces", inside, func(_ *exec.Cmd, out io.Closer) error { return out.Close() }, false},
		{"when it is killed", inside, func(c *exec.Cmd, _ io.Closer) error { return c.Process.Kill() }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			temp, err := os.MkdirTemp("", "t") // whose path is short enough for sockets
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(temp)
			t.Setenv("TMPDIR", temp)
			c, diag := corsim(t, "verify", "--count", "500", "--json")
			if c.Env = append(c.Env, tt.env); tt.env == "" {
				c.Env = c.Env[:len(c.Env)-1]
			}
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			_, err = out.Read(make([]byte, 1))
			if err == nil {
				err = tt.end(c, out)
			}
			if err != nil {
				_ = c.Wait()
				t.Fatalf("%v; stderr %q", err, diag)
			}
			_ = c.Wait()
			if tt.swept {
				lab.Sweep()
			}
			if left, err := filepath.Glob(filepath.Join(temp, "*")); err != nil || len(left) > 0 {
				t.Errorf("left: %q, %v; stderr %q", left, err, diag)
			}
			if got := c.ProcessState.ExitCode(); !tt.swept && got != exitUsage {
				t.Errorf("exit status %d, stderr %q; want %d", got, diag, exitUsage)
			}
		})
	}
}

func TestShrinkTellsWhyItEnded(t *testing.T) {
	c, err := simulator.ParseCase([]byte(strings.Split(verifyCases, "\n")[0]))
	if err != nil {
		t.Fatal(err)
	}
	c.Server[0].Headers = []string{"X-A: 1", "X-B: 2"}
	// The browser answers every case as the engine does, but for the status.
	differs := func(ctx context.Context, c *simulator.Case) ([]simulator.Outcome, error) {
		outcomes, err := c.Eval(ctx, policy.Chromium(), time.Now())
		for i := range outcomes {
			outcomes[i].Status = 299
		}
		return outcomes, err
	}
	agrees := func(ctx context.Context, c *simulator.Case) ([]simulator.Outcome, error) {
		return c.Eval(ctx, policy.Chromium(), time.Now())
	}
	browser, err := differs(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := agrees(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	failed, err := lab.Compare(c, "chromium", browser, engine)
	if err != nil {
		t.Fatal(err)
	}
	const never = "it does not differ each time"
	for _, tt := range []struct {
		name string
		// ask is the answer to the n-th question, of which the first is 1.
		ask   func(ctx context.Context, cancel func(), n int, c *simulator.Case) ([]simulator.Outcome, error)
		code  int
		wants []string
		not   []string
	}{
		{"all of it", func(ctx context.Context, _ func(), _ int, c *simulator.Case) ([]simulator.Outcome, error) {
			return differs(ctx, c)
		},
			exitFine, []string{"cut down from agrees:\n", "chromium  299"}, []string{never, "X-A"}},
		{"a difference that does not come again", func(ctx context.Context, _ func(), _ int, c *simulator.Case) ([]simulator.Outcome, error) {
			return agrees(ctx, c)
		},
			exitFine, []string{"cut down from agrees:\n", never}, nil},
		{"interrupted at once", func(ctx context.Context, cancel func(), _ int, _ *simulator.Case) ([]simulator.Outcome, error) {
			cancel()
			return nil, context.Cause(ctx)
		}, exitFine, []string{"cut down from agrees, not to the end (interrupted):\n", "X-A", "chromium  299"}, []string{never}},
		{"interrupted later", func(ctx context.Context, cancel func(), n int, c *simulator.Case) ([]simulator.Outcome, error) {
			if n == 5 {
				cancel()
				return nil, context.Cause(ctx)
			}
			return differs(ctx, c)
		}, exitFine, []string{"not to the end (interrupted):\n", "chromium  299"}, []string{never, "X-A"}},
		{"no answer in time", func(context.Context, func(), int, *simulator.Case) ([]simulator.Outcome, error) {
			return nil, fmt.Errorf("lab: chromium: %w", lab.ErrTimeout)
		}, exitFine, []string{"it could not be asked once more: chromium: no answer in time", "chromium  299"}, []string{never}},
		{"no browser any more", func(ctx context.Context, _ func(), n int, c *simulator.Case) ([]simulator.Outcome, error) {
			if n > 1 {
				return nil, fmt.Errorf("lab: chromium: %w", lab.ErrGone)
			}
			return differs(ctx, c)
		}, exitUsage, []string{"not to the end (chromium: the browser is gone):\n", "chromium  299"}, []string{never}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var out bytes.Buffer
			v := verification{app: newApp(nil, &out, &out), found: lab.Browser{Name: "chromium"}, progress: newProgressLine(io.Discard)}
			n := 0
			v.shrunk(ctx, func(ctx context.Context, c *simulator.Case) ([]simulator.Outcome, error) {
				n++
				if ctx.Err() != nil {
					t.Error("asked after the interruption")
				}
				return tt.ask(ctx, cancel, n, c)
			}, policy.Chromium(), &failed)
			for _, w := range tt.wants {
				if !strings.Contains(out.String(), w) || v.code != tt.code {
					t.Errorf("exit status %d, output\n%s\nwant %d and %q", v.code, &out, tt.code, w)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(out.String(), w) {
					t.Errorf("output\n%s\nwant nothing of %q", &out, w)
				}
			}
		})
	}
}
