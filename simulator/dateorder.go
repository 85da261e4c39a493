package simulator

import (
	"strings"
	"time"
)

// dateInOrder reads a date whose parts stand in the order of one of the formats of HTTP: perhaps a weekday, then day, month,
// year and time, or month, day, time and year, and perhaps a zone.
func dateInOrder(s string) (time.Time, bool) {
	s = strings.TrimLeft(s, whitespace)
	if s != "" && digitsAt(s, 0) > 0 && !strings.ContainsAny(s, "JFMASOND") {
		return time.Time{}, false // it can't have a month
	}
	// Any word counts as a weekday.
	if s != "" && isLetter(s[0]) {
		s = strings.TrimPrefix(strings.TrimLeftFunc(s, isLetterRune), ",")
		s = strings.TrimLeft(s, whitespace)
	}
	o, ok := orderedDate{rest: s}, false
	if s != "" && isLetter(s[0]) {
		ok = o.readMonth() && o.readDay() && o.readClock() && o.readYear()
	} else {
		ok = o.readDay() && o.readMonth() && o.readYear() && o.readClock()
	}
	if !ok {
		return time.Time{}, false
	}
	t, ok := exactDate(o.year, o.month, o.day, o.clock[0], o.clock[1], o.clock[2])
	return t.Add(-o.zone()), ok
}

// An orderedDate is a date that is being read part by part.
type orderedDate struct {
	rest             string
	year, month, day int
	clock            [3]int
}

// readInteger reads a number into 32 bits, and returns how many characters it has with what stands before it.
func (o *orderedDate) readInteger() (n, length int, ok bool) {
	long, rest, ok := leadingInteger(o.rest)
	length = len(o.rest) - len(rest)
	o.rest = rest
	return int(int32(long)), length, ok
}

func (o *orderedDate) readDay() (ok bool) {
	o.day, _, ok = o.readInteger()
	o.rest = strings.TrimLeft(o.rest, " -")
	return ok
}

func (o *orderedDate) readMonth() (ok bool) {
	if o.month, ok = parseDateMonth(o.rest); ok {
		o.rest = strings.TrimLeft(o.rest[3:], " -")
	}
	return ok
}

// readYear reads a year; two or three characters count from 1900 on, or from 2000.
func (o *orderedDate) readYear() bool {
	n, length, ok := o.readInteger()
	switch {
	case length == 2 && n < 70:
		n += 2000
	case length == 2, length == 3:
		n += 1900
	}
	o.year, o.rest = n, strings.TrimLeft(o.rest, " -")
	return ok && 0 < n && n < 9999
}

func (o *orderedDate) readClock() bool {
	for k := range o.clock {
		n, _, ok := o.readInteger()
		if !ok || n < 0 {
			return false
		}
		o.clock[k] = n
		if k < 2 {
			if o.rest, ok = strings.CutPrefix(o.rest, ":"); !ok {
				return false
			}
		}
	}
	o.rest = strings.TrimLeft(o.rest, " ")
	return true
}

// zone returns how much the clocks of the zone that the rest names are before those of UTC, as the library has it that
// reads dates so: of the American zones it takes the Eastern one for that of UTC, and the others for five hours more each.
func (o *orderedDate) zone() time.Duration {
	s := o.rest
	if s == "" {
		return 0
	}
	if sign := s[0]; sign == '+' || sign == '-' {
		o.rest = s[1:]
		n, _, _ := o.readInteger()
		minutes := n/100*60 + n%100
		if strings.HasPrefix(o.rest, ":") {
			o.rest = o.rest[1:]
			more, _, _ := o.readInteger()
			if n > 99 || more > 99 {
				return 0
			}
			minutes = n*60 + more
		}
		if n < 0 || n > 9999 || minutes/60 > 24 {
			return 0
		}
		if sign == '-' {
			minutes = -minutes
		}
		return time.Duration(minutes) * time.Minute
	}
	if k := strings.IndexByte("ECMP", s[0]); k >= 0 && len(s) > 2 && (s[1] == 'D' || s[1] == 'S') && s[2] == 'T' {
		zone := time.Duration(-5*k) * time.Hour
		if s[1] == 'D' {
			zone += time.Hour
		}
		return zone
	}
	return 0
}
