package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// cookieEpoch is when the tests of cookies begin.
func cookieEpoch() time.Time { return time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC) }

// appRequest is an https request of a page to its own host.
func appRequest() CookieRequest {
	return CookieRequest{Host: "app.example.com", Path: "/shop/cart", Secure: true, Method: "GET", PartitionKey: "https://example.com"}
}

// stored completes a cookie with what a cookie stored by appRequest has where nothing else is said.
func stored(c Cookie) Cookie {
	if c.Domain == "" {
		c.Domain, c.HostOnly = "app.example.com", true
	}
	if c.Path == "" {
		c.Path = "/shop"
	}
	c.Created, c.LastAccess = cookieEpoch(), cookieEpoch()
	return c
}

func TestStoreReadsSetCookie(t *testing.T) {
	in := func(d time.Duration) time.Time { return cookieEpoch().Add(d) }
	const day = 24 * time.Hour
	capped := in(400 * day)
	long := strings.Repeat("x", 1025)
	for _, tt := range []struct {
		name, set string
		want      Cookie
		why       string
	}{
		{"a name and a value", "a=1", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 10"},
		{"the first equals sign ends the name", "a=b=c", Cookie{Name: "a", Value: "b=c"}, "Parse a Cookie 10"},
		{"without an equals sign all is value", "abc", Cookie{Value: "abc"}, "Parse a Cookie 9"},
		{"an empty name with a value", "=abc", Cookie{Value: "abc"}, "Parse a Cookie 10"},
		{"an empty name and an equals sign in the value", "==b", Cookie{Value: "=b"}, "Parse a Cookie 10"},
		{"an empty value with a name", "abc=", Cookie{Name: "abc"}, "Parse a Cookie 10"},
		{"spaces and tabs around name and value", "\t a \t=\t 1 2\t ; Secure", Cookie{Name: "a", Value: "1 2", Secure: true}, "Parse a Cookie 11"},
		{"quotes are part of the value", `a="1"`, Cookie{Name: "a", Value: `"1"`}, "Parse a Cookie knows no quotes"},
		{"a semicolon in quotes ends the value", `a="1;2"`, Cookie{Name: "a", Value: `"1`}, "Parse a Cookie 4"},
		{"bytes beyond ASCII are kept", "a=\xff\xc3\xa9", Cookie{Name: "a", Value: "\xff\xc3\xa9"}, "names and values are byte sequences"},
		{"commas are kept", "a=1,b=2", Cookie{Name: "a", Value: "1,b=2"}, "Parse a Cookie knows no commas"},
		{"4096 bytes of name and value", "a=" + strings.Repeat("v", 4095), Cookie{Name: "a", Value: strings.Repeat("v", 4095)}, "Parse a Cookie 12"},
		{"attributes of any case", "a=1; sEcUrE; HTTPONLY; SAMEsite=LAX; PATH=/", Cookie{Name: "a", Value: "1", Secure: true, HTTPOnly: true, SameSite: SameSiteLax, Path: "/"}, "byte-case-insensitive"},
		{"attributes with spaces and tabs", "a=1;\t Secure \t;  Path\t=  /x\t", Cookie{Name: "a", Value: "1", Secure: true, Path: "/x"}, "Parse a Cookie 15.11"},
		{"unknown and empty attributes", "a=1; lol;;; =; ,,, ; lol=\"x; Secure y; x=Secure", Cookie{Name: "a", Value: "1"}, "Parse a Cookie, first note at its end"},
		{"values of flags do not matter", "a=1; Secure=false; HttpOnly=0", Cookie{Name: "a", Value: "1", Secure: true, HTTPOnly: true}, "Parse a Cookie 15.17 and 15.18"},
		{"Partitioned is unknown to the standard", "a=1; Partitioned", Cookie{Name: "a", Value: "1"}, "the draft has no such attribute"},

		{"SameSite=None", "a=1; Secure; SameSite=none", Cookie{Name: "a", Value: "1", Secure: true, SameSite: SameSiteNone}, "Parse a Cookie 15.19.1"},
		{"SameSite=Strict", "a=1; SameSite=STRICT", Cookie{Name: "a", Value: "1", SameSite: SameSiteStrict}, "Parse a Cookie 15.19.2"},
		{"an unknown SameSite", "a=1; SameSite=Lux", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.19"},
		{"an unknown SameSite after a known one", "a=1; SameSite=Lax; SameSite=Lux", Cookie{Name: "a", Value: "1", SameSite: SameSiteLax}, "Parse a Cookie 15.19 leaves same-site as it is"},
		{"the last known SameSite wins", "a=1; SameSite=Lax; SameSite=Strict", Cookie{Name: "a", Value: "1", SameSite: SameSiteStrict}, "Parse a Cookie, last note"},

		{"a Path", "a=1; Path=/x/y/", Cookie{Name: "a", Value: "1", Path: "/x/y/"}, "Parse a Cookie 15.16"},
		{"the last Path wins", "a=1; Path=/x; Path=/y", Cookie{Name: "a", Value: "1", Path: "/y"}, "Parse a Cookie, last note"},
		{"a Path without a slash in front", "a=1; Path=x", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.16"},
		{"an empty Path", "a=1; Path=", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.16"},
		{"a useless Path after a good one", "a=1; Path=/x; Path", Cookie{Name: "a", Value: "1", Path: "/x"}, "Parse a Cookie 15.16 leaves the path as it is"},
		{"a Path of 1024 bytes", "a=1; Path=/" + long[:1023], Cookie{Name: "a", Value: "1", Path: "/" + long[:1023]}, "Parse a Cookie 15.12"},
		{"a Path of 1025 bytes", "a=1; Path=/" + long[:1024], Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.12"},

		{"the host itself as Domain", "a=1; Domain=app.example.com", Cookie{Name: "a", Value: "1", Domain: "app.example.com"}, "Store a Cookie 7"},
		{"a parent as Domain", "a=1; Domain=example.com", Cookie{Name: "a", Value: "1", Domain: "example.com"}, "Store a Cookie 7"},
		{"a dot before the Domain", "a=1; Domain= .example.com ", Cookie{Name: "a", Value: "1", Domain: "example.com"}, "Parse a Cookie 15.15.2.2"},
		{"capitals in the Domain", "a=1; Domain=eXaMple.COM", Cookie{Name: "a", Value: "1", Domain: "example.com"}, "Parse a Cookie 15.15.2.3: host parsing"},
		{"percent-encoding in the Domain", "a=1; Domain=%65xample%2Ecom", Cookie{Name: "a", Value: "1", Domain: "example.com"}, "Parse a Cookie 15.15.2.3: host parsing"},
		{"the last Domain wins, a better one", "a=1; Domain=other.test; Domain=example.com", Cookie{Name: "a", Value: "1", Domain: "example.com"}, "Parse a Cookie, last note"},
		{"a Domain of 1025 bytes is skipped", "a=1; Domain=" + long, Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.12"},

		{"no expiry", "a=1", Cookie{Name: "a", Value: "1"}, "the session ends it"},
		{"Expires", "a=1; Expires=Thu, 02 Jul 2026 12:00:00 GMT", Cookie{Name: "a", Value: "1", Expires: in(day)}, "Parse a Cookie 15.13"},
		{"Expires that is no date", "a=1; Expires=tomorrow", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.13.3"},
		{"Expires that is no date after one that is", "a=1; Expires=Thu, 02 Jul 2026 12:00:00 GMT; Expires=0", Cookie{Name: "a", Value: "1", Expires: in(day)}, "Parse a Cookie 15.13.3"},
		{"the last Expires wins", "a=1; Expires=Fri, 03 Jul 2026 12:00:00 GMT; Expires=Thu, 02 Jul 2026 12:00:00 GMT", Cookie{Name: "a", Value: "1", Expires: in(day)}, "Parse a Cookie, last note"},
		{"Expires beyond 400 days", "a=1; Expires=Fri, 01 Jan 2038 00:00:00 GMT", Cookie{Name: "a", Value: "1", Expires: capped}, "Parse a Cookie 15.13.4"},
		{"Max-Age", "a=1; Max-Age=60", Cookie{Name: "a", Value: "1", Expires: in(time.Minute)}, "Parse a Cookie 15.14"},
		{"Max-Age with zeros in front", "a=1; Max-Age=0060", Cookie{Name: "a", Value: "1", Expires: in(time.Minute)}, "Parse a Cookie 15.14.4"},
		{"Max-Age before Expires", "a=1; Max-Age=60; Expires=Thu, 02 Jul 2026 12:00:00 GMT", Cookie{Name: "a", Value: "1", Expires: in(time.Minute)}, "section on the Max-Age attribute"},
		{"Max-Age after Expires", "a=1; Expires=Thu, 02 Jul 2026 12:00:00 GMT; Max-Age=60", Cookie{Name: "a", Value: "1", Expires: in(time.Minute)}, "section on the Max-Age attribute"},
		{"Max-Age, something else, Expires", "a=1; Max-Age=60; Secure; Expires=Thu, 02 Jul 2026 12:00:00 GMT", Cookie{Name: "a", Value: "1", Secure: true, Expires: in(time.Minute)}, "section on the Max-Age attribute"},
		{"the last Max-Age wins", "a=1; Max-Age=5; Max-Age=60", Cookie{Name: "a", Value: "1", Expires: in(time.Minute)}, "Parse a Cookie, last note"},
		{"Max-Age with a comma", "a=1; Max-Age=50,399", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.14.3"},
		{"Max-Age with a plus", "a=1; Max-Age=+50", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.14.2"},
		{"Max-Age that is a lone minus", "a=1; Max-Age=-", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.14.2"},
		{"Max-Age that is empty", "a=1; Max-Age=", Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.14.1"},
		{"Max-Age in quotes", `a=1; Max-Age="50"`, Cookie{Name: "a", Value: "1"}, "Parse a Cookie 15.14.2"},
		{"Max-Age that is no number leaves Expires alone", "a=1; Max-Age=x; Expires=Thu, 02 Jul 2026 12:00:00 GMT", Cookie{Name: "a", Value: "1", Expires: in(day)}, "Parse a Cookie 15.14.2"},
		{"Max-Age of 400 days", "a=1; Max-Age=34560000", Cookie{Name: "a", Value: "1", Expires: capped}, "Parse a Cookie 15.14.5"},
		{"Max-Age beyond 400 days", "a=1; Max-Age=34560001", Cookie{Name: "a", Value: "1", Expires: capped}, "Parse a Cookie 15.14.5"},
		{"Max-Age beyond all integers", "a=1; Max-Age=99999999999999999999999", Cookie{Name: "a", Value: "1", Expires: capped}, "Parse a Cookie 15.14.5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var j CookieJar
			got := j.Store(cookieEpoch(), appRequest(), tt.set)
			want := CookieDecision{stored(tt.want), CookieStored}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Store(%.80q) (-want +got):\n%s%s", tt.set, diff, tt.why)
			}
			if diff := cmp.Diff([]Cookie{want.Cookie}, j.Cookies()); diff != "" {
				t.Errorf("Cookies() after Store(%.80q) (-want +got):\n%sthe jar holds what Store told", tt.set, diff)
			}
		})
	}
}

func TestCookieDefaultPath(t *testing.T) {
	const why = "Cookie Default Path: the path without its last segment, or the root"
	for _, tt := range []struct{ name, path, want string }{
		{"the root", "/", "/"},
		{"a file in the root", "/a", "/"},
		{"a folder in the root", "/a/", "/a"},
		{"a file in a folder", "/a/b", "/a"},
		{"a folder in a folder", "/a/b/", "/a/b"},
		{"an empty segment in front", "//a", "/"},
		{"no path", "", "/"},
		{"an opaque path", "a/b", "/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := appRequest()
			r.Path = tt.path
			var j CookieJar
			if diff := cmp.Diff(tt.want, j.Store(cookieEpoch(), r, "a=1").Cookie.Path); diff != "" {
				t.Errorf("path of a cookie set by %q (-want +got):\n%s%s", tt.path, diff, why)
			}
		})
	}
}

func TestParseCookieDate(t *testing.T) {
	date := func(y int, m time.Month, d, hh, mm, ss int) time.Time {
		return time.Date(y, m, d, hh, mm, ss, 0, time.UTC)
	}
	fail := time.Time{}
	for _, tt := range []struct {
		name, date string
		want       time.Time
		why        string
	}{
		{"the date of HTTP", "Sun, 06 Nov 1994 08:49:37 GMT", date(1994, time.November, 6, 8, 49, 37), "2"},
		{"the date of RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", date(1994, time.November, 6, 8, 49, 37), "2 and 3"},
		{"the date of asctime", "Sun Nov  6 08:49:37 1994", date(1994, time.November, 6, 8, 49, 37), "2"},
		{"any order", "1994 08:49:37 nov 6", date(1994, time.November, 6, 8, 49, 37), "2: 1994 is too long for a day, so 2.4 takes it, and 2.2 the 6"},
		{"time, year last, day first", "08:49:37 6 1994 NOVEMBER", date(1994, time.November, 6, 8, 49, 37), "2"},
		{"the zone is not read", "06 Nov 1994 08:49:37 PST", date(1994, time.November, 6, 8, 49, 37), "2: the token matches nothing"},
		{"two digits of year, 70", "01 Jan 70 00:00:00", date(1970, time.January, 1, 0, 0, 0), "3"},
		{"two digits of year, 99", "01 Jan 99 00:00:00", date(1999, time.January, 1, 0, 0, 0), "3"},
		{"two digits of year, 00", "01 Jan 00 00:00:00", date(2000, time.January, 1, 0, 0, 0), "4"},
		{"two digits of year, 69", "01 Jan 69 00:00:00", date(2069, time.January, 1, 0, 0, 0), "4"},
		{"three digits of year", "01 Jan 099 00:00:00", date(1999, time.January, 1, 0, 0, 0), "2.4 and 3"},
		{"five digits of year", "01 Jan 19999 00:00:00", fail, "2.4: a digit may not follow the fourth"},
		{"one digit of year", "01 Jan 9 00:00:00", fail, "2.4"},
		{"the first year", "01 Jan 1601 00:00:00", date(1601, time.January, 1, 0, 0, 0), "5"},
		{"a year too early", "31 Dec 1600 23:59:59", fail, "5"},
		{"single digits of time", "1 Jan 2030 1:2:3", date(2030, time.January, 1, 1, 2, 3), "time-field takes one digit"},
		{"rubbish after the time", "1 Jan 2030 01:02:03Z", date(2030, time.January, 1, 1, 2, 3), "time ends at a non-digit"},
		{"rubbish after day and year", "1st Jan 2030AD 01:02:03", date(2030, time.January, 1, 1, 2, 3), "day-of-month and year end at a non-digit"},
		{"three digits of seconds", "1 Jan 2030 01:02:030", fail, "2.1: a digit may not follow the second"},
		{"three digits of hours", "1 Jan 2030 001:02:03", fail, "2.1"},
		{"no seconds", "1 Jan 2030 01:02", fail, "2.1"},
		{"three digits of day", "001 Jan 2030 01:02:03", fail, "2.2"},
		{"the first time counts", "1 Jan 2030 01:02:03 04:05:06", date(2030, time.January, 1, 1, 2, 3), "2.1"},
		{"the first month counts", "1 Jan Feb 2030 01:02:03", date(2030, time.January, 1, 1, 2, 3), "2.3"},
		{"a month needs three letters", "1 Ja 2030 01:02:03", fail, "2.3"},
		{"a month spelled out", "1 januarius 2030 01:02:03", date(2030, time.January, 1, 1, 2, 3), "2.3"},
		{"hour 24", "1 Jan 2030 24:00:00", fail, "5"},
		{"minute 60", "1 Jan 2030 23:60:00", fail, "5"},
		{"a leap second", "31 Dec 2016 23:59:60", fail, "5"},
		{"day 0", "0 Jan 2030 00:00:00", fail, "5"},
		{"day 32", "32 Jan 2030 00:00:00", fail, "5"},
		{"a leap day", "29 Feb 2028 00:00:00", date(2028, time.February, 29, 0, 0, 0), "6"},
		{"a leap day of another year", "29 Feb 2027 00:00:00", fail, "6"},
		{"day 31 of a short month", "31 Apr 2030 00:00:00", fail, "6"},
		{"no day", "Jan 00:00:00 2030", fail, "5"},
		{"no time", "1 Jan 2030", fail, "5"},
		{"nothing", "", fail, "5"},
		{"a colon is no delimiter", "1:Jan:2030 00:00:00", fail, "1: all of it is one token"},
		{"every delimiter", "\t1!\"#$%&'()*+,-./Jan;<=>?@[\\]^_`2030{|}~00:00:00", date(2030, time.January, 1, 0, 0, 0), "1"},
		{"bytes that do not delimit", "1\x80 Jan\x7f 2030\x01 00:00:00\xff", date(2030, time.January, 1, 0, 0, 0), "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseCookieDate(tt.date)
			if ok != !tt.want.IsZero() {
				t.Fatalf("parseCookieDate(%q) = %v, %v, want %v: Parse a Date %s", tt.date, got, ok, tt.want, tt.why)
			}
			if diff := cmp.Diff(tt.want, got); ok && diff != "" {
				t.Errorf("parseCookieDate(%q) (-want +got):\n%sParse a Date %s", tt.date, diff, tt.why)
			}
		})
	}
}

type storeRow struct {
	name  string
	rules policy.CookieRules
	req   func(*CookieRequest) // what differs from appRequest
	old   []string             // Set-Cookie values that appRequest stored before
	set   string
	want  CookieReason
}

func storeRows() []storeRow {
	insecure := func(r *CookieRequest) { r.Secure = false }
	script := func(r *CookieRequest) { r.Script = true }
	crossSite := func(r *CookieRequest) {
		r.Mode, r.ThirdParty, r.PartitionKey = fetch.UnsetOrLess, true, "https://top.test"
	}
	navigation := func(r *CookieRequest) { r.Mode, r.TopLevel = fetch.LaxOrLess, true }
	post := func(r *CookieRequest) { r.Mode, r.TopLevel, r.Method = fetch.UnsetOrLess, true, "POST" }
	host := func(h string) func(*CookieRequest) { return func(r *CookieRequest) { r.Host = h } }
	return []storeRow{
		{"a plain cookie is stored", policy.CookieRules{}, nil, nil, "a=1", CookieStored},
		{"a new value replaces the old one", policy.CookieRules{}, nil, []string{"a=1"}, "a=2", CookieStored},
		{"the same cookie again changes nothing", policy.CookieRules{}, nil, []string{"a=1"}, "a=1", CookieUnchanged},
		{"HttpOnly makes another cookie of it", policy.CookieRules{}, nil, []string{"a=1"}, "a=1; HttpOnly", CookieStored},
		{"a script cannot tell whether it changed a cookie it can see", policy.CookieRules{}, script, []string{"a=1"}, "a=1", CookieUnchanged},
		{"Max-Age=0 removes", policy.CookieRules{}, nil, []string{"a=1"}, "a=; Max-Age=0", CookieRemoved},
		{"a negative Max-Age removes", policy.CookieRules{}, nil, []string{"a=1"}, "a=; Max-Age=-99999999999999999999", CookieRemoved},
		{"Expires in the past removes", policy.CookieRules{}, nil, nil, "a=1; Expires=Thu, 10 Apr 1980 16:33:12 GMT", CookieRemoved},

		{"no host", policy.CookieRules{}, host(""), nil, "a=1", CookieRefusedRequest},
		{"a host of 4097 bytes", policy.CookieRules{}, host(strings.Repeat("x", 4097)), nil, "a=1", CookieRefusedRequest},
		{"a directory of 4097 bytes", policy.CookieRules{}, func(r *CookieRequest) { r.Path = strings.Repeat("/", 4098) }, nil, "a=1", CookieRefusedRequest},
		{"a directory of 4097 bytes and a Path", policy.CookieRules{}, func(r *CookieRequest) { r.Path = strings.Repeat("/", 4098) }, nil, "a=1; Path=/", CookieStored},
		{"a partition key of 4097 bytes", policy.CookieRules{}, func(r *CookieRequest) { r.PartitionKey = strings.Repeat("x", 4097) }, nil, "a=1", CookieRefusedRequest},

		{"NUL in the value", policy.CookieRules{}, nil, nil, "a=\x00", CookieRefusedControlCharacter},
		{"a line feed in an attribute", policy.CookieRules{}, nil, nil, "a=1; x\n", CookieRefusedControlCharacter},
		{"DEL in the name", policy.CookieRules{}, nil, nil, "\x7f=1", CookieRefusedControlCharacter},
		{"a tab inside the value", policy.CookieRules{}, nil, nil, "a=1\t2", CookieStored},
		{"nothing", policy.CookieRules{}, nil, nil, "", CookieRefusedEmpty},
		{"an equals sign", policy.CookieRules{}, nil, nil, " = ", CookieRefusedEmpty},
		{"attributes alone", policy.CookieRules{}, nil, nil, "; Secure", CookieRefusedEmpty},
		{"no name where none is wanted", policy.CookieRules{NamelessRefused: true}, nil, nil, "=1", CookieRefusedNameless},
		{"no equals sign where that makes a value", policy.CookieRules{NamelessRefused: true}, nil, nil, "a", CookieRefusedNameless},
		{"no equals sign where that makes a name", policy.CookieRules{NamelessRefused: true, ValuelessIsName: true}, nil, nil, "a", CookieStored},
		{"4097 bytes", policy.CookieRules{}, nil, nil, "a=" + strings.Repeat("v", 4096), CookieRefusedTooLarge},

		{"an empty Domain", policy.CookieRules{}, nil, nil, "a=1; Domain=", CookieRefusedDomainSyntax},
		{"an empty Domain where it is ignored", policy.CookieRules{EmptyDomainIgnored: true}, nil, nil, "a=1; Domain=", CookieStored},
		{"an empty Domain after a foreign one where it is ignored", policy.CookieRules{EmptyDomainIgnored: true}, nil, nil, "a=1; Domain=x.test; Domain=", CookieRefusedDomain},
		{"a Domain that is a dot", policy.CookieRules{}, nil, nil, "a=1; Domain=.", CookieRefusedDomainSyntax},
		{"a Domain with a port", policy.CookieRules{}, nil, nil, "a=1; Domain=app.example.com:443", CookieRefusedDomainSyntax},
		{"a Domain that is a URL", policy.CookieRules{}, nil, nil, "a=1; Domain=https://app.example.com", CookieRefusedDomainSyntax},
		{"a Domain with a path", policy.CookieRules{}, nil, nil, "a=1; Domain=app.example.com/", CookieRefusedDomainSyntax},
		{"a Domain with credentials", policy.CookieRules{}, nil, nil, "a=1; Domain=u@app.example.com", CookieRefusedDomainSyntax},
		{"a Domain with a space", policy.CookieRules{}, nil, nil, "a=1; Domain=app.example.com .", CookieRefusedDomainSyntax},
		{"a Domain with a tab", policy.CookieRules{}, nil, nil, "a=1; Domain=app.\texample.com", CookieRefusedDomainSyntax},
		{"a Domain beyond ASCII", policy.CookieRules{}, host("xn--bcher-kva.example"), nil, "a=1; Domain=b\u00fccher.example", CookieRefusedDomainSyntax},
		{"a Domain beyond ASCII, encoded", policy.CookieRules{}, host("xn--bcher-kva.example"), nil, "a=1; Domain=b%C3%BCcher.example", CookieStored},
		{"a Domain in Punycode", policy.CookieRules{}, host("xn--bcher-kva.example"), nil, "a=1; Domain=XN--bcher-kva.example", CookieStored},

		{"a TLD", policy.CookieRules{}, nil, nil, "a=1; Domain=com", CookieRefusedPublicSuffix},
		{"a TLD with a dot at its end", policy.CookieRules{}, nil, nil, "a=1; Domain=com.", CookieRefusedPublicSuffix},
		{"a TLD nobody knows", policy.CookieRules{}, host("a.unheard-of"), nil, "a=1; Domain=unheard-of", CookieRefusedPublicSuffix},
		{"a suffix of two labels", policy.CookieRules{}, host("a.co.uk"), nil, "a=1; Domain=co.uk", CookieRefusedPublicSuffix},
		{"a private suffix", policy.CookieRules{}, host("me.github.io"), nil, "a=1; Domain=github.io", CookieRefusedPublicSuffix},
		{"a private suffix by itself", policy.CookieRules{}, host("github.io"), nil, "a=1; Domain=github.io", CookieStored},
		{"a wildcard suffix", policy.CookieRules{}, host("a.b.ck"), nil, "a=1; Domain=b.ck", CookieRefusedPublicSuffix},
		{"the exception of a wildcard suffix", policy.CookieRules{}, host("a.www.ck"), nil, "a=1; Domain=www.ck", CookieStored},
		{"localhost", policy.CookieRules{}, host("localhost"), nil, "a=1; Domain=localhost", CookieStored},

		{"a foreign Domain", policy.CookieRules{}, nil, nil, "a=1; Domain=example.org", CookieRefusedDomain},
		{"a sibling", policy.CookieRules{}, nil, nil, "a=1; Domain=www.example.com", CookieRefusedDomain},
		{"a child", policy.CookieRules{}, nil, nil, "a=1; Domain=x.app.example.com", CookieRefusedDomain},
		{"the end of the host but no label", policy.CookieRules{}, nil, nil, "a=1; Domain=ample.com", CookieRefusedDomain},
		{"a dot too much in front", policy.CookieRules{}, nil, nil, "a=1; Domain=..example.com", CookieRefusedDomain},
		{"a dot at the end", policy.CookieRules{}, nil, nil, "a=1; Domain=app.example.com.", CookieRefusedDomain},
		{"a dot at the end of both", policy.CookieRules{}, host("app.example.com."), nil, "a=1; Domain=example.com.", CookieStored},
		{"the last Domain wins, a worse one", policy.CookieRules{}, nil, nil, "a=1; Domain=example.com; Domain=example.org", CookieRefusedDomain},
		{"an IPv4 address", policy.CookieRules{}, host("192.0.2.1"), nil, "a=1; Domain=192.0.2.1", CookieStored},
		{"an IPv4 address spelled otherwise", policy.CookieRules{}, host("192.0.2.1"), nil, "a=1; Domain=0xC0.0.513", CookieStored},
		{"the end of an IPv4 address", policy.CookieRules{}, host("192.0.2.1"), nil, "a=1; Domain=2.1", CookieRefusedDomain},
		{"an IPv6 address", policy.CookieRules{}, host("[::1]"), nil, "a=1; Domain=[0:0::1]", CookieStored},
		{"an IPv6 address without brackets", policy.CookieRules{}, host("[::1]"), nil, "a=1; Domain=::1", CookieRefusedDomainSyntax},
		{"an IPv6 address with a port", policy.CookieRules{}, host("[::1]"), nil, "a=1; Domain=[::1]:80", CookieRefusedDomainSyntax},

		{"a script sets HttpOnly", policy.CookieRules{}, script, nil, "a=1; HttpOnly", CookieRefusedHTTPOnly},
		{"a script replaces HttpOnly", policy.CookieRules{}, script, []string{"a=1; HttpOnly"}, "a=2", CookieRefusedOverwritesHTTPOnly},
		{"a script removes HttpOnly", policy.CookieRules{}, script, []string{"a=1; HttpOnly"}, "a=2; Max-Age=0", CookieRefusedOverwritesHTTPOnly},
		{"a script shadows HttpOnly on another path", policy.CookieRules{}, script, []string{"a=1; HttpOnly"}, "a=2; Path=/", CookieStored},
		{"a response replaces HttpOnly", policy.CookieRules{}, nil, []string{"a=1; HttpOnly"}, "a=2", CookieStored},
		{"Secure over http", policy.CookieRules{}, insecure, nil, "a=1; Secure", CookieRefusedSecure},
		{"http over a Secure cookie", policy.CookieRules{}, insecure, []string{"a=1; Secure"}, "a=2", CookieRefusedOverwritesSecure},
		{"http over a Secure cookie of the parent", policy.CookieRules{}, insecure, []string{"a=1; Secure; Domain=example.com"}, "a=2", CookieRefusedOverwritesSecure},
		{"http for the parent over a Secure cookie of a child", policy.CookieRules{}, insecure, []string{"a=1; Secure"}, "a=2; Domain=example.com", CookieRefusedOverwritesSecure},
		{"http below the path of a Secure cookie", policy.CookieRules{}, insecure, []string{"a=1; Secure; Path=/login"}, "a=2; Path=/login/en", CookieRefusedOverwritesSecure},
		{"http above the path of a Secure cookie", policy.CookieRules{}, insecure, []string{"a=1; Secure; Path=/login"}, "a=2; Path=/", CookieStored},
		{"http beside the path of a Secure cookie", policy.CookieRules{}, insecure, []string{"a=1; Secure; Path=/login"}, "a=2; Path=/loginx", CookieStored},
		{"http over a Secure cookie of another name", policy.CookieRules{}, insecure, []string{"b=1; Secure"}, "a=2", CookieStored},
		{"http over a Secure cookie of a sibling", policy.CookieRules{}, func(r *CookieRequest) { r.Host, r.Secure = "www.example.com", false }, []string{"a=1; Secure"}, "a=2", CookieStored},
		{"http beside a Secure cookie of a partition", policy.CookieRules{Partitioned: true}, insecure, []string{"a=1; Secure; Partitioned"}, "a=2", CookieStored},
		{"https over a Secure cookie", policy.CookieRules{}, nil, []string{"a=1; Secure"}, "a=2", CookieStored},

		{"no SameSite from another site", policy.CookieRules{}, crossSite, nil, "a=1", CookieRefusedSameSite},
		{"no SameSite from another site where that is allowed", policy.CookieRules{DefaultFromCrossSite: true}, crossSite, nil, "a=1", CookieStored},
		{"SameSite=Lax from another site where no SameSite is allowed", policy.CookieRules{DefaultFromCrossSite: true}, crossSite, nil, "a=1; SameSite=Lax", CookieRefusedSameSite},
		{"SameSite=Strict from another site", policy.CookieRules{}, crossSite, nil, "a=1; SameSite=Strict", CookieRefusedSameSite},
		{"SameSite=None from another site", policy.CookieRules{}, crossSite, nil, "a=1; SameSite=None; Secure", CookieStored},
		{"SameSite=Lax from a navigation, by the letter", policy.CookieRules{}, navigation, nil, "a=1; SameSite=Lax", CookieRefusedSameSite},
		{"SameSite=Strict from a navigation", policy.CookieRules{NavigationStores: true}, navigation, nil, "a=1; SameSite=Strict", CookieStored},
		{"SameSite=Strict from a navigation by POST", policy.CookieRules{NavigationStores: true}, post, nil, "a=1; SameSite=Strict", CookieStored},
		{"SameSite=Strict from another site that is no navigation", policy.CookieRules{NavigationStores: true}, crossSite, nil, "a=1; SameSite=Strict", CookieRefusedSameSite},
		{"SameSite=None without Secure", policy.CookieRules{}, nil, nil, "a=1; SameSite=None", CookieRefusedSameSiteNoneInsecure},
		{"SameSite=None without Secure where that is allowed", policy.CookieRules{NoneWithoutSecure: true}, nil, nil, "a=1; SameSite=None", CookieStored},

		{"__Secure- without Secure", policy.CookieRules{}, nil, nil, "__Secure-a=1", CookieRefusedPrefixSecure},
		{"__Secure- in capitals", policy.CookieRules{}, nil, nil, "__SECURE-a=1", CookieRefusedPrefixSecure},
		{"__Secure- with Secure and Domain", policy.CookieRules{}, nil, nil, "__Secure-a=1; Secure; Domain=example.com", CookieStored},
		{"__Secure without the hyphen", policy.CookieRules{}, nil, nil, "__Secure=1", CookieStored},
		{"__Host- alone", policy.CookieRules{}, nil, nil, "__Host-a=1", CookieRefusedPrefixHost},
		{"__Host- without Path", policy.CookieRules{}, func(r *CookieRequest) { r.Path = "/" }, nil, "__Host-a=1; Secure", CookieRefusedPrefixHost},
		{"__Host- without Path at / where that is enough", policy.CookieRules{HostPrefixTakesDefaultPath: true}, func(r *CookieRequest) { r.Path = "/" }, nil, "__Host-a=1; Secure", CookieStored},
		{"__Host- without Path below / where / would be enough", policy.CookieRules{HostPrefixTakesDefaultPath: true}, func(r *CookieRequest) { r.Path = "/shop/" }, nil, "__Host-a=1; Secure", CookieRefusedPrefixHost},
		{"__Host- with another Path", policy.CookieRules{}, nil, nil, "__Host-a=1; Secure; Path=/shop", CookieRefusedPrefixHost},
		{"__Host- with Domain", policy.CookieRules{}, nil, nil, "__Host-a=1; Secure; Path=/; Domain=app.example.com", CookieRefusedPrefixHost},
		{"__Host- without Secure", policy.CookieRules{}, nil, nil, "__hOST-a=1; Path=/", CookieRefusedPrefixHost},
		{"__Host- as it should be", policy.CookieRules{}, nil, nil, "__Host-a=1; Secure; Path=/", CookieStored},
		{"__Host- with a Domain that is a public suffix and the host", policy.CookieRules{}, host("github.io"), nil, "__Host-a=1; Secure; Path=/; Domain=github.io", CookieStored},
		{"__Http- without HttpOnly", policy.CookieRules{}, nil, nil, "__Http-a=1; Secure", CookieRefusedPrefixHTTP},
		{"__Http- without Secure", policy.CookieRules{}, nil, nil, "__Http-a=1; HttpOnly", CookieRefusedPrefixHTTP},
		{"__Http- as it should be", policy.CookieRules{}, nil, nil, "__Http-a=1; Secure; HttpOnly", CookieStored},
		{"__Host-Http- without HttpOnly", policy.CookieRules{}, nil, nil, "__Host-Http-a=1; Secure; Path=/", CookieRefusedPrefixHostHTTP},
		{"__Host-Http- without Path", policy.CookieRules{}, nil, nil, "__Host-Http-a=1; Secure; HttpOnly", CookieRefusedPrefixHost},
		{"__Host-Http- as it should be", policy.CookieRules{}, nil, nil, "__Host-Http-a=1; Secure; HttpOnly; Path=/", CookieStored},
		{"no name and __Secure- in the value", policy.CookieRules{}, nil, nil, "__Secure-a; Secure", CookieRefusedPrefixNameless},
		{"no name and __Host- in the value", policy.CookieRules{}, nil, nil, "=__Host-a=1; Secure; Path=/", CookieRefusedPrefixNameless},
		{"no name and __Http- in the value", policy.CookieRules{}, nil, nil, "__HTTP-a", CookieRefusedPrefixNameless},

		{"Partitioned without Secure", policy.CookieRules{Partitioned: true}, nil, nil, "a=1; Partitioned", CookieRefusedPartitionedInsecure},
		{"Partitioned with Secure", policy.CookieRules{Partitioned: true}, nil, nil, "a=1; Partitioned; Secure", CookieStored},
		{"a third-party cookie where they are blocked", policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked}, crossSite, nil, "a=1; SameSite=None; Secure", CookieRefusedThirdParty},
		{"a third-party cookie where they are sent but not stored", policy.CookieRules{ThirdParty: policy.ThirdPartyNotStored}, crossSite, nil, "a=1; SameSite=None; Secure", CookieRefusedThirdParty},
		{"a first-party cookie where third parties are blocked", policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked}, nil, nil, "a=1", CookieStored},
		{"a partitioned cookie where third parties are blocked", policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked, Partitioned: true}, crossSite, nil, "a=1; SameSite=None; Secure; Partitioned", CookieStored},
		{"Partitioned unknown and third parties blocked", policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked}, crossSite, nil, "a=1; SameSite=None; Secure; Partitioned", CookieRefusedThirdParty},
		{"a third-party cookie where they are partitioned", policy.CookieRules{ThirdParty: policy.ThirdPartyPartitioned}, crossSite, nil, "a=1; SameSite=None; Secure", CookieStored},
		{"a third-party cookie without a key where they are partitioned", policy.CookieRules{ThirdParty: policy.ThirdPartyPartitioned},
			func(r *CookieRequest) { r.ThirdParty, r.PartitionKey = true, "" }, nil, "a=1; SameSite=None; Secure", CookieRefusedThirdParty},
	}
}

func TestStoreDecides(t *testing.T) {
	for _, tt := range storeRows() {
		t.Run(tt.name, func(t *testing.T) {
			j := CookieJar{Rules: tt.rules}
			for _, old := range tt.old {
				if d := j.Store(cookieEpoch(), appRequest(), old); d.Reason != CookieStored {
					t.Fatalf("Store(%q) before the test: %v", old, d)
				}
			}
			before := j.Cookies()
			r := appRequest()
			if tt.req != nil {
				tt.req(&r)
			}
			d := j.Store(cookieEpoch(), r, tt.set)
			if diff := cmp.Diff(tt.want.Code(), d.Reason.Code()); diff != "" {
				t.Errorf("Store(%.80q) (-want +got):\n%swant %s, %s\ngot  %s, %s", tt.set, diff,
					tt.want.Section(), tt.want, d.Reason.Section(), d.Reason)
			}
			if want := tt.want.OK(); d.OK() != want {
				t.Errorf("OK() = %v, want %v: %v", d.OK(), want, d)
			}
			after := j.Cookies()
			if !tt.want.OK() || tt.want == CookieUnchanged {
				if diff := cmp.Diff(before, after); diff != "" {
					t.Errorf("cookies after Store(%.80q) (-want +got):\n%sa refused cookie leaves the jar as it was", tt.set, diff)
				}
			}
			if found := slices.Contains(after, d.Cookie); found != (tt.want == CookieStored || tt.want == CookieUnchanged) {
				t.Errorf("jar holds %+v: %v, which does not go with %s", d.Cookie, found, tt.want.Code())
			}
		})
	}
}

// Store a Cookie 10.2 asks for domains that match, host-only or not. Hosts that are public suffixes are sites apart from
// those below them and match all the same.
func TestSecureCookiesAreNotHiddenAcrossPublicSuffixes(t *testing.T) {
	for _, tt := range []struct {
		secure, insecure string
		want             CookieReason
	}{
		{"example.co.uk", "co.uk", CookieRefusedOverwritesSecure},
		{"co.uk", "example.co.uk", CookieRefusedOverwritesSecure},
		{"uk", "example.co.uk", CookieRefusedOverwritesSecure},
		{"example.co.uk", "uk", CookieRefusedOverwritesSecure},
		{"www.example.com", "com", CookieRefusedOverwritesSecure},
		{"com", "www.example.com", CookieRefusedOverwritesSecure},
		{"example.co.uk", "example.org.uk", CookieStored},
		{"example.com", "om", CookieStored},
	} {
		var j CookieJar
		r := CookieRequest{Host: tt.secure, Path: "/", Secure: true}
		j.Store(cookieEpoch(), r, "a=1; Secure")
		r.Host, r.Secure = tt.insecure, false
		if diff := cmp.Diff(tt.want.Code(), j.Store(cookieEpoch(), r, "a=2").Reason.Code()); diff != "" {
			t.Errorf("Store over http by %s beside a Secure cookie of %s (-want +got):\n%s%s", tt.insecure, tt.secure, diff, CookieRefusedOverwritesSecure)
		}
	}
}

func TestStoreRefusesWhatHasNoRoom(t *testing.T) {
	j := CookieJar{MaxPerDomain: 2}
	for _, set := range []string{"a=1; Secure", "b=1; Secure"} {
		j.Store(cookieEpoch(), appRequest(), set)
	}
	d := j.Store(cookieEpoch().Add(time.Hour), appRequest(), "c=1")
	if d.Reason != CookieRefusedLimit {
		t.Errorf("Store = %v, want %s: a host full of Secure cookies has no room for one without", d, CookieRefusedLimit.Code())
	}
	if diff := cmp.Diff("a=1; b=1", j.Header(cookieEpoch(), appRequest())); diff != "" {
		t.Errorf("Header (-want +got):\n%sRemove Excess Cookies for a Host 6.1: cookies without Secure go first", diff)
	}
}

type headerRow struct {
	name  string
	rules policy.CookieRules
	set   string               // by appRequest
	req   func(*CookieRequest) // what differs from appRequest
	after time.Duration
	want  CookieReason
}

func headerRows() []headerRow {
	host := func(h string) func(*CookieRequest) { return func(r *CookieRequest) { r.Host = h } }
	path := func(p string) func(*CookieRequest) { return func(r *CookieRequest) { r.Path = p } }
	insecure := func(r *CookieRequest) { r.Secure = false }
	script := func(r *CookieRequest) { r.Script = true }
	other := func(r *CookieRequest) { r.PartitionKey = "https://other.test" }
	crossSite := func(r *CookieRequest) {
		r.Mode, r.ThirdParty, r.PartitionKey = fetch.UnsetOrLess, true, "https://top.test"
	}
	navigation := func(method string) func(*CookieRequest) {
		return func(r *CookieRequest) { r.Mode, r.TopLevel, r.Method = fetch.UnsetOrLess, true, method }
	}
	lax := policy.CookieRules{DefaultLax: true, LaxAllowUnsafeFor: 2 * time.Minute}
	return []headerRow{
		{"the host that set it", policy.CookieRules{}, "a=1", nil, 0, CookieSent},
		{"a child of the host that set it", policy.CookieRules{}, "a=1", host("x.app.example.com"), 0, CookieHostOnly},
		{"the parent of the host that set it", policy.CookieRules{}, "a=1", host("example.com"), 0, CookieHostOnly},
		{"a child of the Domain", policy.CookieRules{}, "a=1; Domain=example.com", host("x.y.example.com"), 0, CookieSent},
		{"the Domain itself", policy.CookieRules{}, "a=1; Domain=example.com", host("example.com"), 0, CookieSent},
		{"a sibling of the Domain", policy.CookieRules{}, "a=1; Domain=app.example.com", host("www.example.com"), 0, CookieDomainMismatch},
		{"the parent of the Domain", policy.CookieRules{}, "a=1; Domain=app.example.com", host("example.com"), 0, CookieDomainMismatch},
		{"a host that only ends alike", policy.CookieRules{}, "a=1; Domain=app.example.com", host("myapp.example.com"), 0, CookieDomainMismatch},

		{"the very path", policy.CookieRules{}, "a=1; Path=/x", path("/x"), 0, CookieSent},
		{"a path below", policy.CookieRules{}, "a=1; Path=/x", path("/x/y"), 0, CookieSent},
		{"a path with a slash more", policy.CookieRules{}, "a=1; Path=/x", path("/x/"), 0, CookieSent},
		{"a path below one that ends with a slash", policy.CookieRules{}, "a=1; Path=/x/", path("/x/y"), 0, CookieSent},
		{"a path that begins alike", policy.CookieRules{}, "a=1; Path=/x", path("/xy"), 0, CookiePathMismatch},
		{"a path with a slash less", policy.CookieRules{}, "a=1; Path=/x/", path("/x"), 0, CookiePathMismatch},
		{"a path above", policy.CookieRules{}, "a=1; Path=/x/y", path("/x"), 0, CookiePathMismatch},
		{"another case", policy.CookieRules{}, "a=1; Path=/x", path("/X"), 0, CookiePathMismatch},
		{"another encoding", policy.CookieRules{}, "a=1; Path=/x", path("/%78"), 0, CookiePathMismatch},
		{"the root and everything", policy.CookieRules{}, "a=1; Path=/", path("/x/y"), 0, CookieSent},
		{"the root and no path", policy.CookieRules{}, "a=1; Path=/", path(""), 0, CookieSent},

		{"Secure over https", policy.CookieRules{}, "a=1; Secure", nil, 0, CookieSent},
		{"Secure over http", policy.CookieRules{}, "a=1; Secure", insecure, 0, CookieSecure},
		{"not Secure over http", policy.CookieRules{}, "a=1", insecure, 0, CookieSent},
		{"HttpOnly to a script", policy.CookieRules{}, "a=1; HttpOnly", script, 0, CookieHTTPOnly},
		{"HttpOnly to a request", policy.CookieRules{}, "a=1; HttpOnly", nil, 0, CookieSent},
		{"not HttpOnly to a script", policy.CookieRules{}, "a=1", script, 0, CookieSent},

		{"just before it expires", policy.CookieRules{}, "a=1; Max-Age=10", nil, 10 * time.Second, CookieSent},
		{"just after it expired", policy.CookieRules{}, "a=1; Max-Age=10", nil, 10*time.Second + 1, CookieExpired},
		{"long after a session cookie", policy.CookieRules{}, "a=1", nil, 4000 * 24 * time.Hour, CookieSent},
		{"after 400 days, whatever the server asked for", policy.CookieRules{}, "a=1; Max-Age=99999999999", nil, 400*24*time.Hour + 1, CookieExpired},

		{"unset across sites is sent by the draft", policy.CookieRules{}, "a=1", crossSite, 0, CookieSent},
		{"unset across sites where it means Lax", policy.CookieRules{DefaultLax: true}, "a=1", crossSite, 0, CookieSameSiteDefault},
		{"Lax across sites", policy.CookieRules{}, "a=1; SameSite=Lax", crossSite, 0, CookieSameSiteLax},
		{"Strict across sites", policy.CookieRules{}, "a=1; SameSite=Strict", crossSite, 0, CookieSameSiteStrict},
		{"None across sites", policy.CookieRules{DefaultLax: true}, "a=1; SameSite=None; Secure", crossSite, 0, CookieSent},
		{"young and unset, a navigation by POST", lax, "a=1", navigation("POST"), 2 * time.Minute, CookieSent},
		{"two minutes old and unset, a navigation by POST", lax, "a=1", navigation("POST"), 2*time.Minute + 1, CookieSameSiteDefault},
		{"young and unset, a request that is no navigation", lax, "a=1", crossSite, 0, CookieSameSiteDefault},
		{"young and unset, a POST that is no navigation", lax, "a=1", func(r *CookieRequest) { crossSite(r); r.Method = "POST" }, 0, CookieSameSiteDefault},
		{"young and Lax, a navigation by POST", lax, "a=1; SameSite=Lax", navigation("POST"), 0, CookieSameSiteLax},
		{"young and unset, a safe navigation in the strictest mode", lax, "a=1", navigation("GET"), 0, CookieSameSiteDefault},
		{"young and unset, a navigation by POST without the exception", policy.CookieRules{DefaultLax: true}, "a=1", navigation("POST"), 0, CookieSameSiteDefault},

		{"a third party where they are blocked", policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked}, "a=1; SameSite=None; Secure", crossSite, 0, CookieThirdParty},
		{"a third party where they are sent but not stored", policy.CookieRules{ThirdParty: policy.ThirdPartyNotStored}, "a=1; SameSite=None; Secure", crossSite, 0, CookieSent},
		{"the first party where third parties are blocked", policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked}, "a=1; SameSite=None; Secure", nil, 0, CookieSent},
		{"set first-party, asked for as a third party, where they are partitioned", policy.CookieRules{ThirdParty: policy.ThirdPartyPartitioned}, "a=1; SameSite=None; Secure", crossSite, 0, CookiePartition},
		{"a third party without a partition key where they are partitioned", policy.CookieRules{ThirdParty: policy.ThirdPartyPartitioned}, "a=1; SameSite=None; Secure",
			func(r *CookieRequest) { r.ThirdParty, r.PartitionKey = true, "" }, 0, CookiePartition},
		{"Partitioned under its own top level", policy.CookieRules{Partitioned: true}, "a=1; SameSite=None; Secure; Partitioned", nil, 0, CookieSent},
		{"Partitioned under another top level", policy.CookieRules{Partitioned: true}, "a=1; SameSite=None; Secure; Partitioned", other, 0, CookiePartition},
		{"not Partitioned under another top level", policy.CookieRules{Partitioned: true}, "a=1; SameSite=None; Secure", other, 0, CookieSent},
	}
}

func TestHeaderAndExplainDecide(t *testing.T) {
	for _, tt := range headerRows() {
		t.Run(tt.name, func(t *testing.T) {
			j := CookieJar{Rules: tt.rules}
			if d := j.Store(cookieEpoch(), appRequest(), tt.set); d.Reason != CookieStored {
				t.Fatalf("Store(%q) before the test: %v", tt.set, d)
			}
			r := appRequest()
			r.Path = "/shop/cart/1"
			if tt.req != nil {
				tt.req(&r)
			}
			now := cookieEpoch().Add(tt.after)
			explained := j.Explain(now, r)
			if len(explained) != 1 {
				t.Fatalf("Explain returned %d decisions, want 1: every cookie of the site is explained", len(explained))
			}
			if diff := cmp.Diff(tt.want.Code(), explained[0].Reason.Code()); diff != "" {
				t.Errorf("Explain of %q (-want +got):\n%swant %s, %s\ngot  %v", tt.set, diff, tt.want.Section(), tt.want, explained[0])
			}
			want := ""
			if tt.want == CookieSent {
				want = "a=1"
			}
			if diff := cmp.Diff(want, j.Header(now, r)); diff != "" {
				t.Errorf("Header for %q (-want +got):\n%sthe header holds what Explain calls sent", tt.set, diff)
			}
		})
	}
}

// Retrieve Cookies 2, same-site: each value against each mode.
func TestSameSiteTable(t *testing.T) {
	sets := []string{"unset=1", "none=1; SameSite=None; Secure", "lax=1; SameSite=Lax", "strict=1; SameSite=Strict"}
	for _, tt := range []struct {
		mode  fetch.SameSiteMode
		rules policy.CookieRules
		want  string
	}{
		{fetch.StrictOrLess, policy.CookieRules{}, "unset=1; none=1; lax=1; strict=1"},
		{fetch.LaxOrLess, policy.CookieRules{}, "unset=1; none=1; lax=1"},
		{fetch.UnsetOrLess, policy.CookieRules{}, "unset=1; none=1"},
		{fetch.StrictOrLess, policy.CookieRules{DefaultLax: true}, "unset=1; none=1; lax=1; strict=1"},
		{fetch.LaxOrLess, policy.CookieRules{DefaultLax: true}, "unset=1; none=1; lax=1"},
		{fetch.UnsetOrLess, policy.CookieRules{DefaultLax: true}, "none=1"},
		{fetch.SameSiteMode(99), policy.CookieRules{DefaultLax: true}, "none=1"},
	} {
		t.Run(fmt.Sprintf("%v, unset is Lax: %v", tt.mode, tt.rules.DefaultLax), func(t *testing.T) {
			j := CookieJar{Rules: tt.rules}
			for _, set := range sets {
				j.Store(cookieEpoch(), appRequest(), set)
			}
			r := appRequest()
			r.Mode = tt.mode
			if diff := cmp.Diff(tt.want, j.Header(cookieEpoch(), r)); diff != "" {
				t.Errorf("Header (-want +got):\n%sSameSite is what keeps a cookie from requests of other sites", diff)
			}
		})
	}
}

func TestPartitionsKeepCookiesApart(t *testing.T) {
	embedded := func(top string) CookieRequest {
		r := appRequest()
		r.Mode, r.ThirdParty, r.PartitionKey = fetch.UnsetOrLess, true, top
		return r
	}
	const why = "what a third party stores under one site must not be seen under another"
	for _, tt := range []struct {
		name  string
		rules policy.CookieRules
		set   string
		want  [3]string // under one.test, under two.test, first-party
	}{
		{"third parties are allowed", policy.CookieRules{}, "a=%s; SameSite=None; Secure", [3]string{"a=2", "a=2", "a=2"}},
		{"third parties are partitioned", policy.CookieRules{ThirdParty: policy.ThirdPartyPartitioned}, "a=%s; SameSite=None; Secure", [3]string{"a=1", "a=2", ""}},
		{"the cookies are", policy.CookieRules{Partitioned: true}, "a=%s; SameSite=None; Secure; Partitioned", [3]string{"a=1", "a=2", ""}},
		{"the cookies are and other third parties are blocked", policy.CookieRules{Partitioned: true, ThirdParty: policy.ThirdPartyBlocked},
			"a=%s; SameSite=None; Secure; Partitioned", [3]string{"a=1", "a=2", ""}},
		{"third parties are blocked", policy.CookieRules{ThirdParty: policy.ThirdPartyBlocked}, "a=%s; SameSite=None; Secure; Partitioned", [3]string{"", "", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := CookieJar{Rules: tt.rules}
			one, two := embedded("https://one.test"), embedded("https://two.test")
			j.Store(cookieEpoch(), one, fmt.Sprintf(tt.set, "1"))
			j.Store(cookieEpoch(), two, fmt.Sprintf(tt.set, "2"))
			got := [3]string{j.Header(cookieEpoch(), one), j.Header(cookieEpoch(), two), j.Header(cookieEpoch(), appRequest())}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("headers under one.test, two.test and first-party (-want +got):\n%s%s", diff, why)
			}
		})
	}
}

