package lab

import (
	"encoding/json"
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
			Reason: "the network library writes the letters and digits of a path that are percent-encoded as themselves",
			Match: func(_ *Trial, _ int, d simulator.Difference) bool {
				var browser, engine string
				_, field := asideKey(d)
				return field == "url" && json.Unmarshal([]byte(d.Want), &browser) == nil && json.Unmarshal([]byte(d.Got), &engine) == nil &&
					browser != engine && browser == withoutEscapedLetters(engine)
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
				return d.Key == "sent" && d.Want == "[]" && slices.ContainsFunc(t.Case.Requests[:request], func(r simulator.CaseRequest) bool {
					return r.Via == "xhr" && r.URL == t.Case.Requests[request].URL
				})
			},
		},
	}
}

// withoutEscapedLetters returns a URL with the percent-encoded letters and digits, and the other characters that need no
// encoding (RFC 3986, section 2.3), as themselves.
func withoutEscapedLetters(url string) string {
	var b strings.Builder
	for i := 0; i < len(url); i++ {
		c := url[i]
		if c == '%' && i+2 < len(url) {
			if n, err := strconv.ParseUint(url[i+1:i+3], 16, 8); err == nil && isUnreserved(byte(n)) {
				c, i = byte(n), i+2
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
