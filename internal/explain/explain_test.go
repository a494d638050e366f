package explain_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/explain"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example.com"
)

const explained = `(api) {
	cors {args[0]} {
		credentials
	}
}
api.example.com {
	handle /v1/* {
		import api https://app.example.com
		basic_auth {
			alice $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG
		}
		reverse_proxy localhost:1
	}
	handle /auth/* {
		route {
			forward_auth localhost:1 {
				uri /ask
			}
			cors https://app.example.com {
				name late
			}
			respond hello
		}
	}
	handle /broken/* {
		cors https://app.example.com
		error 500
	}
	handle {
		cors /pub/* * {
			name pub
			methods PUT
		}
		file_server
	}
	handle_errors {
		respond {err.status_code}
	}
	log {
		output file {$CORS_TEST_LOG}
	}
}
http://plain.example.com:8080 {
	cors https://app.example.com
	php_fastcgi localhost:1
}
`

// explainFile asks a configuration, and returns what the command prints.
func explainFile(t *testing.T, file string, q check.Question) (string, int, error) {
	t.Helper()
	var b bytes.Buffer
	status, err := explain.Run(&b, q, explain.Options{Config: file})
	return b.String(), status, err
}

// TestExplain is not parallel: Caddy redirects its default logger.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "access.log")
	t.Setenv("CORS_TEST_LOG", log)
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(explained), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		question check.Question
		status   int
		want     []string
	}{
		"a snippet, its line and its matchers": {
			check.Question{URL: "https://api.example.com/v1/x", Method: "DELETE", Headers: []string{"Authorization: x"}, Credentials: true},
			check.ExitReadable,
			[]string{"policy    cors https://app.example.com", "Caddyfile:2", `host ["api.example.com"]`, `path ["/v1/*"]`, "decision  allowed", "READABLE"},
		},
		"a method that is not listed": {
			check.Question{URL: "https://api.example.com/pub/x", Method: "DELETE"},
			check.ExitBlocked,
			[]string{"policy    pub", "Caddyfile:30", "decision  refused (method_not_allowed)", "PREFLIGHT FAILED", "Cure: add DELETE"},
		},
		"no policy": {
			check.Question{URL: "https://api.example.com/x"},
			check.ExitBlocked,
			[]string{"no cors handler governs it", "BLOCKED", "nearest   `cors /pub/* *`", "Cure: give the policy no matcher"},
		},
		"a policy behind forward_auth": {
			check.Question{URL: "https://api.example.com/auth/x", Credentials: true},
			check.ExitBlocked, // it is the policy that lacks them
			[]string{"policy    late", "Caddyfile:19", "BLOCKED"},
		},
		"an error": {
			check.Question{URL: "https://api.example.com/broken/x"},
			check.ExitReadable,
			[]string{"Caddyfile:26", "status 500"},
		},
		"a refused origin": {
			check.Question{URL: "https://api.example.com/v1/x", Origin: evil},
			check.ExitBlocked,
			[]string{"decision  refused (origin_not_allowed)", "BLOCKED"},
		},
		"another server, on its port": {
			check.Question{URL: "http://plain.example.com:8080/"},
			check.ExitReadable,
			[]string{"Caddyfile:44", "READABLE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.question.Origin == "" {
				c.question.Origin = app
			}
			text, status, err := explainFile(t, file, c.question)
			if err != nil || status != c.status {
				t.Errorf("status %d, want %d; %v", status, c.status, err)
			}
			for _, w := range c.want {
				if !strings.Contains(text, w) {
					t.Errorf("%q is missing in:\n%s", w, text)
				}
			}
		})
	}
	if _, err := os.Stat(log); err == nil {
		t.Error("explain opened the access log")
	}
}

// TestExplainJSON: a JSON configuration has no lines, but all the rest.
func TestExplainJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "caddy.json")
	config := `{"apps": {"http": {"servers": {"s": {"listen": [":8080"], "routes": [{"handle": [
		{"handler": "cors", "origins": ["https://app.example.com"], "name": "mine"},
		{"handler": "reverse_proxy", "upstreams": [{"dial": "localhost:1"}]}]}]}}}}}`
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	status, err := explain.Run(&b, check.Question{URL: "http://a.example:8080/", Origin: app}, explain.Options{Config: file, JSON: true})
	if err != nil || status != check.ExitReadable {
		t.Fatalf("status %d, %v", status, err)
	}
	var got struct {
		Explained []struct{ Policy, Place, Decision string }
		Verdict   struct{ Outcome string }
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, b.String())
	}
	if len(got.Explained) != 1 || got.Explained[0].Policy != "mine" || got.Explained[0].Place != "/apps/http/servers/s/routes/0/handle/0" ||
		got.Explained[0].Decision != "allowed" || got.Verdict.Outcome != "readable" {
		t.Errorf("got %+v", got)
	}
}

// TestExplainErrors: wrong questions and wrong configurations end with 2.
func TestExplainErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("Caddyfile", "https://a.example {\n\tcors https://b.example\n}\n")
	for name, c := range map[string]struct {
		file     string
		question check.Question
		want     string
	}{
		"a wrong question":  {good, check.Question{URL: "nope", Origin: app}, "not an http or https URL"},
		"no such file":      {filepath.Join(dir, "none"), check.Question{URL: "https://a.example", Origin: app}, "no such file"},
		"a wrong Caddyfile": {write("bad.caddyfile", "https://a.example {\n\tcors https://b.example/\n}\n"), check.Question{URL: "https://a.example", Origin: app}, "bad.caddyfile:2"},
		"no http app":       {write("empty.json", `{"apps": {}}`), check.Question{URL: "https://a.example", Origin: app}, "no http app"},
	} {
		t.Run(name, func(t *testing.T) {
			_, status, err := explainFile(t, c.file, c.question)
			if status != check.ExitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("status %d, %v; want %q", status, err, c.want)
			}
		})
	}
}

// TestExplainAsksNobody: what a file says is known; endpoints and storages are
// not asked.
func TestExplainAsksNobody(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the endpoint was asked") }))
	t.Cleanup(endpoint.Close)
	dir := t.TempDir()
	list, file := filepath.Join(dir, "origins.txt"), filepath.Join(dir, "Caddyfile")
	config := "http://a.example:8080 {\n\tcors {\n\t\torigins_from file " + list + "\n\t\torigins_from ask " + endpoint.URL +
		"\n\t\torigins_from storage explain/origins\n\t}\n\trespond hello\n}\n"
	for name, text := range map[string]string{list: app + "\n", file: config} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for origin, want := range map[string]string{app: "decision  allowed", evil: "decision  refused (source_unavailable)"} {
		text, _, err := explainFile(t, file, check.Question{URL: "http://a.example:8080/", Origin: origin})
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%s: %v, want %q in:\n%s", origin, err, want, text)
		}
	}
}
