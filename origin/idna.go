package origin

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/bidi"
)

// Unicode ToASCII and ToUnicode as the domain parser asks for them with beStrict false: CheckHyphens,
// UseSTD3ASCIIRules and VerifyDnsLength false, CheckJoiners true, not transitional. CheckBidi is in bidiRule, since
// that of the library looks at some domains that are not Bidi domain names and skips labels of others.
var uts46 = idna.New(
	idna.MapForLookup(),
	idna.CheckJoiners(true),
	idna.CheckHyphens(false),
	idna.StrictDomainName(false),
	idna.Transitional(false),
	idna.VerifyDNSLength(false),
)

// The limits that ParseHost names. No name that a resolver takes comes near: those end at 253 bytes.
const (
	maxDomain = 16 << 10 // bytes of a domain that is not ASCII
	maxLabel  = 1000     // code points of a label in it
)

// https://www.unicode.org/reports/tr46/#ToASCII
//
// appendToASCII appends the ASCII form of domain, which is not all ASCII, to dst.
func appendToASCII(dst []byte, domain string) ([]byte, failure) {
	if len(domain) > maxDomain {
		return dst, failure{FaultDomainToASCII, -1, "a domain that is not ASCII is longer than 16 KiB"}
	}
	if out, ok := appendQuickToASCII(dst, domain); ok {
		return out, failure{}
	}
	return appendSlowToASCII(dst, domain)
}

// appendSlowToASCII is appendToASCII without the quick way.
func appendSlowToASCII(dst []byte, domain string) ([]byte, failure) {
	fail := func(rule string) ([]byte, failure) { return dst, failure{FaultDomainToASCII, -1, rule} }
	switch {
	case !utf8.ValidString(domain):
		return fail("a host is UTF-8, and U+FFFD cannot stand in it")
	case longLabel(domain):
		return fail("a label of a domain that is not ASCII is longer than 1000 code points")
	}
	domain = newerMapping(domain)
	// Processing 1 to 4, and ToASCII 2 to 6.
	ascii, err := uts46.ToASCII(domain)
	if err != nil {
		return fail("UTS 46 refuses the domain: " + strings.TrimPrefix(err.Error(), "idna: "))
	}
	// Processing 4.1: a label of "xn--" alone is an error. The library makes it an empty label.
	if (strings.HasSuffix(ascii, ".") || strings.HasPrefix(ascii, ".") || strings.Contains(ascii, "..") || ascii == "") && bareACE(domain) {
		return fail(`UTS 46 refuses the domain: nothing follows "xn--"`)
	}
	// Validity criteria 8: CheckBidi.
	if strings.IndexFunc(domain, mayBeRTL) >= 0 {
		unicode, err := uts46.ToUnicode(domain)
		if err != nil || !bidiRule(unicode) {
			return fail("UTS 46 refuses the domain: its labels break the Bidi rule of RFC 5893")
		}
	}
	return append(dst, ascii...), failure{}
}

// longLabel reports whether domain has a label beyond maxLabel, before mapping.
func longLabel(domain string) bool {
	n := 0
	for _, r := range domain {
		n++
		switch r {
		case '.', '\u3002', '\uFF0E', '\uFF61':
			n = 0
		}
		if n > maxLabel {
			return true
		}
	}
	return false
}

// bareACE reports whether domain, mapped, has a label "xn--".
func bareACE(domain string) bool {
	// Mapping goes code point by code point.
	var b strings.Builder
	for _, r := range domain {
		if s, err := uts46.ToUnicode(string(r)); err == nil {
			b.WriteString(s)
		}
	}
	for label := range strings.SplitSeq(b.String(), ".") {
		if label == "xn--" {
			return true
		}
	}
	return false
}

// https://www.unicode.org/reports/tr46/#IDNA_Mapping_Table
//
// newerMapping applies to domain what the mapping table of Unicode 17 maps or ignores and that of Unicode 15.0, which
// golang.org/x/net/idna has before Go 1.27, does not. Code points that Unicode 15.1 to 17 added remain unknown.
func newerMapping(domain string) string {
	if strings.IndexFunc(domain, func(r rune) bool { return newer(r) != r }) < 0 {
		return domain
	}
	return strings.Map(newer, domain)
}

