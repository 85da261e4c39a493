package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/policy"
)

// newRootCommand returns the command with all its subcommands.
func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "corsim",
		Short: "Say, without a browser, what a browser decides about crossing origins",
		Example: `corsim check https://api.example/items/1 --origin https://app.example --method PUT
corsim replay recording.har
corsim test cases.ndjson
corsim compare https://app.example https://api.example
corsim steps cors.allow-origin.missing`,
		Version:       version(),
		Args:          noSubcommand,
		RunE:          showHelp,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetVersionTemplate("{{.DisplayName}} {{.Version}}\n")
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(c.OutOrStdout(), c) })
	root.SetUsageFunc(func(c *cobra.Command) error { writeHelp(c.OutOrStderr(), c); return nil })
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%s (%s --help tells the flags)", oneSentence(err), c.CommandPath())
	})
	root.SetHelpCommand(newHelpCommand(root))
	root.PersistentFlags().BoolVar(&a.json, "json", false, "write JSON")
	root.AddCommand(newCheckCommand(a), newOriginCommand(a), newCompareCommand(a), newEvalCommand(a), newTestCommand(a), newReplayCommand(a), newStepsCommand(a), newVerifyCommand(a), newGenerateCommand(a))
	root.InitDefaultCompletionCmd("") // after the other commands, without which it makes none
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = noSubcommand, showHelp
		}
	}
	return root
}

func showHelp(c *cobra.Command, _ []string) error { return c.Help() }

// newHelpCommand is cobra's help command, but for a topic that does not exist, which is a mistake.
func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Tell what a command is for",
		Example: "corsim help check",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || c == nil || len(rest) > 0 && c.HasSubCommands() {
				return noSubcommand(root, args)
			}
			return c.Help()
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			for _, c := range root.Commands() {
				names = append(names, c.Name())
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// noSubcommand refuses an argument that names no subcommand.
func noSubcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	near := ""
	if s := c.SuggestionsFor(args[0]); len(s) > 0 {
		near = fmt.Sprintf("did you mean %q? ", s[0])
	}
	return fmt.Errorf("unknown command %q (%s%s --help lists the commands)", args[0], near, c.CommandPath())
}

// oneSentence is the first line of an error, to which libraries like to add more.
func oneSentence(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}

// version tells what the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown (Fetch standard of " + policy.FetchVersion + ")"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value
			}
		}
	}
	return fmt.Sprintf("%s (%s, Fetch standard of %s)", v, info.GoVersion, policy.FetchVersion)
}

// writeHelp writes what a command is for: the examples first.
func writeHelp(w io.Writer, c *cobra.Command) {
	if c.Example != "" {
		fmt.Fprintln(w, "Examples:")
		for line := range strings.Lines(c.Example) {
			fmt.Fprint(w, "  ", line)
		}
		fmt.Fprint(w, "\n\n")
	}
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintf(w, "%s\n\nUsage:\n", strings.TrimSpace(text))
	if c.Runnable() && !c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s\n", c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMAND [flags]\n\nCommands:\n", c.CommandPath())
		for _, s := range c.Commands() {
			if s.IsAvailableCommand() || s.Name() == "help" {
				fmt.Fprintf(w, "  %-11s %s\n", s.Name(), s.Short)
			}
		}
	}
	if f := c.LocalFlags(); f.HasAvailableFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", f.FlagUsages())
	}
	if f := c.InheritedFlags(); f.HasAvailableFlags() {
		fmt.Fprintf(w, "\nFlags of every command:\n%s", f.FlagUsages())
	}
}
