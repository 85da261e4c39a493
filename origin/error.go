package origin

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// https://url.spec.whatwg.org/#validation-error
//
// A Fault is one of the URL standard's validation errors that make the URL parser fail. The zero value stands for a
// fault that the URL standard does not name.
type Fault uint8

// The faults, in the order of the URL standard's table.
const (
	FaultUnnamed                     Fault = iota
	FaultDomainToASCII                     // UTS 46 refuses the domain, or it holds a forbidden domain code point
	FaultHostInvalidCodePoint              // the host of a URL that is not special holds a forbidden host code point
	FaultIPv4TooManyParts                  // an IPv4 address of more than four parts
	FaultIPv4NonNumericPart                // a part of an IPv4 address is not a number
	FaultIPv4OutOfRangePart                // a part of an IPv4 address is too large
	FaultIPv6Unclosed                      // an IPv6 address without its closing bracket
	FaultIPv6InvalidCompression            // an IPv6 address begins with a single colon
	FaultIPv6TooManyPieces                 // an IPv6 address of more than eight pieces
	FaultIPv6MultipleCompression           // an IPv6 address with more than one "::"
	FaultIPv6InvalidCodePoint              // an IPv6 address holds something else than hex digits and colons
	FaultIPv6TooFewPieces                  // an IPv6 address of less than eight pieces and no "::"
	FaultIPv4InIPv6TooManyPieces           // more than six pieces before an embedded IPv4 address
	FaultIPv4InIPv6InvalidCodePoint        // an embedded IPv4 address is not four decimal numbers
	FaultIPv4InIPv6OutOfRangePart          // a part of an embedded IPv4 address exceeds 255
	FaultIPv4InIPv6TooFewParts             // an embedded IPv4 address of less than four parts
	FaultMissingSchemeNonRelativeURL       // no scheme, and no base URL that could give one
	FaultHostMissing                       // a special URL without a host
	FaultPortOutOfRange                    // a port above 65535
	FaultPortInvalid                       // a port that is not a number
)

// String returns the URL standard's name for the fault, such as "IPv4-out-of-range-part", and "" for FaultUnnamed.
func (f Fault) String() string {
	switch f {
	case FaultDomainToASCII:
		return "domain-to-ASCII"
	case FaultHostInvalidCodePoint:
		return "host-invalid-code-point"
	case FaultIPv4TooManyParts:
		return "IPv4-too-many-parts"
	case FaultIPv4NonNumericPart:
		return "IPv4-non-numeric-part"
	case FaultIPv4OutOfRangePart:
		return "IPv4-out-of-range-part"
	case FaultIPv6Unclosed:
		return "IPv6-unclosed"
	case FaultIPv6InvalidCompression:
		return "IPv6-invalid-compression"
	case FaultIPv6TooManyPieces:
		return "IPv6-too-many-pieces"
	case FaultIPv6MultipleCompression:
		return "IPv6-multiple-compression"
	case FaultIPv6InvalidCodePoint:
		return "IPv6-invalid-code-point"
	case FaultIPv6TooFewPieces:
		return "IPv6-too-few-pieces"
	case FaultIPv4InIPv6TooManyPieces:
		return "IPv4-in-IPv6-too-many-pieces"
	case FaultIPv4InIPv6InvalidCodePoint:
		return "IPv4-in-IPv6-invalid-code-point"
	case FaultIPv4InIPv6OutOfRangePart:
		return "IPv4-in-IPv6-out-of-range-part"
	case FaultIPv4InIPv6TooFewParts:
		return "IPv4-in-IPv6-too-few-parts"
	case FaultMissingSchemeNonRelativeURL:
		return "missing-scheme-non-relative-URL"
	case FaultHostMissing:
		return "host-missing"
	case FaultPortOutOfRange:
		return "port-out-of-range"
	case FaultPortInvalid:
		return "port-invalid"
	}
	return ""
}

// An Error says why a text is not a URL, a host or an origin.
type Error struct {
	Input  string // what was parsed, cut to 80 bytes
	Offset int    // byte in the uncut input at which the fault shows, -1 where no single byte is to blame
	Fault  Fault  // the URL standard's own name for it
	Rule   string // the rule that the input breaks
	Want   string // the right spelling, where there is one
}

// Error returns one line: the input, the place, the fault's name, the rule and the remedy.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("origin: parse ")
	b.WriteString(strconv.Quote(e.Input))
	b.WriteString(": ")
	if e.Offset >= 0 {
		b.WriteString("byte ")
		b.WriteString(strconv.Itoa(e.Offset))
		b.WriteString(": ")
	}
	if f := e.Fault.String(); f != "" {
		b.WriteString(f)
		b.WriteString(": ")
	}
	b.WriteString(e.Rule)
	if e.Want != "" {
		b.WriteString(`: write "`)
		b.WriteString(e.Want)
		b.WriteString(`"`)
	}
	return b.String()
}

// maxShown is the number of bytes of an input that an error shows.
const maxShown = 80

// shorten cuts s to at most maxShown bytes, the last of which tell that it was cut, between characters.
func shorten(s string) string {
	const mark = "…"
	if len(s) <= maxShown {
		return s
	}
	n := maxShown - len(mark)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + mark
}

// A failure is what the parsers inside the package hand up: a fault, the byte at which it shows in the text they were
// given (-1: nowhere in particular), and the rule. Its zero value is success.
type failure struct {
	fault Fault
	at    int
	rule  string
}

func (f failure) bad() bool { return f.rule != "" }

// moved is f as seen from a text in which the parsed one begins at byte by.
func (f failure) moved(by int) failure {
	if f.at >= 0 {
		f.at += by
	}
	return f
}
