package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/internal/plain"
)

// The bounds of what String shows, in characters and lines; what is longer is cut, and says so.
const (
	textWidth   = 100
	maxValue    = 240 // characters of a header's value, a URL or any other single text
	maxListed   = 20  // causes, notes, header names
	maxHeaders  = 24  // headers of one message
	maxShownHop = 24  // exchanges
)

// String tells the whole story for a person: the verdict, who asked for what, every exchange, the deciding step and
// what to do about it, in lines of at most 100 characters. What does not print (a header may hold escape sequences of
// a terminal) comes out escaped, long values are cut, and the values of cookies and of Authorization are left out.
func (r *Result) String() string {
	if r == nil {
		return "no result"
	}
	return r.Story().String()
}

// String is the story as [Result.String] tells it.
func (s *Story) String() string {
	var t text
	t.para("", cutAt(s.Summary, 4*maxValue))
	if s.Page != "" {
		t.line("")
		t.tellRequest(s)
		t.tellExchanges(s)
	}
	t.tellStep(s)
	t.tellAdvice(s)
	return strings.TrimRight(t.b.String(), "\n")
}

// A text is a text in lines of at most textWidth characters.
type text struct{ b strings.Builder }

func (t *text) line(s string) {
	t.b.WriteString(s)
	t.b.WriteByte('\n')
}

// para writes a paragraph behind a head, its further lines indented as deep as the head is wide.
func (t *text) para(head, s string) {
	indent := utf8.RuneCountInString(head)
	for i, line := range wrap(plain.Text(s), textWidth-indent) {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		t.line(strings.TrimRight(head+line, " "))
	}
}

// tellRequest tells the page, the request and what calls for a preflight.
func (t *text) tellRequest(s *Story) {
	page := cut(s.Page)
	if o := strings.TrimSuffix(s.Page, "/"); o != s.Origin {
		page += " (origin " + cut(s.Origin) + ")"
	}
	t.para("Page        ", page)
	if s.Request.URL == "" {
		return
	}
	if s.Verdict == "invalid" {
		// The API gave up before it had read all of the request.
		t.para("Request     ", cut(s.Request.URL)+" ("+s.Request.Via+")")
		return
	}
	how := s.Request.Via + ", mode " + s.Request.Mode + ", credentials " + s.Request.Credentials
	t.para("Request     ", cut(s.Request.Method)+" "+cut(s.Request.URL)+" ("+how+")")
	const indent = "            "
	switch s.Classification {
	case "same-origin":
		t.para(indent, "same-origin: CORS has no say")
	case "no-cors":
		t.para(indent, "no-cors: the answer is not shown to the script, whatever the server says")
	case "simple":
		t.para(indent, "simple: it is sent without asking first")
	case "preflighted":
		t.para(indent, "preflighted: the browser asks the server first"+when(len(s.Causes) > 0, ", because"))
		for i, c := range s.Causes {
			if i == maxListed {
				t.para(indent+"- ", fmt.Sprintf("and %d more causes", len(s.Causes)-i))
				break
			}
			t.para(indent+"- ", cut(c.Says))
		}
	}
	for i, n := range s.notes {
		head := indent
		if i == 0 {
			head = "On the way  "
		}
		if i == maxListed {
			t.para(head, fmt.Sprintf("And %d more things.", len(s.notes)-i))
			break
		}
		t.para(head, cut(n))
	}
}

// when is s if b holds, and nothing otherwise.
func when(b bool, s string) string {
	if b {
		return s
	}
	return ""
}

// tellExchanges tells what went over the network.
func (t *text) tellExchanges(s *Story) {
	t.line("")
	if len(s.Exchanges) == 0 {
		t.line("Nothing was sent over the network.")
	}
	for i := range s.Exchanges {
		if i == maxShownHop {
			t.line(fmt.Sprintf("... and %d more exchanges", len(s.Exchanges)-i))
			break
		}
		e := &s.Exchanges[i]
		head := strconv.Itoa(i+1) + ". "
		t.para(head, cut(e.Method)+" "+cut(e.URL)+when(e.Preflight, "   (preflight)")+when(e.Background, "   (in the background, for the cache)"))
		t.headers("   > ", e.Headers, func(name string) bool { return !isDullRequestHeader(name) })
		var cookies StoryCookies
		if k := slices.IndexFunc(s.Cookies, func(c StoryCookies) bool { return c.Exchange == i }); k >= 0 {
			cookies = s.Cookies[k]
		}
		t.cookies("not sent", cookies.Withheld)
		if e.Status == 0 {
			t.line("   < no answer")
		} else {
			t.para("   < ", statusInWords(e.Status))
			t.headers("   < ", e.ResponseHeaders, isTellingResponseHeader)
		}
		t.cookies("not stored", cookies.Refused)
		if e.Step != nil {
			t.para("   = ", fmt.Sprintf("%s, step %s: %s", e.Step.Algorithm, e.Step.Number, lowerFirst(strings.TrimSuffix(e.Step.Says, "."))))
		}
	}
}

// headers tells the headers that count.
func (t *text) headers(head string, lines []string, counts func(name string) bool) {
	n := 0
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		if !counts(name) {
			continue
		}
		if n++; n <= maxHeaders {
			// The bytes as they were, which are UTF-8 more often than Latin-1.
			if b, err := isomorphicEncode(value); err == nil {
				value = b
			}
			t.para(head, cut(name)+": "+cut(withoutSecrets(name, value)))
		}
	}
	if n > maxHeaders {
		t.para(head, fmt.Sprintf("... and %d more headers", n-maxHeaders))
	}
}

