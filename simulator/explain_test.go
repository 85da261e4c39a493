package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/fixtures"
	"github.com/corsim/corsim/policy"
)

// answer is a handler that gives every request the same answer.
func answer(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
	}
}

// behindPreflight answers preflights with consent and everything else with h.
func behindPreflight(h http.HandlerFunc) http.HandlerFunc {
	consent := answer(204, "Access-Control-Allow-Origin", "https://app.example", "Access-Control-Allow-Methods", "PUT, PATCH",
		"Access-Control-Allow-Headers", "x-token, authorization", "Access-Control-Allow-Credentials", "true")
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "OPTIONS" {
			consent(w, r)
			return
		}
		h(w, r)
	}
}

func TestAResultTellsItsStory(t *testing.T) {
	const api = "https://api.example/items/1"
	tests := []struct {
		name    string
		handler http.HandlerFunc
		url     string
		init    Init
		first   string   // the first line
		tells   []string // in this order, line breaks as spaces
		silent  []string // what may not be said
	}{
		{name: "an answer without the header is blocked and says what to send", handler: answer(200), url: api,
			first: "blocked: the response has no Access-Control-Allow-Origin",
			tells: []string{"https://app.example", "GET " + api, "simple", "> origin: https://app.example", "< 200 OK", "CORS check, step 2",
				"(cors.allow-origin.missing)", "https://fetch.spec.whatwg.org/#concept-cors-check", "got no Access-Control-Allow-Origin",
				"want https://app.example", "What to do Send Access-Control-Allow-Origin", "did reach the server"},
			silent: []string{"in the answer to the preflight", "cannot see even that"}},
		{name: "a refusal without the headers is told apart from the headers that are missing", handler: answer(403), url: api,
			first: "blocked: the response has no Access-Control-Allow-Origin",
			tells: []string{"the server answered 403 Forbidden; the script cannot see even that", "Two things are wrong"}},
		{name: "an error page without the headers points at the error", handler: answer(502), url: api,
			first: "blocked: the response has no Access-Control-Allow-Origin",
			tells: []string{"the server answered 502 Bad Gateway; the script cannot see even that", "error page"}},
		{name: "a refusal that the script may read is no CORS error", handler: answer(403, "Access-Control-Allow-Origin", "*"), url: api,
			first: "allowed: the script may read the answer, and the answer is a refusal: 403 Forbidden",
			tells: []string{"sees 403, type cors", "cors.allow-origin.wildcard", "This is no CORS error", "neither cookies nor Authorization"},
			// Nothing of CORS has to be mended.
			silent: []string{"What to do", "blocked"}},
		{name: "a refusal of the page's own origin says nothing about CORS settings", handler: answer(401), url: "/me",
			first: "allowed: the script may read the answer, and the answer is a refusal: 401 Unauthorized",
			tells: []string{"same-origin: CORS has no say", "This is no CORS error"}, silent: []string{"credentials mode include"}},
		{name: "a preflight that is refused tells that preflights carry no cookies", handler: answer(401), url: api, init: Init{Method: "PUT"},
			first: "blocked in the answer to the preflight: the response has no Access-Control-Allow-Origin",
			tells: []string{"the method PUT is none of GET, HEAD and POST", "OPTIONS " + api + " (preflight)", "> access-control-request-method: PUT",
				"< 401 Unauthorized", "in the answer to the preflight", "refused the preflight itself", "The PUT request itself was not sent"},
			silent: []string{"did reach the server"}},
		{name: "every cause of a preflight is told", handler: answer(200), url: api,
			init:  Init{Method: "PATCH", Headers: fetch.H("Content-Type", "application/json", "X-Token", "1"), Body: fetch.Stream(nil)},
			first: "blocked in the answer to the preflight: the response has no Access-Control-Allow-Origin",
			tells: []string{"the body is a stream", "the method PATCH", "the type application/json", "the header X-Token"}},
		{name: "a method in lower case is told apart from one that is not allowed", handler: answer(200, "Access-Control-Allow-Origin", "*",
			"Access-Control-Allow-Methods", "GET, PATCH"), url: api, init: Init{Method: "patch"},
			first: "blocked in the answer to the preflight: the method is not in Access-Control-Allow-Methods",
			tells: []string{"got Access-Control-Allow-Methods: GET, PATCH", "want patch", "Write PATCH in the script"}},
		{name: "a trailing slash is named", handler: answer(200, "Access-Control-Allow-Origin", "https://app.example/"), url: api,
			first: "blocked: Access-Control-Allow-Origin is not the page's origin, to the letter",
			tells: []string{"got Access-Control-Allow-Origin: https://app.example/", "names the right origin but spells it otherwise"}},
		{name: "what differs between two origins is named", handler: answer(200, "Access-Control-Allow-Origin", "http://app.example:8080"), url: api,
			first: "blocked: Access-Control-Allow-Origin is not the page's origin, to the letter",
			tells: []string{"differ in the scheme (http, not https) and the port (8080, not 443)"}, silent: []string{"the host ("}},
		{name: "headers that the script cannot read are named", handler: answer(200, "Access-Control-Allow-Origin", "*", "X-Total", "9"), url: api,
			first: "allowed: the script may read the answer, 200 OK",
			tells: []string{"hidden from it: x-total", "Access-Control-Expose-Headers"}},
		{name: "the answer behind a redirect is named as the one that decided", handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			if r.URL.Path == "/old" {
				http.Redirect(w, r, "https://elsewhere.example/new", http.StatusFound)
				return
			}
			w.Header().Del("Access-Control-Allow-Origin")
		}, url: "https://api.example/old",
			first: "blocked: the response has no Access-Control-Allow-Origin",
			tells: []string{"The redirect is followed: https://elsewhere.example/new", "2. GET https://elsewhere.example/new",
				"> origin: null", "A redirect led to https://elsewhere.example/new"}},
		{name: "secrets stay out", handler: behindPreflight(answer(200, "Access-Control-Allow-Origin", "https://app.example",
			"Access-Control-Allow-Credentials", "true", "Set-Cookie", "sid=hush; Path=/")), url: api,
			init:   Init{Method: "PUT", Credentials: "include", Headers: fetch.H("Authorization", "Bearer hush")},
			first:  "allowed: the script may read the answer, 200 OK",
			tells:  []string{"> authorization: Bearer (not shown)", "< set-cookie: sid=(not shown); Path=/"},
			silent: []string{"hush"}},
		{name: "what never reached the network says so", handler: answer(200), url: "https://api.example:22/",
			first: "blocked: the URL's port belongs to another protocol, and browsers refuse to speak HTTP to it",
			tells: []string{"Nothing was sent", "(main-fetch.bad-port)"}},
		{name: "an exception is told as one", handler: answer(200), url: api, init: Init{Method: "TRACE"},
			first: "invalid: scripts may not use the methods CONNECT, TRACE and TRACK; nothing was sent",
			tells: []string{"Nothing was sent", "(request.method.forbidden)", "got TRACE"}},
		{name: "an opaque response says why nothing is seen", handler: answer(200), url: api, init: Init{Mode: "no-cors"},
			first: "opaque: the answer may be used but the script sees nothing of it",
			tells: []string{"no-cors: the answer is not shown to the script"}},
		{name: "a header that scripts may not set is told to be left out", handler: answer(200, "Access-Control-Allow-Origin", "*"), url: api,
			init: Init{Headers: fetch.H("Cookie", "a=b")}, first: "allowed: the script may read the answer, 200 OK",
			tells: []string{"simple", "was left out: Cookie"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, terse := range []bool{false, true} {
				b := &Browser{Network: Handler(tt.handler), Terse: terse}
				story := b.Open("https://app.example/").Fetch(tt.url, tt.init).String()
				flat := strings.Join(strings.Fields(story), " ")
				if !strings.HasPrefix(flat, tt.first) {
					t.Errorf("terse %v: the first line tells the verdict:\n%s", terse, cmp.Diff(tt.first, strings.SplitN(story, "\n", 2)[0]))
				}
				if terse {
					continue // the first line and the deciding step are all that is promised
				}
				rest := flat
				for _, s := range tt.tells {
					_, after, found := cutFold(rest, s)
					if !found {
						t.Errorf("the story does not tell %q (or not there):\n%s", s, story)
						continue
					}
					rest = after
				}
				for _, s := range tt.silent {
					if strings.Contains(flat, s) {
						t.Errorf("the story tells %q, which is wrong here:\n%s", s, story)
					}
				}
			}
		})
	}
}

