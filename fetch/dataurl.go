package fetch

import (
	"encoding/base64"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// ProcessDataURL returns what a data: URL holds: the serialization of its MIME type, and its body. The step tells
// what is wrong with it, or is policy.SchemeData.
//
// https://fetch.spec.whatwg.org/#data-url-processor
func ProcessDataURL(u origin.URL) (mimeType string, body []byte, step policy.Step) {
	// 2.-3.
	input := strings.TrimPrefix(u.WithoutFragment(), "data:")
	// 4.-5., 7.-9.
	typ, encoded, found := strings.Cut(input, ",")
	if !found {
		return "", nil, policy.DataURLNoComma
	}
	// 6.
	typ = strings.Trim(typ, "\t\n\f\r ")
	// 10.
	body = percentDecode(encoded)
	// 11.
	if rest, ok := cutBase64(typ); ok {
		// 11.2-11.3
		if body, ok = forgivingBase64Decode(body); !ok {
			return "", nil, policy.DataURLBase64
		}
		// 11.4-11.6
		typ = rest
	}
	// 12.
	if strings.HasPrefix(typ, ";") {
		typ = "text/plain" + typ
	}
	// 13.-14.
	m, ok := ParseMIMEType(typ)
	if !ok {
		return "text/plain;charset=US-ASCII", body, policy.SchemeData
	}
	// 15.
	return m.String(), body, policy.SchemeData
}

// dataURLType returns the media type of a data: URL as it is written (Profile.DataURLTypeAsWritten).
func dataURLType(url string) string {
	typ, _, _ := strings.Cut(strings.TrimPrefix(url, "data:"), ",")
	typ = strings.TrimPrefix(typ, "//") // of a URL with a host
	essence, charset, parameters := "", "", ""
	for i, part := range strings.Split(typ, ";") {
		part = strings.Trim(part, " \t\n\f\r")
		switch {
		case i == 0:
			essence = lower(part)
		case !strings.Contains(part, "="):
		case charset == "" && len(part) > len("charset=") && equalFold(part[:len("charset=")], "charset="):
			charset = part[len("charset="):]
		default:
			parameters += ";" + part
			if _, value, _ := strings.Cut(part, "="); strings.HasPrefix(value, `"`) && (len(value) == 1 || !strings.HasSuffix(value, `"`)) {
				parameters += `"`
			}
		}
	}
	if essence == "" {
		if essence = "text/plain"; charset == "" && parameters == "" && !strings.HasSuffix(strings.TrimRight(typ, " "), ";") {
			charset = "US-ASCII"
		}
	} else if kind, sub, ok := strings.Cut(essence, "/"); !ok || !isToken(kind) || !isToken(sub) {
		return "text/plain;charset=US-ASCII"
	}
	if charset != "" {
		charset = ";charset=" + charset
	}
	return essence + parameters + charset
}

// cutBase64 removes a trailing ";base64", with spaces between the two and in any case, from a data: URL's type.
func cutBase64(typ string) (rest string, ok bool) {
	n := len(typ) - len("base64")
	if n < 0 || !equalFold(typ[n:], "base64") {
		return typ, false
	}
	return strings.CutSuffix(strings.TrimRight(typ[:n], " "), ";")
}

// percentDecode decodes each % that two hexadecimal digits follow.
//
// https://url.spec.whatwg.org/#string-percent-decode
func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// forgivingBase64Decode decodes base64 with white space in it and with or without padding.
//
// https://infra.spec.whatwg.org/#forgiving-base64-decode
func forgivingBase64Decode(data []byte) ([]byte, bool) {
	// 1.
	clean := make([]byte, 0, len(data))
	for _, c := range data {
		switch c {
		case '\t', '\n', '\f', '\r', ' ':
		default:
			clean = append(clean, c)
		}
	}
	// 2.
	if len(clean)%4 == 0 {
		for range 2 {
			if len(clean) > 0 && clean[len(clean)-1] == '=' {
				clean = clean[:len(clean)-1]
			}
		}
	}
	// 3.-10. Bits left over at the end are dropped, whatever they are.
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(out, clean)
	if err != nil {
		return nil, false
	}
	return out[:n], true
}
