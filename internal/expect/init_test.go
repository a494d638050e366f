package expect_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/caddy-cors/caddy-cors/examples/page"   // Caddyfile.example needs it
	_ "github.com/caddy-cors/caddy-cors/examples/stream" // and this
	"github.com/caddy-cors/caddy-cors/internal/expect"
)

// start writes the file for a configuration, and holds the configuration to it.
// False: there was nothing to write.
func start(t *testing.T, config string) (text string, found bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cors.expect")
	var out bytes.Buffer
	status, err := expect.Init(&out, []string{file}, expect.Options{Config: config, Adapter: adapterOf(config)})
	if err != nil && strings.Contains(err.Error(), "nothing to expect") && status == 2 {
		return "", false
	}
	if status != 0 || err != nil {
		t.Fatalf("status %d, %v", status, err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if status, err = expect.Run(&out, []string{file}, expect.Options{Config: config, Adapter: adapterOf(config)}); status != 0 || err != nil {
		t.Errorf("status %d, %v\n%s\n%s", status, err, body, out.String())
	}
	return string(body), true
}

func adapterOf(config string) string {
	if strings.HasSuffix(config, ".json") {
		return ""
	}
	return "caddyfile"
}

// TestInit: the file says what the example's policies are for.
func TestInit(t *testing.T) {
	text, found := start(t, "../../Caddyfile.example")
	if !found {
		t.Fatal("nothing was written")
	}
	golden(t, "testdata/init.expect", text)
}

// TestExample: the example's own file.
func TestExample(t *testing.T) {
	var out bytes.Buffer
	status, err := expect.Run(&out, []string{"../../examples/cors.expect"}, expect.Options{Config: "../../Caddyfile.example", Adapter: "caddyfile"})
	if status != 0 || err != nil || !strings.Contains(out.String(), "passed") {
		t.Errorf("status %d, %v\n%s", status, err, out.String())
	}
}

// TestInitRoundTrip: what is written passes, for whatever configuration.
func TestInitRoundTrip(t *testing.T) {
	files, err := filepath.Glob("../../testdata/lint/*.caddyfile")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d configurations, %v", len(files), err)
	}
	written := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if !loads(file) {
				t.Skip("a configuration that does not load, or of plugins")
			}
			if _, found := start(t, file); found {
				written++
			}
		})
	}
	cases, err := os.Open("../explain/testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer cases.Close()
	lines := bufio.NewScanner(cases)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c struct {
			ID         string
			Config     json.RawMessage
			Files, Env map[string]string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		t.Run(c.ID, func(t *testing.T) {
			for name, value := range c.Env {
				t.Setenv(name, value)
			}
			dir := t.TempDir()
			fill := strings.NewReplacer("{DIR}", dir, "{P1}", "8081", "{P2}", "8082", "{P3}", "8083", "{UP}", "up.localhost:9000", "{DEAD}", "127.0.0.1:1").Replace
			for name, text := range c.Files {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(dir, name), fill(text))
			}
			file, text := filepath.Join(dir, "caddy.json"), string(c.Config)
			if json.Unmarshal(c.Config, &text) == nil {
				file = filepath.Join(dir, "Caddyfile")
			}
			write(t, file, fill(text))
			if !loads(file) {
				t.Skip("a configuration that does not load")
			}
			if _, found := start(t, file); found {
				written++
			}
		})
	}
	if written < 80 {
		t.Errorf("only %d files were written", written)
	}
}

// loads reports whether a configuration can be asked at all.
func loads(config string) bool {
	none := filepath.Join(os.TempDir(), "there-is-no-such-folder", "cors.expect")
	var sink bytes.Buffer
	_, err := expect.Init(&sink, []string{none}, expect.Options{Config: config, Adapter: adapterOf(config)})
	return err != nil && (os.IsNotExist(err) || strings.Contains(err.Error(), "no such file") || strings.Contains(err.Error(), "nothing to expect"))
}

// TestInitKeeps: a file that is there stays as it is.
func TestInitKeeps(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "Caddyfile", "api.example.com {\n\tcors https://app.example.com\n\trespond ok\n}\n")
	write(t, "cors.expect", "mine")
	var out bytes.Buffer
	status, err := expect.Init(&out, nil, expect.Options{})
	if status != 2 || err == nil || !strings.Contains(err.Error(), `"cors.expect" is there already`) {
		t.Errorf("status %d, %v", status, err)
	}
	if body, _ := os.ReadFile("cors.expect"); string(body) != "mine" {
		t.Errorf("it is %q now", body)
	}
	status, err = expect.Init(&out, []string{"other.expect"}, expect.Options{})
	if want := "wrote other.expect: 2 expectations about 1 URL, all as it is today\n"; status != 0 || err != nil || out.String() != want {
		t.Errorf("status %d, %v: %s", status, err, out.String())
	}
}
