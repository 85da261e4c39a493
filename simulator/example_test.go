package simulator_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/simulator"
)

func ExampleBrowser_Open() {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("X-Total", "3")
	})
	b := &simulator.Browser{Network: simulator.Handler(api)}
	res := b.Open("https://app.example").Fetch("https://api.example/items/1", simulator.Init{Method: "PUT"})

	fmt.Println(res.Verdict(), res.Status(), res.Type())
	for _, e := range res.Exchanges() {
		fmt.Println(e.Request.Method, e.Response.Status)
	}
	_, readable := res.Header("X-Total")
	fmt.Println("X-Total can be read:", readable)
	// Output:
	// allowed 200 cors
	// OPTIONS 200
	// PUT 200
	// X-Total can be read: false
}

// The commonest mistake: the handler asks who is calling before it has answered the preflight, which browsers send
// without cookies and without Authorization.
func ExamplePage_Fetch_authenticationBeforePreflight() {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		w.Header().Set("Access-Control-Allow-Headers", "authorization")
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	b := &simulator.Browser{Network: simulator.Handler(api)}
	res := b.Open("https://app.example").Fetch("https://api.example/me",
		simulator.Init{Headers: fetch.H("Authorization", "Bearer token")})

	fmt.Println(res.Verdict(), res.Reason().Code())
	first, _, _ := strings.Cut(res.String(), "\n")
	fmt.Println(first)
	// Output:
	// blocked preflight.status
	// blocked: the preflight was answered with a status outside 200 to 299
}
