package repair_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// grammar writes CORS by hand, as people do.
type grammar struct {
	*rand.Rand
	upstream string

	// What it has written, for the judge.
	origins     []string // by name
	everybody   bool
	reflects    bool
	credentials bool
	methods     []string
	headers     []string
	part        part
	parts       *rand.Rand // apart, so that the others stay what they are
	keeps       *rand.Rand // likewise
	closed      bool       // nobody is let in below /other
}

func (g *grammar) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *grammar) chance(percent int) bool { return g.IntN(100) < percent }

func indent(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	return "\t" + strings.Join(lines, "\n\t") + "\n"
}

// config is a Caddyfile of two sites on one port.
func (g *grammar) config() string {
	var b strings.Builder
	b.WriteString("{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n}\n")
	if g.chance(15) {
		g.origins = []string{"https://app.example.com", "https://admin.example.com"}
		b.WriteString("(open) {\n" + indent(g.snippet()) + "}\n")
		fmt.Fprintf(&b, "http://api.localhost:8080 {\n\timport open https://app.example.com\n%s}\n", indent(g.last()))
		second := g.one("https://app.example.com", "https://app.example.com", "https://admin.example.com")
		fmt.Fprintf(&b, "http://other.localhost:8080 {\n\timport open %s\n%s}\n", second, indent(g.last()))
		return b.String()
	}
	fmt.Fprintf(&b, "http://api.localhost:8080 {\n%s}\n", indent(g.site()))
	fmt.Fprintf(&b, "http://other.localhost:8080 {\n\trespond other\n}\n")
	return b.String()
}

func (g *grammar) snippet() string {
	return g.one(
		"@o header Origin {args[0]}\nheader @o Access-Control-Allow-Origin {args[0]}\n",
		"header Access-Control-Allow-Origin {args[0]}\n",
		"@pre method OPTIONS\n@o header Origin {args[0]}\nhandle @pre {\n\theader Access-Control-Allow-Origin {args[0]}\n\theader Access-Control-Allow-Methods \"GET, PUT\"\n\trespond 204\n}\nheader @o Access-Control-Allow-Origin {args[0]}\nheader Vary Origin\n",
	)
}

// site is one policy by hand, here or there, and what answers.
func (g *grammar) site() string {
	if g.chance(30) {
		g.credentials = true
	}
	lines, defs := g.policy()
	body := g.last()
	switch g.IntN(7) {
	case 0: // in the proxy
		return defs + g.inProxy()
	case 1:
		return defs + "handle /api/* {\n\t# the API\n" + indent(lines+body) + "}\nhandle {\n" + indent(g.last()) + "}\n"
	case 2:
		return defs + "route {\n" + indent(g.guard()+lines+body) + "}\n"
	case 3:
		return "@v1 path /v1/* /api/*\n" + defs + "handle @v1 {\n" + indent(lines+body) + "}\nrespond 404\n"
	case 4:
		return defs + g.one("", "root * /nowhere\n", "encode gzip\n") + lines + g.guard() + "\n" + body + "handle_errors {\n" + indent(g.one("", lines[:strings.Index(lines+"@", "@")])+"respond \"{err.status_code}\"") + "}\n"
	default:
		return defs + "header X-Frame-Options DENY\n" + lines + g.guard() + "\n# what answers\n" + g.kept(body)
	}
}

// kept puts something beside what answers that its author keeps from pages, or lets
// them have of errors only.
func (g *grammar) kept(body string) string {
	closing := "Access-Control-Allow-Origin"
	switch g.keeps.IntN(9) {
	case 0:
		closing = "header -" + closing + "\n"
	case 1:
		closing = "header {\n\t-" + closing + "\n\tX-Other 1\n}\n"
	case 2:
		closing = "header -Access-Control-*\n"
	case 3:
		return body + "handle_errors {\n\theader Access-Control-Allow-Origin *\n\trespond \"{err.status_code}\"\n}\n"
	case 4:
		return body + "handle_errors {\n\theader Access-Control-Allow-Origin https://evil.example\n\trespond \"{err.status_code}\"\n}\n"
	default:
		return body
	}
	g.closed = true
	return "handle /other* {\n" + indent(closing+body) + "}\nhandle {\n" + indent(body) + "}\n"
}

// policy is the lines that allow somebody, and the matchers that they use.
func (g *grammar) policy() (lines, defs string) {
	where := g.one("", "", "", "", "/api/* ")
	allowed, matcher := g.audience(&defs, where)
	mark := g.one("", "", "", "", ">", "?", "+")
	more := g.lists()
	if matcher == "" {
		matcher = where
	}
	block := "Access-Control-Allow-Origin " + allowed + "\n" + more
	if g.chance(50) {
		if mark != "" {
			block = mark + block
		}
		lines = fmt.Sprintf("header %s{\n%s%s}\n", matcher, indent(block), g.one("", "\tVary Origin\n", "\tdefer\n", "\tX-Other 1\n"))
	} else {
		for i, l := range strings.Split(strings.TrimSuffix(block, "\n"), "\n") {
			if i == 0 {
				l = mark + l
			}
			lines += "header " + matcher + l + "\n"
		}
		lines += g.one("", "header Vary Origin\n", "header +Vary Origin\n")
	}
	switch g.IntN(4) {
	case 0:
		lines += "@options method OPTIONS\nrespond @options 204\n"
	case 1:
		if !g.reflects || g.chance(20) {
			lines += "@pre {\n\tmethod OPTIONS\n\theader Access-Control-Request-Method *\n}\nhandle @pre {\n" + indent("header {\n"+indent("Access-Control-Allow-Origin "+allowed+"\n"+more)+"}\nrespond 204") + "}\n"
		}
	}
	if !g.credentials && g.parts.IntN(5) == 0 {
		g.part = parts[g.parts.IntN(len(parts))]
		lines += g.part.def + "header " + g.part.matcher + "Access-Control-Allow-Credentials true\n"
	}
	return lines, defs
}

