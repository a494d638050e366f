package judges_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// cases is how many TestOracle compares at least. CORS_ORACLE says more.
const cases = 2_000

// requests is how many requests one configuration is asked.
const requests = 8

// FuzzOracle compares the handler with the oracle. The bytes choose a
// configuration and the requests to it.
func FuzzOracle(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		f.Add(oracle.RandomBytes(rng))
	}
	ctx, at := corstest.Context(f), newEndpoint(f)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		compareWithOracle(t, ctx, at, bytes, nil)
	})
}

// TestOracle does the same with random bytes, and sees that every outcome that
// there is was among the cases.
func TestOracle(t *testing.T) {
	t.Parallel()
	n := cases
	if more, err := strconv.Atoi(os.Getenv("CORS_ORACLE")); err == nil {
		n = more
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	ctx, at := corstest.Context(t), newEndpoint(t)
	seen := make(map[string]int)
	rare := func(outcome string) bool { return seen[outcome] < 5 }
	for i := 0; i < 20_000+n && (seen["cases"] < n || slices.ContainsFunc(outcomes, rare)); i++ {
		bytes := oracle.RandomBytes(rng)
		compareWithOracle(t, ctx, at, bytes, seen)
		if t.Failed() {
			t.Fatalf("the bytes were %q", bytes)
		}
	}
	if at.asked.Load() < 50 {
		t.Errorf("the endpoint was asked only %d times", at.asked.Load())
	}
	for _, outcome := range outcomes {
		if rare(outcome) {
			t.Errorf("%q came only %d times", outcome, seen[outcome])
		}
	}
	for _, outcome := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%6d %s", seen[outcome], outcome)
		if outcome != "cases" && !slices.Contains(outcomes, outcome) {
			t.Errorf("%q is no outcome that is known", outcome)
		}
	}
}

// TestSeries: docs/operate.md says how many series a policy has in the metrics,
// which count preflights and actual requests by what came of them.
func TestSeries(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, outcome := range outcomes {
		if strings.HasPrefix(outcome, "preflight ") || strings.HasPrefix(outcome, "actual ") {
			n++
		}
	}
	if want := fmt.Sprintf("at most %d series a policy", n); !strings.Contains(string(text), want) {
		t.Errorf("docs/operate.md does not say: %s", want)
	}
}

// outcomes are the kinds, verdicts and reasons that there are.
var outcomes = []string{
	"none none ", "actual allowed ", "actual same_origin ", "actual refused origin_not_allowed", "actual refused origin_malformed",
	"actual refused source_unavailable", "actual refused host_not_verified", "preflight allowed ", "preflight refused origin_not_allowed", "preflight refused origin_malformed",
	"preflight refused source_unavailable", "preflight refused method_not_allowed", "preflight refused header_not_allowed",
	"preflight refused headers_malformed", "configuration refused", "configuration loaded",
}

// compareWithOracle makes a case of bytes, and counts its outcomes in seen.
func compareWithOracle(t *testing.T, parent caddy.Context, at *endpoint, bytes []byte, seen map[string]int) {
	t.Helper()
	d := at.dice(bytes)
	config, err := json.Marshal(d.Config())
	if err != nil {
		t.Fatal(err)
	}
	var c oracle.Config // what JSON cannot carry is not in it
	if err := json.Unmarshal(config, &c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := caddy.NewContext(parent)
	defer cancel()
	loaded, err := ctx.LoadModuleByID("http.handlers.cors", config)
	if filledIn.Match(config) {
		return // what Caddy makes of it is not the oracle's business
	}
	checkJudgement(t, &c, config, err)
	if err != nil {
		count(seen, "configuration refused")
		return
	}
	count(seen, "configuration loaded")
	h, ok := loaded.(caddyhttp.MiddlewareHandler)
	if !ok {
		t.Fatalf("a %T was loaded", loaded)
	}
	for range requests {
		e := exchange{handler: h, request: d.Request(&c), errorRoute: d.OneIn(16), upstream: d.Upstream()}
		at.mood.Store(e.request.Header.Get(oracle.Mood))
		e.run()
		want := e.compare(t, &c)
		if t.Failed() {
			t.Fatalf("configuration %s\nrequest %s to %q: %q\nupstream %q\nanswer %d, %q", config,
				e.request.Method, e.request.Host, e.request.Header, e.upstream, e.answer.status, e.answer.sent)
		}
		count(seen, "cases")
		count(seen, want.Kind+" "+want.Verdict+" "+want.Reason)
	}
}

func count(seen map[string]int, what string) {
	if seen != nil {
		seen[what]++
	}
}

// filledIn is what a placeholder looks like.
var filledIn = regexp.MustCompile(`\{[A-Za-z][^}]*\.[^}]*\}`)

// checkJudgement compares whether a configuration loads. The oracle only samples
// what expressions accept, so it may find less wrong with them.
func checkJudgement(t *testing.T, c *oracle.Config, config []byte, err error) {
	t.Helper()
	mistake := c.Mistake()
	if mistake != "" && err == nil {
		t.Fatalf("it loads, in spite of: %s\n%s", mistake, config)
	}
	if mistake == "" && err != nil && len(c.OriginRegexp) == 0 {
		t.Fatalf("it does not load: %v\n%s", err, config)
	}
}
