package simulator

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"golang.org/x/net/publicsuffix"

	"github.com/corsim/corsim/policy"
)

// Cookies follow the document that the Fetch standard builds on: "Cookies: HTTP State Management Mechanism",
// draft-ietf-httpbis-layered-cookies, as of January 2026, called "the draft" below. Its predecessor RFC 6265bis
// (draft-ietf-httpbis-rfc6265bis) is cited where the draft contradicts itself or where a rule of [policy.CookieRules]
// comes from there.

const (
	layeredCookies = "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#"
	rfc6265bis     = "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#"
	chips          = "https://datatracker.ietf.org/doc/html/draft-cutler-httpbis-partitioned-cookies-01#"
)

const (
	maxCookiePair      = 4096 // bytes, name and value together: Parse a Cookie 12
	maxCookieAttribute = 1024 // bytes of one attribute's value: Parse a Cookie 15.12
	maxCookieContext   = 4096 // bytes of what a cookie takes over from its request: host, default path, partition key

	defaultMaxPerDomain = 180
	defaultMaxTotal     = 3000
	defaultCookieMaxAge = 400 * 24 * time.Hour
)

// SameSite is a cookie's SameSite attribute: which requests of other sites may carry the cookie.
type SameSite uint8

const (
	SameSiteDefault SameSite = iota // no SameSite attribute, or none with a known value; the draft calls it "unset"
	SameSiteNone
	SameSiteLax
	SameSiteStrict
)

// String returns the value as the attribute spells it, or "unset" for [SameSiteDefault].
func (s SameSite) String() string {
	switch s {
	case SameSiteDefault:
		return "unset"
	case SameSiteNone:
		return "None"
	case SameSiteLax:
		return "Lax"
	case SameSiteStrict:
		return "Strict"
	}
	return "SameSite(" + strconv.Itoa(int(s)) + ")"
}

// A Cookie is one cookie of a jar. Cookies are comparable; their times are in UTC.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-cookie-struct
type Cookie struct {
	Name, Value  string    // raw bytes
	Domain       string    // the host that the cookie belongs to, as the URL standard serializes it
	HostOnly     bool      // for Domain alone, not for its subdomains
	Path         string    // begins with a slash
	Secure       bool      // for https requests alone
	HTTPOnly     bool      // hidden from scripts
	Partitioned  bool      // set with the Partitioned attribute, under rules that honour it
	SameSite     SameSite  // which requests of other sites may carry it
	Created      time.Time // when the jar first stored a cookie of this name, domain and path
	LastAccess   time.Time // when it was last stored or sent
	Expires      time.Time // zero: when the session ends
	PartitionKey string    // the top-level site whose partition holds the cookie; empty: not partitioned
}

// expired implements "expired": the expiry time lies in the past.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-cookie-struct-miscellaneous
func (c *Cookie) expired(now time.Time) bool { return !c.Expires.IsZero() && c.Expires.Before(now) }

// same reports whether a jar can hold only one of the two cookies (Store a Cookie 18). Equivalent: paths are compared
// as text, which is what comparing them segment by segment comes to. The partition key belongs to a cookie's identity
// by CHIPS 2.4; it is empty where nothing is partitioned.
func (c *Cookie) same(d *Cookie) bool {
	return c.Name == d.Name && c.Domain == d.Domain && c.HostOnly == d.HostOnly && c.Path == d.Path &&
		c.PartitionKey == d.PartitionKey
}

// A CookieRequest is what the cookie algorithms need to know about the request that carries or sets cookies.
type CookieRequest struct {
	Host         string             // of the URL, as the URL standard serializes it: lower case, IPv6 in brackets
	Path         string             // of the URL, percent-encoded, without the query
	Secure       bool               // the URL's scheme is https, or the browser deems it as good
	Mode         fetch.SameSiteMode // Fetch, determine the same-site mode
	Method       string             // as sent; matters to policy.CookieRules.LaxAllowUnsafeFor alone
	TopLevel     bool               // a navigation of the top level
	Script       bool               // no HTTP request but a script's access, such as document.cookie: HttpOnly cookies are out of reach
	ThirdParty   bool               // the URL's site is not the top-level one, or a document in between is of another site
	PartitionKey string             // the top-level site, serialized, and whatever else keeps partitions apart; empty: none
	Date         string             // the Date header of the answer; matters to policy.CookieRules.ServerClock alone
}

// CookieReason is why a cookie was sent, withheld, stored or refused: the step at which its algorithm ended.
type CookieReason uint8

const (
	_ CookieReason = iota

	CookieSent
	CookieStored
	CookieUnchanged
	CookieRemoved

	CookieExpired
	CookieDomainMismatch
	CookieHostOnly
	CookiePartition
	CookiePathMismatch
	CookieSecure
	CookieHTTPOnly
	CookieSameSiteStrict
	CookieSameSiteLax
	CookieSameSiteDefault
	CookieThirdParty
	CookieCredentials

	CookieRefusedRequest
	CookieRefusedControlCharacter
	CookieRefusedEmpty
	CookieRefusedNameless
	CookieRefusedTooLarge
	CookieRefusedDomainSyntax
	CookieRefusedPublicSuffix
	CookieRefusedDomain
	CookieRefusedHTTPOnly
	CookieRefusedSecure
	CookieRefusedOverwritesSecure
	CookieRefusedSameSite
	CookieRefusedSameSiteNoneInsecure
	CookieRefusedPrefixSecure
	CookieRefusedPrefixHost
	CookieRefusedPrefixHTTP
	CookieRefusedPrefixHostHTTP
	CookieRefusedPrefixNameless
	CookieRefusedPartitionedInsecure
	CookieRefusedThirdParty
	CookieRefusedOverwritesHTTPOnly
	CookieRefusedLimit
	CookieRefusedCredentials
	CookieRefusedMisdirected
)

type cookieReasonInfo struct {
	code    string
	section string
	url     string
	says    string
}

// What makes a request cross-site or a third party's; a reason knows only that one of them does.
const (
	crossSite  = "its page, a document around that or a redirect is of another site"
	thirdParty = "its URL, a document in between or a redirect is of another site than the tab"
)

