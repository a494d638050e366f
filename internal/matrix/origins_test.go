package matrix_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// TestRepaired: what somebody writes, and the origin that browsers send for it.
func TestRepaired(t *testing.T) {
	for written, want := range map[string]string{
		"https://a.example":          "https://a.example",
		"https://a.example/":         "https://a.example",
		"https://a.example/app/x":    "https://a.example",
		"HTTPS://A.example":          "https://a.example",
		"https://a.example:443":      "https://a.example",
		"http://a.example:80/x":      "http://a.example",
		"http://a.example:8080":      "http://a.example:8080",
		"https://*.a.example":        "https://app.a.example",
		"https://.a.example":         "https://app.a.example",
		"http://localhost:3000":      "http://localhost:3000",
		"http://[::1]:3000":          "http://[::1]:3000",
		"chrome-extension://abcdefg": "chrome-extension://abcdefg",
		"a.example":                  "",
		"null":                       "",
		"*":                          "",
		"https://":                   "",
		"https://a b":                "",
	} {
		if got := strings.Join(matrix.Repaired(written), " "); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}

// TestOrigins: whom a line is for: as its value says, or the matchers in front of it.
func TestOrigins(t *testing.T) {
	const reflect = "\nheader @o Access-Control-Allow-Origin {header.Origin}"
	for name, c := range map[string]struct{ lines, want string }{
		"a value":                 {"header Access-Control-Allow-Origin https://a.example", "https://a.example"},
		"a list":                  {"header Access-Control-Allow-Origin \"https://a.example, https://b.example\"", "https://a.example https://b.example"},
		"null":                    {"header Access-Control-Allow-Origin null", "null"},
		"the scheme and the host": {"header Access-Control-Allow-Origin {scheme}://{host}", "https://api.example.com"},
		"a header matcher":        {"@o header Origin https://a.example" + reflect, "https://a.example"},
		"two values of one":       {"@o {\nheader Origin https://a.example\nheader Origin https://b.example\n}" + reflect, "https://a.example https://b.example"},
		"a star behind":           {"@o header Origin https://a.*" + reflect, "https://a.x"},
		"any Origin":              {"@o header Origin *" + reflect, matrix.Anybody},
		"a tilde, as nginx has":   {"@o header Origin ~^https://a\\.example$" + reflect, "https://a.example"},
		"an expression":           {"@o header_regexp o Origin ^https://(app|www)\\.example$\nheader @o Access-Control-Allow-Origin {re.o.0}", "https://app.example https://www.example"},
		"a list in CEL":           {"@o `{header.Origin} in ['https://a.example']`" + reflect, "https://a.example"},
		"endsWith in CEL":         {"@o `{header.Origin}.endsWith('.a.example')`" + reflect, "https://app.a.example"},
		"startsWith in CEL":       {"@o `{header.Origin}.startsWith('https://a.')`" + reflect, "https://a. https://a.x"},
		"matches in CEL":          {"@o `{header.Origin}.matches('^https://a[.]example$')`" + reflect, "https://a.example"},
		"a header matcher in CEL": {"@o `header({'Origin': '*.a.example'})`" + reflect, "https://x.a.example"},
		"header_regexp in CEL":    {"@o `header_regexp('o', 'Origin', '^https://a[.]example$')`" + reflect, "https://a.example"},
		"the vars matcher":        {"@o vars {header.Origin} https://a.example https://b.example" + reflect, "https://a.example https://b.example"},
		"vars_regexp":             {"@o vars_regexp o {header.Origin} ^https://(app|www)\\.example$" + reflect, "https://app.example https://www.example"},
		"not about Origin in CEL": {"@o `{path}.endsWith('.json')`" + reflect, matrix.Anybody},
		"vars":                    {"vars allow https://a.example\nheader Access-Control-Allow-Origin {vars.allow}", "https://a.example"},
		"a map of hosts":          {"map {host} {o} {\napi.example.com https://a.example\n}\nheader Access-Control-Allow-Origin {o}", "https://a.example"},
		"a map with expressions":  {"map {header.Origin} {o} {\n~^https://(app|www)\\.example$ ${0}\n}\nheader Access-Control-Allow-Origin {o}", "https://app.example https://www.example"},
		"cors, a pattern":         {"cors https://*.a.example", "https://app.a.example"},
		"cors, deep":              {"cors https://**.a.example", "https://app.a.example"},
		"cors, any port":          {"cors http://localhost:*", "http://localhost:8443"},
		"cors, everybody":         {"cors * *", matrix.Anybody},
		"cors, an expression":     {"cors {\norigin_regexp `https://(app|www)\\.example`\n}", "https://app.example https://www.example"},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := sites(t, "api.example.com {\n"+c.lines+"\nrespond ok\n}\n")
			if len(all[0].Policies) != 1 {
				t.Fatalf("%d policies", len(all[0].Policies))
			}
			var got []string
			for _, w := range all[0].Policies[0].Wishes {
				got = append(got, w.Origin)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestStrangers: who must not get in, by what is let in.
func TestStrangers(t *testing.T) {
	const reflect = "\nheader @o Access-Control-Allow-Origin {header.Origin}\nheader @o Access-Control-Allow-Credentials true"
	const filled = "\nheader Access-Control-Allow-Origin {o}\nheader Access-Control-Allow-Credentials true"
	for name, c := range map[string]struct {
		lines     string
		want, not []string
	}{
		"an origin":            {"header Access-Control-Allow-Origin https://a.example.com", []string{matrix.Stranger, "null", "http://a.example.com", "https://xa.example.com", "https://a.example.com.evil.example"}, nil},
		"with a port":          {"header Access-Control-Allow-Origin https://a.example.com:8443", []string{"http://a.example.com:8443"}, []string{"https://xa.example.com:8443"}},
		"over http":            {"header Access-Control-Allow-Origin http://a.example.com", []string{"http://xa.example.com"}, []string{"https://a.example.com"}},
		"without a dot":        {"header Access-Control-Allow-Origin http://localhost:3000", []string{matrix.Stranger}, []string{"http://localhost:3000.evil.example"}},
		"everybody":            {"header Access-Control-Allow-Origin *", []string{matrix.Stranger}, []string{matrix.Anybody + ".evil.example"}},
		"a glob":               {"@o header Origin *.a.example" + reflect, []string{"http://x.a.example"}, nil},
		"an end":               {"@o header_regexp Origin \\.a\\.example$" + reflect, []string{"http://app.a.example"}, nil},
		"an end, from ^ on":    {"@o header_regexp Origin ^.*\\.a\\.example$" + reflect, []string{"http://x.a.example"}, nil},
		"with its scheme":      {"@o header_regexp Origin ^https://x\\.a\\.example$" + reflect, nil, []string{"http://x.a.example"}},
		"an end in CEL":        {"@o `{header.Origin}.endsWith('.a.example')`" + reflect, []string{"http://app.a.example"}, nil},
		"of lower case":        {"@o `{header.Origin}.lowerAscii().endsWith('.a.example')`" + reflect, []string{"http://app.a.example"}, nil},
		"without a dot in CEL": {"@o `{header.Origin}.endsWith('example.com')`" + reflect, []string{"http://example.com", "https://xexample.com"}, nil},
		"matches in CEL":       {"@o `{header.Origin}.matches('[.]a[.]example$')`" + reflect, []string{"http://app.a.example"}, nil},
		"a beginning in CEL":   {"@o `{header.Origin}.startsWith('https://a.example')`" + reflect, []string{"https://a.example.evil.example"}, []string{"http://a.example"}},
		"an end in a map":      {"map {header.Origin} {o} {\n~(.*\\.a\\.example)$ ${1}\n}" + filled, []string{"http://x.a.example"}, nil},
		"no ^ in a map":        {"map {header.Origin} {o} {\n~https://x\\.a\\.example ${0}\n}" + filled, []string{"https://x.a.example.evil.example"}, []string{"http://x.a.example"}},
		"a dot that is any":    {"@o header_regexp Origin ^https://a.b\\.com$\nheader @o Access-Control-Allow-Origin {re.0}", []string{"https://axb.com"}, []string{"http://a.b.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := sites(t, "api.example.com {\n"+c.lines+"\nrespond ok\n}\n")
			got := all[0].Policies[0].Strangers()
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("%s is none of %q", w, got)
				}
			}
			for _, n := range c.not {
				if slices.Contains(got, n) {
					t.Errorf("%s is one", n)
				}
			}
		})
	}
}

// TestPolicies: lines for the same requests are one policy, and what each origin may do.
func TestPolicies(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"a preflight apart":      {"@p method OPTIONS\nheader @p Access-Control-Allow-Methods \"PUT, GET\"\nheader Access-Control-Allow-Origin https://a.example", "https://a.example [] [PUT GET] []\n"},
		"for one of two":         {"@a header Origin https://a.example\n@b header Origin https://b.example\nheader @a Access-Control-Allow-Origin https://a.example\nheader @b Access-Control-Allow-Origin https://b.example\nheader @b Access-Control-Allow-Credentials true", "https://a.example []\nhttps://b.example [] credentials\n"},
		"another path":           {"header /a Access-Control-Allow-Origin https://a.example\nheader /b Access-Control-Allow-Credentials true", "https://a.example [/a]\n"},
		"forbidden methods":      {"header Access-Control-Allow-Origin https://a.example\nheader Access-Control-Allow-Methods \"TRACE, OPTIONS, put\"", "https://a.example [] [PUT] []\n"},
		"placeholders":           {"header Access-Control-Allow-Origin https://a.example\nheader Access-Control-Allow-Headers {header.Access-Control-Request-Headers}", "https://a.example [] [] [Content-Type]\n"},
		"an answer of a proxy":   {"reverse_proxy localhost:1 {\n@e status 5xx\nhandle_response @e {\nheader Access-Control-Allow-Origin *\nrespond gone\n}\n}", ""},
		"a deletion is no wish":  {"header -Access-Control-Allow-Origin", ""},
		"only for another field": {"header Access-Control-Expose-Headers X-A", ""},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := sites(t, "api.example.com {\n"+c.lines+"\nrespond ok\n}\n")
			if got := describe(all[0]); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}
