package cors

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// oracleRequests is how many requests one configuration is asked.
const oracleRequests = 8

// FuzzOracle compares the handler with the oracle. The bytes choose a
// configuration and the requests to it.
func FuzzOracle(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		f.Add(randomBytes(rng))
	}
	ctx := corstest.Context(f)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		compareWithOracle(t, ctx, bytes, nil)
	})
}

// TestOracle does the same with random bytes, and sees that every outcome that
// there is was among the cases.
func TestOracle(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	ctx := corstest.Context(t)
	seen := make(map[string]int)
	for i := 0; seen["cases"] < 20_000 && i < 20_000; i++ {
		bytes := randomBytes(rng)
		compareWithOracle(t, ctx, bytes, seen)
		if t.Failed() {
			t.Fatalf("the bytes were %q", bytes)
		}
	}
	for _, outcome := range oracleOutcomes {
		if seen[outcome] < 20 {
			t.Errorf("%q came only %d times", outcome, seen[outcome])
		}
	}
	for _, outcome := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%6d %s", seen[outcome], outcome)
	}
}

// oracleOutcomes are the kinds, verdicts and reasons that there are.
var oracleOutcomes = []string{
	"none none ", "actual allowed ", "actual same_origin ", "actual refused origin_not_allowed", "actual refused origin_malformed",
	"actual refused source_unavailable", "preflight allowed ", "preflight refused origin_not_allowed", "preflight refused origin_malformed",
	"preflight refused source_unavailable", "preflight refused method_not_allowed", "preflight refused header_not_allowed",
	"preflight refused headers_malformed", "configuration refused", "configuration loaded",
}

func randomBytes(rng *rand.Rand) []byte {
	b := make([]byte, 512)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// compareWithOracle makes a case of bytes, and counts its outcomes in seen.
func compareWithOracle(t *testing.T, parent caddy.Context, bytes []byte, seen map[string]int) {
	t.Helper()
	d := dice{bytes}
	config, err := json.Marshal(d.config())
	if err != nil {
		t.Fatal(err)
	}
	var oracle oracleConfig // what JSON cannot carry is not in it
	if err := json.Unmarshal(config, &oracle); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := caddy.NewContext(parent)
	defer cancel()
	loaded, err := ctx.LoadModuleByID("http.handlers.cors", config)
	if filledIn.Match(config) {
		return // what Caddy makes of it is not the oracle's business
	}
	checkJudgement(t, &oracle, config, err)
	if err != nil {
		count(seen, "configuration refused")
		return
	}
	count(seen, "configuration loaded")
	h, ok := loaded.(*Handler)
	if !ok {
		t.Fatalf("a %T was loaded", loaded)
	}
	for range oracleRequests {
		e := exchange{handler: h, request: d.request(&oracle), errorRoute: d.oneIn(16), upstream: d.upstream()}
		e.run()
		e.compare(t, &oracle)
		if t.Failed() {
			t.Fatalf("configuration %s\nrequest %s to %q: %q\nupstream %q\nanswer %d, %q", config,
				e.request.Method, e.request.Host, e.request.Header, e.upstream, e.answer.status, e.answer.sent)
		}
		count(seen, "cases")
		count(seen, e.decided.kind.String()+" "+e.decided.verdict.String()+" "+e.decided.reason.String())
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
func checkJudgement(t *testing.T, oracle *oracleConfig, config []byte, err error) {
	t.Helper()
	mistake := oracle.mistake()
	if mistake != "" && err == nil {
		t.Fatalf("it loads, in spite of: %s\n%s", mistake, config)
	}
	if mistake == "" && err != nil && len(oracle.OriginRegexp) == 0 {
		t.Fatalf("it does not load: %v\n%s", err, config)
	}
}
