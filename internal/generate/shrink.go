package generate

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// MaxShrinkCalls is how often Shrink asks at most whether a case fails.
const MaxShrinkCalls = 2000

// Shrink cuts a failing case down: to one for which fails is true as well, and of which nothing can be left out or
// made simpler by one of the changes that it knows. It leaves out requests, replies, header lines, cookies and
// members, makes statuses, hosts, paths and waits the plainest ones, and shortens values and bodies. The result keeps
// the name of c, loses the note and what was expected, can be evaluated if c can, and asks for the page's own URL only
// if c does. The order of the questions is always the same; where fails is false for c itself, c comes back.
func Shrink(c simulator.Case, fails func(simulator.Case) bool) simulator.Case {
	s := &shrinker{best: clone(c), fails: fails, left: MaxShrinkCalls, tries: 20 * MaxShrinkCalls,
		seen: map[[sha256.Size]byte]bool{}}
	s.left--
	if !fails(clone(c)) {
		return c
	}
	s.evaluates, s.navigates = evaluate(&s.best)
	s.cost = cost(&s.best)
	for before := s.cost + 1; s.cost < before && s.left > 0; {
		before = s.cost
		s.texts()
		s.lists()
		s.shortcuts()
		s.members()
		s.urls()
		s.values()
	}
	return s.best
}

// A shrinker is one run of Shrink.
type shrinker struct {
	best      simulator.Case
	cost      int
	fails     func(simulator.Case) bool
	left      int                        // the questions that are left
	tries     int                        // the changes that are left, those included that are not worth a question
	evaluates bool                       // the case can be evaluated
	navigates bool                       // a request of the case goes to the page's own URL
	seen      map[[sha256.Size]byte]bool // the cases that were asked about
}

// clone copies a case deeply.
func clone(c simulator.Case) simulator.Case {
	c.Page.Headers = slices.Clone(c.Page.Headers)
	c.Page.Cookies = slices.Clone(c.Page.Cookies)
	c.Server = append([]simulator.CaseReply{}, c.Server...)
	for i := range c.Server {
		r := &c.Server[i]
		r.Headers = slices.Clone(r.Headers)
		r.Times = clonePtr(r.Times)
	}
	c.Requests = append([]simulator.CaseRequest{}, c.Requests...)
	for i := range c.Requests {
		r := &c.Requests[i]
		r.Headers = slices.Clone(r.Headers)
		for _, m := range optional(r) {
			*m = clonePtr(*m)
		}
	}
	return c
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return ptr(*p)
}

// optional returns the members of a request that may be absent.
func optional(r *simulator.CaseRequest) []**string {
	return []**string{&r.Method, &r.Body, &r.Mode, &r.Credentials, &r.Redirect, &r.Cache, &r.Referrer, &r.ReferrerPolicy, &r.CrossOrigin}
}

// encode writes the case.
func encode(c *simulator.Case) []byte {
	data, err := json.Marshal(c)
	if err != nil {
		// What a case consists of always encodes, but for a wait that is no number.
		return nil
	}
	return data
}

// cost is what is to become smaller.
func cost(c *simulator.Case) int {
	n := 4 * len(encode(c))
	for i := range c.Server {
		if c.Server[i].Status != 200 {
			n++
		}
	}
	hosts := map[string]bool{}
	for _, t := range slots(c) {
		if host, ok := parse(*t.text).Host(); t.url && ok {
			hosts[host] = true
		}
	}
	return n + len(hosts)
}

// evaluate reports whether a case can be evaluated, and whether it asks for the page's own URL.
func evaluate(c *simulator.Case) (ok, navigates bool) {
	p, err := simulator.ParseCase(encode(c))
	if err != nil {
		return false, false
	}
	out, err := p.Eval(context.Background(), policy.Profile{}, time.Unix(1e9, 0))
	if err != nil {
		return false, false
	}
	page := parse(c.Page.URL).WithoutFragment()
	for i := range out {
		for j := range out[i].Sent {
			navigates = navigates || out[i].Sent[j].URL == page
		}
	}
	return true, navigates
}

// try changes a copy of the case and keeps it if it is smaller and fails.
func (s *shrinker) try(change func(*simulator.Case)) bool {
	if s.left <= 0 || s.tries <= 0 {
		return false
	}
	s.tries--
	c := clone(s.best)
	change(&c)
	n := cost(&c)
	if n >= s.cost {
		return false
	}
	key := sha256.Sum256(encode(&c))
	if s.seen[key] {
		return false
	}
	s.seen[key] = true
	if s.evaluates {
		if ok, navigates := evaluate(&c); !ok || navigates && !s.navigates {
			return false
		}
	}
	s.left--
	if !s.fails(clone(c)) {
		return false
	}
	s.best, s.cost = c, n
	return true
}

