package judges_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// badSites has a test for each vector that is more than one block.
var badSites = map[string]func(*testing.T){
	"bc-003": emptyVariable,
	"bc-151": unknownJSON,
	"bc-152": func(t *testing.T) {
		t.Helper()
		warnsAtRequest(t, "cors https://a.example\ncors /api/* https://b.example", "two cors handlers", "first one reached decides")
	},
	"bc-154": func(t *testing.T) {
		t.Helper()
		for _, line := range []string{
			"header Access-Control-Allow-Origin *",
			"header +access-control-allow-origin *",
			"header {\n\t-Server\n\tAccess-Control-Allow-Origin *\n}", // deferred, so it has the last word
			"header /api/* Access-Control-Allow-Methods PUT",
		} {
			t.Run(line, func(t *testing.T) {
				t.Parallel()
				warnsAtRequest(t, line+"\n"+"cors https://app.example.com", "header", "Access-Control-Allow-", "remove it")
			})
		}
	},
	"bc-155": func(t *testing.T) {
		t.Helper()
		for _, matcher := range []string{"method GET POST", "{\n\tpath /api/*\n\tmethod GET\n}", "not method OPTIONS"} {
			t.Run(matcher, func(t *testing.T) {
				t.Parallel()
				warnsAtRequest(t, "@api "+matcher+"\ncors @api https://app.example.com", "leaves out OPTIONS", "preflights never reach cors")
			})
		}
	},
	"bc-156": severalMistakes,

	"t2-bad-105": unsetVariable,
}

// emptyVariable: what {env.*} holds is known only when the configuration is
// loaded.
func emptyVariable(t *testing.T) {
	t.Helper()
	const origins = "{env.CADDY_CORS_TEST_UNSET}"
	if _, err := corstest.Adapt("http:// {\ncors " + origins + "\n}\n"); err != nil {
		t.Errorf("the variable may be set elsewhere: %v", err)
	}
	err := load(t, []byte(`{"origins": ["`+origins+`"]}`))
	if err == nil {
		t.Fatal("loaded")
	}
	if missing := says(err.Error(), []string{`"` + origins + `"`, "empty", "set the variable"}); missing != "" {
		t.Errorf("got %q, want it to say %q", err, missing)
	}
}

func unknownJSON(t *testing.T) {
	t.Helper()
	err := load(t, []byte(`{"origin": ["https://app.example.com"]}`))
	if err == nil {
		t.Fatal("loaded")
	}
	if missing := says(err.Error(), []string{`unknown field "origin"`, `did you mean "origins"?`}); missing != "" {
		t.Errorf("got %q, want it to say %q", err, missing)
	}
}

// warnsAtRequest serves one request; what stands around a handler is not known
// before. The second must not warn again.
func warnsAtRequest(t *testing.T, lines string, words ...string) {
	t.Helper()
	srv := corstest.Site(t, lines+"\nrespond hello")
	corstest.Ask(t, "GET", srv.URL+"/api/x", corstest.From(corstest.App))
	wantWarning(t, words...)
	before := strings.Count(corstest.LogLines(t.Name()).String(), `"level":"warn"`)
	corstest.Ask(t, "GET", srv.URL+"/api/x", corstest.From(corstest.App))
	if after := strings.Count(corstest.LogLines(t.Name()).String(), `"level":"warn"`); after != before {
		t.Errorf("the second request logged %d more warnings", after-before)
	}
}

