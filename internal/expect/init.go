package expect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/check"
)

// Init writes a file of expectations from what a configuration does today. Every
// line of it was asked before it is written, so the file passes as it stands.
func Init(out io.Writer, files []string, o Options) (int, error) {
	file := DefaultFile
	if len(files) > 0 {
		file = files[0]
	}
	s, err := openConfiguration(o.Config, o.Adapter, o.Ask)
	if err != nil {
		return check.ExitUsage, err
	}
	defer s.close()
	d := draft{subject: s, stage: s.stage}
	d.write()
	if d.expectations == 0 {
		return check.ExitUsage, errors.New("the configuration has nothing to expect: no site of it answers a page with a verdict. " +
			"Where sources of origins decide, add --ask to let them be asked")
	}
	if err := create(file, d.String()); err != nil {
		return check.ExitUsage, err
	}
	fmt.Fprintf(out, "wrote %s: %s about %s, all as it is today\n", file, count(d.expectations, "expectation"), count(d.urls, "URL"))
	return check.ExitReadable, nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// create writes a file that is not there yet.
func create(file, text string) error {
	f, err := os.OpenFile(filepath.Clean(file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // to be read by all, as a Caddyfile
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%q is there already, and --init overwrites nothing; name another file, or remove it first", file)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

const preamble = `# What pages may do here, and what they may not: held against the configuration
# by "caddy cors test". Written by "caddy cors test --init" from what it did then.
`

// draft is a file that is being written.
type draft struct {
	strings.Builder

	subject            subject
	stage              stage
	expectations, urls int
}
