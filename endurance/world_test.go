package endurance

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
)

// world is all that the load runs against.
type world struct {
	plainPort, securePort int
	storage, files, still string
	deadAddr              string

	steady, mortal *mortal
	endpoint       *endpoint
	list           *list

	chronicle *chronicle
	tally     *tally
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		plainPort: lowPort(t), securePort: lowPort(t), deadAddr: loopback(lowPort(t)),
		storage: t.TempDir(), files: t.TempDir(), still: filepath.Join(t.TempDir(), "still.txt"),
		endpoint: newEndpoint(t), list: newList(t), chronicle: newChronicle(), tally: newTally(),
	}
	w.steady, w.mortal = newMortal(t, http.HandlerFunc(w.upstream)), newMortal(t, http.HandlerFunc(w.upstream))
	replace(t, w.still, inStillFile+"\n")
	must(t, os.Mkdir(filepath.Join(w.files, "files"), 0o700))
	replace(t, filepath.Join(w.files, "files", "data.txt"), strings.Repeat("0123456789abcde\n", 1<<12))
	return w
}

const inStillFile = "https://still.lists.example"

// load loads the configuration of a generation.
func (w *world) load(generation int) error {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(w.caddyfile(generation)), nil)
	if err != nil {
		return fmt.Errorf("adapting generation %d: %w", generation, err)
	}
	w.chronicle.begin(generation)
	if err := caddy.Load(config, true); err != nil {
		return fmt.Errorf("loading generation %d: %w", generation, err)
	}
	w.chronicle.loaded(generation)
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// allows asks a site about an origin.
func (w *world) allows(t *testing.T, s *site, origin string) bool {
	c := w.client(protocols[0])
	defer c.transport.CloseIdleConnections()
	r := &request{site: s, path: "/hello", method: http.MethodGet, header: http.Header{"Origin": {origin}}}
	x, err := c.do(t.Context(), r)
	if err != nil {
		w.tally.drop(t, r, err)
		return false
	}
	return x.response.Get(allowOrigin) != ""
}

// acquaint lets the endpoint's customers be known before it dies.
func (w *world) acquaint(t *testing.T) {
	t.Helper()
	for _, origin := range customers {
		if yes := w.allows(t, askSite, origin); yes != isCustomer(origin, "") {
			t.Fatalf("%s: allowed %t", origin, yes)
		}
	}
}

// awaitCertificates waits until Caddy has made its certificate, which it does
// in the background. Where that fails once, it tries again after a minute.
func (w *world) awaitCertificates(t *testing.T) {
	t.Helper()
	c := w.client(protocols[1])
	defer c.transport.CloseIdleConnections()
	r := &request{site: sites[0], path: "/hello", method: http.MethodGet, header: make(http.Header)}
	var err error
	for deadline := time.Now().Add(12 * patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if _, err = c.do(t.Context(), r); err == nil {
			return
		}
	}
	t.Fatalf("no certificate: %v", err)
}
