package explain

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"

	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// distance is how far a request came towards a cors handler.
type distance struct {
	handler *rehearsal.Handler
	passed  int              // routes on the way that let it in
	stopped *rehearsal.Route // the one that did not; nil if all did
	probe   *rehearsal.Probe // what its matchers say; nil if they were not asked
}

// closest finds the cors handler that a request came nearest to.
func (e *Explanation) closest(a *rehearsal.Answer) *distance {
	var best *distance
	for _, h := range e.stage.Handlers {
		if h.Kind != "cors" || h.ReportOnly || h.ErrorRoute {
			continue
		}
		d := measure(h, a)
		if d.passed == 0 && d.probe == nil && !slices.Contains(a.Ran, h) && !e.sameName(h, a) {
			continue // another site's
		}
		if best == nil || d.passed > best.passed || d.passed == best.passed && d.own() && !best.own() {
			best = d
		}
	}
	return best
}

// sameName reports whether a handler is in a site that has the name too: one with a *,
// say, or without a name, behind which Caddy puts a site with the very name.
func (e *Explanation) sameName(h *rehearsal.Handler, a *rehearsal.Answer) bool {
	u, err := url.Parse(e.last().sent.URL)
	if err != nil || len(a.Ran) == 0 || serverOf(h) != serverOf(a.Ran[0]) {
		return false
	}
	if len(h.Way) == 0 {
		return true
	}
	sets := rehearsal.List(h.Way[0].Match)
	return len(sets) == 0 || slices.ContainsFunc(sets, func(set any) bool {
		hosts := rehearsal.Words(set, "host")
		return len(hosts) == 0 || slices.ContainsFunc(hosts, func(name string) bool { return certmagic.MatchWildcard(u.Hostname(), name) })
	})
}

// serverOf is the part of a handler's path that names its server.
func serverOf(h *rehearsal.Handler) string {
	parts := strings.SplitN(h.Path, "/", 6) // /apps/http/servers/NAME/…
	return strings.Join(parts[:min(5, len(parts))], "/")
}

func measure(h *rehearsal.Handler, a *rehearsal.Answer) *distance {
	d := &distance{handler: h}
	for _, r := range h.Way {
		if p := a.Probe(r); p == nil || !p.Matched {
			d.stopped, d.probe = r, p
			break
		}
		d.passed++
	}
	return d
}

// own: what stopped the request is the handler's own matcher.
func (d *distance) own() bool {
	if d.stopped == nil {
		return false
	}
	rest, inside := strings.CutPrefix(d.handler.Path, d.stopped.Path+"/handle/")
	return inside && !strings.Contains(rest, "/")
}

// nearest tells of the nearest cors handler what kept the request from it.
func (e *Explanation) nearest(a *rehearsal.Answer) string {
	d := e.closest(a)
	if d == nil {
		return ""
	}
	if d.probe == nil {
		if first := answerer(a); first != nil && first != d.handler {
			return fmt.Sprintf("%s is not reached: %s answers before it", name(d.handler), name(first))
		}
		return fmt.Sprintf("%s is not reached: what stands before it ends the request", name(d.handler))
	}
	where := "its matcher"
	if p := d.stopped.Place; p.Text != "" && p.Text != d.handler.Text {
		where = fmt.Sprintf("the matcher of `%s` (%s) around it", p.Text, p)
	}
	refused := "`" + d.stopped.Place.Matcher + "`"
	if refused == "``" {
		parts := make([]string, 0, len(d.probe.Failed))
		for _, m := range d.probe.Failed {
			parts = append(parts, describe(m))
		}
		refused = "(" + strings.Join(parts, ", or ") + ")"
	}
	return fmt.Sprintf("%s never governs it: %s refuses it %s%s", name(d.handler), where, refused, e.hint(d))
}

// hint says what is often overlooked about a path, or a method.
func (e *Explanation) hint(d *distance) string {
	if e.last().sent.Preflight && e.stage.LeavesOutOptions(d.handler) {
		return ": " + neighbours.OptionsLeftOut
	}
	for _, m := range d.probe.Failed {
		paths := rehearsal.Words(m, "path")
		for _, exact := range paths {
			if exact != "" && !strings.Contains(exact, "*") && strings.HasPrefix(d.probe.Path, strings.TrimSuffix(exact, "/")+"/") {
				return fmt.Sprintf(": without a * it is only the path %s, and %s/* is all below it", exact, strings.TrimSuffix(exact, "/"))
			}
		}
		if len(paths) > 0 {
			return ": the path is " + d.probe.Path + " there"
		}
	}
	return ""
}

// WordsOf lists the strings under keys of a handler's JSON, split as the directive splits
// them, with the placeholders filled in that are the same for every request.
func WordsOf(config any, keys ...string) (all []string) {
	repl := caddy.NewReplacer()
	for _, key := range keys {
		for _, text := range rehearsal.Words(config, key) {
			all = append(all, strings.FieldsFunc(repl.ReplaceKnown(text, ""), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })...)
		}
	}
	return all
}
