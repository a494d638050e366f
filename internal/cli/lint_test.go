package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/cli"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// lintText lints a configuration of that name.
func lintText(t *testing.T, name, text string, asJSON bool) (string, int, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	status, err := cli.Lint(&b, file, "", asJSON)
	return strings.ReplaceAll(b.String(), file, name), status, err
}

const spoiled = "api.example.com {\n\tcors https://app.example.com\n\theader >Access-Control-Allow-Origin *\n\treverse_proxy localhost:1\n}\n"

// TestLint is not parallel: it adapts configurations as the command does.
func TestLint(t *testing.T) {
	text, status, err := lintText(t, "Caddyfile", spoiled, false)
	if err != nil || status != 1 {
		t.Errorf("status %d, %v", status, err)
	}
	for _, want := range []string{"Caddyfile:3: ", "[stranger]", "request", "effect", "cure", "1 finding"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	text, status, err = lintText(t, "Caddyfile", "api.example.com {\n\tcors https://app.example.com\n\treverse_proxy localhost:1\n}\n", false)
	if err != nil || status != 0 || text != "Nothing here defeats CORS.\n" {
		t.Errorf("status %d, %v: %s", status, err, text)
	}
}

// TestLintSentences: what is said where nothing was found tells what was asked.
func TestLintSentences(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"no CORS":      {"respond ok", "There is no CORS in this configuration"},
		"only Vary":    {"header Vary Origin\n\trespond ok", "There is no CORS in this configuration"},
		"asked":        {"cors https://app.example.com\n\trespond ok", "Nothing here defeats CORS."},
		"only reports": {"cors https://app.example.com {\n\t\treport_only\n\t}\n\trespond ok", "Nothing was asked"},
		"no origin":    {"header Access-Control-Max-Age 600\n\trespond ok", "Nothing was asked"},
		"only errors":  {"respond ok\n\thandle_errors {\n\t\theader Access-Control-Allow-Origin *\n\t}", "Nothing was asked"},
	} {
		t.Run(name, func(t *testing.T) {
			text, status, err := lintText(t, "Caddyfile", "a.example {\n\t"+c.lines+"\n}\n", false)
			if err != nil || status != 0 || !strings.HasPrefix(text, c.want) || strings.Count(text, "\n") != 1 {
				t.Errorf("status %d, %v: %s", status, err, text)
			}
		})
	}
}

// TestLintOrigin: where the configuration does not say for whom it is, questions
// and repairs are for the origin that is named.
func TestLintOrigin(t *testing.T) {
	const reflects = "a.example {\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\treverse_proxy localhost:1\n}\n"
	file := filepath.Join(t.TempDir(), "Caddyfile")
	if err := os.WriteFile(file, []byte(reflects), 0o600); err != nil {
		t.Fatal(err)
	}
	var without, with bytes.Buffer
	if status, err := cli.Lint(&without, file, "", false); status != 1 || err != nil {
		t.Errorf("status %d, %v", status, err)
	}
	if status, err := cli.Lint(&with, file, "", false, "https://app.example.com"); status != 1 || err != nil {
		t.Errorf("status %d, %v", status, err)
	}
	for _, want := range []string{"a page of https://app.example.com cannot read", "[stranger]", "cors https://app.example.com {"} {
		if !strings.Contains(with.String(), want) || want != "[stranger]" && strings.Contains(without.String(), want) {
			t.Errorf("%q:\n%s", want, with.String())
		}
	}
	for _, wrong := range []string{"app.example.com", "https://app.example.com/", "*"} {
		if status, err := cli.Lint(&with, file, "", false, wrong); status != check.ExitUsage || err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: status %d, %v", wrong, status, err)
		}
		if status, err := cli.Diff(&with, &with, file, "", []string{wrong}); status != check.ExitUsage || err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: status %d, %v", wrong, status, err)
		}
	}
}

func TestLintJSON(t *testing.T) {
	text, status, err := lintText(t, "Caddyfile", spoiled, true)
	var findings []lint.Finding
	if err2 := json.Unmarshal([]byte(text), &findings); err != nil || err2 != nil || status != 1 {
		t.Fatalf("status %d, %v, %v: %s", status, err, err2, text)
	}
	if len(findings) != 1 || findings[0].Line != 3 || findings[0].ID != "stranger" {
		t.Errorf("got %+v", findings)
	}
	config, err := corstest.Adapt(spoiled)
	if err != nil {
		t.Fatal(err)
	}
	text, status, err = lintText(t, "caddy.json", string(config), false)
	if err != nil || status != 1 || !strings.Contains(text, "apps/http/servers/srv0/routes/0") {
		t.Errorf("status %d, %v: %s", status, err, text)
	}
	text, status, err = lintText(t, "caddy.json", `{"apps": {"http": {}}}`, true)
	if err != nil || status != 0 || text != "[]\n" {
		t.Errorf("status %d, %v: %s", status, err, text)
	}
}

// TestLintErrors: a configuration that does not load ends with Caddy's error.
func TestLintErrors(t *testing.T) {
	for name, c := range map[string][2]string{
		"unknown directive": {"a.example {\n\tnonsense\n}\n", "nonsense"},
		"a wrong policy":    {"a.example {\n\tcors https://b.example/\n}\n", "ends with a slash"},
	} {
		if _, status, err := lintText(t, "Caddyfile", c[0], false); status != check.ExitUsage || err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: status %d, %v", name, status, err)
		}
	}
	var b bytes.Buffer
	if status, err := cli.Lint(&b, filepath.Join(t.TempDir(), "none"), "", false); status != check.ExitUsage || err == nil {
		t.Errorf("no such file: status %d, %v", status, err)
	}
}

// TestLintManyBlocks: one block of a repair that has several is not shown as the repair.
func TestLintManyBlocks(t *testing.T) {
	const text = `api.example.com {
	header Access-Control-Allow-Origin https://app.example.com
	header /private/* Access-Control-Allow-Credentials true
	header Access-Control-Allow-Methods PUT
	reverse_proxy localhost:3000
}
`
	said, _, err := lintText(t, "Caddyfile", text, false)
	if err != nil || !strings.Contains(said, "repair 1 replaces them by 2 blocks") || strings.Contains(said, "\tcors ") {
		t.Errorf("got %v\n%s", err, said)
	}
}

// TestLintException: a note about what is meant so has no repair, though the policy has.
func TestLintException(t *testing.T) {
	const text = `api.example.com {
	@adm {
		method OPTIONS
		path /admin/*
	}
	respond @adm 403
	header Access-Control-Allow-Origin *
	header Access-Control-Allow-Methods "GET, PUT"
	@o method OPTIONS
	respond @o 204
	reverse_proxy localhost:3000
}
`
	said, _, err := lintText(t, "Caddyfile", text, false)
	_, note, found := strings.Cut(said, "[exception]")
	note, _, _ = strings.Cut(note, "\n\n")
	if err != nil || !found || !strings.Contains(said, "repair  1") || strings.Contains(note, "repair") {
		t.Errorf("got %v\n%s", err, said)
	}
}
