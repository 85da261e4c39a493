package lab

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/simulator"
)

// chromiumAside is what Chromium does outside of what corsim is a model of.
func chromiumAside() []AsideRule {
	return []AsideRule{
		{
			Name:   "data-url-type",
			Reason: "it reads the media type of a data: URL by a grammar of its own, which keeps parameters as they are spelled and puts the charset last",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				return d.Key == "headers" && isDataURL(t.Case.Requests[request].URL) && asideOnly(d, "content-type")
			},
		},
		{
			Name:   "data-url-blanks",
			Reason: "it keeps tabs and line breaks in a data: URL, percent-encoded, which the URL parser of the standard drops",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				u := t.Case.Requests[request].URL
				return d.Key == "url" && isDataURL(u) && strings.ContainsAny(u, "\t\n\r")
			},
		},
		{
			Name:   "range-from-cache",
			Reason: "it answers a request for a range from its HTTP cache, writes the range anew and keeps parts of answers, which the model of the cache leaves out",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				// What was kept then is there for the requests after it, too.
				for i := range t.Case.Requests[:request+1] {
					if i > 0 && hasRange(t.Case.Requests[i].Headers) && t.Case.Requests[i].URL == t.Case.Requests[i-1].URL {
						return true
					}
				}
				return false
			},
		},
		{
			Name:   "space-in-host",
			Reason: "its URL parser lets a space in a host stand, percent-encoded, where that of the standard fails",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				for _, s := range t.Browser[request].Sent {
					if host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s.URL, "http://"), "https://"), "/"); strings.Contains(host, "%20") {
						return true
					}
				}
				return false
			},
		},
		{
			Name:   "misdirected-retried",
			Reason: "its network library sends a request that was answered with 421 once more by itself, so that nobody hears of the first answer's cookies",
			Match: func(t *Trial, _ int, d simulator.Difference) bool {
				misdirected := func(r simulator.CaseReply) bool { return r.Status == 421 }
				browser, _, _ := asideLines(d)
				sent, _ := asideKey(d)
				return sent > 0 && asideOnly(d, "cookie") && len(browser) == 0 && slices.ContainsFunc(t.Case.Server, misdirected)
			},
		},
		{
			Name:   "partial-length",
			Reason: "its HTTP cache gives a partial answer the Content-Length that its Content-Range tells",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				_, engine, _ := asideLines(d)
				return d.Key == "headers" && t.Browser[request].Status == 206 && asideOnly(d, "content-length") && len(engine) == 0
			},
		},
	}
}

// hasRange reports whether a script's header lines hold a Range.
func hasRange(lines []string) bool {
	for _, line := range lines {
		if name, _, _ := strings.Cut(line, ":"); strings.EqualFold(name, "range") {
			return true
		}
	}
	return false
}

// isDataURL reports whether a URL as a script gave it is a data: URL.
func isDataURL(u string) bool {
	const scheme = "data:"
	u = strings.TrimLeft(u, " \t\r\n")
	return len(u) >= len(scheme) && strings.EqualFold(u[:len(scheme)], scheme)
}
