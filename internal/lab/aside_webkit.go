package lab

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/simulator"
)

// webkitAside is what WebKitGTK does outside of what corsim is a model of: above all what its network library, which
// Safari has not, makes of requests and responses.
func webkitAside() []AsideRule {
	return []AsideRule{
		{
			Name:   "cookie-order",
			Reason: "the network library writes the cookies of a request in an order of its own",
			Match: func(_ *Trial, _ int, d simulator.Difference) bool {
				browser, engine, ok := asideLines(d)
				return ok && len(browser) == 1 && len(engine) == 1 &&
					strings.HasPrefix(browser[0], "cookie: ") && sameCookies(browser[0], engine[0])
			},
		},
	}
}

// sameCookies reports whether two Cookie lines have the same cookies, in whatever order.
func sameCookies(a, b string) bool {
	split := func(line string) []string {
		return slices.Sorted(strings.SplitSeq(strings.TrimPrefix(line, "cookie: "), "; "))
	}
	return slices.Equal(split(a), split(b))
}
