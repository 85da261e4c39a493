package docs

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	console  = "```console\n"
	fence    = "```\n"
	asPrompt = "$ go run ./cmd/corsim "
)

// TestTheLessonShowsWhatItsCommandsPrint runs each command of the first lesson in the module's root and compares
// standard output and standard error with what the lesson shows. `go test ./docs -update` writes it.
func TestTheLessonShowsWhatItsCommandsPrint(t *testing.T) {
	const file = "first-lesson.md"
	corsim := filepath.Join(t.TempDir(), "corsim")
	build := exec.Command("go", "build", "-o", corsim, "./cmd/corsim")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	commands := 0
	rest := string(text)
	for {
		before, block, ok := strings.Cut(rest, console)
		want.WriteString(before)
		if !ok {
			break
		}
		var after string
		if block, after, ok = strings.Cut(block, fence); !ok {
			t.Fatalf("%s: a block that is not closed: %q", file, block)
		}
		rest = after
		line, _, _ := strings.Cut(block, "\n")
		arguments, ok := strings.CutPrefix(line, asPrompt)
		if !ok {
			t.Fatalf("%s: a block begins with %q, want %q and arguments", file, line, asPrompt)
		}
		commands++
		var out bytes.Buffer
		c := exec.Command(corsim, strings.Fields(arguments)...)
		c.Dir, c.Stdout, c.Stderr = "..", &out, &out
		var exit *exec.ExitError
		if err := c.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			t.Errorf("%s: %s: %v\n%s", file, line, err, &out)
		}
		want.WriteString(console + line + "\n" + out.String() + fence)
	}
	if commands < 20 {
		t.Errorf("%d commands were run, want all 20 or more of the lesson", commands)
	}
	check(t, file, want.String())
}

// TestTheLessonUsesItsCases finds case files that the lesson does not show, and ones that do not hold what it says:
// mistakes, of which each fails, and then one cure, which passes.
func TestTheLessonUsesItsCases(t *testing.T) {
	text, err := os.ReadFile("first-lesson.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("lesson/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		_, shown, ok := strings.Cut(string(text), asPrompt+"test docs/"+filepath.ToSlash(file)+"\n")
		if !ok {
			t.Errorf("%s: no command of the lesson runs it", file)
			continue
		}
		shown, _, _ = strings.Cut(shown, fence)
		cases, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := bytes.Count(cases, []byte("\n"))
		want := map[int]string{2: "1 passed, 1 failed", 3: "1 passed, 2 failed"}[n]
		lines := strings.Split(strings.TrimSpace(shown), "\n")
		if d := cmp.Diff(want, lines[len(lines)-1]); d != "" {
			t.Errorf("%s: %d cases, the last of which is the cure (-want +shown):\n%s", file, n, d)
		}
	}
}
