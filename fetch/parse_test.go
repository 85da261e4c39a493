package fetch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// readShared reads a file of the public test data that stands beside the project and not in it. Where it is missing
// the test is skipped, but fails in CI.
func readShared(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../shared/data", filepath.FromSlash(name)))
	switch {
	case err == nil:
		if err := json.Unmarshal(data, v); err != nil {
			t.Fatal(err)
		}
	case os.Getenv("CI") == "true":
		t.Fatalf("public test data is missing, which must not happen in CI: %v", err)
	default:
		t.Logf("SKIPPED, NOTHING WAS TESTED: public test data is missing: %v", err)
		t.SkipNow()
	}
}

// isomorphic encodes s; a code point above U+00FF becomes U+007F, which no parameter may hold either.
func isomorphic(s string) string {
	var b []byte
	for _, r := range s {
		if r > 0xFF {
			r = 0x7F
		}
		b = append(b, byte(r))
	}
	return string(b)
}

func TestMIMETypesParseAndSerializeAsTheWebPlatformTestsSay(t *testing.T) {
	for _, file := range []string{"wpt-mime/mime-types.json", "wpt-mime/generated-mime-types.json"} {
		t.Run(file, func(t *testing.T) {
			var entries []json.RawMessage
			readShared(t, file, &entries)
			n := 0
			for _, e := range entries {
				var test struct {
					Input  string
					Output *string
				}
				if e[0] == '"' {
					continue
				}
				if err := json.Unmarshal(e, &test); err != nil {
					t.Fatal(err)
				}
				n++
				m, ok := ParseMIMEType(isomorphic(test.Input))
				switch {
				case !ok && test.Output != nil:
					t.Errorf("%q does not parse, want %q", test.Input, *test.Output)
				case ok && test.Output == nil:
					t.Errorf("%q parses as %q, want failure", test.Input, m.String())
				case ok && m.String() != isomorphic(*test.Output):
					t.Errorf("%q serializes as %q, want %q", test.Input, m.String(), *test.Output)
				}
			}
			if n < 50 {
				t.Errorf("%d tests were read, want more", n)
			}
		})
	}
}

func TestMIMETypesAreExtractedAsTheWebPlatformTestsSay(t *testing.T) {
	var tests []struct {
		ContentType []string
		MIMEType    *string
	}
	readShared(t, "wpt-mime/content-types.json", &tests)
	for _, test := range tests {
		var h Headers
		for _, v := range test.ContentType {
			h = append(h, Header{"Content-Type", NormalizeValue(v)})
		}
		m, ok := ExtractMIMEType(h)
		got := m.String()
		if !ok {
			got = "failure"
		}
		// The tests give what fetch() shows as a blob's type: failure shows as the empty string.
		want := "failure"
		if test.MIMEType != nil && *test.MIMEType != "" {
			want = *test.MIMEType
		}
		if got != want {
			t.Errorf("the MIME type of %q is %q, want %q", test.ContentType, got, want)
		}
	}
}

func TestJavaScriptMIMETypesAreThoseOfTheWebPlatformTests(t *testing.T) {
	var tests []struct {
		ContentType []string
		Executes    bool
	}
	readShared(t, "wpt-mime/script-content-types.json", &tests)
	for _, test := range tests {
		h := Headers{{"X-Content-Type-Options", "nosniff"}}
		for _, v := range test.ContentType {
			h = append(h, Header{"Content-Type", NormalizeValue(v)})
		}
		if got := NosniffCheck(DestinationScript, h); got.OK() != test.Executes {
			t.Errorf("a nosniff script with the types %q: %v, but executes is %v", test.ContentType, got, test.Executes)
		}
	}
}

