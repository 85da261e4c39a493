package generate

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/corsim/corsim/policy"
	"github.com/corsim/corsim/simulator"
)

var start = time.Date(2026, 7, 2, 12, 0, 0, 0, time.UTC)

func TestStats(t *testing.T) {
	for _, a := range Areas() {
		v := map[string]int{}
		reasons := map[string]int{}
		n := 0
		for seed := range uint64(2000) {
			c := Case(a, seed)
			data, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			p, err := simulator.ParseCase(data)
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Eval(context.Background(), policy.Profile{}, start)
			if err != nil {
				t.Errorf("%v\n%s", err, data)
				continue
			}
			for _, o := range out {
				v[o.Verdict]++
				n++
				if o.Verdict != "allowed" {
					reasons[o.Reason]++
				}
				if o.Verdict == "unanswered" && v["unanswered"] < 3 {
					t.Logf("unanswered %s %v", data, o.Sent)
				}
			}
		}
		s := a + ": "
		for k, x := range v {
			s += fmt.Sprintf("%s %.1f%% ", k, 100*float64(x)/float64(n))
		}
		t.Log(s, reasons)
	}
}
