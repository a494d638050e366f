package repair

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// voice is what the old configuration itself says where a policy is, for what stands
// in no line: a placeholder, of which a map or a vars makes something.
type voice struct {
	stage *stage
	of    *policy
}

// stranger is whom nobody names.
var stranger = claim{value: matrix.Stranger}

// to are the origins that the pages of a claim are told, and whether they are allowed
// credentials.
func (v *voice) to(c claim) (origins []string, credentials bool) {
	paths, own := v.stage.paths(v.of)
	for _, base := range v.stage.bases(v.of.site) {
		for _, path := range paths[:max(own, 1)] {
			for _, from := range c.samples() {
				told, may := v.stage.tells(base+escapedPath(path), from)
				origins, credentials = appendNew(origins, told...), credentials || may
			}
		}
	}
	return slices.DeleteFunc(origins, func(o string) bool { return !strings.ContainsAny(o, ".:*") }), credentials
}

// tells is what one address says to the pages of an origin.
func (s *stage) tells(url, from string) (origins []string, credentials bool) {
	for i, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPut} {
		if a, err := s.Ask(asked(url, from, method, i == 3)); err == nil && !onError(a) { // the last one is a preflight
			origins = append(origins, a.Header[httpwords.AllowOrigin]...)
			credentials = credentials || strings.EqualFold(strings.Join(a.Header[httpwords.AllowCredentials], ""), "true")
		}
	}
	return origins, credentials
}

// onError reports whether the lines for errors had a say in an answer.
func onError(a *rehearsal.Answer) bool {
	return slices.ContainsFunc(a.Ran, func(h *rehearsal.Handler) bool { return h.ErrorRoute })
}

// maps are those of the site that look at the origin.
func (v *voice) maps() (list []map[string]any) {
	for _, h := range v.handlers() {
		if source, _ := h.Config["source"].(string); h.Kind == "map" && isOriginPlaceholder(source) {
			list = append(list, h.Config)
		}
	}
	return list
}

// handlers are all of the site, whatever address it is called by.
func (v *voice) handlers() (list []*rehearsal.Handler) {
	for _, base := range v.stage.bases(v.of.site) {
		if at := v.stage.serves(base); at != nil {
			list = appendNew(list, at.site.Handlers...)
		}
	}
	return list
}

// fills reports whether a map makes something of a placeholder.
func (v *voice) fills(placeholder string) bool {
	return slices.ContainsFunc(v.maps(), func(m map[string]any) bool { return slices.Contains(rehearsal.Words(m, "destinations"), placeholder) })
}

// placeholders finds them in a value.
var placeholders = regexp.MustCompile(`\{[^{}]*\}`)

// ofPage finds placeholders whose value the page that asks chooses, and the host
// itself, whose pages need no CORS.
var ofPage = regexp.MustCompile(`^\{(query\.|header\.|cookie\.|http\.request\.(uri\.query|header|cookie)\.|args\[|host\}|http\.request\.host\})`)

// varies reports whether something else than the page that asks may decide what a
// value is: a part of the address, a map of that, several vars.
func (v *voice) varies(value string) bool {
	return slices.ContainsFunc(placeholders.FindAllString(value, -1), func(placeholder string) bool {
		name, isVar := strings.CutPrefix(strings.Replace(placeholder, "{http.vars.", "{vars.", 1), "{vars.")
		if v.fills(placeholder) || ofPage.MatchString(placeholder) {
			return false
		}
		setters := 0
		for _, h := range v.handlers() {
			if _, sets := h.Config[strings.TrimSuffix(name, "}")]; isVar && sets && h.Kind == "vars" {
				setters++
			}
		}
		return setters != 1
	})
}

// filled adds what all pages are told, and the origins in the maps of a site that are
// told something else. False: nobody is told anything.
func (in *intent) filled(says *voice) (known bool) {
	others, _ := says.to(stranger)
	for _, o := range others {
		switch {
		case o == "*":
			in.everybody = true
		case o == matrix.Stranger:
			in.reflects = true
		case !strings.Contains(o, "{") && !slices.Contains(says.stage.bases(says.of.site), o): // the site itself needs no CORS
			in.claim(claim{value: o})
		default:
			continue
		}
		known = true
	}
	for _, m := range says.maps() {
		for _, row := range rehearsal.List(m, "mappings") {
			for i, key := range []string{"input", "input_regexp"} {
				for _, value := range rehearsal.Words(row, key) {
					known = in.row(row, claim{value: value, regexp: i > 0}, others, says) || known
				}
			}
		}
	}
	return known
}

// row adds whom a row of a map is for, if these are told something else than all others.
// False: they are not.
func (in *intent) row(row any, c claim, others []string, says *voice) bool {
	if leavesEmpty(row) {
		in.leaveOut(c)
		return false
	}
	told, _ := says.to(c)
	if !slices.ContainsFunc(told, func(o string) bool { return !slices.Contains(others, o) }) {
		return false
	}
	in.claim(c)
	return true
}

// leavesEmpty reports whether a row of a map puts nothing in place of all placeholders.
func leavesEmpty(row any) bool {
	outputs := rehearsal.Words(row, "outputs")
	return len(outputs) > 0 && !slices.ContainsFunc(outputs, func(o string) bool { return o != "" })
}

// leaveOut keeps an origin out. With an expression that cannot be written.
func (in *intent) leaveOut(c claim) {
	if c.regexp {
		in.keptOut = c.value
		return
	}
	in.except = appendNew(in.except, c.value)
}
