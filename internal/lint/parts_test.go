package lint

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

func TestWideGlob(t *testing.T) {
	for v, want := range map[string]string{
		"*":                           "", // everybody, on purpose
		"https://app.example.com":     "",
		"*.example.com":               "",
		"*://app.example.com":         "",
		"http://localhost:*":          "",
		"https://app.example.com:80*": "",
		"*example.com":                "https://evilexample.com",
		"*.com":                       "https://evil.com",
		"*.vercel.app":                "https://evil.vercel.app",
		"https://*":                   "https://evil.example",
		"http*":                       "https://evil.example",
		"https://app.*":               "https://app.evil.example",
		"https://app*":                "https://app.evil.example",
		"*localhost*":                 "https://localhost.evil.example",
	} {
		got, wide := wideGlob(v)
		if got != want || wide != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", v, got, wide, want)
		}
		if wide && !headerMatches(v, got) {
			t.Errorf("%s does not accept its example %s", v, got)
		}
	}
}

func TestExpressionsForOrigins(t *testing.T) {
	for _, tt := range []struct{ expr, foreign, dots, repaired string }{
		{`^https://app\.example\.com$`, "", "", `^https://app\.example\.com$`},
		{`^https://([a-z0-9-]+\.)?example\.com$`, "", "", `^https://([a-z0-9-]+\.)?example\.com$`},
		{`^https://.*\.example\.com$`, "", "", `^https://.*\.example\.com$`},
		{`^http://localhost:\d+$`, "", "", `^http://localhost:\d+$`},
		{`https://app\.example\.com`, "https://app.example.com.invalid", "", `^https://app\.example\.com$`},
		{`example\.com$`, "https://evilexample.com", "", `^https://example\.com$`},
		{`^https://.*example\.com$`, "https://evilxexample.com", "", `^https://(.*\.)?example\.com$`},
		{`^https://app.example.com$`, "", `^https://app\.example\.com$`, `^https://app\.example\.com$`},
		{`^https://[a-z.]+\.example\.com$`, "", "", `^https://[a-z.]+\.example\.com$`},
		{`^https://a\.example\.com$|^https://b\.example\.com`, "https://b.example.com.invalid", "", `^https://a\.example\.com$|^https://b\.example\.com`},
		{`.*`, "https://a.invalid", "", ""},
		{`^https://[a-z]+\.vercel\.app$`, "https://evilx.vercel.app", "", ""},
		{`^https://{env.NAME}\.example\.com$`, "", "", `^https://{env.NAME}\.example\.com$`},
		{`(`, "", "", ""},
	} {
		foreign, _ := acceptsUnanchored(tt.expr)
		dots, found := looseDots(tt.expr)
		if !found {
			dots = ""
		}
		if foreign != tt.foreign || dots != tt.dots || repairRegexp(tt.expr) != tt.repaired {
			t.Errorf("%s: got foreign %q, dots %q, repaired %q", tt.expr, foreign, dots, repairRegexp(tt.expr))
		}
	}
}

func TestSamples(t *testing.T) {
	for _, tt := range []struct {
		expr     string
		want     string
		complete bool
	}{
		{`^https://(app|admin)\.example\.com$`, "https://app.example.com https://admin.example.com", true},
		{`^https?://a$`, "http://a https://a", true},
		{`^https://[a-z]+\.b$`, "https://x.b", false},
		{`^https://.*\.b$`, "https://x.b", false},
		{`(?i)A`, "a", false},
		{`[`, "", false},
	} {
		got, complete := origin.Samples(tt.expr)
		if slices.Sort(got); !slices.Equal(got, sortedFields(tt.want)) || complete != tt.complete {
			t.Errorf("%s: got %q, %v", tt.expr, got, complete)
		}
	}
	if got, complete := origin.Samples(strings.Repeat("(a|b)", 20)); len(got) > origin.MaxSamples || complete {
		t.Errorf("%d samples", len(got))
	}
}

func sortedFields(s string) []string {
	fields := strings.Fields(s)
	slices.Sort(fields)
	return fields
}

