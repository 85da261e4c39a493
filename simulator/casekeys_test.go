package simulator

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestKeysOfACaseAreTakenToTheLetter(t *testing.T) {
	const rest = `"page":{"url":"https://a.example"},"server":[],"requests":[]`
	for _, test := range []struct{ name, data, want string }{
		{"a whole case", `{"name":"x",` + rest + `}`, ""},
		{"another case of letters", `{"Name":"x",` + rest + `}`, `case "x": unknown key "Name"`},
		{"an unknown key", `{"name":"x","foo":1,` + rest + `}`, `case "x": unknown key "foo"`},
		{"an escaped key", `{"n\u0061me":"x",` + rest + `}`, ""},
		{"a key twice", `{"name":"x","name":"y",` + rest + `}`, `case "y": key "name" stands twice in one case`},
		{"a key of the page", `{"name":"x","page":{"url":"https://a.example","URL":""},"server":[],"requests":[]}`, `case "x": unknown key "URL"`},
		{"a key of a reply", `{"name":"x","page":{"url":"https://a.example"},"server":[{"url":"https://a.example","status":200,"code":1}],"requests":[]}`, `case "x": unknown key "code"`},
		{"a key of an outcome", `{"name":"x","page":{"url":"https://a.example"},"server":[],"requests":[{"url":"/","expect":{"verdict":"allowed","why":1}}]}`, `case "x": unknown key "why"`},
		{"a key of an outcome by profile", `{"name":"x","page":{"url":"https://a.example"},"server":[],"requests":[{"url":"/","expect":{"spec":{"Verdict":"allowed"}}}]}`, `case "x": unknown key "Verdict"`},
		{"a mixture", `{"name":"x","page":{"url":"https://a.example"},"server":[],"requests":[{"url":"/","expect":{"verdict":"allowed","spec":{}}}]}`, `case "x": expect mixes "verdict" with "spec"`},
		{"an unknown profile", `{"name":"x","page":{"url":"https://a.example"},"server":[],"requests":[{"url":"/","expect":{"spec":{},"opera":{}}}]}`, `case "x": unknown key "opera"`},
		{"keys within strings", `{"name":"{\"foo\":[","note":"]}",` + rest + `}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseCase([]byte(test.data))
			switch {
			case err == nil && test.want != "":
				t.Errorf("no error, want %q", test.want)
			case err != nil && (test.want == "" || !strings.HasPrefix(err.Error(), test.want)):
				t.Errorf("%q, want %q", err, test.want)
			}
		})
	}
}

func FuzzCheckKeys(f *testing.F) {
	f.Add([]byte(`{"name":"x","page":{"url":"https://a.example"},"server":[{"url":"","headers":["a: b"]}],"requests":[{"expect":{"spec":{"sent":[{"url":""}]}}}]}`))
	f.Add([]byte(`{"requests":{"requests":[[{"expect":[{"a":1}]}]]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		_ = checkKeys(data) // must not panic or hang
	})
}
