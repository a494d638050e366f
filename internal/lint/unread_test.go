package lint_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// TestUnread: what Caddy cannot load does not hide what can be read: its error comes,
// and the finding beside it.
func TestUnread(t *testing.T) {
	const open = "header Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\theader Vary Origin\n"
	caddyfile := func(text string) (*lint.Report, error) {
		return lint.Caddyfile("Caddyfile", []byte(text), lint.Options{})
	}
	json := func(text string) (*lint.Report, error) { return lint.JSON([]byte(text), lint.Options{}) }
	for name, c := range map[string]struct {
		load func(text string) (*lint.Report, error)
		text string
		err  string
		at   string
	}{
		"a file to import":  {caddyfile, "a.example {\n\timport nothere.conf\n\t" + open + "\trespond hi\n}\n", "nothere.conf", "Caddyfile:3"},
		"a directive":       {caddyfile, "a.example {\n\tnosuch x\n\t" + open + "\trespond hi\n}\n", "nosuch", "Caddyfile:3"},
		"two imports":       {caddyfile, "import a.conf\na.example {\n\timport b.conf\n\t" + open + "\trespond hi\n}\n", "a.conf", "Caddyfile:4"},
		"a matcher":         {caddyfile, "a.example {\n\t@geo maxmind_geolocation DE\n\theader @geo X-A b\n\t" + open + "\trespond hi\n}\n", "maxmind_geolocation", "Caddyfile:4"},
		"one address twice": {caddyfile, "b.example {\n\trespond hi\n}\na.example, b.example {\n\t" + open + "\trespond hi\n}\n", "ambiguous site definition: b.example", "Caddyfile:5"},
		"an option":         {caddyfile, "a.example {\n\t" + open + "\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t\ttransport nosuch\n\t}\n}\n", "transport.nosuch", "Caddyfile:2"},
		"a module, in JSON": {json, `{"apps": {"http": {"servers": {"a": {"listen": [":80"], "routes": [{"handle": [{"handler": "no_such"},
			{"handler": "headers", "response": {"set": {"Access-Control-Allow-Origin": ["{http.request.header.Origin}"], "Access-Control-Allow-Credentials": ["true"], "Vary": ["Origin"]}}},
			{"handler": "static_response"}]}]}}}}}`, "unknown module: http.handlers.no_such", "apps/http/servers/a/routes/0/handle/1/response/set/Access-Control-Allow-Origin"},
		"an encoder, in JSON": {json, `{"apps": {"http": {"servers": {"a": {"listen": [":80"], "routes": [{"handle": [{"handler": "encode", "encodings": {"nope": {}, "gzip": {}}, "prefer": ["nope", "gzip"]},
			{"handler": "headers", "response": {"set": {"Access-Control-Allow-Origin": ["{http.request.header.Origin}"], "Access-Control-Allow-Credentials": ["true"], "Vary": ["Origin"]}}},
			{"handler": "static_response"}]}]}}}}}`, "unknown module: http.encoders.nope", "apps/http/servers/a/routes/0/handle/1/response/set/Access-Control-Allow-Origin"},
		"a compressed file, in JSON": {json, `{"apps": {"http": {"servers": {"a": {"listen": [":80"], "routes": [{"handle": [
			{"handler": "headers", "response": {"set": {"Access-Control-Allow-Origin": ["{http.request.header.Origin}"], "Access-Control-Allow-Credentials": ["true"], "Vary": ["Origin"]}}},
			{"handler": "file_server", "precompressed": {"nope": {}}, "precompressed_order": ["nope"]}]}]}}}}}`, "unknown module: http.precompressed.nope", "apps/http/servers/a/routes/0/handle/0/response/set/Access-Control-Allow-Origin"},
		"a matcher, in JSON": {json, `{"apps": {"http": {"servers": {"a": {"listen": [":80"], "routes": [{"match": [{"geoip": {}}], "terminal": true, "handle": [{"handler": "headers", "response": {"set": {"Access-Control-Allow-Origin": ["null"]}}}]},
			{"handle": [{"handler": "headers", "response": {"set": {"Access-Control-Allow-Origin": ["{http.request.header.Origin}"], "Access-Control-Allow-Credentials": ["true"], "Vary": ["Origin"]}}},
			{"handler": "static_response"}]}]}}}}}`, "unknown module: http.matchers.geoip", "apps/http/servers/a/routes/1/handle/0/response/set/Access-Control-Allow-Origin"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := c.load(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if report.Err == nil || !strings.Contains(report.Err.Error(), c.err) {
				t.Errorf("the error is %v, want %q", report.Err, c.err)
			}
			if len(report.Unjudged) == 0 && !strings.Contains(c.err, "ambiguous") {
				t.Error("nothing is named that was not judged")
			}
			if len(report.Findings) != 1 || report.Findings[0].Severity != lint.Security || report.Findings[0].Place() != c.at {
				t.Errorf("%+v, want one at %s", report.Findings, c.at)
			}
		})
	}
}

