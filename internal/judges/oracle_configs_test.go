package judges_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	cors "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// FuzzCaddyfile reads arbitrary blocks: nothing panics, every error says where,
// and what loads keeps the rules.
func FuzzCaddyfile(f *testing.F) {
	for _, block := range fuzzPolicies {
		f.Add(block)
	}
	f.Add("origins https://a.example/\nmethods TRACE\nmax_age -1\nfoo bar {\n baz\n}")
	f.Add("origins {env.A}\ncredentials true false\nname\ntiming x")
	f.Add("origins https://a.example\nmethods None\nheaders NONE")
	f.Add("origins https://a.example\nexpose None")
	parent := corstest.Context(f)
	f.Fuzz(func(t *testing.T, block string) {
		h, err := readBlock(block)
		if h == nil {
			return // no tokens
		}
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.Contains(line, ", at Caddyfile:") {
					t.Errorf("no place in %q", line)
				}
			}
			return
		}
		checkConfig(t, parent, h, true)
	})
}

// FuzzJSON reads configurations with values of every kind in every place:
// nothing panics, every error says something, and what loads behaves the same when
// it is written and read again.
func FuzzJSON(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		f.Add(oracle.RandomBytes(rng))
	}
	parent := corstest.Context(f)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		h := new(cors.Handler)
		if err := json.Unmarshal([]byte(oracle.NewDice(bytes).JSON()), h); err != nil {
			if err.Error() == "" {
				t.Error("an error without a message")
			}
			return
		}
		checkConfig(t, parent, h, false)
	})
}

// checkConfig: what was read survives JSON, which is what an adapter writes and
// what Caddy loads, and keeps the rules when it loads. What the Caddyfile
// accepts must load.
func checkConfig(t *testing.T, parent caddy.Context, h *cors.Handler, mustLoad bool) {
	t.Helper()
	h.OriginsFromRaw = nil // they have targets of their own
	config := mustMarshal(t, h)
	again := new(cors.Handler)
	if err := json.Unmarshal(config, again); err != nil {
		t.Fatalf("%s: %v", config, err)
	}
	if second := mustMarshal(t, again); string(config) != string(second) {
		t.Fatalf("%s becomes\n%s", config, second)
	}
	ctx, cancel := caddy.NewContext(parent)
	defer cancel()
	err := h.Provision(ctx)
	if err != nil && err.Error() == "" {
		t.Error("an error without a message")
	}
	if second := again.Provision(ctx); fmt.Sprint(err) != fmt.Sprint(second) {
		t.Errorf("%s: %v, but when it is read again: %v", config, err, second)
	}
	if err == nil {
		compareByBehaviour(t, h, again, config)
	}
	var c oracle.Config
	if filledIn.Match(config) || json.Unmarshal(config, &c) != nil {
		return // the oracle reads durations as words only
	}
	if mistake := c.Mistake(); mistake != "" && err == nil {
		t.Errorf("it loads, in spite of: %s\n%s", mistake, config)
	}
	if mustLoad && err != nil && c.Mistake() == "" {
		t.Errorf("the Caddyfile is accepted, and yet: %v\n%s", err, config)
	}
}

// compareByBehaviour asks both handlers the same, near what the configuration
// names. What they share in JSON they may still have compiled differently.
func compareByBehaviour(t *testing.T, one, other *cors.Handler, config []byte) {
	t.Helper()
	var c oracle.Config
	_ = json.Unmarshal(config, &c) // what cannot be read is not aimed at
	d := oracle.NewDice(oracle.RandomBytes(rand.New(rand.NewPCG(uint64(crc32.ChecksumIEEE(config)), 0))))
	for range requests {
		r, upstream := d.Request(&c), d.Upstream()
		outcomes := make([]string, 2)
		for i, h := range []*cors.Handler{one, other} {
			e := exchange{handler: h, request: r.Clone(t.Context()), upstream: upstream}
			e.run()
			outcomes[i] = fmt.Sprint(e.decided, e.err, e.passed, e.answer.status, e.answer.sent) // maps are printed sorted
			if refusal, ok := errors.AsType[caddyhttp.HandlerError](e.err); ok {
				outcomes[i] = fmt.Sprint(e.decided, refusal.StatusCode, e.answer.sent) // its ID is random
			}
		}
		if outcomes[0] != outcomes[1] {
			t.Errorf("%s\nanswers %s %q with\n%s\nand when it is read again\n%s", config, r.Method, r.Header, outcomes[0], outcomes[1])
		}
	}
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
