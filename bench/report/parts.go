package main

import "math"

// partsBench is the benchmark of the root package that takes the handler apart. Its parts
// stand where others have their handlers.
const (
	partsBench = "Parts"
	partTime   = "part-sec/op"
	partWhole  = "whole"
	partNext   = "next"

	leastDoesNot = "no"
)

// partTexts are the parts of the handler, in their order, with the promise that each pays
// for, and what the least does of it.
var partTexts = []struct{ id, text, promise, least string }{
	{"neighbours", "is it the first request?", "the first one looks around for what spoils the policy, and warns of it", leastDoesNot},
	{"governing", "does another `cors` govern?", "one policy decides, the first one reached; error routes start afresh", leastDoesNot},
	{"read", "read the request", "the decision itself", "yes"},
	{"decide", "decide", "origins are parsed and matched exactly; a refusal has its reason; the site itself is no stranger; a preflight's answer says what is granted", "looks up the origin, and grants what is configured"},
	{"parse", "… parsing the origin in it", "a malformed origin is told from a strange one, and a pattern from its lookalikes", leastDoesNot},
	{"count", "count", "the metric `caddy_cors_requests_total`", leastDoesNot},
	{"warn", "remember the warning", "one warning for each origin and reason, and no flood of them", leastDoesNot},
	{"placeholders", "make placeholders known", "`{http.cors.decision}` and the others in the handlers behind and the log", leastDoesNot},
	{"error-route", "is it an error route?", "a preflight does not hide an error, such as a firewall's 403", leastDoesNot},
	{"response", "make the writer, set the headers", "errors and error routes carry the headers; values are never shared", "yes"},
	{"header", "make them right as they leave", "exactly one right set, whatever the handlers behind or an upstream wrote, in any spelling and as trailers", "yes, but for trailers"},
	{"after", "make them right afterwards", "the same where nothing was written, and for trailers", "the first"},
	{"answer", "answer the preflight", "exactly one right set, of fresh values, and a merged `Vary`", "yes, without merging"},
}

// partsTable is what each part costs of each ordinary request.
func partsTable(rs *results) string {
	requests, _ := axes(rs.keys(partsBench, func(key) bool { return true }))
	if len(requests) == 0 {
		return ""
	}
	var t table
	t.add(append(cells("part", requests, func(q string) string { return text(requestNames, q) }), "what it pays for", "the least does it")...)
	for _, p := range partTexts {
		row := cells(p.text, requests, func(q string) string {
			return nanoseconds(rs.measure(partKey(q, p.id), partTime))
		})
		t.add(append(row, p.promise, p.least)...)
	}
	for _, row := range []struct {
		text string
		of   func(q string) (float64, bool)
	}{
		{"**the whole handler**", func(q string) (float64, bool) { return beyondNext(rs, q, partKey(q, partWhole), partTime) }},
		{"without what the least does not do", func(q string) (float64, bool) {
			v, ok := beyondNext(rs, q, partKey(q, partWhole), partTime)
			return v - extra(rs, q), ok
		}},
		{"the least", func(q string) (float64, bool) { return beyondNext(rs, q, key{"Bare", "exact", 1, q, least}, seconds) }},
	} {
		t.add(append(cells(row.text, requests, func(q string) string { return nanoseconds(row.of(q)) }), "", "")...)
	}
	return t.String()
}

func partKey(request, part string) key {
	return key{bench: partsBench, request: request, handler: part}
}

// beyondNext is a measure without that of the handler behind.
func beyondNext(rs *results, request string, k key, unit string) (float64, bool) {
	v, ok := rs.measure(k, unit)
	next, okNext := rs.measure(partKey(request, partNext), partTime)
	return v - next, ok && okNext
}

// extra is what the parts cost that the least does not do.
func extra(rs *results, request string) (sum float64) {
	for _, p := range partTexts {
		if p.least == leastDoesNot {
			v, _ := rs.measure(partKey(request, p.id), partTime)
			sum += v
		}
	}
	return sum
}

func nanoseconds(s float64, ok bool) string {
	if !ok {
		return "–"
	}
	return count(int(math.Round(s / 1e-9)))
}

const partsText = "### What the time goes for\n\n" +
	"What each part of the handler adds to an ordinary request, in nanoseconds, one origin, and which\n" +
	"promise it pays for. Each part is measured as what it adds to those before it, so that a part\n" +
	"that touches memory first pays for it; a difference of a few nanoseconds is noise. The handler\n" +
	"behind and the measuring itself are not in it.\n\n"
