package explain

import (
	"net/netip"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Play asks a configuration with an upstream in one person.
func Play(stage *rehearsal.Rehearsal, page browser.Page, request browser.Request, person rehearsal.Person) browser.Verdict {
	return Ask(stage, page, request, rehearsal.Question{Person: person}).Verdict
}

// HasCure reports whether there is one for a reason.
func HasCure(reason string) bool { return cures[reason] != nil }

// Cure is what explain proposes for a question.
func Cure(stage *rehearsal.Rehearsal, page browser.Page, request browser.Request) string {
	return Ask(stage, page, request, rehearsal.Question{}).Cure()
}

// PlayFrom is Play for a client with an address.
func PlayFrom(stage *rehearsal.Rehearsal, page browser.Page, request browser.Request, person rehearsal.Person, from netip.Addr) browser.Verdict {
	return Ask(stage, page, request, rehearsal.Question{Person: person, Address: from}).Verdict
}
