package fetch

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

func TestEmptyLinesAreSkippedWhereOthersHaveTheName(t *testing.T) {
	const allow = "Access-Control-Allow-Origin"
	for _, tt := range []struct {
		name       string
		cors       bool
		have, want Headers
	}{
		{"what has no empty line stays", true, H("X-A", "1", "X-A", "2"), H("X-A", "1", "X-A", "2")},
		{"empty lines before and behind go", false, H("X-A", "", "x-a", "1", "X-A", "", "X-A", "2"), H("x-a", "1", "X-A", "2")},
		{"of empty lines alone the first stays", false, H("X-A", "", "X-B", "1", "x-a", ""), H("X-A", "", "X-B", "1")},
		{"those of Location stay", false, H("Location", "", "Location", "/a", "Location", ""), H("Location", "", "Location", "/a", "Location", "")},
		{"one spelled otherwise does not count", true, H(allow, "*", "access-control-allow-origin", ""), H(allow, "*")},
		{"nor does it in front", true, H("access-control-allow-origin", "", allow, "*"), H(allow, "*")},
		{"two lines spelled alike count", true, H(allow, "*", allow, ""), H(allow, "*", allow, "")},
		{"where nobody checks, they do not", false, H(allow, "*", allow, ""), H(allow, "*")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.have.Clone()
			got := withoutEmptyRepeats(&HTTPResponse{Status: 200, Headers: tt.have}, tt.cors)
			if diff := cmp.Diff(tt.want, got.Headers); diff != "" {
				t.Errorf("what is left of the lines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, tt.have); diff != "" {
				t.Errorf("the response of the network is not to be changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestForbiddenMethodsAreLookedForBetweenCommas(t *testing.T) {
	rules := &policy.Profile{MethodOverridesCutAtCommas: true}
	for _, tt := range []struct {
		name, value        string
		standard, byCommas bool
	}{
		{"X-HTTP-Method-Override", "GET, trace", true, true},
		{"X-Method-Override", `"a, TRACE`, false, true},
		{"X-HTTP-Method", `"a,	Connect	,b"`, false, true},
		{"X-HTTP-Method", `"TRACE"`, false, false},
		{"X-HTTP-Method", "TRACE x", false, false},
		{"X-HTTP-Method", "", false, false},
		{"X-Other", "TRACE", false, false},
		{"Sec-A", "a", true, true},
	} {
		if got := ForbidsRequestHeader(tt.name, tt.value, rules); got != tt.byCommas {
			t.Errorf("%s: %s is forbidden where commas alone divide: %v, want %v", tt.name, tt.value, got, tt.byCommas)
		}
		if got := IsForbiddenRequestHeader(tt.name, tt.value); got != tt.standard {
			t.Errorf("%s: %s is forbidden by the standard: %v, want %v", tt.name, tt.value, got, tt.standard)
		}
	}
}

func TestSitesOfThisMachineDisregardSchemes(t *testing.T) {
	for _, tt := range []struct {
		name, page string
		urls       []string
		alone      bool
		want       distance
	}{
		{"from http to https", "http://localhost", []string{"https://localhost/"}, false, distanceSameSite},
		{"from https to http", "https://127.0.0.1", []string{"http://127.0.0.1:8080/"}, false, distanceSameSite},
		{"from http past http", "http://localhost", []string{"http://localhost/", "https://localhost/"}, false, distanceCrossSite},
		{"from http past http, where the last URL counts alone", "http://localhost", []string{"http://localhost/", "https://localhost/"}, true, distanceSameSite},
		{"past https", "http://localhost", []string{"https://localhost/", "http://localhost:81/"}, false, distanceSameSite},
		{"to another host of this machine", "http://localhost", []string{"https://127.0.0.1/"}, false, distanceCrossSite},
		{"from another machine over http", "http://a.example", []string{"https://b.a.example/"}, false, distanceCrossSite},
		{"within a site", "https://a.example", []string{"https://b.a.example/"}, false, distanceSameSite},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, err := origin.Parse(tt.page)
			if err != nil {
				t.Fatal(err)
			}
			r := &Request{Origin: o}
			for i, s := range tt.urls {
				u, err := origin.ParseURL(s, nil)
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					r.URL = u
				} else {
					r.appendURL(u)
				}
			}
			if got := loopbackSite(r, tt.alone); got != tt.want {
				t.Errorf("Sec-Fetch-Site is %s, want %s", got, tt.want)
			}
		})
	}
}
