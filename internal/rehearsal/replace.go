package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pure are the handlers that touch nothing but the request, the response and
// variables. They run as they are.
var pure = map[string]bool{
	"cors": true, "headers": true, "rewrite": true, "vars": true, "map": true, "request_body": true,
	"static_response": true, "error": true, "invoke": true, "encode": true, "intercept": true, "log_append": true,
	"copy_response": true, "copy_response_headers": true, "timeouts": true, "templates": true, "metrics": true, "push": true,
}

// idle are handlers of Caddy that would act outside and answer no page.
var idle = map[string]bool{"tracing": true, "acme_server": true}

// modulesIn are what some handlers have modules of plugins for: the key that these
// stand under, how their names begin, and the key of their order.
var modulesIn = map[string][3]string{
	"encode":      {"encodings", "http.encoders.", "prefer"},
	"file_server": {"precompressed", "http.precompressed.", "precompressed_order"},
}

// known leaves the modules of a handler out that this Caddy lacks. Who answers, and
// whom, does not hang on them.
func (e *editor) known(raw map[string]any, h *Handler) {
	in := modulesIn[h.Kind]
	for name := range mapsIn(raw[in[0]]) {
		at := h.Place
		at.Path += "/" + in[0] + "/" + escapePointer(name)
		if e.lacks(in[1]+name, at) {
			delete(Map(raw, in[0]), name)
			delete(raw, in[2])
		}
	}
}

// replace puts something harmless in the place of a handler that reaches out.
func (e *editor) replace(raw map[string]any, h *Handler) map[string]any {
	e.known(raw, h)
	switch kind := h.Kind; {
	case kind == "cors":
		e.sources(raw)
		return raw
	case kind == "reverse_proxy":
		return e.proxy(raw)
	case kind == "authentication":
		return e.authentication(raw)
	case kind == "file_server":
		e.files(raw)
		return raw
	case kind == "vars":
		e.files(raw)
		return raw
	case kind == "subroute":
		raw["handler"] = subrouteName
		return raw
	case pure[kind]:
		return raw
	case idle[kind]:
		return nil
	default:
		e.lacks("http.handlers."+kind, h.Place)
		h.Foreign = true
		return nil
	}
}

// proxy gives a proxy the transport that plays the upstream. What would make a
// person outlive its question, or wait, is left out.
func (e *editor) proxy(raw map[string]any) map[string]any {
	delete(raw, "health_checks")
	delete(raw, "circuit_breaker")
	if _, ok := raw["dynamic_upstreams"]; ok {
		delete(raw, "dynamic_upstreams")
		raw["upstreams"] = []any{map[string]any{"dial": "upstream.invalid:80"}}
	}
	if lb, ok := raw["load_balancing"].(map[string]any); ok {
		delete(lb, "retries")
		delete(lb, "try_duration")
		delete(lb, "try_interval")
	}
	raw["transport"] = map[string]any{"protocol": moduleName, "authenticates": asksForPermission(raw)}
	return raw
}

// asksForPermission recognizes what forward_auth becomes: a proxy that rewrites
// the method, and lets the request pass on if the answer is a success.
func asksForPermission(raw map[string]any) bool {
	if Dig(raw, "rewrite", "method") == nil {
		return false
	}
	return slices.ContainsFunc(List(raw, "handle_response"), func(response any) bool {
		return slices.ContainsFunc(List(response, "match", "status_code"), func(code any) bool {
			text := strings.TrimSuffix(fmt.Sprint(code), "xx")
			return text == "2" || len(text) == 3 && text[0] == '2'
		})
	})
}

// authentication lets those pass who have credentials of the right kind.
func (e *editor) authentication(raw map[string]any) map[string]any {
	raw["providers"] = map[string]any{moduleName: map[string]any{"kinds": slices.Sorted(maps.Keys(Map(raw, "providers")))}}
	return raw
}
