package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// runCommand runs corsim and returns its streams and its exit status.
func runCommand(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), code
}

// file writes a file for a command to read, and returns its path.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// aCase is a case whose one request, a simple GET to another origin, is answered with headers.
func aCase(name, headers, expect string) string {
	quoted, err := json.Marshal(name)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf(`{"name":%s,"page":{"url":"https://app.example/"},"server":[{"url":"https://api.example/","status":200,"headers":[%s],"body":"{}"}],`+
		`"requests":[{"url":"https://api.example/"%s}]}`, quoted, headers, expect)
}

func TestMistakesInTheCommandLineAreOneLineAndStatus2(t *testing.T) {
	tests := []struct {
		name string
		args string
		want string // the line, in as far as it is ours
	}{
		{"an unknown command", "origins", `unknown command "origins" (did you mean "origin"? corsim --help lists the commands)`},
		{"help about an unknown command", "help origins", `unknown command "origins" (did you mean "origin"?`},
		{"completions for an unknown shell", "completion csh", `unknown command "csh"`},
		{"an unknown flag", "eval --profil spec", "unknown flag: --profil (corsim eval --help tells the flags)"},
		{"an unknown profile", "eval --profile edge", "the profiles are spec, chromium, firefox and webkit"},
		{"check without URL", "check --origin https://a.example", "corsim check takes one URL, not 0 arguments"},
		{"check without origin", "check https://a.example", "--origin is missing"},
		{"check with an origin that is no URL", "check https://a.example --origin b.example", "--origin: origin: parse"},
		{"check with a URL that is none", "check a.example --origin https://b.example", "did you mean https://a.example?"},
		{"a header without colon", "check https://a.example --origin https://b.example --header X", `--header: "X" has no colon`},
		{"a page header without colon", "check https://a.example --origin https://b.example --page-header X", `--page-header: "X" has no colon`},
		{"an upload listener with fetch", "check https://a.example --origin https://b.example --upload-listener", "--upload-listener goes with --xhr"},
		{"a mode with XMLHttpRequest", "check https://a.example --origin https://b.example --xhr --mode cors", "--mode does not go with --xhr"},
		{"a redirect mode with XMLHttpRequest", "check https://a.example --origin https://b.example --xhr --redirect error", "--redirect does not go with --xhr"},
		{"XMLHttpRequest without any credentials", "check https://a.example --origin https://b.example --xhr --credentials omit", "--credentials omit does not go"},
		{"no time", "check https://a.example --origin https://b.example --timeout 0s", "--timeout: 0s is no time at all"},
		{"a cookie that is not kept", "check https://a.example --origin https://b.example --cookie a=b;Domain=c.example", "--cookie: https://a.example does not keep"},
		{"origin without URL", "origin", "at least one URL"},
		{"compare with one URL", "compare https://a.example", "takes two URLs"},
		{"compare with a URL that is none", "compare https://a.example b", "missing-scheme-non-relative-URL"},
		{"a code that no step has", "steps cors.missing", `no step has the code "cors.missing"`},
		{"a file that is not there", "eval /does/not/exist", "/does/not/exist: no such file or directory"},
		{"control characters", "eval \x1b[31m", `\x1b[31m: no such file or directory`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, more := range []string{"", " --json"} {
				stdout, stderr, code := runCommand(t, "", strings.Fields(tt.args+more)...)
				if code != exitUsage {
					t.Errorf("exit status %d, want %d: a script has to tell a mistake from a verdict", code, exitUsage)
				}
				if stdout != "" {
					t.Errorf("data on standard output:\n%s", cmp.Diff("", stdout))
				}
				if !strings.HasPrefix(stderr, "corsim: ") || strings.Count(stderr, "\n") != 1 || !strings.HasSuffix(stderr, "\n") || !strings.Contains(stderr, tt.want) {
					t.Errorf("standard error has to be one line that begins with corsim: and tells the mistake:\n%s", cmp.Diff("corsim: ..."+tt.want+"...\n", stderr))
				}
			}
		})
	}
}

func TestHelpOpensWithExamples(t *testing.T) {
	for _, args := range []string{"", "--help", "help", "eval --help", "test -h", "check --help", "help origin", "compare --help", "steps --help"} {
		t.Run("corsim "+args, func(t *testing.T) {
			stdout, stderr, code := runCommand(t, "", strings.Fields(args)...)
			if !strings.HasPrefix(stdout, "Examples:\n  corsim ") || !strings.Contains(stdout, "\nUsage:\n  corsim ") || stderr != "" || code != exitFine {
				t.Errorf("exit status %d, standard error %q, standard output:\n%s", code, stderr, stdout)
			}
		})
	}
}

