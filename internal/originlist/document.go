package originlist

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/caddyserver/certmagic"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// Document is a list as its writers see it: with comments, in their order.
type Document struct {
	lines   []string // with their ends
	Entries []string // of the lines; "" where there is none
}

// LoadDocument reads a list to edit it. Together with an error that is
// fs.ErrNotExist it returns an empty one.
func LoadDocument(ctx context.Context, storage certmagic.Storage, key string) (*Document, error) {
	content, err := storage.Load(ctx, key)
	d := new(Document)
	if err != nil {
		return d, fmt.Errorf("loading %q from the storage: %w", key, err)
	}
	if _, _, err := Parse(ctx, content, policy.LaxRules); errors.Is(err, ErrNoText) {
		return nil, fmt.Errorf("what is under the key %q is no list: %w", key, err)
	}
	for line := range strings.Lines(string(content)) {
		d.add(line)
	}
	return d, nil
}

func (d *Document) add(line string) {
	entry, err := listEntry(line)
	if err != nil {
		entry = strings.TrimSpace(line) // too long; so it is shown, and can be removed
	}
	d.lines = append(d.lines, line)
	d.Entries = append(d.Entries, entry)
}

// Index has every entry once.
func (d *Document) Index() map[string]bool {
	there := make(map[string]bool, len(d.Entries))
	for _, entry := range d.Entries {
		if entry != "" {
			there[entry] = true
		}
	}
	return there
}

// Append adds a line with the line end of the others.
func (d *Document) Append(entry string) {
	end := "\n"
	if n := len(d.lines); n > 0 {
		if strings.HasSuffix(d.lines[0], "\r\n") {
			end = "\r\n"
		}
		if last := &d.lines[n-1]; !strings.HasSuffix(*last, "\n") {
			*last += end
		}
	}
	d.add(entry + end)
}

// Remove takes entries out, wherever they stand.
func (d *Document) Remove(gone map[string]bool) {
	var kept Document
	for i, entry := range d.Entries {
		if !gone[entry] {
			kept.lines = append(kept.lines, d.lines[i])
			kept.Entries = append(kept.Entries, entry)
		}
	}
	d.lines, d.Entries = kept.lines, kept.Entries
}

// String is the list as it is to be stored.
// String is the list as it is to be stored.
func (d *Document) String() string { return strings.Join(d.lines, "") }
