package repair

import "strings"

// addCredentials adds what a line that allows credentials is for: all whom the
// others let in, or those whom its matcher names.
func (in *intent) addCredentials(l *line, word string) {
	switch value := strings.Trim(word, `'"`); {
	case strings.Contains(value, "{"):
		in.mayAsk = value
	case strings.EqualFold(value, "true"):
		in.credentials = true
		in.claim(l.named()...)
	}
}

// apart are those of an intent whom a placeholder gives credentials, where others
// have none. Nil: all are treated alike.
func (in *intent) apart(says *voice) (other *intent, reason string) {
	if in.keptOut != "" {
		return nil, "pages that " + inTicks(in.keptOut) + " matches are kept out, and `except` takes no expression; write the `cors` by hand"
	}
	if in.mayAsk == "" {
		return nil, ""
	}
	var with, without []claim
	for _, o := range in.origins {
		if _, credentials := says.to(o); credentials {
			with = append(with, o)
		} else {
			without = append(without, o)
		}
	}
	_, credentials := says.to(stranger)
	switch {
	case in.everybody && credentials, !in.everybody && len(with) > 0 && len(without) == 0:
		in.credentials = true
	case len(with) > 0:
		in.origins = without
		other = &intent{credentials: true, origins: with}
		other.merge(in)
	case !says.fills(in.mayAsk):
		reason = "whether pages may send credentials is decided by " + inTicks(in.mayAsk) + ", and its value is not known here; write the `cors` yourself, with `credentials` for those who shall have them"
	}
	return other, reason
}
