package simulator

import (
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/policy"
)

// The rules of HTTP caching that need no store. They are those of RFC 9111; "section" means one of its sections.

const (
	// maxDeltaSeconds is what too large a number of seconds counts as (section 1.2.2).
	maxDeltaSeconds = 1 << 31
	// maxVaryNames is how many names a Vary may hold for its response to be stored.
	maxVaryNames = 32
	// heuristicFraction is the part of a response's age since its last modification for which it counts as fresh if it
	// does not say (section 4.2.2).
	heuristicFraction = 10
)

// A cacheControl is what the directives of one message's Cache-Control say.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-5.2
type cacheControl struct {
	noStore, noCache, mustRevalidate, proxyRevalidate, private, public, immutable bool

	maxAge, sMaxAge, staleWhileRevalidate, minFresh deltaSeconds

	maxStale    time.Duration // read under the rules DirectivesReadLoosely and RequestDirectivesInTurn alone
	maxStaleSet bool
}

// A deltaSeconds is the argument of a directive that is a number of seconds.
type deltaSeconds struct {
	set     bool
	valid   bool // it is a number, and there is no second one that differs
	seconds int64
}

// parseCacheControl reads the directives of all Cache-Control headers of a message. What is no directive is skipped,
// up to the next comma.
func parseCacheControl(h fetch.Headers, rules *policy.CacheRules) (c cacheControl) {
	if rules.DirectivesReadLoosely {
		if h.Has("Cache-Control") {
			c.parseLoosely(strings.Join(h.Values("Cache-Control"), ","))
		}
		return c
	}
	if rules.DirectivesCutShort {
		if h.Has("Cache-Control") {
			c.parseCutShort(strings.Join(h.Values("Cache-Control"), ","))
		}
		return c
	}
	for i := range h {
		switch {
		case !equalFoldASCII(h[i].Name, "cache-control"):
		case rules.DirectivesAsWritten:
			values, _ := h[i : i+1].GetDecodeAndSplit(h[i].Name)
			c.parseAsWritten(values)
		default:
			c.parse(h[i].Value)
		}
	}
	return c
}

func (c *cacheControl) parse(v string) {
	for v != "" {
		// A name, and what stands behind an equals sign: a quoted string, or all up to the comma.
		end := strings.IndexAny(v, "=,")
		if end < 0 {
			end = len(v)
		}
		name, argument, rest := trimWSP(v[:end]), "", ""
		switch {
		case end == len(v):
		case v[end] == ',':
			rest = v[end+1:]
		default:
			argument, rest = cacheArgument(v[end+1:])
		}
		c.directive(name, argument)
		v = rest
	}
}

// parseAsWritten is parse under the rule DirectivesAsWritten. Commas within quotes do not count, wherever these begin.
func (c *cacheControl) parseAsWritten(values []string) {
	for _, value := range values {
		name, argument, hasArgument := strings.Cut(value, "=")
		var seconds *deltaSeconds
		switch {
		case equalFoldASCII(name, "max-age"):
			seconds = &c.maxAge
		case equalFoldASCII(name, "stale-while-revalidate"):
			seconds = &c.staleWhileRevalidate
		case !hasArgument:
			c.directive(name, "")
			continue
		default:
			continue
		}
		if n, ok := parseCacheSeconds(strings.Trim(argument, " ")); ok && !seconds.set {
			*seconds = deltaSeconds{true, true, n}
		}
	}
}

