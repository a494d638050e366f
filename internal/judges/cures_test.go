package judges_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
)

// ask plays the question against a server.
func ask(t *testing.T, q check.Question) (browser.Page, browser.Request, browser.Verdict) {
	t.Helper()
	page, r, err := q.Parse()
	if err != nil {
		t.Fatal(err)
	}
	tr := check.Transport{Timeout: 10 * time.Second, Send: true}
	if err := tr.Open(); err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	return page, r, check.Play(page, r, &tr)
}

// run starts a site with the lines of a Caddyfile; the error says why it does
// not load.
func run(t *testing.T, lines string) (url string, err error) {
	t.Helper()
	file := "{\n\tadmin off\n\tauto_https off\n\tstorage file_system " + t.TempDir() + "\n}\n:9080 {\n" + lines + "\n\trespond ok\n}\n"
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(file), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return "", err
	}
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		return "", err
	}
	ctx, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { _ = caddy.Stop() })
	app, err := ctx.App("http")
	if err != nil {
		return "", err
	}
	for _, srv := range app.(*caddyhttp.App).Servers {
		live := httptest.NewServer(srv)
		t.Cleanup(live.Close)
		return live.URL, nil
	}
	return "", context.Canceled
}

var (
	inline = regexp.MustCompile("`(cors [^`]+)`")
	block  = regexp.MustCompile(`(?m)^\tcors .*\{\n(\t\t.*\n)*\t\}$`)
)

// offered are the directives in a cure, as people would paste them.
func offered(cure string) []string {
	directives := block.FindAllString(cure, -1)
	for _, found := range inline.FindAllStringSubmatch(cure, -1) {
		directives = append(directives, "\t"+found[1])
	}
	return directives
}

// TestCuresLoadAndWork: every directive that is offered loads, and with the last
// one the page may what it asked for, and keeps what the usual policy allows.
func TestCuresLoadAndWork(t *testing.T) {
	const app = "https://app.example.com"
	for name, c := range map[string]struct {
		status   int
		headers  string // "name: value" on lines
		question check.Question
		offers   int
		keeps    []string // methods
	}{
		"no header":            {200, "", check.Question{Origin: app}, 1, []string{"PUT"}},
		"with credentials":     {200, "", check.Question{Origin: app, Credentials: true}, 1, nil},
		"an error page":        {502, "", check.Question{Origin: app}, 1, nil},
		"a copy":               {200, "Age: 7\nAccess-Control-Allow-Origin: https://b.example", check.Question{Origin: app}, 1, nil},
		"star and credentials": {200, "Access-Control-Allow-Origin: *", check.Question{Origin: app, Credentials: true}, 1, nil},
		"no credentials":       {200, "Access-Control-Allow-Origin: " + app, check.Question{Origin: app, Credentials: true}, 1, nil},
		"two lines":            {200, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Origin: *", check.Question{Origin: app}, 1, nil},
		"preflight status":     {405, "", check.Question{Origin: app, Method: "PUT"}, 1, []string{"DELETE"}},
		"preflight, redirected": {
			308, "Access-Control-Allow-Origin: *\nLocation: /x", check.Question{Origin: app, Method: "PUT", Credentials: true}, 1, nil,
		},
		"usual method": {200, "Access-Control-Allow-Origin: *", check.Question{Origin: app, Method: "PUT"}, 1, []string{"PATCH", "DELETE"}},
		"other method": {
			200, "Access-Control-Allow-Origin: *", check.Question{Origin: app, Method: "PROPFIND"}, 1, []string{"PUT", "PATCH", "DELETE"},
		},
		"other method beside another": {
			200, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: MKCOL, *x", check.Question{Origin: app, Method: "PROPFIND"}, 1, []string{"MKCOL", "PUT"},
		},
		"strange method":   {200, "Access-Control-Allow-Origin: *", check.Question{Origin: app, Method: "#`'|~"}, 1, nil},
		"lower-case patch": {200, "Access-Control-Allow-Origin: *", check.Question{Origin: app, Method: "patch"}, 1, []string{"PATCH"}},
		"method and credentials": {
			200, "Access-Control-Allow-Origin: " + app + "\nAccess-Control-Allow-Credentials: true",
			check.Question{Origin: app, Method: "LOCK", Credentials: true},
			1,
			[]string{"PUT"},
		},
		"header": {200, "Access-Control-Allow-Origin: *", check.Question{Origin: app, Headers: []string{"X-A: 1"}}, 1, nil},
		"Authorization": {
			200, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Headers: *",
			check.Question{Origin: app, Headers: []string{"Authorization: x", "X-A: 1"}},
			1, nil,
		},
		"malformed list":             {200, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: a b", check.Question{Origin: app, Method: "PUT"}, 1, nil},
		"http page":                  {200, "", check.Question{Origin: "http://app.example.com"}, 1, nil},
		"http page and credentials":  {200, "", check.Question{Origin: "http://app.example.com", Credentials: true}, 2, nil},
		"http page, other method":    {200, "Access-Control-Allow-Origin: http://a.example\nAccess-Control-Allow-Credentials: true", check.Question{Origin: "http://a.example", Method: "LOCK", Credentials: true}, 2, []string{"PUT"}},
		"loopback and credentials":   {200, "", check.Question{Origin: "http://localhost:3000", Credentials: true}, 1, nil},
		"loopback address":           {200, "", check.Question{Origin: "http://[::1]:3000", Credentials: true}, 1, nil},
		"custom scheme":              {200, "", check.Question{Origin: "capacitor://localhost", Credentials: true}, 1, nil},
		"null":                       {200, "", check.Question{Origin: "null"}, 1, nil},
		"null and credentials":       {200, "", check.Question{Origin: "null", Credentials: true}, 0, nil},
		"file page and credentials":  {200, "", check.Question{Origin: "file://", Credentials: true}, 0, nil},
		"unreadable 401":             {401, "", check.Question{Origin: app}, 1, nil},
		"public suffix, credentials": {200, "", check.Question{Origin: "https://me.github.io", Credentials: true}, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for line := range strings.Lines(c.headers) {
					name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
					w.Header().Add(name, value)
				}
				w.WriteHeader(c.status)
			}))
			defer bad.Close()
			c.question.URL = bad.URL
			page, r, v := ask(t, c.question)
			if check.Exit(v) != check.ExitBlocked {
				t.Fatalf("the server is not wrong: %+v", v)
			}
			cure := check.Cure(page, r, v)
			directives := offered(cure)
			if cure == "" || len(directives) != c.offers {
				t.Fatalf("%d directives, want %d, in the cure:\n%s", len(directives), c.offers, cure)
			}
			for i, directive := range directives {
				url, err := run(t, directive)
				if err != nil {
					t.Fatalf("it does not load: %v\n%s", err, directive)
				}
				if i+1 < len(directives) {
					continue
				}
				c.question.URL = url
				for _, method := range append(c.keeps, c.question.Method) {
					again := c.question
					again.Method = method
					if _, _, v := ask(t, again); v.Outcome != browser.Readable {
						t.Errorf("%s is %s (%s) with the cure\n%s", method, v.Outcome, v.Detail, directive)
					}
				}
			}
		})
	}
}

