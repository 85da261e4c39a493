package simulator

import (
	"cmp"
	"container/list"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// maxHSTSHosts is how many hosts a browser remembers that want HTTPS alone; beyond that it forgets the one that said
// so longest ago.
const maxHSTSHosts = 10_000

// maxSTSDirectives is how many directives a header may have; three are known.
const maxSTSDirectives = 16

// An HSTSHost is a host that has said by Strict-Transport-Security that it wants HTTPS alone.
//
// https://www.rfc-editor.org/rfc/rfc6797.html#section-5.3
type HSTSHost struct {
	Host              string // as the URL standard serializes it
	IncludeSubDomains bool
	Expires           time.Time
}

// An hstsStore is a store of known HSTS hosts. The zero value is empty and ready, for use by many goroutines.
type hstsStore struct {
	count atomic.Int64
	mu    sync.Mutex
	known map[string]*list.Element // of *HSTSHost
	order list.List                // noted longest ago first
}

// match returns the known host by which a domain is one.
//
// https://www.rfc-editor.org/rfc/rfc6797.html#section-8.2
func (s *hstsStore) match(now time.Time, domain string) (known string, ok bool) {
	if s.count.Load() == 0 {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// The domain itself, then each parent.
	for name := domain; ; {
		if e := s.known[name]; e != nil {
			if h := e.Value.(*HSTSHost); now.Before(h.Expires) && (name == domain || h.IncludeSubDomains) {
				return h.Host, true
			}
		}
		_, parent, more := strings.Cut(name, ".")
		if !more {
			return "", false
		}
		name = parent
	}
}

// note processes the header of a response that came from a host over HTTPS.
//
// https://www.rfc-editor.org/rfc/rfc6797.html#section-8.1
func (s *hstsStore) note(now time.Time, host string, kind origin.HostKind, value string, loosely bool) (policy.Step, HSTSHost) {
	maxAge, subdomains, ok := parseStrictTransportSecurity(value, loosely)
	switch {
	case !ok:
		return policy.HSTSMalformed, HSTSHost{}
	// Section 8.1.1.
	case kind != origin.HostDomain:
		return policy.HSTSAddress, HSTSHost{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.known[host]
	if maxAge == 0 {
		if e != nil {
			s.remove(e)
		}
		return policy.HSTSRemoved, HSTSHost{}
	}
	expires := now.Add(seconds(maxAge)).Round(0).UTC()
	if e != nil {
		h := e.Value.(*HSTSHost)
		h.IncludeSubDomains, h.Expires = subdomains, expires
		s.order.MoveToBack(e)
		return policy.HSTSStored, *h
	}
	h := &HSTSHost{strings.Clone(host), subdomains, expires}
	if s.known == nil {
		s.known = make(map[string]*list.Element)
	}
	s.known[h.Host] = s.order.PushBack(h)
	s.count.Add(1)
	if len(s.known) > maxHSTSHosts {
		s.remove(s.order.Front())
	}
	return policy.HSTSStored, *h
}

func (s *hstsStore) remove(e *list.Element) {
	delete(s.known, e.Value.(*HSTSHost).Host)
	s.order.Remove(e)
	s.count.Add(-1)
}

// hosts returns the known hosts whose time is not over, sorted.
func (s *hstsStore) hosts(now time.Time) []HSTSHost {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []HSTSHost
	for e := s.order.Front(); e != nil; e = e.Next() {
		if h := e.Value.(*HSTSHost); now.Before(h.Expires) {
			out = append(out, *h)
		}
	}
	slices.SortFunc(out, func(a, b HSTSHost) int { return cmp.Compare(a.Host, b.Host) })
	return out
}

func (s *hstsStore) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = nil
	s.order.Init()
	s.count.Store(0)
}

// parseStrictTransportSecurity reads the value of a Strict-Transport-Security header. ok is false if it does not
// follow the grammar, has a directive twice, more directives than anybody needs, or no max-age; what it does loosely says
// Profile.HSTSReadLoosely.
//
// https://www.rfc-editor.org/rfc/rfc6797.html#section-6.1
func parseStrictTransportSecurity(v string, loosely bool) (maxAge int64, subdomains, ok bool) {
	var buf [maxSTSDirectives]string
	seen, hasMaxAge := buf[:0], false
	for more := true; more; {
		// [ directive ] *( ";" [ directive ] )
		v = strings.TrimLeft(v, " \t")
		end := strings.IndexAny(v, "=;")
		if end < 0 {
			end = len(v)
		}
		name := strings.TrimRight(v[:end], " \t")
		argument, hasArgument := "", false
		if end < len(v) && v[end] == '=' {
			if argument, v, ok = stsArgument(v[end+1:], loosely); !ok || name == "" && !loosely {
				return 0, false, false
			}
			hasArgument, end = true, 0
		}
		if more = end < len(v); more {
			v = v[end+1:]
		}
		if name == "" {
			continue
		}
		if !fetch.IsMethod(name) || len(seen) == cap(seen) { // a token, as methods are
			return 0, false, false
		}
		for _, s := range seen {
			if strings.EqualFold(s, name) && !(loosely && !isSTSDirective(name)) {
				return 0, false, false
			}
		}
		seen = append(seen, name)
		switch {
		case equalFoldASCII(name, "max-age"):
			hasMaxAge = true
			if maxAge, ok = parseCacheSeconds(argument); !ok {
				return 0, false, false
			}
			if _, err := strconv.ParseUint(argument, 10, 64); err != nil && loosely {
				return 0, false, false
			}
		case equalFoldASCII(name, "includesubdomains"):
			if subdomains = true; hasArgument {
				return 0, false, false
			}
		}
	}
	return maxAge, subdomains, hasMaxAge
}

// isSTSDirective reports whether RFC 6797 gives the directive a meaning.
func isSTSDirective(name string) bool {
	return equalFoldASCII(name, "max-age") || equalFoldASCII(name, "includesubdomains")
}

// stsArgument reads a token (or nothing, if that may be) or a quoted string up to a semicolon or the end; rest begins there.
func stsArgument(v string, mayBeEmpty bool) (argument, rest string, ok bool) {
	v = strings.TrimLeft(v, " \t")
	if !strings.HasPrefix(v, `"`) {
		end := strings.IndexByte(v, ';')
		if end < 0 {
			end = len(v)
		}
		argument = strings.TrimRight(v[:end], " \t")
		return argument, v[end:], fetch.IsMethod(argument) || mayBeEmpty && argument == ""
	}
	var b strings.Builder
	for i := 1; i < len(v); i++ {
		switch v[i] {
		case '"':
			rest = strings.TrimLeft(v[i+1:], " \t")
			return b.String(), rest, rest == "" || rest[0] == ';'
		case '\\':
			if i++; i == len(v) {
				return "", "", false
			}
		}
		b.WriteByte(v[i])
	}
	return "", "", false
}

// browserHSTS is the store of a browser, as its fetches see it.
type browserHSTS Browser

// Match implements fetch.HSTS.
func (b *browserHSTS) Match(domain string) (string, bool) {
	if b.hsts.count.Load() == 0 {
		return "", false
	}
	return b.hsts.match((*Browser)(b).now(), domain)
}

// Note implements fetch.HSTS.
func (b *browserHSTS) Note(host string, kind origin.HostKind, value string, tell bool) (policy.Step, string) {
	s, h := b.hsts.note((*Browser)(b).now(), host, kind, value, (*Browser)(b).Profile.HSTSReadLoosely)
	if s != policy.HSTSStored || !tell {
		return s, value
	}
	text := h.Host + " until " + h.Expires.Format(time.RFC3339)
	if h.IncludeSubDomains {
		text += ", with its subdomains"
	}
	return s, text
}
