package lab

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// eachBrowser runs a test in every browser of those names that is here. Where CI=true all have to be here.
func eachBrowser(t *testing.T, names []string, test func(*testing.T, context.Context, Browser)) {
	t.Helper()
	if testing.Short() {
		t.Skip("starting browsers takes seconds, and -short is set")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			b, err := Find(ctx, name)
			if errors.Is(err, ErrNoBrowser) && os.Getenv("CI") != "true" {
				t.Skipf("NOT TESTED: %v (with CI=true this is a failure)", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			ownTemp(t)
			test(t, ctx, b)
			checkNothingIsLeft(t)
		})
	}
}

// ownTemp gives the test a place for temporary files, with a path short enough for a browser's sockets.
func ownTemp(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "t")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
}

// checkNothingIsLeft fails the test if a session of this test left a folder or a process.
func checkNothingIsLeft(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "corsim-lab-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("folders left behind: %q, %v", left, err)
	}
	mark := folderMark + os.Getenv("TMPDIR")
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range environs {
		if env, err := os.ReadFile(file); err == nil && strings.Contains(string(env), mark) {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			t.Errorf("a process is left behind: %s: %q", file, line)
		}
	}
}

func TestBrowserTellsBothSidesOfAFetch(t *testing.T) {
	api := ServerFunc(func(_ context.Context, r *Request) (*Response, error) {
		switch r.Path() {
		case "/break":
			return nil, errors.New("on purpose")
		case "/silent":
			return &Response{Status: 200, Fields: []Field{{"Content-Length", "0"}}}, nil
		case "/moved":
			return &Response{Status: 302, Fields: []Field{{"Access-Control-Allow-Origin", "*"}, {"Location", "https://other.example/"}, {"Content-Length", "0"}}}, nil
		}
		return &Response{
			Status: 200,
			Reason: "Fine",
			Fields: []Field{
				{"Access-Control-Allow-Origin", "https://app.example.com"},
				{"Access-Control-Allow-Headers", "x-a"},
				{"Access-Control-Expose-Headers", "x-Seen"},
				{"x-Seen", "1"}, {"X-seen", "\xe9"}, {"X-Hidden", "2"},
				{"Content-Type", "text/plain"},
			},
			Body: []byte("h\xe9"),
		}, nil
	})
	const base = "https://api.example.com"
	script := Script{Steps: []Step{
		{Name: "a GET with a header", URL: base + "/", Init: Init{Headers: []string{"X-A: 1"}}},
		{Name: "no permission", URL: base + "/silent"},
		{Name: "no response", URL: base + "/break"},
		{Name: "a redirect to a host that gives no permission", URL: base + "/moved"},
		{Name: "a response that cannot be read", URL: base + "/silent", Init: Init{Mode: "no-cors"}},
		{Name: "a fetch that the API refuses", URL: base + "/", Init: Init{Method: "TRACE"}},
		{Name: "a host on a port of its own", URL: "https://api.example.com:8443/"},
		{Name: "a name that is always this machine", URL: "https://localhost/"},
		{Name: "the page's own host, beside the page", URL: "/own?page"},
	}}
	eachBrowser(t, Names(), func(t *testing.T, ctx context.Context, b Browser) {
		if b.Version == "" || b.Version[0] < '0' || b.Version[0] > '9' {
			t.Errorf("version %q, want one that begins with a digit", b.Version)
		}
		f, _ := newFront(t, Hosts{
			"api.example.com":      api,
			"api.example.com:8443": api,
			"localhost":            api,
			"app.example.com":      fixed(204, "No Content"),
		})
		rep, err := Run(ctx, b, f, "https://app.example.com/page?x", script)
		if err != nil {
			t.Fatal(err)
		}
		if rep.UserAgent == "" {
			t.Error("no user agent in the report")
		}
		for i := range rep.Results {
			if r := &rep.Results[i]; r.Error != "" {
				r.Error = "told" // each browser has its own words
			}
			slices.Sort(rep.Results[i].Headers)
		}
		readable := func(url string) Result {
			return Result{Outcome: Resolved, Type: "cors", Status: 200, StatusText: "Fine", URL: url,
				Headers: []string{"content-type: text/plain", "x-seen: 1, é"}, Body: []byte("h\xe9")}
		}
		rejected := Result{Outcome: Rejected, Error: "told"}
		if d := cmp.Diff([]Result{
			readable(base + "/"),
			rejected,
			rejected,
			rejected,
			{Outcome: Resolved, Type: "opaque", Headers: []string{}, Body: []byte{}},
			{Outcome: Invalid, Error: "told"},
			readable("https://api.example.com:8443/"),
			readable("https://localhost/"),
			{Outcome: Resolved, Type: "basic", Status: 204, StatusText: "No Content", URL: "https://app.example.com/own?page", Headers: []string{}, Body: []byte{}},
		}, rep.Results); d != "" {
			t.Errorf("what the script was told (-want +got):\n%s", d)
		}

		type sent struct {
			Step         int
			Method, URL  string
			Origin, Ask  string
			TraceOfStep0 string
		}
		var got []sent
		for _, x := range rep.To("api.example.com", "api.example.com:8443", "localhost", "other.example", "app.example.com") {
			s := sent{Step: x.Step, Method: x.Request.Method, URL: x.Request.URL()}
			s.Origin, _ = field(x.Request.Fields, "Origin")
			s.Ask, _ = field(x.Request.Fields, "Access-Control-Request-Headers")
			s.TraceOfStep0, _ = field(x.Request.Fields, "X-A")
			// A GET whose connection broke may be tried once more.
			if n := len(got); n > 0 && s == got[n-1] && x.Request.Path() == "/break" {
				continue
			}
			got = append(got, s)
		}
		const app = "https://app.example.com"
		want := []sent{
			{0, "OPTIONS", base + "/", app, "x-a", ""},
			{0, "GET", base + "/", app, "", "1"},
			{1, "GET", base + "/silent", app, "", ""},
			{2, "GET", base + "/break", app, "", ""},
			{3, "GET", base + "/moved", app, "", ""},
			{3, "GET", "https://other.example/", "null", "", ""},
			{4, "GET", base + "/silent", "", "", ""},
			{6, "GET", base + ":8443/", app, "", ""},
			{7, "GET", "https://localhost/", app, "", ""},
			{8, "GET", app + "/own?page", "", "", ""},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("what went over the wire (-want +got):\n%s", d)
		}
	})
}

