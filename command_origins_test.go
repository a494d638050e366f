package cors

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
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
	e.run(runOriginsRemove, app, exitNothing, app+" is not there")
	e.run(runOriginsAdd, app+",https://*.b.example https://c.example", exitDone, "added "+app, "added https://*.b.example", "origins in cors/origins: 3")
	e.contains(app + "\nhttps://*.b.example\nhttps://c.example\n")
	e.run(runOriginsAdd, app, exitNothing, app+" is there already")
	e.run(runOriginsAdd, app+" http://localhost:* http://localhost:*", exitDone, "is there already", "added http://localhost:*", "http://localhost:* is there already", ": 4")
	e.run(runOriginsRemove, "https://*.b.example https://d.example", exitDone, "removed https://*.b.example", "https://d.example is not there", ": 3")
	e.run(runOriginsList, "", exitDone, app+"\nhttps://c.example\nhttp://localhost:*\n")
	e.run(runOriginsRemove, app+" https://c.example http://localhost:*", exitDone, ": 0")
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
	e.run(runOriginsAdd, app, exitDone, ": 4")
	e.contains("# ours\r\n\r\nhttps://b.example  # b\r\nnonsense\r\nhttps://a.example\r\nhttps://b.example\r\n" + app + "\r\n")
	e.run(runOriginsList, "", exitDone, "https://b.example\n# skipped: origin \"nonsense\"")
	e.run(runOriginsRemove, "https://b.example", exitDone)
	e.run(runOriginsRemove, "nonsense", exitDone)
	e.contains("# ours\r\n\r\nhttps://a.example\r\n" + app + "\r\n")
}

// TestOriginsCommandMistakes change nothing, and say what to do.
func TestOriginsCommandMistakes(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	e.run(runOriginsAdd, app+" https://b.example/ *", exitTrouble, "did you mean https://b.example?", `"*" cannot come from a source`)
	e.run(runOriginsRemove, "https://b.example/", exitNothing, "is not there", "did you mean https://b.example?")
	if _, err := os.Stat(e.file); err == nil {
		t.Error("a list was made")
	}
	must(t, os.MkdirAll(filepath.Dir(e.file), 0o700))
	must(t, os.WriteFile(e.file, []byte("\x00binary"), 0o600))
	e.run(runOriginsAdd, app, exitTrouble, "is no list")
	e.contains("\x00binary")
	e.flag.key = ""
	e.run(runOriginsAdd, app, exitTrouble, "--key is missing")
	e.flag.key = "certificates/x"
	e.run(runOriginsAdd, app, exitTrouble, "belongs to Caddy")
	e.flag.key, e.flag.config = "x", filepath.Join(t.TempDir(), "missing")
	e.run(runOriginsAdd, app, exitTrouble, "missing")
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
	e.run(runOriginsAdd, app, exitDone, fmt.Sprintf(": %d", editors+1))
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
