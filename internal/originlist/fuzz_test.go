package originlist

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// FuzzParse: a list holds what its lines say one by one, and nothing else.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "https://a.example\nhttps://*.b.example # comment\n", "# only\n\n", "\ufeffhttps://a.example\r\n", "https://a.example https://b.example",
		"*\nnull\nhttps://*.github.io\nhttp://a.example", "https://a.example#not", "https://a.example\u00a0# no-break", "\x00", "\xff", "https://a.example\v\n",
		"http://localhost:*\nhttps://**.b.example:8443", strings.Repeat("a", 1100), "<html>\n", "https://a.example\rhttps://b.example",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, content string, credentials bool) {
		rules := rulesOf(t, credentials)
		set, bad, err := Parse(t.Context(), []byte(content), rules)
		if strings.Contains(content, "\x00") || !utf8.ValidString(content) {
			if err == nil {
				t.Fatal("it is no text")
			}
			return
		}
		good, wrong := readLines(content, credentials)
		if isList := len(good) > 0 || wrong == 0; isList != (err == nil) || bad.Count != wrong {
			t.Fatalf("%v with %d bad entries; want %d, and a list: %t", err, bad.Count, wrong, isList)
		}
		if err != nil {
			return
		}
		if set.Len() != len(good) {
			t.Fatalf("%d origins, want %d", set.Len(), len(good))
		}
		for word := range good {
			checkListed(t, set, word)
		}
	})
}

// readLines returns the different patterns of a list and the number of bad
// entries, one line at a time.
func readLines(content string, credentials bool) (good map[string]bool, wrong int) {
	good = make(map[string]bool)
	for line := range strings.SplitSeq(content, "\n") {
		fields := strings.Fields(strings.TrimPrefix(line, "\ufeff"))
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
			continue
		case len(fields) > 1 && !strings.HasPrefix(fields[1], "#"):
			wrong++
			continue
		}
		if !isListable(fields[0], credentials) {
			wrong++
			continue
		}
		good[fields[0]] = true
	}
	return good, wrong
}

// isListable: a source never opens a policy for strangers.
func isListable(word string, credentials bool) bool {
	p, ok := oracle.ReadPattern(word)
	insecure := credentials && p.Scheme == "http" && !oracle.IsLoopback(p.Host)
	return ok && oracle.IsSent(p) && !insecure && !oracle.IsOverPublicSuffix(p)
}

// checkListed looks up an origin that the word stands for, and a stranger.
func checkListed(t *testing.T, set *origin.Set, word string) {
	t.Helper()
	example := strings.NewReplacer("://**.", "://a.", "://*.", "://a.", ":*", ":1").Replace(word)
	if o, ok := origin.Parse(example); ok {
		if _, found := set.Lookup(o); !found {
			t.Errorf("%q does not list %s", word, example)
		}
	}
	o, ok := origin.Parse("https://stranger.invalid")
	if _, found := set.Lookup(o); !ok || found && !strings.Contains(word, "invalid") {
		t.Errorf("%q lists a stranger", word)
	}
}
