package matrix

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Overwritten is the Key of a line of the Caddyfile of which the adapter leaves
// nothing, because another one sets the same field.
const Overwritten = "overwritten"

// Operation is one line, or one key of the JSON, that is about a header field of
// CORS. Its values are those that are meant.
type Operation struct {
	neighbours.Line
	Handler *rehearsal.Handler
	Place   rehearsal.Place // of the very line
	Field   string          // which is meant, as net/http writes it
	// Request: it changes the request, which no browser sees.
	Request bool
}

// operationsOf reads what handlers do to header fields.
func operationsOf(handlers []*rehearsal.Handler) (all []*Operation) {
	taken := map[[2]any]bool{} // lines
	for _, h := range handlers {
		for _, at := range [][]string{{"response"}, {"request"}, {"headers", "response"}, {"headers", "request"}} {
			for _, o := range readOperations(h, rehearsal.Map(h.Config, at...), at) {
				o.Request = at[len(at)-1] == "request"
				if o.locate(taken); !o.editsOnPurpose() {
					all = append(all, o)
				}
			}
		}
		if h.Kind == "static_response" {
			all = append(all, readOperations(h, map[string]any{"set": h.Config["headers"]}, nil)...)
		}
	}
	return append(all, overwritten(handlers, taken)...)
}

// readOperations reads the JSON of headers.HeaderOps, and of RespHeaderOps.
func readOperations(h *rehearsal.Handler, ops map[string]any, at []string) (all []*Operation) {
	for _, l := range neighbours.ReadLines(ops) {
		field, values := meant(l.Name, l.Values)
		if field == "" && l.Deletes && l.About(httpwords.AllowOrigin) {
			field = l.Name
		}
		if field == "" {
			continue
		}
		l.Values = values
		o := &Operation{Line: l, Handler: h, Place: h.Place, Field: field}
		pointer := append(slices.Clone(at), l.Key)
		if h.Kind == "static_response" { // which only sets
			pointer = []string{"headers"}
		}
		if !l.Deletes {
			pointer = append(pointer, l.Name)
		}
		o.Place.Path = h.Path + "/" + strings.Join(pointer, "/")
		all = append(all, o)
	}
	return all
}

// editsOnPurpose reports whether a replacement is one, of what an upstream sends, and not
// a value of two words.
func (o *Operation) editsOnPurpose() bool {
	return o.Key == "replace" && len(o.Values) > 1 && (strings.HasPrefix(o.Values[0], "^") || strings.Contains(o.Values[1], "$"))
}

// meant is the field that somebody had in mind: also with a colon behind its
// name, and where header_down stands in front of it.
func meant(name string, values []string) (field string, rest []string) {
	if field = corsField(name); field != "" {
		return field, values
	}
	if lower := strings.ToLower(name); (lower == "header_down" || lower == "header_up") && len(values) > 0 {
		return corsField(values[0]), values[1:]
	}
	return "", nil
}

func corsField(name string) string {
	name = http.CanonicalHeaderKey(strings.Trim(name, "+-?>:"))
	if name == httpwords.Vary || httpwords.IsCORSResponseHeader(name) {
		return name
	}
	return misspelt(strings.ToLower(name))
}

// misspelt is the field of CORS that a name of none must mean:
// Access-Control-Allow-Method, say.
func misspelt(lower string) string {
	rest, ok := strings.CutPrefix(lower, "access-control-")
	if !ok || strings.Contains(rest, "request") || strings.Contains(rest, "network") {
		return ""
	}
	for _, word := range [][2]string{
		{"origin", httpwords.AllowOrigin},
		{"method", httpwords.AllowMethods},
		{"credential", httpwords.AllowCredentials},
		{"expose", httpwords.ExposeHeaders},
		{"header", httpwords.AllowHeaders},
		{"age", httpwords.MaxAge},
	} {
		if strings.Contains(rest, word[0]) {
			return word[1]
		}
	}
	return ""
}

// Covers reports whether an operation is about a field. Deletions may have a *.
func (o *Operation) Covers(field string) bool {
	return o.Field == field || o.Deletes && o.About(field)
}

