package cors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
)

func explainCommand() *cobra.Command {
	var (
		flags           askFlags
		config, adapter string
	)
	cmd := &cobra.Command{
		Use:   "explain <url> --origin <origin> [--config F] [--adapter A] [--method M] [--header 'K: V']... [--credentials] [--json]",
		Short: "Says what a configuration would answer a page, and why",
		Long: `
Asks a configuration what "check" asks a live server. No listener is opened and
no upstream contacted: the request runs through Caddy's own matchers and this
module, and ends where a handler would answer. Says which policy governs the URL
(file and line where the configuration is a Caddyfile), which matchers led
there, the decision with its reason, the headers, and the browser's verdict.

What upstreams and files would answer is unknown; a 200 with a Content-Type and
without CORS headers is assumed. Authentication is assumed to let the request pass.

Exit status: 0 if the page could read the response, 1 if not, 2 if the question
or the configuration was wrong.`,
		Example: `caddy cors explain https://api.example.com/items --origin https://app.example.com`,
		RunE: run(func(out io.Writer, args []string) (int, error) {
			flags.question.URL = args[0]
			return runExplain(out, flags, config, adapter)
		}),
	}
	flags.register(cmd)
	cmd.Flags().StringVarP(&config, "config", "c", "", "The configuration file (default: Caddyfile in this directory)")
	cmd.Flags().StringVarP(&adapter, "adapter", "a", "", "The name of its adapter")
	return cmd
}

func runExplain(out io.Writer, flags askFlags, configFile, adapter string) (int, error) {
	page, r, err := flags.question.Parse()
	if err != nil {
		return check.ExitUsage, err
	}
	x, err := loadExplainer(configFile, adapter)
	if err != nil {
		return check.ExitUsage, err
	}
	defer x.cancel()
	v := browser.Fetch(page, r, x.roundTrip)
	if v.Err != nil {
		return check.ExitUsage, v.Err
	}
	if flags.json {
		err = writeJSON(out, map[string]any{"explained": x.seen, "verdict": v, "cure": check.Cure(page, r, v)})
		return check.Exit(v), err
	}
	for _, s := range x.seen {
		s.print(out)
	}
	fmt.Fprintln(out)
	check.Text(out, page, r, v, flags.verbose)
	return check.Exit(v), nil
}

// explanation is what the configuration did with one request.
type explanation struct {
	Method   string   `json:"method"`
	URL      string   `json:"url"`
	Policy   string   `json:"policy,omitempty"` // empty: no cors handler governs it
	Place    string   `json:"place,omitempty"`  // file and line
	Matchers []string `json:"matchers,omitempty"`
	Decision string   `json:"decision,omitempty"`
	Reason   string   `json:"reason,omitempty"`
}

func (e *explanation) print(out io.Writer) {
	fmt.Fprintf(out, "%s %s\n", e.Method, e.URL)
	if e.Policy == "" {
		fmt.Fprintln(out, "  no cors handler governs it")
		return
	}
	fmt.Fprintf(out, "  policy    %s\n", e.Policy)
	if e.Place != "" {
		fmt.Fprintf(out, "  at        %s\n", e.Place)
	}
	for _, m := range e.Matchers {
		fmt.Fprintf(out, "  matcher   %s\n", m)
	}
	fmt.Fprintf(out, "  decision  %s", e.Decision)
	if e.Reason != "" {
		fmt.Fprintf(out, " (%s)", e.Reason)
	}
	fmt.Fprintln(out)
}

// explainer answers requests from a configuration that was provisioned but not
// started.
type explainer struct {
	app    *caddyhttp.App
	cancel func()
	places []marked
	seen   []*explanation
}

