package cors

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	docLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	slugLeaves = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
)

// headingAnchor is how GitHub names a heading in links.
func headingAnchor(heading string) string {
	return strings.ReplaceAll(slugLeaves.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// TestLinks: every link from a document to a file, or to a heading, finds it.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, file := range append(documents(t), "CONTRIBUTING.md", "examples/README.md") {
		for _, link := range docLink.FindAllStringSubmatch(readDocument(t, file), -1) {
			path, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if anchor != "" && !hasHeading(readDocument(t, target), anchor) {
				t.Errorf("%s: %s has no heading #%s", file, target, anchor)
			}
		}
	}
}

func hasHeading(content, anchor string) bool {
	for _, h := range docHeading.FindAllStringSubmatch(content, -1) {
		if headingAnchor(h[1]) == anchor {
			return true
		}
	}
	return false
}
