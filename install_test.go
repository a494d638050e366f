package cors

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestInstallVersions: the versions that the documents and the Dockerfile name
// are those of go.mod.
func TestInstallVersions(t *testing.T) {
	t.Parallel()
	mod := readDocument(t, "go.mod")
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(mod)[1]
	caddyVersion := regexp.MustCompile(`caddyserver/caddy/v2 v(\S+)`).FindStringSubmatch(mod)[1]
	for _, file := range []string{"README.md", "docs/install.md"} {
		for _, want := range []string{"Go " + goVersion + " or newer", "Caddy v" + caddyVersion + " or newer"} {
			if text := strings.Join(strings.Fields(readDocument(t, file)), " "); !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", file, want)
			}
		}
	}
	for _, file := range []string{"docs/install.md", "examples/Dockerfile"} {
		for _, named := range regexp.MustCompile(`caddy:(\d\S*?)(?:-builder|-alpine)?[^\d.\-\w]|CADDY_VERSION=(\S+)`).FindAllStringSubmatch(readDocument(t, file), -1) {
			if version := named[1] + named[2]; version != caddyVersion {
				t.Errorf("%s names Caddy %s, go.mod %s", file, version, caddyVersion)
			}
		}
	}
}

// TestInstallModules: the modules that `list-modules | grep cors` shows are those
// that docs/install.md speaks of. Those that play the world in a rehearsal are not
// among them.
func TestInstallModules(t *testing.T) {
	t.Parallel()
	modules := slices.DeleteFunc(slices.Clone(listed), func(id string) bool {
		return !strings.Contains(id, "cors") || strings.Contains(id, "_test_")
	})
	want := []string{"http.cors.origins.ask", "http.cors.origins.file", "http.cors.origins.storage", "http.handlers.cors"}
	if slices.Sort(modules); !slices.Equal(modules, want) {
		t.Errorf("the modules are %q", modules)
	}
}

// TestDockerfile runs its RUN with a stand-in for xcaddy: what is asked for, also where
// the base image names its version with a v, as Caddy's builders do.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	_, run, _ := strings.Cut(readDocument(t, "examples/Dockerfile"), "\nRUN ")
	run, _, _ = strings.Cut(run, "\n\n")
	run = strings.ReplaceAll(run, "\\\n", " ")
	const module = "--with github.com/caddy-cors/caddy-cors"
	for _, c := range []struct{ version, cors, with, want string }{
		{"2.11.9", "", "", "build v2.11.9 --output /usr/bin/caddy " + module},
		{"v2.11.9", "@v0.1.0", "", "build v2.11.9 --output /usr/bin/caddy " + module + "@v0.1.0"},
		{"2.11.9", "=/src", "example.com/a example.com/b", "build v2.11.9 --output /usr/bin/caddy " + module + "=/src --with example.com/a --with example.com/b"},
	} {
		cmd := exec.Command(shell, "-c", `xcaddy() { echo "$*"; }; `+run)
		cmd.Env = append(os.Environ(), "CADDY_VERSION="+c.version, "CORS="+c.cors, "WITH="+c.with)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
			t.Errorf("%+v: %v: %s", c, err, got)
		}
	}
}

// TestInstallBinary: the archive that docs/install.md fetches is one that .ci/release
// makes of a version in the changelog.
func TestInstallBinary(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile(`name=caddy-cors_([\d.]+)_([a-z]+)_(\w+)\n`).FindStringSubmatch(readDocument(t, "docs/install.md"))
	if found == nil {
		t.Fatal("no archive is named")
	}
	version, platform := found[1], found[2]+"/"+found[3]
	if !strings.Contains(readDocument(t, "CHANGELOG.md"), "\n## ["+version+"]") {
		t.Errorf("CHANGELOG.md has no version %s", version)
	}
	if strings.Count(readDocument(t, "docs/install.md"), "/v"+version+"/") != 2 {
		t.Errorf("the addresses are not those of v%s", version)
	}
	_, list, _ := strings.Cut(readDocument(t, ".ci/release"), "${PLATFORMS:-")
	list, _, _ = strings.Cut(list, "}")
	if !slices.Contains(strings.Fields(list), platform) {
		t.Errorf("%s is not among %q", platform, list)
	}
}
