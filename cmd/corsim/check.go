package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/simulator"
)

// checkOptions are the flags of corsim check.
type checkOptions struct {
	origin         string
	method         string
	headers        []string
	data           string
	hasData        bool
	credentials    string
	mode           string
	redirect       string
	xhr            bool
	uploadListener bool
	cookies        []string
	pageHeaders    []string
	timeout        time.Duration
	insecure       bool
	profile        *profileFlag
}

func newCheckCommand(a *app) *cobra.Command {
	o := new(checkOptions)
	c := &cobra.Command{
		Use:   "check URL --origin ORIGIN",
		Short: "Make a request live as a page's script would, and say what the browser decides",
		Long: `Make a request live, with the preflight and the redirects that a browser would make, and
say whether the page's script may read the answer: the verdict, every exchange, the
deciding step and what to do. The request does reach the server.

ORIGIN is the page's origin or its whole URL; null stands for a sandboxed document. As with
fetch(), --data alone does not make a POST. --json writes the same as one object, cookies
and Authorization included, which the text leaves out.

Exit status: 0 if the script may read the answer; 1 if the request is blocked, opaque or
invalid; 2 if it could not be made as asked (a mistake in a flag, a timeout, Ctrl-C). That
a server refuses the connection is what a page would see too: blocked.`,
		Example: `corsim check https://api.example/items --origin https://app.example
corsim check https://api.example/items/1 --origin https://app.example --method PUT \
    --header "Content-Type: application/json" --data '{"name":"x"}'
corsim check https://api.example/me --origin https://app.example --credentials include \
    --cookie "sid=1; SameSite=None; Secure"
corsim check https://localhost:8443/ --origin http://localhost:3000 --insecure --json`,
		Args: exactArgs(1, "one URL"),
		RunE: func(c *cobra.Command, args []string) error {
			o.hasData = c.Flags().Changed("data")
			return a.check(args[0], o)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.origin, "origin", "", "the page's origin or URL (required)")
	f.StringVarP(&o.method, "method", "X", "", "the method, as the script writes it (default GET)")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "a header that the script sets, \"Name: value\"; may be repeated")
	f.StringVarP(&o.data, "data", "d", "", "the body, a string")
	f.StringVar(&o.credentials, "credentials", "", "omit, same-origin or include (default same-origin)")
	f.StringVar(&o.mode, "mode", "", "cors, no-cors or same-origin (default cors)")
	f.StringVar(&o.redirect, "redirect", "", "follow, error or manual (default follow)")
	f.BoolVar(&o.xhr, "xhr", false, "use XMLHttpRequest instead of fetch(); --credentials include is withCredentials")
	f.BoolVar(&o.uploadListener, "upload-listener", false, "with --xhr: the script listens to the upload's progress")
	f.StringArrayVar(&o.cookies, "cookie", nil, "a Set-Cookie value that the URL's host has set before; may be repeated")
	f.StringArrayVar(&o.pageHeaders, "page-header", nil, "a header that the page was served with, \"Name: value\"; may be repeated")
	o.profile = addProfileFlag(c)
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long to wait for all answers together")
	f.BoolVar(&o.insecure, "insecure", false, "do not verify certificates")
	for flag, values := range map[string][]cobra.Completion{
		"method":      {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"},
		"credentials": {"omit", "same-origin", "include"},
		"mode":        {"cors", "no-cors", "same-origin"},
		"redirect":    {"follow", "error", "manual"},
	} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flag exists
	}
	return c
}

// check makes the request and tells what became of it.
func (a *app) check(target string, o *checkOptions) error {
	u, err := origin.ParseURL(target, nil)
	if err != nil {
		return fmt.Errorf("URL: %w", withScheme(target, err))
	}
	headers, err := headerLines("--header", o.headers)
	if err != nil {
		return err
	}
	if err := o.conflict(); err != nil {
		return err
	}
	b := &simulator.Browser{Network: simulator.Transport(o.transport()), Profile: o.profile.Profile}
	page, err := o.open(b)
	if err != nil {
		return err
	}
	if err := o.setCookies(b, page, u); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	res := o.run(ctx, page, target, headers)
	if err := res.Err(); err != nil {
		return o.notAsked(target, err)
	}
	if !res.Allowed() {
		a.worsen(exitDenied)
	}
	if a.json {
		a.printJSON(res.Story())
	} else {
		a.printf("%s\n", res)
	}
	return nil
}

