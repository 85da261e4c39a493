package fetch

import (
	"strconv"
	"strings"

	"github.com/corsim/corsim/policy"
)

// What a profile has the HTTP cache do with requests for a range of bytes. The standard leaves such requests to the
// cache (RFC 9111, section 3.3 and 3.4).

// A cacheRange is a request for one range of bytes that the HTTP cache answers, or learns something from, under the
// rule RangesServed.
type cacheRange struct {
	from, to int64 // the first and the last byte; a from of -1: the last to bytes, a to of -1: all that follow
	size     int64 // of what is stored
	stored   bool  // something is stored, and the server is asked whether it holds
	beyond   bool  // what is stored ends before the range begins
}

// parseByteRange reads a Range of one range with numbers smaller than 2^63.
func parseByteRange(value string) (from, to int64, ok bool) {
	unit, set, _ := strings.Cut(value, "=")
	first, last, ok := strings.Cut(strings.Trim(set, " \t,"), "-")
	first, last = strings.Trim(first, " \t"), strings.Trim(last, " \t")
	if !ok || !equalFold(strings.Trim(unit, " \t"), "bytes") {
		return 0, 0, false
	}
	from, fromErr := strconv.ParseInt(first, 10, 64)
	to, toErr := strconv.ParseInt(last, 10, 64)
	switch {
	case first == "":
		return -1, to, toErr == nil && to > 0
	case last == "" || toErr == nil && to == -1:
		return from, -1, fromErr == nil && from >= 0
	}
	return from, to, fromErr == nil && toErr == nil && 0 <= from && from <= to
}

// byteRange writes a range of bytes as parseByteRange read it.
func byteRange(from, to int64) string {
	b := []byte("bytes=")
	if from >= 0 {
		b = strconv.AppendInt(b, from, 10)
	}
	b = append(b, '-')
	if to >= 0 {
		b = strconv.AppendInt(b, to, 10)
	}
	return string(b)
}

// bound fits the range to what is stored of that size; ok is false if nothing of it is there.
func (c *cacheRange) bound(size int64) (ok bool) {
	c.size = size
	switch {
	case size == 0 && c.from < 0:
		c.from, c.to = 0, -1 // the last bytes of nothing are nothing
		return true
	case size == 0 || c.from >= size:
		return false
	case c.from < 0:
		c.from, c.to = max(0, size-c.to), size-1
	case c.to < 0 || c.to >= size:
		c.to = size - 1
	}
	return true
}

// of returns the stored response cut down to the range.
func (c *cacheRange) of(stored *HTTPResponse) *HTTPResponse {
	out := *stored
	if c.size == 0 {
		out.Headers = out.Headers.Clone()
		out.Headers.Set("Content-Length", "0")
		return &out
	}
	out.Status, out.StatusText = 206, "Partial Content"
	out.Body = stored.Body[c.from : c.to+1]
	out.Headers = c.told(stored.Headers, c.size)
	return &out
}

// told returns the headers with those of their own that a part of size bytes has.
func (c *cacheRange) told(h Headers, size int64) Headers {
	h = h.Clone()
	h.Delete("Content-Length")
	h.Delete("Content-Range")
	part := strings.TrimPrefix(byteRange(c.from, c.to), "bytes=")
	return append(h, Header{"Content-Range", "bytes " + part + "/" + strconv.FormatInt(size, 10)},
		Header{"Content-Length", strconv.FormatInt(c.to-c.from+1, 10)})
}

// fits reports whether the part that the server sent is the one that was asked for, and fits the range to it. It
// returns the size of the whole.
func (c *cacheRange) fits(h Headers) (size int64, ok bool) {
	value, _ := h.Get("Content-Range")
	unit, rest, _ := strings.Cut(strings.Trim(value, " \t"), " ")
	part, whole, _ := strings.Cut(rest, "/")
	first, last, _ := strings.Cut(part, "-")
	from, to, ok := parseByteRange("bytes=" + strings.Trim(first, " \t") + "-" + strings.Trim(last, " \t"))
	size, err := strconv.ParseInt(strings.Trim(whole, " \t"), 10, 64)
	if !ok || !equalFold(unit, "bytes") || from < 0 || to < 0 || err != nil || size <= to {
		return 0, false
	}
	if length, has := h.Get("Content-Length"); has {
		if n, err := strconv.ParseInt(length, 10, 64); err == nil && n > 0 && n != to-from+1 {
			return 0, false
		}
	}
	if c.from < 0 {
		c.from, c.to = from, to
	}
	if c.to < 0 || c.to >= size {
		c.to = to
	}
	return size, c.from == from && c.to == to
}

