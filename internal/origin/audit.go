package origin

import (
	"regexp/syntax"
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
	// FoundTooLarge: the search did not end, so there may be a stranger. It counts
	// as FoundStranger.
	FoundTooLarge
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

// maxTests bounds all searches of one audit together. A test costs about a tenth
// of a microsecond, and everyday expressions need some ten thousand.
const maxTests = 3_000_000

// Budget bounds the audits of several expressions together. Its zero value is no
// budget.
type Budget struct{ left int }

// NewBudget returns one for all expressions of a policy: as much as the two largest
// may use, or several hundred everyday ones.
func NewBudget() *Budget { return &Budget{2 * maxTests} }

// audit is one run of Audit.
type audit struct {
	budget int // tests that are left
}

// Audit searches the expression for origins that it should not match, and for
// parts of it that match none. Every search is of the product of the expression
// with an automaton of origins, so it is exact as far as it goes, and together
// they are bounded.
func (r *Regexp) Audit() []Finding { return r.AuditWithin(NewBudget()) }

// AuditWithin is Audit for one of several expressions.
func (r *Regexp) AuditWithin(b *Budget) []Finding {
	start := min(maxTests, b.left)
	a := &audit{budget: start}
	defer func() { b.left -= start - a.budget }()
	if dead := a.isDead(r.expr); dead {
		return []Finding{a.whyDead(r.expr)}
	}
	found := a.intruders(r)
	return append(found, a.deadBranches(r.expr)...)
}

// intruders finds who else gets in: only the gravest kind is reported, as the
// cure for it is what changes the others.
func (a *audit) intruders(r *Regexp) []Finding {
	const cure = "end it with your own domain"
	if stranger := a.findStranger(r); stranger != "" {
		return []Finding{newIntruder(FoundStranger, stranger, cure)}
	}
	ways, all := a.ways(r)
	if example, found := a.find(ways, goalStranger); found {
		return []Finding{newIntruder(FoundStranger, example, cure)}
	}
	if !all { // what was searched has no stranger
		return []Finding{newIntruder(FoundStranger, tooLarge, cure)}
	}
	if example, found := a.findApp(ways); found {
		return []Finding{newIntruder(FoundStranger, example, "name each app or extension by itself; "+
			"Firefox draws an id for every installation, so give that extension host permissions for the site, which need no CORS")}
	}
	if example, found := a.findAddress(ways); found {
		return []Finding{newIntruder(FoundStranger, example, "name the network in front, or a domain")}
	}
	if example, found := a.find(ways, goalLookalike); found {
		if mended := a.mend(r); mended != "" {
			f := newIntruder(FoundLookalike, example, "write "+QuoteRegexp(mended))
			f.Mended = mended
			return []Finding{f}
		}
		// As https://shop-*.com would be an error, too.
		return []Finding{newIntruder(FoundStranger, example, cure)}
	}
	unlisted, isShared := a.countNames(ways)
	if unlisted != "" && !isShared {
		return []Finding{newIntruder(FoundStranger, unlisted, cure)}
	}
	example, found := a.find(ways, goalShared)
	if !found {
		example = unlisted
	}
	if example == "" {
		return nil
	}
	return []Finding{newIntruder(FoundShared, example, "use a domain of your own")}
}

func newIntruder(kind FindingKind, example, cure string) Finding {
	if example == tooLarge {
		return Finding{Kind: FoundTooLarge, Cure: "list its origins, or patterns like https://*.example.com, under origins instead"}
	}
	f := Finding{Kind: kind, Example: example, Cure: cure}
	if o, ok := Parse(example); ok {
		f.Suffix = publicSuffix(o.Host())
	}
	return f
}

// ways is what the searches for intruders go through.
type ways struct {
	r        *Regexp
	prog     *syntax.Prog // says who chooses a byte: see compileChoices
	suffixes []*trie
}

// ways prepares r for the searches. All means that they see all of its suffixes.
func (a *audit) ways(r *Regexp) (w ways, all bool) {
	prog, err := a.compileChoices(r.whole.String())
	if err != nil {
		return ways{}, false
	}
	suffixes, all := a.suffixesOf(r)
	return ways{r, prog, suffixes}, all
}

// find returns an origin of the kind. What could not be searched to the end counts
// as found.
func (a *audit) find(w ways, kind goalKind) (example string, found bool) {
	for _, suffixes := range w.suffixes {
		for _, scheme := range schemes {
			s := a.newSearch(w.prog, scheme, &goal{kind, suffixes})
			witness := s.run(w.r.matchesText)
			switch {
			case s.tooMuch && !found:
				return tooLarge, true
			case witness != "":
				example, found = witness, true // one with a scheme is better to read
			}
			if !found || witness != "" && scheme != "" {
				break
			}
		}
		if found {
			return example, true
		}
	}
	return "", false
}
