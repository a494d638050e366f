package cors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/cli"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/expect"
	"github.com/caddy-cors/caddy-cors/internal/explain"
)

// Every command in a document is one that `caddy cors` understands. Where a
// console block shows what check, explain, lint or test print, the command runs, and prints
// that (-update writes it anew):
//
//   - against the caddyfile block above it, and the block of expectations;
//   - below a comment <!-- runs: FILE --> against that file, from the root of the repository;
//   - check asks the same configuration while it runs;
//   - a line with only … stands for any lines.

// docExample is a command line in a document, and what stands below it.
type docExample struct{ line, output string }

// docFolder is what a command of a document finds.
type docFolder struct {
	file         string // of the repository; empty: the blocks
	caddyfile    string
	expectations string
}

// examples finds the lines with `caddy cors`: behind a `$` in a console block,
// any line in a block of sh.
func (b *docBlock) examples() (found []docExample) {
	text := strings.ReplaceAll(b.text, " \\\n", " ")
	sep := map[string]string{"console": "$ ", "sh": "\n"}[b.lang]
	if sep == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, sep) {
		line, output, _ := strings.Cut(part, "\n")
		line = strings.TrimSpace(line)
		if words := docWords(line); len(words) > 2 && words[0] == "caddy" && words[1] == "cors" {
			found = append(found, docExample{line, output})
		}
	}
	return found
}

// parse reads the command line, to see that the command has these flags.
func (e docExample) parse() (*cobra.Command, error) {
	words := docWords(e.line)[2:]
	commands := docCommands()
	i := slices.IndexFunc(commands, func(cmd *cobra.Command) bool { return cmd.Name() == words[0] })
	if i < 0 {
		return nil, fmt.Errorf("there is no command %q", words[0])
	}
	cmd := commands[i]
	if err := cmd.ParseFlags(words[1:]); err != nil {
		return nil, err
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return nil, err
	}
	if cmd.Name() == "check" || cmd.Name() == "explain" {
		_, _, err := docQuestion(cmd.Flags()).Parse()
		return cmd, err
	}
	return cmd, nil
}

func docQuestion(flags *pflag.FlagSet) (q check.Question) {
	q.URL = flags.Arg(0)
	q.Origin, _ = flags.GetString("origin")
	q.Method, _ = flags.GetString("method")
	q.Headers, _ = flags.GetStringArray("header")
	q.Credentials, _ = flags.GetBool("credentials")
	return q
}

// docWords splits a line as a shell does, as far as examples need it.
func docWords(line string) (words []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}