// Retrieve Cookies 3 and RFC 6265bis, Retrieval Algorithm 4.
func TestHeaderOrder(t *testing.T) {
	for _, tt := range []struct {
		name string
		tick time.Duration // between one Set-Cookie and the next
		sets []string
		want string
		why  string
	}{
		{"earlier creation first", time.Second, []string{"b=1", "a=1", "c=1"}, "b=1; a=1; c=1", "equal paths go by creation"},
		{"creation counts where the clock stands still", 0, []string{"b=1", "a=1", "c=1"}, "b=1; a=1; c=1", "a simulated clock does not move by itself"},
		{"longer paths first", time.Second, []string{"a=1; Path=/", "b=1; Path=/shop", "c=1; Path=/shop/", "d=1; Path=/shop/cart"}, "d=1; c=1; b=1; a=1", "paths go before creation"},
		{"the root is shorter than a segment", time.Second, []string{"a=1; Path=/", "b=1; Path=/shop"}, "b=1; a=1", "by the text, not by the number of segments"},
		{"a new value keeps the place", time.Second, []string{"a=1", "b=1", "a=2"}, "a=2; b=1", "Store a Cookie 18.3"},
		{"a new value keeps the place where the clock stands still", 0, []string{"a=1", "b=1", "a=2"}, "a=2; b=1", "Store a Cookie 18.3"},
		{"creation counts where the clock goes back", -time.Second, []string{"b=1", "a=1"}, "a=1; b=1", "the time of creation, not the order of arrival"},
		{"a cookie removed and set again goes last", time.Second, []string{"a=1", "b=1", "a=; Max-Age=0", "a=2"}, "b=1; a=2", "what was removed has no creation time to inherit"},
		{"a cookie of the parent and one of the host", time.Second, []string{"a=1; Domain=example.com", "a=2"}, "a=1; a=2", "domains do not matter to the order"},
		{"cookies without a name and without a value", time.Second, []string{"v", "n="}, "v; n=", "Serialize Cookies 2.2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var j CookieJar
			now := cookieEpoch()
			for _, set := range tt.sets {
				if d := j.Store(now, appRequest(), set); !d.OK() {
					t.Fatal(d)
				}
				now = now.Add(tt.tick)
			}
			if diff := cmp.Diff(tt.want, j.Header(now, appRequest())); diff != "" {
				t.Errorf("Header after %q (-want +got):\n%s%s", tt.sets, diff, tt.why)
			}
		})
	}
}

