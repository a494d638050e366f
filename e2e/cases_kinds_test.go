package e2e

// uploadCases: a page that listens to the upload must ask first, even for a
// plain POST (#use-cors-preflight-flag).
func uploadCases() []testCase {
	post := call("POST").uploading().sending("x")
	return []testCase{
		one("upload/post", app, post, "preflight POST: 200"),
		one("upload/post without methods", cors("<app>", "methods none"), post, "preflight POST: 200"),
		one("upload/post without methods or headers", cors("<app>", "methods none", "headers none"), post, "preflight POST: 200"),
		one("upload/post, any origin", cors("*"), post, "preflight POST: 200"),
		one("upload/post with credentials", cors("<app>", "credentials"), post.include(), "preflight POST: 200"),
		one("upload/post without a body", app, call("POST").uploading(), "preflight POST: 200"),
		one("upload/get", app, call("GET").uploading(), "preflight GET: 200"),
		one("upload/put", app, call("PUT").uploading().sending("x"), "preflight PUT: 200"),
		// By the letter a listener gets any method past a list that is absent.
		one("upload/put without methods", cors("<app>", "methods none"), call("PUT").uploading().sending("x"), "preflight PUT: 200"),
		one("upload/put that is not listed", cors("<app>", "methods PATCH"), call("PUT").uploading().sending("x"), "preflight: error").fails(15),
		one("upload/refused", cors("<other>"), post, "preflight: error").fails(21),
		one("upload/too large", app+"\nrequest_body {\n\tmax_size 10\n}", call("POST").uploading().sending("more than ten bytes"), "preflight POST: 413"),
		many("upload/twice", app, "preflight POST POST: 200 200", post, post.soon()),
		many("upload/twice without methods", cors("<app>", "methods none"), "preflight POST POST: 200 200", post, post.soon()),
		one("upload/streamed body", app, streamed(), "preflight: error").
			notSimulated("over HTTP/1.1 a streamed body is a network error (#concept-http-network-fetch)"),
		one("upload/streamed body, refused", cors("<other>"), streamed(), "preflight: error").fails(21),
	}
}

func streamed() step {
	s := call("POST").sending("x").with("Content-Type", "text/plain")
	s.Streamed = true
	return s
}

func streamCases() []testCase {
	stream := step{Kind: "stream", Method: "GET"}
	u := upstream{kind: "stream"}
	return []testCase{
		one("streams/get", app, stream, "GET: 200").answers(u),
		one("streams/with credentials", cors("<app>", "credentials"), stream.include(), "GET: 200").answers(u),
		one("streams/preflighted", app, stream.with("X-Custom", "1"), "preflight GET: 200").answers(u),
		one("streams/post", app, step{Kind: "stream", Method: "POST"}.sending("x"), "POST: 200").answers(u),
		one("streams/behind encode", app+"\nencode gzip", stream, "GET: 200").answers(u),
		one("streams/refused", cors("<other>"), call("GET"), "GET: error").answers(upstream{kind: "events"}).fails(21),
		one("streams/103 in front", app, call("GET"), "GET: 200").answers(upstream{kind: "hints"}),
		one("streams/103 in front of an error", app, call("GET"), "GET: 500").answers(upstream{kind: "hints", status: 500}),
	}
}

// eventCases: EventSource asks in cors mode and never sends a preflight.
func eventCases() []testCase {
	es := step{Kind: "events"}
	u := upstream{kind: "events"}
	again := es
	again.Events = 2
	return []testCase{
		one("events/get", app, es, "GET: open").answers(u),
		one("events/any origin", cors("*"), es, "GET: open").answers(u),
		one("events/from a worker", app, es.from("worker"), "GET: open").answers(u),
		one("events/with credentials", cors("<app>", "credentials"), es.include(), "GET: open").answers(u),
		one("events/with credentials, not allowed", app, es.include(), "GET: error").answers(u).fails(25),
		one("events/with credentials, any origin", cors("*"), es.include(), "GET: error").answers(u).fails(23),
		one("events/refused", cors("<other>"), es, "GET: error").answers(u).fails(21),
		one("events/that end come again, without a preflight", app, again, "GET GET: open").answers(u),
		one("events/an error", app, es, "GET: error").answers(answer(404)),
		one("events/same origin", cors("<other>"), es.home(), "GET@none: open").answers(u),
	}
}

