//go:build !linux

package seclude

import "context"

// Inside reports whether this process is the command inside of the namespaces.
func Inside() bool { return false }

// Main is to be called before anything else.
func Main() {}

// Run is not done: there are no namespaces here.
func Run(context.Context) (code int, done bool, err error) { return 0, false, nil }
