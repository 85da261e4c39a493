package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Browser is an installed browser.
type Browser struct {
	Name    string // one of Names
	Path    string // of the program
	Version string // as it tells of itself, such as "131.0.6778.85"

	kind *kind
}

// String returns the name and the version.
func (b Browser) String() string { return b.Name + " " + b.Version }

// ErrNoBrowser is wrapped by [Find] when the browser is not installed.
var ErrNoBrowser = errors.New("no such browser here")

// A kind is how one family of browsers is found and started. The families differ in nothing else that the lab has
// to know.
type kind struct {
	name     string
	env      string   // environment variable that names the program
	programs []string // names to look for on PATH, the first found wins
	word     string   // that its answer to --version holds, in lower case
	install  string   // how to come by it
	// version asks the program for its version, where it has no switch for that.
	version func(ctx context.Context, path string) (string, error)
	// prepare writes the profile and returns the arguments that start the browser on it.
	prepare func(profile string, f *Front, pageURL string, ports []uint16) ([]string, error)
	// open brings the started browser to the page; nil where the arguments have done that. What it returns is
	// closed when the session ends.
	open func(ctx context.Context, profile, pageURL string) (io.Closer, error)
	// drive starts the browser for a [Judge], which is asked jobs cases side by side, and for each of them up to
	// waiters more that mostly wait.
	drive         func(ctx context.Context, b Browser, auth *authority) (driver, error)
	jobs, waiters int
	// streams tells that it sends streams as bodies, for which it wants HTTP/2.
	streams bool
	// chunks has answers tell their own end, where a case does not say how: the browser asks for no confirmation of a
	// stored answer that ended with its connection.
	chunks bool
	// shortLabels tells that it loads no page over HTTPS from a host with a label of more than 63 characters.
	shortLabels bool
	// adds names headers, in lower case, that the browser itself or the lab's wire puts on responses.
	adds []string
}

func kinds() []kind {
	return []kind{
		{
			name:     "chromium",
			env:      "CORSIM_CHROMIUM",
			programs: []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"},
			word:     "chrom",
			install:  "Debian and Ubuntu have it as the package chromium",
			prepare:  prepareByArguments,
			jobs:     4,
			waiters:  4,
			drive:    driveByPipe,
			streams:  true,
		},
		{
			name:        "firefox",
			env:         "CORSIM_FIREFOX",
			programs:    []string{"firefox-esr", "firefox"},
			word:        "firefox",
			install:     "Debian has it as the package firefox-esr, Ubuntu as firefox",
			prepare:     prepareByPreferences,
			open:        openByRemote,
			jobs:        4,
			waiters:     4,
			drive:       driveByRemote,
			chunks:      true,
			shortLabels: true,
			adds:        []string{"x-firefox-spdy", "transfer-encoding", "connection"}, // the first on those of HTTP/2
		},
		{
			name:     "webkit",
			env:      "CORSIM_WEBKIT",
			programs: []string{"WebKitWebDriver"},
			word:     "webkit",
			install:  "Debian and Ubuntu have it as the packages webkit2gtk-driver and xvfb; with python3-gi and gir1.2-webkit2-4.1 it is much faster",
			version:  versionBySession,
			jobs:     4,
			waiters:  2,
			drive:    driveWebKit,
			streams:  true,
		},
	}
}

// Names lists the browsers that can be launched on the page of a [Script], the usual one first.
func Names() []string {
	var names []string
	for _, k := range kinds() {
		if k.prepare != nil {
			names = append(names, k.name)
		}
	}
	return names
}

// JudgeNames lists the browsers that cases can be put to, the usual one first.
func JudgeNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// Find looks for an installed browser and asks it for its version. The program is the one that the environment
// variable CORSIM_CHROMIUM or CORSIM_FIREFOX names, else the first on PATH that has one of the usual names.
func Find(ctx context.Context, name string) (Browser, error) {
	for _, k := range kinds() {
		if k.name != name {
			continue
		}
		path, err := k.program()
		if err != nil {
			return Browser{}, err
		}
		return k.at(ctx, path)
	}
	if strings.ContainsRune(name, filepath.Separator) {
		return findAt(ctx, name)
	}
	return Browser{}, fmt.Errorf("lab: browser %q: want one of %s, or the path of one", name, strings.Join(JudgeNames(), ", "))
}

