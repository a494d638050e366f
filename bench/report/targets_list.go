package main

import "strings"

// The targets: what the handler is measured for.

// oursWhere is the measures of this handler that match.
func oursWhere(match func(k key) bool) func(key) bool {
	return func(k key) bool { return k.handler == ours && match(k) }
}

// speedTargets: beside the best known peer, and with long lists.
func speedTargets() []target {
	isSpread := func(k key) bool { return strings.HasSuffix(k.request, "-spread") }
	toPeer := func(k key) key { return k.in(peer) }
	toOne := func(k key) key { return k.of(1) }
	oneOrigin := oursWhere(func(k key) bool { return k.origins == 1 })
	ahead := func(rs *results, k key) (float64, bool) { return rs.ratio(k.in(peer), k, seconds) }
	return []target{
		{
			text: "one origin: no slower than rs/cors", bench: "Bare", applies: oneOrigin,
			value: against(seconds, toPeer), floor: ofLeast(against(seconds, toPeer)), limit: 1, write: times,
		},
		{
			text: "one origin: at most 1.2 times the time of rs/cors", bench: "Bare", applies: oneOrigin,
			value: against(seconds, toPeer), floor: ofLeast(against(seconds, toPeer)), limit: 1.2, write: times,
		},
		{
			text: "1,000 origins and more: at least 10 times faster than rs/cors", bench: "Bare",
			applies: oursWhere(func(k key) bool { return k.origins >= 1000 }),
			value:   ahead, floor: ofLeast(ahead), limit: 10, atLeast: true, write: times,
		},
		{
			text: "one origin again and again: with 1,000,000 in the list at most 1.5 times the time with 1", bench: "Bare",
			applies: oursWhere(func(k key) bool { return k.origins == million && !isSpread(k) }),
			value:   against(seconds, toOne), limit: 1.5, write: times,
		},
		{
			text: "4,096 origins in turn: with 1,000,000 in the list at most 1.5 times the time with 1", bench: "Bare",
			applies: oursWhere(func(k key) bool { return k.origins == million && isSpread(k) }),
			value:   against(seconds, toOne), floor: mapGrowth, limit: 1.5, write: times,
		},
	}
}

// ofLeast takes the same number of the handler that does the least.
func ofLeast(of number) number {
	return func(rs *results, k key) (float64, bool) { return of(rs, k.in(least)) }
}

// mapGrowth is how many times as long this handler would take with the longer
// list if it took longer by no more than a bare Go map does.
func mapGrowth(rs *results, k key) (float64, bool) {
	inMap := key{bench: "Lookup", list: k.list, origins: k.origins, request: "actual-allowed-spread", handler: "map"}
	one, ok := rs.measure(k.of(1), seconds)
	long, okLong := rs.measure(inMap, seconds)
	short, okShort := rs.measure(inMap.of(1), seconds)
	return (one + long - short) / one, ok && okLong && okShort
}

// costTargets: memory, and what hostile input may cost.
func costTargets() []target {
	hostile := oursWhere(func(k key) bool { return isHostile(k.request) })
	return []target{
		{
			text: "actual request: at most 1 allocation", bench: "Bare",
			applies: oursWhere(func(k key) bool { return !isPreflight(k.request) }),
			value:   value(allocs), limit: 1, write: whole,
		},
		{
			text: "preflight: at most 2 allocations", bench: "Bare",
			applies: oursWhere(func(k key) bool { return isPreflight(k.request) }),
			value:   value(allocs), limit: 2, write: whole,
		},
		{
			// What a pool loses to the garbage collector is spread over all
			// requests of a run, a byte or so each.
			text: "allocated bytes grow neither with the list nor with what is asked for", bench: "Bare",
			applies: oursWhere(func(k key) bool { return !isHostile(k.request) || k.origins == 1 }),
			value: func(rs *results, k key) (float64, bool) {
				return rs.ratio(k, ordinary(k).of(1), memory)
			},
			limit: 1.05, write: times,
		},
		{
			text: "hostile input: at most 2 times the time of an ordinary request of that kind", bench: "Bare",
			applies: hostile, value: against(seconds, ordinary), limit: 2, write: times,
		},
		{
			text: "hostile input: at most 2 times the allocated bytes", bench: "Bare",
			applies: hostile, value: against(memory, ordinary), limit: 2, write: times,
		},
	}
}

// ordinary is the plain request of the same kind and verdict.
func ordinary(k key) key {
	switch {
	case k.request == "hostile-origin":
		return k.on("actual-refused")
	case isHostile(k.request), k.request == "preflight-30-headers":
		return k.on("preflight-allowed")
	}
	return k
}

// In the chain, all are compared with the site without CORS.
func chainTargets() []target {
	actual := func(k key) bool { return k.handler == ours && !isPreflight(k.request) }
	toNothing := func(rs *results, k key) (float64, bool) { return rs.inTurns(k, quotient) }
	added := func(rs *results, k key) (float64, bool) {
		r, ok := toNothing(rs, k)
		return r - 1, ok
	}
	ofSnippet := func(rs *results, k key) (float64, bool) {
		a, okA := added(rs, k)
		b, okB := added(rs, k.in("snippet"))
		return a / b, okA && okB && b > 0
	}
	return []target{
		{
			text: "Caddy's chain: `cors` adds at most 5 % to an actual request", bench: "Chain", applies: actual,
			value: added, floor: ofLeast(added), limit: 0.05, write: percent,
		},
		{
			text: "Caddy's chain: at most a tenth of what the snippet adds", bench: "Chain", applies: actual,
			value: ofSnippet, floor: ofLeast(ofSnippet), limit: 0.1, write: percent,
		},
		{
			text: "Caddy's chain: `cors` answers a preflight in less time than `respond`", bench: "Chain",
			applies: func(k key) bool { return k.handler == ours && isPreflight(k.request) },
			value:   toNothing, floor: ofLeast(toNothing), limit: 1, write: times,
		},
	}
}

func scaleTargets() []target {
	ofMillion := func(k key) bool { return k.origins == million }
	peak := func(rs *results, k key) (float64, bool) {
		one, ok := rs.measure(k, "one-B")
		highest, okHighest := rs.measure(k, "peak-B")
		return highest / one, ok && okHighest && one > 0
	}
	return []target{
		{
			text: "1,000,000 origins: at most 1 s to compile", bench: "Compile", applies: ofMillion,
			value: value(seconds), limit: 1, write: duration,
		},
		{
			text: "1,000,000 origins: at most 100 bytes an origin beyond the text", bench: "Compile", applies: ofMillion,
			value: value("B/origin"), limit: 100, write: digits,
		},
		{
			text: "1,000,000 origins: at most twice the heap at the peak of a reload, garbage included", bench: "Reload", applies: ofMillion,
			value: peak, floor: func(rs *results, k key) (float64, bool) {
				k.bench = "ReloadText"
				return peak(rs, k)
			}, limit: 2, write: times,
		},
		{
			text: "1,000,000 origins: a reload leaves no memory behind", bench: "Reload", applies: ofMillion,
			value: func(rs *results, k key) (float64, bool) {
				one, ok := rs.measure(k, "one-B")
				after, okAfter := rs.measure(k, "after-B")
				return after / one, ok && okAfter && one > 0
			},
			limit: 1.05, write: times,
		},
	}
}
