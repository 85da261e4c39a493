package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newFront opens a Front that ends with the test, and returns the exchanges it records.
func newFront(t *testing.T, s Server) (*Front, func() []Exchange) {
	t.Helper()
	var mu sync.Mutex
	var seen []Exchange
	f, err := NewFront(FrontConfig{Server: s, Record: func(x Exchange) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, x)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, func() []Exchange {
		mu.Lock()
		defer mu.Unlock()
		return sortedBySeq(seen)
	}
}

// dial connects to the front, with TLS for the host unless that is empty.
func dial(t *testing.T, f *Front, host string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", f.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	const patience = 10 * time.Second
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if host == "" {
		return c
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(f.CertificatePEM()) {
		t.Fatal("the front's certificate is not PEM")
	}
	return tls.Client(c, &tls.Config{ServerName: host, RootCAs: roots})
}

func send(t *testing.T, c net.Conn, wire string) {
	t.Helper()
	if _, err := io.WriteString(c, wire); err != nil {
		t.Fatal(err)
	}
}

func fixed(status int, reason string, fields ...Field) Server {
	return ServerFunc(func(context.Context, *Request) (*Response, error) {
		return &Response{Status: status, Reason: reason, Fields: fields}, nil
	})
}

func TestFrontPlaysEveryHostWithAndWithoutTLS(t *testing.T) {
	f, seen := newFront(t, Hosts{
		"a.example":      fixed(204, "A"),
		"b.example:8443": fixed(204, "B"),
		"203.0.113.7":    fixed(204, "C"),
	})
	for _, tt := range []struct {
		name, tls, host, want string
	}{
		{"a host over plain HTTP", "", "a.example", "HTTP/1.1 204 A\r\n\r\n"},
		{"the same over TLS", "a.example", "a.example", "HTTP/1.1 204 A\r\n\r\n"},
		{"a host with a port", "b.example", "b.example:8443", "HTTP/1.1 204 B\r\n\r\n"},
		{"an address", "", "203.0.113.7", "HTTP/1.1 204 C\r\n\r\n"},
		{"a host that nobody plays", "c.example", "c.example", "HTTP/1.1 404 Not Found\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, f, tt.tls)
			send(t, c, "GET / HTTP/1.1\r\nHost: "+tt.host+"\r\n\r\n")
			got := make([]byte, len(tt.want))
			if _, err := io.ReadFull(c, got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, string(got)); d != "" {
				t.Errorf("a response goes out line for line (-want +got):\n%s", d)
			}
			all := seen()
			last := all[len(all)-1]
			if last.Request.Secure != (tt.tls != "") {
				t.Errorf("recorded as secure: %v, want %v", last.Request.Secure, tt.tls != "")
			}
		})
	}
}

func TestFrontRecordsWhatWentOverTheWire(t *testing.T) {
	f, seen := newFront(t, ServerFunc(func(_ context.Context, r *Request) (*Response, error) {
		switch r.Path() {
		case "/break":
			return nil, errors.New("on purpose")
		case "/nothing":
			return nil, nil
		case "/split":
			return &Response{Status: 200, Fields: []Field{{"A", "b\r\nC: d"}}}, nil
		}
		return &Response{Status: 200, Fields: []Field{{"x-Echo", string(r.Body)}, {"Content-Length", "0"}}}, nil
	}))

	c := dial(t, f, "h.example")
	br := bufio.NewReader(c)
	send(t, c, "POST /1?q HTTP/1.1\r\nHost: h.example\r\nx-B: 2\r\nX-a: 1\r\nContent-Length: 2\r\n\r\nhi")
	first, err := ReadResponse(br, "POST", defaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	want := &Response{Proto: "HTTP/1.1", Status: 200, Fields: []Field{{"x-Echo", "hi"}, {"Content-Length", "0"}}}
	if d := cmp.Diff(want, first); d != "" {
		t.Errorf("the server's lines reach the browser as they are (-want +got):\n%s", d)
	}
	send(t, c, "GET /2 HTTP/1.1\r\nHost: h.example\r\n\r\n") // the connection goes on
	if _, err := ReadResponse(br, "GET", defaultLimits); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/break", "/nothing", "/split"} {
		c := dial(t, f, "")
		send(t, c, "GET "+path+" HTTP/1.1\r\nHost: h.example\r\n\r\n")
		if b, err := io.ReadAll(c); err != nil || len(b) > 0 {
			t.Errorf("%s: %q, %v; want the connection to end before any byte", path, b, err)
		}
	}

	type row struct {
		URL    string
		Fields []Field
		Body   string
		Status int
		Err    string
	}
	var rows []row
	for _, x := range seen() {
		r := row{URL: x.Request.URL(), Fields: x.Request.Fields, Body: string(x.Request.Body)}
		if x.Response != nil {
			r.Status = x.Response.Status
		}
		if x.Err != nil {
			r.Err = x.Err.Error()
		}
		if x.Step != -1 {
			t.Errorf("step %d outside of a run, want -1", x.Step)
		}
		rows = append(rows, r)
	}
	host := Field{"Host", "h.example"}
	if d := cmp.Diff([]row{
		{URL: "https://h.example/1?q", Fields: []Field{host, {"x-B", "2"}, {"X-a", "1"}, {"Content-Length", "2"}}, Body: "hi", Status: 200},
		{URL: "https://h.example/2", Fields: []Field{host}, Status: 200},
		{URL: "http://h.example/break", Fields: []Field{host}, Err: "on purpose"},
		{URL: "http://h.example/nothing", Fields: []Field{host}, Err: "lab: the server gave no response"},
		{URL: "http://h.example/split", Fields: []Field{host}, Err: `lab: header line 1: got "A: b\r\nC: d", want a name without colon, and no line break`},
	}, rows); d != "" {
		t.Errorf("the record is the evidence of what a browser sends (-want +got):\n%s", d)
	}
}

func TestFrontAnswersWhatIsNotHTTP(t *testing.T) {
	f, seen := newFront(t, nil)
	c := dial(t, f, "")
	send(t, c, "hello\r\n\r\n")
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(got), "HTTP/1.1 400 Bad Request\r\n") || !strings.Contains(string(got), `got "hello"`) {
		t.Errorf("answer %q, want a 400 that quotes the line", got)
	}
	if n := len(seen()); n != 0 {
		t.Errorf("%d exchanges on record, want none: there was no request", n)
	}
}

