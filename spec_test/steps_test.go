package spec_test

import (
	"context"
	"strings"
	"testing"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// unreached lists the steps that end an algorithm and that no case can reach, each with the reason.
var unreached = map[policy.Step]string{
	policy.MainLocalURLsOnly:        "no API of a script sets the local-URLs-only flag",
	policy.MainRangeNotRequested:    "without a service worker, a response belongs to the request that asked for its range",
	policy.MainMixedContentResponse: "without a service worker, a response's URL is the one that was asked for",
	policy.MainZeroAddress:          "by the standard it is an address like any other",
	policy.NetworkStreamRefused:     "by the standard streams are sent",
	policy.HSTSThirdParty:           "by the standard it does not matter whose page asks",
	policy.HTTPCachePrivate:         "a browser's cache is no shared one",
	policy.HTTPCacheAuthorization:   "a browser's cache is no shared one",
	policy.TAONavigate:              "fetch() and XMLHttpRequest do not navigate",
	policy.CORPNavigation:           "fetch() and XMLHttpRequest do not navigate",
	policy.CORPCredentialless:       "a credentialless page's requests without CORS to other origins carry no credentials",
	policy.NosniffOff:               "the destination of fetch() and XMLHttpRequest is empty: their responses' types are not checked",
	policy.NosniffOK:                "the destination of fetch() and XMLHttpRequest is empty",
	policy.NosniffScript:            "the destination of fetch() and XMLHttpRequest is empty",
	policy.NosniffStyle:             "the destination of fetch() and XMLHttpRequest is empty",
	policy.MIMETypeOK:               "the destination of fetch() and XMLHttpRequest is empty",
	policy.MIMETypeScript:           "the destination of fetch() and XMLHttpRequest is empty",
}

// TestEveryEndingStepIsReachedByACase keeps the suite whole: a rule without a case is a rule that nobody checks.
func TestEveryEndingStepIsReachedByACase(t *testing.T) {
	reached := map[policy.Step]bool{}
	eachCase(t, func(t *testing.T, file string, line int, c *simulator.Case) {
		results, err := c.Run(context.Background(), policy.Profile{}, start)
		if err != nil {
			t.Errorf("%s:%d: %v", file, line, err)
			return
		}
		for _, r := range results {
			reached[r.Reason()] = true
			for _, e := range r.Events() {
				reached[e.Step] = true
			}
		}
	})
	for s := range policy.Steps {
		why, listed := unreached[s]
		switch {
		case !s.Ends():
		case reached[s] && listed:
			t.Errorf("%v is reached by a case, but stands in the list of those that cannot be (%s)", s, why)
		case !reached[s] && !listed:
			t.Errorf("no case reaches %v, %s", s, s.URL())
		}
	}
	for s := range policy.Steps {
		if !s.Ends() && !reached[s] {
			t.Logf("no case passes %v", s)
		}
	}
}

// TestEveryCaseCitesAStandard keeps the suite checkable: whoever doubts a case can look it up.
func TestEveryCaseCitesAStandard(t *testing.T) {
	n := 0
	eachCase(t, func(t *testing.T, file string, line int, c *simulator.Case) {
		n++
		if !strings.HasPrefix(c.Spec, "https://") || !strings.Contains(c.Spec, "#") {
			t.Errorf("%s:%d: %q cites %q; want the URL of a section, with fragment", file, line, c.Name, c.Spec)
		}
		for i := range c.Requests {
			if c.Requests[i].Expect.For("spec") == nil {
				return // a request that only sets the scene
			}
		}
	})
	if n < 600 {
		t.Errorf("%d cases, want at least 600", n)
	}
	t.Logf("%d cases", n)
}

// TestNamesAreUniqueInTheirFile keeps cases apart in reports.
func TestNamesAreUniqueInTheirFile(t *testing.T) {
	seen := map[string]int{}
	eachCase(t, func(t *testing.T, file string, line int, c *simulator.Case) {
		if before, ok := seen[file+"\x00"+c.Name]; ok {
			t.Errorf("%s:%d: %q stands in line %d already", file, line, c.Name, before)
		}
		seen[file+"\x00"+c.Name] = line
	})
}
