package rehearsal

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// TestMemory: keys are paths, and a path stands for what is below it, not for what
// begins with the same letters.
func TestMemory(t *testing.T) {
	m := new(memory)
	if _, err := m.CertMagicStorage(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for _, key := range []string{"a/one", "a/b/two", "ab/three"} {
		if err := m.Store(ctx, key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	for key, want := range map[string]bool{"a": true, "a/": true, "a/b": true, "a/one": true, "a/on": false, "b": false, "ab": true} {
		if got := m.Exists(ctx, key); got != want {
			t.Errorf("Exists(%q) is %v", key, got)
		}
	}
	for path, want := range map[string]string{"": "a/b/two a/one ab/three", "a": "a/b/two a/one", "a/b": "a/b/two", "none": ""} {
		if got, err := m.List(ctx, path, true); err != nil || strings.Join(got, " ") != want {
			t.Errorf("List(%q) is %q, %v", path, got, err)
		}
	}
	value, err := m.Load(ctx, "a/one")
	if err != nil || string(value) != "a/one" {
		t.Errorf("Load: %q, %v", value, err)
	}
	value[0] = 'X' // it is a copy
	if again, _ := m.Load(ctx, "a/one"); string(again) != "a/one" {
		t.Errorf("the stored value became %q", again)
	}
	if info, err := m.Stat(ctx, "a/one"); err != nil || info.Size != 5 || info.Key != "a/one" || !info.IsTerminal || info.Modified.IsZero() {
		t.Errorf("Stat: %+v, %v", info, err)
	}
	if err := errors.Join(m.Lock(ctx, "x"), m.Unlock(ctx, "x"), m.Delete(ctx, "a")); err != nil {
		t.Error(err)
	}
	if left, _ := m.List(ctx, "", true); !slices.Equal(left, []string{"ab/three"}) {
		t.Errorf("after deleting a there is %q", left)
	}
	_, loaded := m.Load(ctx, "a/one")
	if _, err := m.Stat(ctx, "a/one"); !errors.Is(err, fs.ErrNotExist) || !errors.Is(loaded, fs.ErrNotExist) {
		t.Errorf("what is not there: %v, %v", err, loaded)
	}
}
