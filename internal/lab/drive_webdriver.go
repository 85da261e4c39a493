package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/internal/seclude"
)

// A webDriver drives a browser through the driver program that comes with it and speaks WebDriver over HTTP. A
// session of WebDriver is a browser of its own, with no state but its own; every case gets one. A driver program
// keeps one session at a time, so there are as many programs as cases side by side. All of them draw on a display
// that nobody sees.
type webDriver struct {
	path    string // of the driver program
	browser string // of the browser
	display *Session
	env     []string
	client  *http.Client
	ctx     context.Context
	cancel  context.CancelFunc

	mu       sync.Mutex
	idle     []*driverProgram
	programs map[*driverProgram]struct{}
	closed   bool
}

// A driverProgram is one running driver program.
type driverProgram struct {
	*Session
	base string // the URL at which it listens
}

// driveByWebDriver starts the display. The driver programs start as they are needed.
func driveByWebDriver(ctx context.Context, b Browser, _ *authority) (driver, error) {
	return newWebDriver(ctx, b.Path)
}

func newWebDriver(ctx context.Context, path string) (*webDriver, error) {
	browser, err := browserOfDriver(path)
	if err != nil {
		return nil, err
	}
	display, name, err := startDisplay(ctx)
	if err != nil {
		return nil, err
	}
	d := &webDriver{
		path: path, browser: browser, display: display, programs: make(map[*driverProgram]struct{}),
		env:    displayEnv(name),
		client: &http.Client{Transport: &http.Transport{Proxy: nil}},
	}
	d.ctx, d.cancel = context.WithCancel(ctx)
	return d, nil
}

// startDisplay starts a display without a screen, and returns it with its name.
func startDisplay(ctx context.Context) (display *Session, name string, err error) {
	const server = "Xvfb"
	program, err := exec.LookPath(server)
	if err != nil {
		return nil, "", fmt.Errorf("%w: it needs %s, a display without a screen (package xvfb of Debian and Ubuntu): %w", ErrNoBrowser, server, err)
	}
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, "", err
	}
	defer ours.Close()
	cmd := exec.Command(program, "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp")
	if seclude.Inside() {
		// The numbers of displays are this run's own there, but the locks would be all runs', and hold numbers of processes.
		cmd.Args = append(cmd.Args, "-nolock")
	}
	cmd.ExtraFiles = []*os.File{theirs}
	display, err = startAnew(ctx, cmd, true) // it has to remove its lock
	theirs.Close()
	if err != nil {
		return nil, "", err
	}
	number, err := bufio.NewReader(ours).ReadString('\n')
	number = strings.TrimSpace(number)
	if _, bad := strconv.ParseUint(number, 10, 16); bad != nil {
		words := display.LastWords()
		display.Close()
		return nil, "", fmt.Errorf("%s: got display %q, want a number (%v); its last words:\n%s", server, number, err, words)
	}
	return display, ":" + number, nil
}

// displayEnv is what programs that draw on a display find in their environment.
func displayEnv(name string) []string {
	return []string{"DISPLAY=" + name, "NO_AT_BRIDGE=1", "GTK_A11Y=none", "GDK_BACKEND=x11", "LIBGL_ALWAYS_SOFTWARE=1"}
}

// startAnew starts a command with a folder of its own.
func startAnew(ctx context.Context, cmd *exec.Cmd, gentle bool) (*Session, error) {
	folder, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return nil, fmt.Errorf("a folder: %w", err)
	}
	s, err := startIn(ctx, folder, cmd, gentle)
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	return s, nil
}

// visit implements driver.
func (d *webDriver) visit(ctx context.Context, stand *stand, url string) (leave func(context.Context) error, err error) {
	p, err := d.take(ctx)
	if err != nil {
		return nil, err
	}
	id, _, err := d.session(ctx, p, stand.addr())
	if err != nil {
		d.drop(p)
		return nil, err
	}
	leave = func(ctx context.Context) error {
		if err := d.call(ctx, p, http.MethodDelete, "/session/"+id, nil, nil); err != nil {
			d.drop(p) // another takes its place when one is needed
			return nil
		}
		d.put(p)
		return nil
	}
	if err := d.call(ctx, p, http.MethodPost, "/session/"+id+"/url", map[string]any{"url": url}, nil); err != nil {
		_ = leave(ctx)
		return nil, err
	}
	return leave, nil
}

