package matrix

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Anybody is the page that stands for all, where everybody may read.
const Anybody = "https://page.example"

// Stranger is a page that nobody had in mind, and Other is one more, since an author
// may have turned away the one that everybody writes.
const (
	Stranger = "https://evil.example"
	Other    = "https://any-page.test" // shares no word with it
)

// FromDisk is the origin of whatever page an app or a device opens from its disk.
// Browsers send null for these, which is as anonymous.
const FromDisk = "file://"

// Policy is what somebody evidently wants: a cors handler, or the lines written
// by hand that count for the same requests.
type Policy struct {
	Handler    *rehearsal.Handler // of cors; nil: by hand
	Operations []*Operation       // by hand
	// Paths are one for each path that the policy is written for. None: all.
	Paths []string
	// Host, if it is not that of the site: matchers inside ask for another.
	Host   string
	Wishes []*Wish
	// Open: it allows whoever asks. Reflects: by sending back what Origin says.
	Open, Reflects bool
	// Lookalikes are origins that the policy may let in though nobody meant them.
	Lookalikes []string
	// Admitted are origins that handlers which turn away all others leave out. They may
	// be those that a policy for everybody is for.
	Admitted []string
	// Keeps: where the upstream has a word of its own, that counts. Forwards:
	// preflights are the upstream's, too.
	Keeps, Forwards bool
}

// Wish is what a policy wants for one origin.
type Wish struct {
	Origin      string     // Anybody for all
	Guess       bool       // made up for a pattern or an expression
	Unsure      bool       // the configuration does not say which origin it is
	Partly      bool       // only for some requests, which are not known
	AnyScheme   bool       // a pattern without a scheme let it in: *.example.com
	Operation   *Operation // that names the origin; nil of a cors handler
	Credentials bool
	Methods     []string // that need a preflight
	Headers     []string // that do
}

// ForErrors reports whether a policy stands in error routes.
func (p *Policy) ForErrors() bool { return len(p.Operations) > 0 && p.Operations[0].Handler.ErrorRoute }

// By is the handler that a wish of a policy stands in.
func (w *Wish) By(p *Policy) *rehearsal.Handler {
	if w.Operation == nil {
		return p.Handler
	}
	return w.Operation.Handler
}

// Wants reports whether an origin is one that the policy is for.
func (p *Policy) Wants(origin string) bool {
	return slices.ContainsFunc(p.Wishes, func(w *Wish) bool {
		return w.Origin == origin && origin != httpwords.NullOrigin && origin != FromDisk && !slices.Contains(p.Lookalikes, origin)
	})
}

// maxWishes bounds the origins of one policy that are asked about.
const maxWishes = 8

func policiesOf(s *Site) (all, aside []*Policy) {
	var normal, others []*Operation
	for _, o := range s.Operations {
		if o.Handler.ErrorRoute || strings.Contains(o.Handler.Path, "/handle_response/") {
			others = append(others, o)
		} else {
			normal = append(normal, o)
		}
	}
	all, aside = byHand(s, normal), byHand(s, others)
	for _, h := range s.Handlers {
		if h.Kind == "cors" && !h.ReportOnly && !h.ErrorRoute {
			p := policyFor(s, h)
			p.Handler = h
			p.readCORS(h.Config, s.Host)
			all = append(all, p)
		}
	}
	return all, aside
}

func policyFor(s *Site, h *rehearsal.Handler) *Policy {
	paths := samplePaths(h)
	return &Policy{Paths: addNew(paths, s.Rewritten(paths)...), Host: innerHost(h.Matchers)}
}

// byHand makes policies of the lines that count for the same requests.
func byHand(s *Site, operations []*Operation) (all []*Policy) {
	byScope := map[string]*Policy{}
	for _, o := range operations {
		scope := scopeOf(o.Handler.Matchers) + ofAnswers.FindString(o.Handler.Path)
		p := byScope[scope]
		if p == nil {
			p = policyFor(s, o.Handler)
			byScope[scope] = p
			all = append(all, p)
		}
		p.Operations = append(p.Operations, o)
	}
	for _, p := range all {
		for _, o := range p.Operations {
			if o.Field == httpwords.AllowOrigin && !o.Deletes {
				p.readOrigins(o, s)
			}
		}
		for _, w := range p.Wishes {
			p.permit(w)
		}
	}
	return slices.DeleteFunc(all, func(p *Policy) bool { return len(p.Wishes) == 0 })
}

// ofAnswers is one handle_response, which is for some answers of an upstream.
var ofAnswers = regexp.MustCompile(`^.*/handle_response/\d+/`)

