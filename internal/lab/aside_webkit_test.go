package lab

import (
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
				if got := r.Match(&Trial{Case: &simulator.Case{}}, 0, d); got != tt.want {
					t.Errorf("%s: got %v, want %v for the browser's %s and corsim's %s", r.Name, got, tt.want, tt.browser, tt.engine)
				}
				return
			}
			t.Errorf("there is no rule %s", tt.rule)
		})
	}
}
