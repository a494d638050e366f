package policy

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// methods compiles the list of methods. As in Fetch, a method is a
// token, case-sensitive, and only six of them are upper-cased by browsers.
func (c *compiler) methods(g *Permissions, l List) {
	names := c.listOrDefault(l, defaultMethods, "methods")
	g.methods = make(map[string]struct{}, len(names))
	var listed []string
	safelistedOnly := l.Set && len(names) > 0
	for _, it := range names {
		m, ok := c.method(it)
		if !ok {
			continue
		}
		if slices.Contains(listed, m) {
			c.found.Warn(it.At, "%s is listed twice", m)
			continue
		}
		listed = append(listed, m)
		g.methods[m] = struct{}{}
		safelistedOnly = safelistedOnly && httpwords.IsSafelistedMethod(m)
	}
	if safelistedOnly {
		c.found.Warn(names[0].At, "GET, HEAD and POST are always allowed by CORS: this list grants nothing more, "+
			"and leaving one out does not block it either; write `methods none`, or the others that pages may use")
	}
	if slices.Contains(listed, httpwords.Wildcard) {
		c.warnBeside(names, func(s string) bool { return s == httpwords.Wildcard })
		listed = []string{httpwords.Wildcard}
		g.echoMethod = g.Credentials
	}
	g.allowMethods = strings.Join(listed, ",")
}

// method checks one method and returns it as browsers send it.
func (c *compiler) method(it Item) (string, bool) {
	m := it.Text
	switch {
	case m == httpwords.Wildcard:
		return m, true
	case httpwords.BadTokenByte(m) >= 0:
		c.found.Mistake(it.At, "method %q contains a byte that is not allowed in a method (0x%02X); remove it", m, m[httpwords.BadTokenByte(m)])
	case httpwords.IsForbiddenMethod(m):
		c.found.Mistake(it.At, "method %q: browsers never let a page use CONNECT, TRACE or TRACK, in any case of letters; remove it", m)
	case strings.EqualFold(m, "all") || strings.EqualFold(m, "any"):
		c.found.Mistake(it.At, "%q would be taken as a method of that name; to allow every method write *", m)
	case strings.EqualFold(m, "none"):
		c.found.Mistake(it.At, "`none` stands alone; remove it or the other methods")
	case len(m) > maxMethodLength:
		c.found.Mistake(it.At, "method %q is longer than the %d bytes that Caddy accepts; remove it", m, maxMethodLength)
	default:
		return c.methodCase(it), true
	}
	return "", false
}

func (c *compiler) methodCase(it Item) string {
	m := it.Text
	if upper := httpwords.NormalizeMethod(m); upper != m {
		c.found.Warn(it.At, "method %q: browsers always send %s in upper case; read as %s", m, upper, upper)
		return upper
	}
	if upper := strings.ToUpper(m); upper != m {
		c.found.Warn(it.At, "%q is not %s: browsers do not upper-case it, so this allows only pages that write '%s'; did you mean %s?", m, upper, m, upper)
	}
	if m == "OPTIONS" {
		c.found.Warn(it.At, "OPTIONS need not be listed for preflights; list it only if pages call fetch with method OPTIONS")
	}
	return m
}

// headers compiles the list of request headers.
func (c *compiler) headers(g *Permissions, l List) {
	names := c.listOrDefault(l, defaultHeaders, "headers")
	g.headers = make(map[string]struct{}, len(names))
	var listed []string
	for _, it := range names {
		if it.Text != httpwords.Wildcard && !c.requestHeader(it) {
			continue
		}
		lower := strings.ToLower(it.Text)
		if _, twice := g.headers[lower]; twice {
			c.found.Warn(it.At, "%s is listed twice (names ignore case)", it.Text)
			continue
		}
		g.headers[lower] = struct{}{}
		g.maxHeaderName = max(g.maxHeaderName, len(lower))
		listed = append(listed, it.Text)
	}
	_, g.anyHeader = g.headers[httpwords.Wildcard]
	_, g.authorization = g.headers[httpwords.Authorization]
	if g.anyHeader {
		listed = c.anyHeader(g, names, l.Set)
	}
	g.allowHeaders = strings.Join(listed, ",")
}

// anyHeader compiles a list with `*` in it.
func (c *compiler) anyHeader(g *Permissions, names []Item, explicit bool) []string {
	g.echoHeaders = g.Credentials
	if explicit {
		star := names[slices.IndexFunc(names, func(it Item) bool { return it.Text == httpwords.Wildcard })]
		switch {
		case g.Credentials:
			c.found.Warn(star.At, "`headers *` with credentials: every name a page asks for is echoed back; prefer a list")
		case !g.authorization:
			c.found.Warn(star.At, "`*` does not cover Authorization; add Authorization if pages send bearer tokens")
		}
		c.warnBeside(names, func(s string) bool { return s == httpwords.Wildcard || strings.EqualFold(s, httpwords.Authorization) })
	}
	if g.authorization {
		return []string{httpwords.Wildcard, "Authorization"}
	}
	return []string{httpwords.Wildcard}
}

