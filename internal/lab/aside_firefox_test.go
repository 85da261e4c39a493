package lab

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/simulator"
)

// Blanks in data: URLs are set aside where they explain the difference, and nothing else of such a case is.
func TestFirefoxsRuleAboutDataURLs(t *testing.T) {
	request := func(url string) string {
		return `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "` + url + `"}]}`
	}
	outcome := func(url, length string) simulator.Outcome {
		return simulator.Outcome{Verdict: "allowed", Type: "basic", Status: 200, URL: url, Headers: []string{"content-length: " + length}}
	}
	const base64, fragment = "data:text/plain ;base64,YQ==", "data:,x  #y"
	for _, tt := range []struct {
		name, url   string
		did, engine simulator.Outcome
		want        []string
	}{
		{"a blank elsewhere", base64, outcome("data:text/plain;base64,YQ==", "1"), outcome(base64, "1"), nil},
		{"blanks before a fragment", fragment, outcome("data:,x", "1"), outcome("data:,x %20", "3"), []string{"data-url-blanks"}},
		{"another letter besides", fragment, outcome("data:,y", "1"), outcome("data:,x %20", "3"), nil},
		{"another status besides", fragment, simulator.Outcome{Status: 404}, outcome("data:,x %20", "3"), nil},
		{"a blank in a URL that is neither", "data:,a b", outcome("data:,ab", "2"), outcome("data:,a b", "3"), nil},
		{"a URL that is no data: URL", "https://a.example/base64 ", outcome("https://a.example/base64", "1"), outcome("https://a.example/base64 ", "1"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := Trial{Case: mustCase(t, request(tt.url)), Browser: []simulator.Outcome{tt.did}, Engine: []simulator.Outcome{tt.engine}}
			if trial.compare(AsideRules("firefox")); !slices.Equal(trial.Aside, tt.want) {
				t.Errorf("set aside by %q, want %q; differences %v", trial.Aside, tt.want, trial.Differences)
			}
		})
	}
}

// Only what is never answered is set aside.
func TestFirefoxsRuleAboutViewSource(t *testing.T) {
	sent := []simulator.Sent{{Method: "GET", URL: "https://a.example/"}}
	for _, tt := range []struct {
		name, url string
		did       simulator.Outcome
		want      []string
	}{
		{"what is behind it was fetched, and nobody answered", "view-source:https://a.example", simulator.Outcome{Verdict: "unanswered", Sent: sent}, []string{"view-source"}},
		{"the same of another URL", "https://a.example", simulator.Outcome{Verdict: "unanswered", Sent: sent}, nil},
		{"an answer", "view-source:https://a.example", simulator.Outcome{Verdict: "allowed", Sent: sent}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "`+tt.url+`"}]}`)
			trial := Trial{Case: c, Browser: []simulator.Outcome{tt.did}, Engine: []simulator.Outcome{{Verdict: "blocked"}}}
			if trial.compare(AsideRules("firefox")); !slices.Equal(trial.Aside, tt.want) {
				t.Errorf("set aside by %q, want %q; differences %v", trial.Aside, tt.want, trial.Differences)
			}
		})
	}
}

// Firefox refuses the certificates of such hosts, and nothing else of theirs.
func TestFirefoxsRuleAboutLongLabels(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, tt := range []struct {
		name, url string
		did       simulator.Outcome
		want      []string
	}{
		{"a label of 64 characters", "https://b." + long + ".test/", simulator.Outcome{Verdict: "blocked"}, []string{"label-too-long"}},
		{"a label of 63 characters", "https://b." + long[1:] + ".test/", simulator.Outcome{Verdict: "blocked"}, nil},
		{"a long label without a certificate", "http://" + long + ".test/", simulator.Outcome{Verdict: "blocked"}, nil},
		{"a host that was asked", "https://" + long + ".test/", simulator.Outcome{Verdict: "blocked", Sent: []simulator.Sent{{Method: "GET", URL: "https://" + long + ".test/"}}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "`+tt.url+`"}]}`)
			trial := Trial{Case: c, Browser: []simulator.Outcome{tt.did}, Engine: []simulator.Outcome{{Verdict: "allowed", Sent: []simulator.Sent{{Method: "GET", URL: tt.url}}}}}
			if trial.compare(AsideRules("firefox")); !slices.Equal(trial.Aside, tt.want) {
				t.Errorf("set aside by %q, want %q; differences %v", trial.Aside, tt.want, trial.Differences)
			}
		})
	}
}
