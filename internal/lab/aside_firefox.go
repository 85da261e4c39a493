package lab

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

// firefoxAside is what Firefox does outside of what corsim is a model of.
func firefoxAside() []AsideRule {
	return []AsideRule{
		{
			Name:   "data-url-blanks",
			Reason: "it takes blanks before the fragment of a data: URL out before anything is fetched",
			Match:  firefoxDataURLBlanks,
		},
		{
			Name:   "label-too-long",
			Reason: "it takes no certificate for a host with a label of more than 63 characters, which no name in the DNS has",
			Match: func(t *Trial, request int, _ simulator.Difference) bool {
				return slices.ContainsFunc(t.Engine[request].Sent, func(s simulator.Sent) bool {
					u, err := origin.ParseURL(s.URL, nil)
					return err == nil && hasLongLabel(u) &&
						!slices.ContainsFunc(t.Browser[request].Sent, func(b simulator.Sent) bool { return b.URL == s.URL })
				})
			},
		},
		preloadedAside(),
		{
			Name:   "view-source",
			Reason: "it fetches what is behind a view-source: URL, and never answers",
			Match: func(t *Trial, request int, d simulator.Difference) bool {
				scheme, _, _ := strings.Cut(t.Case.Requests[request].URL, ":")
				return strings.EqualFold(scheme, "view-source") && (d.Key == "verdict" && d.Want == `"unanswered"` || d.Key == "sent")
			},
		},
	}
}

// firefoxDataURLBlanks matches the URL and the length of the response of a data: URL with such blanks.
func firefoxDataURLBlanks(t *Trial, request int, d simulator.Difference) bool {
	u := t.Case.Requests[request].URL
	if !isDataURL(u) {
		return false
	}
	beforeFragment, _, fragment := strings.Cut(u, "#")
	if !fragment || !strings.HasSuffix(beforeFragment, " ") {
		return false
	}
	if d.Key == "headers" {
		return asideOnly(d, "content-length")
	}
	var browser, engine string
	if d.Key != "url" || json.Unmarshal([]byte(d.Want), &browser) != nil || json.Unmarshal([]byte(d.Got), &engine) != nil {
		return false
	}
	bare := strings.NewReplacer(" ", "", "%20", "")
	return bare.Replace(browser) == bare.Replace(engine)
}

// hasLongLabel reports whether a URL asks for HTTPS of a host with a label that is longer than those of the DNS.
func hasLongLabel(u origin.URL) bool {
	const longest = 63
	host, _ := u.Host()
	return u.Scheme() == "https" && slices.ContainsFunc(strings.Split(host, "."), func(label string) bool { return len(label) > longest })
}
