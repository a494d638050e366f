//go:build ignore

// Plays what docs/comparison.md says of github.com/jub0bs/cors. The library is
// no requirement of this module, so the program runs in a module of its own; the
// page has the commands. It prints the column of the 17 cases of Gateway API and
// then each sentence, and ends with 1 if a sentence is not true.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"

	"github.com/jub0bs/cors"
)

const allowOrigin = "Access-Control-Allow-Origin"

// routes are the filters of the conformance manifests. `*` with credentials is
// an error, so the origin is named there.
var routes = map[string]cors.Config{
	"/cors-1": {
		Origins: []string{"https://www.foo.com", "https://*.bar.com"}, Methods: []string{"GET", "OPTIONS"},
		RequestHeaders: []string{"x-header-1", "x-header-2"}, ResponseHeaders: []string{"x-header-3", "x-header-4"},
		Credentialed: true, MaxAgeInSeconds: 3600,
	},
	"/cors-2":                               {Origins: []string{"https://www.foo.com"}, Methods: []string{"*"}},
	"/cors-wildcard-origin":                 {Origins: []string{"*"}, Methods: []string{"PUT"}},
	"/cors-wildcard-methods-headers":        {Origins: []string{"https://*.foo.com"}, Methods: []string{"*"}, RequestHeaders: []string{"*"}, Credentialed: true},
	"/cors-wildcard-methods-headers-unauth": {Origins: []string{"*"}, Methods: []string{"*"}, RequestHeaders: []string{"*"}},
}

// gatewayCase is a line of testdata/gatewayapi.jsonl.
type gatewayCase struct {
	Name, Path, Method, Origin string
	Asks, AskedHeaders         string
	Want                       map[string][]string
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . testdata/gatewayapi.jsonl")
		os.Exit(2)
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c gatewayCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		fmt.Printf("| %s | %s |\n", c.Name, c.play())
	}
	if !sentences() {
		os.Exit(1)
	}
}

// play says whether the case holds, and else which headers differ.
func (c gatewayCase) play() string {
	headers := http.Header{"Origin": {c.Origin}}
	if c.Asks != "" {
		headers.Set("Access-Control-Request-Method", c.Asks)
	}
	if c.AskedHeaders != "" { // browsers sort, write small and leave out spaces
		headers.Set("Access-Control-Request-Headers", strings.ReplaceAll(c.AskedHeaders, " ", ""))
	}
	got := ask(routes[c.Path], c.Method, headers, silent).Header()
	var wrong []string
	for name, values := range c.Want {
		value := strings.ToLower(strings.ReplaceAll(strings.Join(got.Values(name), ","), " ", ""))
		if !slices.ContainsFunc(values, func(want string) bool { return strings.EqualFold(want, value) }) {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) == 0 {
		return "holds"
	}
	slices.Sort(wrong)
	return "differs: `" + strings.Join(wrong, "`, `") + "`"
}

func silent(http.ResponseWriter, *http.Request) {}

func ask(config cors.Config, method string, headers http.Header, next http.HandlerFunc) *httptest.ResponseRecorder {
	middleware, err := cors.NewMiddleware(config)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(method, "https://api.example.com/", http.NoBody)
	r.Header = headers
	w := httptest.NewRecorder()
	middleware.Wrap(next).ServeHTTP(w, r)
	return w
}

// sentences reports whether each sentence of the page is true.
func sentences() bool {
	app := cors.Config{Origins: []string{"https://app.example.com"}}
	from := func(origin string) http.Header { return http.Header{"Origin": {origin}} }
	adds := func(w http.ResponseWriter, _ *http.Request) { w.Header().Add(allowOrigin, "*") }
	vary := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Vary", "Cookie") }
	loads := func(c cors.Config) bool { _, err := cors.NewMiddleware(c); return err == nil }
	all := true
	for _, sentence := range []struct {
		what string
		true bool
	}{
		{"a list of origins is asked for", !loads(cors.Config{})},
		{"every origin with credentials does not load", !loads(cors.Config{Origins: []string{"*"}, Credentialed: true})},
		{"names of strangers with credentials do not load", !loads(cors.Config{Origins: []string{"https://*.github.io"}, Credentialed: true})},
		{"all mistakes are reported at once", mistakes(cors.Config{Origins: []string{"null", "https://a.example/"}, Methods: []string{"TRACE"}}) == 3},
		{"it can be configured anew while it runs", reconfigured()},
		{"a wildcard takes any number of labels", ask(cors.Config{Origins: []string{"https://*.example.com"}}, "GET", from("https://a.b.example.com"), silent).Header().Get(allowOrigin) != ""},
		{"an error of the handler behind carries the headers", ask(app, "GET", from("https://app.example.com"), http.NotFound).Header().Get(allowOrigin) != ""},
		{"a header that the handler behind adds stands beside its own", len(ask(app, "GET", from("https://app.example.com"), adds).Header().Values(allowOrigin)) == 2},
		{"a refused origin keeps what the handler behind sends", ask(app, "GET", from("https://evil.example"), adds).Header().Get(allowOrigin) == "*"},
		{"a Vary that the handler behind sets takes the place of its own", !slices.Contains(ask(app, "GET", from("https://app.example.com"), vary).Header().Values("Vary"), "Origin")},
	} {
		mark := "true "
		if !sentence.true {
			mark, all = "FALSE", false
		}
		fmt.Println(mark, sentence.what)
	}
	return all
}

func mistakes(config cors.Config) int {
	_, err := cors.NewMiddleware(config)
	var several interface{ Unwrap() []error }
	if !errors.As(err, &several) {
		return 0
	}
	return len(several.Unwrap())
}

func reconfigured() bool {
	middleware, err := cors.NewMiddleware(cors.Config{Origins: []string{"https://old.example"}})
	if err != nil {
		return false
	}
	handler := middleware.Wrap(http.HandlerFunc(silent))
	if middleware.Reconfigure(&cors.Config{Origins: []string{"https://new.example"}}) != nil {
		return false
	}
	r := httptest.NewRequest(http.MethodGet, "https://api.example.com/", http.NoBody)
	r.Header.Set("Origin", "https://new.example")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Header().Get(allowOrigin) == "https://new.example"
}
