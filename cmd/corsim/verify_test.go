package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/lab"
)

func runVerify(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diag bytes.Buffer
	code = run(append([]string{"verify"}, args...), strings.NewReader(stdin), &out, &diag)
	return code, out.String(), diag.String()
}

func TestVerifyRefuses(t *testing.T) {
	t.Setenv("CORSIM_CHROMIUM", filepath.Join(t.TempDir(), "none"))
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"a browser that is not here, with the way to come by it", nil, []string{"CORSIM_CHROMIUM"}},
		{"a browser that is unknown, with those that are known", []string{"--browser", "lynx"}, []string{`"lynx"`, "chromium, firefox, webkit"}},
		{"a path at which nothing is", []string{"--browser", "./none"}, []string{"./none"}},
		{"two records at once", []string{"--record", "a", "--resume", "b"}, []string{"--record", "--resume"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := runVerify(t, "", tt.args...)
			if code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit status %d, stdout %q, stderr %q; want %d, nothing, and one line", code, stdout, stderr, exitUsage)
			}
			for _, w := range tt.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("stderr %q, want it to name %q", stderr, w)
				}
			}
		})
	}
	t.Run("without any browser it says which were looked for", func(t *testing.T) {
		t.Setenv("CORSIM_CHROMIUM", "")
		t.Setenv("PATH", t.TempDir())
		_, _, stderr := runVerify(t, "")
		for _, w := range []string{"chromium-browser", "google-chrome", "PATH", "package chromium"} {
			if !strings.Contains(stderr, w) {
				t.Errorf("stderr %q, want it to name %q", stderr, w)
			}
		}
	})
}

const verifyCases = `{"name": "agrees", "page": {"url": "https://app.example/"}, "server": [{"url": "https://app.example/u", "status": 200}], "requests": [{"url": "/u"}]}

{"name": "waits", "page": {"url": "https://app.example/"}, "server": [], "requests": [{"url": "/u", "after": 60}]}
{"name": "broken", "page": {}}
{"name": "agrees as well", "page": {"url": "https://app.example/"}, "server": [{"url": "https://app.example/u", "status": 200, "headers": ["Set-Cookie: a=1"]}], "requests": [{"url": "/u"}]}
`

func TestVerifyInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starting a browser takes seconds, and -short is set")
	}
	b, err := lab.Find(context.Background(), "chromium")
	if errors.Is(err, lab.ErrNoBrowser) {
		t.Skipf("NOT TESTED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(t.TempDir(), "record.ndjson")
	code, stdout, stderr := runVerify(t, verifyCases, "--record", record)
	want := "set aside: waits: cannot-be-asked: requests[0].after is more than 10s\n" +
		"set aside  1  cannot-be-asked  " + lab.AsideRules(b.Name)[0].Reason + "\n" +
		"2 passed, 0 failed, 0 flaky, 1 set aside (" + b.String() + ")\n"
	if stdout != want {
		t.Errorf("stdout %q, want %q", stdout, want)
	}
	if code != exitUsage || !strings.Contains(stderr, "standard input:4: ") {
		t.Errorf("exit status %d, stderr %q; want %d, for a case that is malformed, and its line", code, stderr, exitUsage)
	}

	// A record in which the browser did otherwise is a difference, and nobody asks the browser again.
	data, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, bytes.ReplaceAll(data, []byte(`"status":200`), []byte(`"status":201`)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = runVerify(t, strings.Split(verifyCases, "\n")[0], "--resume", record)
	want = "failed: agrees\n  requests[0].status\n    chromium  201\n    corsim    200\n0 passed, 1 failed, 0 flaky, 0 set aside (" + b.String() + ")\n"
	if stdout != want || code != exitDenied {
		t.Errorf("exit status %d, stdout %q, stderr %q; want %d and %q", code, stdout, stderr, exitDenied, want)
	}
	code, stdout, _ = runVerify(t, strings.Split(verifyCases, "\n")[0], "--resume", record, "--json")
	var line verifyLine
	first, _, _ := strings.Cut(stdout, "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil || line.Result != "failed" || len(line.Differences) != 1 || string(line.Differences[0].Browser) != "201" {
		t.Errorf("exit status %d, line %q, %v; want the difference as JSON", code, first, err)
	}
}
