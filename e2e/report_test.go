package e2e

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// wire is one request as it reached the server.
type wire struct {
	Method    string
	Host      string
	Path      string // below the case's own
	Origin    string // as it came; "none" if absent
	Preflight bool
	Asks      string // Access-Control-Request-Method
	AsksFor   string // Access-Control-Request-Headers; lines are joined by " | "
	Cookie    bool
	Auth      bool
}

// result is what a page experienced of one step.
type result struct {
	Outcome string   `json:"outcome"` // a status, load, open, error, opaque, ...
	Names   []string `json:"names"`   // the response headers that it could read
	Body    string   `json:"body"`
	Detail  string   `json:"detail"` // for people
}

// report is all that is known of one run of a case.
type report struct {
	Wires   []wire
	Results []result
	Reached int // how many requests came to what stands behind Caddy
	// Decides is the step of the standard that stood against the page in the last step; the simulator only.
	Decides int
	Why     string
}

// String is the short form in which expectations are written: the requests
// that the server saw, a colon, and what came of each step:
//
//	preflight PUT: 200
//	GET GET@null: error
//
// The Origin of a request is written after an @ unless it is that of the page
// app; +cookie and +auth say what else it carried.
func (r *report) String() string {
	words := make([]string, len(r.Wires))
	for i := range r.Wires {
		words[i] = r.Wires[i].short()
	}
	return join(words, r.Results, func(res *result) string { return cmp.Or(res.Outcome, "?") })
}

// Full has everything in it that must agree between the simulator and a
// browser: what preflights ask for, where requests go, and which headers the
// page can read.
func (r *report) Full() string {
	words := make([]string, len(r.Wires))
	for i := range r.Wires {
		words[i] = r.Wires[i].full()
	}
	return join(words, r.Results, func(res *result) string {
		if res.Names == nil {
			return cmp.Or(res.Outcome, "?")
		}
		return cmp.Or(res.Outcome, "?") + "[" + strings.Join(res.Names, " ") + "]"
	})
}

// join writes long repetitions as a product.
func join(words []string, results []result, say func(*result) string) string {
	var b strings.Builder
	for i := 0; i < len(words); {
		n := 1
		for i+n < len(words) && words[i+n] == words[i] {
			n++
		}
		if n < 4 {
			n = 1
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(words[i])
		if n > 1 {
			b.WriteString("×" + strconv.Itoa(n))
		}
		i += n
	}
	b.WriteByte(':')
	for i := range results {
		b.WriteString(" " + say(&results[i]))
	}
	return b.String()
}

func (w *wire) short() string {
	s := w.Method
	if w.Preflight {
		s = "preflight"
	}
	if w.Origin != "app" {
		s += "@" + w.Origin
	}
	if w.Cookie {
		s += "+cookie"
	}
	if w.Auth {
		s += "+auth"
	}
	return s
}

func (w *wire) full() string {
	s := w.short()
	if w.Preflight {
		s += "(" + w.Asks
		if w.AsksFor != "" {
			s += "; " + w.AsksFor
		}
		s += ")"
	}
	if w.Path != "x" {
		s += " to " + w.Path
	}
	return s
}

// details are what the page says about its steps, errors above all.
func (r *report) details() []string {
	var list []string
	for _, res := range r.Results {
		list = append(list, cmp.Or(res.Detail, res.Body))
	}
	return list
}

// settle puts the names in order and takes out what no client is told alike.
func (r *result) settle() {
	if r.Names == nil {
		return
	}
	for i, n := range r.Names {
		r.Names[i] = strings.ToLower(n)
	}
	slices.Sort(r.Names)
	r.Names = slices.Compact(slices.DeleteFunc(r.Names, func(n string) bool {
		// Of the connection, not of the message.
		return n == "connection" || n == "keep-alive" || n == "transfer-encoding"
	}))
}
