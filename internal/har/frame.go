package har

import (
	"bufio"
	"errors"
	"io"
)

// maxDepth is how many brackets may be open at once inside one value.
const maxDepth = 512

// A framer finds where the JSON values of a stream begin and end, without
// deciding whether they are well formed. That is what lets reading go on after
// a value that is not: its extent is known by its brackets.
type framer struct {
	r   *bufio.Reader
	off int64 // of the next byte to be read
}

// fault is what a framer can tell is wrong with a value.
type fault uint8

const (
	sound    fault = iota
	tooLarge       // more bytes than the caller wanted
	tooDeep        // more than maxDepth open brackets
	crossed        // a bracket or a string is not closed as it was opened
	cut            // the stream ended inside
)

// A frame is the bytes of one value.
type frame struct {
	raw   []byte // empty unless fault is sound or crossed
	off   int64  // of the value's first byte
	fault fault
}

// chunk returns what is buffered, at least one byte.
func (f *framer) chunk() ([]byte, error) {
	if f.r.Buffered() == 0 {
		if _, err := f.r.Peek(1); err != nil {
			return nil, err
		}
	}
	return f.r.Peek(f.r.Buffered())
}

// advance drops n bytes that are buffered.
func (f *framer) advance(n int) {
	d, _ := f.r.Discard(n)
	f.off += int64(d)
}

// peek skips white space, and commas too when asked, and returns the byte that
// follows without reading it.
func (f *framer) peek(commas bool) (byte, error) {
	for {
		chunk, err := f.chunk()
		if err != nil {
			return 0, err
		}
		for i, c := range chunk {
			if !isSpace(c) && (c != ',' || !commas) {
				f.advance(i)
				return c, nil
			}
		}
		f.advance(len(chunk))
	}
}

// value reads one value, beginning at the next byte, into buf's array. A value
// of more than limit bytes is read and dropped. The error is the reader's own
// and never io.EOF.
//
// A closing bracket that matches an outer bracket closes all within; one that
// matches none is passed over. A line break ends a string,
// since JSON has none there: in files with one field a line, which is how
// browsers write them, a lost quote then costs one entry instead of the rest.
func (f *framer) value(buf []byte, limit int) (frame, error) {
	var (
		fr       = frame{raw: buf[:0], off: f.off}
		opened   [maxDepth]byte
		depth    int    // brackets on the stack
		open     [2]int // how many of them are of each kind
		beyond   int    // brackets open above the stack's height
		inString bool
		escaped  bool
		first    = true
	)
	mark := func(to fault) {
		if fr.fault == sound || fr.fault == crossed {
			fr.fault = to
		}
	}
	for {
		chunk, err := f.chunk()
		if errors.Is(err, io.EOF) {
			if inString || depth > 0 {
				fr.fault = cut
				fr.raw = fr.raw[:0]
			}
			return fr, nil
		}
		if err != nil {
			return fr, err
		}
		end := -1 // bytes of chunk that are the value's last ones
	scan:
		for i, c := range chunk {
			if inString {
				switch {
				case c == '\n':
					inString, escaped = false, false
					mark(crossed)
					if depth == 0 {
						end = i
						break scan
					}
				case escaped:
					escaped = false
				case c == '\\':
					escaped = true
				case c == '"':
					inString = false
					if depth == 0 {
						end = i + 1
						break scan
					}
				}
				continue
			}
			switch c {
			case '"':
				if depth == 0 && !first {
					end = i // a bare word ends where a string begins
					break scan
				}
				inString = true
			case '{', '[':
				switch {
				case depth == 0 && !first:
					end = i
					break scan
				case depth == maxDepth:
					beyond++
					mark(tooDeep)
				default:
					opened[depth] = c
					open[kindOf(c)]++
					depth++
				}
			case '}', ']':
				if beyond > 0 {
					beyond--
					break
				}
				if depth == 0 { // a bare word ends where what holds it does
					end = i
					if first {
						end = 1
					}
					break scan
				}
				if open[kindOf(c)] == 0 { // nothing it could close
					mark(crossed)
					break
				}
				for closed := false; !closed; {
					depth--
					closed = kindOf(opened[depth]) == kindOf(c)
					open[kindOf(opened[depth])]--
					if !closed {
						mark(crossed)
					}
				}
				if depth == 0 {
					end = i + 1
					break scan
				}
			case ',', ':', ' ', '\t', '\r', '\n':
				if depth == 0 {
					end = i
					if first {
						end = 1
					}
					break scan
				}
			}
			first = false
		}
		n := end
		if end < 0 {
			n = len(chunk)
		}
		if len(fr.raw)+n > limit {
			mark(tooLarge)
		}
		if fr.fault == sound || fr.fault == crossed {
			fr.raw = append(fr.raw, chunk[:n]...)
		} else {
			fr.raw = fr.raw[:0]
		}
		f.advance(n)
		if end >= 0 {
			return fr, nil
		}
	}
}

// kindOf tells braces from square brackets.
func kindOf(bracket byte) int {
	if bracket == '{' || bracket == '}' {
		return 1
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
