package matrix_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// sites reads the sites of a Caddyfile.
func sites(t *testing.T, text string) ([]*matrix.Site, *rehearsal.Rehearsal) {
	t.Helper()
	stage, err := rehearsal.Caddyfile("Caddyfile", []byte(text), rehearsal.Options{Parts: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stage.Close)
	return matrix.Sites(stage), stage
}

// describe writes what the author wants of a site.
func describe(s *matrix.Site) string {
	var b strings.Builder
	for _, p := range s.Policies {
		for _, w := range p.Wishes {
			fmt.Fprintf(&b, "%s %v", w.Origin, p.Paths)
			if w.Credentials {
				b.WriteString(" credentials")
			}
			if len(w.Methods)+len(w.Headers) > 0 {
				fmt.Fprintf(&b, " %v %v", w.Methods, w.Headers)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestWishes(t *testing.T) {
	for name, c := range map[string]struct{ site, want string }{
		"a star":           {"header Access-Control-Allow-Origin *", "https://page.example []\n"},
		"one origin":       {"header /v1/* {\n Access-Control-Allow-Origin https://a.example\n Access-Control-Allow-Credentials true\n}", "https://a.example [/v1/x] credentials\n"},
		"lists":            {"header {\n Access-Control-Allow-Origin *\n Access-Control-Allow-Methods \"GET, PUT, OPTIONS\"\n Access-Control-Allow-Headers *\n}", "https://page.example [] [GET PUT] [Content-Type]\n"},
		"a matcher":        {"@o header Origin https://a.example\nheader @o Access-Control-Allow-Origin {header.Origin}", "https://a.example []\n"},
		"an expression":    {"@o header_regexp Origin ^https://(app|www)\\.b\\.example$\nheader @o Access-Control-Allow-Origin {re.0}", "https://app.b.example []\nhttps://www.b.example []\n"},
		"quotes":           {"header Access-Control-Allow-Origin 'https://a.example'", "https://a.example []\n"},
		"overwritten":      {"header {\n Access-Control-Allow-Origin https://a.example\n Access-Control-Allow-Origin https://b.example\n}", "https://b.example []\nhttps://a.example []\n"},
		"find and replace": {"header Access-Control-Allow-Origin https://a.example https://b.example", "https://a.example []\nhttps://b.example []\n"},
		"cors":             {"cors https://a.example https://*.b.example {\n credentials\n headers X-A\n}", "https://a.example [] credentials [PUT] [X-A]\nhttps://app.b.example [] credentials [PUT] [X-A]\n"},
		"a glob":           {"@o header Origin *.a.example\nheader @o Access-Control-Allow-Origin {header.Origin}", "https://x.a.example []\n"},
		"a map":            {"map {header.Origin} {o} {\n https://a.example https://a.example\n default none\n}\nheader Access-Control-Allow-Origin {o}", "https://a.example []\n"},
		"in an expression": {"@o `{http.request.header.Origin} in [\"https://a.example\", \"https://b.example\"]`\nheader @o Access-Control-Allow-Origin {header.Origin}", "https://a.example []\nhttps://b.example []\n"},
		"the host":         {"header Access-Control-Allow-Origin https://{host}", "https://api.example.com []\n"},
		"only one path":    {"handle_path /api/* {\n header /v1/* Access-Control-Allow-Origin https://a.example\n}", "https://a.example [/api/v1/x]\n"},
		"two scopes":       {"header /a/* Access-Control-Allow-Origin https://a.example\nheader /b/* Access-Control-Allow-Origin https://b.example", "https://a.example [/a/x]\nhttps://b.example [/b/x]\n"},
		"misspelt":         {"header Access-Control-Allow-Origins https://a.example", "https://a.example []\n"},
		"header_down":      {"header {\n header_down Access-Control-Allow-Origin https://a.example\n}", "https://a.example []\n"},
		"for":              {"cors {\n origins *\n for https://a.example {\n  credentials\n  methods PUT\n  headers X-A\n }\n methods none\n headers none\n}", "https://a.example [] credentials [PUT] [X-A]\nhttps://page.example []\n"},
		"except":           {"cors {\n origins https://a.example https://*.b.example\n except https://app.b.example\n}", "https://a.example [] [PUT] [Content-Type]\n"},
		"report_only":      {"cors https://a.example {\n report_only\n}", ""},
		"only errors":      {"handle_errors {\n header Access-Control-Allow-Origin *\n}", ""},
		"no wish":          {"header X-Frame-Options DENY", ""},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := sites(t, "api.example.com {\n"+c.site+"\nrespond ok\n}\n")
			if got := describe(all[0]); len(all) != 1 || got != c.want {
				t.Errorf("%d sites, got:\n%s", len(all), got)
			}
		})
	}
}

func TestLines(t *testing.T) {
	all, _ := sites(t, "api.example.com {\n\theader {\n\t\tAccess-Control-Allow-Origin *\n\t\t-Vary\n\t}\n\treverse_proxy localhost:1 {\n\t\theader_down -Access-Control-*\n\t\theader_up Access-Control-Allow-Origin: *\n\t}\n}\n")
	var got []string
	for _, o := range all[0].Operations {
		got = append(got, fmt.Sprintf("%d %s %s %v", o.Place.Line, o.Key, o.Field, o.Request))
	}
	want := "3 set Access-Control-Allow-Origin false|4 delete Vary false|7 delete Access-Control-* false|8 set Access-Control-Allow-Origin true"
	if strings.Join(got, "|") != want {
		t.Errorf("got %s", strings.Join(got, "|"))
	}
}

func TestPathsAndAsk(t *testing.T) {
	all, stage := sites(t, "api.example.com {\n\theader /v1/* Access-Control-Allow-Origin *\n\t@re path_regexp ^/v[23]/users$\n\trespond @re no 404\n\trespond ok\n}\nwww.example.com:8443 {\n\trespond www\n}\n")
	if len(all) != 2 {
		t.Fatalf("%d sites", len(all))
	}
	byHost := map[string]*matrix.Site{all[0].Host: all[0], all[1].Host: all[1]}
	if got := fmt.Sprint(byHost["api.example.com"].Paths); got != "[/anything /v1/x /v2/users]" {
		t.Errorf("paths %s", got)
	}
	for host, want := range map[string]string{"api.example.com": "https://api.example.com", "www.example.com": "https://www.example.com:8443"} {
		part, address, err := byHost[host].Load(stage)
		if err != nil || address != want {
			t.Fatalf("%s: %s, %v", host, address, err)
		}
		for path, readable := range map[string]bool{"/v1/x": host == "api.example.com", "/x": false} {
			r := matrix.Question{Method: "GET", Path: path, Origin: matrix.Anybody}.Ask(part, address)
			if r.Readable() != readable {
				t.Errorf("%s%s: %+v", host, path, r.Verdict)
			}
		}
	}
}

// TestWhom: what is made up, what cannot be known, who must not get in.
func TestWhom(t *testing.T) {
	for name, c := range map[string]struct {
		lines                       string
		guess, unsure, open, echoes bool
		strangers                   string
	}{
		"one origin":    {lines: "header Access-Control-Allow-Origin https://app.a.example", strangers: "http://app.a.example"},
		"a star":        {lines: "header Access-Control-Allow-Origin *", open: true},
		"reflected":     {lines: "header Access-Control-Allow-Origin {header.Origin}", open: true, echoes: true, strangers: matrix.Stranger},
		"an expression": {lines: "@o header_regexp Origin ^https://app.a\\.example$\nheader @o Access-Control-Allow-Origin {re.0}", guess: true, strangers: "https://app.a.example.evil.example"},
		"unknown":       {lines: "header Access-Control-Allow-Origin {vars.whom}", unsure: true, open: true},
		"a matcher":     {lines: "@o `{http.request.header.Origin} == \"https://app.\" + {http.request.host}`\nheader @o Access-Control-Allow-Origin {header.Origin}", strangers: "null"},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := sites(t, "api.example.com {\n"+c.lines+"\nrespond ok\n}\n")
			p := all[0].Policies[0]
			w := p.Wishes[0]
			if w.Guess != c.guess || w.Unsure != c.unsure || p.Open != c.open || p.Reflects != c.echoes {
				t.Errorf("got %+v of %+v", w, p)
			}
			if c.strangers != "" && !slices.Contains(p.Strangers(), c.strangers) {
				t.Errorf("strangers are %v", p.Strangers())
			}
		})
	}
}

func TestQuestionText(t *testing.T) {
	q := matrix.Question{Method: "PUT", Path: "/x", Headers: []string{"X-A", "X-B"}, Origin: "https://a.example", Credentials: true, Person: rehearsal.Down}
	if got := q.String(); got != "PUT /x with X-A, X-B, Origin: https://a.example, with credentials, where the upstream is down (502)" {
		t.Error(got)
	}
	q = matrix.Question{Method: "GET", Path: "/", FilesMissing: true}
	if got := q.String(); got != "GET /, where the file is missing" {
		t.Error(got)
	}
}

// TestSites: one for each list of hosts; routes for all hosts belong to each.
func TestSites(t *testing.T) {
	config := `{"apps":{"http":{"servers":{"s":{"listen":[":8443"],"routes":[
		{"match":[{"host":["a.example","b.example"]}],"handle":[{"handler":"static_response"}]},
		{"handle":[{"handler":"headers","response":{"set":{"Access-Control-Allow-Origin":["*"]}}}]},
		{"match":[{"host":["*.c.example"]}],"handle":[{"handler":"static_response"}]}]}}}}}`
	stage, err := rehearsal.JSON([]byte(config), rehearsal.Options{Parts: true})
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Close()
	var got []string
	for _, s := range matrix.Sites(stage) {
		got = append(got, fmt.Sprintf("%s:%s %v %d %d", s.Host, s.Port, s.Routes, len(s.Handlers), len(s.Policies)))
	}
	if strings.Join(got, "|") != "a.example:8443 [0 1] 2 1|one.c.example:8443 [1 2] 2 1" {
		t.Error(got)
	}
}

func TestReply(t *testing.T) {
	all, stage := sites(t, "api.example.com {\n\theader Access-Control-Allow-Origin *\n\tredir /away https://elsewhere.example/\n\trespond ok\n}\n")
	part, address, err := all[0].Load(stage)
	if err != nil {
		t.Fatal(err)
	}
	r := matrix.Question{Method: "GET", Path: "/", Headers: []string{"Authorization"}, Origin: matrix.Anybody}.Ask(part, address)
	if !r.Preflight() || r.Readable() || len(r.Sent) != 1 || r.Last() == nil {
		t.Errorf("preflight: %+v", r)
	}
	r = matrix.Question{Method: "GET", Path: "/away", Origin: matrix.Anybody}.Ask(part, address)
	if r.Readable() || r.Verdict.Err == nil || !strings.Contains(r.Verdict.Err.Error(), "elsewhere.example") {
		t.Errorf("redirect: %+v", r.Verdict)
	}
	r = matrix.Question{Method: "GET", Path: "/"}.Ask(part, address)
	if r.Last() == nil || r.Last().Status != 200 || r.Preflight() {
		t.Errorf("nobody: %+v", r)
	}
	r = matrix.Question{Method: "GET", Path: "/", Origin: "no origin"}.Ask(part, address)
	if r.Verdict.Err == nil || r.Last() != nil {
		t.Errorf("no origin: %+v", r.Verdict)
	}
}