func TestDomainMatches(t *testing.T) {
	const why = "Domain-Matches: equal, or below with a dot between and no IP address"
	for _, tt := range []struct {
		host, domain string
		want         bool
	}{
		{"example.com", "example.com", true}, {"a.example.com", "example.com", true}, {"example.com", "a.example.com", false},
		{"myexample.com", "example.com", false}, {"a.example.com", "", false}, {"example.com.", "", true}, {"", "", true},
		{"192.0.2.1", "192.0.2.1", true}, {"192.0.2.1", "0.2.1", false}, {"[::1]", "[::1]", true}, {"[::1.2]", "2]", false},
	} {
		if got := domainMatches(tt.host, tt.domain); got != tt.want {
			t.Errorf("domainMatches(%q, %q) = %v, want %v: %s", tt.host, tt.domain, got, tt.want, why)
		}
	}
}

func TestCookiesAreComparableWhateverTheClock(t *testing.T) {
	var utc, zone CookieJar
	want := utc.Store(cookieEpoch(), appRequest(), "a=1; Max-Age=60").Cookie
	got := zone.Store(cookieEpoch().In(time.FixedZone("east", 3600)), appRequest(), "a=1; Max-Age=60").Cookie
	if got != want {
		t.Errorf("cookies of one instant differ (-want +got):\n%stimes are kept in UTC, so that == is enough to compare cookies", cmp.Diff(want, got))
	}
}

