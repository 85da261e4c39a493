package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/internal/generate"
	"github.com/corsim/corsim/simulator"
)

// check refuses flags that say nothing, or contradict each other, and a run without cases.
func (v *verification) check(c *cobra.Command, files []string) error {
	v.command, v.files = c, files
	flags := c.Flags()
	if v.record != "" && v.resume != "" {
		return errors.New("--record begins a record and --resume goes on with one: give one of them")
	}
	if flags.Changed("count") && v.count < 1 {
		return fmt.Errorf("--count is %d; it has to be at least 1", v.count)
	}
	for _, name := range []string{"seed", "area"} {
		if flags.Changed(name) && v.count == 0 {
			return fmt.Errorf("--%s says which cases --count makes: give --count as well", name)
		}
	}
	for _, area := range v.areas {
		if !slices.Contains(generate.Areas(), area) {
			return fmt.Errorf("--area %q is none of %s", area, strings.Join(generate.Areas(), ", "))
		}
	}
	if v.jobs < 0 {
		return fmt.Errorf("--jobs is %d; it has to be at least 1, or 0 for what suits the browser", v.jobs)
	}
	if v.timeout <= 0 {
		return fmt.Errorf("--timeout is %v; it has to be more than 0s", v.timeout)
	}
	if len(files) == 0 && v.count == 0 && isDevice(v.stdin) {
		return v.noCases()
	}
	return nil
}

// isDevice reports whether nothing can be read but what somebody types, or nothing at all.
func isDevice(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// noCases says that there is nothing to ask, and what would be.
func (v *verification) noCases() error {
	switch {
	case len(v.files) > 0:
		return fmt.Errorf("no cases are in %s", strings.Join(v.files, ", "))
	case v.resume != "":
		return fmt.Errorf("no cases are given: --resume %s tells what is not asked again, and not what is; name the files of the cases as well, or --seed and --count", v.resume)
	}
	return errors.New("no cases are given: name files of cases, or - for standard input, or have some made by --count")
}

// sawCase keeps the place of a case until it is reported; one that was made has none.
func (v *verification) sawCase(c *simulator.Case, place string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = true
	if place == "" {
		return
	}
	if v.places == nil {
		v.places = make(map[*simulator.Case]string)
	}
	v.places[c] = place
}

// goesOn is the command that goes on with the record of this run.
func (v *verification) goesOn() string {
	words := []string{"corsim verify --resume", quoted(v.record + v.resume)}
	for _, name := range []string{"browser", "profile", "jobs", "timeout", "seed", "count", "area", "shrink", "json"} {
		f := v.command.Flags().Lookup(name)
		switch {
		case f == nil || !f.Changed:
		case name == "area":
			words = append(words, "--area", strings.Join(v.areas, ","))
		case f.Value.Type() == "bool":
			words = append(words, strings.TrimSuffix("--"+name+"="+f.Value.String(), "=true"))
		default:
			words = append(words, "--"+name, quoted(f.Value.String()))
		}
	}
	for _, name := range v.files {
		words = append(words, quoted(name))
	}
	s := strings.Join(words, " ")
	if len(v.files) == 0 && v.count == 0 || slices.Contains(v.files, "-") {
		s += ", with the same cases on standard input"
	}
	return s
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
