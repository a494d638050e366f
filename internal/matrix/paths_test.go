package matrix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// TestPaths: one for each matcher with paths, behind the prefix that a block around it
// cuts away, and one that no matcher names.
func TestPaths(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"none":                     {"respond ok", ""},
		"a path":                   {"respond /a ok", "/a"},
		"all below":                {"respond /a/* ok", "/a/x"},
		"several":                  {"@m path /a /b/*\nrespond @m ok", "/a /b/x"},
		"an ending":                {"@m path *.json\nrespond @m ok", "/x.json"},
		"a star in the middle":     {"@m path /a/*/b\nrespond @m ok", "/a/x/b"},
		"twice":                    {"header /a X-A 1\nrespond /a ok", "/a"},
		"a block":                  {"handle /api/* {\nrespond ok\n}", "/api/x"},
		"a path in a block":        {"handle /api/* {\nrespond /api/v1 ok\n}", "/api/x /api/v1"},
		"a prefix that is cut":     {"handle_path /api/* {\nrespond /v1/* ok\n}", "/api/x /api/v1/x"},
		"two that are cut":         {"handle_path /api/* {\nhandle_path /v1/* {\nrespond /u ok\n}\n}", "/api/x /api/v1/x /api/v1/u"},
		"one that is cut in front": {"route {\nrespond /a ok\nuri strip_prefix /api\nrespond /me ok\n}", "/a /api/me"},
		"one that is replaced":     {"route {\nuri replace /v2/ /pub/\nrespond /pub/* ok\n}", "/pub/x /v2/x"},
		"one by an expression":     {"route {\nuri path_regexp ^/v[0-9]+/ /pub/\nrespond /pub/* ok\n}", "/pub/x /v1/x"},
		"an expression":            {"@m path_regexp ^/v[12]/users$\nrespond @m ok", "/v1/users"},
		"an expression in words":   {"@m expression `path('/a/*', '/b')`\nrespond @m ok", "/a/x /b"},
		"one that matches no URL":  {"@m path_regexp ^x$\nrespond @m ok", ""},
		"a proxy":                  {"reverse_proxy /ws/* localhost:1", "/ws/x"},
		"a map":                    {"map {path} {x} {\n/a/b 1\n~^/v[12]/ 2\ndefault 3\n}\nrespond ok", "/a/b /v1/"},
		"a map of something else":  {"map {host} {x} {\n/a/b 1\n}\nrespond ok", ""},
		"of errors":                {"respond ok\nhandle_errors {\nrespond /gone no\n}", "/gone"},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := sites(t, "a.example {\n"+c.lines+"\n}\n")
			want := strings.TrimSpace(matrix.Nowhere + " " + c.want)
			if got := strings.Join(all[0].Paths, " "); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestPathsOf: those of one handler; none where all requests come by.
func TestPathsOf(t *testing.T) {
	all, _ := sites(t, "a.example {\n\theader X-A 1\n\thandle_path /api/* {\n\t\theader /v1/* X-B 1\n\t\trespond ok\n\t}\n}\n")
	var got []string
	for _, h := range all[0].Handlers {
		if h.Kind == "headers" {
			got = append(got, fmt.Sprint(matrix.PathsOf(h)))
		}
	}
	if strings.Join(got, "|") != "[]|[/api/v1/x]" {
		t.Errorf("got %v", got)
	}
}

// TestPreflightOnly: handlers behind a matcher for OPTIONS.
func TestPreflightOnly(t *testing.T) {
	for lines, want := range map[string]bool{
		"@o method OPTIONS\nrespond @o 204":                                true,
		"@o {\nmethod OPTIONS\nheader Origin *\n}\nrespond @o 204":         true,
		"@o method OPTIONS\nhandle @o {\nroute {\nrespond 204\n}\n}":       true,
		"@o method OPTIONS HEAD\nrespond @o 204":                           false,
		"@o not method GET\nrespond @o 204":                                false,
		"respond 204":                                                      false,
		"@o method OPTIONS\nheader @o Access-Control-Max-Age 1\nrespond x": false,
	} {
		all, _ := sites(t, "a.example {\n"+lines+"\n}\n")
		for _, h := range all[0].Handlers {
			if h.Kind == "static_response" && matrix.PreflightOnly(h) != want {
				t.Errorf("%s: %v", lines, !want)
			}
		}
	}
}
