package bench

import (
	"fmt"
	"testing"
)

// sizes is how many origins a list has.
var sizes = []int{1, 10, 1_000, 100_000, 1_000_000}

// shortSizes is for -short, which shows that everything works.
var shortSizes = []int{1, 1_000}

func listSizes() []int {
	if testing.Short() {
		return shortSizes
	}
	return sizes
}

func eachList(b *testing.B, f func(b *testing.B, l *list)) {
	b.Helper()
	for _, wildcard := range []bool{false, true} {
		kind := (&list{wildcard: wildcard}).kind()
		b.Run("list="+kind, func(b *testing.B) {
			for _, n := range listSizes() {
				b.Run(fmt.Sprintf("origins=%d", n), func(b *testing.B) { f(b, newList(wildcard, n)) })
			}
		})
	}
}

// BenchmarkBare is the policy and its headers on a bare header map.
func BenchmarkBare(b *testing.B) {
	eachList(b, func(b *testing.B, l *list) {
		b.Helper()
		origins := l.origins()
		var contestants []contestant
		for _, c := range contenders {
			if !l.wildcard || c.wildcards {
				contestants = append(contestants, contestant{c.name, c.build(b, origins)})
			}
		}
		for _, q := range requests(l) {
			b.Run("request="+q.name, func(b *testing.B) {
				for _, c := range contestants {
					if err := verify(c, q); err != nil {
						b.Fatal(err)
					}
				}
				compare(b, contestants, q, "")
			})
		}
	})
}

// BenchmarkStack is what the contenders run in, without CORS.
func BenchmarkStack(b *testing.B) {
	for _, q := range requests(newList(false, 1)) {
		if q.outcome == anything || q.spread != nil {
			continue
		}
		b.Run("request="+q.name, func(b *testing.B) {
			var contestants []contestant
			for _, c := range contenders {
				contestants = append(contestants, contestant{c.name, c.build(b, nil)})
			}
			compare(b, contestants, q, "")
		})
	}
}
