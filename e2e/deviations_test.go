package e2e

// deviations are what engines do differently, and the step of the standard
// (as internal/browser counts them) that they do not take. What exactly each
// engine does in each case stands in docs/browsers.md.
var deviations = []deviation{
	{
		what: "A `*` in Access-Control-Allow-Headers covers Authorization.",
		step: "step 16, #cors-non-wildcard-request-header-name",
		cases: []string{
			"authorization/not covered by star", "authorization/not covered by star, by xhr", "authorization/not covered by star, any origin",
			"authorization/not covered by star, with another", "preflights/star does not cover authorization",
		},
	},
	{
		what: "Several safelisted headers of one name are joined before they are measured (Chromium, WebKit), " +
			"or the sum of all is not measured at all (Firefox).",
		step:  "steps 5 and 6, #cors-unsafe-request-header-names",
		cases: []string{"headers/eight times 128 bytes", "headers/nine times 128 bytes"},
	},
	{
		what:  "A header that the page sets twice is asked for twice.",
		step:  "step 6, #cors-unsafe-request-header-names",
		cases: []string{"headers/one twice"},
	},
	{
		what:  "The page cannot set User-Agent; it is dropped without a word.",
		step:  "step 3, #forbidden-request-header",
		cases: []string{"headers/user-agent"},
	},
	{
		what:  "An upload without a body needs no preflight, whoever listens.",
		step:  "step 7, #use-cors-preflight-flag and XMLHttpRequest's send()",
		cases: []string{"upload/post without a body", "upload/get"},
	},
	{
		what: "Where Access-Control-Allow-Methods is absent, a listener to the upload lets no method through.",
		step: "steps 14 and 15, #cors-preflight-fetch-0, step 7: an absent list counts as that of the request's method " +
			"if the use-CORS-preflight flag is set",
		cases: []string{"upload/put without methods"},
	},
	{
		what:  "There are no streamed bodies: WebKit throws, Firefox sends the text `[object ReadableStream]`.",
		step:  "step 7, #concept-bodyinit-extract",
		cases: []string{"upload/streamed body", "upload/streamed body, refused"},
	},
	{
		what:  "The referrer policy does not take the page's origin out of a no-cors POST.",
		step:  "step 10, #append-a-request-origin-header",
		cases: []string{"no-cors/no referrer hides the origin", "no-cors/same-origin referrer hides the origin"},
	},
	{
		what:  "Fonts and modules of the page's own origin are asked for with an Origin.",
		step:  "step 10, #append-a-request-origin-header",
		cases: []string{"elements/font of the same origin", "elements/module of the same origin"},
	},
	{
		what: "Fonts are loaded without CORS: no Origin is sent and nothing is checked.",
		step: "step 4, #concept-main-fetch; https://drafts.csswg.org/css-fonts/#font-fetching-requirements",
		cases: []string{
			"elements/font", "elements/font, any origin", "elements/font, refused", "elements/font from another page",
			"elements/font in a style sheet", "elements/font in a style sheet, refused",
		},
	},
	{
		what: "Where a page in a frame of another site could ask for its cookies, images and the like carry an Origin too.",
		step: "step 10, #append-a-request-origin-header; https://privacycg.github.io/storage-access-headers/",
		cases: []string{
			"timing/image, any origin, foreign site", "timing/image, one of several", "timing/image, another page",
			"enforce/image without an origin, foreign site",
		},
	},
	{
		what:  "After a redirect that takes the origin away, the preflight still has it.",
		step:  "step 9, #serializing-a-request-origin",
		cases: []string{"redirects/put across servers", "redirects/put across servers, refused"},
	},
	{
		what:  "After a redirect, a request that no longer needs a preflight gets one.",
		step:  "steps 7, 35 and 36, #concept-http-redirect-fetch",
		cases: []string{"redirects/put becomes get, 303", "redirects/authorization does not reach another server"},
	},
	{
		what:  "A redirect by way of another server back to the page's own is not followed.",
		step:  "step 37, #concept-http-redirect-fetch",
		cases: []string{"redirects/from the page's server and back"},
	},
	{
		what:  "A WebSocket handshake follows redirects.",
		step:  "step 32, https://websockets.spec.whatwg.org/#concept-websocket-establish",
		cases: []string{"sockets/redirected"},
	},
	{
		what:  "A `*` that is kept in the preflight cache is no wildcard there.",
		step:  "step 8, #concept-cache-match-method, #concept-cache-match-header",
		cases: []string{"preflights/star covers all methods", "preflights/star covers all headers"},
	},
	{
		what:  "A preflight for a request with credentials does not serve one without.",
		step:  "step 8, #concept-cache-match",
		cases: []string{"preflights/with credentials serves without"},
	},
	{
		what:  "A blocked answer does not take the entries out of the preflight cache.",
		step:  "step 20, #concept-cache-clear",
		cases: []string{"preflights/a blocked answer forgets"},
	},
}

// groups says what each group of cases is about.
var groups = map[string]string{
	"simple":        "requests without a preflight",
	"methods":       "every method, `patch`, custom ones, forbidden ones, `methods *` and `none`",
	"headers":       "the safelist at its limits, what preflights ask for, `headers *` and `none`",
	"forbidden":     "headers that pages cannot set",
	"authorization": "`Authorization` beside, under and without `*`",
	"cookies":       "when cookies are set and sent",
	"credentials":   "the CORS check with credentials",
	"expose":        "the response headers that the page reads, `expose *` with credentials",
	"refused":       "origins that the policy does not allow",
	"origins":       "subdomains, ports, addresses, punycode, expressions",
	"null":          "sandboxed frames and `data:` URLs; `blob:` and `srcdoc` frames",
	"same-origin":   "requests to the page's own origin",
	"no-cors":       "opaque responses and beacons",
	"redirects":     "redirects before, within and after CORS",
	"upload":        "upload listeners and streamed bodies",
	"streams":       "responses that arrive in pieces, 103 in front",
	"events":        "server-sent events",
	"sockets":       "WebSockets",
	"elements":      "images, scripts, style sheets, fonts and modules",
	"errors":        "errors of the upstream, of Caddy and of error routes",
	"preflights":    "the preflight cache, counted by the server",
	"max_age":       "how long the preflight cache keeps",
	"http-cache":    "the HTTP cache, `Vary` and revalidation with 304",
	"upstream":      "upstreams that send CORS headers of their own",
	"options":       "`preflight`, `preflight_status`, `timing`, two policies",
	"for":           "origins with rights of their own",
	"enforce":       "`enforce requests` and `enforce websockets`",
	"site":          "the site's own pages under `enforce`: TLS, a balancer, names that anybody can register",
	"timing":        "`timing` for what loads without Origin",
	"tell":          "`report_only` and `debug`",
}
