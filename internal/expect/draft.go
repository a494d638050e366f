package expect

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/explain"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

type stage = *rehearsal.Rehearsal

// stranger is an origin that no author means.
const stranger = "https://stranger.example"

// maxOrigins is how many origins of one policy are written.
const maxOrigins = 20

// quoted finds what may be an origin in JSON.
var quoted = regexp.MustCompile(`"[a-z][a-z0-9+.-]*://[^"/]+"`)

// write asks about every site, and every path that a policy is for.
func (d *draft) write() {
	fmt.Fprint(d, preamble)
	for _, site := range d.stage.Sites() {
		for _, url := range d.pages(site) {
			d.url(url.address, url.governor)
		}
	}
}

// page is a URL, and the policy that governs it; nil if none does.
type page struct {
	address  string
	governor *rehearsal.Handler
}

// pages are the URLs of a site: its root, and one for each path of a policy that governs there.
func (d *draft) pages(site string) (all []page) {
	add := func(address string, wanted *rehearsal.Handler) {
		governor := d.governor(address)
		if wanted != nil && wanted != governor || slices.ContainsFunc(all, func(p page) bool { return p.address == address }) {
			return
		}
		all = append(all, page{address, governor})
	}
	add(site+"/", nil)
	for _, h := range d.stage.Handlers {
		if h.Kind != "cors" || h.ErrorRoute {
			continue
		}
		for _, path := range pathsTo(h) {
			add(site+path, h)
		}
	}
	return all
}

// governor is the cors handler that governs a URL.
func (d *draft) governor(address string) *rehearsal.Handler {
	request := browser.Request{URL: address}
	o, err := browser.ParseOrigin(stranger)
	if err != nil {
		return nil
	}
	if decision := explain.Ask(d.stage, browser.Page{Origin: o}, request, rehearsal.Question{}).Policy(); decision != nil {
		return decision.By
	}
	return nil
}

// pathsTo are paths that may lead to a handler: one for each that a matcher on the way
// names, and the same behind those of the matchers before it (handle_path takes
// them away).
func pathsTo(h *rehearsal.Handler) (all []string) {
	before := ""
	for _, route := range h.Way {
		first := ""
		for _, set := range rehearsal.List(route.Match) {
			for _, text := range rehearsal.Words(set, "path") {
				path := pathOf(text)
				if path == "" {
					continue
				}
				all = append(all, path)
				if before != "" {
					all = append(all, before+path)
				}
				if first == "" {
					first = strings.TrimSuffix(path, "/")
				}
			}
		}
		before += first
	}
	return all
}

// pathOf is a path that a matcher of paths lets in; "" if there is none to be had.
func pathOf(pattern string) string {
	if !strings.HasPrefix(pattern, "/") || strings.Contains(pattern, "{") {
		return ""
	}
	path := strings.TrimSuffix(pattern, "*")
	return strings.ReplaceAll(path, "*", "any")
}

// url writes the block of one URL.
func (d *draft) url(address string, governor *rehearsal.Handler) {
	origins := d.origins(governor)
	lines := make([]string, 0, len(origins))
	for _, from := range origins {
		lines = append(lines, d.lines(Expectation{URL: address, Origin: from, Method: http.MethodGet}, governor)...)
	}
	if len(lines) > 0 {
		d.urls++
		fmt.Fprintf(d, "\n%s {\n\t%s\n}\n", address, strings.Join(lines, "\n\t"))
	}
}

// origins are those to ask about: what the policy names, or else what stands anywhere in
// the configuration, and a stranger.
func (d *draft) origins(governor *rehearsal.Handler) []string {
	var words []string
	if governor != nil {
		words = explain.WordsOf(governor.Config, "origins", "except")
		for _, f := range rehearsal.List(governor.Config, "for") {
			words = append(words, explain.WordsOf(f, "origins")...)
		}
		for _, expression := range explain.WordsOf(governor.Config, "origin_regexp") {
			if texts, _ := origin.Samples(expression); len(texts) > 0 {
				words = append(words, texts[0])
			}
		}
	} else {
		words = quoted.FindAllString(string(d.stage.JSON), -1)
	}
	all := make([]string, 0, len(words))
	for _, w := range words {
		if p, err := origin.ParsePattern(strings.Trim(w, `"`)); err == nil && !slices.Contains(all, sample(p)) && len(all) < maxOrigins {
			all = append(all, sample(p))
		}
	}
	return append(all, stranger)
}

// lines are those about one page. Nothing is written that is not so.
func (d *draft) lines(e Expectation, governor *rehearsal.Handler) []string {
	r, err := judge(d.subject, e)
	e.Allow = true
	switch {
	case err != nil || r.Status == Unknown:
		if e.Origin != stranger {
			return nil
		}
		return []string{"# " + e.Origin + ": " + strings.ReplaceAll(r.Seen, "\n", " ")}
	case r.Status == Passed && (governor != nil || e.Origin == stranger):
		d.expectations++
		return []string{"refuse " + e.Origin}
	case r.Status == Passed || strings.HasPrefix(e.URL, e.Origin+"/"):
		return nil // some string of the configuration, or the site itself
	}
	lines := []string{"allow " + e.Origin + " {"}
	e.Credentials = true
	if e.Credentials = d.holds(e); e.Credentials {
		lines = append(lines, "\tcredentials")
	}
	if methods := d.methods(e, governor); len(methods) > 1 || len(methods) == 1 && methods[0] != http.MethodGet {
		d.expectations += len(methods) - 1
		lines = append(lines, "\tmethod "+joined(methods))
	}
	if names := d.exposed(e, governor); len(names) > 0 {
		lines = append(lines, "\texpose "+joined(names))
	}
	d.expectations++
	if len(lines) == 1 {
		return []string{"allow " + e.Origin}
	}
	return append(lines, "}")
}

func (d *draft) holds(e Expectation) bool {
	r, err := judge(d.subject, e)
	return err == nil && r.Status == Passed
}

// methods are those that a policy names and the page may use; none where it names none.
func (d *draft) methods(e Expectation, governor *rehearsal.Handler) (all []string) {
	named := listed(governor, "methods")
	if len(named) == 0 {
		return nil
	}
	for _, m := range append([]string{http.MethodGet}, named...) {
		e.Method = m
		if browser.IsMethod(m) && m != "*" && m == browser.NormalizeMethod(m) && !slices.Contains(all, m) && d.holds(e) {
			all = append(all, m)
		}
	}
	return all
}

func (d *draft) exposed(e Expectation, governor *rehearsal.Handler) (all []string) {
	for _, name := range listed(governor, "expose") {
		e.Expose = []string{name}
		if name != "*" && d.holds(e) {
			all = append(all, name)
		}
	}
	return all
}

// listed are the words of an option, those of every `for` among them.
func listed(governor *rehearsal.Handler, key string) []string {
	if governor == nil {
		return nil
	}
	all := explain.WordsOf(governor.Config, key)
	for _, f := range rehearsal.List(governor.Config, "for") {
		all = append(all, explain.WordsOf(f, key)...)
	}
	return all
}
