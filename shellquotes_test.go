package cors

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allDocuments lists every Markdown file that a reader may type from.
func allDocuments(t *testing.T) []string {
	t.Helper()
	files := documents(t)
	for _, pattern := range []string{"*.md", "*/README.md", "testdata/*/README.md"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// shellLine is a command as a reader types it: with the lines that continue it.
type shellLine struct {
	file    string
	number  int
	command string
}

var (
	shellInline  = regexp.MustCompile("`((?:caddy|curl|go|xcaddy|docker|\\.ci/\\w+|bench/\\S+) [^`]+)`")
	shellHeredoc = regexp.MustCompile(`<<-?'?(\w+)'?`)
	shellQuoted  = regexp.MustCompile(`'[^']*'|"[^"]*"|\$\{\w+\}|\\.`)
)

// shellLines finds the commands of a document: in blocks of sh, behind a `$` in
// every other block, and in the text between backquotes.
func shellLines(file, content string) (found []shellLine) {
	for _, b := range docBlocks(file, content) {
		var command, end string
		for i, line := range strings.Split(b.text, "\n") {
			prompt := strings.HasPrefix(line, "$ ")
			switch {
			case end != "": // a here document is no shell
				if strings.TrimSpace(line) == end {
					end = ""
				}
				continue
			case b.lang != "sh" && !prompt && command == "":
				continue
			}
			command += strings.TrimPrefix(line, "$ ")
			if before, goesOn := strings.CutSuffix(command, "\\"); goesOn {
				command = before
				continue
			}
			if here := shellHeredoc.FindStringSubmatch(command); here != nil {
				end = here[1]
			}
			found = append(found, shellLine{file, b.line + 1 + i, command})
			command = ""
		}
	}
	for i, line := range strings.Split(content, "\n") {
		for _, m := range shellInline.FindAllStringSubmatch(line, -1) {
			found = append(found, shellLine{file, i + 1, m[1]})
		}
	}
	return found
}

// barePattern finds the first word with a character that a shell takes for a
// pattern of file names. Bash hands over a pattern that matches nothing, zsh ends
// with "no matches found".
func barePattern(command string) string {
	command, _, _ = strings.Cut(shellQuoted.ReplaceAllString(command, "''")+" ", " # ")
	for word := range strings.FieldsSeq(command) {
		if strings.ContainsAny(word, "*?[{") && word != "{" {
			return word
		}
	}
	return ""
}

// TestShellQuotes: a pattern in a shell line of any document, or of a command's
// help, stands in quotes.
func TestShellQuotes(t *testing.T) {
	t.Parallel()
	var lines []shellLine
	for _, file := range allDocuments(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, shellLines(file, string(content))...)
	}
	for _, cmd := range docCommands() {
		for i, line := range strings.Split(cmd.Long+"\n"+cmd.Example, "\n") {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "caddy ") {
				lines = append(lines, shellLine{"caddy cors " + cmd.Name() + " --help", i + 1, strings.TrimSuffix(line, "\\")})
			}
		}
	}
	if len(lines) < 150 {
		t.Errorf("found only %d commands", len(lines))
	}
	for _, l := range lines {
		if word := barePattern(l.command); word != "" {
			t.Errorf("%s:%d: %s stands without quotes in: %s", l.file, l.number, word, l.command)
		}
	}
}

// TestBarePattern: what counts as one.
func TestBarePattern(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"caddy cors check https://a.example --origin https://*.example.com":   "https://*.example.com",
		"caddy cors check https://a.example --origin 'https://*.example.com'": "",
		`caddy cors check "https://a.example/?q" --header "X: [1]"`:           "",
		"caddy cors check https://a.example/?q --origin https://b.example":    "https://a.example/?q",
		"curl -o {a,b} https://a.example":                                     "{a,b}",
		"echo ${HOME} # a * in a comment":                                     "",
	} {
		if got := barePattern(command); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

// TestShellSyntax: bash can read every block of sh, and so can zsh where it is.
func TestShellSyntax(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh"} {
		path, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		for _, file := range allDocuments(t) {
			for _, b := range docBlocks(file, readDocument(t, file)) {
				if b.lang != "sh" {
					continue
				}
				cmd := exec.Command(path, "-n")
				cmd.Stdin = strings.NewReader(b.text)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s:%d: %s: %v\n%s", file, b.line, shell, err, out)
				}
			}
		}
	}
}
