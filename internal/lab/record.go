package lab

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/corsim/corsim/simulator"
)

// A RecordHead is the first line of a record: who was asked, and how to ask again.
type RecordHead struct {
	Browser string `json:"browser"`
	Version string `json:"version"`
	Command string `json:"command"`
}

// A RecordLine is any other line of a record: what a browser did with one case, or why it was not asked.
type RecordLine struct {
	Case    string              `json:"case"` // CaseID
	Name    string              `json:"name"`
	Results []simulator.Outcome `json:"results,omitempty"`
	// Flaky tells that the browser did something else when it was asked again; Results is what it did first.
	Flaky bool `json:"flaky,omitempty"`
	// Aside says why the case cannot be asked. What rules set aside beyond that is not of the record: they may change.
	Aside string `json:"aside,omitempty"`
}

// CaseID identifies what a case asks of a browser: cases that differ in their name, their notes or what they expect
// alone have the same.
func CaseID(c *simulator.Case) string {
	bare := *c
	bare.Name, bare.Note, bare.Spec = "", "", ""
	bare.Requests = make([]simulator.CaseRequest, len(c.Requests))
	copy(bare.Requests, c.Requests)
	for i := range bare.Requests {
		bare.Requests[i].Expect = simulator.Expect{}
	}
	data, err := json.Marshal(bare)
	if err != nil {
		return "" // strings, numbers and lists of them always marshal
	}
	sum := sha256.Sum256(data)
	const size = 8
	return hex.EncodeToString(sum[:size])
}

// A Record writes what a browser does, a line of JSON a case, each as soon as it is known. It may be used from many
// goroutines.
type Record struct {
	mu sync.Mutex
	w  io.Writer
}

// NewRecord begins a record with its first line; head is nil where w goes on with a record that has one.
func NewRecord(w io.Writer, head *RecordHead) (*Record, error) {
	r := &Record{w: w}
	if head == nil {
		return r, nil
	}
	return r, r.line(head)
}

// Add writes the line of a trial. One without an answer leaves none, so that the case is asked again when the run is
// resumed.
func (r *Record) Add(t *Trial) error {
	if t.Err != nil || t.Browser == nil && t.Why == "" {
		return nil
	}
	return r.line(&RecordLine{Case: CaseID(t.Case), Name: t.Case.Name, Results: t.Browser, Flaky: t.Again != nil, Aside: t.Why})
}

func (r *Record) line(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("lab: record: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// One write, so that an interrupted run leaves whole lines.
	if _, err := r.w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("lab: record: %w", err)
	}
	return nil
}

// maxRecordLine bounds a line of a record.
const maxRecordLine = 64 << 20

// ReadRecord reads a record. A last line that breaks off, as an interrupted run may leave it, is left out; whole
// is the number of bytes before it.
func ReadRecord(r io.Reader) (head RecordHead, lines []RecordLine, whole int64, err error) {
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		text, readErr := in.ReadBytes('\n')
		if readErr == io.EOF {
			return head, lines, whole, nil
		}
		if readErr != nil {
			return head, lines, whole, readErr
		}
		if len(text) > maxRecordLine {
			return head, lines, whole, fmt.Errorf("lab: record: line %d has more than %d bytes", n, maxRecordLine)
		}
		if n == 1 {
			if err := json.Unmarshal(text, &head); err != nil || head.Browser == "" {
				return head, lines, whole, fmt.Errorf("lab: record: line 1 does not name the browser")
			}
		} else {
			var line RecordLine
			if err := json.Unmarshal(text, &line); err != nil {
				return head, lines, whole, fmt.Errorf("lab: record: line %d: %w", n, err)
			}
			lines = append(lines, line)
		}
		whole += int64(len(text))
	}
}
