package origins

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// retryAfter is how long an origin is not asked about after a failure.
const retryAfter = time.Second

// answers remembers what was answered about origins, in bounded memory: each
// answer apart, so that a flood of made-up origins displaces other such ones,
// but no customer.
type answers struct {
	yes, no *lru.Cache[string, time.Time] // when it was answered
	failed  *lru.Cache[string, time.Time] // when it was asked last, in vain

	ttl, negativeTTL, stale time.Duration
}

func newAnswers(o *askOptions) *answers {
	cache := func() *lru.Cache[string, time.Time] {
		c, _ := lru.New[string, time.Time](o.cacheSize) // it fails only for a size below 1
		return c
	}
	return &answers{cache(), cache(), cache(), o.ttl, o.negativeTTL, o.stale}
}

// opinion is what is known of an origin.
type opinion struct {
	allowed bool
	known   bool // else nothing is
	fresh   bool // else it serves only while the endpoint fails

	failing bool // it was asked in vain since
	resting bool // and so lately that it must not be again
}

// recall is quick, and alters nothing but the order in which origins are
// forgotten.
func (a *answers) recall(origin string, now time.Time) (found opinion) {
	if at, ok := a.yes.Get(origin); ok {
		found = remembered(true, now.Sub(at), a.ttl, a.stale)
	} else if at, ok := a.no.Get(origin); ok {
		found = remembered(false, now.Sub(at), a.negativeTTL, a.stale)
	}
	if found.fresh {
		return found
	}
	if at, ok := a.failed.Get(origin); ok {
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
func (a *answers) keep(origin string, allowed bool, now time.Time) {
	in, out := a.yes, a.no
	if !allowed {
		in, out = a.no, a.yes
	}
	// In this order, so that there is always one.
	in.Add(origin, now)
	out.Remove(origin)
	a.failed.Remove(origin)
}

// fail notes that there was none.
func (a *answers) fail(origin string, now time.Time) { a.failed.Add(origin, now) }
