package e2e

// preflightCacheCases: how often the server is asked (#cors-preflight-cache).
func preflightCacheCases() []testCase {
	put, get := call("PUT"), call("GET")
	creds := cors("<app>", "credentials")
	star := cors("<app>", "methods *", "headers *")
	return []testCase{
		many("preflights/one for two", app, "preflight PUT PUT: 200 200", put, put.soon()),
		many("preflights/one for fetch and xhr", app, "preflight PUT PUT: 200 200", put, put.xhr().soon()),
		many("preflights/one for page and worker", app, "preflight PUT PUT: 200 200", put, put.from("worker").soon()),
		many("preflights/one for all methods listed", app, "preflight PUT DELETE: 200 200", put, call("DELETE").soon()),
		many("preflights/a method not listed asks", cors("<app>", "methods PUT"), "preflight PUT preflight: 200 error", put, call("DELETE")),
		many("preflights/patch is not PATCH", cors("<app>", "methods PATCH"), "preflight PATCH preflight: 200 error", call("PATCH"), call("patch")),
		many("preflights/star covers all methods", star, "preflight PUT CHICKEN: 200 200", put, call("CHICKEN").soon()),
		many("preflights/star covers all headers", star, "preflight GET GET: 200 200", get.with("X-One", "1"), get.with("X-Two", "1").soon()),
		many("preflights/star does not cover authorization", star, "preflight GET preflight: 200 error", get.with("X-One", "1"), get.with("Authorization", "e2e")),
		many("preflights/star and authorization cover both", app, "preflight GET GET+auth: 200 200", get.with("X-One", "1"), get.with("Authorization", "e2e").soon()),
		many("preflights/a header listed does not ask", cors("<app>", "headers X-One X-Two"), "preflight GET GET: 200 200", get.with("X-One", "1"), get.with("X-Two", "1").soon()),
		many("preflights/a header echoed for another asks", creds, "preflight GET preflight GET: 200 200", get.with("X-One", "1").include(), get.with("X-Two", "1").include()),
		many("preflights/with credentials serves without", creds, "preflight PUT PUT: 200 200", put.include(), put.soon()),
		many("preflights/without credentials does not serve with", creds, "preflight PUT preflight PUT: 200 200", put, put.include()),
		many("preflights/another URL asks", app, "preflight PUT preflight PUT: 200 200", put, put.at("y")),
		many("preflights/another query asks", app, "preflight PUT preflight PUT: 200 200", put.at("x?1"), put.at("x?2")),
		many("preflights/another origin asks", cors("<app> <other>"), "preflight PUT preflight@other PUT@other: 200 200", put, put.from("other")),
		many("preflights/refused ones are not kept", cors("<other>"), "preflight preflight: error error", put, put),
		many("preflights/a simple request needs none", app, "preflight PUT GET: 200 200", put, get),
		many("preflights/an error of the server does not matter", app, "preflight PUT PUT: 500 500", put, put.soon()).answers(answer(500)),
		many("preflights/a blocked answer forgets", cors("<app>", "upstream keep"), "preflight PUT PUT preflight PUT: 200 error 200", put, put.soon(), put).
			answers(upstream{nth: []upstream{{}, answer(200, [2]string{allowOrigin, "<other>"})}}),
	}
}

// maxAgeCases: how long an answer is kept (#http-access-control-max-age).
func maxAgeCases() []testCase {
	put := call("PUT")
	age := func(s string) string { return cors("<app>", "max_age "+s) }
	return []testCase{
		many("max_age/0s keeps nothing", age("0s"), "preflight PUT preflight PUT: 200 200", put, put),
		many("max_age/1s keeps for a second", age("1s"), "preflight PUT preflight PUT: 200 200", put, put.after(3000)),
		many("max_age/5m keeps for longer than the default", age("5m"), "preflight PUT PUT: 200 200", put, put.after(7000)),
		many("max_age/off keeps for 5 seconds", age("off"), "preflight PUT PUT: 200 200", put, put.soon()),
		many("max_age/off keeps for no more", age("off"), "preflight PUT preflight PUT: 200 200", put, put.after(7000)),
		many("max_age/the default keeps for longer", app, "preflight PUT PUT: 200 200", put, put.after(7000)),
		many("max_age/0s, upload", age("0s"), "preflight POST preflight POST: 200 200", call("POST").uploading().sending("x"), call("POST").uploading().sending("x")),
	}
}

// httpCacheCases: answers that browsers keep must say by Vary for whom they
// are (#cors-protocol-and-http-caches).
func httpCacheCases() []testCase {
	get, img := call("GET"), element("image", "none")
	fresh := [2]string{"Cache-Control", "max-age=600"}
	ask := [2]string{"Cache-Control", "no-cache"}
	image := upstream{kind: "image", headers: [][2]string{fresh}}
	etag := upstream{etag: `"1"`, headers: [][2]string{ask}}
	both := cors("<app> <other>")
	cases := []testCase{
		many("http-cache/reused", app, "GET: 200 200", get, get).answers(answer(200, fresh)),
		many("http-cache/not reused for another origin", both, "GET GET@other: 200 200", get, get.from("other")).answers(answer(200, fresh)),
		many("http-cache/refused first, allowed then", app, "GET@other GET: error 200", get.from("other"), get).answers(answer(200, fresh)),
		many("http-cache/allowed first, refused then", app, "GET GET@other: 200 error", get, get.from("other")).answers(answer(200, fresh)).fails(21),
		many("http-cache/image without an origin first", app, "GET@none GET: tainted 200", img, get).answers(image),
		many("http-cache/image without an origin first, then with", app, "GET@none GET: tainted load", img, element("image", "anonymous")).answers(image),
		many("http-cache/opaque first", app, "GET@none GET: opaque 200", get.mode("no-cors"), get).answers(answer(200, fresh)),
		many("http-cache/opaque first, without a policy for it", app, "GET@none GET: opaque 404", get.mode("no-cors"), get).answers(answer(404, fresh)),
		many("http-cache/one copy for everybody under a star", cors("*"), "GET: 200 200", get, get.from("other")).answers(answer(200, fresh)),
		many("http-cache/revalidated", app, "GET GET: 200 200", get, get).answers(etag),
		many("http-cache/revalidated with credentials", cors("<app>", "credentials"), "GET GET: 200 200", get.include(), get.include()).answers(etag),
		many("http-cache/revalidated by xhr", app, "GET GET: 200 200", get.xhr(), get.xhr()).answers(etag),
		many("http-cache/revalidated because the page asks", app, "GET GET: 200 200", get, get.cacheMode("no-cache")).
			answers(upstream{etag: `"1"`, headers: [][2]string{fresh}}).
			notSimulated("the simulator knows no cache modes"),
		many("http-cache/revalidated, the upstream says otherwise", app, "GET GET: 200 200", get, get).
			answers(upstream{etag: `"1"`, headers: [][2]string{ask}, on304: [][2]string{ask, {allowOrigin, "https://elsewhere.example"}}}),
		many("http-cache/revalidated, and what is exposed stays", cors("<app>", "expose X-A"), "GET GET: 200 200", get, get).answers(etag).shows("x-a"),
		many("http-cache/revalidated, and what is exposed stays with credentials", cors("<app>", "expose *", "credentials"), "GET GET: 200 200", get.include(), get.include()).
			answers(etag).shows("x-b"),
		many("http-cache/revalidated for another origin", both, "GET GET@other: 200 200", get, get.from("other")).answers(etag),
	}
	for i := range cases {
		cases[i] = cases[i].cached()
	}
	return cases
}
