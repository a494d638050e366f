package repair

import "slices"

// claims says what a job's try promises.
func (w *workshop) claims(j *job) (list []*claimed) {
	for i, p := range j.policies {
		list = append(list, w.claim(p, j.drafts[i], len(j.tries[0].options) > 0, j.origins()))
	}
	return list
}

// claim says what a draft promises for one policy.
func (w *workshop) claim(p *policy, d *draft, keep bool, written []string) *claimed {
	c := &claimed{policy: p, draft: d, keep: keep, before: w.before, counts: map[string]bool{}, bases: w.before.hosts(w.before.bases(p.site)), written: written}
	paths, own := w.before.paths(p)
	for _, base := range c.bases {
		for _, path := range paths {
			c.urls = append(c.urls, base+escapedPath(path))
		}
	}
	if slices.ContainsFunc(c.urls, c.inside) {
		return c
	}
	// Nothing of it ever runs, so it counts where it is written for.
	c.always = p.key == ""
	for _, path := range paths[:own] {
		for _, base := range c.bases {
			c.counts[base+escapedPath(path)] = true
		}
	}
	return c
}
