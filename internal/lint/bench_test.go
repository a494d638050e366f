package lint_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/cli"
)

// large are configurations with two thousand of something. %[1]d is a number.
var large = map[string]struct{ head, each, tail string }{
	"sites":                      {"", "s%[1]d.example.com {\n\tcors https://app%[1]d.example.com {\n\t\tcredentials\n\t}\n\treverse_proxy localhost:3000\n}\n", ""},
	"handles":                    {"api.example.com {\n", "\thandle /p%[1]d/* {\n\t\tcors https://app.example.com\n\t\treverse_proxy localhost:3000\n\t}\n", "}\n"},
	"handles, by hand":           {"api.example.com {\n", "\thandle /p%[1]d/* {\n\t\theader Access-Control-Allow-Origin https://app.example.com\n\t\treverse_proxy localhost:3000\n\t}\n", "}\n"},
	"handles, a line above them": {"api.example.com {\n\theader Access-Control-Allow-Origin https://app.example.com\n", "\thandle /p%[1]d/* {\n\t\treverse_proxy localhost:3000\n\t}\n", "}\n"},
}

// BenchmarkLarge is the whole command, `lint` and `lint --diff`. The time for each must
// not grow with their number.
func BenchmarkLarge(b *testing.B) {
	for name, c := range large {
		for _, n := range []int{200, 2000} {
			file := filepath.Join(b.TempDir(), "Caddyfile")
			var text strings.Builder
			text.WriteString(c.head)
			for i := range n {
				fmt.Fprintf(&text, c.each, i)
			}
			text.WriteString(c.tail)
			if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
				b.Fatal(err)
			}
			for command, run := range map[string]func() (int, error){
				"lint":        func() (int, error) { return cli.Lint(io.Discard, file, "", false) },
				"lint --diff": func() (int, error) { return cli.Diff(io.Discard, io.Discard, file, "", nil) },
			} {
				b.Run(fmt.Sprintf("%s/%d %s", command, n, name), func(b *testing.B) {
					for b.Loop() {
						if status, err := run(); err != nil || status > 1 {
							b.Fatal(status, err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n*b.N), "µs/each")
				})
			}
		}
	}
}
