package repair_test

import (
	"strings"
	"testing"
)

// TestRootStays: a path / is left out only where it is evident that its author
// meant all of the site.
func TestRootStays(t *testing.T) {
	for name, lines := range map[string]string{
		"beside another path": "header / Access-Control-Allow-Origin *\nheader /api/* Access-Control-Allow-Origin https://app.example.com\nreverse_proxy localhost:3000",
		"a block":             "handle / {\nheader Access-Control-Allow-Origin *\nreverse_proxy localhost:3000\n}\nhandle {\nreverse_proxy localhost:3001\n}",
		"inside of a block":   "route /api/* {\nheader / Access-Control-Allow-Origin *\nreverse_proxy localhost:3000\n}\nrespond ok",
	} {
		res := mend(t, "api.example.com {\n"+lines+"\n}\n")
		for _, text := range res.New {
			if !strings.Contains(text, "cors / {") && !strings.Contains(text, "handle / {") {
				t.Errorf("%s: the path is gone:\n%s", name, text)
			}
		}
	}
}
