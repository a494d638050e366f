package lint

import (
	"fmt"
	"slices"
)

// opened says how the preflight of a grant ends.
type opened struct {
	by     *node  // who answers
	how    string // why that is no success; "" if it is one
	auth   *node  // who refuses it before
	taken  *node  // the answer to OPTIONS that comes too late for that
	origin bool   // the answer has an Access-Control-Allow-Origin
}

func (a *audit) openedBy(g *grant) opened {
	t := g.opening
	o := opened{by: t.answer, how: refusal(t.answer)}
	op, _ := t.sends(allowOrigin, func(string) bool { return true })
	o.origin = op != nil
	if t.answer == nil || t.answer.kind != auth {
		return o
	}
	o.auth = t.answer
	later := a.opening(t.probe, g.node, func(n *node) bool { return n.kind == auth })
	if later.answer != nil && later.answer.onlyOPTIONS() && refusal(later.answer) == "" {
		o.taken = later.answer
	}
	return o
}

// refusal says why a handler's answer to a preflight is no success.
func refusal(n *node) string {
	if n == nil {
		return ""
	}
	switch n.kind {
	case auth:
		return "refuses it, because preflights never carry credentials"
	case proxy:
		return "hands it to the upstream, which may answer anything"
	case files:
		return "answers 405, or 404 where there is no file"
	case redirect:
		return "redirects it, and browsers follow no redirect of a preflight"
	case fail:
		return "ends it with an error"
	case respond:
		if n.status < 200 || n.status > 299 {
			return fmt.Sprintf("answers %d", n.status)
		}
	default: // does not answer
	}
	return ""
}

// wantsPreflights returns the operation that shows that preflights are meant to
// work.
func (g *grant) wantsPreflights() *op {
	for _, name := range preflightOnly {
		for _, t := range []*trip{g.opening, g.answer} {
			if t != nil {
				if o, sure := t.sends(name, func(string) bool { return true }); sure {
					return o
				}
			}
		}
	}
	for _, o := range g.node.ops {
		if slices.Contains(preflightOnly, o.name) {
			return o
		}
	}
	return nil
}

func preflightNotAnswered(a *audit) {
	for _, g := range a.grants {
		wants := g.wantsPreflights()
		o := a.openedBy(g)
		if wants == nil || o.taken != nil || o.how == "" && o.origin || g.opening.answer == nil && g.opening.unsure != nil {
			continue
		}
		f := Finding{
			Effect: "every browser blocks requests that need a preflight: methods other than GET, HEAD and POST, JSON bodies, Authorization and other headers",
			Cure:   "let cors answer preflights",
		}
		switch {
		case o.how != "":
			f.Problem = fmt.Sprintf("`%s` is for preflights, but `%s` (%s) %s", wants, o.by.title(), o.by.at, o.how)
		case o.by != nil:
			f.Problem = fmt.Sprintf("`%s` (%s) answers preflights without %s", o.by.title(), o.by.at, allowOrigin)
		default:
			f.Problem = fmt.Sprintf("preflights are answered without %s", allowOrigin)
		}
		a.reportPolicy(g.op.at, g.subject, f)
	}
}

func preflightAfterAuth(a *audit) {
	for _, g := range a.grants {
		o := a.openedBy(g)
		if o.taken == nil {
			continue
		}
		a.reportPolicy(o.taken.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` is meant to answer preflights, but `%s` (%s) comes first", o.taken.title(), o.auth.title(), o.auth.at),
			Effect:  "preflights never carry credentials, so they are refused; every browser blocks what needs one",
			Cure:    "let cors answer preflights: it comes before authentication by itself",
		})
	}
}
