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
// come, and to which generation of the configuration, so that one which is lost
// on the way is told from one which is dropped. There are two such ways. Caddy
// opens a socket for each configuration, and Linux resets the connections that
// wait in the queue of one that closes (unless net.ipv4.tcp_migrate_req says
// otherwise). And a server of net/http that shuts down does not answer what it
// reads after that.
type arrival struct {
	Generation int `json:"generation,omitempty"`
}

func init() {
	caddy.RegisterModule(new(arrival))
	httpcaddyfile.RegisterHandlerDirective("endurance_arrival", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		h.Next()
		h.NextArg()
		generation, err := strconv.Atoi(h.Val())
		return &arrival{generation}, err
	})
	httpcaddyfile.RegisterDirectiveOrder("endurance_arrival", httpcaddyfile.Before, "tracing")
}

// CaddyModule returns the Caddy module information.
func (*arrival) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.endurance_arrival", New: func() caddy.Module { return new(arrival) }}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (a *arrival) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	arrivals.note(r.Header.Get(numberHeader), a.Generation)
	return next.ServeHTTP(w, r)
}

// numberHeader tells requests apart.
const numberHeader = "X-Request-Number"

// arrivals are the requests that are under way.
var arrivals register

type register struct {
	last  atomic.Int64
	known sync.Map // number to *come
}

// come is how often a request has come, and to which generation. Transports
// send one again by themselves, so that it can be twice: then the first one was
// dropped.
type come struct {
	times      atomic.Int64
	generation atomic.Int64
}

// expect makes up a number.
func (r *register) expect() string {
	number := strconv.FormatInt(r.last.Add(1), 10)
	r.known.Store(number, new(come))
	return number
}

func (r *register) note(number string, generation int) {
	if v, ok := r.known.Load(number); ok {
		c := v.(*come)
		c.generation.Store(int64(generation))
		c.times.Add(1)
	}
}

// forget ends a number.
func (r *register) forget(number string) (times, generation int) {
	v, ok := r.known.LoadAndDelete(number)
	if !ok {
		return 0, 0
	}
	c := v.(*come)
	return int(c.times.Load()), int(c.generation.Load())
}
