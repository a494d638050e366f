package oracle

import (
	"fmt"
	"slices"
)

// CompareVary returns what is wrong with a merged Vary, or nothing: nothing of
// the upstream's is lost, ours is there, nothing twice.
func CompareVary(sent, upstream, ours []string) string {
	if len(ours) == 0 {
		if !slices.Equal(sent, upstream) {
			return fmt.Sprintf("Vary: got %q, want %q untouched", sent, upstream)
		}
		return ""
	}
	got, want := Names(sent), Distinct(append(Names(upstream), ours...), SameName)
	if slices.Contains(want, "*") {
		want = []string{"*"}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Sprintf("Vary: got %q, want %q", got, want)
	}
	return ""
}
