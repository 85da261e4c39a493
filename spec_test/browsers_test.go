package spec_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

const (
	suites   = "fixtures/cases/*.ndjson"
	made     = "fixtures/browsers/generated.ndjson.gz"
	recorder = "go run ./fixtures/browsers/record -browser "
)

// What there may be at most in a record, in cases of a thousand. No case may come out otherwise than on record unless a
// rule explains it.
const (
	mostUnrecorded = 20 // cases that were added or changed since it was made
	mostFlaky      = 5
	mostAside      = 5 // of the generated cases, set aside by rules
)

// recordedBrowsers are those that have a profile, apart from the standard.
var recordedBrowsers = [...]string{"chromium", "firefox", "webkit"}

// TestProfilesDoWhatBrowsersDid holds what corsim says under a browser's profile against what that browser is on record
// as having done.
func TestProfilesDoWhatBrowsersDid(t *testing.T) {
	root := os.DirFS("..")
	cases, err := lab.ReadCases(root, suites, made)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	page.WriteString("| browser | version | asked | cases | as corsim says | otherwise | set aside | flaky | cannot be asked |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	var rules strings.Builder
	rules.WriteString("| browser | rule | cases | why they are set aside |\n| --- | --- | --- | --- |\n")
	generated, err := lab.ReadCases(root, made)
	if err != nil {
		t.Fatal(err)
	}
	for _, browser := range recordedBrowsers {
		t.Run(browser, func(t *testing.T) {
			head, lines, err := lab.ReadRecordFile(root, "fixtures/browsers/"+browser+".ndjson.gz")
			if err != nil {
				t.Fatal(err)
			}
			profile, ok := policy.ProfileByName(browser)
			if !ok || head.Browser != browser || head.Version == "" || head.Cases == 0 || head.Time.IsZero() || head.Command != recorder+browser {
				t.Fatalf("the record is of %q %q, made at %v by %q; want %s, its version, a time, and %q: %s%s makes it anew",
					head.Browser, head.Version, head.Time, head.Command, browser, recorder+browser, recorder, browser)
			}
			tally := judgeRecord(t, profile, head, lines, cases, generated)
			fmt.Fprintf(&page, "| %s | %s | %s | %d of %d | %d | %d | %d | %d | %d |\n",
				browser, head.Version, head.Time.Format(time.DateOnly), head.Cases, head.Corpus, tally.agree, tally.differ, tally.aside, tally.flaky, tally.unasked)
			for _, r := range lab.AsideRules(browser)[2:] {
				fmt.Fprintf(&rules, "| %s | `%s` | %d | %s |\n", browser, r.Name, tally.rules[r.Name], r.Reason)
			}
		})
	}
	if t.Failed() {
		return
	}
	checkReadme(t, "\n"+page.String()+"\n"+rules.String())
}

var update = flag.Bool("update", false, "write what is on record, and what is set aside, into fixtures/browsers/README.md")

// checkReadme compares what the readme of the records tells between its marks.
func checkReadme(t *testing.T, want string) {
	t.Helper()
	const path = "../fixtures/browsers/README.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- made by go test ./spec_test -update -->\n", "<!-- end -->\n"
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s: want the marks %q and %q", path, begin, end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s does not tell what is on record; go test ./spec_test -update writes it (-want +got):\n%s", path, d)
	}
}

func judgeRecord(t *testing.T, profile policy.Profile, head lab.RecordHead, lines []lab.RecordLine, cases, generated []*simulator.Case) *recordTally {
	t.Helper()
	recorded := make(map[string]*lab.RecordLine, len(lines))
	for i := range lines {
		recorded[lines[i].Case] = &lines[i]
	}
	var missing []string
	var known []*simulator.Case
	for _, c := range cases {
		if recorded[lab.CaseID(c)] == nil {
			missing = append(missing, c.Name)
			continue
		}
		known = append(known, c)
	}
	gone := len(lines) - len(known)

	tally := recordTally{rules: make(map[string]int)}
	made := make(map[string]bool, len(generated))
	for _, c := range generated {
		made[lab.CaseID(c)] = true
	}
	each(known, func(c *simulator.Case) {
		id := lab.CaseID(c)
		v, text, rules := judgeCase(c, recorded[id], profile, head)
		tally.count(v, text, rules, made[id])
	})
	if tally.differ > 0 {
		for _, text := range tally.told {
			t.Error(text)
		}
		t.Errorf("%d of %d cases come out otherwise than on record; %d of them are told here", tally.differ, len(known), len(tally.told))
	}
	t.Logf("%s %s: %d cases, %d as recorded, %d otherwise, %d set aside, %d that cannot be asked, %d flaky",
		head.Browser, head.Version, len(known), tally.agree, tally.differ, tally.aside, tally.unasked, tally.flaky)
	if tally.asideMade*1000 > mostAside*max(tally.made, 1000) {
		t.Errorf("%d of %d generated cases are set aside; want at most %d in a thousand", tally.asideMade, tally.made, mostAside)
	}
	if tally.flaky*1000 > mostFlaky*len(known) {
		t.Errorf("%d of %d cases are flaky; want at most %d in a thousand", tally.flaky, len(known), mostFlaky)
	}
	// What was not reached when the record was made is no sign of age.
	unreached := max(0, head.Corpus-head.Cases)
	switch {
	case (len(missing)+gone-unreached)*1000 > mostUnrecorded*len(cases):
		t.Errorf("the record is stale: %d cases are not in it, such as %q, and %d of it are no longer there: %s%s asks for them",
			len(missing), missing[:min(len(missing), 3)], gone, recorder, head.Browser)
	case len(missing)+gone > 0:
		t.Run("what is not yet on record", func(t *testing.T) {
			t.Skipf("NOT TESTED: %d cases, such as %q, are not on record, and %d on record are no longer there: %s%s asks for them",
				len(missing), missing[:min(len(missing), 3)], gone, recorder, head.Browser)
		})
	}
	return &tally
}

