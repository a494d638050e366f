package vectors_test

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

const serverVectors, extraVectors = 272, 17

// skippedVectors are the vectors that do not apply, with the reason.
var skippedVectors = map[string]string{}

// TestVectors runs every vector of the files, or fails for want of a runner.
func TestVectors(t *testing.T) {
	t.Parallel()
	vectors := append(corstest.ReadVectors[vector](t, "server.jsonl"), corstest.ReadVectors[vector](t, "extra.jsonl")...)
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
	switch v.Kind {
	case "actual", "preflight":
		return runPlain
	case "sequence":
		return runSequence
	case "wire":
		return wireRunners[v.ID]
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

// vectorConfig is a policy in neutral words.
type vectorConfig struct {
	Origins     []string `json:"origins"`
	Credentials bool     `json:"credentials"`
	Methods     []string `json:"methods"`
	Headers     []string `json:"headers"`
	Expose      []string `json:"expose"`
	MaxAge      *int     `json:"max_age"`
	Upstream    string   `json:"upstream"`
	Preflight   string   `json:"preflight"`
	Dangerous   []string `json:"dangerously_allow"`

	// Order is where a naive Caddyfile puts the directive.
	Order string `json:"order"`
}

// directive writes the policy as a Caddyfile has it.
func (c *vectorConfig) directive() string {
	var b strings.Builder
	line := func(option string, values ...string) {
		b.WriteString("\t" + option)
		for _, v := range values {
			b.WriteString(" " + quoted(v))
		}
		b.WriteString("\n")
	}
	list := func(option string, values []string, empty ...string) {
		if len(values) == 0 {
			values = empty
		}
		if len(values) > 0 {
			line(option, values...)
		}
	}
	list("origins", c.Origins)
	list("methods", c.Methods, "none")
	list("headers", c.Headers, "none")
	list("expose", c.Expose)
	list("dangerously_allow", c.Dangerous)
	if c.Credentials {
		line("credentials")
	}
	if c.MaxAge == nil {
		line("max_age", "off")
	} else {
		line("max_age", fmt.Sprintf("%ds", *c.MaxAge))
	}
	if c.Upstream != "" {
		line("upstream", c.Upstream)
	}
	if c.Preflight != "" {
		line("preflight", c.Preflight)
	}
	return "cors {\n" + b.String() + "}\n"
}

// quoted writes a value as one token of a Caddyfile.
func quoted(value string) string {
	return `"` + strings.ReplaceAll(value, `"`, `\"`) + `"`
}
