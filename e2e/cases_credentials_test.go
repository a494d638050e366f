package e2e

// setsCookie is an upstream that sets a cookie which only the case can get
// back.
var setsCookie = upstream{headers: [][2]string{{"Set-Cookie", "e2e=1; Path=<here>"}}}

func cookieCases() []testCase {
	creds := cors("<app>", "credentials")
	get, in := call("GET"), call("GET").include()
	put := call("PUT")
	list := []testCase{
		many("cookies/with credentials", creds, "GET GET+cookie: 200 200", in, in),
		many("cookies/by xhr", creds, "GET GET+cookie: 200 200", in.xhr(), in.xhr()),
		many("cookies/from a worker", creds, "GET GET+cookie: 200 200", in, in.from("worker")),
		many("cookies/not sent by default", creds, "GET GET: 200 200", in, get),
		many("cookies/not sent by xhr by default", creds, "GET GET: 200 200", in.xhr(), get.xhr()),
		many("cookies/not sent with omit", creds, "GET GET: 200 200", in, get.creds("omit")),
		many("cookies/not set by default", creds, "GET GET: 200 200", get, in),
		many("cookies/not set with omit", creds, "GET GET: 200 200", get.creds("omit"), in),
		many("cookies/not on the preflight", creds, "GET preflight PUT+cookie: 200 200", in, put.include()),
		many("cookies/not on a preflighted request by default", creds, "GET preflight PUT: 200 200", in, put),
		many("cookies/set although the page may not read", creds, "GET@other GET+cookie: error 200", in.from("other"), in),
		many("cookies/sent by no-cors", creds, "GET GET@none+cookie: 200 opaque", in, in.mode("no-cors")),
		many("cookies/sent with a no-cors post", creds, "GET POST+cookie: 200 opaque", in, call("POST").include().mode("no-cors")),
		many("cookies/same origin", creds, "GET@none GET@none+cookie: 200 200", get.home(), get.home()),
		many("cookies/same origin with omit", creds, "GET@none GET@none: 200 200", get.home(), get.home().creds("omit")),
		many("cookies/same origin, post", creds, "GET@none POST+cookie: 200 200", get.home(), call("POST").home()),
	}
	for i := range list {
		list[i] = list[i].answers(setsCookie).conceals("set-cookie")
	}
	return append(list,
		many("cookies/on an image", creds, "GET GET+cookie: 200 load", in, element("image", "use-credentials")).
			answers(upstream{kind: "image", headers: setsCookie.headers}),
		many("cookies/not on an anonymous image", creds, "GET GET: 200 load", in, element("image", "anonymous")).
			answers(upstream{kind: "image", headers: setsCookie.headers}),
		many("cookies/on a script", creds, "GET GET+cookie: 200 load", in, element("script", "use-credentials")).
			answers(upstream{kind: "script", headers: setsCookie.headers}),
		many("cookies/on events", creds, "GET GET+cookie: 200 open", in, step{Kind: "events"}.include()).
			answers(upstream{kind: "events", headers: setsCookie.headers}),
		many("cookies/not on events by default", creds, "GET GET: 200 open", in, step{Kind: "events"}).
			answers(upstream{kind: "events", headers: setsCookie.headers}),
		many("cookies/on a beacon", creds, "GET preflight POST+cookie: 200 queued", in, beacon("application/json")).
			answers(setsCookie).settles(3),
		many("cookies/on a socket", creds, "GET GET+cookie: 200 open", in, step{Kind: "socket"}.at("socket")).
			answers(upstream{headers: setsCookie.headers, at: map[string]upstream{"socket": {kind: "socket"}}}),
	)
}

func beacon(contentType string) step {
	return step{Kind: "beacon", Method: "POST", Body: "x"}.with("Content-Type", contentType)
}

// credentialsCases are about the CORS check (#concept-cors-check).
func credentialsCases() []testCase {
	in, put := call("GET").include(), call("PUT").include()
	creds := cors("<app>", "credentials")
	return []testCase{
		one("credentials/allowed", creds, in, "GET: 200"),
		one("credentials/allowed, put", creds, put, "preflight PUT: 200"),
		one("credentials/allowed, not used", creds, call("GET"), "GET: 200"),
		one("credentials/not allowed", app, in, "GET: error").fails(25),
		one("credentials/not allowed, by xhr", app, in.xhr(), "GET: error").fails(25),
		one("credentials/not allowed, put", app, put, "preflight: error").fails(25),
		one("credentials/not allowed, but omitted", app, call("GET").creds("omit"), "GET: 200"),
		one("credentials/any origin", cors("*"), in, "GET: error").fails(23),
		one("credentials/any origin, put", cors("*"), put, "preflight: error").fails(23),
		one("credentials/wildcard subdomain", cors("http://*.cors.localhost:*", "credentials"), put.from("other"), "preflight@other PUT@other: 200"),
		one("credentials/wildcard subdomain, refused", cors("http://*.cors.localhost:*", "credentials"), put.from("deep"), "preflight@deep: error").fails(21),
		one("credentials/expression", `cors {
			origin_regexp http://[a-z]+\.cors\.localhost:[0-9]+
			credentials
		}`, in.from("other"), "GET@other: 200"),
		one("credentials/image", app, element("image", "use-credentials"), "GET: error").answers(upstream{kind: "image"}).fails(25),
		one("credentials/module", cors("*"), element("module", "use-credentials"), "GET: error").answers(upstream{kind: "module"}).fails(23),
		one("credentials/upstream says False", cors("<app>", "upstream keep"), in, "GET: error").
			answers(answer(200, [2]string{allowOrigin, "<app>"}, [2]string{allowCredentials, "True"})).fails(25),
		one("credentials/upstream says true", cors("<app>", "upstream keep"), in, "GET: 200").
			answers(answer(200, [2]string{allowOrigin, "<app>"}, [2]string{allowCredentials, "true"})),
	}
}