// TestDocumentedCommands is not parallel: Caddy redirects its default logger.
func TestDocumentedCommands(t *testing.T) {
	shown := 0
	for _, file := range documents(t) {
		content := readDocument(t, file)
		renewed, at := content, 0 // what is done, and how far
		var folder docFolder
		for _, b := range docBlocks(file, content) {
			switch b.lang {
			case "caddyfile":
				folder.caddyfile = b.text
			case "expectations":
				folder.expectations = b.text
			}
			order, words, _ := strings.Cut(b.comment, ": ")
			if folder.file = ""; order == "runs" {
				folder.file = words
			}
			for _, e := range b.examples() {
				cmd, err := e.parse()
				if err != nil {
					t.Errorf("%s:%d: %s: %v", b.file, b.line, e.line, err)
				}
				if err != nil || b.lang == "sh" {
					continue
				}
				shown++
				var now string
				t.Run(fmt.Sprintf("%s:%d", filepath.Base(b.file), b.line), func(t *testing.T) { now = folder.run(t, cmd, e.line) })
				before := "$ " + e.line + "\n" + e.output
				at += strings.Index(renewed[at:], before)
				if elided(e.output, now) {
					at += len(before)
					continue
				}
				after := "$ " + e.line + "\n" + now
				renewed = renewed[:at] + after + renewed[at+len(before):]
				at += len(after)
				if !*update {
					t.Errorf("%s:%d: %s prints now:\n%s", b.file, b.line, e.line, now)
				}
			}
		}
		if renewed == content || !*update {
			continue
		}
		if err := os.WriteFile(file, []byte(renewed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if shown < 15 {
		t.Errorf("found only %d outputs", shown)
	}
}

// elided compares an output with what a document shows of it.
func elided(shown, output string) bool {
	if !strings.Contains(shown, "…\n") {
		return shown == output
	}
	parts := regexp.MustCompile(`(?m)^\s*…\n`).Split(shown, -1)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile("^(?s:" + strings.Join(parts, ".*") + ")$").MatchString(output)
}

// run returns what a command prints, with its exit status behind it.
func (f docFolder) run(t *testing.T, cmd *cobra.Command, line string) string {
	t.Helper()
	flags := cmd.Flags()
	if f.file == "Caddyfile.example" {
		asShipped(t)
	}
	if f.file == "" {
		t.Chdir(t.TempDir())
		for name, text := range map[string]string{"Caddyfile": f.caddyfile, expect.DefaultFile: f.expectations} {
			if text = docSiteText(text); text == "" || name == expect.DefaultFile && flags.Changed("init") {
				continue
			}
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	asJSON, _ := flags.GetBool("json")
	verbose, _ := flags.GetBool("verbose")
	config, _ := flags.GetString("config")
	ask, _ := flags.GetBool("ask")
	var (
		out    bytes.Buffer
		status int
		err    error
	)
	switch cmd.Name() {
	case "check":
		status, err = f.check(t, &out, flags, verbose, asJSON)
	case "explain":
		status, err = explain.Run(&out, docQuestion(flags), explain.Options{Config: config, Ask: ask, Verbose: verbose, JSON: asJSON})
	case "lint":
		status, err = cli.Lint(&out, config, "", asJSON)
	case "test":
		options := expect.Options{Config: config, Ask: ask, JSON: asJSON}
		options.JUnit, _ = flags.GetString("junit")
		if flags.Changed("init") {
			status, err = expect.Init(&out, flags.Args(), options)
		} else {
			status, err = expect.Run(&out, flags.Args(), options)
		}
	default:
		t.Fatalf("cannot run %s", line)
	}
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	fmt.Fprintf(&out, "(exit status %d)\n", status)
	return out.String()
}

// check asks the configuration while it runs. Its ports are other ones here.
func (f docFolder) check(t *testing.T, out *bytes.Buffer, flags *pflag.FlagSet, verbose, asJSON bool) (int, error) {
	t.Helper()
	text := f.caddyfile
	if f.file != "" {
		text = readDocument(t, f.file)
	}
	ports := serveLive(t, docSiteText(text))
	q := docQuestion(flags)
	u, err := url.Parse(q.URL)
	if err != nil {
		t.Fatal(err)
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443"}[u.Scheme])
	live := *u
	live.Host = net.JoinHostPort(u.Hostname(), ports[port])
	q.URL = live.String()
	transport := check.Transport{Insecure: true, Timeout: corstest.Patience, Resolve: []string{live.Host + ":127.0.0.1"}}
	transport.Send, _ = flags.GetBool("send")
	transport.Cookie, _ = flags.GetString("cookie")
	var text2 bytes.Buffer
	status, err := check.Run(&text2, q, &transport, verbose, asJSON)
	out.WriteString(strings.ReplaceAll(text2.String(), live.Host, u.Host))
	return status, err
}

// docSiteText puts the inside of a site into one.
func docSiteText(text string) string {
	if word, _, _ := strings.Cut(text, " "); docDirective.MatchString(strings.TrimSpace(word)) && word != "localhost" {
		return "api.example.com {\n" + text + "}\n"
	}
	return text
}

// serveLive runs a configuration on free ports of loopback, and returns them by those
// that stand in it. A proxy to one of its own ports leads there, one to port 1
// to nobody, any other to docUpstream.
func serveLive(t *testing.T, text string) map[string]string {
	t.Helper()
	config, err := corstest.Adapt(text)
	if err != nil {
		t.Fatal(err)
	}
	ports, listeners := map[string]string{}, map[string]net.Listener{}
	var doc docLive
	if err := json.Unmarshal(config, &doc); err != nil {
		t.Fatal(err)
	}
	for name, srv := range doc.Apps.HTTP.Servers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[name] = l
		for _, address := range srv.Listen {
			_, port, _ := strings.Cut(address, ":")
			_, ports[port], _ = net.SplitHostPort(l.Addr().String())
		}
	}
	upstream := corstest.Upstream(t, docUpstream)
	config, err = tameProxies(config, func(app any) {
		redialEach(app, func(dial string) string {
			_, port, _ := strings.Cut(dial, ":")
			switch own, found := ports[port]; {
			case found:
				return "127.0.0.1:" + own
			case port == "1":
				return dial
			}
			return upstream
		})
	}, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	app, err := corstest.Provision(t, config)
	if err != nil {
		t.Fatal(err)
	}
	for name, srv := range app.Servers {
		s := &httptest.Server{Listener: listeners[name], Config: &http.Server{Handler: srv, ReadHeaderTimeout: time.Minute}}
		if listensOnTLS(srv) {
			s.StartTLS()
		} else {
			s.Start()
		}
		t.Cleanup(s.Close)
	}
	return ports
}

func listensOnTLS(srv *caddyhttp.Server) bool { return slices.Contains(srv.Listen, ":443") }

// docLive is a configuration as far as its ports go.
type docLive struct {
	Apps struct {
		HTTP struct {
			Servers map[string]struct{ Listen []string }
		}
	}
}

// redialEach gives every proxy the address that a function has for its own.
func redialEach(node any, to func(string) string) {
	switch node := node.(type) {
	case map[string]any:
		if dial, ok := node["dial"].(string); ok {
			node["dial"] = to(dial)
		}
		for _, child := range node {
			redialEach(child, to)
		}
	case []any:
		for _, child := range node {
			redialEach(child, to)
		}
	}
}

var docInline = regexp.MustCompile("`((?:cors|origins|origin_regexp|except|credentials|methods|headers|expose|max_age|upstream|enforce|dangerously_allow) [^`<…]+|preflight (?:answer|forward))`")

// TestDocumentedLines: a line of a Caddyfile in the middle of a sentence loads too.
func TestDocumentedLines(t *testing.T) {
	t.Parallel()
	found := 0
	for _, file := range documents(t) {
		inBlock := false
		for n, line := range strings.Split(readDocument(t, file), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				inBlock = !inBlock
			}
			if inBlock {
				continue
			}
			if cells := strings.SplitN(line, " | ", 2); len(cells) == 2 && strings.HasPrefix(line, "| ") {
				line = cells[1] // the first cell has the words of others
			}
			for _, m := range docInline.FindAllStringSubmatch(line, -1) {
				found++
				if err := docLineLoads(m[1]); err != nil {
					t.Errorf("%s:%d: %s: %v", file, n+1, m[1], err)
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("found only %d lines", found)
	}
}

// docLineLoads adapts a line in a policy that has nothing else.
func docLineLoads(line string) error {
	line = strings.ReplaceAll(line, "{$ORIGINS}", "https://app.example.com")
	word, _, _ := strings.Cut(line, " ")
	lines := line
	switch {
	case word != "cors" && word != "origins" && word != "origin_regexp":
		lines = "cors https://app.example.com {\n" + line + "\n}"
	case word != "cors":
		lines = "cors {\n" + line + "\n}"
	}
	_, err := corstest.Adapt("api.example.com {\n" + lines + "\n}\n")
	return err
}
