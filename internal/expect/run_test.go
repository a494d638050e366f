package expect_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/expect"
)

// golden compares what was written with a file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		write(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// TestReport is not parallel, as none here: Caddy redirects its default logger.
func TestReport(t *testing.T) {
	options := expect.Options{Config: "testdata/Caddyfile", JUnit: filepath.Join(t.TempDir(), "junit.xml")}
	var out bytes.Buffer
	status, err := expect.Run(&out, []string{"testdata/report.expect"}, options)
	if status != 1 || err != nil {
		t.Fatalf("status %d, %v", status, err)
	}
	golden(t, "testdata/report.txt", out.String())
	report, err := os.ReadFile(options.JUnit)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/report.xml", string(report))
	var suites struct {
		Suites []struct {
			Tests    int        `xml:"tests,attr"`
			Failures int        `xml:"failures,attr"`
			Cases    []struct{} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(report, &suites); err != nil || len(suites.Suites) != 1 || suites.Suites[0].Tests != len(suites.Suites[0].Cases) {
		t.Errorf("%v: %+v", err, suites)
	}
	out.Reset()
	options.JSON = true
	if status, err := expect.Run(&out, []string{"testdata/report.expect"}, options); status != 1 || err != nil {
		t.Fatalf("status %d, %v", status, err)
	}
	golden(t, "testdata/report.json", out.String())
	var results struct{ Passed, Failed, Unknown int }
	if err := json.Unmarshal(out.Bytes(), &results); err != nil || results.Failed != suites.Suites[0].Failures {
		t.Errorf("%v: %+v", err, results)
	}
}

// run holds a Caddyfile to expectations.
func run(t *testing.T, config, expectations string) (string, int, error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "cors.expect")
	write(t, filepath.Join(dir, "Caddyfile"), config)
	write(t, file, expectations)
	var out bytes.Buffer
	status, err := expect.Run(&out, []string{file}, expect.Options{Config: filepath.Join(dir, "Caddyfile")})
	return strings.ReplaceAll(out.String(), dir+string(filepath.Separator), ""), status, err
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil { //nolint:gosec // a file of the test
		t.Fatal(err)
	}
}

// TestStatus: what one expectation about one policy comes to.
func TestStatus(t *testing.T) {
	for name, c := range map[string]struct {
		policy, url, expectation string
		status                   int
		says                     string
	}{
		"allowed": {"cors https://app.example.com", "", "allow https://app.example.com", 0, "1 expectation: 1 passed"},
		"refused": {"cors https://app.example.com", "", "refuse https://evil.example", 0, "1 passed"},
		"credentials that are not there": {
			"cors https://app.example.com", "", "allow https://app.example.com {\n credentials\n}", 1, "acac_not_true",
		},
		"credentials that are refused": {
			"cors https://app.example.com", "", "refuse https://app.example.com {\n credentials\n}", 0, "1 passed",
		},
		"a header": {
			"cors https://app.example.com {\n headers X-A\n}", "", "allow https://app.example.com {\n header X-B\n}", 1, "header_not_allowed",
		},
		"a header that needs no leave": {
			"cors https://app.example.com {\n headers none\n}", "", "allow https://app.example.com {\n header Accept text/html\n}", 0, "1 passed",
		},
		"the same header with a value that does": {
			"cors https://app.example.com {\n headers none\n}", "", "allow https://app.example.com {\n header Accept (\n}", 1, "header_not_allowed",
		},
		"several methods": {
			"cors https://app.example.com {\n methods PUT\n}", "", "allow https://app.example.com {\n method PUT GET\n method DELETE\n}",
			1, "3 expectations: 2 passed, 1 failed",
		},
		"an exposed header": {
			"cors https://app.example.com {\n expose X-A\n}", "", "allow https://app.example.com {\n expose x-a Content-Type\n}", 0, "1 passed",
		},
		"one that a star exposes": {
			"cors https://app.example.com {\n expose *\n credentials\n}", "", "allow https://app.example.com {\n credentials\n expose X-A\n}", 0, "1 passed",
		},
		"one that is not": {
			"cors https://app.example.com", "", "allow https://app.example.com {\n expose X-A\n}", 1, "but may not read X-A",
		},
		"an upstream that is down": {
			"header Access-Control-Allow-Origin *", "", "allow https://app.example.com {\n upstream down\n}", 0, "1 passed",
		},
		"an upstream that has CORS headers of its own": {
			"header Access-Control-Allow-Origin *", "", "allow https://app.example.com {\n upstream echo\n}", 1, "acao_multiple",
		},
		"an upstream with a login page": {
			"cors https://app.example.com", "", "allow https://app.example.com {\n upstream login\n}", 2, "without a verdict",
		},
		"a source that was not asked": {
			"cors {\n origins_from ask http://localhost:1/\n}", "", "refuse https://evil.example", 2, "ask http://localhost:1/ was not asked, and only that can allow",
		},
		"a failure beside it": {
			"cors {\n origins_from ask http://localhost:1/\n origins https://app.example.com\n}", "",
			"refuse https://evil.example https://app.example.com", 1, "1 failed, 1 without a verdict",
		},
		"a site that is not there": {"cors * *", "https://other.example.com:8/", "refuse https://evil.example", 2, "NO VERDICT"},
		"a WebSocket": {
			"cors https://app.example.com {\n enforce websockets\n}", "wss://api.example.com/", "allow https://app.example.com", 0, "1 passed",
		},
		"a WebSocket of a stranger": {
			"cors https://app.example.com {\n enforce websockets\n}", "wss://api.example.com/", "refuse https://evil.example", 0, "1 passed",
		},
		"a WebSocket that nobody guards": {
			"cors https://app.example.com", "wss://api.example.com/", "refuse https://evil.example", 1, "`enforce websockets`",
		},
		"the site itself":         {"cors https://app.example.com", "", "refuse https://api.example.com", 1, "same origin"},
		"the null origin":         {"cors https://app.example.com", "", "refuse null", 0, "1 passed"},
		"an app's origin":         {"cors app://.", "", "allow app://.", 0, "1 passed"},
		"a trial governs nothing": {"cors https://app.example.com {\n report_only\n}", "", "allow https://app.example.com", 1, "acao_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			url := c.url
			if url == "" {
				url = "https://api.example.com/items"
			}
			text, status, err := run(t, "api.example.com {\n"+c.policy+"\nreverse_proxy localhost:1\n}\n", url+" {\n"+c.expectation+"\n}\n")
			if err != nil || status != c.status || !strings.Contains(text, c.says) {
				t.Errorf("status %d, %v, want %d and %q in:\n%s", status, err, c.status, c.says, text)
			}
		})
	}
}

