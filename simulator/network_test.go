package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

func TestAHandlerSeesWhatAServerWouldSee(t *testing.T) {
	var got []string
	b := &Browser{Network: Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprintf("%s %s host=%s path=%s query=%s tls=%v origin=%s length=%d body=%s",
			r.Method, r.RequestURI, r.Host, r.URL.Path, r.URL.RawQuery, r.TLS != nil, r.Header.Get("Origin"), r.ContentLength, body))
		if r.URL.IsAbs() {
			t.Errorf("the target %v is not in origin-form", r.URL)
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
		w.Write([]byte("hello"))
	}))}
	res := b.Open("https://app.example/").Fetch("https://api.example:8443/a%20b?c=d#e", Init{Method: "POST",
		Body: fetch.Text("{}"), Headers: fetch.H("Content-Type", "application/json")})
	want := []string{
		"OPTIONS /a%20b?c=d host=api.example:8443 path=/a b query=c=d tls=true origin=https://app.example length=0 body=",
		"POST /a%20b?c=d host=api.example:8443 path=/a b query=c=d tls=true origin=https://app.example length=2 body={}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the handler saw (-want +got):\n%s", diff)
	}
	if !res.Allowed() || string(res.Body()) != "hello" {
		t.Errorf("%v with the body %q, want allowed with hello", res.Verdict(), res.Body())
	}
	// What the server completes: a type and a length.
	if diff := cmp.Diff(fetch.H("content-length", "5", "content-type", "text/plain; charset=utf-8"), res.Headers()); diff != "" {
		t.Errorf("readable headers (-want +got):\n%s", diff)
	}
}

func TestAHandlersResponseIsCompletedAsAServerCompletesIt(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
	}{
		{"nothing written", func(http.ResponseWriter, *http.Request) {}},
		{"a status alone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
		{"a body", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html><body>x") }},
		{"headers after the status", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(200)
			w.Header().Set("X-Late", "1")
		}},
		{"repeated headers", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("X-A", "1")
			w.Header().Add("X-A", " 2 ")
			w.Header().Set("X-B", "a\nb")
		}},
		{"an early hint first", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(201)
			io.WriteString(w, "x")
		}},
		{"a type of its own", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "x/y")
			io.WriteString(w, "x")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := httptest.NewServer(test.handler)
			defer s.Close()
			b := &Browser{Network: Transport(http.DefaultTransport)}
			want := b.Open(s.URL).Fetch("/", Init{})
			b = &Browser{Network: Handler(test.handler)}
			got := b.Open(s.URL).Fetch("/", Init{})
			drop := func(h fetch.Headers) fetch.Headers { h.Delete("date"); return h }
			if diff := cmp.Diff(drop(want.Headers()), drop(got.Headers())); diff != "" || want.Status() != got.Status() || string(want.Body()) != string(got.Body()) {
				t.Errorf("a server answers %d %q, the handler in process %d %q; headers (-server +in process):\n%s",
					want.Status(), want.Body(), got.Status(), got.Body(), diff)
			}
		})
	}
}

func TestABrokenConnectionIsANetworkErrorAndNoGoError(t *testing.T) {
	abort := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	for name, b := range map[string]*Browser{
		"a handler that aborts":  {Network: Handler(abort)},
		"a port nobody hears on": {Network: Transport(http.DefaultTransport)},
	} {
		t.Run(name, func(t *testing.T) {
			res := b.Open("http://"+closed).Fetch("/", Init{})
			if res.Verdict() != Blocked || res.Reason() != policy.NetworkFailed || res.Err() != nil {
				t.Errorf("%v, %v, %v; want blocked, network.failed and no error", res.Verdict(), res.Reason(), res.Err())
			}
		})
	}
}

func TestAPanicOfAHandlerGoesThrough(t *testing.T) {
	b := &Browser{Network: Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") }))}
	defer func() {
		if e := recover(); e != "a bug" {
			t.Errorf("recovered %v, want the handler's panic", e)
		}
	}()
	b.Open("https://app.example").Fetch("/", Init{})
}

func TestAContextThatEndsIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := &Browser{Network: NewReplies()}
	res := b.Open("https://app.example").FetchContext(ctx, "/", Init{})
	if !errors.Is(res.Err(), context.Canceled) || res.Allowed() {
		t.Errorf("%v, %v; want blocked and context.Canceled", res.Verdict(), res.Err())
	}
}

