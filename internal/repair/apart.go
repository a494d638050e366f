package repair

import (
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// concerned are the jobs that a finding above a note is about. Of nil: all.
func concerned(jobs []*job, findings []lint.Finding) []*job {
	if findings == nil {
		return jobs
	}
	found := slices.DeleteFunc(slices.Clone(findings), func(f lint.Finding) bool { return f.Severity == lint.Note })
	return slices.DeleteFunc(jobs, func(j *job) bool { return !slices.ContainsFunc(found, j.repair().finds) })
}

// apart takes those lines off the policies of a site that run elsewhere, and not where
// a policy is for: what stands in a `handle` of its own is for the other requests.
func (w *workshop) apart(s *site) {
	if s.named { // it is asked where it is invoked
		return
	}
	bases := w.before.hosts(w.before.bases(s))
	for _, p := range s.policies {
		own := which(p.lines, func(l *line) bool { return l.key() == p.key && l.isOrigin() })
		urls := w.before.leadingTo(bases, own)
		if len(urls) == 0 {
			continue
		}
		paths, _ := w.before.paths(p)
		everywhere := addresses(bases, paths)
		p.lines = which(p.lines, func(l *line) bool {
			handlers := w.before.handlers(bases, []*line{l})
			if l.key() == p.key || l.key() != "" || len(handlers) == 0 || l.verb == supplies {
				return true
			}
			return w.runs(l, handlers, urls) || !w.runs(l, handlers, everywhere)
		})
	}
}

// runs reports whether what a line became runs at one of some addresses.
func (w *workshop) runs(l *line, handlers []*rehearsal.Handler, urls []string) bool {
	from := []string{matrix.Stranger}
	for _, c := range l.named() {
		from = append(from, c.samples()...)
	}
	return slices.ContainsFunc(urls, func(url string) bool {
		return slices.ContainsFunc(from, func(o string) bool {
			return w.before.meets(url, o, false, handlers) || w.before.meets(url, o, true, handlers)
		})
	})
}
