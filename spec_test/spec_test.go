// Package spec_test is the conformance suite: it runs the cases in fixtures against the engine.
package spec_test

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fixtures"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// start is when the clock of every case begins.
var start = time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)

// eachCase calls f for every case of the suite.
func eachCase(t *testing.T, f func(t *testing.T, file string, line int, c *simulator.Case)) {
	t.Helper()
	files, err := fs.Glob(fixtures.Cases, "cases/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "cases/"), ".ndjson"), func(t *testing.T) {
			data, err := fs.ReadFile(fixtures.Cases, file)
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(bytes.NewReader(data))
			lines.Buffer(nil, len(data)+1)
			for n := 1; lines.Scan(); n++ {
				c, err := simulator.ParseCase(lines.Bytes())
				if err != nil {
					t.Errorf("%s:%d: %v", file, n, err)
					continue
				}
				f(t, file, n, c)
			}
		})
	}
}

func TestCasesComeOutAsTheStandardSays(t *testing.T) {
	eachCase(t, func(t *testing.T, file string, line int, c *simulator.Case) {
		t.Run(c.Name, func(t *testing.T) {
			got, err := c.Eval(context.Background(), policy.Profile{}, start)
			if err != nil {
				t.Fatalf("%s:%d: %v", file, line, err)
			}
			for i := range got {
				d := c.Requests[i].Expect.For("spec").Compare(&got[i])
				if len(d) > 0 {
					t.Errorf("%s:%d: %s\nrequests[%d] (got and want, by key):\n%s\nsee %s",
						file, line, c.Note, i, cmp.Diff(wants(d), gots(d)), c.Spec)
				}
			}
		})
	})
}

func gots(d []simulator.Difference) map[string]string {
	m := map[string]string{}
	for _, x := range d {
		m[x.Key] = x.Got
	}
	return m
}

func wants(d []simulator.Difference) map[string]string {
	m := map[string]string{}
	for _, x := range d {
		m[x.Key] = x.Want
	}
	return m
}
