package corstest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/corsim/corsim/simulator"
	"github.com/corsim/corsim/simulator/corstest"
)

// The handler under test: it lets https://app.example use PUT.
func items() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		w.Header().Set("Vary", "Origin")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

// quiet stands in for the *testing.T of a test, which an example has not.
var quiet testing.TB = new(testing.T)

// In a test, t is its *testing.T.
func Example() {
	t := quiet

	page := corstest.Open(t, items(), "https://app.example")
	res := page.Fetch("https://api.example/items/1", simulator.Init{Method: "PUT"}).MustAllow()
	page.Fetch("https://api.example/items/1", simulator.Init{Method: "DELETE"}).MustBlock("preflight.method.not-allowed")

	other := corstest.Open(t, items(), "https://elsewhere.example")
	other.Fetch("https://api.example/items/1", simulator.Init{}).MustBlock("cors.allow-origin.mismatch")

	fmt.Println(res.Status())
	// Output: 200
}
