package generate

import (
	"hash/fnv"
	"iter"
	"math/bits"
	"math/rand/v2"
	"strconv"

	"github.com/corsim/corsim/simulator"
)

// An area is one part of the engine, with the way to make a case for it.
type area struct {
	name string
	spec string // the algorithm that most of its cases are decided by
	fill func(*scene)
}

var areas = [...]area{
	{"allow-credentials", "https://fetch.spec.whatwg.org/#concept-cors-check", allowCredentials},
	{"allow-headers", "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0", allowHeaders},
	{"allow-origin", "https://fetch.spec.whatwg.org/#concept-cors-check", allowOrigin},
	{"cookies", "https://fetch.spec.whatwg.org/#http-network-or-cache-fetch", cookies},
	{"expose-headers", "https://fetch.spec.whatwg.org/#concept-filtered-response-cors", exposeHeaders},
	{"fetch-metadata", "https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-site", fetchMetadata},
	{"headers", "https://fetch.spec.whatwg.org/#concept-headers-append", headers},
	{"hsts", "https://www.rfc-editor.org/rfc/rfc6797.html#section-8", hsts},
	{"http-cache", "https://www.rfc-editor.org/rfc/rfc9111.html#section-4", httpCache},
	{"keepalive", "https://fetch.spec.whatwg.org/#http-network-or-cache-fetch", keepalive},
	{"methods", "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0", methods},
	{"mixed-content", "https://www.w3.org/TR/mixed-content/#should-block-fetch", mixedContent},
	{"mixture", "https://fetch.spec.whatwg.org/#concept-main-fetch", mixture},
	{"modes", "https://fetch.spec.whatwg.org/#concept-main-fetch", modes},
	{"origin-header", "https://fetch.spec.whatwg.org/#append-a-request-origin-header", originHeader},
	{"passwords", "https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch", passwords},
	{"ports", "https://fetch.spec.whatwg.org/#port-blocking", ports},
	{"preflight-cache", "https://fetch.spec.whatwg.org/#concept-cache", preflightCache},
	{"preflight-status", "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0", preflightStatus},
	{"redirects", "https://fetch.spec.whatwg.org/#concept-http-redirect-fetch", redirects},
	{"referrer", "https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer", referrer},
	{"resource-policy", "https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check", resourcePolicy},
	{"safelist", "https://fetch.spec.whatwg.org/#cors-safelisted-request-header", safelist},
	{"sandbox", "https://fetch.spec.whatwg.org/#concept-cors-check", sandbox},
	{"schemes", "https://fetch.spec.whatwg.org/#concept-scheme-fetch", schemes},
	{"sites", "https://html.spec.whatwg.org/multipage/browsers.html#same-site", sites},
	{"streams", "https://fetch.spec.whatwg.org/#dom-request", streams},
	{"upgrades", "https://w3c.github.io/webappsec-upgrade-insecure-requests/#upgrade-request", upgrades},
	{"xhr", "https://xhr.spec.whatwg.org/#the-send()-method", xhr},
}

// Areas returns the names of the areas, sorted.
func Areas() []string {
	names := make([]string, len(areas))
	for i := range areas {
		names[i] = areas[i].name
	}
	return names
}

// Case returns the case that the seed stands for in an area; it is the same on every machine, and its name is the
// area's with the seed behind it. For an area that is none of Areas it returns the zero Case.
func Case(area string, seed uint64) simulator.Case {
	for i := range areas {
		if areas[i].name != area {
			continue
		}
		name := fnv.New64a()
		name.Write([]byte(area)) // a hash never fails
		s := &scene{dice: dice{rand.NewPCG(seed, name.Sum64())}}
		s.c = simulator.Case{
			Name: area + "-" + strconv.FormatUint(seed, 10), Spec: areas[i].spec,
			Server: []simulator.CaseReply{}, Requests: []simulator.CaseRequest{},
		}
		areas[i].fill(s)
		s.finish()
		return s.c
	}
	return simulator.Case{}
}

// Cases returns count cases, taking the areas in turn and the seeds from seed upwards, so that the case named
// methods-17 is Case("methods", 17). Without areas it takes all of them.
func Cases(seed uint64, count int, names ...string) iter.Seq[simulator.Case] {
	if len(names) == 0 {
		names = Areas()
	}
	return func(yield func(simulator.Case) bool) {
		for i := range count {
			if !yield(Case(names[i%len(names)], seed+uint64(i))) {
				return
			}
		}
	}
}

// dice is a source of choices. It uses the generator's bare output, which is specified, and not the methods of
// rand.Rand, whose ways of cutting it to size may differ between machines.
type dice struct{ source *rand.PCG }

// intn returns a number from 0 to n-1, 0 if n is not positive.
func (d dice) intn(n int) int {
	if n <= 0 {
		return 0
	}
	hi, _ := bits.Mul64(d.source.Uint64(), uint64(n))
	return int(hi)
}

// chance is true in that many of a hundred cases.
func (d dice) chance(percent int) bool { return d.intn(100) < percent }

// pick returns one of the values.
func pick[T any](d dice, values ...T) T { return values[d.intn(len(values))] }

// shuffle returns the values in another order.
func shuffle[T any](d dice, values []T) []T {
	out := append([]T(nil), values...)
	for i := len(out) - 1; i > 0; i-- {
		j := d.intn(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// stray returns a character that does harm where it does not belong, and sometimes none.
func (d dice) stray() string {
	return pick(d, " ", "\t", ",", "/", ".", ";", "*", `"`, ":", "-", "0", "=", "\u00e9", "\u00a0", "\x0b", "\x7f")
}

// bend returns s with one small change, which may be one that does not matter.
func (d dice) bend(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return d.stray()
	}
	i := d.intn(len(r))
	switch d.intn(9) {
	case 0, 1:
		// The case of the first letter from there on.
		for range r {
			if c := r[i] | 0x20; 'a' <= c && c <= 'z' {
				r[i] ^= 0x20
				break
			}
			i = (i + 1) % len(r)
		}
		return string(r)
	case 2:
		return string(r[:i]) + string(r[i+1:])
	case 3:
		return string(r[:i+1]) + string(r[i:])
	case 4:
		// The neighbour among the printable ones.
		if r[i] > ' ' && r[i] < '~' {
			r[i] += rune(1 - 2*d.intn(2))
		}
		return string(r)
	case 5:
		return string(r[:i]) + d.stray() + string(r[i:])
	case 6:
		return d.stray() + s
	case 7:
		return s + d.stray()
	}
	j := (i + 1) % len(r)
	r[i], r[j] = r[j], r[i]
	return string(r)
}
