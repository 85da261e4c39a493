package origin

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// https://url.spec.whatwg.org/#concept-host
//
// A HostKind says what sort of host a URL has.
type HostKind uint8

const (
	HostNone   HostKind = iota // no host: null
	HostDomain                 // a domain, such as example.com
	HostIPv4                   // an IPv4 address, such as 192.0.2.1
	HostIPv6                   // an IPv6 address, such as [2001:db8::1]
	HostOpaque                 // the host of a URL that is not special, kept as it is written
	HostEmpty                  // the empty host, as in file:///x
)

// String names the kind as the URL standard does, and "null" for HostNone.
func (k HostKind) String() string {
	switch k {
	case HostDomain:
		return "domain"
	case HostIPv4:
		return "IPv4 address"
	case HostIPv6:
		return "IPv6 address"
	case HostOpaque:
		return "opaque host"
	case HostEmpty:
		return "empty host"
	}
	return "null"
}

// https://url.spec.whatwg.org/#concept-host-parser
//
// ParseHost parses the host of a special URL: a domain, which comes back in its ASCII form, an IPv4 address in any of
// its spellings, or an IPv6 address in brackets. It returns the serialized host and its kind. The error is an *Error.
//
// Deviation: the standard has no limits, but a domain that is not ASCII fails here beyond 16 KiB, or where a label of it
// is longer than 1000 code points, for the cost of Punycode grows with the square of that. Browsers have such limits.
func ParseHost(s string) (host string, kind HostKind, err error) {
	if s == "" {
		return "", HostNone, &Error{Input: s, Offset: 0, Fault: FaultHostMissing, Rule: "a host cannot be empty"}
	}
	if kind := plainHost(s); kind != HostNone {
		return s, kind, nil
	}
	var buf [128]byte
	out, kind, f := appendHost(buf[:0], s, false)
	if f.bad() {
		return "", HostNone, &Error{Input: shorten(s), Offset: f.at, Fault: f.fault, Rule: f.rule}
	}
	return string(out), kind, nil
}

// https://url.spec.whatwg.org/#concept-host-parser
//
// appendHost is the host parser followed by the host serializer: it appends the serialization of the host that input
// stands for to dst.
func appendHost(dst []byte, input string, isOpaque bool) ([]byte, HostKind, failure) {
	// 1. Brackets hold an IPv6 address.
	if input != "" && input[0] == '[' {
		if input[len(input)-1] != ']' {
			return dst, HostNone, failure{FaultIPv6Unclosed, len(input), `an IPv6 address ends with "]"`}
		}
		pieces, f := parseIPv6(input[1 : len(input)-1])
		if f.bad() {
			return dst, HostNone, f.moved(1)
		}
		return appendIPv6(dst, pieces), HostIPv6, failure{}
	}
	// 2. The host of a URL that is not special keeps its spelling.
	if isOpaque {
		return appendOpaqueHost(dst, input)
	}
	// 3. The caller sees to it that there is a host.
	// 4 to 7. What percent-decoding leaves is a domain to be parsed.
	start := len(dst)
	dst, f := appendDomain(dst, input)
	if f.bad() {
		return dst, HostNone, f
	}
	domain := dst[start:]
	// 8. A domain whose last label is a number is an IPv4 address.
	if endsInNumber(domain) {
		ip, f := parseIPv4(domain)
		if f.bad() {
			if len(domain) != len(input) {
				f.at = -1 // The address stood in another spelling: its offsets are not the input's.
			}
			return dst, HostNone, f
		}
		return appendIPv4(dst[:start], ip), HostIPv4, failure{}
	}
	// 9. Anything else is a domain.
	return dst, HostDomain, failure{}
}

// https://url.spec.whatwg.org/#concept-opaque-host-parser
//
// appendOpaqueHost appends the opaque host, or the empty host, that input stands for to dst.
func appendOpaqueHost(dst []byte, input string) ([]byte, HostKind, failure) {
	if input == "" {
		return dst, HostEmpty, failure{}
	}
	// 1. Some code points would make the serialization mean something else.
	for i := range len(input) {
		if classes[input[i]]&forbiddenHost != 0 {
			return dst, HostNone, failure{FaultHostInvalidCodePoint, i, forbiddenRule(input[i])}
		}
	}
	// 2 and 3. Validation errors that do not end the parser.
	// 4. Controls and what is not ASCII are percent-encoded.
	return appendEncoded(dst, input, setC0), HostOpaque, failure{}
}

// forbiddenRule says that c cannot stand in a host.
func forbiddenRule(c byte) string {
	return "a host cannot hold " + strconv.QuoteRuneToASCII(rune(c))
}

