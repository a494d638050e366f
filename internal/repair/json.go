package repair

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// JSON repairs a configuration in Caddy's own format: the patch has the
// operations that are proved. The error is Caddy's.
func JSON(config []byte, origins []string) (*Result, error) {
	res := &Result{}
	for tried := map[string]bool{}; ; {
		again, err := res.oneOfJSON(&config, origins, tried)
		if err != nil || !again {
			return res, err
		}
	}
}

// oneOfJSON repairs the first policy that was not tried yet.
func (r *Result) oneOfJSON(config *[]byte, origins []string, tried map[string]bool) (again bool, err error) {
	reh, err := rehearsal.JSON(*config, rehearsal.Options{})
	if err != nil {
		return false, err
	}
	defer reh.Close()
	before := newStage(reh)
	for _, s := range matrix.Sites(reh) {
		part, address, err := s.Load(reh)
		if err != nil {
			continue
		}
		part.Close()
		st := &site{bases: []string{strings.TrimSuffix(address, "/")}, paths: s.Paths}
		for _, p := range policiesFrom(st, linesOfJSON(s.Handlers)) {
			id := p.lines[0].path + p.key
			if tried[id] || !p.byHand() || len(p.directives()) > 0 {
				continue
			}
			tried[id] = true
			patch, rep := p.repairJSON(before, *config, origins)
			r.Repairs = append(r.Repairs, rep)
			if patch != nil {
				r.Patch = append(r.Patch, patch...)
				*config, err = patched(*config, patch)
			}
			return true, err
		}
	}
	return false, nil
}

// linesOfJSON reads what does CORS among handlers.
func linesOfJSON(handlers []*rehearsal.Handler) (lines []*line) { //nolint:gocognit // its cases stand in the order in which they are tried
	for _, h := range handlers {
		conds := make([]*condition, 0, len(h.Matchers))
		for _, sets := range h.Matchers {
			conds = append(conds, conditionOfJSON(sets))
		}
		for _, at := range [][]string{{"response"}, {"headers", "response"}, {"headers", "request"}} {
			var ops any = h.Config
			for _, key := range at {
				m, _ := ops.(map[string]any)
				ops = m[key]
			}
			operations, _ := ops.(map[string]any)
			for _, kind := range []string{"set", "add"} {
				fields, _ := operations[kind].(map[string]any)
				for _, name := range slices.Sorted(maps.Keys(fields)) {
					l := &line{conds: conds, handler: h, field: http.CanonicalHeaderKey(strings.TrimSuffix(name, ":")), ifMissing: operations["require"] != nil}
					values, _ := fields[name].([]any)
					texts := make([]string, 0, len(values))
					for _, v := range values {
						texts = append(texts, fmt.Sprint(v))
						l.value = append(l.value, claim{text: fmt.Sprint(v), value: fmt.Sprint(v)})
					}
					l.path = h.Path + "/" + strings.Join(at, "/") + "/" + kind + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
					if httpwords.IsCORSResponseHeader(l.field) || l.field == httpwords.Vary && at[len(at)-1] == "response" && variesByOriginOnly(texts) {
						lines = append(lines, l)
					}
				}
			}
		}
	}
	return lines
}

// conditionOfJSON reads the matcher sets of a route. Several sets are an or,
// which has no place in one condition.
func conditionOfJSON(sets any) *condition {
	c := &condition{}
	list, _ := sets.([]any)
	for _, s := range list {
		set, _ := s.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(set)) {
			one := condition{}
			one.line(&node{words: wordsOfJSON(name, set[name])})
			if len(one.rest) > 0 {
				raw, err := json.Marshal(map[string]any{name: set[name]})
				c.tangled = c.tangled || err != nil
				c.rest = append(c.rest, string(raw))
			}
			c.cut, c.aboutOrigin, c.onlyOptions = c.cut || one.cut, c.aboutOrigin || one.aboutOrigin, c.onlyOptions || one.onlyOptions
			c.origins, c.except = append(c.origins, one.origins...), append(c.except, one.except...)
			c.tangled = c.tangled || one.tangled
		}
	}
	c.tangled = c.tangled || len(list) > 1 && c.cut
	if len(list) > 1 && !c.cut {
		raw, err := json.Marshal(sets)
		c.rest, c.tangled = []string{string(raw)}, err != nil
	}
	return c
}

// wordsOfJSON writes a matcher as a Caddyfile has it.
func wordsOfJSON(name string, config any) []string {
	words := []string{name}
	switch config := config.(type) {
	case []any:
		for _, v := range config {
			if inner, ok := v.(map[string]any); ok { // not
				for key, value := range inner {
					words = append(words, wordsOfJSON(key, value)...)
				}
				continue
			}
			words = append(words, fmt.Sprint(v))
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(config)) {
			words = append(words, key)
			switch value := config[key].(type) {
			case []any:
				for _, v := range value {
					words = append(words, fmt.Sprint(v))
				}
			case map[string]any: // header_regexp
				words = append(words, fmt.Sprint(value["pattern"]))
			}
		}
	default:
		words = append(words, fmt.Sprint(config))
	}
	return words
}

// repairJSON tries to put the handler where the lines are, and at the very front.
func (p *policy) repairJSON(before *stage, config []byte, origins []string) (patch []PatchOperation, rep Repair) {
	for _, l := range p.lines {
		rep.Paths = append(rep.Paths, l.path)
	}
	d, reason := p.draftOf(origins)
	if slices.ContainsFunc(p.lines, (*line).tangled) {
		reason = "its matchers decide about origins together with something else"
	}
	if reason != "" {
		rep.Reason = reason
		return nil, rep
	}
	options := [][]string{nil}
	if p.yields() {
		options = [][]string{{"upstream keep"}, {"upstream keep", "preflight forward"}, nil}
	}
	for _, strict := range []bool{true, false} {
		for _, front := range []bool{false, true} {
			for _, o := range options {
				patch, losses, reason := p.tryJSON(before, config, d.with(o), front, len(o) > 0)
				if reason == "" && (!strict || len(losses) == 0) {
					j := job{drafts: []*draft{d}, losses: losses}
					rep.Text, rep.Notes, rep.Reason = d.with(o).text("", false), j.notes(), ""
					return patch, rep
				}
				rep.Reason = cmp.Or(rep.Reason, reason)
			}
		}
	}
	return nil, rep
}

func (p *policy) tryJSON(before *stage, config []byte, d *draft, front, keep bool) (patch []PatchOperation, losses []string, reason string) {
	patch, err := p.patch(d, front)
	if err != nil {
		return nil, nil, err.Error()
	}
	after, err := patched(config, patch)
	if err != nil {
		return nil, nil, err.Error()
	}
	r, err := rehearsal.JSON(after, rehearsal.Options{})
	if err != nil {
		return nil, nil, "Caddy refuses the draft: " + err.Error()
	}
	defer r.Close()
	c := claim1(p, d, before, keep)
	pr := &proof{before: before, after: newStage(r), claims: []*claimed{c}}
	reason = pr.check(c)
	return patch, pr.losses, reason
}
