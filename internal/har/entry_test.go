package har

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What does not decide about the exchange cannot cost the entry.
func TestFieldsBesideTheExchangeMayHaveAnyType(t *testing.T) {
	file := archive(`{"time":{},"startedDateTime":5,"pageref":[],"serverIPAddress":{},"comment":[],"_error":{},"_resourceType":7,"_initiator":"script",` +
		`"_fromCache":{},"_fetchedViaServiceWorker":"yes","_webSocketMessages":null,"_corsim":null,"cache":7,"timings":"none","connection":[],` +
		`"request":{"method":"GET","url":"https://a.example/","httpVersion":{},"cookies":{"a":"b"},"queryString":7,"headersSize":"?","bodySize":{},` +
		`"postData":{"mimeType":[],"params":[7,{"name":{},"value":1,"fileName":"f","contentType":"c"}]}},` +
		`"response":{"status":-1,"httpVersion":[],"cookies":[7,{"name":"n","value":1.5,"httpOnly":"true"}],"redirectURL":[],"content":{"mimeType":{},"size":1.5},"_error":[]}}`)
	want := Entry{
		ResourceType: "7",
		Request: Request{
			Method: "GET", URL: "https://a.example/",
			Post: &PostData{Params: []Param{{Value: "1", FileName: "f", ContentType: "c"}}},
		},
		Response: Response{Cookies: []Cookie{{Name: "n", Value: "1.5"}}, Size: -1},
	}
	got, err := NewDecoder(strings.NewReader(file)).Next()
	if err != nil {
		t.Fatalf("%v, want the entry: its request and response are whole", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPseudoHeadersFillOnlyWhatIsMissing(t *testing.T) {
	const pseudo = `{"name":":method","value":"PUT"},{"name":":scheme","value":"https"},{"name":":authority","value":"h2.example"},{"name":":path","value":"/p"},{"name":":protocol","value":"x"}`
	tests := []struct {
		name              string
		request, response string
		method, url       string
		status            int
	}{
		{"all is missing", `"headers":[` + pseudo + `]`, `"headers":[{"name":":status","value":"204"}]`, "PUT", "https://h2.example/p", 204},
		{"nothing is", `"method":"GET","url":"https://a.example/","headers":[` + pseudo + `]`, `"status":200,"headers":[{"name":":status","value":"204"}]`, "GET", "https://a.example/", 200},
		{"headers come before what they would fill", `"headers":[` + pseudo + `],"url":"https://a.example/","method":"GET"`, `"headers":[{"name":":status","value":"204"}],"status":"200"`, "GET", "https://a.example/", 200},
		{"a status of 0 says that there was no response", `"method":"GET","url":"https://a.example/"`, `"status":0,"headers":[{"name":":status","value":"204"}]`, "GET", "https://a.example/", 0},
		{"an empty status is missing", `"method":"GET","url":"https://a.example/"`, `"status":"","headers":[{"name":":status","value":"204"}]`, "GET", "https://a.example/", 204},
		{"a pseudo-status of four digits fills nothing", `"method":"GET","url":"https://a.example/"`, `"headers":[{"name":":status","value":"2040"}]`, "GET", "https://a.example/", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, err := NewDecoder(strings.NewReader(archive(`{"request":{` + test.request + `},"response":{` + test.response + `}}`))).Next()
			if err != nil {
				t.Fatal(err)
			}
			if e.Request.Method != test.method || e.Request.URL != test.url || e.Response.Status != test.status {
				t.Errorf("%s %s, status %d; want %s %s, status %d", e.Request.Method, e.Request.URL, e.Response.Status, test.method, test.url, test.status)
			}
			if len(e.Request.Headers)+len(e.Response.Headers) != 0 {
				t.Errorf("headers %v, %v; want none, pseudo-headers are no headers", e.Request.Headers, e.Response.Headers)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	tests := []struct {
		name    string
		content string
		body    []byte
		size    int64
	}{
		{"text", `{"text":"aé","size":99}`, []byte("a\xc3\xa9"), 3},
		{"text that is empty", `{"text":"","size":99}`, []byte{}, 0},
		{"no text", `{"size":99}`, nil, 99},
		{"text that is null", `{"text":null,"size":"99"}`, nil, 99},
		{"no size", `{}`, nil, -1},
		{"a negative size", `{"size":-7}`, nil, -1},
		{"no content", `null`, nil, -1},
		{"text that is a number", `{"text":12.50}`, []byte("12.50"), 5},
		{"text that says it is UTF-8", `{"text":"a","encoding":"UTF-8"}`, []byte("a"), 1},
		{"base64", `{"encoding":"base64","text":"+/8="}`, []byte{0xfb, 0xff}, 2},
		{"base64 without padding", `{"encoding":"base64","text":"+/8"}`, []byte{0xfb, 0xff}, 2},
		{"base64 for URLs", `{"encoding":"Base64","text":"-_8="}`, []byte{0xfb, 0xff}, 2},
		{"base64 in lines", `{"encoding":"base64","text":"+/\r\n8=\r\n"}`, []byte{0xfb, 0xff}, 2},
		{"base64 that is empty", `{"encoding":"base64","text":""}`, []byte{}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, body, size, bad := parseContent(node{raw: []byte(test.content)})
			if bad != nil {
				t.Fatal(bad.cause)
			}
			if diff := cmp.Diff(test.body, body); diff != "" || size != test.size {
				t.Errorf("size %d, want %d; body (-want +got), nil and empty differ:\n%s", size, test.size, diff)
			}
		})
	}
}

func TestErrorsQuoteNoMoreThanTheBeginning(t *testing.T) {
	file := archive(`{"response":{"status":"` + strings.Repeat("é", 1000) + `"}}`)
	_, err := NewDecoder(strings.NewReader(file)).Next()
	want := `har: log.entries[0].response.status at byte 41: is "` + strings.Repeat("é", 20) + `…", want a status, a whole number from 0 to 999`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
