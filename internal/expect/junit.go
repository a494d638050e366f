package expect

import (
	"encoding/xml"
	"fmt"
	"os"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// The elements of JUnit's reports, as far as those who show them agree.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string     `xml:"name,attr"`
		Class   string     `xml:"classname,attr"`
		File    string     `xml:"file,attr"`
		Line    int        `xml:"line,attr"`
		Failure *junitText `xml:"failure"`
		Error   *junitText `xml:"error"`
		Skipped *junitText `xml:"skipped"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes the report for machines that show tests: a suite for each file.
func (r *report) writeJUnit(file string) error {
	b, err := xml.MarshalIndent(r.junit(), "", "\t")
	if err != nil {
		return fmt.Errorf("writing %q: %w", file, err)
	}
	//nolint:gosec // a report for others to read
	return os.WriteFile(file, append([]byte(xml.Header), append(b, '\n')...), 0o644)
}

func (r *report) junit() junitSuites {
	var all junitSuites
	suites := map[string]int{}
	for i := range r.Results {
		result := &r.Results[i]
		n, found := suites[result.File]
		if !found {
			n = len(all.Suites)
			suites[result.File] = n
			all.Suites = append(all.Suites, junitSuite{Name: result.File})
		}
		all.Suites[n].add(result)
	}
	return all
}

func (s *junitSuite) add(r *Result) {
	c := junitCase{Name: printable(r.Expectation.String()), Class: printable(r.URL), File: r.File, Line: r.Line}
	text := &junitText{Message: printable(r.Seen), Type: r.Reason, Text: printable(r.difference())}
	s.Tests++
	switch r.Status {
	case Passed:
	case Failed:
		s.Failures++
		c.Failure = text
	case Unknown:
		s.Errors++
		c.Error = text
	case Skipped:
		s.Skipped++
		c.Skipped = &junitText{Message: printable(r.Seen)}
	}
	s.Cases = append(s.Cases, c)
}

// printable is text that XML can hold, and that shows as it is: nearly no control
// character may stand in XML 1.0, not even escaped (section 2.2).
func printable(text string) string {
	var b []byte
	for _, r := range text {
		if r == '\n' {
			b = append(b, '\n')
		} else {
			b = append(b, httpwords.Printable(string(r))...)
		}
	}
	return string(b)
}
