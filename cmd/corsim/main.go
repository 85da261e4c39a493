// Command corsim says, without a browser, what a browser decides about crossing origins.
package main

import (
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the command: its arguments, its three streams and its exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := newApp(stdin, stdout, stderr)
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
