package fetch

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

func TestBytesOfHeadersLeaveAsUTF8AndComeBackValid(t *testing.T) {
	for _, tt := range []struct{ name, value, sent, shown string }{
		{"ASCII stays", "a b", "a b", "a b"},
		{"a byte alone", "caf\xe9", "caf\xc3\xa9", "caf\xef\xbf\xbd"},
		{"two bytes that are UTF-8", "caf\xc3\xa9", "caf\xc3\x83\xc2\xa9", "caf\xc3\xa9"},
		{"each byte that is no UTF-8 by itself", "\xe2\x82\xff", "\xc3\xa2\xc2\x82\xc3\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := Headers{{"X-A", tt.value}, {"Cookie", tt.value}}
			headersAsUTF8(h)
			if d := cmp.Diff(Headers{{"X-A", tt.sent}, {"Cookie", tt.value}}, h); d != "" {
				t.Errorf("each byte is a code point, but for cookies (-want +got):\n%s", d)
			}
			res := &HTTPResponse{Headers: Headers{{"X-A", tt.value}, {"Set-Cookie", tt.value}}}
			if d := cmp.Diff(Headers{{"X-A", tt.shown}, {"Set-Cookie", tt.value}}, withValidUTF8(res).Headers); d != "" {
				t.Errorf("what is no UTF-8 is U+FFFD, but for cookies (-want +got):\n%s", d)
			}
			if res.Headers[0].Value != tt.value {
				t.Errorf("the network's own response has become %q; it is the network's to keep", res.Headers[0].Value)
			}
		})
	}
}

func TestSeveralLocationLinesFailOrAreOneURL(t *testing.T) {
	current, err := origin.ParseURL("https://a.example/x/y", nil)
	if err != nil {
		t.Fatal(err)
	}
	res := &HTTPResponse{Status: 302, Headers: Headers{{"Location", "b"}, {"location", "c?d"}}}
	if _, _, step := locationURL(res, &current, &policy.Profile{}); step != policy.RedirectLocationMultiple {
		t.Errorf("got %v, want %v: by the standard there is one Location", step, policy.RedirectLocationMultiple)
	}
	u, found, step := locationURL(res, &current, &policy.Profile{LocationsJoined: true})
	if want := "https://a.example/x/b,%20c?d"; u.String() != want || !found || step != 0 {
		t.Errorf("got %v, %v, %v, want %s: the lines are joined by a comma and a space", u, found, step, want)
	}
}
