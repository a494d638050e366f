package judges_test

// badConfigs has the real lines for the vectors that are one block. Where the
// vector's line has a word that is not notation, it stands here as it is.
var badConfigs = map[string]badConfig{
	"bc-001": {lines: "methods PUT", says: []string{"no origin", "origins https://app.example.com", "origins *"}},
	"bc-007": {lines: "origins * https://app.example.com", line: 1, says: []string{"`*`", "https://app.example.com", "nothing"}},
	"bc-008": {lines: "origins null", line: 1, says: []string{`"null"`, "dangerously_allow null_origin"}},
	"bc-009": {lines: "origins null\ndangerously_allow null_origin\ncredentials", line: 1, says: []string{"null with credentials"}},

	// Words that are no origins.
	"bc-010": {lines: "origins any", line: 1, says: []string{`"any"`, "write *"}},
	"bc-011": {lines: "origins true", line: 1, says: []string{`"true"`, "https://app.example.com", "write *"}},
	"bc-012": {lines: "origins self", line: 1, says: []string{`"self"`, "needs no CORS"}},

	// Parts that no origin has.
	"bc-015": {lines: "origins https://example.com/", line: 1, says: []string{`"https://example.com/"`, "slash", "mean https://example.com?"}},
	"bc-017": {lines: "origins https://example.com?x=1", line: 1, says: []string{`"?x=1"`, "query", "mean https://example.com?"}},
	"bc-018": {lines: "origins https://example.com#x", line: 1, says: []string{`"#x"`, "fragment", "mean https://example.com?"}},
	"bc-019": {lines: "origins https://user:pw@example.com", line: 1, says: []string{`"user:pw@"`, "leaked", "mean https://example.com?"}},
	"bc-020": {lines: "origins example.com", line: 1, says: []string{`"example.com"`, "no scheme", "https://example.com?"}},
	"bc-021": {lines: "origins localhost:3000", line: 1, says: []string{`"localhost:3000"`, "scheme", "http://localhost:3000?"}},
	"bc-022": {lines: "origins //example.com", line: 1, says: []string{"no scheme", "https://example.com"}},
	"bc-023": {lines: "origins https:/example.com", line: 1, says: []string{"two slashes", "https:"}},
	"bc-024": {lines: "origins https://", line: 1, says: []string{`"https://"`, "no host"}},

	// Ports.
	"bc-027": {lines: "origins https://example.com:443", line: 1, says: []string{"443", "default port", "mean https://example.com?"}},
	"bc-028": {lines: "origins http://example.com:80", line: 1, says: []string{"80", "default port", "mean http://example.com?"}},
	"bc-030": {lines: "origins https://example.com:65536", line: 1, says: []string{"65536", "65535"}},
	"bc-031": {lines: "origins https://example.com:08443", line: 1, says: []string{`"08443"`, "leading zero", "8443"}},
	"bc-032": {lines: "origins https://example.com:http", line: 1, says: []string{`"http"`, "not a number"}},
	"bc-079": {lines: "origins http://localhost:3000-3010", line: 1, says: []string{"3000-3010", "range", "*"}},

	// Bytes.
	"bc-035": {lines: "origins https://münchen.example", line: 1, says: []string{"münchen.example", "not ASCII", "https://xn--mnchen-3ya.example"}},
	"bc-036": {lines: "origins https://xn--f", line: 1, says: []string{`"xn--f"`, "punycode"}},
	"bc-041": {lines: `origins "https://exa mple.com"`, line: 1, says: []string{`"mple.com"`, "no scheme"}},
	// A Caddyfile has no escapes: this is a backslash and a t. A real tab
	// separates values and does no harm.
	"bc-043": {lines: `origins "https://example.com\t"`, line: 1, says: []string{"https://example.com", "backslash"}},
	"bc-044": {lines: `origins "https://example.com\r\nX: y"`, line: 1, says: []string{"https://example.com", "backslash"}},
	"bc-048": {lines: `origins https://example.com\evil`, line: 1, says: []string{"https://example.com", "backslash"}},

	// Addresses.
	"bc-049": {lines: "origins http://127.1", line: 1, says: []string{`"127.1"`, "IPv4", "http://127.0.0.1"}},
	"bc-051": {lines: "origins http://127.0.0.256", line: 1, says: []string{"http://127.0.0.256", "IPv4", "256 is over 255"}},
	"bc-052": {lines: "origins http://127.0.0.01", line: 1, says: []string{`"01"`, "leading zero", "127.0.0.1"}},
	"bc-054": {lines: "origins http://[::1", line: 1, says: []string{"]", "IPv6"}},
	"bc-055": {lines: "origins http://[0:0:0:0:0:0:0:1]", line: 1, says: []string{"http://[::1]"}},
	"bc-057": {lines: "origins http://[fe80::1%eth0]", line: 1, says: []string{"%eth0", "zone"}},
	"bc-059": {lines: "origins https://[example.com]", line: 1, says: []string{"[example.com]", "IPv6", "brackets"}},
	"bc-077": {lines: "origins http://*.127.0.0.1", line: 1, says: []string{"127.0.0.1", "no subdomains"}},

	// Schemes.
	"bc-060": {lines: "origins file:///srv/app", line: 1, says: []string{"file:", "null"}},
	"bc-061": {lines: "origins ws://example.com", line: 1, says: []string{"ws:", "http://example.com"}},
	"bc-062": {lines: "origins data:text/html", line: 1, says: []string{"data:", "null"}},
	"bc-073": {lines: "origins *://example.com", line: 1, says: []string{"*://example.com", "scheme"}},
	"bc-074": {lines: "origins http*://example.com", line: 1, says: []string{"http*", "scheme", "wildcard"}},

	// Wildcards.
	"bc-065": {lines: "origins https://api.*.example.com", line: 1, says: []string{"https://api.*.example.com", "leftmost"}},
	"bc-066": {lines: "origins https://*.*.example.com", line: 1, says: []string{"one wildcard", "https://**.example.com"}},
	"bc-069": {lines: "origins https://example.*", line: 1, says: []string{"https://example.*", "end"}},
	"bc-070": {lines: "origins https://example.com*", line: 1, says: []string{`"https://example.com*"`, "anyone can register", "list the hosts"}},
	"bc-071": {lines: "origins https://*", line: 1, says: []string{`"https://*"`, "write *"}},
	"bc-081": {lines: "origins https://*.github.io\ncredentials", line: 1, says: []string{"github.io", "public suffix", "your own subdomain"}},
	"bc-082": {lines: "origins https://*.co.uk", line: 1, says: []string{"co.uk", "public suffix", "every site"}},
	"bc-084": {lines: "origins https://app.example.com https://app.example.com", line: 1, says: []string{"https://app.example.com", "twice"}},
	"bc-090": {lines: "origin_regexp ^https://([a-z]+$", line: 1, says: []string{"^https://([a-z]+$", "does not compile", ")"}},

	// Methods.
	"bc-094": {lines: "methods CONNECT", line: 1, says: []string{`"CONNECT"`, "never", "remove it"}},
	"bc-095": {lines: "methods trace", line: 1, says: []string{`"trace"`, "in any case", "remove it"}},
	"bc-096": {lines: "methods patch", line: 1, says: []string{`"patch"`, "did you mean PATCH?"}},
	"bc-097": {lines: "methods put", line: 1, says: []string{"put", "upper case", "PUT"}},
	"bc-098": {lines: "methods ALL", line: 1, says: []string{`"ALL"`, "write *"}},
	"bc-100": {lines: "methods GET POST HEAD", line: 1, says: []string{"GET, HEAD and POST", "always allowed", "does not block"}},
	"bc-101": {lines: "methods OPTIONS", line: 1, says: []string{"OPTIONS", "need not be listed"}},
	"bc-102": {lines: "methods PÜT", line: 1, says: []string{"PÜT", "0xC3"}},
	"bc-103": {lines: "methods PUT PUT", line: 1, says: []string{"PUT", "twice"}},

	// Request headers.
	"bc-108": {lines: "headers X-*", line: 1, says: []string{"X-*", "not supported", "lone *"}},
	"bc-109": {lines: "headers Cookie", line: 1, says: []string{"Cookie", "credentials"}},
	"bc-110": {lines: "headers Origin", line: 1, says: []string{"Origin", "no effect"}},
	"bc-112": {lines: "headers Sec-Fetch-Site", line: 1, says: []string{"Sec-Fetch-Site", "Sec-", "browsers only"}},
	"bc-117": {lines: "headers *", line: 1, says: []string{"`*`", "does not cover Authorization", "add Authorization"}},
	"bc-118": {lines: "headers *\ncredentials", line: 1, says: []string{"credentials", "echoed", "prefer a list"}},
	"bc-119": {lines: "headers X-Foo x-foo", line: 1, says: []string{"x-foo", "twice", "case"}},
	"bc-120": {lines: "headers résumé", line: 1, says: []string{"résumé", "0xC3"}},

	// Response headers.
	"bc-122": {lines: "expose Set-Cookie", line: 1, says: []string{"Set-Cookie", "never"}},
	"bc-123": {lines: "expose Set-Cookie2", line: 1, says: []string{"Set-Cookie2", "never"}},
	"bc-124": {lines: "expose Origin", line: 1, says: []string{"Origin", "request header"}},
	"bc-126": {lines: "expose Content-Type", line: 1, says: []string{"Content-Type", "always readable"}},
	"bc-128": {lines: "expose X-Foo:", line: 1, says: []string{"X-Foo:", "colon", "write X-Foo"}},

	// The other options.
	"bc-130": {lines: "max_age -1", line: 1, says: []string{"max_age", "-1", "negative", "write 0"}, onlyCaddyfile: true}, // in JSON: send no header
	"bc-131": {lines: "max_age 48h", line: 1, says: []string{"172800", "24h"}},
	"bc-132": {lines: "max_age abc", line: 1, says: []string{`"abc"`, "duration"}},
	"bc-135": {lines: "max_age 99999999999999999999", line: 1, says: []string{"max_age 99999999999999999999", "too large", "24h"}, jsonSays: []string{"99999999999999999999"}},
	"bc-137": {lines: "max_age 10m\ncredentials\nmax_age 5m", line: 3, says: []string{"max_age", "twice", "3 and 5"}, onlyCaddyfile: true},
	"bc-138": {lines: "max_age", line: 1, says: []string{"max_age needs one value"}, onlyCaddyfile: true},
	"bc-140": {lines: "credentials include", line: 1, says: []string{`"include"`, "fetch", "credentials"}, onlyCaddyfile: true},
	"bc-144": {lines: "preflight_status 299x", line: 1, says: []string{`"299x"`, "not a number"}, jsonSays: []string{"preflight_status"}},
	"bc-145": {lines: "upstream merge", line: 1, says: []string{`"merge"`, "override", "keep"}},
	"bc-146": {lines: "dangerously_allow insecure_origins", line: 1, says: []string{"insecure_origins", "nothing here needs", "remove"}},
	// The vector says that they are not used; spec.md, section 5, that they
	// are written, so the warning is of what browsers make of them.
	"bc-147": {lines: "preflight forward\nmax_age 10m", line: 1, says: []string{"preflight forward", "upstream", "max_age"}},
	"bc-148": {lines: "origns https://a.example", line: 1, says: []string{`"origns"`, "did you mean origins?"}, jsonSays: []string{`"origns"`, `did you mean "origins"?`}},
	"bc-150": {lines: "origins https://a.example origins https://b.example", line: 1, says: []string{`"origins"`, "new line"}, onlyCaddyfile: true},
}
