package origin

import (
	"net/netip"
	"strings"
)

// An AddressSpace says how far away, in network terms, a host is.
type AddressSpace uint8

const (
	Unknown  AddressSpace = iota // a name, which only its resolution could tell, or no host
	Loopback                     // this machine
	Local                        // a private network
	Public                       // everywhere else
)

// String returns the name of the space in lower case.
func (a AddressSpace) String() string {
	switch a {
	case Loopback:
		return "loopback"
	case Local:
		return "local"
	case Public:
		return "public"
	}
	return "unknown"
}

// https://wicg.github.io/local-network-access/#ip-address-space-heading
//
// AddressSpace returns the IP address space of the host of o. Names are never resolved, so that it is Unknown of a
// domain, but for localhost and the names below it, which are Loopback.
func (o Origin) AddressSpace() AddressSpace {
	switch o.hostKind {
	case HostDomain:
		if isLocalhost(o.Host()) {
			return Loopback
		}
	case HostIPv4, HostIPv6:
		if addr, err := netip.ParseAddr(strings.Trim(o.Host(), "[]")); err == nil {
			return addressSpace(addr)
		}
	}
	return Unknown
}

// https://wicg.github.io/local-network-access/#non-public-ip-address-blocks
//
// addressSpace determines the IP address space of an address from the table of non-public blocks.
func addressSpace(a netip.Addr) AddressSpace {
	// 1. An IPv4 address inside an IPv6 one counts as itself.
	a = a.Unmap()
	// 2. The row whose block holds the address; the first where there are two.
	if a.Is4() {
		switch b := a.As4(); {
		case b[0] == 127, // loopback
			b[0] == 198 && b[1]&^1 == 18, // 198.18.0.0/15, benchmarking
			b == [4]byte{}:               // 0.0.0.0
			return Loopback
		case b[0] == 10, // private use
			b[0] == 100 && b[1]&^63 == 64, // 100.64.0.0/10, carrier-grade NAT
			b[0] == 172 && b[1]&^15 == 16, // 172.16.0.0/12, private use
			b[0] == 192 && b[1] == 168,    // private use
			b[0] == 169 && b[1] == 254,    // link-local
			b[0] == 0:                     // the rest of 0.0.0.0/8
			return Local
		}
		return Public
	}
	switch b := a.As16(); {
	case a.IsLoopback(), a.IsUnspecified(): // ::1, ::
		return Loopback
	case b[0]&^1 == 0xFC, // fc00::/7, unique local
		b[0] == 0xFE && b[1] >= 0x80,                                 // fe80::/10 and fec0::/10, link-local and site-local
		b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8, // 2001:db8::/32, documentation
		b[0] == 0x3F && b[1] == 0xFF && b[2]&0xF0 == 0:               // 3fff::/20, documentation
		return Local
	}
	// 3.
	return Public
}

// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
//
// isLocalhost reports whether domain is localhost or below it, with or without a trailing dot.
func isLocalhost(domain string) bool {
	const name = "localhost"
	domain = strings.TrimSuffix(domain, ".")
	return strings.HasSuffix(domain, name) && (len(domain) == len(name) || domain[len(domain)-len(name)-1] == '.')
}

// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
//
// PotentiallyTrustworthy reports whether o is a potentially trustworthy origin: one of https or wss, or of this
// machine by a loopback address or a localhost name.
func (o Origin) PotentiallyTrustworthy() bool {
	switch schemeOf(o.Scheme()) {
	case schemeHTTPS, schemeWSS:
		// 3.
		return true
	}
	// 1. Opaque origins, whose host kind is none, are not.
	switch o.hostKind {
	case HostIPv4, HostIPv6:
		// 4. Loopback addresses: 127.0.0.0/8 and ::1/128.
		return strings.HasPrefix(o.Host(), "127.") || o.Host() == "[::1]"
	case HostDomain:
		// 5. Names of this machine, which browsers do not let a network answer.
		return isLocalhost(o.Host())
	}
	// 6 to 9. No scheme that only a browser knows, and nothing configured.
	return false
}

// https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy
//
// PotentiallyTrustworthy reports whether u is a potentially trustworthy URL: about:blank, about:srcdoc, any data URL,
// any file URL, and those whose origin is potentially trustworthy.
func (u URL) PotentiallyTrustworthy() bool {
	switch {
	case u.scheme == schemeFile:
		return true
	case u.scheme != schemeOther:
	case u.Scheme() == "about":
		// 1. https://html.spec.whatwg.org/#matches-about:blank, and :srcdoc: the query counts for the latter only.
		_, query := u.Query()
		return u.hostKind == HostNone && (u.Path() == "blank" || u.Path() == "srcdoc" && !query)
	case u.Scheme() == "data":
		// 2.
		return true
	}
	// 3.
	return u.Origin().PotentiallyTrustworthy()
}
