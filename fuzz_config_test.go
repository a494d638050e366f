package cors

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

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
		samePolicy(t, h, p)
		g := p.grants[len(p.grants)-1]
		if g.credentials && (p.any || p.null == len(p.grants)-1) {
			t.Error("credentials for everybody")
		}
		if !p.any && p.null < 0 && p.origins.Len() == 0 && len(p.regexps) == 0 && !o.unknown {
			t.Error("a policy that allows nobody")
		}
	})
}

// FuzzJSON reads configurations with values of every kind in every place:
// nothing panics, every error says something, and what loads is the same when it
// is written and read again.
func FuzzJSON(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		f.Add(randomBytes(rng))
	}
	parent := corstest.Context(f)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		d := dice{bytes}
		config := d.json()
		h := new(Handler)
		if err := json.Unmarshal([]byte(config), h); err != nil {
			if err.Error() == "" {
				t.Error("an error without a message")
			}
			return
		}
		o, found := h.options(later)
		p, _ := compile(&o)
		compiles := p != nil && len(found.mistakes()) == 0
		if compiles {
			samePolicy(t, h, p)
		}
		ctx, cancel := caddy.NewContext(parent)
		defer cancel()
		h.OriginsFromRaw = nil // they have targets of their own
		switch err := h.Provision(ctx); {
		case err != nil && err.Error() == "":
			t.Error("an error without a message")
		case err == nil && len(o.origins)+len(o.regexps)+len(o.fors) == 0 && !o.unknown:
			t.Error("a policy that allows nobody")
		case err != nil && compiles && !o.unknown && o.sources == 0:
			t.Errorf("it compiles, and yet: %v", err)
		}
	})
}

// json is a configuration, one or two options of which may have any value.
func (d *dice) json() string {
	config, err := json.Marshal(d.config())
	if err != nil {
		panic(err) // strings, numbers and lists only
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(config, &fields); err != nil {
		panic(err)
	}
	for range d.below(3) {
		fields[d.pick(append(optionNames(), "orgins", "")...)] = json.RawMessage(d.value(3))
	}
	if config, err = json.Marshal(fields); err != nil {
		panic(err)
	}
	return string(config)
}

// value is any JSON value.
func (d *dice) value(depth int) string {
	if depth > 0 {
		switch d.below(6) {
		case 0:
			return "[" + d.value(depth-1) + "," + d.value(depth-1) + "]"
		case 1:
			return "{" + strconv.Quote(d.pick("origins", "source", "methods", "credentials", "x")) + ":" + d.value(depth-1) + "}"
		case 2:
			return "[" + d.value(depth-1) + "]"
		}
	}
	return d.pick("null", "true", "0", "-1", "204", "1e99", "3600000000000", `""`, `"*"`, `"none"`, `"1h"`, `"null"`, `"{env.A}"`, `"{http.request.host}"`,
		`"{env.HOME"`, `"https://a.example"`, `"a,b c"`, `"test_oracle"`, `"answer"`, "[]", "{}")
}

// samePolicy: the configuration survives JSON, which is what an adapter writes
// and what Caddy loads.
func samePolicy(t *testing.T, h *Handler, p *policy) {
	t.Helper()
	config, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	again := new(Handler)
	if err := json.Unmarshal(config, again); err != nil {
		t.Fatalf("%s: %v", config, err)
	}
	o, found := again.options(later)
	q, more := compile(&o)
	if q == nil || len(found.mistakes()) > 0 {
		t.Fatalf("%s: %v %v", config, found, more)
	}
	if !reflect.DeepEqual(p, q) {
		t.Fatalf("%s\nis another policy:\n%+v\n%+v", config, p, q)
	}
	h.OriginsFromRaw, again.OriginsFromRaw = nil, nil // white space may differ
	if first, second := mustMarshal(t, h), mustMarshal(t, again); first != second {
		t.Fatalf("%s becomes\n%s", first, second)
	}
}

func mustMarshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
