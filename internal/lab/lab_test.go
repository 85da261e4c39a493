package lab

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

func TestBrowserReports(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			b, err := Find(ctx, name)
			if errors.Is(err, ErrNoBrowser) && os.Getenv("CI") != "true" {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			f, err := NewFront(FrontConfig{Server: Hosts{"api.example.com": ServerFunc(func(_ context.Context, r *Request) (*Response, error) {
				return &Response{Status: 200, Reason: "OK", Fields: []Field{{"Access-Control-Allow-Origin", "*"}, {"x-a", "b"}}, Body: []byte("hé")}, nil
			})}})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			start := time.Now()
			rep, err := Run(ctx, b, f, "https://app.example.com/", Script{Steps: []Step{{URL: "https://api.example.com/x"}, {URL: "https://api.example.com/y", Init: Init{Credentials: "include"}}, {URL: "https://other.example/y", Init: Init{Method: "PUT"}}}})
			t.Log(time.Since(start), err)
			t.Logf("%+v", rep.Results)
			for _, x := range rep.Exchanges {
				t.Logf("%d %d %+v %+v %v", x.Seq, x.Step, x.Request, x.Response, x.Err)
			}
		})
	}
}
