package har

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// A Writer writes an archive: pages first, then entries, each on a line of its
// own and in one Write call. The same calls give the same bytes.
//
// A recording that breaks off between two calls is valid again once "]}}" is put
// after it, when at least one entry was written; a [Decoder] reads it as it is,
// up to an [Error] that wraps [io.ErrUnexpectedEOF].
type Writer struct {
	w       io.Writer
	log     Log // Pages is unused
	stage   stage
	pages   int
	entries int
	err     error // of w; nothing is written after one
}

// stage is how far a Writer has come.
type stage uint8

const (
	nothing stage = iota
	head          // log is open, its pages may follow
	body          // log.entries is open
	closed
)

// NewWriter returns a Writer to w in the name of the program that records.
func NewWriter(w io.Writer, c Creator) *Writer {
	return &Writer{w: w, log: Log{Version: "1.2", Creator: c}}
}

var errHead = errors.New("har: the browser and the comment of a log are set before its first page or entry is written")

// SetBrowser sets the browser whose requests are recorded. It fails once
// something was written.
func (w *Writer) SetBrowser(b Creator) error {
	if w.stage != nothing {
		return errHead
	}
	w.log.Browser = b
	return nil
}

// SetComment sets a remark about the whole archive. It fails once something was
// written.
func (w *Writer) SetComment(comment string) error {
	if w.stage != nothing {
		return errHead
	}
	w.log.Comment = comment
	return nil
}

// WritePage adds a page. All pages come before the first entry, so that a
// reader knows a request's page before the request.
func (w *Writer) WritePage(p Page) error {
	switch {
	case w.err != nil:
		return w.err
	case w.stage == closed:
		return fmt.Errorf("har: page %q: the writer is closed", p.ID)
	case w.stage == body:
		return fmt.Errorf("har: page %q: entries were written already, want all pages before them", p.ID)
	case p.ID == "":
		return fmt.Errorf("har: page %d: has no ID, so that no entry can refer to it", w.pages)
	}
	started, err := timeText(p.Started)
	if err != nil {
		return fmt.Errorf("har: page %q: startedDateTime %w", p.ID, err)
	}
	line, err := marshal(wirePage{Started: started, ID: p.ID, Title: p.Title, Comment: p.Comment})
	if err != nil {
		return fmt.Errorf("har: page %q: %w", p.ID, err)
	}
	before, err := w.open()
	if err != nil {
		return err
	}
	if w.pages > 0 {
		before += ","
	}
	if err := w.write(before + "\n  " + line); err != nil {
		return err
	}
	w.pages++
	return nil
}

// WriteEntry adds an entry. An error about the entry itself leaves the archive
// as it was, and more entries can follow. [io.Writer] errors are final.
func (w *Writer) WriteEntry(e Entry) error {
	switch {
	case w.err != nil:
		return w.err
	case w.stage == closed:
		return fmt.Errorf("har: entry %d: the writer is closed", w.entries)
	}
	line, err := entryLine(&e)
	if err != nil {
		return fmt.Errorf("har: entry %d: %w", w.entries, err)
	}
	before, err := w.openEntries()
	if err != nil {
		return err
	}
	if w.entries > 0 {
		before += ","
	}
	if err := w.write(before + "\n  " + line); err != nil {
		return err
	}
	w.entries++
	return nil
}

// Close completes the archive. It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err != nil || w.stage == closed {
		return w.err
	}
	before, err := w.openEntries()
	if err != nil {
		return err
	}
	if w.entries > 0 {
		before += "\n "
	}
	if err := w.write(before + "]\n}}\n"); err != nil {
		return err
	}
	w.stage = closed
	return nil
}

// open returns what opens log and its pages, when that is still to be written.
func (w *Writer) open() (string, error) {
	if w.stage != nothing {
		return "", nil
	}
	creator, err := marshal(wireCreator(w.log.Creator))
	if err != nil {
		return "", fmt.Errorf("har: creator: %w", err)
	}
	var b strings.Builder
	b.WriteString("{\"log\": {\n \"version\": \"1.2\",\n \"creator\": " + creator + ",\n")
	if w.log.Browser != (Creator{}) {
		browser, err := marshal(wireCreator(w.log.Browser))
		if err != nil {
			return "", fmt.Errorf("har: browser: %w", err)
		}
		b.WriteString(" \"browser\": " + browser + ",\n")
	}
	if w.log.Comment != "" {
		comment, err := marshal(w.log.Comment)
		if err != nil {
			return "", fmt.Errorf("har: comment: %w", err)
		}
		b.WriteString(" \"comment\": " + comment + ",\n")
	}
	b.WriteString(" \"pages\": [")
	w.stage = head
	return b.String(), nil
}

// openEntries returns what opens log.entries, when that is still to be written.
func (w *Writer) openEntries() (string, error) {
	if w.stage == body {
		return "", nil
	}
	before, err := w.open()
	if err != nil {
		return "", err
	}
	if w.pages > 0 {
		before += "\n "
	}
	w.stage = body
	return before + "],\n \"entries\": [", nil
}

