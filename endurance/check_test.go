package endurance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// answers are what a response may look like: several where a list was about to
// change, or an endpoint was down.
func (w *world) answers(x *exchange) (possible []*oracle.Answer) {
	p := x.site.policy(x.generation)
	origin := x.header.Get("Origin")
	listings := []listing{listedNo}
	if p != nil {
		switch p.listed {
		case fromFile:
			listings = w.list.listings(origin, x.sent, x.received)
		case fromStillFile:
			if origin == inStillFile {
				listings = []listing{listedYes}
			}
		case fromEndpoint:
			listings = w.endpoint.listings(origin, "", x.sent)
		case fromTenants:
			listings = w.endpoint.listings(origin, x.site.host, x.sent)
		case noSource:
		}
	}
	for _, l := range listings {
		possible = append(possible, p.expect(x.request, l))
	}
	return possible
}

// check judges a response. It returns the answer that it fits, or what is wrong
// with it.
func (w *world) check(x *exchange) (*oracle.Answer, error) {
	if !w.chronicle.possible(x) {
		return nil, fmt.Errorf("generation %d answered, which was not in force", x.generation)
	}
	var all []string
	for _, a := range w.answers(x) {
		wrong := compare(a, x)
		if !slices.Contains(w.statuses(x, a), x.status) {
			wrong = append(wrong, fmt.Sprintf("status %d, want one of %d", x.status, w.statuses(x, a)))
		}
		if len(wrong) == 0 {
			return a, nil
		}
		all = append(all, strings.Join(wrong, "; "))
	}
	return nil, fmt.Errorf("%s\n\tgeneration %d, status %d, %s, headers %.600q", strings.Join(all, "\n\tor "), x.generation, x.status, x.proto, x.response)
}

// upstreamSpoke returns the CORS headers that came from an upstream.
func (x *exchange) upstreamSpoke() http.Header {
	if x.response.Get("X-Upstream") == "" {
		return nil
	}
	_, word, _ := strings.Cut(x.query, "cors=")
	return spoken[word]
}

// compare returns what is wrong with the headers of a response.
func compare(a *oracle.Answer, x *exchange) (wrong []string) {
	p := x.site.policy(x.generation)
	spoke := x.upstreamSpoke()
	want := make(map[string][]string)
	switch {
	case a.Untouched, p.keep && len(spoke[allowOrigin]) > 0:
		for name, values := range spoke {
			if oracle.IsOwned(name) {
				want[name] = values
			}
		}
	default:
		for name, value := range a.Fields {
			want[http.CanonicalHeaderKey(name)] = []string{value}
		}
		if a.ExposeCarried {
			wrong = append(wrong, compareExposed(x.response)...)
			want[exposeHeaders] = x.response[exposeHeaders]
		}
	}
	if spoilt(a, x) {
		spoil(want)
	}
	for name, values := range x.response {
		if _, ok := want[name]; !ok && (oracle.IsOwned(name) || name == timingAllow) {
			wrong = append(wrong, fmt.Sprintf("%s: %q must not be there", name, values))
		}
	}
	for name, values := range want {
		if got := x.response[name]; !slices.Equal(got, values) {
			wrong = append(wrong, fmt.Sprintf("%s: %.200q, want %.200q", name, got, values))
		}
	}
	wrong = append(wrong, compareVary(a, x, spoke["Vary"])...)
	return append(wrong, compareDebug(a, p, x)...)
}

// The headers that are judged.
const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowMethods     = "Access-Control-Allow-Methods"
	allowHeaders     = "Access-Control-Allow-Headers"
	exposeHeaders    = "Access-Control-Expose-Headers"
	maxAge           = "Access-Control-Max-Age"
	timingAllow      = "Timing-Allow-Origin"
)

// spoilt: on the path /spoil a directive in front edits values in place, but
// not those of errors.
func spoilt(a *oracle.Answer, x *exchange) bool {
	return x.path == "/spoil" && (x.status < 400 || a.Kind == "preflight")
}

// spoil does what that directive does.
func spoil(want map[string][]string) {
	if values := want[allowOrigin]; len(values) == 1 {
		want[allowOrigin] = []string{strings.ReplaceAll(values[0], "https", "spoilt")}
	}
}

