package origin

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mistake is the error of ParsePattern.
type mistake struct {
	value   string // the whole value, as it was written
	problem string // goes after the value: `has a path ("/x")`
	cure    string // what to do about it, unless proposal says all
	propose string // a pattern that ParsePattern accepts, or ""
}

// Error quotes the value, says what is wrong with it, and ends with the cure.
func (m *mistake) Error() string {
	text := "origin " + quote(m.value) + " " + m.problem
	if m.propose != "" {
		return text + "; did you mean " + m.propose + "?"
	}
	return text + "; " + m.cure
}

// quote quotes s for a message.
func quote(s string) string { return strconv.Quote(shorten(s)) }

// shorten keeps the beginning of what is longer than any origin.
func shorten(s string) string {
	end := MaxLength
	if len(s) <= end {
		return s
	}
	for !utf8.RuneStart(s[end]) && end > 0 {
		end--
	}
	return s[:end] + "…"
}

// diagnose says why s is not a pattern. It looks first for what is wrong with s
// as a whole, then takes it to pieces.
func diagnose(s string) *mistake {
	for _, check := range []func(string) *mistake{
		asTooLong, asKeyword, asQuoted, asBlank, asOpaque, asRegexp, asList,
	} {
		if m := check(s); m != nil {
			m.value = s
			return m
		}
	}
	return dissect(s)
}

// repair returns s if it is a pattern, else what diagnose would propose, else "".
func repair(s string) string {
	if _, ok := parsePattern(s); ok || s == "" {
		return s
	}
	return diagnose(s).propose
}

// asTooLong ends the diagnosis early: what is that long is no slip of the pen,
// and the other checks may look at a value many times.
func asTooLong(s string) *mistake {
	if len(s) <= 2048 {
		return nil
	}
	return &mistake{
		problem: fmt.Sprintf("is %d bytes long, and no origin has more than %d", len(s), MaxLength),
		cure:    "write one like https://app.example.com",
	}
}

// keywords are words that people write where an origin belongs, because another
// system (CSP, Express, a boolean) knows them.
var keywords = map[string]mistake{
	"":            {problem: "is empty", cure: "write one like https://app.example.com, or remove it"},
	"*":           {problem: "is not one origin but all of them", cure: "write * alone, where any origin may be listed"},
	"null":        {problem: "is the origin of every sandboxed frame, file: and data: page on the web, so allowing it allows any attacker", cure: "list the origin of the page instead"},
	"any":         {problem: "is not an origin", cure: "to allow every origin write *"},
	"true":        {problem: "is not an origin (one looks like https://app.example.com)", cure: "to allow every origin write *"},
	"false":       {problem: "is not an origin (one looks like https://app.example.com)", cure: "to allow none, remove it"},
	"self":        {problem: "is not an origin", cure: "a page on the site itself needs no CORS, so remove it"},
	"same-origin": {problem: "is not an origin", cure: "a page on the site itself needs no CORS, so remove it"},
}

var synonyms = map[string]string{
	"all": "any", "**": "any", "everyone": "any", "everything": "any",
	"yes": "true", "on": "true", "no": "false", "off": "false", "none": "false",
	"same-site": "same-origin", "sameorigin": "same-origin",
}

func asKeyword(s string) *mistake {
	word := strings.ToLower(strings.Trim(s, quotes)) // CSP writes 'self'
	if other, ok := synonyms[word]; ok {
		word = other
	}
	if m, ok := keywords[word]; ok {
		return &m
	}
	return nil
}

const quotes = "\"'`“”„‘’«»"

func asQuoted(s string) *mistake {
	inner := strings.Trim(s, quotes)
	if inner == s {
		return nil
	}
	return &mistake{
		problem: "has quotes at its ends, which would be part of the value",
		cure:    "remove them",
		propose: repair(inner),
	}
}

// asBlank finds spaces, controls, invisible characters and broken UTF-8.
func asBlank(s string) *mistake {
	if inner := strings.TrimFunc(s, isBlank); inner != s {
		where, r := "ends with ", lastRune(s)
		if !strings.HasPrefix(s, inner) || inner == "" {
			where, r = "starts with ", firstRune(s)
		}
		return &mistake{problem: where + nameOf(r), cure: "remove it", propose: repair(inner)}
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			return &mistake{problem: fmt.Sprintf("contains the byte 0x%02X, which is not UTF-8", s[i]), cure: "remove it"}
		case isBlank(r):
			return &mistake{problem: "contains " + nameOf(r), cure: "remove it, or write two origins if it is two"}
		}
	}
	return nil
}

// isBlank knows what cannot be seen. The two joiners that may be part of a name
// (U+200C and U+200D) are not among them.
func isBlank(r rune) bool {
	switch r {
	case '\u00AD', '\u200B', '\u200E', '\u200F', '\u2060', '\uFEFF':
		return true
	}
	return unicode.IsSpace(r) || unicode.IsControl(r)
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }

func nameOf(r rune) string {
	switch {
	case r == '\t':
		return "a tab (0x09)"
	case r == ' ':
		return "a space (0x20)"
	case r == '\n' || r == '\r':
		return fmt.Sprintf("a line break (0x%02X)", r)
	case r < utf8.RuneSelf:
		return fmt.Sprintf("a control byte (0x%02X)", r)
	}
	return fmt.Sprintf("an invisible character (%U)", r)
}

// asRegexp finds what is an expression, or as good as one.
func asRegexp(s string) *mistake {
	looks := s[0] == '^' || s[len(s)-1] == '$' || strings.ContainsAny(s, "()|")
	for _, sign := range []string{`\.`, `\d`, `\w`, `\/`, `\-`, "://.*", "://.+", "[^", "]+", "]*", "[a-z", "[0-9"} {
		looks = looks || strings.Contains(s, sign)
	}
	if !looks {
		return nil
	}
	return &mistake{problem: "looks like a regular expression", cure: "use origin_regexp for one, or list the origins it stands for"}
}

// asList finds the separators of lists.
func asList(s string) *mistake {
	if inner := strings.Trim(s, ",;"); inner != s {
		return &mistake{problem: "has a comma or semicolon at one of its ends", cure: "remove it", propose: repair(inner)}
	}
	if i := strings.IndexAny(s, ",;"); i >= 0 {
		return &mistake{problem: "contains " + quote(s[i:i+1]) + ", which no origin has", cure: "separate origins with spaces"}
	}
	return nil
}
