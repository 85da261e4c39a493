package policy

import "strings"

const upgradeInsecureRequests = "upgrade-insecure-requests"

// ParseUpgradeInsecureRequests reports whether the Content-Security-Policy values that a document was served with
// hold the directive upgrade-insecure-requests. What the directive's value is does not matter. A
// Content-Security-Policy-Report-Only header means nothing here and is not to be given.
//
// https://w3c.github.io/webappsec-upgrade-insecure-requests/#delivery
func ParseUpgradeInsecureRequests(values ...string) bool {
	for _, v := range values {
		// A header may hold several policies, a policy several directives.
		for policy := range strings.SplitSeq(v, ",") {
			for directive := range strings.SplitSeq(policy, ";") {
				name := strings.Trim(directive, "\t\n\f\r ")
				if i := strings.IndexAny(name, "\t\n\f\r "); i >= 0 {
					name = name[:i]
				}
				if len(name) == len(upgradeInsecureRequests) && isUpgrade(name) {
					return true
				}
			}
		}
	}
	return false
}

// isUpgrade compares a name of the right length with the directive's, in any case of ASCII letters.
func isUpgrade(name string) bool {
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != upgradeInsecureRequests[i] {
			return false
		}
	}
	return true
}