// session opens a session and returns its id and the browser's version. The browser takes its proxy as an argument:
// the driver program does not hear of one that is not an HTTP proxy.
func (d *webDriver) session(ctx context.Context, p *driverProgram, proxy netip.AddrPort) (id, version string, err error) {
	var made struct {
		SessionID    string `json:"sessionId"`
		Capabilities struct {
			BrowserVersion string `json:"browserVersion"`
		} `json:"capabilities"`
	}
	wanted := map[string]any{
		"acceptInsecureCerts": true,
		"pageLoadStrategy":    "none",
		"webkitgtk:browserOptions": map[string]any{
			"binary": d.browser,
			"args":   []string{"--automation", "--enable-itp", "--proxy=socks5://" + proxy.String()},
		},
	}
	err = d.call(ctx, p, http.MethodPost, "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": wanted}}, &made)
	return made.SessionID, made.Capabilities.BrowserVersion, err
}

// browserOfDriver looks for the browser that belongs to a driver program: it is not on PATH.
func browserOfDriver(path string) (string, error) {
	places := []string{"../lib/*/webkit2gtk-4.*", "../lib*/webkit2gtk-4.*", "../libexec/webkit2gtk-4.*"}
	for _, place := range places {
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), place, "MiniBrowser"))
		if len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("%w: no MiniBrowser in %s, from the folder of %s", ErrNoBrowser, strings.Join(places, ", "), path)
}

// take returns a driver program that has no session.
func (d *webDriver) take(ctx context.Context) (*driverProgram, error) {
	d.mu.Lock()
	if n := len(d.idle); n > 0 {
		p := d.idle[n-1]
		d.idle = d.idle[:n-1]
		d.mu.Unlock()
		return p, nil
	}
	d.mu.Unlock()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(d.path, "--port="+port)
	cmd.Env = d.env
	s, err := startAnew(d.ctx, cmd, false)
	if err != nil {
		return nil, err
	}
	p := &driverProgram{Session: s, base: "http://127.0.0.1:" + port}
	d.mu.Lock()
	closed := d.closed
	d.programs[p] = struct{}{}
	d.mu.Unlock()
	if closed {
		d.drop(p)
		return nil, errGone
	}
	for {
		err := d.call(ctx, p, http.MethodGet, "/status", nil, nil)
		if err == nil {
			return p, nil
		}
		select {
		case <-p.Exited():
			words := p.LastWords()
			d.drop(p)
			return nil, fmt.Errorf("%s has ended; its last words:\n%s", d.path, words)
		case <-ctx.Done():
			d.drop(p)
			return nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond): // it does not listen yet
		}
	}
}

// freePort returns a port that nobody listens at.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func (d *webDriver) put(p *driverProgram) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, p)
}

// drop ends a driver program with its browser.
func (d *webDriver) drop(p *driverProgram) {
	d.mu.Lock()
	delete(d.programs, p)
	d.mu.Unlock()
	p.Session.Close()
}

// maxWebDriverAnswer bounds an answer of a driver program.
const maxWebDriverAnswer = 1 << 20

// call sends a command to a driver program and unmarshals its value into result unless that is nil.
func (d *webDriver) call(ctx context.Context, p *driverProgram, method, path string, params, result any) error {
	fail := func(err error) error {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	var body io.Reader
	if params != nil {
		data, err := json.Marshal(params)
		if err != nil {
			return fail(err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, body)
	if err != nil {
		return fail(err)
	}
	res, err := d.client.Do(req)
	if err != nil {
		return fail(err)
	}
	defer res.Body.Close()
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxWebDriverAnswer)).Decode(&answer); err != nil {
		return fail(err)
	}
	if res.StatusCode != http.StatusOK {
		var failure struct{ Error, Message string }
		if err := json.Unmarshal(answer.Value, &failure); err != nil {
			return fail(err)
		}
		return fail(errors.New(failure.Error + ": " + failure.Message))
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Value, result); err != nil {
		return fail(err)
	}
	return nil
}

// Exited implements driver: without its display there is no browser.
func (d *webDriver) Exited() <-chan struct{} { return d.display.Exited() }

// LastWords implements driver.
func (d *webDriver) LastWords() string { return d.display.LastWords() }

// Close implements driver.
func (d *webDriver) Close() error {
	d.cancel()
	d.mu.Lock()
	d.closed = true
	programs := d.programs
	d.programs = make(map[*driverProgram]struct{})
	d.idle = nil
	d.mu.Unlock()
	var errs []error
	for p := range programs {
		errs = append(errs, p.Session.Close())
	}
	return errors.Join(append(errs, d.display.Close())...)
}

// versionBySession opens a session to learn the browser's version, which the driver program does not tell.
func versionBySession(ctx context.Context, path string) (version string, err error) {
	const patience = time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	d, err := newWebDriver(ctx, path)
	if err != nil {
		return "", fmt.Errorf("lab: %s: %w", path, err)
	}
	defer d.Close()
	p, err := d.take(ctx)
	if err == nil {
		_, version, err = d.session(ctx, p, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 9))
	}
	if err != nil {
		return "", fmt.Errorf("lab: %s: asking for its version: %w", path, err)
	}
	return version, nil
}
