package simulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/policy"
)

// What is wanted here was seen in WebKitGTK 2.50.6 with "corsim verify", on 2026-11-27.
func TestAControlCharacterEndsACookieWhereItIsNoBlank(t *testing.T) {
	rules := policy.CookieRules{ControlsEndCookie: true, NamesHaveNoComma: true}
	for _, tt := range []struct{ name, input, want string }{
		{"nothing", "", ""},
		{"nothing of the kind", "a=b c; Path=/x, y", "a=b c; Path=/x, y"},
		{"blanks before the name", "\t\x0c a=b", "   a=b"},
		{"blanks before the value", "a=\t b", "a=  b"},
		{"blanks before an attribute and its value", "a=b;\tPath=\x0c/x", "a=b; Path= /x"},
		{"a tab behind the name", "a\t=b", "a"},
		{"a tab within the value", "a=b\tc; Path=/x", "a=b"},
		{"a tab behind the second equals sign", "a=b=\tc", "a=b="},
		{"a tab behind the name of an attribute", "a=b; Path\t=/x", "a=b; Path"},
		{"a vertical tab is no blank", "a=\x0bb", "a="},
		{"another control character", "a=b\x01c", "a=b"},
		{"DEL is a character like others", "a\x7f=\x7fb", "a\x7f=\x7fb"},
		{"a byte above 0x7F", "a=b\xe9c", "a=b"},
		{"one that comes first", "\xe9a=b", ""},
		{"a comma before the equals sign, where the value is no place for blanks then", "a,b=\tc", "a,b="},
		{"a comma in the name of an attribute", "a=b; c,d; Path=/x", "a=b; c"},
		{"a comma in its value", "a=b; c=d,e; Path=/x", "a=b; c=d,e; Path=/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, beforeControl(&rules, tt.input)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.input, diff)
			}
		})
	}
}

// https://encoding.spec.whatwg.org/#utf-8-decoder
func TestUTF8IsDecodedAsTheStandardSays(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"ASCII", "abc", "abc"},
		{"a character of two bytes and one of four", "\u00e9\U0001f600", "\u00e9\U0001f600"},
		{"a byte that begins nothing", "a\xffb", "a\ufffdb"},
		{"bytes that only go on", "\x80\x80", "\ufffd\ufffd"},
		{"a character that breaks off counts once", "\xe2\x82a", "\ufffda"},
		{"one of four bytes that breaks off counts once", "\xf0\x9f\x98", "\ufffd"},
		{"one that breaks off after its first byte", "\xe2(\xa1", "\ufffd(\ufffd"},
		{"a surrogate counts by bytes", "\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
		{"too long a spelling counts by bytes", "\xc0\xaf", "\ufffd\ufffd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, decodedUTF8(tt.value)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.value, diff)
			}
		})
	}
}
