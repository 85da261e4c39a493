//go:build linux

package seclude

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// act is the environment variable that has this test binary be a command, and says which.
const act = "CORSIM_TEST_ACT"

func TestMain(m *testing.M) {
	Main()
	if what := os.Getenv(act); what != "" {
		os.Exit(command(what))
	}
	os.Exit(m.Run())
}

// notDone is the exit status of a command that went on by itself.
const notDone = 77

func command(what string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	defer stop()
	code, done, err := Run(ctx)
	switch {
	case err != nil:
		fmt.Println("error:", err)
		return 2
	case done:
		return code
	case !Inside():
		return notDone
	}
	switch what {
	case "look":
		look()
	case "status":
		return 5
	case "panic":
		panic("on purpose")
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "lives on": // and so does a child in a session of its own
		c := exec.Command("sleep", "600")
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := c.Start(); err != nil {
			fmt.Println(err)
		}
		folder, err := os.MkdirTemp("", "left-")
		fmt.Println("ready", folder, err)
		<-ctx.Done()
		fmt.Println("asked to end")
		return 6
	}
	return 0
}

// look tells what there is.
func look() {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	fmt.Println("processes:", len(processes))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		var c net.Conn
		if c, err = net.Dial("tcp", l.Addr().String()); err == nil {
			c.Close()
		}
		l.Close()
	}
	fmt.Println("loopback:", err)
	interfaces, err := net.Interfaces()
	fmt.Println("interfaces:", len(interfaces), err)
	_, err = net.DialTimeout("udp", "192.0.2.1:53", time.Second)
	fmt.Println("unreachable:", errors.Is(err, syscall.ENETUNREACH))
	folder, err := os.MkdirTemp("", "left-")
	fmt.Println("folder:", err)
	fmt.Println("left:", folder)
	wd, _ := os.Getwd()
	_, err = os.Stat(filepath.Join(wd, "seclude_test.go"))
	fmt.Println("files:", err)
	data, err := os.ReadFile("/dev/fd/3")
	fmt.Println("descriptor:", string(data), err)
}

// self is this test binary as a command, not yet started.
func selfAs(t *testing.T, what string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), act+"="+what)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	return c, &out
}

// runAs runs this test binary as a command; the test is skipped where there can be no namespaces.
func runAs(t *testing.T, what string, files ...*os.File) (code int, out string) {
	t.Helper()
	c, b := selfAs(t, what)
	c.ExtraFiles = files
	if err := c.Run(); c.ProcessState == nil {
		t.Fatal(err)
	}
	skipUnlessDone(t, c.ProcessState.ExitCode())
	return c.ProcessState.ExitCode(), b.String()
}

func skipUnlessDone(t *testing.T, code int) {
	t.Helper()
	if code == notDone {
		t.Skip("NOT TESTED: this process may not make namespaces here")
	}
}

func TestInsideIsApart(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("words"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	code, out := runAs(t, "look", r)
	for _, want := range []string{
		"processes: 2\n", "loopback: <nil>\n", "interfaces: 1 <nil>\n", "unreachable: true\n", "folder: <nil>\n", "files: <nil>\n",
		"descriptor: words <nil>\n",
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit status %d, output\n%s\nwant %q", code, out, want)
		}
	}
	_, left, _ := strings.Cut(out, "left: ")
	left, _, _ = strings.Cut(left, "\n")
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%q outside: %v, want it to be gone", left, err)
	}
}

func TestStatusIsPassedOn(t *testing.T) {
	for _, tt := range []struct {
		what string
		code int
		out  string
	}{
		{"status", 5, ""},
		{"panic", 2, "panic: on purpose"},
		{"killed", 2, "error: the run was ended by signal 9 (killed)"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			code, out := runAs(t, tt.what)
			if code != tt.code || !strings.Contains(out, tt.out) {
				t.Errorf("exit status %d, output %q; want %d and %q", code, out, tt.code, tt.out)
			}
		})
	}
}

// However any of the three processes ends, so do the others and their children.
func TestAllEndTogether(t *testing.T) {
	for _, tt := range []struct {
		name    string
		process int // 0 is the one outside
		signal  syscall.Signal
		code    int // -1 is a signal
		says    string
	}{
		{"the one outside is interrupted", 0, syscall.SIGINT, 6, "asked to end"},
		{"the one outside is terminated", 0, syscall.SIGTERM, 6, "asked to end"},
		{"the one outside is made to quit", 0, syscall.SIGQUIT, 6, "asked to end"},
		{"the one outside is killed", 0, syscall.SIGKILL, -1, ""},
		{"the first inside is killed", 1, syscall.SIGKILL, 2, "error: the run was ended by signal 9"},
		{"the command is killed", 2, syscall.SIGKILL, 2, "error: the run was ended by signal 9"},
		{"the command is interrupted", 2, syscall.SIGINT, 6, "asked to end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := selfAs(t, "lives on")
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			c.Stdout, c.Stderr = w, w
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			w.Close()
			// The pipe ends with the last of the processes.
			if err := r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for !strings.Contains(out.String(), "\n") {
				b := make([]byte, 1024)
				n, err := r.Read(b)
				out.Write(b[:n])
				if err != nil {
					_ = c.Wait()
					skipUnlessDone(t, c.ProcessState.ExitCode())
					t.Fatalf("output %q, %v", &out, err)
				}
			}
			process := c.Process.Pid
			for range tt.process {
				process = childOf(t, process)
			}
			if err := syscall.Kill(process, tt.signal); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait()
			rest, err := readAll(r)
			if err != nil {
				t.Errorf("a process lives on: %v", err)
			}
			out.WriteString(rest)
			if got := c.ProcessState.ExitCode(); got != tt.code || !strings.Contains(out.String(), tt.says) {
				t.Errorf("exit status %d, output %q; want %d and %q", got, &out, tt.code, tt.says)
			}
		})
	}
}

func readAll(r *os.File) (string, error) {
	var b bytes.Buffer
	_, err := b.ReadFrom(r)
	return b.String(), err
}

// childOf returns a child of a process.
func childOf(t *testing.T, parent int) int {
	t.Helper()
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, file := range files {
		data, _ := os.ReadFile(file)
		for field := range strings.FieldsSeq(string(data)) {
			if pid, err := strconv.Atoi(field); err == nil {
				return pid
			}
		}
	}
	t.Fatalf("process %d has no child", parent)
	return 0
}
