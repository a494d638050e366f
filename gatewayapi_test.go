package cors

import (
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

// gatewayCase expects values that are each one of a list, with spaces after
// commas or without, and "" for a header that must be absent.
type gatewayCase struct {
	name, path, method, origin string
	asks, askedHeaders         string
	want                       map[string][]string
	differs                    []string // headers whose value is another one here, by design
}

var (
	gatewayBoth  = []string{"x-header-1,x-header-2", "x-header-2,x-header-1"}
	gatewayCors1 = func(origin string) map[string][]string {
		return map[string][]string{
			"Access-Control-Allow-Origin": {origin}, "Access-Control-Allow-Credentials": {"true"},
			"Access-Control-Allow-Methods": {"GET,OPTIONS", "OPTIONS,GET"}, "Access-Control-Allow-Headers": gatewayBoth,
			"Access-Control-Expose-Headers": {"x-header-3,x-header-4", "x-header-4,x-header-3"}, "Access-Control-Max-Age": {"3600"},
		}
	}
	gatewayCors1Differs = []string{"Access-Control-Expose-Headers"}
)

var gatewayCases = []gatewayCase{
	{"preflight, exact origin", "/cors-1", "OPTIONS", "https://www.foo.com", "GET", "x-header-1, x-header-2", gatewayCors1("https://www.foo.com"), gatewayCors1Differs},
	{"preflight, wildcard", "/cors-1", "OPTIONS", "https://www.bar.com", "GET", "x-header-1, x-header-2", gatewayCors1("https://www.bar.com"), gatewayCors1Differs},
	{"preflight, wildcard over two labels", "/cors-1", "OPTIONS", "https://xpto.www.bar.com", "GET", "x-header-1, x-header-2", gatewayCors1("https://xpto.www.bar.com"), gatewayCors1Differs},
	{"preflight, other origin", "/cors-1", "OPTIONS", "https://foobar.com", "GET", "", map[string][]string{"Access-Control-Allow-Origin": {""}}, nil},
	{"request, exact origin", "/cors-1", "GET", "https://www.foo.com", "", "", map[string][]string{"Access-Control-Allow-Origin": {"https://www.foo.com"}}, nil},
	{"request, wildcard", "/cors-1", "GET", "https://www.bar.com", "", "", map[string][]string{"Access-Control-Allow-Origin": {"https://www.bar.com"}}, nil},
	{"request, other origin", "/cors-1", "GET", "https://foobar.com", "", "", map[string][]string{"Access-Control-Allow-Origin": {""}}, nil},
	{"preflight for POST, methods *", "/cors-2", "OPTIONS", "https://www.foo.com", "POST", "", map[string][]string{"Access-Control-Allow-Methods": {"POST", "*"}, "Access-Control-Allow-Origin": {"https://www.foo.com"}, "Access-Control-Allow-Credentials": {""}}, nil},
	{"preflight without credentials", "/cors-2", "OPTIONS", "https://www.foo.com", "POST", "", map[string][]string{"Access-Control-Allow-Credentials": {""}}, nil},
	{"preflight, origins *", "/cors-wildcard-origin", "OPTIONS", "https://foobar.com", "PUT", "", map[string][]string{"Access-Control-Allow-Origin": {"https://foobar.com", "*"}, "Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Allow-Credentials": {""}}, nil},
	{"preflight, origins *, with a port", "/cors-wildcard-origin", "OPTIONS", "https://foobar.com:12345", "PUT", "", map[string][]string{"Access-Control-Allow-Origin": {"https://foobar.com:12345", "*"}, "Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Allow-Credentials": {""}}, nil},
	{"request, origins *, with a port", "/cors-wildcard-origin", "PUT", "https://foobar.com:12345", "", "", map[string][]string{"Access-Control-Allow-Origin": {"https://foobar.com:12345", "*"}}, nil},
	{"request, origins *", "/cors-wildcard-origin", "PUT", "https://foobar.com", "", "", map[string][]string{"Access-Control-Allow-Origin": {"https://foobar.com", "*"}, "Access-Control-Allow-Credentials": {""}}, nil},
	{"preflight, all *, credentials", "/cors-wildcard-methods-headers", "OPTIONS", "https://other.foo.com", "PUT", "x-header-1, x-header-2", map[string][]string{"Access-Control-Allow-Origin": {"https://other.foo.com"}, "Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Allow-Headers": gatewayBoth, "Access-Control-Allow-Credentials": {"true"}}, nil},
	{"preflight, all *, no credentials", "/cors-wildcard-methods-headers-unauth", "OPTIONS", "https://other.foo.com", "PUT", "x-header-1, x-header-2", map[string][]string{"Access-Control-Allow-Origin": {"https://other.foo.com", "*"}, "Access-Control-Allow-Methods": {"PUT", "*"}, "Access-Control-Allow-Headers": append([]string{"*"}, gatewayBoth...), "Access-Control-Allow-Credentials": {""}}, nil},
	{"request, all *, credentials", "/cors-wildcard-methods-headers", "GET", "https://other.foo.com", "", "", map[string][]string{"Access-Control-Allow-Origin": {"https://other.foo.com"}, "Access-Control-Allow-Credentials": {"true"}}, nil},
	{"request, all *, no credentials", "/cors-wildcard-methods-headers-unauth", "GET", "https://other.foo.com", "", "", map[string][]string{"Access-Control-Allow-Origin": {"https://other.foo.com"}, "Access-Control-Allow-Credentials": {""}}, []string{"Access-Control-Allow-Origin"}},
}

func TestGatewayAPI(t *testing.T) {
	t.Parallel()
	site := corstest.Serve(t, gatewayRoutes)
	document := readDocument(t, "docs/comparison.md")
	if len(gatewayCases) != 17 {
		t.Errorf("%d cases", len(gatewayCases))
	}
	for _, c := range gatewayCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			headers := []corstest.Header{corstest.From(c.origin)}
			if c.asks != "" {
				headers = append(headers, corstest.AsksFor(c.asks))
			}
			if c.askedHeaders != "" {
				headers = append(headers, corstest.Header{"Access-Control-Request-Headers", c.askedHeaders})
			}
			res := corstest.Ask(t, c.method, site.URL+c.path, headers...)
			if ok := res.StatusCode == 200 || res.StatusCode == 204 || res.StatusCode == 403 && strings.Contains(c.name, "other origin"); !ok {
				t.Errorf("status %d", res.StatusCode)
			}
			for name, values := range c.want {
				got := strings.ToLower(strings.ReplaceAll(strings.Join(res.Header.Values(name), ","), " ", ""))
				as := slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, got) })
				if differs := slices.Contains(c.differs, name); as == differs {
					t.Errorf("%s is %q, asked for is one of %q; it should differ: %v", name, got, values, differs)
				}
			}
			row := "| " + c.name + " | "
			if _, rest, found := strings.Cut(document, row); !found || strings.HasPrefix(rest, "holds") == (len(c.differs) > 0) {
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
