package origin

import (
	_ "embed" // for the table
	"sort"
	"strings"
	"sync"
)

// The table of public suffixes, of registries and of companies, in punycode. Of a
// rule with a wildcard (*.ck) it has what stands behind the wildcard. It comes
// from the public suffix list (https://publicsuffix.org, Mozilla Public License
// 2.0) in the version that golang.org/x/net/publicsuffix has, which can be asked
// about one name only. To renew it after an update of golang.org/x/net, run go
// generate in this directory. TestSuffixTable checks every line.
//
//go:generate go run ./gensuffixes suffixes.txt
//go:embed suffixes.txt
var suffixesText string

// suffixTable is built when the first pattern with ** or expression asks. It is
// sorted by the bytes from the end, so that names with the same end stand together.
var suffixTable = sync.OnceValue(func() []string { return strings.Fields(suffixesText) })

// endingIn returns those names of a part of the table, all of whose last n bytes
// are the same, that have b in front of these.
func endingIn(names []string, n int, b byte) []string {
	from := sort.Search(len(names), func(i int) bool { return byteFromEnd(names[i], n) >= int(b) })
	names = names[from:]
	to := sort.Search(len(names), func(i int) bool { return byteFromEnd(names[i], n) > int(b) })
	return names[:to]
}

// byteFromEnd returns the byte with n bytes behind it, or -1 in front of the name.
func byteFromEnd(name string, n int) int {
	if n >= len(name) {
		return -1
	}
	return int(name[len(name)-1-n])
}

// unlisted are suffixes below which strangers have names although the public
// suffix list does not say so; * stands for one label. What belongs here is a
// domain whose owner gives names away and does not list it, by the owner's own
// documentation: everything else is a matter for the list (https://publicsuffix.org),
// where the owner can ask for it. TestUnlisted fails when the list learns one, so
// that it can go from here.
var unlisted = []struct{ suffix, example string }{
	// Each virtual machine has a name of its owner's choice in front of its region:
	// https://learn.microsoft.com/azure/virtual-machines/create-fqdn.
	{"*.cloudapp.azure.com", "westeurope.cloudapp.azure.com"},
	// Every name with an address in it leads to that address, without asking anybody,
	// and its owner gets a certificate: https://nip.io and https://sslip.io.
	{"nip.io", "nip.io"},
	{"sslip.io", "sslip.io"},
}

// isUnlisted reports whether names directly below host belong to strangers although
// the public suffix list does not say so.
func isUnlisted(host string) bool {
	for _, u := range unlisted {
		below, isPattern := strings.CutPrefix(u.suffix, "*")
		if label, ok := strings.CutSuffix(host, below); ok && (label != "") == isPattern && !strings.Contains(label, ".") {
			return true
		}
	}
	return false
}

// SuffixBelow returns a public suffix below the domain of a pattern with **:
// "s3.amazonaws.com" for https://**.amazonaws.com, which covers what strangers
// have below it. Where the domain is a suffix itself, PublicSuffix tells.
func (p Pattern) SuffixBelow() (suffix string, ok bool) {
	if p.Depth != AnyDepth {
		return "", false
	}
	domain := strings.TrimSuffix(p.Host, ".")
	if _, _, itself := suffixAt(domain); itself {
		return "", false
	}
	end := "." + domain
	for _, u := range unlisted {
		if strings.HasSuffix(u.example, end) {
			return u.example, true
		}
	}
	names := suffixTable()
	for n := range len(end) {
		names = endingIn(names, n, end[len(end)-1-n])
	}
	for _, name := range names {
		if suffix == "" || len(name) < len(suffix) {
			suffix = name
		}
	}
	return suffix, suffix != ""
}
