package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/simulator"
)

// playerBrowser is a browser that is a player; start makes each.
func playerBrowser(start func() (driver, error)) Browser {
	return Browser{Name: "player", Version: "1", kind: &kind{name: "player", jobs: 1,
		drive: func(context.Context, Browser, *authority) (driver, error) { return start() }}}
}

// verdicts runs Verify and returns what came of each case, in the order of the cases.
func verdicts(t *testing.T, b Browser, patience time.Duration, cases ...*simulator.Case) ([]string, error) {
	t.Helper()
	got := make([]string, len(cases))
	err := Verify(t.Context(), VerifyConfig{Browser: b, Patience: patience}, slices.Values(cases), func(x Trial) {
		switch {
		case len(x.Aside) > 0:
			got[x.Index] = "aside"
		case x.Again != nil:
			got[x.Index] = "flaky"
		case errors.Is(x.Err, ErrTimeout):
			got[x.Index] = "timeout"
		case errors.Is(x.Err, ErrGone):
			got[x.Index] = "gone"
		case errors.As(x.Err, new(*Malformed)):
			got[x.Index] = "malformed"
		case x.Err != nil:
			got[x.Index] = "error"
		case x.Agrees():
			got[x.Index] = "agrees"
		default:
			got[x.Index] = "differs"
		}
	})
	return got, err
}

const simple = `{"name": "n", "page": {"url": "https://a.example/"}, "server": [{"url": "https://a.example/u", "status": 200}], "requests": [{"url": "/u"}]}`

