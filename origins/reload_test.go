package origins_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
	"github.com/caddy-cors/caddy-cors/origins"
)

// threeSources is a directory with what the three sources ask.
type threeSources struct {
	dir, file string
	endpoint  *origins.Endpoint
}

// The origins that each source allows all the time.
const (
	byFile, byStorage, byEndpoint = "https://file.example", "https://storage.example", "https://endpoint.example"
)

func newThreeSources(t *testing.T) *threeSources {
	t.Helper()
	dir := t.TempDir()
	s := &threeSources{dir: dir, file: filepath.Join(dir, "origins.txt")}
	s.endpoint = origins.NewEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") != byEndpoint {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	s.publish(t, 0)
	return s
}

// publish changes both lists.
func (s *threeSources) publish(t *testing.T, version int) {
	t.Helper()
	origins.WriteFile(t, s.file, fmt.Sprintf("%s\nhttps://v%d.example\n", byFile, version))
	origins.Store(t, origins.Files(s.dir), fmt.Sprintf("%s\nhttps://v%d.example\n", byStorage, version))
}

// block is a cors block; the ttl makes another source of the endpoint.
func (s *threeSources) block(ttl int) string {
	return fmt.Sprintf("cors {\n\torigins_from file %s\n\torigins_from storage %s {\n\t\trefresh 100ms\n\t}\n\torigins_from ask %s {\n\t\tttl %dm\n\t\ttimeout 1m\n\t}\n}\n",
		s.file, origins.ListKey, s.endpoint.URL, ttl)
}

// sourceGoroutines counts the goroutines that look after sources.
func sourceGoroutines() int {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 2)
	return strings.Count(b.String(), "origins.(*keeper).run.func") + strings.Count(b.String(), "origins.(*asker)")
}

// TestSourcesOverReloads starts Caddy for real, and reloads it many times
// while lists change and requests come: whom a source allows is never refused,
// whom none allows never allowed, and nothing is left when Caddy stops.
func TestSourcesOverReloads(t *testing.T) {
	s := newThreeSources(t)
	url := fmt.Sprintf("http://localhost:%d", freePort(t))
	load := func(reload int) {
		t.Helper()
		config, err := corstest.Adapt("{\n\tadmin off\n\tpersist_config off\n\tstorage file_system " + s.dir + "\n\tlog {\n\t\toutput memory reloads\n\t}\n}\n" +
			url + " {\n\trespond " + fmt.Sprint(reload) + "\n" + s.block(1+2*reload/(*origins.Reloads+1)) + "}\n")
		origins.Must(t, err)
		origins.Must(t, caddy.Load(config, true))
	}
	goroutines, handles := sourceGoroutines(), origins.OpenHandles()
	load(0)
	transport := new(http.Transport)
	// A reload may close a connection that waits for its turn: see roundTrip.
	allowed := func(origin string) (got string) {
		t.Helper()
		origins.Eventually(t, "an answer", func() bool {
			req, err := http.NewRequest("GET", url, nil)
			origins.Must(t, err)
			req.Header.Set("Origin", origin)
			res, err := transport.RoundTrip(req)
			if err != nil {
				return false
			}
			res.Body.Close()
			got = res.Header.Get("Access-Control-Allow-Origin")
			return true
		})
		return got
	}
	ctx, cancel := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	var served atomic.Int64
	for _, origin := range []string{byFile, byStorage, byEndpoint, corstest.Evil} {
		busy.Go(func() {
			for ctx.Err() == nil {
				if got := allowed(origin); (got == origin) != (origin != corstest.Evil) {
					t.Errorf("%s got %q", origin, got)
				}
				served.Add(1)
			}
		})
	}
	busy.Go(func() {
		for version := 1; ctx.Err() == nil; version++ {
			s.publish(t, version)
			time.Sleep(5 * time.Millisecond)
		}
	})
	for reload := range *origins.Reloads {
		load(reload + 1)
		begun := served.Load()
		origins.Eventually(t, "some answers", func() bool { return served.Load() > begun+4 })
	}
	cancel()
	busy.Wait()
	s.publish(t, -1)
	origins.Eventually(t, "the last lists", func() bool { return allowed("https://v-1.example") != "" })
	transport.CloseIdleConnections()
	origins.Must(t, caddy.Stop())
	s.endpoint.CloseClientConnections()
	origins.Eventually(t, fmt.Sprintf("no more than %d goroutines and %d file handles", goroutines, handles), func() bool {
		return sourceGoroutines() <= goroutines && origins.OpenHandles() <= handles
	})
	t.Logf("%d requests over %d reloads", served.Load(), *origins.Reloads)
}

// TestSourcesOfFailedConfig: a configuration that does not load leaves nothing
// running, whatever it had begun, and disturbs nobody who shares a source.
func TestSourcesOfFailedConfig(t *testing.T) {
	t.Parallel()
	s := newThreeSources(t)
	running, _ := origins.StartFile(t, s.file, policy.SourceRules{})
	for name, broken := range map[string]string{
		"a wrong source behind them":  "cors {\n\torigins_from file {env.CORS_TEST_UNSET_PATH}\n}\n",
		"a wrong handler behind them": "cors {env.CORS_TEST_UNSET_ORIGIN}\n",
	} {
		config, err := corstest.Adapt("{\n\tadmin off\n\tauto_https off\n\tstorage file_system " + s.dir + "\n}\n" +
			"http://a.example {\n" + s.block(1) + "}\nhttp://b.example {\n" + s.block(1) + broken + "}\n")
		origins.Must(t, err)
		if _, err := corstest.Provision(t, config); err == nil {
			t.Fatalf("%s: it loads", name)
		}
		if ofFile, ofStorage := origins.References(s.file, s.dir); ofFile != 1 || ofStorage != 0 {
			t.Errorf("%s: %d sources use the file and %d the storage, want 1 and 0", name, ofFile, ofStorage)
		}
	}
	origins.WantAnswer(t, running, "yes", byFile)
	origins.WriteFile(t, s.file, "https://after.example")
	origins.ComesToSay(t, running, "yes", "https://after.example")
}

// freePort finds a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	origins.Must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
