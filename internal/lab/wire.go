package lab

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Field is one header line: the name in the case it was sent in, and the value without the blanks around it.
// Both hold bytes, whatever they are.
type Field struct {
	Name, Value string
}

// A Request is one HTTP/1.1 request as its sender wrote it.
type Request struct {
	Secure bool // it came over TLS
	Method string
	Target string // the request line's second part: a path with its query, or "*"
	Proto  string // "HTTP/1.1"
	Fields []Field
	Body   []byte // without the chunks it may have come in
}

// Host returns the value of the first Host line: the host of the request's URL, with its port unless that is the
// scheme's default.
func (r *Request) Host() string {
	host, _ := field(r.Fields, "Host")
	return host
}

// URL returns the request's URL as text.
func (r *Request) URL() string {
	scheme := "http"
	if r.Secure {
		scheme = "https"
	}
	target := r.Target
	if target == "*" {
		target = ""
	}
	return scheme + "://" + r.Host() + target
}

// Path returns the target up to its query.
func (r *Request) Path() string {
	path, _, _ := strings.Cut(r.Target, "?")
	return path
}

// A Response is one HTTP/1.1 response. A Front sends Fields exactly as they stand and adds none; where they do not
// say how long the body is, the end of the connection says it.
type Response struct {
	Proto  string // empty stands for "HTTP/1.1"
	Status int    // 200 to 999
	Reason string // the words after the status, which may be empty
	Fields []Field
	Body   []byte // without chunks; sent in one chunk if Fields ask for that coding
}

// Limits bounds what is read from one side of a connection, in bytes.
type Limits struct {
	Head int // first line and header lines together
	Body int
}

// A WireError tells what is wrong with a message and what would be right.
type WireError struct {
	Part string // "request line", "status line", "header line 3", "body", ...
	Got  string // what stood there, shortened
	Want string
}

func (e *WireError) Error() string {
	if e.Got == "" {
		return fmt.Sprintf("lab: %s: want %s", e.Part, e.Want)
	}
	return fmt.Sprintf("lab: %s: got %q, want %s", e.Part, e.Got, e.Want)
}

func wireError(part, got, want string) error {
	const shown = 80
	if len(got) > shown {
		got = got[:shown] + "..."
	}
	return &WireError{Part: part, Got: got, Want: want}
}

// ReadRequest reads one request. It returns io.EOF when the connection ended before the first byte, and a
// [WireError] for a message that is not HTTP/1.
func ReadRequest(br *bufio.Reader, lim Limits) (*Request, error) {
	lines, err := readHead(br, lim.Head)
	if err != nil {
		return nil, err
	}
	method, rest, ok1 := strings.Cut(lines[0], " ")
	target, proto, ok2 := strings.Cut(rest, " ")
	if !ok1 || !ok2 || !isToken(method) || target == "" || strings.Contains(target, "\r") || !isProto(proto) {
		return nil, wireError("request line", lines[0], "METHOD SP TARGET SP HTTP/1.1")
	}
	fields, err := parseFields(lines[1:])
	if err != nil {
		return nil, err
	}
	r := &Request{Method: method, Target: target, Proto: proto, Fields: fields}
	framing, n, err := framingOf(fields)
	if err != nil {
		return nil, err
	}
	if framing == untilClose {
		framing = noBody // a request that announces no body has none
	}
	r.Body, err = readBody(br, framing, n, lim.Body)
	return r, err
}

// ReadResponse reads the response to a request made with the given method, skipping interim (1xx) responses.
func ReadResponse(br *bufio.Reader, method string, lim Limits) (*Response, error) {
	const interim = 16
	for range interim {
		lines, err := readHead(br, lim.Head)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		proto, rest, _ := strings.Cut(lines[0], " ")
		code, reason, _ := strings.Cut(rest, " ")
		status, err := strconv.Atoi(code)
		if !isProto(proto) || err != nil || len(code) != 3 || status < 100 || strings.Contains(reason, "\r") {
			return nil, wireError("status line", lines[0], "HTTP/1.1 SP three digits SP words")
		}
		fields, err := parseFields(lines[1:])
		if err != nil {
			return nil, err
		}
		if status < 200 {
			continue
		}
		r := &Response{Proto: proto, Status: status, Reason: reason, Fields: fields}
		framing, n, err := framingOf(fields)
		if err != nil {
			return nil, err
		}
		if bodiless(method, status) {
			framing = noBody
		}
		r.Body, err = readBody(br, framing, n, lim.Body)
		return r, err
	}
	return nil, wireError("status line", "", fmt.Sprintf("a final response after at most %d interim ones", interim))
}