// https://url.spec.whatwg.org/#ends-in-a-number-checker
//
// endsInNumber reports whether the last label of input is a number, and input hence meant as an IPv4 address.
func endsInNumber[S string | []byte](input S) bool {
	// 1 to 4. The last label, an empty one after a trailing dot left aside.
	end := len(input)
	if end > 0 && input[end-1] == '.' {
		end--
	}
	start := end
	for start > 0 && input[start-1] != '.' {
		start--
	}
	last := input[start:end]
	// 5. All digits, be they octal or not.
	digits := len(last) > 0
	for i := 0; i < len(last) && digits; i++ {
		digits = isDigit(last[i])
	}
	if digits {
		return true
	}
	// 6. Or an IPv4 number: after step 5 only a hexadecimal one is left.
	if len(last) < 2 || last[0] != '0' || last[1]|0x20 != 'x' {
		return false
	}
	for i := 2; i < len(last); i++ {
		if !isHex(last[i]) {
			return false
		}
	}
	// 7. A label of a domain.
	return true
}

// https://url.spec.whatwg.org/#concept-ipv4-parser
func parseIPv4(input []byte) (uint32, failure) {
	// 1 to 3. Split at dots; one trailing dot does not count.
	end := len(input)
	if end > 1 && input[end-1] == '.' {
		end--
	}
	var numbers [4]uint64
	n := 0
	lastAt := 0
	tooLarge := -1 // where the first of the parts but the last that exceeds 255 begins
	for at := 0; at <= end; {
		stop := at
		for stop < end && input[stop] != '.' {
			stop++
		}
		// 4. Four parts at most.
		if n == 4 {
			return 0, failure{FaultIPv4TooManyParts, at, "an IPv4 address has at most four parts"}
		}
		// 5 and 6. Each part is a number.
		value, ok := parseIPv4Number(input[at:stop])
		if !ok {
			if countDots(input[:end]) > 3 {
				return 0, failure{FaultIPv4TooManyParts, -1, "an IPv4 address has at most four parts"}
			}
			return 0, failure{FaultIPv4NonNumericPart, at, "a host whose last label is a number is an IPv4 address, all of whose parts are numbers"}
		}
		if value > 255 && stop < end && tooLarge < 0 {
			tooLarge = at
		}
		numbers[n] = value
		n++
		lastAt, at = at, stop+1
	}
	// 7 and 8. All but the last fit in a byte.
	if tooLarge >= 0 {
		return 0, failure{FaultIPv4OutOfRangePart, tooLarge, "a part of an IPv4 address before its last is at most 255"}
	}
	// 9. The last fills the bytes that are left.
	ip := numbers[n-1]
	if ip >= 1<<(8*(5-n)) {
		return 0, failure{FaultIPv4OutOfRangePart, lastAt, "the last part of an IPv4 address exceeds the bytes that are left for it"}
	}
	// 10 to 13. Add up.
	for i := range n - 1 {
		ip += numbers[i] << (8 * (3 - i))
	}
	return uint32(ip), failure{}
}

func countDots(s []byte) (n int) {
	for _, c := range s {
		if c == '.' {
			n++
		}
	}
	return n
}

// https://url.spec.whatwg.org/#ipv4-number-parser
//
// parseIPv4Number returns the number that input stands for; numbers from 2^32 on come back as 2^32.
func parseIPv4Number(input []byte) (uint64, bool) {
	// 1. There has to be something.
	if len(input) == 0 {
		return 0, false
	}
	// 2 to 6. "0x" makes it hexadecimal, another leading zero octal.
	radix := uint64(10)
	switch {
	case len(input) >= 2 && input[0] == '0' && input[1]|0x20 == 'x':
		input, radix = input[2:], 16
	case len(input) >= 2 && input[0] == '0':
		input, radix = input[1:], 8
	}
	// 7 to 9. The digits, none of which makes zero.
	value := uint64(0)
	for _, c := range input {
		if !isHex(c) || uint64(hexValue(c)) >= radix {
			return 0, false
		}
		value = min(value*radix+uint64(hexValue(c)), 1<<32)
	}
	return value, true
}

// https://url.spec.whatwg.org/#concept-ipv4-serializer
func appendIPv4(dst []byte, ip uint32) []byte {
	for i := 3; i >= 0; i-- {
		dst = strconv.AppendUint(dst, uint64(ip>>(8*i)&0xFF), 10)
		if i > 0 {
			dst = append(dst, '.')
		}
	}
	return dst
}

