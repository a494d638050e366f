package explain_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// grammar writes configurations as people do: by hand, with `cors`, and mixed.
type grammar struct {
	*rand.Rand
	upstream, auth, folder string // of the live side
	named                  bool
}

func (g *grammar) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *grammar) chance(percent int) bool { return g.IntN(100) < percent }

// config is a Caddyfile of two sites on one port.
func (g *grammar) config() string {
	var b strings.Builder
	b.WriteString("{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n}\n")
	b.WriteString("(open) {\n\theader Access-Control-Allow-Origin {args[0]}\n\theader Access-Control-Allow-Methods \"GET, PUT\"\n}\n")
	if g.chance(10) {
		b.WriteString("&(named) {\n" + indent("route {\n"+indent(g.directives(1))+"}\n") + "}\n")
		g.named = true // from here on: one that invokes itself ends Caddy
	}
	fmt.Fprintf(&b, "http://api.localhost:8080 {\n%s}\n", indent(g.site()))
	fmt.Fprintf(&b, "http://other.localhost:8080 {\n%s}\n", indent(g.site()))
	return b.String()
}

func (g *grammar) site() string {
	var b strings.Builder
	b.WriteString("root " + g.folder + "\n")
	b.WriteString("@options method OPTIONS\n@api path /api/* /v1/*\n@mine header Origin https://app.example.com\n" +
		"@re header_regexp cors Origin ^https://(app|admin)\\.example\\.com$\n@notopt not method OPTIONS\n" +
		"@cel expression `{method} == \"GET\" && {path}.startsWith(\"/api\")`\n")
	b.WriteString(g.directives(2))
	if g.chance(80) {
		b.WriteString(g.last())
	}
	if g.chance(25) {
		status := g.one("", " 404", " 5xx")
		fmt.Fprintf(&b, "handle_errors%s {\n%s\trespond \"{err.status_code}\"\n}\n", status, indent(g.some(1, g.header, g.cors)))
	}
	return b.String()
}

func indent(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	return "\t" + strings.Join(lines, "\n\t") + "\n"
}

func (g *grammar) some(most int, of ...func() string) string {
	var b strings.Builder
	for range g.IntN(most + 1) {
		b.WriteString(of[g.IntN(len(of))]())
	}
	return b.String()
}

// directives are those of a block; the depth bounds the nesting.
func (g *grammar) directives(depth int) string {
	parts := []func() string{g.header, g.header, g.header, g.cors, g.cors, g.answer, g.change, g.guard, g.last}
	if depth > 0 {
		parts = append(parts, func() string { return g.block(depth - 1) }, func() string { return g.block(depth - 1) })
	}
	return g.some(4, parts...)
}

func (g *grammar) block(depth int) string {
	if g.named && g.chance(20) {
		return "invoke named\n"
	}
	head := g.one("handle /api/*", "handle @api", "handle", "handle_path /api/*", "route", "route /api/*", "handle @options", "handle /items")
	body := g.directives(depth)
	if g.chance(60) {
		body += g.last()
	}
	if body == "" {
		body = "respond nothing 404\n"
	}
	return fmt.Sprintf("%s {\n%s}\n", head, indent(body))
}

func (g *grammar) matcher() string {
	return g.one("", "", "", "@options ", "/api/* ", "@api ", "@mine ", "@re ", "@notopt ", "@cel ", "/items ")
}

func (g *grammar) allowed() string {
	return g.one("*", "https://app.example.com", "https://app.example.com", "https://admin.example.com", "{header.Origin}",
		"{http.request.header.Origin}", "{re.cors.0}", "https://App.example.com", "https://app.example.com/", "\"\"", "null", "{vars.acao}", "{acao}")
}

func (g *grammar) header() string {
	m := g.matcher()
	switch g.IntN(9) {
	case 0:
		return fmt.Sprintf("header %s{\n\tAccess-Control-Allow-Origin %s\n\tAccess-Control-Allow-Methods \"GET, PUT, %s\"\n\tAccess-Control-Allow-Headers %s\n%s}\n", m,
			g.allowed(), g.one("PATCH", "DELETE", "*"), g.one("*", "\"Content-Type, Authorization\"", "Content-Type"), g.one("", "\tdefer\n", "\t-Server\n", "\tVary Origin\n", "\tAccess-Control-Allow-Credentials true\n"))
	case 1:
		return fmt.Sprintf("header %sAccess-Control-Allow-Credentials %s\n", m, g.one("true", "false", "\"true\""))
	case 2:
		return fmt.Sprintf("header %sAccess-Control-Allow-Methods %s\n", m, g.one("*", "\"GET, PUT\"", "PUT", "\"GET; PUT\""))
	case 3:
		return fmt.Sprintf("header %sAccess-Control-Allow-Headers %s\n", m, g.one("*", "\"content-type, x-request-id\"", "Authorization"))
	case 4:
		return fmt.Sprintf("header %s%sVary %s\n", m, g.one("", "+", ">"), g.one("Origin", "Cookie", "*"))
	case 5:
		return fmt.Sprintf("header %s-Access-Control-Allow-Origin\n", m)
	case 6:
		return "import open " + g.one("*", "https://app.example.com") + "\n"
	default:
		return fmt.Sprintf("header %s%sAccess-Control-Allow-Origin%s %s\n", m, g.one("", "", "", ">", "+", "?"), g.one("", "", "", "", ":"), g.allowed())
	}
}

