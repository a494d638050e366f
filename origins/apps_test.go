package origins

import (
	"net/http"
	"path/filepath"
	"testing"
)

// TestAppsFromSources: every source can allow origins of apps; file:// only where
// null_origin is accepted, and never with credentials.
func TestAppsFromSources(t *testing.T) {
	t.Parallel()
	const list = "app://.\npackage://\nqrc://\ncapacitor://localhost\nfile://\nnull\n"
	apps := []string{"app://.", "package://", "qrc://", "capacitor://localhost"}
	for name, c := range map[string]struct {
		credentials bool
		words       []string
		file        string
	}{
		"without a word":                  {false, nil, "no"},
		"null_origin":                     {false, []string{"null_origin"}, "yes"},
		"credentials":                     {true, nil, "no"},
		"null_origin, but credentials":    {true, []string{"null_origin"}, "no"},
		"insecure_origins is another one": {true, []string{"insecure_origins"}, "no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := rulesOf(t, c.credentials, c.words...)
			path := filepath.Join(t.TempDir(), "origins.txt")
			writeFile(t, path, list)
			file, _ := startFile(t, path, rules)
			storage := files(t.TempDir())
			store(t, storage, list)
			stored, _ := startStorage(t, storage, rules)
			e := newEndpoint(t, func(http.ResponseWriter, *http.Request) {}) // yes to all
			ask := &Ask{URL: e.URL}
			startAsk(t, ask, rules)
			for _, s := range []Source{file, stored, ask} {
				wantAnswer(t, s, "yes", apps...)
				wantAnswer(t, s, c.file, "file://")
				wantAnswer(t, s, "no", "null", "app:", "data://", "about://")
			}
			if n := e.questions(); c.file == "no" && n != len(apps) {
				t.Errorf("%d questions: file:// is not to be asked about", n)
			}
		})
	}
}
