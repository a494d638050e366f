package main

import (
	"slices"
	"strings"
)

// label is a name in the benchmarks and what a reader is told.
type label struct{ id, text string }

// The requests and handlers, in the order in which they are shown. What is not
// here comes last, under its own name.
var (
	requestNames = []label{
		{"no-origin", "no Origin"},
		{"actual-allowed", "actual, allowed"},
		{"actual-allowed-spread", "actual, allowed, 4,096 origins in turn"},
		{"actual-refused", "actual, refused"},
		{"preflight-allowed", "preflight, allowed"},
		{"preflight-allowed-spread", "preflight, allowed, 4,096 origins in turn"},
		{"preflight-refused", "preflight, refused"},
		{"preflight-30-headers", "preflight for 30 headers"},
		{"hostile-commas", "preflight with 1 MiB of commas"},
		{"hostile-spaces", "preflight with 1 MiB of spaces"},
		{"hostile-letters", "preflight with 1 MiB of letters"},
		{"hostile-origin", "actual with an Origin of 64 KiB"},
	}
	handlerNames = []label{
		{"nothing", "nothing"},
		{"empty", "an empty handler"},
		{"least", "the least"},
		{"cors", "this handler"},
		{"rs", "rs/cors"},
		{"chi", "go-chi/cors"},
		{"gin", "gin-contrib/cors"},
		{"echo", "echo"},
		{"fiber", "fiber"},
		{"snippet", "the snippet"},
	}
)

// footnotes belong to handlers whose measure has something else in it.
var footnotes = map[string]string{"gin": "¹", "echo": "¹", "fiber": "²"}

const (
	ours = "cors"
	peer = "rs" // the one that is shown beside the least

	least = "least" // shows the limit
	empty = "empty"
)

func place(names []label, id string) int {
	if i := slices.IndexFunc(names, func(l label) bool { return l.id == id }); i >= 0 {
		return i
	}
	return len(names)
}

func text(names []label, id string) string {
	if i := place(names, id); i < len(names) {
		return names[i].text
	}
	return id
}

func handlerText(id string) string { return text(handlerNames, id) + footnotes[id] }

// isLimit tells a handler that nobody would use.
func isLimit(handler string) bool { return handler == least || handler == empty }

func isHostile(request string) bool { return strings.HasPrefix(request, "hostile-") }

// isOrdinary tells what a site gets all day: at most a few names are asked for.
func isOrdinary(request string) bool { return !isHostile(request) && request != "preflight-30-headers" }

func isPreflight(request string) bool {
	return strings.HasPrefix(request, "preflight-") || isHostile(request) && request != "hostile-origin"
}
