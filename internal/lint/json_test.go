package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestHandWrittenJSON reads what the adapter does not write.
func TestHandWrittenJSON(t *testing.T) {
	const (
		corsHandler = `{"handler": "cors", "origins": ["https://app.example.com"]}`
		open        = `{"handler": "headers", "response": {"set": {"access-control-allow-origin": ["*"]}}}`
		proxied     = `{"handler": "reverse_proxy"}`
	)
	for name, tt := range map[string]struct{ server, want string }{
		"one chain": {
			`"routes": [{"handle": [` + open + `, ` + corsHandler + `]}]`,
			"header-beside-cors routes/0/handle/0",
		},
		"Vary, deferred": {
			`"routes": [{"handle": [{"handler": "headers", "response": {"set": {"Vary": ["Accept"]}, "deferred": true}}, ` + corsHandler + `]}]`,
			"vary-beside-cors routes/0/handle/0",
		},
		"Vary, deferred, beside a star": {
			`"routes": [{"handle": [{"handler": "headers", "response": {"delete": ["Vary"], "deferred": true}}, {"handler": "cors", "origins": ["*"]}]}]`,
			"",
		},
		"Vary, deferred, beside a star with an exception": {
			`"routes": [{"handle": [{"handler": "headers", "response": {"delete": ["Vary"], "deferred": true}}, {"handler": "cors", "origins": ["*"], "except": ["https://a.example"]}]}]`,
			"vary-beside-cors routes/0/handle/0",
		},
		"expressions": {
			`"routes": [{"handle": [{"handler": "cors", "origin_regexp": ["https://.*\\.com"], "credentials": true}]}]`,
			"origin-regexp-too-wide routes/0/handle/0",
		},
		"a proxy for errors": {
			`"routes": [{"handle": [` + corsHandler + `]}], "errors": {"routes": [{"handle": [` + proxied + `]}]}`,
			"errors-without-cors errors/routes/0/handle/0",
		},
		"auth first": {
			`"routes": [{"handle": [{"handler": "authentication"}]}, {"handle": [` + corsHandler + `, ` + proxied + `]}]`,
			"cors-after-auth routes/1/handle/0",
		},
		"a route for all hosts": {
			`"routes": [{"handle": [` + open + `]}, {"match": [{"host": ["a.example.com"]}], "handle": [` + proxied + `], "terminal": true}]`,
			"doubled-by-upstream routes/0/handle/0",
		},
		"terminal routes end the chain": {
			`"routes": [{"handle": [` + open + `], "terminal": true}, {"handle": [` + proxied + `]}]`,
			"",
		},
		"perhaps terminal": {
			`"routes": [{"handle": [` + open + `]}, {"match": [{"remote_ip": {"ranges": ["10.0.0.0/8"]}}], "handle": [{"handler": "vars"}], "terminal": true}, {"handle": [` + proxied + `]}]`,
			"doubled-by-upstream routes/0/handle/0",
		},
		"other hosts": {
			`"routes": [{"match": [{"host": ["a.example.com"]}], "handle": [` + open + `], "terminal": true}, {"match": [{"host": ["b.example.com"]}], "handle": [` + corsHandler + `], "terminal": true}]`,
			"",
		},
		"alternatives": {
			`"routes": [{"match": [{"method": ["GET"]}, {"method": ["OPTIONS"]}], "handle": [` + corsHandler + `]}]`,
			"",
		},
		"no alternative for preflights": {
			`"routes": [{"match": [{"method": ["GET"]}, {"not": [{"method": ["OPTIONS"]}]}], "handle": [` + corsHandler + `]}]`,
			"matcher-without-options routes/0",
		},
		"headers of an answer": {
			`"routes": [{"handle": [{"handler": "static_response", "headers": {"Access-Control-Allow-Origin": ["null"]}}]}]`,
			"null-origin routes/0/handle/0",
		},
		"errors of a subroute": {
			`"routes": [{"handle": [` + corsHandler + `, {"handler": "subroute", "routes": [], "errors": {"routes": [{"handle": [` + open + `]}]}}]}]`,
			"header-beside-cors routes/0/handle/1/errors/routes/0/handle/0",
		},
		"named routes": {
			`"named_routes": {"x": {"handle": [{"handler": "authentication"}, ` + corsHandler + `, {"handler": "invoke", "name": "x"}]}}, "routes": [{"handle": [{"handler": "invoke", "name": "x"}]}]`,
			"cors-after-auth named_routes/x/handle/1",
		},
		"what Caddy will refuse": {
			`"routes": [{"match": [{"method": 3, "not": 3, "header": 3, "header_regexp": {"Origin": 3}, "expression": 3}], "handle": [3, ` + corsHandler + `]}]`,
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := JSON([]byte(`{"apps": {"http": {"servers": {"srv": {"listen": [":443"], ` + tt.server + `}}}}}`))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, fmt.Sprintf("%s %s", f.ID, strings.TrimPrefix(f.Path, "apps/http/servers/srv/")))
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSites: what a snippet does to several sites is one finding.
func TestSites(t *testing.T) {
	const body = "(open) {\nheader Access-Control-Allow-Origin null\n}\na.example.com, b.example.com {\nimport open\n}\nc.example.com {\nimport open\n}\nd.example.com {\n}\n"
	found := lint(t, "sites", body)
	if len(found) != 1 || found[0].Site != "a.example.com, b.example.com, c.example.com" || found[0].Line != 2 {
		t.Errorf("%+v", found)
	}
	if !slices.Equal(found[0].Instead, []string{"cors " + exampleOrigin}) {
		t.Errorf("%q", found[0].Instead)
	}
}
