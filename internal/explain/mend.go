package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// wants is what a policy lacks for the page's request, its origin apart.
type wants struct {
	methods, headers []string // the whole list that the option needs; nil: nothing
	added            []string // what is new in it, in words
	credentials      bool
}

func (e *Explanation) wants(p *policy) (w wants) {
	o := e.page.Origin.String()
	w.credentials = e.wantsCredentials() && !p.credentialsFor(o)
	method := browser.NormalizeMethod(e.request.Method)
	if listed := p.usual(o, "methods", usualMethods); method != "" && !isSafelisted(method) && !slices.Contains(listed, method) &&
		!slices.Contains(listed, "*") && browser.IsMethod(method) && !slices.Contains(listed, strings.ToUpper(method)) {
		w.methods = append(listed, method)
		w.added = append(w.added, method+" to the methods")
	}
	listed := p.usual(o, "headers", []string{"*", "Authorization"})
	var missing []string
	for _, unsafe := range browser.UnsafeRequestHeaderNames(e.request.Headers) {
		star := slices.Contains(listed, "*") && unsafe != "authorization"
		if !star && !slices.ContainsFunc(listed, func(n string) bool { return strings.EqualFold(n, unsafe) }) {
			missing = append(missing, canonical(unsafe))
		}
	}
	if len(missing) > 0 {
		w.headers = append(listed, missing...)
		w.added = append(w.added, strings.Join(missing, ", ")+" to the headers")
		if slices.Contains(missing, "Authorization") && slices.Contains(listed, "*") {
			w.added[len(w.added)-1] += " (the * never covers Authorization)"
		}
	}
	return w
}

// lines are the options to put into a policy that is not written anew.
func (w *wants) lines() string {
	var lines []string
	if w.methods != nil {
		lines = append(lines, "`methods "+strings.Join(w.methods, " ")+"`")
	}
	if w.headers != nil {
		lines = append(lines, "`headers "+strings.Join(w.headers, " ")+"`")
	}
	return strings.Join(lines, " and ")
}

func isSafelisted(method string) bool { return method == "GET" || method == "HEAD" || method == "POST" }

// mend gives a policy all that the page's request needs.
func (e *Explanation) mend(p *policy) {
	w, o := e.wants(p), e.page.Origin.String()
	if w.methods != nil {
		p.set(o, "methods", w.methods)
	}
	if w.headers != nil {
		p.set(o, "headers", w.headers)
	}
	if w.credentials {
		p.credential(o, e.danger())
	}
}

// cureLists adds to the methods and headers of a policy, and keeps what is
// there.
func (e *Explanation) cureLists(d *rehearsal.Decision) string {
	p := policyOf(d.By)
	method := browser.NormalizeMethod(e.request.Method)
	listed := p.usual(e.page.Origin.String(), "methods", usualMethods)
	if upper := strings.ToUpper(method); upper != method && slices.Contains(listed, upper) {
		return fmt.Sprintf("write %s in the page's call: methods are case-sensitive, and %s is another one", upper, method)
	}
	w := e.wants(p)
	entry := p.entry(e.page.Origin.String())
	where := fmt.Sprintf("add %s of the policy at %s", strings.Join(w.added, " and "), d.By.Place)
	switch {
	case len(w.added) == 0:
		return check.Cure(e.page, e.request, e.Verdict)
	case len(w.added) == 1 && !w.credentials && entry == nil || !p.whole:
		return where + ": " + w.lines()
	}
	e.mend(p)
	if w.credentials {
		where += ", and credentials"
	}
	return where + ": " + p.text()
}

// policyText is a policy for the page: a line, or a block of its own lines.
func (e *Explanation) policyText() string {
	p := policy{whole: true, config: map[string]any{}}
	p.allow(e.page.Origin.String(), false, "")
	if e.wantsCredentials() {
		p.config["credentials"] = true
		p.danger(e.danger())
	}
	e.mend(&p)
	return p.text()
}

// withoutMatcher is a policy of the file without its matcher, and with the
// page's origin.
func (e *Explanation) withoutMatcher(h *rehearsal.Handler) string {
	p := policyOf(h)
	p.matcher = ""
	if !p.whole {
		return e.policyText()
	}
	e.admit(p, h)
	return p.text()
}

// coversOrigin reports whether an entry of a list is, or stands for, an origin.
func coversOrigin(entry, page string) bool {
	p, err := origin.ParsePattern(entry)
	o, err2 := origin.ParsePattern(page)
	return entry == page || err == nil && err2 == nil && p.Covers(o)
}
