package simulator

import (
	"context"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// XHRInit is what a script does to an XMLHttpRequest before it sends it.
type XHRInit struct {
	Method  string        // the first argument of open(); empty stands for GET
	Headers fetch.Headers // each a call of setRequestHeader()
	Body    *fetch.Body   // the argument of send(); a stream cannot be sent and counts as its bytes
	// WithCredentials is the attribute of that name.
	WithCredentials bool
	// UploadListener tells that an event listener is registered on the upload object.
	UploadListener bool
}

// XHR does what an XMLHttpRequest to the URL does in the page's script.
func (p *Page) XHR(url string, init XHRInit) *Result {
	return p.XHRContext(context.Background(), url, init)
}

// XHRContext is XHR with a context for the network.
func (p *Page) XHRContext(ctx context.Context, url string, init XHRInit) *Result {
	method := fetch.Given(init.Method)
	if init.Method == "" {
		method = fetch.Given("GET")
	}
	return p.xhr(ctx, url, method.Value(), &init)
}

// xhr is XHR with the method as the script gave it, which may be empty.
func (p *Page) xhr(ctx context.Context, url, method string, init *XHRInit) *Result {
	res := p.newResult(viaXHR, method == "GET" && len(init.Headers) == 0)
	if p.err != nil {
		return res.fail(p.err)
	}
	r := &res.request
	if s := p.open(r, method, url, res.request.Trace); s != 0 {
		return res.throw(s)
	}
	if s := setRequestHeaders(r, init.Headers, &p.browser.Profile, res.request.Trace); s != 0 {
		return res.throw(s)
	}
	p.send(r, init, res.request.Trace)
	return p.run(ctx, res)
}

// open is the open(method, url) method.
//
// https://xhr.spec.whatwg.org/#the-open()-method
func (p *Page) open(r *fetch.Request, method, url string, trace policy.Trace) policy.Step {
	// 1. The page's document is fully active.
	// 2.
	if !fetch.IsMethod(method) {
		return trace.Add(policy.XHRMethodInvalid, method, "")
	}
	// 3.
	if fetch.IsForbiddenMethod(method) {
		return trace.Add(policy.XHRMethodForbidden, method, "")
	}
	// 4.
	if r.Method = fetch.NormalizeMethod(method); r.Method != method {
		trace.Add(policy.RequestMethodNormalized, method, r.Method)
	}
	// 5.-6. The page's encoding is UTF-8.
	u, err := origin.ParseURL(url, &p.client.BaseURL)
	if err != nil {
		return trace.Add(policy.XHRURLInvalid, url, err.Error())
	}
	r.URL = u
	// 7.-12. Not modelled: synchronous requests, user name and password as arguments.
	return 0
}

// setRequestHeaders calls setRequestHeader(name, value) for each header.
//
// https://xhr.spec.whatwg.org/#the-setrequestheader()-method
func setRequestHeaders(r *fetch.Request, headers fetch.Headers, rules *policy.Profile, trace policy.Trace) policy.Step {
	r.Headers = make(fetch.Headers, 0, len(headers)+2)
	// Where each name stands, once there are many; and the values of names that come again, joined at the end.
	index := map[string]int(nil)
	repeats := map[int][]string(nil)
	if len(headers) > 16 {
		index = make(map[string]int, len(headers))
	}
	for _, h := range headers {
		// 3.
		value := fetch.NormalizeValue(h.Value)
		// 4.
		if !fetch.IsHeaderName(h.Name) {
			return trace.Add(policy.XHRHeaderNameInvalid, h.Name, "")
		}
		if !fetch.IsHeaderValue(value) {
			return trace.Add(policy.XHRHeaderValueInvalid, h.Name, value)
		}
		// 5.
		if fetch.ForbidsRequestHeader(h.Name, value, rules) {
			trace.Add(policy.XHRHeaderForbiddenDropped, h.Name, value)
			continue
		}
		// 6.
		if index == nil {
			r.Headers.Combine(h.Name, value)
			continue
		}
		key := strings.ToLower(h.Name) // a token is ASCII
		if i, ok := index[key]; ok {
			if repeats == nil {
				repeats = map[int][]string{}
			}
			if repeats[i] == nil {
				repeats[i] = []string{r.Headers[i].Value}
			}
			repeats[i] = append(repeats[i], value)
			continue
		}
		index[key] = len(r.Headers)
		r.Headers = append(r.Headers, fetch.Header{Name: h.Name, Value: value})
	}
	for i, values := range repeats {
		r.Headers[i].Value = strings.Join(values, ", ")
	}
	return 0
}

// send is the send(body) method up to the fetch.
//
// https://xhr.spec.whatwg.org/#the-send()-method
func (p *Page) send(r *fetch.Request, init *XHRInit, trace policy.Trace) {
	body := init.Body
	// 3.
	if r.Method == "GET" || r.Method == "HEAD" {
		body = nil
	}
	// 4.
	if body != nil {
		r.Body = &fetch.Body{Bytes: body.Bytes, Type: body.Type}
		author, has := r.Headers.Get("Content-Type")
		switch {
		case has && isText(body.Type) && p.browser.Profile.CharsetReplacedInText:
			r.Headers.Set("Content-Type", replaceCharsets(author))
		case has && isText(body.Type):
			// 4.4.1 A string and URLSearchParams are UTF-8, whatever the script says.
			m, ok := fetch.ParseMIMEType(author)
			if charset, present := m.Parameter("charset"); ok && present && !strings.EqualFold(charset, "utf-8") &&
				!(charset == "" && p.browser.Profile.EmptyCharsetKept) {
				m.SetParameter("charset", "UTF-8")
				if p.browser.Profile.ContentTypeJudgedAsWritten && fetch.IsCORSSafelistedRequestHeader("Content-Type", m.String()) {
					r.SendContentType(m.String())
				} else {
					r.Headers.Set("Content-Type", m.String())
				}
			}
		case !has && body.Type != "":
			// 4.5
			r.Headers.Set("Content-Type", body.Type)
			trace.Add(policy.RequestContentTypeFromBody, body.Type, "")
		}
	}
	// 5.-6.
	r.Client, r.Mode, r.UnsafeRequest = &p.client, fetch.CORS, true
	r.UploadListener = init.UploadListener
	if init.WithCredentials {
		r.Credentials = fetch.Include
	}
	r.UseURLCredentials, r.XMLHttpRequest = r.URL.HasCredentials(), true
}

// isText reports whether a body that brings the type is a string or URLSearchParams.
func isText(typ string) bool {
	return strings.HasPrefix(typ, "text/plain") || strings.HasPrefix(typ, "application/x-www-form-urlencoded")
}

// replaceCharsets puts UTF-8 in the place of the value of each charset parameter, wherever one seems to stand: this
// is no parser, and what it does to malformed values is what the browsers do that have it.
func replaceCharsets(contentType string) string {
	var b strings.Builder
	rest := contentType
	for {
		i := indexFold(rest, "charset")
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		// A parameter does not stand at the very start, nor in the middle of a word.
		before := len(contentType) - len(rest) + i - 1
		if before < 0 {
			return contentType
		}
		if c := contentType[before]; c > ' ' && c != ';' {
			b.WriteString(rest[:i+len("charset")])
			rest = rest[i+len("charset"):]
			continue
		}
		i += len("charset")
		for i < len(rest) && rest[i] <= ' ' {
			i++
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		if rest == "" || rest[0] != '=' {
			continue
		}
		i = 1
		for i < len(rest) && (rest[i] <= ' ' || rest[i] == '"' || rest[i] == '\'') {
			i++
		}
		end := i
		for end < len(rest) && rest[end] > ' ' && rest[end] != '"' && rest[end] != '\'' && rest[end] != ';' {
			end++
		}
		b.WriteString(rest[:i])
		if end > i {
			b.WriteString("UTF-8")
		}
		rest = rest[end:]
	}
}

// indexFold is strings.Index for an ASCII text in any case.
func indexFold(s, lower string) int {
	for i := 0; i+len(lower) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(lower)], lower) {
			return i
		}
	}
	return -1
}
