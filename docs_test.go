package cors

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/caddy-cors/caddy-cors/examples/page"     // Caddyfile.example needs it
	_ "github.com/caddy-cors/caddy-cors/examples/stream" // and this
	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/cli"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// The documents are tested: every ```caddyfile block is loaded by Caddy's
// adapter and provisioner, without a warning, and every row of a table with the
// columns page, request and outcome is asked of the block above it, by the
// browser of internal/browser and through Caddy's whole chain.
//
//   - A block whose first word is a directive stands for the inside of a site.
//   - A block with <placeholders> is a synopsis and is not loaded.
//   - A comment right above a block says what else holds:
//     <!-- refused: words --> (it must not load, and say the words),
//     <!-- warns: words --> (it must log a warning with the words),
//     <!-- found: id --> (the linter must find it), <!-- not loaded: reason -->.
//   - <!-- labels --> or <!-- configmap --> above a block of yaml stands for the
//     Caddyfile in it.
//   - Otherwise the linter has nothing to say of a block with a cors handler, and
//     finds something in every other one that is asked.
//   - `NAME=value` in the text sets an environment variable for the document.

// The example may run while the tests do.
func init() { page.ListensElsewhere() }

// docBlock is a fenced block of a document.
type docBlock struct {
	file, lang string
	line       int
	text       string
	comment    string // the one right above
	claims     []docClaim
}

// docClaim is a row of a table: cells without their backquotes.
type docClaim struct {
	line                   int
	page, request, outcome string
}

var (
	docSynopsis    = regexp.MustCompile(`<[a-z][a-z -]*(\.\.\.)?>`)
	docVariable    = regexp.MustCompile("`([A-Z][A-Z0-9_]*)=([^`\\s]+)`")
	docDirective   = regexp.MustCompile(`^[a-z_]+$`)
	docSiteAddress = regexp.MustCompile(`(?m)^([^\s{(@,]+).*\{$`)
)

const docTable = "| page | request | outcome |"

// documents lists the documents for users.
func documents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"README.md"}, files...)
}

