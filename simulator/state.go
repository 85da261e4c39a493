package simulator

import (
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// setBounds gives the stores of the browser their bounds.
func (b *Browser) setBounds() {
	b.preflights.MaxEntries = b.MaxPreflights
	b.cache.MaxResponses, b.cache.MaxBytes = b.MaxCachedResponses, b.MaxCachedBytes
	b.cache.rules = b.Profile.HTTPCache
}

// Preflights returns what the preflight cache holds and is not over, the answer used last first.
func (b *Browser) Preflights() []fetch.PreflightCacheEntry { return b.preflights.Entries(b.now()) }

// Cached returns what the HTTP cache holds, fresh or not, the response used last first.
func (b *Browser) Cached() []CachedResponse { return b.cache.Cached() }

// HSTS returns the hosts that want HTTPS alone, sorted.
func (b *Browser) HSTS() []HSTSHost { return b.hsts.hosts(b.now()) }

// Reset forgets all that the browser remembers: cookies, preflights, responses, and the hosts that want HTTPS alone.
func (b *Browser) Reset() {
	b.Cookies.Clear()
	b.preflights.Reset()
	b.cache.Reset()
	b.hsts.reset()
}

// CacheState tells what part the HTTP cache had in the response that decided: none, or a stored response was used as
// it is ("local"), or after the server had confirmed it ("validated").
func (r *Result) CacheState() fetch.CacheState { return r.response.FromCache }

// A CookieReport tells what became of the cookies at one response of a request: those that could have gone along, and
// those that the response set. Preflights have a report if their answer tried to set cookies, which it cannot.
type CookieReport struct {
	// Exchange is the index in Result.Exchanges; -1 if the HTTP cache answered, so that nothing went anywhere.
	Exchange int
	// URL is what was asked for, without fragment.
	URL string
	// Credentials is the step that decided whether cookies could go along at all.
	Credentials policy.Step
	// Sent has each cookie of the URL's site, with whether it went along or which rule withheld it.
	Sent []CookieDecision
	// Set has each Set-Cookie of the response, with whether it was stored or why it was refused.
	Set []CookieDecision
}

// Cookies tells, for each request that was made, which cookies of the jar went along and which rule withheld the
// others, and which cookies its response set, also where the script may not read that response. It returns nil if the
// Browser is Terse. Requests that bring the HTTP cache up to date in the background have no report.
func (r *Result) Cookies() []CookieReport {
	if r.story == nil {
		return nil
	}
	return r.story.cookies
}

// placeCookies sets right which exchange each report is about: one for which none was made was answered by the cache.
func (r *Result) placeCookies() {
	if r.story == nil {
		return
	}
	next := len(r.response.Exchanges)
	for next > 0 && r.response.Exchanges[next-1].Background {
		next--
	}
	for i := len(r.story.cookies) - 1; i >= 0; i-- {
		if c := &r.story.cookies[i]; c.Exchange >= next {
			c.Exchange = -1
		} else {
			next = c.Exchange
		}
	}
}

// account returns the story that keeps account of the cookies of a request; nil if none does.
func account(r *fetch.Request) *story {
	if res := resultOf(r); res.story != nil && r == &res.request {
		return res.story
	}
	return nil
}

// resultOf is the Result that a request is made for.
func resultOf(r *fetch.Request) *Result { return r.Owner.(*Result) }

// browserCookies is the cookie jar of a browser, as its fetches see it. It keeps account if the browser is not terse.
type browserCookies Browser

func (b *browserCookies) request(r *fetch.Request) CookieRequest {
	u := r.CurrentURL()
	host, _ := u.Host()
	firstParty := b.isFirstParty(r.Client, &u)
	sameSite := firstParty
	if sameSite && b.Cookies.Rules.ThirdPartyRedirects {
		for _, before := range r.URLs() {
			sameSite = sameSite && b.isFirstParty(r.Client, &before)
		}
	}
	return CookieRequest{
		Host: host, Path: u.Path(), Secure: b.isSecure(&u), Mode: r.SameSiteMode(), Method: r.Method,
		ThirdParty:   r.Client.CrossSiteAncestor && !b.Cookies.Rules.AncestorsIgnored || !sameSite,
		PartitionKey: resultOf(r).page.partition.key(firstParty),
	}
}

// isSecure reports whether a URL is one that cookies for https alone may be sent to, and be set by.
func (b *browserCookies) isSecure(u *origin.URL) bool {
	return u.Scheme() == "https" || b.Cookies.Rules.LoopbackIsSecure && u.PotentiallyTrustworthy()
}

// SetCookie stores the value of a Set-Cookie header as the answer to a visit to the URL does, in a tab of its own: for
// a user who has logged in before. The error is about the URL alone; the decision tells whether the cookie is kept.
func (b *Browser) SetCookie(url, value string) (CookieDecision, error) {
	u, err := origin.ParseURL(url, nil)
	if err != nil {
		return CookieDecision{}, err
	}
	return b.setCookie(&u, policy.SiteOf(u.Origin()).String(), value), nil
}

// SetCookie is Browser.SetCookie for a cookie that is kept for the page's tab, which matters where cookies are
// partitioned.
func (p *Page) SetCookie(url, value string) (CookieDecision, error) {
	if p.err != nil {
		return CookieDecision{}, p.err
	}
	u, err := origin.ParseURL(url, nil)
	if err != nil {
		return CookieDecision{}, err
	}
	b := (*browserCookies)(p.browser)
	return p.browser.setCookie(&u, p.partition.key(b.isFirstParty(&p.client, &u)), value), nil
}

func (b *Browser) setCookie(u *origin.URL, partition, value string) CookieDecision {
	b.prepare()
	host, _ := u.Host()
	return b.Cookies.Store(b.now(), CookieRequest{Host: host, Path: u.Path(), Secure: (*browserCookies)(b).isSecure(u),
		Method: "GET", TopLevel: true, PartitionKey: partition}, value)
}

// isFirstParty reports whether a URL is of the top-level site of a document.
func (b *browserCookies) isFirstParty(c *fetch.Client, u *origin.URL) bool {
	site, top := policy.SiteOf(u.Origin()), c.TopLevelSite
	return site == top || b.Cookies.Rules.SitesIgnoreSchemes && site.SchemelesslySame(top)
}

// Cookie implements fetch.Cookies.
func (b *browserCookies) Cookie(r *fetch.Request) string {
	a := account(r)
	if b.Cookies.Len() == 0 {
		if a != nil {
			a.report(r, policy.NetworkCredentialsIncluded)
		}
		return ""
	}
	q, now := b.request(r), (*Browser)(b).now()
	if a != nil {
		a.report(r, policy.NetworkCredentialsIncluded).Sent = b.Cookies.Explain(now, q)
	}
	return b.Cookies.Header(now, q)
}

// SetCookie implements fetch.Cookies.
func (b *browserCookies) SetCookie(r *fetch.Request, value, date string) {
	q := b.request(r)
	q.Mode, q.Date = r.ResponseSameSiteMode(), date
	d := b.Cookies.Store((*Browser)(b).now(), q, value)
	if a := account(r); a != nil {
		a.set(r, policy.NetworkCredentialsIncluded, d)
	}
}

// Withheld implements fetch.CookieWitness.
func (b *browserCookies) Withheld(r *fetch.Request, why policy.Step) {
	a := account(r)
	if a == nil || b.Cookies.Len() == 0 {
		return
	}
	report := a.report(r, why)
	report.Sent = b.Cookies.Explain((*Browser)(b).now(), b.request(r))
	for i := range report.Sent {
		if report.Sent[i].Reason == CookieSent {
			report.Sent[i].Reason = CookieCredentials
		}
	}
}

// Ignored implements fetch.CookieWitness.
func (b *browserCookies) Ignored(r *fetch.Request, value string, why policy.Step) {
	a := account(r)
	if a == nil {
		return
	}
	q := b.request(r)
	p, reason := parseCookie(&b.Cookies.Rules, (*Browser)(b).now(), &q, value)
	credentials := policy.NetworkCredentialsExcluded
	if why == policy.NetworkMisdirected {
		credentials = policy.NetworkCredentialsIncluded
	}
	if reason == 0 {
		reason = CookieRefusedCredentials
		if why == policy.NetworkMisdirected {
			reason = CookieRefusedMisdirected
		}
	}
	a.set(r, credentials, CookieDecision{p.Cookie, reason})
}

// report begins the report of the next request.
func (s *story) report(r *fetch.Request, credentials policy.Step) *CookieReport {
	s.cookies = append(s.cookies, CookieReport{Exchange: len(resultOf(r).response.Exchanges),
		URL: wireURL(r.CurrentURL()), Credentials: credentials})
	return &s.cookies[len(s.cookies)-1]
}

// set adds to the report of the exchange made last, and begins one if it has none: a preflight's.
func (s *story) set(r *fetch.Request, credentials policy.Step, d CookieDecision) {
	exchange := len(resultOf(r).response.Exchanges) - 1
	n := len(s.cookies)
	if n == 0 || s.cookies[n-1].Exchange != exchange {
		s.report(r, credentials).Exchange = exchange
		n++
	}
	report := &s.cookies[n-1]
	report.Set = append(report.Set, d)
}