// compareVary: every token that is needed, once, and no other than those of the
// handlers behind.
func compareVary(a *oracle.Answer, x *exchange, spoke []string) (wrong []string) {
	want := slices.Clone(a.Vary)
	if spoilt(a, x) && len(want) > 0 && want[0] == "origin" {
		want[0] = "spoilt"
	}
	others := splitLower(spoke)
	got := splitLower(x.response["Vary"])
	if !a.Untouched && slices.Contains(others, "*") {
		want, others = []string{"*"}, nil
	}
	for _, token := range want {
		if n := count(got, token); n != 1 {
			wrong = append(wrong, fmt.Sprintf("Vary: %q has %s %d times", x.response["Vary"], token, n))
		}
	}
	for _, token := range others {
		if count(got, token) == 0 {
			wrong = append(wrong, fmt.Sprintf("Vary: %q lacks the upstream's %s", x.response["Vary"], token))
		}
	}
	for _, token := range got {
		if token != "accept-encoding" && !slices.Contains(want, token) && !slices.Contains(others, token) {
			wrong = append(wrong, fmt.Sprintf("Vary: %q has %s", x.response["Vary"], token))
		}
	}
	return wrong
}

func splitLower(lines []string) (tokens []string) {
	for token := range strings.SplitSeq(strings.ToLower(strings.Join(lines, ",")), ",") {
		if token = strings.Trim(token, " \t"); token != "" {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

func count(list []string, s string) (n int) {
	for _, e := range list {
		if e == s {
			n++
		}
	}
	return n
}

func compareDebug(a *oracle.Answer, p *policy, x *exchange) []string {
	lines := x.response["Cors-Debug"]
	switch {
	case a.Untouched || !p.debug:
		if len(lines) > 0 {
			return []string{fmt.Sprintf("Cors-Debug: %q must not be there", lines)}
		}
		return nil
	case len(lines) != 1:
		return []string{fmt.Sprintf("Cors-Debug: %d lines", len(lines))}
	}
	want := fmt.Sprintf("policy=%q, decision=%s", p.name, a.Verdict)
	if a.Reason != "" {
		want += ", reason=" + a.Reason
	}
	if got, _, _ := strings.Cut(lines[0], ", detail="); got != want {
		return []string{fmt.Sprintf("Cors-Debug: %q, want %q", lines[0], want)}
	}
	return nil
}

// compareExposed: `expose *` with credentials names what the response carries.
// Some headers are added or taken away on the way out.
func compareExposed(h http.Header) (wrong []string) {
	const safe = ",cache-control,content-language,content-length,content-type,expires,last-modified,pragma,"
	const transport = ",date,connection,upgrade,transfer-encoding,trailer,keep-alive,"
	lines := h[exposeHeaders]
	if len(lines) > 1 {
		return []string{fmt.Sprintf("%s: %d lines", exposeHeaders, len(lines))}
	}
	names := splitLower(lines)
	for name := range h {
		in := func(list string) bool { return strings.Contains(list, ","+strings.ToLower(name)+",") }
		hidden := oracle.IsOwned(name) || name == "Set-Cookie" || in(safe)
		// Nobody asks the handler again when an error route adds a header.
		late := in(transport) || name == "X-Styled"
		switch n := count(names, strings.ToLower(name)); {
		case hidden && n != 0:
			wrong = append(wrong, fmt.Sprintf("%s: %q has %s", exposeHeaders, lines, name))
		case !hidden && n != 1 && !late:
			wrong = append(wrong, fmt.Sprintf("%s: %q has %s %d times", exposeHeaders, lines, name, n))
		}
	}
	for _, name := range names {
		if len(h[http.CanonicalHeaderKey(name)]) == 0 && !strings.Contains(transport, ","+name+",") {
			wrong = append(wrong, fmt.Sprintf("%s: %q has %s, which is not there", exposeHeaders, lines, name))
		}
	}
	return wrong
}

// statuses are those that the backend of a path can answer.
func (w *world) statuses(x *exchange, a *oracle.Answer) []int {
	if !a.Passed {
		return []int{a.Status}
	}
	read := x.method == http.MethodGet || x.method == http.MethodHead
	switch x.path {
	case "/files/data.txt":
		if !read {
			return []int{http.StatusMethodNotAllowed}
		}
		if strings.Contains(x.header.Get("Range"), "999999") {
			return []int{http.StatusRequestedRangeNotSatisfiable}
		}
		if x.header.Get("Range") != "" {
			return []int{http.StatusPartialContent}
		}
	case "/files/missing.txt":
		return []int{http.StatusNotFound}
	case "/socket", "/steady/socket":
		return []int{http.StatusSwitchingProtocols}
	case "/mortal/x":
		if !repeatable(x.method) || !w.mortal.alive(x.sent) {
			return []int{http.StatusOK, http.StatusBadGateway}
		}
	case "/small":
		if len(x.body) > 16 {
			return []int{http.StatusRequestEntityTooLarge}
		}
	case "/dead":
		return []int{http.StatusBadGateway}
	case "/secret":
		return []int{http.StatusUnauthorized}
	case "/fail":
		return []int{http.StatusServiceUnavailable}
	case "/moved":
		return []int{http.StatusFound}
	}
	return []int{http.StatusOK}
}
