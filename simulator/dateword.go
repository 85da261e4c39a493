package simulator

import (
	"strconv"
	"strings"
	"time"
)

// A wordDate is a date that is being read word by word. What was not found yet is -1.
type wordDate struct {
	year, month, day, hour, minute, second int
	zone, offset                           int // minutes before that of UTC, by name and in numbers; none is noZone
	iso                                    bool
}

const noZone = 1 << 20

// dateByWord reads a date out of words in any order: the first name of a month, the first time of day, the first number that
// may be the day, the first one after it that may be the year, the first zone, or three numbers with slashes or hyphens
// between them. There must be a day, a month and a year; numbers that are too high run over into the next month, day or hour.
// With iso it may be one in the format of ISO 8601 too, such as 2000-01-01T00:00:00Z.
func dateByWord(s string, iso bool) (time.Time, bool) {
	d := wordDate{-1, -1, -1, -1, -1, -1, noZone, noZone, iso}
	for i := 0; i < len(s); {
		i = d.read(s, i)
		// The rest of the word, and what stands between words.
		for i < len(s) && !strings.Contains(" \t,;/()[]-+", s[i:i+1]) && !d.isT(s, i) {
			i++
		}
		for i < len(s) && (strings.Contains(" \t,;/()[]", s[i:i+1]) || s[i] == '-' && (d.year < 0 && i > 0 && isLetter(s[i-1]) || digitsAt(s, i+1) == 0)) {
			i++
		}
		if d.isT(s, i) {
			i++
		}
	}
	if d.month < 0 || d.day < 0 || d.year < 0 || d.year > 1<<15-1 {
		return time.Time{}, false
	}
	zone := 0
	switch {
	case d.offset != noZone:
		zone = d.offset
	case d.zone != noZone:
		zone = d.zone
	}
	return time.Date(d.year, time.Month(d.month), d.day, max(d.hour, 0), max(d.minute, 0)-zone, max(d.second, 0), 0, time.UTC), true
}

// isT reports whether the T of ISO 8601 between date and time stands at i.
func (d *wordDate) isT(s string, i int) bool {
	return d.iso && i < len(s) && s[i] == 'T' && digitsAt(s, i+1) > 0
}

// read reads what begins at i, and returns where that ends; what is left of the word does not count.
func (d *wordDate) read(s string, i int) (end int) {
	switch c := s[i]; {
	case isLetter(c):
		d.readName(s[i:])
		return i
	case c == '+' || c == '-':
		return d.readOffset(s, i)
	case '0' <= c && c <= '9':
		n := digitsAt(s, i)
		next := byte(0)
		if i+n < len(s) {
			next = s[i+n]
		}
		switch {
		case next == ':':
			return d.readClock(s, i)
		case (next == '/' || next == '-') && digitsAt(s, i+n+1) > 0:
			return d.readTriple(s, i)
		case !isLetter(next):
			d.readNumber(s[i : i+n])
		}
	}
	return i
}

// readName takes the first three letters of s for a month or a zone, if that is not known yet.
func (d *wordDate) readName(s string) {
	if month, ok := parseDateMonth(s); ok {
		if d.month < 0 {
			d.month = month
		}
		return
	}
	name := s[:min(3, len(s))]
	if hasPrefixFoldASCII(s, "ut") && (len(s) == 2 || !isLetter(s[2])) {
		name = "ut"
	}
	if zone, ok := zoneNamed(asciiLower(name)); ok && d.zone == noZone {
		d.zone = zone
	}
}

// zoneNamed returns how many minutes the clocks of a zone are before those of UTC.
func zoneNamed(name string) (minutes int, ok bool) {
	switch name {
	case "pst":
		return -8 * 60, true
	case "pdt", "mst":
		return -7 * 60, true
	case "mdt", "cst":
		return -6 * 60, true
	case "cdt", "est":
		return -5 * 60, true
	case "edt", "ast":
		return -4 * 60, true
	case "nst":
		return -3*60 - 30, true
	case "gmt", "ut":
		return 0, true
	case "bst", "met":
		return 60, true
	case "eet":
		return 2 * 60, true
	case "jst":
		return 9 * 60, true
	}
	return 0, false
}

