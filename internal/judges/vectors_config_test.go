package judges_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// vectorConfig is a policy in neutral words.
type vectorConfig struct {
	vectorRights
	Origins      []string      `json:"origins"`
	OriginRegexp []string      `json:"origin_regexp"`
	OriginsFrom  *vectorSource `json:"origins_from"`
	Except       []string      `json:"except"`
	For          []vectorFor   `json:"for"`
	Upstream     string        `json:"upstream"`
	Preflight    string        `json:"preflight"`
	Enforce      []string      `json:"enforce"`
	Timing       bool          `json:"timing"`
	Debug        bool          `json:"debug"`
	Dangerous    []string      `json:"dangerously_allow"`

	// Order is where a naive Caddyfile puts the directive.
	Order string `json:"order"`
}

// vectorRights are what an origin may do. A list that is not there is empty.
type vectorRights struct {
	Credentials bool     `json:"credentials"`
	Methods     []string `json:"methods"`
	Headers     []string `json:"headers"`
	Expose      []string `json:"expose"`
	MaxAge      *int     `json:"max_age"`
}

// vectorFor is an entry of `for`. What is not there is inherited.
type vectorFor struct {
	Origins     []string  `json:"origins"`
	Credentials *bool     `json:"credentials"`
	Methods     *[]string `json:"methods"`
	Headers     *[]string `json:"headers"`
	Expose      *[]string `json:"expose"`
	MaxAge      *int      `json:"max_age"`
}

// rights are what a request's origin may do.
func (c *vectorConfig) rights(r *vectorRequest) vectorRights {
	rights := c.vectorRights
	for _, f := range c.For {
		if oracle.AnyMatches(f.Origins, r.header(1).Get("Origin")) {
			return f.inherit(rights)
		}
	}
	return rights
}

func (f *vectorFor) inherit(rights vectorRights) vectorRights {
	inherit(&rights.Credentials, f.Credentials)
	inherit(&rights.Methods, f.Methods)
	inherit(&rights.Headers, f.Headers)
	inherit(&rights.Expose, f.Expose)
	if f.MaxAge != nil {
		rights.MaxAge = f.MaxAge
	}
	return rights
}

func inherit[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// lines are those of a block.
type lines struct{ strings.Builder }

func (b *lines) line(option string, values ...string) {
	b.WriteString("\t" + option)
	for _, v := range values {
		b.WriteString(" " + quoted(v))
	}
	b.WriteString("\n")
}

// list writes a list, or what stands for one without values.
func (b *lines) list(option string, values []string, empty ...string) {
	if len(values) == 0 {
		values = empty
	}
	if len(values) > 0 {
		b.line(option, values...)
	}
}

// directive writes the policy as a Caddyfile has it. Matcher may be empty.
func (c *vectorConfig) directive(matcher string) string {
	var b lines
	b.list("origins", c.Origins)
	b.list("origin_regexp", c.OriginRegexp)
	b.list("except", c.Except)
	b.WriteString(c.OriginsFrom.directive())
	for i := range c.For {
		b.WriteString(c.For[i].directive())
	}
	b.list("methods", c.Methods, "none")
	b.list("headers", c.Headers, "none")
	b.list("expose", c.Expose)
	b.list("enforce", c.Enforce)
	b.list("dangerously_allow", c.Dangerous)
	for option, on := range map[string]bool{"credentials": c.Credentials, "timing": c.Timing, "debug": c.Debug} {
		if on {
			b.line(option)
		}
	}
	b.line("max_age", seconds(c.MaxAge))
	for option, value := range map[string]string{"upstream": c.Upstream, "preflight": c.Preflight} {
		if value != "" {
			b.line(option, value)
		}
	}
	return "cors " + matcher + " {\n" + b.String() + "}\n"
}

func (f *vectorFor) directive() string {
	var b lines
	if f.Credentials != nil {
		b.line("credentials", fmt.Sprint(*f.Credentials))
	}
	if f.Methods != nil {
		b.list("methods", *f.Methods, "none")
	}
	if f.Headers != nil {
		b.list("headers", *f.Headers, "none")
	}
	if f.Expose != nil {
		b.list("expose", *f.Expose)
	}
	if f.MaxAge != nil {
		b.line("max_age", seconds(f.MaxAge))
	}
	return "for " + strings.Join(f.Origins, " ") + " {\n" + b.String() + "}\n"
}

func seconds(age *int) string {
	if age == nil {
		return "off"
	}
	return fmt.Sprintf("%ds", *age)
}

// quoted writes a value as one token of a Caddyfile.
func quoted(value string) string {
	return `"` + strings.ReplaceAll(value, `"`, `\"`) + `"`
}

// vectorAllows are the origins that an endpoint allows, always or by host.
type vectorAllows struct {
	always []string
	byHost map[string][]string
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *vectorAllows) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, &a.always)
	}
	return json.Unmarshal(b, &a.byHost)
}
