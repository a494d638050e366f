package repair

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// caches: where the answer depends on the origin, it says so.
func (p *proof) caches(c *claimed, url string) string {
	for _, who := range []rehearsal.Person{rehearsal.Plain, rehearsal.Own, rehearsal.Down} {
		allowed, all := map[string]bool{}, true
		for _, from := range c.askers() {
			o := p.after.ask(question{url, from, http.MethodGet, "", false, who})
			allowed[o.allowed], all = true, all && (o.varies || o.status == 0)
		}
		was := p.before.ask(question{url, "https://evil.example", http.MethodGet, "", false, who})
		if len(allowed) > 1 && !all && (slices.Contains(p.inside(url), c) || was.varies) {
			return "answers from " + url + " depend on the origin and do not say so: Vary: Origin is missing" + beside(who)
		}
	}
	return ""
}

// unchanged: who sends no Origin sees no difference. What answers OPTIONS by hand may
// also keep them from an upstream behind an authentication that lets every OPTIONS
// pass.
func (p *proof) unchanged(url string) string {
	for _, q := range []rehearsal.Question{
		{Method: http.MethodGet},
		{Method: http.MethodGet, FilesMissing: true},
		{Method: http.MethodPost},
		{Method: http.MethodPost, FilesMissing: true},
		{Method: http.MethodOptions},
	} {
		q.URL, q.SignedIn = url, true
		if !p.alike(q) {
			return fmt.Sprintf("%s %s without an Origin is answered otherwise than before", q.Method, url)
		}
	}
	unsigned := rehearsal.Question{Method: http.MethodGet, URL: url}
	guarded, err := p.before.Ask(unsigned)
	if err != nil || !guarded.Authentication || guarded.Upstream {
		return ""
	}
	unsigned.Method = http.MethodOptions
	was, wasErr := p.before.Ask(unsigned)
	is, isErr := p.after.Ask(unsigned)
	if wasErr == nil && isErr == nil && is.Upstream && !was.Upstream {
		return fmt.Sprintf("OPTIONS %s reaches the upstream past the authentication", url)
	}
	return ""
}

// alike reports whether both answer the same. OPTIONS only keep what was written for
// them: that they reached no upstream is no promise.
func (p *proof) alike(q rehearsal.Question) bool {
	was, wasErr := p.before.Ask(q)
	is, isErr := p.after.Ask(q)
	options := q.Method == http.MethodOptions
	if wasErr != nil || isErr != nil {
		return options || fmt.Sprint(wasErr) == fmt.Sprint(isErr)
	}
	old, now := seen(was), seen(is)
	if options {
		return !slices.ContainsFunc(old, func(field string) bool { return !strings.HasPrefix(field, "Server: ") && !slices.Contains(now, field) })
	}
	by := func(a *rehearsal.Answer) string {
		text := fmt.Sprint(a.Status, a.Upstream, a.Silent)
		if a.By != nil {
			text += fmt.Sprint(a.By.Kind, a.By.Config["upstreams"])
		}
		return text
	}
	return slices.Equal(old, now) && by(was) == by(is)
}

// random is what is another in each answer: {http.request.uuid}, and the nonce of
// `file_server browse`.
var random = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// seen is what an answer has beside CORS: its fields, and the text that the
// configuration itself answers with.
func seen(a *rehearsal.Answer) (list []string) {
	for name, values := range a.Header {
		if !httpwords.IsCORSResponseHeader(name) && name != httpwords.Vary && name != "Header_down" && httpwords.IsToken(name) {
			list = append(list, random.ReplaceAllString(name+": "+strings.Join(values, ", "), ""))
		}
	}
	if a.By != nil && a.By.Config["body"] != nil {
		list = append(list, fmt.Sprint("\n", a.By.Config["body"]))
	}
	slices.Sort(list)
	return list
}
