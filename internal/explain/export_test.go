package explain

import (
	"github.com/caddy-cors/caddy-cors/internal/fetch"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Play asks a configuration with an upstream in one person.
func Play(stage *rehearsal.Rehearsal, page fetch.Page, request fetch.Request, person rehearsal.Person) fetch.Verdict {
	return play(stage, page, request, circumstances{person: person}).verdict
}

// Cure is what explain proposes for a question.
func Cure(stage *rehearsal.Rehearsal, page fetch.Page, request fetch.Request) string {
	return explain(stage, page, request).cure
}
