package cors

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// The cases of Gateway API's conformance test HTTPRouteCORS
// (kubernetes-sigs/gateway-api, conformance/tests/httproute-cors.go) against
// the policies that its filters become here. docs/comparison.md has the table.

// gatewayRoutes are the filters of the conformance manifests as policies. The
// manifest of the last three routes was not at hand; they are what the cases ask
// for. `*` with credentials does not load here, so the origins are named.
const gatewayRoutes = `http:// {
	cors /cors-1 {
		origins https://www.foo.com https://**.bar.com
		methods GET OPTIONS
		headers x-header-1 x-header-2
		expose x-header-3 x-header-4
		credentials
		max_age 1h
	}
	cors /cors-2 {
		origins https://www.foo.com
		methods *
	}
	cors /cors-wildcard-origin {
		origins *
		methods PUT
	}
	cors /cors-wildcard-methods-headers {
		origins https://*.foo.com
		methods *
		headers *
		credentials
	}
	cors /cors-wildcard-methods-headers-unauth {
		origins *
		methods *
		headers *
	}
	respond ok
}`

// gatewayCase is a line of testdata/gatewayapi.jsonl, which bench plays with other
// libraries too. It wants values that are each one of a list, without regard to
// spaces and case, and "" for a header that must be absent.
type gatewayCase struct {
	Name, Path, Method, Origin string
	Asks, AskedHeaders         string
	Want                       map[string][]string
	Differs                    []string // headers whose value is another one here, by design
}

func readGatewayCases(t *testing.T) (cases []gatewayCase) {
	t.Helper()
	for line := range strings.Lines(readDocument(t, "testdata/gatewayapi.jsonl")) {
		var c gatewayCase
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

func TestGatewayAPI(t *testing.T) {
	t.Parallel()
	site := corstest.Serve(t, gatewayRoutes)
	document := readDocument(t, "docs/comparison.md")
	cases := readGatewayCases(t)
	if len(cases) != 17 {
		t.Errorf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			headers := []corstest.Header{corstest.From(c.Origin)}
			if c.Asks != "" {
				headers = append(headers, corstest.AsksFor(c.Asks))
			}
			if c.AskedHeaders != "" {
				headers = append(headers, corstest.Header{"Access-Control-Request-Headers", c.AskedHeaders})
			}
			res := corstest.Ask(t, c.Method, site.URL+c.Path, headers...)
			if ok := res.StatusCode == 200 || res.StatusCode == 204 || res.StatusCode == 403 && strings.Contains(c.Name, "other origin"); !ok {
				t.Errorf("status %d", res.StatusCode)
			}
			for name, values := range c.Want {
				got := strings.ToLower(strings.ReplaceAll(strings.Join(res.Header.Values(name), ","), " ", ""))
				as := slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, got) })
				if differs := slices.Contains(c.Differs, name); as == differs {
					t.Errorf("%s is %q, asked for is one of %q; it should differ: %v", name, got, values, differs)
				}
			}
			row := "| " + c.Name + " | "
			if _, rest, found := strings.Cut(document, row); !found || strings.HasPrefix(rest, "holds") == (len(c.Differs) > 0) {
				t.Errorf("docs/comparison.md lacks the row %s, or says the opposite", row)
			}
		})
	}
}

// TestGatewayAPICredentials: every origin with credentials, which the filter
// allows, does not load.
func TestGatewayAPICredentials(t *testing.T) {
	t.Parallel()
	config, err := corstest.Adapt("http:// {\n\tcors {\n\t\torigins *\n\t\tcredentials\n\t}\n}")
	if err == nil {
		_, err = corstest.Provision(t, config)
	}
	if err == nil {
		t.Error("it loads")
	}
}
