// Command corsim says, without a browser, what a browser decides about crossing origins.
package main

import (
	"io"
	"os"

	"github.com/corsim/corsim/internal/seclude"
)

func main() {
	seclude.Main()
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	a.seclude = seclude.Run
	os.Exit(a.run(os.Args[1:]))
}

// run is the command: its arguments, its three streams and its exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(stdin, stdout, stderr).run(args)
}

func (a *app) run(args []string) int {
	root := newRootCommand(a)
	// cobra takes nil for the arguments of the process.
	root.SetArgs(append([]string{}, args...))
	if err := root.Execute(); err != nil {
		a.complain("%s", oneSentence(err))
		a.worsen(exitUsage)
	}
	a.flush()
	return a.code
}
