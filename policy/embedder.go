package policy

import (
	"strconv"
	"strings"

	"github.com/corsim/corsim/origin"
)

// An EmbedderPolicy says what a document demands of what it embeds.
//
// https://html.spec.whatwg.org/multipage/browsers.html#embedder-policy-value
type EmbedderPolicy uint8

// The embedder policy values, the zero value being the default.
const (
	UnsafeNone EmbedderPolicy = iota
	RequireCORP
	Credentialless
)

// String returns the value as the standard spells it.
func (p EmbedderPolicy) String() string {
	switch p {
	case UnsafeNone:
		return "unsafe-none"
	case RequireCORP:
		return "require-corp"
	case Credentialless:
		return "credentialless"
	}
	return "EmbedderPolicy(" + strconv.Itoa(int(p)) + ")"
}

// ParseEmbedderPolicyHeader returns the policy of a Cross-Origin-Embedder-Policy header, given the values of its
// lines in order. The header is one structured-field token with parameters; anything else counts as no header.
// A document that is no secure context has no embedder policy: the caller has to see to that.
//
// https://html.spec.whatwg.org/multipage/browsers.html#obtain-an-embedder-policy
func ParseEmbedderPolicyHeader(values ...string) EmbedderPolicy {
	if len(values) == 0 {
		return UnsafeNone
	}
	token, ok := parseTokenItem(strings.Join(values, ", "))
	if !ok {
		return UnsafeNone
	}
	switch token {
	case "require-corp":
		return RequireCORP
	case "credentialless":
		return Credentialless
	}
	return UnsafeNone
}

// PageEmbedderPolicy is ParseEmbedderPolicyHeader under the profile.
func (p *Profile) PageEmbedderPolicy(values ...string) EmbedderPolicy {
	e := ParseEmbedderPolicyHeader(values...)
	if p.CredentiallessUnknown && e == Credentialless ||
		p.EmbedderPolicyNumbersUnknown && e != UnsafeNone && hasNumber(strings.Join(values, ", ")) {
		return UnsafeNone
	}
	return e
}

// hasNumber reports whether a parameter of a structured-field item is a number or a byte sequence.
func hasNumber(item string) bool {
	quoted := false
	for i := 0; i < len(item); i++ {
		switch c := item[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '=' && !quoted && i+1 < len(item) && (isDigit(item[i+1]) || item[i+1] == '-' || item[i+1] == ':'):
			return true
		}
	}
	return false
}

// parseTokenItem parses a structured-field item (RFC 9651, 4.2.3) whose bare item is a token, and passes over its
// parameters.
func parseTokenItem(s string) (token string, ok bool) {
	s = strings.Trim(s, " ")
	n := tokenItemLength(s)
	if n == 0 {
		return "", false
	}
	token, s = s[:n], s[n:]
	for s != "" {
		if s[0] != ';' {
			return "", false
		}
		s = strings.TrimLeft(s[1:], " ")
		// A key: a lower-case letter or *, then letters, digits, _ - . *
		n = 0
		for n < len(s) && (isLower(s[n]) || s[n] == '*' || n > 0 && (isDigit(s[n]) || s[n] == '_' || s[n] == '-' || s[n] == '.')) {
			n++
		}
		if n == 0 {
			return "", false
		}
		s = s[n:]
		if s == "" || s[0] != '=' {
			continue
		}
		if n = bareItemLength(s[1:]); n == 0 {
			return "", false
		}
		s = s[1+n:]
	}
	return token, true
}

// tokenItemLength returns the length of the structured-field token at the start of s, 0 if there is none.
func tokenItemLength(s string) int {
	if s == "" || !(isAlpha(s[0]) || s[0] == '*') {
		return 0
	}
	n := 1
	for n < len(s) && (isAlpha(s[n]) || isDigit(s[n]) || strings.IndexByte("!#$%&'*+-.^_`|~:/", s[n]) >= 0) {
		n++
	}
	return n
}

// bareItemLength returns the length of the structured-field bare item at the start of s, 0 if there is none.
func bareItemLength(s string) int {
	if s == "" {
		return 0
	}
	switch c := s[0]; {
	case isAlpha(c) || c == '*':
		return tokenItemLength(s)
	case c == '"':
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] == '"':
				return i + 1
			case s[i] == '\\':
				i++
				if i >= len(s) || s[i] != '"' && s[i] != '\\' {
					return 0
				}
			case s[i] < 0x20 || s[i] > 0x7e:
				return 0
			}
		}
		return 0
	case c == '?':
		if len(s) > 1 && (s[1] == '0' || s[1] == '1') {
			return 2
		}
		return 0
	case c == ':':
		for i := 1; i < len(s); i++ {
			if s[i] == ':' {
				return i + 1
			}
			if !isAlpha(s[i]) && !isDigit(s[i]) && s[i] != '+' && s[i] != '/' && s[i] != '=' {
				return 0
			}
		}
		return 0
	case c == '-' || isDigit(c):
		n, dot := 0, false
		if c == '-' {
			n = 1
		}
		start := n
		for n < len(s) && (isDigit(s[n]) || s[n] == '.' && !dot && n > start) {
			dot = dot || s[n] == '.'
			n++
		}
		if n == start || s[n-1] == '.' || n-start > 16 {
			return 0
		}
		return n
	}
	return 0
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isAlpha(c byte) bool { return isLower(c | 0x20) }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// CrossOriginResourcePolicyCheck decides whether a document with the given origin and embedder policy may use a
// response that it will not be shown: one that was asked for without CORS. header is the combined value of the
// response's Cross-Origin-Resource-Policy header, and present whether it has one; withCredentials tells whether the
// request carried credentials.
//
// The two runs of the standard's outer algorithm, with "unsafe-none" and with the document's policy, are one here: a
// response that the first blocks is blocked by the second as well.
//
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check
func CrossOriginResourcePolicyCheck(o origin.Origin, embedder EmbedderPolicy, url origin.URL, header string, present, withCredentials, forNavigation bool) Step {
	// 1. Navigations answer to a demanding document alone.
	if forNavigation && embedder == UnsafeNone {
		return CORPNavigation
	}
	// 2.-3. Whatever is not one of the three values, to the letter, counts as absent.
	set := Step(0)
	if !present || header != "same-origin" && header != "same-site" && header != "cross-origin" {
		header = ""
		// 4. A demanding document supplies the strictest policy itself.
		switch embedder {
		case Credentialless:
			if withCredentials || forNavigation {
				header, set = "same-origin", CORPCredentialless
			}
		case RequireCORP:
			header, set = "same-origin", CORPRequireCORP
		}
	}
	// 5. By policy:
	switch header {
	case "same-origin":
		if url.SameOrigin(o) {
			return CORPSameOrigin
		}
		if set != 0 {
			return set
		}
		return CORPSameOriginMismatch
	case "same-site":
		if !SchemelesslySameSite(o, url.Origin()) {
			return CORPSameSiteMismatch
		}
		if o.Scheme() != "https" && url.Scheme() == "https" {
			return CORPSameSiteDowngrade
		}
		return CORPSameSite
	case "cross-origin":
		return CORPCrossOrigin
	}
	return CORPNone
}
