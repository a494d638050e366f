package lint

import (
	"fmt"
	"slices"
	"strings"
)

func corsAfterAuth(a *audit) {
	for _, c := range a.policies {
		front := a.inFront(c)
		if front == nil || front.kind == policy || front.onlyOPTIONS() { // other rules
			continue
		}
		f := Finding{
			Problem: fmt.Sprintf("`%s` (%s) comes before `%s`", front.title(), front.at, c.node.firstLine()),
			Effect: "it answers preflights, which never carry credentials, before cors sees them, and its own answers have no CORS headers: " +
				"every browser blocks the request, and a page sees a network error instead of the status",
			Cure: "write cors at the top level of the site, where Caddy puts it first by itself, even if the line stands below",
		}
		f.Instead = c.node.atTopLevel()
		switch {
		case c.node.at.path != "":
			f.Cure = "put cors in front"
		case c.node.parent == nil:
			f.Cure, f.Instead = "remove the global option `order cors`: without it cors comes first", nil
		}
		if front.kind != auth {
			f.Effect = "it answers every request before cors sees it, so that no response has CORS headers: every browser blocks pages of other origins"
		}
		a.report(c.node.at, f)
	}
}

// inFront is who answers the preflights for a cors handler before it.
func (a *audit) inFront(c *subject) *node {
	if c.inErrors || c.preflight == nil {
		return nil
	}
	t := send(a.site.routes, *c.preflight, c.node, nil)
	if _, met := t.meets(c.node); met || t.answer == nil {
		return nil
	}
	return t.answer
}

func (n *node) title() string {
	if n.matchWord == "" {
		return n.name
	}
	return n.name + " " + n.matchWord
}

func preflightTaken(a *audit) {
	for _, c := range a.policies {
		front := a.inFront(c)
		if front == nil && !c.inErrors && c.preflight == nil && c.actual != nil && a.culprit(c) == nil {
			front = takenBy(a.opening(*c.actual, nil, nil))
		}
		if front == nil || !front.onlyOPTIONS() {
			continue
		}
		a.report(front.at, Finding{
			Problem: fmt.Sprintf("`%s` answers the preflights of `%s` (%s)", front.title(), c.node.firstLine(), c.node.at),
			Effect:  "preflights never reach cors, so their answers lack its headers: every browser blocks what needs a preflight",
			Cure:    "delete it: cors answers preflights by itself",
		})
	}
}

// takenBy is the handle beside the one with cors that has all the preflights,
// or who answers in it.
func takenBy(t *trip) *node {
	if t.answer != nil {
		return t.answer
	}
	for _, s := range t.steps {
		if s.sure && s.node.set != "" && s.node.kind == group && s.node.onlyOPTIONS() {
			return s.node
		}
	}
	return nil
}

func matcherWithoutOptions(a *audit) {
	for _, c := range a.policies {
		if c.inErrors || c.preflight != nil || c.actual == nil {
			continue
		}
		n := a.culprit(c)
		if n == nil {
			continue
		}
		f := Finding{
			Problem: fmt.Sprintf("`%s` matches no preflight", n.title()),
			Effect:  "preflights are OPTIONS requests without credentials and body; they pass cors by, so every browser blocks what needs one",
			Cure:    "leave the method, and headers that only pages set, out of the matcher",
		}
		if n == c.node {
			f.Instead = n.alone(pathWord(n))
		} else {
			f.Problem += fmt.Sprintf(", and `%s` (%s) stands in it", c.node.firstLine(), c.node.at)
			f.Cure = "write cors outside of the block, at the top level of the site"
			f.Instead = c.node.atTopLevel()
		}
		a.report(n.at, f)
	}
}

// culprit is the node on the way to a cors handler whose matcher no preflight
// meets.
func (a *audit) culprit(c *subject) *node {
	p := c.actual.asPreflight()
	if p.origin == "" {
		p.origin = anyOrigin
	}
	for _, n := range c.node.chain() {
		if n.match.eval(&p) == no {
			return n
		}
		if cut := n.strips(); cut != "" {
			p.path = strings.TrimPrefix(p.path, cut)
		}
	}
	return nil
}

// pathWord is what is left of a matcher when it asks for paths only.
func pathWord(n *node) string {
	if p := onlyPath(n.match); p != "" && strings.HasPrefix(p, "/") {
		return p
	}
	return ""
}

// atTopLevel writes a cors directive as it can stand at the top level of its
// site, if one path says for what it is.
func (n *node) atTopLevel() []string {
	paths, hosts := placeOf(n)
	switch {
	case len(hosts) > 0 || len(otherTests(n)) > 0 || len(paths) > 1 || len(paths) == 1 && !strings.HasPrefix(paths[0], "/"):
		return nil
	case len(paths) == 1:
		return n.alone(paths[0])
	}
	return n.alone("")
}

// alone writes a cors directive with another matcher, so that it can stand
// elsewhere. It cannot if its matcher has a name; and JSON has no such lines.
func (n *node) alone(matchWord string) []string {
	if n.at.path != "" || strings.HasPrefix(matchWord, "@") {
		return nil
	}
	head := []string{"cors"}
	switch {
	case matchWord != "":
		head = append(head, matchWord)
	case len(n.cors.words) > 0 && n.cors.words[0] == "*": // would be a matcher
		head = append(head, "*")
	}
	line := words(append(head, n.cors.words...))
	if len(n.cors.block) == 0 {
		return []string{line}
	}
	out := []string{line + " {"}
	for _, l := range n.cors.block {
		out = append(out, "\t"+l)
	}
	return append(out, "}")
}

// matcherOnlyRoot: in Caddy v1 a path stood for all below it.
func matcherOnlyRoot(a *audit) {
	for _, s := range slices.Concat(a.policies, a.writers) {
		n := s.node
		m := n.match
		if n.at.path != "" && n.parent != nil { // in JSON the route has it
			m = n.parent.match
		}
		if len(m) != 1 || len(m[0]) != 1 || onlyPath(m) != "/" {
			continue
		}
		f := Finding{
			Problem: fmt.Sprintf("`%s` is for the path / alone, not for what is below it", n.title()),
			Effect:  "no other response has CORS headers: every browser blocks them for pages of other origins",
			Cure:    "leave the matcher out, or write /*",
		}
		if n.kind == policy {
			f.Instead = n.alone("")
		}
		a.report(n.at, f)
	}
}

func matcherOnOrigin(a *audit) {
	for _, c := range a.policies {
		tests := originTests(c.node)
		if len(tests) == 0 || c.inErrors {
			continue
		}
		f := Finding{
			Problem: fmt.Sprintf("`%s` is reached only if %s", c.node.firstLine(), tests[0].quote(tests[0].values...)),
			Effect: "a response to any other request lacks `Vary: Origin`, so that caches hand it to pages of allowed origins, where every browser blocks it; " +
				"preflights of other origins go on to authentication or the upstream",
			Cure:    "let cors see every request: it looks at Origin itself",
			Instead: c.node.atTopLevel(),
		}
		a.report(tests[0].at, f)
	}
}

// originTestsOf tells whether the node's own matcher looks at Origin.
func originTestsOf(n *node) bool {
	return len(originTests(&node{match: n.match})) > 0
}

// quote quotes a test, or one of its values.
func (t *test) quote(values ...string) string {
	if t.said != "" {
		return "`" + t.said + "`"
	}
	return "`" + t.kind + " " + t.field + " " + words(values) + "`"
}