// socketCases: WebSockets carry an Origin, but no browser checks the answer;
// whoever does not want foreign pages must look at it in the server.
func socketCases() []testCase {
	ws := step{Kind: "socket"}
	u := upstream{kind: "socket"}
	return []testCase{
		one("sockets/allowed", app, ws, "GET: open").answers(u),
		one("sockets/refused origin", cors("<other>"), ws, "GET: open").answers(u),
		one("sockets/foreign site", app, ws.from("evil"), "GET@evil: open").answers(u),
		one("sockets/any origin", cors("*"), ws, "GET: open").answers(u),
		one("sockets/with credentials", cors("<app>", "credentials"), ws, "GET: open").answers(u),
		one("sockets/same origin", app, ws.home(), "GET: open").answers(u),
		one("sockets/from a worker", app, ws.from("worker"), "GET: open").answers(u),
		one("sockets/refused by the server", app, ws, "GET: error").answers(answer(403)),
		one("sockets/redirected", app, ws, "GET: error").answers(redirect(307, "<here>/y")),
	}
}

func elementCases() []testCase {
	var list []testCase
	for _, kind := range []string{"image", "script", "style"} {
		u := upstream{kind: kind}
		open := "tainted"
		if kind == "script" {
			open = "load"
		}
		list = append(list,
			one("elements/"+kind+" without crossorigin", cors("<other>"), element(kind, "none"), "GET@none: "+open).answers(u),
			one("elements/"+kind+", anonymous", app, element(kind, "anonymous"), "GET: load").answers(u),
			one("elements/"+kind+", anonymous, any origin", cors("*"), element(kind, "anonymous"), "GET: load").answers(u),
			one("elements/"+kind+", anonymous, refused", cors("<other>"), element(kind, "anonymous"), "GET: error").answers(u).fails(21),
			one("elements/"+kind+", with credentials", cors("<app>", "credentials"), element(kind, "use-credentials"), "GET: load").answers(u),
			one("elements/"+kind+", with credentials, any origin", cors("*"), element(kind, "use-credentials"), "GET: error").answers(u).fails(23),
			one("elements/"+kind+" of the same origin", cors("<other>"), element(kind, "none").home(), "GET@none: load").answers(u),
		)
	}
	font, module := upstream{kind: "font"}, upstream{kind: "module"}
	return append(list,
		one("elements/font", app, element("font", "none"), "GET: load").answers(font),
		one("elements/font, any origin", cors("*"), element("font", "none"), "GET: load").answers(font),
		one("elements/font, refused", cors("<other>"), element("font", "none"), "GET: error").answers(font).fails(21),
		one("elements/font from another page", cors("<other>"), element("font", "none").from("other"), "GET@other: load").answers(font),
		one("elements/font of the same origin", cors("<other>"), element("font", "none").home(), "GET@none: load").answers(font),
		one("elements/font in a style sheet", app, element("face", "none"), "GET: load").answers(font),
		one("elements/font in a style sheet, refused", cors("<other>"), element("face", "none"), "GET: error").answers(font).fails(21),
		one("elements/module", app, element("module", "none"), "GET: load").answers(module),
		one("elements/module, refused", cors("<other>"), element("module", "none"), "GET: error").answers(module).fails(21),
		one("elements/module with credentials", cors("<app>", "credentials"), element("module", "use-credentials"), "GET: load").answers(module),
		one("elements/module of the same origin", cors("<other>"), element("module", "none").home(), "GET@none: load").answers(module),
		one("elements/import", app, element("import", "none"), "GET: load").answers(module),
		one("elements/import, refused", cors("<other>"), element("import", "none"), "GET: error").answers(module).fails(21),
		one("elements/import, any origin, from a foreign site", cors("*"), element("import", "none").from("evil"), "GET@evil: load").answers(module),
	)
}
