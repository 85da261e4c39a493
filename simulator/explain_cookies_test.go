package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
)

func TestAStoryTellsWhichCookiesStayedBehindAndWhy(t *testing.T) {
	const (
		app    = "https://app.example"
		api    = "https://api.example"
		strict = "! cookie csrf not sent: the cookie says SameSite=Strict, and the request is cross-site"
	)
	cors := []string{"Access-Control-Allow-Origin", app, "Access-Control-Allow-Credentials", "true"}
	with := func(headers ...string) []string { return append(append([]string(nil), cors...), headers...) }
	include := Init{Credentials: "include"}
	for _, test := range []struct {
		name    string
		cookies []string
		status  int
		headers []string
		init    Init
		tells   []string // in this order
		silent  []string
	}{
		{name: "a refusal names the cookie that was withheld", cookies: []string{"csrf=1; SameSite=Strict"}, status: 401, headers: cors, init: include,
			tells:  []string{"1. GET", strict, "(cookie.same-site.strict)", "< 401", "This is no CORS error", "withheld were csrf (cookie.same-site.strict)."},
			silent: []string{"see its Domain"}},
		{name: "so does one that is blocked", cookies: []string{"csrf=1; SameSite=Strict"}, status: 401, init: include,
			tells: []string{strict, "Two things are wrong", "withheld were csrf (cookie.same-site.strict)."}},
		{name: "cookies that one rule withholds share a line", cookies: []string{"csrf=1; SameSite=Strict", "b=1; SameSite=Lax", "c=1; SameSite=Strict"}, status: 403, headers: cors, init: include,
			tells: []string{"! cookies csrf, c not sent: the cookie says SameSite=Strict", "! cookie b not sent: the cookie says SameSite=Lax", "withheld were csrf, c (cookie.same-site.strict) and b (cookie.same-site.lax)."}},
		{name: "without any cookie that is said", status: 401, headers: cors, init: include,
			tells: []string{"no cookie of that site is known here"}, silent: []string{"withheld", "!"}},
		{name: "what went along is in the header and nowhere else", cookies: []string{"sid=hush; Secure; SameSite=None"}, status: 200, headers: cors, init: include,
			tells: []string{"> cookie: sid=(not shown)"}, silent: []string{"!", "hush", "cookie.sent"}},
		{name: "the credentials mode withholds cookies", cookies: []string{"sid=1; Secure; SameSite=None"}, status: 401, headers: cors,
			tells: []string{"! cookie sid not sent: the request goes without credentials", "(cookie.credentials)", "only with the credentials mode include"}},
		{name: "a Set-Cookie that was refused is told", status: 200, headers: with("Set-Cookie", "new=1; Secure; SameSite=None", "Set-Cookie", "lax=hush; SameSite=Lax", "Set-Cookie", "bad=1; Domain=com"), init: include,
			tells: []string{"< set-cookie: new=(not shown)", "! cookie lax not stored: the request is cross-site", "(cookie.refused.same-site)", "! cookie bad not stored:", "(cookie.refused.public-suffix)"}, silent: []string{"hush", "cookie new not"}},
		{name: "so is one in the answer to a request without credentials", status: 200, headers: with("Set-Cookie", "new=1; Secure; SameSite=None"),
			tells: []string{"! cookie new not stored: the request went without credentials", "(cookie.refused.credentials)"}},
		{name: "a cookie without a name", status: 200, headers: with("Set-Cookie", "=lone; SameSite=Lax"), init: include,
			tells: []string{"! cookie (without a name) not stored:"}, silent: []string{"! cookie  not"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Browser{Now: stateStart, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse {
				return reply(test.status, test.headers...)
			})}
			page := b.Open(app)
			for _, k := range test.cookies {
				if d := b.Cookies.Store(stateStart(), CookieRequest{Host: "api.example", Path: "/", Secure: true, Method: "GET", TopLevel: true}, k); !d.OK() {
					t.Fatal(d)
				}
			}
			res := page.Fetch(api+"/me", test.init)
			checkStory(t, res)
			flat := strings.Join(strings.Fields(res.String()), " ")
			rest := flat
			for _, want := range test.tells {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Errorf("the story does not tell %q (or not there):\n%s", want, res)
					continue
				}
				rest = after
			}
			for _, wrong := range test.silent {
				if strings.Contains(flat, wrong) {
					t.Errorf("the story tells %q, which is wrong here:\n%s", wrong, res)
				}
			}
		})
	}
}

func TestTheCookiesOfAStoryAreThoseOfTheResult(t *testing.T) {
	b := &Browser{Now: stateStart, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse {
		return reply(200, "Set-Cookie", "new=1; Secure; SameSite=None; Path=/", "Set-Cookie", "l\xe4x=1; SameSite=Lax; Path=/", "Cache-Control", "max-age=60")
	})}
	page := b.Open("https://app.example")
	for _, k := range []string{"third=1; Secure; SameSite=None", "strict=1; SameSite=Strict"} {
		b.Cookies.Store(stateStart(), CookieRequest{Host: "api.example", Path: "/", Secure: true, Method: "GET", TopLevel: true}, k)
	}
	const url = "https://api.example/x"
	told := func(name string, r CookieReason) StoryCookie {
		return StoryCookie{name, "api.example", "/", r.Code(), r.Section(), r.URL(), r.String()}
	}
	third, strict := []StoryCookie{told("third", CookieSent)}, []StoryCookie{told("strict", CookieSameSiteStrict)}
	want := []StoryCookies{{0, url, "network.credentials.included", third, strict,
		[]StoryCookie{told("new", CookieStored)}, []StoryCookie{told("l\u00e4x", CookieRefusedSameSite)}}}
	for i, name := range []string{"an answer of the network", "an answer of the browser's cache"} {
		res := page.Fetch(url, Init{Credentials: "include"})
		var out bytes.Buffer
		if err := res.WriteJSON(&out); err != nil {
			t.Fatal(err)
		}
		var got Story
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			want[0].Exchange, want[0].Stored, want[0].Refused = -1, []StoryCookie{}, []StoryCookie{}
			want[0].Sent = append(want[0].Sent, told("new", CookieSent))
		}
		if d := cmp.Diff(want, got.Cookies); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	terse := &Browser{Network: b.Network, Terse: true, Now: stateStart}
	if c := terse.Open("https://app.example").Fetch(url, Init{Credentials: "include"}).Story().Cookies; c == nil || len(c) != 0 {
		t.Errorf("a terse browser keeps no account, and its list is empty and not null: %#v", c)
	}
}

func TestManyCookiesMakeNoFlood(t *testing.T) {
	b := &Browser{Now: stateStart, Network: serverFunc(func(*fetch.HTTPRequest) *fetch.HTTPResponse { return reply(401) })}
	page := b.Open("https://app.example")
	for i := range 150 {
		b.Cookies.Store(stateStart(), CookieRequest{Host: "api.example", Path: "/", Secure: true, Method: "GET", TopLevel: true},
			fmt.Sprintf("%s%d=1; SameSite=Strict", strings.Repeat("\u202e", 400), i))
	}
	res := page.Fetch("https://api.example/", Init{Credentials: "include"})
	checkStory(t, res)
	if n := len(res.Story().Cookies[0].Withheld); n != 150 {
		t.Errorf("%d cookies are told in JSON, want all 150", n)
	}
	if n := strings.Count(res.String(), "\n"); n > 50 {
		t.Errorf("%d lines for one request:\n%s", n, res)
	}
}
