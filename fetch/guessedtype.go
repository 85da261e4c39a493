package fetch

import "strings"

// guessLength is how many bytes browsers read to guess a media type.
//
// https://mimesniff.spec.whatwg.org/#reading-the-resource-header
const guessLength = 1024

// isReadToGuess reports whether a browser has read the whole of a response before anybody checks it, because its media
// type has to be guessed (CacheRules.BlockedForgotten).
func isReadToGuess(res *HTTPResponse) bool {
	options, _ := res.Headers.Get("X-Content-Type-Options")
	first, _, _ := strings.Cut(options, ",")
	if equalFold(strings.Trim(first, " \t"), "nosniff") || len(res.Body) >= guessLength {
		return false
	}
	essence := ""
	for i := range res.Headers {
		if !equalFold(res.Headers[i].Name, "content-type") {
			continue
		}
		value, _, _ := strings.Cut(res.Headers[i].Value, ";")
		if value = strings.Trim(value, " \t"); strings.Contains(value, "/") && value != "*/*" {
			essence = lower(value)
		}
	}
	switch essence {
	case "", "unknown/unknown", "application/unknown":
		return !showsItsType(string(res.Body))
	case "text/plain", "application/octet-stream", "text/xml", "application/xml", "application/msword", "application/vnd.ms-excel",
		"application/vnd.ms-powerpoint":
		return true
	}
	return strings.HasPrefix(essence, "application/vnd.openxmlformats-officedocument.")
}

// showsItsType reports whether the first bytes of a body are those of a known format.
func showsItsType(body string) bool {
	for _, magic := range [...]string{"%PDF-", "%!PS-Adobe-", "GIF87a", "GIF89a", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "BM", "PK\x03\x04"} {
		if strings.HasPrefix(body, magic) {
			return true
		}
	}
	return strings.HasPrefix(strings.TrimLeft(body, " \t\r\n\f"), "<")
}
