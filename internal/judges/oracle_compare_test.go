package judges_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// compare checks everything that the oracle says.
func (e *exchange) compare(t *testing.T, c *oracle.Config) *oracle.Answer {
	t.Helper()
	want := c.Answer(e.asRead())
	e.compareDecision(t, &want)
	if e.passed != want.Passed {
		t.Errorf("passed on: %t", e.passed)
		return &want
	}
	e.compareOutcome(t, &want)
	if want.Untouched {
		for _, name := range []string{"Server", "Content-Type"} { // Caddy's own, in its chain
			delete(e.answer.sent, name)
		}
		if !maps.EqualFunc(e.answer.sent, e.upstream.Header, slices.Equal) {
			t.Error("report_only changed headers")
		}
		return &want
	}
	upstream := e.upstream.Header
	if !e.passed {
		upstream = nil
	}
	if len(e.upstream.Header["X-Up"]) > 0 && e.passed && e.answer.sent.Get("X-Up") != "1" {
		t.Error("a header of the upstream is lost")
	}
	if wrong := oracle.CompareVary(e.answer.sent["Vary"], upstream["Vary"], want.Vary); wrong != "" {
		t.Error(wrong)
	}
	compareTiming(t, c, &want, e.answer.sent, upstream)
	if kept := c.Upstream == "keep" && len(spelled(upstream, "access-control-allow-origin")) > 0; kept {
		if !maps.EqualFunc(owned(e.answer.sent), owned(upstream), slices.Equal) {
			t.Error("the upstream's headers are not kept")
		}
		return &want
	}
	compareFields(t, &want, e.answer.sent)
	checkDebug(t, c, &want, e.answer.sent)
	e.compareWithBrowser(t, &want)
	for name, values := range upstream { // of whatever protocol comes
		if strings.HasPrefix(oracle.Lower(name), "access-control-") && !oracle.IsOwned(name) && !slices.Equal(e.answer.sent[name], values) {
			t.Errorf("%s of the upstream is not kept", name)
		}
	}
	if e.passed && e.upstream.Style == "trailer" {
		if !slices.Equal(e.answer.sent["Trailer"], []string{"X-T"}) || len(spelled(e.answer.header, "trailer:access-control-allow-credentials")) > 0 {
			t.Errorf("trailers: %q", e.answer.header)
		}
	}
	return &want
}

// compareDecision compares what the handler says of itself.
func (e *exchange) compareDecision(t *testing.T, want *oracle.Answer) {
	t.Helper()
	if e.decided.verdict != "" && (e.decided.verdict != want.Verdict || e.decided.reason != want.Reason) || e.decided.kind != "" && e.decided.kind != want.Kind {
		t.Errorf("got %q, want %q", e.decided, [3]string{want.Kind, want.Verdict, want.Reason})
	}
	if e.decided.verdict == "" && !want.Untouched {
		t.Error("the placeholders are not set")
	}
}

// compareOutcome compares status, body and error.
func (e *exchange) compareOutcome(t *testing.T, want *oracle.Answer) {
	t.Helper()
	switch {
	case want.Passed && e.upstream.Style == "error":
		if e.err != errUpstream { //nolint:errorlint // it must be the very same
			t.Errorf("the error became %v", e.err)
		}
	case want.Passed:
		if e.err != nil {
			t.Error(e.err)
		}
	case want.Kind == "preflight":
		if e.err != nil || e.answer.status != want.Status || e.answer.size != 0 || e.answer.sent["Content-Length"] != nil {
			t.Errorf("got status %d, %d bytes and error %v; want status %d", e.answer.status, e.answer.size, e.err, want.Status)
		}
	default:
		refusal, ok := errors.AsType[caddyhttp.HandlerError](e.err)
		if !ok || refusal.StatusCode != want.Status || e.answer.status != 0 {
			t.Errorf("got status %d and error %v; want error %d", e.answer.status, e.err, want.Status)
		}
	}
}

