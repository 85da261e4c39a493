package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// A pipeDriver drives a browser that speaks its debugging protocol (JSON messages, each ended by a zero byte) over a
// pair of pipes. Each case gets a browser context that nothing else uses at the time, with cookies, caches and a
// proxy.
type pipeDriver struct {
	*Session
	w io.WriteCloser

	mu      sync.Mutex
	last    int
	waiting map[int]chan<- pipeAnswer
	err     error // why nothing is answered any more

	rooms states[*room]
}

type pipeCommand struct {
	ID      int            `json:"id"`
	Session string         `json:"sessionId,omitempty"`
	Method  string         `json:"method"`
	Params  map[string]any `json:"params"`
}

type pipeAnswer struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// driveByPipe starts a browser whose debugging protocol reads from descriptor 3 and writes to descriptor 4.
func driveByPipe(ctx context.Context, b Browser, auth *authority) (_ driver, err error) {
	folder, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return nil, fmt.Errorf("a folder for the profile: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(folder)
		}
	}()
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirIn.Close()
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		ourOut.Close()
		return nil, err
	}
	defer theirOut.Close()
	args := append(commonArguments(filepath.Join(folder, "profile"), auth),
		"--remote-debugging-pipe",
		// Many pages at once, none of them in front.
		"--disable-background-timer-throttling",
		"--disable-backgrounding-occluded-windows",
		"--disable-renderer-backgrounding",
		"--proxy-server=socks5://127.0.0.1:9", // for the browser's own errands: nobody is there
		"about:blank",
	)
	cmd := exec.Command(b.Path, args...)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	s, err := startIn(ctx, folder, cmd, false)
	if err != nil {
		ourOut.Close()
		ourIn.Close()
		return nil, err
	}
	d := &pipeDriver{Session: s, w: ourOut, waiting: make(map[int]chan<- pipeAnswer)}
	go d.read(ourIn)
	if err := d.call(ctx, "Browser.getVersion", nil, nil); err != nil {
		words := s.LastWords()
		d.Close()
		return nil, fmt.Errorf("%w; its last words:\n%s", err, words)
	}
	return d, nil
}

// maxPipeMessage bounds a message of the browser. Those that the driver asks for are short.
const maxPipeMessage = 1 << 20

