package simulator

import (
	"fmt"
	"strings"
)

// A StoryCookies is what became of the cookies at one request; see [CookieReport]. It holds no values.
type StoryCookies struct {
	Exchange    int    `json:"exchange"` // index in Story.Exchanges; -1 if the HTTP cache answered
	URL         string `json:"url"`
	Credentials string `json:"credentials"` // code of the step that decided whether cookies could go along at all
	// Sent and Withheld are the cookies of the URL's site, in the order of the Cookie header. Stored and Refused are
	// those of the response; among the stored are those that changed nothing or removed another, by their codes.
	Sent     []StoryCookie `json:"sent"`
	Withheld []StoryCookie `json:"withheld"`
	Stored   []StoryCookie `json:"stored"`
	Refused  []StoryCookie `json:"refused"`
}

// A StoryCookie is a cookie and the rule that decided; see [CookieReason].
type StoryCookie struct {
	Name    string `json:"name"`
	Domain  string `json:"domain"`
	Path    string `json:"path"`
	Code    string `json:"code"`
	Step    string `json:"step"`
	Section string `json:"section"` // URL with fragment
	Says    string `json:"says"`
}

func storyCookies(r *CookieReport) StoryCookies {
	c := StoryCookies{Exchange: r.Exchange, URL: r.URL, Credentials: r.Credentials.Code()}
	c.Sent, c.Withheld = sortCookies(r.Sent)
	c.Stored, c.Refused = sortCookies(r.Set)
	return c
}

// sortCookies sorts decisions by whether the cookie was sent or obeyed. Neither list is nil.
func sortCookies(decisions []CookieDecision) (ok, not []StoryCookie) {
	ok, not = []StoryCookie{}, []StoryCookie{}
	for i := range decisions {
		k, reason := &decisions[i].Cookie, decisions[i].Reason
		list := &ok
		if !reason.OK() {
			list = &not
		}
		*list = append(*list, StoryCookie{isomorphicDecode(k.Name), k.Domain, isomorphicDecode(k.Path), reason.Code(),
			reason.Section(), reason.URL(), reason.String()})
	}
	return ok, not
}

// cookieGroups names the cookies of a list by the rule that decided, in the order in which the rules first come up.
func cookieGroups(list []StoryCookie) (first []*StoryCookie, names map[string][]string) {
	names = map[string][]string{}
	for i := range list {
		c := &list[i]
		if names[c.Code] == nil {
			first = append(first, c)
		}
		name := c.Name
		if name == "" {
			name = "(without a name)"
		} else if b, err := isomorphicEncode(name); err == nil {
			name = b // the bytes as they were, as in headers
		}
		names[c.Code] = append(names[c.Code], name)
	}
	return first, names
}

// cookies tells which cookies did not come through, and why: a line for each rule.
func (t *text) cookies(what string, list []StoryCookie) {
	first, names := cookieGroups(list)
	for _, c := range first {
		word := "cookie "
		if len(names[c.Code]) > 1 {
			word = "cookies "
		}
		t.para("   ! ", word+cut(listed(names[c.Code]))+" "+what+": "+lowerFirst(strings.TrimSuffix(c.Says, "."))+" ("+c.Code+")")
	}
}

// hintWithoutCookies tells, where the server refused a request to another origin, that it carried nothing that says who
// asks.
func (s *Story) hintWithoutCookies(r *Result, add func(string, ...any)) {
	if s.Classification != "simple" && s.Classification != "preflighted" {
		return
	}
	last := len(s.Exchanges) - 1
	for last >= 0 && s.Exchanges[last].Background {
		last--
	}
	if last < 0 {
		return
	}
	for _, line := range s.Exchanges[last].Headers {
		if strings.HasPrefix(line, "cookie:") || strings.HasPrefix(line, "authorization:") {
			return
		}
	}
	if s.Request.Credentials != "include" {
		add("The request carried neither cookies nor Authorization. To another origin cookies go only with the credentials mode include (XMLHttpRequest: withCredentials).")
		return
	}
	var withheld []string
	for i := range s.Cookies {
		if s.Cookies[i].Exchange != last {
			continue
		}
		first, names := cookieGroups(s.Cookies[i].Withheld)
		for _, c := range first {
			withheld = append(withheld, fmt.Sprintf("%s (%s)", cut(listed(names[c.Code])), c.Code))
		}
	}
	why := "no cookie of that site is known here"
	switch {
	case len(withheld) > 0:
		why = "withheld were " + joinAnd(withheld)
	case r.story == nil:
		why = "there is no cookie for that host that may go along (see its Domain, SameSite and Secure)"
	}
	add("The request carried neither cookies nor Authorization, though its credentials mode is include: %s.", why)
}
