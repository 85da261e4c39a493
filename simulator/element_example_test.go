package simulator_test

import (
	"fmt"
	"net/http"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/simulator"
)

// An image on a canvas: the page may look at its pixels only if the element has the attribute crossorigin and the
// server agrees. Without the attribute the image is shown, whatever the server says.
func ExamplePage_Load() {
	cdn := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	})
	b := simulator.Browser{Network: simulator.Handler(cdn)}
	page := b.Open("https://app.example")
	for _, c := range []simulator.CrossOrigin{simulator.NoCORS, simulator.Anonymous, simulator.UseCredentials} {
		res := page.Load("https://cdn.example/logo.png", simulator.Element{Kind: simulator.Image, CrossOrigin: c})
		fmt.Printf("%v: %v, %s\n", c, res.Verdict(), res.Reason().Code())
	}
	// Output:
	// No CORS: opaque, response.opaque
	// Anonymous: allowed, response.cors
	// Use Credentials: blocked, cors.allow-origin.wildcard-with-credentials
}

// A secure page asks for images over HTTPS, whatever their URL says; scripts are blocked instead.
func ExamplePage_Load_mixedContent() {
	b := simulator.Browser{Network: simulator.NewReplies(simulator.Reply{URL: "https://cdn.example/old",
		Response: &fetch.HTTPResponse{Status: 200}})}
	page := b.Open("https://app.example")
	for _, kind := range []simulator.ElementKind{simulator.Image, simulator.ImageSet, simulator.Script} {
		res := page.Load("http://cdn.example/old", simulator.Element{Kind: kind})
		fmt.Printf("%v: %v\n", kind, res.Verdict())
		for _, e := range res.Exchanges() {
			fmt.Println("  asked:", e.Request.URL)
		}
	}
	// Output:
	// img: opaque
	//   asked: https://cdn.example/old
	// imageset: blocked
	// script: blocked
}
