package origin

import (
	"regexp/syntax"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// FindingKind says what is wrong with an expression.
type FindingKind uint8

// The kinds of findings, the gravest first.
const (
	// FoundDead: no origin that a browser sends matches. An error.
	FoundDead FindingKind = iota
	// FoundStranger: whoever registers a name of his choice matches. It needs
	// any_origin_regexp, and is always an error with credentials.
	FoundStranger
	// FoundLookalike: a name that resembles the one meant matches, and anybody
	// can register it. An error with credentials, else a warning.
	FoundLookalike
	// FoundShared: strangers can take a name that fits below a suffix that they
	// share with the writer, as with https://*-shop.netlify.app. It needs
	// public_suffixes with credentials, and is a warning without.
	FoundShared
	// FoundDeadBranch: one side of an alternation matches no origin. A warning.
	FoundDeadBranch
)

// Finding is one result of an audit.
type Finding struct {
	Kind    FindingKind
	Example string // an origin that matches though it should not; of a dead expression, a text that it is made for
	Suffix  string // the public suffix below which Example can be had, if any
	Mended  string // FoundLookalike: the expression as it was meant
	Part    string // FoundDeadBranch: the branch
	Problem string // FoundDead and FoundDeadBranch: why, to be put after Example
	Cure    string
}

// maxAuditTests bounds all searches of one audit together, beside the one for
// names under .invalid. It is used up in about a second; everyday
// expressions need a hundredth.
const maxAuditTests = 4_000_000

// audit is one run of Audit.
type audit struct {
	budget int
	// suffixes are those that everybody knows and those that the expression spells.
	suffixes *trie
}

// Audit searches the expression for origins that it should not match, and for
// parts of it that match none. Every search is of the product of the expression
// with an automaton of origins, so it is exact as far as it goes, and together
// they are bounded: an expression too large to search has a stranger.
func (r *Regexp) Audit() []Finding {
	a := &audit{budget: maxAuditTests}
	if dead := a.isDead(r.expr); dead {
		return []Finding{a.whyDead(r.expr)}
	}
	a.suffixes = newTrie(registrable, spelledSuffixes(r.expr))
	found := a.intruders(r)
	return append(found, a.deadBranches(r.expr)...)
}

// intruders finds who else gets in: only the gravest kind is reported, as the
// cure for it is what changes the others.
func (a *audit) intruders(r *Regexp) []Finding {
	const cure = "end it with your own domain"
	if r.stranger != "" {
		return []Finding{{Kind: FoundStranger, Example: r.stranger, Cure: cure}}
	}
	if example, found := a.find(r, goalStranger); found {
		return []Finding{newIntruder(FoundStranger, example, cure)}
	}
	if example, found := a.find(r, goalLookalike); found {
		if mended := a.mend(r); mended != "" {
			f := newIntruder(FoundLookalike, example, "write "+mended)
			f.Mended = mended
			return []Finding{f}
		}
		// As https://shop-*.com would be an error, too.
		return []Finding{newIntruder(FoundStranger, example, cure)}
	}
	if example, found := a.find(r, goalShared); found {
		return []Finding{newIntruder(FoundShared, example, "use a domain of your own")}
	}
	return nil
}

func newIntruder(kind FindingKind, example, cure string) Finding {
	f := Finding{Kind: kind, Example: example, Cure: cure}
	if o, ok := Parse(example); ok {
		f.Suffix, _ = publicsuffix.PublicSuffix(strings.TrimSuffix(o.Host(), "."))
	}
	return f
}

// find returns an origin of the kind that r matches. What could not be searched
// to the end counts as found.
func (a *audit) find(r *Regexp, kind goalKind) (example string, found bool) {
	prog, err := compileProg(r.whole.String())
	if err != nil {
		return tooLarge, true
	}
	for _, scheme := range []string{"", "https", "http"} {
		s := newSearch(prog, scheme, a.goal(prog, kind))
		switch witness := s.run(r.matchesText); {
		case scheme == "" && witness == "":
			return tooLarge, s.tooMuch
		case witness != "" && scheme != "":
			return witness, true
		case witness != "":
			example = witness // an https one is better to read
		}
	}
	return example, true
}

func (a *audit) goal(prog *syntax.Prog, kind goalKind) *goal {
	return &goal{kind: kind, free: freeBytes(prog), budget: &a.budget, suffixes: a.suffixes}
}

// spelledSuffixes returns the public suffixes of what the expression spells out,
// with its dots read as dots.
func spelledSuffixes(expr string) []string {
	texts, _ := Samples(escapeDots(expr))
	suffixes := make([]string, 0, len(texts))
	for _, text := range texts {
		_, host, _ := strings.Cut(text, schemeSep)
		host, _, _ = strings.Cut(host, ":")
		suffix, _ := publicsuffix.PublicSuffix(strings.Trim(host, "."))
		suffixes = append(suffixes, suffix)
		if _, parent, ok := strings.Cut(suffix, "."); ok {
			suffixes = append(suffixes, parent)
		}
	}
	return suffixes
}
