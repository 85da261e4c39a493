package policy

// A Container holds the policies of a document that its requests inherit.
//
// https://html.spec.whatwg.org/multipage/browsers.html#policy-container
type Container struct {
	ReferrerPolicy ReferrerPolicy // the empty string: the default policy
	EmbedderPolicy EmbedderPolicy
}
