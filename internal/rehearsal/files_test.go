package rehearsal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// TestFiles: where the root is a folder its files count, elsewhere they are all there,
// or all missing.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.json": "{}", "sub/index.html": "x"} {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const nowhere = "root /no/such\n"
	found := "@there file\nhandle @there {\nrespond there 299\n}\nrespond gone 404"
	for _, c := range []struct {
		name, lines, path string
		there, missing    int // status with played files, and where they are missing
		played            bool
	}{
		{"real", "root " + dir + "\nfile_server", "/a.json", 200, 200, false},
		{"real, missing", "root " + dir + "\nfile_server", "/b.json", 404, 404, false},
		{"a real folder", "root " + dir + "\nfile_server", "/sub/", 200, 200, false},
		{"a real folder without its slash", "root " + dir + "\nfile_server", "/sub", 308, 308, false},
		{"played", nowhere + "file_server", "/a.json", 200, 404, true},
		{"a played folder", nowhere + "file_server", "/", 200, 404, true},
		{"a played list", nowhere + "file_server browse", "/", 200, 200, true},
		{"file matcher", nowhere + found, "/a.json", 299, 404, true},
		{"file matcher, real", "root " + dir + "\n" + found, "/a.json", 299, 299, false},
		{"try_files", nowhere + "try_files {path} /index.html\nfile_server", "/a", 200, 404, true},
		{"a pattern", nowhere + "@any file {\ntry_files /*.txt\n}\nrespond @any yes 299\nrespond no 404", "/a", 404, 404, true},
		{"a root of its own", "root " + dir + "\nfile_server {\nroot /no/such/other\n}", "/a.json", 200, 404, true},
		{"a root with a placeholder", "root /no/such/{host}\nfile_server", "/a.json", 200, 404, true},
		{"beside a root", nowhere + "handle /real/* {\nroot " + dir + "\nuri strip_prefix /real\nfile_server\n}\nfile_server", "/real/a.json", 200, 200, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := caddyfile(t, c.lines)
			a := ask(t, r, rehearsal.Question{URL: c.path})
			gone := ask(t, r, rehearsal.Question{URL: c.path, FilesMissing: true})
			if a.Status != c.there || gone.Status != c.missing || (len(a.FilesPlayed) > 0) != c.played {
				t.Errorf("%d, and %d where they are missing; played %q", a.Status, gone.Status, a.FilesPlayed)
			}
		})
	}
}
