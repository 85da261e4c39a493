// Package bench times package origin beside its peers: net/url, github.com/nlnwa/whatwg-url, and Ada, which Node.js
// runs. It is a module of its own, so that the peers are no dependencies of corsim.
//
//	cd bench && go test -bench . -count 5
//
// Every peer gets the same inputs, shuffled, and has to come up with the origin: scheme, host and port, picked out or
// serialized, whichever is its way.
package bench

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/corsim/corsim/origin"
	whatwg "github.com/nlnwa/whatwg-url/url"
)

// A set is a file of inputs, a line each.
type set string

const (
	everyday set = "../origin/testdata/everyday.txt" // URLs as pages hold them
	bare     set = "../origin/testdata/bare.txt"     // serialized origins
	hard     set = "../origin/testdata/hard.txt"     // hosts that take the whole host parser
)

func (s set) inputs(tb testing.TB) []string {
	tb.Helper()
	text, err := os.ReadFile(string(s))
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Split(strings.ReplaceAll(strings.TrimSuffix(string(text), "\n"), `\t`, "\t"), "\n")
}

// run gives f one input an iteration.
func (s set) run(b *testing.B, f func(input string) bool) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []string
	inputs := s.inputs(b)
	for len(all)+len(inputs) <= 4096 {
		all = append(all, inputs...)
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if !f(all[i]) {
			b.Fatalf("%q does not parse", all[i])
		}
		if i++; i == len(all) {
			i = 0
		}
	}
}

func corsimOf(s string) bool {
	o, err := origin.Of(s)
	return err == nil && !o.IsZero()
}

func corsimParseURL(s string) bool {
	u, err := origin.ParseURL(s, nil)
	return err == nil && !u.Origin().IsZero()
}

func corsimParse(s string) bool {
	_, err := origin.Parse(s)
	return err == nil
}

func netURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	scheme, host, port := u.Scheme, u.Hostname(), u.Port()
	return scheme != "" && host != "" && len(port) < 6
}

func nlnwa(s string) bool {
	u, err := whatwg.Parse(s)
	if err != nil {
		return false
	}
	scheme, host, port := u.Scheme(), u.Hostname(), u.Port()
	return scheme != "" && host != "" && len(port) < 6
}

// An answer is what ada.mjs writes.
type answer struct {
	Ada     string
	NS      float64
	Origins []string
}

// ada runs ada.mjs for some milliseconds. Where there is no node the test or benchmark is skipped.
func (s set) ada(tb testing.TB, milliseconds string) answer {
	tb.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		tb.Skipf("SKIPPED, Ada was not timed: %v", err)
	}
	out, err := exec.Command(node, "ada.mjs", string(s), milliseconds).Output()
	if err != nil {
		tb.Fatalf("ada.mjs: %v", err)
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		tb.Fatalf("ada.mjs: %v: %s", err, out)
	}
	return a
}

func (s set) benchAda(b *testing.B) {
	a := s.ada(b, "1000")
	b.Logf("Ada %s", a.Ada)
	for b.Loop() { // The measuring is done; this is for the framework.
	}
	b.ReportMetric(a.NS, "ns/op")
}

func BenchmarkEveryday(b *testing.B) {
	b.Run("corsim.Of", func(b *testing.B) { everyday.run(b, corsimOf) })
	b.Run("corsim.ParseURL", func(b *testing.B) { everyday.run(b, corsimParseURL) })
	b.Run("net-url", func(b *testing.B) { everyday.run(b, netURL) })
	b.Run("nlnwa", func(b *testing.B) { everyday.run(b, nlnwa) })
	b.Run("ada", everyday.benchAda)
}

func BenchmarkBare(b *testing.B) {
	b.Run("corsim.Parse", func(b *testing.B) { bare.run(b, corsimParse) })
	b.Run("corsim.Of", func(b *testing.B) { bare.run(b, corsimOf) })
	b.Run("net-url", func(b *testing.B) { bare.run(b, netURL) })
	b.Run("nlnwa", func(b *testing.B) { bare.run(b, nlnwa) })
	b.Run("ada", bare.benchAda)
}

// net/url is not here: it takes few of these hosts and makes other ones of those.
func BenchmarkHard(b *testing.B) {
	b.Run("corsim.Of", func(b *testing.B) { hard.run(b, corsimOf) })
	b.Run("corsim.ParseURL", func(b *testing.B) { hard.run(b, corsimParseURL) })
	b.Run("nlnwa", func(b *testing.B) { hard.run(b, nlnwa) })
	b.Run("ada", hard.benchAda)
}

// Ada is an implementation of the same standard that others wrote: on these inputs the two have to agree.
func TestAdaFindsTheSameOrigins(t *testing.T) {
	for _, s := range []set{everyday, bare, hard} {
		a := s.ada(t, "1")
		for i, input := range s.inputs(t) {
			o, err := origin.Of(input)
			if err != nil || o.String() != a.Origins[i] {
				t.Errorf("%q: corsim has the origin %v (%v), Ada %s has %s", input, o, err, a.Ada, a.Origins[i])
			}
		}
	}
}