// requestHeader checks a name that pages may set.
func (c *compiler) requestHeader(it Item) bool {
	name := it.Text
	lower := strings.ToLower(name)
	switch {
	case !c.headerName(it):
		return false
	case lower == "cookie":
		c.found.Mistake(it.At, "a page can never set Cookie itself; to let cookies through, turn on credentials")
		return false
	case lower == "origin":
		c.found.Mistake(it.At, "the browser sets Origin; listing it has no effect: remove it")
		return false
	case httpwords.IsCORSResponseHeader(lower):
		c.found.Mistake(it.At, "%s is a header of the answer, not of a page's request; remove it, this handler sends it by itself", name)
		return false
	case httpwords.IsForbiddenRequestHeader(lower):
		c.found.Mistake(it.At, "%s is set by browsers only, a page cannot: remove it", name)
		return false
	case strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-"):
		c.found.Mistake(it.At, "%s: names starting with Sec- or Proxy- are set by browsers only; remove it", name)
		return false
	}
	if strings.Contains(name, "_") {
		c.found.Warn(it.At, "%s: Caddy drops request headers with an underscore before any handler sees them; use a hyphen, or name it in the server's expected_underscore_headers", name)
	}
	return true
}

// expose compiles the list of response headers that pages may read.
func (c *compiler) expose(g *Permissions, names []Item) {
	var listed []string
	all := false
	for _, it := range names {
		if it.Text == httpwords.Wildcard {
			all = true
			continue
		}
		if !c.responseHeader(it) {
			continue
		}
		if slices.ContainsFunc(listed, func(s string) bool { return strings.EqualFold(s, it.Text) }) {
			c.found.Warn(it.At, "%s is listed twice (names ignore case)", it.Text)
			continue
		}
		listed = append(listed, it.Text)
	}
	switch {
	case all && g.Credentials:
		g.ExposeAll, g.exposeNames = true, listed
	case all:
		listed = append([]string{httpwords.Wildcard}, listed...) // old engines know no `*`
	}
	g.Expose = strings.Join(listed, ",")
}

func (c *compiler) responseHeader(it Item) bool {
	name := it.Text
	lower := strings.ToLower(name)
	switch {
	case strings.EqualFold(name, "none"):
		c.found.Mistake(it.At, "%q is not needed: without an expose line pages read no more than the usual headers; remove it", name)
		return false
	case !c.headerName(it):
		return false
	case httpwords.IsForbiddenResponseHeader(lower):
		c.found.Mistake(it.At, "browsers never show %s to a page; remove it", name)
		return false
	case httpwords.IsCORSResponseHeader(lower) && !isOnActualResponses(lower):
		c.found.Mistake(it.At, "%s stands only in answers to preflights, which pages never see; remove it", name)
		return false
	case httpwords.IsRequestOnlyHeader(lower):
		c.found.Mistake(it.At, "%s is a request header; a response has none to expose: remove it", name)
		return false
	}
	if httpwords.IsCORSResponseHeader(lower) {
		c.found.Warn(it.At, "%s is for the browser; a page gains nothing by reading it: remove it", name)
	}
	if httpwords.IsSafelistedResponseHeader(lower) {
		c.found.Warn(it.At, "%s is always readable; no need to list it", name)
	}
	return true
}

// isOnActualResponses reports whether a header of CORS stands on other responses
// than those to preflights. The argument is lower case.
func isOnActualResponses(lower string) bool {
	for _, name := range []string{httpwords.AllowOrigin, httpwords.AllowCredentials, httpwords.ExposeHeaders} {
		if strings.EqualFold(lower, name) {
			return true
		}
	}
	return false
}

// headerName checks that a name is one.
func (c *compiler) headerName(it Item) bool {
	name := it.Text
	bad := httpwords.BadTokenByte(name)
	switch {
	case strings.HasSuffix(name, ":"):
		c.found.Mistake(it.At, "header name %q ends with a colon; write %s", name, strings.TrimRight(name, ":"))
	case bad >= 0:
		c.found.Mistake(it.At, "header name %q contains a byte that is not allowed (0x%02X); remove it", name, name[bad])
	case strings.Contains(name, httpwords.Wildcard):
		c.found.Mistake(it.At, "wildcards inside a header name (%s) are not supported: browsers know only a lone *; list the names", name)
	case len(name) > maxLowerName:
		c.found.Mistake(it.At, "header name %q is longer than %d bytes; shorten it", name, maxLowerName)
	case strings.EqualFold(name, "none"):
		c.found.Mistake(it.At, "`none` stands alone; remove it or the other names")
	default:
		return true
	}
	return false
}

// listOrDefault returns the items of a list option, in which a lone `none` is
// the empty list.
func (c *compiler) listOrDefault(l List, defaults []string, option string) []Item {
	if !l.Set {
		items := make([]Item, len(defaults))
		for i, s := range defaults {
			items[i] = Item{Text: s, At: Location{Option: option}}
		}
		return items
	}
	if len(l.Items) == 1 && strings.EqualFold(l.Items[0].Text, "none") {
		return nil
	}
	return l.Items
}

// warnBeside warns of the values that add nothing to a `*` in their list.
func (c *compiler) warnBeside(names []Item, useful func(string) bool) {
	for _, it := range names {
		if !useful(it.Text) {
			c.found.Warn(it.At, "`*` already covers %s; it adds nothing", it.Text)
		}
	}
}
