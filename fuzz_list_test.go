package cors

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// FuzzListHeader: lists on any number of lines are read as a naive reader reads
// them, and merging with one loses nothing and repeats nothing.
func FuzzListHeader(f *testing.F) {
	for _, seed := range []string{
		"", "a", "a,b", ",,", " a\t,\tb ", "a\nb\n", "Origin", "Origin\nAccept-Encoding", "*\nOrigin", "origin, ORIGIN", "a b", "Origin\v",
		strings.Repeat(",", 33), strings.Repeat("a,", 40) + "b", strings.Repeat("\n", 40), "Origin\norigin", "\u00a0a\u00a0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		in := strings.Split(lines, "\n")
		all, _ := readList(in)
		for _, trusted := range []bool{true, false} {
			checkElements(t, in, all, trusted)
		}
		for _, want := range []string{varyActual, varyPreflight, varyStaticPreflight} {
			checkMerge(t, in, want)
		}
		checkMerge(t, nil, varyActual)
	})
}

func checkElements(t *testing.T, lines, all []string, trusted bool) {
	t.Helper()
	var got []string
	e := elements{lines: lines, trusted: trusted}
	for e.next() {
		got = append(got, e.element)
	}
	empty := strings.Count(strings.Join(lines, ","), ",") + 1 - len(all)
	switch {
	case !trusted && empty > maxEmptyElements:
		if !e.tooManyEmpty() || len(got) > len(all) || !slices.Equal(got, all[:len(got)]) {
			t.Errorf("%d empty elements: got %q of %q", empty, got, all)
		}
	case e.tooManyEmpty() || !slices.Equal(got, all):
		t.Errorf("got %q, want %q", got, all)
	case e.untidy != (empty > 0 || strings.Join(got, ",") != strings.Join(lines, ",")):
		t.Errorf("%q is untidy: %t", lines, e.untidy)
	}
}

func checkMerge(t *testing.T, lines []string, want string) {
	t.Helper()
	before := slices.Clone(lines)
	merged := mergeVary(lines, want, make([]string, 1))
	if !slices.Equal(lines, before) {
		t.Errorf("%q was changed to %q", before, lines)
	}
	if len(varyNames(lines)) <= maxVaryTokens/2 {
		compareVary(t, merged, lines, varyNames([]string{want}))
	}
	for _, name := range append(varyNames(lines), varyNames([]string{want})...) {
		if !slices.Contains(varyNames(merged), name) && !slices.Contains(varyNames(merged), "*") {
			t.Errorf("%q and %q: %s is lost in %q", lines, want, name, merged)
		}
	}
	if again := mergeVary(slices.Clone(merged), want, make([]string, 1)); !slices.Equal(varyNames(again), varyNames(merged)) {
		t.Errorf("%q becomes %q and then %q", lines, merged, again)
	}
}

// TestUpgradeIsReadToItsEnd: what is in front of the word must not hide it.
func TestUpgradeIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{{"websocket"}, {"h2c, WebSocket"}, {strings.Repeat(",", 2*maxEmptyElements) + "websocket"}, {"h2c", "websocket"}} {
		if r := (&http.Request{Method: http.MethodGet, Header: http.Header{"Upgrade": lines}}); !isWebSocket(r) {
			t.Errorf("%.20q asks for a WebSocket", lines)
		}
	}
}

// FuzzStructuredString: whatever is written as a String is read as what it was.
func FuzzStructuredString(f *testing.F) {
	for _, seed := range []string{"", "a", `"\`, "\x00\x7f\u00e9", `\"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, rest, err := readItem(sfString(s))
		if err != nil || rest != "" || got != printable(s) {
			t.Errorf("%q is written %s, which reads %q, rest %q, %v", s, sfString(s), got, rest, err)
		}
	})
}

// FuzzOriginList: a list holds what its lines say one by one, and nothing else.
func FuzzOriginList(f *testing.F) {
	for _, seed := range []string{
		"", "https://a.example\nhttps://*.b.example # comment\n", "# only\n\n", "\ufeffhttps://a.example\r\n", "https://a.example https://b.example",
		"*\nnull\nhttps://*.github.io\nhttp://a.example", "https://a.example#not", "https://a.example\u00a0# no-break", "\x00", "\xff", "https://a.example\v\n",
		"http://localhost:*\nhttps://**.b.example:8443", strings.Repeat("a", 1100), "<html>\n", "https://a.example\rhttps://b.example",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, content string, credentials bool) {
		rules := originRules{credentials: credentials}
		set, bad, err := parseList(t.Context(), []byte(content), rules)
		if strings.Contains(content, "\x00") || !utf8.ValidString(content) {
			if err == nil {
				t.Fatal("it is no text")
			}
			return
		}
		good, wrong := readLines(content, credentials)
		if isList := len(good) > 0 || wrong == 0; isList != (err == nil) || bad.count != wrong {
			t.Fatalf("%v with %d bad entries; want %d, and a list: %t", err, bad.count, wrong, isList)
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
	p, ok := readPattern(word)
	insecure := credentials && p.scheme == "http" && !isLoopbackHost(p.host)
	return ok && isSent(p) && !insecure && !isOverPublicSuffix(p)
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
