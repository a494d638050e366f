package e2e

import "maps"

// redirectCases: each hop is checked, and the origin is taken away when a
// third party chose the next one (#concept-http-redirect-fetch).
func redirectCases() []testCase {
	get, start := call("GET"), call("GET").home()
	anyone := cors("*")
	back := func(status int) upstream { return redirect(status, "<app><here>/end").then("end", upstream{}) }
	same := func(status int) upstream { return redirect(status, "<here>/end").then("end", upstream{}) }
	across := func() upstream { return redirect(302, "<api2><here>/end").then("end", upstream{}) }
	return []testCase{
		one("redirects/within the server", app, get, "GET GET: 200").answers(same(302)),
		one("redirects/within the server, 301", app, get, "GET GET: 200").answers(same(301)),
		one("redirects/within the server, by xhr", app, get.xhr(), "GET GET: 200").answers(same(307)),
		one("redirects/to another server", app, get, "GET GET@null: error").answers(across()).fails(21),
		one("redirects/to another server where any origin may", anyone, get, "GET GET@null: 200").answers(across()),
		one("redirects/to another server, with credentials", cors("<app>", "credentials"), get.include(), "GET GET@null: error").answers(across()).fails(21),
		one("redirects/to another server where null may", cors("<app> null", "dangerously_allow null_origin"), get, "GET GET@null: 200").answers(across()),
		one("redirects/from the page's server", app, start, "GET@none GET: 200").answers(across()),
		one("redirects/from the page's server, refused", cors("<other>"), start, "GET@none GET: error").answers(across()).fails(21),
		one("redirects/from the page's server and back", anyone, start, "GET@none GET GET@null: 200").
			answers(redirect(302, "<api2><here>/two").then("two", redirect(302, "<app><here>/end")).then("end", upstream{})),
		one("redirects/back to the page's server", anyone, get, "GET GET@null: 200").answers(back(302)),
		one("redirects/back to the page's server, which allows only the page", app, get, "GET GET@null: error").answers(back(302)).fails(21),
		one("redirects/refused at the first hop", cors("<other>"), get, "GET: error").answers(same(302)).fails(21),
		one("redirects/post becomes get, 302", app, jsonless(), "POST GET: 200").answers(same(302)),
		one("redirects/post becomes get, 303", app, jsonless(), "POST GET: 200").answers(same(303)),
		one("redirects/post stays post, 307", app, jsonless(), "POST POST: 200").answers(same(307)),
		one("redirects/post stays post, 308", app, jsonless(), "POST POST: 200").answers(same(308)),
		one("redirects/mode error", app, get.redirecting("error"), "GET: error").answers(same(302)).fails(32),
		one("redirects/mode manual", app, get.redirecting("manual"), "GET: opaqueredirect").answers(same(302)),
		one("redirects/mode manual, refused", cors("<other>"), get.redirecting("manual"), "GET: error").answers(same(302)).fails(21),
		one("redirects/without a location", app, get, "GET: 302").answers(answer(302)),
		one("redirects/300 is none", app, get, "GET: 300").answers(redirect(300, "<here>/end")),
		one("redirects/with a user name", app, get, "GET: error").answers(redirect(302, "http://user:pw@<api2-host><here>/end")).fails(34),
		one("redirects/to a data URL", app, get, "GET: error").answers(redirect(302, "data:text/plain,hello")).fails(33),
		one("redirects/to nowhere", app, get, "GET: error").answers(redirect(302, "http://:0:0/")).fails(33),
		one("redirects/that never end", app, get, "GET×21: error").
			answers(redirect(302, "<here>/x")).fails(33),
		one("redirects/by Caddy, behind the handler", app+"\n@x path */x\nredir @x <api>/elsewhere", get, "GET: error").fails(21),
		one("redirects/by Caddy to the same path with a slash", app+"\n@x path */x\nredir @x {uri}/", get, "GET GET: 200"),
		one("redirects/not under the policy", "route {\n\t@x path */x\n\tredir @x /elsewhere\n\t"+app+"\n}", get, "GET: error").fails(21),
		one("redirects/image", anyone, element("image", "anonymous"), "GET GET@null: load").
			answers(redirect(302, "<api2><here>/end").then("end", upstream{kind: "image"})),
		one("redirects/module", app, element("module", "anonymous"), "GET GET@null: error").
			answers(redirect(302, "<api2><here>/end").then("end", upstream{kind: "module"})).fails(21),
		one("redirects/events", anyone, step{Kind: "events"}, "GET GET@null: open").
			answers(redirect(307, "<api2><here>/end").then("end", upstream{kind: "events"})),
	}
}

func jsonless() step { return call("POST").sending("x").with("Content-Type", "text/plain") }

func (u upstream) then(rest string, next upstream) upstream {
	at := map[string]upstream{rest: next}
	maps.Copy(at, u.at)
	u.at = at
	return u
}

func redirectPreflightCases() []testCase {
	put, auth := call("PUT").sending("x"), call("GET").with("Authorization", "Bearer e2e")
	anyone := cors("*")
	same := func(status int) upstream { return redirect(status, "<here>/end").then("end", upstream{}) }
	across := func(status int) upstream { return redirect(status, "<api2><here>/end").then("end", upstream{}) }
	forward := cors("<app>", "preflight forward")
	return []testCase{
		one("redirects/put asks at each hop", app, put, "preflight PUT preflight PUT: 200").answers(same(307)),
		one("redirects/put across servers", anyone, put, "preflight PUT preflight@null PUT@null: 200").answers(across(308)),
		one("redirects/put across servers, refused", app, put, "preflight PUT preflight@null: error").answers(across(308)).fails(21),
		one("redirects/put becomes get, 303", app, put, "preflight PUT GET: 200").answers(same(303)),
		one("redirects/put stays put, 302", app, put, "preflight PUT preflight PUT: 200").answers(same(302)),
		one("redirects/from the page's server, put", app, put.home(), "PUT preflight PUT: 200").answers(across(307)),
		one("redirects/custom header asks at each hop", app, call("GET").with("X-Custom", "1"), "preflight GET preflight GET: 200").answers(same(302)),
		one("redirects/authorization stays within the server", app, auth, "preflight GET+auth preflight GET+auth: 200").answers(same(302)),
		one("redirects/authorization does not reach another server", anyone, auth, "preflight GET+auth GET@null: 200").answers(across(302)),
		one("redirects/upload asks at each hop", app, call("POST").uploading().sending("x"), "preflight POST preflight POST: 200").answers(same(307)),
		one("redirects/preflight answered with a redirect", forward, put, "preflight: error").answers(same(307)).fails(13),
		one("redirects/preflight answered before a redirect", app, put.at("x"), "preflight PUT preflight PUT: 200").
			answers(redirect(308, "<here>/x/").then("x/", upstream{})),
	}
}
