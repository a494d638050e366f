package judges_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"golang.org/x/net/http/httpguts"

	cors "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// fuzzPolicies are blocks of every kind that a request can meet.
var fuzzPolicies = []string{
	"origins https://a.example http://localhost:3000",
	"origins https://*.a.example https://**.b.example:* http://localhost:*\ncredentials",
	"origins *",
	"origins *\nexpose *\ntiming\nmethods *\nheaders *",
	"origins *\nexcept https://a.example null",
	"origins https://a.example null\ndangerously_allow null_origin\nmethods none\nheaders none",
	"origins https://a.example\ncredentials\nmethods *\nheaders *\nexpose *\ntiming",
	"origins https://a.example\ncredentials\nheaders * Authorization\nmethods PUT patch",
	"origins https://a.example\nupstream keep",
	"origins https://a.example\npreflight forward",
	"origin_regexp ^https://[a-z]+\\.a\\.example$\nexcept https://bad.a.example",
	"origins * null\nfor https://a.example https://*.a.example {\ncredentials\nmethods *\nexpose *\n}\nfor https://x.a.example {\nheaders X-A\n}\ndangerously_allow null_origin\ntiming",
	"origins https://a.example\nenforce requests\ndebug\nname shop",
	"origins https://a.example\nreport_only",
}

// FuzzDecision sends arbitrary bytes through the whole handler, in front of an
// upstream that says arbitrary things about CORS itself. FuzzOracle tries more
// configurations; this target, more bytes.
func FuzzDecision(f *testing.F) {
	ctx := corstest.Context(f)
	policies := make([]policy, len(fuzzPolicies))
	for i, block := range fuzzPolicies {
		policies[i] = policyOf(f, ctx, block)
	}
	for i := range policies {
		for _, o := range []string{"", "https://a.example", "null", "https://x.a.example", "https://a.example,https://b.example", "https://A.example", "*", "https://a.example\x00"} {
			f.Add(uint8(i), "GET", o, "", "", "", "", "")
			f.Add(uint8(i), "OPTIONS", o, "PUT", "x-a, authorization,,*", "a.example", "*", "Origin, Cookie")
			f.Add(uint8(i), "OPTIONS", o, "patch\nPUT", "x-a\nX-B", "", "https://a.example", "*")
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, method, origins, requestMethod, requestHeaders, host, upstreamOrigin, upstreamVary string) {
		if !httpguts.ValidHostHeader(host) {
			return // net/http answers 400
		}
		p := &policies[int(which)%len(policies)]
		e := exchange{handler: p.handler, request: &http.Request{Method: method, Host: host, Header: http.Header{}}}
		setLines(e.request.Header, "Origin", origins)
		setLines(e.request.Header, "Access-Control-Request-Method", requestMethod)
		setLines(e.request.Header, "Access-Control-Request-Headers", requestHeaders)
		e.upstream = oracle.Upstream{Style: "write", Header: http.Header{}}
		if upstreamOrigin != "" {
			e.upstream.Header["Access-Control-Allow-Origin"] = []string{upstreamOrigin}
			e.upstream.Header["access-control-allow-credentials"] = []string{upstreamOrigin}
		}
		setLines(e.upstream.Header, "Vary", upstreamVary)
		e.run()
		e.compare(t, &p.config)
		if kept := p.config.Upstream == "keep" && upstreamOrigin != "" && e.passed; !kept && !p.config.ReportOnly {
			checkInvariants(t, &p.config, e.request, e.answer.sent)
		}
	})
}

// policy is a handler and what the oracle read.
type policy struct {
	handler caddyhttp.MiddlewareHandler
	config  oracle.Config
}

// policyOf loads a block of the Caddyfile.
func policyOf(t testing.TB, ctx caddy.Context, block string) policy {
	t.Helper()
	h, err := readBlock(block)
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return loadPolicy(t, ctx, config)
}