func TestBackendGetsTheRequestUnchanged(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const reply = "HTTP/1.1 201 Made\r\nx-Z: 1\r\nX-z: 2\r\nContent-Length: 2\r\n\r\nok"
	got := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b := make([]byte, 4096)
		n, _ := c.Read(b)
		io.WriteString(c, reply)
		got <- string(b[:n])
	}()
	const request = "PUT /x HTTP/1.1\r\nhost: h.example\r\nContent-length: 1\r\nCookie: a\r\nCookie: b\r\n\r\n!"
	f, _ := newFront(t, Backend(l.Addr().String()))
	c := dial(t, f, "h.example")
	send(t, c, request)
	answer := make([]byte, len(reply))
	if _, err := io.ReadFull(c, answer); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(request, <-got); d != "" {
		t.Errorf("the backend has to see what the browser wrote (-want +got):\n%s", d)
	}
	if d := cmp.Diff(reply, string(answer)); d != "" {
		t.Errorf("the browser has to see what the backend wrote (-want +got):\n%s", d)
	}
}

func TestBackendThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, err = Backend(addr).Answer(t.Context(), &Request{Method: "GET", Target: "/", Proto: "HTTP/1.1"})
	if err == nil || !strings.Contains(err.Error(), addr) {
		t.Errorf("error %v, want one that names %s", err, addr)
	}
}

func TestCloseEndsConnectionsAndServers(t *testing.T) {
	asked := make(chan struct{})
	f, err := NewFront(FrontConfig{Server: ServerFunc(func(ctx context.Context, _ *Request) (*Response, error) {
		close(asked)
		<-ctx.Done()
		return nil, ctx.Err()
	})})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, f, "")
	send(t, c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	idle := dial(t, f, "")
	<-asked
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []net.Conn{c, idle} {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a connection outlives its front")
		}
	}
}

