package simulator_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/simulator"
)

// A recording of what a server said is a network: the decision can be taken again without the server.
func ExampleRecorder() {
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example/") // the slash is wrong
		fmt.Fprint(w, "[]")
	})

	var file bytes.Buffer
	recorder := simulator.NewRecorder(simulator.Handler(server), &file, simulator.RecorderOptions{Page: "https://app.example/"})
	live := simulator.Browser{Network: recorder}
	fmt.Println(live.Open("https://app.example/").Fetch("https://api.example/items", simulator.Init{}).Reason().Code())
	if err := recorder.Close(); err != nil {
		fmt.Println(err)
	}

	recording, errs := simulator.ReadHAR(&file)
	for _, err := range errs {
		fmt.Println(err)
	}
	again := simulator.Browser{Network: recording}
	fmt.Println(again.Open("https://app.example/").Fetch("https://api.example/items", simulator.Init{}).Reason().Code())
	// Output:
	// cors.allow-origin.mismatch
	// cors.allow-origin.mismatch
}

// Replay makes out the requests by itself, from a file that a browser's developer tools exported.
func ExampleRecording_Replay() {
	const file = `{"log": {"pages": [{"id": "1", "title": "https://app.example/"}], "entries": [{
		"pageref": "1", "_resourceType": "fetch",
		"request": {"method": "GET", "url": "https://api.example/items", "headers": []},
		"response": {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}], "_error": "net::ERR_FAILED"}
	}]}}`
	recording, _ := simulator.ReadHAR(bytes.NewReader([]byte(file)))
	for r := range recording.Replay(context.Background(), simulator.ReplayOptions{}) {
		fmt.Println(r.Method, r.URL, r.Result.Verdict(), r.Result.Reason().Code())
		fmt.Println("the recording shows:", r.Shown, len(r.Differences) == 0)
	}
	// Output:
	// GET https://api.example/items blocked cors.allow-origin.missing
	// the recording shows: blocked true
}

var _ fetch.Network = (*simulator.Recording)(nil)
