package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// BenchmarkLint: the time for each site must not grow with their number.
func BenchmarkLint(b *testing.B) {
	site := "s%d.example.com {\n\tcors https://app%[1]d.example.com {\n\t\tcredentials\n\t}\n\treverse_proxy localhost:3000\n}\n"
	for _, n := range []int{200, 2000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, site, i)
		}
		b.Run(fmt.Sprintf("sites=%d", n), func(b *testing.B) { benchmark(b, text.String(), n) })
	}
	var text strings.Builder
	text.WriteString("api.example.com {\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "\thandle /p%d/* {\n\t\tcors https://app.example.com\n\t\treverse_proxy localhost:%d\n\t}\n", i, 3000+i)
	}
	text.WriteString("}\n")
	b.Run("handles=2000", func(b *testing.B) { benchmark(b, text.String(), 2000) })
}

func benchmark(b *testing.B, text string, n int) {
	b.Helper()
	for b.Loop() {
		if _, err := lint.Caddyfile("Caddyfile", []byte(text), lint.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n*b.N), "µs/each")
}
