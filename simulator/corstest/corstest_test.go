package corstest_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/simulator"
	"github.com/corsim/corsim/simulator/corstest"
)

// A recorder is a testing.TB that notes how the test ends.
type recorder struct {
	testing.TB
	fatal string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// ending runs a test of one's own and returns how it ended, empty if well.
func ending(t *testing.T, test func(tb testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	return r.fatal
}

// api lets https://app.example read /open, and nobody /closed.
func api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/open", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		fmt.Fprint(w, r.Method)
	})
	mux.HandleFunc("/closed", func(http.ResponseWriter, *http.Request) {})
	return mux
}

func TestATestEndsWhereTheBrowserDecidesOtherwise(t *testing.T) {
	const open, closed = "https://api.example/open", "https://api.example/closed"
	tests := []struct {
		name string
		test func(p *corstest.Page)
		want []string // what the ending tells; nothing for a test that passes
	}{
		{"an allowed request may be allowed", func(p *corstest.Page) { p.Fetch(open, simulator.Init{Method: "PUT"}).MustAllow() }, nil},
		{"a blocked request may be blocked", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{}).MustBlock("cors.allow-origin.missing") }, nil},
		{"any reason will do if none is named", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{}).MustBlock("") }, nil},
		{"XMLHttpRequest is asked alike", func(p *corstest.Page) { p.XHR(open, simulator.XHRInit{}).MustAllow() }, nil},
		{"an element is asked alike", func(p *corstest.Page) {
			p.Load(open, simulator.Element{Kind: simulator.Image, CrossOrigin: simulator.Anonymous}).MustAllow()
			p.Load(closed, simulator.Element{Kind: simulator.Module}).MustBlock("cors.allow-origin.missing")
		}, nil},
		{"a sandboxed document is of another origin", func(p *corstest.Page) {
			p.Sandbox().Fetch(open, simulator.Init{}).MustBlock("cors.allow-origin.null")
		}, nil},
		{"a frame is of its own origin", func(p *corstest.Page) {
			p.Frame("https://widget.example").Fetch(open, simulator.Init{}).MustBlock("cors.allow-origin.mismatch")
		}, nil},
		{"a frame needs a URL", func(p *corstest.Page) { p.Frame("http://:::") }, []string{"the frame's URL"}},
		{"a blocked request may not be allowed, and the story is told", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{}).MustAllow() },
			[]string{"want allowed", "blocked: the response has no Access-Control-Allow-Origin", "What to do"}},
		{"an allowed request may not be blocked", func(p *corstest.Page) { p.Fetch(open, simulator.Init{}).MustBlock("") },
			[]string{"want blocked", "allowed: the script may read the answer"}},
		{"another reason is not the reason", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{}).MustBlock("preflight.status") },
			[]string{"want blocked (preflight.status)", "got blocked (cors.allow-origin.missing)"}},
		{"a code that does not exist is refused", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{}).MustBlock("cors.missing") },
			[]string{`no step has the code "cors.missing"`}},
		{"an opaque answer is neither allowed", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{Mode: "no-cors"}).MustAllow() },
			[]string{"want allowed", "opaque:"}},
		{"nor blocked", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{Mode: "no-cors"}).MustBlock("") },
			[]string{"want blocked", "opaque:"}},
		{"an exception is not a block", func(p *corstest.Page) { p.Fetch(closed, simulator.Init{Method: "TRACE"}).MustBlock("") },
			[]string{"want blocked", "invalid:"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ending(t, func(tb testing.TB) { tt.test(corstest.Open(tb, api(), "https://app.example")) })
			if (got == "") != (tt.want == nil) {
				t.Errorf("a test has to end early exactly where its expectation fails:\n%s", cmp.Diff(strings.Join(tt.want, " ... "), got))
			}
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("the ending does not tell %q:\n%s", w, got)
				}
			}
		})
	}
}

func TestAPageThatDoesNotParseEndsTheTest(t *testing.T) {
	got := ending(t, func(tb testing.TB) { corstest.Open(tb, api(), "app.example") })
	if want := `the page's URL: origin: parse "app.example"`; !strings.Contains(got, want) {
		t.Errorf("the ending names the URL that does not parse:\n%s", cmp.Diff(want, got))
	}
}

func TestPagesOfOneBrowserShareWhatItRemembers(t *testing.T) {
	preflights := 0
	b := &simulator.Browser{Network: simulator.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			preflights++
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
	}))}
	for range 2 {
		corstest.OpenIn(t, b, "https://app.example").Fetch("https://api.example/", simulator.Init{Method: "PUT"}).MustAllow()
	}
	if preflights != 1 {
		t.Errorf("%d preflights were sent, want 1: the second page finds the first one's in the cache", preflights)
	}
}
