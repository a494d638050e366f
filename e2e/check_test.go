package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/check"
)

// TestCheck: `caddy cors check` comes to the verdict that the table has, and the
// engines with it, in every case that its flags can express.
func TestCheck(t *testing.T) {
	w := newWorld(t, allCases())
	asked := 0
	for i := range w.cases {
		c := &w.cases[i]
		if c.unsimulated != "" || len(c.steps) != 1 || !canCheck(&c.steps[0]) {
			continue
		}
		s := w.plan(c, "check")[0]
		origin := w.pageOrigin(s.Page)
		if origin.Opaque() {
			continue // --origin null is possible, but nobody's page is called so
		}
		asked++
		q := check.Question{URL: s.URL, Origin: origin.String(), Method: s.Method, Credentials: s.Credentials == "include"}
		for _, h := range s.Headers {
			q.Headers = append(q.Headers, h[0]+": "+h[1])
		}
		page, r, err := q.Parse()
		if err != nil {
			continue // not a question: the page's own call throws
		}
		tr := &check.Transport{Send: true, Timeout: 20 * time.Second, Insecure: true, Resolve: w.resolve()}
		if err := tr.Open(); err != nil {
			t.Fatal(err)
		}
		v := check.Play(page, r, tr)
		tr.Close()
		got := s.seen(&v)
		if _, want, _ := strings.Cut(c.want, ": "); got.Outcome != want {
			t.Errorf("%s: check says %s (%s: %s), want %s", c.id, got.Outcome, v.Reason, v.Detail, want)
		}
	}
	t.Logf("%d of %d cases", asked, len(w.cases))
	if asked < 150 {
		t.Errorf("only %d cases could be asked", asked)
	}
}

// resolve are the names that are not below localhost, as --resolve has them.
func (w *world) resolve() (list []string) {
	for _, name := range w.net.names {
		for _, port := range w.ports {
			list = append(list, name+":"+port+":127.0.0.1")
		}
	}
	return list
}

// canCheck reports whether the command's flags can say what the step does.
func canCheck(s *step) bool {
	return s.Kind == "fetch" && s.Body == "" && s.Mode == "" && s.Redirect == "" && s.Cache == "" && s.Policy == "" &&
		!s.Upload && !s.Streamed && !s.KeepAlive && s.Cross == "" && s.Wait == 0
}