// TestOtherCuresLoad: lines of other directives, where the cure says they go.
func TestOtherCuresLoad(t *testing.T) {
	page := browser.Page{}
	page.Origin, _ = browser.ParseOrigin("https://app.example.com")
	r := browser.Request{Method: "GET", URL: "https://api.example.com/", Credentials: browser.CredentialsInclude}
	lines := func(v browser.Verdict) string {
		_, code, _ := strings.Cut(check.Cure(page, r, v), "\n\n")
		return code
	}
	to := browser.Exchange{Response: browser.Response{Status: 302, Headers: browser.Headers{{"Location", "https://login.example.com/"}, {"Access-Control-Allow-Origin", "*"}}}}
	last := browser.Exchange{Sent: browser.Sent{URL: "https://login.example.com/"}, Response: browser.Response{Status: 200}}
	login := browser.Verdict{Outcome: browser.Blocked, Failure: browser.Failure{Reason: browser.ACAOMissing}, Exchanges: []browser.Exchange{to, last}}
	certificate := browser.Verdict{Outcome: browser.NetworkError, Failure: browser.Failure{Reason: browser.PreflightNoAnswer}, Err: check.ErrClientCertificate}
	for name, file := range map[string]string{
		"login":       "\t@page header Origin *\n\tforward_auth @page 127.0.0.1:9 {\n\t\turi /auth\n" + lines(login) + "\t}\n",
		"certificate": "\tcors https://app.example.com\n" + lines(certificate),
	} {
		if strings.Count(file, "error ") != 1 {
			t.Errorf("%s: the cure has no lines to paste:\n%s", name, file)
		}
		if _, err := run(t, file); err != nil {
			t.Errorf("%s: %v\n%s", name, err, file)
		}
	}
}
