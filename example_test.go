package cors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	cors "github.com/caddy-cors/caddy-cors"
)

// One line is a whole policy.
func Example() {
	const caddyfile = `api.example.com {
	cors https://app.example.com
	respond hello
}`
	_, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), nil)
	fmt.Println(err)
	// Output: <nil>
}

// The handler in a server that is not Caddy's: middleware for net/http. It is
// configured as in JSON, provisioned once, and then safe for concurrent use.
// Cancel the context when the server ends.
func Example_middleware() {
	ctx, cancel := caddy.NewContext(caddy.Context{Context: context.Background()})
	defer cancel()
	policy := &cors.Handler{Origins: []string{"https://app.example.com"}}
	if err := policy.Provision(ctx); err != nil {
		panic(err)
	}
	withCORS := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil)
			_ = policy.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
				next.ServeHTTP(w, r)
				return nil
			}))
		})
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })

	r := httptest.NewRequest(http.MethodGet, "https://api.example.com/", nil)
	r.Header.Set("Origin", "https://app.example.com")
	w := httptest.NewRecorder()
	withCORS(hello).ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body, w.Header().Get("Access-Control-Allow-Origin"))
	// Output: 200 hello https://app.example.com
}

// With enforce the handler returns an error for a refused request, which Caddy
// would answer. Without Caddy the middleware does.
func ExampleHandler_ServeHTTP_enforce() {
	ctx, cancel := caddy.NewContext(caddy.Context{Context: context.Background()})
	defer cancel()
	policy := &cors.Handler{Origins: []string{"https://app.example.com"}, Enforce: []string{"requests"}}
	if err := policy.Provision(ctx); err != nil {
		panic(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "https://api.example.com/", nil)
	r.Header.Set("Origin", "https://evil.example")
	r = caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, new(caddyhttp.Server))
	err := policy.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
		panic("never reached")
	}))
	if refused, ok := errors.AsType[caddyhttp.HandlerError](err); ok {
		http.Error(w, http.StatusText(refused.StatusCode), refused.StatusCode)
	}
	fmt.Println(w.Code)
	// Output: 403
}

// The keys of the JSON are the words of the Caddyfile; what does not exist is an
// error that names the nearest.
func ExampleHandler_UnmarshalJSON() {
	var h cors.Handler
	err := json.Unmarshal([]byte(`{"origin": ["https://app.example.com"]}`), &h)
	fmt.Println(err)
	// Output: unknown field "origin" (did you mean "origins"?)
}

// The handler writes itself as the JSON that Caddy reads.
func ExampleHandler() {
	on := true
	h := &cors.Handler{
		Origins:     []string{"https://app.example.com"},
		Permissions: cors.Permissions{Credentials: &on, Expose: []string{"X-Total-Count"}},
	}
	fmt.Println(string(caddyconfig.JSONModuleObject(&h, "handler", "cors", nil)))
	// Output: {"credentials":true,"expose":["X-Total-Count"],"handler":"cors","origins":["https://app.example.com"]}
}
