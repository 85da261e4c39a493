package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// readCases returns the text of each case with its line, or the error in its place.
func readCases(r *caseReader) []string {
	var all []string
	for {
		raw, ok := r.next()
		if !ok {
			return all
		}
		text := string(bytes.TrimSpace(raw.data))
		if raw.err != nil {
			text = raw.err.Error()
		}
		all = append(all, fmt.Sprintf("%d: %s", raw.line, text))
	}
}

func TestACaseMayNotBeTooLong(t *testing.T) {
	long := `{"name":"` + strings.Repeat("x", 200_000) + `"}`
	tests := []struct {
		name, in string
		want     []string
	}{
		{"a line", "{1}\n" + long + "\n\n{2}", []string{"1: {1}", "2: the line is too long: more than 100000 bytes", "4: {2}"}},
		{"the last line", "{1}\n" + long, []string{"1: {1}", "2: the line is too long: more than 100000 bytes"}},
		{"an element of an array", "[{1},\n" + long + ",\n{2}]", []string{"1: {1}", "2: the case is too long: more than 100000 bytes", "3: {2}"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newCaseReader(strings.NewReader(tt.in))
			r.limit = 100_000
			if d := cmp.Diff(tt.want, readCases(r)); d != "" {
				t.Errorf("the cases around one that is too long are still read (-want +got):\n%s", d)
			}
			if cap(r.buf) > 4*r.limit {
				t.Errorf("the buffer grew to %d bytes, though only %d may be held", cap(r.buf), r.limit)
			}
		})
	}
}

func TestALineAsLongAsAllowedIsRead(t *testing.T) {
	for _, end := range []string{"", "\n"} {
		r := newCaseReader(strings.NewReader(strings.Repeat("x", 100_000) + end))
		r.limit = 100_000
		if got := readCases(r); len(got) != 1 || strings.Contains(got[0], "too long") {
			t.Errorf("a line of exactly the limit, followed by %q, is refused: %.60q", end, got)
		}
	}
}

func TestAFileThatBreaksOffIsTold(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, in := range []string{"", "{1}\n", "[{1},", "[{", strings.Repeat("x", 70_000)} {
		r := newCaseReader(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)))
		got := readCases(r)
		if len(got) == 0 || !strings.Contains(got[len(got)-1], broken.Error()) {
			t.Errorf("after %.10q the error is lost: %.60q", in, got)
		}
	}
}

func TestNestingDoesNotCrash(t *testing.T) {
	deep := strings.Repeat("[", 1_000_000)
	good := aCase("good", "", "")
	tests := []struct {
		name, in string
		stdout   bool // whether the good case comes out
		stderr   string
	}{
		{"in a line", `{"name":` + deep + "\n" + good, true, "corsim: stdin:1: not JSON at byte 10008 of the case: invalid character '[' exceeded max depth\n"},
		{"in an element", "[" + good + `,{"name":` + deep + strings.Repeat("]", len(deep)) + "}]", true, "corsim: stdin:1: not JSON at byte 10008 of the case: invalid character '[' exceeded max depth\n"},
		{"instead of cases", deep, false, "corsim: stdin:1: '[' where a case, which is an object, should begin; the rest of the array is not read\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, code := runCommand(t, tt.in, "eval")
			if d := cmp.Diff(tt.stderr, stderr); d != "" || code != exitUsage {
				t.Errorf("exit status %d, standard error (-want +got):\n%s", code, d)
			}
			if got := strings.HasPrefix(stdout, `{"name":"good"`); got != tt.stdout {
				t.Errorf("the good case came out: %v, want %v", got, tt.stdout)
			}
		})
	}
}

