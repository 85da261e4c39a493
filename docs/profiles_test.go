package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/corsim/corsim/policy"
)

const pageOfProfiles = "profiles.md"

// browsers are those that have a profile, as profiles and as pages call them.
var browsers = [...]struct{ name, title string }{
	{"chromium", "Chromium"},
	{"firefox", "Firefox"},
	{"webkit", "WebKit"},
}

// TestThePageOfProfilesIsTheCodes keeps docs/profiles.md what the code says. `go test ./docs -update` writes it, and
// looks for a case that shows each field of which the page names none, or one that proves nothing any more.
func TestThePageOfProfilesIsTheCodes(t *testing.T) {
	rows := rowsOfPage(t)
	if *update {
		rows = search(t, rows, allDepartures(t))
	}
	check(t, pageOfProfiles, profiles(t, rows))
}

func allDepartures(t *testing.T) []departure {
	t.Helper()
	var list []departure
	for _, b := range browsers {
		p, ok := policy.ProfileByName(b.name)
		if !ok {
			t.Fatalf("no profile %s", b.name)
		}
		list = append(list, departures(b.name, p)...)
	}
	return list
}

// profiles is the page: each field of a profile, its value in each browser, what it means, and a case that shows it.
func profiles(t *testing.T, rows map[rowKey]row) string {
	var b strings.Builder
	b.WriteString(`# Profiles

A profile holds what one browser does otherwise than the standards, each departure as a field; its zero value is the bare
standard. Commands take a profile with ` + "`--profile spec|chromium|firefox|webkit`" + `, the library in
` + "`simulator.Browser.Profile`" + `. WebKit is WebKitGTK here: what its network library does is set aside by name where it is no
affair of WebKit's.

Each field has a case that shows it: what the browser, one of Debian's packages, did with that case is on
[record](../fixtures/browsers/README.md), corsim says the same under the browser's profile, and would not if this one field
were as in the standard. The tests check that; what no case can show tells where it was seen instead. "Since" is the version
in which that was first seen, not the one in which the browser began to do so. What was not seen is left as in the standard.

A case's name says what the standard makes of it. The cases are in [fixtures/cases](../fixtures/cases), those with a number
in ` + "`fixtures/browsers/generated.ndjson.gz`" + `. To see one of them at work:

` + "```sh" + `
grep -h "NAME OF THE CASE" fixtures/cases/*.ndjson | corsim eval --profile spec
grep -h "NAME OF THE CASE" fixtures/cases/*.ndjson | corsim eval --profile chromium
grep -h "NAME OF THE CASE" fixtures/cases/*.ndjson | corsim verify --browser chromium /dev/stdin
` + "```" + `

## The fields

| field | the standard | Chromium | Firefox | WebKit |
| --- | --- | --- | --- | --- |
`)
	told := map[rowKey]departure{}
	for _, d := range allDepartures(t) {
		told[d.rowKey] = d
	}
	typ := reflect.TypeFor[policy.Profile]()
	docs := fieldDocs(t, typ)
	eachField(typ, "", nil, func(name string, index []int) {
		fmt.Fprintf(&b, "| [`%s`](#%s) | –", name, strings.ToLower(strings.ReplaceAll(name, ".", "")))
		for _, browser := range browsers {
			text := "–"
			if d, ok := told[rowKey{name, browser.name}]; ok {
				text = d.value
			}
			b.WriteString(" | " + text)
		}
		b.WriteString(" |\n")
	})
	b.WriteString("\n## What they mean, and a case for each\n")
	eachField(typ, "", nil, func(name string, index []int) {
		owner := typ
		if len(index) > 1 {
			owner = typ.FieldByIndex(index[:len(index)-1]).Type
		}
		doc := docs[owner.Name()+"."+typ.FieldByIndex(index).Name]
		if doc == "" {
			t.Errorf("%s has no comment", name)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", name, doc)
		before := "\n"
		for _, browser := range browsers {
			key := rowKey{name, browser.name}
			if d, ok := told[key]; ok {
				b.WriteString(before + bullet(browser.title, d, rows[key]))
				before = ""
			}
		}
	})
	return b.String()
}

// bullet tells of a field in one browser; rowsOfPage reads it.
func bullet(title string, d departure, r row) string {
	text := "- " + title
	if d.value != yes {
		text += " (" + d.value + ")"
	}
	if r.name == "" {
		if where, ok := seenOtherwise(d.rowKey); ok {
			text += ": " + where
		}
		return text + "\n"
	}
	return fmt.Sprintf("%s, since %s: `%s` (%s)\n", text, r.since, r.name, path.Base(r.file))
}

var (
	sectionOfPage = regexp.MustCompile("^### ([A-Za-z0-9.]+)$")
	bulletOfPage  = regexp.MustCompile("^- ([A-Za-z]+)(?: \\(([^()]*)\\))?, since ([^ :]+): `([^`]+)` \\(([^()/]+)\\)$")
)

// rowsOfPage reads the witnesses out of the page.
func rowsOfPage(t *testing.T) map[rowKey]row {
	t.Helper()
	text, err := os.ReadFile(pageOfProfiles)
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for _, b := range browsers {
		titles[b.title] = b.name
	}
	rows := map[rowKey]row{}
	field := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if m := sectionOfPage.FindStringSubmatch(line); m != nil {
			field = m[1]
		}
		m := bulletOfPage.FindStringSubmatch(line)
		if m == nil || titles[m[1]] == "" {
			continue
		}
		r := row{value: m[2], since: m[3], witness: witness{suites + "/" + m[5], m[4]}}
		if r.value == "" {
			r.value = yes
		}
		if m[5] == path.Base(made) {
			r.file = made
		}
		rows[rowKey{field, titles[m[1]]}] = r
	}
	return rows
}

const yes = "yes"

// value writes one value of a field; the zero value of a switch is a dash.
func value(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool && v.Bool():
		return yes
	case v.IsZero():
		return "–"
	case v.Kind() == reflect.Array:
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(v.Interface()), "[]"), " ", ", ")
	case v.Type() == reflect.TypeFor[time.Duration]():
		return duration(time.Duration(v.Int()))
	}
	return fmt.Sprint(v.Interface())
}

// duration writes whole hours, minutes or seconds in words.
func duration(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.of; d%unit.of == 0 && n == 1 {
			return "1 " + unit.name
		} else if d%unit.of == 0 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}

// fieldDocs returns the comments of the fields of the structs that a profile is made of, as sentences without the
// field's name, by the struct's name and the field's.
func fieldDocs(t *testing.T, typ reflect.Type) map[string]string {
	t.Helper()
	docs := map[string]string{}
	of := map[string]bool{typ.Name(): true}
	for i := range typ.NumField() {
		if f := typ.Field(i); f.Type.Kind() == reflect.Struct {
			of[f.Type.Name()] = true
		}
	}
	for _, file := range goFiles(t, "../policy") {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok || !of[s.Name.Name] {
				return true
			}
			for _, f := range s.Type.(*ast.StructType).Fields.List {
				for _, name := range f.Names {
					docs[s.Name.Name+"."+name.Name] = sentence(strings.Join(strings.Fields(f.Doc.Text()), " "), name.Name)
				}
			}
			return false
		})
	}
	return docs
}

// sentence makes one of a field's comment, which begins with the field's name.
func sentence(comment, field string) string {
	text := strings.TrimPrefix(comment, field+" ")
	for _, verb := range []string{"is ", "are "} {
		text = strings.TrimPrefix(text, verb)
	}
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// goFiles returns the Go files of a folder, without tests.
func goFiles(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files = append(files, path.Join(folder, name))
		}
	}
	return files
}
