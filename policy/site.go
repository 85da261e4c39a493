package policy

import (
	"strings"

	"github.com/corsim/corsim/origin"
)

// https://html.spec.whatwg.org/#site
//
// A Site is an opaque origin or a scheme and a host. It is comparable: two sites that come from valid origins are ==
// exactly when they are same site. The zero value is no site.
type Site struct {
	opaque       origin.Origin // an opaque origin; the zero value otherwise
	scheme, host string
}

// https://html.spec.whatwg.org/#obtain-a-site
//
// SiteOf obtains the site of an origin: an opaque origin itself, or the scheme with the registrable domain of the
// host, or with the host where it has none. Looking a domain up in the Public Suffix List allocates once, 48 bytes.
func SiteOf(o origin.Origin) Site {
	// 1. An opaque origin is a site of its own.
	if o.IsOpaque() {
		return Site{opaque: o}
	}
	// 2. No registrable domain: the host as it is.
	// 3. Otherwise the registrable domain.
	return Site{scheme: o.Scheme(), host: siteHost(o)}
}

// siteHost returns the registrable domain of the host of a tuple origin, or the host where it has none.
func siteHost(o origin.Origin) string {
	if domain, ok := o.RegistrableDomain(); ok {
		return domain
	}
	return o.Host()
}

// https://html.spec.whatwg.org/#serialization-of-a-site
//
// String returns the serialization of the site, such as "https://example.com". It is "null" for an opaque origin and
// the zero value.
func (s Site) String() string {
	if s.scheme == "" {
		return "null"
	}
	return s.scheme + "://" + s.host
}

// IsZero reports whether s is the zero value, which is no site.
func (s Site) IsZero() bool { return s == Site{} }

// SchemelesslySame reports whether two sites are the same but for their schemes. Opaque sites are only the same as
// themselves.
func (s Site) SchemelesslySame(t Site) bool { return s.host == t.host && s.opaque == t.opaque }

// https://html.spec.whatwg.org/#same-site
//
// SameSite reports whether two origins are same site: schemelessly same site, and of the same scheme or both opaque.
func SameSite(a, b origin.Origin) bool {
	// 1 and 2. The sites of A and B, in as far as it takes to compare them.
	return a.Scheme() == b.Scheme() && SchemelesslySameSite(a, b)
}

// https://html.spec.whatwg.org/#schemelessly-same-site
//
// SchemelesslySameSite reports whether two origins are the same opaque origin, or tuples whose hosts are the same or
// have the same registrable domain.
func SchemelesslySameSite(a, b origin.Origin) bool {
	// 1. The same opaque origin; the zero value is not the same as anything.
	if a.IsZero() || b.IsZero() || a.IsOpaque() || b.IsOpaque() {
		return a.SameOrigin(b)
	}
	// 2.1 and 2.2. The same host, whether it has a registrable domain or not.
	hostA, hostB := a.Host(), b.Host()
	if hostA == hostB {
		return true
	}
	// 2.3. The same registrable domain, which is two labels or more, and ends either host: most pairs that are not
	// same site take no look-up, or one.
	if lastTwoLabels(hostA) != lastTwoLabels(hostB) {
		return false
	}
	domain, ok := a.RegistrableDomain()
	if !ok || !isBelowOrEqual(hostB, domain) {
		return false
	}
	other, ok := b.RegistrableDomain()
	return ok && other == domain
}

// lastTwoLabels returns the last two labels of host, a trailing dot included, or all of it where it has less.
func lastTwoLabels(host string) string {
	i := strings.LastIndexByte(strings.TrimSuffix(host, "."), '.')
	if i < 0 {
		return host
	}
	return host[strings.LastIndexByte(host[:i], '.')+1:]
}

// isBelowOrEqual reports whether host is domain or ends with a dot and domain.
func isBelowOrEqual(host, domain string) bool {
	return strings.HasSuffix(host, domain) &&
		(len(host) == len(domain) || host[len(host)-len(domain)-1] == '.')
}

// https://html.spec.whatwg.org/#same-origin-domain
//
// SameOriginDomain reports whether two origins are same origin-domain. domainA and domainB are the domains of the
// origins, which document.domain sets; "" stands for null.
func SameOriginDomain(a origin.Origin, domainA string, b origin.Origin, domainB string) bool {
	switch {
	case a.IsZero() || b.IsZero() || a.IsOpaque() || b.IsOpaque():
		// 1. The same opaque origin.
		return a.SameOrigin(b)
	case domainA != "" && domainB != "":
		// 2.1. Both have a domain: it and the scheme are the same, the ports do not matter.
		return a.Scheme() == b.Scheme() && domainA == domainB
	case domainA == "" && domainB == "":
		// 2.2. Neither has one.
		return a.SameOrigin(b)
	}
	// 3.
	return false
}

// https://html.spec.whatwg.org/#is-a-registrable-domain-suffix-of-or-is-equal-to
//
// IsRegistrableDomainSuffixOfOrIsEqualTo reports whether hostSuffix, a host as a script writes it, is the host of o or
// a suffix of it that is not a public one: whether a document of origin o may set document.domain to it.
func IsRegistrableDomainSuffixOfOrIsEqualTo(hostSuffix string, o origin.Origin) bool {
	// 1. Nothing is no host.
	if hostSuffix == "" || o.IsZero() || o.IsOpaque() {
		return false
	}
	// 2 and 3. The host that it stands for.
	host, kind, err := origin.ParseHost(hostSuffix)
	if err != nil {
		return false
	}
	// 4. Equal, or a suffix.
	original := o.Host()
	if host == original {
		return true
	}
	// 4.1. Only domains have suffixes.
	if kind != origin.HostDomain || o.HostKind() != origin.HostDomain {
		return false
	}
	// 4.2. A suffix at a dot.
	if !isBelowOrEqual(original, host) {
		return false
	}
	// 4.3. Neither a public suffix nor part of the one of the original.
	suffix, ok := origin.PublicSuffix(host)
	if !ok || suffix == host {
		return false
	}
	suffix, ok = o.PublicSuffix()
	if !ok || isBelowOrEqual(suffix, host) {
		return false
	}
	// 4.4 and 5. What is left is registrable.
	return true
}
