package fetch

import "testing"

func TestTypesOfDataURLsAsTheyAreWritten(t *testing.T) {
	for _, tt := range []struct{ name, url, want string }{
		{"none is text", "data:,x", "text/plain;charset=US-ASCII"},
		{"none but a semicolon has no charset", "data:;,x", "text/plain"},
		{"base64 is no parameter", "data:;base64,eA==", "text/plain;charset=US-ASCII"},
		{"the charset stands last", "data:text/plain;charset=utf-8;a=b,x", "text/plain;a=b;charset=utf-8"},
		{"quotes stay", `data:;a="b";base64,YWI`, `text/plain;a="b"`},
		{"a quote that does not end ends there", `data:text/html;x="a,b",x`, `text/html;x="a"`},
		{"repeats and empty values stay", "data:text/html;x=;x=1,x", "text/html;x=;x=1"},
		{"what has no value goes", "data:text/html;x;base64;base64,x", "text/html"},
		{"a host is taken for the type", "data://text/html,x", "text/html"},
		{"what is no type is text", "data:x;charset=utf-8,x", "text/plain;charset=US-ASCII"},
	} {
		if got := dataURLType(tt.url); got != tt.want {
			t.Errorf("%s: %q has the type %q, want %q: scripts would be told another Content-Type", tt.name, tt.url, got, tt.want)
		}
	}
}

func FuzzTypesOfDataURLs(f *testing.F) {
	f.Add("data:text/html;x=\"a,b\",x")
	f.Add("data:;,")
	f.Fuzz(func(t *testing.T, url string) {
		if got := dataURLType(url); got == "" {
			t.Fatalf("%q has no type", url)
		}
	})
}