// at returns the browser of this kind whose program that is.
func (k *kind) at(ctx context.Context, path string) (b Browser, err error) {
	b = Browser{Name: k.name, Path: path, kind: k}
	if k.version != nil {
		b.Version, err = k.version(ctx, path)
	} else {
		b.Version, _, err = versionOf(ctx, path)
	}
	if err != nil {
		return Browser{}, err
	}
	return b, nil
}

// findAt asks a program which browser it is.
func findAt(ctx context.Context, path string) (Browser, error) {
	found, err := exec.LookPath(path)
	if err != nil {
		return Browser{}, fmt.Errorf("lab: %s: %w: %s; %s", path, ErrNoBrowser, causeOf(err), installs())
	}
	path = found
	if filepath.Base(path) == "MiniBrowser" {
		return Browser{}, fmt.Errorf("lab: %s is led by WebKitWebDriver: give webkit, or the path of WebKitWebDriver", path)
	}
	for _, k := range kinds() {
		if k.version != nil && slices.Contains(k.programs, filepath.Base(path)) {
			return k.at(ctx, path)
		}
	}
	version, words, err := versionOf(ctx, path)
	if err != nil {
		return Browser{}, err
	}
	for _, k := range kinds() {
		if strings.Contains(strings.ToLower(words), k.word) {
			return Browser{Name: k.name, Path: path, Version: version, kind: &k}, nil
		}
	}
	return Browser{}, fmt.Errorf("lab: %s --version: %q names none of %s", path, words, strings.Join(JudgeNames(), ", "))
}

// causeOf is why a program is not found, without its name.
func causeOf(err error) string {
	var lookup *exec.Error
	if errors.As(err, &lookup) {
		err = lookup.Err
	}
	var file *fs.PathError
	if errors.As(err, &file) {
		err = file.Err
	}
	return err.Error()
}

// installs tells how to come by each of the browsers.
func installs() string {
	var list []string
	for _, k := range kinds() {
		list = append(list, k.name+": "+k.install)
	}
	return strings.Join(list, "; ")
}

func (k *kind) program() (string, error) {
	if path := os.Getenv(k.env); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("lab: %s=%s: %w: %w", k.env, path, ErrNoBrowser, err)
		}
		return found, nil
	}
	for _, p := range k.programs {
		if path, err := exec.LookPath(p); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("lab: %s: %w: none of %s is on PATH, and %s is not set; %s",
		k.name, ErrNoBrowser, strings.Join(k.programs, ", "), k.env, k.install)
}

// versionOf asks a program for its version and takes the first word of the answer that begins with a digit.
func versionOf(ctx context.Context, path string) (version, words string, err error) {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", "", fmt.Errorf("lab: %s --version: %w", path, err)
	}
	for word := range strings.FieldsSeq(string(out)) {
		if word[0] >= '0' && word[0] <= '9' {
			return word, string(out), nil
		}
	}
	return "", "", fmt.Errorf("lab: %s --version: no version in %q", path, out)
}

// A Session is a running browser.
type Session struct {
	cmd    *exec.Cmd
	folder string   // all that it may write to
	owner  *os.File // locked, see [Sweep]
	words  *tail
	remote io.Closer // its remote control, or nil
	exited chan struct{}
	cancel context.CancelFunc
	gentle bool // it is asked to end before it is made to
	once   sync.Once
	err    error
}

// Launch starts the browser on a page, with every host name leading to f, at least for the ports 80, 443 and those
// given (a browser that can do it sends every port there). The browser ends with ctx, or when the
// Session is closed; either way Close has to be called.
func (b Browser) Launch(ctx context.Context, f *Front, pageURL string, ports ...uint16) (*Session, error) {
	if b.kind == nil {
		return nil, fmt.Errorf("lab: browser %q was not made by Find", b.Name)
	}
	if b.kind.prepare == nil {
		return nil, fmt.Errorf("lab: %s is not launched on scripts: want one of %s", b.Name, strings.Join(Names(), ", "))
	}
	folder, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return nil, fmt.Errorf("lab: a folder for the profile: %w", err)
	}
	profile := filepath.Join(folder, "profile")
	s, err := b.start(ctx, f, folder, profile, pageURL, ports)
	if err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("lab: starting %s: %w", b, err)
	}
	if b.kind.open == nil {
		return s, nil
	}
	// A browser that ends while it is being asked answers no more: give up then.
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.exited:
			cancel()
		case <-asking.Done():
		}
	}()
	if s.remote, err = b.kind.open(asking, profile, pageURL); err != nil {
		s.Close()
		return nil, fmt.Errorf("lab: opening %s in %s: %w; its last words:\n%s", pageURL, b, err, s.LastWords())
	}
	return s, nil
}

