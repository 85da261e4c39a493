package har

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const okEntry = `{"request":{"method":"GET","url":"https://a.example/"}}`

// archive puts entries into the smallest archive there is.
func archive(entries ...string) string {
	return `{"log":{"entries":[` + strings.Join(entries, ",") + `]}}`
}

// outcome is one line for each thing Next returns: an entry's URL or an error.
func outcome(d *Decoder) []string {
	var lines []string
	for e, err := range d.Entries() {
		if err != nil {
			lines = append(lines, err.Error())
			continue
		}
		lines = append(lines, e.Request.URL)
	}
	return lines
}

func TestErrorsNameEntryFieldPlaceAndCauseAndReadingGoesOn(t *testing.T) {
	const url = "https://a.example/"
	tests := []struct {
		name string
		file string
		want []string
	}{
		{"no entries at all are fine", archive(), nil},
		{"commas too many and too few", `{,"log":{"version":"1.2""entries":[,` + okEntry + okEntry + `,]},}`, []string{url, url}},
		{"an empty file", "", []string{`har: the file at byte 0: is empty, want a HAR file: {"log": {"entries": [...]}}`}},
		{"a page of HTML", "<!doctype html>", []string{`har: the file at byte 0: begins with '<', want a HAR file: {"log": {"entries": [...]}}`}},
		{"UTF-16", "\xFF\xFE{\x00", []string{"har: the file at byte 0: is UTF-16; save it as UTF-8"}},
		{"gzip", "\x1F\x8B\x08", []string{"har: the file at byte 0: is compressed with gzip; unpack it first"}},
		{"another kind of JSON", `{"cases":[]}`, []string{`har: the file at byte 12: has no log, want a HAR file: {"log": {"entries": [...]}}`}},
		{"a log without entries", `{"log":{"pages":[]}}`, []string{`har: log at byte 20: has no list of entries, want {"log": {"entries": [...]}}`}},
		{"a log that is a list", `{"log":[]}`, []string{`har: log at byte 7: begins with '[', want an object with entries`}},
		{"entries that are an object", `{"log":{"entries":{}}}`, []string{`har: log.entries at byte 18: begins with '{', want a list`}},
		{"a file that ends in the log", `{"log":{"version":"1.2"`, []string{`har: log at byte 23: the file ends before this is closed, and no log.entries came before; want a HAR file: {"log": {"entries": [...]}}`}},
		{"a key with a line break", `{"log":{"a\nb":[`, []string{`har: log."a\nb" at byte 16: the file ends before this is closed, and no log.entries came before; want a HAR file: {"log": {"entries": [...]}}`}},
		{"a file that ends between entries", `{"log":{"entries":[` + okEntry + `,`, []string{url, `har: log.entries at byte 75: the file ends before this is closed`}},
		{"a file that ends inside an entry", `{"log":{"entries":[{"request":{"url":"ht`, []string{`har: log.entries[0] at byte 19: is cut off: the file ends inside it`}},
		{"two objects in a file", archive(okEntry) + archive(), []string{url, `har: the file at byte 77: goes on with '{' after its object is closed, want one object; what follows is not read`}},
		{"a key without quotes", `{"log":{version:1}}`, []string{`har: log at byte 8: goes on with 'v', want a key in quotes; the rest is not read`}},
		{"a key without a colon", `{"log" {}}`, []string{`har: the file at byte 7: goes on with '{' after the key "log", want a colon; the rest is not read`}},
		{"pages that are no list", `{"log":{"pages":7,"entries":[` + okEntry + `]}}`, []string{`har: log.pages at byte 16: begins with '7', want a list`, url}},
		{"a page without an id", `{"log":{"pages":[{"title":"x"}],"entries":[` + okEntry + `]}}`, []string{`har: log.pages[0] at byte 17: has no id, so that no entry can refer to it`, url}},
		{"a page that is null", `{"log":{"pages":[null,{"id":"p"}],"entries":[]}}`, []string{`har: log.pages[0] at byte 17: is null, want an object`}},

		{"an entry that is a number", archive("7", okEntry), []string{`har: log.entries[0] at byte 19: is 7, want an object`, url}},
		{"an entry without a URL", archive(`{"request":{"method":"GET"}}`, okEntry), []string{`har: log.entries[0].request.url at byte 19: is missing, want the URL that was requested`, url}},
		{"an entry without a method", archive(okEntry, `{"request":{"url":"https://b.example/"}}`), []string{url, `har: log.entries[1].request.method at byte 75: is missing, want the request's method`}},
		{"an entry without a request", archive(`{}`), []string{`har: log.entries[0].request.url at byte 19: is missing, want the URL that was requested`}},
		{"a status in words", archive(`{"response":{"status":"OK"}}`, okEntry), []string{`har: log.entries[0].response.status at byte 41: is "OK", want a status, a whole number from 0 to 999`, url}},
		{"a status with a fraction", archive(`{"response":{"status":200.5}}`), []string{`har: log.entries[0].response.status at byte 41: is 200.5, want a status, a whole number from 0 to 999`}},
		{"a status of four digits", archive(`{"response":{"status":2000}}`), []string{`har: log.entries[0].response.status at byte 41: is 2000, want a status, a whole number from 0 to 999`}},
		{"headers as an object", archive(`{"request":{"headers":{"a":"b"}}}`, okEntry), []string{`har: log.entries[0].request.headers at byte 41: is an object, want a list of {"name": ..., "value": ...}`, url}},
		{"a header without a name", archive(`{"response":{"headers":[{"name":"a"},{"value":"b"}]}}`), []string{`har: log.entries[0].response.headers[1].name at byte 56: is missing, want a header's name`}},
		{"a header whose value is a list", archive(`{"response":{"headers":[{"name":"a","value":["b"]}]}}`), []string{`har: log.entries[0].response.headers[0].value at byte 63: is a list, want a string`}},
		{"a URL that is an object", archive(`{"request":{"url":{}}}`), []string{`har: log.entries[0].request.url at byte 37: is an object, want a URL`}},
		{"a body that is not base64", archive(`{"response":{"content":{"encoding":"base64","text":"*"}}}`, okEntry), []string{`har: log.entries[0].response.content.text at byte 70: is not base64, as encoding says: illegal base64 data at input byte 0`, url}},
		{"a body in an unknown encoding", archive(`{"response":{"content":{"text":"x","encoding":"gzip"}}}`), []string{`har: log.entries[0].response.content.encoding at byte 65: is "gzip", want base64, or none for plain text`}},
		{"a posted body that is a list", archive(`{"request":{"postData":{"text":[]}}}`), []string{`har: log.entries[0].request.postData.text at byte 50: is a list, want a string`}},

		{"an entry with a word that is no JSON", archive(`{"time":nil}`, okEntry), []string{`har: log.entries[0] at byte 28: is not JSON: invalid character 'i' in literal null (expecting 'u')`, url}},
		{"an entry with a bracket too few inside", archive(`{"request":{"headers":[{]}}`, okEntry), []string{`har: log.entries[0] at byte 43: is not JSON: invalid character ']' looking for beginning of object key string`, url}},
		{"an entry with a bracket too many", archive(okEntry+`}`, okEntry), []string{url, `har: log.entries[1] at byte 74: is not JSON: invalid character '}' looking for beginning of value`, url}},
		{"an entry with a bracket of the wrong kind", archive(`{"time":]}`, okEntry), []string{`har: log.entries[0] at byte 27: is not JSON: invalid character ']' looking for beginning of value`, url}},
		{"an entry with an open string on one line of many", "{\"log\":{\"entries\":[\n{\"comment\":\"lost\n},\n" + okEntry + "\n]}}", []string{`har: log.entries[0] at byte 36: is not JSON: invalid character '\n' in string literal`, url}},
		{"an entry nested too deep", archive(`{"_x":`+strings.Repeat("[", 600)+strings.Repeat("]", 600)+`}`, okEntry), []string{`har: log.entries[0] at byte 19: is nested deeper than 512 levels; it is left out`, url}},
		{"objects nested too deep", archive(strings.Repeat(`{"a":`, 600)+"1"+strings.Repeat("}", 600), okEntry), []string{`har: log.entries[0] at byte 19: is nested deeper than 512 levels; it is left out`, url}},
		{"an entry nested as deep as allowed", archive(`{"_x":`+strings.Repeat("[", 511)+strings.Repeat("]", 511)+`,`+okEntry[1:], okEntry), []string{url, url}},
		{"an entry too large", archive(`{"comment":"`+strings.Repeat("x", 3000)+`"}`, okEntry), []string{`har: log.entries[0] at byte 19: is larger than 2048 bytes; it is left out`, url}},
		{"more headers than a message can have", archive(`{"request":{"headers":[{"name":"a","value":"`+strings.Repeat(`\n`, 1<<16)+`"}]}}`, okEntry), []string{`har: log.entries[0].request.headers[0] at byte 42: is one of more than 65536 headers, want fewer`, url}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := NewDecoder(strings.NewReader(test.file))
			if strings.Contains(test.name, "too large") {
				d.MaxEntry = 2048
			}
			if diff := cmp.Diff(test.want, outcome(d)); diff != "" {
				t.Errorf("(-want +got) a person who cannot find the fault in a large file cannot use it:\n%s", diff)
			}
			// The pieces that a network delivers change nothing.
			d = NewDecoder(iotest.OneByteReader(strings.NewReader(test.file)))
			if strings.Contains(test.name, "too large") {
				d.MaxEntry = 2048
			}
			if diff := cmp.Diff(test.want, outcome(d)); diff != "" {
				t.Errorf("read byte by byte (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnOffsetLeadsToTheValueAtFault(t *testing.T) {
	file := "\xEF\xBB\xBF{ \"log\" : {\n \"entries\": [ " + okEntry + ",\n {\"response\": {\"status\": \"teapot\"}} ] } }"
	d := NewDecoder(strings.NewReader(file))
	var e *Error
	for _, err := range d.Entries() {
		errors.As(err, &e)
	}
	if e == nil {
		t.Fatal("no error, want one for the status")
	}
	if want := int64(strings.Index(file, `"teapot"`)); e.Offset != want || e.Entry != 1 || e.Field != "response.status" {
		t.Errorf("entry %d, field %q, byte %d; want entry 1, response.status, byte %d", e.Entry, e.Field, e.Offset, want)
	}
}

func TestAFileThatEndsEarlyIsToldFromAFaultInIt(t *testing.T) {
	for _, file := range []string{`{"log":{"entries":[`, `{"log":{"entries":[{`, `{`, `{"log`} {
		_, err := NewDecoder(strings.NewReader(file)).Next()
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v, want an error that wraps io.ErrUnexpectedEOF so that a recording that broke off can be used", file, err)
		}
	}
	if _, err := NewDecoder(strings.NewReader(archive("7"))).Next(); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a bad entry: %v, want an error that does not wrap io.ErrUnexpectedEOF", err)
	}
}

func TestTheReadersOwnErrorIsPassedOnAndReadingEnds(t *testing.T) {
	broken := errors.New("the disk is gone")
	d := NewDecoder(io.MultiReader(strings.NewReader(`{"log":{"entries":[`+okEntry+`,`), iotest.ErrReader(broken)))
	if _, err := d.Next(); err != nil {
		t.Fatalf("the entry before: %v", err)
	}
	if _, err := d.Next(); !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
	if _, err := d.Next(); err != io.EOF {
		t.Errorf("after it: %v, want io.EOF, or a loop over entries never ends", err)
	}
}

// stuck never gives a byte nor an error.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestAReaderThatGivesNothingDoesNotHang(t *testing.T) {
	if _, err := NewDecoder(stuck{}).Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want io.ErrNoProgress", err)
	}
}

