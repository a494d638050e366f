package cors

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// UnmarshalJSON reads the configuration strictly: an option that does not
// exist is an error, with the nearest one that does.
func (h *Handler) UnmarshalJSON(b []byte) error {
	type plain Handler // without this method
	err := caddy.StrictUnmarshalJSON(b, (*plain)(h))
	if err == nil {
		return nil
	}
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := strings.ReplaceAll(wrongType.Field, "Permissions.", "") // embedded, so no key of the JSON
		return fmt.Errorf("%s: a JSON %s cannot be read there; it takes a value of type %s", field, wrongType.Value, wrongType.Type)
	}
	if strings.HasPrefix(err.Error(), "time: ") { // max_age is the only duration (time.ParseDuration, Go 1.26)
		return fmt.Errorf("max_age: %w; write for example \"10m\"", err)
	}
	_, field, unknown := strings.Cut(err.Error(), "unknown field ")
	if !unknown {
		return err
	}
	field = strings.Trim(field, `"`)
	if w := policy.DidYouMean(field, optionNames()); w != "" {
		return fmt.Errorf("unknown field %q (did you mean %q?)", field, w)
	}
	return fmt.Errorf("unknown field %q; the options are %s", field, strings.Join(optionNames(), ", "))
}

// Interface guard.
var _ json.Unmarshaler = (*Handler)(nil)
