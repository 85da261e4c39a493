package policy

import (
	"strconv"
	"strings"

	"github.com/corsim/corsim/origin"
)

// A ReferrerPolicy says how much of a page's address its requests give away.
//
// https://w3c.github.io/webappsec-referrer-policy/#referrer-policies
type ReferrerPolicy uint8

// The referrer policies. The zero value is the empty string: the policy of the document, or the default.
const (
	ReferrerPolicyEmpty ReferrerPolicy = iota
	NoReferrer
	NoReferrerWhenDowngrade
	SameOriginReferrer
	OriginReferrer
	StrictOrigin
	OriginWhenCrossOrigin
	StrictOriginWhenCrossOrigin
	UnsafeURL
	referrerPolicyCount
)

// DefaultReferrerPolicy is what a document without a policy of its own has.
const DefaultReferrerPolicy = StrictOriginWhenCrossOrigin

// String returns the policy as the standard spells it.
func (p ReferrerPolicy) String() string {
	switch p {
	case ReferrerPolicyEmpty:
		return ""
	case NoReferrer:
		return "no-referrer"
	case NoReferrerWhenDowngrade:
		return "no-referrer-when-downgrade"
	case SameOriginReferrer:
		return "same-origin"
	case OriginReferrer:
		return "origin"
	case StrictOrigin:
		return "strict-origin"
	case OriginWhenCrossOrigin:
		return "origin-when-cross-origin"
	case StrictOriginWhenCrossOrigin:
		return "strict-origin-when-cross-origin"
	case UnsafeURL:
		return "unsafe-url"
	}
	return "ReferrerPolicy(" + strconv.Itoa(int(p)) + ")"
}

// ParseReferrerPolicy returns the policy that is spelled s, to the letter. The empty string is a policy.
func ParseReferrerPolicy(s string) (ReferrerPolicy, bool) {
	for p := ReferrerPolicyEmpty; p < referrerPolicyCount; p++ {
		if p.String() == s {
			return p, true
		}
	}
	return 0, false
}

// ParseReferrerPolicyHeader returns the policy of a Referrer-Policy header, given the values of its header lines in
// order: the last token that names a policy. Unknown tokens are passed over, so that a new policy can be sent with an
// old one before it.
//
// https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header
func ParseReferrerPolicyHeader(values ...string) ReferrerPolicy {
	return parseReferrerPolicyHeader(values, " \t")
}

// ResponseReferrerPolicy is ParseReferrerPolicyHeader as the profile's browser does it with a redirect.
func (p *Profile) ResponseReferrerPolicy(values ...string) ReferrerPolicy {
	if p.ReferrerPolicyBlanks {
		return parseReferrerPolicyHeader(values, " \t\v\f")
	}
	return parseReferrerPolicyHeader(values, " \t")
}

// PageReferrerPolicy is ParseReferrerPolicyHeader as the profile's browser does it with a page.
func (p *Profile) PageReferrerPolicy(values ...string) ReferrerPolicy {
	if p.ReferrerPolicyWordsChecked {
		for _, v := range values {
			for token := range strings.SplitSeq(v, ",") {
				if strings.ContainsFunc(strings.Trim(token, " \t\v\f"), isNoLetterOrHyphen) {
					return ReferrerPolicyEmpty
				}
			}
		}
	}
	return p.ResponseReferrerPolicy(values...)
}

func isNoLetterOrHyphen(c rune) bool { return (c|0x20 < 'a' || 'z' < c|0x20) && c != '-' }

// parseReferrerPolicyHeader takes the bytes of blanks for nothing around a word.
func parseReferrerPolicyHeader(values []string, blanks string) ReferrerPolicy {
	// 1.-2. The tokens of all lines; to begin with, no policy.
	policy := ReferrerPolicyEmpty
	// 3. The last known token that is not empty wins. Its ABNF is case-insensitive, as literal strings in ABNF are.
	for _, v := range values {
		for token := range strings.SplitSeq(v, ",") {
			if p, ok := ParseReferrerPolicy(asciiLower(strings.Trim(token, blanks))); ok && p != ReferrerPolicyEmpty {
				policy = p
			}
		}
	}
	// 4.
	return policy
}

