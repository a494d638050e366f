package policy

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// optionsOf reads the lines of a block, as the directive would: one option a
// line, `for` with a block of its own. It knows no quotes.
func optionsOf(t testing.TB, lines string) *Options {
	t.Helper()
	o := new(Options)
	into, prefix := &o.Permissions, ""
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "}":
			into, prefix = &o.Permissions, ""
		case words[0] == "for":
			o.For = append(o.For, ForOptions{At: Location{Option: "for"}, Origins: itemsOf("for", words[1:len(words)-1])})
			into, prefix = &o.For[len(o.For)-1].Permissions, "for."
		case !into.read(t, prefix, words) && !o.read(words):
			t.Fatalf("the helper knows no %q", line)
		}
	}
	return o
}

// read reads an option of the whole policy, and reports whether it is one.
func (o *Options) read(words []string) bool {
	items := itemsOf(words[0], words[1:])
	switch words[0] {
	case "origins":
		o.Origins = append(o.Origins, items...)
	case "origin_regexp":
		o.Regexps = append(o.Regexps, items...)
	case "except":
		o.Except = append(o.Except, items...)
	case "dangerously_allow":
		o.Dangerous = append(o.Dangerous, items...)
	case "enforce":
		o.Enforce = append(o.Enforce, items...)
	case "sources":
		o.Sources++
	case "preflight":
		o.Preflight = items[0]
	case "upstream":
		o.Upstream = items[0]
	case "timing":
		o.Timing = true
	default:
		return false
	}
	return true
}

// read reads an option that a `for` may have too.
func (r *PermissionOptions) read(t testing.TB, prefix string, words []string) bool {
	t.Helper()
	list := List{Set: true, Items: itemsOf(prefix+words[0], words[1:])}
	switch words[0] {
	case "credentials":
		yes := len(words) == 1 || words[1] == "true"
		r.Credentials = &yes
	case "methods":
		r.Methods = list
	case "headers":
		r.Headers = list
	case "expose":
		r.Expose = list
	case "max_age":
		d := time.Duration(-1)
		if words[1] != "off" {
			var err error
			if d, err = time.ParseDuration(words[1]); err != nil {
				t.Fatal(err)
			}
		}
		r.MaxAge = &d
	default:
		return false
	}
	return true
}

func itemsOf(option string, words []string) []Item {
	items := make([]Item, len(words))
	for i, w := range words {
		items[i] = Item{Text: w, At: Location{Option: option, Index: i}}
	}
	return items
}

// policyOf compiles the lines of a block.
func policyOf(t testing.TB, lines string) *Policy {
	t.Helper()
	p, found := Compile(optionsOf(t, lines))
	if err := found.Err(); err != nil {
		t.Fatalf("%q does not compile: %v", lines, err)
	}
	return p
}

// decide judges a request where no source is asked.
func (p *Policy) decide(r *Request) Decision {
	d, _ := p.Decide(r)
	return d
}

// preflightFrom is a preflight from an origin; names are the lines of
// Access-Control-Request-Headers.
func preflightFrom(o, method string, names ...string) Request {
	return Request{Method: "OPTIONS", Origin: []string{o}, RequestMethod: []string{method}, Header: http.Header{httpwords.RequestHeaders: names}}
}

// getFrom is a GET from an origin.
func getFrom(o string) Request {
	return Request{Method: http.MethodGet, Origin: []string{o}}
}
