package rehearsal

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// Place is where something stands in the configuration.
type Place struct {
	File string `json:"file,omitempty"` // of a Caddyfile
	Line int    `json:"line,omitempty"`
	// Text is the directive's first line, as Caddy reads it.
	Text string `json:"text,omitempty"`
	// Matcher is the definition of the named matcher in Text.
	Matcher string `json:"matcher,omitempty"`
	// Path is a JSON pointer (RFC 6901) into the adapted configuration.
	Path string `json:"path"`

	tokens caddyfile.Segment // of the directive, its block included
}

// Lines are the lines of the directive, its block included, as words. None
// where the configuration is no Caddyfile.
func (p Place) Lines() (lines [][]caddyfile.Token) {
	for d := caddyfile.NewDispenser(p.tokens); d.Next(); {
		line := []caddyfile.Token{d.Token()}
		for d.NextArg() {
			line = append(line, d.Token())
		}
		lines = append(lines, line)
	}
	return lines
}

// String is what people look for: the line, or the path where there are no
// lines.
func (p Place) String() string {
	if p.File == "" {
		return p.Path
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// Directive is the first word of the line.
func (p Place) Directive() string {
	name, _, _ := strings.Cut(p.Text, " ")
	return name
}

// markName is the variable that carries a number through the adapter.
const markName = "cors_rehearsal_mark"

// places knows the lines of the handlers of a Caddyfile.
//
// JSON has no lines, and a directive's parser cannot leave any there. So the
// same tokens are adapted a second time, each directive in a `route` of its own
// behind a `vars` with a number. What stands behind which number is then looked
// up for the real configuration: by the matchers that lead to a handler, and by
// its own JSON. Where these are equal, the order in the file decides.
type places struct {
	marks []Place // by number
	found map[string][]int
	used  map[int]bool
}

// placesOf reads the lines of a Caddyfile. Nil if there are none to be had: the
// caller then names paths.
func placesOf(filename string, body []byte) *places {
	blocks, err := caddyfile.Parse(filename, body)
	if err != nil {
		return nil
	}
	return placesIn(blocks)
}

func placesIn(blocks []caddyfile.ServerBlock) *places {
	skipped := []string{"bind", "tls", "log", "handle_errors"}
	for {
		m := marking{skip: skipped}
		config, _, err := httpcaddyfile.ServerType{}.Setup(m.blocks(blocks), nil)
		if err == nil {
			p := &places{marks: m.marks, found: map[string][]int{}, used: map[int]bool{}}
			p.read(config.AppsRaw["http"])
			return p
		}
		// A plugin's directive for sites only. Caddy says which.
		name := notInRoutes.FindStringSubmatch(err.Error())
		if name == nil || slices.Contains(skipped, name[1]) {
			return nil
		}
		skipped = append(skipped, name[1])
	}
}

var notInRoutes = regexp.MustCompile(`(\S+) directive returned something other than an HTTP route`)

// read notes what stands behind each number.
func (p *places) read(app json.RawMessage) {
	var http any
	if decode(app, &http) != nil {
		return
	}
	for name, srv := range mapsIn(Dig(http, "servers")) {
		p.routes(List(srv, "routes"), sectionRoutes(name), -1)
		p.routes(List(srv, "errors", "routes"), sectionErrors(name), -1)
		for route, named := range mapsIn(srv["named_routes"]) {
			p.routes([]any{named}, sectionNamed(route), -1)
		}
	}
}

func sectionRoutes(server string) string { return server + " routes" }
func sectionErrors(server string) string { return server + " errors" }
func sectionNamed(name string) string    { return "named " + name }

// routes walks a list of routes. A number counts for what follows it in the
// list, and in the lists inside.
func (p *places) routes(list []any, chain string, mark int) {
	for _, r := range list {
		here := chain + keyOfMatch(Dig(r, "match"))
		if here != chain && mark >= 0 {
			p.note("route "+here, mark)
		}
		for _, h := range List(r, "handle") {
			handler := Map(h)
			if n, ok := handler[markName]; ok {
				mark, _ = strconv.Atoi(fmt.Sprint(n))
				continue
			}
			p.handler(handler, here, mark)
		}
	}
}

func (p *places) handler(h map[string]any, chain string, mark int) {
	if mark >= 0 {
		p.note(keyOfHandler(h, chain), mark)
	}
	innerRoutes(h, func(list []any, match any, _ string) []any {
		p.routes(list, chain+keyOfMatch(match), mark)
		return list
	})
}

func (p *places) note(key string, mark int) {
	if !slices.Contains(p.found[key], mark) {
		p.found[key] = append(p.found[key], mark)
		slices.Sort(p.found[key])
	}
}

// take finds the place of a handler or a route. Of several equal ones each gets
// a place of its own.
func (p *places) take(key string) Place {
	if p == nil || len(p.found[key]) == 0 {
		return Place{}
	}
	all := p.found[key]
	n := all[0]
	if len(all) > 1 {
		p.found[key] = all[1:]
	}
	p.used[n] = true
	return p.marks[n]
}

// lost are the directives of named routes of which nothing is left.
func (p *places) lost() (gone []Place) {
	if p == nil {
		return nil
	}
	for key, marks := range p.found {
		if !strings.HasPrefix(key, "named ") {
			continue
		}
		for _, n := range marks {
			if !p.used[n] {
				gone = append(gone, p.marks[n])
				p.used[n] = true
			}
		}
	}
	slices.SortFunc(gone, func(a, b Place) int { return a.Line - b.Line })
	return gone
}

func keyOfMatch(match any) string {
	switch text := Compact(match); text {
	case "null", "[]", "{}":
		return ""
	default:
		return " " + text
	}
}

// keyOfHandler is the handler without the routes inside of it: these have other
// numbers in the two configurations.
func keyOfHandler(h map[string]any, chain string) string {
	if h["handler"] == "subroute" {
		return chain + " subroute"
	}
	bare := withoutRoutes(h)
	if h["handler"] == "file_server" { // hides the files of the tokens around it, which the marks change
		delete(bare, "hide")
	}
	return chain + " " + Compact(bare)
}
