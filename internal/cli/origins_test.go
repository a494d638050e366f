package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/certmagic"
	"github.com/spf13/pflag"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// editor runs the commands on a storage of its own.
type editor struct {
	t    testing.TB
	file string // what has the list
	flag originsFlags
}

func newEditor(t testing.TB) editor {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "Caddyfile")
	must(t, os.WriteFile(config, []byte("{\n\tstorage file_system "+dir+"\n}\n"), 0o600))
	return editor{t, filepath.Join(dir, "cors", "origins"), originsFlags{config: config, adapter: "caddyfile", key: listKey}}
}

// run checks what a command prints, its error and its exit status.
func (e editor) run(f listRunner, origins string, code int, wants ...string) {
	e.t.Helper()
	var out bytes.Buffer
	got, err := runOrigins(&out, e.flag, strings.Fields(origins), f)
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	if got != code {
		e.t.Errorf("%s: exit status %d, want %d; printed %s", origins, got, code, &out)
	}
	for _, want := range wants {
		if !strings.Contains(out.String(), want) {
			e.t.Errorf("%s: printed %q, want %q", origins, &out, want)
		}
	}
}

func (e editor) contains(want string) {
	e.t.Helper()
	if got, err := os.ReadFile(e.file); err != nil || string(got) != want {
		e.t.Errorf("the list is %q (%v), want %q", got, err, want)
	}
}

// TestOriginsCommands makes, shows and edits a list.
func TestOriginsCommands(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	e.run(runOriginsList, "", exitNothing, "no list under the key", `"cors/origins"`)
	e.run(runOriginsRemove, corstest.App, exitNothing, corstest.App+" is not there")
	e.run(runOriginsAdd, corstest.App+",https://*.b.example https://c.example", exitDone, "added "+corstest.App, "added https://*.b.example", "origins in cors/origins: 3")
	e.contains(corstest.App + "\nhttps://*.b.example\nhttps://c.example\n")
	e.run(runOriginsAdd, corstest.App, exitNothing, corstest.App+" is there already")
	e.run(runOriginsAdd, corstest.App+" http://localhost:* http://localhost:*", exitDone, "is there already", "added http://localhost:*", "http://localhost:* is there already", ": 4")
	e.run(runOriginsRemove, "https://*.b.example https://d.example", exitDone, "removed https://*.b.example", "https://d.example is not there", ": 3")
	e.run(runOriginsList, "", exitDone, corstest.App+"\nhttps://c.example\nhttp://localhost:*\n")
	e.run(runOriginsRemove, corstest.App+" https://c.example http://localhost:*", exitDone, ": 0")
	e.contains("")
	e.run(runOriginsList, "", exitDone)
}

// TestOriginsCommandKeeps comments, order, line ends and what it does not
// understand.
func TestOriginsCommandKeeps(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	must(t, os.MkdirAll(filepath.Dir(e.file), 0o700))
	must(t, os.WriteFile(e.file, []byte("# ours\r\n\r\nhttps://b.example  # b\r\nnonsense\r\nhttps://a.example\r\nhttps://b.example"), 0o600))
	e.run(runOriginsAdd, corstest.App, exitDone, ": 4")
	e.contains("# ours\r\n\r\nhttps://b.example  # b\r\nnonsense\r\nhttps://a.example\r\nhttps://b.example\r\n" + corstest.App + "\r\n")
	e.run(runOriginsList, "", exitDone, "https://b.example\n# skipped: origin \"nonsense\"")
	e.run(runOriginsRemove, "https://b.example", exitDone)
	e.run(runOriginsRemove, "nonsense", exitDone)
	e.contains("# ours\r\n\r\nhttps://a.example\r\n" + corstest.App + "\r\n")
}

// TestOriginsCommandMistakes change nothing, and say what to do.
func TestOriginsCommandMistakes(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	e.run(runOriginsAdd, corstest.App+" https://b.example/ *", exitTrouble, "did you mean https://b.example?", `"*" cannot come from a source`)
	e.run(runOriginsRemove, "https://b.example/", exitNothing, "is not there", "did you mean https://b.example?")
	if _, err := os.Stat(e.file); err == nil {
		t.Error("a list was made")
	}
	must(t, os.MkdirAll(filepath.Dir(e.file), 0o700))
	must(t, os.WriteFile(e.file, []byte("\x00binary"), 0o600))
	e.run(runOriginsAdd, corstest.App, exitTrouble, "is no list")
	e.contains("\x00binary")
	e.flag.key = ""
	e.run(runOriginsAdd, corstest.App, exitTrouble, "--key is missing")
	e.flag.key = "certificates/x"
	e.run(runOriginsAdd, corstest.App, exitTrouble, "belongs to Caddy")
	e.flag.key, e.flag.config = "x", filepath.Join(t.TempDir(), "missing")
	e.run(runOriginsAdd, corstest.App, exitTrouble, "missing")
	must(t, os.WriteFile(e.flag.config, []byte(`{"storage": {"module": "none"}}`), 0o600))
	e.flag.adapter = ""
	e.run(runOriginsList, "", exitTrouble, "loading the storage")
}

