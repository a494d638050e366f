package lint

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// jsonHandler has the fields of all handlers that matter here.
type jsonHandler struct {
	Handler string `json:"handler"`

	// subroute, invoke
	Routes []jsonRoute `json:"routes"`
	Errors struct {
		Routes []jsonRoute `json:"routes"`
	} `json:"errors"`
	Name string `json:"name"`

	// headers
	Response *jsonHeaderOps `json:"response"`

	// static_response
	StatusCode json.RawMessage `json:"status_code"`
	Headers    json.RawMessage `json:"headers"` // of reverse_proxy too
	Abort      bool            `json:"abort"`
	PassThru   bool            `json:"pass_thru"` // of file_server

	// reverse_proxy
	HandleResponse []struct {
		Match *struct {
			StatusCode []int `json:"status_code"`
		} `json:"match"`
	} `json:"handle_response"`

	// rewrite
	StripPathPrefix string `json:"strip_path_prefix"`
	URI             string `json:"uri"`

	// map
	Source       string   `json:"source"`
	Destinations []string `json:"destinations"`
	Mappings     []struct {
		Input       string `json:"input"`
		InputRegexp string `json:"input_regexp"`
		Outputs     []any  `json:"outputs"`
	} `json:"mappings"`
	Defaults []string `json:"defaults"`

	// cors
	Origins      []string        `json:"origins"`
	OriginRegexp []string        `json:"origin_regexp"`
	Except       json.RawMessage `json:"except"`
	For          json.RawMessage `json:"for"`
	Credentials  json.RawMessage `json:"credentials"`
	Preflight    string          `json:"preflight"`
	Upstream     string          `json:"upstream"`
	ReportOnly   bool            `json:"report_only"`
}

// jsonHeaderOps are the operations of the headers handler.
type jsonHeaderOps struct {
	Add     map[string][]string        `json:"add"`
	Set     map[string][]string        `json:"set"`
	Delete  []string                   `json:"delete"`
	Replace map[string]json.RawMessage `json:"replace"`
	Require *struct {
		Headers map[string][]string `json:"headers"`
	} `json:"require"`
	Deferred bool `json:"deferred"`
}

// jsonHandlers fill in what there is to know of the handlers of Caddy.
var jsonHandlers = map[string]func(*node, *jsonHandler){
	"headers":         jsonHeader,
	"cors":            jsonCors,
	"authentication":  func(n *node, _ *jsonHandler) { n.kind = auth },
	"static_response": jsonStatic,
	"reverse_proxy":   jsonProxy,
	"file_server": func(n *node, h *jsonHandler) {
		if !h.PassThru {
			n.kind = files
		}
	},
	"error":   func(n *node, _ *jsonHandler) { n.kind = fail },
	"metrics": func(n *node, _ *jsonHandler) { n.kind = respond },
	"rewrite": func(n *node, h *jsonHandler) {
		n.kind = rewrite
		if h.URI == "" {
			n.stripPrefix = h.StripPathPrefix
		}
	},
	"map": jsonMap,
}

func jsonHeader(n *node, h *jsonHandler) {
	n.kind = header
	n.ops = h.Response.ops(n.at)
}

// ops lists the operations in the order in which Caddy runs them.
func (h *jsonHeaderOps) ops(at place) []*op {
	if h == nil {
		return nil
	}
	var ops []*op
	put := func(v verb, name, value string) {
		ops = append(ops, &op{at: at, verb: v, name: http.CanonicalHeaderKey(name), value: value, deferred: h.Deferred || h.Require != nil})
	}
	for _, name := range sortedKeys(h.Add) {
		for _, value := range h.Add[name] {
			put(add, name, value)
		}
	}
	for _, name := range sortedKeys(h.Set) {
		v := set_
		if h.Require != nil {
			if values, asked := h.Require.Headers[name]; asked && values == nil {
				v = fallback // ?Field
			}
		}
		put(v, name, strings.Join(h.Set[name], ","))
	}
	for _, name := range h.Delete {
		put(remove, name, "")
	}
	for _, name := range sortedKeys(h.Replace) {
		put(replace, name, "")
	}
	return ops
}

func jsonCors(n *node, h *jsonHandler) {
	n.kind = policy
	n.cors = &corsOptions{
		keep:       h.Upstream == "keep",
		forward:    h.Preflight == "forward",
		reportOnly: h.ReportOnly,

		credentials: string(h.Credentials) == "true",
		static:      slices.Contains(h.Origins, "*") && len(h.Except) == 0 && len(h.For) == 0,
		words:       h.Origins,
	}
	for _, expr := range h.OriginRegexp {
		n.cors.regexps = append(n.cors.regexps, originRegexp{n.at, expr})
	}
}

func jsonStatic(n *node, h *jsonHandler) {
	n.kind, n.status = respond, http.StatusOK
	if code, err := strconv.Atoi(strings.Trim(string(h.StatusCode), `"`)); err == nil {
		n.status = code
	}
	var fields map[string][]string
	if json.Unmarshal(h.Headers, &fields) == nil {
		for _, name := range sortedKeys(fields) {
			n.ops = append(n.ops, &op{at: n.at, name: http.CanonicalHeaderKey(name), value: strings.Join(fields[name], ",")})
		}
	}
	switch {
	case h.Abort:
		n.kind = fail
	case len(fields["Location"]) > 0:
		n.kind = redirect
	}
}

// jsonProxy reads reverse_proxy. One that goes on after a 2xx answer is what
// forward_auth is made of.
func jsonProxy(n *node, h *jsonHandler) {
	n.kind = proxy
	var fields struct {
		Response *jsonHeaderOps `json:"response"`
	}
	if json.Unmarshal(h.Headers, &fields) == nil {
		n.ops = fields.Response.ops(n.at)
	}
	for _, o := range n.ops {
		o.deferred = true
	}
	for _, r := range h.HandleResponse {
		if r.Match != nil && len(r.Match.StatusCode) == 1 && r.Match.StatusCode[0] == 2 {
			n.kind = auth
		}
	}
}

func jsonMap(n *node, h *jsonHandler) {
	if !isOriginPlaceholder(h.Source) {
		return
	}
	n.kind = mapping
	n.mapping = &mapTable{targets: h.Destinations}
	for _, m := range h.Mappings {
		input, output := m.Input, ""
		if m.InputRegexp != "" {
			input = "~" + m.InputRegexp
		}
		if len(m.Outputs) > 0 {
			output, _ = m.Outputs[0].(string)
		}
		n.mapping.add(input, output, n.at)
	}
	if len(h.Defaults) > 0 {
		n.mapping.fallback = h.Defaults[0]
	}
}
