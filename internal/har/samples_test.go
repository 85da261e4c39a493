package har

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func readAll(t *testing.T, d *Decoder) []Entry {
	t.Helper()
	var all []Entry
	for e, err := range d.Entries() {
		if err != nil {
			t.Fatalf("reading entry %d: %v", len(all), err)
		}
		all = append(all, e)
	}
	return all
}

func utc(hour, minute, second, millisecond int) time.Time {
	return time.Date(2026, 3, 14, hour, minute, second, millisecond*1e6, time.UTC)
}

// TestSamples reads files written by hand with the habits of each kind of
// exporter.
func TestSamples(t *testing.T) {
	app := Header{"origin", "https://app.example.com"}
	tests := []struct {
		file    string
		log     Log
		pageURL string
		entries []Entry
	}{
		{
			file: "chromium.har",
			log: Log{
				Version: "1.2",
				Creator: Creator{Name: "WebInspector", Version: "537.36"},
				Pages:   []Page{{Started: utc(9, 26, 53, 589), ID: "page_1", Title: "https://app.example.com/cart?step=2"}},
			},
			pageURL: "https://app.example.com/cart?step=2",
			entries: []Entry{
				{
					Started: utc(9, 26, 54, 1), Time: 12.75, Pageref: "page_1",
					Request: Request{
						Method: "OPTIONS", URL: "https://api.example.com/items/1", HTTPVersion: "http/2.0",
						Headers: []Header{{"access-control-request-method", "PUT"}, app},
					},
					Response: Response{
						Status: 204, HTTPVersion: "http/2.0",
						Headers: []Header{
							{"access-control-allow-origin", "https://app.example.com"},
							{"access-control-allow-methods", "GET, PUT"},
						},
						MIMEType: "x-unknown",
					},
					ServerIP: "2001:db8::7", ResourceType: "preflight",
					Initiator: Initiator{Type: "preflight", URL: "https://api.example.com/items/1"},
				},
				{
					Started: utc(9, 26, 54, 20), Time: 33.5, Pageref: "page_1",
					Request: Request{
						Method: "PUT", URL: "https://api.example.com/items/1", HTTPVersion: "http/2.0",
						Headers: []Header{{"content-type", "application/json"}, {"cookie", "sid=abc; theme=dark"}, app},
						Cookies: []Cookie{{
							Name: "sid", Value: "abc", Path: "/", Domain: "api.example.com",
							Expires: "1969-12-31T23:59:59.000Z", HTTPOnly: true, Secure: true, SameSite: "None",
						}},
						Post: &PostData{MIMEType: "application/json", Body: []byte("{\"qty\": 3}\n")},
					},
					Response: Response{
						Status: 200, HTTPVersion: "http/2.0",
						Headers: []Header{
							{"set-cookie", "sid=def; Path=/; Secure"},
							{"set-cookie", "seen=1; Path=/"},
							{"x-name", "caf\xe9"},
						},
						MIMEType: "image/png", Body: []byte("\x89PNG"), Size: 4,
					},
					ServerIP: "192.0.2.4", ResourceType: "fetch",
					Initiator: Initiator{Type: "script"}, ViaServiceWorker: true,
				},
				{
					Started: utc(9, 26, 55, 0), Time: 2, Pageref: "page_1",
					Request: Request{
						Method: "GET", URL: "https://other.example/data",
						Headers: []Header{{"Accept", "*/*"}},
					},
					Response:     Response{MIMEType: "x-unknown"},
					ResourceType: "xhr", Initiator: Initiator{Type: "script"},
					FromCache: "disk", Error: "net::ERR_FAILED",
				},
				{
					Started: utc(9, 26, 55, 250), Time: 5000, Pageref: "page_1",
					Request: Request{
						Method: "GET", URL: "wss://live.example/feed?room=a%20b", HTTPVersion: "HTTP/1.1",
						Headers: []Header{{"Upgrade", "websocket"}},
					},
					Response:          Response{Status: 101, StatusText: "Switching Protocols", HTTPVersion: "HTTP/1.1", Size: -1},
					ResourceType:      "websocket",
					WebSocketMessages: json.RawMessage(`[{"type":"send","time":1773480415.25,"opcode":1,"data":"{\"hi\": 1}"}]`),
				},
			},
		},
		{
			file: "firefox.har",
			log: Log{
				Version: "1.2",
				Creator: Creator{Name: "Firefox", Version: "153.0"},
				Browser: Creator{Name: "Firefox", Version: "153.0"},
				Pages:   []Page{{Started: utc(9, 26, 53, 589), ID: "page_1", Title: "Your cart"}},
			},
			entries: []Entry{
				{
					Started: utc(9, 26, 53, 700), Time: 8, Pageref: "page_1",
					Request: Request{
						Method: "POST", URL: "https://api.example.com/items?a=1", HTTPVersion: "HTTP/2",
						Headers: []Header{{"Host", "api.example.com"}, {"Origin", "https://app.example.com"}},
						Post: &PostData{
							MIMEType: "application/x-www-form-urlencoded", Body: []byte("n=tea\r\n"),
							Params: []Param{{Name: "n", Value: "tea"}},
						},
					},
					Response: Response{
						Status: 302, StatusText: "Found", HTTPVersion: "HTTP/2",
						Headers:  []Header{{"location", "/items/2"}},
						MIMEType: "text/plain; charset=utf-8", Body: []byte{}, RedirectURL: "/items/2",
					},
					ServerIP: "192.0.2.4",
				},
				{
					Started: utc(9, 26, 53, 800), Pageref: "page_1",
					Request: Request{Method: "GET", URL: "https://other.example/data"},
					Response: Response{
						Status: 200, StatusText: "OK", HTTPVersion: "HTTP/2",
						Headers:  []Header{{"content-type", "text/plain"}},
						MIMEType: "text/plain", Size: 5120,
					},
				},
			},
		},
		{
			file: "webkit.har",
			log: Log{
				Version: "1.2",
				Creator: Creator{Name: "WebKit Web Inspector", Version: "1.0"},
				Pages:   []Page{{Started: utc(9, 26, 53, 0), ID: "page_0", Title: "https://app.example.com/"}},
			},
			pageURL: "https://app.example.com/",
			entries: []Entry{{
				Started: utc(9, 26, 53, 589), Time: 41.80000000000001, Pageref: "page_0",
				Request: Request{
					Method: "GET", URL: "https://api.example.com/me", HTTPVersion: "HTTP/2",
					Headers: []Header{{"Origin", "https://app.example.com"}},
				},
				Response: Response{
					Status: 200, StatusText: "OK", HTTPVersion: "HTTP/2",
					Headers:  []Header{{"Set-Cookie", "a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT, b=2; Secure"}},
					MIMEType: "text/plain", Body: []byte("\xe2\x98\x83\xf0\x9f\x98\x80"), Size: 7,
				},
				ServerIP: "192.0.2.4",
			}},
		},
		{
			file: "proxy.har",
			log: Log{
				Version: "1.2",
				Creator: Creator{Name: "A proxy", Version: "4.6", Comment: "no pages, numbers in quotes"},
				Comment: "exported on 2026-03-14",
			},
			entries: []Entry{
				{
					Started: utc(9, 26, 53, 589), Time: 15,
					Request: Request{
						Method: "DELETE", URL: "https://api.example.com/items/1?hard=1", HTTPVersion: "HTTP/2.0",
						Headers: []Header{{"x-count", "3"}, {"X-Count", ""}},
					},
					Response: Response{Status: 204, Size: -1},
				},
				{
					Started: utc(9, 26, 54, 0), Time: -1,
					Request: Request{
						Method: "POST", URL: "https://api.example.com/up",
						Post: &PostData{MIMEType: "application/octet-stream", Body: []byte{0x00, 0xff, 0xfe}},
					},
					Response: Response{
						Status: 403, StatusText: "Forbidden", Headers: []Header{{"Date", "x"}},
						MIMEType: "text/plain", Body: []byte("no\xef"), Size: 3,
					},
					Comment: "[#2]",
				},
				{
					Request:  Request{Method: "GET", URL: "https://down.example/"},
					Response: Response{Size: -1},
					Error:    "connection refused",
				},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			f, err := os.Open(filepath.Join("testdata", test.file))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			d, err := Open(f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.log.Pages, d.Log().Pages); diff != "" {
				t.Errorf("pages before the first entry (-want +got), without them no request has an origin:\n%s", diff)
			}
			if diff := cmp.Diff(test.entries, readAll(t, d)); diff != "" {
				t.Errorf("entries (-want +got), every later verdict rests on them:\n%s", diff)
			}
			if diff := cmp.Diff(test.log, d.Log()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
			for _, p := range test.log.Pages {
				if got, _ := p.PageURL(); got != test.pageURL {
					t.Errorf("PageURL of %q = %q, want %q", p.Title, got, test.pageURL)
				}
				if got, ok := d.Page(p.ID); !ok || got != p {
					t.Errorf("Page(%q) = %v, %v, want the page of that ID", p.ID, got, ok)
				}
			}
		})
	}
}

// An exporter's file says the same after it went through the Writer.
func TestSamplesSurviveTheWriter(t *testing.T) {
	files, err := filepath.Glob("testdata/*.har")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			checkRoundTrip(t, data)
		})
	}
}
