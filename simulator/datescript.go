package simulator

import (
	"strings"
	"time"
)

// A scriptDate is a date that is being read as scripts may have it.
type scriptDate struct {
	rest                                   string
	year, month, day, hour, minute, second int // the month from 1 on, 0 if it is not known yet
	yearKnown                              bool
	offset                                 int // minutes before UTC
}

// dateOfScripts reads a date as JavaScript did before its dates had a format: perhaps words, day and month, or month and day,
// or numbers with slashes between them, then perhaps the year, the time, a zone, and the year if it was not there yet.
// Comments in parentheses may stand between them. Without a zone it counts as UTC, and without a year it is in 2000.
func dateOfScripts(s string) (time.Time, bool) {
	d := scriptDate{rest: s}
	if !d.readWords() || !d.readDays() || !d.readYearAndClock() {
		return time.Time{}, false
	}
	if !d.yearKnown && digitsAt(d.rest, 0) > 0 && !d.readYear() {
		return time.Time{}, false
	}
	if !d.readZone() {
		return time.Time{}, false
	}
	if !d.yearKnown && d.rest != "" && !d.readYear() || d.rest != "" {
		return time.Time{}, false
	}
	switch {
	case !d.yearKnown:
		d.year = 2000
	case 0 <= d.year && d.year < 50:
		d.year += 2000
	case 50 <= d.year && d.year < 100:
		d.year += 1900
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute-d.offset, d.second, 0, time.UTC), true
}

// skip skips blanks, and comments in parentheses, which nest.
func (d *scriptDate) skip() {
	nesting := 0
	for d.rest != "" {
		switch c := d.rest[0]; {
		case strings.IndexByte(whitespace, c) >= 0:
		case c == '(':
			nesting++
		case nesting == 0:
			return
		case c == ')':
			nesting--
		}
		d.rest = d.rest[1:]
	}
}

// cut takes a character away, if it comes next.
func (d *scriptDate) cut(c string) (ok bool) {
	d.rest, ok = strings.CutPrefix(d.rest, c)
	return ok
}

// readInteger reads a number, if it has no more than 32 bits.
func (d *scriptDate) readInteger() (n int, ok bool) {
	long, rest, ok := leadingInteger(d.rest)
	if !ok || int64(int32(long)) != long {
		return 0, false
	}
	d.rest = rest
	return int(long), true
}

// readYear reads the year, and what is to be skipped behind it.
func (d *scriptDate) readYear() bool {
	d.year, d.yearKnown = d.readInteger()
	d.skip()
	return d.yearKnown
}

// readWords reads the words before the first digit, the last of which may be a month.
func (d *scriptDate) readWords() bool {
	d.skip()
	word, length := d.rest, 0
	for d.rest != "" && digitsAt(d.rest, 0) == 0 {
		if c := d.rest[0]; strings.IndexByte(whitespace, c) < 0 && c != '(' {
			d.rest = d.rest[1:]
			length++
			continue
		}
		if length >= 3 {
			d.month, _ = parseDateMonth(word)
		}
		d.skip()
		word, length = d.rest, 0
	}
	if d.month == 0 && length > 0 {
		d.month, _ = parseDateMonth(word)
	}
	return d.rest != ""
}

// readDays reads day and month, unless the month is known, or year, month and day, or month and day.
func (d *scriptDate) readDays() (ok bool) {
	if d.day, ok = d.readInteger(); !ok {
		return false
	}
	switch {
	case d.day > 31:
		d.year, d.yearKnown = d.day, true
		if !d.cut("/") {
			return false
		}
		if d.month, ok = d.readInteger(); !ok || !d.cut("/") {
			return false
		}
		if d.day, ok = d.readInteger(); !ok {
			return false
		}
	case d.month == 0 && d.cut("/"):
		d.month = d.day
		if d.day, ok = d.readInteger(); !ok || d.day < 1 || d.day > 31 {
			return false
		}
		d.cut("/")
		if d.rest == "" {
			return false
		}
	default:
		d.cut("-")
		d.skip()
		d.cut(",")
		if d.month == 0 {
			d.month, _ = parseDateMonth(d.rest)
			end := strings.IndexAny(d.rest, "-,"+whitespace)
			if end < 0 {
				return false
			}
			d.rest = d.rest[end+1:]
		}
	}
	return 1 <= d.month && d.month <= 12
}

// readYearAndClock reads the year and the time of day; neither needs to be there.
func (d *scriptDate) readYearAndClock() bool {
	before := d.rest
	if d.rest != "" && !d.yearKnown {
		if d.year, d.yearKnown = d.readInteger(); !d.yearKnown {
			return false
		}
	}
	if d.rest == "" {
		return true
	}
	switch c := d.rest[0]; {
	case c == ':':
		// That was the hour.
		d.rest, d.yearKnown = before, false
	case c != ',' && strings.IndexByte(whitespace, c) < 0:
		return false
	case c != ',' && hasPrefixFoldASCII(d.rest[1:], "at"):
		d.rest = d.rest[len(" at"):]
		d.skip()
	default:
		d.rest = d.rest[1:]
		d.skip()
	}
	n, ok := d.readInteger()
	if !ok {
		return true // perhaps a zone
	}
	d.hour = n
	if n < 0 || n > 23 || !d.cut(":") {
		return false
	}
	if d.minute, ok = d.readInteger(); !ok || d.minute < 0 || d.minute > 59 {
		return false
	}
	if d.cut(":") {
		if d.second, ok = d.readInteger(); !ok || d.second < 0 || d.second > 59 {
			return false
		}
	} else if d.rest != "" && strings.IndexByte(whitespace, d.rest[0]) < 0 {
		return false
	}
	d.skip()
	if half := hasPrefixFoldASCII(d.rest, "pm"); half || hasPrefixFoldASCII(d.rest, "am") {
		if d.hour > 12 {
			return false
		}
		d.hour %= 12
		if half {
			d.hour += 12
		}
		d.rest = d.rest[2:]
		d.skip()
	}
	return true
}

// readZone reads the zone, by name or by hours and minutes, and what is to be skipped behind it.
func (d *scriptDate) readZone() bool {
	if hasPrefixFoldASCII(d.rest, "gmt") || hasPrefixFoldASCII(d.rest, "utc") {
		d.rest = d.rest[3:]
	}
	if strings.HasPrefix(d.rest, "+") || strings.HasPrefix(d.rest, "-") {
		n, ok := d.readInteger()
		if !ok || n < -9959 || n > 9959 {
			return false
		}
		sign := 1
		if n < 0 {
			sign, n = -1, -n
		}
		switch {
		case d.cut(":"):
			minutes, ok := d.readInteger()
			if !ok {
				return false
			}
			n = n*60 + minutes
		case n >= 24:
			n = n/100*60 + n%100
		default:
			n *= 60
		}
		d.offset = sign * n
	} else {
		for _, name := range [...]string{"ut", "gmt", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt"} {
			if hasPrefixFoldASCII(d.rest, name) {
				d.offset, _ = zoneNamed(name)
				d.rest = d.rest[len(name):]
				break
			}
		}
	}
	d.skip()
	return true
}