// cookieReasons is read only.
var cookieReasons = [...]cookieReasonInfo{
	CookieSent: {"cookie.sent", "Retrieve Cookies 5", layeredCookies + "name-retrieve-cookies",
		"The cookie goes along with the request."},
	CookieStored: {"cookie.stored", "Store a Cookie 19", layeredCookies + "name-store-a-cookie",
		"The cookie was stored."},
	CookieUnchanged: {"cookie.unchanged", "Store a Cookie 18.2", layeredCookies + "name-store-a-cookie",
		"The jar already holds exactly this cookie, so nothing changed."},
	CookieRemoved: {"cookie.removed", "Garbage Collect Cookies 1", layeredCookies + "name-garbage-collect-cookies",
		"The cookie came with an expiry in the past, which removes any cookie of the same name, domain and path."},

	CookieExpired: {"cookie.expired", "Cookie Struct Miscellaneous", layeredCookies + "name-cookie-struct-miscellaneous",
		"The cookie has expired."},
	CookieDomainMismatch: {"cookie.domain-mismatch", "Retrieve Cookies 2, domain", layeredCookies + "name-retrieve-cookies",
		"The cookie's Domain attribute does not cover the request's host."},
	CookieHostOnly: {"cookie.host-only", "Retrieve Cookies 2, host-only", layeredCookies + "name-retrieve-cookies",
		"The cookie was set without a Domain attribute, so it goes to the very host that set it and to no other."},
	CookiePartition: {"cookie.partition", "CHIPS 2.5, Attaching a Partitioned Cookie to a Request", chips + "section-2.5",
		"The cookie is in another part of the jar than the request's: partitioned cookies are kept apart by top-level site, the others by themselves."},
	CookiePathMismatch: {"cookie.path-mismatch", "Retrieve Cookies 2, path", layeredCookies + "name-retrieve-cookies",
		"The request's path is neither the cookie's Path nor below it."},
	CookieSecure: {"cookie.secure", "Retrieve Cookies 2, secure", layeredCookies + "name-retrieve-cookies",
		"The cookie is Secure and the request does not use https."},
	CookieHTTPOnly: {"cookie.http-only", "Retrieve Cookies 2, http-only", layeredCookies + "name-retrieve-cookies",
		"The cookie is HttpOnly and therefore hidden from scripts."},
	CookieSameSiteStrict: {"cookie.same-site.strict", "Retrieve Cookies 2, same-site", layeredCookies + "name-retrieve-cookies",
		"The cookie says SameSite=Strict, and the request is cross-site: " + crossSite + "."},
	CookieSameSiteLax: {"cookie.same-site.lax", "Retrieve Cookies 2, same-site", layeredCookies + "name-retrieve-cookies",
		"The cookie says SameSite=Lax, and the request is cross-site (" + crossSite + ") and no navigation of the top level with a safe method."},
	CookieSameSiteDefault: {"cookie.same-site.default", "RFC 6265bis, Retrieval Algorithm 3", rfc6265bis + "retrieval-algorithm",
		"The cookie has no SameSite attribute, which this browser takes for SameSite=Lax, and the request is cross-site: " + crossSite + "."},
	CookieThirdParty: {"cookie.third-party", "Third-Party Cookies", layeredCookies + "name-third-party-cookies",
		"This browser sends no third-party cookies, and the request is a third party's: " + thirdParty + "."},
	CookieCredentials: {"cookie.credentials", "Fetch, HTTP-network-or-cache fetch 8.21", "https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch",
		"The request goes without credentials, so no cookie goes along."},

	CookieRefusedRequest: {"cookie.refused.request", "Parse and Store a Cookie", layeredCookies + "name-parse-and-store-a-cookie",
		"The request's host is empty, or its host, directory or partition key is longer than 4096 bytes."},
	CookieRefusedControlCharacter: {"cookie.refused.control-character", "Parse a Cookie 1", layeredCookies + "name-parse-a-cookie",
		"The Set-Cookie value holds a control character other than tab."},
	CookieRefusedEmpty: {"cookie.refused.empty", "Parse a Cookie 12", layeredCookies + "name-parse-a-cookie",
		"The cookie has neither a name nor a value."},
	CookieRefusedNameless: {"cookie.refused.nameless", "Parse a Cookie 12", layeredCookies + "name-parse-a-cookie",
		"This browser stores no cookie without a name, or none whose value then holds an equals sign."},
	CookieRefusedTooLarge: {"cookie.refused.too-large", "Parse a Cookie 12", layeredCookies + "name-parse-a-cookie",
		"The cookie's name and value together are longer than 4096 bytes."},
	CookieRefusedDomainSyntax: {"cookie.refused.domain-syntax", "Store a Cookie 3", layeredCookies + "name-store-a-cookie",
		"The Domain attribute holds no host."},
	CookieRefusedPublicSuffix: {"cookie.refused.public-suffix", "Store a Cookie 5.2", layeredCookies + "name-store-a-cookie",
		"The Domain attribute is a public suffix such as com or co.uk, below which hosts belong to different owners."},
	CookieRefusedDomain: {"cookie.refused.domain", "Store a Cookie 7.1", layeredCookies + "name-store-a-cookie",
		"The Domain attribute is neither the host that sets the cookie nor a parent domain of it."},
	CookieRefusedHTTPOnly: {"cookie.refused.http-only", "Store a Cookie 9", layeredCookies + "name-store-a-cookie",
		"A script tried to set an HttpOnly cookie."},
	CookieRefusedSecure: {"cookie.refused.secure", "Store a Cookie 10.1", layeredCookies + "name-store-a-cookie",
		"The cookie is Secure and the response that sets it did not come over https."},
	CookieRefusedOverwritesSecure: {"cookie.refused.overwrites-secure", "Store a Cookie 10.2", layeredCookies + "name-store-a-cookie",
		"The cookie would hide a Secure cookie of the same name, and the response that sets it did not come over https."},
	CookieRefusedSameSite: {"cookie.refused.same-site", "Store a Cookie 11", layeredCookies + "name-store-a-cookie",
		"The request is cross-site (" + crossSite + "), so its response can only set cookies with SameSite=None."},
	CookieRefusedSameSiteNoneInsecure: {"cookie.refused.same-site-none-insecure", "Store a Cookie 12", layeredCookies + "name-store-a-cookie",
		"The cookie says SameSite=None without Secure."},
	CookieRefusedPrefixSecure: {"cookie.refused.prefix-secure", "Store a Cookie 13", layeredCookies + "name-store-a-cookie",
		"A name that begins with __Secure- needs Secure."},
	CookieRefusedPrefixHost: {"cookie.refused.prefix-host", "Store a Cookie 14", layeredCookies + "name-store-a-cookie",
		"A name that begins with __Host- needs Secure, Path=/ and no Domain."},
	CookieRefusedPrefixHTTP: {"cookie.refused.prefix-http", "Store a Cookie 15", layeredCookies + "name-store-a-cookie",
		"A name that begins with __Http- needs Secure and HttpOnly."},
	CookieRefusedPrefixHostHTTP: {"cookie.refused.prefix-host-http", "Store a Cookie 16", layeredCookies + "name-store-a-cookie",
		"A name that begins with __Host-Http- needs Secure, HttpOnly, Path=/ and no Domain."},
	CookieRefusedPrefixNameless: {"cookie.refused.prefix-nameless", "Store a Cookie 17", layeredCookies + "name-store-a-cookie",
		"The cookie has no name and a value that servers would take for a name with a guarded prefix."},
	CookieRefusedPartitionedInsecure: {"cookie.refused.partitioned-insecure", "CHIPS 2.3, Using Set-Cookie with Partitioned", chips + "section-2.3",
		"The cookie says Partitioned without Secure."},
	CookieRefusedThirdParty: {"cookie.refused.third-party", "Third-Party Cookies", layeredCookies + "name-third-party-cookies",
		"This browser stores no third-party cookies, and the request is a third party's: " + thirdParty + "."},
	CookieRefusedOverwritesHTTPOnly: {"cookie.refused.overwrites-http-only", "Store a Cookie 18.1", layeredCookies + "name-store-a-cookie",
		"A script tried to replace an HttpOnly cookie."},
	CookieRefusedLimit: {"cookie.refused.limit", "Cookie Store Eviction", layeredCookies + "name-cookie-store-eviction",
		"The jar is full of cookies that rank above this one, so it was removed again at once."},
	CookieRefusedCredentials: {"cookie.refused.credentials", "Fetch, HTTP-network fetch 17", "https://fetch.spec.whatwg.org/#concept-http-network-fetch",
		"The request went without credentials, so its response cannot set cookies."},
	CookieRefusedMisdirected: {"cookie.refused.misdirected", "Fetch, HTTP-network-or-cache fetch 17", "https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch",
		"The response is a 421, after which the browser tried once more and took nothing in of the first."},
}

