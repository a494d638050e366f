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

// config is a Caddyfile of several sites on one port.
func (g *grammar) config() string {
	var b strings.Builder
	b.WriteString("{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n")
	if g.chance(15) {
		b.WriteString("\tservers {\n\t\ttrusted_proxies static 127.0.0.0/8\n" + g.one("", "\t\tclient_ip_headers X-Real-IP X-Forwarded-For\n", "\t\ttrusted_proxies_strict\n") + "\t}\n")
	}
	b.WriteString("}\n(open) {\n\theader Access-Control-Allow-Origin {args[0]}\n\theader Access-Control-Allow-Methods \"GET, PUT\"\n}\n")
	b.WriteString("(policy) {\n\tcors {args[1:]} {\n\t\tmethods {args[0]}\n\t}\n}\n(around) {\n\troute {\n\t\t{block}\n\t}\n}\n")
	if g.chance(10) {
		b.WriteString("&(named) {\n" + indent("route {\n"+indent(g.directives(1))+"}\n") + "}\n")
		g.named = true // from here on: one that invokes itself ends Caddy
	}
	fmt.Fprintf(&b, "http://api.localhost:8080 {\n%s}\n", indent(g.site()))
	fmt.Fprintf(&b, "%s {\n%s}\n", g.one("http://other.localhost:8080", "http://other.localhost:8080", "http://*.localhost:8080", "http://:8080"), indent(g.site()))
	return b.String()
}

func (g *grammar) site() string {
	var b strings.Builder
	b.WriteString("root " + g.folder + "\n")
	b.WriteString("@options method OPTIONS\n@api path /api/* /v1/*\n@mine header Origin https://app.example.com\n" +
		"@re header_regexp cors Origin ^https://(app|admin)\\.example\\.com$\n@notopt not method OPTIONS\n" +
		"@cel expression `{method} == \"GET\" && {path}.startsWith(\"/api\")`\n" +
		"@query query key=1 key=2\n@key header X-Key k*\n@loop remote_ip 127.0.0.0/8 ::1\n@client not client_ip 10.0.0.0/8\n@vars vars acao https://app.example.com\n" +
		"@two protocol http/2+\n@plain protocol http\n@guest header !X-Key\n@there file\n@pre header Access-Control-Request-Method *\n" +
		"@ver path_regexp ver ^/v(\\d+)/\n@all {\n\tpath /items /api/*\n\tmethod GET PUT OPTIONS\n\tnot header X-Key *\n}\n@long `{header.Origin}.matches(\"^https://[a-z]+[.]example[.]com$\")`\n")
	b.WriteString(g.directives(2))
	if g.chance(80) {
		b.WriteString(g.last())
	}
	if g.chance(25) {
		status := g.one("", " 404", " 5xx")
		fmt.Fprintf(&b, "handle_errors%s {\n%s\t%s\n}\n", status, indent(g.some(1, g.header, g.cors)), g.one("respond \"{err.status_code}\"", "respond \"{err.status_code}\"", "reverse_proxy "+g.upstream,
			"rewrite * /a.json\n\tfile_server", "redir * /items"))
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
	if g.chance(25) {
		return g.rare()
	}
	return g.one("", "", "", "@options ", "/api/* ", "@api ", "@mine ", "@re ", "@notopt ", "@cel ", "/items ")
}

func (g *grammar) rare() string {
	return g.one("@query ", "@key ", "@loop ", "@client ", "@vars ", "@two ", "@plain ", "@guest ", "@there ", "@pre ", "@ver ", "@all ", "@long ", "*.json ", "/docs* ")
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
	if g.chance(5) {
		return g.one("import policy PUT https://app.example.com https://admin.example.com\n", "import "+g.folder+"/policy.caddy\n", "import around {\n\tcors https://app.example.com\n}\n")
	}
	m := g.one("", "", "/api/* ", "@api ", "@notopt ", "@mine ", "/items ")
	if g.chance(15) {
		m = g.rare()
	}
	head := "cors " + m +
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
		"redir /old /items\n", "redir /away http://other.localhost:8080/items 308\n", "redir /api/old http://other.localhost:8080/api/x\n", "abort /abort\n",
		"respond @key key\n", "error @query \"\" 403\n", "redir @query /api/x 303\n", "redir /docs /docs/ permanent\n", "redir @loop /v1/items 307\n", "respond @pre 204\n", "respond /api/* nothing 404\n")
}

func (g *grammar) change() string {
	return g.one("rewrite /old /items\n", "uri strip_prefix /v1\n", "try_files {path} /index.html\n", "encode gzip\n", "vars acao https://app.example.com\n",
		"map {path} {acao} {\n\t~^/api/ \"*\"\n\tdefault https://admin.example.com\n}\n", "request_body {\n\tmax_size 1KB\n}\n", "method @api GET\n",
		"try_files {path} {path}/ =404\n", "rewrite @query /api/x\n", "uri replace /old /api\n", "uri path_regexp /+ /\n", "method @key GET\n", "templates\n", "encode zstd gzip {\n\tmatch status 2xx\n}\n",
		"vars @mine acao https://app.example.com\n", "vars {\n\tacao {header.Origin}\n}\n", "log_skip /items\n", "request_header @key X-Key other\n", "request_header +Origin https://app.example.com\n",
		"map {header.Origin} {acao} {\n\t~^https://(app|admin)[.]example[.]com$ https://${1}.example.com\n\tdefault \"\"\n}\n",
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
	switch g.IntN(6) {
	case 5:
		return g.one("file_server browse\n", "php_fastcgi "+g.upstream+"\n", "php_fastcgi @api "+g.upstream+"\n", "file_server @api {\n\tpass_thru\n}\n", "file_server {\n\tstatus 203\n}\n", "error "+m+"gone 410\n")
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
		"handle_response {\n\theader X-Through 1\n\tcopy_response\n}", "@no status 405\nreplace_status @no 204", "replace_status 203", "rewrite /other", "method GET",
		"@typed header Content-Type text/*\nhandle_response @typed {\n\theader Access-Control-Allow-Origin *\n\tcopy_response_headers {\n\t\texclude Access-Control-Allow-Origin\n\t}\n\tcopy_response 202\n}",
		"@own header Access-Control-Allow-Origin *\nhandle_response @own {\n\tcors https://app.example.com\n\tcopy_response\n}", "header_down >Access-Control-Allow-Origin up app",
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
		Method: g.one("GET", "GET", "PUT", "POST", "PATCH", "patch", "DELETE", "HEAD", "OPTIONS", "PROPFIND", "MKCOL"),
		URL: "http://" + g.one("api", "api", "api", "other", "other", "nowhere") + ".localhost:8080" + g.one("/items", "/api/x", "/v1/items", "/old", "/away", "/gone", "/", "/a.json", "/api/old", "/abort", "/docs", "/missing.json", "/api") +
			g.one("", "", "", "", "?key=1"),
	}
	for _, h := range [][2]string{{"Content-Type", "application/json"}, {"Authorization", "Basic YWxpY2U6eA=="}, {"X-Request-Id", "1"}, {"X-Key", "k1"}, {"X-Forwarded-For", "10.0.0.1"}} {
		if g.chance(15) {
			r.Headers = append(r.Headers, h)
		}
	}
	if g.chance(30) {
		r.Credentials = browser.CredentialsInclude
	}
	return browser.Page{Origin: origin}, r
}
