package expect

import (
	"errors"
	"io"

	"github.com/caddy-cors/caddy-cors/internal/check"
)

// Options say what expectations are held against, and how to tell of it.
type Options struct {
	Config, Adapter string
	Ask             bool // sources of origins may be asked
	// Live, where it is not nil, asks the live servers instead.
	Live *check.Transport

	JSON  bool
	JUnit string // a file to write
}

// Run judges the expectations of some files, or of the default one. It returns the exit
// status: 0 if all passed, 1 if one failed, 2 if one has no verdict, or if
// nothing could be judged. An error is one in the files or the configuration.
func Run(out io.Writer, files []string, o Options) (int, error) {
	if len(files) == 0 {
		files = []string{DefaultFile}
	}
	var all []Expectation
	errs := make([]error, 0, len(files))
	for _, file := range files {
		found, err := read(file)
		all, errs = append(all, found...), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return check.ExitUsage, err
	}
	s, err := open(o)
	if err != nil {
		return check.ExitUsage, err
	}
	defer s.close()
	r, err := judgeAll(s, all)
	if err != nil {
		return check.ExitUsage, err
	}
	if o.JUnit != "" {
		if err := r.writeJUnit(o.JUnit); err != nil {
			return check.ExitUsage, err
		}
	}
	if o.JSON {
		return r.exit(), check.WriteJSON(out, r)
	}
	r.text(out)
	return r.exit(), nil
}

func open(o Options) (subject, error) {
	if o.Live != nil {
		return openServer(o.Live)
	}
	c, err := openConfiguration(o.Config, o.Adapter, o.Ask)
	if err != nil {
		return nil, err // not a nil pointer in an interface
	}
	return c, nil
}

// report is what a run came to.
type report struct {
	Results []Result `json:"results"`
	Passed  int      `json:"passed"`
	Failed  int      `json:"failed"`
	Unknown int      `json:"unknown"`
	Skipped int      `json:"skipped"`
}

func judgeAll(s subject, all []Expectation) (*report, error) {
	r := &report{Results: make([]Result, 0, len(all))}
	for _, e := range all {
		result, err := judge(s, e)
		if err != nil {
			return nil, err
		}
		r.Results = append(r.Results, result)
		switch result.Status {
		case Passed:
			r.Passed++
		case Failed:
			r.Failed++
		case Unknown:
			r.Unknown++
		case Skipped:
			r.Skipped++
		}
	}
	return r, nil
}

// exit is the exit status. A run that judged nothing has not passed.
func (r *report) exit() int {
	switch {
	case r.Failed > 0:
		return check.ExitBlocked
	case r.Unknown > 0 || r.Passed == 0:
		return check.ExitUsage
	}
	return check.ExitReadable
}
