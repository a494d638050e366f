package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
)

// origin is the page whose requests are sent. Every policy here allows it.
const origin = "https://app.example.com"

// target is where a run goes and what it sends.
type target struct {
	url       string
	preflight bool
	roots     *x509.CertPool // that the server's certificate is checked against
}

// address is where to dial. Load is for loopback addresses, so others are
// refused.
func (t *target) address() (string, error) {
	u, err := url.Parse(t.url)
	if err != nil {
		return "", fmt.Errorf("parsing the URL: %w", err)
	}
	host := u.Hostname()
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return "", fmt.Errorf("%q is no loopback address", u.Hostname())
	}
	if u.Port() == "" {
		return "", fmt.Errorf("%q has no port", t.url)
	}
	return net.JoinHostPort(host, u.Port()), nil
}

// request is what a browser would send for the page, without the headers that
// no server here looks at.
func (t *target) request(ctx context.Context) (*http.Request, error) {
	method := http.MethodGet
	if t.preflight {
		method = http.MethodOptions
	}
	r, err := http.NewRequestWithContext(ctx, method, t.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Origin", origin)
	if t.preflight {
		r.Header.Set("Access-Control-Request-Method", "PUT")
		r.Header.Set("Access-Control-Request-Headers", "content-type")
	}
	return r, nil
}

func (t *target) tlsConfig() *tls.Config {
	return &tls.Config{RootCAs: t.roots, MinVersion: tls.VersionTLS13}
}

// readRoots reads a file of certificates; without a name there are none.
func readRoots(file string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if file == "" {
		return pool, nil
	}
	content, err := os.ReadFile(file) //nolint:gosec // G304: the file is the caller's own
	if err != nil {
		return nil, err
	}
	if !pool.AppendCertsFromPEM(content) {
		return nil, errors.New(file + " has no certificate")
	}
	return pool, nil
}
