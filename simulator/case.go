package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// A Case is one case of the case format: a page, the network it talks to, and the requests it makes.
type Case struct {
	Name     string        `json:"name"`
	Note     string        `json:"note,omitempty"`
	Spec     string        `json:"spec,omitempty"`
	Page     CasePage      `json:"page"`
	Server   []CaseReply   `json:"server"`
	Requests []CaseRequest `json:"requests"`
}

// A CasePage is the document that makes the requests of a Case.
type CasePage struct {
	URL     string       `json:"url"`
	Headers []string     `json:"headers,omitempty"`
	Sandbox bool         `json:"sandbox,omitempty"`
	Cookies []CaseCookie `json:"cookies,omitempty"`
}

// A CaseCookie is a Set-Cookie value that a URL had set before the page loads.
type CaseCookie struct {
	URL string `json:"url"`
	Set string `json:"set"`
}

// A CaseReply is one answer of the network of a Case.
type CaseReply struct {
	URL     string   `json:"url"`
	Method  string   `json:"method,omitempty"`
	Times   *int     `json:"times,omitempty"`
	Status  int      `json:"status,omitempty"`
	Headers []string `json:"headers,omitempty"`
	Body    string   `json:"body,omitempty"`
	Fail    bool     `json:"fail,omitempty"`
}

// A CaseRequest is one request of a Case, as the script wrote it. Members that are nil are absent.
type CaseRequest struct {
	Via             string   `json:"via,omitempty"`
	URL             string   `json:"url"`
	Method          *string  `json:"method,omitempty"`
	Headers         []string `json:"headers,omitempty"`
	Body            *string  `json:"body,omitempty"`
	Stream          bool     `json:"stream,omitempty"`
	Mode            *string  `json:"mode,omitempty"`
	Credentials     *string  `json:"credentials,omitempty"`
	Redirect        *string  `json:"redirect,omitempty"`
	Cache           *string  `json:"cache,omitempty"`
	Referrer        *string  `json:"referrer,omitempty"`
	ReferrerPolicy  *string  `json:"referrerPolicy,omitempty"`
	Keepalive       bool     `json:"keepalive,omitempty"`
	WithCredentials bool     `json:"withCredentials,omitempty"`
	UploadListener  bool     `json:"uploadListener,omitempty"`
	CrossOrigin     *string  `json:"crossorigin,omitempty"`
	After           float64  `json:"after,omitempty"`
	Expect          Expect   `json:"expect,omitzero"`
}

// Expect is what must come out of a CaseRequest: the same for every profile, or by profile.
type Expect struct {
	all       *Expectation
	byProfile map[string]*Expectation
}

// For returns what must come out under the profile of that name ("spec" for the bare standard), nil if nothing is
// said about it.
func (e Expect) For(profile string) *Expectation {
	if e.all != nil {
		return e.all
	}
	if x := e.byProfile[profile]; x != nil {
		return x
	}
	return e.byProfile["spec"]
}

// profileNames are the keys by which a map from profile to Outcome is told from an Outcome.
var profileNames = [...]string{"spec", "chromium", "firefox", "webkit"}

// UnmarshalJSON reads an Outcome or a map from profile to Outcome.
func (e *Expect) UnmarshalJSON(data []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return &expectError{plainJSONError(data, err)}
	}
	byProfile := false
	for k := range keys {
		byProfile = byProfile || slices.Contains(profileNames[:], k)
	}
	var err error
	if byProfile {
		err = strictUnmarshal(data, &e.byProfile)
	} else {
		e.all = new(Expectation)
		err = strictUnmarshal(data, e.all)
	}
	if err != nil {
		return &expectError{err}
	}
	return nil
}

// An expectError is what is wrong in an Expect, which does not know where it stands.
type expectError struct{ err error }

func (e *expectError) Error() string { return e.err.Error() }