// isDullRequestHeader reports whether no rule about origins looks at a request header.
func isDullRequestHeader(name string) bool {
	switch name {
	case "accept", "accept-encoding", "accept-language", "cache-control", "content-length", "pragma", "referer", "user-agent":
		return true
	}
	return strings.HasPrefix(name, "sec-fetch-")
}

// isTellingResponseHeader reports whether a response header tells something about what browsers let through, or who
// answered.
func isTellingResponseHeader(name string) bool {
	switch name {
	case "age", "allow", "content-type", "location", "set-cookie", "timing-allow-origin", "vary", "www-authenticate", "x-content-type-options":
		return true
	}
	return strings.HasPrefix(name, "access-control-") || strings.HasPrefix(name, "cross-origin-")
}

// withoutSecrets leaves the secrets out of a header's value: a story ends up in logs.
func withoutSecrets(name, value string) string {
	const hidden = "(not shown)"
	switch name {
	case "authorization", "proxy-authorization":
		scheme, _, found := strings.Cut(value, " ")
		if !found {
			return hidden
		}
		return scheme + " " + hidden
	case "cookie":
		var names []string
		for pair := range strings.SplitSeq(value, ";") {
			if len(names) == maxListed {
				names = append(names, "...")
				break
			}
			names = append(names, cookieName(pair)+"="+hidden)
		}
		return strings.Join(names, "; ")
	case "set-cookie":
		pair, attributes, found := strings.Cut(value, ";")
		return cookieName(pair) + "=" + hidden + when(found, ";"+attributes)
	}
	return value
}

// cookieName is the name in a cookie pair, empty if there is only a value.
func cookieName(pair string) string {
	name, _, found := strings.Cut(pair, "=")
	if !found {
		return ""
	}
	return strings.TrimSpace(name)
}

// tellStep tells the deciding step, and what the script sees.
func (t *text) tellStep(s *Story) {
	if s.Verdict == "allowed" && s.Error == "" {
		t.line("")
		t.para("Script sees ", strconv.Itoa(s.Status)+", type "+s.Type+when(s.Redirected, ", redirected"))
		t.names("            headers: ", headerNames(s.Headers))
		t.names("            hidden from it: ", worthExposing(s.Hidden))
	}
	if s.Code == "" {
		return
	}
	t.line("")
	t.para("Decided at  ", s.Algorithm+", step "+s.Number+when(s.InPreflight, ", in the answer to the preflight")+" ("+s.Code+")")
	t.para("            ", s.Section)
	switch {
	case s.header != "" && s.absent:
		t.para("            got   ", "no "+s.header)
	case s.header != "":
		t.para("            got   ", s.header+": "+cut(s.Got))
	case s.Got != "":
		t.para("            got   ", cut(s.Got))
	}
	if s.Want != "" {
		t.para("            want  ", cut(s.Want))
	}
}

// names tells a list of names, if there are any.
func (t *text) names(head string, names []string) {
	if len(names) == 0 {
		return
	}
	t.para(head, listed(names))
}

// listed joins names, cut, and says how many more there are than can be told.
func listed(names []string) string {
	shown := names[:min(len(names), maxListed)]
	list := make([]string, 0, len(shown)+1)
	for _, n := range shown {
		list = append(list, cut(n))
	}
	if len(shown) < len(names) {
		list = append(list, fmt.Sprintf("... and %d more", len(names)-len(shown)))
	}
	return strings.Join(list, ", ")
}

// worthExposing leaves out the hidden headers that no script misses, or may ever see.
func worthExposing(names []string) []string {
	var worth []string
	for _, n := range names {
		if !strings.HasPrefix(n, "access-control-") && n != "set-cookie" && n != "set-cookie2" {
			worth = append(worth, n)
		}
	}
	return worth
}

func headerNames(lines []string) []string {
	names := make([]string, 0, len(lines))
	for _, l := range lines {
		name, _, _ := strings.Cut(l, ": ")
		names = append(names, name)
	}
	return names
}

// tellAdvice tells what to do.
func (t *text) tellAdvice(s *Story) {
	advice := make([]string, 0, 1+len(s.Hints))
	if s.Verdict != "allowed" && s.Fix != "" {
		advice = append(advice, s.Fix)
	}
	advice = append(advice, s.Hints...)
	if s.Verdict == "allowed" && s.Type == "cors" && len(worthExposing(s.Hidden)) > 0 {
		advice = append(advice, "To let the script read a hidden header, let the server name it in Access-Control-Expose-Headers.")
	}
	if len(advice) == 0 {
		return
	}
	t.line("")
	for i, a := range advice {
		head := "            "
		switch {
		case i > 0:
		case s.Verdict == "allowed":
			head = "Note        "
		default:
			head = "What to do  "
		}
		t.para(head, cutAt(a, 4*maxValue))
	}
}

// cut shortens a text that is longer than maxValue characters, and says how long it was.
func cut(s string) string { return cutAt(s, maxValue) }

func cutAt(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > 0 && n > limit-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "... (" + strconv.Itoa(len(s)) + " bytes)"
}

// wrap breaks a text into lines of at most width characters, at a space where there is one.
func wrap(s string, width int) []string {
	var lines []string
	for {
		// The byte at which the line is full, and the last space before it.
		end, count, space := len(s), 0, -1
		for i, r := range s {
			if count == width {
				if r == ' ' {
					space = i
				}
				end = i
				break
			}
			if r == ' ' && i > 0 {
				space = i
			}
			count++
		}
		if end == len(s) {
			return append(lines, s)
		}
		if space > 0 {
			lines, s = append(lines, s[:space]), strings.TrimLeft(s[space:], " ")
		} else {
			lines, s = append(lines, s[:end]), s[end:]
		}
	}
}
