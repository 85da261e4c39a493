package simulator

import (
	"context"
	"fmt"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
)

// An Element is what makes a page load something without a script's doing. The zero value is an <img src> without the
// attribute crossorigin.
type Element struct {
	Kind ElementKind
	// CrossOrigin is the state of the attribute crossorigin; that of a track is the media element's. Fonts have none.
	CrossOrigin CrossOrigin
}

// An ElementKind is what an element loads.
type ElementKind uint8

// The kinds of elements.
const (
	Image      ElementKind = iota // <img src>
	ImageSet                      // <img srcset>, and an image in <picture>
	Audio                         // <audio>
	Video                         // <video>
	Track                         // <track> in an <audio> or a <video>
	Script                        // <script src>
	Module                        // <script type=module src>
	StyleSheet                    // <link rel=stylesheet>
	Font                          // @font-face in a style sheet of the page's own
	elementKindCount
)

var elementKinds = [...]string{"img", "imageset", "audio", "video", "track", "script", "module", "style", "font"}

// String returns the kind in a word: img, imageset, audio, video, track, script, module, style or font.
func (k ElementKind) String() string {
	if k < elementKindCount {
		return elementKinds[k]
	}
	return fmt.Sprintf("ElementKind(%d)", uint8(k))
}

// A CrossOrigin is the state of a CORS settings attribute, as the attribute crossorigin is one.
//
// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attributes
type CrossOrigin uint8

// The states.
const (
	NoCORS         CrossOrigin = iota // the attribute is absent
	Anonymous                         // crossorigin, crossorigin="", crossorigin=anonymous, and any other value
	UseCredentials                    // crossorigin=use-credentials
)

// String returns the state as the standard spells it.
func (c CrossOrigin) String() string {
	switch c {
	case NoCORS:
		return "No CORS"
	case Anonymous:
		return "Anonymous"
	case UseCredentials:
		return "Use Credentials"
	}
	return fmt.Sprintf("CrossOrigin(%d)", uint8(c))
}

// Load does what an element in the page does with the URL in its src, srcset or href. The Result is Allowed if the page
// may look into what came (the pixels of an image, the errors of a script), and Opaque if it may only use it. Whether
// what came is of any use to the element is not asked, but for what the Fetch standard itself blocks: a script whose
// type is an image's, and what X-Content-Type-Options: nosniff is about. A URL that does not parse is an error
// (Result.Err).
func (p *Page) Load(url string, e Element) *Result {
	return p.LoadContext(context.Background(), url, e)
}

// LoadContext is Load with a context for the network.
func (p *Page) LoadContext(ctx context.Context, url string, e Element) *Result {
	res := p.newResult(viaElement+via(min(e.Kind, elementKindCount)), true)
	switch {
	case p.err != nil:
		return res.fail(p.err)
	case e.Kind >= elementKindCount || e.CrossOrigin > UseCredentials:
		return res.fail(fmt.Errorf("no element is %v, %v", e.Kind, e.CrossOrigin))
	}
	u, err := origin.ParseURL(url, &p.client.BaseURL)
	if err != nil {
		return res.fail(err)
	}
	res.request.Client = &p.client
	e.request(&res.request, u)
	return p.run(ctx, res)
}

// request makes r the element's request to the URL. Its client is set already.
func (e Element) request(r *fetch.Request, u origin.URL) {
	switch e.Kind {
	// https://html.spec.whatwg.org/multipage/images.html#update-the-image-data
	case Image:
		potentialCORSRequest(r, u, fetch.DestinationImage, e.CrossOrigin, false)
	case ImageSet:
		potentialCORSRequest(r, u, fetch.DestinationImage, e.CrossOrigin, false)
		r.Initiator = fetch.InitiatorImageSet
	// https://html.spec.whatwg.org/multipage/media.html#concept-media-load-resource
	// Not modelled: ranges. The standard leaves it to the browser whether to ask for one.
	case Audio:
		potentialCORSRequest(r, u, fetch.DestinationAudio, e.CrossOrigin, false)
	case Video:
		potentialCORSRequest(r, u, fetch.DestinationVideo, e.CrossOrigin, false)
	// https://html.spec.whatwg.org/multipage/media.html#start-the-track-processing-model
	case Track:
		potentialCORSRequest(r, u, fetch.DestinationTrack, e.CrossOrigin, true)
	// https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-script
	case Script:
		potentialCORSRequest(r, u, fetch.DestinationScript, e.CrossOrigin, false)
	// https://html.spec.whatwg.org/multipage/semantics.html#link-type-stylesheet
	case StyleSheet:
		potentialCORSRequest(r, u, fetch.DestinationStyle, e.CrossOrigin, false)
	// https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script
	case Module:
		r.URL, r.Mode, r.Destination = u, fetch.CORS, fetch.DestinationScript
		r.Credentials = e.CrossOrigin.credentialsMode()
	// https://drafts.csswg.org/css-fonts/#font-fetching-requirements
	case Font:
		// Equivalent: fetch a style resource, with CORS mode cors.
		potentialCORSRequest(r, u, fetch.DestinationFont, Anonymous, false)
	}
}

// potentialCORSRequest makes r a potential-CORS request.
//
// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request
func potentialCORSRequest(r *fetch.Request, u origin.URL, d fetch.Destination, state CrossOrigin, sameOriginFallback bool) {
	// 1.
	mode := fetch.CORS
	if state == NoCORS {
		mode = fetch.NoCORS
	}
	// 2.
	if sameOriginFallback && mode == fetch.NoCORS {
		mode = fetch.SameOrigin
	}
	// 3.
	credentials := fetch.Include
	// 4.
	if state == Anonymous {
		credentials = fetch.SameOriginCredentials
	}
	// 5.
	r.URL, r.Destination, r.Mode, r.Credentials, r.UseURLCredentials = u, d, mode, credentials, true
}

// credentialsMode is the CORS settings attribute credentials mode.
//
// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attribute-credentials-mode
func (c CrossOrigin) credentialsMode() fetch.Credentials {
	if c == UseCredentials {
		return fetch.Include
	}
	return fetch.SameOriginCredentials
}
