package lab

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/simulator"
)

// lines is an outcome that a script may read, of one request with those header lines.
func lines(sent ...string) simulator.Outcome {
	return simulator.Outcome{Verdict: "allowed", Sent: []simulator.Sent{{Method: "GET", Headers: sent}}}
}

// sees is a rule that sees to a field of whatever request.
func sees(name string, field string) AsideRule {
	return AsideRule{Name: name, Match: func(_ *Trial, _ int, d simulator.Difference) bool {
		_, f := asideKey(d)
		return f == field
	}}
}

func TestATrialIsSetAsideIfRulesExplainItAll(t *testing.T) {
	two := mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "/u"}, {"url": "/v"}]}`)
	rules := []AsideRule{sees("statuses", "status"), sees("headers", "headers"), sees("headers-again", "headers")}
	plain, other := lines("x-a: 1"), lines("x-a: 2")
	worse := other
	worse.Status = 201
	blocked := other
	blocked.Verdict = "blocked"
	for _, tt := range []struct {
		name    string
		browser []simulator.Outcome
		want    []string
	}{
		{"where there is no difference nothing is set aside", []simulator.Outcome{plain, plain}, nil},
		{"the first rule that explains the difference is named", []simulator.Outcome{plain, other}, []string{"headers"}},
		{"each rule that is needed is named once", []simulator.Outcome{other, worse}, []string{"headers", "statuses"}},
		{"one difference that no rule explains is enough", []simulator.Outcome{other, blocked}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := Trial{Case: two, Browser: tt.browser, Engine: []simulator.Outcome{plain, plain}}
			trial.compare(rules)
			if d := cmp.Diff(tt.want, trial.Aside); d != "" {
				t.Errorf("set aside by (-want +got):\n%s", d)
			}
			if agrees := slices.EqualFunc(tt.browser, trial.Engine, func(a, b simulator.Outcome) bool { return cmp.Equal(a, b) }); trial.Agrees() != agrees {
				t.Errorf("agrees: %v, want %v: what is set aside does not count as agreeing", trial.Agrees(), agrees)
			}
		})
	}
}

func TestCompareWantsAnOutcomeARequest(t *testing.T) {
	c := mustCase(t, simple)
	if _, err := Compare(c, "chromium", nil, []simulator.Outcome{lines()}); err == nil || !strings.Contains(err.Error(), `case "n": 0 outcomes`) {
		t.Errorf("error %v, want one that names the case and tells the numbers", err)
	}
	trial, err := Compare(c, "webkit", []simulator.Outcome{lines("cookie: ")}, []simulator.Outcome{lines()})
	if err != nil || !slices.Equal(trial.Aside, []string{"empty-cookie"}) {
		t.Errorf("set aside by %q, %v; want the browser's own rule", trial.Aside, err)
	}
}

// What the rules let through is what they are for; what is like it, and is not, still counts.
func TestRulesExplainOneThing(t *testing.T) {
	for _, tt := range []struct {
		browser, rule, name string
		did, engine         simulator.Outcome
		want                bool
	}{
		{"webkit", "empty-cookie", "an empty line", lines("cookie: "), lines(), true},
		{"webkit", "empty-cookie", "a line with a cookie", lines("cookie: a=1"), lines(), false},
		{"webkit", "empty-cookie", "an empty line in the place of a cookie", lines("cookie: "), lines("cookie: a=1"), false},
		{"webkit", "empty-cookie", "another empty line", lines("x-a: "), lines(), false},
	} {
		t.Run(tt.browser+": "+tt.rule+": "+tt.name, func(t *testing.T) {
			rules := AsideRules(tt.browser)
			n := slices.IndexFunc(rules, func(r AsideRule) bool { return r.Name == tt.rule })
			if n < 0 {
				t.Fatal("there is no such rule")
			}
			trial := Trial{Case: mustCase(t, simple), Browser: []simulator.Outcome{tt.did}, Engine: []simulator.Outcome{tt.engine}}
			if trial.compare(rules[n : n+1]); (len(trial.Aside) > 0) != tt.want {
				t.Errorf("set aside: %v, want %v; differences %v", !tt.want, tt.want, trial.Differences)
			}
		})
	}
}

func TestRulesHaveANameAndAReason(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, browser := range JudgeNames() {
		seen := map[string]bool{}
		for i, r := range AsideRules(browser) {
			if !name.MatchString(r.Name) || seen[r.Name] {
				t.Errorf("%s: rule %d is named %q; want words in lower case joined by hyphens, and no name twice", browser, i, r.Name)
			}
			if r.Reason == "" || strings.HasSuffix(r.Reason, ".") || r.Match == nil {
				t.Errorf("%s: %s: the reason is %q; want one sentence without a full stop, and something that it matches", browser, r.Name, r.Reason)
			}
			seen[r.Name] = true
		}
	}
	if got := AsideRules("other"); len(got) != 2 || got[0].Name != CannotBeAsked || got[1].Name != MachineTooBusy {
		t.Errorf("an unknown browser has %d rules, want %s and %s alone", len(got), CannotBeAsked, MachineTooBusy)
	}
}

func TestAsideKeysAndLines(t *testing.T) {
	for _, tt := range []struct {
		name  string
		d     simulator.Difference
		sent  int
		field string
		lines []string // the browser's, a bar, and the engine's
		only  bool     // x-a differs alone
	}{
		{"a field of the outcome", simulator.Difference{Key: "status", Got: "1", Want: "2"}, -1, "status", nil, false},
		{"headers of the response", simulator.Difference{Key: "headers", Got: `["x-a: 1","x-b: 2"]`, Want: `["x-a: 2","x-b: 2"]`}, -1, "headers", []string{"x-a: 2", "|", "x-a: 1"}, true},
		{"headers of a request", simulator.Difference{Key: "sent[12].headers", Got: `["x-b: 1"]`, Want: `[]`}, 12, "headers", []string{"|", "x-b: 1"}, false},
		{"a line that stands twice on one side", simulator.Difference{Key: "headers", Got: `["x-a: 1"]`, Want: `["x-a: 1","x-a: 1"]`}, -1, "headers", []string{"x-a: 1", "|"}, true},
		{"all that was sent", simulator.Difference{Key: "sent", Got: `[]`, Want: `[{"method":"GET"}]`}, -1, "sent", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sent, field := asideKey(tt.d)
			var got []string
			if browser, engine, ok := asideLines(tt.d); ok {
				got = slices.Concat(browser, []string{"|"}, engine)
			}
			if d := cmp.Diff(tt.lines, got); sent != tt.sent || field != tt.field || d != "" {
				t.Errorf("%d and %q, want %d and %q; lines (-want +got):\n%s", sent, field, tt.sent, tt.field, d)
			}
			if only := asideOnly(tt.d, "x-a"); only != tt.only {
				t.Errorf("only x-a differs: %v, want %v", only, tt.only)
			}
		})
	}
	browser, engine, ok := asideSent(simulator.Difference{Key: "sent", Got: `[]`, Want: `[{"method":"GET"}]`})
	if !ok || len(browser) != 1 || browser[0].Method != "GET" || len(engine) != 0 {
		t.Errorf("%v, %v, %v; want what each side sent", browser, engine, ok)
	}
}

func TestAHeaderOfTheBrowsersOwnIsLeftOut(t *testing.T) {
	for _, tt := range []struct {
		name, server string
		want         []string
	}{
		{"what the wire has not carried is dropped", `[]`, []string{"a: 1"}},
		{"what the server may have sent stays", `[{"url": "https://a.example/u", "status": 200, "headers": ["X-OWN: 2"]}]`, []string{"a: 1", "x-own: 2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": `+tt.server+`, "requests": [{"url": "/u"}]}`)
			o := []simulator.Outcome{{Headers: []string{"a: 1", "x-own: 2"}}}
			dropAdded(c, "x-own", o)
			if d := cmp.Diff(tt.want, o[0].Headers); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestAFlakyCaseMayHaveAgreedOnce(t *testing.T) {
	rules := AsideRules("webkit")
	for _, tt := range []struct {
		name  string
		again []simulator.Outcome
		want  bool
	}{
		{"as the engine says", []simulator.Outcome{lines()}, true},
		{"otherwise, and a rule knows why", []simulator.Outcome{lines("cookie: ")}, true},
		{"otherwise", []simulator.Outcome{lines("cookie: a=1")}, false},
		{"nothing at all", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := Trial{Case: mustCase(t, simple), Engine: []simulator.Outcome{lines()}, Browser: []simulator.Outcome{lines("x-a: 1")}, Again: tt.again}
			if got := trial.EverAgreed(rules); got != tt.want {
				t.Errorf("agreed the second time: %v, want %v", got, tt.want)
			}
		})
	}
}