// parseLoosely is parse under the rule DirectivesReadLoosely, for the values of all headers.
func (c *cacheControl) parseLoosely(v string) {
	const separators = "()<>@,;:\\\"/[]?={}"
	upToSeparator := func(s string) string {
		if i := strings.IndexAny(s, separators); i >= 0 {
			return s[:i]
		}
		return s
	}
	v = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7F {
			return -1
		}
		return r
	}, v)
	for v != "" {
		end := strings.IndexAny(v, "=,")
		if end < 0 || v[end] == ',' {
			var name string
			name, v, _ = strings.Cut(v, ",")
			c.loose(upToSeparator(name), "")
			continue
		}
		name, argument := upToSeparator(v[:end]), ""
		if v = v[end+1:]; strings.HasPrefix(v, `"`) {
			if end = strings.IndexByte(v[1:], '"'); end < 0 {
				c.loose(name, upToSeparator(v[1:]))
				return
			}
			argument = v[1 : 1+end]
			_, v, _ = strings.Cut(v[end+2:], ",")
		} else {
			argument, v, _ = strings.Cut(v, ",")
			argument = upToSeparator(argument)
		}
		c.loose(name, argument)
	}
}

// loose takes in one directive that was read loosely.
func (c *cacheControl) loose(name, argument string) {
	switch {
	case equalFoldASCII(name, "no-cache"):
		c.noCache = c.noCache || argument == ""
	case equalFoldASCII(name, "no-store"):
		c.noStore = true
	case equalFoldASCII(name, "max-age") && !c.maxAge.set:
		// It may be above any Age.
		if d, ok := looseSeconds(argument, 3*maxDeltaSeconds); ok {
			c.maxAge = deltaSeconds{true, true, int64(d / time.Second)}
		}
	case equalFoldASCII(name, "max-stale") && c.maxStale == 0:
		if argument == "" {
			argument = strconv.Itoa(maxDeltaSeconds)
		}
		c.maxStale, _ = looseSeconds(argument, maxDeltaSeconds)
		c.maxStale = max(c.maxStale, 0)
	case equalFoldASCII(name, "stale-while-revalidate") && !c.staleWhileRevalidate.set:
		if d, ok := looseSeconds(argument, maxDeltaSeconds); ok {
			c.staleWhileRevalidate = deltaSeconds{true, true, int64(d / time.Second)}
		}
	}
}

// looseSeconds reads a number of seconds that may have a sign, a point and an exponent. What is above most counts as that.
func looseSeconds(s string, most int64) (time.Duration, bool) {
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return time.Duration(min(max(n, -1), float64(most)) * float64(time.Second)), err == nil
}

// cacheArgument reads the argument of a directive, and returns what follows the comma after it.
func cacheArgument(v string) (argument, rest string) {
	v = strings.TrimLeft(v, " \t")
	if !strings.HasPrefix(v, `"`) {
		argument, rest, _ = strings.Cut(v, ",")
		return trimWSP(argument), rest
	}
	for i := 1; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			_, rest, _ = strings.Cut(v[i+1:], ",")
			return v[1:i], rest
		}
	}
	// A string without an end.
	return v, ""
}

// directive takes one directive in. Deviation: no-cache and private with a list of header names count as if they had
// none, which section 5.2.2.4 knows of caches; it is the stricter reading.
func (c *cacheControl) directive(name, argument string) {
	switch len(name) {
	case len("public"):
		c.public = c.public || equalFoldASCII(name, "public")
	case len("max-age"):
		switch {
		case equalFoldASCII(name, "max-age"):
			c.maxAge.add(argument)
		case equalFoldASCII(name, "private"):
			c.private = true
		}
	case len("no-store"): // and of no-cache, s-maxage
		switch {
		case equalFoldASCII(name, "no-store"):
			c.noStore = true
		case equalFoldASCII(name, "no-cache"):
			c.noCache = true
		case equalFoldASCII(name, "s-maxage"):
			c.sMaxAge.add(argument)
		}
	case len("min-fresh"): // and of immutable
		switch {
		case equalFoldASCII(name, "min-fresh"):
			c.minFresh.add(argument)
		case equalFoldASCII(name, "immutable"):
			c.immutable = true
		}
	case len("must-revalidate"):
		c.mustRevalidate = c.mustRevalidate || equalFoldASCII(name, "must-revalidate")
	case len("proxy-revalidate"):
		c.proxyRevalidate = c.proxyRevalidate || equalFoldASCII(name, "proxy-revalidate")
	case len("stale-while-revalidate"):
		if equalFoldASCII(name, "stale-while-revalidate") {
			c.staleWhileRevalidate.add(argument)
		}
	}
	// Not modelled, as browsers do: must-understand, no-transform, only-if-cached, max-stale, stale-if-error.
}

