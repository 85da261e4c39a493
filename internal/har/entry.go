package har

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A fieldError is an [Error] before the entry's number is known. A nil
// *fieldError is no error.
type fieldError struct {
	field string
	off   int64
	cause string
	err   error
}

// in returns the error with the name of what holds the field put before.
func (e *fieldError) in(outer string) *fieldError {
	if e == nil {
		return nil
	}
	switch {
	case e.field == "":
		e.field = outer
	case e.field[0] == '[':
		e.field = outer + e.field
	default:
		e.field = outer + "." + e.field
	}
	return e
}

// unlike says that n is not what was wanted.
func unlike(n node, want string) *fieldError {
	return &fieldError{off: n.off, cause: "is " + n.describe() + ", want " + want}
}

// parseEntry reads one element of log.entries.
func parseEntry(n node) (Entry, *fieldError) {
	if n.kind() != '{' {
		return Entry{}, unlike(n, "an object")
	}
	var (
		e             = Entry{Response: Response{Size: -1}}
		bad           *fieldError
		responseError string
		worker        bool
	)
	for key, v := range n.members() {
		switch string(key) {
		case "startedDateTime":
			e.Started = parseTime(v)
		case "time":
			e.Time, _ = v.number()
		case "pageref":
			e.Pageref = v.looseText()
		case "request":
			e.Request, bad = parseRequest(v)
			bad = bad.in("request")
		case "response":
			e.Response, responseError, worker, bad = parseResponse(v)
			bad = bad.in("response")
		case "serverIPAddress":
			e.ServerIP = strings.Trim(v.looseText(), "[]")
		case "_resourceType":
			e.ResourceType = v.looseText()
		case "_initiator":
			e.Initiator = parseInitiator(v)
		case "_fromCache":
			e.FromCache = v.looseText()
		case "_fetchedViaServiceWorker":
			e.ViaServiceWorker = v.kind() == 't'
		case "_error":
			e.Error = v.looseText()
		case "comment":
			e.Comment = v.looseText()
		case "_webSocketMessages":
			e.WebSocketMessages = v.rawJSON()
		case "_corsim":
			e.Corsim = v.rawJSON()
		}
		if bad != nil {
			return Entry{}, bad
		}
	}
	if e.Error == "" {
		e.Error = responseError // where Chromium puts it
	}
	e.ViaServiceWorker = e.ViaServiceWorker || worker
	switch {
	case e.Request.URL == "":
		bad = &fieldError{field: "request.url", off: n.off, cause: "is missing, want the URL that was requested"}
	case e.Request.Method == "":
		bad = &fieldError{field: "request.method", off: n.off, cause: "is missing, want the request's method"}
	}
	if bad != nil {
		return Entry{}, bad
	}
	return e, nil
}

// parseRequest reads an entry's request.
func parseRequest(n node) (r Request, bad *fieldError) {
	if n.kind() == 'n' {
		return r, nil
	}
	if n.kind() != '{' {
		return r, unlike(n, "an object")
	}
	var pseudo pseudoHeaders
	for key, v := range n.members() {
		switch string(key) {
		case "method":
			r.Method, bad = wireText(v)
			bad = bad.in("method")
		case "url":
			var ok bool
			if r.URL, ok = v.text(); !ok {
				bad = unlike(v, "a URL").in("url")
			}
		case "httpVersion":
			r.HTTPVersion = v.looseText()
		case "headers":
			r.Headers, pseudo, bad = parseHeaders(v)
			bad = bad.in("headers")
		case "cookies":
			r.Cookies, bad = parseCookies(v)
			bad = bad.in("cookies")
		case "postData":
			r.Post, bad = parsePostData(v)
			bad = bad.in("postData")
		}
		if bad != nil {
			return r, bad
		}
	}
	if r.Method == "" {
		r.Method = pseudo.method
	}
	if r.URL == "" && pseudo.scheme != "" && pseudo.authority != "" {
		r.URL = pseudo.scheme + "://" + pseudo.authority + pseudo.path
	}
	return r, nil
}

// parseResponse reads an entry's response. Chromium hangs the reason of a
// failure and whether a service worker answered on it; they are returned
// beside it.
func parseResponse(n node) (r Response, failure string, worker bool, bad *fieldError) {
	r.Size = -1
	if n.kind() == 'n' {
		return r, "", false, nil
	}
	if n.kind() != '{' {
		return r, "", false, unlike(n, "an object")
	}
	var pseudo pseudoHeaders
	hasStatus := false
	for key, v := range n.members() {
		switch string(key) {
		case "status":
			r.Status, hasStatus, bad = parseStatus(v)
			bad = bad.in("status")
		case "statusText":
			r.StatusText, bad = wireText(v)
			bad = bad.in("statusText")
		case "httpVersion":
			r.HTTPVersion = v.looseText()
		case "headers":
			r.Headers, pseudo, bad = parseHeaders(v)
			bad = bad.in("headers")
		case "cookies":
			r.Cookies, bad = parseCookies(v)
			bad = bad.in("cookies")
		case "content":
			r.MIMEType, r.Body, r.Size, bad = parseContent(v)
			bad = bad.in("content")
		case "redirectURL":
			r.RedirectURL = isomorphicEncode(v.looseText())
		case "_error":
			failure = v.looseText()
		case "_fetchedViaServiceWorker":
			worker = v.kind() == 't'
		}
		if bad != nil {
			return r, "", false, bad
		}
	}
	if !hasStatus {
		if s, err := strconv.ParseUint(pseudo.status, 10, 16); err == nil && s <= 999 {
			r.Status = int(s)
		}
	}
	return r, failure, worker, nil
}