// newer returns what Unicode 17 maps r to where Unicode 15.0 does otherwise, -1 where it is ignored, and otherwise r.
func newer(r rune) rune {
	switch {
	case r < 0x04C0:
	case r == 0x04C0, r == 0x2132, r == 0x2183: // Capitals, since 15.1 mapped to their small letters.
		switch r {
		case 0x04C0:
			return 0x04CF
		case 0x2132:
			return 0x214E
		}
		return 0x2184
	case 0x10A0 <= r && r <= 0x10C5: // Georgian capitals.
		return r - 0x10A0 + 0x2D00
	case r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x180E, // Ignored since 15.1 or 16.
		0x2061 <= r && r <= 0x2063, 0x206A <= r && r <= 0x206F,
		r == 0x3164, r == 0xFFA0, 0x1D173 <= r && r <= 0x1D17A:
		return -1
	case r == 0x1E9E: // Capital sharp s.
		return 0xDF
	case r == 0xA7CB, r == 0xA7DC, r == 0xA7F1: // New letters that map to old ones.
		switch r {
		case 0xA7CB:
			return 0x0264
		case 0xA7DC:
			return 0x019B
		}
		return 's'
	case 0x1CCD6 <= r && r <= 0x1CCEF: // Outlined letters and digits.
		return r - 0x1CCD6 + 'a'
	case 0x1CCF0 <= r && r <= 0x1CCF9:
		return r - 0x1CCF0 + '0'
	case r == 0x2F868: // Compatibility ideographs.
		return 0x36FC
	case r == 0x2F874:
		return 0x5F53
	case r == 0x2F91F:
		return 0x243AB
	case r == 0x2F95F:
		return 0x7AEE
	case r == 0x2F9BF:
		return 0x45D7
	}
	return r
}

// mayBeRTL reports whether a domain with r in it may be a Bidi domain name: whether r is in the blocks of what is
// written from right to left, maps to it, or is a hyphen as of "xn--", behind which anything may be.
func mayBeRTL(r rune) bool {
	switch {
	case r == '-', r == 0xFE63, r == 0xFF0D:
		return true
	case r < 0x0590:
		return false
	}
	return r <= 0x08FF || 0x200F <= r && r <= 0x2067 || 0x2135 <= r && r <= 0x2138 || 0xFB1D <= r && r <= 0xFDFF ||
		0xFE70 <= r && r <= 0xFEFF || 0x10800 <= r && r <= 0x10FFF || 0x1E800 <= r && r <= 0x1EFFF
}

// https://www.rfc-editor.org/rfc/rfc5893#section-2
//
// bidiRule reports whether domain, in its Unicode form, either is no Bidi domain name or has labels that all satisfy
// the Bidi rule.
func bidiRule(domain string) bool {
	if strings.IndexFunc(domain, func(r rune) bool { return isRTL(bidiClass(r)) }) < 0 {
		return true
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label != "" && !bidiLabel(label) {
			return false
		}
	}
	return true
}

// https://www.rfc-editor.org/rfc/rfc5893#section-2
//
// bidiLabel reports whether a label, which is not empty, satisfies the Bidi rule.
func bidiLabel(label string) bool {
	// 1. It begins with L, R or AL, which makes it a label from left to right or from right to left.
	r, _ := utf8.DecodeRuneInString(label)
	first := bidiClass(r)
	rtl := first == bidi.R || first == bidi.AL
	if !rtl && first != bidi.L {
		return false
	}
	var en, an bool
	last := first // of those that are not NSM
	for _, r := range label {
		class := bidiClass(r)
		switch class {
		case bidi.EN:
			en = true
		case bidi.AN:
			an = true
		case bidi.ES, bidi.CS, bidi.ET, bidi.ON, bidi.BN, bidi.NSM:
		case bidi.R, bidi.AL:
			// 5. None of these from left to right.
			if !rtl {
				return false
			}
		case bidi.L:
			// 2. Nor this from right to left.
			if rtl {
				return false
			}
		default:
			return false
		}
		if class != bidi.NSM {
			last = class
		}
	}
	if rtl {
		// 3. It ends with R, AL, EN or AN. 4. It does not hold both EN and AN.
		return (isRTL(last) || last == bidi.EN) && !(en && an)
	}
	// 5. Nor AN from left to right. 6. It ends with L or EN.
	return !an && (last == bidi.L || last == bidi.EN)
}

