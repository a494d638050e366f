package bench

import (
	"fmt"
	"testing"
)

// sizes is how many origins a list has.
var sizes = []int{1, 10, 1_000, 100_000, 1_000_000}

// shortSizes is for -short, which shows that everything works.
var shortSizes = []int{1, 1_000}

func eachList(b *testing.B, f func(b *testing.B, l *list)) {
	b.Helper()
	ns := sizes
	if testing.Short() {
		ns = shortSizes
	}
	for _, wildcard := range []bool{false, true} {
		kind := (&list{wildcard: wildcard}).kind()
		b.Run("list="+kind, func(b *testing.B) {
			for _, n := range ns {
				b.Run(fmt.Sprintf("origins=%d", n), func(b *testing.B) { f(b, newList(wildcard, n)) })
			}
		})
	}
}

// BenchmarkBare is the policy and its headers on a bare header map. The
// contenders take turns at each request, so that what the machine does
// meanwhile hits them alike.
func BenchmarkBare(b *testing.B) {
	eachList(b, func(b *testing.B, l *list) {
		b.Helper()
		origins := l.origins()
		var names []string
		var exchanges []exchange
		for _, c := range contenders {
			if !l.wildcard || c.wildcards {
				names = append(names, c.name)
				exchanges = append(exchanges, c.build(b, origins))
			}
		}
		for _, q := range requests(l) {
			b.Run("request="+q.name, func(b *testing.B) {
				for i, x := range exchanges {
					b.Run("handler="+names[i], func(b *testing.B) { measure(b, x, q) })
				}
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
			for _, c := range contenders {
				x := c.build(b, nil)
				b.Run("handler="+c.name, func(b *testing.B) { run(b, x, q) })
			}
		})
	}
}

// measure times an exchange whose answers are right.
func measure(b *testing.B, x exchange, q request) {
	b.Helper()
	if err := verify(x, q); err != nil {
		b.Fatal(err)
	}
	run(b, x, q)
}

func run(b *testing.B, x exchange, q request) {
	b.Helper()
	x.load(q)
	b.ReportAllocs()
	if q.spread == nil {
		for b.Loop() {
			x.run()
		}
		return
	}
	for i := 0; b.Loop(); i++ {
		x.setOrigin(q.spread[i%spreadOver])
		x.run()
	}
}
