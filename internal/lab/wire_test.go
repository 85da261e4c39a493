package lab

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var small = Limits{Head: 200, Body: 20}

func reader(wire string) *bufio.Reader {
	return bufio.NewReaderSize(strings.NewReader(wire), 16) // lines longer than the buffer are the interesting ones
}

func TestReadRequest(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire string
		want *Request
		rest string
	}{
		{"the order, the case and the repeats of header lines are kept",
			"GET /a?b HTTP/1.1\r\nX-b: 1\r\nhOST: h\r\nx-B:2 \r\n\r\n",
			&Request{Method: "GET", Target: "/a?b", Proto: "HTTP/1.1", Fields: []Field{{"X-b", "1"}, {"hOST", "h"}, {"x-B", "2"}}}, ""},
		{"the blanks around a value are no part of it, those inside are",
			"GET / HTTP/1.1\r\nA: \t b  c\t \r\nB:\r\n\r\n",
			&Request{Method: "GET", Target: "/", Proto: "HTTP/1.1", Fields: []Field{{"A", "b  c"}, {"B", ""}}}, ""},
		{"a value may hold any byte but a line break",
			"GET / HTTP/1.1\r\nA: \x00\x80\xff:\"\r\n\r\n",
			&Request{Method: "GET", Target: "/", Proto: "HTTP/1.1", Fields: []Field{{"A", "\x00\x80\xff:\""}}}, ""},
		{"a counted body ends where its count ends",
			"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET",
			&Request{Method: "POST", Target: "/", Proto: "HTTP/1.1", Fields: []Field{{"Content-Length", "3"}}, Body: []byte("abc")}, "GET"},
		{"chunks are put together, their extensions and trailers dropped",
			"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1 \r\nd\r\n0\r\nT: u\r\n\r\nGET",
			&Request{Method: "PUT", Target: "/", Proto: "HTTP/1.1", Fields: []Field{{"Transfer-Encoding", "chunked"}}, Body: []byte("abcd")}, "GET"},
		{"a request that announces no body has none",
			"POST / HTTP/1.1\r\n\r\nGET", &Request{Method: "POST", Target: "/", Proto: "HTTP/1.1", Fields: []Field{}}, "GET"},
		{"a blank line before the request is skipped, and LF ends a line as well",
			"\r\nGET / HTTP/1.0\nA: b\n\n", &Request{Method: "GET", Target: "/", Proto: "HTTP/1.0", Fields: []Field{{"A", "b"}}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			br := reader(tt.wire)
			got, err := ReadRequest(br, small)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("a recording is only as true as what is read off the wire (-want +got):\n%s", d)
			}
			if rest, _ := io.ReadAll(br); string(rest) != tt.rest {
				t.Errorf("left on the connection: %q, want %q: the next request begins there", rest, tt.rest)
			}
		})
	}
}

func TestReadRequestRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, wire, want string
	}{
		{"nothing at all, which is how a connection ends", "", "EOF"},
		{"a line that breaks off", "GET / HT", "unexpected EOF"},
		{"header lines that break off", "GET / HTTP/1.1\r\nA: b\r\n", "unexpected EOF"},
		{"a body that breaks off", "GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab", "unexpected EOF"},
		{"chunks that break off", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "unexpected EOF"},
		{"two words on the first line", "GET /\r\n\r\n", `lab: request line: got "GET /", want METHOD SP TARGET SP HTTP/1.1`},
		{"a version of its own", "GET / HTTP/2.0\r\n\r\n", `lab: request line: got "GET / HTTP/2.0", want METHOD SP TARGET SP HTTP/1.1`},
		{"a line without a colon", "GET / HTTP/1.1\r\nA b\r\n\r\n", `lab: header line 1: got "A b", want NAME: VALUE, the name a token`},
		{"a blank before the colon", "GET / HTTP/1.1\r\nA: b\r\nC : d\r\n\r\n", `lab: header line 2: got "C : d", want NAME: VALUE, the name a token`},
		{"a line that continues the one before", "GET / HTTP/1.1\r\nA: b\r\n c: d\r\n\r\n", `lab: header line 2: got " c: d", want NAME: VALUE, the name a token`},
		{"a carriage return alone", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", `lab: header line 1: got "A: b\rc", want no carriage return inside the value`},
		{"two lengths", "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", `lab: Content-Length: got "2", want the same number as in the line before`},
		{"a length below zero", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", `lab: Content-Length: got "-1", want a number of bytes in digits`},
		{"a length too long to be one", "GET / HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\n", `lab: Content-Length: got "9999999999999999999", want a number of bytes in digits`},
		{"more body than the limit", "GET / HTTP/1.1\r\nContent-Length: 21\r\n\r\n" + strings.Repeat("a", 21), "lab: body: want at most 20 bytes"},
		{"more chunks than the limit", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("2\r\nab\r\n", 11), "lab: body: want at most 20 bytes"},
		{"a chunk size that is none", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", `lab: chunk size: got "xyz", want hexadecimal digits`},
		{"a chunk longer than it says", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", `lab: chunk end: got "b", want a line break`},
		{"more head than the limit", "GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 200) + "\r\n\r\n", "lab: head: want at most the configured number of bytes"},
		{"blank lines without end", strings.Repeat("\r\n", 101), "lab: head: want at most the configured number of bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadRequest(reader(tt.wire), small)
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("error %q, want %q: whoever reads it has to find the place", got, tt.want)
			}
		})
	}
}

func TestReadResponse(t *testing.T) {
	for _, tt := range []struct {
		name   string
		method string
		wire   string
		want   *Response
		rest   string
	}{
		{"a status without words and a repeated line",
			"GET", "HTTP/1.1 200\r\nA: 1\r\na: 2\r\nContent-Length: 2\r\n\r\nab!",
			&Response{Proto: "HTTP/1.1", Status: 200, Fields: []Field{{"A", "1"}, {"a", "2"}, {"Content-Length", "2"}}, Body: []byte("ab")}, "!"},
		{"interim responses are skipped",
			"GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n!",
			&Response{Proto: "HTTP/1.1", Status: 204, Reason: "No Content", Fields: []Field{}}, "!"},
		{"without a length the body lasts until the end",
			"GET", "HTTP/1.0 404 Not Found\r\n\r\nab", &Response{Proto: "HTTP/1.0", Status: 404, Reason: "Not Found", Fields: []Field{}, Body: []byte("ab")}, ""},
		{"the answer to HEAD has no body, whatever length it tells",
			"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n!",
			&Response{Proto: "HTTP/1.1", Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "2"}}}, "!"},
		{"neither has 304",
			"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n!",
			&Response{Proto: "HTTP/1.1", Status: 304, Reason: "Not Modified", Fields: []Field{{"Content-Length", "2"}}}, "!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			br := reader(tt.wire)
			got, err := ReadResponse(br, tt.method, small)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("a recording is only as true as what is read off the wire (-want +got):\n%s", d)
			}
			if rest, _ := io.ReadAll(br); string(rest) != tt.rest {
				t.Errorf("left on the connection: %q, want %q", rest, tt.rest)
			}
		})
	}
}

func TestReadResponseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, wire, want string
	}{
		{"nothing at all", "", "unexpected EOF"},
		{"a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", `lab: status line: got "HTTP/1.1 20 OK", want HTTP/1.1 SP three digits SP words`},
		{"a status with a sign", "HTTP/1.1 +20 OK\r\n\r\n", `lab: status line: got "HTTP/1.1 +20 OK", want HTTP/1.1 SP three digits SP words`},
		{"another protocol", "ICY 200 OK\r\n\r\n", `lab: status line: got "ICY 200 OK", want HTTP/1.1 SP three digits SP words`},
		{"interim responses without end", strings.Repeat("HTTP/1.1 100 C\r\n\r\n", 17), "lab: status line: want a final response after at most 16 interim ones"},
		{"a body over the limit", "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("a", 21), "lab: body: want at most 20 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadResponse(reader(tt.wire), "GET", small)
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("error %q, want %q: whoever reads it has to find the place", got, tt.want)
			}
		})
	}
}

func TestResponseOnTheWire(t *testing.T) {
	for _, tt := range []struct {
		name   string
		method string
		res    Response
		want   string
		closes bool
	}{
		{"lines go out as they stand, and the connection ends a body that no line measures",
			"GET", Response{Status: 200, Reason: "OK", Fields: []Field{{"x-A", "b"}, {"X-a", ""}}, Body: []byte("hi")},
			"HTTP/1.1 200 OK\r\nx-A: b\r\nX-a: \r\n\r\nhi", true},
		{"a measured body keeps the connection",
			"GET", Response{Status: 200, Fields: []Field{{"Content-Length", "2"}}, Body: []byte("hi")},
			"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi", false},
		{"a wrong measure ends it, since the next response would be misread",
			"GET", Response{Status: 200, Fields: []Field{{"Content-Length", "3"}}, Body: []byte("hi")},
			"HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nhi", true},
		{"a body goes out in a chunk where a line says so",
			"GET", Response{Status: 200, Fields: []Field{{"Transfer-Encoding", "chunked"}}, Body: []byte("hi")},
			"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", false},
		{"no body answers HEAD",
			"HEAD", Response{Status: 200, Body: []byte("hi")}, "HTTP/1.1 200 \r\n\r\n", false},
		{"a line may end the connection",
			"GET", Response{Status: 204, Fields: []Field{{"Connection", "x, Close"}}}, "HTTP/1.1 204 \r\nConnection: x, Close\r\n\r\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, string(tt.res.AppendTo(nil, tt.method))); d != "" {
				t.Errorf("a case's reply has the lines that it lists and no others (-want +got):\n%s", d)
			}
			if got := tt.res.closes(tt.method); got != tt.closes {
				t.Errorf("closes %v, want %v", got, tt.closes)
			}
		})
	}
}