// CookieReasons yields every reason, in the order of the constants.
func CookieReasons(yield func(CookieReason) bool) {
	for r := CookieSent; int(r) < len(cookieReasons); r++ {
		if !yield(r) {
			return
		}
	}
}

func (r CookieReason) info() *cookieReasonInfo {
	if int(r) >= len(cookieReasons) {
		return &cookieReasons[0]
	}
	return &cookieReasons[r]
}

// OK reports whether the cookie was sent, or the Set-Cookie obeyed.
func (r CookieReason) OK() bool { return r >= CookieSent && r <= CookieRemoved }

// Code returns the stable dotted code of r, such as cookie.same-site.lax, or nothing for a value that is no reason.
func (r CookieReason) Code() string { return r.info().code }

// Section returns the algorithm and step that r stands for, such as "Store a Cookie 10.1".
func (r CookieReason) Section() string { return r.info().section }

// URL returns the address of the section that r comes from.
func (r CookieReason) URL() string { return r.info().url }

// String returns one sentence in plain English.
func (r CookieReason) String() string {
	if s := r.info().says; s != "" {
		return s
	}
	return "CookieReason(" + strconv.Itoa(int(r)) + ")"
}

// A CookieDecision is what became of one cookie. The cookie of a refused Set-Cookie holds what could be read of it.
type CookieDecision struct {
	Cookie Cookie
	Reason CookieReason
}

// OK reports whether the cookie was sent, or the Set-Cookie obeyed.
func (d CookieDecision) OK() bool { return d.Reason.OK() }

// String names the cookie, without its value, and gives the reason with its code.
func (d CookieDecision) String() string {
	name := d.Cookie.Name
	if name == "" {
		name = "a cookie without a name"
	}
	return name + " (" + d.Cookie.Domain + d.Cookie.Path + "): " + d.Reason.String() + " [" + d.Reason.Code() + "]"
}

// A CookieJar is a cookie store. The zero value is empty, follows the bare standard and is ready to use. A jar is safe
// for use by several goroutines once its exported fields are set; it must not be copied after first use. It reads no
// clock: every method that needs the time takes it.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-cookie-store-and-limits
type CookieJar struct {
	Rules        policy.CookieRules
	MaxPerDomain int // cookies that one host can have, in each partition; 180 if not positive. The draft asks for 50 or more
	MaxTotal     int // cookies of all hosts; 3000 if not positive. The draft asks for 3000 or more

	mu         sync.Mutex
	sites      map[string]*cookieSite
	total      int
	seq        uint64    // of the latest cookie
	tick       uint64    // of the latest access
	nextExpiry time.Time // no cookie expires before it; zero: none expires
}

// A cookieSite holds the cookies of one site, or marks a public suffix below which there are sites with cookies.
// Suffixes and sites lie in one map under the same names as in the DNS; see [CookieJar.site] for the way from a host
// to its site, which asks the list of public suffixes for nothing when the host is only looked up.
type cookieSite struct {
	suffix  bool // its name is a public suffix
	count   int  // cookies of the site, or in and below the suffix
	cookies []*storedCookie
}

type storedCookie struct {
	Cookie
	seq  uint64 // refines Created where the clock stands still
	tick uint64 // refines LastAccess likewise
}

// compare orders cookies as a Cookie header lists them: Retrieve Cookies 3.
//
// Deviation: the draft counts the segments of paths, and by that count / and /a tie. Longer text comes first here, as
// in RFC 6265bis, Retrieval Algorithm 4; of two paths that match one request, the longer is the deeper.
func (c *storedCookie) compare(d *storedCookie) int {
	return cmp.Or(cmp.Compare(len(d.Path), len(c.Path)), c.Created.Compare(d.Created), cmp.Compare(c.seq, d.seq))
}