func TestOpen(t *testing.T) {
	const page = `"pages":[{"id":"p","title":"https://a.example/"},{"id":"p","title":"a second one of that ID"}]`
	tests := []struct {
		name string
		file string
		want []string
	}{
		{"pages before entries", `{"log":{` + page + `,"entries":[` + okEntry + `]}}`, []string{"https://a.example/"}},
		{"pages after entries", `{"log":{"entries":[` + okEntry + `],` + page + `}}`, []string{"https://a.example/"}},
		{"a bad entry before the pages", `{"log":{"entries":[{"a":]},` + okEntry + `],` + page + `}}`, []string{"har: log.entries[0] at byte 24: is not JSON: invalid character ']' looking for beginning of value", "https://a.example/"}},
		{"a bad page is reported once, by Next", `{"log":{"entries":[],"pages":[7,` + page[9:] + `}}`, []string{"har: log.pages[0] at byte 30: is 7, want an object"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := strings.NewReader("skipped " + test.file)
			if _, err := r.Seek(8, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			d, err := Open(r)
			if err != nil {
				t.Fatal(err)
			}
			if p, ok := d.Page("p"); !ok || p.Title != "https://a.example/" {
				t.Errorf("Page(p) before the first entry = %v, %v; want the first page of that ID", p, ok)
			}
			if diff := cmp.Diff(test.want, outcome(d)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(d.Log().Pages); n != 2 {
				t.Errorf("%d pages after two passes, want 2", n)
			}
		})
	}
	t.Run("what is no archive is refused at once", func(t *testing.T) {
		for _, file := range []string{"", "[]", `{"log":{}}`, `{"log":{"pages":[{"id":"p"}]}}`} {
			if d, err := Open(strings.NewReader(file)); err == nil {
				t.Errorf("Open(%q) = %v, want an error", file, d)
			}
		}
	})
	t.Run("what cannot be seeked is refused", func(t *testing.T) {
		if _, err := Open(unseekable{}); !errors.Is(err, errUnseekable) {
			t.Errorf("got %v, want the seeker's error", err)
		}
	})
}

var errUnseekable = errors.New("a pipe")

type unseekable struct{ io.Reader }

func (unseekable) Seek(int64, int) (int64, error) { return 0, errUnseekable }

func TestHeaderValuesAreBytesAndLineBreaksAreRepeats(t *testing.T) {
	tests := []struct {
		name string
		json string // of a value
		want []string
	}{
		{"ASCII is itself", `"a, b"`, []string{"a, b"}},
		{"a code point below U+0100 is one byte", `"\u00e9\u0000\u00ff"`, []string{"\xe9\x00\xff"}},
		{"the same, not escaped", `"é"`, []string{"\xe9"}},
		{"a code point above is its UTF-8", `"\u20ac"`, []string{"\xe2\x82\xac"}},
		{"a pair of surrogates is one code point", `"\ud83d\ude00"`, []string{"\xf0\x9f\x98\x80"}},
		{"half a pair is the replacement character", `"\ud83dx"`, []string{"\xef\xbf\xbdx"}},
		{"the wrong half as well, and what follows stays", `"\ude00\ud83d\u0041"`, []string{"\xef\xbf\xbd\xef\xbf\xbdA"}},
		{"a byte that is no UTF-8 is kept", "\"\xe9\"", []string{"\xe9"}},
		{"escapes", `"\"\\\/\t"`, []string{"\"\\/\t"}},
		{"joined by line feeds", `"a\nb"`, []string{"a", "b"}},
		{"joined by CR LF", `"a\r\n\r\nb"`, []string{"a", "", "b"}},
		{"a lone CR stays", `"a\r"`, []string{"a\r"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := archive(`{"request":{"method":"GET","url":"x:","headers":[{"name":"N","value":` + test.json + `}]}}`)
			e, err := NewDecoder(strings.NewReader(file)).Next()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range e.Request.Headers {
				got = append(got, h.Value)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got) CORS compares bytes:\n%s", diff)
			}
		})
	}
}

func TestTimesInTheShapesOfExporters(t *testing.T) {
	at := time.Date(2026, 3, 14, 9, 26, 53, 500e6, time.UTC)
	tests := []struct {
		json string
		want time.Time
	}{
		{`"2026-03-14T09:26:53.5Z"`, at},
		{`"2026-03-14T10:26:53.500+01:00"`, at},
		{`"2026-03-14T01:26:53.5000000-0800"`, at},
		{`"2026-03-14T09:26:53.500"`, at},
		{`"2026-03-14 09:26:53.5Z"`, at},
		{`" 2026-03-14 09:26:53.5 "`, at},
		{`"yesterday"`, time.Time{}},
		{`""`, time.Time{}},
		{`null`, time.Time{}},
		{`"0000-01-01T00:00:00+01:00"`, time.Time{}}, // the year before 0
	}
	for _, test := range tests {
		if got := parseTime(node{raw: []byte(test.json)}); !got.Equal(test.want) {
			t.Errorf("%s is %v, want %v", test.json, got, test.want)
		}
	}
}

func TestOnlyJSONNumbersAreNumbers(t *testing.T) {
	tests := []struct {
		json string
		want float64
		ok   bool
	}{
		{`12`, 12, true},
		{`"12"`, 12, true},
		{`" -1.5e1 "`, -15, true},
		{`"0x10"`, 0, false},
		{`"NaN"`, 0, false},
		{`"Inf"`, 0, false},
		{`"1_0"`, 0, false},
		{`1e999`, 0, false},
		{`""`, 0, false},
		{`null`, 0, false},
		{`true`, 0, false},
		{`[1]`, 0, false},
	}
	for _, test := range tests {
		if got, ok := (node{raw: []byte(test.json)}).number(); got != test.want || ok != test.ok {
			t.Errorf("%s is %v, %v; want %v, %v", test.json, got, ok, test.want, test.ok)
		}
	}
}

func TestPageURL(t *testing.T) {
	tests := []struct {
		title string
		ok    bool
	}{
		{"https://app.example.com/", true},
		{"HTTP://app.example.com", true},
		{"http://[::1]:8080/?q#f", true},
		{"", false},
		{"Your cart", false},
		{"https://", false},
		{"https:///path", false},
		{"ftp://app.example.com/", false},
		{"about:blank", false},
		{"see https://app.example.com/", false},
		{"https://app.example.com/ is down", false},
	}
	for _, test := range tests {
		url, ok := Page{Title: test.title}.PageURL()
		if ok != test.ok || ok && url != test.title {
			t.Errorf("title %q: %q, %v; want %v", test.title, url, ok, test.ok)
		}
	}
}

// manyEntries is an archive of n entries, made as it is read, with its pages
// at the end.
type manyEntries struct {
	n, next int
	entry   []byte
	rest    []byte
	size    int64
}

func newManyEntries(n, bodySize int) *manyEntries {
	entry := `{"request":{"method":"GET","url":"https://a.example/","headers":[{"name":"Origin","value":"https://b.example"}]},` +
		`"response":{"status":200,"headers":[{"name":"Content-Type","value":"text/plain"}],"content":{"text":"` + strings.Repeat("x", bodySize) + `"}},"_extra":[{"deep":[1,2,3]}]},` + "\n"
	return &manyEntries{n: n, entry: []byte(entry), rest: []byte(`{"log":{"version":"1.2","entries":[`)}
}

func (m *manyEntries) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		switch {
		case m.next < m.n:
			m.rest = m.entry
		case m.next == m.n:
			m.rest = []byte(okEntry + `],"pages":[{"id":"p","title":"https://a.example/"}]}}`)
		default:
			return 0, io.EOF
		}
		m.next++
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	m.size += int64(n)
	return n, nil
}

