package cors

import (
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"golang.org/x/time/rate"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestWarnings: one for each kind of refusal and origin, and nothing about allowed
// requests.
func TestWarnings(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, oneLine+"\nrespond hello")
	log := corstest.LogLines(t.Name())
	for range 5 {
		corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
		corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"))
	}
	if n := log.Count("http.handlers.cors"); n != 0 {
		t.Errorf("%d lines about allowed requests:\n%s", n, log)
	}
	for range 5 {
		corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil))
		corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PURGE"))
		corstest.Ask(t, "GET", srv.URL, corstest.From("\x80"+strings.Repeat("long", 1000)))
	}
	for _, reason := range []string{"origin_not_allowed", "method_not_allowed", "origin_malformed"} {
		if n := log.Count(`"warn"`, "http.handlers.cors", "refused a CORS request", reason); n != 1 {
			t.Errorf("%s: %d warnings, want 1:\n%s", reason, n, log)
		}
	}
}

// refuser returns what a handler logs, and a function that tells it of one request.
func refuser(t *testing.T, h *Handler) (*observer.ObservedLogs, func(method, origin string)) {
	t.Helper()
	h.telemetry.refusals = newRefusals() // with the clock of this test
	core, told := observer.New(zapcore.WarnLevel)
	h.logger = zap.New(core)
	return told, func(method, origin string) {
		t.Helper()
		req := requestFrom(origin)
		if method == http.MethodOptions {
			req.Method, req.RequestMethod = method, []string{"PURGE"}
		}
		r, _ := http.NewRequest(method, "http://a.example", nil)
		d, _ := h.policy.Decide(&req)
		h.telemetry.tell(h, r, &req, &d)
	}
}

// TestWarningPace: a flood is bounded, says how much it swallowed, and does not
// silence what comes after it for longer than the pace.
func TestWarningPace(t *testing.T) {
	t.Parallel()
	h := testHandlerOf(t, oneLine)
	synctest.Test(t, func(t *testing.T) {
		told, tell := refuser(t, h)
		for i := range 10_000 {
			tell("GET", fmt.Sprintf("https://a%d.example", i))
		}
		if n := told.Len(); n != warnBurst {
			t.Fatalf("a flood wrote %d lines", n)
		}
		time.Sleep(2 * warnEvery)
		synctest.Wait()
		for _, origin := range []string{corstest.Evil, "https://another.example", "https://third.example", "https://fourth.example"} {
			tell("GET", origin)
		}
		if n := told.Len(); n != warnBurst+2 {
			t.Fatalf("%d lines after %v, want %d", n, 2*warnEvery, warnBurst+2)
		}
		for i, want := range []int{warnBurst: 10_000 - warnBurst, warnBurst + 1: 0} {
			if got := told.All()[i].ContextMap()["swallowed"]; got != int64(want) {
				t.Errorf("line %d: %v were swallowed, want %d", i, got, want)
			}
		}
	})
}

// TestWarningAgain: the same origin is told of once within an hour.
func TestWarningAgain(t *testing.T) {
	t.Parallel()
	h := testHandlerOf(t, oneLine)
	synctest.Test(t, func(t *testing.T) {
		told, tell := refuser(t, h)
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {warnAgain - time.Second, 1}, {2 * time.Second, 2}, {warnAgain / 2, 2}} {
			time.Sleep(step.wait)
			synctest.Wait()
			tell("GET", corstest.Evil)
			tell("GET", corstest.Evil)
			if n := told.Len(); n != step.want {
				t.Fatalf("%d lines %v later, want %d", n, step.wait, step.want)
			}
		}
	})
}

// TestWarningMemory: what is remembered of strangers is bounded, and forgotten.
func TestWarningMemory(t *testing.T) {
	t.Parallel()
	h := testHandlerOf(t, oneLine)
	synctest.Test(t, func(t *testing.T) {
		_, tell := refuser(t, h)
		h.telemetry.refusals.pace.SetLimit(rate.Inf)
		for i := range 2 * maxWarned {
			tell("GET", fmt.Sprintf("https://a%d.example", i))
		}
		if n := len(warnedOf(h, policy.ReasonOriginNotAllowed)); n != maxWarned {
			t.Errorf("%d refusals are remembered", n)
		}
		time.Sleep(warnAgain)
		synctest.Wait()
		if kept := warnedOf(h, policy.ReasonOriginNotAllowed); len(kept) != 0 {
			t.Errorf("after %v %d refusals are remembered", warnAgain, len(kept))
		}
	})
}

// TestWarningsEnd: what a handler remembers goes with its configuration, and not an
// hour later, when a timer would forget it.
func TestWarningsEnd(t *testing.T) {
	t.Parallel()
	h := testHandlerOf(t, oneLine)
	_, tell := refuser(t, h)
	tell("GET", corstest.Evil)
	held := weak.Make(h.telemetry.refusals)
	if err := h.Cleanup(); err != nil {
		t.Fatal(err)
	}
	tell("GET", "https://late.example") // of a request that has been on its way
	h.telemetry.refusals = nil
	for range 3 {
		runtime.GC()
	}
	if held.Value() != nil {
		t.Error("what was warned of is still there")
	}
	if err := new(Handler).Cleanup(); err != nil { // which was not provisioned
		t.Error(err)
	}
}

func warnedOf(h *Handler, reason policy.Reason) []string {
	return slices.Sorted(maps.Keys(*h.telemetry.refusals.told[reason].origins.Load()))
}

// TestWarningLength: `*` takes any Origin unread, and none of them is kept that
// no browser could send.
func TestWarningLength(t *testing.T) {
	t.Parallel()
	h := testHandlerOf(t, "cors {\norigins *\nmethods PUT\n}")
	synctest.Test(t, func(t *testing.T) {
		_, tell := refuser(t, h)
		for _, o := range []string{"https://a.example", "https://" + strings.Repeat("a", 1<<20)} {
			tell("OPTIONS", o)
		}
		if kept := warnedOf(h, policy.ReasonMethodNotAllowed); !slices.Equal(kept, []string{"", "https://a.example"}) {
			t.Errorf("kept: %.80q", kept)
		}
	})
}
