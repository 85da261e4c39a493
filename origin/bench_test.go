package origin_test

import (
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/corsim/corsim/origin"
)

// lines returns the lines of a file of inputs. In it "\\t" stands for a tab.
func lines(b *testing.B, file string) []string {
	b.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		b.Fatal(err)
	}
	return strings.Split(strings.ReplaceAll(strings.TrimSuffix(string(text), "\n"), `\t`, "\t"), "\n")
}

// shuffled returns n copies of the inputs in an order that a branch predictor cannot learn.
func shuffled(inputs []string) []string {
	r := rand.New(rand.NewPCG(1, 2))
	var all []string
	for range 4096 / len(inputs) {
		all = append(all, inputs...)
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// each runs f over the shuffled inputs; an iteration is one input.
func each(b *testing.B, inputs []string, f func(s string) bool) {
	all := shuffled(inputs)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if !f(all[i]) {
			b.Fatalf("%q does not parse", all[i])
		}
		if i++; i == len(all) {
			i = 0
		}
	}
}

func BenchmarkOf(b *testing.B) {
	of := func(s string) bool {
		o, err := origin.Of(s)
		return err == nil && !o.IsZero()
	}
	b.Run("everyday", func(b *testing.B) { each(b, lines(b, "everyday.txt"), of) })
	b.Run("hard", func(b *testing.B) { each(b, lines(b, "hard.txt"), of) })
}

func BenchmarkParseURL(b *testing.B) {
	parse := func(s string) bool {
		u, err := origin.ParseURL(s, nil)
		return err == nil && !u.Origin().IsZero()
	}
	b.Run("everyday", func(b *testing.B) { each(b, lines(b, "everyday.txt"), parse) })
	b.Run("hard", func(b *testing.B) { each(b, lines(b, "hard.txt"), parse) })
	b.Run("relative", func(b *testing.B) {
		base := origin.MustParseURL("https://app.example.com/en/docs/index.html?x=1")
		each(b, []string{"/api/items/1", "style.css", "../img/a.png?v=2", "?page=2", "#top", "//cdn.example.com/x.js"}, func(s string) bool {
			_, err := origin.ParseURL(s, &base)
			return err == nil
		})
	})
}

func BenchmarkParse(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		each(b, lines(b, "bare.txt"), func(s string) bool {
			_, err := origin.Parse(s)
			return err == nil
		})
	})
}

// BenchmarkNetURL is the same work with the standard library: parse, then pick the fields of an origin out.
func BenchmarkNetURL(b *testing.B) {
	each(b, lines(b, "everyday.txt"), func(s string) bool {
		u, err := url.Parse(s)
		if err != nil {
			return false
		}
		host, port := u.Hostname(), u.Port()
		return u.Scheme != "" && host != "" && len(port) < 6
	})
}

func BenchmarkSameOrigin(b *testing.B) {
	page := origin.MustParse("https://app.example.com")
	u := origin.MustParseURL("https://api.example.com/items/1")
	b.ReportAllocs()
	for b.Loop() {
		if u.SameOrigin(page) {
			b.Fatal("api.example.com is another host")
		}
	}
}

func BenchmarkRegistrableDomain(b *testing.B) {
	var origins []origin.Origin
	for _, s := range shuffled(lines(b, "bare.txt")) {
		origins = append(origins, origin.MustParse(s))
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		origins[i].RegistrableDomain()
		if i++; i == len(origins) {
			i = 0
		}
	}
}

// BenchmarkAdversarial parses a megabyte of what costs most.
func BenchmarkAdversarial(b *testing.B) {
	const size = 1 << 20
	for _, bm := range []struct{ name, unit string }{
		{"a path that goes up as often as down", "/a/.."},
		{"a path to be encoded", "\""},
		{"colons in the credentials", ":@"},
		{"tabs", "\ta"},
	} {
		input := "https://example.com" + strings.Repeat(bm.unit, size/len(bm.unit)) + "/@example.com/"
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(int64(len(input)))
			b.ReportAllocs()
			for b.Loop() {
				origin.ParseURL(input, nil)
			}
		})
	}
}
