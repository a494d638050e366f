package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/caddyserver/certmagic"
	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/originlist"
	"github.com/caddy-cors/caddy-cors/internal/policy"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// The exit statuses of caddy cors origins.
const (
	exitDone    = 0
	exitNothing = 1 // there was nothing to do, or to show
	exitTrouble = 2 // the usage or the storage
)

// originsFlags are the flags of all commands for lists.
type originsFlags struct {
	config, adapter, key string
}

func originsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "origins",
		Short: "Edits a list of origins in Caddy's storage",
		Long: `
Shows and edits the list that "origins_from storage <key>" reads. The storage is
the one of the configuration, so every Caddy instance that shares it takes the
change over within its refresh interval. Nothing is reloaded.

The list is edited under the storage's lock; its comments and order are kept.
Where the configuration names no storage, it is a directory of the user who runs
Caddy: be that user.

Exit status: 0 if it is done, 1 if there was nothing to do, 2 if the usage, the
configuration or the storage was wrong.`,
	}
	cmd.AddCommand(
		listCommand("list --key K [--config F] [--adapter A]", "Prints the origins of a list", cobra.NoArgs, runOriginsList),
		listCommand("add --key K [--config F] [--adapter A] <origins...>", "Adds origins or patterns to a list, and makes the list if need be", cobra.MinimumNArgs(1), runOriginsAdd),
		listCommand("remove --key K [--config F] [--adapter A] <origins...>", "Removes origins or patterns from a list", cobra.MinimumNArgs(1), runOriginsRemove),
	)
	return cmd
}

// listRunner is one of the commands for lists.
type listRunner func(out io.Writer, storage certmagic.Storage, key string, origins []string) (int, error)

func listCommand(use, short string, args cobra.PositionalArgs, f listRunner) *cobra.Command {
	var flags originsFlags
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args,
		RunE: run(func(out io.Writer, origins []string) (int, error) {
			return runOrigins(out, flags, origins, f)
		}),
	}
	cmd.Flags().StringVarP(&flags.key, "key", "k", "", "The key of the list in the storage, e.g. cors/origins (required)")
	cmd.Flags().StringVarP(&flags.config, "config", "c", "", "The configuration file, for its storage (default: Caddyfile in this directory)")
	cmd.Flags().StringVarP(&flags.adapter, "adapter", "a", "", "The name of its adapter")
	return cmd
}

// runOrigins opens the storage for a command.
func runOrigins(out io.Writer, flags originsFlags, origins []string, f listRunner) (int, error) {
	if flags.key == "" {
		return exitTrouble, errors.New("--key is missing; it is the key after `origins_from storage`, such as cors/origins")
	}
	if err := originlist.CheckKey(flags.key); err != nil {
		return exitTrouble, err
	}
	var patterns []string
	for _, word := range origins {
		patterns = append(patterns, policy.SplitList(word)...)
	}
	storage, closeStorage, err := openStorage(flags.config, flags.adapter)
	if err != nil {
		return exitTrouble, err
	}
	defer closeStorage()
	if storage == caddy.DefaultStorage {
		// That of another user, or of another machine's configuration, has
		// another list.
		fmt.Fprintf(out, "# the configuration names no storage; this is %s\n", storage)
	}
	return f(out, storage, flags.key, patterns)
}

