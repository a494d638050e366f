package check

import (
	"errors"
	"fmt"
	"io"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// Run asks a live server and writes what came of it. It returns the exit
// status, and what the user is to be told besides.
func Run(out io.Writer, q Question, t *Transport, verbose, asJSON bool) (int, error) {
	page, r, err := q.Parse()
	if err != nil {
		return ExitUsage, err
	}
	if err := t.Open(); err != nil {
		return ExitUsage, err
	}
	defer t.Close()
	v := Play(page, r, t)
	if errors.Is(v.Err, ErrNotSent) && v.Outcome != browser.PreflightPassed {
		return ExitUsage, fmt.Errorf("browsers send this %s without a preflight, so there is nothing to see without it: it was %w", r.Method, ErrNotSent)
	}
	if asJSON {
		err = WriteJSON(out, map[string]any{"verdict": v, "causes": Causes(page, r, v), "cure": Cure(page, r, v), "error": text(v.Err)})
	} else {
		Text(out, page, r, v, verbose)
	}
	if err == nil && t.KeptCookie() {
		err = errors.New("the cookie was not sent: a page's call sends cookies to another origin only with --credentials")
	}
	return Exit(v), err
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
