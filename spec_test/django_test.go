package spec_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fixtures"
	"github.com/corsim/corsim/internal/har"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// A seen is what the _corsim member of a recording's entry says that a browser's script saw.
type seen struct {
	Name       string   `json:"name"`
	URL        string   `json:"url"`
	Verdict    string   `json:"verdict"`
	Type       string   `json:"type"`
	Status     int      `json:"status"`
	Response   string   `json:"responseURL"`
	Redirected bool     `json:"redirected"`
	Headers    []string `json:"headers"`
}

// eachDjango calls f for every recording of the Django server, with its entries and the profile of its browser.
func eachDjango(t *testing.T, f func(t *testing.T, data []byte, entries []har.Entry, profile policy.Profile)) {
	t.Helper()
	files, err := fs.Glob(fixtures.Django, "django/*.har")
	if err != nil || len(files) != 16 {
		t.Fatalf("%d recordings, want 4 states from 2 pages by 2 browsers: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "django/"), ".har"), func(t *testing.T) {
			data, err := fs.ReadFile(fixtures.Django, file)
			if err != nil {
				t.Fatal(err)
			}
			d := har.NewDecoder(bytes.NewReader(data))
			var entries []har.Entry
			for e, err := range d.Entries() {
				if err != nil {
					t.Fatal(err)
				}
				entries = append(entries, e)
			}
			profile, ok := policy.ProfileByName(d.Log().Browser.Name)
			if !ok {
				t.Fatalf("no profile is called as the browser of the recording, %q", d.Log().Browser.Name)
			}
			f(t, data, entries, profile)
		})
	}
}

// replayed replays a recording and fails for what cannot be replayed.
func replayed(t *testing.T, data io.Reader, profile policy.Profile) []*simulator.Replayed {
	t.Helper()
	rec, errs := simulator.ReadHAR(data)
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	var out []*simulator.Replayed
	for r := range rec.Replay(context.Background(), simulator.ReplayOptions{Profile: profile}) {
		if r.Err != nil {
			t.Fatalf("entry %d: %v", r.Entries[0], r.Err)
		}
		out = append(out, r)
	}
	return out
}

