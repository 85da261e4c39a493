package origin

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// toASCII is Unicode ToASCII as the domain parser asks for it with beStrict false: CheckHyphens, UseSTD3ASCIIRules and
// VerifyDnsLength false, CheckBidi and CheckJoiners true, not transitional.
var toASCII = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.CheckJoiners(true),
	idna.CheckHyphens(false),
	idna.StrictDomainName(false),
	idna.Transitional(false),
	idna.VerifyDNSLength(false),
)

// https://www.unicode.org/reports/tr46/#ToASCII
//
// appendToASCII appends the ASCII form of domain, which is not all ASCII, to dst.
func appendToASCII(dst []byte, domain string) ([]byte, failure) {
	if !utf8.ValidString(domain) {
		return dst, failure{DomainToASCII, -1, "a host is UTF-8"}
	}
	s, err := toASCII.ToASCII(domain)
	if err != nil {
		return dst, failure{DomainToASCII, -1, strings.TrimPrefix(err.Error(), "idna: ")}
	}
	return append(dst, s...), failure{}
}
