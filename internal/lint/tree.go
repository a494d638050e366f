package lint

import "fmt"

// site is a chain of handlers that requests go through.
type site struct {
	name   string // its addresses
	routes []*node
	errors []*node // the chain of handle_errors
}

// kind is what a handler does, as far as CORS is concerned.
type kind uint8

const (
	pass     kind = iota // looks at the request and passes it on: encode, vars, …
	group                // handle, route, subroute: has children
	header               // header: has ops
	policy               // cors
	auth                 // refuses what has no credentials, and a preflight never has
	respond              // answers by itself
	redirect             // answers with a Location
	fail                 // error
	proxy                // reverse_proxy, php_fastcgi: may have ops
	files                // file_server: 405 for OPTIONS
	rewrite              // changes the path
	mapping              // map
)

// node is one handler, or a group of them.
type node struct {
	kind  kind
	name  string // as it is written
	at    place
	last  int // the line where it ends
	match matcher
	// matchWord is the matcher as it is written after the name.
	matchWord string

	parent   *node
	children []*node
	// set is the name of a set of siblings of which only the first that
	// matches runs, or "".
	set string
	// terminal routes end the chain, even if nothing in them answers.
	terminal bool

	ops         []*op
	status      int // of respond
	stripPrefix string
	mapping     *mapTable
	cors        *corsOptions
}

// place is where something stands: a line of a file, or a path in JSON.
type place struct {
	file string
	line int
	path string
	// imported: the file is not the one that was asked about.
	imported bool
}

func (p place) String() string {
	if p.path != "" {
		return p.path
	}
	if p.imported {
		return fmt.Sprintf("line %d of %s", p.line, p.file)
	}
	return fmt.Sprintf("line %d", p.line)
}

// corsOptions are the options of a cors handler that matter to its neighbours.
type corsOptions struct {
	keep, forward, reportOnly bool
	credentials               bool // all of its pages may send cookies
	// static: `*` and nothing that depends on the origin, so no Vary either.
	static  bool
	regexps []originRegexp
	// lines is the directive as it could stand elsewhere, without its matcher.
	words []string
	block []string
}

// originRegexp is an expression of origin_regexp, which is always matched
// against the whole origin.
type originRegexp struct {
	at   place
	expr string
}

// mapTable is what the map handler does to the request's Origin.
type mapTable struct {
	inputs   []test // conditions on Origin that give an output
	targets  []string
	fallback string
}

// chain is the way to a node, outermost first, and the node itself.
func (n *node) chain() []*node {
	if n == nil {
		return nil
	}
	return append(n.parent.chain(), n)
}

// all visits the nodes and everything below them.
func all(nodes []*node, visit func(*node)) {
	for _, n := range nodes {
		visit(n)
		all(n.children, visit)
	}
}

// adopt sets the parents of a tree.
func adopt(parent *node, nodes []*node) []*node {
	for _, n := range nodes {
		n.parent = parent
		adopt(n, n.children)
	}
	return nodes
}
