package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What docs/comparison.md says of nginx, as cases. Where nginx is missing, the test
// is skipped; `apt-get download nginx` and `dpkg --extract` are enough for it.

// nginxLocations are the usual lines of guides, one location each.
const nginxLocations = `
	map $http_origin $allowed { "~https://app.example.com" $http_origin; }
	server {
		listen unix:SOCKET;
		add_header X-Server kept;
		location /guide {
			if ($request_method = OPTIONS) { return 204; }
			add_header Access-Control-Allow-Origin $allowed;
			proxy_pass http://UPSTREAM;
		}
		location /always {
			add_header Access-Control-Allow-Origin $allowed always;
			proxy_pass http://UPSTREAM;
		}
		location /reflects {
			add_header Access-Control-Allow-Origin $http_origin always;
			add_header Access-Control-Allow-Credentials true always;
			proxy_pass http://UPSTREAM;
		}
		location /login {
			auth_basic login;
			auth_basic_user_file /dev/null;
			add_header Access-Control-Allow-Origin $allowed always;
			proxy_pass http://UPSTREAM;
		}
	}
`

func TestComparisonNginx(t *testing.T) {
	client := startNginx(t)
	const (
		app, allowOrigin = "https://app.example.com", "Access-Control-Allow-Origin"
		evil             = "https://evil.example"
	)
	for _, c := range []struct {
		what, method, path, origin string
		status                     int
		header                     string
		want                       []string
	}{
		{"an allowed origin, as the guide has it", "GET", "/guide", app, 200, allowOrigin, []string{app}},
		{"the answer depends on the origin, and there is no Vary", "GET", "/guide", app, 200, "Vary", nil},
		{"an expression takes a lookalike", "GET", "/guide", "https://appxexample.com", 200, allowOrigin, []string{"https://appxexample.com"}},
		{"an error of the service has no header without always", "GET", "/guide/missing", app, 404, allowOrigin, nil},
		{"with always it has", "GET", "/always/missing", app, 404, allowOrigin, []string{app}},
		{"a header of the service stands beside its own", "GET", "/always/own", app, 200, allowOrigin, []string{"*", app}},
		{"a refused origin keeps the header of the service", "GET", "/always/own", evil, 200, allowOrigin, []string{"*"}},
		{"every origin with credentials", "GET", "/reflects", evil, 200, allowOrigin, []string{evil}},
		{"every OPTIONS is taken for a preflight", "OPTIONS", "/guide", "", 204, allowOrigin, nil},
		{"a refused preflight is a success", "OPTIONS", "/guide", evil, 204, allowOrigin, nil},
		{"a preflight in front of a login", "OPTIONS", "/login", app, 401, allowOrigin, []string{app}},
		{"add_header in a location drops those of the server", "GET", "/guide", app, 200, "X-Server", nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			r, err := http.NewRequest(c.method, "http://api.example.com"+c.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if c.origin != "" && c.method == http.MethodOptions {
				r.Header.Set("Access-Control-Request-Method", "PUT")
			}
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if got := res.Header.Values(c.header); res.StatusCode != c.status || !slices.Equal(got, c.want) {
				t.Errorf("status %d, %s is %q; want %d and %q", res.StatusCode, c.header, got, c.status, c.want)
			}
		})
	}
}

// startNginx runs nginx on a socket, in front of a service, until the test ends.
func startNginx(t *testing.T) *http.Client {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed")
	}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/own"):
			w.Header().Set("Access-Control-Allow-Origin", "*")
		case strings.HasSuffix(r.URL.Path, "/missing"):
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(service.Close)
	dir, err := os.MkdirTemp("", "nginx") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	config := strings.NewReplacer("SOCKET", socket, "UPSTREAM", service.Listener.Addr().String()).Replace(nginxLocations)
	config = fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log stderr crit; events {}\nhttp {\n\taccess_log off;%[2]s}\n", dir, config)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		config = strings.Replace(config, "access_log off;", "access_log off; "+kind+"_temp_path "+dir+"/"+kind+";", 1)
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-p", dir, "-c", file, "-e", "stderr")
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for {
		select {
		case err := <-ended:
			t.Fatalf("nginx: %v: %s", err, said.String())
		case <-time.After(20 * time.Millisecond):
		}
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			break
		}
	}
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
}