// texts leaves out what is there for people.
func (s *shrinker) texts() {
	s.try(func(c *simulator.Case) {
		c.Note = ""
		for i := range c.Requests {
			c.Requests[i].Expect = simulator.Expect{}
		}
	})
	s.try(func(c *simulator.Case) { c.Spec = "" })
}

// cut leaves out parts of something of that length: halves first, then smaller and smaller pieces down to the finest.
// It returns the length that is left.
func (s *shrinker) cut(length, finest int, remove func(c *simulator.Case, from, to int)) int {
	for size := length; size >= max(finest, 1); size /= 2 {
		for from := 0; from < length; {
			to := min(from+size, length)
			if s.try(func(c *simulator.Case) { remove(c, from, to) }) {
				length -= to - from
			} else {
				from = to
			}
		}
	}
	return length
}

// lists leaves out requests, replies, header lines and cookies.
func (s *shrinker) lists() {
	s.cut(len(s.best.Requests), 1, func(c *simulator.Case, from, to int) { c.Requests = slices.Delete(c.Requests, from, to) })
	s.cut(len(s.best.Server), 1, func(c *simulator.Case, from, to int) { c.Server = slices.Delete(c.Server, from, to) })
	s.lines(func(c *simulator.Case) *[]string { return &c.Page.Headers })
	s.cut(len(s.best.Page.Cookies), 1, func(c *simulator.Case, from, to int) {
		c.Page.Cookies = slices.Delete(c.Page.Cookies, from, to)
	})
	for i := range s.best.Server {
		s.lines(func(c *simulator.Case) *[]string { return &c.Server[i].Headers })
	}
	for i := range s.best.Requests {
		s.lines(func(c *simulator.Case) *[]string { return &c.Requests[i].Headers })
	}
}

// lines leaves out header lines.
func (s *shrinker) lines(of func(*simulator.Case) *[]string) {
	s.cut(len(*of(&s.best)), 1, func(c *simulator.Case, from, to int) {
		h := of(c)
		if *h = slices.Delete(*h, from, to); len(*h) == 0 {
			*h = nil
		}
	})
}

// shortcuts lets requests go straight to where they are redirected to, without the replies on the way.
func (s *shrinker) shortcuts() {
	for i := range s.best.Requests {
		for _, reply := range clone(s.best).Server {
			from := parse(s.best.Requests[i].URL).WithoutFragment()
			if from == reply.URL || from == "" {
				continue
			}
			s.try(func(c *simulator.Case) {
				c.Requests[i].URL = reply.URL
				c.Server = slices.DeleteFunc(c.Server, func(r simulator.CaseReply) bool { return r.URL == from })
			})
		}
	}
}

// members leaves out what may be absent.
func (s *shrinker) members() {
	s.try(func(c *simulator.Case) { c.Page.Sandbox = false })
	for i := range s.best.Server {
		s.try(func(c *simulator.Case) { c.Server[i].Fail, c.Server[i].Status = false, 200 })
		s.try(func(c *simulator.Case) { c.Server[i].Status = 200 })
		s.try(func(c *simulator.Case) { c.Server[i].Times = nil })
		s.try(func(c *simulator.Case) { c.Server[i].Method = "" })
		s.try(func(c *simulator.Case) { c.Server[i].Body = "" })
	}
	for i := range s.best.Requests {
		s.try(func(c *simulator.Case) { c.Requests[i].Via = "" })
		s.try(func(c *simulator.Case) {
			// What is XMLHttpRequest's own goes with it.
			r := &c.Requests[i]
			r.Via, r.UploadListener = "", false
			if r.WithCredentials {
				r.WithCredentials, r.Credentials = false, ptr("include")
			}
		})
		for m := range optional(&s.best.Requests[i]) {
			s.try(func(c *simulator.Case) { *optional(&c.Requests[i])[m] = nil })
		}
		s.try(func(c *simulator.Case) { c.Requests[i].Stream = false })
		s.try(func(c *simulator.Case) { c.Requests[i].Stream, c.Requests[i].Body = false, nil })
		s.try(func(c *simulator.Case) { c.Requests[i].Keepalive = false })
		s.try(func(c *simulator.Case) { c.Requests[i].WithCredentials = false })
		s.try(func(c *simulator.Case) { c.Requests[i].UploadListener = false })
		s.try(func(c *simulator.Case) { c.Requests[i].After = 0 })
	}
}

