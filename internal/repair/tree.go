package repair

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// node is one line of a Caddyfile, imports resolved, with the block behind it.
type node struct {
	words    []string // without the brace; snippet arguments are filled in
	raw      []string // the same as they stand in the file, or nil
	children []*node
	parent   *node // nil: a directive of the site
	block    bool
	file     string
	first    int
	last     int
	braced   bool // both braces are in this file, whose text is known
}

// site is a server block or a named route.
type site struct {
	keys  []string
	named bool
	at    *node // where it begins; nil in JSON
	nodes []*node

	bases []string // addresses, once they are known

	policies []*policy

	lines []*line // of a configuration in JSON, which has no nodes

	used map[string]int // by words
}

// sitesOf takes the parsed blocks apart. The global options are no site.
func sitesOf(blocks []caddyfile.ServerBlock, src *sources) (sites []*site) {
	for _, b := range blocks {
		if len(b.Keys) == 0 {
			continue
		}
		s := &site{keys: b.GetKeysText(), named: b.IsNamedRoute, at: &node{file: b.Keys[0].File, first: b.Keys[0].Line}}
		for _, segment := range b.Segments {
			if b.IsNamedRoute { // its braces are in the segment, and its name is not
				segment = append(caddyfile.Segment{b.Keys[0]}, segment...)
				s.nodes = append(s.nodes, src.node(segment, nil).children...)
				continue
			}
			s.nodes = append(s.nodes, src.node(segment, nil))
		}
		for _, n := range s.nodes {
			n.parent = nil
		}
		sites = append(sites, s)
	}
	return sites
}

// node reads one directive or option.
func (src *sources) node(s caddyfile.Segment, parent *node) *node {
	d := caddyfile.NewDispenser(s)
	d.Next()
	n := &node{words: []string{d.Val()}, parent: parent, file: s[0].File, first: s[0].Line}
	for d.NextArg() {
		if n.words[len(n.words)-1] == "expression" && d.CountRemainingArgs() > 0 { // as Caddy joins them
			n.words = append(n.words, strings.Join(append([]string{d.ValRaw()}, d.RemainingArgsRaw()...), " "))
			break
		}
		n.words = append(n.words, d.Val())
	}
	n.raw = src.rawWords(n.file, n.first, len(n.words))
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		n.children = append(n.children, src.node(d.NextSegment(), n))
	}
	end := s[len(s)-1]
	n.last = end.Line + end.NumLineBreaks()
	n.block = len(s) > len(n.words)
	n.braced = end.File == n.file && n.last >= n.first && src.texts[n.file] != ""
	return n
}

func (n *node) name() string { return n.words[0] }

// matcher is the word that chooses requests, if there is one.
func (n *node) matcher() string {
	if len(n.words) > 1 {
		if w := n.words[1]; w == "*" || strings.HasPrefix(w, "/") || strings.HasPrefix(w, "@") {
			return w
		}
	}
	return ""
}

// args are the words behind the name and the matcher.
func (n *node) args() []string {
	if n.matcher() != "" {
		return n.words[2:]
	}
	return n.words[1:]
}

// rawWord is a word as it stands in the file: a snippet's placeholder, say. Where
// that is not known it is the value.
func (n *node) rawWord(i int) string {
	if n.raw == nil {
		return n.words[i]
	}
	return n.raw[i]
}

// ancestors are the blocks around a node, outermost first.
func (n *node) ancestors() (chain []*node) {
	for p := n.parent; p != nil; p = p.parent {
		chain = append(chain, p)
	}
	slices.Reverse(chain)
	return chain
}

// all visits nodes and what is in their blocks.
func all(nodes []*node, visit func(*node)) {
	for _, n := range nodes {
		visit(n)
		all(n.children, visit)
	}
}

// sorted are nodes in the order of the text.
func sorted(nodes map[*node]bool) []*node {
	return slices.SortedFunc(maps.Keys(nodes), func(a, b *node) int {
		return cmp.Or(strings.Compare(a.file, b.file), a.first-b.first)
	})
}

// invokes reports whether a site runs a named route.
func (s *site) invokes() (does bool) {
	all(s.nodes, func(n *node) { does = does || n.name() == "invoke" })
	return does
}
