package bench

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestContenders shows that everybody who is timed does the work.
func TestContenders(t *testing.T) {
	for _, wildcard := range []bool{false, true} {
		l := newList(wildcard, 10)
		for _, c := range contenders {
			if wildcard && !c.wildcards {
				continue
			}
			x := c.build(t, l.origins())
			for _, q := range requests(l) {
				if err := verify(x, q); err != nil {
					t.Errorf("%s, %s: %v", l.kind(), c.name, err)
				}
			}
		}
	}
}

// TestVerify: a stack without CORS must not pass for a contender.
func TestVerify(t *testing.T) {
	for _, c := range contenders {
		x := c.build(t, nil)
		for _, q := range requests(newList(false, 1)) {
			if err := verify(x, q); q.outcome == allowed && err == nil {
				t.Errorf("%s: without CORS, yet %s passes", c.name, q.name)
			}
		}
	}
}

// verify makes a request once, and for some of its other origins, and judges
// the answer.
func verify(x exchange, q request) error {
	one := q
	one.spread = nil
	origins := []string{q.header.Get(headerOrigin)}
	for i := 0; i < len(q.spread); i += spreadOver / 4 {
		origins = append(origins, q.spread[i])
	}
	for _, origin := range origins {
		if q.spread != nil {
			one.header = q.header.Clone()
			one.header.Set(headerOrigin, origin)
		}
		x.load(one, 1)
		x.run(0)
		status, h := x.answer()
		if err := judge(q, origin, status, h); err != nil {
			return fmt.Errorf("%s from %.60s: %w", q.name, origin, err)
		}
	}
	return nil
}

func judge(q request, origin string, status int, h http.Header) error {
	lines := h.Values(headerAllowOrigin)
	switch {
	case status == 0:
		return fmt.Errorf("no status")
	case q.outcome == refused && len(lines) != 0:
		return fmt.Errorf("%s %q, want none", headerAllowOrigin, lines)
	case q.outcome != allowed:
		return nil
	case len(lines) != 1 || lines[0] != origin:
		return fmt.Errorf("%s %q, want %q", headerAllowOrigin, lines, origin)
	case status/100 != 2:
		return fmt.Errorf("status %d", status)
	case q.method == http.MethodOptions:
		return judgeGrants(q, h)
	}
	return nil
}

// judgeGrants checks that a preflight got what it asked for.
func judgeGrants(q request, h http.Header) error {
	for granted, asked := range map[string]string{headerAllowMethods: headerRequestMethod, headerAllowHeaders: headerRequestHeaders} {
		grants := make(map[string]bool)
		for name := range strings.SplitSeq(strings.ToLower(h.Get(granted)), ",") {
			grants[strings.TrimSpace(name)] = true
		}
		for name := range strings.SplitSeq(strings.ToLower(q.header.Get(asked)), ",") {
			if !grants[name] {
				return fmt.Errorf("%s %q does not grant %s", granted, h.Get(granted), name)
			}
		}
	}
	return nil
}
