package lab

import (
	"os"
	"path/filepath"
)

// ownerFile is the file in a session's folder that the process of the session has locked for as long as it lives.
const ownerFile = "owner"

// Sweep ends the browsers of processes that were killed before they could do that, and removes the folders that they left
// among the temporary files. Those of processes that live, and of other users, stay.
func Sweep() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPattern+"*"))
	for _, folder := range folders {
		f, ok := takeOver(filepath.Join(folder, ownerFile))
		if !ok {
			continue
		}
		_ = removeFolder(folder) // nobody waits for that
		f.Close()
	}
}

// own locks the folder's file, which nobody sees before it is locked.
func own(folder string) (*os.File, error) {
	f, err := os.CreateTemp(folder, ownerFile)
	if err != nil {
		return nil, err
	}
	if err = lock(f); err == nil {
		err = os.Rename(f.Name(), filepath.Join(folder, ownerFile))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
