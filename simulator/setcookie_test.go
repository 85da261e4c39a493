package simulator

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/corsim/corsim/policy"
)

// A user who has logged in before a page is opened: the profile's rules hold for that cookie too.
func ExampleBrowser_SetCookie() {
	b := Browser{Profile: policy.Chromium(), Network: Handler(nil)}
	d, err := b.SetCookie("https://app.example/login", "session=1; Secure; HttpOnly; SameSite=Lax")
	fmt.Println(d.OK(), err)
	d, _ = b.SetCookie("http://app.example/login", "session=1; Secure")
	fmt.Println(d.Reason.Code())
	// Output:
	// true <nil>
	// cookie.refused.secure
}

func TestCookiesThatAreSetBeforeAPageIsOpenedFollowTheProfile(t *testing.T) {
	b := Browser{Profile: policy.Chromium()}
	d, err := b.SetCookie("https://cdn.example/", "a=1; Secure; SameSite=None; Partitioned")
	if err != nil || !d.OK() || !d.Cookie.Partitioned {
		t.Errorf("a partitioned cookie set before anything else: %v, %v; want it kept as partitioned (CHIPS 2.3)", d, err)
	}
	if _, err := b.SetCookie("https://", "a=1"); err == nil {
		t.Error("a cookie of no URL is set without an error")
	}
	if _, err := b.Open("https://").SetCookie("https://a.example/", "a=1"); err == nil {
		t.Error("a page whose URL does not parse sets a cookie without an error")
	}
}

// RFC 6265bis leaves it to the browser which schemes are secure.
func TestWhatIsSecureForCookiesOfLoopbackHosts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		profile policy.Profile
		url     string
		want    bool
	}{
		{"https alone is, to corsim", policy.Profile{}, "http://localhost:3000/", false},
		{"localhost is in Chromium", policy.Chromium(), "http://localhost:3000/", true},
		{"a name below localhost is in Chromium", policy.Chromium(), "http://a.localhost/", true},
		{"127.0.0.1 is in Firefox", policy.Firefox(), "http://127.0.0.1:3000/", true},
		{"the loopback address of IPv6 is in Firefox", policy.Firefox(), "http://[::1]/", true},
		{"an address of a local network is not in Chromium", policy.Chromium(), "http://192.168.0.1/", false},
		{"another host is not in Firefox", policy.Firefox(), "http://app.example/", false},
		{"localhost is not in WebKit", policy.WebKit(), "http://localhost:3000/", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := Browser{Profile: tt.profile}
			d, err := b.SetCookie(tt.url, "a=1; Secure")
			if err != nil || d.OK() != tt.want {
				t.Errorf("a Secure cookie of %s: %v, %v; want kept %v", tt.url, d, err, tt.want)
			}
		})
	}
}

// A 421 is asked again (HTTP-network-or-cache fetch 17); Chromium and Firefox take nothing in of the first answer.
func TestACookieOfAMisdirectedAnswerIsAccountedFor(t *testing.T) {
	for _, tt := range []struct {
		profile policy.Profile
		want    CookieReason
	}{
		{policy.Profile{}, CookieStored},
		{policy.Chromium(), CookieRefusedMisdirected},
		{policy.Firefox(), CookieRefusedMisdirected},
		{policy.WebKit(), CookieStored},
	} {
		t.Run("profile "+tt.profile.Name, func(t *testing.T) {
			status := 421
			b := Browser{Profile: tt.profile, Network: Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Set-Cookie", fmt.Sprint("a=", status))
				w.WriteHeader(status)
				status = 200
			}))}
			reports := b.Open("https://app.example/").Fetch("/items", Init{}).Cookies()
			if len(reports) != 2 || len(reports[0].Set) != 1 || reports[0].Set[0].Reason != tt.want {
				t.Errorf("the reports of a 421 and a 200 are %+v; want the first to say %v", reports, tt.want)
			}
			if got := b.Cookies.Len(); got != 1 {
				t.Errorf("%d cookies are kept, want 1", got)
			}
		})
	}
}
