package simulator

import (
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// Frame returns the document of an <iframe> in the page. url is the document's own, after redirects, and may be
// relative to the page's; headers are those that it was served with (see Browser.Open). The document has an origin and
// a referrer policy of its own. Caches and partitioned cookies are those of the tab's top-level site, upgrade-insecure-
// requests, mixed content and a sandbox are passed down from the page, and if the page is of another site, or stands in
// a frame of one, the document's requests are cross-site. Documents of about:blank, about:srcdoc, data: and blob: URLs
// have the page's policies, and headers mean nothing to them.
//
// The document's own load is not made: neither is asked whether the page may show it, nor are its cookies stored.
// If the URL does not parse, Page.Err and every Result of the frame say so.
//
// https://html.spec.whatwg.org/multipage/iframe-embed-object.html#the-iframe-element
func (p *Page) Frame(url string, headers ...fetch.Header) *Page {
	if p.err != nil {
		return p
	}
	u, err := origin.ParseURL(url, &p.client.BaseURL)
	if err != nil {
		return &Page{browser: p.browser, err: err}
	}
	f := *p
	f.url = u
	f.client.Origin = policy.DetermineOrigin(u, p.sandboxed, p.client.Origin)
	// A javascript: URL stands for the document that it makes.
	inherits := u.IsLocal() || u.Scheme() == "javascript"
	if u.Scheme() != "about" && u.Scheme() != "javascript" {
		f.client.BaseURL = u
	}
	f.setReferrer()
	f.setAncestors(p)
	// https://html.spec.whatwg.org/multipage/browsers.html#determining-navigation-params-policy-container
	if !inherits {
		f.servedWith(headers)
	}
	return &f
}

// Sandbox returns the document of an <iframe sandbox="allow-scripts"> in the page that shows the same URL: its origin
// is opaque.
//
// https://html.spec.whatwg.org/multipage/browsers.html#sandboxed-origin-browsing-context-flag
func (p *Page) Sandbox() *Page {
	if p.err != nil {
		return p
	}
	s := *p
	s.sandboxed = true
	s.client.Origin = origin.Opaque()
	if !p.browser.Profile.OpaqueDocumentsHaveReferrers {
		s.client.Referrer = policy.OpaqueReferrer()
	}
	s.setAncestors(p)
	return &s
}

// setReferrer makes the referrer of a frame's document ready; until then it is that of the document above.
//
// https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer
func (f *Page) setReferrer() {
	switch {
	// 3. client 1.2.
	case f.client.Origin.IsOpaque() && !(f.sandboxed && f.browser.Profile.OpaqueDocumentsHaveReferrers),
		// A URL of a local scheme is no referrer (strip url 2).
		f.url.Scheme() == "javascript":
		f.client.Referrer = policy.OpaqueReferrer()
	// 3. client 1.3. An about:srcdoc document has that of the document above.
	case f.url.Scheme() == "about" && f.url.Path() == "srcdoc":
	// 3. client 1.4.
	default:
		f.client.Referrer = policy.NewReferrer(f.url)
	}
}

// setAncestors works out what depends on the documents that a frame's document stands in. above is the one whose frame
// it is.
func (f *Page) setAncestors(above *Page) {
	rules := &f.browser.Profile
	f.client.CrossSiteAncestor = hasCrossSiteAncestor(above, f.client.Origin)
	f.client.ProhibitsMixedContent = rules.ProhibitsMixedSecurityContexts(f.client.Origin, above.client.ProhibitsMixedContent)
	// Equivalent: HTML asks about the top-level document alone (secure context 2). Where that one is secure, mixed
	// content keeps frames out that are not.
	f.secure = above.secure && f.url.PotentiallyTrustworthy()
	f.partition.of(&f.client)
}

// hasCrossSiteAncestor reports whether a document of the origin has a cross-site ancestor in a frame of a page.
//
// https://html.spec.whatwg.org/multipage/nav-history-apis.html#script-settings-for-window-objects:concept-settings-object-has-cross-site-ancestor
func hasCrossSiteAncestor(parent *Page, o origin.Origin) bool {
	// 1. A document without a parent has none: Browser.Open does not ask.
	// 2.-3.
	if parent.client.CrossSiteAncestor {
		return true
	}
	// 4.-5. That schemes make no difference in some browsers is about cookies, as all is that the bit decides.
	if parent.browser.Cookies.Rules.SitesIgnoreSchemes {
		return !policy.SchemelesslySameSite(parent.client.Origin, o)
	}
	return !policy.SameSite(parent.client.Origin, o)
}

// partitionKeys are the keys of the partitions that a document's requests find their cookies in: the tab's top-level
// site, and whether a document of another site stands in between (CHIPS, "cross-site ancestor"). That bit makes a
// difference at the top-level site itself: hosts of any other one are beneath another site in every document of the
// tab, so that what the page's script and what a frame set there is the same.
type partitionKeys struct{ firstParty, thirdParty string }

// of sets the keys for a document.
func (k *partitionKeys) of(c *fetch.Client) {
	k.thirdParty = c.TopLevelSite.String()
	if k.firstParty = k.thirdParty; c.CrossSiteAncestor {
		k.firstParty = "cross-site ancestor, " + k.thirdParty
	}
}

// key returns the key for a request to the top-level site, or to another one.
func (k *partitionKeys) key(firstParty bool) string {
	if firstParty {
		return k.firstParty
	}
	return k.thirdParty
}
