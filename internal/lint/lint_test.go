package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// site lints the lines of one site, from line 2 on.
func site(t *testing.T, lines string) *lint.Report {
	t.Helper()
	return text(t, "api.example.com {\n"+lines+"\n}\n")
}

func text(t *testing.T, caddyfile string) *lint.Report {
	t.Helper()
	report, err := lint.Caddyfile("Caddyfile", []byte(caddyfile), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestFindings(t *testing.T) {
	t.Setenv("LINT_SET", "true")
	for name, c := range map[string]struct{ lines, want string }{
		// Who gets in.
		"reflects with credentials":    {"header Access-Control-Allow-Origin {header.Origin}\nheader Access-Control-Allow-Credentials true\nheader Vary Origin\nrespond ok", "2 stranger security"},
		"reflects without credentials": {"header Access-Control-Allow-Origin {header.Origin}\nheader Vary Origin\nrespond ok", "2 reflection note"},
		"reflects behind a star":       {"@o header Origin *\nheader @o Access-Control-Allow-Origin {header.Origin}\nheader @o Access-Control-Allow-Credentials true\nheader Vary Origin\nrespond ok", "3 stranger security"},
		"a dot that is any byte":       {"@o header_regexp Origin ^https://app.example\\.com$\nheader @o Access-Control-Allow-Origin {header.Origin}\nheader Vary Origin\nrespond ok", "3 stranger security"},
		"a glob in the middle":         {"@o header Origin https://*.example.com\nheader @o Access-Control-Allow-Origin {header.Origin}\nheader Vary Origin\nrespond ok", "3 no-effect broken"},
		"a glob without a dot":         {"@o header Origin *example.com\nheader @o Access-Control-Allow-Origin {header.Origin}\nheader Vary Origin\nrespond ok", "3 stranger security"},
		"a glob with a dot":            {"@o header Origin *.example.com\nheader @o Access-Control-Allow-Origin {header.Origin}\nheader Vary Origin\nrespond ok", ""},
		"an expression in Go's words":  {"@o `{http.request.header.Origin}.endsWith(\"example.com\")`\nheader @o Access-Control-Allow-Origin {header.Origin}\nheader Vary Origin\nrespond ok", "3 stranger security"},
		"a default that reflects":      {"map {header.Origin} {o} {\n https://app.example.com https://app.example.com\n default {header.Origin}\n}\nheader Access-Control-Allow-Origin {o}\nheader Access-Control-Allow-Credentials true\nheader Vary Origin\nrespond ok", "6 stranger security"},
		"a map of origins":             {"map {header.Origin} {o} {\n https://app.example.com https://app.example.com\n default https://www.example.com\n}\nheader Access-Control-Allow-Origin {o}\nheader Vary Origin\nrespond ok", ""},
		"null":                         {"header Access-Control-Allow-Origin null\nrespond ok", "2 null fragile"},
		"null with credentials":        {"header Access-Control-Allow-Origin null\nheader Access-Control-Allow-Credentials true\nrespond ok", "2 null security"},
		"a deferred star beside cors":  {"cors https://app.example.com\nheader >Access-Control-Allow-Origin *\nrespond ok", "3 stranger security"},
		// What does not work.
		"capitals":                      {"header Access-Control-Allow-Origin https://App.example.com\nrespond ok", "2 no-effect broken"},
		"the usual port":                {"header Access-Control-Allow-Origin https://app.example.com:443\nrespond ok", "2 no-effect broken"},
		"a misspelt name":               {"header Access-Control-Allow-Origins *\nrespond ok", "2 no-effect broken"},
		"request_header":                {"request_header Access-Control-Allow-Origin *\nrespond ok", "2 no-effect broken"},
		"star with credentials":         {"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Credentials true\nrespond ok", "2 credentials broken"},
		"True":                          {"header Access-Control-Allow-Origin https://app.example.com\nheader Access-Control-Allow-Credentials True\nrespond ok", "3 credentials broken"},
		"a preflight answered with 404": {"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Headers X-Key\nrespond gone 404", "3 preflight broken"},
		"a preflight redirected":        {"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Methods PUT\nredir https://www.example.com{uri}", "3 preflight broken"},
		"a redirect to elsewhere":       {"header ?Access-Control-Allow-Origin *\nredir https://www.example.com{uri}", ""},
		"one path leads elsewhere":      {"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Methods PUT\nheader Access-Control-Allow-Headers X-Key\nredir / https://www.example.com/\n@options method OPTIONS\nrespond @options 204\nrespond ok", ""},
		"a method in small letters":     {"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Methods patch\nrespond ok", "3 preflight broken"},
		"a list with semicolons":        {"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Methods \"GET; PUT\"\nrespond ok", "3 preflight broken"},
		"authentication in front":       {"route {\nbasic_auth {\n alice $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}\ncors https://app.example.com\nrespond ok\n}", "3 error fragile|3 preflight broken"},
		"the path /":                    {"header / Access-Control-Allow-Origin *\nrespond ok", "2 root fragile"},
		"behind a catch-all":            {"handle {\nrespond ok\n}\nroute /v1/* {\nheader Access-Control-Allow-Origin *\nrespond ok\n}", "6 no-effect broken"},
		// What works until something comes into play.
		"the upstream's on top": {"header Access-Control-Allow-Origin *\nreverse_proxy localhost:1", "2 upstream fragile"},
		"stripped":              {"header Access-Control-Allow-Origin *\nreverse_proxy localhost:1 {\nheader_down -Access-Control-*\n}", ""},
		"lost on a 502":         {"header >Access-Control-Allow-Origin *\nreverse_proxy localhost:1", "2 error fragile"},
		"lost on a 404":         {"header >Access-Control-Allow-Origin *\nroot * /nowhere\nfile_server", "2 error fragile"},
		"repeated on errors":    {"header >Access-Control-Allow-Origin *\nreverse_proxy localhost:1\nhandle_errors {\nheader Access-Control-Allow-Origin *\n}", ""},
		"Vary only for some":    {"@o header Origin https://app.example.com\nheader @o Access-Control-Allow-Origin https://app.example.com\nheader @o Vary Origin\nrespond ok", "3 vary fragile"},
		"Vary overwritten":      {"cors https://app.example.com\nheader >Vary Accept\nrespond ok", "3 vary fragile"},
		"JSON":                  {"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Methods \"GET, PUT\"\nrespond ok", "3 json fragile"},
		// What was read.
		"a variable that is not set": {"cors https://app.example.com {\ncredentials {$LINT_NOT_SET}\n}\nrespond ok", "3 variable security"},
		"a variable that is set":     {"cors https://app.example.com {\ncredentials {$LINT_SET}\n}\nrespond ok", "3 variable fragile"},
		"listed twice":               {"cors https://app.example.com https://app.example.com\nrespond ok", "2 warning note"},
		"its own address":            {"cors https://api.example.com\nrespond ok", "2 warning fragile"},
		// What is right.
		"cors":                      {"cors https://app.example.com\nreverse_proxy localhost:1", ""},
		"cors forwards":             {"cors https://app.example.com {\npreflight forward\n}\nreverse_proxy localhost:1", ""},
		"another policy is first":   {"cors https://app.example.com\nhandle /api/* {\ncors https://b.example.com\nrespond ok\n}\nrespond ok", "2 unreadable broken"},
		"a matcher without OPTIONS": {"@api method GET POST\ncors @api https://app.example.com\nrespond ok", "3 preflight broken"},
		"one line does nothing":     {"cors https://app.example.com\nheader Access-Control-Allow-Origin https://old.example.com\nrespond ok", "3 beside fragile"},
		"the site's own host":       {"header Access-Control-Allow-Origin https://{host}\nrespond ok", "2 own fragile"},
		"a host of another site":    {"@a host a.example.com\nhandle @a {\ncors https://app.example.com\nrespond ok\n}", "4 unreached broken"},
		"a path behind a prefix":    {"handle_path /api/* {\nheader /v1/* Access-Control-Allow-Origin *\nrespond ok\n}\nrespond no 404", ""},
		"only errors":               {"respond ok\nhandle_errors {\nheader Access-Control-Allow-Origin *\n}", ""},
		"no origin, other fields":   {"header Access-Control-Max-Age 600\nreverse_proxy localhost:1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report := site(t, c.lines)
			var got []string
			for _, f := range foundIn(report.Findings) {
				for _, found := range report.Findings {
					if strings.HasSuffix(f, " "+found.ID) && strings.HasPrefix(f, strings.TrimPrefix(found.Place(), "Caddyfile:")+" ") {
						got = append(got, f+" "+string(found.Severity))
					}
				}
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("got %s\n%+v", strings.Join(got, "|"), report.Findings)
			}
		})
	}
}

// TestWhole: every finding says what, so what, and what to do.
func TestWhole(t *testing.T) {
	report := site(t, "header Access-Control-Allow-Origin {header.Origin}\nheader Access-Control-Allow-Credentials true\nreverse_proxy localhost:1")
	if len(report.Findings) < 3 || report.Worst() != lint.Security || report.Asked == 0 {
		t.Fatalf("asked %d, found %+v", report.Asked, report.Findings)
	}
	for _, f := range report.Findings {
		if f.Problem == "" || f.Cure == "" || f.Effect == "" || f.Site != "api.example.com" || !strings.HasPrefix(f.Request, "GET https://api.example.com/") {
			t.Errorf("not whole: %+v", f)
		}
		if f.Policy == nil || f.Question == nil || f.Address != "https://api.example.com" {
			t.Errorf("nothing for a repair to go by: %+v", f)
		}
	}
}

// TestVaryRequest: the request is one whose answer does not vary, not just any
// without the header. Seen by the live test, seed 3281.
func TestVaryRequest(t *testing.T) {
	report := site(t, "@has header Origin *\nheader @has {\nAccess-Control-Allow-Origin {header.Origin}\nVary Origin\n}\n"+
		"@app header Origin https://page.example\nheader @app -Access-Control-Allow-Origin\nrespond ok")
	for _, f := range report.Findings {
		if f.ID == "vary" && f.Question.Origin == "" {
			return
		}
	}
	t.Errorf("got %+v", report.Findings)
}

// TestOnce: one cause is one finding, on however many paths and sites.
func TestOnce(t *testing.T) {
	report := text(t, "(open) {\n\theader Access-Control-Allow-Origin *\n}\n"+
		"a.example.com {\n\timport open\n\treverse_proxy /v1/* localhost:1\n\treverse_proxy /v2/* localhost:2\n}\n"+
		"b.example.com {\n\timport open\n\treverse_proxy localhost:1\n}\n")
	if len(report.Findings) != 1 || report.Findings[0].Line != 2 {
		t.Errorf("got %+v", report.Findings)
	}
}

// TestHostInside: a question goes to the host that a matcher inside asks for.
func TestHostInside(t *testing.T) {
	report := text(t, "*.example.com {\n\t@api host api.example.com\n\thandle @api {\n\t\tcors https://app.example.com\n\t\trespond ok\n\t}\n\thandle {\n\t\trespond no 404\n\t}\n}\n")
	if report.Asked == 0 || len(report.Findings) != 0 {
		t.Errorf("asked %d, found %+v", report.Asked, report.Findings)
	}
}

// TestMany: the last of many policies is asked as the first is.
func TestMany(t *testing.T) {
	var lines strings.Builder
	for i := range 120 {
		fmt.Fprintf(&lines, "handle /p%d/* {\nheader Access-Control-Allow-Origin https://app.example.com\nrespond ok\n}\n", i)
	}
	report := site(t, lines.String()+"handle /z/* {\nheader Access-Control-Allow-Origin {header.Origin}\nheader Access-Control-Allow-Credentials true\nheader Vary Origin\nrespond ok\n}")
	if report.Worst() != lint.Security {
		t.Errorf("found %+v", report.Findings)
	}
}

func TestNoCORS(t *testing.T) {
	report := text(t, "www.example.com {\n\theader Vary Accept\n\trespond ok\n}\n")
	if report.Asked != 0 || len(report.Findings) != 0 || report.Worst() != "" {
		t.Errorf("asked %d, found %+v", report.Asked, report.Findings)
	}
}

// TestNotAdapted: what Caddy does not know is left out, and the rest is judged.
func TestNotAdapted(t *testing.T) {
	const open = "header Access-Control-Allow-Origin {header.Origin}\nheader Access-Control-Allow-Credentials true\nrespond ok\n"
	for name, c := range map[string]struct{ text, err string }{
		"a directive":          {"a.example {\nnonsense {\n deep\n}\n" + open + "}\n", "nonsense"},
		"a directive inside":   {"a.example {\nroute {\nnonsense\n" + open + "}\n}\n", "nonsense"},
		"an undefined matcher": {"a.example {\nrespond @no 404\n" + open + "}\n", "@no"},
		"a wrong policy":       {"b.example {\ncors https://x.example/\n}\na.example {\n" + open + "}\n", "slash"},
		"two mistakes":         {"a.example {\nnonsense\nother\n" + open + "}\n", "nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			report := text(t, c.text)
			if report.Err == nil || !strings.Contains(report.Err.Error(), c.err) {
				t.Errorf("Caddy says %v", report.Err)
			}
			if report.Worst() != lint.Security {
				t.Errorf("found %+v", report.Findings)
			}
		})
	}
	if _, err := lint.Caddyfile("Caddyfile", []byte("a.example {\n"), lint.Options{}); err == nil {
		t.Error("braces that are not closed are no error")
	}
}

