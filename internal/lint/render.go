package lint

import (
	"encoding/json"
	"fmt"
	"strings"
)

// namedMatcher is what a drafted block calls its matcher, if it needs one.
const namedMatcher = "@with_cors"

// lines writes the draft as Caddy's own formatter would, or as the handler's
// JSON.
func (d *draft) lines(asJSON bool) []string {
	if asJSON {
		return d.json()
	}
	var out []string
	head := "cors"
	switch {
	case len(d.hosts) > 0:
		out = append(out, namedMatcher+" {", "\thost "+words(d.hosts))
		if len(d.paths) > 0 {
			out = append(out, "\tpath "+words(d.paths))
		}
		out = append(out, "}")
		head += " " + namedMatcher
	case len(d.paths) == 1 && strings.HasPrefix(d.paths[0], "/"):
		head += " " + word(d.paths[0])
	case len(d.paths) > 0:
		out = append(out, namedMatcher+" path "+words(d.paths))
		head += " " + namedMatcher
	}
	if len(d.origins) > 0 {
		head += " " + words(d.origins)
	}
	options := d.options()
	if len(options) == 0 {
		return append(out, head)
	}
	out = append(out, head+" {")
	for _, o := range options {
		out = append(out, "\t"+o)
	}
	return append(out, "}")
}

func (d *draft) options() []string {
	var out []string
	if d.any {
		out = append(out, "origins *")
	}
	for _, re := range d.regexps {
		out = append(out, "origin_regexp "+word(re))
	}
	if d.credentials {
		out = append(out, "credentials")
	}
	if len(d.methods) > 0 {
		out = append(out, "methods "+words(d.methods))
	}
	if d.listsHeaders() {
		out = append(out, "headers "+words(d.headers))
	}
	if len(d.expose) > 0 {
		out = append(out, "expose "+words(d.expose))
	}
	if d.maxAge != "" {
		out = append(out, "max_age "+d.maxAge)
	}
	if d.insecure {
		out = append(out, "dangerously_allow insecure_origins")
	}
	return out
}

// listsHeaders: "all" is the default, Authorization included, which a literal *
// would leave out.
func (d *draft) listsHeaders() bool { return len(d.headers) > 0 && d.headers[0] != "*" }

func (d *draft) json() []string {
	type handler struct {
		Handler          string   `json:"handler"`
		Origins          []string `json:"origins,omitempty"`
		OriginRegexp     []string `json:"origin_regexp,omitempty"`
		Credentials      bool     `json:"credentials,omitempty"`
		Methods          []string `json:"methods,omitzero"`
		Headers          []string `json:"headers,omitempty"`
		Expose           []string `json:"expose,omitempty"`
		MaxAge           string   `json:"max_age,omitempty"`
		DangerouslyAllow []string `json:"dangerously_allow,omitempty"`
	}
	h := handler{
		Handler: "cors", Origins: d.origins, OriginRegexp: d.regexps, Credentials: d.credentials,
		Methods: d.methods, Expose: d.expose, MaxAge: d.maxAge,
	}
	if d.any {
		h.Origins = []string{"*"}
	}
	if len(h.Methods) == 1 && h.Methods[0] == "none" {
		h.Methods = []string{}
	}
	if d.listsHeaders() {
		h.Headers = d.headers
	}
	if d.insecure {
		h.DangerouslyAllow = []string{"insecure_origins"}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(h); err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(b.String()), "\n")
}

// cure says where the block goes, and what goes away.
func (d *draft) cure(asJSON bool) string {
	text := "; the cors block below does that: write it at the top level of the site, and delete what it replaces"
	if asJSON {
		text = "; the cors handler below does that: put it in front of the others of the site, and delete what it replaces"
	}
	text += fmt.Sprintf(" (%s)", d.old)
	if len(d.more) > 0 {
		text += "; it is for all requests, without the matcher on " + strings.Join(d.more, ", ")
	}
	if d.guess {
		text += ", and put your own origins in place of " + exampleOrigin
	}
	return text
}
