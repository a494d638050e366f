package bench

import "testing"

// BenchmarkLookup has 4,096 origins in turn, in this handler and in the least, which has
// a bare Go map. The map stands in a handler too, for in a loop that does nothing else
// the processor fetches several entries at a time from memory, as it cannot where a
// request lies between. Nobody else takes part: who walks over a million origins leaves
// the processor's caches cold to whoever has the next turn.
func BenchmarkLookup(b *testing.B) {
	eachList(b, func(b *testing.B, l *list) {
		b.Helper()
		origins := l.origins()
		contestants := []contestant{{"cors", buildOurs(b, origins)}, {"least", buildLeast(b, origins)}}
		for _, q := range requests(l) {
			if q.spread != nil {
				b.Run("request="+q.name, func(b *testing.B) { compare(b, contestants, q, "") })
			}
		}
	})
}
