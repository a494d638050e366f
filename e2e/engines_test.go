package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// engine is a browser that runs as a plain process, without a driver.
type engine struct {
	name     string
	packages string // of Debian
	// find returns the program; empty where it is missing.
	find func() string
	// command is the command line for a page, with an empty directory for
	// everything that the browser keeps.
	command func(program, dir, url string, n *network) ([]string, error)
	env     []string
}

var engines = []engine{
	{
		name: "chromium", packages: "chromium",
		find: inPath("chromium", "chromium-browser", "google-chrome"),
		command: func(program, dir, url string, n *network) ([]string, error) {
			var rules []string
			for _, name := range n.names {
				rules = append(rules, "MAP "+name+" 127.0.0.1")
			}
			return []string{
				program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
				"--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-breakpad",
				"--disable-dev-shm-usage", "--no-proxy-server", "--no-default-browser-check", "--mute-audio",
				"--disable-background-timer-throttling", "--disable-renderer-backgrounding",
				"--host-resolver-rules=" + strings.Join(rules, ","), "--ignore-certificate-errors",
				"--user-data-dir=" + dir, url,
			}, nil
		},
	},
	{
		name: "firefox", packages: "firefox-esr",
		find: inPath("firefox-esr", "firefox"),
		command: func(program, dir, url string, n *network) ([]string, error) {
			prefs := strings.Join(firefoxPrefs, "\n") + "\n" +
				`user_pref("network.dns.localDomains", "` + strings.Join(n.names, ",") + "\");\n"
			if err := os.WriteFile(filepath.Join(dir, "user.js"), []byte(prefs), 0o600); err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(dir, "cert_override.txt"), []byte(n.overrides()), 0o600); err != nil {
				return nil, err
			}
			return []string{program, "--headless", "--no-remote", "--profile", dir, url}, nil
		},
	},
	{
		name: "webkit", packages: "webkit2gtk-driver xvfb xauth",
		find: func() string {
			if inPath("xvfb-run")() == "" {
				return ""
			}
			for _, pattern := range []string{"/usr/lib/*/webkit2gtk-4.1/MiniBrowser", "/usr/lib/*/webkitgtk-6.0/MiniBrowser", "/usr/lib/*/webkit2gtk-4.0/MiniBrowser"} {
				if found, _ := filepath.Glob(pattern); len(found) > 0 {
					return found[0]
				}
			}
			return ""
		},
		command: func(program, _, url string, n *network) ([]string, error) {
			return []string{
				"xvfb-run", "-a", program, "--cookies-policy=always", "--ignore-tls-errors",
				"--proxy=http://" + n.proxy, "--ignore-host=*.localhost", "--ignore-host=127.0.0.1", url,
			}, nil
		},
		env: []string{"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1", "WEBKIT_DISABLE_COMPOSITING_MODE=1", "LIBGL_ALWAYS_SOFTWARE=1", "GDK_BACKEND=x11", "NO_AT_BRIDGE=1"},
	},
}

// firefoxPrefs keep Firefox off the network, but for the machine itself.
var firefoxPrefs = []string{
	`user_pref("app.update.enabled", false);`,
	`user_pref("app.update.auto", false);`,
	`user_pref("app.normandy.enabled", false);`,
	`user_pref("browser.aboutwelcome.enabled", false);`,
	`user_pref("browser.newtabpage.enabled", false);`,
	`user_pref("browser.region.network.url", "");`,
	`user_pref("browser.safebrowsing.malware.enabled", false);`,
	`user_pref("browser.safebrowsing.phishing.enabled", false);`,
	`user_pref("browser.safebrowsing.downloads.enabled", false);`,
	`user_pref("browser.search.update", false);`,
	`user_pref("browser.shell.checkDefaultBrowser", false);`,
	`user_pref("datareporting.healthreport.uploadEnabled", false);`,
	`user_pref("datareporting.policy.dataSubmissionEnabled", false);`,
	`user_pref("dom.ipc.processPrelaunch.enabled", false);`,
	`user_pref("dom.push.enabled", false);`,
	`user_pref("extensions.update.enabled", false);`,
	`user_pref("extensions.getAddons.cache.enabled", false);`,
	`user_pref("extensions.systemAddon.update.enabled", false);`,
	`user_pref("media.gmp-manager.updateEnabled", false);`,
	`user_pref("media.gmp-provider.enabled", false);`,
	`user_pref("network.captive-portal-service.enabled", false);`,
	`user_pref("network.connectivity-service.enabled", false);`,
	`user_pref("network.dns.disablePrefetch", true);`,
	`user_pref("network.prefetch-next", false);`,
	`user_pref("network.proxy.type", 0);`,
	`user_pref("network.trr.mode", 5);`,
	`user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");`,
	`user_pref("toolkit.telemetry.enabled", false);`,
	`user_pref("toolkit.telemetry.server", "data:,");`,
	`user_pref("toolkit.telemetry.unified", false);`,
}

// version asks the browser. WebKit's opens a window for it.
func (e *engine) version(program string) string {
	args := []string{program, "--version"}
	if e.name == "webkit" {
		args = append([]string{"xvfb-run", "-a"}, args...)
	}
	out, _ := exec.Command(args[0], args[1:]...).Output()
	return strings.TrimSpace(string(out))
}

func inPath(names ...string) func() string {
	return func() string {
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		return ""
	}
}

// engineNames is the environment variable that names the browsers to run. They
// take a minute, so without it there are none.
const engineNames = "CORS_BROWSERS"

// wantedEngines are the names in the variable.
func wantedEngines() []string {
	return strings.FieldsFunc(os.Getenv(engineNames), func(r rune) bool { return r == ',' || r == ' ' })
}

// program finds the browser, or ends the test where it is not asked for.
func (e *engine) program(t *testing.T) string {
	t.Helper()
	if !slices.Contains(wantedEngines(), e.name) {
		t.Skipf("%s=%q does not name %s", engineNames, os.Getenv(engineNames), e.name)
	}
	path := e.find()
	if path == "" {
		t.Fatalf("%s is missing, and %s asks for it: apt-get install %s", e.name, engineNames, e.packages)
	}
	return path
}

// checkNames fails on a browser that does not exist.
func checkNames(t *testing.T) {
	t.Helper()
	for _, name := range wantedEngines() {
		if name != "none" && !slices.ContainsFunc(engines, func(e engine) bool { return e.name == name }) {
			t.Fatalf("%s names %q; there are chromium, firefox, webkit and none", engineNames, name)
		}
	}
}