func TestDjangoIsDecidedAsTheBrowserDecided(t *testing.T) {
	eachDjango(t, func(t *testing.T, data []byte, entries []har.Entry, profile policy.Profile) {
		var want []seen
		for i, e := range entries {
			if e.Corsim == nil {
				continue
			}
			var s seen
			if err := json.Unmarshal(e.Corsim, &s); err != nil {
				t.Fatalf("entry %d: _corsim: %v", i, err)
			}
			want = append(want, s)
		}
		var got []seen
		for i, r := range replayed(t, bytes.NewReader(data), profile) {
			if i >= len(want) {
				t.Fatalf("more requests than the script made: entry %d begins the first", r.Entries[0])
			}
			o := r.Result.Outcome()
			// The name and the URL as the script wrote it are no decisions.
			got = append(got, seen{want[i].Name, want[i].URL, o.Verdict, o.Type, o.Status, o.URL, o.Redirected, o.Headers})
			if len(r.Differences) > 0 {
				t.Errorf("%s: replay tells differences where the browser and corsim should agree: %v", want[i].Name, r.Differences)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("corsim and the browser's script disagree about the same answers (-browser +corsim):\n%s", d)
		}
	})
}

// What goes over the network is as telling as what comes back: corsim asks for consent where the browser did.
func TestDjangoIsAskedWhatTheBrowserAsked(t *testing.T) {
	eachDjango(t, func(t *testing.T, data []byte, entries []har.Entry, profile policy.Profile) {
		type line struct{ Method, URL, Origin, RequestMethod, RequestHeaders, ContentType, Site string }
		var want, got [][]line
		list := replayed(t, bytes.NewReader(data), profile)
		for _, r := range list {
			var w, g []line
			for _, i := range r.Entries {
				q := &entries[i].Request
				get := func(name string) string {
					for _, h := range q.Headers {
						if strings.EqualFold(h.Name, name) {
							return h.Value
						}
					}
					return ""
				}
				w = append(w, line{q.Method, q.URL, get("Origin"), get("Access-Control-Request-Method"),
					get("Access-Control-Request-Headers"), get("Content-Type"), get("Sec-Fetch-Site")})
			}
			for _, x := range r.Result.Exchanges() {
				q := &x.Request
				get := func(name string) string { v, _ := q.Headers.Get(name); return v }
				g = append(g, line{q.Method, q.URL.String(), get("Origin"), get("Access-Control-Request-Method"),
					get("Access-Control-Request-Headers"), get("Content-Type"), get("Sec-Fetch-Site")})
			}
			want, got = append(want, w), append(got, g)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("corsim sends other requests than the browser (-browser +corsim):\n%s", d)
		}
	})
}

// Without _corsim a recording is what a proxy writes: the requests have to be made out from what was sent, and those
// that never were sent from their preflights.
func TestDjangoIsDecidedFromWhatAProxyRecords(t *testing.T) {
	eachDjango(t, func(t *testing.T, _ []byte, entries []har.Entry, profile policy.Profile) {
		want := map[int]string{} // verdicts by the last entry of each request
		var bare []har.Entry
		for i, e := range entries {
			if s := sawIn(t, e); s != nil && (s.Init.Credentials != "include" || len(e.Request.Cookies) > 0 || e.ResourceType == "preflight") {
				want[i] = s.Verdict
			} // else nothing on the wire tells that the script asked for credentials
			e.Corsim, e.ResourceType, e.Initiator, e.Pageref = nil, "", har.Initiator{}, ""
			bare = append(bare, e)
		}
		got := map[int]string{}
		for _, r := range replayed(t, archive(t, har.Log{Creator: har.Creator{Name: "a proxy"}}, bare), profile) {
			last := r.Entries[len(r.Entries)-1]
			if _, known := want[last]; known {
				got[last] = r.Result.Verdict().String()
			}
			if r.HasShown && r.Shown != simulator.Blocked {
				t.Errorf("entry %d: a proxy cannot have seen that the script's request was %v", r.Entries[0], r.Shown)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("verdicts by the last entry of each request (-browser +corsim):\n%s", d)
		}
	})
}

// Developer tools export a request that the browser blocked with an error and without a body, after its preflight or
// before it, and leave cookies out.
func TestDjangoIsDecidedFromWhatDeveloperToolsExport(t *testing.T) {
	eachDjango(t, func(t *testing.T, _ []byte, entries []har.Entry, profile policy.Profile) {
		type decided struct{ URL, Verdict string }
		var want, got []decided
		var list []har.Entry
		for _, e := range entries {
			s := sawIn(t, e)
			e.Corsim, e.Request.Cookies = nil, nil
			e.Request.Headers = slices.DeleteFunc(slices.Clone(e.Request.Headers), func(h har.Header) bool { return strings.EqualFold(h.Name, "Cookie") })
			switch {
			case s == nil:
				list = append(list, e)
				continue
			case s.Verdict != "blocked":
				list = append(list, e)
			case e.ResourceType != "preflight":
				e.Error, e.Response.Body = "net::ERR_FAILED", nil
				list = append(list, e)
			default:
				// The request that was never sent, with its provisional headers.
				method := s.Init.Method
				if method == "" {
					method = "GET"
				}
				never := har.Entry{Started: e.Started, Pageref: e.Pageref, ResourceType: "fetch", Error: "net::ERR_FAILED",
					Request: har.Request{Method: method, URL: s.URL}}
				for _, line := range append(s.Init.Headers, "User-Agent: a browser", "Referer: "+pageOf(entries)) {
					name, value, _ := strings.Cut(line, ": ")
					never.Request.Headers = append(never.Request.Headers, har.Header{Name: name, Value: value})
				}
				if len(want)%2 == 0 {
					list = append(list, e, never)
				} else {
					list = append(list, never, e)
				}
			}
			want = append(want, decided{s.URL, s.Verdict})
		}
		log := har.Log{Creator: har.Creator{Name: "WebInspector", Version: "537.36"}, Pages: []har.Page{{ID: "page_1", Title: pageOf(entries)}}}
		for _, r := range replayed(t, archive(t, log, list), profile) {
			got = append(got, decided{r.URL, r.Result.Verdict().String()})
			if !r.HasShown || len(r.Differences) > 0 {
				t.Errorf("%s %s: replay tells differences where the browser and corsim should agree: shown %v (%s), %v, notes %q",
					r.Method, r.URL, r.Shown, r.Evidence, r.Differences, r.Notes)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("verdicts (-browser +corsim):\n%s", d)
		}
	})
}

// sawIn returns what the script saw, nil if the entry does not say.
func sawIn(t *testing.T, e har.Entry) *saw {
	t.Helper()
	if e.Corsim == nil {
		return nil
	}
	s := new(saw)
	if err := json.Unmarshal(e.Corsim, s); err != nil {
		t.Fatal(err)
	}
	return s
}

// A saw is a seen with the request that led to it.
type saw struct {
	URL     string `json:"url"`
	Verdict string `json:"verdict"`
	Init    struct {
		Method      string   `json:"method"`
		Headers     []string `json:"headers"`
		Credentials string   `json:"credentials"`
	} `json:"init"`
}

// pageOf is the URL of the page that made the first request.
func pageOf(entries []har.Entry) string {
	for _, h := range entries[0].Request.Headers {
		if strings.EqualFold(h.Name, "Origin") {
			return h.Value + "/"
		}
	}
	return ""
}

// archive writes an HTTP archive.
func archive(t *testing.T, log har.Log, entries []har.Entry) io.Reader {
	t.Helper()
	var b bytes.Buffer
	w := har.NewWriter(&b, log.Creator)
	for _, p := range log.Pages {
		if err := w.WritePage(p); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range entries {
		if err := w.WriteEntry(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}