func readDocument(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// docBlocks finds the blocks of a document, and the claims behind each.
func docBlocks(file, content string) (blocks []*docBlock) {
	const fence = "```"
	var (
		open    *docBlock
		comment string
		inTable bool
	)
	for i, raw := range strings.Split(content, "\n") {
		line := strings.TrimLeft(raw, " ")
		switch {
		case open != nil && line == fence:
			blocks, open = append(blocks, open), nil
		case open != nil:
			open.text += raw + "\n"
		case strings.HasPrefix(line, fence):
			open = &docBlock{file: file, lang: strings.TrimPrefix(line, fence), line: i + 1, comment: comment}
		case strings.HasPrefix(line, "<!-- "):
			comment = strings.TrimSuffix(strings.TrimPrefix(line, "<!-- "), " -->")
			continue
		case inTable && strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| -"):
			last := blocks[len(blocks)-1]
			last.claims = append(last.claims, newDocClaim(i+1, line))
		}
		inTable = line == docTable || inTable && strings.HasPrefix(line, "|")
		if line != "" {
			comment = ""
		}
	}
	return blocks
}

func newDocClaim(line int, row string) docClaim {
	cells := strings.Split(strings.Trim(strings.ReplaceAll(row, "`", ""), "| "), " | ")
	return docClaim{line, cells[0], cells[1], cells[2]}
}

// TestDocuments loads the blocks and asks them what the tables claim. It is not
// parallel because of the environment.
func TestDocuments(t *testing.T) {
	claims := make(map[string]int)
	for _, file := range documents(t) {
		content := readDocument(t, file)
		for _, v := range docVariable.FindAllStringSubmatch(content, -1) {
			t.Setenv(v[1], v[2])
		}
		for _, b := range docBlocks(file, content) {
			b.fromYAML()
			if b.lang != "caddyfile" {
				if len(b.claims) > 0 {
					t.Errorf("%s:%d: claims about a block that is no caddyfile", b.file, b.line)
				}
				continue
			}
			claims[file] += len(b.claims)
			t.Run(fmt.Sprintf("%s:%d", filepath.Base(b.file), b.line), b.test)
		}
	}
	if n := claims["docs/migration.md"]; n < 60 {
		t.Errorf("found only %d claims in docs/migration.md", n)
	}
}

func (b *docBlock) test(t *testing.T) {
	order, words, _ := strings.Cut(b.comment, ": ")
	if docSynopsis.MatchString(b.text) {
		t.Skip("a synopsis")
	}
	if order == "not loaded" {
		t.Skip(words)
	}
	site, err := b.load(t)
	if order == "refused" {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Fatalf("got %v, want an error with %q", err, words)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	b.lint(t, order, words)
	if site == nil {
		if len(b.claims) > 0 || order == "warns" {
			t.Fatal("there is no site to ask")
		}
		return
	}
	// The first request lets a handler look at what stands around it.
	for _, c := range append(b.claims, docClaim{b.line, corstest.App, "PUT", "n/a"}, docClaim{b.line, "nobody", "GET", "n/a"}) {
		if err := site.check(c); err != nil {
			t.Errorf("%s:%d: a page on %s asks %s: %v", b.file, c.line, c.page, c.request, err)
		}
	}
	log := corstest.LogLines(t.Name())
	if order == "warns" {
		eventually(t, "a warning with "+words, func() bool { return log.Count(`"level":"warn"`, words) > 0 })
		return
	}
	// That it tells of refused pages says nothing about the block.
	if log.Count(`"level":"warn"`) > log.Count(`"level":"warn"`, "refused a CORS request") {
		t.Errorf("it warns: %s", log)
	}
}

var docHandler = regexp.MustCompile(`(?m)^\s*cors `)

// lint holds the linter to the text, and the text to the linter.
func (b *docBlock) lint(t *testing.T, order, words string) {
	t.Helper()
	report, err := lint.Caddyfile("Caddyfile", []byte(b.text), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	findings := report.Findings
	switch isNew := docHandler.MatchString(b.text); {
	case order == "found":
		if !slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.ID == words }) {
			t.Errorf("the linter does not find %s: %+v", words, findings)
		}
	case order == "" && isNew && len(findings) > 0:
		t.Errorf("the linter finds %+v", findings)
	case !isNew && len(b.claims) > 0 && len(findings) == 0:
		t.Error("the linter finds nothing in it")
	}
}

// docSite is a loaded block.
type docSite struct {
	base    string // the URL of its first site
	servers map[*caddyhttp.Server]*httptest.Server
}

// load returns no site if the block has none: global options, or a snippet.
func (b *docBlock) load(t *testing.T) (*docSite, error) {
	t.Helper()
	text := b.text
	if word, _, _ := strings.Cut(text, " "); docDirective.MatchString(strings.TrimSpace(word)) && word != "localhost" {
		text = "api.example.com {\n" + text + "}\n"
	}
	config, err := corstest.Adapt(strings.ReplaceAll(text, "/srv/", docFiles(t)+"/"))
	base := docBase(text)
	if err != nil || base == "" {
		return nil, err
	}
	if config, err = tame(config, corstest.Upstream(t, docUpstream), t.Name()); err != nil {
		return nil, err
	}
	app, err := corstest.Provision(t, config)
	if err != nil {
		return nil, err
	}
	s := &docSite{base: base, servers: make(map[*caddyhttp.Server]*httptest.Server)}
	for _, srv := range app.Servers {
		s.servers[srv] = httptest.NewServer(srv)
		t.Cleanup(s.servers[srv].Close)
	}
	return s, nil
}

// docFiles makes the files that a document has below /srv.
func docFiles(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"tiles/1/2/3.png", "tiles/a.pmtiles", "files/a.png"} {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, make([]byte, 500), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.ToSlash(root)
}

// docBase returns the URL of the first site of a Caddyfile; "" if it has none.
func docBase(text string) string {
	found := docSiteAddress.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	address := strings.Replace(found[1], "*", "any", 1)
	switch {
	case strings.HasPrefix(address, ":"):
		return "http://localhost" + address
	case strings.HasPrefix(address, "http://:"):
		return strings.Replace(address, "://", "://localhost", 1)
	case strings.Contains(address, "://"):
		return address
	default:
		return "https://" + address
	}
}

// docUpstream is the service that all blocks proxy to.
func docUpstream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Upstream", "reached")
	w.Header().Set("X-Total-Count", "42")
	for _, name := range []string{"ETag", "Upload-Offset", "Grpc-Status"} {
		w.Header().Set(name, "1")
	}
	switch forwardAuth := r.Header.Get("X-Forwarded-Method") != ""; {
	case forwardAuth && strings.HasPrefix(r.URL.Path, "/sso/"):
		// X-Test-Session stands for the cookie, which a page cannot set.
		if r.Header.Get("X-Test-Session") == "" {
			http.Redirect(w, r, "https://login.example.com/", http.StatusFound)
		}
	case r.URL.Path == "/checks-origin" && r.Header.Get("Origin") != "":
		w.WriteHeader(http.StatusForbidden)
	case forwardAuth && r.Header.Get("Authorization") == "":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/down":
		panic(http.ErrAbortHandler)
	case r.URL.Path == "/missing":
		w.WriteHeader(http.StatusNotFound)
	case r.URL.Path == "/own-cors":
		w.Header().Set(httpwords.AllowOrigin, "https://app.example.com")
	case r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// tame points a configuration's proxies to one upstream and its logs to
// memory, and leaves out what needs the network.
func tame(config []byte, dial, logID string) ([]byte, error) {
	return tameProxies(config, func(app any) { redial(app, dial) }, logID)
}

// tameProxies is tame with another way to point proxies elsewhere.
func tameProxies(config []byte, proxies func(app any), logID string) ([]byte, error) {
	var root map[string]any
	if err := json.Unmarshal(config, &root); err != nil {
		return nil, err
	}
	apps, _ := root["apps"].(map[string]any)
	app, _ := apps["http"].(map[string]any)
	servers, _ := app["servers"].(map[string]any)
	for _, s := range servers {
		srv, _ := s.(map[string]any)
		srv["automatic_https"] = map[string]any{"disable": true}
		delete(srv, "tls_connection_policies")
		delete(srv, "logs")
	}
	proxies(app)
	memory := map[string]any{"output": "memory", "id": logID}
	return json.Marshal(map[string]any{
		"admin":   map[string]any{"disabled": true},
		"logging": map[string]any{"logs": map[string]any{"default": map[string]any{"writer": memory}}},
		"apps":    map[string]any{"http": app},
	})
}

func redial(node any, dial string) {
	switch node := node.(type) {
	case map[string]any:
		if node["dial"] != nil {
			node["dial"] = dial
		}
		if transport, ok := node["transport"].(map[string]any); ok {
			delete(transport, "versions") // it speaks no h2c
		}
		for _, child := range node {
			redial(child, dial)
		}
	case []any:
		for _, child := range node {
			redial(child, dial)
		}
	}
}

// serverFor finds the server that listens on the port of a URL.
func (s *docSite) serverFor(u *url.URL) (*caddyhttp.Server, error) {
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	for srv := range s.servers {
		if slices.ContainsFunc(srv.Listen, func(address string) bool { return strings.HasSuffix(address, ":"+port) }) {
			return srv, nil
		}
	}
	return nil, fmt.Errorf("no server listens on port %s", port)
}

// ask implements browser.RoundTrip.
func (s *docSite) ask(sent browser.Sent) (browser.Response, error) {
	u, err := url.Parse(sent.URL)
	if err != nil {
		return browser.Response{}, err
	}
	srv, err := s.serverFor(u)
	if err != nil {
		return browser.Response{}, err
	}
	req, err := http.NewRequest(sent.Method, s.servers[srv].URL+u.RequestURI(), nil)
	if err != nil {
		return browser.Response{}, err
	}
	req.Host = u.Host
	for _, h := range sent.Headers {
		req.Header.Add(h[0], h[1])
	}
	res, err := corstest.Transport.RoundTrip(req)
	if err != nil {
		return browser.Response{}, err
	}
	defer res.Body.Close()
	return browser.Response{Status: res.StatusCode, Headers: browser.HeadersFrom(res.Header)}, nil
}

// check asks what a claim asks: "PUT /path with Name: value, credentials".
func (s *docSite) check(c docClaim) error {
	line, with, _ := strings.Cut(c.request, " with ")
	method, path, _ := strings.Cut(line, " ")
	r := browser.Request{Method: method, URL: path}
	if !strings.Contains(path, "://") {
		r.URL = s.base + "/" + strings.TrimPrefix(path, "/")
	}
	for item := range strings.SplitSeq(with, ", ") {
		if name, value, ok := strings.Cut(item, ": "); ok {
			r.Headers = append(r.Headers, [2]string{name, value})
		} else if item == "credentials" {
			r.Credentials = browser.CredentialsInclude
		} else if item != "" {
			return fmt.Errorf("%q is neither a header nor credentials", item)
		}
	}
	v, err := s.verdict(c.page, r)
	if err != nil || c.outcome == "n/a" {
		return err
	}
	for part := range strings.SplitSeq(c.outcome, "; ") {
		if err := judgeDocClaim(part, v); err != nil {
			return err
		}
	}
	return nil
}

// verdict plays a browser, or, where nobody's page asks, sends the request
// without an Origin.
func (s *docSite) verdict(page string, r browser.Request) (v browser.Verdict, err error) {
	if page == "nobody" {
		sent := browser.Sent{Method: r.Method, URL: r.URL, Headers: r.Headers}
		res, err := s.ask(sent)
		v.Exchanges = []browser.Exchange{{Sent: sent, Response: res}}
		return v, err
	}
	origin, err := browser.ParseOrigin(page)
	if err != nil {
		return v, err
	}
	v = browser.Fetch(browser.Page{Origin: origin}, r, s.ask)
	return v, v.Err
}

var docOutcomes = map[string]browser.Outcome{
	"readable": browser.Readable, "blocked": browser.Blocked, "preflight fails": browser.PreflightFailed,
}

// judgeDocClaim holds a verdict against one part of an outcome.
func judgeDocClaim(part string, v browser.Verdict) error {
	got := v.Exchanges[len(v.Exchanges)-1].Response
	if rest, ok := strings.CutPrefix(part, "preflight "); ok && rest != "fails" && !strings.HasPrefix(rest, "fails (") {
		part, got = rest, v.Exchanges[0].Response
	}
	outcome, reason, _ := strings.Cut(strings.TrimSuffix(part, ")"), " (")
	word, rest, _ := strings.Cut(part, " ")
	name, value, _ := strings.Cut(rest, ": ")
	lines := got.Headers.Values(name)
	switch want, isOutcome := docOutcomes[outcome]; {
	case isOutcome:
		if v.Outcome != want || reason != "" && string(v.Reason) != reason {
			return fmt.Errorf("it is %s (%+v), not %s", v.Outcome, v.Failure, part)
		}
	case word == "status":
		if fmt.Sprint(got.Status) != rest {
			return fmt.Errorf("status %d, not %s", got.Status, rest)
		}
	case word == "reads":
		if !slices.Contains(v.Exposed, strings.ToLower(rest)) {
			return fmt.Errorf("the page reads %q, not %s", v.Exposed, rest)
		}
	case word == "no" && value != "":
		if corstest.VaryTokens(http.Header{httpwords.Vary: lines})[strings.ToLower(value)] > 0 {
			return fmt.Errorf("%s is %q, but must be without %s", name, lines, value)
		}
	case word == "no":
		if len(lines) > 0 {
			return fmt.Errorf("%s is %q, but must not be there", rest, lines)
		}
	case word == "sends":
		if name == httpwords.Vary && corstest.VaryTokens(http.Header{httpwords.Vary: lines})[strings.ToLower(value)] > 0 {
			return nil
		}
		if len(lines) != 1 || lines[0] != value {
			return fmt.Errorf("%s is %q, not %q", name, lines, value)
		}
	default:
		return fmt.Errorf("cannot judge %q", part)
	}
	return nil
}

func docCommands() []*cobra.Command {
	root := new(cobra.Command)
	cli.Command().CobraFunc(root)
	return slices.DeleteFunc(root.Commands(), func(cmd *cobra.Command) bool { return cmd.Name() == "origins" })
}

// TestDocumentedFlags: the tables in docs/commands.md are those of the commands.
func TestDocumentedFlags(t *testing.T) {
	t.Parallel()
	content := readDocument(t, "docs/commands.md")
	for _, cmd := range docCommands() {
		_, section, found := strings.Cut(content, "\n## caddy cors "+cmd.Name()+"\n")
		if !found || !strings.Contains(section, cmd.Use) {
			t.Errorf("no section for %s with %q", cmd.Name(), cmd.Use)
		}
		section, _, _ = strings.Cut(section, "\n## ")
		rows := make(map[string]bool)
		for line := range strings.Lines(section) {
			if strings.HasPrefix(line, "| `--") {
				rows[strings.TrimSpace(line)] = true
			}
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			row := docFlagRow(f)
			if !rows[row] {
				t.Errorf("%s: the table lacks\n%s", cmd.Name(), row)
			}
			delete(rows, row)
		})
		for row := range maps.Keys(rows) {
			t.Errorf("%s: there is no flag\n%s", cmd.Name(), row)
		}
	}
}

// TestDocumentedRules: the table of the linter's rules is complete.
func TestDocumentedRules(t *testing.T) {
	t.Parallel()
	content := readDocument(t, "docs/commands.md")
	for _, rule := range lint.Rules {
		if row := "| `" + rule.ID + "` | " + rule.What + " |\n"; !strings.Contains(content, row) {
			t.Errorf("docs/commands.md lacks\n%s", row)
		}
	}
}

func docFlagRow(f *pflag.Flag) string {
	short := ""
	if f.Shorthand != "" {
		short = "`-" + f.Shorthand + "`"
	}
	value := f.DefValue
	if value == "false" || value == "[]" {
		value = ""
	}
	return strings.Join(strings.Fields(fmt.Sprintf("| `--%s` | %s | %s | %s |", f.Name, short, value, f.Usage)), " ")
}

// TestTroubleshooting: every reason that a server can cause has its place.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	content := readDocument(t, "docs/troubleshooting.md")
	for _, reason := range []browser.Reason{
		browser.PreflightStatus, browser.PreflightRedirect, browser.ACAMMalformed, browser.ACAHMalformed, browser.MethodNotAllowed,
		browser.AuthNotListed, browser.HeaderNotAllowed, browser.ACAOMissing, browser.ACAOMultiple, browser.ACAOStarCredentials,
		browser.ACAOMismatch, browser.ACACNotTrue, browser.NoAnswer, browser.RedirectLocation, browser.RedirectScheme,
		browser.RedirectTooMany, browser.RedirectCredentials,
	} {
		if !strings.Contains(content, "`"+string(reason)+"`") {
			t.Errorf("docs/troubleshooting.md says nothing of %s", reason)
		}
	}
}