func honest(p *player, _ int, _ simulator.CaseRequest) told {
	h := http.Header{"Referer": {"https://a.example/"}, "Sec-Fetch-Dest": {"empty"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Site": {"same-origin"}}
	t := p.ask("GET", "https://a.example/u", h)
	t.Type = "basic"
	return t
}

func TestVerifyTellsWhatComesOfACase(t *testing.T) {
	var asked, askedAgain atomic.Int32
	for _, tt := range []struct {
		name string
		text string
		act  func(*player, int, simulator.CaseRequest) told
		want string
	}{
		{"a browser that does what the standard says agrees", simple, honest, "agrees"},
		{"one that always does otherwise differs", simple, func(p *player, n int, r simulator.CaseRequest) told {
			x := honest(p, n, r)
			x.Status = 201
			return x
		}, "differs"},
		{"one that does otherwise the first time is flaky", simple, func(p *player, n int, r simulator.CaseRequest) told {
			x := honest(p, n, r)
			if asked.Add(1) == 1 {
				x.Redirected = true
			}
			return x
		}, "flaky"},
		{"and so is one that does otherwise twice, and not the third time", simple, func(p *player, n int, r simulator.CaseRequest) told {
			x := honest(p, n, r)
			if askedAgain.Add(1) <= 2 {
				x.Redirected = true
			}
			return x
		}, "flaky"},
		{"one that says nothing runs out of time, and is asked twice", simple, func(*player, int, simulator.CaseRequest) told {
			time.Sleep(400 * time.Millisecond)
			return told{}
		}, "timeout"},
		{"a case of other requests is set aside", strings.Replace(simple, `{"url": "/u"}`, `{"url": "/u", "via": "img"}`, 1), honest, "aside"},
		{"so is one with a header that no server can send", strings.Replace(simple, `"status": 200`, `"status": 200, "headers": ["X A: b"]`, 1), honest, "aside"},
		{"one with a header that is none is malformed", strings.Replace(simple, `"status": 200`, `"status": 200, "headers": ["x"]`, 1), honest, "malformed"},
		{"a case that cannot be asked is set aside", strings.Replace(simple, `"url": "/u"`, `"url": "/u", "after": 20`, 1), honest, "aside"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := playerBrowser(func() (driver, error) { return &player{act: tt.act, exited: make(chan struct{})}, nil })
			patience := 20 * time.Second
			if tt.want == "timeout" {
				patience = 200 * time.Millisecond
			}
			got, err := verdicts(t, b, patience, mustCase(t, tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{tt.want}, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Each try at a case that hangs takes all of the patience.
func TestVerifyAsksACaseThatHangsTwiceAtMost(t *testing.T) {
	for _, tt := range []struct {
		name    string
		thrifty bool
		want    []string
	}{
		{"in two states of its own", false, []string{"visit", "visit"}},
		{"in a state that was used, and in one of its own", true, []string{"revisit", "visit"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var visits []string
			b := playerBrowser(func() (driver, error) {
				d := &mute{exited: make(chan struct{}), visits: &visits}
				if tt.thrifty {
					return thriftyMute{d}, nil
				}
				return d, nil
			})
			got, err := verdicts(t, b, 50*time.Millisecond, mustCase(t, simple))
			if err != nil || got[0] != "timeout" || !slices.Equal(visits, tt.want) {
				t.Errorf("%v, %v; asked by %v, want %v and no answer in time", got, err, visits, tt.want)
			}
		})
	}
}

// A mute browser goes nowhere.
type mute struct {
	exited chan struct{}
	visits *[]string
}

func (m *mute) Exited() <-chan struct{} { return m.exited }
func (m *mute) LastWords() string       { return "" }
func (m *mute) Close() error            { return nil }
func (m *mute) visit(context.Context, *stand, string) (func(context.Context) error, error) {
	*m.visits = append(*m.visits, "visit")
	return func(context.Context) error { return nil }, nil
}

// A thriftyMute does so in used states as well.
type thriftyMute struct{ *mute }

func (m thriftyMute) forgets() leavings { return 0 }
func (m thriftyMute) revisit(context.Context, *stand, string) (func(context.Context) error, error) {
	*m.visits = append(*m.visits, "revisit")
	return func(context.Context) error { return nil }, nil
}

func TestVerifyStartsABrowserThatEnded(t *testing.T) {
	started := 0
	b := playerBrowser(func() (driver, error) {
		started++
		p := &player{exited: make(chan struct{})}
		first := started == 1
		p.act = func(tab *player, n int, r simulator.CaseRequest) told {
			if first {
				p.closed.Do(func() { close(p.exited) })
			}
			return honest(tab, n, r)
		}
		return p, nil
	})
	c := mustCase(t, simple)
	got, err := verdicts(t, b, 10*time.Second, c, c, c)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"agrees", "agrees", "agrees"}, got); d != "" || started != 2 {
		t.Errorf("browsers started: %d, want 2; what came of the cases (-want +got):\n%s", started, d)
	}
}

func TestVerifyGivesUpWhereNoBrowserStarts(t *testing.T) {
	reason := errors.New("no display")
	b := playerBrowser(func() (driver, error) { return nil, reason })
	c := mustCase(t, simple)
	got, err := verdicts(t, b, time.Second, c, c)
	if !errors.Is(err, reason) || got[0] != "" {
		t.Errorf("%q, %v; want no verdict and the reason", got, err)
	}
}

func TestVerifyDoesNotAskWhatIsOnRecord(t *testing.T) {
	c := mustCase(t, simple)
	model, err := c.Eval(t.Context(), VerifyConfig{}.Profile, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := playerBrowser(func() (driver, error) { return nil, errors.New("it was started") })
	var agrees []bool
	err = Verify(t.Context(), VerifyConfig{Browser: b, Known: func(x *simulator.Case) ([]simulator.Outcome, bool) {
		return model, CaseID(x) == CaseID(c)
	}}, slices.Values([]*simulator.Case{c}), func(x Trial) { agrees = append(agrees, x.Agrees()) })
	if err != nil || !slices.Equal(agrees, []bool{true}) {
		t.Errorf("%v, %v; want one that agrees with its record", agrees, err)
	}
}

func TestDifferencesLeaveOutWhatAScriptCannotSee(t *testing.T) {
	engine := simulator.Outcome{Verdict: "allowed", Reason: "x", Type: "cors", Redirected: true}
	browser := simulator.Outcome{Verdict: "allowed"}
	for _, tt := range []struct {
		via  string
		want []string
	}{{"", []string{"type", "redirected"}}, {"xhr", nil}} {
		var keys []string
		for _, d := range Differences(&simulator.CaseRequest{Via: tt.via}, &engine, &browser) {
			keys = append(keys, d.Key)
		}
		if d := cmp.Diff(tt.want, keys); d != "" {
			t.Errorf("via %q (-want +got):\n%s", tt.via, d)
		}
	}
}

// What every browser does alike, by the standard, as the judge of the judges.
func TestRealBrowsersAgreeAboutTheEveryday(t *testing.T) {
	const answer = `{"url": "https://api.example/u", "status": 200, "headers": ["Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: x-a", "X-Hidden: 1"]}`
	name := 0
	build := func(page, server, request string) *simulator.Case {
		name++
		return mustCase(t, fmt.Sprintf(`{"name": "%d", "page": {"url": "https://app.example/p"%s}, "server": [%s], "requests": [%s]}`, name, page, server, request))
	}
	cases := []*simulator.Case{
		build("", answer, `{"url": "https://api.example/u"}, {"via": "xhr", "url": "https://api.example/u"}`),
		build("", answer, `{"url": "https://api.example/u", "headers": ["X-A: 1"]}, {"url": "https://api.example/u", "headers": ["X-B: 1"]}`),
		build("", answer, `{"url": "https://api.example/none"}, {"url": "https://api.example/u", "method": "TRACE"}, {"url": "https://api.example/u", "mode": "no-cors"}`),
		build(`, "sandbox": true`, answer, `{"url": "https://api.example/u", "referrerPolicy": "no-referrer"}`),
		build(`, "cookies": [{"url": "https://app.example/", "set": "a=1"}, {"url": "https://app.example/", "set": "b=2"}]`,
			`{"url": "https://app.example/u", "status": 200}`, `{"url": "/u"}`),
		build("", `{"url": "https://app.example/u", "fail": true}, {"url": "https://app.example/r", "status": 302, "headers": ["Location: /t"]}, {"url": "https://app.example/t", "status": 404}`,
			`{"url": "/u"}, {"url": "/r"}, {"url": "/r", "redirect": "manual"}`),
	}
	eachBrowser(t, JudgeNames(), func(t *testing.T, ctx context.Context, b Browser) {
		err := Verify(ctx, VerifyConfig{Browser: b, Patience: time.Minute}, slices.Values(cases), func(x Trial) {
			if !x.Agrees() {
				t.Errorf("case %s: %v %s; differences %v; the second time %v", x.Case.Name, x.Err, x.Why, x.Differences, x.Again)
			}
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestVerifyDoesNotJudgeWaitsThatWereNotKept(t *testing.T) {
	waits := strings.Replace(simple, `"url": "/u"}`, `"url": "/u", "after": 0.01}`, 1)
	for _, tt := range []struct {
		name   string
		late   int // that many times
		status int
		want   string
		asked  int32
	}{
		{"a case that differs and is late is asked anew, and set aside in the end", 100, 201, "aside", lateAttempts},
		{"one that is late once is judged by what it does in time", 1, 201, "differs", 2 + repeats},
		{"one that agrees may be as late as it likes", 100, 200, "agrees", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked atomic.Int32
			b := playerBrowser(func() (driver, error) {
				asked.Store(0)
				return &player{exited: make(chan struct{}), act: func(p *player, n int, r simulator.CaseRequest) told {
					if asked.Add(1) <= int32(tt.late) {
						time.Sleep(mostLate + 50*time.Millisecond)
					}
					x := honest(p, n, r)
					x.Status = tt.status
					return x
				}}, nil
			})
			var got []string
			var err error
			for range 5 { // the machine may be too busy indeed
				if got, err = verdicts(t, b, 10*time.Second, mustCase(t, waits)); asked.Load() == tt.asked {
					break
				}
			}
			if d := cmp.Diff([]string{tt.want}, got); err != nil || d != "" || asked.Load() != tt.asked {
				t.Errorf("%v; asked %d times, want %d (-want +got):\n%s", err, asked.Load(), tt.asked, d)
			}
		})
	}
}
