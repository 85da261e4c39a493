package lab

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

// preloadedAside is the rule for hosts that a browser moves to https: although nothing in the case asks for it: they stand
// on a list that comes with the browser. Chromium and Firefox have the same one.
func preloadedAside() AsideRule {
	return AsideRule{
		Name:   "preloaded-host",
		Reason: "it comes with a list of hosts that want HTTPS alone, such as all of .dev, and asks for those over https:",
		Match: func(t *Trial, request int, _ simulator.Difference) bool {
			return !asksForHTTPS(t.Case) && slices.ContainsFunc(t.Engine[request].Sent, func(s simulator.Sent) bool {
				u, err := origin.ParseURL(s.URL, nil)
				return err == nil && u.Scheme() == "http" && (onPreloadList(u) || t.movedToHTTPS(s.URL))
			})
		},
	}
}

// asksForHTTPS reports whether something in the case may move a request to https:, or keep one from http:.
func asksForHTTPS(c *simulator.Case) bool {
	asks := func(line string) bool {
		line = strings.ToLower(line)
		return lineName(line) == "strict-transport-security" || strings.Contains(line, "upgrade-insecure-requests")
	}
	page, err := origin.ParseURL(c.Page.URL, nil)
	return err != nil || page.Scheme() != "http" || slices.ContainsFunc(c.Page.Headers, asks) ||
		slices.ContainsFunc(c.Server, func(r simulator.CaseReply) bool { return slices.ContainsFunc(r.Headers, asks) })
}

// movedToHTTPS reports whether the browser has asked for an http: URL over https:, in whatever request of the case.
func (t *Trial) movedToHTTPS(u string) bool {
	u = inHTTPS(u)
	return slices.ContainsFunc(t.Browser, func(o simulator.Outcome) bool {
		return slices.ContainsFunc(o.Sent, func(s simulator.Sent) bool { return s.URL == u })
	})
}

// onPreloadList reports whether all hosts of the URL's top-level domain are on the list: where a preflight is kept from being
// sent, nothing else shows that a host is.
func onPreloadList(u origin.URL) bool {
	host, _ := u.Host()
	switch host[strings.LastIndexByte(host, '.')+1:] {
	case "amazon", "android", "app", "audible", "azure", "bank", "bing", "boo", "channel", "chrome", "dad", "day", "dev",
		"eat", "esq", "fire", "fly", "foo", "gle", "gmail", "google", "hangout", "hotmail", "ing", "insurance", "kindle",
		"meet", "meme", "microsoft", "mov", "new", "nexus", "office", "page", "phd", "play", "prime", "prof", "rsvp",
		"search", "silk", "skype", "windows", "xbox", "youtube", "zip":
		return true
	}
	return false
}
