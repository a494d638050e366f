package repair_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const toImport = "header Access-Control-Allow-Origin https://app.example.com\nheader Vary Origin\n"

// TestPatchTakesNames gives the patch to the real patch, for files with names that
// a diff has to write in a way of its own.
func TestPatchTakesNames(t *testing.T) {
	patch, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("there is no patch on this machine")
	}
	for _, name := range []string{"side.conf", "in side.conf", "two  spaces .conf", "b\u00fccher.conf", "a\u202eb.conf", "es\x1bc.conf", `back\slash.conf`, "a folder/in side.conf"} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			main := "api.example.com {\n\timport \"" + strings.ReplaceAll(name, `\`, `?`) + "\"\n\trespond ok\n}\n"
			for file, text := range map[string]string{"Caddyfile": main, name: toImport} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			whole, err := filepath.Abs("Caddyfile")
			if err != nil {
				t.Fatal(err)
			}
			diff, _ := diffOf(t, whole, main)
			cmd := exec.CommandContext(t.Context(), patch, "-p0", "--batch")
			cmd.Stdin = strings.NewReader(diff)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s\n%q", err, out, diff)
			}
			got, err := os.ReadFile(name)
			if err != nil || string(got) != "cors https://app.example.com\n" {
				t.Errorf("got %q, %v\n%q", got, err, diff)
			}
		})
	}
}

// TestLinks: patch changes no file behind a link, so there is no patch, and it is
// said why. Nor is there one for a file that no copy can be made of.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	for file, text := range map[string]string{"out.conf": toImport, "home/x": ""} {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(home)
	if err := os.Symlink("../out.conf", "link.conf"); err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct{ name, file, reason string }{
		{"a link", "link.conf", "link.conf is a link to ../out.conf, and patch changes no file behind a link"},
		{"another folder", "../out.conf", "outside the folder of the Caddyfile, where a draft cannot be tried"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff, res := diffOf(t, filepath.Join(home, "Caddyfile"), "api.example.com {\n\timport "+tt.file+"\n\trespond ok\n}\n")
			if res.Applies() || !strings.Contains(diff, tt.reason) || strings.Contains(diff, "Caddy refuses") || strings.Contains(diff, "---") {
				t.Errorf("got\n%s", diff)
			}
		})
	}
}
