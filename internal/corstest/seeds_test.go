package corstest

import (
	"slices"
	"testing"
)

func TestSeeds(t *testing.T) {
	for _, c := range []struct {
		name, variable string
		want           []uint64
	}{
		{"nothing is said", "", []uint64{0, 1}},
		{"how many", "3", []uint64{0, 1, 2}},
		{"a piece", "10-12", []uint64{10, 11}},
		{"one seed", "7-8", []uint64{7}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("CORS_SEEDS", c.variable)
			if got := slices.Collect(Seeds(t, "CORS_SEEDS", 2)); !slices.Equal(got, c.want) {
				t.Errorf("%q: %d, want %d", c.variable, got, c.want)
			}
		})
	}
	for _, bad := range []string{"x", "10-", "-10", "1-2-3"} {
		if _, _, err := seedsIn(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