func bidiClass(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// isRTL reports whether a code point of the class makes a domain name a Bidi domain name.
func isRTL(c bidi.Class) bool { return c == bidi.R || c == bidi.AL || c == bidi.AN }

// appendQuickToASCII is appendToASCII for labels of characters that stand alone: those that UTS 46 takes as they are or
// maps to one other, that compose with nothing beside them, and that are not written from right to left.
func appendQuickToASCII(dst []byte, domain string) ([]byte, bool) {
	start := len(dst)
	var label [63]rune
	n, ascii := 0, true
	for i := 0; ; {
		r, size := rune('.'), 0
		if i < len(domain) {
			if r, size = rune(domain[i]), 1; r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(domain[i:])
			}
			if r = quickRune(r); r < 0 {
				return dst[:start], false
			}
		}
		if r != '.' {
			if n == len(label) {
				return dst[:start], false
			}
			label[n] = r
			n++
			ascii = ascii && r < utf8.RuneSelf
			i += size
			continue
		}
		if n >= 4 && label[0] == 'x' && label[1] == 'n' && label[2] == '-' && label[3] == '-' {
			return dst[:start], false
		}
		if ascii {
			for _, r := range label[:n] {
				dst = append(dst, byte(r))
			}
		} else {
			dst = append(dst, "xn--"...)
			dst = appendPunycode(dst, label[:n])
		}
		if i == len(domain) {
			return dst, true
		}
		dst = append(dst, '.')
		n, ascii = 0, true
		i += size
	}
}

// quickRune returns what UTS 46 maps r to, where r is one of those that appendQuickToASCII knows, and else -1.
func quickRune(r rune) rune {
	switch {
	case r < 0x80:
		return rune(lower(byte(r)))
	case 0xDF <= r && r <= 0xFF && r != 0xF7: // Latin-1
		return r
	case 0xC0 <= r && r <= 0xDE && r != 0xD7:
		return r + 0x20
	case 0x101 <= r && r <= 0x12F && r&1 == 1, // Latin Extended-A, small letters
		0x13A <= r && r <= 0x13E && r&1 == 0,
		0x142 <= r && r <= 0x148 && r&1 == 0,
		0x14B <= r && r <= 0x177 && r&1 == 1,
		0x17A <= r && r <= 0x17E && r&1 == 0:
		return r
	case 0x3AC <= r && r <= 0x3AF, 0x3B1 <= r && r <= 0x3CE: // Greek
		return r
	case 0x391 <= r && r <= 0x3A9 && r != 0x3A2:
		return r + 0x20
	case 0x430 <= r && r <= 0x45F: // Cyrillic
		return r
	case 0x410 <= r && r <= 0x42F:
		return r + 0x20
	case 0x400 <= r && r <= 0x40F:
		return r + 0x50
	case r == 0x3002, r == 0xFF0E, r == 0xFF61: // full stops
		return '.'
	case 0xFF10 <= r && r <= 0xFF19, 0xFF41 <= r && r <= 0xFF5A: // fullwidth digits and letters
		return r - 0xFEE0
	case 0xFF21 <= r && r <= 0xFF3A:
		return r - 0xFEE0 + 0x20
	case 0x2600 <= r && r <= 0x26FF: // symbols
		return r
	case 0x3041 <= r && r <= 0x3096, // Hiragana
		0x30A1 <= r && r <= 0x30FA, r == 0x30FC, // Katakana
		0x4E00 <= r && r <= 0x9FFF, // unified ideographs
		0xAC00 <= r && r <= 0xD7A3: // Hangul syllables
		return r
	}
	return -1
}

// https://www.rfc-editor.org/rfc/rfc3492#section-6.3
//
// appendPunycode appends the Punycode form of label, at most 63 code points of which not all are ASCII, to dst.
func appendPunycode(dst []byte, label []rune) []byte {
	const (
		base, tMin, tMax = 36, 1, 26
		skew, damp       = 38, 700
		firstBias        = 72
		digits           = "abcdefghijklmnopqrstuvwxyz0123456789"
	)
	// The ASCII of the label comes first, a hyphen after it.
	basic := 0
	for _, r := range label {
		if r < utf8.RuneSelf {
			dst = append(dst, byte(r))
			basic++
		}
	}
	if basic > 0 {
		dst = append(dst, '-')
	}
	n, delta, bias := rune(utf8.RuneSelf), 0, firstBias
	for done := basic; done < len(label); {
		// The next code point in order of value, and the steps of the decoder up to it.
		next := rune(utf8.MaxRune)
		for _, r := range label {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range label {
			switch {
			case r < n:
				delta++
			case r == n:
				// The steps as a number of variable length.
				q := delta
				for k := base; ; k += base {
					t := min(max(k-bias, tMin), tMax)
					if q < t {
						break
					}
					dst = append(dst, digits[t+(q-t)%(base-t)])
					q = (q - t) / (base - t)
				}
				dst = append(dst, digits[q])
				// https://www.rfc-editor.org/rfc/rfc3492#section-6.1
				if done == basic {
					delta /= damp
				} else {
					delta /= 2
				}
				done++
				delta += delta / done
				bias = 0
				for delta > (base-tMin)*tMax/2 {
					delta /= base - tMin
					bias += base
				}
				bias += (base - tMin + 1) * delta / (delta + skew)
				delta = 0
			}
		}
		delta++
		n++
	}
	return dst
}