func TestMistakesOfTheCallerAreErrors(t *testing.T) {
	b := &Browser{}
	if res := b.Open("https://app.example").Fetch("/", Init{}); res.Err() == nil || res.Allowed() {
		t.Errorf("a Browser without Network: %v, %v; want an error", res.Verdict(), res.Err())
	}
	p := (&Browser{Network: NewReplies()}).Open("http://:::")
	if p.Err() == nil {
		t.Error("a page URL that does not parse: no error")
	}
	for _, res := range []*Result{p.Fetch("/", Init{}), p.XHR("/", XHRInit{}), p.Sandbox().Fetch("/", Init{})} {
		if res.Err() == nil || res.Allowed() || res.String() == "" {
			t.Errorf("a page without a URL: %v, %v; want an error", res.Verdict(), res.Err())
		}
	}
}

// TestOneBrowserServesManyGoroutines is for the race detector, and counts that nothing is lost.
func TestOneBrowserServesManyGoroutines(t *testing.T) {
	now := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	b := &Browser{Now: func() time.Time { return now }, MaxPreflights: 50,
		Network: Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
			w.Header().Set("Access-Control-Max-Age", "600")
			http.SetCookie(w, &http.Cookie{Name: "c" + r.URL.Query().Get("n"), Value: "1", Path: "/"})
		}))}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			page := b.Open("https://www.example.com")
			for i := range 50 {
				n := strconv.Itoa(g*50 + i)
				res := page.Fetch("https://api.example.com/?n="+n, Init{Method: "PUT", Credentials: "include"})
				if !res.Allowed() {
					t.Error(res)
				}
				b.Preflights()
				b.Cookies.Cookies()
			}
		})
	}
	wg.Wait()
	if n := len(b.Preflights()); n == 0 || n > 50 {
		t.Errorf("%d preflight entries are kept, want 1 to 50", n)
	}
	if n := b.Cookies.Len(); n == 0 {
		t.Error("no cookie was stored")
	}
	b.Reset()
	if len(b.Preflights()) != 0 || b.Cookies.Len() != 0 {
		t.Error("Reset left something behind")
	}
}

// FuzzFetch gives the engine hostile responses: it must not panic, hang or tell a script more than its verdict says.
func FuzzFetch(f *testing.F) {
	f.Add("PUT", "https://api.example/a", "X-A: 1", 204, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: *", "cors", byte(0))
	f.Add("POST", "//api.example/a", "Authorization: x", 302, "Location: //api.example/b\nAccess-Control-Allow-Origin: *", "no-cors", byte(1))
	f.Add("GET", "data:text/html,x", "", 200, "", "same-origin", byte(2))
	f.Add("GET", "/a", "Range: bytes=0-1", 206, "Location: /a", "cors", byte(7))
	f.Fuzz(func(t *testing.T, method, url, requestHeaders string, status int, responseHeaders, mode string, bits byte) {
		lines := func(s string) fetch.Headers {
			h := fetch.Headers{}
			for line := range strings.SplitSeq(s, "\n") {
				name, value, _ := strings.Cut(line, ":")
				h = append(h, fetch.Header{Name: name, Value: strings.Trim(value, " \t")})
			}
			return h
		}
		n := 0
		b := &Browser{Network: networkFunc(func(*fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
			if n++; n > 60 {
				t.Fatal("more than 60 requests")
			}
			return &fetch.HTTPResponse{Status: status, Headers: lines(responseHeaders), Body: []byte("x")}, nil
		}), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
		page := b.Open("https://app.example/dir/page")
		if bits&4 != 0 {
			page = page.Sandbox()
		}
		init := Init{Method: method, Headers: lines(requestHeaders), Mode: mode, Keepalive: bits&8 != 0,
			Credentials: []string{"omit", "same-origin", "include", ""}[bits&3], Redirect: []string{"", "manual", "error", "follow"}[bits>>4&3]}
		if bits&64 != 0 {
			init.Body = fetch.Text("x")
		}
		res := page.Fetch(url, init)
		if res.String() == "" {
			t.Fatal("a result without a story")
		}
		switch {
		case res.Verdict() != Allowed && (res.Status() != 0 || len(res.Headers()) != 0 || res.Body() != nil):
			t.Fatalf("%v, but the script sees %d %q", res.Verdict(), res.Status(), res.Headers())
		case res.Verdict() != Allowed && res.Reason() == 0:
			t.Fatalf("%v without a reason", res.Verdict())
		case res.Verdict() == Invalid && len(res.Exchanges()) != 0:
			t.Fatal("invalid, but something was sent")
		}
	})
}
