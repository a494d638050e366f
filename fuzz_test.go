package cors

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http/httpguts"

	"github.com/caddy-cors/caddy-cors/internal/origin"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
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
	var (
		all     []*Handler
		oracles []*oracleConfig
	)
	for _, block := range fuzzPolicies {
		h := testHandlerOf(f, "cors {\n"+block+"\n}")
		all, oracles = append(all, h), append(oracles, oracleOf(f, h))
	}
	for i := range all {
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
		i := int(which) % len(all)
		e := exchange{handler: all[i], request: &http.Request{Method: method, Host: host, Header: http.Header{}}}
		setLines(e.request.Header, headerOrigin, origins)
		setLines(e.request.Header, headerRequestMethod, requestMethod)
		setLines(e.request.Header, headerRequestHeaders, requestHeaders)
		e.upstream = upstreamAnswer{style: "write", header: http.Header{}}
		if upstreamOrigin != "" {
			e.upstream.header[headerAllowOrigin] = []string{upstreamOrigin}
			e.upstream.header["access-control-allow-credentials"] = []string{upstreamOrigin}
		}
		setLines(e.upstream.header, headerVary, upstreamVary)
		e.run()
		e.compare(t, oracles[i])
		if kept := all[i].policy.keep && upstreamOrigin != "" && e.passed; !kept && !all[i].ReportOnly {
			checkInvariants(t, all[i].policy, e.request, e.answer.sent)
		}
	})
}

// oracleOf returns the oracle of a handler that was loaded.
func oracleOf(t testing.TB, h *Handler) *oracleConfig {
	t.Helper()
	config, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	c := new(oracleConfig)
	if err := json.Unmarshal(config, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// setLines sets a header to lines; "" means that it is absent.
func setLines(h http.Header, name, lines string) {
	if lines != "" {
		h[name] = strings.Split(lines, "\n")
	}
}

// checkInvariants holds for every policy and every request.
func checkInvariants(t *testing.T, p *policy, r *http.Request, h http.Header) {
	t.Helper()
	seen := make(map[string]int)
	for name, values := range h {
		if hasAccessControlPrefix(name) {
			seen[strings.ToLower(name)] += len(values)
		}
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s stands there %d times", name, n)
		}
	}
	allowed := h.Get(headerAllowOrigin)
	if allowed == "" && len(seen) > 0 {
		t.Errorf("no origin is allowed, but there is %v", seen)
	}
	if allowed == wildcard && seen[strings.ToLower(headerAllowCredentials)] > 0 {
		t.Error("`*` with credentials")
	}
	if _, serialized := origin.Parse(allowed); allowed != "" && allowed != wildcard &&
		(len(r.Header[headerOrigin]) != 1 || allowed != r.Header[headerOrigin][0] || !serialized && (allowed != nullOrigin || p.null < 0)) {
		t.Errorf("origin %q was reflected", allowed)
	}
	if tokens := corstest.VaryTokens(h); tokens["origin"] != 1 && tokens[wildcard] == 0 && !p.static {
		t.Errorf("Vary %q does not name Origin once", h[headerVary])
	}
	for name, values := range h {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") && hasAccessControlPrefix(name) {
			t.Errorf("%s: control bytes in %q", name, values)
		}
	}
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
	policyOf := func(list []string) *policy {
		h := &Handler{Origins: list}
		o, _ := h.options(expand)
		p, more := compile(&o)
		if p == nil {
			t.Fatalf("%v: %v", list, more)
		}
		return p
	}
	allows := func(p *policy, o string) bool {
		r := getFrom(o)
		return p.decide(&r).verdict == verdictAllowed
	}
	for range 500 {
		list := []string{pattern()}
		for range rng.IntN(4) {
			list = append(list, pattern())
		}
		added := pattern()
		before, after := policyOf(list), policyOf(append(list, added))
		p, err := origin.ParsePattern(added)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			o := request()
			parsed, ok := origin.Parse(o)
			if !ok {
				t.Fatalf("%s is no origin", o)
			}
			if got, want := allows(after, o), allows(before, o) || p.Matches(parsed); got != want {
				t.Fatalf("%v and %s: %s allowed %t, want %t", list, added, o, got, want)
			}
		}
	}
}

// getFrom is a GET from an origin.
func getFrom(o string) request {
	return request{method: http.MethodGet, origin: []string{o}}
}
