package repair_test

import "strings"

// part is what a credentials line is for, where it is for less than the origin.
type part struct {
	def, matcher    string
	method, urlPart string // "": any
	not             bool   // all but that part of the URL
}

// parts are matchers for some requests, by path, query, or method.
var parts = []part{
	{matcher: "/api/* ", urlPart: "/api/"},
	{matcher: "@part ", def: "@part path /v1/* /nothing\n", urlPart: "/v1/"},
	{matcher: "@part ", def: "@part not path /api/*\n", urlPart: "/api/", not: true},
	{matcher: "@part ", def: "@part query c=1\n", urlPart: "c=1"},
	{matcher: "@part ", def: "@part method GET\n", method: "GET"},
}

// has reports whether credentials are allowed there.
func (p part) has(method, url string) bool {
	if p.method != "" {
		return p.method == method
	}
	return strings.Contains(url, p.urlPart) != p.not
}