// compareInTurn is compare under the rule DomainsInTurn, for cookies that lie in the order of compare.
func (c *storedCookie) compareInTurn(d *storedCookie) int {
	rank := func(c *storedCookie) int {
		if c.HostOnly {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(len(d.Path), len(c.Path)), cmp.Compare(len(d.Domain), len(c.Domain)), cmp.Compare(rank(c), rank(d)))
}

// older orders cookies by last access, earliest first.
func (c *storedCookie) older(d *storedCookie) bool {
	return cmp.Or(c.LastAccess.Compare(d.LastAccess), cmp.Compare(c.tick, d.tick), cmp.Compare(c.seq, d.seq)) < 0
}

// Store parses and stores the value of one Set-Cookie header, or what a script assigned to document.cookie, and then
// removes expired and excess cookies.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-parse-and-store-a-cookie
func (j *CookieJar) Store(now time.Time, r CookieRequest, setCookie string) CookieDecision {
	now = now.Round(0).UTC()
	// Deviation: what a request brings along is limited too, or a jar's memory would have no bound.
	if r.Host == "" || len(r.Host) > maxCookieContext || len(r.PartitionKey) > maxCookieContext {
		return CookieDecision{Reason: CookieRefusedRequest}
	}
	// 1.
	p, reason := parseCookie(&j.Rules, now, &r, setCookie)
	j.mu.Lock()
	defer j.mu.Unlock()
	// Equivalent: expired cookies leave before the steps that look at the jar as well as after them, whatever becomes
	// of the new one, so that no step meets a cookie that the draft's store no longer holds.
	j.removeExpired(now)
	// 2 and 3.
	if reason == 0 {
		reason = j.store(now, &r, &p)
	}
	return CookieDecision{p.Cookie, reason}
}

// Header returns the value of the Cookie header for a request, empty when no cookie goes along, and marks the cookies
// in it as accessed now. It is the algorithms Retrieve Cookies and Serialize Cookies.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-retrieve-cookies
func (j *CookieJar) Header(now time.Time, r CookieRequest) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.site(r.Host)
	if s == nil {
		return ""
	}
	now = now.Round(0).UTC()
	// Retrieve 2 and 3: the site's cookies lie in order, so those that match do.
	var few [16]*storedCookie
	list, size := few[:0], 0
	for _, c := range s.cookies {
		if retrievable(&j.Rules, now, &r, &c.Cookie) == CookieSent {
			list = append(list, c)
			size += len(c.Name) + len(c.Value) + len("=; ")
		}
	}
	if len(list) == 0 {
		return ""
	}
	if j.Rules.DomainsInTurn {
		slices.SortStableFunc(list, (*storedCookie).compareInTurn)
	}
	// Retrieve 4, and Serialize 1 to 3.
	j.tick++
	var b strings.Builder
	b.Grow(size)
	for _, c := range list {
		c.LastAccess, c.tick = now, j.tick
		if c.Name == "" && c.Value == "" { // policy.CookieRules.EmptyStored
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if c.Name != "" {
			b.WriteString(c.Name)
			b.WriteByte('=')
		}
		b.WriteString(c.Value)
	}
	return b.String()
}

// Explain returns what [CookieJar.Header] would do with each cookie of the request's site and why, in the order of
// the header. It changes nothing.
func (j *CookieJar) Explain(now time.Time, r CookieRequest) []CookieDecision {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.site(r.Host)
	if s == nil {
		return nil
	}
	now = now.Round(0).UTC()
	var list []CookieDecision
	site := registrableDomain(r.Host)
	for _, c := range s.cookies {
		if registrableDomain(c.Domain) == site || !c.HostOnly && cookieDomainMatches(&j.Rules, r.Host, c.Domain) {
			list = append(list, CookieDecision{c.Cookie, retrievable(&j.Rules, now, &r, &c.Cookie)})
		}
	}
	return list
}

// Cookies returns all cookies in the order in which they were created. Cookies that have expired are among them until
// the next [CookieJar.Store].
func (j *CookieJar) Cookies() []Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := make([]*storedCookie, 0, j.total)
	for _, s := range j.sites {
		all = append(all, s.cookies...)
	}
	slices.SortFunc(all, func(c, d *storedCookie) int { return cmp.Compare(c.seq, d.seq) })
	list := make([]Cookie, len(all))
	for i, c := range all {
		list[i] = c.Cookie
	}
	return list
}

// Len returns how many cookies [CookieJar.Cookies] would return.
func (j *CookieJar) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.total
}

// Clear removes all cookies.
func (j *CookieJar) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sites, j.total, j.nextExpiry = nil, 0, time.Time{}
}

// A parsedCookie is a cookie on its way into a jar.
type parsedCookie struct {
	Cookie
	written     string // the Domain as it was written
	dropped     bool   // the Domain was taken for none, although it is not the host's IP address as the host has it
	hasDomain   bool   // a Domain attribute was seen; hasDomain and an empty host: no host could be read from it
	host        string // of the Domain attribute
	hasPath     bool   // a Path attribute was taken
	partitioned bool   // a Partitioned attribute was seen
}

// parseCookie reads the value of a Set-Cookie header. The reason is zero when there is a cookie.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-parse-a-cookie
func parseCookie(rules *policy.CookieRules, now time.Time, r *CookieRequest, input string) (p parsedCookie, reason CookieReason) {
	p.Domain = r.Host // what a refusal can tell of the cookie so far
	// 1.
	if rules.ControlsEndCookie {
		input = beforeControl(rules, input)
	}
	for i := range len(input) {
		if b := input[i]; b < ' ' && b != '\t' || b == 0x7F && !rules.ControlsEndCookie {
			return p, CookieRefusedControlCharacter
		}
	}
	// 2 to 6.
	pair, attributes, more := strings.Cut(input, ";")
	// 7 to 10. Without an equals sign everything is the value.
	name, value, named := strings.Cut(pair, "=")
	if !named || rules.NamesHaveNoComma && strings.Contains(name, ",") {
		name, value = "", pair
		if rules.ValuelessIsName {
			name, value = pair, ""
		}
	}
	// 11.
	name, value = trimWSP(name), trimWSP(value)
	// 12.
	if len(name)+len(value) == 0 && !rules.EmptyStored {
		return p, CookieRefusedEmpty
	}
	if name == "" && rules.NamelessRefused {
		return p, CookieRefusedNameless
	}
	if name == "" && rules.NamelessEqualsRefused && strings.Contains(value, "=") {
		return p, CookieRefusedNameless
	}
	if len(name)+len(value) > maxCookiePair && !rules.SizesUnlimited {
		return p, CookieRefusedTooLarge
	}
	if rules.TabsRefused && tabsWithin(input) {
		return p, CookieRefusedControlCharacter
	}
	// 13. Clones, so that the jar does not hold on to the whole header.
	p.Name, p.Value = strings.Clone(name), strings.Clone(value)
	if rules.ValuesAreUTF8 {
		p.Value = decodedUTF8(p.Value)
	}
	// 14.
	p.Path = cookieDefaultPath(r.Path)
	// 15. Deviation: the draft forgets at every attribute that Max-Age was seen (15.1). As its section on the Max-Age
	// attribute says, Max-Age wins over Expires wherever either stands.
	var expires, ends time.Time // what Expires and Max-Age say
	maxAgeSeen := false
	for more {
		// 15.2 to 15.6.
		var attribute string
		attribute, attributes, more = strings.Cut(attributes, ";")
		// 15.7 to 15.11.
		name, value, hasValue := strings.Cut(attribute, "=")
		name, value = trimWSP(name), trimWSP(value)
		if !hasValue && rules.ValuesNeeded && !equalFoldASCII(name, "secure") && !equalFoldASCII(name, "httponly") {
			continue
		}
		// 15.12.
		if len(value) > maxCookieAttribute && !rules.SizesUnlimited {
			continue
		}
		switch {
		case equalFoldASCII(name, "expires"): // 15.13
			date, ok := readDate(rules.Dates, value)
			maxAgeSeen = maxAgeSeen && !rules.ExpiryByLast
			if !ok {
				if rules.LastAttributeCounts {
					expires = time.Time{}
				}
				continue
			}
			if server, ok := serverTime(rules, r); ok {
				if date = date.Add(now.Sub(server)); !date.After(now) {
					date = earliestCookieTime()
				}
			}
			if earliest := earliestCookieTime(); date.Before(earliest) {
				date = earliest
			}
			if limit := now.Add(defaultCookieMaxAge); date.After(limit) {
				date = limit
			}
			expires = date
		case equalFoldASCII(name, "max-age"): // 15.14
			if rules.PlusInMaxAge && len(value) > 1 && value[0] == '+' && value[1] != '-' {
				value = value[1:]
			}
			seconds, ok := parseMaxAge(value)
			if rules.MinusEndsCookie && strings.HasPrefix(value, "-") {
				seconds, ok = -1, true
			}
			if rules.MaxAgeReadLoosely {
				if seconds, ok = looseMaxAge(value); !ok {
					continue
				}
				if seconds == noMaxAge {
					expires, maxAgeSeen = time.Time{}, false
					continue
				}
			}
			if !ok {
				maxAgeSeen = maxAgeSeen && !rules.LastAttributeCounts
				continue
			}
			switch {
			case seconds <= 0:
				ends = earliestCookieTime()
			case seconds <= int64(defaultCookieMaxAge/time.Second):
				ends = now.Add(time.Duration(seconds) * time.Second)
			default:
				ends = now.Add(defaultCookieMaxAge)
			}
			maxAgeSeen = true
		case equalFoldASCII(name, "domain"): // 15.15
			if value == "" && rules.EmptyDomainIgnored {
				p.hasDomain = p.hasDomain && !rules.LastAttributeCounts
				continue
			}
			p.hasDomain, p.written, p.host = true, value, cookieDomain(rules, r.Host, value)
		case equalFoldASCII(name, "path"): // 15.16
			if strings.HasPrefix(value, "/") {
				p.hasPath, p.Path = true, value
			} else if rules.LastAttributeCounts {
				p.hasPath, p.Path = false, cookieDefaultPath(r.Path)
			}
		case equalFoldASCII(name, "secure"): // 15.17
			p.Secure = true
		case equalFoldASCII(name, "httponly"): // 15.18
			p.HTTPOnly = true
		case equalFoldASCII(name, "samesite"): // 15.19
			switch {
			case equalFoldASCII(value, "none"):
				p.SameSite = SameSiteNone
			case equalFoldASCII(value, "strict"):
				p.SameSite = SameSiteStrict
			case equalFoldASCII(value, "lax"):
				p.SameSite = SameSiteLax
			default:
				if rules.LastAttributeCounts {
					p.SameSite = SameSiteDefault
				}
			}
		case equalFoldASCII(name, "partitioned"): // CHIPS; unknown to the draft
			p.partitioned = true
		}
	}
	p.Expires = expires
	if maxAgeSeen {
		p.Expires = ends
	}
	// Deviation: see Store.
	if len(p.Path) > maxCookieContext {
		return p, CookieRefusedRequest
	}
	p.Path = strings.Clone(p.Path)
	// 16.
	return p, 0
}

