package cors

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// FuzzListHeader: lists on any number of lines are read as a naive reader reads
// them.
func FuzzListHeader(f *testing.F) {
	for _, seed := range []string{
		"", "a", "a,b", ",,", " a\t,\tb ", "a\nb\n", "Origin", "Origin\nAccept-Encoding", "*\nOrigin", "origin, ORIGIN", "a b", "Origin\v",
		strings.Repeat(",", 33), strings.Repeat("a,", 40) + "b", strings.Repeat("\n", 40), "Origin\norigin", "\u00a0a\u00a0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		in := strings.Split(lines, "\n")
		all, _ := oracle.ReadList(in)
		for _, trusted := range []bool{true, false} {
			checkElements(t, in, all, trusted)
		}
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

// TestUpgradeIsReadToItsEnd: what is in front of the word must not hide it.
func TestUpgradeIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{{"websocket"}, {"h2c, WebSocket"}, {strings.Repeat(",", 2*maxEmptyElements) + "websocket"}, {"h2c", "websocket"}} {
		if r := (&http.Request{Method: http.MethodGet, Header: http.Header{"Upgrade": lines}}); !isWebSocket(r) {
			t.Errorf("%.20q asks for a WebSocket", lines)
		}
	}
}