// A slot is a text of a case.
type slot struct {
	text  *string
	fixed int  // how many of its first bytes are not to be cut: the name of a header
	url   bool // it is a URL
}

// slots returns the texts of a case, always in the same order for cases of the same shape.
func slots(c *simulator.Case) []slot {
	var out []slot
	lines := func(h []string) {
		for i := range h {
			fixed := strings.IndexByte(h[i], ':') + 1
			if strings.HasPrefix(h[i][fixed:], " ") {
				fixed++
			}
			out = append(out, slot{text: &h[i], fixed: fixed})
		}
	}
	out = append(out, slot{text: &c.Page.URL, url: true})
	lines(c.Page.Headers)
	for i := range c.Page.Cookies {
		out = append(out, slot{text: &c.Page.Cookies[i].URL, url: true}, slot{text: &c.Page.Cookies[i].Set})
	}
	for i := range c.Server {
		out = append(out, slot{text: &c.Server[i].URL, url: true})
		lines(c.Server[i].Headers)
		out = append(out, slot{text: &c.Server[i].Body})
	}
	for i := range c.Requests {
		r := &c.Requests[i]
		out = append(out, slot{text: &r.URL, url: true})
		lines(r.Headers)
		for _, p := range [...]*string{r.Method, r.Body, r.Referrer} {
			if p != nil {
				out = append(out, slot{text: p})
			}
		}
	}
	return out
}

// urls makes URLs plain: everywhere at once, so that requests still find their replies.
func (s *shrinker) urls() {
	replace := func(from, to string) bool {
		return from != "" && from != to && s.try(func(c *simulator.Case) {
			for _, t := range slots(c) {
				*t.text = (*t.text)[:t.fixed] + strings.ReplaceAll((*t.text)[t.fixed:], from, to)
			}
		})
	}
	for i := range slots(&s.best) {
		t := slots(&s.best)[i]
		if !t.url {
			continue
		}
		page, _ := origin.ParseURL(s.best.Page.URL, nil)
		u, err := origin.ParseURL(*t.text, &page)
		if err != nil || !u.IsHTTP() {
			continue
		}
		if f := strings.IndexByte(*t.text, '#'); f >= 0 {
			s.try(func(c *simulator.Case) { x := slots(c)[i].text; *x = (*x)[:f] })
		}
		host, _ := u.Host()
		if port := strings.TrimPrefix(u.Origin().String(), u.Scheme()+"://"+host); port != "" {
			replace(host+port, host)
		}
		// The page's own host, then plain ones.
		if own, _ := page.Host(); host != own && replace(host, own) {
			continue
		}
		for _, plain := range [...]string{"a.example", "b.example", "c.example"} {
			if !strings.Contains(string(encode(&s.best)), plain) && len(plain) < len(host) && replace(host, plain) {
				break
			}
		}
		text := *slots(&s.best)[i].text
		_, rest, absolute := strings.Cut(text, "://")
		if slash := strings.IndexByte(rest, '/'); absolute && slash >= 0 {
			text = rest[slash:]
		}
		path, query, hasQuery := strings.Cut(text, "?")
		if hasQuery {
			replace("?"+query, "")
		}
		for _, plain := range [...]string{"/", "/a", "/b", "/c", "/d"} {
			if len(plain) >= len(path) || replace(path, plain) {
				break
			}
		}
	}
}

// values shortens texts.
func (s *shrinker) values() {
	for i := range slots(&s.best) {
		t := slots(&s.best)[i]
		if u := parse(*t.text); t.url && (u.IsHTTP() || !strings.Contains(*t.text, ":")) {
			continue
		}
		remove := func(c *simulator.Case, from, to int) {
			x := slots(c)[i]
			r := []rune((*x.text)[x.fixed:])
			if to <= len(r) {
				*x.text = (*x.text)[:x.fixed] + string(slices.Delete(r, from, to))
			}
		}
		length := len([]rune((*t.text)[t.fixed:]))
		if length <= 64 {
			s.cut(length, 1, remove)
			continue
		}
		// Of long texts, not every byte is tried; but how long the text has to be is found out.
		length = s.cut(length, length/16, remove)
		for size := length / 16; size >= 1; size /= 2 {
			for length > size && s.try(func(c *simulator.Case) { remove(c, length-size, length) }) {
				length -= size
			}
		}
	}
}
