// Package har reads and writes HTTP archives: HAR 1.2, the JSON files that
// browsers' developer tools and intercepting proxies export.
//
// Reading streams. A [Decoder] holds one entry at a time, so its memory is
// bounded by the largest entry and not by the file. Nothing in a file is
// trusted: an entry that cannot be understood gives an [Error] that names the
// entry, the field, the cause and the place, and the entries after it are still
// read. Writing streams as well: a [Writer] hands each entry to its io.Writer as
// soon as it gets it.
//
// # Bytes and text
//
// JSON holds Unicode, HTTP holds bytes. Fields that are bytes on the wire
// (header names and values, method, status text, redirect URL) map code points
// U+0000 to U+00FF to the byte of that number; what lies above, which a strict
// exporter would not write, becomes its UTF-8 bytes. Bodies are UTF-8, or base64
// where the file says so. All other fields are Unicode text.
//
// # What is forgiven
//
// A byte order mark; missing, null and unknown fields; numbers written as
// strings and strings written as numbers; surplus and missing commas between
// members of log and of its lists; negative sizes. HTTP/2 pseudo-headers (":status") leave the header
// lists and fill method, URL and status where those are missing. A header value
// with line breaks, which is how some exporters join repeated headers, becomes
// repeated headers. A field that says nothing about the exchange itself (timings,
// cookie lists, annotations) and has the wrong type counts as missing.
//
// The format: http://www.softwareishard.com/blog/har-12-spec/
package har

import (
	"encoding/json"
	"strings"
	"time"
)

// Log is all of an archive but its entries.
type Log struct {
	Version string  // the format's version, "1.2" in practice
	Creator Creator // the program that wrote the file
	Browser Creator // the browser that made the requests; the zero value where the file names none
	Pages   []Page  // in the file's order
	Comment string
}

// Creator names a program and its version.
type Creator struct {
	Name    string
	Version string
	Comment string
}

// Page is one document that was loaded while the archive was recorded.
type Page struct {
	Started time.Time // in UTC; zero when the file does not say
	ID      string    // what [Entry.Pageref] refers to
	Title   string    // Chromium and WebKit put the page's URL here, Firefox the document's title
	Comment string
}

// PageURL returns the page's title where that looks like an absolute http or
// https URL, and false where the title is anything else.
func (p Page) PageURL() (string, bool) {
	scheme, rest, ok := strings.Cut(p.Title, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "", false
	}
	if rest == "" || strings.ContainsAny(rest[:1], "/?#") {
		return "", false // no host
	}
	if strings.ContainsFunc(p.Title, func(r rune) bool { return r <= ' ' || r == 0x7F }) {
		return "", false // a sentence that begins with a URL
	}
	return p.Title, true
}

// Entry is one request and what came of it.
type Entry struct {
	Started  time.Time // in UTC; zero when the file does not say
	Time     float64   // milliseconds from start to end
	Pageref  string    // ID of the [Page] that made the request; empty when the file does not say
	Request  Request
	Response Response
	ServerIP string // without the brackets of an IPv6 literal

	ResourceType      string // _resourceType: "fetch", "preflight", "document", "websocket", ...
	Initiator         Initiator
	FromCache         string          // _fromCache: "memory" or "disk" when no network was asked
	ViaServiceWorker  bool            // _fetchedViaServiceWorker: a service worker answered
	Error             string          // _error: why there is no response, in the browser's words
	Comment           string          //
	WebSocketMessages json.RawMessage // _webSocketMessages, compact JSON; nil when absent
	Corsim            json.RawMessage // _corsim, what corsim's own recorder adds, compact JSON; nil when absent
}

// Initiator is what made the browser send a request (_initiator).
type Initiator struct {
	Type string // "script", "parser", "preflight", ...
	URL  string // the resource that holds the initiator, or the request that a preflight stands for
}

// Header is one header line. The strings hold bytes.
type Header struct {
	Name, Value string
}

// Request is what the browser sent.
type Request struct {
	Method      string
	URL         string
	HTTPVersion string
	Headers     []Header // in the file's order, repeats kept, without pseudo-headers
	Cookies     []Cookie
	Post        *PostData // nil when the archive holds no body
}

// PostData is a request's body.
type PostData struct {
	MIMEType string
	Body     []byte // nil when the archive does not hold it, empty when it was empty
	Params   []Param
}

// Param is one field of a form that was posted.
type Param struct {
	Name, Value           string
	FileName, ContentType string
}

// Response is what the browser got. Status 0 is no response at all.
type Response struct {
	Status      int // 0 to 999
	StatusText  string
	HTTPVersion string
	Headers     []Header // in the file's order, repeats kept, without pseudo-headers
	Cookies     []Cookie
	MIMEType    string
	Body        []byte // decoded of any content coding; nil when the archive does not hold it, empty when it was empty
	Size        int64  // bytes of the body, known even where Body is nil; -1 is unknown
	RedirectURL string // the Location header's value
}

// Cookie is an exporter's reading of a Cookie or Set-Cookie header. The headers
// themselves are what was sent.
type Cookie struct {
	Name, Value      string
	Path, Domain     string
	Expires          string
	HTTPOnly, Secure bool
	SameSite         string
}

// isomorphicEncode turns text of a HAR file into bytes: a code point up to
// U+00FF is the byte of its number, any other is its UTF-8 bytes.
func isomorphicEncode(text string) string {
	if isASCII(text) {
		return text
	}
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r <= 0xFF {
			b = append(b, byte(r))
		} else {
			b = append(b, string(r)...)
		}
	}
	return string(b)
}

// isomorphicDecode turns bytes into text: each byte is the code point of its
// number.
func isomorphicDecode(bytes string) string {
	if isASCII(bytes) {
		return bytes
	}
	var s strings.Builder
	s.Grow(2 * len(bytes))
	for i := range len(bytes) {
		s.WriteRune(rune(bytes[i]))
	}
	return s.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
