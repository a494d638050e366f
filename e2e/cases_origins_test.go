package e2e

import "slices"

func refusedCases() []testCase {
	no := cors("<other>")
	return []testCase{
		one("refused/get", no, call("GET"), "GET: error").fails(21),
		one("refused/get by xhr", no, call("GET").xhr(), "GET: error").fails(21),
		one("refused/head", no, call("HEAD"), "HEAD: error").fails(21),
		one("refused/post reaches the server", no, call("POST").sending("x"), "POST: error").fails(21),
		one("refused/put does not", no, call("PUT").sending("x"), "preflight: error").fails(21),
		one("refused/json does not", no, jsonPost(), "preflight: error").fails(21),
		one("refused/with credentials", cors("<other>", "credentials"), call("GET").include(), "GET: error").fails(21),
		one("refused/opaque", no, call("GET").mode("no-cors"), "GET@none: opaque"),
		one("refused/from a worker", no, call("GET").from("worker"), "GET: error").fails(21),
		one("refused/from a foreign site", app, call("GET").from("evil"), "GET@evil: error").fails(21),
		one("refused/put from a foreign site", app, call("PUT").from("evil"), "preflight@evil: error").fails(21),
		one("refused/not found", no, call("GET"), "GET: error").answers(answer(404)).fails(21),
		one("refused/server error", no, call("GET"), "GET: error").answers(answer(500)).fails(21),
		one("refused/another scheme", cors("https://app.cors.localhost:<P>"), call("GET"), "GET: error").fails(21),
		one("refused/another port", cors("<port>"), call("GET"), "GET: error").fails(21),
		one("refused/no port", cors("http://app.cors.localhost"), call("GET"), "GET: error").fails(21),
		one("refused/the parent domain", cors("http://cors.localhost:<P>"), call("GET"), "GET: error").fails(21),
		one("refused/excepted", cors("http://*.cors.localhost:<P>", "except <app>"), call("PUT"), "preflight: error").fails(21),
		one("refused/excepted from any", cors("*", "except <app>"), call("GET"), "GET: error").fails(21),
		one("refused/not excepted from any", cors("*", "except <other>"), call("GET"), "GET: 200"),
	}
}

// originCases are pages of many origins and patterns for them.
func originCases() []testCase {
	type rows []struct{ policy, page string }
	table := func(verb string, list rows, want func(string) string, step int) (cases []testCase) {
		for _, r := range list {
			cases = append(cases,
				one("origins/"+r.policy+" "+verb+" "+r.page, cors(r.policy), call("PUT").from(r.page), want(r.page)).fails(step))
		}
		return cases
	}
	at := func(page string) string {
		if page == "app" {
			return ""
		}
		return "@" + page
	}
	yes := table("allows", rows{
		{"<other>", "other"},
		{"<app> <other>", "other"},
		{"<app>,<port>", "port"},
		{"<deep>", "deep"},
		{"<ip>", "ip"},
		{"http://127.0.0.1:*", "ip"},
		{"<idn>", "idn"},
		{"<underscore>", "underscore"},
		{"http://app.cors.localhost:*", "app"},
		{"http://app.cors.localhost:*", "port"},
		{"http://*.cors.localhost:<P>", "app"},
		{"http://*.cors.localhost:<P>", "idn"},
		{"http://*.cors.localhost:<P>", "underscore"},
		{"http://*.cors.localhost:*", "port"},
		{"http://**.cors.localhost:<P>", "deep"},
		{"http://**.cors.localhost:<P>", "app"},
		{"http://**.localhost:*", "evil"},
		{"*", "ip"},
		{"*", "deep"},
	}, func(page string) string { return "preflight" + at(page) + " PUT" + at(page) + ": 200" }, 0)
	no := table("refuses", rows{
		{"<app> <other>", "deep"},
		{"http://app.cors.localhost:*", "other"},
		{"http://*.cors.localhost:<P>", "port"},
		{"http://*.cors.localhost:<P>", "deep"},
		{"http://*.cors.localhost:<P>", "evil"},
		{"http://*.b.cors.localhost:<P>", "app"},
		{"http://**.b.cors.localhost:<P>", "app"},
		{"http://**.cors.localhost:<P>", "evil"},
		{"http://**.cors.localhost:<P>", "ip"},
		{"https://**.cors.localhost:<P>", "app"},
	}, func(page string) string { return "preflight" + at(page) + ": error" }, 21)
	expression := func(e string) string { return "cors {\n\torigin_regexp " + e + "\n}" }
	return slices.Concat(yes, no, []testCase{
		one("origins/expression allows", expression(`http://(app|other)\.cors\.localhost:<P>`), call("GET").from("other"), "GET@other: 200"),
		one("origins/expression is about the whole origin", expression(`http://app\.cors\.localhost`), call("GET"), "GET: error").fails(21),
		one("origins/expression with alternatives", expression(`http://evil\.localhost:<P>|http://app\.cors\.localhost:<P>`), call("GET"), "GET: 200"),
	})
}

