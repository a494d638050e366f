package origins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// asker asks one endpoint and remembers its answers.
type asker struct {
	members
	options askOptions
	answers *answers
	asking  singleflight.Group
	room    *semaphore.Weighted

	client *http.Client
	begin  func() (context.Context, context.CancelFunc) // of one question
	end    context.CancelFunc                           // of all
	now    func() time.Time
	quiet  rateLimit

	stopTimeout time.Duration // how long Destruct waits for open questions
}

func newAsker(o askOptions) *asker {
	// One transport of its own: its connections end with it.
	transport := new(http.Transport)
	if usual, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = usual.Clone()
	}
	transport.MaxIdleConnsPerHost = o.maxInFlight
	transport.MaxResponseHeaderBytes = 64 << 10
	transport.DisableCompression = true
	all, end := context.WithCancel(context.Background())
	return &asker{
		members: newMembers(),
		options: o,
		answers: newAnswers(&o),
		room:    semaphore.NewWeighted(int64(o.maxInFlight)),
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		begin: func() (context.Context, context.CancelFunc) { return context.WithTimeout(all, o.timeout) },
		end:   end,
		now:   time.Now,
		quiet: rateLimit{every: 10 * time.Second},

		stopTimeout: stopTimeout,
	}
}

func (a *asker) open() {}

// Destruct implements caddy.Destructor. Requests of the old configuration may
// still wait for an answer: it lets them have it, for a moment, and takes all
// the room, so that nothing new is asked.
func (a *asker) Destruct() error {
	moment, cancel := context.WithTimeout(context.Background(), a.stopTimeout)
	defer cancel()
	_ = a.room.Acquire(moment, int64(a.options.maxInFlight))
	a.end()
	a.client.CloseIdleConnections()
	return nil
}

var (
	errBusy    = errors.New("too many questions about origins are waiting for an answer")
	errResting = errors.New("the endpoint failed a moment ago")
)

// allows answers from memory if it can, and asks if it must. It waits for the
// answer even if the client has gone: the question has a timeout of its own, and
// "the source is not available" would be a lie.
func (a *asker) allows(about subject) (bool, error) {
	known := a.answers.recall(about, a.now())
	switch {
	case known.fresh:
		return known.allowed, nil
	case known.resting && known.known:
		return known.allowed, nil
	case known.resting:
		return false, errResting
	}
	result := a.asking.DoChan(about.key(), func() (any, error) { return a.question(about) })
	if known.known && known.failing {
		return known.allowed, nil // nobody waits for an endpoint that is down
	}
	r := <-result
	if r.Err == nil {
		allowed, _ := r.Val.(bool)
		return allowed, nil
	}
	if known.known {
		return known.allowed, nil
	}
	return false, r.Err
}

// question asks about a subject, whoever still waits for the answer.
func (a *asker) question(about subject) (bool, error) {
	// Perhaps one was answered between the look into memory and here.
	if known := a.answers.recall(about, a.now()); known.fresh {
		return known.allowed, nil
	}
	if !a.room.TryAcquire(1) {
		a.warn(errBusy)
		return false, errBusy
	}
	defer a.room.Release(1)
	// A copy: the request's memory must not outlive it.
	about = subject{strings.Clone(about.origin), strings.Clone(about.host)}
	allowed, err := a.get(about)
	if err != nil {
		a.answers.fail(about, a.now())
		a.warn(err)
		return false, err
	}
	a.answers.keep(about, allowed, a.now())
	return allowed, nil
}

// get sends one request.
func (a *asker) get(about subject) (bool, error) {
	ctx, cancel := a.begin()
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.options.questionURL(about), nil)
	if err != nil {
		return false, withoutURL(err)
	}
	res, err := a.client.Do(req)
	if err != nil {
		return false, withoutURL(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols { // whose body is a connection, without a timeout
		// A short body is read to its end, so that the connection can be used again.
		_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	}
	switch {
	case res.StatusCode >= 200 && res.StatusCode <= 299:
		return true, nil
	case res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusNotFound:
		return false, nil
	}
	return false, fmt.Errorf("it answered %s; 200 to 299 mean yes, 403 and 404 no, and nothing else is an answer", httpwords.Shorten(res.Status))
}

// withoutURL takes the URL out of an error: it may hold secrets.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func (a *asker) warn(err error) {
	if swallowed, ok := a.quiet.allows(a.now()); ok {
		a.log().Warn("asking about an origin failed; where there is no earlier answer it is refused",
			zap.String("source", a.options.name), zap.Error(err), zap.Int("more_failures", swallowed))
	}
}

// rateLimit lets one event through in every period, and counts the others.
type rateLimit struct {
	every time.Duration

	mu        sync.Mutex
	next      time.Time
	swallowed int
}

func (l *rateLimit) allows(now time.Time) (swallowed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.next) {
		l.swallowed++
		return 0, false
	}
	swallowed, l.swallowed = l.swallowed, 0
	l.next = now.Add(l.every)
	return swallowed, true
}
