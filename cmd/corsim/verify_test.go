package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

func runVerify(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diag bytes.Buffer
	code = run(append([]string{"verify"}, args...), strings.NewReader(stdin), &out, &diag)
	return code, out.String(), diag.String()
}

func TestVerifyRefuses(t *testing.T) {
	t.Setenv("CORSIM_CHROMIUM", filepath.Join(t.TempDir(), "none"))
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"a browser that is not here, with the way to come by it", nil, []string{"CORSIM_CHROMIUM"}},
		{"a browser that is unknown, with those that are known", []string{"--browser", "lynx"}, []string{`"lynx"`, "chromium, firefox, webkit"}},
		{"a path at which nothing is", []string{"--browser", "./none"}, []string{"./none"}},
		{"two records at once", []string{"--record", "a", "--resume", "b"}, []string{"--record", "--resume"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := runVerify(t, "", tt.args...)
			if code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit status %d, stdout %q, stderr %q; want %d, nothing, and one line", code, stdout, stderr, exitUsage)
			}
			for _, w := range tt.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("stderr %q, want it to name %q", stderr, w)
				}
			}
		})
	}
	t.Run("without any browser it says which were looked for", func(t *testing.T) {
		t.Setenv("CORSIM_CHROMIUM", "")
		t.Setenv("PATH", t.TempDir())
		_, _, stderr := runVerify(t, "")
		for _, w := range []string{"chromium-browser", "google-chrome", "PATH", "package chromium"} {
			if !strings.Contains(stderr, w) {
				t.Errorf("stderr %q, want it to name %q", stderr, w)
			}
		}
	})
}

const verifyCases = `{"name": "agrees", "page": {"url": "https://app.example/"}, "server": [{"url": "https://app.example/u", "status": 200}], "requests": [{"url": "/u"}]}

{"name": "waits", "page": {"url": "https://app.example/"}, "server": [], "requests": [{"url": "/u", "after": 60}]}
{"name": "broken", "page": {}}
{"name": "agrees as well", "page": {"url": "https://app.example/"}, "server": [{"url": "https://app.example/u", "status": 200, "headers": ["Set-Cookie: a=1"]}], "requests": [{"url": "/u"}]}
`

func TestVerifyInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starting a browser takes seconds, and -short is set")
	}
	b, err := lab.Find(context.Background(), "chromium")
	if errors.Is(err, lab.ErrNoBrowser) {
		t.Skipf("NOT TESTED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(t.TempDir(), "record.ndjson")
	code, stdout, stderr := runVerify(t, verifyCases, "--record", record)
	want := "set aside: waits: cannot-be-asked: requests[0].after is more than 10s\n" +
		"set aside  1  cannot-be-asked  " + lab.AsideRules(b.Name)[0].Reason + "\n" +
		"2 passed, 0 failed, 0 flaky, 1 set aside (" + b.String() + ")\n"
	if stdout != want {
		t.Errorf("stdout %q, want %q", stdout, want)
	}
	if code != exitUsage || !strings.Contains(stderr, "standard input:4: ") {
		t.Errorf("exit status %d, stderr %q; want %d, for a case that is malformed, and its line", code, stderr, exitUsage)
	}

	// A record in which the browser did otherwise is a difference, and nobody asks the browser again.
	data, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, bytes.ReplaceAll(data, []byte(`"status":200`), []byte(`"status":201`)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = runVerify(t, strings.Split(verifyCases, "\n")[0], "--resume", record)
	if again, err := os.ReadFile(record); err != nil || bytes.Count(again, []byte("\n")) != bytes.Count(data, []byte("\n")) {
		t.Errorf("%d lines in the record, %v; want %d as before: nobody was asked", bytes.Count(again, []byte("\n")), err, bytes.Count(data, []byte("\n")))
	}
	want = "failed: agrees\n  requests[0].status\n    chromium  201\n    corsim    200\n0 passed, 1 failed, 0 flaky, 0 set aside (" + b.String() + ")\n"
	if stdout != want || code != exitDenied {
		t.Errorf("exit status %d, stdout %q, stderr %q; want %d and %q", code, stdout, stderr, exitDenied, want)
	}
	code, stdout, _ = runVerify(t, strings.Split(verifyCases, "\n")[0], "--resume", record, "--json")
	var line verifyLine
	first, _, _ := strings.Cut(stdout, "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil || line.Result != "failed" || len(line.Differences) != 1 || string(line.Differences[0].Browser) != "201" {
		t.Errorf("exit status %d, line %q, %v; want the difference as JSON", code, first, err)
	}
}

func TestVerifyComparesWithARecord(t *testing.T) {
	lines := strings.Split(verifyCases, "\n")
	c, err := simulator.ParseCase([]byte(lines[0]))
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := c.Eval(t.Context(), policy.Firefox(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	outcomes[0].Status = 201
	var b bytes.Buffer
	record, err := lab.NewRecord(&b, &lab.RecordHead{Browser: "firefox", Version: "1.0", Command: "none", Time: time.Now()})
	if err == nil {
		err = record.Add(&lab.Trial{Case: c, Browser: outcomes})
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "record.ndjson")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}

	const failed = "failed: agrees\n  requests[0].status\n    firefox  201\n    corsim   200\n"
	for _, tt := range []struct {
		name, cases, want string
		code              int
	}{
		{"a record in which the browser did otherwise", lines[0], failed + "0 passed, 1 failed, 0 flaky, 0 set aside (firefox 1.0)\n", exitDenied},
		{"cases that are not on record are counted", lines[0] + "\n" + lines[4], failed + "0 passed, 1 failed, 0 flaky, 0 set aside, 1 not on record (firefox 1.0)\n", exitDenied},
	} {
		code, stdout, stderr := runVerify(t, tt.cases, "--recorded", file)
		if d := cmp.Diff(tt.want, stdout); d != "" || code != tt.code {
			t.Errorf("%s: exit status %d, want %d, stderr %q, stdout (-want +got):\n%s", tt.name, code, tt.code, stderr, d)
		}
	}
	for _, args := range [][]string{{"--recorded", filepath.Join(t.TempDir(), "none")}, {"--recorded", file, "--record", "x"}} {
		code, stdout, stderr := runVerify(t, lines[0], args...)
		if code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "record") {
			t.Errorf("%q: exit status %d, stdout %q, stderr %q; want %d and one line that names the flag", args, code, stdout, stderr, exitUsage)
		}
	}
}

// What eval refuses verify refuses, in the same words, and what only a browser cannot be asked is set aside by name.
func TestVerifyTellsMalformedCasesWithTheirPlace(t *testing.T) {
	var b bytes.Buffer
	if _, err := lab.NewRecord(&b, &lab.RecordHead{Browser: "firefox", Version: "1.0", Command: "none", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(t.TempDir(), "record.ndjson")
	if err := os.WriteFile(record, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	const good = `{"name": "%s", "page": {"url": "https://app.example/"}, "server": [{"url": "https://app.example/u", "status": 200, "headers": ["%s"]}], "requests": [{"url": "/u"%s}]}` + "\n"
	for _, tt := range []struct {
		name, header, more string
		aside, malformed   string
	}{
		{"a header without a colon", "X-A", "", "", `standard input:2: case "x": server[0].headers[0]: "X-A" has no colon`},
		{"a header with a line break", `X-A: a\r\nb`, "", `server[0].headers[0]: "X-A: a\r\nb" cannot travel over HTTP: its value holds NUL, CR or LF`, ""},
		{"a header with a blank in its name", "X A: a", "", `server[0].headers[0]: "X A: a" cannot travel over HTTP: its name is no token`, ""},
		{"an image", "X-A: a", `, "via": "img"`, "requests[0].via img is not asked: the page of the lab makes requests by fetch and xhr", ""},
		{"a way of making requests that is none", "X-A: a", `, "via": "smoke"`, "", `standard input:2: case "x": requests[0]: not evaluated: via "smoke"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			input := "\n" + fmt.Sprintf(good, "x", tt.header, tt.more) + fmt.Sprintf(good, "y", "X-A: a", "")
			code, stdout, stderr := runVerify(t, input, "--recorded", record)
			want, wantCode := "0 passed, 0 failed, 0 flaky, 0 set aside, 1 not on record (firefox 1.0)\n", exitUsage
			if tt.aside != "" {
				want = "set aside: x: cannot-be-asked: " + tt.aside + "\n" +
					"set aside  1  cannot-be-asked  " + lab.AsideRules("firefox")[0].Reason + "\n" + strings.Replace(want, "0 set aside", "1 set aside", 1)
				wantCode = exitFine
			}
			if d := cmp.Diff(want, stdout); d != "" || code != wantCode {
				t.Errorf("exit status %d, want %d; stdout (-want +got):\n%s", code, wantCode, d)
			}
			if !strings.Contains(stderr, tt.malformed) || strings.Count(stderr, "\n") != min(1, len(tt.malformed)) {
				t.Errorf("stderr %q, want no more than %q", stderr, tt.malformed)
			}
		})
	}
}

func TestVerifyTellsWhatBecameOfACase(t *testing.T) {
	c, err := simulator.ParseCase([]byte(strings.Split(verifyCases, "\n")[0]))
	if err != nil {
		t.Fatal(err)
	}
	outcomes := func(headers ...string) []simulator.Outcome {
		return []simulator.Outcome{{Verdict: "allowed", Sent: []simulator.Sent{{Headers: headers}}}}
	}
	trial := func(change func(*lab.Trial), browser ...string) lab.Trial {
		x, err := lab.Compare(c, "webkit", outcomes(browser...), outcomes("cookie: a=1; b=2"))
		if err != nil {
			t.Fatal(err)
		}
		change(&x)
		return x
	}
	as := func(*lab.Trial) {}
	explained, err := lab.Compare(c, "webkit", outcomes("cookie: "), outcomes())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		trial lab.Trial
		code  int
		tally verifyTally
		want  string
	}{
		{"what agrees is counted alone", trial(as, "cookie: a=1; b=2"), exitFine, verifyTally{Passed: 1}, ""},
		{"what a rule explains is set aside by its name", explained, exitFine,
			verifyTally{Aside: 1, Rules: []asideCount{{Name: "empty-cookie", Count: 1}}}, "set aside: agrees: empty-cookie\n"},
		{"what cannot be asked is set aside with the reason", trial(func(t *lab.Trial) { *t = lab.Trial{Case: c, Aside: []string{lab.CannotBeAsked}, Why: "too long"} }), exitFine,
			verifyTally{Aside: 1, Rules: []asideCount{{Name: lab.CannotBeAsked, Count: 1}}}, "set aside: agrees: cannot-be-asked: too long\n"},
		{"what nothing explains has failed", trial(as), exitFine, verifyTally{Failed: 1},
			"failed: agrees\n  requests[0].sent[0].headers\n    webkit  null\n    corsim  [\"cookie: a=1; b=2\"]\n"},
		{"what came out as expected the second time is flaky, and no failure", trial(func(t *lab.Trial) { t.Again = outcomes("cookie: a=1; b=2") }), exitFine,
			verifyTally{Flaky: 1}, "flaky: agrees: the browser did something else when it was asked again\n"},
		{"what came out otherwise both times is flaky, and a failure", trial(func(t *lab.Trial) { t.Again = outcomes("x-a: 1") }), exitDenied,
			verifyTally{Flaky: 1}, "flaky: agrees: the browser did something else when it was asked again, and neither is what corsim says\n"},
		{"what never came out has failed", trial(func(t *lab.Trial) { *t = lab.Trial{Case: c, Err: lab.ErrTimeout} }), exitFine, verifyTally{Failed: 1},
			"failed: agrees: no answer in time\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			v := verification{app: newApp(nil, &out, &out), found: lab.Browser{Name: "webkit"}}
			v.report(&tt.trial)
			v.flush()
			got := out.String()
			if v.tally.Flaky > 0 { // both sides follow
				got, _, _ = strings.Cut(got, "\n")
				got += "\n"
			}
			for i := range v.tally.Rules {
				v.tally.Rules[i].Reason = ""
			}
			if d := cmp.Diff(tt.tally, v.tally); d != "" || got != tt.want || v.code != tt.code {
				t.Errorf("exit status %d, want %d; printed %q, want %q; tally (-want +got):\n%s", v.code, tt.code, got, tt.want, d)
			}
		})
	}
}

func TestVerifyTallyTellsEachRuleWithItsReason(t *testing.T) {
	var tally verifyTally
	rules := lab.AsideRules("webkit")
	first, second := rules[0], rules[1]
	tally.setAside("webkit", []string{second.Name})
	tally.setAside("webkit", []string{second.Name, first.Name})
	want := []asideCount{{second.Name, 2, second.Reason}, {first.Name, 1, first.Reason}}
	if d := cmp.Diff(want, tally.Rules); d != "" {
		t.Errorf("a case counts under each rule that it needs (-want +got):\n%s", d)
	}
	table := tally.asideTable()
	for _, r := range want {
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^set aside +%d +%s +%s$`, r.Count, r.Name, regexp.QuoteMeta(r.Reason))).MatchString(table) {
			t.Errorf("table\n%s\nwant a line with %d, %s and %q", table, r.Count, r.Name, r.Reason)
		}
	}
	if got, want := tally.String(), "0 passed, 0 failed, 0 flaky, 0 set aside"; got != want {
		t.Errorf("closing line %q, want %q", got, want)
	}
}
