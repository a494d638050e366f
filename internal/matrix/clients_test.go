package matrix_test

import (
	"slices"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// TestAddresses: one in each range, two at most, and none where nobody asks.
func TestAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		want  []string
	}{
		"none":     {"respond ok", nil},
		"a range":  {"@in remote_ip 192.0.2.0/24\nrespond @in ok", []string{"192.0.2.1"}},
		"one":      {"@in client_ip 192.0.2.7\nrespond @in ok", []string{"192.0.2.7"}},
		"a single": {"@in client_ip 192.0.2.7/32\nrespond @in ok", []string{"192.0.2.7"}},
		"not":      {"@out not remote_ip 10.0.0.0/8\nabort @out\nrespond ok", []string{"10.0.0.1"}},
		"IPv6":     {"@in remote_ip fd00::/8\nrespond @in ok", []string{"fd00::1"}},
		"many":     {"@in remote_ip private_ranges\nrespond @in ok", []string{"192.168.0.1", "172.16.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			all, _ := sites(t, "a.example {\n"+c.lines+"\n}\n")
			for _, a := range all[0].Addresses {
				got = append(got, a.String())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestNamed: the author's word counts where the configuration does not say for
// whom it is, and nowhere else.
func TestNamed(t *testing.T) {
	const app = "https://app.example.com"
	for name, c := range map[string]struct{ lines, want string }{
		"reflected":    {"header Access-Control-Allow-Origin {header.Origin}\nrespond ok", app},
		"not readable": {"header Access-Control-Allow-Origin {http.vars.allow}\nrespond ok", app},
		"everybody":    {"header Access-Control-Allow-Origin *\nrespond ok", matrix.Anybody},
		"listed":       {"header Access-Control-Allow-Origin https://b.example.com\nrespond ok", "https://b.example.com"},
		"by cors":      {"cors https://b.example.com\nrespond ok", "https://b.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stage := sites(t, "a.example {\n"+c.lines+"\n}\n")
			w := matrix.Sites(stage, app)[0].Policies[0].Wishes
			if len(w) != 1 || w[0].Origin != c.want || w[0].Unsure {
				t.Errorf("got %+v", w)
			}
		})
	}
}

// TestOwns: the origin of a site's own pages, where there is one.
func TestOwns(t *testing.T) {
	for address, own := range map[string]string{
		"a.example": "https://a.example", "http://a.example": "http://a.example", "https://a.example:8443": "https://a.example:8443",
		"http://a.example:8080": "http://a.example:8080",
		"a.example, b.example":  "", "*.a.example": "", ":80": "",
	} {
		all, _ := sites(t, address+" {\nrespond ok\n}\n")
		for _, o := range []string{"https://a.example", "http://a.example", "https://a.example:8443", "http://a.example:8080", "https://one.a.example", "http://localhost", "https://b.example"} {
			if got := all[0].Owns(o); got != (o == own) {
				t.Errorf("%s, %s: %v", address, o, got)
			}
		}
	}
}
