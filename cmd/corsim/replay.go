package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/internal/plain"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

// A replayed is one request of a recording as --json tells it.
type replayed struct {
	Number      int               `json:"number"`  // from 1
	Entries     []int             `json:"entries"` // in log.entries, from 0
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	Verdict     string            `json:"verdict"` // empty if there is an error
	Reason      string            `json:"reason"`
	Shown       *string           `json:"shown"` // the verdict that the recording shows, null if it shows none
	Evidence    string            `json:"evidence"`
	Differences []replayedDiffers `json:"differences"`
	Notes       []string          `json:"notes"`
	Error       string            `json:"error,omitempty"`
	Story       *simulator.Story  `json:"story"` // null if there is an error
}

// replayedDiffers is one thing that the decision and the recording disagree about.
type replayedDiffers struct {
	Key       string          `json:"key"`
	Corsim    json.RawMessage `json:"corsim"`
	Recording json.RawMessage `json:"recording"`
}

// replayCounts is the summary; LeftOut are entries that are no requests of scripts.
type replayCounts struct {
	Requests   int `json:"requests"`
	Allowed    int `json:"allowed"`
	Blocked    int `json:"blocked"`
	Opaque     int `json:"opaque"`
	Invalid    int `json:"invalid"`
	Unanswered int `json:"unanswered"`
	Undecided  int `json:"undecided"`
	Differ     int `json:"differ"`
	LeftOut    int `json:"leftOut"`
}

// String is the closing line. What rarely happens is told where it happened.
func (c *replayCounts) String() string {
	s := fmt.Sprintf("%d requests: %d allowed, %d blocked", c.Requests, c.Allowed, c.Blocked)
	for _, x := range []struct {
		n    int
		what string
	}{{c.Opaque, "opaque"}, {c.Invalid, "invalid"}, {c.Unanswered, "unanswered"}, {c.Undecided, "undecided"}} {
		if x.n > 0 {
			s += fmt.Sprintf(", %d %s", x.n, x.what)
		}
	}
	return s + fmt.Sprintf(", %d differ", c.Differ)
}

func (c *replayCounts) count(v simulator.Verdict) {
	switch v {
	case simulator.Allowed:
		c.Allowed++
	case simulator.Opaque:
		c.Opaque++
	case simulator.Invalid:
		c.Invalid++
	case simulator.Unanswered:
		c.Unanswered++
	default:
		c.Blocked++
	}
}

// A replayCommand is one run of corsim replay.
type replayCommand struct {
	*app
	profile *profileFlag
	origin  string
	only    []int
	short   bool
	counts  replayCounts
}

func newReplayCommand(a *app) *cobra.Command {
	r := &replayCommand{app: a}
	c := &cobra.Command{
		Use:   "replay FILE.har",
		Short: "Decide anew each request that a HAR file records, and say where the recording shows otherwise",
		Long: `Decide anew each request of a script that an HTTP archive (HAR 1.2, as the developer
tools of browsers and proxies export it) records, and say where the recording shows
otherwise. FILE.har may be - for standard input.

The page is the one that the archive names, or the Referer, or the Origin; --origin
names another for all requests. The answers are the recorded ones. A preflight that
was not recorded counts as passed if the request after it was answered. Cookies that
the exporter left out are taken to have been sent where nothing else explains that
the recording shows the request blocked.

It prints a line a request, then, for each that was blocked or differs, both sides and
the whole story, and a summary. The exit status is 0 if nothing was blocked, 1 if
something was (or is unanswered), 2 for an entry or a file that cannot be read; the
other entries are decided all the same. With --json it prints an object a line for
each request and one, {"summary": ...}, at the end.`,
		Example: `corsim replay recording.har
corsim replay recording.har --origin https://app.example --short
corsim replay recording.har --request 3 --profile firefox`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("corsim replay takes one HAR file, not %d (%s --help tells more)", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return r.run(c, args[0]) },
	}
	r.profile = addProfileFlag(c)
	c.Flags().StringVar(&r.origin, "origin", "", "the `URL` or origin of the page that is taken to have made every request")
	c.Flags().IntSliceVar(&r.only, "request", nil, "tell of the request of this `number` alone (repeatable); all are decided")
	c.Flags().BoolVar(&r.short, "short", false, "leave out the stories of blocked requests")
	return c
}

