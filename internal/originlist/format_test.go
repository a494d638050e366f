package originlist

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestParse reads everything that a list may look like.
func TestParse(t *testing.T) {
	t.Parallel()
	strict := rulesOf(t, true)
	for name, c := range map[string]struct {
		content string
		rules   policy.SourceRules
		origins []string // that are allowed
		bad     []string // "line: part of the reason"
		err     error
	}{
		"empty":          {content: ""},
		"only comments":  {content: "# nobody\n\n  # yet\n"},
		"one":            {content: "https://a.example", origins: []string{"https://a.example"}},
		"mark and CRLF":  {content: byteOrderMark + "https://a.example\r\nhttps://b.example\r\n", origins: []string{"https://a.example", "https://b.example"}},
		"mark, comment":  {content: byteOrderMark + "# list\nhttps://a.example\n", origins: []string{"https://a.example"}},
		"comments":       {content: "\thttps://a.example  # a\nhttps://b.example\t#b # c\n", origins: []string{"https://a.example", "https://b.example"}},
		"patterns":       {content: "https://*.a.example\nhttp://localhost:*\n", rules: strict, origins: []string{"https://x.a.example", "http://localhost:3000"}},
		"twice":          {content: "https://a.example\nhttps://a.example\n", origins: []string{"https://a.example"}},
		"two in a line":  {content: "https://a.example https://b.example\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: "}},
		"fragment":       {content: "https://a.example#b\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: "}},
		"path":           {content: "https://c.example\nhttps://a.example/\n", origins: []string{"https://c.example"}, bad: []string{`2: origin "https://a.example/"`}},
		"any origin":     {content: "*\nnull\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: \"*\" cannot", "2: \"null\" cannot"}},
		"insecure":       {content: "http://a.example\nhttp://*.a.example\nhttps://c.example", rules: strict, origins: []string{"https://c.example"}, bad: []string{"1: http://a.example with credentials", "2: "}},
		"public suffix":  {content: "https://*.github.io\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: https://*.github.io: github.io is a public suffix"}},
		"accepted risks": {content: "http://a.example\nhttps://*.github.io", rules: rulesOf(t, true, "insecure_origins", "public_suffixes"), origins: []string{"http://a.example", "https://me.github.io"}},
		"long line":      {content: "https://" + strings.Repeat("a", 2000) + "\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: the line has 2008 bytes"}},
		"long comment":   {content: "https://c.example # " + strings.Repeat("a", 2000), origins: []string{"https://c.example"}},
		"error page":     {content: "<html>\n<h1>502 Bad Gateway</h1>\n</html>\n", bad: []string{"1: ", "2: ", "3: "}, err: ErrNoList},
		"only bad":       {content: "*\n", bad: []string{"1: "}, err: ErrNoList},
		"binary":         {content: "\x00\x01https://a.example\n", err: ErrNoText},
		"UTF-16":         {content: "\xff\xfeh\x00t\x00t\x00p\x00s\x00", err: ErrNoText},
		"Latin-1":        {content: "https://a.example # caf\xe9\n", err: ErrNoText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, bad, err := Parse(t.Context(), []byte(c.content), c.rules)
			if err != c.err { //nolint:errorlint // these are not wrapped
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if bad.Count != len(c.bad) {
				t.Fatalf("bad entries %v, want %q", bad, c.bad)
			}
			for i, want := range c.bad {
				if got := fmt.Sprintf("%d: %v", bad.First[i].Line, bad.First[i].Err); !strings.HasPrefix(got, want) {
					t.Errorf("bad entry %q, want %q", got, want)
				}
			}
			if err != nil {
				return
			}
			for _, o := range c.origins {
				if !listed(set, o) {
					t.Errorf("%s is not listed", o)
				}
			}
			for _, o := range []string{"https://evil.example", "null", "*", "", "https://a.example/", "https://*.a.example", "https://github.io"} {
				if listed(set, o) {
					t.Errorf("%q is listed", o)
				}
			}
		})
	}
}

func listed(set *origin.Set, raw string) bool {
	o, ok := origin.Parse(raw)
	if !ok {
		return false
	}
	_, ok = set.Lookup(o)
	return ok
}

// TestParseEnds: a load ends when its configuration does.
func TestParseEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Parse(ctx, []byte(strings.Repeat("https://a.example\n", 10_000)), policy.SourceRules{}); err != context.Canceled { //nolint:errorlint // it is not wrapped
		t.Errorf("got %v", err)
	}
}