func TestHeaderMarksAccess(t *testing.T) {
	var j CookieJar
	j.Store(cookieEpoch(), appRequest(), "a=1")
	j.Store(cookieEpoch(), appRequest(), "b=1; Path=/elsewhere")
	later := cookieEpoch().Add(time.Hour)
	j.Explain(later, appRequest())
	access := func() map[string]time.Time {
		m := map[string]time.Time{}
		for _, c := range j.Cookies() {
			m[c.Name] = c.LastAccess
		}
		return m
	}
	if diff := cmp.Diff(map[string]time.Time{"a": cookieEpoch(), "b": cookieEpoch()}, access()); diff != "" {
		t.Errorf("last access after Explain (-want +got):\n%sasking changes nothing", diff)
	}
	j.Header(later, appRequest())
	if diff := cmp.Diff(map[string]time.Time{"a": later, "b": cookieEpoch()}, access()); diff != "" {
		t.Errorf("last access after Header (-want +got):\n%sRetrieve Cookies 4 marks the cookies it returns and no others", diff)
	}
}

func TestExplainTellsTheSiteAndNothingElse(t *testing.T) {
	var j CookieJar
	for _, host := range []string{"app.example.com", "www.example.com", "example.com", "example.org", "com", "a.b.s3.amazonaws.com", "amazonaws.com"} {
		r := appRequest()
		r.Host = host
		j.Store(cookieEpoch(), r, "a="+host)
	}
	for _, tt := range []struct {
		host string
		want []string
	}{
		{"new.example.com", []string{"app.example.com", "www.example.com", "example.com"}},
		{"example.org", []string{"example.org"}},
		{"com", []string{"com"}},
		{"amazonaws.com", []string{"amazonaws.com"}},
		{"c.b.s3.amazonaws.com", []string{"a.b.s3.amazonaws.com"}},
		{"example.net", nil},
	} {
		r := appRequest()
		r.Host = tt.host
		var got []string
		for _, d := range j.Explain(cookieEpoch(), r) {
			got = append(got, d.Cookie.Value)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Explain for %s (-want +got):\n%scookies of the same registrable domain, and of no other", tt.host, diff)
		}
	}
}

