package lab

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

//go:embed drive_gtk.py
var gtkScript []byte

// A gtkDriver drives WebKitGTK through its own API, by a script for Python: one browser for all cases, where each case
// gets a context that nothing else uses at the time, and that holds nothing of what came before. That takes a small part
// of the time of a WebDriver session a case. It draws on a display that nobody sees.
type gtkDriver struct {
	*Session
	display *Session
	version string

	mu      sync.Mutex
	w       *os.File
	last    int
	waiting map[int]chan<- *string // each gets the error, or nil
	err     error                  // why nothing is answered any more
}

// errNoScript says that the script does not run here: there is no Python, or it cannot load WebKitGTK.
var errNoScript = errors.New("no Python that loads WebKitGTK (packages python3-gi and gir1.2-webkit2-4.1 of Debian and Ubuntu)")

// driveWebKit leads WebKitGTK by the script where that runs, and by WebDriver elsewhere, or where CORSIM_WEBKIT names
// the driver program of a WebKitGTK of its own.
func driveWebKit(ctx context.Context, b Browser, auth *authority) (driver, error) {
	if d, err := driveByGTK(ctx, b); err == nil {
		return d, nil
	} else if !errors.Is(err, errNoScript) {
		return nil, err
	}
	return driveByWebDriver(ctx, b, auth)
}

func driveByGTK(ctx context.Context, b Browser) (driver, error) {
	if os.Getenv(b.kind.env) != "" {
		return nil, errNoScript
	}
	d, err := newGTKDriver(ctx)
	if err == nil && d.version != b.Version && b.Version != "" {
		d.Close()
		return nil, errNoScript // another WebKitGTK than that of the driver program
	}
	return d, err
}

// newGTKDriver starts the display and the script.
func newGTKDriver(ctx context.Context) (_ *gtkDriver, err error) {
	display, name, err := startDisplay(ctx)
	if err != nil {
		return nil, err
	}
	d := &gtkDriver{display: display, waiting: make(map[int]chan<- *string)}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	// Debian's Python has Debian's packages; another one may stand before it on PATH.
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		path, lookErr := exec.LookPath(python)
		if lookErr != nil {
			continue
		}
		if err = d.start(ctx, path, name); err == nil || !errors.Is(err, errNoScript) {
			return d, err
		}
	}
	return nil, errNoScript
}

// start starts the script and waits for its greeting.
func (d *gtkDriver) start(ctx context.Context, python, display string) error {
	folder, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return fmt.Errorf("a folder: %w", err)
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		os.RemoveAll(folder)
		return err
	}
	defer theirIn.Close()
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		ourOut.Close()
		os.RemoveAll(folder)
		return err
	}
	defer theirOut.Close()
	script := filepath.Join(folder, "drive_gtk.py")
	var s *Session
	if err = os.WriteFile(script, gtkScript, 0o600); err == nil {
		cmd := withoutAuthorities(folder, python, "-s", script)
		cmd.Env = displayEnv(display)
		cmd.ExtraFiles = []*os.File{theirIn, theirOut}
		s, err = startIn(ctx, folder, cmd, false)
	}
	if err != nil {
		ourOut.Close()
		ourIn.Close()
		os.RemoveAll(folder)
		return err
	}
	lines := bufio.NewReader(ourIn)
	greeted := make(chan error, 1)
	go func() {
		line, err := lines.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &d.version)
		}
		greeted <- err
	}()
	select {
	case err = <-greeted:
		if err != nil {
			err = fmt.Errorf("%w; the last words of %s:\n%s", errNoScript, python, s.LastWords())
		}
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		s.Close()
		ourOut.Close()
		ourIn.Close()
		return err
	}
	d.Session, d.w = s, ourOut
	go d.read(ourIn, lines)
	return nil
}

