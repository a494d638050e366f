package cors

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/expect"
)

// hole stands in a text for what is only known when it is printed.
const hole = "\uFFFD"

// printedSpans are what stands in backticks in texts, and lines that are indented there.
var printedSpans = regexp.MustCompile("`([^`]+)`|((?:\n\t+[^\n]+)+)")

var indents = regexp.MustCompile(`\n\t+`)

// filledHoles are lines with holes, as they can be printed.
var filledHoles = map[string][]string{
	"enforce " + hole:                   {"enforce requests", "enforce websockets"},
	"origins_from " + hole + " " + hole: {"origins_from file /etc/caddy/origins.txt", "origins_from storage partners", "origins_from ask http://localhost:9000/"},
	hole + " {$" + hole + "}":           {"credentials {$X:false}"},
	hole + " https://app.example.com":   {"allow https://app.example.com", "refuse https://app.example.com"},
	"expose " + hole:                    {"expose X-Total-Count"},
	"header " + hole + " " + hole:       {"header X-Token 1"},
	"header_down " + hole + " " + hole:  {"header_down -Vary"},
	"import " + hole:                    nil, // the author's own line
	"for " + hole:                       {"for https://app.example.com {\ncredentials\n}"},
	"dangerously_allow " + hole:         {"dangerously_allow null_origin", "dangerously_allow public_suffixes"},
	"origins " + hole:                   {"origins https://app.example.com"},
	"methods " + hole:                   {"methods GET PROPFIND"},
	"headers " + hole:                   {"headers * Authorization"},
	"cors " + hole:                      {"cors https://app.example.com"},
	"cors " + hole + " {":               {"cors https://app.example.com {\n}"},
	hole + " " + hole:                   nil, // a whole line of the author's
}

// quotedLines are no lines to write: those of the author's that a message is about, and
// header fields.
var quotedLines = []string{"except *", "except null", "for *", "Vary: Origin", "origins_from storage"}

// TestPrintedLinesLoad finds every line of a Caddyfile in the texts of the code, and
// loads it. A new one needs nothing, unless it has a hole: then its row in filledHoles.
func TestPrintedLinesLoad(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for file, texts := range printedTexts(t) {
		for _, text := range texts {
			for _, m := range printedSpans.FindAllStringSubmatch(text, -1) {
				span := indents.ReplaceAllString(strings.TrimSpace(m[1]+m[2]), "\n")
				kind, err := printedLine(file, span)
				if err != nil {
					t.Errorf("%s: %q: %v", file, strings.ReplaceAll(span, hole, "%s"), err)
				}
				found[kind]++
			}
		}
	}
	for kind, least := range map[string]int{"policy": 25, "directive": 10, "expectation": 5, "name": 20} {
		if found[kind] < least {
			t.Errorf("found only %d of kind %s: %v", found[kind], kind, found)
		}
	}
}

// printedTexts are the texts of the code by file, put together where the code puts them
// together.
func printedTexts(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"bench", "tools", "testdata", ".git", "corstest", "browsertest", "examples"}, d.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field: // its tag
				return n.Tag == nil
			case *ast.BinaryExpr:
				if text := foldText(n); strings.Trim(text, hole) != "" {
					all[file] = append(all[file], text)
					return false
				}
			case *ast.BasicLit:
				all[file] = append(all[file], foldText(n))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var verbs = regexp.MustCompile(`%(\[\d\])?[sqvd]`)

// foldText is a text of literals; what is none is a hole.
func foldText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return foldText(e.X) + foldText(e.Y)
		}
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return verbs.ReplaceAllString(text, hole)
		}
	}
	return hole
}

// printedLine loads a span where such a line belongs. A single word is a name.
func printedLine(file, span string) (kind string, err error) {
	word, rest, _ := strings.Cut(strings.TrimSuffix(span, " {"), " ")
	inExpect := strings.HasPrefix(filepath.ToSlash(file), "internal/expect/") || filepath.ToSlash(file) == "internal/cli/test.go"
	switch {
	case word == "caddy" || word == "patch":
		return "command", nil
	case rest == "" || strings.HasPrefix(rest, "<") || slices.Contains(quotedLines, span):
		return "name", nil
	}
	spans := []string{span}
	if strings.Contains(span, hole) {
		filled, known := filledHoles[span]
		if !known {
			return "unknown", fmt.Errorf("what stands in its hole is not known: add a row to filledHoles")
		}
		spans = filled
	}
	for _, s := range spans {
		if kind, err = loadPrinted(s, inExpect); err != nil {
			return kind, err
		}
	}
	return kind, nil
}

// placesOfLines are the directives around lines that are none themselves.
var placesOfLines = map[string]string{
	"header_up":   "reverse_proxy localhost:9000 {\n%s\n}",
	"header_down": "reverse_proxy localhost:9000 {\n%s\n}",
	"mode":        "tls internal {\nclient_auth {\n%s\ntrust_pool file pool.pem\n}\n}",
	"@nocert":     "%s",
	"@login":      "forward_auth localhost:9000 {\nuri /auth\n%s\n}",
	"error":       "@nocert path *\n@login path *\n%s",
}

func loadPrinted(line string, inExpect bool) (kind string, err error) {
	word, _, _ := strings.Cut(line, " ")
	switch {
	case inExpect:
		_, err = expect.Parse("cors.expect", []byte(expectationAround(line)))
		return "expectation", err
	case word == "cors" || slices.Contains(optionWords(), word):
		return "policy", docLineLoads(line)
	}
	around := placesOfLines[word]
	if around == "" {
		around = "%s"
	}
	_, err = corstest.Adapt("api.example.com {\n" + fmt.Sprintf(around, line) + "\n}\n")
	return "directive", err
}

// expectationAround puts a line of a file of expectations where it belongs.
func expectationAround(line string) string {
	switch word, _, _ := strings.Cut(line, " "); word {
	case "allow", "refuse":
		return "https://api.example.com/items {\n" + line + "\n}\n"
	case "method", "header", "expose", "credentials", "upstream":
		return "https://api.example.com/items {\nallow https://app.example.com {\n" + line + "\n}\n}\n"
	}
	if strings.HasSuffix(line, "}") {
		return line + "\n"
	}
	return line + "\nallow https://app.example.com\n}\n"
}

// optionWords are the options of a policy.
func optionWords() (words []string) {
	for word := range optionParsers {
		words = append(words, word)
	}
	return words
}
