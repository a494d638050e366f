package origin

// registrable are public suffixes under which everybody registers names. An
// expression is searched for strangers under all of them: top-level domains of
// two to six letters, registries with two labels, and hosts of other people's
// pages. TestRegistrable checks each against the public suffix list. Suffixes
// that an expression itself spells out are searched as well: see spelledSuffixes.
var registrable = []string{
	"com", "net", "org", "io", "dev", "app", "co", "de", "fr", "eu", "us", "uk", "me", "ai", "in", "jp", "nl", "info", "biz",
	"xyz", "site", "shop", "tech", "cloud", "store", "click", "online",
	"co.uk", "org.uk", "com.au", "co.jp", "com.br", "co.nz", "co.in", "com.cn", "co.za", "com.mx",
	"github.io", "gitlab.io", "netlify.app", "vercel.app", "pages.dev", "workers.dev", "web.app", "firebaseapp.com",
	"herokuapp.com", "azurewebsites.net", "onrender.com", "fly.dev", "s3.amazonaws.com", "cloudfront.net",
}

// trie holds suffixes, so that one search looks under all of them.
type trie struct{ nodes []trieNode }

type trieNode struct {
	next         map[byte]uint16
	isEnd, icann bool
}

func (t *trie) add(suffix string) {
	_, icann, ok := suffixAt(suffix)
	if !ok {
		return
	}
	at := uint16(0)
	for i := range len(suffix) {
		child, ok := t.nodes[at].next[suffix[i]]
		if !ok {
			child = uint16(len(t.nodes)) //nolint:gosec // a few dozen suffixes of up to 253 bytes
			t.nodes = append(t.nodes, trieNode{next: make(map[byte]uint16)})
			t.nodes[at].next[suffix[i]] = child
		}
		at = child
	}
	t.nodes[at].isEnd, t.nodes[at].icann = true, icann
}

func newTrie(lists ...[]string) *trie {
	t := &trie{nodes: []trieNode{{next: make(map[byte]uint16)}}}
	for _, list := range lists {
		for _, suffix := range list {
			t.add(suffix)
			t.add(suffix + ".")
		}
	}
	return t
}