func TestMemoryIsBoundedByTheLargestEntry(t *testing.T) {
	const bodySize = 100 << 10
	m := newManyEntries(512, bodySize)
	d := NewDecoder(m)
	heap := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before, most := heap(), uint64(0)
	entries := 0
	for _, err := range d.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if entries++; entries%50 == 0 {
			most = max(most, heap())
		}
	}
	if entries != 513 || m.size < 50<<20 {
		t.Fatalf("read %d entries of %d bytes, want 513 of more than 50 MiB", entries, m.size)
	}
	if limit := before + 20*bodySize; most > limit {
		t.Errorf("%d bytes live while reading, %d before; want at most %d more than before: a file of 200 MB must not need 200 MB", most, before, limit-before)
	}
	if _, ok := d.Page("p"); !ok {
		t.Error("the page at the file's end is not known after reading")
	}
}

func TestTheMemoryOfALargeEntryIsNotKept(t *testing.T) {
	d := NewDecoder(strings.NewReader(archive(`{"comment":"`+strings.Repeat("x", 2*maxMeta)+`",`+okEntry[1:], okEntry)))
	for range 2 {
		if _, err := d.Next(); err != nil {
			t.Fatal(err)
		}
		if cap(d.buf) > maxMeta {
			t.Errorf("%d bytes kept between entries, want at most %d: one large entry must not cost its memory for the whole file", cap(d.buf), maxMeta)
		}
	}
}