// rangeFromCache is fromCache for a request with a Range, under the rule RangesServed.
func (p *params) rangeFromCache(c *cacheRun, r *Request, h Headers, mode CacheMode, again bool) (*HTTPResponse, Headers) {
	value, _ := h.Get("Range")
	from, to, ok := parseByteRange(value)
	if !ok || r.Method != "GET" || hasConditional(r.Headers) || mode == CacheOnlyIfCached {
		p.trace.Add(policy.HTTPCacheRange, "", "")
		return nil, h
	}
	part := &cacheRange{from: from, to: to}
	c.part = part
	if mode == CacheReload || again || asksAnew(h) {
		c.cache.Invalidate(c.query)
		return nil, h
	}
	s := c.cache.Select(c.query)
	if s.Step != 0 {
		p.trace.Add(s.Step, s.Got, s.Want)
	}
	if s.Response == nil {
		if s.Step != 0 {
			bounds := *part
			part.beyond = !bounds.bound(int64(s.Length))
		}
		c.cache.Invalidate(c.query)
		return nil, h
	}
	length := len(s.Response.Body)
	if s.Response.LeadsOn() {
		length = 0 // nobody reads the body of a redirect
	}
	part.beyond = !part.bound(int64(length))
	background := s.Use == CacheUseRevalidate && mode == CacheDefault
	if s.Use == CacheUseFresh || background || mode == CacheForceCache && s.Use != CacheUseOther {
		if background {
			p.background = append(p.background, r.revalidation())
		}
		if part.beyond || s.Response.Status != 200 {
			return s.Response, h
		}
		return part.of(s.Response), h
	}
	if s.Response.Status != 200 || !hasValidator(s.Response.Headers) {
		c.cache.Invalidate(c.query)
		part.from, part.to, part.size = from, to, 0
		return nil, h
	}
	part.stored, c.selected = true, s.Response
	if !part.beyond && part.size > 0 {
		h.Set("Range", byteRange(part.from, part.to))
	}
	h = p.addValidators(h, s.Response, s.Use != CacheUseOther && !(part.beyond && s.Response.Headers.Has("ETag")))
	c.query.Headers = h
	return nil, h
}

// rangeToCache is toCache for a request with a Range, under the rule RangesServed.
func (p *params) rangeToCache(c *cacheRun, res *HTTPResponse) *HTTPResponse {
	part, e := c.part, &p.res.Exchanges[len(p.res.Exchanges)-1]
	if !part.stored && !part.beyond {
		switch res.Status {
		case 206:
			// Not modelled: of an answer with a strong validator the part is kept.
			if size, ok := part.fits(res.Headers); ok {
				out := *res
				out.Headers = part.told(res.Headers, size)
				return &out
			}
		case 304, 401, 407, 416:
		default:
			if d := c.cache.Store(c.query, res, c.sent, c.now()); d.Step != 0 {
				p.trace.Add(d.Step, d.Got, "")
			}
		}
		return res
	}
	switch {
	case res.Status == 304 && part.beyond:
		out := *res
		out.Status, out.StatusText = 416, "Requested Range Not Satisfiable"
		out.Headers = part.told(res.Headers, part.size)
		out.Headers.Set("Content-Range", "bytes 0-0/"+strconv.FormatInt(part.size, 10))
		out.Headers.Set("Content-Length", "0")
		e.Completed = &out
		return &out
	case res.Status == 304:
		whole := c.cache.Freshen(c.query, c.selected, res, c.sent, c.now())
		e.Completed = part.of(whole)
		p.trace.Add(policy.HTTPCacheValidated, c.query.URL, "")
		p.cacheState = CacheStateValidated
		return e.Completed
	case res.Status == 200, res.Status == 206, res.Status == 416 && !part.beyond:
		c.cache.Invalidate(c.query)
	}
	return res
}
