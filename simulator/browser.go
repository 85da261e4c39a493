package simulator

import (
	"context"
	"sync"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// DefaultUserAgent is the User-Agent that a Browser sends if it is not told otherwise.
const DefaultUserAgent = "Mozilla/5.0 (compatible; corsim)"

// A Browser is a network and what a browser remembers. Only Network has to be set. The fields are set before the
// first use; after that a Browser may be used from many goroutines, and must not be copied.
type Browser struct {
	// Network answers the requests.
	Network fetch.Network
	// Profile holds what the browser does otherwise than the standards; the zero value is the bare standards.
	Profile policy.Profile
	// Now tells the time, for all that the browser remembers; nil stands for time.Now.
	Now func() time.Time
	// UserAgent is the User-Agent header; empty stands for DefaultUserAgent.
	UserAgent string
	// MaxPreflights bounds the preflight cache, in entries; 0 stands for fetch.DefaultMaxPreflightEntries, a negative
	// number for no cache.
	MaxPreflights int
	// NoHTTPCache leaves the HTTP cache out. MaxCachedResponses and MaxCachedBytes bound it; 0 stands for
	// DefaultMaxCachedResponses and DefaultMaxCachedBytes.
	NoHTTPCache        bool
	MaxCachedResponses int
	MaxCachedBytes     int64
	// Terse leaves out the steps that Result.Events holds, which saves half of the time of a decision.
	Terse bool
	// Cookies is the cookie jar. Its Rules are those of the Profile, once a page was opened or a cookie was set with
	// SetCookie, unless it was given others.
	Cookies CookieJar

	start      sync.Once
	fetcher    fetch.Fetcher
	preflights fetch.PreflightCache
	cache      HTTPCache
	hsts       hstsStore
	sites      policy.SiteCache
}

// prepare makes the parts of the browser what its fields say, once.
func (b *Browser) prepare() {
	b.start.Do(func() {
		b.setBounds()
		if b.Cookies.Rules == (policy.CookieRules{}) {
			b.Cookies.Rules = b.Profile.Cookies
		}
		b.fetcher = fetch.Fetcher{
			Network: b.Network, Profile: &b.Profile, Now: b.Now, UserAgent: b.userAgent(),
			Cookies: (*browserCookies)(b), HSTS: (*browserHSTS)(b),
		}
		if b.MaxPreflights >= 0 {
			b.fetcher.Cache = &b.preflights
		}
		if !b.NoHTTPCache {
			b.fetcher.HTTPCache = &b.cache
		}
	})
}

func (b *Browser) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

func (b *Browser) userAgent() string {
	if b.UserAgent != "" {
		return b.UserAgent
	}
	return DefaultUserAgent
}

// A Page is a document that makes requests: one in a tab of its own (see Browser.Open), or one in a frame (see Frame and
// Sandbox).
type Page struct {
	browser   *Browser
	url       origin.URL
	client    fetch.Client
	partition partitionKeys
	secure    bool // the document is a secure context
	sandboxed bool // the sandboxed origin browsing context flag
	err       error
}

// Open opens a page in a tab of its own. headers are those that the page was served with; Referrer-Policy,
// Cross-Origin-Embedder-Policy and the directive upgrade-insecure-requests of Content-Security-Policy matter. If the
// URL does not parse, Page.Err and every Result of the page say so.
func (b *Browser) Open(url string, headers ...fetch.Header) *Page {
	b.prepare()
	p := &Page{browser: b}
	u, err := origin.ParseURL(url, nil)
	if err != nil {
		p.err = err
		return p
	}
	o := u.Origin()
	p.url, p.secure = u, o.PotentiallyTrustworthy()
	p.client = fetch.Client{
		Origin:                o,
		BaseURL:               u,
		Referrer:              policy.NewReferrer(u),
		TopLevelSite:          policy.SiteOf(o),
		ProhibitsMixedContent: b.Profile.ProhibitsMixedSecurityContexts(o, false),
		Sites:                 &b.sites,
	}
	if o.IsOpaque() {
		p.client.Referrer = policy.OpaqueReferrer()
	}
	p.servedWith(headers)
	p.partition.of(&p.client)
	return p
}

// servedWith gives the document the policies of the headers that it was served with.
func (p *Page) servedWith(h fetch.Headers) {
	rules := &p.browser.Profile
	if policy.ParseUpgradeInsecureRequests(h.Values("Content-Security-Policy")...) {
		p.client.UpgradesInsecureRequests = true
	}
	p.client.Policies = policy.Container{ReferrerPolicy: rules.PageReferrerPolicy(h.Values("Referrer-Policy")...)}
	// A document that is no secure context has no embedder policy.
	if p.secure {
		p.client.Policies.EmbedderPolicy = rules.PageEmbedderPolicy(h.Values("Cross-Origin-Embedder-Policy")...)
	}
}

// Err returns what is wrong with the page's URL, or nil.
func (p *Page) Err() error { return p.err }

// URL returns the page's URL; the zero URL if it does not parse.
func (p *Page) URL() origin.URL { return p.url }

// Origin returns the origin of the page's document.
func (p *Page) Origin() origin.Origin { return p.client.Origin }

// Init is what a script passes to fetch() beside the URL. The zero value, and each empty field, is what fetch() takes
// for granted: a GET in the mode "cors" with the credentials mode "same-origin".
type Init struct {
	Method         string
	Headers        fetch.Headers // see fetch.H
	Body           *fetch.Body   // see fetch.Text, fetch.Bytes, fetch.Form, fetch.Stream
	Mode           string
	Credentials    string
	Cache          string
	Redirect       string
	Referrer       string
	NoReferrer     bool // referrer: ""
	ReferrerPolicy string
	Keepalive      bool
}

// requestInit turns the friendly form into what Web IDL sees.
func (i *Init) requestInit(r *fetch.RequestInit) {
	give := func(m *fetch.Member, s string) {
		if s != "" {
			*m = fetch.Given(s)
		}
	}
	r.Headers, r.Body, r.Keepalive = i.Headers, i.Body, i.Keepalive
	give(&r.Method, i.Method)
	give(&r.Mode, i.Mode)
	give(&r.Credentials, i.Credentials)
	give(&r.Cache, i.Cache)
	give(&r.Redirect, i.Redirect)
	give(&r.Referrer, i.Referrer)
	give(&r.ReferrerPolicy, i.ReferrerPolicy)
	if i.NoReferrer {
		r.Referrer = fetch.Given("")
	}
}

// Fetch does what fetch(url, init) does in the page's script.
func (p *Page) Fetch(url string, init Init) *Result {
	return p.fetchInit(context.Background(), url, &init)
}

// FetchContext is Fetch with a context for the network.
func (p *Page) FetchContext(ctx context.Context, url string, init Init) *Result {
	return p.fetchInit(ctx, url, &init)
}

func (p *Page) fetchInit(ctx context.Context, url string, init *Init) *Result {
	var ri fetch.RequestInit
	init.requestInit(&ri)
	return p.fetch(ctx, url, &ri)
}

// fetch is Fetch with the members as the script gave them.
func (p *Page) fetch(ctx context.Context, url string, init *fetch.RequestInit) *Result {
	res := p.newResult(viaFetch, len(init.Headers) == 0 && (init.Method.Value() == "" || init.Method.Value() == "GET"))
	if p.err != nil {
		return res.fail(p.err)
	}
	if init.Body != nil && init.Body.Stream && p.browser.Profile.StreamsAsText {
		init = withoutStream(init)
	}
	if s := fetch.NewRequest(&res.request, &p.client, url, init, &p.browser.Profile, res.request.Trace); s != 0 {
		return res.throw(s)
	}
	return p.run(ctx, res)
}

// withoutStream returns the init with the text in the place of the stream that a browser makes of it to which streams
// are objects like any other (Profile.StreamsAsText).
func withoutStream(init *fetch.RequestInit) *fetch.RequestInit {
	i := *init
	i.Body = fetch.Text("[object ReadableStream]")
	return &i
}

// run fetches the request that res holds.
func (p *Page) run(ctx context.Context, res *Result) *Result {
	b := p.browser
	if b.Network == nil {
		return res.fail(errNoNetwork)
	}
	b.fetcher.FetchInto(ctx, &res.request, &res.response)
	res.placeCookies()
	return res.settle()
}

// A Result with room for what its request takes on the wire.
type (
	simpleResult struct {
		Result
		room fetch.SimpleRoom
	}
	preflightedResult struct {
		Result
		room fetch.PreflightedRoom
	}
)

// newResult returns the Result of a request that is about to be made. It has room for one exchange, or, unless it looks
// simple, for two.
func (p *Page) newResult(v via, simple bool) *Result {
	var res *Result
	if simple {
		both := new(simpleResult)
		res, both.request.Room = &both.Result, &both.room
	} else {
		both := new(preflightedResult)
		res, both.request.Room = &both.Result, &both.room
	}
	res.page, res.via, res.request.Owner = p, v, res
	if !p.browser.Terse {
		s := newStory(simple)
		res.story = s
		res.request.Trace = func(e policy.Event) { s.events = append(s.events, e) }
	}
	return res
}
