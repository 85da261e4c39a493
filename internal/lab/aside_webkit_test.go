package lab

import (
	"slices"
	"testing"

	"github.com/corsim/corsim/simulator"
)

func TestWebKitsRulesMatchWhatTheyNameAndNothingElse(t *testing.T) {
	for _, tt := range []struct {
		name, rule, key, browser, engine string
		want                             bool
	}{
		{"an escaped letter in a path that was asked", "escaped-letters", "sent[0].url", `"https://a.example/items"`, `"https://a.example/%69tems"`, true},
		{"an escaped tilde in a URL that the script sees", "escaped-letters", "url", `"https://a.example/~"`, `"https://a.example/%7e"`, true},
		{"an escaped slash", "escaped-letters", "url", `"https://a.example/a/b"`, `"https://a.example/a%2Fb"`, false},
		{"another path", "escaped-letters", "url", `"https://a.example/b"`, `"https://a.example/a"`, false},
		{"an escape in small letters", "escaped-letters", "sent[0].url", `"https://a.example/?a%2Fb"`, `"https://a.example/?a%2fb"`, true},
		{"an escaped letter in a header", "escaped-letters", "sent[0].headers", `["x-a: a"]`, `["x-a: %61"]`, false},
		{"an empty Cookie line", "empty-cookie", "sent[0].headers", `["cookie: ","x-a: 1"]`, `["x-a: 1"]`, true},
		{"a Cookie line", "empty-cookie", "sent[0].headers", `["cookie: a"]`, `[]`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range webkitAside() {
				if r.Name != tt.rule {
					continue
				}
				d := simulator.Difference{Key: tt.key, Want: tt.browser, Got: tt.engine}
				trial := &Trial{Case: &simulator.Case{}, Browser: make([]simulator.Outcome, 1), Engine: make([]simulator.Outcome, 1)}
				if got := r.Match(trial, 0, d); got != tt.want {
					t.Errorf("%s: got %v, want %v for the browser's %s and corsim's %s", r.Name, got, tt.want, tt.browser, tt.engine)
				}
				return
			}
			t.Errorf("there is no rule %s", tt.rule)
		})
	}
}

// What the page had instead of asking the server leaves the server an answer behind.
func TestWebKitsRuleAboutWhatIsKeptCoversWhatFollows(t *testing.T) {
	sent := []simulator.Sent{{Method: "GET", URL: "https://a.example/x"}}
	first := simulator.Outcome{Verdict: "allowed", Status: 200, Headers: []string{"etag: 1"}, Sent: sent}
	second := simulator.Outcome{Verdict: "allowed", Status: 404, Sent: sent}
	third := simulator.Outcome{Verdict: "blocked", Sent: sent}
	kept := first
	kept.Sent = nil
	c := mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"via": "xhr", "url": "/x"}, {"url": "/x"}, {"url": "/x"}]}`)
	for _, tt := range []struct {
		name string
		did  []simulator.Outcome
		want []string
	}{
		{"the server is an answer behind", []simulator.Outcome{first, kept, second}, []string{"kept-with-the-page"}},
		{"nothing was kept", []simulator.Outcome{first, second, second}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := Trial{Case: c, Browser: tt.did, Engine: []simulator.Outcome{first, second, third}}
			if trial.compare(AsideRules("webkit")); !slices.Equal(trial.Aside, tt.want) {
				t.Errorf("set aside by %q, want %q; differences %v", trial.Aside, tt.want, trial.Differences)
			}
		})
	}
}

// Nothing was sent, because the page had what it asked for by XMLHttpRequest before.
func TestWebKitsRuleAboutWhatIsKeptWithThePage(t *testing.T) {
	sent := []simulator.Sent{{Method: "GET", URL: "https://a.example/x"}}
	answered := simulator.Outcome{Verdict: "allowed", Headers: []string{"etag: 1"}, Sent: sent}
	fresh := simulator.Outcome{Verdict: "allowed", Sent: sent}
	for _, tt := range []struct {
		name, before string
		did          simulator.Outcome
		want         []string
	}{
		{"nothing is sent after an XMLHttpRequest for the URL", `"via": "xhr", "url": "/x"`, simulator.Outcome{Verdict: "allowed"}, []string{"kept-with-the-page"}},
		{"a fragment makes no other URL", `"via": "xhr", "url": "/x#f"`, simulator.Outcome{Verdict: "allowed"}, []string{"kept-with-the-page"}},
		{"it is what the XMLHttpRequest was answered", `"via": "xhr", "url": "/x"`, simulator.Outcome{Verdict: "allowed", Headers: []string{"etag: 1"}}, []string{"kept-with-the-page"}},
		{"it is something else", `"via": "xhr", "url": "/x"`, simulator.Outcome{Verdict: "allowed", Headers: []string{"etag: 2"}}, nil},
		{"nothing is sent after a fetch() for the URL", `"url": "/x"`, simulator.Outcome{Verdict: "allowed"}, nil},
		{"nothing is sent after an XMLHttpRequest for another URL", `"via": "xhr", "url": "/y"`, simulator.Outcome{Verdict: "allowed"}, nil},
		{"nothing is sent, and it is blocked", `"via": "xhr", "url": "/x"`, simulator.Outcome{Verdict: "blocked"}, nil},
		{"less is sent", `"via": "xhr", "url": "/x"`, simulator.Outcome{Verdict: "allowed", Sent: []simulator.Sent{{Method: "GET", URL: "https://a.example/z"}}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{`+tt.before+`}, {"url": "/x"}]}`)
			trial := Trial{Case: c, Browser: []simulator.Outcome{answered, tt.did}, Engine: []simulator.Outcome{answered, fresh}}
			if trial.compare(AsideRules("webkit")); !slices.Equal(trial.Aside, tt.want) {
				t.Errorf("set aside by %q, want %q; differences %v", trial.Aside, tt.want, trial.Differences)
			}
		})
	}
}

// A redirect to 0.0.0.0 is followed now and then.
func TestWebKitsRuleAboutTheZeroAddress(t *testing.T) {
	for _, tt := range []struct {
		name, location string
		want           []string
	}{
		{"a redirect leads there", "https://0.0.0.0/", []string{"zero-address-by-chance"}},
		{"a redirect leads elsewhere", "https://10.0.0.0/", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": [{"url": "https://a.example/x", "status": 302, "headers": ["Location: `+tt.location+`"]}], "requests": [{"url": "/x"}]}`)
			sent := []simulator.Sent{{Method: "GET", URL: "https://a.example/x"}}
			trial := Trial{Case: c, Browser: []simulator.Outcome{{Verdict: "allowed", Sent: sent}}, Engine: []simulator.Outcome{{Verdict: "blocked", Sent: sent}}}
			if trial.compare(AsideRules("webkit")); !slices.Equal(trial.Aside, tt.want) {
				t.Errorf("set aside by %q, want %q; differences %v", trial.Aside, tt.want, trial.Differences)
			}
		})
	}
}
