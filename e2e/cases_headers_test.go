package e2e

import (
	"fmt"
	"strings"
)

// headerCases are about the limits of the safelist (Fetch,
// #cors-safelisted-request-header) and about what preflights ask for.
func headerCases() []testCase {
	get := func(name, value string) step { return call("GET").with(name, value) }
	a := func(n int) string { return strings.Repeat("a", n) }
	const safe, asks = "GET: 200", "preflight GET: 200"
	eight, nine := call("GET"), call("GET")
	for range 8 {
		eight = eight.with("Accept", a(128))
	}
	for range 9 {
		nine = nine.with("Accept", a(128))
	}
	return []testCase{
		one("headers/accept of 128 bytes", app, get("Accept", a(128)), safe),
		one("headers/accept of 129 bytes", app, get("Accept", a(129)), asks),
		one("headers/accept with a parenthesis", app, get("Accept", "a(b"), asks),
		one("headers/accept with a colon", app, get("Accept", "a:b"), asks),
		one("headers/accept with a quote", app, get("Accept", `a="b"`), asks),
		one("headers/accept with a tab", app, get("Accept", "a\tb"), safe),
		one("headers/accept that is empty", app, get("Accept", ""), safe),
		one("headers/eight times 128 bytes", app, eight, safe),
		one("headers/nine times 128 bytes", app, nine, asks),
		one("headers/accept-language", app, get("Accept-Language", "de-AT, en;q=0.5, *"), safe),
		one("headers/accept-language with an underscore", app, get("Accept-Language", "en_US"), asks),
		one("headers/accept-language with a slash", app, get("Accept-Language", "en/US"), asks),
		one("headers/content-language", app, get("Content-Language", "de"), safe),
		one("headers/content-language with a quote", app, get("Content-Language", `"de"`), asks),
		one("headers/content-type json", app, jsonPost(), "preflight POST: 200"),
		one("headers/content-type json by xhr", app, jsonPost().xhr(), "preflight POST: 200"),
		one("headers/content-type in upper case", app, typed("TEXT/PLAIN"), "POST: 200"),
		one("headers/content-type with a charset", app, typed("text/plain; charset=utf-8"), "POST: 200"),
		one("headers/content-type with a quoted charset", app, typed(`text/plain; charset="utf-8"`), "preflight POST: 200"),
		one("headers/content-type that is none", app, typed("plain"), "preflight POST: 200"),
		one("headers/content-type of two", app, typed("text/plain, a/b"), "preflight POST: 200"),
		one("headers/content-type of 128 bytes", app, typed("text/plain;a="+a(128-13)), "POST: 200"),
		one("headers/content-type of 129 bytes", app, typed("text/plain;a="+a(129-13)), "preflight POST: 200"),
		one("headers/range of bytes", app, get("Range", "bytes=0-4"), safe),
		one("headers/range without an end", app, get("Range", "bytes=2-"), safe),
		one("headers/range of the last bytes", app, get("Range", "bytes=-2"), asks),
		one("headers/range backwards", app, get("Range", "bytes=4-2"), asks),
		one("headers/range of two ranges", app, get("Range", "bytes=0-1,3-4"), asks),
		one("headers/custom", app, get("X-Custom", "1"), asks),
		one("headers/custom by xhr", app, get("X-Custom", "1").xhr(), asks),
		one("headers/custom that is empty", app, get("X-Custom", ""), asks),
		one("headers/several, sorted and lower-case", app, get("X-Zeta", "1").with("a-header", "2").with("M", "3"), asks),
		one("headers/one twice", app, get("X-Custom", "1").with("x-custom", "2"), asks),
		one("headers/cache-control", app, get("Cache-Control", "no-cache"), asks),
		one("headers/if-none-match", app, get("If-None-Match", `"1"`), asks),
		one("headers/user-agent", app, get("User-Agent", "e2e"), asks),
		one("headers/last-event-id", app, get("Last-Event-ID", "1"), asks),
		one("headers/x-requested-with", app, get("X-Requested-With", "XMLHttpRequest"), asks),
		one("headers/listed", cors("<app>", "headers X-Known"), get("X-Known", "1"), asks),
		one("headers/listed in another case", cors("<app>", "headers x-known"), get("X-KNOWN", "1"), asks),
		one("headers/not listed", cors("<app>", "headers X-Known"), get("X-Other", "1"), "preflight: error").fails(17),
		one("headers/one listed, one not", cors("<app>", "headers X-Known"), get("X-Known", "1").with("X-Other", "1"), "preflight: error").fails(17),
		one("headers/content-type listed", cors("<app>", "headers Content-Type"), jsonPost(), "preflight POST: 200"),
		one("headers/content-type not listed", cors("<app>", "headers X-Known"), jsonPost(), "preflight: error").fails(17),
		one("headers/none and custom", cors("<app>", "headers none"), get("X-Custom", "1"), "preflight: error").fails(17),
		one("headers/none and safelisted", cors("<app>", "headers none"), get("Accept", "text/html"), safe),
		one("headers/any with credentials", cors("<app>", "credentials"), get("X-Custom", "1").with("X-Other", "2").include(), asks),
		one("headers/called star", cors("<app>", "headers *"), get("*", "1"), asks),
		one("headers/called star with credentials", cors("<app>", "headers *", "credentials"), get("*", "1").include(), "preflight: error").fails(17),
		one("headers/with an underscore", app, get("X_Custom", "1"), asks),
		one("headers/names of 4096 bytes", cors("<app>", "credentials"), custom(128, 31).include(), asks),
		one("headers/names of more than 4096 bytes", cors("<app>", "credentials"), custom(128, 32).include(), "preflight: error").fails(17),
		one("headers/not a name", app, get("X Custom", "1"), ": error").fails(3),
		one("headers/value with a line break", app, get("X-Custom", "1\n2"), ": error").fails(3),
	}
}