// store puts a cookie into the locked jar unless a rule is against it.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-store-a-cookie
func (j *CookieJar) store(now time.Time, r *CookieRequest, p *parsedCookie) CookieReason {
	// 1 and 2 are asserted: parseCookie saw to them.
	// 3.
	if p.hasDomain && p.host == "" {
		return CookieRefusedDomainSyntax
	}
	// 4.
	p.Created, p.LastAccess = now, now
	// 5 to 8. Fetch never allows cookies for all hosts below a public suffix.
	if p.hasDomain && isPublicSuffix(p.host) {
		if p.host != r.Host {
			return CookieRefusedPublicSuffix
		}
		p.hasDomain, p.dropped = false, true
	}
	if j.Rules.PublicSuffixesHaveNone && (p.hasDomain && listedSuffix(p.host) || !p.hasDomain && listedSuffix(r.Host)) {
		return CookieRefusedPublicSuffix
	}
	if j.Rules.AddressDomainIsNone && p.hasDomain && p.host == r.Host && isIP(r.Host) &&
		(p.written == r.Host || !j.Rules.DomainTakenLiterally) {
		p.hasDomain, p.dropped = false, p.written != r.Host
	}
	if p.HostOnly = !p.hasDomain; p.HostOnly {
		p.Domain = strings.Clone(r.Host)
	} else if p.Domain = p.host; !cookieDomainMatches(&j.Rules, r.Host, p.host) {
		return CookieRefusedDomain
	}
	// 9.
	if r.Script && p.HTTPOnly {
		return CookieRefusedHTTPOnly
	}
	// 10.1.
	if !r.Secure && p.Secure {
		return CookieRefusedSecure
	}
	// What browsers add: which partition the cookie falls in. It comes before 10.2 and 18, which look at the cookies
	// of the same partition.
	switch {
	case p.partitioned && j.Rules.Partitioned:
		if !p.Secure {
			return CookieRefusedPartitionedInsecure
		}
		p.Partitioned, p.PartitionKey = true, strings.Clone(r.PartitionKey)
	case r.ThirdParty && (j.Rules.ThirdParty == policy.ThirdPartyBlocked || j.Rules.ThirdParty == policy.ThirdPartyNotStored ||
		j.Rules.ThirdParty == policy.ThirdPartyPartitioned && r.PartitionKey == ""):
		return CookieRefusedThirdParty
	case r.ThirdParty && j.Rules.ThirdParty == policy.ThirdPartyPartitioned:
		p.PartitionKey = strings.Clone(r.PartitionKey)
	}

	// 10.2.
	if !r.Secure && j.overlaysSecure(&p.Cookie) {
		return CookieRefusedOverwritesSecure
	}
	// 11 to 17.
	if reason := acceptable(&j.Rules, r, p); reason != 0 {
		return reason
	}
	// 18.
	if old := j.find(&p.Cookie); old != nil {
		// 18.1.
		if r.Script && old.HTTPOnly {
			return CookieRefusedOverwritesHTTPOnly
		}
		// 18.2. Deviation: the draft compares neither values nor http-only, so that no server could ever change the
		// value of a session cookie. RFC 6265bis, Storage Model 23 has no such step.
		if p.Value == old.Value && p.HTTPOnly == old.HTTPOnly && p.Secure == old.Secure &&
			p.SameSite == old.SameSite && p.Expires.Equal(old.Expires) {
			p.Created, p.LastAccess = old.Created, old.LastAccess
			return CookieUnchanged
		}
		// 18.3 and 18.4. The sequence goes with the time of creation.
		if j.Rules.NewValueIsNewCookie && p.Value != old.Value {
			j.remove(old)
			j.seq++
			return j.insert(now, &p.Cookie, j.seq)
		}
		p.Created = old.Created
		j.remove(old)
		return j.insert(now, &p.Cookie, old.seq)
	}
	// 19 and 20.
	j.seq++
	return j.insert(now, &p.Cookie, j.seq)
}

