package lint

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// directives fill in what there is to know of the handlers of Caddy. The
// matcher is already taken from their arguments.
var directives = map[string]func(*node, directive){
	"header":        func(n *node, d directive) { n.kind, n.ops = header, headerOps(d) },
	"cors":          readCors,
	"basic_auth":    func(n *node, _ directive) { n.kind = auth },
	"basicauth":     func(n *node, _ directive) { n.kind = auth },
	"forward_auth":  func(n *node, _ directive) { n.kind = auth },
	"authenticate":  func(n *node, _ directive) { n.kind = auth },
	"authorize":     func(n *node, _ directive) { n.kind = auth },
	"respond":       readRespond,
	"abort":         func(n *node, _ directive) { n.kind = fail },
	"error":         func(n *node, _ directive) { n.kind = fail },
	"redir":         func(n *node, _ directive) { n.kind = redirect },
	"metrics":       func(n *node, _ directive) { n.kind = respond },
	"reverse_proxy": readProxy,
	"php_fastcgi":   readProxy,
	"file_server":   readFiles,
	"rewrite":       func(n *node, _ directive) { n.kind = rewrite },
	"try_files":     func(n *node, _ directive) { n.kind = rewrite },
	"uri":           readURI,
	"map":           readMap,
}

func readCors(n *node, d directive) {
	n.kind = policy
	has := func(option, value string) bool {
		args, found := d.option(option)
		return found && len(args) > 0 && args[0] == value
	}
	_, reportOnly := d.option("report_only")
	n.cors = &corsOptions{
		keep:       has("upstream", "keep"),
		forward:    has("preflight", "forward"),
		reportOnly: reportOnly,
		static:     isStaticCors(d),
		words:      d.args,
		block:      d.lines(),
	}
	for _, line := range d.block {
		switch line.name {
		case "origin_regexp":
			for _, expr := range line.args {
				n.cors.regexps = append(n.cors.regexps, originRegexp{line.at, expr})
			}
		case "credentials", "allow_credentials":
			n.cors.credentials = len(line.args) == 0 || line.args[0] == "true"
		}
	}
}

// isStaticCors tells whether the answer of a cors directive is the same for
// all origins.
func isStaticCors(d directive) bool {
	star := slices.Contains(d.args, "*")
	for _, line := range d.block {
		switch line.name {
		case "origins", "origin", "allowed_origins":
			star = star || slices.Contains(line.args, "*")
		case "except", "for":
			return false
		}
	}
	return star
}

func readRespond(n *node, d directive) {
	n.kind, n.status = respond, http.StatusOK
	for i, arg := range d.args {
		code, err := strconv.Atoi(arg)
		if err == nil && (i == 1 || len(d.args) == 1 && len(arg) == 3) {
			n.status = code
		}
	}
}

func readFiles(n *node, d directive) {
	n.kind = files
	if _, found := d.option("pass_thru"); found {
		n.kind = pass
	}
}

func readProxy(n *node, d directive) {
	n.kind = proxy
	for _, line := range d.block {
		if line.name == "header_down" && len(line.args) > 0 {
			n.ops = append(n.ops, readOp(line.at, line.args))
		}
	}
	// They run on the upstream's answer: an error of the proxy itself has
	// nothing of them.
	for _, o := range n.ops {
		o.deferred = true
	}
}

func readURI(n *node, d directive) {
	n.kind = rewrite
	if len(d.args) == 2 && d.args[0] == "strip_prefix" {
		n.stripPrefix = "/" + strings.Trim(d.args[1], "/")
	}
}

// readMap reads a map from the request's Origin to a placeholder.
func readMap(n *node, d directive) {
	if len(d.args) < 2 || !isOriginPlaceholder(d.args[0]) {
		return
	}
	n.kind = mapping
	n.mapping = &mapTable{targets: d.args[1:]}
	for _, line := range d.block {
		var output string
		if len(line.args) > 0 {
			output = fullPlaceholder.Replace(line.args[0])
		}
		n.mapping.add(line.name, output, line.at)
	}
}

// add adds a line of a map; an input that starts with ~ is an expression.
func (m *mapTable) add(input, output string, at place) {
	if input == "default" {
		m.fallback = output
		return
	}
	if output == "" || output == "-" {
		return
	}
	t := test{kind: "header", field: headerOrigin, values: []string{input}, at: at, said: "map: " + input}
	if expr, ok := strings.CutPrefix(input, "~"); ok {
		t.kind, t.values = "header_regexp", []string{expr}
	}
	m.inputs = append(m.inputs, t)
}

// isOriginPlaceholder tells whether a value is the request's own Origin.
func isOriginPlaceholder(value string) bool {
	return strings.EqualFold(fullPlaceholder.Replace(strings.TrimSpace(value)), "{http.request.header.Origin}") ||
		strings.EqualFold(strings.TrimSpace(value), "{header.Origin}")
}
