package corstest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Header is a header field of a request or response.
type Header [2]string

// Transport is the tests' own, because every test server that is closed closes
// the idle connections of http.DefaultTransport, in the middle of other tests.
var Transport = new(http.Transport)

// Ask sends one request and reads the whole response.
func Ask(t testing.TB, method, url string, headers ...Header) *http.Response {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		if h[0] == "Host" {
			req.Host = h[1]
			continue
		}
		req.Header[h[0]] = append(req.Header[h[0]], h[1])
	}
	res, err := Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res
}

// Upstream starts a plain HTTP server and returns its address.
func Upstream(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

// The origins of the tests: one that policies allow, and a stranger's.
const (
	App  = "https://app.example.com"
	Evil = "https://evil.example"
)

// From is the Origin of a request.
func From(o string) Header { return Header{"Origin", o} }

// AsksFor makes a request a preflight for a method.
func AsksFor(method string) Header { return Header{"Access-Control-Request-Method", method} }
