package lint_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// directiveLines has what a directive needs behind its matcher.
var directiveLines = map[string]string{
	"tracing": "", "vars": "a b", "fs": "x", "root": "/srv", "log_append": "a b", "log_skip": "", "log_name": "a",
	"header": "X-A b", "cors": "https://app.example.com", "request_body": "{\nmax_size 1MB\n}", "redir": "/x",
	"method": "GET", "rewrite": "/x", "uri": "strip_prefix /x", "basic_auth": "{\nalice $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}",
	"forward_auth": "auth:1 {\nuri /x\n}", "request_header": "X-A b", "encode": "gzip", "intercept": "{\n}", "templates": "",
	"handle": "{\n}", "route": "{\n}", "abort": "", "error": "500", "respond": "x", "metrics": "", "reverse_proxy": "localhost:1",
	"file_server": "", "acme_server": "",
}

// TestOrder compares the order of directives with Caddy's: every directive gets
// a path that names it, and the adapted routes tell the order.
func TestOrder(t *testing.T) {
	var lines, want []string
	for i, name := range lint.StandardOrder {
		args, tested := directiveLines[name]
		if !tested {
			continue
		}
		want = append(want, name)
		lines = append(lines, fmt.Sprintf("@m%d path /%s\n%s @m%d %s", i, name, name, i, args))
	}
	slices.Reverse(lines)
	if len(want) != len(directiveLines) {
		t.Errorf("%d of %d directives are in the order", len(want), len(directiveLines))
	}
	var config any
	if err := json.Unmarshal(adapt(t, ":80 {\n"+strings.Join(lines, "\n")+"\n}\n"), &config); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range regexp.MustCompile(`"path":\["/(\w+)"\]`).FindAllStringSubmatch(string(text), -1) {
		got = append(got, m[1])
	}
	if !slices.Equal(got, want) {
		t.Errorf("Caddy sorts\n%q\nand we\n%q", got, want)
	}
}
