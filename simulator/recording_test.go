package simulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
)

// harText is an archive with the entries, each a JSON object.
func harText(entries ...string) string {
	return `{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[
		{"startedDateTime":"2026-07-02T12:00:00Z","id":"p","title":"https://app.example/cart","pageTimings":{}}],
		"entries":[` + strings.Join(entries, ",\n") + `]}}`
}

// harEntry is an entry of an archive; an empty list of headers is left out, a status of -1 leaves the response out.
func harEntry(method, url string, request []string, status int, response []string, more ...string) string {
	lines := func(list []string) string {
		var out []string
		for _, l := range list {
			name, value, _ := strings.Cut(l, ": ")
			out = append(out, fmt.Sprintf(`{"name":%s,"value":%s}`, marshal(name), marshal(value)))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	e := fmt.Sprintf(`"request":{"method":%s,"url":%s,"headers":%s}`, marshal(method), marshal(url), lines(request))
	if status >= 0 {
		e += fmt.Sprintf(`,"response":{"status":%d,"headers":%s,"content":{}}`, status, lines(response))
	}
	for _, m := range more {
		e += "," + m
	}
	return "{" + e + "}"
}

func mustRead(t *testing.T, text string) *Recording {
	t.Helper()
	rec, errs := ReadHAR(strings.NewReader(text))
	if len(errs) > 0 {
		t.Fatalf("the test's own archive: %v", errors.Join(errs...))
	}
	return rec
}

// ask asks a network and tells the status, or the error's kind.
func ask(n fetch.Network, method, url string) string {
	u, err := origin.ParseURL(url, nil)
	if err != nil {
		return err.Error()
	}
	res, err := n.RoundTrip(context.Background(), &fetch.HTTPRequest{Method: method, URL: u})
	switch {
	case errors.Is(err, fetch.ErrUnanswered):
		return "unanswered"
	case errors.Is(err, fetch.ErrFailed):
		return "failed"
	case err != nil:
		return err.Error()
	}
	return fmt.Sprint(res.Status)
}

func TestRecordingAnswersByMethodAndURL(t *testing.T) {
	rec := mustRead(t, harText(
		harEntry("GET", "https://api.example/a", nil, 200, nil),
		harEntry("GET", "https://api.example/a", nil, 401, nil),
		harEntry("POST", "https://api.example/a", nil, 201, nil),
		harEntry("GET", "HTTPS://API.example:443/b/../c?d#e", nil, 203, nil),
		harEntry("GET", "https://user:pw@api.example/f", nil, 204, nil),
		harEntry("GET", "https://api.example/zero", nil, 0, nil, `"_error":"net::ERR_FAILED"`),
		harEntry("GET", "https://api.example/none", nil, -1, nil),
		harEntry("GET", "https://api.example/upgraded", nil, 101, nil),
		harEntry("GET", "https://api.example/moved", nil, 302, []string{"Location: /a"}),
		harEntry("GET", "https://api.example/twice", nil, 0, nil),
		harEntry("GET", "https://api.example/twice", nil, 200, nil),
	))
	for _, tt := range []struct{ name, method, url, want string }{
		{"the first of a kind answers first", "GET", "https://api.example/a", "200"},
		{"then the second", "GET", "https://api.example/a", "401"},
		{"then the last again", "GET", "https://api.example/a", "401"},
		{"and again", "GET", "https://api.example/a#top", "401"},
		{"another method is another kind", "POST", "https://api.example/a", "201"},
		{"methods are told apart by case", "post", "https://api.example/a", "unanswered"},
		{"URLs are compared as they are serialized, without fragment", "GET", "https://api.example/c?d#x", "203"},
		{"a query counts", "GET", "https://api.example/c", "unanswered"},
		{"user and password do not count on either side", "GET", "https://other@api.example/f", "204"},
		{"a status of 0 breaks the connection", "GET", "https://api.example/zero", "failed"},
		{"no response breaks the connection", "GET", "https://api.example/none", "failed"},
		{"an interim status is no answer", "GET", "https://api.example/upgraded", "failed"},
		{"a redirect is answered, not followed", "GET", "https://api.example/moved", "302"},
		{"a failure has its turn like any answer", "GET", "https://api.example/twice", "failed"},
		{"and is over when it had it", "GET", "https://api.example/twice", "200"},
		{"what is not there is not made up", "GET", "https://api.example/", "unanswered"},
	} {
		if got := ask(rec, tt.method, tt.url); got != tt.want {
			t.Errorf("%s: %s %s: got %s, want %s", tt.name, tt.method, tt.url, got, tt.want)
		}
	}
}

func TestRecordingKeepsHeadersAsTheyWere(t *testing.T) {
	rec := mustRead(t, harText(harEntry("GET", "https://api.example/", nil, 200, []string{
		":status: 200", "Vary: Origin", "access-control-allow-ORIGIN: https://app.example", "Connection: keep-alive",
		"Vary:  Accept\t", "Transfer-Encoding: chunked", "Keep-Alive: timeout=5", "X-Name: caf\u00e9", "X-Empty: ", "Content-Encoding: br",
		"TE: trailers", "Trailer: X-Sum", "Upgrade: h2c", "Proxy-Connection: close",
	})))
	u, err := origin.ParseURL("https://api.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := rec.RoundTrip(context.Background(), &fetch.HTTPRequest{Method: "GET", URL: u})
	if err != nil {
		t.Fatal(err)
	}
	want := fetch.H("Vary", "Origin", "access-control-allow-ORIGIN", "https://app.example", "Vary", "Accept",
		"X-Name", "caf\xe9", "X-Empty", "", "Content-Encoding", "br")
	if d := cmp.Diff(want, res.Headers); d != "" {
		t.Errorf("order, repeats, case and bytes are those of the wire; the connection's own headers go (-want +got):\n%s", d)
	}
}

func TestReadHARNamesWhatItCannotRead(t *testing.T) {
	rec, errs := ReadHAR(strings.NewReader(harText(
		harEntry("GET", "https://api.example/0", nil, 200, nil),
		`{"request":{"method":"GET","url":"https://api.example/1"},"response":{"status":"many"}}`,
		harEntry("GET", "https://api.example/2", nil, 200, nil),
		harEntry("GET", "/3", nil, 200, nil),
		`"4"`,
		harEntry("GET", "https://[5/", nil, 200, nil),
		harEntry("GET", "https://api.example/6", nil, 200, nil),
	)))
	for i, want := range []string{"200", "unanswered", "200", "", "", "", "200"} {
		if want == "" {
			continue
		}
		if got := ask(rec, "GET", fmt.Sprintf("https://api.example/%d", i)); got != want {
			t.Errorf("entry %d: got %s, want %s: a bad entry takes no other along", i, got, want)
		}
	}
	var got []string
	for _, err := range errs {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of more than one line: %q", err)
		}
		where, _, _ := strings.Cut(err.Error(), " at byte")
		where, _, _ = strings.Cut(where, ": /3")
		got = append(got, strings.Join(strings.Fields(where)[:2], " "))
	}
	want := []string{"har: log.entries[1].response.status", "har: log.entries[3].request.url:", "har: log.entries[4]", "har: log.entries[5].request.url:"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("errors name the entry by its place in the file, bad ones counted (-want +got):\n%s\n%v", d, errors.Join(errs...))
	}
}

func TestReadHARIsBounded(t *testing.T) {
	var entries []string
	for i := range 100 {
		entries = append(entries, harEntry("GET", fmt.Sprintf("https://api.example/%d", i), nil, 200, nil))
	}
	rec, errs := readHAR(strings.NewReader(harText(entries...)), 20_000)
	if rec.Len() == 0 || rec.Len() >= 20 {
		t.Errorf("%d entries were kept in 20000 bytes, want some and fewer than 20", rec.Len())
	}
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), fmt.Sprintf("log.entries[%d]", rec.Len())) {
		t.Errorf("got %v, want one error that names the first entry left out", errs)
	}
	_, errs = ReadHAR(strings.NewReader(harText(slices.Repeat([]string{"1"}, 5000)...)))
	if len(errs) != maxRecordingErrors+1 || !strings.Contains(errs[maxRecordingErrors].Error(), "4000 more") {
		t.Errorf("%d errors, want %d and how many more there are", len(errs), maxRecordingErrors)
	}
}

