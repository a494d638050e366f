// Package neighbours judges what stands around a cors handler in provisioned routes:
// matchers that keep preflights away, `header` directives that write its headers. The
// warnings at run time and the commands have these judgments in common.
//
// What the commands say they have seen a configuration do stays separate: it needs a
// rehearsal, which a process that serves must not have. A handler has no question to ask,
// and warns of what can happen.
package neighbours

import (
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// Step is one route on the way to a handler: Routes[Index].
type Step struct {
	Routes caddyhttp.RouteList
	Index  int
}

// Route is the route itself.
func (s Step) Route() caddyhttp.Route { return s.Routes[s.Index] }
