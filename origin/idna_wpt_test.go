package origin

import (
	"encoding/json"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// unicodeMisses are the inputs of IdnaTestV2.json that need Unicode 17, which added the ideographs of CJK Unified
// Ideographs Extension J. The tables of golang.org/x/net/idna are of Unicode 15.0 before Go 1.27.
func unicodeMisses() map[string]bool {
	if idna.UnicodeVersion != "15.0.0" {
		return map[string]bool{}
	}
	return map[string]bool{
		"\U0003293120.\u97f3.\ua8661.": true,
		"\U00032b9a9\ua369\u17d3.ss":   true,
		"\U00032b9a9\ua369\u17d3.SS":   true,
	}
}

func TestWebPlatformTestsOfToASCII(t *testing.T) {
	for _, file := range []string{"wpt-url/toascii.json", "wpt-url/IdnaTestV2.json"} {
		t.Run(path.Base(file), func(t *testing.T) {
			misses := map[string]bool{}
			if file == "wpt-url/IdnaTestV2.json" {
				misses = unicodeMisses()
			}
			var entries []json.RawMessage
			if err := json.Unmarshal(readShared(t, file), &entries); err != nil {
				t.Fatal(err)
			}
			passed := 0
			for _, e := range entries {
				if e[0] == '"' {
					continue
				}
				var test struct {
					Comment string  `json:"comment"`
					Input   string  `json:"input"`
					Output  *string `json:"output"`
				}
				if err := json.Unmarshal(e, &test); err != nil {
					t.Fatal(err)
				}
				if test.Input == "" {
					continue // No URL has an empty host of this kind; the suite leaves it out, too.
				}
				want := "failure"
				if test.Output != nil {
					want = *test.Output
				}
				got := "failure"
				// The suite goes by way of a URL, which tells the host as the parser of URLs sees it.
				if u, err := ParseURL("https://"+test.Input+"/x", nil); err == nil {
					got, _ = u.Host()
				}
				switch missed := misses[test.Input]; {
				case got != want && !missed:
					t.Errorf("%+q (%s): got %s, want %s", test.Input, test.Comment, got, want)
				case got == want && missed:
					t.Errorf("%+q: passes, take it off the list of misses", test.Input)
				case got == want:
					passed++
				}
				delete(misses, test.Input)
			}
			for input := range misses {
				t.Errorf("%+q is on the list of misses but not in the file", input)
			}
			t.Logf("%d passed", passed)
			if passed == 0 {
				t.Error("the file holds nothing that was tested")
			}
		})
	}
}

// The reference for quickRune is what the library makes of each code point alone.
func TestEveryQuickRuneIsInertAndMapsAsUTS46Says(t *testing.T) {
	quick := 0
	for r := rune(utf8.RuneSelf); r <= utf8.MaxRune; r++ {
		got := quickRune(r)
		if got < 0 {
			continue
		}
		quick++
		want, err := uts46.ToUnicode("a" + string(r) + "a")
		if err != nil || want != "a"+string(got)+"a" {
			t.Errorf("U+%04X: quickRune maps to U+%04X, UTS 46 to %+q (%v)", r, got, want, err)
		}
		if alone, err := uts46.ToUnicode(string(r)); err != nil || alone != string(got) {
			t.Errorf("U+%04X cannot begin a label: %+q (%v)", r, alone, err)
		}
		if p := norm.NFC.PropertiesString(string(got)); !norm.NFC.IsNormalString(string(got)) || !p.BoundaryBefore() {
			t.Errorf("U+%04X may compose with what stands beside it", got)
		}
		if isRTL(bidiClass(got)) {
			t.Errorf("U+%04X is written from right to left, which takes the Bidi rule", got)
		}
	}
	if quick < 30000 {
		t.Errorf("quickRune knows %d code points; the unified ideographs and Hangul alone are 32164", quick)
	}
}

// A hyphen may hide anything in an xn-- label; everything else has to tell by itself.
func TestEveryRuneThatMapsToRightToLeftMayBeRTL(t *testing.T) {
	for r := rune(utf8.RuneSelf); r <= utf8.MaxRune; r++ {
		if mayBeRTL(r) || r == utf8.RuneError {
			continue
		}
		mapped, err := uts46.ToUnicode("a" + string(r) + "a")
		if err != nil {
			mapped = string(r)
		}
		for _, m := range mapped {
			switch c := bidiClass(m); {
			case c == bidi.R || c == bidi.AL || c == bidi.AN:
				if err == nil {
					t.Errorf("U+%04X maps to U+%04X of class %v, for which mayBeRTL has no room", r, m, c)
				}
			case m == '-':
				t.Errorf("U+%04X maps to a hyphen, which mayBeRTL has to know", r)
			}
		}
	}
}

// The expectations are read off RFC 5893, section 2, and UTS 46.
func TestDomainToASCII(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a Latin letter", "bücher.example", "xn--bcher-kva.example"},
		{"capitals map to small letters", "BÜCHER.example", "xn--bcher-kva.example"},
		{"sharp s is kept", "faß.de", "xn--fa-hia.de"},
		{"capital sharp s becomes sharp s", "FAẞ.de", "xn--fa-hia.de"},
		{"ideographic full stop separates labels", "faß。de", "xn--fa-hia.de"},
		{"an emoji", "☕.example", "xn--53h.example"},
		{"an invalid label of ASCII alone stays", "xn--a.example", "xn--a.example"},
		{"an empty xn-- label beside ASCII stays", "xn--.example", "xn--.example"},
		{"an invalid label beside one that is not ASCII fails", "xn--a.ß", ""},
		{"an empty xn-- label beside one that is not ASCII fails", "xn--.ß", ""},
		{"an empty xn-- label at the end fails", "ß.xn--", ""},
		{"an empty xn-- label in full width fails", "ｘｎ－－.ß", ""},
		{"an empty label is no error", "a..ß", "a..xn--zca"},
		{"a label of digits beside a neutral xn-- label is no Bidi domain name", "1é.xn--53h", "xn--1-bga.xn--53h"},
		{"a label of digits beside one from right to left breaks rule 1", "0.א", ""},
		{"a label from left to right beside one from right to left is fine", "a.א", "a.xn--4db"},
		{"both directions in a label break rule 2", "אa", ""},
		{"European digits may end a label from right to left", "א1", "xn--1-zhc"},
		{"a hyphen may not end a label from right to left", "א-", ""},
		{"European and Arabic digits in a label break rule 4", "ا1١", ""},
		{"a mark cannot begin a label", "\u0301a.example", ""},
		{"a zero width joiner needs a virama before it", "a\u200Db", ""},
		{"U+FFFD is refused", "a\uFFFD", ""},
		{"bytes that are not UTF-8 are refused", "a\xFF", ""},
		{"soft hyphens alone leave nothing", "\u00AD", ""},
		{"a soft hyphen is ignored", "ex\u00ADample.com", "example.com"},
		{"what maps to a forbidden code point is refused", "a\u2100b", ""}, // a/c
		{"what Unicode 16 maps to a letter", "\U0001CCD6\U0001CCEF\U0001CCF9.ß", "az9.xn--zca"},
		{"Georgian capitals", "\u10A0\u10C5.ge", "xn--rkj0d.ge"},
		{"a filler that Unicode 16 ignores", "a\u3164b.ß", "ab.xn--zca"},
		{"a long label", strings.Repeat("é", 1001), ""},
		{"a long domain", strings.Repeat("é.", maxDomain/3+1), ""},
	} {
		got, _, err := ParseHost(test.in)
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%s: %+q: got %q, %v; want %q", test.name, shorten(test.in), shorten(got), err, test.want)
		}
	}
}
