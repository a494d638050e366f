package cors

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// options is what an operator wrote, with placeholders filled in and lists
// split: the input of compile. Every value remembers where it stands, so that
// a complaint can point there.
type options struct {
	origins   []item
	regexps   []item
	except    []item
	dangerous []item

	rights rights
	fors   []forOptions

	sources    int // how many there are
	enforce    []item
	reportOnly bool

	preflightStatus int  // 0: the default
	preflight       item // "": the default
	upstream        item // "": the default
	timing          bool

	// unknown: some origins cannot be known yet (a placeholder that is filled
	// in later), so their absence proves nothing.
	unknown bool
}

// rights are the options that a `for` can change.
type rights struct {
	credentials *bool // nil: not said
	methods     list
	headers     list
	expose      list
	maxAge      *time.Duration // nil: not said; negative: no header
	maxAgeFrom  source
}

// forOptions is one `for`.
type forOptions struct {
	from    source
	origins []item
	rights  rights
}

func (r rights) withCredentials() bool { return r.credentials != nil && *r.credentials }

// inherit takes from the policy what a `for` does not say.
func (r rights) inherit(from rights) rights {
	if r.credentials == nil {
		r.credentials = from.credentials
	}
	if !r.methods.set {
		r.methods = from.methods
	}
	if !r.headers.set {
		r.headers = from.headers
	}
	if !r.expose.set {
		r.expose = from.expose
	}
	if r.maxAge == nil {
		r.maxAge, r.maxAgeFrom = from.maxAge, from.maxAgeFrom
	}
	return r
}

// list is a list that has a default, so that empty and absent differ.
type list struct {
	set   bool
	items []item
}

// item is one value and where it was written.
type item struct {
	text string
	from source
}

// source names a value by its option and its place in it, as in JSON.
type source struct {
	option string
	index  int
}

// problem is something wrong with the options: a mistake, or a warning where
// the policy does what it says but perhaps not what was meant.
type problem struct {
	from    source
	warning bool
	text    string
}

// problems collects all that is wrong, so that nobody has to fix a
// configuration one error at a time.
type problems []problem

func (p *problems) mistake(from source, format string, args ...any) {
	*p = append(*p, problem{from: from, text: fmt.Sprintf(format, args...)})
}

func (p *problems) warn(from source, format string, args ...any) {
	*p = append(*p, problem{from: from, warning: true, text: fmt.Sprintf(format, args...)})
}

func (p problems) mistakes() problems { return p.only(false) }
func (p problems) warnings() problems { return p.only(true) }

func (p problems) only(warnings bool) problems {
	return slices.DeleteFunc(slices.Clone(p), func(q problem) bool { return q.warning != warnings })
}

// once drops what was found before: inherited options are judged again in
// every `for`.
func (p problems) once() problems {
	seen := make(map[problem]struct{}, len(p))
	return slices.DeleteFunc(p, func(q problem) bool {
		_, twice := seen[q]
		seen[q] = struct{}{}
		return twice
	})
}

// err joins the mistakes, each on a line of its own.
func (p problems) err() error {
	mistakes := p.mistakes()
	errs := make([]error, len(mistakes))
	for i, q := range mistakes {
		errs[i] = errors.New(q.text)
	}
	return errors.Join(errs...)
}

// splitList splits a list value on white space and on commas, so that one
// environment variable can carry several values.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) })
}

const separators = ", \t\n\r"

// didYouMean returns the word of the list that is nearest to s, or "".
func didYouMean(s string, words []string) string {
	best, distance := "", len(s)/3+1
	for _, w := range words {
		if d := editDistance(strings.ToLower(s), w); d < distance || d == distance && best == "" {
			best, distance = w, d
		}
	}
	return best
}

// editDistance is the Levenshtein distance.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// orderOf sorts problems by a position that the caller knows for each source.
func (p problems) sortBy(position func(source) int) {
	slices.SortStableFunc(p, func(a, b problem) int { return cmp.Compare(position(a.from), position(b.from)) })
}
