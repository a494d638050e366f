package expect_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/expect"
)

// TestMistakes: one clear error each, with the line, the value and the cure.
func TestMistakes(t *testing.T) {
	t.Parallel()
	in := func(lines ...string) string {
		return "https://api.example.com/ {\n\t" + strings.Join(lines, "\n\t") + "\n}\n"
	}
	block := func(option string) string { return in("allow https://app.example.com {", option, "}") }
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"nothing":                   {"# nothing\n", "x.expect: there is no expectation in it; write for example"},
		"a snippet alone":           {"(a) {\n\tallow https://app.example.com\n}\n", "x.expect: there is no expectation in it"},
		"no scheme":                 {strings.Replace(in("allow https://app.example.com"), "https://", "", 1), `x.expect:1: "api.example.com/" has no scheme; write https://api.example.com/`},
		"another scheme":            {strings.Replace(in("allow https://app.example.com"), "https", "ftp", 1), `x.expect:1: "ftp://api.example.com/" is not an http or https URL`},
		"a pattern for a URL":       {strings.Replace(in("allow https://app.example.com"), "/ {", "/v1/* {", 1), `x.expect:1: "https://api.example.com/v1/*" is a pattern, and a page asks for one URL: write one that it stands for, such as https://api.example.com/v1/`},
		"an empty block":            {"https://api.example.com {\n}\n", `x.expect:1: nothing is expected of "https://api.example.com"; write ` + "`allow <origin>`"},
		"no URL":                    {"{\n\tallow https://app.example.com\n}\n", "x.expect:2: expectations stand in the block of a URL; write"},
		"a named route":             {"&(a) {\n\tallow https://app.example.com\n}\n", "x.expect:1: a named route has no place here; write a snippet, (a)"},
		"an unknown expectation":    {in("permit https://app.example.com"), `x.expect:2: unknown expectation "permit"; write ` + "`allow <origins...>`"},
		"no origin":                 {in("refuse"), "x.expect:2: refuse names no origin; write for example `refuse https://app.example.com`"},
		"a star":                    {in("allow *"), `x.expect:2: "*" is no origin that a page has; write that of a stranger`},
		"a pattern":                 {in("allow https://*.example.com"), `x.expect:2: "https://*.example.com" is a pattern, and a page has one origin: write one that it covers, such as https://any.example.com`},
		"a pattern inside a label":  {in("allow https://a-*-b.example.com"), "such as https://a-any-b.example.com"},
		"any port":                  {in("allow http://localhost:*"), "such as http://localhost:3000"},
		"a slash":                   {in("allow https://app.example.com/"), `x.expect:2: origin "https://app.example.com/" ends with a slash`},
		"an origin of no page":      {in("allow wss://app.example.com"), `x.expect:2: origin "wss://app.example.com"`},
		"an option for a policy":    {block("methods PUT"), `x.expect:3: unknown option "methods"; did you mean method?`},
		"an unknown option":         {block("status 200"), `x.expect:3: unknown option "status"; the options are credentials, expose, header, method, upstream`},
		"no method":                 {block("method"), "x.expect:3: method names none; write for example `method PUT`"},
		"a method that is none":     {block(`method "P T"`), `x.expect:3: "P T" is not an HTTP method; write for example PUT`},
		"a method of no page":       {block("method trace"), "x.expect:3: browsers send no page's trace, so nothing can be seen of it; take it out"},
		"no header":                 {block("header"), "x.expect:3: header takes a name and a value, one header a line"},
		"three words":               {block("header A b c"), "x.expect:3: header takes a name and a value, one header a line"},
		"a colon":                   {block("header X-A: b"), `x.expect:3: "X-A:" has a colon, which is none of the name; write ` + "`header X-A b`"},
		"no name":                   {block(`header "X A" b`), `x.expect:3: "X A" is not the name of a header`},
		"a line break":              {block("header X-A `a\nb`"), `x.expect:3: the value "a\nb" has a line break or a NUL in it; remove it`},
		"a cookie":                  {block("header cookie a"), `x.expect:3: no page sets "cookie" itself; write ` + "`credentials`"},
		"a header of the browser":   {block("header Sec-Fetch-Site none"), `x.expect:3: no page may set "Sec-Fetch-Site", and browsers drop it without a word; take it out`},
		"credentials with a value":  {block("credentials yes"), `x.expect:3: credentials takes no value, got "yes"; leave the line out`},
		"nothing exposed":           {block("expose"), "x.expect:3: expose names no response header; write for example `expose X-Total-Count`"},
		"everything exposed":        {block("expose *"), `x.expect:3: "*" is not the name of a response header`},
		"a header that nobody sees": {block("expose Set-Cookie"), `x.expect:3: no page can ever read "Set-Cookie"; take it out`},
		"exposed to the refused":    {in("refuse https://app.example.com {", "expose X-A", "}"), "x.expect:3: a page that is refused reads no header; take `expose` out"},
		"no upstream":               {block("upstream"), "x.expect:3: upstream takes one word, once: down, echo, login, own, unauthorized"},
		"two upstreams":             {block("upstream down\nupstream login"), "x.expect:4: upstream takes one word, once"},
		"an unknown upstream":       {block("upstream slow"), `x.expect:3: unknown upstream "slow"; choose from down, echo, login, own, unauthorized`},
		"a block too deep":          {block("credentials {\n\tfor cookies\n}"), `x.expect:3: "credentials" has no block here`},
		"a method of a WebSocket":   {strings.Replace(block("method PUT"), "https", "wss", 1), `x.expect:3: "wss://api.example.com/" is a WebSocket, whose page chooses neither method nor headers and reads none; take ` + "`method`"},
		"no end":                    {"https://api.example.com/ {\n\tallow https://app.example.com\n", "x.expect:2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := expect.Parse("x.expect", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) && !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.expect") {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if strings.HasPrefix(c.want, "x.expect:") && c.want != "x.expect:2" && strings.Count(err.Error(), "x.expect") != 1 {
				t.Errorf("more than one error: %v", err)
			}
		})
	}
}