// custom has n headers whose names have so many bytes.
func custom(n, length int) step {
	s := call("GET")
	for i := range n {
		s = s.with(fmt.Sprintf("x-%0*d", length-2, i), "1")
	}
	return s
}

func typed(contentType string) step {
	return call("POST").sending("x").with("Content-Type", contentType)
}

// forbiddenHeaderCases are headers that a page cannot set: the browser drops
// them without a word, and so without a preflight (#forbidden-request-header).
func forbiddenHeaderCases() []testCase {
	var list []testCase
	for _, name := range []string{
		"Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Connection", "Cookie", "Date", "DNT",
		"Host", "Origin", "Proxy-Custom", "Referer", "Sec-Custom", "TE", "Via",
	} {
		list = append(list, one("forbidden/"+strings.ToLower(name), app, call("GET").with(name, "1"), "GET: 200"))
	}
	return append(list,
		one("forbidden/cookie by xhr", app, call("GET").xhr().with("Cookie", "a=b"), "GET: 200"),
		one("forbidden/override with TRACE", app, call("POST").with("X-HTTP-Method-Override", "trace"), "POST: 200"),
		one("forbidden/override with PUT is not", app, call("POST").with("X-HTTP-Method-Override", "PUT"), "preflight POST: 200"),
	)
}

func authorizationCases() []testCase {
	get := call("GET").with("Authorization", "Bearer e2e")
	const asks = "preflight GET+auth: 200"
	return []testCase{
		one("authorization/by default", app, get, asks),
		one("authorization/by xhr", app, get.xhr(), asks),
		one("authorization/not covered by star", cors("<app>", "headers *"), get, "preflight: error").fails(16),
		one("authorization/not covered by star, by xhr", cors("<app>", "headers *"), get.xhr(), "preflight: error").fails(16),
		one("authorization/not covered by star, any origin", cors("*", "headers *"), get, "preflight: error").fails(16),
		one("authorization/not covered by star, with another", cors("<app>", "headers *"), get.with("X-Custom", "1"), "preflight: error").fails(16),
		one("authorization/beside star", cors("<app>", "headers * Authorization"), get.with("X-Custom", "1"), asks),
		one("authorization/listed", cors("<app>", "headers authorization"), get, asks),
		one("authorization/not listed", cors("<app>", "headers X-Custom"), get, "preflight: error").fails(16),
		one("authorization/with credentials", cors("<app>", "credentials"), get.include(), asks),
		one("authorization/star with credentials", cors("<app>", "credentials", "headers *"), get.include(), "preflight: error").fails(16),
		one("authorization/star with credentials that the page does not use", cors("<app>", "credentials", "headers *"), get, "preflight: error").fails(16),
		one("authorization/put", app, call("PUT").with("Authorization", "Bearer e2e"), "preflight PUT+auth: 200"),
		one("authorization/same origin", app, get.home(), "GET@none+auth: 200"),
	}
}
