package origin

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sharedData is where the public test data stands, beside the project and not in it.
const sharedData = "../../shared/data"

// readShared returns a file of the public test data. Where it is missing the test is skipped, but fails in CI.
func readShared(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedData, filepath.FromSlash(name)))
	if err == nil {
		return data
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("public test data is missing, which must not happen in CI: %v", err)
	}
	t.Logf("SKIPPED, NOTHING WAS TESTED: public test data is missing: %v", err)
	t.SkipNow()
	return nil
}

// A urlTest is an entry of urltestdata.json.
type urlTest struct {
	Input    string  `json:"input"`
	Base     *string `json:"base"`
	Failure  bool    `json:"failure"`
	Href     string  `json:"href"`
	Origin   *string `json:"origin"`
	Protocol string  `json:"protocol"`
	Username string  `json:"username"`
	Password string  `json:"password"`
	Host     string  `json:"host"`
	Hostname string  `json:"hostname"`
	Port     string  `json:"port"`
	Pathname string  `json:"pathname"`
	Search   string  `json:"search"`
	Hash     string  `json:"hash"`

	RelativeTo string `json:"relativeTo"`
}

// readURLTests returns the entries of a file in the format of urltestdata.json.
func readURLTests(t testing.TB, name string) []urlTest {
	t.Helper()
	var entries []json.RawMessage
	if err := json.Unmarshal(readShared(t, name), &entries); err != nil {
		t.Fatal(err)
	}
	var tests []urlTest
	for i, e := range entries {
		if e[0] == '"' {
			continue
		}
		var test urlTest
		if err := json.Unmarshal(e, &test); err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		tests = append(tests, test)
	}
	return tests
}

// parse does what the URL constructor does with the input and the base.
func (test urlTest) parse() (URL, error) {
	if test.Base == nil {
		return ParseURL(test.Input, nil)
	}
	base, err := ParseURL(*test.Base, nil)
	if err != nil {
		return URL{}, err
	}
	return ParseURL(test.Input, &base)
}

// asAPI returns the parts of u the way the attributes of the URL class give them.
func asAPI(test urlTest, u URL) urlTest {
	got := test
	got.Failure = false
	got.Href = u.String()
	got.Protocol = u.Scheme() + ":"
	got.Username, got.Password = u.Username(), u.Password()
	got.Hostname, _ = u.Host()
	got.Host, got.Port = got.Hostname, ""
	if port, ok := u.Port(); ok {
		got.Port = strconv.Itoa(int(port))
		got.Host += ":" + got.Port
	}
	got.Pathname = u.Path()
	got.Search, got.Hash = "", ""
	if q, _ := u.Query(); q != "" {
		got.Search = "?" + q
	}
	if f, _ := u.Fragment(); f != "" {
		got.Hash = "#" + f
	}
	if test.Origin != nil {
		s := u.Origin().String()
		got.Origin = &s
	}
	return got
}

func TestWebPlatformTestsOfTheURLParser(t *testing.T) {
	for _, file := range []string{"wpt-url/urltestdata.json", "wpt-url/urltestdata-javascript-only.json"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var origins, failures, hrefs int
			for _, test := range readURLTests(t, file) {
				base := "none"
				if test.Base != nil {
					base = strconv.Quote(*test.Base)
				}
				u, err := test.parse()
				if test.Failure {
					failures++
					if err == nil {
						t.Errorf("%q, base %s: parsed as %q; every browser fails", test.Input, base, u)
					}
					continue
				}
				hrefs++
				if err != nil {
					t.Errorf("%q, base %s: %v; browsers have %q", test.Input, base, err, test.Href)
					continue
				}
				if test.Origin != nil {
					origins++
				}
				if diff := cmp.Diff(test, asAPI(test, u)); diff != "" {
					t.Errorf("%q, base %s: not what browsers have (-want +got):\n%s", test.Input, base, diff)
				}
			}
			t.Logf("%d hrefs, %d origins, %d failures", hrefs, origins, failures)
			if hrefs == 0 || origins == 0 {
				t.Error("the file holds nothing that was tested")
			}
		})
	}
}
