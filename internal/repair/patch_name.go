package repair

import (
	"fmt"
	"os"
	"strings"
	"unicode"
)

// patchName is a file's name as patch reads it from a diff: a tab ends one with
// spaces, and one with a control character or a quote in front is a string as in C.
func patchName(name string) string {
	switch {
	case strings.HasPrefix(name, `"`), strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return quotedInC(name)
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}

// quotedInC writes a name byte by byte, what is not ASCII too: terminals show it.
func quotedInC(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		format := "%c"
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			format = `\%03o`
		}
		fmt.Fprintf(&b, format, c)
	}
	return `"` + b.String() + `"`
}

// linked says why edits cannot become a patch: patch changes no file behind a link.
func (src *sources) linked(list []edit) (reason string) {
	for file := range src.apply(list) {
		if to, err := os.Readlink(file); err == nil {
			return fmt.Sprintf("%s is a link to %s, and patch changes no file behind a link: import %s itself", relative(file), to, to)
		}
	}
	return ""
}
