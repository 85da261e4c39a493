//go:build !race

package generate

// race tells that the race detector is on, under which everything takes ten times as long.
const race = false