// each calls f for the cases, several side by side.
func each(cases []*simulator.Case, f func(*simulator.Case)) {
	work := make(chan *simulator.Case)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for c := range work {
				f(c)
			}
		})
	}
	for _, c := range cases {
		work <- c
	}
	close(work)
	workers.Wait()
}

// A caseVerdict is what becomes of a case on record.
type caseVerdict int

const (
	agrees caseVerdict = iota
	setAside
	unasked
	flaky
	differs
)

// judgeCase compares. The text tells both sides where the verdict is differs, the rules are those by which it is setAside.
func judgeCase(c *simulator.Case, line *lab.RecordLine, profile policy.Profile, head lab.RecordHead) (v caseVerdict, text string, rules []string) {
	switch {
	case line.Aside != "":
		return unasked, "", nil
	case line.Flaky:
		return flaky, "", nil
	}
	trial := lab.CompareRecorded(context.Background(), c, head, line, profile)
	switch {
	case trial.Err != nil:
		return differs, fmt.Sprintf("%s: %v", c.Name, trial.Err), nil
	case trial.Agrees():
		return agrees, "", nil
	case len(trial.Aside) > 0:
		return setAside, "", trial.Aside
	}
	var b strings.Builder
	for i, d := range trial.Differences {
		if len(d) > 0 {
			fmt.Fprintf(&b, "%s: requests[%d], by key (-%s %s +corsim):\n%s", c.Name, i, head.Browser, head.Version, cmp.Diff(wants(d), gots(d)))
		}
	}
	whole, err := json.Marshal(c)
	if err != nil {
		return differs, err.Error(), nil
	}
	fmt.Fprintf(&b, "A profile that says otherwise than its browser did misleads those who rely on it. The case:\n%s", whole)
	return differs, b.String(), nil
}

// maxTold is how many cases that differ are told whole.
const maxTold = 10

type recordTally struct {
	mu                           sync.Mutex
	agree, aside, unasked, flaky int
	made, asideMade              int // of those that were generated: all, and those set aside
	rules                        map[string]int
	differ                       int
	told                         []string // of the first of those that differ
}

func (r *recordTally) count(v caseVerdict, text string, rules []string, made bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if made {
		r.made++
	}
	switch v {
	case agrees:
		r.agree++
	case setAside:
		if r.aside++; made {
			r.asideMade++
		}
		for _, name := range rules {
			r.rules[name]++
		}
	case unasked:
		r.unasked++
	case flaky:
		r.flaky++
	default:
		if r.differ++; r.differ <= maxTold {
			r.told = append(r.told, text)
		}
	}
}

func TestACaseThatIsOtherwiseThanOnRecordIsTold(t *testing.T) {
	const text = `{"name": "n", "page": {"url": "https://a.example/"}, "server": [{"url": "https://b.example/u", "status": 204, "headers": ["Access-Control-Allow-Origin: *"]}], "requests": [{"url": "https://b.example/u"}]}`
	c, err := simulator.ParseCase([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	did := func(change func(*simulator.Outcome)) *lab.RecordLine {
		o := simulator.Outcome{Verdict: "allowed", Type: "cors", Status: 204, URL: "https://b.example/u", Headers: []string{}, Sent: []simulator.Sent{{
			Method: "GET", URL: "https://b.example/u",
			Headers: []string{"origin: https://a.example", "referer: https://a.example/", "sec-fetch-dest: empty", "sec-fetch-mode: cors", "sec-fetch-site: cross-site"},
		}}}
		change(&o)
		return lab.LineOf(&lab.Trial{Case: c, Browser: []simulator.Outcome{o}})
	}
	for _, tt := range []struct {
		name string
		line *lab.RecordLine
		want caseVerdict
		tell []string
	}{
		{"what is on record agrees", did(func(*simulator.Outcome) {}), agrees, nil},
		{"another verdict is told with both sides", did(func(o *simulator.Outcome) { o.Verdict = "blocked" }), differs, []string{`"allowed"`, `"blocked"`, "chromium 1", `"name":"n"`}},
		{"another header on the wire too", did(func(o *simulator.Outcome) { o.Sent[0].Headers[0] = "origin: null" }), differs, []string{"sent[0].headers", `"null"`}},
		{"a record of too few requests is told", &lab.RecordLine{Case: lab.CaseID(c)}, differs, []string{`case "n"`, "0 outcomes"}},
		{"a flaky one counts as such", &lab.RecordLine{Flaky: true}, flaky, nil},
		{"one that cannot be asked counts as such", &lab.RecordLine{Aside: "why"}, unasked, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, told, _ := judgeCase(c, tt.line, policy.Profile{}, lab.RecordHead{Browser: "chromium", Version: "1", Time: start})
			if got != tt.want || (told == "") != (tt.tell == nil) {
				t.Errorf("verdict %d and %q, want %d", got, told, tt.want)
			}
			for _, w := range tt.tell {
				if !strings.Contains(told, w) {
					t.Errorf("told %q, want it to hold %q", told, w)
				}
			}
		})
	}
}
