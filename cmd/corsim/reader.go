package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/simulator"
)

// maxCase is how many bytes a single case may hold.
const maxCase = 64 << 20

// A caseReader splits a file of cases: NDJSON, or one JSON array. It holds one case at a time. It does not look into
// the cases further than to see where they end; that they are JSON at all is for the parser to say.
type caseReader struct {
	r       *bufio.Reader
	line    int // that the next byte is in
	limit   int
	buf     []byte
	begun   bool
	array   bool
	opened  int  // the line of the array's opening bracket
	element bool // an element of the array has been read
	comma   bool // and a comma after it
	ended   bool
}

// A rawCase is the text of one case, or what is wrong where one should be. Its data lasts until the next one is read.
type rawCase struct {
	line int
	data []byte
	err  error
}

func newCaseReader(r io.Reader) *caseReader {
	return &caseReader{r: bufio.NewReaderSize(r, 64<<10), line: 1, limit: maxCase}
}

// waits reports whether reading on may have to wait for input.
func (c *caseReader) waits() bool { return c.r.Buffered() == 0 }

// next returns the next case, and false at the end.
func (c *caseReader) next() (rawCase, bool) {
	if !c.begun {
		c.begun = true
		if err := c.begin(); err != nil {
			return c.stop(c.line, err)
		}
	}
	if c.ended {
		return rawCase{}, false
	}
	if c.array {
		return c.nextElement()
	}
	return c.nextLine()
}

// stop ends the reading with an error, if there is one.
func (c *caseReader) stop(line int, err error) (rawCase, bool) {
	c.ended = true
	if err == nil || err == io.EOF {
		return rawCase{}, false
	}
	return rawCase{line: line, err: err}, true
}

// begin skips a byte order mark and sees whether the file is an array.
func (c *caseReader) begin() error {
	if bom, _ := c.r.Peek(3); string(bom) == "\xEF\xBB\xBF" {
		_, _ = c.r.Discard(3)
	}
	b, err := c.skipSpace()
	if err != nil {
		return err
	}
	if b == '[' {
		c.array, c.opened = true, c.line
		return nil
	}
	return c.r.UnreadByte()
}

// skipSpace returns the next byte that is no JSON whitespace.
func (c *caseReader) skipSpace() (byte, error) {
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch b {
		case '\n':
			c.line++
		case ' ', '\t', '\r':
		default:
			return b, nil
		}
	}
}

// nextLine returns the next line that is not blank.
func (c *caseReader) nextLine() (rawCase, bool) {
	for {
		line := c.line
		data, err := c.readLine()
		if errors.Is(err, errTooLong) {
			return rawCase{line: line, err: err}, true
		}
		if len(trimSpace(data)) > 0 {
			return rawCase{line: line, data: data}, true
		}
		if err != nil {
			return c.stop(line, err)
		}
	}
}

var errTooLong = errors.New("the line is too long")