// conflict refuses flags that do not go together.
func (o *checkOptions) conflict() error {
	switch {
	case o.origin == "":
		return errors.New("--origin is missing: whose page makes the request, such as --origin https://app.example?")
	case o.timeout <= 0:
		return fmt.Errorf("--timeout: %s is no time at all; 30s is the default", o.timeout)
	case o.uploadListener && !o.xhr:
		return errors.New("--upload-listener goes with --xhr alone: fetch() has no upload progress")
	case o.xhr && o.mode != "":
		return errors.New("--mode does not go with --xhr: an XMLHttpRequest is always of the mode cors")
	case o.xhr && o.redirect != "":
		return errors.New("--redirect does not go with --xhr: an XMLHttpRequest always follows redirects")
	case o.xhr && o.credentials == "omit":
		return errors.New("--credentials omit does not go with --xhr: withCredentials chooses between same-origin and include")
	case o.xhr && o.credentials != "" && o.credentials != "same-origin" && o.credentials != "include":
		return fmt.Errorf("--credentials: %q is none of same-origin and include", o.credentials)
	}
	return nil
}

// transport returns the way to the network.
func (o *checkOptions) transport() http.RoundTripper {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		t = d.Clone()
	}
	t.TLSHandshakeTimeout = o.timeout // the whole is bounded by the context
	if o.insecure {
		t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	}
	return t
}

// open opens the page that --origin names.
func (o *checkOptions) open(b *simulator.Browser) (*simulator.Page, error) {
	headers, err := headerLines("--page-header", o.pageHeaders)
	if err != nil {
		return nil, err
	}
	if o.origin == "null" {
		// Which page the sandboxed document stands in makes no difference but for first-party cookies, and there are
		// none.
		return b.Open("https://sandboxed.invalid/", headers...).Sandbox(), nil
	}
	page := b.Open(o.origin, headers...)
	if err := page.Err(); err != nil {
		return nil, fmt.Errorf("--origin: %w", withScheme(o.origin, err))
	}
	return page, nil
}

// setCookies puts the cookies of --cookie into the jar, as if a visit to the URL had set them.
func (o *checkOptions) setCookies(b *simulator.Browser, page *simulator.Page, u origin.URL) error {
	for _, k := range o.cookies {
		d, err := page.SetCookie(u.String(), k)
		if err != nil {
			return err
		}
		if !d.OK() {
			return fmt.Errorf("--cookie: %s does not keep %s", u.Origin(), d)
		}
	}
	return nil
}

// run makes the request.
func (o *checkOptions) run(ctx context.Context, page *simulator.Page, target string, headers fetch.Headers) *simulator.Result {
	var body *fetch.Body
	if o.hasData {
		body = fetch.Text(o.data)
	}
	if o.xhr {
		return page.XHRContext(ctx, target, simulator.XHRInit{Method: o.method, Headers: headers, Body: body,
			WithCredentials: o.credentials == "include", UploadListener: o.uploadListener})
	}
	return page.FetchContext(ctx, target, simulator.Init{Method: o.method, Headers: headers, Body: body,
		Mode: o.mode, Credentials: o.credentials, Redirect: o.redirect})
}

// notAsked says why the network could not be asked.
func (o *checkOptions) notAsked(target string, err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: no answer within %s (--timeout sets how long to wait)", target, o.timeout)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: interrupted before the answer came", target)
	}
	return fmt.Errorf("%s: %w", target, err)
}

// headerLines splits "Name: value" at the first colon.
func headerLines(flag string, lines []string) (fetch.Headers, error) {
	var h fetch.Headers
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return nil, fmt.Errorf("%s: %q has no colon; a header is \"Name: value\"", flag, line)
		}
		h = append(h, fetch.Header{Name: name, Value: strings.Trim(value, " \t")})
	}
	return h, nil
}

// withScheme adds to the error of a URL without scheme what was probably meant.
func withScheme(input string, err error) error {
	var e *origin.Error
	if !errors.As(err, &e) || e.Fault != origin.FaultMissingSchemeNonRelativeURL {
		return err
	}
	if u, guessErr := origin.ParseURL("https://"+input, nil); guessErr == nil && len(input) <= 80 {
		return fmt.Errorf("%w (did you mean %s?)", err, strings.TrimSuffix(u.String(), "/"))
	}
	return err
}

// exactArgs asks for n arguments.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("%s takes %s, not %d arguments (%s --help shows examples)", c.CommandPath(), what, len(args), c.CommandPath())
		}
		return nil
	}
}
