// Package lint finds what defeats CORS in a whole Caddy configuration.
//
// It builds a small tree of the configuration (sites, the handlers in the order
// in which requests meet them, their matchers), sends made-up requests through
// that tree (a preflight, the request that follows it, the same one from a
// stranger), and looks at who answers them and with which headers. Matchers
// that cannot be told in advance, an expression say, count as "perhaps", and
// nothing is reported that rests on a perhaps.
//
// The package knows Caddy's configuration languages and nothing of the cors
// handler but its name and options.
package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// Finding is one thing that defeats CORS, or soon will.
type Finding struct {
	// ID is the ID of the rule; it does not change between versions.
	ID string `json:"id"`

	// File and Line are where it stands; empty in JSON configurations.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`

	// Path is where it stands in a JSON configuration, for example
	// "apps/http/servers/srv0/routes/0/handle/1"; empty in Caddyfiles.
	Path string `json:"path,omitempty"`

	// Site has the addresses of the sites that it concerns.
	Site string `json:"site,omitempty"`

	// Problem says what is wrong, and quotes it.
	Problem string `json:"problem"`

	// Effect says what goes wrong, and in which browser.
	Effect string `json:"effect"`

	// Cure says what to do about it.
	Cure string `json:"cure"`

	// Instead has the lines to write instead, if there are any. Findings about
	// one hand-written policy all carry the one cors block that replaces it.
	Instead []string `json:"instead,omitempty"`
}

// Caddyfile returns the findings of a Caddyfile, in the order of its lines.
// Snippets, imports and {$VARIABLES} are replaced as Caddy does it, and a
// finding in a snippet has the snippet's line. The errors are Caddy's.
func Caddyfile(filename string, body []byte) ([]Finding, error) {
	blocks, err := caddyfile.Parse(filename, body)
	if err != nil {
		return nil, err
	}
	return tidy(append(findings(readCaddyfile(filename, blocks)), unset(filename, body)...)), nil
}

// JSON returns the findings of a configuration in Caddy's own format. The
// error says that the configuration is not JSON, or not one of Caddy's.
func JSON(body []byte) ([]Finding, error) {
	sites, err := readJSON(body)
	if err != nil {
		return nil, err
	}
	return findings(sites), nil
}

func findings(sites []*site) []Finding {
	perSite := make([][]Finding, len(sites))
	for i, s := range sites {
		perSite[i] = newAudit(s).run()
	}
	return tidy(slices.Concat(perSite...))
}

// tidy joins what a snippet does to several sites or for several origins, and
// sorts.
func tidy(all []Finding) []Finding {
	type key struct {
		id, file, path, what string
		line                 int
	}
	seen := make(map[key]int)
	var joined []Finding
	for _, f := range all {
		k := key{f.ID, f.File, f.Path, f.Problem, f.Line}
		if f.Instead != nil {
			k.what = strings.Join(f.Instead, "\n")
		}
		if i, twice := seen[k]; twice {
			if first := &joined[i]; !slices.Contains(strings.Split(first.Site, ", "), f.Site) && first.Site != f.Site {
				first.Site += ", " + f.Site
			}
			continue
		}
		seen[k] = len(joined)
		joined = append(joined, f)
	}
	slices.SortStableFunc(joined, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Path, b.Path),
			strings.Compare(a.ID, b.ID), strings.Compare(a.Problem, b.Problem),
		)
	})
	return joined
}
