package bench

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	rscors "github.com/rs/cors"
)

// gatewayCase is a line of testdata/gatewayapi.jsonl: Gateway API's conformance
// test HTTPRouteCORS. The root's gatewayapi_test.go plays them with this module.
type gatewayCase struct {
	Name, Path, Method, Origin string
	Asks, AskedHeaders         string
	Want                       map[string][]string
}

// usualMethods stand for `*`, which rs/cors takes for the name of a method.
var usualMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// rsGatewayRoutes are the filters of the conformance manifests as rs/cors has them.
var rsGatewayRoutes = map[string]rscors.Options{
	"/cors-1": {
		AllowedOrigins: []string{"https://www.foo.com", "https://*.bar.com"}, AllowedMethods: []string{"GET", "OPTIONS"},
		AllowedHeaders: []string{"x-header-1", "x-header-2"}, ExposedHeaders: []string{"x-header-3", "x-header-4"},
		AllowCredentials: true, MaxAge: 3600,
	},
	"/cors-2":               {AllowedOrigins: []string{"https://www.foo.com"}, AllowedMethods: usualMethods},
	"/cors-wildcard-origin": {AllowedOrigins: []string{"*"}, AllowedMethods: []string{"PUT"}},
	"/cors-wildcard-methods-headers": {
		AllowedOrigins: []string{"https://*.foo.com"}, AllowedMethods: usualMethods, AllowedHeaders: []string{"*"}, AllowCredentials: true,
	},
	"/cors-wildcard-methods-headers-unauth": {AllowedOrigins: []string{"*"}, AllowedMethods: usualMethods, AllowedHeaders: []string{"*"}},
}

// TestGatewayAPIOfRS: the column about rs/cors in docs/comparison.md, case by case.
func TestGatewayAPIOfRS(t *testing.T) {
	document, err := os.ReadFile("../docs/comparison.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("../testdata/gatewayapi.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cases := 0
	for lines := bufio.NewScanner(file); lines.Scan(); cases++ {
		var c gatewayCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) {
			var wrong []string
			got := c.ask()
			for name, values := range c.Want {
				value := strings.ToLower(strings.ReplaceAll(strings.Join(got.Values(name), ","), " ", ""))
				if !slices.ContainsFunc(values, func(want string) bool { return strings.EqualFold(want, value) }) {
					wrong = append(wrong, name)
				}
			}
			slices.Sort(wrong)
			want := "holds"
			if len(wrong) > 0 {
				want = "differs: `" + strings.Join(wrong, "`, `") + "`"
			}
			_, rest, _ := strings.Cut(string(document), "| "+c.Name+" | ")
			row, _, _ := strings.Cut(rest, "\n")
			if !strings.HasSuffix(row, " | "+want+" |") {
				t.Errorf("docs/comparison.md says %q, the last column must be %s (%v)", row, want, got)
			}
		})
	}
	if cases != 17 {
		t.Errorf("%d cases", cases)
	}
}

func (c gatewayCase) ask() http.Header {
	r := httptest.NewRequest(c.Method, "http://api.example.com"+c.Path, http.NoBody)
	r.Header.Set("Origin", c.Origin)
	if c.Asks != "" {
		r.Header.Set("Access-Control-Request-Method", c.Asks)
	}
	if c.AskedHeaders != "" { // browsers sort, write small and leave out spaces
		r.Header.Set("Access-Control-Request-Headers", strings.ReplaceAll(c.AskedHeaders, " ", ""))
	}
	w := httptest.NewRecorder()
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	rscors.New(rsGatewayRoutes[c.Path]).Handler(next).ServeHTTP(w, r)
	return w.Result().Header
}
