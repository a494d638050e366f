package cors

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// compare checks everything that the oracle says.
func (e *exchange) compare(t *testing.T, oracle *oracleConfig) {
	t.Helper()
	want := oracle.answer(e.plainRequest())
	got := [3]string{e.decided.kind.String(), e.decided.verdict.String(), e.decided.reason.String()}
	if got != [3]string{want.kind, want.verdict, want.reason} {
		t.Errorf("got %q, want %q", got, [3]string{want.kind, want.verdict, want.reason})
	}
	if e.passed != want.passed {
		t.Fatalf("passed on: %t", e.passed)
	}
	e.compareOutcome(t, &want)
	if want.untouched {
		for _, name := range []string{"Server", "Content-Type"} { // Caddy's own, in its chain
			delete(e.answer.sent, name)
		}
		if !maps.EqualFunc(e.answer.sent, e.upstream.header, slices.Equal) {
			t.Error("report_only changed headers")
		}
		return
	}
	upstream := e.upstream.header
	if !e.passed {
		upstream = nil
	}
	if len(e.upstream.header["X-Up"]) > 0 && e.passed && e.answer.sent.Get("X-Up") != "1" {
		t.Error("a header of the upstream is lost")
	}
	compareVary(t, e.answer.sent["Vary"], upstream["Vary"], want.vary)
	if kept := oracle.Upstream == "keep" && len(spelled(upstream, "access-control-allow-origin")) > 0; kept {
		if !maps.EqualFunc(owned(e.answer.sent, true), owned(upstream, true), slices.Equal) {
			t.Error("the upstream's headers are not kept")
		}
		return
	}
	compareFields(t, &want, e.answer.sent, oracle.Timing)
	checkDebug(t, oracle, &want, e.answer.sent)
	e.compareWithBrowser(t, &want)
	if !oracle.Timing && !slices.Equal(spelled(e.answer.sent, "timing-allow-origin"), spelled(upstream, "timing-allow-origin")) {
		t.Error("Timing-Allow-Origin of the upstream is not kept")
	}
	if e.passed && e.upstream.style == "trailer" {
		if !slices.Equal(e.answer.sent["Trailer"], []string{"X-T"}) || len(spelled(e.answer.header, "trailer:access-control-allow-credentials")) > 0 {
			t.Errorf("trailers: %q", e.answer.header)
		}
	}
}

// compareOutcome compares status, body and error.
func (e *exchange) compareOutcome(t *testing.T, want *oracleAnswer) {
	t.Helper()
	switch {
	case want.passed && e.upstream.style == "error":
		if e.err != errUpstream { //nolint:errorlint // it must be the very same
			t.Errorf("the error became %v", e.err)
		}
	case want.passed:
		if e.err != nil {
			t.Error(e.err)
		}
	case want.kind == "preflight":
		if e.err != nil || e.answer.status != want.status || e.answer.size != 0 || e.answer.sent["Content-Length"] != nil {
			t.Errorf("got status %d, %d bytes and error %v; want status %d", e.answer.status, e.answer.size, e.err, want.status)
		}
	default:
		refusal, ok := errors.AsType[caddyhttp.HandlerError](e.err)
		if !ok || refusal.StatusCode != want.status || e.answer.status != 0 {
			t.Errorf("got status %d and error %v; want error %d", e.answer.status, e.err, want.status)
		}
	}
}

// compareFields: each field of the policy is there once, and no other.
func compareFields(t *testing.T, want *oracleAnswer, sent http.Header, timing bool) {
	t.Helper()
	fields := maps.Clone(want.fields)
	if want.exposeCarried {
		exposed := spelled(sent, "access-control-expose-headers")
		if len(exposed) != 1 || !slices.Equal(slices.Sorted(strings.SplitSeq(asciiLower(exposed[0]), ",")), carried(sent)) {
			t.Errorf("exposed are %q, carried %q", exposed, carried(sent))
		}
		fields["access-control-expose-headers"] = strings.Join(exposed, "")
	}
	for name, value := range fields {
		if lines := spelled(sent, name); !slices.Equal(lines, []string{value}) {
			t.Errorf("%s: got %q, want %q", name, lines, value)
		}
	}
	for name := range owned(sent, timing) {
		if _, ok := fields[asciiLower(name)]; !ok {
			t.Errorf("%s: %q should not be there", name, sent[name])
		}
	}
}

// carried returns the names that need exposing and may be.
func carried(sent http.Header) (names []string) {
	safelisted := []string{"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
	for name := range sent {
		lower := asciiLower(name)
		if !strings.HasPrefix(lower, "access-control-") && !slices.Contains(safelisted, lower) && lower != "set-cookie" {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return names
}

// compareVary: nothing of the upstream's is lost, ours is there, nothing twice.
func compareVary(t *testing.T, sent, upstream, ours []string) {
	t.Helper()
	if len(ours) == 0 {
		if !slices.Equal(sent, upstream) {
			t.Errorf("Vary: got %q, want %q untouched", sent, upstream)
		}
		return
	}
	got, want := varyNames(sent), distinct(append(varyNames(upstream), ours...), sameName)
	if slices.Contains(want, "*") {
		want = []string{"*"}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("Vary: got %q, want %q", got, want)
	}
}

func varyNames(lines []string) (names []string) {
	for name := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if name = strings.Trim(name, " \t"); name != "" {
			names = append(names, asciiLower(name))
		}
	}
	return names
}

// spelled returns the lines of a header in any spelling of its name.
func spelled(h http.Header, lower string) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if asciiLower(name) == lower {
			lines = append(lines, h[name]...)
		}
	}
	return lines
}

// owned returns the headers that the policy alone decides about.
func owned(h http.Header, timing bool) http.Header {
	out := make(http.Header)
	for name, values := range h {
		lower := asciiLower(name)
		if len(values) > 0 && (strings.HasPrefix(lower, "access-control-") || timing && lower == "timing-allow-origin") {
			out[name] = values
		}
	}
	return out
}
