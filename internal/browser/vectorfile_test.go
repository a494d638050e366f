package browser_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

type vector struct {
	ID         string
	Kind       string
	Page       *vectorPage
	Response   *vectorResponse
	Upstream   *vectorResponse
	URLOrigins []string `json:"url_origins"`
	Expect     struct {
		Browser        string
		NeedsPreflight *bool `json:"needs_preflight"`
		ACRH, ACRM     *string
		Exposed        []string
		OriginAtLast   *string `json:"origin_header_at_last_hop"`
		Headers        map[string]*string
		StatusAnyOf    []int `json:"status_any_of"`
		Covers         *struct {
			Method  string
			Headers []string
		}
	}
}

type vectorPage struct {
	Origin      string
	Credentials browser.CredentialsMode
	Method      string
	Headers     vectorHeaders
}

type vectorResponse struct {
	Status    int
	Preflight bool
	Headers   vectorHeaders
}

// vectorHeaders reads the pairs of a vector, long values and repeated lines included.
type vectorHeaders browser.Headers

func (h *vectorHeaders) UnmarshalJSON(data []byte) error {
	var lines [][]json.RawMessage
	if err := json.Unmarshal(data, &lines); err != nil {
		return err
	}
	for _, line := range lines {
		var name string
		if err := json.Unmarshal(line[0], &name); err != nil {
			return err
		}
		value, err := vectorValue(line[1])
		if err != nil {
			return err
		}
		repeat := struct{ Lines int }{1}
		if len(line) > 2 {
			if err := json.Unmarshal(line[2], &repeat); err != nil {
				return err
			}
		}
		for range repeat.Lines {
			*h = append(*h, [2]string{name, value})
		}
	}
	return nil
}

func vectorValue(raw json.RawMessage) (string, error) {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain, nil
	}
	var long struct {
		Prefix, Repeat, Suffix, Join, Sep string
		Times, Count                      int
	}
	if err := json.Unmarshal(raw, &long); err != nil {
		return "", fmt.Errorf("reading value %s: %w", raw, err)
	}
	if long.Count > 0 {
		return strings.Join(slices.Repeat([]string{long.Join}, long.Count), long.Sep), nil
	}
	return long.Prefix + strings.Repeat(long.Repeat, long.Times) + long.Suffix, nil
}

func readVectors(t *testing.T, name string) []vector {
	t.Helper()
	file, err := os.Open("../../testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var vectors []vector
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		vectors = append(vectors, v)
	}
	if lines.Err() != nil || len(vectors) == 0 {
		t.Fatalf("%s: %d vectors, %v", name, len(vectors), lines.Err())
	}
	return vectors
}

func flat(h vectorHeaders) []string {
	var pairs []string
	for _, line := range h {
		pairs = append(pairs, line[0], line[1])
	}
	return pairs
}
