package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/policy"
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
section of the standard, what it says and what to do about it. A CODE may leave out
its end: cors stands for every code that begins with cors and a dot.`,
		Example: `corsim steps
corsim steps cors.allow-origin.missing
corsim steps preflight --json`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var codes []cobra.Completion
			for s := range policy.Steps {
				codes = append(codes, s.Code())
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

// printSteps prints the steps that have the code or begin with it, all for an empty one, and returns how many.
func (a *app) printSteps(code string) int {
	n := 0
	for s := range policy.Steps {
		if code != "" && s.Code() != code && !strings.HasPrefix(s.Code(), code+".") {
			continue
		}
		n++
		if a.json {
			a.printJSON(stepEntry{s.Code(), s.Kind().String(), s.Algorithm().String(), s.Number(), s.URL(), s.Says(), s.Fix()})
			continue
		}
		a.printf("%s\n  %s, step %s (%s)\n  %s\n  %s\n", s.Code(), s.Algorithm(), s.Number(), s.Kind(), s.URL(), s.Says())
		if s.Fix() != "" {
			a.printf("  What to do: %s\n", s.Fix())
		}
		a.printf("\n")
	}
	return n
}
