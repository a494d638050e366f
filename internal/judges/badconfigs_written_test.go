package judges_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// Some vectors are written as they stand in a file: ` ; ` parts the lines of a
// block, or of a whole site where an address stands first.

func isSite(config string) bool { return strings.HasPrefix(config, "http") }

// blockOf gives each part a line.
func blockOf(config string) string {
	return strings.NewReplacer(" ; ", "\n", " { ", " {\n", " }", "\n}").Replace(config)
}

// siteOf is a whole site.
func siteOf(config string) string {
	if isSite(config) {
		return blockOf(config) + "\n"
	}
	return "http://clean.test {\ncors {\n" + blockOf(config) + "\n}\nrespond hello\n}\n"
}

// serveOnce loads a site and sends it a request without an Origin: what stands
// around a handler is seen then.
func serveOnce(t *testing.T, config string) {
	t.Helper()
	srv := corstest.Serve(t, siteOf(config))
	corstest.Ask(t, "GET", srv.URL)
}

func (b *badConfig) mustWarnAsSite(t *testing.T, config string) {
	t.Helper()
	serveOnce(t, config)
	wantWarning(t, b.says...)
}

// mustBeClean: the other side of a rule.
func mustBeClean(t *testing.T, config string) {
	t.Helper()
	serveOnce(t, config)
	log := corstest.LogLines(t.Name())
	for _, level := range []string{"warn", "error"} {
		if log.Count(`"level":"`+level+`"`, "http.handlers.cors") > 0 {
			t.Errorf("a %s in the log:\n%s", level, log)
		}
	}
}

// unsetVariable: only who reads the file itself can see it.
func unsetVariable(t *testing.T) {
	t.Helper()
	report, err := lint.Caddyfile("Caddyfile", []byte(siteOf("http://bad.test:8080 { cors { origins https://app.example.com ; credentials {$T2_UNSET} } ; respond ok }")), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Line == 4 && says(f.Problem+f.Effect+f.Cure, []string{"{$T2_UNSET}", "credentials", "{$T2_UNSET:false}"}) == "" {
			return
		}
	}
	t.Errorf("nothing is said about the variable: %+v", report.Findings)
}

// writtenConfigs say what the message must contain, and in which line it is.
var writtenConfigs = map[string]badConfig{
	"t2-bad-001": {line: 1, says: []string{"can match no origin that a browser sends", "scheme", "https://"}},
	"t2-bad-003": {line: 1, says: []string{"app.example.com has no scheme", "can match no origin that a browser sends", "scheme", "https://"}},
	"t2-bad-004": {line: 1, says: []string{"can match no origin that a browser sends", "App", "lower case"}},
	"t2-bad-005": {line: 1, says: []string{"can match no origin that a browser sends", "443", "default port"}},
	"t2-bad-007": {line: 1, says: []string{"can match no origin that a browser sends", "slash", "remove"}},
	"t2-bad-009": {line: 1, says: []string{"can match no origin that a browser sends", `","`, "white space"}},
	"t2-bad-010": {line: 1, says: []string{"^null$", "can match no origin that a browser sends", "null_origin"}},
	"t2-bad-014": {line: 1, says: []string{"b.example has no scheme", "can match no origin that a browser sends", "scheme"}},
	"t2-bad-020": {line: 1, says: []string{"also accepts", "credentials", "end it with your own domain"}},
	"t2-bad-023": {line: 1, says: []string{"https://.*", "also accepts", "credentials", "end it with your own domain"}},
	"t2-bad-024": {line: 1, says: []string{"also accepts", "credentials", "end it with your own domain"}},
	"t2-bad-026": {line: 1, says: []string{"github.io", "credentials", "end it with your own domain"}},
	"t2-bad-029": {line: 1, says: []string{"also accepts", "credentials", "end it with your own domain"}},
	"t2-bad-030": {line: 1, says: []string{"also accepts", "end it with your own domain", "any_origin_regexp"}},
	"t2-bad-031": {line: 1, says: []string{"also accepts", "end it with your own domain", "any_origin_regexp"}},
	"t2-bad-040": {line: 1, says: []string{"https://app.example.com", "also accepts https://appxexample.com", "write `https://app\\.example\\.com`"}},
	"t2-bad-042": {line: 1, says: []string{"also accepts https://appxexample.com", "cookies", "write `^https://app\\.example\\.com$`"}},
	"t2-bad-050": {line: 1, says: []string{"https://**.amazonaws.com", "s3.amazonaws.com", "public suffix", "public_suffixes"}},
	"t2-bad-051": {line: 1, says: []string{"https://**.core.windows.net", "public suffix", "public_suffixes"}},
	"t2-bad-060": {line: 1, says: []string{"https://*-shop.netlify.app", "netlify.app is a public suffix", "public_suffixes"}},
	"t2-bad-061": {line: 1, says: []string{"https://*-shop.netlify.app", "netlify.app is a public suffix", "your own subdomain"}},
	"t2-bad-064": {line: 1, says: []string{"https://*example.com", "dot", "https://*.example.com"}},
	"t2-bad-066": {line: 2, says: []string{"https://*-shop.netlify.app", "public suffix", "public_suffixes"}, onlyCaddyfile: true},
	"t2-bad-067": {line: 1, says: []string{"https://a*b*.example.com", "one", "https://*-shop.example.com"}},
	"t2-bad-070": {line: 1, says: []string{"file://", "null", "dangerously_allow null_origin"}},
	"t2-bad-071": {line: 1, says: []string{"file://", "credentials", "drop one"}},
	"t2-bad-072": {line: 1, says: []string{"https://.", "host"}},
	"t2-bad-080": {line: 2, says: []string{"Access-Control-Allow-Credentials", "header of the answer", "remove"}},
	"t2-bad-081": {line: 2, says: []string{"Access-Control-Expose-Headers", "header of the answer", "remove"}},
	"t2-bad-084": {line: 2, says: []string{"Access-Control-Allow-Headers", "preflights", "remove"}},
	"t2-bad-085": {line: 2, says: []string{"Access-Control-Max-Age", "preflights", "remove"}},
	"t2-bad-087": {line: 3, says: []string{"Access-Control-Allow-Origin", "header of the answer", "remove"}, onlyCaddyfile: true},
	"t2-bad-090": {line: 1, says: []string{"`*` refuses nobody", "enforce requests", "list the origins"}},
	"t2-bad-091": {line: 1, says: []string{"`*` refuses nobody", "enforce requests", "list the origins"}},
	"t2-bad-095": {line: 0, says: []string{"host_not_verified", "hosts in its address"}},
	"t2-bad-101": {line: 0, says: []string{"the only origin is the site's own", "list the origin of the page"}},
}