// TestJSON: there are no lines, so the path of the very field is named.
func TestJSON(t *testing.T) {
	config := `{"apps":{"http":{"servers":{"a/b":{"listen":[":8080"],"routes":[{"match":[{"path":["/v1/*"]}],"handle":[
		{"handler":"headers","response":{"set":{"Access-Control-Allow-Origin":["{http.request.header.Origin}"],"Access-Control-Allow-Credentials":["true"],"Vary":["Origin"]}}},
		{"handler":"static_response","body":"ok"}]}]}}}}}`
	report, err := lint.JSON([]byte(config), lint.Options{})
	if err != nil || len(report.Findings) != 1 {
		t.Fatalf("%v, %+v", err, report)
	}
	f := report.Findings[0]
	if f.Place() != "apps/http/servers/a~1b/routes/0/handle/0/response/set/Access-Control-Allow-Origin" || f.Severity != lint.Security {
		t.Errorf("got %+v", f)
	}
	if _, err := lint.JSON([]byte(`{"apps":`), lint.Options{}); err == nil {
		t.Error("half a document is no error")
	}
}

// TestHooks: a repair sees the report, and progress is told.
func TestHooks(t *testing.T) {
	done, repaired := 0, false
	report, err := lint.Caddyfile("Caddyfile", []byte("a.example {\nheader Access-Control-Allow-Origin null\nrespond ok\n}\nb.example {\nrespond ok\n}\n"), lint.Options{
		Progress: func(n, of int) { done += n*10 + of },
		Repair: func(r *lint.Report) {
			repaired = len(r.Sites) == 2 && r.Stage != nil
			r.Findings[0].Repair = 7
		},
	})
	if err != nil || done != 12+22 || !repaired || report.Findings[0].Repair != 7 {
		t.Errorf("%v, %d, %v, %+v", err, done, repaired, report.Findings)
	}
}
