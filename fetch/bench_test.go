package fetch

import (
	"testing"
	"time"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// Everyday input: a response with 12 headers, a request with 3.
var (
	everydayOrigin   = "https://app.example.com"
	everydayResponse = Headers{
		{"Date", "Thu, 02 Jul 2026 12:00:00 GMT"},
		{"Content-Type", "application/json; charset=utf-8"},
		{"Content-Length", "348"},
		{"Connection", "keep-alive"},
		{"Server", "nginx/1.26.3"},
		{"Vary", "Origin, Accept-Encoding"},
		{"Cache-Control", "private, max-age=0"},
		{"Access-Control-Allow-Origin", "https://app.example.com"},
		{"Access-Control-Allow-Credentials", "true"},
		{"Access-Control-Expose-Headers", "X-Total-Count, X-Request-Id"},
		{"X-Request-Id", "6f1c8c1e-5b7e-4a57-9a7c-0f6f3a8b2c11"},
		{"X-Total-Count", "42"},
	}
	everydayPreflight = &HTTPResponse{Status: 204, Headers: Headers{
		{"Date", "Thu, 02 Jul 2026 12:00:00 GMT"},
		{"Content-Length", "0"},
		{"Connection", "keep-alive"},
		{"Server", "nginx/1.26.3"},
		{"Vary", "Origin, Access-Control-Request-Method"},
		{"Cache-Control", "no-store"},
		{"Access-Control-Allow-Origin", "https://app.example.com"},
		{"Access-Control-Allow-Credentials", "true"},
		{"Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"},
		{"Access-Control-Allow-Headers", "Content-Type, Authorization, X-Requested-With"},
		{"Access-Control-Max-Age", "600"},
		{"X-Request-Id", "6f1c8c1e-5b7e-4a57-9a7c-0f6f3a8b2c11"},
	}}
)

func everydayRequest() *Request {
	return &Request{
		Method: "PUT", URL: origin.MustParseURL("https://api.example.com/items/1"),
		Headers: Headers{
			{"Content-Type", "application/json"},
			{"Authorization", "Bearer abc"},
			{"X-Requested-With", "XMLHttpRequest"},
		},
		Origin: origin.MustParse(everydayOrigin), Mode: CORS, Credentials: Include, UnsafeRequest: true,
	}
}

// floorEqual is the least that comparing a header's name takes: names match in any case.
func floorEqual(name, lower string) bool {
	for i := range len(name) {
		if name[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// floorCORSCheck is the tightest loop that finds the two headers and compares them, with none of the standard's care
// for repeats or for the ways to fail: the floor that CORSCheck is measured against.
func floorCORSCheck(requestOrigin string, h Headers) bool {
	origin, credentials := false, false
	for i := range h {
		switch len(h[i].Name) {
		case 27:
			if floorEqual(h[i].Name, "access-control-allow-origin") {
				origin = h[i].Value == requestOrigin
			}
		case 32:
			if floorEqual(h[i].Name, "access-control-allow-credentials") {
				credentials = h[i].Value == "true"
			}
		}
	}
	return origin && credentials
}

// floorList calls f for each element of a list that is written as most servers write it.
func floorList(list string, f func(string)) {
	start := 0
	for i := 0; i <= len(list); i++ {
		if i == len(list) || list[i] == ',' {
			f(list[start:i])
			start = i + 2
		}
	}
}

// floorPreflightCheck is floorCORSCheck with the two lists, each searched for the request's values: the floor that
// PreflightCheck is measured against.
func floorPreflightCheck(requestOrigin, method string, names []string, res *HTTPResponse) bool {
	if !floorCORSCheck(requestOrigin, res.Headers) || res.Status/100 != 2 {
		return false
	}
	methods, found := false, 0
	for i := range res.Headers {
		if len(res.Headers[i].Name) != 28 {
			continue
		}
		if floorEqual(res.Headers[i].Name, "access-control-allow-methods") {
			floorList(res.Headers[i].Value, func(token string) { methods = methods || token == method })
		} else if floorEqual(res.Headers[i].Name, "access-control-allow-headers") {
			floorList(res.Headers[i].Value, func(token string) {
				for _, n := range names {
					if len(n) == len(token) && floorEqual(token, n) {
						found++
					}
				}
			})
		}
	}
	return methods && found >= len(names)
}

func BenchmarkCORSCheck(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !floorCORSCheck(everydayOrigin, everydayResponse) {
				b.Fatal("the floor refuses what it should allow")
			}
		}
	})
	b.Run("corsim", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if s := CORSCheck(everydayOrigin, Include, everydayResponse); !s.OK() {
				b.Fatal(s)
			}
		}
	})
}

func BenchmarkPreflightCheck(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		names := []string{"authorization", "content-type", "x-requested-with"}
		b.ReportAllocs()
		for b.Loop() {
			if !floorPreflightCheck(everydayOrigin, "PUT", names, everydayPreflight) {
				b.Fatal("the floor refuses what it should allow")
			}
		}
	})
	b.Run("corsim", func(b *testing.B) {
		r, p := everydayRequest(), new(policy.Profile)
		b.ReportAllocs()
		for b.Loop() {
			if s := PreflightCheck(r, everydayPreflight, p); !s.OK() {
				b.Fatal(s)
			}
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	simple := everydayRequest()
	simple.Method = "POST"
	simple.Headers = Headers{{"Content-Type", "text/plain;charset=UTF-8"}, {"Accept", "application/json"}, {"Accept-Language", "en-US,en;q=0.9"}}
	b.ReportAllocs()
	for b.Loop() {
		if Classify(simple) != Simple {
			b.Fatal("preflighted")
		}
	}
}

func BenchmarkPreflightCacheMatch(b *testing.B) {
	c, r, now := new(PreflightCache), everydayRequest(), time.Unix(1_800_000_000, 0)
	r.populateFromClient()
	c.store(r, everydayPreflight.Headers, 600, now.UnixNano())
	b.ReportAllocs()
	for b.Loop() {
		if s := c.Match(r, now); !s.OK() {
			b.Fatal(s)
		}
	}
}

func BenchmarkAppendCORSHeaders(b *testing.B) {
	buf := make(Headers, 0, 16)
	b.ReportAllocs()
	for b.Loop() {
		if h, _ := AppendCORSHeaders(buf, everydayResponse, Include); len(h) != 5 {
			b.Fatal(h)
		}
	}
}

// BenchmarkHugeLists has 100,000 names in Access-Control-Allow-Headers against 1,000 request headers.
func BenchmarkHugeLists(b *testing.B) {
	r, res := hugeLists()
	p := new(policy.Profile)
	b.ReportAllocs()
	for b.Loop() {
		if s := PreflightCheck(r, res, p); !s.OK() {
			b.Fatal(s)
		}
	}
}
