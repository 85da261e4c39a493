package policy

import (
	"strconv"
	"time"
)

// ThirdPartyCookies is what a browser does about cookies of requests to another site than the top-level one.
type ThirdPartyCookies uint8

const (
	ThirdPartyAllowed     ThirdPartyCookies = iota // treated like any other
	ThirdPartyPartitioned                          // each top-level site has its own; there are none without a partition key
	ThirdPartyNotStored                            // sent, but set by none but requests of their own site's pages
	ThirdPartyBlocked                              // neither sent nor stored, save Partitioned cookies where honoured
)

// String returns "allowed", "partitioned", "not stored" or "blocked".
func (t ThirdPartyCookies) String() string {
	switch t {
	case ThirdPartyAllowed:
		return "allowed"
	case ThirdPartyPartitioned:
		return "partitioned"
	case ThirdPartyNotStored:
		return "not stored"
	case ThirdPartyBlocked:
		return "blocked"
	}
	return "ThirdPartyCookies(" + strconv.Itoa(int(t)) + ")"
}

// DateReading is how a browser reads a date that need not be in the one format that HTTP wants it in.
type DateReading uint8

const (
	DateByStandard     DateReading = iota // Parse a Date of the draft on cookies; of HTTP headers, in one of HTTP's formats
	DateOfWholeNumbers                    // so, but numbers are whole words, and a year may have from one digit to five
	DateByWord                            // by the first words that can be parts of one, zones included, whatever stands between them
	DateByWordOrISO                       // so, or in the format of ISO 8601
	DateInOrder                           // by its parts in the order of one of HTTP's formats
	DateOfScripts                         // as scripts may have it, by what JavaScript read before its dates had a format
)

// String returns "standard", "whole numbers", "by word", "by word, or ISO 8601", "in order" or "of scripts".
func (d DateReading) String() string {
	switch d {
	case DateByStandard:
		return "standard"
	case DateOfWholeNumbers:
		return "whole numbers"
	case DateByWord:
		return "by word"
	case DateByWordOrISO:
		return "by word, or ISO 8601"
	case DateInOrder:
		return "in order"
	case DateOfScripts:
		return "of scripts"
	}
	return "DateReading(" + strconv.Itoa(int(d)) + ")"
}

