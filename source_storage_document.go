package cors

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/caddyserver/certmagic"
)

// document is a list as its writers see it: with comments, in their order.
type document struct {
	lines   []string // with their ends
	entries []string // of the lines; "" where there is none
}

// loadDocument reads a list to edit it. Together with an error that is
// fs.ErrNotExist it returns an empty one.
func loadDocument(ctx context.Context, storage certmagic.Storage, key string) (*document, error) {
	content, err := storage.Load(ctx, key)
	d := new(document)
	if err != nil {
		return d, fmt.Errorf("loading %q from the storage: %w", key, err)
	}
	if _, _, err := parseList(ctx, content, laxRules); errors.Is(err, errNoText) {
		return nil, fmt.Errorf("what is under the key %q is no list: %w", key, err)
	}
	for line := range strings.Lines(string(content)) {
		d.add(line)
	}
	return d, nil
}

func (d *document) add(line string) {
	entry, err := listEntry(line)
	if err != nil {
		entry = strings.TrimSpace(line) // too long; so it is shown, and can be removed
	}
	d.lines = append(d.lines, line)
	d.entries = append(d.entries, entry)
}

// index has every entry once.
func (d *document) index() map[string]bool {
	there := make(map[string]bool, len(d.entries))
	for _, entry := range d.entries {
		if entry != "" {
			there[entry] = true
		}
	}
	return there
}

// append adds a line with the line end of the others.
func (d *document) append(entry string) {
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

// remove takes entries out, wherever they stand.
func (d *document) remove(gone map[string]bool) {
	var kept document
	for i, entry := range d.entries {
		if !gone[entry] {
			kept.lines = append(kept.lines, d.lines[i])
			kept.entries = append(kept.entries, entry)
		}
	}
	d.lines, d.entries = kept.lines, kept.entries
}

func (d *document) String() string { return strings.Join(d.lines, "") }
