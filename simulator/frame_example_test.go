package simulator_test

import (
	"fmt"
	"net/http"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

// A chat widget in another site's page: its user logged in at chat.example, and in the frame it does not know her. A
// login within the frame helps with the cookie that is Partitioned alone, which is another one in each site's pages.
func ExamplePage_Frame() {
	chat := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			w.Header().Add("Set-Cookie", "lax=1; Secure; SameSite=Lax")
			w.Header().Add("Set-Cookie", "none=1; Secure; SameSite=None")
			w.Header().Add("Set-Cookie", "apart=1; Secure; SameSite=None; Partitioned")
		}
	})
	b := &simulator.Browser{Network: simulator.Handler(chat), Profile: policy.Chromium()}
	b.Open("https://chat.example").Fetch("/login", simulator.Init{})

	widget := b.Open("https://shop.example").Frame("https://chat.example/widget")
	for _, when := range []string{"At first", "Then"} {
		fmt.Println(when)
		for _, c := range widget.Fetch("/me", simulator.Init{}).Cookies()[0].Sent {
			fmt.Println(c.Cookie.Name, c.Reason.Code())
		}
		widget.Fetch("/login", simulator.Init{})
	}
	// Output:
	// At first
	// lax cookie.same-site.lax
	// none cookie.third-party
	// apart cookie.partition
	// Then
	// lax cookie.same-site.lax
	// none cookie.third-party
	// apart cookie.partition
	// apart cookie.sent
}
