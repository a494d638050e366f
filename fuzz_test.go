package cors

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/origin"
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
}

// FuzzDecision sends arbitrary bytes through the whole handler, in front of an
// upstream that says arbitrary things about CORS itself.
func FuzzDecision(f *testing.F) {
	var all []*Handler
	for _, block := range fuzzPolicies {
		all = append(all, testHandlerOf(f, "cors {\n"+block+"\n}"))
	}
	for i := range all {
		for _, o := range []string{"", "https://a.example", "null", "https://x.a.example", "https://a.example,https://b.example", "https://A.example", "*", "https://a.example\x00"} {
			f.Add(uint8(i), "GET", o, "", "", "", "", "")
			f.Add(uint8(i), "OPTIONS", o, "PUT", "x-a, authorization,,*", "a.example", "*", "Origin, Cookie")
			f.Add(uint8(i), "OPTIONS", o, "patch\nPUT", "x-a\nX-B", "", "https://a.example", "*")
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, method, origins, requestMethod, requestHeaders, host, upstreamOrigin, upstreamVary string) {
		h := all[int(which)%len(all)]
		r := httptest.NewRequest("GET", "/", nil)
		r.Method, r.Host = method, host
		setLines(r.Header, headerOrigin, origins)
		setLines(r.Header, headerRequestMethod, requestMethod)
		setLines(r.Header, headerRequestHeaders, requestHeaders)
		w := httptest.NewRecorder()
		next := caddyhttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) error {
			if upstreamOrigin != "" {
				w.Header().Add(headerAllowOrigin, upstreamOrigin)
				w.Header()["access-control-allow-credentials"] = []string{upstreamOrigin}
			}
			if upstreamVary != "" {
				w.Header().Add(headerVary, upstreamVary)
			}
			_, err := w.Write([]byte("x"))
			return err
		})
		if err := h.ServeHTTP(w, r, next); err != nil {
			t.Fatal(err)
		}
		if h.policy.keep && upstreamOrigin != "" && w.Body.Len() > 0 {
			return // the upstream decided
		}
		checkInvariants(t, h.policy, r, w.Header())
	})
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
	if tokens := varyTokens(h); tokens["origin"] != 1 && tokens[wildcard] == 0 && !p.static {
		t.Errorf("Vary %q does not name Origin once", h[headerVary])
	}
	for name, values := range h {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") && hasAccessControlPrefix(name) {
			t.Errorf("%s: control bytes in %q", name, values)
		}
	}
}

// FuzzCaddyfile reads arbitrary blocks: nothing panics, every error says where,
// and what loads keeps the rules.
func FuzzCaddyfile(f *testing.F) {
	for _, block := range fuzzPolicies {
		f.Add(block)
	}
	f.Add("origins https://a.example/\nmethods TRACE\nmax_age -1\nfoo bar {\n baz\n}")
	f.Add("origins {env.A}\ncredentials true false\nname\ntiming x")
	f.Fuzz(func(t *testing.T, block string) {
		tokens, err := caddyfile.Tokenize([]byte("cors {\n"+block+"\n}\n"), "Caddyfile")
		if err != nil {
			return
		}
		h := new(Handler)
		if err := h.UnmarshalCaddyfile(caddyfile.NewDispenser(tokens)); err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.Contains(line, ", at Caddyfile:") {
					t.Errorf("no place in %q", line)
				}
			}
			return
		}
		o, found := h.options(later)
		p, more := compile(&o)
		if len(found) > 0 || p == nil {
			t.Fatalf("it loads, and yet: %v %v", found, more)
		}
		g := p.grants[len(p.grants)-1]
		if g.credentials && (p.any || p.null == len(p.grants)-1) {
			t.Error("credentials for everybody")
		}
		if !p.any && p.null < 0 && p.origins.Len() == 0 && len(p.regexps) == 0 && !o.unknown {
			t.Error("a policy that allows nobody")
		}
	})
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
