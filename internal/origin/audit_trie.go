package origin

// trie holds suffixes, so that one search looks under all of them.
type trie struct {
	nodes []trieNode
	full  bool
}

type trieNode struct {
	next         map[byte]uint16
	isEnd, icann bool
}

// maxTrie bounds a trie: a node's number has 16 bits.
const maxTrie = 60_000

// newTrie builds a trie of those of the names that are suffixes.
func newTrie(names []string) *trie {
	t := &trie{nodes: []trieNode{{}}}
	for _, name := range names {
		t.add(name)
	}
	return t
}

func (t *trie) add(suffix string) {
	_, icann, ok := suffixAt(suffix)
	if !ok {
		return
	}
	t.insert(suffix, icann)
	t.insert(suffix+".", icann)
}

func (t *trie) insert(text string, icann bool) {
	if t.full = t.full || len(t.nodes)+len(text) > maxTrie; t.full {
		return
	}
	at := uint16(0)
	for i := range len(text) {
		child, ok := t.nodes[at].next[text[i]]
		if !ok {
			child = uint16(len(t.nodes)) //nolint:gosec // fewer than maxTrie
			t.nodes = append(t.nodes, trieNode{})
			if t.nodes[at].next == nil {
				t.nodes[at].next = make(map[byte]uint16, 1)
			}
			t.nodes[at].next[text[i]] = child
		}
		at = child
	}
	t.nodes[at].isEnd, t.nodes[at].icann = true, icann
}
