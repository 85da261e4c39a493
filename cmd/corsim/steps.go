package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// A stepEntry is a row of the reference of reasons.
type stepEntry struct {
	Code      string `json:"code"`
	Kind      string `json:"kind"`
	Algorithm string `json:"algorithm"`
	Number    string `json:"number"`
	Section   string `json:"section"`
	Says      string `json:"says"`
	Fix       string `json:"fix"`
}

func newStepsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "steps [CODE ...]",
		Short: "Print the reference of reasons: where each decision stands in the standards, and its remedy",
		Long: `Print the reference of reasons: each step's code, its algorithm and number, the
section of the standard, what it says and what to do about it; and for each code that
begins with cookie, why a cookie was sent, withheld, stored or refused. A CODE may leave
out its end: cors stands for every code that begins with cors and a dot.`,
		Example: `corsim steps
corsim steps cors.allow-origin.missing
corsim steps cookie.same-site
corsim steps preflight --json`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var codes []cobra.Completion
			for s := range policy.Steps {
				codes = append(codes, s.Code())
			}
			for r := range simulator.CookieReasons {
				if r != simulator.CookieSent { // it has the code of a step
					codes = append(codes, r.Code())
				}
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				a.printSteps("")
			}
			for _, code := range args {
				if a.printSteps(code) == 0 {
					a.complain("no step has the code %q (corsim steps lists them all)", code)
					a.worsen(exitUsage)
				}
			}
			return nil
		},
	}
}

// printSteps prints the steps and the reasons of cookies that have the code or begin with it, all for an empty one, and
// returns how many.
func (a *app) printSteps(code string) int {
	n := 0
	tell := func(e stepEntry) {
		if code != "" && e.Code != code && !strings.HasPrefix(e.Code, code+".") {
			return
		}
		n++
		if a.json {
			a.printJSON(e)
			return
		}
		where := e.Algorithm
		if e.Number != "" {
			where += ", step " + e.Number
		}
		a.printf("%s\n  %s (%s)\n  %s\n  %s\n", e.Code, where, e.Kind, e.Section, e.Says)
		if e.Fix != "" {
			a.printf("  What to do: %s\n", e.Fix)
		}
		a.printf("\n")
	}
	for s := range policy.Steps {
		tell(stepEntry{s.Code(), s.Kind().String(), s.Algorithm().String(), s.Number(), s.URL(), s.Says(), s.Fix()})
	}
	for r := range simulator.CookieReasons {
		kind := policy.Failure
		if r.OK() {
			kind = policy.Success
		}
		// The place is one text, with a number or without.
		tell(stepEntry{Code: r.Code(), Kind: kind.String(), Algorithm: r.Section(), Section: r.URL(), Says: r.String()})
	}
	return n
}
