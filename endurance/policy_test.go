package endurance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// policy is a cors block in the words of the directive. From it come both the
// Caddyfile and what the oracle expects, so that each is written once.
type policy struct {
	name    string
	origins []string
	regexp  string
	except  []string
	fors    []oracle.For
	rights  oracle.Rights
	listed  source // who else says which origins are allowed

	status     int
	forward    bool
	keep       bool
	timing     bool
	enforce    string
	reportOnly bool
	debug      bool
}

// source is where a policy finds origins that change.
type source int

const (
	noSource source = iota
	fromFile
	fromStillFile // one that does not change
	fromEndpoint
	fromTenants // the endpoint, asked for each host
)

// off is the MaxAge of a policy that sends none.
const off = "-1s"

func writeRights(b *strings.Builder, r *oracle.Rights) {
	if r.Credentials != nil {
		fmt.Fprintf(b, "credentials %t\n", *r.Credentials)
	}
	option(b, "methods", r.Methods...)
	option(b, "headers", r.Headers...)
	option(b, "expose", r.Expose...)
	option(b, "max_age", strings.ReplaceAll(r.MaxAge, off, "off"))
}

// config is what the oracle reads, where the policy's source says that of an
// origin.
func (p *policy) config(origin string, said listing) *oracle.Config {
	c := &oracle.Config{
		Name: p.name, Origins: p.origins, Except: p.except, For: p.fors, Rights: p.rights, PreflightStatus: p.status,
		Timing: p.timing, ReportOnly: p.reportOnly, Debug: p.debug,
	}
	if p.regexp != "" {
		c.OriginRegexp = []string{p.regexp}
	}
	if p.enforce != "" {
		c.Enforce = []string{p.enforce}
	}
	if p.forward {
		c.Preflight = "forward"
	}
	if p.keep {
		c.Upstream = "keep"
	}
	switch said {
	case listedYes:
		c.OriginsFrom = []oracle.Source{{Yes: []string{origin}}}
	case listedUnknown:
		c.OriginsFrom = []oracle.Source{{Silent: []string{origin}}}
	case listedNo:
	}
	return c
}

// listing is what a source says of an origin.
type listing int

const (
	listedNo listing = iota
	listedYes
	listedUnknown
)

// expect is the answer of a policy to a request, given what its source says.
func (p *policy) expect(r *request, said listing) *oracle.Answer {
	asked := oracle.ReadRequest(&http.Request{Method: r.method, Host: r.site.host, Header: r.header})
	asked.HostVerified = true // in the address of every site
	if p == nil {
		return &oracle.Answer{Kind: asked.Kind(), Verdict: "none", Untouched: true, Passed: true}
	}
	a := p.config(r.header.Get("Origin"), said).Answer(asked)
	return &a
}

// option writes a line, if there is anything to say.
func option(b *strings.Builder, name string, values ...string) {
	if line := strings.Join(values, " "); line != "" {
		fmt.Fprintf(b, "%s %s\n", name, line)
	}
}

// caddyfile writes the block; nil is a site without one.
func (p *policy) caddyfile(w *world) string {
	if p == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("cors {\n")
	option(&b, "name", p.name)
	option(&b, "origins", p.origins...)
	option(&b, "origin_regexp", p.regexp)
	option(&b, "except", p.except...)
	for _, f := range p.fors {
		fmt.Fprintf(&b, "for %s {\n", strings.Join(f.Origins, " "))
		writeRights(&b, &f.Rights)
		b.WriteString("}\n")
	}
	writeRights(&b, &p.rights)
	switch p.listed {
	case fromFile:
		option(&b, "origins_from file", w.list.path)
	case fromStillFile:
		option(&b, "origins_from file", w.still)
	case fromEndpoint:
		fmt.Fprintf(&b, "origins_from ask http://%s/ {\n%s}\n", w.endpoint.addr, askOptions)
	case fromTenants:
		fmt.Fprintf(&b, "origins_from ask http://%s/ {\n%sper_host\n}\n", w.endpoint.addr, askOptions)
	case noSource:
	}
	if p.status != 0 {
		option(&b, "preflight_status", fmt.Sprint(p.status))
	}
	option(&b, "enforce", p.enforce)
	for word, on := range map[string]bool{
		"preflight forward": p.forward, "upstream keep": p.keep, "timing": p.timing, "report_only": p.reportOnly, "debug": p.debug,
		"dangerously_allow null_origin": slices.Contains(p.origins, "null"),
	} {
		if on {
			option(&b, word, " ")
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// askOptions let answers grow old while the test runs, and never fall out of
// memory. No question is too late, however slow the machine is.
const askOptions = "timeout 1m\nttl 1s\nnegative_ttl 1s\nstale 10h\ncache_size 512\nmax_in_flight 256\n"
