package lab

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/origin"
)

// mostHost is the longest name of a host that a browser can hand to a SOCKS proxy, which tells its length in a byte.
const mostHost = 255

// unplayable says why the lab cannot play the host of a URL; it is empty where it can.
func unplayable(u origin.URL) string {
	host, _ := u.Host()
	switch {
	case u.Scheme() == "https" && strings.HasSuffix(host, "."):
		// crypto/tls takes the browser's greeting for a malformed one.
		return "the lab's TLS refuses a host that ends in a dot"
	case u.IsHTTP() && len(host) > mostHost:
		return fmt.Sprintf("the host has %d characters, and the lab's proxy takes %d", len(host), mostHost)
	}
	return ""
}

// unplayableOnceUpgraded is unplayable for a URL that the page's policy may move to https:.
func unplayableOnceUpgraded(u origin.URL, upgrades bool) string {
	if upgrades && u.Scheme() == "http" {
		if secure, err := origin.ParseURL("https"+strings.TrimPrefix(u.String(), "http"), nil); err == nil {
			u = secure
		}
	}
	return unplayable(u)
}

// leadsAstray says why the lab cannot play the host to which a response of a URL leads.
func leadsAstray(u origin.URL, r *Response, upgrades bool) string {
	location, ok := field(r.Fields, "Location")
	if !ok || r.Status/100 != 3 {
		return ""
	}
	to, err := origin.ParseURL(location, &u)
	if err != nil {
		return ""
	}
	return unplayableOnceUpgraded(to, upgrades)
}
