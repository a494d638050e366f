package lint

import (
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// directive is a line of a Caddyfile with its block, whatever it means.
type directive struct {
	name   string
	at     place
	last   int // the line where it ends
	args   []string
	quoted bool // the first argument stood in quotes
	block  []directive
}

func readSegment(segment caddyfile.Segment) directive {
	d := caddyfile.NewDispenser(segment)
	d.Next()
	dir := directive{name: d.Val(), at: place{file: d.File(), line: d.Line()}}
	dir.last = dir.at.line
	for d.NextArg() {
		if len(dir.args) == 0 {
			dir.quoted = d.Token().Quoted()
		}
		dir.args = append(dir.args, d.Val())
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		dir.block = append(dir.block, readSegment(d.NextSegment()))
	}
	if end := segment[len(segment)-1]; end.File == dir.at.file && end.Line > dir.at.line {
		dir.last = end.Line
	}
	return dir
}

// takeMatcher removes the matcher from the arguments and returns it. Caddy
// takes a word for one if it starts with / or @, or is a lone *.
func (d *directive) takeMatcher() string {
	if len(d.args) == 0 {
		return ""
	}
	first := d.args[0]
	if first != "*" && !strings.HasPrefix(first, "/") && !strings.HasPrefix(first, "@") {
		return ""
	}
	d.args = d.args[1:]
	d.quoted = false
	return first
}

// option returns the arguments of a line of the block.
func (d *directive) option(name string) (args []string, found bool) {
	for _, line := range d.block {
		if line.name == name {
			return line.args, true
		}
	}
	return nil, false
}

// lines writes the block again, as `caddy fmt` would.
func (d *directive) lines() []string {
	var out []string
	for _, line := range d.block {
		text := words(append([]string{line.name}, line.args...))
		if len(line.block) == 0 {
			out = append(out, text)
			continue
		}
		out = append(out, text+" {")
		for _, inner := range line.lines() {
			out = append(out, "\t"+inner)
		}
		out = append(out, "}")
	}
	return out
}

// words joins words of a Caddyfile, quoted where they need it.
func words(list []string) string {
	quoted := make([]string, len(list))
	for i, w := range list {
		quoted[i] = word(w)
	}
	return strings.Join(quoted, " ")
}

func word(w string) string {
	switch {
	case w != "" && w != "{" && w != "}" && !strings.ContainsAny(w, " \t\n\"`") && !strings.HasPrefix(w, "#") && !strings.HasPrefix(w, "<<"):
		return w
	case strings.Contains(w, `"`):
		return "`" + w + "`"
	default:
		return `"` + w + `"`
	}
}

// fullPlaceholder writes the short forms of the Caddyfile in full, as the
// adapter does.
var fullPlaceholder = strings.NewReplacer(
	"{header.", "{http.request.header.",
	"{re.", "{http.regexp.",
	"{vars.", "{http.vars.",
	"{cookie.", "{http.request.cookie.",
	"{query.", "{http.request.uri.query.",
	"{method}", "{http.request.method}",
	"{host}", "{http.request.host}",
	"{path}", "{http.request.uri.path}",
)
