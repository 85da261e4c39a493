package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/simulator"
)

// What asks for nothing is refused with a line that says what is missing, before any browser starts.
func TestVerifyRefusesToAskNothing(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("CORSIM_CHROMIUM", filepath.Join(folder, "none"))
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	record := file("record.ndjson", `{"browser":"firefox","version":"1.0","command":"none","time":"2026-07-02T12:00:00Z"}`+"\n")
	empty := file("empty.ndjson", "\n")
	mini := file("MiniBrowser", "#!/bin/sh\nexit 1\n")
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no cases to make", []string{"--count", "0"}, "--count is 0; it has to be at least 1"},
		{"fewer than none", []string{"--count", "-1"}, "--count is -1; it has to be at least 1"},
		{"areas of no cases", []string{"--area", "xhr", "x"}, "--area says which cases --count makes: give --count as well"},
		{"the seed of no cases", []string{"--seed", "7"}, "--seed says which cases --count makes: give --count as well"},
		{"an area that is none", []string{"--count", "1", "--area", "x"}, `--area "x" is none of `},
		{"time that is over", []string{"--timeout", "-5s", "x"}, "--timeout is -5s; it has to be more than 0s"},
		{"no time", []string{"--timeout", "0", "x"}, "--timeout is 0s; it has to be more than 0s"},
		{"less than one at a time", []string{"--jobs", "-3", "x"}, "--jobs is -3; it has to be at least 1, or 0 for what suits the browser"},
		{"a file without cases", []string{"--recorded", record, empty}, "no cases are in " + empty},
		{"standard input without cases", []string{"--recorded", record}, "no cases are given: name files of cases, or - for standard input, or have some made by --count"},
		{"the same by its name", []string{"--recorded", record, "-"}, "no cases are in -"},
		{"a browser that is not there", []string{"--browser", "/no/such", "x"}, "/no/such: no such browser here: no such file or directory; chromium: Debian and Ubuntu have it as the package chromium; firefox: "},
		{"the window of WebKitGTK", []string{"--browser", mini, "x"}, mini + " is led by WebKitWebDriver: give webkit, or the path of WebKitWebDriver"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := runVerify(t, "", tt.args...)
			if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "corsim: "+tt.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit status %d, stdout %q, stderr %q; want %d, nothing, and %q", code, stdout, stderr, exitUsage, tt.want)
			}
		})
	}
	t.Run("a terminal, or nothing at all, without a file", func(t *testing.T) {
		nothing, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer nothing.Close()
		var out, diag bytes.Buffer
		code := run([]string{"verify", "--resume", record}, nothing, &out, &diag)
		want := "corsim: no cases are given: --resume " + record + " tells what is not asked again, and not what is; name the files of the cases as well, or --seed and --count\n"
		if code != exitUsage || out.Len() > 0 || diag.String() != want {
			t.Errorf("exit status %d, stdout %q, stderr %q; want %d and %q", code, &out, &diag, exitUsage, want)
		}
	})
}

func TestVerifyReadsStandardInputByItsName(t *testing.T) {
	record := filepath.Join(t.TempDir(), "record.ndjson")
	var b bytes.Buffer
	if _, err := lab.NewRecord(&b, &lab.RecordHead{Browser: "firefox", Version: "1.0", Command: "none", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(record, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := runVerify(t, strings.Split(verifyCases, "\n")[0], "--recorded", record, "--json", "-")
	var last struct {
		Browser, Version string
		NotOnRecord      int
	}
	if err := json.Unmarshal([]byte(stdout), &last); err != nil || code != exitFine || stderr != "" ||
		last.Browser != "firefox" || last.Version != "1.0" || last.NotOnRecord != 1 {
		t.Errorf("exit status %d, stdout %q, stderr %q, %v; want one case that is not on record, and the browser with its version", code, stdout, stderr, err)
	}
}

// An interrupted run tells the whole command, so that it can be copied.
func TestVerifyTellsHowToGoOn(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--record", "r.ndjson", "a.ndjson", "b c.ndjson"}, "corsim verify --resume r.ndjson a.ndjson 'b c.ndjson'"},
		{[]string{"--resume", "it's", "--browser", "./chrome", "--timeout", "5s", "--json", "x"}, `corsim verify --resume 'it'\''s' --browser ./chrome --timeout 5s --json x`},
		{[]string{"--count", "3", "--seed", "7", "--area", "xhr,redirects", "--record", "r", "--shrink=false"}, "corsim verify --resume r --seed 7 --count 3 --area xhr,redirects --shrink=false"},
		{[]string{"--record", "r"}, "corsim verify --resume r, with the same cases on standard input"},
		{[]string{"--record", "r", "a", "-"}, "corsim verify --resume r a -, with the same cases on standard input"},
	} {
		a := newApp(strings.NewReader(""), new(bytes.Buffer), new(bytes.Buffer))
		v := &verification{app: a}
		root := newRootCommand(a)
		c, rest, err := root.Find([]string{"verify"})
		if err != nil || len(rest) > 0 {
			t.Fatal(err)
		}
		if err := c.ParseFlags(tt.args); err != nil {
			t.Fatal(err)
		}
		flags := c.Flags()
		v.record, _ = flags.GetString("record")
		v.resume, _ = flags.GetString("resume")
		v.count, _ = flags.GetInt("count")
		v.areas, _ = flags.GetStringSlice("area")
		v.timeout = time.Second
		if err := v.check(c, flags.Args()); err != nil {
			t.Fatal(err)
		}
		if got := v.goesOn(); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.args, got, tt.want)
		}
	}
}

// What --resume is given may be anything.
func TestVerifyResumesRecordsAlone(t *testing.T) {
	b := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(b, []byte("#!/bin/sh\necho Chromium 1.0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ok.ndjson")
	if err := os.WriteFile(file, []byte(verifyCases), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := runVerify(t, "", "--browser", b, "--resume", file, file)
	if want := "corsim: --resume " + file + ": record: line 1 does not name the browser\n"; code != exitUsage || stdout != "" || stderr != want {
		t.Errorf("exit status %d, stdout %q, stderr %q; want %d and %q", code, stdout, stderr, exitUsage, want)
	}
	// A record of nothing would be in the way of the next one.
	record := filepath.Join(t.TempDir(), "record.ndjson")
	code, _, stderr = runVerify(t, "", "--browser", b, "--record", record)
	if _, err := os.Stat(record); code != exitUsage || !strings.HasPrefix(stderr, "corsim: no cases are given") || !os.IsNotExist(err) {
		t.Errorf("exit status %d, stderr %q, %v; want %d, the lack of cases, and no record", code, stderr, err, exitUsage)
	}
}

func TestACaseThatWasCutDownIsMarkedInJSON(t *testing.T) {
	data, err := json.Marshal(verifyCut{Name: "a", Result: "cut down", Case: simulator.Case{Name: "b"}, Differences: []verifyDifference{}})
	if want := `{"name":"a","result":"cut down","case":{"name":"b",`; err != nil || !strings.HasPrefix(string(data), want) || !strings.HasSuffix(string(data), `"still":false,"differences":[]}`) {
		t.Errorf("%s, %v; want it to begin with %s", data, err, want)
	}
}
