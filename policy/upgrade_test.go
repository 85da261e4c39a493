package policy

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/origin"
)

func TestUpgradeInsecureRequestsIsADirectiveOfSomePolicy(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []string
		want   bool
	}{
		{"alone", []string{"upgrade-insecure-requests"}, true},
		{"in any case", []string{"Upgrade-INSECURE-Requests"}, true},
		{"with space around it", []string{" \tupgrade-insecure-requests "}, true},
		{"with a value, which means nothing", []string{"upgrade-insecure-requests 1"}, true},
		{"as the last directive", []string{"default-src 'self'; upgrade-insecure-requests"}, true},
		{"in the second policy of a header", []string{"default-src 'self', upgrade-insecure-requests;"}, true},
		{"in the second header", []string{"default-src 'self'", "upgrade-insecure-requests"}, true},
		{"no header", nil, false},
		{"an empty header", []string{""}, false},
		{"as a value", []string{"default-src upgrade-insecure-requests"}, false},
		{"a longer name", []string{"upgrade-insecure-requests-not"}, false},
		{"a shorter name", []string{"upgrade-insecure-request"}, false},
		{"a letter that only folds to one of the name", []string{"upgrade-in\u017fecure-requests"}, false},
		{"another directive", []string{"block-all-mixed-content"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ParseUpgradeInsecureRequests(test.values...); got != test.want {
				t.Errorf("ParseUpgradeInsecureRequests(%q) = %v, want %v", test.values, got, test.want)
			}
		})
	}
}

func FuzzUpgradeInsecureRequests(f *testing.F) {
	for _, s := range []string{"upgrade-insecure-requests", "a b; upgrade-insecure-requests, c", ";;,,", "upgrade-insecure-requestſ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := ParseUpgradeInsecureRequests(value)
		if got && !strings.Contains(strings.ToLower(value), "upgrade-insecure-requests") {
			t.Fatalf("%q upgrades, and does not say so", value)
		}
		if !ParseUpgradeInsecureRequests(value + ";upgrade-insecure-requests") {
			t.Fatalf("%q hides the directive behind it", value)
		}
		if ParseUpgradeInsecureRequests(value, "") != got {
			t.Fatalf("an empty header changes what %q says", value)
		}
	})
}

// The rows are the conditions of the three algorithms, one by one.
func TestMixedContentIsBlockedOrUpgraded(t *testing.T) {
	secure := MixedContentContext{Prohibits: true}
	for _, test := range []struct {
		name             string
		change           func(*MixedContentContext)
		blocks, upgrades bool
	}{
		{"an insecure URL on a secure page", func(*MixedContentContext) {}, true, false},
		{"on an insecure page", func(c *MixedContentContext) { c.Prohibits = false }, false, false},
		{"a trustworthy URL", func(c *MixedContentContext) { c.Trustworthy = true }, false, false},
		{"a navigation of the top level", func(c *MixedContentContext) { c.TopLevel = true }, false, false},
		{"media", func(c *MixedContentContext) { c.Media = true }, true, true},
		{"media from an address", func(c *MixedContentContext) { c.Media, c.Address = true, true }, true, false},
		{"an image of srcset", func(c *MixedContentContext) { c.Media, c.ImageSet = true, true }, true, false},
		{"media on an insecure page", func(c *MixedContentContext) { c.Media, c.Prohibits = true, false }, false, false},
		{"media from a trustworthy URL", func(c *MixedContentContext) { c.Media, c.Trustworthy = true, true }, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := secure
			test.change(&c)
			if c.BlocksRequest() != test.blocks || c.BlocksResponse() != test.blocks || c.Upgrades() != test.upgrades {
				t.Errorf("blocks %v and %v, upgrades %v; want %v, %v", c.BlocksRequest(), c.BlocksResponse(), c.Upgrades(), test.blocks, test.upgrades)
			}
		})
	}
}

// The rows are those of "does settings prohibit mixed security contexts", and the browsers' departure from it.
func TestWhichDocumentsProhibitMixedSecurityContexts(t *testing.T) {
	byScheme := Profile{MixedContentByScheme: true}
	for _, test := range []struct {
		name    string
		profile Profile
		origin  string
		above   bool
		want    bool
	}{
		{"a trustworthy origin", Profile{}, "https://a.example", false, true},
		{"this machine", Profile{}, "http://localhost", false, true},
		{"another origin", Profile{}, "http://a.example", false, false},
		{"another origin beneath a trustworthy one", Profile{}, "http://a.example", true, true},
		{"an opaque origin", Profile{}, "null", false, false},
		{"an opaque origin beneath a trustworthy one", Profile{}, "null", true, true},
		{"by scheme, a trustworthy origin", byScheme, "https://a.example", false, true},
		{"by scheme, this machine", byScheme, "http://localhost", false, false},
		{"by scheme, this machine beneath a trustworthy origin", byScheme, "http://localhost", true, true},
	} {
		o := origin.Opaque()
		if test.origin != "null" {
			o = origin.MustParse(test.origin)
		}
		if got := test.profile.ProhibitsMixedSecurityContexts(o, test.above); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