func (b Browser) start(ctx context.Context, f *Front, folder, profile, pageURL string, ports []uint16) (*Session, error) {
	if err := os.Mkdir(profile, 0o700); err != nil {
		return nil, err
	}
	args, err := b.kind.prepare(profile, f, pageURL, ports)
	if err != nil {
		return nil, err
	}
	return startIn(ctx, folder, exec.Command(b.Path, args...), false)
}

// startIn starts a command that may write to nothing but the folder. The command's own Env comes last. A gentle end
// is one that the command is asked for before it is made to.
func startIn(ctx context.Context, folder string, command *exec.Cmd, gentle bool) (*Session, error) {
	// Whatever the browser keeps outside its profile (caches, settings, lock files) belongs in the folder too.
	env := []string{"TMPDIR=" + folder} // no deeper: sockets go there, and their paths have to be short
	for _, v := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"} {
		dir := filepath.Join(folder, strings.ToLower(v))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
		env = append(env, v+"="+dir)
	}
	owner, err := own(folder)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, command.Path, command.Args[1:]...)
	s := &Session{cmd: cmd, folder: folder, owner: owner, words: new(tail), exited: make(chan struct{}), cancel: cancel, gentle: gentle}
	cmd.Env = append(append(os.Environ(), env...),
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "MOZ_CRASHREPORTER_DISABLE=1", "MOZ_HEADLESS=1",
		folderMark+folder)
	cmd.Env = append(cmd.Env, command.Env...)
	cmd.ExtraFiles = command.ExtraFiles
	cmd.Dir = folder
	cmd.Stdout, cmd.Stderr = s.words, s.words
	ownGroup(cmd)
	cmd.Cancel = func() error {
		if s.gentle {
			return terminate(cmd) // Close comes after
		}
		return killGroup(cmd)
	}
	cmd.WaitDelay = 5 * time.Second // then the pipes of stragglers are closed on them
	if err := cmd.Start(); err != nil {
		cancel()
		owner.Close()
		return nil, err
	}
	go func() {
		// How it ended is of no interest: it does not end by itself unless something is wrong, which shows.
		_ = cmd.Wait()
		close(s.exited)
	}()
	return s, nil
}

// Exited is closed when the browser's first process has ended.
func (s *Session) Exited() <-chan struct{} { return s.exited }

// LastWords returns the end of what the browser wrote to its standard streams.
func (s *Session) LastWords() string { return s.words.String() }

// Close ends the browser with all its processes and removes its folder. It may be called more than once.
func (s *Session) Close() error {
	s.once.Do(func() {
		if s.gentle {
			s.askToEnd()
		}
		s.cancel()
		_ = killGroup(s.cmd)
		killMarked(s.folder) // helpers that hold the output open would keep us waiting
		<-s.exited
		if s.remote != nil {
			_ = s.remote.Close()
		}
		s.owner.Close()
		s.err = removeFolder(s.folder)
	})
	return s.err
}

// removeFolder ends the processes that may still write to a session's folder, and removes it.
func removeFolder(folder string) (err error) {
	const attempts = 50
	for range attempts {
		killMarked(folder)
		if err = os.RemoveAll(folder); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond) // something was still writing
	}
	return err
}

// askToEnd gives the first process a moment to end by itself.
func (s *Session) askToEnd() {
	const moment = 2 * time.Second
	if terminate(s.cmd) != nil {
		return
	}
	select {
	case <-s.exited:
	case <-time.After(moment):
	}
}

// folderPattern begins the name of each session's folder.
const folderPattern = "corsim-lab-"

// folderMark begins the environment variable that every process of a session inherits.
const folderMark = "CORSIM_LAB_FOLDER="

// tail keeps the last bytes written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
}

const tailSize = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if over := len(t.data) - tailSize; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}
