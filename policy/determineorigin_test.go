package policy

import (
	"testing"

	"github.com/corsim/corsim/origin"
)

func TestDocumentsHaveTheOriginThatTheirMakingGivesThem(t *testing.T) {
	source := origin.MustParse("https://app.example")
	for _, test := range []struct {
		name, url string
		sandboxed bool
		source    origin.Origin
		want      string
	}{
		{"a document of a URL", "https://api.example/x", false, source, "https://api.example"},
		{"a sandboxed document", "https://api.example/x", true, source, "null"},
		{"a sandboxed about:blank", "about:blank", true, source, "null"},
		{"about:blank that a page opened", "about:blank", false, source, "https://app.example"},
		{"about:blank with a query and a fragment", "about:blank?a#b", false, source, "https://app.example"},
		{"about:blank that nobody opened", "about:blank", false, origin.Origin{}, "null"},
		{"about:srcdoc", "about:srcdoc", false, source, "https://app.example"},
		{"another about: URL", "about:config", false, source, "null"},
		{"a javascript: URL", "javascript:1", false, source, "https://app.example"},
		{"a data: URL", "data:text/html,x", false, source, "null"},
		{"a file: URL", "file:///x", false, source, "null"},
		{"a blob: URL", "blob:https://app.example/1", false, origin.Origin{}, "https://app.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := DetermineOrigin(origin.MustParseURL(test.url), test.sandboxed, test.source)
			if got.String() != test.want {
				t.Errorf("%s, want %s\nsee https://html.spec.whatwg.org/multipage/document-sequences.html#determining-the-origin", got, test.want)
			}
			if got.IsOpaque() && got.SameOrigin(DetermineOrigin(origin.MustParseURL(test.url), test.sandboxed, test.source)) {
				t.Error("two documents share an opaque origin")
			}
		})
	}
}

func TestTheOriginOfFileURLsIsShownAsTheProfileSays(t *testing.T) {
	u := origin.MustParseURL("file:///x")
	chromium, firefox := Chromium(), Firefox()
	if got := SerializeURLOrigin(u, nil); got != "null" {
		t.Errorf("the standard shows %s, want null", got)
	}
	if got := SerializeURLOrigin(u, &firefox); got != "null" {
		t.Errorf("Firefox shows %s, want null", got)
	}
	// Read off new URL("file:///x").origin in Chromium 156.0.8078.79.
	if got := SerializeURLOrigin(u, &chromium); got != "file://" {
		t.Errorf("Chromium shows %s, want file://", got)
	}
	if u.Origin().SameOrigin(u.Origin()) {
		t.Error("file: URLs are same origin, want each an opaque origin of its own")
	}
}
