package simulator_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/corsim/corsim/simulator"
)

// allowWhoAsks allows the origin that asks, and forgets to say that the answer depends on it.
func allowWhoAsks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=600")
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
}

// An image fills the HTTP cache; the script after it gets the image's answer, which allows nobody.
func ExampleBrowser_Cached() {
	b := simulator.Browser{Network: simulator.Handler(http.HandlerFunc(allowWhoAsks))}
	page := b.Open("https://app.example")
	page.Load("https://api.example/logo", simulator.Element{Kind: simulator.Image})
	res := page.Fetch("https://api.example/logo", simulator.Init{})
	fmt.Println(res.Reason().Code(), "from the cache:", res.CacheState())
	for _, c := range b.Cached() {
		fmt.Println("stored:", c.URL)
	}
	// Output:
	// cors.allow-origin.missing from the cache: local
	// stored: https://api.example/logo
}

// The same mistake behind a CDN: one user's answer goes to another.
func ExampleSharedCache() {
	cdn := &simulator.SharedCache{Network: simulator.Handler(http.HandlerFunc(allowWhoAsks))}
	for _, origin := range []string{"https://one.example", "https://two.example"} {
		b := simulator.Browser{Network: cdn}
		fmt.Println(b.Open(origin).Fetch("https://api.example/x", simulator.Init{}).Reason().Code())
	}
	// Output:
	// response.cors
	// cors.allow-origin.mismatch
}

// A Browser's clock is moved by hand.
func ExampleBrowser_Preflights() {
	now := time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)
	b := simulator.Browser{
		Now: func() time.Time { return now },
		Network: simulator.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
			w.Header().Set("Access-Control-Max-Age", "60")
		})),
	}
	page := b.Open("https://app.example")
	for range 3 {
		res := page.Fetch("https://api.example/x", simulator.Init{Method: "PUT"})
		fmt.Println(now.Format(time.TimeOnly), "asked first:", res.Preflighted())
		for _, p := range b.Preflights() {
			fmt.Println("  kept:", p.Method, "until", p.Expires.Format(time.TimeOnly))
		}
		now = now.Add(40 * time.Second)
	}
	// Output:
	// 12:00:00 asked first: true
	//   kept: PUT until 12:01:00
	// 12:00:40 asked first: false
	//   kept: PUT until 12:01:00
	// 12:01:20 asked first: true
	//   kept: PUT until 12:02:20
}