func TestCookiesAreEvicted(t *testing.T) {
	names := func(j *CookieJar) (list []string) {
		for _, c := range j.Cookies() {
			list = append(list, c.Name)
		}
		return list
	}
	at := func(s int) time.Time { return cookieEpoch().Add(time.Duration(s) * time.Second) }
	with := func(host, path string) CookieRequest {
		r := appRequest()
		r.Host, r.Path = host, path
		return r
	}
	for _, tt := range []struct {
		name string
		jar  *CookieJar
		do   func(j *CookieJar)
		want []string
		why  string
	}{
		{"the longest unused of a host", &CookieJar{MaxPerDomain: 2}, func(j *CookieJar) {
			j.Store(at(0), appRequest(), "a=1; Path=/a")
			j.Store(at(1), appRequest(), "b=1; Path=/b")
			j.Header(at(2), with("app.example.com", "/a"))
			j.Store(at(3), appRequest(), "c=1")
		}, []string{"a", "c"}, "Remove Excess Cookies for a Host 2"},
		{"the longest unused of a host where the clock stands still", &CookieJar{MaxPerDomain: 2}, func(j *CookieJar) {
			j.Store(at(0), appRequest(), "a=1; Path=/a")
			j.Store(at(0), appRequest(), "b=1; Path=/b")
			j.Header(at(0), with("app.example.com", "/a"))
			j.Store(at(0), appRequest(), "c=1")
		}, []string{"a", "c"}, "a simulated clock does not move by itself"},
		{"those without Secure before those with", &CookieJar{MaxPerDomain: 2}, func(j *CookieJar) {
			j.Store(at(0), appRequest(), "a=1; Secure")
			j.Store(at(1), appRequest(), "b=1")
			j.Store(at(2), appRequest(), "c=1; Secure")
		}, []string{"a", "c"}, "Remove Excess Cookies for a Host 6.1"},
		{"hosts apart, even of one site", &CookieJar{MaxPerDomain: 2}, func(j *CookieJar) {
			for i, host := range []string{"a.example.com", "b.example.com", "c.example.com", "example.com"} {
				j.Store(at(i), with(host, "/"), "h"+host[:1]+"=1")
			}
		}, []string{"ha", "hb", "hc", "he"}, "Remove Excess Cookies for a Host 1: host-equal"},
		{"cookies for a parent, whoever sets them", &CookieJar{MaxPerDomain: 2}, func(j *CookieJar) {
			for i, host := range []string{"a.example.com", "b.example.com", "c.example.com"} {
				j.Store(at(i), with(host, "/"), "h"+host[:1]+"=1; Domain=example.com")
			}
		}, []string{"hb", "hc"}, "The Set-Cookie Header Field 9: the cookie's host"},
		{"partitions apart", &CookieJar{MaxPerDomain: 1, Rules: policy.CookieRules{Partitioned: true}}, func(j *CookieJar) {
			for i, top := range []string{"https://a.test", "https://b.test", "https://b.test"} {
				r := appRequest()
				r.PartitionKey = top
				j.Store(at(i), r, fmt.Sprintf("h%d=1; Secure; Partitioned", i))
			}
			j.Store(at(3), appRequest(), "x=1")
		}, []string{"h0", "h2", "x"}, "CHIPS 3.6: else one site can read off another that cookies went away"},
		{"the longest unused of all", &CookieJar{MaxTotal: 3}, func(j *CookieJar) {
			for i, host := range []string{"a.test", "b.test", "c.test"} {
				j.Store(at(i), with(host, "/"), host[:1]+"=1; Secure")
			}
			j.Header(at(3), with("a.test", "/"))
			j.Store(at(4), with("d.test", "/"), "d=1")
		}, []string{"a", "c", "d"}, "Remove Global Excess Cookies"},
		{"expired cookies before any other", &CookieJar{MaxTotal: 2}, func(j *CookieJar) {
			j.Store(at(0), with("a.test", "/"), "a=1")
			j.Store(at(1), with("b.test", "/"), "b=1; Max-Age=1")
			j.Store(at(9), with("c.test", "/"), "c=1")
		}, []string{"a", "c"}, "Garbage Collect Cookies 1"},
		{"cookies that expire one after the other", &CookieJar{}, func(j *CookieJar) {
			j.Store(at(0), appRequest(), "a=1; Max-Age=30")
			j.Store(at(0), appRequest(), "b=1; Max-Age=10")
			j.Store(at(0), appRequest(), "c=1; Max-Age=20")
			j.Store(at(11), appRequest(), "d=1")
			j.Store(at(21), appRequest(), "e=1")
		}, []string{"a", "d", "e"}, "Remove Expired Cookies"},
		{"an expired cookie leaves no creation time behind", &CookieJar{}, func(j *CookieJar) {
			j.Store(at(0), appRequest(), "a=1; Max-Age=1")
			j.Store(at(1), appRequest(), "b=1")
			j.Store(at(2), appRequest(), "a=1")
		}, []string{"b", "a"}, "Remove Expired Cookies"},
		{"nothing below the limits of the draft", &CookieJar{}, func(j *CookieJar) {
			for i := range 180 {
				j.Store(at(0), appRequest(), fmt.Sprintf("c%03d=1", i))
			}
		}, func() (list []string) {
			for i := range 180 {
				list = append(list, fmt.Sprintf("c%03d", i))
			}
			return list
		}(), "Cookie Store And Limits: 50 or more a host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.do(tt.jar)
			if diff := cmp.Diff(tt.want, names(tt.jar)); diff != "" {
				t.Errorf("cookies left (-want +got):\n%s%s", diff, tt.why)
			}
		})
	}
}

