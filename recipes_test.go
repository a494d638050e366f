package cors

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// The recipes promise more than the tables of docs_test.go can ask: WebSockets,
// clients without an Origin, and names that strangers point at the server.

// recipe returns the first caddyfile block of a document behind some words.
func recipe(t *testing.T, file, words string) *docBlock {
	t.Helper()
	before, after, found := strings.Cut(readDocument(t, file), words)
	if !found {
		t.Fatalf("%s has nothing called %q", file, words)
	}
	for _, b := range docBlocks(file, after) {
		if b.lang == "caddyfile" {
			b.line += strings.Count(before, "\n")
			return b
		}
	}
	t.Fatalf("%s has no recipe behind %q", file, words)
	return nil
}

// recipeRequest is a request to a recipe, and whether the service behind gets it.
type recipeRequest struct {
	what        string
	method, url string
	headers     [][2]string
	arrives     bool
}

func (r recipeRequest) ask(t *testing.T, site *docSite) {
	t.Helper()
	res, err := site.ask(browser.Sent{Method: r.method, URL: r.url, Headers: r.headers})
	if err != nil {
		t.Fatal(err)
	}
	if arrived := len(res.Headers.Values("X-Upstream")) > 0; arrived != r.arrives {
		t.Errorf("%s: arrives %v, want %v (status %d)", r.what, arrived, r.arrives, res.Status)
	}
}

func fromPage(origin string, more ...[2]string) [][2]string {
	return append([][2]string{{"Origin", origin}}, more...)
}

var (
	asSameOrigin = [2]string{httpwords.SecFetchSite, "same-origin"}
	asUpgrade    = [2]string{"Upgrade", "websocket"}
	asConnection = [2]string{"Connection", "Upgrade"}
)

func TestRecipeLocalService(t *testing.T) {
	site, err := recipe(t, "docs/recipes.md", "## A local service").load(t)
	if err != nil {
		t.Fatal(err)
	}
	const local, rebound, tool = "http://localhost:7000", "http://rebound.example:7000", "http://localhost:6274"
	for _, r := range []recipeRequest{
		{"an editor", "POST", local, nil, true},
		{"an editor by address", "POST", "http://127.0.0.1:7000", nil, true},
		{"the tool", "POST", local, fromPage(tool), true},
		{"the tool's WebSocket", "GET", local, fromPage(tool, asUpgrade, asConnection), true},
		{"the service's own page", "POST", local, fromPage(local, asSameOrigin), true},
		{"a page", "POST", local, fromPage(corstest.Evil), false},
		{"a sandboxed frame", "POST", local, fromPage("null"), false},
		{"a page's WebSocket", "GET", local, fromPage(corstest.Evil, asUpgrade, asConnection), false},
		{"another local page", "POST", local, fromPage("http://localhost:5173"), false},
		{"a rebound page", "POST", rebound, fromPage(rebound, asSameOrigin), false},
		{"a rebound page's GET", "GET", rebound, nil, false},
		{"a rebound page's WebSocket", "GET", rebound, fromPage(rebound, asSameOrigin, asUpgrade, asConnection), false},
	} {
		r.ask(t, site)
	}
}

// TestRecipeLocalServiceNeedsHosts: what the recipe says of an address without
// hosts.
func TestRecipeLocalServiceNeedsHosts(t *testing.T) {
	b := recipe(t, "docs/recipes.md", "## A local service")
	b.text = regexp.MustCompile(`(?m)^http://localhost.*\{$`).ReplaceAllString(b.text, "http://:7000 {")
	site, err := b.load(t)
	if err != nil {
		t.Fatal(err)
	}
	const rebound = "http://rebound.example:7000"
	for _, r := range []recipeRequest{
		{"a rebound page's GET", "GET", rebound, nil, true},
		{"a rebound page", "POST", rebound, fromPage(rebound, asSameOrigin), false},
		{"the service's own page", "POST", "http://localhost:7000", fromPage("http://localhost:7000", asSameOrigin), true},
	} {
		r.ask(t, site)
	}
	if log := corstest.LogLines(t.Name()); log.Count(`"level":"warn"`, "host_not_verified") == 0 {
		t.Errorf("nothing warns of it: %s", log)
	}
}

var oldExpression = regexp.MustCompile("(?m)^\\| `(\\^?http[^`]+)` \\|")

// TestOldExpressions: what docs/migration.md says of them.
func TestOldExpressions(t *testing.T) {
	_, table, _ := strings.Cut(readDocument(t, "docs/migration.md"), "| old | what is wrong | write |")
	table, _, _ = strings.Cut(table, "\n\n")
	found := oldExpression.FindAllStringSubmatch(table, -1)
	if len(found) != 4 {
		t.Fatalf("found %d expressions", len(found))
	}
	for _, m := range found {
		config := "api.example.com {\n\tcors {\n\t\torigin_regexp " + m[1] + "\n\t\tcredentials\n\t}\n}\n"
		if _, err := corstest.Adapt(config); err == nil {
			t.Errorf("%s loads", m[1])
		}
	}
}

// TestRecipeTenants: the pages of one tenant read its own site, and no other.
func TestRecipeTenants(t *testing.T) {
	type page struct{ host, origin string }
	pages := map[page]bool{
		{"anna.shops.example", "https://www.anna.example"}: true,
		{"bert.shops.example", "https://www.bert.example"}: true,
	}
	endpoint := corstest.Upstream(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if !pages[page{q.Get("host"), q.Get("origin")}] {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	b := recipe(t, "docs/operate.md", "### One site, many tenants")
	b.text = strings.Replace(b.text, "127.0.0.1:9800", endpoint, 1)
	site, err := b.load(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"anna.shops.example", "bert.shops.example", "Anna.shops.example"} {
		for _, origin := range []string{"https://www.anna.example", "https://www.bert.example", corstest.Evil} {
			res, err := site.ask(browser.Sent{Method: "GET", URL: "https://" + host + "/", Headers: fromPage(origin)})
			if err != nil {
				t.Fatal(err)
			}
			allowed := strings.Join(res.Headers.Values(httpwords.AllowOrigin), ",") == origin
			if want := pages[page{strings.ToLower(host), origin}]; allowed != want {
				t.Errorf("%s on %s: allowed %v, want %v", origin, host, allowed, want)
			}
		}
	}
}
