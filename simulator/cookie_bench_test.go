package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func BenchmarkCookieHeader(b *testing.B) {
	request := func(host string) CookieRequest {
		r := appRequest()
		r.Host = host
		return r
	}
	many := func(n int) *CookieJar {
		var j CookieJar
		for i := range n {
			j.Store(cookieEpoch(), appRequest(), fmt.Sprintf("name%d=a-value-of-everyday-length", i))
		}
		return &j
	}
	for _, tt := range []struct {
		name string
		jar  *CookieJar
		host string
	}{
		{"EmptyJar", &CookieJar{}, "app.example.com"},
		{"NoCookies", otherHosts(3000), "app.example.com"},
		{"NoCookiesUnderSharedSuffix", otherHosts(3000), "www.fresh.co.uk"},
		{"1Cookie", many(1), "app.example.com"},
		{"5Cookies", many(5), "app.example.com"},
		{"180Cookies", many(180), "app.example.com"},
		{"HostOfDots", otherHosts(10), strings.Repeat(".", 1<<20) + "co.uk"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			r, now := request(tt.host), cookieEpoch()
			b.ReportAllocs()
			for b.Loop() {
				tt.jar.Header(now, r)
			}
		})
	}
}

func BenchmarkCookieStore(b *testing.B) {
	app := func(int) string { return appRequest().Host }
	everyday := "sid=31d4d96e407aad42; Path=/; Domain=example.com; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Secure; HttpOnly; SameSite=Lax"
	megabyte := "a=1" + strings.Repeat(";", 1<<20)
	for _, tt := range []struct {
		name string
		jar  *CookieJar
		set  func(i int) string
		host func(i int) string
	}{
		{"Replace", &CookieJar{}, func(i int) string { return everyday[:4] + string(rune('a'+i%26)) + everyday[4:] }, app},
		{"FullHost", &CookieJar{}, func(i int) string { return fmt.Sprintf("name%d=1", i) }, app},
		{"FullJar", otherHosts(3000), func(int) string { return everyday[:8] }, func(i int) string { return fmt.Sprintf("h%d.example.com", i) }},
		{"MegabyteOfSemicolons", &CookieJar{}, func(int) string { return megabyte }, app},
	} {
		b.Run(tt.name, func(b *testing.B) {
			r, now := appRequest(), cookieEpoch()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				now = now.Add(time.Millisecond)
				r.Host = tt.host(i)
				tt.jar.Store(now, r, tt.set(i))
			}
		})
	}
}
