package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// run is one question on its way.
type run struct {
	stage    *Rehearsal
	question *Question
	answer   *Answer
	request  *http.Request // as the last handler saw it
	current  *Handler
}

// serve runs the server. False: the handler hung up.
func (r *run) serve(srv *caddyhttp.Server, w http.ResponseWriter, req *http.Request) (answered bool) {
	defer func() {
		if p := recover(); p != nil {
			answered = false
			r.answer.Failed, r.answer.Err = r.current, errors.New("the connection is closed without an answer")
			if err, _ := p.(error); !errors.Is(err, http.ErrAbortHandler) {
				r.answer.Err = fmt.Errorf("%w: %v", r.answer.Err, p)
			}
		}
	}()
	srv.ServeHTTP(w, req)
	return true
}

// maxRan ends a request that goes round in circles. Caddy itself would run out
// of stack, and that cannot be caught.
const maxRan = 1000

// pass lets a handler run, and notes what came of it.
func (r *run) pass(id int, w http.ResponseWriter, req *http.Request, next caddyhttp.Handler) error {
	h := r.stage.Handlers[id]
	r.request, r.current = req, h
	if len(r.answer.Ran) == maxRan {
		panic(fmt.Sprintf("after %d handlers there is no end: does a named route invoke itself?", maxRan))
	}
	r.answer.Ran = append(r.answer.Ran, h)
	decides := h.Kind == "cors" && !h.ReportOnly && r.answer.Policy == nil && decisionOf(req, h) == nil
	defer func() { // also where a handler further in hangs up
		if decides && r.answer.Policy == nil {
			r.answer.Policy = decisionOf(req, h)
		}
	}()
	err := next.ServeHTTP(w, req)
	if err != nil {
		r.current = nil
		if r.answer.Failed == nil {
			r.answer.Failed, r.answer.Err = h, err
		}
	}
	return err
}

// answeredBy is called when the status is written.
func (r *run) answeredBy() { r.answer.By = r.current }

// decisionOf reads the placeholders of the cors handler.
func decisionOf(req *http.Request, by *Handler) *Decision {
	repl, ok := req.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return nil
	}
	word, ok := repl.GetString("http.cors.decision")
	if !ok {
		return nil
	}
	d := &Decision{By: by, Decision: word}
	d.Reason, _ = repl.GetString("http.cors.reason")
	d.Name, _ = repl.GetString("http.cors.policy")
	return d
}

// probe asks the matchers of the next route, and keeps what they say from the
// request: they fill in placeholders.
func (r *run) probe(m *marker, req *http.Request) {
	outer, _ := req.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	repl := caddy.NewReplacer()
	repl.Map(outer.Get)
	aside := req.WithContext(context.WithValue(req.Context(), caddy.ReplacerCtxKey, repl))
	p := &Probe{Path: req.URL.Path}
	route := r.stage.probes[m.ID]
	sets, _ := route.Match.([]any)
	for i, set := range m.sets {
		ok, _ := set.MatchWithError(aside)
		p.Matched = p.Matched || ok
		if !ok && i < len(sets) {
			p.Failed = append(p.Failed, failing(set, sets[i], aside)...)
		}
	}
	if p.Matched {
		p.Failed = nil
	}
	r.answer.probes[m.ID] = p
}

// failing names the matchers of a set that refuse the request.
func failing(set caddyhttp.MatcherSet, config any, req *http.Request) (refused []any) {
	byName, _ := config.(map[string]any)
	for _, m := range set {
		one := caddyhttp.MatcherSet{m}
		if ok, _ := one.MatchWithError(req); ok {
			continue
		}
		if mod, ok := m.(caddy.Module); ok {
			name := mod.CaddyModule().ID.Name()
			refused = append(refused, map[string]any{name: byName[name]})
		}
	}
	return refused
}