// withoutAuthorities is a command that finds an empty list of the machine's certificate authorities, where this process
// may give it one. WebKitGTK reads the list for each connection, which takes longer than all else about it, and here heeds
// none: any certificate will do.
func withoutAuthorities(folder, program string, args ...string) *exec.Cmd {
	const list = "/etc/ssl/certs/ca-certificates.crt"
	none := filepath.Join(folder, "authorities")
	if os.WriteFile(none, nil, 0o600) != nil || exec.Command("unshare", "--mount", "mount", "--bind", none, list).Run() != nil {
		return exec.Command(program, args...)
	}
	const script = `mount --bind "$0" ` + list + ` && exec "$@"`
	return exec.Command("unshare", append([]string{"--mount", "sh", "-c", script, none, program}, args...)...)
}

// read hands the answers to those who wait, until the script ends.
func (d *gtkDriver) read(r *os.File, lines *bufio.Reader) {
	defer r.Close()
	for answers := json.NewDecoder(lines); ; {
		var number int
		var failure *string
		if err := answers.Decode(&[]any{&number, &failure}); err != nil {
			break
		}
		d.mu.Lock()
		c := d.waiting[number]
		delete(d.waiting, number)
		d.mu.Unlock()
		if c != nil {
			c <- failure
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = errGone
	for number, c := range d.waiting {
		delete(d.waiting, number)
		close(c)
	}
}

// call sends a command and waits for its answer. The number of the command goes before its arguments; it is 0 where there
// is nothing that might still come of it.
func (d *gtkDriver) call(ctx context.Context, command string, args ...any) (number int, err error) {
	c := make(chan *string, 1)
	d.mu.Lock()
	if d.err != nil {
		d.mu.Unlock()
		return 0, d.err
	}
	d.last++
	number = d.last
	if command == "visit" {
		args = append([]any{number}, args...) // a visit is called by the number of its command
	}
	data, err := json.Marshal(append([]any{number, command}, args...))
	if err == nil {
		d.waiting[number] = c
		_, err = d.w.Write(append(data, '\n'))
	}
	d.mu.Unlock()
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %w", command, errGone, err)
	}
	select {
	case failure, ok := <-c:
		switch {
		case !ok:
			return 0, fmt.Errorf("%s: %w", command, errGone)
		case failure != nil:
			return 0, fmt.Errorf("%s: %s", command, *failure)
		}
		return number, nil
	case <-ctx.Done():
		d.mu.Lock()
		delete(d.waiting, number)
		d.mu.Unlock()
		return number, fmt.Errorf("%s: %w", command, context.Cause(ctx))
	}
}

// visit implements driver.
func (d *gtkDriver) visit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	return d.visitIn(ctx, s, url, "once")
}

// revisit implements thriftyDriver.
func (d *gtkDriver) revisit(ctx context.Context, s *stand, url string) (leave func(context.Context) error, err error) {
	kind := "plain"
	if s.plan.leaves&leavesResponses != 0 {
		kind = "caching"
	}
	return d.visitIn(ctx, s, url, kind)
}

// forgets implements thriftyDriver.
func (d *gtkDriver) forgets() leavings { return leavesResponses | leavesUpgrades | leavesHosts }

func (d *gtkDriver) visitIn(ctx context.Context, s *stand, url, kind string) (leave func(context.Context) error, err error) {
	number, err := d.call(ctx, "visit", s.addr().Port(), url, kind, s.notLoadedURL())
	leave = func(ctx context.Context) error {
		_, err := d.call(ctx, "leave", number, s.plan.leaves&leavesUpgrades != 0, s.whole())
		return err
	}
	if err != nil {
		if number != 0 {
			_ = leave(ctx) // a visit that is given up may come about all the same; nobody waits for that
		}
		return nil, err
	}
	return leave, nil
}

// Close implements driver.
func (d *gtkDriver) Close() error {
	var errs []error
	if d.Session != nil {
		d.w.Close()
		errs = append(errs, d.Session.Close())
	}
	return errors.Join(append(errs, d.display.Close())...)
}