// readOffset reads hours, or hours and minutes, behind a plus or a minus: the zone, unless there is one with a name other
// than that of UTC.
func (d *wordDate) readOffset(s string, i int) (end int) {
	sign := 1
	if s[i] == '-' {
		sign = -1
	}
	i++
	if d.offset != noZone || d.zone != noZone && d.zone != 0 {
		return i
	}
	digits := s[i : i+digitsAt(s, i)]
	n, _ := strconv.Atoi(digits)
	switch len(digits) {
	case 4:
		n = n/100*60 + n%100
	case 1, 2:
		n *= 60
	default:
		return i
	}
	d.offset, d.zone = sign*n, 0
	return i
}

// readClock reads the time of day: hours, minutes and perhaps seconds, of at most two digits, and perhaps am or pm.
func (d *wordDate) readClock(s string, i int) (end int) {
	if d.hour >= 0 {
		return i
	}
	var parts [3]int
	parts[2] = -1
	for k := range parts {
		n := digitsAt(s, i)
		if n == 0 && k == 2 {
			break
		}
		if n == 0 || n > 2 {
			return i
		}
		parts[k], _ = strconv.Atoi(s[i : i+n])
		if i += n; k < 2 && i < len(s) && s[i] == ':' {
			i++
		}
	}
	if d.iso && i < len(s) && s[i] == '.' {
		i += 1 + digitsAt(s, i+1)
	}
	half := strings.TrimLeft(s[i:], " \t")
	switch {
	case d.iso && strings.HasPrefix(s[i:], "Z"):
		d.zone = 0
	case parts[0] < 12 && hasPrefixFoldASCII(half, "pm"):
		parts[0] += 12
	case parts[0] == 12 && hasPrefixFoldASCII(half, "am"):
		parts[0] = 0
	}
	d.hour, d.minute, d.second = parts[0], parts[1], parts[2]
	return i
}

// readTriple reads three numbers with slashes or hyphens between them: year, month and day if the first can be neither a
// month nor a day; day, month and year if it can be no month; month, day and year otherwise.
func (d *wordDate) readTriple(s string, start int) (end int) {
	if d.month >= 0 {
		return start
	}
	var parts [3]int
	i := start
	for k := range parts {
		n := digitsAt(s, i)
		if longest := [...]int{2, 2, 5}; n == 0 || n == 3 || n > longest[k] && !(d.iso && k == 0 && n == 4) {
			return start
		}
		parts[k], _ = strconv.Atoi(s[i : i+n])
		i += n
		if k < 2 {
			if i == len(s) || s[i] != '/' && s[i] != '-' {
				return start
			}
			i++
		}
	}
	if i < len(s) && isLetter(s[i]) && !d.isT(s, i) {
		return start
	}
	switch a, b, c := parts[0], parts[1], parts[2]; {
	case a > 31 || a == 0:
		if b > 12 || c > 31 {
			return start
		}
		d.year, d.month, d.day = withinCenturies(a), b, c
	case a > 12 && b > 12:
	case a > 12:
		d.year, d.month, d.day = withinCenturies(c), b, a
	default:
		d.year, d.month, d.day = withinCenturies(c), a, b
	}
	return i
}

// readNumber takes a number for a year or, if it is short and there is none yet, for the day.
func (d *wordDate) readNumber(digits string) {
	n, _ := strconv.Atoi(digits)
	switch len(digits) {
	case 4, 5:
		if d.year < 0 {
			d.year = n
		}
	case 2:
		if d.day < 0 && n < 32 {
			d.day = n
		} else if d.year < 0 {
			d.year = withinCenturies(n)
		}
	case 1:
		if d.day < 0 {
			d.day = n
		}
	}
}
