package simulator

import (
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/policy"
)

// How dates are read that stand in a cookie's Expires, or in HTTP headers that are not as HTTP wants them: by the draft on
// cookies, and in the ways of the browsers, which differ in what they take for a date at all.

// readDate reads a date in the given way.
func readDate(how policy.DateReading, s string) (time.Time, bool) {
	switch how {
	case policy.DateOfWholeNumbers:
		return dateOfWholeNumbers(s)
	case policy.DateByWord:
		return dateByWord(s, false)
	case policy.DateByWordOrISO:
		return dateByWord(s, true)
	case policy.DateInOrder:
		return dateInOrder(s)
	case policy.DateOfScripts:
		return dateOfScripts(s)
	}
	return parseCookieDate(s)
}

// readHTTPDate is readDate for HTTP headers, in one of whose formats a year may have two digits.
func readHTTPDate(rules *policy.CacheRules, s string, now time.Time) (t time.Time, ok bool) {
	if rules.Dates == policy.DateByStandard {
		t, ok = parseHTTPDate(s, now)
	} else {
		t, ok = readDate(rules.Dates, s)
	}
	if ok && rules.DatesIn32Bits {
		t = time.Unix(int64(uint32(t.Unix())), 0).UTC()
	}
	return t, ok
}

// parseCookieDate reads the date of an Expires attribute.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-parse-a-date
func parseCookieDate(input string) (time.Time, bool) {
	var hour, minute, second, day, month, year int
	var foundTime, foundDay, foundMonth, foundYear bool
	// 1 and 2.
	for i := 0; i < len(input); {
		if isDateDelimiter(input[i]) {
			i++
			continue
		}
		start := i
		for i < len(input) && !isDateDelimiter(input[i]) {
			i++
		}
		token := input[start:i]
		if !foundTime { // 2.1
			if h, m, s, ok := parseDateTime(token); ok {
				foundTime, hour, minute, second = true, h, m, s
				continue
			}
		}
		if !foundDay { // 2.2
			if n, rest, ok := leadingDigits(token, 1, 2); ok && endsNumber(rest) {
				foundDay, day = true, n
				continue
			}
		}
		if !foundMonth { // 2.3
			if n, ok := parseDateMonth(token); ok {
				foundMonth, month = true, n
				continue
			}
		}
		if !foundYear { // 2.4
			if n, rest, ok := leadingDigits(token, 2, 4); ok && endsNumber(rest) {
				foundYear, year = true, n
			}
		}
	}
	// 3 and 4.
	year = withinCenturies(year)
	// 5 to 7.
	if !foundDay || !foundMonth || !foundYear || !foundTime || year < 1601 {
		return time.Time{}, false
	}
	return exactDate(year, month, day, hour, minute, second)
}

// withinCenturies gives a year of two digits its century: from 1970 to 2069.
func withinCenturies(year int) int {
	switch {
	case 70 <= year && year <= 99:
		return year + 1900
	case 0 <= year && year <= 69:
		return year + 2000
	}
	return year
}

// exactDate returns the time with these numbers, or nothing if one of them is none of the calendar or the clock.
func exactDate(year, month, day, hour, minute, second int) (time.Time, bool) {
	if hour > 23 || minute > 59 || second > 59 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	// A day that its month does not have comes out as one of the next month.
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return t, t.Day() == day
}

// isDateDelimiter reports whether b is a delimiter of the grammar of dates.
func isDateDelimiter(b byte) bool {
	return b == '\t' || ' ' <= b && b <= '/' || ';' <= b && b <= '@' || '[' <= b && b <= '`' || '{' <= b && b <= '~'
}

// parseDateTime reads the production time: three numbers of one or two digits with colons between them, and then the
// end or anything that does not go on with a digit.
func parseDateTime(token string) (hour, minute, second int, ok bool) {
	var field [3]int
	for i := range field {
		if i > 0 {
			if token, ok = strings.CutPrefix(token, ":"); !ok {
				return 0, 0, 0, false
			}
		}
		if field[i], token, ok = leadingDigits(token, 1, 2); !ok {
			return 0, 0, 0, false
		}
	}
	return field[0], field[1], field[2], endsNumber(token)
}

// parseDateMonth reads the production month: three letters and then anything.
func parseDateMonth(token string) (month int, ok bool) {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	for m := range 12 {
		if hasPrefixFoldASCII(token, names[3*m:3*m+3]) {
			return m + 1, true
		}
	}
	return 0, false
}

