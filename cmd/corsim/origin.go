package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/internal/plain"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// An originReport is what corsim origin tells about a URL. What is null is not there: an opaque origin has no host,
// an address no registrable domain, and a URL that does not parse nothing at all.
type originReport struct {
	Input             string  `json:"input"`
	Origin            *string `json:"origin"`
	Opaque            bool    `json:"opaque"`
	Scheme            *string `json:"scheme"`
	Host              *string `json:"host"`
	Port              *int    `json:"port"`
	Site              *string `json:"site"`
	RegistrableDomain *string `json:"registrableDomain"`
	PublicSuffix      *string `json:"publicSuffix"`
	Trustworthy       bool    `json:"trustworthy"`
	AddressSpace      *string `json:"addressSpace"`
	Error             *string `json:"error"`
}

func newOriginCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "origin URL ...",
		Short: "Say which origin a URL has, of which site it is, and more",
		Long: `Say which origin each URL has as browsers parse it, of which site that origin is, whether
it is potentially trustworthy and in which IP address space its host lies (names are not
resolved). The argument - stands for the lines of standard input.

With --json, a line each, with null for what there is not; the scheme of an opaque origin
is its URL's. Exit status: 0, or 2 if a URL does not parse.`,
		Example: `corsim origin https://user@WWW.example.co.uk:443/a?b
corsim origin data:text/html,x blob:https://app.example/7e2f --json
corsim origin - < urls.txt`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("corsim origin takes at least one URL, or - for standard input (corsim origin --help shows examples)")
			}
			return a.eachItem(args, func(where, item string) { a.reportOrigin(where, item) })
		},
	}
}

// eachItem calls f for every argument; for - it calls f for every line of standard input that is not blank.
func (a *app) eachItem(args []string, f func(where, item string)) error {
	for _, arg := range args {
		if arg != "-" {
			f("", arg)
			continue
		}
		if err := a.eachLine(f); err != nil {
			return err
		}
	}
	return nil
}

// eachLine calls f for every line of standard input that is not blank.
func (a *app) eachLine(f func(where, item string)) error {
	r := &caseReader{r: bufio.NewReaderSize(a.stdin, 64<<10), line: 1, limit: maxCase}
	for {
		if r.waits() {
			a.flush()
		}
		where := "stdin:" + strconv.Itoa(r.line) + ": "
		data, err := r.readLine()
		switch {
		case errors.Is(err, errTooLong):
			a.complain("%s%v", where, err)
			a.worsen(exitUsage)
			continue
		case err != nil && err != io.EOF:
			return fmt.Errorf("stdin: %w", err)
		}
		if item := string(trimSpace(data)); item != "" {
			f(where, item)
		}
		if err == io.EOF || a.broken {
			return nil
		}
	}
}

// reportOrigin prints what there is to tell about a URL.
func (a *app) reportOrigin(where, input string) {
	u, err := origin.ParseURL(input, nil)
	if err != nil {
		err = withScheme(input, err)
		a.complain("%s%v", where, err)
		a.worsen(exitUsage)
		if a.json {
			text := err.Error()
			a.printJSON(originReport{Input: input, Error: &text})
		}
		return
	}
	r := newOriginReport(input, u)
	if a.json {
		a.printJSON(r)
		return
	}
	a.printf("%s\n", plain.Text(shorten(input)))
	for _, row := range r.rows() {
		a.printf("  %-18s  %s\n", row[0], plain.Text(shorten(row[1])))
	}
	a.printf("\n")
}

func newOriginReport(input string, u origin.URL) originReport {
	o := u.Origin()
	scheme, serialized, site, space := u.Scheme(), o.String(), policy.SiteOf(o).String(), o.AddressSpace().String()
	r := originReport{Input: input, Origin: &serialized, Opaque: o.IsOpaque(), Scheme: &scheme, Site: &site,
		Trustworthy: o.PotentiallyTrustworthy(), AddressSpace: &space}
	if o.IsOpaque() {
		return r
	}
	scheme = o.Scheme()
	host, port := o.Host(), int(o.Port())
	r.Host, r.Port = &host, &port
	if d, ok := o.RegistrableDomain(); ok {
		r.RegistrableDomain = &d
	}
	if s, ok := o.PublicSuffix(); ok {
		r.PublicSuffix = &s
	}
	return r
}

// rows is the report as a table.
func (r *originReport) rows() [][2]string {
	or := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	port := "-"
	if r.Port != nil {
		port = strconv.Itoa(*r.Port)
	}
	kind := or(r.Origin)
	if r.Opaque {
		kind += " (opaque: same origin with no other)"
	}
	return [][2]string{
		{"origin", kind}, {"scheme", or(r.Scheme)}, {"host", or(r.Host)}, {"port", port}, {"site", or(r.Site)},
		{"registrable domain", or(r.RegistrableDomain)}, {"public suffix", or(r.PublicSuffix)},
		{"trustworthy", yesNo(r.Trustworthy)}, {"address space", or(r.AddressSpace)},
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// A comparison is what corsim compare tells about two URLs.
type comparison struct {
	SameOrigin           bool   `json:"sameOrigin"`
	SameSite             bool   `json:"sameSite"`
	SchemelesslySameSite bool   `json:"schemelesslySameSite"`
	Why                  string `json:"why"`
}

func newCompareCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "compare A B",
		Short: "Say whether two URLs are same origin, same site or schemelessly same site, and why",
		Long: `Say whether two URLs are same origin, same site or schemelessly same site, in what they
differ, and why. The argument - stands for the lines of standard input, each with two URLs
between which stands a space or a tab.

Exit status: 0 whatever comes out, or 2 if a URL does not parse.`,
		Example: `corsim compare https://app.example.com http://api.example.com:8080
corsim compare https://a.github.io https://b.github.io --json
corsim compare - < pairs.txt`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && args[0] == "-":
				return a.eachLine(func(where, item string) {
					if pair := strings.Fields(item); len(pair) == 2 {
						a.compare(where, pair[0], pair[1])
					} else {
						a.complain("%stwo URLs with a space between them should stand here, not %d", where, len(pair))
						a.worsen(exitUsage)
					}
				})
			case len(args) != 2:
				return fmt.Errorf("corsim compare takes two URLs, or - for standard input, not %d arguments (corsim compare --help shows examples)", len(args))
			}
			a.compare("", args[0], args[1])
			return nil
		},
	}
}

