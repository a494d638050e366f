package origins

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/placeholder"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// expandOption fills in the placeholders of an option that must be there.
func expandOption(option, value string) (string, error) {
	if strings.TrimSpace(value) == "" {
		return "", fmt.Errorf("%s is missing or empty; write a value", option)
	}
	filled, _, err := placeholder.Expand(value)
	if err != nil {
		return "", fmt.Errorf("%s %q %w", option, value, err)
	}
	return filled, nil
}

// onlyArg reads the one argument of a source. The example is a whole line.
func onlyArg(d *caddyfile.Dispenser, source, what, example string, into *string) error {
	args := d.RemainingArgs()
	switch {
	case len(args) == 0:
		return d.Errf("%s needs a %s, such as `origins_from %s %s`; if it comes from {$NAME}, that variable is not set", source, what, source, example)
	case len(args) > 1:
		return d.Errf("%s takes one %s, not %d values; put a %s with spaces into quotes", source, what, len(args), what)
	case strings.TrimSpace(args[0]) == "":
		return d.Errf("the %s of %s is empty; if it comes from {$NAME}, that variable is not set", what, source)
	}
	if _, _, err := placeholder.Later(args[0]); err != nil {
		return d.Errf("%s %q %v", what, args[0], err)
	}
	*into = args[0]
	return nil
}

// sourceOptions are the options in the block of a source. Each has one value,
// unless it is a flag, which has none.
type sourceOptions map[string]sourceOption

// sourceOption reads a value; that of a flag is "".
type sourceOption struct {
	flag bool
	set  func(value string) error
}

func (o sourceOptions) parse(d *caddyfile.Dispenser, source string) error {
	lines := make(map[string]int)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		option, ok := o[name]
		switch {
		case len(o) == 0:
			return d.Errf("%s takes no block; remove %q and the braces", source, name)
		case !ok:
			return d.Errf("unknown option %q of %s; %s", name, source, o.nearest(name))
		case lines[name] > 0:
			return d.Errf("%s is given twice (lines %d and %d); remove one", name, lines[name], d.Line())
		}
		lines[name] = d.Line()
		if err := option.parse(d, name); err != nil {
			return err
		}
		if inner := d.Nesting(); d.NextBlock(inner) {
			return d.Errf("%s takes no block; remove the braces", name)
		}
	}
	return nil
}

func (o sourceOption) parse(d *caddyfile.Dispenser, name string) error {
	args := d.RemainingArgs()
	switch {
	case o.flag && len(args) > 0:
		return d.Errf("%s takes no value; remove %q", name, strings.Join(args, " "))
	case o.flag:
		return o.set("")
	case len(args) != 1:
		return d.Errf("%s needs one value, not %d", name, len(args))
	}
	if err := o.set(args[0]); err != nil {
		return d.Errf("%s %q %v", name, args[0], err)
	}
	return nil
}

func (o sourceOptions) nearest(name string) string {
	names := slices.Sorted(maps.Keys(o))
	if w := policy.DidYouMean(name, names); w != "" {
		return "did you mean " + w + "?"
	}
	return "the options are " + strings.Join(names, ", ")
}

// durationOption sets an option that is a length of time.
func durationOption(into *caddy.Duration) sourceOption {
	return sourceOption{set: func(value string) error {
		d, err := caddy.ParseDuration(value)
		switch {
		case err != nil:
			return errors.New("is not a duration; write for example 10s or 5m")
		case d <= 0:
			return errors.New("must be longer than nothing; write for example 10s, or remove the line for the default")
		}
		*into = caddy.Duration(d)
		return nil
	}}
}

// numberOption sets an option that is a count.
func numberOption(into *int) sourceOption {
	return sourceOption{set: func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n <= 0 {
			return errors.New("is not a number above zero; write one, or remove the line for the default")
		}
		*into = n
		return nil
	}}
}

// flagOption sets an option that is given or not.
func flagOption(into *bool) sourceOption {
	return sourceOption{flag: true, set: func(string) error {
		*into = true
		return nil
	}}
}

// setDefault fills in the default of an option that is not set.
func setDefault[T int | caddy.Duration](option string, value *T, otherwise T) error {
	switch {
	case *value < 0:
		return fmt.Errorf("%s %v must not be negative; leave it out for the default", option, readable(*value))
	case *value == 0:
		*value = otherwise
	}
	return nil
}

func readable(value any) any {
	if d, ok := value.(caddy.Duration); ok {
		return time.Duration(d)
	}
	return value
}
