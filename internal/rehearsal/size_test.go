package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

func sites(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "http://s%d.localhost:8080 {\n\theader Access-Control-Allow-Origin https://a%d.example.com\n\tcors /api/* https://app%d.example.com\n\tencode gzip\n\treverse_proxy up%d:80\n}\n", i, i, i, i)
	}
	return b.String()
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{100, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := []byte(sites(n))
			for b.Loop() {
				r, err := rehearsal.Caddyfile("Caddyfile", text, rehearsal.Options{})
				if err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}

func BenchmarkAsk(b *testing.B) {
	for _, n := range []int{1, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r, err := rehearsal.Caddyfile("Caddyfile", []byte(sites(n)), rehearsal.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			for b.Loop() {
				if _, err := r.Ask(rehearsal.Question{Method: "GET", URL: fmt.Sprintf("http://s%d.localhost:8080/api/x", n-1)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