// https://url.spec.whatwg.org/#concept-ipv6-parser
func parseIPv6(input string) (address [8]uint16, f failure) {
	// 1 to 4. Nothing read yet.
	piece, compress, at := 0, -1, 0
	fail := func(fault Fault, rule string) ([8]uint16, failure) { return address, failure{fault, at, rule} }
	// 5. A colon at the start has to be one of two.
	if strings.HasPrefix(input, ":") {
		if !strings.HasPrefix(input, "::") {
			return fail(FaultIPv6InvalidCompression, `an IPv6 address begins with a piece or with "::"`)
		}
		at, piece, compress = 2, 1, 1
	}
	// 6. Piece by piece.
	for at < len(input) {
		// 6.1. Eight at most.
		if piece == 8 {
			return fail(FaultIPv6TooManyPieces, "an IPv6 address has at most eight pieces")
		}
		// 6.2. A second colon in a row stands for pieces of zeros.
		if input[at] == ':' {
			if compress >= 0 {
				return fail(FaultIPv6MultipleCompression, `an IPv6 address has one "::" at most`)
			}
			at, piece = at+1, piece+1
			compress = piece
			continue
		}
		// 6.3 and 6.4. Up to four hex digits.
		value, length := uint16(0), 0
		for length < 4 && at < len(input) && isHex(input[at]) {
			value = value<<4 | uint16(hexValue(input[at]))
			at, length = at+1, length+1
		}
		// 6.5. A dot: they began an IPv4 address.
		if at < len(input) && input[at] == '.' {
			if length == 0 {
				return fail(FaultIPv4InIPv6InvalidCodePoint, "an IPv4 address begins with a digit")
			}
			at -= length
			if piece > 6 {
				return fail(FaultIPv4InIPv6TooManyPieces, "an IPv4 address takes the place of the last two of eight pieces")
			}
			high, low, f := parseIPv4InIPv6(input[at:])
			if f.bad() {
				return address, f.moved(at)
			}
			address[piece], address[piece+1] = high, low
			piece += 2
			break
		}
		switch {
		case at == len(input):
		case input[at] == ':':
			// 6.6. A colon, with something after it.
			at++
			if at == len(input) {
				return fail(FaultIPv6InvalidCodePoint, "an IPv6 address does not end with a single colon")
			}
		default:
			// 6.7. Nothing else can follow.
			return fail(FaultIPv6InvalidCodePoint, "an IPv6 address consists of hex digits, at most four in a row, and colons")
		}
		// 6.8. A leading zero is a validation error that does not end the parser.
		// 6.9 and 6.10. Keep it.
		address[piece] = value
		piece++
	}
	switch {
	case compress >= 0:
		// 7. What follows the "::" moves to the end.
		n := piece - compress
		tail := address
		clear(address[compress:])
		copy(address[8-n:], tail[compress:piece])
	case piece != 8:
		// 8. Without it all eight have to be there.
		return fail(FaultIPv6TooFewPieces, `an IPv6 address without "::" has eight pieces`)
	}
	// 9.
	return address, failure{}
}

// https://url.spec.whatwg.org/#concept-ipv6-parser
//
// parseIPv4InIPv6 is step 6.5.5 of the IPv6 parser: the decimal IPv4 address that ends input, as two pieces.
func parseIPv4InIPv6(input string) (high, low uint16, f failure) {
	var numbers [4]uint16
	seen, at := 0, 0
	fail := func(fault Fault, rule string) (uint16, uint16, failure) { return 0, 0, failure{fault, at, rule} }
	for at < len(input) {
		// 6.5.5.2. Dots stand between the four.
		if seen > 0 {
			if input[at] != '.' || seen == 4 {
				return fail(FaultIPv4InIPv6InvalidCodePoint, "four decimal numbers, separated by dots, end the address")
			}
			at++
		}
		// 6.5.5.3. No empty part.
		if at == len(input) || !isDigit(input[at]) {
			return fail(FaultIPv4InIPv6InvalidCodePoint, "four decimal numbers, separated by dots, end the address")
		}
		// 6.5.5.4. Decimal, without leading zeros, at most 255.
		value, start := -1, at
		for ; at < len(input) && isDigit(input[at]); at++ {
			number := int(input[at] - '0')
			switch value {
			case -1:
				value = number
			case 0:
				return fail(FaultIPv4InIPv6InvalidCodePoint, "no part has a leading zero")
			default:
				value = value*10 + number
			}
			if value > 255 {
				at = start
				return fail(FaultIPv4InIPv6OutOfRangePart, "a part is at most 255")
			}
		}
		// 6.5.5.5 to 6.5.5.7.
		numbers[seen] = uint16(value)
		seen++
	}
	// 6.5.6. All four.
	if seen != 4 {
		return fail(FaultIPv4InIPv6TooFewParts, "four decimal numbers, separated by dots, end the address")
	}
	return numbers[0]<<8 | numbers[1], numbers[2]<<8 | numbers[3], failure{}
}

