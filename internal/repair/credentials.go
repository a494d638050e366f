package repair

import (
	"slices"
	"strings"
)

// addCredentials adds what a line that allows credentials is for: all whom the
// others let in, or those whom its matcher or a map names.
func (in *intent) addCredentials(l *line, v claim, maps []*node) {
	value := strings.Trim(v.value, `'"`)
	for _, m := range maps {
		if m.name() == "vars" {
			if args := m.args(); value == "{vars."+args[0]+"}" || value == "{http.vars."+args[0]+"}" {
				value = args[1]
			}
			continue
		}
		if i := slices.Index(m.words[2:], value); i >= 0 {
			in.mapCredentials(m, i)
			return
		}
	}
	if strings.Contains(value, "{") {
		in.mayAsks = value
	}
	if !strings.EqualFold(value, "true") {
		return
	}
	in.credentials = true
	if a := l.audience(); a != nil {
		for _, o := range a.origins {
			in.claim(o)
		}
	}
}

// mapCredentials reads an output of a map by origin.
func (in *intent) mapCredentials(m *node, output int) {
	in.mayMap = map[string]bool{}
	for _, row := range m.children {
		out := ""
		if output+1 < len(row.words) {
			out = row.words[output+1]
		}
		isTrue := strings.EqualFold(out, "true")
		if row.name() == "default" {
			in.mayMap[""] = isTrue
			continue
		}
		var one intent
		one.mapped(row, row.name())
		for _, o := range one.origins {
			in.mayMap[o.value] = isTrue
		}
	}
}

// mayHave reports whether a map gives an origin credentials.
func (in *intent) mayHave(o claim) bool {
	may, known := in.mayMap[o.value]
	return may || !known && in.mayMap[""]
}

// apart are those of an intent whom a map gives credentials, where others have
// none. Nil: all are treated alike.
func (in *intent) apart() *intent {
	if in.mayMap == nil {
		return nil
	}
	with, without := []claim(nil), []claim(nil)
	for _, o := range in.origins {
		if in.mayHave(o) {
			with = append(with, o)
		} else {
			without = append(without, o)
		}
	}
	switch {
	case len(with) == 0:
		return nil
	case len(without) == 0 && !in.everybody:
		in.credentials = true
		return nil
	}
	in.origins = without
	other := &intent{credentials: true, origins: with}
	other.merge(in)
	return other
}
