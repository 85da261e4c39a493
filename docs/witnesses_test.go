package docs

import (
	"reflect"
	"testing"

	"github.com/corsim/corsim/policy"
)

// TestEachFieldOfAProfileIsShownByACase checks what the page says of cases: each field that a browser's profile sets
// has a case in the corpus that comes out as on record, and would not without the field.
func TestEachFieldOfAProfileIsShownByACase(t *testing.T) {
	told, rows := allDepartures(t), rowsOfPage(t)
	broken, err := faults(rows, told)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range told {
		if _, ok := seenOtherwise(d.rowKey); ok && rows[d.rowKey].name != "" {
			t.Errorf("%s in %s: case %q shows it, so that seenOtherwise need not tell of it", d.field, d.browser, rows[d.rowKey].name)
		}
	}
	for _, f := range broken {
		t.Errorf("%s in %s: %s.\nA departure that no recorded case shows is a rumour. `go test ./docs -update` looks for another case; if there "+
			"is none, add one to %s/departures.ndjson with what the standard expects, put it to the browser with "+
			"`go run ./fixtures/browsers/record -browser %s`, and update again. Where the browser does not depart, take the field away.",
			f.field, f.browser, f.why, suites, f.browser)
	}
	set := map[string]bool{}
	for _, d := range told {
		set[d.field] = true
	}
	eachField(reflect.TypeFor[policy.Profile](), "", nil, func(name string, _ []int) {
		if !set[name] {
			t.Errorf("%s: no browser's profile sets it, so that it tells nothing: take the field away", name)
		}
	})
}
