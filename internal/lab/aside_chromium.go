package lab

import (
	"strings"

	"github.com/corsim/corsim/simulator"
)

// chromiumAside is what Chromium does outside of what corsim is a model of.
func chromiumAside() []AsideRule {
	return []AsideRule{
		{
			Name:   "range-rewritten",
			Reason: "the HTTP cache reads a Range of the script as numbers and writes it anew: bytes=00-01 leaves as bytes=0-1",
			Match: func(_ *Trial, _ int, d simulator.Difference) bool {
				browser, engine, ok := asideLines(d)
				return ok && len(browser) == 1 && len(engine) == 1 &&
					strings.HasPrefix(browser[0], "range: bytes=") && strings.HasPrefix(engine[0], "range: ")
			},
		},
	}
}
