package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Refuse says what would keep the page from reading a response that it can read:
// the opposite of Cure.
func (e *Explanation) Refuse() string {
	d := e.Policy()
	switch {
	case e.Verdict.Tainting == browser.TaintingBasic && e.request.Mode != browser.ModeWebSocket:
		return "page and URL have the same origin, so no CORS header keeps the page out"
	case e.request.Mode == browser.ModeWebSocket:
		return e.refuseHandshake(d)
	case d == nil || d.Decision != "allowed":
		if w := handWritten(e.last().answer); w != "" {
			return fmt.Sprintf("%s, written by hand, lets it in: remove it, or put a policy in its place", w)
		}
		return "the upstream lets it in: put a policy in front of it, whose origins are those that may read"
	case d.By.Config["upstream"] == "keep":
		return fmt.Sprintf("the policy at %s says \"upstream keep\", so the upstream decides: take that line out", d.By.Place)
	}
	p := policyOf(d.By)
	return fmt.Sprintf("%s of the policy at %s%s", e.narrow(p), d.By.Place, textOrNothing(p))
}

// textOrNothing is the policy where it can be written whole.
func textOrNothing(p *policy) string {
	if !p.whole {
		return ""
	}
	return strings.TrimRight(strings.ReplaceAll(": "+p.text(), ": \n", ":\n"), "\n")
}

// narrow takes from a policy what lets the page in: its method, its credentials, or
// else its origin. It says which.
func (e *Explanation) narrow(p *policy) string {
	o := e.page.Origin.String()
	method := browser.NormalizeMethod(e.request.Method)
	if method != "" && !isSafelisted(method) {
		listed := slices.DeleteFunc(p.usual(o, "methods", usualMethods), func(m string) bool { return m == method || m == "*" })
		p.set(o, "methods", listed)
		return "take " + method + " out of the methods"
	}
	if e.wantsCredentials() {
		if entry := p.entry(o); entry != nil {
			entry["credentials"] = false
		} else {
			delete(p.config, "credentials")
		}
		return "take away the credentials"
	}
	p.refuse(o)
	return "take " + o + " out of the origins"
}

// refuse takes an origin away from a policy.
func (p *policy) refuse(origin string) {
	origins := slices.DeleteFunc(wordsOf(p.config, "origins"), func(w string) bool { return w == origin })
	p.config["origins"] = anyList(origins)
	list := slices.DeleteFunc(rehearsal.List(p.config, "for"), func(f any) bool {
		entry := rehearsal.Map(f)
		left := slices.DeleteFunc(wordsOf(entry, "origins"), func(w string) bool { return w == origin })
		entry["origins"] = anyList(left)
		return len(left) == 0
	})
	if p.config["for"] = list; len(list) == 0 {
		delete(p.config, "for")
	}
	_, regexps := p.config["origin_regexp"]
	_, sources := p.config["origins_from"]
	covered := regexps || sources || p.entry(origin) != nil ||
		slices.ContainsFunc(origins, func(w string) bool { return w == "*" || coversOrigin(w, origin) })
	switch {
	case covered:
		p.config["except"] = anyList(append(wordsOf(p.config, "except"), origin))
	case len(origins) == 0 && len(list) == 0:
		p.whole = false // then no policy is left
	}
}

func (e *Explanation) refuseHandshake(d *rehearsal.Decision) string {
	const why = "browsers leave it to the server which pages may open a WebSocket"
	if d == nil {
		return why + ": put a policy with `enforce websockets` into the site, whose origins are those that may"
	}
	if !slices.Contains(wordsOf(d.By.Config, "enforce"), "websockets") && !slices.Contains(wordsOf(d.By.Config, "enforce"), "requests") {
		return fmt.Sprintf("%s: add `enforce websockets` to the policy at %s", why, d.By.Place)
	}
	p := policyOf(d.By)
	p.refuse(e.page.Origin.String())
	return fmt.Sprintf("take %s out of the origins of the policy at %s%s", e.page.Origin, d.By.Place, textOrNothing(p))
}
