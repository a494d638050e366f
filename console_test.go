package cors

import (
	"regexp"
	"strings"
	"testing"
)

// consoleMessages are whole messages of consoles, and the heading in
// docs/troubleshooting.md where the cure is.
var consoleMessages = []struct{ browser, message, heading string }{
	{"Chrome", `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.`, "acao_missing"},
	{"Chrome", `Access to XMLHttpRequest at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: Response to preflight request doesn't pass access control check: It does not have HTTP ok status.`, "preflight_status"},
	{"Chrome", `Access to fetch at 'http://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: Response to preflight request doesn't pass access control check: Redirect is not allowed for a preflight request.`, "preflight_redirect"},
	{"Chrome", `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: The 'Access-Control-Allow-Origin' header contains multiple values 'https://app.example.com, *', but only one is allowed. Have the server send the header with a valid value.`, "acao_multiple"},
	{"Chrome", `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: The 'Access-Control-Allow-Origin' header has a value 'https://www.example.com' that is not equal to the supplied origin.`, "acao_mismatch"},
	{"Chrome", `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.`, "acao_star_with_credentials"},
	{"Chrome", `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.`, "acac_not_true"},
	{"Chrome", `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.`, "method_not_allowed"},
	{"Chrome", `Access to fetch at 'https://api.example.com/items' from origin 'https://app.example.com' has been blocked by CORS policy: Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response.`, "header_not_allowed"},
	{"Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.`, "acao_missing"},
	{"Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://www.example.com’).`, "acao_mismatch"},
	{"Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).`, "acao_star_with_credentials"},
	{"Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: CORS preflight response did not succeed). Status code: 401.`, "preflight_status"},
	{"Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: Did not find method in CORS header ‘Access-Control-Allow-Methods’).`, "method_not_allowed"},
	{"Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: CORS request did not succeed). Status code: (null).`, "no_answer"},
	{"Safari", `Origin https://app.example.com is not allowed by Access-Control-Allow-Origin. Status code: 200`, "acao_missing"},
	{"Safari", `Preflight response is not successful. Status code: 401`, "preflight_status"},
	{"Safari", `Access-Control-Allow-Origin cannot contain more than one origin.`, "acao_multiple"},
	{"Safari", `Credentials flag is true, but Access-Control-Allow-Credentials is not "true".`, "acac_not_true"},
	{"Safari", `Request header field X-Api-Key is not allowed by Access-Control-Allow-Headers.`, "header_not_allowed"},
	{"old Chrome", `Font from origin 'https://cdn.example.com' has been blocked from loading by Cross-Origin Resource Sharing policy: No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin 'https://app.example.com' is therefore not allowed access.`, "acao_missing"},
	{"old Chrome", `XMLHttpRequest cannot load https://api.example.com/items. Response for preflight has invalid HTTP status code 401`, "preflight_status"},
	{"old Chrome", `XMLHttpRequest cannot load https://api.example.com/items. Response for preflight is invalid (redirect)`, "preflight_redirect"},
	{"old Chrome", `XMLHttpRequest cannot load https://api.example.com/items. A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true. Origin 'https://app.example.com' is therefore not allowed access.`, "acao_star_with_credentials"},
	{"old Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: missing token ‘x-token’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel).`, "header_not_allowed"},
	{"old Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: CORS preflight channel did not succeed).`, "preflight_status"},
	{"Firefox", `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/items. (Reason: invalid token ‘PUT DELETE’ in CORS header ‘Access-Control-Allow-Methods’).`, "acam_malformed"},
	{"Chrome", `Access to resource at 'https://api.example.com/beacon' from origin 'https://app.example.com' has been blocked by CORS policy: Response to preflight request doesn't pass access control check: The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.`, "acao_star_with_credentials"},
	{"Chrome", `Access to script at 'https://cdn.example.com/app.mjs' from origin 'https://app.example.com' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.`, "acao_missing"},
	{"Chrome", `SecurityError: Failed to execute 'toDataURL' on 'HTMLCanvasElement': Tainted canvases may not be exported.`, "images-fonts"},
	{"Chrome", `SecurityError: Failed to execute 'texImage2D' on 'WebGLRenderingContext': The image element contains cross-origin data, and may not be loaded.`, "images-fonts"},
	{"Firefox", `SecurityError: The operation is insecure.`, "images-fonts"},
	{"Firefox", `downloadable font: download failed (font-family: "Inter" style:normal weight:400 stretch:100 src index:0): bad URI or cross-site access not allowed source: https://cdn.example.com/inter.woff2`, "images-fonts"},
	{"Chrome", `Subresource Integrity: The resource 'https://cdn.example.com/a.js' has an integrity attribute, but the resource requires the request to be CORS enabled to check the integrity, and it is not. The resource has been blocked because the integrity cannot be enforced.`, "images-fonts"},
	{"Chrome", `SecurityError: Failed to construct 'Worker': Script at 'https://cdn.example.com/w.js' cannot be accessed from origin 'https://app.example.com'.`, "images-fonts"},
	{"Firefox", `SecurityError: ServiceWorkerContainer.register: Non-same-origin scope URL`, "images-fonts"},
	{"Chrome", `EventSource's response has a MIME type ("text/html") that is not "text/event-stream". Aborting the connection.`, "images-fonts"},
	{"Chrome", `GET https://cdn.example.com/i.png net::ERR_BLOCKED_BY_RESPONSE.NotSameOriginAfterDefaultedToSameOriginByCoep 200 (OK)`, "images-fonts"},
	{"Chrome", `GET https://api.example.com/items net::ERR_CONNECTION_REFUSED`, "no_answer"},
	{"Firefox", `Firefox can’t establish a connection to the server at wss://api.example.com/live.`, "websockets"},
	{"Firefox", `Blocked loading mixed active content “http://api.example.com/items”`, "in-the-browser"},
	{"Chrome", "Access to fetch at 'http://192.168.1.10/' from origin 'http://app.example.com' has been blocked by CORS policy: The request client is not a secure context and the resource is in more-private address space `private`.", "in-the-browser"},
	{"Chrome", "Access to fetch at 'http://192.168.1.10/' from origin 'https://app.example.com' has been blocked by CORS policy: Permission was denied for this request to access the `local` address space.", "in-the-browser"},
}

// docFragment is a part of a message in the README's table, docTroubles the link.
var (
	docFragment = regexp.MustCompile("`([^`]+)`")
	docTroubles = regexp.MustCompile(`\(docs/troubleshooting\.md#([^)]+)\)`)
)

// TestConsoleMessages: who has a message finds one row of the README that fits, and
// its link leads to the section with the cure: one click.
func TestConsoleMessages(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(readDocument(t, "README.md"), "| the browser says | because |")
	table, _, _ = strings.Cut(table, "\n\n")
	sections := make(map[string]string)
	document := strings.ReplaceAll(readDocument(t, "docs/troubleshooting.md"), "\n### ", "\n## ")
	for section := range strings.SplitSeq(document, "\n## ") {
		heading, text, _ := strings.Cut(section, "\n")
		sections[headingAnchor(heading)] = text
	}
	for _, m := range consoleMessages {
		var led []string
		for row := range strings.Lines(table) {
			says, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
			for _, f := range docFragment.FindAllStringSubmatch(says, -1) {
				pattern := strings.ReplaceAll(regexp.QuoteMeta(f[1]), "…", ".*")
				if regexp.MustCompile(pattern).MatchString(m.message) {
					led = append(led, docTroubles.FindStringSubmatch(row)[1])
					break
				}
			}
		}
		if len(led) != 1 || !strings.Contains(led[0], m.heading) {
			t.Errorf("%s: %s: the README leads to %q, the cure is in %s", m.browser, m.message, led, m.heading)
			continue
		}
		text, found := sections[led[0]]
		if !found || strings.Contains(m.heading, "_") && m.heading != "no_answer" && !strings.Contains(text, "**Cure.**") {
			t.Errorf("%s: no cure stands in #%s", m.message, led[0])
		}
	}
}