// TestRefusalCures: the policy that is proposed loads, and keeps the page out.
func TestRefusalCures(t *testing.T) {
	for name, c := range map[string]struct{ policy, expectation, still string }{
		"one of two origins": {"cors https://app.example.com https://b.example", "refuse https://b.example", "allow https://app.example.com"},
		"of a star":          {"cors * *", "refuse https://b.example", "allow https://app.example.com"},
		"of a pattern":       {"cors https://*.example.com", "refuse https://b.example.com", "allow https://app.example.com"},
		"of part of a label": {"cors https://x-*.example.com", "refuse https://x-1.example.com", "allow https://x-2.example.com"},
		"of any port":        {"cors https://app.example.com:*", "refuse https://app.example.com:8", "allow https://app.example.com:9"},
		"of an expression": {
			"cors {\n origin_regexp https://[a-z]+\\.example\\.com\n}", "refuse https://b.example.com", "allow https://app.example.com",
		},
		"of an exception for one": {
			"cors {\n origins *\n for https://b.example {\n credentials\n}\n}", "refuse https://b.example", "allow https://app.example.com",
		},
		"listed twice over": {"cors https://b.example.com https://*.example.com", "refuse https://b.example.com", "allow https://app.example.com"},
		"a method": {
			"cors https://b.example", "refuse https://b.example {\n method DELETE\n}", "allow https://b.example {\n method PUT\n}",
		},
		"the last method": {
			"cors https://b.example {\n methods DELETE\n}", "refuse https://b.example {\n method DELETE\n}", "allow https://b.example",
		},
		"credentials": {
			"cors https://b.example {\n credentials\n}", "refuse https://b.example {\n credentials\n}", "allow https://b.example",
		},
		"credentials of one": {
			"cors https://c.example {\n credentials\n for https://b.example {\n methods PUT\n}\n}", "refuse https://b.example {\n credentials\n}",
			"allow https://c.example {\n credentials\n}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			site := func(policy string) string { return "api.example.com {\n" + policy + "\nreverse_proxy localhost:1\n}\n" }
			expectations := "https://api.example.com/ {\n" + c.expectation + "\n" + c.still + "\n}\n"
			text, status, err := run(t, site(c.policy), expectations)
			_, cure, found := strings.Cut(text, "Cure: ")
			if status != 1 || err != nil || !found {
				t.Fatalf("status %d, %v:\n%s", status, err, text)
			}
			cure, _, _ = strings.Cut(cure, "\nok ")
			_, cure, _ = strings.Cut(cure, "Caddyfile:2:")
			cured, status, err := run(t, site(strings.Trim(cure, " `\n")), expectations)
			if status != 0 || err != nil {
				t.Errorf("status %d, %v with the cure %q:\n%s", status, err, cure, cured)
			}
		})
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