// compareFields: each field of the policy is there once, and no other.
func compareFields(t *testing.T, want *oracle.Answer, sent http.Header) {
	t.Helper()
	fields := maps.Clone(want.Fields)
	delete(fields, "timing-allow-origin")
	if exposed := spelled(sent, exposeHeaders); want.ExposeCarried {
		names := append(carried(sent), "date")
		for _, name := range want.Exposed {
			names = append(names, oracle.Lower(name))
		}
		slices.Sort(names)
		if len(exposed) != 1 || !slices.Equal(slices.Sorted(strings.SplitSeq(oracle.Lower(exposed[0]), ",")), slices.Compact(names)) {
			t.Errorf("exposed are %q, want %q", exposed, names)
		}
		fields[exposeHeaders] = strings.Join(exposed, "")
	}
	for name, value := range fields {
		if lines := spelled(sent, name); !slices.Equal(lines, []string{value}) {
			t.Errorf("%s: got %q, want %q", name, lines, value)
		}
	}
	for name := range owned(sent) {
		if _, ok := fields[oracle.Lower(name)]; !ok {
			t.Errorf("%s: %q should not be there", name, sent[name])
		}
	}
}

const exposeHeaders = "access-control-expose-headers"

// compareTiming compares a list, in any order. Without the option the upstream's
// is kept.
func compareTiming(t *testing.T, c *oracle.Config, want *oracle.Answer, sent, upstream http.Header) {
	t.Helper()
	const name = "timing-allow-origin"
	got := spelled(sent, name)
	switch value, ok := want.Fields[name]; {
	case !c.Timing:
		if !slices.Equal(got, spelled(upstream, name)) {
			t.Error("Timing-Allow-Origin of the upstream is not kept")
		}
	case ok:
		if len(got) != 1 || !slices.Equal(slices.Sorted(slices.Values(oracle.Names(got))), slices.Sorted(slices.Values(oracle.Names([]string{value})))) {
			t.Errorf("Timing-Allow-Origin: got %q, want %q", got, value)
		}
	case len(got) > 0:
		t.Errorf("Timing-Allow-Origin: %q should not be there", got)
	}
}

// carried returns the names that need exposing and may be.
func carried(sent http.Header) (names []string) {
	safelisted := []string{"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
	for name := range sent {
		lower := oracle.Lower(name)
		if !oracle.IsOwned(name) && !slices.Contains(safelisted, lower) && lower != "set-cookie" {
			names = append(names, lower)
		}
	}
	return names
}

// spelled returns the lines of a header in any spelling of its name.
func spelled(h http.Header, lower string) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if oracle.Lower(name) == lower {
			lines = append(lines, h[name]...)
		}
	}
	return lines
}

// owned returns the headers that the policy alone decides about.
func owned(h http.Header) http.Header {
	out := make(http.Header)
	for name, values := range h {
		if len(values) > 0 && oracle.IsOwned(name) {
			out[name] = values
		}
	}
	return out
}

// checkDebug: the header explains the decision, in a dictionary that every
// parser of structured fields can read.
func checkDebug(t *testing.T, c *oracle.Config, want *oracle.Answer, sent http.Header) {
	t.Helper()
	lines := sent["Cors-Debug"]
	if !c.Debug {
		if lines != nil {
			t.Errorf("Cors-Debug %q was not asked for", lines)
		}
		return
	}
	if len(lines) != 1 {
		t.Errorf("Cors-Debug: %q", lines)
		return
	}
	got, err := oracle.ReadDictionary(lines[0])
	if err != nil {
		t.Errorf("%q: %v", lines[0], err)
		return
	}
	detail, explained := got["detail"]
	delete(got, "detail")
	if explained != (want.Reason != "") || explained && detail == "" {
		t.Errorf("%q explains nothing, or nothing is to be explained", lines[0])
	}
	wanted := map[string]string{"policy": oracle.Printable(c.Name), "decision": want.Verdict}
	if want.Reason != "" {
		wanted["reason"] = want.Reason
	}
	if !maps.Equal(got, wanted) {
		t.Errorf("got %q, want %q", got, wanted)
	}
}
