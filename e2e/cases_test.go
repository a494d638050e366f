package e2e

import (
	"slices"
	"strings"
)

// allCases is the table: what pages do, and what the standard says comes of it.
func allCases() []testCase {
	return slices.Concat(
		simpleCases(), methodCases(), headerCases(), forbiddenHeaderCases(), authorizationCases(),
		cookieCases(), credentialsCases(), exposeCases(),
		refusedCases(), originCases(), nullCases(), sameOriginCases(), noCORSCases(),
		redirectCases(), redirectPreflightCases(), uploadCases(), streamCases(), eventCases(), socketCases(), elementCases(),
		errorCases(), ownErrorCases(), preflightCacheCases(), maxAgeCases(), httpCacheCases(), upstreamCases(), optionCases(),
		forCases(), enforceCases(), siteCases(), tellCases(), timingCases(),
	)
}

// cors writes the directive; origins are <app> and the like.
func cors(origins string, options ...string) string {
	if len(options) == 0 {
		return "cors {\n\torigins " + origins + "\n}"
	}
	return "cors {\n\torigins " + origins + "\n\t" + strings.Join(options, "\n\t") + "\n}"
}

// app is the policy of most cases.
var app = cors("<app>")

func simpleCases() []testCase {
	text := "text/plain"
	return []testCase{
		one("simple/get", app, call("GET"), "GET: 200").shows("content-type", "content-length", "cache-control").conceals("x-a", "date", "server"),
		one("simple/get by one-line policy", "cors <app>", call("GET"), "GET: 200"),
		one("simple/get by xhr", app, call("GET").xhr(), "GET: 200"),
		one("simple/get in lower case", app, call("get"), "GET: 200"),
		one("simple/head", app, call("HEAD"), "HEAD: 200"),
		one("simple/head by xhr", app, call("HEAD").xhr(), "HEAD: 200"),
		one("simple/post text", app, call("POST").sending("x").with("Content-Type", text), "POST: 200"),
		one("simple/post in lower case", app, call("post").sending("x"), "POST: 200"),
		one("simple/post form", app, call("POST").sending("a=b").with("Content-Type", "application/x-www-form-urlencoded"), "POST: 200"),
		one("simple/post multipart", app, call("POST").sending("--b--").with("Content-Type", "multipart/form-data; boundary=b"), "POST: 200"),
		one("simple/post without a type", app, call("POST").sending("x").xhr(), "POST: 200"),
		one("simple/post without a body", app, call("POST"), "POST: 200"),
		one("simple/any origin", cors("*"), call("GET"), "GET: 200"),
		one("simple/any origin, foreign site", cors("*"), call("GET").from("evil"), "GET@evil: 200"),
		one("simple/from a worker", app, call("GET").from("worker"), "GET: 200"),
		one("simple/keepalive", app, withKeepAlive(call("POST").sending("x")), "POST: 200"),
		one("simple/keepalive preflighted", app, withKeepAlive(call("PUT").sending("x")), "preflight PUT: 200"),
		one("simple/query", app, call("GET").at("x?a=b&c=%2F"), "GET: 200"),
		one("simple/no referrer", app, withPolicy(call("POST"), "no-referrer"), "POST: 200"),
	}
}

func withKeepAlive(s step) step { s.KeepAlive = true; return s }

func withPolicy(s step, policy string) step { s.Policy = policy; return s }

func methodCases() []testCase {
	long := strings.Repeat("M", 32)
	return []testCase{
		one("methods/put", app, call("PUT"), "preflight PUT: 200"),
		one("methods/put in lower case", app, call("put"), "preflight PUT: 200"),
		one("methods/put by xhr", app, call("PUT").xhr(), "preflight PUT: 200"),
		one("methods/delete", app, call("DELETE"), "preflight DELETE: 200"),
		one("methods/delete in mixed case", app, call("DeLeTe"), "preflight DELETE: 200"),
		one("methods/PATCH", app, call("PATCH"), "preflight PATCH: 200"),
		one("methods/patch is not PATCH", app, call("patch"), "preflight: error").fails(15),
		one("methods/patch by xhr", app, call("patch").xhr(), "preflight: error").fails(15),
		one("methods/patch allowed", cors("<app>", "methods patch"), call("patch"), "preflight patch: 200"),
		one("methods/PATCH where patch is allowed", cors("<app>", "methods patch"), call("PATCH"), "preflight: error").fails(15),
		one("methods/options of the page", cors("<app>", "methods OPTIONS"), call("OPTIONS"), "preflight OPTIONS: 200"),
		one("methods/options not listed", app, call("OPTIONS"), "preflight: error").fails(15),
		one("methods/custom", cors("<app>", "methods CHICKEN"), call("CHICKEN"), "preflight CHICKEN: 200"),
		one("methods/custom by xhr", cors("<app>", "methods CHICKEN"), call("CHICKEN").xhr(), "preflight CHICKEN: 200"),
		one("methods/custom in another case", cors("<app>", "methods CHICKEN"), call("Chicken"), "preflight: error").fails(15),
		one("methods/custom not listed", app, call("CHICKEN"), "preflight: error").fails(15),
		one("methods/PROPFIND", cors("<app>", "methods PROPFIND"), call("PROPFIND").with("Depth", "1"), "preflight PROPFIND: 200"),
		one("methods/QUERY", cors("<app>", "methods QUERY"), call("QUERY").sending("x"), "preflight QUERY: 200"),
		one("methods/all token bytes", cors("<app>", "methods *"), call("a!#$%&'+-.^_`|~1"), "preflight a!#$%&'+-.^_`|~1: 200"),
		one("methods/any", cors("<app>", "methods *"), call("CHICKEN"), "preflight CHICKEN: 200"),
		one("methods/any with credentials", cors("<app>", "methods *", "credentials"), call("CHICKEN").include(), "preflight CHICKEN: 200"),
		one("methods/any, with credentials that the page does not use", cors("<app>", "methods *", "credentials"), call("chicken"), "preflight chicken: 200"),
		one("methods/none and put", cors("<app>", "methods none"), call("PUT"), "preflight: error").fails(15),
		one("methods/none and post", cors("<app>", "methods none"), call("POST"), "POST: 200"),
		one("methods/none and post with json", cors("<app>", "methods none"), jsonPost(), "preflight POST: 200"),
		one("methods/only put, and delete", cors("<app>", "methods PUT"), call("DELETE"), "preflight: error").fails(15),
		one("methods/several lists", cors("<app>", "methods PUT", "methods DELETE,PATCH"), call("PATCH"), "preflight PATCH: 200"),
		one("methods/as long as Caddy takes", cors("<app>", "methods *"), call(long), "preflight "+long+": 200"),
		one("methods/longer than Caddy takes", cors("<app>", "methods "+long), call(long+"M"), "preflight: error").fails(15),
		one("methods/TRACE", cors("<app>", "methods *"), call("TRACE"), ": error").fails(1),
		one("methods/connect", cors("<app>", "methods *"), call("connect"), ": error").fails(1),
		one("methods/TRACK by xhr", cors("<app>", "methods *"), call("TRACK").xhr(), ": error").fails(1),
		one("methods/no token", app, call("GE T"), ": error").fails(1),
		one("methods/refused origin", cors("<other>"), call("PUT"), "preflight: error").fails(21),
	}
}

func jsonPost() step { return call("POST").sending("{}").with("Content-Type", "application/json") }
