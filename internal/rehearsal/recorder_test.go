package rehearsal

import (
	"fmt"
	"net/http"
	"testing"
)

// TestOnWire: fields as net/http sends them.
func TestOnWire(t *testing.T) {
	for name, c := range map[string]struct {
		header http.Header
		want   string
	}{
		"as it is":       {http.Header{"Vary": {"Origin", "Accept"}}, "map[Vary:[Origin Accept]]"},
		"a colon":        {http.Header{"Vary:": {"Origin"}}, "map[]"},
		"a space":        {http.Header{"A B": {"x"}}, "map[]"},
		"a line break":   {http.Header{"A": {"x\r\ny"}}, "map[A:[x  y]]"},
		"spaces around":  {http.Header{"A": {" x\t"}}, "map[A:[x]]"},
		"small letters":  {http.Header{"vary": {"Origin"}}, "map[Vary:[Origin]]"},
		"two spellings":  {http.Header{"vary": {"Origin"}, "VARY": {"Origin"}}, "map[Vary:[Origin Origin]]"},
		"a trailer":      {http.Header{http.TrailerPrefix + "A": {"x"}}, "map[]"},
		"an empty value": {http.Header{"A": {""}}, "map[A:[]]"},
		"no value":       {http.Header{"A": nil}, "map[]"},
	} {
		if got := fmt.Sprint(onWire(c.header)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestRecorder: the first final status counts, with the fields that it had then.
func TestRecorder(t *testing.T) {
	for name, c := range map[string]struct {
		write  func(*recorder)
		status int
	}{
		"a status":          {func(w *recorder) { w.WriteHeader(404) }, 404},
		"the first":         {func(w *recorder) { w.WriteHeader(404); w.WriteHeader(200) }, 404},
		"a body":            {func(w *recorder) { _, _ = w.Write([]byte("x")) }, 200},
		"a flush":           {func(w *recorder) { _ = http.NewResponseController(w).Flush() }, 200},
		"early hints":       {func(w *recorder) { w.WriteHeader(103); w.WriteHeader(204) }, 204},
		"another protocol":  {func(w *recorder) { w.WriteHeader(101) }, 101},
		"nothing":           {func(*recorder) {}, 0},
		"a body after that": {func(w *recorder) { w.WriteHeader(403); _, _ = w.Write([]byte("x")) }, 403},
	} {
		h := &Handler{Kind: "x"}
		w := &recorder{run: &run{answer: &Answer{}, current: h}, header: http.Header{"Early": {"1"}}}
		c.write(w)
		w.Header().Set("Late", "1")
		if w.status != c.status || (w.sent != nil) != (c.status > 0) || w.sent.Get("Late") != "" {
			t.Errorf("%s: status %d with %v, want %d", name, w.status, w.sent, c.status)
		}
		if c.status > 0 && (w.run.answer.By != h || w.sent.Get("Early") != "1") {
			t.Errorf("%s: by %v, with %v", name, w.run.answer.By, w.sent)
		}
	}
	conn, _, err := http.NewResponseController(&recorder{}).Hijack()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Errorf("a hijacked connection gives %d bytes, %v", n, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("status 42 passes")
		}
	}()
	(&recorder{}).WriteHeader(42)
}
