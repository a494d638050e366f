package origin

import "strings"

// affixes are what a first label must begin and end with: "deploy-" and "--shop"
// for deploy-*--shop. Between them stand one or more letters, digits and hyphens.
type affixes struct{ before, after string }

func cutAffixes(label string) affixes {
	before, after, _ := strings.Cut(label, "*")
	return affixes{before, after}
}

// match reports whether label fits. It does not allocate.
func (a affixes) match(label string) bool {
	n := len(label) - len(a.after)
	return n > len(a.before) && strings.HasPrefix(label, a.before) && label[n:] == a.after &&
		isPlain(label[len(a.before):n])
}

// isPlain reports whether s has only letters, digits and hyphens. An underscore is
// no letter: certificates and registries do not have it.
func isPlain(s string) bool {
	for i := range len(s) {
		if class[s[i]]&isHostByte == 0 || s[i] == '_' {
			return false
		}
	}
	return true
}

// covers reports whether whatever fits b fits a.
func (a affixes) covers(b affixes) bool {
	before, ok := strings.CutPrefix(b.before, a.before)
	after, fits := strings.CutSuffix(b.after, a.after)
	return ok && fits && isPlain(before) && isPlain(after)
}

// meets reports whether some label may fit both.
func (a affixes) meets(b affixes) bool {
	return (strings.HasPrefix(a.before, b.before) || strings.HasPrefix(b.before, a.before)) &&
		(strings.HasSuffix(a.after, b.after) || strings.HasSuffix(b.after, a.after))
}

// cutLabel cuts a first label with exactly one * in it, beside something else,
// off a host. It returns "" and s when s does not begin with one.
func cutLabel(s string) (label, rest string) {
	label, rest, ok := strings.Cut(s, ".")
	if !ok || !isLabelPattern(label) {
		return "", s
	}
	return label, rest
}

func isLabelPattern(label string) bool {
	if label == "*" || len(label) > maxLabel || strings.Count(label, "*") != 1 {
		return false
	}
	for i := range len(label) {
		if class[label[i]]&isHostByte == 0 && label[i] != '*' {
			return false
		}
	}
	return true
}

// labelTable holds InLabel patterns under the key of their domain, so that the
// cost of a lookup grows with those of the one domain only.
type labelTable map[string][]labelValue

type labelValue struct {
	affixes
	value Value
}

// add reports whether the pattern is new. Of two values the smaller one stays.
func (t *labelTable) add(key, label string, v Value) bool {
	a := cutAffixes(label)
	list := (*t)[key]
	for i := range list {
		if list[i].affixes == a {
			list[i].value = min(list[i].value, v)
			return false
		}
	}
	if *t == nil {
		*t = make(labelTable)
	}
	(*t)[key] = append(list, labelValue{a, v})
	return true
}

func (t labelTable) get(key, label string) (Value, bool) {
	a := cutAffixes(label)
	for _, l := range t[key] {
		if l.affixes == a {
			return l.value, true
		}
	}
	return 0, false
}

// lookup returns the best of best and the patterns that fit the first label of a
// key whose first hostLen bytes are the host.
func (t labelTable) lookup(key string, hostLen int, best Match) Match {
	dot := strings.IndexByte(key[:hostLen], '.')
	if dot < 0 {
		return best
	}
	list := t[key[dot+1:]]
	for i := range list {
		if list[i].match(key[:dot]) {
			best = best.or(list[i].value, true)
		}
	}
	return best
}
