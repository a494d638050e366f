package rehearsal_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

const (
	page = "https://app.example.com"
	site = "http://api.localhost:8080"
)

// caddyfile gets a site ready: directives, or whole sites.
func caddyfile(t *testing.T, text string, o ...rehearsal.Options) *rehearsal.Rehearsal {
	t.Helper()
	if !strings.Contains(text, "://") || !strings.HasPrefix(text, "http") && !strings.HasPrefix(text, "{\n") {
		text = site + " {\n" + text + "\n}\n"
	}
	var options rehearsal.Options
	if len(o) > 0 {
		options = o[0]
	}
	r, err := rehearsal.Caddyfile("Caddyfile", []byte(text), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func ask(t *testing.T, r *rehearsal.Rehearsal, q rehearsal.Question) *rehearsal.Answer {
	t.Helper()
	if q.Method == "" {
		q.Method = "GET"
	}
	if strings.HasPrefix(q.URL, "/") {
		q.URL = site + q.URL
	}
	if len(q.Headers) == 0 {
		q.Headers = [][2]string{{"Origin", page}}
	}
	a, err := r.Ask(q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func preflight() rehearsal.Question {
	return rehearsal.Question{Method: "OPTIONS", URL: "/items", Headers: [][2]string{
		{"Origin", page}, {"Access-Control-Request-Method", "PUT"},
	}}
}

func TestAnswers(t *testing.T) {
	get := rehearsal.Question{URL: "/items"}
	as := func(p rehearsal.Person) rehearsal.Question { q := get; q.Person = p; return q }
	with := func(q rehearsal.Question, name, value string) rehearsal.Question {
		q.Headers = append(slices.Clone(q.Headers), [2]string{"Origin", page}, [2]string{name, value})
		return q
	}
	tests := []struct {
		name   string
		site   string
		ask    rehearsal.Question
		status int
		allow  string // Access-Control-Allow-Origin
	}{
		{"respond", "respond ok", get, 200, ""},
		{"cors", "cors " + page + "\nrespond ok", get, 200, page},
		{"preflight answered", "cors " + page + "\nreverse_proxy up:80", preflight(), 204, page},
		{"plain upstream, OPTIONS", "reverse_proxy up:80", preflight(), 405, ""},
		{"own upstream", "reverse_proxy up:80", as(rehearsal.Own), 200, rehearsal.OwnOrigin},
		{"echoing upstream", "reverse_proxy up:80", as(rehearsal.Echo), 200, page},
		{"upstream down", "reverse_proxy up:80", as(rehearsal.Down), 502, ""},
		{"upstream down, with retries", "reverse_proxy up:80 {\nlb_try_duration 1h\nlb_retries 1000\n}", as(rehearsal.Down), 502, ""},
		{"upstream says 401", "reverse_proxy up:80", as(rehearsal.Unauthorized), 401, ""},
		{"upstream redirects", "reverse_proxy up:80", as(rehearsal.Login), 302, ""},
		{"dynamic upstreams", "reverse_proxy {\ndynamic a up.example.com 80\n}", get, 200, ""},
		{"header_down", "reverse_proxy up:80 {\nheader_down Access-Control-Allow-Origin " + page + "\n}", get, 200, page},
		{"handle_response", "reverse_proxy up:80 {\n@e status 5xx 2xx\nhandle_response @e {\nrespond no 418\n}\n}", get, 418, ""},
		{"php", "root /srv\nphp_fastcgi up:9000", rehearsal.Question{URL: "/index.php"}, 200, ""},
		{"two values", "header Access-Control-Allow-Origin " + page + "\nreverse_proxy up:80", as(rehearsal.Echo), 200, page + " " + page},
		{"basic_auth, nobody", "basic_auth {\na $2a$10$9q.Fzaa3v58qG8Kcm3YWFO5fzu7XEyXXLmJCecYtgFKxP2zyS7h2G\n}\nrespond ok", get, 401, ""},
		{"basic_auth, somebody", "basic_auth {\na $2a$10$9q.Fzaa3v58qG8Kcm3YWFO5fzu7XEyXXLmJCecYtgFKxP2zyS7h2G\n}\nrespond ok", with(get, "Authorization", "Basic x"), 200, ""},
		{"basic_auth, preflight", "basic_auth {\na $2a$10$9q.Fzaa3v58qG8Kcm3YWFO5fzu7XEyXXLmJCecYtgFKxP2zyS7h2G\n}\nrespond ok", preflight(), 401, ""},
		{"forward_auth, nobody", "forward_auth up:80 {\nuri /verify\n}\nrespond ok", get, 401, ""},
		{"forward_auth, signed in", "forward_auth up:80 {\nuri /verify\n}\nrespond ok", rehearsal.Question{URL: "/items", Credentials: true}, 200, ""},
		{"forward_auth, preflight", "forward_auth up:80 {\nuri /verify\n}\nrespond ok", func() rehearsal.Question { q := preflight(); q.SignedIn = true; return q }(), 401, ""},
		{"forward_auth, to the login", "forward_auth up:80 {\nuri /verify\n}\nrespond ok", rehearsal.Question{URL: "/items", AuthLogin: true}, 302, ""},
		{"files that are not there, played", "root /no/such/folder\nfile_server", rehearsal.Question{URL: "/a.json"}, 200, ""},
		{"files that are not there, missing", "root /no/such/folder\nfile_server", rehearsal.Question{URL: "/a.json", FilesMissing: true}, 404, ""},
		{"file_server and OPTIONS", "root /no/such/folder\nfile_server", preflight(), 405, ""},
		{"error route", "error 404\nhandle_errors {\nrespond gone 410\n}", get, 410, ""},
		{"a field with a colon", "header Access-Control-Allow-Origin: *\nrespond ok", get, 200, ""},
		{"abort", "abort", get, 0, ""},
		{"a public address", "@in remote_ip private_ranges\nrespond @in in 200\nrespond out 403", get, 403, ""},
		{"a private address", "@in remote_ip private_ranges\nrespond @in in 200\nrespond out 403", rehearsal.Question{URL: "/", Address: netip.MustParseAddr("10.1.2.3")}, 200, ""},
		{"HTTP/1.1 without TLS", "@in protocol http/2+\nrespond @in in 200\nrespond out 403", get, 403, ""},
		{"websocket", "reverse_proxy up:80", rehearsal.Question{URL: "/live", Headers: [][2]string{
			{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Key", "x3JJHMbDL1EzLkh9GBhXDw=="}, {"Sec-WebSocket-Version", "13"},
		}}, 101, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(t, caddyfile(t, tt.site), tt.ask)
			if a.Status != tt.status {
				t.Errorf("status %d, want %d (%v)", a.Status, tt.status, a.Err)
			}
			if got := strings.Join(a.Header["Access-Control-Allow-Origin"], " "); got != tt.allow {
				t.Errorf("Access-Control-Allow-Origin %q, want %q", got, tt.allow)
			}
		})
	}
}

func TestTellsWhoDecided(t *testing.T) {
	r := caddyfile(t, `
		handle /api/* {
			cors /api/v2/* https://other.example.com {
				name second
			}
			cors https://app.example.com
			reverse_proxy up:80
		}
		respond ok`)
	tests := []struct{ path, line, decision, reason, by string }{
		{"/api/x", "Caddyfile:7", "allowed", "", "reverse_proxy"},
		{"/api/v2/x", "Caddyfile:4", "refused", "origin_not_allowed", "reverse_proxy"},
		{"/", "", "", "", "static_response"},
	}
	for _, tt := range tests {
		a := ask(t, r, rehearsal.Question{URL: tt.path})
		if a.By == nil || a.By.Kind != tt.by {
			t.Errorf("%s: answered by %v, want %s", tt.path, a.By, tt.by)
		}
		switch d := a.Policy; {
		case d == nil && tt.line != "":
			t.Errorf("%s: nobody decided, want %s", tt.path, tt.line)
		case d != nil && (d.By.Place.String() != tt.line || d.Decision != tt.decision || d.Reason != tt.reason):
			t.Errorf("%s: %s %s (%s), want %+v", tt.path, d.By.Place, d.Decision, d.Reason, tt)
		}
	}
}

func TestPlaces(t *testing.T) {
	text := `{
	order templates before cors
}
(policy) {
	cors {args[0]}
}
&(named) {
	header X-Named 1
	respond named
}
&(whole) {
	route {
		header X-Whole 1
		respond whole
	}
}
http://a.localhost:8080, http://b.localhost:8080 {
	tls internal
	reverse_proxy up:80
	cors /x https://x.example.com
	header A 1
	header A 1
	@m {
		path /m /n
		method GET
	}
	import policy https://app.example.com
	handle_path /deep/* {
		reverse_proxy up:80
	}
	handle @m {
		reverse_proxy up:80 {
			@bad status 5xx
			handle_response @bad {
				header Bad 1
				respond bad
			}
		}
	}
	handle_errors 404 {
		header E 1
		respond gone
	}
	route /named {
		invoke named
	}
	invoke /whole whole
}
http://c.localhost:8080 {
	import policy https://app.example.com
	reverse_proxy up:80
	log
}
`
	text = strings.Replace(text, "\ttls internal\n", "\tlog\n", 1)
	text = strings.Replace(text, "\torder templates before cors\n", "\tadmin off\n", 1)
	r := caddyfile(t, text)
	lines := strings.Split(text, "\n")
	for _, h := range r.Handlers {
		if h.Kind == "subroute" {
			continue
		}
		if h.File == "" {
			t.Errorf("%s at %s has no line", h.Kind, h.Path)
			continue
		}
		words := map[string]string{"static_response": "respond", "headers": "header", "rewrite": "handle_path"}
		word := h.Kind
		if w, ok := words[h.Kind]; ok {
			word = w
		}
		if got := strings.TrimSpace(lines[h.Line-1]); !strings.HasPrefix(got, word) {
			t.Errorf("%s is said to stand at line %d, which is %q", h.Kind, h.Line, got)
		}
	}
	if len(r.Lost) != 1 || r.Lost[0].Text != "respond named" {
		t.Errorf("lost %v, want the respond of the named route", r.Lost)
	}
}

func TestWays(t *testing.T) {
	r := caddyfile(t, `
		@ext host ext.localhost
		handle /api/* {
			cors @ext https://app.example.com
			respond ok
		}`, rehearsal.Options{Ways: true})
	var policy *rehearsal.Handler
	for _, h := range r.Handlers {
		if h.Kind == "cors" {
			policy = h
		}
	}
	if policy == nil || len(policy.Way) != 3 {
		t.Fatalf("the way to the policy is %+v, want host, handle and @ext", policy)
	}
	a := ask(t, r, rehearsal.Question{URL: "/api/x"})
	for i, want := range []bool{true, true, false} {
		if p := a.Probe(policy.Way[i]); p == nil || p.Matched != want {
			t.Errorf("step %d: %+v, want %v", i, p, want)
		}
	}
	if got := policy.Way[2].Place; got.Text != "cors @ext https://app.example.com" || got.Matcher != "@ext host ext.localhost" {
		t.Errorf("the last step is %+v", got)
	}
	a = ask(t, r, rehearsal.Question{URL: "/other"})
	if p := a.Probe(policy.Way[1]); p == nil || p.Matched || len(p.Failed) != 1 {
		t.Errorf("/other: %+v", p)
	}
	if a.Probe(policy.Way[2]) != nil {
		t.Error("/other comes as far as @ext")
	}
}

func TestSaysWhatItPlayed(t *testing.T) {
	r := caddyfile(t, "cors {\norigins_from ask http://127.0.0.1:1/x\n}\nroot /no/such/folder\nfile_server")
	a := ask(t, r, rehearsal.Question{URL: "/a.json"})
	if len(a.NotAsked) != 1 || !strings.HasPrefix(a.NotAsked[0], "ask ") || a.Policy.Reason != "source_unavailable" {
		t.Errorf("not asked %q, decision %+v", a.NotAsked, a.Policy)
	}
	if len(a.FilesPlayed) != 1 || a.FilesPlayed[0] != "/no/such/folder" {
		t.Errorf("played %q", a.FilesPlayed)
	}
}

func TestRealFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := caddyfile(t, "root "+dir+"\nfile_server")
	if a := ask(t, r, rehearsal.Question{URL: "/a.json"}); a.Status != 200 || len(a.FilesPlayed) > 0 {
		t.Errorf("a.json: %d, played %q", a.Status, a.FilesPlayed)
	}
	if a := ask(t, r, rehearsal.Question{URL: "/b.json"}); a.Status != 404 {
		t.Errorf("b.json: %d", a.Status)
	}
}

func TestSilence(t *testing.T) {
	r := caddyfile(t, "handle /x {\nrespond x\n}")
	if a := ask(t, r, rehearsal.Question{URL: "/y"}); !a.Silent || a.Status != 200 {
		t.Errorf("%+v", a)
	}
}

func TestEndlessRoute(t *testing.T) {
	r := caddyfile(t, "http://api.localhost:8080 {\n\tinvoke round\n}\n&(round) {\n\tinvoke round\n}\n")
	if a := ask(t, r, rehearsal.Question{URL: "/"}); a.Status != 0 || a.Err == nil {
		t.Errorf("%+v", a)
	}
}

func TestTLS(t *testing.T) {
	r := caddyfile(t, `http://plain.localhost:8000 {
	respond ok
}
https://api.localhost {
	tls internal
	respond ok
}
https://mtls.localhost {
	tls internal {
		client_auth {
			mode require
		}
	}
	respond ok
}`)
	tests := []struct {
		url    string
		status int
		fails  string
	}{
		{"https://api.localhost/", 200, ""},
		{"http://api.localhost/", 308, ""},
		{"http://plain.localhost:8000/", 200, ""},
		{"https://plain.localhost:8000/", 0, "no TLS"},
		{"http://api.localhost:443/", 0, "speaks TLS"},
		{"http://api.localhost:81/", 0, "no server"},
		{"https://mtls.localhost/", 0, "certificate"},
	}
	for _, tt := range tests {
		a, err := r.Ask(rehearsal.Question{Method: "GET", URL: tt.url})
		switch {
		case tt.fails == "" && (err != nil || a.Status != tt.status):
			t.Errorf("%s: %v %v, want %d", tt.url, a, err, tt.status)
		case tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)):
			t.Errorf("%s: %v, want an error with %q", tt.url, err, tt.fails)
		}
	}
}

func TestJSONWithIDs(t *testing.T) {
	r, err := rehearsal.JSON([]byte(`{"apps":{"http":{"servers":{"s":{"@id":"x","listen":[":8080"],"routes":[
		{"@id":"r","handle":[{"@id":"p","handler":"cors","origins":["https://app.example.com"]},{"handler":"static_response"}]}]}}}}}`), rehearsal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a := ask(t, r, rehearsal.Question{URL: "/"})
	if a.Policy == nil || a.Policy.By.Place.String() != "/apps/http/servers/s/routes/0/handle/0" {
		t.Errorf("%+v", a.Policy)
	}
}