// counted counts the bytes that are read.
type counted struct {
	io.ReadSeeker
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadSeeker.Read(p)
	c.n += n
	return n, err
}

func TestOpenReadsNoEntriesWhenPagesComeFirst(t *testing.T) {
	file := `{"log":{"pages":[{"id":"p"}],"entries":[` + strings.Repeat(okEntry+",", 20_000) + okEntry + `]}}`
	r := &counted{ReadSeeker: strings.NewReader(file)}
	if _, err := Open(r); err != nil {
		t.Fatal(err)
	}
	if r.n > len(file)/4 {
		t.Errorf("Open read %d of %d bytes, want only the beginning: the pages are there", r.n, len(file))
	}
}

// hostileShapes are files made to be slow to read, by their size in bytes.
func hostileShapes() map[string]func(n int) string {
	shapes := map[string]func(n int) string{
		"open brackets":           func(n int) string { return `{"log":{"entries":[` + strings.Repeat("[", n) },
		"open brackets, one kind": func(n int) string { return `{"log":{"entries":[` + strings.Repeat("{", n) + strings.Repeat("]", n) },
		"crossed brackets":        func(n int) string { return `{"log":{"entries":[` + strings.Repeat("{[}", n/3) },
		"closing brackets":        func(n int) string { return `{"log":{"entries":[` + strings.Repeat("}", n) },
		"backslashes":             func(n int) string { return archive(`{"comment":"` + strings.Repeat(`\\`, n/2) + `"}`) },
		"surrogates":              func(n int) string { return archive(`{"comment":"` + strings.Repeat(`\ud800`, n/6) + `"}`) },
		"header lines": func(n int) string {
			return archive(`{"request":{"headers":[{"name":"a","value":"` + strings.Repeat(`\n`, n/2) + `"}]}}`)
		},
		"keys":  func(n int) string { return `{"log":{` + strings.Repeat(`"a":1,`, n/6) + `"entries":[]}}` },
		"a key": func(n int) string { return `{"` + strings.Repeat("k", n) + `":1}` },
		"pages": func(n int) string {
			return `{"log":{"pages":[` + strings.Repeat(`{"id":"p"},`, n/11) + `],"entries":[]}}`
		},
		"cookies": func(n int) string { return archive(`{"request":{"cookies":[` + strings.Repeat(`{},`, n/3) + `{}]}}`) },
		"nested lists in entries": func(n int) string {
			return archive(strings.Repeat(strings.Repeat("[", 500)+strings.Repeat("]", 500)+",", n/1001) + "[]")
		},
	}
	return shapes
}