// AppendTo appends the request as it goes over the wire.
func (r *Request) AppendTo(b []byte) []byte {
	b = append(b, r.Method+" "+r.Target+" "+r.Proto+"\r\n"...)
	b = appendFields(b, r.Fields)
	return appendBody(b, r.Fields, r.Body)
}

// AppendTo appends the response to a request made with the given method as it goes over the wire.
func (r *Response) AppendTo(b []byte, method string) []byte {
	proto := r.Proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	b = append(b, proto+" "+strconv.Itoa(r.Status)+" "+r.Reason+"\r\n"...)
	b = appendFields(b, r.Fields)
	if bodiless(method, r.Status) {
		return b
	}
	return appendBody(b, r.Fields, r.Body)
}

// check tells why a response cannot be put on the wire.
func (r *Response) check() error {
	if r.Status < 200 || r.Status > 999 {
		return wireError("status", strconv.Itoa(r.Status), "a final status, 200 to 999")
	}
	if strings.ContainsAny(r.Proto+r.Reason, "\r\n") {
		return wireError("status line", r.Proto+r.Reason, "no line break")
	}
	for i, f := range r.Fields {
		if f.Name == "" || strings.ContainsAny(f.Name, "\r\n:") || strings.ContainsAny(f.Value, "\r\n") {
			return wireError(fmt.Sprintf("header line %d", i+1), f.Name+": "+f.Value, "a name without colon, and no line break")
		}
	}
	return nil
}

// ended returns the response in chunks if its body would else end with the connection, which closes in any case.
func (r *Response) ended(method string) *Response {
	if framing, _, err := framingOf(r.Fields); err != nil || framing != untilClose || bodiless(method, r.Status) || r.Proto == "HTTP/1.0" {
		return r
	}
	out := *r
	out.Fields = append(r.Fields[:len(r.Fields):len(r.Fields)], Field{"Transfer-Encoding", "chunked"})
	if !hasToken(r.Fields, "Connection", "close") {
		out.Fields = append(out.Fields, Field{"Connection", "close"})
	}
	return &out
}

// closes reports whether the connection ends with this response.
func (r *Response) closes(method string) bool {
	if r.Proto == "HTTP/1.0" || hasToken(r.Fields, "Connection", "close") {
		return true
	}
	if bodiless(method, r.Status) {
		return false
	}
	framing, n, err := framingOf(r.Fields)
	return err != nil || framing == untilClose || (framing == counted && n != len(r.Body))
}

func appendFields(b []byte, fields []Field) []byte {
	for _, f := range fields {
		b = append(b, f.Name+": "+f.Value+"\r\n"...)
	}
	return append(b, "\r\n"...)
}

func appendBody(b []byte, fields []Field, body []byte) []byte {
	if framing, _, err := framingOf(fields); err != nil || framing != chunked {
		return append(b, body...)
	}
	if len(body) > 0 {
		b = append(strconv.AppendInt(b, int64(len(body)), 16), "\r\n"...)
		b = append(append(b, body...), "\r\n"...)
	}
	return append(b, "0\r\n\r\n"...)
}

// readHead reads lines up to a blank one and returns them without their ends. Blank lines before the first are
// skipped, as RFC 9112 section 2.2 lets a server do.
func readHead(br *bufio.Reader, limit int) (lines []string, err error) {
	size := 0
	for {
		line, n, err := readLine(br, limit-size)
		size += n
		if err != nil {
			if err == io.EOF && size > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		switch {
		case line != "":
			lines = append(lines, line)
		case len(lines) > 0:
			return lines, nil
		}
	}
}

// readLine reads one line that ends in LF or CRLF.
func readLine(br *bufio.Reader, limit int) (line string, size int, err error) {
	var long []byte
	for {
		part, err := br.ReadSlice('\n')
		size += len(part)
		if size > limit {
			return "", size, wireError("head", "", "at most the configured number of bytes")
		}
		if err == bufio.ErrBufferFull {
			long = append(long, part...)
			continue
		}
		if err != nil {
			return "", size, err
		}
		if long != nil {
			part = append(long, part...)
		}
		part = bytes.TrimSuffix(part, []byte("\n"))
		return string(bytes.TrimSuffix(part, []byte("\r"))), size, nil
	}
}

func parseFields(lines []string) ([]Field, error) {
	fields := make([]Field, 0, len(lines))
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) {
			return nil, wireError(fmt.Sprintf("header line %d", i+1), line, "NAME: VALUE, the name a token")
		}
		value = strings.Trim(value, " \t")
		if strings.ContainsRune(value, '\r') {
			return nil, wireError(fmt.Sprintf("header line %d", i+1), line, "no carriage return inside the value")
		}
		fields = append(fields, Field{name, value})
	}
	return fields, nil
}

