package origin_test

import (
	"fmt"

	"github.com/corsim/corsim/origin"
)

func ExampleOf() {
	o, err := origin.Of("https://user@App.Example.com:443/cart?item=42#top")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o)
	fmt.Println(o.Scheme(), o.Host(), o.Port())
	// Output:
	// https://app.example.com
	// https app.example.com 443
}

// The commonest mistake in a list of allowed origins is a URL where an origin belongs. Parse says so, and what to
// write instead.
func ExampleParse_mistake() {
	_, err := origin.Parse("https://app.example.com/")
	fmt.Println(err)
	_, err = origin.Parse("https://app.example.com:443")
	fmt.Println(err)
	// Output:
	// origin: parse "https://app.example.com/": byte 23: an origin ends after its host and port: no slash, path, query or fragment: write "https://app.example.com"
	// origin: parse "https://app.example.com:443": byte 23: the default port of https is not written out: write "https://app.example.com"
}

func ExampleParseHeader() {
	for _, value := range []string{"https://app.example.com", "null", "https://app.example.com, https://evil.example"} {
		switch o, null, err := origin.ParseHeader(value); {
		case err != nil:
			fmt.Println("no browser sends this")
		case null:
			fmt.Println("some opaque origin; which one, nobody can tell")
		default:
			fmt.Println(o)
		}
	}
	// Output:
	// https://app.example.com
	// some opaque origin; which one, nobody can tell
	// no browser sends this
}

func ExampleOrigin_SameOrigin() {
	page := origin.MustParse("https://app.example.com")
	for _, other := range []string{"https://app.example.com:443/a", "http://app.example.com/", "https://api.example.com/", "https://app.example.com:8443/"} {
		u := origin.MustParseURL(other)
		fmt.Println(page.SameOrigin(u.Origin()), u)
	}
	// Output:
	// true https://app.example.com/a
	// false http://app.example.com/
	// false https://api.example.com/
	// false https://app.example.com:8443/
}

// An opaque origin is same origin with itself alone, though all of them are written the same.
func ExampleOpaque() {
	a, b := origin.Opaque(), origin.Opaque()
	fmt.Println(a, b)
	fmt.Println(a.SameOrigin(a), a.SameOrigin(b))
	// Output:
	// null null
	// true false
}

func ExampleParseURL() {
	base := origin.MustParseURL("https://app.example.com/shop/index.html")
	for _, ref := range []string{"../img/shoe 1.png", "//CDN.example.net/x.js", "?page=2", "http://0x7f.1/"} {
		u, err := origin.ParseURL(ref, &base)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(u)
	}
	// Output:
	// https://app.example.com/img/shoe%201.png
	// https://cdn.example.net/x.js
	// https://app.example.com/shop/index.html?page=2
	// http://127.0.0.1/
}

func ExampleError() {
	_, err := origin.ParseURL("https://256.0.0.1/", nil)
	fmt.Println(err)
	if e, ok := err.(*origin.Error); ok {
		fmt.Println(e.Fault)
	}
	// Output:
	// origin: parse "https://256.0.0.1/": byte 8: IPv4-out-of-range-part: a part of an IPv4 address before its last is at most 255
	// IPv4-out-of-range-part
}

func ExampleOrigin_RegistrableDomain() {
	for _, s := range []string{"https://www.example.co.uk", "https://co.uk", "http://127.0.0.1"} {
		domain, ok := origin.MustParse(s).RegistrableDomain()
		fmt.Printf("%q %v\n", domain, ok)
	}
	// Output:
	// "example.co.uk" true
	// "" false
	// "" false
}
