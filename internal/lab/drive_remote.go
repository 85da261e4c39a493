package lab

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/corsim/corsim/policy"
)

//go:embed drive_remote.js
var remoteScript string

// A remoteDriver drives a browser that speaks Marionette. Each case gets a tab in a container of its own.
type remoteDriver struct {
	*Session
	remote *remote
	tabs   states[int] // by their id

	mu      sync.Mutex
	asking  int         // visits under way with several requests
	resting []used[int] // tabs that have been left, and that preflights may be remembered for
}

// driveByRemote starts a browser that takes preferences and speaks Marionette.
func driveByRemote(ctx context.Context, b Browser, auth *authority) (_ driver, err error) {
	folder, err := os.MkdirTemp("", "corsim-lab-")
	if err != nil {
		return nil, fmt.Errorf("a folder for the profile: %w", err)
	}
	profile := filepath.Join(folder, "profile")
	var s *Session
	defer func() {
		if err != nil && s != nil {
			err = fmt.Errorf("%w; its last words:\n%s", err, s.LastWords())
			s.Close()
		}
		if err != nil {
			os.RemoveAll(folder)
		}
	}()
	if err := os.Mkdir(profile, 0o700); err != nil {
		return nil, err
	}
	prefs := commonPreferences()
	// This machine's names and addresses are played as well, and lose no right by it.
	prefs["network.proxy.allow_hijacking_localhost"] = true
	prefs["network.proxy.testing_localhost_is_secure_when_hijacked"] = true
	// A script that is answered 401 is told so; nobody is there to be asked for a password.
	prefs["network.auth.subresource-http-auth-allow"] = 0
	if err := writePreferences(profile, prefs); err != nil {
		return nil, err
	}
	args := append([]string{"--remote-allow-system-access"}, commonRemoteArguments(profile)...)
	if s, err = startIn(ctx, folder, exec.Command(b.Path, args...), false); err != nil {
		return nil, err
	}
	asking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.exited:
			cancel(errGone)
		case <-asking.Done():
		}
	}()
	d := &remoteDriver{Session: s}
	if d.remote, err = dialRemote(asking, profile, false); err != nil {
		return nil, err
	}
	s.remote = d.remote // to be closed with the browser
	if err := d.remote.call(asking, "Marionette:SetContext", map[string]any{"value": "chrome"}, nil); err != nil {
		return nil, err
	}
	// A certificate that is merely put up with would keep its host from asking for HTTPS from now on.
	if _, err := d.run(asking, "trust", base64.StdEncoding.EncodeToString(auth.root.Raw)); err != nil {
		return nil, err
	}
	return d, nil
}

// visit implements driver.
func (d *remoteDriver) visit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	return d.visitIn(ctx, used[int]{}, s, url, false)
}

// revisit implements thriftyDriver.
func (d *remoteDriver) revisit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	u, _ := d.tabs.take(policy.SiteOf(s.plan.page.Origin()).String())
	return d.visitIn(ctx, u, s, url, true)
}

// forgets implements thriftyDriver.
func (d *remoteDriver) forgets() leavings {
	return leavesResponses | leavesPasswords | leavesUpgrades | leavesHosts
}

// visitIn visits in a tab that there is, or a new one where its id is 0, and leaves it for further visits if it may.
func (d *remoteDriver) visitIn(ctx context.Context, u used[int], s *stand, url string, keep bool) (leave func(context.Context) error, err error) {
	asks := len(s.plan.requests) > 1
	d.begin(asks)
	u.state, err = d.run(ctx, "visit", s.addr().Port(), url, u.state)
	if err != nil {
		d.end(asks)
		return nil, err
	}
	return func(ctx context.Context) error {
		d.end(asks)
		u.home = policy.SiteOf(s.plan.page.Origin()).String()
		u.visits++
		if !keep || !s.whole() || u.visits >= mostVisits {
			_, err := d.run(ctx, "leave", u.state)
			return err
		}
		if _, err := d.run(ctx, "empty", u.state); err != nil {
			return err
		}
		return d.rest(ctx, u)
	}, nil
}

// begin and end are told of each visit whether it makes several requests, which may share a preflight.
func (d *remoteDriver) begin(asks bool) { d.count(asks, 1) }
func (d *remoteDriver) end(asks bool)   { d.count(asks, -1) }

func (d *remoteDriver) count(asks bool, n int) {
	if asks {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.asking += n
	}
}

// rest keeps a tab until the browser can be made to forget what preflights said, which it does only for all tabs at once:
// when no visit is under way that might share one.
func (d *remoteDriver) rest(ctx context.Context, u used[int]) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.resting = append(d.resting, u)
	if d.asking > 0 && len(d.resting) < mostIdle {
		return nil
	}
	if d.asking == 0 {
		if _, err := d.run(ctx, "forget"); err != nil {
			return err
		}
	}
	resting := d.resting
	d.resting = nil
	for _, u := range resting {
		if d.asking > 0 || !d.tabs.keep(u) {
			if _, err := d.run(ctx, "leave", u.state); err != nil {
				return err
			}
		}
	}
	return nil
}

// run runs the script of this driver in the browser.
func (d *remoteDriver) run(ctx context.Context, args ...any) (id int, err error) {
	var result struct {
		Value int `json:"value"`
	}
	err = d.remote.call(ctx, "WebDriver:ExecuteScript", map[string]any{
		"script": remoteScript, "args": args, "sandbox": "system", "newSandbox": false,
	}, &result)
	return result.Value, err
}