// BenchmarkHostile decodes each shape at two sizes: linear cost shows as the same MB/s.
func BenchmarkHostile(b *testing.B) {
	for name, shape := range hostileShapes() {
		for _, size := range []int{50_000, 500_000} {
			file := shape(size)
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.SetBytes(int64(len(file)))
				for b.Loop() {
					for range NewDecoder(strings.NewReader(file)).Entries() {
					}
				}
			})
		}
	}
}

// TestHostileShapesComeToAnEnd decodes each shape: no panic, no hang.
func TestHostileShapesComeToAnEnd(t *testing.T) {
	for name, shape := range hostileShapes() {
		t.Run(name, func(t *testing.T) {
			n := 0
			for range NewDecoder(strings.NewReader(shape(500_000))).Entries() {
				n++
			}
			if n > 1_000_000 {
				t.Errorf("%d entries of 500,000 bytes", n)
			}
		})
	}
}

// FuzzDecoder reads anything: no panic, no hang, and what was understood is
// understood again after it went through the Writer.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(archive(okEntry, "7", `{"a":`, okEntry)))
	f.Add([]byte(`{"log":{"version":1.2,"creator":{"name":"c"},"pages":[{"id":"p","title":"t"}],"entries":[{"pageref":"p","time":"1","startedDateTime":"2026-03-14T10:26:53.5+01:00","serverIPAddress":"[::1]",` +
		`"request":{"method":"POST","url":"https://a.example/?a=%zz","headers":[{"name":":path","value":"/"},{"name":"é","value":"a\nb\u20ac\ud800"}],"cookies":[{"name":"n","secure":true}],"postData":{"params":[{"name":"p"}],"text":"\ud83d\ude00"}},` +
		`"response":{"status":"200","content":{"size":-1,"text":"/w==","encoding":"base64"},"_error":"e"},"_initiator":{"type":"t"},"_webSocketMessages":[{"data":"<\u2028>"}],"_corsim":{"a":[1,2.50]},"comment":"\u0000"}]}}`))
	samples, err := filepath.Glob("testdata/*.har")
	if err != nil || len(samples) == 0 {
		f.Fatalf("no samples: %v", err)
	}
	for _, name := range samples {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkRoundTrip(t, data) })
}

