package policy

import "testing"

// TestOutcome: every decision has a number of its own, from which placeholders
// and metrics find the words again.
func TestOutcome(t *testing.T) {
	t.Parallel()
	seen := make(map[int]Decision)
	for _, k := range []Kind{KindNone, KindActual, KindPreflight} {
		decisions := []Decision{{Judgment: Judgment{Kind: k, Verdict: VerdictAllowed}}}
		if k == KindNone {
			decisions = []Decision{{}}
		}
		if k == KindActual {
			decisions = append(decisions, Decision{Judgment: Judgment{Kind: k, Verdict: VerdictSameOrigin}})
		}
		for r := ReasonOriginNotAllowed; k != KindNone && int(r) < NumReasons; r++ {
			decisions = append(decisions, Decision{Judgment: Judgment{Kind: k, Verdict: VerdictRefused, Reason: r}})
		}
		for _, d := range decisions {
			n := d.Outcome()
			if other, twice := seen[n]; twice || n >= NumOutcomes {
				t.Errorf("%+v and %+v have the number %d", d, other, n)
			}
			seen[n] = d
			if VerdictOf(n) != d.Verdict || ReasonOf(n) != d.Reason {
				t.Errorf("%d: got %s, %q; want %s, %q", n, VerdictOf(n), ReasonOf(n), d.Verdict, d.Reason)
			}
		}
	}
	if len(seen) != 1+(NumReasons+1)+NumReasons {
		t.Errorf("%d outcomes", len(seen))
	}
}
