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
	value     string            // its values
	got       string            // the field, as it was answered
	sent, ran bool              // the value is on the wire; the handler of the line ran
	deletion  *matrix.Operation // deleted the field
}

func (t *trial) line(o *matrix.Operation, r *matrix.Reply) *line {
	l := &line{Operation: o, value: strings.Join(o.Values, " "), sent: sent(r, o), ran: ran(r, o.Handler)}
	if r.Last() == nil {
		return l
	}
	if l.got = r.Last().Header.Get(o.Field); l.got != "" {
		return l
	}
	for _, d := range t.Operations {
		if d.Deletes && !d.Request && d.Covers(o.Field) && ran(r, d.Handler) {
			l.deletion = d
		}
	}
	return l
}

// misspelt reports whether a line says something else than is meant, whoever asks.
func (t *trial) misspelt(o *matrix.Operation, r *matrix.Reply) bool {
	l := t.line(o, r)
	return slices.ContainsFunc(misspellings, func(s slip) bool { return s.fits(l) })
}

// slip is why a line does not do what it says. In its words %f is the field that is
// meant, %n its name as it is written, and %d the line that deletes it.
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
		func(l *line) bool { return l.Key != matrix.Overwritten && !strings.EqualFold(l.Name, l.Field) },
		"it writes a header field that is called `%n`, and browsers know none of that name", "call the field %f",
	},
	{
		func(l *line) bool { return l.Key == "replace" },
		"with two values Caddy replaces the first by the second within the field, and there is no field yet", "put the value into double quotes, or " + byPolicy,
	},
	{
		func(l *line) bool { return strings.ContainsAny(l.value, "'\"") && l.sent },
		"the quotes are sent as part of the value: in a Caddyfile only double quotes and backticks quote", "leave the quotes out",
	},
	{
		func(l *line) bool { return strings.Contains(l.value, "{args") },
		"the argument of the snippet is not given, so its placeholder is not filled", "give `import` the value as an argument",
	},
	{
		func(l *line) bool { return strings.Contains(l.got, "{") || strings.HasPrefix(l.value, "$") && l.sent },
		"Caddy sends the placeholder as it stands: it does not know it (names with a $ are nginx's), or does not fill it in here, as in what a `map` gives for an expression", byList,
	},
	{
		func(l *line) bool { return l.deletion != nil },
		"another line (%d) deletes the field after it is set, so it is never sent", "remove the deletion, or " + byPolicy,
	},
}

// slips are those of the line that names the origin. The first that fits is named.
var slips = append(slices.Clone(misspellings), []slip{
	{
		func(l *line) bool {
			return l.value == "" || strings.Contains(l.value, "{env.") && l.ran && l.got == "" || strings.Contains(l.value, "://.") && l.sent
		},
		"the value is empty, or a part of it is missing, as where a variable is not set", "set the variable, or give it a default: {$NAME:default}",
	},
	{
		func(l *line) bool {
			words := strings.Fields(l.Place.Text)
			return l.Key == matrix.Overwritten && len(words) > 2 && words[0] == "header" && words[1] != l.Name
		},
		"Caddy takes the word in front for the name of a field: a matcher begins with / or @, or is a *", "define a matcher in a line of its own, as `@files path *.woff2`, and write @files in place of the word",
	},
	{
		func(l *line) bool { return l.Key == matrix.Overwritten },
		"another line sets the same field, and only the last one counts", byList,
	},
	{
		func(l *line) bool { return !l.ran && l.Guarded("header_regexp") },
		"its matcher never lets the origin pass: browsers send scheme://host, in lower case, and nothing behind it", byList,
	},
	{
		func(l *line) bool { return !l.ran && l.Guarded("header") },
		"its matcher never lets the origin pass: `header` compares letter by letter. A * works only at the beginning or the end, and ~ and ^ begin no expression", byList,
	},
	{
		func(l *line) bool { return !l.ran && l.Guarded("expression") },
		"its matcher never lets the origin pass", byList,
	},
	{
		func(l *line) bool { return !l.ran },
		"no request reaches this line, because Caddy runs another handler first", "put the line into the block that answers, or at the top of the site",
	},
	{
		func(l *line) bool {
			return l.sent && l.value != httpwords.Wildcard && strings.ContainsAny(strings.Trim(l.value, " "), " *")
		},
		"the value is a list or a pattern, and browsers compare it with their one origin, letter by letter", byList,
	},
}...)

// miswritten says what is wrong with the words of the line that names the origin, or
// of the one that promises what a preflight was refused.
func (t *trial) miswritten(id string, r *matrix.Reply) (why, cure string) {
	o, list := t.w.Operation, slips
	other := r.Preflight() || r.Verdict.Reason == browser.ACACNotTrue
	switch {
	case o == nil:
		return "", ""
	case other:
		o, list = t.promise(id, r), misspellings
	case r.Person != rehearsal.Plain || r.FilesMissing || !r.SignedIn || r.Path != t.base.Path:
		return "", ""
	}
	l := t.line(o, r)
	if i := slices.IndexFunc(list, func(s slip) bool { return s.fits(l) }); i >= 0 {
		words := []string{"%f", o.Field, "%n", o.Name}
		if l.deletion != nil {
			words = append(words, "%d", l.deletion.Place.String())
		}
		if m := unset.FindStringSubmatch(t.report.source(o.Place.File, o.Place.Line)); m != nil {
			words = append(words, "{$NAME:", "{$"+m[1]+":")
		}
		fill := strings.NewReplacer(words...)
		return fill.Replace(list[i].why), fill.Replace(list[i].cure)
	}
	if other || !l.sent {
		return "", ""
	}
	return unsent(l.value)
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

func ran(r *matrix.Reply, h *rehearsal.Handler) bool {
	return slices.ContainsFunc(r.Answers, func(a *rehearsal.Answer) bool { return a != nil && slices.Contains(a.Ran, h) })
}

// sent: the value of an operation is on the wire.
func sent(r *matrix.Reply, o *matrix.Operation) bool {
	return r.Last() != nil && slices.Contains(r.Last().Header[o.Field], strings.Join(o.Values, " "))
}

const (
	maxTries   = 300 // in one run
	triesEach  = 8
	manyRoutes = 300 // handlers of a site that takes long to load
)

// answering are the handlers that make the answer: without them there is none.
var answering = map[string]bool{"reverse_proxy": true, "file_server": true, "subroute": true, "invoke": true, "vars": true, "map": true, "rewrite": true}

// blame leaves handlers out, one by one, and asks again. It returns the place of the
// one without which the answer is as it should be, and its line about CORS, if there
// is one.
func (t *trial) blame(r *matrix.Reply, right func(*matrix.Reply) bool) (rehearsal.Place, *matrix.Operation, bool) {
	if r.Last() == nil {
		return rehearsal.Place{}, nil, false
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
		for _, field := range []string{httpwords.AllowOrigin, httpwords.AllowCredentials, httpwords.Vary, httpwords.AllowMethods, httpwords.AllowHeaders} {
			for _, o := range t.Operations {
				if o.Handler == h && o.Covers(field) {
					return o.Place, o, true
				}
			}
		}
		return h.Place, nil, true
	}
	return rehearsal.Place{}, nil, false
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
