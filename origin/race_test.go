//go:build race

package origin

// raceDetector is whether the race detector slows the tests down.
const raceDetector = true
