package lint_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

const page = "https://app.example.com"

// TestMeasured runs what findings say on a real Caddy: the site, a request, and
// the answer that shows the effect. A rule "" means that nothing is found,
// because the answer is right.
func TestMeasured(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", page)
	}))
	t.Cleanup(up.Close)
	upstream := "reverse_proxy " + strings.TrimPrefix(up.URL, "http://")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cors-lint"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files := "file_server {\nroot " + dir + "\n}"
	const (
		dead    = "reverse_proxy 127.0.0.1:1"
		account = "basic_auth {\n alice $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}\n"
		open    = "header Access-Control-Allow-Origin *\n"
		answer  = "@options method OPTIONS\nrespond @options 204\n"
		get     = http.MethodGet
		options = http.MethodOptions
	)
	for _, tt := range []struct {
		rule, lines, method, origin string
		status                      int
		allowed                     []string // the lines of Access-Control-Allow-Origin
	}{
		{"", open + "file_server", get, page, 404, []string{"*"}},
		{"", open + account, get, page, 401, []string{"*"}},
		{"", open + dead + " {\nheader_down -Access-Control-Allow-Origin\n}", get, page, 502, []string{"*"}},
		{"lost-on-errors", "header >Access-Control-Allow-Origin *\nfile_server", get, page, 404, nil},
		{"lost-on-errors", "header >Access-Control-Allow-Origin *\n" + account + "respond hello", get, page, 401, nil},
		{"lost-on-errors", "header ?Access-Control-Allow-Origin *\n" + dead, get, page, 502, nil},
		{"lost-on-errors", dead + " {\nheader_down Access-Control-Allow-Origin *\n}", get, page, 502, nil},
		{"", "header {\nAccess-Control-Allow-Origin *\ndefer\n}\n" + dead + "\nhandle_errors {\n" + open + "respond gone\n}", get, page, 502, []string{"*"}},

		{"doubled-by-upstream", open + upstream, get, page, 200, []string{"*", page}},
		{"doubled-by-upstream", open + upstream + " {\nheader_down Access-Control-Allow-Origin *\n}", get, page, 200, []string{"*", "*"}},
		{"", open + upstream + " {\nheader_down -Access-Control-Allow-Origin\n}", get, page, 200, []string{"*"}},

		{"preflight-after-auth", open + "header Access-Control-Allow-Methods PUT\n" + account + answer, options, page, 401, []string{"*"}},
		{"preflight-after-auth", account + "@options method OPTIONS\nhandle @options {\n" + open + "header Access-Control-Allow-Methods PUT\nrespond 204\n}", options, page, 401, nil},
		{"preflight-not-answered", open + "header Access-Control-Allow-Methods PUT\n" + files, options, page, 405, []string{"*"}},
		{"", open + "header Access-Control-Allow-Methods PUT\nrespond hello", options, page, 200, []string{"*"}},

		{"empty-answer", "header Vary Origin\n@cors header Origin " + page + "\nhandle @cors {\nheader Access-Control-Allow-Origin " + page + "\n}\nhandle {\nrespond 418\n}", get, page, 200, []string{page}},
		{"wildcard-in-value", "header Vary Origin\n@cors header Origin https://*.example.com\nheader @cors Access-Control-Allow-Origin {header.Origin}", get, page, 200, nil},
		{"not-an-origin", "header Vary Origin\n@cors header Origin ~https://.*\nheader @cors Access-Control-Allow-Origin {header.Origin}", get, page, 200, nil},
		{"origin-regexp-too-wide", "header Vary Origin\n@cors header_regexp Origin https://app\\.example\\.com\nheader @cors Access-Control-Allow-Origin {header.Origin}", get, page + ".evil.example", 200, []string{page + ".evil.example"}},
		{"origin-glob-too-wide", "header Vary Origin\n@cors header Origin *example.com\nheader @cors Access-Control-Allow-Origin {header.Origin}", get, "https://evilexample.com", 200, []string{"https://evilexample.com"}},
		{"several-origins-in-value", "header +Access-Control-Allow-Origin a\nheader +Access-Control-Allow-Origin b", get, page, 200, []string{"a", "b"}},

		{"header-beside-cors", "cors " + page + "\n" + open, get, page, 200, []string{page}},
		{"header-beside-cors", "cors " + page + "\nheader >Access-Control-Allow-Origin *\nrespond hello", get, page, 200, []string{"*"}},
		{"header-beside-cors", "cors " + page + "\nheader {\n+Access-Control-Allow-Origin *\ndefer\n}\nrespond hello", get, page, 200, []string{page, "*"}},
		{"header-beside-cors", "cors " + page + "\nheader -Access-Control-Allow-Origin\nrespond hello", get, page, 200, nil},
		{"header-beside-cors", "cors " + page + "\nheader ?Access-Control-Allow-Origin *\nrespond hello", get, "https://evil.example", 200, []string{"*"}},
		{"header-beside-cors", "cors " + page + "\nfile_server\nhandle_errors {\n" + open + "respond gone\n}", get, page, 404, []string{"*"}},
		{"header-beside-cors", "route {\ncors " + page + "\nheader >Access-Control-Allow-Origin *\n}", get, page, 200, []string{page}},
		{"header-beside-cors", "route {\ncors " + page + " {\nupstream keep\n}\n" + open + "}", get, page, 200, []string{"*"}},
		{"header-down-beside-cors", "cors " + page + "\n" + upstream + " {\nheader_down Access-Control-Allow-Origin *\n}", get, page, 200, []string{page}},

		{"cors-after-auth", "route {\n" + account + "cors " + page + "\n}", options, page, 401, nil},
		{"cors-after-auth", account + "handle {\ncors " + page + "\n}", options, page, 401, nil},
		{"cors-after-auth", "route {\n" + upstream + "\ncors https://admin.example.com\n}", get, "https://admin.example.com", 200, []string{page}},
		{"", account + "cors " + page, options, page, 204, []string{page}},
		{"preflight-taken", "handle /x {\nrespond hello\n}\n@options method OPTIONS\nhandle @options {\nrespond 204\n}\nhandle {\ncors " + page + "\n}", options, page, 204, nil},
		{"preflight-forwarded-to-auth", account + "cors " + page + " {\npreflight forward\n}", options, page, 401, []string{page}},
		{"matcher-without-options", "@get method GET\ncors @get " + page + "\n" + files, options, page, 405, nil},
		{"overlapping-policies", "cors " + page + "\ncors https://admin.example.com", options, "https://admin.example.com", 403, nil},
		{"", "cors /public/* https://admin.example.com\ncors " + page, options, page, 204, []string{page}},
	} {
		t.Run(tt.rule+" "+tt.lines, func(t *testing.T) {
			config := "{\n\tadmin off\n\tlog {\n\t\tlevel PANIC\n\t}\n}\nhttp:// {\n\troot /nowhere\n" + tt.lines + "\n}\n"
			found, err := lint.Caddyfile("Caddyfile", []byte(config))
			if err != nil {
				t.Fatal(err)
			}
			if got := ids(found); tt.rule == "" && len(got) > 0 || tt.rule != "" && !slices.Contains(got, tt.rule) {
				t.Errorf("finds %q, not %q", got, tt.rule)
			}
			res := ask(t, config, tt.method, tt.origin)
			if got := res.Header.Values("Access-Control-Allow-Origin"); res.StatusCode != tt.status || !slices.Equal(got, tt.allowed) {
				t.Errorf("%d with Access-Control-Allow-Origin %q, want %d with %q", res.StatusCode, got, tt.status, tt.allowed)
			}
		})
	}
}

// transport is the tests' own, because every test server that is closed closes
// the idle connections of http.DefaultTransport, in the middle of other tests.
var transport = new(http.Transport)

// ask sends one request through the whole chain of a site.
func ask(t *testing.T, config, method, origin string) *http.Response {
	t.Helper()
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(adapt(t, config), &cfg); err != nil {
		t.Fatal(err)
	}
	ctx, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	app, err := ctx.App("http")
	if err != nil {
		t.Fatal(err)
	}
	var chain http.Handler
	for _, server := range app.(*caddyhttp.App).Servers {
		chain = server
	}
	srv := httptest.NewServer(chain)
	defer srv.Close()
	req, err := http.NewRequest(method, srv.URL+"/cors-lint", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", origin)
	if method == http.MethodOptions {
		req.Header.Set("Access-Control-Request-Method", http.MethodPut)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}
