package policy

import "github.com/corsim/corsim/origin"

// A MixedContentContext is what the algorithms of mixed content ask about a request.
type MixedContentContext struct {
	// Prohibits tells that the client prohibits mixed security contexts; see Profile.ProhibitsMixedSecurityContexts.
	Prohibits bool
	// Trustworthy tells that the URL at hand is a potentially trustworthy URL.
	Trustworthy bool
	// Address tells that the URL's host is an IP address.
	Address bool
	// Media tells that the request's destination is image, audio or video.
	Media bool
	// ImageSet tells that the request's initiator is imageset: the image is chosen by srcset or <picture>.
	ImageSet bool
	// TopLevel tells that the request navigates the top level.
	TopLevel bool
}

// ProhibitsMixedSecurityContexts reports whether a document of the origin prohibits mixed security contexts, to the
// profile's browser. above is what it reported of the document whose frame this one stands in, false if there is none.
//
// https://www.w3.org/TR/mixed-content/#categorize-settings-object
func (p *Profile) ProhibitsMixedSecurityContexts(o origin.Origin, above bool) bool {
	// 1.
	if o.PotentiallyTrustworthy() && (!p.MixedContentByScheme || o.Scheme() == "https") {
		return true
	}
	// 2.-3. Equivalent: what was reported of the document above holds for all that are above that one.
	return above
}

// BlocksRequest reports whether a request is blocked because a secure page asks for something over an insecure
// connection.
//
// https://www.w3.org/TR/mixed-content/#should-block-fetch
func (c MixedContentContext) BlocksRequest() bool {
	// 1. Not modelled: a user who allows mixed content.
	if !c.Prohibits || c.Trustworthy || c.TopLevel {
		return false
	}
	// 2.
	return true
}

// BlocksResponse reports whether the response to a request is blocked because it came over an insecure connection;
// Trustworthy is about the response's URL.
//
// https://www.w3.org/TR/mixed-content/#should-block-response
func (c MixedContentContext) BlocksResponse() bool {
	// 1.-2. The conditions are those of requests.
	return c.BlocksRequest()
}

// Upgrades reports whether a request goes out over https instead of http, because it is of a kind that is not worth
// blocking a page's content for.
//
// https://www.w3.org/TR/mixed-content/#upgrade-algorithm
func (c MixedContentContext) Upgrades() bool {
	// 1.
	if c.Trustworthy || c.Address || !c.Prohibits || !c.Media || c.ImageSet {
		return false
	}
	// 2. The caller changes the scheme.
	return true
}
