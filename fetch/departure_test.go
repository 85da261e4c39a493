package fetch

import "testing"

func TestRangesAreWrittenAnew(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"zeros in front go", "bytes=00-01", "bytes=0-1"},
		{"an open end stays open", "bytes=07-", "bytes=7-"},
		{"a length from the end is a number as well", "bytes=-05", "bytes=-5"},
		{"the unit is written in lower case", "BYTES=1-2", "bytes=1-2"},
		{"blanks and plus signs go", "bytes = +1 -\t2", "bytes=1-2"},
		{"empty elements go", "bytes=,1-2,", "bytes=1-2"},
		{"several ranges stay as they are", "bytes=00-01,03-04", "bytes=00-01,03-04"},
		{"a range that ends before it begins stays", "bytes=02-1", "bytes=02-1"},
		{"no bytes from the end stay", "bytes=-00", "bytes=-00"},
		{"a number of 64 bits stays", "bytes=09223372036854775808-", "bytes=09223372036854775808-"},
		{"an end of -1 is an open end", "bytes=0--1", "bytes=0-"},
		{"an end of -2 stays", "bytes=0--2", "bytes=0--2"},
		{"a negative number stays", "bytes=--01", "bytes=--01"},
		{"another unit stays", "x=00-01", "x=00-01"},
		{"what is no range stays", "bytes", "bytes"},
		{"nothing stays nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := Headers{{"X-A", "bytes=00-01"}, {"range", tt.value}}
			rewriteRanges(h)
			if h[1].Value != tt.want || h[0].Value != "bytes=00-01" {
				t.Errorf("%q becomes %q, want %q; and %q changes nothing", tt.value, h[1].Value, tt.want, h[0].Value)
			}
		})
	}
}

func TestBytesOfALocationAreKeptOrAreCodePoints(t *testing.T) {
	for _, tt := range []struct{ value, kept, points string }{
		{"/a?b", "/a?b", "/a?b"},
		{"/caf\xc3\xa9", "/caf%C3%A9", "/caf\u00c3\u00a9"},
		{"/caf\xe9?\xff/x", "/caf%E9?%FF/x", "/caf\u00e9?\u00ff/x"},
		{"", "", ""},
	} {
		if got := escapeNonASCII(tt.value); got != tt.kept {
			t.Errorf("the bytes of %q kept are %q, want %q", tt.value, got, tt.kept)
		}
		if got := isomorphicDecode(tt.value); got != tt.points {
			t.Errorf("the bytes of %q as code points are %q, want %q", tt.value, got, tt.points)
		}
	}
}
