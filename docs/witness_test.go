package docs

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsim/corsim/internal/lab"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

const (
	suites = "fixtures/cases"
	made   = "fixtures/browsers/generated.ndjson.gz"
)

// A witness is a case of the corpus that shows a field of a profile at work: it comes out as the browser is on record
// as having done, and would not if that field alone were as in the standard.
type witness struct {
	file string // below the module's root
	name string
}

// A row is what the page tells of one field in one browser.
type row struct {
	value string
	since string // the version of the browser in which the witness was first seen
	witness
}

// rowKey names a row: a field, with a dot where it stands in rules of their own, and a browser.
type rowKey struct{ field, browser string }

// A departure is a field that a browser's profile sets.
type departure struct {
	rowKey
	value string
	with  policy.Profile // the browser's profile
	sans  policy.Profile // the same with the field as in the standard
}

// departures returns the fields that a profile sets, in the order of the struct.
func departures(browser string, p policy.Profile) []departure {
	var list []departure
	eachField(reflect.TypeFor[policy.Profile](), "", nil, func(name string, index []int) {
		if v := reflect.ValueOf(p).FieldByIndex(index); !v.IsZero() {
			d := departure{rowKey{name, browser}, value(v), p, p}
			reflect.ValueOf(&d.sans).Elem().FieldByIndex(index).SetZero()
			list = append(list, d)
		}
	})
	return list
}

// eachField calls f for the fields of a profile, and those of the rules within it, in their order.
func eachField(typ reflect.Type, prefix string, index []int, f func(name string, index []int)) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		at := append(slices.Clip(index), i)
		switch {
		case field.Type.Kind() == reflect.Struct:
			eachField(field.Type, prefix+field.Name+".", at, f)
		case prefix != "" || field.Name != "Name":
			f(prefix+field.Name, at)
		}
	}
}

// agrees reports whether the case comes out as on record under the profile.
func agrees(c *simulator.Case, head lab.RecordHead, line *lab.RecordLine, p policy.Profile) bool {
	if line.Flaky || line.Aside != "" {
		return false
	}
	t := lab.CompareRecorded(context.Background(), c, head, line, p)
	return t.Agrees()
}

// differs reports whether it comes out otherwise. What rules would set aside proves nothing.
func differs(c *simulator.Case, head lab.RecordHead, line *lab.RecordLine, p policy.Profile) bool {
	t := lab.CompareRecorded(context.Background(), c, head, line, p)
	return t.Err == nil && len(t.Aside) == 0 && !t.Agrees()
}

// module is the module's root.
func module() fs.FS { return os.DirFS("..") }

func recordOf(browser string) string { return "fixtures/browsers/" + browser + ".ndjson.gz" }

// lines reads a file of lines, with gzip where the name ends in ".gz".
func lines(name string) ([][]byte, error) {
	f, err := module().Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := io.Reader(f)
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return bytes.Split(bytes.TrimSpace(data), []byte("\n")), nil
}

// casesOf reads the cases that the rows name, and no others, since reading is what takes time.
func casesOf(rows map[rowKey]row) (map[witness]*simulator.Case, error) {
	wanted := map[string]map[string]bool{}
	for _, r := range rows {
		if wanted[r.file] == nil {
			wanted[r.file] = map[string]bool{}
		}
		wanted[r.file][r.name] = true
	}
	found := map[witness]*simulator.Case{}
	for file, names := range wanted {
		if file != made && (path.Dir(file) != suites || path.Ext(file) != ".ndjson") {
			return nil, fmt.Errorf("%s is no file of the corpus: want one of %s, or %s", file, suites, made)
		}
		list, err := lines(file)
		if err != nil {
			return nil, err
		}
		for _, line := range list {
			var head struct{ Name string }
			// A witness's name stands in its file as it is.
			if err := json.Unmarshal(upToName(line), &head); err != nil || !names[head.Name] {
				continue
			}
			c, err := simulator.ParseCase(line)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			found[witness{file, c.Name}] = c
		}
	}
	return found, nil
}

// upToName cuts the line of a case behind its name, which comes first, and closes it.
func upToName(line []byte) []byte {
	key := bytes.Index(line, []byte(`"name"`))
	if key < 0 {
		return line
	}
	from := key + len(`"name"`)
	open := bytes.IndexByte(line[from:], '"')
	if open < 0 {
		return line
	}
	end := bytes.IndexByte(line[from+open+1:], '"')
	if end < 0 {
		return line
	}
	return append(slices.Clone(line[:from+open+1+end+1]), '}')
}

