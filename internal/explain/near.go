package explain

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// nearMisses compares the page with what the configuration allows in its place.
func (e *Explanation) nearMisses() (all []string) {
	page, err := origin.ParsePattern(e.page.Origin.String())
	if e.readable() || err != nil {
		return nil
	}
	for _, allowed := range e.allowed() {
		if text := nearMiss(page, allowed); text != "" {
			all = append(all, text)
		}
	}
	if u, err := url.Parse(e.last().sent.URL); err == nil && len(all) == 0 && u.Scheme != page.Scheme && page.String() == page.Scheme+"://"+u.Host {
		all = append(all, fmt.Sprintf("the page is on %s and the URL on %s: another scheme is another origin", page.Scheme, u.Scheme))
	}
	return all
}

// allowed are the origins that the policy lists, or that hand-written headers
// name.
func (e *Explanation) allowed() (all []string) {
	a := e.last().answer
	if a == nil {
		return nil
	}
	if d := a.Policy; d != nil && d.Decision == "refused" {
		all = WordsOf(d.By.Config, "origins")
		for _, f := range rehearsal.List(d.By.Config, "for") {
			all = append(all, WordsOf(rehearsal.Map(f), "origins")...)
		}
		return all
	}
	return a.Header["Access-Control-Allow-Origin"]
}

// nearMiss says in which one point a value differs from the page's origin; ""
// where it is another origin altogether.
func nearMiss(page origin.Pattern, allowed string) string {
	p, err := origin.ParsePattern(allowed)
	if err != nil && strings.HasSuffix(err.Error(), "did you mean "+page.String()+"?") {
		return err.Error()
	}
	otherScheme, otherPort := p, p
	otherScheme.Scheme, otherPort.Port = page.Scheme, page.Port
	switch {
	case err != nil || p.Covers(page):
		return ""
	case otherScheme.Covers(page):
		return fmt.Sprintf("the policy has %s, the page is on %s, not %s: another scheme is another origin", allowed, page.Scheme, p.Scheme)
	case otherPort.Covers(page):
		return fmt.Sprintf("%s and %s differ in the port, which belongs to the origin", allowed, page)
	case p.Scheme != page.Scheme || !p.AnyPort && p.Port != page.Port:
		return ""
	}
	return otherHost(page, p)
}

// otherHost: only the hosts differ.
func otherHost(page, p origin.Pattern) string {
	exact := p.Depth == origin.Exact
	switch {
	case p.IsLoopback() && page.IsLoopback() && !strings.Contains(p.Host+" "+page.Host, ".localhost"):
		return fmt.Sprintf("%s and %s are two origins: browsers compare names, not addresses", p, page)
	case exact && "www."+p.Host == page.Host:
		return fmt.Sprintf("%s is the name without www., the page has it with www.", p)
	case exact && p.Host == "www."+page.Host:
		return fmt.Sprintf("%s is the name with www., the page has it without www.", p)
	case exact && strings.HasSuffix(page.Host, "."+p.Host):
		return fmt.Sprintf("the page's host has a label more than %s", p)
	case exact && strings.HasSuffix(p.Host, "."+page.Host):
		return fmt.Sprintf("the page's host has a label less than %s", p)
	case !exact && page.Host == p.Host:
		return fmt.Sprintf("%s does not cover %s itself, only names with a label in front", p, page)
	case p.Depth == origin.OneLabel && strings.HasSuffix(page.Host, "."+p.Host):
		return fmt.Sprintf("the * of %s is exactly one label, the page has more: `**` is one or more", p)
	}
	return ""
}
