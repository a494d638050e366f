package lint

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

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
		r.addRead(Finding{
			ID: "lost", Severity: Broken, Problem: fmt.Sprintf("Caddy drops `%s`: of several handlers of a named route it keeps only the first", p.Text),
			Effect: "it never runs", Cure: "put the handlers into a `route` block inside the named route",
		}, p)
	}
	r.variables()
	for _, s := range r.Sites {
		if len(s.Policies) > 0 {
			r.values(s)
			r.ownAddress(s)
		}
	}
}

// leftOut reports the policies that Caddy cannot adapt, and names what else it cannot.
func (r *Report) leftOut() {
	for _, l := range r.Stage.LeftOut {
		what := l.Place.String() + " `" + l.Text + "`"
		if l.Text == "" {
			what = fmt.Sprintf("%s (%v)", l.Place, l.Err)
		}
		r.Unjudged = append(r.Unjudged, what)
		if l.Directive() == "cors" {
			_, why, _ := strings.Cut(l.Err.Error(), "'cors': ")
			why, _, _ = strings.Cut(why, fmt.Sprintf(", at %s:%d", l.File, l.At))
			r.refused(rehearsal.Place{File: l.File, Line: l.At, Text: strings.TrimSpace(r.source(l.File, l.At))}, why)
		}
	}
}

// unloaded notes that Caddy cannot load a site, and whether that is its policy's
// fault. Of several Caddy does not say which.
func (r *Report) unloaded(s *matrix.Site, err error) {
	_, why, ours := strings.Cut(err.Error(), "provision http.handlers.cors: ")
	what := "the site " + s.Host
	switch {
	case r.Err == nil: // it is printed in full
		r.Err = err
	case ours:
		what += " (" + why + ")"
	default:
		what += " (" + err.Error() + ")"
	}
	r.Unjudged = append(r.Unjudged, what)
	policies := slices.DeleteFunc(slices.Clone(s.Handlers), func(h *rehearsal.Handler) bool { return h.Kind != "cors" })
	if ours && len(policies) == 1 {
		r.refused(policies[0].Place, why)
	}
}

// refused reports a policy with which Caddy does not load.
func (r *Report) refused(at rehearsal.Place, why string) {
	r.addRead(Finding{
		ID: "refused", Severity: Broken, Problem: strings.Replace(rule("refused").problem, "%s", why, 1),
		Effect: "Caddy does not start with it", Cure: rule("refused").cure,
	}, at)
}

var unset = regexp.MustCompile(`\{\$([^}:]+):?\}`)

// source is a line of a file of the configuration.
func (r *Report) source(file string, line int) string {
	if _, ok := r.sources[file]; !ok {
		r.sources[file] = strings.Split(string(r.Stage.Source(file)), "\n")
	}
	if line < 1 || line > len(r.sources[file]) {
		return ""
	}
	return r.sources[file][line-1]
}

var variable = regexp.MustCompile(`^\s*(credentials|except)\s.*\{\$([^}:]+):?\}`)

// variables finds lines of policies that widen them where a variable is not set.
func (r *Report) variables() {
	var lines [][]caddyfile.Token
	for _, h := range r.Stage.Handlers {
		if h.Kind == "cors" {
			lines = append(lines, h.Lines()...)
		}
	}
	for _, l := range r.Stage.LeftOut {
		if l.Directive() == "cors" {
			lines = append(lines, l.Lines()...)
		}
	}
	for _, line := range lines {
		text := r.source(line[0].File, line[0].Line)
		m := variable.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		s, state, widens := Fragile, "the variable is set now", "the policy is wider"
		if _, set := os.LookupEnv(m[2]); !set {
			s, state = Security, "the variable is not set now"
		}
		if m[1] == "except" && len(line) == 1 {
			s, widens = Broken, "Caddy refuses the policy"
		}
		r.addRead(Finding{
			ID: "variable", Severity: s, Problem: fmt.Sprintf("`%s {$%s}` has no default: where the variable is not set, %s", m[1], m[2], widens),
			Effect: "without the variable only the word `" + m[1] + "` is left; " + state,
			Cure:   fmt.Sprintf("give it a default: {$%s:%s}", m[2], map[string]string{"credentials": "false", "except": "https://nobody.example"}[m[1]]),
		}, rehearsal.Place{File: line[0].File, Line: line[0].Line, Text: strings.TrimSpace(text)})
	}
}

// addRead keeps a finding that nobody asked for.
func (r *Report) addRead(f Finding, at rehearsal.Place) {
	f.Effect += ". This was read, not asked"
	r.add(f, at)
}

// values finds lines that set a field to nothing, and an age that is no number. What
// names the origin is asked.
func (r *Report) values(s *matrix.Site) {
	for _, o := range s.Operations {
		if o.Field == httpwords.AllowOrigin || o.Field == httpwords.Vary || o.Deletes || o.Key == matrix.Overwritten || o.Request {
			continue
		}
		value := strings.Join(o.Values, "")
		f := Finding{ID: "no-effect", Severity: Broken, Site: s.Host}
		switch {
		case value == "":
			f.Problem = "the value is empty, as of a variable that is not set: it allows nothing"
			f.Effect, f.Cure = o.Field+" goes out empty", "set the variable, or give it a default: {$NAME:default}; or remove the line"
		case o.Field == httpwords.MaxAge && strings.Trim(value, "0123456789") != "" && value != "-1" && !o.Filled():
			f.Severity, f.Problem = Note, fmt.Sprintf("the age %q is no number of seconds, so browsers keep the preflight's answer for their usual 5 seconds", value)
			f.Effect, f.Cure = "a preflight goes in front of nearly every request", "write the seconds, as 7200, or `max_age 2h` in a `cors` policy"
		default:
			continue
		}
		r.addRead(f, o.Place)
	}
}

// ownAddress finds policies written by hand whose only origin is the site itself.
// Of a cors handler Caddy warns.
func (r *Report) ownAddress(s *matrix.Site) {
	for _, p := range s.Policies {
		if r.lacks(s, aboutCORS) || p.Handler != nil || len(p.Wishes) != 1 || p.Wishes[0].Guess {
			continue
		}
		if o := p.Wishes[0].Operation; !s.NamesItself(o) && (o.Filled() || !s.Owns(p.Wishes[0].Origin)) {
			continue
		}
		r.addRead(Finding{
			ID: "own", Severity: Fragile, Site: s.Host, Problem: "the only origin is the site's own, and its own pages need no CORS",
			Effect: "no page of another site can read", Cure: "name the origins of the pages that call this site, or remove the line",
		}, p.Wishes[0].Operation.Place)
	}
}