// add takes an argument in. Of two that differ neither is to be trusted (section 4.2.1).
func (d *deltaSeconds) add(argument string) {
	seconds, ok := parseCacheSeconds(argument)
	if d.set {
		d.valid = d.valid && ok && d.seconds == seconds
		return
	}
	*d = deltaSeconds{true, ok, seconds}
}

// or returns the number, and another one if there is no valid one.
func (d deltaSeconds) or(other int64) int64 {
	if d.valid {
		return d.seconds
	}
	return other
}

// parseCacheSeconds reads a number of seconds: digits alone (section 1.2.2).
func parseCacheSeconds(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = min(n*10+int64(d), maxDeltaSeconds)
	}
	return n, true
}

// parseHTTPDate reads a date in any of the three formats that HTTP knows.
//
// https://www.rfc-editor.org/rfc/rfc9110.html#section-5.6.7
func parseHTTPDate(s string, now time.Time) (time.Time, bool) {
	if t, ok := parseFixdate(s); ok {
		return t, true
	}
	if t, err := time.Parse("Monday, 02-Jan-06 15:04:05 GMT", s); err == nil {
		// Of a year's two digits the last one that is not more than 50 years ahead.
		t = t.AddDate((now.Year()+50)/100*100-t.Year()/100*100, 0, 0)
		if t.Year() > now.Year()+50 {
			t = t.AddDate(-100, 0, 0)
		}
		return t, true
	}
	if t, err := time.Parse(time.ANSIC, s); err == nil {
		return t, true
	}
	return time.Time{}, false
}

