package main

import "strings"

// The targets: what the handler is measured for.

// oursWhere is the measures of this handler that match.
func oursWhere(match func(k key) bool) func(key) bool {
	return func(k key) bool { return k.handler == ours && match(k) }
}

// speedTargets: beside the least that any handler must do, and with long lists.
func speedTargets() []target {
	isSpread := func(k key) bool { return strings.HasSuffix(k.request, "-spread") }
	return []target{
		{
			text: "one origin: at most 1.25 times the time of the least", bench: "Bare",
			applies: oursWhere(func(k key) bool { return k.origins == 1 && isOrdinary(k.request) && !isSpread(k) }),
			value:   against(seconds, func(k key) key { return k.in(least) }), limit: 1.25, write: times,
		},
		{
			text: "4,096 origins in turn: with 1,000 and more in the list at most 1.1 times the time with 1, beyond what a bare Go map costs", bench: "Lookup",
			applies: oursWhere(func(k key) bool { return k.origins >= 1000 && isSpread(k) }),
			value:   beyondMap, limit: 1.1, write: times,
		},
	}
}

// ofLeast takes the same number of the handler that does the least.
func ofLeast(of number) number {
	return func(rs *results, k key) (float64, bool) { return of(rs, k.in(least)) }
}

// beyondMap is how many times as long this handler takes with the longer list, less
// what the least takes longer, which has a bare Go map: that is the price of a list
// that the processor's caches do not hold.
func beyondMap(rs *results, k key) (float64, bool) {
	one, ok := rs.measure(k.of(1), seconds)
	many, okMany := rs.measure(k, seconds)
	long, okLong := rs.measure(k.in(least), seconds)
	short, okShort := rs.measure(k.in(least).of(1), seconds)
	return (many - (long - short)) / one, ok && okMany && okLong && okShort
}

// costTargets: memory, and what hostile input may cost.
func costTargets() []target {
	hostile := oursWhere(func(k key) bool { return isHostile(k.request) })
	return []target{
		{
			text: "ordinary request: one allocation", bench: "Bare",
			applies: oursWhere(func(k key) bool { return isOrdinary(k.request) }),
			value:   value(allocs), limit: 1, write: whole,
		},
		{
			text: "ordinary request: at most 160 bytes", bench: "Bare",
			applies: oursWhere(func(k key) bool { return isOrdinary(k.request) }),
			value:   value(memory), limit: 160, write: whole,
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

// In the chain, all are compared with the site without CORS. A preflight is answered
// there without the handlers behind, so it may take less time than nothing does.
func chainTargets() []target {
	toNothing := func(rs *results, k key) (float64, bool) { return rs.inTurns(k, quotient) }
	return []target{
		{
			text: "Caddy's chain: `cors` adds to an actual request at most 1.25 times what the least adds", bench: "Chain",
			applies: oursWhere(func(k key) bool { return !isPreflight(k.request) }),
			value:   func(rs *results, k key) (float64, bool) { return rs.addedAgainst(k, k.in(least)) },
			limit:   1.25, write: times,
		},
		{
			text: "Caddy's chain: `cors` answers a preflight in less time than `respond`", bench: "Chain",
			applies: oursWhere(func(k key) bool { return isPreflight(k.request) }),
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