// TestNotLoaded: what fails for want of something that Caddy cannot load is no finding.
// What it does not depend on is one.
func TestNotLoaded(t *testing.T) {
	const (
		unknown   = "\t@cors origin https://a.example\n\theader @cors Access-Control-Allow-Origin https://a.example\n"
		preflight = "\t@options method OPTIONS\n\trespond @options 204\n\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t}\n"
		other     = "b.example {\n\t@o header Origin https://a.example\n\theader @o Access-Control-Allow-Origin https://a.example\n\trespond hi\n"
	)
	for name, c := range map[string]struct{ text, found string }{
		"answers to OPTIONS":   {"a.example {\n" + unknown + "\t@options method OPTIONS\n\trespond @options 204\n\treverse_proxy localhost:1\n}\n", ""},
		"the real one":         {"a.example {\n\t@options method OPTIONS\n\trespond @options 204\n\treverse_proxy localhost:1\n}\n", "preflight Caddyfile:3"},
		"a list of methods":    {"a.example {\n" + unknown + "\theader /x Access-Control-Allow-Origin https://a.example\n\theader /x Access-Control-Allow-Methods PUT\n" + preflight + "}\n", ""},
		"a block":              {"a.example {\n\t@m nosuch\n\thandle @m {\n\t\theader +Vary Origin\n\t}\n\t@o header Origin https://a.example\n\theader @o Access-Control-Allow-Origin https://a.example\n\trespond hi\n}\n", ""},
		"a wrong value":        {"a.example {\n" + unknown + "\theader Access-Control-Allow-Origin https://app.example/\n\trespond hi\n}\n", "no-effect Caddyfile:4"},
		"another site":         {"a.example {\n" + unknown + "\trespond hi\n}\n" + other + "}\n", "vary Caddyfile:8"},
		"a longer name":        {"a.b.example {\n" + unknown + "\trespond hi\n}\n" + other + "}\n", "vary Caddyfile:8"},
		"nothing about CORS":   {"a.example {\n\t@m nosuch\n\theader @m X-A b\n}\n" + strings.Replace(other, "b.example", "a.example:444", 1) + "}\n", "vary Caddyfile:7"},
		"a handler that stays": {"a.example {\n\thandle /x {\n\t\tcors https://app.example\n\t\tnosuch\n\t}\n\thandle {\n\t\trespond hi\n\t}\n}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := lint.Caddyfile("Caddyfile", []byte(c.text), lint.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, f := range report.Findings {
				found = append(found, f.ID+" "+f.Place())
			}
			if got := strings.Join(found, ", "); got != c.found {
				t.Errorf("%q, want %q", got, c.found)
			}
		})
	}
}

// TestRefused: what `cors` refuses is named beside what else Caddy cannot load, with
// the variable that is not set, and what was not judged is said.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		lines string // of a site
		want  []string
	}{
		"beside a directive":  {"\trate_limit x\n\tcors https://app.example.com/\n", []string{"Caddyfile:3", "ends with a slash", "Caddyfile:2 `rate_limit x`", "Caddyfile:3 `cors https://app.example.com/`"}},
		"inside of a handle":  {"\trate_limit x\n\thandle /a {\n\t\tcors https://app.example.com/\n\t}\n", []string{"Caddyfile:4", "ends with a slash"}},
		"beside an option":    {"\tcors https://app.example.com/\n\treverse_proxy localhost:1 {\n\t\ttransport nosuch\n\t}\n", []string{"Caddyfile:2", "ends with a slash", "Caddyfile:4 `transport nosuch`"}},
		"when it is loaded":   {"\trate_limit x\n\tcors {env.LINT_UNSET}\n\trespond hi\n", []string{"Caddyfile:3", "LINT_UNSET", "the site a.example"}},
		"of a variable":       {"\tcors https://app.example.com {\n\t\texcept {$LINT_UNSET}\n\t}\n", []string{"Caddyfile:3", "comes from {$NAME}", "[variable]", "Caddy refuses the policy\n"}},
		"of a wider variable": {"\tcors https://app.example.com/ {\n\t\texcept https://x.example.com {$LINT_UNSET}\n\t}\n", []string{"Caddyfile:3", "the policy is wider"}},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := lint.Caddyfile("Caddyfile", []byte("a.example {\n"+c.lines+"}\n"), lint.Options{})
			if err != nil || report.Err == nil {
				t.Fatal(err, report.Err)
			}
			said := report.Err.Error() + "\n" + strings.Join(report.Unjudged, "\n")
			for _, f := range report.Findings {
				said += "\n" + f.Place() + " [" + f.ID + "] " + f.Problem + "\n" + f.Effect
			}
			for _, w := range c.want {
				if !strings.Contains(said, w) {
					t.Errorf("no %q in\n%s", w, said)
				}
			}
		})
	}
}

// TestHosts: sites are asked by the names that Caddy matches.
func TestHosts(t *testing.T) {
	for _, host := range []string{"http://[::1]:8080", "bücher.example", "http://*.example.com"} {
		report, err := lint.Caddyfile("Caddyfile", []byte(host+" {\n\theader Access-Control-Allow-Origin {header.Origin}\n\theader Access-Control-Allow-Credentials true\n\theader Vary Origin\n\trespond hi\n}\n"), lint.Options{})
		if err != nil || report.Err != nil {
			t.Fatal(host, err, report.Err)
		}
		if report.Worst() != lint.Security {
			t.Errorf("%s: %+v", host, report.Findings)
		}
	}
}