func (g *grammar) cors() string {
	head := "cors " + g.one("", "", "/api/* ", "@api ", "@notopt ", "@mine ", "/items ") +
		g.one("https://app.example.com", "https://app.example.com", "https://*.example.com", "https://admin.example.com")
	if g.chance(10) {
		head = "cors " + g.one("* ", "/api/* ") + "*"
	}
	var lines []string
	for _, l := range []string{
		g.one("credentials", "timing"), "methods " + g.one("GET PUT", "*", "none", "PATCH"), "headers " + g.one("*", "Content-Type", "* Authorization", "none"),
		"expose " + g.one("*", "X-Total"), "max_age " + g.one("1h", "off"), g.one("preflight forward", "preflight_status 200"), "upstream keep",
		"enforce " + g.one("requests", "websockets"), "except https://admin.example.com", "report_only", "for https://page.example.com {\n\tmethods PUT\n}", "debug",
	} {
		if g.chance(12) {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return head + "\n"
	}
	return fmt.Sprintf("%s {\n%s}\n", head, indent(strings.Join(lines, "\n")))
}

func (g *grammar) answer() string {
	return g.one("respond @options 204\n", "respond @options \"\" 200\n", "respond /health ok\n", "error /gone 404\n", "error @cel \"no\" 403\n",
		"redir /old /items\n", "redir /away http://other.localhost:8080/items 308\n", "redir /api/old http://other.localhost:8080/api/x\n", "abort /abort\n")
}

func (g *grammar) change() string {
	return g.one("rewrite /old /items\n", "uri strip_prefix /v1\n", "try_files {path} /index.html\n", "encode gzip\n", "vars acao https://app.example.com\n",
		"map {path} {acao} {\n\t~^/api/ \"*\"\n\tdefault https://admin.example.com\n}\n", "request_body {\n\tmax_size 1KB\n}\n", "method @api GET\n",
		"request_header -Origin\n", "request_header Access-Control-Allow-Origin *\n",
		"intercept {\n\t@ok status "+g.one("200", "404 405", "5xx")+"\n\thandle_response @ok {\n\t\theader Access-Control-Allow-Origin "+g.allowed()+"\n\t\trespond replaced 203\n\t}\n}\n")
}

func (g *grammar) guard() string {
	if g.chance(50) {
		return "forward_auth " + g.one("", "@api ", "@notopt ") + g.auth + " {\n\turi /verify\n}\n"
	}
	return "basic_auth " + g.one("", "/api/*", "@notopt") + " {\n\talice $2a$04$7GGjyqWTp3OZRIP3ImaY4.Cs4ztdzvRtaVAMzQUFkJ3I.kx6kdGEa\n}\n"
}

func (g *grammar) last() string {
	m := g.one("", "", "/api/* ", "@api ", "@notopt ")
	switch g.IntN(5) {
	case 0:
		return "respond " + m + g.one("ok", "\"no\" 404", "204") + "\n"
	case 1:
		return "file_server\n"
	}
	var lines []string
	for _, l := range []string{
		"header_down Access-Control-Allow-Origin " + g.allowed(), "header_down -Access-Control-*", "header_down +Access-Control-Allow-Origin *",
		"header_down -Vary", "header_up -Origin", "header_up Origin https://up.example", "header_up Access-Control-Allow-Origin *",
		"@bad status 5xx\nhandle_response @bad {\n\theader Access-Control-Allow-Origin *\n\trespond bad 502\n}",
		"@odd status 405\nhandle_response @odd {\n\trespond odd 200\n}",
		"handle_response {\n\theader X-Through 1\n\tcopy_response\n}", "replace_status 405 204", "rewrite /other",
	} {
		if g.chance(8) {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return "reverse_proxy " + m + g.upstream + "\n"
	}
	return fmt.Sprintf("reverse_proxy %s%s {\n%s}\n", m, g.upstream, indent(strings.Join(lines, "\n")))
}

func (g *grammar) question() (browser.Page, browser.Request) {
	origin, err := browser.ParseOrigin(g.one("https://app.example.com", "https://app.example.com", "https://admin.example.com", "https://evil.example", "http://api.localhost:8080"))
	if err != nil {
		panic(err)
	}
	r := browser.Request{
		Method: g.one("GET", "GET", "PUT", "POST", "PATCH", "patch", "DELETE", "HEAD", "OPTIONS"),
		URL:    "http://" + g.one("api", "api", "other") + ".localhost:8080" + g.one("/items", "/api/x", "/v1/items", "/old", "/away", "/gone", "/", "/a.json", "/api/old", "/abort"),
	}
	for _, h := range [][2]string{{"Content-Type", "application/json"}, {"Authorization", "Basic YWxpY2U6eA=="}, {"X-Request-Id", "1"}} {
		if g.chance(15) {
			r.Headers = append(r.Headers, h)
		}
	}
	if g.chance(30) {
		r.Credentials = browser.CredentialsInclude
	}
	return browser.Page{Origin: origin}, r
}
