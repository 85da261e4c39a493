package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/internal/generate"
	"github.com/corsim/corsim/simulator"
)

// generated runs corsim generate by itself.
func generated(t *testing.T, stdout io.Writer, args ...string) (code int, err error) {
	t.Helper()
	a := newApp(strings.NewReader(""), stdout, io.Discard)
	c := newGenerateCommand(a)
	c.SetArgs(append([]string{}, args...))
	c.SilenceErrors, c.SilenceUsage = true, true
	err = c.Execute()
	a.flush()
	return a.code, err
}

func TestGenerateWritesTheCasesOfItsSeed(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		names []string
	}{
		{"the areas take turns", []string{"--seed", "5", "--count", "3", "--area", "xhr,methods"}, []string{"xhr-5", "methods-6", "xhr-7"}},
		{"an area can be given twice as a flag", []string{"--seed", "5", "--count", "2", "--area", "xhr", "--area", "ports"}, []string{"xhr-5", "ports-6"}},
		{"no cases are no lines", []string{"--count", "0"}, nil},
		{"the greatest seed is one", []string{"--seed", "18446744073709551615", "--count", "2", "--area", "ports"}, []string{"ports-18446744073709551615", "ports-0"}},
		{"without areas all take turns", []string{"--seed", "1", "--count", "2"}, []string{generate.Areas()[0] + "-1", generate.Areas()[1] + "-2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			code, err := generated(t, &out, tt.args...)
			if err != nil || code != exitFine {
				t.Fatalf("status %d, %v", code, err)
			}
			var names []string
			for line := range strings.Lines(out.String()) {
				c, err := simulator.ParseCase([]byte(line))
				if err != nil {
					t.Fatalf("a line that is no case: %v\n%s", err, line)
				}
				names = append(names, c.Name)
			}
			if d := cmp.Diff(tt.names, names); d != "" {
				t.Errorf("the name is how a case is made again (-want +got):\n%s", d)
			}
		})
	}
}

func TestGenerateRefusesWhatItDoesNotKnow(t *testing.T) {
	tests := []struct {
		name, says string
		args       []string
	}{
		{"an unknown area", `--area "method" is none of allow-credentials`, []string{"--area", "xhr,method"}},
		{"a negative count", "--count is -1; it has to be at least 0", []string{"--count", "-1"}},
		{"an argument", `unknown command "x"`, []string{"x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := generated(t, &out, tt.args...)
			if err == nil || !strings.Contains(err.Error(), tt.says) || out.Len() > 0 {
				t.Errorf("got %v and %d bytes of data, want an error with %q and no data", err, out.Len(), tt.says)
			}
		})
	}
}

// A closedPipe takes a few bytes and then no more.
type closedPipe struct{ left int }

func (p *closedPipe) Write(b []byte) (int, error) {
	if p.left -= len(b); p.left < 0 {
		return 0, errors.New("the pipe is closed")
	}
	return len(b), nil
}

func TestGenerateStopsWhereNobodyReads(t *testing.T) {
	code, err := generated(t, &closedPipe{left: 1 << 17}, "--count", "1000000000")
	if err != nil || code != exitUsage {
		t.Errorf("status %d, %v; want status %d: whoever ran head has seen enough", code, err, exitUsage)
	}
}
