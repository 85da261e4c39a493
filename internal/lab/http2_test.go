package lab

import "testing"

func TestHTTP2CarriesNoControlCharacters(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        bool
	}{
		{"a word", "x", true},
		{"a tab within", "x\ty", true},
		{"bytes that are not ASCII", "\xe9", true},
		{"a vertical tab", "x\x0b", false},
		{"DEL", "\x7f", false},
	} {
		p := plan{replies: []planReply{{}, {response: &Response{Status: 200, Fields: []Field{{"X-A", tt.value}}}}}}
		if name, ok := p.notOverHTTP2(); ok != tt.want || ok != (name == "") {
			t.Errorf("%s: %q can be sent: %v (%q), want %v: the browser would be judged by what was left out", tt.name, tt.value, ok, name, tt.want)
		}
	}
}
