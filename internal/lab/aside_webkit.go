package lab

import (
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/simulator"
)

// webkitAside is what WebKitGTK does outside of what corsim is a model of: above all what its network library, which
// Safari has not, makes of requests and responses.
func webkitAside() []AsideRule {
	return []AsideRule{
		{
			Name:   "escaped-letters",
			Reason: "the network library writes the letters and digits of a URL that are percent-encoded as themselves, and what stays encoded in capitals, so that it asks for another URL and has cookies for that path",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				return asideRespelt(t, request, d, withoutEscapedLetters)
			},
		},
		{
			Name:   "empty-cookie",
			Reason: "the network library, in versions before 3.6.5, stores a cookie without name and value, for which it sends an empty Cookie line",
			Match: func(_ *Trial, _ int, d simulator.Difference) bool {
				browser, engine, ok := asideLines(d)
				return ok && len(engine) == 0 && len(browser) == 1 && browser[0] == "cookie: "
			},
		},
		{
			Name:   "kept-with-the-page",
			Reason: "what an XMLHttpRequest was answered is kept with the page beside the HTTP cache, and later requests for the URL may get it",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				for i := range t.Case.Requests[:request] {
					if !sameButFragment(t.Case.Requests[i].URL, t.Case.Requests[request].URL) {
						continue
					}
					// The server has its answers in turn: what it did not give then it gives now.
					if t.Case.Requests[i].Via == "xhr" && d.Key == "sent" && d.Want == "[]" || isKept(t, i) {
						return true
					}
				}
				return isKept(t, request)
			},
		},
		{
			Name:   "zero-address-by-chance",
			Reason: "whether a redirect may lead to 0.0.0.0 is not the same from one day to the next",
			Match: func(t *Trial, request int, _ simulator.Difference) bool {
				return slices.ContainsFunc(slices.Concat(t.Browser[request].Sent, t.Engine[request].Sent), func(s simulator.Sent) bool {
					return leadsTo(t.Case, s.URL, "//0.0.0.0")
				})
			},
		},
	}
}

// isKept reports whether nothing was sent for a fetch(), other than corsim says, and the answer was that of an XMLHttpRequest
// for the URL before it. What a second XMLHttpRequest gets is modelled.
func isKept(t *Trial, request int) bool {
	got := &t.Browser[request]
	if t.Case.Requests[request].Via == "xhr" || len(got.Sent) > 0 || len(t.Engine[request].Sent) == 0 {
		return false
	}
	for i := range t.Case.Requests[:request] {
		if t.Case.Requests[i].Via == "xhr" && sameButFragment(t.Case.Requests[i].URL, t.Case.Requests[request].URL) &&
			got.Status == t.Browser[i].Status && slices.Equal(got.Headers, t.Browser[i].Headers) {
			return true
		}
	}
	return false
}

func sameButFragment(a, b string) bool {
	a, _, _ = strings.Cut(a, "#")
	b, _, _ = strings.Cut(b, "#")
	return a == b
}

// leadsTo reports whether the server of a case has a redirect at the URL whose Location holds the text.
func leadsTo(c *simulator.Case, url, text string) bool {
	return slices.ContainsFunc(c.Server, func(r simulator.CaseReply) bool {
		return r.URL == url && slices.ContainsFunc(r.Headers, func(line string) bool {
			name, value, _ := strings.Cut(line, ":")
			return strings.EqualFold(name, "location") && strings.Contains(value, text)
		})
	})
}

// withoutEscapedLetters returns a URL with the percent-encoded letters and digits, and the other characters that need no
// encoding (RFC 3986, section 2.3), as themselves, and what stays encoded in capitals.
func withoutEscapedLetters(url string) string {
	var b strings.Builder
	for i := 0; i < len(url); i++ {
		c := url[i]
		if c == '%' && i+2 < len(url) {
			if n, err := strconv.ParseUint(url[i+1:i+3], 16, 8); err == nil && isUnreserved(byte(n)) {
				c, i = byte(n), i+2
			} else if err == nil {
				b.WriteString(strings.ToUpper(url[i : i+3]))
				i += 2
				continue
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
