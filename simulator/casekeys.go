package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// encoding/json takes a key in any case for a field's, and the last of two equal keys; the case format does neither.
// checkKeys looks at the keys once more, as they are spelled.

// A keySet says which keys an object of the case format may have, and which sets hold for the objects below them.
type keySet struct {
	name  string
	keys  []string
	below map[string]*keySet
}

var (
	sentKeys    = &keySet{name: "sent", keys: []string{"method", "url", "headers"}}
	outcomeKeys = &keySet{name: "expect", keys: []string{"verdict", "reason", "type", "status", "url", "redirected", "headers", "sent"},
		below: map[string]*keySet{"sent": sentKeys}}
	profileKeys = &keySet{name: "expect", keys: profileNames[:], below: map[string]*keySet{
		"spec": outcomeKeys, "chromium": outcomeKeys, "firefox": outcomeKeys, "webkit": outcomeKeys}}
	caseKeys = &keySet{name: "case", keys: []string{"name", "note", "spec", "page", "server", "requests"}, below: map[string]*keySet{
		"page": {name: "page", keys: []string{"url", "headers", "sandbox", "cookies"}, below: map[string]*keySet{
			"cookies": {name: "cookie", keys: []string{"url", "set"}}}},
		"server": {name: "reply", keys: []string{"url", "method", "times", "status", "headers", "body", "fail"}},
		"requests": {name: "request", keys: []string{"via", "url", "method", "headers", "body", "stream", "mode", "credentials",
			"redirect", "cache", "referrer", "referrerPolicy", "keepalive", "withCredentials", "uploadListener",
			"crossorigin", "after", "expect"}, below: map[string]*keySet{"expect": nil}},
	}}
)

// keyScanner walks JSON that is known to be valid.
type keyScanner struct {
	data []byte
	pos  int
}

// checkKeys returns an error for the first key in data, valid JSON of a case, that the format does not know or that
// its object has twice.
func checkKeys(data []byte) error {
	s := keyScanner{data: data}
	return s.value(caseKeys, false)
}

// value walks one value whose objects have the keys of set; a nil set is that of expect where expect is true, and
// anything otherwise.
func (s *keyScanner) value(set *keySet, expect bool) error {
	s.space()
	switch s.peek() {
	case '{':
		return s.object(set, expect)
	case '[':
		s.pos++
		for s.space(); s.peek() != ']'; s.space() {
			if err := s.value(set, false); err != nil {
				return err
			}
			if s.space(); s.peek() == ',' {
				s.pos++
			}
		}
		s.pos++
		return nil
	case '"':
		s.str()
		return nil
	}
	for s.pos < len(s.data) && !slices.Contains([]byte(",]} \t\r\n"), s.data[s.pos]) {
		s.pos++
	}
	return nil
}

func (s *keyScanner) object(set *keySet, expect bool) error {
	s.pos++
	var seen []string
	for s.space(); s.peek() != '}'; s.space() {
		key := s.str()
		if expect && set == nil {
			if set = outcomeKeys; slices.Contains(profileKeys.keys, key) {
				set = profileKeys
			}
		}
		if set != nil {
			switch {
			case slices.Contains(seen, key):
				return fmt.Errorf("key %q stands twice in one %s", key, set.name)
			case !slices.Contains(set.keys, key):
				if expect && (slices.Contains(outcomeKeys.keys, key) || slices.Contains(profileKeys.keys, key)) {
					return fmt.Errorf("expect mixes %q with %q: it is either an outcome or a map from profile to outcome", seen[0], key)
				}
				if set == profileKeys {
					return fmt.Errorf("unknown key %q: expect by profile has the keys spec, chromium, firefox and webkit", key)
				}
				return fmt.Errorf("unknown key %q", key)
			}
			seen = append(seen, key)
		}
		s.space()
		s.pos++ // the colon
		var below *keySet
		if set != nil {
			below = set.below[key]
		}
		if err := s.value(below, set != nil && set.name == "request" && key == "expect"); err != nil {
			return err
		}
		if s.space(); s.peek() == ',' {
			s.pos++
		}
	}
	s.pos++
	return nil
}

func (s *keyScanner) space() {
	for s.pos < len(s.data) && (s.data[s.pos] == ' ' || s.data[s.pos] == '\t' || s.data[s.pos] == '\r' || s.data[s.pos] == '\n') {
		s.pos++
	}
}

func (s *keyScanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	// Valid JSON does not end here; both brackets end every loop.
	return 0
}

// str passes a string and returns what it holds.
func (s *keyScanner) str() string {
	start := s.pos
	escaped := false
	for s.pos++; s.pos < len(s.data) && s.data[s.pos] != '"'; s.pos++ {
		if s.data[s.pos] == '\\' {
			escaped = true
			s.pos++
		}
	}
	s.pos = min(s.pos+1, len(s.data))
	if !escaped && s.pos-start >= 2 {
		return string(s.data[start+1 : s.pos-1])
	}
	var text string
	if json.Unmarshal(s.data[start:s.pos], &text) != nil {
		return ""
	}
	return text
}

// keyAt returns the path of the value in data, valid JSON, whose first token ends at offset or is the first to end behind
// it: requests[0].after. It is empty for the whole of data.
func keyAt(data []byte, offset int64) string {
	// A level is an array or an object, of which the path so far holds the first bytes.
	type level struct {
		path  int
		array bool
		next  int  // of an array
		value bool // of an object: its key has been read
	}
	var path []byte
	var levels []level
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		delim, isDelim := token.(json.Delim)
		if isDelim && (delim == ']' || delim == '}') {
			levels = levels[:len(levels)-1]
			continue
		}
		if n := len(levels); n > 0 {
			l := &levels[n-1]
			if key, ok := token.(string); ok && !l.array && !l.value {
				l.value = true
				if path = path[:l.path]; l.path > 0 {
					path = append(path, '.')
				}
				path = append(path, key...)
				continue
			}
			if l.value = false; l.array {
				path = strconv.AppendInt(append(path[:l.path], '['), int64(l.next), 10)
				path = append(path, ']')
				l.next++
			}
		}
		if d.InputOffset() >= offset {
			return string(path)
		}
		if isDelim {
			levels = append(levels, level{path: len(path), array: delim == '['})
		}
	}
}
