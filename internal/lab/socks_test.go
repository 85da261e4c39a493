package lab

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestSocksTellsTheHostThatWasAskedFor(t *testing.T) {
	const greeting = "\x05\x01\x00"
	const granted = "\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
	for _, tt := range []struct {
		name, sent, want, said string
	}{
		{"a host by name", greeting + "\x05\x01\x00\x03\x09a.example\x01\xbb", "a.example 443 <nil>", granted},
		{"several ways to log in are passed over", "\x05\x03\x00\x01\x02\x05\x01\x00\x03\x01a\x00\x50", "a 80 <nil>", granted},
		{"a host by IPv4 address", greeting + "\x05\x01\x00\x01\x7f\x00\x00\x01\x0b\xb8", "127.0.0.1 3000 <nil>", granted},
		{"a host by IPv6 address", greeting + "\x05\x01\x00\x04" + strings.Repeat("\x00", 15) + "\x01\x00\x50", "::1 80 <nil>", granted},
		{"an older version of the protocol", "\x04\x01", ` 0 lab: proxy greeting: got "4", want version 5`, ""},
		{"a command that is not to connect", greeting + "\x05\x02\x00\x01", ` 0 lab: proxy request: got "2", want command 1, to connect`, "\x05\x00"},
		{"an address of no kind", greeting + "\x05\x01\x00\x02", ` 0 lab: proxy request: got "2", want address kind 1, 3 or 4`, "\x05\x00"},
		{"nothing", "", " 0 EOF", ""},
		{"a greeting that breaks off", "\x05\x02\x00", " 0 unexpected EOF", ""},
		{"a request that breaks off", greeting + "\x05\x01", " 0 unexpected EOF", "\x05\x00"},
		{"a name that breaks off", greeting + "\x05\x01\x00\x03\x09a.ex", " 0 unexpected EOF", "\x05\x00"},
		{"no length of a name", greeting + "\x05\x01\x00\x03", " 0 unexpected EOF", "\x05\x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var said bytes.Buffer
			host, port, err := acceptSocks(reader(tt.sent), &said)
			if got := fmt.Sprintf("%s %d %v", host, port, err); got != tt.want {
				t.Errorf("%q, want %q: the browser decides which host this connection is", got, tt.want)
			}
			if said.String() != tt.said {
				t.Errorf("answered %q, want %q: a browser that is answered otherwise gives up", said.String(), tt.said)
			}
		})
	}
}

func FuzzAcceptSocks(f *testing.F) {
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x03\x01a\x00\x50"))
	f.Add([]byte("\x05\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50rest"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		br := bufio.NewReader(bytes.NewReader(wire))
		host, _, err := acceptSocks(br, &bytes.Buffer{})
		if err != nil {
			checkReadError(t, err)
			return
		}
		if len(host) > 255 {
			t.Errorf("host of %d bytes: one byte tells its length", len(host))
		}
		const least = 2 + 4 + 1 + 2
		if used := len(wire) - br.Buffered(); used < least {
			t.Errorf("%d bytes read, and the shortest beginning has %d", used, least)
		}
	})
}
