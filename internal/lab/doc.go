// Package lab puts a real browser in front of servers that are made on the spot, and writes down both sides: what
// went over the wire, byte for byte and in order, and what the script in the page was told.
//
// A [Front] is one loopback port that plays every host of the web, with and without TLS, and hands each request to
// a [Server]. A [Browser] is an installed browser that is started headless, with a profile of its own, with every
// host name leading to the Front. [Run] opens a page in it, has the page make the fetches of a [Script] one after
// the other, and returns a [Report].
//
// Nothing leaves the machine, and nothing stays on it: processes, profiles and certificates end with the run.
package lab
