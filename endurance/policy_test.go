package endurance

import (
	"fmt"
	"slices"
	"strings"
)

// policy is a cors block in the words of the directive. From it come both the
// Caddyfile and what the oracle expects, so that each is written once.
type policy struct {
	name    string
	origins []string
	regexp  string // anchored by hand, for the oracle
	except  []string
	fors    []forOrigins
	rights
	listed source // who else says which origins are allowed

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
)

// rights are what origins may do. What is nil or empty is the default, or
// inherited in a `for`.
type rights struct {
	credentials *bool
	methods     []string // {"none"}: an empty list
	headers     []string
	expose      []string
	maxAge      string
}

type forOrigins struct {
	origins []string
	rights
}

// inherit takes from the policy what a `for` does not say.
func (r rights) inherit(p rights) rights {
	if r.credentials == nil {
		r.credentials = p.credentials
	}
	if r.methods == nil {
		r.methods = p.methods
	}
	if r.headers == nil {
		r.headers = p.headers
	}
	if r.expose == nil {
		r.expose = p.expose
	}
	if r.maxAge == "" {
		r.maxAge = p.maxAge
	}
	return r
}

func (r rights) withCredentials() bool { return r.credentials != nil && *r.credentials }

func (r rights) caddyfile(b *strings.Builder) {
	if r.credentials != nil {
		fmt.Fprintf(b, "credentials %t\n", *r.credentials)
	}
	option(b, "methods", r.methods...)
	option(b, "headers", r.headers...)
	option(b, "expose", r.expose...)
	option(b, "max_age", r.maxAge)
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
		fmt.Fprintf(&b, "for %s {\n", strings.Join(f.origins, " "))
		f.caddyfile(&b)
		b.WriteString("}\n")
	}
	p.rights.caddyfile(&b)
	switch p.listed {
	case fromFile:
		option(&b, "origins_from file", w.list.path)
	case fromStillFile:
		option(&b, "origins_from file", w.still)
	case fromEndpoint:
		fmt.Fprintf(&b, "origins_from ask http://%s/ {\n%s}\n", w.endpoint.addr, askOptions)
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
