package generate

import (
	"context"
	"encoding/json"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// busy is a case with everything in it that a case can have.
func busy() simulator.Case {
	return simulator.Case{
		Name: "busy", Note: "Something.", Spec: "https://fetch.spec.whatwg.org/#concept-fetch",
		Page: simulator.CasePage{
			URL: "https://app.example.com:8443/page/cart?step=2#top", Sandbox: true,
			Headers: []string{"Referrer-Policy: unsafe-url", "Cross-Origin-Embedder-Policy: require-corp"},
			Cookies: []simulator.CaseCookie{{URL: "https://api.example.com/", Set: "id=1; Secure"}},
		},
		Server: []simulator.CaseReply{
			{URL: "https://api.example.com/items/1?q=2", Method: "OPTIONS", Status: 204, Times: ptr(3),
				Headers: []string{"Access-Control-Allow-Origin: null", "Access-Control-Allow-Methods: PUT, DELETE", "Access-Control-Allow-Headers: X-A", "Vary: Origin"}},
			{URL: "https://api.example.com/items/1?q=2", Status: 503, Body: "a body",
				Headers: []string{"Access-Control-Allow-Origin: *", "Content-Type: text/plain", "Cache-Control: no-store"}},
			{URL: "https://other.example/", Fail: true},
		},
		Requests: []simulator.CaseRequest{
			{URL: "https://api.example.com/items/1?q=2#f", Method: ptr("PUT"), Headers: []string{"X-A: 1", "Accept: " + strings.Repeat("ab", 300)},
				Body: ptr("text"), Mode: ptr("cors"), Credentials: ptr("omit"), Cache: ptr("no-store"), Redirect: ptr("follow"),
				Referrer: ptr("/page/a"), ReferrerPolicy: ptr("origin"), After: 2.5},
			{Via: "xhr", URL: "https://other.example/", UploadListener: true, WithCredentials: true, Method: ptr("POST"), Body: ptr("a")},
			{URL: "https://api.example.com/items/1?q=2", Keepalive: true, Method: ptr("POST"), Body: ptr("a")},
			{URL: "https://api.example.com/items/1?q=2", Stream: true, Method: ptr("POST"), Body: ptr("a")},
		},
	}
}

func verdicts(t *testing.T, c *simulator.Case) []simulator.Outcome {
	t.Helper()
	out, err := c.Eval(context.Background(), policy.Profile{}, start)
	if err != nil {
		t.Fatalf("%v\n%s", err, encode(c))
	}
	return out
}

func TestShrinkReachesTheMinimum(t *testing.T) {
	has := func(lines []string, line string) bool { return slices.Contains(lines, line) }
	tests := []struct {
		name  string
		fails func(simulator.Case) bool
		want  simulator.Case
	}{
		{"nothing matters", func(simulator.Case) bool { return true },
			simulator.Case{Page: simulator.CasePage{URL: "https://a.example/"}}},
		{"one method of one request matters", func(c simulator.Case) bool {
			return slices.ContainsFunc(c.Requests, func(r simulator.CaseRequest) bool { return r.Method != nil && *r.Method == "PUT" })
		}, simulator.Case{Page: simulator.CasePage{URL: "https://a.example/"},
			Requests: []simulator.CaseRequest{{URL: "https://b.example/", Method: ptr("PUT")}}}},
		{"one header line of one reply matters", func(c simulator.Case) bool {
			return slices.ContainsFunc(c.Server, func(r simulator.CaseReply) bool { return has(r.Headers, "Access-Control-Allow-Origin: *") })
		}, simulator.Case{Page: simulator.CasePage{URL: "https://a.example/"},
			Server: []simulator.CaseReply{{URL: "https://b.example/", Status: 200, Headers: []string{"Access-Control-Allow-Origin: *"}}}}},
		{"two requests matter, in their order", func(c simulator.Case) bool {
			first, second := -1, -1
			for i, r := range c.Requests {
				if r.Via == "xhr" {
					first = i
				}
				if r.Stream {
					second = i
				}
			}
			return first >= 0 && second > first
		}, simulator.Case{Page: simulator.CasePage{URL: "https://a.example/"},
			Requests: []simulator.CaseRequest{{Via: "xhr", URL: "https://b.example/"}, {URL: "https://c.example/", Stream: true}}}},
		{"a length past a limit matters", func(c simulator.Case) bool {
			return slices.ContainsFunc(c.Requests, func(r simulator.CaseRequest) bool {
				return slices.ContainsFunc(r.Headers, func(h string) bool { return len(h) > len("Accept: ")+128 })
			})
		}, simulator.Case{Page: simulator.CasePage{URL: "https://a.example/"},
			Requests: []simulator.CaseRequest{{URL: "https://b.example/", Headers: []string{"Accept: "}}}}},
		{"the sandbox, a cookie's name and a wait matter", func(c simulator.Case) bool {
			return c.Page.Sandbox && len(c.Page.Cookies) == 1 && strings.Contains(c.Page.Cookies[0].Set, "id") &&
				slices.ContainsFunc(c.Requests, func(r simulator.CaseRequest) bool { return r.After > 0 })
		}, simulator.Case{Page: simulator.CasePage{URL: "https://a.example/", Sandbox: true, Cookies: []simulator.CaseCookie{{URL: "https://b.example/", Set: "id"}}},
			Requests: []simulator.CaseRequest{{URL: "https://b.example/", After: 2.5}}}},
		{"a broken connection matters", func(c simulator.Case) bool {
			return slices.ContainsFunc(c.Server, func(r simulator.CaseReply) bool { return r.Fail })
		}, simulator.Case{Page: simulator.CasePage{URL: "https://a.example/"},
			Server: []simulator.CaseReply{{URL: "https://b.example/", Fail: true}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Shrink(busy(), tt.fails)
			if !tt.fails(got) {
				t.Fatalf("the result does not fail: %s", encode(&got))
			}
			want := clone(tt.want)
			want.Name = "busy"
			// What of several equal things is kept does not matter, and for a length only that it is the least.
			plain := func(c simulator.Case) simulator.Case {
				c = clone(c)
				for i := range c.Server {
					c.Server[i].URL = ""
				}
				for i := range c.Requests {
					c.Requests[i].URL = ""
					for j, h := range c.Requests[i].Headers {
						if len(h) == len("Accept: ")+129 {
							c.Requests[i].Headers[j] = "Accept: "
						}
					}
				}
				for i := range c.Page.Cookies {
					c.Page.Cookies[i].URL = ""
				}
				return c
			}
			if d := cmp.Diff(string(must(json.Marshal(plain(want)))), string(must(json.Marshal(plain(got))))); d != "" {
				t.Errorf("more is left than the failure needs, which hides its cause (-want +got):\n%s", d)
			}
		})
	}
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// A failure that the engine itself can show: blocked for one reason.
func TestShrinkKeepsWhatAVerdictNeeds(t *testing.T) {
	blocked := func(reason string) func(simulator.Case) bool {
		return func(c simulator.Case) bool {
			out, err := c.Eval(context.Background(), policy.Profile{}, start)
			return err == nil && slices.ContainsFunc(out, func(o simulator.Outcome) bool { return o.Reason == reason })
		}
	}
	tests := []struct {
		name, area, reason       string
		requests, replies, lines int // the most that the reason needs
	}{
		{"a mismatch needs one request and one line", "allow-origin", "cors.allow-origin.mismatch", 1, 1, 1},
		{"a missing origin needs no line at all", "allow-origin", "cors.allow-origin.missing", 1, 1, 0},
		{"a refused method needs two lines of one reply", "methods", "preflight.method.not-allowed", 1, 1, 2},
		{"a second Location needs both lines, on the page's own origin", "redirects", "redirect.location.multiple", 1, 1, 2},
		{"one redirect too many needs one reply that leads to itself or a chain", "redirects", "redirect.too-many", 1, 21, 42},
		{"a resource policy needs its line", "resource-policy", "corp.same-origin.mismatch", 1, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fails := blocked(tt.reason)
			for seed := uint64(0); ; seed++ {
				if seed == 5000 {
					t.Fatalf("no case of %s is blocked by %s", tt.area, tt.reason)
				}
				c := Case(tt.area, seed)
				if !fails(c) {
					continue
				}
				got := Shrink(c, fails)
				lines := len(got.Page.Headers)
				for _, r := range got.Server {
					lines += len(r.Headers)
				}
				for _, r := range got.Requests {
					lines += len(r.Headers)
				}
				if len(got.Requests) > tt.requests || len(got.Server) > tt.replies || lines > tt.lines || !fails(got) {
					t.Errorf("%s: %d requests, %d replies and %d header lines are left of\n%s\nwhere %d, %d and %d would do:\n%s",
						c.Name, len(got.Requests), len(got.Server), lines, encode(&c), tt.requests, tt.replies, tt.lines, encode(&got))
				}
				break
			}
		})
	}
}

func TestShrinkLeavesACaseAloneThatDoesNotFail(t *testing.T) {
	calls := 0
	c := busy()
	got := Shrink(c, func(simulator.Case) bool { calls++; return false })
	if d := cmp.Diff(string(encode(&c)), string(encode(&got))); d != "" || calls != 1 {
		t.Errorf("%d calls, want 1; a case that passes has no smaller one that fails for the same cause (-want +got):\n%s", calls, d)
	}
}

// A failure without any sense: neighbours of a failing case fail or do not, as a checksum has it.
func TestShrinkIsBoundedDeterministicAndLeavesItsInputAlone(t *testing.T) {
	for _, area := range Areas() {
		for seed := range uint64(4) {
			var calls [2]int
			var got [2]string
			c := Case(area, seed)
			before := string(encode(&c))
			first := true
			for i := range got {
				first = true
				small := Shrink(c, func(c simulator.Case) bool {
					calls[i]++
					if first {
						first = false
						return true
					}
					data := encode(&c)
					// A fault of the caller's: the case that is handed over is changed.
					for j := range c.Server {
						c.Server[j].Headers = append(c.Server[j].Headers[:0], "X: changed")
					}
					return crc32.ChecksumIEEE(data)%3 != 0
				})
				got[i] = string(encode(&small))
				verdicts(t, &small)
			}
			if got[0] != got[1] || calls[0] != calls[1] {
				t.Errorf("%s: two runs differ, so that a shrunk case could not be found again (-first +second):\n%s", c.Name, cmp.Diff(got[0], got[1]))
			}
			if calls[0] > MaxShrinkCalls {
				t.Errorf("%s: asked %d times, want at most %d: each question costs a run of a browser", c.Name, calls[0], MaxShrinkCalls)
			}
			if d := cmp.Diff(before, string(encode(&c))); d != "" {
				t.Errorf("%s: Shrink changed its input (-before +after):\n%s", c.Name, d)
			}
		}
	}
}
