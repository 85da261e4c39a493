package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/internal/generate"
)

func newGenerateCommand(a *app) *cobra.Command {
	var (
		seed  uint64
		count int
		areas []string
	)
	c := &cobra.Command{
		Use:   "generate",
		Short: "Make cases out of a seed, near the borders of every rule",
		Long: `Make cases out of a seed, near the borders of every rule, one a line in the case
format. The areas take turns and each case has a seed of its own, counted up from
--seed and told by its name: methods-17 is made again by
--area methods --seed 17. What comes out of them is not said; corsim eval
says what this engine makes of them, and corsim verify what a browser does.

The areas are ` + listed(generate.Areas()) + `.`,
		Example: `corsim generate --seed 1 --count 100
corsim generate --area redirects,xhr --count 10 | corsim eval`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if count < 0 {
				return fmt.Errorf("--count is %d; it has to be at least 0", count)
			}
			for _, area := range areas {
				if !slices.Contains(generate.Areas(), area) {
					return fmt.Errorf("--area %q is none of %s", area, strings.Join(generate.Areas(), ", "))
				}
			}
			for c := range generate.Cases(seed, count, areas...) {
				if a.printJSON(c); a.code != exitFine {
					break
				}
			}
			return nil
		},
	}
	c.Flags().Uint64Var(&seed, "seed", 1, "the seed of the first case")
	c.Flags().IntVar(&count, "count", 10, "how many cases")
	c.Flags().StringSliceVar(&areas, "area", nil, "the areas, separated by commas; all if there is none")
	// The error is one of a flag that does not exist.
	_ = c.RegisterFlagCompletionFunc("area", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return generate.Areas(), cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

// listed writes names as a paragraph of help.
func listed(names []string) string {
	var b strings.Builder
	column := len("The areas are ")
	for i, name := range names {
		if i > 0 {
			b.WriteByte(',')
			if column += len(name) + 2; column > 78 {
				b.WriteByte('\n')
				column = len(name)
			} else {
				b.WriteByte(' ')
			}
		} else {
			column += len(name)
		}
		b.WriteString(name)
	}
	return b.String()
}
