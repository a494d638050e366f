package explain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/explain"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// configurations is how many TestAsLive makes. CORS_REHEARSE says others.
const configurations = 50

// questions is how many each of them is asked.
const questions = 2

// TestAsLive makes configurations and asks each one twice: in a rehearsal, and
// on real sockets with a real upstream. Both must end the same.
func TestAsLive(t *testing.T) {
	w := newWorld(t)
	n, asked, outcomes := 0, 0, map[browser.Outcome]int{}
	for seed := range corstest.Seeds(t, "CORS_REHEARSE", configurations) {
		n++
		g := &grammar{Rand: rand.New(rand.NewPCG(seed, 1)), upstream: w.upstream.Address, auth: w.auth, folder: w.folder}
		asked += w.compare(t, seed, g, outcomes)
	}
	t.Logf("%d questions: %v", asked, outcomes)
	if n < configurations {
		return // too few to judge what they are
	}
	if asked < n*questions*2/3 {
		t.Errorf("only %d questions could be asked: the grammar makes too many configurations that do not load", asked)
	}
	for _, o := range []browser.Outcome{browser.Readable, browser.Blocked, browser.PreflightFailed} {
		if outcomes[o] < asked/20 {
			t.Errorf("only %d of %d questions end %s", outcomes[o], asked, o)
		}
	}
}

// world is what is around the live side.
type world struct {
	upstream     *corstest.Persons
	auth, folder string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{folder: t.TempDir(), upstream: corstest.NewPersons(t)}
	if err := os.Mkdir(filepath.Join(w.folder, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a.json": "{}", "index.html": "{}", "docs/index.html": "docs", "index.php": "", "policy.caddy": "cors /api/* https://admin.example.com"} {
		if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.auth = serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") == "" && r.Header.Get("Authorization") == "" {
			rw.WriteHeader(http.StatusUnauthorized)
		}
	}))
	return w
}

func serve(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = zap.NewStdLog(zap.NewNop()) // handlers that hang up
	s.Start()
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// compare asks one configuration in both ways, and returns how many questions
// it was asked.
func (w *world) compare(t *testing.T, seed uint64, g *grammar, outcomes map[browser.Outcome]int) (asked int) {
	t.Helper()
	text := g.config()
	config, err := adapt(text)
	if err != nil {
		return 0
	}
	var (
		stage     *rehearsal.Rehearsal
		rehearsed error
	)
	if g.chance(20) { // as JSON, with names that only the admin endpoint reads
		stage, rehearsed = rehearsal.JSON(bytes.ReplaceAll(config, []byte(`{"handler":`), []byte(`{"@id":"x","handler":`)), rehearsal.Options{Ways: true})
	} else {
		stage, rehearsed = rehearsal.Caddyfile("Caddyfile", []byte(text), rehearsal.Options{Ways: true})
	}
	if rehearsed == nil {
		defer stage.Close()
	}
	address, lived := live(t, config)
	if (rehearsed == nil) != (lived == nil) {
		t.Errorf("seed %d: the rehearsal says %v, Caddy %v\n%s", seed, rehearsed, lived, text)
		return 0
	}
	if lived != nil {
		return 0
	}
	for range questions {
		page, request := g.question()
		person := rehearsal.Person(g.IntN(int(rehearsal.Login)))
		w.upstream.Play(person)
		want := browser.Fetch(page, request, corstest.NewSockets(address).Send)
		got := explain.PlayFrom(stage, page, request, person, loopback)
		outcomes[want.Outcome]++
		if a, b := summary(got), summary(want); a != b {
			t.Errorf("seed %d, upstream %d: a page on %s asks for %s %s %v %s\nrehearsal:\n%s\nlive:\n%s\n%s",
				seed, person, page.Origin, request.Method, request.URL, request.Headers, request.Credentials, a, b, text)
		}
	}
	return questions
}

// loopback is where the live side's client is.
var loopback = netip.MustParseAddr("127.0.0.1")

func adapt(text string) ([]byte, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	return config, err
}

// fastCGI is the transport of php_fastcgi. On the live side its upstream is one that
// speaks HTTP, as the others are.
var fastCGI = regexp.MustCompile(`"transport":\{"protocol":"fastcgi"[^}]*\},`)

// live runs a configuration on a real socket.
func live(t *testing.T, config []byte) (address string, err error) {
	t.Helper()
	var cfg caddy.Config
	if err := json.Unmarshal(fastCGI.ReplaceAll(config, nil), &cfg); err != nil {
		return "", err
	}
	apps := cfg.AppsRaw
	cfg.AppsRaw = nil
	cfg.Logging = &caddy.Logging{Logs: map[string]*caddy.CustomLog{"default": {BaseLog: caddy.BaseLog{Level: "FATAL"}}}}
	outer, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		return "", err
	}
	cfg.AppsRaw = apps
	ctx, cancel := caddy.NewContext(outer)
	t.Cleanup(cancel)
	app, err := ctx.App("http")
	if err != nil {
		return "", err
	}
	for _, srv := range app.(*caddyhttp.App).Servers { //nolint:forcetypeassert // it is Caddy's
		return serve(t, srv), nil
	}
	return "", fmt.Errorf("no server")
}

// summary is all of a verdict in which CORS has a part.
func summary(v browser.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %d\n", v.Outcome, v.Reason, v.Status)
	for _, e := range v.Exchanges {
		var lines []string
		for _, h := range e.Response.Headers {
			name := strings.ToLower(h[0])
			if strings.HasPrefix(name, "access-control-") || name == "vary" || name == "location" {
				lines = append(lines, h[0]+": "+h[1])
			}
		}
		slices.Sort(lines)
		fmt.Fprintf(&b, "%s %s: %d %s\n", e.Sent.Method, e.Sent.URL, e.Response.Status, strings.Join(lines, "; "))
	}
	return b.String()
}
