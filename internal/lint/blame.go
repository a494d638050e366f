package lint

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// line is what a slip is looked for in: a line, and what came of a question.
type line struct {
	*matrix.Operation
	value string // its values
	got   string // the field, as it was answered
	sent  bool   // the value is on the wire
	ran   bool   // the handler of the line did
	gone  bool   // another line deleted the field
}

func (t *trial) line(o *matrix.Operation, r *matrix.Reply) *line {
	l := &line{Operation: o, value: strings.Join(o.Values, " "), sent: sent(r, o), ran: ran(r, o.Handler), gone: t.deleted(o, r)}
	if r.Last() != nil {
		l.got = r.Last().Header.Get(o.Field)
	}
	return l
}

// slip is why a line does not do what it says.
type slip struct {
	fits      func(l *line) bool
	why, cure string
}

// misspellings are slips of a line for any field.
var misspellings = []slip{
	{
		func(l *line) bool { return l.Request },
		"the field goes with the request to the upstream, and no browser sees it", "use `header`, or `header_down` in a proxy",
	},
	{
		func(l *line) bool { return strings.HasSuffix(l.Name, ":") && !l.sent },
		"the colon `:` stays part of the field's name, and the field is dropped", "remove the colon",
	},
	{
		func(l *line) bool {
			return l.Verb != matrix.Overwritten && strings.HasPrefix(strings.ToLower(l.Name), "access-control-") && !strings.EqualFold(strings.TrimRight(l.Name, ":"), l.Field)
		},
		"no browser knows a header field of that name: it is misspelt", "write %s",
	},
	{
		func(l *line) bool { return strings.HasPrefix(strings.ToLower(l.Name), "header_") },
		"header_down is an option of reverse_proxy; inside `header` it is a field of that name", "leave the word header_down out, or put the line into reverse_proxy",
	},
	{
		func(l *line) bool { return l.Verb == matrix.Replace },
		"with two values the line is find and replace, in a field that nobody has set", "put the value into double quotes, or " + byPolicy,
	},
	{
		func(l *line) bool { return strings.ContainsAny(l.value, "'\"") && l.sent },
		"the quotes are sent as part of the value: in a Caddyfile only double quotes and backticks quote", "leave the quotes out",
	},
	{
		func(l *line) bool { return strings.Contains(l.value, "{args") },
		"the argument of the snippet is not given, so its placeholder is not filled", "give `import` the value",
	},
	{
		func(l *line) bool { return strings.Contains(l.got, "{") },
		"Caddy does not know the placeholder, or does not fill it in there (what a map gives for an expression), and sends it as it stands", byList,
	},
	{
		func(l *line) bool { return strings.HasPrefix(l.value, "$") && l.sent },
		"variables with a $ are those of nginx; Caddy knows no such placeholder, and sends it as it stands", byList,
	},
	{
		func(l *line) bool { return l.gone },
		"another line deletes the field after it is set, so it is never sent", "remove the deletion, or " + byPolicy,
	},
}

// slips are those of the line that names the origin. The first that fits is named.
var slips = append(slices.Clone(misspellings), []slip{
	{
		func(l *line) bool { return l.value == "" || strings.Contains(l.value, "{env.") && l.ran && l.got == "" },
		"the value is empty, as of a variable that is not set", "set the variable, or give it a default: {$NAME:default}",
	},
	{
		func(l *line) bool { return strings.Contains(l.value, "://.") && l.sent },
		"no browser sends an origin like that: the name begins with a dot, as where a variable is not set", "set the variable, or give it a default: {$NAME:default}",
	},
	{
		func(l *line) bool {
			words := strings.Fields(l.Place.Text)
			return l.Verb == matrix.Overwritten && len(words) > 2 && words[0] == "header" && words[1] != l.Name
		},
		"Caddy takes the word in front for the name of a field: a matcher begins with / or @, or is a *", "define a matcher in a line of its own, as `@files path *.woff2`, and write @files in place of the word",
	},
	{
		func(l *line) bool { return l.Verb == matrix.Overwritten },
		"another line sets the same field, and only the last one counts", byList,
	},
	{
		func(l *line) bool { return !l.ran && l.Guarded("header_regexp") },
		"its matcher never lets the origin pass: browsers send scheme://host, in lower case, and nothing behind it", byList,
	},
	{
		func(l *line) bool { return !l.ran && l.Guarded("header") },
		"its matcher never lets the origin pass: `header` compares letter by letter, has a * only at the beginning or the end, and knows no expressions: ~ and ^ are letters, too", byList,
	},
	{
		func(l *line) bool { return !l.ran },
		"no request reaches it, because Caddy runs another handler first", "put it into the handler that answers, or into the site before all of them",
	},
	{
		func(l *line) bool { return l.sent && strings.Contains(strings.Trim(l.value, " "), " ") },
		"the value is a list of several origins, and browsers take only one origin", byList,
	},
	{
		func(l *line) bool { return l.sent && l.value != httpwords.Wildcard && strings.Contains(l.value, "*") },
		"the value is a pattern, and browsers know none: they compare it with the origin, letter by letter", byList,
	},
}...)