func TestBrowserEndsWithItsContext(t *testing.T) {
	eachBrowser(t, Names(), func(t *testing.T, ctx context.Context, b Browser) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		enough := errors.New("enough")
		f, _ := newFront(t, Hosts{"api.example.com": ServerFunc(func(ctx context.Context, _ *Request) (*Response, error) {
			cancel(enough) // in the middle of a fetch
			<-ctx.Done()
			return nil, ctx.Err()
		})})
		_, err := Run(ctx, b, f, "http://app.example.com/", Script{Steps: []Step{{URL: "http://api.example.com/"}}})
		if err == nil {
			t.Fatal("no error from a run that was ended early")
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.stage != nil {
			t.Error("the page of an ended run is still served")
		}
	})
}

func TestBrowserThatCannotRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs of this test are shell scripts")
	}
	ownTemp(t)
	f, _ := newFront(t, nil)
	program := func(text string) string {
		path := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, name := range Names() {
		env := "CORSIM_" + strings.ToUpper(name)
		t.Run(name+" that ends at once tells its last words", func(t *testing.T) {
			t.Setenv(env, program(`[ "$1" = --version ] && echo Some Browser 1.2.3 beta || echo no display >&2`))
			b, err := Find(t.Context(), name)
			if err != nil || b.Version != "1.2.3" {
				t.Fatalf("version %q, %v; want 1.2.3", b.Version, err)
			}
			_, err = Run(t.Context(), b, f, "https://a.example/", Script{})
			if err == nil || !strings.Contains(err.Error(), "no display") {
				t.Errorf("error %v, want one with the program's own words", err)
			}
			checkNothingIsLeft(t)
		})
		t.Run(name+" that hangs, with a child of another group, is ended in time", func(t *testing.T) {
			t.Setenv(env, program(`[ "$1" = --version ] && echo 1 && exit; setsid sleep 60 & sleep 60`))
			b, err := Find(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			const patience = 300 * time.Millisecond
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start := time.Now()
			if _, err := Run(ctx, b, f, "https://a.example/", Script{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want that of the context", err)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v to end it", took)
			}
			checkNothingIsLeft(t)
		})
		t.Run(name+" without a version is not one", func(t *testing.T) {
			t.Setenv(env, program(`echo hello`))
			if _, err := Find(t.Context(), name); err == nil || !strings.Contains(err.Error(), `no version in "hello\n"`) {
				t.Errorf("error %v, want one that quotes the answer", err)
			}
		})
		t.Run(name+" that is named and not there is missing", func(t *testing.T) {
			t.Setenv(env, "/does/not/exist")
			if _, err := Find(t.Context(), name); !errors.Is(err, ErrNoBrowser) || !strings.Contains(err.Error(), "/does/not/exist") {
				t.Errorf("error %v, want ErrNoBrowser and the path", err)
			}
		})
		t.Run(name+" that is not installed is missing", func(t *testing.T) {
			t.Setenv(env, "")
			t.Setenv("PATH", t.TempDir())
			if _, err := Find(t.Context(), name); !errors.Is(err, ErrNoBrowser) || !strings.Contains(err.Error(), env) {
				t.Errorf("error %v, want ErrNoBrowser and the variable that helps", err)
			}
		})
	}
	if _, err := Find(t.Context(), "lynx"); err == nil || errors.Is(err, ErrNoBrowser) {
		t.Errorf("error %v, want one that lists the names", err)
	}
	if _, err := (Browser{Name: "x"}).Launch(t.Context(), f, "https://a.example/"); err == nil {
		t.Error("no error for a browser that was not found")
	}
}
