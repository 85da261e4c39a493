package generate

import (
	"context"
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// start is when the clock of every case begins.
var start = time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)

// seeds is how many cases of each area the test of the verdicts looks at.
const seeds = 5000

func TestAreasAreSortedAndDistinct(t *testing.T) {
	names := Areas()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("the areas are %q; they are to be sorted and each is to be there once", names)
	}
}

func TestTheSameSeedIsTheSameCase(t *testing.T) {
	for _, area := range Areas() {
		// All at once and in another order: nothing may be left over from one case to the next.
		got := make([]string, 50)
		var wait sync.WaitGroup
		for seed := range got {
			wait.Go(func() {
				c := Case(area, uint64(seed))
				got[seed] = string(encode(&c))
			})
		}
		wait.Wait()
		distinct := map[string]bool{}
		for seed := len(got) - 1; seed >= 0; seed-- {
			c := Case(area, uint64(seed))
			if d := cmp.Diff(got[seed], string(encode(&c))); d != "" {
				t.Errorf("%s, seed %d: two calls differ, so that a failure could not be shown again:\n%s", area, seed, d)
			}
			distinct[strings.Replace(got[seed], c.Name, "", 1)] = true
		}
		if len(distinct) < len(got)*9/10 {
			t.Errorf("%s: 50 seeds give %d distinct cases; a seed has to matter", area, len(distinct))
		}
	}
}

// The choices are the generator's bare output cut to size by exact arithmetic, whatever the size of the machine's words.
func TestChoicesAreTheSameOnEveryMachine(t *testing.T) {
	d, slow := dice{rand.NewPCG(1, 2)}, rand.NewPCG(1, 2)
	for i := range 10_000 {
		n := 1 + i%1000
		x := new(big.Int).SetUint64(slow.Uint64())
		want := int(x.Mul(x, big.NewInt(int64(n))).Rsh(x, 64).Int64())
		if got := d.intn(n); got != want {
			t.Fatalf("choice %d of %d is %d, want %d", i, n, got, want)
		}
	}
	if got := d.intn(0); got != 0 {
		t.Errorf("a choice of nothing is %d, want 0 and no panic", got)
	}
}

func TestCasesTakesAreasInTurn(t *testing.T) {
	var got []string
	for c := range Cases(7, 5, "methods", "xhr") {
		got = append(got, c.Name)
	}
	want := []string{"methods-7", "xhr-8", "methods-9", "xhr-10", "methods-11"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("names tell how to make a case again (-want +got):\n%s", d)
	}
	n := 0
	for c := range Cases(0, 1000) {
		if n++; n == 3 {
			break
		}
		if c.Name == "" {
			t.Error("without areas, all are taken; got a case of none")
		}
	}
	if n != 3 {
		t.Errorf("stopped after %d cases, want 3", n)
	}
	if c := Case("nothing", 1); c.Name != "" || c.Requests != nil {
		t.Errorf("an area that does not exist gives %s, want the zero Case", encode(&c))
	}
}

