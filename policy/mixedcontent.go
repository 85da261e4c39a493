package policy

// A MixedContentContext is what the algorithms of mixed content ask about a request.
type MixedContentContext struct {
	// Prohibits tells that the client prohibits mixed security contexts: its document, or one that it stands in, has
	// a potentially trustworthy origin.
	Prohibits bool
	// Trustworthy tells that the URL at hand is a potentially trustworthy URL.
	Trustworthy bool
	// Address tells that the URL's host is an IP address.
	Address bool
	// Media tells that the request's destination is image, audio or video.
	Media bool
	// TopLevel tells that the request navigates the top level.
	TopLevel bool
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
	// 1. Not modelled: the initiator "imageset", as there are no srcset attributes.
	if c.Trustworthy || c.Address || !c.Prohibits || !c.Media {
		return false
	}
	// 2. The caller changes the scheme.
	return true
}
