package lint

// Rule is one thing that is looked for.
type Rule struct {
	// ID is stable: scripts may rely on it.
	ID string
	// What says in one sentence what is wrong when the rule speaks.
	What string

	check func(*audit)
}

// Rules has all rules: first those about what stands beside a cors handler,
// then those about hand-written headers, then those about single values.
var Rules = []Rule{
	{"header-beside-cors", "A header line writes CORS headers where a cors handler governs: it does nothing, or it has the last word and spoils the answer.", headerBesideCors},
	{"header-down-beside-cors", "A header_down line of reverse_proxy writes CORS headers that a cors handler then replaces.", headerDownBesideCors},
	{"vary-beside-cors", "A header line writes Vary after cors has done its part, so that `Vary: Origin` is lost.", varyBesideCors},
	{"errors-without-cors", "A reverse_proxy in handle_errors brings CORS headers of its own, and no cors stands there to replace them.", errorsWithoutCors},
	{"cors-after-auth", "Something in front of cors refuses or answers preflights, which never carry credentials: authentication, a redirect, a proxy.", corsAfterAuth},
	{"preflight-taken", "A hand-written answer to OPTIONS stands where it takes the preflights away from cors.", preflightTaken},
	{"preflight-forwarded-to-auth", "With `preflight forward` cors hands preflights on to authentication, which refuses them.", preflightForwardedToAuth},
	{"matcher-without-options", "The matcher of cors, or of a block around it, leaves out OPTIONS or asks for what no preflight carries.", matcherWithoutOptions},
	{"matcher-on-origin", "The matcher of cors, or of a block around it, looks at Origin, so that other requests get no Vary and no 403.", matcherOnOrigin},
	{"matcher-only-root", "The matcher of cors or of a hand-written CORS header is the path /, which in Caddy v2 stands for nothing below it.", matcherOnlyRoot},
	{"overlapping-policies", "Two cors handlers meet the same requests, and their paths do not say which one is meant.", overlappingPolicies},

	{"reflects-any-origin", "Access-Control-Allow-Origin repeats the request's Origin, whatever it is.", reflectsAnyOrigin},
	{"star-with-credentials", "Access-Control-Allow-Origin is * and credentials are allowed: browsers refuse the two together.", starWithCredentials},
	{"star-list-with-credentials", "A list is * and credentials are allowed: then browsers take * for a name.", starListWithCredentials},
	{"missing-vary", "The answer depends on Origin, but `Vary: Origin` does not say so, or not always.", missingVary},
	{"fixed-origin", "One hard-coded origin is sent to everybody, whoever asks.", fixedOrigin},
	{"preflight-not-answered", "There are headers for preflights, but preflights get no successful answer with them.", preflightNotAnswered},
	{"preflight-after-auth", "A hand-written answer to OPTIONS comes after authentication, which refuses preflights.", preflightAfterAuth},
	{"lost-on-errors", "Deferred headers are missing on errors, so that pages see a network error instead of a 401 or 502.", lostOnErrors},
	{"doubled-by-upstream", "Access-Control-Allow-Origin comes twice if the upstream sends one too: browsers refuse that.", doubledByUpstream},
	{"empty-answer", "A handle block for CORS takes requests away from the block that would answer them: pages get an empty 200.", emptyAnswer},

	{"origin-regexp-too-wide", "An expression for origins also accepts foreign ones: it is not anchored, not in front of the domain, or has no domain.", originRegexpTooWide},
	{"origin-regexp-dot", "An expression for origins has an unescaped dot, which stands for any character.", originRegexpDot},
	{"origin-glob-too-wide", "A * in a header matcher for Origin also accepts foreign origins.", originGlobTooWide},
	{"wildcard-in-value", "A wildcard stands where browsers and Caddy compare letter by letter.", wildcardInValue},
	{"several-origins-in-value", "Access-Control-Allow-Origin has several origins in one value, or several lines: browsers compare the whole.", severalOriginsInValue},
	{"not-an-origin", "A value is none that a browser ever sends as Origin: a slash at its end, no scheme, capital letters.", notAnOrigin},
	{"null-origin", "Access-Control-Allow-Origin is null, which is the origin of every sandboxed frame.", nullOrigin},
	{"allow-headers-star", "Access-Control-Allow-Headers is *, which does not cover Authorization.", allowHeadersStar},
	{"methods-lower-case", "Access-Control-Allow-Methods has a method in lower case, which matches no request.", methodsLowerCase},
	{"max-age-value", "Access-Control-Max-Age is no number of seconds, or more than any browser keeps.", maxAgeValue},
	{"credentials-value", "Access-Control-Allow-Credentials is something other than true.", credentialsValue},
	{"unknown-cors-header", "There is no CORS header of this name in responses.", unknownCORSHeader},
}
