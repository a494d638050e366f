package cors

import (
	"slices"
	"strings"
)

// methods compiles the list of methods. Words are Fetch's: a method is a
// token, case-sensitive, and only six of them are upper-cased by browsers.
func (c *compiler) methods(g *grant, l list) {
	names := c.listOrDefault(l, defaultMethods, "methods")
	g.methods = make(map[string]struct{}, len(names))
	var listed []string
	safelistedOnly := l.set && len(names) > 0
	for _, it := range names {
		m, ok := c.method(it)
		if !ok {
			continue
		}
		if slices.Contains(listed, m) {
			c.found.warn(it.from, "%s is listed twice", m)
			continue
		}
		listed = append(listed, m)
		g.methods[m] = struct{}{}
		safelistedOnly = safelistedOnly && isSafelistedMethod(m)
	}
	if safelistedOnly {
		c.found.warn(names[0].from, "GET, HEAD and POST are always allowed by CORS: this list grants nothing more, "+
			"and leaving one out does not block it either; write `methods none`, or the others that pages may use")
	}
	if slices.Contains(listed, wildcard) {
		c.warnBeside(names, func(s string) bool { return s == wildcard })
		listed = []string{wildcard}
		g.echoMethod = g.credentials
	}
	g.allowMethods = strings.Join(listed, ",")
}

// method checks one method and returns it as browsers send it.
func (c *compiler) method(it item) (string, bool) {
	m := it.text
	switch {
	case m == wildcard:
		return m, true
	case badTokenByte(m) >= 0:
		c.found.mistake(it.from, "method %q contains a byte that is not allowed in a method (0x%02X); remove it", m, m[badTokenByte(m)])
	case isForbiddenMethod(m):
		c.found.mistake(it.from, "method %q: browsers never let a page use CONNECT, TRACE or TRACK, in any case of letters; remove it", m)
	case strings.EqualFold(m, "all") || strings.EqualFold(m, "any"):
		c.found.mistake(it.from, "%q would be taken as a method of that name; to allow every method write *", m)
	case strings.EqualFold(m, "none"):
		c.found.mistake(it.from, "`none` stands alone; remove it or the other methods")
	case len(m) > maxMethodLength:
		c.found.mistake(it.from, "method %q is longer than the %d bytes that Caddy accepts; remove it", m, maxMethodLength)
	default:
		return c.methodCase(it), true
	}
	return "", false
}

func (c *compiler) methodCase(it item) string {
	m := it.text
	if upper := normalizeMethod(m); upper != m {
		c.found.warn(it.from, "method %q: browsers always send %s in upper case; read as %s", m, upper, upper)
		return upper
	}
	if upper := strings.ToUpper(m); upper != m {
		c.found.warn(it.from, "%q is not %s: browsers do not upper-case it, so this allows only pages that write '%s'; did you mean %s?", m, upper, m, upper)
	}
	if m == "OPTIONS" {
		c.found.warn(it.from, "OPTIONS need not be listed for preflights; list it only if pages call fetch with method OPTIONS")
	}
	return m
}

// headers compiles the list of request headers.
func (c *compiler) headers(g *grant, l list) {
	names := c.listOrDefault(l, defaultHeaders, "headers")
	g.headers = make(map[string]struct{}, len(names))
	var listed []string
	for _, it := range names {
		if it.text != wildcard && !c.requestHeader(it) {
			continue
		}
		lower := strings.ToLower(it.text)
		if _, twice := g.headers[lower]; twice {
			c.found.warn(it.from, "%s is listed twice (names ignore case)", it.text)
			continue
		}
		g.headers[lower] = struct{}{}
		g.maxHeaderName = max(g.maxHeaderName, len(lower))
		listed = append(listed, it.text)
	}
	_, g.anyHeader = g.headers[wildcard]
	_, g.authorization = g.headers[authorization]
	if g.anyHeader {
		listed = c.anyHeader(g, names, l.set)
	}
	g.allowHeaders = strings.Join(listed, ",")
}

// anyHeader compiles a list with `*` in it.
func (c *compiler) anyHeader(g *grant, names []item, explicit bool) []string {
	g.echoHeaders = g.credentials
	if explicit {
		star := names[slices.IndexFunc(names, func(it item) bool { return it.text == wildcard })]
		switch {
		case g.credentials:
			c.found.warn(star.from, "`headers *` with credentials: every name a page asks for is echoed back; prefer a list")
		case !g.authorization:
			c.found.warn(star.from, "`*` does not cover Authorization; add Authorization if pages send bearer tokens")
		}
		c.warnBeside(names, func(s string) bool { return s == wildcard || strings.EqualFold(s, authorization) })
	}
	if g.authorization {
		return []string{wildcard, "Authorization"}
	}
	return []string{wildcard}
}