// first is the first of some slips that a line has.
func (t *trial) first(slips []slip, o *matrix.Operation, r *matrix.Reply) (why, cure string) {
	l := t.line(o, r)
	if i := slices.IndexFunc(slips, func(s slip) bool { return s.fits(l) }); i >= 0 {
		return slips[i].why, strings.Replace(slips[i].cure, "%s", o.Field, 1)
	}
	return "", ""
}

// slip says what is wrong with the line that names the origin.
func (t *trial) slip(r *matrix.Reply) (why, cure string) {
	if t.w.Operation == nil || r.Person != rehearsal.Plain || r.FilesMissing || !r.SignedIn || r.Path != t.base.Path || r.Verdict.Reason == browser.ACACNotTrue || r.Preflight() {
		return "", ""
	}
	if why, cure = t.first(slips, t.w.Operation, r); why == "" && sent(r, t.w.Operation) {
		return unsent(strings.Join(t.w.Operation.Values, " "))
	}
	return why, cure
}

// unsent says why no page has an origin that is written like that, in the words that
// a `cors` policy has for it.
func unsent(value string) (why, cure string) {
	_, err := origin.ParsePattern(value)
	if err == nil || value == httpwords.Wildcard || strings.Contains(value, "{") {
		return "", ""
	}
	end := strings.LastIndex(err.Error(), "; ")
	why, cure = err.Error()[:end], err.Error()[end+len("; "):]
	if right, ok := strings.CutPrefix(cure, "did you mean "); ok {
		cure = "write " + strings.TrimSuffix(right, "?")
	}
	return why, cure + ", or " + byPolicy
}

// written says what is wrong with the words of the line at a place, whatever its
// field.
func (t *trial) written(at rehearsal.Place, r *matrix.Reply) (why, cure string) {
	for _, o := range t.p.Operations {
		if same(o.Place, at) {
			if why, cure = t.first(misspellings, o, r); why != "" {
				return why, cure
			}
		}
	}
	return "", ""
}

func same(a, b rehearsal.Place) bool { return a.File == b.File && a.Line == b.Line && a.Path == b.Path }

func ran(r *matrix.Reply, h *rehearsal.Handler) bool {
	return slices.ContainsFunc(r.Answers, func(a *rehearsal.Answer) bool { return a != nil && slices.Contains(a.Ran, h) })
}

// sent: the value of an operation is on the wire.
func sent(r *matrix.Reply, o *matrix.Operation) bool {
	return r.Last() != nil && slices.Contains(r.Last().Header[o.Field], strings.Join(o.Values, " "))
}

func (t *trial) deleted(o *matrix.Operation, r *matrix.Reply) bool {
	if r.Last() == nil || len(r.Last().Header[o.Field]) > 0 {
		return false
	}
	return slices.ContainsFunc(t.Operations, func(d *matrix.Operation) bool {
		return d.Verb == matrix.Delete && !d.Request && d.Covers(o.Field) && ran(r, d.Handler)
	})
}

const (
	maxTries   = 300 // in one run
	triesEach  = 8
	manyRoutes = 300 // handlers of a site that takes long to load
)

// answering are the handlers that make the answer: without them there is none.
var answering = map[string]bool{"reverse_proxy": true, "file_server": true, "subroute": true, "invoke": true, "vars": true, "rewrite": true}

// blame leaves handlers out, one by one, and asks again. It returns the line
// without which the answer is as it should be.
func (t *trial) blame(r *matrix.Reply, right func(*matrix.Reply) bool) (rehearsal.Place, bool) {
	if r.Last() == nil {
		return rehearsal.Place{}, false
	}
	tried := map[*rehearsal.Handler]bool{t.w.By(t.p): true}
	for _, h := range r.Last().Ran {
		if tried[h] || answering[h.Kind] || len(tried) > triesEach {
			continue
		}
		tried[h] = true
		if again := t.askWithout(h, r); again == nil || again.Last() == nil || !right(again) {
			continue
		}
		for _, o := range t.Operations {
			if o.Handler == h && (o.Covers(httpwords.AllowOrigin) || o.Covers(httpwords.AllowCredentials) || o.Covers(httpwords.Vary)) {
				return o.Place, true
			}
		}
		return h.Place, true
	}
	return rehearsal.Place{}, false
}

// askWithout leaves a handler out and asks again. Nil: that was tried too often.
func (t *trial) askWithout(h *rehearsal.Handler, r *matrix.Reply) *matrix.Reply {
	if t.report.tries >= maxTries || len(t.Handlers) > manyRoutes {
		return nil
	}
	t.report.tries++
	other, err := t.part.Without(h)
	if err != nil {
		return nil
	}
	return r.Ask(other, t.address)
}
