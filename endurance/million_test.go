package endurance

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
)

// million is how many origins there are. A real one takes a busy machine a minute
// or two, nearly all of it Caddy's reading of the JSON, so it belongs to the long
// form.
var million = map[bool]int{false: 100_000, true: 1_000_000}[os.Getenv("CORS_ENDURE") != ""]

// millionSite has two policies. To the oracle each is a wildcard; Caddy gets
// the million origins one by one.
var millionSite = &site{host: "million.test", policies: []*policy{
	{origins: []string{"https://*.even.example"}},
	{origins: []string{"https://*.odd.example"}},
}}

func inMillion(generation, n int) string {
	return "https://" + strconv.Itoa(n) + []string{".even.example", ".odd.example"}[generation%2]
}

// loadMillion loads a configuration with a million origins.
func (w *world) loadMillion(generation int) error {
	const stand = "https://stand.in.example"
	text := fmt.Sprintf(globalOptions, w.storage, generation) +
		fmt.Sprintf("http://%s {\nendurance_arrival %d\ncors %s\nrespond /hello hello\n}\n",
			net.JoinHostPort(millionSite.host, strconv.Itoa(w.plainPort)), generation, stand)
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), nil)
	if err != nil {
		return err
	}
	before, after, ok := bytes.Cut(config, []byte(strconv.Quote(stand)))
	if !ok {
		return fmt.Errorf("no list of origins in %s", config)
	}
	// What the test itself needs for that shall not count for much.
	config = append(make([]byte, 0, 32*million), before...)
	for n := range million {
		if n > 0 {
			config = append(config, ',')
		}
		config = strconv.AppendQuote(config, inMillion(generation, n))
	}
	config = append(config, after...)
	w.chronicle.begin(generation)
	if err := caddy.Load(config, true); err != nil {
		return err
	}
	w.chronicle.loaded(generation)
	return nil
}

// TestMillion: a reload from a million origins to another million drops no
// request, spoils no answer, and gives the memory back.
func TestMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	w := &world{plainPort: lowPort(t), storage: t.TempDir(), chronicle: newChronicle(), tally: newTally()}
	must(t, w.loadMillion(0))
	defer caddy.Stop()
	before := settled(func(resources) bool { return true })
	t.Logf("%d origins: %s", million, before)

	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for i := range 6 {
		working.Go(func() { w.askMillion(ctx, t, protocols[i%3], rand.New(rand.NewPCG(1, uint64(i)))) })
	}
	begun := time.Now()
	peak := w.peakOf(func() {
		if err := w.loadMillion(1); err != nil {
			t.Error(err)
		}
	})
	t.Logf("reloaded in %.1f s; peak of live objects %.0f MB, %.1f times what there was", time.Since(begun).Seconds(), float64(peak)/1e6, float64(peak)/float64(before.heap))
	stop()
	working.Wait()
	enough := func(r resources) bool { return r.heap <= before.heap+before.heap/10+moreHeap }
	after := settled(enough)
	t.Logf("afterwards: %s", after)
	t.Logf("%d responses checked; wrong: %d, dropped: %d", w.tally.checked.Load(), w.tally.wrong.Load(), w.tally.dropped.Load())
	if !enough(after) {
		t.Errorf("%s afterwards, %s before: something of the old configuration is kept", after, before)
	}
	if peak > maxPeak*before.heap {
		t.Errorf("%.0f MB of live objects while it was reloaded, more than %d times what there was", float64(peak)/1e6, maxPeak)
	}
	if missing := w.tally.without("million, allowed", "million, refused: origin_not_allowed"); len(missing) > 0 {
		t.Errorf("there were none of: %s", strings.Join(missing, "; "))
	}
}

// maxPeak is how many times as much memory may be in use during the reload.
// Twice is what both configurations need; the rest is Caddy's: it has the text of
// the new one in memory several times while it reads it.
const maxPeak = 4

// askMillion sends one request after the other.
func (w *world) askMillion(ctx context.Context, t *testing.T, proto string, rnd *rand.Rand) {
	if proto == protocols[1] {
		proto = protocols[0] // the site has no certificate
	}
	c := w.client(proto)
	defer c.transport.CloseIdleConnections()
	for pause(ctx, 0, 4*time.Millisecond) {
		r := &request{site: millionSite, path: "/hello", method: http.MethodGet, header: make(http.Header), shape: "million"}
		if rnd.IntN(3) == 0 {
			r.asks(rnd)
		}
		r.header.Set("Origin", pick(rnd, []string{inMillion(0, rnd.IntN(million)), inMillion(1, rnd.IntN(million)), app, "https://evil.example"}))
		x, err := c.do(t.Context(), r)
		if err != nil {
			w.tally.drop(t, r, err)
			continue
		}
		w.judge(t, x)
	}
}

// peakOf returns how many bytes of live objects there were at most while f ran,
// as one collection after the other sees it.
func (w *world) peakOf(f func()) (peak uint64) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for {
			runtime.GC()
			metrics.Read(live)
			peak = max(peak, live[0].Value.Uint64())
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	f()
	close(done)
	watching.Wait()
	return peak
}
