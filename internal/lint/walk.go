package lint

import "slices"

// probe is a made-up request.
type probe struct {
	method, path, host, origin string
	pathUnknown                bool
	preflight                  bool
}

// trip is the way of a probe through a site.
type trip struct {
	probe  probe
	steps  []step
	answer *node // who certainly answers; nil: nobody
	unsure *node // who perhaps answers before that
}

// step is a handler that a probe meets, certainly or perhaps.
type step struct {
	node *node
	sure bool
}

// walker sends a probe through a tree.
type walker struct {
	trip
	via     map[*node]bool   // nodes whose matchers count as met, if they can be
	skip    func(*node) bool // nodes that let everything pass
	sure    bool
	through bool // nobody answers
}

// send sends a probe. The matchers on the way to via that cannot be told count
// as met: what is asked is what happens to requests that get there.
func send(routes []*node, p probe, via *node, skip func(*node) bool) *trip {
	return newWalker(p, via, skip).run(routes)
}

// sendThrough sends a probe past everybody who would answer it.
func sendThrough(routes []*node, p probe, via *node) *trip {
	w := newWalker(p, via, nil)
	w.through = true
	return w.run(routes)
}

func newWalker(p probe, via *node, skip func(*node) bool) *walker {
	w := &walker{via: make(map[*node]bool), skip: skip, sure: true}
	w.probe = p
	for _, n := range via.chain() {
		w.via[n] = true
	}
	return w
}

func (w *walker) run(routes []*node) *trip {
	p := w.probe
	w.walk(routes)
	w.probe = p
	return &w.trip
}

// walk reports whether the chain ends in these nodes.
func (w *walker) walk(nodes []*node) (ends bool) {
	taken := make(map[string]bool)
	for i, n := range nodes {
		v := n.match.eval(&w.probe)
		if v == perhaps && w.via[n] {
			v = yes
		}
		if v == no || n.set != "" && (taken[n.set] || v == perhaps && w.later(nodes[i+1:], n.set)) {
			continue
		}
		taken[n.set] = v == yes
		if w.visit(n, w.sure && v == yes) {
			return true
		}
	}
	return false
}

// later tells whether the way leads through a later node of a set.
func (w *walker) later(nodes []*node, set string) bool {
	for _, n := range nodes {
		if n.set == set && w.via[n] {
			return true
		}
	}
	return false
}

func (w *walker) visit(n *node, sure bool) (ends bool) {
	w.steps = append(w.steps, step{n, sure})
	switch n.kind {
	case rewrite:
		w.rewrite(n, sure)
	case group:
		outer := w.sure
		w.sure = sure
		ends = w.walk(n.children)
		w.sure = outer
		return sure && (ends || n.terminal)
	default: // asked below whether it answers
	}
	if w.through || w.skip != nil && w.skip(n) || !n.answers(&w.probe) {
		return false
	}
	if sure {
		w.answer = n
	} else if w.unsure == nil {
		w.unsure = n
	}
	return sure
}

func (w *walker) rewrite(n *node, sure bool) {
	prefix := n.stripPrefix
	if prefix != "" && sure && !w.probe.pathUnknown {
		if len(w.probe.path) >= len(prefix) && w.probe.path[:len(prefix)] == prefix {
			w.probe.path = w.probe.path[len(prefix):]
		}
		return
	}
	w.probe.pathUnknown = true
}

// answers tells whether a handler answers a request instead of passing it on.
func (n *node) answers(p *probe) bool {
	switch n.kind {
	case policy:
		return p.preflight && !n.cors.forward && !n.cors.reportOnly
	case auth:
		return p.preflight // everybody else is taken to have credentials
	case respond, redirect, fail, proxy, files:
		return true
	default:
		return false
	}
}

// meets tells whether the trip leads to a node, and how sure that is.
func (t *trip) meets(n *node) (sure, met bool) {
	i := t.index(n)
	return i >= 0 && t.steps[i].sure, i >= 0
}

func (t *trip) index(n *node) int {
	for i, s := range t.steps {
		if s.node == n {
			return i
		}
	}
	return -1
}

// first returns the first node of a kind that the trip certainly meets.
func (t *trip) first(k kind) *node {
	for _, s := range t.steps {
		if s.sure && s.node.kind == k {
			return s.node
		}
	}
	return nil
}

// sent returns the values that a header has when the answer leaves: what was
// set on the way, what the upstream's answer adds to it, and what was deferred,
// the outermost last.
func (t *trip) sent(name string) []applied {
	var values []applied
	for _, s := range t.steps {
		for _, o := range s.node.ops {
			if s.node.kind != proxy && !o.deferred {
				values = o.on(values, name, s.node, s.sure)
			}
		}
	}
	if t.answer != nil && t.answer.kind == proxy {
		var down []applied
		for _, o := range t.answer.ops {
			down = o.on(down, name, t.answer, true)
		}
		values = append(values, down...)
	}
	for _, s := range slices.Backward(t.steps) {
		for _, o := range s.node.ops {
			if s.node.kind != proxy && o.deferred {
				values = o.on(values, name, s.node, s.sure)
			}
		}
	}
	return values
}

// sends tells whether a header may leave with a value that meets a condition.
func (t *trip) sends(name string, meets func(value string) bool) (op *op, sure bool) {
	for _, v := range t.sent(name) {
		if meets(v.op.value) && (op == nil || v.sure) {
			op, sure = v.op, v.sure
		}
	}
	return op, sure
}