// What is read, written and read again is the same, and nothing makes the reader fail but a WireError or an early end.
func FuzzReadRequest(f *testing.F) {
	f.Add([]byte("GET /a HTTP/1.1\r\nHost: b\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"))
	f.Add([]byte("PUT * HTTP/1.0\nTransfer-Encoding: x, chunked\n\n2;e\r\nab\r\n0\r\nT: t\r\n\r\n"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		lim := Limits{Head: 1 << 12, Body: 1 << 12}
		r, err := ReadRequest(bufio.NewReader(bytes.NewReader(wire)), lim)
		if err != nil {
			checkReadError(t, err)
			return
		}
		again, err := ReadRequest(bufio.NewReader(bytes.NewReader(r.AppendTo(nil))), Limits{Head: 1 << 14, Body: 1 << 12})
		if err != nil {
			t.Fatalf("its own wire form is refused: %v\n%q", err, r.AppendTo(nil))
		}
		if d := cmp.Diff(r, again); d != "" {
			t.Errorf("passing a request on changes it (-read +passed on):\n%s", d)
		}
	})
}

func FuzzReadResponse(f *testing.F) {
	f.Add("GET", []byte("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"))
	f.Add("HEAD", []byte("HTTP/1.1 100 \r\n\r\nHTTP/1.1 304 \r\nA:b\r\n\r\n"))
	f.Add("GET", []byte("HTTP/1.0 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, method string, wire []byte) {
		lim := Limits{Head: 1 << 12, Body: 1 << 12}
		r, err := ReadResponse(bufio.NewReader(bytes.NewReader(wire)), method, lim)
		if err != nil {
			checkReadError(t, err)
			return
		}
		if err := r.check(); err != nil {
			t.Fatalf("read, but not fit to be passed on: %v", err)
		}
		again, err := ReadResponse(bufio.NewReader(bytes.NewReader(r.AppendTo(nil, method))), method, Limits{Head: 1 << 14, Body: 1 << 12})
		if err != nil {
			t.Fatalf("its own wire form is refused: %v\n%q", err, r.AppendTo(nil, method))
		}
		if d := cmp.Diff(r, again); d != "" {
			t.Errorf("passing a response on changes it (-read +passed on):\n%s", d)
		}
	})
}

func checkReadError(t *testing.T, err error) {
	t.Helper()
	if w := (*WireError)(nil); !errors.As(err, &w) && err != io.EOF && err != io.ErrUnexpectedEOF {
		t.Errorf("error %v (%T), want a WireError or an early end", err, err)
	}
}

func TestRemotePackets(t *testing.T) {
	for _, tt := range []struct {
		name, wire, want, err string
	}{
		{"a packet is as long as it says", "2:{}3", "{}", "<nil>"},
		{"an empty packet is one", "0:", "", "<nil>"},
		{"a length that is none", "a:{}", "", `lab: packet length: got "a", want digits and a colon`},
		{"no length", ":{}", "", `lab: packet length: got ":", want digits and a colon`},
		{"a length without end", "1111111111:", "", `lab: packet length: got "1", want digits and a colon`},
		{"a length beyond the limit", "99999999:", "", "lab: body: want at most 67108864 bytes"},
		{"a packet that breaks off", "3:{}", "", "unexpected EOF"},
		{"a length that breaks off", "3", "", "unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readPacket(reader(tt.wire))
			if string(got) != tt.want || fmt.Sprint(err) != tt.err {
				t.Errorf("%q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
	for _, tt := range []struct {
		name, answer, err string
	}{
		{"success has no error", `[1,7,null,{"value":null}]`, "<nil>"},
		{"a failure is told in the browser's words", `[1,7,{"error":"timeout","message":"too slow","stacktrace":""},null]`, "timeout: too slow"},
		{"an answer to another command", `[1,8,null,null]`, "answer to command 8: want to command 7"},
		{"an answer of another shape", `{}`, "answer \"{}\": want a JSON array of four"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := checkAnswer([]byte(tt.answer), 7); fmt.Sprint(err) != tt.err {
				t.Errorf("error %q, want %q", err, tt.err)
			}
		})
	}
}

func FuzzReadPacket(f *testing.F) {
	f.Add([]byte("12:[1,1,null,0]"))
	f.Add([]byte("0:"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		data, err := readPacket(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			checkReadError(t, err)
			return
		}
		if !bytes.HasPrefix(bytes.TrimLeft(wire, "0123456789"), append([]byte(":"), data...)) {
			t.Errorf("packet %q is not what follows the length in %q", data, wire)
		}
		_, _ = checkAnswer(data, 1) // must not panic
	})
}
