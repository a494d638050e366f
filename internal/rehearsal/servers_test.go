package rehearsal_test

import (
	"slices"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

const several = `{
	http_port 8000
	https_port 8443
}
http://a.localhost {
	respond a
}
https://b.localhost, *.c.localhost {
	tls internal
	respond b
}
http://d.localhost:9000, http://[::1]:9000 {
	respond d
}
:7000 {
	respond any
}
http://u.localhost {
	bind unix//no/such/socket
	respond socket
}
`

// TestServers: which server a URL leads to, and whether it has a site for it.
func TestServers(t *testing.T) {
	r := caddyfile(t, several)
	for _, c := range []struct {
		url    string
		serves bool
		body   string // of the handler that answers; empty: none
	}{
		{"http://a.localhost/", true, "a"},
		{"http://a.localhost:8000/", true, "a"},
		{"http://A.localhost/", true, "a"},
		{"https://b.localhost/", true, "b"},
		{"https://b.localhost:8443/", true, "b"},
		{"https://x.c.localhost/", true, "b"},
		{"https://x.y.c.localhost/", false, ""},
		{"http://d.localhost:9000/", true, "d"},
		{"http://[::1]:9000/", true, "d"},
		{"http://e.localhost:9000/", false, ""},
		{"http://whoever.example:7000/", true, "any"},
		{"http://a.localhost:1/", false, ""},
		{"https://a.localhost:8000/", false, ""},
		{"http://b.localhost:8443/", false, ""},
		{"http://a.localhost:99999/", false, ""},
		{"http://a.localhost:x/", false, ""},
		{"http://u.localhost:8001/", false, ""},
	} {
		if got := r.Serves(c.url); got != c.serves {
			t.Errorf("%s: served %v", c.url, got)
		}
		a, err := r.Ask(rehearsal.Question{Method: "GET", URL: c.url})
		body := ""
		if err == nil && a.By != nil {
			body, _ = a.By.Config["body"].(string)
		}
		if body != c.body {
			t.Errorf("%s: answered by %q, %v", c.url, body, err)
		}
	}
}

// TestSitesList: the addresses, as URLs begin.
func TestSitesList(t *testing.T) {
	want := []string{"http://a.localhost", "http://d.localhost:9000", "http://[::1]:9000", "http://localhost:7000", "https://any.c.localhost", "https://b.localhost"}
	got := caddyfile(t, several).Sites()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestCertificates: the first policy of TLS that fits the name decides.
func TestCertificates(t *testing.T) {
	policy := func(match, auth string) string { return `{"match":` + match + `,"client_authentication":` + auth + `}` }
	for name, c := range map[string]struct {
		policies string
		wanted   bool
	}{
		"none":            {policy(`{}`, `{}`), false},
		"without a mode":  {policy(`{}`, `{"trusted_leaf_certs":["x"]}`), true},
		"require":         {policy(`{}`, `{"mode":"require"}`), true},
		"request":         {policy(`{}`, `{"mode":"request"}`), false},
		"verify_if_given": {policy(`{}`, `{"mode":"verify_if_given"}`), false},
		"its name":        {policy(`{"sni":["a.example"]}`, `{"mode":"require"}`), true},
		"another name":    {policy(`{"sni":["b.example"]}`, `{"mode":"require"}`), false},
		"a star":          {policy(`{"sni":["*.example"]}`, `{"mode":"require"}`), true},
		"the first":       {policy(`{"sni":["a.example"]}`, `{}`) + `,` + policy(`{}`, `{"mode":"require"}`), false},
		"by address":      {policy(`{"remote_ip":{"ranges":["10.0.0.0/8"]}}`, `{"mode":"require"}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := rehearsal.JSON([]byte(`{"apps":{"http":{"servers":{"s":{"listen":[":443"],"tls_connection_policies":[`+c.policies+`],
				"routes":[{"handle":[{"handler":"static_response"}]}]}}}}}`), rehearsal.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for _, credentials := range []bool{false, true} {
				_, err := r.Ask(rehearsal.Question{Method: "GET", URL: "https://a.example/", Credentials: credentials})
				if (err != nil) != (c.wanted && !credentials) {
					t.Errorf("with credentials %v: %v", credentials, err)
				}
			}
		})
	}
}
