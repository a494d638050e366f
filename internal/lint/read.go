package lint

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// harmless are warnings about what does nothing.
var harmless = regexp.MustCompile(`is listed twice|adds nothing|does nothing|already|no need to list|need not be listed|does not cover Authorization`)

// narrowed is a warning about a list that says no more than CORS itself. It
// narrows what would be there without it, so nothing is wrong with it.
var narrowed = regexp.MustCompile(`always allowed by CORS`)

// warnings reports what Provision warned of, where no question showed it.
func (x *site) warnings() {
	for _, w := range x.part.Warnings {
		if x.report.has(w.Handler.Place) || narrowed.MatchString(w.Text) {
			continue
		}
		s := Fragile
		if harmless.MatchString(w.Text) {
			s = Note
		}
		problem, cure, _ := strings.Cut(w.Text, "; ")
		if cure == "" {
			cure = map[Severity]string{Note: "leave it out, or ", Fragile: ""}[s] + "see the option in the documentation"
		}
		f := x.finding("warning", s, nil, nil, problem, cure)
		f.Effect = "Caddy warns of it when it loads the configuration"
		x.report.add(f, lineOf(w))
	}
}

// lineOf is the line of the option that a warning is about.
func lineOf(w rehearsal.Warning) rehearsal.Place {
	at := w.Handler.Place
	option, _, _ := strings.Cut(w.Text, ":")
	for _, line := range w.Handler.Lines() {
		if line[0].Text == option {
			at.Line = line[0].Line
			if len(line) > 1 && strings.Contains(w.Text, line[1].Text) {
				break
			}
		}
	}
	return at
}

// read reports what running cannot show.
func (r *Report) read() {
	for _, p := range r.Stage.Lost {
		r.add(Finding{
			ID: "lost", Severity: Broken, Problem: fmt.Sprintf("Caddy drops `%s`: of several handlers of a named route it keeps only the first", p.Text),
			Effect: "it never runs; this was read, not asked", Cure: "put them into a `route` block inside the named route",
		}, p)
	}
	r.variables()
	for _, s := range r.Sites {
		if len(s.Policies) > 0 {
			r.empty(s)
			r.ownAddress(s)
		}
	}
}

var variable = regexp.MustCompile(`^\s*(credentials|except)\s.*\{\$([^}:]+):?\}`)

// variables finds lines of policies that widen them where a variable is not set.
func (r *Report) variables() {
	files := map[string][]string{}
	for _, h := range r.Stage.Handlers {
		if h.Kind != "cors" {
			continue
		}
		for _, line := range h.Lines() {
			file, number := line[0].File, line[0].Line
			if _, ok := files[file]; !ok {
				body := r.Stage.Source(file)
				files[file] = strings.Split(string(body), "\n")
			}
			if number > len(files[file]) {
				continue
			}
			m := variable.FindStringSubmatch(files[file][number-1])
			if m == nil {
				continue
			}
			s, state := Fragile, "it is set now"
			if _, set := os.LookupEnv(m[2]); !set {
				s, state = Security, "it is not set now"
			}
			r.add(Finding{
				ID: "variable", Severity: s, Problem: fmt.Sprintf("`%s {$%s}` has no default: where the variable is not set, the policy is wider", m[1], m[2]),
				Effect: "without the variable the line is the word alone; " + state + ". This was read, not asked",
				Cure:   fmt.Sprintf("give it a default: {$%s:%s}", m[2], map[string]string{"credentials": "false", "except": "https://nobody.example"}[m[1]]),
			}, rehearsal.Place{File: file, Line: number, Text: strings.TrimSpace(files[file][number-1])})
		}
	}
}

// empty finds lines that set a field to nothing. What names the origin is asked.
func (r *Report) empty(s *matrix.Site) {
	for _, o := range s.Operations {
		if o.Field == httpwords.AllowOrigin || o.Field == httpwords.Vary || o.Verb == matrix.Delete || o.Verb == matrix.Overwritten || o.Request ||
			strings.Join(o.Values, "") != "" {
			continue
		}
		r.add(Finding{
			ID: "no-effect", Severity: Broken, Site: s.Host, Problem: "the value is empty, as of a variable that is not set: it allows nothing",
			Effect: o.Field + " goes out empty. This was read, not asked", Cure: "set the variable, or give it a default: {$NAME:default}; or remove the line",
		}, o.Place)
	}
}

// ownAddress finds policies written by hand whose only origin is the site itself.
// Of a cors handler Caddy warns.
func (r *Report) ownAddress(s *matrix.Site) {
	for _, p := range s.Policies {
		if p.Handler != nil || len(p.Wishes) != 1 || p.Wishes[0].Guess || !s.Owns(p.Wishes[0].Origin) || p.Wishes[0].Operation.Filled() {
			continue
		}
		r.add(Finding{
			ID: "own", Severity: Fragile, Site: s.Host, Problem: "the only origin is the site's own, and its own pages need no CORS",
			Effect: "no page of another site can read. This was read, not asked", Cure: "name the origins of the pages that call this site, or remove the line",
		}, p.Wishes[0].Operation.Place)
	}
}
