package judges_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// The vectors of testdata/vectors/server.jsonl, and our own of extra.jsonl, each
// run against the real chain of Caddy. README.md there describes the format.

const serverVectors, extraVectors = 366, 17

// skippedVectors are the vectors that do not apply, with the reason.
var skippedVectors = map[string]string{}

// TestVectors runs every vector of the files, or fails for want of a runner.
func TestVectors(t *testing.T) {
	t.Parallel()
	vectors := append(corstest.ReadVectors[vector](t, "server.jsonl", map[string]string{"{site}": siteName}), corstest.ReadVectors[vector](t, "extra.jsonl", nil)...)
	seen := make(map[string]bool)
	for i := range vectors {
		v := &vectors[i]
		if seen[v.ID] {
			t.Errorf("%s stands there twice", v.ID)
		}
		seen[v.ID] = true
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			if reason := skippedVectors[v.ID]; reason != "" {
				t.Skip(reason)
			}
			run := v.runner()
			if run == nil {
				t.Fatalf("nothing runs this vector of kind %q", v.Kind)
			}
			run(t, v)
		})
	}
	if len(seen) != serverVectors+extraVectors {
		t.Errorf("%d vectors, want %d", len(seen), serverVectors+extraVectors)
	}
	corstest.WantKnown(t, skippedVectors, seen)
	corstest.WantKnown(t, wireRunners, seen)
}

func (v *vector) runner() func(*testing.T, *vector) {
	switch {
	case wireRunners[v.ID] != nil:
		return wireRunners[v.ID]
	case v.isPlaced():
		return runPlaced
	}
	switch v.Kind {
	case "actual", "preflight":
		return runPlain
	case "sequence":
		return runSequence
	}
	return nil
}

// vector is a line of server.jsonl.
type vector struct {
	ID     string       `json:"id"`
	Group  string       `json:"group"`
	Kind   string       `json:"kind"`
	Level  string       `json:"level"`
	Config vectorConfig `json:"config"`
	Steps  []vectorStep `json:"steps"`
	Cache  string       `json:"cache"`
	Why    string       `json:"why"`
	Source string       `json:"source"`
	Note   string       `json:"note"`
	Mutate string       `json:"mutates"`

	Site *vectorPlace      `json:"site"`
	Env  map[string]string `json:"env"`
	vectorStep
}

// vectorStep is one request and what to expect of it; all but the sequences
// have just one.
type vectorStep struct {
	Request  vectorRequest   `json:"request"`
	Upstream *vectorUpstream `json:"upstream"`
	Page     *vectorPage     `json:"page"`
	Expect   vectorExpect    `json:"expect"`
}

type vectorRequest struct {
	Method   string         `json:"method"`
	Headers  []vectorHeader `json:"headers"`
	Protocol string         `json:"protocol"`
	Host     string         `json:"host"`
	Target   string         `json:"target"`
	HTTP     string         `json:"http"`
	Body     string         `json:"body"`

	chunked bool
}

// vectorPage is what a page's script asked for.
type vectorPage struct {
	Origin      string         `json:"origin"`
	Credentials string         `json:"credentials"`
	Method      string         `json:"method"`
	Headers     []vectorHeader `json:"headers"`
}

type vectorExpect struct {
	Reaches   *bool              `json:"reaches_upstream"`
	Browser   string             `json:"browser"`
	Status    []int              `json:"status_any_of"`
	Headers   map[string]*string `json:"headers"`
	Covers    *vectorCovers      `json:"covers"`
	Refused   bool               `json:"refused"`
	Vary      []string           `json:"vary"`
	VaryNot   []string           `json:"vary_not"`
	VaryCount map[string]int     `json:"vary_count"`
	VaryKeeps []string           `json:"vary_keeps"`
	Single    []string           `json:"single"`
	Exposed   []string           `json:"exposed"`
	Body      *string            `json:"body"`
	Cost      string             `json:"cost"`

	// Of Cors-Debug; and how often the endpoint of `ask` was asked.
	Decision string  `json:"decision"`
	Reason   *string `json:"reason"`
	Asked    *int    `json:"asked"`

	// What the page sees at least, and names in Expose-Headers.
	Exposes   []string `json:"exposes"`
	ExposeHas []string `json:"expose_has"`
	ExposeNot []string `json:"expose_not"`

	// Of wire vectors; their runners look after these.
	Connection    string `json:"connection"`
	Reusable      bool   `json:"connection_reusable"`
	NoLengthOn204 bool   `json:"no_content_length_on_204"`
	NextUnchanged bool   `json:"next_request_unchanged"`
	MaxDelay      int    `json:"max_delay_ms"`
}

type vectorCovers struct {
	Method  string   `json:"method"`
	Headers []string `json:"headers"`
}

// vectorHeader is a header with its lines: mostly one, but a third element can
// repeat it.
type vectorHeader struct {
	name  string
	value vectorValue
	lines int
}

// UnmarshalJSON implements json.Unmarshaler.
func (h *vectorHeader) UnmarshalJSON(b []byte) error {
	var options struct {
		Lines int `json:"lines"`
	}
	parts := []any{&h.name, &h.value, &options}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	h.lines = max(options.Lines, 1)
	return nil
}

// vectorValue is a text, or the description of a long one.
type vectorValue struct {
	Prefix string `json:"prefix"`
	Repeat string `json:"repeat"`
	Times  int    `json:"times"`
	Suffix string `json:"suffix"`

	Join  string `json:"join"`
	Count int    `json:"count"`
	Sep   string `json:"sep"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *vectorValue) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		return json.Unmarshal(b, &v.Prefix)
	}
	type plain vectorValue
	return json.Unmarshal(b, (*plain)(v))
}

// text writes the value out, a divisor shorter.
func (v vectorValue) text(divisor int) string {
	names := make([]string, v.Count/divisor)
	for i := range names {
		names[i] = fmt.Sprintf(v.Join, i)
	}
	return v.Prefix + strings.Repeat(v.Repeat, v.Times/divisor) + v.Suffix + strings.Join(names, v.Sep)
}

// header returns the request's headers; a divisor above 1 makes long ones so
// much shorter.
func (r *vectorRequest) header(divisor int) http.Header {
	header := make(http.Header)
	for _, h := range r.Headers {
		for range max(h.lines/divisor, 1) {
			header.Add(h.name, h.value.text(divisor))
		}
	}
	return header
}
