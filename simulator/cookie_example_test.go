package simulator_test

import (
	"fmt"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/simulator"

	"github.com/corsim/corsim/policy"
)

// A cookie is stored by the request whose response sets it and sent with the requests that it covers.
func ExampleCookieJar() {
	var jar simulator.CookieJar
	now := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)
	login := simulator.CookieRequest{Host: "app.example.com", Path: "/login", Secure: true}

	fmt.Println(jar.Store(now, login, "sid=31d4d96e; Domain=example.com; Secure; Max-Age=3600").OK())

	api := simulator.CookieRequest{Host: "api.example.com", Path: "/items", Secure: true}
	fmt.Printf("%q\n", jar.Header(now, api))
	fmt.Printf("%q\n", jar.Header(now.Add(2*time.Hour), api))
	// Output:
	// true
	// "sid=31d4d96e"
	// ""
}

// Why does a page of another site not get its user's cookies sent along, credentials: "include" or not?
func ExampleCookieJar_Explain() {
	jar := simulator.CookieJar{Rules: policy.CookieRules{DefaultLax: true}}
	now := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)

	r := simulator.CookieRequest{Host: "api.example.com", Path: "/", Secure: true}
	jar.Store(now, r, "sid=1; HttpOnly")
	jar.Store(now, r, "csrf=2; SameSite=Strict")
	jar.Store(now, r, "theme=3; SameSite=None; Secure")

	r.Mode = fetch.UnsetOrLess // a fetch by a page of another site
	for _, d := range jar.Explain(now, r) {
		fmt.Println(d)
	}
	// Output:
	// sid (api.example.com/): The cookie has no SameSite attribute, which this browser takes for SameSite=Lax, and the request is cross-site: its page, a document around that or a redirect is of another site. [cookie.same-site.default]
	// csrf (api.example.com/): The cookie says SameSite=Strict, and the request is cross-site: its page, a document around that or a redirect is of another site. [cookie.same-site.strict]
	// theme (api.example.com/): The cookie goes along with the request. [cookie.sent]
}

// The commonest mistake: SameSite=None is not enough for a cookie that other sites' pages are to send.
func ExampleCookieJar_Store_mistake() {
	var jar simulator.CookieJar
	now := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)
	r := simulator.CookieRequest{Host: "api.example.com", Path: "/", Secure: true}

	fmt.Println(jar.Store(now, r, "sid=1; SameSite=None").Reason)
	fmt.Println(jar.Store(now, r, "sid=1; SameSite=None; Secure").Reason)
	fmt.Println(jar.Store(now, r, "sid=1; Domain=www.example.com").Reason)
	// Output:
	// The cookie says SameSite=None without Secure.
	// The cookie was stored.
	// The Domain attribute is neither the host that sets the cookie nor a parent domain of it.
}
