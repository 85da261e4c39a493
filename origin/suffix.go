package origin

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// https://url.spec.whatwg.org/#host-public-suffix
//
// PublicSuffix returns the public suffix of the host of o, such as "co.uk" of www.example.co.uk, from the list that
// golang.org/x/net/publicsuffix holds. It returns false where the host is not a domain. The look-up there allocates
// once, 48 bytes.
func (o Origin) PublicSuffix() (string, bool) {
	// 1. Domains only.
	if o.hostKind != HostDomain {
		return "", false
	}
	return PublicSuffix(o.Host())
}

// https://url.spec.whatwg.org/#host-registrable-domain
//
// RegistrableDomain returns the public suffix of the host of o with the label before it, such as "example.co.uk" of
// www.example.co.uk. It returns false where the host is not a domain or is itself a public suffix.
func (o Origin) RegistrableDomain() (string, bool) {
	if o.hostKind != HostDomain {
		return "", false
	}
	return registrableDomain(o.Host())
}

// https://url.spec.whatwg.org/#host-public-suffix
//
// PublicSuffix returns the public suffix of a domain as the host parser returns it, from the list that
// golang.org/x/net/publicsuffix holds. It returns false where a label of the domain is empty, for which the list has
// no answer; a trailing dot does not count and is kept.
func PublicSuffix(domain string) (string, bool) {
	// 2. A trailing dot belongs to the suffix.
	name := strings.TrimSuffix(domain, ".")
	if name == "" || name[0] == '.' || name[len(name)-1] == '.' || strings.Contains(name, "..") {
		return "", false
	}
	// 3 to 5.
	suffix, _ := publicsuffix.PublicSuffix(name)
	return domain[len(name)-len(suffix):], true
}

// https://url.spec.whatwg.org/#host-registrable-domain
func registrableDomain(domain string) (string, bool) {
	// 1. Nothing is registered below a suffix that is all there is.
	suffix, ok := PublicSuffix(domain)
	if !ok || len(suffix) == len(domain) {
		return "", false
	}
	// 2 to 5. One more label, the trailing dot kept.
	end := len(domain) - len(suffix) - 1
	return domain[strings.LastIndexByte(domain[:end], '.')+1:], true
}
