package main

import (
	"fmt"
	"strings"
)

// table is rows of Markdown; the first is the head.
type table struct{ rows [][]string }

func (t *table) add(row ...string) { t.rows = append(t.rows, row) }

func (t *table) String() string {
	var b strings.Builder
	for i, row := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", len(row)) + "\n")
		}
	}
	return b.String()
}

// cells is a row: its name, and a cell for each column.
func cells[T any](name string, columns []T, cell func(T) string) []string {
	row := make([]string, 1, 1+len(columns))
	row[0] = name
	for _, c := range columns {
		row = append(row, cell(c))
	}
	return row
}

func targetTable(verdicts []verdict) string {
	var t table
	t.add("target", "measured, at worst", "met", "the least, at worst")
	for _, v := range verdicts {
		t.add(v.target, v.measured, v.met, v.limit)
	}
	return t.String()
}

// peerTable compares the handlers at one length of the list: rows of requests,
// columns of handlers.
func peerTable(rs *results, list string, origins int) string {
	requests, handlers := axes(rs.keys("Bare", func(k key) bool { return k.list == list && k.origins == origins && !isLimit(k.handler) }))
	var t table
	t.add(cells("request", handlers, handlerText)...)
	for _, q := range requests {
		t.add(cells(text(requestNames, q), handlers, func(h string) string {
			return peerCell(rs, key{"Bare", list, origins, q, h})
		})...)
	}
	return t.String()
}

// peerCell is the time of this handler, the ratio to it of others, and the
// allocations of all. Who is faster is in bold.
func peerCell(rs *results, k key) string {
	r, ok := rs.ratio(k, k.in(ours), seconds)
	n, okAllocs := rs.measure(k, allocs)
	switch {
	case !ok || !okAllocs || k.handler == ours:
		return plainCell(rs, k)
	case r < 1:
		return "**" + times(r) + "**, " + whole(n)
	}
	return times(r) + ", " + whole(n)
}

// limitTable is a peer, the least, and this handler, with one origin: time and
// allocations, and how many times as long as the least this handler takes.
func limitTable(rs *results) string {
	handlers := []string{peer, least, ours}
	var t table
	t.add(append(cells("request", handlers, handlerText), "×")...)
	for _, k := range rs.keys("Bare", func(k key) bool { return k.handler == least && k.origins == 1 }) {
		slower := ""
		if r, ok := rs.ratio(k.in(ours), k, seconds); ok {
			slower = times(r)
		}
		t.add(append(cells(text(requestNames, k.request), handlers, func(h string) string { return plainCell(rs, k.in(h)) }), slower)...)
	}
	return t.String()
}

// axes is the requests and handlers of some measures.
func axes(keys []key) (requests, handlers []string) {
	seen := make(map[label]bool)
	add := func(to []string, axis, id string) []string {
		if seen[label{axis, id}] {
			return to
		}
		seen[label{axis, id}] = true
		return append(to, id)
	}
	for _, k := range keys {
		requests = add(requests, "request", k.request)
		handlers = add(handlers, "handler", k.handler)
	}
	return requests, handlers
}

// growthTable is the time of this handler at each length of the list.
func growthTable(rs *results, list string) string {
	sizes := rs.sizes("Bare", list)
	var t table
	t.add(cells("request", sizes, plural)...)
	requests, _ := axes(rs.keys("Bare", func(k key) bool { return k.list == list && k.handler == ours }))
	for _, q := range requests {
		t.add(cells(text(requestNames, q), sizes, func(n int) string {
			return growthCell(rs, key{"Bare", list, n, q, ours}, sizes[0])
		})...)
	}
	return t.String()
}

func growthCell(rs *results, k key, shortest int) string {
	t, ok := rs.measure(k, seconds)
	if !ok {
		return ""
	}
	if r, ok := rs.ratio(k, k.of(shortest), seconds); ok && k.origins != shortest {
		return duration(t) + ", " + times(r)
	}
	return duration(t)
}

// stackTable is what the contenders run in, without CORS. rs/cors and
// go-chi/cors run in nothing, as this handler does.
func stackTable(rs *results) string {
	requests, handlers := axes(rs.keys("Stack", func(key) bool { return true }))
	var t table
	t.add(cells("without CORS", requests, func(q string) string { return text(requestNames, q) })...)
	for _, h := range handlers {
		name := handlerText(h)
		if h == ours {
			name = "nothing but the next handler"
		} else if footnotes[h] == "" {
			continue
		}
		t.add(cells(name, requests, func(q string) string { return plainCell(rs, key{bench: "Stack", request: q, handler: h}) })...)
	}
	return t.String()
}

// plainCell is time and allocations.
func plainCell(rs *results, k key) string {
	t, ok := rs.measure(k, seconds)
	n, okAllocs := rs.measure(k, allocs)
	if !ok || !okAllocs {
		return ""
	}
	return duration(t) + ", " + whole(n)
}

// chainTable is what is added to a request in Caddy's chain.
func chainTable(rs *results) string {
	var t table
	t.add("request", "origins", "`respond` alone", "an empty handler adds", "the least adds", "`cors` adds", "× the least", "the snippet adds")
	for _, k := range rs.keys("Chain", func(k key) bool { return k.handler == "nothing" }) {
		t.add(text(requestNames, k.request), count(k.origins), plainCell(rs, k), addedCell(rs, k.in(empty), k),
			addedCell(rs, k.in(least), k), addedCell(rs, k.in(ours), k), addedTimes(rs, k), addedCell(rs, k.in("snippet"), k))
	}
	return t.String()
}

func addedCell(rs *results, k, to key) string {
	t, ok := rs.inTurns(k, difference)
	if !ok {
		return ""
	}
	r, _ := rs.inTurns(k, quotient)
	n, _ := rs.measure(k, allocs)
	n0, _ := rs.measure(to, allocs)
	return fmt.Sprintf("%s, %+.1f %%, %+.0f", duration(t), (r-1)*100, n-n0)
}

// addedTimes is how many times as much as the least this handler adds; nothing for what
// takes less time than without both.
func addedTimes(rs *results, k key) string {
	if r, ok := rs.addedAgainst(k.in(ours), k.in(least)); ok && !isPreflight(k.request) {
		return times(r)
	}
	return ""
}

// scaleTable is what a long list costs to load and to hold.
func scaleTable(rs *results) string {
	var t table
	t.add("list", "origins", "compile", "bytes an origin beyond the text", "reload, JSON included", "heap before", "at the peak", "after", "the configuration alone: heap before", "at the peak")
	for _, k := range rs.keys("Compile", func(key) bool { return true }) {
		cell := func(k key, unit string, write func(float64) string) string {
			if v, ok := rs.measure(k, unit); ok {
				return write(v)
			}
			return ""
		}
		reload, readOnly := k, k
		reload.bench, readOnly.bench = "Reload", "ReloadText"
		t.add(k.list, count(k.origins),
			cell(k, seconds, duration), cell(k, "B/origin", digits),
			cell(reload, seconds, duration), cell(reload, "one-B", size), cell(reload, "peak-B", size), cell(reload, "after-B", size),
			cell(readOnly, "one-B", size), cell(readOnly, "peak-B", size))
	}
	return t.String()
}