// compare prints how two URLs compare.
func (a *app) compare(where, left, right string) {
	var urls [2]origin.URL
	for i, input := range []string{left, right} {
		u, err := origin.ParseURL(input, nil)
		if err != nil {
			a.complain("%s%v", where, withScheme(input, err))
			a.worsen(exitUsage)
			return
		}
		urls[i] = u
	}
	c := compareOrigins(urls[0].Origin(), urls[1].Origin())
	if a.json {
		a.printJSON(c)
		return
	}
	l, r := newOriginReport(left, urls[0]), newOriginReport(right, urls[1])
	a.printTable(l.rows(), r.rows())
	a.printf("\nsame origin             %s\nsame site               %s\nschemelessly same site  %s\n\n%s\n\n",
		yesNo(c.SameOrigin), yesNo(c.SameSite), yesNo(c.SchemelesslySameSite),
		strings.ReplaceAll(plain.Text(c.Why), ". ", ".\n")) // a line a sentence
}

// printTable prints the rows of two reports that comparisons look at, side by side.
func (a *app) printTable(left, right [][2]string) {
	table := [][3]string{{"", "A", "B"}}
	width := [2]int{}
	for i := range left {
		switch name := left[i][0]; name {
		case "origin", "scheme", "host", "port", "site":
			row := [3]string{name, plain.Text(shorten(left[i][1])), plain.Text(shorten(right[i][1]))}
			width[0] = max(width[0], utf8.RuneCountInString(row[1]))
			width[1] = max(width[1], utf8.RuneCountInString(row[2]))
			table = append(table, row)
		}
	}
	for _, row := range table {
		mark := ""
		if row[0] != "" && row[1] != row[2] {
			mark = "differs"
		}
		line := fmt.Sprintf("%-6s  %-*s  %-*s  %s", row[0], width[0], row[1], width[1], row[2], mark)
		a.printf("%s\n", strings.TrimRight(line, " "))
	}
}

// compareOrigins compares two origins and says why it comes out so.
func compareOrigins(a, b origin.Origin) comparison {
	c := comparison{SameOrigin: a.SameOrigin(b), SameSite: policy.SameSite(a, b), SchemelesslySameSite: policy.SchemelesslySameSite(a, b)}
	switch {
	case a.IsOpaque() && b.IsOpaque():
		c.Why = "Both origins are opaque, and an opaque origin is the same as itself alone."
		return c
	case a.IsOpaque() || b.IsOpaque():
		c.Why = "One origin is opaque, and an opaque origin is the same as itself alone."
		return c
	case c.SameOrigin:
		c.Why = "Scheme, host and port are the same."
		return c
	}
	var parts []string
	if a.Scheme() != b.Scheme() {
		parts = append(parts, fmt.Sprintf("schemes differ (%s and %s)", a.Scheme(), b.Scheme()))
	}
	if a.Host() != b.Host() {
		parts = append(parts, fmt.Sprintf("hosts differ (%s and %s)", shorten(a.Host()), shorten(b.Host())))
	}
	if a.Port() != b.Port() {
		parts = append(parts, fmt.Sprintf("ports differ (%d and %d)", a.Port(), b.Port()))
	}
	c.Why = "Not same origin: the " + joinAnd(parts, ", the ", " and the ") + ". " + whySite(a, b, &c)
	return c
}

// joinAnd joins words as a sentence does.
func joinAnd(words []string, comma, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], comma) + and + words[last]
}

// whySite says why two tuple origins are of one site or not.
func whySite(a, b origin.Origin, c *comparison) string {
	domainA, okA := a.RegistrableDomain()
	domainB, okB := b.RegistrableDomain()
	reason := ""
	switch {
	case c.SchemelesslySameSite && a.Host() == b.Host():
		reason = "the hosts are the same"
	case c.SchemelesslySameSite:
		reason = "the registrable domain is " + shorten(domainA) + " in both"
	case okA && okB:
		reason = "the registrable domains differ (" + shorten(domainA) + " and " + shorten(domainB) + ")"
		// Hosts that look alike: what keeps them apart is the list of public suffixes.
		suffixA, _ := a.PublicSuffix()
		if suffixB, _ := b.PublicSuffix(); suffixA == suffixB && strings.Contains(suffixA, ".") {
			reason += ": " + shorten(suffixA) + " is a public suffix, below which anybody registers names"
		}
	default:
		host := a.Host()
		if okA {
			host = b.Host()
		}
		reason = shorten(host) + " has no registrable domain, so that it is of one site with itself alone"
	}
	switch {
	case c.SameSite:
		return "Same site: " + reason + "."
	case c.SchemelesslySameSite:
		return "Schemelessly same site alone: " + reason + ", but the schemes differ."
	}
	return "Not same site: " + reason + "."
}
