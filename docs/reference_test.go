package docs

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

var update = flag.Bool("update", false, "write the generated pages anew")

// TestTheReferenceOfReasonsIsTheCodes keeps docs/reasons.md what the code says. `go test ./docs -update` writes it.
func TestTheReferenceOfReasonsIsTheCodes(t *testing.T) {
	check(t, "reasons.md", reasons())
}

func check(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what the code says (-code +page); `go test ./docs -update` writes it anew:\n%s", file, diff)
	}
}

// reasons is the page: the steps by algorithm, in the order in which a fetch meets them, and the reasons of cookies.
func reasons() string {
	var b strings.Builder
	b.WriteString("# Reasons\n\n")
	fmt.Fprintf(&b, "Every decision of corsim is a step of a standard. This page lists the steps, by algorithm, with the\n"+
		"stable code by which results, cases and `--json` name them. Numbers are those of the Fetch standard\n"+
		"as of %s, and of the standards it refers to.\n\n", policy.FetchVersion)
	b.WriteString("A *success* or a *failure* ends its algorithm; *throws* means that the API throws and nothing is\nsent; a *note* is told on the way.\n")
	var order []policy.Algorithm
	byAlgorithm := map[policy.Algorithm][]policy.Step{}
	for s := range policy.Steps {
		a := s.Algorithm()
		if byAlgorithm[a] == nil {
			order = append(order, a)
		}
		byAlgorithm[a] = append(byAlgorithm[a], s)
	}
	for _, a := range order {
		fmt.Fprintf(&b, "\n## %s\n\n<%s>\n\n| code | step | | what happened | what to do |\n| --- | --- | --- | --- | --- |\n", a, a.URL())
		for _, s := range byAlgorithm[a] {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.Code(), s.Number(), s.Kind(), cell(s.Says()), cell(s.Fix()))
		}
	}
	b.WriteString("\n## Cookies\n\nWhy each cookie was sent, withheld, stored or refused, as `Result.Cookies()` and the story tell it; the\n" +
		"step names its algorithm.\n\n| code | step | | what happened |\n| --- | --- | --- | --- |\n")
	for r := range simulator.CookieReasons {
		kind := policy.Failure
		if r.OK() {
			kind = policy.Success
		}
		fmt.Fprintf(&b, "| `%s` | [%s](%s) | %s | %s |\n", r.Code(), r.Section(), r.URL(), kind, cell(r.String()))
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