// Headers that upstreams send by themselves.
const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	exposeHeaders    = "Access-Control-Expose-Headers"
)

// exposeCases are about what the page sees (#concept-filtered-response-cors).
func exposeCases() []testCase {
	get, in := call("GET"), call("GET").include()
	all := cors("<app>", "expose *")
	allCreds := cors("<app>", "expose *", "credentials")
	return []testCase{
		one("expose/nothing", app, get, "GET: 200").shows("cache-control", "content-length", "content-type").conceals("x-a", "x-b", "date"),
		one("expose/safelisted ones", app, get, "GET: 200").shows("content-language", "expires", "last-modified", "pragma").conceals("etag").
			answers(answer(200, [2]string{"Content-Language", "de"}, [2]string{"Expires", "0"}, [2]string{"Pragma", "no-cache"},
				[2]string{"Last-Modified", "Sat, 21 Nov 2026 05:00:00 GMT"}, [2]string{"ETag", `"1"`})),
		one("expose/one", cors("<app>", "expose X-A"), get, "GET: 200").shows("x-a").conceals("x-b"),
		one("expose/one in another case", cors("<app>", "expose x-a"), get, "GET: 200").shows("x-a").conceals("x-b"),
		one("expose/several lists", cors("<app>", "expose X-A", "expose X-B,Date"), get, "GET: 200").shows("x-a", "x-b", "date"),
		one("expose/by xhr", cors("<app>", "expose X-A"), get.xhr(), "GET: 200").shows("x-a").conceals("x-b"),
		one("expose/one that is absent", cors("<app>", "expose X-Absent"), get, "GET: 200").conceals("x-absent", "x-a"),
		one("expose/on a preflighted request", cors("<app>", "expose X-A"), call("PUT"), "preflight PUT: 200").shows("x-a"),
		one("expose/with credentials", cors("<app>", "expose X-A", "credentials"), in, "GET: 200").shows("x-a").conceals("x-b"),
		one("expose/all", all, get, "GET: 200").shows("x-a", "x-b", "date"),
		one("expose/all by xhr", all, get.xhr(), "GET: 200").shows("x-a", "x-b", "date"),
		one("expose/all, any origin", cors("*", "expose *"), get, "GET: 200").shows("x-a", "x-b"),
		one("expose/all with credentials", allCreds, in, "GET: 200").shows("x-a", "x-b"),
		one("expose/all with credentials by xhr", allCreds, in.xhr(), "GET: 200").shows("x-a", "x-b"),
		one("expose/all with credentials that the page does not use", allCreds, get, "GET: 200").shows("x-a", "x-b"),
		one("expose/all with credentials, preflighted", allCreds, call("DELETE").include(), "preflight DELETE: 200").shows("x-a", "x-b"),
		one("expose/all with credentials, on an error", allCreds, in, "GET: 500").answers(answer(500)).shows("x-a", "x-b"),
		one("expose/all with credentials, on a stream", allCreds, step{Kind: "stream", Method: "GET"}.include(), "GET: 200").
			answers(upstream{kind: "stream"}).shows("x-a", "x-b"),
		one("expose/never a cookie", all, get, "GET: 200").answers(setsCookie).shows("x-a").conceals("set-cookie"),
		one("expose/never a cookie, with credentials", allCreds, in, "GET: 200").answers(setsCookie).shows("x-a").conceals("set-cookie"),
		one("expose/a literal star of the upstream, with credentials", cors("<app>", "upstream keep"), in, "GET: 200").
			answers(answer(200, [2]string{allowOrigin, "<app>"}, [2]string{allowCredentials, "true"}, [2]string{exposeHeaders, "*"})).conceals("x-a"),
		one("expose/a list that is none", cors("<app>", "upstream keep"), get, "GET: 200").
			answers(answer(200, [2]string{allowOrigin, "<app>"}, [2]string{exposeHeaders, `X-A, "x b"`})).conceals("x-a", "x-b"),
		one("expose/not what the upstream lists", app, get, "GET: 200").
			answers(answer(200, [2]string{exposeHeaders, "X-A"})).conceals("x-a"),
		one("expose/a header twice", cors("<app>", "expose X-B"), get, "GET: 200").answers(answer(200, [2]string{"X-B", "c"})).shows("x-b"),
	}
}
