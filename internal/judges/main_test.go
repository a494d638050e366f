// Package judges_test compares the whole handler, in Caddy's chain, with what does
// not come from it. The files of a judge begin with its name:
//
//   - vectors: the cases of testdata/vectors, which are data;
//   - badconfigs: testdata/vectors/bad-configs.jsonl, configurations that are wrong;
//   - oracle: internal/oracle, a second reading of the contract, asked about random
//     and fuzzed configurations, requests and upstreams;
//   - cures: what `caddy cors check` says would help, which must load and help.
package judges_test

import (
	"testing"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }
