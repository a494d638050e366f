package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
)

// TestMain keeps Caddy's files out of the home directory.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "caddy-cors-load-")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"} {
		os.Setenv(name, dir)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// TestSendfile: through Caddy's whole chain, and with the handler in it, a file
// still reaches the connection as a file. From there on it is the standard
// library's, which asks the kernel to send it.
func TestSendfile(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, writeIdle string
		least           int64
	}{
		// Caddy cuts a response into pieces to notice a client that stalls,
		// and the standard library does not see a file in such a piece.
		{"default", "1m", 0},
		// The first bytes go with the head, to tell the type of the content.
		{"off", "-1s", size - 512},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			caddyfile := "{\nservers {\ntimeouts {\nwrite_idle " + c.writeIdle + "\n}\n}\n" + quiet + "}\n" +
				"http:// {\n%s\nroot " + dir + "\nfile_server\n}\n"
			bare := sentAsFile(t, fmt.Sprintf(caddyfile, ""), "", size)
			cors := sentAsFile(t, fmt.Sprintf(caddyfile, "cors "+origin), origin, size)
			if bare < c.least || cors != bare {
				t.Errorf("%d bytes reached the connection as a file, %d without the handler, want %d or more", cors, bare, c.least)
			}
		})
	}
}

// sentAsFile downloads a file and tells how much of it the connection got as one.
func sentAsFile(t *testing.T, caddyfile, allowOrigin string, size int64) int64 {
	t.Helper()
	var sent atomic.Int64
	server := httptest.NewUnstartedServer(caddyServer(t, caddyfile))
	server.Listener = fileCounter{server.Listener, &sent}
	server.Start()
	defer server.Close()
	d := transfer{
		target: target{url: server.URL + "/file"}, bytes: size, limit: time.Minute,
		want: expectation{major: 1, status: http.StatusOK, allowOrigin: allowOrigin},
	}
	if err := d.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return sent.Load()
}

// fileCounter counts the bytes that its connections take from files.
type fileCounter struct {
	net.Listener

	sent *atomic.Int64
}

func (l fileCounter) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return fileConn{conn.(*net.TCPConn), l.sent}, nil
}

type fileConn struct {
	*net.TCPConn

	sent *atomic.Int64
}

// ReadFrom counts what net.TCPConn hands to sendfile: a limited *os.File.
func (c fileConn) ReadFrom(r io.Reader) (int64, error) {
	limited, ok := r.(*io.LimitedReader)
	if ok {
		_, ok = limited.R.(*os.File)
	}
	n, err := c.TCPConn.ReadFrom(r)
	if ok {
		c.sent.Add(n)
	}
	return n, err
}

// quiet are global options.
const quiet = "admin off\nauto_https off\nlog {\noutput discard\n}\n"

// caddyServer is Caddy's own server for a Caddyfile, without a listener.
func caddyServer(t *testing.T, caddyfile string) *caddyhttp.Server {
	t.Helper()
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), nil)
	if err != nil {
		t.Fatal(err)
	}
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		t.Fatal(err)
	}
	ctx, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	app, err := ctx.App("http")
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range app.(*caddyhttp.App).Servers {
		return server
	}
	t.Fatal("no server")
	return nil
}
