package simulator

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/policy"
)

// Each rule changes what it is about, and the draft's reading stays where the rule is off.
func TestCookieRulesChangeOneThing(t *testing.T) {
	last := policy.CookieRules{LastAttributeCounts: true, EmptyDomainIgnored: true}
	tabs := policy.CookieRules{TabsRefused: true}
	nameless := policy.CookieRules{NamelessEqualsRefused: true}
	anew := policy.CookieRules{NewValueIsNewCookie: true}
	plus := policy.CookieRules{PlusInMaxAge: true}
	for _, tt := range []struct {
		name        string
		rules       policy.CookieRules
		set         []string
		with, draft string // the Cookie header under the rules, and under the draft
	}{
		{"a Max-Age that is no number undoes the one before it", last, []string{"a=1; Max-Age=-1; Max-Age=x"}, "a=1", ""},
		{"an Expires counts once the Max-Age is undone", last, []string{"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9; Max-Age="}, "", "a=1"},
		{"an Expires that is no date undoes the one before it", last, []string{"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=x"}, "a=1", ""},
		{"a Max-Age wins over a later Expires", last, []string{"a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, "a=1", "a=1"},
		{"an empty Domain undoes the one before it", last, []string{"__Host-a=1; Secure; Path=/; Domain=www.example.com; Domain="}, "__Host-a=1", ""},
		{"a Path without a slash undoes the one before it", last, []string{"__Host-a=1; Secure; Path=/; Path=x"}, "", "__Host-a=1"},
		{"a Path with a slash takes the place of any", last, []string{"a=1; Path=x; Path=/no; Path=/"}, "a=1", "a=1"},
		{"a plus sign before a Max-Age", plus, []string{"a=1; Max-Age=+0"}, "", "a=1"},
		{"two plus signs before a Max-Age", plus, []string{"a=1; Max-Age=++0"}, "a=1", "a=1"},
		{"a plus sign and a minus sign before a Max-Age", plus, []string{"a=1; Max-Age=+-1"}, "a=1", "a=1"},
		{"a tab in a value", tabs, []string{"a=1\t2"}, "", "a=1\t2"},
		{"a tab in a name", tabs, []string{"a\tb=1"}, "", "a\tb=1"},
		{"a tab in an attribute's value", tabs, []string{"a=1; x=b\tc"}, "", "a=1"},
		{"a tab in an attribute's name", tabs, []string{"a=1; x\ty"}, "", "a=1"},
		{"tabs at the ends", tabs, []string{"\ta\t=\t1\t;\tx\t=\ty\t"}, "a=1", "a=1"},
		{"an equals sign in the value of a cookie without a name", nameless, []string{"=a=1"}, "", "a=1"},
		{"a cookie without a name", nameless, []string{"=a"}, "a", "a"},
		{"an equals sign in the value of a cookie with a name", nameless, []string{"a=b=1"}, "a=b=1", "a=b=1"},
		{"another value comes after what was there before", anew, []string{"a=1", "b=2", "a=3"}, "b=2; a=3", "a=3; b=2"},
		{"the same value stays in its place", anew, []string{"a=1", "b=2", "a=1; Max-Age=9"}, "a=1; b=2", "a=1; b=2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cookies := make([]string, len(tt.set))
			for i, s := range tt.set {
				cookies[i] = fmt.Sprintf(`{"url": "https://www.example.com/", "set": %q}`, s)
			}
			c, err := ParseCase([]byte(`{"name": "n", "page": {"url": "https://www.example.com/page", "cookies": [` + strings.Join(cookies, ", ") + `]},
				"server": [{"url": "https://www.example.com/u", "status": 200}], "requests": [{"url": "/u"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			for _, under := range []struct {
				name, want string
				rules      policy.CookieRules
			}{{"the rule", tt.with, tt.rules}, {"the draft", tt.draft, policy.CookieRules{}}} {
				out, err := c.Eval(context.Background(), policy.Profile{Cookies: under.rules}, time.Unix(1e9, 0))
				if err != nil {
					t.Fatal(err)
				}
				got := ""
				for _, h := range out[0].Sent[0].Headers {
					if v, ok := strings.CutPrefix(h, "cookie: "); ok {
						got = v
					}
				}
				if got != under.want {
					t.Errorf("under %s, %q sends Cookie: %q, want %q", under.name, tt.set, got, under.want)
				}
			}
		})
	}
}

// Partitioned cookies that a page's visit set are not those of a sandboxed frame in the same page, which has its own.
func TestPartitionedCookiesOfFramesBeneathAnotherSite(t *testing.T) {
	const partitioned = "a=1; SameSite=None; Secure; Partitioned"
	c, err := ParseCase([]byte(`{"name": "n", "page": {"url": "https://app.example/page", "sandbox": true, "cookies": [{"url": "https://app.example/u", "set": "` + partitioned + `"}]},
		"server": [{"url": "https://app.example/u", "status": 200, "headers": ["Set-Cookie: b=2` + partitioned[3:] + `", "Access-Control-Allow-Origin: null", "Access-Control-Allow-Credentials: true"]}],
		"requests": [{"url": "/u", "credentials": "include"}, {"url": "/u", "credentials": "include"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Eval(context.Background(), policy.Profile{Cookies: policy.CookieRules{Partitioned: true}}, time.Unix(1e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "cookie: b=2"} {
		if got := strings.Join(out[i].Sent[0].Headers, "\n"); strings.Contains(got, "cookie: a=1") || !strings.Contains(got, want) {
			t.Errorf("requests[%d] sends\n%s\nwant %q of the frame's own, and not the page's a=1", i, got, want)
		}
	}
}
