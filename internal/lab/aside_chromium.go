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
			Name:   "data-url-blanks",
			Reason: "it keeps tabs and line breaks in a data: URL, percent-encoded, which the URL parser of the standard drops",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				u := t.Case.Requests[request].URL
				return d.Key == "url" && isDataURL(u) && strings.ContainsAny(u, "\t\n\r")
			},
		},
		{
			Name:   "parts-kept",
			Reason: "its HTTP cache keeps the parts of a response that has a strong validator, and asks for those that are missing, which the model of the cache leaves out",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				// What was kept then is there for the requests after it.
				asked := t.Case.Requests[request].URL
				for _, r := range t.Case.Requests[:request] {
					if hasRange(r.Headers) && r.URL == asked && slices.ContainsFunc(t.Case.Server, isKeptPart) {
						return true
					}
				}
				return false
			},
		},
		preloadedAside(),
		{
			Name:   "bar-in-path",
			Reason: "its URL parser encodes a | in a path, which that of the standard lets stand",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				return asideRespelt(t, request, d, withEscapedBars)
			},
		},
		{
			Name:   "space-in-host",
			Reason: "its URL parser lets a space in a host stand, percent-encoded, where that of the standard fails",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				// Some are blocked for other reasons before anything is sent.
				return hostHasSpace(t.Case.Requests[request].URL) || slices.ContainsFunc(t.Browser[request].Sent, func(s simulator.Sent) bool {
					return hostHasSpace(s.URL)
				})
			},
		},
	}
}

// withEscapedBars returns a URL with each | of its path percent-encoded.
func withEscapedBars(url string) string {
	end := len(url)
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		end = i
	}
	return strings.ReplaceAll(url[:end], "|", "%7C") + url[end:]
}

// hostHasSpace reports whether a URL is one of HTTP whose host holds a space, percent-encoded or not.
func hostHasSpace(url string) bool {
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(url, "http://"); !ok {
			return false
		}
	}
	host, _, _ := strings.Cut(rest, "/")
	return strings.Contains(host, "%20") || strings.Contains(host, " ")
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

// isKeptPart reports whether a reply is a part that Chromium's HTTP cache may keep.
func isKeptPart(r simulator.CaseReply) bool {
	ranged, strong := false, false
	for _, line := range r.Headers {
		name, value, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "content-range":
			ranged = true
		case "etag":
			strong = strong || !strings.HasPrefix(strings.TrimLeft(value, " \t"), "W/")
		case "last-modified":
			strong = true
		}
	}
	return r.Status == 206 && ranged && strong
}

// isDataURL reports whether a URL as a script gave it is a data: URL.
func isDataURL(u string) bool {
	const scheme = "data:"
	u = strings.TrimLeft(u, " \t\r\n")
	return len(u) >= len(scheme) && strings.EqualFold(u[:len(scheme)], scheme)
}
