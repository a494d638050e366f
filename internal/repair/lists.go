package repair

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// methodsOf returns the words of the methods option.
func methodsOf(values []string) []string {
	list := wordsOf(values, []string{"*"}, func(lower string) bool { return lower == "options" || httpwords.IsForbiddenMethod(lower) })
	for i, m := range list {
		list[i] = strings.ToUpper(m)
	}
	if slices.Contains(list, "*") {
		return []string{"*"}
	}
	return list
}

// headersOf returns the words of the headers option. What asks for everything
// by a placeholder covers Authorization too.
func headersOf(values []string) []string {
	return wordsOf(values, []string{"*", "Authorization"}, func(lower string) bool {
		return httpwords.IsForbiddenRequestHeader(lower) || strings.HasPrefix(lower, "access-control-") ||
			strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-")
	})
}

func exposedOf(values []string) []string {
	return wordsOf(values, []string{"*"}, func(lower string) bool {
		return httpwords.IsSafelistedResponseHeader(lower) || httpwords.IsForbiddenResponseHeader(lower) || strings.HasPrefix(lower, "access-control-")
	})
}

// wordsOf are the words of a field's values that an option takes. Nil: there is
// no field.
func wordsOf(values, everything []string, pointless func(lower string) bool) (list []string) {
	for _, v := range values {
		list = orEmpty(list)
		if strings.Contains(v, "{") {
			return everything
		}
		for _, word := range splitList(strings.Trim(v, `'"`)) {
			isKnown := slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
			if !isKnown && httpwords.IsToken(word) && !pointless(strings.ToLower(word)) && (word == "*" || !strings.Contains(word, "*")) {
				list = append(list, word)
			}
		}
	}
	return list
}

// ageOf returns the value of max_age, or "" for the default.
func ageOf(values []string) string {
	n, err := strconv.Atoi(strings.Trim(strings.Join(values[max(0, len(values)-1):], ""), `'"`))
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