// in says where in a case the Expect stands: it is the first that does not decode.
func (e *expectError) in(data []byte) error {
	var c struct {
		Requests []struct {
			Expect json.RawMessage `json:"expect"`
		} `json:"requests"`
	}
	// The keys beside expect may be wrong as well; what there is of them is decoded all the same.
	_ = json.Unmarshal(data, &c)
	for i, r := range c.Requests {
		if r.Expect != nil && new(Expect).UnmarshalJSON(r.Expect) != nil {
			return fmt.Errorf("requests[%d].expect: %w", i, e.err)
		}
	}
	return e.err
}

// MarshalJSON writes what UnmarshalJSON reads.
func (e Expect) MarshalJSON() ([]byte, error) {
	if e.all != nil {
		return json.Marshal(e.all)
	}
	return json.Marshal(e.byProfile)
}

// An Outcome is what came out of a request, in the words of the case format.
type Outcome struct {
	Verdict    string   `json:"verdict"`
	Reason     string   `json:"reason"`
	Type       string   `json:"type"`
	Status     int      `json:"status"`
	URL        string   `json:"url"`
	Redirected bool     `json:"redirected"`
	Headers    []string `json:"headers"`
	Sent       []Sent   `json:"sent"`
}

// Sent is one request that reached the network.
type Sent struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"`
	Headers []string `json:"headers"`
}

// An Expectation is an Outcome some of whose keys may be absent: those are not compared.
type Expectation struct {
	Verdict    *string         `json:"verdict,omitempty"`
	Reason     *string         `json:"reason,omitempty"`
	Type       *string         `json:"type,omitempty"`
	Status     *int            `json:"status,omitempty"`
	URL        *string         `json:"url,omitempty"`
	Redirected *bool           `json:"redirected,omitempty"`
	Headers    *[]string       `json:"headers,omitempty"`
	Sent       *[]ExpectedSent `json:"sent,omitempty"`
}

// ExpectedSent is a Sent some of whose keys may be absent.
type ExpectedSent struct {
	Method  *string   `json:"method,omitempty"`
	URL     *string   `json:"url,omitempty"`
	Headers *[]string `json:"headers,omitempty"`
}

// A Difference is a key of an Outcome that is not as expected.
type Difference struct {
	Key       string // verdict, sent[1].headers, ...
	Got, Want string // JSON
}

// Compare returns what in o is not as expected, in the order of the keys. A nil Expectation expects nothing.
func (x *Expectation) Compare(o *Outcome) []Difference {
	if x == nil {
		return nil
	}
	var d []Difference
	compare(&d, "verdict", o.Verdict, x.Verdict)
	compare(&d, "reason", o.Reason, x.Reason)
	compare(&d, "type", o.Type, x.Type)
	compare(&d, "status", o.Status, x.Status)
	compare(&d, "url", o.URL, x.URL)
	compare(&d, "redirected", o.Redirected, x.Redirected)
	compareLists(&d, "headers", o.Headers, x.Headers)
	if x.Sent == nil {
		return d
	}
	if len(o.Sent) != len(*x.Sent) {
		return append(d, Difference{"sent", marshal(o.Sent), marshal(*x.Sent)})
	}
	for i := range o.Sent {
		key := fmt.Sprintf("sent[%d].", i)
		compare(&d, key+"method", o.Sent[i].Method, (*x.Sent)[i].Method)
		compare(&d, key+"url", o.Sent[i].URL, (*x.Sent)[i].URL)
		compareLists(&d, key+"headers", o.Sent[i].Headers, (*x.Sent)[i].Headers)
	}
	return d
}

func compare[T comparable](d *[]Difference, key string, got T, want *T) {
	if want != nil && got != *want {
		*d = append(*d, Difference{key, marshal(got), marshal(*want)})
	}
}

func compareLists(d *[]Difference, key string, got []string, want *[]string) {
	// The value of a header line has no spaces or tabs at its ends.
	same := func(a, b string) bool { return strings.TrimRight(a, " \t") == strings.TrimRight(b, " \t") }
	if want != nil && !slices.EqualFunc(got, *want, same) {
		*d = append(*d, Difference{key, marshal(got), marshal(*want)})
	}
}