// TestOriginsCommandsAtOnce: nobody's change is lost, thanks to the lock.
func TestOriginsCommandsAtOnce(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	const editors = 4 // the lock of a file storage is tried once a second
	var all sync.WaitGroup
	for i := range editors {
		all.Go(func() { e.run(runOriginsAdd, fmt.Sprintf("https://a%d.example", i), exitDone) })
	}
	all.Wait()
	e.run(runOriginsAdd, corstest.App, exitDone, fmt.Sprintf(": %d", editors+1))
}

// TestOriginsDocumented: the documents show what the commands print, with their
// exit statuses, one after the other on one storage; and what they are called
// with.
func TestOriginsDocumented(t *testing.T) {
	t.Parallel()
	const prompt, fence = "$ caddy cors origins ", "```\n"
	runners := map[string]listRunner{"add": runOriginsAdd, "list": runOriginsList, "remove": runOriginsRemove}
	for _, file := range []string{"docs/operate.md", "docs/commands.md"} {
		_, session, _ := strings.Cut(readOriginsDocument(t, file), fence+prompt)
		session, _, _ = strings.Cut(session, fence)
		storage, shown := &certmagic.FileStorage{Path: t.TempDir()}, make(map[string]bool)
		for example := range strings.SplitSeq(session, prompt) {
			line, want, _ := strings.Cut(example, "\n")
			cmd, args, err := originsCommand().Find(strings.Fields(strings.ReplaceAll(line, "'", ""))) // as a shell does
			if err != nil || cmd.ParseFlags(args) != nil || runners[cmd.Name()] == nil {
				t.Fatalf("%s: %s: there is no such command: %v", file, line, err)
			}
			shown[cmd.Name()] = true
			var out bytes.Buffer
			status, err := runners[cmd.Name()](&out, storage, cmd.Flag("key").Value.String(), cmd.Flags().Args())
			if err != nil {
				fmt.Fprintln(&out, err)
			}
			if status != exitDone {
				fmt.Fprintf(&out, "(exit status %d)\n", status)
			}
			if out.String() != want {
				t.Errorf("%s: %s prints\n%s, want\n%s", file, line, &out, want)
			}
		}
		if len(shown) != len(runners) {
			t.Errorf("%s shows only %v", file, shown)
		}
	}
	_, section, _ := strings.Cut(readOriginsDocument(t, "docs/commands.md"), "\n## caddy cors origins\n")
	for _, cmd := range originsCommand().Commands() {
		if !strings.Contains(section, "\ncaddy cors origins "+cmd.Use+"\n") {
			t.Errorf("%s is not documented", cmd.Use)
		}
		rows := 0
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if rows++; !strings.Contains(section, originsFlagRow(f)+"\n") {
				t.Errorf("%s: the table lacks\n%s", cmd.Name(), originsFlagRow(f))
			}
		})
		if n := strings.Count(section, "\n| `--"); n != rows {
			t.Errorf("the table has %d flags, not %d", n, rows)
		}
	}
}

// TestOriginsDefaultStorage: whoever edits the default storage is told so, as it
// may be another user's than Caddy's.
func TestOriginsDefaultStorage(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "caddy.json")
	must(t, os.WriteFile(config, []byte("{}"), 0o600))
	e := editor{t: t, flag: originsFlags{config: config, key: "cors/default_storage_test"}}
	e.run(runOriginsList, "", exitNothing, "# the configuration names no storage; this is FileStorage:/", "there is no list")
	var out bytes.Buffer
	e = newEditor(t)
	if _, err := runOrigins(&out, e.flag, []string{corstest.App}, runOriginsAdd); err != nil || strings.Contains(out.String(), "#") {
		t.Errorf("%v, %s", err, &out)
	}
}

// TestOriginsCommandLine: the commands are there, with what they need.
func TestOriginsCommandLine(t *testing.T) {
	t.Parallel()
	cmd := originsCommand()
	for _, name := range []string{"list", "add", "remove"} {
		sub, _, err := cmd.Find([]string{name})
		if err != nil || sub.Name() != name || sub.Flags().Lookup("key") == nil || sub.Flags().Lookup("config") == nil || sub.Flags().Lookup("adapter") == nil {
			t.Errorf("%s: %v, %v", name, sub, err)
		}
	}
	if sub, _, _ := cmd.Find([]string{"add"}); sub.Args(sub, nil) == nil {
		t.Error("add needs no origin")
	}
}
