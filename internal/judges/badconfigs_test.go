package judges_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// The configurations of testdata/vectors/bad-configs.jsonl: each is an error,
// with the line in the file, or a warning in the log. The vectors have the
// sense of a message; what it must contain (the value, and the cure) is here.

const badConfigVectors = 135

// badConfigVector is a line of bad-configs.jsonl.
type badConfigVector struct {
	ID       string `json:"id"`
	Config   string `json:"config"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Source   string `json:"source"`
}

// badConfig is a real configuration for a vector.
type badConfig struct {
	lines string   // of the block
	says  []string // in the message
	line  int      // of the mistake, counted from the block's first; 0 for the directive's

	onlyCaddyfile bool     // JSON cannot say it, or means something else
	jsonSays      []string // if not the same
}

// fileLine is the line of the directive in the file.
const fileLine = 2

// file writes the block into a file; a block without origins gets one, unless
// that is the point.
func (b *badConfig) file() string {
	lines := b.lines
	if b.needsOrigin() {
		lines += "\norigins https://app.example.com"
	}
	return "http:// {\ncors {\n" + lines + "\n}\nrespond hello\n}\n"
}

func (b *badConfig) needsOrigin() bool {
	return b.line > 0 && !strings.Contains("\n"+b.lines, "\norigin")
}

func TestBadConfigs(t *testing.T) {
	t.Parallel()
	vectors := corstest.ReadVectors[badConfigVector](t, "bad-configs.jsonl", nil)
	seen := make(map[string]bool)
	for _, v := range vectors {
		seen[v.ID] = true
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			if run := badSites[v.ID]; run != nil {
				run(t)
				return
			}
			b, ok := badConfigs[v.ID]
			switch w, isWritten := writtenConfigs[v.ID]; {
			case isWritten && isSite(v.Config):
				w.mustWarnAsSite(t, v.Config)
				return
			case isWritten:
				w.lines, ok = blockOf(v.Config), true
				b = w
			case v.Severity == "clean":
				mustBeClean(t, v.Config)
				return
			}
			if !ok {
				t.Fatalf("nothing runs %q", v.Config)
			}
			switch v.Severity {
			case "error":
				b.mustFail(t)
			case "warning":
				b.mustWarn(t)
			default:
				t.Fatalf("unknown severity %q", v.Severity)
			}
		})
	}
	if len(vectors) != badConfigVectors || len(seen) != badConfigVectors {
		t.Errorf("%d vectors with %d ids, want %d", len(vectors), len(seen), badConfigVectors)
	}
	corstest.WantKnown(t, badConfigs, seen)
	corstest.WantKnown(t, writtenConfigs, seen)
	corstest.WantKnown(t, badSites, seen)
}

// placeOf names a line of the block, as errors do.
func placeOf(line int) string { return fmt.Sprintf(", at Caddyfile:%d", fileLine+line) }

// mustFail adapts the file, which must fail with the line, and loads the same
// as JSON.
func (b *badConfig) mustFail(t *testing.T) {
	t.Helper()
	_, err := corstest.Adapt(b.file())
	if err == nil {
		t.Fatal("the file is adapted")
	}
	place := placeOf(b.line)
	if !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool {
		return says(line, append([]string{place}, b.says...)) == ""
	}) {
		t.Errorf("got %q\nwant %s in one line with %q", err, place, b.says)
	}
	if b.onlyCaddyfile {
		return
	}
	config := b.handler(t)
	err = load(t, config)
	if err == nil {
		t.Fatalf("%s is loaded", config)
	}
	words := b.says
	if b.jsonSays != nil {
		words = b.jsonSays
	}
	if missing := says(err.Error(), words); missing != "" {
		t.Errorf("JSON: got %q, want it to say %q", err, missing)
	}
}

// load provisions a handler from its JSON. A whole configuration that fails
// would stop Caddy's certificate cache, which tests in parallel share.
func load(t *testing.T, config []byte) error {
	t.Helper()
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	defer cancel()
	_, err := ctx.LoadModuleByID("http.handlers.cors", config)
	return err
}

// mustWarn loads the file, which must work, and looks into the log.
func (b *badConfig) mustWarn(t *testing.T) {
	t.Helper()
	corstest.Chain(t, b.file())
	wantWarning(t, b.says...)
}

func wantWarning(t *testing.T, words ...string) {
	t.Helper()
	log := corstest.LogLines(t.Name())
	escaped := []string{`"level":"warn"`, `"logger":"http.handlers.cors"`}
	for _, w := range words {
		escaped = append(escaped, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w))
	}
	if log.Count(escaped...) == 0 {
		t.Errorf("no warning says %q in:\n%s", words, log)
	}
}

// says returns the first of the words that a message lacks.
func says(message string, words []string) string {
	for _, w := range words {
		if !strings.Contains(message, w) {
			return w
		}
	}
	return ""
}

// listNames are the options that are lists in JSON.
var listNames = []string{"origins", "origin_regexp", "except", "methods", "headers", "expose", "dangerously_allow"}

// handler writes the block as the handler's JSON. The lists are one value each:
// they are split there too.
func (b *badConfig) handler(t *testing.T) []byte {
	t.Helper()
	handler := make(map[string]any)
	if b.needsOrigin() {
		handler["origins"] = []string{"https://app.example.com"}
	}
	for line := range strings.SplitSeq(b.lines, "\n") {
		option, value, _ := strings.Cut(line, " ")
		switch {
		case slices.Contains(listNames, option):
			handler[option] = []string{strings.Trim(value, `"`)}
		case option == "credentials":
			handler[option] = true
		default:
			handler[option] = value
		}
	}
	config, err := json.Marshal(handler)
	if err != nil {
		t.Fatal(err)
	}
	return config
}
