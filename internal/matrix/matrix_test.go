package matrix_test

import (
	"fmt"
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
		got = append(got, fmt.Sprintf("%d %s %s %v", o.Place.Line, o.Verb, o.Field, o.Request))
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
