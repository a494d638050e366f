package repair

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// untried says why a draft could not be given to Caddy.
type untried struct{ error }

// load implements document. Where an imported file is edited, all of them stand in
// a folder meanwhile, so that relative imports find each other.
func (src *sources) load(list []edit) (*rehearsal.Rehearsal, error) {
	texts, name := src.apply(list), src.main
	if slices.ContainsFunc(list, func(e edit) bool { return e.file != src.main }) {
		folder, err := os.MkdirTemp("", "cors-repair-")
		if err == nil {
			defer func() { _ = os.RemoveAll(folder) }()
			err = src.mirror(folder, texts)
		}
		if err != nil {
			return nil, untried{err}
		}
		name = filepath.Join(folder, filepath.Base(name))
	}
	body, edited := texts[src.main]
	if !edited {
		body = src.texts[src.main]
	}
	return rehearsal.Caddyfile(name, []byte(body), rehearsal.Options{Parts: true})
}

// finish implements document.
func (src *sources) finish(list []edit, res *Result) {
	res.Old, res.New = src.texts, src.apply(list)
}

// mirror writes all files below the Caddyfile's folder into another, edited. What
// a relative import finds elsewhere cannot be tried without touching it.
func (src *sources) mirror(folder string, edited map[string]string) error {
	home, err := filepath.Abs(filepath.Dir(src.main))
	for name, text := range src.texts {
		abs, bad := filepath.Abs(name)
		inside, apart := filepath.Rel(home, abs)
		changed, isEdited := edited[name]
		switch outside := errors.Join(err, bad, apart) != nil || strings.HasPrefix(inside, ".."); {
		case outside && isEdited:
			return fmt.Errorf("its lines are in %s, outside the folder of the Caddyfile, where a draft cannot be tried", relative(name))
		case outside:
			continue
		case isEdited:
			text = changed
		}
		to := filepath.Join(folder, inside)
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, []byte(text), 0o600)); err != nil {
			return err
		}
	}
	return nil
}
