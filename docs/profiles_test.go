package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/corsim/corsim/policy"
)

// TestThePageOfProfilesIsTheCodes keeps docs/profiles.md what the code says. `go test ./docs -update` writes it.
func TestThePageOfProfilesIsTheCodes(t *testing.T) {
	check(t, "profiles.md", profiles(t))
}

// profiles is the page: each field of a profile, what it means, and its value in each browser.
func profiles(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Profiles

A profile holds what one browser does otherwise than the standards, each departure as a field; its zero value is the bare
standard. The values were seen in Chromium 156, Firefox 153 and WebKitGTK 2.50 (Debian's packages, November 2026), by putting cases of
the conformance suite and generated ones to the browsers with ` + "`corsim verify`" + `; what was not seen is left as in the
standard. WebKit is WebKitGTK here: what its network library does is set aside by name, not modelled.

Commands take a profile with ` + "`--profile spec|chromium|firefox|webkit`" + `, the library in ` + "`simulator.Browser.Profile`" + `.

| field | the standard | Chromium | Firefox | WebKit |
| --- | --- | --- | --- | --- |
`)
	type field struct{ name, doc string }
	var fields []field
	columns := []reflect.Value{}
	for _, p := range []policy.Profile{{}, policy.Chromium(), policy.Firefox(), policy.WebKit()} {
		columns = append(columns, reflect.ValueOf(p))
	}
	var walk func(prefix string, typ string, file string, values []reflect.Value)
	walk = func(prefix, typ, file string, values []reflect.Value) {
		docs := fieldDocs(t, file, typ)
		for i := range values[0].NumField() {
			name := values[0].Type().Field(i).Name
			if name == "Name" && prefix == "" {
				continue
			}
			var of []reflect.Value
			for _, v := range values {
				of = append(of, v.Field(i))
			}
			if of[0].Kind() == reflect.Struct {
				walk(prefix+name+".", of[0].Type().Name(), "../policy/"+strings.ToLower(of[0].Type().Name())+".go", of)
				continue
			}
			row := "| `" + prefix + name + "`"
			for _, v := range of {
				row += " | " + value(v)
			}
			b.WriteString(row + " |\n")
			if docs[name] == "" {
				t.Errorf("%s%s has no comment", prefix, name)
			}
			fields = append(fields, field{prefix + name, docs[name]})
		}
	}
	walk("", "Profile", "../policy/profile.go", columns)
	b.WriteString("\n## What the fields mean\n")
	for _, f := range fields {
		fmt.Fprintf(&b, "\n**`%s`**: %s\n", f.name, f.doc)
	}
	return b.String()
}

// value writes one value of a field; the zero value of a switch is a dash.
func value(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool && v.Bool():
		return "yes"
	case v.IsZero():
		return "–"
	}
	return fmt.Sprint(v.Interface())
}

// fieldDocs returns the comments of a struct's fields, without the fields' names at their start.
func fieldDocs(t *testing.T, file, typ string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		s, ok := n.(*ast.TypeSpec)
		if !ok || s.Name.Name != typ {
			return true
		}
		for _, f := range s.Type.(*ast.StructType).Fields.List {
			for _, name := range f.Names {
				text := strings.Join(strings.Fields(f.Doc.Text()), " ")
				docs[name.Name] = strings.TrimPrefix(text, name.Name+" ")
			}
		}
		return false
	})
	return docs
}
