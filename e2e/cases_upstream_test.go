package e2e

// upstreamCases: upstreams that send CORS headers of their own.
func upstreamCases() []testCase {
	get, in, put := call("GET"), call("GET").include(), call("PUT")
	creds, keep := cors("<app>", "credentials"), cors("<app>", "upstream keep")
	star := answer(200, [2]string{allowOrigin, "*"})
	wrong := answer(200, [2]string{allowOrigin, "https://elsewhere.example"})
	double := answer(200, [2]string{allowOrigin, "<app>"}, [2]string{allowOrigin, "*"})
	return []testCase{
		one("upstream/a star", app, get, "GET: 200").answers(star),
		one("upstream/a star, with credentials", creds, in, "GET: 200").answers(star),
		one("upstream/a star for a refused origin", cors("<other>"), get, "GET: error").answers(star).fails(21),
		one("upstream/the origin, for a refused one", cors("<other>"), get, "GET: error").answers(answer(200, [2]string{allowOrigin, "<app>"})).fails(21),
		one("upstream/another origin", app, get, "GET: 200").answers(wrong),
		one("upstream/the same origin", app, get, "GET: 200").answers(answer(200, [2]string{allowOrigin, "<app>"})),
		one("upstream/two lines", app, get, "GET: 200").answers(double),
		one("upstream/credentials where the policy has none", app, in, "GET: error").
			answers(answer(200, [2]string{allowOrigin, "<app>"}, [2]string{allowCredentials, "true"})).fails(25),
		one("upstream/on an error", app, get, "GET: 500").answers(answer(500, [2]string{allowOrigin, "*"})),
		one("upstream/on a put", app, put, "preflight PUT: 200").answers(double),
		one("upstream/on events", app, step{Kind: "events"}, "GET: open").answers(upstream{kind: "events", headers: star.headers}),
		one("upstream/on a stream", app, step{Kind: "stream", Method: "GET"}, "GET: 200").answers(upstream{kind: "stream", headers: star.headers}),
		one("upstream/on an image", creds, element("image", "use-credentials"), "GET: load").answers(upstream{kind: "image", headers: star.headers}),
		one("upstream/by Caddy's header directive", "header "+allowOrigin+" *\n"+creds, in, "GET: 200"),
		one("upstream/by Caddy's header directive, deferred", "header >"+allowOrigin+" *\n"+creds, in, "GET: error").fails(23),
		one("upstream/by Caddy's header directive, added late", "header {\n\t+"+allowOrigin+" *\n\tdefer\n}\n"+app, get, "GET: error").fails(23),
		one("upstream/kept, a star", keep, get, "GET: 200").answers(star),
		one("upstream/kept, a star with credentials", keep, in, "GET: error").answers(star).fails(23),
		one("upstream/kept, another origin", keep, get, "GET: error").answers(wrong).fails(23),
		one("upstream/kept, two lines", keep, get, "GET: error").answers(double).fails(23),
		one("upstream/kept, nothing", keep, get, "GET: 200"),
		one("upstream/kept, for an origin that the policy refuses", cors("<other>", "upstream keep"), get, "GET: 200").answers(star),
		one("upstream/vary of its own", app, get, "GET: 200").answers(answer(200, [2]string{"Vary", "Accept-Encoding"})),
	}
}

// optionCases are options that no other group is about.
func optionCases() []testCase {
	put := call("PUT")
	forward := cors("<app>", "preflight forward")
	return []testCase{
		one("options/preflight_status 200", cors("<app>", "preflight_status 200"), put, "preflight PUT: 200"),
		one("options/preflight_status 299", cors("<app>", "preflight_status 299"), put, "preflight PUT: 200"),
		one("options/preflight forward", forward, put, "preflight PUT: 200"),
		one("options/preflight forward, 204", forward, put, "preflight PUT: 204").answers(answer(204)),
		one("options/preflight forward, 404", forward, put, "preflight: error").answers(answer(404)).fails(13),
		one("options/preflight forward, 500", forward, put, "preflight: error").answers(answer(500)).fails(13),
		one("options/preflight forward, refused", cors("<other>", "preflight forward"), put, "preflight: error").fails(21),
		one("options/preflight forward, upstream's own headers", forward, put, "preflight PUT: 200").answers(answer(200, [2]string{allowOrigin, "*"})),
		one("options/timing", cors("<app>", "timing"), step{Kind: "timing"}, "GET: timed").notSimulated("resource timing is not of Fetch"),
		one("options/timing, refused origin", cors("<other>", "timing"), step{Kind: "timing", Cross: "none"}, "GET@none: untimed").answers(upstream{kind: "image"}).notSimulated("resource timing is not of Fetch"),
		one("options/no timing", app, step{Kind: "timing"}, "GET: untimed").notSimulated("resource timing is not of Fetch"),
		one("options/two policies, the more specific path decides", cors("<other>")+"\ncors /p*/*/x <app>", call("GET"), "GET: 200"),
		one("options/two policies, the other path", cors("<other>")+"\ncors /p*/*/y <app>", call("GET"), "GET: error").fails(21),
	}
}
