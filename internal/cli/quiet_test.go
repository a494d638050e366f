package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestNoLogInFront runs the commands as processes of their own: Caddy's log, which goes
// to stderr, says nothing in front of their answers, nor behind.
func TestNoLogInFront(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, text := range map[string]string{
		"Caddyfile":   "http://api.example.com {\n   cors https://app.example.com\n   respond ok\n}\n", // not formatted, which Caddy warns of
		"storage":     "{\n   storage file_system shared\n}\n",
		"cors.expect": "http://api.example.com/ {\n\tallow https://app.example.com\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"explain", "http://api.example.com/", "--origin", "https://app.example.com"},
		{"explain", "http://api.example.com/", "--origin", "https://app.example.com", "--config", "Caddyfile", "--json"},
		{"lint"},
		{"lint", "--diff"},
		{"test"},
		{"origins", "add", "--config", "storage", "--adapter", "caddyfile", "--key", "cors/origins", "https://app.example.com"},
		{"origins", "list", "--config", "storage", "--adapter", "caddyfile", "--key", "cors/origins"},
	} {
		t.Run(args[0], func(t *testing.T) {
			cmd := exec.Command(self, args...)
			cmd.Dir, cmd.Env = folder, append(os.Environ(), "CORS_TEST_AS_COMMAND=1")
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s%s", err, out.String(), errs.String())
			}
			if out.Len() == 0 && len(args) != 2 || errs.Len() > 0 { // lint --diff has nothing to repair
				t.Errorf("stdout has %d bytes, and stderr\n%s", out.Len(), errs.String())
			}
		})
	}
}