// acceptable decides what depends on the cookie and the request alone: Store a Cookie 11 to 17. It returns zero when
// nothing is against the cookie.
func acceptable(rules *policy.CookieRules, r *CookieRequest, p *parsedCookie) CookieReason {
	// 11.
	if p.SameSite != SameSiteNone && r.Mode != fetch.StrictOrLess &&
		!(rules.NavigationStores && r.TopLevel) &&
		!(rules.DefaultFromCrossSite && p.SameSite == SameSiteDefault) {
		return CookieRefusedSameSite
	}
	// 12.
	if p.SameSite == SameSiteNone && !p.Secure && !rules.NoneWithoutSecure {
		return CookieRefusedSameSiteNoneInsecure
	}
	// 13.
	if rules.PrefixesIgnored {
		return 0
	}
	if hasPrefixFoldASCII(p.Name, "__secure-") && !p.Secure {
		return CookieRefusedPrefixSecure
	}
	// 14. "Host-prefix compatible".
	host := p.Secure && p.HostOnly && !(p.dropped && rules.HostPrefixBarsDomain) && (p.hasPath || rules.HostPrefixTakesDefaultPath) && p.Path == "/"
	if hasPrefixFoldASCII(p.Name, "__host-") && !host {
		return CookieRefusedPrefixHost
	}
	// 15 and 16. Deviation: the draft's "Http-prefix compatible" asks for http-only to be false, against its own
	// section on these prefixes; it is asked to be true here.
	http := p.Secure && p.HTTPOnly
	if hasPrefixFoldASCII(p.Name, "__http-") && !http {
		return CookieRefusedPrefixHTTP
	}
	if hasPrefixFoldASCII(p.Name, "__host-http-") && !(host && http) {
		return CookieRefusedPrefixHostHTTP
	}
	// 17. The fourth prefix of the draft begins with the second.
	if p.Name == "" && (hasPrefixFoldASCII(p.Value, "__secure-") || hasPrefixFoldASCII(p.Value, "__host-") ||
		hasPrefixFoldASCII(p.Value, "__http-")) {
		return CookieRefusedPrefixNameless
	}
	return 0
}

// retrievable decides whether one cookie goes along with a request: Retrieve Cookies 2, with the rules of browsers
// between its conditions. It returns [CookieSent] or the first condition that fails.
func retrievable(rules *policy.CookieRules, now time.Time, r *CookieRequest, c *Cookie) CookieReason {
	// An expired cookie is no longer in the draft's store; here it is until the next Store.
	if c.expired(now) {
		return CookieExpired
	}
	// Host. Not modelled: a domain that has become a public suffix since, as the list is compiled in.
	if c.HostOnly {
		if r.Host != c.Domain {
			return CookieHostOnly
		}
	} else if !cookieDomainMatches(rules, r.Host, c.Domain) {
		return CookieDomainMismatch
	}
	// Partition.
	partitioned := rules.ThirdParty == policy.ThirdPartyPartitioned && r.ThirdParty
	switch {
	case c.Partitioned:
		if c.PartitionKey != r.PartitionKey {
			return CookiePartition
		}
	case partitioned && (c.PartitionKey != r.PartitionKey || c.PartitionKey == ""), !partitioned && c.PartitionKey != "":
		return CookiePartition
	}
	// Path.
	if !pathMatches(r.Path, c.Path) {
		return CookiePathMismatch
	}
	// Secure.
	if c.Secure && !r.Secure {
		return CookieSecure
	}
	// HttpOnly.
	if c.HTTPOnly && r.Script {
		return CookieHTTPOnly
	}
	// SameSite.
	switch c.SameSite {
	case SameSiteStrict:
		if r.Mode != fetch.StrictOrLess {
			return CookieSameSiteStrict
		}
	case SameSiteLax:
		if r.Mode != fetch.StrictOrLess && r.Mode != fetch.LaxOrLess {
			return CookieSameSiteLax
		}
	case SameSiteDefault:
		if rules.DefaultLax && r.Mode != fetch.StrictOrLess && r.Mode != fetch.LaxOrLess && !laxAllowsUnsafe(rules, now, r, c) {
			return CookieSameSiteDefault
		}
	}
	// Third parties.
	if r.ThirdParty && rules.ThirdParty == policy.ThirdPartyBlocked && !c.Partitioned {
		return CookieThirdParty
	}
	return CookieSent
}

// laxAllowsUnsafe implements "Lax-Allowing-Unsafe" enforcement: a young cookie goes along with a navigation of the top
// level whose only fault is its method.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#lax-allowing-unsafe
func laxAllowsUnsafe(rules *policy.CookieRules, now time.Time, r *CookieRequest, c *Cookie) bool {
	return rules.LaxAllowUnsafeFor > 0 && r.TopLevel && !isSafeMethod(r.Method) &&
		now.Sub(c.Created) <= rules.LaxAllowUnsafeFor
}

// isSafeMethod reports whether HTTP calls the method safe (RFC 9110, section 9.2.1).
func isSafeMethod(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return false
}

// site returns what the jar holds for the site of host: the shortest of host's suffixes, of two labels or more if it
// has as many, that is no public suffix. Cookies that match host lie there and nowhere else: a cookie's domain is
// host itself or a parent that is no public suffix.
func (j *CookieJar) site(host string) *cookieSite {
	for i := siteStart(host); ; i = labelBefore(host, i) {
		s := j.sites[host[i:]]
		if s == nil || !s.suffix || i == 0 {
			return s
		}
	}
}

// siteStart returns where the last two labels of host begin. A trailing dot is part of the last label.
func siteStart(host string) int { return labelBefore(host, labelBefore(host, len(host))) }

// labelBefore returns where the label that ends before offset i of host begins.
func labelBefore(host string, i int) int {
	if i == len(host) && strings.HasSuffix(host, ".") || i > 0 && i < len(host) {
		i-- // the dot that ends the label
	}
	return strings.LastIndexByte(host[:i], '.') + 1
}

// enter returns the site of host, made where it is missing, having counted one more cookie on the way to it.
func (j *CookieJar) enter(host string) *cookieSite {
	if j.sites == nil {
		j.sites = map[string]*cookieSite{}
	}
	for i := siteStart(host); ; i = labelBefore(host, i) {
		s := j.sites[host[i:]]
		if s == nil {
			s = &cookieSite{suffix: isPublicSuffix(host[i:])}
			j.sites[strings.Clone(host[i:])] = s
		}
		s.count++
		if !s.suffix || i == 0 {
			return s
		}
	}
}

// remove takes a cookie out of the jar and forgets the sites and suffixes that are left without cookies.
func (j *CookieJar) remove(c *storedCookie) {
	s := j.site(c.Domain)
	i, _ := slices.BinarySearchFunc(s.cookies, c, (*storedCookie).compare)
	s.cookies = slices.Delete(s.cookies, i, i+1)
	j.total--
	for i := siteStart(c.Domain); ; i = labelBefore(c.Domain, i) {
		s := j.sites[c.Domain[i:]]
		if s.count--; s.count == 0 {
			delete(j.sites, c.Domain[i:])
		}
		if !s.suffix || i == 0 {
			return
		}
	}
}