// read hands the answers to those who wait, until the pipe ends.
func (d *pipeDriver) read(r io.ReadCloser) {
	defer r.Close()
	messages := bufio.NewScanner(r)
	messages.Buffer(nil, maxPipeMessage)
	messages.Split(splitAtZero)
	for messages.Scan() {
		var a pipeAnswer
		if json.Unmarshal(messages.Bytes(), &a) != nil || a.ID == 0 {
			continue // an event
		}
		d.mu.Lock()
		c := d.waiting[a.ID]
		delete(d.waiting, a.ID)
		d.mu.Unlock()
		if c != nil {
			c <- a
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = errGone
	if err := messages.Err(); err != nil {
		d.err = fmt.Errorf("%w: %w", errGone, err)
	}
	for id, c := range d.waiting {
		delete(d.waiting, id)
		close(c)
	}
}

// errGone says that the browser has ended, or does not answer any more.
var errGone = errors.New("the browser is gone")

func splitAtZero(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

// call sends a command and waits for its answer, which it unmarshals into result unless that is nil.
func (d *pipeDriver) call(ctx context.Context, method string, params map[string]any, result any) error {
	return d.callIn(ctx, "", method, params, result)
}

// callIn is call in a session with a page.
func (d *pipeDriver) callIn(ctx context.Context, session, method string, params map[string]any, result any) error {
	if params == nil {
		params = map[string]any{}
	}
	c := make(chan pipeAnswer, 1)
	d.mu.Lock()
	if d.err != nil {
		d.mu.Unlock()
		return d.err
	}
	d.last++
	id := d.last
	data, err := json.Marshal(pipeCommand{id, session, method, params})
	if err == nil {
		d.waiting[id] = c
		_, err = d.w.Write(append(data, 0))
	}
	d.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w: %w", method, errGone, err)
	}
	select {
	case a, ok := <-c:
		switch {
		case !ok:
			return fmt.Errorf("%s: %w", method, errGone)
		case a.Error != nil:
			return fmt.Errorf("%s: %s", method, a.Error.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(a.Result, result)
	case <-ctx.Done():
		d.mu.Lock()
		delete(d.waiting, id)
		d.mu.Unlock()
		return fmt.Errorf("%s: %w", method, context.Cause(ctx))
	}
}

// visit implements driver.
func (d *pipeDriver) visit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	p, err := d.newOwnedPage(ctx, s.addr())
	if err == nil {
		err = d.navigate(ctx, p.session, s, url)
	}
	if err != nil {
		_ = d.dropContext(ctx, p.context, p.target)
		return nil, err
	}
	return func(ctx context.Context) error { return d.dropContext(ctx, p.context, p.target) }, nil
}

// An ownedPage is a page that is spoken to, in a browser context of its own.
type ownedPage struct {
	context string // its id
	target  string // the page's
	session string // in which the page is spoken to
}

// newOwnedPage makes a page that shows nothing yet. What there is of it is returned with the error as well.
func (d *pipeDriver) newOwnedPage(ctx context.Context, proxy netip.AddrPort) (p ownedPage, err error) {
	if p.context, err = d.newContext(ctx, proxy); err != nil {
		return p, err
	}
	if p.target, err = d.newPage(ctx, p.context, "about:blank"); err != nil {
		return p, err
	}
	var attached struct {
		SessionID string `json:"sessionId"`
	}
	err = d.call(ctx, "Target.attachToTarget", map[string]any{"targetId": p.target, "flatten": true}, &attached)
	p.session = attached.SessionID
	return p, err
}

// navigate has a page go to a URL of the stand, which is told if the browser does not.
func (d *pipeDriver) navigate(ctx context.Context, session string, s *stand, url string) error {
	var gone struct {
		ErrorText string `json:"errorText"`
	}
	if err := d.callIn(ctx, session, "Page.navigate", map[string]any{"url": url}, &gone); err != nil {
		return err
	}
	if gone.ErrorText != "" {
		s.notLoaded(gone.ErrorText)
	}
	return nil
}

// newContext makes a browser context and returns its id.
func (d *pipeDriver) newContext(ctx context.Context, proxy netip.AddrPort) (id string, err error) {
	var made struct {
		BrowserContextID string `json:"browserContextId"`
	}
	err = d.call(ctx, "Target.createBrowserContext", map[string]any{
		"disposeOnDetach": true,
		"proxyServer":     "socks5://" + proxy.String(),
		"proxyBypassList": "<-loopback>", // not even this machine is reached without the proxy
	}, &made)
	return made.BrowserContextID, err
}

// newPage makes a page in a context and returns its id.
func (d *pipeDriver) newPage(ctx context.Context, owner, url string) (id string, err error) {
	var made struct {
		TargetID string `json:"targetId"`
	}
	err = d.call(ctx, "Target.createTarget", map[string]any{
		"url": url, "browserContextId": owner,
		"hidden": true, // a window takes five times as long
	}, &made)
	return made.TargetID, err
}

// dropContext ends a context, and its page if there is one.
func (d *pipeDriver) dropContext(ctx context.Context, owner, page string) error {
	if page != "" {
		// The end of the context does not end a page without a window.
		if err := d.call(ctx, "Target.closeTarget", map[string]any{"targetId": page}, nil); err != nil && errors.Is(err, errGone) {
			return err
		}
	}
	if owner == "" {
		return nil
	}
	return d.call(ctx, "Target.disposeBrowserContext", map[string]any{"browserContextId": owner}, nil)
}

// Close implements driver.
func (d *pipeDriver) Close() error {
	d.w.Close()
	for _, u := range d.rooms.close() {
		_ = u.state.gate.close()
	}
	return d.Session.Close()
}