// severalMistakes: all are reported, in the order of the file.
func severalMistakes(t *testing.T) {
	t.Helper()
	mistakes := []struct{ line, word string }{
		{"max_age soon", `"soon"`},
		{"origins https://a.example/ https://ok.example b.example", `"https://a.example/"`},
		{"", `"b.example"`}, // on the same line
		{"metods PUT", `"metods"`},
		{"methods TRACE", `"TRACE"`},
		{"headers Cookie", "Cookie"},
		{"expose Set-Cookie", "Set-Cookie"},
		{"origins null", `"null"`},
		{"upstream merge", `"merge"`},
		{"credentials maybe", `"maybe"`},
		{"max_age 5m", "max_age is given twice"},
		{"dangerously_allow all", `"all"`},
	}
	var (
		block   []string
		wanted  []string
		file    = "http:// {\ncors {\n"
		unfound string
	)
	for _, m := range mistakes {
		if m.line != "" {
			block = append(block, m.line)
		}
		wanted = append(wanted, placeOf(len(block)))
	}
	_, err := corstest.Adapt(file + strings.Join(block, "\n") + "\n}\n}\n")
	if err == nil {
		t.Fatal("adapted")
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(mistakes) {
		t.Fatalf("%d mistakes, want %d:\n%v", len(got), len(mistakes), err)
	}
	for i, m := range mistakes {
		if unfound = says(got[i], []string{m.word, wanted[i]}); unfound != "" {
			t.Errorf("mistake %d: got %q, want %q in it", i+1, got[i], unfound)
		}
	}

	// The same values in JSON, in the order of the options.
	err = load(t, []byte(`{"origins": ["https://a.example/", "b.example"], "methods": ["TRACE"], "headers": ["Cookie"], "upstream": "merge"}`))
	if err == nil {
		t.Fatal("loaded")
	}
	for _, m := range []string{`"https://a.example/"`, `"b.example"`, `"TRACE"`, "Cookie", `"merge"`} {
		if !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.Contains(line, m) }) {
			t.Errorf("got %q, want %s in it", err, m)
		}
	}
}

// goodConfigs load without a word of warning.
var goodConfigs = map[string]string{
	"one line":          "cors https://app.example.com",
	"two origins":       "cors https://app.example.com,https://admin.example.com",
	"any origin":        "cors * *",
	"any, for a path":   "cors /api/* *",
	"own subdomains":    "cors https://*.example.com https://**.example.net https://example.com",
	"while developing":  "cors http://localhost:* http://127.0.0.1:5173 http://[::1]:8080 https://app.example.com",
	"apps":              "cors capacitor://localhost chrome-extension://abcdefghijklmnopabcdefghijklmnop app://obsidian.md",
	"with cookies":      "cors https://app.example.com {\n\tcredentials\n\tmethods GET PUT DELETE\n\theaders Content-Type X-Request-Id\n\texpose X-Total ETag\n\tmax_age 10m\n}",
	"read only":         "cors https://app.example.com {\n\tmethods none\n\theaders none\n\tmax_age off\n}",
	"all but Chromium":  "cors https://app.example.com {\n\tmax_age 24h\n\tpreflight_status 200\n\ttiming\n\tname app\n}",
	"expression":        "cors {\n\torigin_regexp ^https://pr-[0-9]+\\.example\\.com$\n}",
	"exception":         "cors https://*.example.com {\n\texcept https://blog.example.com\n}",
	"any but one":       "cors {\n\torigins *\n\texcept https://evil.example\n}",
	"sandbox":           "cors {\n\torigins null https://app.example.com\n\tdangerously_allow null_origin\n}",
	"trusted network":   "cors {\n\torigins http://intranet.example\n\tcredentials\n\tdangerously_allow insecure_origins\n}",
	"all headers":       "cors https://app.example.com {\n\tmethods *\n\theaders * Authorization\n\texpose *\n}",
	"forwarded":         "cors https://app.example.com {\n\tpreflight forward\n\tupstream keep\n}",
	"two paths":         "handle /a/* {\n\tcors https://a.example\n}\nhandle {\n\tcors https://b.example\n}",
	"beside headers":    "header X-Frame-Options DENY\ncors https://app.example.com",
	"for some requests": "@api {\n\tpath /api/*\n\tmethod GET OPTIONS\n}\ncors @api https://app.example.com",
}

func TestGoodConfigs(t *testing.T) {
	t.Parallel()
	for name, lines := range goodConfigs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := corstest.Site(t, lines+"\nrespond hello")
			for _, path := range []string{"/api/x", "/a/x", "/"} {
				corstest.Ask(t, "GET", srv.URL+path) // without an Origin, whose refusal would be told
			}
			log := corstest.LogLines(t.Name())
			for _, level := range []string{"warn", "error"} {
				if log.Count(`"level":"`+level+`"`, "http.handlers.cors") > 0 {
					t.Errorf("a %s for\n%s\nin the log:\n%s", level, lines, log)
				}
			}
		})
	}
}