// TestAllMistakes: they come at once, in the order of the lines.
func TestAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := expect.Parse("x.expect", []byte("api.example.com {\n\tallow\n\tpermit https://a.example\n}\nftp://b.example {\n\trefuse *\n}\n"))
	if err == nil {
		t.Fatal("no error")
	}
	var places []string
	for line := range strings.Lines(err.Error()) {
		place, _, _ := strings.Cut(line, ": ")
		places = append(places, place)
	}
	if want := []string{"x.expect:1", "x.expect:2", "x.expect:3", "x.expect:5", "x.expect:6"}; !slices.Equal(places, want) {
		t.Errorf("got %v, want %v", places, want)
	}
}

func TestParse(t *testing.T) {
	t.Setenv("CORS_TEST_APP", "https://app.example.com")
	all, err := expect.Parse("x.expect", []byte(`(app) {
	allow {$CORS_TEST_APP} {
		method put PATCH
		header X-A
		header Content-Type "application/json; charset=utf-8"
		credentials
		expose X-B X-C
		upstream down
	}
}
https://a.example/, https://b.example/?x=1 {
	import app
	refuse null app://.
}
wss://a.example {
	refuse https://stranger.example
}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, 0, len(all))
	for _, e := range all {
		got = append(got, e.String())
	}
	const with = ", with X-A, Content-Type and credentials, and read X-B and X-C, where the upstream is down"
	want := []string{
		"https://app.example.com may PUT https://a.example/" + with, "https://app.example.com may PATCH https://a.example/" + with,
		"https://app.example.com may PUT https://b.example/?x=1" + with, "https://app.example.com may PATCH https://b.example/?x=1" + with,
		"null may not GET https://a.example/", "app://. may not GET https://a.example/",
		"null may not GET https://b.example/?x=1", "app://. may not GET https://b.example/?x=1",
		"https://stranger.example may not open wss://a.example",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if e := all[0]; e.File != "x.expect" || e.Line != 2 || !slices.Equal(e.Headers, [][2]string{{"X-A", "1"}, {"Content-Type", "application/json; charset=utf-8"}}) {
		t.Errorf("got %+v", e)
	}
}

// TestNoFile: what is wrong with the files comes before what they say.
func TestNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "bad.expect", "x")
	var sink strings.Builder
	status, err := expect.Run(&sink, nil, expect.Options{})
	if status != 2 || err == nil || !strings.Contains(err.Error(), `there is no file "cors.expect"; name one`) {
		t.Errorf("status %d, %v", status, err)
	}
	status, err = expect.Run(&sink, []string{"none.expect", "bad.expect"}, expect.Options{})
	if status != 2 || err == nil || !strings.Contains(err.Error(), "none.expect") || !strings.Contains(err.Error(), "bad.expect:1") {
		t.Errorf("status %d, %v", status, err)
	}
	write(t, "cors.expect", "https://api.example.com/ {\n\tallow https://app.example.com\n}\n")
	if status, err := expect.Run(&sink, nil, expect.Options{}); status != 2 || err == nil || !strings.Contains(err.Error(), "--config") {
		t.Errorf("no configuration: status %d, %v", status, err)
	}
	write(t, "Caddyfile", "api.example.com {\n\tcors https://app.example.com\n\trespond ok\n}\n")
	if status, err := expect.Run(&sink, nil, expect.Options{JUnit: filepath.Join("none", "x.xml")}); status != 2 || err == nil || !strings.Contains(err.Error(), "x.xml") {
		t.Errorf("no folder for the report: status %d, %v", status, err)
	}
	if status, err := expect.Run(&sink, nil, expect.Options{}); status != 0 || err != nil {
		t.Errorf("status %d, %v", status, err)
	}
}