// parseStatus reads a status. A negative one, which stands for no response in
// some exports, is 0; null and empty text are a status that is missing.
func parseStatus(n node) (status int, present bool, bad *fieldError) {
	if s, ok := n.text(); ok && strings.TrimSpace(s) == "" {
		return 0, false, nil
	}
	f, ok := n.number()
	if !ok || f > 999 || f != math.Trunc(f) {
		return 0, false, unlike(n, "a status, a whole number from 0 to 999")
	}
	return int(max(f, 0)), true, nil
}

// wireText reads text that was bytes on the wire.
func wireText(n node) (string, *fieldError) {
	s, ok := n.text()
	if !ok {
		return "", unlike(n, "a string")
	}
	return isomorphicEncode(s), nil
}

// pseudoHeaders are those of HTTP/2 and HTTP/3 that fill gaps.
type pseudoHeaders struct {
	method, scheme, authority, path, status string
}

func (p *pseudoHeaders) set(name, value string) {
	value = strings.ToValidUTF8(value, "\uFFFD") // headers may hold any byte, methods and URLs are text
	switch name {
	case ":method":
		p.method = value
	case ":scheme":
		p.scheme = value
	case ":authority":
		p.authority = value
	case ":path":
		p.path = value
	case ":status":
		p.status = value
	}
}

// parseHeaders reads a header list.
func parseHeaders(n node) (list []Header, pseudo pseudoHeaders, bad *fieldError) {
	if n.kind() == 'n' {
		return nil, pseudo, nil
	}
	if n.kind() != '[' {
		return nil, pseudo, unlike(n, `a list of {"name": ..., "value": ...}`)
	}
	for i, v := range n.elements() {
		at := func(e *fieldError) *fieldError { return e.in(fmt.Sprintf("[%d]", i)) }
		if v.kind() != '{' {
			return nil, pseudo, at(unlike(v, `{"name": ..., "value": ...}`))
		}
		var h Header
		for key, m := range v.members() {
			switch string(key) {
			case "name":
				h.Name, bad = wireText(m)
				bad = bad.in("name")
			case "value":
				h.Value, bad = wireText(m)
				bad = bad.in("value")
			}
			if bad != nil {
				return nil, pseudo, at(bad)
			}
		}
		if h.Name == "" {
			return nil, pseudo, at(&fieldError{field: "name", off: v.off, cause: "is missing, want a header's name"})
		}
		if h.Name[0] == ':' {
			pseudo.set(h.Name, h.Value)
			continue
		}
		// A line feed cannot be sent in a value: it joins what was sent apart.
		for more := true; more; {
			var line string
			if line, h.Value, more = strings.Cut(h.Value, "\n"); more {
				line = strings.TrimSuffix(line, "\r")
			}
			if len(list) == maxList {
				return nil, pseudo, at(tooMany(v, "headers"))
			}
			list = append(list, Header{h.Name, line})
		}
	}
	return list, pseudo, nil
}

func tooMany(n node, what string) *fieldError {
	return &fieldError{off: n.off, cause: fmt.Sprintf("is one of more than %d %s, want fewer", maxList, what)}
}

// parseCookies reads a list of cookies.
func parseCookies(n node) (list []Cookie, bad *fieldError) {
	return parseRepeated(n, "cookies", func(c *Cookie, key string, v node) {
		switch key {
		case "name":
			c.Name = v.looseText()
		case "value":
			c.Value = v.looseText()
		case "path":
			c.Path = v.looseText()
		case "domain":
			c.Domain = v.looseText()
		case "expires":
			c.Expires = v.looseText()
		case "httpOnly":
			c.HTTPOnly = v.kind() == 't'
		case "secure":
			c.Secure = v.kind() == 't'
		case "sameSite":
			c.SameSite = v.looseText()
		}
	})
}

// parseRepeated reads a list of objects that repeats what stands elsewhere, in
// headers or in a body, so that what is malformed in it is passed over. set is
// told the members of each.
func parseRepeated[T any](n node, what string, set func(to *T, key string, v node)) (list []T, bad *fieldError) {
	for i, v := range n.elements() {
		if v.kind() != '{' {
			continue
		}
		if len(list) == maxList {
			return nil, tooMany(v, what).in(fmt.Sprintf("[%d]", i))
		}
		var t T
		for key, m := range v.members() {
			set(&t, string(key), m)
		}
		list = append(list, t)
	}
	return list, nil
}