func TestStageKeepsItsOwnTraffic(t *testing.T) {
	st, err := newStage("https://a.example:8443/p?q", Script{
		Steps: []Step{{URL: "http://b.example:81/</script>"}, {URL: "//c.example:82/"}, {URL: "http://[", Init: Init{}}},
		Ports: []uint16{83},
	})
	if err != nil {
		t.Fatal(err)
	}
	request := func(secure bool, method, host, target, body string) *Request {
		return &Request{Secure: secure, Method: method, Target: target, Proto: "HTTP/1.1", Fields: []Field{{"Host", host}}, Body: []byte(body)}
	}
	const host = "a.example:8443"
	for _, tt := range []struct {
		name string
		r    *Request
		want int // 0 means that the Server is asked
	}{
		{"the document is the lab's", request(true, "GET", host, "/p?q", ""), 200},
		{"another query is not", request(true, "GET", host, "/p", ""), 0},
		{"another method is not", request(true, "POST", host, "/p?q", ""), 0},
		{"another scheme is not", request(false, "GET", host, "/p?q", ""), 0},
		{"another host is not", request(true, "GET", "a.example", "/p?q", ""), 0},
		{"a step is noted", request(true, "POST", host, st.control+"step", "2"), 200},
		{"a step that the script lacks is refused", request(true, "POST", host, st.control+"step", "3"), 400},
		{"a step that is no number is refused", request(true, "POST", host, st.control+"step", "x"), 400},
		{"nothing else is under control", request(true, "POST", host, st.control+"x", ""), 404},
		{"the control of another run is not this one's", request(true, "POST", host, "/.corsim-lab/x/step", "0"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := 0
			if res := st.answer(tt.r); res != nil {
				got = res.Status
			}
			if got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
	if st.current() != 2 {
		t.Errorf("step %d, want 2: refused ones do not count", st.current())
	}
	if n := strings.Count(string(st.document), "</script>"); n != 2 {
		t.Errorf("%d ends of scripts in the document, want its own 2: a URL must not end the element it stands in", n)
	}
	if d := cmp.Diff([]uint16{83, 8443, 81, 82}, st.ports); d != "" {
		t.Errorf("ports that have to lead to the front (-want +got):\n%s", d)
	}
}

func TestStageChecksTheReport(t *testing.T) {
	for _, tt := range []struct {
		name, report, want string
	}{
		{"a report with a result a step", `{"results":[{"outcome":"resolved","body":"aGk="}]}`, ""},
		{"too few results", `{"results":[]}`, "lab: the page's report: 0 results for 1 steps"},
		{"no JSON", `oops`, "lab: the page's report: invalid character 'o' looking for beginning of value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			st, err := newStage("http://a.example/", Script{Steps: make([]Step, 1)})
			if err != nil {
				t.Fatal(err)
			}
			r := &Request{Method: "POST", Target: st.control + "report", Fields: []Field{{"Host", "a.example"}}, Body: []byte(tt.report)}
			st.answer(r)
			st.answer(r) // a second report neither blocks nor counts
			rep := <-st.reported
			got := ""
			if rep.err != nil {
				got = rep.err.Error()
			}
			if got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
			if tt.want == "" && string(rep.Results[0].Body) != "hi" {
				t.Errorf("body %q, want %q", rep.Results[0].Body, "hi")
			}
		})
	}
}

func TestStageRefuses(t *testing.T) {
	header := Script{Steps: []Step{{Name: "n", Init: Init{Headers: []string{"A: b", "C"}}}}}
	for _, tt := range []struct {
		name   string
		page   string
		script Script
		want   string
	}{
		{"a page that is no URL", "http://[", Script{}, `lab: page: parse "http://[": missing ']' in host`},
		{"a page on no network", "file:///x", Script{}, `lab: page "file:///x": want http:// or https://, a host, a path, and no user`},
		{"a page without a host", "https:///x", Script{}, `lab: page "https:///x": want http:// or https://, a host, a path, and no user`},
		{"a page with a user", "https://u@h/x", Script{}, `lab: page "https://u@h/x": want http:// or https://, a host, a path, and no user`},
		{"a header without a colon", "https://h/", header, `lab: step 0 (n): header "C": want "Name: value"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newStage(tt.page, tt.script)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestStageKeepsABoundedRecord(t *testing.T) {
	var st stage
	for i := range maxExchanges {
		st.record(Exchange{Seq: maxExchanges - i})
	}
	xs, err := st.seen()
	if err != nil || len(xs) != maxExchanges || xs[0].Seq != 1 {
		t.Fatalf("%d exchanges from %d on, %v; want %d in order", len(xs), xs[0].Seq, err, maxExchanges)
	}
	st.record(Exchange{})
	if _, err := st.seen(); err == nil {
		t.Error("no error after an exchange was left out: the report would not be whole")
	}
}

func TestActivePortWaitsForAWholeNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := activePort(ctx, t.TempDir()+"/none")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
	})
}

func TestTailKeepsTheEnd(t *testing.T) {
	var w tail
	for range 3 {
		if n, err := w.Write([]byte(strings.Repeat("a", tailSize-1) + "b")); n != tailSize || err != nil {
			t.Fatal(n, err)
		}
	}
	w.Write([]byte("c"))
	if got := w.String(); len(got) != tailSize || !strings.HasSuffix(got, "abc") {
		t.Errorf("%d bytes that end in %q, want %d that end in abc", len(got), got[len(got)-3:], tailSize)
	}
}
