package lint_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// grammar writes configurations as people write them by hand, right and wrong.
type grammar struct {
	*rand.Rand
	upstream string
}

func (g *grammar) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *grammar) chance(percent int) bool { return g.IntN(100) < percent }

func (g *grammar) config() string {
	var b strings.Builder
	b.WriteString("{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n}\n")
	b.WriteString("(open) {\n\t@o header Origin {args[0]}\n\theader @o Access-Control-Allow-Origin {args[0]}\n\theader +Vary Origin\n}\n")
	b.WriteString("(forum) {\n\t@cors_preflight method OPTIONS\n\t@cors header Origin {args[0]}\n\thandle @cors_preflight {\n\t\theader Access-Control-Allow-Origin \"{args[0]}\"\n" +
		"\t\theader Access-Control-Allow-Methods \"GET, POST, PUT\"\n\t\theader Access-Control-Allow-Headers \"Content-Type\"\n\t\trespond \"\" 204\n\t}\n" +
		"\thandle @cors {\n\t\theader Access-Control-Allow-Origin \"{args[0]}\"\n\t}\n}\n")
	fmt.Fprintf(&b, "http://api.localhost:8080 {\n%s}\n", indent(g.site()))
	if g.chance(30) {
		fmt.Fprintf(&b, "http://other.localhost:8080 {\n%s}\n", indent(g.site()))
	}
	return b.String()
}

func indent(s string) string {
	if s == "" {
		return ""
	}
	return "\t" + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n\t") + "\n"
}

func (g *grammar) site() string {
	var b strings.Builder
	b.WriteString("@options method OPTIONS\n@api path /api/* /v1/*\n@app header Origin https://app.example.com\n" +
		"@re header_regexp Origin ^https://(app|admin)\\.example\\.com$\n@loose header_regexp Origin example\\.com\n" +
		"@glob header Origin *.example.com\n@get method GET POST\n@cel `{http.request.header.Origin}.endsWith(\"example.com\")`\n" +
		"@has header Origin *\n@tilde header Origin ~^https://app\\.example\\.com$\n@local remote_ip 127.0.0.0/8\n" +
		"@cookie header Cookie *sid=*\n@json header Accept *json*\n" +
		"@two {\n\theader Origin https://app.example.com\n\theader Origin https://admin.example.com\n}\n" +
		"@list expression `{http.request.header.Origin} in ['https://app.example.com', 'https://admin.example.com']`\n")
	for range 1 + g.IntN(4) {
		b.WriteString(g.directive(1))
	}
	b.WriteString(g.last())
	if g.chance(20) {
		fmt.Fprintf(&b, "handle_errors {\n%s\trespond \"{err.status_code}\"\n}\n", indent(g.header()))
	}
	return b.String()
}

func (g *grammar) directive(depth int) string {
	switch n := g.IntN(12); {
	case n < 5:
		return g.header()
	case n == 5:
		return g.one("respond @options 204\n", "respond @options \"\" 200\n", "header -Access-Control-Allow-Origin\n", "header Vary Accept-Encoding\n", "header +Vary Origin\n", "header >Vary Accept\n")
	case n == 6:
		return g.one("cors https://app.example.com\n", "cors @api https://app.example.com {\n\tcredentials\n}\n", "cors @get https://admin.example.com\n", "cors /v1/* *\n", "import open https://app.example.com\n", "import open\n")
	case n == 7 && depth > 0:
		return "basic_auth " + g.one("", "/api/* ") + "{\n\talice $2a$04$7GGjyqWTp3OZRIP3ImaY4.Cs4ztdzvRtaVAMzQUFkJ3I.kx6kdGEa\n}\n"
	case n == 8 || n == 9:
		return g.guide(depth)
	case depth > 0:
		head := g.one("handle @options", "handle /api/*", "handle_path /v1/*", "route /api/*", "handle @app", "handle")
		body := ""
		for range 1 + g.IntN(2) {
			body += g.directive(0)
		}
		if g.chance(80) {
			body += g.one("respond 204\n", "respond ok\n", g.last())
		}
		return head + " {\n" + indent(body) + "}\n"
	}
	return g.header()
}