// parseFixdate reads a date in the format that everybody writes, such as Sun, 06 Nov 1994 08:49:37 GMT. Not modelled:
// a leap second. The day of the week is taken as it is.
func parseFixdate(s string) (time.Time, bool) {
	if len(s) != len("Sun, 06 Nov 1994 08:49:37 GMT") || s[3:5] != ", " || s[7] != ' ' || s[11] != ' ' || s[16] != ' ' ||
		s[19] != ':' || s[22] != ':' || s[25:] != " GMT" {
		return time.Time{}, false
	}
	number := func(from, to int) int {
		n := 0
		for _, c := range []byte(s[from:to]) {
			if c < '0' || c > '9' {
				return -1
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	const names, weekdays = "JanFebMarAprMayJunJulAugSepOctNovDec", "SunMonTueWedThuFriSat"
	month, weekday := strings.Index(names, s[8:11]), strings.Index(weekdays, s[:3])
	day, year, hour, minute, second := number(5, 7), number(12, 16), number(17, 19), number(20, 22), number(23, 25)
	if month < 0 || month%3 != 0 || weekday < 0 || weekday%3 != 0 || day < 1 || year < 0 ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month/3+1), day, hour, minute, second, 0, time.UTC)
	// A day that its month does not have comes out as one of the next.
	return t, t.Day() == day
}

// A freshness is what decides how long a stored response may be used.
type freshness struct {
	lifetime time.Duration // section 4.2.1
	stale    time.Duration // for how long after that it may be used while it is revalidated (RFC 5861, section 3)
	age      time.Duration // when it was received: corrected_initial_age of section 4.2.3
	received time.Time
	noCache  bool // to be validated before each use
	explicit bool // the response itself says for how long it is fresh

	immutable bool
}

// freshnessOf computes the freshness of a response with the headers h that was asked for and received at the given
// times. date and age are those of the message that brought the response last: the response itself, or the 304 that
// confirmed it.
func freshnessOf(status int, h fetch.Headers, c *cacheControl, shared bool, rules *policy.CacheRules, date time.Time, age int64, sent, received time.Time) freshness {
	f := freshness{received: received, noCache: c.noCache || rules.FewStatusesFresh && !isFreshStatus(status), immutable: c.immutable}
	if rules.PragmaInResponses && h.Has("Pragma") && (pragmaNoCache(h) || rules.DirectivesReadLoosely && loosePragma(h)) {
		f.noCache = true
	}
	// Section 4.2.1. A max-age or an Expires that is no good counts as one in the past.
	expires, hasExpires := expiresOf(h, rules, received)
	switch {
	case shared && c.sMaxAge.set:
		f.lifetime, f.explicit = seconds(c.sMaxAge.or(0)), true
	case c.maxAge.set:
		f.lifetime, f.explicit = seconds(c.maxAge.or(0)), true
	case rules.GuessedForAll:
		f.lifetime, f.explicit = guessForAll(status, h, rules, date, received)
	case hasExpires:
		f.lifetime, f.explicit = clampDuration(expires.Sub(date)), true
	case rules.GuessedUpToAWeek:
		f.lifetime = guessUpToAWeek(status, h, c, rules, date, received)
	case rules.GuessedFor200:
		f.lifetime = guessFor200(status, h, c, rules, date, received)
	case isHeuristicStatus(status) || c.public:
		// Section 4.2.2.
		if modified, ok := h.Get("Last-Modified"); ok {
			if t, ok := readHTTPDate(rules, modified, received); ok {
				f.lifetime = clampDuration(date.Sub(t)) / heuristicFraction
			}
		}
	}
	// RFC 5861, section 3. What has to be revalidated is not used before that (section 4.2.4).
	if !c.noCache && !c.mustRevalidate && !(shared && (c.proxyRevalidate || c.sMaxAge.set)) {
		f.stale = seconds(c.staleWhileRevalidate.or(0))
	}
	// Section 4.2.3.
	apparent := clampDuration(received.Sub(date))
	corrected := seconds(age) + clampDuration(received.Sub(sent))
	f.age = max(apparent, corrected)
	if rules.DirectivesReadLoosely {
		f.age = max(apparent, looseAge(h))
	}
	return f
}

// foreverSeconds is for how long an answer holds that holds for ever, whatever its Age.
const foreverSeconds = 2 * maxDeltaSeconds

// guessFor200 is section 4.2.2 under the rule GuessedFor200.
func guessFor200(status int, h fetch.Headers, c *cacheControl, rules *policy.CacheRules, date, received time.Time) time.Duration {
	switch status {
	case 300, 301, 308, 410:
		return seconds(foreverSeconds)
	case 200, 203:
		modified, ok := h.Get("Last-Modified")
		if !ok || c.mustRevalidate {
			return 0
		}
		if t, ok := readHTTPDate(rules, modified, received); ok {
			return clampDuration(date.Sub(t)) / heuristicFraction
		}
	}
	return 0
}

// guessForAll is sections 4.2.1 and 4.2.2 under the rule GuessedForAll, for an answer without a max-age.
func guessForAll(status int, h fetch.Headers, rules *policy.CacheRules, date, received time.Time) (lifetime time.Duration, explicit bool) {
	if t, ok := singleDate(h, "Expires", rules, received); ok {
		return clampDuration(t.Sub(date)), true
	}
	if status == 301 || status == 410 {
		return 365 * 24 * time.Hour, false
	}
	if t, ok := singleDate(h, "Last-Modified", rules, received); ok {
		return clampDuration(date.Sub(t)) / heuristicFraction, false
	}
	return 0, false
}

// singleDate reads the date in a header of which there is one.
func singleDate(h fetch.Headers, name string, rules *policy.CacheRules, received time.Time) (time.Time, bool) {
	values := h.Values(name)
	if len(values) != 1 {
		return time.Time{}, false
	}
	return readHTTPDate(rules, values[0], received)
}

// firstDate reads the date in the first header of a name.
func firstDate(h fetch.Headers, name string, rules *policy.CacheRules, received time.Time) (time.Time, bool) {
	values := h.Values(name)
	if len(values) == 0 {
		return time.Time{}, false
	}
	return readHTTPDate(rules, values[0], received)
}

// expiresOf is what Expires says, if it counts: the earliest time if that is no date.
func expiresOf(h fetch.Headers, rules *policy.CacheRules, received time.Time) (t time.Time, counts bool) {
	value, counts := single(h, "expires")
	if !counts {
		return time.Time{}, false
	}
	switch {
	case rules.FirstDatesCount:
		t, _ = firstDate(h, "Expires", rules, received)
		if before, _ := readDate(rules.Dates, h.Values("Expires")[0]); before.Unix() < 0 {
			t = before // what is over since before 1970 is over
		}
	case rules.MalformedExpiresSkipped:
		if t, counts = firstDate(h, "Expires", rules, received); !counts {
			counts = h.Values("Expires")[0] == "0"
		}
	default:
		t, _ = readHTTPDate(rules, value, received)
	}
	return t, counts
}

// reusable reports whether an answer can be confirmed, or holds for some time (CacheRules.ReusableAlone).
func reusable(res *fetch.HTTPResponse, f *freshness) bool {
	for _, name := range [...]string{"ETag", "Last-Modified"} {
		if v, _ := res.Headers.Get(name); v != "" {
			return true
		}
	}
	return !f.noCache && f.lifetime+f.stale > 0
}

func pragmaNoCache(h fetch.Headers) bool {
	for _, v := range h.Values("Pragma") {
		for part := range strings.SplitSeq(v, ",") {
			if equalFoldASCII(trimWSP(part), "no-cache") {
				return true
			}
		}
	}
	return false
}

// currentAge is current_age of section 4.2.3.
func (f *freshness) currentAge(now time.Time) time.Duration {
	return f.age + clampDuration(now.Sub(f.received))
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

// clampDuration keeps a duration between nothing and what can be added to another.
func clampDuration(d time.Duration) time.Duration {
	return min(max(d, 0), maxDeltaSeconds*time.Second)
}

// single returns the value of a header. ok is true as well if there are several; the value is none then.
func single(h fetch.Headers, lower string) (value string, ok bool) {
	for i := range h {
		if len(h[i].Name) == len(lower) && equalFoldASCII(h[i].Name, lower) {
			if ok {
				return "", true
			}
			value, ok = h[i].Value, true
		}
	}
	return value, ok
}

// dateOf is date_value of section 4.2.3: what Date says, or when the message was received (RFC 9110, section 6.6.1).
func dateOf(h fetch.Headers, rules *policy.CacheRules, received time.Time) time.Time {
	if v, ok := single(h, "date"); ok {
		if t, ok := readHTTPDate(rules, v, received); ok {
			return t
		}
	}
	return received
}

// ageOf is age_value of section 4.2.3: of several the first, and nothing if it is no number (section 5.1).
func ageOf(h fetch.Headers, rules *policy.CacheRules) int64 {
	for i := range h {
		if equalFoldASCII(h[i].Name, "age") {
			first, _, _ := strings.Cut(h[i].Value, ",")
			first = trimWSP(first)
			if rules.FirstDatesCount {
				return leadingAge(first)
			}
			n, _ := parseCacheSeconds(first)
			return n
		}
	}
	return 0
}

// isHeuristicStatus reports whether responses of a status may be stored if they do not say for how long they hold
// (RFC 9110, section 15.1). Partial content is not stored here at all.
func isHeuristicStatus(status int) bool {
	switch status {
	case 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501:
		return true
	}
	return false
}

// storable decides whether the response to a GET request is stored: HTTPCacheStored, or why not.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-3
func storable(q *fetch.CacheQuery, res *fetch.HTTPResponse, c *cacheControl, shared bool, rules *policy.CacheRules) policy.Step {
	if rules.MostStored {
		if c.noStore && !isDeadEnd(res) {
			return policy.HTTPCacheNoStore
		}
		return policy.HTTPCacheStored
	}
	switch {
	// The status is a final one that caches understand.
	case res.Status < 200 || res.Status == 206 && !rules.FewStatusesStored || res.Status == 304 && !rules.AnyStatusStored,
		res.Status == 416 && rules.AnyStatusStored:
		return policy.HTTPCachePartial
	case rules.FewStatusesStored && !storedStatus(res, c, rules):
		return policy.HTTPCacheStatus
	// Nobody objects.
	case c.noStore:
		return policy.HTTPCacheNoStore
	case !rules.RequestDirectivesFew && q.Headers.Has("Cache-Control") && requestNoStore(q.Headers):
		return policy.HTTPCacheRequestNoStore
	case shared && c.private:
		return policy.HTTPCachePrivate
	// Section 3.5.
	case shared && q.Headers.Has("Authorization") && !c.public && !c.mustRevalidate && !c.sMaxAge.set:
		return policy.HTTPCacheAuthorization
	}
	if rules.AnyStatusStored || rules.FewStatusesStored {
		return policy.HTTPCacheStored
	}
	// Something says for how long it holds, or its status lets a cache guess.
	_, expires := single(res.Headers, "expires")
	if !c.public && !expires && !c.maxAge.set && !isHeuristicStatus(res.Status) &&
		!(c.private && !shared) && !(c.sMaxAge.set && shared) {
		return policy.HTTPCacheStatus
	}
	return policy.HTTPCacheStored
}

// storedStatus reports whether answers of a status are stored under the rule FewStatusesStored.
func storedStatus(res *fetch.HTTPResponse, c *cacheControl, rules *policy.CacheRules) bool {
	switch res.Status {
	case 200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501:
		return true
	case 201, 202, 205, 302, 303, 307, 403, 406, 415:
		_, expires := singleDate(res.Headers, "Expires", rules, time.Time{})
		return expires || c.maxAge.set
	}
	return false
}

func requestNoStore(h fetch.Headers) bool {
	c := parseCacheControl(h, &policy.CacheRules{})
	return c.noStore
}

// A varyField is one request header that a stored response's Vary names, as the request that brought it had it.
type varyField struct {
	name    string
	value   string
	present bool
}

// appendVary appends the request headers that a response's Vary names. ok is false if no other request can match: the
// Vary holds a *, or more than a cache cares to remember.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-4.1
func appendVary(dst []varyField, request, response fetch.Headers) (fields []varyField, ok bool) {
	for i := range response {
		if len(response[i].Name) != len("vary") || !equalFoldASCII(response[i].Name, "vary") {
			continue
		}
		for rest, more := response[i].Value, true; more; {
			var name string
			name, rest, more = strings.Cut(rest, ",")
			if name = trimWSP(name); name == "" {
				continue
			}
			if name == "*" || len(dst) == maxVaryNames {
				return dst, false
			}
			value, present := request.Get(name)
			dst = append(dst, varyField{name, value, present})
		}
	}
	return dst, true
}

// varies returns the first of the fields that a request has otherwise. Values are compared as they are: each name
// comes once, combined.
func varies(fields []varyField, request fetch.Headers, absentIsEmpty bool) *varyField {
	for i := range fields {
		if v, ok := request.Get(fields[i].name); v != fields[i].value || ok != fields[i].present && !absentIsEmpty {
			return &fields[i]
		}
	}
	return nil
}

// withoutHopHeaders returns a response without the headers that a cache does not store (section 3.1): those of the
// connection and of authentication with a proxy. The response itself comes back if it has none.
func withoutHopHeaders(res *fetch.HTTPResponse) *fetch.HTTPResponse {
	n := 0
	for i := range res.Headers {
		if isHopHeader(res.Headers[i].Name) {
			n++
		}
	}
	if n == 0 {
		return res
	}
	// What Connection names goes with it.
	var named map[string]bool
	for i := range res.Headers {
		if equalFoldASCII(res.Headers[i].Name, "connection") {
			for name := range strings.SplitSeq(res.Headers[i].Value, ",") {
				if named == nil {
					named = map[string]bool{}
				}
				named[asciiLower(trimWSP(name))] = true
			}
		}
	}
	out := *res
	out.Headers = make(fetch.Headers, 0, len(res.Headers)-n)
	for _, h := range res.Headers {
		if !isHopHeader(h.Name) && !named[asciiLower(h.Name)] {
			out.Headers = append(out.Headers, h)
		}
	}
	return &out
}

func isHopHeader(name string) bool {
	switch len(name) {
	case len("te"):
		return equalFoldASCII(name, "te")
	case len("upgrade"):
		return equalFoldASCII(name, "upgrade")
	case len("connection"): // and of keep-alive
		return equalFoldASCII(name, "connection") || equalFoldASCII(name, "keep-alive")
	case len("proxy-connection"):
		return equalFoldASCII(name, "proxy-connection")
	case len("transfer-encoding"):
		return equalFoldASCII(name, "transfer-encoding")
	case len("proxy-authenticate"):
		return equalFoldASCII(name, "proxy-authenticate")
	case len("proxy-authorization"):
		return equalFoldASCII(name, "proxy-authorization")
	case len("proxy-authentication-info"):
		return equalFoldASCII(name, "proxy-authentication-info")
	}
	return false
}

// updateHeaders returns a stored response with the headers of a 304 in the place of its own, and the rest of its own.
//
// https://www.rfc-editor.org/rfc/rfc9111.html#section-3.2
func updateHeaders(stored, confirmation *fetch.HTTPResponse, rules *policy.CacheRules) *fetch.HTTPResponse {
	confirmation = withoutHopHeaders(confirmation)
	updated := make(map[string]bool, len(confirmation.Headers)+2)
	for _, h := range confirmation.Headers {
		if !isKeptOnUpdate(h.Name, rules) {
			updated[asciiLower(h.Name)] = true
		}
	}
	out := *stored
	out.Headers = make(fetch.Headers, 0, len(stored.Headers)+len(confirmation.Headers))
	for _, h := range stored.Headers {
		if !updated[asciiLower(h.Name)] {
			out.Headers = append(out.Headers, h)
		}
	}
	for _, h := range confirmation.Headers {
		if !isKeptOnUpdate(h.Name, rules) && !(h.Value == "" && rules.EmptyTakesAway) {
			out.Headers = append(out.Headers, h)
		}
	}
	return &out
}

// isKeptOnUpdate reports whether a stored response keeps its own header of that name: those that describe how its
// body was sent.
func isKeptOnUpdate(name string, rules *policy.CacheRules) bool {
	if rules.ConfirmationChangesLess {
		return isKeptWithMore(asciiLower(name))
	}
	if rules.ChallengesNotStored {
		return isKeptAsDescription(asciiLower(name))
	}
	if rules.ConfirmationKeepsType && isKeptWithType(name) {
		return true
	}
	return equalFoldASCII(name, "content-length") || equalFoldASCII(name, "content-encoding") ||
		equalFoldASCII(name, "content-range")
}

// isKeptWithMore is isKeptOnUpdate under the rule ConfirmationChangesLess.
func isKeptWithMore(lower string) bool {
	switch lower {
	case "allow", "etag", "last-modified", "trailer", "www-authenticate", "x-frame-options", "x-xss-protection":
		return true
	}
	return strings.HasPrefix(lower, "content-") || strings.HasPrefix(lower, "x-content-") || strings.HasPrefix(lower, "x-webkit-")
}

// secondsText writes a duration as whole seconds.
func secondsText(d time.Duration) string {
	return strconv.FormatInt(int64(d/time.Second), 10) + " s"
}
