package simulator

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The exports in testdata are real ones, and what the script saw was noted beside: the requests in their order, what
// the page expected to try with each, and whether the promise was fulfilled with something to read.
func TestReplayOfWhatDeveloperToolsExported(t *testing.T) {
	const (
		api = "http://localhost:9102"
		// The page had no cookies for the server. Chromium's export has an error that only credentials explain,
		// Firefox's has nothing: there, the request is decided as one without.
		unknowable = "a star for a request with credentials"
	)
	saw := []struct{ what, request, verdict string }{
		{"every origin is allowed", "GET " + api + "/open?1", "allowed"},
		{"no CORS headers", "GET " + api + "/shut?2", "blocked"},
		{"a preflight that the browser had in its cache", "PUT " + api + "/open?3", "allowed"},
		{"a preflight that is answered 401", "PUT " + api + "/pf401?4", "blocked"},
		{"JSON without Access-Control-Allow-Headers", "POST " + api + "/nohdr?5", "blocked"},
		{unknowable, "GET " + api + "/open?6", "blocked"},
		{"a redirect within the server", "GET " + api + "/redir?7", "allowed"},
		{"a redirect to where there are no CORS headers", "GET " + api + "/redirshut?8", "blocked"},
		{"CORS headers on the preflight alone", "PUT " + api + "/pfonly?9", "blocked"},
		{"nobody listens on the port", "GET http://localhost:9109/10", "blocked"},
		{"the mode no-cors", "GET " + api + "/shut?11", "opaque"},
		{"the page's own origin", "PUT http://localhost:9101/here?12", "allowed"},
		{"a 204", "GET " + api + "/n204?13", "allowed"},
		{"an error page without CORS headers", "GET " + api + "/e500?14", "blocked"},
		{"an XMLHttpRequest whose upload is listened to", "POST " + api + "/nolisten?15", "blocked"},
	}
	files, err := filepath.Glob("testdata/devtools*.har")
	if err != nil || len(files) == 0 {
		t.Fatalf("no exports: %v", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		rec, errs := ReadHAR(f)
		f.Close()
		if len(errs) > 0 {
			t.Errorf("%s: %v", file, errors.Join(errs...))
		}
		var want, got []string
		for _, s := range saw {
			if strings.Contains(file, "firefox") && s.what == unknowable {
				s.verdict = "allowed"
			}
			want = append(want, s.request+" "+s.verdict)
		}
		for r := range rec.Replay(context.Background(), ReplayOptions{}) {
			if r.Err != nil {
				t.Errorf("%s: %s %s: %v", file, r.Method, r.URL, r.Err)
				continue
			}
			got = append(got, r.Method+" "+r.URL+" "+r.Result.Verdict().String())
			if len(r.Differences) > 0 {
				t.Errorf("%s: %s %s: differs: %v (%s); notes: %s", file, r.Method, r.URL, r.Differences, r.Evidence, strings.Join(r.Notes, " "))
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-what the script saw +what corsim decides):\n%s", file, d)
		}
	}
}