func TestVersionNamesTheStandard(t *testing.T) {
	stdout, stderr, code := runCommand(t, "", "--version")
	if !strings.HasPrefix(stdout, "corsim ") || !strings.Contains(stdout, "Fetch standard of 2026-07-02") || stderr != "" || code != exitFine {
		t.Errorf("exit status %d, standard error %q, standard output %q", code, stderr, stdout)
	}
}

func TestCompletionsKnowTheProfilesAndTheCodes(t *testing.T) {
	tests := []struct{ name, args, want string }{
		{"a profile", "__complete eval --profile ", "webkit\n"},
		{"a code", "__complete steps cors", "cors.allow-origin.missing\n"},
		{"a code of a cookie", "__complete steps cookie", "cookie.same-site.lax\n"},
		{"a mode", "__complete check --mode ", "no-cors\n"},
		{"a script for the shell", "completion bash", "__start_corsim"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := strings.Split(tt.args, " ")
			if stdout, _, code := runCommand(t, "", args...); code != exitFine || !strings.Contains(stdout, tt.want) {
				t.Errorf("exit status %d; the completions lack a line:\n%s", code, cmp.Diff(tt.want, stdout))
			}
		})
	}
}

func TestCommandsWriteWhatTheyFind(t *testing.T) {
	const (
		star     = `"Access-Control-Allow-Origin: *"`
		sent     = `[{"method":"GET","url":"https://api.example/","headers":["origin: https://app.example","referer: https://app.example/","sec-fetch-dest: empty","sec-fetch-mode: cors","sec-fetch-site: cross-site"]}]`
		allowed  = `{"verdict":"allowed","reason":"","type":"cors","status":200,"url":"https://api.example/","redirected":false,"headers":[],"sent":` + sent + `}`
		blocked  = `{"verdict":"blocked","reason":"cors.allow-origin.missing","type":"error","status":0,"url":"","redirected":false,"headers":[],"sent":` + sent + `}`
		lineA    = `{"name":"a","results":[` + allowed + "]}\n"
		lineB    = `{"name":"b","results":[` + blocked + "]}\n"
		noServer = `{"name":"a","page":{"url":"https://app.example/"},"server":[],"requests":[]}`
	)
	a, b := aCase("a", star, ""), aCase("b", "", "")
	tests := []struct {
		name   string
		args   string
		stdin  string
		stdout string
		stderr string // each line without "corsim: "
		code   int
	}{
		{"cases come out in order, every key filled in", "eval", a + "\n" + b + "\n", lineA + lineB, "", 0},
		{"an array is read alike", "eval -", "[" + a + ",\n" + b + "]\n", lineA + lineB, "", 0},
		{"so are a byte order mark, blank lines and CRLF", "eval", "\uFEFF\n \t\r\n" + a + "\r\n\n" + b, lineA + lineB, "", 0},
		{"and an array with all of that", "eval", "\uFEFF\n[\n\n" + a + "\t\n , " + b + "\n]\n\n", lineA + lineB, "", 0},
		{"nothing is no case", "eval", "", "", "", 0},
		{"an empty array is no case", "eval", " [ ] ", "", "", 0},
		{"a case without requests has no results", "eval", noServer, `{"name":"a","results":[]}` + "\n", "", 0},
		{"HTML is not escaped", "eval", strings.Replace(noServer, `"a"`, `"<&>"`, 1), `{"name":"<&>","results":[]}` + "\n", "", 0},
		{"a malformed case is told with its line and the others are evaluated", "eval", a + "\n{]\n" + b + "\n", lineA + lineB,
			"stdin:2: not JSON at byte 2 of the case: invalid character ']' looking for beginning of object key string", 2},
		{"a line that ends early is told as such", "eval", `{"name":"x",` + "\n" + b, lineB,
			"stdin:1: the text ends inside the case; a case stands in one line, or in an array", 2},
		{"an unknown key is named with its case", "eval", strings.Replace(a, `"page"`, `"colour":1,"page"`, 1) + "\n" + b, lineB,
			`stdin:1: case "a": unknown key "colour"`, 2},
		{"what is no object is no case", "eval", "5\n" + b, lineB, `stdin:1: a case is a JSON object, not "5"`, 2},
		{"a way to make requests that is not there is named", "eval", strings.Replace(a, `"requests":[{`, `"requests":[{"via":"img",`, 1) + "\n" + b, lineB,
			`stdin:1: case "a": requests[0]: not evaluated: via "img" is not one of fetch and xhr`, 2},
		{"a profile that does not exist is named", "eval", aCase("a", star, `,"expect":{"spec":{},"edge":{}}`) + "\n" + b, lineB,
			`stdin:1: case "a": unknown key "edge": expect by profile has the keys spec, chromium, firefox and webkit`, 2},
		{"a malformed case in an array is told with the line of the fault", "eval", "[\n{\n\"name\": x},\n" + b + "]", lineB,
			"stdin:3: not JSON at byte 11 of the case: invalid character 'x' looking for beginning of value", 2},
		{"brackets that do not fit spoil one case only", "eval", "[{\"name\":1],\n" + b + "]", lineB,
			"stdin:1: not JSON at byte 10 of the case: invalid character ']' after object key:value pair", 2},
		{"a missing comma is told, and nothing is lost", "eval", "[" + a + "\n" + b + "]", lineA + lineB,
			"stdin:2: no comma stands between this case and the one before", 2},
		{"a comma too many is told", "eval", "[" + a + ",\n]", lineA, "stdin:2: a comma stands before the ], with no case between them", 2},
		{"an array that goes on with nonsense ends there", "eval", "[" + a + ",\n" + b + "\nx" + a + "]", lineA + lineB,
			"stdin:3: 'x' where a comma or ] should be; the rest of the array is not read", 2},
		{"an array of something else ends there", "eval", "[" + a + ",\n5," + b + "]", lineA,
			"stdin:2: '5' where a case, which is an object, should begin; the rest of the array is not read", 2},
		{"an array without its end is told with its beginning", "eval", "\n[" + a + ",\n" + b, lineA + lineB,
			"stdin:3: the file ends inside the array that begins in line 2: its ] is missing", 2},
		{"a case without its end is told with its beginning", "eval", "[" + a + ",\n{\"name\":\n[}\n", lineA,
			"stdin:2: the file ends inside this case: a bracket or a quote is not closed", 2},
		{"what follows an array is told", "eval", "[" + a + "]\n" + b, lineA, "stdin:2: something follows the array of cases", 2},

		{"cases that come out as expected pass", "test", aCase("a", star, `,"expect":{"verdict":"allowed"}`) + "\n" + b, "2 passed, 0 failed\n", "", 0},
		{"a difference is told with both sides", "test", aCase("a", "", `,"expect":{"verdict":"allowed","status":0}`) + "\n" + b,
			"stdin:1: a\n  requests[0].verdict\n    got   \"blocked\"\n    want  \"allowed\"\n1 passed, 1 failed\n", "", 1},
		{"the profile chooses what is expected", "test --profile webkit", aCase("a", star, `,"expect":{"spec":{"verdict":"allowed"},"webkit":{"status":404}}`),
			"stdin:1: a\n  requests[0].status\n    got   200\n    want  404\n0 passed, 1 failed\n", "", 1},
		{"where a profile is not spoken of the standard stands for it", "test --profile firefox", aCase("a", star, `,"expect":{"spec":{"status":404}}`),
			"stdin:1: a\n  requests[0].status\n    got   200\n    want  404\n0 passed, 1 failed\n", "", 1},
		{"a malformed case is neither passed nor failed, and its status wins", "test", aCase("a", "", `,"expect":{"status":5}`) + "\n{",
			"stdin:1: a\n  requests[0].status\n    got   0\n    want  5\n0 passed, 1 failed\n",
			"stdin:2: the text ends inside the case; a case stands in one line, or in an array", 2},
		{"differences are JSON if asked for", "test --json", aCase("a", "", `,"expect":{"verdict":"allowed"}`),
			`{"file":"stdin","line":1,"name":"a","note":"","spec":"","differences":[{"key":"requests[0].verdict","got":"blocked","want":"allowed"}]}` +
				"\n" + `{"passed":0,"failed":1}` + "\n", "", 1},
		{"control characters in a case do not reach the terminal", "test", aCase("\x1b[31m\u202e", "", `,"expect":{"reason":"\u001b\u009b"}`),
			`stdin:1: \x1b[31m\u202e` + "\n  requests[0].reason\n    got   \"cors.allow-origin.missing\"\n    want  \"\\u001b\\u009b\"\n0 passed, 1 failed\n", "", 1},

		{"an origin is told in a table", "origin https://user@WWW.example.co.uk:443/a?b#c", "",
			"https://user@WWW.example.co.uk:443/a?b#c\n  origin              https://www.example.co.uk\n  scheme              https\n" +
				"  host                www.example.co.uk\n  port                443\n  site                https://example.co.uk\n" +
				"  registrable domain  example.co.uk\n  public suffix       co.uk\n  trustworthy         yes\n  address space       unknown\n\n", "", 0},
		{"as JSON every key is there", "origin --json http://127.1:8080 data:,x", "",
			`{"input":"http://127.1:8080","origin":"http://127.0.0.1:8080","opaque":false,"scheme":"http","host":"127.0.0.1","port":8080,"site":"http://127.0.0.1","registrableDomain":null,"publicSuffix":null,"trustworthy":true,"addressSpace":"loopback","error":null}` + "\n" +
				`{"input":"data:,x","origin":"null","opaque":true,"scheme":"data","host":null,"port":null,"site":"null","registrableDomain":null,"publicSuffix":null,"trustworthy":false,"addressSpace":"unknown","error":null}` + "\n", "", 0},
		{"URLs are read from standard input, a bad one told with its line", "origin --json -", "\nhttps://a.example\r\nhttps://a:99999\n",
			`{"input":"https://a.example","origin":"https://a.example","opaque":false,"scheme":"https","host":"a.example","port":443,"site":"https://a.example","registrableDomain":"a.example","publicSuffix":"example","trustworthy":true,"addressSpace":"unknown","error":null}` + "\n" +
				`{"input":"https://a:99999","origin":null,"opaque":false,"scheme":null,"host":null,"port":null,"site":null,"registrableDomain":null,"publicSuffix":null,"trustworthy":false,"addressSpace":null,"error":"origin: parse \"https://a:99999\": byte REST"}` + "\n",
			`stdin:3: origin: parse "https://a:99999": byte REST`, 2},
		{"a comparison tells what differs", "compare https://a.example.com http://b.example.com:8080", "",
			"        A                      B\n" +
				"origin  https://a.example.com  http://b.example.com:8080  differs\n" +
				"scheme  https                  http                       differs\n" +
				"host    a.example.com          b.example.com              differs\n" +
				"port    443                    8080                       differs\n" +
				"site    https://example.com    http://example.com         differs\n\n" +
				"same origin             no\nsame site               no\nschemelessly same site  yes\n\n" +
				"Not same origin: the schemes differ (https and http), the hosts differ (a.example.com and b.example.com) and the ports differ (443 and 8080).\n" +
				"Schemelessly same site alone: the registrable domain is example.com in both, but the schemes differ.\n\n", "", 0},
		{"a comparison as JSON", "compare --json https://a.example/ https://A.example:443/x", "",
			`{"sameOrigin":true,"sameSite":true,"schemelesslySameSite":true,"why":"Scheme, host and port are the same."}` + "\n", "", 0},
		{"pairs are read from standard input", "compare --json -", "https://a.example\thttps://a.example:1\n\nhttps://a.example\n",
			`{"sameOrigin":false,"sameSite":true,"schemelesslySameSite":true,"why":"Not same origin: the ports differ (443 and 1). Same site: the hosts are the same."}` + "\n",
			"stdin:3: two URLs with a space between them should stand here, not 1", 2},

		{"a step is told with its section and its remedy", "steps cors.allow-credentials.missing", "",
			"cors.allow-credentials.missing\n  CORS check, step 8 (failure)\n  https://fetch.spec.whatwg.org/#concept-cors-check\n" +
				"  The request has credentials, and the response has no Access-Control-Allow-Credentials.\n" +
				"  What to do: Send Access-Control-Allow-Credentials: true, or leave the credentials out of the request.\n\n", "", 0},
		{"so is the reason of a cookie", "steps cookie.refused.prefix-secure", "",
			"cookie.refused.prefix-secure\n  Store a Cookie 13 (failure)\n  https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-store-a-cookie\n" +
				"  A name that begins with __Secure- needs Secure.\n\n", "", 0},
		{"a reason of a cookie as JSON has the keys of a step", "steps --json cookie.host-only", "",
			`{"code":"cookie.host-only","kind":"failure","algorithm":"Retrieve Cookies 2, host-only","number":"","section":"https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-retrieve-cookies",` +
				`"says":"The cookie was set without a Domain attribute, so it goes to the very host that set it and to no other.","fix":""}` + "\n", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, code := runCommand(t, tt.stdin, strings.Fields(tt.args)...)
			// What the origin package says about a fault is its own matter.
			if want, rest, cut := strings.Cut(tt.stderr, "REST"); cut && rest == "" {
				_, said, _ := strings.Cut(strings.TrimSuffix(stderr, "\n"), want)
				tt.stderr = want + said
				tt.stdout = strings.Replace(tt.stdout, "REST", said, 1)
			}
			if tt.stderr != "" {
				tt.stderr = "corsim: " + tt.stderr + "\n"
			}
			if d := cmp.Diff(tt.stdout, stdout); d != "" {
				t.Errorf("standard output (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.stderr, stderr); d != "" {
				t.Errorf("standard error (-want +got):\n%s", d)
			}
			if code != tt.code {
				t.Errorf("exit status %d, want %d", code, tt.code)
			}
		})
	}
}