// guide writes a shape that public guides have.
func (g *grammar) guide(depth int) string {
	whom := g.one("https://app.example.com", "{header.Origin}", "*")
	fields := "header Access-Control-Allow-Origin " + whom + "\nheader Access-Control-Allow-Methods " + g.one("PUT", "\"GET, PUT\"", "*") + "\n" +
		g.one("", "header Access-Control-Allow-Headers \"Content-Type\"\n", "header Access-Control-Allow-Credentials true\n")
	shapes := []string{
		"header " + g.one("@has ", "@two ", "@list ") + "{\n\tAccess-Control-Allow-Origin {header.Origin}\n" + g.one("", "\tAccess-Control-Allow-Credentials true\n") + g.one("", "\tVary Origin\n") + "}\n",
		"header @two Access-Control-Allow-Origin {header.Origin}\nheader @two Access-Control-Allow-Headers \"Authorization,Content-Type\"\nrespond @options 204\n",
		"header ?Access-Control-Allow-Origin " + whom + "\nheader ?Access-Control-Allow-Headers \"Content-Type\"\n",
		"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Headers Content-Type, Authorization\n",
		"header Access-Control-Allow-Origin " + g.one("$http_origin", "https://{$GUIDE_NOT_SET}.example.com", "http://api.localhost:8080", "{http.request.headers.Origin}") + "\n",
		"header @tilde Access-Control-Allow-Origin {header.Origin}\n",
		"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Methods {$GUIDE_NOT_SET}\n",
		"header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Methods PUT\nredir " + g.one("/ ", "/v1/* ", "") + "http://new.localhost:8080{uri}\n",
	}
	if depth > 0 {
		shapes = append(shapes, "import forum "+g.one("*", "https://app.example.com")+"\n",
			"handle @options {\n"+indent(fields+"respond 204\n")+"}\n",
			"handle @options {\n"+indent(fields+"respond 204\n")+"}\nhandle {\n"+indent(fields+g.last())+"}\n",
			"handle @local {\n"+indent(fields+g.last())+"}\nhandle {\n\trespond no 403\n}\n")
	}
	return g.one(shapes...)
}

func (g *grammar) allowed() string {
	return g.one("*", "*", "https://app.example.com", "https://app.example.com", "{header.Origin}", "{http.request.header.Origin}", "https://app.example.com/",
		"https://App.example.com", "\"https://app.example.com, https://admin.example.com\"", "'*'", "null", "{>Origin}", "https://a.example https://b.example", "{$CORS_NOT_SET}")
}

func (g *grammar) header() string {
	m := g.one("", "", "@cookie ", "@app ", "@re ", "@loose ", "@glob ", "@api ", "@options ", "@get ", "@cel ", "@json ", "/ ")
	lines := []string{g.one("", "", "", "", ">", "?", "+") + "Access-Control-Allow-Origin" + g.one("", "", "", "", "", ":") + " " + g.allowed()}
	for _, l := range []string{
		"Access-Control-Allow-Methods " + g.one("\"GET, PUT, OPTIONS\"", "*", "\"GET, POST, DELETE\"", "\"GET, OPTIONS\""),
		"Access-Control-Allow-Headers " + g.one("*", "\"Content-Type, Authorization\"", "X-Api-Key"),
		"Access-Control-Allow-Credentials " + g.one("true", "\"true\"", "True"),
		"Access-Control-Allow-Origin " + g.allowed(), g.one("Vary Origin", "+Vary Origin"), g.one("-Server", "-Access-Control-Allow-Origin", "defer"),
	} {
		if g.chance(30) {
			lines = append(lines, l)
		}
	}
	if len(lines) == 1 {
		return "header " + m + lines[0] + "\n"
	}
	return "header " + m + "{\n" + indent(strings.Join(lines, "\n")) + "}\n"
}

func (g *grammar) last() string {
	if g.chance(40) {
		return "respond " + g.one("ok", "\"no\" 404") + "\n"
	}
	body := ""
	for _, l := range []string{
		"header_down Access-Control-Allow-Origin " + g.allowed(), "header_down -Access-Control-*", "header_down -Access-Control-Allow-Origin",
		"header_up Access-Control-Allow-Origin *", "header_up -Origin",
	} {
		if g.chance(15) {
			body += l + "\n"
		}
	}
	if body == "" {
		return "reverse_proxy " + g.upstream + "\n"
	}
	return "reverse_proxy " + g.upstream + " {\n" + indent(body) + "}\n"
}
