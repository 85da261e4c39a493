package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/simulator"
)

// liveAPI is a server with an open path, a closed one, one that wants a cookie, one that redirects and one that hangs
// until the test is over.
func liveAPI(t *testing.T, start func(*httptest.Server)) string {
	t.Helper()
	over := make(chan struct{})
	mux := http.NewServeMux()
	open := func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
		return r.Method != http.MethodOptions
	}
	mux.HandleFunc("/open", func(w http.ResponseWriter, r *http.Request) {
		if open(w, r) {
			_, _ = io.Copy(w, r.Body)
		}
	})
	mux.HandleFunc("/closed", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("sid"); open(w, r) && (err != nil || c.Value != "1") {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		open(w, r)
		http.Redirect(w, r, "/open", http.StatusFound)
	})
	mux.HandleFunc("/hang", func(http.ResponseWriter, *http.Request) { <-over })
	s := httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are meant to fail
	start(s)
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(over) }) // before the server closes, which waits
	return s.URL
}

func TestCheckAsksALiveServerAsAPageWould(t *testing.T) {
	plainURL, secureURL := liveAPI(t, (*httptest.Server).Start), liveAPI(t, (*httptest.Server).StartTLS)
	tests := []struct {
		name    string
		url     string
		flags   []string
		code    int
		verdict string
		reason  string
		sent    []string // method and path of each exchange
	}{
		{"an open path is allowed", plainURL + "/open", nil, 0, "allowed", "", []string{"GET /open"}},
		{"a closed one is blocked", plainURL + "/closed", nil, 1, "blocked", "cors.allow-origin.missing", []string{"GET /closed"}},
		{"PUT is preflighted", plainURL + "/open", []string{"--method", "PUT", "--header", "Content-Type: application/json", "--data", "{}"}, 0,
			"allowed", "", []string{"OPTIONS /open", "PUT /open"}},
		{"DELETE is not granted", plainURL + "/open", []string{"-X", "DELETE"}, 1, "blocked", "preflight.method.not-allowed", []string{"OPTIONS /open"}},
		{"an upload listener calls for a preflight", plainURL + "/open", []string{"--xhr", "--upload-listener", "--method", "POST", "--data", "x"}, 0,
			"allowed", "", []string{"OPTIONS /open", "POST /open"}},
		{"no-cors is opaque", plainURL + "/closed", []string{"--mode", "no-cors"}, 1, "opaque", "response.opaque", []string{"GET /closed"}},
		{"a mode that does not exist is an exception", plainURL + "/closed", []string{"--mode", "nocors"}, 1, "invalid", "request.member.invalid", nil},
		{"a redirect is followed", plainURL + "/moved", nil, 0, "allowed", "", []string{"GET /moved", "GET /open"}},
		{"a redirect is not followed if the script says so", plainURL + "/moved", []string{"--redirect", "error"}, 1, "blocked", "redirect.mode.error", []string{"GET /moved"}},
		{"a sandboxed document is served as null", plainURL + "/open", []string{"--origin", "null"}, 0, "allowed", "", []string{"GET /open"}},
		{"GET with a body is an exception", plainURL + "/open", []string{"--data", "x"}, 1, "invalid", "request.body.get-or-head", nil},
		{"a certificate that nobody knows breaks the connection", secureURL + "/open", nil, 1, "blocked", "network.failed", []string{"GET /open"}},
		{"unless that is fine", secureURL + "/open", []string{"--insecure"}, 0, "allowed", "", []string{"GET /open"}},
		{"cookies go along", secureURL + "/me", []string{"--insecure", "--credentials", "include", "--cookie", "sid=1; SameSite=None; Secure"}, 0,
			"allowed", "", []string{"GET /me"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"check", tt.url, "--origin", "https://app.example"}, tt.flags...)
			text, stderr, code := runCommand(t, "", args...)
			if code != tt.code || stderr != "" || !strings.HasPrefix(text, tt.verdict) {
				t.Errorf("exit status %d, want %d; standard error %q; standard output:\n%s", code, tt.code, stderr, text)
			}
			out, _, _ := runCommand(t, "", append(args, "--json")...)
			var story simulator.Story
			if err := json.Unmarshal([]byte(out), &story); err != nil {
				t.Fatalf("--json wrote %q: %v", out, err)
			}
			var sent []string
			for _, e := range story.Exchanges {
				sent = append(sent, e.Method+" "+e.URL[strings.LastIndexByte(e.URL, '/'):])
			}
			if d := cmp.Diff([]any{tt.verdict, tt.reason, tt.sent}, []any{story.Verdict, story.Reason, sent}); d != "" {
				t.Errorf("verdict, reason and what was sent (-want +got):\n%s\n%s", d, text)
			}
			if story.Verdict == "allowed" && strings.HasSuffix(tt.url, "/me") && story.Status != 200 {
				t.Errorf("the server answered %d: the cookie did not reach it\n%s", story.Status, text)
			}
		})
	}
}

func TestCheckTellsARefusedConnectionAsThePageSeesIt(t *testing.T) {
	s := httptest.NewServer(nil)
	url := s.URL
	s.Close()
	stdout, stderr, code := runCommand(t, "", "check", url, "--origin", "http://app.example")
	if code != exitDenied || stderr != "" || !strings.Contains(stdout, "network.failed") || !strings.Contains(stdout, "refused") {
		t.Errorf("exit status %d, standard error %q, standard output:\n%s", code, stderr, stdout)
	}
}

func TestCheckGivesUpWithOneLine(t *testing.T) {
	url := liveAPI(t, (*httptest.Server).Start) + "/hang"
	t.Run("when the time is over", func(t *testing.T) {
		stdout, stderr, code := runCommand(t, "", "check", url, "--origin", "http://app.example", "--timeout", "50ms")
		want := "corsim: " + url + ": no answer within 50ms (--timeout sets how long to wait)\n"
		if d := cmp.Diff(want, stderr); d != "" || stdout != "" || code != exitUsage {
			t.Errorf("exit status %d, standard output %q, standard error (-want +got):\n%s", code, stdout, d)
		}
	})
	t.Run("when it is interrupted", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("a process cannot interrupt itself there")
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := self.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
			select {
			case <-r.Context().Done():
			case <-time.After(10 * time.Second):
			}
		}))
		defer s.Close()
		var stdout, stderr bytes.Buffer
		code := run([]string{"check", s.URL, "--origin", "http://app.example"}, strings.NewReader(""), &stdout, &stderr)
		want := "corsim: " + s.URL + ": interrupted before the answer came\n"
		if d := cmp.Diff(want, stderr.String()); d != "" || stdout.Len() > 0 || code != exitUsage {
			t.Errorf("exit status %d, standard output %q, standard error (-want +got):\n%s", code, stdout.String(), d)
		}
	})
}
