package simulator

import (
	"testing"
	"time"
	"unsafe"

	"github.com/corsim/corsim/fetch"
)

// benchBrowser answers from memory a simple GET and a preflighted PUT, as an everyday API would.
func benchBrowser(terse bool) *Browser {
	answer := &fetch.HTTPResponse{Status: 200, StatusText: "OK", Headers: fetch.H(
		"Date", "Thu, 02 Jul 2026 12:00:00 GMT", "Content-Type", "application/json", "Content-Length", "2",
		"Connection", "keep-alive", "Server", "nginx/1.26.3", "Vary", "Origin", "Cache-Control", "private, max-age=0",
		"Access-Control-Allow-Origin", "https://app.example.com", "Access-Control-Allow-Credentials", "true",
		"Access-Control-Expose-Headers", "X-Total-Count", "X-Total-Count", "42", "X-Request-Id", "6f1c8c1e",
	), Body: []byte("{}")}
	consent := &fetch.HTTPResponse{Status: 204, StatusText: "No Content", Headers: fetch.H(
		"Date", "Thu, 02 Jul 2026 12:00:00 GMT", "Server", "nginx/1.26.3", "Vary", "Origin",
		"Access-Control-Allow-Origin", "https://app.example.com", "Access-Control-Allow-Credentials", "true",
		"Access-Control-Allow-Methods", "GET, POST, PUT, DELETE",
		"Access-Control-Allow-Headers", "Content-Type, X-Requested-With",
		"Access-Control-Max-Age", "0", // so that each PUT asks anew
	)}
	now := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	return &Browser{
		Network: NewReplies(
			Reply{URL: "https://api.example.com/items/1", Method: "OPTIONS", Response: consent},
			Reply{URL: "https://api.example.com/items/1", Response: answer},
		),
		Now:   func() time.Time { return now },
		Terse: terse, NoHTTPCache: true,
	}
}

var (
	benchGet Init
	benchPut = Init{Method: "PUT", Body: fetch.Text(`{"name":"x"}`),
		Headers: fetch.H("Content-Type", "application/json", "X-Requested-With", "XMLHttpRequest")}
)

func BenchmarkDecision(b *testing.B) {
	for _, bench := range []struct {
		name  string
		init  Init
		terse bool
	}{
		{"simple GET", benchGet, true},
		{"preflighted PUT", benchPut, true},
		{"simple GET, traced", benchGet, false},
		{"preflighted PUT, traced", benchPut, false},
	} {
		b.Run(bench.name, func(b *testing.B) {
			page := benchBrowser(bench.terse).Open("https://app.example.com/index.html")
			b.ReportAllocs()
			for b.Loop() {
				if res := page.Fetch("https://api.example.com/items/1", bench.init); !res.Allowed() {
					b.Fatal(res.Reason())
				}
			}
		})
	}
}

// What a decision allocates fits the sizes that the allocator has, 8 bytes of its own included: a word more would take
// the next one, an eighth larger.
func TestAResultFitsItsSizeClass(t *testing.T) {
	if got := unsafe.Sizeof(simpleResult{}); got > 896-8 {
		t.Errorf("a simple result has %d bytes, want at most 888: keep what few requests need behind a pointer", got)
	}
	if got := unsafe.Sizeof(preflightedResult{}); got > 1408-8 {
		t.Errorf("a preflighted result has %d bytes, want at most 1400: keep what few requests need behind a pointer", got)
	}
}

func TestADecisionAllocatesLittle(t *testing.T) {
	for _, test := range []struct {
		name string
		init Init
		most float64
	}{
		{"a simple GET", benchGet, 4},
		{"a preflighted PUT", benchPut, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			page := benchBrowser(true).Open("https://app.example.com/index.html")
			n := testing.AllocsPerRun(100, func() {
				if !page.Fetch("https://api.example.com/items/1", test.init).Allowed() {
					t.Fatal("blocked")
				}
			})
			if n > test.most {
				t.Errorf("%v allocations, want at most %v", n, test.most)
			}
		})
	}
}
