package originlist

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// rulesOf are the rules of a policy, perhaps with credentials, that dangerously
// allows some words.
func rulesOf(t testing.TB, credentials bool, words ...string) policy.SourceRules {
	t.Helper()
	o := policy.Options{Sources: 1, Permissions: policy.PermissionOptions{Credentials: &credentials}}
	for _, word := range words {
		o.Dangerous = append(o.Dangerous, policy.Item{Text: word})
	}
	p, found := policy.Compile(&o)
	if p == nil {
		t.Fatal(found)
	}
	return p.SourceRules()
}