// readLine returns the next line without its line feed. The error is nil, io.EOF after the last line, what went wrong
// with the file, or errTooLong, after which reading goes on behind the line.
func (c *caseReader) readLine() ([]byte, error) {
	part, err := c.r.ReadSlice('\n')
	if err == nil {
		c.line++
		return part[:len(part)-1], nil
	}
	if !errors.Is(err, bufio.ErrBufferFull) {
		return part, err
	}
	c.buf = append(c.buf[:0], part...)
	tooLong := false
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = c.r.ReadSlice('\n')
		if tooLong = tooLong || len(c.buf)+len(part) > c.limit+1; !tooLong {
			c.buf = append(c.buf, part...)
		}
	}
	if err == nil {
		c.line++
	}
	if tooLong {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLong, c.limit)
	}
	if err == nil {
		return c.buf[:len(c.buf)-1], nil
	}
	return c.buf, err
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && isJSONSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isJSONSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isJSONSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// nextElement returns the next element of the array.
func (c *caseReader) nextElement() (rawCase, bool) {
	b, err := c.skipSpace()
	line := c.line
	switch {
	case err == io.EOF:
		return c.stop(line, fmt.Errorf("the file ends inside the array that begins in line %d: its ] is missing", c.opened))
	case err != nil:
		return c.stop(line, err)
	case b == ']':
		if c.comma {
			// The bracket is found again, without the comma.
			c.comma = false
			_ = c.r.UnreadByte()
			return rawCase{line: line, err: errors.New("a comma stands before the ], with no case between them")}, true
		}
		if _, err := c.skipSpace(); err != nil {
			return c.stop(c.line, err)
		}
		return c.stop(c.line, errors.New("something follows the array of cases"))
	case b == ',':
		if !c.element || c.comma {
			return c.stop(line, errors.New("a comma without a case before it; the rest of the array is not read"))
		}
		c.comma = true
		return c.nextElement()
	case c.element && !c.comma:
		if b == '{' {
			c.comma = true
			_ = c.r.UnreadByte()
			return rawCase{line: line, err: errors.New("no comma stands between this case and the one before")}, true
		}
		return c.stop(line, fmt.Errorf("%q where a comma or ] should be; the rest of the array is not read", b))
	case b != '{':
		return c.stop(line, fmt.Errorf("%q where a case, which is an object, should begin; the rest of the array is not read", b))
	}
	c.element, c.comma = true, false
	return c.readObject(line)
}

// readObject returns the object whose opening brace has been read: all up to the bracket that closes as many as were
// opened. Whether they fit each other is for the parser to say.
func (c *caseReader) readObject(line int) (rawCase, bool) {
	c.buf = append(c.buf[:0], '{')
	tooLong, inString, escaped := false, false, false
	for depth := 1; depth > 0; {
		b, err := c.r.ReadByte()
		if err == io.EOF {
			return c.stop(line, errors.New("the file ends inside this case: a bracket or a quote is not closed"))
		} else if err != nil {
			return c.stop(c.line, err)
		}
		switch {
		case b == '\n':
			c.line++
		case escaped:
			escaped = false
		case inString:
			inString, escaped = b != '"', b == '\\'
		case b == '"':
			inString = true
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			depth--
		}
		if tooLong = tooLong || len(c.buf) >= c.limit; !tooLong {
			c.buf = append(c.buf, b)
		}
	}
	if tooLong {
		return rawCase{line: line, err: fmt.Errorf("the case is too long: more than %d bytes", c.limit)}, true
	}
	return rawCase{line: line, data: c.buf}, true
}

// parseCase parses a case. It returns the line that an error is in; the error is one line of text.
func parseCase(raw rawCase) (*simulator.Case, int, error) {
	if raw.err != nil {
		return nil, raw.line, raw.err
	}
	if data := trimSpace(raw.data); data[0] != '{' {
		return nil, raw.line, fmt.Errorf("a case is a JSON object, not %s", startOf(data))
	}
	c, err := simulator.ParseCase(raw.data)
	if err != nil {
		if line, syntaxErr := findSyntaxError(raw); syntaxErr != nil {
			return nil, line, syntaxErr
		}
		return nil, raw.line, err
	}
	return c, raw.line, nil
}

// findSyntaxError returns what keeps the text from being JSON, if anything does, and in which line that is.
func findSyntaxError(raw rawCase) (line int, err error) {
	var any json.RawMessage
	var syntax *json.SyntaxError
	if !errors.As(json.Unmarshal(raw.data, &any), &syntax) {
		return 0, nil
	}
	at := int(min(max(syntax.Offset-1, 0), int64(len(raw.data)))) // Offset counts the byte that is wrong
	before := raw.data[:at]
	line = raw.line + bytes.Count(before, []byte{'\n'})
	if syntax.Offset >= int64(len(raw.data)) && strings.HasPrefix(syntax.Error(), "unexpected end") {
		return line, errors.New("the text ends inside the case; a case stands in one line, or in an array")
	}
	return line, fmt.Errorf("not JSON at byte %d of the case: %w", at+1, syntax)
}

// startOf quotes the first bytes of a text.
func startOf(b []byte) string {
	const most = 20
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return strings.TrimSuffix(fmt.Sprintf("%q", b[:most]), `"`) + `..."`
}