// checkRoundTrip reads data, writes what was understood and reads that.
func checkRoundTrip(t *testing.T, data []byte) {
	t.Helper()
	d := NewDecoder(bytes.NewReader(data))
	d.MaxEntry = 1 << 20
	var entries []Entry
	for e, err := range d.Entries() {
		if err != nil {
			if !strings.HasPrefix(err.Error(), "har: ") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %q is not one line that begins with har:", err)
			}
			continue
		}
		entries = append(entries, e)
	}
	log := d.Log()
	log.Version = "1.2"

	write := func() []byte {
		var b bytes.Buffer
		w := NewWriter(&b, log.Creator)
		check := func(err error) {
			if err != nil {
				t.Fatalf("writing what was read: %v", err)
			}
		}
		check(w.SetBrowser(log.Browser))
		check(w.SetComment(log.Comment))
		for _, p := range log.Pages {
			check(w.WritePage(p))
		}
		for _, e := range entries {
			check(w.WriteEntry(e))
		}
		check(w.Close())
		return b.Bytes()
	}
	first := write()
	if second := write(); !bytes.Equal(first, second) {
		t.Fatalf("written twice (-first +second):\n%s", cmp.Diff(string(first), string(second)))
	}
	again := NewDecoder(bytes.NewReader(first))
	var got []Entry
	for e, err := range again.Entries() {
		if err != nil {
			t.Fatalf("reading what was written: %v\n%s", err, first)
		}
		got = append(got, e)
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Fatalf("entries changed by writing (-read +written):\n%s", diff)
	}
	if diff := cmp.Diff(log, again.Log()); diff != "" {
		t.Fatalf("log changed by writing (-read +written):\n%s", diff)
	}
}

func BenchmarkDecoder(b *testing.B) {
	for _, body := range []int{0, 10 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("body=%d", body), func(b *testing.B) {
			data, err := io.ReadAll(newManyEntries(max(1, 1<<20/(body+400)), body))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range NewDecoder(bytes.NewReader(data)).Entries() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