// cutFold is strings.Cut for ASCII without regard to case.
func cutFold(s, sep string) (before, after string, found bool) {
	i := strings.Index(strings.ToLower(s), strings.ToLower(sep))
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func TestATerseBrowserStillTellsTheStepWithBothSides(t *testing.T) {
	tests := []struct {
		name        string
		answer      http.HandlerFunc
		init        Init
		reason      string
		got, want   string
		inPreflight bool
	}{
		{"the origin differs", answer(200, "Access-Control-Allow-Origin", "https://b.example"), Init{},
			"cors.allow-origin.mismatch", "https://b.example", "https://app.example", false},
		{"credentials are not allowed", answer(200, "Access-Control-Allow-Origin", "https://app.example", "Access-Control-Allow-Credentials", "True"),
			Init{Credentials: "include"}, "cors.allow-credentials.invalid", "True", "true", false},
		{"the method is not listed", answer(200, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "PUT"),
			Init{Method: "DELETE"}, "preflight.method.not-allowed", "PUT", "DELETE", true},
		{"the header is not listed", answer(200, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Headers", "x-a"),
			Init{Headers: fetch.H("X-B", "1")}, "preflight.header.not-allowed", "x-a", "x-b", true},
		{"the preflight is refused", answer(405, "Access-Control-Allow-Origin", "*"), Init{Method: "PUT"},
			"preflight.status", "405", "200 to 299", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			type told struct {
				Reason, Got, Want string
				InPreflight       bool
			}
			want := told{tt.reason, tt.got, tt.want, tt.inPreflight}
			for _, terse := range []bool{true, false} {
				b := &Browser{Network: Handler(tt.answer), Terse: terse}
				s := b.Open("https://app.example/").Fetch("https://api.example/", tt.init).Story()
				if d := cmp.Diff(want, told{s.Reason, s.Got, s.Want, s.InPreflight}); d != "" {
					t.Errorf("terse %v: what decided has to be told with and without events (-want +got):\n%s", terse, d)
				}
				if s.Code != tt.reason {
					t.Errorf("terse %v: the step's code is %q, want the reason %q", terse, s.Code, tt.reason)
				}
			}
		})
	}
}

func TestTheHeaderThatIsNamedIsTheOneThatGotIsTheValueOf(t *testing.T) {
	const app = "https://app.example"
	b := &Browser{Network: Handler(answer(200, "Access-Control-Allow-Origin", app, "Access-Control-Allow-Credentials", "true"))}
	s := b.Open(app).Fetch("https://api.example/", Init{Credentials: "include"}).Story()
	if d := cmp.Diff([]string{"cors.allow-credentials.true", "Access-Control-Allow-Credentials", "true", "true"},
		[]string{s.Code, s.header, s.Got, s.Want}); d != "" {
		t.Errorf("CORS check 7 looks at Access-Control-Allow-Credentials (-want +got):\n%s", d)
	}
	// A terse browser reads Got off the header itself, the others take it from the step's event. Want is a list there if
	// the preflight asks for several headers, and empty if there was no request.
	eachCase(t, func(t *testing.T, c *Case) {
		told, err := c.run(context.Background(), policy.Profile{}, stateStart(), false)
		if err != nil {
			return // Other tests are about that.
		}
		terse, err := c.run(context.Background(), policy.Profile{}, stateStart(), true)
		if err != nil {
			t.Fatal(err)
		}
		for i := range told {
			s, short := told[i].Story(), terse[i].Story()
			if s.header == "" {
				continue
			}
			if s.Got != short.Got || s.header != short.header || s.absent != short.absent {
				t.Errorf("requests[%d] ends at %s with %s: %q, and for a terse browser with %s: %q", i, s.Code, s.header, s.Got, short.header, short.Got)
			}
			if short.Want != "" && !slices.Contains(strings.Split(short.Want, ","), s.Want) {
				t.Errorf("requests[%d] ends at %s and wants %q, and for a terse browser %q", i, s.Code, s.Want, short.Want)
			}
		}
	})
}

func TestAMistakeOfTheCallerIsToldAsNoVerdict(t *testing.T) {
	tests := []struct {
		name  string
		res   *Result
		first string
	}{
		{"a page that does not parse", (&Browser{}).Open("nowhere").Fetch("/", Init{}), `no verdict: origin: parse "nowhere"`},
		{"a browser without network", (&Browser{}).Open("https://app.example").Fetch("/", Init{}), "no verdict: the Browser has no Network"},
		{"no result at all", nil, "no result"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.res.String(); !strings.HasPrefix(got, tt.first) {
				t.Errorf("the first line names the mistake:\n%s", cmp.Diff(tt.first, got))
			}
		})
	}
}

