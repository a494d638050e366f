package origins_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/cli"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
	"github.com/caddy-cors/caddy-cors/origins"
)

// caddyProcess is another Caddy, and a shell beside it.
type caddyProcess struct {
	t     *testing.T
	url   string
	stdin io.Writer
	lines *bufio.Scanner
}

// startProcess starts a Caddy with its data in a directory.
func startProcess(t *testing.T, name, data string) *caddyProcess {
	t.Helper()
	self, err := os.Executable()
	origins.Must(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestStorageProcess$")
	cmd.Env = append(os.Environ(), corstest.ChildProcess+"="+name, "XDG_DATA_HOME="+data)
	cmd.Dir = t.TempDir()
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	origins.Must(t, err)
	stdout, err := cmd.StdoutPipe()
	origins.Must(t, err)
	origins.Must(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	p := &caddyProcess{t: t, stdin: stdin, lines: bufio.NewScanner(stdout)}
	p.url = p.expect("http://")
	return p
}

// expect reads the next line that begins with a word.
func (p *caddyProcess) expect(word string) string {
	p.t.Helper()
	for p.lines.Scan() {
		if strings.HasPrefix(p.lines.Text(), word) {
			return p.lines.Text()
		}
	}
	p.t.Fatalf("the process ended without %q", word)
	return ""
}

// cors runs caddy cors origins in the process.
func (p *caddyProcess) cors(command, origin string) {
	p.t.Helper()
	fmt.Fprintln(p.stdin, command, origin)
	p.expect("exit 0")
}

// allows asks the process as a browser would.
func (p *caddyProcess) allows(origin string) bool {
	p.t.Helper()
	return corstest.Ask(p.t, "GET", p.url, corstest.From(origin)).Header.Get("Access-Control-Allow-Origin") == origin
}

// TestStorageProcesses: two Caddy processes with one storage see each other's
// changes.
func TestStorageProcesses(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	one, two := startProcess(t, "one", data), startProcess(t, "two", data)
	all := func(what string, origin string, allowed bool) {
		t.Helper()
		for _, p := range []*caddyProcess{one, two} {
			origins.Eventually(t, what, func() bool { return p.allows(origin) == allowed })
		}
	}
	all("nobody to be allowed at first", corstest.App, false)
	one.cors("add", corstest.App)
	all("the first change", corstest.App, true)
	two.cors("add", "https://*.partner.example")
	all("the second change", "https://a.partner.example", true)
	two.cors("remove", corstest.App)
	all("the third change", corstest.App, false)
	all("the rest to stay", "https://a.partner.example", true)
}

// TestStorageProcess is a process of TestStorageProcesses.
func TestStorageProcess(t *testing.T) {
	if os.Getenv(corstest.ChildProcess) == "" {
		t.Skip("this is the other process of TestStorageProcesses")
	}
	srv := corstest.Site(t, "cors {\n\torigins_from storage "+origins.ListKey+" {\n\t\trefresh 100ms\n\t}\n}\nrespond hello")
	fmt.Println(srv.URL)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		command, origin, _ := strings.Cut(lines.Text(), " ")
		corsOrigins(t, command, "--key", origins.ListKey, origin)
		fmt.Println("exit 0")
	}
}

// corsOrigins runs `caddy cors origins`. A failure ends the process.
func corsOrigins(t *testing.T, args ...string) {
	t.Helper()
	cmd := new(cobra.Command)
	cli.Command().CobraFunc(cmd)
	cmd.SetOut(io.Discard)
	cmd.SetArgs(append([]string{"origins"}, args...))
	origins.Must(t, cmd.Execute())
}

// TestStorageFollowsCommand: the file that the command writes is the one that
// the source reads.
func TestStorageFollowsCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "caddy.json")
	origins.Must(t, os.WriteFile(config, fmt.Appendf(nil, `{"storage": {"module": "file_system", "root": %q}}`, dir), 0o600))
	s, _ := origins.StartStorage(t, origins.Files(dir), policy.SourceRules{})
	corsOrigins(t, "add", "--config", config, "--key", origins.ListKey, corstest.App)
	origins.ComesToSay(t, s, "yes", corstest.App)
	if _, err := os.Stat(filepath.Join(dir, "cors", "origins")); errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
