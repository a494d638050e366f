package cors

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// Recipes for containers carry their Caddyfile in YAML, and one of them has a
// directive of FrankenPHP's.

var (
	docLabel     = regexp.MustCompile(`(?m)^ +(caddy[\w.]*): "?(.*?)"?$`)
	docConfigMap = regexp.MustCompile(`(?m)^  Caddyfile: \|\n((?:    .*\n|\n)+)`)
	docUpstreams = regexp.MustCompile(`\{\{upstreams (\d+)\}\}`)
)

// fromYAML makes the block the Caddyfile that a program would find in it.
func (b *docBlock) fromYAML() {
	switch b.comment {
	case "labels":
		labels := make(map[string]string)
		for _, m := range docLabel.FindAllStringSubmatch(b.text, -1) {
			labels[m[1]] = docUpstreams.ReplaceAllString(m[2], "10.0.0.2:$1")
		}
		b.text = docDirectives(labels, "caddy", "")
	case "configmap":
		if found := docConfigMap.FindStringSubmatch(b.text); found != nil {
			b.text = regexp.MustCompile(`(?m)^    `).ReplaceAllString(found[1], "")
		}
	default:
		return
	}
	b.lang, b.comment = "caddyfile", ""
}

// docDirectives writes a label and those below it, as caddy-docker-proxy does: the
// last part of the name and the value are the line, what is below is its block.
// The first label is a site, so its value is the whole line.
func docDirectives(labels map[string]string, name, indent string) string {
	line := strings.TrimSpace(name[strings.LastIndex(name, ".")+1:] + " " + labels[name])
	if indent == "" {
		line = labels[name]
	}
	var block string
	for _, below := range slices.Sorted(maps.Keys(labels)) {
		if rest, ok := strings.CutPrefix(below, name+"."); ok && !strings.Contains(rest, ".") {
			block += docDirectives(labels, below, indent+"\t")
		}
	}
	if block == "" {
		return indent + line + "\n"
	}
	return indent + line + " {\n" + block + indent + "}\n"
}

// phpServer stands for FrankenPHP's directive, at its place in the order
// (dunglas/frankenphp, caddy/module.go: before file_server).
func init() {
	httpcaddyfile.RegisterHandlerDirective("php_server", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		h.Next()
		return &caddyhttp.StaticResponse{Headers: http.Header{"X-Upstream": {"reached"}}}, nil
	})
	httpcaddyfile.RegisterDirectiveOrder("php_server", httpcaddyfile.Before, "file_server")
}

// TestDocYAML: a Caddyfile is read from YAML as the programs read it.
func TestDocYAML(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ comment, text, want string }{
		"labels": {
			"labels",
			"    labels:\n      caddy: a.example\n      caddy.cors: https://b.example\n      caddy.cors.credentials: \"\"\n      caddy.reverse_proxy: \"{{upstreams 80}}\"\n",
			"a.example {\n\tcors https://b.example {\n\t\tcredentials\n\t}\n\treverse_proxy 10.0.0.2:80\n}\n",
		},
		"configmap": {"configmap", "data:\n  Caddyfile: |\n    :80 {\n    \trespond 1\n    }\nkind: x\n", ":80 {\n\trespond 1\n}\n"},
		"other":     {"", "a: b\n", "a: b\n"},
	} {
		b := &docBlock{lang: "yaml", comment: c.comment, text: c.text}
		if b.fromYAML(); b.text != c.want {
			t.Errorf("%s: got %s", name, b.text)
		}
	}
	if _, err := corstest.Adapt(":80 {\n\tphp_server\n}\n"); err != nil {
		t.Error(err)
	}
}

// asShipped goes where Caddyfile.example is as it was shipped: its readers are
// told to change it, and the documents speak of the original.
func asShipped(t *testing.T) {
	t.Helper()
	content := readDocument(t, "testdata/Caddyfile.example")
	examples, err := filepath.Abs("examples")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Symlink(examples, "examples"); err != nil {
		t.Fatal(err)
	}
	// The page reads the file by the name that a test adapts it with.
	for _, name := range []string{"Caddyfile.example", "Caddyfile"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
