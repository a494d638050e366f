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
	exposeField = 2 // of an actual request, as the next
	timingField = 3
	varyField   = maxFields - 1
)

// fields are the headers of one decision: their names or their values.
type fields [maxFields]string

// The names of the headers that a decision writes, in the order of its fields.
var (
	actualNames    = fields{headerAllowOrigin, headerAllowCredentials, headerExposeHeaders, headerTimingAllow, "", headerVary}
	preflightNames = fields{headerAllowOrigin, headerAllowCredentials, headerAllowMethods, headerAllowHeaders, headerMaxAge, headerVary}
)

// names are those of the headers that a decision is about.
func (j *judgment) names() *fields {
	if j.kind == kindPreflight {
		return &preflightNames
	}
	return &actualNames
}

// field returns the value of one of these headers; an empty one means that it
// must not be there. In a Vary there may be more. Only a preflight has lists.
func (j *judgment) field(p *policy, l *lists, i int) string {
	g := j.grant
	switch {
	case i == varyField:
		return p.vary(j.kind)
	case g == nil:
		return ""
	case i == 0:
		return j.allowOrigin
	case i == 1 && g.credentials:
		return "true"
	case i == 1:
		return ""
	case j.kind == kindPreflight:
		return j.preflightField(l, i)
	case i == exposeField:
		return g.expose
	case i == timingField && p.timing:
		return j.allowOrigin
	}
	return ""
}

func (j *judgment) preflightField(l *lists, i int) string {
	switch i {
	case 2:
		return l.allowMethods
	case 3:
		return l.allowHeaders
	default:
		return j.grant.maxAge
	}
}

// cleanse deletes all headers that the policy owns and does not want, whatever
// their spelling, and reports which of the wanted fields stand there as they
// should: one bit each. One walk over the map finds out everything.
func (j *judgment) cleanse(p *policy, l *lists, h http.Header) (right uint8) {
	names := j.names()
	for name, lines := range h {
		i := slices.Index(names[:], name)
		want := ""
		if i >= 0 {
			want = j.field(p, l, i)
		}
		switch {
		case want != "":
			if len(lines) == 1 && lines[0] == want {
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
