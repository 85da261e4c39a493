package seclude

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

const (
	// mark is the environment variable that tells a process of its part: "first:" and a descriptor, or "inside".
	mark   = "CORSIM_SECLUDED"
	first  = "first"
	inside = "inside"

	self = "/proc/self/exe"
	// room is where the temporary files go. It hides nothing that anybody would name, and its path is short enough for
	// sockets.
	room = "/proc/fs"
	// A status above that stands for a signal, as shells have it.
	signalled = 128
)

// Inside reports whether this process is the command inside of the namespaces.
func Inside() bool { return os.Getenv(mark) == inside }

// Main is to be called before anything else: where this process is the first of namespaces, it does not return.
func Main() {
	role, number, _ := strings.Cut(os.Getenv(mark), ":")
	if role != first || os.Getpid() != 1 {
		return
	}
	ready, err := strconv.Atoi(number)
	if err != nil {
		os.Exit(1)
	}
	os.Exit(beFirst(ready))
}

// Run runs the command of this process again, with its arguments and its streams, inside of namespaces, and returns its exit
// status. When ctx ends the command is sent SIGTERM; it ends with this process in any case. Run is not done, and has left
// nothing, where this process is inside already or may not do that; the caller then goes on itself.
func Run(ctx context.Context) (code int, done bool, err error) {
	if Inside() {
		return 0, false, nil
	}
	// The kernel ends the child with the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const flags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
	ways := []*syscall.SysProcAttr{
		{Cloneflags: flags},
		{
			Cloneflags:  flags | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
		},
	}
	if os.Geteuid() != 0 {
		ways = ways[1:]
	}
	for _, way := range ways {
		way.Pdeathsig = syscall.SIGKILL
		cmd, ok := start(way)
		if !ok {
			continue
		}
		stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
		err := cmd.Wait()
		stop()
		code, err := status(cmd.ProcessState, err)
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return code, true, err
	}
	return 0, false, nil
}

// start starts the first process, and is not ok where that could not set up what it should.
func start(way *syscall.SysProcAttr) (_ *exec.Cmd, ok bool) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, false
	}
	defer ours.Close()
	defer theirs.Close()
	// Not one of ExtraFiles, which might take the place of a descriptor that an argument names, as in /dev/fd/3.
	fd := theirs.Fd()
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_SETFD, 0); errno != 0 {
		return nil, false
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s:%d", mark, first, fd))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = way
	if cmd.Start() != nil {
		return nil, false
	}
	theirs.Close()
	if n, _ := ours.Read(make([]byte, 1)); n == 0 {
		_ = cmd.Wait() // its status tells nothing more
		return nil, false
	}
	return cmd, true
}

// status tells how the command ended.
func status(s *os.ProcessState, err error) (code int, _ error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("waiting for the run: %w", err)
	}
	number := s.ExitCode() - signalled
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		number = int(w.Signal())
	}
	if number > 0 {
		return 0, fmt.Errorf("the run was ended by signal %d (%v)", number, syscall.Signal(number))
	}
	return s.ExitCode(), nil
}

// beFirst sets up the namespaces, says through the descriptor that it did, and runs the command. It returns the command's
// exit status, or 128 and the signal that ended it.
func beFirst(ready int) int {
	syscall.CloseOnExec(ready)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	if setUp() != nil {
		return 1
	}
	if os.Setenv(mark, inside) != nil || os.Setenv("TMPDIR", room) != nil {
		return 1
	}
	command, err := syscall.ForkExec(self, os.Args, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		return 1
	}
	_, _ = syscall.Write(ready, []byte{1})
	_ = syscall.Close(ready)
	go func() {
		for s := range signals {
			// A terminal sends the others to the command itself.
			if s == syscall.SIGTERM {
				_ = syscall.Kill(command, syscall.SIGTERM)
			}
		}
	}()
	for {
		// All that lost their parents are this process's to wait for.
		var w syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &w, 0, nil)
		switch {
		case err != nil && !errors.Is(err, syscall.EINTR):
			return 1
		case pid == command && w.Signaled():
			return signalled + int(w.Signal())
		case pid == command && w.Exited():
			return w.ExitStatus()
		}
	}
}

// setUp sets up the namespaces, from inside.
func setUp() error {
	mounts := []struct {
		kind, target string
		flags        uintptr
		data         string
	}{
		{"", "/", syscall.MS_REC | syscall.MS_PRIVATE, ""}, // what is mounted here is for nobody else to see
		{"proc", "/proc", syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC, ""},
		{"tmpfs", room, syscall.MS_NOSUID | syscall.MS_NODEV, "mode=0700"},
	}
	for _, m := range mounts {
		if err := syscall.Mount("none", m.target, m.kind, m.flags, m.data); err != nil {
			return fmt.Errorf("mounting %s: %w", m.target, err)
		}
	}
	// Where displays have their sockets, whatever TMPDIR says, and services that look names up for others.
	const displays = "/tmp/.X11-unix"
	if os.Mkdir(displays, 0o700) == nil {
		_ = os.Chmod(displays, 0o777|os.ModeSticky) // as a display would
	}
	for _, dir := range []string{displays, "/run/nscd", "/run/systemd/resolve", "/run/avahi-daemon"} {
		_ = syscall.Mount("none", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=1777") // most are not there
	}
	return loopbackUp()
}

// loopbackUp brings the loopback up, which a new network namespace has down.
func loopbackUp() error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer syscall.Close(s)
	request := struct { // struct ifreq of netdevice(7)
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return fmt.Errorf("loopback: %w", errno)
	}
	return nil
}
