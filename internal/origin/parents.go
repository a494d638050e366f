package origin

import (
	_ "embed" // for the table
	"strings"
	"sync"
)

// The table of domains that have public suffixes below them, each with the
// shortest of those: "amazonaws.com s3.amazonaws.com". It comes from the public
// suffix list (https://publicsuffix.org, Mozilla Public License 2.0), because
// golang.org/x/net/publicsuffix cannot be asked what is below a name. To renew
// it after an update of golang.org/x/net, install Debian's package publicsuffix
// and run go generate in this directory. TestSuffixParents checks every line
// against golang.org/x/net/publicsuffix.
//
//go:generate go run ./gensuffixes /usr/share/publicsuffix/public_suffix_list.dat suffix_parents.txt
//go:embed suffix_parents.txt
var suffixParentsText string

// suffixParents is built when the first pattern with ** asks.
var suffixParents = sync.OnceValue(func() map[string]string {
	parents := make(map[string]string, strings.Count(suffixParentsText, "\n"))
	for line := range strings.Lines(suffixParentsText) {
		parent, suffix, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		parents[parent] = suffix
	}
	return parents
})

// SuffixBelow returns a public suffix below the domain of a pattern with **:
// "s3.amazonaws.com" for https://**.amazonaws.com, which covers what strangers
// have below it. Where the domain is a suffix itself, PublicSuffix tells.
func (p Pattern) SuffixBelow() (suffix string, ok bool) {
	if p.Depth != AnyDepth {
		return "", false
	}
	suffix, ok = suffixParents()[strings.TrimSuffix(p.Host, ".")]
	return suffix, ok
}
