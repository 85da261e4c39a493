package simulator

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/publicsuffix"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// within reports whether s is a piece of the memory of whole.
func within(s, whole string) bool {
	p, q := uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(unsafe.Pointer(unsafe.StringData(whole)))
	return q <= p && p < q+uintptr(len(whole))
}

// A slowJar is the cookie store as the draft writes it: one list, searched from end to end and sorted each time. It
// knows the bare standard alone and is told a different time at each call.
type slowJar struct {
	perHost, total int
	list           []Cookie
}

func slowDomainMatches(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && !slowIP.MatchString(host)
}

// slowPathMatches compares segment by segment; a path's empty last segment matches any.
func slowPathMatches(request, cookie string) bool {
	r, c := strings.Split(request, "/"), strings.Split(cookie, "/")
	if c[len(c)-1] == "" {
		c = c[:len(c)-1]
		return len(r) > len(c) && slices.Equal(r[:len(c)], c)
	}
	return len(r) >= len(c) && slices.Equal(r[:len(c)], c)
}

func (s *slowJar) dropExpired(now time.Time) {
	s.list = slices.DeleteFunc(s.list, func(c Cookie) bool { return !c.Expires.IsZero() && now.After(c.Expires) })
}

func (s *slowJar) byAccess() []Cookie {
	list := slices.Clone(s.list)
	slices.SortStableFunc(list, func(a, b Cookie) int {
		if n := a.LastAccess.Compare(b.LastAccess); n != 0 {
			return n
		}
		return a.Created.Compare(b.Created)
	})
	return list
}

func (s *slowJar) drop(c Cookie) {
	s.list = slices.DeleteFunc(s.list, func(d Cookie) bool { return c == d })
}

// insert takes a cookie as parseCookie read it.
func (s *slowJar) insert(now time.Time, r CookieRequest, p parsedCookie) {
	s.dropExpired(now)
	c := p.Cookie
	c.Created, c.LastAccess = now, now
	c.Domain, c.HostOnly = r.Host, true
	if p.hasDomain {
		suffix, _ := publicsuffix.PublicSuffix(p.host)
		ip := slowIP.MatchString(p.host)
		switch {
		case p.host == "":
			return
		case suffix == p.host && !ip && p.host == r.Host:
		case suffix == p.host && !ip, !slowDomainMatches(r.Host, p.host):
			return
		default:
			c.Domain, c.HostOnly = p.host, false
		}
	}
	if c.Secure && !r.Secure || c.SameSite != SameSiteNone && r.Mode != fetch.StrictOrLess || c.SameSite == SameSiteNone && !c.Secure {
		return
	}
	for _, old := range s.list {
		if !r.Secure && old.Name == c.Name && old.Secure && slowPathMatches(c.Path, old.Path) &&
			(slowDomainMatches(old.Domain, c.Domain) || slowDomainMatches(c.Domain, old.Domain)) {
			return
		}
	}
	for _, old := range s.list {
		if old.Name != c.Name || old.Domain != c.Domain || old.HostOnly != c.HostOnly || old.Path != c.Path {
			continue
		}
		c.Created = old.Created
		if c.LastAccess = old.LastAccess; c == old {
			return
		}
		c.LastAccess = now
		s.drop(old)
		break
	}
	s.list = append(s.list, c)
	s.dropExpired(now)
	var order []Cookie
	for _, secure := range []bool{false, true} {
		for _, d := range s.byAccess() {
			if d.Domain == c.Domain && d.Secure == secure {
				order = append(order, d)
			}
		}
	}
	for ; len(order) > s.perHost; order = order[1:] {
		s.drop(order[0])
	}
	for order = s.byAccess(); len(order) > s.total; order = order[1:] {
		s.drop(order[0])
	}
}

func (s *slowJar) header(now time.Time, r CookieRequest) string {
	var found []int
	for i, c := range s.list {
		domain := c.Domain == r.Host || !c.HostOnly && slowDomainMatches(r.Host, c.Domain)
		sameSite := r.Mode == fetch.StrictOrLess || c.SameSite == SameSiteNone || c.SameSite == SameSiteDefault ||
			c.SameSite == SameSiteLax && r.Mode == fetch.LaxOrLess
		expired := !c.Expires.IsZero() && now.After(c.Expires)
		if domain && sameSite && !expired && slowPathMatches(r.Path, c.Path) && (r.Secure || !c.Secure) {
			found = append(found, i)
		}
	}
	slices.SortStableFunc(found, func(i, k int) int {
		if n := len(s.list[k].Path) - len(s.list[i].Path); n != 0 {
			return n
		}
		return s.list[i].Created.Compare(s.list[k].Created)
	})
	var pairs []string
	for _, i := range found {
		s.list[i].LastAccess = now
		pairs = append(pairs, strings.TrimPrefix(s.list[i].Name+"="+s.list[i].Value, "="))
	}
	return strings.Join(pairs, "; ")
}

