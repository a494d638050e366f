package lint

import (
	"net/http"
	"slices"
	"strings"
)

// op is one operation on a response header.
type op struct {
	at    place
	verb  verb
	name  string // canonical
	value string // with placeholders in their full form
	// deferred operations run when the response is written, so they have the
	// last word, and nothing of them is left on an error, which Caddy writes
	// without the handlers that were on the way.
	deferred bool
}

type verb uint8

const (
	set_     verb = iota // Field, >Field
	add                  // +Field
	remove               // -Field
	fallback             // ?Field
	replace              // Field search replacement
)

// verbs are the signs in front of a field.
var verbs = map[byte]verb{'+': add, '-': remove, '?': fallback, '>': set_}

// readOp reads the words of a line of `header`, without its name.
func readOp(at place, words []string) *op {
	o := &op{at: at}
	field := strings.TrimSuffix(words[0], ":") // as Caddy does
	if len(field) > 0 {
		if v, signed := verbs[field[0]]; signed {
			o.verb = v
			o.deferred = v == remove || v == fallback || field[0] == '>'
			field = field[1:]
		}
	}
	if len(words) > 1 {
		o.value = fullPlaceholder.Replace(words[1])
	}
	if len(words) > 2 && o.verb != add && o.verb != remove && o.verb != fallback {
		o.verb, o.value = replace, fullPlaceholder.Replace(words[2])
	}
	o.name = http.CanonicalHeaderKey(field)
	return o
}

// headerOps reads the operations of a `header` directive. One deferred
// operation defers them all, but for defaults, which Caddy makes handlers of
// their own.
func headerOps(d directive) []*op {
	var ops []*op
	deferred := false
	if len(d.args) > 0 {
		ops = append(ops, readOp(d.at, d.args))
	}
	for _, line := range d.block {
		switch line.name {
		case "defer", "match":
			deferred = true
		default:
			ops = append(ops, readOp(line.at, append([]string{line.name}, line.args...)))
		}
	}
	deferAll(ops, deferred)
	return ops
}

func deferAll(ops []*op, deferred bool) {
	for _, o := range ops {
		deferred = deferred || o.deferred && o.verb != fallback
	}
	for _, o := range ops {
		o.deferred = o.deferred || deferred
	}
}

// about tells whether the operation is about a header. Deletions may have a *
// at their ends.
func (o *op) about(name string) bool {
	if o.verb != remove {
		return strings.EqualFold(o.name, name)
	}
	return headerMatches(strings.ToLower(o.name), strings.ToLower(name))
}

// sends tells whether the operation gives the header a value.
func (o *op) sends(name string) bool {
	return (o.verb == set_ || o.verb == add || o.verb == fallback) && o.about(name)
}

// isCORS tells whether the operation is about a header of CORS.
func (o *op) isCORS() bool {
	return isCORS(o.name) || o.verb == remove && o.about(allowOrigin) && o.name != "*"
}

// losesOrigin tells whether the operation, if it runs last, takes Origin out of
// Vary.
func (o *op) losesOrigin() bool {
	if o.verb != set_ && o.verb != remove || !o.about(headerVary) || o.name == "*" {
		return false
	}
	return o.verb == remove || !slices.ContainsFunc(list(o.value), func(token string) bool {
		return token == "*" || strings.EqualFold(token, headerOrigin)
	})
}

// String quotes the operation.
func (o *op) String() string {
	sign := map[verb]string{add: "+", remove: "-", fallback: "?"}[o.verb]
	if o.value == "" {
		return sign + o.name
	}
	return sign + o.name + " " + word(o.value)
}

// applied is a value of a header that a request leaves with.
type applied struct {
	op   *op
	node *node
	sure bool
}

// on applies the operation to the values that are there already.
func (o *op) on(values []applied, name string, n *node, sure bool) []applied {
	if !o.about(name) {
		return values
	}
	mine := applied{o, n, sure}
	switch o.verb {
	case remove:
		if sure {
			return nil
		}
	case set_:
		if sure {
			return []applied{mine}
		}
		return append(values, mine)
	case add:
		return append(values, mine)
	case fallback:
		if len(values) == 0 {
			return append(values, mine)
		}
	case replace: // what comes of it is not known
	}
	return values
}
