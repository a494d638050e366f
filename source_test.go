package cors

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// TestOriginsFrom: each source adds its origins to a policy, with the policy's
// rights and under its exceptions, and is asked about no others.
func TestOriginsFrom(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "origins.txt")
	const listed = "# tenants\nhttps://tenant.example\nhttps://*.tenants.example\nhttp://plain.example\n*\nnull\nhttps://*.github.io\nnonsense\n"
	if err := os.WriteFile(file, []byte(listed), 0o600); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch origin := r.URL.Query().Get("origin"); {
		case origin == "https://no.asked.example":
			t.Error("an excepted origin was asked about")
		case strings.HasSuffix(origin, ".asked.example"):
		case strings.HasSuffix(origin, ".broken.example"):
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(endpoint.Close)
	h := testHandlerOf(t, "cors https://app.example.com {\n\tcredentials\n\texpose X-A\n\texcept https://no.tenants.example https://no.asked.example\n"+
		"\torigins_from file "+file+"\n\torigins_from ask "+endpoint.URL+"/allowed?x=y\n}")
	for _, c := range []struct {
		origin string
		want   verdict
		reason reason
	}{
		{corstest.App, verdictAllowed, reasonNone},
		{"https://tenant.example", verdictAllowed, reasonNone},
		{"https://a.tenants.example", verdictAllowed, reasonNone},
		{"https://no.tenants.example", verdictRefused, reasonOriginNotAllowed},
		{"http://plain.example", verdictRefused, reasonOriginNotAllowed}, // credentials
		{"https://a.asked.example", verdictAllowed, reasonNone},
		{"https://no.asked.example", verdictRefused, reasonOriginNotAllowed},
		{"http://a.asked.example", verdictRefused, reasonOriginNotAllowed}, // credentials
		{"https://a.broken.example", verdictRefused, reasonSourceUnavailable},
		{"https://stranger.github.io", verdictRefused, reasonOriginNotAllowed},
		{"https://stranger.example", verdictRefused, reasonOriginNotAllowed},
		{"null", verdictRefused, reasonOriginNotAllowed},
		{"nonsense", verdictRefused, reasonOriginMalformed},
	} {
		for _, r := range []request{getFrom(c.origin), preflightFrom(c.origin, "PUT")} {
			d := h.decide(t.Context(), &r)
			if d.verdict != c.want || d.reason != c.reason {
				t.Errorf("%s: got %s, %q; want %s, %q", c.origin, d.verdict, d.reason, c.want, c.reason)
			}
			if d.verdict == verdictAllowed && (d.allowOrigin != c.origin || !d.grant.credentials || d.grant.expose != "X-A") {
				t.Errorf("%s: got %+v", c.origin, d)
			}
		}
	}
	asked.Store(0)
	for _, origin := range []string{corstest.App, "https://no.tenants.example", "https://no.asked.example", "null", "nonsense", "https://tenant.example"} {
		r := getFrom(origin)
		h.decide(t.Context(), &r)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d questions about origins that the policy knows", n)
	}
}

// TestOriginsFromMissing: a source that was never read refuses, and says so.
func TestOriginsFromMissing(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors {\n\torigins_from file "+filepath.Join(t.TempDir(), "none.txt")+"\n\tdebug\n}\nrespond hello")
	res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
	corstest.WantNothing(t, res.Header)
	corstest.WantHeader(t, res.Header, headerDebug, `policy="", decision=refused, reason=source_unavailable, detail="a source of origins could not be asked"`)
}

func TestOriginsFromMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"origins_from":                     "origins_from needs a source",
		"origins_from nowhere x":           `no source "nowhere"; choose`,
		"origins_from file":                "Caddyfile:3",
		"origins_from ask ftp://a.example": "ftp://a.example",
		"origins_from file /a {\nnope\n}":  "nope",
	} {
		config, err := corstest.Adapt("http:// {\ncors https://a.example {\n" + lines + "\n}\n}\n")
		if err == nil {
			_, err = corstest.Provision(t, config)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", lines, err, want)
		}
	}
}

// TestSourcesTellAgain: a trouble that began under one configuration is in the
// log of the next one too, once.
func TestSourcesTellAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	oldFile, fileLogs := startFile(t, path, originRules{})
	dir := t.TempDir()
	oldStorage, storageLogs := startStorage(t, files(dir), originRules{})
	if toldOf(fileLogs, "until it can be") != 1 || toldOf(storageLogs, "until it can be") != 1 {
		t.Fatalf("logged %v and %v", fileLogs.All(), storageLogs.All())
	}
	newFile, fileLogs := startFile(t, path, originRules{})
	newStorage, storageLogs := startStorage(t, files(dir), originRules{})
	must(t, oldFile.Cleanup())
	must(t, oldStorage.Cleanup())
	eventually(t, "warnings in the new log", func() bool { return fileLogs.Len() > 0 && storageLogs.Len() > 0 })
	writeFile(t, path, after)
	store(t, files(dir), after)
	comesToSay(t, newFile, "yes", after)
	comesToSay(t, newStorage, "yes", after)
	if toldOf(fileLogs, "until it can be") != 1 || toldOf(storageLogs, "until it can be") != 1 {
		t.Errorf("logged %v and %v", fileLogs.All(), storageLogs.All())
	}
}