// asciiLower lower-cases A to Z and leaves every other byte alone.
func asciiLower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}

// maxReferrerLength is the length in bytes past which a referrer is cut down to its origin.
const maxReferrerLength = 4096

// A Referrer is a URL made ready to be sent as a Referer: stripped once, used for many requests. The zero value is
// the "no-referrer" that a request can ask for.
type Referrer struct {
	full, originOnly string
	from             origin.Origin
	narrow           *Referrer // the same with the origin alone
	trustworthy      bool
	opaque           bool
}

// NewReferrer strips source for use as a referrer.
//
// https://w3c.github.io/webappsec-referrer-policy/#strip-url
func NewReferrer(source origin.URL) Referrer {
	u, ok := source.ForReferrer(false)
	if !ok {
		return Referrer{opaque: true}
	}
	o, _ := source.ForReferrer(true)
	r := Referrer{full: u.String(), originOnly: o.String(), from: u.Origin(), trustworthy: u.PotentiallyTrustworthy()}
	if len(r.full) > maxReferrerLength {
		r.full = r.originOnly
	}
	narrow := r
	narrow.full = r.originOnly
	r.narrow = &narrow
	return r
}

// OpaqueReferrer is the referrer of a document with an opaque origin: none, whatever the policy.
func OpaqueReferrer() Referrer { return Referrer{opaque: true} }

// IsFull reports whether sent is all that r can tell.
func (r *Referrer) IsFull(sent string) bool { return sent == r.full }

// Narrow returns the referrer that a request goes on with once it was sent with the origin alone: what was left out
// stays out, wherever a redirect leads (main fetch 9 replaces the request's referrer).
func (r *Referrer) Narrow() *Referrer { return r.narrow }

// IsNone reports whether r is no referrer whatever the policy.
func (r *Referrer) IsNone() bool { return r.full == "" }

// Determine returns the Referer that a request to current carries under policy, empty for none, and the step that
// decided. trustworthy tells whether current is a potentially trustworthy URL.
//
// https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer
func (r *Referrer) Determine(policy ReferrerPolicy, current *origin.URL, trustworthy bool) (string, Step) {
	downgrade := r.trustworthy && !trustworthy
	// 3.-4. A local or opaque source gives no referrer.
	if r.IsNone() {
		if r.opaque {
			return "", ReferrerOpaque
		}
		return "", ReferrerNone
	}
	// 5.-7. Done by NewReferrer: the origin alone, and the cut at 4096 bytes.
	// 8. By policy:
	switch policy {
	case NoReferrer:
		return "", ReferrerNone
	case OriginReferrer:
		return r.originOnly, ReferrerOrigin
	case UnsafeURL:
		return r.full, ReferrerURL
	case StrictOrigin:
		if downgrade {
			return "", ReferrerDowngrade
		}
		return r.originOnly, ReferrerOrigin
	case SameOriginReferrer:
		if current.SameOrigin(r.from) {
			return r.full, ReferrerURL
		}
		return "", ReferrerNone
	case OriginWhenCrossOrigin:
		if current.SameOrigin(r.from) {
			return r.full, ReferrerURL
		}
		return r.originOnly, ReferrerOrigin
	case NoReferrerWhenDowngrade:
		if downgrade {
			return "", ReferrerDowngrade
		}
		return r.full, ReferrerURL
	default: // strict-origin-when-cross-origin
		if current.SameOrigin(r.from) {
			return r.full, ReferrerURL
		}
		if downgrade {
			return "", ReferrerDowngrade
		}
		return r.originOnly, ReferrerOrigin
	}
}
