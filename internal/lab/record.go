package lab

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/corsim/corsim/simulator"
)

// A RecordHead is the first line of a record: who was asked, and how to ask again.
type RecordHead struct {
	Browser string `json:"browser"`
	Version string `json:"version"`
	Command string `json:"command"`
	// Time is when the asking began. Cookies with dates of expiry make it matter.
	Time time.Time `json:"time,omitzero"`
	// Cases is how many cases a finished record holds; 0 in one that is being written.
	Cases int `json:"cases,omitempty"`
	// Corpus is how many cases there were to be asked, if there was a corpus.
	Corpus int `json:"corpus,omitempty"`
}

// A RecordLine is any other line of a record: what a browser did with one case, or why it was not asked.
type RecordLine struct {
	Case    string          `json:"case"` // CaseID
	Name    string          `json:"name,omitempty"`
	Results []RecordOutcome `json:"results,omitempty"`
	// Flaky tells that the browser did something else when it was asked again; Results is what it did first.
	Flaky bool `json:"flaky,omitempty"`
	// Aside says why the case cannot be asked. What rules set aside beyond that is not of the record: they may change.
	Aside string `json:"aside,omitempty"`
}

// A RecordOutcome is an Outcome as records hold it: what is empty is left out, and so are reasons, which no browser
// tells.
type RecordOutcome struct{ simulator.Outcome }

// outcomeOnRecord and sentOnRecord are what is written of an Outcome.
type (
	outcomeOnRecord struct {
		Verdict    string         `json:"verdict"`
		Type       string         `json:"type,omitempty"`
		Status     int            `json:"status,omitempty"`
		URL        string         `json:"url,omitempty"`
		Redirected bool           `json:"redirected,omitempty"`
		Headers    []string       `json:"headers,omitempty"`
		Sent       []sentOnRecord `json:"sent,omitempty"`
	}
	sentOnRecord struct {
		Method  string   `json:"method"`
		URL     string   `json:"url"`
		Headers []string `json:"headers,omitempty"`
	}
)

// MarshalJSON writes what UnmarshalJSON reads.
func (o RecordOutcome) MarshalJSON() ([]byte, error) {
	w := outcomeOnRecord{Verdict: o.Verdict, Type: o.Type, Status: o.Status, URL: o.URL, Redirected: o.Redirected, Headers: o.Headers}
	for _, s := range o.Sent {
		w.Sent = append(w.Sent, sentOnRecord(s))
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads an Outcome; lists that are left out are empty.
func (o *RecordOutcome) UnmarshalJSON(data []byte) error {
	var r outcomeOnRecord
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	listed := func(s []string) []string {
		if s == nil {
			return []string{}
		}
		return s
	}
	o.Outcome = simulator.Outcome{Verdict: r.Verdict, Type: r.Type, Status: r.Status, URL: r.URL, Redirected: r.Redirected,
		Headers: listed(r.Headers), Sent: make([]simulator.Sent, 0, len(r.Sent))}
	for _, s := range r.Sent {
		s.Headers = listed(s.Headers)
		o.Sent = append(o.Sent, simulator.Sent(s))
	}
	return nil
}

// Outcomes returns what the browser did, an Outcome a request; nil where the case was not put to it.
func (l *RecordLine) Outcomes() []simulator.Outcome {
	if l.Results == nil {
		return nil
	}
	list := make([]simulator.Outcome, 0, len(l.Results))
	for _, r := range l.Results {
		list = append(list, r.Outcome)
	}
	return list
}

// Equal reports whether both tell the same of the same case, whatever its name.
func (l *RecordLine) Equal(m *RecordLine) bool {
	return l.Case == m.Case && l.Flaky == m.Flaky && l.Aside == m.Aside && sameOutcomes(l.Outcomes(), m.Outcomes())
}

// LineOf is the line of a trial, nil for one without an answer, or without one in time.
func LineOf(t *Trial) *RecordLine {
	if t.Err != nil || t.Browser == nil && !slices.Contains(t.Aside, CannotBeAsked) {
		return nil
	}
	l := &RecordLine{Case: CaseID(t.Case), Name: t.Case.Name, Flaky: t.Again != nil, Aside: t.Why}
	for _, o := range t.Browser {
		l.Results = append(l.Results, RecordOutcome{o})
	}
	return l
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
// resumed; neither does one that is on record.
func (r *Record) Add(t *Trial) error {
	if l := LineOf(t); l != nil && !t.Known {
		return r.line(l)
	}
	return nil
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
