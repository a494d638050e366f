package endurance

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
)

// shortForm is how long the load lasts, unless CORS_ENDURE says otherwise.
const shortForm = 4 * time.Second

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
	if err := os.Mkdir(filepath.Join(w.files, "files"), 0o700); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(w.files, "files", "data.txt"), strings.Repeat("0123456789abcde\n", 1<<12))
	return w
}

const inStillFile = "https://still.lists.example"

// load loads the configuration of a generation.
func (w *world) load(t *testing.T, generation int) {
	t.Helper()
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(w.caddyfile(generation)), nil)
	if err != nil {
		t.Fatalf("adapting generation %d: %v\n%s", generation, err, w.caddyfile(generation))
	}
	w.chronicle.begin(generation)
	if err := caddy.Load(config, true); err != nil {
		t.Fatalf("loading generation %d: %v", generation, err)
	}
	w.chronicle.loaded(generation)
}

// TestEndurance: no wrong header on any response, no request dropped, and
// nothing that grows.
func TestEndurance(t *testing.T) {
	lasts := duration(t)
	seed := rand.Uint64()
	t.Logf("%s of load, seed %d", lasts, seed)
	w := newWorld(t)
	w.load(t, 0)
	defer caddy.Stop()
	w.awaitCertificates(t)
	w.acquaint(t)

	w.under(t, lasts/4, seed)
	before := w.rest(t, func(resources) bool { return true })
	t.Logf("after warming up: %s", before)
	w.under(t, lasts, seed+1)
	after := w.rest(t, before.covers)
	t.Logf("at the end:       %s", after)
	if !before.covers(after) {
		t.Errorf("grown from %s to %s; the goroutines are now:\n%s", before, after, stacks())
	}
	w.summarize(t)
}

func duration(t *testing.T) time.Duration {
	t.Helper()
	s := os.Getenv("CORS_ENDURE")
	if s == "" {
		return shortForm
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatalf("CORS_ENDURE: %v", err)
	}
	return d
}

// rest loads the first generation again, so that what is measured is always
// the same, and waits for what is left of the load.
func (w *world) rest(t *testing.T, enough func(resources) bool) resources {
	t.Helper()
	now := w.chronicle.current()
	w.load(t, now+generations-now%generations)
	return settled(enough)
}

func (w *world) summarize(t *testing.T) {
	t.Helper()
	c := w.tally
	t.Logf("%d responses checked over %d reloads; wrong: %d, dropped: %d", c.checked.Load(), c.reloads.Load(), c.wrong.Load(), c.dropped.Load())
	t.Logf("%d sent again after a used connection was closed; %d after Linux reset the connection before Caddy accepted it, "+
		"%d after a server that shut down did not read it", c.retries.Load(), c.resets.Load(), c.goodbyes.Load())
	t.Logf("the upstream died %d times and the endpoint %d times, the list changed %d times", w.mortal.deaths, w.endpoint.deaths, w.list.changes)
	t.Logf("responses by kind, site, protocol and status:\n%s", c.table())
	if missing := c.missing(); len(missing) > 0 {
		t.Errorf("there were none of: %s", strings.Join(missing, "; "))
	}
}

// under puts the world under load for a while.
func (w *world) under(t *testing.T, lasts time.Duration, seed uint64) {
	load, stopLoad := context.WithCancel(t.Context())
	change, stopChange := context.WithCancel(t.Context())
	var loading, changing sync.WaitGroup
	random := func(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
	for i := range workers {
		loading.Go(func() { w.work(load, t, protocols[i%len(protocols)], random(uint64(i))) })
	}
	for i := range streams {
		loading.Go(func() { w.follow(load, t, protocols[i%len(protocols)], random(uint64(1000+i))) })
		loading.Go(func() { w.talk(load, t, random(uint64(2000+i))) })
	}
	changing.Go(func() { w.reload(change, t) })
	changing.Go(func() { w.mortal.haunt(change, t) })
	changing.Go(func() { w.endpoint.haunt(change, t) })
	changing.Go(func() { w.list.rewrite(change, t, w.lists) })
	w.watch(t, lasts)
	stopLoad()
	loading.Wait() // streams wait for a reload
	stopChange()
	changing.Wait()
}

const (
	workers = 12
	streams = 3
)

// watch waits until the time is over, and tells how it goes. On a machine that
// is slow or busy it takes longer: there must be some of everything.
func (w *world) watch(t *testing.T, lasts time.Duration) {
	t.Helper()
	begun := time.Now()
	told := begun
	for {
		time.Sleep(50 * time.Millisecond)
		past := time.Since(begun)
		if past >= lasts && (len(w.tally.missing()) == 0 || past >= lasts+2*patience) || t.Failed() && past >= lasts {
			return
		}
		if time.Since(told) >= 30*time.Second {
			told = time.Now()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			t.Logf("%4.0f s: %d responses, %d reloads, heap %.1f MB, %d goroutines",
				past.Seconds(), w.tally.checked.Load(), w.tally.reloads.Load(), float64(m.HeapAlloc)/1e6, runtime.NumGoroutine())
		}
	}
}

// work sends one request after the other.
func (w *world) work(ctx context.Context, t *testing.T, proto string, rnd *rand.Rand) {
	c := w.client(proto)
	defer c.transport.CloseIdleConnections()
	for ctx.Err() == nil {
		r := w.draw(rnd)
		if rnd.IntN(20) == 0 {
			c.transport.CloseIdleConnections()
		}
		x, err := c.do(t.Context(), r)
		if err != nil {
			w.tally.drop(t, r, err)
			continue
		}
		w.judge(t, x)
		pause(ctx, 0, 2*time.Millisecond)
	}
}

// reload loads the next generation every second.
func (w *world) reload(ctx context.Context, t *testing.T) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.load(t, w.chronicle.current()+1)
			w.tally.reloads.Add(1)
		}
	}
}

// ask asks the site about an origin, and reports whether it was allowed.
func (w *world) allows(s *site, origin string) (bool, error) {
	c := w.client(protocols[0])
	defer c.transport.CloseIdleConnections()
	r := &request{site: s, path: "/hello", method: http.MethodGet, header: http.Header{"Origin": {origin}}}
	x, err := c.do(context.Background(), r)
	if err != nil {
		return false, err
	}
	return x.response.Get(allowOrigin) != "", nil
}

func (w *world) lists(origin string) bool {
	yes, _ := w.allows(listSite, origin)
	return yes
}

// acquaint lets the endpoint's customers be known before it dies.
func (w *world) acquaint(t *testing.T) {
	t.Helper()
	for _, origin := range customers {
		if yes, err := w.allows(askSite, origin); err != nil || yes != isCustomer(origin) {
			t.Fatalf("%s: allowed %t, %v", origin, yes, err)
		}
	}
}

// awaitCertificates waits until Caddy has made its certificate, which it does
// in the background.
func (w *world) awaitCertificates(t *testing.T) {
	t.Helper()
	c := w.client(protocols[1])
	defer c.transport.CloseIdleConnections()
	r := &request{site: sites[0], path: "/hello", method: http.MethodGet, header: make(http.Header)}
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if _, err = c.do(t.Context(), r); err == nil {
			return
		}
	}
	t.Fatalf("no certificate: %v", err)
}