func TestJarIsBounded(t *testing.T) {
	var j CookieJar
	for i := range 3500 {
		r := appRequest()
		r.Host = fmt.Sprintf("h%d.co.uk", i)
		j.Store(cookieEpoch(), r, "a=1; Max-Age=3600")
	}
	if j.Len() != 3000 {
		t.Errorf("Len() = %d after 3500 hosts, want 3000: Cookie Store And Limits", j.Len())
	}
	if got, want := len(j.sites), 3001; got != want {
		t.Errorf("%d sites, want %d: those with cookies, and the suffix above them", got, want)
	}
	j.Store(cookieEpoch().Add(2*time.Hour), appRequest(), "a=1; Max-Age=0")
	if got := [2]int{j.Len(), len(j.sites)}; got != [2]int{} {
		t.Errorf("%d cookies and %d sites when all have expired, want none: nothing may stay behind", got[0], got[1])
	}
	j.Store(cookieEpoch(), appRequest(), "a=1")
	j.Clear()
	if j.Len() != 0 || j.Header(cookieEpoch(), appRequest()) != "" || len(j.Cookies()) != 0 {
		t.Errorf("Clear left %v", j.Cookies())
	}
}

// A few bytes kept as a part of a long header would keep all of it in memory.
func TestJarDoesNotHoldOnToItsInput(t *testing.T) {
	c := CookieJar{Rules: policy.CookieRules{Partitioned: true}}
	header := "name=value; Secure; Partitioned; Path=/shop; Domain=example.com; x=" + strings.Repeat("x", 1000)
	r := appRequest()
	got := c.Store(cookieEpoch(), r, header).Cookie
	for field, s := range map[string]string{"Name": got.Name, "Value": got.Value, "Path": got.Path, "Domain": got.Domain} {
		if within(s, header) {
			t.Errorf("%s is a part of the header, want a copy", field)
		}
	}
	if within(got.PartitionKey, r.PartitionKey) {
		t.Error("PartitionKey is a part of the request's, want a copy")
	}
}

