package cors

import (
	"net/http"
	"slices"
	"strings"
)

// maxFields is the most header fields that one decision writes: five of CORS,
// and Vary, which has the last place.
const (
	maxFields   = 6
	exposeField = 2 // of an actual request
	varyField   = maxFields - 1
)

// fields are the headers of one decision: their names or their values.
type fields [maxFields]string

// The headers that a decision writes, in the order of decision.fields.
var (
	actualNames    = fields{headerAllowOrigin, headerAllowCredentials, headerExposeHeaders, headerTimingAllow, "", headerVary}
	preflightNames = fields{headerAllowOrigin, headerAllowCredentials, headerAllowMethods, headerAllowHeaders, headerMaxAge, headerVary}
)

// fields returns the names of the headers that a decision is about, and their
// values; an empty value means that the header must not be there. In a Vary
// there may be more.
func (d *decision) fields(p *policy) (names *fields, v fields) {
	v[0] = d.allowOrigin
	v[varyField] = p.vary(d.kind)
	g := d.grant
	if g != nil && g.credentials {
		v[1] = "true"
	}
	if d.kind == kindPreflight {
		v[2], v[3] = d.allowMethods, d.allowHeaders
		if g != nil {
			v[4] = g.maxAge
		}
		return &preflightNames, v
	}
	if g != nil {
		v[exposeField] = g.expose
	}
	if p.timing {
		v[3] = d.allowOrigin
	}
	return &actualNames, v
}

// cleanse deletes all headers that the policy owns and does not want, whatever
// their spelling, and reports which of the wanted fields stand there as they
// should: one bit each. One walk over the map finds out everything.
func (p *policy) cleanse(h http.Header, names, want *fields) (right uint8) {
	for name, lines := range h {
		switch i := slices.Index(names[:], name); {
		case i >= 0 && want[i] != "":
			if len(lines) == 1 && lines[0] == want[i] {
				right |= 1 << i
			}
		case p.owns(name), p.ownsTrailer(name):
			delete(h, name)
		case name == headerTrailer:
			p.filterTrailer(h, lines)
		}
	}
	return right
}

// owns reports whether the policy alone decides about a header.
func (p *policy) owns(name string) bool {
	return hasAccessControlPrefix(name) || p.timing && strings.EqualFold(name, headerTimingAllow)
}

// ownsTrailer does for a trailer that was not announced: net/http sends what
// has this prefix.
func (p *policy) ownsTrailer(name string) bool {
	undeclared, ok := strings.CutPrefix(name, http.TrailerPrefix)
	return ok && p.owns(undeclared)
}

// filterTrailer takes CORS headers out of the announced trailers. What is not
// announced is not sent as one.
func (p *policy) filterTrailer(h http.Header, announced []string) {
	var names []string
	for e := (elements{lines: announced, trusted: true}); e.next(); {
		if !p.owns(e.element) {
			names = append(names, e.element)
		}
	}
	if len(names) == 0 {
		delete(h, headerTrailer)
		return
	}
	h[headerTrailer] = names
}

// namesToExpose lists the names that a response carries and that pages cannot
// read otherwise.
func namesToExpose(h http.Header) string {
	names := make([]string, 0, len(h))
	for name := range h {
		lower := strings.ToLower(name)
		if isToken(name) && !isSafelistedResponseHeader(lower) && !hasAccessControlPrefix(name) &&
			lower != "set-cookie" && lower != "set-cookie2" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// hasAllowOrigin looks for the header in any spelling.
func hasAllowOrigin(h http.Header) bool {
	if len(h[headerAllowOrigin]) > 0 {
		return true
	}
	for name, values := range h {
		if len(values) > 0 && len(name) == len(headerAllowOrigin) && strings.EqualFold(name, headerAllowOrigin) {
			return true
		}
	}
	return false
}
