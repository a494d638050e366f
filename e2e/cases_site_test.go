package e2e

// siteCases: under enforce the site's own pages are let through, and only they.
// The pages site and site-http have one host and port, and so have front and
// front-http; only the scheme is another.
func siteCases() []testCase {
	enforce := "cors {\n\tenforce requests websockets\n}"
	list := ownPageCases(enforce)
	post := call("POST").sending("x")
	stranger := func(id string, s step, want string) {
		list = append(list, one("site/"+id, enforce, s, want).staysOut())
	}
	stranger("http page of the https site, post", post.from("site-http").to("site"), "POST@site-http: error")
	stranger("http page of the https site, with credentials", post.include().from("site-http").to("site"), "POST@site-http: error")
	stranger("http page of the https site, opaque", post.mode("no-cors").from("site-http").to("site"), "POST@site-http: opaque")
	stranger("http page of the https site, put", call("PUT").from("site-http").to("site"), "preflight@site-http: error")
	stranger("another page, behind TLS", post.mode("no-cors").to("site"), "POST: opaque")
	stranger("another page, behind a balancer", post.mode("no-cors").to("front"), "POST: opaque")
	// Here only the browser can tell: Caddy sees plain http, whichever it was.
	behind := one("site/http page of the https site, behind a balancer", enforce, post.mode("no-cors").from("front-http").to("front"), "POST@front-http: opaque")
	list = append(list, behind.staysOut().notSimulated("the simulator sends no Sec-Fetch-Site"))
	// A browser calls a rebound name its own origin, and the page reads the 403.
	stranger("rebound name, post", post.from("rebound").to("rebound"), "POST@rebound: 403")
	stranger("rebound name, with credentials", post.include().from("rebound").to("rebound"), "POST@rebound: 403")
	stranger("rebound name, put", call("PUT").from("rebound").to("rebound"), "PUT@rebound: 403")
	for i, s := range []step{{Page: "site-http", host: "site"}, {Page: "rebound", host: "rebound"}, {Page: "app", host: "site"}} {
		s.Kind = "socket"
		at := "@" + s.Page
		if s.Page == "app" {
			at = ""
		}
		name := []string{"http page of the https site", "rebound name", "another page"}[i]
		list = append(list, one("site/"+name+", socket", enforce, s, "GET"+at+": error").answers(upstream{kind: "socket"}).staysOut())
	}
	return list
}

// ownPageCases: a page asks the server that it came from.
func ownPageCases(enforce string) (list []testCase) {
	post, put, socket := call("POST").sending("x"), call("PUT"), step{Kind: "socket"}
	for _, own := range []struct{ page, what string }{
		{"site", "behind TLS"},
		{"front", "behind a balancer that ends TLS"},
		{"rebound-front", "by any name that a certificate was shown for"},
		{"app", "on localhost"},
		{"ip", "on an address"},
		{"box", "on .local"},
	} {
		at := "@" + own.page
		if own.page == "app" {
			at = ""
		}
		list = append(list,
			one("site/own page "+own.what+", post", enforce, post.include().from(own.page).to(own.page), "POST"+at+": 200"),
			one("site/own page "+own.what+", put", enforce, put.from(own.page).to(own.page), "PUT"+at+": 200"),
			one("site/own page "+own.what+", socket", enforce, socket.from(own.page).to(own.page), "GET"+at+": open").answers(upstream{kind: "socket"}),
		)
	}
	return list
}

// timingCases: images, scripts and style sheets send no Origin, and can be
// measured all the same where the header is constant.
func timingCases() (list []testCase) {
	image := step{Kind: "timing", Cross: "none"}
	add := func(id, site string, s step, want string) {
		list = append(list, one("timing/"+id, site, s, want).answers(upstream{kind: "image"}).
			notSimulated("resource timing is not of Fetch"))
	}
	add("image, any origin", cors("*", "timing"), image, "GET@none: timed")
	add("image, any origin, foreign site", cors("*", "timing"), image.from("evil"), "GET@none: timed")
	add("image, the page's origin", cors("<app>", "timing"), image, "GET@none: timed")
	add("image, one of several", cors("<other> <evil> <app>", "timing"), image.from("evil"), "GET@none: timed")
	add("image, origin of a for", cors("<other>", "timing", "for <app> {\n\t\tmethods none\n\t}"), image, "GET@none: timed")
	add("image, with credentials", cors("<app>", "timing", "credentials"), image, "GET@none: timed")
	add("image, upstream keep", cors("<app>", "timing", "upstream keep"), image, "GET@none: timed")
	add("image, another page", cors("<app> <other>", "timing"), image.from("evil"), "GET@none: untimed")
	add("image, a pattern", cors("http://*.cors.localhost:<P>", "timing"), image, "GET@none: untimed")
	add("image, an except", cors("<app>", "timing", "except <other>"), image, "GET@none: untimed")
	add("image, without the option", cors("*"), image, "GET@none: untimed")
	add("fetch, a pattern", cors("http://*.cors.localhost:<P>", "timing"), step{Kind: "timing"}, "GET: timed")
	return list
}