// evaluated calls f for the first cases of an area, each after a round trip through the case format, with what came
// out of it.
func evaluated(t *testing.T, area string, n uint64, f func(c *simulator.Case, out []simulator.Outcome)) {
	t.Helper()
	for seed := range n {
		c := Case(area, seed)
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		p, err := simulator.ParseCase(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if again := string(encode(p)); again != string(data) {
			t.Fatalf("%s: the case format loses something:\n%s", c.Name, cmp.Diff(string(data), again))
		}
		out, err := p.Eval(context.Background(), policy.Profile{}, start)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		f(p, out)
	}
}

func TestEveryAreaHasTheVerdictsItShould(t *testing.T) {
	// The share of requests that are allowed, in percent. Where CORS decides, neither side may rule.
	tests := []struct {
		area     string
		low, top int
		others   string // verdicts that have to come up beside allowed and blocked
	}{
		{"allow-credentials", 30, 70, ""},
		{"allow-headers", 30, 70, ""},
		{"allow-origin", 30, 70, ""},
		{"cookies", 50, 95, "opaque"},
		{"expose-headers", 70, 95, ""},
		{"fetch-metadata", 40, 80, "opaque"},
		{"headers", 20, 70, "opaque invalid"},
		{"hsts", 50, 95, "opaque"},
		{"http-cache", 50, 95, "opaque"},
		{"keepalive", 30, 80, "opaque"},
		{"methods", 30, 70, "invalid"},
		{"mixed-content", 20, 70, "opaque"},
		{"mixture", 30, 80, "opaque invalid"},
		{"modes", 30, 70, "opaque invalid"},
		{"origin-header", 30, 80, "opaque invalid"},
		{"passwords", 30, 80, "opaque invalid"},
		{"ports", 20, 60, "opaque"},
		{"preflight-cache", 30, 70, ""},
		{"preflight-status", 30, 70, ""},
		{"redirects", 30, 70, "opaque invalid"},
		{"referrer", 30, 80, "opaque invalid"},
		{"resource-policy", 20, 60, "opaque"},
		{"safelist", 30, 70, "invalid"},
		{"sandbox", 30, 70, "opaque"},
		{"schemes", 30, 70, "opaque"},
		{"sites", 20, 60, "opaque"},
		{"streams", 30, 70, "invalid"},
		{"upgrades", 40, 90, "opaque"},
		{"xhr", 30, 70, "invalid"},
	}
	var listed []string
	for _, tt := range tests {
		listed = append(listed, tt.area)
		t.Run(tt.area, func(t *testing.T) {
			t.Parallel()
			count, total := map[string]int{}, 0
			n := uint64(seeds)
			if testing.Short() || race {
				n /= 10
			}
			evaluated(t, tt.area, n, func(c *simulator.Case, out []simulator.Outcome) {
				for i := range out {
					count[out[i].Verdict]++
					total++
					if out[i].Verdict == "unanswered" {
						t.Errorf("%s: requests[%d] is unanswered, which says nothing about a browser:\n%s", c.Name, i, encode(c))
					}
				}
			})
			for _, v := range append([]string{"allowed", "blocked"}, strings.Fields(tt.others)...) {
				if count[v]*100 < total {
					// One in a hundred or more, or three at least for what is rare.
					if count[v] < 3 || v == "allowed" || v == "blocked" {
						t.Errorf("%d of %d requests are %s; too few to judge anything by", count[v], total, v)
					}
				}
			}
			if share := 100 * count["allowed"] / total; share < tt.low || share > tt.top {
				t.Errorf("%d %% of the requests are allowed, want %d to %d %%: %v", share, tt.low, tt.top, count)
			}
		})
	}
	if d := cmp.Diff(Areas(), listed); d != "" {
		t.Errorf("an area without its verdicts could have lost one unseen (-areas +table):\n%s", d)
	}
}

// What the cases ask for is what the areas are about: each of these steps decides some of them.
func TestTheCasesReachTheSteps(t *testing.T) {
	if testing.Short() || race {
		t.Skip("takes seconds")
	}
	missing := map[string]bool{}
	for step := range policy.Steps {
		switch code := step.Code(); {
		case step.Kind() != policy.Failure && step.Kind() != policy.Throws:
		case strings.HasPrefix(code, "cors."), strings.HasPrefix(code, "preflight."), strings.HasPrefix(code, "redirect."),
			strings.HasPrefix(code, "xhr."), strings.HasPrefix(code, "corp."):
			missing[code] = true
		}
	}
	for _, code := range strings.Fields(`main-fetch.bad-port main-fetch.mixed-content main-fetch.same-origin-mode main-fetch.scheme
		main-fetch.no-cors-redirect-mode network.keepalive-limit network.failed network.only-if-cached request.member.invalid
		request.method.forbidden request.method.invalid request.method.no-cors request.header.name-invalid request.header.value-invalid
		request.url.credentials request.url.invalid request.body.get-or-head request.cache.only-if-cached request.mode.navigate
		request.referrer.invalid request.stream.keepalive request.stream.mode`) {
		missing[code] = true
	}
	for _, area := range Areas() {
		evaluated(t, area, 1500, func(_ *simulator.Case, out []simulator.Outcome) {
			for i := range out {
				delete(missing, out[i].Reason)
			}
		})
	}
	// Under the policy credentialless, requests in the mode no-cors take credentials to the page's own origin alone, and
	// that always passes: only a navigation could end there.
	delete(missing, "corp.credentialless")
	for code := range missing {
		t.Errorf("no case is decided by %s; the browsers are not asked about it", code)
	}
}

func TestEveryCaseCanBePutToABrowserAndAServer(t *testing.T) {
	for _, area := range Areas() {
		names := map[string]bool{}
		evaluated(t, area, 300, func(c *simulator.Case, out []simulator.Outcome) {
			fail := func(what string) { t.Errorf("%s: %s\n%s", c.Name, what, encode(c)) }
			if names[c.Name] {
				fail("the name is another case's as well")
			}
			names[c.Name] = true
			page, err := origin.ParseURL(c.Page.URL, nil)
			if err != nil || !page.IsHTTP() {
				fail("the page cannot be loaded over HTTP")
			}
			if c.Spec == "" || len(c.Requests) == 0 {
				fail("the section of the standard or the requests are missing")
			}
			for _, r := range c.Server {
				if r.Fail {
					continue
				}
				if r.Status < 200 || r.Status > 599 {
					fail("a status that is none of 200 to 599")
				}
				if r.Body != "" && (r.Status == 204 || r.Status == 205 || r.Status == 304) {
					fail("a body with a status that has none")
				}
				stored := r.Method != "OPTIONS" && area != "http-cache"
				for _, h := range r.Headers {
					name, value, _ := strings.Cut(h, ":")
					if !fetch.IsHeaderName(name) || strings.ContainsAny(value, "\x00\r\n") {
						fail("a header line that HTTP cannot carry: " + h)
					}
					switch strings.ToLower(name) {
					case "strict-transport-security":
						if area != "hsts" {
							fail("a header line that makes a host one for https alone: " + h)
						}
					case "www-authenticate":
						if area != "passwords" {
							fail("a header line that asks for a password: " + h)
						}
					case "transfer-encoding", "content-length", "content-encoding", "connection", "keep-alive", "upgrade",
						"content-security-policy", "clear-site-data", "alt-svc", "proxy-authenticate":
						fail("a header line that makes more than CORS happen: " + h)
					case "cache-control":
						stored = stored && strings.TrimSpace(value) != "no-store"
					}
				}
				if stored {
					fail("a reply that the HTTP cache may keep: " + r.URL)
				}
			}
			for i := range out {
				for _, sent := range out[i].Sent {
					if sent.URL == page.WithoutFragment() {
						fail("a request goes to the page's own URL")
					}
					if u := parse(sent.URL); u.Scheme() == "http" {
						if host, _ := u.Host(); !reachableOverHTTP(host) && u.Origin().AddressSpace() != origin.Loopback {
							fail("a request over http to a host that a browser may ask over https: " + host)
						}
					}
				}
			}
			for _, r := range c.Requests {
				if r.After < 0 || r.After > 3 {
					fail("a wait that is not one of 0 to 3 seconds")
				}
				if r.Expect.For("spec") != nil {
					fail("an expectation, which is a browser's to give")
				}
			}
		})
	}
}

// An answer that expires just when the next request is made would be a matter of luck.
func TestWaitsDoNotEndWhereAnAnswerExpires(t *testing.T) {
	waits := 0
	for seed := range uint64(seeds) {
		c := Case("preflight-cache", seed)
		elapsed := 0.0
		for _, r := range c.Requests {
			if elapsed += r.After; r.After > 0 {
				waits++
			}
			for _, p := range c.Server {
				for _, h := range p.Headers {
					for _, age := range [...]float64{1, 2, 5} {
						written := hasName(h, "Access-Control-Max-Age") && strings.HasSuffix(h, ": "+decimal(int(age)))
						if d := elapsed - age; (written || age == 5) && -0.9 < d && d < 0.9 {
							t.Fatalf("%s: a request is made %v s after the first one, and an answer is kept for %v s", c.Name, elapsed, age)
						}
					}
				}
			}
		}
	}
	if waits == 0 {
		t.Error("no request waits; the end of max-age is not tested")
	}
}

// Half of the cases lie near the border: a change of one byte in a right value is what tells engines apart.
func TestBendChangesLittle(t *testing.T) {
	d := dice{rand.NewPCG(1, 1)}
	changed := 0
	for range 20_000 {
		const s = "https://app.example.com"
		got := d.bend(s)
		if strings.ContainsAny(got, "\x00\r\n") {
			t.Fatalf("%q cannot be a header's value", got)
		}
		for _, r := range got {
			if r > 0xFF {
				t.Fatalf("%q holds %U, which is no byte", got, r)
			}
		}
		if n := len([]rune(got)) - len(s); n < -1 || n > 1 {
			t.Fatalf("%q is longer or shorter than %q by more than one", got, s)
		}
		if got != s {
			changed++
		}
	}
	if changed < 18_000 {
		t.Errorf("%d of 20000 values are changed; nearly all should be", changed)
	}
	if got := d.bend(""); got == "" {
		t.Error("an empty value stays empty")
	}
}

func FuzzCase(f *testing.F) {
	f.Add("allow-origin", uint64(0))
	f.Add("redirects", uint64(1<<63))
	f.Add("", uint64(1))
	for _, area := range Areas() {
		f.Add(area, ^uint64(0))
	}
	f.Fuzz(func(t *testing.T, area string, seed uint64) {
		c := Case(area, seed)
		if !slices.Contains(Areas(), area) {
			if c.Name != "" {
				t.Fatalf("%q is no area, but has a case", area)
			}
			return
		}
		p, err := simulator.ParseCase(encode(&c))
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range verdicts(t, p) {
			if o.Verdict == "unanswered" {
				t.Errorf("%s: requests[%d] is unanswered:\n%s", c.Name, i, encode(&c))
			}
		}
	})
}
