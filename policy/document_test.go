package policy

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/origin"
)

func TestAReferrerPolicyHeaderIsItsLastKnownToken(t *testing.T) {
	for _, test := range []struct {
		values []string
		want   ReferrerPolicy
	}{
		{nil, ReferrerPolicyEmpty},
		{[]string{""}, ReferrerPolicyEmpty},
		{[]string{"no-referrer"}, NoReferrer},
		{[]string{"no-referrer, unsafe-url"}, UnsafeURL},
		{[]string{"unsafe-url, no-such-policy"}, UnsafeURL},
		{[]string{"unsafe-url", "origin"}, OriginReferrer},
		{[]string{" , same-origin ,"}, SameOriginReferrer},
		{[]string{"never"}, ReferrerPolicyEmpty},
	} {
		if got := ParseReferrerPolicyHeader(test.values...); got != test.want {
			t.Errorf("%q: %v, want %v\nsee https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header", test.values, got, test.want)
		}
	}
}

func TestAReferrerGivesAwayWhatItsPolicyAllows(t *testing.T) {
	const page, bare = "https://app.example/dir/page?q", "https://app.example/"
	for _, test := range []struct {
		policy                  ReferrerPolicy
		same, cross, downgraded string
	}{
		{NoReferrer, "", "", ""},
		{NoReferrerWhenDowngrade, page, page, ""},
		{SameOriginReferrer, page, "", ""},
		{OriginReferrer, bare, bare, bare},
		{StrictOrigin, bare, bare, ""},
		{OriginWhenCrossOrigin, page, bare, bare},
		{StrictOriginWhenCrossOrigin, page, bare, ""},
		{UnsafeURL, page, page, page},
	} {
		r := NewReferrer(origin.MustParseURL("https://user:secret@app.example/dir/page?q#f"))
		for target, want := range map[string]string{
			"https://app.example/x": test.same, "https://api.example/x": test.cross, "http://api.example/x": test.downgraded,
		} {
			u := origin.MustParseURL(target)
			if got, _ := r.Determine(test.policy, &u, u.PotentiallyTrustworthy()); got != want {
				t.Errorf("%v to %s: %q, want %q\nsee https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer", test.policy, target, got, want)
			}
		}
	}
}

func TestALongReferrerIsCutToItsOrigin(t *testing.T) {
	u := origin.MustParseURL("https://app.example/")
	for length, full := range map[int]bool{4096: true, 4097: false} {
		long := "https://app.example/" + strings.Repeat("a", length-len("https://app.example/"))
		r := NewReferrer(origin.MustParseURL(long))
		got, _ := r.Determine(UnsafeURL, &u, true)
		want := "https://app.example/"
		if full {
			want = long
		}
		if got != want {
			t.Errorf("a referrer of %d bytes is sent with %d, want %d", length, len(got), len(want))
		}
	}
}

func TestAnEmbedderPolicyIsOneToken(t *testing.T) {
	for _, test := range []struct {
		values []string
		want   EmbedderPolicy
	}{
		{nil, UnsafeNone},
		{[]string{"require-corp"}, RequireCORP},
		{[]string{"credentialless"}, Credentialless},
		{[]string{`require-corp; report-to="default"`}, RequireCORP},
		{[]string{`require-corp;a;b=?1;c=-1.5;d=:YWJj:;*e=tok/en`}, RequireCORP},
		{[]string{" require-corp "}, RequireCORP},
		{[]string{"unsafe-none"}, UnsafeNone},
		{[]string{"REQUIRE-CORP"}, UnsafeNone},
		{[]string{`"require-corp"`}, UnsafeNone},
		{[]string{"require-corp, require-corp"}, UnsafeNone},
		{[]string{"require-corp", "require-corp"}, UnsafeNone},
		{[]string{"require-corp;"}, UnsafeNone},
		{[]string{"require-corp; A=1"}, UnsafeNone},
		{[]string{`require-corp; a="`}, UnsafeNone},
		{[]string{`require-corp; a=`}, UnsafeNone},
		{[]string{""}, UnsafeNone},
	} {
		if got := ParseEmbedderPolicyHeader(test.values...); got != test.want {
			t.Errorf("%q: %v, want %v\nsee https://html.spec.whatwg.org/multipage/browsers.html#obtain-an-embedder-policy and RFC 9651, 4.2.3", test.values, got, test.want)
		}
	}
}

