package origin

import "strings"

// opaque says why no page has an origin of these schemes.
var opaque = map[string]mistake{
	"about":      {problem: "is an about: address, and such a page has the origin null or that of the page that opened it", cure: "list the origin of that page"},
	"data":       {problem: "is a data: address, and data: pages have the origin null, so it would never match", cure: "serve the page over http or https and list that origin"},
	"file":       {problem: "is a file: address, and pages opened from files have the origin null, so it would never match", cure: "serve the page over http or https and list that origin"},
	"ftp":        {problem: "is an ftp: address, and no browser opens pages over FTP any more", cure: "serve the page over http or https and list that origin"},
	"javascript": {problem: "is a javascript: address, which has the origin of the page that it runs in", cure: "list the origin of that page"},
}

// asOpaque finds addresses of schemes that no Origin header shows.
func asOpaque(s string) *mistake {
	scheme, slashes, rest := cutScheme(s)
	scheme = strings.ToLower(scheme)
	if scheme == "blob" {
		return &mistake{
			problem: "is a blob: address, which has the origin of the page that made it",
			cure:    "list the origin of that page",
			propose: repair(originOf(slashes + rest)),
		}
	}
	if m, ok := opaque[scheme]; ok {
		return &m
	}
	return nil
}

// originOf cuts the path off an address.
func originOf(address string) string {
	scheme, after, ok := strings.Cut(address, schemeSep)
	if !ok {
		return ""
	}
	if i := strings.IndexAny(after, `/\?#`); i >= 0 {
		after = after[:i]
	}
	return scheme + schemeSep + after
}

// known are schemes that are recognized without two slashes behind them.
// Elsewhere what is in front of a colon is rather the host of "host:port", and
// even data may be a host: the name of a container.
var known = map[string]bool{
	"http": true, "https": true, "ws": true, "wss": true, "ftp": true,
	"about": true, "blob": true, "data": true, "file": true, "javascript": true,
	"capacitor": true, "ionic": true, "tauri": true,
	"chrome-extension": true, "moz-extension": true, "safari-web-extension": true,
}

// cutScheme splits s into a scheme ("" if there is none), the slashes after it,
// and the rest.
func cutScheme(s string) (scheme, slashes, rest string) {
	name, after, ok := strings.Cut(s, ":")
	n := len(after) - len(strings.TrimLeft(after, `/\`))
	if ok && isSchemeLike(name) {
		lower := strings.ToLower(name)
		isKnown := known[lower] && (n > 0 || !isDigits(after) || defaultPort(lower) != "")
		if n >= 2 || isKnown {
			return name, after[:n], after[n:]
		}
	}
	if name, after, ok := strings.Cut(s, "//"); ok && defaultPort(strings.ToLower(name)) != "" { // the colon is missing
		return name, "//", after
	}
	n = len(s) - len(strings.TrimLeft(s, `/\`))
	return "", s[:n], s[n:]
}

// isSchemeLike reports whether s could be meant as a scheme, an empty one too.
func isSchemeLike(s string) bool {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if class[c]&isSchemeByte == 0 && c != '*' {
			return false
		}
	}
	return true
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// scheme examines the scheme and what separates it from the rest, and returns
// the right scheme, or "" if it is left out.
func (d *dissection) scheme(name, slashes string) string {
	lower := strings.ToLower(name)
	switch {
	case strings.Contains(name, "*"):
		d.fatal("has a wildcard in its scheme", "list the http and the https origin one by one")
	case name == "" && slashes != "":
		d.complain("has no scheme before "+slashes, "write https:// or http:// in front")
	case name == "":
		d.missingScheme()
	case lower != name:
		d.complain("has upper-case letters in its scheme, where browsers send lower case", "write it in lower case")
	case class[name[0]]&isLower == 0:
		d.fatal("has a scheme that does not start with a letter ("+quote(name)+")", "write https:// or http:// in front of the host")
	case len(name) > maxScheme:
		d.fatal("has a scheme of more than 64 bytes", "shorten it")
	}
	if strings.Contains(slashes, `\`) {
		d.complain("contains a backslash where a slash belongs", "write "+lower+"://")
	}
	switch {
	case name == "":
	case d.value[len(name)] != ':':
		d.complain("has no colon after "+lower, "write "+lower+"://")
	case len(slashes) != 2:
		d.complain("needs two slashes after "+lower+":", "write "+lower+"://")
	}
	if lower == "ws" || lower == "wss" {
		d.complain("is a "+lower+": address, and no browser sends such an origin: a page that opens a WebSocket has its own origin, and CORS does not govern WebSockets", "list the origin of the page")
		lower = "http" + lower[len("ws"):]
	}
	return lower
}

func (d *dissection) missingScheme() {
	if name, _, ok := strings.Cut(d.value, ":"); ok && isSchemeLike(name) && name != "" {
		d.complain("has no scheme ("+quote(name)+" is read as one)", "write https:// or http:// in front")
		return
	}
	d.complain("has no scheme", "write https:// or http:// in front")
}
