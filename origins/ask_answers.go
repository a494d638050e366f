package origins

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// retryAfter is how long a subject is not asked about after a failure.
const retryAfter = time.Second

// answers remembers what was answered about origins, in bounded memory: each
// answer apart, so that a flood of made-up origins displaces other such ones,
// but no customer.
type answers struct {
	yes, no *lru.Cache[subject, time.Time] // when it was answered
	failed  *lru.Cache[subject, time.Time] // when it was asked last, in vain

	ttl, negativeTTL, stale time.Duration
}

func newAnswers(o *askOptions) *answers {
	cache := func() *lru.Cache[subject, time.Time] {
		c, _ := lru.New[subject, time.Time](o.cacheSize) // it fails only for a size below 1
		return c
	}
	return &answers{cache(), cache(), cache(), o.ttl, o.negativeTTL, o.stale}
}

// subject is what a question is about, and what its answer is remembered under.
// The two are apart, so that no origin and host look like another pair.
type subject struct {
	origin string
	host   string // "" without per_host
}

// key is the subject as a string. No host has a space in it: see askHost.
func (s subject) key() string {
	if s.host == "" {
		return s.origin
	}
	return s.host + " " + s.origin
}

// opinion is what is known of a subject.
type opinion struct {
	allowed bool
	known   bool // else nothing is
	fresh   bool // else it serves only while the endpoint fails

	failing bool // it was asked in vain since
	resting bool // and so lately that it must not be again
}

// recall is quick, and alters nothing but the order in which origins are
// forgotten.
func (a *answers) recall(about subject, now time.Time) (found opinion) {
	if at, ok := a.yes.Get(about); ok {
		found = remembered(true, now.Sub(at), a.ttl, a.stale)
	} else if at, ok := a.no.Get(about); ok {
		found = remembered(false, now.Sub(at), a.negativeTTL, a.stale)
	}
	if found.fresh {
		return found
	}
	if at, ok := a.failed.Get(about); ok {
		found.failing, found.resting = true, now.Sub(at) < retryAfter
	}
	return found
}

func remembered(allowed bool, age, ttl, stale time.Duration) opinion {
	if age >= ttl && age-ttl >= stale { // their sum could overflow
		return opinion{}
	}
	return opinion{allowed: allowed, known: true, fresh: age < ttl}
}

// keep notes an answer.
func (a *answers) keep(about subject, allowed bool, now time.Time) {
	in, out := a.yes, a.no
	if !allowed {
		in, out = a.no, a.yes
	}
	// In this order, so that there is always one.
	in.Add(about, now)
	out.Remove(about)
	a.failed.Remove(about)
}

// fail notes that there was none.
func (a *answers) fail(about subject, now time.Time) { a.failed.Add(about, now) }