// parsePostData reads a request's body. Beside the format's own text it knows
// text in base64, which "encoding" or "_encoding" tells.
func parsePostData(n node) (*PostData, *fieldError) {
	if n.kind() == 'n' {
		return nil, nil
	}
	if n.kind() != '{' {
		return nil, unlike(n, "an object")
	}
	var (
		p              PostData
		text, encoding node
	)
	for key, v := range n.members() {
		switch string(key) {
		case "mimeType":
			p.MIMEType = v.looseText()
		case "text":
			text = v
		case "encoding", "_encoding":
			encoding = v
		case "params":
			var bad *fieldError
			if p.Params, bad = parseParams(v); bad != nil {
				return nil, bad.in("params")
			}
		}
	}
	var bad *fieldError
	if p.Body, bad = parseBody(text, encoding); bad != nil {
		return nil, bad
	}
	return &p, nil
}

func parseParams(n node) (list []Param, bad *fieldError) {
	return parseRepeated(n, "parameters", func(p *Param, key string, v node) {
		switch key {
		case "name":
			p.Name = v.looseText()
		case "value":
			p.Value = v.looseText()
		case "fileName":
			p.FileName = v.looseText()
		case "contentType":
			p.ContentType = v.looseText()
		}
	})
}

// parseContent reads a response's body and what is said of it.
func parseContent(n node) (mimeType string, body []byte, size int64, bad *fieldError) {
	if n.kind() == 'n' {
		return "", nil, -1, nil
	}
	if n.kind() != '{' {
		return "", nil, -1, unlike(n, "an object")
	}
	var text, encoding node
	size = -1
	for key, v := range n.members() {
		switch string(key) {
		case "mimeType":
			mimeType = v.looseText()
		case "size":
			size = v.size()
		case "text":
			text = v
		case "encoding":
			encoding = v
		}
	}
	if body, bad = parseBody(text, encoding); bad != nil {
		return "", nil, -1, bad
	}
	if body != nil {
		size = int64(len(body))
	}
	return mimeType, body, size, nil
}

// parseBody returns the bytes that text stands for, nil when there is none.
func parseBody(text, encoding node) ([]byte, *fieldError) {
	if text.kind() == 'n' {
		return nil, nil
	}
	s, ok := text.text()
	if !ok {
		return nil, unlike(text, "a string").in("text")
	}
	switch strings.ToLower(encoding.looseText()) {
	case "", "utf-8", "utf8":
		return []byte(s), nil
	case "base64":
	default:
		return nil, unlike(encoding, "base64, or none for plain text").in("encoding")
	}
	enc := base64.StdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.URLEncoding
	}
	// The padding is cut off with the line breaks before it, as some leave it out.
	s = strings.TrimRight(s, "=\r\n")
	body, err := enc.WithPadding(base64.NoPadding).DecodeString(s)
	if err != nil {
		return nil, &fieldError{field: "text", off: text.off, cause: "is not base64, as encoding says: " + err.Error()}
	}
	return body, nil
}

func parseInitiator(n node) (i Initiator) {
	for key, v := range n.members() {
		switch string(key) {
		case "type":
			i.Type = v.looseText()
		case "url":
			i.URL = v.looseText()
		}
	}
	return i
}

func parseCreator(n node) (c Creator) {
	for key, v := range n.members() {
		switch string(key) {
		case "name":
			c.Name = v.looseText()
		case "version":
			c.Version = v.looseText()
		case "comment":
			c.Comment = v.looseText()
		}
	}
	return c
}

func parsePage(n node) (p Page) {
	for key, v := range n.members() {
		switch string(key) {
		case "startedDateTime":
			p.Started = parseTime(v)
		case "id":
			p.ID = v.looseText()
		case "title":
			p.Title = v.looseText()
		case "comment":
			p.Comment = v.looseText()
		}
	}
	return p
}

// parseTime reads ISO 8601 in the shapes that exporters write. What is no time
// is the zero time; one without a zone is in UTC.
func parseTime(n node) time.Time {
	s := strings.TrimSpace(n.string())
	if len(s) > 64 {
		return time.Time{}
	}
	for _, layout := range [...]string{
		time.RFC3339,
		"2006-01-02T15:04:05Z0700",
		"2006-01-02T15:04:05",
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05",
	} {
		if t, err := time.Parse(layout, s); err == nil && t.UTC().Year() >= 0 && t.UTC().Year() <= 9999 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// rawJSON returns a copy of the value, compact and in UTF-8; null is nil.
func (n node) rawJSON() json.RawMessage {
	if n.kind() == 'n' {
		return nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, n.raw); err != nil {
		return nil
	}
	return bytes.ToValidUTF8(b.Bytes(), []byte("\uFFFD"))
}
