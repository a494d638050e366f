package lint_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// TestMain keeps Caddy's files out of the home directory.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "caddy-cors-lint-")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"} {
		os.Setenv(name, dir)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// corpus returns the files of testdata/lint that this Caddy can adapt.
func corpus(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/lint/*.caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), "# adapt: no") {
			found[strings.TrimSuffix(filepath.Base(f), ".caddyfile")] = string(body)
		}
	}
	return found
}

func adapt(t *testing.T, body string) []byte {
	t.Helper()
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(body), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		t.Fatalf("adapting:\n%s\n%v", body, err)
	}
	return config
}

func provision(t *testing.T, config []byte) {
	t.Helper()
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		t.Fatalf("%s\n%v", config, err)
	}
	if _, err := caddy.ProvisionContext(&cfg); err != nil {
		t.Fatalf("%s\n%v", config, err)
	}
}

// onlyInCaddyfiles are findings that the adapted JSON does not show, by file,
// with the reason.
var onlyInCaddyfiles = map[string][]string{
	// php_fastcgi becomes a rewrite that depends on files, and a proxy for
	// *.php: whether a request gets there cannot be told.
	"php": {"doubled-by-upstream"},
}

// TestJSON finds the same in the adapted configuration as in the Caddyfile.
func TestJSON(t *testing.T) {
	for name, body := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			fromCaddyfile, err := lint.Caddyfile("Caddyfile", []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			fromJSON, err := lint.JSON(adapt(t, body))
			if err != nil {
				t.Fatal(err)
			}
			want := slices.DeleteFunc(ids(fromCaddyfile), func(id string) bool { return slices.Contains(onlyInCaddyfiles[name], id) })
			if got := ids(fromJSON); !slices.Equal(got, want) {
				t.Errorf("JSON gives %q, the Caddyfile %q", got, want)
			}
			for _, f := range fromJSON {
				if !slices.ContainsFunc(fromCaddyfile, func(c lint.Finding) bool { return c.ID == f.ID && c.Effect == f.Effect }) {
					t.Errorf("only JSON says: %s: %s", f.ID, f.Effect)
				}
			}
			for _, f := range fromJSON {
				if f.Path == "" || f.Line != 0 || f.File != "" || f.Site == "" {
					t.Errorf("%s stands at %q, line %d of %q, site %q", f.ID, f.Path, f.Line, f.File, f.Site)
				}
				if len(f.Instead) > 0 {
					provisionHandler(t, strings.Join(f.Instead, "\n"))
				}
			}
		})
	}
}

func ids(found []lint.Finding) []string {
	list := make([]string, len(found))
	for i, f := range found {
		list[i] = f.ID
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// provisionHandler loads a handler as the only one of a server.
func provisionHandler(t *testing.T, handler string) {
	t.Helper()
	t.Setenv("APP_ORIGIN", "https://app.example.com")
	config, err := json.Marshal(map[string]any{
		"admin":   map[string]any{"disabled": true},
		"logging": map[string]any{"logs": map[string]any{"default": map[string]any{"level": "ERROR"}}},
		"apps": map[string]any{"http": map[string]any{"servers": map[string]any{"srv": map[string]any{
			"routes": []any{map[string]any{"handle": []any{json.RawMessage(handler)}}},
		}}}},
	})
	if err != nil {
		t.Fatalf("%s: %v", handler, err)
	}
	provision(t, config)
}

// TestInsteadLoads adapts and loads what findings tell people to write, and
// finds nothing in it.
func TestInsteadLoads(t *testing.T) {
	t.Setenv("APP_ORIGIN", "https://app.example.com")
	seen := make(map[string]bool)
	for _, body := range corpus(t) {
		found, err := lint.Caddyfile("Caddyfile", []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			block := strings.Join(f.Instead, "\n")
			if block == "" || seen[block] {
				continue
			}
			seen[block] = true
			site := ":80 {\n\t" + strings.Join(f.Instead, "\n\t") + "\n}\n"
			if fmtd := string(caddyfile.Format([]byte(site))); fmtd != site {
				t.Errorf("caddy fmt would write\n%s\ninstead of\n%s", fmtd, site)
			}
			provision(t, adapt(t, "{\n\tadmin off\n\tlog {\n\t\tlevel ERROR\n\t}\n}\n"+site))
			again, err := lint.Caddyfile("Caddyfile", []byte(site))
			if err != nil || len(again) > 0 {
				t.Errorf("%s\nis itself found wanting: %v, %v", site, again, err)
			}
		}
	}
	if len(seen) < 25 {
		t.Errorf("only %d blocks", len(seen))
	}
}

// TestCorpusIsValid: what Caddy refuses proves nothing.
func TestCorpusIsValid(t *testing.T) {
	for name, body := range corpus(t) {
		t.Run(name, func(t *testing.T) { adapt(t, body) })
	}
}
