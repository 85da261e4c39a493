package lab

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Script is a list of fetches that a page makes in order, each after the one before has ended.
type Script struct {
	Steps []Step
	// Ports are those that a fetch may be redirected to, apart from 80, 443 and those in the URLs of the page and
	// of the steps.
	Ports []uint16
}

// A Step is one call of fetch().
type Step struct {
	Name string `json:"-"` // for people
	URL  string `json:"url"`
	Init Init   `json:"init"`
}

// Init holds the members of a RequestInit dictionary. A member that is empty is left out, so that the browser's
// own default holds.
type Init struct {
	Method         string   `json:"method,omitempty"`
	Headers        []string `json:"headers,omitempty"` // "Name: value"
	Body           *string  `json:"body,omitempty"`
	Mode           string   `json:"mode,omitempty"`
	Credentials    string   `json:"credentials,omitempty"`
	Cache          string   `json:"cache,omitempty"`
	Redirect       string   `json:"redirect,omitempty"`
	Referrer       *string  `json:"referrer,omitempty"`
	ReferrerPolicy string   `json:"referrerPolicy,omitempty"`
	Keepalive      bool     `json:"keepalive,omitempty"`
}

// What became of a fetch.
const (
	Resolved = "resolved" // with a response, of whatever status
	Rejected = "rejected" // with a network error: blocked, or broken
	Invalid  = "invalid"  // refused by the API before anything was sent
)

// A Result is what the script was told about one step.
type Result struct {
	Outcome    string   `json:"outcome"` // Resolved, Rejected or Invalid
	Type       string   `json:"type"`    // basic, cors, opaque or opaqueredirect
	Status     int      `json:"status"`
	StatusText string   `json:"statusText"`
	URL        string   `json:"url"`
	Redirected bool     `json:"redirected"`
	Headers    []string `json:"headers"` // "name: value", as iterating over Headers gives them
	Body       []byte   `json:"body"`
	Error      string   `json:"error"` // the exception's text, in the browser's own words
}

// A Report is what came of a [Run].
type Report struct {
	UserAgent string     // as the page's navigator.userAgent tells
	Results   []Result   // one a step
	Exchanges []Exchange // all that reached the Front's Server, in the order of arrival
}

//go:embed page.js
var pageScript string

// maxExchanges bounds what a run keeps. A page that makes more requests is not a lab page.
const maxExchanges = 10_000

// A stage is the page of one run and its line to the lab: it answers for the page's document and for the paths
// under control, both at the page's own origin.
type stage struct {
	secure   bool
	host     string
	target   string
	control  string // "/.corsim-lab/<token>/"
	document []byte
	steps    int
	ports    []uint16        // that have to lead to the Front
	reported chan pageReport // holds one

	mu        sync.Mutex
	step      int
	exchanges []Exchange
	dropped   bool
}

type pageReport struct {
	UserAgent string   `json:"userAgent"`
	Results   []Result `json:"results"`
	err       error
}

func newStage(pageURL string, s Script) (*stage, error) {
	u, err := url.Parse(pageURL)
	if err != nil {
		return nil, fmt.Errorf("lab: page: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("lab: page %q: want http:// or https://, a host, a path, and no user", pageURL)
	}
	for i, step := range s.Steps {
		for _, h := range step.Init.Headers {
			if !strings.Contains(h, ":") {
				return nil, fmt.Errorf("lab: step %d (%s): header %q: want \"Name: value\"", i, step.Name, h)
			}
		}
	}
	st := &stage{
		secure:   u.Scheme == "https",
		host:     u.Host,
		target:   u.RequestURI(),
		control:  "/.corsim-lab/" + rand.Text() + "/",
		steps:    len(s.Steps),
		reported: make(chan pageReport, 1),
		ports:    portsOf(u, s),
		step:     -1,
	}
	steps := s.Steps
	if steps == nil {
		steps = []Step{}
	}
	// Marshal escapes "<", so nothing in the script can end the element it stands in.
	data, err := json.Marshal(map[string]any{"control": st.control, "steps": steps})
	if err != nil {
		return nil, fmt.Errorf("lab: script: %w", err)
	}
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>corsim lab</title>\n<link rel=\"icon\" href=\"data:,\">\n")
	b.WriteString("<script id=\"script\" type=\"application/json\">")
	b.Write(data)
	b.WriteString("</script>\n<script>\n" + pageScript + "</script>\n")
	st.document = b.Bytes()
	return st, nil
}

// portsOf collects the ports that the URLs of a run name. A step's URL that does not parse has none: the
// browser will refuse it.
func portsOf(page *url.URL, s Script) []uint16 {
	ports := slices.Clone(s.Ports)
	add := func(u *url.URL) {
		if n, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
			ports = append(ports, uint16(n))
		}
	}
	add(page)
	for _, step := range s.Steps {
		if u, err := page.Parse(step.URL); err == nil {
			add(u)
		}
	}
	return ports
}

// answer returns the response to a request that is the lab's own, and nil for any other.
func (st *stage) answer(r *Request) *Response {
	if r.Secure != st.secure || r.Host() != st.host {
		return nil
	}
	if r.Target == st.target && r.Method == "GET" {
		return &Response{
			Status: 200,
			Reason: "OK",
			Fields: []Field{
				{"Content-Type", "text/html; charset=utf-8"},
				{"Content-Length", strconv.Itoa(len(st.document))},
				{"Cache-Control", "no-store"},
			},
			Body: st.document,
		}
	}
	what, ok := strings.CutPrefix(r.Target, st.control)
	if !ok {
		return nil
	}
	switch what {
	case "step":
		n, err := strconv.Atoi(string(r.Body))
		if err != nil || n < 0 || n >= st.steps {
			return plain(400, "Bad Request", "the index of a step is wanted\n")
		}
		st.mu.Lock()
		st.step = n
		st.mu.Unlock()
	case "report":
		var rep pageReport
		if err := json.Unmarshal(r.Body, &rep); err != nil {
			rep.err = fmt.Errorf("lab: the page's report: %w", err)
		} else if len(rep.Results) != st.steps {
			rep.err = fmt.Errorf("lab: the page's report: %d results for %d steps", len(rep.Results), st.steps)
		}
		select {
		case st.reported <- rep:
		default: // only the first counts
		}
	default:
		return plain(404, "Not Found", "")
	}
	return plain(200, "OK", "")
}

func (st *stage) current() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.step
}

func (st *stage) record(x Exchange) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.exchanges) >= maxExchanges {
		st.dropped = true
		return
	}
	st.exchanges = append(st.exchanges, x)
}

// seen returns the exchanges so far in the order in which their requests arrived.
func (st *stage) seen() ([]Exchange, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.dropped {
		return nil, errors.New("lab: more than " + strconv.Itoa(maxExchanges) + " requests in one run")
	}
	return sortedBySeq(st.exchanges), nil
}

// To returns the exchanges with the given hosts. Browsers also ask their makers' hosts for this and that, which a
// Front answers like anything else.
func (r Report) To(hosts ...string) []Exchange {
	var list []Exchange
	for _, x := range r.Exchanges {
		if slices.Contains(hosts, x.Request.Host()) {
			list = append(list, x)
		}
	}
	return list
}