// recordOn reads a record's head and, of its lines, those of the cases.
func recordOn(browser string, ids map[string]bool) (lab.RecordHead, map[string]*lab.RecordLine, error) {
	var head lab.RecordHead
	list, err := lines(recordOf(browser))
	if err != nil {
		return head, nil, err
	}
	if err := json.Unmarshal(list[0], &head); err != nil {
		return head, nil, fmt.Errorf("%s: %w", recordOf(browser), err)
	}
	found := map[string]*lab.RecordLine{}
	const begin = `{"case":"`
	for _, text := range list[1:] {
		rest, ok := bytes.CutPrefix(text, []byte(begin))
		id, _, ok2 := bytes.Cut(rest, []byte(`"`))
		if !ok || !ok2 {
			return head, nil, fmt.Errorf("%s: a line does not begin with %s", recordOf(browser), begin)
		}
		if !ids[string(id)] {
			continue
		}
		line := new(lab.RecordLine)
		if err := json.Unmarshal(text, line); err != nil {
			return head, nil, fmt.Errorf("%s: %w", recordOf(browser), err)
		}
		found[line.Case] = line
	}
	return head, found, nil
}

// seenOtherwise tells of what no case of the corpus can show why that is, and where it was seen. Nothing else belongs
// here: a departure that a case can show has a witness.
func seenOtherwise(k rowKey) (string, bool) {
	const (
		tooLong    = "no case waits for so long; it is in the browser's source, "
		navigation = "no case navigates; seen in %s on 2026-11-22, where the answer to a form's POST from another site " +
			"set cookies of every SameSite value"
	)
	switch k {
	case rowKey{"PreflightMaxAgeLimit", "chromium"}:
		return tooLong + "services/network/cors/preflight_result.cc", true
	case rowKey{"PreflightMaxAgeLimit", "firefox"}:
		return tooLong + "netwerk/protocol/http/nsCORSListenerProxy.cpp", true
	case rowKey{"PreflightMaxAgeLimit", "webkit"}:
		return "no case waits for so long; seen in 2.50.6 on 2026-11-22, where an answer with a max-age of ten days still " +
			"served after 590 seconds and no longer after 610", true
	case rowKey{"FileOriginShown", "chromium"}:
		return "no request shows it; seen in 156.0.8078.79 on 2026-11-22 as the origin of new URL(\"file:///x\")", true
	case rowKey{"Cookies.DefaultLax", "chromium"}:
		return "third-party cookies are blocked anyway, see Cookies.ThirdParty; seen in 156.0.8078.79 on 2026-11-22 with those allowed, " +
			"where a fetch() of another site carried a cookie with SameSite=None and none without SameSite", true
	case rowKey{"Cookies.LaxAllowUnsafeFor", "chromium"}:
		return "no case navigates; seen in 156.0.8078.79 on 2026-11-22, where a form's POST from another site carried a cookie " +
			"without SameSite that was a second old, and not one that was 125 seconds old", true
	case rowKey{"Cookies.NavigationStores", "chromium"}:
		return fmt.Sprintf(navigation, "156.0.8078.79"), true
	case rowKey{"Cookies.NavigationStores", "firefox"}:
		return fmt.Sprintf(navigation, "153.7.0esr"), true
	case rowKey{"Cookies.NavigationStores", "webkit"}:
		return fmt.Sprintf(navigation, "2.50.6"), true
	}
	return "", false
}

// A fault is a row that proves nothing, and why.
type fault struct {
	rowKey
	why string
}

// faults checks the witnesses of the page, which it takes from rows, against the records.
func faults(rows map[rowKey]row, told []departure) ([]fault, error) {
	cases, err := casesOf(rows)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	idOf := map[witness]string{}
	for w, c := range cases {
		idOf[w] = lab.CaseID(c)
		ids[idOf[w]] = true
	}
	type record struct {
		head  lab.RecordHead
		lines map[string]*lab.RecordLine
	}
	records := map[string]record{}
	var list []fault
	for _, d := range told {
		r, ok := rows[d.rowKey]
		if !ok {
			if _, seen := seenOtherwise(d.rowKey); !seen {
				list = append(list, fault{d.rowKey, "no case of the corpus shows it"})
			}
			continue
		}
		c := cases[r.witness]
		if c == nil {
			list = append(list, fault{d.rowKey, fmt.Sprintf("there is no case %q in %s", r.name, r.file)})
			continue
		}
		rec, ok := records[d.browser]
		if !ok {
			if rec.head, rec.lines, err = recordOn(d.browser, ids); err != nil {
				return nil, err
			}
			records[d.browser] = rec
		}
		line := rec.lines[idOf[r.witness]]
		switch {
		case line == nil:
			list = append(list, fault{d.rowKey, fmt.Sprintf("case %q of %s is not on record", r.name, r.file)})
		case line.Flaky || line.Aside != "":
			list = append(list, fault{d.rowKey, fmt.Sprintf("case %q of %s is flaky on record, or could not be asked", r.name, r.file)})
		case !agrees(c, rec.head, line, d.with):
			list = append(list, fault{d.rowKey, fmt.Sprintf("case %q of %s does not come out as on record", r.name, r.file)})
		case !differs(c, rec.head, line, d.sans):
			list = append(list, fault{d.rowKey, fmt.Sprintf("case %q of %s comes out as on record without the field too", r.name, r.file)})
		}
	}
	return list, nil
}

