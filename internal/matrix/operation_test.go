package matrix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// TestOperations: what a line does to a field of CORS, and where the line stands. The
// lines begin with the second.
func TestOperations(t *testing.T) {
	const acao, acam = httpwords.AllowOrigin, httpwords.AllowMethods
	for name, c := range map[string]struct{ lines, want string }{
		"set":               {"header Access-Control-Allow-Origin *", "2 set " + acao + " [*]"},
		"add":               {"header +Access-Control-Allow-Origin *", "2 add " + acao + " [*]"},
		"delete":            {"header -Access-Control-Allow-Origin", "2 delete " + acao + " []"},
		"default":           {"header ?Access-Control-Allow-Origin *", "2 set " + acao + " [*] default"},
		"deferred":          {"header >Access-Control-Allow-Origin *", "2 set " + acao + " [*]"},
		"replace":           {"header Access-Control-Allow-Origin a b", "2 replace " + acao + " [a b]"},
		"small letters":     {"header access-control-allow-origin *", "2 set " + acao + " [*]"},
		"a colon":           {"header Access-Control-Allow-Origin: *", "2 set " + acao + " [*]"},
		"header_down in it": {"header header_down Access-Control-Allow-Origin *", "2 replace " + acao + " [*]"},
		"misspelt":          {"header Access-Control-Allow-Method PUT", "2 set " + acam + " [PUT]"},
		"other fields":      {"header X-A 1\nheader Access-Control-Request-Method PUT\nheader Cross-Origin-Opener-Policy same-origin", ""},
		"a block":           {"header {\nX-A 1\nAccess-Control-Allow-Origin *\n-Access-Control-Allow-Methods\n}", "4 set " + acao + " [*]|5 delete " + acam + " []"},
		"a glob":            {"header -Access-Control-*", "2 delete Access-Control-* []"},
		"a glob of all":     {"header -*", "2 delete * []"},
		"overwritten":       {"header {\nAccess-Control-Allow-Origin a\nAccess-Control-Allow-Origin b\n}", "4 set " + acao + " [b]|3 overwritten " + acao + " [a]"},
		"two lines":         {"header Access-Control-Allow-Origin a\nheader Access-Control-Allow-Origin b", "2 set " + acao + " [a]|3 set " + acao + " [b]"},
		"of the request":    {"request_header Access-Control-Allow-Origin *", "2 set " + acao + " [*] request"},
		"in a proxy":        {"reverse_proxy localhost:1 {\nheader_down Access-Control-Allow-Origin *\nheader_up Access-Control-Allow-Methods PUT\n}", "3 set " + acao + " [*]|4 set " + acam + " [PUT] request"},
		"vary":              {"header Vary Origin\nheader +Vary Accept", "2 set Vary [Origin]|3 add Vary [Accept]"},
		"in errors":         {"handle_errors {\nheader Access-Control-Allow-Origin *\n}", "3 set " + acao + " [*]"},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := sites(t, "a.example {\n"+c.lines+"\nrespond ok\n}\n")
			var got []string
			for _, o := range all[0].Operations {
				text := fmt.Sprintf("%d %s %s %v", o.Place.Line, o.Key, o.Field, o.Values)
				if o.Request {
					text += " request"
				}
				if o.Fallback {
					text += " default"
				}
				got = append(got, text)
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), c.want)
			}
		})
	}
}

// TestCovers: a deletion with a * is about several fields.
func TestCovers(t *testing.T) {
	for line, want := range map[string]string{
		"header -Access-Control-*":             "Access-Control-Allow-Origin Access-Control-Max-Age",
		"header -*-Allow-Origin":               "Access-Control-Allow-Origin",
		"header -Access-Control-Allow-Origin":  "Access-Control-Allow-Origin",
		"header Access-Control-Max-Age 600":    "Access-Control-Max-Age",
		"header Access-Control-Allow-Origin *": "Access-Control-Allow-Origin",
	} {
		all, _ := sites(t, "a.example {\n"+line+"\nrespond ok\n}\n")
		if len(all[0].Operations) != 1 {
			t.Errorf("%s: %d operations", line, len(all[0].Operations))
			continue
		}
		var got []string
		for _, field := range []string{"Access-Control-Allow-Origin", "Access-Control-Max-Age", "Vary"} {
			if all[0].Operations[0].Covers(field) {
				got = append(got, field)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s covers %v", line, got)
		}
	}
}
