package har

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRedactSetCookieKeepsNameAndAttributes(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"a value", "sid=SECRET", "sid=redacted"},
		{"an empty value", "sid=", "sid=redacted"},
		{"a value with equals signs", "sid=SEC=RET==; Secure", "sid=redacted; Secure"},
		{"a value without a name", "SECRET; HttpOnly", "redacted; HttpOnly"},
		{"every attribute", "a=SECRET; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Max-Age=3; Domain=a.example; Path=/x; Secure;HttpOnly ; SameSite=Lax; Partitioned; Priority=High",
			"a=redacted; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Max-Age=3; Domain=a.example; Path=/x; Secure;HttpOnly ; SameSite=Lax; Partitioned; Priority=High"},
		{"an attribute without a value", "a=SECRET; Path=; Domain", "a=redacted; Path=; Domain"},
		{"an unknown attribute", "a=SECRET; Token=SECRET", "a=redacted; redacted"},
		{"a quoted value with a semicolon", `a="SEC;RET"; Secure`, `a=redacted;redacted; Secure`},
		{"no value at all", "", "redacted"},
		{"two cookies joined after a path", "a=SECRET; Path=/, b=SECRET; Secure", "a=redacted; Path=/, b=redacted; Secure"},
		{"two cookies joined after a date", "a=SECRET; Expires=Wed, 09 Jun 2027 10:18:14 GMT, b=SECRET", "a=redacted; Expires=Wed, 09 Jun 2027 10:18:14 GMT, b=redacted"},
		{"two cookies joined after a flag", "a=SECRET; Secure, b=SECRET; HttpOnly", "a=redacted; Secure, b=redacted; HttpOnly"},
		{"three cookies joined", "a=SECRET; Path=/, b=SECRET, c=SECRET", "a=redacted; Path=/, b=redacted"},
		{"two joined without attributes", "a=SECRET, b=SECRET", "a=redacted"},
		{"a nameless cookie joined", "a=SECRET; Path=/, SECRET", "a=redacted; Path=/, redacted"},
		{"a nameless cookie joined after a date", "a=SECRET; Expires=Wed, 09 Jun 2027, SECRET", "a=redacted; Expires=Wed, 09 Jun 2027, redacted"},
		{"a nameless cookie joined after a flag", "a=SECRET; Secure, SECRET", "a=redacted; redacted"},
		{"a path that looks like a pair", "a=SECRET; Path=/k=SECRET", "a=redacted; redacted"},
		{"a date that is too long for one", "a=SECRET; Expires=" + strings.Repeat("SECRET", 9), "a=redacted; redacted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := redactSetCookie(test.value)
			if got != test.want {
				t.Errorf("(-want +got):\n%s", cmp.Diff(test.want, got))
			}
			if again := redactSetCookie(got); again != got {
				t.Errorf("redacted again it is %q, want no change", again)
			}
		})
	}
}

func TestRedact(t *testing.T) {
	original := Entry{
		Request: Request{
			URL: "https://a.example/?k=v",
			Headers: []Header{
				{"COOKIE", "a=SECRET; b=SECRET=; SECRET"},
				{"cookie", ""},
				{"Authorization", "Bearer SECRET"},
				{"proxy-authorization", "SECRET"},
				{"Origin", "https://b.example"},
			},
			Cookies: []Cookie{{Name: "a", Value: "SECRET", Path: "/"}},
			Post:    &PostData{Body: []byte("k=v")},
		},
		Response: Response{
			Headers: []Header{{"Set-Cookie", "a=SECRET; Secure"}, {"set-cookie", "b=SECRET"}, {"Vary", "Cookie"}},
			Cookies: []Cookie{{Name: "a", Value: "SECRET", HTTPOnly: true}},
			Body:    []byte("body"),
		},
		Corsim: json.RawMessage(`{"verdict":"allowed"}`),
	}
	want := Entry{
		Request: Request{
			URL: "https://a.example/?k=v",
			Headers: []Header{
				{"COOKIE", "a=redacted; b=redacted; redacted"},
				{"cookie", "redacted"},
				{"Authorization", "redacted"},
				{"proxy-authorization", "redacted"},
				{"Origin", "https://b.example"},
			},
			Cookies: []Cookie{{Name: "a", Value: "redacted", Path: "/"}},
			Post:    &PostData{Body: []byte("k=v")},
		},
		Response: Response{
			Headers: []Header{{"Set-Cookie", "a=redacted; Secure"}, {"set-cookie", "b=redacted"}, {"Vary", "Cookie"}},
			Cookies: []Cookie{{Name: "a", Value: "redacted", HTTPOnly: true}},
			Body:    []byte("body"),
		},
		Corsim: json.RawMessage(`{"verdict":"allowed"}`),
	}
	e := original
	Redact(&e)
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("(-want +got) what stays is published:\n%s", diff)
	}
	if original.Request.Headers[2].Value != "Bearer SECRET" || original.Response.Cookies[0].Value != "SECRET" {
		t.Error("the slices that the entry shared were changed, want them as they were")
	}
	empty := Entry{}
	Redact(&empty)
	if diff := cmp.Diff(Entry{}, empty); diff != "" {
		t.Errorf("an entry without headers changed (-want +got):\n%s", diff)
	}
}

// FuzzRedactSetCookie puts a secret where a cookie's value is, alone or joined
// to others, and looks for it in the outcome.
func FuzzRedactSetCookie(f *testing.F) {
	f.Add("sid", "Path=/")
	f.Add("", "Expires=Wed, 09 Jun 2027 10:18:14 GMT")
	f.Add("a,b", "Secure, x")
	f.Fuzz(func(t *testing.T, name, attribute string) {
		const secret = "S3CR3T"
		if strings.Contains(name, secret) || strings.Contains(attribute, secret) || strings.ContainsAny(name, ";=") {
			return
		}
		for _, value := range []string{
			name + "=" + secret,
			name + "=" + secret + "; " + attribute,
			"first=1; " + attribute + ", " + name + "=" + secret + "; " + attribute,
		} {
			if got := redactSetCookie(value); strings.Contains(got, secret) {
				t.Errorf("%q became %q, the secret is still in it", value, got)
			}
		}
	})
}