func TestSeveralFilesAreReadInOrderAndEachNamedInErrors(t *testing.T) {
	one := file(t, "one.ndjson", aCase("one", "", "")+"\n{")
	two := file(t, "two.json", "["+aCase("two", "", "")+"\n")
	stdout, stderr, code := runCommand(t, aCase("three", "", ""), "eval", one, two, "-")
	var names []string
	for line := range strings.Lines(stdout) {
		names = append(names, strings.SplitN(line, `"`, 5)[3])
	}
	if d := cmp.Diff([]string{"one", "two", "three"}, names); d != "" {
		t.Errorf("the cases of all files in order (-want +got):\n%s", d)
	}
	want := "corsim: " + one + ":2: the text ends inside the case; a case stands in one line, or in an array\n" +
		"corsim: " + two + ":2: the file ends inside the array that begins in line 1: its ] is missing\n"
	if d := cmp.Diff(want, stderr); d != "" || code != exitUsage {
		t.Errorf("exit status %d; standard error (-want +got):\n%s", code, d)
	}
}

func TestACodeMayLeaveOutItsEnd(t *testing.T) {
	stdout, _, code := runCommand(t, "", "steps", "preflight", "--json")
	n := strings.Count(stdout, `{"code":"preflight.`)
	if code != exitFine || n < 10 || n != strings.Count(stdout, "\n") {
		t.Errorf("exit status %d, %d steps of preflight in %d lines: a line each, and nothing else", code, n, strings.Count(stdout, "\n"))
	}
	for _, key := range []string{"kind", "algorithm", "number", "section", "says", "fix"} {
		if strings.Count(stdout, `"`+key+`":`) != n {
			t.Errorf("not every step has the key %q", key)
		}
	}
}