// How the end of a body is found.
const (
	noBody = iota
	counted
	chunked
	untilClose
)

func framingOf(fields []Field) (framing, n int, err error) {
	if hasToken(fields, "Transfer-Encoding", "chunked") {
		return chunked, 0, nil
	}
	framing = untilClose
	for _, f := range fields {
		if !strings.EqualFold(f.Name, "Content-Length") {
			continue
		}
		const digits = 15 // more than any body here, less than an int can hold
		v := f.Value
		if v == "" || len(v) > digits || strings.Trim(v, "0123456789") != "" {
			return 0, 0, wireError("Content-Length", v, "a number of bytes in digits")
		}
		next, _ := strconv.Atoi(v)
		if framing == counted && next != n {
			return 0, 0, wireError("Content-Length", v, "the same number as in the line before")
		}
		framing, n = counted, next
	}
	return framing, n, nil
}

func readBody(br *bufio.Reader, framing, n, limit int) ([]byte, error) {
	tooLong := func() error { return wireError("body", "", fmt.Sprintf("at most %d bytes", limit)) }
	switch framing {
	case counted:
		if n == 0 {
			return nil, nil
		}
		if n > limit {
			return nil, tooLong()
		}
		var body bytes.Buffer // grows with what arrives, not with what was announced
		if _, err := io.CopyN(&body, br, int64(n)); err != nil {
			return nil, cutShort(err)
		}
		return body.Bytes(), nil
	case chunked:
		return readChunks(br, limit, tooLong)
	case untilClose:
		body, err := io.ReadAll(io.LimitReader(br, int64(limit)+1))
		if len(body) > limit {
			return nil, tooLong()
		}
		return body, err
	default:
		return nil, nil
	}
}

// readChunks undoes the chunked coding (RFC 9112 section 7.1). Chunk extensions and trailers are read over.
func readChunks(br *bufio.Reader, limit int, tooLong func() error) ([]byte, error) {
	const lineLimit = 4096
	var body bytes.Buffer
	for {
		line, _, err := readLine(br, lineLimit)
		if err != nil {
			return nil, cutShort(err)
		}
		digits, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.Trim(digits, " \t"), 16, 31)
		if err != nil {
			return nil, wireError("chunk size", line, "hexadecimal digits")
		}
		if n == 0 {
			break
		}
		if body.Len()+int(n) > limit {
			return nil, tooLong()
		}
		if _, err := io.CopyN(&body, br, int64(n)); err != nil {
			return nil, cutShort(err)
		}
		if line, _, err := readLine(br, lineLimit); err != nil {
			return nil, cutShort(err)
		} else if line != "" {
			return nil, wireError("chunk end", line, "a line break")
		}
	}
	for trailer := 0; trailer < lineLimit; {
		line, n, err := readLine(br, lineLimit)
		if err != nil {
			return nil, cutShort(err)
		}
		if line == "" {
			return body.Bytes(), nil
		}
		trailer += n
	}
	return nil, wireError("trailer", "", fmt.Sprintf("at most %d bytes", lineLimit))
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// bodiless reports whether a response has no body whatever its header lines say (RFC 9112 section 6.3).
func bodiless(method string, status int) bool {
	return method == "HEAD" || status == 204 || status == 304
}

// field returns the first value of the named header line.
func field(fields []Field, name string) (value string, ok bool) {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// hasToken reports whether one of the comma-separated members of the named lines is token.
func hasToken(fields []Field, name, token string) bool {
	for _, f := range fields {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		for member := range strings.SplitSeq(f.Value, ",") {
			if strings.EqualFold(strings.Trim(member, " \t"), token) {
				return true
			}
		}
	}
	return false
}

func isProto(s string) bool { return s == "HTTP/1.1" || s == "HTTP/1.0" }

// isToken reports whether s is a token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
