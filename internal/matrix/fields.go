package matrix

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Key is a header field with a value that a matcher wants of it.
type Key struct{ Name, Value string }

// usual are values that fields of a page's request mostly have, the first of them where
// nothing asks for another.
var usual = map[string][]string{
	"accept":          {anything, "application/json"},
	"accept-encoding": {"gzip, deflate, br, zstd"},
	"accept-language": {"en-US,en;q=0.5"},
	"authorization":   {"Bearer x"},
	"content-type":    {"application/json"},
	"range":           {"bytes=0-1,3-4"},
	"sec-fetch-dest":  {"empty"},
	"sec-fetch-mode":  {"cors"},
	"sec-fetch-site":  {"cross-site"},
	"user-agent":      {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
}

// anything is the Accept of preflights, and of pages that set none.
const anything = "*/*"

// carried are fields that browsers put into preflights, too.
var carried = regexp.MustCompile(`(?i)^(accept|accept-encoding|accept-language|connection|host|origin|referer|user-agent|access-control-request-.*|sec-.*)$`)

// byBrowser reports whether browsers send a field, and no page sets it.
func byBrowser(name string) bool {
	return httpwords.IsForbiddenRequestHeader(strings.ToLower(name)) || carried.MatchString(name) && !isAccept(name)
}

func isAccept(name string) bool  { return strings.EqualFold(name, "Accept") }
func isCookie(name string) bool  { return strings.EqualFold(name, "Cookie") }
func isReferer(name string) bool { return strings.EqualFold(name, "Referer") }

// keysOf are those that pages set. Who asks without one may get another answer
// altogether, a 401 for instance.
func keysOf(s *Site) (all []Key) {
	for _, h := range s.Handlers {
		for _, set := range setsOf(h.Matchers) {
			for _, one := range append(rehearsal.List(set, "not"), set) {
				for _, f := range fieldsIn(one) {
					if f.Value != "" && !byBrowser(f.Name) && !isAccept(f.Name) {
						all = addNew(all, f.Key)
					}
				}
			}
		}
	}
	return all[:min(len(all), maxClients)]
}

// FieldsWanted are fields without which nothing comes to a handler, with values that
// fit, as far as such are found. Referer has none, as it says who asks.
func FieldsWanted(h *rehearsal.Handler) (all []Key) {
	for _, sets := range h.Matchers {
		for _, f := range wantedIn(sets) {
			if isReferer(f.Name) || f.Value != "" {
				all = addNew(all, f.Key)
			}
		}
	}
	return all
}

// HeadersWanted are the fields of the request without which nothing comes to a
// handler, and which no preflight has.
func HeadersWanted(h *rehearsal.Handler) (all []string) {
	for _, sets := range h.Matchers {
		for _, f := range wantedIn(sets) {
			if !carried.MatchString(f.Name) || isAccept(f.Name) && !f.fits(anything) {
				all = addNew(all, f.Name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// AskedFor are the header fields that the site's matchers look for among those that a
// preflight asks for.
func (s *Site) AskedFor() (all []string) {
	for _, h := range s.Handlers {
		for _, set := range setsOf(h.Matchers) {
			for _, v := range rehearsal.Words(set, "header", httpwords.RequestHeaders) {
				all = addNew(all, splitList(strings.ReplaceAll(v, "*", ","))...)
			}
		}
	}
	return all[:min(len(all), maxWishes)]
}

// wantedIn are the fields of the first set that has some. None: one set has none.
func wantedIn(sets any) (first []field) {
	for _, set := range rehearsal.List(sets) {
		fields := fieldsIn(set)
		if len(fields) == 0 {
			return nil
		}
		if first == nil {
			first = fields
		}
	}
	return first
}

// field is what a matcher wants of a header field, with a value that fits. Empty: none
// was found.
type field struct {
	Key
	fits func(value string) bool
}

// fieldsIn are the fields that a set of matchers wants, but for those of CORS.
func fieldsIn(set any) (all []field) {
	compared, matched := rehearsal.Map(set, "header"), rehearsal.Map(set, "header_regexp")
	for _, name := range slices.Sorted(maps.Keys(compared)) {
		if values := rehearsal.Words(compared, name); compared[name] != nil && !aboutCORS(map[string]any{name: ""}) {
			texts := make([]string, 0, len(values))
			for _, v := range values {
				texts = append(texts, strings.Trim(v, "*"))
			}
			all = append(all, fieldOf(name, comparing(name, values), texts))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(matched)) {
		pattern, _ := rehearsal.Dig(matched, name, "pattern").(string)
		if re, err := regexp.Compile(pattern); err == nil && !aboutCORS(map[string]any{name: ""}) {
			all = append(all, fieldOf(name, re.MatchString, samples(pattern, []string{""}, re.MatchString)))
		}
	}
	for _, e := range expressionsOf(set) {
		for _, m := range comparedInCEL.FindAllStringSubmatch(e, maxMethods) {
			if !strings.Contains(e, "||") && !aboutCORS(map[string]any{m[1]: ""}) {
				all = append(all, fieldOf(m[1], func(value string) bool { return value == m[2] }, m[2:]))
			}
		}
	}
	return all
}

// comparedInCEL finds a field that an expression compares with a value.
var comparedInCEL = regexp.MustCompile(`\{http\.request\.header\.([^{}]+)\}\s*==\s*["']([^"'\\]*)["']`)

// fieldOf finds a value that fits: a usual one, else one of those texts, which only the
// fields can have that pages set, a browser's name and cookies.
func fieldOf(name string, fits func(string) bool, texts []string) field {
	f := field{Key{Name: name}, fits}
	candidates := usual[strings.ToLower(name)]
	if free := !byBrowser(name) || isCookie(name) || strings.EqualFold(name, "User-Agent"); free {
		candidates = slices.Concat(candidates, texts, []string{"1"})
	}
	if i := slices.IndexFunc(candidates, func(v string) bool { return v != "" && !strings.Contains(v, "{") && fits(v) }); i >= 0 {
		f.Value = candidates[i]
	}
	return f
}

// comparing reports what Caddy's matcher says of a value.
func comparing(name string, wanted []string) func(value string) bool {
	return func(value string) bool {
		r := &http.Request{Header: http.Header{http.CanonicalHeaderKey(name): {value}}}
		matched, err := caddyhttp.MatchHeader{name: wanted}.MatchWithError(r.WithContext(context.WithValue(context.Background(), caddy.ReplacerCtxKey, caddy.NewReplacer())))
		return err == nil && matched
	}
}

// PageHeaders are the fields that the page sets.
func (q Question) PageHeaders() browser.Headers {
	headers := make(browser.Headers, 0, len(q.Headers)+len(q.Fields))
	for _, name := range q.fieldNames() {
		value := "1"
		if values := usual[strings.ToLower(name)]; values != nil {
			value = values[0]
		}
		if i := slices.IndexFunc(q.Fields, func(k Key) bool { return strings.EqualFold(k.Name, name) }); i >= 0 {
			value = q.Fields[i].Value
		}
		if !byBrowser(name) {
			headers = append(headers, [2]string{name, value})
		}
	}
	return headers
}

// Besides are fields that the browser adds to a request, or to a preflight: that one has
// no cookies.
func (q Question) Besides(s browser.Sent) (all browser.Headers) {
	for _, k := range q.Fields {
		value := k.Value
		if isReferer(k.Name) {
			value = cmp.Or(q.Origin, Anybody) + "/"
		}
		switch {
		case !byBrowser(k.Name), isCookie(k.Name) && !s.Credentials, isReferer(k.Name) && !strings.Contains(value, "."): // null, and file://
		default:
			all = append(all, [2]string{k.Name, value})
		}
	}
	return all
}

// fieldNames are those of the fields that were chosen.
func (q Question) fieldNames() []string {
	names := slices.Clone(q.Headers)
	for _, k := range q.Fields {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, k.Name) }) {
			names = append(names, k.Name)
		}
	}
	return names
}

// Authorizes reports whether Authorization had a part in an answer: an authentication, a
// matcher for it, or a handler that passes it on.
func Authorizes(a *rehearsal.Answer) bool {
	return a != nil && (a.Authentication || slices.ContainsFunc(a.Ran, func(h *rehearsal.Handler) bool {
		return ofAuthorization.MatchString(rehearsal.Compact(h.Config)) || slices.ContainsFunc(setsOf(h.Matchers), func(set any) bool {
			return slices.ContainsFunc(append(rehearsal.List(set, "not"), set), func(one any) bool {
				return slices.ContainsFunc(fieldsIn(one), func(f field) bool { return strings.EqualFold(f.Name, "Authorization") })
			})
		})
	}))
}

var ofAuthorization = regexp.MustCompile(`(?i)\{http\.request\.header\.authorization\}`)
