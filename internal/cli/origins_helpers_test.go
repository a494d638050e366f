package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

const listKey = "cors/origins"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// readOriginsDocument reads a document of the repository.
func readOriginsDocument(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
	must(t, err)
	return string(content)
}

// originsFlagRow is the row of a flag in the table of a document.
func originsFlagRow(f *pflag.Flag) string {
	short := ""
	if f.Shorthand != "" {
		short = "`-" + f.Shorthand + "`"
	}
	value := f.DefValue
	if value == "false" || value == "[]" {
		value = ""
	}
	return strings.Join(strings.Fields(fmt.Sprintf("| `--%s` | %s | %s | %s |", f.Name, short, value, f.Usage)), " ")
}