// CookieRules holds, as data, what real browsers do differently from the draft. The zero value is the bare standard.
type CookieRules struct {
	// DefaultLax withholds cookies without SameSite from requests of other sites as if they said SameSite=Lax
	// (RFC 6265bis, Retrieval Algorithm 3); the draft sends them.
	DefaultLax bool

	// LaxAllowUnsafeFor is how long after their creation DefaultLax still lets cookies without SameSite go along
	// with navigations of the top level from other sites that use an unsafe method, such as a form's POST
	// (RFC 6265bis, "Lax-Allowing-Unsafe" enforcement). Zero: not at all.
	LaxAllowUnsafeFor time.Duration

	// DefaultFromCrossSite lets responses to requests of other sites set cookies without SameSite.
	DefaultFromCrossSite bool

	// NavigationStores lets responses to navigations of the top level set cookies of any SameSite value, whichever
	// site began the navigation (RFC 6265bis, Storage Model 18.3). By the letter of the draft and of Fetch,
	// SameSite=Lax, SameSite=Strict and absent SameSite need a mode of StrictOrLess.
	NavigationStores bool

	// NoneWithoutSecure accepts SameSite=None from cookies without Secure.
	NoneWithoutSecure bool

	// EmptyDomainIgnored skips a Domain attribute with an empty value instead of refusing the cookie.
	EmptyDomainIgnored bool

	// ValuelessIsName takes a Set-Cookie without an equals sign for the name of a cookie with an empty value; in the
	// draft it is the value of a cookie without a name.
	ValuelessIsName bool

	// NamelessRefused refuses cookies with an empty name.
	NamelessRefused bool

	// HostPrefixTakesDefaultPath lets a cookie whose name begins with __Host- do without Path=/ where / is the path
	// that it has anyway.
	HostPrefixTakesDefaultPath bool

	// HostPrefixBarsDomain refuses a cookie whose name begins with __Host- if it has a Domain that is taken for none, because
	// it is the host, a public suffix (which in the draft is as good as none), or its IP address (AddressDomainIsNone) with
	// a dot before it or in capitals.
	HostPrefixBarsDomain bool

	// LastAttributeCounts lets the last of several Domain, Path, Max-Age, Expires or SameSite attributes alone count,
	// also where its value is of no use; in the draft such a one is skipped.
	LastAttributeCounts bool

	// ValuesNeeded skips all attributes without an equals sign but Secure and HttpOnly; in the draft their value is empty then,
	// which counts for Domain and Path.
	ValuesNeeded bool

	// RedirectChainIgnored looks at the URL at hand alone to tell whether a request is one of another site, not at
	// those of the redirects before it (Fetch, determine the same-site mode 5).
	RedirectChainIgnored bool

	// SandboxKeepsSite takes a request of a sandboxed document for one of the site of its URL, to tell which SameSite
	// values count; in the draft an opaque origin is of no site.
	SandboxKeepsSite bool

	// RedirectChainSets lets the answer of a URL of the page's site set cookies of any SameSite value, whatever redirects
	// of other sites led there (RFC 6265bis, Storage Model 18).
	RedirectChainSets bool

	// LoopbackIsSecure takes http URLs of loopback hosts, such as http://localhost, for as good as https; in the draft
	// that is left to the browser, and to corsim https alone is secure (RFC 6265bis, Storage Model 8 and Retrieval
	// Algorithm 1).
	LoopbackIsSecure bool

	// SitesIgnoreSchemes takes http and https pages of one domain for the same site where cookies are sent and stored.
	SitesIgnoreSchemes bool

	// Dates is how the date in Expires is read.
	Dates DateReading

	// ServerClock is how the Date of an answer is read, from which Expires is measured then; in the draft Expires is a time
	// by the browser's clock, and so it is with DateByStandard.
	ServerClock DateReading

	// MinusEndsCookie takes a Max-Age that begins with a minus sign for one of the past, whatever follows; in the draft
	// digits must.
	MinusEndsCookie bool

	// PlusInMaxAge reads a plus sign before the digits of a Max-Age; in the draft such a one is no number.
	PlusInMaxAge bool

	// TabsRefused refuses cookies with a tab within their name, their value or an attribute.
	TabsRefused bool

	// NamesHaveNoComma takes a cookie with a comma before its first equals sign for one without a name, and what stands before
	// a comma in the name of an attribute for the whole cookie.
	NamesHaveNoComma bool

	// EmptyStored stores a cookie without name and value, of which nothing is sent; in the draft it is refused.
	EmptyStored bool

	// NamelessEqualsRefused refuses cookies with an empty name and an equals sign in their value.
	NamelessEqualsRefused bool

	// NewValueIsNewCookie takes a cookie that replaces one of another value for created at that moment, so that it
	// follows those created before; in the draft it has the place of the one that it replaces.
	NewValueIsNewCookie bool

	// DomainsInTurn lists cookies of paths of one length by their domains, the longest first, and of one domain first
	// those with a Domain attribute; in the draft the time of creation decides.
	DomainsInTurn bool

	// PrefixesIgnored gives no meaning to names that begin with __Secure-, __Host-, __Http- and __Host-Http-.
	PrefixesIgnored bool

	// ControlsEndCookie takes what stands before the first control character, tab or byte above 0x7F for the whole
	// cookie, and DEL for a character like others; in the draft a control character makes it a refused one.
	ControlsEndCookie bool

	// ValuesAreUTF8 sends U+FFFD for each part of a value that is no UTF-8; in the draft values are bytes.
	ValuesAreUTF8 bool

	// SizesUnlimited takes names, values and attributes of any length; in the draft too long a pair is refused, and too
	// long an attribute skipped.
	SizesUnlimited bool

	// ExpiryByLast has the last of Max-Age and Expires say how long a cookie lives; in the draft Max-Age wins.
	ExpiryByLast bool

	// MaxAgeReadLoosely reads blanks and a plus sign before the digits of a Max-Age, and takes an empty one for 0; in
	// the draft such ones are skipped. It has 32 bits for the number, and what is then -1 stands for no Max-Age.
	MaxAgeReadLoosely bool

	// DomainAsWritten takes a Domain as it is written, but for capitals and a dot before it; in the draft it is read as the
	// host of a URL is, so that %61.example is a.example, and 127.1 is 127.0.0.1.
	DomainAsWritten bool

	// DomainTakenLiterally refuses cookies with a Domain that has no dot within it, or a capital letter where it is not all
	// of the host; it takes an IP address with a dot before it for another one than the host's (AddressDomainIsNone), and an
	// IP address for a host below its last numbers. In the draft none of that is so. It needs DomainAsWritten.
	DomainTakenLiterally bool

	// AddressDomainIsNone takes a Domain that is the IP address of the host for none, so that the cookie is one of the host
	// alone; in the draft it is another cookie than that (Store a Cookie 18).
	AddressDomainIsNone bool

	// PublicSuffixesHaveNone refuses cookies of hosts that are public suffixes; in the draft such a host may have some
	// of its own.
	PublicSuffixesHaveNone bool

	// Partitioned honours the Partitioned attribute (CHIPS): such a cookie needs Secure and exists only under the
	// top-level site it was set under. Otherwise the attribute is unknown and ignored.
	Partitioned bool

	// ThirdParty is what happens to third-party cookies.
	ThirdParty ThirdPartyCookies

	// AncestorsIgnored takes a request of a frame for a third-party one by its URL and the top-level site alone,
	// whatever documents stand in between.
	AncestorsIgnored bool

	// ThirdPartyRedirects takes a request for a third-party one once a URL of its redirects was, although it is back at
	// the page's own site; in the draft that does not matter to a request that is no navigation.
	ThirdPartyRedirects bool
}