func TestReadHARReadsWhatExportersWrite(t *testing.T) {
	for _, tt := range []struct {
		file string
		want []string // verdicts and reasons of the scripts' requests
	}{
		// A PUT with a cookie whose preflight does not allow credentials, an XHR that failed, a WebSocket.
		{"chromium.har", []string{"blocked cors.allow-credentials.missing", "blocked network.failed"}},
		// A POST whose redirect leads to what was not recorded; it has no Access-Control-Allow-Origin. A GET without
		// any request headers has no page.
		{"firefox.har", []string{"blocked cors.allow-origin.missing"}},
		{"webkit.har", []string{"blocked cors.allow-origin.missing"}},
	} {
		f, err := os.Open(filepath.Join("..", "internal", "har", "testdata", tt.file))
		if err != nil {
			t.Fatal(err)
		}
		rec, errs := ReadHAR(f)
		f.Close()
		if len(errs) > 0 {
			t.Errorf("%s: %v", tt.file, errors.Join(errs...))
		}
		var got []string
		for r := range rec.Replay(context.Background(), ReplayOptions{}) {
			if r.Err != nil {
				t.Errorf("%s: %v", tt.file, r.Err)
				continue
			}
			got = append(got, r.Result.Verdict().String()+" "+r.Result.Reason().Code())
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.file, d)
		}
	}
}

func TestRecordingMayBeUsedInParallel(t *testing.T) {
	var entries []string
	for i := range 50 {
		entries = append(entries, harEntry("GET", "https://api.example/", nil, 200+i, nil))
	}
	rec := mustRead(t, harText(entries...))
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range 50 {
		wg.Go(func() {
			s := ask(rec, "GET", "https://api.example/")
			mu.Lock()
			seen[s]++
			mu.Unlock()
		})
	}
	wg.Wait()
	for i := range 50 {
		if n := seen[fmt.Sprint(200+i)]; n != 1 {
			t.Errorf("status %d came %d times, want each entry once", 200+i, n)
		}
	}
}