// compareJars does the same to a jar and to its slow twin; four bytes say what.
func compareJars(t *testing.T, ops []byte) {
	hosts := [...]string{"example.com", "a.example.com", "b.a.example.com", "co.uk", "x.co.uk", "y.x.co.uk", "192.0.2.1", "uk"}
	paths := [...]string{"/", "/a", "/a/", "/a/b", "/ab"}
	attributes := [...]string{"", "; Domain=example.com", "; Domain=a.example.com", "; Domain=co.uk", "; Domain=x.co.uk", "; Domain=192.0.2.1",
		"; Path=/", "; Path=/a", "; Path=/a/", "; Secure", "; SameSite=Lax", "; SameSite=Strict", "; Secure; SameSite=None", "; Max-Age=0", "; Max-Age=3", "; Max-Age=40"}
	fast, slow := CookieJar{MaxPerDomain: 3, MaxTotal: 7}, slowJar{perHost: 3, total: 7}
	now := cookieEpoch()
	for ; len(ops) >= 4; ops = ops[4:] {
		a, b, c, d := ops[0], ops[1], ops[2], ops[3]
		now = now.Add(time.Second)
		r := CookieRequest{Host: hosts[a%8], Path: paths[a>>3%5], Secure: b&1 == 0, Mode: fetch.SameSiteMode(b >> 1 % 3)}
		if b>>3%3 > 0 {
			set := string('a'+rune(b>>5%4)) + "=" + strconv.Itoa(int(c&3)) + attributes[c>>2%16] + attributes[d&15] + attributes[d>>4]
			p, reason := parseCookie(&fast.Rules, now, &r, set)
			if reason != 0 {
				t.Fatalf("parseCookie(%q) = %v", set, reason)
			}
			fast.Store(now, r, set)
			slow.insert(now, r, p)
		}
		now = now.Add(time.Second)
		if diff := cmp.Diff(slow.header(now, r), fast.Header(now, r)); diff != "" {
			t.Fatalf("Header for %+v (-slow +fast):\n%sthe jar must do what the plain list does", r, diff)
		}
		inOrder := append([]Cookie{}, slow.list...)
		slices.SortFunc(inOrder, func(a, b Cookie) int { return a.Created.Compare(b.Created) })
		if got := fast.Cookies(); !slices.Equal(inOrder, got) {
			t.Fatalf("cookies (-slow +fast):\n%sthe jar must hold what the plain list holds", cmp.Diff(inOrder, got))
		}
	}
}

func TestCookieJarDoesWhatItsSlowTwinDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(6265, 2026))
	for range 200 {
		ops := make([]byte, 4*200)
		for i := range ops {
			ops[i] = byte(random.Uint32())
		}
		compareJars(t, ops)
	}
}

func FuzzCookieJar(f *testing.F) {
	f.Add([]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x10, 0x32, 0x54, 0x76})
	f.Add([]byte(strings.Repeat("\x00\x08\x00\x00\x00\x28\x10\x00\x00\x48\x20\x00\x00\x69\x10\x00", 5)))
	f.Add([]byte("the quick brown fox jumps over the lazy dog, and then some more to fill the jar with"))
	f.Fuzz(func(t *testing.T, ops []byte) { compareJars(t, ops[:min(len(ops), 2000)]) })
}

