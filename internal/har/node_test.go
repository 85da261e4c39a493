package har

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// frameAll frames the value that data begins with.
func frameAll(t *testing.T, data []byte, limit int) frame {
	t.Helper()
	f := framer{r: bufio.NewReaderSize(bytes.NewReader(data), 16)} // small, so that values span chunks
	if _, err := f.peek(false); err != nil {
		t.Fatal(err)
	}
	fr, err := f.value(nil, limit)
	if err != nil {
		t.Fatal(err)
	}
	return fr
}

// toAny turns a node into what encoding/json makes of the same value.
func toAny(n node) any {
	switch n.kind() {
	case '{':
		m := map[string]any{}
		for key, v := range n.members() {
			m[string(key)] = toAny(v)
		}
		return m
	case '[':
		l := []any{}
		for _, v := range n.elements() {
			l = append(l, toAny(v))
		}
		return l
	case '"':
		return n.string()
	case 't':
		return true
	case 'f':
		return false
	case 'n':
		return nil
	}
	f, _ := n.number()
	return f
}

// FuzzNode compares the framer and the nodes with encoding/json, which is slow
// and needs the whole value, on every value that is well formed.
func FuzzNode(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2.5e3,{"b\u0041":null}],"c":"\"\\\/\ud83d\ude00\ud83d\u0041é","":{},"d":[[],true,false]}`))
	f.Add([]byte(` [ { } , [ ] , "]}" , "\\" ] `))
	f.Add([]byte(`"\u00e9"`))
	f.Add([]byte(`12`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var want any
		if !utf8.Valid(data) || json.Unmarshal(data, &want) != nil {
			return
		}
		fr := frameAll(t, data, len(data))
		if fr.fault == tooDeep {
			return
		}
		if got, value := string(fr.raw), strings.Trim(string(data), " \t\r\n"); got != value || fr.fault != sound {
			t.Fatalf("framed %q, fault %d; want %q", got, fr.fault, value)
		}
		if diff := cmp.Diff(want, toAny(node{fr.raw, 0})); diff != "" {
			t.Errorf("%s (-encoding/json +node):\n%s", data, diff)
		}
	})
}

func TestFramesEndWhereValuesDo(t *testing.T) {
	tests := []struct {
		name  string
		text  string
		want  string
		fault fault
	}{
		{"an object", `{"a":[1]},{}`, `{"a":[1]}`, sound},
		{"brackets in a string", `{"a":"}]\"}"},`, `{"a":"}]\"}"}`, sound},
		{"a string", `"a\"b",`, `"a\"b"`, sound},
		{"a string that ends in backslashes", `"a\\",`, `"a\\"`, sound},
		{"a number", `12]`, `12`, sound},
		{"a number at the end", `12`, `12`, sound},
		{"a word before a bracket", `nul{`, `nul`, sound},
		{"a word before a string", `nul"x"`, `nul`, sound},
		{"a stray bracket, which is read so that reading moves on", `}}`, `}`, sound},
		{"a stray colon", `:1`, `:`, sound},
		{"a bracket that closes two", `{"a":[1},2`, `{"a":[1}`, crossed},
		{"a bracket that closes none", `{"a":1]},2`, `{"a":1]}`, crossed},
		{"a line that ends in a string", "{\"a\n},2", "{\"a\n}", crossed},
		{"a line that ends in a string that is the value", "\"a\n},2", "\"a", crossed},
		{"an end too early", `{"a":1`, ``, cut},
		{"an end inside a string", `"a\`, ``, cut},
		{"more than the limit", `[` + strings.Repeat("1,", 50) + `1],2`, ``, tooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fr := frameAll(t, []byte(test.text), 64)
			if string(fr.raw) != test.want || fr.fault != test.fault {
				t.Errorf("framed %q, fault %d; want %q, fault %d", fr.raw, fr.fault, test.want, test.fault)
			}
		})
	}
}

func TestPagesAreKeptUpToALimit(t *testing.T) {
	const pages = 200_000 // more than maxPageText/pageCost
	file := `{"log":{"pages":[` + strings.Repeat(`{"id":"p"},`, pages) + `],"entries":[` + okEntry + `]}}`
	d := NewDecoder(strings.NewReader(file))
	lines := outcome(d)
	kept := len(d.Log().Pages)
	if most := maxPageText / pageCost; kept == 0 || kept > most {
		t.Errorf("%d pages kept, want some and at most %d: memory must not grow with the file", kept, most)
	}
	if len(lines) != pages-kept+1 || lines[len(lines)-1] != "https://a.example/" {
		t.Errorf("%d lines, the last %q; want one for each of %d pages left out, and the entry", len(lines), lines[len(lines)-1], pages-kept)
	}
}
