package origins

import (
	"path/filepath"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestRepeatFailure: a failure that began under one configuration is in the
// log of the next one too, once.
func TestRepeatFailure(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	oldFile, fileLogs := startFile(t, path, policy.SourceRules{})
	dir := t.TempDir()
	oldStorage, storageLogs := startStorage(t, files(dir), policy.SourceRules{})
	if toldOf(fileLogs, "until it can be") != 1 || toldOf(storageLogs, "until it can be") != 1 {
		t.Fatalf("logged %v and %v", fileLogs.All(), storageLogs.All())
	}
	newFile, fileLogs := startFile(t, path, policy.SourceRules{})
	newStorage, storageLogs := startStorage(t, files(dir), policy.SourceRules{})
	must(t, oldFile.Cleanup())
	must(t, oldStorage.Cleanup())
	eventually(t, "warnings in the new log", func() bool { return fileLogs.Len() > 0 && storageLogs.Len() > 0 })
	writeFile(t, path, after)
	store(t, files(dir), after)
	comesToSay(t, newFile, "yes", after)
	comesToSay(t, newStorage, "yes", after)
	if toldOf(fileLogs, "until it can be") != 1 || toldOf(storageLogs, "until it can be") != 1 {
		t.Errorf("logged %v and %v", fileLogs.All(), storageLogs.All())
	}
}
