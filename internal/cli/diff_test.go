package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/cli"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// diffOf runs the command in a folder of its own, as users do.
func diffOf(t *testing.T, name string, files map[string]string, origins ...string) (out, remarks string, status int, err error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for file, text := range files {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b, r bytes.Buffer
	status, err = cli.Diff(&b, &r, name, "", origins)
	return b.String(), r.String(), status, err
}

const byHand = "api.example.com {\n\theader Access-Control-Allow-Origin https://app.example.com\n\treverse_proxy localhost:1\n}\n"

func TestDiff(t *testing.T) {
	out, _, status, err := diffOf(t, "Caddyfile", map[string]string{"Caddyfile": byHand})
	want := "--- Caddyfile\n+++ Caddyfile\n@@ -1,4 +1,4 @@\n api.example.com {\n-\theader Access-Control-Allow-Origin https://app.example.com\n+\tcors https://app.example.com\n \treverse_proxy localhost:1\n }\n"
	if err != nil || status != 1 || out != want {
		t.Errorf("status %d, %v:\n%s", status, err, out)
	}
	out, _, status, err = diffOf(t, "Caddyfile", map[string]string{"Caddyfile": "api.example.com {\n\trespond ok\n}\n"})
	if err != nil || status != 0 || out != "" {
		t.Errorf("nothing to do: status %d, %v: %s", status, err, out)
	}
	if _, _, status, err = diffOf(t, "Caddyfile", map[string]string{"Caddyfile": "api.example.com {\n\tnonsense\n}\n"}); err == nil || status != check.ExitUsage {
		t.Errorf("Caddy refuses it: status %d, %v", status, err)
	}
}

// TestDiffImports: the patch is for the imported file, below the working
// directory. Caddy finds imports from the directory that it was started in.
func TestDiffImports(t *testing.T) {
	folder, err := os.MkdirTemp(".", "diff-") //nolint:usetesting // below the working directory
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Mkdir(filepath.Join(folder, "sites"), 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"Caddyfile": "import sites/*\n", "sites/api": "# mine\n" + byHand, "sites/b": "b.example.com {\n\trespond ok\n}\n"} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	status, err := cli.Diff(&b, &b, filepath.Join(folder, "Caddyfile"), "caddyfile", nil)
	name := filepath.Join(folder, "sites/api")
	if err != nil || status != 1 || !strings.HasPrefix(b.String(), "--- "+name+"\n+++ "+name+"\n@@ -1,5 +1,5 @@\n # mine\n") {
		t.Errorf("status %d, %v:\n%s", status, err, b.String())
	}
}

// TestDiffOrigin: who is meant can be said.
func TestDiffOrigin(t *testing.T) {
	files := map[string]string{"Caddyfile": "api.example.com {\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\trespond ok\n}\n"}
	out, _, status, err := diffOf(t, "Caddyfile", files)
	if err != nil || status != 0 || !strings.HasPrefix(out, "# Caddyfile:2-3: no repair: ") || !strings.Contains(out, "--origin") {
		t.Errorf("status %d, %v:\n%s", status, err, out)
	}
	out, _, status, err = diffOf(t, "Caddyfile", files, "https://app.example.com")
	if err != nil || status != 1 || !strings.Contains(out, "+\tcors https://app.example.com {\n+\t\tcredentials\n+\t}\n") {
		t.Errorf("status %d, %v:\n%s", status, err, out)
	}
}

// TestDiffJSON: a configuration in JSON gets a patch of RFC 6902.
func TestDiffJSON(t *testing.T) {
	config, err := corstest.Adapt(byHand)
	if err != nil {
		t.Fatal(err)
	}
	out, _, status, err := diffOf(t, "caddy.json", map[string]string{"caddy.json": string(config)})
	var patch []map[string]any
	if bad := json.Unmarshal([]byte(out), &patch); bad != nil || err != nil || status != 1 || len(patch) != 1 {
		t.Fatalf("status %d, %v, %v:\n%s", status, err, bad, out)
	}
	if path := patch[0]["path"].(string); patch[0]["op"] != "replace" || !strings.HasSuffix(path, "/handle/0") {
		t.Errorf("it is %v", patch[0])
	}
	reflects := strings.Replace(string(config), "https://app.example.com", "{http.request.header.Origin}", 1)
	out, remarks, status, err := diffOf(t, "caddy.json", map[string]string{"caddy.json": reflects})
	if err != nil || status != 0 || out != "[]\n" || !strings.Contains(remarks, "no repair") {
		t.Errorf("status %d, %v: %s%s", status, err, out, remarks)
	}
	clean, err := corstest.Adapt("api.example.com {\n\theader {\n\t\tAccess-Control-Allow-Origin https://app.example.com\n\t\tmatch header Content-Type image/*\n\t}\n\trespond a\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	out, remarks, status, err = diffOf(t, "caddy.json", map[string]string{"caddy.json": string(clean)})
	if err != nil || status != 0 || out != "[]\n" || strings.Contains(remarks, "no repair") {
		t.Errorf("where lint finds nothing: status %d, %v: %s%s", status, err, out, remarks)
	}
}
