package expect

import (
	"fmt"
	"net/http"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
)

// Status is how an expectation ended.
type Status string

// The ends of an expectation.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Unknown Status = "unknown" // there was no verdict
	Skipped Status = "skipped" // it was not asked
)

// Result is an expectation and what was seen.
type Result struct {
	Expectation

	Status Status `json:"status"`
	// Expected and Seen are what differs, in words.
	Expected string `json:"expected,omitempty"`
	Seen     string `json:"seen,omitempty"`
	Reason   string `json:"reason,omitempty"` // of the browser; see browser.Reason
	Policy   string `json:"policy,omitempty"` // which one decided, where it stands, and how
	Cure     string `json:"cure,omitempty"`
}

// judge asks a subject one thing.
func judge(s subject, e Expectation) (Result, error) {
	r := Result{Expectation: e}
	if why := s.skip(&e); why != "" {
		r.Status, r.Seen = Skipped, why
		return r, nil
	}
	x, err := s.ask(&e)
	if err != nil {
		return r, err
	}
	r.Policy = x.policy
	if x.exit != check.ExitUsage {
		r.Reason = string(x.verdict.Reason)
	}
	readable := x.exit == check.ExitReadable
	r.Expected, r.Seen = expected(&e), x.text()
	switch {
	case x.exit == check.ExitUsage, x.verdict.Outcome == browser.NotSent:
		r.Status = Unknown
	case x.verdict.Outcome == browser.PreflightPassed && len(e.Expose) > 0:
		r.Status = Unknown // the headers are those of the response
	case readable != e.Allow:
		r.Status, r.Cure = Failed, x.cure()
	case readable:
		r.reads(&x)
	default:
		r.Status = Passed
	}
	if r.Status == Passed {
		r.Expected = ""
	}
	return r, nil
}

// reads judges the headers that the page is to read.
func (r *Result) reads(x *seen) {
	r.Status = Passed
	var hidden []string
	for _, name := range r.Expose {
		if !x.mayRead(name, r.Credentials) {
			hidden = append(hidden, name)
		}
	}
	if len(hidden) > 0 {
		r.Status = Failed
		r.Expected = "the page reads " + and(r.Expose)
		r.Seen += fmt.Sprintf(", but may not read %s, which Access-Control-Expose-Headers does not name", and(hidden))
		r.Cure = "add to the policy: `expose " + joined(hidden) + "`"
	}
}

func (x *seen) mayRead(name string, credentials bool) bool {
	mode := browser.CredentialsSameOrigin
	if credentials {
		mode = browser.CredentialsInclude
	}
	n := len(x.verdict.Exchanges)
	return x.verdict.Tainting == browser.TaintingBasic || n > 0 && browser.Exposes(x.verdict.Exchanges[n-1].Response.Headers, mode, name)
}

func expected(e *Expectation) string {
	switch {
	case !e.Allow:
		return "refused"
	case e.isSocket():
		return "OPENS"
	}
	return "READABLE"
}

// text is the verdict on one line.
func (x *seen) text() string {
	switch {
	case x.headline == "READABLE":
		return fmt.Sprintf("READABLE: the page gets status %d", x.verdict.Status)
	case x.headline == "OPENS":
		return fmt.Sprintf("OPENS: the handshake is answered %d", http.StatusSwitchingProtocols)
	case x.verdict.Reason != "" && x.verdict.Err == nil && x.exit != check.ExitUsage:
		return fmt.Sprintf("%s: %s (%s)", x.headline, x.sentence, x.verdict.Reason)
	}
	return x.headline + ": " + x.sentence
}
