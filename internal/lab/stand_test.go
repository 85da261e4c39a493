package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// mustCase reads a case.
func mustCase(t *testing.T, text string) *simulator.Case {
	t.Helper()
	c, err := simulator.ParseCase([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A player is a browser of few words: it goes where it is led, and makes the requests of the page with act.
type player struct {
	act func(p *player, n int, r simulator.CaseRequest) told // nil leaves every request out

	client  *http.Client
	page    *url.URL
	control string
	exited  chan struct{}
	closed  sync.Once
	wait    sync.WaitGroup
}

func (p *player) Exited() <-chan struct{} { return p.exited }
func (p *player) LastWords() string       { return "" }
func (p *player) Close() error {
	p.closed.Do(func() { close(p.exited) })
	p.wait.Wait()
	return nil
}

var caseElement = regexp.MustCompile(`(?s)<script id="case" type="application/json">(.*?)</script>`)

func (p *player) visit(ctx context.Context, s *stand, address string) (func(context.Context) error, error) {
	ctx, cancel := context.WithCancel(ctx)
	tab := &player{act: p.act, client: &http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyURL(&url.URL{Scheme: "socks5", Host: s.addr().String()}),
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives: true,
		ForceAttemptHTTP2: true,
	}}}
	p.wait.Go(func() { _ = tab.play(ctx, address) })
	return func(context.Context) error { cancel(); return nil }, nil
}

func (p *player) play(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	found := caseElement.FindSubmatch(page)
	if found == nil {
		return fmt.Errorf("no case in %q", page)
	}
	var script struct {
		Control  string                  `json:"control"`
		Waits    bool                    `json:"waits"`
		Requests []simulator.CaseRequest `json:"requests"`
	}
	if err := json.Unmarshal(found[1], &script); err != nil {
		return err
	}
	p.page, p.control = res.Request.URL, script.Control
	if script.Waits {
		if err := p.tell(ctx, 0, told{}); err != nil {
			return err
		}
	}
	for n, r := range script.Requests {
		if err := p.tell(ctx, n+1, p.act(p, n, r)); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) tell(ctx context.Context, n int, result told) error {
	data, err := json.Marshal(result)
	if err != nil {
		return err
	}
	address := p.page.Scheme + "://" + p.page.Host + p.control + fmt.Sprint(n)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data))
	if err != nil {
		return err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// ask makes one request and tells it as a script would.
func (p *player) ask(method, address string, header http.Header) told {
	req, err := http.NewRequest(method, address, nil)
	if err != nil {
		return told{Verdict: "invalid"}
	}
	req.Header = header
	res, err := p.client.Transport.RoundTrip(req)
	if err != nil {
		return told{Verdict: "blocked", Error: err.Error()}
	}
	defer res.Body.Close()
	t := told{Verdict: "allowed", Type: "cors", Status: res.StatusCode, URL: address}
	for _, name := range sortedKeys(res.Header) {
		for _, v := range res.Header[name] {
			t.Headers = append(t.Headers, name+": "+v)
		}
	}
	return t
}

// newJudge returns a judge whose browser is the player.
func newJudge(t *testing.T, act func(*player, int, simulator.CaseRequest) told) *Judge {
	t.Helper()
	auth, err := newAuthority(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	j := &Judge{browser: Browser{Name: "player", Version: "1", kind: &kind{streams: true}}, auth: auth, driver: &player{act: act, exited: make(chan struct{})}}
	t.Cleanup(func() { j.Close() })
	return j
}

const twoReplies = `{"name": "n", "page": {"url": "https://app.example/p#f", "cookies": [
	{"url": "https://api.example/", "set": "a=1"}, {"url": "https://api.example/", "set": "b=2"}, {"url": "http://c.example/x", "set": "c=3"}]},
	"server": [
		{"url": "https://api.example/u#part", "method": "PUT", "status": 418},
		{"url": "https://api.example/u", "times": 1, "status": 200, "headers": ["X-b: 2", "x-A: é"], "body": "hi"},
		{"url": "https://api.example/u", "fail": true},
		{"url": "http://api.example:8080/v", "status": 204}],
	"requests": [{"url": "https://api.example/u"}, {"url": "https://api.example/u"}, {"url": "http://api.example:8080/v"}, {"url": "https://other.example/"}]}`

func TestStandPlaysTheCase(t *testing.T) {
	var addresses = []string{"https://api.example/u", "https://api.example/u", "http://api.example:8080/v", "https://other.example/"}
	j := newJudge(t, func(p *player, n int, _ simulator.CaseRequest) told {
		h := http.Header{"X-Z": {"1", "2"}, "Origin": {"https://app.example"}, "User-Agent": {"none"}, "Accept": {"a/b"}}
		first := p.ask("GET", addresses[n], h)
		if n == 1 {
			return p.ask("GET", addresses[n], h) // as browsers do when a connection broke
		}
		return first
	})
	got, err := j.Ask(t.Context(), mustCase(t, twoReplies), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	sent := func(url string) []simulator.Sent {
		return []simulator.Sent{{Method: "GET", URL: url, Headers: []string{"origin: https://app.example", "x-z: 1, 2"}}}
	}
	want := []simulator.Outcome{
		{Verdict: "allowed", Type: "cors", Status: 200, URL: addresses[0], Headers: []string{"x-a: \ufffd", "x-b: 2"}, Sent: sent(addresses[0])},
		{Verdict: "blocked", Type: "error", Headers: []string{}, Sent: sent(addresses[1])},
		{Verdict: "allowed", Type: "cors", Status: 204, URL: addresses[2], Headers: []string{}, Sent: sent(addresses[2])},
		{Verdict: "unanswered", Type: "error", Headers: []string{}, Sent: sent(addresses[3])},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("replies are taken in order, break once and for all, and bring no line that the case lacks (-want +got):\n%s", d)
	}
}

func TestStandEndsACaseWithoutRequests(t *testing.T) {
	j := newJudge(t, func(*player, int, simulator.CaseRequest) told { return told{} })
	got, err := j.Ask(t.Context(), mustCase(t, `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": []}`), 10*time.Second)
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v; want nothing", got, err)
	}
}

func TestStandSetsCookiesOnTheWayToThePage(t *testing.T) {
	p, err := newPlan(mustCase(t, twoReplies))
	if err != nil {
		t.Fatal(err)
	}
	auth, err := newAuthority(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newStand(p, auth)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	get := func(secure bool, host, target string) *Response {
		return s.answer(&Request{Secure: secure, Method: "GET", Target: target, Fields: []Field{{"Host", host}}})
	}
	if got, want := s.entrance(), "https://api.example/"; got != want {
		t.Fatalf("entrance %s, want %s, the first that sets a cookie", got, want)
	}
	first, second := get(true, "api.example", "/"), get(false, "c.example", "/x")
	common := []Field{{"Cache-Control", "no-store"}, {"Content-Length", "0"}}
	if d := cmp.Diff([][]Field{
		append([]Field{{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"Location", "http://c.example/x"}}, common...),
		append([]Field{{"Set-Cookie", "c=3"}, {"Location", "https://app.example/p#f"}}, common...),
	}, [][]Field{first.Fields, second.Fields}); d != "" {
		t.Errorf("cookies are set by their own URL, as the top-level page (-want +got):\n%s", d)
	}
	if res := get(true, "app.example", "/favicon.ico"); res == nil || res.Status != 404 {
		t.Errorf("answer %v to what is no visit, want 404", res)
	}
	if res := get(true, "app.example", "/p"); res == nil || res.Status != 200 || !bytes.Contains(res.Body, []byte(s.control)) {
		t.Errorf("answer %v, want the page", res)
	}
	if got := len(s.outcomes()[0].Sent); got != 0 {
		t.Errorf("%d requests on record before the script began", got)
	}
}

func TestStandSpeaksHTTP2WhereABodyIsAStream(t *testing.T) {
	c := mustCase(t, `{"name": "n", "page": {"url": "https://app.example/"}, "server": [
		{"url": "https://app.example/u", "status": 200, "headers": ["X-B: 2", "X-B: 1", "Connection: close"], "body": "hi"}],
		"requests": [{"url": "/u", "method": "POST", "stream": true, "body": "x"}, {"url": "/none"}]}`)
	var proto string
	j := newJudge(t, func(p *player, n int, _ simulator.CaseRequest) told {
		if n == 0 {
			res, err := p.client.Get("https://app.example/u")
			if err != nil {
				return told{Verdict: "blocked", Error: err.Error()}
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			proto = res.Proto + " " + string(body)
			return told{Verdict: "allowed", Headers: []string{fmt.Sprint(res.Header)}}
		}
		return p.ask("GET", "https://app.example/none", http.Header{})
	})
	got, err := j.Ask(t.Context(), c, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if proto != "HTTP/2.0 hi" {
		t.Errorf("%q, want HTTP/2.0 and the body: browsers send streams over HTTP/2 alone", proto)
	}
	if d := cmp.Diff([]string{"map[x-b: [2 1]]"}, []string{strings.ToLower(strings.Replace(got[0].Headers[0], "X-B:", "X-b: ", 1))}); d != "" {
		t.Errorf("header lines (-want +got):\n%s", d)
	}
	if got[1].Verdict != "unanswered" {
		t.Errorf("verdict %s, want unanswered: the exchange is broken off", got[1].Verdict)
	}
}

func TestStandSetsAsideWhatNobodyCanAsk(t *testing.T) {
	const rest = `"server": [], "requests": []}`
	reply := func(keys string) string {
		return `{"name": "n", "page": {"url": "https://a.example/"}, "server": [{"url": "https://b.example/", ` + keys + `}], "requests": []}`
	}
	request := func(keys string) string {
		return `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "/", ` + keys + `}]}`
	}
	for _, tt := range []struct {
		name, text, want string
	}{
		{"a page on no network", `{"name": "n", "page": {"url": "data:,x"}, ` + rest, "page.url is no http: or https: URL"},
		{"a page whose host ends in a dot", `{"name": "n", "page": {"url": "https://a.example./"}, ` + rest, "page.url: the lab's TLS refuses a host that ends in a dot"},
		{"a page whose host is too long", `{"name": "n", "page": {"url": "http://` + strings.Repeat("a.", 127) + `example/"}, ` + rest, "page.url: the host has 261 characters, and the lab's proxy takes 255"},
		{"a header of the page whose name is no token", `{"name": "n", "page": {"url": "https://a.example/", "headers": ["x y: z"]}, ` + rest, `page.headers[0]: "x y: z" cannot travel over HTTP: its name is no token`},
		{"a cookie of no network", `{"name": "n", "page": {"url": "https://a.example/", "cookies": [{"url": "about:blank", "set": ""}]}, ` + rest, "page.cookies[0].url is no http: or https: URL"},
		{"a cookie with a line break", `{"name": "n", "page": {"url": "https://a.example/", "cookies": [{"url": "https://a.example/", "set": "a\nb"}]}, ` + rest, "page.cookies[0].set cannot travel over HTTP"},
		{"a cookie of a host that ends in a dot", `{"name": "n", "page": {"url": "https://a.example/", "cookies": [{"url": "https://a.example./", "set": "a=b"}]}, ` + rest, "page.cookies[0].url: the lab's TLS refuses a host that ends in a dot"},
		{"an interim status", reply(`"status": 199`), "server[0].status 199 is none that ends an exchange over HTTP/1.1"},
		{"a header with a zero byte", reply(`"status": 200, "headers": ["A: b\u0000"]`), `server[0].headers[0]: "A: b\x00" cannot travel over HTTP`},
		{"a header with a line break", reply(`"status": 200, "headers": ["A: b\r\nc"]`), `server[0].headers[0]: "A: b\r\nc" cannot travel over HTTP: its value holds NUL, CR or LF`},
		{"a header with a blank in its name", reply(`"status": 200, "headers": ["A B: c"]`), `server[0].headers[0]: "A B: c" cannot travel over HTTP: its name is no token`},
		{"a redirect to a host that ends in a dot", reply(`"status": 302, "headers": ["Location: //c.example./"]`), "server[0].headers: Location: the lab's TLS refuses a host that ends in a dot"},
		{"an image", request(`"via": "img"`), "requests[0].via img is not asked"},
		{"a host that ends in a dot", `{"name": "n", "page": {"url": "https://a.example/"}, "server": [], "requests": [{"url": "//b.example./"}]}`, "requests[0].url: the lab's TLS refuses a host that ends in a dot"},
		{"one that is moved to https:", `{"name": "n", "page": {"url": "http://a.example/", "headers": ["Content-Security-Policy: upgrade-insecure-requests"]}, "server": [], "requests": [{"url": "http://b.example.:8080/"}]}`, "requests[0].url: the lab's TLS refuses a host that ends in a dot"},
		{"a wait that nobody sits through", request(`"after": 10.5`), "requests[0].after is more than 10s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newPlan(mustCase(t, tt.text))
			var unaskable *Unaskable
			if !errors.As(err, &unaskable) || !strings.HasPrefix(unaskable.Why, tt.want) {
				t.Errorf("error %v, want an Unaskable that says %q", err, tt.want)
			}
		})
	}
}

// What is not as the format wants it is malformed for verify where it is for eval, and nothing is that only cannot be asked.
func TestStandTellsMalformedFromWhatNobodyCanAsk(t *testing.T) {
	with := func(page, server, request string) string {
		return `{"name": "n", "page": {"url": "https://a.example/"` + page + `}, "server": [{"url": "https://b.example/", ` + server + `}], "requests": [{"url": "/"` + request + `}]}`
	}
	const fine = `"status": 200`
	for _, tt := range []struct {
		name, text, want string // want is empty where the case can be asked
	}{
		{"nothing wrong", with("", fine, ""), ""},
		{"a page that is no URL", strings.Replace(with("", fine, ""), "https://a.example/", "x", 1), "page.url: "},
		{"a header of the page without a colon", with(`, "headers": ["x"]`, fine, ""), `page.headers[0]: "x" has no colon`},
		{"a cookie of what is no URL", with(`, "cookies": [{"url": "x", "set": ""}]`, fine, ""), "page.cookies[0].url: "},
		{"a cookie that is not bytes", with(`, "cookies": [{"url": "https://a.example/", "set": "€"}]`, fine, ""), "page.cookies[0].set: "},
		{"a reply of what is no URL", strings.Replace(with("", fine, ""), "https://b.example/", "x", 1), "server[0].url: "},
		{"a reply without a status", with("", `"headers": []`, ""), "server[0].status is 0; a reply needs a status of three digits, or fail"},
		{"one that is never given", with("", `"headers": [], "times": 0`, ""), ""},
		{"a header that is not bytes", with("", fine+`, "headers": ["A: €"]`, ""), "server[0].headers[0]: "},
		{"a body that is not bytes", with("", fine+`, "body": "€"`, ""), "server[0].body: "},
		{"a way to make requests that the format has not", with("", fine, `, "via": "smoke"`), `requests[0].via "smoke" is none of the case format`},
		{"a header of a request without a colon", with("", fine, `, "headers": ["x"]`), `requests[0].headers[0]: "x" has no colon`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCase(t, tt.text)
			_, err := newPlan(c)
			_, evalErr := c.Eval(t.Context(), policy.Profile{}, time.Now())
			if tt.want == "" {
				if err != nil || evalErr != nil {
					t.Errorf("errors %v and, of eval, %v; want none", err, evalErr)
				}
				return
			}
			var unaskable *Unaskable
			if err == nil || errors.As(err, &unaskable) || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %#v, want one that begins with %q and is no Unaskable", err, tt.want)
			}
			if evalErr == nil {
				t.Error("eval takes the case for a good one")
			}
		})
	}
}

func TestStandTellsHowFarAHangingCaseCame(t *testing.T) {
	c := mustCase(t, `{"name": "n", "page": {"url": "http://a.example/"}, "server": [], "requests": [{"url": "/x"}, {"url": "/y"}]}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	j := newJudge(t, func(_ *player, n int, _ simulator.CaseRequest) told {
		if n == 1 {
			<-ctx.Done()
		}
		return told{Verdict: "blocked"}
	})
	_, err := j.Ask(t.Context(), c, time.Second)
	cancel()
	if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "in requests[1]") {
		t.Errorf("error %v, want ErrTimeout in requests[1]", err)
	}
}

func TestSentHoldsTheHeadersOfTheFormatAlone(t *testing.T) {
	fields := []Field{{"Host", "a.example"}, {"X-b", "\xe9"}, {"accept", "*/*"}, {"Origin", "null"}, {"Cookie", "a"}, {"cookie", "b"},
		{"Access-Control-Request-Method", "PUT"}, {"DNT", "1"}, {"x-b", "2"}}
	for _, tt := range []struct {
		name, method string
		want         []string
	}{
		{"a preflight shows its Accept", "OPTIONS", []string{"accept: */*", "access-control-request-method: PUT", "cookie: a; b", "origin: null", "x-b: é, 2"}},
		{"another request does not", "PUT", []string{"access-control-request-method: PUT", "cookie: a; b", "origin: null", "x-b: é, 2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := sentOf(&Request{Method: tt.method, Target: "/x", Fields: fields})
			want := simulator.Sent{Method: tt.method, URL: "http://a.example/x", Headers: tt.want}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("what is compared is what the format names (-want +got):\n%s", d)
			}
		})
	}
}
