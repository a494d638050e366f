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
// status of the command: 1 if there is something to apply. JSON has no comments,
// so there what cannot be repaired is said in remarks.
func Diff(out, remarks io.Writer, configFile, adapter string, origins []string) (int, error) {
	config, used, adapterUsed, err := caddycmd.LoadConfig(configFile, adapter)
	switch {
	case err != nil:
		return check.ExitUsage, err
	case config == nil:
		return check.ExitUsage, errors.New("there is no configuration; name one with --config")
	}
	result, err := repairs(config, used, adapterUsed, origins)
	if err != nil {
		return check.ExitUsage, err
	}
	if result.Old != nil {
		result.Diff(out)
	} else {
		result.Remarks(remarks)
		patch := result.Patch
		if patch == nil {
			patch = []repair.PatchOperation{} // an empty list, not null
		}
		err = writeJSON(out, patch)
	}
	if result.Applies() {
		return exitFindings, err
	}
	return exitClean, err
}

func repairs(config []byte, used, adapter string, origins []string) (*repair.Result, error) {
	if adapter != "caddyfile" {
		return repair.JSON(config, origins)
	}
	body, err := os.ReadFile(filepath.Clean(used))
	if err != nil {
		return nil, err
	}
	return repair.Caddyfile(used, body, origins)
}
