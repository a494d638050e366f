package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// FuzzMergeVary: merging with lists on any number of lines loses nothing and
// repeats nothing.
func FuzzMergeVary(f *testing.F) {
	for _, seed := range []string{
		"", "a", "a,b", ",,", " a\t,\tb ", "a\nb\n", "Origin", "Origin\nAccept-Encoding", "*\nOrigin", "origin, ORIGIN", "a b", "Origin\v",
		strings.Repeat(",", 33), strings.Repeat("a,", 40) + "b", strings.Repeat("\n", 40), "Origin\norigin", "\u00a0a\u00a0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		in := strings.Split(lines, "\n")
		for _, want := range []string{varyActual, varyPreflight, varyStaticPreflight} {
			checkMerge(t, in, want)
		}
		checkMerge(t, nil, varyActual)
	})
}

func checkMerge(t *testing.T, lines []string, want string) {
	t.Helper()
	before := slices.Clone(lines)
	merged := MergeVary(lines, want, make([]string, 1))
	if !slices.Equal(lines, before) {
		t.Errorf("%q was changed to %q", before, lines)
	}
	if len(oracle.Names(lines)) <= maxVaryTokens/2 {
		if wrong := oracle.CompareVary(merged, lines, oracle.Names([]string{want})); wrong != "" {
			t.Error(wrong)
		}
	}
	for _, name := range append(oracle.Names(lines), oracle.Names([]string{want})...) {
		if !slices.Contains(oracle.Names(merged), name) && !slices.Contains(oracle.Names(merged), "*") {
			t.Errorf("%q and %q: %s is lost in %q", lines, want, name, merged)
		}
	}
	if again := MergeVary(slices.Clone(merged), want, make([]string, 1)); !slices.Equal(oracle.Names(again), oracle.Names(merged)) {
		t.Errorf("%q becomes %q and then %q", lines, merged, again)
	}
}

// TestMergeVary: nothing is lost, and nothing stands there twice.
func TestMergeVary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		want  string
		merge []string
	}{
		"none":                {nil, varyActual, []string{"Origin"}},
		"already":             {[]string{"Origin"}, varyActual, []string{"Origin"}},
		"other":               {[]string{"Cookie"}, varyActual, []string{"Cookie, Origin"}},
		"ours and other":      {[]string{"Origin", "Accept-Encoding"}, varyActual, []string{"Origin", "Accept-Encoding"}},
		"ours and theirs":     {[]string{"Origin", "Origin"}, varyActual, []string{"Origin"}},
		"theirs, odd case":    {[]string{"Origin", "Accept, origin , Cookie"}, varyActual, []string{"Accept, origin, Cookie"}},
		"not a substring":     {[]string{"X-Origin"}, varyActual, []string{"X-Origin, Origin"}},
		"star":                {[]string{"Origin", "*"}, varyActual, []string{"*"}},
		"empty":               {[]string{""}, varyActual, []string{"Origin"}},
		"preflight":           {nil, varyPreflight, []string{varyPreflight}},
		"preflight, repeated": {[]string{"Origin"}, varyPreflight, []string{"Origin, " + varyStaticPreflight}},
		"repeated by others":  {[]string{"A, b", "B,a"}, varyActual, []string{"A, b, Origin"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := MergeVary(c.lines, c.want, make([]string, 1))
			if fmt.Sprint(got) != fmt.Sprint(c.merge) {
				t.Errorf("got %q, want %q", got, c.merge)
			}
		})
	}
}