func (w *Writer) write(text string) error {
	if _, err := io.WriteString(w.w, text); err != nil {
		w.err = fmt.Errorf("har: writing the archive: %w", err)
	}
	return w.err
}

// marshal returns v as one line of JSON.
func marshal(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func timeText(t time.Time) (string, error) {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return "", fmt.Errorf("is in the year %d, want 0 to 9999", y)
	}
	return t.Format(time.RFC3339Nano), nil
}

// The wire types are the format's own objects, members in its order.
type (
	wireCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Comment string `json:"comment,omitempty"`
	}
	wirePage struct {
		Started     string   `json:"startedDateTime"`
		ID          string   `json:"id"`
		Title       string   `json:"title"`
		PageTimings struct{} `json:"pageTimings"`
		Comment     string   `json:"comment,omitempty"`
	}
	wireEntry struct {
		Pageref           string          `json:"pageref,omitempty"`
		Started           string          `json:"startedDateTime"`
		Time              float64         `json:"time"`
		Request           wireRequest     `json:"request"`
		Response          wireResponse    `json:"response"`
		Cache             struct{}        `json:"cache"`
		Timings           wireTimings     `json:"timings"`
		ServerIP          string          `json:"serverIPAddress,omitempty"`
		Comment           string          `json:"comment,omitempty"`
		ResourceType      string          `json:"_resourceType,omitempty"`
		Initiator         *wireInitiator  `json:"_initiator,omitempty"`
		FromCache         string          `json:"_fromCache,omitempty"`
		ViaServiceWorker  bool            `json:"_fetchedViaServiceWorker,omitempty"`
		Error             string          `json:"_error,omitempty"`
		WebSocketMessages json.RawMessage `json:"_webSocketMessages,omitempty"`
		Corsim            json.RawMessage `json:"_corsim,omitempty"`
	}
	wireInitiator struct {
		Type string `json:"type,omitempty"`
		URL  string `json:"url,omitempty"`
	}
	wireRequest struct {
		Method      string        `json:"method"`
		URL         string        `json:"url"`
		HTTPVersion string        `json:"httpVersion"`
		Cookies     []wireCookie  `json:"cookies"`
		Headers     []wirePair    `json:"headers"`
		QueryString []wirePair    `json:"queryString"`
		PostData    *wirePostData `json:"postData,omitempty"`
		HeadersSize int64         `json:"headersSize"`
		BodySize    int64         `json:"bodySize"`
	}
	wireResponse struct {
		Status      int          `json:"status"`
		StatusText  string       `json:"statusText"`
		HTTPVersion string       `json:"httpVersion"`
		Cookies     []wireCookie `json:"cookies"`
		Headers     []wirePair   `json:"headers"`
		Content     wireContent  `json:"content"`
		RedirectURL string       `json:"redirectURL"`
		HeadersSize int64        `json:"headersSize"`
		BodySize    int64        `json:"bodySize"`
	}
	wirePair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	wireCookie struct {
		Name     string `json:"name"`
		Value    string `json:"value"`
		Path     string `json:"path,omitempty"`
		Domain   string `json:"domain,omitempty"`
		Expires  string `json:"expires,omitempty"`
		HTTPOnly bool   `json:"httpOnly,omitempty"`
		Secure   bool   `json:"secure,omitempty"`
		SameSite string `json:"sameSite,omitempty"`
	}
	wirePostData struct {
		MIMEType string      `json:"mimeType"`
		Params   []wireParam `json:"params"`
		Text     *string     `json:"text,omitempty"`
		Encoding string      `json:"_encoding,omitempty"`
	}
	wireParam struct {
		Name        string `json:"name"`
		Value       string `json:"value"`
		FileName    string `json:"fileName,omitempty"`
		ContentType string `json:"contentType,omitempty"`
	}
	wireContent struct {
		Size     int64   `json:"size"`
		MIMEType string  `json:"mimeType"`
		Text     *string `json:"text,omitempty"`
		Encoding string  `json:"encoding,omitempty"`
	}
	wireTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// entryLine returns an entry as one line of JSON, or what it is about the entry
