package plain

import "testing"

func TestWhatDoesNotPrintIsEscaped(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"plain text, é and 日本", "plain text, é and 日本"},
		{"\x1b[31mred", `\x1b[31mred`},
		{"a\r\nb", `a\x0d\x0ab`},
		{"\xff\xc3", `\xff\xc3`},
		{"a\u202eb", `a\u202eb`},
		{"\u0085", `\u0085`},
		{"\x7f", `\x7f`},
	} {
		if got := Text(test.in); got != test.want {
			t.Errorf("Text(%q) = %q, want %q: it must not reach a terminal", test.in, got, test.want)
		}
	}
}
