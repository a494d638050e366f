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
	for section := range strings.SplitSeq(readDocument(t, "docs/troubleshooting.md"), "\n## ") {
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
		if text := sections[led[0]]; m.heading != "no_answer" && !strings.Contains(text, "**Cure.**") {
			t.Errorf("%s: no cure stands in #%s", m.message, led[0])
		}
	}
}