// FuzzStore feeds a jar with anything at all.
func FuzzStore(f *testing.F) {
	f.Add("app.example.com", "/shop/cart", "sid=1; Path=/; Domain=example.com; Max-Age=60; Secure; HttpOnly; SameSite=None; Partitioned", byte(0))
	f.Add("", "", "", byte(255))
	f.Add("[::1]", "/", "a; domain=[::1]; expires=Thu, 10 Apr 2030 16:33:12 GMT", byte(3))
	f.Add("co.uk.", "//", "=a=b;;path;domain=.co.uk.", byte(64))
	f.Add("..", "x", "a=1; domain=%2e%2e", byte(128))
	f.Add("a.xn--", "/", "a=1; domain=%ff.xn--", byte(17))
	f.Fuzz(func(t *testing.T, host, path, set string, bits byte) {
		j := CookieJar{MaxPerDomain: 1, MaxTotal: 2}
		j.Rules = policy.CookieRules{DefaultLax: bits&1 != 0, Partitioned: bits&2 != 0, ThirdParty: policy.ThirdPartyCookies(bits >> 2 & 3), EmptyDomainIgnored: bits&16 != 0}
		r := CookieRequest{Host: host, Path: path, Secure: bits&32 == 0, Script: bits&64 != 0, ThirdParty: bits&128 != 0, PartitionKey: "https://top.test"}
		j.Store(cookieEpoch(), appRequest(), "first=1")
		d := j.Store(cookieEpoch(), r, set)
		if d.Reason.Code() == "" {
			t.Fatalf("Store(%q) for %q gave no reason", set, host)
		}
		c := d.Cookie
		cookies := j.Cookies()
		if len(cookies) != j.Len() || len(cookies) > 2 {
			t.Fatalf("%d cookies, Len() = %d: want the same, and at most 2", len(cookies), j.Len())
		}
		if held := slices.Contains(cookies, c); held != (d.Reason == CookieStored || d.Reason == CookieUnchanged) {
			t.Fatalf("jar holds %+v: %v, but Store said %v", c, held, d)
		}
		if d.Reason == CookieStored {
			if len(c.Name)+len(c.Value) > 4096 || len(c.Path) > 4096 || len(c.Domain) > 4096 || c.Path == "" || c.Path[0] != '/' {
				t.Fatalf("stored %+v, which is out of bounds", c)
			}
			if !c.HostOnly && isPublicSuffix(c.Domain) {
				t.Fatalf("stored %+v for all hosts under a public suffix", c)
			}
			// What was stored is sent to the host that stored it, on the cookie's own path.
			r.Path = c.Path
			explained := j.Explain(cookieEpoch(), r)
			if !slices.Contains(explained, CookieDecision{c, CookieSent}) {
				t.Fatalf("stored %+v but not sent back: %v", c, explained)
			}
			header := j.Header(cookieEpoch(), r)
			pair := c.Value
			if c.Name != "" {
				pair = c.Name + "=" + c.Value
			}
			if !slices.Contains(strings.Split(header, "; "), pair) && !strings.Contains(header, pair) {
				t.Fatalf("Header = %q, want %q in it", header, pair)
			}
			// What was sent reads back as the same pair, unless a value without a name looks like one with.
			if again, reason := parseCookie(&j.Rules, cookieEpoch(), &r, pair); c.Name != "" || !strings.Contains(c.Value, "=") {
				if reason != 0 || again.Name != c.Name || again.Value != c.Value {
					t.Fatalf("%q reads back as %q and %q (%v)", pair, again.Name, again.Value, reason)
				}
			}
			// The same once more changes nothing but what depends on the clock.
			if again := j.Store(cookieEpoch(), CookieRequest{Host: host, Path: path, Secure: r.Secure, Script: r.Script, ThirdParty: r.ThirdParty, PartitionKey: r.PartitionKey}, set); again.Reason != CookieUnchanged {
				t.Fatalf("Store of the same cookie again: %v, want %s", again, CookieUnchanged.Code())
			}
		}
		for r.Path = path; j.Len() > 0; j.Clear() {
			j.Header(cookieEpoch(), r)
		}
		if len(j.sites) != 0 {
			t.Fatalf("%d sites are left of an empty jar", len(j.sites))
		}
	})
}

var (
	slowIP = regexp.MustCompile(`^\[|(^|\.)[0-9]+$`)

	slowTokens = regexp.MustCompile(`(?s)[\x00-\x08\x0A-\x1F0-9:A-Za-z\x7F]+`)
	slowClock  = regexp.MustCompile(`(?s)^([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[^0-9].*)?$`)
	slowDay    = regexp.MustCompile(`(?s)^([0-9]{1,2})(?:[^0-9].*)?$`)
	slowMonth  = regexp.MustCompile(`(?is)^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)`)
	slowYear   = regexp.MustCompile(`(?s)^([0-9]{2,4})(?:[^0-9].*)?$`)
)

// slowParseCookieDate reads the grammar of dates with regular expressions.
func slowParseCookieDate(input string) (time.Time, bool) {
	n := func(s string) int { i, _ := strconv.Atoi(s); return i }
	var hms, dd, mm, yy []string
	// Bytes beyond ASCII belong to tokens; one that regular expressions can read stands for them all.
	ascii := []byte(input)
	for i, b := range ascii {
		if b >= 0x80 {
			ascii[i] = 0x7F
		}
	}
	for _, token := range slowTokens.FindAllString(string(ascii), -1) {
		if m := slowClock.FindStringSubmatch(token); m != nil && hms == nil {
			hms = m
		} else if m := slowDay.FindStringSubmatch(token); m != nil && dd == nil {
			dd = m
		} else if m := slowMonth.FindStringSubmatch(token); m != nil && mm == nil {
			mm = m
		} else if m := slowYear.FindStringSubmatch(token); m != nil && yy == nil {
			yy = m
		}
	}
	if hms == nil || dd == nil || mm == nil || yy == nil {
		return time.Time{}, false
	}
	y := n(yy[1])
	if y <= 69 {
		y += 2000
	} else if y <= 99 {
		y += 1900
	}
	name := strings.ToUpper(mm[1][:1]) + strings.ToLower(mm[1][1:])
	t, err := time.Parse("2006 Jan 2 15:4:5", strconv.Itoa(y)+" "+name+" "+strconv.Itoa(n(dd[1]))+" "+
		strconv.Itoa(n(hms[1]))+":"+strconv.Itoa(n(hms[2]))+":"+strconv.Itoa(n(hms[3])))
	return t, err == nil && y >= 1601
}

func FuzzParseCookieDate(f *testing.F) {
	for _, s := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
		"29 Feb 2028 0:0:0", "31 Apr 99 23:59:59", "1:2:3:4 5feb 0070", "\xff01 jan\x80 69z 1:1:1é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, input string) {
		if len(input) > maxCookieAttribute {
			return // is never read
		}
		want, wantOK := slowParseCookieDate(input)
		got, ok := parseCookieDate(input)
		if ok != wantOK || ok && !got.Equal(want) {
			t.Errorf("parseCookieDate(%q) = %v, %v, the slow way %v, %v", input, got, ok, want, wantOK)
		}
	})
}
