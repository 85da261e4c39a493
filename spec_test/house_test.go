package spec_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/corsim/corsim"

// floors say how high each folder stands; a package imports only what stands below it, or on its own floor within
// its own folder. The longest prefix counts.
var floors = []struct {
	folder string
	floor  int
}{
	{"fixtures", 0},
	{"fixtures/django", 7},          // programs that record, not data
	{"fixtures/browsers/record", 7}, // the same
	{"internal/plain", 0},           // texts made safe for terminals
	{"internal/har", 0},             // a codec of the standard library's kind: the simulator reads recordings with it
	{"origin", 1},
	{"policy", 2},
	{"fetch", 3},
	{"simulator", 4},
	{"simulator/corstest", 5},
	{"spec_test", 7}, // nobody imports it, and it compares as the lab does
	{"docs", 7},      // the same
	{"internal", 6},
	{"cmd", 7},
}

func floorOf(folder string) (int, bool) {
	best, floor := -1, 0
	for _, f := range floors {
		if (folder == f.folder || strings.HasPrefix(folder, f.folder+"/")) && len(f.folder) > best {
			best, floor = len(f.folder), f.floor
		}
	}
	return floor, best >= 0
}

// core packages may import the standard library and these, tests go-cmp besides: golang.org/x/net, and the tables of
// Unicode that its idna package itself stands on.
var (
	core        = regexp.MustCompile(`^(origin|policy|fetch|simulator|spec_test)(/|$)`)
	coreImports = regexp.MustCompile(`^(golang\.org/x/net/|golang\.org/x/text/unicode/|github\.com/corsim/corsim/)`)
)

// eachGoFile parses every Go file of the module below the root.
func eachGoFile(t *testing.T, f func(folder, name string, file *ast.File)) {
	t.Helper()
	root := ".."
	n := 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			name := d.Name()
			if p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			// Another module inside.
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && p != root {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		n++
		f(path.Dir(filepath.ToSlash(rel)), path.Base(filepath.ToSlash(rel)), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 20 {
		t.Fatalf("only %d files were found", n)
	}
}

func TestPackagesImportOnlyWhatStandsBelowThem(t *testing.T) {
	eachGoFile(t, func(folder, name string, file *ast.File) {
		floor, ok := floorOf(folder)
		if !ok {
			t.Errorf("%s/%s: the folder has no floor in this test", folder, name)
			return
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ours := strings.CutPrefix(imported, module+"/")
			switch {
			case ours:
				below, ok := floorOf(to)
				same := strings.Split(to, "/")[0] == strings.Split(folder, "/")[0] && below == floor
				// The suite and tests of a package may use what stands beside it.
				if !ok || below > floor || below == floor && !same && to != folder {
					t.Errorf("%s/%s, on floor %d, imports %s, on floor %d", folder, name, floor, to, below)
				}
			case strings.Contains(strings.Split(imported, "/")[0], ".") && core.MatchString(folder):
				test := strings.HasSuffix(name, "_test.go") && strings.HasPrefix(imported, "github.com/google/go-cmp/")
				if !coreImports.MatchString(imported) && !test {
					t.Errorf("%s/%s imports %s; core packages import the standard library and golang.org/x/net alone", folder, name, imported)
				}
			}
		}
	})
}

// TestOnlyTheProfilesNameABrowser keeps the differences between browsers data: no identifier of the engine tells one
// browser from another but in the file of the profiles.
func TestOnlyTheProfilesNameABrowser(t *testing.T) {
	engine := regexp.MustCompile(`(?i)chrom|firefox|gecko|webkit|safari|blink`)
	eachGoFile(t, func(folder, name string, file *ast.File) {
		if !core.MatchString(folder) || folder == "policy" && name == "profile.go" || strings.HasSuffix(name, "_test.go") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && engine.MatchString(id.Name) {
				t.Errorf("%s/%s: the identifier %s names a browser; its difference belongs in policy/profile.go", folder, name, id.Name)
			}
			return true
		})
	})
}