func loadPolicy(t testing.TB, ctx caddy.Context, config []byte) (p policy) {
	t.Helper()
	if err := json.Unmarshal(config, &p.config); err != nil {
		t.Fatal(err)
	}
	loaded, err := ctx.LoadModuleByID("http.handlers.cors", config)
	if err != nil {
		t.Fatalf("%s: %v", config, err)
	}
	p.handler = loaded.(caddyhttp.MiddlewareHandler)
	return p
}

// readBlock reads the lines of a cors block.
func readBlock(block string) (*cors.Handler, error) {
	tokens, err := caddyfile.Tokenize([]byte("cors {\n"+block+"\n}\n"), "Caddyfile")
	if err != nil {
		return nil, err
	}
	h := new(cors.Handler)
	return h, h.UnmarshalCaddyfile(caddyfile.NewDispenser(tokens))
}

// setLines sets a header to lines; "" means that it is absent.
func setLines(h http.Header, name, lines string) {
	if lines != "" {
		h[name] = strings.Split(lines, "\n")
	}
}

// checkInvariants holds for every policy and every request.
func checkInvariants(t *testing.T, c *oracle.Config, r *http.Request, h http.Header) {
	t.Helper()
	seen := make(map[string]int)
	for name, values := range owned(h) {
		seen[oracle.Lower(name)] += len(values)
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
			t.Errorf("%s: control bytes in %q", name, values)
		}
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s stands there %d times", name, n)
		}
	}
	allowed := h.Get("Access-Control-Allow-Origin")
	if allowed == "" && len(seen) > 0 {
		t.Errorf("no origin is allowed, but there is %v", seen)
	}
	if allowed == "*" && seen["access-control-allow-credentials"] > 0 {
		t.Error("`*` with credentials")
	}
	if allowed != "" && allowed != "*" && (!slices.Equal(r.Header["Origin"], []string{allowed}) || !mayReflect(c, allowed)) {
		t.Errorf("origin %q was reflected", allowed)
	}
	if tokens := corstest.VaryTokens(h); tokens["origin"] != 1 && tokens["*"] == 0 && !c.IsStatic() {
		t.Errorf("Vary %q does not name Origin once", h["Vary"])
	}
}

// mayReflect: only what is one serialized origin, or null where it is listed.
func mayReflect(c *oracle.Config, o string) bool {
	if o == "null" {
		return slices.Contains(oracle.Words(c.Origins), "null")
	}
	_, ok := oracle.ReadOrigin(o)
	return ok
}

// TestAddingAnOrigin: a longer list allows what the shorter one did and what
// the new pattern names, and nothing else.
func TestAddingAnOrigin(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	pattern := func() string {
		return pick("https", "http", "app") + "://" + pick("", "", "*.", "**.") + pick("a", "b.a", "c.b.a", "aa", "xa", "a.b") + pick("", "", ":8", ":*")
	}
	request := func() string {
		return pick("https", "http", "app") + "://" + pick("", "x.", "x.y.", "c.b.", "b.") + pick("a", "b.a", "aa", "xa", "a.b") + pick("", ":8", ":9")
	}
	ctx := corstest.Context(t)
	load := func(list []string) policy {
		config, err := json.Marshal(oracle.Config{Origins: list})
		if err != nil {
			t.Fatal(err)
		}
		return loadPolicy(t, ctx, config)
	}
	allows := func(p policy, o string) bool {
		e := exchange{handler: p.handler, request: &http.Request{Method: http.MethodGet, Header: http.Header{"Origin": {o}}}}
		e.run()
		return e.decided.verdict == "allowed"
	}
	for range 500 {
		list := []string{pattern()}
		for range rng.IntN(4) {
			list = append(list, pattern())
		}
		added := pattern()
		before, after := load(list), load(append(list, added))
		for range 20 {
			o := request()
			if got, want := allows(after, o), allows(before, o) || oracle.AnyMatches([]string{added}, o); got != want {
				t.Fatalf("%v and %s: %s allowed %t, want %t", list, added, o, got, want)
			}
		}
	}
}
