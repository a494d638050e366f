// Command caddy is Caddy with its standard modules and the cors handler: for
// development and for the example. To put the handler into a Caddy of your
// own, build it with xcaddy; the README shows how.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
	_ "github.com/caddy-cors/caddy-cors/examples/page"
	_ "github.com/caddy-cors/caddy-cors/examples/stream"
)

func main() {
	caddycmd.Main()
}
