package cli_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/cli"
)

// corsTest runs caddy cors test with some arguments.
func corsTest(args ...string) (string, int) {
	var out bytes.Buffer
	status, err := cli.RunTest(&out, args)
	if err != nil {
		out.WriteString(err.Error())
	}
	return out.String(), status
}

// TestTest is not parallel: it loads configurations as the command does.
func TestTest(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("Caddyfile", []byte("api.example.com {\n\tcors https://app.example.com\n\treverse_proxy localhost:1\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"", 2, `there is no file "cors.expect"`},
		{"--init", 0, "wrote cors.expect: 2 expectations about 1 URL"},
		{"", 0, "2 expectations: 2 passed"},
		{"cors.expect --json", 0, `"passed": 2`},
		{"--junit report.xml", 0, "2 passed"},
		{"--init", 2, "is there already"},
		{"--init a.expect b.expect", 2, "--init writes one file; name one of a.expect, b.expect"},
		{"--init --json --junit x.xml a.expect", 2, "--json has no result to write with --init, which judges nothing; leave it out\n--junit has"},
		{"--live --config Caddyfile --ask", 2, "--ask is about a configuration; leave it out, or --live\n--config is"},
		{"--live --init", 2, "--init is about a configuration"},
		{"--send -k --resolve a:1:127.0.0.1 --cookie a=b --timeout 1s", 2, "--cookie asks live servers; add --live, or leave it out\n--insecure"},
		{"--config none", 2, "none"},
	} {
		if text, status := corsTest(strings.Fields(c.args)...); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: status %d, want %d and %q in\n%s", c.args, status, c.status, c.want, text)
		}
	}
	if body, err := os.ReadFile("report.xml"); err != nil || !strings.Contains(string(body), `tests="2"`) {
		t.Errorf("%v: %s", err, body)
	}
	if _, err := os.Stat("a.expect"); err == nil {
		t.Error("it wrote a file in spite of the mistakes")
	}
}
