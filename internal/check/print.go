package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// printer writes lines.
type printer struct{ w io.Writer }

func (p printer) line(format string, args ...any) {
	fmt.Fprintln(p.w, httpwords.Printable(fmt.Sprintf(format, args...)))
}

// paragraph writes a text that has lines of its own.
func (p printer) paragraph(title, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(title+text, "\n"), "\n") {
		p.line("%s", line)
	}
}

// WriteJSON writes v with every control character escaped, C1 and bidi too,
// which encoding/json leaves as they are.
func WriteJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	var out strings.Builder
	for _, r := range b.String() {
		if r != '\n' && httpwords.IsControl(r) {
			out.WriteString(escaped(r))
		} else {
			out.WriteRune(r)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func escaped(r rune) string {
	if r > 0xFFFF { // a surrogate pair: the controls of format beyond the basic plane
		r -= 0x10000
		return fmt.Sprintf(`\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
