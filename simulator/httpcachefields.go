package simulator

import (
	"strings"

	"github.com/corsim/corsim/fetch"
)

// Which headers a profile has the HTTP cache store, and a 304 change.

// storedFields returns a response with the headers that are stored of it (CacheRules.ChallengesNotStored).
func storedFields(res *fetch.HTTPResponse) *fetch.HTTPResponse {
	unnamed := true
	for _, h := range res.Headers {
		unnamed = unnamed && !equalFoldASCII(h.Name, "cache-control")
	}
	var named map[string]bool
	if !unnamed {
		named = fieldsNotStored(res.Headers)
	}
	out := *res
	out.Headers = make(fetch.Headers, 0, len(res.Headers))
	for _, h := range res.Headers {
		name := asciiLower(h.Name)
		switch name {
		case "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "set-cookie2", "strict-transport-security", "trailer",
			"transfer-encoding", "upgrade", "www-authenticate":
			continue
		}
		if !named[name] {
			out.Headers = append(out.Headers, h)
		}
	}
	return &out
}

// fieldsNotStored returns the names, in lower case, that no-cache tells in quotation marks.
func fieldsNotStored(headers fetch.Headers) map[string]bool {
	named := map[string]bool{}
	for _, value := range headers.Values("Cache-Control") {
		for rest, more := value, true; more; {
			var directive string
			directive, rest, more = cutDirective(rest)
			name, list, _ := strings.Cut(trimWSP(directive), "=")
			if !equalFoldASCII(name, "no-cache") || len(list) < 2 || list[0] != '"' || list[len(list)-1] != '"' {
				continue
			}
			for field := range strings.SplitSeq(list[1:len(list)-1], ",") {
				named[asciiLower(trimWSP(field))] = true
			}
		}
	}
	return named
}

// cutDirective cuts a list at its first comma outside of quotation marks.
func cutDirective(s string) (directive, rest string, more bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// isKeptAsDescription reports whether a 304 leaves the stored header of that name, in lower case, alone
// (CacheRules.ChallengesNotStored).
func isKeptAsDescription(lower string) bool {
	switch lower {
	case "connection", "content-encoding", "content-length", "content-location", "content-md5", "content-range", "content-type", "etag",
		"keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
		"www-authenticate", "x-frame-options", "x-xss-protection", "strict-transport-security", "set-cookie2":
		return true
	}
	return strings.HasPrefix(lower, "x-content-") || strings.HasPrefix(lower, "x-webkit-")
}