// scopeOf are the matchers on the way, without those that CORS itself is about.
func scopeOf(matchers []any) string {
	var kept []any
	for i, sets := range matchers {
		var left []any
		for _, set := range rehearsal.List(sets) {
			one := maps.Clone(rehearsal.Map(set))
			maps.DeleteFunc(one, func(name string, config any) bool {
				return name == "method" || name == "host" && i == 0 || aboutCORS(config) || name == "not" && strings.Contains(rehearsal.Compact(config), `"method"`)
			})
			if len(one) > 0 {
				left = append(left, one)
			}
		}
		if len(left) > 0 {
			kept = append(kept, left)
		}
	}
	return rehearsal.Compact(kept)
}

// innerHost is the host that matchers below the site's own ask for.
func innerHost(matchers []any) (host string) {
	for _, set := range setsOf(matchers[min(1, len(matchers)):]) {
		for _, h := range rehearsal.Words(set, "host") {
			host = hostFor(h)
		}
	}
	return host
}

var corsWords = regexp.MustCompile(`(?i)["']origin\\?["']|header\.origin|access-control-request|"\{method\}|http\.request\.method`)

func aboutCORS(config any) bool { return corsWords.MatchString(rehearsal.Compact(config)) }

// readOrigins reads whom a line lets in: those that its value names, else those
// that the matchers on the way ask for, else everybody.
func (p *Policy) readOrigins(o *Operation, s *Site) {
	p.Keeps = p.Keeps || o.Fallback
	g := guardOf(o.Handler.Matchers)
	named, filled, unsure := p.named(o, s)
	if len(filled) > 0 && echoes(s) { // what else the map names is among all
		named, filled, p.Reflects, p.Open = []string{Anybody}, nil, true, true
	}
	g.match(filled)
	expressions := g.expressions
	dead := false // no origin fits
	switch {
	case len(named) > 0:
	case len(g.origins)+len(expressions) > 0:
		named = append(g.origins, samplesOf(expressions)...)
		for i := 0; i < len(expressions) && len(named) == 0; i++ {
			named = lookalikesOf(expressions[i])
		}
		if dead = len(named) == 0; dead {
			named = intended(expressions)
		}
	default:
		named = []string{Anybody}
		unsure = unsure || g.other // whom it wants cannot be read
		p.Reflects = p.Reflects || reflects(o.Values)
	}
	if slices.Contains(named, Anybody) {
		p.Open = true
		p.admit(s)
	}
	names := reflects(o.Values) || len(filled) > 0 // whoever fits
	if names {
		for _, e := range expressions {
			p.Lookalikes = append(p.Lookalikes, lookalikesOf(e)...)
		}
	}
	for _, n := range named {
		p.wish(&Wish{Origin: n, Operation: o, Guess: len(expressions) > 0 && !dead && !g.misread, Unsure: unsure, Partly: partly(o, s) || LooksAtAnswer(o.Handler), AnyScheme: g.anyScheme && names})
	}
}

// admit reads whom `@bad not header Origin …` spares, where @bad is turned away.
func (p *Policy) admit(s *Site) {
	for _, h := range s.Handlers {
		if h.Kind != "static_response" && h.Kind != "error" {
			continue
		}
		g := guardOf(denied(h.Matchers))
		p.Admitted = addNew(p.Admitted, append(g.origins, samplesOf(g.expressions)...)...)
		for _, e := range g.expressions {
			p.Lookalikes = addNew(p.Lookalikes, lookalikesOf(e)...)
		}
	}
}

// AreFor says whom the lines of a policy are for, where that was asked: the first of its
// wishes is theirs.
func (p *Policy) AreFor(origins, lookalikes []string) {
	w := p.Wishes[0]
	p.Wishes, p.Open = nil, false
	for _, o := range origins {
		one := *w
		one.Origin, one.Guess = o, true
		p.wish(&one)
	}
	if reflects(w.Operation.Values) {
		p.Lookalikes = addNew(p.Lookalikes, lookalikes...)
	}
}

// name puts the origins that the author names in place of those that the
// configuration leaves open.
func (p *Policy) name(origins []string) {
	var named []*Wish
	for _, w := range p.Wishes {
		if p.Handler != nil || len(origins) == 0 || !w.Unsure && (!p.Reflects || w.Origin != Anybody) {
			named = append(named, w)
			continue
		}
		for _, o := range addNew(nil, repairedAll(origins)...) {
			one := *w
			one.Origin, one.Unsure = o, false
			named = append(named, &one)
		}
	}
	p.Wishes = named
}

func repairedAll(origins []string) (all []string) {
	for _, o := range origins {
		all = append(all, Repaired(o)...)
	}
	return all
}

func (p *Policy) wish(w *Wish) {
	i := slices.IndexFunc(p.Wishes, func(v *Wish) bool { return v.Origin == w.Origin })
	switch {
	case i < 0 && len(p.Wishes) < maxWishes:
		p.Wishes = append(p.Wishes, w)
	case i >= 0 && PreflightOnly(p.Wishes[i].By(p)):
		p.Wishes[i].Operation = w.Operation
	}
}
