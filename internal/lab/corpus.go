package lab

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/corsim/corsim/simulator"
)

// maxCaseLine bounds a line of a case file.
const maxCaseLine = 64 << 20

// ReadCases reads the files of the patterns in their order, cases in NDJSON, with gzip where the name ends in ".gz".
// The error names the file and the line. A case that asks what one before it has asked is left out.
func ReadCases(fsys fs.FS, patterns ...string) ([]*simulator.Case, error) {
	var names []string
	for _, pattern := range patterns {
		found, err := fs.Glob(fsys, pattern)
		if err == nil && len(found) == 0 {
			err = fs.ErrNotExist
		}
		if err != nil {
			return nil, fmt.Errorf("lab: cases %s: %w", pattern, err)
		}
		names = append(names, found...)
	}
	var cases []*simulator.Case
	seen := make(map[string]bool)
	for _, name := range names {
		err := readLines(fsys, name, func(n int, line []byte) error {
			c, err := simulator.ParseCase(line)
			if err != nil {
				return fmt.Errorf("lab: %s:%d: %w", name, n, err)
			}
			if id := CaseID(c); !seen[id] {
				seen[id] = true
				cases = append(cases, c)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return cases, nil
}

// readLines hands each line of a file to f, with its number.
func readLines(fsys fs.FS, name string, f func(n int, line []byte) error) error {
	file, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	defer file.Close()
	in, err := unpacked(name, file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxCaseLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := f(n, lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("lab: %s: %w", name, err)
	}
	return nil
}

// unpacked returns what the file holds.
func unpacked(name string, file io.Reader) (io.Reader, error) {
	if !strings.HasSuffix(name, ".gz") {
		return file, nil
	}
	z, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", name, err)
	}
	return z, nil
}

// ReadRecordFile reads a record, with gzip where the name ends in ".gz". Other than [ReadRecord] it takes a finished one
// that breaks off for an error; the head of one that is not finished has no Cases.
func ReadRecordFile(fsys fs.FS, name string) (RecordHead, []RecordLine, error) {
	fail := func(err error) (RecordHead, []RecordLine, error) {
		return RecordHead{}, nil, err
	}
	file, err := fsys.Open(name)
	if err != nil {
		return fail(fmt.Errorf("lab: %w", err))
	}
	defer file.Close()
	in, err := unpacked(name, file)
	if err != nil {
		return fail(err)
	}
	counted := &countingReader{r: in}
	head, lines, whole, err := ReadRecord(counted)
	if err != nil {
		return fail(fmt.Errorf("%w (in %s)", err, name))
	}
	if head.Cases > 0 && (whole != counted.n || head.Cases != len(lines)) {
		return fail(fmt.Errorf("lab: %s breaks off: it says that it holds %d cases, and %d are whole", name, head.Cases, len(lines)))
	}
	return head, lines, nil
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// WriteRecordFile writes a finished record, with gzip.
func WriteRecordFile(w io.Writer, head RecordHead, lines []RecordLine) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("lab: record: %w", err)
	}
	head.Cases = len(lines)
	r, err := NewRecord(z, &head)
	if err != nil {
		return err
	}
	for i := range lines {
		if err := r.line(&lines[i]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("lab: record: %w", err)
	}
	return nil
}
