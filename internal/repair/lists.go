package repair

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// methodsOf returns the words of the methods option.
func methodsOf(values []string) (list []string) {
	for _, v := range values {
		if strings.ContainsAny(v, "*{") {
			return []string{"*"}
		}
		for _, m := range splitList(v) {
			m = strings.ToUpper(strings.Trim(m, `'"`))
			if httpwords.IsToken(m) && !slices.Contains([]string{"OPTIONS", "CONNECT", "TRACE", "TRACK"}, m) && !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	if len(values) > 0 && list == nil {
		list = []string{}
	}
	return list
}

// headersOf returns the words of the headers option. What asks for everything
// by a placeholder covers Authorization too.
func headersOf(values []string) []string {
	return namesOf(values, []string{"*", "Authorization"}, func(lower string) bool {
		return httpwords.IsForbiddenRequestHeader(lower) || strings.HasPrefix(lower, "access-control-") ||
			strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-")
	})
}

func exposedOf(values []string) []string {
	return namesOf(values, []string{"*"}, func(lower string) bool {
		return httpwords.IsSafelistedResponseHeader(lower) || httpwords.IsForbiddenResponseHeader(lower) || strings.HasPrefix(lower, "access-control-")
	})
}

func namesOf(values, everything []string, pointless func(lower string) bool) (list []string) {
	for _, v := range values {
		if strings.Contains(v, "{") {
			return everything
		}
		for _, name := range splitList(strings.Trim(v, `'"`)) {
			if !httpwords.IsToken(name) || pointless(strings.ToLower(name)) || strings.Contains(name, "*") && name != "*" ||
				slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) }) {
				continue
			}
			list = append(list, name)
		}
	}
	if len(values) > 0 && list == nil {
		list = []string{}
	}
	return list
}

// ageOf returns the value of max_age, or "" for the default.
func ageOf(v string) string {
	n, err := strconv.Atoi(strings.Trim(v, `'"`))
	switch n = min(n, maxUsefulAge); {
	case err != nil || n < 0:
		return ""
	case n%3600 == 0 && n > 0:
		return strconv.Itoa(n/3600) + "h"
	case n%60 == 0 && n > 0:
		return strconv.Itoa(n/60) + "m"
	default:
		return strconv.Itoa(n) + "s"
	}
}
