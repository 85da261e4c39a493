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
		n, rest, ok := leadingDigits(part, 1, 9)
		if !ok || rest != "" {
			return nil
		}
		numbers[i] = n
	}
	return numbers
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

// isLetterRune is isLetter for a character.
func isLetterRune(r rune) bool { return r < 0x80 && isLetter(byte(r)) }

// whitespace is what C skips before a number.
const whitespace = " \t\n\v\f\r"

// leadingInteger reads a number as C does, with blanks and a sign before it. For one that is beyond all others it returns the
// closest to it.
func leadingInteger(s string) (n int64, rest string, ok bool) {
	trimmed := strings.TrimLeft(s, whitespace)
	end := 0
	if strings.HasPrefix(trimmed, "-") || strings.HasPrefix(trimmed, "+") {
		end = 1
	}
	digits := digitsAt(trimmed, end)
	if digits == 0 {
		return 0, s, false
	}
	end += digits
	n, _ = strconv.ParseInt(trimmed[:end], 10, 64)
	return n, trimmed[end:], true
}
