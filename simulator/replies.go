package simulator

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
)

// A Reply is one answer of a recorded network.
type Reply struct {
	// URL is the URL that it answers, as the URL standard serializes it. A server learns of neither the fragment nor a
	// user name or a password in it, so they do not matter.
	URL string
	// Method is the only method that it answers; empty stands for every method.
	Method string
	// Times is how many requests it answers; 0 stands for any number.
	Times int
	// Response is the answer; nil breaks the connection.
	Response *fetch.HTTPResponse
}

// Replies is a network that answers from a list: the first reply that matches answers. The zero value answers
// nothing. It may be used from many goroutines.
type Replies struct {
	mu      sync.Mutex
	replies []Reply
	used    []int
}

// NewReplies returns a network that gives the replies.
func NewReplies(replies ...Reply) *Replies {
	n := &Replies{replies: slices.Clone(replies), used: make([]int, len(replies))}
	for i := range n.replies {
		if u, err := origin.ParseURL(n.replies[i].URL, nil); err == nil {
			n.replies[i].URL = wireURL(u)
		}
	}
	return n
}

// RoundTrip implements fetch.Network.
func (n *Replies) RoundTrip(_ context.Context, r *fetch.HTTPRequest) (*fetch.HTTPResponse, error) {
	target := wireURL(r.URL)
	for i := range n.replies {
		p := &n.replies[i]
		if p.URL != target || p.Method != "" && p.Method != r.Method || p.Times > 0 && !n.use(i) {
			continue
		}
		if p.Response == nil {
			return nil, errBroken
		}
		return p.Response, nil
	}
	return nil, fmt.Errorf("%s %s: %w", r.Method, target, fetch.ErrUnanswered)
}

// use reports whether a reply may answer once more, and notes that it does.
func (n *Replies) use(i int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.used[i] >= n.replies[i].Times {
		return false
	}
	n.used[i]++
	return true
}

var errBroken = fmt.Errorf("the connection broke: %w", fetch.ErrFailed)