func TestHeadersOfTheWebPlatformTestsAreNotSafelisted(t *testing.T) {
	var tests [][2]string
	readShared(t, "wpt-cors/not-cors-safelisted.json", &tests)
	if len(tests) == 0 {
		t.Fatal("no tests were read")
	}
	for _, test := range tests {
		if IsCORSSafelistedRequestHeader(test[0], isomorphic(test[1])) {
			t.Errorf("%s: %q is safelisted, want it not to be", test[0], test[1])
		}
	}
}

// The rows are the facts of the table "get, decode, and split" in the Fetch standard.
func TestHeaderValuesAreSplitAtCommasOutsideOfQuotes(t *testing.T) {
	for _, test := range []struct {
		headers Headers
		want    []string
	}{
		{Headers{{"A", "nosniff,"}}, []string{"nosniff", ""}},
		{Headers{{"A", "nosniff"}, {"B", "sniff"}, {"A", ""}}, []string{"nosniff", ""}},
		{Headers{{"A", ""}, {"B", "sniff"}}, []string{""}},
		{Headers{{"B", "sniff"}}, nil},
		{Headers{{"A", `text/html;", x/x`}}, []string{`text/html;", x/x`}},
		{Headers{{"A", `text/html;"`}, {"a", `x/x`}}, []string{`text/html;", x/x`}},
		{Headers{{"A", `x/x;test="hi",y/y`}}, []string{`x/x;test="hi"`, "y/y"}},
		{Headers{{"A", "x / x,,,1"}}, []string{"x / x", "", "", "1"}},
		{Headers{{"A", "x / x"}, {"A", ","}, {"A", "1"}}, []string{"x / x", "", "", "1"}},
		{Headers{{"A", `"1,2", 3`}}, []string{`"1,2"`, "3"}},
		{Headers{{"A", `"1\",2", 3`}}, []string{`"1\",2"`, "3"}},
		{Headers{{"A", "\t a \t,\tb "}}, []string{"a", "b"}},
	} {
		got, ok := test.headers.GetDecodeAndSplit("a")
		if diff := cmp.Diff(test.want, got); diff != "" || ok != (test.want != nil) {
			t.Errorf("%q splits into (-want +got):\n%s\nsee https://fetch.spec.whatwg.org/#header-value-get-decode-and-split", test.headers, diff)
		}
	}
}

func TestHeaderListsAreSortedAndCombined(t *testing.T) {
	h := Headers{{"X-B", "1"}, {"Set-Cookie", "a=b"}, {"x-a", "2"}, {"x-b", "3"}, {"set-cookie", "c=d"}, {"X-B", ""}}
	want := Headers{{"set-cookie", "a=b"}, {"set-cookie", "c=d"}, {"x-a", "2"}, {"x-b", "1, 3, "}}
	if diff := cmp.Diff(want, h.SortAndCombine()); diff != "" {
		t.Errorf("(-want +got):\n%s\nsee https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine", diff)
	}
}