// https://url.spec.whatwg.org/#concept-ipv6-serializer
//
// appendIPv6 appends the address with its brackets, as the host serializer writes them.
func appendIPv6(dst []byte, address [8]uint16) []byte {
	dst = append(dst, '[')
	// 1 and 2. The first of the longest runs of two or more zeros is left out.
	from, to := compressed(address)
	// 3 and 4. The other pieces, in hex.
	for i := 0; i < 8; {
		if i == from {
			dst = append(dst, "::"...)
			i = to
			continue
		}
		if i > 0 && i != to {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, uint64(address[i]), 16)
		i++
	}
	// 5.
	return append(dst, ']')
}

// https://url.spec.whatwg.org/#find-the-ipv6-address-compressed-piece-index
//
// compressed returns the first of the longest runs of two or more zero pieces, and -1, -1 where there is none.
func compressed(address [8]uint16) (from, to int) {
	from, to = -1, -1
	longest := 1
	for i := 0; i < 8; i++ {
		j := i
		for j < 8 && address[j] == 0 {
			j++
		}
		if j-i > longest {
			longest, from, to = j-i, i, j
		}
		i = max(i, j-1)
	}
	return from, to
}

// plainHost returns the kind of host s where s is already the serialization of a domain or an IPv4 address, and
// HostNone where it is not or where finding out takes the host parser.
func plainHost(s string) HostKind {
	for i := range len(s) {
		if quick[s[i]]&quickHost == 0 {
			return HostNone
		}
	}
	return plainHostEnd(s)
}

// plainHostEnd is plainHost for s of quickHost bytes alone.
func plainHostEnd(s string) HostKind {
	if s == "" {
		return HostNone
	}
	// Only a number ends in a hex digit, or in the "x" of "0x", or in a dot after one.
	switch c := s[len(s)-1]; {
	case c == '.', c == 'x', isHex(c):
		if !endsInNumber(s) {
			return HostDomain
		}
		if plainIPv4(s) {
			return HostIPv4
		}
		return HostNone
	}
	return HostDomain
}

// plainIPv4 reports whether s is the serialization of an IPv4 address.
func plainIPv4(s string) bool {
	at := 0
	for part := range 4 {
		if part > 0 {
			if at == len(s) || s[at] != '.' {
				return false
			}
			at++
		}
		start, value := at, 0
		for at < len(s) && at < start+3 && isDigit(s[at]) {
			value = value*10 + int(s[at]-'0')
			at++
		}
		if at == start || value > 255 || s[start] == '0' && at > start+1 {
			return false
		}
	}
	return at == len(s)
}

// https://url.spec.whatwg.org/#concept-domain-to-ascii
//
// appendDomain appends the domain that input, percent-encoded or not, stands for to dst: steps 4 to 7 of the host
// parser with the domain parser, beStrict false, inside.
func appendDomain(dst []byte, input string) ([]byte, failure) {
	start := len(dst)
	// Host parser 4 to 6. Percent-decode. Bytes that are not UTF-8 become U+FFFD, which UTS 46 refuses.
	ascii := true
	for i := range len(input) {
		ascii = ascii && input[i] < utf8.RuneSelf
	}
	decoded := strings.IndexByte(input, '%') >= 0
	if decoded {
		dst = appendDecoded(dst, input)
		for _, c := range dst[start:] {
			ascii = ascii && c < utf8.RuneSelf
		}
	}
	// Domain parser 1 to 4. The strict result is for validation errors only.
	if ascii {
		// 5. ASCII stays as it is but for case, be it a valid domain or not.
		if !decoded {
			dst = append(dst, input...)
		}
		for i, c := range dst[start:] {
			dst[start+i] = lower(c)
		}
	} else {
		// 6. Anything else goes through Unicode ToASCII.
		domain := input
		if decoded {
			domain = string(dst[start:])
		}
		var f failure
		dst, f = appendToASCII(dst[:start], domain)
		if f.bad() {
			if decoded {
				f.at = -1
			}
			return dst, f
		}
	}
	// 7. Nothing is left of a host of soft hyphens alone.
	if len(dst) == start {
		return dst, failure{FaultDomainToASCII, -1, "nothing of the host is left after its mapping by UTS 46"}
	}
	// 8. Neither may the result hold what ends or begins other parts of a URL.
	for i, c := range dst[start:] {
		if classes[c]&forbiddenDomain != 0 {
			at := i
			if decoded || !ascii {
				at = -1
			}
			return dst, failure{FaultDomainToASCII, at, forbiddenRule(c)}
		}
	}
	// 9.
	return dst, failure{}
}
