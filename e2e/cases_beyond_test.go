package e2e

// forCases: some origins have rights of their own.
func forCases() []testCase {
	get, in, put := call("GET"), call("GET").include(), call("PUT")
	mixed := cors("*", "for <app> {\n\t\tcredentials\n\t}")
	lists := cors("<app>", "for <other> {\n\t\tmethods none\n\t\theaders none\n\t\texpose X-A\n\t}")
	fresh := answer(200, [2]string{"Cache-Control", "max-age=600"})
	return []testCase{
		one("for/credentials for one", mixed, in, "GET: 200"),
		one("for/credentials for one, put", mixed, put.include(), "preflight PUT: 200"),
		one("for/credentials for one, not used", mixed, get, "GET: 200"),
		one("for/no credentials for the others", mixed, in.from("other"), "GET@other: error").fails(23),
		one("for/the others without credentials", mixed, get.from("evil"), "GET@evil: 200"),
		one("for/the others, put", mixed, put.from("deep"), "preflight@deep PUT@deep: 200"),
		one("for/null is one of the others", mixed, get.from("sandbox"), "GET@null: 200"),
		many("for/caches keep them apart", mixed, "GET GET@other: 200 200", get, get.from("other")).answers(fresh).cached(),
		many("for/caches keep them apart with credentials", mixed, "GET@other GET: 200 200", get.from("other"), in).answers(fresh).cached(),
		one("for/methods of its own", lists, put.from("other"), "preflight@other: error").fails(15),
		one("for/methods of the policy", lists, put, "preflight PUT: 200"),
		one("for/headers of its own", lists, get.with("X-One", "1").from("other"), "preflight@other: error").fails(17),
		one("for/headers of the policy", lists, get.with("X-One", "1"), "preflight GET: 200"),
		one("for/exposes of its own", lists, get.from("other"), "GET@other: 200").shows("x-a").conceals("x-b"),
		one("for/exposes of the policy", lists, get, "GET: 200").conceals("x-a"),
		one("for/first one decides", cors("<other>", "for <app> {\n\t\tmethods none\n\t}", "for http://*.cors.localhost:* {\n\t\tmethods PUT\n\t}"), put, "preflight: error").fails(15),
	}
}

// enforceCases: refused requests do not reach the handlers behind.
func enforceCases() []testCase {
	requests, sockets := cors("<other>", "enforce requests"), cors("<other>", "enforce websockets")
	ws, u := step{Kind: "socket"}, upstream{kind: "socket"}
	return []testCase{
		one("enforce/refused get", requests, call("GET"), "GET: error").fails(21),
		one("enforce/refused post", requests, call("POST").sending("x"), "POST: error").fails(21),
		one("enforce/refused put", requests, call("PUT"), "preflight: error").fails(21),
		one("enforce/allowed post", requests, call("POST").sending("x").from("other"), "POST@other: 200"),
		one("enforce/allowed put", requests, call("PUT").sending("x").from("other"), "preflight@other PUT@other: 200"),
		one("enforce/same-origin post", requests, call("POST").home(), "POST: 200"),
		one("enforce/same-origin put", requests, call("PUT").home(), "PUT: 200"),
		one("enforce/image without an origin", requests, element("image", "none"), "GET@none: tainted").answers(upstream{kind: "image"}),
		one("enforce/image without an origin, foreign site", requests, element("image", "none").from("evil"), "GET@none: tainted").answers(upstream{kind: "image"}),
		one("enforce/sandboxed", requests, call("POST").from("sandbox").mode("no-cors"), "POST@null: opaque"),
		one("enforce/refused socket", sockets, ws, "GET: error").answers(u),
		one("enforce/refused socket, foreign site", sockets, ws.from("evil"), "GET@evil: error").answers(u),
		one("enforce/refused socket, sandboxed", sockets, ws.from("sandbox"), "GET@null: error").answers(u),
		one("enforce/refused socket by enforce requests", requests, ws, "GET: error").answers(u),
		one("enforce/allowed socket", sockets, ws.from("other"), "GET@other: open").answers(u),
		one("enforce/same-origin socket", sockets, ws.home(), "GET: open").answers(u),
		one("enforce/sockets only", sockets, call("POST").mode("no-cors"), "POST: opaque"),
	}
}

// tellCases are options that tell, and change nothing or little.
func tellCases() []testCase {
	get, put := call("GET"), call("PUT")
	report, debug := cors("<app>", "report_only"), cors("<app>", "debug", "name e2e", "expose Cors-Debug")
	star := answer(200, [2]string{allowOrigin, "*"}, [2]string{"Access-Control-Allow-Methods", "PUT"})
	return []testCase{
		one("tell/report_only adds nothing", report, get, "GET: error").fails(21),
		one("tell/report_only answers no preflight", report, put, "preflight: error").fails(21),
		one("tell/report_only leaves the upstream's headers", report, get, "GET: 200").answers(star),
		one("tell/report_only leaves preflights to the upstream", report, put, "preflight PUT: 200").answers(star),
		one("tell/report_only refuses nothing", cors("<other>", "report_only"), get, "GET: 200").answers(star),
		one("tell/debug", debug, get, "GET: 200").shows("cors-debug"),
		one("tell/debug with credentials", cors("<app>", "debug", "credentials", "expose *"), get.include(), "GET: 200").shows("cors-debug", "x-a"),
		one("tell/debug on the same origin", debug, get.home(), "GET@none: 200"),
		one("tell/debug on a preflighted request", debug, put, "preflight PUT: 200").shows("cors-debug"),
		one("tell/no debug", app, get.home(), "GET@none: 200").conceals("cors-debug"),
	}
}
