package bench

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// lookups finds origins in a map and does nothing else: what no list can beat
// that is too long for the processor's caches.
func lookups(l *list) exchange {
	places := make(map[string]uint32, len(l.tenants))
	for place, o := range l.origins() {
		places[strings.TrimPrefix(o, "https://*.")] = uint32(place)
	}
	return newNetHTTP(func(w http.ResponseWriter, r *http.Request) {
		o := r.Header[headerOrigin][0]
		if l.wildcard {
			_, o, _ = strings.Cut(o, ".")
		}
		if _, found := places[o]; !found {
			panic(o + " is not listed")
		}
		w.WriteHeader(http.StatusOK)
	})
}

// BenchmarkLookup has 4,096 origins in turn.
func BenchmarkLookup(b *testing.B) {
	for _, wildcard := range []bool{false, true} {
		for _, n := range listSizes() {
			l := newList(wildcard, n)
			x := lookups(l)
			for _, q := range requests(l) {
				if q.spread != nil && q.method != http.MethodOptions {
					b.Run(fmt.Sprintf("list=%s/origins=%d/request=%s", l.kind(), n, q.name), func(b *testing.B) {
						compare(b, []contestant{{"map", x}}, q, "")
					})
				}
			}
		}
	}
}
