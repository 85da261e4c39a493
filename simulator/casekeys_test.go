package simulator

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/corsim/corsim/policy"
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

func TestAValueOfTheWrongTypeIsNamedWithItsPlace(t *testing.T) {
	const page = `{"name":"x","page":{"url":"https://a.example"},`
	for _, test := range []struct{ name, data, want string }{
		{"a request", page + `"server":[],"requests":[{"url":"/"},{"url":"/","after":"1"}]}`, `case "x": key "requests[1].after": string where a number should be`},
		{"an item of a list", page + `"server":[{"url":"/","status":200,"headers":["a: b",5]}],"requests":[]}`, `case "x": key "server[0].headers[1]": number where a string should be`},
		{"a reply that is no object", page + `"server":[{"url":"/"},[]],"requests":[]}`, `case "x": key "server[1]": array where an object should be`},
		{"behind lists and objects that are closed", page + `"server":[{"url":"/","headers":["a: b"]},{"url":"/","status":"200"}],"requests":[]}`, `case "x": key "server[1].status": string where a whole number should be`},
		{"a cookie of the page", `{"name":"x","page":{"url":"https://a.example","cookies":[{"url":1}]},"server":[],"requests":[]}`, `case "x": key "page.cookies[0].url": number where a string should be`},
		{"a list that is none", page + `"server":{},"requests":[]}`, `case "x": key "server": object where an array should be`},
		{"with white space in front", ` ` + page + `"server":[],  "requests" : [ { "url" : 1 } ] }`, `case "x": key "requests[0].url": number where a string should be`},
		{"an expectation", page + `"server":[],"requests":[{"url":"/"},{"url":"/","expect":{"sent":[{"url":1}]}}]}`, `case "x": requests[1].expect: key "sent[0].url": number where a string should be`},
		{"an expectation by profile", page + `"server":[],"requests":[{"url":"/","expect":{"spec":{"status":"200"}}}]}`, `case "x": requests[0].expect: key "spec.status": string where a whole number should be`},
		{"an expectation that is none", page + `"server":[],"requests":[{"url":"/","expect":[]}]}`, `case "x": requests[0].expect: array where an object should be`},
		{"a time out of range", page + `"server":[],"requests":[{"url":"/","after":-1}]}`, `case "x": requests[0].after is -1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := ParseCase([]byte(test.data)); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// Seconds and nanoseconds since 1970 in 64 bits end on 2262-04-11.
func TestTheClockOfACaseEndsWithAnError(t *testing.T) {
	data := func(requests int) []byte {
		return []byte(`{"name":"x","page":{"url":"https://app.example"},"server":[{"url":"https://api.example/","status":200,"headers":["Access-Control-Allow-Origin: *","Access-Control-Allow-Headers: x-a","Access-Control-Max-Age: 86400"]}],"requests":[` +
			strings.TrimPrefix(strings.Repeat(`,{"url":"https://api.example/","headers":["X-A: 1"],"after":1e9}`, requests), ",") + `]}`)
	}
	c, err := ParseCase(data(7))
	if err != nil {
		t.Fatal(err)
	}
	results, err := c.Run(context.Background(), policy.Profile{}, stateStart())
	if err != nil {
		t.Fatalf("7e9 seconds are 221 years: %v", err)
	}
	told := strings.Join(codes(results[6].Events(), "preflight-cache."), "\n")
	for _, until := range []string{"until 2216-08-20T22:40:00Z", "until 2248-04-29T00:26:40Z"} {
		if !strings.Contains(told, until) {
			t.Errorf("the last consent ended 31 years ago and the next one holds for a day; the events do not tell %q:\n%s", until, told)
		}
	}
	if c, err = ParseCase(data(8)); err != nil {
		t.Fatal(err)
	}
	const end = `case "x": requests[7].after puts the clock at 2280-01-05T02:13:20Z, and it counts until 2262-04-11T23:47:16Z`
	if _, err := c.Eval(context.Background(), policy.Profile{}, stateStart()); err == nil || err.Error() != end {
		t.Errorf("%v, want %q", err, end)
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
		_ = keyAt(data, int64(len(data)))
	})
}
