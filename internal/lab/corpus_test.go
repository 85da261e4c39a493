package lab

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/simulator"
)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadCasesReadsEachQuestionOnce(t *testing.T) {
	const a = `{"name": "a", "page": {"url": "https://a.example/"}, "requests": []}`
	b := strings.ReplaceAll(a, "a.example", "b.example")
	files := fstest.MapFS{
		"x/1.ndjson":     {Data: []byte(a + "\n\n" + b + "\n")},
		"x/2.ndjson.gz":  {Data: packed(t, strings.Replace(a, `"a"`, `"again"`, 1)+"\n"+strings.ReplaceAll(a, "a.example", "c.example"))},
		"bad/1.ndjson":   {Data: []byte(a + "\n{}\n")},
		"cut/1.gz":       {Data: packed(t, a)[:30]},
		"plain/1.gz":     {Data: []byte(a)},
		"x/unread.other": {Data: []byte("{")},
	}
	cases, err := ReadCases(files, "x/*.ndjson", "x/*.gz")
	var pages []string
	for _, c := range cases {
		pages = append(pages, c.Page.URL)
	}
	if d := cmp.Diff([]string{"https://a.example/", "https://b.example/", "https://c.example/"}, pages); err != nil || d != "" {
		t.Errorf("%v; pages in the order of the files (-want +got):\n%s", err, d)
	}
	for _, tt := range []struct{ name, pattern, want string }{
		{"a line that is no case is named with its place", "bad/*", `lab: bad/1.ndjson:2: key "name" is missing`},
		{"a file that breaks off is named", "cut/*", "lab: cut/1.gz:1: unexpected EOF"},
		{"a file that is not packed is named", "plain/*", "lab: plain/1.gz: gzip: invalid header"},
		{"no file at all is an error", "none/*", "lab: cases none/*: file does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ReadCases(files, tt.pattern); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want one that begins with %q", err, tt.want)
			}
		})
	}
}

func TestRecordFileIsReadAsItWasWritten(t *testing.T) {
	head := RecordHead{Browser: "x", Version: "1", Command: "y", Cases: 2}
	lines := []RecordLine{
		{Case: "1", Results: []RecordOutcome{{simulator.Outcome{Verdict: "blocked", Headers: []string{}, Sent: []simulator.Sent{{Method: "GET", URL: "u", Headers: []string{}}}}}}},
		{Case: "2", Aside: "why"},
	}
	var b bytes.Buffer
	if err := WriteRecordFile(&b, head, lines); err != nil {
		t.Fatal(err)
	}
	read := func(data []byte) (RecordHead, []RecordLine, error) {
		return ReadRecordFile(fstest.MapFS{"x.gz": {Data: data}}, "x.gz")
	}
	gotHead, gotLines, err := read(b.Bytes())
	if d := cmp.Diff(lines, gotLines); err != nil || d != "" || gotHead != head {
		t.Errorf("head %v, want %v; %v; lines (-want +got):\n%s", gotHead, head, err, d)
	}
	if _, _, err := read(b.Bytes()[:b.Len()-12]); err == nil {
		t.Error("a file that breaks off is read without an error")
	}
	for _, tt := range []struct{ name, text, want string }{
		{"a record that lost a line is an error", `{"browser":"x","cases":2}` + "\n" + `{"case":"1"}` + "\n", "lab: x.gz breaks off: it says that it holds 2 cases, and 1 are whole"},
		{"one that lost the end of a line too", `{"browser":"x","cases":1}` + "\n" + `{"case":"1"}` + "\n" + `{"ca`, "lab: x.gz breaks off: it says that it holds 1 cases, and 1 are whole"},
		{"one that is none is named", "{}\n", "lab: record: line 1 does not name the browser (in x.gz)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := read(packed(t, tt.text)); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, _, err := ReadRecordFile(fstest.MapFS{}, "x.gz"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one that says that there is no file: a first recording depends on it", err)
	}
}

func TestRecordLinesAreEqualWhateverTheirNames(t *testing.T) {
	line := func(change func(*RecordLine)) *RecordLine {
		l := &RecordLine{Case: "1", Name: "a", Results: []RecordOutcome{{lines("x-a: 1")}}}
		change(l)
		return l
	}
	for _, tt := range []struct {
		name   string
		change func(*RecordLine)
		want   bool
	}{
		{"the same", func(*RecordLine) {}, true},
		{"another name", func(l *RecordLine) { l.Name = "" }, true},
		{"another case", func(l *RecordLine) { l.Case = "2" }, false},
		{"a flaky one", func(l *RecordLine) { l.Flaky = true }, false},
		{"one that was not asked", func(l *RecordLine) { l.Results, l.Aside = nil, "why" }, false},
		{"another header", func(l *RecordLine) { l.Results[0].Sent[0].Headers[0] = "x-a: 2" }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := line(func(*RecordLine) {}).Equal(line(tt.change)); got != tt.want {
				t.Errorf("equal: %v, want %v", got, tt.want)
			}
		})
	}
}