// TestMatchers compares what definitions of matchers say of some requests.
func TestMatchers(t *testing.T) {
	get := probe{method: http.MethodGet, path: "/api/x", host: "a.example.com", origin: "https://app.example.com"}
	for _, tt := range []struct {
		definition     string
		get, preflight verdict
	}{
		{"method OPTIONS", no, yes},
		{"not method OPTIONS", yes, no},
		{"method GET POST", yes, no},
		{"method get", no, no},
		{"{\nmethod GET\nmethod OPTIONS\n}", yes, yes},
		{"path /api/*", yes, yes},
		{"path /API/X", yes, yes},
		{"path /other /ap*", yes, yes},
		{"path *.json", no, no},
		{"path */x*", yes, yes},
		{"path /{env.X}", perhaps, perhaps},
		{"not path /api/*", no, no},
		{"{\npath /api/*\nnot method OPTIONS\n}", yes, no},
		{"not {\nmethod OPTIONS\npath /other\n}", yes, yes},
		{"{\nnot method OPTIONS\nnot path /api/*\n}", no, no},
		{"host a.example.com", yes, yes},
		{"host *.example.com", yes, yes},
		{"host *.com", no, no},
		{"header Origin https://app.example.com", yes, yes},
		{"header Origin *.example.com", yes, yes},
		{"header Origin https://*.example.com", no, no},
		{"header !Origin", no, no},
		{"header Origin *", yes, yes},
		{"header Authorization *", perhaps, no},
		{"header !Authorization", perhaps, yes},
		{"header X-Foo bar", perhaps, perhaps},
		{"header Access-Control-Request-Method *", no, yes},
		{"header_regexp Origin ^https://app\\.", yes, yes},
		{"header_regexp name Origin nothing", no, no},
		{"remote_ip 10.0.0.0/8", perhaps, perhaps},
		{"`method('GET')`", yes, no},
		{"`!method('OPTIONS')`", yes, no},
		{"`{method} == 'OPTIONS' && path('/x')`", no, perhaps},
		{"`{http.request.method} != 'OPTIONS'`", yes, no},
		{"`{method} in ['GET', 'HEAD']`", yes, no},
		{"`method('GET') || path('/x')`", perhaps, perhaps},
		{"expression {header.Origin}.startsWith('https://app')", yes, yes},
		{"expression {header.Origin}.contains('nobody')", no, no},
		{"`header({'Origin': ['https://app.example.com']})`", yes, yes},
		{"`header_regexp('Origin', '^https://nobody')`", no, no},
		{"`path('/x')`", perhaps, perhaps},
	} {
		m := matcherOf(t, tt.definition)
		opening := get.asPreflight()
		if a, b := m.eval(&get), m.eval(&opening); a != tt.get || b != tt.preflight {
			t.Errorf("%s: GET %d, preflight %d, want %d, %d", tt.definition, a, b, tt.get, tt.preflight)
		}
	}
}

func matcherOf(t *testing.T, definition string) matcher {
	t.Helper()
	blocks, err := caddyfile.Parse("Caddyfile", []byte(":80 {\n@m "+definition+"\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return readMatcher(readSegment(blocks[0].Segments[0]))
}

func TestDraftLists(t *testing.T) {
	for _, tt := range []struct{ values, want string }{
		{"GET, POST, PUT, DELETE", "GET POST PUT DELETE"},
		{"GET, POST, PUT, PATCH, DELETE, OPTIONS", ""},
		{"GET,OPTIONS", "none"},
		{"*", "*"},
		{"get, put, TRACE", "GET PUT"},
		{"{http.request.header.Access-Control-Request-Method}", "*"},
		{"a b, PUT", "PUT"},
		{"", ""},
	} {
		if got := strings.Join(listMethods([]string{tt.values}), " "); got != tt.want {
			t.Errorf("methods %q: got %q, want %q", tt.values, got, tt.want)
		}
	}
	for _, tt := range []struct{ values, want string }{
		{"Content-Type, Origin, Accept-Encoding, content-type, Sec-X, X-A*, a b", "Content-Type"},
		{"Content-Type, *", "*"},
	} {
		if got := strings.Join(listNames([]string{tt.values}, isForbiddenRequestHeader), " "); got != tt.want {
			t.Errorf("headers %q: got %q, want %q", tt.values, got, tt.want)
		}
	}
	for v, want := range map[string]string{"600": "600s", "-1": "", "10m": "10m", "604800": "86400s", "x": "", "1.5s": ""} {
		if got := age([]string{v}); got != want {
			t.Errorf("max age %q: got %q, want %q", v, got, want)
		}
	}
}

// TestOrderOption reads the `order` option.
func TestOrderOption(t *testing.T) {
	for option, before := range map[string][2]string{
		"":                             {"cors", "basic_auth"},
		"order cors after basic_auth":  {"basic_auth", "cors"},
		"order cors last":              {"file_server", "cors"},
		"order cors first":             {"cors", "map"},
		"order mine before header":     {"mine", "header"},
		"order cors before nothing":    {"cors", "basic_auth"},
		"order cors":                   {"cors", "basic_auth"},
		"order cors before basic_auth": {"uri", "cors"},
	} {
		blocks, err := caddyfile.Parse("Caddyfile", []byte("{\n"+option+"\n}\n:80 {\n}\n"))
		if err != nil {
			t.Fatal(err)
		}
		order := readOrder(blocks[0].Segments)
		if i, j := position(order, before[0]), position(order, before[1]); i >= j {
			t.Errorf("%q: %s is at %d, %s at %d", option, before[0], i, before[1], j)
		}
	}
}

// TestErrors: the errors are Caddy's, and those of JSON name the line.
func TestErrors(t *testing.T) {
	if _, err := Caddyfile("Caddyfile", []byte("a {\n")); err == nil {
		t.Error("half a site is read")
	}
	for body, want := range map[string]string{"{\n\n!": "line 3", `{"apps": {"http": {"servers": 3}}}`: "servers"} {
		if _, err := JSON([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if found, err := JSON([]byte(`{"apps": {}}`)); err != nil || found != nil {
		t.Error(found, err)
	}
}

func TestMoreSpecific(t *testing.T) {
	at := func(word string) *node { return &node{match: wordMatcher(word, nil, place{})} }
	for _, tt := range []struct{ first, second string }{
		{"/api/x", "/api/*"}, {"/api", "/api*"}, {"/longer/*", "/long"}, {"/a", "/b"}, {"/a", ""},
	} {
		if !moreSpecific(at(tt.first), at(tt.second)) || moreSpecific(at(tt.second), at(tt.first)) {
			t.Errorf("%s does not come before %s", tt.first, tt.second)
		}
	}
}