// run replays one file.
func (r *replayCommand) run(c *cobra.Command, file string) error {
	page := r.origin
	if page == "null" {
		page = "data:text/html,"
	}
	if page != "" {
		if _, err := origin.ParseURL(page, nil); err != nil {
			return fmt.Errorf("--origin %q: %w; want a page's URL or origin, such as https://app.example", r.origin, err)
		}
	}
	var in io.Reader = r.stdin
	if file == "-" {
		file = "standard input"
	} else {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	recording, errs := simulator.ReadHAR(in)
	for _, err := range errs {
		r.complain("%s: %s", file, strings.TrimPrefix(err.Error(), "har: "))
		r.worsen(exitUsage)
	}
	r.counts.LeftOut = recording.Len()
	var told []*simulator.Replayed // whose stories follow
	numbers := map[*simulator.Replayed]int{}
	options := simulator.ReplayOptions{Page: page, Profile: r.profile.Profile}
	for x := range recording.Replay(c.Context(), options) {
		r.counts.Requests++
		r.counts.LeftOut -= len(x.Entries)
		r.judge(file, x)
		if len(r.only) > 0 && !slices.Contains(r.only, r.counts.Requests) {
			continue
		}
		switch {
		case r.json:
			r.printJSON(replayedOf(r.counts.Requests, x))
		default:
			r.printf("%s\n", replayLine(r.counts.Requests, x))
			if x.Err == nil && (isWorthAStory(x) || len(x.Notes) > 0) {
				told = append(told, x)
				numbers[x] = r.counts.Requests
			}
		}
	}
	for _, n := range r.only {
		if n < 1 || n > r.counts.Requests {
			r.complain("%s: there is no request %d, only 1 to %d", file, n, r.counts.Requests)
			r.worsen(exitUsage)
		}
	}
	if r.json {
		r.printJSON(map[string]*replayCounts{"summary": &r.counts})
		return nil
	}
	for _, x := range told {
		r.tell(numbers[x], x)
	}
	if r.counts.LeftOut > 0 {
		r.printf("\n%d of %d entries are no requests of scripts.\n", r.counts.LeftOut, recording.Len())
	}
	r.printf("\n%s\n", &r.counts)
	return nil
}

// judge counts a request, and complains of one that cannot be decided.
func (r *replayCommand) judge(file string, x *simulator.Replayed) {
	if x.Err != nil {
		hint := ""
		if errors.Is(x.Err, simulator.ErrNoPage) {
			hint = "; name it with --origin, as in --origin https://app.example"
		}
		r.complain("%s: log.entries[%d]: %s %s: %v%s", file, x.Entries[0], shorten(x.Method), shorten(x.URL), x.Err, hint)
		r.worsen(exitUsage)
		r.counts.Undecided++
		return
	}
	v := x.Result.Verdict()
	r.counts.count(v)
	if v != simulator.Allowed && v != simulator.Opaque {
		r.worsen(exitDenied)
	}
	if len(x.Differences) > 0 {
		r.counts.Differ++
	}
}

// shorten cuts a text that would fill a line by itself.
func shorten(s string) string {
	const limit = 200
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "..."
}

// replayLine is the line of a request.
func replayLine(number int, x *simulator.Replayed) string {
	verdict, why := "undecided", ""
	switch {
	case x.Err != nil:
		why = x.Err.Error()
	case x.Result.Allowed():
		verdict, why = "allowed", fmt.Sprintf("%s, %d", x.Result.Type(), x.Result.Status())
	default:
		verdict, why = x.Result.Verdict().String(), x.Result.Reason().Code()
	}
	if len(x.Differences) > 0 {
		why += ", differs"
	}
	return plain.Text(fmt.Sprintf("%3d  %-10s  %-7s %s  (%s)", number, verdict, shorten(x.Method), shorten(x.URL), why))
}

// isWorthAStory reports whether a request was not let through, or not by both.
func isWorthAStory(x *simulator.Replayed) bool {
	return len(x.Differences) > 0 || x.Result.Verdict() != simulator.Allowed && x.Result.Verdict() != simulator.Opaque
}

// tell tells of one request what its line does not.
func (r *replayCommand) tell(number int, x *simulator.Replayed) {
	if r.short && len(x.Differences) == 0 && len(x.Notes) == 0 {
		return
	}
	r.printf("\n%s\n", plain.Text(fmt.Sprintf("Request %d (%s): %s %s", number, entryList(x.Entries), shorten(x.Method), shorten(x.URL))))
	for _, d := range x.Differences {
		r.printf("%s\n", plain.Text(fmt.Sprintf("  differs in %s: corsim decides %s, the recording shows %s", d.Key, shorten(d.Got), shorten(d.Want))))
		if d.Key == "verdict" {
			break // everything else follows
		}
	}
	if len(x.Differences) > 0 {
		r.printf("%s\n", plain.Text("  how it shows: "+shorten(x.Evidence)))
	}
	for _, note := range x.Notes {
		r.printf("%s\n", plain.Text("  note: "+note))
	}
	if !r.short && isWorthAStory(x) {
		r.printf("\n%s\n", x.Result)
	}
}

// entryList names entries, such as "entry 2" or "entries 2, 3".
func entryList(entries []int) string {
	s := "entry "
	if len(entries) > 1 {
		s = "entries "
	}
	for i, n := range entries {
		if i > 0 {
			s += ", "
		}
		s += strconv.Itoa(n)
	}
	return s
}

// replayedOf is a request for --json.
func replayedOf(number int, x *simulator.Replayed) *replayed {
	out := &replayed{Number: number, Entries: x.Entries, Method: x.Method, URL: x.URL, Evidence: x.Evidence,
		Differences: []replayedDiffers{}, Notes: append([]string{}, x.Notes...)}
	if x.HasShown {
		shown := x.Shown.String()
		out.Shown = &shown
	}
	if x.Err != nil {
		out.Error = x.Err.Error()
		return out
	}
	for _, d := range x.Differences {
		out.Differences = append(out.Differences, replayedDiffers{d.Key, json.RawMessage(d.Got), json.RawMessage(d.Want)})
	}
	out.Story = x.Result.Story()
	out.Verdict, out.Reason = out.Story.Verdict, out.Story.Reason
	return out
}