// leadingDigits reads as many digits as there are, up to most, and fails if they are fewer than least.
func leadingDigits(s string, least, most int) (n int, rest string, ok bool) {
	i := 0
	for i < most && i < len(s) && '0' <= s[i] && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i >= least
}

// endsNumber reports whether a number ends where rest begins.
func endsNumber(rest string) bool { return rest == "" || rest[0] < '0' || rest[0] > '9' }

// dateOfWholeNumbers reads a date as parseCookieDate does, but for numbers that something stands behind, which are none,
// and for years, which may have from one digit to five.
func dateOfWholeNumbers(s string) (time.Time, bool) {
	day, month, year := -1, 0, -1
	var clock []int
	for token := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < 0x80 && isDateDelimiter(byte(r)) }) {
		if token[0] < '0' || token[0] > '9' {
			if month == 0 {
				month, _ = parseDateMonth(token)
			}
			continue
		}
		if strings.Contains(token, ":") {
			if clock == nil {
				clock = wholeNumbers(token)
			}
			continue
		}
		n, err := strconv.Atoi(token)
		switch {
		case err != nil:
		case day < 0 && len(token) <= 2:
			day = n
		case year < 0 && len(token) <= 5:
			year = n
		}
	}
	if day < 0 || month == 0 || year < 0 || clock == nil {
		return time.Time{}, false
	}
	return exactDate(withinCenturies(year), month, day, clock[0], clock[1], clock[2])
}

// wholeNumbers reads three numbers with colons between them, and returns nil if that is not what there is.
func wholeNumbers(token string) []int {
	parts := strings.Split(token, ":")
	if len(parts) != 3 {
		return nil
	}
	numbers := make([]int, len(parts))
	for i, part := range parts {
		n, rest, ok := leadingDigits(part, 1, len(part))
		if !ok || rest != "" || n < 0 || len(part) > 9 {
			return nil
		}
		numbers[i] = n
	}
	return numbers
}

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

// digitsAt returns how many digits stand from i on.
func digitsAt(s string, i int) int {
	end := i
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	return end - i
}

// isLetter reports whether b is an ASCII letter.
func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

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
	o := orderedDate{rest: s}
	if s != "" && isLetter(s[0]) {
		o.ok = o.readMonth() && o.readDay() && o.readClock() && o.readYear()
	} else {
		o.ok = o.readDay() && o.readMonth() && o.readYear() && o.readClock()
	}
	if !o.ok {
		return time.Time{}, false
	}
	t, ok := exactDate(o.year, o.month, o.day, o.clock[0], o.clock[1], o.clock[2])
	return t.Add(-o.zone()), ok
}

const whitespace = " \t\n\v\f\r"

func isLetterRune(r rune) bool { return r < 0x80 && isLetter(byte(r)) }

// An orderedDate is a date that is being read part by part.
type orderedDate struct {
	rest             string
	ok               bool
	year, month, day int
	clock            [3]int
}

// readInteger reads a number as C does, with blanks and a sign before it, into 32 bits.
func (o *orderedDate) readInteger() (n, digits int, ok bool) {
	s := strings.TrimLeft(o.rest, whitespace)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	end := digitsAt(s, 0)
	if end == 0 {
		return 0, 0, false
	}
	u, _ := strconv.ParseUint(s[:end], 10, 64)
	if negative {
		u = -u
	}
	digits = len(o.rest) - len(s) + end
	o.rest = s[end:]
	return int(int32(u)), digits, true
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

// readYear reads a year, of which two or three digits, with what stands before them, count from 1900 on.
func (o *orderedDate) readYear() bool {
	n, digits, ok := o.readInteger()
	switch {
	case digits == 2 && n < 70:
		n += 2000
	case digits == 2, digits == 3:
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

// readInteger reads a number as C does, with blanks and a sign before it, if it has no more than 32 bits.
func (d *scriptDate) readInteger() (n int, ok bool) {
	s := strings.TrimLeft(d.rest, whitespace)
	start := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		start = 1
	}
	digits := digitsAt(s, start)
	if digits == 0 {
		return 0, false
	}
	long, err := strconv.ParseInt(s[:start+digits], 10, 32)
	if err != nil {
		return 0, false
	}
	d.rest = s[start+digits:]
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