// checkStory looks for what holds for every story.
func checkStory(t *testing.T, res *Result) {
	t.Helper()
	story := res.String()
	for line := range strings.SplitSeq(story, "\n") {
		if n := utf8.RuneCountInString(line); n > textWidth {
			t.Errorf("a line of %d characters does not fit in %d: %q", n, textWidth, line)
		}
		for _, r := range line {
			if !unicode.IsPrint(r) || r == utf8.RuneError {
				t.Errorf("the character %U could steer a terminal: %q", r, line)
				break
			}
		}
	}
	if len(story) > 64<<10 {
		t.Errorf("a story of %d bytes is too long to read", len(story))
	}
	if !strings.HasPrefix(story, res.Verdict().String()) && res.Err() == nil {
		t.Errorf("the story does not begin with the verdict %q:\n%s", res.Verdict(), story)
	}
	code := res.Reason().Code()
	if res.Verdict() != Allowed && res.Verdict() != Opaque && res.Err() == nil && !strings.Contains(story, "("+code+")") {
		t.Errorf("the story does not name the code %q:\n%s", code, story)
	}
	var b bytes.Buffer
	if err := res.WriteJSON(&b); err != nil {
		t.Fatalf("the story as JSON: %v", err)
	}
	var back Story
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&back); err != nil {
		t.Fatalf("the story's JSON does not read back: %v", err)
	}
	o := res.Outcome()
	got := Outcome{Verdict: back.Verdict, Reason: back.Reason, Type: back.Type, Status: back.Status, URL: back.URL,
		Redirected: back.Redirected, Headers: back.Headers}
	o.Sent = nil
	if diff := cmp.Diff(o, got); diff != "" {
		t.Errorf("the story and the outcome disagree (-outcome +story):\n%s", diff)
	}
}

