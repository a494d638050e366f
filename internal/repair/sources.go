package repair

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// sources are the files of a configuration.
type sources struct {
	main  string
	texts map[string]string            // by the name that tokens have
	raw   map[string][]caddyfile.Token // before anything was filled in
	outer map[string][]outermost       // the blocks that stand in no other
}

// readSources reads a Caddyfile and the files that it imports.
func readSources(main string, body []byte) *sources {
	src := &sources{main: main, texts: map[string]string{}, raw: map[string][]caddyfile.Token{}, outer: map[string][]outermost{}}
	src.add(main, body)
	return src
}

func (src *sources) add(name string, body []byte) {
	src.texts[name] = string(body)
	tokens, err := caddyfile.Tokenize(body, name)
	if err != nil {
		return
	}
	src.raw[name], src.outer[name] = tokens, outermosts(tokens)
	for i := 0; i+1 < len(tokens); i++ {
		if tokens[i].Text != "import" || tokens[i+1].Line != tokens[i].Line {
			continue
		}
		pattern := tokens[i+1].Text
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(filepath.Dir(name), pattern)
		}
		files, _ := filepath.Glob(pattern) // a bad pattern is Caddy's to refuse
		for _, f := range files {
			abs, err := filepath.Abs(f)
			if _, seen := src.texts[abs]; err != nil || seen {
				continue
			}
			if text, err := os.ReadFile(abs); err == nil { //nolint:gosec // what Caddy itself imports
				src.add(abs, text)
			}
		}
	}
}

// rawWords are the words of a line as they stand in the file, if they are as
// many as the parsed ones.
func (src *sources) rawWords(file string, line, count int) (words []string) {
	for _, t := range src.raw[file] {
		if t.Line == line && (t.Text != "{" || t.Quoted()) {
			words = append(words, t.Text)
		}
	}
	if len(words) != count {
		return nil
	}
	return words
}

// spelling is a claim as the words of a site spell it where something is to be
// written: with the placeholders of a snippet, which mean something only there, and
// with variables.
func (src *sources) spelling(c claim, s *site, at *node) (word string) {
	word = c.value
	all(s.nodes, func(n *node) {
		for i, w := range n.words {
			if w = filled(w); (w == c.value || w == "~"+c.value) && src.snippet(n) == src.snippet(at) {
				word = strings.TrimPrefix(n.rawWord(i), "~")
			}
		}
	})
	return word
}

// outermost is a block of a file that stands in no other: a site, a snippet, a
// named route.
type outermost struct {
	name        string // the word in front of its brace: (name) of a snippet
	first, last int
}

// around is the outermost block that a line stands in.
func (src *sources) around(file string, line int) outermost {
	list := src.outer[file]
	i, _ := slices.BinarySearchFunc(list, line, func(b outermost, line int) int { return b.last - line })
	if i == len(list) || line < list[i].first {
		return outermost{}
	}
	return list[i]
}

// outermosts are the blocks of a file, in its order.
func outermosts(tokens []caddyfile.Token) (list []outermost) {
	depth, open := 0, 0
	for i, t := range tokens {
		switch {
		case t.Quoted():
		case t.Text == "{":
			if depth == 0 {
				open = i
			}
			depth++
		case t.Text == "}":
			if depth--; depth == 0 && open > 0 {
				list = append(list, outermost{tokens[open-1].Text, tokens[open-1].Line, t.Line})
			}
		}
	}
	return list
}

// snippet names the snippet that a line stands in. Placeholders for arguments
// mean something only there.
func (src *sources) snippet(n *node) string { return src.around(n.file, n.first).name }

// imports are the lines in a block, or in a whole file, that import a snippet.
func (src *sources) imports(file, snippet string, within outermost) (list []*node) {
	tokens := src.raw[file]
	if !strings.HasPrefix(snippet, "(") {
		return nil
	}
	for i, t := range tokens[:max(0, len(tokens)-1)] {
		if t.Text == "import" && "("+tokens[i+1].Text+")" == snippet && within.first <= t.Line && t.Line <= within.last {
			list = append(list, &node{file: file, first: t.Line, last: t.Line})
		}
	}
	return list
}

// spent are the definitions of snippets that nothing is left of after some
// edits, and what imports them.
func (src *sources) spent(list []edit) (more []edit) {
	for _, e := range list {
		def := src.around(e.file, e.first)
		if !strings.HasPrefix(def.name, "(") || !src.isSpent(e.file, def, list) {
			continue
		}
		more = append(more, edit{file: e.file, first: def.first, last: def.last})
		for file := range src.raw {
			for _, n := range src.imports(file, def.name, outermost{last: math.MaxInt}) {
				more = append(more, edit{file: file, first: n.first, last: n.last})
			}
		}
	}
	return more
}

// isSpent reports whether edits leave nothing between the braces of a block.
func (src *sources) isSpent(file string, b outermost, list []edit) bool {
	for i := b.first + 1; i < b.last; i++ {
		gone, put := strings.TrimSpace(src.line(file, i)) == "", false
		for _, e := range list {
			gone = gone || e.file == file && e.first <= i && i <= e.last
			put = put || e.file == file && e.first == i && len(e.with) > 0
		}
		if put || !gone {
			return false
		}
	}
	return true
}

// line is one line of a file.
func (src *sources) line(file string, number int) string {
	lines := strings.Split(src.texts[file], "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	return strings.TrimSuffix(lines[number-1], "\r")
}

// comments are those in the lines of a node. They outlive it: only their author
// knows whether they are about CORS.
func (src *sources) comments(n *node) (list []string) {
	for i := n.first; i <= n.last; i++ {
		isWord := slices.ContainsFunc(src.raw[n.file], func(t caddyfile.Token) bool {
			return t.Line <= i && i <= t.Line+t.NumLineBreaks() && strings.Contains(t.Text, "#")
		})
		if _, text, ok := strings.Cut(src.line(n.file, i), "#"); ok && !isWord {
			list = append(list, src.indented([]string{"#" + strings.TrimRight(text, " \t\r")}, n)...)
		}
	}
	return list
}
