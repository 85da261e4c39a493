package lab

import (
	"testing"

	"github.com/corsim/corsim/simulator"
)

func TestWebKitsRulesMatchWhatTheyNameAndNothingElse(t *testing.T) {
	get := []simulator.Sent{{Method: "POST"}, {Method: "GET"}, {Method: "GET"}}
	for _, tt := range []struct {
		name, rule, key, browser, engine string
		want                             bool
	}{
		{"a __Host- cookie more", "cookie-name-prefixes", "sent[0].headers", `["cookie: a=1; __Host-b=2"]`, `["cookie: a=1"]`, true},
		{"a __Secure- cookie alone", "cookie-name-prefixes", "sent[0].headers", `["cookie: __Secure-b=2"]`, `[]`, true},
		{"a plain cookie more", "cookie-name-prefixes", "sent[0].headers", `["cookie: a=1; b=2"]`, `["cookie: a=1"]`, false},
		{"another header more", "cookie-name-prefixes", "sent[0].headers", `["x-a: "]`, `[]`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := &Trial{Case: &simulator.Case{}, Engine: []simulator.Outcome{{Sent: get}}}
			for _, r := range webkitAside() {
				if r.Name != tt.rule {
					continue
				}
				if got := r.Match(trial, 0, simulator.Difference{Key: tt.key, Want: tt.browser, Got: tt.engine}); got != tt.want {
					t.Errorf("%s: got %v, want %v for the browser's %s and corsim's %s", r.Name, got, tt.want, tt.browser, tt.engine)
				}
				return
			}
			t.Errorf("there is no rule %s", tt.rule)
		})
	}
}
