package lint

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// governed: a cors handler decides, so that what a line beside it wants counts
// for nothing. Where the line has an effect all the same, the policy's own
// questions show it.
func (t *trial) governed(r *matrix.Reply) bool {
	if t.p.Handler != nil || r.Last() == nil || r.Last().Policy == nil {
		return false
	}
	if !sent(r, t.w.Operation) {
		severity := Note
		if t.w.Operation.Field == httpwords.AllowOrigin {
			severity = Fragile // it is meant for pages, and none of them gets it
		}
		t.report.add(t.finding("beside", severity, r, t.p, "the line does nothing: `cors` ("+r.Last().Policy.By.Place.String()+") replaces what it writes",
			"remove the line, and write what it should add into the `cors` block"), t.w.Operation.Place)
	}
	return true
}

// keptAway says what kept a request away from a policy: another one that decides
// first, or a matcher without OPTIONS, or for a header that preflights have not.
func (t *trial) keptAway(id string, r *matrix.Reply) (why, help string, at rehearsal.Place) {
	last, by := r.Last(), t.w.By(t.p)
	switch wanted := matrix.HeadersWanted(by); {
	case r.Preflight() && len(wanted) > 0 && !ran(r, by):
		if i := slices.Index(wanted, "Accept"); i >= 0 {
			wanted[i] = "an Accept that is not */*"
		}
		return "the matcher wants " + strings.Join(wanted, " and ") + ", and no preflight carries it",
			"match a path in place of the header, and ask for it behind the policy", by.Place
	case t.p.Handler == nil && t.base.Method != http.MethodGet && r.Preflight() && t.part.LeavesOutOptions(by):
		return "the matcher leaves out OPTIONS, so no preflight gets the header", byPolicy, by.Place
	case t.p.Handler == nil || last == nil:
	case last.Policy != nil && last.Policy.By != t.p.Handler:
		help = "name the origin in that policy, or put each policy into a `handle` block of its own, since a request enters only one"
		if id == "credentials" {
			help = "write a block `for " + t.w.Origin + "` with `credentials` into it: that one may then read with credentials, and all others as before"
		}
		return "`cors` (" + last.Policy.By.Place.String() + ") is reached first and decides", help, last.Policy.By.Place
	case last.Policy == nil && r.Preflight() && t.part.LeavesOutOptions(t.p.Handler):
		return neighbours.OptionsLeftOut, neighbours.OptionsCure, t.p.Handler.Place
	}
	return "", "", at
}

// needsCookie reports whether a matcher wants a cookie, which browsers send with
// credentials only, and says that these are not allowed.
func (t *trial) needsCookie(r *matrix.Reply) bool {
	if t.w.Credentials || !r.Credentials || r.Last() == nil || t.exception(r) != nil {
		return false
	}
	if reason := r.Verdict.Reason; reason != browser.ACACNotTrue && reason != browser.ACAOStarCredentials {
		return false
	}
	t.report.add(t.finding("credentials", Broken, r, t.p, t.page()+" cannot read with credentials: the matcher wants a cookie, which goes with credentials only, and the policy does not allow them",
		"allow credentials, for origins that are named; or match a path in place of the cookie"), t.w.By(t.p).Place)
	return true
}

// takenAway says that a handler for some paths stands in front of a policy that is
// for all of them. Only the order of a `route` does that, which is the author's.
func (t *trial) takenAway(r *matrix.Reply) {
	last := r.Last()
	if t.p.Handler == nil || len(t.p.Paths) > 0 || last == nil || last.By == nil || last.Policy != nil || !inFront(last.By, t.p.Handler) {
		return
	}
	// Without it the request must come to the policy: a matcher may mean it so.
	if without := t.askWithout(last.By, r); without == nil || !t.counts(without) {
		return
	}
	severity := Note
	if last.Upstream || last.Status/100 == 3 && r.Left == "" {
		severity = Fragile // pages are likely to call it, or did
	}
	t.report.add(t.finding("unreached", severity, r, t.p, fmt.Sprintf("%s is not let in at %s: `%s` (%s) stands in front of `cors` and answers there, preflights too", t.page(), t.base.Path, last.By.Text, last.By.Place),
		"put `cors` in front of it, or give `cors` a matcher that leaves the path out"), t.p.Handler.Place)
}

// elsewhere reports whether nothing was seen to reach a policy because another branch
// of a route, with matchers of its own, took all that was asked. The policy is for the
// rest then, and what that is, no question met.
func (t *trial) elsewhere() bool {
	r := t.ask(t.base)
	last, o := r.Last(), t.w.Operation
	if last == nil || len(t.p.Paths) > 0 || o != nil && (o.Guarded("header") || o.Guarded("header_regexp") || t.misspelt(o, r)) {
		return false
	}
	by := last.By
	if last.Policy != nil {
		by = last.Policy.By
	}
	own := t.w.By(t.p)
	return by != nil && matrix.Picky(by) && !strings.HasPrefix(own.Path, listOf(by)) && !ran(r, own)
}

// listOf is the list of routes that a handler is in.
func listOf(h *rehearsal.Handler) string {
	const key = "/routes/"
	return h.Path[:strings.LastIndex(h.Path, key)+len(key)]
}

// inFront reports whether a handler stands in front of another one in the list of
// routes that this one is in.
func inFront(h, other *rehearsal.Handler) bool {
	return h.ID < other.ID && strings.HasPrefix(h.Path, listOf(other)) // they are numbered as they stand
}

// counts reports whether the policy has a part in an answer: what names the
// origin ran for it.
func (t *trial) counts(r *matrix.Reply) bool {
	return errors.Is(r.Verdict.Err, rehearsal.ErrClientCertificate) || ran(r, t.w.By(t.p))
}