func TestResourcePolicyKeepsResponsesFromOtherPages(t *testing.T) {
	page := origin.MustParse("https://www.example.com")
	for _, test := range []struct {
		name          string
		embedder      EmbedderPolicy
		url, header   string
		credentials   bool
		forNavigation bool
		want          Step
	}{
		{"no header and no demands", UnsafeNone, "https://api.example/", "", true, false, CORPNone},
		{"a navigation without demands", UnsafeNone, "https://api.example/", "same-origin", true, true, CORPNavigation},
		{"a navigation under require-corp", RequireCORP, "https://api.example/", "", true, true, CORPRequireCORP},
		{"a navigation under credentialless", Credentialless, "https://api.example/", "", false, true, CORPCredentialless},
		{"credentials under credentialless", Credentialless, "https://api.example/", "", true, false, CORPCredentialless},
		{"no credentials under credentialless", Credentialless, "https://api.example/", "", false, false, CORPNone},
		{"same-origin from the same origin", UnsafeNone, "https://www.example.com/", "same-origin", true, false, CORPSameOrigin},
		{"same-origin from the same site", UnsafeNone, "https://api.example.com/", "same-origin", true, false, CORPSameOriginMismatch},
		{"same-site from the same site", UnsafeNone, "https://api.example.com/", "same-site", true, false, CORPSameSite},
		{"same-site from another site", UnsafeNone, "https://api.example/", "same-site", true, false, CORPSameSiteMismatch},
		{"an upper-case value counts as none", UnsafeNone, "https://api.example/", "Same-Origin", true, false, CORPNone},
		{"cross-origin under require-corp", RequireCORP, "https://api.example/", "cross-origin", true, false, CORPCrossOrigin},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := CrossOriginResourcePolicyCheck(page, test.embedder, origin.MustParseURL(test.url), test.header,
				test.header != "", test.credentials, test.forNavigation)
			if got != test.want {
				t.Errorf("%v, want %v\nsee %s", got, test.want, test.want.URL())
			}
		})
	}
	insecure := origin.MustParse("http://www.example.com")
	if got := CrossOriginResourcePolicyCheck(insecure, UnsafeNone, origin.MustParseURL("https://api.example.com/"), "same-site", true, true, false); got != CORPSameSiteDowngrade {
		t.Errorf("an insecure page and a secure response: %v, want %v", got, CORPSameSiteDowngrade)
	}
}

func TestASiteCacheAgreesWithSameSite(t *testing.T) {
	hosts := []string{"https://a.example.com", "https://b.example.com", "https://example.com", "http://a.example.com",
		"https://user1.github.io", "https://user2.github.io", "https://github.io", "https://127.0.0.1", "https://[::1]",
		"https://a.example.co.uk", "https://b.example.co.uk", "https://localhost"}
	origins := []origin.Origin{origin.Opaque(), {}}
	for _, h := range hosts {
		origins = append(origins, origin.MustParse(h))
	}
	c := new(SiteCache)
	for range 3 {
		for _, a := range origins {
			for _, b := range origins {
				if got, want := c.SameSite(&a, &b), SameSite(a, b); got != want {
					t.Fatalf("SiteCache: %v and %v are same site: %v, want %v", a, b, got, want)
				}
			}
		}
	}
}

func FuzzParseEmbedderPolicyHeader(f *testing.F) {
	f.Add(`require-corp; report-to="a\"b"`)
	f.Add(`credentialless;a=1.0;b=?0`)
	f.Fuzz(func(t *testing.T, s string) {
		p := ParseEmbedderPolicyHeader(s)
		if p != UnsafeNone && !strings.HasPrefix(strings.TrimLeft(s, " "), p.String()) {
			t.Fatalf("%q: %v", s, p)
		}
	})
}

func FuzzParseReferrerPolicyHeader(f *testing.F) {
	f.Add("no-referrer, unsafe-url", "origin")
	f.Fuzz(func(t *testing.T, a, b string) {
		// One header of two lines is the lines joined by a comma.
		if got, want := ParseReferrerPolicyHeader(a, b), ParseReferrerPolicyHeader(a+", "+b); got != want {
			t.Fatalf("%q, %q: %v, joined %v", a, b, got, want)
		}
	})
}