// loadExplainer reads a configuration and makes it harmless.
func loadExplainer(configFile, adapter string) (*explainer, error) {
	x := new(explainer)
	stop := markPlaces(&x.places)
	config, _, _, err := caddycmd.LoadConfig(configFile, adapter)
	stop()
	if err != nil {
		return nil, err
	}
	if config == nil {
		return nil, errors.New("there is no configuration; name one with --config")
	}
	if config, err = harmless(config); err != nil {
		return nil, err
	}
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		return nil, err
	}
	ctx, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		return nil, err
	}
	x.cancel = func() { _ = caddy.Stop() }
	app, err := ctx.AppIfConfigured("http")
	if err != nil {
		return nil, fmt.Errorf("the configuration has no http app, so it answers no page: %w", err)
	}
	x.app, _ = app.(*caddyhttp.App)
	for name, srv := range x.app.Servers {
		x.watch(name, srv)
	}
	return x, nil
}

// watch lets every cors handler of a server tell what it decides.
func (x *explainer) watch(_ string, srv *caddyhttp.Server) {
	for _, list := range chains(srv) {
		walkHandlers(list, nil, func(path []step, h *Handler) {
			place := x.unmark(h)
			h.sources = unasked(h.sources)
			if h.ReportOnly {
				return // it changes nothing
			}
			h.observe = func(d decision) {
				e := x.seen[len(x.seen)-1]
				if e.Policy != "" {
					return // an error route decorates what another decided
				}
				e.Policy, e.Place = h.describe(), place
				e.Matchers = describeMatchers(path)
				e.Decision, e.Reason = d.verdict.String(), d.reason.String()
			}
		})
	}
}

// unasked replaces the sources that would contact somebody: all but files.
func unasked(sources []OriginSource) []OriginSource {
	kept := make([]OriginSource, len(sources))
	for i, s := range sources {
		if _, isFile := s.(*FileSource); isFile {
			kept[i] = s
		} else {
			kept[i] = unaskedSource{}
		}
	}
	return kept
}

// unaskedSource is a source that nobody may ask.
type unaskedSource struct{}

// AllowsOrigin implements OriginSource.
func (unaskedSource) AllowsOrigin(context.Context, string) (bool, error) {
	return false, errors.New("caddy cors explain asks nobody")
}

// roundTrip implements browser.RoundTrip.
func (x *explainer) roundTrip(s browser.Sent) (browser.Response, error) {
	x.seen = append(x.seen, &explanation{Method: s.Method, URL: s.URL})
	u, err := url.Parse(s.URL)
	if err != nil {
		return browser.Response{}, err
	}
	srv, err := x.serverFor(u)
	if err != nil {
		return browser.Response{}, err
	}
	r := httptest.NewRequestWithContext(context.Background(), s.Method, s.URL, nil)
	r.RequestURI = u.RequestURI()
	for _, h := range s.Headers {
		r.Header.Add(h[0], h[1])
	}
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	return browser.Response{Status: w.Code, Headers: browser.HeadersFrom(w.Result().Header)}, nil
}

// serverFor finds the server that listens on the URL's port.
func (x *explainer) serverFor(u *url.URL) (*caddyhttp.Server, error) {
	port, defaultPort := u.Port(), map[string]int{"http": x.app.HTTPPort, "https": x.app.HTTPSPort}[u.Scheme]
	if defaultPort == 0 {
		defaultPort = map[string]int{"http": caddyhttp.DefaultHTTPPort, "https": caddyhttp.DefaultHTTPSPort}[u.Scheme]
	}
	if port == "" {
		port = strconv.Itoa(defaultPort)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("port %q of the URL is not a number", port)
	}
	for _, srv := range x.app.Servers {
		for _, listen := range srv.Listen {
			a, err := caddy.ParseNetworkAddress(listen)
			if err == nil && a.StartPort <= uint(n) && uint(n) <= a.EndPort {
				return srv, nil
			}
		}
	}
	if u.Scheme == "http" {
		return nil, fmt.Errorf("no server of this configuration listens on port %s for %s; where Caddy redirects http to https, "+
			"browsers do not follow a preflight: ask for the https URL", port, u.Host)
	}
	return nil, fmt.Errorf("no server of this configuration listens on port %s for %s", port, u.Host)
}

// marked is a handler of a Caddyfile and where it stands.
type marked struct {
	name  string
	place string
}

// marker notes where handlers stand while a Caddyfile is adapted: JSON has no
// lines, so the handler carries a number through it in the place of its name.
var marker struct {
	sync.Mutex
	places *[]marked
}

