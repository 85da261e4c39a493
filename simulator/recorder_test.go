package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
)

// aServer is a server with all that a recording has to keep.
func aServer() http.Handler {
	mux := http.NewServeMux()
	allow := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Allow-Headers", "authorization, content-type")
		w.Header().Set("Access-Control-Expose-Headers", "X-Count")
		w.Header().Add("X-Count", "1")
		w.Header().Add("X-Count", "2")
	}
	mux.HandleFunc("/items", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "hush-hush-1", Secure: true, SameSite: http.SameSiteNoneMode})
		if r.Method != http.MethodOptions {
			fmt.Fprintf(w, "%s", r.Method)
		}
	})
	mux.HandleFunc("/binary", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write([]byte{0, 0xff, 0xfe})
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		http.Redirect(w, r, "/items?moved", http.StatusFound)
	})
	mux.HandleFunc("/closed", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "no CORS here") })
	mux.HandleFunc("/broken", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	return mux
}

// visit makes requests of every kind and returns what came of them.
func visit(t *testing.T, network fetch.Network) []Outcome {
	t.Helper()
	clock := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	b := &Browser{Network: network, Now: func() time.Time { return clock }}
	page := b.Open("https://app.example/cart")
	var out []Outcome
	for _, r := range []*Result{
		page.Fetch("https://api.example/items", Init{Credentials: "include"}),
		page.Fetch("https://api.example/items", Init{Method: "PUT", Credentials: "include", Body: fetch.Text(`{"é":1}`),
			Headers: fetch.H("Content-Type", "application/json", "Authorization", "Bearer hush-hush-2")}),
		page.Fetch("https://user-only.example:8443/binary#part", Init{}),
		page.Fetch("https://api.example/moved", Init{}),
		page.Fetch("https://api.example/closed", Init{}),
		page.Fetch("https://api.example/broken", Init{}),
		page.XHR("https://api.example/items", XHRInit{Method: "POST", Body: fetch.Bytes([]byte{0x80, 0}), UploadListener: true}),
		page.Fetch("https://app.example/items", Init{Method: "POST", Body: fetch.Text("")}),
	} {
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		out = append(out, r.Outcome())
	}
	return out
}

func TestWhatARecorderWroteIsANetworkLikeTheOneItRecorded(t *testing.T) {
	var b bytes.Buffer
	rec := NewRecorder(Handler(aServer()), &b, RecorderOptions{KeepSecrets: true, Page: "https://app.example/cart"})
	live := visit(t, rec)
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	direct := visit(t, Handler(aServer()))
	if d := cmp.Diff(direct, live); d != "" {
		t.Errorf("a Recorder changes nothing (-without +with):\n%s", d)
	}
	if d := cmp.Diff(live, visit(t, mustRead(t, b.String()))); d != "" {
		t.Errorf("the recording answers as the network did (-live +recorded):\n%s", d)
	}
	// The same, decided anew from the file alone.
	var verdicts, want []string
	for r := range mustRead(t, b.String()).Replay(context.Background(), ReplayOptions{}) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		verdicts = append(verdicts, r.Method+" "+r.URL+" "+r.Result.Verdict().String())
	}
	for _, o := range live {
		first := o.Sent[0]
		if first.Method == "OPTIONS" {
			first = o.Sent[1]
		}
		want = append(want, first.Method+" "+first.URL+" "+o.Verdict)
	}
	if d := cmp.Diff(want, verdicts); d != "" {
		t.Errorf("replay (-live +replayed):\n%s", d)
	}
}