// requestHeader checks a name that pages may set.
func (c *compiler) requestHeader(it item) bool {
	name := it.text
	lower := strings.ToLower(name)
	switch {
	case !c.headerName(it):
		return false
	case lower == "cookie":
		c.found.mistake(it.from, "a page can never set Cookie itself; to let cookies through, turn on credentials")
		return false
	case lower == "origin":
		c.found.mistake(it.from, "the browser sets Origin; listing it has no effect: remove it")
		return false
	case isForbiddenRequestHeader(lower):
		c.found.mistake(it.from, "%s is set by browsers only, a page cannot: remove it", name)
		return false
	case strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-"):
		c.found.mistake(it.from, "%s: names starting with Sec- or Proxy- are set by browsers only; remove it", name)
		return false
	}
	if strings.Contains(name, "_") {
		c.found.warn(it.from, "%s: Caddy drops request headers with an underscore before any handler sees them; use a hyphen, or name it in the server's expected_underscore_headers", name)
	}
	return true
}

// expose compiles the list of response headers that pages may read.
func (c *compiler) expose(g *grant, names []item) {
	var listed []string
	all := false
	for _, it := range names {
		if it.text == wildcard {
			all = true
			continue
		}
		if !c.responseHeader(it) {
			continue
		}
		if slices.ContainsFunc(listed, func(s string) bool { return strings.EqualFold(s, it.text) }) {
			c.found.warn(it.from, "%s is listed twice (names ignore case)", it.text)
			continue
		}
		listed = append(listed, it.text)
	}
	if all {
		c.warnBeside(names, func(s string) bool { return s == wildcard })
		listed = []string{wildcard}
	}
	g.exposeAll = all && g.credentials
	g.expose = strings.Join(listed, ",")
}

func (c *compiler) responseHeader(it item) bool {
	name := it.text
	lower := strings.ToLower(name)
	switch {
	case !c.headerName(it):
		return false
	case lower == "set-cookie" || lower == "set-cookie2":
		c.found.mistake(it.from, "browsers never show %s to a page; remove it", name)
		return false
	case isRequestOnlyHeader(lower):
		c.found.mistake(it.from, "%s is a request header; a response has none to expose: remove it", name)
		return false
	}
	if isSafelistedResponseHeader(lower) {
		c.found.warn(it.from, "%s is always readable; no need to list it", name)
	}
	return true
}

// headerName checks that a name is one.
func (c *compiler) headerName(it item) bool {
	name := it.text
	bad := badTokenByte(name)
	switch {
	case strings.HasSuffix(name, ":"):
		c.found.mistake(it.from, "header name %q ends with a colon; write %s", name, strings.TrimRight(name, ":"))
	case bad >= 0:
		c.found.mistake(it.from, "header name %q contains a byte that is not allowed (0x%02X); remove it", name, name[bad])
	case strings.Contains(name, wildcard):
		c.found.mistake(it.from, "wildcards inside a header name (%s) are not supported: browsers know only a lone *; list the names", name)
	case len(name) > maxLowerName:
		c.found.mistake(it.from, "header name %q is longer than %d bytes; shorten it", name, maxLowerName)
	case strings.EqualFold(name, "none"):
		c.found.mistake(it.from, "`none` stands alone; remove it or the other names")
	default:
		return true
	}
	return false
}

// listOrDefault returns the items of a list option, in which a lone `none` is
// the empty list.
func (c *compiler) listOrDefault(l list, defaults []string, option string) []item {
	if !l.set {
		items := make([]item, len(defaults))
		for i, s := range defaults {
			items[i] = item{text: s, from: source{option: option}}
		}
		return items
	}
	if len(l.items) == 1 && strings.EqualFold(l.items[0].text, "none") {
		return nil
	}
	return l.items
}

// warnBeside warns of the values that add nothing to a `*` in their list.
func (c *compiler) warnBeside(names []item, useful func(string) bool) {
	for _, it := range names {
		if !useful(it.text) {
			c.found.warn(it.from, "`*` already covers %s; it adds nothing", it.text)
		}
	}
}

// isForbiddenRequestHeader: Fetch, forbidden request-header, without the
// prefixes and the method overrides. The argument is lower case.
func isForbiddenRequestHeader(lower string) bool {
	switch lower {
	case "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
		"referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via":
		return true
	}
	return false
}

// isRequestOnlyHeader knows the names among the forbidden ones that no response
// has. Content-Length, Connection, Date and others are on both sides. The
// argument is lower case.
func isRequestOnlyHeader(lower string) bool {
	switch lower {
	case "accept-charset", "access-control-request-headers", "access-control-request-method",
		"cookie", "cookie2", "dnt", "expect", "host", "origin", "referer", "te":
		return true
	}
	return false
}

// isSafelistedResponseHeader: Fetch, CORS-safelisted response-header name.
// The argument is lower case.
func isSafelistedResponseHeader(lower string) bool {
	switch lower {
	case "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma":
		return true
	}
	return false
}