// audience is whom the policy is for.
func (g *grammar) audience(defs *string, where string) (allowed, matcher string) {
	path := ""
	if where != "" {
		path = "\tpath /api/*\n"
	}
	named := func(origins ...string) { g.origins = append(g.origins, origins...) }
	switch g.IntN(10) {
	case 0, 1:
		g.everybody = true
		return g.one("*", "*", "\"*\"", "'*'"), ""
	case 2, 3:
		named("https://app.example.com")
		return g.one("https://app.example.com", "https://app.example.com/", "\"https://app.example.com\""), ""
	case 4:
		named("https://app.example.com")
		*defs = "@mine {\n\theader Origin https://app.example.com\n" + path + "}\n"
		return g.one("https://app.example.com", "{header.Origin}", "{http.request.header.Origin}"), "@mine "
	case 5:
		named("https://app.example.com", "https://admin.example.com")
		*defs = "@re {\n\theader_regexp cors Origin " + g.one("^https://(app|admin)\\.example\\.com$", "https://(app|admin)\\.example\\.com", "^https://(app|admin).example.com$") + "\n" + path + "}\n"
		return g.one("{header.Origin}", "{re.cors.0}"), "@re "
	case 6:
		named("https://app.example.com", "https://x.example.com", "https://admin.example.com")
		*defs = "@sub header_regexp Origin ^https://[a-z]+\\.example\\.com$\n"
		return "{header.Origin}", "@sub "
	case 7:
		named("https://app.example.com", "https://admin.example.com")
		*defs = "@cel expression `{header.Origin} in [\"https://app.example.com\", \"https://admin.example.com\"]`\n"
		return "{header.Origin}", "@cel "
	case 8:
		named("https://app.example.com")
		*defs = "map {header.Origin} {who} {\n\thttps://app.example.com https://app.example.com\n\tdefault \"\"\n}\n"
		return "{who}", ""
	default:
		g.reflects = true
		return "{header.Origin}", ""
	}
}

// lists are further fields.
func (g *grammar) lists() string {
	var lines []string
	if g.credentials {
		lines = append(lines, "Access-Control-Allow-Credentials "+g.one("true", "\"true\""))
	}
	if g.chance(50) {
		list := g.one("GET, PUT", "GET, POST, OPTIONS", "GET,PUT,DELETE", "*", "GET, POST, PUT, PATCH, DELETE")
		g.methods = strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
		lines = append(lines, fmt.Sprintf("Access-Control-Allow-Methods %q", list))
	}
	if g.chance(40) {
		list := g.one("Content-Type", "Content-Type, Authorization", "*")
		g.headers = strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
		lines = append(lines, fmt.Sprintf("Access-Control-Allow-Headers %q", list))
	}
	if g.chance(15) {
		lines = append(lines, g.one("Access-Control-Max-Age 600", "Access-Control-Expose-Headers \"X-Total, Content-Type\""))
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

func (g *grammar) inProxy() string {
	allowed, matcher := "https://app.example.com", ""
	if g.everybody = g.chance(40); g.everybody {
		allowed = "*"
	}
	g.origins, g.reflects, g.methods, g.headers, g.credentials = []string{"https://app.example.com"}, false, nil, nil, false
	g.part = part{}
	var lines []string
	for _, l := range []string{"header_down -Access-Control-Allow-Origin", "header_up Host {host}", "header_down -Access-Control-*"} {
		if g.chance(25) {
			lines = append(lines, l)
		}
	}
	lines = append(lines, g.one("header_down ", "header_down ", "header_up ", "header_down +")+"Access-Control-Allow-Origin "+allowed)
	return fmt.Sprintf("reverse_proxy %s%s {\n%s}\n", matcher, g.upstream, indent(strings.Join(lines, "\n")))
}

func (g *grammar) guard() string {
	if g.chance(15) {
		return "basic_auth {\n\talice $2a$04$7GGjyqWTp3OZRIP3ImaY4.Cs4ztdzvRtaVAMzQUFkJ3I.kx6kdGEa\n}\n"
	}
	return ""
}

func (g *grammar) last() string {
	switch g.IntN(5) {
	case 0:
		return "respond ok\n"
	case 1:
		return "reverse_proxy " + g.upstream + " {\n\theader_down -Access-Control-Allow-Origin\n}\n"
	case 2:
		return "reverse_proxy " + g.upstream + " {\n\theader_down -Access-Control-*\n}\n"
	default:
		return "reverse_proxy " + g.upstream + "\n"
	}
}

// may reports whether what was written evidently lets a page do something.
func (g *grammar) may(origin, method, url, header string, credentials bool) bool {
	if g.closed && strings.Contains(url, ":8080/other") {
		return false
	}
	if slices.Contains(g.origins, origin) && (!credentials || g.credentials || g.part.matcher != "" && g.part.has(method, url)) {
		return true
	}
	isListed := func(list []string, what string) bool {
		return slices.ContainsFunc(list, func(l string) bool { return strings.EqualFold(l, what) || l == "*" && what != "Authorization" })
	}
	return g.everybody && !credentials && (method == "GET" || method == "POST" || isListed(g.methods, method)) && (header == "" || isListed(g.headers, header))
}