// marshal writes a value for people: JSON without HTML escapes.
func marshal(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// strictUnmarshal is json.Unmarshal with unknown keys as errors.
func strictUnmarshal(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return plainJSONError(data, err)
	}
	if d.More() {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// plainJSONError rewrites an error of encoding/json about data in the format's terms.
func plainJSONError(data []byte, err error) error {
	var expect *expectError
	if errors.As(err, &expect) {
		return expect.in(data)
	}
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		want := map[string]string{"int": "a whole number", "float64": "a number", "bool": "true or false"}[typ.Type.String()]
		switch {
		case want != "":
		case typ.Type.Kind().String() == "slice":
			want = "an array"
		case typ.Type.Kind().String() == "string":
			want = "a string"
		default:
			want = "an object"
		}
		if key := keyAt(data, typ.Offset); key != "" {
			return fmt.Errorf("key %q: %s where %s should be", key, typ.Value, want)
		}
		return fmt.Errorf("%s where %s should be", typ.Value, want)
	}
	if s, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("unknown key %s", s)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// ParseCase reads one case. The error names the key that is wrong, and the case if its name could be read.
func ParseCase(data []byte) (*Case, error) {
	c := new(Case)
	err := strictUnmarshal(data, c)
	if json.Valid(data) {
		// The keys first: a wrong one explains the rest.
		if keys := checkKeys(data); keys != nil {
			err = keys
		}
	}
	if err != nil {
		var named struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(data, &named) == nil && named.Name != "" {
			return nil, fmt.Errorf("case %q: %w", named.Name, err)
		}
		return nil, err
	}
	if err := c.check(); err != nil {
		if c.Name == "" {
			return nil, err
		}
		return nil, fmt.Errorf("case %q: %w", c.Name, err)
	}
	return c, nil
}

// check looks for what JSON's types do not tell: missing keys, and values outside the format.
func (c *Case) check() error {
	if c.Name == "" {
		return errors.New(`key "name" is missing or empty`)
	}
	if c.Page.URL == "" {
		return errors.New(`key "page.url" is missing or empty`)
	}
	if c.Requests == nil {
		return errors.New(`key "requests" is missing`)
	}
	for i, r := range c.Requests {
		if r.After < 0 || r.After > 1e9 {
			return fmt.Errorf("requests[%d].after is %v; it has to lie between 0 and 1e9 seconds", i, r.After)
		}
	}
	return nil
}

// ErrNotModelled says that a case asks for a way to make requests in which cases are not evaluated. What elements load
// can be asked with Page.Load.
var ErrNotModelled = errors.New("not evaluated")

// Eval decides the requests of the case under a profile and returns an Outcome for each. The clock begins at start.
func (c *Case) Eval(ctx context.Context, profile policy.Profile, start time.Time) ([]Outcome, error) {
	results, err := c.run(ctx, profile, start, true)
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(results))
	for i, r := range results {
		outcomes[i] = r.Outcome()
	}
	return outcomes, nil
}

// Run is Eval with all that there is to tell about each request, its steps included.
func (c *Case) Run(ctx context.Context, profile policy.Profile, start time.Time) ([]*Result, error) {
	return c.run(ctx, profile, start, false)
}

func (c *Case) run(ctx context.Context, profile policy.Profile, start time.Time, terse bool) ([]*Result, error) {
	for i := range c.Requests {
		switch c.Requests[i].Via {
		case "", "fetch", "xhr":
		default:
			return nil, fmt.Errorf("case %q: requests[%d]: %w: via %q is not one of fetch and xhr", c.Name, i, ErrNotModelled, c.Requests[i].Via)
		}
	}
	network, err := c.replies()
	if err != nil {
		return nil, fmt.Errorf("case %q: %w", c.Name, err)
	}
	now := start
	b := &Browser{Network: network, Profile: profile, Now: func() time.Time { return now }, Terse: terse}
	b.prepare()
	if err := c.setCookies(b); err != nil {
		return nil, fmt.Errorf("case %q: %w", c.Name, err)
	}
	headers, err := parseLines(c.Page.Headers)
	if err != nil {
		return nil, fmt.Errorf("case %q: page.headers%w", c.Name, err)
	}
	page := b.Open(c.Page.URL, headers...)
	if page.err != nil {
		return nil, fmt.Errorf("case %q: page.url: %w", c.Name, page.err)
	}
	if c.Page.Sandbox {
		page = page.Sandbox()
	}
	results := make([]*Result, 0, len(c.Requests))
	for i := range c.Requests {
		r := &c.Requests[i]
		if now = now.Add(time.Duration(r.After * float64(time.Second))); now.After(lastMoment()) {
			return nil, fmt.Errorf("case %q: requests[%d].after puts the clock at %s, and it counts until %s",
				c.Name, i, now.UTC().Format(time.RFC3339), lastMoment().Format(time.RFC3339))
		}
		res, err := r.run(ctx, page)
		if err != nil {
			return nil, fmt.Errorf("case %q: requests[%d]: %w", c.Name, i, err)
		}
		if err := res.Err(); err != nil {
			return nil, fmt.Errorf("case %q: requests[%d]: %w", c.Name, i, err)
		}
		results = append(results, res)
	}
	return results, nil
}

// lastMoment is how far the nanoseconds since 1970 go that the preflight cache counts in.
func lastMoment() time.Time { return time.Unix(0, math.MaxInt64).UTC() }

// setCookies puts the cookies that were set before the page loads in the browser's jar.
func (c *Case) setCookies(b *Browser) error {
	for i, k := range c.Page.Cookies {
		value, err := isomorphicEncode(k.Set)
		if err != nil {
			return fmt.Errorf("page.cookies[%d].set: %w", i, err)
		}
		if _, err := b.SetCookie(k.URL, value); err != nil {
			return fmt.Errorf("page.cookies[%d].url: %w", i, err)
		}
	}
	return nil
}

// replies turns the case's server into a network.
func (c *Case) replies() (*Replies, error) {
	list := make([]Reply, 0, len(c.Server))
	for i := range c.Server {
		s := &c.Server[i]
		u, err := origin.ParseURL(s.URL, nil)
		if err != nil {
			return nil, fmt.Errorf("server[%d].url: %w", i, err)
		}
		p := Reply{URL: u.WithoutFragment(), Method: s.Method}
		if s.Times != nil {
			if p.Times = *s.Times; p.Times < 0 {
				return nil, fmt.Errorf("server[%d].times is %d; it has to be at least 0", i, p.Times)
			} else if p.Times == 0 {
				continue
			}
		}
		if !s.Fail {
			if s.Status < 100 || s.Status > 999 {
				return nil, fmt.Errorf("server[%d].status is %d; a reply needs a status of three digits, or fail", i, s.Status)
			}
			h, err := parseLines(s.Headers)
			if err != nil {
				return nil, fmt.Errorf("server[%d].headers%w", i, err)
			}
			for j := range h {
				if !fetch.IsHeaderName(h[j].Name) || !fetch.IsHeaderValue(h[j].Value) {
					return nil, fmt.Errorf("server[%d].headers[%d]: %q cannot travel over HTTP: the name has to be a token, and the value may not hold NUL, CR or LF", i, j, s.Headers[j])
				}
			}
			body, err := isomorphicEncode(s.Body)
			if err != nil {
				return nil, fmt.Errorf("server[%d].body: %w", i, err)
			}
			p.Response = &fetch.HTTPResponse{Status: s.Status, Headers: h, Body: []byte(body)}
		}
		list = append(list, p)
	}
	return NewReplies(list...), nil
}

// run makes the request in the page.
func (r *CaseRequest) run(ctx context.Context, page *Page) (*Result, error) {
	headers, err := parseLines(r.Headers)
	if err != nil {
		return nil, fmt.Errorf("headers%w", err)
	}
	var body *fetch.Body
	switch {
	case r.Stream:
		body = fetch.Stream(nil)
		if r.Body != nil {
			body.Bytes = []byte(*r.Body)
		}
	case r.Body != nil:
		body = fetch.Text(*r.Body)
	}
	if r.Via == "xhr" {
		method := "GET"
		if r.Method != nil {
			method = *r.Method
		}
		return page.xhr(ctx, r.URL, method, &XHRInit{Headers: headers, Body: body,
			WithCredentials: r.WithCredentials, UploadListener: r.UploadListener}), nil
	}
	given := func(s *string) fetch.Member {
		if s == nil {
			return fetch.Member{}
		}
		return fetch.Given(*s)
	}
	return page.fetch(ctx, r.URL, &fetch.RequestInit{
		Method: given(r.Method), Headers: headers, Body: body, Mode: given(r.Mode),
		Credentials: given(r.Credentials), Cache: given(r.Cache), Redirect: given(r.Redirect),
		Referrer: given(r.Referrer), ReferrerPolicy: given(r.ReferrerPolicy), Keepalive: r.Keepalive,
	}), nil
}

// parseLines splits header lines at their first colon. An error begins with the line's index in brackets.
func parseLines(lines []string) (fetch.Headers, error) {
	if lines == nil {
		return nil, nil
	}
	h := make(fetch.Headers, 0, len(lines))
	for i, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return nil, fmt.Errorf("[%d]: %q has no colon; a header line is \"Name: value\"", i, line)
		}
		name, err := isomorphicEncode(name)
		if err == nil {
			value, err = isomorphicEncode(strings.Trim(value, " \t"))
		}
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		h = append(h, fetch.Header{Name: name, Value: value})
	}
	return h, nil
}

