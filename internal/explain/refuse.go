package explain

import (
	"fmt"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// Refuse says what would keep the page from reading a response that it can read:
// the opposite of Cure.
func (e *Explanation) Refuse() string {
	d, o := e.Policy(), e.page.Origin.String()
	socket := e.request.Mode == browser.ModeWebSocket
	switch {
	case e.Verdict.Tainting == browser.TaintingBasic && !socket:
		return "page and URL have the same origin, so no CORS header keeps the page out"
	case socket && d == nil:
		return leftToServer + ": put a policy with `enforce websockets` into the site, whose origins are those that may"
	case d == nil || d.Decision != "allowed" && !socket:
		if w := handWritten(e.last().answer, "access-control-allow-"); w != "" {
			return "what is written by hand lets it in: remove " + w + ", or put a policy in its place"
		}
		return "the upstream lets it in: put a policy in front of it, whose origins are those that may read"
	case d.By.Config["upstream"] == "keep" && !socket:
		return fmt.Sprintf("the policy at %s says \"upstream keep\", so the upstream decides: take that line out", d.By.Place)
	}
	p, method := policyOf(d.By), browser.NormalizeMethod(e.request.Method)
	enforced := WordsOf(p.config, "enforce")
	switch {
	case socket && !slices.Contains(enforced, "websockets") && !slices.Contains(enforced, "requests"):
		return fmt.Sprintf("%s: add `enforce websockets` to the policy at %s", leftToServer, d.By.Place)
	case method != "" && !httpwords.IsSafelistedMethod(method):
		p.of(o, "methods")["methods"] = slices.DeleteFunc(p.usual(o, "methods", check.UsualMethods), func(m string) bool { return m == method || m == "*" })
		return p.offer("take %s out of the methods of the policy at %s", method, d.By.Place)
	case e.wantsCredentials():
		if entry := p.entry(o); entry != nil {
			entry["credentials"] = false
		} else {
			delete(p.config, "credentials")
		}
		return p.offer("take away the credentials of the policy at %s", d.By.Place)
	}
	p.refuse(o)
	return p.offer("take %s out of the origins of the policy at %s", o, d.By.Place)
}

const leftToServer = "browsers leave it to the server which pages may open a WebSocket"
