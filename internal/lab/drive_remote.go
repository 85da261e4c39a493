package lab

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"

	"github.com/corsim/corsim/policy"
)

//go:embed drive_remote.js
var remoteScript string

// A remoteDriver drives a browser that speaks Marionette. Each case gets a page in a container that no other case has at
// the time.
type remoteDriver struct {
	*Session
	remote *remote
	pages  states[remotePage]

	mu      sync.Mutex
	sharing int // visits under way whose requests may share a preflight
}

// driveByRemote starts a browser that takes preferences and speaks Marionette.
func driveByRemote(ctx context.Context, b Browser, auth *authority) (_ driver, err error) {
	folder, err := os.MkdirTemp("", folderPattern)
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
	// The browser's own errands, from the first on: they go to a proxy, where nobody is, and so do the names.
	prefs["network.proxy.type"] = 1
	prefs["network.proxy.socks"] = "127.0.0.1"
	prefs["network.proxy.socks_port"] = 9
	prefs["network.proxy.socks_version"] = 5
	prefs["network.proxy.socks_remote_dns"] = true
	prefs["network.proxy.socks5_remote_dns"] = true
	prefs["network.proxy.no_proxies_on"] = ""
	prefs["network.proxy.allow_bypass"] = false // which is what they do next
	prefs["network.proxy.failover_direct"] = false
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
	if _, err := d.run(asking, "open", base64.StdEncoding.EncodeToString(auth.root.Raw)); err != nil {
		return nil, err
	}
	return d, nil
}

// A remotePage is a page with a container.
type remotePage struct {
	id   int
	gate *gate
	// preflighted are the URLs for which it may remember what preflights said.
	preflighted []string
}

// visit implements driver.
func (d *remoteDriver) visit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	id, ended, err := d.load(ctx, s, s.addr(), url, 0)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		ended()
		_, err := d.run(ctx, "leave", id)
		return err
	}, nil
}

// revisit implements thriftyDriver.
func (d *remoteDriver) revisit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	site := policy.SiteOf(s.plan.page.Origin())
	fits := func(p remotePage) bool {
		return !slices.ContainsFunc(s.plan.replies, func(r planReply) bool { return slices.Contains(p.preflighted, r.url) })
	}
	u, ok := d.pages.take(site, fits)
	p := &u.state
	if !ok {
		if p.gate, err = newGate(); err != nil {
			d.pages.lost()
			return nil, err
		}
	}
	p.gate.lead(s)
	id, ended, err := d.load(ctx, s, p.gate.addr(), url, p.id)
	if err != nil {
		d.pages.lost()
		_ = p.gate.close()
		if p.id != 0 {
			_, _ = d.run(ctx, "leave", p.id)
		}
		return nil, err
	}
	return func(ctx context.Context) error {
		p.gate.lead(nil)
		ended()
		p.id, p.preflighted = id, append(p.preflighted, s.preflighted()...)
		u.site = site
		u.visits++
		if !s.whole() {
			d.pages.lost()
		} else if _, err := d.run(ctx, "empty", id); err != nil {
			d.pages.lost()
		} else if d.pages.keep(u) {
			return d.forget(ctx)
		}
		_ = p.gate.close()
		_, err := d.run(ctx, "leave", id)
		return err
	}, nil
}

// forgets implements thriftyDriver.
func (d *remoteDriver) forgets() leavings {
	return leavesResponses | leavesPasswords | leavesUpgrades | leavesHosts
}

// load loads the URL in a page that there is, or in a new one where its id is 0. ended has to be called when the visit is
// over.
func (d *remoteDriver) load(ctx context.Context, s *stand, proxy netip.AddrPort, url string, page int) (id int, ended func(), err error) {
	shares := 0
	if len(s.plan.requests) > 1 || slices.ContainsFunc(s.plan.replies, planReply.leadsOn) {
		shares = 1
	}
	d.mu.Lock()
	d.sharing += shares
	d.mu.Unlock()
	ended = func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sharing -= shares
	}
	if id, err = d.run(ctx, "visit", proxy.Port(), url, page, s.notLoadedURL()); err != nil {
		ended()
	}
	return id, ended, err
}

// forget makes the browser forget what preflights said, if there is enough of it. That it can do only for all pages at
// once: when no visit is under way whose requests might share a preflight.
func (d *remoteDriver) forget(ctx context.Context) error {
	const enough = 2
	most := 0
	d.pages.each(func(p *remotePage) { most = max(most, len(p.preflighted)) })
	d.mu.Lock()
	defer d.mu.Unlock()
	if most < enough || d.sharing > 0 {
		return nil
	}
	if _, err := d.run(ctx, "forget"); err != nil {
		return err
	}
	d.pages.each(func(p *remotePage) { p.preflighted = nil })
	return nil
}

// Close implements driver.
func (d *remoteDriver) Close() error {
	for _, u := range d.pages.close() {
		_ = u.state.gate.close()
	}
	return d.Session.Close()
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