func FuzzCaseReader(f *testing.F) {
	for _, s := range []string{
		aCase("a", "", "") + "\n\n" + aCase("b", "", "") + "\r\n", "[" + aCase("a", "", "") + ",\n{}]",
		"\xEF\xBB\xBF[{\"a\":\"\\\"]}\"},{\"b\":[{}]}]", "[{]},{}{}", "[}", "[,]", "[{},]", "[{\"", "{\"\n\"}", strings.Repeat("[", 99),
		`{"name":"x","page":{"url":"https://a"},"requests":[{"url":"/","expect":null,"headers":["\u0100:"],"after":1e308}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		// One byte at a time tells the same as all at once.
		whole := readCases(newCaseReader(bytes.NewReader(in)))
		if d := cmp.Diff(whole, readCases(newCaseReader(iotest.OneByteReader(bytes.NewReader(in))))); d != "" {
			t.Errorf("how the input comes in changes the cases (-whole +bytes):\n%s", d)
		}
		// A valid array of objects is split as encoding/json splits it.
		text := bytes.TrimPrefix(in, []byte("\xEF\xBB\xBF"))
		var elements []json.RawMessage
		if json.Unmarshal(text, &elements) == nil && !bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
			objects := []string{}
			for _, e := range elements {
				if e[0] != '{' {
					objects = nil
					break
				}
				objects = append(objects, string(e))
			}
			if objects != nil {
				got := []string{}
				for _, c := range whole {
					_, body, _ := strings.Cut(c, ": ")
					got = append(got, body)
				}
				if d := cmp.Diff(objects, got); d != "" {
					t.Errorf("a valid array is split otherwise (-want +got):\n%s", d)
				}
			}
		}
		// Whatever comes in, what goes out is a line of JSON a case and a line of text a fault.
		var stdout, stderr bytes.Buffer
		code := run([]string{"eval"}, bytes.NewReader(in), &stdout, &stderr)
		for line := range strings.Lines(stdout.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("standard output holds a line that is not JSON: %q", line)
			}
		}
		for line := range strings.Lines(stderr.String()) {
			if !strings.HasPrefix(line, "corsim: stdin:") {
				t.Errorf("standard error holds a line that names no place: %q", line)
			}
		}
		lines := strings.Count(stdout.String(), "\n") + strings.Count(stderr.String(), "\n")
		if lines != len(whole) {
			t.Errorf("%d cases gave %d lines: %q", len(whole), lines, stderr.String())
		}
		if wantBad := stderr.Len() > 0; wantBad != (code == exitUsage) {
			t.Errorf("exit status %d with %q on standard error", code, stderr.String())
		}
	})
}

// A caseGenerator is a file of n cases that is never held in memory. As an array if so told.
type caseGenerator struct {
	n, at int64
	array bool
	rest  []byte
}

func (g *caseGenerator) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(g.rest) == 0 && !g.next() {
			break
		}
		k := copy(p[n:], g.rest)
		n, g.rest = n+k, g.rest[k:]
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// next makes the next case, and reports whether there is one.
func (g *caseGenerator) next() bool {
	if g.at == g.n {
		return false
	}
	before, after := "", "\n"
	if g.array {
		before, after = ",", "\n"
		if g.at == 0 {
			before = "["
		}
		if g.at == g.n-1 {
			after = "]"
		}
	}
	g.at++
	text := aCase("case "+strconv.FormatInt(g.at, 10), `"Access-Control-Allow-Origin: https://app.example","Vary: Origin"`, `,"expect":{"verdict":"allowed"}`)
	g.rest = []byte(before + text + after)
	return true
}

// A heapWatch is a writer that notes how large the heap gets and counts lines.
type heapWatch struct {
	lines int
	last  string
	calls int
	peak  atomic.Uint64
}

func (w *heapWatch) Write(p []byte) (int, error) {
	w.lines += bytes.Count(p, []byte{'\n'})
	w.last = string(p[max(0, len(p)-64):])
	if w.calls++; w.calls%8 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.peak.Store(max(w.peak.Load(), m.HeapInuse+m.StackInuse))
	}
	return len(p), nil
}

func TestMemoryDoesNotGrowWithTheNumberOfCases(t *testing.T) {
	lines, array := int64(200_000), int64(50_000)
	if testing.Short() || raceEnabled() {
		lines, array = lines/10, array/10
	}
	for _, tt := range []struct {
		name  string
		array bool
		n     int64
	}{{"cases that stand in lines", false, lines}, {"cases that stand in an array", true, array}} {
		t.Run(tt.name, func(t *testing.T) {
			n := tt.n
			var out heapWatch
			var stderr bytes.Buffer
			begun := time.Now()
			code := run([]string{"eval"}, &caseGenerator{n: n, array: tt.array}, &out, &stderr)
			t.Logf("%d cases in %s, heap at most %d KiB", n, time.Since(begun).Round(time.Millisecond), out.peak.Load()>>10)
			if code != exitFine || int64(out.lines) != n || stderr.Len() > 0 {
				t.Fatalf("exit status %d, %d lines for %d cases, standard error %q", code, out.lines, n, stderr.String())
			}
			if limit := uint64(48 << 20); out.peak.Load() > limit {
				t.Errorf("the heap grew to %d bytes, more than %d: cases pile up somewhere", out.peak.Load(), limit)
			}
		})
	}
}

func TestAnAnswerComesBeforeTheNextCaseIsAskedFor(t *testing.T) {
	in, feed := io.Pipe()
	answers, out := io.Pipe()
	go func() {
		run([]string{"eval"}, in, out, io.Discard)
		out.Close()
	}()
	decoder := json.NewDecoder(answers)
	for _, name := range []string{"first", "second"} {
		go fmt.Fprintln(feed, aCase(name, "", ""))
		var got struct{ Name string }
		if err := decoder.Decode(&got); err != nil || got.Name != name {
			t.Fatalf("a program that feeds cases one by one got %q, %v instead of %q", got.Name, err, name)
		}
	}
	feed.Close()
	if _, err := decoder.Token(); err != io.EOF {
		t.Errorf("something follows the last answer: %v", err)
	}
}