// A candidate is a case that may serve as a witness.
type candidate struct {
	witness
	is   *simulator.Case
	id   string
	size int
}

// candidates reads the corpus, the cases that are easiest to read first: hand-written ones, those of few requests,
// short ones. Names that the page could not quote as they stand in their file are left out.
func candidates(t *testing.T) []candidate {
	t.Helper()
	files, err := fs.Glob(module(), suites+"/*.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var list []candidate
	seen := map[string]bool{}
	for _, file := range append(files, made) {
		cases, err := lab.ReadCases(module(), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			id := lab.CaseID(c)
			data, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			if seen[id] || strings.ContainsAny(c.Name, "`\"\\<>&") {
				continue
			}
			seen[id] = true
			list = append(list, candidate{witness{file, c.Name}, c, id, len(data)})
		}
	}
	weight := func(c candidate) int {
		w := len(c.is.Requests) << 24
		if c.file == made {
			w += 1 << 32
		}
		return w + c.size
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return weight(a) - weight(b) })
	return list
}

// search returns the rows of the page: what it says already where that still holds, and for the others a witness each
// and the version of the record that was made of the browser. A generated case gives way to one that was written by
// hand. What no case shows has no row.
func search(t *testing.T, before map[rowKey]row, told []departure) map[rowKey]row {
	t.Helper()
	rows := standing(t, before, told)
	var wanting []departure
	for _, d := range told {
		if r, ok := rows[d.rowKey]; !ok || r.file == made {
			wanting = append(wanting, d)
		}
	}
	if len(wanting) == 0 {
		return rows
	}
	all := candidates(t)
	records := map[string]*agreed{}
	for _, d := range wanting {
		if records[d.browser] == nil {
			records[d.browser] = agreedIn(t, &d, all)
		}
	}
	found := make([]row, len(wanting))
	inParallel(len(wanting), func(i int) {
		d, r := &wanting[i], records[wanting[i].browser]
		for _, c := range r.cases {
			if rows[d.rowKey].file == made && c.file == made {
				return
			}
			if differs(c.is, r.head, r.lines[c.id], d.sans) {
				found[i] = row{d.value, r.head.Version, c.witness}
				return
			}
		}
	})
	for i, d := range wanting {
		if found[i].name == "" {
			continue
		}
		if old, ok := before[d.rowKey]; ok && old.value == d.value {
			found[i].since = old.since
		}
		rows[d.rowKey] = found[i]
	}
	return rows
}

// standing returns the rows that still hold.
func standing(t *testing.T, before map[rowKey]row, told []departure) map[rowKey]row {
	t.Helper()
	rows := map[rowKey]row{}
	for _, d := range told {
		if r, ok := before[d.rowKey]; ok && r.value == d.value {
			rows[d.rowKey] = r
		}
	}
	broken, err := faults(rows, told)
	if err != nil {
		t.Logf("no row of the page is kept: %v", err)
		clear(rows)
	}
	for _, f := range broken {
		delete(rows, f.rowKey)
	}
	return rows
}

// agreed are the candidates that come out as on record of a browser, in their order, and that record.
type agreed struct {
	head  lab.RecordHead
	lines map[string]*lab.RecordLine
	cases []candidate
}

// agreedIn returns those for the browser of the departure.
func agreedIn(t *testing.T, d *departure, all []candidate) *agreed {
	t.Helper()
	ids := map[string]bool{}
	for _, c := range all {
		ids[c.id] = true
	}
	head, lines, err := recordOn(d.browser, ids)
	if err != nil {
		t.Fatal(err)
	}
	ok := make([]bool, len(all))
	inParallel(len(all), func(i int) {
		line := lines[all[i].id]
		ok[i] = line != nil && agrees(all[i].is, head, line, d.with)
	})
	a := &agreed{head: head, lines: lines}
	for i, c := range all {
		if ok[i] {
			a.cases = append(a.cases, c)
		}
	}
	return a
}

// inParallel calls f with the numbers below n, several side by side.
func inParallel(n int, f func(int)) {
	work := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range work {
				f(i)
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	workers.Wait()
}
