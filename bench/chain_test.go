package bench

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// site is the inside of a site, in front of `respond`.
type site struct {
	name  string
	cors  bool // it does CORS
	lines func(l *list) string
}

var sites = []site{
	{"nothing", false, func(*list) string { return "" }},
	{"empty", false, func(*list) string { return "bench_empty\n" }},
	{"least", true, func(l *list) string { return "bench_least " + strings.Join(l.origins(), " ") + "\n" }},
	{"cors", true, corsLines},
	{"snippet", true, snippet},
}

func corsLines(l *list) string {
	return fmt.Sprintf("cors %s {\n\tcredentials\n\tmethods %s\n\theaders %s\n\texpose %s\n}\n",
		strings.Join(l.origins(), " "), strings.Join(allowedMethods, " "), strings.Join(allowedHeaders, " "), strings.Join(exposedHeaders, " "))
}

// snippet is what people write without a cors directive, in its best form: the
// origin is reflected for those of the list, Vary is there, and `defer` lets
// the headers win over those of an upstream.
func snippet(l *list) string {
	var isOneOf strings.Builder
	for _, o := range l.origins() {
		fmt.Fprintf(&isOneOf, "\theader Origin %s\n", o)
	}
	return fmt.Sprintf(`@cors {
%[1]s}
@preflight {
	method OPTIONS
%[1]s}
header +Vary Origin
header @cors {
	Access-Control-Allow-Origin {header.Origin}
	Access-Control-Allow-Credentials true
	Access-Control-Expose-Headers "%[2]s"
	defer
}
header @preflight {
	Access-Control-Allow-Methods "%[3]s"
	Access-Control-Allow-Headers "%[4]s"
	Access-Control-Max-Age %[5]d
	defer
}
respond @preflight 204
`, isOneOf.String(), strings.Join(exposedHeaders, ", "), strings.Join(allowedMethods, ", "), strings.Join(allowedHeaders, ", "), int(maxAge.Seconds()))
}

// buildSite is Caddy's own server, on an exchange that stands for net/http's.
func buildSite(t testing.TB, lines string) exchange {
	t.Helper()
	srv, err := newServer("{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\toutput discard\n\t}\n}\nhttp:// {\n" + lines + "respond hello\n}\n")
	if err != nil {
		t.Fatalf("%v, in:\n%.2000s", err, lines)
	}
	return newNetHTTP(srv.ServeHTTP)
}

func newServer(caddyfile string) (*caddyhttp.Server, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return nil, err
	}
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		return nil, err
	}
	ctx, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		return nil, err
	}
	app, err := ctx.App("http")
	if err != nil {
		return nil, err
	}
	for _, srv := range app.(*caddyhttp.App).Servers {
		return srv, nil
	}
	return nil, fmt.Errorf("no server in %s", config)
}

// inChain is whether a request is worth a look in the whole chain; what is
// hostile or unusual costs there what it costs without.
func inChain(q request) bool {
	return q.outcome != anything && q.spread == nil && q.name != "preflight-30-headers"
}

// TestSites: those that do CORS do it, and the site without does not.
func TestSites(t *testing.T) {
	l := newList(false, 10)
	for _, s := range sites {
		x := buildSite(t, s.lines(l))
		for _, q := range requests(l) {
			if !inChain(q) {
				continue
			}
			if err := verify(x, q); (err == nil) != (s.cors || q.outcome != allowed) {
				t.Errorf("%s, %s: %v", s.name, q.name, err)
			}
		}
	}
}

// BenchmarkChain is a request through Caddy's whole chain: with nothing in front
// of `respond`, and with each of the others. The metric nothing-ns/op is what
// nothing took in the same turns.
func BenchmarkChain(b *testing.B) {
	for _, n := range shortSizes {
		l := newList(false, n)
		b.Run(fmt.Sprintf("list=%s/origins=%d", l.kind(), n), func(b *testing.B) {
			var contestants []contestant
			for _, s := range sites {
				contestants = append(contestants, contestant{s.name, buildSite(b, s.lines(l))})
			}
			for _, q := range requests(l) {
				if !inChain(q) {
					continue
				}
				b.Run("request="+q.name, func(b *testing.B) {
					for i, s := range sites {
						if s.cors {
							if err := verify(contestants[i], q); err != nil {
								b.Fatal(err)
							}
						}
					}
					compare(b, contestants, q, "nothing")
				})
			}
		})
	}
}
