package origin

import (
	"fmt"
	"strings"
	"sync"
)

// Strangers have addresses, too, and certificates for them can be had. Nobody
// owns addresses all over the net, so an expression that accepts some in two
// networks that have nothing to do with each other accepts anybody's. One that
// names its own network does not: https://192\.168\.\d+\.\d+.

// firstBytes begin networks of different owners, with one digit, two and three.
var firstBytes = []string{"5", "8", "45", "93", "104", "185"}

// foreignIPv6 are written as browsers write them, short and long.
var foreignIPv6 = []string{
	"[2600:1f18::a]", "[2606:4700:4700::1111]", "[2a01:4f8:c17:b8f::2]", "[2a02:8108:1240:57a1:1c2b:3d4e:5f60:7a8b]",
	"[2804:14d:5c41:9f00:a1b2:c3d4:e5f6:1234]", "[2400:cb00:2048:1::c629:d7a2]",
}

// foreignAddresses are public ones of many networks. An expression may say how many
// digits each byte has, so all combinations are there.
var foreignAddresses = sync.OnceValue(func() []string {
	all := foreignIPv6
	for _, first := range firstBytes {
		for n := range 27 {
			digits := [...]string{"7", "61", "151"}
			all = append(all, fmt.Sprintf("%s.%s.%s.%s", first, digits[n/9], digits[n/3%3], digits[n%3]))
		}
	}
	return all
})

// findAddress returns an origin with somebody's address that r accepts, if it
// accepts those of another network, too.
func (a *audit) findAddress(w ways) (example string, found bool) {
	first, found := a.findAmong(w, "")
	if !found || first == tooLarge {
		return first, found
	}
	o, _ := Parse(first)
	end := strings.IndexAny(o.Host(), ".:")
	_, found = a.findAmong(w, o.Host()[:end+1])
	return first, found
}

// findAmong looks for an address outside the network, if there is one.
func (a *audit) findAmong(w ways, network string) (example string, found bool) {
	t := &trie{nodes: []trieNode{{}}}
	for _, address := range foreignAddresses() {
		if network == "" || !strings.HasPrefix(address, network) {
			t.insert(address, false)
		}
	}
	return a.find(ways{w.r, w.prog, []*trie{t}}, goalAddress)
}

// stepToAddress goes along the addresses.
func (s *search) stepToAddress(from shape, b byte) []shape {
	child, ok := s.goal.suffixes.nodes[0].next[b]
	if !ok || from.tail != atHostStart {
		return nil
	}
	return append(s.shapes[:0], shape{phase: inSuffix, kind: from.kind, node: child})
}
