package origin

import (
	"fmt"
	"runtime"
	"testing"
)

// kinds are the kinds of patterns that the benchmarks fill a set with, and what
// hits and misses in it.
var kinds = []struct {
	name, pattern, hit, miss string
}{
	{"exact", "https://tenant-%07d.example.com", "https://tenant-%07d.example.com", "https://tenant-%07d.example.net"},
	{"exact-port", "https://tenant-%07d.example.com:8443", "https://tenant-%07d.example.com:8443", "https://tenant-%07d.example.com"},
	{"one-label", "https://*.tenant-%07d.example.com", "https://app.tenant-%07d.example.com", "https://a.app.tenant-%07d.example.com"},
	{"any-depth", "https://**.tenant-%07d.example.com", "https://a.b.tenant-%07d.example.com", "https://a.b.tenant-%07d.example.net"},
	{"in-label", "https://pr-*.tenant-%07d.example.com", "https://pr-1.tenant-%07d.example.com", "https://pr-1.tenant-%07d.example.net"},
}

func texts(format string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return list
}

func build(tb testing.TB, values []string, hint int) *Set {
	tb.Helper()
	s := NewSet(hint)
	for i, value := range values {
		p, err := ParsePattern(value)
		if err != nil {
			tb.Fatal(err)
		}
		s.Add(p, Value(i+1)) // never 0, which would end lookups early
	}
	return s
}

func BenchmarkParse(b *testing.B) {
	for _, bm := range []struct{ name, origin string }{
		{"https", "https://app.example.com"},
		{"port", "http://localhost:3000"},
		{"ipv6", "http://[2001:db8::1]:8080"},
		{"extension", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"},
		{"refused", "https://app.example.com/"},
		{"longest", "https://" + longestHost},
		{"too-long", "https://" + longestHost + longestHost},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(bm.origin)
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, kind := range kinds {
		for _, size := range []int{1, 1_000, 1_000_000} {
			s := build(b, texts(kind.pattern, size), size)
			for name, format := range map[string]string{"hit": kind.hit, "miss": kind.miss} {
				// One origin over and over, and (for the cost of cold memory) many.
				for mode, n := range map[string]int{"same": 1, "many": 4096} {
					origins := make([]Origin, n)
					for i := range origins {
						origins[i], _ = Parse(fmt.Sprintf(format, i*(size/n+1)%size))
					}
					b.Run(fmt.Sprintf("%s/%s/%s/%d", kind.name, name, mode, size), func(b *testing.B) {
						b.ReportAllocs()
						for i := 0; b.Loop(); i++ {
							s.Lookup(origins[i%n])
						}
					})
				}
			}
		}
	}
}

// BenchmarkLookupHostile asks for what costs most: as many labels as there can
// be, in a set with wildcards at several depths.
func BenchmarkLookupHostile(b *testing.B) {
	s := build(b, []string{"https://**.example.com", "https://**.a.example.com:*", "https://*.b", "https://**.com"}, 0)
	o, ok := Parse("https://" + longestHost)
	if !ok {
		b.Fatal("the longest host does not parse")
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Lookup(o)
	}
}

// BenchmarkBuild parses and adds a million patterns, and reports what they weigh
// beyond their text.
func BenchmarkBuild(b *testing.B) {
	const size = 1_000_000
	for _, kind := range kinds {
		values := texts(kind.pattern, size)
		for name, hint := range map[string]int{"hint": size, "no-hint": 0} {
			b.Run(kind.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				var s *Set
				before := heap()
				for b.Loop() {
					s = build(b, values, hint)
				}
				b.ReportMetric(float64(heap()-before)/size, "bytes/origin")
				runtime.KeepAlive(s)
			})
		}
		runtime.KeepAlive(values)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkRegexp(b *testing.B) {
	r, err := CompileRegexp(`https://[a-z0-9-]+\.preview\.example\.com`)
	if err != nil {
		b.Fatal(err)
	}
	o, _ := Parse("https://pr-123.preview.example.com")
	b.Run("match", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.Match(o)
		}
	})
	b.Run("compile", func(b *testing.B) {
		for b.Loop() {
			_, _ = CompileRegexp(`https://[a-z0-9-]+\.preview\.example\.com`)
		}
	})
}
