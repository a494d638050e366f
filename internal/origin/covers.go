package origin

import "strings"

// Covers reports whether every origin that q matches is matched by p.
func (p Pattern) Covers(q Pattern) bool {
	if p.Scheme != q.Scheme || !p.AnyPort && (q.AnyPort || p.Port != q.Port) {
		return false
	}
	if p.Host == q.Host {
		return p.coversInFront(q)
	}
	front, below := cutBase(q.Host, p.Host)
	switch p.Depth {
	case AnyDepth:
		return below
	case OneLabel, InLabel:
		return below && q.Depth == Exact && p.matchesFront(front)
	default:
		return false
	}
}

// coversInFront compares the wildcards in front of the same host.
func (p Pattern) coversInFront(q Pattern) bool {
	switch {
	case p.Depth == InLabel && q.Depth == InLabel:
		return cutAffixes(p.Label).covers(cutAffixes(q.Label))
	case p.Depth == OneLabel:
		return q.Depth == OneLabel || q.Depth == InLabel
	case p.Depth == AnyDepth:
		return q.Depth != Exact
	}
	return p.Depth == q.Depth
}

// Overlaps reports whether some origin may be matched by both. It errs only
// towards true, for two labels whose common ones would have to be of a length
// or with an underscore that they cannot have.
func (p Pattern) Overlaps(q Pattern) bool {
	if p.Scheme != q.Scheme || !p.AnyPort && !q.AnyPort && p.Port != q.Port {
		return false
	}
	if p.Host == q.Host {
		if p.Depth == InLabel && q.Depth == InLabel {
			return cutAffixes(p.Label).meets(cutAffixes(q.Label))
		}
		return (p.Depth == Exact) == (q.Depth == Exact)
	}
	if strings.HasSuffix(p.Host, q.Host) {
		return q.reaches(p)
	}
	return p.reaches(q)
}

// reaches reports whether p may match what q, whose host is below p's, matches.
func (p Pattern) reaches(q Pattern) bool {
	front, below := cutBase(q.Host, p.Host)
	return below && (p.Depth == AnyDepth || q.Depth == Exact && p.matchesFront(front))
}
