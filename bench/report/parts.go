package main

import "math"

// partsBench is the benchmark of the root package that takes the handler apart. Its parts
// stand where others have their handlers.
const (
	partsBench = "Parts"
	partTime   = "part-sec/op"
	partWhole  = "whole"
	partNext   = "next"
)

// partTexts are the parts of the handler, in their order, with the promise that each pays
// for, and what the least does of it.
var partTexts = []struct{ id, text, promise, least string }{
	{"neighbours", "is it the first request?", "the first one looks around for what spoils the policy, and warns of it", "no"},
	{"governing", "does another `cors` govern?", "one policy decides, the first one reached; error routes start afresh", "no"},
	{"read", "read the request", "the decision itself", "yes"},
	{"decide", "decide", "origins are parsed and matched exactly; a refusal has its reason; the site itself is no stranger; a preflight's answer says what is granted", "looks up the origin, and grants what is configured"},
	{"parse", "… parsing the origin in it", "a malformed origin is told from a strange one, and a pattern from its lookalikes", "no"},
	{"count", "count", "the metric `caddy_cors_requests_total`", "no"},
	{"warn", "remember the warning", "one warning for each origin and reason, and no flood of them", "no"},
	{"placeholders", "make placeholders known", "`{http.cors.decision}` and the others in the handlers behind and the log", "no"},
	{"error-route", "is it an error route?", "a preflight does not hide an error, such as a firewall's 403", "no"},
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
	cost := func(q, id string) (float64, bool) {
		return rs.measure(key{bench: partsBench, request: q, handler: id}, partTime)
	}
	for _, p := range partTexts {
		row := cells(p.text, requests, func(q string) string {
			v, ok := cost(q, p.id)
			return nanoseconds(v, ok)
		})
		t.add(append(row, p.promise, p.least)...)
	}
	whole := cells("**the whole handler**", requests, func(q string) string {
		v, ok := cost(q, partWhole)
		next, okNext := cost(q, partNext)
		return nanoseconds(v-next, ok && okNext)
	})
	t.add(append(whole, "", "")...)
	limit := cells("the least", requests, func(q string) string {
		v, ok := rs.measure(key{"Bare", "exact", 1, q, least}, seconds)
		next, okNext := cost(q, partNext)
		return nanoseconds(v-next, ok && okNext)
	})
	t.add(append(limit, "", "")...)
	return t.String()
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
