package lab

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/simulator"
)

// An AsideRule sets cases aside by name: it knows one thing that browsers of one kind do, that lies outside of what
// corsim is a model of, and why. A case is set aside if a rule explains each of its differences.
type AsideRule struct {
	Name   string // words in lower case, joined by hyphens
	Reason string // one sentence
	// Match reports whether the difference d of a request of the trial is the rule's: Want is what the browser did,
	// Got what corsim says.
	Match func(t *Trial, request int, d simulator.Difference) bool
}

// CannotBeAsked is the name of the rule for cases that no browser can be put to.
const CannotBeAsked = "cannot-be-asked"

// MachineTooBusy is the name of the rule for cases that ask for waits which this machine did not keep.
const MachineTooBusy = "machine-too-busy"

// AsideRules lists the rules for a kind of browser ("chromium", "firefox", "webkit"), CannotBeAsked and MachineTooBusy
// first. These match no difference, since there is nothing to compare.
func AsideRules(browser string) []AsideRule {
	rules := []AsideRule{{
		Name:   CannotBeAsked,
		Reason: "the wire or the page cannot carry what the case asks for, the browser does not load the page, or it would take too long to wait for",
		Match:  func(*Trial, int, simulator.Difference) bool { return false },
	}, {
		Name:   MachineTooBusy,
		Reason: "the case came out otherwise, but its waits took longer than they should, each time that it was asked",
		Match:  func(*Trial, int, simulator.Difference) bool { return false },
	}}
	switch browser {
	case "chromium":
		rules = append(rules, chromiumAside()...)
	case "firefox":
		rules = append(rules, firefoxAside()...)
	case "webkit":
		rules = append(rules, webkitAside()...)
	}
	return rules
}

// setAside fills in Aside where some rule explains each of the trial's differences.
func (t *Trial) setAside(rules []AsideRule) {
	var names []string
	for i, list := range t.Differences {
		for _, d := range list {
			n := slices.IndexFunc(rules, func(r AsideRule) bool { return r.Match(t, i, d) })
			if n < 0 {
				return
			}
			if !slices.Contains(names, rules[n].Name) {
				names = append(names, rules[n].Name)
			}
		}
	}
	t.Aside = names
}

// What follows serves the rules.

// asideKey splits the key of a difference: "sent[1].headers" is request 1 of those that were sent and the field
// "headers"; a field of the outcome itself has -1.
func asideKey(d simulator.Difference) (sent int, field string) {
	rest, ok := strings.CutPrefix(d.Key, "sent[")
	if !ok {
		return -1, d.Key
	}
	number, field, _ := strings.Cut(rest, "].")
	n, err := strconv.Atoi(number)
	if err != nil {
		return -1, d.Key
	}
	return n, field
}

// asideLines returns the header lines of which one side has more than the other, where the difference is one between
// lists of header lines.
func asideLines(d simulator.Difference) (browser, engine []string, ok bool) {
	if _, field := asideKey(d); field != "headers" {
		return nil, nil, false
	}
	if json.Unmarshal([]byte(d.Want), &browser) != nil || json.Unmarshal([]byte(d.Got), &engine) != nil {
		return nil, nil, false
	}
	for i := 0; i < len(browser); {
		if n := slices.Index(engine, browser[i]); n >= 0 {
			browser, engine = slices.Delete(browser, i, i+1), slices.Delete(engine, n, n+1)
			continue
		}
		i++
	}
	return browser, engine, true
}

// asideOnly reports whether the difference is one between lists of header lines, of those names alone.
func asideOnly(d simulator.Difference, names ...string) bool {
	browser, engine, ok := asideLines(d)
	other := func(line string) bool { return !slices.Contains(names, lineName(line)) }
	return ok && !slices.ContainsFunc(browser, other) && !slices.ContainsFunc(engine, other)
}

// asideRespelt reports whether a difference comes from how the browser spells URLs: that of one, or, where all that was sent
// is so spelt, that of the answer or of the cookies, which may be others.
func asideRespelt(t *Trial, request int, d simulator.Difference, spell func(url string) string) bool {
	sent, field := asideKey(d)
	if field == "url" {
		var browser, engine string
		if json.Unmarshal([]byte(d.Want), &browser) == nil && json.Unmarshal([]byte(d.Got), &engine) == nil && browser != engine && browser == spell(engine) {
			return true
		}
	}
	browser, engine := t.Browser[request].Sent, t.Engine[request].Sent
	if len(browser) != len(engine) {
		return false
	}
	respelt := false
	for i := range browser {
		if browser[i].URL != spell(engine[i].URL) {
			return false
		}
		respelt = respelt || browser[i].URL != engine[i].URL
	}
	if sent >= 0 {
		return respelt && asideOnly(d, "cookie")
	}
	return respelt && t.Browser[request].Verdict == "unanswered"
}

// asideSent returns the requests of both sides where the difference is one between their numbers (key "sent").
func asideSent(d simulator.Difference) (browser, engine []simulator.Sent, ok bool) {
	if d.Key != "sent" || json.Unmarshal([]byte(d.Want), &browser) != nil || json.Unmarshal([]byte(d.Got), &engine) != nil {
		return nil, nil, false
	}
	return browser, engine, true
}
