package cors

import (
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/placeholder"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// Permissions are what the pages of an origin may do.
type Permissions struct {
	// Whether pages may send cookies, HTTP authentication and client
	// certificates, and read the answer. Default: false.
	Credentials *bool `json:"credentials,omitempty"`

	// The methods that pages may use, case-sensitive; `*` for all. GET, HEAD
	// and POST need no listing. An empty list (or `none`) allows no others.
	// Default: GET, HEAD, POST, PUT, PATCH, DELETE.
	Methods []string `json:"methods,omitzero"`

	// The request headers that pages may set, beyond those that are always
	// allowed; `*` for all but Authorization. An empty list (or `none`) allows
	// no others. Names that grant nothing are errors: Cookie, Origin, what only
	// browsers can set, and headers of CORS answers. Default: `*` and
	// Authorization.
	Headers []string `json:"headers,omitzero"`

	// The response headers that pages may read, beyond those that are always
	// readable; `*` for all. With credentials browsers take `*` for a name, so
	// it becomes the list of names that the response carries, and Date. Names
	// beside a `*` are sent beside it, for old engines. Names that grant nothing
	// are errors: Set-Cookie, headers of requests, and what only answers to
	// preflights carry. Default: none.
	Expose []string `json:"expose,omitzero"`

	// How long browsers may keep the answer to a preflight, in whole seconds.
	// Negative: send no header, so that browsers use their own 5 seconds.
	// Default: 2h, the most that Chromium keeps.
	MaxAge *caddy.Duration `json:"max_age,omitempty"`
}

// For gives some origins permissions of their own.
type For struct {
	// The origins and patterns; they are allowed, and need not be among the
	// policy's origins. Required.
	Origins []string `json:"origins"`

	// What differs; the rest is the policy's.
	Permissions
}

// options turns the configuration into the input of compile. Values go through
// fill first, which fills in placeholders or leaves a value out.
func (h *Handler) options(fill placeholder.Filler) (policy.Options, policy.Problems) {
	rd := reader{fill: fill}
	o := policy.Options{
		Origins:         rd.list("origins", h.Origins),
		Regexps:         rd.read("origin_regexp", h.OriginRegexp, strings.Fields),
		Except:          rd.list("except", h.Except),
		Dangerous:       rd.list("dangerously_allow", h.DangerouslyAllow),
		Permissions:     rd.permissions("", &h.Permissions),
		Sources:         len(h.OriginsFromRaw),
		Enforce:         rd.list("enforce", h.Enforce),
		ReportOnly:      h.ReportOnly,
		PreflightStatus: h.PreflightStatus,
		Preflight:       policy.Item{Text: h.Preflight, At: policy.Location{Option: "preflight"}},
		Upstream:        policy.Item{Text: h.Upstream, At: policy.Location{Option: "upstream"}},
		Timing:          h.Timing,
	}
	for i := range h.For {
		prefix := forPrefix(i)
		o.For = append(o.For, policy.ForOptions{
			At:          policy.Location{Option: prefix},
			Origins:     rd.list(prefix+"origins", h.For[i].Origins),
			Permissions: rd.permissions(prefix, &h.For[i].Permissions),
		})
	}
	o.Unknown = rd.incomplete
	if _, _, _, found := placeholder.Find(h.Name); found {
		rd.found.Mistake(policy.Location{Option: "name"}, "name %q has a placeholder, which is not filled in there; write the name itself, or {$NAME}", h.Name)
	}
	return o, rd.found
}

// forPrefix begins the names of the options of a `for`.
func forPrefix(i int) string { return "for[" + strconv.Itoa(i) + "]." }

// reader reads the values of a configuration.
type reader struct {
	fill       placeholder.Filler
	found      policy.Problems
	incomplete bool // some values cannot be known yet
}

func (rd *reader) permissions(prefix string, r *Permissions) policy.PermissionOptions {
	out := policy.PermissionOptions{
		Credentials: r.Credentials,
		Methods:     policy.List{Set: r.Methods != nil, Items: rd.list(prefix+"methods", r.Methods)},
		Headers:     policy.List{Set: r.Headers != nil, Items: rd.list(prefix+"headers", r.Headers)},
		Expose:      policy.List{Set: r.Expose != nil, Items: rd.list(prefix+"expose", r.Expose)},
		MaxAgeAt:    policy.Location{Option: prefix + "max_age"},
	}
	if r.MaxAge != nil {
		d := time.Duration(*r.MaxAge)
		out.MaxAge = &d
	}
	return out
}

// splitter makes the values of a list out of one word.
type splitter func(string) []string

// list reads values that are split on white space and commas.
func (rd *reader) list(option string, values []string) []policy.Item {
	return rd.read(option, values, policy.SplitList)
}

func (rd *reader) read(option string, values []string, split splitter) []policy.Item {
	items := make([]policy.Item, 0, len(values))
	for i, v := range values {
		at := policy.Location{Option: option, Index: i}
		filled, known, err := rd.fill(v)
		if err != nil {
			rd.found.Mistake(at, "%s %q %v", singular(option), v, err)
		}
		if err != nil || !known {
			rd.incomplete = true
			continue
		}
		if filled != "" && !strings.ContainsAny(filled, policy.Separators) {
			items = append(items, policy.Item{Text: filled, At: at}) // of a list of a million, mostly
			continue
		}
		words := split(filled)
		if len(words) == 0 {
			rd.found.Mistake(at, "%s %q is empty; write a value, or set the variable that it comes from", singular(option), v)
			rd.incomplete = true
		}
		for _, word := range words {
			items = append(items, policy.Item{Text: word, At: at})
		}
	}
	return items
}

// singular is the word for one value of an option.
func singular(option string) string {
	return strings.TrimSuffix(option[strings.LastIndexByte(option, '.')+1:], "s")
}
