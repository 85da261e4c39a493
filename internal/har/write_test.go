package har

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriterWritesAllThatTheFormatRequires(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, Creator{Name: "corsim", Version: "0.1"})
	started := time.Date(2026, 3, 14, 10, 26, 53, 5e8, time.FixedZone("CET", 3600))
	for _, err := range []error{
		w.SetBrowser(Creator{Name: "Chromium", Version: "156"}),
		w.SetComment("a <comment>"),
		w.WritePage(Page{Started: started, ID: "page_1", Title: "https://a.example/?a&b"}),
		w.WritePage(Page{Started: started, ID: "page_2"}),
		w.WriteEntry(Entry{
			Started: started, Time: 1.5, Pageref: "page_1",
			Request: Request{
				Method: "POST", URL: "https://b.example/?q=a+b%C3%A9&&flag&bad=%zz#?x=y",
				Headers: []Header{{"X-A", "caf\xe9"}, {"x-a", ""}},
				Cookies: []Cookie{{Name: "sid", Value: "1", Secure: true}},
				Post:    &PostData{MIMEType: "application/octet-stream", Body: []byte{0xff}},
			},
			Response: Response{Status: 200, Body: []byte("h\xc3\xa9"), MIMEType: "text/plain", Size: 99},
			ServerIP: "::1", ResourceType: "fetch", Initiator: Initiator{Type: "script"},
			Corsim: json.RawMessage(`{ "verdict": "allowed" }`),
		}),
		w.WriteEntry(Entry{
			Time:     -1,
			Request:  Request{Method: "GET", URL: "https://c.example/", Post: &PostData{Params: []Param{{Name: "n"}}}},
			Response: Response{Size: -5},
			Corsim:   json.RawMessage("\"\xff\""),
		}),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := `{"log": {
 "version": "1.2",
 "creator": {"name":"corsim","version":"0.1"},
 "browser": {"name":"Chromium","version":"156"},
 "comment": "a <comment>",
 "pages": [
  {"startedDateTime":"2026-03-14T09:26:53.5Z","id":"page_1","title":"https://a.example/?a&b","pageTimings":{}},
  {"startedDateTime":"2026-03-14T09:26:53.5Z","id":"page_2","title":"","pageTimings":{}}
 ],
 "entries": [
  {"pageref":"page_1","startedDateTime":"2026-03-14T09:26:53.5Z","time":1.5,` +
		`"request":{"method":"POST","url":"https://b.example/?q=a+b%C3%A9&&flag&bad=%zz#?x=y","httpVersion":"","cookies":[{"name":"sid","value":"1","secure":true}],` +
		`"headers":[{"name":"X-A","value":"café"},{"name":"x-a","value":""}],` +
		`"queryString":[{"name":"q","value":"a bé"},{"name":"flag","value":""},{"name":"bad","value":"%zz"}],` +
		`"postData":{"mimeType":"application/octet-stream","params":[],"text":"/w==","_encoding":"base64"},"headersSize":-1,"bodySize":1},` +
		`"response":{"status":200,"statusText":"","httpVersion":"","cookies":[],"headers":[],"content":{"size":3,"mimeType":"text/plain","text":"hé"},"redirectURL":"","headersSize":-1,"bodySize":-1},` +
		`"cache":{},"timings":{"send":0,"wait":1.5,"receive":0},"serverIPAddress":"::1","_resourceType":"fetch","_initiator":{"type":"script"},"_corsim":{"verdict":"allowed"}},
  {"startedDateTime":"0001-01-01T00:00:00Z","time":-1,` +
		`"request":{"method":"GET","url":"https://c.example/","httpVersion":"","cookies":[],"headers":[],"queryString":[],"postData":{"mimeType":"","params":[{"name":"n","value":""}]},"headersSize":-1,"bodySize":-1},` +
		`"response":{"status":0,"statusText":"","httpVersion":"","cookies":[],"headers":[],"content":{"size":-1,"mimeType":""},"redirectURL":"","headersSize":-1,"bodySize":-1},` +
		`"cache":{},"timings":{"send":0,"wait":0,"receive":0},"_corsim":"�"}
 ]
}}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got) viewers refuse a file that lacks a required member:\n%s", diff)
	}
	if !json.Valid(b.Bytes()) {
		t.Error("the archive is not JSON")
	}
}

func TestAnEmptyArchiveIsAnArchive(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, Creator{})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	want := "{\"log\": {\n \"version\": \"1.2\",\n \"creator\": {\"name\":\"\",\"version\":\"\"},\n \"pages\": [],\n \"entries\": []\n}}\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A recording that broke off is complete up to its last entry.
func TestWhatIsWrittenAfterEachEntryCanBeRepairedAndRead(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, Creator{Name: "corsim"})
	if err := w.WritePage(Page{ID: "p"}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := w.WriteEntry(Entry{Request: Request{Method: "GET", URL: "https://a.example/"}}); err != nil {
			t.Fatal(err)
		}
		if repaired := b.String() + "]}}"; !json.Valid([]byte(repaired)) {
			t.Errorf("after entry %d, with its brackets closed, this is not JSON:\n%s", i, repaired)
		}
		d := NewDecoder(strings.NewReader(b.String()))
		got := outcome(d)
		if len(got) != i+2 || !strings.Contains(got[i+1], "the file ends before this is closed") {
			t.Errorf("after entry %d the unfinished archive reads as %q, want %d entries and an error that it ends early", i, got, i+1)
		}
	}
}

// writes counts Write calls.
type writes struct{ n int }

func (w *writes) Write(p []byte) (int, error) { w.n++; return len(p), nil }

func TestEachEntryIsOneWriteAsItComes(t *testing.T) {
	var out writes
	w := NewWriter(&out, Creator{})
	for i := range 5 {
		if err := w.WriteEntry(Entry{Request: Request{Method: "GET", URL: "x:"}}); err != nil {
			t.Fatal(err)
		}
		if out.n != i+1 {
			t.Errorf("%d writes after entry %d, want %d: what was recorded must not wait in memory", out.n, i, i+1)
		}
	}
}

func TestWriterRefusesWhatItCouldNotReadBack(t *testing.T) {
	good := func() Entry { return Entry{Request: Request{Method: "GET", URL: "https://a.example/"}} }
	tests := []struct {
		name  string
		spoil func(*Entry)
		want  string
	}{
		{"no method", func(e *Entry) { e.Request.Method = "" }, "har: entry 1: request.method is empty, want the request's method"},
		{"no URL", func(e *Entry) { e.Request.URL = "" }, "har: entry 1: request.url is empty, want the URL that was requested"},
		{"a status of four digits", func(e *Entry) { e.Response.Status = 1000 }, "har: entry 1: response.status is 1000, want 0 to 999"},
		{"a negative status", func(e *Entry) { e.Response.Status = -1 }, "har: entry 1: response.status is -1, want 0 to 999"},
		{"a time that is no number", func(e *Entry) { e.Time = math.NaN() }, "har: entry 1: time is NaN, want milliseconds"},
		{"an endless time", func(e *Entry) { e.Time = math.Inf(1) }, "har: entry 1: time is +Inf, want milliseconds"},
		{"a year of five digits", func(e *Entry) { e.Started = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "har: entry 1: startedDateTime is in the year 10000, want 0 to 9999"},
		{"a header without a name", func(e *Entry) { e.Request.Headers = []Header{{"", "x"}} }, "har: entry 1: request.headers[0].name is empty, want a header's name"},
		{"a pseudo-header", func(e *Entry) { e.Response.Headers = []Header{{"a", ""}, {":status", "200"}} }, `har: entry 1: response.headers[1].name is ":status", want no pseudo-headers`},
		{"a header of two lines", func(e *Entry) { e.Request.Headers = []Header{{"a", "b\nc"}} }, `har: entry 1: request.headers[0].value of "a" has a line break, want a header for each line`},
		{"_corsim that is no JSON", func(e *Entry) { e.Corsim = json.RawMessage("{") }, `har: entry 1: _corsim is "{", want JSON`},
		{"messages that are no JSON", func(e *Entry) { e.WebSocketMessages = json.RawMessage("") }, `har: entry 1: _webSocketMessages is "", want JSON`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			w := NewWriter(&b, Creator{})
			bad := good()
			test.spoil(&bad)
			if err := w.WriteEntry(good()); err != nil {
				t.Fatal(err)
			}
			err := w.WriteEntry(bad)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if err := w.WriteEntry(good()); err != nil {
				t.Errorf("the entry after: %v, want it written", err)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
			if got := outcome(NewDecoder(&b)); len(got) != 2 || got[0] != got[1] {
				t.Errorf("the archive reads as %q, want the two good entries and nothing else", got)
			}
		})
	}
}

func TestWriterKeepsItsOrder(t *testing.T) {
	entry := Entry{Request: Request{Method: "GET", URL: "x:"}}
	w := NewWriter(io.Discard, Creator{})
	if err := w.WritePage(Page{}); err == nil {
		t.Error("a page without an ID was written, want an error")
	}
	if err := w.WritePage(Page{ID: "p", Started: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Error("a page of the year -1 was written, want an error")
	}
	if err := w.SetComment("still in time, pages that were refused do not count"); err != nil {
		t.Error(err)
	}
	if err := w.WriteEntry(entry); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"WritePage":  w.WritePage(Page{ID: "late"}),
		"SetBrowser": w.SetBrowser(Creator{}),
		"SetComment": w.SetComment(""),
	} {
		if err == nil {
			t.Errorf("%s after an entry succeeded, want an error: its place in the file has passed", what)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.WriteEntry(entry) == nil || w.WritePage(Page{ID: "p"}) == nil {
		t.Error("writing after Close succeeded, want an error")
	}
}

// full takes some Write calls and fails at the next.
type full struct{ left int }

var errFull = errors.New("the disk is full")

func (f *full) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAWriteErrorIsFinal(t *testing.T) {
	entry := Entry{Request: Request{Method: "GET", URL: "x:"}}
	w := NewWriter(&full{left: 1}, Creator{})
	if err := w.WriteEntry(entry); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.WriteEntry(entry); !errors.Is(err, errFull) {
			t.Errorf("got %v, want the writer's error", err)
		}
	}
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close: %v, want the error again: the archive is not complete", err)
	}
}