// that the format cannot say.
func entryLine(e *Entry) (string, error) {
	started, err := timeText(e.Started)
	if err != nil {
		return "", fmt.Errorf("startedDateTime %w", err)
	}
	switch {
	case e.Request.Method == "":
		return "", errors.New("request.method is empty, want the request's method")
	case e.Request.URL == "":
		return "", errors.New("request.url is empty, want the URL that was requested")
	case e.Response.Status < 0 || e.Response.Status > 999:
		return "", fmt.Errorf("response.status is %d, want 0 to 999", e.Response.Status)
	case math.IsNaN(e.Time) || math.IsInf(e.Time, 0):
		return "", fmt.Errorf("time is %v, want milliseconds", e.Time)
	}
	w := wireEntry{
		Pageref:          e.Pageref,
		Started:          started,
		Time:             e.Time,
		Timings:          wireTimings{Wait: max(e.Time, 0)},
		ServerIP:         e.ServerIP,
		Comment:          e.Comment,
		ResourceType:     e.ResourceType,
		FromCache:        e.FromCache,
		ViaServiceWorker: e.ViaServiceWorker,
		Error:            e.Error,
		Request: wireRequest{
			Method:      isomorphicDecode(e.Request.Method),
			URL:         e.Request.URL,
			HTTPVersion: e.Request.HTTPVersion,
			Cookies:     wireCookies(e.Request.Cookies),
			QueryString: queryPairs(e.Request.URL),
			HeadersSize: -1,
		},
		Response: wireResponse{
			Status:      e.Response.Status,
			StatusText:  isomorphicDecode(e.Response.StatusText),
			HTTPVersion: e.Response.HTTPVersion,
			Cookies:     wireCookies(e.Response.Cookies),
			Content:     wireContent{Size: max(e.Response.Size, -1), MIMEType: e.Response.MIMEType},
			RedirectURL: isomorphicDecode(e.Response.RedirectURL),
			HeadersSize: -1,
			BodySize:    -1,
		},
	}
	if w.Request.Headers, err = wireHeaders(e.Request.Headers); err != nil {
		return "", fmt.Errorf("request.headers%w", err)
	}
	if w.Response.Headers, err = wireHeaders(e.Response.Headers); err != nil {
		return "", fmt.Errorf("response.headers%w", err)
	}
	if p := e.Request.Post; p != nil {
		post := wirePostData{MIMEType: p.MIMEType, Params: make([]wireParam, len(p.Params))}
		for i, param := range p.Params {
			post.Params[i] = wireParam(param)
		}
		post.Text, post.Encoding = bodyText(p.Body)
		w.Request.PostData = &post
		w.Request.BodySize = int64(len(p.Body))
		if p.Body == nil {
			w.Request.BodySize = -1
		}
	}
	if b := e.Response.Body; b != nil {
		w.Response.Content.Text, w.Response.Content.Encoding = bodyText(b)
		w.Response.Content.Size = int64(len(b))
	}
	if e.Initiator != (Initiator{}) {
		w.Initiator = (*wireInitiator)(&e.Initiator)
	}
	if w.WebSocketMessages, err = wireRaw(e.WebSocketMessages); err != nil {
		return "", fmt.Errorf("_webSocketMessages %w", err)
	}
	if w.Corsim, err = wireRaw(e.Corsim); err != nil {
		return "", fmt.Errorf("_corsim %w", err)
	}
	return marshal(w)
}

// wireHeaders refuses what a reader would not give back: a name that is missing
// or looks like a pseudo-header, and a value of several lines.
func wireHeaders(list []Header) ([]wirePair, error) {
	out := make([]wirePair, len(list))
	for i, h := range list {
		switch {
		case h.Name == "":
			return nil, fmt.Errorf("[%d].name is empty, want a header's name", i)
		case h.Name[0] == ':':
			return nil, fmt.Errorf("[%d].name is %q, want no pseudo-headers", i, h.Name)
		case strings.Contains(h.Value, "\n"):
			return nil, fmt.Errorf("[%d].value of %q has a line break, want a header for each line", i, h.Name)
		}
		out[i] = wirePair{isomorphicDecode(h.Name), isomorphicDecode(h.Value)}
	}
	return out, nil
}

func wireCookies(list []Cookie) []wireCookie {
	out := make([]wireCookie, len(list))
	for i, c := range list {
		out[i] = wireCookie(c)
	}
	return out
}

func wireRaw(raw json.RawMessage) (json.RawMessage, error) {
	if raw == nil {
		return nil, nil
	}
	if !json.Valid(raw) {
		return nil, fmt.Errorf("is %q, want JSON", shorten(string(raw)))
	}
	return bytes.ToValidUTF8(raw, []byte("\uFFFD")), nil
}

// bodyText returns a body as the format holds it: as text when it is UTF-8,
// otherwise in base64. A body that is not known has no text.
func bodyText(body []byte) (text *string, encoding string) {
	if body == nil {
		return nil, ""
	}
	s := string(body)
	if utf8.ValidString(s) {
		return &s, ""
	}
	s = base64.StdEncoding.EncodeToString(body)
	return &s, "base64"
}

// queryPairs returns the names and values in a URL's query, decoded as forms
// are, for people and viewers; nothing is read back from it.
func queryPairs(rawURL string) []wirePair {
	out := []wirePair{}
	rawURL, _, _ = strings.Cut(rawURL, "#")
	_, query, _ := strings.Cut(rawURL, "?")
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, wirePair{formDecode(name), formDecode(value)})
	}
	return out
}

func formDecode(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}
