package policy

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// Field is one header field of the responses to one kind of request.
type Field struct {
	Name  string
	value fieldValue
}

// fieldValue says which value a field has. It is a number and no function:
// through a function value the decision would move to the heap.
type fieldValue uint8

const (
	allowOrigin fieldValue = iota
	allowCredentials
	exposeHeaders
	timingAllowOrigin
	allowMethods
	allowHeaders
	maxAge
)

// ActualFields and MaxFields are how many header fields the decision about an
// actual request can write, and about any. Vary is not among them. A response has
// one bit for each, and one for Vary (see VaryRight), so there is room for seven.
const (
	ActualFields = len(actualFields)
	MaxFields    = max(ActualFields, len(preflightFields))
)

// The header fields of each kind of request (Fetch, section HTTP responses). To
// add one, add a line here, its value above and in Value, and its name in
// httpwords; it belongs to Owns too, so that what an upstream says of it goes.
// Vary is merged with what stands there, so it has a place of its own.
var (
	actualFields = [...]Field{
		{httpwords.AllowOrigin, allowOrigin},
		{httpwords.AllowCredentials, allowCredentials},
		{httpwords.ExposeHeaders, exposeHeaders},
		{httpwords.TimingAllowOrigin, timingAllowOrigin},
	}
	preflightFields = [...]Field{
		{httpwords.AllowOrigin, allowOrigin},
		{httpwords.AllowCredentials, allowCredentials},
		{httpwords.AllowMethods, allowMethods},
		{httpwords.AllowHeaders, allowHeaders},
		{httpwords.MaxAge, maxAge},
	}
)

// Fields are those of the responses to one kind of request.
func (k Kind) Fields() []Field {
	if k == KindPreflight {
		return preflightFields[:]
	}
	return actualFields[:]
}

// Value returns what a decision gives the field; "" where it must not be there.
func (f *Field) Value(p *Policy, d *Decision) string {
	g := d.Permissions
	switch {
	case f.value == timingAllowOrigin:
		return p.TimingAllowOrigin(d)
	case g == nil:
		return ""
	}
	switch f.value {
	case allowOrigin:
		return d.AllowOrigin
	case allowCredentials:
		if g.Credentials {
			return "true"
		}
	case exposeHeaders:
		return g.Expose
	case allowMethods:
		return d.AllowMethods
	case allowHeaders:
		return d.AllowHeaders
	case maxAge:
		return g.maxAge
	case timingAllowOrigin: // above
	}
	return ""
}

// Writes reports whether a decision may give a field of its kind a value.
func (p *Policy) Writes(d *Decision) bool { return d.Permissions != nil || p.timing }

// Wanted tells which fields of its kind a decision gives a value: one bit each, in
// their order.
func (p *Policy) Wanted(d *Decision) (bits uint8) {
	if !p.Writes(d) {
		return 0
	}
	fields := d.Kind.Fields()
	for i := range fields {
		if fields[i].Value(p, d) != "" {
			bits |= 1 << i
		}
	}
	return bits
}

// TimingAllowOrigin returns the value of Timing-Allow-Origin; "" where there must
// be none. It is constant where it can be: images, scripts and navigations send
// no Origin, and are measured too (https://www.w3.org/TR/resource-timing/).
func (p *Policy) TimingAllowOrigin(d *Decision) string {
	switch {
	case !p.timing:
		return ""
	case p.timingOrigins != "":
		return p.timingOrigins
	default:
		return d.AllowOrigin
	}
}

// VaryRight is the bit in the result of Cleanse that says the same of Vary.
const VaryRight = 1 << MaxFields

