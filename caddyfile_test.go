package cors

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/placeholder"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// separator stands between a Caddyfile and what becomes of it.
const separator = "\n----------\n"

// TestAdapt holds the directive to its golden files: a Caddyfile, a line of
// dashes, and the JSON that it is adapted to or the error.
func TestAdapt(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/adapt/*.caddyfiletest")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, _ := strings.Cut(string(content), separator)
			got := adaptGolden(input)
			if *update {
				if err := os.WriteFile(file, []byte(input+separator+got+"\n"), 0o600); err != nil { //nolint:gosec // a golden file of this tree
					t.Fatal(err)
				}
				return
			}
			if got != strings.TrimSuffix(want, "\n") {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func adaptGolden(input string) string {
	config, err := corstest.Adapt(input)
	if err != nil {
		return err.Error()
	}
	var b bytes.Buffer
	if err := json.Indent(&b, config, "", "\t"); err != nil {
		return err.Error()
	}
	return b.String()
}

// TestRoundTrip: the JSON of a Caddyfile is the same policy, and reading and
// writing it again changes nothing.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, lines := range []string{
		oneLine,
		"cors * *",
		"cors {\n\torigins https://a.example\n\tmethods none\n\theaders none\n\tmax_age off\n}",
		"cors https://a.example,https://*.b.example {\n\torigin_regexp ^https://c[0-9]{2}\\.example$\n\texcept https://x.b.example\n\tcredentials\n\tmethods PUT *\n" +
			"\theaders X-A X-B\n\texpose X-C\n\tmax_age 10m\n\tpreflight_status 200\n\tpreflight forward\n\tupstream keep\n\ttiming\n\tname mine\n}",
		"cors {\n\torigins null\n\tdangerously_allow null_origin\n}",
	} {
		h := testHandlerOf(t, lines)
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		again := new(Handler)
		if err := json.Unmarshal(text, again); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		textAgain, err := json.Marshal(again)
		if err != nil || !bytes.Equal(text, textAgain) {
			t.Errorf("%s became %s (%v)", text, textAgain, err)
		}
		o, found := again.options(placeholder.Expand)
		p, more := policy.Compile(&o)
		if p == nil || len(found) > 0 {
			t.Fatalf("%s: %v %v", text, found, more)
		}
		// The expressions are compiled anew, and are equal all the same.
		if !reflect.DeepEqual(p, h.policy) {
			t.Errorf("%s: another policy came back:\n%+v\n%+v", text, p, h.policy)
		}
	}
}

// TestOldNames: those of the Caddy v1 plugin and its imitators.
func TestOldNames(t *testing.T) {
	t.Parallel()
	h := testHandlerOf(t, "cors {\n\torigin https://a.example\n\tallowed_origins https://b.example\n\tallowed_methods PUT\n\tallowed_headers X-A\n"+
		"\texposed_headers X-B\n\texpose_headers X-C\n\tallow_credentials true\n}")
	want := &Handler{
		Origins: []string{"https://a.example", "https://b.example"},
		Permissions: Permissions{
			Methods: []string{"PUT"}, Headers: []string{"X-A"}, Expose: []string{"X-B", "X-C"}, Credentials: new(true),
		},
	}
	got, _ := json.Marshal(h)
	if text, _ := json.Marshal(want); !bytes.Equal(got, text) {
		t.Errorf("got %s, want %s", got, text)
	}
}

// TestPlaceholders: lists are split after they were filled in; what a request
// could fill in is refused; what becomes empty is named.
func TestPlaceholders(t *testing.T) {
	t.Setenv("CORS_TEST_ORIGINS", "https://a.example, https://b.example")
	t.Setenv("CORS_TEST_SUB", "app")
	file := filepath.Join(t.TempDir(), "origins.txt")
	if err := os.WriteFile(file, []byte("https://d.example\nhttps://e.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := corstest.Site(t, "cors {$CORS_TEST_ORIGINS} https://{env.CORS_TEST_SUB}.c.example {file."+file+"} {\n\torigin_regexp https://{env.CORS_TEST_SUB}-[0-9]{2}\\.f\\.example\n}\nrespond x")
	for _, origin := range []string{
		"https://a.example", "https://b.example", "https://app.c.example", "https://d.example", "https://e.example", "https://app-42.f.example",
	} {
		corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(origin)).Header, httpwords.AllowOrigin, origin)
	}
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header)

	for _, c := range []struct {
		lines string
		want  []string
	}{
		{"cors {env.CORS_TEST_UNSET}", []string{"{env.CORS_TEST_UNSET}", "became empty"}},
		{"cors https://a.example {env.CORS_TEST_UNSET}", []string{"{env.CORS_TEST_UNSET}", "became empty"}},
		{"cors {file./does/not/exist}", []string{"{file./does/not/exist}"}},
		{"cors {nonsense.key}", []string{"{nonsense.key}", "unknown placeholder"}},
		{"cors https://{host}", []string{"depends on the request", "Caddyfile:2"}},
		{"cors {http.request.header.Origin}", []string{"depends on the request", "Caddyfile:2"}},
		{"cors {\n\torigins https://a.example{$NOTHING}\n\tmethods {$NOTHING}\n}", []string{"methods needs at least one value", "Caddyfile:4"}},
	} {
		config, err := corstest.Adapt("http:// {\n" + c.lines + "\n}\n")
		if err == nil {
			_, err = corstest.Provision(t, config)
		}
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %v, want %q in it", c.lines, err, w)
			}
		}
	}
}

// TestLoneStar: Caddy's matcher takes the first word that looks like one.
func TestLoneStar(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"cors *":        "lone `*`",
		"cors /api/*":   `"/api/*" after cors is a request matcher`,
		"cors":          "no origin is allowed",
		"cors {\n}":     "no origin is allowed",
		"cors * {\n}\n": "lone `*`",
	} {
		_, err := corstest.Adapt("http:// {\n" + lines + "\n}\n")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Caddyfile:2") {
			t.Errorf("%q: %v, want %q", lines, err, want)
		}
	}
	srv := corstest.Site(t, "cors * *\nrespond x")
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL).Header, httpwords.AllowOrigin, "*")
}

// TestOneMistakeOneError: what is wrong is said once, and an empty value is
// never taken for a list of nothing.
func TestOneMistakeOneError(t *testing.T) {
	t.Parallel()
	const block = "cors https://a.example {\n\t"
	for lines, want := range map[string]string{
		"cors {$NOTHING}":                                "no origin is allowed, so this handler can never help a page; list one, e.g. `origins https://app.example.com`, or write `origins *` to let any page read (without credentials); if there is a {$NAME} after cors, that variable is empty, at Caddyfile:2",
		"cors \"{$NOTHING}\"":                            `origin "" is empty; write a value, or set the variable that it comes from, at Caddyfile:2`,
		"cors {\n\torigins {$NOTHING}\n}":                "origins needs at least one value; if it comes from {$NAME}, that variable is empty, at Caddyfile:3",
		"cors {\n\torgins https://a.example\n}":          `unknown option "orgins"; did you mean origins?, at Caddyfile:3`,
		"cors {\n\torigin_regex a\n}":                    `unknown option "origin_regex"; did you mean origin_regexp?, at Caddyfile:3`,
		"cors {\n\torigins_from\n}":                      "origins_from needs a source; write for example `origins_from file /etc/caddy/origins.txt`, at Caddyfile:3",
		"cors {\n\torigins_from file\n}":                 "file needs a path, such as `origins_from file /etc/caddy/origins.txt`; if it comes from {$NAME}, that variable is not set, at Caddyfile:3",
		block + "except \"{$NOTHING}\"\n}":               `except "" is empty; write a value, or set the variable that it comes from, at Caddyfile:3`,
		block + "methods \"{$NOTHING}\"\n}":              `method "" is empty; write a value, or set the variable that it comes from, at Caddyfile:3`,
		block + "headers ,\n}":                           `header "," is empty; write a value, or set the variable that it comes from, at Caddyfile:3`,
		block + "for \"\" {\n\t\tmethods PUT\n\t}\n}":    `origin "" is empty; write a value, or set the variable that it comes from, at Caddyfile:3`,
		block + "name {env.STAGE}\n}":                    `name "{env.STAGE}" has a placeholder, which is not filled in there; write the name itself, or {$NAME}, at Caddyfile:3`,
		block + "origins_from file a\n\tmethod PUT\n\t}": `unknown option "method"; did you mean methods?, at Caddyfile:4`,
	} {
		_, err := corstest.Adapt("http:// {\n" + lines + "\n}\n")
		if want = "parsing caddyfile tokens for 'cors': " + want; err == nil || err.Error() != want {
			t.Errorf("%q:\n%v\nwant:\n%s", lines, err, want)
		}
	}
}

// TestWrongJSON: an error names the key as it is written.
func TestWrongJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"origins": "https://a.example"}`:      "origins: a JSON string cannot be read there; it takes a value of type []string",
		`{"credentials": "true"}`:               "credentials: a JSON string cannot be read there; it takes a value of type bool",
		`{"for": [{"credentials": 1}]}`:         "for.credentials: a JSON number cannot be read there; it takes a value of type bool",
		`{"max_age": "soon"}`:                   `max_age: time: invalid duration "soon"; write for example "10m"`,
		`{"for": [{"max_age": "1"}]}`:           `max_age: time: missing unit in duration "1"; write for example "10m"`,
		`{"for": [{"origin": []}]}`:             `unknown field "origin" (did you mean "origins"?)`,
		`{"preflight_status": 204.5}`:           "preflight_status: a JSON number 204.5 cannot be read there; it takes a value of type int",
		`{"access_control_allow_origin": true}`: `unknown field "access_control_allow_origin"; the options are ` + strings.Join(optionNames(), ", "),
	} {
		if err := json.Unmarshal([]byte(text), new(Handler)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
