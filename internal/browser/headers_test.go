package browser_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

func TestExtractHeaderListValues(t *testing.T) {
	const name = "Access-Control-Allow-Methods"
	lines := func(values ...string) browser.Headers {
		h := header("X-Other", "a b")
		for _, value := range values {
			h = append(h, [2]string{strings.ToLower(name), value})
		}
		return h
	}
	for _, c := range []struct {
		headers browser.Headers
		want    []string // nil: absent
		quotes  string   // in the error; empty: none
	}{
		{lines(), nil, ""},
		{lines(""), []string{}, ""},
		{lines(" , ,\t,"), []string{}, ""},
		{lines("GET"), []string{"GET"}, ""},
		{lines("GET,PUT"), []string{"GET", "PUT"}, ""},
		{lines(" GET ,\tPUT\t,,"), []string{"GET", "PUT"}, ""},
		{lines("PUT", "DELETE, patch"), []string{"PUT", "DELETE", "patch"}, ""},
		{lines("PUT", ""), []string{"PUT"}, ""},
		{lines("PUT,PUT"), []string{"PUT", "PUT"}, ""},
		{lines("*"), []string{"*"}, ""},
		{lines("!#$%&'*+-.^_`|~09azAZ"), []string{"!#$%&'*+-.^_`|~09azAZ"}, ""},
		{lines("GET PUT"), nil, `"GET PUT"`},
		{lines("GET", "P/T"), nil, `"P/T"`},
		{lines("GET, \"PUT\""), nil, `"\"PUT\""`},
		{lines("GET;q=1"), nil, `"GET;q=1"`},
		{lines("[GET]"), nil, `"[GET]"`},
		{lines("GET\x0b"), nil, `"GET\v"`},
		{lines("GÉT"), nil, `"GÉT"`},
		{lines("a:b"), nil, `"a:b"`},
	} {
		got, err := browser.ExtractHeaderListValues(c.headers, name)
		if (err == nil) != (c.quotes == "") || err != nil && !strings.Contains(err.Error(), c.quotes) {
			t.Errorf("%q: error %v, want %s", c.headers, err, c.quotes)
		}
		if (got == nil) != (c.want == nil) || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.headers, got, c.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	h := header("X-A", " 1\t", "x-b", "2", "x-a", "", "X-A", "3")
	if got, ok := h.Get("x-A"); got != "1, , 3" || !ok {
		t.Errorf("Get: %q, %t", got, ok)
	}
	if got, ok := h.Get("x-c"); got != "" || ok {
		t.Errorf("Get of an absent header: %q, %t", got, ok)
	}
	if got := h.Names(); !slices.Equal(got, []string{"x-a", "x-b"}) {
		t.Errorf("Names: %q", got)
	}
	if got := h.Without("X-B"); len(got) != 3 || got.Has("x-b") || len(h) != 4 || h[3] == [2]string{} {
		t.Errorf("Without: %q of %q", got, h)
	}
	if header("x-\u212a", "Kelvin sign").Has("x-k") {
		t.Error("only ASCII case is ignored")
	}
	from := browser.HeadersFrom(map[string][]string{"B": {"2", "1"}, "A": {"3"}})
	if want := header("A", "3", "B", "2", "B", "1"); !slices.Equal(from, want) {
		t.Errorf("HeadersFrom: %q", from)
	}
}

func FuzzExtractHeaderListValues(f *testing.F) {
	for _, seed := range []string{"", "a", "a,b", ",,", " a\t,\tb ", "a b", "\"a\"", "a\xff", "*", "a,\x00"} {
		f.Add(seed, "X")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		got, err := browser.ExtractHeaderListValues(header("H", first, "h", second), "h")
		if (got == nil) != (err != nil) {
			t.Fatalf("%q and error %v: a present header is a list or a failure", got, err)
		}
		for _, element := range got {
			if !browser.IsMethod(element) || strings.ContainsAny(element, ", \t") {
				t.Fatalf("element %q is no token", element)
			}
		}
		if err == nil { // one line or two, the joined value reads the same
			joined, again := browser.ExtractHeaderListValues(header("h", first+", "+second), "H")
			if again != nil || !slices.Equal(got, joined) {
				t.Fatalf("%q on two lines, %q (%v) on one", got, joined, again)
			}
		}
	})
}

func FuzzSafelist(f *testing.F) {
	for _, name := range []string{"accept", "accept-language", "content-language", "content-type", "range", "x-a"} {
		for _, value := range []string{"", "text/plain;x", "bytes=1-2", "bytes=2-1", strings.Repeat("a", 129), "\x00", "é", "a/b"} {
			f.Add(name, value, 3)
		}
	}
	f.Fuzz(func(t *testing.T, name, value string, lines int) {
		safe := browser.IsSafelistedRequestHeader(name, value)
		if safe && (len(value) > 128 || strings.ContainsAny(value, "\x00\n\"():<>?@[\\]{}\x7f")) {
			t.Fatalf("%s: %q is safelisted", name, value)
		}
		lines = max(0, min(lines, 100))
		names := browser.UnsafeRequestHeaderNames(slices.Repeat(header(name, value), lines))
		want := lines > 0 && (!safe || lines*len(value) > 1024)
		if len(names) > 1 || (len(names) == 1) != want {
			t.Fatalf("%d lines of %s: %q (safe: %t) give %q", lines, name, value, safe, names)
		}
	})
}
