package simulator

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/policy"
)

var dateReadings = []policy.DateReading{policy.DateByStandard, policy.DateOfWholeNumbers, policy.DateByWord, policy.DateByWordOrISO,
	policy.DateInOrder, policy.DateOfScripts}

// The formats that RFC 9110, section 5.6.7, has servers write, and read, mean the same to everybody.
func TestEverybodyReadsTheDatesOfHTTP(t *testing.T) {
	for _, how := range dateReadings {
		for year := 1970; year < 2106; year += 5 {
			for month := time.January; month <= time.December; month++ {
				want := time.Date(year, month, 1+year%28, int(month)+11, year%60, 59-year%60, 0, time.UTC)
				for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 GMT", time.ANSIC} {
					s := want.Format(layout)
					if got, ok := readDate(how, s); !ok || !got.Equal(want) {
						t.Errorf("%v: %q is read as %v, %v; want %v: RFC 9110, section 5.6.7", how, s, got, ok, want)
					}
				}
			}
		}
	}
}

// What is wanted here was seen with "corsim verify" in Chromium 156.0.8078.108, Firefox 153.8.0esr and WebKitGTK 2.50.6, on
// 2026-11-27: as cookies that were kept or not, and as answers that were asked for again or not, for dates of each form half an
// hour apart, around the time of the question.
func TestBrowsersReadOtherDatesInTheirOwnWays(t *testing.T) {
	const none = ""
	for _, tt := range []struct {
		name, date string
		// By whole numbers, by word, by word or ISO 8601, in order, of scripts.
		want [5]string
	}{
		{"a date without a zone is one of UTC", "Sat, 01 Jan 2000 10:00:00", [...]string{"01 10:00:00", "01 10:00:00", "01 10:00:00", "01 10:00:00", "01 10:00:00"}},
		{"a zone by name", "Sat, 01 Jan 2000 10:00:00 EST", [...]string{"01 10:00:00", "01 15:00:00", "01 15:00:00", "01 10:00:00", "01 15:00:00"}},
		{"a zone five hours further west", "Sat, 01 Jan 2000 10:00:00 PST", [...]string{"01 10:00:00", "01 18:00:00", "01 18:00:00", "02 01:00:00", "01 18:00:00"}},
		{"a zone in summer", "Sat, 01 Jan 2000 10:00:00 PDT", [...]string{"01 10:00:00", "01 17:00:00", "01 17:00:00", "02 00:00:00", "01 17:00:00"}},
		{"a zone that few know", "Sat, 01 Jan 2000 10:00:00 JST", [...]string{"01 10:00:00", "01 01:00:00", "01 01:00:00", "01 10:00:00", none}},
		{"a zone in numbers", "Sat, 01 Jan 2000 10:00:00 +0530", [...]string{"01 10:00:00", "01 04:30:00", "01 04:30:00", "01 04:30:00", "01 04:30:00"}},
		{"a zone in numbers with a colon", "Sat, 01 Jan 2000 10:00:00 +01:30", [...]string{"01 10:00:00", "01 09:00:00", "01 09:00:00", "01 08:30:00", "01 08:30:00"}},
		{"a zone in numbers behind a name", "Sat, 01 Jan 2000 10:00:00 GMT-0200", [...]string{"01 10:00:00", "01 12:00:00", "01 12:00:00", "01 10:00:00", "01 12:00:00"}},
		{"a zone of more than a day", "Sat, 01 Jan 2000 10:00:00 -2500", [...]string{"01 10:00:00", "02 11:00:00", "02 11:00:00", "01 10:00:00", "02 11:00:00"}},
		{"the zone Z", "Sat, 01 Jan 2000 10:00:00Z", [...]string{none, "01 10:00:00", "01 10:00:00", "01 10:00:00", none}},
		{"ten o'clock in the evening", "Sat, 01 Jan 2000 10:00:00 PM", [...]string{"01 10:00:00", "01 22:00:00", "01 22:00:00", "01 10:00:00", "01 22:00:00"}},
		{"midnight by twelve hours", "Sat, 01 Jan 2000 12:00 am", [...]string{none, "01 00:00:00", "01 00:00:00", none, "01 00:00:00"}},
		{"no time of day", "1 Jan 2000", [...]string{none, "01 00:00:00", "01 00:00:00", none, "01 00:00:00"}},
		{"month, day and year in numbers", "1/2/2000 10:00", [...]string{none, "02 10:00:00", "02 10:00:00", none, "02 10:00:00"}},
		{"day, month and year in numbers", "13/1/00 10:00", [...]string{none, "13 10:00:00", "13 10:00:00", none, none}},
		{"year, month and day in numbers", "2000/1/2 10:00", [...]string{none, none, "02 10:00:00", none, "02 10:00:00"}},
		{"the format of ISO 8601", "2000-01-02T10:00:00.5Z", [...]string{none, none, "02 10:00:00", none, none}},
		{"more hours than a day has", "Sat, 01 Jan 2000 25:00:00", [...]string{none, "02 01:00:00", "02 01:00:00", none, none}},
		{"the year at the end", "Sat Jan 01 10:00:00 2000", [...]string{"01 10:00:00", "01 10:00:00", "01 10:00:00", "01 10:00:00", "01 10:00:00"}},
		{"no year", "1 Jan 10:00:00", [...]string{none, none, none, none, "01 10:00:00"}},
		{"a comment before the month", "1 (x) Jan 2000 10:00:00 GMT", [...]string{"01 10:00:00", "01 10:00:00", "01 10:00:00", none, "01 10:00:00"}},
		{"a comment before the year", "1 Jan (new (year)) 2000 10:00:00 GMT", [...]string{"01 10:00:00", "01 10:00:00", "01 10:00:00", none, none}},
		{"the year first", "2000 Jan 1 10:00:00", [...]string{"01 10:00:00", "01 10:00:00", "01 10:00:00", none, none}},
		{"hyphens between words", "1--Jan--2000 10:00:00", [...]string{"01 10:00:00", none, none, "01 10:00:00", none}},
		{"another word at the end", "1 Jan 2000 10:00:00 x", [...]string{"01 10:00:00", "01 10:00:00", "01 10:00:00", "01 10:00:00", none}},
		{"nothing", "", [...]string{none, none, none, none, none}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i, how := range dateReadings[1:] {
				got := none
				if d, ok := readDate(how, tt.date); ok {
					if got = d.Format("02 15:04:05"); d.Year() != 2000 || d.Month() != time.January {
						got = d.String()
					}
				}
				if diff := cmp.Diff(tt.want[i], got); diff != "" {
					t.Errorf("%v: %q (-want +got), day and time in January 2000:\n%s", how, tt.date, diff)
				}
			}
		})
	}
}