func TestTheStepsAreThoseOfTheReferenceWithTheCookies(t *testing.T) {
	stdout, _, code := runCommand(t, "", "steps", "--json")
	for _, want := range []string{"cors.allow-origin.missing", "cookie.same-site.lax", "cookie.refused.limit", "cookie.http-only"} {
		if n := strings.Count(stdout, `{"code":"`+want+`"`); n != 1 || code != exitFine {
			t.Errorf("exit status %d, %d lines for %s, want one", code, n, want)
		}
	}
	short, _, _ := runCommand(t, "", "steps", "cookie.same-site", "--json")
	if n := strings.Count(short, "\n"); n != 3 {
		t.Errorf("%d codes begin with cookie.same-site, want those of Strict, Lax and no attribute:\n%s", n, short)
	}
}

// A brokenPipe takes some bytes and then fails.
type brokenPipe struct{ left int }

func (b *brokenPipe) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errors.New("broken pipe")
	}
	b.left -= len(p)
	return len(p), nil
}

func TestOutputThatCannotBeWrittenIsToldOnceAndEndsTheRun(t *testing.T) {
	in := &caseGenerator{n: 1 << 40}
	var stderr bytes.Buffer
	code := run([]string{"eval"}, in, &brokenPipe{100_000}, &stderr)
	want := "corsim: the output cannot be written: broken pipe\n"
	if d := cmp.Diff(want, stderr.String()); d != "" || code != exitUsage {
		t.Errorf("exit status %d; standard error (-want +got):\n%s", code, d)
	}
}