// insert puts a cookie into the jar and collects garbage. It returns what became of the cookie in the end.
func (j *CookieJar) insert(now time.Time, c *Cookie, seq uint64) CookieReason {
	j.tick++
	n := &storedCookie{Cookie: *c, seq: seq, tick: j.tick}
	s := j.enter(n.Domain)
	i, _ := slices.BinarySearchFunc(s.cookies, n, (*storedCookie).compare)
	s.cookies = slices.Insert(s.cookies, i, n)
	j.total++
	if !n.Expires.IsZero() && (j.nextExpiry.IsZero() || n.Expires.Before(j.nextExpiry)) {
		j.nextExpiry = n.Expires
	}
	return j.collect(now, n)
}

// collect implements Garbage Collect Cookies after the cookie n was inserted, and returns what became of it.
//
// Deviation: Fetch collects for the request's host. It is done for the cookie's host here, as in the draft's section on
// the Set-Cookie header field, so that cookies with a Domain attribute are limited as well. Each step ends when its
// condition is met, which is what sorting first comes to.
//
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-garbage-collect-cookies
func (j *CookieJar) collect(now time.Time, n *storedCookie) CookieReason {
	reason := CookieStored
	// 1. Remove Expired Cookies.
	j.removeExpired(now)
	if n.expired(now) {
		reason = CookieRemoved
	}
	// 2. Remove Excess Cookies for a Host: those without Secure first, then by last access. Each partition has a limit
	// of its own, or one site could read from it what the user does on another (CHIPS 3.6).
	limit := j.MaxPerDomain
	if limit <= 0 {
		limit = defaultMaxPerDomain
	}
	for {
		var worst *storedCookie
		count := 0
		if s := j.site(n.Domain); s != nil {
			for _, c := range s.cookies {
				if c.Domain != n.Domain || c.PartitionKey != n.PartitionKey {
					continue
				}
				if count++; worst == nil || c.Secure == worst.Secure && c.older(worst) || !c.Secure && worst.Secure {
					worst = c
				}
			}
		}
		if count <= limit {
			break
		}
		if j.remove(worst); worst == n {
			reason = CookieRefusedLimit
		}
	}
	// 3. Remove Global Excess Cookies: by last access.
	if limit = j.MaxTotal; limit <= 0 {
		limit = defaultMaxTotal
	}
	for j.total > limit {
		var worst *storedCookie
		for _, s := range j.sites {
			for _, c := range s.cookies {
				if worst == nil || c.older(worst) {
					worst = c
				}
			}
		}
		if j.remove(worst); worst == n {
			reason = CookieRefusedLimit
		}
	}
	// 4 to 6. Nobody asks for the list of what was removed.
	return reason
}

// removeExpired implements Remove Expired Cookies. It looks through the jar only when a cookie can have expired.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-remove-expired-cookies
func (j *CookieJar) removeExpired(now time.Time) {
	if j.nextExpiry.IsZero() || !j.nextExpiry.Before(now) {
		return
	}
	// 1.
	var expired []*storedCookie
	var next time.Time
	for _, s := range j.sites {
		for _, c := range s.cookies {
			switch {
			case c.expired(now):
				expired = append(expired, c)
			case !c.Expires.IsZero() && (next.IsZero() || c.Expires.Before(next)):
				next = c.Expires
			}
		}
	}
	// 2 and 3.
	for _, c := range expired {
		j.remove(c)
	}
	j.nextExpiry = next
}

// find returns the cookie that c would replace, or nil.
func (j *CookieJar) find(c *Cookie) *storedCookie {
	if s := j.site(c.Domain); s != nil {
		for _, old := range s.cookies {
			if old.same(c) {
				return old
			}
		}
	}
	return nil
}

// overlaysSecure implements Store a Cookie 10.2: the jar holds a Secure cookie that c would hide. Domains match here
// whether cookies are host-only or not, so that the hosts that are public suffixes count as parents and children too.
func (j *CookieJar) overlaysSecure(c *Cookie) bool {
	// What c's domain lies in: its last label, then the way to its site.
	if last := labelBefore(c.Domain, len(c.Domain)); last > 0 && j.sites[c.Domain[last:]].overlaidBy(c) {
		return true
	}
	for i := siteStart(c.Domain); ; i = labelBefore(c.Domain, i) {
		s := j.sites[c.Domain[i:]]
		if s.overlaidBy(c) {
			return true
		}
		if s == nil || !s.suffix || i == 0 {
			break
		}
	}
	// What lies in c's domain: sites of their own where that is a public suffix.
	if isPublicSuffix(c.Domain) {
		for name, s := range j.sites {
			if len(name) > len(c.Domain) && strings.HasSuffix(name, c.Domain) && s.overlaidBy(c) {
				return true
			}
		}
	}
	return false
}

// overlaidBy reports whether the site, which may be nil, holds a Secure cookie that c would hide.
func (s *cookieSite) overlaidBy(c *Cookie) bool {
	if s == nil {
		return false
	}
	for _, old := range s.cookies {
		if old.Name == c.Name && old.Secure && old.PartitionKey == c.PartitionKey &&
			(domainMatches(old.Domain, c.Domain) || domainMatches(c.Domain, old.Domain)) && pathMatches(c.Path, old.Path) {
			return true
		}
	}
	return false
}

// tabsWithin reports whether a Set-Cookie value holds a tab that is not at the end of a name, of a value or of an
// attribute.
func tabsWithin(input string) bool {
	for part := range strings.SplitSeq(input, ";") {
		name, value, _ := strings.Cut(part, "=")
		if strings.Contains(trimWSP(name), "\t") || strings.Contains(trimWSP(value), "\t") {
			return true
		}
	}
	return false
}

// domainMatches implements "Domain-Matches" for a host and the host of a Domain attribute.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-domain-matching
func domainMatches(host, domain string) bool {
	if len(host) <= len(domain) {
		return host == domain
	}
	return isBelow(host, domain) && !isIP(host)
}

// cookieDomainMatches is domainMatches as browsers have it.
func cookieDomainMatches(rules *policy.CookieRules, host, domain string) bool {
	return domainMatches(host, domain) || rules.DomainTakenLiterally && isBelow(host, domain)
}

// isBelow reports whether host ends in a dot and domain.
func isBelow(host, domain string) bool {
	above, ok := strings.CutSuffix(host, domain)
	return ok && strings.HasSuffix(above, ".")
}

// pathMatches implements "Path-Matches".
//
// Deviation: by the last step of the draft, a cookie for /foo would go to /foobar and one for /foo/ to /foo, and the
// step before it would be idle. The slash is asked for after the cookie's path instead of after the request's, as in
// RFC 6265bis, Paths and Path-Match.
//
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-path-matching
func pathMatches(request, cookie string) bool {
	// 1 and 2. A URL without a path, which http URLs never are, counts as the root.
	if !strings.HasPrefix(request, "/") {
		request = "/"
	}
	rest, ok := strings.CutPrefix(request, cookie)
	// 3 to 5.
	return ok && (rest == "" || strings.HasSuffix(cookie, "/") || rest[0] == '/')
}