// locate finds the line of an operation in the block of its directive.
func (o *Operation) locate(taken map[[2]any]bool) {
	var found []caddyfile.Token
	for _, line := range o.Handler.Lines() {
		i := wordOf(line, o.Name)
		if i < 0 || taken[[2]any{line[0].File, line[0].Line}] || (line[i].Text[0] == '-') != o.Deletes {
			continue
		}
		same := len(o.Values) == 0 || i+1 < len(line) && line[i+1].Text == o.Values[0]
		if same || found == nil {
			found = line
		}
		if same {
			break
		}
	}
	if found != nil {
		o.at(found, taken)
	}
}

// at gives an operation its line, which no other one gets.
func (o *Operation) at(line []caddyfile.Token, taken map[[2]any]bool) {
	taken[[2]any{line[0].File, line[0].Line}] = true
	o.Place.File, o.Place.Line = line[0].File, line[0].Line
	texts := make([]string, len(line))
	for i, t := range line {
		texts[i] = t.Text
	}
	o.Place.Text = strings.Join(texts, " ")
}

func wordOf(line []caddyfile.Token, name string) int {
	return slices.IndexFunc(line, func(t caddyfile.Token) bool {
		return strings.EqualFold(strings.TrimRight(strings.TrimLeft(t.Text, "+-?>"), ":"), strings.TrimRight(name, ":"))
	})
}

// overwritten are the lines of blocks of which nothing is left in the JSON.
func overwritten(handlers []*rehearsal.Handler, taken map[[2]any]bool) (all []*Operation) {
	for _, h := range handlers {
		if d := h.Directive(); d != "header" && h.Kind != "reverse_proxy" {
			continue
		}
		for _, line := range h.Lines() {
			i := slices.IndexFunc(line, func(t caddyfile.Token) bool {
				field := corsField(t.Text)
				return field != "" && field != httpwords.Vary && !strings.HasPrefix(t.Text, "-")
			})
			if i < 0 || taken[[2]any{line[0].File, line[0].Line}] || h.Kind == "reverse_proxy" && line[0].Text != "header_down" {
				continue
			}
			o := &Operation{Line: neighbours.Line{Key: Overwritten, Name: line[i].Text}, Handler: h, Place: h.Place, Field: corsField(line[i].Text)}
			for _, v := range line[i+1:] {
				o.Values = append(o.Values, v.Text)
			}
			o.at(line, taken)
			all = append(all, o)
		}
	}
	return all
}

// LetsIn reports whether a line is to allow an origin.
func (o *Operation) LetsIn() bool {
	return o.Field == httpwords.AllowOrigin && !o.Deletes && !o.Request
}

// Guarded reports whether a matcher of a kind on the way is for Origin: header, which
// compares letters, header_regexp, or expression.
func (o *Operation) Guarded(kind string) bool {
	return slices.ContainsFunc(setsOf(o.Handler.Matchers), func(set any) bool {
		return rehearsal.Dig(set, kind, "Origin") != nil ||
			kind == "expression" && slices.ContainsFunc(expressionsOf(set), func(e string) bool { return strings.Contains(strings.ToLower(e), "origin") })
	})
}

// Filled reports whether a placeholder stands in the value.
func (o *Operation) Filled() bool { return placeholder.MatchString(strings.Join(o.Values, " ")) }

// FilledByHeaders reports whether all placeholders in the value are fields of the
// request.
func (o *Operation) FilledByHeaders() bool {
	return !slices.ContainsFunc(placeholder.FindAllString(strings.Join(o.Values, " "), maxWishes), func(name string) bool {
		return !strings.HasPrefix(name, "{http.request.header.")
	})
}

// LooksAtAnswer reports whether a handler acts on some answers only (`match` in a
// header), and not just on those without a field of CORS (`?`).
func LooksAtAnswer(h *rehearsal.Handler) bool {
	for what, config := range rehearsal.Map(h.Config, "response", "require") {
		if what != "headers" {
			return true
		}
		for field, values := range rehearsal.Map(config) {
			if values != nil || !httpwords.IsCORSResponseHeader(field) {
				return true
			}
		}
	}
	return false
}
