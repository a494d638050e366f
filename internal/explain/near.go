package explain

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Expand fills in placeholders that are the same for every request.
func Expand(text string) string { return caddy.NewReplacer().ReplaceKnown(text, "") }

// nearMisses compares the page with what the configuration allows in its place.
func (e *Explanation) nearMisses() (all []string) {
	if e.readable() {
		return nil
	}
	page := e.page.Origin.String()
	for _, allowed := range e.allowed() {
		if text := nearMiss(page, allowed); text != "" {
			all = append(all, text)
		}
	}
	if u, err := url.Parse(e.last().sent.URL); err == nil && len(all) == 0 {
		if o, err := url.Parse(page); err == nil && o.Host == u.Host && o.Scheme != u.Scheme {
			all = append(all, fmt.Sprintf("the page is on %s and the URL on %s: another scheme is another origin", o.Scheme, u.Scheme))
		}
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
		all = wordsOf(d.By.Config, "origins")
		for _, f := range rehearsal.List(d.By.Config, "for") {
			all = append(all, wordsOf(rehearsal.Map(f), "origins")...)
		}
		return all
	}
	return a.Header["Access-Control-Allow-Origin"]
}

// nearMiss says in which one point a value differs from the page's origin; ""
// where it is another origin altogether.
func nearMiss(page, allowed string) string {
	p, err := url.Parse(page)
	if err != nil || allowed == page || !strings.Contains(allowed, "://") {
		return ""
	}
	if lower := strings.ToLower(allowed); lower != allowed && sameButEnd(lower, page) {
		return fmt.Sprintf("%s has capitals: browsers send origins in lower case, %s", allowed, page)
	}
	if rest, ok := strings.CutPrefix(allowed, page+"/"); ok {
		if rest == "" {
			return fmt.Sprintf("%s ends with a slash: no origin does, browsers send %s", allowed, page)
		}
		return fmt.Sprintf("%s has a path: no origin has one, browsers send %s", allowed, page)
	}
	scheme, rest, _ := strings.Cut(allowed, "://")
	host, port := splitHost(rest)
	if def := map[string]string{"http": "80", "https": "443"}[scheme]; port == def && def != "" && scheme == p.Scheme && host == p.Hostname() && p.Port() == "" {
		return fmt.Sprintf("%s has the default port, which browsers leave out: %s", allowed, page)
	}
	switch {
	case hostFits(host, p.Hostname()):
		return otherEnds(page, allowed, p, scheme, port)
	case scheme != p.Scheme || port != "*" && port != p.Port():
		return ""
	}
	return otherHost(page, allowed, host, p.Hostname())
}

func sameButEnd(a, b string) bool { return strings.TrimSuffix(a, "/") == b }

// otherEnds: the hosts are the same, so scheme or port differ.
func otherEnds(page, allowed string, p *url.URL, scheme, port string) string {
	samePort := port == "*" || port == p.Port()
	switch {
	case scheme != p.Scheme && samePort:
		return fmt.Sprintf("the policy has %s, the page is on %s, not %s: another scheme is another origin", allowed, p.Scheme, scheme)
	case scheme == p.Scheme && !samePort:
		return fmt.Sprintf("%s and %s differ in the port, which belongs to the origin", allowed, page)
	}
	return ""
}

// otherHost: only the hosts differ.
func otherHost(page, allowed, host, pageHost string) string {
	switch {
	case isLoopback(host) && isLoopback(pageHost):
		return fmt.Sprintf("%s and %s are two origins: browsers compare names, not addresses", allowed, page)
	case "www."+host == pageHost:
		return fmt.Sprintf("%s is the name without www., the page has it with www.", allowed)
	case host == "www."+pageHost:
		return fmt.Sprintf("%s is the name with www., the page has it without www.", allowed)
	}
	base, many := strings.CutPrefix(host, "**.")
	one := false
	if !many {
		base, one = strings.CutPrefix(host, "*.")
	}
	switch {
	case (one || many) && pageHost == base:
		return fmt.Sprintf("%s does not cover %s itself, only names with a label in front", allowed, page)
	case one && strings.HasSuffix(pageHost, "."+base):
		return fmt.Sprintf("the * of %s is exactly one label, the page has more: `**` is one or more", allowed)
	case !one && !many && strings.HasSuffix(pageHost, "."+host):
		return fmt.Sprintf("the page's host has a label more than %s", allowed)
	case !one && !many && strings.HasSuffix(host, "."+pageHost):
		return fmt.Sprintf("the page's host has a label less than %s", allowed)
	}
	return ""
}

func splitHost(rest string) (host, port string) {
	rest, _, _ = strings.Cut(rest, "/")
	if h, p, err := net.SplitHostPort(rest); err == nil {
		return h, p
	}
	return strings.Trim(rest, "[]"), ""
}

// hostFits: the same, or a pattern that covers it.
func hostFits(pattern, host string) bool {
	if base, ok := strings.CutPrefix(pattern, "**."); ok {
		return strings.HasSuffix(host, "."+base)
	}
	if base, ok := strings.CutPrefix(pattern, "*."); ok {
		label, found := strings.CutSuffix(host, "."+base)
		return found && !strings.Contains(label, ".")
	}
	return pattern == host
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