func TestHeaderListsAreChangedByTheirOwnRules(t *testing.T) {
	h := H("Accept", "a", "X-A", "1", "x-a", "2", "X-Empty")
	h.Append("ACCEPT", "b")
	h.Set("X-a", "3")
	h.Combine("x-empty", "z")
	h.Combine("X-New", "n")
	h.Delete("nothing")
	want := Headers{{"Accept", "a"}, {"X-A", "3"}, {"X-Empty", ", z"}, {"Accept", "b"}, {"X-New", "n"}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	h.Delete("ACCEPT")
	if h.Has("accept") || len(h) != 3 {
		t.Errorf("after Delete: %q", h)
	}
}

func TestDataURLsHoldTheirTypeAndTheirBody(t *testing.T) {
	for _, test := range []struct {
		url, mimeType, body string
		step                policy.Step
	}{
		{"data:,hello", "text/plain;charset=US-ASCII", "hello", policy.SchemeData},
		{"data:text/html,%3Cb%3E%zz%4", "text/html", "<b>%zz%4", policy.SchemeData},
		{"data:;charset=utf-8,x", "text/plain;charset=utf-8", "x", policy.SchemeData},
		{"data:text/plain;base64,aGVsbG8=", "text/plain", "hello", policy.SchemeData},
		{"data:text/plain; BASE64,aGVs bG8", "text/plain", "hello", policy.SchemeData},
		{"data:text/plain;base64;a=b,x", "text/plain;a=b", "x", policy.SchemeData},
		{"data:;base64,%61GVsbG8%3D", "text/plain;charset=US-ASCII", "hello", policy.SchemeData},
		{"data:text/plain;base64,a", "", "", policy.DataURLBase64},
		{"data:text/plain;base64,====", "", "", policy.DataURLBase64},
		{"data:text/plain", "", "", policy.DataURLNoComma},
		{"data:x,a#b,c", "text/plain;charset=US-ASCII", "a", policy.SchemeData},
	} {
		mimeType, body, step := ProcessDataURL(origin.MustParseURL(test.url))
		if mimeType != test.mimeType || string(body) != test.body || step != test.step {
			t.Errorf("%s: %q %q %v, want %q %q %v\nsee https://fetch.spec.whatwg.org/#data-url-processor",
				test.url, mimeType, body, step, test.mimeType, test.body, test.step)
		}
	}
}

func TestDeltaSecondsAreDigitsOfAnyLength(t *testing.T) {
	for _, test := range []struct {
		in   string
		want int64
		ok   bool
	}{
		{"0", 0, true}, {"600", 600, true}, {"007", 7, true}, {"", 0, false}, {"-1", 0, false}, {"+1", 0, false},
		{"1.5", 0, false}, {" 1", 0, false}, {"9223372036854775807", 1<<63 - 1, true}, {"9223372036854775808", 1<<63 - 1, true},
		{strings.Repeat("9", 400), 1<<63 - 1, true}, {strings.Repeat("9", 400) + "x", 0, false},
	} {
		got, ok := parseDeltaSeconds(test.in)
		if ok != test.ok || ok && got != test.want {
			t.Errorf("parseDeltaSeconds(%q) = %v, %v; want %v, %v (RFC 9111, 1.2.2)", test.in, got, ok, test.want, test.ok)
		}
	}
}

func FuzzParseMIMEType(f *testing.F) {
	f.Add("text/html;charset=utf-8")
	f.Add(`x/y;a="b\"c";a=d;;e= f `)
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := ParseMIMEType(s)
		if !ok {
			return
		}
		again, ok := ParseMIMEType(m.String())
		if diff := cmp.Diff(m, again); !ok || diff != "" {
			t.Fatalf("%q, serialized as %q, parses otherwise (-first +again):\n%s", s, m.String(), diff)
		}
		typ, subtype, _, ok := splitMIMEType(s)
		if !ok || lower(typ) != m.Type || lower(subtype) != m.Subtype {
			t.Fatalf("%q: the fast path sees %q/%q, the slow one %q", s, typ, subtype, m.Essence())
		}
	})
}

func FuzzDecodeAndSplit(f *testing.F) {
	f.Add(`"1,2", 3`)
	f.Add(`a;"\`)
	f.Fuzz(func(t *testing.T, s string) {
		total := 0
		for v := range decodeAndSplit(s) {
			if v != trimTabOrSpace(v) {
				t.Fatalf("%q: the value %q has spaces at its ends", s, v)
			}
			total += len(v) + 1
		}
		if total == 0 || total > len(s)+1 {
			t.Fatalf("%q: the values have %d bytes together", s, total)
		}
	})
}

func FuzzDataURL(f *testing.F) {
	f.Add("data:text/plain;base64,aGVsbG8=")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := origin.ParseURL(s, nil)
		if err != nil || u.Scheme() != "data" {
			return
		}
		mimeType, _, step := ProcessDataURL(u)
		if _, ok := ParseMIMEType(mimeType); step.OK() && !ok {
			t.Fatalf("%q: the type %q does not parse", s, mimeType)
		}
	})
}
