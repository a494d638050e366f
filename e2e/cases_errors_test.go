package e2e

import "fmt"

// passwordHash is bcrypt of "e2e", as cheap as it goes.
const passwordHash = "$2a$04$.feDTLMvavk4IUvHdtR9K.OKBvOxFJs722Vx6Sdc0rPlN0I4rawrG"

const auth = "\nbasic_auth {\n\te2e " + passwordHash + "\n}"

// errorCases: the page reads an error only if it carries the headers too, and
// that takes some doing in Caddy, which answers errors outside the handlers.
func errorCases() []testCase {
	var list []testCase
	for _, status := range []int{201, 202, 204, 206, 400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 500, 502, 503, 504} {
		list = append(list, one(fmt.Sprintf("errors/%d of the upstream", status), app, call("GET"), fmt.Sprintf("GET: %d", status)).answers(answer(status)))
	}
	get := call("GET")
	dead := app + "\nreverse_proxy 127.0.0.1:1"
	return append(list,
		one("errors/401 before authentication", app+auth, get, "GET: 401").conceals("www-authenticate"),
		one("errors/401 does not meet the preflight", app+auth, call("PUT"), "preflight PUT: 401"),
		one("errors/401 is none with a password", app+auth, get.with("Authorization", "Basic ZTJlOmUyZQ=="), "preflight GET+auth: 200"),
		one("errors/401 with a wrong password", app+auth, get.with("Authorization", "Basic ZTJlOmVlZQ=="), "preflight GET+auth: 401"),
		one("errors/401, refused origin", cors("<other>")+auth, get, "GET: error").fails(21),
		one("errors/403 of Caddy", app+"\nerror 403", get, "GET: 403").onItsOwn(),
		one("errors/403 of Caddy, put", app+"\nerror 403", call("PUT"), "preflight PUT: 403").onItsOwn(),
		one("errors/403 of Caddy, refused origin", cors("<other>")+"\nerror 403", get, "GET: error").onItsOwn().fails(21),
		one("errors/404 of Caddy", app+"\nfile_server {\n\troot testdata\n}", get, "GET: 404").onItsOwn(),
		one("errors/405 of Caddy", app+"\nrewrite * /pixel.png\nfile_server {\n\troot testdata\n}", call("PUT"), "preflight PUT: 405").onItsOwn(),
		one("errors/413 of Caddy", app+"\nrequest_body {\n\tmax_size 10\n}", call("POST").sending("more than ten bytes"), "POST: 413"),
		one("errors/413 of Caddy, put", app+"\nrequest_body {\n\tmax_size 10\n}", call("PUT").sending("more than ten bytes"), "preflight PUT: 413"),
		one("errors/500 of Caddy", app+"\nerror 500", get, "GET: 500").onItsOwn(),
		one("errors/502 of Caddy", dead, get, "GET: 502").onItsOwn(),
		one("errors/502 of Caddy, put", dead, call("PUT"), "preflight PUT: 502").onItsOwn(),
		one("errors/502 of Caddy, with credentials", cors("<app>", "credentials")+"\nreverse_proxy 127.0.0.1:1", get.include(), "GET: 502").onItsOwn(),
		one("errors/503 of respond", app+"\nrespond 503", get, "GET: 503").onItsOwn(),
		one("errors/200 that is empty", app+"\nrespond 200", get, "GET: 200").onItsOwn(),
		one("errors/200 that nobody wrote", app, get, "GET: 200").onItsOwn(),
		one("errors/file", app+"\nrewrite * /pixel.png\nfile_server {\n\troot testdata\n}", get, "GET: 200").onItsOwn(),
		one("errors/file, head", app+"\nrewrite * /pixel.png\nfile_server {\n\troot testdata\n}", call("HEAD"), "HEAD: 200").onItsOwn(),
	)
}

// ownErrorCases have error routes.
func ownErrorCases() []testCase {
	get := call("GET")
	styled := "\nhandle_errors {\n\theader X-A styled\n\trespond \"sorry\"\n}"
	proxied := "\nhandle_errors {\n\treverse_proxy <behind>\n}"
	return []testCase{
		one("errors/401 with an error route", app+auth+styled, get, "GET: 401").bySite(),
		one("errors/403 with an error route", app+"\nerror 403"+styled, get, "GET: 403").bySite().onItsOwn(),
		one("errors/404 with an error route", app+"\nfile_server {\n\troot testdata\n}"+styled, get, "GET: 404").bySite().onItsOwn(),
		one("errors/413 with an error route", app+"\nrequest_body {\n\tmax_size 10\n}"+styled, call("POST").sending("more than ten bytes"), "POST: 413").bySite(),
		one("errors/502 with an error route", app+"\nreverse_proxy 127.0.0.1:1"+styled, call("PUT"), "preflight PUT: 502").bySite().onItsOwn(),
		one("errors/502 with an error route and credentials", cors("<app>", "credentials", "expose X-A")+"\nreverse_proxy 127.0.0.1:1"+styled, get.include(), "GET: 502").
			bySite().onItsOwn().shows("x-a"),
		one("errors/502 with an error route, refused origin", cors("<other>")+"\nreverse_proxy 127.0.0.1:1"+styled, get, "GET: error").bySite().onItsOwn().fails(21),
		one("errors/proxied error route with the policy again", app+"\nerror 403\nhandle_errors {\n\t"+app+"\n\treverse_proxy <behind>\n}", get, "GET: 200").
			bySite().onItsOwn().answers(answer(0, [2]string{allowOrigin, "*"})),
		one("errors/proxied error route without the policy", app+"\nerror 403"+proxied, get, "GET: 200").bySite().onItsOwn(),
		one("errors/proxied error route that has headers of its own", app+"\nerror 403"+proxied, get, "GET: error").
			bySite().onItsOwn().answers(answer(0, [2]string{allowOrigin, "*"})).fails(23),
	}
}
