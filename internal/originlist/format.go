// Package originlist reads and edits lists of origins, as they stand in a file
// or in Caddy's storage.
package originlist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// A list of origins, in a file or in Caddy's storage, has one origin or pattern
// a line. White space around it, empty lines and comments (# at the start of a
// line, or after white space) mean nothing, nor do a byte order mark and
// carriage returns.

const (
	// MaxSize is the size in bytes of the longest list: some ten million
	// origins. What is longer is no list, and would fill the memory.
	MaxSize = 256 << 20

	// maxEntry is the length in bytes of the longest line, beyond comments. No
	// origin is half as long.
	maxEntry = 1 << 10

	// maxSkipped is how many skipped entries of one load are logged.
	maxSkipped = 20
)

const byteOrderMark = "\ufeff"

// Skipped are the lines of a list that are skipped.
type Skipped struct {
	Count int
	First []Entry // as many as are to be logged
}

// Entry is one of them.
type Entry struct {
	Line int
	Err  error
}

func (s *Skipped) add(line int, err error) {
	s.Count++
	if len(s.First) < maxSkipped {
		s.First = append(s.First, Entry{line, err})
	}
}

var (
	// ErrNoText says that a list is no text at all.
	ErrNoText = errors.New("it is not UTF-8 text; write one origin a line")
	// ErrNoList says that a list has bad entries only.
	ErrNoList = errors.New("none of its lines is an origin; write one a line, such as https://app.example.com (an empty list allows nobody)")
)

// Parse reads a list by the rules of a policy. What is no text, or has bad entries only, is no list:
// an error page, say, that somebody's script took for one.
func Parse(ctx context.Context, content []byte, rules policy.SourceRules) (*origin.Set, Skipped, error) {
	var bad Skipped
	if bytes.IndexByte(content, 0) >= 0 || !utf8.Valid(content) {
		return nil, bad, ErrNoText
	}
	// The set's keys are parts of this string. The hint must not believe that
	// every line break of a strange file is an origin.
	text := string(content)
	set := origin.NewSet(min(strings.Count(text, "\n")+1, strings.Count(text, "://")))
	number := 0
	for line := range strings.Lines(text) {
		if number++; number%4096 == 0 && ctx.Err() != nil {
			return nil, bad, ctx.Err()
		}
		entry, err := listEntry(line)
		switch {
		case err != nil:
			bad.add(number, err)
			continue
		case entry == "":
			continue
		}
		p, err := rules.Parse(entry)
		if err != nil {
			bad.add(number, err)
			continue
		}
		set.Add(p, 0)
	}
	if set.Len() == 0 && bad.Count > 0 {
		return nil, bad, ErrNoList
	}
	return set, bad, nil
}

// listEntry returns what a line of a list says without its comment; "" if that
// is nothing.
func listEntry(line string) (string, error) {
	line = strings.TrimSpace(strings.TrimPrefix(line, byteOrderMark))
	if strings.HasPrefix(line, "#") {
		return "", nil
	}
	if i := strings.IndexFunc(line, unicode.IsSpace); i >= 0 {
		// Only a comment may follow.
		if rest := strings.TrimSpace(line[i:]); strings.HasPrefix(rest, "#") {
			line = line[:i]
		}
	}
	if len(line) > maxEntry {
		return "", fmt.Errorf("the line has %d bytes, and no origin has more than %d; write one origin a line", len(line), origin.MaxLength)
	}
	return line, nil
}
