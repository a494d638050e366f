package origin

import (
	_ "embed" // for the table
	"strings"
	"sync"
)

// The table of domains that have public suffixes below them, each with the
// shortest of those: "amazonaws.com s3.amazonaws.com". It comes from the public
// suffix list (https://publicsuffix.org, Mozilla Public License 2.0) in the
// version that golang.org/x/net/publicsuffix has, which cannot be asked what is
// below a name. To renew it after an update of golang.org/x/net, run go generate
// in this directory. TestSuffixParents checks every line.
//
//go:generate go run ./gensuffixes suffix_parents.txt
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

// unlistedParents are domains below which strangers can take names although the
// public suffix list does not say so. Azure gives every customer's machine a name
// of its choice, <label>.<region>.cloudapp.azure.com. TestUnlistedParents fails
// when the list learns one, so that it can go from here.
var unlistedParents = map[string]string{
	"azure.com":          "cloudapp.azure.com",
	"cloudapp.azure.com": "westeurope.cloudapp.azure.com",
}

// SuffixBelow returns a public suffix below the domain of a pattern with **:
// "s3.amazonaws.com" for https://**.amazonaws.com, which covers what strangers
// have below it. Where the domain is a suffix itself, PublicSuffix tells.
func (p Pattern) SuffixBelow() (suffix string, ok bool) {
	if p.Depth != AnyDepth {
		return "", false
	}
	domain := strings.TrimSuffix(p.Host, ".")
	if suffix, ok = suffixParents()[domain]; !ok {
		suffix, ok = unlistedParents[domain]
	}
	return suffix, ok
}