func TestEveryCookieReasonIsReached(t *testing.T) {
	reached := map[CookieReason]bool{
		CookieRefusedLimit:       true, // by TestStoreRefusesWhatHasNoRoom
		CookieCredentials:        true, // by TestAResultTellsWhatBecameOfCookies, as the next
		CookieRefusedCredentials: true,
		CookieRefusedMisdirected: true, // by TestACookieOfAMisdirectedAnswerIsAccountedFor
	}
	for _, tt := range storeRows() {
		reached[tt.want] = true
	}
	for _, tt := range headerRows() {
		reached[tt.want] = true
	}
	for r := CookieSent; int(r) < len(cookieReasons); r++ {
		if !reached[r] {
			t.Errorf("no row expects %s: a rule without a test is a guess", r.Code())
		}
	}
	if extra := slices.DeleteFunc(slices.Collect(maps.Keys(reached)), func(r CookieReason) bool { return r.Code() != "" }); len(extra) > 0 {
		t.Errorf("rows expect %v, which are no reasons", extra)
	}
}

func TestCookieReasonsAreComplete(t *testing.T) {
	codes := map[string]CookieReason{}
	for r := CookieSent; int(r) < len(cookieReasons); r++ {
		if other, ok := codes[r.Code()]; ok {
			t.Errorf("%s is the code of both %d and %d", r.Code(), other, r)
		}
		codes[r.Code()] = r
		if !strings.HasPrefix(r.Code(), "cookie.") || r.OK() && strings.HasPrefix(r.Code(), "cookie.refused.") {
			t.Errorf("code %q with OK() = %v", r.Code(), r.OK())
		}
		if !strings.HasSuffix(r.String(), ".") || r.Section() == "" || !strings.HasPrefix(r.URL(), "https://") || !strings.Contains(r.URL(), "#") {
			t.Errorf("%s: sentence %q, section %q, address %q", r.Code(), r, r.Section(), r.URL())
		}
	}
	for _, r := range []CookieReason{0, 255} {
		if r.OK() || r.Code() != "" || r.Section() != "" || r.URL() != "" || r.String() == "" {
			t.Errorf("reason %d: %v %q %q %q %q, want nothing but a name", r, r.OK(), r.Code(), r.Section(), r.URL(), r)
		}
	}
}

