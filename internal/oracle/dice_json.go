package oracle

import (
	"encoding/json"
	"strconv"
)

// options are the keys of a configuration, and two that are none.
var options = []string{
	"origins", "origin_regexp", "origins_from", "except", "for", "credentials", "methods", "headers", "expose", "max_age", "preflight_status",
	"preflight", "upstream", "timing", "enforce", "report_only", "debug", "name", "dangerously_allow", "orgins", "",
}

// JSON is a configuration, one or two options of which may have any value.
func (d *Dice) JSON() string {
	config, err := json.Marshal(d.Config())
	if err != nil {
		panic(err) // strings, numbers and lists only
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(config, &fields); err != nil {
		panic(err)
	}
	for range d.below(3) {
		fields[d.pick(options...)] = json.RawMessage(d.value(3))
	}
	if config, err = json.Marshal(fields); err != nil {
		panic(err)
	}
	return string(config)
}

// value is any JSON value.
func (d *Dice) value(depth int) string {
	if depth > 0 {
		switch d.below(6) {
		case 0:
			return "[" + d.value(depth-1) + "," + d.value(depth-1) + "]"
		case 1:
			return "{" + strconv.Quote(d.pick("origins", "source", "methods", "credentials", "x")) + ":" + d.value(depth-1) + "}"
		case 2:
			return "[" + d.value(depth-1) + "]"
		}
	}
	return d.pick("null", "true", "0", "-1", "204", "1e99", "3600000000000", `""`, `"*"`, `"none"`, `"1h"`, `"null"`, `"{env.A}"`, `"{http.request.host}"`,
		`"{env.HOME"`, `"https://a.example"`, `"a,b c"`, `"test_oracle"`, `"answer"`, "[]", "{}")
}
