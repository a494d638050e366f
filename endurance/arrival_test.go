package endurance

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// arrival is the first handler of every site. It writes down that a request has
// come, so that one which is lost on the way is told from one which is dropped.
// There are two such ways. Caddy opens a socket for each configuration, and
// Linux resets the connections that wait in the queue of one that closes (unless
// net.ipv4.tcp_migrate_req says otherwise). And a server of net/http that shuts
// down does not answer what it reads after that.
type arrival struct{}

func init() {
	caddy.RegisterModule(arrival{})
	httpcaddyfile.RegisterHandlerDirective("endurance_arrival", func(httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		return arrival{}, nil
	})
	httpcaddyfile.RegisterDirectiveOrder("endurance_arrival", httpcaddyfile.Before, "tracing")
}

// CaddyModule returns the Caddy module information.
func (arrival) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.endurance_arrival", New: func() caddy.Module { return new(arrival) }}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (arrival) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	arrivals.note(r.Header.Get(numberHeader))
	return next.ServeHTTP(w, r)
}

// numberHeader tells requests apart.
const numberHeader = "X-Request-Number"

// arrivals are the requests that are under way.
var arrivals register

type register struct {
	last  atomic.Int64
	known sync.Map // number to *atomic.Bool: whether it has come
}

// expect makes up a number.
func (r *register) expect() string {
	number := strconv.FormatInt(r.last.Add(1), 10)
	r.known.Store(number, new(atomic.Bool))
	return number
}

func (r *register) note(number string) {
	if come, ok := r.known.Load(number); ok {
		come.(*atomic.Bool).Store(true)
	}
}

// forget ends a number, and reports whether its request has come.
func (r *register) forget(number string) bool {
	come, ok := r.known.LoadAndDelete(number)
	return ok && come.(*atomic.Bool).Load()
}