// checkOrigins names every word that a list could not use under any policy.
func checkOrigins(patterns ...string) error {
	var wrong []error
	for _, p := range patterns {
		if _, err := policy.LaxRules.Parse(p); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// openStorage opens the storage of a configuration, of which nothing else is
// loaded.
func openStorage(configFile, adapter string) (certmagic.Storage, func(), error) {
	if err := rehearsal.Hush(); err != nil {
		return nil, nil, err
	}
	config, _, _, err := caddycmd.LoadConfig(configFile, adapter)
	if err != nil {
		return nil, nil, err
	}
	var root struct {
		StorageRaw json.RawMessage `json:"storage,omitempty" caddy:"namespace=caddy.storage inline_key=module"`
	}
	if len(config) > 0 {
		if err := json.Unmarshal(config, &root); err != nil {
			return nil, nil, fmt.Errorf("reading the storage of the configuration: %w", err)
		}
	}
	if len(root.StorageRaw) == 0 || string(root.StorageRaw) == "null" {
		return caddy.DefaultStorage, func() {}, nil
	}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: context.Background()})
	module, err := ctx.LoadModule(&root, "StorageRaw")
	if err != nil {
		cancel()
		return nil, nil, fmt.Errorf("loading the storage of the configuration: %w", err)
	}
	converter, ok := module.(caddy.StorageConverter)
	if !ok {
		cancel()
		return nil, nil, fmt.Errorf("the storage module of the configuration (%T) cannot be used as a storage", module)
	}
	storage, err := converter.CertMagicStorage()
	if err != nil {
		cancel()
		return nil, nil, fmt.Errorf("opening the storage of the configuration: %w", err)
	}
	return storage, cancel, nil
}

func runOriginsList(out io.Writer, storage certmagic.Storage, key string, _ []string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storageTimeout)
	defer cancel()
	doc, err := originlist.LoadDocument(ctx, storage, key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return exitNothing, fmt.Errorf("there is no list under the key %q; `add` makes one", key)
	case err != nil:
		return exitTrouble, err
	}
	for _, entry := range doc.Entries {
		if err := checkOrigins(entry); entry != "" && err != nil {
			fmt.Fprintf(out, "# skipped: %v\n", err)
		} else if entry != "" {
			fmt.Fprintln(out, entry)
		}
	}
	return exitDone, nil
}

func runOriginsAdd(out io.Writer, storage certmagic.Storage, key string, origins []string) (int, error) {
	if err := checkOrigins(origins...); err != nil {
		return exitTrouble, err
	}
	return editList(out, storage, key, func(d *originlist.Document) (changed bool) {
		there := d.Index()
		for _, o := range origins {
			if there[o] {
				fmt.Fprintf(out, "%s is there already\n", o)
				continue
			}
			d.Append(o)
			there[o], changed = true, true
			fmt.Fprintf(out, "added %s\n", o)
		}
		return changed
	})
}

// runOriginsRemove removes bad entries too.
func runOriginsRemove(out io.Writer, storage certmagic.Storage, key string, origins []string) (int, error) {
	return editList(out, storage, key, func(d *originlist.Document) bool {
		there := d.Index()
		gone := make(map[string]bool)
		for _, o := range origins {
			switch err := checkOrigins(o); {
			case there[o]:
				gone[o] = true
				fmt.Fprintf(out, "removed %s\n", o)
			case err != nil:
				fmt.Fprintf(out, "%s is not there: %v\n", o, err)
			default:
				fmt.Fprintf(out, "%s is not there\n", o)
			}
		}
		d.Remove(gone)
		return len(gone) > 0
	})
}

// storageTimeout is how long the command waits for the storage and its lock.
const storageTimeout = time.Minute

// editList changes a list while nobody else does.
func editList(out io.Writer, storage certmagic.Storage, key string, edit func(*originlist.Document) (changed bool)) (status int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), storageTimeout)
	defer cancel()
	if err := storage.Lock(ctx, key); err != nil {
		return exitTrouble, fmt.Errorf("locking %q in the storage: %w", key, err)
	}
	defer func() {
		if e := storage.Unlock(context.WithoutCancel(ctx), key); e != nil && err == nil {
			status, err = exitTrouble, fmt.Errorf("unlocking %q in the storage: %w", key, e)
		}
	}()
	doc, err := originlist.LoadDocument(ctx, storage, key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return exitTrouble, err
	}
	if !edit(doc) {
		return exitNothing, nil
	}
	if err := storage.Store(ctx, key, []byte(doc.String())); err != nil {
		return exitTrouble, fmt.Errorf("storing %q: %w", key, err)
	}
	fmt.Fprintf(out, "origins in %s: %d\n", key, len(doc.Index()))
	return exitDone, nil
}
