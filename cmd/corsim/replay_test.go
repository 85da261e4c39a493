package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// replayFile writes an archive with the entries to a file and returns its path.
func replayFile(t *testing.T, entries ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.har")
	text := `{"log":{"creator":{"name":"WebInspector"},"pages":[{"id":"p","title":"https://app.example/"}],"entries":[` + strings.Join(entries, ",") + `]}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// runReplay runs corsim replay; the path of the file reads FILE in what it prints.
func runReplay(stdin, file string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(append([]string{"replay", file}, args...), strings.NewReader(stdin), &out, &err)
	hide := strings.NewReplacer(file, "FILE")
	return code, out.String(), hide.Replace(err.String())
}

const (
	replayAllowed = `{"pageref":"p","_resourceType":"fetch","request":{"method":"GET","url":"https://api.example/open","headers":[{"name":"Origin","value":"https://app.example"}]},"response":{"status":200,"headers":[{"name":"Access-Control-Allow-Origin","value":"*"}],"content":{}}}`
	replayBlocked = `{"pageref":"p","_resourceType":"fetch","request":{"method":"GET","url":"https://api.example/shut","headers":[{"name":"Origin","value":"https://app.example"}]},"response":{"status":200,"_error":"net::ERR_FAILED","headers":[]}}`
	replayDiffers = `{"pageref":"p","_resourceType":"fetch","request":{"method":"GET","url":"https://api.example/odd","headers":[{"name":"Origin","value":"https://app.example"}]},"response":{"status":200,"headers":[],"content":{"text":"\u001b[31m"}}}`
	replayOpaque  = `{"pageref":"p","_resourceType":"fetch","request":{"method":"GET","url":"https://api.example/dim","headers":[{"name":"Sec-Fetch-Mode","value":"no-cors"}]},"response":{"status":200,"headers":[]}}`
	replayUnknown = `{"pageref":"p","_resourceType":"fetch","request":{"method":"PUT","url":"https://api.example/put","headers":[{"name":"Origin","value":"https://app.example"}]},"response":{"status":0,"_error":"net::ERR_FAILED"}}`
	replayPassed  = `{"pageref":"p","_resourceType":"fetch","request":{"method":"PUT","url":"https://api.example/put","headers":[{"name":"Origin","value":"https://app.example"}]},"response":{"status":200,"headers":[{"name":"Access-Control-Allow-Origin","value":"*"}]}}`
	replayNoPage  = `{"_resourceType":"fetch","request":{"method":"GET","url":"https://api.example/lost","headers":[]},"response":{"status":200,"headers":[{"name":"Access-Control-Allow-Origin","value":"https://app.example"}]}}`
	replayBad     = `{"request":{"method":"GET","url":"https://api.example/bad"},"response":{"status":"x"}}`
	replayImage   = `{"_resourceType":"image","request":{"method":"GET","url":"https://api.example/a.png","headers":[]},"response":{"status":200}}`
)

func TestReplayPrints(t *testing.T) {
	for _, tt := range []struct {
		name    string
		entries []string
		args    []string
		code    int
		stdout  string
		stderr  string
	}{
		{"a line a request and a summary", []string{replayAllowed, replayAllowed}, nil, 0,
			`  1  allowed     GET     https://api.example/open  (cors, 200)
  2  allowed     GET     https://api.example/open  (cors, 200)

2 requests: 2 allowed, 0 blocked, 0 differ
`, ""},
		{"an opaque response is what the script asked for", []string{replayOpaque}, nil, 0,
			`  1  opaque      GET     https://api.example/dim  (response.opaque)

1 requests: 0 allowed, 0 blocked, 1 opaque, 0 differ
`, ""},
		{"blocked requests in short, and what is no request of a script", []string{replayAllowed, replayImage, replayBlocked}, []string{"--short"}, 1,
			`  1  allowed     GET     https://api.example/open  (cors, 200)
  2  blocked     GET     https://api.example/shut  (cors.allow-origin.missing)

1 of 3 entries are no requests of scripts.

2 requests: 1 allowed, 1 blocked, 0 differ
`, ""},
		{"both sides of a difference, with nothing that a terminal would obey", []string{replayDiffers}, []string{"--short"}, 1,
			`  1  blocked     GET     https://api.example/odd  (cors.allow-origin.missing, differs)

Request 1 (entry 0): GET https://api.example/odd
  differs in verdict: corsim decides "blocked", the recording shows "allowed"
  how it shows: a status and no error were recorded

1 requests: 0 allowed, 1 blocked, 1 differ
`, ""},
		{"what had to be assumed", []string{replayPassed}, nil, 0,
			`  1  allowed     PUT     https://api.example/put  (cors, 200)

Request 1 (entry 0): PUT https://api.example/put
  note: The preflight was not recorded; the request was sent after it, so it is taken to have passed.

1 requests: 1 allowed, 0 blocked, 0 differ
`, ""},
		{"why nothing can be decided without the preflight", []string{replayUnknown}, []string{"--short"}, 1,
			`  1  unanswered  PUT     https://api.example/put  (network.unanswered)

Request 1 (entry 0): PUT https://api.example/put
  note: The preflight was not recorded, and no answer to the request tells whether it passed: record it with preflights, as Chromium's developer tools and proxies do, or ask the server with corsim check.

1 requests: 0 allowed, 0 blocked, 1 unanswered, 0 differ
`, ""},
		{"a bad entry takes no other along", []string{replayAllowed, replayBad, replayAllowed}, nil, 2,
			`  1  allowed     GET     https://api.example/open  (cors, 200)
  2  allowed     GET     https://api.example/open  (cors, 200)

2 requests: 2 allowed, 0 blocked, 0 differ
`, `corsim: FILE: log.entries[1].response.status at byte ...: is "x", want a status, a whole number from 0 to 999
`},
		{"which flag names the page", []string{replayNoPage, replayAllowed}, nil, 2,
			`  1  undecided   GET     https://api.example/lost  (the recording does not say which page made the request (no page URL, no Referer, no Origin))
  2  allowed     GET     https://api.example/open  (cors, 200)

2 requests: 1 allowed, 0 blocked, 1 undecided, 0 differ
`, `corsim: FILE: log.entries[0]: GET https://api.example/lost: the recording does not say which page made the request (no page URL, no Referer, no Origin); name it with --origin, as in --origin https://app.example
`},
		{"and that it does", []string{replayNoPage}, []string{"--origin", "https://app.example"}, 0,
			`  1  allowed     GET     https://api.example/lost  (cors, 200)

1 requests: 1 allowed, 0 blocked, 0 differ
`, ""},
		{"one request of many", []string{replayAllowed, replayOpaque, replayAllowed}, []string{"--request", "2"}, 0,
			`  2  opaque      GET     https://api.example/dim  (response.opaque)

3 requests: 2 allowed, 0 blocked, 1 opaque, 0 differ
`, ""},
		{"a request that is not there", []string{replayAllowed}, []string{"--request", "2"}, 2,
			"\n1 requests: 1 allowed, 0 blocked, 0 differ\n", "corsim: FILE: there is no request 2, only 1 to 1\n"},
		{"an origin that is none", []string{replayAllowed}, []string{"--origin", "app.example"}, 2, "",
			"corsim: --origin \"app.example\": ... want a page's URL or origin, such as https://app.example\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := runReplay("", replayFile(t, tt.entries...), tt.args...)
			if code != tt.code {
				t.Errorf("exit status %d, want %d", code, tt.code)
			}
			if d := cmp.Diff(tt.stdout, stdout); d != "" {
				t.Errorf("standard output (-want +got):\n%s", d)
			}
			if before, after, ok := strings.Cut(tt.stderr, "..."); ok {
				if !strings.HasPrefix(stderr, before) || !strings.HasSuffix(stderr, after) || strings.Count(stderr, "\n") != 1 {
					t.Errorf("standard error: %q, want %q", stderr, tt.stderr)
				}
			} else if d := cmp.Diff(tt.stderr, stderr); d != "" {
				t.Errorf("standard error (-want +got):\n%s", d)
			}
		})
	}
}

func TestReplayTellsTheWholeStoryOfWhatWasBlocked(t *testing.T) {
	code, stdout, stderr := runReplay("", replayFile(t, replayBlocked))
	if code != 1 || stderr != "" {
		t.Errorf("exit status %d, standard error %q; want 1 and none", code, stderr)
	}
	for _, want := range []string{"Request 1 (entry 0): GET https://api.example/shut\n", "https://fetch.spec.whatwg.org/#concept-cors-check", "Access-Control-Allow-Origin", "https://app.example"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the story of a blocked request does not hold %q:\n%s", want, stdout)
		}
	}
}

func TestReplayTakesOneFileThatIsThere(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"none", []string{"replay"}, "one HAR file, not 0"},
		{"two", []string{"replay", "a", "b"}, "one HAR file, not 2"},
		{"one that is not there", []string{"replay", filepath.Join(t.TempDir(), "none.har")}, "none.har: no such file"},
		{"a flag that is not there", []string{"replay", "--orgin", "x", "a.har"}, "--orgin"},
		{"an empty file", []string{"replay", "-"}, "is empty, want a HAR file"},
	} {
		var out, err bytes.Buffer
		if code := run(tt.args, strings.NewReader(""), &out, &err); code != 2 {
			t.Errorf("%s: exit status %d, want 2", tt.name, code)
		}
		if s := err.String(); !strings.Contains(s, tt.want) || strings.Count(s, "\n") != 1 || !strings.HasPrefix(s, "corsim: ") {
			t.Errorf("%s: standard error %q, want one line with %q", tt.name, s, tt.want)
		}
	}
}

func TestReplayReadsStandardInput(t *testing.T) {
	data, err := os.ReadFile(replayFile(t, replayAllowed))
	if err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := runReplay(string(data), "-"); code != 0 || stderr != "" || !strings.Contains(stdout, "1 requests: 1 allowed") {
		t.Errorf("exit status %d, standard output %q, standard error %q", code, stdout, stderr)
	}
}

func TestReplayWritesJSON(t *testing.T) {
	code, stdout, _ := runReplay("", replayFile(t, replayAllowed, replayDiffers, replayBad, replayNoPage, replayPassed), "--json")
	if code != 2 {
		t.Errorf("exit status %d, want 2 for the bad entry", code)
	}
	type line struct {
		Number      int
		Entries     []int
		Verdict     string
		Reason      string
		Shown       *string
		Differences []struct{ Key, Corsim, Recording string }
		Notes       []string
		Error       string
		Story       *struct{ Verdict, Origin string }
		Summary     map[string]int
	}
	var got []line
	d := json.NewDecoder(strings.NewReader(stdout))
	for d.More() {
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	if n := strings.Count(stdout, "\n"); n != len(got) || n != 5 {
		t.Fatalf("%d objects in %d lines, want one each for 4 requests and the summary:\n%s", len(got), n, stdout)
	}
	shown := "allowed"
	if d := cmp.Diff(&shown, got[1].Shown); d != "" || len(got[1].Differences) != 1 ||
		got[1].Differences[0].Corsim != "blocked" || got[1].Differences[0].Recording != "allowed" || got[1].Reason != "cors.allow-origin.missing" {
		t.Errorf("a difference, both sides: %+v", got[1])
	}
	if got[0].Story == nil || got[0].Story.Origin != "https://app.example" || got[0].Verdict != "allowed" || got[0].Number != 1 {
		t.Errorf("an allowed request with its story: %+v", got[0])
	}
	if got[2].Error == "" || got[2].Story != nil || got[2].Verdict != "" || !cmp.Equal(got[2].Entries, []int{3}) {
		t.Errorf("a request that cannot be decided has an error and no story: %+v", got[2])
	}
	if len(got[3].Notes) != 1 {
		t.Errorf("what was assumed is told: %+v", got[3])
	}
	want := map[string]int{"requests": 4, "allowed": 2, "blocked": 1, "opaque": 0, "invalid": 0, "unanswered": 0, "undecided": 1, "differ": 1, "leftOut": 0}
	if d := cmp.Diff(want, got[4].Summary); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
}

func TestReplayAgreesWithTheRecordingsOfDjango(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "django", "*.har"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		profile := "chromium"
		if strings.Contains(file, ".firefox.") {
			profile = "firefox"
		}
		code, stdout, stderr := runReplay("", file, "--short", "--profile", profile)
		lines := strings.SplitAfter(stdout, "\n")
		last := lines[max(len(lines)-2, 0)]
		if code != 1 || stderr != "" || !strings.HasPrefix(last, "21 requests: ") || !strings.HasSuffix(last, " 0 differ\n") {
			t.Errorf("%s: exit status %d, standard error %q, summary %q; want 21 requests of which some are blocked and none differs", file, code, stderr, last)
		}
	}
}