const markPrefix = "\x00cors explain "

func markPlaces(places *[]marked) (stop func()) {
	marker.Lock()
	defer marker.Unlock()
	marker.places = places
	return func() {
		marker.Lock()
		defer marker.Unlock()
		marker.places = nil
	}
}

// mark is called for every handler that a Caddyfile makes.
func mark(h *Handler, token caddyfile.Token) {
	marker.Lock()
	defer marker.Unlock()
	if marker.places == nil {
		return
	}
	*marker.places = append(*marker.places, marked{h.Name, token.File + ":" + strconv.Itoa(token.Line)})
	h.Name = markPrefix + strconv.Itoa(len(*marker.places)-1)
}

// unmark gives a handler its name back and returns its place.
func (x *explainer) unmark(h *Handler) string {
	number, ok := strings.CutPrefix(h.Name, markPrefix)
	if !ok {
		return ""
	}
	i, err := strconv.Atoi(number)
	if err != nil || i >= len(x.places) {
		return ""
	}
	h.Name = x.places[i].name
	return x.places[i].place
}

// harmless takes everything out of a configuration that could act: listeners
// are not started anyway, but handlers would contact upstreams, apps would
// fetch certificates, and logs would write files.
func harmless(config []byte) ([]byte, error) {
	var root map[string]any
	dec := json.NewDecoder(bytes.NewReader(config))
	dec.UseNumber()
	if err := dec.Decode(&root); err != nil {
		return nil, err
	}
	apps, _ := root["apps"].(map[string]any)
	app, _ := apps["http"].(map[string]any)
	if app == nil {
		return nil, errors.New("the configuration has no http app, so it answers no page")
	}
	servers, _ := app["servers"].(map[string]any)
	for _, s := range servers {
		srv, _ := s.(map[string]any)
		for _, key := range []string{"logs", "listener_wrappers", "packet_conn_wrappers", "tls_connection_policies", "trusted_proxies", "metrics"} {
			delete(srv, key)
		}
		srv["automatic_https"] = map[string]any{"disable": true}
		disarm(srv)
	}
	delete(app, "metrics")
	quiet := map[string]any{"logs": map[string]any{"default": map[string]any{"writer": map[string]any{"output": "discard"}}}}
	return json.Marshal(map[string]any{
		"admin":   map[string]any{"disabled": true},
		"logging": quiet,
		"apps":    map[string]any{"http": app},
	})
}

// pure are the handlers that may run: they touch nothing but the request, the
// response and variables.
var pure = map[string]bool{
	"cors": true, "subroute": true, "headers": true, "rewrite": true, "vars": true, "map": true,
	"request_body": true, "static_response": true, "error": true, "invoke": true, "encode": true,
}

// final are those that end the chain with an answer.
var final = map[string]bool{"reverse_proxy": true, "file_server": true, "acme_server": true, "metrics": true, "push": false}

// disarm replaces handlers, wherever in the routes they are.
func disarm(node any) {
	switch node := node.(type) {
	case map[string]any:
		for _, child := range node {
			disarm(child)
		}
	case []any:
		for i, child := range node {
			if h, ok := child.(map[string]any); ok {
				if name, ok := h["handler"].(string); ok && !pure[name] {
					node[i] = standIn(name, h)
					continue
				}
			}
			disarm(child)
		}
	}
}

// standIn is a handler that answers, or lets pass, as the real one would.
func standIn(name string, h map[string]any) map[string]any {
	if final[name] && !asksForPermission(h) {
		return map[string]any{
			"handler": "static_response", "status_code": http.StatusOK,
			"headers": map[string]any{"Content-Type": []string{"text/plain"}},
		}
	}
	return map[string]any{"handler": "vars"}
}

// asksForPermission recognizes what forward_auth is made of: a proxy that lets
// the request pass on if the answer is a success.
func asksForPermission(h map[string]any) bool {
	responses, _ := h["handle_response"].([]any)
	rewrite, _ := h["rewrite"].(map[string]any)
	return len(responses) > 0 && rewrite["method"] != nil
}