func TestRecorderKeepsSecretsOnlyWhenAsked(t *testing.T) {
	for _, keep := range []bool{false, true} {
		var b bytes.Buffer
		rec := NewRecorder(Handler(aServer()), &b, RecorderOptions{KeepSecrets: keep})
		live := visit(t, rec)
		if err := rec.Close(); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hush-hush-1", "hush-hush-2"} {
			if got := strings.Contains(b.String(), secret); got != keep {
				t.Errorf("KeepSecrets %v: the recording holds %q: %v", keep, secret, got)
			}
		}
		replayed := visit(t, mustRead(t, b.String()))
		for i := range live {
			if live[i].Verdict != replayed[i].Verdict || live[i].Reason != replayed[i].Reason {
				t.Errorf("KeepSecrets %v: request %d: %s %s live, %s %s from the recording: no verdict hangs on a secret",
					keep, i, live[i].Verdict, live[i].Reason, replayed[i].Verdict, replayed[i].Reason)
			}
		}
	}
}

// A scripted network answers with what it is told.
type scripted func(*fetch.HTTPRequest) (*fetch.HTTPResponse, error)

func (f scripted) RoundTrip(_ context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	return f(r)
}

func TestRecorderWritesFailuresAndLeavesOutWhatIsNoExchange(t *testing.T) {
	var b bytes.Buffer
	gone := errors.New("the cable is \"cut\"\n\xff")
	rec := NewRecorder(scripted(func(r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
		switch r.URL.Path() {
		case "/failed":
			return nil, fmt.Errorf("dial: %w", fetch.ErrFailed)
		case "/gone":
			return nil, gone
		case "/unanswered":
			return nil, fmt.Errorf("GET: %w", fetch.ErrUnanswered)
		case "/nothing":
			return nil, nil
		}
		return &fetch.HTTPResponse{Status: 200}, nil
	}), &b, RecorderOptions{})
	for path, want := range map[string]string{"/failed": "failed", "/gone": gone.Error(), "/unanswered": "unanswered", "/ok": "200"} {
		if got := ask(rec, "GET", "https://api.example"+path); got != want {
			t.Errorf("%s: got %s, want %s: a Recorder hands on what the network says", path, got, want)
		}
	}
	u := mustRead(t, harText(harEntry("GET", "https://api.example/nothing", nil, 200, nil))).entries[0].target
	if res, err := rec.RoundTrip(context.Background(), &fetch.HTTPRequest{Method: "GET", URL: u}); res != nil || err != nil {
		t.Errorf("got %v, %v, want nothing handed on as nothing", res, err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Log struct {
			Entries []struct {
				Request struct {
					URL string `json:"url"`
				} `json:"request"`
				Response struct {
					Status int `json:"status"`
				} `json:"response"`
				Error string `json:"_error"`
			} `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatalf("the recording is no JSON: %v\n%s", err, b.Bytes())
	}
	got := map[string]string{}
	for _, e := range file.Log.Entries {
		got[strings.TrimPrefix(e.Request.URL, "https://api.example")] = fmt.Sprint(e.Response.Status, " ", e.Error)
	}
	want := map[string]string{"/failed": "0 dial: no response", "/gone": "0 the cable is \"cut\"\n\uFFFD", "/nothing": "0 no response", "/ok": "200 "}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("status and _error by path (-want +got):\n%s", d)
	}
	again := mustRead(t, b.String())
	for path, want := range map[string]string{"/failed": "failed", "/gone": "failed", "/nothing": "failed", "/unanswered": "unanswered", "/ok": "200"} {
		if got := ask(again, "GET", "https://api.example"+path); got != want {
			t.Errorf("%s from the recording: got %s, want %s", path, got, want)
		}
	}
}

func TestRecorderTellsKindsApart(t *testing.T) {
	for _, tt := range []struct{ method, name, value, want string }{
		{"GET", "Sec-Fetch-Dest", "empty", "fetch"},
		{"GET", "X-Nothing", "", "fetch"},
		{"GET", "Sec-Fetch-Dest", "document", "document"},
		{"GET", "Sec-Fetch-Dest", "iframe", "document"},
		{"GET", "Sec-Fetch-Dest", "style", "stylesheet"},
		{"GET", "Sec-Fetch-Dest", "video", "media"},
		{"GET", "Sec-Fetch-Dest", "image", "image"},
		{"GET", "Sec-Fetch-Dest", "worker", "other"},
		{"OPTIONS", "Access-Control-Request-Method", "PUT", "preflight"},
		{"OPTIONS", "Sec-Fetch-Dest", "empty", "fetch"},
	} {
		h := fetch.H("Origin", "https://app.example", tt.name, tt.value)
		if got, _ := kindOf(&fetch.HTTPRequest{Method: tt.method, Headers: h}, "https://api.example/"); got != tt.want {
			t.Errorf("%s with %s: %s: got _resourceType %q, want %q, as Chromium's developer tools have it", tt.method, tt.name, tt.value, got, tt.want)
		}
	}
}

func TestRecorderWritesTheSameForTheSame(t *testing.T) {
	record := func() string {
		var b bytes.Buffer
		now := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
		rec := NewRecorder(Handler(aServer()), &b, RecorderOptions{Page: "https://app.example/cart", Comment: "a test",
			Now: func() time.Time { now = now.Add(time.Millisecond); return now }})
		visit(t, rec)
		if err := rec.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if d := cmp.Diff(record(), record()); d != "" {
		t.Errorf("time is a parameter, so two recordings are alike to the byte:\n%s", d)
	}
}

func TestRecorderBoundsBodies(t *testing.T) {
	var b bytes.Buffer
	rec := NewRecorder(Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat(r.URL.Query().Get("of"), 100))
	})), &b, RecorderOptions{MaxBody: 150})
	page := (&Browser{Network: rec}).Open("https://app.example/")
	page.Fetch("/?of=a", Init{Method: "POST", Body: fetch.Text(strings.Repeat("c", 200))})
	page.Fetch("/?of=bb", Init{Method: "POST", Body: fetch.Text("short")})
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]bool{strings.Repeat("a", 100): true, strings.Repeat("bb", 100): false, strings.Repeat("c", 200): false, `"short"`: true} {
		if got := strings.Contains(b.String(), body); got != want {
			t.Errorf("a body of %d bytes was written: %v, want %v with 150 as the limit", len(body), got, want)
		}
	}
	if !strings.Contains(b.String(), `"size":200`) {
		t.Error("the size of a body that is left out is still told")
	}
}

// A failingWriter fails after some bytes.
type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestRecorderTellsAtTheEndWhatCouldNotBeWritten(t *testing.T) {
	rec := NewRecorder(Handler(aServer()), &failingWriter{left: 2000}, RecorderOptions{})
	if d := cmp.Diff(visit(t, Handler(aServer())), visit(t, rec)); d != "" {
		t.Errorf("a full disk is not the requests' business (-without +with):\n%s", d)
	}
	if err := rec.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("Close returned %v, want the writer's error", err)
	}

	rec = NewRecorder(scripted(func(*fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
		return &fetch.HTTPResponse{Status: 200, Headers: fetch.H("X-A", "1\n2")}, nil
	}), io.Discard, RecorderOptions{})
	if got := ask(rec, "GET", "https://api.example/odd"); got != "200" {
		t.Errorf("got %s, want the response that cannot be written", got)
	}
	if err := rec.Close(); err == nil || !strings.Contains(err.Error(), "https://api.example/odd") || !strings.Contains(err.Error(), "X-A") {
		t.Errorf("Close returned %v, want which exchange was left out and why", err)
	}
}

func TestRecorderMayBeUsedInParallel(t *testing.T) {
	var b bytes.Buffer
	rec := NewRecorder(scripted(func(*fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
		return &fetch.HTTPResponse{Status: 200}, nil
	}), &b, RecorderOptions{})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { ask(rec, "GET", fmt.Sprintf("https://api.example/%d", i)) })
	}
	wg.Wait()
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	again := mustRead(t, b.String())
	for i := range 50 {
		if got := ask(again, "GET", fmt.Sprintf("https://api.example/%d", i)); got != "200" {
			t.Errorf("request %d: %s from the recording, want 200", i, got)
		}
	}
}
