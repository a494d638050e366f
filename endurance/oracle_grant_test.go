package endurance

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

func (r *rights) seconds() string {
	switch r.maxAge {
	case "":
		return "7200"
	case "off":
		return ""
	}
	d, err := time.ParseDuration(r.maxAge)
	if err != nil {
		panic(err)
	}
	return strconv.Itoa(int(d / time.Second))
}

// grantMethods is the list that is sent, and whether it covers what was asked.
func (r *rights) grantMethods(asked *request) (list string, covered bool) {
	lines := asked.header["Access-Control-Request-Method"]
	if len(lines) != 1 || !token(lines[0]) || len(lines[0]) > 32 ||
		slices.Contains([]string{"CONNECT", "TRACE", "TRACK"}, strings.ToUpper(lines[0])) {
		return "", false
	}
	method := lines[0]
	methods := r.methods
	switch {
	case methods == nil:
		methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
	case methods[0] == "none":
		methods = nil
	case methods[0] == "*" && r.withCredentials():
		return method, true
	case methods[0] == "*":
		return "*", true
	}
	safe := method == "GET" || method == "HEAD" || method == "POST"
	return strings.Join(methods, ","), safe || slices.Contains(methods, method)
}

// grantHeaders is the list that is sent, and why it does not cover what was
// asked.
func (r *rights) grantHeaders(asked *request) (list, reason string) {
	lines := asked.header["Access-Control-Request-Headers"]
	all := strings.Join(lines, ",")
	names := strings.Split(all, ",")
	empty := 0
	for i := range names {
		if names[i] = strings.Trim(names[i], " \t"); names[i] == "" {
			empty++
		}
	}
	if len(lines) > 0 && (len(all) > 4096 || empty > 32) {
		return "", "headers_malformed"
	}
	headers := r.headers
	if headers == nil {
		headers = []string{"*", "Authorization"}
	}
	star := slices.Contains(headers, "*")
	var granted []string
	for _, name := range names {
		listed := slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) })
		switch {
		case name == "":
		case !token(name):
			reason = "headers_malformed"
		case name == "*" && star && !r.withCredentials(),
			name != "*" && (listed || star && !strings.EqualFold(name, "authorization")):
			granted = append(granted, name)
		case reason == "":
			reason = "header_not_allowed"
		}
	}
	switch {
	case star && r.withCredentials():
		return strings.Join(granted, ","), reason
	case headers[0] == "none":
		return "", reason
	}
	return strings.Join(headers, ","), reason
}

// token: RFC 9110, section 5.6.2.
func token(s string) bool {
	return s != "" && strings.Trim(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