// FuzzReadDate holds the readings to not failing, and the two that are closest to each other to the same time where what they
// differ in does not occur.
func FuzzReadDate(f *testing.F) {
	for _, s := range []string{"", "Sat, 01 Jan 2000 10:00:00 GMT", "1/2/2000", "2000-01-02T10:00:00.5Z", "1 Jan (x", "99999999999999999999 Jan 1", "+1 -2 --3",
		"12:00 pm +0100 EST", "Sat Jan  1 00:00:00 2000 +99:99", "1:2:3:4", "January1,2000at10:00"} {
		f.Add(s)
	}
	plain := regexp.MustCompile(`^([0-9]{2}|[0-9]{4}|[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}|[A-Za-z][A-Za-z]*)$`)
	f.Fuzz(func(t *testing.T, s string) {
		for _, how := range dateReadings {
			if d, ok := readDate(how, s); ok && (d.Year() < -9999 || d.Year() > 1<<31) {
				t.Errorf("%v: %q is read as %v", how, s, d)
			}
		}
		for token := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < 0x80 && isDateDelimiter(byte(r)) }) {
			if !plain.MatchString(token) {
				return
			}
		}
		want, ok := parseCookieDate(s)
		if got, gotOK := dateOfWholeNumbers(s); ok && (!gotOK || !got.Equal(want)) {
			t.Errorf("%q is read as %v, %v, by the draft as %v: Parse a Date", s, got, gotOK, want)
		}
	})
}
