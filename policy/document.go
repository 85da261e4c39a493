package policy

import "github.com/corsim/corsim/origin"

// DetermineOrigin returns the origin of a document. url is the document's URL; sandboxed tells that the sandboxed
// origin browsing context flag is set; source is the origin of the document that it comes from (the one that opened
// it, holds its frame or wrote its javascript: URL), the zero Origin if there is none.
//
// https://html.spec.whatwg.org/multipage/document-sequences.html#determining-the-origin
func DetermineOrigin(url origin.URL, sandboxed bool, source origin.Origin) origin.Origin {
	// 1.-2. A sandboxed document, and one without a URL, has an origin of its own.
	if sandboxed || url.IsZero() {
		return origin.Opaque()
	}
	if !source.IsZero() {
		switch url.Scheme() {
		case "about":
			// 3.-4. about:srcdoc is what its container says; about:blank belongs to whoever opened it.
			if url.Path() == "srcdoc" || url.Path() == "blank" {
				return source
			}
		case "javascript":
			// A javascript: URL's document is made by the document that it is run in.
			return source
		}
	}
	// 5.
	return url.Origin()
}

// SerializeURLOrigin returns what scripts read as the origin of a URL.
//
// https://url.spec.whatwg.org/#dom-url-origin
func SerializeURLOrigin(url origin.URL, p *Profile) string {
	if url.Scheme() == "file" && p != nil && p.FileOriginShown {
		return "file://"
	}
	return url.Origin().String()
}
