//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package lab

import "os"

func lock(*os.File) error { return nil }

func takeOver(string) (*os.File, bool) { return nil, false }