// isomorphicEncode turns code points up to U+00FF into bytes of the same number.
func isomorphicEncode(s string) (string, error) {
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			continue
		}
		b := make([]byte, 0, len(s))
		for _, r := range s {
			if r > 0xFF {
				return "", fmt.Errorf("%q holds %U; bytes are written as code points U+0000 to U+00FF", s, r)
			}
			b = append(b, byte(r))
		}
		return string(b), nil
	}
	return s, nil
}

// isomorphicDecode turns bytes into code points of the same number.
func isomorphicDecode(s string) string {
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			continue
		}
		var b strings.Builder
		for j := range len(s) {
			b.WriteRune(rune(s[j]))
		}
		return b.String()
	}
	return s
}

// Outcome returns the result in the words of the case format.
func (r *Result) Outcome() Outcome {
	o := Outcome{
		Verdict: r.verdict.String(), Type: r.Type().String(), Status: r.Status(), URL: r.URL(),
		Redirected: r.Redirected(), Headers: []string{}, Sent: []Sent{},
	}
	if r.verdict != Allowed {
		o.Reason = r.reason.Code()
	}
	for _, h := range r.Headers() {
		o.Headers = append(o.Headers, isomorphicDecode(h.Name+": "+h.Value))
	}
	for i := range r.response.Exchanges {
		o.Sent = append(o.Sent, sent(&r.response.Exchanges[i]))
	}
	return o
}

// sent tells an exchange as the case format does.
func sent(e *fetch.Exchange) Sent {
	s := Sent{Method: e.Request.Method, URL: wireURL(e.Request.URL), Headers: []string{}}
	for _, h := range e.Request.Headers.SortAndCombine() {
		switch h.Name {
		case "accept":
			if !e.Preflight {
				continue
			}
		case "access-control-request-headers", "access-control-request-method", "authorization", "content-type",
			"cookie", "origin", "range", "referer", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site":
		default:
			if !strings.HasPrefix(h.Name, "x-") {
				continue
			}
		}
		s.Headers = append(s.Headers, isomorphicDecode(h.Name+": "+h.Value))
	}
	return s
}
