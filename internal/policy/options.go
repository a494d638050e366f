package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options is what an operator wrote, with placeholders filled in and lists
// split: the input of Compile. Every value remembers where it stands, so that
// a complaint can point there.
type Options struct {
	Origins   []Item
	Regexps   []Item
	Except    []Item
	Dangerous []Item

	Permissions PermissionOptions
	For         []ForOptions

	Sources    int // how many there are
	Enforce    []Item
	ReportOnly bool

	PreflightStatus int  // 0: the default
	Preflight       Item // "": the default
	Upstream        Item // "": the default
	Timing          bool

	// Unknown says that some origins cannot be known yet (a placeholder that is
	// filled in later), so their absence proves nothing.
	Unknown bool
}

// PermissionOptions are the options that a `for` can change.
type PermissionOptions struct {
	Credentials *bool // nil: not said
	Methods     List
	Headers     List
	Expose      List
	MaxAge      *time.Duration // nil: not said; negative: no header
	MaxAgeAt    Location
}

// ForOptions is one `for`.
type ForOptions struct {
	At          Location
	Origins     []Item
	Permissions PermissionOptions
}

func (r PermissionOptions) withCredentials() bool { return r.Credentials != nil && *r.Credentials }

// inherit takes from the policy what a `for` does not say.
func (r PermissionOptions) inherit(from PermissionOptions) PermissionOptions {
	if r.Credentials == nil {
		r.Credentials = from.Credentials
	}
	if !r.Methods.Set {
		r.Methods = from.Methods
	}
	if !r.Headers.Set {
		r.Headers = from.Headers
	}
	if !r.Expose.Set {
		r.Expose = from.Expose
	}
	if r.MaxAge == nil {
		r.MaxAge, r.MaxAgeAt = from.MaxAge, from.MaxAgeAt
	}
	return r
}

// List is a list that has a default, so that empty and absent differ.
type List struct {
	Set   bool
	Items []Item
}

// Item is one value and where it was written.
type Item struct {
	Text string
	At   Location
}

// Location names the place of a value by its option and its index there, as in
// JSON.
type Location struct {
	Option string
	Index  int
}

// Problem is something wrong with the options: a mistake, or a warning where
// the policy does what it says but perhaps not what was meant.
type Problem struct {
	At      Location
	Warning bool
	Text    string
}

// Problems collects all that is wrong, so that nobody has to fix a
// configuration one error at a time.
type Problems []Problem

// Mistake adds what makes the options unusable.
func (p *Problems) Mistake(at Location, format string, args ...any) {
	*p = append(*p, Problem{At: at, Text: fmt.Sprintf(format, args...)})
}

// Warn adds what is perhaps not meant.
func (p *Problems) Warn(at Location, format string, args ...any) {
	*p = append(*p, Problem{At: at, Warning: true, Text: fmt.Sprintf(format, args...)})
}

// Mistakes returns those that are no warnings.
func (p Problems) Mistakes() Problems { return p.only(false) }

// Warnings returns those that are.
func (p Problems) Warnings() Problems { return p.only(true) }

func (p Problems) only(warnings bool) Problems {
	return slices.DeleteFunc(slices.Clone(p), func(q Problem) bool { return q.Warning != warnings })
}

// once drops what was found before: inherited options are judged again in
// every `for`.
func (p Problems) once() Problems {
	seen := make(map[Problem]struct{}, len(p))
	return slices.DeleteFunc(p, func(q Problem) bool {
		_, twice := seen[q]
		seen[q] = struct{}{}
		return twice
	})
}

// Err joins the mistakes, each on a line of its own; nil where there are none.
func (p Problems) Err() error {
	mistakes := p.Mistakes()
	errs := make([]error, len(mistakes))
	for i, q := range mistakes {
		errs[i] = errors.New(q.Text)
	}
	return errors.Join(errs...)
}

// SortBy sorts problems by a position that the caller knows for each location.
func (p Problems) SortBy(position func(Location) int) {
	slices.SortStableFunc(p, func(a, b Problem) int { return cmp.Compare(position(a.At), position(b.At)) })
}

// SplitList splits a list value on white space and on commas, so that one
// environment variable can carry several values.
func SplitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(Separators, r) })
}

// Separators are the bytes between the values of a list.
const Separators = ", \t\n\r"

// DidYouMean returns the word of the list that is nearest to s, or "".
func DidYouMean(s string, words []string) string {
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
