//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lab

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func TestSweepTakesWhatNobodyOwns(t *testing.T) {
	ownTemp(t)
	folder := func() string {
		f, err := os.MkdirTemp("", folderPattern)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	owned, left, foreign := folder(), folder(), folder()
	owner, err := own(owned)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	gone, err := own(left)
	if err != nil {
		t.Fatal(err)
	}
	gone.Close() // as the end of its process would
	browser := exec.Command("sleep", "600")
	browser.Env = append(os.Environ(), folderMark+left)
	if err := browser.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = browser.Wait()
		close(ended)
	}()

	Sweep()
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of a process that has ended: %v, want it to be gone", err)
	}
	for what, f := range map[string]string{"a process that lives": filepath.Join(owned, ownerFile), "nobody that is known": foreign} {
		if _, err := os.Stat(f); err != nil {
			t.Errorf("the folder of %s: %v, want it to be there", what, err)
		}
	}
	if runtime.GOOS == "linux" {
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("the browser of a process that has ended lives on")
		}
	}
	_ = browser.Process.Kill()
}
