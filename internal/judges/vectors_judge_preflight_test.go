package judges_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// judgePreflight checks an answer of the handler's own.
func (v *vectorStep) judgePreflight(t testing.TB, c vectorConfig, a *answer) {
	t.Helper()
	if a.body != "" || a.header.Get("Content-Type") != "" {
		t.Errorf("body %q of type %q, want none", a.body, a.header.Get("Content-Type"))
	}
	asked := v.Request.header(1)
	origins, methods := asked["Origin"], asked["Access-Control-Request-Method"]
	switch allowed := a.header.Get("Access-Control-Allow-Origin") != ""; {
	case !allowed && len(c.Except) == 0 && (slices.Contains(c.Origins, "*") || len(origins) == 1 && slices.Contains(c.Origins, origins[0])):
		t.Errorf("%q is on the list, but was refused", origins)
	case !allowed:
		corstest.WantNothing(t, a.header)
		if a.status != http.StatusForbidden {
			t.Errorf("status %d for a refused origin, want 403", a.status)
		}
	case a.status != http.StatusNoContent:
		t.Errorf("status %d for an allowed origin, want 204", a.status)
	}
	if len(methods) != 1 || !oracle.IsToken(methods[0]) {
		corstest.WantHeader(t, a.header, "Access-Control-Allow-Methods")
	}
	granted := grantOf(a.header)
	names, sane := namesAsked(asked["Access-Control-Request-Headers"])
	granted.judgeTruth(t, &c, methods, names)
	if granted.origin && sane {
		granted.judgeWhole(t, &c, methods, names)
	}
	if e := v.Expect.Covers; e != nil && !granted.covers(c.Credentials, e.Method, e.Headers) {
		t.Errorf("%q, %q do not cover %s with %q", granted.methods, granted.headers, e.Method, e.Headers)
	}
	if !v.Expect.Refused {
		return
	}
	if !sane {
		corstest.WantHeader(t, a.header, "Access-Control-Allow-Headers")
		return
	}
	if granted.origin && len(methods) == 1 && granted.covers(c.Credentials, methods[0], names) {
		t.Errorf("%q, %q cover %s with %q, which must be refused", granted.methods, granted.headers, methods[0], names)
	}
}

// granted is what an answer to a preflight says.
type granted struct {
	origin           bool
	methods, headers []string
}

// grantOf reads an answer as Fetch does, section CORS-preflight fetch, step 7:
// a list with an element that is no token is worth nothing.
func grantOf(h http.Header) granted {
	return granted{h.Get("Access-Control-Allow-Origin") != "", tokens(h["Access-Control-Allow-Methods"]), tokens(h["Access-Control-Allow-Headers"])}
}

func tokens(lines []string) []string {
	list := elementsOf(lines)
	if slices.ContainsFunc(list, func(s string) bool { return !oracle.IsToken(s) }) {
		return nil
	}
	return list
}

// elementsOf splits a list header (RFC 9110, section 5.6.1).
func elementsOf(lines []string) (list []string) {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if element = strings.Trim(element, " \t"); element != "" {
				list = append(list, element)
			}
		}
	}
	return list
}

// namesAsked returns the names that a preflight asks for; sane tells whether
// the list has a size that spec.md promises to read.
func namesAsked(lines []string) (names []string, sane bool) {
	joined := strings.Join(lines, ",")
	names = elementsOf(lines)
	empty := strings.Count(joined, ",") + 1 - len(names)
	return names, len(joined) <= 4096 && (joined == "" || empty <= 32)
}

// covers follows Fetch: `*` is a wildcard only without credentials, and never
// covers Authorization.
func (g *granted) covers(credentials bool, method string, headers []string) bool {
	if !slices.Contains([]string{"GET", "HEAD", "POST"}, method) && !slices.Contains(g.methods, method) &&
		(credentials || !slices.Contains(g.methods, "*")) {
		return false
	}
	for _, name := range headers {
		listed := slices.ContainsFunc(g.headers, func(s string) bool { return strings.EqualFold(s, name) })
		star := !credentials && slices.Contains(g.headers, "*") && !strings.EqualFold(name, "Authorization")
		if !listed && !star {
			return false
		}
	}
	return true
}

// judgeTruth checks that the answer grants nothing that the policy does not.
func (g *granted) judgeTruth(t testing.TB, c *vectorConfig, methods, names []string) {
	t.Helper()
	for _, m := range g.methods {
		star := slices.Contains(c.Methods, "*") && slices.Contains(methods, m)
		if !star && !slices.Contains(c.Methods, m) {
			t.Errorf("method %s is granted, but not by the policy", m)
		}
	}
	has := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
	}
	for _, name := range g.headers {
		star := slices.Contains(c.Headers, "*") && has(names, name) && !strings.EqualFold(name, "Authorization")
		if !star && !has(c.Headers, name) {
			t.Errorf("header %s is granted, but not by the policy", name)
		}
	}
}

// judgeWhole checks that the answer grants what the policy does, even if
// something else that was asked for is not in it: so the browser's console
// names what is missing.
func (g *granted) judgeWhole(t testing.TB, c *vectorConfig, methods, names []string) {
	t.Helper()
	policy := granted{origin: true, methods: c.Methods, headers: c.Headers}
	for _, m := range methods {
		if len(methods) == 1 && policy.covers(false, m, nil) && oracle.IsToken(m) && !oracle.IsForbiddenMethod(m) && !g.covers(c.Credentials, m, nil) {
			t.Errorf("method %s is not granted, but the policy has it", m)
		}
	}
	for _, name := range names {
		if name != "*" && policy.covers(false, "GET", []string{name}) && oracle.IsToken(name) && !g.covers(c.Credentials, "GET", []string{name}) {
			t.Errorf("header %s is not granted, but the policy has it", name)
		}
	}
}
