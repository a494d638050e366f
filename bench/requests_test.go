package bench

import (
	"net/http"
	"strings"
)

// outcome is what a contender must make of a request before it is timed.
type outcome int

const (
	anything outcome = iota // hostile input; peers differ
	allowed                 // Access-Control-Allow-Origin with the request's origin
	refused                 // no Access-Control-Allow-Origin
)

// request is one request of the benchmark.
type request struct {
	name    string
	method  string
	header  http.Header
	spread  []string // origins that take turns; nil: always the same
	outcome outcome
}

const (
	headerOrigin         = "Origin"
	headerRequestMethod  = "Access-Control-Request-Method"
	headerRequestHeaders = "Access-Control-Request-Headers"
	headerAllowOrigin    = "Access-Control-Allow-Origin"
	headerAllowMethods   = "Access-Control-Allow-Methods"
	headerAllowHeaders   = "Access-Control-Allow-Headers"
)

// preflight asks for PUT and for the names, as a browser writes them.
func preflight(name, origin, names string, want outcome) request {
	return request{name: name, method: http.MethodOptions, outcome: want, header: http.Header{
		headerOrigin:         {origin},
		headerRequestMethod:  {http.MethodPut},
		headerRequestHeaders: {names},
	}}
}

func actual(name, origin string, want outcome) request {
	return request{name: name, method: http.MethodPut, outcome: want, header: http.Header{headerOrigin: {origin}}}
}

func (q request) from(spread []string) request {
	q.spread = spread
	return q
}

const mebibyte = 1 << 20

// requests is all the requests, for one list.
func requests(l *list) []request {
	const fewNames = "authorization,content-type"
	var (
		hot, stranger, spread = l.hot(), l.stranger(), l.spread()
		allNames              = strings.ToLower(strings.Join(allowedHeaders, ","))
		longOrigin            = "https://" + strings.Repeat("a", 64<<10) + strings.TrimPrefix(hot, "https://")
	)
	return []request{
		{name: "no-origin", method: http.MethodGet, header: http.Header{}, outcome: refused},
		actual("actual-allowed", hot, allowed),
		actual("actual-allowed-spread", hot, allowed).from(spread),
		actual("actual-refused", stranger, refused),
		preflight("preflight-allowed", hot, fewNames, allowed),
		preflight("preflight-allowed-spread", hot, fewNames, allowed).from(spread),
		preflight("preflight-refused", stranger, fewNames, refused),
		preflight("preflight-30-headers", hot, allNames, allowed),
		preflight("hostile-commas", hot, strings.Repeat(",", mebibyte), anything),
		preflight("hostile-spaces", hot, strings.Repeat(" ", mebibyte), anything),
		preflight("hostile-letters", hot, strings.Repeat("a", mebibyte), anything),
		actual("hostile-origin", longOrigin, anything),
	}
}
