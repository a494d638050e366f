package corstest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// ReadVectors reads a file of testdata/vectors: JSON objects, one a line. Keys that nobody knows
// are errors: what a vector expects must not be overlooked.
//
// Fill has words and what is written for them.
func ReadVectors[T any](t testing.TB, name string, fill map[string]string) (vectors []T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), "testdata", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	for word, value := range fill {
		content = bytes.ReplaceAll(content, []byte(word), []byte(value))
	}
	scanner := bufio.NewScanner(bytes.NewReader(content))
	scanner.Buffer(nil, len(content)+1)
	for line := 1; scanner.Scan(); line++ {
		var v T
		decoder := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&v); err != nil {
			t.Fatalf("%s:%d: %v", name, line, err)
		}
		vectors = append(vectors, v)
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// root is the directory of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

// WantKnown checks that a table by id has no stale entries.
func WantKnown[T any](t *testing.T, table map[string]T, ids map[string]bool) {
	t.Helper()
	for id := range table {
		if !ids[id] {
			t.Errorf("%q is in a table, but there is no vector of that id", id)
		}
	}
}
