package lab

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/simulator"
)

func TestRecordIsReadAsItWasWritten(t *testing.T) {
	one := mustCase(t, `{"name": "one", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "/"}]}`)
	two := mustCase(t, `{"name": "two", "page": {"url": "https://b.example/"}, "server": [], "requests": []}`)
	outcome := simulator.Outcome{Verdict: "allowed", Headers: []string{"a: <é>"}, Sent: []simulator.Sent{{Method: "GET", URL: "https://a.example/", Headers: []string{}}}}
	head := RecordHead{Browser: "x", Version: "1", Command: "y"}
	var b bytes.Buffer
	r, err := NewRecord(&b, &head)
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range []Trial{
		{Case: one, Browser: []simulator.Outcome{outcome}, Again: []simulator.Outcome{outcome}},
		{Case: two, Aside: []string{CannotBeAsked}, Why: "why"},
		{Case: one, Browser: []simulator.Outcome{outcome}, Known: true},
		{Case: two, Err: errors.New("no answer")}, // leaves no line, to be asked again
	} {
		if err := r.Add(&trial); err != nil {
			t.Fatal(err)
		}
	}
	written := b.Len()
	b.WriteString(`{"case":"cut sh`)
	gotHead, lines, whole, err := ReadRecord(&b)
	if err != nil {
		t.Fatal(err)
	}
	want := []RecordLine{{Case: CaseID(one), Name: "one", Results: []RecordOutcome{{outcome}}, Flaky: true}, {Case: CaseID(two), Name: "two", Aside: "why"}}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if gotHead != head || whole != int64(written) {
		t.Errorf("head %v and %d whole bytes, want %v and %d: the run goes on behind them", gotHead, whole, head, written)
	}
}

func TestReadRecordRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a file that is no record", "{}\n", "lab: record: line 1 does not name the browser"},
		{"a line that is no JSON", "{\"browser\":\"x\"}\noops\n", "lab: record: line 2: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, _, err := ReadRecord(strings.NewReader(tt.text))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want one that begins with %q", err, tt.want)
			}
		})
	}
}

func TestCaseIDIsThatOfTheQuestion(t *testing.T) {
	const text = `{"name": "a", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "/"}]}`
	id := CaseID(mustCase(t, text))
	for _, tt := range []struct {
		name, old, new string
		same           bool
	}{
		{"another name", `"a"`, `"b"`, true},
		{"a note", `"page"`, `"note": "x", "page"`, true},
		{"another expectation", `"/"`, `"/", "expect": {"verdict": "blocked"}`, true},
		{"another URL", `"/"`, `"/x"`, false},
		{"another page", `a.example`, `b.example`, false},
		{"an empty list of headers is as good as none", `"/"`, `"/", "headers": []`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			other := CaseID(mustCase(t, strings.Replace(text, tt.old, tt.new, 1)))
			if (other == id) != tt.same {
				t.Errorf("identifiers %s and %s, want the same: %v", id, other, tt.same)
			}
		})
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte("{\"browser\":\"x\"}\n{\"case\":\"y\",\"results\":[{\"verdict\":\"z\"}]}\ncut"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, whole, err := ReadRecord(bytes.NewReader(data))
		if err == nil && (whole > int64(len(data)) || whole > 0 && data[whole-1] != '\n') {
			t.Errorf("%d whole bytes of %d, want them to end a line", whole, len(data))
		}
	})
}