// nullCases are pages without an origin that can be told: sandboxed frames and
// data: URLs. Pages made by blob: and srcdoc have that of their maker.
func nullCases() []testCase {
	get := call("GET")
	null := cors("null <app>", "dangerously_allow null_origin")
	var list []testCase
	for _, page := range []string{"sandbox", "data", "data-worker"} {
		list = append(list,
			one("null/"+page+" is refused", app, get.from(page), "GET@null: error").fails(21),
			one("null/"+page+" reads where any origin may", cors("*"), get.from(page), "GET@null: 200"),
			one("null/"+page+" reads where null may", null, get.from(page), "GET@null: 200"),
			one("null/"+page+" may put where null may", null, call("PUT").from(page), "preflight@null PUT@null: 200"),
			one("null/"+page+" with credentials", null, get.from(page).include(), "GET@null: error").fails(25),
		)
	}
	for _, page := range []string{"blob", "srcdoc"} {
		list = append(list,
			one("null/"+page+" has the origin of its maker", app, get.from(page), "GET: 200"),
			one("null/"+page+" may put", app, call("PUT").from(page), "preflight PUT: 200"),
			one("null/"+page+" is the same origin", cors("<other>"), get.from(page).home(), "GET@none: 200"),
		)
	}
	return append(list,
		one("null/where any origin may, with credentials", cors("*"), get.from("sandbox").include(), "GET@null: error").fails(23),
		one("null/put is refused", app, call("PUT").from("sandbox"), "preflight@null: error").fails(21),
		one("null/is another origin than its own server", app, get.from("sandbox").home(), "GET@null: error").fails(21),
		one("null/is allowed by its own server", null, get.from("sandbox").home(), "GET@null: 200"),
		one("null/excepted from any", cors("*", "except null"), get.from("sandbox"), "GET@null: error").fails(21),
		one("null/wildcards do not cover it", cors("http://**.localhost:*"), get.from("data"), "GET@null: error").fails(21),
		one("null/opaque post", app, call("POST").from("sandbox").mode("no-cors"), "POST@null: opaque"),
		one("null/socket", app, step{Kind: "socket"}.from("sandbox"), "GET@null: open").answers(upstream{kind: "socket"}),
		one("null/image", app, element("image", "anonymous").from("sandbox"), "GET@null: error").answers(upstream{kind: "image"}).fails(21),
		one("null/image where null may", null, element("image", "anonymous").from("data"), "GET@null: load").answers(upstream{kind: "image"}),
		one("null/events", null, step{Kind: "events"}.from("sandbox"), "GET@null: open").answers(upstream{kind: "events"}),
		one("null/upload", null, call("POST").uploading().sending("x").from("data"), "preflight@null POST@null: 200"),
	)
}

// sameOriginCases: within its own origin a page needs no CORS, but its POSTs
// carry an Origin too (#append-a-request-origin-header).
func sameOriginCases() []testCase {
	no := cors("<other>")
	get := call("GET").home()
	return []testCase{
		one("same-origin/get", no, get, "GET@none: 200").shows("x-a", "x-b", "date"),
		one("same-origin/post", no, call("POST").home().sending("x"), "POST: 200").shows("x-a"),
		one("same-origin/post by xhr", no, call("POST").home().sending("x").xhr(), "POST: 200").shows("x-a"),
		one("same-origin/put", no, call("PUT").home(), "PUT: 200"),
		one("same-origin/patch in lower case", no, call("patch").home(), "patch: 200"),
		one("same-origin/options", no, call("OPTIONS").home(), "OPTIONS: 200"),
		one("same-origin/headers", no, get.with("X-Custom", "1"), "GET@none: 200"),
		one("same-origin/upload", no, call("POST").home().uploading().sending("x"), "POST: 200"),
		one("same-origin/error", no, call("POST").home(), "POST: 404").answers(answer(404)),
		one("same-origin/mode same-origin", no, get.mode("same-origin"), "GET@none: 200"),
		one("same-origin/mode same-origin across origins", app, call("GET").mode("same-origin"), ": error").fails(4),
		one("same-origin/with a star for all", cors("*"), call("POST").home().include(), "POST: 200"),
		one("same-origin/the other port is another origin", app, call("POST").home().from("port"), "POST@port: error").fails(21),
		one("same-origin/upstream's own headers do not matter", no, call("DELETE").home(), "DELETE: 200").
			answers(answer(200, [2]string{allowOrigin, "https://elsewhere.example"})),
		one("same-origin/from a worker", no, call("POST").home().from("worker"), "POST: 200"),
		one("same-origin/no referrer", no, withPolicy(call("POST").home(), "no-referrer"), "POST: 200"),
	}
}

func noCORSCases() []testCase {
	get, post := call("GET").mode("no-cors"), call("POST").mode("no-cors").sending("x")
	return []testCase{
		one("no-cors/get", app, get, "GET@none: opaque"),
		one("no-cors/head", app, call("HEAD").mode("no-cors"), "HEAD@none: opaque"),
		one("no-cors/post", app, post, "POST: opaque"),
		one("no-cors/put", app, call("PUT").mode("no-cors"), ": error").fails(4),
		one("no-cors/custom headers are dropped", app, get.with("X-Custom", "1"), "GET@none: opaque"),
		one("no-cors/no referrer hides the origin", app, withPolicy(post, "no-referrer"), "POST@null: opaque"),
		one("no-cors/same-origin referrer hides the origin", app, withPolicy(post, "same-origin"), "POST@null: opaque"),
		one("no-cors/json becomes text", app, call("POST").mode("no-cors").sending("{}").with("Content-Type", "application/json"), "POST: opaque"),
		one("no-cors/beacon", app, beacon("text/plain"), "POST: queued").settles(1),
		one("no-cors/beacon with json is cors", cors("<app>", "credentials"), beacon("application/json"), "preflight POST: queued").settles(2),
		one("no-cors/beacon with json, without credentials", app, beacon("application/json"), "preflight: queued").settles(1).fails(25),
	}
}
