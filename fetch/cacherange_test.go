package fetch

import "testing"

func TestPartsAreFittedToWhatIsStored(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		size        int64
		want        string // of the part; empty if it is beyond
	}{
		{"a part of it", "bytes=2-5", 10, "bytes=2-5"},
		{"the first byte", "bytes=0-0", 1, "bytes=0-0"},
		{"an end that is too far", "bytes=2-50", 10, "bytes=2-9"},
		{"an open end", "bytes=2-", 10, "bytes=2-9"},
		{"the last bytes", "bytes=-3", 10, "bytes=7-9"},
		{"more last bytes than there are", "bytes=-30", 10, "bytes=0-9"},
		{"what begins behind the end is not there", "bytes=10-", 10, ""},
		{"of nothing the last bytes are nothing", "bytes=-1", 0, "bytes=0-"},
		{"of nothing there is no beginning", "bytes=0-", 0, ""},
	} {
		from, to, ok := parseByteRange(tt.value)
		if !ok {
			t.Fatalf("%s: %q is no range", tt.name, tt.value)
		}
		part, got := cacheRange{from: from, to: to}, ""
		if part.bound(tt.size) {
			got = byteRange(part.from, part.to)
		}
		if got != tt.want {
			t.Errorf("%s: of %d bytes %q is %q, want %q: the cache would answer with other bytes than were asked for", tt.name, tt.size, tt.value, got, tt.want)
		}
	}
}

func TestAPartIsWhatWasAskedFor(t *testing.T) {
	for _, tt := range []struct {
		name, asked, told, length string
		want                      bool
	}{
		{"as asked", "bytes=2-5", "bytes 2-5/10", "", true},
		{"with its length", "bytes=2-5", "bytes 2-5/10", "4", true},
		{"with another length", "bytes=2-5", "bytes 2-5/10", "5", false},
		{"more than asked", "bytes=2-5", "bytes 2-6/10", "", false},
		{"another beginning", "bytes=2-5", "bytes 1-5/10", "", false},
		{"up to the end", "bytes=2-", "bytes 2-9/10", "", true},
		{"the last bytes", "bytes=-3", "bytes 7-9/10", "", true},
		{"past the end", "bytes=2-50", "bytes 2-9/10", "", true},
		{"of unknown size", "bytes=2-5", "bytes 2-5/*", "", false},
		{"past its own size", "bytes=2-5", "bytes 2-5/5", "", false},
		{"none", "bytes=2-5", "bytes */10", "", false},
		{"another unit", "bytes=2-5", "items 2-5/10", "", false},
		{"nothing", "bytes=2-5", "", "", false},
	} {
		from, to, _ := parseByteRange(tt.asked)
		h := Headers{{"Content-Range", tt.told}}
		if tt.length != "" {
			h = append(h, Header{"Content-Length", tt.length})
		}
		part := cacheRange{from: from, to: to}
		if _, got := part.fits(h); got != tt.want {
			t.Errorf("%s: %q fits %q: %v, want %v", tt.name, tt.told, tt.asked, got, tt.want)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("bytes=2-5", "bytes 2-5/10", 10)
	f.Add("bytes=-3", "bytes 7-9/10", 0)
	f.Add("bytes=9223372036854775807-", "bytes 9223372036854775806-9223372036854775807/9223372036854775807", 3)
	f.Fuzz(func(t *testing.T, asked, told string, size int) {
		from, to, ok := parseByteRange(asked)
		if !ok || size < 0 || size > 1<<16 {
			return
		}
		if f2, t2, ok := parseByteRange(byteRange(from, to)); !ok || f2 != from || t2 != to {
			t.Fatalf("%q is written %q, which is another range", asked, byteRange(from, to))
		}
		part := cacheRange{from: from, to: to}
		if part.bound(int64(size)) {
			whole := &HTTPResponse{Status: 200, Body: make([]byte, size)}
			if got := part.of(whole); (len(got.Body) == 0 || got.Status != 206) && size > 0 {
				t.Fatalf("%q of %d bytes is %d bytes of a %d", asked, size, len(got.Body), got.Status)
			}
		}
		again := cacheRange{from: from, to: to}
		if n, ok := again.fits(Headers{{"Content-Range", told}}); ok && (again.from < 0 || again.to < again.from || again.to >= n) {
			t.Fatalf("%q fits %q as bytes %d to %d of %d", told, asked, again.from, again.to, n)
		}
	})
}
