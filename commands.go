package cors

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	"github.com/caddy-cors/caddy-cors/internal/cli"
)

func init() { caddycmd.RegisterCommand(cli.Command()) }