// eachCase runs a test for each case of the suite.
func eachCase(t *testing.T, test func(t *testing.T, c *Case)) {
	t.Helper()
	files, err := fs.Glob(fixtures.Cases, "cases/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(fixtures.Cases, file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			c, err := ParseCase(line)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			t.Run(c.Name, func(t *testing.T) { test(t, c) })
		}
	}
}

func TestEveryCaseOfTheSuiteCanBeTold(t *testing.T) {
	eachCase(t, func(t *testing.T, c *Case) {
		for _, terse := range []bool{false, true} {
			n, err := c.replies()
			if err != nil {
				t.Fatal(err)
			}
			b := &Browser{Network: n, Terse: terse, Now: func() time.Time { return time.Unix(0, 0) }}
			page := b.Open(c.Page.URL)
			for i := range c.Requests {
				if v := c.Requests[i].Via; v != "" && v != "fetch" && v != "xhr" {
					continue
				}
				res, err := c.Requests[i].run(context.Background(), page)
				if err != nil {
					t.Fatal(err)
				}
				checkStory(t, res)
			}
		}
	})
}

func FuzzStory(f *testing.F) {
	f.Add("https://api.example/", "PUT", "X-Token", "a", 200, "Access-Control-Allow-Origin", "*")
	f.Add("https://api.example/", "GET", "Range", "bytes=1-2,3-4", 403, "Access-Control-Allow-Origin", "\x1b]0;title\x07\xff\u202e")
	f.Add("http://[::1]:22/", "patch", "Content-Type", strings.Repeat("é", 300), 302, "Location", "https://u:p@b.example/\u0085")
	f.Add("data:text/plain,x", "GET", "Cookie", "a=b", 0, "Set-Cookie", "=;=")
	f.Fuzz(func(t *testing.T, url, method, name, value string, status int, responseName, responseValue string) {
		res := (&Browser{Network: networkFunc(func(*fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
			return &fetch.HTTPResponse{Status: status, Headers: fetch.Headers{{Name: responseName, Value: responseValue}}}, nil
		}), Terse: status%2 == 1}).Open("https://app.example").Fetch(url,
			Init{Method: method, Headers: fetch.H(name, value), Credentials: "include"})
		checkStory(t, res)
	})
}

type networkFunc func(*fetch.HTTPRequest) (*fetch.HTTPResponse, error)

func (f networkFunc) RoundTrip(_ context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	return f(r)
}

func TestAStoryOfAHugeAnswerStaysReadable(t *testing.T) {
	var h fetch.Headers
	for range 50_000 {
		h = append(h, fetch.Header{Name: "Access-Control-Allow-Origin", Value: strings.Repeat("x", 40)})
	}
	b := &Browser{Network: networkFunc(func(*fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
		return &fetch.HTTPResponse{Status: 200, Headers: h}, nil
	})}
	checkStory(t, b.Open("https://app.example").Fetch("https://api.example/"+strings.Repeat("p", 100_000), Init{}))
}

func TestTextIsBrokenAtSpacesAndElsewhereOnlyInNeed(t *testing.T) {
	tests := []struct {
		name  string
		in    string
		width int
		want  []string
	}{
		{"what fits stays", "ab cd", 5, []string{"ab cd"}},
		{"a space breaks", "ab cd", 4, []string{"ab", "cd"}},
		{"a space just past the end breaks", "ab cd", 2, []string{"ab", "cd"}},
		{"a long word is broken", "abcdef", 4, []string{"abcd", "ef"}},
		{"characters count, not bytes", "äöü ß", 3, []string{"äöü", "ß"}},
		{"nothing is a line", "", 3, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, wrap(tt.in, tt.width)); d != "" {
				t.Errorf("wrap(%q, %d) (-want +got):\n%s", tt.in, tt.width, d)
			}
		})
	}
}
