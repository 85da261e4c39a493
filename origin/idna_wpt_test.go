package origin

import (
	"encoding/json"
	"testing"
)

func TestX(t *testing.T) {
	for _, f := range []string{"wpt-url/toascii.json", "wpt-url/IdnaTestV2.json"} {
		var es []json.RawMessage
		json.Unmarshal(readShared(t, f), &es)
		bad, n := 0, 0
		for _, e := range es {
			if e[0] == '"' {
				continue
			}
			var c struct {
				Input           string
				Output          *string
				URLStandardOnly bool
				Comment         string
			}
			if err := json.Unmarshal(e, &c); err != nil {
				t.Fatal(err)
			}
			n++
			got, kind, err := ParseHost(c.Input)
			_ = kind
			if (err != nil) != (c.Output == nil) || err == nil && got != *c.Output {
				bad++
				w := "fail"
				if c.Output != nil {
					w = *c.Output
				}
				t.Logf("%s: %+q: %q %v want %s (%s)", f, c.Input, got, err, w, c.Comment)
			}
		}
		t.Log(f, bad, "of", n)
	}
}
