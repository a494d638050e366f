package httpwords

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// FuzzListHeader: lists on any number of lines are read as a naive reader reads
// them.
func FuzzListHeader(f *testing.F) {
	for _, seed := range []string{
		"", "a", "a,b", ",,", " a\t,\tb ", "a\nb\n", "Origin", "Origin\nAccept-Encoding", "*\nOrigin", "origin, ORIGIN", "a b", "Origin\v",
		strings.Repeat(",", 33), strings.Repeat("a,", 40) + "b", strings.Repeat("\n", 40), "Origin\norigin", "\u00a0a\u00a0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		in := strings.Split(lines, "\n")
		all, _ := oracle.ReadList(in)
		for _, trusted := range []bool{true, false} {
			checkElements(t, in, all, trusted)
		}
	})
}

func checkElements(t *testing.T, lines, all []string, trusted bool) {
	t.Helper()
	var got []string
	e := Elements{Lines: lines, Trusted: trusted}
	for e.Next() {
		got = append(got, e.Element)
	}
	empty := strings.Count(strings.Join(lines, ","), ",") + 1 - len(all)
	switch {
	case !trusted && empty > maxEmptyElements:
		if !e.TooManyEmpty() || len(got) > len(all) || !slices.Equal(got, all[:len(got)]) {
			t.Errorf("%d empty elements: got %q of %q", empty, got, all)
		}
	case e.TooManyEmpty() || !slices.Equal(got, all):
		t.Errorf("got %q, want %q", got, all)
	case e.Untidy != (empty > 0 || strings.Join(got, ",") != strings.Join(lines, ",")):
		t.Errorf("%q is untidy: %t", lines, e.Untidy)
	}
}