// cookieDefaultPath implements "Cookie Default Path" on a serialized path: what comes before the last slash.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-layered-cookies#name-cookie-default-path
func cookieDefaultPath(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 && path[0] == '/' {
		return path[:i]
	}
	return "/"
}

// isIP reports whether a serialized host is an IP address. A host that ends in a number and is no IPv4 address is none
// that the URL standard's host parser returns.
func isIP(host string) bool {
	if strings.HasPrefix(host, "[") {
		return true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	for i := range len(last) {
		if last[i] < '0' || last[i] > '9' {
			return false
		}
	}
	return last != ""
}

// isPublicSuffix reports whether a host is its own public suffix.
// https://url.spec.whatwg.org/#host-public-suffix
func isPublicSuffix(host string) bool {
	if isIP(host) {
		return false
	}
	name := strings.TrimSuffix(host, ".")
	suffix, _ := publicsuffix.PublicSuffix(name)
	return suffix == name
}

// listedSuffix is isPublicSuffix for those that the list names: no host of one label that it does not know.
func listedSuffix(host string) bool {
	if isIP(host) {
		return false
	}
	name := strings.TrimSuffix(host, ".")
	suffix, icann := publicsuffix.PublicSuffix(name)
	return suffix == name && (icann || strings.Contains(suffix, "."))
}

// registrableDomain returns the registrable domain of a host, or the host where there is none.
// https://url.spec.whatwg.org/#host-registrable-domain
func registrableDomain(host string) string {
	if isIP(host) {
		return host
	}
	name := strings.TrimSuffix(host, ".")
	suffix, _ := publicsuffix.PublicSuffix(name)
	if len(suffix) >= len(name) {
		return host
	}
	return host[labelBefore(host, len(name)-len(suffix)):]
}

// serverTime returns what the server's clock says, if that counts.
func serverTime(rules *policy.CookieRules, r *CookieRequest) (time.Time, bool) {
	if r.Date == "" || rules.ServerClock == policy.DateByStandard {
		return time.Time{}, false
	}
	return readDate(rules.ServerClock, r.Date)
}

// cookieDomain returns the host that a Domain attribute names in an answer of host, or nothing for failure.
func cookieDomain(rules *policy.CookieRules, host, value string) string {
	domain := parseCookieDomain(value)
	if domain == "" || !rules.DomainAsWritten {
		return domain
	}
	domain = asciiLower(strings.TrimPrefix(value, "."))
	if rules.DomainTakenLiterally && (!strings.Contains(value[1:], ".") || !strings.HasSuffix(value, domain) && domain != host) {
		return ""
	}
	return strings.Clone(domain)
}

// parseCookieDomain returns the host that a Domain attribute names, or nothing for failure: Parse a Cookie 15.15.
func parseCookieDomain(value string) string {
	// 1 and 2.
	for i := range len(value) {
		if value[i] >= 0x80 {
			return ""
		}
	}
	// 2.1 to 2.3.
	host, _, err := origin.ParseHost(strings.TrimPrefix(value, "."))
	if err != nil {
		return ""
	}
	// 3.
	return strings.Clone(host)
}

// parseMaxAge reads the value of a Max-Age attribute, a number of seconds: Parse a Cookie 15.14.1 to 15.14.4. Numbers
// beyond an int64 come out as its ends.
func parseMaxAge(value string) (seconds int64, ok bool) {
	digits, negative := strings.CutPrefix(value, "-")
	if digits == "" {
		return 0, false
	}
	for i := range len(digits) {
		d := digits[i] - '0'
		if d > 9 {
			return 0, false
		}
		if seconds > (math.MaxInt64-int64(d))/10 {
			seconds = math.MaxInt64
		} else {
			seconds = seconds*10 + int64(d)
		}
	}
	if negative {
		seconds = -seconds
	}
	return seconds, true
}

// looseMaxAge is parseMaxAge under the rule MaxAgeReadLoosely.
func looseMaxAge(value string) (seconds int64, ok bool) {
	value = strings.TrimLeft(value, " ")
	if digits, plus := strings.CutPrefix(value, "+"); plus && !strings.HasPrefix(digits, "-") && digits != "" {
		value = digits
	}
	if value == "" {
		return 0, true
	}
	seconds, ok = parseMaxAge(value)
	return int64(int32(max(seconds, 0))), ok
}

// noMaxAge is what looseMaxAge returns for a Max-Age that is as good as none, whatever Expires said before.
const noMaxAge = -1

// beforeControl is what ControlsEndCookie leaves of a Set-Cookie, with spaces for other blanks.
func beforeControl(rules *policy.CookieRules, input string) string {
	begins, named, inAttribute := true, false, false // where a name or a value begins, blanks count for nothing
	var spaced []byte                                // the input with a space for each other blank, if there are some
	end := 0
scan:
	for ; end < len(input); end++ {
		switch b := input[end]; {
		case b == ';':
			begins, named, inAttribute = true, false, true
		case b == '=' && !named:
			begins, named = true, true
		case b == ' ':
		case begins && strings.IndexByte("\t\n\f\r", b) >= 0:
			if spaced == nil {
				spaced = []byte(input)
			}
			spaced[end] = ' '
		case b < ' ', b >= 0x80, b == ',' && rules.NamesHaveNoComma && inAttribute && !named:
			break scan
		default:
			begins = false
			named = named || b == ',' && rules.NamesHaveNoComma
		}
	}
	if spaced != nil {
		return string(spaced[:end])
	}
	return input[:end]
}

// decodedUTF8 is what UTF-8 decode makes of a value: each longest run of bytes that begins a character but does not end it,
// and each other byte that is of none, becomes U+FFFD.
// https://encoding.spec.whatwg.org/#utf-8-decoder
func decodedUTF8(value string) string {
	if utf8.ValidString(value) {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); {
		r, n := utf8.DecodeRuneInString(value[i:])
		if r == utf8.RuneError && n == 1 {
			for n = min(3, len(value)-i); n > 1 && utf8.FullRuneInString(value[i:i+n]); {
				n--
			}
		}
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// earliestCookieTime is the earliest time that an Expires attribute can hold, and the one that a Max-Age of zero or
// less stands for.
func earliestCookieTime() time.Time { return time.Date(1601, time.January, 1, 0, 0, 0, 0, time.UTC) }

// trimWSP removes spaces and tabs from both ends.
func trimWSP(s string) string { return strings.Trim(s, " \t") }

// equalFoldASCII reports whether s is lower but for the case of ASCII letters; lower is in lower case.
func equalFoldASCII(s, lower string) bool {
	return len(s) == len(lower) && hasPrefixFoldASCII(s, lower)
}

// hasPrefixFoldASCII reports whether s begins with lower but for the case of ASCII letters; lower is in lower case.
func hasPrefixFoldASCII(s, lower string) bool {
	if len(s) < len(lower) {
		return false
	}
	for i := range len(lower) {
		b := s[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != lower[i] {
			return false
		}
	}
	return true
}
