package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// Diff prints the repairs of a configuration as a patch, and returns the exit
// status of the command: 1 if there is something to apply.
func Diff(out io.Writer, configFile, adapter string, origins []string) (int, error) {
	config, used, adapterUsed, err := caddycmd.LoadConfig(configFile, adapter)
	switch {
	case err != nil:
		return check.ExitUsage, err
	case config == nil:
		return check.ExitUsage, errors.New("there is no configuration; name one with --config")
	}
	body, err := os.ReadFile(filepath.Clean(used))
	if err != nil {
		return check.ExitUsage, err
	}
	_ = adapterUsed
	result, err := repair.Caddyfile(used, body, origins)
	if err != nil {
		return check.ExitUsage, err
	}
	result.Diff(out)
	if result.Applies() {
		return exitFindings, nil
	}
	return exitClean, nil
}
