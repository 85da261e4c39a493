package generate

import (
	"strings"

	"github.com/corsim/corsim/simulator"
)

// passwords: URLs that hold a user name and a password, in requests and redirects, and how a 401 is answered. There is
// one request in each: what browsers remember of an answer that was right is not modelled.
func passwords(s *scene) {
	upgrades := s.chance(10)
	if upgrades {
		s.open("https://"+pick(s.dice, everyday[:]...)+"/page", "Content-Security-Policy: upgrade-insecure-requests")
	} else {
		s.openAny()
	}
	o, own := s.origin(), s.page.Origin().String()
	include, member := s.included(50)
	info := pick(s.dice, "user:pw@", "user:pw@", "user:pw@", "user:pw@", "user@", ":pw@", "us%3Aer:p%40w@", ":@")
	at := func(url string) string {
		scheme, rest, _ := strings.Cut(url, "://")
		return scheme + "://" + info + rest
	}
	target := own + s.path()
	if s.chance(25) {
		target = s.cross()
	}
	grant := s.grant(o, include)
	consent := s.consent(o, include, "PUT", "authorization")

	r := simulator.CaseRequest{URL: at(target), Via: "xhr", WithCredentials: include}
	if s.chance(12) {
		r.URL = target
	}
	redirected := s.chance(50)
	if redirected {
		// The user name and the password come with a redirect, perhaps to a URL whose own do not count.
		from := own + "/from"
		if s.chance(20) {
			from = s.other() + "/from"
		}
		to := at(target)
		if upgrades && s.chance(60) {
			to = at("http://" + strings.TrimPrefix(target, "https://"))
		}
		s.reply(from, "OPTIONS", 204, consent...)
		s.reply(from, "", s.redirectStatus(), append(append([]string(nil), grant...), "Location: "+to)...)
		r.URL = from
		if s.chance(15) {
			r.URL = strings.Replace(from, "://", "://other:word@", 1)
		}
	}
	if redirected && s.chance(45) || s.chance(4) {
		r.Via, r.WithCredentials, r.Credentials = "", false, member
		r.Mode = pick(s.dice, nil, nil, nil, ptr("no-cors"), ptr("same-origin"))
	}
	switch s.intn(6) {
	case 0:
		r.Headers = []string{"Authorization: " + pick(s.dice, "Basic b3RoZXI6cHc=", "Bearer x")}
	case 1:
		r.Method, r.Body = ptr("POST"), ptr("a=1")
	case 2:
		r.Method = ptr(pick(s.dice, "PUT", "HEAD"))
	}
	if r.Mode != nil && *r.Mode == "no-cors" {
		r.Headers = nil
		if r.Method != nil && *r.Method == "PUT" {
			r.Method = nil
		}
	}
	const asks = "WWW-Authenticate: "
	challenge := []string{asks + `Basic realm="x"`}
	if s.chance(45) {
		challenge = pick(s.dice, nil, []string{asks}, []string{asks + "Basic"}, []string{asks + "basic realm=x"}, []string{asks + `Bearer realm="x"`}, []string{asks + `Bearer realm="x", Basic realm="y"`},
			[]string{asks + `Basic realm="y", Bearer realm="x"`}, []string{asks + `Bearer realm="x"`, asks + `Basic realm="y"`}, []string{asks + "@@", asks + "Basic realm=x"}, []string{asks + "Basic\trealm=x"},
			[]string{asks + ", Basic realm=x"}, []string{asks + "Basic, Bearer"}, []string{asks + "Basic; realm=x"}, []string{asks + "Basic=x"}, []string{asks + `Basic realm=x, charset="UTF-8"`},
			[]string{asks + `Bearer realm="a, Basic realm=b"`}, []string{asks + "Basic abc=="}, []string{asks + s.bend("Basic") + " realm=x"})
	}
	s.reply(target, "OPTIONS", 204, consent...)
	if s.chance(88) {
		p := s.reply(target, "", 401, append(append([]string(nil), grant...), challenge...)...)
		if s.chance(75) {
			p.Times = ptr(1)
		}
	}
	s.reply(target, "", pick(s.dice, 200, 200, 200, 403), append(append([]string(nil), grant...), "Content-Language: in")...)
	if r.Via == "" && s.chance(10) {
		r.Redirect = ptr(pick(s.dice, "error", "manual"))
	}
	s.request(r)
}