// Cleanse deletes all fields that the policy owns and does not want, whatever
// their spelling, as trailers too. One with a wrong value stays, for the caller to
// overwrite. It reports which of the kind's fields stand there as
// they should: one bit each, in their order. One walk over the map finds out
// everything.
func (p *Policy) Cleanse(d *Decision, h http.Header) (right uint8) {
	var fields []Field // none where none is wanted
	if p.Writes(d) {
		fields = d.Kind.Fields()
	}
	for name, lines := range h {
		if name == httpwords.Vary { // nobody owns it; see MergeVary
			if len(lines) == 1 && lines[0] == p.Vary(d.Kind) {
				right |= VaryRight
			}
			continue
		}
		want := ""
		i := indexOf(fields, name)
		if i >= 0 {
			want = fields[i].Value(p, d)
		}
		switch {
		case want != "":
			if len(lines) == 1 && lines[0] == want {
				right |= 1 << i
			}
		case p.Owns(name), p.OwnsTrailer(name):
			delete(h, name)
		case name == httpwords.Trailer:
			p.filterTrailer(h, lines)
		}
	}
	return right
}

func indexOf(fields []Field, name string) int {
	for i := range fields {
		if fields[i].Name == name {
			return i
		}
	}
	return -1
}

// Owns reports whether the policy alone decides about a header field: the six
// of the protocol, in any spelling, and Timing-Allow-Origin where it sends that.
// Other Access-Control-* names are none of its business.
func (p *Policy) Owns(name string) bool {
	return httpwords.IsCORSResponseHeader(name) || p.ownsTiming(name)
}

func (p *Policy) ownsTiming(name string) bool {
	return p.timing && len(name) == len(httpwords.TimingAllowOrigin) && strings.EqualFold(name, httpwords.TimingAllowOrigin)
}

// OwnsTrailer does for a trailer that was not announced: net/http sends what
// has this prefix.
func (p *Policy) OwnsTrailer(name string) bool {
	undeclared, ok := strings.CutPrefix(name, http.TrailerPrefix)
	return ok && p.Owns(undeclared)
}

// filterTrailer takes the policy's fields out of the announced trailers. What is
// not announced is not sent as one.
func (p *Policy) filterTrailer(h http.Header, announced []string) {
	var names []string
	for e := (httpwords.Elements{Lines: announced, Trusted: true}); e.Next(); {
		if !p.Owns(e.Element) {
			names = append(names, e.Element)
		}
	}
	if len(names) == 0 {
		delete(h, httpwords.Trailer)
		return
	}
	h[httpwords.Trailer] = names
}

// CleanseTiming deletes Timing-Allow-Origin in all spellings, where the policy
// sends it. It is the policy's also where the upstream's fields of CORS stay.
func (p *Policy) CleanseTiming(h http.Header) {
	if !p.timing {
		return
	}
	for name := range h {
		if p.ownsTiming(name) {
			delete(h, name)
		}
	}
}

// NamesToExpose lists the names that a response carries and that pages cannot
// read otherwise, behind those that the policy names. Browsers take `*` for a
// name when there are credentials (Fetch, CORS protocol and credentials). Date
// is added by the server later.
func (g *Permissions) NamesToExpose(h http.Header) string {
	names := make([]string, 0, len(g.exposeNames)+1+len(h))
	names = append(names, g.exposeNames...)
	listed := len(names)
	for name := range h {
		lower := strings.ToLower(name)
		if lower != "date" && httpwords.IsToken(name) && !httpwords.IsSafelistedResponseHeader(lower) &&
			!httpwords.IsCORSResponseHeader(name) && !httpwords.IsForbiddenResponseHeader(lower) &&
			!containsName(g.exposeNames, name) {
			names = append(names, name)
		}
	}
	if !containsName(g.exposeNames, "Date") {
		names = append(names, "Date")
	}
	slices.Sort(names[listed:])
	return strings.Join(names, ",")
}

func containsName(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return httpwords.EqualNames(n, name) })
}

// HasAllowOrigin reports whether Access-Control-Allow-Origin is there, in any
// spelling.
func HasAllowOrigin(h http.Header) bool {
	if len(h[httpwords.AllowOrigin]) > 0 {
		return true
	}
	for name, values := range h {
		if len(values) > 0 && len(name) == len(httpwords.AllowOrigin) && strings.EqualFold(name, httpwords.AllowOrigin) {
			return true
		}
	}
	return false
}
