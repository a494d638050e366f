package judges_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// TestPrintedLines: every line of a Caddyfile that an error or a warning about these
// configurations prints as its cure loads, and so does every origin that it
// proposes. It is not parallel: the cases write one map.
func TestPrintedLines(t *testing.T) {
	lines := map[string]string{} // and the message that prints it
	for _, v := range corstest.ReadVectors[badConfigVector](t, "bad-configs.jsonl", nil) {
		t.Run(v.ID, func(t *testing.T) {
			for _, message := range messagesOf(t, v) {
				for _, line := range printedLines(message) {
					lines[line] = message
				}
			}
		})
	}
	if len(lines) < 20 {
		t.Errorf("only %d lines were printed", len(lines))
	}
	for line, message := range lines {
		if err := loadsAlone(line); err != nil {
			t.Errorf("%s\n%v\nprinted by: %s", line, err, message)
		}
	}
}

// messagesOf are the errors or warnings about a vector.
func messagesOf(t *testing.T, v badConfigVector) (all []string) {
	t.Helper()
	text := siteOf(v.Config)
	if b, ok := badConfigs[v.ID]; ok {
		text = b.file()
	}
	config, err := corstest.Adapt(text)
	if err != nil {
		return strings.Split(err.Error(), "\n")
	}
	if v.Severity == "error" {
		return strings.Split(fmt.Sprint(load(t, handlerIn(config))), "\n")
	}
	corstest.Chain(t, text)
	for line := range strings.Lines(fmt.Sprint(corstest.LogLines(t.Name()))) {
		var entry struct{ Level, Msg string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Level == "warn" {
			all = append(all, entry.Msg)
		}
	}
	return all
}

// handlerIn is the first cors handler of a configuration.
func handlerIn(config []byte) []byte {
	var found []byte
	var walk func(node any)
	walk = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			if node["handler"] == "cors" && found == nil {
				delete(node, "handler")
				found, _ = json.Marshal(node)
			}
			for _, child := range node {
				walk(child)
			}
		case []any:
			for _, child := range node {
				walk(child)
			}
		}
	}
	var doc any
	if json.Unmarshal(config, &doc) == nil {
		walk(doc)
	}
	return found
}

var (
	backticks = regexp.MustCompile("`([^`]+)`")
	proposed  = regexp.MustCompile(`(?:did you mean|write|as in) ([a-z][a-z0-9+.-]*://[^\s?;,]+)`)
	option    = regexp.MustCompile(`^(origins|origin_regexp|except|credentials|methods|headers|expose|max_age|preflight|upstream|enforce|dangerously_allow|cors)\b`)
)

// printedLines are the cures in a message. What it quotes of the configuration stands in
// quotation marks, so that backticks are for lines to write. A word alone is a name.
func printedLines(message string) (all []string) {
	for _, m := range backticks.FindAllStringSubmatch(message, -1) {
		line := m[1]
		if option.MatchString(line) && strings.Contains(line, " ") && !strings.Contains(line, "…") {
			all = append(all, line)
		}
	}
	name := "origins "
	if strings.Contains(message, "origin_regexp \"") {
		name = "origin_regexp "
	}
	for _, m := range proposed.FindAllStringSubmatch(message, -1) {
		all = append(all, name+m[1])
	}
	return all
}

// loadsAlone loads a line in a policy that has nothing else.
func loadsAlone(line string) error {
	block := "cors {\n" + line + "\n}"
	switch words := strings.Fields(line); {
	case words[0] == "cors":
		block = line
	case line == "except *", line == "except null": // named as what makes no sense
		return nil
	case words[0] != "origins" && words[0] != "origin_regexp":
		block = "cors {\norigins https://app.example.com\n" + line + "\n}"
	case slices.Contains(words, "null") || strings.HasPrefix(words[1], "file:"):
		block = "cors {\n" + line + "\ndangerously_allow null_origin\n}"
	}
	_, err := corstest.Adapt("http:// {\n" + block + "\nrespond hello\n}\n")
	return err
}
