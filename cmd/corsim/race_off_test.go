//go:build !race

package main

// raceEnabled reports whether the race detector slows everything down.
func raceEnabled() bool { return false }
