package cors

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// What docs/recipes.md promises beyond its tables.

// TestRecipeClientCertificates: over real TLS, which asks for a certificate and
// does without, as the mode of the recipe has it.
func TestRecipeClientCertificates(t *testing.T) {
	b := recipe(t, "docs/recipes.md", "## Client certificates")
	if !strings.Contains(b.text, "mode verify_if_given\n") {
		t.Fatal("the recipe has another mode")
	}
	site, err := b.load(t)
	if err != nil {
		t.Fatal(err)
	}
	anna := selfSigned(t, "anna")
	known := x509.NewCertPool()
	known.AddCert(anna.Leaf)
	for srv := range site.servers {
		server := httptest.NewUnstartedServer(srv)
		server.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: known}
		server.StartTLS()
		t.Cleanup(server.Close)
		for _, c := range []struct {
			what         string
			certificates []tls.Certificate
			preflight    bool
			status       int
		}{
			{"a preflight, which has no certificate", nil, true, http.StatusNoContent},
			{"without a certificate", nil, false, http.StatusForbidden},
			{"with a certificate", []tls.Certificate{anna}, false, http.StatusOK},
		} {
			transport := server.Client().Transport.(*http.Transport).Clone()
			transport.TLSClientConfig.Certificates = c.certificates
			req, err := http.NewRequest(http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = "api.example.com"
			req.Header.Set("Origin", corstest.App)
			if c.preflight {
				req.Method = http.MethodOptions
				req.Header.Set(httpwords.RequestMethod, http.MethodPut)
			}
			res, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			res.Body.Close()
			transport.CloseIdleConnections()
			if res.StatusCode != c.status || res.Header.Get(httpwords.AllowOrigin) != corstest.App {
				t.Errorf("%s: status %d, %v", c.what, res.StatusCode, res.Header)
			}
		}
	}
}

// selfSigned makes a certificate of a client that is its own authority.
func selfSigned(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// TestRecipeChecksOrigin: handshakes too, and what the recipe says of it without
// enforce: then the service gets every page's plain request.
func TestRecipeChecksOrigin(t *testing.T) {
	b := recipe(t, "docs/recipes.md", "## A service that checks Origin itself")
	site, err := b.load(t)
	if err != nil {
		t.Fatal(err)
	}
	const url = "https://ollama.example.com/checks-origin"
	for _, r := range []recipeRequest{
		{"the app's WebSocket", "GET", url, fromPage(corstest.App, asUpgrade, asConnection), true},
		{"a stranger's WebSocket", "GET", url, fromPage(corstest.Evil, asUpgrade, asConnection), false},
		{"a stranger's plain POST", "POST", url, fromPage(corstest.Evil), false},
	} {
		r.ask(t, site)
	}
	b.text = strings.Replace(b.text, "enforce requests websockets", "", 1)
	if site, err = b.load(t); err != nil {
		t.Fatal(err)
	}
	recipeRequest{"without enforce", "POST", url, fromPage(corstest.Evil), true}.ask(t, site)
}

// TestRecipesListed: every recipe is in the table at the top of the page.
func TestRecipesListed(t *testing.T) {
	t.Parallel()
	table, rest, _ := strings.Cut(readDocument(t, "docs/recipes.md"), "\n## ")
	anchors := 0
	for heading := range strings.SplitSeq(rest, "\n## ") {
		heading, _, _ = strings.Cut(heading, "\n")
		anchor := strings.ToLower(strings.NewReplacer(" ", "-", "'", "", "(", "", ")", "").Replace(heading))
		if !strings.Contains(table, "(#"+anchor+")") {
			t.Errorf("the table lacks %s", anchor)
		}
		anchors++
	}
	if anchors < 17 {
		t.Errorf("found only %d recipes", anchors)
	}
}
