package cors

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// trialRequests are those that the counters and the log of docs/operate.md,
// "Tighten a policy", come from.
var trialRequests = []struct{ method, origin, asks, headers string }{
	{"GET", corstest.App, "", ""},
	{"GET", corstest.App, "", ""},
	{"GET", corstest.App, "", ""},
	{"GET", corstest.App, "", ""},
	{"GET", corstest.App, "", ""},
	{"OPTIONS", corstest.App, "GET", ""},
	{"OPTIONS", corstest.App, "PUT", ""},
	{"OPTIONS", corstest.App, "PUT", "content-type"},
	{"OPTIONS", corstest.App, "PUT", "x-token"},
	{"OPTIONS", corstest.App, "DELETE", ""},
	{"OPTIONS", corstest.App, "DELETE", ""},
	{"GET", "https://pr-7.preview.example.com", "", ""},
	{"GET", "https://evil.example", "", ""},
}

// TestOperateTrial plays the trial of docs/operate.md: the counters are those that
// stand there, and so is what jq makes of the access log. It is not parallel,
// because other tests count too.
func TestOperateTrial(t *testing.T) {
	_, document, _ := strings.Cut(readDocument(t, "docs/operate.md"), "\n## Tighten a policy\n")
	var configs, consoles []string
	for _, b := range docBlocks("docs/operate.md", document) {
		switch b.lang {
		case "caddyfile":
			configs = append(configs, b.text)
		case "console":
			consoles = append(consoles, b.text)
		}
	}
	counters := regexp.MustCompile(`decision="(\w*)",policy="(\w*)",reason="(\w*)",type="(\w*)"\} (\d+)`).FindAllStringSubmatch(consoles[0], -1)
	if len(counters) < 8 {
		t.Fatalf("found only %d counters", len(counters))
	}
	before := make(map[string]float64)
	for _, c := range counters {
		before[c[0]] = counted(c[2], c[4], c[1], c[3])
	}
	askTrial(t, strings.Replace(configs[0], "output file access.log", "output memory "+t.Name(), 1))
	for _, c := range counters {
		if now := counted(c[2], c[4], c[1], c[3]) - before[c[0]]; fmt.Sprint(now) != c[5] {
			t.Errorf("%s: counted %v", c[0], now)
		}
	}
	command, want, _ := strings.Cut(strings.TrimPrefix(consoles[1], "$ "), "\n")
	for _, program := range []string{"bash", "jq", "sort", "uniq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("there is no " + program)
		}
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "access.log"), []byte(corstest.LogLines(t.Name()).String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "LC_ALL=C")
	if got, err := cmd.CombinedOutput(); err != nil || sortedFields(string(got)) != sortedFields(want) {
		t.Errorf("%s prints (%v)\n%s", command, err, got)
	}
}

// askTrial sends the requests to a configuration.
func askTrial(t *testing.T, config string) {
	t.Helper()
	site := corstest.Serve(t, config)
	for _, r := range trialRequests {
		headers := []corstest.Header{corstest.From(r.origin), {"Host", "api.localhost"}}
		if r.method == http.MethodOptions {
			headers = append(headers, corstest.AsksFor(r.asks))
		}
		if r.headers != "" {
			headers = append(headers, corstest.Header{"Access-Control-Request-Headers", r.headers})
		}
		corstest.Ask(t, r.method, site.URL+"/items/1", headers...)
	}
}

// sortedFields makes lines comparable: uniq pads its numbers differently elsewhere, and
// lines of the same count have no order of their own.
func sortedFields(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