func TestCookieEnumsSpeak(t *testing.T) {
	got := []string{
		SameSiteDefault.String(), SameSiteNone.String(), SameSiteLax.String(), SameSiteStrict.String(), SameSite(9).String(),
		fetch.StrictOrLess.String(), fetch.LaxOrLess.String(), fetch.UnsetOrLess.String(), fetch.SameSiteMode(9).String(),
		policy.ThirdPartyAllowed.String(), policy.ThirdPartyPartitioned.String(), policy.ThirdPartyNotStored.String(), policy.ThirdPartyBlocked.String(), policy.ThirdPartyCookies(9).String(),
		policy.DateByStandard.String(), policy.DateOfWholeNumbers.String(), policy.DateByWord.String(), policy.DateByWordOrISO.String(),
		policy.DateInOrder.String(), policy.DateOfScripts.String(), policy.DateReading(9).String(),
		CookieDecision{Cookie{Name: "sid", Value: "secret", Domain: "a.test", Path: "/"}, CookieSecure}.String(),
		CookieDecision{Cookie{Domain: "a.test", Path: "/"}, CookieSent}.String(),
	}
	want := []string{
		"unset", "None", "Lax", "Strict", "SameSite(9)",
		"strict-or-less", "lax-or-less", "unset-or-less", "SameSiteMode(9)",
		"allowed", "partitioned", "not stored", "blocked", "ThirdPartyCookies(9)",
		"standard", "whole numbers", "by word", "by word, or ISO 8601", "in order", "of scripts", "DateReading(9)",
		"sid (a.test/): The cookie is Secure and the request does not use https. [cookie.secure]",
		"a cookie without a name (a.test/): The cookie goes along with the request. [cookie.sent]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%sas the standards spell them, and without a cookie's value", diff)
	}
}

func TestSiteIsTheSameForEveryHostThatMatches(t *testing.T) {
	const why = "a look-up goes to one site alone, so cookie and request must lead to the same one"
	for _, tt := range []struct{ domain, host string }{
		{"example.com", "a.b.example.com"}, {"a.example.com", "b.a.example.com"}, {"example.co.uk", "x.example.co.uk"},
		{"me.github.io", "x.me.github.io"}, {"github.io", "github.io"}, {"amazonaws.com", "x.s3.amazonaws.com"},
		{"x.s3.amazonaws.com", "y.x.s3.amazonaws.com"}, {"www.ck", "a.www.ck"}, {"a.b.ck", "c.a.b.ck"},
		{"example.com.", "www.example.com."}, {"localhost", "localhost"}, {"192.0.2.1", "192.0.2.1"}, {"[::1]", "[::1]"},
		{"city.kawasaki.jp", "x.city.kawasaki.jp"}, {"a.b.kawasaki.jp", "c.a.b.kawasaki.jp"},
	} {
		var j CookieJar
		r := CookieRequest{Host: tt.host, Path: "/", Secure: true}
		if d := j.Store(cookieEpoch(), r, "a=1; Domain="+tt.domain); d.Reason != CookieStored {
			t.Errorf("Store for %s by %s: %v: %s", tt.domain, tt.host, d, why)
		}
		for _, host := range []string{tt.domain, tt.host} {
			r.Host = host
			if diff := cmp.Diff("a=1", j.Header(cookieEpoch(), r)); diff != "" {
				t.Errorf("Header of a cookie for %s to %s (-want +got):\n%s%s", tt.domain, host, diff, why)
			}
		}
	}
}

func TestLookUpsWithoutCookiesDoNotAllocate(t *testing.T) {
	for name, j := range map[string]*CookieJar{"an empty jar": {}, "a jar of other hosts": otherHosts(3000)} {
		for _, host := range []string{"app.example.com", "fresh.co.uk", "localhost", "192.0.2.1", "[::1]"} {
			r := appRequest()
			r.Host = host
			if n := testing.AllocsPerRun(100, func() { j.Header(cookieEpoch(), r) }); n != 0 {
				t.Errorf("Header for %s in %s: %v allocations, want none", host, name, n)
			}
		}
	}
}

func TestJarInParallel(t *testing.T) {
	j := CookieJar{MaxPerDomain: 10, MaxTotal: 25}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				r := appRequest()
				r.Host = fmt.Sprintf("h%d.example.com", (g+i)%5)
				now := cookieEpoch().Add(time.Duration(i) * time.Second)
				j.Store(now, r, fmt.Sprintf("c%d=%d; Max-Age=%d", i%7, g, i%30))
				j.Header(now, r)
				j.Explain(now, r)
				if n := j.Len(); n > 25 {
					t.Errorf("Len() = %d, want at most 25: limits hold whoever asks", n)
				}
				if i%50 == 49 {
					j.Clear()
				}
				j.Cookies()
			}
		})
	}
	wg.Wait()
}

// otherHosts returns a jar with a cookie for each of n sites under co.uk.
func otherHosts(n int) *CookieJar {
	var j CookieJar
	for i := range n {
		r := appRequest()
		r.Host = fmt.Sprintf("www.h%d.co.uk", i)
		j.Store(cookieEpoch(), r, "a=1")
	}
	return &j
}
